"""What the rules on arrays need beside NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = Any
"""A NumPy array of floats."""


class ArrayRule(NamedTuple):
    """How a primitive is computed on arrays.

    forward: takes the operands. partials: one for each operand; each takes the operands and the result.
    """

    forward: Callable[..., Array]
    partials: tuple[Callable[..., Array], ...]


def element_by_element(function: Callable[..., float], operands: int) -> Callable[..., Array]:
    """A function of floats, on arrays; nan where it raises what arithmetic raises."""

    def careful(*numbers: float) -> float:
        try:
            return function(*map(float, numbers))
        except (ArithmeticError, ValueError):
            return math.nan

    universal = np.frompyfunc(careful, operands, 1)

    def on_arrays(*arrays: Array) -> Array:
        return np.asarray(universal(*arrays)).astype(np.result_type(*arrays))

    return on_arrays


# NumPy has none of these; those of the standard library are correct to the last digit.
erf = element_by_element(math.erf, 1)
erfc = element_by_element(math.erfc, 1)
gamma = element_by_element(math.gamma, 1)
lgamma = element_by_element(math.lgamma, 1)


def by_precision(array: Array, double: float, single: float) -> float:
    """The number for the precision of an array.

    >>> by_precision(np.zeros(3, np.float32), 1e-290, 1e-30)
    1e-30
    """
    return single if array.dtype == np.float32 else double


def like(result: Array, *operands: Array) -> Array:
    """A result computed from plain numbers, in the shape and the precision of the operands.

    >>> like(1.0, np.zeros(3, np.float32))
    array([1., 1., 1.], dtype=float32)
    """
    is_one = len(operands) == 1 and isinstance(operands[0], np.ndarray)
    kind = operands[0].dtype if is_one else np.result_type(*operands)
    if kind.kind != "f":
        kind = np.dtype(np.float64)
    if isinstance(result, np.ndarray):
        return result.astype(kind, copy=False)
    return np.full(np.broadcast_shapes(*map(np.shape, operands)), result, kind)
