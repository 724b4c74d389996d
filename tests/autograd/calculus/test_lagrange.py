"""Stationary points under constraints."""

from __future__ import annotations

import math
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd.calculus import lagrange, plot_lagrange


def bowl(x: list[Any]) -> Any:
    return autograd.sum(number**2 for number in x)


def line(x: list[Any]) -> Any:
    return x[0] + x[1] - 1


def circle(x: list[Any]) -> Any:
    return x[0] ** 2 + x[1] ** 2 - 1


# ---------------------------------------------------------------- golden points


@pytest.mark.parametrize("x0", [[3.0, 0.0], [0.0, 0.0], [-100, 7]])
def test_the_point_of_a_line_nearest_to_the_origin(x0: list[float]) -> None:
    # By hand: 2x + lambda = 0 and 2y + lambda = 0, so x = y = 1/2 and lambda = -1.
    solution = lagrange(bowl, [line], x0)
    assert solution.point == pytest.approx((0.5, 0.5))
    assert solution.multipliers == pytest.approx((-1.0,))
    assert solution.value == pytest.approx(0.5)
    assert solution.kind == "minimum"


@pytest.mark.parametrize(("x0", "sign", "kind"), [([1.0, 0.5], 1, "maximum"), ([-1.0, -0.5], -1, "minimum")])
def test_the_highest_and_lowest_point_of_a_tilted_circle(x0: list[float], sign: int, kind: str) -> None:
    # By hand: 1 + 2 lambda x = 0 = 1 + 2 lambda y on the circle, so x = y = +-1/sqrt(2) and lambda = -+1/sqrt(2).
    solution = lagrange(lambda x: x[0] + x[1], [circle], x0)
    assert solution.kind == kind
    assert solution.point == pytest.approx((sign / sqrt(2), sign / sqrt(2)))
    assert solution.multipliers == pytest.approx((-sign / sqrt(2),))
    assert solution.curvatures == pytest.approx((-sign * sqrt(2),))


def test_the_largest_box_of_given_surface_is_a_cube() -> None:
    solution = lagrange(
        lambda x: x[0] * x[1] * x[2], [lambda x: x[0] * x[1] + x[1] * x[2] + x[0] * x[2] - 6], [1.0, 2.0, 3.0]
    )
    assert solution.kind == "maximum"
    assert solution.point == pytest.approx((sqrt(2),) * 3)


def test_the_most_uncertain_distribution_is_the_even_one() -> None:
    def entropy(p: list[Any]) -> Any:
        return -autograd.sum(number * autograd.log(number) for number in p)

    solution = lagrange(entropy, [lambda p: autograd.sum(p) - 1], [0.1, 0.2, 0.3, 0.4])
    assert solution.kind == "maximum"
    assert solution.point == pytest.approx((0.25,) * 4)


def test_two_constraints() -> None:
    # The point of the line x + y + z = 1, x - y = 2 nearest to the origin, by hand: (4/3, -2/3, 1/3).
    solution = lagrange(bowl, [lambda x: x[0] + x[1] + x[2] - 1, lambda x: x[0] - x[1] - 2], [1.0, 2.0, 3.0])
    assert solution.kind == "minimum"
    assert solution.point == pytest.approx((4 / 3, -2 / 3, 1 / 3))
    assert solution.multipliers == pytest.approx((-2 / 3, -2.0))


def test_a_saddle_along_the_constraint() -> None:
    solution = lagrange(lambda x: x[0] ** 2 - x[1] ** 2 + x[2] ** 2, [lambda x: x[2] - 1], [1.0, 1.0, 1.0])
    assert solution.kind == "saddle"
    assert solution.curvatures == pytest.approx((-2.0, 2.0))


def test_a_function_that_is_constant_along_the_constraint_is_degenerate() -> None:
    assert lagrange(bowl, [circle], [1.0, 0.5]).kind == "degenerate"


def test_an_inflection_along_the_constraint_is_degenerate() -> None:
    assert lagrange(lambda x: x[0] ** 3, [lambda x: x[1]], [1.0, 3.0]).kind == "degenerate"


def test_constraints_that_leave_one_point() -> None:
    solution = lagrange(bowl, [line, lambda x: x[0] - x[1]], [3.0, 0.0])
    assert (solution.kind, solution.curvatures) == ("isolated", ())
    assert solution.point == pytest.approx((0.5, 0.5))


def test_a_start_where_the_gradient_of_the_constraint_is_zero() -> None:
    solution = lagrange(lambda x: x[0] + x[1], [circle], [0.0, 0.0])
    assert abs(solution.value) == pytest.approx(sqrt(2))


# ---------------------------------------------------------------- what holds at every solution


small = st.floats(-2, 2)


