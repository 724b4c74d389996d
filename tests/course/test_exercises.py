"""Each exercise: its solution is right, and what learners give instead gets the words that are kept in messages.txt."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value
from autograd_course import answers, check
from autograd_course.chapters import EXERCISES
from tests.course.learners import ANSWERS, COMMON, made

KEPT = Path(__file__).with_name("messages.txt")
"""The words for each answer in `learners`: to write them anew, run this file."""


def solution(name: str) -> Any:
    names: dict[str, Any] = {}
    exec(EXERCISES[name].code, names)
    return names["answer"]


def is_number(name: str) -> bool:
    return EXERCISES[name].read in (answers.a_number, answers.a_whole_number)


NUMBER_EXERCISES = [name for name in EXERCISES if is_number(name)]


def words_of(name: str, source: str) -> str:
    """What a check says of an answer, without the offer of a hint."""
    return check(name, made(source)).words.partition("\n(hint")[0]


def all_words() -> str:
    blocks = []
    for name, sources in ANSWERS.items():
        lines = [f"{name}"]
        for source in (*sources, *COMMON):
            lines += [f"    {source!r}", f"        {words_of(name, source)}"]
        blocks.append("\n".join(lines))
    return "\n".join(blocks) + "\n"


def kept_words() -> dict[tuple[str, str], str]:
    found, name, source = {}, "", ""
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not line.startswith(" "):
            name = text
        elif not line.startswith("        "):
            source = ast.literal_eval(text)
        else:
            found[name, source] = text
    return found


def test_there_are_at_least_45_exercises() -> None:
    assert len(EXERCISES) >= 45


def test_each_exercise_has_three_answers_of_learners() -> None:
    assert list(ANSWERS) == list(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_solution_is_right(name: str) -> None:
    judged = check(name, solution(name))

    assert judged.right, judged.words


@pytest.mark.parametrize(
    ("name", "source"), [(name, source) for name, sources in ANSWERS.items() for source in sources]
)
def test_answer_of_a_learner_gets_the_words_that_are_kept(name: str, source: str) -> None:
    assert words_of(name, source) == kept_words()[name, source]


@pytest.mark.parametrize("name", NUMBER_EXERCISES)
@pytest.mark.parametrize("kind", [str, Fraction, np.float64, Value], ids=lambda kind: kind.__name__)
def test_right_number_is_right_in_every_form(name: str, kind: Callable[[float], object]) -> None:
    assert check(name, kind(float(solution(name))))


@pytest.mark.parametrize("name", [name for name in NUMBER_EXERCISES if float(solution(name)).is_integer()])
def test_right_whole_number_is_right_as_an_int(name: str) -> None:
    assert check(name, int(solution(name)))


NOT_A_LIST = "2 numbers are asked for: the slope and the intercept, in a list such as [1, 2]; "
LISTS = {
    "3": NOT_A_LIST + "this is one number",
    "[12, -16, 0]": "2 numbers are asked for: the slope and the intercept; yours are 3",
    "[12]": "2 numbers are asked for: the slope and the intercept; yours is 1",
    "[]": "2 numbers are asked for: the slope and the intercept; yours are 0",
    "{12, -16}": NOT_A_LIST + "a set has no order",
    "[12, None]": "2 numbers are asked for: the slope and the intercept; this is None",
    "[12, float('nan')]": "2 numbers are asked for: the slope and the intercept, and NaN is not finite",
    "np.float64(3)": NOT_A_LIST + "this is one number",
    "np.array(3.0)": NOT_A_LIST + "this is one number",
    "len": NOT_A_LIST + "this is a function; call len and give what it returns",
}


@pytest.mark.parametrize("source", LISTS)
def test_what_is_not_a_list_of_so_many_numbers_is_told_so(source: str) -> None:
    words = check("shadows.1", eval(source)).words.splitlines()[0]

    assert words == f"not yet: {LISTS[source]}"


@pytest.mark.parametrize(
    "form", ["(12, -16)", "np.array([12.0, -16.0])", "'12, -16'", "'[12, -16]'", "['12', '-16/1']"]
)
def test_right_list_is_right_in_every_form(form: str) -> None:
    assert check("shadows.1", eval(form))


NUMBERS = {
    "True": "one number is asked for; this is the truth value True",
    "3 + 4j": "one number is asked for; this is a complex",
    "[2.0]": "one number is asked for; this is a list of 1",
    "float('inf')": "one number is asked for, and inf is not finite",
    "10 ** 400": "one number is asked for; this one is too large for a float",
    "float": "one number is asked for; this is the class float",
    "'2,5'": "one number is asked for; write 2.5 with a point",
    "'1/0'": 'one number is asked for, like 12, 0.5 or "1/2"; "1/0" cannot be read as a number',
    "''": 'one number is asked for, like 12, 0.5 or "1/2"; "" cannot be read as a number',
    "np.array([2.0])": "one number is asked for; this is an array",
    "{}": "one number is asked for; this is a dict",
}


@pytest.mark.parametrize("source", NUMBERS)
def test_odd_thing_is_told_from_a_number(source: str) -> None:
    assert check("values.2", eval(source)).words.splitlines()[0] == f"not yet: {NUMBERS[source]}"


if __name__ == "__main__":
    KEPT.write_text(all_words(), encoding="utf-8")
