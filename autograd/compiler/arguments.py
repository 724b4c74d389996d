"""The arguments of a compiled function: nested lists and arrays, seen as a few arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.ops import real_number
from autograd.value import Value

Structure: TypeAlias = Any
"""The shape of an argument: a tuple of ints where it is one array (a number: an empty one), else a list of them."""


class Parsed(NamedTuple):
    """An argument: its structure, its arrays in order, and for each array its Values (None for a plain number)."""

    structure: Structure
    arrays: list[Any]
    values: list[list[Value | None]]


def parse(argument: Any, dtype: Any) -> Parsed:
    """An argument as arrays.

    Raises:
        TypeError: something in it is not a real number.
    """
    if type(argument) is np.ndarray and argument.dtype == dtype:  # nothing to convert
        return Parsed(argument.shape, [argument], [[]])
    if isinstance(argument, Value):
        return Parsed((), [np.array(argument.data, dtype)], [[argument]])
    if isinstance(argument, (list, tuple, np.ndarray)):
        array = _as_array(argument)
        if array is not None:
            return Parsed(array.shape, [array.astype(dtype, copy=False)], [[]])
        return _joined([parse(part, dtype) for part in argument])
    return Parsed((), [np.array(real_number(argument), dtype)], [[]])


def _as_array(argument: Any) -> Any:
    """Plain numbers in a regular arrangement as an array; None if it is anything else."""
    if isinstance(argument, (list, tuple)) and any(isinstance(part, np.ndarray) for part in argument):
        return None  # they are looked at one by one, since most often their shapes differ
    try:
        array = np.asarray(argument)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biuf" else None


def _joined(parts: list[Parsed]) -> Parsed:
    """The arguments of a list: one array if all of them are arrays of one shape."""
    first = parts[0].structure
    if isinstance(first, tuple) and all(part.structure == first for part in parts):
        arrays = np.stack([part.arrays[0] for part in parts])
        size = int(np.prod(first, dtype=int))
        values = list(chain.from_iterable(part.values[0] or [None] * size for part in parts))
        return Parsed(arrays.shape, [arrays], [values])
    return Parsed(
        [part.structure for part in parts],
        [array for part in parts for array in part.arrays],
        [values for part in parts for values in part.values],
    )


def key(structure: Structure) -> Any:
    """The structure as something that can be looked up."""
    return structure if isinstance(structure, tuple) else ("list", *map(key, structure))


def shapes(structure: Structure) -> list[tuple[int, ...]]:
    """The shapes of the arrays of a structure, in order."""
    if isinstance(structure, tuple):
        return [structure]
    return [shape for part in structure for shape in shapes(part)]


def filled(structure: Structure, arrays: list[Any]) -> Any:
    """Arrays, taken from the front of a list, in the arrangement of a structure."""
    if isinstance(structure, tuple):
        return arrays.pop(0)
    return [filled(part, arrays) for part in structure]


def nested(flat: Sequence[Any], structure: Structure) -> Any:
    """Things as nested lists in the arrangement of a structure."""
    return _nested(iter(flat), structure)


def _nested(things: Any, structure: Structure) -> Any:
    if isinstance(structure, tuple):
        if not structure:
            return next(things)
        return [_nested(things, structure[1:]) for _ in range(structure[0])]
    return [_nested(things, part) for part in structure]


def with_values(argument: Any) -> Any:
    """An argument as nested lists of Values, as a recorded function is given it.

    Raises:
        TypeError: something in it is not a real number.
    """
    if isinstance(argument, Value):
        return argument
    if isinstance(argument, (list, tuple)) or (isinstance(argument, np.ndarray) and argument.ndim):
        return [with_values(part) for part in argument]
    return Value(real_number(argument), requires_grad=False)
