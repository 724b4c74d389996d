"""The coordinates of the vertices: along the ranks by their sizes, across them by the network simplex method.

Across, those coordinates are taken that keep the order and the distances in each rank, and have the least total slope
of the edges, by the auxiliary graph of Gansner et al. 1993, section 4. The inner segments of long edges count most, as
in U. Brandes, B. Köpf, "Fast and simple horizontal coordinate assignment", Graph Drawing 2001: long edges are straight
unless that would make the drawing much larger. The two sides of a cluster have one coordinate each for all its ranks,
which makes it a rectangle: G. Sander, "Layout of compound directed graphs", Universität des Saarlandes 1996.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from autograd.pictures.layout.graph import Nesting
from autograd.pictures.layout.layers import Layers
from autograd.pictures.layout.simplex import Arc, earliest, shortest

MARGIN = 10.0
"""The distance of a cluster's border from what is inside."""

_STEPS = 4  # coordinates are whole numbers of steps, four to a point
_PATIENCE = 1_500_000
_WEIGHTS = (1, 2, 8)  # of a segment by how many of its ends are virtual, or points: long edges shall be straight
_INNER = 4  # how much straighter edges inside a cluster shall be: then clusters of the same shape look alike
_ALONE = 4  # likewise edges between two nodes that have no others there
_NARROW = 0.4  # the distance between two lines, in distances of nodes
_WIDE = 0.6  # the distance between a line and a node

_LEAST_GAP = 0.6  # the room in which edges turn between the borders of clusters, in distances of ranks
_WIDENING = 0.05  # how much more room it gets, in lengths of the longest turn
_WIDEST = 1.0  # at most, in distances of ranks


@dataclass
class Sizes:
    """What takes room across the ranks, in points.

    before, after: how far each vertex reaches from its coordinate, to lower and to higher ones.
    wide: whether a vertex is more than a point on a line.
    leave, enter: for each edge how far from the center of its tail it leaves, and from that of its head it enters.
    headers: for each cluster the room for its name inside its first border, and its least extent.
    clear: for each cluster how far from its first border edges may leave it after its last rank: its name is there.
    node_distance: the distance of neighbours.
    """

    before: list[float]
    after: list[float]
    wide: list[bool]
    leave: list[float]
    enter: list[float]
    headers: list[tuple[float, float]]
    clear: list[float]
    node_distance: float


@dataclass
class Across:
    """The coordinates across the ranks, in points: of the vertices, and of the borders of the clusters."""

    of: list[float]
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)


