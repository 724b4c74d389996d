"""The page of a report: its table, and the picture of the error of differences against their step."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd import Value, gradcheck
from autograd.check.curve import Difference, Line, picture
from autograd.check.page import Section, page
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.testing import check_gradient, check_linear

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def errors(line: Line, slope: float) -> dict[int, float]:
    """The relative error of differences, by the whole powers of ten of their steps."""
    found = {math.log10(step): abs(number - slope) / abs(slope) for step, number in line.differences()}
    return {round(power): error for power, error in found.items() if abs(power - round(power)) < 1e-9}


def test_the_errors_of_differences_make_a_v() -> None:
    found = errors(Line(math.exp, 0.0), 1.0)
    assert found[-1] == pytest.approx(1e-2 / 6, rel=1e-2)  # h^2/6 f''', where truncation is all
    assert found[-2] == pytest.approx(1e-4 / 6, rel=1e-2)
    assert min(found.values()) < 1e-9
    assert found[-12] > 1e-6  # epsilon/h, where rounding is


def test_steps_come_near_enough_to_a_tiny_number() -> None:
    found = Line(lambda x: 1.0 / x if x else math.nan, 1e-9).differences()
    assert min(abs(slope + 1e18) / 1e18 for _, slope in found) < 1e-6


def test_differences_where_the_function_is_not_defined_are_left_out() -> None:
    found = Line(lambda x: math.log(x) if x > 0.0 else math.nan, 0.01).differences()
    assert len(found) > 0
    assert max(step for step, _ in found) < 0.01


def test_rows_are_equal_whatever_their_lines_are_and_can_be_copied() -> None:
    report = check_gradient(lambda x: x * x, lambda x: 2 * x, 3.0)
    again = check_gradient(lambda x: x * x, lambda x: 2 * x, 3.0)
    assert report.rows == again.rows == pickle.loads(pickle.dumps(report)).rows == copy.deepcopy(report).rows


def test_a_report_keeps_its_picture_when_it_is_pickled() -> None:
    report = check_gradient(lambda x: x * x, lambda x: 3 * x, 3.0)
    assert "<svg" not in pickle.loads(pickle.dumps(report)).to_html()
    assert "<svg" in report.to_html()
    assert "<svg" in pickle.loads(pickle.dumps(report)).to_html()


def test_the_picture_takes_evaluations_when_it_is_drawn_and_once() -> None:
    calls = 0

    def f(x: float) -> float:
        nonlocal calls
        calls += 1
        return x**3

    report = check_gradient(f, lambda x: 3 * x * x, 2.0)
    assert calls == report.calls
    drawn = report.to_html()
    assert 0 < calls - (report.calls or 0) <= 100
    before = calls
    assert report.to_html() == drawn
    assert calls == before


@pytest.mark.parametrize(
    "check",
    [
        lambda: gradcheck(lambda x: x.exp(), [0.5], order=2),
        lambda: check_gradient(lambda x: float((x * x).sum()), lambda x: 2 * x, np.ones(300)),
        lambda: check_gradient(lambda x: np.float32((x * x).sum()), lambda x: 2 * x, np.ones(2, dtype=np.float32)),
    ],
    ids=["values", "directions", "float32"],
)
def test_every_kind_of_check_has_a_picture(check: Callable[[], GradcheckReport]) -> None:
    assert "<svg" in check().to_html()


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_linear(lambda v: [2.0 * v[0]], lambda w: [2.0 * w[0]], [1.0]),
        lambda: check_gradient(lambda x: 1.0, lambda x: 0.0, 1.0),
        lambda: GradcheckReport([], "nowhere"),
    ],
    ids=["no line", "derivative 0", "no rows"],
)
def test_where_there_is_nothing_to_draw_there_is_no_picture(check: Callable[[], GradcheckReport]) -> None:
    assert "<figure" not in check().to_html()


def test_checking_values_for_the_picture_leaves_them_as_they_were() -> None:
    x = Value(0.5)
    gradcheck(lambda x: x.exp(), [x]).to_html()
    assert x.data == 0.5


def test_the_picture_has_both_errors_on_the_same_axes() -> None:
    drawn = picture("d/dx", [Difference(1e-1, 1.01), Difference(1e-3, 1.0001)], checked=2.0, found=1.0)
    svg = ElementTree.fromstring(drawn)
    heights = {
        line.get("class"): [float(point.split(",")[1]) for point in str(line.get("points")).split()]
        for line in svg.iter("polyline")
    }
    assert heights["found"][0] < heights["found"][1]  # the error falls; y points down
    assert heights["checked"][0] == pytest.approx(heights["checked"][1], abs=1.0)  # it stays
    assert heights["checked"][1] < heights["found"][1]


def test_an_error_of_0_is_drawn_and_one_too_large_is_too() -> None:
    drawn = picture("d/dx", [Difference(1e-1, 1.0), Difference(1e-3, 1e300)], checked=1.0, found=1.0)
    assert "nan" not in drawn
    assert "10⁻¹⁷" in drawn


def test_what_a_user_wrote_is_escaped() -> None:
    row = GradcheckRow("<script>", 1, 1.0, 1.0, 0.0, "ok", Line(lambda x: x, 1.0))
    text = GradcheckReport([row], '"><script>', notes=["<script>"]).to_html("<script>")
    assert "<script" not in text
    assert '"><script' not in text
    assert text.count("&lt;script&gt;") >= 6


def test_what_did_not_pass_comes_first_and_is_open() -> None:
    text = page("checks", [Section("a", "ok", ""), Section("b", "unsure", ""), Section("c", "wrong", "")])
    assert '<details class="ok"><summary><b>✓ right</b>a' in text
    assert '<details class="wrong" open><summary><b>✗ wrong</b>c' in text
    assert text.index("</b>b") < text.index("</b>c") < text.index("</b>a")
    assert "<p>1 right, 1 unsure, 1 wrong</p>" in text
    assert "nothing was checked" in page("checks", [])


def test_a_report_is_saved_as_a_page(tmp_path: Path) -> None:
    report = check_gradient(lambda x: x * x, lambda x: 2 * x, 3.0)
    report.save(tmp_path / "report.html", "Squares")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert text == report.to_html("Squares")
    assert "<h1>Squares</h1>" in text
    with pytest.raises(ValueError, match=r"such as report\.html, not to '.*report\.json'"):
        report.save(tmp_path / "report.json")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_a_screen_and_everybody_can_read_it(
    browser: Browser, axe: Callable[[Page], list[str]], tmp_path: Path, scheme: str, width: int
) -> None:
    wrong = check_gradient(lambda x: float((x**3).sum()), lambda x: -3 * x * x, np.arange(1.0, 6.0))
    wrong.save(tmp_path / "report.html", "a_long_name_without_any_space_" * 4)
    opened = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    opened.goto((tmp_path / "report.html").as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.locator("svg").bounding_box()["width"] > 250  # type: ignore[index]
    assert axe(opened) == []
    opened.close()
