"""Functions of lists of numbers, built from the primitives: they need no derivative rules of their own.

Like the primitives, they return a plain number if all numbers are plain, and a Value if one of them is a Value.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Iterable
from functools import reduce
from typing import Any, overload

from autograd.engine import ops
from autograd.engine.conditions import is_symbolic, where
from autograd.engine.modes import no_grad
from autograd.engine.ops import Number
from autograd.engine.value import Value

LARGEST = sys.float_info.max
"""The largest finite float."""


@overload
def sum(numbers: Iterable[float]) -> float: ...  # noqa: A001
@overload
def sum(numbers: Iterable[Value]) -> Value: ...  # noqa: A001
@overload
def sum(numbers: Iterable[Number]) -> Number: ...  # noqa: A001
def sum(numbers: Iterable[Number]) -> Number:  # noqa: A001 - the name every reader expects; import it qualified
    """The sum, added from left to right; 0.0 for an empty list.

    >>> sum([Value(1.0), Value(2.0)]).data, sum([1.0, 2.0]), sum([])
    (3.0, 3.0, 0.0)
    """
    found = _numbers(numbers, "sum")
    return reduce(operator.add, found) if found else 0.0


@overload
def mean(numbers: Iterable[float]) -> float: ...
@overload
def mean(numbers: Iterable[Value]) -> Value: ...
@overload
def mean(numbers: Iterable[Number]) -> Number: ...
def mean(numbers: Iterable[Number]) -> Number:
    """The arithmetic mean.

    Raises:
        ValueError: the list is empty.

    >>> mean([Value(1.0), Value(2.0)]).data
    1.5
    """
    found = _some_numbers(numbers, "mean")
    return sum(found) / len(found)


@overload
def dot(left: Iterable[float], right: Iterable[float]) -> float: ...
@overload
def dot(left: Iterable[Value], right: Iterable[Number]) -> Value: ...
@overload
def dot(left: Iterable[Number], right: Iterable[Value]) -> Value: ...
@overload
def dot(left: Iterable[Number], right: Iterable[Number]) -> Number: ...
def dot(left: Iterable[Number], right: Iterable[Number]) -> Number:
    """The sum of the products, pair by pair; 0.0 for two empty lists.

    Raises:
        ValueError: the lengths differ.

    >>> dot([Value(1.0), Value(2.0)], [3.0, 4.0]).data
    11.0
    """
    lefts, rights = _numbers(left, "dot"), _numbers(right, "dot")
    if len(lefts) != len(rights):
        raise ValueError(f"dot needs two lists of the same length, not of {len(lefts)} and {len(rights)}")
    return sum([x * y for x, y in zip(lefts, rights, strict=True)])


@overload
def logsumexp(numbers: Iterable[float]) -> float: ...
@overload
def logsumexp(numbers: Iterable[Value]) -> Value: ...
@overload
def logsumexp(numbers: Iterable[Number]) -> Number: ...
def logsumexp(numbers: Iterable[Number]) -> Number:
    """log(exp(x_1) + ... + exp(x_n)), without overflow for any finite numbers.

    The largest number m is taken out as a constant: m + log(sum of exp(x_i - m)), which changes neither the value
    nor any derivative (Blanchard, Higham and Higham 2021, equation 1.3). If all are -inf, the result is -inf with
    derivatives 0; if one is inf, the result is inf.

    Raises:
        ValueError: the list is empty.

    >>> logsumexp([Value(1000.0), Value(1000.0)]).data == 1000.0 + math.log(2.0)
    True
    """
    found = _some_numbers(numbers, "logsumexp")
    if any(map(is_symbolic, found)):
        with no_grad():
            largest = reduce(ops.maximum, found) if len(found) > 1 else found[0] + 0.0  # a constant, either way
            shift = ops.minimum(ops.maximum(largest, -LARGEST), LARGEST)
        total = sum([ops.exp(number - shift) for number in found])  # 1 or more; 0 where all are -inf
        return ops.log(ops.maximum(total, 0.5)) + largest
    highest = max(map(plain, found))
    if highest == -math.inf:
        return sum([ops.exp(number) for number in found]) + highest
    finite = min(highest, LARGEST)
    return ops.log(sum([ops.exp(number - finite) for number in found])) + highest


@overload
def softmax(numbers: Iterable[float]) -> list[float]: ...
@overload
def softmax(numbers: Iterable[Value]) -> list[Value]: ...
@overload
def softmax(numbers: Iterable[Number]) -> list[float] | list[Value]: ...
def softmax(numbers: Iterable[Number]) -> list[Any]:
    """exp(x_i) over the sum of all: positive numbers that add up to 1, without overflow. If all are -inf, it is nan.

    Computed as exp(x_i - x_k) over their sum, where x_k is the largest. Its own share is 1 / (1 + the sum of the
    others), whose derivative stays accurate when the others are tiny.

    Raises:
        ValueError: the list is empty.

    >>> [round(p.data, 3) for p in softmax([Value(0.0), Value(1000.0), Value(1000.0)])]
    [0.0, 0.5, 0.5]
    """
    found = _some_numbers(numbers, "softmax")
    powers: list[Number]
    if len(found) == 1:
        powers = [ops.exp(found[0] - found[0])]
    elif any(map(is_symbolic, found)):
        is_largest = _first_largest(found)
        largest = sum([where(this, number, -0.0) for this, number in zip(is_largest, found, strict=True)])
        powers = [where(this, 1.0, ops.exp(number - largest)) for this, number in zip(is_largest, found, strict=True)]
    else:
        k = max(range(len(found)), key=[plain(number) for number in found].__getitem__)
        # As a node of its own it adds up its gradient in the order of a compiled function.
        largest = found[k] + 0.0
        powers = [ops.exp(number - largest) if i != k else 1.0 for i, number in enumerate(found)]
    total = sum(powers)
    return [power / total for power in powers]


@overload
def norm(numbers: Iterable[float]) -> float: ...
@overload
def norm(numbers: Iterable[Value]) -> Value: ...
@overload
def norm(numbers: Iterable[Number]) -> Number: ...
def norm(numbers: Iterable[Number]) -> Number:
    """The Euclidean length, the square root of the sum of squares, without overflow or underflow; 0 for an empty list.

    Numbers whose squares would overflow or underflow are first scaled by a power of two. At the zero vector the norm
    has a kink: asking for its derivative there is an error.

    >>> norm([Value(3e200), Value(0.0)]).data
    3e+200
    """
    found = _numbers(numbers, "norm")
    factor: Number = 1.0
    if any(map(is_symbolic, found)):
        with no_grad():
            largest = reduce(ops.maximum, [ops.absolute(number) for number in found])
            factor = where(largest < 1e-140, 2.0**600, where(largest > 1e140, 2.0**-600, 1.0))
    else:
        size = max((abs(plain(number)) for number in found), default=0.0)
        if 0.0 < size < 1e-140:
            factor = 2.0**600
        elif 1e140 < size < math.inf:
            factor = 2.0**-600
        else:
            return ops.sqrt(sum([number * number for number in found]))
    return ops.sqrt(sum([(number * factor) ** 2 for number in found])) / factor


def _numbers(numbers: Any, function: str) -> list[Number]:
    """The numbers as a list of Values and floats."""
    if isinstance(numbers, Value):
        raise TypeError(f"{function} takes a list of numbers, not a single one, {numbers!r}")
    if not isinstance(numbers, Iterable) or getattr(numbers, "ndim", 1) == 0:  # an array of no axis is one number
        raise TypeError(f"{function} takes a list of numbers, not {type(numbers).__name__} {numbers!r}")
    return [number if isinstance(number, Value) else ops.real_number(number) for number in numbers]


def _some_numbers(numbers: Iterable[Number], function: str) -> list[Number]:
    found = _numbers(numbers, function)
    if not found:
        raise ValueError(f"{function} of an empty list is not defined")
    return found


def _first_largest(numbers: list[Number]) -> list[Any]:
    """For each number of a function that is being compiled, whether it is the first of those equal to the largest."""
    with no_grad():
        largest = reduce(ops.maximum, numbers)
    # Of the numbers equal to it, the first has the highest rank. (-0.0, since adding that changes no number.)
    ranks = [where(number < largest, -0.0, float(len(numbers) - i)) for i, number in enumerate(numbers)]
    with no_grad():
        highest = reduce(ops.maximum, ranks)
    return [rank == highest for rank in ranks]


def plain(number: Number) -> float:
    """The number in a Value, or a plain number as it is."""
    return number.data if isinstance(number, Value) else number
