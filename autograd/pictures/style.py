"""The look of drawings: colours, sizes, and the characters that a text is shown with."""

from __future__ import annotations

import re
import unicodedata

LONGEST_LABEL = 40

# Attributes of Graphviz; distances are in inches. The tints are those of the palette of Okabe and Ito, which
# colour-blind readers can tell apart. The outlines differ too (square, dashed, rounded, thick), so a black-and-white
# print loses nothing.
LOOKS: dict[str, dict[str, str]] = {
    "leaf": {"style": "filled", "fillcolor": "#DCEEF9", "color": "#0072B2"},
    "constant": {"style": "filled,dashed", "fillcolor": "#EEEEEE", "color": "#767676", "fontcolor": "#4D4D4D"},
    "intermediate": {"style": "filled,rounded", "fillcolor": "#FFFFFF", "color": "#4D4D4D"},
    "root": {"style": "filled,rounded", "fillcolor": "#FDEBCB", "color": "#B34700", "penwidth": "2.5"},
    "captured": {"style": "filled", "fillcolor": "#D9F0E8", "color": "#00684D"},
    "scope": {"shape": "box3d", "style": "filled", "fillcolor": "#D9F0E8", "color": "#00684D", "margin": "0.12,0.08"},
}
MARGIN = "0.07,0.04"
NODE_DISTANCE = 0.2  # inches
FONT = "Helvetica"
PAPER = "#FFFFFF"
EDGE_TEXT_SIZE = 10
EDGE_COLOUR = "#4D4D4D"
ARROW_SIZE = 0.6  # of Graphviz's arrows, which are 10 points long
# Where a line branches there is a dot, as in a diagram of a circuit; where lines cross, none.
JUNCTION_SIZE = 0.05  # inches
CLUSTER = {
    "style": "filled,rounded",
    "fillcolor": "#0000000A",  # so faint a black that boxes inside boxes grow darker step by step
    "color": "#8C8C8C",
    "fontsize": "11",
    "fontcolor": "#333333",
    "labeljust": "l",
    "margin": "10",
}
# Besides those of the category Cf, the characters that Unicode has readers leave out (Default_Ignorable_Code_Point).
_IGNORED = re.compile(r"[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0\U000E0000-\U000E0FFF]")


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
    marks = all(unicodedata.category(character) == "Cf" or _IGNORED.match(character) for character in line)
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
