"""The page of a Value, opened in a real browser, and its formulas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograd import Value, explore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page of a Value from disk, without a network; any error or message of the browser fails the test."""
    contexts = []
    complaints: list[str] = []
    asked: list[str] = []

    def open_page(root: Value, paths_from: Value | None = None, **settings: Any) -> Page:
        file = tmp_path / "page.html"
        explore(root, file, paths_from=paths_from)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **settings})
        context.set_offline(True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.locator("#inputs tr").first.wait_for(state="attached")  # its script has run
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []


@pytest.fixture(scope="module")
def formulas(browser: Browser) -> Iterator[Callable[[str, Any], Any]]:
    """Runs a function of JavaScript, in which the modules of the formulas are `at`, on something that JSON can hold."""
    from autograd.explore import document

    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(
        content=document.scripts("names", "numbers", "primitives", "computation", "texts")
        + "globalThis.at = { erf, erfc, short, exact, read, Names, LANGUAGES, PRIMITIVES, Computation };"
    )

    def run(function: str, argument: Any) -> Any:
        # Numbers go as text, which keeps what JSON has no word for.
        result = page.evaluate(f"(given) => JSON.stringify(({function})(JSON.parse(given)))", json.dumps(argument))
        return json.loads(result)

    yield run
    context.close()
