"""The layout of the packages: which folder may import which, no circles, and no module too long to read.

Each rule is a function over a folder that holds packages, so that the tests at the end can show that it fails.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("autograd", "autograd_course", "nn")

# A room is a folder of `autograd`, or a module that lies flat in it. It may import the rooms of its own line and those
# of the lines above it.
LEVELS = (
    ("support",),
    ("engine",),
    ("rules",),
    ("nested", "composites", "polynomial", "functional"),
    ("expression", "check", "pictures", "compiler"),
    ("calculus", "explore", "testing"),
    ("__init__",),
    ("__main__",),
)
# Of `autograd`, `nn` imports what a user can import (the package itself and its calculus), and this room.
PUBLIC = ("autograd", "autograd.calculus")
OPEN_TO_NN = "support"
# What the exercises of the course are built upon.
OPEN_TO_THE_COURSE = (*PUBLIC, "nn")
# What is built upon the rest of `nn`: only the face of the package imports it.
LESSONS = "nn.lessons"
# A Value draws itself in a notebook.
NOTEBOOK_HOOK = ("autograd.engine.value", "autograd.pictures.draw")

# The modules of HIPS autograd, `pip install autograd`: where both are installed, equal paths overwrite each other.
NAMES_OF_HIPS_AUTOGRAD = {
    *("builtins", "core", "differential_operators", "extend", "misc", "numpy"),
    *("scipy", "test_util", "tracer", "util", "wrap_util"),
}
MOST_FLAT_FILES = 8
MOST_LINES = 600
MAY_BE_LONGER = ("autograd/engine/ops.py", "autograd/engine/value.py")  # each is one table, read from top to bottom


class Import(NamedTuple):
    """One module imports another, at a line."""

    importer: str
    imported: str
    line: int


def python_files(root: Path) -> Iterator[Path]:
    """The Python files of the packages in a folder."""
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            if "node_modules" not in file.parts:
                yield file


def modules(root: Path) -> dict[str, Path]:
    """The modules of the packages in a folder, by their dotted names."""
    found = {}
    for file in python_files(root):
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(root: Path) -> list[Import]:
    """What each module imports of these packages, inside of functions too; not what only type checkers import."""
    known = modules(root)
    found = []
    for name, file in known.items():
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for node in executed(ast.parse(file.read_text(encoding="utf-8"))):
            for imported in imported_by(node, package, known):
                if imported != name and imported.partition(".")[0] in PACKAGES:
                    assert imported in known, f"{name}, line {node.lineno}: there is no module {imported}"
                    found.append(Import(name, imported, node.lineno))
    return found


def executed(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements of a module that can be executed."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for other in node.orelse:
                yield from executed(ast.Module([other], []))
        else:
            yield from executed(node)


def imported_by(node: ast.Import | ast.ImportFrom, package: str, known: Iterable[str]) -> Iterator[str]:
    """The modules that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    base = node.module or ""
    if node.level:
        above = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    for alias in node.names:
        yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base


def room_of(module: str) -> str:
    """The room of a module of `autograd`.

    `autograd.engine.ops` is in `engine`, and the package itself is `__init__`.
    """
    return module.split(".")[1] if "." in module else "__init__"


def forbidden(found: Import) -> str | None:
    """Why a module must not import another, or None if it may."""
    importer, imported = found.importer, found.imported
    if importer.partition(".")[0] == "autograd_course":
        return forbidden_to_the_course(imported)
    if imported.partition(".")[0] == "autograd_course":
        return "only the course knows its exercises"
    if importer.partition(".")[0] == "nn":
        return forbidden_to_nn(importer, imported)
    if imported.partition(".")[0] == "nn":
        return "autograd does not know nn"
    if (importer, imported) == NOTEBOOK_HOOK:
        return None
    levels = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
    for module in (importer, imported):
        if room_of(module) not in levels:
            return f"{room_of(module)} is not in LEVELS"
    if levels[room_of(importer)] < levels[room_of(imported)]:
        return f"{room_of(importer)} lies below {room_of(imported)}"
    return None


