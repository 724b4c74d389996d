"""The playground, built once and served to a real browser from this machine alone."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from playground.build import FROM_NPM, NODE_MODULES, build
from playground.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing about it."""

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """One that takes it as it comes when a page is closed in the middle of a file."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            raise


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the playground; only where there is a browser to open it."""
    if not all((NODE_MODULES / package).is_dir() for package in FROM_NPM):
        pytest.skip("what the playground is made of is not here: npm install --prefix playground")
    folder = tmp_path_factory.mktemp("site") / "playground"
    build(folder)
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the playground is served."""
    server = Server(("127.0.0.1", 0), partial(Files, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


RECORD = """
globalThis.percents = [];
new MutationObserver(() => {
    const text = document.getElementById("percent")?.textContent;
    if (text && text !== globalThis.percents.at(-1)) {
        globalThis.percents.push(text);
    }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""
"""Keeps what a page says of how much of Python has started."""


class Visits:
    """Pages of the playground that stay open: Python starts once for each kind of page, not for each test."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self._address = address
        self._pages: dict[str, Page] = {}
        self._fresh: list[Page] = []
        self.complaints: list[str] = []

    def to(self, settings: str, *, fresh: bool = False, **options: Any) -> Page:
        """A page at these settings, as if it had just been opened; a fresh one really was, for one test."""
        kind = repr(options)
        if fresh or kind not in self._pages:
            page = self._new(options)
            if fresh:
                self._fresh.append(page)
            else:
                self._pages[kind] = page
            page.goto(f"{self._address}#{settings}")
            page.locator("body[data-experiment]").wait_for(timeout=90_000)  # on a busy machine Python starts slowly
            return page
        page = self._pages[kind]
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); document.querySelector('dialog').close(); scrollTo(0, 0)")
        page.locator("#speed").select_option("0")
        experiment = int(str(page.locator("body").get_attribute("data-experiment")))
        page.evaluate(
            "(settings) => { history.replaceState(null, '', '#'); location.hash = settings }",
            settings or Settings().address(),
        )
        page.locator(f"body:not([data-experiment='{experiment}'])").wait_for()
        return page

    def close_fresh(self) -> None:
        """Ends what the fresh pages do: one that trains on would slow down all that follows."""
        while self._fresh:
            self._fresh.pop().context.close()

    def _new(self, options: dict[str, Any]) -> Page:
        usual: dict[str, Any] = {
            "viewport": {"width": 1280, "height": 900},
            "locale": "en-GB",
            "permissions": ["clipboard-read", "clipboard-write"],
            "reduced_motion": "reduce",
        }
        context = self._browser.new_context(**{**usual, **options})
        context.on("request", lambda request: self._check(request.url))
        context.add_init_script(RECORD)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: self.complaints.append(f"{message.text} ({message.location['url']})"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"a dialog: {dialog.message}"))
        return page

    def _check(self, url: str) -> None:
        if not url.startswith((self._address, "about:srcdoc")):
            self.complaints.append(f"a request to {url}")


@pytest.fixture(scope="session")
def visits(browser: Browser, address: str) -> Visits:
    """The pages that are open."""
    return Visits(browser, address)


@pytest.fixture
def opened(visits: Visits) -> Iterator[Callable[..., Page]]:
    """Opens the playground; a message of the browser, or a request to anything but the server, fails the test."""
    visits.complaints.clear()
    yield visits.to
    visits.close_fresh()
    assert visits.complaints == []
