"""The primitives once more, on arrays: one rule each, proven equal to the scalar rule by the tests.

A primitive that has no rule here, because a user added it, is called number by number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.tape import TapeOperation
from autograd.engine.ops import (
    FAR_LEFT,
    LARGEST_INT,
    LOG2_E,
    LOG10_E,
    ROUNDING,
    SQRT_2,
    SQRT_2PI,
    SQRT_PI,
    TINY,
    as_float,
)

Array = Any
"""A NumPy array of floats."""


class ArrayRule(NamedTuple):
    """How a primitive is computed on arrays.

    forward: takes the operands. partials: one for each operand; each takes the operands and the result.
    """

    forward: Callable[..., Array]
    partials: tuple[Callable[..., Array], ...]


SINGLE_ROUNDING = 1.5 * 2.0**16
"""What `ROUNDING` is to a double, this is to a number of single precision: it leaves multiples of 2**-7."""


def _tiny(array: Array) -> float:
    """Below it a number of the array's precision has lost digits, or is about to."""
    return TINY if array.dtype == np.float64 else 1e-30


def _far_left(array: Array) -> float:
    """Below it the exponential has."""
    return FAR_LEFT if array.dtype == np.float64 else -80.0


def _one_by_one(function: Callable[..., float], operands: int) -> Callable[..., Array]:
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


# NumPy has neither; those of the standard library are correct to the last digit.
_erf = _one_by_one(math.erf, 1)
_erfc = _one_by_one(math.erfc, 1)


def _sigmoid(x: Array) -> Array:
    power = np.exp(-np.abs(x))  # never overflows
    return np.where(x >= 0.0, 1.0, power) / (1.0 + power)


def _powered_by_x(x: Array, y: Array, out: Array) -> Array:
    less = y - 1.0
    is_exact = (y >= 0.5) & (y <= LARGEST_INT) | (y >= -LARGEST_INT) & (y <= -1.0) & (less + 1.0 == y)
    power, tiny = np.power(x, less), _tiny(out)
    is_plain = is_exact & ((np.abs(power) >= tiny) | np.isinf(x))
    slope = np.where(is_plain, y * power, out * y / x)
    is_tiny = np.abs(out) < tiny
    if is_tiny.any():
        half = np.power(np.abs(x), 0.5 * y)
        halves = np.copysign(half, out) * y / x * half
        slope = np.where(is_tiny & ~is_plain, halves, slope)
    return np.where(y == 0.0, 0.0, np.where(x == 0.0, y * power, slope))


def _powered_by_y(x: Array, y: Array, out: Array) -> Array:
    logarithm = np.log(x)
    slope = out * logarithm
    is_tiny = (out < _tiny(out)) & (x > 0.0)
    if is_tiny.any():
        half = np.power(x, 0.5 * y)
        slope = np.where(is_tiny, half * logarithm * half, slope)
    return np.where((x == 0.0) & (y > 0.0), 0.0, slope)


def _one_less_square(x: Array) -> Array:
    return np.where(np.abs(x) <= 0.5, 1.0 - x * x, (1.0 - x) * (1.0 + x))


def _tanh_by_x(x: Array, out: Array) -> Array:
    power = np.exp(-2.0 * np.abs(x))
    return np.where(np.abs(out) <= 0.5, 1.0 - out * out, 4.0 * power / ((1.0 + power) * (1.0 + power)))


def _silu(x: Array) -> Array:
    half = np.exp(0.5 * np.minimum(x, 0.0))
    return np.where(x < _far_left(x), x * half * half, x * _sigmoid(x))


def _silu_by_x(x: Array, out: Array) -> Array:
    half = np.exp(0.5 * np.minimum(x, 0.0))
    return np.where(x < _far_left(x), (1.0 + x) * half * half, _sigmoid(x) * (1.0 + x * _sigmoid(-x)))


def _bell(x: Array, scale: float) -> Array:
    rounding = ROUNDING if x.dtype == np.float64 else SINGLE_ROUNDING
    head = (x + rounding) - rounding
    bell = np.exp(-scale * head * head) * np.exp(scale * (head - x) * (head + x))
    return np.where(np.abs(x) < 1.0, np.exp(-scale * x * x), np.where(np.abs(x) >= 40.0, 0.0, bell))