def forbidden_to_nn(importer: str, imported: str) -> str | None:
    """Why a module of `nn` must not import another, or None if it may."""
    if imported.partition(".")[0] == "autograd":
        allowed = imported in PUBLIC or room_of(imported) == OPEN_TO_NN
        return None if allowed else f"nn imports {' and '.join(PUBLIC)} themselves, and the {OPEN_TO_NN} of autograd"
    if imported.startswith(LESSONS) and not importer.startswith(LESSONS) and importer != "nn":
        return "the lessons are built upon nn, not nn upon them"
    return None


def forbidden_to_the_course(imported: str) -> str | None:
    """Why a module of the exercises must not import another, or None if it may."""
    package = imported.partition(".")[0]
    allowed = imported in OPEN_TO_THE_COURSE or package == "autograd_course"
    if allowed or (package == "autograd" and room_of(imported) == OPEN_TO_NN):
        return None
    return f"the exercises import {', '.join(OPEN_TO_THE_COURSE)} themselves, and the {OPEN_TO_NN} of autograd"


def upward_imports(found: Iterable[Import]) -> list[str]:
    """The imports that go against the order of the rooms, a line for each."""
    lines = []
    for each in found:
        reason = forbidden(each)
        if reason is not None:
            lines.append(f"{each.importer}, line {each.line}, imports {each.imported}: {reason}")
    return list(dict.fromkeys(lines))


def circles(found: Iterable[Import]) -> list[str]:
    """The groups of modules each of which leads to all others by its imports; the notebook hook does not count."""
    leads_to: dict[str, set[str]] = {}
    for importer, imported, _ in found:
        if (importer, imported) != NOTEBOOK_HOOK:
            leads_to.setdefault(importer, set()).add(imported)
    reached = {module: reachable(module, leads_to) for module in leads_to}
    groups = {
        frozenset(other for other in others if module in reached.get(other, ()))
        for module, others in reached.items()
        if module in others
    }
    return sorted(", ".join(sorted(group)) for group in groups)


def reachable(module: str, leads_to: dict[str, set[str]]) -> set[str]:
    """The modules that importing a module imports."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        for imported in leads_to.get(waiting.pop(), set()) - reached:
            reached.add(imported)
            waiting.append(imported)
    return reached


def between_rooms(found: Iterable[Import]) -> list[Import]:
    """The same imports with rooms in place of the modules of `autograd`."""
    return [
        Import(room_of(importer), room_of(imported), line)
        for importer, imported, line in found
        if importer.startswith("autograd.") and imported.startswith("autograd.")
        if (importer, imported) != NOTEBOOK_HOOK and room_of(importer) != room_of(imported)
    ]


def names_taken(root: Path) -> list[str]:
    """The files and folders of `autograd` that HIPS autograd has too; both need an `__init__.py`."""
    return sorted(path.name for path in (root / "autograd").iterdir() if path.stem in NAMES_OF_HIPS_AUTOGRAD)


def flat_files(root: Path) -> list[str]:
    """The Python files that lie in `autograd` itself."""
    return sorted(path.name for path in (root / "autograd").glob("*.py"))


def long_files(root: Path) -> list[str]:
    """The files with more than `MOST_LINES` lines, a line for each."""
    lines = []
    for file in python_files(root):
        name = file.relative_to(root).as_posix()
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > MOST_LINES and name not in MAY_BE_LONGER and not is_made(text):
            lines.append(f"{name} has {text.count(chr(10))} lines")
    return lines


def packages_left_out(root: Path) -> list[str]:
    """Packages that a wheel would lack, since pyproject.toml lists others."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["setuptools"]["packages"]
    found = {".".join(file.parent.relative_to(root).parts) for file in python_files(root)}
    return sorted(found - set(listed))


def is_made(text: str) -> bool:
    """Whether the first line says that a program made the file."""
    return text.partition("\n")[0].lstrip('"# ').startswith("Made ")


@cache
def imports_of_the_packages() -> list[Import]:
    return imports(ROOT)


def test_every_room_imports_only_those_below() -> None:
    assert upward_imports(imports_of_the_packages()) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imports_of_the_packages()) == []


def test_no_rooms_import_each_other_in_a_circle() -> None:
    allowed = [found for found in imports_of_the_packages() if forbidden(found) is None]
    assert circles(between_rooms(allowed)) == []


def test_no_module_bears_a_name_of_hips_autograd() -> None:
    assert names_taken(ROOT) == []


