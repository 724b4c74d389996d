"""The playground in a browser: how long until the first epoch can be trained, and how long an epoch takes.

    make playground
    .venv/bin/python benchmarks/playground.py out/playground

The folder is served from this machine to a headless Chromium that has never seen it. First use is the time from the
navigation to the moment at which the page can train; then epochs of 100 points through a 2-4-2-1 network are timed in
the page, with the message to the worker and the answer. This needs Playwright and Chromium; it is no part of
`make bench`, whose environment has neither.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
EPOCHS = """async (epochs) => {
    const { Session } = await import("./session.js");
    const session = new Session();
    await session.ask("open", "points=100&test=0&layers=4,2");
    await session.ask("begin");
    const times = [];
    for (let epoch = 0; epoch < epochs; epoch += 1) {
        const began = performance.now();
        await session.ask("train");
        times.push(performance.now() - began);
    }
    return times;
}"""


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing about it."""

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""


def main() -> None:
    """Prints both times beside the bars they are to stay under."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the playground was built")
    parser.add_argument("--starts", type=int, default=5, help="how often the page is opened, each time anew")
    parser.add_argument("--epochs", type=int, default=50, help="how many epochs are timed")
    options = parser.parse_args()
    if not (options.folder / "index.html").is_file():
        sys.exit(f"there is no playground in {options.folder}: make playground")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("this needs Chromium: apt-get install chromium")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(options.folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        starts = []
        for _ in range(options.starts):
            browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
            starts.append(first_use(browser, address))
            version = browser.version
            browser.close()
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        page = browser.new_page()
        page.goto(address)
        page.locator("body[data-experiment]").wait_for(timeout=120_000)
        epochs = page.evaluate(EPOCHS, options.epochs)
        browser.close()
    print(f"Chromium {version}, {platform.machine()}\n")
    print("                                             best    median   bar")
    print(f"first use, s                            {min(starts):9.2f} {statistics.median(starts):9.2f}     5")
    print(f"an epoch of 100 points, 2-4-2-1, ms     {min(epochs):9.1f} {statistics.median(epochs):9.1f}   150")


def first_use(browser: Browser, address: str) -> float:
    """Seconds from the navigation to the moment at which an epoch can be trained."""
    page = browser.new_page()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("body[data-experiment]").wait_for(timeout=120_000)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
