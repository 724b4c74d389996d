"""Descent: walking downhill along the gradient, what becomes of it, and what to do about many minima.

>>> path = gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [-3.0, 4.0], lr=0.1)
>>> path
Path(100 steps from (-3, 4) to (-6.111e-10, 8.148e-10), value 1.037e-18: converged)
"""

from __future__ import annotations

import math
import random
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

from autograd import plotting
from autograd.calculus.evaluation import checked_box, evaluated
from autograd.calculus.landscapes import plot_contours
from autograd.files import whole_file
from autograd.functional import gradients
from autograd.modes import no_grad
from autograd.rng import generator
from autograd.tables import table
from autograd.value import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Function: TypeAlias = Callable[[Any], Any]
"""Of one list of Values, or of one Value where the start is a plain number; returns a Value."""

Point: TypeAlias = tuple[float, ...]

Outcome: TypeAlias = Literal["converged", "ran out of steps", "hardly moves", "diverges", "falls without end"]
"""Why a descent stopped, in two or three words."""

CONVERGED = 1e-10
"""A descent stops where the norm of the gradient is as small as this."""

CONVERGED_SHARE = 1e-8
"""With its steps used up, a descent has converged if this is what is left of the first gradient."""

RUNAWAY = 1e12
"""A descent is given up when the value has changed by so many times its size."""


class Optimizer(Protocol):
    """What moves the parameters that it was made with, against their `grad`; `nn.optim` has them."""

    def step(self) -> None: ...


MakeOptimizer: TypeAlias = Callable[[list[Value]], Optimizer]
"""As `lambda parameters: Adam(parameters, lr=0.3)`."""


# ---------------------------------------------------------------- one path


