"""Paths that change places as a whole: what exchanges of single vertices do not find.

A long edge, or a line along the graph that others branch off from, may lie on the wrong side of many vertices. Each of
its vertices stays there as long as the others do. So a path is taken out of all its ranks, and put in again where it
has the fewest crossings, which is a shortest path through the gaps of the ranks: dynamic programming over the ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from autograd.pictures.layout.layers import Layers


def paths(layers: Layers) -> list[list[int]]:
    """Paths that hold each vertex once, the longest first: to the neighbour that fewest others lead to."""
    order = sorted(range(len(layers.ranks)), key=lambda vertex: layers.ranks[vertex])
    taken = [False] * len(order)
    found = []
    for start in order:
        if taken[start]:
            continue
        path = [start]
        while True:
            taken[path[-1]] = True
            free = [vertex for vertex in layers.down[path[-1]] if not taken[vertex]]
            if not free:
                break
            path.append(min(free, key=lambda vertex: (len(layers.up[vertex]), vertex)))
        found.append(path)
    return sorted(found, key=len, reverse=True)


def moved(path: Sequence[int], layers: Layers, order: Sequence[list[int]], place: Sequence[int]) -> list[int] | None:
    """For each vertex of a path the best place in its rank without it; None if no other places are better.

    The crossings of the path's other edges with each other do not count.
    """
    on_path = set(path)
    old = [place[vertex] for vertex in path]
    best: list[int] = []  # for each place the fewest crossings up to the rank
    stands = 0  # the crossings as it is
    came: list[list[int]] = []
    for at, vertex in enumerate(path):
        rank = layers.ranks[vertex]
        size = len(order[rank])
        costs = [0] * size
        before = _Gap(layers, order, place, rank - 1, path[at - 1] if at else -1, vertex, on_path) if rank else None
        if before is not None:
            for neighbour in layers.up[vertex]:
                if neighbour not in on_path:
                    for q in range(size):
                        costs[q] += before.crossed(before.places[neighbour], q, start_is_vertex=True)
        if rank + 1 < layers.count:
            after = _Gap(layers, order, place, rank, vertex, path[at + 1] if at + 1 < len(path) else -1, on_path)
            for neighbour in layers.down[vertex]:
                if neighbour not in on_path:
                    for p in range(size):
                        costs[p] += after.crossed(p, after.places[neighbour], start_is_vertex=False)
        stands += costs[old[at]]
        allowed = list(_allowed(vertex, layers, order[rank], old[at]))
        if not at:
            best = [-1] * size
            for p in allowed:
                best[p] = costs[p]
            came.append([-1] * size)
            continue
        assert before is not None
        stands += before.crossed(old[at - 1], old[at])
        starts = [p for p, cost in enumerate(best) if cost != -1]
        following, origins = [-1] * size, [-1] * size
        for q in allowed:
            cost, origins[q] = min((best[p] + before.crossed(p, q), p) for p in starts)
            following[q] = cost + costs[q]
        came.append(origins)
        best = following
    fewest, end = min((cost, p) for p, cost in enumerate(best) if cost != -1)
    if fewest >= stands:
        return None
    places = [end]
    for origins in reversed(came[1:]):
        places.append(origins[places[-1]])
    return places[::-1]


class _Gap:
    """The edges from one rank to the next without those of a path, counted by where they start and end.

    places: where each vertex stands without the path.
    """

    def __init__(
        self,
        layers: Layers,
        order: Sequence[list[int]],
        place: Sequence[int],
        rank: int,
        start: int,
        end: int,
        on_path: set[int],
    ) -> None:
        above = [vertex for vertex in order[rank] if vertex != start]
        below = [vertex for vertex in order[rank + 1] if vertex != end]
        self.places = {vertex: at for row in (above, below) for at, vertex in enumerate(row)}
        self.before = [[0] * (len(below) + 1)]  # [p][q]: how many edges start before p and end before q
        for vertex in above:
            ends = [0] * (len(below) + 1)
            if vertex not in on_path:
                for neighbour in layers.down[vertex]:
                    if neighbour not in on_path:
                        ends[self.places[neighbour] + 1] += 1
            self.before.append([one + other for one, other in zip(self.before[-1], accumulate(ends), strict=True)])

    def crossed(self, p: int, q: int, start_is_vertex: bool | None = None) -> int:
        """How many edges cross one from the gap before p to the gap before q; or from, or to, a vertex instead."""
        before = self.before
        last = before[-1]
        if start_is_vertex is None:
            return before[p][-1] + last[q] - 2 * before[p][q]
        if start_is_vertex:
            return (before[p][-1] - before[p][q]) + (last[q] - before[p + 1][q])
        return (before[p][-1] - before[p][q + 1]) + (last[q] - before[p][q])


def _allowed(vertex: int, layers: Layers, rank: list[int], old: int) -> Iterator[int]:
    """The places for a vertex in a rank without it at which it is in its cluster, and in no other."""
    nesting, homes = layers.nesting, layers.homes
    home = homes[vertex]
    others = [homes[other] for other in rank if other != vertex]
    for at in range(len(rank)):
        beside = others[max(0, at - 1) : at + 1]
        if at == old:
            yield at
        elif not any(nesting.holds(home, other) for other in beside):
            continue
        elif at in (0, len(others)) or nesting.holds(nesting.common(*beside), home):
            yield at
