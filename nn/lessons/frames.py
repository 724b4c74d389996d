"""The drawings of six neurons at work: the network once for each neuron and phase, as SVG made of plain text.

The active part of a frame is thick and coloured; its lines are solid on the way forward, dashed on the way back and
dash-dotted for an update, so that a print in grey shows the same. The neurons show what has been computed so far.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from autograd.support.plotting import BLUE, GREEN, GREY, ORANGE
from nn.lessons.hand_step import HandStep, Phase, new_symbol, plain, weight_symbol

Weights = Mapping[tuple[str, int], float]
"""By what flows in, "x1" or "a3", and the neuron that it flows into."""

_WIDTH, _HEIGHT = 900, 560
_CENTRES: dict[str, tuple[int, int]] = {
    "x1": (60, 165),
    "x2": (60, 305),
    "a1": (290, 105),
    "a2": (290, 235),
    "a3": (290, 365),
    "a4": (530, 165),
    "a5": (530, 305),
    "a6": (730, 235),
}
_RADIUS = 42
_COLOURS: dict[Phase, str] = {"forward": BLUE, "error": ORANGE, "update": GREEN}
_TINTS: dict[Phase, str] = {"forward": "#DCEEF9", "error": "#FBE3D2", "update": "#D9F0E8"}
_DASHES: dict[Phase, str] = {"forward": "none", "error": "7 4", "update": "12 3 3 3"}
_TITLES: dict[Phase, str] = {
    "forward": "Forward: the signal of neuron {}",
    "error": "Backward: the error signal of neuron {}",
    "update": "Update: the weights of neuron {}",
}


def frames(inputs: Sequence[float], target: float, weights: Weights, steps: Sequence[HandStep]) -> list[str]:
    """A drawing for each neuron and phase, in the order of the steps.

    Args:
        inputs: the numbers x1 and x2.
        target: the number y that the output should be.
        weights: as they are before the update.
        steps: everything that is computed, in order.
    """
    groups = [list(group) for _, group in groupby(steps, key=lambda step: (step.phase, step.neuron))]
    return [_frame(inputs, target, weights, groups[:count], len(groups)) for count in range(1, len(groups) + 1)]


def slider(pictures: Sequence[str]) -> str:
    """The drawings as HTML for a notebook: one at a time, with a slider below that chooses it.

    Where scripts do not run, the first stays.
    """
    turn = (
        "const all = this.parentNode.querySelectorAll('svg');"
        "for (let i = 0; i < all.length; i++) all[i].style.display = i == this.value ? '' : 'none';"
    )
    shown = [pictures[0], *(picture.replace("<svg ", '<svg style="display:none" ', 1) for picture in pictures[1:])]
    return (
        f'<div style="background:white;color:black;max-width:{_WIDTH}px">{"".join(shown)}<br>'
        f'<input type="range" min="0" max="{len(pictures) - 1}" value="0" style="width:100%" '
        f'aria-label="step" oninput="{escape(turn)}"></div>'
    )


def _frame(
    inputs: Sequence[float], target: float, weights: Weights, groups: Sequence[Sequence[HandStep]], count: int
) -> str:
    """The last of the groups of steps as a drawing, one of `count`; the groups before it have been computed."""
    steps = groups[-1]
    phase, neuron = steps[0].phase, steps[0].neuron
    done = {step.symbol: step.result for group in groups for step in group}
    title = f"Step {len(groups)} of {count}. {_TITLES[phase].format(neuron)}"
    parts = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#FFFFFF"/>',
        _text(20, 34, title, size=19, anchor="start"),
    ]
    parts += _connections(weights, phase, neuron, done)
    parts += [_input(name, number) for name, number in zip(("x1", "x2"), inputs, strict=True)]
    parts += [_neuron(number, phase, number == neuron, done) for number in range(1, 7)]
    parts += _target(target, phase, neuron)
    for line, step in enumerate(steps):
        x, y = 20, 468 + 34 * line
        parts.append(_text(x, y, f"{step.symbol} = {step.formula}", size=15, anchor="start"))
        parts.append(_text(_WIDTH - 20, y, f"= {step.numbers} = {step.result:.4g}", size=14, anchor="end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(title)}" font-family="Helvetica, Arial, sans-serif">'
        f"{''.join(parts)}</svg>"
    )


def _connections(weights: Weights, phase: Phase, neuron: int, done: Mapping[str, float]) -> list[str]:
    """The lines between the neurons, the active ones last and with their weights."""
    quiet: list[str] = []
    active: list[str] = []
    texts: list[str] = []
    for (source, to), weight in weights.items():
        is_active = source == f"a{neuron}" if phase == "error" else to == neuron
        start, end = _CENTRES[source], _CENTRES[f"a{to}"]
        if not is_active:
            quiet.append(_line(start, end, GREY, 1.0, "none", arrow=0))
            continue
        active.append(_line(start, end, _COLOURS[phase], 2.6, _DASHES[phase], arrow=-1 if phase == "error" else 1))
        symbol = weight_symbol(source, to)
        new = new_symbol(symbol)
        text = f"{new} = {done[new]:.4g}" if new in done else f"{symbol} = {weight:.4g}"
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        texts += [_plate(x, y, text), _text(x, y + 5, text, size=14)]
    return quiet + active + texts


def _line(start: tuple[int, int], end: tuple[int, int], colour: str, width: float, dashes: str, *, arrow: int) -> str:
    """A line between the rims of two circles; arrow 1 points to the end, -1 to the start, 0 is none."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    x1, y1, x2, y2 = (
        start[0] + _RADIUS * ux,
        start[1] + _RADIUS * uy,
        end[0] - _RADIUS * ux,
        end[1] - _RADIUS * uy,
    )
    line = (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}" '
        f'stroke-dasharray="{dashes}"/>'
    )
    if not arrow:
        return line
    tip = (x2, y2) if arrow > 0 else (x1, y1)
    back_x, back_y = tip[0] - arrow * 13 * ux, tip[1] - arrow * 13 * uy
    corners = ((tip[0], tip[1]), (back_x - 6 * uy, back_y + 6 * ux), (back_x + 6 * uy, back_y - 6 * ux))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return f'{line}<polygon points="{points}" fill="{colour}"/>'


