"""What the tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from autograd import PRIMITIVES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# The same examples at every run, so that a change is judged by what it changed. To look for new ones:
# HYPOTHESIS_PROFILE=explore python -m pytest
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
def table() -> Iterator[None]:
    """Lets a test define primitives of its own: the table is afterwards what it was before."""
    before = dict(PRIMITIVES)
    yield
    PRIMITIVES.clear()
    PRIMITIVES.update(before)


INSTALL = "pages are tested in Chromium: apt-get install chromium, and pip install playwright"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as Debian and others install it; where there is none, the tests are skipped and say what to install."""
    playwright = pytest.importorskip("playwright.sync_api", reason=INSTALL)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip(INSTALL)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
