"""The ways of the edges: cubic Bézier curves.

Through a rank an edge runs straight. Between two ranks it turns, and all edges between the same two ranks turn alike:
two of them cross once if their order changes, and else not at all, and none touches a node. An edge leaves its tail at
the side in the direction of flow and enters its head at the opposite side; where several do, they have ports of their
own, in the order of where they lead.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.pictures.layout.coordinates import Along
from autograd.pictures.layout.layers import Layers

TIP = 8.0
"""The straight end of each edge, for the tip of an arrow."""

_PORTS = 10.0  # the largest distance of two ports
_BEND = 0.4  # how far the control points are from the ends of a turn, in lengths of the turn

Way = list[tuple[float, float]]
"""Points (along the ranks, across them): the start, then three for each curve."""


def ports(layers: Layers, order: Sequence[Sequence[int]], extents: Sequence[float]) -> tuple[list[float], list[float]]:
    """For each edge how far from the center of its tail it leaves, and how far from that of its head it enters."""
    place = [0] * len(layers.ranks)
    for rank in order:
        for at, vertex in enumerate(rank):
            place[vertex] = at
    leave = [0.0] * len(layers.chains)
    enter = [0.0] * len(layers.chains)
    for offsets, end, beside in ((leave, 0, 1), (enter, -1, -2)):
        found: dict[int, list[int]] = {}
        for edge in sorted(range(len(layers.chains)), key=lambda edge: place[layers.chains[edge][beside]]):
            found.setdefault(layers.chains[edge][end], []).append(edge)
        for vertex, edges in found.items():
            distance = min(_PORTS, extents[vertex] / (len(edges) + 1))
            for at, edge in enumerate(edges):
                offsets[edge] = (at - (len(edges) - 1) / 2) * distance
    return leave, enter


def way(ranks: Sequence[int], line: Sequence[float], ends: tuple[float, float], along: Along) -> Way:
    """The way of an edge.

    Args:
        ranks: the ranks that it goes through.
        line: its coordinate across the ranks in each of them.
        ends: its coordinates along the ranks at its start and at its end.
        along: where the ranks are.
    """
    points: Way = [(ends[0], line[0])]
    for rank, one, other in zip(ranks, line, line[1:], strict=False):
        if one != other:
            start, end = along.leave[rank], along.enter[rank + 1]
            _straight(points, start, one)
            bend = (end - start) * _BEND
            points += [(start + bend, one), (end - bend, other), (end, other)]
    _straight(points, ends[1], line[-1])
    return points


def _straight(points: Way, to: float, line: float) -> None:
    """Goes on along a line."""
    start = points[-1][0]
    if to > start:
        third = (to - start) / 3
        points += [(start + third, line), (to - third, line), (to, line)]
