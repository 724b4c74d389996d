"""What a picture shows, as plain data: boxes with rows of text, edges, and clusters around boxes.

Every drawer begins here: `autograd.pictures.dot` writes a drawing in Graphviz's language, and `autograd.pictures.svg`
draws it in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from autograd.pictures.bundling import Bundled, bundled


class Row(NamedTuple):
    """A row of a box: a text as the user wrote it, of one line or several, and how high its letters are in points."""

    text: str
    size: int = 10
    bold: bool = False


class Box(NamedTuple):
    """A box of a drawing.

    name: what edges call it. rows: its text. look: one of `autograd.pictures.style.LOOKS`. symbol: stands in large
    letters beside the rows, or is empty. cluster: the index of the innermost cluster around it, or None.
    """

    name: str
    rows: Sequence[Row]
    look: str
    symbol: str = ""
    cluster: int | None = None

    @property
    def symbol_size(self) -> int:
        """How high the letters of the symbol are, in points: words are smaller than signs."""
        return 20 if len(self.symbol) <= 2 else 13


class Edge(NamedTuple):
    """An edge between the boxes of two names, with a text on it or None."""

    tail: str
    head: str
    text: str | None = None


class Cluster(NamedTuple):
    """A box around boxes: its name, and the index of the cluster around it, which comes before it, or None."""

    name: str
    parent: int | None = None

    @property
    def row(self) -> Row:
        """Its name as a row of text."""
        return Row(self.name, 11)


class Drawing:
    """A picture before it is laid out.

    boxes, edges, clusters: what it shows; boxes stand in this order where nothing else decides.
    direction: "LR" draws from left to right, "TB" from top to bottom.
    rank_distance: the distance from one step to the next, in inches.

    >>> boxes = [Box("x", [Row("x", 11, bold=True)], "leaf"), Box("y", [Row("2")], "root", symbol="exp")]
    >>> Drawing(boxes, [Edge("x", "y")]).bundle.trunks
    {}
    """

    def __init__(
        self,
        boxes: Sequence[Box],
        edges: Sequence[Edge],
        clusters: Sequence[Cluster] = (),
        direction: str = "LR",
        rank_distance: float = 0.4,
    ) -> None:
        self.boxes = boxes
        self.edges = edges
        self.clusters = clusters
        self.direction = direction
        self.rank_distance = rank_distance

    @property
    def has_texts(self) -> bool:
        """Whether a text stands on an edge."""
        return any(edge.text is not None for edge in self.edges)

    def around(self, cluster: int | None) -> list[int]:
        """The clusters from the outermost to a given one, by their indices; none for None."""
        path = []
        while cluster is not None:
            path.append(cluster)
            cluster = self.clusters[cluster].parent
        return path[::-1]

    @cached_property
    def bundle(self) -> Bundled:
        """How its edges run: those from one box share a line where edges are long and many."""
        return bundled([(edge.tail, edge.head) for edge in self.edges], self.has_texts)
