"""`python -m autograd`: formulas are read, never run."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import PRIMITIVES, Unary, Value, expression
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


def test_the_layout_can_be_chosen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    files = ("--draw", str(tmp_path / "graph.svg"))
    assert ran(capsys, "x*x", "x=3", *files, "--layout", "python")[0] == 0
    code, _, err = ran(capsys, "x*x", "x=3", *files, "--layout", "dot")
    assert (code, 'layout="dot" needs the program dot' in err) == (2, True)


def test_a_layout_goes_with_what_is_laid_out(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["x*x", "x=3", "--layout=python"])
    assert "lay out the graph of --draw" in capsys.readouterr().err


def test_a_page_of_a_constant_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = ran(capsys, "3", "--explore", str(tmp_path / "lesson.html"))
    assert code == 2
    assert err.startswith("python -m autograd: ")


def test_ops_lists_every_primitive_with_its_derivatives(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "ops")
    assert [line.split()[0] for line in out.splitlines()] == list(PRIMITIVES)
    assert "d/dx: 1 - tanh(x)**2" in out


@pytest.mark.parametrize("more", ["x=1", "--check", "--draw=x.svg", "--explore=x.html", "--layout=python"])
def test_ops_stands_alone(capsys: pytest.CaptureFixture[str], more: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ops", more])
    assert "ops takes no other arguments" in capsys.readouterr().err


def test_infinity_may_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "x", "x=-inf")[1].startswith("x = -inf\n")


def test_a_name_is_the_same_in_the_formula_and_before_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "ﬁ + 1", "ﬁ=2")[1].startswith("ﬁ + 1 = 3.0\n")  # Python reads the one character as two


def test_a_very_long_formula_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "+".join(["x"] * 500), "x=2")
    assert len(out.splitlines()[0]) < 220
    assert out.splitlines()[0].endswith("… = 1000.0")


def run_as_program(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "autograd", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    )


def test_a_reader_that_goes_is_no_error() -> None:
    with run_as_program("ops") as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()  # before it can have written anything
        assert program.stderr.read() == b""
        assert program.wait() == 0


def test_where_there_are_no_chinese_characters_their_codes_are_printed() -> None:
    with run_as_program("质量 * 2", "质量=3", PYTHONIOENCODING="ascii") as program:
        out, _ = program.communicate()
    assert out.startswith(b"\\u8d28\\u91cf * 2 = 6.0")


def test_the_version_tells_the_backend(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"scalar-autograd {autograd.__version__} ({autograd.backend()})\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x"], "there is no number for x: add x=1"),
        (["x*y"], "there is no number for x, y: add x=1 y=1"),
        (["sin(pi*x)", "x=1"], "there is no number for pi: add pi=3.141592653589793\n"),
        (["2*PI*r*E", "r=1"], "there is no number for PI, E: add PI=3.141592653589793 E=1\n"),
        (["e**x", "x=1"], "there is no number for e: add e=2.718281828459045\n"),
        (["π + τ"], "add π=3.141592653589793 τ=6.283185307179586\n"),
        (["sin * x", "x=1"], "there is no number for sin: add sin=1; call a function, as in sin(x)\n"),
        (["x", "x=a"], "'x=a' does not give a number to a name, as x=0.5 does"),
        (["x", "x"], "'x' does not give a number to a name"),
        (["x", "2=3"], "'2' in '2=3' is not a name"),
        (["x", "x=1", "x=2"], "there are two numbers for x: 1.0 and 2.0"),
        (["x", "x=1", "y=2"], "the formula has no y; it has x"),
        (["3", "--check"], "there is nothing to check in a formula without names"),
        (["log(x)", "x=-1"], "log(x) is not defined at x = -1.0 (labelled 'x')"),
        (["1/x", "x=0"], "x / y divides by zero"),
        (["sqrt(x)", "x=0"], "the derivative of sqrt(x) = 0.0"),
        (["x", "x=1", "--draw", "no/such/folder/x.svg"], "no/such/folder"),
        (["x", "x=1", "--draw", "x.gif"], ".svg"),
        (["x", "x=1e400"], "1e400 in 'x=1e400' is too large for a float"),
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
        ("x + ", "this is not a formula", 3),
        ("x = 1", "this is not a formula", 2),
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
        ("arctan(x)", "there is no such function; write atan", 0),
        ("x^2", "the operator before this is not one of + - * / **; a power is written **", 2),
        ("x // y", "the operator before this is not one of + - * / **", 5),
        ("x @ y", "the operator before this is not one of + - * / **", 4),
        ("~x", "only + and - may stand before a number", 0),
        ("not x", "only + and - may stand before a number", 0),
        ("1 + tanh(x, y)", "tanh takes 1 argument (x), not 2", 4),
        ("atan2(x)", "atan2 takes 2 arguments (x, y), not 1", 0),
        ("tanh(x=1)", "arguments have no names here: write tanh(x)", 0),
        ("x + 1e400", "too large for a float", 4),
        ("x + " + "9" * 310, "too large for a float", 4),
        ("x # y", "no comments", 2),
        ("x + 2y", "this is not a formula", 4),
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
    assert shown == f"  {text.strip()}" or shown.endswith("…")
    assert mark == " " * (2 + column) + "^"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("ln(x)", "no such function; write log;"),
        ("LN(x)", "; write log;"),
        ("lg(x)", "; write log10;"),
        ("arctan(x)", "; write atan;"),
        ("arcsin(x)", "; write asin;"),
        ("arsinh(x)", "; write asinh;"),
        ("arctan2(x, y)", "; write atan2;"),
        ("max(x, y)", "; write maximum;"),
        ("pow(x, 2)", "; write x ** y;"),
        ("mean(x, y)", "; write (x + y + z) / 3;"),
        ("mean([x, y])", "; write (x + y + z) / 3;"),
        ("sum(x, y)", "; write x + y + z;"),
        ("logistic(x)", "; write sigmoid;"),
        ("np.sin(x)", "; write sin(x);"),
        ("math.ln(x)", "; write log;"),
        ("x.exp()", "; write exp(x);"),
        ("sinn(x)", "; write sin;"),
        ("where(x > 0, x, y)", "no such function: a formula has no conditions; use maximum, minimum"),
        ("if(x > 0, x, y)", "a formula has no conditions"),
        ("x if x > 0 else y", "not this; a formula has no conditions"),
        ("x > 0", "not this; a formula has no conditions"),
        ("floor(x)", "its derivative is 0 wherever it has one"),
        ("2(x + 1)", "a product is written *"),
        ("x(y + 1)", "a product is written *"),
        ("2x", "a product is written *"),
        ("3.5x", "a product is written *"),
        ("x y", "a product is written *, a call sin(x)"),
        ("sin x", "a product is written *, a call sin(x)"),
        ("3×x", "a product is written *"),
        ("x÷y", "a quotient is written /"),
        ("x // y", "a quotient is written /"),
        ("x @ y", "a product is written *"),
        ("x²", "a power is written **"),
        ("x^2", "a power is written **"),
        ("x−1", "a difference is written -"),
        ("√x", "a root is written sqrt(x)"),
        ("|x|", "|x| is written abs(x)"),
        ("x = 1", "numbers for the names go after the formula, as in x=1"),
        ("1,5 * x", "write a decimal point, not a comma"),
        ("log(x, 2)", "log takes 1 argument (x), not 2; the logarithm to the base y is log(x) / log(y)"),
        ("maximum(x, y, z)", "for three numbers write maximum(x, maximum(y, z))"),
        ("atan(x, y)", "for two numbers write atan2(x, y)"),
    ],
)
def test_what_is_written_otherwise_elsewhere_is_told(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression(text)
    first = str(caught.value).split("\n")[0]
    assert hint in f"{first};"


def test_every_hint_is_a_formula() -> None:
    for meant in expression._WRITTEN_HERE:
        assert meant in PRIMITIVES or Expression(meant).text == meant


def test_an_unknown_function_is_no_product() -> None:
    with pytest.raises(ExpressionError, match=r"^there is no such function; there are"):
        Expression("foo(x)")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_without_a_formula_it_says_so(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"^the formula is empty$"):
        Expression(text)


def test_of_a_long_formula_the_place_of_the_mistake_is_shown() -> None:
    with pytest.raises(ExpressionError) as caught:
        Expression("x + " * 1000 + "'a'" + " + x" * 1000)
    _, shown, mark = str(caught.value).split("\n")
    assert len(shown) < 100
    assert shown[mark.index("^") :].startswith("'a'")


def test_a_formula_may_have_several_lines() -> None:
    assert Expression("x\n  + y\r\n  * 2")({"x": Value(1.0), "y": Value(3.0)}).data == 7.0


def test_a_sum_may_have_many_terms() -> None:
    assert Expression("+".join(["x"] * 2000))({"x": Value(0.5)}).data == 1000.0


def test_operands_are_computed_from_left_to_right() -> None:
    with pytest.raises(ValueError, match=r"log\(x\)"):
        Expression("log(x) + sqrt(x)")({"x": Value(-1.0)})


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


# ---------------------------------------------------------------- conditions, which only derivatives have


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("1 if x > 0 else -1 if x < 0 else 0", 2.0, 1.0),
        ("1 if x > 0 else -1 if x < 0 else 0", -2.0, -1.0),
        ("1 if x > 0 else -1 if x < 0 else 0", 0.0, 0.0),
        ("2 * (x if x >= 1 else log(x)) + 1", 3.0, 7.0),  # of the two only one is computed
        ("0 if x <= 0 else log(x)", -1.0, 0.0),
        ("5 if x == 2 else 6", 2.0, 5.0),
        ("5 if x != 2 else 6", 2.0, 6.0),
    ],
)
def test_a_derivative_may_hold_a_condition(text: str, x: float, expected: float) -> None:
    expression = Expression(text, conditions=True)
    assert expression.names == ["x"]
    assert expression({"x": Value(x)}).data == expected


@pytest.mark.parametrize("text", ["1 if x else 2", "1 if 0 < x < 1 else 2", "1 if x > 0 and x < 1 else 2", "x > 0"])
def test_a_condition_is_one_comparison(text: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(text, conditions=True)
