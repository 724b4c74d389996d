"""Functions of lists of numbers, built from the primitives: they need no derivative rules of their own.

Like the primitives, they give a plain number for plain numbers alone, and a Value as soon as one of them is a Value.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any, overload

from autograd import ops
from autograd.compiler.record import is_symbolic
from autograd.modes import no_grad
from autograd.ops import Number
from autograd.value import Value


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
        raise ValueError(f"dot needs two lists of one length, not of {len(lefts)} and {len(rights)}")
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
    nor any derivative (Blanchard, Higham and Higham 2021, equation 1.3).

    Raises:
        ValueError: the list is empty.

    >>> logsumexp([Value(1000.0), Value(1000.0)]).data == 1000.0 + math.log(2.0)
    True
    """
    found = _some_numbers(numbers, "logsumexp")
    shift = _largest(found)
    return ops.log(sum([ops.exp(number - shift) for number in found])) + shift


@overload
def softmax(numbers: Iterable[float]) -> list[float]: ...
@overload
def softmax(numbers: Iterable[Value]) -> list[Value]: ...
@overload
def softmax(numbers: Iterable[Number]) -> list[float] | list[Value]: ...
def softmax(numbers: Iterable[Number]) -> list[Any]:
    """exp(x_i) over the sum of them all: positive numbers that add up to 1; without overflow.

    Raises:
        ValueError: the list is empty.

    >>> [round(p.data, 3) for p in softmax([Value(0.0), Value(1000.0), Value(1000.0)])]
    [0.0, 0.5, 0.5]
    """
    found = _some_numbers(numbers, "softmax")
    shift = _largest(found)
    powers = [ops.exp(number - shift) for number in found]
    total = sum(powers)
    return [power / total for power in powers]


@overload
def norm(numbers: Iterable[float]) -> float: ...
@overload
def norm(numbers: Iterable[Value]) -> Value: ...
@overload
def norm(numbers: Iterable[Number]) -> Number: ...
def norm(numbers: Iterable[Number]) -> Number:
    """The Euclidean length, the square root of the sum of squares; neither overflows nor underflows.

    Numbers whose squares would leave the range of a float are moved into it first, by a power of two; not so inside a
    compiled function, which knows no numbers to tell. At the zero vector the norm has a kink and no derivative: asking
    for it is an error. 0 for an empty list.

    >>> norm([Value(3e200), Value(0.0)]).data
    3e+200
    """
    found = _numbers(numbers, "norm")
    if any(map(is_symbolic, found)):  # no number to look at: only what is in range can be compiled
        return ops.sqrt(sum([number * number for number in found]))
    largest = max((abs(plain(number)) for number in found), default=0.0)
    if largest == 0.0 or not math.isfinite(largest) or 1e-140 < largest < 1e140:
        return ops.sqrt(sum([number * number for number in found]))
    factor = 2.0**600 if largest < 1.0 else 2.0**-600
    return ops.sqrt(sum([(number * factor) ** 2 for number in found])) / factor


def _numbers(numbers: Any, function: str) -> list[Number]:
    """The numbers as a list of Values and floats."""
    if isinstance(numbers, Value):
        raise TypeError(f"a list of Values is needed, not the one {numbers!r}")
    if not isinstance(numbers, Iterable) or getattr(numbers, "ndim", 1) == 0:  # an array of no axis is one number
        raise TypeError(f"{function} takes a list of numbers, not {type(numbers).__name__} {numbers!r}")
    return [number if isinstance(number, Value) else ops.real_number(number) for number in numbers]


def _some_numbers(numbers: Iterable[Number], function: str) -> list[Number]:
    found = _numbers(numbers, function)
    if not found:
        raise ValueError(f"{function} of an empty list is not defined")
    return found


def _largest(numbers: list[Number]) -> Number:
    """The largest number, as a constant, also where it is not known yet."""
    if any(map(is_symbolic, numbers)):
        with no_grad():
            return reduce(ops.maximum, numbers)
    return max(map(plain, numbers))


def plain(number: Number) -> float:
    """The number of a Value, or a plain number as it is."""
    return number.data if isinstance(number, Value) else number
