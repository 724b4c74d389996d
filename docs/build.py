"""Builds the site into a folder: python docs/build.py out/site

The folder is replaced only if the build succeeds. A warning of Sphinx or a broken link is an error. The output of the
code on the pages is cached in out/site-build until that code or the library changes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from autograd import backend  # noqa: E402 - ROOT is on the path now
from autograd.explore import document  # noqa: E402
from docs.check_links import broken_links  # noqa: E402
from docs.players import write_players  # noqa: E402

WORK = ROOT / "out" / "site-build"
OLD_CHAPTERS = (
    "01_a_value_that_remembers",
    "02_derivatives_and_their_numerical_shadows",
    "03_partial_derivatives_and_the_gradient",
    "04_the_chain_rule_and_backpropagation_by_hand",
    "05_minima_maxima_saddles",
    "06_gradient_descent_and_its_relatives",
    "07_constraints",
    "08_a_neuron_a_layer_a_network",
    "09_learning_to_read_digits",
    "10_from_scalars_to_tensors",
)
"""The names of chapters that had the number of their place in them."""


def main() -> int:
    """Builds the site and returns the exit code."""
    parser = argparse.ArgumentParser(description="Builds the site.")
    parser.add_argument("folder", type=Path, help="where to put the site; an older one is replaced")
    folder = parser.parse_args().folder
    if backend() != "python":
        print("the site shows the plain Python source, but the engine is compiled here: make plain", file=sys.stderr)
        return 1
    if not (ROOT / "docs" / "node_modules").is_dir():
        print("the font of the formulas is missing: npm install --prefix docs", file=sys.stderr)
        return 1
    source, extra, built = (_empty(WORK / name) for name in ("source", "extra", "built"))
    _gather(source)
    script = document.scripts("choices") + document.inlined(_text("docs/page.js"))
    (WORK / "page.js").write_text(f"{{\n{script}}}\n", encoding="utf-8")  # the block keeps its names to itself
    (extra / "players").mkdir()
    write_players(extra / "players")
    _redirect(extra)
    subprocess.run([sys.executable, ROOT / "playground" / "build.py", extra / "playground"], check=True)
    if not _run_sphinx(source, extra, built):
        return 1
    broken = broken_links(built)
    if broken:
        print("\n".join(broken), file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(built, folder)
    print(f"the site is in {folder}: python -m http.server --directory {folder}")
    return 0


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _gather(source: Path) -> None:
    """Collects what Sphinx reads: the pages of this folder, and those that lie elsewhere in the project."""
    for pattern in ("*.md", "reference/*"):
        for page in (ROOT / "docs").glob(pattern):
            target = source / page.relative_to(ROOT / "docs")
            target.parent.mkdir(exist_ok=True)
            shutil.copy(page, target)
    course = Path(shutil.copytree(ROOT / "notebooks", source / "course", ignore=shutil.ignore_patterns(".*", "*.md")))
    first_page = _text("notebooks/README.md")
    chapters = "\n".join(re.findall(r"\]\((\w+)\.ipynb\)", first_page))
    (course / "index.md").write_text(f"{first_page}\n```{{toctree}}\n:hidden:\n{chapters}\n```\n", encoding="utf-8")
    (source / "changes.md").write_text(_text("CHANGELOG.md"), encoding="utf-8")
    measurements = _text("benchmarks/README.md").replace("](../examples/", "](examples/")
    (source / "measurements.md").write_text("---\norphan: true\n---\n\n" + measurements, encoding="utf-8")
    shutil.copytree(ROOT / "examples", source / "examples")
    shutil.copy(ROOT / "docs" / "players.py", source)
    (source / "engine").mkdir()
    shutil.copy(ROOT / "autograd" / "engine" / "ops.py", source / "engine")


def _redirect(extra: Path) -> None:
    """Pages at addresses that chapters had before, each of which leads to where the chapter is now."""
    (extra / "course").mkdir()
    for old in OLD_CHAPTERS:
        new = re.sub(r"^\d+_", "", old) + ".html"
        (extra / "course" / f"{old}.html").write_text(
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Moved - scalar-autograd</title>'
            f'<link rel="icon" href="data:,"><link rel="canonical" href="{new}">'
            f'<meta http-equiv="refresh" content="0; url={new}">'
            f'<p>This chapter has moved: <a href="{new}">{new}</a></p></html>\n',
            encoding="utf-8",
        )


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _run_sphinx(source: Path, extra: Path, built: Path) -> bool:
    """Runs Sphinx; returns whether it built the pages without a warning."""
    profile = WORK / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(
        'c.InlineBackend.figure_formats = {"svg"}\nc.IPKernelApp.log_level = "ERROR"\n', encoding="utf-8"
    )
    environment = {
        **os.environ,
        "IPYTHONDIR": str(WORK / "ipython"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    outputs = WORK / "outputs" / _library_hash()
    for old in WORK.glob("outputs/*"):
        if old != outputs:
            shutil.rmtree(old)
    command = [sys.executable, "-m", "sphinx", "-E", "-W", "--keep-going", "-q", "-b", "html"]
    command += ["-c", str(ROOT / "docs"), "-d", str(WORK / "doctrees")]
    command += ["-D", f"nb_execution_cache_path={outputs}", "-D", f"html_extra_path={extra}"]
    return subprocess.run([*command, str(source), str(built)], env=environment).returncode == 0


def _library_hash() -> str:
    """A hash of the library's source."""
    total = hashlib.sha256()
    for file in sorted(
        path for package in ("autograd", "autograd_course", "nn") for path in (ROOT / package).rglob("*.*")
    ):
        if file.suffix in (".py", ".js", ".css", ".html") and "node_modules" not in file.parts:
            total.update(file.read_bytes())
    return total.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
