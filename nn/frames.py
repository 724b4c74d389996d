"""The drawings of `SixNeurons`: the network once for each neuron and phase, as SVG made of plain text.

What is at work in a frame is thick and coloured; forward it is solid, backward dashed, an update dash-dotted, so that a
print in grey tells the same. What has been computed so far stands in the neurons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from autograd.support.plotting import BLUE, GREEN, GREY, ORANGE

if TYPE_CHECKING:
    from nn.by_hand import HandStep, Phase, SixNeurons

_WIDTH, _HEIGHT = 900, 560
_PLACES: dict[str, tuple[int, int]] = {
    "x1": (60, 165),
    "x2": (60, 305),
    "y1": (290, 105),
    "y2": (290, 235),
    "y3": (290, 365),
    "y4": (530, 165),
    "y5": (530, 305),
    "y6": (730, 235),
}
_RADIUS = 37
_COLOURS: dict[Phase, str] = {"forward": BLUE, "error": ORANGE, "update": GREEN}
_TINTS: dict[Phase, str] = {"forward": "#DCEEF9", "error": "#FBE3D2", "update": "#D9F0E8"}
_DASHES: dict[Phase, str] = {"forward": "none", "error": "7 4", "update": "12 3 3 3"}
_TITLES: dict[Phase, str] = {
    "forward": "Forward: the signal of neuron {}",
    "error": "Backward: the error signal of neuron {}",
    "update": "Update: the weights of neuron {}",
}


def frames(network: SixNeurons) -> list[str]:
    """A drawing for each neuron and phase, in the order of the steps."""
    groups = [list(steps) for _, steps in groupby(network.steps, key=lambda step: (step.phase, step.neuron))]
    return [_frame(network, groups, place) for place in range(len(groups))]


def slider(pictures: Sequence[str]) -> str:
    """The drawings as HTML for a notebook: one is seen, a slider below turns to the others.

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


def _frame(network: SixNeurons, groups: Sequence[Sequence[HandStep]], place: int) -> str:
    steps = groups[place]
    phase, neuron = steps[0].phase, steps[0].neuron
    done = {step.symbol: step.result for group in groups[: place + 1] for step in group}
    title = f"Step {place + 1} of {len(groups)}. {_TITLES[phase].format(neuron)}"
    parts = [
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#FFFFFF"/>',
        _text(20, 34, title, size=19, anchor="start"),
    ]
    parts += _connections(network, phase, neuron, done)
    parts += [_circle(network, name, phase, neuron, done) for name in _PLACES]
    parts += _target(network, phase, neuron)
    for line, step in enumerate(steps):
        x, y = 20, 468 + 34 * line
        parts.append(_text(x, y, f"{step.symbol} = {step.formula}", size=15, anchor="start"))
        parts.append(_text(_WIDTH - 20, y, f"= {step.numbers} = {step.result:.4g}", size=14, anchor="end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(title)}" font-family="Helvetica, Arial, sans-serif">'
        f"{''.join(parts)}</svg>"
    )


def _connections(network: SixNeurons, phase: Phase, neuron: int, done: dict[str, float]) -> list[str]:
    """The lines between the neurons, those at work last and with their weights."""
    from nn.by_hand import SOURCES, weight_symbol

    quiet: list[str] = []
    active: list[str] = []
    weights: list[str] = []
    for to, sources in SOURCES.items():
        for source in sources:
            is_active = source == f"y{neuron}" if phase == "error" else to == neuron
            start, end = _PLACES[source], _PLACES[f"y{to}"]
            if not is_active:
                quiet.append(_line(start, end, GREY, 1.0, "none", arrow=0))
                continue
            active.append(_line(start, end, _COLOURS[phase], 2.6, _DASHES[phase], arrow=-1 if phase == "error" else 1))
            symbol = weight_symbol(source, to)
            new = symbol.replace("w", "w'", 1)
            text = f"{new} = {done[new]:.4g}" if new in done else f"{symbol} = {network.weight(source, to):.4g}"
            x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
            weights.append(_text(x, y + 4, text, size=13, halo=True))
    return quiet + active + weights


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


def _circle(network: SixNeurons, name: str, phase: Phase, neuron: int, done: dict[str, float]) -> str:
    """An input or a neuron with what is known of it."""
    x, y = _PLACES[name]
    if name.startswith("x"):
        number = network.inputs[int(name[1:]) - 1]
        box = (
            f'<rect x="{x - _RADIUS}" y="{y - 24}" width="{2 * _RADIUS}" height="48" fill="#FFFFFF" stroke="#000000"/>'
        )
        return box + _text(x, y - 3, f"x_{{{name[1:]}}}", size=14) + _text(x, y + 16, f"{number:.4g}", size=13)
    this = int(name[1:])
    active = this == neuron
    stroke = f'stroke="{_COLOURS[phase]}" stroke-width="3"' if active else 'stroke="#000000" stroke-width="1"'
    fill = _TINTS[phase] if active else "#FFFFFF"
    parts = [
        f'<circle cx="{x}" cy="{y}" r="{_RADIUS}" fill="{fill}" {stroke}/>',
        _text(x, y - 44, f"{this}", size=14, bold=True),
    ]
    signal, error = f"y_{{{this}}}", f"δ_{{{this}}}"
    parts.append(_text(x, y + 5, f"{signal} = {done[signal]:.3g}" if signal in done else "f(e)", size=12.5))
    if error in done:
        parts.append(_text(x, y + 56, f"{error} = {done[error]:.3g}", size=13, colour="#A03F00", halo=True))
    return "".join(parts)


def _target(network: SixNeurons, phase: Phase, neuron: int) -> list[str]:
    """What comes out at the right, and the target beside it once it matters."""
    x, y = _PLACES["y6"]
    parts = [_line((x, y), (x + 150, y), "#000000", 1.0, "none", arrow=0)]
    if phase != "forward":
        parts.append(_text(x + 100, y - 10, f"z = {network.target:.4g}", size=14))
    elif neuron == 6:
        parts.append(_text(x + 100, y - 10, "y_{6}", size=14))
    return parts


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
    """A line of text in which _{...} is a subscript; a halo keeps it off the lines that it crosses."""
    attributes = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    attributes += ' font-weight="bold"' if bold else ""
    pieces = re.split(r"_\{([^}]*)\}", symbols)  # every second one is a subscript
    drop = size * 0.25
    spans = []
    for place, piece in enumerate(pieces):
        if place % 2:
            spans.append(f'<tspan dy="{drop:.1f}" font-size="{size * 0.72:.1f}">{escape(piece)}</tspan>')
        elif piece:
            spans.append(f'<tspan dy="{-drop if place else 0:.1f}">{escape(piece)}</tspan>')
    text = f'<text {attributes} xml:space="preserve">{"".join(spans)}</text>'
    behind = text.replace("<text ", '<text stroke="#FFFFFF" stroke-width="5" stroke-linejoin="round" ', 1)
    return behind + text if halo else text
