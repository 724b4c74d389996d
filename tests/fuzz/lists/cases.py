"""A case: a program at a point, and one of the ways to run it."""

from __future__ import annotations

from typing import NamedTuple

from tests.fuzz.lists.programs import Program


class Training(NamedTuple):
    """How `fit` trains a program, whose captured lists are the parameters.

    loss, optimizer: names (`tests.fuzz.lists.training`). is_refused: whether one of the targets is of a kind that the
    loss refuses. left_out: whether the last list of parameters is not given to the optimizer.
    """

    loss: str
    optimizer: str
    batch_size: int
    epochs: int
    is_refused: bool
    has_validation: bool
    left_out: bool


class Way(NamedTuple):
    """A way to run a program.

    name: what is called. runtime, dtype, check_finite: as `compile` takes them; with the runtime "eager" nothing is
    compiled. before: what happened to the compiled function, or to the parameters, before.
    with_values: which arguments are given as Values. mixed: whether every second number of these is a plain one.
    overwritten: whether the arrays are overwritten between the call and the gradient.
    layout: how the arrays lie in memory, or of what type the numbers are. training: how "fit" trains.
    """

    name: str
    runtime: str
    dtype: str = "float64"
    check_finite: bool = True
    before: str = ""
    with_values: tuple[bool, ...] = ()
    overwritten: bool = False
    mixed: bool = False
    layout: str = ""
    training: Training | None = None


class Case(NamedTuple):
    """A program at a point.

    numbers: for each argument, a row for each example; a single row where it is not batched. parameters: for each
    captured list, its numbers. frozen: for each, which of them need no gradient. twice: whether the first argument is
    given in place of the second as well.
    """

    program: Program
    numbers: tuple[tuple[tuple[float, ...], ...], ...]
    parameters: tuple[tuple[float, ...], ...]
    frozen: tuple[tuple[bool, ...], ...]
    batched: tuple[bool, ...]
    examples: int
    twice: bool
    way: Way
