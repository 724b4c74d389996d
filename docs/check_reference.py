"""Checks that the reference shows every public name, each with a docstring, and no name that does not exist.

    python docs/check_reference.py

needs no Sphinx and builds nothing. It prints a line for each problem, and its exit status is then 1.

Public are the names of the modules below, and every class of the project that one of these returns. Sphinx shows the
methods of a class, so these need docstrings; the docstring of the class describes its attributes.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

PUBLIC_MODULES = (
    *("autograd", "autograd.calculus", "autograd.compiler", "autograd.testing", "autograd.testing.strategies"),
    *("autograd_course", "nn", "nn.comparison"),
)
REFERENCE = ROOT / "docs" / "reference"

DIRECTIVE = re.compile(r"\.\. (autofunction|autoclass|autoexception|autodata|py:data|currentmodule):: (\S+)$")


def main() -> int:
    """Prints the problems and returns the exit code."""
    found = problems(REFERENCE)
    print("\n".join(found) if found else "the reference shows every public name")
    return 1 if found else 0


def problems(reference: Path) -> list[str]:
    """The problems of the reference in a folder, a line for each."""
    found = []
    shown: dict[str, Any] = {}
    for page in sorted(reference.glob("*.rst")):
        for line, name in named(page.read_text(encoding="utf-8")):
            where = f"{page.name}:{line}: {name}"
            if name in shown:
                found.append(f"{where} is shown twice")
                continue
            try:
                shown[name] = _resolved(name)
            except (AttributeError, ModuleNotFoundError):
                found.append(f"{where} is shown but does not exist")
    public = dict(public_names())
    public.update(_returned(public))
    shown_things = {id(thing) for thing in shown.values()}
    for name, thing in public.items():
        if id(thing) not in shown_things:
            found.append(f"{name} is public but not in the reference")
    for name, thing in {**public, **shown}.items():
        found += undocumented(name, thing)
    return list(dict.fromkeys(found))


def named(page: str) -> Iterator[tuple[int, str]]:
    r"""The names that a page of the reference shows, with the numbers of their lines; `.. primitives::` shows them all.

    >>> list(named(".. currentmodule:: nn\n\n.. autoclass:: MLP"))
    [(3, 'nn.MLP')]
    """
    from autograd import PRIMITIVES

    module = ""
    for number, line in enumerate(page.split("\n"), 1):
        if line == ".. primitives::":
            yield from ((number, f"autograd.{name}") for name in PRIMITIVES)
        directive = DIRECTIVE.match(line)
        if directive is None:
            continue
        kind, name = directive.groups()
        if kind == "currentmodule":
            module = name
        else:
            yield number, f"{module}.{name}"


def public_names() -> Iterator[tuple[str, Any]]:
    """The contents of the public modules, by their full names: `__all__`, or else what the module itself defines."""
    for path in PUBLIC_MODULES:
        module = importlib.import_module(path)
        for name in getattr(module, "__all__", None) or _defined(module):
            yield f"{path}.{name}", getattr(module, name)


def _defined(module: ModuleType) -> list[str]:
    """The names without an underscore that a module defines rather than imports."""
    names = []
    for statement in ast.parse(inspect.getsource(module)).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.append(statement.name)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.append(statement.target.id)
        elif isinstance(statement, ast.Assign):
            names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return [name for name in names if not name.startswith("_")]


def _resolved(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _returned(public: dict[str, Any]) -> dict[str, Any]:
    """The classes that public functions, methods and properties return, and what these return in turn."""
    returned: dict[str, Any] = {}
    waiting = list(public.values())
    known = {id(thing) for thing in waiting}
    while waiting:
        for module, annotation in _annotations(waiting.pop()):
            for word in re.findall(r"\w+", annotation):
                found = _class_called(word, module)
                if found is not None and id(found) not in known:
                    known.add(id(found))
                    waiting.append(found)
                    returned[f"{found.__module__}.{found.__name__}"] = found
    return returned


def _annotations(thing: Any) -> Iterator[tuple[str, str]]:
    """What a function returns, or the public methods and properties of a class: a module, and what is written there."""
    members = [thing]
    if inspect.isclass(thing):
        yield from ((thing.__module__, str(held)) for held in vars(thing).get("__annotations__", {}).values())
        members = [member for name, member in vars(thing).items() if not name.startswith("_")]
    for member in members:
        function = _function(member)
        annotations = getattr(function, "__annotations__", {})
        if "return" in annotations:  # compiled functions have no annotations, and no module either
            yield function.__module__, str(annotations["return"])


@cache
def _class_called(word: str, module: str) -> type | None:
    """The class of the project that a word in an annotation of a module means, if it means one."""
    names = vars(importlib.import_module(module))
    thing = names[word] if word in names else _imported_for_types(module).get(word)
    is_ours = inspect.isclass(thing) and thing.__module__.partition(".")[0] in ("autograd", "autograd_course", "nn")
    return thing if is_ours and not word.startswith("_") else None


@cache
def _imported_for_types(module: str) -> dict[str, Any]:
    """What a module imports for type checkers alone, by name."""
    found = {}
    for node in ast.parse(inspect.getsource(importlib.import_module(module))).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.body:
                if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(("autograd", "nn")):
                    imported = importlib.import_module(str(statement.module))
                    found.update(
                        {alias.asname or alias.name: getattr(imported, alias.name) for alias in statement.names}
                    )
    return found


def undocumented(name: str, thing: Any) -> list[str]:
    """A line for each missing docstring: of a function, or of a class, its methods, properties and attributes."""
    from autograd import Primitive

    if isinstance(thing, Primitive):
        thing = type(thing)
    if not inspect.isclass(thing):
        return [] if inspect.getdoc(thing) or not inspect.isroutine(thing) else [f"{name} has no docstring"]
    text = vars(thing).get("__doc__") or ""
    if not text or text.startswith(f"{thing.__name__}("):  # dataclasses write such a one themselves
        return [f"{name} has no docstring"]
    found = [
        f"{name}.{member} has no docstring"
        for member, value in vars(thing).items()
        if not member.startswith("_") and _function(value) is not None and not inspect.getdoc(getattr(thing, member))
    ]
    return found + [
        f"{name}.{held} is not in the docstring of its class"
        for held in _held(thing)  # type: ignore[arg-type] # mypy takes no class for hashable
        if not re.search(rf"\b{held}\b", text)
    ]


def _function(member: Any) -> Any:
    """The function behind a method or a property; None for anything else."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, cached_property):
        return member.func
    if isinstance(member, classmethod | staticmethod):
        return member.__func__
    return member if inspect.isroutine(member) else None


@cache
def _held(thing: type) -> list[str]:
    """The public attributes that a class declares, or sets in `__init__`, and that have no docstring of their own."""
    try:
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    except (OSError, TypeError):
        return []
    assert isinstance(body, ast.ClassDef)
    names = [
        node.target.id for node in body.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    for function in body.body:
        if isinstance(function, ast.FunctionDef) and function.name == "__init__":
            names += [
                node.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            ]
    described = [name for name, member in vars(thing).items() if isinstance(member, property)]
    return [name for name in dict.fromkeys(names) if not name.startswith("_") and name not in described]


if __name__ == "__main__":
    sys.exit(main())
