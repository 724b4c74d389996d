"""Links that lead nowhere are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.check_links import broken_links


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of two pages."""
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "index.html").write_text('<h1 id="top">A guide</h1><a href="../index.html">home</a>')
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        '<a href="guide/index.html#top">',
        '<a href="guide/">',
        '<a href="#here"></a><p id="here">',
        '<a href="https://example.org/page">',
        '<img src="data:image/gif;base64,R0lGOD">',
    ],
)
def test_a_link_that_leads_somewhere_is_fine(site: Path, link: str) -> None:
    (site / "index.html").write_text(link)
    assert broken_links(site) == []


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ('<a href="gone.html">', "index.html: gone.html: there is no such file"),
        ('<a href="guide/index.html#no">', "index.html: guide/index.html#no: there is no element with the id 'no'"),
        ('<a href="#no">', "index.html: #no: there is no element with the id 'no'"),
        ('<a href="../outside.html">', "index.html: ../outside.html: leads out of the site"),
        ('<a href="https://nowhere">', "index.html: https://nowhere: is no address of the web"),
        (
            '<script src="https://example.org/a.js">',
            "index.html: https://example.org/a.js: is loaded from another host",
        ),
        ('<link href="//example.org/a.css">', "index.html: //example.org/a.css: is loaded from another host"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(site: Path, link: str, problem: str) -> None:
    (site / "index.html").write_text(link)
    assert broken_links(site) == [problem]
