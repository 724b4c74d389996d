"""Writes the playground as a folder that any web server can serve, and that loads nothing from elsewhere.

    python playground/build.py FOLDER

The folder is replaced. It holds the page and its scripts, the scripts of the player that they share, the library as a
pure wheel, and Pyodide from its npm package. The page brings the experiment that it opens with, so that it can show it
before Python has started in the browser.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
PLAYER = PROJECT / "autograd" / "explore" / "page"
NODE_MODULES = HERE / "node_modules"

PAGE = ("playground.css", *sorted(path.name for path in HERE.glob("*.js")))
PYTHON = ("settings.py", "experiment.py", "program.py", "session.py")
SHARED = ("arithmetic.js", "choices.js", "look.css", "elements.js", "language.js", "numbers.js", "primitives.js")
FROM_NPM = {  # package.json says whose work it is, and under which license
    "pyodide": (
        "pyodide.mjs",
        "pyodide.asm.mjs",
        "pyodide.asm.wasm",
        "python_stdlib.zip",
        "pyodide-lock.json",
        "package.json",
    ),
}


def main() -> None:
    """Builds the playground into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    build(parser.parse_args().folder)


def build(folder: Path) -> None:
    """Writes the playground into `folder`, whole or not at all.

    Raises:
        FileNotFoundError: the folder above `folder` does not exist, or npm is not installed.
        subprocess.CalledProcessError: npm or the build of the wheel failed; standard error says why.
    """
    if not folder.resolve().parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(folder)!r}: there is no folder {str(folder.resolve().parent)!r}")
    install_npm_packages()
    with tempfile.TemporaryDirectory(dir=folder.resolve().parent, prefix=".playground-") as scratch:
        unfinished = Path(scratch) / "playground"
        write(unfinished)
        if folder.exists():
            shutil.rmtree(folder)
        unfinished.rename(folder)


def install_npm_packages() -> None:
    """Installs the packages of package.json with npm, unless they are there."""
    if all((NODE_MODULES / package).is_dir() for package in FROM_NPM):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm, which fetches Pyodide, is not installed: https://nodejs.org/en/download")
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(install, cwd=HERE, check=True)


def write(folder: Path) -> None:
    """Writes all files into a folder that does not exist yet."""
    for name in PAGE:
        copy(HERE / name, folder / name)
    for name in SHARED:
        copy(PLAYER / name, folder / "player" / name)
    for package, names in FROM_NPM.items():
        target = folder / package
        for name in names:
            copy(NODE_MODULES / package / name, target / Path(name).name)
    (folder / "python").mkdir()
    with zipfile.ZipFile(folder / "python" / "playground.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in PYTHON:
            archive.write(HERE / name, f"playground/{name}")
    write_wheel(folder / "python" / "scalar_autograd.whl")
    parts = {
        "POLICY": policy(),
        # In the page itself: a browser asks for an icon again whenever the address changes.
        "ICON": "data:image/svg+xml," + urllib.parse.quote((HERE / "icon.svg").read_text(encoding="utf-8").strip()),
        "MODULES": preloaded(folder),
        "SNAPSHOT": json_text(snapshot(folder)),
    }
    template = (HERE / "index.html").read_text(encoding="utf-8")
    page = re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], template)
    (folder / "index.html").write_text(page, encoding="utf-8")


def copy(source: Path, target: Path) -> None:
    """Copies a file, and makes the folder of the target if needed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def policy() -> str:
    """The content security policy of the page.

    The player of a weight is in a frame, which is bound by the policy of the page around it. So the page allows, by
    their hashes, the one script and the one style of all pages of `autograd.explore`.
    """
    from autograd import Value, explore

    allowed = dict(re.findall(r"(script|style)-src ('sha256-[^']+')", explore(Value(1.0)).html))
    return (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {allowed['script']}; "
        f"style-src 'self' {allowed['style']}; worker-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def preloaded(folder: Path) -> str:
    """Links to all scripts of the page, so that the browser does not find them one import after the other."""
    scripts = [*folder.glob("*.js"), *folder.glob("player/*.js")]
    names = sorted(script.relative_to(folder).as_posix() for script in scripts if script.name != "worker.js")
    return "\n".join(f'<link rel="modulepreload" href="{name}">' for name in names)


def snapshot(folder: Path) -> dict[str, Any]:
    """What the page shows before Python has started: the choices, and the experiment that an empty address means.

    `bytes` is the size of what the page's worker has to download for Python.
    """
    from playground.session import Session

    session = Session()
    downloads = ["pyodide/pyodide.asm.wasm", "pyodide/python_stdlib.zip", "pyodide/pyodide-lock.json"]
    downloads += ["python/scalar_autograd.whl", "python/playground.zip"]
    return {
        "choices": session.choices(),
        "opened": session.open(""),
        "begun": session.begin(),
        "bytes": sum((folder / name).stat().st_size for name in downloads),
    }


def json_text(data: dict[str, Any]) -> str:
    r"""Data as JSON that can stand in a script of a page.

    >>> print(json_text({"text": "</script>"}))
    {"text":"\u003c/script\u003e"}
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def write_wheel(file: Path) -> None:
    """The library as a wheel without native code, built from a copy so that files of older builds stay out."""
    with tempfile.TemporaryDirectory() as scratch:
        sources, built = Path(scratch) / "sources", Path(scratch) / "built"
        sources.mkdir()
        for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
            copy(PROJECT / name, sources / name)
        for name in ("autograd", "autograd_course", "nn"):
            ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.so", "*.pyd")
            shutil.copytree(PROJECT / name, sources / name, ignore=ignored)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(sources)]
        done = subprocess.run(
            command,
            env={**os.environ, "SCALAR_AUTOGRAD_PURE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.stderr.write(done.stdout)
            raise subprocess.CalledProcessError(done.returncode, command)
        (wheel,) = built.glob("*-py3-none-any.whl")
        copy(wheel, file)


if __name__ == "__main__":
    sys.path[0] = str(PROJECT)  # where the package `playground` is, instead of its own folder
    main()
