"""`python -m autograd`: formulas are read, never run."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import PRIMITIVES, Unary, Value
from autograd.__main__ import main
from autograd.expression import Expression, ExpressionError


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_value_and_the_derivatives_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(capsys, "x*y + x", "x=3", "y=0.5")
    assert code == 0
    assert out.splitlines() == [
        "x*y + x = 4.5",
        "name  number  derivative",
        "----  ------  ----------",
        "x          3         1.5",
        "y        0.5         3.0",
    ]


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-W", "error", "-m", "autograd", "tanh(x)", "x=0"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.startswith("tanh(x) = 0.0\n")


def test_the_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(capsys, "x**2 / y", "x=3", "y=2", "--check")
    assert code == 0
    assert "2 derivatives, all passed" in out


@pytest.mark.usefixtures("table")
def test_a_check_that_does_not_pass_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    class Wrong(Unary):
        name = "wrong"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return x * x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 3.0 * x

    Wrong()
    code, out, _ = ran(capsys, "wrong(x)", "x=2", "--check")
    assert code == 1
    assert "FAILED" in out.upper()


def test_the_picture_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "graph.svg"
    assert ran(capsys, "x*x", "x=3", "--draw", str(file))[0] == 0
    assert "<svg" in file.read_text(encoding="utf-8")


def test_the_page_is_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "lesson.html"
    assert ran(capsys, "tanh(x)", "x=0.5", "--explore", str(file))[0] == 0
    assert file.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_a_page_of_a_constant_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = ran(capsys, "3", "--explore", str(tmp_path / "lesson.html"))
    assert code == 2
    assert err.startswith("python -m autograd: ")


def test_ops_lists_every_primitive_with_its_derivatives(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "ops")
    assert [line.split()[0] for line in out.splitlines()] == list(PRIMITIVES)
    assert "d/dx: 1 - tanh(x)**2" in out


def test_the_version_tells_the_backend(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"scalar-autograd {autograd.__version__} ({autograd.backend()})\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "there is no number for x: add x=1"),
        (["x*y"], "there is no number for x, y: add x=1 y=1"),
        (["x", "x=a"], "'x=a' gives no number to a name; write it like x=0.5"),
        (["x", "x"], "'x' gives no number to a name"),
        (["x", "2=3"], "'2' in '2=3' is no name"),
        (["x", "x=1", "x=2"], "there are two numbers for x: 1.0 and 2.0"),
        (["x", "x=1", "y=2"], "the formula has no y; it has x"),
        (["3", "--check"], "there is nothing to check in a formula without names"),
        (["log(x)", "x=-1"], "log(x) is not defined at x = -1.0 (labelled 'x')"),
        (["1/x", "x=0"], "x / y divides by zero"),
        (["sqrt(x)", "x=0"], "the derivative of sqrt(x) = 0.0"),
        (["x", "x=1", "--draw", "no/such/folder/x.svg"], "no/such/folder"),
        (["x", "x=1", "--draw", "x.gif"], ".svg"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, _, err = ran(capsys, *arguments)
    assert code == 2
    assert message in err


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "there is no formula", 0),
        ("x + ", "this is no formula", 3),
        ("x = 1", "this is no formula", 2),
        ("x + foo(x)", "there is no such function", 4),
        ("__import__('os')", "there is no such function", 0),
        ("x.real", "not this", 0),
        ("x + (lambda: 1)", "not this", 5),
        ("[x]", "not this", 0),
        ("1 + 'a'", "not this", 4),
        ("1 + True", "not this", 4),
        ("1j * x", "not this", 0),
        ("f'{x}'", "not this", 0),
        ("x if x else 1", "not this", 0),
        ("x < 1", "not this", 0),
        ("(y := x)", "not this", 1),
        ("x // y", "an operator other than + - * / **", 5),
        ("x @ y", "an operator other than + - * / **", 4),
        ("~x", "only + and - stand before a number", 0),
        ("not x", "only + and - stand before a number", 0),
        ("1 + tanh(x, y)", "tanh takes x, not 2 arguments", 4),
        ("atan2(x)", "atan2 takes x, y, not 1 arguments", 0),
        ("tanh(x=1)", "tanh takes x", 0),
        ("tanh(*x)", "not this", 5),
        ("x.exp()", "there is no such function", 0),
        ("汉字 + 'a'", "not this", 7),  # two columns for each of the characters
    ],
)
def test_what_is_no_formula_is_pointed_at(text: str, reason: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    first, shown, mark = str(caught.value).split("\n")
    assert reason in first
    assert shown == f"  {text.strip()}"
    assert mark == " " * (2 + column) + "^"


@pytest.mark.parametrize("text", ["+".join(["x"] * 100_000), "-" * 100_000 + "x", "(" * 5_000 + "x" + ")" * 5_000])
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(text)


def test_names_may_be_in_any_script() -> None:
    assert Expression("质量 * 加速度")({"质量": Value(2.0), "加速度": Value(3.0)}).data == 6.0


def test_a_name_may_be_that_of_a_function() -> None:
    assert Expression("exp(exp)")({"exp": Value(0.0)}).data == 1.0


@given(x=st.floats(-3, 3), y=st.floats(0.1, 3))
def test_a_formula_computes_what_python_computes(x: float, y: float) -> None:
    text = "-x**2 / y + 3 * (x - +y) ** 2 - sin(x) * atan2(x, y)"
    a, b = Value(x), Value(y)
    expected = -(a**2) / b + 3 * (a - +b) ** 2 - autograd.sin(a) * autograd.atan2(a, b)
    assert Expression(text)({"x": a, "y": b}).data == expected.data


@given(st.text(max_size=20))
def test_any_text_is_a_formula_or_the_one_error(text: str) -> None:
    with suppress(ExpressionError):
        assert Expression(text).text == text
