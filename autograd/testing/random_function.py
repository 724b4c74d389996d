"""Random functions as short programs: how one is built at a point, written down and called."""

from __future__ import annotations

import ast
import inspect
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd.engine.ops import PRIMITIVES, Node, Number, real_number
from autograd.engine.value import Value
from autograd.expression import Expression
from autograd.functional import gradients

EVERYWHERE = (-3.0, 3.0)
"""The interval of an operand for which any number will do."""
BUILT_IN = sorted(
    (name for name, primitive in PRIMITIVES.items() if type(primitive).__module__ == "autograd.engine.ops"),
    key=lambda name: any(interval != EVERYWHERE for interval in PRIMITIVES[name].intervals()),
)
"""The names of the primitives of the library, without those that users defined; last, those that may be undefined."""

LARGEST = 100.0
"""The largest value, and the largest slope, of a well-scaled function."""
LEAST_STEEP = 0.01
"""The least that its largest slope may be."""
NEAR = 0.03
"""How near to a kink an input may be, by the slope there."""
WITH_KINK_AT_0 = ("abs", "relu", "leaky_relu", "elu")
WITH_KINK_AT_EQUALS = ("maximum", "minimum")

_OPERATORS = {"add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div, "power": ast.Pow}


class RandomFunction:
    """A function of numbers that gives one number, and a point at which it is defined and well scaled.

    Called with floats or NumPy numbers it gives a float, with Values among them a Value. Its repr makes it again.

    Args:
        text: a formula such as "tanh(w * x)"; results that are used more than once are named before it, as in
            "a = tanh(x); a * a + y".
        point: a number for each of its inputs, in their order.

    text: the same text.
    names: the names of the inputs.
    point: their numbers.

    Raises:
        ValueError: the text is not a formula, or it uses a name that is neither an input nor named before.

    >>> f = RandomFunction("a = x * y; a * a", x=0.5, y=2.0)
    >>> f(*f.point), f(Value(0.5), 3.0)
    (1.0, Value(data=2.25, grad=0.0))
    """

    def __init__(self, text: str, /, **point: float) -> None:
        self.text = text
        self.names = tuple(point)
        self.point = tuple(map(float, point.values()))
        self._lines: list[tuple[str, Expression]] = []
        known = set(point)
        for line in text.split(";"):
            name, _, formula = line.rpartition("=")
            expression = Expression(formula)
            unknown = [used for used in expression.names if used not in known]
            if unknown:
                raise ValueError(f"{unknown[0]!r} is not a name of the function {text!r} of {', '.join(point)}")
            self._lines.append((name.strip(), expression))
            known.add(name.strip())
        kind = inspect.Parameter.POSITIONAL_ONLY
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

    def __call__(self, *inputs: Any) -> Any:
        """Its value; elsewhere than at its point it may be undefined.

        Raises:
            TypeError: there are more or fewer inputs, or one is no number.
            ValueError, ZeroDivisionError, OverflowError: it is not defined there.
        """
        if len(inputs) != len(self.names):
            raise TypeError(f"{self!r} takes {len(self.names)} numbers, not {len(inputs)}")
        given = [number if isinstance(number, Node) else real_number(number) for number in inputs]
        numbers: dict[str, Any] = dict(zip(self.names, given, strict=True))
        for name, expression in self._lines:
            numbers[name] = expression.result(numbers)
        return numbers[self._lines[-1][0]]

    def __repr__(self) -> str:
        point = "".join(f", {name}={number!r}" for name, number in zip(self.names, self.point, strict=True))
        return f"RandomFunction({self.text!r}{point})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomFunction) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


class Step(NamedTuple):
    """A primitive applied to earlier nodes (by their indices) and plain numbers (floats)."""

    name: str
    operands: tuple[int | float, ...]


class Program:
    """A function while it is built: its inputs, and operations one after the other.

    Args:
        point: the numbers of the inputs.
    """

    def __init__(self, point: Sequence[float]) -> None:
        self.point = tuple(point)
        self._leaves = [Value(number) for number in point]
        self._nodes = list(self._leaves)
        self._steps: list[Step] = []

    def operands(self) -> list[int]:
        """The indices of what an operation may take: the results, the latest first and often, and then the inputs."""
        inputs = range(len(self.point))
        results = list(reversed(range(len(inputs), len(self._nodes))))
        return [*results[:1] * (3 * len(self._nodes)), *results, *inputs]

    def apply(self, name: str, *operands: int | float) -> bool:
        """Adds an operation if its result is well scaled and not near a kink; whether it is.

        An operand at which the primitive is not defined is squashed into the interval where it is.
        """
        before = len(self._nodes)
        try:
            inside = [self._inside(x, *each) for x, each in zip(operands, PRIMITIVES[name].intervals(), strict=True)]
            if not self._is_near_a_kink(name, inside) and self._is_well_scaled(self._add(name, *inside)):
                return True
        except (ArithmeticError, ValueError):  # a primitive that a user defined may raise within its intervals
            pass
        del self._nodes[before:], self._steps[before - len(self._leaves) :]
        return False

    def function(self) -> RandomFunction:
        """The function that gives the result of the last operation."""
        count = len(self.point)
        names = ["x", "y", "z"][:count] if count <= 3 else [f"x{number}" for number in range(1, count + 1)]
        return RandomFunction("; ".join(self._lines(names)), **dict(zip(names, self.point, strict=True)))

    def _add(self, name: str, *operands: int | float) -> int:
        primitive: Any = PRIMITIVES[name]
        self._nodes.append(primitive(*map(self._node, operands)))
        self._steps.append(Step(name, operands))
        return len(self._nodes) - 1

    def _node(self, operand: int | float) -> Number:
        return self._nodes[operand] if isinstance(operand, int) else operand

    def _inside(self, operand: int | float, low: float, high: float) -> int | float:
        """The operand, squashed by tanh if an operation is defined within an interval alone and it is outside."""
        if (low, high) == EVERYWHERE or low <= self._node(operand) <= high:
            return operand
        middle, half = round((low + high) / 2.0, 3), round((high - low) / 2.0, 3)
        if isinstance(operand, float):
            return middle
        squashed = self._add("multiply", self._add("tanh", operand), half)
        return self._add("add", squashed, middle) if middle else squashed

    def _is_near_a_kink(self, name: str, operands: Sequence[int | float]) -> bool:
        if name not in WITH_KINK_AT_0 + WITH_KINK_AT_EQUALS:
            return False
        gap = self._node(operands[0]) - (self._node(operands[1]) if name in WITH_KINK_AT_EQUALS else 0.0)
        if not isinstance(gap, Value):
            return abs(gap) < NEAR
        return abs(gap.data) < NEAR * max(1.0, math.hypot(*gradients(gap, self._leaves)))

    def _is_well_scaled(self, index: int) -> bool:
        node = self._nodes[index]
        slopes = gradients(node, self._leaves)
        return abs(node.data) <= LARGEST and LEAST_STEEP <= max(map(abs, slopes)) <= LARGEST

    def _lines(self, names: Sequence[str]) -> Iterator[str]:
        """The function as formulas; each but the last has a name."""
        root = len(self._nodes) - 1
        used = Counter({root: 1})
        for index in range(root, len(names) - 1, -1):
            if used[index]:
                used.update(operand for operand in self._steps[index - len(names)].operands if isinstance(operand, int))
        letters = iter([*"abcdfghijklmnopqrstuvw", *(f"a{number}" for number in range(1, root))])
        written: list[ast.expr] = [ast.Name(name) for name in names]
        for index in range(len(names), root + 1):
            name, operands = self._steps[index - len(names)]
            written.append(_call(name, [_written(operand, written) for operand in operands]))
            if used[index] > 1:
                letter = next(letters)
                yield f"{letter} = {ast.unparse(written[index])}"
                written[index] = ast.Name(letter)
        yield ast.unparse(written[root])


def _written(operand: int | float, nodes: Sequence[ast.expr]) -> ast.expr:
    if isinstance(operand, int):
        return nodes[operand]
    return ast.Constant(operand) if operand >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-operand))


def _call(name: str, operands: list[ast.expr]) -> ast.expr:
    if name in _OPERATORS:
        return ast.BinOp(operands[0], _OPERATORS[name](), operands[1])
    return ast.UnaryOp(ast.USub(), *operands) if name == "negate" else ast.Call(ast.Name(name), operands, [])
