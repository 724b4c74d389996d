"""Random expressions over all primitives, against mpmath at 50 digits.

An expression is a list of steps; each applies a primitive to nodes before it or to plain numbers, so that nodes are
shared. An operand outside of the interval on which a primitive is tried is first squashed into it, and one near a
kink is moved away, so that no example is thrown away.

**The tolerance.** A float computation gives the exact result of an expression in which every node and every partial
is off by a few units in the last place, u = 2**-53 (the standard model of floating-point arithmetic: Higham, Accuracy
and Stability of Numerical Algorithms, 2002, section 2.2). So the reference itself is computed again with every node
`out` moved by NOISE * (a out + b x + c y + d x**2 + e x y + f y**2), the letters being random signs: this moves the
number by a relative error and its first and second partials by an absolute and a relative one. How far the answer
moves, divided by NOISE, is the condition of the example, and an engine without a mistake is within a few u times the
condition. A wrong derivative is off by far more.
"""

from __future__ import annotations

import copy
import operator
import pickle
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from autograd import PRIMITIVES, Binary, Unary, Value, gradients, no_grad, topological_order

UNIT = 2.0**-53
ULPS = 64.0
"""How many units in the last place an operation may be off: a few for each function of libm that a rule calls, and
the margin that random signs need, whose sum is smaller than the sum of absolute values."""

mp = mpmath.mp.clone()
mp.dps = 50

NOISE = mp.mpf("1e-20")
STEP = mp.mpf("1e-12")
"""The step of the central differences: their error is of the order STEP**2 = 1e-24, and that of rounding at 50
digits 1e-50 / STEP for first derivatives, 1e-50 / STEP**2 for second ones, all far below UNIT."""

RESOLUTION = mp.mpf("1e-22")
"""What the differences cannot tell from 0."""

EXAMPLES = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# ---------------------------------------------------------------- the primitives, once more, in mpmath

REFERENCE: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": mp.power,
    "negate": lambda x: -x,
    "abs": abs,
    "exp": mp.exp,
    "expm1": mp.expm1,
    "exp2": lambda x: mp.power(2, x),
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": mp.log10,
    "sqrt": mp.sqrt,
    "cbrt": lambda x: mp.cbrt(x) if x >= 0 else -mp.cbrt(-x),
    "hypot": mp.hypot,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "relu": lambda x: x if x > 0 else mp.zero,
    "leaky_relu": lambda x, y: x if x > 0 else x * y,
    "elu": lambda x, y: x if x > 0 else y * mp.expm1(x),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "gelu": lambda x: x * mp.ncdf(x),
    "silu": lambda x: x / (1 + mp.exp(-x)),
    "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "maximum": max,
    "minimum": min,
}

OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "negate": operator.neg,
    "abs": abs,
}
"""The primitives that have an operator are computed by it."""

KINKS = {"abs", "relu", "leaky_relu", "elu"}
CHOICES = {"maximum", "minimum"}
NEAR = 1e-3


BUILT_IN = {
    name: primitive for name, primitive in PRIMITIVES.items() if type(primitive).__module__.startswith("autograd.")
}
"""The primitives of the library, without those of other tests."""


def test_every_primitive_has_a_reference() -> None:
    assert set(REFERENCE) == set(BUILT_IN)


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True)
class Step:
    """A primitive applied to nodes (by their indices) and plain numbers."""

    name: str
    operands: tuple[int | float, ...]


@dataclass(frozen=True)
class Expression:
    """Leaves, and the steps computed from them; the last step is the root."""

    leaves: tuple[float, ...]
    steps: tuple[Step, ...]

    def nodes(self, leaves: Sequence[Any], apply: Callable[[str, Sequence[Any]], Any]) -> list[Any]:
        """All nodes, computed by `apply` from leaves of any kind."""
        nodes = list(leaves)
        for step in self.steps:
            operands = [nodes[operand] if isinstance(operand, int) else operand for operand in step.operands]
            nodes.append(apply(step.name, operands))
        return nodes


