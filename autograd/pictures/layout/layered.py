"""A layered layout: nodes in ranks, edges in one direction.

The steps are those of Sugiyama, Tagawa and Toda (1981): ranks, the order within each rank, coordinates, and the ways of
the edges. Each has a module with its sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autograd.pictures.layout import coordinates, routes
from autograd.pictures.layout.graph import Cluster, Edge, Layout, Nesting, Node, Point, Rectangle, downwards
from autograd.pictures.layout.layers import Layers
from autograd.pictures.layout.order import ordered
from autograd.pictures.layout.ranks import ranked

_TEXT_MARGIN = 2.0  # between a text and its edge


def layered(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    clusters: Sequence[Cluster] = (),
    *,
    direction: str = "LR",
    node_distance: float = 14.4,
    rank_distance: float = 28.8,
) -> Layout:
    """A layered layout of a graph: `Arrangement.laid_out` of its `Arrangement`.

    >>> layered([Node(20, 10), Node(30, 10)], [Edge(0, 1)]).centers
    [Point(x=10.0, y=5.0), Point(x=71.8, y=5.0)]
    """
    arrangement = Arrangement(nodes, edges, clusters)
    return arrangement.laid_out(direction=direction, node_distance=node_distance, rank_distance=rank_distance)


class Arrangement:
    """The ranks of a graph and the order in each, which are the same in both directions and take most of the time.

    The same input gives the same output, to the bit. A node of size 0 is a point at which edges branch.

    Args:
        nodes: the nodes.
        edges: the edges, in any order; there may be several between two nodes.
        clusters: boxes around nodes and other clusters; no other node is inside them.

    Raises:
        ValueError: an edge leads from a node to itself.

    >>> arrangement = Arrangement([Node(20, 10), Node(30, 10)], [Edge(0, 1)])
    >>> [arrangement.laid_out(direction=direction).height for direction in ("LR", "TB")]
    [10.0, 56.8]
    """

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge], clusters: Sequence[Cluster] = ()) -> None:
        for index, edge in enumerate(edges):
            if edge.tail == edge.head:
                raise ValueError(f"edge {index} leads from node {edge.tail} to itself; a layered layout has no loops")
        self.nodes, self.edges, self.clusters = nodes, edges, clusters
        self._nesting = Nesting(nodes, clusters)
        self._forwards = downwards(len(nodes), [(edge.tail, edge.head) for edge in edges])
        pairs = [
            (edge.tail, edge.head) if forward else (edge.head, edge.tail)
            for edge, forward in zip(edges, self._forwards, strict=True)
        ]
        ranks = ranked(pairs, self._nesting)
        self._layers = Layers(ranks.of, pairs, [edge.text is not None for edge in edges], self._nesting)
        self._order = ordered(self._layers, ranks.groups)

    def laid_out(self, *, direction: str = "LR", node_distance: float = 14.4, rank_distance: float = 28.8) -> Layout:
        """The layout. Edges lead to the right, or downwards; in a graph with cycles, a few lead back.

        Args:
            direction: "LR" from left to right, "TB" from top to bottom.
            node_distance: the least distance of two nodes in a rank, in points.
            rank_distance: the distance of two ranks, in points. Borders of clusters between them may make it larger.

        Raises:
            ValueError: the direction is another one.
        """
        if direction not in ("LR", "TB"):
            raise ValueError(f'direction must be "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
        rightwards = direction == "LR"
        nodes, edges, clusters, nesting = self.nodes, self.edges, self.clusters, self._nesting
        layers, order = self._layers, self._order

        # Of each vertex: its extent along the ranks, and its reach across them.
        lengths = [0.0] * len(layers.ranks)
        before = [0.0] * len(layers.ranks)
        after = [0.0] * len(layers.ranks)
        for index, node in enumerate(nodes):
            lengths[index], breadth = (node.width, node.height) if rightwards else (node.height, node.width)
            before[index] = after[index] = breadth / 2
        for edge, vertex in zip(edges, layers.texts, strict=True):
            if edge.text is not None:  # above its edge, or to the right of it
                lengths[vertex], breadth = edge.text if rightwards else edge.text[::-1]
                (before if rightwards else after)[vertex] = breadth + _TEXT_MARGIN
        wide = [reach + beyond > 0 for reach, beyond in zip(before, after, strict=True)]
        leave, enter = routes.ports(layers, order, [2 * reach for reach in before])
        headers = [*(cluster.header for cluster in clusters), (0.0, 0.0)]
        inside = [(height, 0.0) if rightwards else (0.0, width) for width, height in headers]
        clear = [0.0 if rightwards else width for width, _ in headers]
        beside = [(width, 0.0) if rightwards else (0.0, height) for width, height in headers]
        across = coordinates.across(
            layers, order, coordinates.Sizes(before, after, wide, leave, enter, inside, clear, node_distance)
        )
        lines: list[list[float]] = []
        turns = [0.0] * layers.count
        for index, chain in enumerate(layers.chains):
            line = [across.of[vertex] for vertex in chain]
            line[0] += leave[index]
            line[-1] += enter[index]
            lines.append(line)
            for vertex, (one, other) in zip(chain, pairwise(line), strict=False):
                turns[layers.ranks[vertex]] = max(turns[layers.ranks[vertex]], abs(one - other))
        distance = rank_distance / (2 if any(edge.text for edge in edges) else 1)
        along = coordinates.along(layers, lengths, turns, distance, beside, routes.TIP)

        middles = [(along.start[rank] + along.end[rank]) / 2 for rank in layers.ranks]
        for index, node in enumerate(nodes):
            if node.width == node.height == 0:  # edges branch off where they turn
                middles[index] = along.end[layers.ranks[index]]
        ways = []
        for chain, line in zip(layers.chains, lines, strict=True):
            tail, head = chain[0], chain[-1]
            ends = (middles[tail] + lengths[tail] / 2, middles[head] - lengths[head] / 2)
            ways.append(routes.way([layers.ranks[vertex] for vertex in chain], line, ends, along))

        # The drawing begins at 0, and its axes are those of the direction.
        lows = [across.of[vertex] - before[vertex] for vertex in range(len(before))]
        highs = [across.of[vertex] + after[vertex] for vertex in range(len(after))]
        held = nesting.order[1:]
        low = min([*lows, *(across.low[cluster] for cluster in held)], default=0.0)
        high = max([*highs, *(across.high[cluster] for cluster in held)], default=0.0)
        left = min([*along.start[:1], *(along.low[cluster] for cluster in held)], default=0.0)
        right = max([*along.end[-1:], *(along.high[cluster] for cluster in held)], default=0.0)

        def point(along_ranks: float, across_ranks: float) -> Point:
            x, y = round(along_ranks - left, 2), round(across_ranks - low, 2)
            return Point(x, y) if rightwards else Point(y, x)

        def rectangle(cluster: int) -> Rectangle:
            one = point(along.low[cluster], across.low[cluster])
            other = point(along.high[cluster], across.high[cluster])
            return Rectangle(one.x, one.y, round(other.x - one.x, 2), round(other.y - one.y, 2))

        boxes: list[Rectangle | None] = [None] * len(clusters)
        for cluster in held:
            boxes[cluster] = rectangle(cluster)
        texts = [
            None if vertex == -1 else point(middles[vertex], across.of[vertex] + (after[vertex] - before[vertex]) / 2)
            for vertex in layers.texts
        ]
        paths = [
            [point(*place) for place in (found if forward else found[::-1])]
            for found, forward in zip(ways, self._forwards, strict=True)
        ]
        end = point(right, high)
        centers = [point(middles[index], across.of[index]) for index in range(len(nodes))]
        return Layout(centers, boxes, paths, texts, end.x, end.y)
