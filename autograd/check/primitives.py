"""The check of primitives: each at its sample points and at random points, at first and second order."""

from __future__ import annotations

import random
from collections.abc import Sequence

from autograd.check.gradcheck import ATOL, RTOL, gradcheck
from autograd.check.report import SIGNS, GradcheckReport
from autograd.engine.ops import PRIMITIVES, Binary, Unary
from autograd.support.tables import html_table, on_one_line, table

RANDOM_POINTS = 5
"""How many random points of its domain each primitive is checked at, besides its samples."""

NEGLIGIBLE = 1e-12
"""A smaller absolute error does not count as the worst one; the derivatives of the primitives are of ordinary size."""


class OpCheck:
    """The result of `check_op`: true if every derivative passed at every point.

    primitive: the one that was checked.
    reports: a `GradcheckReport` for each point.
    error: the exception, if the primitive could not be checked at all; else None.
    """

    def __init__(
        self, primitive: Unary | Binary, reports: Sequence[GradcheckReport], error: Exception | None = None
    ) -> None:
        self.primitive = primitive
        self.reports = list(reports)
        self.error = error

    @property
    def failures(self) -> list[GradcheckReport]:
        """The reports with a derivative that did not pass."""
        return [report for report in self.reports if not report]

    def __bool__(self) -> bool:
        return self.error is None and not self.failures

    def __repr__(self) -> str:
        if self.error is not None:
            return f"<OpCheck {self.primitive.name} FAILED: {_in_words(self.error)}>"
        return f"<OpCheck {self.primitive.name} {'passed' if self else 'FAILED'} at {len(self.reports)} points>"

    def __str__(self) -> str:
        return "\n\n".join([str(OpChecks([self])), *map(str, self.failures)])


class OpChecks(list[OpCheck]):
    """The checks of several primitives: true if all passed; printed, a table with a row for each."""

    _HEADER = ("op", "formula", "points", "derivatives", "kinks", "worst rel error", "verdict")

    def __bool__(self) -> bool:
        return all(self)

    def __str__(self) -> str:
        return table(self._HEADER, map(self._line, self))

    def _repr_html_(self) -> str:
        """The table in a notebook, with a colour and a sign for each verdict."""
        return html_table(
            self._HEADER,
            self,
            lambda check: (
                *self._line(check)[:-1],
                f"{self._line(check)[-1]} {SIGNS['ok' if check else 'wrong'].sign}",
            ),
            colour=lambda check: SIGNS["ok" if check else "wrong"].colour,
            caption=f"{len(self)} ops, {'all passed' if self else f'{sum(not check for check in self)} FAILED'}",
            rows_are="ops",
        )

    @staticmethod
    def _line(check: OpCheck) -> tuple[str, ...]:
        rows = [row for report in check.reports for row in report]
        kinks = sum(row.verdict == "kink" for row in rows)
        worst = max((row.relative_error for row in rows if row.absolute_error > NEGLIGIBLE), default=0.0)
        verdict = "ok" if check else f"{len(check.failures)} of {len(check.reports)} points FAILED"
        if check.error is not None:
            verdict = f"FAILED: {_in_words(check.error)}"
        primitive = check.primitive
        counts = (str(len(check.reports)), str(len(rows)), str(kinks))
        return primitive.name, primitive.call, *counts, f"{worst:.0e}", verdict


def _in_words(error: Exception) -> str:
    """An exception on one line of a table."""
    return on_one_line(f"{type(error).__name__}: {error}")


def check_op(op: Unary | Binary, *, rtol: float = RTOL, atol: float = ATOL) -> OpCheck:
    """Checks a primitive at first and second order, at its sample points and at random points of its domain.

    The random points are the same in every call.

    Raises:
        TypeError: `op` is not a primitive.
        ValueError: it has no sample points, or is not defined at one of the points.

    >>> from autograd import tanh
    >>> bool(check_op(tanh))
    True
    """
    if not isinstance(op, (Unary, Binary)):
        raise TypeError(f"check_op checks a primitive, such as autograd.tanh, not {op!r}; for a function use gradcheck")
    points = op.points()
    if not points:
        raise ValueError(f"the primitive {op.name!r} has no samples to be checked at")
    generator = random.Random(f"random points for {op.name}")
    points += [tuple(generator.uniform(*interval) for interval in op.intervals()) for _ in range(RANDOM_POINTS)]
    reports = [gradcheck(op, point, rtol=rtol, atol=atol, order=2) for point in points]
    reports += [_checked_in_x(op, x, y, rtol, atol) for x, y in op.samples_in_x] if isinstance(op, Binary) else []
    return OpCheck(op, reports)


def _checked_in_x(op: Binary, x: float, y: float, rtol: float, atol: float) -> GradcheckReport:
    report = gradcheck(lambda x: op(x, y), [x], rtol=rtol, atol=atol, order=2)
    report.point += f", constant y = {y!r}"
    return report


def check_all_ops(*, rtol: float = RTOL, atol: float = ATOL) -> OpChecks:
    """Checks every primitive in the table, with those that users added, as `check_op` does.

    A primitive that cannot be checked, because its rules raise an error or do not return a number, has failed.

    >>> bool(check_all_ops())
    True
    """
    return OpChecks(_checked(op, rtol, atol) for op in PRIMITIVES.values())


def _checked(op: Unary | Binary, rtol: float, atol: float) -> OpCheck:
    try:
        return check_op(op, rtol=rtol, atol=atol)
    except Exception as error:  # noqa: BLE001 - whatever a user's rule raises, the other primitives are checked
        return OpCheck(op, [], error)
