"""Derivatives as functions of the graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import ChangedLeafError, Value, gradients, no_grad

# ---------------------------------------------------------------- first derivatives


def test_gradients_come_in_the_order_asked_for() -> None:
    x, y = Value(2.0), Value(5.0)
    assert gradients(x * y, [y, x]) == [2.0, 5.0]


def test_gradients_are_plain_floats() -> None:
    x = Value(2.0)
    assert type(gradients(x + x, [x])[0]) is float


def test_gradients_touch_no_grad() -> None:
    x = Value(2.0)
    middle = x * x
    root = middle * 3.0
    x.grad, middle.grad, root.grad = 1.0, 2.0, 3.0
    gradients(root, [x, middle, root])
    assert (x.grad, middle.grad, root.grad) == (1.0, 2.0, 3.0)


def test_gradients_as_values_touch_no_grad() -> None:
    x = Value(2.0)
    root = x * x
    gradients(root, [x], create_graph=True)
    assert (x.grad, root.grad) == (0.0, 0.0)


def test_gradients_are_the_same_when_asked_again() -> None:
    x = Value(2.0)
    root = (x * x).exp()
    assert gradients(root, [x]) == gradients(root, [x])


def test_gradients_agree_with_backward_where_a_result_is_shared() -> None:
    x = Value(0.7)
    shared = x * x
    root = shared.sin() + shared * x - shared.exp() / shared
    root.backward()
    assert gradients(root, [x]) == [x.grad]


def test_one_value_asked_for_twice_is_answered_twice() -> None:
    x = Value(2.0)
    assert gradients(x * 3.0, [x, x]) == [3.0, 3.0]


def test_nothing_asked_for_is_nothing_answered() -> None:
    assert gradients(Value(2.0) * 3.0, []) == []


def test_the_gradient_with_respect_to_an_intermediate() -> None:
    x = Value(2.0)
    middle = x * x
    assert gradients(middle * middle, [middle]) == [8.0]


def test_the_gradient_with_respect_to_an_intermediate_and_a_leaf_under_it() -> None:
    x = Value(2.0)
    middle = x * x
    assert gradients(middle * 3.0, [middle, x]) == [3.0, 12.0]


def test_the_gradient_with_respect_to_the_root_itself_is_one() -> None:
    root = Value(2.0) * 3.0
    assert gradients(root, [root]) == [1.0]


def test_a_leaf_is_its_own_root() -> None:
    x = Value(2.0)
    assert gradients(x, [x]) == [1.0]


def test_the_gradient_with_respect_to_an_unrelated_value_is_zero() -> None:
    assert gradients(Value(2.0) * 3.0, [Value(1.0)]) == [0.0]


def test_a_tuple_of_values_may_be_asked_for() -> None:
    x = Value(2.0)
    assert gradients(x * 3.0, (x,)) == [3.0]


def test_gradients_are_computed_under_no_grad() -> None:
    x = Value(2.0)
    root = x * x
    with no_grad():
        assert gradients(root, [x]) == [4.0]


def test_gradients_after_a_changed_leaf_are_those_of_the_forward_point() -> None:
    x = Value(2.0)
    root = x * x
    x.data = 100.0
    assert gradients(root, [x]) == [4.0]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_constant_root_is_refused(create_graph: bool) -> None:
    with pytest.raises(
        RuntimeError, match=r"data=6\.0.*is a constant, or was computed from constants or under no_grad"
    ):
        gradients(Value(2.0, requires_grad=False) * 3.0, [], create_graph)


def test_a_root_computed_under_no_grad_is_refused() -> None:
    x = Value(2.0)
    with no_grad():
        root = x * x
    with pytest.raises(RuntimeError, match="no_grad"):
        gradients(root, [x])


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_constant_asked_for_is_refused_by_its_label(create_graph: bool) -> None:
    x, rate = Value(2.0), Value(3.0, label="rate", requires_grad=False)
    with pytest.raises(ValueError, match=r"'rate'.*is a constant: no gradient is computed for it"):
        gradients(x * rate, [rate], create_graph)


def test_a_single_value_asked_for_is_refused_with_the_way_to_write_it() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"gradients\(root, \[x, y\]\)"):
        gradients(x * x, x)  # type: ignore[call-overload]


def test_a_plain_number_asked_for_is_refused() -> None:
    x = Value(2.0)
    with pytest.raises(TypeError, match="wrt is a list of the Values"):
        gradients(x * x, [2.0])  # type: ignore[list-item]


@pytest.mark.parametrize("root", [2.0, None, [Value(1.0)]])
def test_a_root_that_is_no_value_is_refused(root: Any) -> None:
    with pytest.raises(TypeError, match=f"gradients of a Value are asked for, not of a {type(root).__name__}"):
        gradients(root, [Value(1.0)])


# ---------------------------------------------------------------- derivatives as Values


def test_derivatives_as_values_have_the_numbers_of_plain_ones() -> None:
    x, y = Value(0.7), Value(-1.3)
    shared = x * y
    root = shared.sin() + shared * x - shared.exp() / y
    numbers = [slope.data for slope in gradients(root, [x, y, shared], create_graph=True)]
    assert numbers == gradients(root, [x, y, shared])


def test_the_derivative_of_the_root_with_respect_to_itself_is_a_constant_one() -> None:
    root = Value(2.0) * 3.0
    (one,) = gradients(root, [root], create_graph=True)
    assert (one.data, one.requires_grad) == (1.0, False)


def test_the_derivative_with_respect_to_an_unrelated_value_is_a_constant_zero() -> None:
    (zero,) = gradients(Value(2.0) * 3.0, [Value(1.0)], create_graph=True)
    assert (zero.data, zero.requires_grad) == (0.0, False)


def test_the_derivative_of_a_linear_function_is_a_constant() -> None:
    x = Value(2.0)
    (slope,) = gradients(x * 3.0 + 1.0, [x], create_graph=True)
    assert (slope.data, slope.requires_grad) == (3.0, False)


def test_derivatives_are_recorded_even_under_no_grad() -> None:
    x = Value(2.0)
    root = x**3
    with no_grad():
        (slope,) = gradients(root, [x], create_graph=True)
    assert gradients(slope, [x]) == [12.0]


def test_recording_is_off_again_afterwards() -> None:
    x = Value(2.0)
    root = x**3
    with no_grad():
        gradients(root, [x], create_graph=True)
        assert not (x * x).requires_grad


@pytest.mark.parametrize("create_graph", [False, True])
def test_recording_is_as_before_after_an_error(create_graph: bool) -> None:
    x = Value(0.0)
    root = x.sqrt()
    with no_grad():
        with pytest.raises(FloatingPointError):
            gradients(root, [x], create_graph)
        assert not (x * x).requires_grad


def test_a_derivative_can_be_part_of_a_loss() -> None:
    # A gradient penalty: d/dx (dy/dx)**2 = 2 y' y'' with y = x**3.
    x = Value(2.0)
    (slope,) = gradients(x**3, [x], create_graph=True)
    (slope**2).backward()
    assert x.grad == 2.0 * 12.0 * 12.0


@pytest.mark.parametrize("build", [lambda x: x * x, lambda x: x.exp(), lambda x: x * 2.0 + x])
def test_a_changed_leaf_is_an_error_where_its_new_number_would_be_used(build: Callable[[Value], Value]) -> None:
    x = Value(2.0, label="weight")
    root = build(x)
    x.data = 5.0
    with pytest.raises(ChangedLeafError, match=r"data=5\.0.*'weight'.* was 2\.0 when .*build the graph again"):
        gradients(root, [x], create_graph=True)


def test_the_error_for_a_changed_leaf_names_the_operation() -> None:
    x = Value(2.0, label="weight")
    root = x * 3.0
    x.data = 5.0
    with pytest.raises(ChangedLeafError, match=r"x \* y = 6\.0 at x = 2\.0 \(labelled 'weight'\), y = 3\.0"):
        gradients(root, [x], create_graph=True)


def test_a_changed_constant_is_an_error_too() -> None:
    x, constant = Value(2.0), Value(3.0, requires_grad=False)
    root = x * constant
    constant.data = 5.0
    with pytest.raises(ChangedLeafError):
        gradients(root, [x], create_graph=True)


def test_a_leaf_changed_and_changed_back_is_no_error() -> None:
    x = Value(2.0)
    root = x * x
    x.data = 5.0
    x.data = 2.0
    assert [slope.data for slope in gradients(root, [x], create_graph=True)] == [4.0]


def test_a_leaf_that_is_and_stays_nan_is_no_changed_leaf() -> None:
    x = Value(math.nan)
    (slope,) = gradients(x * x, [x], create_graph=True)
    assert math.isnan(slope.data)


def test_a_changed_leaf_is_a_runtime_error() -> None:
    assert issubclass(ChangedLeafError, RuntimeError)


# ---------------------------------------------------------------- derivatives of derivatives


def derivative(function: Callable[[Value], Value], order: int, at: float) -> float:
    """The derivative of some order, differentiated again and again."""
    x = Value(at)
    y = function(x)
    for _ in range(order):
        (y,) = gradients(y, [x], create_graph=True)
    return y.data


def logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def logistic_3(x: float) -> float:
    s = logistic(x)
    return s * (1 - s) * (1 - 6 * s + 6 * s * s)


# Third derivatives: Abramowitz and Stegun 3.3, 4.2, 4.3, 4.4, 4.5; the logistic function and erf by hand.
THIRD: list[tuple[str, Callable[[Value], Value], float, float]] = [
    ("x**5", lambda x: x**5, 1.5, 60.0 * 1.5**2),
    ("1/x", lambda x: 1.0 / x, 2.0, -6.0 / 2.0**4),
    ("exp(2x)", lambda x: (2.0 * x).exp(), 0.3, 8.0 * math.exp(0.6)),
    ("log", lambda x: x.log(), 2.0, 2.0 / 2.0**3),
    ("sqrt", lambda x: x.sqrt(), 2.0, 0.375 * 2.0**-2.5),
    ("sin", lambda x: x.sin(), 0.7, -math.cos(0.7)),
    ("cos", lambda x: x.cos(), 0.7, math.sin(0.7)),
    ("tan", lambda x: x.tan(), 0.7, (2.0 + 6.0 * math.tan(0.7) ** 2) * (1.0 + math.tan(0.7) ** 2)),
    ("atan", lambda x: x.atan(), 0.7, (6.0 * 0.7**2 - 2.0) / (1.0 + 0.7**2) ** 3),
    ("sinh", lambda x: x.sinh(), 0.7, math.cosh(0.7)),
    ("tanh", lambda x: x.tanh(), 0.7, (6.0 * math.tanh(0.7) ** 2 - 2.0) * (1.0 - math.tanh(0.7) ** 2)),
    ("sigmoid", lambda x: x.sigmoid(), 0.7, logistic_3(0.7)),
    ("erf", lambda x: x.erf(), 0.7, (4 * 0.7**2 - 2) * 2.0 / math.sqrt(math.pi) * math.exp(-(0.7**2))),
    ("x**x", lambda x: x**x, 1.0, 3.0),
]


@pytest.mark.parametrize(("function", "at", "expected"), [case[1:] for case in THIRD], ids=[case[0] for case in THIRD])
def test_third_derivatives_are_the_known_ones(function: Callable[[Value], Value], at: float, expected: float) -> None:
    assert derivative(function, 3, at) == pytest.approx(expected, rel=1e-12)


def test_the_sixth_derivative_of_a_polynomial() -> None:
    assert derivative(lambda x: x**6 + x**3, 6, 0.5) == 720.0


def test_the_second_derivatives_of_two_variables_are_symmetric() -> None:
    x, y = Value(0.7), Value(1.3)
    slope_x, slope_y = gradients((x * y).sin() * y / x, [x, y], create_graph=True)
    assert gradients(slope_x, [y]) == pytest.approx(gradients(slope_y, [x]), rel=1e-14)


def test_the_hessian_of_the_function_of_rosenbrock() -> None:
    # Rosenbrock 1960: (1 - x)**2 + 100 (y - x**2)**2; at the minimum (1, 1) the Hessian is
    # [[802, -400], [-400, 200]].
    x, y = Value(1.0), Value(1.0)
    slopes = gradients((1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2, [x, y], create_graph=True)
    assert [gradients(slope, [x, y]) for slope in slopes] == [[802.0, -400.0], [-400.0, 200.0]]


def test_a_derivative_at_a_kink_can_be_taken_again() -> None:
    x = Value(0.0)
    (slope,) = gradients(x * x.relu() + x * x, [x], create_graph=True)
    assert gradients(slope, [x]) == [2.0]


def test_gradients_of_gradients_by_backward() -> None:
    x = Value(2.0)
    (slope,) = gradients(x**3, [x], create_graph=True)
    slope.backward()
    assert x.grad == 12.0


# ---------------------------------------------------------------- what is not finite


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_of_a_root_that_is_not_finite_name_the_first_operation(create_graph: bool) -> None:
    x = Value(1e200, label="big")
    root = (x * x).sigmoid() * 0.0 + x * x
    with pytest.raises(FloatingPointError, match=r"x \* y = inf at x = 1e\+200 \(labelled 'big'\)"):
        gradients(root, [x], create_graph)


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_raise_where_a_derivative_does_not_exist(create_graph: bool) -> None:
    x = Value(0.0, label="area")
    with pytest.raises(FloatingPointError, match=r"derivative of sqrt\(x\) = 0\.0 at x = 0\.0 \(labelled 'area'\)"):
        gradients(x.sqrt(), [x], create_graph)


@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_raise_where_a_derivative_overflows(create_graph: bool) -> None:
    x = Value(1e-200)
    with pytest.raises(FloatingPointError, match="the gradient stops being finite at"):
        gradients(1.0 / x * 1e-300 * 1e200, [x], create_graph)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    "build",
    [lambda x: (x * x).atan(), lambda x: 1.0 / (x * x), lambda x: autograd.minimum(x * x, 1.0)],
    ids=["atan", "1/x", "minimum"],
)
def test_gradients_are_finite_where_those_of_backward_are(build: Callable[[Value], Value], create_graph: bool) -> None:
    # An intermediate overflows quietly, but the root and the derivative are finite.
    x, y = Value(1e200), Value(1e200)
    build(x).backward()
    (slope,) = gradients(build(y), [y], create_graph)
    assert (slope.data if isinstance(slope, Value) else slope) == x.grad == 0.0


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_what_the_user_put_in_flows_through_gradients(number: float) -> None:
    x, y = Value(number), Value(2.0)
    assert repr(gradients(x * y, [x, y])) == repr([2.0, number])
