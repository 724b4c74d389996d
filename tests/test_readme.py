"""What the README and the tour show is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
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


def test_the_readme_links_to_files_that_are_there() -> None:
    linked = re.findall(r"\]\(([^)#]+)", README)
    assert len(linked) > 8
    assert [path for path in linked if not (ROOT / path).exists()] == []


def test_the_targets_of_make_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        commands = re.findall(r"^    make ([a-z ]+)|`make ([a-z ]+)", text, re.MULTILINE)
        named = {target for command in commands for target in "".join(command).split()}
        assert len(named) > 2
        assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
