"""Critical points and their kinds."""

from __future__ import annotations

import builtins
import copy
import math
import pickle
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.calculus import critical_points, plot_critical_points

BOX = [(-5.0, 5.0), (-5.0, 5.0)]


def himmelblau(x: list[Any]) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def camel(x: list[Any]) -> Any:
    return (4 - 2.1 * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2 + x[0] * x[1] + (-4 + 4 * x[1] ** 2) * x[1] ** 2


def saddle(x: list[Any]) -> Any:
    return x[0] ** 2 - x[1] ** 2


def kinds(f: Any, box: Any = BOX, **keywords: Any) -> Counter[str]:
    return Counter(point.kind for point in critical_points(f, box, **keywords))


# ---------------------------------------------------------------- golden points


def test_a_saddle() -> None:
    (point,) = critical_points(saddle, BOX)
    assert point.kind == "saddle"
    assert point.point == pytest.approx((0.0, 0.0), abs=1e-9)
    assert point.eigenvalues == pytest.approx((-2.0, 2.0))


@pytest.mark.parametrize(("sign", "kind"), [(1, "minimum"), (-1, "maximum")])
def test_a_bowl_and_a_dome(sign: int, kind: str) -> None:
    (point,) = critical_points(lambda x: sign * (x[0] ** 2 + x[1] ** 2), BOX)
    assert point.kind == kind
    assert point.eigenvalues == pytest.approx((2.0 * sign, 2.0 * sign))


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_monkey_saddle_is_degenerate(shift: float) -> None:
    (point,) = critical_points(lambda x: (x[0] - shift) ** 3 - 3 * (x[0] - shift) * x[1] ** 2, BOX, starts=40)
    assert point.kind == "degenerate"
    assert point.point == pytest.approx((shift, 0.0), abs=1e-6)


def test_himmelblau_has_four_minima_four_saddles_and_one_maximum() -> None:
    # Himmelblau 1972, "Applied Nonlinear Programming": minima of value 0 at (3, 2) and three places near those below.
    points = critical_points(himmelblau, BOX)
    assert Counter(point.kind for point in points) == {"minimum": 4, "saddle": 4, "maximum": 1}
    minima = sorted(point.point for point in points if point.kind == "minimum")
    expected = [(-3.779310, -3.283186), (-2.805118, 3.131312), (3.0, 2.0), (3.584428, -1.848127)]
    assert [pytest.approx(point, abs=1e-6) for point in expected] == minima
    (maximum,) = (point for point in points if point.kind == "maximum")
    assert maximum.point == pytest.approx((-0.270845, -0.923039), abs=1e-6)
    assert maximum.value == pytest.approx(181.617, abs=1e-3)


@pytest.mark.slow
def test_the_six_hump_camel_has_six_minima_of_which_two_are_lowest() -> None:
    # Dixon and Szego 1978, "Towards Global Optimisation 2": minima of -1.0316 at (0.0898, -0.7126) and its mirror.
    points = critical_points(camel, [(-3, 3), (-2, 2)])
    minima = [point for point in points if point.kind == "minimum"]
    assert len(minima) == 6
    assert [point.value for point in minima[:2]] == pytest.approx([-1.031628, -1.031628], abs=1e-6)
    assert minima[2].value > -0.3
    assert minima[1].point == pytest.approx((0.089842, -0.712656), abs=1e-6)


@pytest.mark.parametrize("f", [himmelblau, camel])
def test_hills_and_hollows_outnumber_passes_by_one(f: Any) -> None:
    """Where a function rises on all sides: minima - saddles + maxima = 1 (Poincare and Hopf)."""
    counted = kinds(f)
    assert counted["minimum"] - counted["saddle"] + counted["maximum"] == 1


# ---------------------------------------------------------------- more of them


def test_one_variable() -> None:
    points = critical_points(lambda x: autograd.sin(x[0]), [(-10, 10)])
    assert sorted(point.point[0] for point in points) == pytest.approx([(n + 0.5) * math.pi for n in range(-3, 3)])


@pytest.mark.slow
def test_three_variables() -> None:
    points = critical_points(lambda x: autograd.sum((number**2 - 1) ** 2 for number in x), [(-2, 2)] * 3, starts=300)
    # In each variable a minimum at -1 and 1 and a maximum at 0.
    assert Counter(point.kind for point in points) == {"minimum": 8, "maximum": 1, "saddle": 3**3 - 9}


def test_a_pair_is_the_box_of_a_function_of_one_number() -> None:
    minimum, maximum = critical_points(lambda x: x**3 - 3 * x, (-3, 3))
    assert (minimum.kind, maximum.kind) == ("minimum", "maximum")
    assert (*minimum.point, *maximum.point) == pytest.approx((1.0, -1.0))


def test_points_outside_the_box_are_left_out() -> None:
    assert [point.point for point in critical_points(lambda x: x[0] ** 3 - 3 * x[0], [(0, 5)])] == [
        pytest.approx((1.0,))
    ]


def test_a_slope_has_none_however_flat_it_is_beside_the_walls() -> None:
    assert len(critical_points(lambda x: x[0] + 1e6 * x[1] ** 2, BOX)) == 0


def test_sides_of_very_different_length() -> None:
    (point,) = critical_points(lambda x: x[0] ** 2 + 1e-12 * (x[1] - 3e5) ** 2, [(-1, 1), (-1e6, 1e6)])
    assert point.kind == "minimum"
    assert point.point == pytest.approx((0.0, 3e5), abs=1e-3)


def test_the_valley_of_rosenbrock_has_one_minimum() -> None:
    (point,) = critical_points(lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, BOX)
    assert point.kind == "minimum"
    assert point.point == pytest.approx((1.0, 1.0))


def test_whole_steps_cross_a_bent_valley_that_careful_ones_crawl_along() -> None:
    points = critical_points(lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, [(-100, 100)] * 2, starts=50)
    assert [point.kind for point in points] == ["minimum"]
    assert points.lost < 49


def test_careful_steps_arrive_where_whole_ones_overshoot_for_ever() -> None:
    # The slope is atan(x); from beyond 1.39 each whole Newton step leads farther away.
    points = critical_points(
        lambda x: x[0] * autograd.atan(x[0]) - autograd.log1p(x[0] ** 2) / 2, [(-20, 20)], starts=20
    )
    assert [point.kind for point in points] == ["minimum"]
    assert points.lost == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[0] ** 4 + x[1] ** 2,
        lambda x: x[0] ** 6 + x[1] ** 2,
        lambda x: x[0] ** 4 - 4 * x[0] ** 3 + 6 * x[0] ** 2 - 4 * x[0] + x[1] ** 2,  # (x - 1)^4, by rounding less flat
    ],
)
def test_a_flat_minimum_is_one_degenerate_point(f: Any) -> None:
    assert kinds(f, starts=30) == {"degenerate": 1}