@settings(max_examples=30)
@given(st.lists(small, min_size=6, max_size=6), st.lists(small, min_size=6, max_size=6))
def test_the_bordered_hessian_has_the_signs_of_the_curvatures(form: list[float], rows: list[float]) -> None:
    """Beside one positive and one negative eigenvalue for each constraint (Haynsworth 1968)."""
    (a, b, c, d, e, g), first, second = form, rows[:3], rows[3:]
    if np.linalg.svd(np.array([first, second]), compute_uv=False).min() < 0.1:
        return

    def f(x: list[Any]) -> Any:
        squares = a * x[0] ** 2 + b * x[1] ** 2 + c * x[2] ** 2
        return squares + d * x[0] * x[1] + e * x[1] * x[2] + g * x[0] * x[2] + x[0]

    constraints = [lambda x: autograd.dot(first, x) - 1, lambda x: autograd.dot(second, x) + 1]
    direction = np.cross(first, second) / np.linalg.norm(np.cross(first, second))
    hessian = np.array([[2 * a, d, g], [d, 2 * b, e], [g, e, 2 * c]])
    if abs(direction @ hessian @ direction) < 1e-2:
        return
    solution = lagrange(f, constraints, [0.0, 0.0, 0.0])
    assert solution.curvatures == pytest.approx((direction @ hessian @ direction,))
    bordered = np.linalg.eigvalsh(np.array(solution.bordered_hessian))
    assert (bordered > 0).sum() == (3 if solution.kind == "minimum" else 2)
    assert (bordered < 0).sum() == (2 if solution.kind == "minimum" else 3)


def test_the_multiplier_is_how_fast_the_value_falls_when_the_constraint_is_moved() -> None:
    def value(c: float) -> float:
        return lagrange(lambda x: x[0] ** 2 + 3 * x[1] ** 2, [lambda x: x[0] * x[1] - 1 - c], [1.0, 1.0]).value

    solution = lagrange(lambda x: x[0] ** 2 + 3 * x[1] ** 2, [lambda x: x[0] * x[1] - 1], [1.0, 1.0])
    assert (value(1e-4) - value(-1e-4)) / 2e-4 == pytest.approx(-solution.multipliers[0], rel=1e-6)


