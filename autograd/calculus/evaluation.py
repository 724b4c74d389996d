"""A function of several variables at a point: its value, gradient and Hessian, or an error that says what is wrong.

Functions here take one list: `f(x)` with `x[0]`, `x[1]`, and return one Value.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from autograd.calculus.arguments import checked_box
from autograd.engine import graph
from autograd.engine.modes import no_grad
from autograd.engine.ops import Number
from autograd.engine.value import Value
from autograd.functional import gradients

Function = Callable[[list[Any]], Any]
"""It takes one list of Values and returns a Value, or a plain infinity or NaN where it is not defined."""

Point: TypeAlias = tuple[float, ...]

UNDEFINED = (ArithmeticError, ValueError)
"""The errors of a function at a point where it, or a derivative of it, is not defined."""


class SecondOrder(NamedTuple):
    """A value with its first and second derivatives."""

    value: float
    gradient: list[float]
    hessian: list[list[float]]


def evaluated(f: Function, point: Sequence[Number], name: str = "f") -> Value:
    """The Value that `f` returns at a point.

    A plain infinity or NaN is accepted too: a function returns `math.inf` to forbid a point.

    Raises:
        TypeError: `f` does not take one list, asks for another number of variables, or returns no Value.

    >>> evaluated(lambda x: x[0] * x[1], [Value(2.0), Value(3.0)]).data
    6.0
    """
    count = "1 variable" if len(point) == 1 else f"{len(point)} variables"
    try:
        result = f(list(point))
    except IndexError as error:
        raise TypeError(f"{name} was given a list of {count} and asked for more: {error}") from error
    except ValueError as error:
        if "values to unpack" in str(error):
            raise TypeError(f"{name} was given a list of {count} and unpacks another number: {error}") from error
        raise
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:  # the call itself failed
            raise TypeError(f"{name} must take one list that holds all variables, f(x) with x[0]: {error}") from error
        if "'list'" in str(error):  # it computes with the list, as with a number
            raise TypeError(
                f"{name} was given a list of {count}, whose numbers are x[0]"
                + (", x[1], ..." if len(point) > 1 else "; one pair (low, high) is the box of a function of one number")
                + f": {error}"
            ) from error
        raise
    if isinstance(result, float) and not math.isfinite(result):
        return Value(result, requires_grad=False)
    if not isinstance(result, Value):
        raise TypeError(
            f"{name} must return a Value, not {_article(type(result).__name__)} ({result!r}): compute it from the "
            "variables it receives, with operators and the functions of autograd"
        )
    return result


def second_order(f: Function, point: Sequence[float], name: str = "f") -> SecondOrder:
    """The value, the gradient and the Hessian at a point, from one evaluation.

    Raises:
        TypeError: as `evaluated`.

    >>> second_order(lambda x: x[0] ** 2 * x[1], [1.0, 3.0])
    SecondOrder(value=3.0, gradient=[6.0, 1.0], hessian=[[6.0, 2.0], [2.0, 0.0]])
    """
    leaves = [Value(number) for number in point]
    root = evaluated(f, leaves, name)
    zeros = [0.0] * len(leaves)
    if not root.requires_grad:
        return SecondOrder(root.data, zeros, [list(zeros) for _ in leaves])
    gradient = gradients(root, leaves, create_graph=True)
    rows = [gradients(entry, leaves) if entry.requires_grad else list(zeros) for entry in gradient]
    return SecondOrder(root.data, [entry.data for entry in gradient], rows)


class Evaluation(NamedTuple):
    """A value and its gradient.

    value: NaN if the function raises an error.
    flaw: what is not finite, in words; empty if all is finite.
    error: what the function, or its derivative, raised.
    """

    value: float
    gradient: list[float]
    flaw: str = ""
    error: Exception | None = None

    @property
    def norm(self) -> float:
        """The length of the gradient."""
        return math.hypot(*self.gradient)


class SearchedFunction:
    """The function of a search, which evaluates it at points of floats; `count` is the number of evaluations.

    Where a function is not defined, it may raise an error or return NaN or an infinity: a search treats these alike.
    """

    def __init__(self, f: Function) -> None:
        self._f = f
        self.count = 0

    def value(self, point: Sequence[float]) -> float:
        """The value alone; NaN if the function raises an error.

        >>> SearchedFunction(lambda x: 1.0 / x[0]).value([0.0])
        nan
        """
        self.count += 1
        try:
            with no_grad():
                return evaluated(self._f, [Value(x) for x in point]).data
        except UNDEFINED:
            return math.nan

    def at(self, point: Sequence[float]) -> Evaluation:
        """The value and the gradient, and what is not finite among them.

        Raises:
            TypeError: as `evaluated`.

        >>> SearchedFunction(lambda x: x[0] * x[1] + math.inf).at([1.0, 2.0]).flaw
        'the value is inf, from x + y = inf at x = 2.0, y = inf'
        """
        self.count += 1
        names = ["x"] if len(point) == 1 else [f"x[{index}]" for index in range(len(point))]
        for name, x in zip(names, point, strict=True):
            if not math.isfinite(x):
                return Evaluation(math.nan, [], f"{name} is {x!r}")
        leaves = [Value(x) for x in point]
        try:
            result = evaluated(self._f, leaves)
        except UNDEFINED as error:
            return Evaluation(math.nan, [], f"f raises {type(error).__name__}: {error}", error)
        if not math.isfinite(result.data):
            return Evaluation(result.data, [], f"the value is {result.data!r}{_origin(result)}")
        try:
            gradient = gradients(result, leaves) if result.requires_grad else [0.0] * len(leaves)
        except UNDEFINED as error:
            return Evaluation(result.data, [], str(error), error)
        for name, slope in zip(names, gradient, strict=True):
            if not math.isfinite(slope):
                return Evaluation(result.data, gradient, f"the derivative with respect to {name} is {slope!r}")
        if not math.isfinite(math.hypot(*gradient)):
            return Evaluation(result.data, gradient, "the norm of the gradient is too large for a float")
        return Evaluation(result.data, gradient)

    def hessian(self, point: Sequence[float]) -> list[list[float]]:
        """The second derivatives; NaN for all where one does not exist.

        >>> SearchedFunction(lambda x: x[0] ** 3).hessian([2.0])
        [[12.0]]
        """
        self.count += 1
        try:
            return second_order(self._f, point).hessian
        except UNDEFINED:
            return [[math.nan] * len(point) for _ in point]

    def edge(self, here: Point, there: Point) -> float:
        """The last finite value on the way from `here` to `there`, by bisection, or NaN.

        >>> SearchedFunction(lambda x: x[0] ** 4).edge((0.0,), (1e100,)) > 1e307
        True
        """
        largest = sys.float_info.max
        there = tuple(min(max(x, -largest), largest) if x == x else 0.0 for x in there)
        inside, outside, value = 0.0, 1.0, math.nan
        while inside < (middle := (inside + outside) / 2.0) < outside:
            pairs = zip(here, there, strict=True)
            found = self.value([x * (1.0 - middle) + y * middle for x, y in pairs])
            if math.isfinite(found):
                inside, value = middle, found
            else:
                outside = middle
        return value


def _origin(result: Value) -> str:
    """The first operation whose result is not finite."""
    operations = graph.ancestors(result)[1]
    first = next((node for node in operations if not math.isfinite(node.data)), None)
    return "" if first is None else f", from {graph.described(first)}"


def of_one_number(f: Function) -> Function:
    """`f`, which takes one Value, as a function of a list with one Value."""
    return lambda x: f(x[0])


def searched_box(f: Function, box: Any) -> tuple[Function, list[tuple[float, float]]]:
    """A function of a list, and the sides of a box: a bare pair (low, high) is for a function of one Value.

    Raises:
        TypeError: `f` is not a function.
        TypeError, ValueError: as `checked_box`.

    >>> f, sides = searched_box(lambda x: x**2, (-1, 2))
    >>> f([3.0]), sides
    (9.0, [(-1.0, 2.0)])
    """
    if not callable(f):
        raise TypeError(f"f must be a function of the variables, not {f!r:.80}")
    if not isinstance(box, str) and hasattr(box, "__len__") and len(box) == 2:
        low, high = box
        if not (hasattr(low, "__len__") or hasattr(high, "__len__")):
            return of_one_number(f), checked_box([(low, high)])
    return f, checked_box(box)


def shown(point: Sequence[float]) -> str:
    """A point as text.

    >>> shown([0.5]), shown([0.5, 2.0])
    ('0.5', '(0.5, 2)')
    """
    return f"{point[0]:.4g}" if len(point) == 1 else "(" + ", ".join(f"{x:.4g}" for x in point) + ")"


def zero_if_tiny(number: float) -> float:
    """The number to print: 0.0 for rounding error.

    >>> zero_if_tiny(-1e-17), zero_if_tiny(0.25)
    (0.0, 0.25)
    """
    return 0.0 if abs(number) < 1e-12 else number


def in_brackets(numbers: Iterable[float], digits: int = 6) -> str:
    """Numbers as text, rounding error as 0.

    >>> in_brackets([0.5, -1e-17])
    '(0.5, 0)'
    """
    return f"({', '.join(f'{zero_if_tiny(number):.{digits}g}' for number in numbers)})"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
