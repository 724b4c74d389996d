"""What is wrong with a layout, and how good it is: its faults, the crossings of its edges, and its area.

Every function takes what was laid out (a `Graph`) and a `Layout`, whoever made it: the same count holds for ours and
for that of Graphviz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from autograd.pictures.layout import Arrangement, Cluster, Edge, Layout, Node

TOLERANCE = 0.5
"""By how many points two things may overlap: it cannot be seen, and Graphviz rounds its sizes."""
FLATNESS = 0.2
"""How far, in points, the polyline that stands for a curve may be from it."""
NEAR = 3.0
"""Crossings of the same two edges within this distance are one crossing; edges of one node may meet this near to it."""

AT_ONCE = 1_000_000
"""How many pairs of segments are compared at once."""


class Graph(NamedTuple):
    """What is laid out: the arguments of `layered`."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    clusters: Sequence[Cluster]
    direction: str
    node_distance: float
    rank_distance: float


def drawn(show: Callable[[], object]) -> tuple[Graph, Layout]:
    """What was laid out, and how, when something was shown; the last of several layouts."""
    found: list[tuple[Graph, Layout]] = []

    def noted(self: Arrangement, *, direction: str = "LR", **distances: float) -> Layout:
        layout = laid_out(self, direction=direction, **distances)
        found.append((Graph(self.nodes, self.edges, self.clusters, direction, **distances), layout))
        return layout

    laid_out = Arrangement.laid_out
    with mock.patch.object(Arrangement, "laid_out", noted):
        show()
    return found[-1]


def faults(graph: Graph, layout: Layout) -> list[str]:
    """What must not be in a picture, a line for each."""
    nodes = _rectangles([_around(center, node) for center, node in zip(layout.centers, graph.nodes, strict=True)])
    boxes = _rectangles([box or (0.0, 0.0, 0.0, 0.0) for box in layout.boxes])
    texts = _rectangles([_around(center, edge.text) for center, edge in _with_texts(graph, layout)])
    edges_of_texts = [number for number, edge in enumerate(graph.edges) if edge.text is not None]
    holders = [_around_cluster(graph, node.cluster) for node in graph.nodes]
    outer = [_around_cluster(graph, cluster) for cluster in range(len(graph.clusters))]
    lines = [polyline(route) for route in layout.routes]
    found = [f"the nodes {i} and {j} overlap" for i, j in _overlaps(nodes, nodes) if i < j]
    found += [f"the text of edge {edges_of_texts[i]} is over node {j}" for i, j in _overlaps(texts, nodes)]
    found += [
        f"the texts of the edges {edges_of_texts[i]} and {edges_of_texts[j]} overlap"
        for i, j in _overlaps(texts, texts)
        if i < j
    ]
    found += [f"node {i} is in the box {j}, not its own" for i, j in _overlaps(nodes, boxes) if j not in holders[i]]
    found += [
        f"the boxes {i} and {j} overlap"
        for i, j in _overlaps(boxes, boxes)
        if i < j and i not in outer[j] and j not in outer[i]
    ]
    found += [
        f"the text of edge {edges_of_texts[i]} is over the name of box {j}"
        for i, j in _overlaps(texts, _headers(graph, layout))
    ]
    found += [f"node {i} is over the name of box {j}" for i, j in _overlaps(nodes, _headers(graph, layout))]
    for i, holding in enumerate(holders):
        found += [f"node {i} is not inside of its box {j}" for j in holding if not _inside(nodes[i], boxes[j])]
    for i, cluster in enumerate(graph.clusters):
        if cluster.parent is not None and not _inside(boxes[i], boxes[cluster.parent]):
            found.append(f"the box {i} is not inside of its box {cluster.parent}")
    whole = np.array([0.0, 0.0, layout.width, layout.height])
    for kind, things in (("node", nodes), ("box", boxes), ("text", texts)):
        found += [
            f"{kind} {i} is outside of the picture" for i, thing in enumerate(things) if not _inside(thing, whole)
        ]
    for number, (edge, line) in enumerate(zip(graph.edges, lines, strict=True)):
        found += [
            f"edge {number} runs through node {node}"
            for node in _through(line, nodes)
            if node not in (edge.tail, edge.head)
        ]
        for end, point, name in ((edge.tail, line[0], "begin"), (edge.head, line[-1], "end")):
            if not _on_border(point, nodes[end]):
                found.append(f"edge {number} does not {name} at the border of node {end}")
        if not _inside(np.concatenate([line.min(axis=0), line.max(axis=0)]), whole):
            found.append(f"edge {number} is outside of the picture")
    return found


