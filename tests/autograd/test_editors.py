"""What people and editors ask about the library: signatures, sources, completion. It is the same in native code."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pydoc
import subprocess
import sys
from functools import cache
from inspect import Parameter
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import PRIMITIVES, Binary, Unary, Value, engine

PROGRAM = """
from autograd import Value, grad, tanh, topological_order

x = Value(2.0)
reveal_type(x.data)
reveal_type(tanh(x))
reveal_type(grad(tanh)(x.data))
reveal_type(topological_order(x))
x.backwards()
"""
"""A user's program, as editors see it."""

MODULES = sorted(file.stem for file in Path(str(engine.__file__)).parent.glob("[a-z]*.py"))
BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__ == "autograd.engine.ops"]


def source_of(module: str) -> str:
    return (Path(str(engine.__file__)).parent / f"{module}.py").read_text(encoding="utf-8")


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse(source_of(module))


def definitions(of: type[Any]) -> list[tuple[str, Any]]:
    """The public functions, or classes, that the files of the engine define, each with its module."""
    return [
        (module, node)
        for module in MODULES
        for node in parsed(module).body
        if isinstance(node, of) and not node.name.startswith("_")
    ]


def written(module: str, function: ast.FunctionDef) -> list[tuple[str, Any, Any]]:
    """The names, kinds and defaults of a function's parameters, as its file has them."""
    names = vars(importlib.import_module(f"autograd.engine.{module}"))

    def default(node: ast.expr | None) -> Any:
        return Parameter.empty if node is None else eval(ast.unparse(node), dict(names))

    given = function.args
    positional: list[tuple[ast.arg, Any]] = [(argument, Parameter.POSITIONAL_ONLY) for argument in given.posonlyargs]
    positional += [(argument, Parameter.POSITIONAL_OR_KEYWORD) for argument in given.args]
    without = len(positional) - len(given.defaults)
    parameters: list[tuple[str, Any, Any]] = [
        (argument.arg, kind, default(None if index < without else given.defaults[index - without]))
        for index, (argument, kind) in enumerate(positional)
    ]
    if given.vararg is not None:
        parameters.append((given.vararg.arg, Parameter.VAR_POSITIONAL, Parameter.empty))
    for argument, node in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        parameters.append((argument.arg, Parameter.KEYWORD_ONLY, default(node)))
    if given.kwarg is not None:
        parameters.append((given.kwarg.arg, Parameter.VAR_KEYWORD, Parameter.empty))
    return parameters


def told(function: Any) -> list[tuple[str, Any, Any]]:
    """The same, as `inspect` tells it."""
    return [(given.name, given.kind, given.default) for given in inspect.signature(function).parameters.values()]


def methods() -> list[tuple[str, str, ast.FunctionDef]]:
    """The public methods of these classes; properties are not called."""
    return [
        (module, kind.name, node)
        for module, kind in definitions(ast.ClassDef)
        for node in kind.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not node.decorator_list
    ]


def constructor(kind: type) -> list[tuple[str, Any, Any]]:
    """The parameters of `__init__`, without `self`: that of the class, or of the first of its bases that has one."""
    for base in kind.__mro__[:-1]:
        module = base.__module__.rpartition(".")[2]
        for node in parsed(module).body:
            if isinstance(node, ast.ClassDef) and node.name == base.__name__:
                for function in node.body:
                    if isinstance(function, ast.FunctionDef) and function.name == "__init__":
                        return written(module, function)[1:]
    return []


# ---------------------------------------------------------------- signatures


@pytest.mark.parametrize(("module", "node"), definitions(ast.FunctionDef), ids=lambda part: getattr(part, "name", part))
def test_the_signature_of_a_function_is_the_one_in_its_file(module: str, node: ast.FunctionDef) -> None:
    assert told(getattr(importlib.import_module(f"autograd.engine.{module}"), node.name)) == written(module, node)


@pytest.mark.parametrize(("module", "kind", "node"), methods(), ids=lambda part: getattr(part, "name", part))
def test_the_signature_of_a_method_is_the_one_in_its_file(module: str, kind: str, node: ast.FunctionDef) -> None:
    method = getattr(getattr(importlib.import_module(f"autograd.engine.{module}"), kind), node.name)
    # Of `self` only the name is the same: a method in C takes it by position alone.
    assert told(method)[0][0] == "self"
    assert told(method)[1:] == written(module, node)[1:]


@pytest.mark.parametrize(("module", "node"), definitions(ast.ClassDef), ids=lambda part: getattr(part, "name", part))
def test_the_signature_of_a_class_is_that_of_its_constructor(module: str, node: ast.ClassDef) -> None:
    kind = getattr(importlib.import_module(f"autograd.engine.{module}"), node.name)
    if issubclass(kind, BaseException) or getattr(kind, "_is_protocol", False):
        return  # Python itself says what these take
    assert told(kind) == constructor(kind)


def test_the_signature_of_a_bound_method_leaves_self_out() -> None:
    assert told(Value(1.0).backward) == [("gradient", Parameter.POSITIONAL_OR_KEYWORD, 1.0)]


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_the_signature_of_a_primitive_has_its_operands(primitive: Any) -> None:
    default = {"leaky_relu": 0.01, "elu": 1.0}.get(primitive.name, Parameter.empty)
    x = ("x", Parameter.POSITIONAL_OR_KEYWORD, Parameter.empty)
    y = ("y", Parameter.POSITIONAL_OR_KEYWORD, default)
    assert told(primitive) == ([x] if isinstance(primitive, Unary) else [x, y])


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_a_primitive_can_be_called_as_its_signature_says(primitive: Any) -> None:
    point = primitive.points()[-1]
    given = inspect.signature(primitive).bind(**dict(zip("xy", point, strict=False)))
    given.apply_defaults()
    assert primitive(*given.args) == primitive(**dict(zip("xy", point, strict=False))) == primitive.forward(*point)