def across(layers: Layers, order: Sequence[Sequence[int]], sizes: Sizes) -> Across:
    """The coordinates across the ranks."""
    nesting = layers.nesting
    count = len(layers.ranks)
    borders = count + 2 * len(nesting.parents)

    arcs: dict[tuple[int, int], int] = {}

    def apart(one: int, other: int, distance: float) -> None:
        steps = _steps(distance)
        if arcs.get((one, other), -1) < steps:
            arcs[one, other] = steps

    for rank in order:
        last = -1
        reach = 0.0
        kind = _NODE
        opened = -1
        for token, vertex in _tokens(rank, layers.homes, nesting):
            if token == _VERTEX:
                variable, before = vertex, sizes.before[vertex]
                following = _NODE if sizes.wide[vertex] else _LINE
            else:
                variable = count + 2 * vertex + (token == _CLOSING)
                following, before = token, 0.0
            if last != -1:
                distance = _distance(kind, following) * sizes.node_distance
                if kind == _OPENING and following != _CLOSING:
                    distance = MARGIN + sizes.headers[opened][0]
                elif following == _CLOSING:
                    distance = MARGIN
                apart(last, variable, reach + distance + before)
            last, kind, opened = variable, following, vertex
            reach = sizes.after[vertex] if token == _VERTEX else 0.0
    for cluster in nesting.order[1:]:
        apart(count + 2 * cluster, count + 2 * cluster + 1, sizes.headers[cluster][1] + 2 * MARGIN)
    beginnings = _beginnings(layers, sizes.leave)
    for cluster in nesting.order[1:]:
        if not sizes.clear[cluster]:
            continue
        for vertex in order[layers.last[cluster]]:
            if layers.down[vertex] and nesting.holds(cluster, layers.homes[vertex]):
                room = sizes.clear[cluster] + _NARROW * sizes.node_distance
                apart(count + 2 * cluster, vertex, room - beginnings.get(vertex, 0.0))
                break  # the others are farther away
    constraints = [Arc(one, other, steps, 0) for (one, other), steps in arcs.items()]
    constraints += [Arc(count + 2 * cluster, count + 2 * cluster + 1, 0, 1) for cluster in nesting.order[1:]]
    variables = borders
    pulls: dict[tuple[int, int, int], int] = {}
    for edge, chain in enumerate(layers.chains):
        ends = (chain[0], chain[-1])
        depth = len(nesting.paths[nesting.common(layers.homes[ends[0]], layers.homes[ends[1]])])
        importance = _INNER ** min(depth - 1, 3) * (
            _ALONE if len(layers.down[ends[0]]) == len(layers.up[ends[1]]) == 1 else 1
        )
        for at in range(len(chain) - 1):
            start, end = chain[at], chain[at + 1]
            shift = 0.0
            if at == 0:
                shift += sizes.leave[edge]
            if at == len(chain) - 2:
                shift -= sizes.enter[edge]
            virtual = sum(vertex >= len(nesting.homes) or not sizes.wide[vertex] for vertex in (start, end))
            key = (start, end, round(shift * _STEPS))
            pulls[key] = pulls.get(key, 0) + _WEIGHTS[virtual] * importance
    for (start, end, shift_steps), weight in pulls.items():
        # both ends are pulled to the lower of the two
        constraints.append(Arc(variables, start, max(0, -shift_steps), weight))
        constraints.append(Arc(variables, end, max(0, shift_steps), weight))
        variables += 1
    values = earliest(variables, constraints)
    if values is None:
        raise AssertionError("the order of the ranks contradicts itself")
    values = shortest(values, constraints, _PATIENCE)
    _center(values, arcs, pulls, [vertex for vertex, home in enumerate(nesting.homes) if home == nesting.root])
    found = [value / _STEPS for value in values]
    return Across(
        found[:count],
        found[count:borders:2],
        found[count + 1 : borders : 2],
    )


def _center(
    values: list[int],
    arcs: Mapping[tuple[int, int], int],
    pulls: Mapping[tuple[int, int, int], int],
    vertices: Iterable[int],
) -> None:
    """Moves each of some vertices to the middle of the places that are as good as its own, as far as there is room.

    The simplex method stops at any of the best places: a box with four edges would stand at the second of their ends.
    """
    lower: dict[int, list[tuple[int, int]]] = {}
    upper: dict[int, list[tuple[int, int]]] = {}
    for (one, other), steps in arcs.items():
        lower.setdefault(other, []).append((one, steps))
        upper.setdefault(one, []).append((other, steps))
    wanted: dict[int, list[tuple[int, int, int]]] = {}
    for (start, end, shift), weight in pulls.items():
        wanted.setdefault(start, []).append((end, -shift, weight))
        wanted.setdefault(end, []).append((start, shift, weight))
    for vertex in vertices:
        ends = sorted((values[other] + shift, weight) for other, shift, weight in wanted.get(vertex, ()))
        half = sum(weight for _, weight in ends) / 2
        places = [place for place, _ in ends]
        before = list(accumulate(weight for _, weight in ends))
        middle = bisect_left(before, half)
        if not ends or before[middle] != half or not places[middle] <= values[vertex] <= places[middle + 1]:
            continue
        best = (places[middle] + places[middle + 1]) // 2
        best = max([best, *(values[other] + steps for other, steps in lower.get(vertex, ()))])
        values[vertex] = min([best, *(values[other] - steps for other, steps in upper.get(vertex, ()))])


def _beginnings(layers: Layers, leave: Sequence[float]) -> dict[int, float]:
    """How far from the center of each tail its first edge leaves."""
    found: dict[int, float] = {}
    for chain, offset in zip(layers.chains, leave, strict=True):
        found[chain[0]] = min(found.get(chain[0], offset), offset)
    return found