def test_few_files_lie_flat_in_the_package() -> None:
    assert len(flat_files(ROOT)) <= MOST_FLAT_FILES


def test_a_file_can_be_read_in_one_sitting() -> None:
    assert long_files(ROOT) == []


def test_a_wheel_holds_all_packages() -> None:
    assert packages_left_out(ROOT) == []


# ---------------------------------------------------------------- each rule can fail


class House:
    """A folder with packages of a test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("autograd/__init__.py", "")
        self.write("nn/__init__.py", "")

    def write(self, name: str, text: str) -> None:
        """Writes a file, and makes packages of the folders it is in."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if not (file.parent / "__init__.py").exists():
            self.write(f"{file.parent.relative_to(self.root).as_posix()}/__init__.py", "")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "from autograd.check.gradcheck import gradcheck",
        "from autograd.check import gradcheck",
        "import autograd.check.gradcheck",
        "from ..check.gradcheck import gradcheck",
        "def later():\n    from autograd.check.gradcheck import gradcheck",
        "try:\n    from autograd.check.gradcheck import gradcheck\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    pass\nelse:\n    from autograd.check.gradcheck import gradcheck",
    ],
)
def test_an_import_upwards_is_found_however_it_is_written(house: House, statement: str) -> None:
    house.write("autograd/check/gradcheck.py", "")
    house.write("autograd/engine/graph.py", statement)
    (line,) = upward_imports(imports(house.root))
    assert line.startswith("autograd.engine.graph, line ")
    assert line.endswith("imports autograd.check.gradcheck: engine lies below check")


