"""Functions of lists of Values, built from the primitives: they need no derivative rules of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import reduce
from typing import Any

from autograd import ops
from autograd.compiler.record import is_symbolic
from autograd.modes import no_grad
from autograd.ops import Number
from autograd.value import Value


def sum(numbers: Iterable[Number]) -> Value:  # noqa: A001 - the name every reader expects; import it qualified
    """The sum, added from left to right; 0 for an empty list. Plain numbers count as constants.

    >>> sum([Value(1.0), Value(2.0), 3.0]).data
    6.0
    """
    total: Value | None = None
    for value in _values(numbers):
        total = value if total is None else total + value
    return Value(0.0, requires_grad=False) if total is None else total


def mean(numbers: Iterable[Number]) -> Value:
    """The arithmetic mean.

    Raises:
        ValueError: the list is empty.

    >>> mean([Value(1.0), Value(2.0)]).data
    1.5
    """
    values = _some_values(numbers, "mean")
    return sum(values) / len(values)


def dot(left: Iterable[Number], right: Iterable[Number]) -> Value:
    """The sum of the products, pair by pair; 0 for two empty lists.

    Raises:
        ValueError: the lengths differ.

    >>> dot([Value(1.0), Value(2.0)], [3.0, 4.0]).data
    11.0
    """
    lefts, rights = _numbers(left), _numbers(right)
    if len(lefts) != len(rights):
        raise ValueError(f"dot needs two lists of one length, not of {len(lefts)} and {len(rights)}")
    return sum([x * y for x, y in zip(lefts, rights, strict=True)])


def logsumexp(numbers: Iterable[Number]) -> Value:
    """log(exp(x_1) + ... + exp(x_n)), without overflow for any finite numbers.

    The largest number m is taken out as a constant: m + log(sum of exp(x_i - m)), which changes neither the value
    nor any derivative (Blanchard, Higham and Higham 2021, equation 1.3).

    Raises:
        ValueError: the list is empty.

    >>> logsumexp([Value(1000.0), Value(1000.0)]).data == 1000.0 + math.log(2.0)
    True
    """
    values = _some_values(numbers, "logsumexp")
    shift = _largest(values)
    return ops.log(sum(ops.exp(value - shift) for value in values)) + shift


def softmax(numbers: Iterable[Number]) -> list[Value]:
    """exp(x_i) over the sum of them all: positive numbers that add up to 1; without overflow.

    Raises:
        ValueError: the list is empty.

    >>> [round(p.data, 3) for p in softmax([Value(0.0), Value(1000.0), Value(1000.0)])]
    [0.0, 0.5, 0.5]
    """
    values = _some_values(numbers, "softmax")
    shift = _largest(values)
    powers = [ops.exp(value - shift) for value in values]
    total = sum(powers)
    return [power / total for power in powers]


def norm(numbers: Iterable[Number]) -> Value:
    """The Euclidean length, the square root of the sum of squares; neither overflows nor underflows.

    Numbers whose squares would leave the range of a float are moved into it first, by a power of two; not so inside a
    compiled function, which knows no numbers to tell. At the zero vector the norm has a kink and no derivative: asking
    for it is an error. 0 for an empty list.

    >>> norm([Value(3e200), Value(0.0)]).data
    3e+200
    """
    values = _values(numbers)
    if any(map(is_symbolic, values)):  # no number to look at: only what is in range can be compiled
        return ops.sqrt(sum(value * value for value in values))
    largest = max((abs(value.data) for value in values), default=0.0)
    if largest == 0.0 or not math.isfinite(largest) or 1e-140 < largest < 1e140:
        return ops.sqrt(sum(value * value for value in values))
    factor = 2.0**600 if largest < 1.0 else 2.0**-600
    return ops.sqrt(sum((value * factor) ** 2 for value in values)) / factor


def _numbers(numbers: Iterable[Any]) -> list[Number]:
    """The numbers as a list of Values and floats."""
    if isinstance(numbers, Value):
        raise TypeError(f"a list of Values is needed, not the one {numbers!r}")
    return [n if isinstance(n, (Value, float)) else ops.real_number(n) for n in numbers]


def _values(numbers: Iterable[Number]) -> list[Value]:
    """The numbers as Values, plain ones as constants."""
    return [n if isinstance(n, Value) else Value(n, requires_grad=False) for n in _numbers(numbers)]


def _largest(values: list[Value]) -> Number:
    """The largest number, as a constant, also where it is not known yet."""
    if any(map(is_symbolic, values)):
        with no_grad():
            return reduce(ops.maximum, values)
    return max(value.data for value in values)


def _some_values(numbers: Iterable[Number], function: str) -> list[Value]:
    values = _values(numbers)
    if not values:
        raise ValueError(f"{function} of an empty list is not defined")
    return values
