"""The fixture `gradcheck` for pytest: it checks gradients that you wrote by hand, and fails the test if one is wrong.

    def test_the_backward_pass(gradcheck):
        gradcheck.vjp(forward, backward, x, w)

The checks are those of `autograd.testing`, in the distribution scalar-autograd, which is imported when a test uses the
fixture. What was checked goes into the properties of a JUnit report, and with --gradcheck-html=FILE into a page.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_gradcheck.fixture import Checked, Gradcheck, imported
from pytest_gradcheck.page import OPTION, Page

__all__ = ["Gradcheck"]

RUNNING = pytest.StashKey[pytest.Item]()
"""The test that is running."""
CHECKED = pytest.StashKey[Checked]()
"""What a test has checked."""

MARKER = (
    "gradcheck(**options): defaults for the fixture gradcheck, such as points=5 or rtol=1e-5, or unsure='skip', which "
    "skips a test where differences cannot tell"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option for the page."""
    group = parser.getgroup("gradcheck", "checks of gradients")
    group.addoption(OPTION, type=Path, metavar="FILE", help="write a page with all checks of the fixture gradcheck")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker, and what writes the page; the workers of xdist leave that to the run that started them."""
    config.addinivalue_line("markers", MARKER)
    file = config.getoption(OPTION)
    if file is not None and not hasattr(config, "workerinput"):
        if file.suffix != ".html" or file.is_dir():
            raise pytest.UsageError(f"{OPTION} must name a file, such as report.html, not {str(file)!r}")
        config.pluginmanager.register(Page(file), "gradcheck-page")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keeps which test is running."""
    item.config.stash[RUNNING] = item
    return (yield)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Looks at the marks of a test that uses the fixture before it begins."""
    if "gradcheck" in getattr(item, "fixturenames", ()):
        _checked_by(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, pytest.TestReport]:
    """Gives what was checked to the report of a test, which xdist takes to where the page is written."""
    sections = item.stash[CHECKED].tell() if CHECKED in item.stash else []
    report = yield
    report.gradchecks = sections
    assert isinstance(report, pytest.TestReport)
    return report


@pytest.fixture(scope="session")  # Hypothesis refuses fixtures of a function, which are not made anew for each example
def gradcheck(request: pytest.FixtureRequest) -> Gradcheck:
    """Checks gradients that you wrote by hand; `gradcheck(f, grad, *args)`, `gradcheck.vjp(f, vjp, *args)`, ..."""
    return Gradcheck(imported(), lambda: _checked_by(request.config.stash[RUNNING]))


def _checked_by(item: pytest.Item) -> Checked:
    """What a test has checked."""
    if CHECKED not in item.stash:
        item.stash[CHECKED] = Checked(item, imported(), with_sections=bool(item.config.getoption(OPTION)))
    return item.stash[CHECKED]
