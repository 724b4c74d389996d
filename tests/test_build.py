"""What setup.py builds: a native wheel, or where anything fails, a plain one and a line that says why.

The engine takes most of a minute to compile, and one test does it. The others build a project of four small modules
with the same setup.py, and a stand-in for mypyc that writes a few lines of C.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("value", "ops", "graph", "entry")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="compilers that fail are shell scripts"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="these tests need a C compiler, cc"),
]

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "toy"
version = "1.0"

[tool.setuptools]
packages = ["autograd", "autograd.engine"]
"""
# As mypyc does: one extension module for each that is imported, and one more with the code of all.
MYPYC = '''
from pathlib import Path
from setuptools import Extension

CODE = """
#include <Python.h>
const char *refusal = "interpreted classes cannot inherit from compiled";
static struct PyModuleDef definition = {{PyModuleDef_HEAD_INIT, "{name}"}};
PyMODINIT_FUNC PyInit_{name}(void) {{
    PyObject *module = PyModule_Create(&definition);
    {{ int module = 42; if (module != 42) return NULL; }}
    return module;
}}
"""

def mypycify(arguments, *, opt_level, debug_level, group_name, target_dir):
    files = [Path(argument) for argument in arguments if argument.endswith(".py")]
    return [
        extension(name, Path(target_dir))
        for name in (f"{group_name}__mypyc", *(".".join(file.with_suffix("").parts) for file in files))
    ]

def extension(name, folder):
    file = folder / f"{name}.c"
    file.parent.mkdir(exist_ok=True)
    file.write_text(CODE.format(name=name.rpartition(".")[2]))
    return Extension(name, [str(file)], extra_compile_args=["-Werror"])
'''


FULL_DISK = """
import shutil, sys
real = shutil.copytree

def copytree(*args, **options):
    if sys.argv[0].endswith("build_native.py"):
        raise OSError(28, "No space left on device")
    return real(*args, **options)

shutil.copytree = copytree
"""


class Built(NamedTuple):
    """How a build ended, what it printed as errors, and the wheel, if there is one."""

    status: int
    errors: str
    wheel: Path | None

    def lines(self) -> list[str]:
        """What it said itself; setuptools has warnings of its own."""
        return [line for line in self.errors.splitlines() if line.startswith("scalar-autograd: ")]

    def modules(self) -> list[str]:
        """The files of the packages in the wheel."""
        assert self.wheel is not None
        return sorted(name for name in zipfile.ZipFile(self.wheel).namelist() if name.startswith("autograd/"))


