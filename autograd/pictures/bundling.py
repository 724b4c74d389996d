"""Edge bundling: in a graph with many long edges, those from one node share a line that branches.

Graphviz puts a virtual node into every column that an edge crosses, and its time grows with the square or the cube of
their number: a chain of 300 operations that all use the same two weights has 43,000 of them. Here the edges from one
node become a trunk along the graph, with a junction before each column of uses, as a wire has in a diagram of a
circuit. Whether to bundle is decided by counting, not by timing, so a graph always gives the same picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_EASY = 1_000
"""Graphviz handles this many virtual nodes at once; with fewer, nothing is bundled."""
_CURVED = 5_000
"""With more edges and virtual nodes than this, routing curves takes most of the time: the edges become straight."""
_PATIENT = 200
"""Up to this many nodes, virtual ones included, Graphviz may shorten the edges with full patience."""
_COARSE = {"splines": "line", "nslimit": "0.1", "mclimit": "0.3"}

Edge = tuple[str, str]


class Bundled(NamedTuple):
    """How the edges of a drawing run.

    branches: for each edge, the junction that it branches off from, or None where it starts at its node.
    trunks: for each junction, the node or the junction before it.
    settings: attributes with which Graphviz draws the graph in a reasonable time; empty where the graph is easy.
    """

    branches: list[str | None]
    trunks: dict[str, str]
    settings: dict[str, str]


def bundled(edges: Sequence[Edge], with_texts: bool = False) -> Bundled:
    """The edges (from, to) of a drawing, bundled where they are long and many.

    With texts on the edges there are twice as many columns.

    >>> bundled([("x", "y"), ("y", "z"), ("x", "z")]).branches
    [None, None, None]
    """
    columns = _columns(edges)
    virtual_nodes = sum(_virtual_nodes(columns[tail], columns[head]) for tail, head in edges)
    if virtual_nodes <= _EASY:
        crowded = _crowd(edges, virtual_nodes, with_texts) > _CURVED  # as in dense layers
        return Bundled([None] * len(edges), {}, _COARSE | {"mclimit": "0.1"} if crowded else {})
    uses: dict[str, dict[int, int]] = {}  # of each node: how many long edges end in which column
    for tail, head in edges:
        if columns[head] - columns[tail] > 1:
            ends = uses.setdefault(tail, {})
            ends[columns[head]] = ends.get(columns[head], 0) + 1
    trunks: dict[str, str] = {}
    junctions: dict[tuple[str, int], str] = {}
    virtual_nodes = 0
    for tail, ends in uses.items():
        last, column = tail, columns[tail]
        farthest = max(ends)
        for end in sorted(ends):
            if end == farthest and ends[end] == 1:  # nothing branches off any more
                virtual_nodes += _virtual_nodes(column, end)
                if last != tail:
                    junctions[tail, end] = last
                continue
            name = f"j{len(trunks)}"
            trunks[name] = last
            junctions[tail, end] = name
            virtual_nodes += _virtual_nodes(column, end - 1)
            last, column = name, end - 1
    branches = [
        junctions.get((tail, columns[head])) if columns[head] - columns[tail] > 1 else None for tail, head in edges
    ]
    moved = len(columns) + virtual_nodes
    patience = {"nslimit": f"{2 * min(1.0, _PATIENT / moved):.2g}"}
    crowded = _crowd(edges, virtual_nodes, with_texts) > _CURVED
    return Bundled(branches, trunks, _COARSE | patience if crowded else patience)


def _crowd(edges: Sequence[Edge], virtual_nodes: int, with_texts: bool) -> int:
    """How much Graphviz has to route: edges and virtual nodes, each counted twice where edges have texts."""
    return (len(edges) + virtual_nodes) * (2 if with_texts else 1)


def _virtual_nodes(start: int, end: int) -> int:
    """How many columns an edge crosses."""
    return max(0, abs(end - start) - 1)


def _columns(edges: Sequence[Edge]) -> dict[str, int]:
    """A good column for each node: right of its operands, and near its uses where that shortens edges.

    Graphviz finds the best columns by itself; these measure the edges, and order the uses of a node.
    """
    order = list(_topological(edges))
    at = {node: index for index, node in enumerate(order)}
    operands: dict[str, list[str]] = {node: [] for node in order}
    uses: dict[str, list[str]] = {node: [] for node in order}
    for tail, head in edges:
        if at[tail] < at[head]:
            operands[head].append(tail)
            uses[tail].append(head)
    columns: dict[str, int] = {}
    for node in order:
        columns[node] = max((columns[operand] + 1 for operand in operands[node]), default=0)
    farthest = {node: max((columns[use] for use in uses[node]), default=0) for node in order}
    for node in reversed(order):
        if not uses[node]:
            continue
        latest = min(columns[use] for use in uses[node]) - 1
        # Its own trunk becomes shorter; the trunks of operands that are used nowhere so far to the right become longer.
        # (An operand that is used nowhere else comes along.)
        longer = sum(len(uses[operand]) > 1 and farthest[operand] < latest for operand in set(operands[node]))
        if longer <= 1:
            columns[node] = latest
            for operand in operands[node]:
                farthest[operand] = max(farthest[operand], latest)
    return columns


def _topological(edges: Sequence[Edge]) -> Iterator[str]:
    """The nodes, tails before heads; in a cycle of folded scopes, the node that is listed first comes first."""
    waiting: dict[str, int] = {}
    heads: dict[str, list[str]] = {}
    for tail, head in edges:
        waiting.setdefault(tail, 0)
        waiting[head] = waiting.get(head, 0) + 1
        heads.setdefault(tail, []).append(head)
    listed = list(waiting)
    done: set[str] = set()
    ready = [node for node in listed if waiting[node] == 0]
    first = 0
    while len(done) < len(listed):
        if not ready:
            while listed[first] in done:
                first += 1
            ready.append(listed[first])
        node = ready.pop()
        if node in done:
            continue
        done.add(node)
        yield node
        for head in heads.get(node, ()):
            waiting[head] -= 1
            if waiting[head] == 0:
                ready.append(head)
