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
    """A spanning tree of tight arcs (of each connected part), with the cut value of each of its arcs.

    The cut value of a tree arc says what the sum of all costs grows by if the arc gets longer by one: the weights of
    the arcs from the part of the tree at its tail to the part at its head, less those of the arcs back.

    up, parent, depth: the tree, with a root: the arc to the parent, the parent, and a number that grows by one from
        there.
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
        self.branches: list[list[int]] = [[] for _ in range(count)]  # the tree arcs of each node
        self.up = [-1] * count
        self.parent = [-1] * count
        self.depth = [0] * count
        self.cuts = [0] * len(arcs)
        self._tree_arcs: list[int] = []
        self._scanned = 0
        self._part = [-1] * count  # the number of the exchange in which a node was last on the smaller side
        self._exchanges = 0
        for node in reversed(self._grow()):  # children first: what leaves a subtree is what leaves its nodes
            up = self.up[node]
            if up != -1:
                excess[self.parent[node]] += excess[node]
                self.cuts[up] = excess[node] if arcs[up].tail == node else -excess[node]

    def _grow(self) -> list[int]:
        """Makes a spanning tree of tight arcs, and gives the nodes, parents first.

        The tree so far moves until the arc with the least slack that leads to it or from it is tight.
        """
        grown = [False] * len(self.values)
        order: list[int] = []
        for root in range(len(self.values)):
            if grown[root]:
                continue
            moved = 0
            first = len(order)
            out: list[tuple[int, int]] = []  # (slack + moved, arc) of arcs from the tree
            into: list[tuple[int, int]] = []  # (slack - moved, arc) of arcs to the tree
            node = root
            while True:
                grown[node] = True
                order.append(node)
                value = self.values[node]
                self.values[node] -= moved
                for index in self.outgoing[node]:
                    _, head, length, _ = self.arcs[index]
                    if not grown[head]:
                        heapq.heappush(out, (self.values[head] - value - length + moved, index))
                for index in self.incoming[node]:
                    tail, _, length, _ = self.arcs[index]
                    if not grown[tail]:
                        heapq.heappush(into, (value - self.values[tail] - length - moved, index))
                while out and grown[self.arcs[out[0][1]].head]:
                    heapq.heappop(out)
                while into and grown[self.arcs[into[0][1]].tail]:
                    heapq.heappop(into)
                if not out and not into:
                    break
                if not into or (out and out[0][0] - moved <= into[0][0] + moved):
                    slack, index = out[0][0] - moved, out[0][1]
                    parent, node = self.arcs[index][:2]
                else:
                    slack, index = -(into[0][0] + moved), into[0][1]
                    node, parent = self.arcs[index][:2]
                moved += slack
                self.up[node], self.parent[node], self.depth[node] = index, parent, self.depth[parent] + 1
                self._tree_arcs.append(index)
                self.branches[node].append(index)
                self.branches[parent].append(index)
            for node in order[first:]:
                self.values[node] += moved
        return order

    def leaving(self) -> int | None:
        """The place in `_tree_arcs` of one with a negative cut value: it is better longer."""
        best, lowest, found = None, 0, 0
        cuts, tree_arcs = self.cuts, self._tree_arcs
        count = len(tree_arcs)
        for places in (range(self._scanned, count), range(self._scanned)):
            for place in places:
                cut = cuts[tree_arcs[place]]
                if cut < 0:
                    if cut < lowest:
                        best, lowest = place, cut
                    found += 1
                    if found == _CANDIDATES:
                        self._scanned = place + 1
                        return best
        self.visits += count // 10
        return best

    def exchange(self, place: int) -> None:
        """Takes an arc out of the tree, and joins the two parts by the arc that gets tight first."""
        leaving = self._tree_arcs[place]
        tail, head, _, _ = self.arcs[leaving]
        side = self._smaller_side(leaving)
        at_tail = self._part[tail] == self._exchanges
        slack, entering = self._entering(side, at_tail=at_tail)
        if slack:
            shift = -slack if at_tail else slack
            for node in side:
                self.values[node] += shift
        cut = self.cuts[leaving]
        self._recut(entering, cut)
        self.cuts[entering] = -cut
        self.cuts[leaving] = 0
        self._tree_arcs[place] = entering
        self.branches[tail].remove(leaving)
        self.branches[head].remove(leaving)
        self._hang(entering, leaving)

    def _smaller_side(self, leaving: int) -> list[int]:
        """The nodes of the smaller one of the parts that the tree falls into without an arc."""
        self._exchanges += 1
        arcs, branches = self.arcs, self.branches
        sides = ([arcs[leaving].tail], [arcs[leaving].head])
        came = ([leaving], [leaving])
        at = 0
        while True:
            for side, by in zip(sides, came, strict=True):
                if at == len(side):
                    for node in side:
                        self._part[node] = self._exchanges
                    self.visits += 4 * at
                    return side
                node, arrived = side[at], by[at]
                for index in branches[node]:
                    if index != arrived:
                        arc = arcs[index]
                        side.append(arc.head if arc.tail == node else arc.tail)
                        by.append(index)
            at += 1

    def _entering(self, side: list[int], *, at_tail: bool) -> tuple[int, int]:
        """The slack and the index of the arc with the least slack that leads the other way across a cut.

        If the side is that at the tail of the leaving arc, the entering arc leads into it.
        """
        arcs, values, part, now = self.arcs, self.values, self._part, self._exchanges
        best, entering = -1, -1
        for node in side:
            value = values[node]
            if at_tail:
                for index in self.incoming[node]:
                    tail, _, length, _ = arcs[index]
                    if part[tail] != now:
                        slack = value - values[tail] - length
                        if best == -1 or slack < best:
                            best, entering = slack, index
            else:
                for index in self.outgoing[node]:
                    _, head, length, _ = arcs[index]
                    if part[head] != now:
                        slack = values[head] - value - length
                        if best == -1 or slack < best:
                            best, entering = slack, index
            if best == 0:
                break
        return best, entering

    def _recut(self, entering: int, cut: int) -> None:
        """Updates the cut values of the arcs on the way through the tree between the ends of the entering arc."""
        arcs, cuts, up, parent, depth = self.arcs, self.cuts, self.up, self.parent, self.depth
        tail, head, _, _ = arcs[entering]
        while tail != head:
            self.visits += 1
            if depth[tail] >= depth[head]:
                index = up[tail]
                cuts[index] += cut if arcs[index].tail == tail else -cut
                tail = parent[tail]
            else:
                index = up[head]
                cuts[index] += cut if arcs[index].head == head else -cut
                head = parent[head]

    def _hang(self, entering: int, leaving: int) -> None:
        """Joins the smaller side to the other one by the entering arc, and makes its root the end of that arc."""
        arcs, branches = self.arcs, self.branches
        tail, head, _, _ = arcs[entering]
        top, parent = (tail, head) if self._part[tail] == self._exchanges else (head, tail)
        for end in arcs[leaving][:2]:  # the root of the other side, if the smaller one had the root
            if self._part[end] != self._exchanges and self.up[end] == leaving:
                self.up[end], self.parent[end] = -1, -1
        stack = [(top, parent, entering)]
        while stack:
            node, above, arrived = stack.pop()
            self.up[node], self.parent[node], self.depth[node] = arrived, above, self.depth[above] + 1
            for index in branches[node]:
                if index != arrived:
                    arc = arcs[index]
                    stack.append((arc.head if arc.tail == node else arc.tail, node, index))
        branches[tail].append(entering)
        branches[head].append(entering)


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
