"""Compiles the engine to native code where that is possible; everything else about the package is in pyproject.toml.

The files in `NATIVE` are the ones that students read: mypyc compiles them unchanged. They stay plain Python where there
is no C compiler or SCALAR_AUTOGRAD_PURE=1 is set, and a line says so. They also stay plain Python in an editable
install, which is for work on these files (`make native` compiles them in place).
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
# This replaces mypyc's own message; plain Python raises the same one in autograd/engine/ops.py.
DERIVED_FROM_ANOTHER = "a new primitive derives from Unary or Binary, not from a primitive of the library"
COMMANDS = {"build", "build_ext", "install", "bdist_wheel"}  # these compile; the others only ask for metadata


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
    """Whether there is a C compiler that works."""
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
    """The extension modules: mypyc writes their C, and the docstrings that it leaves out are added."""
    from mypyc.build import mypycify

    # The settings of mypy in pyproject.toml are for authors. No platform is called "native": autograd/engine/native.py.
    options = ["--config-file=", "--ignore-missing-imports", "--platform=native"]
    modules = mypycify(options + NATIVE, opt_level="3", group_name="autograd.engine")
    if sys.platform == "linux":  # calls that skip the table of addresses save a tenth of an operation
        for module in modules:
            module.extra_compile_args += ["-fno-plt", "-fvisibility=hidden"]
    for path in {Path(source) for module in modules for source in module.sources}:
        path.write_text(with_docstrings(path.read_text(encoding="utf-8")), encoding="utf-8")
    return modules


def with_docstrings(code: str) -> str:
    """The C that mypyc wrote, with the docstrings of the Python source and our message for a refused subclass."""
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
    """Each docstring in a module or a class, with the name that mypyc gives its owner in C."""
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
    """Text as a string literal of C."""
    return (
        '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()) + '"'
    )


def wanted() -> list[Any]:
    """The extension modules to build. Where the engine stays plain Python there are none, and a line says why."""
    if not COMMANDS.intersection(sys.argv):
        return []
    reason = reason_for_plain_python()
    if reason is None:
        return native_modules()
    print(f"scalar-autograd: the engine stays plain Python, which is slower: {reason}", file=sys.stderr)
    return []


setup(ext_modules=wanted())
