"""Where `make pythons` finds other versions of Python, and how it ends."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parent.parent / ".ci" / "try_pythons.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs of these tests are shell scripts")


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, in a place with no Python and no apt."""
    specification = importlib.util.spec_from_file_location("try_pythons", SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "try_pythons", module)
    specification.loader.exec_module(module)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return module


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def every_version(pythons: list[Any], folder: Path) -> list[str]:
    return [python.version for python in pythons]


def test_a_program_on_the_path_that_refuses_to_run_is_passed_over(script: ModuleType, tmp_path: Path) -> None:
    program(tmp_path / "path" / "python3.99", "echo 'python3.99: command not found'; exit 127")
    behind = program(tmp_path / "pyenv" / "versions" / "3.99.1" / "bin" / "python3.99", "echo 3.99")
    assert script.installed("3.99") == script.Python("3.99", behind, str(behind.parent))


def test_a_python_without_headers_is_passed_over(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    here = program(tmp_path / "path" / f"python{version}", f'exec {sys.executable} "$@"')
    assert script.installed(version) == script.Python(version, here, str(here.parent))
    monkeypatch.setattr(script, "TRIAL", script.TRIAL.replace("Python.h", "no.h"))
    assert script.installed(version) is None


def test_a_version_that_cannot_be_had_is_named_and_is_no_failure(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "failing", every_version)
    script.main(["3.99"])
    expected = "NOT TRIED: Python 3.99 is not here and cannot be had; the workflow `test` runs it\n"
    assert capsys.readouterr().out == expected


def test_a_version_that_fails_is_named_and_ends_with_an_error(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "path" / "python3.99", "echo 3.99")
    monkeypatch.setattr(script, "failing", every_version)
    with pytest.raises(SystemExit, match=r"^error: Python 3\.99 failed$"):
        script.main(["3.99"])


def test_a_python_in_which_nothing_can_be_installed_fails(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = program(tmp_path / "path" / "python3.99", "echo 'No module named venv' >&2; exit 1")
    assert script.environment(script.Python("3.99", broken, "here"), [], tmp_path) is None
    assert "No module named venv" in capsys.readouterr().out
