"""Pictures of functions of two variables."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd.calculus import plot_contours, plot_gradient_field, plot_surface
from autograd.calculus.landscapes import compressed, on_grid, spaced

Function = Callable[[list[Any]], Any]
SQUARE = ((-2.0, 2.0), (-2.0, 2.0))
PLOTS: list[Callable[..., Any]] = [plot_surface, plot_contours, plot_gradient_field]


def bowl(x: list[Any]) -> Any:
    return x[0] ** 2 + x[1] ** 2


pytestmark = pytest.mark.usefixtures("pyplot")


def drawn_as(kind: str, ax: Any) -> list[Any]:
    """What matplotlib drew of one of its kinds, such as a Quiver, on some axes."""
    return [artist for artist in ax.collections if kind in (parent.__name__ for parent in type(artist).__mro__)]


def arrows(ax: Any) -> Any:
    (found,) = drawn_as("Quiver", ax)
    return found


# ---------------------------------------------------------------- the grid


def test_the_first_variable_goes_to_the_right_and_the_second_up() -> None:
    grid = on_grid(lambda x: x[0] + 10 * x[1], (0, 1), (0, 2), 3)
    assert grid.values.tolist() == [[0.0, 0.5, 1.0], [10.0, 10.5, 11.0], [20.0, 20.5, 21.0]]


def test_slopes_are_the_gradient_at_every_point() -> None:
    grid = on_grid(bowl, (0, 1), (0, 2), 3)
    assert grid.gradient[2, 1].tolist() == [1.0, 4.0]


def branching(x: list[Any]) -> Any:
    return x[0] ** 2 * x[1] if x[0] > 0.1 else x[0] * x[1]


def test_a_function_that_branches_is_computed_point_by_point() -> None:
    grid = on_grid(branching, (-1, 1), (0, 1), 5)
    branch_free = on_grid(lambda x: autograd.where(x[0] > 0.1, x[0] ** 2 * x[1], x[0] * x[1]), (-1, 1), (0, 1), 5)
    assert np.array_equal(grid.values, branch_free.values)
    assert np.array_equal(grid.gradient, branch_free.gradient)


def test_a_function_that_differentiates_is_computed_point_by_point() -> None:
    def slope(x: list[Any]) -> Any:
        return autograd.gradients(x[0] ** 3 * x[1], [x[0]], create_graph=True)[0]

    assert on_grid(slope, (1, 2), (1, 2), 2).values.tolist() == [[3.0, 12.0], [6.0, 24.0]]


def one_sided(x: list[Any]) -> Any:
    return autograd.log(x[0]) + max(x[1], 0.5)


@pytest.mark.parametrize("f", [lambda x: autograd.log(x[0]) + x[1], one_sided])
def test_where_a_function_is_not_defined_the_grid_has_gaps(f: Function) -> None:
    assert np.isnan(on_grid(f, (-1, 1), (0, 1), 3).values).tolist() == [[True, True, False]] * 3


def test_where_only_the_gradient_is_not_defined_the_value_stays() -> None:
    grid = on_grid(lambda x: autograd.sqrt(x[0]) + max(x[1], -1.0), (0, 1), (0, 1), 2)
    assert grid.values[0].tolist() == [0.0, 1.0]
    assert np.isnan(grid.gradient[0]).tolist() == [[True, True], [False, False]]


def test_a_constant_value_has_gradient_zero() -> None:
    assert not on_grid(lambda x: autograd.Value(2.0), (0, 1), (0, 1), 2).gradient.any()


# ---------------------------------------------------------------- pictures


def test_a_surface_has_the_heights_of_the_function() -> None:
    ax: Any = plot_surface(bowl, *SQUARE)
    assert ax.get_zlim()[0] <= 0.0
    assert ax.get_zlim()[1] >= 8.0
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel()) == ("$x_0$", "$x_1$", "$f(x)$")


def test_contours_run_where_the_function_has_their_height() -> None:
    ax = plot_contours(bowl, *SQUARE, levels=[1.0, 2.0])
    (contours,) = drawn_as("ContourSet", ax)
    for height, path in zip([1.0, 2.0], contours.get_paths(), strict=True):
        assert np.hypot(*np.asarray(path.vertices).T) == pytest.approx(math.sqrt(height), abs=1e-3)


def test_half_of_the_picture_lies_below_the_middle_contour() -> None:
    values = np.arange(101.0) ** 4
    assert spaced(values, 3)[1] == pytest.approx(50.0**4)


def test_contours_of_a_symmetric_saddle_are_spaced_evenly() -> None:
    assert np.diff(spaced(np.linspace(-1, 1, 101), 5)) == pytest.approx(1 / 3)


def test_a_flat_function_is_drawn_without_a_warning() -> None:
    plot_contours(lambda x: 0 * x[0] + 1.0, *SQUARE)


def test_gradients_point_away_from_the_minimum() -> None:
    # d(x0^2 + x1^2) = (2 x0, 2 x1): along the radius, outwards.
    drawn = arrows(plot_gradient_field(bowl, *SQUARE))
    assert (np.asarray(drawn.U) * drawn.X + np.asarray(drawn.V) * drawn.Y > 0).all()


def test_negative_gradients_point_to_the_minimum() -> None:
    drawn = arrows(plot_gradient_field(bowl, *SQUARE, negative=True))
    assert (np.asarray(drawn.U) * drawn.X + np.asarray(drawn.V) * drawn.Y < 0).all()


def test_arrows_keep_the_direction_of_the_gradient_when_their_lengths_are_compressed() -> None:
    drawn = arrows(plot_gradient_field(lambda x: autograd.exp(5 * x[0]) + x[1], *SQUARE))
    slopes = np.asarray(drawn.U) / np.asarray(drawn.V)
    assert slopes == pytest.approx(5 * np.exp(5 * np.asarray(drawn.X)))


def test_compressed_lengths_keep_their_order_and_show_the_median_one() -> None:
    lengths = compressed(np.array([1e-6, 1e-3, 1.0]))
    assert (np.diff(lengths) > 0).all()
    assert np.median(lengths) == pytest.approx(0.4)


def test_a_flat_function_has_a_field_without_arrows() -> None:
    assert drawn_as("Quiver", plot_gradient_field(lambda x: 0 * x[0], *SQUARE)) == []


@pytest.mark.parametrize("plot", PLOTS)
def test_plots_draw_on_the_axes_they_are_given(plot: Callable[..., Any], pyplot: Any) -> None:
    ax = pyplot.figure().add_subplot(projection="3d" if plot is plot_surface else None)
    assert plot(bowl, *SQUARE, ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize("plot", PLOTS)
def test_plots_show_functions_with_gaps(plot: Callable[..., Any]) -> None:
    ax = plot(lambda x: autograd.sqrt(1 - x[0] ** 2 - x[1] ** 2), *SQUARE)
    ax.figure.canvas.draw()


def refuse(x: list[Any]) -> Any:
    raise ValueError("beyond the border")


@pytest.mark.slow
@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize(
    "end", [lambda x: x[0] * math.nan, lambda x: autograd.Value(math.inf), lambda x: autograd.Value(-math.inf), refuse]
)
def test_plots_have_a_gap_where_a_function_is_not_finite(plot: Callable[..., Any], end: Function) -> None:
    for f in (
        lambda x: bowl(x) if x[0] > 0.5 else end(x),
        lambda x: autograd.where(x[0] > 0.5, bowl(x), x[0] * math.nan),
    ):
        plot(f, *SQUARE).figure.canvas.draw()


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1.0 / (x[0] * x[0] + x[1] * x[1]),
        lambda x: 1e308 * x[0] * x[1],
        lambda x: 1.7e308 * autograd.tanh(50 * x[0]) + x[1],
        lambda x: autograd.exp(autograd.exp(autograd.exp(x[0]))) + x[1],
        lambda x: 1e-310 * x[0] * x[1],
    ],
)
def test_plots_show_functions_that_reach_the_ends_of_the_floats(plot: Callable[..., Any], f: Function) -> None:
    plot(f, *SQUARE).figure.canvas.draw()


def test_a_pole_does_not_use_up_the_contours() -> None:
    heights = spaced(on_grid(lambda x: 1.0 / (x[0] * x[0] + x[1] * x[1] + 1e-18), *SQUARE, 121).values, 14)
    assert heights[-1] < 1e3


def test_a_pole_does_not_squeeze_the_surface() -> None:
    ax: Any = plot_surface(lambda x: 1.0 / (x[0] * x[0] + x[1] * x[1] + 1e-18), *SQUARE)
    assert ax.get_zlim()[1] < 1e3


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x[0] + x[1] + x[2], "two variables.*list of 2 variables and asked for more"),
        (lambda x: (lambda a, b, c: a)(*x), "missing 1 required"),
        (lambda x, y, z: x, r"two variables.*must take one list that holds all variables"),
        (lambda x: x[0].data, r"must return a Value, not a float"),
        (lambda x: None, r"must return a Value, not a NoneType"),
    ],
)
def test_a_function_that_is_not_of_two_variables_is_refused(
    plot: Callable[..., Any], f: Function, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        plot(f, *SQUARE)


def test_a_function_that_unpacks_three_variables_is_refused() -> None:
    def f(x: list[Any]) -> Any:
        a, b, c = x
        return a + b + c

    with pytest.raises(TypeError, match="list of 2 variables and unpacks another number"):
        plot_contours(f, *SQUARE)


@pytest.mark.parametrize("plot", PLOTS)
def test_swapped_limits_are_refused(plot: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"the sides of ylim are swapped: write \(-1, 3\) instead of \(3, -1\)"):
        plot(bowl, (-2, 2), (3, -1))


@pytest.mark.parametrize(
    ("limits", "error", "message"),
    [
        ((1, 1), ValueError, "xlim has no width: both its sides are 1"),
        ((0, math.inf), ValueError, "must be finite"),
        (3, TypeError, r"xlim must be a pair of numbers, \(low, high\), not 3"),
        ((1, 2, 3), TypeError, "xlim must be a pair of numbers"),
    ],
)
def test_limits_that_are_no_interval_are_refused(limits: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plot_contours(bowl, limits, (0, 1))


def test_a_function_that_is_defined_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="not defined at any point of the grid"):
        plot_contours(lambda x: autograd.log(-1 - x[0] ** 2), *SQUARE)


def test_a_surface_on_flat_axes_is_refused(pyplot: Any) -> None:
    with pytest.raises(ValueError, match='projection="3d"'):
        plot_surface(bowl, *SQUARE, ax=pyplot.figure().add_subplot())


@pytest.mark.parametrize("levels", [0, []])
def test_no_levels_are_refused(levels: Any) -> None:
    with pytest.raises(ValueError, match=r"(one or more finite heights|at least 1), not"):
        plot_contours(bowl, *SQUARE, levels=levels)


@pytest.mark.parametrize(
    ("levels", "error", "message"),
    [
        (2.5, TypeError, "levels must be a whole number, not 2.5"),
        ([1.0, math.nan], ValueError, "one or more finite heights, not "),
    ],
)
def test_levels_that_are_none_are_refused(levels: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        plot_contours(bowl, *SQUARE, levels=levels)


def test_levels_may_come_twice_and_from_numpy() -> None:
    levels: Any = np.array([2.0, 1.0, 1.0])
    plot_contours(bowl, *SQUARE, levels=levels)
    plot_contours(bowl, *SQUARE, levels=np.int64(3))  # type: ignore[arg-type]


def test_without_numpy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"plots need matplotlib and NumPy: pip install \"scalar-autograd\[plot\]\""):
        plot_contours(bowl, *SQUARE)
