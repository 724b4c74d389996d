"""Critical points: where the gradient of a function is zero, and what the Hessian says about each of them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from autograd.calculus.arguments import Box, checked_count, numpy
from autograd.calculus.curvature import Kind, balancing, eigenvalues, kind_of, scaled
from autograd.calculus.evaluation import (
    UNDEFINED,
    Function,
    SearchedFunction,
    evaluated,
    in_brackets,
    searched_box,
    second_order,
    shown,
    zero_if_tiny,
)
from autograd.calculus.landscapes import plot_contours
from autograd.engine.value import Value
from autograd.support import plotting
from autograd.support.rng import generator
from autograd.support.tables import Table, Tabulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITERATIONS = 60
LONGEST = 0.25
"""The longest Newton step, as a part of the box."""
REACHED = 1e-12
"""The search ends after a Newton step below this part of the box."""
SAME = 1e-9
"""Two points count as one if their distance is below this part of the box, even if both seem to be known better."""
VAGUE = 1e-4
"""The largest error of a point, as a part of the box, if rounding hides the zero of the gradient."""
LEAST = 8 * 2.0**-52
"""The least eigenvalue that a step is divided by, as a part of the largest one, with all rows scaled to 1."""
AROUND = 1e-2
"""On a plateau all derivatives are zero this far around a point, as a part of the box."""
TRACE = 1e-20
"""On a plateau a derivative below this part of the usual slope counts as zero."""


class CriticalPoint(NamedTuple):
    """A point where the gradient is zero; `eigenvalues` are those of the Hessian there, from low to high.

    point, value: where it is, and the value of the function there.
    kind: "minimum" if all eigenvalues are positive, "maximum" if all are negative, "saddle" if there are both, and
        otherwise "degenerate": one is zero within rounding and the others agree in sign, so that the Hessian cannot
        tell. Rounding is judged in the scales of the variables: curvatures may be many powers of ten apart.
    """

    point: tuple[float, ...]
    value: float
    eigenvalues: tuple[float, ...]
    kind: Kind


class CriticalPoints(Tabulated, tuple[CriticalPoint, ...]):
    """The result of `critical_points`, from the lowest value to the highest; printed, a table.

    starts: how many points the search started from.
    lost: how many of these found no critical point; the others found one of those listed, or one outside the box.
    flat: how many of those lost ended on a plateau, where all derivatives are zero, perhaps because they are too small
        for a float.
    """

    starts: int
    lost: int
    flat: int

    def __new__(cls, points: Iterable[CriticalPoint], starts: int, lost: int, flat: int = 0) -> CriticalPoints:
        found = super().__new__(cls, points)
        found.starts, found.lost, found.flat = starts, lost, flat
        return found

    def __getnewargs__(self) -> tuple[Any, ...]:  # for copies and pickles
        return tuple(self), self.starts, self.lost, self.flat

    def _table(self) -> Table:
        rows = [
            (
                point.kind,
                in_brackets(point.point),
                f"{zero_if_tiny(point.value):.6g}",
                in_brackets(point.eigenvalues, digits=4),
            )
            for point in self
        ]
        count = f"{len(self)} critical point{'' if len(self) == 1 else 's'} in the box"
        flat = f", {self.flat} on a plateau where all derivatives are zero" if self.flat else ""
        found = f"{count}, from {self.starts} starts ({self.lost} of them found none{flat})"
        return Table("critical points", ("kind", "point", "value", "eigenvalues of the Hessian"), rows, below=found)


def critical_points(
    f: Callable[[Any], Any],
    box: tuple[float, float] | Box,
    *,
    starts: int = 200,
    rng: random.Random | int | None = 0,
) -> CriticalPoints:
    """Finds the points in a box at which the gradient of `f` is zero, and the kind of each.

    Newton's method solves gradient = 0 from many starts, half of them on a grid and half at random. This finds every
    critical point that some start leads to; there may be others. If a whole curve of points is critical (a valley with
    a level floor), the list holds many of them, degenerate or saddles. A plateau, where all derivatives are zero in
    every direction, is left out.

    Args:
        f: takes a list of Values, one for each variable, and returns one Value.
        box: a list of one pair (low, high) for each variable; one pair (low, high) for a function of one number.
        starts: how many points to start from.
        rng: a `random.Random`, an int seed, or None for a seed from Python's shared generator.

    Raises:
        TypeError: `f` does not take a list of that many variables, or returns no Value.
        ValueError: the sides of the box are swapped, `f` is not defined at any start, or there are no starts.
        ImportError: NumPy is not installed.

    >>> (point,) = critical_points(lambda x: x[0] ** 2 - x[1] ** 2, [(-2, 2), (-2, 2)])
    >>> point.kind, point.eigenvalues
    ('saddle', (-2.0, 2.0))
    >>> [point.kind for point in critical_points(lambda x: x**3 - 3 * x, (-2, 2))]
    ['minimum', 'maximum']
    """
    np = numpy("critical_points")
    f, sides = searched_box(f, box)
    starts = checked_count(starts, "starts")
    search = _Search(np, f, sides)
    begun = [state for u in _starts(len(sides), starts, rng) if (state := search.at(np.array(u))) is not None]
    if not begun:
        middle = [(low + high) / 2 for low, high in sides]
        evaluated(f, [Value(x) for x in middle])  # the error there, if any
        flaw = SearchedFunction(f).at(middle).flaw or "a second derivative is not finite"
        raise ValueError(
            f"f and its derivatives are not defined at any of the {starts} starts in the box {sides}; "
            f"at {shown(middle)} {flaw}"
        )
    slopes = abs(np.array([state.gradient for state in begun]))
    search.usual_slopes = np.array([np.median(sizes[sizes > 0.0]) if sizes.any() else 1.0 for sizes in slopes.T])
    ends: list[_End] = []
    lost, flat = starts - len(begun), 0
    for state in begun:
        end = search.newton(state)
        if end is None:
            lost += 1
        elif search.is_flat(end.state):
            lost += 1
            flat += 1
        elif all(-SAME <= side <= 1 + SAME for side in end.state.u):
            _merge(ends, end, SAME)
    points: list[CriticalPoint] = []
    vague: list[_End] = []
    for end in ends:
        straight = search.are_straight(end.state)
        if all(straight):
            points.append(search.point(end.state, straight))
        else:  # rounding may have made several of one
            _merge(vague, end, VAGUE)
    points += [search.point(end.state, search.are_straight(end.state)) for end in vague]
    return CriticalPoints(sorted(points, key=lambda point: (point.value, point.point)), starts, lost, flat)


def plot_critical_points(
    f: Function,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    points: Sequence[CriticalPoint] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the contours of `f` and its critical points, with a marker for each kind.

    Args:
        f: takes a list of two Values and returns one.
        xlim: the range of the first variable.
        ylim: the range of the second.
        points: what `critical_points` found; None calls it.
        ax: where to draw; None makes new Axes.

    Raises:
        TypeError: `f`, or a point, is not of two variables.
        ValueError: two limits are swapped, or `f` is defined nowhere between them.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> ax = plot_critical_points(lambda x: x[0] ** 2 - x[1] ** 2, (-2, 2), (-2, 2))
    >>> ax.get_legend().get_texts()[0].get_text()
    'saddle (1)'
    """
    ax = plot_contours(f, xlim, ylim, ax=ax)
    points = critical_points(f, [xlim, ylim]) if points is None else points
    for point in points:
        if len(point.point) != 2:
            raise TypeError(f"a picture shows points of two variables, not of {len(point.point)}")
    styles = (("v", plotting.BLUE), ("^", plotting.ORANGE), ("X", plotting.BLACK), ("D", plotting.PURPLE))
    for kind, (marker, colour) in zip(get_args(Kind), styles, strict=True):
        found = [point.point for point in points if point.kind == kind]
        if found:
            xs, ys = zip(*found, strict=True)
            ax.plot(
                xs, ys, marker, color=colour, markersize=10, markeredgecolor="white", label=f"{kind} ({len(found)})",
                zorder=3, clip_on=False,
            )  # fmt: skip
    plotting.named(ax, "Critical points: $\\nabla f = 0$", ax.get_xlabel(), ax.get_ylabel())
    if points:
        # Beside the picture, where it covers no point.
        ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


