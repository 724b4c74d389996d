"""Derivatives in numbers and pictures: difference quotients, tangents, Taylor polynomials, the steepest direction.

>>> print(tangent_line(lambda x: 0.01 * x**2 + 0.1 * x, 5.0))
y = 0.2 x - 0.25
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.calculus.arguments import checked_count, checked_number, checked_sides
from autograd.calculus.landscapes import draw_curve, drawable
from autograd.check.gradcheck import gradcheck
from autograd.check.numerical import EPSILON, numerical_gradient
from autograd.composites import plain
from autograd.engine.modes import no_grad
from autograd.engine.ops import real_number
from autograd.engine.value import Value
from autograd.functional import grad, taylor, value_and_grad
from autograd.nested import flat
from autograd.polynomial import Taylor
from autograd.support import plotting
from autograd.support.tables import Table, Tabulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = tuple(10.0**-power for power in range(1, 16))
"""The steps of `difference_errors` unless others are given: 1e-1 to 1e-15."""


_WIDE = (8.0, 4.0)  # inches, for a legend beside the axes

# ---------------------------------------------------------------- difference quotients


class Differences(NamedTuple):
    """The quotients at one step: forward (f(x + h) - f(x)) / h, central (f(x + h) - f(x - h)) / 2h.

    step: h.
    forward, central: the quotients.
    forward_error, central_error: how far they are from the derivative.
    """

    step: float
    forward: float
    central: float
    forward_error: float
    central_error: float


class DifferenceErrors(Tabulated):
    """Difference quotients for ever smaller steps, beside the exact derivative; printed, a table.

    rows: one for each step, from the largest to the smallest.
    f: the function.
    x, value, exact: the point, the value and the derivative there, the latter from the engine.
    """

    def __init__(self, f: Callable[[Any], Any], x: float, rows: Sequence[Differences], value: float, exact: float):
        self.f = f
        self.x = x
        self.rows = tuple(rows)
        self.value = value
        self.exact = exact

    @property
    def best_forward(self) -> Differences:
        """The row in which the forward quotient is nearest to the derivative; the largest step if several are."""
        return min(self.rows, key=lambda row: _or_infinite(row.forward_error))

    @property
    def best_central(self) -> Differences:
        """The row in which the central quotient is nearest to the derivative; the largest step if several are."""
        return min(self.rows, key=lambda row: _or_infinite(row.central_error))

    def _table(self) -> Table:
        def marked(row: Differences, best: Differences, error: float) -> str:
            return ("* " if row is best else "") + f"{error:.1e}"

        header = ("h", "forward", "error", "central", "error")
        rows = [
            (
                f"{row.step:.0e}",
                f"{row.forward:.15g}",
                marked(row, self.best_forward, row.forward_error),
                f"{row.central:.15g}",
                marked(row, self.best_central, row.central_error),
            )
            for row in self.rows
        ]
        above = f"the derivative at x = {self.x!r} is {self.exact!r}; * marks the best"
        return Table("difference quotients", header, rows, above=above)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draws the errors over the steps, both logarithmic: they fall with the step until round-off takes over.

        The broken lines are the theory: the truncation errors |f''| h / 2 and |f'''| h^2 / 6 (left out if that
        derivative is 0 or does not exist) and the round-off of about epsilon (|f| + |x f'|) / h. A logarithmic axis
        cannot show an error of exactly 0: it is drawn at the precision of a float, epsilon |f'| / 2.
        """
        ax = plotting.axes(ax, size=_WIDE)
        steps = [row.step for row in self.rows]
        floor = EPSILON * abs(self.exact) / 2 or EPSILON**2
        forward = [max(row.forward_error, floor) for row in self.rows]
        central = [max(row.central_error, floor) for row in self.rows]
        finite = [error for error in forward + central if math.isfinite(error)]
        lowest, highest = min(finite, default=floor) / 10.0, max(finite, default=1.0) * 10.0
        second, third = self._next_derivatives()
        roundoff = EPSILON * (abs(self.value) + abs(self.x * self.exact))
        for name, style, factor, power in (
            (r"truncation $|f''|\,h/2$: slope 1", ":", second / 2, 1),
            (r"truncation $|f'''|\,h^2/6$: slope 2", "-.", third / 6, 2),
            (r"round-off $\varepsilon\,(|f|+|x f'|)/h$: slope $-1$", "--", roundoff, -1),
        ):
            line = [(h, factor * h**power) for h in steps if lowest <= factor * h**power <= highest]
            if line:
                ax.plot(*zip(*line, strict=True), style, color=plotting.BLACK, linewidth=1.0, zorder=3, label=name)
        for name, errors, best, colour, marker in (
            ("forward", forward, self.best_forward, plotting.BLUE, plotting.MARKERS[0]),
            ("central", central, self.best_central, plotting.ORANGE, plotting.MARKERS[1]),
        ):
            label = f"{name}, best at h = {best.step:.0e}"
            ax.plot(steps, errors, color=colour, marker=marker, markersize=4, label=label)
            ax.plot([best.step], [errors[self.rows.index(best)]], "o", color=colour, markersize=13, fillstyle="none")
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_ylim(lowest, highest)
        return _named_with_legend_beside(
            ax, f"Error of the difference quotients at $x = {self.x:g}$", "step $h$", "error"
        )

    def _next_derivatives(self) -> tuple[float, float]:
        """The sizes of the second and the third derivative, 0 for one that does not exist."""
        sizes = []
        for order in (2, 3):
            try:
                sizes.append(abs(plain(taylor(self.f, self.x, order).coefficients[order])) * math.factorial(order))
            except (ArithmeticError, ValueError):
                sizes.append(0.0)
        return sizes[0], sizes[1]


