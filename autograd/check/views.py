"""What is seen of a function by evaluating it around a point: the slopes there, and how well they are known.

The checker holds the engine's derivatives against these. Nothing here looks at the graph.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache, cached_property
from typing import NamedTuple

from autograd.check.numerical import EPSILON, NOWHERE, Estimate

# How far from the point the places of a view are, as parts of its step. They have no common measure, so that no wave
# has a whole number of periods between them all, and looks flat.
PLACES = tuple((place / 8) ** 1.4 for place in range(1, 9))
ONE_SIDE = (0.0, *PLACES)
BOTH_SIDES = (*(-place for place in reversed(PLACES)), *ONE_SIDE)


class View:
    """A function within one step of a point: the slopes that its values there show, each with its error.

    A polynomial is fitted to the values. What it leaves over is what the function scatters by, or what is not smooth in
    it at this step, and says how far the slope may be off: so a view that is too wide, or too narrow, knows that it is.

    Args:
        f: the function; nan where it is not defined.
        x, centre: the point, and the value there.
        step: how far to look to either side.
        noise: how much rounding there is in a value, where that is known to be more than half a unit in its last place.

    x, step: as above.
    size: the function's value at the point, over the step.
    noise: the rounding in a value, over the step.
    right_rise, left_rise: how far the function gets from its value at the point on that side, over the step; nan if it
        is not defined on all of it.
    """

    def __init__(self, f: Callable[[float], float], x: float, centre: float, step: float, noise: float) -> None:
        places = [x + step * place for place in BOTH_SIDES]
        values = [centre if place == x else f(place) for place in places]
        largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
        self.x = x
        self.step = step
        self.size = abs(centre) / step
        self._offsets = [place - x for place in places]
        self._scale = largest or 1.0  # so that no difference is too large, or too small, for a float
        self._rises = [value / self._scale - centre / self._scale for value in values]
        self.noise = max(noise, math.ulp(largest) / 2 if largest else 0.0) / step
        self.left_rise = self._largest_rise(self._rises[: len(PLACES)])
        self.right_rise = self._largest_rise(self._rises[-len(PLACES) :])

    def _largest_rise(self, rises: list[float]) -> float:
        return max(map(abs, rises)) * self._scale / self.step if all(map(math.isfinite, rises)) else math.nan

    @property
    def defined(self) -> bool:
        """Whether the function is defined on both sides."""
        return math.isfinite(self.left_rise) and math.isfinite(self.right_rise)

    @property
    def at_edge(self) -> bool:
        """Whether the function is defined on one side alone, and not even at the nearest place on the other."""
        nearest_left, _, nearest_right = self._rises[len(PLACES) - 1 : len(PLACES) + 2]
        return math.isfinite(self.right_rise) != math.isfinite(self.left_rise) and not math.isfinite(
            nearest_left + nearest_right
        )

    @property
    def flat(self) -> bool:
        """Whether the function gave one number everywhere."""
        return self.left_rise == self.right_rise == 0.0

    @property
    def drowned(self) -> bool:
        """Whether all that the function does in this view may be rounding."""
        return self.steepness <= 4.0 * self.noise

    @property
    def steepness(self) -> float:
        """How steep the function is in this view, whatever it is at the point."""
        return max((rise for rise in (self.left_rise, self.right_rise) if math.isfinite(rise)), default=0.0)

    @property
    def less_steep(self) -> float:
        """The same on the less steep side."""
        return min((rise for rise in (self.left_rise, self.right_rise) if math.isfinite(rise)), default=0.0)

    @cached_property
    def central(self) -> Estimate:
        """The slope of a polynomial of degree 8 through both sides."""
        return self._fitted(_fit(BOTH_SIDES, 8), self._offsets, self._rises) if self.defined else NOWHERE

    @cached_property
    def right(self) -> Estimate:
        """The slope of a polynomial of degree 4 through the point and what is to its right."""
        count = len(ONE_SIDE)
        return self._one_sided(self._offsets[-count:], self._rises[-count:])

    @cached_property
    def left(self) -> Estimate:
        """The same to its left."""
        mirrored = [-offset for offset in self._offsets[len(PLACES) :: -1]]
        value, error = self._one_sided(mirrored, self._rises[len(PLACES) :: -1])
        return Estimate(-value, error)

    def _one_sided(self, offsets: list[float], rises: list[float]) -> Estimate:
        value, error = self._fitted(_fit(ONE_SIDE, 4), offsets, rises)
        return Estimate(value, 2.0 * error)  # twice, as there is little left over to judge by

    def _fitted(self, fit: _Fit, offsets: list[float], rises: list[float]) -> Estimate:
        if not all(map(math.isfinite, rises)):
            return NOWHERE
        # The offsets are not quite at the places, since x + h is rounded: the values are moved there along the slope.
        slope = sum(map(operator.mul, fit.slope, rises)) / sum(map(operator.mul, fit.slope, offsets))
        places = zip(rises, offsets, fit.places, strict=True)
        rises = [rise - slope * (offset - self.step * place) for rise, offset, place in places]
        slope = sum(map(operator.mul, fit.slope, rises)) / self.step
        unexplained = [sum(map(operator.mul, weights, rises)) for weights in fit.left_over]
        scatter = math.hypot(*unexplained) / math.sqrt(len(unexplained))
        error = fit.gain * max(scatter / self.step * self._scale, self.noise) + EPSILON * abs(slope * self._scale)
        return Estimate(slope * self._scale, error)


class _Fit(NamedTuple):
    """How a polynomial is fitted by least squares to values at given places around 0.

    places: where the values are.
    slope: what to multiply the values by, to add up to the slope of the polynomial at 0.
    left_over: the same for the parts of the values that no such polynomial can follow.
    gain: how much larger an error of the slope is than the errors of the values that it comes from.
    """

    places: tuple[float, ...]
    slope: tuple[float, ...]
    left_over: tuple[tuple[float, ...], ...]
    gain: float


@cache
def _fit(places: tuple[float, ...], degree: int) -> _Fit:
    """Made of the polynomials that are orthonormal over the places (Forsythe 1957), each times 0 more than the last.

    Those up to the degree are what is fitted, and those above it what is left over.
    """
    at_zero = places.index(0.0)
    basis: list[list[float]] = []
    slopes: list[float] = []
    for _ in places:
        # The last polynomial times t, whose slope at 0 is the last one's value there.
        values = (
            [value * place for value, place in zip(basis[-1], places, strict=True)] if basis else [1.0] * len(places)
        )
        slope = basis[-1][at_zero] if basis else 0.0
        for _ in range(2):  # the second time takes away what rounding has left
            for older, its_slope in zip(basis, slopes, strict=True):
                part = sum(map(operator.mul, values, older))
                values = [value - part * other for value, other in zip(values, older, strict=True)]
                slope -= part * its_slope
        length = math.hypot(*values)
        basis.append([value / length for value in values])
        slopes.append(slope / length)
    fitted = range(degree + 1)
    weights = tuple(sum(slopes[k] * basis[k][j] for k in fitted) for j in range(len(places)))
    return _Fit(places, weights, tuple(map(tuple, basis[degree + 1 :])), math.hypot(*weights))


def steps(x: float) -> list[float]:
    """The steps of the views of a point, from wide to narrow.

    From a tenth of the point's size down to where x + h can hardly be told from x. Near 0 the size may be 1, as in
    sin(x), or the point's own, as in 1 / x.
    """
    size = max(abs(x), 1.0)
    wanted = [size * 10.0**-power for power in range(1, 13)]
    if 0.0 < abs(x) < 1e-8:
        wanted += [abs(x) * 10.0**-power for power in range(1, 5)]
    return [step for step in wanted if step >= _narrowest(x)]


def further_steps(x: float) -> list[float]:
    """For a point where those tell nothing: steps between them, and wider ones, which rounding drowns less."""
    size = max(abs(x), 1.0)
    return [size * 10.0**power for power in (3.0, 2.0, 1.0, 0.5, 0.0)] + [step * 10.0**-0.5 for step in steps(x)]


def narrower_steps(x: float) -> list[float]:
    """And at last much narrower ones, which there are near 0 alone: a function may be as steep as that."""
    narrower = [10.0**-power for power in range(14, 290, 3)]
    return [step for step in narrower if step >= _narrowest(x)]


def _narrowest(x: float) -> float:
    return 2**12 * math.ulp(x)
