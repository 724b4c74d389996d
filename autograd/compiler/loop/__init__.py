"""Compiled functions as lists of scalar operations, run by a loop in Numba or in Python.

- `program`: the list of operations.
- `lower`: makes it of a tape.
- `run`: runs it, in plain Python or with Numba, and says which graphs a loop suits.
- `numba_loop`: the loop that Numba compiles. `rules` has the primitives in it, `codes` the numbers that stand for
  operations, and `jit` the decorator.
"""
