"""Searches for the lowest of many minima: descents from random starts, and simulated annealing."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.calculus.arguments import checked_count, checked_number
from autograd.calculus.descent import MakeOptimizer, Path, checked_descent, descended
from autograd.calculus.evaluation import Function, Point, SearchedFunction, searched_box, shown
from autograd.calculus.landscapes import draw_landscape, drawn
from autograd.support import plotting
from autograd.support.rng import generator
from autograd.support.tables import Table, Tabulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWS = 1000
"""A search gives up after so many random points in a row at which the function is not finite."""


class Basin(NamedTuple):
    """A minimum that descents ended in.

    point, value: of the lowest of their ends.
    starts: how many descents ended in it.
    """

    point: Point
    value: float
    starts: int


@dataclass(repr=False)
class Multistart(Tabulated):
    """Descents from many starts.

    function, box: what was searched, and the interval of each variable.
    paths: one for each start.
    basins: the different minima they ended in, the lowest first.
    basin_of: for each path the index of its basin; None if it did not converge.
    refused: how many starts were drawn again, because the function or its gradient is not finite there.
    flaw: the first of these starts, and what is not finite there, in words.

    Printed, it is a table of the basins.
    """

    function: Function
    box: list[tuple[float, float]]
    paths: list[Path]
    basins: list[Basin]
    basin_of: list[int | None]
    refused: int = 0
    flaw: str = ""

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

    def _table(self) -> Table:
        rows = [(shown(basin.point), f"{basin.value:.6g}", str(basin.starts)) for basin in self.basins]
        lost = [path for path, basin in zip(self.paths, self.basin_of, strict=True) if basin is None]
        notes = [f"\n{len(lost)} of {len(self.paths)} did not converge; the first {lost[0].reason}"] if lost else []
        if self.refused:
            starts = "1 start was" if self.refused == 1 else f"{self.refused} starts were"
            notes.append(f"\n{starts} drawn again; at the first, {self.flaw}")
        return Table("minima", ("minimum", "value", "starts"), rows, below="\n".join(notes))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draws every start in the colour of its minimum; stars are minima, crosses are starts that did not converge.

        There are seven colours; with more minima a colour is used again, with another marker.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> multistart(lambda x: (x**2 - 1.0) ** 2, (-2.0, 2.0), n=10, rng=0).plot().get_title()
        '10 starts lead to 2 minima'
        """
        ax = draw_landscape(self.function, [path.points[0] for path in self.paths], *_limits(self.box), ax, levels=6)
        for index, basin in enumerate(self.basins):
            colour, marker = _look(index)
            self._draw_starts(ax, index, color=colour, marker=marker)
            ((x, y),) = drawn([basin.point], [basin.value])
            ax.plot(x, y, "*", color=colour, markeredgecolor="black", markersize=14, zorder=6)
        self._draw_starts(ax, None, color=plotting.GREY, marker="x")
        minima = "1 minimum" if len(self.basins) == 1 else f"{len(self.basins)} minima"
        ax.set_title(f"{len(self.paths)} starts lead to {minima}", fontsize=11)
        return ax

    def _draw_starts(self, ax: Axes, index: int | None, color: str, marker: str) -> None:
        starts = [path.drawn()[0] for path, basin in zip(self.paths, self.basin_of, strict=True) if basin == index]
        if starts:
            x, y = zip(*starts, strict=True)
            edge = color if marker == "x" else "white"
            ax.plot(x, y, marker, color=color, markeredgecolor=edge, markersize=6, zorder=5)

    def plot_best(self, *, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the lowest value found so far, by evaluations of the function.

        The random restarts follow each other.

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
    f: Callable[[Any], Any],
    box: tuple[float, float] | Sequence[tuple[float, float]],
    n: int = 100,
    rng: random.Random | int | None = None,
    *,
    lr: float | None = None,
    steps: int = 1000,
    optimizer: MakeOptimizer | None = None,
    merge: float = 1e-3,
) -> Multistart:
    """Descends from `n` random starts in a box, and collects the minima they lead to: random restarts.

    With a small `lr`, each start leads to the minimum of its own valley. Without `lr`, longer steps reach a minimum
    sooner, but may leap over a hill. A start at which the value or a derivative is not finite is drawn again.

    Args:
        f: as for `gradient_descent`.
        box: the lowest and the highest number of each variable, [(low, high), ...]; one pair (low, high) for a
            function of one number. A descent may leave it.
        n: how many starts.
        rng: what the starts are drawn from; a random.Random, an int seed, or None.
        lr: as for `gradient_descent`.
        steps: how many at most in each descent.
        optimizer: as for `gradient_descent`; it is called once for each descent.
        merge: ends that differ by less than this part of the box's sides are one minimum.

    Raises:
        ValueError: `n` is below 1; the box is empty, has its sides swapped or is not finite; `f` is not finite at any
            of 1000 random points in a row; or as `gradient_descent`.
        TypeError: as `gradient_descent`.

    >>> print(multistart(lambda x: (x**2 - 1.0) ** 2 + 0.1 * x, (-2.0, 2.0), n=20, rng=0))
    minimum      value  starts
    -------  ---------  ------
    -1.012   -0.100617       8
    0.9873    0.099367      12
    """
    n = checked_count(n, "n")
    if not checked_number(merge, "merge") >= 0.0:
        raise ValueError(f"merge must be a part of the box's sides, at least 0, not {merge!r}")
    f, sides = searched_box(f, box)
    rng = generator(rng)
    lr, steps = checked_descent(lr, steps, optimizer)
    refusals = _Refusals(f)
    paths = []
    for _ in range(n):
        function = SearchedFunction(f)
        for _ in range(DRAWS):
            start = _anywhere(sides, rng)
            here = function.at(start)
            if not here.flaw:
                break
            refusals.add(start, here.value)
        else:
            raise refusals.error()
        paths.append(descended(f, function, start, here, lr, steps, optimizer))
    basins: list[Basin] = []
    for path in sorted(paths, key=lambda path: path.values[-1]):
        if path.outcome == "converged":
            known = _nearest(path.end, basins, sides, merge)
            if known is None:
                basins.append(Basin(path.end, path.values[-1], 1))
            else:
                basins[known] = basins[known]._replace(starts=basins[known].starts + 1)
    basin_of = [_nearest(path.end, basins, sides, merge) if path.outcome == "converged" else None for path in paths]
    return Multistart(f, sides, paths, basins, basin_of, refusals.count, refusals.flaw)