def _normal(x: Array) -> Array:
    z = -x / SQRT_2
    half = 0.5 * _erfc(z)
    rounding = ROUNDING if x.dtype == np.float64 else SINGLE_ROUNDING
    x_head, z_head = (x + rounding) - rounding, (z + rounding) - rounding
    excess = (z_head * z_head - 0.5 * x_head * x_head) + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head)
    return np.where((z > 1.0) & (z < 40.0), half + half * (excess + excess / (2.0 * z * z)), half)


def _elu(x: Array, y: Array) -> Array:
    return np.where(x <= 0.0, y * np.expm1(np.minimum(x, 0.0)), x)


def _elu_by_x(x: Array, y: Array, out: Array) -> Array:
    half = np.exp(0.5 * np.minimum(x, 0.0))
    left = np.where(x < _far_left(x), y * half * half, y * np.exp(np.minimum(x, 0.0)))
    return np.where(x <= 0.0, left, 1.0)


def _atan_by_x(x: Array, out: Array) -> Array:
    inverse = 1.0 / x
    return np.where(np.abs(x) <= 1e15, 1.0 / (1.0 + x * x), inverse * inverse)  # beyond it, 1 + x**2 is x**2


def _atan2_by_x(x: Array, y: Array, out: Array) -> Array:
    ratio, inverse = y / x, x / y
    return np.where(np.abs(x) >= np.abs(y), ratio / (x * (1.0 + ratio * ratio)), 1.0 / (y * (1.0 + inverse * inverse)))


def _atan2_by_y(x: Array, y: Array, out: Array) -> Array:
    ratio, inverse = y / x, x / y
    return -np.where(np.abs(x) >= np.abs(y), 1.0 / (x * (1.0 + ratio * ratio)), inverse / (y * (1.0 + inverse**2)))


def _asinh_by_x(x: Array, out: Array) -> Array:
    inverse = 1.0 / x
    near = np.abs(x) <= 1.0
    return np.where(near, 1.0, np.abs(inverse)) / np.sqrt(1.0 + np.where(near, x, inverse) ** 2)


def _compared(x: Array, y: Array) -> Array:
    """1 where x > y, 1/2 where they are equal, else 0."""
    return np.where(x > y, 1.0, np.where(x < y, 0.0, 0.5)).astype(np.result_type(x, y))


def _truth(x: Array) -> Array:
    return x if x.dtype == np.bool_ else x != 0.0


def _nothing(x: Array, y: Array, out: Array) -> Array:
    return np.zeros_like(out)


