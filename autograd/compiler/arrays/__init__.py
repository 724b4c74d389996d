"""Compiled functions as programs over arrays, run with NumPy."""