class _Refusals:
    """The points that a search refused because the function is not finite there: their number, and the first."""

    def __init__(self, f: Function) -> None:
        self._f = f
        self.count = 0
        self.flaw = ""
        self._is_bottomless = False

    def add(self, point: Point, value: float) -> None:
        """Counts a point. One with the value minus infinity is reported before all others: there is no minimum."""
        self.count += 1
        is_bottomless = value == -math.inf and not self._is_bottomless
        if is_bottomless or not self.flaw:
            self.flaw = f"{shown(point)}, {SearchedFunction(self._f).at(point).flaw}"
            self._is_bottomless = is_bottomless

    def error(self) -> ValueError:
        """The error of a search that finds no start."""
        return ValueError(f"f is not finite at any of {DRAWS} random points of the box; at {self.flaw}")


def _anywhere(sides: Sequence[tuple[float, float]], rng: random.Random) -> Point:
    return tuple(rng.uniform(low, high) for low, high in sides)


def _nearest(point: Point, basins: Sequence[Basin], sides: Sequence[tuple[float, float]], merge: float) -> int | None:
    """The index of the first basin whose minimum is this point."""
    for index, basin in enumerate(basins):
        pairs = zip(point, basin.point, sides, strict=True)
        if all(abs(x - y) <= merge * (high - low) for x, y, (low, high) in pairs):
            return index
    return None


