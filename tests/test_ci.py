"""The steps of `.ci/run`: what it prints, when it goes on, and the status with which it ends."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STEPS = ["setup", "lint", "types", "tests", "pages", "native", "peers", "dist", "pythons"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="CI runs a shell script on Linux")

# In place of make: prints its arguments, and fails where one of them is the file's name.
MAKE = """#!/usr/bin/env bash
echo "made $*"
for target in "$@"; do
    if [[ -e "$(dirname "$0")/break-$target" ]]; then echo "error: $target is broken"; exit 2; fi
done
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with nothing but `.ci/run`, and programs that it calls."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("make", MAKE), ("chromium", "#!/bin/sh\n"), ("debootstrap", "#!/bin/sh\n")):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    return tmp_path


def run(project: Path, *steps: str) -> tuple[int, str]:
    """The exit status, and what was printed."""
    finished = subprocess.run(
        ["bash", ".ci/run", *steps],
        cwd=project,
        env={"PATH": f"{project / 'programs'}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return finished.returncode, finished.stdout


def verdicts(printed: str) -> dict[str, str]:
    """The table at the end."""
    rows = re.findall(r"^(\w+) +(passed|FAILED|not run)(?: +\d+:\d\d)?$", printed, re.MULTILINE)
    return dict(rows)


def test_every_step_passes(project: Path) -> None:
    status, printed = run(project)
    assert (status, verdicts(printed)) == (0, dict.fromkeys(STEPS, "passed"))
    assert "made lint scripts\n" in printed


@pytest.mark.parametrize(("target", "step"), [("scripts", "lint"), ("types", "types"), ("site", "pages")])
def test_a_step_that_fails_does_not_stop_the_others(project: Path, target: str, step: str) -> None:
    (project / "programs" / f"break-{target}").touch()
    status, printed = run(project)
    assert (status, verdicts(printed)) == (1, {**dict.fromkeys(STEPS, "passed"), step: "FAILED"})
    *_, end = printed.split(f"{step} failed (all of it: out/ci/{step}.log):\n")
    assert end == f"error: {target} is broken\n"
    assert f"error: {target} is broken" in (project / "out" / "ci" / f"{step}.log").read_text(encoding="utf-8")


def test_without_an_environment_nothing_runs(project: Path) -> None:
    (project / "programs" / "break-setup").touch()
    status, printed = run(project)
    assert (status, verdicts(printed)) == (1, {**dict.fromkeys(STEPS, "not run"), "setup": "FAILED"})
    assert "made test" not in printed


def test_single_steps_can_be_run(project: Path) -> None:
    status, printed = run(project, "types", "dist")
    assert (status, list(verdicts(printed))) == (0, ["types", "dist"])


def test_a_step_that_there_is_not_is_refused(project: Path) -> None:
    assert run(project, "lnit") == (2, f"there is no step lnit; there are: {' '.join(STEPS)}\n")


def test_the_workflow_has_the_same_steps() -> None:
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    assert re.findall(r"run: \.ci/run (\w+)$", workflow, re.MULTILINE) == STEPS
