"""The reference shows every public name, and the check of that can fail."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from autograd import PRIMITIVES, Number, Unary
from docs.check_reference import REFERENCE, problems, undocumented
from docs.operations import entries, operation_table


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A copy of the reference, to break."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


def replaced(page: Path, before: str, after: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert before in text
    page.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.slow
def test_nothing_is_wrong_with_the_reference() -> None:
    assert problems(REFERENCE) == []


def test_a_public_name_that_is_not_shown_is_named(reference: Path) -> None:
    replaced(reference / "derivatives.rst", ".. autofunction:: hvp\n", "")
    assert problems(reference) == ["autograd.hvp is public but not in the reference"]


def test_a_class_that_is_only_returned_belongs_in_the_reference(reference: Path) -> None:
    replaced(reference / "by_hand.rst", ".. autoclass:: ComparedGradient", "")
    assert problems(reference) == ["nn.gradient_comparison.ComparedGradient is public but not in the reference"]


def test_a_name_that_does_not_exist_is_named(reference: Path) -> None:
    replaced(reference / "errors.rst", "CompileError", "CompilationError")
    (found,) = [problem for problem in problems(reference) if "CompilationError" in problem]
    assert re.fullmatch(r"errors\.rst:\d+: autograd\.CompilationError is shown but does not exist", found)


def test_a_name_that_is_shown_twice_is_named(reference: Path) -> None:
    replaced(reference / "errors.rst", "CompileError", "RenderError")
    (found,) = [problem for problem in problems(reference) if "RenderError" in problem]
    assert re.fullmatch(r"errors\.rst:\d+: autograd\.RenderError is shown twice", found)


def test_the_primitives_are_shown_by_the_table_of_primitives(reference: Path) -> None:
    replaced(reference / "operations.rst", ".. primitives::", "")
    found = problems(reference)
    missing = [name for name in PRIMITIVES if f"autograd.{name} is public but not in the reference" in found]
    assert missing == list(PRIMITIVES)


@pytest.mark.usefixtures("table")
def test_a_new_primitive_is_in_the_table_of_the_reference() -> None:
    class Double(Unary):
        name = "double"
        symbol = "2x"
        derivatives = ("2",)
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return 2 * x

        def partial_x(self, x: Number, out: Number) -> Number:
            return 2.0

    Double()
    row = "   * - :py:obj:`double <autograd.double>`\n     - \n     - ``2x``\n     - ``2``\n"
    assert operation_table().endswith(row)
    assert entries().endswith(".. autofunction:: autograd.double")


def test_a_function_without_a_docstring_is_named() -> None:
    def silent() -> None: ...

    assert undocumented("silent", silent) == ["silent has no docstring"]


def test_a_method_without_a_docstring_is_named() -> None:
    class Documented:
        """One."""

        def method(self) -> None: ...

        @property
        def held(self) -> None: ...

    assert undocumented("Documented", Documented) == [
        "Documented.method has no docstring",
        "Documented.held has no docstring",
    ]


def test_what_an_object_holds_is_told_by_its_class() -> None:
    class Row(NamedTuple):
        """x: a number."""

        x: float
        y: float

    assert undocumented("Row", Row) == ["Row.y is not in the docstring of its class"]
