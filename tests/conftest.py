"""What the tests share: steady chance, the table of primitives as it was, and a real browser.

Where there is no browser, the tests that need one are skipped and say what to install.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

import autograd
from autograd import PRIMITIVES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


@pytest.fixture
def interrupted() -> Callable[[Callable[[], Any], int, tuple[str, ...]], KeyboardInterrupt | None]:
    """Does some work, interrupted before a step of the interpreter in some modules.

    It gives the exception, which keeps all frames that it went through; None where there are less steps.
    """

    def interrupt(work: Callable[[], Any], at: int, modules: tuple[str, ...]) -> KeyboardInterrupt | None:
        steps = 0

        def watch(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal steps
            if frame.f_globals.get("__name__") not in modules:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                steps += 1
                if steps == at:
                    raise KeyboardInterrupt
            return watch

        before = sys.gettrace()
        sys.settrace(watch)
        try:
            work()
        except KeyboardInterrupt as error:
            return error
        finally:
            sys.settrace(before)
        return None

    return interrupt


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
    """Chromium, as Debian and others install it."""
    playwright = pytest.importorskip("playwright.sync_api", reason=INSTALL)
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip(INSTALL)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


AXE = Path(autograd.__file__).parent / "explore" / "page" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What the checker of accessibility finds wrong with a page."""
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm install --prefix autograd/explore/page")

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        # A frame is a page of its own, and checked by its own tests.
        run = """async () => {
            const { violations } = await axe.run(document, { iframes: false });
            return violations.map((one) => `${one.id}: ${one.nodes[0].html}`);
        }"""
        return [str(one) for one in page.evaluate(run)]

    return violations
