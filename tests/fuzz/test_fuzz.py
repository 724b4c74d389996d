"""A fixed share of the random programs, and proof that they find what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import PRIMITIVES
from autograd.engine import ops
from tests.fuzz import bits, reference, runner, scalar
from tests.fuzz.failure import Failure
from tests.fuzz.program import Ending, Step, shrunk, without_unused, written

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(
        autograd.backend() == "native", reason="plain Python runs them; `make fuzz` holds native code against it"
    ),
]
BACKWARD = Ending("backward", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 1_000_000])
def test_random_scalar_programs_give_what_mpmath_gives(first: int) -> None:
    failures = [failure for failure in map(scalar.check, range(first, first + 20_000)) if failure is not None]
    assert not failures, "\n\n".join(map(str, failures[:5]))


def test_every_primitive_has_a_reference() -> None:
    built_in = {name for name, primitive in PRIMITIVES.items() if type(primitive).__module__ == "autograd.engine.ops"}
    assert set(reference.PRIMITIVES) == built_in


# ---------------------------------------------------------------- it can fail

WRONG_RULES: dict[str, tuple[type[Any], str, Callable[..., Any]]] = {
    "a sign": (ops.Cos, "partial_x", lambda self, x, out: ops.sin(x)),
    "a factor": (ops.Sqrt, "partial_x", lambda self, x, out: 0.5000001 / out),
    "a swap": (ops.Divide, "float_partial_x", lambda self, x, y, out: 1.0 / x if x else 1.0),
    "digits in the tail": (ops.Tanh, "float_partial_x", lambda self, x, y, out: 1.0 - out * out),
    "the last digits": (ops.Log, "partial_x", lambda self, x, out: 1.0 / x * (1.0 + 3e-15)),
    "a kink": (ops.Relu, "float_partial_x", lambda self, x, y, out: 0.0 if x < 0 else 1.0),
    "a tie": (ops.Maximum, "partial_y", lambda self, x, y, out: 0.0 if y <= x else 1.0),
    "an even exponent": (ops.Power, "partial_x", lambda self, x, y, out: y * x ** (y - 1.0) if y else 0.0),
    "a value": (ops.Softplus, "forward", lambda self, x: ops.log1p(ops.exp(x)) if x < 30.0 else x),
    "an error": (ops.Log, "forward", lambda self, x: ops.log2(x) * 0.6931471805599453 if x > 0.0 else -1e300),
}


@pytest.fixture
def wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, rule, replacement = WRONG_RULES[request.param]
    monkeypatch.setattr(kind, rule, replacement)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG_RULES, indirect=True)
@pytest.mark.usefixtures("wrong")
def test_a_wrong_rule_is_found() -> None:
    assert any(scalar.check(seed) for seed in range(4_000))


def test_a_failure_is_a_short_program_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops.Sin, "partial_x", lambda self, x, out: -ops.cos(x))
    failure = next(failure for failure in map(scalar.check, range(4_000)) if failure is not None)
    assert len(failure.program.splitlines()) <= 7
    assert "sin" in failure.program
    exec(compile(failure.program, "program", "exec"), {"print": lambda *shown: None})


def test_a_program_is_shrunk_to_the_steps_that_matter() -> None:
    steps = [
        Step("leaf", number=1.2345),
        Step("leaf", number=2.0),
        Step("sin", (0,)),
        Step("multiply", (2, 1)),
        Step("exp", (3,)),
    ]
    assert shrunk(steps, lambda candidate: any(step.does == "sin" for step in candidate)) == [
        Step("leaf", number=1.0),
        Step("sin", (0,)),
    ]


def test_steps_that_are_not_used_are_left_out() -> None:
    steps = [Step("leaf", number=1.0), Step("leaf", number=2.0), Step("exp", (1,))]
    assert without_unused(steps) == [Step("leaf", number=2.0), Step("exp", (0,))]


def test_a_program_is_written_as_python() -> None:
    steps = [
        Step("leaf", number=1.0),
        Step("number", number=2),
        Step("multiply", (0, 1), style="operator"),
        Step("tanh", (2,), style="method", recorded=False),
        Step("softmax", (0, 2)),
        Step("item", (4,), number=1),
        Step("<", (0, 1, 3, 5)),
    ]
    assert written(steps, "{0}.backward()").splitlines() == [
        "from autograd import Value, no_grad, softmax, where",
        "",
        "x0 = Value(1.0)",
        "x1 = 2",
        "x2 = x0 * x1",
        "with no_grad():",
        "    x3 = x2.tanh()",
        "x4 = softmax([x0, x2])",
        "x5 = x4[1]",
        "x6 = where(x0 < x1, x3, x5)",
        "x6.backward()",
    ]


# ---------------------------------------------------------------- native code against plain

SQUARE = [Step("leaf", number=3.0), Step("multiply", (0, 0))]


def test_an_answer_holds_the_bits_of_all_that_a_program_gives() -> None:
    assert bits.answer(SQUARE, BACKWARD) == [
        "0x1.8000000000000p+1 and a gradient",
        "0x1.2000000000000p+3 and a gradient",
        "differentiated",
        "0x1.8000000000000p+2 to 0",
        "0x1.0000000000000p+0 to 1",
        "0x1.0000000000000p+1",
    ]


def test_an_answer_holds_the_text_of_an_error() -> None:
    steps = [Step("leaf", number=-1.0), Step("log", (0,))]
    assert bits.answer(steps, BACKWARD)[-1].startswith("ValueError: log(x) is not defined at x = -1.0")


def test_one_bit_is_a_difference() -> None:
    plain = bits.answer(SQUARE, BACKWARD)
    native = [line.replace("0x1.2000000000000p+3", "0x1.2000000000001p+3") for line in plain]
    assert bits.difference(plain, plain) is None
    assert bits.difference(plain, native, to_the_bit=False) is None
    assert "0x1.2000000000001p+3" in str(bits.difference(plain, native, to_the_bit=True))


def test_another_error_is_a_difference() -> None:
    assert bits.difference(["ValueError: this"], ["ValueError: that"], to_the_bit=False) is not None


def test_a_program_reaches_the_other_process_as_it_is() -> None:
    for seed in range(300):
        steps, ending = bits.made(seed)
        there, how = bits._read(bits._write(steps, ending))
        assert repr((there, how)) == repr((steps, ending))


# ---------------------------------------------------------------- the runner


def test_the_runner_counts_the_programs_and_succeeds(capfd: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["--kind", "scalar", "--seed", "5", "--count", "30", "--processes", "1"]) == 0
    assert capfd.readouterr().out.splitlines()[-1].split()[:4] == ["scalar", "30", "5", "0"]


def test_the_runner_shows_what_differs_up_to_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    progress = runner.Progress("scalar", 7, None)
    different = [Failure("scalar", seed, "it differs", "x0 = 1\n") for seed in range(runner.SHOWN + 5)]
    runner.count_in(progress, runner.Share(1.0, different), 100)
    shown = capsys.readouterr().out
    assert progress.failures == len(different)
    assert shown.count("it differs") == runner.SHOWN
    assert shown.startswith("# scalar 0: it differs\nx0 = 1\n")
