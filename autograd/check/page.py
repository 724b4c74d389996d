"""A page of checks: one file, without scripts, that a browser shows light or dark, wide or narrow."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

from autograd.support.tables import on_one_line

STYLE = """
:root { color-scheme: light dark; --text: #1a1a1a; --ground: #ffffff; --grid: #d9d9d9; --card: #f6f6f6;
  --checked: #b34e00; --found: #0072b2; --ok: #009e73; --unsure: #e69f00; --wrong: #d55e00; }
@media (prefers-color-scheme: dark) {
  :root { --text: #eeeeee; --ground: #16181c; --grid: #3a3f47; --card: #20242b; --checked: #ff9d4d; --found: #56b4e9; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--ground); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; overflow-wrap: anywhere; }
details { margin: 1rem 0; padding: 0.6rem 1rem; background: var(--card); border-left: 5px solid var(--ok); }
details.wrong { border-color: var(--wrong); }
details.unsure { border-color: var(--unsure); }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary b { margin-right: 0.5em; white-space: nowrap; }
.table { overflow-x: auto; margin: 1rem 0; font-size: 0.9rem; }
.table th, .table td { white-space: nowrap; }
figure { margin: 1.5rem 0 0; max-width: 30rem; }
figcaption { font-size: 0.9rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--text); font: 14px system-ui, sans-serif; }
svg .grid { stroke: var(--grid); }
svg polyline { fill: none; stroke-width: 1.5; }
svg .checked { stroke: var(--checked); } svg rect.checked { fill: var(--ground); stroke-width: 1.5; }
svg .found { stroke: var(--found); } svg circle.found { fill: var(--found); stroke: none; }
"""
WORDS = {"ok": "✓ right", "unsure": "? unsure", "wrong": "✗ wrong"}


class Section(NamedTuple):
    """A check on a page.

    title: what was checked.
    verdict: "ok", "wrong" or "unsure".
    body: its HTML.
    """

    title: str
    verdict: str
    body: str


def page(heading: str, sections: Sequence[Section]) -> str:
    """The HTML of a page: what did not pass is open, and stands first.

    >>> "&lt;b&gt;" in page("checks", [Section("<b>", "ok", "<p>...</p>")])
    True
    """
    ordered = sorted(sections, key=lambda section: section.verdict == "ok")
    counts = [(sum(section.verdict == verdict for section in sections), verdict) for verdict in WORDS]
    told = ", ".join(f"{count} {WORDS[verdict][2:]}" for count, verdict in counts if count) or "nothing was checked"
    shown = "".join(_details(section, opened=section.verdict != "ok" or len(sections) == 1) for section in ordered)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(heading)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escaped(heading)}</h1><p>{told}</p>{shown}</main></body></html>\n"
    )


def _details(section: Section, *, opened: bool) -> str:
    return (
        f'<details class="{section.verdict}"{" open" * opened}>'
        f"<summary><b>{WORDS[section.verdict]}</b>{escaped(section.title)}</summary>{section.body}</details>"
    )


def escaped(text: str) -> str:
    """Anybody's text as the content of an element."""
    return html.escape(on_one_line(text))
