"""Where the nodes of a page stand, and how its edges run: by Graphviz where it is there, else by our own layout."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.pictures.bundling import Bundled, bundled
from autograd.pictures.curves import Place, with_arrow
from autograd.pictures.drawers import drawer
from autograd.pictures.junctions import lay_out
from autograd.pictures.layout import Cluster, Node, Rectangle
from autograd.pictures.rendering import picture_class

# In points, which the page takes as pixels.
_INCH = 72.0
_NODE_DISTANCE = 18.0
_RANK_DISTANCE = 82.8
_CLUSTER_MARGIN = 10.0
_ARROW = 6.0
_PLACED_WITH_PATIENCE = 200
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


def place(
    nodes: Sequence[Node], edges: Sequence[tuple[int, int]], clusters: Sequence[Cluster], by: str | None
) -> Placed:
    """The layout of a graph from left to right; edges are bundled where they are long and many.

    Args:
        nodes: with their sizes.
        edges: from one node to another, by their indices.
        clusters: each holds a node; the one around another comes before it.
        by: what places them, as `autograd.pictures.drawers.drawer` chooses.

    Raises:
        RenderError: what has to place them is missing, or Graphviz failed.
    """
    bundle = bundled([(f"n{tail}", f"n{head}") for tail, head in edges])
    if picture_class(by) is None or drawer(by) == "python":
        return _by_python(nodes, edges, clusters, bundle)
    return _by_graphviz(nodes, edges, clusters, bundle, by)


def _by_python(
    nodes: Sequence[Node], edges: Sequence[tuple[int, int]], clusters: Sequence[Cluster], bundle: Bundled
) -> Placed:
    found = lay_out(
        bundle,
        [f"n{number}" for number in range(len(nodes))],
        nodes,
        [(f"n{tail}", f"n{head}", None) for tail, head in edges],
        clusters,
        node_distance=_NODE_DISTANCE,
        rank_distance=_RANK_DISTANCE,
    )
    routes = [[(x, y) for x, y in route] for route in found.routes]
    trunks = len(bundle.trunks)
    arrows = [with_arrow(route, _ARROW) for route in routes[trunks:]]
    return Placed(
        [(x, y) for x, y in found.centers[: len(nodes)]],
        [box for box in found.boxes if box is not None],
        list(_lines(bundle, routes[:trunks], arrows)),
        (found.width, found.height),
    )


def _by_graphviz(
    nodes: Sequence[Node],
    edges: Sequence[tuple[int, int]],
    clusters: Sequence[Cluster],
    bundle: Bundled,
    by: str | None,
) -> Placed:
    from autograd.pictures.picture import Picture

    picture = Picture(
        "graph",
        layout=by,
        graph_attr={
            "rankdir": "LR",
            "nodesep": f"{_NODE_DISTANCE / _INCH}",
            "ranksep": f"{_RANK_DISTANCE / _INCH:.2f}",
            **_patience(len(nodes)),
            **bundle.settings,
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
        edge_attr={"arrowsize": f"{_ARROW / 10}"},
    )
    inner: list[Picture] = []
    for number, cluster in enumerate(clusters):
        width, height = cluster.header
        # The table and the cluster put a frame of 12 points around the cell.
        cell = f'<td width="{width:.0f}" height="{height - 12:.0f}"> </td>'
        label = f'<<table border="0"><tr>{cell}</tr></table>>'
        attributes = {"label": label, "labeljust": "l", "margin": f"{_CLUSTER_MARGIN:.0f}"}
        inner.append(Picture(f"cluster_{number}", graph_attr=attributes))
    for number, node in enumerate(nodes):
        size = {"width": f"{node.width / _INCH:.4f}", "height": f"{node.height / _INCH:.4f}"}
        (picture if node.cluster is None else inner[node.cluster]).node(f"n{number}", **size)
    for number in reversed(range(len(clusters))):
        parent = clusters[number].parent
        (picture if parent is None else inner[parent]).subgraph(inner[number])
    for junction, before in bundle.trunks.items():
        picture.node(junction, shape="point", width="0.01", height="0.01")
        picture.edge(before, junction, id=junction, arrowhead="none")
    for number, ((tail, head), branch) in enumerate(zip(edges, bundle.branches, strict=True)):
        picture.edge(branch or f"n{tail}", f"n{head}", id=str(number))
    return _read(json.loads(picture.pipe(format="json0")), len(nodes), bundle)


def _read(found: dict[str, Any], nodes: int, bundle: Bundled) -> Placed:
    """What Graphviz found: its heights grow upwards."""
    _, _, right, high = _numbers(found["bb"])
    at = {drawn["name"]: drawn for drawn in found["objects"]}

    def turned(text: str) -> Place:
        x, y = _numbers(text)
        return x, high - y

    boxes: list[Rectangle] = []
    while (name := f"cluster_{len(boxes)}") in at:
        box_left, box_low, box_right, box_high = _numbers(at[name]["bb"])
        boxes.append(Rectangle(box_left, high - box_high, box_right - box_left, box_high - box_low))
    curves = {edge["id"]: edge["pos"].split(" ") for edge in found.get("edges", [])}
    routes = [[turned(point) for point in curves[junction]] for junction in bundle.trunks]
    arrows = []
    for number in range(len(bundle.branches)):
        tip, *spline = curves[str(number)]
        arrows.append(([turned(point) for point in spline], turned(tip.removeprefix("e,"))))
    centers = [turned(at[f"n{number}"]["pos"]) for number in range(nodes)]
    return Placed(centers, boxes, list(_lines(bundle, routes, arrows)), (right, high))


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


def _patience(count: int) -> dict[str, str]:
    """How long Graphviz may try to shorten the edges of a graph with this many nodes.

    It makes `nslimit` times the number of nodes steps, and each step takes longer the larger the graph. Large graphs
    gain nearly everything at the beginning: a sum of 600 terms looks the same after 8 seconds as after 107.

    >>> _patience(100), _patience(1000)
    ({'nslimit': '2'}, {'nslimit': '0.08'})
    """
    return {"nslimit": f"{2 * min(1.0, _PLACED_WITH_PATIENCE / count) ** 2:.4g}"}


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
