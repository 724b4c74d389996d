"""Builds the wheel and the sources so that an installation never fails; all else is in pyproject.toml.

build_native.py compiles the engine. Where it cannot, whatever the reason, the engine stays the plain Python that it is
written in, and a line says why; SCALAR_AUTOGRAD_NATIVE=1 makes that an error, and SCALAR_AUTOGRAD_PURE=1 asks for plain
Python. An editable install is for work on the engine, and stays plain (`make native` compiles in place).
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
COMMANDS = {"build", "build_ext", "install", "bdist_wheel"}  # these compile; the others only ask for metadata


class Sources(sdist):
    """The archive of the sources: it says nothing of who made it, and where SOURCE_DATE_EPOCH is set, not when."""

    def make_archive(self, base_name: Any, *arguments: Any, **others: Any) -> str:
        """Archives a folder of files, and returns the name of the archive."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        time = None if epoch is None else int(epoch)

        def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.mtime = int(member.mtime) if time is None else time
            return member

        name = f"{base_name}.tar.gz"
        with gzip.GzipFile(name, "wb", mtime=time) as file, tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(others["base_dir"], filter=anonymous)
        return name


class Compiled(Extension):
    """A module of the engine in a file, which is there before setup() begins, and gives it the name of the wheel."""

    def __init__(self, file: Path, folder: Path) -> None:
        package = file.parent.relative_to(folder).parts
        super().__init__(".".join([*package, file.name.partition(".")[0]]), sources=[])
        self.file = file


class CopyCompiled(build_ext):
    """Puts the compiled modules where they belong."""

    def build_extension(self, ext: Compiled) -> None:
        target = self.get_ext_fullpath(ext.name)
        self.mkpath(str(Path(target).parent))
        self.copy_file(str(ext.file), target)


def compiled(folder: Path) -> list[Extension]:
    """The modules of the engine, compiled into a folder: all of them, or none, and then a line says why."""
    reason = reason_for_plain_python() or failure(folder)
    if reason is None:
        return [Compiled(file, folder) for file in sorted(folder.rglob("*.*"))]
    if is_set("SCALAR_AUTOGRAD_NATIVE"):
        raise SystemExit(
            f"scalar-autograd: SCALAR_AUTOGRAD_NATIVE=1 requires native code, which could not be built: {reason}"
        )
    print(f"scalar-autograd: the engine stays plain Python, which is slower: {reason}", file=sys.stderr)
    return []


def reason_for_plain_python() -> str | None:
    """Why the engine is not to be compiled, or None if it is."""
    if is_set("SCALAR_AUTOGRAD_PURE"):
        return "SCALAR_AUTOGRAD_PURE is set"
    if sys.implementation.name != "cpython":
        return f"mypyc compiles for CPython, and this is {sys.implementation.name}"
    # Where one thread reads an attribute that another writes: issues 1132 and 1203 of mypyc.
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "threads of a free-threaded Python can crash what mypyc compiles"
    return None


def failure(folder: Path) -> str | None:
    """Why the engine could not be compiled into a folder, or None where it was.

    It is compiled in a process of its own, whose end, of whatever kind, is not the end of this one.
    """
    command = [sys.executable, str(ROOT / "build_native.py"), str(folder)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        return f"{command[0]} cannot be started: {error}"
    if done.returncode == 0:
        return None
    if is_set("SCALAR_AUTOGRAD_NATIVE"):
        print(done.stdout, file=sys.stderr)
    if done.returncode < 0:
        return f"it was ended by signal {-done.returncode}"
    *printed, step = done.stdout.strip().splitlines() or [f"it ended with status {done.returncode}"]
    telling = [line for line in printed if "error: " in line] or printed[-1:]
    return textwrap.shorten(": ".join([step, *telling[:1]]), 200, placeholder=" ...")


def is_set(name: str) -> bool:
    """Whether a variable of the environment says yes."""
    return os.environ.get(name, "0") not in ("", "0")


def main() -> None:
    """Compiles where a command asks for it, and does what the command says."""
    os.umask(0o022)  # what is distributed can be read by all, whoever made it
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        modules = compiled(folder / "native") if COMMANDS.intersection(sys.argv) else []
        # What an earlier build left gets into no wheel, and builds of the same folder, which may be read-only, do not
        # meet in it.
        elsewhere: dict[str, dict[str, str]] = {}
        if "bdist_wheel" in sys.argv:
            elsewhere = {"build": {"build_base": str(folder / "build")}, "egg_info": {"egg_base": temporary}}
        setup(ext_modules=modules, cmdclass={"build_ext": CopyCompiled, "sdist": Sources}, options=elsewhere)


if __name__ == "__main__":
    main()
