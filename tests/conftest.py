"""Fixtures for all tests: a table of primitives that is restored, and a browser.

Without a browser, the tests that need one are skipped and say what to install.
"""

from __future__ import annotations

import _thread
import shutil
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest

import autograd
from autograd import PRIMITIVES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Python 3.12 traces single instructions only if a frame asked for them before tracing began: the first test to do so
# would see none.
sys._getframe().f_trace_opcodes = True


@pytest.hookimpl(tryfirst=True)  # before the tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what runs in a browser as slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def table() -> Iterator[None]:
    """Lets a test define primitives of its own, and restores the table afterwards."""
    before = dict(PRIMITIVES)
    yield
    PRIMITIVES.clear()
    PRIMITIVES.update(before)


class Leaving:
    """Something that a function holds until it returns."""


@pytest.fixture
def interrupted() -> Iterator[Callable[[Callable[[], Any], int, tuple[str, ...]], KeyboardInterrupt | None]]:
    """Does some work, and sends it Ctrl-C before a step of the interpreter in some modules.

    The signal comes while C is running, and CPython raises KeyboardInterrupt at the next point at which it looks for
    signals, which is after a call or on a jump back: an exception raised by a trace function would come where none
    can. It gives the exception, which keeps all frames that it went through; None where there are fewer steps. No lock
    may be left held.
    """

    def interrupt(work: Callable[[], Any], at: int, modules: tuple[str, ...]) -> KeyboardInterrupt | None:
        steps = 0
        watched: list[weakref.ref[Leaving]] = []

        def watch(frame: FrameType, event: str, argument: object) -> Any:
            nonlocal steps
            if frame.f_globals.get("__name__") not in modules:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                steps += 1
                if steps == at:
                    sys.settrace(None)
                    leaving = Leaving()
                    # C alone runs when `leaving` goes: this function cannot be what is interrupted.
                    send = partial(next, map(_thread.interrupt_main, [signal.SIGINT]))
                    watched.append(weakref.ref(leaving, send))
            return watch

        before, handler = sys.gettrace(), signal.signal(signal.SIGINT, signal.default_int_handler)
        error: KeyboardInterrupt | None = None
        sys.settrace(watch)
        try:
            work()
            for _ in range(2):
                pass  # a jump back, where a signal that came at the very end is seen
        except KeyboardInterrupt as raised:
            error = raised
        finally:
            sys.settrace(before)
            signal.signal(signal.SIGINT, handler)
        assert (error is not None) is (steps == at), "the signal did not arrive"
        return error

    yield interrupt
    assert held_locks() == []


def held_locks() -> list[str]:
    """The locks of the library that another thread would wait for."""
    locks = {
        f"{name}.{attribute}": lock
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in ("autograd", "nn")
        for attribute, lock in vars(module).items()
        if isinstance(lock, (type(threading.Lock()), type(threading.RLock())))
    }
    held: list[str] = []

    def look() -> None:
        for name, lock in locks.items():
            if lock.acquire(blocking=False):
                lock.release()
            else:
                held.append(name)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert locks
    return held


@pytest.fixture
def pyplot() -> Iterator[Any]:
    """matplotlib's pyplot, with no windows, for a test that draws: it is skipped without matplotlib.

    No figure is left open.
    """
    pytest.importorskip("matplotlib", reason='plots need matplotlib: pip install "scalar-autograd[plot]"').use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


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
    """Chromium, as a Linux distribution installs it."""
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
    """A function that lists what the accessibility checker finds wrong with a page."""
    if not AXE.is_file():
        pytest.skip("axe-core is missing: npm install --prefix autograd/explore/page")

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        # A frame is a page of its own, and checked by its own tests.
        run = """async () => {
            const { violations } = await axe.run(document, { iframes: false });
            return violations.map((violation) => `${violation.id}: ${violation.nodes[0].html}`);
        }"""
        return [str(violation) for violation in page.evaluate(run)]

    return violations