@pytest.mark.parametrize(
    ("solution", "words"),
    [
        (lambda: lagrange(bowl, [line], [3, 0]), "constrained minimum at (0.5, 0.5): value 0.5, multiplier -1"),
        (lambda: lagrange(bowl, [circle], [1, 0]), "degenerate stationary point at (1, 0): value 1, multiplier -1"),
        (
            lambda: lagrange(bowl, [line, lambda x: x[0] - x[1]], [3, 0]),
            "isolated point at (0.5, 0.5): value 0.5, multipliers -1, 0",
        ),
    ],
)
def test_a_solution_reads_as_a_sentence(solution: Any, words: str) -> None:
    assert str(solution()) == words


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ([line, lambda x: x[0] + x[1] - 2], r"inconsistent: no point near \(1, 3\) satisfies them all.*\(0.5, -0.5\)"),
        ([lambda x: x[0] ** 2 + x[1] ** 2 + 1], r"inconsistent: no point near \(1, 3\) satisfies it"),
        ([lambda x: 0 * x[0] + 1], "inconsistent"),
        ([line, lambda x: 2 * x[0] + 2 * x[1] - 2], r"dependent: at \(0.5, 0.5\).*Leave out the one"),
        ([lambda x: line(x) ** 2], r"the gradient of constraint 0 is zero at .*, so it has no multiplier"),
        ([line, line, line], "3 constraints on 2 variables: with more constraints than variables"),
        ([], "there are no constraints: critical_points finds"),
    ],
)
def test_constraints_that_cannot_be_used_are_refused(constraints: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lagrange(bowl, constraints, [1.0, 3.0])


def test_without_convergence_the_error_has_the_last_point() -> None:
    with pytest.raises(RuntimeError, match=r"did not converge from \(1, 3\): its last point is \(1, 0\), where f is 1"):
        lagrange(lambda x: x[0], [lambda x: x[1]], [1.0, 3.0])


@pytest.mark.parametrize(
    ("f", "constraints", "x0", "error", "message"),
    [
        (bowl, line, [1, 2], TypeError, r"constraints must be a list of functions, even of a single one: \[g\]"),
        (bowl, [line], 3.0, TypeError, "x0 must be a list of numbers"),
        (bowl, [line], [1, float("nan")], ValueError, "the start must be finite"),
        (bowl, [lambda x: x[2]], [1, 2], TypeError, "constraint 0 was given a list of 2 variables and asked for more"),
        (bowl, [lambda x: 1.0], [1, 2], TypeError, "constraint 0 must return a Value, not a float"),
        (lambda x: 1.0, [line], [1, 2], TypeError, "f must return a Value, not a float"),
        (lambda x: autograd.log(x[0]), [line], [-1, 2], ValueError, "is not defined at x = -1.0"),
    ],
)
def test_what_cannot_be_solved_is_refused(
    f: Any, constraints: Any, x0: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lagrange(f, constraints, x0)


def test_a_constraint_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(FloatingPointError, match=r"^at \(1, 2\) constraint 0 is not finite: the value is nan$"):
        lagrange(bowl, [lambda x: autograd.Value(float("nan"), requires_grad=False)], [1.0, 2.0])


@pytest.mark.parametrize(
    ("f", "flaw"),
    [
        (lambda x: x[0] + x[1] * math.nan, "the value is nan, from x \\* y = nan at x = 2.0, y = nan"),
        (lambda x: x[0] + 1.0 / (x[1] * math.inf), r"the derivative with respect to x\[1\] is nan"),
    ],
)
def test_what_is_not_finite_at_the_start_is_named(f: Any, flaw: str) -> None:
    with pytest.raises(FloatingPointError, match=rf"^at \(1, 2\) f is not finite: {flaw}$"):
        lagrange(f, [lambda x: x[0] + x[1] - 1], [1.0, 2.0])


def test_a_step_to_where_a_constraint_is_not_finite_is_not_taken() -> None:
    def line(x: list[Any]) -> Any:
        return x[0] + x[1] - 1 if x[0].data < 0.9 else x[0] * math.nan

    assert lagrange(bowl, [line], [0.5, 2.0]).point == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("steepness", [1e12, 1e200])
def test_a_constrained_minimum_may_be_very_much_steeper_along_one_variable(steepness: float) -> None:
    solution = lagrange(lambda x: steepness * x[0] ** 2 + x[1] ** 2 + x[2] ** 2, [lambda x: x[2] - 1], [1.0, 2.0, 3.0])
    assert solution.kind == "minimum"
    assert solution.curvatures == pytest.approx((2.0, 2.0 * steepness))


def test_a_flat_constrained_minimum_is_degenerate() -> None:
    solution = lagrange(lambda x: x[0] ** 4 + x[1] ** 2 + x[2] ** 2, [lambda x: x[2] - 1], [1.0, 2.0, 3.0])
    assert solution.kind == "degenerate"


# ---------------------------------------------------------------- the picture


def arrows(ax: Any) -> list[Any]:
    return [artist for artist in ax.collections if type(artist).__name__ == "Quiver"]


def test_at_the_solution_the_gradients_are_parallel(pyplot: Any) -> None:
    def tilted(x: list[Any]) -> Any:
        return x[0] + 2 * x[1]

    ax = plot_lagrange(tilted, [circle], lagrange(tilted, [circle], [-1.0, -0.5]), (-2, 2), (-2, 2))
    first, second = (np.ravel([arrow.U, arrow.V]) for arrow in arrows(ax))
    assert first[0] * second[1] == pytest.approx(first[1] * second[0])


def test_no_arrow_leaves_the_picture(pyplot: Any) -> None:
    def tilted(x: list[Any]) -> Any:
        return x[0] + 2 * x[1]

    top = lagrange(tilted, [circle], [1.0, 0.5])
    ax = plot_lagrange(tilted, [circle], top, (-2, 1.25), (-2, 1.25))
    tips = [np.add(arrow.XY, np.transpose([arrow.U, arrow.V])) for arrow in arrows(ax)]
    assert top.point[1] > 0.5
    assert len(tips) == 2
    assert np.max(tips) <= 1.25


def test_the_legend_names_the_constraints_and_their_multipliers(pyplot: Any) -> None:
    constraints = [line, lambda x: x[0] - x[1]]
    ax = plot_lagrange(bowl, constraints, lagrange(bowl, constraints, [3.0, 0.0]), (-1, 2), (-1, 2))
    legend = ax.get_legend()
    assert legend is not None
    texts = [text.get_text() for text in legend.get_texts()]
    assert {"$g_1 = 0$", "$g_2 = 0$", r"$\nabla g_1$, $\lambda_1 = -1$", r"$\nabla g_2$, $\lambda_2 = 0$"} < set(texts)


def test_a_solution_of_three_variables_is_not_drawn(pyplot: Any) -> None:
    solution = lagrange(bowl, [lambda x: x[0] + x[1] + x[2] - 1], [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="functions of two variables, and the solution has 3"):
        plot_lagrange(bowl, [line], solution, (-1, 2), (-1, 2))


@pytest.mark.parametrize("constant", [math.nan, math.inf])
def test_a_value_that_is_not_finite_is_no_extremum_though_its_derivatives_are(constant: float) -> None:
    with pytest.raises(FloatingPointError, match=f"f is not finite: the value is {constant}"):
        lagrange(lambda x: x[0] * x[1] + constant, [line], [3.0, 1.0])