def difference_errors(f: Callable[[Any], Any], x: float, *, steps: Sequence[float] = STEPS) -> DifferenceErrors:
    """How far forward and central differences are from the derivative, step by step.

    Args:
        f: a function of one variable that returns one Value.
        x: where.
        steps: the steps h.

    Raises:
        TypeError: `f` does not return a Value, or `x` is not a number.
        ValueError: there is no step, or one is not positive and finite.
        FloatingPointError: the derivative does not exist there, or it or the value is not finite.

    >>> errors = difference_errors(lambda x: 0.01 * x**2 + 0.1 * x, 10.0)
    >>> errors.exact, errors.rows[3].central
    (0.30000000000000004, 0.2999999999986347)
    """
    steps = [checked_number(step, "a step h") for step in _checked_list(steps, "steps")]
    if not steps:
        raise ValueError("steps is empty: give at least one step h")
    x = real_number(x)
    value, exact = _finite(x, *value_and_grad(f)(x))
    _refuse_kink(f, x)
    rows = []
    for step in sorted(steps, reverse=True):
        (forward,) = numerical_gradient(f, [x], method="forward", step=step)
        (central,) = numerical_gradient(f, [x], method="central", step=step)
        rows.append(Differences(step, forward, central, abs(forward - exact), abs(central - exact)))
    return DifferenceErrors(f, x, rows, value, exact)


# ---------------------------------------------------------------- the tangent


