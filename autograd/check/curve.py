"""The error of central differences against their step: the V that rounding and truncation make, as a picture.

A right derivative is where the V points; from a wrong one, the differences keep their distance at every step.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.support.tables import on_one_line

STEPS_PER_DECADE = 2
LEAST = 1e-17
"""Smaller errors, and 0, are drawn as this one."""
MOST = 1e6
"""Larger errors are drawn as this one."""

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 48, 52
MOST_TICKS = 6


class Line:
    """The function of one number along which a derivative was taken, nan where it is not defined, and the number.

    All lines are equal, so that rows with the same numbers are. A copy has no function, as one of anybody's may not be
    pickled.
    """

    def __init__(self, f: Callable[[float], float] | None = None, x: float = 0.0) -> None:
        self._f = f
        self._x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line)

    def __hash__(self) -> int:
        return hash(Line)

    def __repr__(self) -> str:
        return "Line()"

    def __reduce__(self) -> Any:
        return Line, ()

    def differences(self) -> list[Difference]:
        """Central differences, at steps from a tenth of the size of the number to where rounding is all."""
        if self._f is None:
            return []
        found = []
        for step in _steps(self._x):
            after, before = self._x + step, self._x - step
            if after > before:
                slope = (self._f(after) - self._f(before)) / (after - before)
                if math.isfinite(slope):
                    found.append(Difference(step, slope))
        return found


class Difference(NamedTuple):
    """A central difference: the slope (f(x + step) - f(x - step)) / (2 step), and its step."""

    step: float
    slope: float


def _steps(x: float) -> Iterator[float]:
    widest = math.log10(0.1 * max(abs(x), 1.0))
    narrowest = math.log10(1e-13 * (min(abs(x), 1.0) if x else 1.0))
    if not narrowest > -300.0:
        narrowest = -300.0
    for number in range(1 + math.ceil((widest - narrowest) * STEPS_PER_DECADE)):
        yield 10.0 ** (widest - number / STEPS_PER_DECADE)


def picture(name: str, differences: Sequence[Difference], checked: float, found: float) -> str:
    """The errors of differences against their steps, on logarithmic axes, as an SVG for a page.

    Its colours are the variables --checked, --found and --grid of the page.

    Args:
        name: the derivative.
        differences: central differences.
        checked: the derivative that was checked.
        found: the one that the check found.

    Returns:
        The text of the SVG; "" if there is nothing to draw.
    """
    size = max(abs(checked), abs(found))
    if not differences or not 0.0 < size < math.inf:
        return ""
    to_checked = [(step, _shown(abs(slope - checked) / size)) for step, slope in differences]
    to_found = [(step, _shown(abs(slope - found) / size)) for step, slope in differences]
    x = _Axis([step for step, _ in to_found], LEFT, WIDTH - RIGHT)
    y = _Axis([error for _, error in (*to_found, *to_checked)], HEIGHT - BOTTOM, TOP)
    words = f"error of central differences of {name} against their step, from {checked:.6g} and from {found:.6g}"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(on_one_line(words))}">',
        *(_vertical(x.place(number), _power(number)) for number in x.ticks()),
        *(_horizontal(y.place(number), _power(number)) for number in y.ticks()),
        _curve(to_checked, x, y, "checked"),
        _curve(to_found, x, y, "found"),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">step h</text>',
        _key(14, "checked", f"error from the derivative checked, {checked:.6g}"),
        _key(34, "found", f"error from the derivative found, {found:.6g}"),
        "</svg>",
    ]
    return "".join(parts)


def _shown(error: float) -> float:
    return min(max(error, LEAST), MOST)


class _Axis:
    """A logarithmic axis from one place of the picture to another."""

    def __init__(self, numbers: Sequence[float], start: float, end: float) -> None:
        self.least = math.floor(math.log10(min(numbers)))
        self.most = max(math.ceil(math.log10(max(numbers))), self.least + 1)
        self._start = start
        self._end = end

    def place(self, exponent: float) -> float:
        """Where a power of ten is."""
        share = (exponent - self.least) / (self.most - self.least)
        return round(self._start + share * (self._end - self._start), 1)

    def ticks(self) -> range:
        """The exponents of the powers of ten that are named."""
        return range(self.least, self.most + 1, math.ceil((self.most - self.least) / MOST_TICKS))


def _curve(points: Sequence[tuple[float, float]], x: _Axis, y: _Axis, name: str) -> str:
    places = [(x.place(math.log10(step)), y.place(math.log10(error))) for step, error in points]
    line = " ".join(f"{across},{down}" for across, down in places)
    return f'<polyline class="{name}" points="{line}"/>' + "".join(_mark(*place, name) for place in places)


def _mark(x: float, y: float, name: str) -> str:
    if name == "found":
        return f'<circle class="{name}" cx="{x}" cy="{y}" r="3.5"/>'
    return f'<rect class="{name}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'


def _key(y: float, name: str, words: str) -> str:
    return f'{_mark(LEFT + 6, y, name)}<text x="{LEFT + 18}" y="{y + 5}">{html.escape(words)}</text>'


def _vertical(x: float, words: str) -> str:
    line = f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
    return f'{line}<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{words}</text>'


def _horizontal(y: float, words: str) -> str:
    line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
    return f'{line}<text x="{LEFT - 8}" y="{y + 5}" text-anchor="end">{words}</text>'


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
