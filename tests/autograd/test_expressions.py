"""Random expressions over all primitives, against mpmath at 50 digits.

The expressions are those of `autograd.testing.strategies.functions`: well scaled at a point, away from kinks, with
results that are used more than once.

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
import pickle
import random
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from autograd import PRIMITIVES, Value, gradients, no_grad, topological_order
from autograd.engine.graph import operand_numbers, operands
from autograd.testing.strategies import RandomFunction, functions, points

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

KINKS = {"abs", "relu", "leaky_relu", "elu"}

BUILT_IN = {
    name: primitive for name, primitive in PRIMITIVES.items() if type(primitive).__module__.startswith("autograd.")
}
"""The primitives of the library, without those of other tests."""


def test_every_primitive_has_a_reference() -> None:
    assert set(REFERENCE) == set(BUILT_IN)


# ---------------------------------------------------------------- expressions

EXPRESSIONS = st.integers(1, 3).flatmap(lambda inputs: functions(inputs, operations=12))


def evaluated(expression: RandomFunction) -> tuple[list[Value], Value]:
    """The leaves and the root, in the engine."""
    leaves = [Value(number) for number in expression.point]
    return leaves, expression(*leaves)


def operations(root: Value) -> list[Value]:
    """The nodes that an operation made, operands first."""
    return [node for node in topological_order(root) if node.op is not None]


# ---------------------------------------------------------------- the reference, exact and moved

Signs = list[list[int]]


def reference(expression: RandomFunction, leaves: Sequence[Any], signs: Signs | None) -> Any:
    """The root in mpmath, with every node moved by the noise if signs are given."""
    made_from, root = evaluated(expression)
    found = {id(value): mp.mpf(number) for value, number in zip(made_from, leaves, strict=True)}
    moved = iter(signs or ())
    for node in operations(root):
        pairs = zip(operands(node), operand_numbers(node), strict=False)
        taken = [found.get(id(operand), mp.mpf(number)) for operand, number in pairs]
        assert node.op is not None
        out = REFERENCE[node.op.name](*taken)
        if signs is not None:
            x, y = taken[0], taken[-1]
            terms = (out, x, y, x * x, x * y, y * y)
            out += NOISE * sum(sign * term for sign, term in zip(next(moved), terms, strict=True))
        found[id(node)] = out
    return found[id(root)]


def first_derivatives(expression: RandomFunction, signs: Signs | None) -> list[Any]:
    """The value, and the derivative with respect to each leaf by central differences."""
    at = [mp.mpf(number) for number in expression.point]

    def value(index: int, change: Any) -> Any:
        return reference(expression, [x + change if i == index else x for i, x in enumerate(at)], signs)

    slopes = [(value(index, STEP) - value(index, -STEP)) / (2 * STEP) for index in range(len(at))]
    return [value(0, 0), *slopes]


def second_derivatives(expression: RandomFunction, signs: Signs | None) -> list[Any]:
    """The second derivatives with respect to the first leaf and each leaf, by central differences."""
    at = [mp.mpf(number) for number in expression.point]

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


Derivatives = Callable[[RandomFunction, "Signs | None"], list[Any]]


def expected(derivatives: Derivatives, expression: RandomFunction) -> tuple[list[Any], list[Any]]:
    """The reference's answers, and the tolerance of each: a few units in the last place times the condition."""
    exact = derivatives(expression, None)
    dice = random.Random(0)
    conditions = [mp.zero] * len(exact)
    for _ in range(4):
        signs = [[dice.choice((-1, 1)) for _ in range(6)] for _ in operations(evaluated(expression)[1])]
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
@given(EXPRESSIONS)
@EXAMPLES
def test_value_and_gradient_are_those_of_mpmath(expression: RandomFunction) -> None:
    exact, tolerances = expected(first_derivatives, expression)
    leaves, root = evaluated(expression)
    root.backward()
    assert_within([root.data, *(leaf.grad for leaf in leaves)], exact, tolerances)


