"""Tries the distributions in a folder: the sources, a native wheel and a pure one, and the plugin for pytest.

python try_distributions.py dist

The sources are all of the repository, and build the same files again in another folder. Each wheel is installed with
its dependencies, and tried with them alone; then with the libraries of this Python, which the extras bring; and mypy
finds its types. The native wheel is tested as cibuildwheel does it: its command, with what it requires, away from the
sources. The plugin is installed beside the pure wheel, and runs the tests of a user.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cibuildwheel"]
MADE = ("PKG-INFO", "setup.cfg", "scalar_autograd.egg-info/")  # setuptools adds these to the sources
ALONE = """
from pathlib import Path
import autograd, nn
x = autograd.Value(2.0, label="x")
autograd.draw(autograd.tanh(x**3), "tanh.svg", layout="python")
assert "<svg" in Path("tanh.svg").read_text(encoding="utf-8")
print(autograd.backend())
"""
PLUGIN = "pytest_gradcheck"
TESTS_OF_A_USER = """
import pytest

def test_right(gradcheck):
    gradcheck(lambda x: x * x, lambda x: 2 * x, 3.0)

def test_wrong(gradcheck):
    with pytest.raises(AssertionError, match="has the wrong sign"):
        gradcheck(lambda x: x * x, lambda x: -2 * x, 3.0)
"""


def main() -> None:
    """Tries all of them, and stops at one that is not what it should be."""
    distributions = sorted(Path(sys.argv[1]).resolve().iterdir())
    plugin = [file for file in distributions if file.name.startswith(PLUGIN)]
    ours = [file for file in distributions if file not in plugin]
    pure = [file for file in ours if file.name.endswith("-none-any.whl")]
    native = [file for file in ours if file.suffix == ".whl" and file not in pure]
    sources = [file for file in ours if file.name.endswith(".tar.gz")]
    if (len(ours), len(pure), len(native), len(sources), len(plugin)) != (3, 1, 1, 1, 2):
        raise SystemExit(
            f"there should be the sources, a native wheel and a pure one, and two of the plugin, not {distributions}"
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        compare_with_the_repository(sources[0])
        build_again(sources[0], folder / "built" / "again", distributions)
        for wheel, backend in ((native[0], "native"), (pure[0], "python")):
            install(folder / backend, wheel)
            try_alone(wheel, folder / backend, backend)
            if backend == "native":
                test(folder / backend)
            try_all(wheel, folder / backend)
            try_types(wheel, folder / backend)
        for number, distribution in enumerate(plugin):
            try_plugin(distribution, pure[0], folder / f"plugin {number}")


def compare_with_the_repository(sources: Path) -> None:
    """The sources are what git tracks; without git there is nothing to compare them with."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if listed.returncode != 0:
        print(f"{sources.name}: not compared with the repository, which is not here")
        return
    with tarfile.open(sources) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}
    held = {name for name in names if not name.startswith(MADE)}
    different = sorted(held ^ {name for name in listed.stdout.splitlines() if (ROOT / name).exists()})
    if different:
        raise SystemExit(f"{sources.name} and the repository differ in {', '.join(different)}: see MANIFEST.in")
    print(f"{sources.name}: {len(held)} files, those of the repository")


