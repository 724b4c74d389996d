"""Compiles the engine to native code where that is possible; all else about the package is in pyproject.toml.

The files in `NATIVE` are the ones that students read: mypyc makes C of them as they are. They stay plain Python, which
one line tells, where there is no C compiler and where SCALAR_AUTOGRAD_PURE=1 asks for it; and in an editable install,
which is for work on these files (`make native` compiles them in place).
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from setuptools import Distribution, Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, PlatformError

NATIVE = [f"autograd/engine/{name}.py" for name in ("value", "ops", "graph", "entry")]
# In place of mypyc's own words; autograd/engine/ops.py says the same where it is plain Python.
DERIVED_FROM_ANOTHER = "a new primitive derives from Unary or Binary, not from a primitive of the library"
COMMANDS = {"build", "build_ext", "install", "bdist_wheel"}  # those that compile; the others only ask what there is


def reason_for_plain_python() -> str | None:
    """Why the engine is not compiled, or None if it is."""
    if os.environ.get("SCALAR_AUTOGRAD_PURE", "0") not in ("", "0"):
        return "SCALAR_AUTOGRAD_PURE is set"
    try:
        import mypyc.build  # noqa: F401
    except ImportError:
        return "mypyc is not installed"
    return None if can_compile() else "there is no C compiler that finds Python.h"


def can_compile() -> bool:
    """Whether a C compiler works here."""
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory) / "trial.c"
        source.write_text("#include <Python.h>\nPyObject *PyInit_trial(void) { return NULL; }\n")
        command = build_ext(Distribution({"name": "trial", "ext_modules": [Extension("trial", [str(source)])]}))
        command.build_lib = command.build_temp = directory
        command.ensure_finalized()
        try:
            command.run()
        except (CCompilerError, PlatformError, OSError):
            return False
    return True


def native_modules() -> list[Any]:
    """The extension modules: mypyc writes their C, to which the docstrings are added that it leaves out."""
    from mypyc.build import mypycify

    # No settings for mypy, which are for the authors. There is no platform "native": see autograd/engine/native.py.
    options = ["--config-file=", "--ignore-missing-imports", "--platform=native"]
    modules = mypycify(options + NATIVE, opt_level="3", group_name="autograd.engine")
    if sys.platform == "linux":  # a tenth of the time of an operation: calls do not go through a table of addresses
        for module in modules:
            module.extra_compile_args += ["-fno-plt", "-fvisibility=hidden"]
    for path in {Path(source) for module in modules for source in module.sources}:
        path.write_text(with_docstrings(path.read_text(encoding="utf-8")), encoding="utf-8")
    return modules


def with_docstrings(code: str) -> str:
    """The C that mypyc wrote, with the docstrings of the Python, and a message for what native classes do not allow."""
    documented: dict[str, str] = {}
    for file in map(Path, NATIVE):
        for path, text in docstrings(ast.parse(file.read_text(encoding="utf-8")), file.stem):
            documented[path] = literal(text)

    def of_function(found: re.Match[str]) -> str:
        doc = documented.get(found["path"])
        return found[0] if doc is None else f"{found['before']}{found['signature']} {doc})"

    def of_property(found: re.Match[str]) -> str:
        doc = documented.get(f"{found['path']}___{found['name']}", "NULL")
        return f"{found['before']}{doc}, NULL}}"

    def of_module(found: re.Match[str]) -> str:
        return f"{found['before']}{documented[found['path']]},"

    string = r'"(?:[^"\\]|\\.)*"'
    function = rf"(?P<before>\(PyCFunction\)CPyPy_(?P<path>\w+),[\s\w|]*, PyDoc_STR\()(?P<signature>{string})\)"
    kind = rf"(?P<before>CPyType_(?P<path>\w+)_template_ = [^;]*?\.tp_doc = PyDoc_STR\()(?P<signature>{string})\)"
    attribute = r"(?P<before>\(getter\)(?P<path>\w+)_get_(?P<name>\w+),\s*(?:\(setter\)\w+|NULL),\s*)NULL, NULL\}"
    module = r'(?P<before>"autograd\.engine\.(?P<path>\w+)",\s*)NULL, /\* docstring \*/'
    code = re.sub(function, of_function, code)
    code = re.sub(kind, of_function, code)
    code = re.sub(attribute, of_property, code)
    code = re.sub(module, of_module, code)
    return code.replace("interpreted classes cannot inherit from compiled", DERIVED_FROM_ANOTHER)


def docstrings(node: ast.Module | ast.ClassDef, path: str) -> Iterator[tuple[str, str]]:
    """What is documented in a module or a class: its name, as it appears in C, and the docstring."""
    text = ast.get_docstring(node)
    if text is not None:
        yield path, text
    for part in node.body:
        if isinstance(part, ast.ClassDef):
            yield from docstrings(part, f"{path}___{part.name}")
        elif isinstance(part, ast.FunctionDef):
            text = ast.get_docstring(part)
            if text is not None:
                yield f"{path}___{part.name}", text


def literal(text: str) -> str:
    """Text as a string of C."""
    return (
        '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'
    )


def wanted() -> list[Any]:
    """The extension modules to build: none, and a line that says why, where the engine stays plain Python."""
    if not COMMANDS.intersection(sys.argv):
        return []
    reason = reason_for_plain_python()
    if reason is None:
        return native_modules()
    print(f"scalar-autograd: the engine stays plain Python, which is slower: {reason}", file=sys.stderr)
    return []


setup(ext_modules=wanted())