def by_the_engine(name: str, operands: Sequence[Any]) -> Value:
    result: Value = OPERATORS.get(name, PRIMITIVES[name])(*operands)
    return result


class Builder:
    """Collects steps, and the numbers of the nodes so far."""

    def __init__(self, leaves: Sequence[float]) -> None:
        self.leaves = tuple(leaves)
        self.numbers = list(leaves)
        self.steps: list[Step] = []

    def number(self, operand: int | float) -> float:
        return self.numbers[operand] if isinstance(operand, int) else operand

    def add(self, name: str, *operands: int | float) -> int:
        primitive: Any = PRIMITIVES[name]
        self.numbers.append(primitive(*map(self.number, operands)))
        self.steps.append(Step(name, operands))
        return len(self.numbers) - 1

    def inside(self, operand: int | float, low: float, high: float) -> int | float:
        """The operand, squashed by tanh into an interval if it is outside."""
        if low <= self.number(operand) <= high:
            return operand
        middle, half = (low + high) / 2.0, (high - low) / 2.0
        if isinstance(operand, float):
            return middle
        return self.add("add", self.add("multiply", self.add("tanh", operand), half), middle)

    def apply(self, name: str, *operands: int | float) -> int:
        """Adds a primitive, with its operands where it is smooth."""
        intervals = PRIMITIVES[name].intervals()
        inside = [self.inside(x, *interval) for x, interval in zip(operands, intervals, strict=True)]
        gap = self.number(inside[0]) - (self.number(inside[1]) if name in CHOICES else 0.0)
        if name in KINKS | CHOICES and abs(gap) < NEAR:
            inside[0] = inside[0] + 0.5 if isinstance(inside[0], float) else self.add("add", inside[0], 0.5)
        return self.add(name, *inside)


NUMBERS = st.floats(-3.0, 3.0, allow_subnormal=False)


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    builder = Builder(draw(st.lists(NUMBERS, min_size=1, max_size=3)))
    for name in draw(st.lists(st.sampled_from(sorted(BUILT_IN)), min_size=1, max_size=8)):
        node = st.integers(0, len(builder.numbers) - 1)
        if isinstance(PRIMITIVES[name], Unary):
            builder.apply(name, draw(node))
        else:
            left, right = draw(st.one_of(st.tuples(node, node), st.tuples(node, NUMBERS), st.tuples(NUMBERS, node)))
            builder.apply(name, left, right)
    return Expression(builder.leaves, tuple(builder.steps))


def evaluated(expression: Expression) -> tuple[list[Value], Value]:
    """The leaves and the root, in the engine."""
    leaves = [Value(number) for number in expression.leaves]
    return leaves, expression.nodes(leaves, by_the_engine)[-1]


# ---------------------------------------------------------------- the reference, exact and moved

Signs = list[list[int]]


def reference(expression: Expression, leaves: Sequence[Any], signs: Signs | None) -> Any:
    """The root in mpmath, with every node moved by the noise if signs are given."""
    moved = iter(signs or ())

    def apply(name: str, operands: Sequence[Any]) -> Any:
        operands = [mp.mpf(operand) for operand in operands]
        out = REFERENCE[name](*operands)
        if signs is None:
            return out
        x, y = operands[0], operands[-1]
        terms = (out, x, y, x * x, x * y, y * y)
        return out + NOISE * sum(sign * term for sign, term in zip(next(moved), terms, strict=True))

    return expression.nodes(leaves, apply)[-1]


def first_derivatives(expression: Expression, signs: Signs | None) -> list[Any]:
    """The value, and the derivative with respect to each leaf by central differences."""
    at = [mp.mpf(number) for number in expression.leaves]

    def value(index: int, change: Any) -> Any:
        return reference(expression, [x + change if i == index else x for i, x in enumerate(at)], signs)

    slopes = [(value(index, STEP) - value(index, -STEP)) / (2 * STEP) for index in range(len(at))]
    return [value(0, 0), *slopes]


