"""Pictures of boxes and edges that are given as plain data, such as those of compiled programs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from autograd.engine.errors import GraphTooLargeError
from autograd.pictures.style import LOOKS, add_edges, cell, empty_picture, markup, table

if TYPE_CHECKING:
    import graphviz


class Box(NamedTuple):
    """A box: a title in bold type, of one line or several, and lines in small type under it.

    name: what edges call it. look: one of `autograd.pictures.style.LOOKS`.
    """

    name: str
    title: str
    lines: list[str]
    look: str


class Edge(NamedTuple):
    """An edge between the boxes of two names, with a text on it or None."""

    tail: str
    head: str
    text: str | None = None


def draw_boxes(
    boxes: Iterable[Box],
    edges: Iterable[Edge],
    path: str | os.PathLike[str] | None,
    *,
    count: int,
    max_nodes: int,
    otherwise: str,
) -> graphviz.Digraph:
    """A picture from top to bottom, which is also written to a file if there is a path.

    Args:
        boxes: what is drawn; not asked for where it would be too much.
        edges: those between them.
        path: the file.
        count: how many boxes there are.
        max_nodes: the largest number of boxes to draw.
        otherwise: what to do instead where there are more.

    Raises:
        ValueError, FileNotFoundError, RenderError: as `autograd.pictures.style.empty_picture`.
        GraphTooLargeError: there are more than `max_nodes` boxes.
    """
    picture, file = empty_picture(path, "TB", rank_distance="0.45")
    if count > max_nodes:
        raise GraphTooLargeError(
            f"the drawing would have {count:,} boxes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"or {otherwise}"
        )
    for box in boxes:
        rows = [cell(f"<b>{markup(line)}</b>", line, 11) for line in box.title.split("\n")]
        rows += [cell(markup(line), line) for line in box.lines]
        picture.node(box.name, f"<{table(rows)}>", **LOOKS[box.look])
    add_edges(picture, list(edges))
    if file is not None:
        file.write(picture)
    return picture
