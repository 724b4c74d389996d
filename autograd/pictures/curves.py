"""Edges as cubic Bézier curves, and where an arrow stands on one.

A route is a start and three points for each curve: its two control points and its end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Place = tuple[float, float]


def with_arrow(route: Sequence[Place], length: float, gap: float = 0.0) -> tuple[list[Place], Place]:
    """The route as far as the arrow at its end, and the tip of the arrow.

    Args:
        route: a route that ends at the border of a box.
        length: that of the arrow, from its base to its tip.
        gap: how far the tip keeps from the end of the route.

    >>> with_arrow([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)], 6.0)
    ([(0.0, 0.0), (8.0, 0.0), (16.0, 0.0), (24.0, 0.0)], (30.0, 0.0))
    """
    tip = _shortened(route, gap)[-1] if gap else route[-1]
    return _shortened(route, gap + length), (tip[0], tip[1])


def _shortened(route: Sequence[Place], distance: float) -> list[Place]:
    """The route up to where it comes as near to its end as a distance for the last time."""
    end = route[-1]
    last = len(route) - 4
    while last > 0 and math.dist(route[last], end) < distance:
        last -= 3
    start, *controls = route[last : last + 4]
    low, high = 0.0, 1.0  # parameters of the curve at which it is farther away, and nearer
    for _ in range(40):
        middle = (low + high) / 2
        if math.dist(_until(start, controls, middle)[-1], end) >= distance:
            low = middle
        else:
            high = middle
    return [*((x, y) for x, y in route[: last + 1]), *_rounded(_until(start, controls, low))]


def _until(start: Place, controls: Sequence[Place], parameter: float) -> list[Place]:
    """The three points of the part of a curve up to a parameter, by the construction of de Casteljau."""
    points = [start, *controls]
    found = []
    while len(points) > 1:
        points = [
            (x + parameter * (next_x - x), y + parameter * (next_y - y))
            for (x, y), (next_x, next_y) in pairwise(points)
        ]
        found.append(points[0])
    return found


def _rounded(points: Sequence[Place]) -> list[Place]:
    return [(round(x, 3), round(y, 3)) for x, y in points]
