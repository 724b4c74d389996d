"""A drawing as SVG, written in Python: it looks as Graphviz draws it, and needs neither its programs nor its libraries.

Texts are measured in Helvetica (`autograd.pictures.font`). Each text says how long it is, so a reader whose font is
wider sees it narrower, inside its box. The same drawing gives the same text, everywhere.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.pictures import font, layout
from autograd.pictures.curves import Place, with_arrow
from autograd.pictures.drawing import Box, Drawing, Row
from autograd.pictures.junctions import arranged
from autograd.pictures.layout import Layout, Rectangle
from autograd.pictures.style import (
    ARROW_SIZE,
    CLUSTER,
    EDGE_COLOUR,
    EDGE_TEXT_SIZE,
    FONT,
    JUNCTION_SIZE,
    LOOKS,
    MARGIN,
    NODE_DISTANCE,
    PAPER,
    shown,
)
from autograd.pictures.theme import LABEL, themed

_INCH = 72.0
_PADDING = 1.0  # around the text of a row
_SPACE = 4.0  # from the symbol to the rows
_ROUNDING = 12.0  # of the corners
_DEPTH = 4.0  # of a box that stands for a scope
_MARGIN_OF_PICTURE = 4.0
_ARROW = 10.0 * ARROW_SIZE
_ARROW_HALF_WIDTH = 0.35 * _ARROW
_BESIDE_NAME = 9.0  # from the side of a cluster to its name
_ABOVE_NAME = 4.0
_AROUND_EDGE_TEXT = 3.0


class _Line(NamedTuple):
    """A line of text: where it begins relative to its block, and the row that it is part of."""

    left: float
    top: float
    width: float
    text: str
    row: Row


class _Block(NamedTuple):
    """Rows of text below one another, measured."""

    width: float
    height: float
    lines: list[_Line]


def written(drawing: Drawing) -> str:
    """A drawing as an SVG document.

    >>> from autograd.pictures.drawing import Edge
    >>> boxes = [Box("x", [Row("x", 11, bold=True)], "leaf"), Box("y", [Row("2")], "root", symbol="exp")]
    >>> written(Drawing(boxes, [Edge("x", "y")])).count("<text")
    3
    """
    blocks = [_block(box.rows) for box in drawing.boxes]
    symbols = [_block([_symbol(box)]) if box.symbol else None for box in drawing.boxes]
    names = [_block([cluster.row]) for cluster in drawing.clusters]
    nodes = [
        layout.Node(*_size(box, block, symbol), box.cluster)
        for box, block, symbol in zip(drawing.boxes, blocks, symbols, strict=True)
    ]
    clusters = [
        layout.Cluster(cluster.parent, (name.width + 2 * _BESIDE_NAME, name.height + _ABOVE_NAME))
        for cluster, name in zip(drawing.clusters, names, strict=True)
    ]
    placed = arranged(
        drawing.bundle,
        [box.name for box in drawing.boxes],
        nodes,
        [(edge.tail, edge.head, _size_of_edge_text(edge.text)) for edge in drawing.edges],
        clusters,
    ).laid_out(
        direction=drawing.direction,
        node_distance=NODE_DISTANCE * _INCH,
        rank_distance=drawing.rank_distance * _INCH,
    )
    parts = [
        *_clusters(drawing, names, placed),
        *_edges(drawing, placed),
        *_junctions(placed.centers[len(drawing.boxes) :]),
    ]
    for box, block, symbol, node, center in zip(drawing.boxes, blocks, symbols, nodes, placed.centers, strict=False):
        place = Rectangle(center[0] - node.width / 2, center[1] - node.height / 2, node.width, node.height)
        parts += _box(box, block, symbol, place)
    return themed(_document(parts, placed))


def _document(parts: Sequence[str], placed: Layout) -> str:
    """The whole text, for white paper: a sheet with the parts on it."""
    margin = _MARGIN_OF_PICTURE
    width, height = _number(placed.width + 2 * margin), _number(placed.height + 2 * margin)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg role="img" aria-label="{LABEL}" width="{width}pt" height="{height}pt"',
        f' viewBox="{_number(-margin)} {_number(-margin)} {width} {height}" xmlns="http://www.w3.org/2000/svg">',
        f'<g class="graph" font-family="{FONT},Arial,sans-serif" font-size="{EDGE_TEXT_SIZE}">',
        "<title>computation graph</title>",
        f'<rect fill="{PAPER}" x="{_number(-margin)}" y="{_number(-margin)}" width="{width}" height="{height}"/>',
        *parts,
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


# ---------------------------------------------------------------- text


def _block(rows: Sequence[Row]) -> _Block:
    """Rows of text, measured. The lines of one row are centered; rows begin at the left."""
    lines: list[_Line] = []
    top = widest = 0.0
    for row in rows:
        texts = shown(row.text).split("\n")
        widths = [font.width(text, row.size, row.bold) for text in texts]
        top += _PADDING
        for text, width in zip(texts, widths, strict=True):
            lines.append(_Line(_PADDING + (max(widths) - width) / 2, top, width, text, row))
            top += font.LINE * row.size
        top += _PADDING
        widest = max(widest, *widths)
    return _Block(widest + 2 * _PADDING, top, lines)


def _symbol(box: Box) -> Row:
    return Row(box.symbol, box.symbol_size)


def _size(box: Box, block: _Block, symbol: _Block | None) -> tuple[float, float]:
    """The width and the height of a box."""
    beside, above = _margin(box)
    width, height = block.width, block.height
    if symbol is not None:
        width, height = width + symbol.width + _SPACE, max(height, symbol.height)
    return round(width + 2 * beside, 2), round(height + 2 * above, 2)


def _margin(box: Box) -> tuple[float, float]:
    """The distance of the text of a box from its sides, and from its top and bottom."""
    beside, above = LOOKS[box.look].get("margin", MARGIN).split(",")
    return float(beside) * _INCH, float(above) * _INCH


def _size_of_edge_text(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    width = max(font.width(line, EDGE_TEXT_SIZE) for line in _edge_lines(text))
    return width + 2 * _AROUND_EDGE_TEXT, len(_edge_lines(text)) * font.LINE * EDGE_TEXT_SIZE


def _edge_lines(text: str) -> list[str]:
    """The lines on an edge, without the spaces that keep Graphviz's lines off a text."""
    return [line.strip() for line in shown(text).split("\n")]


