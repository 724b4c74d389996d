"""Critical points: where the gradient of a function is zero, and what the Hessian says about each of them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from autograd import plotting
from autograd.calculus.evaluation import UNDEFINED, Box, Function, checked_box, evaluated, numpy, plain, second_order
from autograd.calculus.landscapes import plot_contours
from autograd.tables import table
from autograd.value import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]

ITERATIONS = 60
LONGEST = 0.25
"""The longest Newton step, as a part of the box."""
REACHED = 1e-12
"""A Newton step, as a part of the box, after which nothing is gained by another."""
SAME = 1e-6
"""The distance, as a part of the box, under which two points count as one."""
ROUNDING = 1e-12
"""What is left of a Hessian by rounding where it should be zero, as a part of its usual size."""


class CriticalPoint(NamedTuple):
    """A point where the gradient is zero; `eigenvalues` are those of the Hessian there, from low to high.

    point, value: where it is, and the value of the function there.
    kind: "minimum" if all eigenvalues are positive, "maximum" if all are negative, "saddle" if there are both, and
        "degenerate" if one is zero within rounding, so that the Hessian cannot tell.
    """

    point: tuple[float, ...]
    value: float
    eigenvalues: tuple[float, ...]
    kind: Kind


class CriticalPoints(tuple[CriticalPoint, ...]):
    """What `critical_points` found, from the lowest value to the highest; a table as a string.

    starts: from how many points the search began.
    lost: how many of these found no critical point; the others found one of those listed, or one outside the box.
    """

    starts: int
    lost: int

    def __new__(cls, points: Iterable[CriticalPoint], starts: int, lost: int) -> CriticalPoints:
        found = super().__new__(cls, points)
        found.starts, found.lost = starts, lost
        return found

    def __str__(self) -> str:
        rows = [
            (one.kind, _listed(one.point), f"{plain(one.value):.6g}", _listed(one.eigenvalues, digits=4))
            for one in self
        ]
        count = f"{len(self)} critical point{'' if len(self) == 1 else 's'} in the box"
        lines = [table(("kind", "point", "value", "eigenvalues of the Hessian"), rows)] if rows else []
        lines.append(f"{count}, from {self.starts} starts ({self.lost} of them found none)")
        return "\n".join(lines)


def critical_points(f: Function, box: Box, *, starts: int = 200, rng: random.Random | int | None = 0) -> CriticalPoints:
    """Finds the points in a box at which the gradient of `f` is zero, and says of what kind each of them is.

    Newton's method solves gradient = 0 from many starts, half of them on a grid and half at random. That finds every
    critical point that some start leads to; it proves nothing about others. Where a whole curve of points is critical
    (a valley with a level floor), the list holds many of them, all degenerate.

    Args:
        f: takes a list of Values, one for each variable, and returns one Value.
        box: one pair (low, high) for each variable.
        starts: from how many points to search.
        rng: a `random.Random`, a seed, or None for Python's shared generator.

    Raises:
        TypeError: `f` does not take a list of that many variables, or returns no Value.
        ValueError: the sides of the box are swapped, `f` is defined at no start, or there are no starts.
        ImportError: NumPy is not installed.

    >>> (point,) = critical_points(lambda x: x[0] ** 2 - x[1] ** 2, [(-2, 2), (-2, 2)])
    >>> point.kind, point.eigenvalues
    ('saddle', (-2.0, 2.0))
    """
    np = numpy("critical_points")
    sides = checked_box(box)
    if starts < 1:
        raise ValueError(f"at least one start is needed, not {starts}")
    search = _Search(np, f, sides)
    begun = [state for u in _starts(len(sides), starts, rng) if (state := search.at(np.array(u))) is not None]
    if not begun:
        evaluated(f, [Value((low + high) / 2) for low, high in sides])  # raises what is wrong there
        raise ValueError(f"f and its derivatives are defined at none of the {starts} starts in the box {sides}")
    search.usual_gradient = float(np.median([np.linalg.norm(state.gradient) for state in begun]))
    search.usual_hessian = float(np.median([np.linalg.norm(state.hessian, 2) for state in begun]))
    found: list[_Found] = []
    lost = starts - len(begun)
    for state in begun:
        end = search.newton(state)
        if end is None:
            lost += 1
        elif all(-SAME <= side <= 1 + SAME for side in end.state.u):
            for place, other in enumerate(found):
                if np.linalg.norm(end.state.u - other.state.u) <= SAME + 10 * (end.unsure + other.unsure):
                    found[place] = min(end, other, key=lambda one: one.unsure)
                    break
            else:
                found.append(end)
    points = sorted((search.classified(one) for one in found), key=lambda one: (one.value, one.point))
    return CriticalPoints(points, starts, lost)


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
        xlim: from where to where the first variable goes.
        ylim: the same for the second.
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
    for one in points:
        if len(one.point) != 2:
            raise TypeError(f"a picture shows points of two variables, not of {len(one.point)}")
    styles = (("v", plotting.BLUE), ("^", plotting.ORANGE), ("X", plotting.BLACK), ("D", plotting.PURPLE))
    for kind, (marker, colour) in zip(get_args(Kind), styles, strict=True):
        places = [one.point for one in points if one.kind == kind]
        if places:
            xs, ys = zip(*places, strict=True)
            ax.plot(
                xs, ys, marker, color=colour, markersize=10, markeredgecolor="white", label=f"{kind} ({len(places)})",
                zorder=3, clip_on=False,
            )  # fmt: skip
    plotting.named(ax, "Critical points: $\\nabla f = 0$", ax.get_xlabel(), ax.get_ylabel())
    if points:
        # Beside the picture, where it covers no point.
        ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


class _State(NamedTuple):
    """A place in the box, whose sides all go from 0 to 1, with the derivatives in that scale."""

    u: Any
    value: float
    gradient: Any
    hessian: Any


class _Found(NamedTuple):
    """Where Newton's method ended: how far off that may be, and how far off the Hessian there."""

    state: _State
    unsure: float
    hessian_unsure: float


