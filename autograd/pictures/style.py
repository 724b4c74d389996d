"""The look of drawings: colours, fonts, and labels that show the user's text and never act as markup."""

from __future__ import annotations

import html
import os
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograd.engine.errors import RenderError
from autograd.pictures.bundling import bundled

if TYPE_CHECKING:
    import graphviz

    from autograd.pictures.rendering import Picture, PictureFile

LONGEST_LABEL = 40

# Tints of the palette of Okabe and Ito, which colour-blind readers can tell apart. The outlines differ too (square,
# dashed, rounded, thick), so a black-and-white print loses nothing.
LOOKS: dict[str, dict[str, str]] = {
    "leaf": {"style": "filled", "fillcolor": "#DCEEF9", "color": "#0072B2"},
    "constant": {"style": "filled,dashed", "fillcolor": "#EEEEEE", "color": "#767676", "fontcolor": "#4D4D4D"},
    "intermediate": {"style": "filled,rounded", "fillcolor": "#FFFFFF", "color": "#4D4D4D"},
    "root": {"style": "filled,rounded", "fillcolor": "#FDEBCB", "color": "#B34700", "penwidth": "2.5"},
    "captured": {"style": "filled", "fillcolor": "#D9F0E8", "color": "#00684D"},
    "scope": {"shape": "box3d", "style": "filled", "fillcolor": "#D9F0E8", "color": "#00684D", "margin": "0.12,0.08"},
}
# nslimit: without it a sum of more than a hundred terms takes minutes; easy graphs look the same with it.
_GRAPH = {"nodesep": "0.2", "fontname": "Helvetica", "bgcolor": "#FFFFFF", "nslimit": "2"}
_NODE = {"shape": "box", "fontname": "Helvetica", "fontsize": "11", "margin": "0.07,0.04", "width": "0", "height": "0"}
_EDGE = {"fontname": "Helvetica", "fontsize": "10", "color": "#4D4D4D", "arrowsize": "0.6"}
# Where a line branches there is a dot, as in a diagram of a circuit; where lines cross, none.
_JUNCTION = {"shape": "point", "width": "0.05", "height": "0.05", "color": "#4D4D4D", "label": ""}
_TRUNK = {"arrowhead": "none"}


def empty_picture(
    path: str | os.PathLike[str] | None, direction: str, rank_distance: str
) -> tuple[Picture, PictureFile | None]:
    """A picture without nodes, and the file to write it to, if any.

    Args:
        path: the file.
        direction: "LR" draws from left to right, "TB" from top to bottom.
        rank_distance: the distance from one step to the next, in inches.

    Raises:
        ValueError: the suffix is not one of a format.
        FileNotFoundError: the folder does not exist.
        RenderError: the package graphviz is missing.
    """
    try:
        from autograd.pictures import rendering
    except ModuleNotFoundError as error:
        raise RenderError(f"drawing needs the package {error.name}: pip install {error.name}") from error
    file = None if path is None else rendering.PictureFile(path)
    attributes = {**_GRAPH, "rankdir": direction, "ranksep": rank_distance}
    picture = rendering.Picture("graph", format="svg", graph_attr=attributes)
    picture.attr("node", **_NODE)
    picture.attr("edge", **_EDGE)
    return picture, file


def add_edges(picture: graphviz.Digraph, edges: Sequence[tuple[str, str, str | None]], *, boxes: bool = False) -> None:
    """Adds the edges (from, to, text) to a picture, bundled where they are long and many.

    Args:
        picture: the picture.
        edges: all edges of the picture.
        boxes: whether there are boxes around nodes.
    """
    with_texts = any(text is not None for _, _, text in edges)
    bundle = bundled([(tail, head) for tail, head, _ in edges], with_texts)
    picture.graph_attr.update(bundle.settings)
    if bundle.settings and with_texts and boxes:
        picture.graph_attr["newrank"] = "true"  # Picture would find out by failing first
    for junction, before in bundle.trunks.items():
        picture.node(junction, **_JUNCTION)
        picture.edge(before, junction, **_TRUNK)
    for (tail, head, text), branch in zip(edges, bundle.branches, strict=True):
        picture.edge(branch or tail, head, text)


def table(rows: list[str]) -> str:
    """The rows of a label, each a `cell`, as an HTML-like label."""
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{body}</table>'


def cell(content: str, text: str = "", size: int = 10) -> str:
    """A cell, at least as wide as its text.

    Graphviz measures with the fonts that it finds. Where none has Chinese characters, it would leave them half the
    room that they take in the reader's fonts.
    """
    wide = [unicodedata.east_asian_width(character) in "WF" for character in text[:LONGEST_LABEL]]
    width = f' width="{(len(wide) + sum(wide)) * size / 2:.0f}"' if any(wide) else ""
    return f'<td align="left"{width}><font point-size="{size}">{content}</font></td>'


def markup(text: str) -> str:
    r"""A user's text, escaped as the content of an HTML-like label that shows it as written.

    >>> markup("<b> & \\N\0")
    '&lt;b&gt; &amp; \\\\N␀'
    """
    return html.escape(shown(text), quote=False).replace("\\", r"\\").replace("\n", "<br/>")


def shown(text: str) -> str:
    r"""A user's text as pictures show it: cut if it is long, and every character visible.

    >>> shown("a tab\tand a NUL\0")
    'a tab␉and a NUL␀'
    """
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST_LABEL:
        text = text[: LONGEST_LABEL - 1] + "…"
    return "\n".join(_with_something_to_see("".join(map(_visible, line))) for line in text.split("\n"))


def _with_something_to_see(line: str) -> str:
    """A line, with a sign for each character if all of them are invisible: Pango cannot draw nothing."""
    marks = all(unicodedata.category(character) == "Cf" for character in line)
    return "\N{REPLACEMENT CHARACTER}" * len(line) if marks else line


def _visible(character: str) -> str:
    """The character itself if it can be shown, else a symbol that XML and every font can show."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or code & 0xFFFE == 0xFFFE:
        return "\N{REPLACEMENT CHARACTER}"
    return character
