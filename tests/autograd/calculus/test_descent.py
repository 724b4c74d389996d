"""Descent: the points it visits, the words it finds for what happened, the minima it finds, and its pictures."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, cos, log, maximum, sin
from autograd.calculus import Annealing, Film, Multistart, Path, anneal, gradient_descent, multistart

Function = Callable[[Any], Value]


def bowl(x: Sequence[Value]) -> Value:
    return x[0] ** 2 + x[1] ** 2


def saddle(x: Sequence[Value]) -> Value:
    return x[0] ** 2 - x[1] ** 2


def rosenbrock(x: Sequence[Value]) -> Value:
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


def rastrigin(x: Sequence[Value]) -> Value:
    """The function of Rastrigin (1974): a bowl with a minimum near every point of whole numbers, the lowest 0 at 0."""
    return autograd.sum(number**2 - 10.0 * cos(2.0 * math.pi * number) + 10.0 for number in x)


def himmelblau(x: Sequence[Value]) -> Value:
    """Himmelblau (1972): four minima with the value 0."""
    return (x[0] ** 2 + x[1] - 11.0) ** 2 + (x[0] + x[1] ** 2 - 7.0) ** 2


def hills(x: Value) -> Value:
    """A curve with several minima; the lowest of them near -0.5."""
    return sin(3.0 * x) + 0.1 * x**2


class Momentum:
    """An optimizer that is not of `nn`: descent takes any."""

    def __init__(self, parameters: list[Value], lr: float) -> None:
        self.parameters, self.lr = parameters, lr
        self.velocities = [0.0] * len(parameters)

    def step(self) -> None:
        for index, parameter in enumerate(self.parameters):
            self.velocities[index] = 0.5 * self.velocities[index] + parameter.grad
            parameter.data -= self.lr * self.velocities[index]


# ---------------------------------------------------------------- the points


def test_a_bowl_from_minus_3_and_4_ends_where_it_should() -> None:
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=100)
    # Saitoh 2016, "Deep Learning from Scratch", section 4.4.1: (-6.11110793e-10, 8.14814391e-10)
    assert path.end == pytest.approx((-6.11110793e-10, 8.14814391e-10), rel=1e-8)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0.001, 0.45), st.integers(1, 20))
def test_on_a_bowl_every_step_multiplies_the_point_by_one_factor(x: float, y: float, lr: float, steps: int) -> None:
    path = gradient_descent(bowl, [x, y], lr, steps)
    for step, point in enumerate(path.points):
        assert point == pytest.approx((x * (1 - 2 * lr) ** step, y * (1 - 2 * lr) ** step), rel=1e-12, abs=1e-300)


def test_values_and_norms_belong_to_the_points() -> None:
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=5)
    assert len(path.points) == len(path.values) == len(path.gradient_norms) == path.steps + 1 == 6
    assert path.values == pytest.approx([x**2 + y**2 for x, y in path.points], rel=1e-14)
    assert path.gradient_norms == pytest.approx([2 * math.hypot(x, y) for x, y in path.points], rel=1e-14)


def test_a_plain_number_is_given_to_f_as_one_value() -> None:
    path = gradient_descent(lambda x: (x - 1.0) ** 2, 3.0, lr=0.25, steps=2)
    assert path.points == [(3.0,), (2.0,), (1.5,)]


def test_a_numpy_array_is_a_start() -> None:
    numpy = pytest.importorskip("numpy")
    path = gradient_descent(bowl, numpy.array([-3, 4]), lr=0.25, steps=1)
    assert path.points == [(-3.0, 4.0), (-1.5, 2.0)]


def test_numbers_and_counts_of_numpy_are_taken() -> None:
    numpy = pytest.importorskip("numpy")
    path = gradient_descent(lambda x: x**2, numpy.array(1.0), numpy.float32(0.25), numpy.int64(2))
    assert path.points == [(1.0,), (0.5,), (0.25,)]
    assert len(multistart(hills, numpy.array([-4.0, 4.0]), n=2, rng=0).paths) == 2


def test_an_optimizer_moves_the_points_by_its_own_rule() -> None:
    path = gradient_descent(lambda x: x**2, 1.0, steps=2, optimizer=lambda parameters: Momentum(parameters, lr=0.25))
    # velocities 2 and 0.5 * 2 + 1
    assert path.points == [(1.0,), (0.5,), (0.0,)]


def test_without_a_learning_rate_no_step_goes_up() -> None:
    path = gradient_descent(rosenbrock, [-1.2, 1.0], steps=300)
    assert path.values == sorted(path.values, reverse=True)
    assert path.values[-1] < 0.01 * path.values[0]


def test_without_a_learning_rate_the_steps_shrink_from_where_f_is_not_defined() -> None:
    path = gradient_descent(lambda x: 10.0 * x - log(x), 5.0)  # the first step tried would end at -4.8
    assert path.outcome == "converged"
    assert path.end == pytest.approx((0.1,), abs=1e-9)


def test_without_a_learning_rate_a_large_value_does_not_hide_a_small_slope() -> None:
    path = gradient_descent(lambda x: 1e6 + x[0] ** 2 + 10.0 * x[1] ** 2, [3.0, 1.0], steps=300)
    assert path.outcome == "converged"
    assert path.end == pytest.approx((0.0, 0.0), abs=1e-10)


def test_no_gradient_is_left_in_the_values_that_f_uses() -> None:
    weight = Value(2.0)
    gradient_descent(lambda x: weight * x**2, 1.0, lr=0.1, steps=3)
    assert weight.grad == 0.0


# ---------------------------------------------------------------- why it stopped


@pytest.mark.parametrize(
    ("f", "x0", "lr", "steps", "reason"),
    [
        (bowl, [-3.0, 4.0], 0.1, 100, "converged: the norm of the gradient fell from 10 to 2.04e-09 in 100 steps"),
        (bowl, [-3.0, 4.0], 0.5, 100, "converged: the norm of the gradient is 0 after 1 step"),
        (bowl, [0.0, 0.0], 0.1, 100, "converged: the norm of the gradient is 0 after 0 steps"),
        (bowl, [-3.0, 4.0], 0.1, 5, "ran out of steps: after 5 steps the norm of the gradient is 3.28; it was 10"),
        (
            bowl,
            [-3.0, 4.0],
            1.0,
            10,
            "ran out of steps: the value is 25 after 10 steps, no lower than the 25 of the start; lower lr = 1",
        ),
        (
            bowl,
            [-3.0, 4.0],
            10.0,
            100,
            "diverges: the value grew from 25 to 1.53277e+14 in 5 steps; lower lr = 10",
        ),
        (bowl, [-3.0, 4.0], 1.01, 3, "diverges: the value grew from 25 to 28.1541 in 3 steps; lower lr = 1.01"),
        (
            bowl,
            [-3.0, 4.0],
            1e-10,
            100,
            "hardly moves: 100 steps moved 1e-07 in all, 2e-08 of the way to where the gradient is zero; "
            "raise lr = 1e-10",
        ),
        (
            saddle,
            [1.0, 1e-3],
            0.1,
            1000,
            "falls without end: the value fell from 0.999999 to -2.34449e+12 in 116 steps; there may be no minimum",
        ),
    ],
)
def test_the_reason_is_told_in_words(f: Function, x0: list[float], lr: float, steps: int, reason: str) -> None:
    path = gradient_descent(f, x0, lr, steps)
    assert path.reason == reason
    assert reason.startswith(path.outcome)


def test_a_step_out_of_the_range_of_floats_diverges() -> None:
    path = gradient_descent(lambda x: x**8, 1e5, lr=1e30)
    assert path.outcome == "diverges"
    assert "then it left the range of floats" in path.reason
    assert "lower lr = 1e+30" in path.reason


class Visiting:
    """An optimizer that goes to given numbers, whatever the gradient."""

    def __init__(self, parameters: list[Value], numbers: Sequence[float]) -> None:
        self.parameters, self.numbers = parameters, iter(numbers)

    def step(self) -> None:
        self.parameters[0].data = next(self.numbers)


def test_a_value_that_has_been_higher_before_does_not_diverge() -> None:
    path = gradient_descent(lambda x: x**2, 1.0, steps=2, optimizer=lambda p: Visiting(p, [3.0, 2.0]))
    assert path.reason == (
        "ran out of steps: the value is 4 after 2 steps, no lower than the 1 of the start; lower the learning rate"
    )


def test_short_steps_on_a_small_scale_do_move() -> None:
    path = gradient_descent(lambda x: 1e12 * x**2, 1e-6, lr=1e-13, steps=3)
    assert path.outcome == "ran out of steps"


@pytest.mark.parametrize("scale", [1e-6, 1e-12, 1e-100, 1e-300])
@pytest.mark.parametrize("rate", [0.1, None])
def test_a_function_in_small_units_is_followed_to_its_minimum(scale: float, rate: float | None) -> None:
    path = gradient_descent(lambda x: scale * (x - 1.0) ** 2, 3.0, lr=None if rate is None else rate / scale)
    assert path.outcome == "converged"
    assert path.end == pytest.approx((1.0,), abs=1e-6)


def test_a_variable_of_small_slope_beside_a_steep_one_has_not_converged() -> None:
    path = gradient_descent(lambda x: x[0] ** 2 + 1e-12 * (x[1] - 1.0) ** 2, [0.0, 3.0], lr=0.1)
    assert path.outcome == "hardly moves"


@pytest.mark.parametrize("start", [0.1 * 3.0, 0.3 + 1e-13, 0.3 + 1e-11])
@pytest.mark.parametrize("height", [0.0, 5.0])
def test_a_start_at_the_minimum_has_converged(start: float, height: float) -> None:
    path = gradient_descent(lambda x: (x - 0.3) ** 2 + height, start, lr=0.1)
    assert (path.outcome, path.steps) == ("converged", 0)


def test_a_small_slope_without_a_second_derivative_is_followed() -> None:
    path = gradient_descent(lambda x: 1e-12 * (x**1.5 + x), 0.0, lr=0.1)
    assert path.outcome == "leaves the domain"


def test_a_slope_without_end_that_is_slow_runs_out_of_steps() -> None:
    assert gradient_descent(lambda x: x, 0.0, lr=0.1, steps=100).outcome == "ran out of steps"


def test_where_no_step_lowers_the_value_the_descent_has_converged() -> None:
    # At the kink the gradient is the mean of 3 and -1.
    path = gradient_descent(lambda x: maximum(3.0 * (x - 1.0), 1.0 - x), 1.0)
    assert path.reason == "converged: after 0 steps no step along the gradient, of norm 1, lowers the value"


def test_an_optimizer_without_a_learning_rate_is_told_of_without_its_number() -> None:
    class Climbing:
        def __init__(self, parameters: list[Value]) -> None:
            self.parameters = parameters

        def step(self) -> None:
            for parameter in self.parameters:
                parameter.data += parameter.grad

    path = gradient_descent(lambda x: x**2, 1.0, steps=5, optimizer=Climbing)
    assert path.reason == "diverges: the value grew from 1 to 59049 in 5 steps; lower the learning rate"


def test_a_printed_path_shows_some_steps_and_the_reason() -> None:
    assert str(gradient_descent(bowl, [-3.0, 4.0], lr=0.25, steps=4)).splitlines() == [
        "step            point      value  gradient's norm",
        "----  ---------------  ---------  ---------------",
        "0             (-3, 4)         25               10",
        "1           (-1.5, 2)       6.25                5",
        "2          (-0.75, 1)     1.5625              2.5",
        "4     (-0.1875, 0.25)  0.0976562            0.625",
        "",
        "ran out of steps: after 4 steps the norm of the gradient is 0.625; it was 10",
    ]


# ---------------------------------------------------------------- many minima


def test_himmelblau_has_four_minima() -> None:
    found = multistart(himmelblau, [(-5.0, 5.0), (-5.0, 5.0)], n=40, rng=0)
    points = sorted(basin.point for basin in found.basins)
    # Himmelblau 1972, "Applied Nonlinear Programming": the roots of both squares, to six digits.
    expected = [(-3.779310, -3.283186), (-2.805118, 3.131312), (3.0, 2.0), (3.584428, -1.848127)]
    for point, other in zip(points, expected, strict=True):
        assert point == pytest.approx(other, abs=1e-5)


def test_every_start_has_the_basin_that_it_ends_in() -> None:
    found = multistart(hills, (-4.0, 4.0), n=30, rng=1)
    assert len(found.paths) == len(found.basin_of) == 30
    for path, index in zip(found.paths, found.basin_of, strict=True):
        assert index is not None
        assert path.end == pytest.approx(found.basins[index].point, abs=1e-6)
    assert [basin.starts for basin in found.basins] == [found.basin_of.count(k) for k in range(len(found.basins))]


def test_basins_come_with_the_lowest_first() -> None:
    found = multistart(rastrigin, [(-5.12, 5.12)] * 2, n=100, rng=1)
    values = [basin.value for basin in found.basins]
    assert values == sorted(values)
    assert found.best.value == values[0]


def test_random_restarts_find_the_lowest_minimum_of_rastrigin() -> None:
    best = multistart(rastrigin, [(-2.0, 2.0)] * 2, n=100, rng=0).best
    assert best.point == pytest.approx((0.0, 0.0), abs=1e-6)
    assert best.value == pytest.approx(0.0, abs=1e-12)


def test_a_level_floor_far_away_is_no_minimum() -> None:
    found = multistart(lambda x: -autograd.exp(-(x**2)), (-20.0, 20.0), n=20, rng=0)
    assert [basin.point for basin in found.basins] == [pytest.approx((0.0,), abs=1e-6)]


def test_the_same_seed_gives_the_same_starts() -> None:
    first, second = (multistart(hills, (-4.0, 4.0), n=5, rng=3) for _ in range(2))
    assert [path.points for path in first.paths] == [path.points for path in second.paths]


def test_a_descent_that_does_not_converge_belongs_to_no_basin() -> None:
    found = multistart(saddle, [(-1.0, 1.0), (-1.0, 1.0)], n=3, rng=0)
    assert found.basin_of == [None] * 3
    assert "3 of 3 did not converge; the first falls without end" in str(found)
    with pytest.raises(ValueError, match="none of 3 descents converged; falls without end"):
        _ = found.best


@pytest.mark.parametrize("seed", range(5))
def test_annealing_finds_the_lowest_of_several_minima(seed: int) -> None:
    found = anneal(hills, (-4.0, 4.0), steps=2000, rng=seed)
    assert found.best == pytest.approx((-0.5121,), abs=0.02)


def test_annealing_cools_from_hot_to_cold_and_stays_in_the_box() -> None:
    found = anneal(rastrigin, [(-1.0, 5.0), (2.0, 2.5)], steps=500, rng=0, hot=50.0, cold=0.5)
    assert (found.temperatures[0], found.temperatures[-1]) == pytest.approx((50.0, 0.5))
    assert all(-1.0 <= x <= 5.0 and 2.0 <= y <= 2.5 for x, y in found.points)


def test_annealing_goes_up_less_often_when_it_is_cold() -> None:
    found = anneal(rastrigin, [(-5.0, 5.0)] * 2, steps=4000, rng=0)
    rises = [after > before for before, after in pairwise(found.values)]
    assert rises[:1000].count(True) > 2 * rises[-1000:].count(True)


def test_the_best_of_annealing_is_the_lowest_point_it_stood_at() -> None:
    found = anneal(hills, (-4.0, 4.0), steps=200, rng=0)
    assert found.best_value == min(found.values)
    assert hills(Value(found.best[0])).data == found.best_value


def test_the_steps_of_annealing_become_shorter_as_it_cools() -> None:
    found = anneal(lambda x: 0.0 * x, (-1.0, 1.0), steps=1000, rng=0)  # flat: every step is taken
    moves = [abs(x - y) for (x,), (y,) in pairwise(found.points)]
    assert sum(moves[-100:]) < 0.1 * sum(moves[:100])
    assert found.accepted == 1.0


def test_annealing_without_chance_left_repeats_itself() -> None:
    first, second = (anneal(hills, (-4.0, 4.0), steps=50, rng=random.Random(5)) for _ in range(2))
    assert first.points == second.points


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: gradient_descent(bowl, [1.0, 1.0], lr=0.0), ValueError, "lr must be a finite number above 0, not 0.0"),
        (lambda: gradient_descent(bowl, [1.0, 1.0], lr=math.nan), ValueError, "lr must be a finite number above 0"),
        (lambda: gradient_descent(bowl, [1.0, 1.0], lr=0.1, steps=0), ValueError, "steps must be at least 1, not 0"),
        (lambda: gradient_descent(bowl, [], lr=0.1), ValueError, "the start x0 is empty"),
        (lambda: gradient_descent(bowl, [1.0, math.inf], lr=0.1), ValueError, "must be finite, not [1.0, inf]"),
        (
            lambda: gradient_descent(bowl, ["1"], lr=0.1),  # type: ignore[list-item]
            TypeError,
            "the start x0 must be a number or a list of numbers",
        ),
        (
            lambda: gradient_descent(bowl, [1.0, 1.0], 0.1, optimizer=lambda p: Momentum(p, 0.1)),
            ValueError,
            "give lr or optimizer, not both",
        ),
        (
            lambda: gradient_descent(bowl, [1.0, 1.0], optimizer=lambda p: None),  # type: ignore[arg-type, return-value]
            TypeError,
            "as lambda parameters: Adam(parameters, lr=0.3); it gave None",
        ),
        (
            lambda: gradient_descent(lambda x: 3.0, 1.0, lr=0.1),
            TypeError,
            "f must return a Value, not a float (3.0)",
        ),
        (lambda: multistart(hills, (1.0, -1.0)), ValueError, "the sides of the box of x[0] are swapped"),
        (lambda: multistart(hills, (1.0, -1.0)), ValueError, "write (-1, 1)"),
        (lambda: multistart(bowl, [(0.0, 1.0), (2.0, 2.0)]), ValueError, "the box of x[1] has no width"),
        (lambda: multistart(bowl, []), ValueError, "the box is empty"),
        (lambda: multistart(bowl, [(0.0, 1.0, 2.0)]), TypeError, "the box of x[0] must be a pair"),  # type: ignore[list-item]
        (lambda: multistart(bowl, 5.0), TypeError, "a box must be a list of pairs"),  # type: ignore[arg-type]
        (lambda: multistart(hills, (-1.0, 1.0), n=0), ValueError, "n must be at least 1, not 0"),
        (lambda: anneal(hills, (-1.0, 1.0), steps=0), ValueError, "steps must be at least 1, not 0"),
        (lambda: anneal(hills, (-1.0, 1.0), hot=1.0, cold=2.0), ValueError, "not from 1.0 to 2.0"),
        (lambda: anneal(hills, (-1.0, 1.0), cold=0.0), ValueError, "the temperature falls from hot to cold"),
        (lambda: anneal(hills, (1.0, -1.0)), ValueError, "the sides of the box of x[0] are swapped"),
        (lambda: gradient_descent(bowl, [1.0, 1.0], lr="0.1"), TypeError, "lr must be a number, not '0.1'"),  # type: ignore[arg-type]
        (lambda: gradient_descent(bowl, [1.0, 1.0], steps=1e3), TypeError, "steps must be a whole number, not 1000.0"),  # type: ignore[arg-type]
        (lambda: gradient_descent(None, 1.0), TypeError, "f must be a function of the variables, not None"),  # type: ignore[arg-type]
        (lambda: gradient_descent(bowl, {0: 1.0, 1: 1.0}), TypeError, "in the order of the variables, not {0: 1.0"),  # type: ignore[arg-type]
        (lambda: gradient_descent(bowl, {1.0, 2.0}), TypeError, "in the order of the variables, not {1.0, 2.0}"),  # type: ignore[arg-type]
        (lambda: gradient_descent(bowl, [1.0, 1.0], optimizer=3), TypeError, "lr=0.3); 3 is not a function"),  # type: ignore[arg-type]
        (lambda: multistart(hills, (-1.0, 1.0), n=2.0), TypeError, "n must be a whole number, not 2.0"),  # type: ignore[arg-type]
        (lambda: multistart(hills, (-1.0, 1.0), merge=math.nan), ValueError, "merge must be a part of the box's sides"),
        (lambda: anneal(hills, (-1.0, 1.0), steps=1e3), TypeError, "steps must be a whole number, not 1000.0"),  # type: ignore[arg-type]
        (lambda: anneal(hills, (-1.0, 1.0), hot="x"), TypeError, "hot must be a number, not 'x'"),  # type: ignore[arg-type]
        (lambda: anneal(None, (-1.0, 1.0)), TypeError, "f must be a function of the variables, not None"),  # type: ignore[arg-type]
    ],
)
def test_bad_input_is_an_error_that_helps(call: Callable[[], Any], error: type[Exception] | None, message: str) -> None:
    if error is None:  # a function that is constant has the gradient zero everywhere
        assert call() == (1.0,)
        return
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


# ---------------------------------------------------------------- where f is not finite


def ending(end: Callable[[Value], Value], at: float = 0.5) -> Function:
    """x squared down to a border, and something else beyond it."""
    return lambda x: x**2 if x.data > at else end(x)


def raising(error: type[Exception]) -> Callable[[Value], Value]:
    def end(x: Value) -> Value:
        raise error("beyond the border")

    return end


ENDS: dict[str, Callable[[Value], Value]] = {
    "the value is nan": lambda x: x * math.nan,
    "the value is inf": lambda x: Value(math.inf),
    # 1 / (x inf) is 0, and its derivative -1 / inf^2 times inf.
    "the derivative with respect to x is nan": lambda x: x**2 + 1.0 / (x * math.inf),
    "f raises ValueError: beyond the border": raising(ValueError),
    "f raises ZeroDivisionError: beyond the border": raising(ZeroDivisionError),
    "f raises OverflowError: beyond the border": raising(OverflowError),
    "f raises FloatingPointError: beyond the border": raising(FloatingPointError),
}
WAYS: dict[str, dict[str, Any]] = {
    "searching": {},
    "fixed": {"lr": 0.1},
    "far": {"lr": 1e3},
    "momentum": {"optimizer": lambda parameters: Momentum(parameters, lr=0.1)},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("flaw", ENDS)
def test_a_descent_ends_before_a_point_that_is_not_finite_and_names_it(flaw: str, way: str) -> None:
    path = gradient_descent(ending(ENDS[flaw]), 1.0, **WAYS[way])
    assert path.outcome == "leaves the domain"
    assert f"and there {flaw}" in path.reason
    assert path.end[0] > 0.5
    assert all(map(math.isfinite, path.values + path.gradient_norms))


@pytest.mark.parametrize("way", WAYS)
def test_a_descent_to_minus_infinity_falls_without_end(way: str) -> None:
    path = gradient_descent(ending(lambda x: Value(-math.inf)), 1.0, **WAYS[way])
    assert path.outcome == "falls without end"
    assert "the value fell from 1 to -inf in" in path.reason


@pytest.mark.parametrize(
    ("f", "x0", "lr"),
    [
        (lambda x: -(x * x * x * x) * 1e200, 1.0, None),
        (lambda x: -(x * x * x * x) * 1e200, 1.0, 0.1),
        (lambda x: x * 1e301, 1.0, None),
        (lambda x: x * 1e301, 1.0, 1e300),
        (lambda x: -autograd.exp(x), 0.0, 1e3),
        (lambda x: -autograd.exp(autograd.exp(x)), 1.0, 1e3),
        (lambda x: -(x**3), 1.0, 1e200),
    ],
)
def test_a_value_that_falls_out_of_the_floats_is_not_said_to_grow(f: Function, x0: float, lr: float | None) -> None:
    path = gradient_descent(f, x0, lr)
    assert path.outcome == "falls without end"
    assert "the value fell from" in path.reason


@pytest.mark.parametrize("f", [lambda x: x**8, lambda x: autograd.exp(x * x), lambda x: 1e200 * x**2])
def test_a_value_that_grows_out_of_the_floats_diverges(f: Function) -> None:
    assert gradient_descent(f, 2.0, lr=1e50).reason.startswith("diverges: the value grew from")


def test_where_a_line_search_ends_at_a_border_no_learning_rate_is_blamed() -> None:
    path = gradient_descent(ending(ENDS["the value is nan"]), 1.0)
    assert path.end == pytest.approx((0.5,), abs=1e-9)
    assert path.reason.endswith(
        "leads down from 0.5 to a point just beside it, and there the value is nan, from x * y = nan at x = 0.5, "
        "y = nan"
    )


def test_the_variable_whose_derivative_is_not_finite_is_named() -> None:
    path = gradient_descent(
        lambda x: x[0] ** 2 + (x[1] ** 2 if x[1].data > 0.5 else 1.0 / (x[1] * math.inf)), [1.0, 1.0], 0.3
    )
    assert path.reason == (
        "leaves the domain: step 1 leads down from (1, 1) to (0.4, 0.4), and there the derivative with respect to "
        "x[1] is nan; lower lr = 0.3"
    )


def test_a_step_out_of_the_domain_says_from_where_to_where() -> None:
    assert gradient_descent(lambda x: log(x) ** 2, 2.0, lr=10.0).reason == (
        "leaves the domain: step 1 leads down from 2 to -4.931, and there f raises ValueError: log(x) is not defined "
        "at x = -4.931471805599453: math domain error (if this is a branch of where that is not taken, write "
        "`a if x > 0 else b` instead); lower lr = 10"
    )


def test_steep_slopes_do_not_look_like_a_minimum() -> None:
    # The square of the gradient is beyond the floats.
    path = gradient_descent(lambda x: 1e200 * x**2, 1.0)
    assert path.values[-1] < 1e-10 * path.values[0]


def test_an_optimizer_that_cannot_take_a_step_ends_the_descent() -> None:
    class Overflowing(Momentum):
        def step(self) -> None:
            raise OverflowError("the gradient squared is too large")

    path = gradient_descent(lambda x: x**2, 1.0, optimizer=lambda parameters: Overflowing(parameters, lr=0.5))
    assert path.reason == (
        "leaves the domain: step 1, from 1, is not possible: the gradient squared is too large; lower lr = 0.5"
    )


def test_a_point_beyond_the_floats_is_refused() -> None:
    path = gradient_descent(lambda x: autograd.exp(-x), 1.0, optimizer=lambda p: Visiting(p, [math.inf]))
    assert path.points == [(1.0,)]
    assert "and there x is inf" in path.reason


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("f", "flaw"),
    [
        (lambda x: x**2 + math.nan, "at 1 the value is nan, from x + y = nan at x = 1.0, y = nan"),
        (lambda x: Value(math.inf), "at 1 the value is inf"),
        (lambda x: Value(-math.inf), "at 1 the value is -inf"),
        (lambda x: (x * 1e200) * 1e200, "at 1 the value is inf, from x * y = inf at x = 1e+200, y = 1e+200"),
        (lambda x: 1.0 / (x * math.inf), "at 1 the derivative with respect to x is nan"),
        # A measurement is missing.
        (lambda x: autograd.sum((x * t - y) ** 2 for t, y in [(1.0, 1.0), (2.0, math.nan)]), "x - y = nan at x = 2.0"),
    ],
)
def test_a_start_that_is_not_finite_is_an_error_that_names_it(f: Function, flaw: str, way: str) -> None:
    with pytest.raises(ValueError, match="a descent must start where f and its gradient are finite") as caught:
        gradient_descent(f, 1.0, **WAYS[way])
    assert flaw in str(caught.value)


def test_an_error_of_f_at_the_start_says_where() -> None:
    with pytest.raises(ValueError, match="log") as caught:
        gradient_descent(lambda x: log(x), -2.0, lr=10.0)
    assert caught.value.__notes__ == ["at the start of a descent, -2"]


def test_restarts_draw_a_start_again_where_f_is_not_finite() -> None:
    found = multistart(lambda x: x - log(x), (-2.0, 4.0), n=10, rng=0)
    assert [path.outcome for path in found.paths] == ["converged"] * 10
    assert found.refused == 2
    assert str(found).endswith(
        "2 starts were drawn again; at the first, -0.4465, f raises ValueError: log(x) is not defined at "
        "x = -0.4464994982422199: math domain error (if this is a branch of where that is not taken, write "
        "`a if x > 0 else b` instead)"
    )


def test_a_descent_out_of_the_domain_is_one_that_did_not_converge() -> None:
    found = multistart(ending(ENDS["the value is nan"]), (1.0, 4.0), n=3, rng=0, lr=0.1)
    assert found.basins == []
    assert "3 of 3 did not converge; the first leaves the domain" in str(found)


@pytest.mark.parametrize("search", [multistart, anneal])
def test_a_box_without_a_finite_value_is_an_error(search: Callable[..., Any]) -> None:
    with pytest.raises(
        ValueError, match=r"f is not finite at any of 1000 random points of the box; at .*the value is nan"
    ):
        search(lambda x: x**2 + math.nan, (-1.0, 1.0), rng=0)


@pytest.mark.parametrize("flaw", [flaw for flaw in ENDS if "derivative" not in flaw])
def test_annealing_takes_no_step_to_a_point_that_is_not_finite(flaw: str) -> None:
    found = anneal(ending(ENDS[flaw]), (-2.0, 4.0), rng=0, steps=1000)
    assert found.best == pytest.approx((0.5,), abs=0.01)
    assert all(x > 0.5 for (x,) in found.points)
    assert found.refused > 100
    assert f"{found.refused} points refused: at " in repr(found)
    assert flaw in found.flaw


def forbidden_beyond_one(x: Any) -> Any:
    return (x - 2.0) ** 2 if x < 1.0 else math.inf


def test_a_plain_infinity_is_a_penalty() -> None:
    found = anneal(forbidden_beyond_one, (-3.0, 5.0), rng=0)
    assert found.best == pytest.approx((1.0,), abs=0.01)
    assert "the value is inf" in found.flaw
    path = gradient_descent(forbidden_beyond_one, 0.0)
    assert path.outcome == "leaves the domain"
    assert path.points[-1] == pytest.approx((1.0,))
    restarts = multistart(lambda x: x**2 if x > -1.0 else math.nan, (-3.0, 3.0), n=20, rng=0)
    assert [path.outcome for path in restarts.paths] == ["converged"] * 20
    assert restarts.refused > 0


def test_annealing_tells_of_minus_infinity_before_all_else() -> None:
    found = anneal(
        lambda x: x**2 if abs(x.data) < 1.0 else Value(math.nan if x.data > 0.0 else -math.inf), (-2.0, 9.0), rng=0
    )
    assert "the value is -inf" in found.flaw
    assert min(found.values) >= 0.0


def test_annealing_starts_where_the_value_is_finite() -> None:
    found = anneal(ending(ENDS["the value is inf"]), (-50.0, 4.0), rng=0, steps=10)
    assert all(map(math.isfinite, found.values))


@pytest.mark.parametrize("flaw", ENDS)
def test_searches_that_end_at_a_border_have_pictures(pyplot: Any, flaw: str) -> None:
    f = ending(ENDS[flaw])
    path = gradient_descent(f, 1.0, lr=0.1)
    _, axes = pyplot.subplots(2, 3)
    path.plot(ax=axes[0, 0])
    path.plot_values(ax=axes[1, 0])
    searches: list[Any] = [multistart(f, (-2.0, 4.0), n=5, rng=0), anneal(f, (-2.0, 4.0), steps=50, rng=0)]
    for index, found in enumerate(searches):
        found.plot(ax=axes[0, index + 1])
        found.plot_best(ax=axes[1, index + 1])
    axes[0, 0].figure.canvas.draw()


def test_a_descent_that_ends_at_a_border_is_filmed(pyplot: Any) -> None:
    path = gradient_descent(ending(raising(ValueError)), 1.0, lr=0.1, steps=2)
    assert isinstance(path.animate(progress=False), Film)


def test_in_two_variables_the_picture_has_a_gap(pyplot: Any) -> None:
    path = gradient_descent(lambda x: x[0] ** 2 - log(x[1]), [1.0, 1.0], steps=5)
    path.plot(ylim=(-1.0, 2.0)).figure.canvas.draw()


def test_a_pole_does_not_squeeze_the_curve(pyplot: Any) -> None:
    path = gradient_descent(lambda x: 1.0 / x**2, 1.0, lr=0.1, steps=5)
    low, high = path.plot(xlim=(-1.0, 4.0)).get_ylim()
    assert low <= min(path.values)
    assert max(path.values) <= high < 1e4


# ---------------------------------------------------------------- pictures


def searches() -> list[Path | Multistart | Annealing]:
    return [
        gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=5),
        multistart(bowl, [(-1.0, 1.0)] * 2, n=3, rng=0),
        anneal(bowl, [(-1.0, 1.0)] * 2, steps=9, rng=0),
    ]


@pytest.mark.parametrize("index", range(3))
def test_a_plot_draws_on_the_axes_it_is_given_and_names_them(pyplot: Any, index: int) -> None:
    _, ax = pyplot.subplots()
    assert searches()[index].plot(ax=ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x_0$", "$x_1$")
    assert ax.get_title()


def test_a_path_is_drawn_through_its_points(pyplot: Any) -> None:
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=5)
    ax: Any = path.plot()
    line = next(line for line in ax.lines if line.get_marker() == ".")
    assert list(zip(*line.get_data(), strict=True)) == path.points


def test_a_path_of_one_number_is_drawn_on_the_curve(pyplot: Any) -> None:
    path = gradient_descent(hills, 2.0, lr=0.1, steps=5)
    ax: Any = path.plot()
    curve, line, *_ = ax.lines
    assert list(line.get_ydata()) == path.values
    assert len(curve.get_xdata()) > 100


def test_starts_have_the_colours_of_their_basins(pyplot: Any) -> None:
    found = multistart(lambda x: (x**2 - 1.0) ** 2, (-2.0, 2.0), n=20, rng=0)
    ax: Any = found.plot()
    markers = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    assert len({line.get_color() for line in markers}) == 2
    sides = [{x > 0.0 for x in line.get_xdata()} for line in markers]
    assert [len(side) for side in sides] == [1, 1]


@pytest.mark.parametrize("draw", ["plot", "animate"])
def test_a_picture_of_a_function_of_three_variables_is_an_error(pyplot: Any, draw: str) -> None:
    path = gradient_descent(lambda x: autograd.sum(number**2 for number in x), [1.0, 2.0, 3.0], lr=0.1, steps=2)
    with pytest.raises(ValueError, match="3 variables has no picture; plot_values and print"):
        getattr(path, draw)()


def test_the_lowest_value_so_far_never_rises(pyplot: Any) -> None:
    restarts, annealing = multistart(hills, (-4.0, 4.0), n=5, rng=0), anneal(hills, (-4.0, 4.0), steps=50, rng=0)
    ax: Any = restarts.plot_best()
    annealing.plot_best(ax=ax)
    spent, lowest = ax.lines[0].get_data()
    assert spent[-1] == sum(path.evaluations for path in restarts.paths)
    assert list(lowest) == sorted(lowest, reverse=True)
    assert lowest[-1] == restarts.best.value
    spent, lowest = ax.lines[1].get_data()
    assert (len(spent), lowest[-1]) == (51, annealing.best_value)
    assert list(lowest) == sorted(lowest, reverse=True)


def test_plot_values_is_linear_where_a_value_is_not_above_zero(pyplot: Any) -> None:
    assert gradient_descent(lambda x: x, 1.0, lr=1.0, steps=3).plot_values().get_yscale() == "linear"


def test_a_film_is_saved_whole_and_its_figure_closed(pyplot: Any, tmp_path: FilePath) -> None:
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=20)
    file = path.animate(tmp_path / "descent.gif", frames=4, progress=False)
    from PIL import Image

    with Image.open(tmp_path / "descent.gif") as image:
        assert getattr(image, "n_frames", 1) == 4
    assert list(tmp_path.iterdir()) == [file]
    assert pyplot.get_fignums() == []


def test_a_film_in_a_notebook_loads_nothing_from_another_host(pyplot: Any) -> None:
    film = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=3).animate(progress=False)
    assert "://" not in getattr(film, "html", "://")


def test_the_buttons_of_a_film_in_a_notebook_have_signs(pyplot: Any) -> None:
    film: Any = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=3).animate(progress=False)
    icons = re.findall(r'<i class="fa fa-([a-z-]+)', film.html)
    assert icons
    assert [icon for icon in icons if f".fa-{icon}" not in film.html] == []


def test_a_film_that_fails_leaves_no_file(pyplot: Any, tmp_path: FilePath, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.animation.PillowWriter.finish", interrupted)
    path = gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=3)
    with pytest.raises(KeyboardInterrupt):
        path.animate(tmp_path / "descent.gif", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "descent.mp4"}, "a film must be saved as .gif, not as 'descent.mp4'"),
        ({"frames": 1}, "frames must be at least 2, not 1"),
        ({"per_second": 0.0}, "per_second must be from 0.01 to 100, not 0.0"),
        ({"per_second": -1}, "not -1"),
        ({"per_second": math.nan}, "not nan"),
        ({"per_second": math.inf}, "not inf"),
        ({"per_second": 1000}, "not 1000"),
    ],
)
def test_a_film_that_cannot_be_made_is_an_error(pyplot: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=3).animate(**arguments)


def test_a_finite_float_is_still_no_value() -> None:
    with pytest.raises(TypeError, match=r"f must return a Value, not a float \(5\.0\)"):
        anneal(lambda x: 5.0, (-2.0, 2.0))