_OPENING, _CLOSING, _VERTEX, _NODE, _LINE = range(5)


def _distance(one: int, other: int) -> float:
    lines = (one == _LINE) + (other == _LINE)
    return (1.0, _WIDE, _NARROW)[lines]


def _steps(length: float) -> int:
    return -int(-length * _STEPS // 1)


def _tokens(rank: Sequence[int], homes: Sequence[int], nesting: Nesting) -> Iterator[tuple[int, int]]:
    """The vertices of a rank, and the borders of clusters between them, like words and brackets."""
    path: tuple[int, ...] = (nesting.root,)
    for vertex in rank:
        following = nesting.paths[homes[vertex]]
        same = 0
        while same < len(path) and same < len(following) and path[same] == following[same]:
            same += 1
        for cluster in reversed(path[same:]):
            yield _CLOSING, cluster
        for cluster in following[same:]:
            yield _OPENING, cluster
        yield _VERTEX, vertex
        path = following
    for cluster in reversed(path[1:]):
        yield _CLOSING, cluster


@dataclass
class Along:
    """The coordinates along the ranks, in points.

    start, end: where the vertices of each rank begin and end.
    enter, leave: where edges have left the clusters that end before a rank, and where those that begin after it begin:
        between `leave` of a rank and `enter` of the next, edges turn.
    low, high: the borders of the clusters.
    """

    start: list[float]
    end: list[float]
    enter: list[float]
    leave: list[float]
    low: list[float]
    high: list[float]


def along(
    layers: Layers,
    extents: Sequence[float],
    turns: Sequence[float],
    distance: float,
    headers: Sequence[tuple[float, float]],
    tip: float,
) -> Along:
    """The coordinates along the ranks.

    Args:
        layers: the graph.
        extents: the extent of each vertex along the ranks.
        turns: how far the edges after each rank move across the ranks, at most.
        distance: the distance of neighbouring ranks.
        headers: for each cluster the least extent, and the room after its last rank.
        tip: the room for the tips of arrows.
    """
    nesting = layers.nesting
    widths = [0.0] * layers.count
    for vertex, extent in enumerate(extents):
        widths[layers.ranks[vertex]] = max(widths[layers.ranks[vertex]], extent)
    before = [0.0] * len(nesting.parents)
    after = [0.0] * len(nesting.parents)
    opening = [0.0] * layers.count
    closing = [0.0] * layers.count
    ending: list[list[int]] = [[] for _ in range(layers.count)]
    for cluster in reversed(nesting.order[1:]):
        inside = nesting.inside[cluster]
        first, last = layers.first[cluster], layers.last[cluster]
        before[cluster] = MARGIN + max((before[inner] for inner in inside if layers.first[inner] == first), default=0.0)
        after[cluster] = MARGIN + max((after[inner] for inner in inside if layers.last[inner] == last), default=0.0)
        after[cluster] += headers[cluster][1]
        opening[first] = max(opening[first], before[cluster])
        closing[last] = max(closing[last], after[cluster])
        ending[last].append(cluster)
    start, end, enter, leave = [], [], [], []
    at = 0.0
    for rank in range(layers.count):
        if rank:
            at += max(distance - opening[rank] - closing[rank - 1], distance * _LEAST_GAP)
            at += min(turns[rank - 1] * _WIDENING, distance * _WIDEST)
        enter.append(at)
        at += opening[rank]
        start.append(at + (tip if rank else 0.0))
        at = start[-1] + widths[rank]
        for cluster in ending[rank]:
            least = headers[cluster][0] + 2 * MARGIN - before[cluster] - after[cluster]
            at = max(at, start[layers.first[cluster]] + least)
        end.append(at)
        at += closing[rank]
        leave.append(at)
    low = [0.0] * len(nesting.parents)
    high = [0.0] * len(nesting.parents)
    for cluster in nesting.order[1:]:
        low[cluster] = start[layers.first[cluster]] - before[cluster]
        high[cluster] = end[layers.last[cluster]] + after[cluster]
    return Along(start, end, enter, leave, low, high)
