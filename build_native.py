"""Compiles the engine to native code: `python build_native.py FOLDER` writes the extension modules below FOLDER.

The files in `NATIVE` are the ones that students read: mypyc compiles them unchanged. Either all modules are written, or
none is, and the last line that is printed says why. `make native` compiles in place, and setup.py for a wheel.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

NATIVE = [f"autograd/engine/{name}.py" for name in ("value", "ops", "graph", "entry")]
# This replaces mypyc's own message; plain Python raises the same one in autograd/engine/ops.py.
DERIVED_FROM_ANOTHER = "a new primitive derives from Unary or Binary, not from a primitive of the library"
OF_MYPYC = "interpreted classes cannot inherit from compiled"


def build(folder: Path) -> None:
    """Compiles all modules, and writes them to a folder once the last of them is whole."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        with step("there is no C compiler that finds Python.h"):
            compile_modules([trial(work)], work / "trial")
        with step("mypyc failed"):
            modules = native_modules(work / "c")
        with step("the docstrings were not added"):
            code = Path(modules[0].sources[0])
            code.write_text(with_docstrings(code.read_text(encoding="utf-8"), NATIVE), encoding="utf-8")
        with step("the C compiler failed"):
            compile_modules(modules, work / "native")
        with step("the modules could not be written"):
            shutil.copytree(work / "native", folder, dirs_exist_ok=True)


@contextmanager
def step(failure: str) -> Iterator[None]:
    """Ends the program where a step fails, whatever it raises: the last line that is printed says which step it was."""
    try:
        yield
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        raise SystemExit(failure) from error


def trial(work: Path) -> Extension:
    """A module of one line: a missing compiler shows at once, before mypyc takes its time."""
    source = work / "trial.c"
    source.write_text("#include <Python.h>\nPyObject *PyInit_trial(void) { return NULL; }\n", encoding="utf-8")
    return Extension("trial", [str(source)])


def compile_modules(modules: list[Any], folder: Path) -> None:
    """Compiles and links extension modules; the files are written below a folder, which is made."""
    command = build_ext(Distribution({"name": "engine", "ext_modules": modules}))
    command.build_lib, command.build_temp = str(folder), str(folder.with_suffix(".objects"))
    command.ensure_finalized()
    command.run()


def native_modules(folder: Path) -> list[Any]:
    """The extension modules; mypyc writes their C to a folder."""
    import mypyc
    from mypyc.build import mypycify

    # The settings of mypy in pyproject.toml are for authors, and what else is installed plays no part. No platform is
    # called "native": autograd/engine/native.py.
    options = ["--config-file=", "--no-site-packages", "--ignore-missing-imports", "--platform=native"]
    modules = mypycify(
        options + NATIVE, opt_level="3", debug_level="0", group_name="autograd.engine", target_dir=str(folder)
    )
    flags = []
    if sys.platform != "win32":  # no path of this machine gets into the modules: the same sources give the same bytes
        flags += [f"-ffile-prefix-map={folder}=c", f"-ffile-prefix-map={Path(mypyc.__file__).parent}=mypyc"]
    if sys.platform == "linux":  # calls that skip the table of addresses save a tenth of an operation
        flags += ["-fno-plt", "-fvisibility=hidden"]
    for module in modules:
        # Beside its `.py`, an extension module would hide it from editors: autograd/engine/__init__.py.
        module.name = module.name.replace("autograd.engine.", "autograd.engine.extensions.")
        # A warning that a user asks for is no error.
        module.extra_compile_args = [flag for flag in module.extra_compile_args if flag != "-Werror"] + flags
    return modules


def with_docstrings(code: str, files: list[str]) -> str:
    """The C that mypyc wrote, with the docstrings of the Python files and our message for a refused subclass.

    ValueError where one of them has no place in the C.
    """
    documented: dict[str, str] = {}
    for file in map(Path, files):
        for path, text in docstrings(ast.parse(file.read_text(encoding="utf-8")), file.stem):
            documented[path] = literal(text)
    missing = set(documented)

    def doc_of(path: str) -> str | None:
        missing.discard(path)
        return documented.get(path)

    def of_function(found: re.Match[str]) -> str:
        doc = doc_of(found["path"])
        return found[0] if doc is None else f"{found['before']}{found['signature']} {doc})"

    def of_property(found: re.Match[str]) -> str:
        doc = doc_of(f"{found['path']}___{found['name']}")
        return f"{found['before']}{doc or 'NULL'}, NULL}}"

    def of_module(found: re.Match[str]) -> str:
        return f"{found['before']}{doc_of(found['path']) or 'NULL'},"

    string = r'"(?:[^"\\]|\\.)*"'
    function = rf"(?P<before>\(PyCFunction\)CPyPy_(?P<path>\w+),[\s\w|]*, PyDoc_STR\()(?P<signature>{string})\)"
    kind = rf"(?P<before>CPyType_(?P<path>\w+)_template_ = [^;]*?\.tp_doc = PyDoc_STR\()(?P<signature>{string})\)"
    attribute = r"(?P<before>\(getter\)(?P<path>\w+)_get_(?P<name>\w+),\s*(?:\(setter\)\w+|NULL),\s*)NULL, NULL\}"
    module = r'(?P<before>"autograd\.engine\.(?P<path>\w+)",\s*)NULL, /\* docstring \*/'
    code = re.sub(function, of_function, code)
    code = re.sub(kind, of_function, code)
    code = re.sub(attribute, of_property, code)
    code = re.sub(module, of_module, code)
    if missing:
        raise ValueError(f"the C of mypyc has no place for those of {', '.join(sorted(missing))}")
    if OF_MYPYC not in code:
        raise ValueError(f"the C of mypyc does not say {OF_MYPYC!r}")
    return code.replace(OF_MYPYC, DERIVED_FROM_ANOTHER)


def docstrings(node: ast.Module | ast.ClassDef, path: str) -> Iterator[tuple[str, str]]:
    """Each docstring in a module or a class, with the name that mypyc gives its owner in C.

    A special method in C has the docstring of Python itself.
    """
    text = ast.get_docstring(node)
    if text is not None:
        yield path, text
    for part in node.body:
        if isinstance(part, ast.ClassDef):
            yield from docstrings(part, f"{path}___{part.name}")
        elif isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
            text = ast.get_docstring(part)
            if text is not None:
                yield f"{path}___{part.name}", text


def literal(text: str) -> str:
    """Text as a string literal of C."""
    return (
        '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]))