class TangentLine:
    """The line that touches the curve of `f` at `x0`: y = slope x + intercept; it can be called and printed.

    f, x0: the curve, and where the line touches it.
    y0, slope: the height and the slope there.
    """

    def __init__(self, f: Callable[[Any], Any], x0: float, y0: float, slope: float) -> None:
        self.f = f
        self.x0 = x0
        self.y0 = y0
        self.slope = slope

    @property
    def intercept(self) -> float:
        """Its height at x = 0."""
        return self.y0 - self.slope * self.x0

    def __call__(self, x: Any) -> Any:
        """Its height at a number, a Value or an array."""
        return self.y0 + self.slope * (x - self.x0)

    def __str__(self) -> str:
        return f"y = {self._formula()}"

    def __repr__(self) -> str:
        return f"TangentLine({self} at x = {self.x0:g})"

    def _formula(self) -> str:
        slope, intercept = f"{self.slope:.6g}", f"{abs(self.intercept):.6g}"
        if slope in ("0", "-0"):
            return f"{self.intercept:.6g}"
        rising = {"1": "x", "-1": "-x"}.get(slope, f"{slope} x")
        return rising if intercept == "0" else f"{rising} {'-' if self.intercept < 0.0 else '+'} {intercept}"

    def plot(self, *, xlim: tuple[float, float] | None = None, ax: Axes | None = None) -> Axes:
        """Draws the curve, the line and the point where they touch.

        Raises:
            ValueError: the sides of `xlim` are swapped or equal.
        """
        xs = _grid(xlim, self.x0)
        ax = plotting.axes(ax)
        draw_curve(ax, xs, _heights(self.f, xs), [self.y0], color=plotting.BLUE, linewidth=2, label="$f(x)$")
        ax.plot(
            xs,
            drawable([self(x) for x in xs]),
            "--",
            color=plotting.ORANGE,
            label=f"tangent ${self}$".replace(" x", r"\,x"),
        )
        ax.plot([self.x0], [self.y0], "o", color=plotting.BLACK, zorder=3)
        title = rf"The tangent at $x_0 = {self.x0:g}$: $f'(x_0) = {self.slope:.4g}$"
        return plotting.named(ax, title, "$x$", "$y$", legend=True)


def tangent_line(f: Callable[[Any], Any], x0: float) -> TangentLine:
    """The line through (x0, f(x0)) with the slope of `f` there.

    Raises:
        TypeError: `f` does not return a Value, or `x0` is not a number.
        FloatingPointError: the derivative does not exist there, or it or the value is not finite.

    >>> line = tangent_line(lambda x: x**2, 3.0)
    >>> line.slope, line.intercept, line(4.0)
    (6.0, -9.0, 15.0)
    """
    x0 = real_number(x0)
    value, slope = _finite(x0, *value_and_grad(f)(x0))
    _refuse_kink(f, x0)
    return TangentLine(f, x0, value, slope)


# ---------------------------------------------------------------- Taylor


