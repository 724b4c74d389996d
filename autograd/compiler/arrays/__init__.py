"""Compiled functions as programs of array instructions, run by NumPy."""
