"""The arguments of a compiled function: numbers, nested lists, tuples and arrays as a few arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.engine.ops import real_number
from autograd.engine.value import Value
from autograd.nested import array as array_of


class Block(NamedTuple):
    """The structure of numbers in a regular arrangement, which a program sees as one array.

    shape: that of the array; () for a number.
    kinds: the types of the outer axes: lists, tuples or named tuples. The axes after them are those of NumPy arrays.
    """

    shape: tuple[int, ...]
    kinds: tuple[type, ...] = ()

    def example(self) -> Block:
        """The structure of an element along the first axis."""
        return Block(self.shape[1:], self.kinds[1:])


class Parts(NamedTuple):
    """The structure of a list or a tuple whose parts differ in structure."""

    kind: type
    parts: tuple[Structure, ...]


Structure: TypeAlias = Block | Parts


class Argument(NamedTuple):
    """An array among the arguments: its name, its size without the batch axis, and whether it has that axis."""

    name: str
    size: int
    batched: bool
    needs_gradient: bool


class Parsed(NamedTuple):
    """An argument: its structure, its arrays, and for each array its Values (None for a plain number)."""

    structure: Structure
    arrays: list[Any]
    values: list[list[Value | None]]


def parse(argument: Any, dtype: Any, name: str = "the argument") -> Parsed:
    """An argument as arrays.

    Raises:
        TypeError: something in it is not a real number.
        OverflowError: a number is too large for the dtype.
    """
    if isinstance(argument, np.ndarray):
        if argument.dtype == dtype:  # nothing to convert
            return Parsed(Block(argument.shape), [argument], [[]])
        if argument.dtype.kind in "biuf":
            return Parsed(Block(argument.shape), [converted(argument, dtype, name)], [[]])
        parts = [parse(part, dtype, name) for part in argument.ravel().tolist()]
        numbers = np.array([part.arrays[0] for part in parts], dtype).reshape(argument.shape)
        return Parsed(Block(argument.shape), [numbers], [_values(parts)])
    if isinstance(argument, Value):
        return Parsed(Block(()), [converted(np.array(argument.data), dtype, name)], [[argument]])
    if isinstance(argument, (list, tuple)):
        kinds = _kinds(argument)
        if kinds is not None:
            try:
                numbers = np.array(argument, np.float64)
            except ValueError:  # rows of different lengths
                pass
            else:
                return Parsed(Block(numbers.shape, kinds), [converted(numbers, dtype, name)], [[]])
        return _joined(type(argument), [parse(part, dtype, name) for part in argument])
    return Parsed(Block(()), [converted(np.array(real_number(argument)), dtype, name)], [[]])


def converted(numbers: Any, dtype: Any, name: str) -> Any:
    """An array in another type of float.

    Raises:
        OverflowError: a number is too large for it.
    """
    with np.errstate(over="ignore"):
        result = numbers.astype(dtype, copy=False)
    if result.dtype.itemsize < numbers.dtype.itemsize:
        lost = np.isinf(result) & np.isfinite(numbers)
        if lost.any():
            raise OverflowError(
                f'{name} holds {float(numbers[lost][0])!r}, which is too large for {result.dtype}; take dtype="float64"'
            )
    return result


def constants_as(numbers: Sequence[float], dtype: Any) -> Any:
    """Constants in another type of float. The largest float is the largest there, others may become infinite."""
    array = np.array(numbers, np.float64)
    with np.errstate(over="ignore"):
        result = array.astype(dtype, copy=False)
    largest = np.abs(array) == np.finfo(np.float64).max
    return np.where(largest, np.copysign(np.finfo(dtype).max, result), result) if largest.any() else result


def numbers_of(captured: Sequence[Value], dtype: Any) -> Any:
    """The numbers of captured Values, as an array.

    Raises:
        OverflowError: one is too large for the dtype.
    """
    return converted(np.array([value.data for value in captured], np.float64), dtype, "a Value from outside")


def _kinds(argument: list[Any] | tuple[Any, ...]) -> tuple[type, ...] | None:
    """The type of each axis of nested lists and tuples of plain numbers; None if an axis has several."""
    kinds: list[type] = []
    level: Sequence[Any] = [argument]
    while level:
        types = set(map(type, level))
        if all(issubclass(kind, (float, int, np.floating, np.integer, np.bool_)) for kind in types):
            break
        kind = types.pop()
        if types or not issubclass(kind, (list, tuple)):
            return None
        kinds.append(kind)
        level = list(chain.from_iterable(level))
    return tuple(kinds)


def _joined(kind: type, parts: list[Parsed]) -> Parsed:
    """The arguments of a list: one array if all of them are arrays of one structure."""
    first = parts[0].structure
    if isinstance(first, Block) and all(part.structure == first for part in parts):
        arrays = np.stack([part.arrays[0] for part in parts])
        return Parsed(Block(arrays.shape, (kind, *first.kinds)), [arrays], [_values(parts)])
    return Parsed(
        Parts(kind, tuple(part.structure for part in parts)),
        [array for part in parts for array in part.arrays],
        [values for part in parts for values in part.values],
    )


def _values(parts: list[Parsed]) -> list[Value | None]:
    """The Values of arrays that become one array; otherwise an empty list."""
    if not any(part.values[0] for part in parts):
        return []
    return list(chain.from_iterable(part.values[0] or [None] * part.arrays[0].size for part in parts))


def shapes(structure: Structure) -> list[tuple[int, ...]]:
    """The shapes of the arrays of a structure, in order."""
    if isinstance(structure, Block):
        return [structure.shape]
    return [shape for part in structure.parts for shape in shapes(part)]


def filled(structure: Structure, arrays: list[Any]) -> Any:
    """Arrays, popped from the front of a list, in the arrangement of a structure."""
    if isinstance(structure, Block):
        return arrays.pop(0)
    return _made(structure.kind, [filled(part, arrays) for part in structure.parts])


def nested(things: Sequence[Any], structures: Sequence[Structure]) -> list[Any]:
    """Numbers or Values in the arrangement of structures: lists as lists, arrays as arrays."""
    iterator = iter(things)
    return [_nested(iterator, structure) for structure in structures]


def _nested(things: Iterator[Any], structure: Structure) -> Any:
    if isinstance(structure, Parts):
        return _made(structure.kind, [_nested(things, part) for part in structure.parts])
    if structure.kinds:
        example = structure.example()
        return _made(structure.kinds[0], [_nested(things, example) for _ in range(structure.shape[0])])
    if not structure.shape:
        return next(things)
    return array_of([next(things) for _ in range(int(np.prod(structure.shape)))], structure.shape)


def _made(kind: type, parts: list[Any]) -> Any:
    """A list, a tuple or a named tuple of parts."""
    if kind is list:
        return parts
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def with_values(argument: Any) -> Any:
    """An argument with Values for its numbers, in the same arrangement, as a recorded function gets it.

    Raises:
        TypeError: something in it is not a real number.
    """
    if isinstance(argument, Value):
        return argument
    if isinstance(argument, (list, tuple)):
        return _made(type(argument), [with_values(part) for part in argument])
    if isinstance(argument, np.ndarray) and argument.ndim:
        return array_of([with_values(part) for part in argument.ravel().tolist()], argument.shape)
    return Value(real_number(argument), requires_grad=False)
