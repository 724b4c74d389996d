"""Installs the pure wheel in a folder in Pyodide, with micropip, and draws there.

python try_pyodide.py dist

Pyodide is the npm package of the playground and runs in Node. micropip and what the wheel needs are downloaded with
pip, and served to it by an index of their own on this machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYODIDE = HERE.parent / "playground" / "node_modules" / "pyodide" / "pyodide.mjs"
LOCK = PYODIDE.with_name("pyodide-lock.json")  # which micropip goes with it


class Files(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing about it."""

    def log_message(self, *arguments: object) -> None:
        pass


def main() -> None:
    """Tries the wheel, and stops where it does not draw."""
    (wheel,) = Path(sys.argv[1]).resolve().glob("scalar_autograd-*-none-any.whl")
    with tempfile.TemporaryDirectory() as directory:
        index = Path(directory) / "simple"
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        download += ["--only-binary=:all:", "--dest", directory]
        subprocess.run([*download, wheel], check=True)
        locked = json.loads(LOCK.read_text(encoding="utf-8"))
        its_own = [f"{name}=={locked['packages'][name]['version']}" for name in ("micropip", "packaging")]
        python = ".".join(locked["info"]["python"].split(".")[:2])
        subprocess.run([*download, "--no-deps", "--python-version", python, *its_own], check=True)
        wheels = sorted(Path(directory).glob("*.whl"))
        for file in wheels:
            project = index / file.name.split("-")[0].replace("_", "-")
            project.mkdir(parents=True)
            page = f'<!doctype html><a href="/{file.name}">{file.name}</a>'
            (project / "index.html").write_text(page, encoding="utf-8")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=directory))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        # micropip itself, and what it needs, are unpacked.
        unpacked = [file.name for file in wheels if file.name.startswith(("micropip-", "packaging-"))]
        command = ["node", HERE / "draw_in_pyodide.mjs", PYODIDE, address, *unpacked]
        tried = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        server.shutdown()
    print(tried.stdout, end="")
    if tried.returncode:
        raise SystemExit(f"{wheel.name} does not draw in Pyodide")


if __name__ == "__main__":
    main()