@pytest.mark.parametrize("power", [3, 4, 6])
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_a_point_that_rises_and_falls_is_a_saddle_whatever_a_third_direction_does(power: int, shift: float) -> None:
    (point,) = critical_points(
        lambda x: x[0] ** 2 - 2 * x[1] ** 2 + (x[2] - shift) ** power, [(-1, 1.1)] * 3, starts=20
    )
    assert point.kind == "saddle"
    assert point.point == pytest.approx((0.0, 0.0, shift), abs=1e-4)


def test_the_points_of_a_level_line_through_a_saddle_are_saddles() -> None:
    points = critical_points(lambda x: x[0] ** 2 - x[1] ** 2 + 0 * x[2], [(-1, 1)] * 3, starts=20)
    assert {point.kind for point in points} == {"saddle"}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_flat_direction_leaves_open_what_all_others_agree_on(sign: int) -> None:
    assert set(kinds(lambda x: sign * (x[0] ** 2 + x[1] ** 2) + x[2] ** 4, [(-1, 1)] * 3, starts=20)) == {"degenerate"}


@pytest.mark.slow
def test_a_ring_of_critical_points_is_degenerate_but_for_its_centre() -> None:
    points = critical_points(lambda x: (x[0] ** 2 + x[1] ** 2 - 1) ** 2, [(-2, 2), (-2, 2)])
    on_the_ring = [point for point in points if point.kind == "degenerate"]
    assert on_the_ring
    assert [math.hypot(*point.point) for point in on_the_ring] == pytest.approx([1.0] * len(on_the_ring), abs=1e-6)