ARRAY_RULES: dict[str, ArrayRule] = {
    "add": ArrayRule(np.add, (lambda x, y, out: np.ones_like(out), lambda x, y, out: np.ones_like(out))),
    "subtract": ArrayRule(np.subtract, (lambda x, y, out: np.ones_like(out), lambda x, y, out: -np.ones_like(out))),
    "multiply": ArrayRule(np.multiply, (lambda x, y, out: y, lambda x, y, out: x)),
    "divide": ArrayRule(np.divide, (lambda x, y, out: 1.0 / y, lambda x, y, out: -out / y)),
    "power": ArrayRule(np.power, (_powered_by_x, _powered_by_y)),
    "negate": ArrayRule(np.negative, (lambda x, out: -np.ones_like(out),)),
    "abs": ArrayRule(np.abs, (lambda x, out: np.subtract(x > 0.0, x < 0.0, dtype=x.dtype),)),
    "exp": ArrayRule(np.exp, (lambda x, out: out,)),
    "expm1": ArrayRule(np.expm1, (lambda x, out: np.exp(x),)),
    "log": ArrayRule(np.log, (lambda x, out: 1.0 / x,)),
    "log1p": ArrayRule(np.log1p, (lambda x, out: 1.0 / (1.0 + x),)),
    "log2": ArrayRule(np.log2, (lambda x, out: LOG2_E / x,)),
    "log10": ArrayRule(np.log10, (lambda x, out: LOG10_E / x,)),
    "sqrt": ArrayRule(np.sqrt, (lambda x, out: 0.5 / out,)),
    "sin": ArrayRule(np.sin, (lambda x, out: np.cos(x),)),
    "cos": ArrayRule(np.cos, (lambda x, out: -np.sin(x),)),
    "tan": ArrayRule(np.tan, (lambda x, out: 1.0 + out * out,)),
    "asin": ArrayRule(np.arcsin, (lambda x, out: 1.0 / np.sqrt(_one_less_square(x)),)),
    "acos": ArrayRule(np.arccos, (lambda x, out: -1.0 / np.sqrt(_one_less_square(x)),)),
    "atan": ArrayRule(np.arctan, (_atan_by_x,)),
    "atan2": ArrayRule(np.arctan2, (_atan2_by_x, _atan2_by_y)),
    "sinh": ArrayRule(np.sinh, (lambda x, out: np.cosh(x),)),
    "cosh": ArrayRule(np.cosh, (lambda x, out: np.sinh(x),)),
    "tanh": ArrayRule(np.tanh, (_tanh_by_x,)),
    "asinh": ArrayRule(np.arcsinh, (_asinh_by_x,)),
    "acosh": ArrayRule(np.arccosh, (lambda x, out: 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0)),)),
    "atanh": ArrayRule(np.arctanh, (lambda x, out: 1.0 / _one_less_square(x),)),
    "sigmoid": ArrayRule(_sigmoid, (lambda x, out: out * _sigmoid(-x),)),
    "softplus": ArrayRule(lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0), (lambda x, out: _sigmoid(x),)),
    "relu": ArrayRule(lambda x: np.maximum(x, 0.0), (lambda x, out: out != 0.0,)),
    "leaky_relu": ArrayRule(
        lambda x, y: np.where(x <= 0.0, y * x, x),
        (lambda x, y, out: np.where(x <= 0.0, y, 1.0), lambda x, y, out: np.where(x <= 0.0, x, 0.0)),
    ),
    "elu": ArrayRule(
        _elu,
        (
            _elu_by_x,
            lambda x, y, out: np.where(x <= 0.0, np.expm1(np.minimum(x, 0.0)), 0.0),
        ),
    ),
    "erf": ArrayRule(_erf, (lambda x, out: 2.0 / SQRT_PI * _bell(x, 1.0),)),
    "erfc": ArrayRule(_erfc, (lambda x, out: -2.0 / SQRT_PI * _bell(x, 1.0),)),
    "gelu": ArrayRule(lambda x: x * _normal(x), (lambda x, out: _normal(x) + x * _bell(x, 0.5) / SQRT_2PI,)),
    "silu": ArrayRule(_silu, (_silu_by_x,)),
    "maximum": ArrayRule(np.maximum, (lambda x, y, out: _compared(x, y), lambda x, y, out: _compared(y, x))),
    "minimum": ArrayRule(np.minimum, (lambda x, y, out: _compared(y, x), lambda x, y, out: _compared(x, y))),
}
"""The rule of every primitive of the library, by its name."""

TAPE_RULES: dict[str, ArrayRule] = {
    "less": ArrayRule(np.less, (_nothing, _nothing)),
    "less_equal": ArrayRule(np.less_equal, (_nothing, _nothing)),
    "equal": ArrayRule(np.equal, (_nothing, _nothing)),
    "select_if": ArrayRule(lambda x, y: np.where(_truth(x), y, -0.0), (_nothing, lambda x, y, out: _truth(x))),
    "select_unless": ArrayRule(lambda x, y: np.where(_truth(x), -0.0, y), (_nothing, lambda x, y, out: ~_truth(x))),
}
"""The rules of what `where` is recorded as (`autograd.compiler.tape`)."""


def has_array_rule(operation: Any) -> bool:
    """Whether it is a primitive of the library, not one that a user wrote."""
    return type(operation).__module__ == "autograd.engine.ops" and operation.name in ARRAY_RULES


def array_rule(operation: Any) -> ArrayRule:
    """The rule of a primitive; for one that a user wrote, its own rule, number by number."""
    if has_array_rule(operation):
        return ARRAY_RULES[operation.name]
    if isinstance(operation, TapeOperation):
        return TAPE_RULES[operation.name]
    count = len(operation.operands)
    forward, *partials = (
        partial(as_float, operation, rule) for rule in ("forward", "partial_x", "partial_y")[: count + 1]
    )
    return ArrayRule(_one_by_one(forward, count), tuple(_one_by_one(rule, count + 1) for rule in partials))