@dataclass(repr=False)
class Annealing:
    """Where simulated annealing went.

    function, box: what was searched, and the interval of each variable.
    points, values: every point it stood at, one for each step and the start, and its value.
    temperatures: the temperature at each step.
    best, best_value: the lowest of the points.
    accepted: the share of the steps proposed that were taken.
    refused: how many points were refused because the value is not finite there, starts among them.
    flaw: the first of these points, and what is not finite there, in words; one with the value minus infinity is
        reported before all others, since then there is no minimum.
    """

    function: Function
    box: list[tuple[float, float]]
    points: list[Point]
    values: list[float]
    temperatures: list[float]
    accepted: float
    refused: int = 0
    flaw: str = ""

    @property
    def best_value(self) -> float:
        """The lowest value."""
        return min(self.values)

    @property
    def best(self) -> Point:
        """The point with the lowest value."""
        return self.points[self.values.index(self.best_value)]

    def __repr__(self) -> str:
        return (
            f"Annealing({len(self.temperatures)} steps, best value {self.best_value:.4g} at {shown(self.best)}, "
            f"{self.accepted:.0%} accepted{self._refusals()})"
        )

    def _refusals(self) -> str:
        if not self.refused:
            return ""
        return f"; {self.refused} point{'' if self.refused == 1 else 's'} refused: at {self.flaw}"

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
        points = drawn(self.points, self.values)
        x, y = zip(*points, strict=True)
        ages = range(len(x))  # the colour map begins below the oldest, as its lightest colours are white
        ax.scatter(x, y, c=ages, cmap="Oranges", vmin=-0.3 * len(x), s=24, edgecolors="black", linewidths=0.4, zorder=4)
        x_best, y_best = points[self.values.index(self.best_value)]
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
    f: Callable[[Any], Any],
    box: tuple[float, float] | Sequence[tuple[float, float]],
    steps: int = 5000,
    rng: random.Random | int | None = None,
    *,
    hot: float | None = None,
    cold: float | None = None,
) -> Annealing:
    """Simulated annealing: a random walk that takes every step down, and fewer and fewer steps up as it cools.

    A step that raises the value by d is taken with the probability exp(-d / T). The temperature T falls by the same
    factor at each step, and the proposed steps become shorter with its square root (Kirkpatrick, Gelatt and Vecchi
    1983, "Optimization by Simulated Annealing"). No gradient is used.

    A step to a point where the value is not finite, or `f` raises an error, is never taken: return `math.inf` for a
    point that a constraint forbids. A start at such a point is drawn again.

    Args:
        f: as for `gradient_descent`.
        box: as for `multistart`; no step leaves it.
        steps: how many are proposed.
        rng: what the start and the steps are drawn from; a random.Random, an int seed, or None.
        hot: the first temperature; by default the standard deviation of the finite values at 50 random points.
        cold: the last temperature; by default a thousandth of the first.

    Raises:
        ValueError: `steps` is below 1, the temperatures are not above 0 or rise, `f` is not finite at any of 1000
            random points in a row, or as `multistart`.
        TypeError: as `multistart`.

    >>> found = anneal(lambda x: (x**2 - 1.0) ** 2 + 0.1 * x, (-2.0, 2.0), rng=0)
    >>> round(found.best[0], 2), round(found.best_value, 4)
    (-1.01, -0.1006)
    """
    steps = checked_count(steps, "steps")
    f, sides = searched_box(f, box)
    rng = generator(rng)
    function = SearchedFunction(f)
    refusals = _Refusals(f)
    if hot is None:
        seen = [function.value(_anywhere(sides, rng)) for _ in range(50)]
        finite = [value for value in seen if math.isfinite(value)]
        hot = (statistics.pstdev(finite) if finite else 0.0) or 1.0
    hot = checked_number(hot, "hot")
    cold = 1e-3 * hot if cold is None else checked_number(cold, "cold")
    if not 0.0 < cold <= hot < math.inf:
        raise ValueError(f"the temperature falls from hot to cold, both above 0, not from {hot!r} to {cold!r}")
    for _ in range(DRAWS):
        point = _anywhere(sides, rng)
        value = function.value(point)
        if math.isfinite(value):
            break
        refusals.add(point, value)
    else:
        raise refusals.error()
    points, values, temperatures, taken = [point], [value], [], 0
    for step in range(steps):
        temperature = hot * (cold / hot) ** (step / max(steps - 1, 1))
        reach = 0.25 * math.sqrt(temperature / hot)
        proposed = tuple(
            _reflected(rng.gauss(x, reach * (high - low)), low, high)
            for x, (low, high) in zip(point, sides, strict=True)
        )
        there = function.value(proposed)
        if not math.isfinite(there):
            refusals.add(proposed, there)
        elif there <= value or rng.random() < math.exp((value - there) / temperature):
            point, value, taken = proposed, there, taken + 1
        points.append(point)
        values.append(value)
        temperatures.append(temperature)
    return Annealing(f, sides, points, values, temperatures, taken / steps, refusals.count, refusals.flaw)


def _reflected(x: float, low: float, high: float) -> float:
    """A number, reflected at the ends of an interval until it lies inside."""
    width = high - low
    x = math.fmod(abs(x - low), 2.0 * width)
    return low + min(x, 2.0 * width - x)


def _draw_best(spent: list[int], lowest: list[float], ax: Axes | None, style: dict[str, Any]) -> Axes:
    ax = plotting.axes(ax)
    ax.step(spent, lowest, where="post", **style)
    return plotting.named(ax, "The lowest value so far", "evaluations of the function", "value", legend=True)


def _look(index: int) -> tuple[str, str]:
    """A colour and a marker for each of up to 49 minima."""
    colours, markers = plotting.COLOURS, plotting.MARKERS
    return colours[index % len(colours)], markers[(index + index // len(colours)) % len(markers)]


def _limits(box: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """A box as limits of a picture; if it has one side, the other limits follow from the values."""
    return box[0], box[1] if len(box) > 1 else None
