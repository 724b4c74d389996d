"""A picture of a graph as SVG that is light or dark as the page around it, and whose text stays in its boxes.

The colours that the file itself names are those for white paper, and a reader that knows no style sheets shows these,
on white. A browser shows no paper, and the dark colours where the page, or the system of its reader, is dark.
"""

from __future__ import annotations

import html
import re

from autograd.pictures import font
from autograd.pictures.style import CLUSTER, EDGE_COLOUR, LOOKS

LABEL = "computation graph"
DARK = {
    "#DCEEF9": "#0F3048",
    "#0072B2": "#56B4E9",
    "#EEEEEE": "#2A2E34",
    "#767676": "#8D959E",
    "#FFFFFF": "#22272E",
    "#4D4D4D": "#A3ADB8",
    "#FDEBCB": "#47300F",
    "#B34700": "#F0A63C",
    "#D9F0E8": "#12362B",
    "#00684D": "#3FC59B",
    "#8C8C8C": "#6D7680",
    "#333333": "#E8EAED",
}
"""For each colour of a picture, the one that takes its place in the dark: they are those of the player."""

_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
# Editors and sites whose pages do not tell the browser that they are dark.
_DARK_PAGES = ':is(.vscode-dark,[data-jp-theme-light="false"],[data-theme="dark"],[theme="dark"])'


def themed(svg: str) -> str:
    """An SVG document of a graph with a style sheet for light and dark pages, in which each text has a length.

    >>> themed('<svg role="img"><g class="graph"><text font-size="10.00">data</text></g></svg>').count("textLength")
    1
    """
    start = re.search(r"<svg [^>]*>", svg)
    assert start is not None
    named = "" if "aria-label" in start[0] else f' role="img" aria-label="{LABEL}"'
    head = svg[: start.end() - 1] + named + ">"
    return f"{head}\n<style>{style_sheet()}</style>" + _TEXT.sub(_with_length, svg[start.end() :])


def style_sheet() -> str:
    """The rules for light and dark pages; on paper, the picture is light."""
    picture = f'svg[aria-label="{LABEL}"]'
    rules = [
        f"{picture}:root{{color-scheme:light dark}}",
        f"{_DARK_PAGES} {picture}{{color-scheme:dark}}",
        f"{picture} .graph>:is(rect,polygon){{fill:none}}",  # the paper
        f"{picture} text:not([fill]){{fill:light-dark(#000,{DARK['#333333']})}}",
    ]
    for light in sorted(_colours()):
        for attribute in ("fill", "stroke"):
            names = [light, "white"] if light == "#FFFFFF" else [light]
            drawn = ",".join(f'[{attribute}="{name}" i]' for name in names)
            rules.append(f"{picture} g g :is({drawn}){{{attribute}:light-dark({light},{DARK[light]})}}")
    rules.append(f"{picture} .cluster>:not(text){{fill:light-dark(#000,#fff)}}")
    return f"@media screen{{@supports (color:light-dark(#000,#fff)){{{''.join(rules)}}}}}"


def _colours() -> set[str]:
    """The opaque colours of pictures."""
    looks = [*LOOKS.values(), CLUSTER, {"color": EDGE_COLOUR}]
    found = {look[name] for look in looks for name in ("fillcolor", "color", "fontcolor") if name in look}
    return {colour for colour in found if len(colour) == len("#RRGGBB")}


def _with_length(found: re.Match[str]) -> str:
    """A text that says how long it is: a reader's font may be wider than the one that its box was made for."""
    attributes, text = found[1], html.unescape(found[2])
    size = re.search(r'font-size="([\d.]+)"', attributes)
    if "textLength" in attributes or size is None or not text.strip():
        return found[0]
    width = font.width(text, float(size[1]), 'font-weight="bold"' in attributes)
    return f'<text {attributes} textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs">{found[2]}</text>'