def _texts(block: _Block, left: float, top: float, colour: str | None) -> Iterator[str]:
    """The lines of a block whose corner is at a place."""
    for line in block.lines:
        size = line.row.size
        yield _text(line.text, left + line.left, top + line.top, line.width, size, colour, line.row.bold)


def _text(
    text: str, left: float, top: float, width: float, size: int, colour: str | None = None, bold: bool = False
) -> str:
    """A line of text whose corner is at a place."""
    baseline = top + (font.LINE / 2 + font.BASELINE) * size
    look = [f'font-size="{size}"'] if size != EDGE_TEXT_SIZE else []
    look += ['font-weight="bold"'] if bold else []
    look += [f'fill="{colour}"'] if colour is not None else []
    length = f' textLength="{_number(width)}" lengthAdjust="spacingAndGlyphs"' if width > 0.0 else ""
    attributes = "".join(f" {attribute}" for attribute in look)
    place = f'x="{_number(left)}" y="{_number(baseline)}"'
    return f'<text xml:space="preserve" {place}{length}{attributes}>{_escaped(text)}</text>'


# ---------------------------------------------------------------- boxes


def _box(box: Box, block: _Block, symbol: _Block | None, place: Rectangle) -> Iterator[str]:
    """A box with its text."""
    look = LOOKS[box.look]
    beside, _ = _margin(box)
    colour = look.get("fontcolor")
    yield f'<g class="node"><title>{_escaped(box.name)}</title>'
    yield from _outline(look, place)
    left = place.left + beside
    if symbol is not None:
        yield from _texts(symbol, left, place.top + (place.height - symbol.height) / 2, colour)
        left += symbol.width + _SPACE
    yield from _texts(block, left, place.top + (place.height - block.height) / 2, colour)
    yield "</g>"


def _outline(look: dict[str, str], place: Rectangle) -> Iterator[str]:
    """The outline of a box or a cluster, filled."""
    paint = _filled(look["fillcolor"]) + f' stroke="{look["color"]}"'
    styles = look["style"].split(",")
    if "dashed" in styles:
        paint += ' stroke-dasharray="5,2"'
    if "penwidth" in look:
        paint += f' stroke-width="{look["penwidth"]}"'
    left, top, width, height = place
    if look.get("shape") == "box3d":
        right, bottom = left + width, top + height
        front = (right - _DEPTH, top + _DEPTH)
        back = [(right, top), (left + _DEPTH, top), (left, top + _DEPTH), (left, bottom), (right - _DEPTH, bottom)]
        yield f'<polygon {paint} points="{_points([*back, (right, bottom - _DEPTH)])}"/>'
        for end in (left, top + _DEPTH), (right - _DEPTH, bottom), (right, top):
            yield f'<polyline fill="none" stroke="{look["color"]}" points="{_points([front, end])}"/>'
        return
    corners = ""
    if "rounded" in styles:
        corners = f' rx="{_number(min(_ROUNDING, width / 3, height / 3))}"'
    size = f'x="{_number(left)}" y="{_number(top)}" width="{_number(width)}" height="{_number(height)}"'
    yield f"<rect {paint} {size}{corners}/>"


