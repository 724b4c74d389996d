"""Tables for reports, as plain text and as HTML for notebooks."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

ROWS_IN_NOTEBOOK = 400
"""How many rows a notebook shows at most: of a longer table, half of them from the start and half from the end."""

_Row = TypeVar("_Row")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells in aligned columns under a header: the first column to the left, the others to the right.

    >>> print(table(("op", "points"), [("tanh", "10"), ("exp", "9")]))
    op    points
    ----  ------
    tanh      10
    exp        9
    """
    lines = [[on_one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(columns, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell + pad if column == 0 else pad + cell
            for column, (cell, pad) in enumerate(
                (cell, " " * (width - columns(cell))) for cell, width in zip(line, widths, strict=True)
            )
        ).rstrip()
        for line in lines
    )


class Table(NamedTuple):
    """A table with lines above and below it: printed, it is plain text; a notebook shows it as HTML.

    name: what it shows; a notebook says it where there is no line above.
    header: the names of the columns.
    rows: the cells, as text; without rows, only the lines are shown.
    above, below: the lines around it.

    >>> print(Table("checks", ("op", "points"), [("tanh", "10")], above="one op", below="passed"))
    one op
    op    points
    ----  ------
    tanh      10
    passed
    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    above: str = ""
    below: str = ""

    def __str__(self) -> str:
        rows = table(self.header, self.rows) if self.rows else ""
        return "\n".join(filter(None, [self.above, rows, self.below]))

    def _repr_html_(self) -> str:
        below = "".join(f"<div>{_escaped(line)}</div>" for line in self.below.splitlines() if line)
        if not self.rows:
            return f"<div>{_escaped(self.above)}</div>" * bool(self.above) + below
        caption = self.above or self.name
        return html_table(self.header, self.rows, lambda row: row, caption=caption) + below


class Tabulated:
    """What is printed as a table, and shown as one in a notebook: a subclass says which, with `_table`."""

    def _table(self) -> Table:
        raise NotImplementedError

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def html_table(
    header: Sequence[str],
    rows: Sequence[_Row],
    cells: Callable[[_Row], Sequence[str]],
    *,
    caption: str,
    colour: Callable[[_Row], str] | None = None,
    rows_are: str = "rows",
) -> str:
    """A table for a notebook, light or dark: text and lines have the notebook's own colour.

    Args:
        header: the names of the columns.
        rows: anything; of very many, the first and the last are shown.
        cells: the texts in a row.
        caption: the line above the table.
        colour: the colour of a row, like "#0072B2": it marks the edge and tints the rest. A cell has to say the same,
            for those who cannot see colours.
        rows_are: what to call the rows that are left out.

    >>> "<b>" in html_table(["name"], ["<b>"], lambda name: [name], caption="names")
    False
    """
    half = ROWS_IN_NOTEBOOK // 2
    ends = [rows[:half], rows[-half:]] if len(rows) > ROWS_IN_NOTEBOOK else [rows]
    left_out = f"… {len(rows) - ROWS_IN_NOTEBOOK:,} more {rows_are} …"
    between = f'<tr><td colspan="{len(header)}" style="text-align:center">{left_out}</td></tr>'
    body = between.join(
        "".join(_html_row("td", cells(row), colour(row) if colour else "") for row in end) for end in ends
    )
    return (
        f"<div>{_escaped(caption)}</div>"
        f'<table aria-label="{html.escape(on_one_line(caption))}" '
        'style="font-variant-numeric:tabular-nums;border-collapse:collapse">'
        f"<thead>{_html_row('th', header)}</thead><tbody>{body}</tbody></table>"
    )


def _html_row(cell: str, texts: Sequence[str], colour: str = "") -> str:
    tint = f' style="background:{colour}24"' if colour else ""  # 24: nearly transparent, so that any theme shows
    edge = f";border-left:4px solid {colour}" if colour else ""
    cells = (
        f'<{cell} style="padding:3px 8px;text-align:{"right" if index else f"left{edge}"}">{_escaped(text)}</{cell}>'
        for index, text in enumerate(texts)
    )
    return f"<tr{tint}>{''.join(cells)}</tr>"


def _escaped(text: str) -> str:
    """Text as the content of an HTML element: no markup, and no formula for MathJax."""
    return html.escape(on_one_line(text)).replace("$", "&#36;<span></span>")


def on_one_line(text: str) -> str:
    """The text with escapes for newlines and control characters, which a label may hold."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def columns(text: str) -> int:
    """The width of a text in a terminal: wide East Asian characters take two columns, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
