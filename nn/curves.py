"""The numbers of each epoch of a training, as curves for a notebook and as a table to print, in plain Python.

The curves are SVG. Their text and lines have the notebook's own colour, so they suit light and dark ones.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias, get_args

from autograd.support import plotting
from autograd.support.tables import table

Measure = Literal["accuracy", "loss"]

Series: TypeAlias = Mapping[str, Sequence[float]]
"""The numbers of each epoch by name: "loss", "validation_loss" and so on, as `History.measured()` gives them."""

_ROWS_PRINTED = 12
_LARGEST = 1e300  # larger numbers, like inf and nan, do not fit on an axis
_WIDTH, _HEIGHT = 360, 224
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 336, 54, 184  # the edges of the plot in the picture
_POINTS = _RIGHT - _LEFT  # one for each pixel


class Curve(NamedTuple):
    """A measure of each epoch, and how it is drawn.

    name: "training" or "validation".
    numbers: one for each epoch.
    colour: a colour like "#0072B2".
    is_dashed: whether the line is dashed, so that curves differ in more than colour.
    """

    name: str
    numbers: Sequence[float]
    colour: str
    is_dashed: bool


def curves(series: Series, measure: Measure) -> list[Curve]:
    """The curves of a measure: none, the training, or training and validation.

    Raises:
        ValueError: there is no such measure.

    >>> [curve.name for curve in curves({"loss": [2.0], "validation_loss": [2.1]}, "loss")]
    ['training', 'validation']
    """
    if measure not in get_args(Measure):
        raise ValueError(f"there is no measure {measure!r}; there are {', '.join(map(repr, get_args(Measure)))}")
    found = [
        Curve("training", series.get(measure, ()), plotting.BLUE, is_dashed=False),
        Curve("validation", series.get(f"validation_{measure}", ()), plotting.ORANGE, is_dashed=True),
    ]
    return [curve for curve in found if curve.numbers]


def axis(measure: Measure, numbers: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest number of an axis: 0 and 1 for accuracies; losses from 0 too, if none is negative.

    >>> axis("loss", [0.5, 2.0]), axis("accuracy", [0.5])
    ((0.0, 2.0), (0.0, 1.0))
    """
    shown = [number for number in numbers if _fits(number)]
    low, high = min([0.0, *shown]), max([0.0, *shown])
    if measure == "accuracy" or high - low < 1.0 / _LARGEST:
        high = max(high, 1.0)
    return low, high


def series_table(series: Series) -> str:
    """The numbers of each epoch as plain text; of many epochs, the first, the last and evenly spaced ones between.

    >>> print(series_table({"loss": [2.0], "accuracy": [0.25]}))
    epoch  loss  accuracy
    -----  ----  --------
        1     2      0.25
    """
    columns = {name.replace("_", " "): numbers for name, numbers in series.items()}
    epochs = max(map(len, columns.values()), default=0)
    if not epochs:
        return ""
    rows = min(epochs, _ROWS_PRINTED)
    indices = [round(row * (epochs - 1) / max(rows - 1, 1)) for row in range(rows)]
    lines = [
        (f"{index + 1:5}", *(f"{numbers[index]:.4g}" if index < len(numbers) else "" for numbers in columns.values()))
        for index in indices
    ]
    return table(("epoch", *columns), lines)


def curves_html(series: Series, epochs: int | None = None) -> str:
    """The curves side by side, as HTML: one picture for the loss, one for the accuracy if there is one.

    Args:
        series: the numbers so far.
        epochs: how many epochs there will be, if that is known.
    """
    measures: tuple[Measure, ...] = ("loss", "accuracy")
    pictures = "".join(_picture(measure, found, epochs) for measure in measures if (found := curves(series, measure)))
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px 24px">{pictures}</div>' if pictures else ""


