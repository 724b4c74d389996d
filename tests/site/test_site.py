"""The built site, in a browser: `make site` builds it, and then runs these tests."""

from __future__ import annotations

import functools
import http.server
import os
import re
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Locator, Page

Open = Callable[..., "Page"]

PAGES = (
    "index.html",
    "tour.html",
    "course/index.html",
    "course/a_value_that_remembers.html",
    "course/the_chain_rule_and_backpropagation_by_hand.html",
    "course/gradient_descent_and_its_relatives.html",
    "course/learning_to_read_digits.html",
    "player.html",
    "playground.html",
    "your_gradient.html",
    "how_it_works.html",
    "promises.html",
    "reference/index.html",
    "reference/values.html",
    "reference/operations.html",
    "reference/training.html",
    "reference/command_line.html",
    "speed.html",
    "changes.html",
    "search.html",
)
NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
CHAPTERS = tuple(f"course/{notebook.stem}.html" for notebook in sorted(NOTEBOOKS.glob("*.ipynb")))
PLAYERS = ("neuron", "paths_add", "classes", "kinks", "vanishing", "network")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that prints nothing."""

    def log_message(self, *arguments: object) -> None:
        pass


class Patient(http.server.ThreadingHTTPServer):
    """A server that says nothing when a browser closes the connection early."""

    def handle_error(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the site on a local server."""
    folder = os.environ.get("SITE")
    if folder is None:
        pytest.skip("the site is built and tested by: make site")
    if not (Path(folder) / "index.html").is_file():
        pytest.fail(f"there is no site in {folder}: make site")
    server = Patient(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def opened(address: str, browser: Browser) -> Iterator[Open]:
    """Opens a page of the site; an error in the browser, or a request to another host, fails the test."""
    contexts = []
    complaints: list[str] = []

    def open_page(path: str, **settings: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if is_elsewhere(request.url) else None)
        page.goto(f"{address}/{path}")
        return page

    def is_elsewhere(url: str) -> bool:
        return not url.startswith((address, "data:", "blob:", "about:"))

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def played(page: Page, name: str) -> FrameLocator:
    """A player in its frame on the page, scrolled to."""
    frame = f'iframe[src="players/{name}.html"]'
    page.locator(frame).scroll_into_view_if_needed()
    return page.frame_locator(frame)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_an_error_or_a_request_to_another_host(opened: Open, path: str) -> None:
    assert "scalar-autograd" in opened(path).title()


def test_the_old_address_of_a_chapter_leads_to_it(opened: Open) -> None:
    page = opened("course/09_learning_to_read_digits.html")
    page.wait_for_url("**/course/learning_to_read_digits.html")
    assert "Learning to read digits" in page.title()


def test_every_picture_of_the_course_is_told_in_words(address: str) -> None:
    folder = Path(os.environ["SITE"]) / "course"
    untold = [file.name for file in folder.glob("*.html") if 'alt="the picture that' in file.read_text("utf-8")]
    assert untold == []


@pytest.mark.parametrize("path", dict.fromkeys((*PAGES, *CHAPTERS)))
def test_nothing_is_cut_off_on_a_phone(opened: Open, path: str) -> None:
    """The theme hides what is too wide for the page, so only an element that scrolls may be wider."""
    wide = opened(path, **PHONE).evaluate(
        """() => [...document.querySelectorAll("[role=main] *")]
            .filter((element) => element.getBoundingClientRect().right > 391)
            .filter((element) => !element.parentElement.closest(
                "pre, .cell_output, .formula, .table-wrapper, math, svg"))
            .filter((element) => getComputedStyle(element).overflowX !== "auto" && !element.closest("math"))
            .map((element) => element.outerHTML.slice(0, 200))"""
    )
    assert wide == []


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(opened: Open, axe: Callable[[Page], list[str]], path: str, colours: str) -> None:
    assert axe(opened(path, color_scheme=colours)) == []


@pytest.mark.parametrize("name", PLAYERS)
def test_a_player_plays(opened: Open, name: str) -> None:
    page = opened("player.html")
    player = played(page, name)
    player.locator("#speed").select_option("60")
    player.locator("#play").click()
    page.wait_for_function(
        """(name) => {
            const frame = document.querySelector(`iframe[src="players/${name}.html"]`);
            const position = frame.contentDocument.getElementById("position");
            return Number(position.value) >= 8;
        }""",
        arg=name,
    )


@pytest.mark.parametrize("name", PLAYERS)
def test_a_player_opens_alone(opened: Open, name: str) -> None:
    page = opened("player.html")
    page.locator(f'figcaption a[href="players/{name}.html"]').click()
    page.wait_for_url(f"**/players/{name}.html")
    page.locator("#play").wait_for()


def test_a_player_is_dark_when_the_page_is_made_dark(opened: Open) -> None:
    page = opened("player.html", color_scheme="light")
    player = played(page, "neuron")
    player.locator("#play").wait_for()
    page.evaluate("document.body.dataset.theme = 'dark'")
    player.locator(":root[data-theme=dark]").wait_for(state="attached")


def test_the_language_is_kept_from_the_site_to_the_player_and_the_playground_and_back(opened: Open) -> None:
    page = opened("player.html")
    page.get_by_label("Language").select_option("zh-Hans")
    played(page, "neuron").get_by_role("button", name="播放").wait_for()
    page.locator('figcaption a[href="players/neuron.html"]').click()
    page.get_by_role("button", name="播放").wait_for()
    page.go_back()
    page.locator('.sidebar-tree a[href="playground.html"]').click()
    page.frame_locator("figure iframe").locator(":root[lang=zh-Hans]").wait_for(state="attached")
    page.locator('figcaption a[href="playground/index.html"]').click()
    page.get_by_label("语言").select_option("en")
    page.go_back()
    page.frame_locator("figure iframe").locator(":root[lang=en]").wait_for(state="attached")


@pytest.mark.parametrize("path", ["players/neuron.html", "playground/index.html"])
def test_an_address_asks_for_a_language_and_the_site_keeps_it(opened: Open, path: str) -> None:
    page = opened(f"{path}?lang=zh-Hans")
    page.locator(":root[lang=zh-Hans]").wait_for(state="attached")
    page.goto(page.url.split("/play")[0] + "/player.html")
    assert page.get_by_label("Language").input_value() == "zh-Hans"


def test_the_page_of_a_player_takes_the_language_of_the_address(opened: Open) -> None:
    page = opened("player.html?lang=zh-Hans")
    played(page, "neuron").locator(":root[lang=zh-Hans]").wait_for(state="attached")


@pytest.mark.parametrize("path", ["player.html", "playground.html"])
def test_a_page_has_one_control_for_the_language_and_one_for_the_colours(opened: Open, path: str) -> None:
    page = opened(path)
    assert page.get_by_label("Language").count() == 1
    assert page.locator(".theme-toggle:visible").count() == 1
    frame = page.frame_locator("figure.player iframe").first
    frame.locator("label:has(#language)").wait_for(state="hidden")
    assert frame.locator("#theme, #language").filter(visible=True).count() == 0


def test_search_finds_gradcheck(opened: Open) -> None:
    page = opened("index.html")
    page.locator("input[name=q]").first.fill("gradcheck")
    page.locator("input[name=q]").first.press("Enter")
    page.locator('#search-results a[href*="reference/checking.html"]').first.wait_for()


def test_search_shows_the_entry_of_a_name(opened: Open) -> None:
    page = opened("search.html?q=GradcheckError")
    page.locator("#search-results .kind-index .context", has_text=re.compile("^exception GradcheckError$")).wait_for()


@pytest.mark.parametrize("path", ["index.html", "tour.html", "how_it_works.html", "your_gradient.html", *CHAPTERS])
def test_code_and_its_output_are_read_without_scrolling(opened: Open, path: str) -> None:
    page = opened(path, viewport={"width": 1280, "height": 720})
    assert page.locator("div.highlight pre").count() > 0
    cut = page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("article pre, .cell_output")]
            .filter((element) => element.scrollWidth > element.clientWidth && !element.closest("details"))
            .map((element) => element.textContent.slice(0, 200))"""
    )
    assert cut == []


@pytest.mark.parametrize("path", CHAPTERS)
def test_a_chapter_has_a_title_and_headings_in_order_whose_words_fit_on_a_phone(opened: Open, path: str) -> None:
    page = opened(path, **PHONE)
    headings = page.locator("article").locator("h1, h2, h3, h4")
    levels = headings.evaluate_all("(all) => all.map((heading) => Number(heading.tagName[1]))")
    assert levels.count(1) == 1
    assert levels.count(2) >= 3
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert headings.locator("a.headerlink").count() == len(levels)
    page.add_style_tag(content="article :is(h1, h2, h3, h4) { overflow-wrap: normal !important; overflow: auto }")
    broken = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
    assert headings.evaluate_all(broken) == []


@pytest.mark.parametrize("path", CHAPTERS)
def test_a_chapter_links_to_its_notebook(opened: Open, path: str) -> None:
    page = opened(path)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this chapter as a notebook").click()
    notebook = NOTEBOOKS / f"{Path(path).stem}.ipynb"
    assert download.value.suggested_filename == notebook.name
    assert download.value.path().read_bytes() == notebook.read_bytes()


def copied(page: Page, block: Locator) -> str:
    """What the button of a block of code copies."""
    block.get_by_role("button", name="Copy").click()
    block.get_by_role("button", name="Copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def test_a_button_copies_the_code_of_a_cell(opened: Open) -> None:
    page = opened("index.html", **CLIPBOARD)
    code = copied(page, page.locator(".cell_input div.highlight").first)
    assert code.startswith("from autograd import Value")
    assert code.endswith("draw(y, show_partials=True)\n")


def test_a_button_copies_an_example_without_its_prompts(opened: Open) -> None:
    page = opened("reference/values.html", **CLIPBOARD)
    code = copied(page, page.locator("div.doctest div.highlight").first)
    assert ">>>" not in code
    compile(code, "copied", "exec")


def test_a_button_selects_the_code_where_copying_is_forbidden(opened: Open) -> None:
    page = opened("index.html")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden')); }")
    block = page.locator(".cell_input div.highlight").first
    block.get_by_role("button", name="Copy").click()
    block.get_by_role("button", name="Selected: press Ctrl+C").wait_for()
    assert str(page.evaluate("String(getSelection())")).startswith("from autograd import Value")


@pytest.mark.parametrize(("colours", "ground"), [("dark", (20, 23, 27)), ("light", (255, 255, 255))])
def test_the_ground_of_a_picture_is_that_of_the_page(opened: Open, colours: str, ground: tuple[int, int, int]) -> None:
    page = opened("index.html", color_scheme=colours)
    shot = page.locator(".cell_output img.graph").first.screenshot()
    assert Image.open(BytesIO(shot)).convert("RGB").getpixel((1, 1)) == ground


def test_a_picture_follows_when_the_page_is_made_dark(opened: Open) -> None:
    page = opened("index.html", color_scheme="light")
    page.evaluate("document.body.dataset.theme = 'dark'")
    shot = page.locator(".cell_output img.graph").first.screenshot()
    assert max(Image.open(BytesIO(shot)).convert("L").tobytes()[:2000]) < 255


@pytest.mark.parametrize("path", ["players/neuron.html", "playground/index.html"])
def test_without_scripts_a_page_says_that_it_needs_them_and_shows_no_controls(
    browser: Browser, address: str, path: str
) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{address}/{path}")
    message = page.locator("noscript p")
    assert "This page needs JavaScript." in message.inner_text()
    box = message.bounding_box()
    assert box is not None
    assert box["y"] < 100
    assert page.locator("button, select, input").filter(visible=True).count() == 0
    page.close()


def test_on_paper_a_dark_page_is_light_and_what_only_works_on_a_screen_is_left_out(opened: Open) -> None:
    page = opened("course/the_chain_rule_and_backpropagation_by_hand.html", color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "light"
    assert page.locator("button.copy, .skip-to-content, input[type=range]").filter(visible=True).count() == 0


def test_a_formula_is_drawn_by_the_browser(opened: Open) -> None:
    page = opened("course/a_value_that_remembers.html")
    assert page.locator("div.formula math mfrac").first.is_visible()


def test_a_solution_is_folded_away_until_it_is_asked_for(opened: Open) -> None:
    page = opened("course/a_value_that_remembers.html")
    solution = page.locator("details").first
    assert not solution.locator("math").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("math").first.is_visible()
