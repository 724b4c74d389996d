"""Rules on arrays written by hand, because those made from `ops.py` are slower; the tests prove them equal.

`autograd.rules.numpy_language` lists them, with what each gains.
"""

from __future__ import annotations

import numpy as np

from autograd.compiler.arrays.elementary import Array, by_precision
from autograd.engine.ops import LARGEST_INT, TINY

SINGLE_TINY = 1e-30
SINGLE_LARGEST_INT = 2.0**24


def abs_partial_x(x: Array, out: Array) -> Array:
    """A choice between three numbers."""
    return np.subtract(x > 0.0, x < 0.0, dtype=out.dtype)


def relu_partial_x(x: Array, out: Array) -> Array:
    """False and True in place of 0 and 1: a product with them is as fast, and they are made faster."""
    return out != 0.0


def sigmoid(x: Array) -> Array:
    """One exponential in place of two."""
    power = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0.0, 1.0, power) / (1.0 + power)


def softplus(x: Array) -> Array:
    """A maximum in place of a choice."""
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0)


def power_partial_x(x: Array, y: Array, out: Array) -> Array:
    """Computes half the power only where the whole has lost digits."""
    less = y - 1.0
    largest = by_precision(out, LARGEST_INT, SINGLE_LARGEST_INT)
    is_exact = (y >= 0.5) & (y <= largest) | (y >= -largest) & (y <= -1.0) & (less + 1.0 == y)
    power, tiny = np.power(x, less), by_precision(out, TINY, SINGLE_TINY)
    is_plain = is_exact & ((np.abs(power) >= tiny) | np.isinf(x))
    partial = np.where(is_plain, y * power, out * y / x)
    is_tiny = np.abs(out) < tiny
    if is_tiny.any():
        half = np.power(np.abs(x), 0.5 * y)
        halves = np.copysign(half, out) * y / x * half
        partial = np.where(is_tiny & ~is_plain, halves, partial)
    return np.where(y == 0.0, 0.0, np.where(x == 0.0, y * power, partial))


def power_partial_y(x: Array, y: Array, out: Array) -> Array:
    """Computes half the power only where the whole has lost digits."""
    logarithm = np.log(x)
    partial = out * logarithm
    is_tiny = (out < by_precision(out, TINY, SINGLE_TINY)) & (x > 0.0)
    if is_tiny.any():
        half = np.power(x, 0.5 * y)
        partial = np.where(is_tiny, half * logarithm * half, partial)
    return np.where((x == 0.0) & (y > 0.0), 0.0, partial)
