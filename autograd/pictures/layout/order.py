"""The order of the vertices within each rank, with few crossings.

Sweeps from the first rank to the last and back put each vertex at the median, or at the mean, of its neighbours in the
rank before; then neighbours in the same rank change places where that saves crossings. Sources: Gansner et al. 1993,
section 3; K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11(2), 1981.

The vertices of a cluster stand side by side in each rank. So what a sweep sorts are units: the vertices directly inside
a cluster, and the clusters in it. Clusters in the same cluster follow one another in the same sequence in all ranks, as
in M. Forster, "Applying crossing reduction strategies to layered compound graphs", Graph Drawing 2002.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from autograd.pictures.layout.layers import Layers

_SWEEPS = 24
_WITHOUT_GAIN = 6  # how many sweeps in vain end the search
_PATIENCE = 400_000  # how many visits of vertices, over all sweeps


def ordered(layers: Layers, groups: Iterable[list[int]]) -> list[list[int]]:
    """The vertices of each rank, in order. The clusters of each group follow one another as listed."""
    best: list[list[int]] = []
    fewest = -1
    for backwards in (True, False):
        search = _Search(layers, groups, backwards=backwards)
        found, crossings = search.run()
        if fewest == -1 or crossings < fewest:
            best, fewest = found, crossings
        if not fewest:
            break
    return best


def crossings_between(order: Sequence[int], down: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """How many pairs of edges from one rank to the next cross."""
    crossings = 0
    ends: list[int] = []
    for vertex in order:
        below = [place[neighbour] for neighbour in down[vertex]]
        for end in below:
            crossings += len(ends) - bisect_right(ends, end)
        for end in below:
            insort(ends, end)
    return crossings


class _Search:
    """An order that gets better.

    order: the vertices of each rank.
    place: where each vertex stands in its rank.
    sequence: for each cluster its place in the sequence of the clusters beside it.
    """

    def __init__(self, layers: Layers, groups: Iterable[list[int]], *, backwards: bool) -> None:
        self.layers = layers
        self.nesting = layers.nesting
        self.group = list(range(len(self.nesting.parents)))
        for group in groups:
            for cluster in group:
                self.group[cluster] = group[0]
        self.sizes: list[dict[int, int]] = [{} for _ in self.nesting.parents]  # of each cluster: its vertices in ranks
        for vertex, home in enumerate(layers.homes):
            rank = layers.ranks[vertex]
            for cluster in self.nesting.paths[home]:
                self.sizes[cluster][rank] = self.sizes[cluster].get(rank, 0) + 1
        self.here: list[list[int]] = [[] for _ in range(layers.count)]  # of each rank: the clusters to sort there
        for cluster in self.nesting.order:
            for rank, size in self.sizes[cluster].items():
                if size > 1:
                    self.here[rank].append(cluster)
        self.place = [0] * len(layers.ranks)
        self.sequence = [0] * len(self.nesting.parents)
        self.order = self._start(backwards=backwards)
        self._write()

    def _start(self, *, backwards: bool) -> list[list[int]]:
        """The order in which a depth-first search meets the vertices: a tree has no crossings then."""
        layers, nesting = self.layers, self.nesting
        ahead = layers.up if backwards else layers.down
        behind = layers.down if backwards else layers.up
        met = [-1] * len(layers.ranks)
        count = 0
        for root in sorted(range(len(met)), key=lambda vertex: bool(behind[vertex])):
            stack = [root]
            while stack:
                vertex = stack.pop()
                if met[vertex] == -1:
                    met[vertex] = count
                    count += 1
                    stack.extend(reversed(ahead[vertex]))
        earliest = [len(met)] * len(nesting.parents)
        for vertex, home in enumerate(layers.homes):
            for cluster in nesting.paths[home]:
                earliest[cluster] = min(earliest[cluster], met[vertex])
        self._number_clusters(earliest)
        keys = []
        for vertex, home in enumerate(layers.homes):
            path = nesting.paths[home]
            keys.append((*(self.start[cluster] for cluster in path[1:]), met[vertex]))
        order: list[list[int]] = [[] for _ in range(layers.count)]
        for vertex in sorted(range(len(met)), key=lambda vertex: keys[vertex]):
            order[layers.ranks[vertex]].append(vertex)
        return order

    def _number_clusters(self, values: Sequence[float]) -> None:
        """Puts the clusters in each cluster into the sequence of their values, those of a group as listed."""
        self.start: list[float] = list(values)
        for around in self.nesting.order:
            inside = self.nesting.inside[around]
            if len(inside) > 1:
                ranked = sorted(inside, key=lambda cluster: values[cluster])
                places: dict[int, list[int]] = {}
                for at, cluster in enumerate(ranked):
                    places.setdefault(self.group[cluster], []).append(at)
                following = {group: iter(found) for group, found in places.items()}
                for cluster in inside:
                    self.sequence[cluster] = next(following[self.group[cluster]])
                in_sequence = sorted(values[cluster] for cluster in inside)
                for cluster in inside:
                    self.start[cluster] = in_sequence[self.sequence[cluster]]

    def run(self) -> tuple[list[list[int]], int]:
        """The best order found, and its crossings."""
        patience = _PATIENCE
        self._transpose()
        best, fewest = [list(rank) for rank in self.order], self._crossings()
        in_vain = 0
        for sweep in range(_SWEEPS):
            if not fewest or in_vain == _WITHOUT_GAIN or patience < 0:
                break
            if sweep % 4 == 0:
                self._resequence()
            self._sweep(upwards=sweep % 2 == 1, median=sweep % 4 < 2)
            patience -= len(self.place)
            patience -= self._transpose()
            crossings = self._crossings()
            in_vain += 1
            if crossings < fewest:
                best, fewest, in_vain = [list(rank) for rank in self.order], crossings, 0
        return best, fewest

    def _crossings(self) -> int:
        return sum(crossings_between(rank, self.layers.down, self.place) for rank in self.order[:-1])

    def _write(self) -> None:
        for rank in self.order:
            for at, vertex in enumerate(rank):
                self.place[vertex] = at

    def _units(self, around: int, rank: int) -> tuple[int, list[tuple[int, list[int]]]]:
        """Where a cluster begins in a rank, and its units there: the cluster (or -1) and the vertices of each."""
        order, homes, nesting = self.order[rank], self.layers.homes, self.nesting
        size = self.sizes[around][rank]
        at = 0
        if around != nesting.root:
            while not nesting.holds(around, homes[order[at]]):
                home = homes[order[at]]
                beside = nesting.unit(home, nesting.common(home, around))
                at += 1 if beside == -1 else self.sizes[beside][rank]
        begin, end = at, at + size
        units = []
        while at < end:
            vertex = order[at]
            inner = nesting.unit(homes[vertex], around) if homes[vertex] != around else -1
            width = 1 if inner == -1 else self.sizes[inner][rank]
            units.append((inner, order[at : at + width]))
            at += width
        return begin, units

    def _sweep(self, *, upwards: bool, median: bool) -> None:
        neighbours = self.layers.down if upwards else self.layers.up
        ranks = range(self.layers.count - 2, -1, -1) if upwards else range(1, self.layers.count)
        for rank in ranks:
            for around in self.here[rank]:
                begin, units = self._units(around, rank)
                if len(units) > 1:
                    self._place(rank, begin, self._sorted(units, neighbours, median=median))

    def _place(self, rank: int, begin: int, units: Iterable[tuple[int, list[int]]]) -> None:
        at = begin
        order = self.order[rank]
        for _, vertices in units:
            for vertex in vertices:
                order[at] = vertex
                self.place[vertex] = at
                at += 1

    def _sorted(
        self, units: list[tuple[int, list[int]]], neighbours: list[list[int]], *, median: bool
    ) -> list[tuple[int, list[int]]]:
        """The units in the order of their neighbours' places. Those without neighbours keep their places."""
        place = self.place
        keyed: list[tuple[float, int]] = []
        for index, (_, vertices) in enumerate(units):
            places = [place[neighbour] for vertex in vertices for neighbour in neighbours[vertex]]
            if places:
                keyed.append((_median(places) if median else sum(places) / len(places), index))
        keyed.sort()
        moving = {index for _, index in keyed}
        coming = iter(keyed)
        result = [units[next(coming)[1]] if index in moving else unit for index, unit in enumerate(units)]
        return self._in_sequence(result)

    def _in_sequence(self, units: list[tuple[int, list[int]]]) -> list[tuple[int, list[int]]]:
        """The units with the clusters among them in their sequence."""
        places = [index for index, (cluster, _) in enumerate(units) if cluster != -1]
        if len(places) > 1:
            clusters = sorted((units[index] for index in places), key=lambda unit: self.sequence[unit[0]])
            for index, unit in zip(places, clusters, strict=True):
                units[index] = unit
        return units

    def _resequence(self) -> None:
        """Puts the clusters into the sequence of their neighbours' mean places."""
        layers = self.layers
        totals = [0.0] * len(self.nesting.parents)
        counts = [0] * len(self.nesting.parents)
        for vertex, home in enumerate(layers.homes):
            for neighbour in (*layers.up[vertex], *layers.down[vertex]):
                value = (self.place[neighbour] + 0.5) / len(self.order[layers.ranks[neighbour]])
                for cluster in self.nesting.paths[home]:
                    if not self.nesting.holds(cluster, layers.homes[neighbour]):
                        totals[cluster] += value
                        counts[cluster] += 1
        values = [total / count if count else 0.0 for total, count in zip(totals, counts, strict=True)]
        before = list(self.sequence)
        self._number_clusters(values)
        if before != self.sequence:
            for rank, clusters in enumerate(self.here):
                for around in clusters:
                    if len(self.nesting.inside[around]) > 1:
                        begin, units = self._units(around, rank)
                        self._place(rank, begin, self._in_sequence(units))

    def _transpose(self) -> int:
        """Exchanges neighbours in the same rank as long as that saves crossings; gives the number of visits."""
        visits = 0
        changed = set(range(self.layers.count))
        for _ in range(8):
            ranks, changed = sorted(changed), set()
            for rank in ranks:
                if self._transpose_rank(rank):
                    changed.update((rank - 1, rank, rank + 1))
                visits += len(self.order[rank])
            changed &= set(range(self.layers.count))
            if not changed:
                break
        return visits

    def _transpose_rank(self, rank: int) -> bool:
        changed = False
        place, up, down = self.place, self.layers.up, self.layers.down
        for around in self.here[rank]:
            begin, units = self._units(around, rank)
            if len(units) < 2:
                continue
            sides = [
                tuple(
                    sorted(place[neighbour] for vertex in vertices for neighbour in neighbours[vertex])
                    for neighbours in (up, down)
                )
                for _, vertices in units
            ]
            swapped = False
            for index in range(len(units) - 1):
                if units[index][0] != -1 and units[index + 1][0] != -1:
                    continue
                one, other = sides[index], sides[index + 1]
                if _gain(one[0], other[0]) + _gain(one[1], other[1]) > 0:
                    units[index], units[index + 1] = units[index + 1], units[index]
                    sides[index], sides[index + 1] = other, one
                    swapped = True
            if swapped:
                self._place(rank, begin, units)
                changed = True
        return changed


def _median(places: list[int]) -> float:
    """The median, nearer to the side where the places lie closer together."""
    places.sort()
    count = len(places)
    middle = count // 2
    if count % 2:
        return places[middle]
    if count == 2:
        return (places[0] + places[1]) / 2
    left, right = places[middle - 1] - places[0], places[-1] - places[middle]
    if left + right == 0:
        return (places[middle - 1] + places[middle]) / 2
    return (places[middle - 1] * right + places[middle] * left) / (left + right)


def _gain(one: list[int], other: list[int]) -> int:
    """How many crossings fewer the edges of two neighbours have if these change places; both lists are sorted."""
    if not one or not other:
        return 0
    if len(one) == 1 and len(other) == 1:
        return (one[0] > other[0]) - (one[0] < other[0])
    gain = 0
    for place in one:
        gain += bisect_left(other, place) - (len(other) - bisect_right(other, place))
    return gain