@pytest.mark.parametrize("primitive", [autograd.leaky_relu, autograd.elu], ids=lambda primitive: primitive.name)
def test_a_default_of_a_signature_is_the_one_of_the_call(primitive: Any) -> None:
    assert primitive(-0.5) == primitive(-0.5, inspect.signature(primitive).parameters["y"].default)


@pytest.mark.usefixtures("table")
def test_a_primitive_of_a_user_has_a_signature() -> None:
    class Softsign(Unary):
        name = "softsign"
        samples = (1.0,)

        def __init__(self, scale: float = 2.0) -> None:
            super().__init__()

    class Scaled(Binary):
        name = "scaled"
        samples = ((1.0, 2.0),)

        def __call__(self, x: Any, by: Any = 3.0) -> Any:
            return super().__call__(x, by)

    assert told(Softsign) == [("scale", Parameter.POSITIONAL_OR_KEYWORD, 2.0)]
    assert told(Softsign()) == [("x", Parameter.POSITIONAL_OR_KEYWORD, Parameter.empty)]
    assert [given[::2] for given in told(Scaled())] == [("x", Parameter.empty), ("by", 3.0)]


@pytest.mark.parametrize("name", [name for name in autograd.__all__ if callable(getattr(autograd, name))])
def test_everything_public_that_can_be_called_has_a_signature(name: str) -> None:
    public = getattr(autograd, name)
    if not (inspect.isclass(public) and issubclass(public, BaseException)):
        assert inspect.signature(public) is not None


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize("module", MODULES)
def test_the_source_of_a_module_is_its_file(module: str) -> None:
    assert inspect.getsource(importlib.import_module(f"autograd.engine.{module}")) == source_of(module)


@pytest.mark.parametrize(("module", "node"), definitions(ast.ClassDef), ids=lambda part: getattr(part, "name", part))
def test_the_source_of_a_class_is_in_its_file(module: str, node: ast.ClassDef) -> None:
    kind = getattr(importlib.import_module(f"autograd.engine.{module}"), node.name)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = source_of(module).splitlines(keepends=True)[first - 1 : node.end_lineno]
    assert inspect.getsource(kind) == "".join(lines)


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_the_help_of_a_primitive_names_no_place_in_memory(primitive: Any) -> None:
    text = pydoc.plain(pydoc.render_doc(primitive))
    assert all(line in text for line in inspect.cleandoc(str(type(primitive).__doc__)).splitlines())
    assert " at 0x" not in text


# ---------------------------------------------------------------- completion, and types


@pytest.fixture
def jedi() -> Any:
    return pytest.importorskip("jedi", reason="the completion of editors comes from jedi")


def script(jedi: Any, text: str) -> Any:
    return jedi.Script(text, project=jedi.Project(Path(str(autograd.__file__)).parent.parent))


def test_an_editor_completes_the_names_of_a_value(jedi: Any) -> None:
    offered = {found.name for found in script(jedi, "from autograd import Value\nValue(1.0).").complete()}
    assert offered >= {"data", "grad", "backward", "tanh"}


def test_an_editor_finds_a_class_of_the_engine_in_its_file(jedi: Any) -> None:
    (found,) = script(jedi, "from autograd import Value").goto(1, 22, follow_imports=True)
    assert Path(found.module_path).name == "value.py"
    assert source_of("value").splitlines()[found.line - 1].startswith("class Value(")


def test_an_editor_knows_the_types_of_the_engine(jedi: Any) -> None:
    (kind,) = script(jedi, "from autograd import Value\nValue(1.0).data").infer()
    assert kind.full_name == "builtins.float"


def test_an_editor_shows_the_operands_of_a_primitive(jedi: Any) -> None:
    signatures = script(jedi, "from autograd import tanh\ntanh(").get_signatures()
    assert [[given.name for given in signature.params] for signature in signatures] == [["x"], ["x"]]


def test_a_type_checker_knows_the_types_of_the_engine(tmp_path: Path) -> None:
    packages = Path(str(autograd.__file__)).parent / "explore" / "page" / "node_modules"
    if not (packages / "pyright").exists():
        pytest.skip("pyright comes from npm, which `make setup` asks for the packages of the pages")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    settings = {"extraPaths": [str(packages.parents[2].parent)], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = ["node", str(packages / "pyright" / "index.js"), "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8")
    found = json.loads(done.stdout)["generalDiagnostics"]
    said = {PROGRAM.splitlines()[part["range"]["start"]["line"]]: part["message"].splitlines()[0] for part in found}
    assert said == {
        "reveal_type(x.data)": 'Type of "x.data" is "float"',
        "reveal_type(tanh(x))": 'Type of "tanh(x)" is "Value"',
        "reveal_type(grad(tanh)(x.data))": 'Type of "grad(tanh)(x.data)" is "float"',
        "reveal_type(topological_order(x))": 'Type of "topological_order(x)" is "list[Value]"',
        "x.backwards()": 'Cannot access attribute "backwards" for class "Value"',
    }
