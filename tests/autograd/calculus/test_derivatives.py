"""Derivatives in numbers and pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, numerical_gradient
from autograd.calculus import difference_errors, directional_derivatives, plot_taylor, tangent_line


def parabola(x: Any) -> Any:
    return 0.01 * x**2 + 0.1 * x


def form(x: Any) -> Any:
    return x[0] ** 2 + x[0] * x[1] + x[1] ** 2


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


# ---------------------------------------------------------------- numerical shadows


# Saito, Deep Learning from Scratch, section 4.3.2: central differences with h = 1e-4, to the last digit.
@pytest.mark.parametrize(("x", "central", "exact"), [(5.0, 0.1999999999990898, 0.2), (10.0, 0.2999999999986347, 0.3)])
def test_central_differences_of_a_parabola_are_the_published_ones(x: float, central: float, exact: float) -> None:
    errors = difference_errors(parabola, x, steps=[1e-4])
    assert errors.rows[0].central == central
    assert errors.exact == pytest.approx(exact, rel=1e-15)


def test_the_quotients_are_those_of_the_numerical_gradient() -> None:
    row = difference_errors(autograd.sin, 1.0, steps=[1e-3]).rows[0]
    assert (row.forward,) == numerical_gradient(autograd.sin, [1.0], method="forward", step=1e-3)
    assert (row.central,) == numerical_gradient(autograd.sin, [1.0], method="central", step=1e-3)


def test_the_steps_go_from_a_tenth_to_1e_15() -> None:
    errors = difference_errors(autograd.sin, 1.0)
    assert [round(math.log10(row.step)) for row in errors.rows] == list(range(-1, -16, -1))


def test_the_forward_error_falls_with_the_step() -> None:
    coarse, fine = difference_errors(autograd.sin, 1.0, steps=[1e-2, 1e-3]).rows
    assert coarse.forward_error / fine.forward_error == pytest.approx(10.0, rel=0.01)


def test_the_central_error_falls_with_the_square_of_the_step() -> None:
    coarse, fine = difference_errors(autograd.sin, 1.0, steps=[1e-2, 1e-3]).rows
    assert coarse.central_error / fine.central_error == pytest.approx(100.0, rel=0.01)


def test_tiny_steps_are_worse_than_the_best() -> None:
    errors = difference_errors(autograd.sin, 1.0)
    assert errors.rows[-1].forward_error > 1e5 * errors.best_forward.forward_error
    assert errors.rows[-1].central_error > 1e5 * errors.best_central.central_error


def test_the_best_steps_are_near_the_roots_of_epsilon() -> None:
    # Press et al., Numerical Recipes, section 5.7: about epsilon^(1/2) for forward, epsilon^(1/3) for central.
    errors = difference_errors(autograd.exp, 0.0)
    assert [errors.best_forward.step, errors.best_central.step] == pytest.approx([1e-8, 1e-5])


def test_the_table_has_the_numbers_and_marks_the_best() -> None:
    lines = str(difference_errors(autograd.exp, 0.0)).splitlines()
    assert lines[0] == "the derivative at x = 0.0 is 1.0; * marks the best"
    assert len(lines) == 3 + 15
    assert [line.split()[0] for line in lines if "*" in line][1:] == ["1e-05", "1e-08"]


def test_a_step_outside_the_domain_is_not_the_best(pyplot: Any) -> None:
    errors = difference_errors(autograd.sqrt, 0.05, steps=[0.1, 0.01])
    assert math.isnan(errors.rows[0].central)
    assert errors.best_central.step == 0.01
    errors.plot()


def test_the_plot_is_logarithmic_and_marks_the_best_steps(pyplot: Any) -> None:
    ax = difference_errors(autograd.sin, 1.0).plot()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    texts = legend(ax)
    assert texts[3:] == ["forward, best at h = 1e-08", "central, best at h = 1e-05"]


@pytest.mark.parametrize(("index", "slope"), [(0, 1.0), (1, 2.0), (2, -1.0)])
def test_the_lines_of_theory_have_their_slopes(pyplot: Any, index: int, slope: float) -> None:
    line = difference_errors(autograd.sin, 1.0).plot().get_lines()[index]
    xs, ys = np.log(np.asarray(line.get_xdata(), float)), np.log(np.asarray(line.get_ydata(), float))
    assert np.diff(ys) / np.diff(xs) == pytest.approx(slope)


@pytest.mark.parametrize(("theory", "measured"), [("slope 1", "forward"), ("slope 2", "central")])
def test_the_errors_of_large_steps_lie_on_the_truncation_lines(pyplot: Any, theory: str, measured: str) -> None:
    lines = difference_errors(autograd.sin, 1.0, steps=[1e-2, 1e-3]).plot().get_lines()
    (expected,) = (line.get_ydata() for line in lines if str(line.get_label()).endswith(theory))
    (errors,) = (line.get_ydata() for line in lines if str(line.get_label()).startswith(measured))
    assert np.asarray(errors, float) == pytest.approx(np.asarray(expected, float), rel=1e-2)


def test_a_parabola_has_no_truncation_line_for_central_differences(pyplot: Any) -> None:
    labels = legend(difference_errors(parabola, 5.0).plot())
    assert not any("slope 2" in label for label in labels)


def test_a_function_without_second_derivative_is_plotted_without_its_line(pyplot: Any) -> None:
    labels = legend(difference_errors(lambda x: x**1.5, 0.0).plot())
    assert not any("truncation" in label for label in labels)


def test_no_steps_are_an_error() -> None:
    with pytest.raises(ValueError, match="steps is empty: give at least one step h"):
        difference_errors(autograd.sin, 1.0, steps=[])


def test_a_step_that_is_not_positive_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"the step must be positive and finite, not 0\.0"):
        difference_errors(autograd.sin, 1.0, steps=[0.0])


@pytest.mark.parametrize("describe", [difference_errors, tangent_line])
def test_a_function_that_returns_no_value_is_an_error(describe: Any) -> None:
    with pytest.raises(TypeError, match="must return a Value, not NoneType None; did it forget to return"):
        describe(lambda x: None, 1.0)


# ---------------------------------------------------------------- the tangent


def test_the_tangents_of_the_parabola() -> None:
    line = tangent_line(parabola, 5.0)
    assert [line.slope, line.intercept] == pytest.approx([0.2, -0.25])


@given(st.floats(-2.0, 2.0))
def test_a_tangent_touches_its_curve(x0: float) -> None:
    line = tangent_line(autograd.sin, x0)
    assert line(x0) == math.sin(x0)
    assert grad(line)(x0) == math.cos(x0)


@pytest.mark.parametrize(
    ("f", "x0", "text"),
    [
        (parabola, 5.0, "y = 0.2 x - 0.25"),
        (lambda x: x**2, 0.0, "y = 0"),
        (lambda x: x**2 + 3.0, 0.0, "y = 3"),
        (lambda x: x**2, 0.5, "y = x - 0.25"),
        (lambda x: x**2, -0.5, "y = -x - 0.25"),
        (lambda x: 2.0 * x, 7.0, "y = 2 x"),
        (lambda x: 2.0 * x + 1.0, 7.0, "y = 2 x + 1"),
    ],
)
def test_a_tangent_prints_as_an_equation(f: Any, x0: float, text: str) -> None:
    assert str(tangent_line(f, x0)) == text


def test_a_tangent_takes_an_array() -> None:
    np.testing.assert_array_equal(tangent_line(lambda x: x**2, 3.0)(np.array([3.0, 4.0])), [9.0, 15.0])


def test_a_tangent_is_drawn_on_its_curve(pyplot: Any) -> None:
    ax = tangent_line(lambda x: x**2, 3.0).plot(xlim=(2.0, 4.0))
    curve, line, point = (np.asarray(drawn.get_data()) for drawn in ax.get_lines())
    np.testing.assert_allclose(curve[1], curve[0] ** 2)
    np.testing.assert_allclose(line[1], 6.0 * line[0] - 9.0)
    assert point.tolist() == [[3.0], [9.0]]


def test_a_curve_has_a_gap_where_it_is_not_defined(pyplot: Any) -> None:
    curve = tangent_line(autograd.log, 1.0).plot(xlim=(-1.0, 3.0)).get_lines()[0]
    heights = np.asarray(curve.get_ydata(), float)
    assert np.isnan(heights[0])
    assert heights[-1] == math.log(3.0)


def test_swapped_limits_are_an_error(pyplot: Any) -> None:
    with pytest.raises(ValueError, match=r"the sides of xlim are swapped: write \(2, 4\)"):
        tangent_line(parabola, 3.0).plot(xlim=(4.0, 2.0))


@pytest.mark.parametrize(
    ("f", "x0", "sides"),
    [
        (abs, 0.0, "-1 on the left and 1 on the right"),
        (autograd.relu, 0.0, "0 on the left and 1 on the right"),
        (lambda x: autograd.maximum(x, 2 * x - 3), 3.0, "1 on the left and 2 on the right"),
    ],
)
@pytest.mark.parametrize("describe", [tangent_line, difference_errors, plot_taylor])
def test_at_a_kink_there_is_no_derivative_to_describe(
    describe: Any, f: Any, x0: float, sides: str, pyplot: Any
) -> None:
    with pytest.raises(FloatingPointError, match=f"f has a kink at x = {x0:g}: its slope is {sides}, and it has no"):
        describe(f, x0)


@pytest.mark.parametrize("axis", [0, 1])
def test_at_a_kink_along_an_axis_there_are_no_directions(axis: int) -> None:
    message = rf"a kink at \(0\.0, 0\.0\) along x\[{axis}\]: its slope is -1 on the left and 1 on the right"
    with pytest.raises(FloatingPointError, match=message):
        directional_derivatives(lambda x: abs(x[axis]) + x[1 - axis], [0.0, 0.0])


def test_a_curve_that_is_smooth_where_its_formula_has_a_kink_has_a_tangent() -> None:
    assert tangent_line(lambda x: abs(x) ** 3, 0.0).slope == 0.0


def test_a_tangent_where_there_is_none_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match="derivative of sqrt"):
        tangent_line(autograd.sqrt, 0.0)


# ---------------------------------------------------------------- Taylor


def test_taylor_polynomials_are_drawn_against_the_function(pyplot: Any) -> None:
    ax = plot_taylor(autograd.sin, 0.0, orders=(1, 3), xlim=(-3.0, 3.0))
    curve, first, third, _ = (np.asarray(drawn.get_data()) for drawn in ax.get_lines())
    np.testing.assert_allclose(curve[1], np.sin(curve[0]))
    np.testing.assert_allclose(first[1], first[0])
    np.testing.assert_allclose(third[1], third[0] - third[0] ** 3 / 6)


@pytest.mark.parametrize("orders", [(), (0, 1, 2, 3, 4, 5)])
def test_too_few_or_too_many_orders_in_a_picture_are_an_error(pyplot: Any, orders: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 5 orders, not {len(orders)}"):
        plot_taylor(autograd.sin, 0.0, orders)


def test_a_negative_order_in_a_picture_is_an_error(pyplot: Any) -> None:
    with pytest.raises(ValueError, match="0 or more, not -1"):
        plot_taylor(autograd.sin, 0.0, (2, -1))


# ---------------------------------------------------------------- the steepest way


@pytest.mark.slow
@given(st.floats(-3.0, 3.0), st.floats(0.5, 3.0))
def test_the_largest_slope_of_360_is_the_norm_of_the_gradient(x: float, y: float) -> None:
    around = directional_derivatives(lambda x: form(x) + autograd.sin(x[0]), [x, y])
    assert len(around.slopes) == 360
    assert around.steepest_slope == pytest.approx(around.norm, rel=1e-6)


@pytest.mark.slow
@given(st.floats(-3.0, 3.0), st.floats(0.5, 3.0))
def test_the_steepest_of_360_directions_is_that_of_the_gradient(x: float, y: float) -> None:
    around = directional_derivatives(form, [x, y])
    difference = (around.steepest_angle - around.gradient_angle + 180.0) % 360.0 - 180.0
    assert abs(difference) < 1e-3


def test_the_slope_along_the_axes_is_the_partial_derivative() -> None:
    around = directional_derivatives(form, [1.0, 2.0], count=4)
    assert around.slopes == pytest.approx((4.0, 5.0, -4.0, -5.0), rel=1e-14)


def test_where_all_is_level_all_slopes_are_0() -> None:
    around = directional_derivatives(form, [0.0, 0.0])
    assert (around.steepest_slope, around.norm) == (0.0, 0.0)


def test_the_slopes_are_drawn_over_the_directions(pyplot: Any) -> None:
    around = directional_derivatives(form, [1.0, 2.0])
    ax = around.plot()
    assert list(np.asarray(ax.get_lines()[1].get_ydata())) == list(around.slopes)
    assert repr(around) == (
        "Directions(steepest slope 6.40312 at 51.34 degrees; gradient of norm 6.40312 at 51.34 degrees)"
    )


def test_a_circle_around_a_point_of_three_variables_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"two coordinates, and \[1\.0, 2\.0, 3\.0\] has 3"):
        directional_derivatives(form, [1.0, 2.0, 3.0])


def test_too_few_directions_are_an_error() -> None:
    with pytest.raises(ValueError, match="count must be at least 4, not 3"):
        directional_derivatives(form, [1.0, 2.0], count=3)


# ---------------------------------------------------------------- what all pictures share


PICTURES: list[Any] = [
    lambda ax: difference_errors(parabola, 5.0).plot(ax=ax),
    lambda ax: tangent_line(parabola, 5.0).plot(ax=ax),
    lambda ax: plot_taylor(parabola, 5.0, (1,), ax=ax),
    lambda ax: directional_derivatives(form, [1.0, 2.0], count=8).plot(ax=ax),
]


@pytest.mark.parametrize("picture", PICTURES)
def test_a_picture_goes_on_the_given_axes_and_names_both(pyplot: Any, picture: Any) -> None:
    ax = pyplot.figure().add_subplot()
    assert picture(ax) is ax
    assert all((ax.get_title(), ax.get_xlabel(), ax.get_ylabel()))


def test_a_function_that_holds_values_of_its_own_can_be_examined() -> None:
    weight = Value(3.0)
    assert tangent_line(lambda x: weight * x**2, 1.0).slope == 6.0
    assert difference_errors(lambda x: weight * x**2, 1.0).exact == 6.0
    assert directional_derivatives(lambda x: weight * x[0], [1.0, 2.0], count=4).norm == 3.0


# ---------------------------------------------------------------- what is not finite


def ending(end: Any) -> Any:
    """x squared down to 0.5, and something else beyond."""
    return lambda x: x**2 if x.data > 0.5 else end(x)


def refuse(x: Value) -> Value:
    raise ValueError("beyond the border")


ENDS: list[Any] = [lambda x: x * math.nan, lambda x: Value(math.inf), lambda x: Value(-math.inf), refuse]


@pytest.mark.parametrize("end", ENDS)
def test_a_curve_has_a_gap_where_it_is_not_finite(end: Any, pyplot: Any) -> None:
    pictures_of: list[Any] = [tangent_line(ending(end), 1.0).plot(), plot_taylor(ending(end), 1.0, orders=(1, 2))]
    for ax in pictures_of:
        ax.figure.canvas.draw()
        xs, ys = ax.lines[0].get_data()
        assert [bool(x > 0.5) for x in xs] == [math.isfinite(y) for y in ys]


@pytest.mark.parametrize("end", ENDS)
def test_difference_quotients_over_a_border_are_drawn(end: Any, pyplot: Any) -> None:
    errors = difference_errors(ending(end), 0.55)
    assert "nan" in str(errors) or "inf" in str(errors)
    errors.plot().figure.canvas.draw()


def test_a_pole_does_not_squeeze_the_tangent(pyplot: Any) -> None:
    low, high = tangent_line(lambda x: 1.0 / (x * x), 1.0).plot().get_ylim()
    assert low <= 1.0 <= high < 1e4


def test_heights_at_the_end_of_the_floats_are_drawn(pyplot: Any) -> None:
    tangent_line(lambda x: 1e308 * x, 0.5).plot(xlim=(-1.5, 1.5)).figure.canvas.draw()


def around(f: Any, x: float) -> Any:
    return directional_derivatives(lambda point: f(point[0]) + point[1], [x, x])


@pytest.mark.parametrize("draw", [tangent_line, difference_errors, plot_taylor, around])
@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_at_a_point_that_is_not_finite_there_is_nothing_to_draw(draw: Any, number: float, pyplot: Any) -> None:
    with pytest.raises(FloatingPointError, match=r"nan|inf"):
        draw(lambda x: x * number, 1.0)


def test_a_function_that_holds_values_of_its_own_is_drawn(pyplot: Any) -> None:
    weight = Value(2.0)
    plot_taylor(lambda x: weight * autograd.sin(x), 1.0)
    difference_errors(lambda x: weight * autograd.sin(x), 1.0).plot()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: tangent_line(parabola, 1.0).plot(xlim=(1.0, math.inf)), "the sides of xlim must be finite"),
        (lambda: tangent_line(parabola, 1.0).plot(xlim=3), "xlim must be a pair of numbers"),  # type: ignore[arg-type]
        (lambda: plot_taylor(parabola, 1.0, orders=3), "orders must be a list of numbers, not 3"),  # type: ignore[arg-type]
        (lambda: difference_errors(parabola, 1.0, steps=0.1), "steps must be a list of numbers, not 0.1"),  # type: ignore[arg-type]
        (lambda: difference_errors(parabola, 1.0, steps=["a"]), "a step h must be a number, not 'a'"),  # type: ignore[list-item]
        (lambda: directional_derivatives(form, [1.0, 2.0], count=36.0), "count must be a whole number"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_the_wrong_kind_are_errors_that_help(draw: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        draw()
