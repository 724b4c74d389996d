"""The order of the vertices within each rank, with few crossings.

Sweeps from the first rank to the last and back put each vertex at the median, or at the mean, of its neighbours in the
rank before; then neighbours in the same rank change places where that saves crossings, and at last whole paths do. Of
several starts the best counts. Sources: Gansner et al. 1993, section 3; K. Sugiyama, S. Tagawa, M. Toda, "Methods for
visual understanding of hierarchical system structures", IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.

The vertices of a cluster stand side by side in each rank. So what a sweep sorts are units: the vertices directly inside
a cluster, and the clusters in it. Clusters in the same cluster follow one another in the same sequence in all ranks, as
in M. Forster, "Applying crossing reduction strategies to layered compound graphs", Graph Drawing 2002.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from random import Random

from autograd.pictures.layout.layers import Layers
from autograd.pictures.layout.paths import moved, paths

_SWEEPS = 24  # of one start
_WITHOUT_GAIN = 5  # how many sweeps in vain end a start
_EXCHANGES = 8  # how often each pair of neighbours may change places after a sweep
_STARTS = 30
_IN_VAIN = 6  # how many starts in vain end the search
_PATIENCE = 400_000  # how many visits of vertices, over all starts
_PATIENCE_WITH_PATHS = 300_000  # how many pairs of places to compare for paths, over all starts


def ordered(layers: Layers, groups: Iterable[list[int]]) -> list[list[int]]:
    """The vertices of each rank, in order. The clusters of each group follow one another as listed.

    It is the best that several starts lead to. The random numbers of some of them are always the same.
    """
    search = _Search(layers, groups)
    random = Random(0)
    in_vain = 0
    for start in range(_STARTS):
        fewest = search.fewest
        search.start(backwards=start % 2 == 0, random=random if start > 1 else None)
        search.run()
        in_vain = in_vain + 1 if search.fewest == fewest else 0
        if not search.fewest or search.patience < 0 or in_vain == _IN_VAIN:
            break
    return search.best


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


_Unit = tuple[int, list[int]]
"""What moves as a whole: a cluster (or -1 for a vertex by itself), and its vertices in a rank."""


class _Search:
    """An order that gets better.

    order: the vertices of each rank.
    place: where each vertex stands in its rank.
    sequence: for each cluster its place in the sequence of the clusters beside it.
    best, fewest: the best order so far, and its crossings.
    patience: how many more visits of vertices there may be.
    patience_with_paths: how many more pairs of places there may be to compare for paths.
    """

    def __init__(self, layers: Layers, groups: Iterable[list[int]]) -> None:
        self.layers = layers
        self.nesting = layers.nesting
        self.group = list(range(len(self.nesting.parents)))
        for group in groups:
            for cluster in group:
                self.group[cluster] = group[0]
        self.direct = [0] * layers.count  # of each rank: how many vertices are in no cluster
        for vertex, home in enumerate(layers.homes):
            self.direct[layers.ranks[vertex]] += home == self.nesting.root
        self.place = [0] * len(layers.ranks)
        self.sequence = [0] * len(self.nesting.parents)
        self.order: list[list[int]] = []
        self.best: list[list[int]] = []
        self.fewest = -1
        self.patience = _PATIENCE
        self.patience_with_paths = _PATIENCE_WITH_PATHS
        self.paths = paths(layers)

    def start(self, *, backwards: bool, random: Random | None) -> None:
        """Takes the order in which a depth-first search meets the vertices: a tree has no crossings then."""
        layers, nesting = self.layers, self.nesting
        ahead = layers.up if backwards else layers.down
        behind = layers.down if backwards else layers.up
        met = [-1] * len(layers.ranks)
        count = 0
        shuffled = [0.0 if random is None else random.random() for _ in met]
        for root in sorted(range(len(met)), key=lambda vertex: (bool(behind[vertex]), shuffled[vertex])):
            stack = [root]
            while stack:
                vertex = stack.pop()
                if met[vertex] == -1:
                    met[vertex] = count
                    count += 1
                    following = ahead[vertex][::-1]
                    following.sort(key=lambda vertex: shuffled[vertex])
                    stack += following
        earliest = [len(met)] * len(nesting.parents)
        for vertex, home in enumerate(layers.homes):
            for cluster in nesting.paths[home]:
                earliest[cluster] = min(earliest[cluster], met[vertex])
        self._number_clusters(earliest)
        keys = []
        for vertex, home in enumerate(layers.homes):
            path = nesting.paths[home]
            keys.append((*(self.values[cluster] for cluster in path[1:]), met[vertex]))
        self.order = [[] for _ in range(layers.count)]
        for vertex in sorted(range(len(met)), key=lambda vertex: keys[vertex]):
            self.order[layers.ranks[vertex]].append(vertex)
        for rank in self.order:
            for at, vertex in enumerate(rank):
                self.place[vertex] = at

    def _number_clusters(self, values: Sequence[float]) -> None:
        """Puts the clusters in each cluster into the sequence of their values, those of a group as listed."""
        self.values: list[float] = list(values)
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
                    self.values[cluster] = in_sequence[self.sequence[cluster]]

    def run(self) -> None:
        """Makes the order better as long as that succeeds."""
        self._transpose()
        fewest = self._crossings()
        best = [list(rank) for rank in self.order]
        in_vain = 0
        for sweep in range(_SWEEPS):
            if not fewest or in_vain == _WITHOUT_GAIN or self.patience < 0:
                break
            if sweep % 4 == 0:
                self._resequence()
            self._sweep(upwards=sweep % 2 == 1, median=sweep % 4 < 2)
            self._transpose()
            crossings = self._crossings()
            in_vain += 1
            if crossings < fewest:
                best, fewest, in_vain = [list(rank) for rank in self.order], crossings, 0
        for rank, order in enumerate(best):
            self._write(rank, order)
        while fewest and self._move_paths():
            self._transpose()
        self._keep(self._crossings())

    def _move_paths(self) -> bool:
        """Puts each path where it has the fewest crossings, and says whether that saved any."""
        layers = self.layers
        saved = False
        for path in self.paths:
            first, last = layers.ranks[path[0]], layers.ranks[path[-1]]
            sizes = [len(rank) for rank in self.order[max(0, first - 1) : last + 2]]
            work = sum(one * other for one, other in pairwise(sizes))
            if work > self.patience_with_paths:
                continue
            self.patience_with_paths -= work
            places = moved(path, layers, self.order, self.place)
            if places is None:
                continue
            old = [list(self.order[layers.ranks[vertex]]) for vertex in path]
            crossings = self._crossings(first - 1, last)
            for vertex, at in zip(path, places, strict=True):
                rank = layers.ranks[vertex]
                order = [other for other in self.order[rank] if other != vertex]
                self._write(rank, [*order[:at], vertex, *order[at:]])
            if self._crossings(first - 1, last) < crossings:
                saved = True
            else:
                for vertex, order in zip(path, old, strict=True):
                    self._write(layers.ranks[vertex], order)
        return saved

    def _keep(self, crossings: int) -> None:
        """Keeps the order if it is the best so far."""
        if self.fewest == -1 or crossings < self.fewest:
            self.best, self.fewest = [list(rank) for rank in self.order], crossings

    def _crossings(self, first: int = 0, last: int | None = None) -> int:
        """The crossings after each rank, or after each of those from the first to the last."""
        end = self.layers.count - 1 if last is None else min(last + 1, self.layers.count - 1)
        return sum(crossings_between(rank, self.layers.down, self.place) for rank in self.order[max(0, first) : end])

    def _arrange(self, rank: int, arranged: Callable[[list[_Unit]], list[_Unit]]) -> bool:
        """Arranges the units of each cluster in a rank, and says whether that changed the order."""
        if len(self.order[rank]) == self.direct[rank]:
            self.patience -= self.direct[rank]
            order = [vertices[0] for _, vertices in arranged([(-1, [vertex]) for vertex in self.order[rank]])]
            return self._write(rank, order)
        homes, paths = self.layers.homes, self.nesting.paths
        inside: dict[int, list[_Unit]] = {}  # outer clusters first
        vertices: dict[int, list[int]] = {self.nesting.root: []}
        for vertex in self.order[rank]:
            path = paths[homes[vertex]]
            for cluster, inner in pairwise(path):
                if inner not in vertices:
                    vertices[inner] = []
                    inside.setdefault(cluster, []).append((inner, vertices[inner]))
            inside.setdefault(path[-1], []).append((-1, [vertex]))
        for cluster, units in reversed(inside.items()):
            self.patience -= len(units)
            found = arranged(units) if len(units) > 1 else units
            vertices[cluster].extend([vertex for _, members in found for vertex in members])
        return self._write(rank, vertices[self.nesting.root])

    def _write(self, rank: int, order: list[int]) -> bool:
        if order == self.order[rank]:
            return False
        self.order[rank] = order
        for at, vertex in enumerate(order):
            self.place[vertex] = at
        return True

    def _sweep(self, *, upwards: bool, median: bool) -> None:
        """Sorts each rank by the places of the neighbours in the rank before."""
        neighbours = self.layers.down if upwards else self.layers.up
        ranks = range(self.layers.count - 2, -1, -1) if upwards else range(1, self.layers.count)
        for rank in ranks:
            self._arrange(rank, lambda units: self._sorted(units, neighbours, median=median))

    def _sorted(self, units: list[_Unit], neighbours: list[list[int]], *, median: bool) -> list[_Unit]:
        """The units in the order of their neighbours' places. Those without neighbours keep their places."""
        keyed: list[tuple[float, int]] = []
        for index, (_, vertices) in enumerate(units):
            places = self._ends(vertices, neighbours)
            if places:
                keyed.append((_median(places) if median else sum(places) / len(places), index))
        if len(keyed) == len(units):
            keyed.sort()
            return self._in_sequence([units[index] for _, index in keyed])
        moving = [index for _, index in keyed]
        keyed.sort()
        result = list(units)
        for index, (_, coming) in zip(moving, keyed, strict=True):
            result[index] = units[coming]
        return self._in_sequence(result)

    def _in_sequence(self, units: list[_Unit]) -> list[_Unit]:
        """The units with the clusters among them in their sequence."""
        places = [index for index, unit in enumerate(units) if unit[0] != -1]
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
            for rank in range(self.layers.count):
                self._arrange(rank, self._in_sequence)

    def _transpose(self) -> None:
        """Exchanges neighbours in the same rank as long as that saves crossings."""
        ranks: Iterable[int] = range(self.layers.count)
        for _ in range(_EXCHANGES):
            changed = [rank for rank in ranks if self._arrange(rank, self._exchanged)]
            around = {near for rank in changed for near in (rank - 1, rank, rank + 1)}
            ranks = sorted(around.intersection(range(self.layers.count)))

    def _exchanged(self, units: list[_Unit]) -> list[_Unit]:
        """The units after an exchange of each pair of neighbours that has fewer crossings the other way round."""
        above = [self._ends(vertices, self.layers.up) for _, vertices in units]
        below = [self._ends(vertices, self.layers.down) for _, vertices in units]
        for at in range(len(units) - 1):
            if _gain(above[at], above[at + 1]) + _gain(below[at], below[at + 1]) > 0:
                if units[at][0] != -1 and units[at + 1][0] != -1:
                    continue
                units[at : at + 2] = units[at + 1], units[at]
                above[at : at + 2] = above[at + 1], above[at]
                below[at : at + 2] = below[at + 1], below[at]
        return units

    def _ends(self, vertices: list[int], neighbours: list[list[int]]) -> list[int]:
        """The places of the neighbours of some vertices, in order."""
        place = self.place
        if len(vertices) == 1:
            beside = neighbours[vertices[0]]
            if len(beside) == 1:
                return [place[beside[0]]]
            return sorted([place[neighbour] for neighbour in beside])
        return sorted([place[neighbour] for vertex in vertices for neighbour in neighbours[vertex]])


def _median(places: list[int]) -> float:
    """The median, nearer to the side where the places, which are sorted, lie closer together."""
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
    if len(one) == 1 == len(other):
        return (one[0] > other[0]) - (one[0] < other[0])
    gain = 0
    for place in one:
        gain += bisect_left(other, place) - (len(other) - bisect_right(other, place))
    return gain
