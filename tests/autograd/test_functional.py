"""Derivatives as functions of the graph."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    ChangedLeafError,
    CompileError,
    Value,
    directional_derivative,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    no_grad,
    numerical_gradient,
    taylor,
    value_and_grad,
)
from autograd.engine import graph

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
    with pytest.raises(TypeError, match="wrt must be a list of the Values"):
        gradients(x * x, [2.0])  # type: ignore[list-item]


@pytest.mark.parametrize("root", [2.0, None, [Value(1.0)]])
def test_a_root_that_is_no_value_is_refused(root: Any) -> None:
    with pytest.raises(
        TypeError, match=f"gradients takes the Value to differentiate first, not a {type(root).__name__}"
    ):
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
    float_partial_x, float_partial_y = gradients((x * y).sin() * y / x, [x, y], create_graph=True)
    assert gradients(float_partial_x, [y]) == pytest.approx(gradients(float_partial_y, [x]), rel=1e-14)


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


# ---------------------------------------------------------------- derivatives of functions

NUMBERS = st.floats(-2.0, 2.0)
POINTS = st.lists(NUMBERS, min_size=3, max_size=3)


def bumpy(x: Any) -> Value:
    """Of three variables, smooth everywhere, and with no derivative that is zero by accident."""
    result: Value = autograd.sin(x[0] * x[1]) + (x[2] - x[0]).exp() * x[1] + x[2] ** 3 * x[0]
    return result


# The partial derivatives by hand: (2 x0 + x1, x0 + 2 x1), and 6x + y below.
def test_the_partial_derivatives_of_a_quadratic_form() -> None:
    assert grad(lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2)([3.0, 5.0]) == [2 * 3.0 + 5.0, 3.0 + 2 * 5.0]


def test_the_partial_derivative_by_one_argument_of_two() -> None:
    assert grad(lambda x, y: 3 * x**2 + x * y)(2.0, 5.0) == 6 * 2.0 + 5.0


def test_argnum_says_which_argument() -> None:
    assert grad(lambda x, y: 3 * x**2 + x * y, argnum=1)(2.0, 5.0) == 2.0


def test_a_negative_argnum_counts_from_the_end() -> None:
    assert grad(lambda x, y: 3 * x**2 + x * y, argnum=-1)(2.0, 5.0) == 2.0


def test_several_argnums_give_a_tuple() -> None:
    assert grad(lambda x, y: 3 * x**2 + x * y, argnum=(1, 0))(2.0, 5.0) == (2.0, 17.0)


def matrices(x: Any, y: Any, z: Any) -> list[Value]:
    """Two results of a list of two numbers, a plain number and a list of one."""
    return [x[0] * y * z[0] ** 2, x[1] ** 3 * y]


@pytest.mark.parametrize("argnum", [(0, 1, 2), (2, 0), (1,), (-1, 0, 0)])
def test_several_argnums_give_a_tuple_of_jacobians_each_as_it_is_alone(argnum: tuple[int, ...]) -> None:
    point = [2.0, 3.0], 5.0, [7.0]
    alone = tuple(jacobian(matrices, index)(*point) for index in argnum)
    assert jacobian(matrices, argnum)(*point) == alone


def test_several_argnums_give_jacobians_of_arrays() -> None:
    matrix, vector = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    by_matrix, by_vector = jacobian(lambda a, b: a @ b, argnum=(0, 1))(matrix, vector)
    assert by_matrix.shape == (2, 2, 3)
    assert by_vector.tolist() == matrix.tolist()


def test_several_argnums_give_the_blocks_of_the_hessian() -> None:
    # f = x0^2 y x1: the second derivatives by hand.
    blocks = hessian(lambda x, y: x[0] ** 2 * y * x[1], argnum=(0, 1))([2.0, 3.0], 5.0)
    assert blocks == (([[30.0, 20.0], [20.0, 0.0]], [12.0, 4.0]), ([12.0, 4.0], 0.0))


def test_a_block_of_the_hessian_has_a_row_for_each_number_of_the_first_argument() -> None:
    blocks = hessian(lambda x, y: (x[0] + 2 * x[1]) * (y[0] + 3 * y[1] + 5 * y[2]), argnum=(0, 1))([1.0] * 2, [1.0] * 3)
    assert blocks[0][1] == [[1.0, 3.0, 5.0], [2.0, 6.0, 10.0]]
    assert blocks[1][0] == [[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]]


def test_a_hessian_by_one_argument_in_a_tuple_is_one_block() -> None:
    assert hessian(lambda x, y: x**3 * y, argnum=[0])(2.0, 1.0) == ((12.0,),)


def test_the_other_arguments_reach_the_function_as_they_are() -> None:
    assert grad(lambda x, times, *, plus: sum([x] * times) + plus)(2.0, 3, plus=1.0) == 3.0


def test_value_and_grad_gives_both() -> None:
    assert value_and_grad(lambda x: x[0] * x[1])([2.0, 3.0]) == (6.0, [3.0, 2.0])


def test_value_and_grad_evaluates_the_function_once() -> None:
    calls: list[float] = []

    def square(x: Value) -> Value:
        calls.append(x.data)
        return x * x

    value_and_grad(square)(2.0)
    assert calls == [2.0]


def test_numbers_in_floats_out() -> None:
    value, slope = value_and_grad(lambda x: x * x)(3)
    assert (type(value), type(slope)) == (float, float)


def test_no_grad_of_the_arguments_changes() -> None:
    x = Value(3.0)
    grad(lambda x: x * x)(x)
    assert x.grad == 0.0


class Point(NamedTuple):
    x: Any
    y: Any


@pytest.mark.parametrize(
    "point",
    [[1.0, 2.0], (1.0, 2.0), Point(1.0, 2.0), [[1.0], [2.0, (3.0,)]], 1.0],
    ids=["list", "tuple", "named", "nested", "number"],
)
def test_the_gradient_is_arranged_like_the_argument(point: Any) -> None:
    def total(nested: Any) -> Any:
        return sum(total(part) for part in nested) if isinstance(nested, (list, tuple)) else 0.5 * nested**2

    gradient = grad(total)(point)
    assert (gradient, type(gradient)) == (point, type(point))


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
def test_an_array_goes_in_and_one_of_its_shape_comes_out(shape: tuple[int, ...]) -> None:
    x = np.arange(math.prod(shape), dtype=float).reshape(shape)
    gradient = grad(lambda x: (x * x).sum())(x)
    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, 2.0 * x)


def test_an_array_without_an_axis_is_a_number() -> None:
    assert repr(grad(lambda x: x * x)(np.array(3.0))) == "6.0"
    assert repr(hessian(lambda x: x[0] ** 3)([np.array(2.0)])) == "[[12.0]]"
    assert repr(grad(lambda x: np.array(x * x))(3.0)) == "6.0"


def test_an_array_of_integers_gives_floats() -> None:
    assert grad(lambda x: (x * x).sum())(np.array([1, 2])).dtype == np.float64


def test_the_hessian_at_an_array_is_an_array() -> None:
    found = hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[6.0, 0.0], [0.0, 12.0]])


def test_the_jacobian_at_an_array_of_a_function_that_returns_a_list_is_an_array() -> None:
    found = jacobian(lambda x: [x[0] * x[1], x[1]])(np.array([2.0, 3.0]))
    np.testing.assert_array_equal(found, [[3.0, 2.0], [0.0, 1.0]])


def test_the_jacobian_of_nested_lists_replaces_each_result_by_its_gradient() -> None:
    assert jacobian(lambda x: (x[0] * x[1], [x[1]]))([2.0, 3.0]) == ([3.0, 2.0], [[0.0, 1.0]])


def test_the_jacobian_of_a_function_of_irregular_lists_is_not_made_an_array() -> None:
    found = jacobian(lambda x: np.array([x[0], x[0] * x[1][0]]))([2.0, [3.0]])
    assert found.tolist() == [[1.0, [0.0]], [3.0, [2.0]]]


def test_the_jacobian_of_a_number_is_a_number() -> None:
    assert jacobian(lambda x: x**2)(3.0) == 6.0


def test_the_jacobian_of_polar_coordinates() -> None:
    # dx dy = r dr dphi: the determinant is the radius.
    (a, b), (c, d) = jacobian(lambda p: [p[0] * autograd.cos(p[1]), p[0] * autograd.sin(p[1])])([2.0, 0.7])
    assert a * d - b * c == pytest.approx(2.0, rel=1e-15)


@given(st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=4), POINTS)
def test_the_jacobian_of_a_linear_map_is_its_matrix(matrix: list[list[float]], point: list[float]) -> None:
    assert jacobian(lambda x: [autograd.dot(row, x) for row in matrix])(point) == matrix


@pytest.mark.slow
@given(POINTS)
def test_the_gradient_is_the_numerical_one(point: list[float]) -> None:
    numerical = numerical_gradient(bumpy, [point])
    for slope, estimate, error in zip(grad(bumpy)(point), numerical, numerical.errors, strict=True):
        assert abs(slope - estimate) <= 10.0 * error


@given(POINTS)
def test_the_hessian_is_symmetric(point: list[float]) -> None:
    rows = hessian(bumpy)(point)
    for i in range(3):
        assert rows[i] == pytest.approx([row[i] for row in rows], rel=1e-13, abs=1e-13)


@given(POINTS, POINTS)
def test_hvp_is_the_hessian_times_the_vector(point: list[float], v: list[float]) -> None:
    expected = [autograd.dot(row, v) for row in hessian(bumpy)(point)]
    assert hvp(bumpy)(point, v) == pytest.approx(expected, rel=1e-11, abs=1e-11)


@given(POINTS, POINTS.filter(lambda v: math.hypot(*v) > 1e-3))
def test_a_directional_derivative_is_the_gradient_times_the_unit_vector(point: list[float], v: list[float]) -> None:
    expected = sum(slope * part for slope, part in zip(grad(bumpy)(point), v, strict=True)) / math.hypot(*v)
    assert directional_derivative(bumpy, point, v) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(POINTS, st.floats(1e-3, 1e3))
def test_only_the_direction_counts_and_not_its_length(point: list[float], length: float) -> None:
    along = directional_derivative(bumpy, point, [1.0, 2.0, -2.0])
    scaled = directional_derivative(bumpy, point, [length, 2.0 * length, -2.0 * length])
    assert scaled == pytest.approx(along, rel=1e-12, abs=1e-12)


@given(POINTS)
def test_the_derivative_along_the_gradient_is_its_norm(point: list[float]) -> None:
    gradient = grad(bumpy)(point)
    if math.hypot(*gradient) > 1e-3:
        assert directional_derivative(bumpy, point, gradient) == pytest.approx(math.hypot(*gradient), rel=1e-13)


# Gradient and Hessian at this point from torch.func.grad and torch.func.hessian, PyTorch 2.13, float64.
GOLDEN_POINT = [0.5, -0.3, 0.8]
GOLDEN_GRADIENT = [0.6203263188919884, 1.8442443465440244, 0.5550423577271992]
GOLDEN_HESSIAN = [
    [-0.391508210350177, -0.3835034495110008, 2.3249576422728016],
    [-0.3835034495110008, 0.037359533118399804, 1.3498588075760032],
    [2.3249576422728016, 1.3498588075760032, 1.9950423577271994],
]


def test_the_gradient_is_that_of_pytorch() -> None:
    assert grad(bumpy)(GOLDEN_POINT) == pytest.approx(GOLDEN_GRADIENT, rel=1e-14)


def test_the_hessian_is_that_of_pytorch() -> None:
    for row, expected in zip(hessian(bumpy)(GOLDEN_POINT), GOLDEN_HESSIAN, strict=True):
        assert row == pytest.approx(expected, rel=1e-14)


# ---------------------------------------------------------------- one inside another


@pytest.mark.parametrize(
    ("order", "expected"), [(1, 192.0), (2, 480.0), (3, 960.0), (4, 1440.0), (5, 1440.0), (6, 720.0), (7, 0.0)]
)
def test_grad_of_grad_to_any_order(order: int, expected: float) -> None:
    f: Callable[[Any], Any] = lambda x: x**6  # noqa: E731
    for _ in range(order):
        f = grad(f)
    assert f(2.0) == expected


@given(POINTS)
def test_the_jacobian_of_the_gradient_is_the_hessian(point: list[float]) -> None:
    assert jacobian(grad(bumpy))(point) == hessian(bumpy)(point)


def test_the_hessian_of_a_derivative() -> None:
    assert hessian(grad(lambda x: x**5))(2.0) == 60.0 * 2.0**2


def test_the_gradient_of_the_norm_of_the_gradient() -> None:
    # With f = (x^2 + y^2) / 2 the gradient is the point itself, and the norm of that rises at rate 1 outwards.
    f = lambda x: 0.5 * (x[0] ** 2 + x[1] ** 2)  # noqa: E731
    assert grad(lambda x: autograd.norm(grad(f)(x)))([3.0, 4.0]) == pytest.approx([0.6, 0.8], rel=1e-15)


def test_the_hessian_of_the_derivative_along_a_vector() -> None:
    # f = x0^3 x1: grad f . (1, 2) = 3 x0^2 x1 + 2 x0^3, whose Hessian at (1, 1) is [[6 x1 + 12 x0, 6 x0], [6 x0, 0]].
    slope = lambda x: autograd.dot(grad(lambda x: x[0] ** 3 * x[1])(x), [1.0, 2.0])  # noqa: E731
    assert hessian(slope)([1.0, 1.0]) == [[18.0, 6.0], [6.0, 0.0]]


def test_hvp_can_be_differentiated_by_the_vector() -> None:
    found = jacobian(lambda v: hvp(bumpy)(GOLDEN_POINT, v))([1.0, 2.0, 3.0])
    for row, expected in zip(found, hessian(bumpy)(GOLDEN_POINT), strict=True):
        assert row == pytest.approx(expected, rel=1e-13)


def test_a_directional_derivative_can_be_differentiated_by_the_direction() -> None:
    # Along the gradient it is largest, so it does not change when the direction turns.
    gradient = grad(bumpy)(GOLDEN_POINT)
    turned = grad(lambda direction: directional_derivative(bumpy, GOLDEN_POINT, direction))(gradient)
    assert turned == pytest.approx([0.0, 0.0, 0.0], abs=1e-15)


def test_a_derivative_inside_is_by_the_inner_variable_alone() -> None:
    # Perturbation confusion (Siskind and Pearlmutter 2005): d/dx (x * d/dy (x + y) at y = 1) is 1, not 2.
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_the_inner_variable_may_have_the_value_of_the_outer_one() -> None:
    # d/dy (x * y) at y = x is x, so the whole is x^2.
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0


def test_an_inner_derivative_at_a_plain_number_remembers_the_outer_variable() -> None:
    assert grad(lambda x: grad(lambda y: x * y**2)(3.0))(5.0) == 6.0


def test_a_mixed_derivative_by_two_arguments() -> None:
    assert grad(lambda y: grad(lambda x, y: x**2 * y**3)(2.0, y))(3.0) == 2 * 2.0 * 3 * 3.0**2


def test_a_derivative_inside_an_expression_reaches_the_values_of_the_expression() -> None:
    x = Value(2.0)
    (grad(lambda y: x * y**2)(3.0) * x).backward()
    assert x.grad == 2 * 2.0 * 6.0


def simulated(start: Value, steps: int) -> Value:
    """Where a ball in a double well is after some steps: its force is a derivative, taken in each."""
    position, speed = start, Value(0.0)
    for _ in range(steps):
        speed = speed - 0.1 * grad(lambda x: x**4 / 4 - x**2 / 2)(position)
        position = position + 0.1 * speed
    return position


def test_a_simulation_that_takes_a_derivative_in_each_step_is_differentiated_as_a_whole() -> None:
    start = Value(1.5)
    (slope,) = gradients(simulated(start, 20), [start])
    (expected,) = numerical_gradient(lambda x: simulated(x, 20), [Value(1.5)])
    assert slope == pytest.approx(expected, rel=1e-9)


def test_a_derivative_walks_nothing_from_before_its_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    ancestors, walked = graph.ancestors, []

    def counting(*arguments: Any) -> tuple[list[Value], list[Value]]:
        leaves, operations = ancestors(*arguments)
        walked.append(len(operations))
        return leaves, operations

    monkeypatch.setattr(graph, "ancestors", counting)
    simulated(Value(1.5), 20)
    assert len(walked) == 20
    assert len(set(walked)) == 1


def test_a_function_that_gives_back_its_input_has_slope_one() -> None:
    before = Value(2.0) * 3.0
    (slope,) = grad(lambda x: x[0])([before])
    assert slope.data == 1.0


def test_what_became_infinite_before_the_input_is_named() -> None:
    x = Value(1e200) * 1e200
    with pytest.raises(FloatingPointError, match=r"it began with x \* y = inf at x = 1e\+200"):
        grad(lambda x: x * 2.0)(x)


def test_a_slope_that_is_not_finite_at_an_input_with_a_history_is_named() -> None:
    with pytest.raises(FloatingPointError, match="sqrt"):
        grad(autograd.sqrt)(Value(1.0) - 1.0)


def test_a_value_that_requires_a_gradient_gives_values() -> None:
    value, slope = value_and_grad(lambda x: x**2)(Value(3.0))
    assert (value.data, slope.data, slope.requires_grad) == (9.0, 6.0, True)


def test_a_constant_value_gives_floats() -> None:
    assert grad(lambda x: x**2)(Value(3.0, requires_grad=False)) == 6.0


def test_an_array_of_values_gives_an_array_of_values() -> None:
    gradient = grad(lambda x: (x * x).sum())(np.array([Value(1.0), Value(2.0)]))
    assert [slope.data for slope in gradient] == [2.0, 4.0]


def test_a_derivative_that_does_not_depend_on_the_values_that_went_in_is_a_constant_value() -> None:
    slope = grad(lambda x: 3.0 * x)(Value(2.0))
    assert (slope.data, slope.requires_grad) == (3.0, False)


def test_derivatives_are_found_under_no_grad() -> None:
    with no_grad():
        assert grad(lambda x: x**2)(3.0) == 6.0


def test_under_no_grad_nothing_is_remembered() -> None:
    x = Value(3.0)
    with no_grad():
        value, slope = value_and_grad(lambda x: x**2)(x)
    assert (value.data, value.requires_grad) == (9.0, False)
    assert (slope.data, slope.requires_grad) == (6.0, False)


def test_the_checker_takes_a_function_made_of_derivatives() -> None:
    assert autograd.gradcheck(lambda x: grad(lambda y: autograd.sin(x * y))(x) * x, [0.7])


def test_a_compiled_function_can_be_differentiated() -> None:
    compiled = autograd.compile(bumpy)
    assert grad(compiled)(GOLDEN_POINT) == pytest.approx(grad(bumpy)(GOLDEN_POINT), rel=1e-14)


# ---------------------------------------------------------------- constants and bad input


def test_a_function_that_returns_a_plain_number_has_derivative_0() -> None:
    assert value_and_grad(lambda x: x if x > 0.0 else 0)(-1.0) == (0.0, 0.0)


def test_a_function_that_does_not_depend_on_its_argument_has_derivative_0() -> None:
    assert grad(lambda x: Value(3.0, requires_grad=False))([1.0, 2.0]) == [0.0, 0.0]


def test_a_plain_number_among_the_results_has_a_row_of_zeros() -> None:
    assert jacobian(lambda x: [x[0], 1.0])([2.0, 3.0]) == [[1.0, 0.0], [0.0, 0.0]]


def forgetful(x: Any) -> None:
    x * x


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (forgetful, "the function forgetful must return a Value, not NoneType None; did it forget to return"),
        (lambda x: [x, x], r"not list \[Value.*use jacobian for a function that returns several, or .*autograd\.sum"),
        (lambda x: np.array([x, x]), r"(?s)not ndarray array.*jacobian"),
        (lambda x: x > 1.0, "not bool True$"),
        (lambda x: "x", "not str 'x'$"),
    ],
)
def test_a_function_that_returns_no_value_is_an_error_that_says_what_it_returned(f: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        grad(f)(2.0)


def test_a_result_among_many_that_is_no_number_is_an_error() -> None:
    with pytest.raises(TypeError, match="must return a Value, not NoneType None; did it forget"):
        jacobian(lambda x: [x, None])(2.0)


@pytest.mark.parametrize("differentiate", [grad, value_and_grad, jacobian, hessian, hvp])
def test_what_is_no_function_is_an_error(differentiate: Any) -> None:
    with pytest.raises(TypeError, match=f"{differentiate.__name__} takes a function .* not Value Value"):
        differentiate(Value(2.0) ** 2)


def test_a_directional_derivative_of_what_is_no_function_is_an_error() -> None:
    f: Any = 3.0
    with pytest.raises(TypeError, match=r"directional_derivative takes a function .* not float 3\.0"):
        directional_derivative(f, [1.0], [1.0])


@pytest.mark.parametrize(
    "argnum", [(1, 0, 1, -2), [1, 0, 1, 0], np.array([1, 0, 1, 0])], ids=["tuple", "list", "array"]
)
def test_an_argument_wanted_twice_has_its_derivative_twice(argnum: Any) -> None:
    assert grad(lambda x, y: x * y**2, argnum=argnum)(3.0, 2.0) == (12.0, 4.0, 12.0, 4.0)


def test_argnums_may_come_from_a_generator_and_serve_every_call() -> None:
    gradient = grad(lambda x, y: x * y, argnum=(index for index in (0, 1)))
    assert [gradient(2.0, 3.0), gradient(4.0, 5.0)] == [(3.0, 2.0), (5.0, 4.0)]


@pytest.mark.parametrize("operator", [grad, jacobian, hessian])
def test_an_argnum_may_be_a_numpy_integer(operator: Any) -> None:
    assert operator(lambda x, y: x * y**2, np.int64(1))(3.0, 2.0) == operator(lambda x, y: x * y**2, 1)(3.0, 2.0)


@pytest.mark.parametrize("argnum", ["1", ["1"], None, [None], (0, 1.0), True, (True, False)], ids=str)
def test_argnums_that_are_no_numbers_are_refused(argnum: Any) -> None:
    with pytest.raises(TypeError, match="argnum must be the index of an argument, or several of them, not "):
        grad(lambda x, y: x * y, argnum=argnum)


@pytest.mark.parametrize("argnum", [2, -3, (0, 2)])
def test_an_argnum_out_of_range_is_an_error(argnum: Any) -> None:
    with pytest.raises(
        ValueError,
        match=r"grad cannot differentiate with respect to argument (2|-3): .*with 2 arguments, counted from 0",
    ):
        grad(lambda x, y: x * y, argnum=argnum)(1.0, 2.0)


def test_a_call_without_arguments_is_an_error() -> None:
    with pytest.raises(ValueError, match="called with no positional argument"):
        grad(lambda x: x)(x=1.0)


def test_an_argnum_that_is_no_number_is_an_error() -> None:
    argnum: Any = 1.5
    with pytest.raises(TypeError, match=r"argnum must be the index of an argument, or several of them, not 1\.5"):
        grad(lambda x: x, argnum=argnum)(1.0)


@pytest.mark.parametrize("point", [[], [[], ()], np.zeros(0)], ids=["list", "nested", "array"])
def test_an_argument_without_numbers_is_an_error(point: Any) -> None:
    with pytest.raises(ValueError, match="nothing to differentiate with respect to"):
        grad(lambda x: 0.0)(point)


@pytest.mark.parametrize("number", ["2", None, 1j], ids=str)
def test_an_argument_that_is_no_number_is_an_error(number: Any) -> None:
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        grad(lambda x: x)(number)


def test_a_vector_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="v has length 2 and x has length 3; they must be equal"):
        hvp(bumpy)(GOLDEN_POINT, [1.0, 2.0])


def test_a_direction_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="direction has length 2 and x has length 3"):
        directional_derivative(bumpy, GOLDEN_POINT, [1.0, 2.0])


def test_a_direction_of_length_0_is_an_error() -> None:
    with pytest.raises(ValueError, match="it is the zero vector, which points nowhere"):
        directional_derivative(bumpy, GOLDEN_POINT, [0.0, 0.0, 0.0])


@pytest.mark.parametrize("number", [math.inf, math.nan])
def test_a_direction_that_is_not_finite_is_an_error(number: float) -> None:
    with pytest.raises(ValueError, match=f"positive, finite norm; it is .* whose norm is {number}"):
        directional_derivative(bumpy, GOLDEN_POINT, [number, 0.0, 0.0])


def test_a_direction_that_holds_no_number_is_an_error() -> None:
    with pytest.raises(TypeError, match="not the str '1'"):
        directional_derivative(bumpy, GOLDEN_POINT, ["1", 0.0, 0.0])


def test_a_derivative_inside_a_compiled_function_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(CompileError, match=r"grad cannot be compiled.*compile\(f\)\.value_and_grad"):
        autograd.compile(lambda x: grad(lambda y: y**2)(x))(2.0)


@pytest.mark.parametrize("differentiate", [grad, value_and_grad, jacobian])
def test_a_derivative_that_depends_on_what_is_being_compiled_is_an_error(differentiate: Any) -> None:
    with pytest.raises(CompileError, match=f"{differentiate.__name__} cannot be compiled"):
        autograd.compile(lambda x: differentiate(lambda y: x * y)(3.0))(2.0)


# ---------------------------------------------------------------- Taylor

# The series of Maclaurin and the geometric series, as in Abramowitz and Stegun, sections 3.6 and 4.1 to 4.3.
SERIES: list[tuple[Any, float, str]] = [
    (autograd.exp, 0.0, "1 + x + 1/2 x^2 + 1/6 x^3 + 1/24 x^4 + 1/120 x^5"),
    (autograd.sin, 0.0, "x - 1/6 x^3 + 1/120 x^5"),
    (autograd.cos, 0.0, "1 - 1/2 x^2 + 1/24 x^4"),
    (lambda x: autograd.log(1.0 + x), 0.0, "x - 1/2 x^2 + 1/3 x^3 - 1/4 x^4 + 1/5 x^5"),
    (lambda x: 1.0 / x, 1.0, "1 - (x - 1) + (x - 1)^2 - (x - 1)^3 + (x - 1)^4 - (x - 1)^5"),
    (lambda x: -(x**2), -2.0, "-4 + 4 (x + 2) - (x + 2)^2"),
    (lambda x: 0.0, 1.0, "0"),
    (lambda x: x * math.pi, 0.0, "3.14159 x"),
    (lambda x: x * 1234.5, 0.0, "1234.5 x"),
]


@pytest.mark.parametrize(("f", "x0", "text"), SERIES, ids=[text for _, _, text in SERIES])
def test_taylor_prints_the_known_series(f: Any, x0: float, text: str) -> None:
    assert str(taylor(f, x0, 5)) == text


def test_taylor_in_a_notebook_is_a_formula() -> None:
    assert taylor(autograd.exp, 1.0, 0)._repr_latex_() == "$2.71828$"
    assert taylor(autograd.sin, 0.0, 3)._repr_latex_() == r"$x - \frac{1}{6}\,x^{3}$"


@given(NUMBERS, NUMBERS)
def test_a_polynomial_is_its_own_taylor_polynomial(x0: float, x: float) -> None:
    f: Callable[[Any], Any] = lambda x: 2.0 * x**3 - x + 5.0  # noqa: E731
    assert taylor(f, x0, 3)(x) == pytest.approx(f(x), rel=1e-12, abs=1e-12)


@given(NUMBERS, st.floats(-0.1, 0.1))
def test_the_error_of_a_taylor_polynomial_is_at_most_that_of_lagrange(x0: float, step: float) -> None:
    # Lagrange's remainder: |f - p| <= max |f^(n+1)| |x - x0|^(n+1) / (n+1)!, with all derivatives of sin at most 1.
    error = abs(taylor(autograd.sin, x0, 3)(x0 + step) - math.sin(x0 + step))
    assert error <= step**4 / 24 + 1e-15


def test_taylor_of_a_number_a_value_and_an_array() -> None:
    p = taylor(lambda x: x**2, 1.0, 2)
    assert p(3.0) == 9.0
    assert p(Value(3.0)).data == 9.0
    np.testing.assert_array_equal(p(np.array([2.0, 3.0])), [4.0, 9.0])


def test_taylor_of_order_0_has_the_shape_of_its_input() -> None:
    assert taylor(autograd.cos, 0.0, 0)(np.array([2.0, 3.0])).tolist() == [1.0, 1.0]


def test_the_derivative_of_a_taylor_polynomial_is_that_of_the_function_at_its_point() -> None:
    assert grad(grad(taylor(autograd.exp, 1.0, 3)))(1.0) == pytest.approx(math.e, rel=1e-15)


def test_a_taylor_polynomial_shows_its_formula_and_order() -> None:
    p = taylor(autograd.sin, 0.0, 4)
    assert (repr(p), p.order, len(p.coefficients)) == ("Taylor(x - 1/6 x^3)", 4, 5)


def test_a_negative_order_is_an_error() -> None:
    with pytest.raises(ValueError, match="the order of a Taylor polynomial must be 0 or more, not -1"):
        taylor(autograd.sin, 0.0, -1)


@pytest.mark.parametrize("order", [1.5, True, None])
def test_an_order_that_is_no_whole_number_is_an_error(order: Any) -> None:
    with pytest.raises(TypeError, match=f"must be a whole number, not {order}"):
        taylor(autograd.sin, 0.0, order)


def test_taylor_of_what_is_no_function_is_an_error() -> None:
    f: Any = 2.0
    with pytest.raises(TypeError, match=r"taylor takes a function .* not float 2\.0"):
        taylor(f, 0.0, 1)


def test_taylor_of_a_function_that_returns_no_value_is_an_error() -> None:
    with pytest.raises(TypeError, match="must return a Value, not NoneType None"):
        taylor(lambda x: None, 0.0, 1)


def test_taylor_where_a_derivative_does_not_exist_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="derivative of sqrt"):
        taylor(autograd.sqrt, 0.0, 1)


# ---------------------------------------------------------------- one in the other, by one argument and by another


def of_array(f: Any, index: int) -> Any:
    return lambda *point: grad(lambda p: f(p[0], p[1]))(np.array(point))[index]


FIRST: dict[str, Callable[[Any, int], Any]] = {
    "grad": lambda f, index: grad(f, index),
    "value_and_grad": lambda f, index: lambda *point: value_and_grad(f, index)(*point)[1],
    "jacobian": lambda f, index: jacobian(f, index),
    "both arguments": lambda f, index: lambda *point: grad(f, (0, 1))(*point)[index],
    "a list": lambda f, index: lambda *point: grad(lambda p: f(*p))(list(point))[index],
    "a tuple": lambda f, index: lambda *point: jacobian(lambda p: [f(*p)])(point)[0][index],
    "an array": of_array,
    "a closure": lambda f, index: (
        lambda *point: grad(lambda moved: f(*point[:index], moved, *point[index + 1 :]))(point[index])
    ),
    "a direction": lambda f, index: (
        lambda *point: directional_derivative(lambda p: f(*p), list(point), [float(index == 0), float(index == 1)])
    ),
    "taylor": lambda f, index: (
        lambda *point: taylor(
            lambda moved: f(*point[:index], moved, *point[index + 1 :]), point[index], 1
        ).coefficients[1]
    ),
}
"""The derivative of a function of two numbers by one of them, each in its own way."""


def polynomial(x: Any, y: Any) -> Any:
    return x**2 * y**3 + x * y


def second(x: float, y: float) -> dict[tuple[int, int], float]:
    mixed = 6.0 * x * y**2 + 1.0
    return {(0, 0): 2.0 * y**3, (0, 1): mixed, (1, 0): mixed, (1, 1): 6.0 * x**2 * y}


@pytest.mark.parametrize("indices", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("outer", FIRST)
@pytest.mark.parametrize("inner", FIRST)
def test_second_derivatives_of_floats_are_floats(inner: str, outer: str, indices: tuple[int, int]) -> None:
    found = FIRST[outer](FIRST[inner](polynomial, indices[0]), indices[1])(1.5, 2.0)
    assert isinstance(found, float)
    assert found == second(1.5, 2.0)[indices]


@pytest.mark.parametrize("outer", FIRST)
@pytest.mark.parametrize("inner", FIRST)
def test_second_derivatives_remember_a_value_from_outside(inner: str, outer: str) -> None:
    scale = Value(3.0)
    found = FIRST[outer](FIRST[inner](lambda x, y: scale**2 * polynomial(x, y), 0), 1)(1.5, 2.0)
    assert (found.data, *gradients(found, [scale])) == (9.0 * 37.0, 6.0 * 37.0)


@pytest.mark.parametrize("outer", FIRST)
@pytest.mark.parametrize("inner", FIRST)
def test_second_derivatives_remember_the_value_they_are_taken_at(inner: str, outer: str) -> None:
    x = Value(1.5)
    found = FIRST[outer](FIRST[inner](polynomial, 0), 1)(x, 2.0)
    assert (found.data, *gradients(found, [x])) == (37.0, 24.0)


@pytest.mark.parametrize("outermost", FIRST)
@pytest.mark.parametrize("inner", ["grad", "an array", "taylor"])
def test_third_derivatives_of_floats_are_floats(inner: str, outermost: str) -> None:
    found = FIRST[outermost](FIRST["jacobian"](FIRST[inner](polynomial, 0), 1), 1)(1.5, 2.0)
    assert isinstance(found, float)
    assert found == 12.0 * 1.5 * 2.0


@pytest.mark.parametrize("of", FIRST)
def test_the_derivative_of_a_hessian_of_floats_is_a_float(of: str) -> None:
    found = FIRST[of](lambda x, y: hessian(polynomial, 0)(x, y), 1)(1.5, 2.0)
    assert isinstance(found, float)
    assert found == 24.0


@pytest.mark.parametrize("of", FIRST)
def test_the_derivative_of_a_hessian_times_a_vector_of_floats_is_a_float(of: str) -> None:
    found = FIRST[of](lambda x, y: hvp(lambda moved: polynomial(moved, y))(x, 2.0), 1)(1.5, 2.0)
    assert isinstance(found, float)
    assert found == 48.0


def test_mixed_derivatives_by_arrays_are_an_array_of_floats() -> None:
    mixed = jacobian(grad(lambda x, y: (x @ y) ** 2, 0), 1)(np.array([3.0, 1.0]), np.array([2.0, 4.0]))
    assert mixed.dtype == np.float64
    assert mixed.tolist() == [[32.0, 4.0], [24.0, 28.0]]  # 2 x_j y_i, and 2 x.y where i = j


def test_mixed_derivatives_by_lists_are_floats() -> None:
    mixed = jacobian(grad(lambda x, y: autograd.sum(x) * autograd.sum(y) ** 2, 0), 1)([3.0, 1.0], [2.0, 4.0])
    assert repr(mixed) == "[[12.0, 12.0], [12.0, 12.0]]"


def test_a_taylor_polynomial_remembers_a_value_in_its_coefficients() -> None:
    a = Value(3.0)
    polynomial = taylor(lambda x: a * x**2, 1.0, 2)
    assert str(polynomial) == "3 + 6 (x - 1) + 3 (x - 1)^2"
    assert gradients(polynomial(2.0), [a]) == [4.0]


def test_a_taylor_polynomial_is_differentiated_by_where_it_is_expanded() -> None:
    # a^3 + 3 a^2 (x - a) + 3 a (x - a)^2 at x = 1.5, a = 3: derivative 3 (x - a)^2
    assert grad(lambda a: taylor(lambda x: x**3, a, 2)(1.5))(3.0) == 6.75


def test_a_taylor_polynomial_is_one_of_a_single_number() -> None:
    x: Any = [1.0, 2.0]
    with pytest.raises(TypeError, match=r"taylor expands a function of one number, not of \[1\.0, 2\.0\]"):
        taylor(lambda x: x * x, x, 1)  # which a list has not: the message comes first


# ---------------------------------------------------------------- any iterable, gone through once


@pytest.mark.parametrize("kind", [list, tuple, iter, lambda nodes: (node for node in nodes), dict.fromkeys, np.array])
def test_gradients_takes_any_iterable(kind: Callable[[list[Value]], Any]) -> None:
    x, y = Value(2.0), Value(3.0)
    assert gradients(x * x * y, kind([x, y])) == [12.0, 4.0]


@pytest.mark.parametrize(
    "wrt", [Value(1.0), None, 1.0, ["x"], iter([1.0])], ids=["Value", "None", "1.0", "str", "iter"]
)
def test_what_is_no_list_of_values_is_refused(wrt: Any) -> None:
    with pytest.raises(TypeError, match="wrt must be a list of the Values to differentiate with respect to"):
        gradients(Value(1.0) * 2.0, wrt)
