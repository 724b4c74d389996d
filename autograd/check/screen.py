"""A first look at a derivative, with few values of the function: most right derivatives need no other.

Central differences at four distances are extrapolated to distance 0 (Richardson 1911). What passes here agrees with
the extrapolation far better than a wrong derivative could, so it is right. Whatever does not pass goes to the judge,
who takes several times as many values; a first look never calls a derivative wrong.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from autograd.check.judge import SAFETY, Claim
from autograd.check.numerical import EPSILON, Estimate

REACHES = (0.1, 0.008)
"""The largest distances that are tried, as parts of the size of the number or of 1."""

REACHES_ALONG = (1.0, 0.1)
"""The same along a unit direction of many numbers, where each moves by little."""

DISTANCES = (1.0, math.sqrt(0.41), math.sqrt(0.139), math.sqrt(0.0323))
"""The distances as parts of the largest. Their ratios are irrational, so no wave has whole periods between all."""

PRECISE = 1e-6
"""The relative error below which a numeric derivative may pass an analytic one."""


def seen_right(
    f: Callable[[float], float],
    x: float,
    centre: float,
    claim: Claim,
    rtol: float,
    reaches: tuple[float, ...] = REACHES,
) -> Estimate | None:
    """The numeric derivative of `f` at `x`, if the claimed one agrees with it beyond doubt; else None.

    `f` is nan where it is not defined, and `centre` is its value at `x`.
    """
    for reach in reaches:
        look = first_look(f, x, centre, claim.noise, reach)
        if look is None:
            continue
        scale = max(abs(claim.derivative), abs(look.slope.value))
        spread = SAFETY * look.slope.error + claim.rounding
        if look.flat and claim.derivative == 0.0:
            return look.slope
        if abs(claim.derivative - look.slope.value) > rtol * scale + spread:
            continue
        if spread <= max(PRECISE, rtol) * scale and look.bend <= max(PRECISE, rtol) * scale:
            return look.slope
    return None


class FirstLook(NamedTuple):
    """What a few values show.

    slope: the derivative.
    bend: how much of the slope a kink at the point may hide, beyond rounding.
    flat: whether all values are equal.
    """

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
    return FirstLook(Estimate(slope, error), max(bend - unseen, 0.0), flat=not any(odd) and not any(even))


@cache
def _at_zero(distances: tuple[float, ...]) -> tuple[float, ...]:
    """Weights with which values at the distances add up to that at 0 of the polynomial in the squared distance."""
    squares = [distance * distance for distance in distances]
    return tuple(math.prod(other / (other - square) for other in squares if other != square) for square in squares)


def _summed(weights: tuple[float, ...], values: list[float]) -> float:
    return sum(map(operator.mul, weights, values), 0.0)
