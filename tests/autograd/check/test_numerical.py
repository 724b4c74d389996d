"""Derivatives from differences."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, exp, log, numerical_gradient, sin, sqrt


def parabola(x: Value) -> Value:
    return 0.01 * x**2 + 0.1 * x


# Saito, Deep Learning from Scratch (2016), section 4.3.1: central differences of 0.01 x^2 + 0.1 x with h = 1e-4.
@pytest.mark.parametrize(("x", "slope"), [(5.0, 0.1999999999990898), (10.0, 0.2999999999986347)])
def test_central_differences_are_those_of_the_textbook_to_the_last_digit(x: float, slope: float) -> None:
    assert numerical_gradient(parabola, [x], method="central", step=1e-4) == (slope,)


def test_forward_differences_look_ahead() -> None:
    assert numerical_gradient(lambda x: abs(x), [0.0], method="forward") == (1.0,)


def test_backward_differences_look_back() -> None:
    assert numerical_gradient(lambda x: abs(x), [0.0], method="backward") == (-1.0,)


Fixed = Literal["forward", "backward", "central"]


@pytest.mark.parametrize("method", ["forward", "backward", "central"])
@pytest.mark.parametrize("step", [1e-2, 1e-4, 1e-6])
def test_the_error_estimate_of_a_fixed_step_is_right_within_a_factor_of_ten(method: Fixed, step: float) -> None:
    gradient = numerical_gradient(exp, [1.0], method=method, step=step)
    assert abs(gradient[0] - math.e) < 10 * gradient.errors[0]
    assert gradient.errors[0] < 10 * abs(gradient[0] - math.e) + 1e-9


FUNCTIONS: list[tuple[Callable[[Value], Value], Callable[[float], float]]] = [
    (exp, math.exp),
    (sin, math.cos),
    (lambda x: x**5, lambda x: 5 * x**4),
    (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
]


@given(st.floats(-4, 4), st.sampled_from(range(len(FUNCTIONS))))
@example(7.656581860326201e-64, 2)  # whose fifth power has lost most of its digits
def test_ridders_method_reaches_ten_digits_and_knows_its_error(x: float, which: int) -> None:
    f, slope = FUNCTIONS[which]
    gradient = numerical_gradient(f, [x])
    assert gradient[0] == pytest.approx(slope(x), rel=1e-10, abs=1e-10)
    assert abs(gradient[0] - slope(x)) <= 10 * gradient.errors[0]


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (log, 1e-3, 1e3),
        (sqrt, 1e-12, 5e5),
        (lambda x: 1 / x, 1e-8, -1e16),
        (lambda x: (1e6 * x).tanh(), 0.0, 1e6),
        (lambda x: sin(2 * math.pi * 1280 * x), 0.0, 2 * math.pi * 1280),
    ],
)
def test_ridders_method_finds_the_scale_of_the_function(f: Any, x: float, slope: float) -> None:
    assert numerical_gradient(f, [x])[0] == pytest.approx(slope, rel=1e-8)


def test_every_number_in_nested_inputs_has_its_derivative() -> None:
    gradient = numerical_gradient(lambda w, x: w[0] * w[1][0] * x, [[2.0, [3.0]], 5.0], method="central")
    assert gradient == pytest.approx((15.0, 10.0, 6.0))


def test_inputs_keep_their_kind() -> None:
    def f(matrix: Any, pair: Any) -> Value:
        assert isinstance(pair, tuple)
        result: Value = (matrix @ matrix)[0, 0] * pair[0]
        return result

    gradient = numerical_gradient(f, [np.array([[2.0, 3.0], [4.0, 5.0]]), (1.0, 0.0)])
    assert gradient == pytest.approx((4.0, 4.0, 3.0, 0.0, 16.0, 0.0))


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (exp, 400.0, math.exp(400.0)),
        (lambda x: 1e200 * x * x, 1.0, 2e200),
        (lambda x: 1.7e308 * sin(x), 0.0, 1.7e308),
        (lambda x: 1e-300 * sin(x), 0.0, 1e-300),
    ],
)
def test_ridders_method_takes_large_and_small_values(f: Any, x: float, slope: float) -> None:
    gradient = numerical_gradient(f, [x])
    assert gradient[0] == pytest.approx(slope, rel=1e-9)
    assert 0.0 < gradient.errors[0] < 1e-6 * slope


def test_equal_values_do_not_make_the_error_zero() -> None:
    gradient = numerical_gradient(lambda x: 1e17 + x, [1.0])
    assert gradient[0] == 0.0
    assert gradient.errors[0] >= 1.0


def test_a_value_given_as_input_is_moved_and_put_back() -> None:
    x = Value(3.0)
    assert numerical_gradient(lambda _: x * x, [x])[0] == pytest.approx(6.0)
    assert x.data == 3.0


@pytest.mark.parametrize("slope", [2e-18, 6e-17, 1e-13])
def test_a_small_slope_beside_a_steep_cube_has_an_error_that_covers_it(slope: float) -> None:
    # The cube leaves nothing at 0 itself, but rounds what the function is around it.
    gradient = numerical_gradient(lambda x: x**3 * 1.25 + slope * exp(x), [0.0])
    assert abs(gradient[0] - slope) <= 10 * gradient.errors[0]


def test_an_unknown_method_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match="method must be one of 'forward', 'backward', 'central', 'ridders', not 'sideways'"
    ):
        numerical_gradient(exp, [1.0], method="sideways")  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [0.0, -1e-3, math.inf, math.nan])
def test_a_step_that_is_not_positive_is_an_error(step: float) -> None:
    with pytest.raises(ValueError, match="the step must be positive and finite"):
        numerical_gradient(exp, [1.0], step=step)


def test_a_function_that_returns_no_value_is_an_error() -> None:
    with pytest.raises(TypeError, match="must return a Value, not str"):
        numerical_gradient(lambda x: str(x.data), [1.0])  # type: ignore[arg-type, return-value]


def test_a_function_may_return_a_plain_number() -> None:
    assert numerical_gradient(lambda x: x.data**2, [1.0])[0] == pytest.approx(2.0)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))])
def test_a_copy_of_a_numerical_gradient_keeps_the_errors(copied: Callable[[Any], Any]) -> None:
    gradient = numerical_gradient(lambda x, y: exp(x) * y, [1.0, 2.0])
    again = copied(gradient)
    assert type(again) is type(gradient)
    assert (again, again.errors) == (gradient, gradient.errors)