class _State(NamedTuple):
    """A point in the box, scaled to sides from 0 to 1, with the derivatives in that scale.

    The derivatives are multiplied by a constant that keeps them in the range of floats. `curvatures` is the Hessian
    without these scales.
    """

    u: Any
    value: float
    gradient: Any
    hessian: Any
    curvatures: Any


class _End(NamedTuple):
    """Where Newton's method ended, and how far off each coordinate may be: the length of the next step."""

    state: _State
    unsure: Any


def _merge(ends: list[_End], end: _End, distance: float) -> None:
    """Adds an end, unless another lies within a distance and ten times their errors; then the more precise stays."""
    for index, other in enumerate(ends):
        if (abs(end.state.u - other.state.u) <= distance + 10 * (end.unsure + other.unsure)).all():
            ends[index] = min(end, other, key=lambda either: float(max(either.unsure)))
            return
    ends.append(end)


class _Search:
    """Newton's method on the gradient of one function, in a box scaled to sides of length 1."""

    usual_slopes: Any
    """The median size of each number of the gradient at the starts."""

    def __init__(self, np: Any, f: Function, sides: Sequence[tuple[float, float]]) -> None:
        self.np, self.f = np, f
        self.low = np.array([low for low, _ in sides])
        self.width = np.array([high - low for low, high in sides])
        self.factor = 0.25 ** max(0, round(math.log2(self.width.max())))

    def at(self, u: Any) -> _State | None:
        """The function at a point; None if it, or a derivative, is not finite."""
        try:
            value, gradient, hessian = second_order(self.f, (self.low + u * self.width).tolist())
        except UNDEFINED:
            return None
        slopes, curvatures = (self.np.array(numbers) for numbers in (gradient, hessian))
        if not (math.isfinite(value) and self.np.isfinite(slopes).all() and self.np.isfinite(curvatures).all()):
            return None
        steepness = slopes * self.factor * self.width
        return _State(u, value, steepness, scaled(curvatures * self.factor, self.width), curvatures)

    def step(self, state: _State) -> Any:
        """The step of Newton's method, -H^-1 g, along the principal axes; an eigenvalue near zero is enlarged."""
        np = self.np
        eigenvalues, axes = self.principal_axes(state)
        slopes = axes @ state.gradient
        least = LEAST * abs(eigenvalues).max() or math.hypot(*slopes) or 1.0
        sizes = np.maximum(abs(eigenvalues), least) * np.where(eigenvalues < 0.0, -1.0, 1.0)
        return -(slopes / sizes) @ axes

    def principal_axes(self, state: _State) -> tuple[Any, Any]:
        """Eigenvalues, and a direction d for each in a row: d H d is the eigenvalue, and d H c = 0 for any other row c.

        They belong to H in a scale in which all its rows have the same size, so that no variable is lost beside another
        along which the function is very much steeper.
        """
        scales = balancing(abs(state.hessian))
        eigenvalues, vectors = self.np.linalg.eigh(scaled(state.hessian, scales))
        return eigenvalues, vectors.T * scales

    def newton(self, start: _State) -> _End | None:
        """Follows Newton's method to a critical point: first with whole steps, and if that fails with careful ones."""
        return self.followed(start, careful=False) or self.followed(start, careful=True)

    def followed(self, state: _State, careful: bool) -> _End | None:
        """Follows Newton steps; careful ones are shortened until the gradient gets smaller."""
        longest = 0.0
        for _ in range(ITERATIONS):
            step = self.step(state)
            length = math.hypot(*step)
            longest = max(longest, length)
            if length <= REACHED and self.is_zero(state, step):
                return _End(state, abs(step))
            part = min(1.0, LONGEST / length)
            for _ in range(12):
                after = self.at(state.u + part * step)
                if after is not None and (not careful or self.steepness(after) < self.steepness(state)):
                    break
                part /= 2
            else:
                break
            state = after
            if abs(state.u - 0.5).max() > 1.0:  # outside by half the width of the box
                return None
        # Rounding hides the last steps where the Hessian is nearly singular.
        step = self.step(state)
        length = math.hypot(*step)
        near = length <= min(VAGUE, 1e-3 * longest) and (abs(state.gradient) <= 1e-8 * self.usual_slopes).all()
        return _End(state, abs(step)) if near else None

    def is_zero(self, state: _State, step: Any) -> bool:
        """Whether a step reduces the gradient to less than a quarter, or it is as near to zero as floats allow.

        Neither holds where steps are short only because the function changes very fast, as at a side of the box.
        """
        np = self.np
        after = self.at(state.u + step)
        if after is not None and self.steepness(after) <= 0.25 * self.steepness(state):
            return True
        x = self.low + state.u * self.width
        apart = np.spacing(state.u) + np.spacing(np.maximum(abs(self.low), abs(x))) / self.width
        return bool((abs(state.gradient) <= 4 * abs(state.hessian) @ apart).all())

    def steepness(self, state: _State) -> float:
        """The length of the gradient, each of its numbers divided by its usual size."""
        with self.np.errstate(over="ignore"):
            return math.hypot(*state.gradient / self.usual_slopes)

    def is_flat(self, state: _State) -> bool:
        """Whether all derivatives are nearly zero, here and some way off on at least one side along each axis."""
        pairs = [[self.at(state.u + way * axis) for way in (AROUND, -AROUND)] for axis in self.np.eye(len(state.u))]
        return self.is_level(state) and all(any(side and self.is_level(side) for side in pair) for pair in pairs)

    def is_level(self, state: _State) -> bool:
        """Whether all derivatives are nearly zero at a point."""
        traces = TRACE * self.usual_slopes
        return bool((abs(state.gradient) <= traces).all() and (abs(state.hessian) <= traces[:, None]).all())

    def kind(self, state: _State, straight: list[bool]) -> Kind:
        """The kind of a critical point, from the principal axes along which the gradient grows as the Hessian says."""
        kind = kind_of(state.hessian, self.np.zeros_like(state.hessian))
        if kind == "degenerate" or all(straight):
            return kind
        sizes = self.principal_axes(state)[0]
        sure = [size for size in sizes[straight] if abs(size) > LEAST * abs(sizes).max()]
        return "saddle" if sure and min(sure) < 0.0 < max(sure) else "degenerate"

    def are_straight(self, state: _State) -> list[bool]:
        """For each principal axis, whether the gradient grows along it as the Hessian says, at two distances in a row.

        At a zero of higher order it does not: it grows with a power of the distance, and at small distances it is lost
        in rounding.
        """
        return [
            self.is_straight(state, eigenvalue, axis)
            for eigenvalue, axis in zip(*self.principal_axes(state), strict=True)
        ]

    def is_straight(self, state: _State, eigenvalue: float, axis: Any) -> bool:
        """Whether the gradient grows along one principal axis as the Hessian says."""
        in_a_row = 0
        for exponent in range(2, 16):
            distance = 10.0**-exponent / abs(axis).max()
            ends = [self.at(state.u + sign * distance * axis) for sign in (1.0, -1.0)]
            slopes = [sign * (axis @ end.gradient) for end, sign in zip(ends, (1.0, -1.0), strict=True) if end]
            expected = eigenvalue * distance
            is_met = len(slopes) == 2 and all(abs(slope - expected) <= 0.1 * abs(expected) for slope in slopes)
            in_a_row = in_a_row + 1 if is_met else 0
            if in_a_row == 2:
                return True
        return False

    def point(self, state: _State, straight: list[bool]) -> CriticalPoint:
        """A critical point in the user's scale; `straight` is what `are_straight` says about it."""
        point = tuple((self.low + state.u * self.width).tolist())
        return CriticalPoint(
            point, state.value, tuple(eigenvalues(state.curvatures.tolist())), self.kind(state, straight)
        )


def _starts(variables: int, count: int, rng: random.Random | int | None) -> list[list[float]]:
    """Points in a box with sides from 0 to 1: the middles of the cells of a grid, and random ones."""
    rng = generator(rng)
    cells = int((count / 2) ** (1 / variables) + 1e-9)
    grid = itertools.product([(cell + 0.5) / cells for cell in range(cells)], repeat=variables) if cells > 1 else ()
    points = [list(point) for point in grid]
    return points + [[rng.random() for _ in range(variables)] for _ in range(count - len(points))]
