"""A graph as layers: every edge leads from one rank to the next.

An edge that is longer goes through a virtual node in each rank on its way. A text on an edge is a virtual node as large
as the text, in a rank between two others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autograd.pictures.layout.graph import Nesting


class Layers:
    """The nodes of a graph with ranks, and the virtual ones.

    ranks: the rank of each vertex: the nodes, then the virtual nodes.
    homes: the innermost cluster that holds each vertex.
    chains: for each edge the vertices on its way, from tail to head.
    texts: for each edge the vertex that stands for its text, or -1.
    up, down: for each vertex its neighbours in the rank before and in the rank after; a neighbour stands there as often
        as edges lead to it.
    first, last: the ranks of each cluster.
    """

    def __init__(
        self, ranks: Sequence[int], edges: Sequence[tuple[int, int]], with_text: Sequence[bool], nesting: Nesting
    ) -> None:
        doubled = 2 if any(with_text) else 1
        self.nesting = nesting
        self.ranks = [rank * doubled for rank in ranks]
        self.homes = list(nesting.homes)
        self.first, self.last = self._spans()
        self.chains: list[list[int]] = []
        self.texts = [-1] * len(edges)
        for index, (tail, head) in enumerate(edges):
            chain = [tail]
            for rank in range(self.ranks[tail] + 1, self.ranks[head]):
                chain.append(len(self.ranks))
                self.ranks.append(rank)
                self.homes.append(self._home(tail, head, rank))
            chain.append(head)
            self.chains.append(chain)
            if with_text[index]:
                middle = len(chain) // 2
                self.texts[index] = chain[middle if middle % 2 else middle - 1]
        self.count = 1 + max(self.ranks, default=-1)
        self._fill()
        self.up: list[list[int]] = [[] for _ in self.ranks]
        self.down: list[list[int]] = [[] for _ in self.ranks]
        for chain in self.chains:
            for start, end in pairwise(chain):
                self.down[start].append(end)
                self.up[end].append(start)

    def _spans(self) -> tuple[list[int], list[int]]:
        first = [0] * len(self.nesting.parents)
        last = [-1] * len(self.nesting.parents)
        for cluster, members in enumerate(self.nesting.members(self.homes)):
            if members:
                first[cluster] = min(self.ranks[member] for member in members)
                last[cluster] = max(self.ranks[member] for member in members)
        return first, last

    def _home(self, tail: int, head: int, rank: int) -> int:
        """The cluster that holds an edge at a rank: that of its tail to its last rank, then that of its head."""
        start, end = (self.nesting.paths[self.homes[node]] for node in (tail, head))
        common = self.nesting.common(start[-1], end[-1])
        depth = len(self.nesting.paths[common])
        leaving = [cluster for cluster in start[depth:] if self.last[cluster] >= rank]
        entering = [cluster for cluster in end[depth:] if self.first[cluster] <= rank]
        if leaving and entering:
            return common
        return (leaving or entering or [common])[-1]

    def _fill(self) -> None:
        """Gives each cluster a vertex in each of its ranks, so that it has a place everywhere."""
        there = set(zip(self.homes, self.ranks, strict=True))
        for cluster in reversed(self.nesting.order[1:]):
            inside = self.nesting.inside[cluster]
            for rank in range(self.first[cluster], self.last[cluster] + 1):
                if (cluster, rank) not in there and not any(
                    self.first[inner] <= rank <= self.last[inner] for inner in inside
                ):
                    self.ranks.append(rank)
                    self.homes.append(cluster)

    def spans(self, cluster: int, rank: int) -> bool:
        """Whether a rank is one of a cluster's."""
        return self.first[cluster] <= rank <= self.last[cluster]
