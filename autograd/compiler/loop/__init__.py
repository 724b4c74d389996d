"""Compiled functions as one loop over numbers, run with Numba."""