def test_starts_where_the_function_is_not_defined_are_counted_as_lost() -> None:
    points = critical_points(lambda x: x[0] * autograd.log(x[0]), [(-1, 1)])
    assert [point.point[0] for point in points] == [pytest.approx(1 / math.e)]
    assert points.lost > 50


@settings(max_examples=20)
@given(st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.tuples(st.floats(-1, 1), st.floats(-1, 1)))
def test_a_quadratic_has_the_kind_that_its_determinant_and_trace_say(
    form: list[float], centre: tuple[float, float]
) -> None:
    a, b, c = form
    determinant = 4 * a * c - b * b
    if abs(determinant) < 1e-3:
        return

    def f(x: list[Any]) -> Any:
        u, v = x[0] - centre[0], x[1] - centre[1]
        return a * u * u + b * u * v + c * v * v

    (point,) = critical_points(f, [(-2, 2), (-2, 2)], starts=10)
    assert point.kind == ("saddle" if determinant < 0 else "minimum" if a > 0 else "maximum")
    assert point.point == pytest.approx(centre, abs=1e-6)


UNEVEN = [(-4.3, 5.1), (-3.7, 6.9)]  # the middle of it is nowhere near 0


@pytest.mark.parametrize("steepness", [1e300, 1e150, 1e16, 1e12, 1e6, 1e-12, 1e-300])
@pytest.mark.parametrize(
    ("f", "kind", "signs"),
    [
        (lambda s, x: s * x[0] ** 2 + x[1] ** 2, "minimum", (1, 1)),
        (lambda s, x: s * x[0] ** 2 - x[1] ** 2, "saddle", (1, -1)),
        (lambda s, x: -s * x[0] ** 2 - x[1] ** 2, "maximum", (-1, -1)),
    ],
)
def test_curvatures_may_be_any_number_of_powers_of_ten_apart(
    f: Any, kind: str, signs: tuple[int, int], steepness: float
) -> None:
    (point,) = critical_points(lambda x: f(steepness, x), UNEVEN, starts=50)
    assert point.kind == kind
    assert point.point == pytest.approx((0.0, 0.0), abs=1e-12)
    assert point.eigenvalues == pytest.approx(sorted((2 * signs[0] * steepness, 2.0 * signs[1])), rel=1e-9, abs=0.0)


@pytest.mark.parametrize("steepness", [1e12, 1e9, 1e3])
def test_a_narrow_valley_may_run_across_the_variables(steepness: float) -> None:
    (point,) = critical_points(
        lambda x: steepness * (x[0] + 0.3 * x[1] - 0.1) ** 2 + (x[0] - x[1]) ** 2, UNEVEN, starts=50
    )
    assert point.kind == "minimum"
    assert point.point == pytest.approx((1 / 13, 1 / 13), abs=1e-9)


@pytest.mark.slow
def test_a_value_beyond_all_digits_is_degenerate() -> None:
    # 1e17 + 1 is 1e17: the floats do not know whether the valley has a slope.
    assert set(kinds(lambda x: 1e17 * (x[0] + x[1]) ** 2 + (x[0] - x[1]) ** 2, starts=20)) == {"degenerate"}


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e280, 1e-280])
def test_the_scale_of_the_function_changes_nothing(scale: float) -> None:
    assert kinds(lambda x: scale * himmelblau(x)) == {"minimum": 4, "saddle": 4, "maximum": 1}


@pytest.mark.slow
def test_the_scale_of_a_variable_changes_nothing() -> None:
    points = critical_points(lambda x: himmelblau([1e20 * x[0], x[1]]), [(-5e-20, 5e-20), (-5, 5)])
    assert Counter(point.kind for point in points) == {"minimum": 4, "saddle": 4, "maximum": 1}


