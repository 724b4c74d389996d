"""Nested lists, tuples and NumPy arrays of numbers, seen as one flat list and put into shape again.

NumPy is not imported: who hands in an array has done so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from autograd.engine.value import Value


def is_array(thing: object) -> bool:
    """Whether it is a NumPy array with at least one axis."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(thing, numpy.ndarray) and thing.ndim > 0


def is_scalar_array(thing: object) -> bool:
    """Whether it is a NumPy array without an axis: a number in wrapping."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(thing, numpy.ndarray) and thing.ndim == 0


def flat(nested: Any) -> list[Any]:
    """What is in nested lists, tuples and arrays, in order; a thing that is none of these is alone in its list.

    An array without an axis is the number in it.

    >>> flat([1.0, (2.0, [3.0])])
    [1.0, 2.0, 3.0]
    """
    if is_array(nested):
        return list(nested.flat)
    if is_scalar_array(nested):
        return [nested.item()]
    if isinstance(nested, (list, tuple)):
        return [thing for part in nested for thing in flat(part)]
    return [nested]


def shaped(things: Iterable[Any], like: Any) -> Any:
    """Things in the arrangement of nested lists, tuples and arrays: `flat` undone.

    >>> shaped([1.0, 2.0, 3.0], like=["a", ("b", ["c"])])
    [1.0, (2.0, [3.0])]
    """
    return _taken(iter(things), like)


def _taken(things: Iterator[Any], like: Any) -> Any:
    if is_array(like):
        return array([next(things) for _ in range(like.size)], like.shape)
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*[_taken(things, part) for part in like])
    if isinstance(like, (list, tuple)):
        parts = [_taken(things, part) for part in like]
        return parts if isinstance(like, list) else tuple(parts)
    return next(things)


def array(things: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats, or of objects where one of the things is no float."""
    numpy: Any = sys.modules["numpy"]
    if all(isinstance(thing, float) for thing in things):
        return numpy.array(things, dtype=float).reshape(shape)
    filled = numpy.empty(len(things), dtype=object)
    for place, thing in enumerate(things):
        filled[place] = thing
    return filled.reshape(shape)


def shape(nested: Any) -> tuple[int, ...] | None:
    """The shape of a number, an array, or regularly nested lists; None if they are not regular.

    >>> shape([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), shape([1.0, [2.0]])
    ((2, 3), None)
    """
    if isinstance(nested, Value):
        return ()
    if is_array(nested):
        return tuple(nested.shape)
    if not isinstance(nested, (list, tuple)):
        return ()
    inner = {shape(part) for part in nested}
    if len(inner) > 1 or None in inner:
        return None
    (of_part,) = inner or {()}
    return (len(nested), *(of_part or ()))
