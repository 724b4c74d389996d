"""What an import loads: the standard library and nothing else."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

SOURCE = Path(autograd.__file__).resolve().parent.parent

LOADED = """
import sys
sys.path.insert(0, {source!r})
before = set(sys.modules)
import {package}
print(*sorted({{name.partition('.')[0] for name in set(sys.modules) - before}}))
"""


def loaded_by(package: str) -> set[str]:
    """The top-level modules that an import loads in an interpreter of its own, without site-packages."""
    program = LOADED.format(source=str(SOURCE), package=package)
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", program]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("package", ["autograd", "autograd_course", "nn"])
def test_an_import_loads_the_standard_library_only(package: str) -> None:
    foreign = loaded_by(package) - set(sys.stdlib_module_names) - {"autograd", "autograd_course", "nn"}
    # A compiled package brings one extension module with a name of its own.
    assert {name for name in foreign if not name.endswith("__mypyc")} == set()


def test_an_import_does_without_inspect_which_takes_long() -> None:
    assert "inspect" not in loaded_by("autograd")


def test_the_engine_does_not_import_the_networks() -> None:
    assert "nn" not in loaded_by("autograd")


@pytest.mark.parametrize("name", autograd.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert hasattr(autograd, name)


def test_no_public_name_is_listed_twice() -> None:
    assert len(autograd.__all__) == len(set(autograd.__all__))


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert (Path(autograd.__file__).parent / "py.typed").is_file()


def test_the_version_is_a_version() -> None:
    assert [part.isdigit() for part in autograd.__version__.split(".")[:2]] == [True, True]


@pytest.mark.parametrize(
    "module",
    ["engine.value", "engine.ops", "engine.graph", "engine.modes", "engine.diagnose", "composites", "functional"],
)
def test_every_module_of_the_engine_says_what_it_is_for(module: str) -> None:
    assert importlib.import_module(f"autograd.{module}").__doc__
