"""`.ci/try_minimal.py`, which draws on a minimal Linux: where it cannot be made, a line says why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

# In place of a program that has `main` do its work in a mount namespace of its own.
UNSHARE = "shift 3; exec $@"
DEBOOTSTRAP = "echo E: no keys; exit 1"
APT = "echo http://mirror.invalid/debian stable-updates main; echo http://mirror.invalid/debian stable main"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the program and a wheel, and no other program in the path."""
    for folder in (".ci", "dist", "programs"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / ".ci" / "try_minimal.py", tmp_path / ".ci")
    (tmp_path / "dist" / "scalar_autograd-0.1.0-py3-none-any.whl").touch()
    return tmp_path


def add(project: Path, **programs: str) -> None:
    for name, script in programs.items():
        file = project / "programs" / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        file.chmod(0o755)


def tried(project: Path) -> tuple[int, str]:
    """The exit status, and what was printed."""
    done = subprocess.run(
        [sys.executable, project / ".ci" / "try_minimal.py", project / "dist"],
        env={"PATH": str(project / "programs")},
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.returncode, done.stdout


def test_what_is_missing_is_named(project: Path) -> None:
    missing = "debootstrap is missing: apt-get install debootstrap" if IS_ROOT else "this needs root"
    assert tried(project) == (0, f"skipped: on a minimal Linux nothing was tried, since {missing}\n")


@pytest.mark.skipif(not IS_ROOT, reason="only root makes a system")
def test_packages_that_cannot_be_had_are_a_reason_too(project: Path) -> None:
    add(project, debootstrap=DEBOOTSTRAP, unshare=UNSHARE, apt_get=APT)
    status, printed = tried(project)
    assert (status, printed.rpartition("since ")[2]) == (0, "debootstrap failed: E: no keys\n")
    assert not (project / "out" / "minimal" / "system").exists()


def test_a_folder_without_a_wheel_is_refused(project: Path) -> None:
    (project / "dist" / "scalar_autograd-0.1.0-py3-none-any.whl").unlink()
    assert tried(project) == (1, "")