def flaws(graph: Graph, layout: Layout) -> list[str]:
    """What is better not in a picture, though Graphviz has it at times, a line for each."""
    boxes = _rectangles([box or (0.0, 0.0, 0.0, 0.0) for box in layout.boxes])
    texts = _rectangles([_around(center, edge.text) for center, edge in _with_texts(graph, layout)])
    nodes = _rectangles([_around(center, node) for center, node in zip(layout.centers, graph.nodes, strict=True)])
    edges_of_texts = [number for number, edge in enumerate(graph.edges) if edge.text is not None]
    found = []
    for number, (edge, route) in enumerate(zip(graph.edges, layout.routes, strict=True)):
        line = polyline(route)
        own = _around_cluster(graph, graph.nodes[edge.tail].cluster) | _around_cluster(
            graph, graph.nodes[edge.head].cluster
        )
        found += [f"edge {number} runs through box {j}" for j in _through(line, boxes) if j not in own]
        found += [
            f"edge {number} runs through the text of edge {edges_of_texts[j]}"
            for j in _through(line, texts)
            if edges_of_texts[j] != number
        ]
        found += [
            f"edge {number} runs through its own node {end}"
            for end in (edge.tail, edge.head)
            if list(_through(line, nodes[end : end + 1], tolerance=2.0))
        ]
    return found


def crossings(graph: Graph, layout: Layout) -> int:
    """How often edges cross, apart from edges of one node close to it."""
    segments, owners = [], []
    for number, route in enumerate(layout.routes):
        line = polyline(route)
        segments.append(np.concatenate([line[:-1], line[1:]], axis=1))
        owners.append(np.full(len(line) - 1, number))
    if not segments:
        return 0
    ends = np.array([[edge.tail, edge.head] for edge in graph.edges])
    nodes = _rectangles([_around(center, node) for center, node in zip(layout.centers, graph.nodes, strict=True)])
    where: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for first, other, x, y in _crossing_points(np.concatenate(segments), np.concatenate(owners)):
        for node in set(ends[first]) & set(ends[other]):
            left, top, right, bottom = nodes[node]
            if left - NEAR <= x <= right + NEAR and top - NEAR <= y <= bottom + NEAR:
                break
        else:
            points = where.setdefault((min(first, other), max(first, other)), [])
            if all(abs(x - px) > NEAR or abs(y - py) > NEAR for px, py in points):
                points.append((x, y))
    return sum(map(len, where.values()))


def area(layout: Layout) -> float:
    """The area of the picture in square points."""
    return layout.width * layout.height


def polyline(route: Sequence[Sequence[float]]) -> Any:
    """The corners of a line that is close to a chain of cubic curves.

    >>> polyline([(0, 0), (1, 0), (2, 0), (3, 0)]).tolist()
    [[0.0, 0.0], [3.0, 0.0]]
    """
    points = np.array(route, dtype=float)
    assert len(points) % 3 == 1, "a route is a start, and three points for each curve"
    a, b, c, d = points[:-1:3], points[1::3], points[2::3], points[3::3]
    bends = np.maximum(np.abs(a - 2 * b + c).sum(axis=1), np.abs(b - 2 * c + d).sum(axis=1))
    counts = np.maximum(1, np.ceil(np.sqrt(0.75 * bends / FLATNESS))).astype(int)  # a chord is off by 0.75 bend / n²
    parts = np.arange(1, counts.sum() + 1) - np.repeat(np.cumsum(counts) - counts, counts)
    t = (parts / np.repeat(counts, counts))[:, None]
    a, b, c, d = (np.repeat(corners, counts, axis=0) for corners in (a, b, c, d))
    curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return np.concatenate([points[:1], curve])


def _around(center: Sequence[float], size: Sequence[Any] | None) -> tuple[float, float, float, float]:
    """Left, top, width and height of what has a center and a size."""
    width, height = (0.0, 0.0) if size is None else size[:2]
    return center[0] - width / 2, center[1] - height / 2, width, height


def _rectangles(things: Sequence[Sequence[float]]) -> Any:
    """Left, top, right and bottom of each rectangle (left, top, width, height)."""
    found = np.array(things, dtype=float).reshape(-1, 4)
    found[:, 2:] += found[:, :2]
    return found


def _with_texts(graph: Graph, layout: Layout) -> Iterator[tuple[Sequence[float], Edge]]:
    for edge, center in zip(graph.edges, layout.texts, strict=True):
        assert (center is None) is (edge.text is None), "a text stands on each edge that has one, and on no other"
        if center is not None:
            yield center, edge


def _headers(graph: Graph, layout: Layout) -> Any:
    """Where the name of each box stands: at the top left, or at the bottom left if the graph runs downwards."""
    found = []
    for cluster, box in zip(graph.clusters, layout.boxes, strict=True):
        left, top, _, height = box or (0.0, 0.0, 0.0, 0.0)
        top = top if graph.direction == "LR" else top + height - cluster.header[1]
        found.append((left, top, *cluster.header))
    return _rectangles(found)


