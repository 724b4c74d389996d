"""Derivatives of a function estimated from its values around a point, each with its error.

The checker compares the engine's derivatives with these. Nothing here uses the graph.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache, cached_property
from typing import NamedTuple

from autograd.check.numerical import EPSILON, NOWHERE, Estimate

# Where a view evaluates the function, in units of its step. The distances have no common measure, so that no wave has
# whole periods between all of them and looks flat.
POINTS = tuple((i / 8) ** 1.4 for i in range(1, 9))
ONE_SIDE = (0.0, *POINTS)
BOTH_SIDES = (*(-t for t in reversed(POINTS)), *ONE_SIDE)


class View:
    """A function within one step of a point: the slopes that its values there show, each with its error.

    A polynomial is fitted to the values. Its residuals come from rounding, or from what is not smooth at this step, and
    tell how far the slope may be off. So a view that is too wide or too narrow has a large error.

    Args:
        f: the function; nan where it is not defined.
        x, centre: the point, and the value there.
        step: how far to look to either side.
        noise: the rounding in a value, if it is known to be more than half a unit in the last place.

    x, step: as above.
    size: the function's value at the point, over the step.
    noise: the rounding in a value, over the step.
    right_rise, left_rise: the largest change of the value on that side, over the step; nan if the function is not
        defined on the whole side.
    """

    def __init__(self, f: Callable[[float], float], x: float, centre: float, step: float, noise: float) -> None:
        points = [x + step * t for t in BOTH_SIDES]
        values = [centre if point == x else f(point) for point in points]
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        self.x = x
        self.step = step
        self.size = abs(centre) / step
        self._offsets = [point - x for point in points]
        self._scale = largest or 1.0  # so that no difference is too large, or too small, for a float
        self._rises = [value / self._scale - centre / self._scale for value in values]
        self.noise = max(noise, math.ulp(largest) / 2 if largest else 0.0) / step
        self.left_rise = self._largest_rise(self._rises[: len(POINTS)])
        self.right_rise = self._largest_rise(self._rises[-len(POINTS) :])

    def _largest_rise(self, rises: list[float]) -> float:
        return max(map(abs, rises)) * self._scale / self.step if all(map(math.isfinite, rises)) else math.nan

    @property
    def defined(self) -> bool:
        """Whether the function is defined on both sides."""
        return math.isfinite(self.left_rise) and math.isfinite(self.right_rise)

    @property
    def at_edge(self) -> bool:
        """Whether the function is defined on one side alone, and not even at the nearest point on the other."""
        nearest_left, _, nearest_right = self._rises[len(POINTS) - 1 : len(POINTS) + 2]
        return math.isfinite(self.right_rise) != math.isfinite(self.left_rise) and not math.isfinite(
            nearest_left + nearest_right
        )

    @property
    def flat(self) -> bool:
        """Whether all values of the function are equal."""
        return self.left_rise == self.right_rise == 0.0

    @property
    def drowned(self) -> bool:
        """Whether all changes of the function in this view may be rounding."""
        return self.steepness <= 4.0 * self.noise

    @property
    def steepness(self) -> float:
        """How steep the function is on its steeper side, even if it is level at the point."""
        return max((rise for rise in (self.left_rise, self.right_rise) if math.isfinite(rise)), default=0.0)

    @property
    def less_steep(self) -> float:
        """How steep it is on the other side."""
        return min((rise for rise in (self.left_rise, self.right_rise) if math.isfinite(rise)), default=0.0)

    @cached_property
    def central(self) -> Estimate:
        """The slope of a polynomial of degree 8 fitted to both sides."""
        return self._fitted(_fit(BOTH_SIDES, 8), self._offsets, self._rises) if self.defined else NOWHERE

    @cached_property
    def right(self) -> Estimate:
        """The slope of a polynomial of degree 4 fitted to the point and its right side."""
        count = len(ONE_SIDE)
        return self._one_sided(self._offsets[-count:], self._rises[-count:])

    @cached_property
    def left(self) -> Estimate:
        """The same for the left side."""
        mirrored = [-offset for offset in self._offsets[len(POINTS) :: -1]]
        value, error = self._one_sided(mirrored, self._rises[len(POINTS) :: -1])
        return Estimate(-value, error)

    def _one_sided(self, offsets: list[float], rises: list[float]) -> Estimate:
        value, error = self._fitted(_fit(ONE_SIDE, 4), offsets, rises)
        return Estimate(value, 2.0 * error)  # twice, as the few residuals tell less

    def _fitted(self, fit: _Fit, offsets: list[float], rises: list[float]) -> Estimate:
        if not all(map(math.isfinite, rises)):
            return NOWHERE
        # x + h is rounded, so the values are not quite at the points of the fit: they are moved there along the slope.
        slope = sum(map(operator.mul, fit.slope_weights, rises)) / sum(map(operator.mul, fit.slope_weights, offsets))
        triples = zip(rises, offsets, fit.points, strict=True)
        rises = [rise - slope * (offset - self.step * t) for rise, offset, t in triples]
        slope = sum(map(operator.mul, fit.slope_weights, rises)) / self.step
        residuals = [sum(map(operator.mul, weights, rises)) for weights in fit.residual_weights]
        scatter = math.hypot(*residuals) / math.sqrt(len(residuals))
        error = fit.gain * max(scatter / self.step * self._scale, self.noise) + EPSILON * abs(slope * self._scale)
        return Estimate(slope * self._scale, error)


class _Fit(NamedTuple):
    """How a polynomial is fitted by least squares to values at given points around 0.

    points: where the values are.
    slope_weights: factors for the values, with which they add up to the slope of the polynomial at 0.
    residual_weights: the same for each residual.
    gain: the error of the slope over the error of a value.
    """

    points: tuple[float, ...]
    slope_weights: tuple[float, ...]
    residual_weights: tuple[tuple[float, ...], ...]
    gain: float


@cache
def _fit(points: tuple[float, ...], degree: int) -> _Fit:
    """The fit of a polynomial, from polynomials that are orthonormal over the points (Forsythe 1957).

    Those up to the degree are fitted; those above it give the residuals.
    """
    at_zero = points.index(0.0)
    basis: list[list[float]] = []
    slopes: list[float] = []
    for _ in points:
        # The last polynomial times t; its slope at 0 is the value of the last one there.
        values = [value * t for value, t in zip(basis[-1], points, strict=True)] if basis else [1.0] * len(points)
        slope = basis[-1][at_zero] if basis else 0.0
        for _ in range(2):  # the second pass removes what rounding has left
            for older, its_slope in zip(basis, slopes, strict=True):
                part = sum(map(operator.mul, values, older))
                values = [value - part * other for value, other in zip(values, older, strict=True)]
                slope -= part * its_slope
        length = math.hypot(*values)
        basis.append([value / length for value in values])
        slopes.append(slope / length)
    fitted = range(degree + 1)
    weights = tuple(sum(slopes[k] * basis[k][j] for k in fitted) for j in range(len(points)))
    return _Fit(points, weights, tuple(map(tuple, basis[degree + 1 :])), math.hypot(*weights))


def steps(x: float, epsilon: float = EPSILON) -> list[float]:
    """The steps of the views of a point, from wide to narrow.

    From a tenth of the size of the point down to where x + h hardly differs from x. Near 0 the size that matters may be
    1, as in sin(x), or that of the point, as in 1 / x.
    """
    size = max(abs(x), 1.0)
    wanted = [size * 10.0**-power for power in range(1, 13)]
    if 0.0 < abs(x) < 1e-8:
        wanted += [abs(x) * 10.0**-power for power in range(1, 5)]
    return [step for step in wanted if step >= _narrowest(x, epsilon)]


def further_steps(x: float, epsilon: float = EPSILON) -> list[float]:
    """More steps, where those show nothing: some between them, and wider ones, where rounding hides less."""
    size = max(abs(x), 1.0)
    return [size * 10.0**power for power in (3.0, 2.0, 1.0, 0.5, 0.0)] + [
        step * 10.0**-0.5 for step in steps(x, epsilon)
    ]


def narrower_steps(x: float, epsilon: float = EPSILON) -> list[float]:
    """Much narrower steps, which exist near 0 alone, for a function that changes on so small a scale."""
    narrower = [10.0**-power for power in range(14, 290, 3)]
    return [step for step in narrower if step >= _narrowest(x, epsilon)]


def _narrowest(x: float, epsilon: float) -> float:
    return 2**12 * math.ulp(x) if epsilon == EPSILON else 2**6 * epsilon * abs(x)
