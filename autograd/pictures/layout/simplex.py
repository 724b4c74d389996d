"""The network simplex method: integers for the nodes of a graph, with the least total weighted length of its arcs.

It gives the ranks of the nodes, and later the coordinates within the ranks.

Source: E. Gansner, E. Koutsofios, S. North, K.-P. Vo, "A Technique for Drawing Directed Graphs", IEEE Transactions on
Software Engineering 19(3), 1993, section 2.3.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Arc(NamedTuple):
    """A constraint, `values[head] - values[tail] >= length`, and what each unit of that difference costs."""

    tail: int
    head: int
    length: int
    weight: int


_CANDIDATES = 30  # how many tree arcs with a negative cut value to choose from


def shortest(start: Sequence[int], arcs: Sequence[Arc], patience: int = 10_000_000) -> list[int]:
    """Values from 0 on that meet all arcs, and make the sum of weight times difference as small as possible.

    Args:
        start: values that meet all arcs.
        arcs: the constraints and their costs.
        patience: about how many nodes to visit; then the best values so far are given.

    >>> shortest([0, 5, 9], [Arc(0, 1, 1, 1), Arc(1, 2, 1, 1)])
    [0, 1, 2]
    """
    tree = _Tree(start, arcs)
    while tree.visits < patience:
        leaving = tree.leaving()
        if leaving is None:
            break
        tree.exchange(leaving)
    lowest = min(tree.values, default=0)
    return [value - lowest for value in tree.values]


class _Tree:
    """A spanning tree of tight arcs (of each connected part), rooted, with the cut value of each of its arcs.

    The nodes of a subtree are numbered in postorder from `low` of its top to `number` of its top. The cut value of a
    tree arc says what the sum of all costs changes by per unit of its length: the weights of the arcs from the part at
    its tail to the part at its head, less those of the arcs back.
    """

    def __init__(self, start: Sequence[int], arcs: Sequence[Arc]) -> None:
        count = len(start)
        self.values = list(start)
        self.arcs = arcs
        self.visits = 0
        self.outgoing: list[list[int]] = [[] for _ in range(count)]
        self.incoming: list[list[int]] = [[] for _ in range(count)]
        excess = [0] * count
        for index, arc in enumerate(arcs):
            self.outgoing[arc.tail].append(index)
            self.incoming[arc.head].append(index)
            excess[arc.tail] += arc.weight
            excess[arc.head] -= arc.weight
        self.branches: list[list[int]] = [[] for _ in range(count)]
        self.up = [-1] * count  # the arc to the parent
        self.parent = [-1] * count
        self.low = [0] * count
        self.number = [0] * count
        self.at = [0] * count  # the node with each number
        self.cuts = [0] * len(arcs)
        self._listed: list[int] = []  # the tree arcs
        self._scanned = 0
        self._grow()
        for node in self.at:  # children first: what leaves a subtree is what leaves its nodes
            up = self.up[node]
            if up != -1:
                excess[self.parent[node]] += excess[node]
                self.cuts[up] = excess[node] if arcs[up].tail == node else -excess[node]
                self._listed.append(up)

    def _grow(self) -> None:
        """Makes a spanning tree of tight arcs: the tree so far moves until the arc with the least slack is tight."""
        grown = [False] * len(self.values)
        next_number = 0
        for root in range(len(self.values)):
            if grown[root]:
                continue
            moved = 0
            nodes: list[int] = []
            out: list[tuple[int, int]] = []  # (slack + moved, arc) of arcs from the tree
            into: list[tuple[int, int]] = []  # (slack - moved, arc) of arcs to the tree
            node = root
            while True:
                grown[node] = True
                nodes.append(node)
                value = self.values[node]
                self.values[node] -= moved
                for index in self.outgoing[node]:
                    arc = self.arcs[index]
                    if not grown[arc.head]:
                        heapq.heappush(out, (self.values[arc.head] - value - arc.length + moved, index))
                for index in self.incoming[node]:
                    arc = self.arcs[index]
                    if not grown[arc.tail]:
                        heapq.heappush(into, (value - self.values[arc.tail] - arc.length - moved, index))
                while out and grown[self.arcs[out[0][1]].head]:
                    heapq.heappop(out)
                while into and grown[self.arcs[into[0][1]].tail]:
                    heapq.heappop(into)
                if not out and not into:
                    break
                if not into or (out and out[0][0] - moved <= into[0][0] + moved):
                    slack, index = out[0][0] - moved, out[0][1]
                    node = self.arcs[index].head
                else:
                    slack, index = -(into[0][0] + moved), into[0][1]
                    node = self.arcs[index].tail
                moved += slack
                self._join(index)
            for node in nodes:
                self.values[node] += moved
            next_number = self._renumber(root, next_number)

    def _join(self, index: int) -> None:
        self.branches[self.arcs[index].tail].append(index)
        self.branches[self.arcs[index].head].append(index)

    def _renumber(self, top: int, first: int) -> int:
        """Numbers the subtree under a node in postorder, and gives the number after the last."""
        arcs, branches, up, parent = self.arcs, self.branches, self.up, self.parent
        low, number, at = self.low, self.number, self.at
        stack = [(top, 0)]
        low[top] = first
        while stack:
            node, branch = stack.pop()
            mine = branches[node]
            if branch < len(mine):
                stack.append((node, branch + 1))
                index = mine[branch]
                if index != up[node]:
                    arc = arcs[index]
                    child = arc.head if arc.tail == node else arc.tail
                    up[child] = index
                    parent[child] = node
                    low[child] = first
                    stack.append((child, 0))
            else:
                number[node] = first
                at[first] = node
                first += 1
        self.visits += 2 * (first - low[top])
        return first

    def leaving(self) -> int | None:
        """A tree arc with a negative cut value: it is better longer."""
        best, lowest, found = None, 0, 0
        count = len(self._listed)
        for step in range(count):
            place = (self._scanned + step) % count
            index = self._listed[place]
            cut = self.cuts[index]
            if cut < 0:
                if cut < lowest:
                    best, lowest = place, cut
                found += 1
                if found == _CANDIDATES:
                    self._scanned = place + 1
                    break
        self.visits += count // 20
        return best

    def exchange(self, place: int) -> None:
        """Takes an arc out of the tree, and joins the two parts by the arc that gets tight first."""
        leaving = self._listed[place]
        arc = self.arcs[leaving]
        below = arc.tail if self.up[arc.tail] == leaving else arc.head
        slack, entering = self._entering(below, upwards=below == arc.tail)
        cut = self.cuts[leaving]
        if slack:
            shift = -slack if below == arc.tail else slack
            for node in self.at[self.low[below] : self.number[below] + 1]:
                self.values[node] += shift
        came = self.arcs[entering]
        top = self._recut(came.tail, came.head, cut)
        self.cuts[entering] = -cut
        self.cuts[leaving] = 0
        self._listed[place] = entering
        self.branches[arc.tail].remove(leaving)
        self.branches[arc.head].remove(leaving)
        self._join(entering)
        self._renumber(top, self.low[top])

    def _entering(self, below: int, *, upwards: bool) -> tuple[int, int]:
        """The slack and the index of the arc with the least slack that leads the other way across a cut.

        The subtree under `below` is one side of the cut. If the leaving arc leads up from it, the entering arc leads
        into it.
        """
        low, high = self.low[below], self.number[below]
        arcs, values, number = self.arcs, self.values, self.number
        best, entering = -1, -1
        self.visits += high - low + 1
        for node in self.at[low : high + 1]:
            value = values[node]
            if upwards:
                for index in self.incoming[node]:
                    tail, _, length, _ = arcs[index]
                    if not low <= number[tail] <= high:
                        slack = value - values[tail] - length
                        if best == -1 or slack < best:
                            best, entering = slack, index
            else:
                for index in self.outgoing[node]:
                    _, head, length, _ = arcs[index]
                    if not low <= number[head] <= high:
                        slack = values[head] - value - length
                        if best == -1 or slack < best:
                            best, entering = slack, index
            if best == 0:
                break
        return best, entering

    def _recut(self, tail: int, head: int, cut: int) -> int:
        """Updates the cut values along the tree between the ends of the entering arc; gives where the ways meet."""
        number, low = self.number, self.low
        node = tail
        while not low[node] <= number[head] <= number[node]:
            up = self.up[node]
            self.cuts[up] += cut if self.arcs[up].tail == node else -cut
            node = self.parent[node]
            self.visits += 1
        top = node
        node = head
        while node != top:
            up = self.up[node]
            self.cuts[up] += cut if self.arcs[up].head == node else -cut
            node = self.parent[node]
            self.visits += 1
        return top


def earliest(count: int, arcs: Iterable[Arc]) -> list[int] | None:
    """The least values from 0 on that meet all arcs; None if the arcs form a circle."""
    outgoing: list[list[Arc]] = [[] for _ in range(count)]
    waiting = [0] * count
    for arc in arcs:
        outgoing[arc.tail].append(arc)
        waiting[arc.head] += 1
    values = [0] * count
    ready = [node for node in range(count) if waiting[node] == 0]
    for node in ready:
        for arc in outgoing[node]:
            values[arc.head] = max(values[arc.head], values[node] + arc.length)
            waiting[arc.head] -= 1
            if waiting[arc.head] == 0:
                ready.append(arc.head)
    return values if len(ready) == count else None