def plot_taylor(
    f: Callable[[Any], Any],
    x0: float,
    orders: Sequence[int] = (1, 3, 5),
    *,
    xlim: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a function and its Taylor polynomials around `x0`, one for each order.

    Raises:
        ValueError: an order is negative, or there are more than five; the sides of `xlim` are swapped or equal.
        TypeError: `f` does not return a Value, or `x0` is not a number.
        FloatingPointError: a derivative does not exist there, or it or the value is not finite.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_taylor(lambda x: x**3, 1.0, orders=(1, 2)).get_xlabel()
    '$x$'
    """
    colours = plotting.COLOURS[1:6]
    if not 0 < len(_checked_list(orders, "orders")) <= len(colours):
        raise ValueError(f"a picture shows from 1 to {len(colours)} orders, not {len(orders)}")
    whole = taylor(f, x0, max(orders))
    if min(orders) < 0:
        raise ValueError(f"the order of a Taylor polynomial must be 0 or more, not {min(orders)}")
    coefficients = [plain(coefficient) for coefficient in whole.coefficients]
    for order, coefficient in enumerate(coefficients):
        if not math.isfinite(coefficient):
            raise FloatingPointError(f"the coefficient of (x - x0)^{order} is {coefficient!r} at x0 = {whole.x0:g}")
    _refuse_kink(f, whole.x0)
    polynomials = [Taylor(whole.x0, coefficients[: order + 1]) for order in orders]
    xs = _grid(xlim, whole.x0)
    heights = drawable(_heights(f, xs))
    ax = plotting.axes(ax, size=_WIDE)
    ax.plot(xs, heights, color=plotting.BLACK, linewidth=2.5, label="$f(x)$")
    dashes = ("--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)))
    styles = zip(colours, dashes, plotting.MARKERS, strict=False)
    for order, polynomial, (colour, dash, marker) in zip(orders, polynomials, styles, strict=False):
        style: dict[str, Any] = {"color": colour, "linestyle": dash, "marker": marker, "markersize": 5, "markevery": 25}
        ax.plot(xs, drawable([polynomial(x) for x in xs]), label=f"order {order}", **style)
    ax.plot([whole.x0], [coefficients[0]], "o", color=plotting.BLACK, zorder=3)
    seen = sorted(height for height in heights if math.isfinite(height)) or [coefficients[0]]
    seen = seen[len(seen) // 50 : len(seen) - len(seen) // 50]  # so that a pole does not flatten the rest
    margin = 0.4 * (seen[-1] - seen[0]) or 1.0
    ax.set_ylim(seen[0] - margin, seen[-1] + margin)
    return _named_with_legend_beside(ax, rf"Taylor polynomials around $x_0 = {whole.x0:g}$", "$x$", "$y$")


# ---------------------------------------------------------------- the steepest direction


class Directions:
    """The slopes of a function of two variables in directions all around a point.

    angles: in degrees, anticlockwise from the first axis.
    slopes: the directional derivatives, each computed along its own line.
    gradient: from the engine, for comparison.
    """

    def __init__(
        self, point: Sequence[float], angles: Sequence[float], slopes: Sequence[float], gradient: Sequence[float]
    ):
        self.point = tuple(point)
        self.angles = tuple(angles)
        self.slopes = tuple(slopes)
        self.gradient = tuple(gradient)

    @property
    def norm(self) -> float:
        """The length of the gradient."""
        return math.hypot(*self.gradient)

    @property
    def gradient_angle(self) -> float:
        """Where the gradient points, in degrees from 0 up to 360."""
        return math.degrees(math.atan2(self.gradient[1], self.gradient[0])) % 360.0

    @property
    def steepest_angle(self) -> float:
        """The direction of the largest slope in degrees, from the slopes alone."""
        return self._summit()[0]

    @property
    def steepest_slope(self) -> float:
        """The largest slope, from the slopes alone."""
        return self._summit()[1]

    def _summit(self) -> tuple[float, float]:
        """The top of the parabola through the largest slope and its neighbours: its angle and its slope."""
        count = len(self.slopes)
        largest = max(range(count), key=self.slopes.__getitem__)
        before, top, after = (self.slopes[(largest + offset) % count] for offset in (-1, 0, 1))
        bend = before - 2.0 * top + after
        offset = 0.5 * (before - after) / bend if bend else 0.0
        return (self.angles[largest] + offset * 360.0 / count) % 360.0, top - 0.25 * (before - after) * offset

    def __repr__(self) -> str:
        return (
            f"Directions(steepest slope {self.steepest_slope:.6g} at {self.steepest_angle:.2f} degrees; "
            f"gradient of norm {self.norm:.6g} at {self.gradient_angle:.2f} degrees)"
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draws the slope over the direction, with the direction and the norm of the gradient."""
        ax = plotting.axes(ax, size=_WIDE)
        ax.axhline(0.0, color=plotting.BLACK, linewidth=0.8)
        ax.plot(self.angles, drawable(self.slopes), color=plotting.BLUE, linewidth=2, label="slope in that direction")
        ax.axhline(self.norm, linestyle="--", color=plotting.ORANGE, label=rf"$\|\nabla f\| = {self.norm:.4g}$")
        ax.axvline(
            self.gradient_angle, linestyle=":", color=plotting.GREEN, label=f"gradient, at {self.gradient_angle:.1f}°"
        )
        ax.plot([self.steepest_angle], [self.steepest_slope], "o", color=plotting.BLACK, label="steepest", zorder=3)
        ax.set_xlim(0.0, 360.0)
        ax.set_xticks(range(0, 361, 45))
        point = ", ".join(f"{x:g}" for x in self.point)
        return _named_with_legend_beside(ax, rf"Slopes around $({point})$", "direction in degrees", "slope")


def directional_derivatives(f: Callable[[Any], Any], x: Any, *, count: int = 360) -> Directions:
    """The slopes of `f` at a point in directions all around, each found without the gradient.

    Along a line through the point, `f` is a function of one variable, and its derivative is the slope. So the slopes
    show, without assuming it, that the largest is the norm of the gradient.

    Args:
        f: a function of one list of two variables, `f([x0, x1])`.
        x: the point.
        count: how many directions, evenly spaced.

    Raises:
        ValueError: the point does not have two coordinates, or there are fewer than 4 directions.
        TypeError: `f` does not return a Value.
        FloatingPointError: a slope does not exist, or is not finite.

    >>> around = directional_derivatives(lambda x: x[0] ** 2 + x[1] ** 2, [1.5, 2.0])
    >>> round(around.steepest_slope, 6), round(around.norm, 6)
    (5.0, 5.0)
    """
    point = [real_number(number) for number in flat(x)]
    if len(point) != 2:
        raise ValueError(f"directions go around a point with two coordinates, and {x!r} has {len(point)}")
    count = checked_count(count, "count", 4)
    angles = [360.0 * i / count for i in range(count)]
    slopes = [plain(grad(_along(f, point, math.radians(angle)))(0.0)) for angle in angles]
    gradient = [plain(slope) for slope in grad(f)(point)]
    for axis, angle in (("x[0]", 0.0), ("x[1]", math.pi / 2)):
        _refuse_kink(_along(f, point, angle), 0.0, f"{tuple(point)} along {axis}")
    if not all(map(math.isfinite, [*slopes, *gradient])):
        raise FloatingPointError(f"the slopes around {x!r} are not all finite: the gradient there is {gradient}")
    return Directions(point, angles, slopes, gradient)


def _along(f: Callable[[Any], Any], point: Sequence[float], angle: float) -> Callable[[Any], Any]:
    """`f` on a line through a point, as a function of the distance from it."""
    return lambda distance: f([point[0] + distance * math.cos(angle), point[1] + distance * math.sin(angle)])


# ---------------------------------------------------------------- shared


def _checked_list(numbers: Any, name: str) -> Any:
    """The numbers, if they are in a list."""
    if not hasattr(numbers, "__len__") or isinstance(numbers, str):
        raise TypeError(f"{name} must be a list of numbers, not {numbers!r:.80}")
    return numbers


def _refuse_kink(f: Callable[[Any], Any], x: float, place: str | None = None) -> None:
    """Raises an error where a curve has a kink: the engine has a number there, but the curve has no slope.

    >>> _refuse_kink(abs, 0.0)
    Traceback (most recent call last):
    FloatingPointError: f has a kink at x = 0: its slope is -1 on the left and 1 on the right, and it has no derivative
    """
    (row,) = gradcheck(f, [x]).rows
    if row.verdict == "kink":
        left, right = (numerical_gradient(f, [x], method=method)[0] for method in ("backward", "forward"))
        raise FloatingPointError(
            f"f has a kink at {place or f'x = {x:g}'}: its slope is {left:.4g} on the left and {right:.4g} on the "
            "right, and it has no derivative"
        )


def _finite(x: float, value: Any, slope: Any) -> tuple[float, float]:
    """A value and a slope as floats, if both are finite."""
    value, slope = plain(value), plain(slope)
    if not (math.isfinite(value) and math.isfinite(slope)):
        raise FloatingPointError(f"at x = {x:g} the value of f is {value!r} and its derivative {slope!r}, not finite")
    return value, slope


def _named_with_legend_beside(ax: Axes, title: str, x: str, y: str) -> Axes:
    """Names the axes, and puts the legend to the right of them, where it covers no curve."""
    plotting.named(ax, title, x, y)
    ax.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _or_infinite(error: float) -> float:
    return math.inf if math.isnan(error) else error


def _grid(xlim: tuple[float, float] | None, x0: float, count: int = 401) -> list[float]:
    """Evenly spaced points, around `x0` unless limits are given."""
    width = max(2.0, abs(x0))
    low, high = (x0 - width, x0 + width) if xlim is None else checked_sides(xlim, "xlim")
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def _heights(f: Callable[[Any], Any], xs: Sequence[float]) -> list[float]:
    """The curve of a function; nan where it is not defined."""
    heights = []
    with no_grad():
        for x in xs:
            try:
                heights.append(plain(f(Value(x))))
            except (ArithmeticError, ValueError):
                heights.append(math.nan)
    return heights