@pytest.mark.slow
@given(EXPRESSIONS)
@EXAMPLES
def test_second_derivatives_are_those_of_mpmath(expression: RandomFunction) -> None:
    exact, tolerances = expected(second_derivatives, expression)
    leaves, root = evaluated(expression)
    (slope, *_) = gradients(root, leaves, create_graph=True)
    found = gradients(slope, leaves) if slope.requires_grad else [0.0] * len(leaves)
    assert_within(found, exact, tolerances)


@pytest.mark.slow
@given(EXPRESSIONS)
@EXAMPLES
def test_gradients_as_floats_and_as_values_are_those_of_backward(expression: RandomFunction) -> None:
    leaves, root = evaluated(expression)
    as_floats = gradients(root, leaves)
    as_values = [slope.data for slope in gradients(root, leaves, create_graph=True)]
    root.backward()
    assert as_floats == as_values == pytest.approx([leaf.grad for leaf in leaves], rel=1e-13, abs=1e-280)


@pytest.mark.slow
@given(EXPRESSIONS)
@EXAMPLES
def test_a_second_backward_doubles_every_gradient_exactly(expression: RandomFunction) -> None:
    leaves, root = evaluated(expression)
    root.backward()
    once = [leaf.grad for leaf in leaves]
    root.backward()
    assert [leaf.grad for leaf in leaves] == [2.0 * grad for grad in once]


@pytest.mark.slow
@given(EXPRESSIONS)
@EXAMPLES
def test_the_order_has_parents_before_children(expression: RandomFunction) -> None:
    order = topological_order(evaluated(expression)[1])
    position = {node: index for index, node in enumerate(order)}
    assert all(position[parent] < position[node] for node in order for parent in node.parents)


@pytest.mark.slow
@given(EXPRESSIONS, st.sampled_from([copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]))
@EXAMPLES
def test_a_copy_has_the_numbers_and_gradients_of_the_original(
    expression: RandomFunction, duplicate: Callable[[Any], Any]
) -> None:
    leaves, root = evaluated(expression)
    twin_leaves, twin = duplicate((leaves, root))
    root.backward()
    twin.backward()
    assert [(leaf.data, leaf.grad) for leaf in twin_leaves] == [(leaf.data, leaf.grad) for leaf in leaves]


@pytest.mark.slow
@given(EXPRESSIONS)
@EXAMPLES
def test_under_no_grad_the_numbers_are_the_same(expression: RandomFunction) -> None:
    recorded = evaluated(expression)[1]
    with no_grad():
        assert evaluated(expression)[1].data == recorded.data


@pytest.mark.slow
@given(EXPRESSIONS, points(3))
@EXAMPLES
def test_changing_the_leaves_after_the_forward_pass_changes_no_gradient(
    expression: RandomFunction, others: tuple[float, ...]
) -> None:
    (untouched, root), (changed, same_root) = evaluated(expression), evaluated(expression)
    for leaf, number in zip(changed, others, strict=False):
        leaf.data = number
    root.backward()
    same_root.backward()
    assert [leaf.grad for leaf in changed] == [leaf.grad for leaf in untouched]


@pytest.mark.slow
@given(EXPRESSIONS, st.data())
@EXAMPLES
def test_freezing_one_leaf_leaves_the_gradients_of_the_others(expression: RandomFunction, data: st.DataObject) -> None:
    leaves, root = evaluated(expression)
    frozen = data.draw(st.integers(0, len(leaves) - 1))
    constants = [Value(x, requires_grad=index != frozen) for index, x in enumerate(expression.point)]
    root.backward()
    with_constant = expression(*constants)
    if with_constant.requires_grad:
        with_constant.backward()
        wanted = [0.0 if index == frozen else leaf.grad for index, leaf in enumerate(leaves)]
        assert [leaf.grad for leaf in constants] == pytest.approx(wanted, rel=1e-13, abs=1e-280)
