"""Compiled functions as lists of scalar operations, run by a loop in Numba or in Python."""