def _filled(colour: str) -> str:
    """The attributes that fill a shape with a colour, which may end in how opaque it is."""
    opacity = f' fill-opacity="{int(colour[7:], 16) / 255:.3f}"' if len(colour) > 7 else ""
    return f'fill="{colour[:7]}"{opacity}'


def _clusters(drawing: Drawing, names: Sequence[_Block], placed: Layout) -> Iterator[str]:
    """The boxes around boxes, those around others first."""
    for number, (cluster, name, place) in enumerate(zip(drawing.clusters, names, placed.boxes, strict=True)):
        if place is None:
            continue
        yield f'<g class="cluster"><title>cluster_{number}</title>'
        yield from _outline(CLUSTER, place)
        if cluster.name:
            top = _ABOVE_NAME if drawing.direction == "LR" else place.height - _ABOVE_NAME - name.height
            yield from _texts(name, place.left + _BESIDE_NAME - _PADDING, place.top + top, CLUSTER["fontcolor"])
        yield "</g>"


# ---------------------------------------------------------------- edges


def _edges(drawing: Drawing, placed: Layout) -> Iterator[str]:
    """The edges, with arrows and texts; lines to a junction have no arrow."""
    trunks = drawing.bundle.trunks
    names = [(before, junction) for junction, before in trunks.items()]
    names += [(edge.tail, edge.head) for edge in drawing.edges]
    looks = {box.name: LOOKS[box.look] for box in drawing.boxes}
    for number, ((tail, head), route) in enumerate(zip(names, placed.routes, strict=True)):
        yield f'<g class="edge"><title>{_escaped(f"{tail}->{head}")}</title>'
        if number < len(trunks):
            yield _path(route)
        else:
            line, tip = with_arrow(route, _ARROW, gap=float(looks[head].get("penwidth", "1")) / 2)
            yield _path(line)
            yield _arrow(line[-1], tip)
            yield from _edge_text(drawing.edges[number - len(trunks)].text, placed.texts[number])
        yield "</g>"


def _path(route: Sequence[Place]) -> str:
    start, *points = (f"{_number(x)},{_number(y)}" for x, y in route)
    return f'<path fill="none" stroke="{EDGE_COLOUR}" d="M{start}C{" ".join(points)}"/>'


def _arrow(base: Place, tip: Place) -> str:
    """The head of an arrow."""
    x, y = (tip[0] - base[0]) / _ARROW * _ARROW_HALF_WIDTH, (tip[1] - base[1]) / _ARROW * _ARROW_HALF_WIDTH
    points = _points([(base[0] - y, base[1] + x), tip, (base[0] + y, base[1] - x)])
    return f'<polygon fill="{EDGE_COLOUR}" stroke="{EDGE_COLOUR}" points="{points}"/>'


def _edge_text(text: str | None, center: Place | None) -> Iterator[str]:
    if text is None or center is None:
        return
    lines = _edge_lines(text)
    top = center[1] - len(lines) * font.LINE * EDGE_TEXT_SIZE / 2
    for line in lines:
        width = font.width(line, EDGE_TEXT_SIZE)
        yield _text(line, center[0] - width / 2, top, width, EDGE_TEXT_SIZE)
        top += font.LINE * EDGE_TEXT_SIZE


def _junctions(centers: Sequence[Place]) -> Iterator[str]:
    radius = _number(JUNCTION_SIZE * _INCH / 2)
    for x, y in centers:
        yield f'<circle fill="{EDGE_COLOUR}" cx="{_number(x)}" cy="{_number(y)}" r="{radius}"/>'


def _points(points: Sequence[Place]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(number: float) -> str:
    """A number with the digits that the eye can see.

    >>> _number(2.0), _number(-0.001), _number(1.255)
    ('2', '0', '1.25')
    """
    return f"{round(number, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
