"""What a check found: a row for each derivative, as a table, in a notebook, as a page, or as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from autograd.check.curve import Difference, Line, picture
from autograd.check.judge import Verdict
from autograd.check.page import Section, escaped, page
from autograd.support import plotting
from autograd.support.files import atomic_write
from autograd.support.tables import ROWS_IN_NOTEBOOK, html_table, table


class Sign(NamedTuple):
    """How a notebook marks a verdict."""

    sign: str
    colour: str


SIGNS: dict[Verdict, Sign] = {
    "ok": Sign("✓", plotting.GREEN),
    "kink": Sign("∧", plotting.BLUE),
    "unsure": Sign("?", plotting.YELLOW),
    "wrong": Sign("✗", plotting.ORANGE),
}


class GradcheckRow(NamedTuple):
    """One derivative, computed both ways.

    name: the derivative, such as "d/dx" or "d2/dx dy".
    order: 1 or 2.
    analytic: the derivative from the engine.
    numeric, error_estimate: the derivative from differences, and how far it may be off.
    verdict: "ok" if the two agree, "kink" if the one-sided derivatives differ and the analytic one lies between them,
        "wrong" if the two disagree, "unsure" if differences cannot tell.
    line: the function along which the derivative was taken, for a picture.
    """

    name: str
    order: int
    analytic: float
    numeric: float
    error_estimate: float
    verdict: Verdict
    line: Line = Line()

    @property
    def absolute_error(self) -> float:
        """|analytic - numeric|; at a kink, the distance to the interval between the one-sided derivatives."""
        return 0.0 if self.verdict == "kink" else abs(self.analytic - self.numeric)

    @property
    def relative_error(self) -> float:
        """The absolute error over the larger of the two derivatives; 0 if both are 0."""
        size = max(abs(self.analytic), abs(self.numeric))
        return self.absolute_error / size if size else 0.0

    @property
    def passed(self) -> bool:
        """Whether the verdict is ok or kink."""
        return self.verdict in ("ok", "kink")


class GradcheckReport:
    """The result of a check: true if every derivative passed; printed, a table.

    rows: a `GradcheckRow` for each derivative, the first ones before the second ones.
    point: the names of the inputs and their numbers, as text; of an array, its shape.
    lost: the names of the derivatives that are wrong because the graph of the result does not contain the input.
    notes: what else there is to say, a sentence each: what kind of mistake it looks like, what was not looked at.
    calls: how often the function was called, where it was counted.
    """

    def __init__(
        self,
        rows: Sequence[GradcheckRow],
        point: str,
        lost: Sequence[str] = (),
        *,
        notes: Sequence[str] = (),
        calls: int | None = None,
    ) -> None:
        self.rows = list(rows)
        self.point = point
        self.lost = list(lost)
        self.notes = list(notes)
        self.calls = calls
        self._differences: list[Difference] | None = None

    @property
    def failures(self) -> list[GradcheckRow]:
        """The rows that did not pass."""
        return [row for row in self.rows if not row.passed]

    @property
    def verdict(self) -> Literal["ok", "wrong", "unsure"]:
        """That of the whole check: "wrong" if a row is, else "unsure" if a row is, else "ok"."""
        verdicts = {row.verdict for row in self.rows}
        return "wrong" if "wrong" in verdicts else "unsure" if "unsure" in verdicts else "ok"

    @property
    def worst(self) -> GradcheckRow | None:
        """The row with the worst verdict, and of those the one with the largest relative error; None without rows.

        A single entry comes before a direction in which many move, and a row whose numeric derivative is clear before
        one in which rounding hides it.
        """
        return max(self.rows, key=_badness, default=None)

    def __bool__(self) -> bool:
        return not self.failures

    def __iter__(self) -> Iterator[GradcheckRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<GradcheckReport {'passed' if self else 'FAILED'}: {len(self.rows)} derivatives at {self.point}>"

    def __str__(self) -> str:
        lines = [f"gradcheck at {self.point}", table(_HEADER, map(_cells, self.rows)), self._summary()]
        return "\n".join([*lines, *self.notes])

    def brief(self, most: int = 40) -> str:
        """The report as text; of a table with more rows than this, only the rows that did not pass."""
        shown = self.rows if len(self) <= most else self.failures
        lines = [f"gradcheck at {self.point}", table(_HEADER, map(_cells, shown[:most])), self._summary()]
        left_out = len(self) - len(shown[:most])
        if left_out:
            lines.insert(2, f"... {left_out:,} more derivatives")
        return "\n".join([*lines, *self.notes])

    def properties(self) -> list[tuple[str, str]]:
        """What a test report says of it, as names and texts: the verdict, how many rows have which, the worst row."""
        counts = {verdict: sum(row.verdict == verdict for row in self.rows) for verdict in SIGNS}
        found = [("verdict", self.verdict), *((verdict, str(count)) for verdict, count in counts.items())]
        if self.calls is not None:
            found.append(("calls", str(self.calls)))
        if self.worst is not None:
            found += [("worst", self.worst.name), ("worst relative error", f"{self.worst.relative_error:.1e}")]
        return found + [("note", note) for note in self.notes]

    def to_dict(self) -> dict[str, Any]:
        """Everything in it as dicts, lists, texts and numbers, for JSON; an infinite error becomes None."""
        rows = [
            {
                **{name: _finite(entry) for name, entry in row._asdict().items() if name != "line"},
                "absolute_error": _finite(row.absolute_error),
                "relative_error": _finite(row.relative_error),
                "passed": row.passed,
            }
            for row in self.rows
        ]
        return {
            "passed": bool(self),
            "point": self.point,
            "derivatives": rows,
            "lost": self.lost,
            "notes": self.notes,
            "calls": self.calls,
        }

    def to_html(self, title: str = "Gradient check") -> str:
        """The report as a page: the table in colour, and a picture of the worst row.

        The picture shows the error of simple differences against their step. For it, the function is called up to a
        hundred times more, at the numbers that its arguments have now.

        Args:
            title: what was checked.
        """
        return page(title, [self.section(f"gradcheck at {self.point}")])

    def save(self, path: str | Path, title: str = "Gradient check") -> None:
        """Writes the page of `to_html` to a file.

        Raises:
            ValueError: the name of the file does not end in .html.
            OSError: it cannot be written.
        """
        path = Path(path)
        if path.suffix != ".html":
            raise ValueError(f"a report is written as a page, to a file such as report.html, not to {str(path)!r}")
        with atomic_write(path) as unfinished:
            unfinished.write_text(self.to_html(title), encoding="utf-8")

    def section(self, title: str) -> Section:
        """The report as a part of a page with several."""
        notes = "".join(f"<li>{escaped(note)}</li>" for note in self.notes)
        label = f'role="region" tabindex="0" aria-label="derivatives: {escaped(title)}"'
        table = f'<div class="table" {label}>{self._table(f"at {self.point}")}</div>'
        summary = f"<p>{escaped(self._summary())}</p>"
        return Section(title, self.verdict, f"{summary}{f'<ul>{notes}</ul>' * bool(notes)}{table}{self._figure()}")

    def _figure(self) -> str:
        """The picture of the worst row, with what it shows."""
        worst = self.worst
        if worst is None:
            return ""
        if self._differences is None:
            self._differences = worst.line.differences()
        drawn = picture(worst.name, self._differences, worst.analytic, worst.numeric)
        words = (
            f"{worst.name}: the relative error of central differences, (f(x + h) - f(x - h)) / 2h, against the step h. "
            "They come near the derivative until rounding takes over; from a wrong one they stay away at every step."
        )
        return f"<figure>{drawn}<figcaption>{escaped(words)}</figcaption></figure>" if drawn else ""

    def _repr_html_(self) -> str:
        """The table in a notebook, with a colour and a sign for each verdict; a very long one begins with failures."""
        return self._table(" ".join([f"gradcheck at {self.point}: {self._summary()}", *self.notes]))

    def _table(self, caption: str) -> str:
        """The table as HTML; a very long one begins with failures."""
        rows = sorted(self.rows, key=lambda row: row.passed) if len(self) > ROWS_IN_NOTEBOOK else self.rows
        return html_table(
            _HEADER,
            rows,
            lambda row: (*_cells(row)[:-1], f"{_cells(row)[-1]} {SIGNS[row.verdict].sign}"),
            colour=lambda row: SIGNS[row.verdict].colour,
            caption=caption,
            rows_are="derivatives",
        )

    def _summary(self) -> str:
        failures = len(self.failures)
        verdict = "all passed" if not failures else f"{failures} FAILED"
        summary = f"{len(self)} derivative{'s' * (len(self) != 1)}, {verdict}"
        if self.lost:
            summary += (
                f"; {', '.join(self.lost)}: the result changes with the input, but its graph does not contain it: "
                "does the function use .data, or other Values instead?"
            )
        if any(row.verdict == "unsure" for row in self.rows):
            summary += (
                "; unsure: differences cannot tell, because the function jumps here, or rounding hides its slope; try "
                "another point or another scale"
            )
        return summary


_HEADER = ("derivative", "analytic", "numeric", "numeric error", "abs error", "rel error", "verdict")


def _cells(row: GradcheckRow) -> tuple[str, ...]:
    """A row of the table, as text."""
    return (
        row.name,
        f"{row.analytic + 0.0:.10g}",  # never -0
        f"{row.numeric + 0.0:.10g}",
        f"{row.error_estimate:.1e}",
        f"{row.absolute_error:.1e}",
        f"{row.relative_error:.1e}",
        row.verdict if row.passed else row.verdict.upper(),
    )


def _badness(row: GradcheckRow) -> tuple[int, bool, bool, float]:
    """What makes one row worse than another."""
    severity = 2 if row.verdict == "wrong" else 1 if row.verdict == "unsure" else 0
    clear = row.error_estimate < 0.1 * max(abs(row.analytic), abs(row.numeric))
    return severity, "along direction" not in row.name, clear, row.relative_error


def _finite(entry: Any) -> Any:
    return None if isinstance(entry, float) and not math.isfinite(entry) else entry
