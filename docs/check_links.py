"""Finds the broken links of a built site: python docs/check_links.py out/site

A link inside the site must name an existing file and, after a #, an element in it. A link to another host must be well
formed, and what a page loads must not come from another host.
"""

from __future__ import annotations

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"src", "srcset", "poster", "data"}


class _Page(HTMLParser):
    """The links of a page, and its elements that can be linked to.

    links: each address, and whether the browser loads it without a click.
    anchors: the ids of its elements.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, bool]] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" and value is not None:
                self.anchors.add(value)
            elif name in LOADED | {"href"} and value:
                self.links.append((value, name in LOADED or tag == "link"))


def broken_links(site: Path) -> list[str]:
    """A line for each broken link of a site."""
    return [
        f"{file.relative_to(site)}: {address}: {problem}"
        for file in sorted(site.rglob("*.html"))
        for address, loaded in dict.fromkeys(_page(file).links)
        if (problem := _problem(site, file, address, loaded)) is not None
    ]


@cache
def _page(file: Path) -> _Page:
    return _Page(file.read_text(encoding="utf-8"))


def _problem(site: Path, file: Path, address: str, loaded: bool) -> str | None:
    parts = urlsplit(address)
    if parts.scheme == "data":
        return None
    if parts.scheme or parts.netloc:
        if loaded:
            return "is loaded from another host"
        return None if parts.scheme in ("https", "http") and "." in parts.netloc else "is no address of the web"
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(site.resolve()) and target != file:
        return "leads out of the site"
    if not target.is_file():
        return "there is no such file"
    if parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in _page(target).anchors:
        return f"there is no element with the id {parts.fragment!r}"
    return None


if __name__ == "__main__":
    found = broken_links(Path(sys.argv[1]))
    print("\n".join(found) if found else "every link leads somewhere")
    sys.exit(1 if found else 0)