@pytest.mark.slow
def test_a_box_may_be_much_wider_than_what_lies_in_it() -> None:
    points = critical_points(lambda x: (x[0] ** 2 - 0.25) ** 2, [(-1e6, 1.1e6)])
    assert sorted(point.point[0] for point in points if point.kind == "minimum") == pytest.approx([-0.5, 0.5])


@pytest.mark.slow
def test_a_minimum_beside_very_steep_walls_is_one() -> None:
    (point,) = critical_points(lambda x: 1e16 * x[0] ** 4 + x[0] ** 2, [(-5, 5.3)])
    assert point.kind == "minimum"
    assert point.eigenvalues == pytest.approx((2.0,))


@pytest.mark.slow
def test_where_a_function_changes_fast_beside_a_side_of_the_box_nothing_is_found() -> None:
    # The slope is 1 - 1e-8 / x: steps near 0 are short, but far from their end.
    (point,) = critical_points(lambda x: x[0] - 1e-8 * autograd.log(x[0]), [(0, 1)])
    assert point.kind == "minimum"
    assert point.point == pytest.approx((1e-8,), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("side", [100, 1000])
def test_a_plateau_on_which_the_gradient_is_too_small_for_a_float_has_no_critical_points(side: int) -> None:
    points = critical_points(lambda x: -autograd.exp(-(x[0] ** 2) - x[1] ** 2), [(-side, side + 1)] * 2)
    assert [point.kind for point in points if point.kind != "minimum"] == []
    assert points.flat > 150
    assert f"{points.flat} on a plateau where all derivatives are zero)" in str(points)


def test_of_a_constant_every_start_is_on_a_plateau() -> None:
    points = critical_points(lambda x: 0 * x[0] + 1.0, [(0, 1)], starts=7)
    assert (len(points), points.lost, points.flat) == (0, 7, 7)


@pytest.mark.parametrize("end", [math.nan, math.inf, -math.inf])
def test_where_the_function_is_not_finite_there_is_no_critical_point(end: float) -> None:
    points = critical_points(lambda x: x[0] ** 2 + x[1] ** 2 if x[1].data < 1 else Value(end), BOX)
    assert [point.kind for point in points] == ["minimum"]
    assert points.lost > 50


def test_points_come_from_the_lowest_value_to_the_highest() -> None:
    values = [point.value for point in critical_points(himmelblau, BOX)]
    assert values == sorted(values)


def test_the_same_seed_finds_the_same_points() -> None:
    assert critical_points(camel, BOX, starts=20, rng=3) == critical_points(camel, BOX, starts=20, rng=random.Random(3))


def test_the_table_has_a_line_for_each_point() -> None:
    assert str(critical_points(saddle, BOX, starts=10)).splitlines() == [
        "kind     point  value  eigenvalues of the Hessian",
        "------  ------  -----  --------------------------",
        "saddle  (0, 0)      0                     (-2, 2)",
        "1 critical point in the box, from 10 starts (0 of them found none)",
    ]


def test_no_points_are_told_in_words() -> None:
    assert str(critical_points(lambda x: x[0], [(0, 1)], starts=7)) == (
        "0 critical points in the box, from 7 starts (7 of them found none)"
    )


# ---------------------------------------------------------------- the picture


@pytest.fixture
def ax(pyplot: Any) -> Any:
    return pyplot.figure().add_subplot()


@pytest.mark.slow
def test_each_kind_has_a_marker_of_its_own(ax: Any) -> None:
    plot_critical_points(himmelblau, *BOX, ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["minimum (4)", "maximum (1)", "saddle (4)"]
    assert len({line.get_marker() for line in ax.lines}) == len({line.get_color() for line in ax.lines}) == 3


def test_given_points_are_drawn_as_they_are(ax: Any) -> None:
    points = critical_points(himmelblau, BOX)[:1]
    plot_critical_points(himmelblau, *BOX, points=points, ax=ax)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[list(points[0].point)]]


def test_a_function_without_critical_points_is_drawn_without_a_legend(ax: Any) -> None:
    assert plot_critical_points(lambda x: x[0], *BOX, ax=ax).get_legend() is None


def test_points_of_three_variables_are_not_drawn(ax: Any) -> None:
    points = critical_points(lambda x: x[0] ** 2 + x[1] ** 2 + x[2] ** 2, [(-1, 1)] * 3, starts=5)
    with pytest.raises(TypeError, match="points of two variables, not of 3"):
        plot_critical_points(saddle, *BOX, points=points, ax=ax)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("box", "error", "message"),
    [
        ([(-1, 1), (2, -2)], ValueError, r"the sides of the box of x\[1\] are swapped: write \(-2, 2\)"),
        ([(-1, 1), (2, 2)], ValueError, r"the box of x\[1\] has no width"),
        ([(-1, 1), 2], TypeError, r"the box of x\[1\] must be a pair of numbers"),
        ([], ValueError, "the box is empty"),
        (3, TypeError, "a box must be a list of pairs"),
        ([(-1, 1)], TypeError, "f was given a list of 1 variable and asked for more"),
    ],
)
def test_a_wrong_box_is_refused(box: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        critical_points(saddle, box)


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (
            [(-3, 3)],
            r"list of 1 variable, whose numbers are x\[0\]; one pair \(low, high\) is the box of a function of one",
        ),
        (BOX, r"list of 2 variables, whose numbers are x\[0\], x\[1\], ...: unsupported operand type"),
    ],
)
def test_a_function_that_computes_with_the_list_is_told_what_it_holds(box: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        critical_points(lambda x: x**3, box)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="f must be a function of the variables, not 3"):
        critical_points(3, BOX)  # type: ignore[arg-type]