def _picture(measure: Measure, found: Sequence[Curve], epochs: int | None) -> str:
    """The curves of one measure as SVG."""
    last = max(epochs or 1, *(len(curve.numbers) for curve in found))
    low, high = axis(measure, [number for curve in found for number in curve.numbers])
    said = "; ".join(f"{c.name} from {c.numbers[0]:.4g} to {c.numbers[-1]:.4g}" for c in found)
    parts = [f'<text x="8" y="16" font-size="13" font-weight="600">{measure}</text>']
    for tick in ticks(low, high, 5):
        y = _BOTTOM - (tick - low) / (high - low) * (_BOTTOM - _TOP)
        parts += [
            f'<path d="M{_LEFT} {y:.1f}H{_RIGHT}" stroke="currentColor" stroke-opacity=".15"/>',
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.6g}</text>',
        ]
    for tick in ticks(1, last, 6):
        if tick == int(tick):
            x = _x(tick, last)
            parts.append(f'<text x="{x:.1f}" y="{_BOTTOM + 17}" text-anchor="middle">{tick:.0f}</text>')
    parts.append(f'<text x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 35}" text-anchor="middle">epoch</text>')
    for index, curve in enumerate(found):
        parts += [_line(curve, last, low, high), _legend(curve, 8 + 168 * index)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'role="img" aria-label="{measure} of {last} epochs: {html.escape(said)}" '
        'style="max-width:100%;height:auto;overflow:visible" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor">{"".join(parts)}</svg>'
    )


def _line(curve: Curve, last: int, low: float, high: float) -> str:
    """A curve with a mark at its end, and gaps where a number does not fit on the axis."""
    every = max(len(curve.numbers) * 2 // _POINTS, 1)
    kept = [index for start in range(0, len(curve.numbers), every) for index in _extremes(curve.numbers, start, every)]
    points = [
        (_x(index + 1, last), _BOTTOM - (number - low) / (high - low) * (_BOTTOM - _TOP))
        for index in kept
        if _fits(number := curve.numbers[index])
    ]
    if not points:
        return ""
    runs = groupby(kept, key=lambda index: _fits(curve.numbers[index]))
    remaining, path = iter(points), []
    for is_shown, indices in runs:
        if is_shown:
            along = " ".join("{:.1f} {:.1f}".format(*next(remaining)) for _ in indices)
            path.append(f"M{along}h0")  # h0 makes a single point visible
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{curve.colour}" stroke-width="2" stroke-linejoin="round"'
        ' stroke-linecap="round"'
        f"{_dashes(curve)}/>{_mark(curve, *points[-1])}"
    )


def _extremes(numbers: Sequence[float], start: int, count: int) -> list[int]:
    """The indices of the lowest and the highest of some numbers in a row, so that no spike is lost among many."""
    indices = range(start, min(start + count, len(numbers)))
    shown = [index for index in indices if _fits(numbers[index])]
    if not shown:
        return [start]
    ends = {min(shown, key=numbers.__getitem__), max(shown, key=numbers.__getitem__)}
    return sorted(ends | ({indices[-1]} if indices[-1] == len(numbers) - 1 else set()))


def _legend(curve: Curve, x: int) -> str:
    line = f'<path d="M{x} 32h22" stroke="{curve.colour}" stroke-width="2"{_dashes(curve)}/>{_mark(curve, x + 11, 32)}'
    return f'{line}<text x="{x + 28}" y="36">{curve.name} {curve.numbers[-1]:.4g}</text>'


def _mark(curve: Curve, x: float, y: float) -> str:
    if curve.is_dashed:
        return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{curve.colour}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{curve.colour}"/>'


def _dashes(curve: Curve) -> str:
    return ' stroke-dasharray="6 4"' if curve.is_dashed else ""


def _x(epoch: float, last: int) -> float:
    """Where an epoch is; a single one is in the middle."""
    return _LEFT + (_RIGHT - _LEFT) * ((epoch - 1) / (last - 1) if last > 1 else 0.5)


def _fits(number: float) -> bool:
    return abs(number) < _LARGEST


def ticks(low: float, high: float, at_most: int) -> list[float]:
    """Evenly spaced round numbers from `low` to `high`, about `at_most` of them.

    >>> ticks(0.0, 0.7, 5)
    [0.0, 0.2, 0.4, 0.6]
    """
    if high <= low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / at_most))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power * at_most >= (high - low) * (1 - 1e-12))
    first, final = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, final + 1)]
