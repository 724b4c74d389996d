"""A drawing in Graphviz's language, DOT, with labels that show the user's text and never act as markup."""

from __future__ import annotations

import html
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import graphviz

from autograd.pictures.drawing import Box, Cluster, Drawing, Row
from autograd.pictures.style import (
    ARROW_SIZE,
    CLUSTER,
    EDGE_COLOUR,
    EDGE_TEXT_SIZE,
    FONT,
    JUNCTION_SIZE,
    LONGEST_LABEL,
    LOOKS,
    MARGIN,
    NODE_DISTANCE,
    PAPER,
    shown,
)

# nslimit: without it a sum of more than a hundred terms takes minutes; easy graphs look the same with it.
_GRAPH = {"nodesep": f"{NODE_DISTANCE}", "fontname": FONT, "bgcolor": PAPER, "nslimit": "2"}
_NODE = {"shape": "box", "fontname": FONT, "fontsize": "11", "margin": MARGIN, "width": "0", "height": "0"}
_EDGE = {"fontname": FONT, "fontsize": f"{EDGE_TEXT_SIZE}", "color": EDGE_COLOUR, "arrowsize": f"{ARROW_SIZE}"}
_JUNCTION = {
    "shape": "point",
    "width": f"{JUNCTION_SIZE}",
    "height": f"{JUNCTION_SIZE}",
    "color": EDGE_COLOUR,
    "label": "",
}
_TRUNK = {"arrowhead": "none"}


def write(drawing: Drawing, picture: graphviz.Digraph) -> None:
    """Writes a drawing into a picture that is empty."""
    bundle = drawing.bundle
    picture.graph_attr.update(_GRAPH, rankdir=drawing.direction, ranksep=f"{drawing.rank_distance}", **bundle.settings)
    if bundle.settings and drawing.has_texts and drawing.clusters:
        picture.graph_attr["newrank"] = "true"  # Picture would find out by failing first
    picture.attr("node", **_NODE)
    picture.attr("edge", **_EDGE)
    _write_boxes(drawing, picture)
    for junction, before in bundle.trunks.items():
        picture.node(junction, **_JUNCTION)
        picture.edge(before, junction, **_TRUNK)
    for (tail, head, text), branch in zip(drawing.edges, bundle.branches, strict=True):
        picture.edge(branch or tail, head, text)


def _write_boxes(drawing: Drawing, picture: graphviz.Digraph) -> None:
    # From left to right, Graphviz stacks the nodes of a box from the bottom up, and those outside from the top down;
    # rows of folded scopes bring their own order, which it keeps best if the nodes are written in that order.
    left_to_right = drawing.direction == "LR"
    rows = _rows(drawing)
    inside = [box for box in drawing.boxes if box.cluster is not None]
    outside = [box for box in drawing.boxes if box.cluster is None]
    pictures: dict[int | None, graphviz.Digraph] = {None: picture}
    for box in outside + (inside[::-1] if left_to_right and not rows else inside):
        for number in drawing.around(box.cluster):
            if number not in pictures:
                # The name stands where no edge crosses it: those into a box from above are many, those out of it few.
                attributes = {
                    **CLUSTER,
                    "label": f"<{_table([_named(drawing.clusters[number])])}>",
                    "labelloc": "t" if left_to_right else "b",
                }
                pictures[number] = graphviz.Digraph(f"cluster_{len(pictures) - 1}", graph_attr=attributes)
        pictures[box.cluster].node(box.name, f"<{_label(box)}>", **LOOKS[box.look])
    for cluster, names in rows:
        upwards = left_to_right and cluster is not None
        row = graphviz.Digraph(graph_attr={"rank": "same"}, edge_attr={"style": "invis"})
        row.edges(pairwise(names[::-1] if upwards else names))
        pictures[cluster].subgraph(row)
    clusters = [number for number in pictures if number is not None]
    # The innermost first: no recursion.
    for number in sorted(clusters, key=lambda number: -len(drawing.around(number))):
        pictures[drawing.clusters[number].parent].subgraph(pictures[number])


def _rows(drawing: Drawing) -> list[tuple[int | None, list[str]]]:
    """The folded scopes that stand beside each other, as the neurons of a layer do, in their order; with the cluster.

    The same boxes lead to each of them, so none of them can lead to another.
    """
    tails: dict[str, set[str]] = defaultdict(set)
    for edge in drawing.edges:
        tails[edge.head].add(edge.tail)
    rows: dict[tuple[int | None, frozenset[str]], list[str]] = defaultdict(list)
    for box in drawing.boxes:
        if box.look == "scope" and box.name in tails:
            rows[box.cluster, frozenset(tails[box.name])].append(box.name)
    return [(cluster, names) for (cluster, _), names in rows.items() if len(names) > 1]


def _label(box: Box) -> str:
    """The rows of a box, with its symbol beside them."""
    rows = [_cell(row) for row in box.rows]
    if box.symbol:
        tall = f'rowspan="{len(rows)}"'
        symbol = f'<font point-size="{box.symbol_size}">{_markup(box.symbol)}</font>'
        rows[0] = f'<td {tall}>{symbol}</td><td {tall} width="4"></td>{rows[0]}'
    return _table(rows)


def _named(cluster: Cluster) -> str:
    """The name of a cluster as a cell, which cannot be empty."""
    return _cell(cluster.row if cluster.name else cluster.row._replace(text=" "))


def _table(rows: Sequence[str]) -> str:
    """Rows of cells as an HTML-like label."""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{body}</table>'


def _cell(row: Row) -> str:
    """A cell, at least as wide as its text.

    Graphviz measures with the fonts that it finds. Where none has Chinese characters, it would leave them half the
    room that they take in the reader's fonts.
    """
    wide = [unicodedata.east_asian_width(character) in "WF" for character in row.text[:LONGEST_LABEL]]
    width = f' width="{(len(wide) + sum(wide)) * row.size / 2:.0f}"' if any(wide) else ""
    content = f"<b>{_markup(row.text)}</b>" if row.bold else _markup(row.text)
    return f'<td align="left"{width}><font point-size="{row.size}">{content}</font></td>'


def _markup(text: str) -> str:
    r"""A user's text, escaped as the content of an HTML-like label that shows it as written.

    >>> _markup("<b> & \\N\0")
    '&lt;b&gt; &amp; \\\\N␀'
    """
    return html.escape(shown(text), quote=False).replace("\\", r"\\").replace("\n", "<br/>")
