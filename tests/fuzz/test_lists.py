"""The random functions of lists: that they are what they say, and that they find what is wrong."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

import autograd
from autograd.compiler.arrays.elementary import ArrayRule
from autograd.compiler.arrays.rules import ARRAY_RULES
from tests.fuzz import mutations, structured
from tests.fuzz.lists.cases import Case, Way
from tests.fuzz.lists.chance import random_cases
from tests.fuzz.lists.judgement import Trouble, examine, operation_of, outcome
from tests.fuzz.lists.noise import Noise, is_short
from tests.fuzz.lists.programs import FORMS, Argument, Program, Step
from tests.fuzz.lists.reference import BY_FUNCTIONS, Eager, reference
from tests.fuzz.lists.shrinking import shrink

pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.skipif(autograd.backend() == "native", reason="plain Python runs them"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]


def cases(seeds: range) -> Iterator[Case]:
    for seed in seeds:
        yield from random_cases(random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 1_000_000])
def test_random_functions_of_lists_give_what_the_eager_engine_gives(first: int) -> None:
    failures = [failure for failure in map(structured.check, range(first, first + 800)) if failure is not None]
    assert not failures, "\n\n".join(map(str, failures[:5]))


# ---------------------------------------------------------------- programs


def test_a_seed_makes_the_same_cases_each_time() -> None:
    assert repr(list(cases(range(50)))) == repr(list(cases(range(50))))


def test_every_form_and_every_way_comes_up() -> None:
    some = list(cases(range(1500)))
    assert {step.form for case in some for step in case.program.steps} >= set(FORMS)
    ways = {"call", "values", "second", "inside", "value_and_grad", "per_example", "vmap", "prepared"}
    assert {case.way.name for case in some} == ways | {"fit", *BY_FUNCTIONS}


def test_a_program_is_printed_as_python_without_what_it_does_not_need() -> None:
    steps = (Step("softmax", (0,), ()), Step("scale", (0, 1), (0, 0, 0, 1)))
    program = Program((Argument("array", (3,)),), (2,), steps, Step("sum", (3,), ()))
    assert program.source().splitlines() == [
        "def f(a):",
        "    a_list = list(a)",
        "    s2 = [x * u[0] for x in a_list]",
        "    return sum(s2)",
    ]


@pytest.mark.parametrize(
    ("kind", "shape", "numbers"),
    [
        ("number", (), 1.0),
        ("list", (2,), [1.0, 2.0]),
        ("tuple", (2,), (1.0, 2.0)),
        ("rows", (2, 1), [[1.0], [2.0]]),
        ("parts", (1, 2), [[1.0], [2.0, 3.0]]),
    ],
)
def test_numbers_are_arranged_as_the_argument_says(kind: str, shape: tuple[int, ...], numbers: object) -> None:
    argument = Argument(kind, shape)
    assert argument.filled([1.0, 2.0, 3.0][: argument.size()]) == numbers


# ---------------------------------------------------------------- the numbers that round at random


@pytest.mark.slow
def test_without_noise_the_second_engine_gives_what_the_eager_one_gives() -> None:
    compared = 0
    for case in cases(range(300)):
        if case.way.name == "fit":
            continue
        code = compile(case.program.source(), "<program>", "exec")
        right, other = (outcome(lambda engine=engine: reference(case, code, engine)) for engine in (Eager, Noise))  # type: ignore[misc] # noqa: B023
        if isinstance(right, Trouble) or isinstance(other, Trouble):
            continue
        if not all(math.isfinite(n) and abs(n) < 1e6 for part in right.values() for n in part):
            continue
        compared += 1
        for key, numbers in right.items():
            assert other[key] == pytest.approx(numbers, rel=1e-9, abs=1e-9), case
    assert compared > 200


def test_noise_moves_what_is_rounded_and_leaves_what_is_exact() -> None:
    noise = Noise(2.0**-30, 0.0, random.Random(0))
    third, half = noise.leaf(1.0 / 3.0), noise.leaf(0.5)
    assert (third * half).data != 1.0 / 6.0
    assert (third * half).data == pytest.approx(1.0 / 6.0, rel=1e-8)
    assert (half * half + half).data == 0.75
    assert (-third).data == -1.0 / 3.0


def test_noise_shows_that_digits_cancel() -> None:
    def difference(seed: int) -> float:
        noise = Noise(2.0**-52, 0.0, random.Random(seed))
        x = noise.leaf(1e16)
        found: float = ((x + 0.1) - x).data
        return found

    found = {difference(seed) for seed in range(20)}
    assert max(found) - min(found) > 1.0


def test_a_short_number_is_one_of_few_digits() -> None:
    assert [is_short(n) for n in (0.5, -3.0, 0.1, 1e16, math.nan, math.inf)] == [True, True, False, False, False, False]


# ---------------------------------------------------------------- what is said of a failure


@pytest.mark.parametrize(
    ("message", "operation"),
    [
        ("log(x) is not defined at x = -1.0: math domain error", "log(x)"),
        ("model.py:3: sqrt(x)\n  the result is not finite; it began with sqrt(x) = nan at x = -1.0", "sqrt(x)"),
        ("the gradient stops being finite at sqrt(x) = 0.0 at x = 0.0: its derivative", "sqrt(x)"),
        ("the derivative of atan2(x, y) = 0.0 at x = 0.0, y = 0.0 is not a finite number", "atan2(x, y)"),
        ("there must be as many targets as outputs", ""),
    ],
)
def test_the_operation_is_read_from_a_message(message: str, operation: str) -> None:
    assert operation_of(message) == operation


def has_a_wide_argument_and_a_cosine(case: Case) -> bool:
    return case.program.arguments[0].size() >= 2 and "cos(" in case.program.source()


def test_a_case_is_shrunk_to_what_matters() -> None:
    large = next(
        case
        for case in cases(range(5000))
        if has_a_wide_argument_and_a_cosine(case) and len(case.program.steps) > 5 and case.way.name == "values"
    )
    small = shrink(large, has_a_wide_argument_and_a_cosine)
    assert (len(small.program.arguments), len(small.program.captured), len(small.program.steps)) == (1, 0, 1)
    assert small.program.arguments[0] == Argument("list", (2,))
    assert (small.examples, small.way.before, small.frozen) == (1, "", ())


# ---------------------------------------------------------------- it can fail


def test_a_wrong_rule_is_found_and_told_as_a_program_that_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    forward, _ = ARRAY_RULES["tanh"]
    monkeypatch.setitem(ARRAY_RULES, "tanh", ArrayRule(forward, (lambda x, out: 1.0 - out,)))
    failure = next(
        found for found in map(structured.check, range(400)) if found is not None and "tanh" in found.program
    )
    assert len(failure.program.splitlines()) < 30
    exec(compile(failure.program, "program", "exec"), {})
    shown = capsys.readouterr().out.splitlines()
    assert len(set(shown)) > 1


def test_a_difference_in_the_last_digits_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sine = Program((Argument("list", (1,)),), (), (Step("map", (0,), (1, 0)),), Step("sum", (1,), ()))
    case = Case(sine, (((0.7,),),), (), (), (False,), 1, False, Way("values", "numpy", with_values=(True,)))
    assert examine(case) is None
    forward, partials = ARRAY_RULES["sin"]
    monkeypatch.setitem(ARRAY_RULES, "sin", ArrayRule(lambda x: forward(x) * (1.0 + 2e-14), partials))
    assert examine(case) is not None


@pytest.mark.parametrize("fault", mutations.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_that_is_put_back_changes_a_text_that_is_there_once(fault: mutations.Fault) -> None:
    for change in fault.changes:
        text = (mutations.ROOT / change.file).read_text(encoding="utf-8")
        assert text.count(change.text) == 1
        compile(text.replace(change.text, change.instead), change.file, "exec")
