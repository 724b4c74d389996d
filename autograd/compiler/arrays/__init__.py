"""Compiled functions as programs of array instructions, run by NumPy.

- `program`: the instructions, and the registers they read and fill.
- `lower`: makes a program of a tape.
- `rules`, `faster`, `elementary`: the primitives on arrays. `own` has those of a user's primitives, and `lookup` finds
  the rule of any operation.
- `operand`: how numbers are taken from a register and added to its gradient. `steps`: how each instruction runs.
- `run`: runs a program, forward and back. `exact`: the backward pass that goes only where the eager engine goes.
"""
