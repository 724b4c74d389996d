"""Flattens nested lists, tuples and NumPy arrays of numbers, and restores their structure.

NumPy is not imported here: a caller that has an array has imported it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from autograd.engine.value import Value


def is_array(item: object) -> bool:
    """Whether it is a NumPy array with at least one axis."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(item, numpy.ndarray) and item.ndim > 0


def is_scalar_array(item: object) -> bool:
    """Whether it is a zero-dimensional NumPy array, which holds one number."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(item, numpy.ndarray) and item.ndim == 0


def flat(nested: Any) -> list[Any]:
    """The items of nested lists, tuples and arrays, in order; anything else gives a list of itself.

    A zero-dimensional array counts as the number in it.

    >>> flat([1.0, (2.0, [3.0])])
    [1.0, 2.0, 3.0]
    """
    if is_array(nested):
        return list(nested.flat)
    if is_scalar_array(nested):
        return [nested.item()]
    if isinstance(nested, (list, tuple)):
        return [item for part in nested for item in flat(part)]
    return [nested]


def shaped(items: Iterable[Any], like: Any) -> Any:
    """Items in the structure of `like`: the inverse of `flat`.

    >>> shaped([1.0, 2.0, 3.0], like=["a", ("b", ["c"])])
    [1.0, (2.0, [3.0])]
    """
    return _taken(iter(items), like)


def _taken(items: Iterator[Any], like: Any) -> Any:
    if is_array(like):
        return array([next(items) for _ in range(like.size)], like.shape)
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*[_taken(items, part) for part in like])
    if isinstance(like, (list, tuple)):
        parts = [_taken(items, part) for part in like]
        return parts if isinstance(like, list) else tuple(parts)
    return next(items)


def array(items: list[Any], shape: tuple[int, ...]) -> Any:
    """An array of floats, or of objects if one of the items is not a float."""
    numpy: Any = sys.modules["numpy"]
    if all(isinstance(item, float) for item in items):
        return numpy.array(items, dtype=float).reshape(shape)
    filled = numpy.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        filled[index] = item
    return filled.reshape(shape)


def shape(nested: Any) -> tuple[int, ...] | None:
    """The shape of a number, an array, or regularly nested lists; None for lists that are not regular.

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