@dataclass(repr=False)
class Path:
    """Where a descent went, and why it stopped.

    function: of one list of Values.
    points: every point, the start first, as a tuple of numbers.
    values: the value of the function at each.
    gradient_norms: the norm of its gradient at each.
    outcome: why it stopped, in two or three words.
    reason: the same in a sentence, with the numbers and what to do.
    evaluations: how often the function was computed.

    Printing it gives a table of some of the steps, and the reason.
    """

    function: Function
    points: list[Point]
    values: list[float]
    gradient_norms: list[float]
    outcome: Outcome
    reason: str
    evaluations: int

    @property
    def steps(self) -> int:
        """How many steps were taken: one less than there are points."""
        return len(self.points) - 1

    @property
    def end(self) -> Point:
        """The last point."""
        return self.points[-1]

    def __repr__(self) -> str:
        return (
            f"Path({self.steps} steps from {_shown(self.points[0])} to {_shown(self.end)}, "
            f"value {self.values[-1]:.4g}: {self.outcome})"
        )

    def __str__(self) -> str:
        shown = [step for step in _round_numbers(self.steps) if step < self.steps]
        rows = [
            (str(step), _shown(self.points[step]), f"{self.values[step]:.6g}", f"{self.gradient_norms[step]:.3g}")
            for step in [*shown, self.steps]
        ]
        return table(("step", "point", "value", "gradient's norm"), rows) + f"\n\n{self.reason}"

    def plot(
        self,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draws the path on the contours of the function, or on its curve if it is a function of one number.

        Args:
            xlim: the range of the first variable; by default that of the path and a margin.
            ylim: the same for the second.
            ax: where to draw; a new figure by default.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> gradient_descent(lambda x: (x - 1.0) ** 2, 3.0, lr=0.1).plot().get_xlabel()
        '$x$'
        """
        ax = draw_landscape(self.function, self.points, xlim, ylim, ax)
        self.draw_line(ax)
        ends: list[tuple[str, int, str]] = [("start", 0, "o"), ("end", -1, "*")]
        for label, place, marker in ends:
            x, y = self.drawn()[place]
            size = 12 if marker == "*" else 7
            ax.plot(x, y, marker, color="white", markeredgecolor="black", markersize=size, label=label, zorder=5)
        ax.legend(fontsize=9)
        ax.set_title(f"Gradient descent, {self.steps} steps: {self.outcome}", fontsize=11)
        return ax

    def draw_line(self, ax: Axes, **style: Any) -> None:
        """Draws the bare path on Axes that show the landscape already; `style` is that of `Axes.plot`."""
        x, y = zip(*self.drawn(), strict=True)
        looks: dict[str, Any] = {"marker": ".", "color": plotting.ORANGE, "linewidth": 1.5, "zorder": 4}
        ax.plot(x, y, **looks | style)

    def drawn(self) -> list[tuple[float, float]]:
        """Where the points are in the picture: for a function of one number, on its curve."""
        return _drawn(self.points, self.values)

    def plot_values(self, *, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the value at each step, on a logarithmic axis if all are above 0; `style` is that of `Axes.plot`.

        Raises:
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> gradient_descent(lambda x: x**2, 3.0, lr=0.1).plot_values().get_yscale()
        'log'
        """
        ax = plotting.axes(ax)
        if min(self.values) > 0.0:
            ax.set_yscale("log")
        ax.plot(self.values, **{"color": plotting.BLUE} | style)
        return plotting.named(ax, "The value along the path", "step", "value")

    def animate(
        self,
        path: str | FilePath | None = None,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        frames: int = 60,
        per_second: int = 12,
        progress: bool = True,
    ) -> FilePath | Film:
        """Films the descent: saved as a GIF where `path` says, or returned to be shown by a notebook.

        Args:
            path: the file, ending in .gif; None gives the film itself, which a notebook plays.
            xlim: as for `plot`.
            ylim: the same.
            frames: how many pictures at most; a longer path moves several steps from one to the next.
            per_second: how many of them are shown in a second.
            progress: whether to show a bar while the pictures are drawn (on the standard error).

        Raises:
            ValueError: the file does not end in .gif, `frames` is below 2, or the function has three variables.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> len(gradient_descent(lambda x: x**2, 3.0, lr=0.1, steps=2).animate(progress=False).html) > 1000
        True
        """
        if path is not None and FilePath(path).suffix != ".gif":
            raise ValueError(f"a film is saved as .gif, not as {FilePath(path).name!r}")
        if frames < 2:
            raise ValueError(f"a film needs at least 2 frames, not {frames}")
        ax = draw_landscape(self.function, self.points, xlim, ylim, None)
        (line,) = ax.plot([], [], ".-", color=plotting.ORANGE, linewidth=1.5, zorder=4)
        (ball,) = ax.plot([], [], "o", color="white", markeredgecolor="black", markersize=9, zorder=5)
        drawn = self.drawn()

        def show(step: int) -> None:
            x, y = zip(*drawn[: step + 1], strict=True)
            line.set_data(x, y)
            ball.set_data(x[-1:], y[-1:])
            ax.set_title(f"step {step}: value {self.values[step]:.4g}", fontsize=11)

        count = min(frames, self.steps + 1)
        shown = [round(place * self.steps / max(count - 1, 1)) for place in range(count)]
        return _filmed(ax, show, shown, per_second, None if path is None else FilePath(path), progress)


class _Evaluation(NamedTuple):
    value: float
    gradient: list[float]

    @property
    def norm(self) -> float:
        return math.hypot(*self.gradient)


def gradient_descent(
    f: Function,
    x0: float | Sequence[float],
    lr: float | None = None,
    steps: int = 100,
    *,
    optimizer: MakeOptimizer | None = None,
) -> Path:
    """Walks downhill from `x0`: at each step the point moves by minus `lr` times the gradient.

    It stops early where the gradient is zero (`CONVERGED`), and when the value runs away upwards or downwards.

    Args:
        f: a function of one list of Values, f([x, y]), that returns one Value; where `x0` is a plain number, of one
            Value.
        x0: the start.
        lr: the learning rate. Without it, and without an optimizer, each step is as long as it may be so that the
            value falls: halved until it does, and tried twice as long the next time (Armijo 1966; Nocedal and Wright,
            Numerical Optimization, 2nd edition, algorithm 3.1).
        steps: how many at most.
        optimizer: a function that makes an optimizer of `nn.optim` for a list of parameters, in place of `lr`:
            `lambda parameters: Adam(parameters, lr=0.3)`.

    Returns:
        Every point, its value and the norm of its gradient, and why it stopped: it converged, ran out of steps, hardly
        moves, diverges, or falls without end.

    Raises:
        TypeError: `x0` holds something that is no number, or `f` does not return a Value.
        ValueError: `x0` is empty or not finite, `lr` is not above 0, `steps` is below 1, or both `lr` and `optimizer`
            are given. An error of `f` itself, as of a logarithm of a negative number, says at which step it was.

    >>> print(gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [-3.0, 4.0], lr=10.0).reason)
    diverges: the value grew from 25 to 1.53277e+14 in 5 steps; lower lr = 10
    """
    start, f = _start(x0, f)
    if steps < 1:
        raise ValueError(f"a descent needs at least 1 step, not {steps}")
    if lr is not None and optimizer is not None:
        raise ValueError("give lr or optimizer, not both: the optimizer has a learning rate of its own")
    if lr is not None and not (lr > 0.0 and math.isfinite(lr)):
        raise ValueError(f"lr must be a finite number above 0, not {lr!r}")
    function = _Counted(f)
    points = [start]
    here = function.with_gradient(start)
    evaluations = [here]
    move: Callable[[Point, _Evaluation], Point | None]
    if optimizer is not None:
        move = _Optimized(start, optimizer)
        lr = getattr(move.optimizer, "lr", None)
    elif lr is not None:
        rate = lr

        def move(point: Point, here: _Evaluation) -> Point:
            return _downhill(point, here, rate)

    else:
        move = _Searching(function)

    def path(outcome: Outcome, reason: str) -> Path:
        values, norms = [one.value for one in evaluations], [one.norm for one in evaluations]
        return Path(f, points, values, norms, outcome, f"{outcome}: {reason}", function.count)

    for step in range(1, steps + 1):
        if here.norm <= CONVERGED:
            return path("converged", f"the norm of the gradient is {here.norm:.3g} after {_steps(step - 1)}")
        try:
            point = move(points[-1], here)
            if point is None:
                return path(
                    "converged",
                    f"after {_steps(step - 1)} no step along the gradient, of norm {here.norm:.3g}, lowers the value",
                )
            here = function.with_gradient(point)
        except ArithmeticError as error:  # out of the range of floats
            return path(*_runaway(evaluations, lr, f"; then it left the range of floats ({error})"))
        except ValueError as error:
            error.add_note(f"in step {step} of a descent, from {_shown(points[-1])}; a smaller step may avoid it")
            raise
        points.append(point)
        evaluations.append(here)
        if abs(here.value - evaluations[0].value) > RUNAWAY * (abs(evaluations[0].value) + 1.0):
            return path(*_runaway(evaluations, lr))
    return path(*_judged(points, evaluations, lr))


def _runaway(evaluations: Sequence[_Evaluation], lr: float | None, end: str = "") -> tuple[Outcome, str]:
    """Of a descent that goes up or down without end."""
    first, last = evaluations[0].value, evaluations[-1].value
    went = f"from {first:.6g} to {last:.6g} in {_steps(len(evaluations) - 1)}{end}"
    if last < first:
        return "falls without end", f"the value fell {went}; there may be no minimum"
    return "diverges", f"the value grew {went}; {_advice('lower', lr)}"


def _judged(points: Sequence[Point], evaluations: Sequence[_Evaluation], lr: float | None) -> tuple[Outcome, str]:
    """What became of a descent that has used up its steps."""
    first, last = evaluations[0], evaluations[-1]
    taken = _steps(len(points) - 1)
    if last.norm <= max(CONVERGED, CONVERGED_SHARE * first.norm):
        return "converged", f"the norm of the gradient fell from {first.norm:.3g} to {last.norm:.3g} in {taken}"
    values = [one.value for one in evaluations]
    if last.value > first.value and last.value == max(values):
        return _runaway(evaluations, lr)
    length = sum(math.dist(here, there) for here, there in pairwise(points))
    # How far it is to where the gradient is zero, if it goes on changing at this rate (the secant method).
    change = math.dist(first.gradient, last.gradient) / first.norm
    if change < 0.01 and length < 0.001 * max(math.hypot(*points[0]), 1.0):
        return "hardly moves", (
            f"{taken} moved {length:.3g} in all, {change:.1g} of the way to where the gradient is zero; "
            f"{_advice('raise', lr)}"
        )
    if last.value >= first.value:
        went = f"the value is {last.value:.6g} after {taken}, no lower than the {first.value:.6g} of the start"
        return "ran out of steps", f"{went}; {_advice('lower', lr)}"
    return "ran out of steps", f"after {taken} the norm of the gradient is {last.norm:.3g}; it was {first.norm:.3g}"


def _advice(verb: str, lr: float | None) -> str:
    return f"{verb} the learning rate" if lr is None else f"{verb} lr = {lr:g}"


class _Counted:
    """A function of points, which counts how often it is computed."""

    def __init__(self, f: Function) -> None:
        self._f = f
        self.count = 0

    def __call__(self, values: list[Value]) -> Value:
        self.count += 1
        return evaluated(self._f, values)

    def value(self, point: Point) -> float:
        with no_grad():
            return self([Value(x) for x in point]).data

    def with_gradient(self, point: Point) -> _Evaluation:
        leaves = [Value(x) for x in point]
        result = self(leaves)
        return _Evaluation(result.data, gradients(result, leaves) if result.requires_grad else [0.0] * len(leaves))


def _downhill(point: Point, here: _Evaluation, rate: float) -> Point:
    return tuple(x - rate * slope for x, slope in zip(point, here.gradient, strict=True))


class _Optimized:
    """Steps of an optimizer."""

    def __init__(self, start: Point, make: MakeOptimizer) -> None:
        self._parameters = [Value(x) for x in start]
        self.optimizer = make(self._parameters)
        if not callable(getattr(self.optimizer, "step", None)):
            raise TypeError(
                "optimizer is a function that makes an optimizer, as lambda parameters: Adam(parameters, lr=0.3); "
                f"it gave {self.optimizer!r:.80}"
            )

    def __call__(self, point: Point, here: _Evaluation) -> Point:
        for parameter, slope in zip(self._parameters, here.gradient, strict=True):
            parameter.grad = slope
        self.optimizer.step()
        return tuple(parameter.data for parameter in self._parameters)


class _Searching:
    """Steps so long that the value falls by at least half of what the slope promises."""

    def __init__(self, function: _Counted) -> None:
        self._function = function
        self._rate = 0.5

    def __call__(self, point: Point, here: _Evaluation) -> Point | None:
        promised = here.norm * here.norm
        if self._rate * promised < 1e-12 * abs(here.value):  # rounding hides by how much the value falls
            return _downhill(point, here, self._rate)
        rate = 2.0 * self._rate
        while True:
            moved = _downhill(point, here, rate)
            if moved == point:
                return None
            if self._value(moved) <= here.value - 0.5 * rate * promised:
                self._rate = rate
                return moved
            rate /= 2.0

    def _value(self, point: Point) -> float:
        """The value; where there is none, no step is to go."""
        try:
            value = self._function.value(point)
        except (ArithmeticError, ValueError):
            return math.inf
        return math.inf if math.isnan(value) else value


# ---------------------------------------------------------------- many minima


class Basin(NamedTuple):
    """A minimum that descents ended in.

    point, value: of the lowest of their ends.
    starts: how many of them there were.
    """

    point: Point
    value: float
    starts: int


@dataclass(repr=False)
class Multistart:
    """Descents from many starts.

    function, box: what was searched, and the interval of each variable.
    paths: each of them.
    basins: the different minima they ended in, the lowest first.
    basin_of: for each path the place of its basin in that list; None where it did not converge.

    Printing it gives a table of the basins.
    """

    function: Function
    box: list[tuple[float, float]]
    paths: list[Path]
    basins: list[Basin]
    basin_of: list[int | None]

    @property
    def best(self) -> Basin:
        """The lowest minimum.

        Raises:
            ValueError: no descent converged.
        """
        if not self.basins:
            raise ValueError(f"none of {len(self.paths)} descents converged; {self.paths[0].reason}")
        return self.basins[0]

    def __repr__(self) -> str:
        return f"Multistart({len(self.paths)} starts, {len(self.basins)} minima)"

    def __str__(self) -> str:
        rows = [(_shown(basin.point), f"{basin.value:.6g}", str(basin.starts)) for basin in self.basins]
        lost = [path for path, basin in zip(self.paths, self.basin_of, strict=True) if basin is None]
        note = f"\n\n{len(lost)} of {len(self.paths)} did not converge; the first {lost[0].reason}" if lost else ""
        return table(("minimum", "value", "starts"), rows) + note

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draws every start in the colour of the minimum it leads to; stars are minima, crosses did not converge.

        There are seven colours; with many minima a colour comes again, with another marker.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> multistart(lambda x: (x**2 - 1.0) ** 2, (-2.0, 2.0), n=10, rng=0).plot().get_title()
        '10 starts lead to 2 minima'
        """
        ax = draw_landscape(self.function, [path.points[0] for path in self.paths], *_limits(self.box), ax, levels=6)
        for place, basin in enumerate(self.basins):
            colour, marker = _look(place)
            self._draw_starts(ax, place, color=colour, marker=marker)
            ((x, y),) = _drawn([basin.point], [basin.value])
            ax.plot(x, y, "*", color=colour, markeredgecolor="black", markersize=14, zorder=6)
        self._draw_starts(ax, None, color=plotting.GREY, marker="x")
        minima = "1 minimum" if len(self.basins) == 1 else f"{len(self.basins)} minima"
        ax.set_title(f"{len(self.paths)} starts lead to {minima}", fontsize=11)
        return ax

    def _draw_starts(self, ax: Axes, place: int | None, color: str, marker: str) -> None:
        starts = [path.drawn()[0] for path, basin in zip(self.paths, self.basin_of, strict=True) if basin == place]
        if starts:
            x, y = zip(*starts, strict=True)
            edge = color if marker == "x" else "white"
            ax.plot(x, y, marker, color=color, markeredgecolor=edge, markersize=6, zorder=5)

    def plot_best(self, *, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the lowest value found by random restarts, one start after the other, by evaluations of the function.

        Raises:
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> len(multistart(lambda x: x**2, (-2.0, 2.0), n=3, rng=0).plot_best().lines)
        1
        """
        spent = list(accumulate(path.evaluations for path in self.paths))
        lowest = list(accumulate((min(path.values) for path in self.paths), min))
        return _draw_best(spent, lowest, ax, {"label": "random restarts", "color": plotting.BLUE} | style)


def multistart(
    f: Function,
    box: tuple[float, float] | Sequence[tuple[float, float]],
    n: int = 100,
    rng: random.Random | int | None = None,
    *,
    lr: float | None = None,
    steps: int = 1000,
    optimizer: MakeOptimizer | None = None,
    merge: float = 1e-3,
) -> Multistart:
    """Descends from `n` random starts in a box, and tells which minima they lead to: random restarts.

    With a small `lr` a start's minimum is that at the foot of its own slope. The long steps that are tried without one
    reach a minimum sooner, but may leap over a hill on the way.

    Args:
        f: as for `gradient_descent`.
        box: the lowest and the highest number of each variable, [(low, high), ...]; one pair (low, high) for a
            function of one number. A descent may leave it.
        n: how many starts.
        rng: decides them; a random.Random, an int seed, or None.
        lr: as for `gradient_descent`, and so the next two.
        steps: how many at most in each descent.
        optimizer: makes one for each descent.
        merge: ends that differ by less than this part of the box's sides are one minimum.

    Raises:
        ValueError: `n` is below 1, or the box is empty, has its sides swapped or is not finite; and as
            `gradient_descent`.
        TypeError: as `gradient_descent`.

    >>> print(multistart(lambda x: (x**2 - 1.0) ** 2 + 0.1 * x, (-2.0, 2.0), n=20, rng=0))
    minimum      value  starts
    -------  ---------  ------
    -1.012   -0.100617       8
    0.9873    0.099367      12
    """
    if n < 1:
        raise ValueError(f"at least 1 start is needed, not {n}")
    sides, f = _box(box, f)
    rng = generator(rng)
    paths = [
        gradient_descent(f, [rng.uniform(low, high) for low, high in sides], lr, steps, optimizer=optimizer)
        for _ in range(n)
    ]
    basins: list[Basin] = []
    for path in sorted(paths, key=lambda path: path.values[-1]):
        if path.outcome == "converged":
            known = _nearest(path.end, basins, sides, merge)
            if known is None:
                basins.append(Basin(path.end, path.values[-1], 1))
            else:
                basins[known] = basins[known]._replace(starts=basins[known].starts + 1)
    basin_of = [_nearest(path.end, basins, sides, merge) if path.outcome == "converged" else None for path in paths]
    return Multistart(f, sides, paths, basins, basin_of)


def _nearest(point: Point, basins: Sequence[Basin], sides: Sequence[tuple[float, float]], merge: float) -> int | None:
    """The place of the first basin whose minimum is this point."""
    for place, basin in enumerate(basins):
        pairs = zip(point, basin.point, sides, strict=True)
        if all(abs(x - y) <= merge * (high - low) for x, y, (low, high) in pairs):
            return place
    return None


@dataclass(repr=False)
class Annealing:
    """Where simulated annealing went.

    function, box: what was searched, and the interval of each variable.
    points, values: every point it stood at, one for each step and the start, and its value.
    temperatures: what it was at each step.
    best, best_value: the lowest of the points.
    accepted: the share of the steps proposed that were taken.
    """

    function: Function
    box: list[tuple[float, float]]
    points: list[Point]
    values: list[float]
    temperatures: list[float]
    accepted: float

    @property
    def best_value(self) -> float:
        """The lowest value that was met."""
        return min(self.values)

    @property
    def best(self) -> Point:
        """The point that has it."""
        return self.points[self.values.index(self.best_value)]

    def __repr__(self) -> str:
        return (
            f"Annealing({len(self.temperatures)} steps, best value {self.best_value:.4g} at {_shown(self.best)}, "
            f"{self.accepted:.0%} accepted)"
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draws where it went, light while it was hot and dark when it was cold, and the best point as a star.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> anneal(lambda x: x**2, (-2.0, 2.0), steps=100, rng=0).plot().get_title()
        'Simulated annealing, 100 steps: light when hot, dark when cold'
        """
        ax = draw_landscape(self.function, self.points, *_limits(self.box), ax, levels=6)
        drawn = _drawn(self.points, self.values)
        x, y = zip(*drawn, strict=True)
        ages = range(len(x))  # the colours begin below the oldest, as the lightest of all are white
        ax.scatter(x, y, c=ages, cmap="Oranges", vmin=-0.3 * len(x), s=24, edgecolors="black", linewidths=0.4, zorder=4)
        x_best, y_best = drawn[self.values.index(self.best_value)]
        ax.plot(x_best, y_best, "*", color="white", markeredgecolor="black", markersize=15, zorder=6)
        steps = len(self.temperatures)
        ax.set_title(f"Simulated annealing, {steps} steps: light when hot, dark when cold", fontsize=11)
        return ax

    def plot_best(self, *, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the lowest value found so far, by evaluations of the function.

        Raises:
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> len(anneal(lambda x: x**2, (-2.0, 2.0), steps=100, rng=0).plot_best().lines)
        1
        """
        lowest = list(accumulate(self.values, min))
        spent = list(range(1, len(lowest) + 1))
        style = {"label": "simulated annealing", "color": plotting.ORANGE, "linestyle": "--"} | style
        return _draw_best(spent, lowest, ax, style)


def anneal(
    f: Function,
    box: tuple[float, float] | Sequence[tuple[float, float]],
    steps: int = 5000,
    rng: random.Random | int | None = None,
    *,
    hot: float | None = None,
    cold: float | None = None,
) -> Annealing:
    """Simulated annealing: a random walk that always goes down, and goes up the more rarely the colder it gets.

    A step that raises the value by d is taken with the probability exp(-d / T). The temperature T falls by the same
    factor at each step, and the steps proposed become shorter with its square root (Kirkpatrick, Gelatt and Vecchi
    1983, "Optimization by Simulated Annealing"). No gradient is used.

    Args:
        f: as for `gradient_descent`.
        box: as for `multistart`; no step leaves it.
        steps: how many are proposed.
        rng: decides start and steps; a random.Random, an int seed, or None.
        hot: the temperature at first; by default the standard deviation of the values at 50 random points.
        cold: the temperature at last; by default a thousandth of the first.

    Raises:
        ValueError: `steps` is below 1, the temperatures are not above 0 or rise, or as `multistart`.
        TypeError: as `multistart`.

    >>> found = anneal(lambda x: (x**2 - 1.0) ** 2 + 0.1 * x, (-2.0, 2.0), rng=0)
    >>> round(found.best[0], 2), round(found.best_value, 4)
    (-1.01, -0.1006)
    """
    if steps < 1:
        raise ValueError(f"annealing needs at least 1 step, not {steps}")
    sides, f = _box(box, f)
    rng = generator(rng)
    function = _Counted(f)

    def anywhere() -> Point:
        return tuple(rng.uniform(low, high) for low, high in sides)

    if hot is None:
        hot = statistics.pstdev(function.value(anywhere()) for _ in range(50)) or 1.0
    if cold is None:
        cold = 1e-3 * hot
    if not 0.0 < cold <= hot < math.inf:
        raise ValueError(f"the temperature falls from hot to cold, both above 0, not from {hot!r} to {cold!r}")
    point = anywhere()
    value = function.value(point)
    points, values, temperatures, taken = [point], [value], [], 0
    for step in range(steps):
        temperature = hot * (cold / hot) ** (step / max(steps - 1, 1))
        reach = 0.25 * math.sqrt(temperature / hot)
        proposed = tuple(
            _reflected(rng.gauss(x, reach * (high - low)), low, high)
            for x, (low, high) in zip(point, sides, strict=True)
        )
        there = function.value(proposed)
        if there <= value or rng.random() < math.exp((value - there) / temperature):
            point, value, taken = proposed, there, taken + 1
        points.append(point)
        values.append(value)
        temperatures.append(temperature)
    return Annealing(f, sides, points, values, temperatures, taken / steps)


def _reflected(x: float, low: float, high: float) -> float:
    """A number that has gone beyond an end comes back as from a mirror."""
    width = high - low
    x = math.fmod(abs(x - low), 2.0 * width)
    return low + min(x, 2.0 * width - x)


def _draw_best(spent: list[int], lowest: list[float], ax: Axes | None, style: dict[str, Any]) -> Axes:
    ax = plotting.axes(ax)
    ax.step(spent, lowest, where="post", **style)
    return plotting.named(ax, "The lowest value so far", "evaluations of the function", "value", legend=True)


# ---------------------------------------------------------------- what is given


def _start(x0: float | Sequence[float], f: Function) -> tuple[Point, Function]:
    """A start as a tuple, and a function of a list."""
    is_of_one_number = not hasattr(x0, "__len__")
    given: list[Any] = [x0] if is_of_one_number else list(x0)  # type: ignore[arg-type]
    if not given:
        raise ValueError("the start x0 is empty; give one number for each variable")
    numbers = []
    for x in given:
        try:
            numbers.append(Value(x).data)
        except TypeError as error:
            raise TypeError(f"the start x0 is a number or a list of numbers, not {x0!r:.80}") from error
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"the start x0 must be finite, not {x0!r:.80}")
    return tuple(numbers), _of_one_number(f) if is_of_one_number else f


def _of_one_number(f: Function) -> Function:
    """The function of a list of one Value that does what `f` does with the Value itself."""
    return lambda x: f(x[0])


def _box(box: Any, f: Function) -> tuple[list[tuple[float, float]], Function]:
    """The sides of a box as a list, and a function of a list."""
    if isinstance(box, Sequence) and len(box) == 2 and not any(isinstance(side, Sequence) for side in box):
        return checked_box([tuple(box)]), _of_one_number(f)
    return checked_box(box), f


# ---------------------------------------------------------------- what is shown


def _shown(point: Sequence[float]) -> str:
    return f"{point[0]:.4g}" if len(point) == 1 else "(" + ", ".join(f"{x:.4g}" for x in point) + ")"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _round_numbers(largest: int) -> Iterator[int]:
    """0, 1, 2, 5, 10, 20, 50, ... up to a number."""
    yield 0
    size = 1
    while size <= largest:
        yield from (digit * size for digit in (1, 2, 5) if digit * size <= largest)
        size *= 10


def draw_landscape(
    f: Function,
    points: Sequence[Point],
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    ax: Axes | None = None,
    *,
    levels: int = 14,
) -> Axes:
    """Draws the contours of a function of two variables, or the curve of one; wide enough for some points.

    Raises:
        ValueError: the points have three coordinates or more.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> draw_landscape(lambda x: x[0] * x[1], [(0.0, 0.0), (1.0, 2.0)]).get_ylabel()
    '$x_1$'
    """
    dimensions = len(points[0])
    if dimensions > 2:
        raise ValueError(f"a landscape of {dimensions} variables has no picture; plot_values and print show the path")
    xlim = xlim or _wide_enough([point[0] for point in points])
    if dimensions == 1:
        ax = plotting.axes(ax)
        function = _Counted(f)
        xs = [xlim[0] + (xlim[1] - xlim[0]) * place / 400 for place in range(401)]
        ax.plot(xs, [function.value((x,)) for x in xs], color=plotting.BLACK, linewidth=1.2)
        ax.set_xlim(*xlim)
        if ylim is not None:
            ax.set_ylim(*ylim)
        return plotting.named(ax, "", "$x$", "$f(x)$")
    return plot_contours(f, xlim, ylim or _wide_enough([point[1] for point in points]), levels=levels, ax=ax)


def _look(place: int) -> tuple[str, str]:
    """A colour and a marker for each of up to 49 things."""
    colours, markers = plotting.COLOURS, plotting.MARKERS
    return colours[place % len(colours)], markers[(place + place // len(colours)) % len(markers)]


def _limits(box: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """A box as limits of a picture: with one side, the other limit follows from the values."""
    return box[0], box[1] if len(box) > 1 else None


def _drawn(points: Sequence[Point], values: Sequence[float]) -> list[tuple[float, float]]:
    """Where points are in a picture: those of one coordinate are on the curve."""
    if len(points[0]) == 1:
        return [(x, value) for (x,), value in zip(points, values, strict=True)]
    return [(point[0], point[1]) for point in points]


def _wide_enough(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    margin = 0.2 * (high - low) or 1.0
    return low - margin, high + margin


@dataclass(repr=False)
class Film:
    """A film that a notebook plays; `html` is the page that does."""

    html: str = field(repr=False)

    def __repr__(self) -> str:
        return f"Film({len(self.html):,} characters of HTML; a notebook plays it)"

    def _repr_html_(self) -> str:
        return self.html


_SIGNS = {
    "minus": "\u2212",
    "fast-backward": "\u00ab",
    "step-backward": "\u2039",
    "flip-horizontal": "\u25c2",
    "pause": "\u2016",
    "play:not(.fa-flip-horizontal)": "\u25b8",
    "step-forward": "\u203a",
    "fast-forward": "\u00bb",
    "plus": "+",
}
"""What stands on the buttons of a film, by matplotlib's name for the icon."""


def _self_contained(film: str) -> str:
    """Matplotlib's page without the icons that it loads from another host, and with names for screen readers."""
    signs = "".join(f'.fa-{icon}::before {{ content: "{sign}"; }}' for icon, sign in _SIGNS.items())
    film = re.sub(
        r'<link rel="stylesheet"\s+href="https://[^"]*">',
        f"<style>.fa {{ font: 1em sans-serif; }}{signs}</style>",
        film,
    )
    film = film.replace('<img id="_anim_img', '<img alt="the picture of one step" id="_anim_img')
    return film.replace('type="range" class="anim-slider"', 'type="range" aria-label="step" class="anim-slider"')


def _filmed(
    ax: Axes,
    show: Callable[[int], None],
    shown: Sequence[int],
    per_second: int,
    path: FilePath | None,
    progress: bool,
) -> FilePath | Film:
    """Draws picture after picture; the figure is closed in the end."""
    from matplotlib import pyplot
    from matplotlib.animation import FuncAnimation, PillowWriter
    from tqdm import tqdm

    figure = ax.get_figure(root=True)
    assert figure is not None
    try:
        with tqdm(total=len(shown), unit="picture", disable=not progress) as bar:

            def draw(step: int) -> tuple[()]:
                show(step)
                bar.update()
                return ()

            if path is None:
                film = FuncAnimation(figure, draw, shown, init_func=lambda: (), interval=1000 / per_second)
                return Film(_self_contained(film.to_jshtml()))
            writer = PillowWriter(fps=per_second)
            with whole_file(path) as unfinished, writer.saving(figure, str(unfinished), dpi=100):
                for step in shown:
                    draw(step)
                    writer.grab_frame()
            return path
    finally:
        pyplot.close(figure)
