"""The text of a function, checked to be the code that runs, and where its names are looked up."""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import operator
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from autograd.engine.ops import Primitive


class NotTranslatable(ValueError):  # noqa: N818 # it is what the rule is, not what went wrong
    """A rule does something that only Python can do; the message says what, and where."""


class Scope(NamedTuple):
    """The text of a function, and where its names are looked up; `of` is the primitive that is its first parameter."""

    definition: ast.FunctionDef
    globals: dict[str, Any]
    cells: dict[str, Any]
    of: Any
    file: str = ""


def definition_of(place: tuple[type, str]) -> object:
    """What a rule of a class is at present: two functions of the same code may have different closures."""
    kind, rule = place
    return inspect.getattr_static(kind, rule)


def code_of(place: tuple[type, str]) -> object:
    """The code of a rule of a class at present, which IPython's autoreload replaces in the function itself."""
    found = definition_of(place)
    return getattr(found, "__code__", found)


def scope_of(function: FunctionType, of: Any) -> Scope:
    """The text of a function, whose first parameter is `of` if that is not None.

    Raises:
        NotTranslatable: its text is not at hand, is not written with def, or is no longer what runs.
    """
    code = function.__code__
    try:
        lines, _ = inspect.findsource(code)
        tree, codes = _parsed("".join(lines), code.co_filename, code.co_flags & _FUTURE)
    except (OSError, SyntaxError, TypeError, ValueError):
        raise NotTranslatable(
            f"the text of {function.__qualname__} is not at hand; write it in a file or a notebook cell"
        ) from None
    if not any(_identity(again) == _identity(code) for again in codes.get(code.co_firstlineno, ())):
        raise NotTranslatable(f"the text of {function.__qualname__} has changed since it was run; run it again")
    found = [node for node in ast.walk(tree) if _first_line(node) == code.co_firstlineno]
    if len(found) != 1 or not isinstance(found[0], ast.FunctionDef):
        raise NotTranslatable(f"{function.__qualname__} is not written with def, on lines of its own")
    cells = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    return Scope(found[0], function.__globals__, cells, of, code.co_filename)


_FUTURE = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)


@functools.lru_cache(maxsize=16)
def _parsed(text: str, file: str, flags: int) -> tuple[ast.Module, dict[int, list[CodeType]]]:
    """The tree of a text, and what runs of it, by the line on which it begins."""
    tree = ast.parse(text)
    codes: dict[int, list[CodeType]] = {}
    waiting = [compile(text, file, "exec", flags, dont_inherit=True)]
    while waiting:
        code = waiting.pop()
        codes.setdefault(code.co_firstlineno, []).append(code)
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return tree, codes


def _first_line(node: ast.AST) -> int:
    """The line on which a function begins, with its decorators; 0 for what is no function."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return node.lineno if isinstance(node, ast.Lambda) else 0


def _identity(code: CodeType) -> tuple[object, ...]:
    """What a function does, and its name, without the lines on which it stands."""
    constants = [_identity(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_qualname, code.co_argcount, code.co_code, constants, names)


def definition_in_file(module: str, name: str) -> ast.FunctionDef:
    """The text of a function of a module that runs as native code: the file stands beside it.

    Raises:
        NotTranslatable: it does not.
    """
    file = Path(str(sys.modules[module].__file__))
    try:
        text = file.with_name(f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8")
    except OSError:
        raise NotTranslatable(f"the text of {name} is not at hand: {module} was compiled") from None
    found: Any = ast.parse(text)
    for part in name.split("."):
        found = next((each for each in found.body if getattr(each, "name", None) == part), None)
        if found is None:
            raise NotTranslatable(f"{name} is not written with def in {module}")
    if not isinstance(found, ast.FunctionDef):
        raise NotTranslatable(f"{name} is not written with def in {module}")
    return found


def shown(node: ast.AST) -> str:
    """A part of a text, on one line."""
    text = ast.unparse(node).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:59]}…"


def described(value: object) -> str:
    """What something is, in a few words."""
    if isinstance(value, Primitive):
        return "a primitive"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, ModuleType):
        return f"the module {value.__name__}"
    if callable(value):
        module = getattr(value, "__module__", None)
        return f"a function of {module}" if module else f"a {type(value).__name__}"
    article = "an" if type(value).__name__[:1].lower() in "aeio" else "a"
    return f"{article} {type(value).__name__}"