def second_derivatives(expression: Expression, signs: Signs | None) -> list[Any]:
    """The second derivatives with respect to the first leaf and each leaf, by central differences."""
    at = [mp.mpf(number) for number in expression.leaves]

    def value(index: int, first: Any, second: Any) -> Any:
        leaves = list(at)
        leaves[0] += first
        leaves[index] += second
        return reference(expression, leaves, signs)

    h = STEP
    return [
        (value(index, h, h) - value(index, h, -h) - value(index, -h, h) + value(index, -h, -h)) / (4 * h * h)
        for index in range(len(at))
    ]


Derivatives = Callable[[Expression, "Signs | None"], list[Any]]


def expected(derivatives: Derivatives, expression: Expression) -> tuple[list[Any], list[Any]]:
    """The reference's answers, and the tolerance of each: a few units in the last place times the condition."""
    exact = derivatives(expression, None)
    dice = random.Random(0)
    conditions = [mp.zero] * len(exact)
    for _ in range(4):
        signs = [[dice.choice((-1, 1)) for _ in range(6)] for _ in expression.steps]
        moved = derivatives(expression, signs)
        conditions = [
            max(condition, abs(found - other) / NOISE)
            for condition, found, other in zip(conditions, moved, exact, strict=True)
        ]
    assume(max(conditions) < 1e8)  # beyond, half of the digits are lost and kinks are no longer far
    return exact, [ULPS * UNIT * condition + RESOLUTION for condition in conditions]


def assert_within(found: Sequence[float], exact: Sequence[Any], tolerances: Sequence[Any]) -> None:
    errors = [abs(mp.mpf(number) - reference) for number, reference in zip(found, exact, strict=True)]
    assert all(error <= tolerance for error, tolerance in zip(errors, tolerances, strict=True)), (
        f"found {list(found)}, expected {[float(number) for number in exact]}, "
        f"errors over tolerances {[float(e / t) for e, t in zip(errors, tolerances, strict=True)]}"
    )


# ---------------------------------------------------------------- every primitive alone

SMOOTH = [
    (name, point)
    for name, primitive in BUILT_IN.items()
    for point in primitive.points() + [tuple(pair) for pair in getattr(primitive, "samples_in_x", ())]
    if not (name in KINKS and point[0] == 0.0)
]


@pytest.mark.parametrize(("name", "point"), SMOOTH)
def test_the_value_at_every_sample_point_is_that_of_mpmath(name: str, point: tuple[float, ...]) -> None:
    exact = REFERENCE[name](*map(mp.mpf, point))
    primitive: Any = PRIMITIVES[name]
    assert abs(primitive(*point) - exact) <= 1e-14 * abs(exact) + 1e-300  # where it underflows to 0


@pytest.mark.parametrize(("name", "point"), SMOOTH)
def test_the_derivatives_at_every_sample_point_are_those_of_mpmath(name: str, point: tuple[float, ...]) -> None:
    indices = range(len(point) if point in PRIMITIVES[name].points() else 1)
    values = [Value(number, requires_grad=index in indices) for index, number in enumerate(point)]
    primitive: Any = PRIMITIVES[name]
    primitive(*values).backward()
    with mp.workdps(80):
        for index in indices:
            h = mp.mpf("1e-25")
            up, down = ([mp.mpf(x) + (change if i == index else 0) for i, x in enumerate(point)] for change in (h, -h))
            slope = (REFERENCE[name](*up) - REFERENCE[name](*down)) / (2 * h)
            assert abs(values[index].grad - slope) <= 1e-12 * abs(slope) + 1e-24