@pytest.mark.parametrize("guard", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_an_import_for_type_checkers_alone_is_allowed(house: House, guard: str) -> None:
    house.write("autograd/check/gradcheck.py", "")
    house.write("autograd/engine/graph.py", f"if {guard}:\n    from autograd.check.gradcheck import gradcheck")
    assert upward_imports(imports(house.root)) == []


def test_an_import_downwards_is_allowed(house: House) -> None:
    house.write("autograd/engine/graph.py", "")
    house.write("autograd/check/gradcheck.py", "from autograd.engine.graph import walk")
    assert upward_imports(imports(house.root)) == []


def test_only_the_notebook_hook_leads_from_the_engine_to_the_pictures(house: House) -> None:
    house.write("autograd/pictures/draw.py", "from autograd.engine.value import Value")
    hook = "def _repr_mimebundle_(self):\n    from autograd.pictures.draw import svg"
    house.write("autograd/engine/value.py", hook)
    assert (upward_imports(imports(house.root)), circles(imports(house.root))) == ([], [])
    house.write("autograd/engine/ops.py", hook)
    assert len(upward_imports(imports(house.root))) == 1


def test_a_module_below_does_not_import_the_package(house: House) -> None:
    house.write("autograd/calculus/descent.py", "from autograd import Value")
    assert upward_imports(imports(house.root)) == [
        "autograd.calculus.descent, line 1, imports autograd: calculus lies below __init__"
    ]


def test_a_new_room_has_to_be_given_its_level(house: House) -> None:
    house.write("autograd/cellar/wine.py", "from autograd.cellar import wine, bread")
    assert upward_imports(imports(house.root)) == [
        "autograd.cellar.wine, line 1, imports autograd.cellar: cellar is not in LEVELS"
    ]


@pytest.mark.parametrize("room", ["engine", "check", "pictures", "compiler", "calculus", "explore"])
def test_nn_does_not_import_the_inner_rooms(house: House, room: str) -> None:
    house.write(f"autograd/{room}/anything.py", "")
    house.write("nn/fit.py", f"def fit():\n    from autograd.{room}.anything import anything")
    assert upward_imports(imports(house.root)) == [
        f"nn.fit, line 2, imports autograd.{room}.anything: "
        "nn imports autograd and autograd.calculus themselves, and the support of autograd"
    ]


def test_nn_imports_the_face_of_autograd_calculus_and_support(house: House) -> None:
    house.write("autograd/calculus/descent.py", "")
    house.write("autograd/support/rng.py", "")
    house.write("nn/fit.py", "from autograd import Value\nfrom autograd.calculus import gradient_descent\n")
    house.write("nn/init.py", "from autograd.support.rng import generator\n")
    assert upward_imports(imports(house.root)) == []


def test_autograd_does_not_import_nn(house: House) -> None:
    house.write("autograd/__main__.py", "import nn")
    assert upward_imports(imports(house.root)) == ["autograd.__main__, line 1, imports nn: autograd does not know nn"]


@pytest.mark.parametrize("package", ["autograd.engine", "nn"])
def test_no_other_package_imports_the_exercises(house: House, package: str) -> None:
    house.write("autograd_course/__init__.py", "")
    house.write(f"{package.replace('.', '/')}/anything.py", "import autograd_course")
    assert upward_imports(imports(house.root)) == [
        f"{package}.anything, line 1, imports autograd_course: only the course knows its exercises"
    ]


@pytest.mark.parametrize("module", ["autograd.engine.graph", "nn.layers"])
def test_the_exercises_import_only_what_a_user_can(house: House, module: str) -> None:
    house.write(f"{module.replace('.', '/')}.py", "")
    house.write("autograd_course/__init__.py", f"import {module}")
    assert upward_imports(imports(house.root)) == [
        f"autograd_course, line 1, imports {module}: "
        "the exercises import autograd, autograd.calculus, nn themselves, and the support of autograd"
    ]


def test_nn_is_not_built_upon_its_lessons(house: House) -> None:
    house.write("nn/lessons/chain.py", "")
    house.write("nn/layers.py", "from nn.lessons.chain import Chain")
    house.write("nn/__init__.py", "from nn.lessons.chain import Chain")
    assert upward_imports(imports(house.root)) == [
        "nn.layers, line 1, imports nn.lessons.chain: the lessons are built upon nn, not nn upon them"
    ]


def test_a_circle_is_found_through_an_import_inside_a_function(house: House) -> None:
    house.write("nn/curves.py", "import nn.live")
    house.write("nn/live.py", "from nn import fit")
    house.write("nn/fit.py", "def fit():\n    from nn.curves import plot")
    house.write("nn/data.py", "import nn.fit")
    assert circles(imports(house.root)) == ["nn.curves, nn.fit, nn.live"]


def test_two_circles_are_told_apart(house: House) -> None:
    house.write("nn/a.py", "import nn.b, nn.c")
    house.write("nn/b.py", "import nn.a")
    house.write("nn/c.py", "import nn.d")
    house.write("nn/d.py", "import nn.c")
    assert circles(imports(house.root)) == ["nn.a, nn.b", "nn.c, nn.d"]


def test_a_circle_between_rooms_is_found_where_none_is_between_modules(house: House) -> None:
    house.write("autograd/check/first.py", "import autograd.pictures.first")
    house.write("autograd/pictures/first.py", "")
    house.write("autograd/pictures/second.py", "import autograd.check.second")
    house.write("autograd/check/second.py", "")
    assert circles(imports(house.root)) == []
    assert circles(between_rooms(imports(house.root))) == ["check, pictures"]


def test_a_name_of_hips_autograd_is_found(house: House) -> None:
    house.write("autograd/util.py", "")
    house.write("autograd/misc/optimizers.py", "")
    house.write("autograd/support/util.py", "")  # theirs is not in a folder of this name
    assert names_taken(house.root) == ["misc", "util.py"]


def test_a_package_that_a_wheel_would_lack_is_found(house: House) -> None:
    (house.root / "pyproject.toml").write_text('[tool.setuptools]\npackages = ["autograd", "nn"]\n', encoding="utf-8")
    house.write("autograd/pictures/layout/ranks.py", "")
    assert packages_left_out(house.root) == ["autograd.pictures.layout"]


def test_flat_files_are_counted(house: House) -> None:
    house.write("autograd/engine/ops.py", "")
    house.write("autograd/functional.py", "")
    assert flat_files(house.root) == ["__init__.py", "functional.py"]


def test_a_long_file_is_found_unless_a_program_made_it(house: House) -> None:
    house.write("nn/short.py", "pass\n" * MOST_LINES)
    house.write("nn/long.py", "pass\n" * (MOST_LINES + 1))
    house.write("autograd/engine/ops.py", "pass\n" * (MOST_LINES + 1))
    house.write("autograd/compiler/made.py", '"""Made from ops.py by `make rules`."""\n' + "pass\n" * MOST_LINES)
    assert long_files(house.root) == ["nn/long.py has 601 lines"]
