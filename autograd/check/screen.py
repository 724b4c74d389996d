"""A first look at a derivative, with few values of the function: most right derivatives need no other.

Central differences at four distances are extrapolated to distance 0 (Richardson 1911). A derivative that agrees with a
precise extrapolation is right. For any other the judge takes views, with several times as many values; a first look by
itself never calls a derivative wrong.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from autograd.check.numerical import EPSILON, NOWHERE, SAFETY, Estimate

REACHES = (0.1, 0.008)
"""The largest distances that are tried, as parts of the size of the number or of 1."""

REACHES_ALONG = (1.0, 0.1)
"""The same along a unit direction of many numbers, where each moves by little."""

DISTANCES = (1.0, math.sqrt(0.41), math.sqrt(0.139), math.sqrt(0.0323))
"""The distances as parts of the largest. Their ratios are irrational, so no wave has whole periods between all."""


NEAR = 1e-6
"""The distance of a second look at what seems right, as a part of the size of the number or of 1."""


class FirstLook(NamedTuple):
    """What a few values show.

    reach: how far from the point they are at most.
    slope: the derivative.
    bend: how much of the slope a kink at the point may hide, beyond rounding.
    flat: whether all values are equal.
    """

    reach: float
    slope: Estimate
    bend: float
    flat: bool


def first_look(f: Callable[[float], float], x: float, centre: float, noise: float, reach: float) -> FirstLook | None:
    """The derivative of `f` at `x` from eight values around it; None if one of them is not finite.

    They are up to `reach` away, as a part of the size of `x` or of 1.
    """
    reach *= max(abs(x), 1.0)
    odd, even, rounding = [], [], []
    for distance in DISTANCES:
        after, before = x + reach * distance, x - reach * distance
        right, left = f(after), f(before)
        if not (math.isfinite(right) and math.isfinite(left)):
            return None
        half = (after - before) / 2.0
        odd.append((right - left) / (after - before))
        even.append((right - centre + (left - centre)) / (half * half))
        rounding.append(max(noise, EPSILON / 2 * max(abs(right), abs(left))) / half)
    weights, fewer = _at_zero(DISTANCES), _at_zero(DISTANCES[1:])
    slope, coarser = _summed(weights, odd), _summed(fewer, odd[1:])
    rounded = math.hypot(*map(operator.mul, weights, rounding))
    error = abs(slope - coarser) + rounded + EPSILON * abs(slope)
    if not error < math.inf:
        return None
    # A kink shows in the sum of both sides, which bends ever more the nearer the points are.
    bend = abs(_summed(weights, even) - _summed(fewer, even[1:])) * reach * DISTANCES[-1]
    unseen = 4.0 * SAFETY * rounded / DISTANCES[-1]
    return FirstLook(reach, Estimate(slope, error), max(bend - unseen, 0.0), flat=not any(odd) and not any(even))


def near_slope(f: Callable[[float], float], x: float, noise: float) -> Estimate:
    """The slope very near a point, where a fast small wave or a narrow bend shows that is noise to a first look."""
    distance = NEAR * max(abs(x), 1.0)
    after, before = x + distance, x - distance
    right, left = f(after), f(before)
    rounding = max(noise, EPSILON / 2 * max(abs(right), abs(left)))
    slope = Estimate((right - left) / (after - before), rounding / distance)
    return slope if math.isfinite(slope.value + slope.error) else NOWHERE


@cache
def _at_zero(distances: tuple[float, ...]) -> tuple[float, ...]:
    """Weights with which values at the distances add up to that at 0 of the polynomial in the squared distance."""
    squares = [distance * distance for distance in distances]
    return tuple(math.prod(other / (other - square) for other in squares if other != square) for square in squares)


def _summed(weights: tuple[float, ...], values: list[float]) -> float:
    return sum(map(operator.mul, weights, values), 0.0)
