"""Plain-text tables for reports."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells in aligned columns under a header; the first column to the left, numbers to the right.

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


def on_one_line(text: str) -> str:
    """A label may hold newlines and control characters; in a table they show as escapes."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def columns(text: str) -> int:
    """The columns that a terminal needs for it: wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
