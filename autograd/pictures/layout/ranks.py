"""The rank of each node: its column from left to right, or its row from top to bottom.

Edges lead from lower to higher ranks, and are short in total: see `autograd.pictures.layout.simplex`.

Clusters have ranks, too: those from their first node's to their last node's. Where clusters beside each other follow
one another in the graph, so do their ranks, and a node that a cluster depends on stands before the whole of it: a
network shows a column for each layer. This is the layering of compound graphs of K. Sugiyama and K. Misue,
"Visualization of structural information: automatic drawing of compound digraphs", IEEE Transactions on Systems, Man,
and Cybernetics 21(4), 1991. Clusters of the same shape at the same place, such as the neurons of a layer, get the same
ranks, node by node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd.pictures.layout.graph import Nesting
from autograd.pictures.layout.simplex import Arc, earliest, shortest

_PATIENCE = 1_500_000  # about a second


@dataclass
class Ranks:
    """The ranks of the nodes, and which clusters are alike.

    of: the rank of each node.
    groups: clusters of the same shape at the same place, which stand one after the other.
    """

    of: list[int]
    groups: list[list[int]]


def ranked(edges: Sequence[tuple[int, int]], nesting: Nesting) -> Ranks:
    """The ranks of the nodes of a graph without cycles, from 0 on."""
    count = len(nesting.homes)
    quotients = list(_quotients(edges, nesting))
    variables = list(range(count + 2 * len(nesting.parents)))
    arcs = _arcs(edges, nesting, quotients)
    groups = _align(edges, nesting, quotients, variables)
    same = [_first(variables, variable) for variable in range(len(variables))]
    merged: dict[tuple[int, int, int], int] = {}
    for tail, head, length, weight in arcs:
        key = (same[tail], same[head], length)
        if key[0] != key[1] or length:
            merged[key] = merged.get(key, 0) + weight
    together = [Arc(*key, weight) for key, weight in merged.items()]
    start = earliest(len(variables), together)
    if start is None:  # unreachable unless a rule above is wrong
        raise AssertionError("the ranks of the clusters contradict each other")
    found = shortest(start, together, _PATIENCE)
    ranks = [found[same[node]] for node in range(count)]
    return Ranks(_normalized(ranks, edges, nesting), groups)


def _first(variables: list[int], variable: int) -> int:
    """The variable that stands for all that are equal to a given one; it makes the way to it shorter."""
    while variables[variable] != variable:
        variables[variable] = variables[variables[variable]]
        variable = variables[variable]
    return variable


def _normalized(ranks: list[int], edges: Sequence[tuple[int, int]], nesting: Nesting) -> list[int]:
    """The ranks, with each part that nothing connects with the others beginning at 0, and without empty ranks."""
    count = len(ranks)
    parts = list(range(count + nesting.root))
    for node, home in enumerate(nesting.homes):
        for cluster in nesting.paths[home][1:]:
            parts[_first(parts, node)] = _first(parts, count + cluster)
    for tail, head in edges:
        parts[_first(parts, tail)] = _first(parts, head)
    lowest: dict[int, int] = {}
    for node, rank in enumerate(ranks):
        part = _first(parts, node)
        lowest[part] = min(lowest.get(part, rank), rank)
    moved = [rank - lowest[_first(parts, node)] for node, rank in enumerate(ranks)]
    places = {rank: place for place, rank in enumerate(sorted(set(moved)))}
    return [places[rank] for rank in moved]


@dataclass
class _Quotient:
    """The inside of a cluster, with each cluster directly inside it taken as one node.

    Its units are nodes, by their numbers, and clusters, numbered on from the count of the nodes.

    edges: the edges between different units, once each.
    components: for each unit the number of its strongly connected component; edges lead to higher numbers.
    single: whether a component is one unit, so that its inside has no path that leads out and in again.
    """

    around: int
    edges: list[tuple[int, int]]
    components: dict[int, int]
    single: dict[int, bool]


def _quotients(edges: Sequence[tuple[int, int]], nesting: Nesting) -> Iterator[_Quotient]:
    """The quotients of the root and of all clusters that no path leaves and enters again."""
    count = len(nesting.homes)
    between: list[dict[tuple[int, int], None]] = [{} for _ in nesting.parents]
    units: list[list[int]] = [[count + cluster for cluster in inside] for inside in nesting.inside]
    for node, home in enumerate(nesting.homes):
        units[home].append(node)
    for tail, head in edges:
        one, other = nesting.homes[tail], nesting.homes[head]
        common = nesting.common(one, other)
        start, end = nesting.unit(one, common), nesting.unit(other, common)
        between[common][tail if start == -1 else count + start, head if end == -1 else count + end] = None
    left = [False] * len(nesting.parents)  # whether a path leaves the cluster and enters it again
    for around in nesting.order:
        if left[around]:
            for cluster in nesting.inside[around]:
                left[cluster] = True
            continue
        quotient = list(between[around])
        components, single = _components(units[around], quotient)
        for cluster in nesting.inside[around]:
            left[cluster] = not single[components[count + cluster]]
        yield _Quotient(around, quotient, components, single)


def _components(units: Sequence[int], edges: Sequence[tuple[int, int]]) -> tuple[dict[int, int], dict[int, bool]]:
    """The strongly connected components, numbered so that edges lead to higher numbers, and which are single units.

    Source: R. Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1(2), 1972.
    """
    tails: dict[int, list[int]] = {unit: [] for unit in units}
    for tail, head in edges:
        tails[head].append(tail)
    seen: dict[int, int] = {}
    low: dict[int, int] = {}
    components: dict[int, int] = {}
    single: dict[int, bool] = {}
    path: list[int] = []
    for root in units:
        if root in seen:
            continue
        stack = [(root, 0)]
        while stack:
            unit, branch = stack.pop()
            if branch == 0:
                seen[unit] = low[unit] = len(seen)
                path.append(unit)
            elif tails[unit][branch - 1] not in components:
                low[unit] = min(low[unit], low[tails[unit][branch - 1]])
            if branch < len(tails[unit]):
                stack.append((unit, branch + 1))
                if tails[unit][branch] not in seen:
                    stack.append((tails[unit][branch], 0))
            elif low[unit] == seen[unit]:
                component = len(single)
                single[component] = path[-1] == unit
                while True:
                    member = path.pop()
                    components[member] = component
                    if member == unit:
                        break
    return components, single


def _arcs(edges: Sequence[tuple[int, int]], nesting: Nesting, quotients: Sequence[_Quotient]) -> Iterator[Arc]:
    """The constraints on ranks. The variables are the nodes, then the first and the last rank of each cluster."""
    count = len(nesting.homes)

    def first(cluster: int) -> int:
        return count + 2 * cluster

    for tail, head in edges:
        yield Arc(tail, head, 1, 2)
    for node, home in enumerate(nesting.homes):
        if home != nesting.root:
            yield Arc(first(home), node, 0, 0)
            yield Arc(node, first(home) + 1, 0, 0)
    for cluster in nesting.order[1:]:
        yield Arc(first(cluster), first(cluster) + 1, 0, 1)
        around = nesting.parents[cluster]
        if around != nesting.root:
            yield Arc(first(around), first(cluster), 0, 0)
            yield Arc(first(cluster) + 1, first(around) + 1, 0, 0)
    for quotient in quotients:
        for tail, head in quotient.edges:
            if max(tail, head) >= count and quotient.components[tail] != quotient.components[head]:
                end = tail if tail < count else first(tail - count) + 1
                yield Arc(end, head if head < count else first(head - count), 1, 0)


def _align(
    edges: Sequence[tuple[int, int]], nesting: Nesting, quotients: Sequence[_Quotient], variables: list[int]
) -> list[list[int]]:
    """Makes variables equal where clusters are alike, and gives the groups of these clusters.

    Alike are clusters of the same shape, directly inside the same cluster, at the same distance from its beginning. So
    no path leads from one to the other.
    """
    count = len(nesting.homes)
    members = nesting.members(nesting.homes)
    within: list[list[tuple[int, int]]] = [[] for _ in nesting.parents]
    for tail, head in edges:
        common = nesting.common(nesting.homes[tail], nesting.homes[head])
        for cluster in nesting.paths[common]:
            within[cluster].append((tail, head))
    copies = [False] * len(nesting.parents)  # whether the ranks inside are those of another cluster
    groups = []
    for quotient in quotients:
        levels: dict[int, int] = dict.fromkeys(quotient.single.keys(), 0)
        for tail, head in sorted(quotient.edges, key=lambda edge: quotient.components[edge[0]]):
            start, end = quotient.components[tail], quotient.components[head]
            if start != end:
                levels[end] = max(levels[end], levels[start] + 1)
        alike: dict[tuple[object, ...], list[int]] = {}
        for cluster in nesting.inside[quotient.around]:
            component = quotient.components[count + cluster]
            if quotient.single[component]:
                shape = _shape(cluster, members[cluster], within[cluster], nesting)
                alike.setdefault((levels[component], *shape), []).append(cluster)
        for group in alike.values():
            if len(group) > 1:
                groups.append(group)
                for other in group[1:]:
                    if copies[quotient.around]:
                        continue
                    _merge(group[0], other, members, nesting, variables, copies)
    return groups


def _shape(
    cluster: int, members: list[int], edges: list[tuple[int, int]], nesting: Nesting
) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, int], ...]]:
    """Where each node of a cluster is inside it, and the edges between them; equal for clusters of the same shape."""
    depth = len(nesting.paths[cluster])
    places = {member: place for place, member in enumerate(members)}
    names: dict[int, int] = {}
    homes = tuple(
        tuple(names.setdefault(inner, len(names)) for inner in nesting.paths[nesting.homes[member]][depth:])
        for member in members
    )
    return homes, tuple(sorted((places[tail], places[head]) for tail, head in edges))


def _merge(
    cluster: int,
    other: int,
    members: list[list[int]],
    nesting: Nesting,
    variables: list[int],
    copies: list[bool],
) -> None:
    """Gives a cluster the variables of one that is like it."""
    count = len(nesting.homes)
    for member, twin in zip(members[cluster], members[other], strict=True):
        variables[twin] = member
        one, two = nesting.homes[member], nesting.homes[twin]
        while True:
            copies[two] = True
            for end in (0, 1):
                variables[count + 2 * two + end] = count + 2 * one + end
            if two == other:
                break
            one, two = nesting.parents[one], nesting.parents[two]
