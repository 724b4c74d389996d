"""What a layered layout takes and gives. All lengths are in points, 1/72 inch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Point(NamedTuple):
    """A place in the drawing; y grows downwards."""

    x: float
    y: float


class Rectangle(NamedTuple):
    """A box in the drawing, by its corner at the top left."""

    left: float
    top: float
    width: float
    height: float


class Node(NamedTuple):
    """A node of the graph: its size, and the index of the innermost cluster that holds it."""

    width: float
    height: float
    cluster: int | None = None


class Edge(NamedTuple):
    """An edge between two nodes, given by their indices, and the width and height of the text that stands on it."""

    tail: int
    head: int
    text: tuple[float, float] | None = None


class Cluster(NamedTuple):
    """A box around nodes and other clusters: the index of the one around it, and the room for its name.

    The name stands at the top left of the box from left to right, and at the bottom left from top to bottom.
    """

    parent: int | None = None
    header: tuple[float, float] = (0.0, 0.0)


class Layout(NamedTuple):
    """Where everything is, within (0, 0) and (width, height).

    centers: the center of each node.
    boxes: the box of each cluster; None for one without nodes.
    routes: for each edge its start, then three points for each cubic Bézier curve; the last is the tip of the arrow.
    texts: the center of each edge's text; None for an edge without one.
    """

    centers: list[Point]
    boxes: list[Rectangle | None]
    routes: list[list[Point]]
    texts: list[Point | None]
    width: float
    height: float


class Nesting:
    """The tree of the clusters that hold nodes, under a root that stands for the whole drawing.

    The root has the number `root`, one more than the last cluster; the others keep their own.

    parents: for each cluster the one around it, `root` for the outermost.
    order: the clusters and the root, each after the one around it.
    paths: for each cluster those around it, from the root to itself.
    """

    def __init__(self, nodes: Sequence[Node], clusters: Sequence[Cluster]) -> None:
        self.root = len(clusters)
        self.parents = [self.root if cluster.parent is None else cluster.parent for cluster in clusters] + [-1]
        self.homes = [self.root if node.cluster is None else node.cluster for node in nodes]
        self.inside: list[list[int]] = [[] for _ in self.parents]
        held = [False] * len(self.parents)
        for home in self.homes:
            while home != -1 and not held[home]:
                held[home] = True
                home = self.parents[home]
        for cluster in range(self.root):
            if held[cluster]:
                self.inside[self.parents[cluster]].append(cluster)
        self.order = [self.root]
        self.paths: list[tuple[int, ...]] = [()] * len(self.parents)
        self.paths[self.root] = (self.root,)
        for around in self.order:
            for cluster in self.inside[around]:
                self.paths[cluster] = (*self.paths[around], cluster)
                self.order.append(cluster)

    def unit(self, home: int, around: int) -> int:
        """The cluster directly inside `around` that holds the cluster `home`; -1 if home is `around` itself."""
        path = self.paths[home]
        depth = len(self.paths[around])
        return path[depth] if depth < len(path) else -1

    def holds(self, around: int, home: int) -> bool:
        """Whether a cluster is, or is inside, another one."""
        path = self.paths[home]
        depth = len(self.paths[around])
        return depth <= len(path) and path[depth - 1] == around

    def common(self, one: int, other: int) -> int:
        """The innermost cluster that holds two clusters."""
        common = self.root
        for first, second in zip(self.paths[one], self.paths[other], strict=False):
            if first != second:
                break
            common = first
        return common

    def members(self, homes: Sequence[int]) -> list[list[int]]:
        """For each cluster the items inside it, at any depth, in order; `homes` gives the innermost one of each."""
        members: list[list[int]] = [[] for _ in self.parents]
        for item, home in enumerate(homes):
            for around in self.paths[home]:
                members[around].append(item)
        return members


def downwards(count: int, edges: Sequence[tuple[int, int]]) -> list[bool]:
    """For each edge whether it leads from an earlier node to a later one, in an order in which nearly all of them do.

    In a graph without cycles all of them do. In a cycle, the node that is listed first comes first.
    """
    heads: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for tail, head in edges:
        heads[tail].append(head)
        waiting[head] += 1
    place = [-1] * count
    for at, node in enumerate(_topological(heads, waiting)):
        place[node] = at
    return [place[tail] < place[head] for tail, head in edges]


def _topological(heads: list[list[int]], waiting: list[int]) -> Iterator[int]:
    """The nodes, tails before heads where that is possible."""
    done = [False] * len(heads)
    ready = [node for node in range(len(heads) - 1, -1, -1) if waiting[node] == 0]
    first = 0
    for _ in heads:
        while ready and done[ready[-1]]:
            ready.pop()
        if not ready:
            while done[first]:
                first += 1
            ready.append(first)
        node = ready.pop()
        done[node] = True
        yield node
        for head in heads[node]:
            waiting[head] -= 1
            if waiting[head] == 0:
                ready.append(head)
