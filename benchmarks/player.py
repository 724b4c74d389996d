"""The player in a browser: how many frames a second it shows while it plays a large graph.

    .venv/bin/python benchmarks/player.py

A sum of products is opened in a headless Chromium, which has no graphics card, and played at 60 steps a second, seen as
a whole, and at 4 steps a second, which the picture follows. This needs Playwright and Chromium; it is no part of
`make bench`, whose environment has neither.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from autograd import Value, explore, topological_order

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FRAMES = """(seconds) => new Promise((resolve) => {
    const times = [];
    const frame = (now) => {
        times.push(now);
        if (now - times[0] < 1000 * seconds) {
            requestAnimationFrame(frame);
        } else {
            resolve(times);
        }
    };
    requestAnimationFrame(frame);
})"""


def main() -> None:
    """Prints the frames of each speed beside the bar they are to reach."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=124, help="products in the sum, of 4 nodes each")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each speed is played")
    options = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("this needs Chromium: apt-get install chromium")
    root = wide(options.terms)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"
        explore(root, file)
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(file.as_uri())
        print(f"Chromium {browser.version}, {platform.machine()}; {len(topological_order(root))} nodes\n")
        print("                        frames/s   longest frame, ms   bar, frames/s")
        for speed in ("60", "4"):
            page.get_by_label("Speed").select_option(speed)
            page.keyboard.press("Home")
            page.get_by_role("button", name="Play", exact=True).click()
            times = page.evaluate(FRAMES, options.seconds)
            page.get_by_role("button", name="Pause", exact=True).click()
            lengths = [after - before for before, after in pairwise(times)]
            print(f"{speed:>2} steps/s      {1000 / statistics.mean(lengths):15.1f} {max(lengths):19.1f} {60:15}")
        browser.close()


def wide(terms: int) -> Value:
    """A sum of that many products."""
    total = Value(0.0, label="start")
    for index in range(terms):
        total = total + Value(index / 100, label=f"a{index}") * Value(0.5, label=f"b{index}")
    return total


if __name__ == "__main__":
    main()
