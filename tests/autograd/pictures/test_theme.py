"""Pictures are light or dark as the page around them, and texts stay in their boxes in any font."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from autograd import RenderError, Value, draw, scope, tanh
from autograd.pictures import style, theme
from autograd.pictures.drawers import LAYOUTS, drawer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DARK, LIGHT = "#14171b", "#ffffff"
SMALLEST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3


def neuron() -> Value:
    """A neuron in a scope, with a constant, drawn with texts on the edges."""
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="weight"), Value(6.5, label="b")
    with scope("neuron"):
        y = tanh(x * w + b) ** 2
    y.backward()
    return y


@pytest.fixture(params=LAYOUTS)
def svg(request: pytest.FixtureRequest) -> str:
    """A picture, by each of those who can draw one."""
    try:
        drawer(request.param)
    except RenderError as error:
        pytest.skip(str(error))
    text: str = draw(neuron(), show_partials=True, layout=request.param).pipe("svg", encoding="utf-8")
    return text


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_each_colour_of_a_picture_has_one_for_the_dark() -> None:
    looks = [*style.LOOKS.values(), style.CLUSTER, {"color": style.EDGE_COLOUR}]
    used = {look[name] for look in looks for name in ("fillcolor", "color", "fontcolor") if name in look}
    assert {colour for colour in used if len(colour) == 7} - set(theme.DARK) == set()


@pytest.mark.parametrize("look", style.LOOKS)
def test_the_text_of_each_kind_of_box_can_be_read_in_the_dark(look: str) -> None:
    ground = theme.DARK[style.LOOKS[look]["fillcolor"]]
    text = theme.DARK[style.LOOKS[look].get("fontcolor", "#333333")]
    assert contrast(text, ground) >= SMALLEST_CONTRAST


def test_a_picture_that_the_user_edited_stays_as_it_is() -> None:
    picture = draw(neuron(), layout="dot" if drawer(None) == "dot" else "pygraphviz")
    picture.node("mine", fillcolor="yellow", style="filled")
    assert "<style>" not in picture.pipe("svg", encoding="utf-8")


def test_a_rendered_file_has_the_style_sheet_too(tmp_path: Path) -> None:
    file = Path(draw(neuron()).render(tmp_path / "graph"))
    assert theme.style_sheet() in file.read_text(encoding="utf-8")


def test_each_text_says_how_long_it_is(svg: str) -> None:
    texts = re.findall(r"<text ([^>]*)>", svg)
    assert len(texts) > 15
    assert [text for text in texts if "textLength" not in text] == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose reader has a light system."""
    opened = browser.new_page(viewport={"width": 1100, "height": 320}, color_scheme="light")
    yield opened
    opened.close()


def greys(page: Page) -> tuple[int, int]:
    """The grey of the ground in a corner of the picture, and the brightest in it."""
    from io import BytesIO

    from PIL import Image

    greys = Image.open(BytesIO(page.locator("#picture").screenshot())).convert("L").tobytes()
    return greys[0], max(greys)


@pytest.mark.parametrize(("ground", "scheme"), [(DARK, "dark"), (LIGHT, "light")])
def test_a_picture_as_an_image_is_dark_on_a_dark_page(page: Page, svg: str, ground: str, scheme: str) -> None:
    page.set_content(
        f'<body style="background: {ground}; color-scheme: {scheme}">'
        f'<img id="picture" src="data:image/svg+xml,{quote(svg)}">'
    )
    corner, brightest = greys(page)
    assert corner == (23 if scheme == "dark" else 255)
    assert brightest > 200


@pytest.mark.parametrize("mark", ['class="vscode-dark"', 'data-jp-theme-light="false"', 'data-theme="dark"'])
def test_a_picture_in_the_page_itself_is_dark_in_dark_editors(page: Page, svg: str, mark: str) -> None:
    page.set_content(f'<body {mark} style="background: {DARK}"><div id="picture">{svg[svg.index("<svg") :]}</div>')
    fill = page.locator(".node text").first.evaluate("(text) => getComputedStyle(text).fill")
    assert fill == "rgb(232, 234, 237)"
    assert greys(page)[0] == 23


def test_on_paper_a_picture_is_light(page: Page, svg: str) -> None:
    page.set_content(f'<body data-theme="dark">{svg[svg.index("<svg") :]}')
    page.emulate_media(media="print")
    assert page.locator(".node text").first.evaluate("(text) => getComputedStyle(text).fill") == "rgb(0, 0, 0)"


def test_texts_stay_in_their_boxes_in_a_wide_font(page: Page, svg: str) -> None:
    wide = re.sub(r'font-family="[^"]*"', 'font-family="DejaVu Sans"', svg[svg.index("<svg") :])
    page.set_content(f"<body>{wide}")
    crossing = page.evaluate(
        """() => [...document.querySelectorAll(".node")].flatMap((node) => {
            const box = node.querySelector("rect, path, polygon").getBoundingClientRect();
            return [...node.querySelectorAll("text")]
                .filter((text) => text.getBoundingClientRect().right > box.right - 1)
                .map((text) => text.textContent);
        })"""
    )
    assert crossing == []