# ---------------------------------------------------------------- random expressions


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_value_and_gradient_are_those_of_mpmath(expression: Expression) -> None:
    exact, tolerances = expected(first_derivatives, expression)
    leaves, root = evaluated(expression)
    root.backward()
    assert_within([root.data, *(leaf.grad for leaf in leaves)], exact, tolerances)


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_second_derivatives_are_those_of_mpmath(expression: Expression) -> None:
    exact, tolerances = expected(second_derivatives, expression)
    leaves, root = evaluated(expression)
    (slope, *_) = gradients(root, leaves, create_graph=True)
    found = gradients(slope, leaves) if slope.requires_grad else [0.0] * len(leaves)
    assert_within(found, exact, tolerances)


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_gradients_as_floats_and_as_values_are_those_of_backward(expression: Expression) -> None:
    leaves, root = evaluated(expression)
    as_floats = gradients(root, leaves)
    as_values = [slope.data for slope in gradients(root, leaves, create_graph=True)]
    root.backward()
    assert as_floats == as_values == pytest.approx([leaf.grad for leaf in leaves], rel=1e-13, abs=1e-280)


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_a_second_backward_doubles_every_gradient_exactly(expression: Expression) -> None:
    leaves, root = evaluated(expression)
    root.backward()
    once = [leaf.grad for leaf in leaves]
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2.0 * grad for grad in once]


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_the_order_has_parents_before_children(expression: Expression) -> None:
    order = topological_order(evaluated(expression)[1])
    position = {node: index for index, node in enumerate(order)}
    assert all(position[parent] < position[node] for node in order for parent in node.parents)


@pytest.mark.slow
@given(expressions(), st.sampled_from([copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]))
@EXAMPLES
def test_a_copy_has_the_numbers_and_gradients_of_the_original(
    expression: Expression, duplicate: Callable[[Any], Any]
) -> None:
    leaves, root = evaluated(expression)
    twin_leaves, twin = duplicate((leaves, root))
    root.backward()
    twin.backward()
    assert [(leaf.data, leaf.grad) for leaf in twin_leaves] == [(leaf.data, leaf.grad) for leaf in leaves]


@pytest.mark.slow
@given(expressions())
@EXAMPLES
def test_under_no_grad_the_numbers_are_the_same(expression: Expression) -> None:
    recorded = evaluated(expression)[1]
    with no_grad():
        assert evaluated(expression)[1].data == recorded.data


@pytest.mark.slow
@given(expressions(), st.lists(NUMBERS, min_size=3, max_size=3))
@EXAMPLES
def test_changing_the_leaves_after_the_forward_pass_changes_no_gradient(
    expression: Expression, others: list[float]
) -> None:
    (untouched, root), (changed, same_root) = evaluated(expression), evaluated(expression)
    for leaf, number in zip(changed, others, strict=False):
        leaf.data = number
    root.backward()
    same_root.backward()
    assert [leaf.grad for leaf in changed] == [leaf.grad for leaf in untouched]


@pytest.mark.slow
@given(expressions(), st.data())
@EXAMPLES
def test_freezing_one_leaf_leaves_the_gradients_of_the_others(expression: Expression, data: st.DataObject) -> None:
    leaves, root = evaluated(expression)
    frozen = data.draw(st.integers(0, len(leaves) - 1))
    constants = [Value(x, requires_grad=index != frozen) for index, x in enumerate(expression.leaves)]
    root.backward()
    with_constant = expression.nodes(constants, by_the_engine)[-1]
    if with_constant.requires_grad:
        with_constant.backward()
        wanted = [0.0 if index == frozen else leaf.grad for index, leaf in enumerate(leaves)]
        assert [leaf.grad for leaf in constants] == pytest.approx(wanted, rel=1e-13, abs=1e-280)


def test_every_binary_primitive_takes_part_with_a_plain_number_on_either_side() -> None:
    binary = [name for name, primitive in BUILT_IN.items() if isinstance(primitive, Binary)]
    builder = Builder([0.7])
    for name in binary:
        builder.apply(name, 0, 0.5)
        builder.apply(name, 0.5, 0)
    assert {step.name for step in builder.steps} >= set(binary)
