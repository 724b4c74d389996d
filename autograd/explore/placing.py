"""Where the nodes of a page stand, and how its edges run, in each of the two directions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from autograd.pictures.bundling import Bundled, bundled
from autograd.pictures.curves import Place, with_arrow
from autograd.pictures.junctions import arranged
from autograd.pictures.layout import Cluster, Layout, Node, Rectangle

# For each direction the distance of neighbours in a rank and that of two ranks, in points, which the page takes as
# pixels. Between ranks stand the numbers that flow back along the edges: beside each other they need more room.
DIRECTIONS = {"LR": (10.0, 46.0), "TB": (10.0, 18.0)}
_ARROW = 6.0
_STRAIGHT = 4.0  # the farthest that a bend may be from the straight line that replaces it

Route = list[Place]


class Placed(NamedTuple):
    """Where everything is; y grows downwards.

    centers: those of the nodes. boxes: those of the clusters. lines: for each edge its start, the three points of each
    cubic curve, and the tip of the arrow. extent: the width and the height of the whole.
    """

    centers: list[Place]
    boxes: list[Rectangle]
    lines: list[Route]
    extent: tuple[float, float]


def place(nodes: Sequence[Node], edges: Sequence[tuple[int, int]], clusters: Sequence[Cluster]) -> dict[str, Placed]:
    """The layouts of a graph from left to right and from top to bottom; long edges are bundled where they are many.

    Args:
        nodes: with their sizes.
        edges: from one node to another, by their indices.
        clusters: each holds a node; the one around another comes before it.

    >>> placed = place([Node(20.0, 10.0)] * 2, [(0, 1)], [])
    >>> [len(placed[direction].lines) for direction in ("LR", "TB")]
    [1, 1]
    """
    bundle = bundled([(f"n{tail}", f"n{head}") for tail, head in edges])
    arrangement = arranged(
        bundle,
        [f"n{number}" for number in range(len(nodes))],
        nodes,
        [(f"n{tail}", f"n{head}", None) for tail, head in edges],
        clusters,
    )
    return {
        direction: _placed(
            arrangement.laid_out(direction=direction, node_distance=beside, rank_distance=after), len(nodes), bundle
        )
        for direction, (beside, after) in DIRECTIONS.items()
    }


def _placed(found: Layout, count: int, bundle: Bundled) -> Placed:
    routes = [[(x, y) for x, y in route] for route in found.routes]
    trunks = len(bundle.trunks)
    arrows = [with_arrow(route, _ARROW) for route in routes[trunks:]]
    return Placed(
        [(x, y) for x, y in found.centers[:count]],
        [box for box in found.boxes if box is not None],
        list(_lines(bundle, routes[:trunks], arrows)),
        (found.width, found.height),
    )


def _lines(bundle: Bundled, routes: Iterable[Route], arrows: Iterable[tuple[Route, Place]]) -> Iterator[Route]:
    """The line of each edge, which begins with the trunk that it branches off from.

    Args:
        bundle: how the edges run.
        routes: those of the trunks.
        arrows: for each edge its own route as far as the arrow, and the tip of the arrow.
    """
    trunks: dict[str | None, _Line] = {None: _Line()}
    for (junction, before), route in zip(bundle.trunks.items(), routes, strict=False):
        trunks[junction] = trunks[before if before in bundle.trunks else None].continued(route)
    for branch, (route, tip) in zip(bundle.branches, arrows, strict=True):
        yield [*(trunks[branch].continued(route).points if branch else route), tip]


class _Line:
    """A chain of cubic curves: its start, and the three points of each curve. Straight runs are one curve.

    Every edge that branches off from a trunk repeats the trunk up to the branch, so a trunk needs few points.
    """

    def __init__(self, points: Sequence[Place] = (), error: float = math.inf) -> None:
        self.points = points
        self._error = error  # how far the last curve is from what it replaces; infinite if it is not straight

    def continued(self, more: Iterable[Place]) -> _Line:
        """The line with another one appended."""
        start, *curves = more
        points = list(self.points) or [start]
        error = self._error
        for at in range(0, len(curves), 3):
            curve = curves[at : at + 3]
            bend = max(_distance(control, points[-1], curve[2]) for control in curve[:2])
            together = error + bend + _distance(points[-1], points[-4], curve[2]) if error < math.inf else math.inf
            if together <= _STRAIGHT:
                end, error = curve[2], together
                begin = points[-4]
                del points[-3:]
                third = ((end[0] - begin[0]) / 3, (end[1] - begin[1]) / 3)
                curve = [*((begin[0] + k * third[0], begin[1] + k * third[1]) for k in (1, 2)), end]
            else:
                error = bend if bend <= _STRAIGHT else math.inf
            points += curve
        return _Line(points, error)


def _distance(point: Place, start: Place, end: Place) -> float:
    """The distance of a point from the line through two others."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y)
    if length == 0.0:
        return math.dist(point, start)
    return abs(x * (point[1] - start[1]) - y * (point[0] - start[0])) / length