def _around_cluster(graph: Graph, cluster: int | None) -> set[int]:
    """A cluster and those around it."""
    found = set()
    while cluster is not None:
        found.add(cluster)
        cluster = graph.clusters[cluster].parent
    return found


def _overlaps(first: Any, other: Any) -> Iterator[tuple[int, int]]:
    """The pairs of rectangles, one of each list, that overlap; a point inside of a rectangle overlaps it."""
    if not len(first) or not len(other):
        return
    overlap = np.minimum(first[:, None, 2:], other[None, :, 2:]) - np.maximum(first[:, None, :2], other[None, :, :2])
    # What is smaller than the tolerance cannot overlap by it.
    least = np.minimum(first[:, None, 2:] - first[:, None, :2], other[None, :, 2:] - other[None, :, :2])
    for i, j in np.argwhere((overlap >= np.minimum(least - 1e-9, TOLERANCE)).all(axis=2)):
        yield int(i), int(j)


def _inside(small: Any, large: Any) -> bool:
    return bool((small[:2] >= large[:2] - TOLERANCE).all() and (small[2:] <= large[2:] + TOLERANCE).all())


def _on_border(point: Any, rectangle: Any) -> bool:
    """Whether a point is within 2 points of the border of a rectangle, as wide as the thickest border."""
    inside = min(*(point - rectangle[:2]), *(rectangle[2:] - point))
    outside = np.maximum(np.maximum(rectangle[:2] - point, point - rectangle[2:]), 0.0)
    return bool(np.hypot(*outside) <= 2.0 and inside <= 2.0)


def _through(line: Any, rectangles: Any, tolerance: float = TOLERANCE) -> Iterator[int]:
    """The rectangles that a polyline runs through: the algorithm of Liang and Barsky (1984)."""
    near = (rectangles[:, :2] < line.max(axis=0)) & (rectangles[:, 2:] > line.min(axis=0))
    near &= rectangles[:, 2:] - rectangles[:, :2] > 2 * tolerance
    numbers = np.flatnonzero(near.all(axis=1))
    low, high = rectangles[numbers, :2] + tolerance, rectangles[numbers, 2:] - tolerance
    start, step = line[:-1, None, :], (line[1:] - line[:-1])[:, None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        to_low, to_high = (low - start) / step, (high - start) / step
    still, between = step == 0.0, (low < start) & (start < high)
    enters = np.where(still, np.where(between, -np.inf, np.inf), np.minimum(to_low, to_high)).max(axis=2)
    leaves = np.where(still, np.where(between, np.inf, -np.inf), np.maximum(to_low, to_high)).min(axis=2)
    hit = np.maximum(enters, 0.0) < np.minimum(leaves, 1.0)
    yield from map(int, numbers[hit.any(axis=0)])


def _crossing_points(segments: Any, owners: Any) -> Iterator[tuple[int, int, float, float]]:
    """The points at which segments of two owners cross: a sweep from left to right."""
    order = np.argsort(np.minimum(segments[:, 0], segments[:, 2]), kind="stable")
    segments, owners = segments[order], owners[order]
    starts, ends = segments[:, :2], segments[:, 2:]
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    # Each is compared with those that begin where it is: after it in the order, and before its end.
    counts = np.searchsorted(low[:, 0], high[:, 0], side="right") - np.arange(len(segments)) - 1
    before = np.concatenate([[0], np.cumsum(counts)])
    at = 0
    while at < len(segments):
        until = max(at + 1, int(np.searchsorted(before, before[at] + AT_ONCE)))
        i = np.repeat(np.arange(at, min(until, len(segments))), counts[at:until])
        j = i + 1 + np.arange(len(i)) - (before[i] - before[at])
        near = (owners[i] != owners[j]) & (low[i, 1] <= high[j, 1]) & (low[j, 1] <= high[i, 1])
        i, j = i[near], j[near]
        # A point on a line counts as above it, so that a crossing at a corner is counted once.
        at_start, at_end = _side(starts[i], ends[i], starts[j]), _side(starts[i], ends[i], ends[j])
        cross = (at_start >= 0) != (at_end >= 0)
        cross &= (_side(starts[j], ends[j], starts[i]) >= 0) != (_side(starts[j], ends[j], ends[i]) >= 0)
        i, j, part = i[cross], j[cross], (at_start[cross] / (at_start[cross] - at_end[cross]))[:, None]
        for first, other, (x, y) in zip(owners[i], owners[j], starts[j] + part * (ends[j] - starts[j]), strict=True):
            yield int(first), int(other), float(x), float(y)
        at = until


def _side(start: Any, end: Any, point: Any) -> Any:
    """On which side of the line through two points a third one is: the sign of the cross product."""
    first, other = end - start, point - start
    return first[..., 0] * other[..., 1] - first[..., 1] * other[..., 0]
