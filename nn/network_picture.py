"""A picture of a network: circles for neurons, lines for weights, as SVG made in plain Python."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.support import plotting

_COLUMNS_SHOWN, _NEURONS_SHOWN = 7, 9  # of larger networks, the first and the last
_ACROSS, _DOWN, _RADIUS, _MARGIN = 130, 28, 9, 60


class DrawnLayer(NamedTuple):
    """A layer of neurons, as the picture needs it.

    activation: the name below it.
    weights: for each neuron, a number for each input.
    biases: for each neuron.
    """

    activation: str
    weights: Sequence[Sequence[float]]
    biases: Sequence[float]


class _Circle(NamedTuple):
    """A neuron or an input; or, with None for its number, the dots for those that are left out."""

    number: int | None
    x: float
    y: float


def network_svg(layers: Sequence[DrawnLayer]) -> str:
    """The picture; its text and circles have the notebook's own colour, so it suits light and dark ones.

    The farther a weight is from 0, compared with the others of its layer, the wider is its line; positive weights are
    blue, negative ones orange and dashed. Of many neurons or layers, the first and the last are drawn. Hovering with
    the mouse shows the numbers.
    """
    sizes = [len(layers[0].weights[0]), *(len(layer.weights) for layer in layers)]
    names = ["input" + "s" * (sizes[0] > 1), *(layer.activation for layer in layers)]
    columns = _ends(len(sizes), _COLUMNS_SHOWN)
    middle = _DOWN * min(max(sizes), _NEURONS_SHOWN) / 2
    circles = {
        column: _column(sizes[column], _MARGIN + at * _ACROSS, middle)
        for at, column in enumerate(columns)
        if column is not None
    }
    largest = [
        max((abs(weight) for row in layer.weights for weight in row if math.isfinite(weight)), default=0.0) or 1.0
        for layer in layers
    ]
    lines: list[str] = []
    shapes, texts = [], []
    for column, shown in circles.items():
        texts.append(_text(shown[0].x, 2 * middle + 16, f"{sizes[column]:,} {names[column]}"))
        for circle in shown:
            if circle.number is None:
                texts.append(_text(circle.x, circle.y + 6, "⋮", 18))
                continue
            about = f"input {circle.number + 1}"
            if column:
                about = f"layer {column}, neuron {circle.number + 1}"
                weights = layers[column - 1].weights[circle.number]
                lines += _lines(weights, largest[column - 1], circle, circles.get(column - 1, []), about)
                about += f": bias {layers[column - 1].biases[circle.number]:.4g}"
            shapes.append(f'<circle cx="{circle.x}" cy="{circle.y:g}" r="{_RADIUS}"><title>{about}</title></circle>')
    if None in columns:
        texts.append(_text(_MARGIN + columns.index(None) * _ACROSS, middle + 6, "⋯", 18))
    width, height = 2 * _MARGIN + (len(columns) - 1) * _ACROSS, 2 * middle + 46
    texts += [
        f'<path d="M8 {height - 10:g}h24" stroke="{plotting.BLUE}" stroke-width="2.5"/>',
        f'<text x="38" y="{height - 6:g}">positive</text>',
        f'<path d="M104 {height - 10:g}h24" stroke="{plotting.ORANGE}" stroke-width="2.5" stroke-dasharray="6 3"/>',
        f'<text x="134" y="{height - 6:g}">negative</text>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" width="{width}" height="{height:g}" '
        f'role="img" aria-label="a network of {html.escape(_said(sizes, names))}" style="max-width:100%;height:auto" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"><g fill="none">{"".join(lines)}</g>'
        f'<g fill="currentColor" fill-opacity=".12" stroke="currentColor" stroke-width="1.5">{"".join(shapes)}</g>'
        f"{''.join(texts)}</svg>"
    )


def _column(size: int, x: float, middle: float) -> list[_Circle]:
    shown = _ends(size, _NEURONS_SHOWN)
    return [_Circle(number, x, middle + (row - (len(shown) - 1) / 2) * _DOWN) for row, number in enumerate(shown)]


def _ends(count: int, shown: int) -> list[int | None]:
    """The numbers from 0; of many, the first and the last, and None for those between."""
    if count <= shown:
        return list(range(count))
    half = shown // 2
    return [*range(half), None, *range(count - (shown - 1 - half), count)]


def _lines(
    weights: Sequence[float], largest: float, to: _Circle, sources: Sequence[_Circle], about: str
) -> Iterator[str]:
    """The lines to a neuron, from the circles that are shown."""
    for source in sources:
        if source.number is None:
            continue
        weight = weights[source.number]
        size = abs(weight) / largest if math.isfinite(weight) else 0.0
        colour = plotting.ORANGE if weight < 0.0 else plotting.BLUE
        dashes = ' stroke-dasharray="6 3"' if weight < 0.0 else ""
        yield (
            f'<path d="M{source.x + _RADIUS} {source.y:g}L{to.x - _RADIUS} {to.y:g}" stroke="{colour}"{dashes} '
            f'stroke-width="{0.75 + 2.75 * size:.2f}" stroke-opacity="{0.4 + 0.6 * size:.2f}">'
            f"<title>{about}: weight {source.number + 1} is {weight:.4g}</title></path>"
        )


def _text(x: float, y: float, text: str, size: int = 12) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="middle">{html.escape(text)}</text>'


def _said(sizes: Sequence[int], names: Sequence[str]) -> str:
    return ", ".join(f"{size} {name}" for size, name in zip(sizes, names, strict=True))
