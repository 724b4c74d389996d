"""What the README and the tour show is true."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
TOKENS = [token for block in MarkdownIt().parse(README) for token in block.children or ()]
LINKS = [str(url) for token in TOKENS for url in (token.attrGet("href"), token.attrGet("src")) if url]
SITE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Homepage"]
CELLS = re.findall(r"```{code-cell}\n(.*?)```", TOUR, re.DOTALL)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("index", range(len(PROGRAMS)))
def test_a_program_in_the_readme_runs(index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(PROGRAMS[index], f"README.md program {index}", "exec"), {"__name__": "readme"})


def test_the_gradient_in_the_readme_is_the_one_that_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(PROGRAMS[0], {"__name__": "readme"})
    (promised,) = re.findall(r"print\(w\.grad\) +# (\S+)", PROGRAMS[0])
    assert capsys.readouterr().out.splitlines()[0] == promised


@pytest.mark.usefixtures("table")
def test_the_programs_of_the_tour_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(CELLS) > 5
    names = {"__name__": "tour"}
    for index, cell in enumerate(CELLS):
        exec(compile(cell, f"tour.md cell {index}", "exec"), names)


@pytest.mark.parametrize("page", ["your_gradient.md", "reference/testing.rst"])
def test_the_backward_pass_that_the_docs_check_is_right(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    if page.endswith(".md"):
        programs = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    else:
        programs = [textwrap.dedent(re.search(r"::\n\n((?:    .*\n|\n)+)", text)[1])]  # type: ignore[index]
    names: dict[str, Any] = {"__name__": page}
    for program in programs:
        exec(compile(program, page, "exec"), names)
    for function in [function for name, function in names.items() if name.startswith("test_")]:
        function()


@pytest.mark.slow
def test_the_program_of_the_readme_and_the_primitive_of_the_tour_pass_strict_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (softsign,) = [cell for cell in CELLS if "class Softsign" in cell]
    for name, text in (("ten_lines", PROGRAMS[0]), ("softsign", softsign)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent", "."]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.stdout == "Success: no issues found in 2 source files\n"


def test_the_readme_links_to_files_that_are_there() -> None:
    paths = [path for url in LINKS for path in re.findall(r"/main/(.*)", url)]
    assert len(paths) > 2
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readme_links_to_pages_that_the_site_has() -> None:
    pages = [url.removeprefix(SITE) for url in LINKS if url.startswith(SITE)]
    assert len(pages) > 5
    assert [page for page in pages if not sources_of(page)] == []


def sources_of(page: str) -> list[Path]:
    """What a page of the site is made from."""
    place = {"course/index.html": "notebooks/README"}.get(page, f"docs/{page.removesuffix('.html')}")
    return list(ROOT.glob(f"{place}.*"))


def test_the_readme_links_to_nothing_that_only_the_repository_knows() -> None:
    """The registry shows this text, too, at another address."""
    assert [url for url in LINKS if not url.startswith("https://")] == []


def test_every_label_of_a_link_in_the_readme_is_defined_and_used() -> None:
    assert [text.content for text in TOKENS if text.type == "text" and "[" in text.content] == []
    assert set(re.findall(r"^\[.+\]: (.*)", README, re.MULTILINE)) == set(LINKS)


def test_the_picture_in_the_readme_is_what_its_program_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(PROGRAMS[0], {"__name__": "readme"})
    drawn, shown = (
        re.findall(r"<text[^>]*>(.*?)</text>", path.read_text("utf-8"))
        for path in (Path("neuron.svg"), ROOT / "docs" / "neuron.svg")
    )
    assert sorted(drawn) == sorted(shown)


def test_the_targets_of_make_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        commands = re.findall(r"^    make ([a-z ]+)|`make ([a-z ]+)", text, re.MULTILINE)
        named = {target for command in commands for target in "".join(command).split()}
        assert len(named) > 2
        assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
