"""Pictures of boxes and edges that are given as plain data, such as those of compiled programs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from autograd.engine.errors import GraphTooLargeError
from autograd.pictures.drawing import Box, Drawing, Edge, Row

if TYPE_CHECKING:
    import graphviz


def titled(name: str, title: str, lines: Sequence[str], look: str) -> Box:
    """A box with a title in bold type, of one line or several, and lines in small type under it.

    >>> titled("a", "x[2]", ["argument"], "leaf").rows
    [Row(text='x[2]', size=11, bold=True), Row(text='argument', size=10, bold=False)]
    """
    return Box(name, [*(Row(line, 11, bold=True) for line in title.split("\n")), *map(Row, lines)], look)


def draw_boxes(
    boxes: Iterable[Box],
    edges: Iterable[Edge],
    path: str | os.PathLike[str] | None,
    *,
    count: int,
    max_nodes: int,
    layout: str | None,
    otherwise: str,
) -> graphviz.Digraph:
    """A picture from top to bottom, which is also written to a file if there is a path.

    Args:
        boxes: what is drawn; not asked for where it would be too much.
        edges: those between them.
        path: the file.
        count: how many boxes there are.
        max_nodes: the largest number of boxes to draw.
        layout: who places them, as for `autograd.draw`.
        otherwise: what to do instead where there are more.

    Raises:
        ValueError, FileNotFoundError, RenderError: as `autograd.draw`.
        GraphTooLargeError: there are more than `max_nodes` boxes.
    """
    from autograd.pictures import rendering
    from autograd.pictures.drawers import check_layout

    check_layout(layout)
    file = None if path is None else rendering.PictureFile(path)
    if count > max_nodes:
        raise GraphTooLargeError(
            f"the drawing would have {count:,} boxes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"or {otherwise}"
        )
    drawing = Drawing(list(boxes), list(edges), direction="TB", rank_distance=0.45)
    return rendering.picture(drawing, file, layout)