def _input(name: str, number: float) -> str:
    x, y = _CENTRES[name]
    box = f'<rect x="{x - _RADIUS}" y="{y - 24}" width="{2 * _RADIUS}" height="48" fill="#FFFFFF" stroke="#000000"/>'
    return box + _text(x, y - 3, f"x_{{{name[1:]}}}", size=14) + _text(x, y + 17, f"{number:.4g}", size=14)


def _neuron(number: int, phase: Phase, is_active: bool, done: Mapping[str, float]) -> str:
    """A neuron, with its signal and its error signal once they are computed."""
    x, y = _CENTRES[f"a{number}"]
    stroke = f'stroke="{_COLOURS[phase]}" stroke-width="3"' if is_active else 'stroke="#000000" stroke-width="1"'
    fill = _TINTS[phase] if is_active else "#FFFFFF"
    parts = [
        f'<circle cx="{x}" cy="{y}" r="{_RADIUS}" fill="{fill}" {stroke}/>',
        _text(x, y - 49, f"{number}", size=14, bold=True),
    ]
    signal, error = f"a_{{{number}}}", f"δ_{{{number}}}"
    parts.append(_text(x, y + 5, f"{signal} = {done[signal]:.3g}" if signal in done else "f(z)", size=14))
    if error in done:
        parts.append(_text(x, y + 61, f"{error} = {done[error]:.3g}", size=14, colour="#A03F00", halo=True))
    return "".join(parts)


def _target(target: float, phase: Phase, neuron: int) -> list[str]:
    """The output at the right, and the target beside it from the first error signal on."""
    x, y = _CENTRES["a6"]
    parts = [_line((x, y), (x + 150, y), "#000000", 1.0, "none", arrow=0)]
    if phase != "forward":
        parts.append(_text(x + 100, y - 10, f"y = {target:.4g}", size=14))
    elif neuron == 6:
        parts.append(_text(x + 100, y - 10, "a_{6}", size=14))
    return parts


def _plate(x: float, y: float, symbols: str) -> str:
    """A white plate that a line is hidden behind, where its weight is written."""
    width = 7.4 * len(plain(symbols))
    return f'<rect x="{x - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" height="20" fill="#FFFFFF"/>'


def _text(
    x: float,
    y: float,
    symbols: str,
    *,
    size: float,
    anchor: str = "middle",
    colour: str = "#000000",
    bold: bool = False,
    halo: bool = False,
) -> str:
    """A line of text in which _{...} is a subscript; a halo makes it readable across lines."""
    attributes = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    attributes += ' font-weight="bold"' if bold else ""
    pieces = re.split(r"_\{([^}]*)\}", symbols)  # every second one is a subscript
    drop = size * 0.25
    spans = []
    for index, piece in enumerate(pieces):
        if index % 2:
            spans.append(f'<tspan dy="{drop:.1f}" font-size="{size * 0.72:.1f}">{escape(piece)}</tspan>')
        elif piece:
            spans.append(f'<tspan dy="{-drop if index else 0:.1f}">{escape(piece)}</tspan>')
    text = f'<text {attributes} xml:space="preserve">{"".join(spans)}</text>'
    behind = text.replace("<text ", '<text stroke="#FFFFFF" stroke-width="5" stroke-linejoin="round" ', 1)
    return behind + text if halo else text