class _Search:
    """Newton's method on the gradient of one function, in a box scaled to sides of length 1."""

    usual_gradient = 0.0
    usual_hessian = 0.0

    def __init__(self, np: Any, f: Function, sides: Sequence[tuple[float, float]]) -> None:
        self.np, self.f = np, f
        self.low = np.array([low for low, _ in sides])
        self.width = np.array([high - low for low, high in sides])

    def at(self, u: Any) -> _State | None:
        """The function at a place, None where it is not defined."""
        try:
            value, gradient, hessian = second_order(self.f, (self.low + u * self.width).tolist())
        except UNDEFINED:
            return None
        scaled = _State(
            u,
            value,
            self.np.array(gradient) * self.width,
            self.np.array(hessian) * self.np.outer(self.width, self.width),
        )
        finite = self.np.isfinite(scaled.gradient).all() and self.np.isfinite(scaled.hessian).all()
        return scaled if finite and math.isfinite(value) else None

    def step(self, state: _State) -> Any:
        """-H^-1 g, by the eigenvectors of H; an eigenvalue too near to zero is held away from it."""
        eigenvalues, vectors = self.np.linalg.eigh(state.hessian)
        least = 1e-13 * abs(eigenvalues).max() or self.np.linalg.norm(state.gradient) or 1.0
        sizes = self.np.maximum(abs(eigenvalues), least) * self.np.where(eigenvalues < 0.0, -1.0, 1.0)
        return -vectors @ ((vectors.T @ state.gradient) / sizes)

    def newton(self, start: _State) -> _Found | None:
        """Follows Newton's method to a critical point: with whole steps first, and if that fails with careful ones."""
        return self.followed(start, careful=False) or self.followed(start, careful=True)

    def followed(self, state: _State, careful: bool) -> _Found | None:
        """Follows Newton steps, if careful shortened until the gradient gets smaller."""
        norm = self.np.linalg.norm
        bend = 0.0  # how fast the Hessian changes, by the last step
        for _ in range(ITERATIONS):
            step = self.step(state)
            length = float(norm(step))
            if length <= REACHED:
                return self.found(state, length, bend)
            part = min(1.0, LONGEST / length)
            for _ in range(12):
                after = self.at(state.u + part * step)
                if after is not None and (not careful or norm(after.gradient) < norm(state.gradient)):
                    break
                part /= 2
            else:
                break
            bend = float(norm(after.hessian - state.hessian, 2)) / (part * length)
            state = after
            if abs(state.u - 0.5).max() > 1.0:  # outside by half the width of the box
                return None
        # Rounding hides the last steps where the Hessian is nearly singular.
        length = float(norm(self.step(state)))
        near = length <= 1e-4 and norm(state.gradient) <= 1e-8 * self.usual_gradient
        return self.found(state, length, bend) if near else None

    def found(self, state: _State, length: float, bend: float) -> _Found:
        """The end of a search. Rounding of the gradient moves its zero, the more the smaller the Hessian is."""
        rounding = 2.0**-52 * self.usual_gradient
        least = abs(self.np.linalg.eigvalsh(state.hessian)).min()
        unsure = length + (rounding / least if rounding < 1e-4 * least else 1e-4)
        return _Found(state, unsure, bend * unsure)

    def classified(self, found: _Found) -> CriticalPoint:
        """The point in the user's scale. What kind it is does not depend on the scale (Sylvester's law of inertia)."""
        state = found.state
        signs = self.np.linalg.eigvalsh(state.hessian)
        zero = max(10 * found.hessian_unsure, ROUNDING * max(abs(signs).max(), self.usual_hessian))
        eigenvalues = self.np.linalg.eigvalsh(state.hessian / self.np.outer(self.width, self.width))
        point = tuple((self.low + state.u * self.width).tolist())
        return CriticalPoint(point, state.value, tuple(eigenvalues.tolist()), kind_of(signs.tolist(), zero))


def kind_of(eigenvalues: Sequence[float], zero: float) -> Kind:
    """The kind of a critical point, from eigenvalues of which those up to `zero` in size count as zero.

    >>> kind_of([1.0, 2.0], 1e-9), kind_of([-1.0, 2.0], 1e-9), kind_of([0.0, 2.0], 1e-9)
    ('minimum', 'saddle', 'degenerate')
    """
    if any(abs(one) <= zero for one in eigenvalues):
        return "degenerate"
    if min(eigenvalues) > 0:
        return "minimum"
    return "maximum" if max(eigenvalues) < 0 else "saddle"


def _starts(variables: int, count: int, rng: random.Random | int | None) -> list[list[float]]:
    """Places in a box with sides from 0 to 1: the middles of the cells of a grid, and random ones."""
    generator = rng if isinstance(rng, random.Random) else random.Random(rng)
    cells = int((count / 2) ** (1 / variables) + 1e-9)
    grid = itertools.product([(cell + 0.5) / cells for cell in range(cells)], repeat=variables) if cells > 1 else ()
    places = [list(place) for place in grid]
    return places + [[generator.random() for _ in range(variables)] for _ in range(count - len(places))]


def _listed(numbers: Sequence[float], digits: int = 6) -> str:
    return f"({', '.join(f'{plain(number):.{digits}g}' for number in numbers)})"