def test_a_function_that_returns_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"f must return a Value, not a float \("):
        critical_points(lambda x: math.sin(x[0].data), [(0, 1)])


def test_starts_are_a_whole_number_and_chance_has_a_seed() -> None:
    with pytest.raises(TypeError, match=r"starts must be a whole number, not 10\.0"):
        critical_points(saddle, BOX, starts=10.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="an int seed or None"):
        critical_points(saddle, BOX, rng="x")  # type: ignore[arg-type]


def test_no_starts_are_refused() -> None:
    with pytest.raises(ValueError, match="starts must be at least 1, not 0"):
        critical_points(saddle, BOX, starts=0)


def test_a_function_that_is_defined_nowhere_says_where_it_fails() -> None:
    with pytest.raises(ValueError, match=r"log\(x\) is not defined at x = -"):
        critical_points(lambda x: autograd.log(-1 - x[0] ** 2), [(0, 1)])


def test_a_function_that_is_nowhere_finite_is_refused_and_named() -> None:
    with pytest.raises(
        ValueError, match=r"not defined at any of the 9 starts .*; at 0 the value is nan, from x \+ y = nan at x = 0.0"
    ):
        critical_points(lambda x: x[0] ** 2 + math.nan, [(-1, 1)], starts=9)


def test_a_function_without_second_derivatives_at_the_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="not defined at any of the 1 starts"):
        critical_points(lambda x: autograd.sqrt(x[0] * 0.0), [(-1, 1)], starts=1)


def test_an_error_of_the_function_itself_is_not_disguised() -> None:
    def f(x: list[Value]) -> Value:
        return x[0] + None  # type: ignore[operator]

    with pytest.raises(TypeError, match="None") as caught:
        critical_points(f, [(0, 1)])
    assert "must take one list" not in str(caught.value)


def test_without_numpy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"critical_points needs NumPy: pip install \"scalar-autograd\[compile\]\""):
        critical_points(saddle, BOX)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))])
def test_a_copy_of_critical_points_keeps_the_counts(copied: Any) -> None:
    points = critical_points(lambda x: x[0] ** 2 + x[1] ** 2, [(-1.0, 1.0)] * 2, starts=5)
    again = copied(points)
    assert type(again) is type(points)
    assert (str(again), again.starts, again.lost) == (str(points), points.starts, points.lost)