def build_again(sources: Path, folder: Path, distributions: list[Path]) -> None:
    """Unpacks the sources in a folder, builds all distributions there, and compares them with those that there are."""
    with tarfile.open(sources) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    build = [sys.executable, "-m", "build", "--outdir", folder / "dist"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCALAR_AUTOGRAD_")}
    for command, variables in (
        (build, {}),
        ([*build, "--wheel"], {"SCALAR_AUTOGRAD_PURE": "1"}),
        ([*build, "plugin"], {}),
    ):
        subprocess.run(command, cwd=unpacked, env=environment | variables, stdout=subprocess.DEVNULL, check=True)
    for distribution in distributions:
        if (folder / "dist" / distribution.name).read_bytes() != distribution.read_bytes():
            raise SystemExit(f"{distribution.name} has other bytes where it is built again, in {folder}")
    print("all were built again, in another folder and without git, with the same bytes")


def install(folder: Path, *distributions: Path) -> None:
    """Installs distributions with their dependencies into a new environment."""
    venv.create(folder, with_pip=True)
    pip(folder, "install", *map(str, distributions))
    pip(folder, "check")


def try_alone(wheel: Path, folder: Path, backend: str) -> None:
    """Imports, differentiates and draws with what pip installed, and nothing else."""
    command = [python_in(folder), "-W", "error", "-c", ALONE]
    tried = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    if (tried.returncode, tried.stdout) != (0, f"{backend}\n"):
        raise SystemExit(f"{wheel.name} is not what it should be, with its dependencies alone: {tried.stdout}")


def try_all(wheel: Path, folder: Path) -> None:
    """Imports every module and checks every primitive; what else they need is taken from this Python."""
    command = [python_in(folder), "-W", "error", ROOT / ".ci" / "try_installed.py", ROOT, sysconfig.get_path("purelib")]
    tried = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        raise SystemExit(f"{wheel.name} is not what it should be")
    *found, backend = tried.stdout.splitlines()
    print(f"{wheel.name}: {', '.join([backend, *found])}", flush=True)


def try_types(wheel: Path, folder: Path) -> None:
    """Runs mypy on a user's program, typed.py, which sees what is installed and not the sources."""
    text = (ROOT / ".ci" / "typed.py").read_text(encoding="utf-8")
    program = folder / "typed" / "program.py"
    program.parent.mkdir()
    options = ["--strict", "--config-file=", f"--cache-dir={folder / 'mypy'}", "--python-executable", python_in(folder)]
    environment = {name: value for name, value in os.environ.items() if name not in ("MYPYPATH", "PYTHONPATH")}

    def errors(text: str) -> list[str]:
        program.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", *options, program.name]
        tried = subprocess.run(command, cwd=program.parent, env=environment, stdout=subprocess.PIPE, text=True)
        return [line for line in tried.stdout.splitlines() if ": error: " in line]

    mark = "  # type: ignore["
    mistakes = [number for number, line in enumerate(text.splitlines(), start=1) if mark in line]
    unwanted = errors(text)
    found = errors("\n".join(line.partition(mark)[0] for line in text.splitlines()))
    if unwanted or [int(line.split(":")[1]) for line in found] != mistakes:
        told = "\n".join(unwanted or found)
        raise SystemExit(
            f"{wheel.name} has other types than .ci/typed.py says, where mypy must find {mistakes}:\n{told}"
        )
    print(f"{wheel.name}: typed for users, {len(mistakes)} mistakes found", flush=True)


def test(folder: Path) -> None:
    """Runs cibuildwheel's test command on what is installed, with what it requires, away from the sources."""
    pip(folder, "install", *SETTINGS["test-requires"])
    sources = folder / "test-sources"
    for name in SETTINGS["test-sources"]:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        sources.mkdir(exist_ok=True)
        copy(ROOT / name, sources / name)
    environment = os.environ | {"PATH": f"{python_in(folder).parent}{os.pathsep}{os.environ['PATH']}"}
    print(SETTINGS["test-command"], flush=True)
    subprocess.run(SETTINGS["test-command"], shell=True, cwd=sources, env=environment, check=True)


def try_plugin(plugin: Path, library: Path, folder: Path) -> None:
    """Runs tests that use the plugin, with what pip installed."""
    install(folder, plugin, library)
    tests = folder / "test_of_a_user.py"
    tests.write_text(TESTS_OF_A_USER, encoding="utf-8")
    command = [python_in(folder), "-m", "pytest", "-q", "-W", "error", "--strict-markers", tests]
    tried = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        raise SystemExit(f"{tried.stdout}\n{plugin.name} is not what it should be")
    print(f"{plugin.name}: {tried.stdout.splitlines()[-1]}", flush=True)


def pip(folder: Path, *arguments: str) -> None:
    """Runs the pip of an environment."""
    options = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python_in(folder), "-m", "pip", *options, *arguments], check=True)


def python_in(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


if __name__ == "__main__":
    main()
