"""Tries what was installed beside the Python that runs this: every module is there, documented, and its source found.

python try_installed.py SOURCES LIBRARIES

SOURCES is the project's folder. LIBRARIES holds what some modules import, such as numpy, and is searched last. The last
line that is printed tells what the engine runs as.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    """Tries all, and stops at what is not as it should be."""
    sources, libraries = Path(sys.argv[1]), sys.argv[2]
    sys.path.append(libraries)
    files = dict(modules(sources))
    for name in files:
        installed = Path(str(importlib.import_module(name).__file__))
        if installed.is_relative_to(sources):
            raise SystemExit(f"{name} was imported from the sources: {installed}")
    lost = [line for name, file in files.items() for line in lost_docstrings(name, file)]
    if lost:
        raise SystemExit("\n".join(["these docstrings are not those of the sources:", *lost]))
    lost = [line for name, file in files.items() for line in lost_sources(name, file)]
    if lost:
        raise SystemExit("\n".join(["inspect.getsource does not find the source of these:", *lost]))
    differentiate()
    print(f"{len(files)} modules, {sum(len(list(docstrings(file))) for file in files.values())} docstrings")
    print(importlib.import_module("autograd").backend())


def modules(sources: Path) -> Iterator[tuple[str, Path]]:
    """The modules of the packages in a folder, by name; but not the program `python -m autograd`."""
    for package in ("autograd", "autograd_course", "nn"):
        for file in sorted((sources / package).rglob("*.py")):
            parts = file.relative_to(sources).with_suffix("").parts
            if "node_modules" not in parts and parts[-1] != "__main__":
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def lost_docstrings(name: str, file: Path) -> list[str]:
    """The names in a module whose docstrings are not those of its source: native code has to be given them."""
    module = importlib.import_module(name)
    lost = []
    for path, text in docstrings(file):
        thing: Any = module
        for part in path:
            thing = inspect.getattr_static(thing, part)
        thing = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
        if isinstance(thing, types.WrapperDescriptorType):
            continue  # of a special method in C, such as `__call__`, Python itself says what it is
        if inspect.cleandoc(getattr(thing, "__doc__", None) or "") != text:
            lost.append(".".join([name, *path]))
    return lost


def lost_sources(name: str, file: Path) -> Iterator[str]:
    """A module and its classes, where `inspect.getsource` does not give their text: native code does not hold it."""
    module, text = importlib.import_module(name), file.read_text(encoding="utf-8")
    written: list[tuple[str, Any, str]] = [(name, module, text)]
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            lines = text.splitlines(keepends=True)[first - 1 : node.end_lineno]
            written.append((f"{name}.{node.name}", getattr(module, node.name), "".join(lines)))
    for path, thing, source in written:
        try:
            if inspect.getsource(thing) == source:
                continue
        except (OSError, TypeError):
            pass
        yield path


def docstrings(file: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """The docstrings of a module, its classes, functions and methods, each with the path of names that leads to it."""

    def found(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
            if text is not None:
                yield path, text
        if isinstance(node, ast.Module | ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.ClassDef) or (isinstance(part, ast.FunctionDef) and not is_setter(part)):
                    yield from found(part, (*path, part.name))

    return found(ast.parse(file.read_text(encoding="utf-8")), ())


def is_setter(function: ast.FunctionDef) -> bool:
    """Whether it sets a property: the docstring of that is the getter's."""
    return any(
        isinstance(decorator, ast.Attribute) and decorator.attr == "setter" for decorator in function.decorator_list
    )


def differentiate() -> None:
    """Differentiates something, and checks every primitive."""
    autograd, nn = importlib.import_module("autograd"), importlib.import_module("nn")
    x = autograd.Value(2.0)
    (x**3).backward()
    assert x.grad == 12.0
    assert len(nn.MLP(2, [1]).parameters()) == 3
    assert autograd.check_all_ops()


if __name__ == "__main__":
    main()
