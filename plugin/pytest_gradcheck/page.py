"""The page of all checks in a run of pytest."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from pytest_gradcheck.fixture import imported

OPTION = "--gradcheck-html"


class Page:
    """Collects the checks of all tests, and writes the page at the end of the run.

    Args:
        file: where to.
    """

    def __init__(self, file: Path) -> None:
        self._file = file.absolute()  # a test may change the folder
        self._checks: list[tuple[str, ...]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps what a test has checked."""
        self._checks += [(report.nodeid, *check) for check in getattr(report, "gradchecks", [])]

    def pytest_sessionfinish(self) -> None:
        """Writes the page."""
        imported()
        page = importlib.import_module("autograd.check.page")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        checks = sorted(self._checks, key=lambda check: check[0])  # the same order however xdist shared the tests out
        sections = [page.Section(f"{test}: {title}", verdict, body) for test, title, verdict, body in checks]
        text = page.page("Gradient checks", sections)
        self._file.write_text(text, encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says where the page is."""
        terminalreporter.write_sep("-", f"gradient checks: {self._file}")