class Toy:
    """A project in a folder of its own, and the environment in which it is built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("setup.py", "build_native.py"):
            self.write(f"project/{name}", (ROOT / name).read_text(encoding="utf-8"))
        self.write("project/pyproject.toml", PROJECT)
        self.write("project/autograd/__init__.py", "from autograd.engine import entry, graph, ops, value\n")
        self.write("project/autograd/engine/__init__.py", "")
        for name in MODULES:
            self.write(f"project/autograd/engine/{name}.py", "ANSWER = 42\n")
        self.write("libraries/mypyc/__init__.py", "")
        self.mypyc(MYPYC)
        self.environment = environment() | {"PYTHONPATH": str(folder / "libraries")}

    def write(self, name: str, text: str) -> Path:
        """Writes a file, and makes its folders."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def mypyc(self, code: str) -> None:
        """Replaces mypyc."""
        self.write("libraries/mypyc/build.py", code)

    def compiler(self, script: str) -> None:
        """Puts a compiler of a test's own in the place of the real one; "$@" stands for its arguments."""
        program = self.write("compiler", f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        self.environment["CC"] = str(program)

    def build(self, **variables: str) -> Built:
        """Builds a wheel."""
        finished = subprocess.run(
            [sys.executable, "setup.py", "--quiet", "bdist_wheel", "--dist-dir", self.folder / "wheels"],
            cwd=self.folder / "project",
            env=self.environment | variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        wheels = list(self.folder.glob("wheels/*"))
        return Built(finished.returncode, finished.stderr, wheels[0] if wheels else None)


def environment() -> dict[str, str]:
    """The variables of this process, without those that change what is built."""
    chosen = ("CC", "CFLAGS", "LDFLAGS", "SCALAR_AUTOGRAD_NATIVE", "SCALAR_AUTOGRAD_PURE")
    return {name: value for name, value in os.environ.items() if name not in chosen}


PLAIN = sorted(
    ["autograd/__init__.py", "autograd/engine/__init__.py", *(f"autograd/engine/{name}.py" for name in MODULES)]
)
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
NATIVE = [f"autograd/engine__mypyc{SUFFIX}", *(f"autograd/engine/extensions/{name}{SUFFIX}" for name in MODULES)]


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


def test_where_nothing_fails_the_wheel_is_native(toy: Toy) -> None:
    built = toy.build()
    assert (built.status, built.lines()) == (0, [])
    assert built.modules() == sorted(PLAIN + NATIVE)
    assert built.wheel is not None
    assert built.wheel.name.startswith(f"toy-1.0-cp{sys.version_info[0]}{sys.version_info[1]}-")


def test_a_warning_that_the_user_asks_for_is_no_error(toy: Toy) -> None:
    assert toy.build(CFLAGS="-Wshadow").modules() == sorted(PLAIN + NATIVE)


# ---------------------------------------------------------------- what can fail

REAL = 'exec cc "$@"'
ON_ENGINE = 'case "$*" in *trial*) exec cc "$@";; esac'


def no_compiler(toy: Toy) -> None:
    toy.environment["PATH"] = str(toy.folder)
    toy.environment["CC"] = "compiler-that-is-not-there"


def no_headers(toy: Toy) -> None:
    toy.compiler("echo 'trial.c:1:10: fatal error: Python.h: No such file or directory' >&2; exit 1")


def c_that_does_not_compile(toy: Toy) -> None:
    toy.compiler(f"{ON_ENGINE}; echo 'error: this is beyond me' >&2; exit 1")


def two_modules_that_compile_and_one_that_does_not(toy: Toy) -> None:
    toy.compiler(f'case "$*" in *graph.c*) exit 1;; esac; {REAL}')


def linker_that_fails(toy: Toy) -> None:
    toy.compiler(f'{ON_ENGINE}; case "$*" in *-shared*|*-bundle*) exit 1;; esac; {REAL}')


def compiler_that_is_killed(toy: Toy) -> None:
    toy.compiler(f"{ON_ENGINE}; kill -9 $$")


def warnings_that_are_errors(toy: Toy) -> None:
    toy.environment["CFLAGS"] = "-Wshadow -Werror"


def full_disk(toy: Toy) -> None:
    toy.write("libraries/sitecustomize.py", FULL_DISK)


def mypyc_that_is_missing(toy: Toy) -> None:
    toy.mypyc("raise ModuleNotFoundError('No module named mypyc')")


def mypyc_that_is_broken(toy: Toy) -> None:
    toy.mypyc("raise AttributeError('it breaks')")


def mypyc_that_refuses_the_sources(toy: Toy) -> None:
    toy.mypyc("def mypycify(*args, **options):\n    print('ops.py:1: error: no')\n    raise SystemExit(1)")


def mypyc_that_is_killed(toy: Toy) -> None:
    toy.mypyc("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


def docstring_without_a_place(toy: Toy) -> None:
    toy.write("project/autograd/engine/ops.py", '"""What the C of the stand-in has no place for."""\n')


def message_that_reads_otherwise(toy: Toy) -> None:
    toy.mypyc(MYPYC.replace("interpreted classes", "plain classes"))


NO_COMPILER, COMPILER = "there is no C compiler that finds Python.h: ", "the C compiler failed: "
DOCSTRINGS = "the docstrings were not added: ValueError: the C of mypyc "
FAILURES = [
    (no_compiler, NO_COMPILER),
    (no_headers, f"{NO_COMPILER}trial.c:1:10: fatal error: Python.h: No such file or directory"),
    (c_that_does_not_compile, f"{COMPILER}error: this is beyond me"),
    (two_modules_that_compile_and_one_that_does_not, COMPILER),
    (linker_that_fails, COMPILER),
    (compiler_that_is_killed, COMPILER),
    (warnings_that_are_errors, COMPILER),
    (full_disk, "the modules could not be written: OSError: [Errno 28] No space left on device"),
    (mypyc_that_is_missing, "mypyc failed: ModuleNotFoundError: No module named mypyc"),
    (mypyc_that_is_broken, "mypyc failed: AttributeError: it breaks"),
    (mypyc_that_refuses_the_sources, "mypyc failed: ops.py:1: error: no"),
    (mypyc_that_is_killed, "it was ended by signal 9"),
    (docstring_without_a_place, f"{DOCSTRINGS}has no place for those of ops"),
    (message_that_reads_otherwise, f"{DOCSTRINGS}does not say 'interpreted classes"),
]
every_failure = pytest.mark.parametrize(("fail", "reason"), FAILURES, ids=lambda part: getattr(part, "__name__", ""))


@every_failure
def test_whatever_fails_leaves_plain_python_and_one_line(toy: Toy, fail: Callable[[Toy], None], reason: str) -> None:
    fail(toy)
    built = toy.build()
    assert (built.status, "Traceback" in built.errors) == (0, False)
    (line,) = built.lines()
    assert line.startswith(f"scalar-autograd: the engine stays plain Python, which is slower: {reason}")
    assert built.wheel is not None
    assert (built.wheel.name, built.modules()) == ("toy-1.0-py3-none-any.whl", PLAIN)
    program = "import autograd; print(autograd.ops.__file__)"
    where = {"PYTHONPATH": str(built.wheel)}
    imported = subprocess.run(
        [sys.executable, "-c", program], cwd=toy.folder, env=where, stdout=subprocess.PIPE, text=True, check=True
    )
    assert imported.stdout == f"{built.wheel}/autograd/engine/ops.py\n"


@every_failure
def test_whatever_fails_is_an_error_where_native_code_is_wanted(
    toy: Toy, fail: Callable[[Toy], None], reason: str
) -> None:
    fail(toy)
    built = toy.build(SCALAR_AUTOGRAD_NATIVE="1")
    assert (built.status, built.wheel) == (1, None)
    (line,) = built.lines()
    assert line.startswith(
        f"scalar-autograd: SCALAR_AUTOGRAD_NATIVE=1 requires native code, which could not be built: {reason}"
    )


def test_what_the_compiler_printed_is_shown_where_native_code_is_wanted(toy: Toy) -> None:
    c_that_does_not_compile(toy)
    assert "error: this is beyond me\n" in toy.build(SCALAR_AUTOGRAD_NATIVE="1").errors


def test_plain_python_can_be_asked_for(toy: Toy) -> None:
    toy.mypyc("raise AssertionError('it is not called')")
    built = toy.build(SCALAR_AUTOGRAD_PURE="1")
    assert built.modules() == PLAIN
    assert built.lines() == [
        "scalar-autograd: the engine stays plain Python, which is slower: SCALAR_AUTOGRAD_PURE is set"
    ]


def test_native_and_plain_cannot_both_be_asked_for(toy: Toy) -> None:
    built = toy.build(SCALAR_AUTOGRAD_PURE="1", SCALAR_AUTOGRAD_NATIVE="1")
    (line,) = built.lines()
    assert (line.endswith("which could not be built: SCALAR_AUTOGRAD_PURE is set"), built.wheel) == (True, None)


def test_nothing_of_an_earlier_build_gets_into_a_wheel(toy: Toy) -> None:
    library = f"build/lib.{sysconfig.get_platform()}-{sys.implementation.cache_tag}"
    for folder in ("build/lib", library, "."):
        toy.write(f"project/{folder}/autograd/engine/old.py", "")
        toy.write(f"project/{folder}/autograd/engine/extensions/ops{SUFFIX}", "")
    (toy.folder / "project/autograd/engine/old.py").unlink()
    assert toy.build(SCALAR_AUTOGRAD_PURE="1").modules() == PLAIN
    shutil.rmtree(toy.folder / "wheels")
    assert toy.build().modules() == sorted(PLAIN + NATIVE)


def test_a_wheel_leaves_nothing_in_the_folder_of_the_sources(toy: Toy) -> None:
    before = sorted(toy.folder.glob("project/**/*"))
    assert toy.build(SCALAR_AUTOGRAD_PURE="1").wheel is not None
    assert sorted(toy.folder.glob("project/**/*")) == before


def test_the_engine_can_be_compiled_in_place(toy: Toy) -> None:
    build = [sys.executable, "build_native.py", "."]
    subprocess.run(build, cwd=toy.folder / "project", env=toy.environment, check=True)
    assert [name for name in NATIVE if not (toy.folder / "project" / name).is_file()] == []


def test_in_place_a_failure_is_an_error_and_no_module_is_there(toy: Toy) -> None:
    two_modules_that_compile_and_one_that_does_not(toy)
    build = [sys.executable, "build_native.py", "."]
    failed = subprocess.run(
        build, cwd=toy.folder / "project", env=toy.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert failed.returncode == 1
    assert list(toy.folder.rglob(f"*{SUFFIX}")) == []


@pytest.fixture
def setup() -> dict[str, Any]:
    """What setup.py defines."""
    return runpy.run_path(str(ROOT / "setup.py"))


def test_other_interpreters_stay_plain(setup: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name="pypy"))
    assert setup["reason_for_plain_python"]() == "mypyc compiles for CPython, and this is pypy"


def test_free_threaded_python_stays_plain(setup: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"Py_GIL_DISABLED": 1}.get)
    assert "threads" in setup["reason_for_plain_python"]()


# ---------------------------------------------------------------- the library itself


def test_the_library_is_native_where_pip_installs_it_with_warnings_on(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    left_out = shutil.ignore_patterns("node_modules", "__pycache__", "*.so")
    for folder in ("autograd", "autograd_course", "nn"):
        shutil.copytree(ROOT / folder, sources / folder, ignore=left_out)
    for name in ("LICENSE", "README.md", "build_native.py", "pyproject.toml", "setup.py"):
        shutil.copy(ROOT / name, sources)
    options = ["--no-build-isolation", "--no-deps", "--quiet", "--disable-pip-version-check", "--no-warn-conflicts"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", tmp_path / "installed", sources],
        env=environment() | {"CFLAGS": "-Wshadow"},
        check=True,
    )
    program = "import autograd; print(autograd.__file__, autograd.backend())"
    where = {"PYTHONPATH": str(tmp_path / "installed")}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=where, stdout=subprocess.PIPE, text=True, check=True
    )
    assert run.stdout == f"{tmp_path}/installed/autograd/__init__.py native\n"
