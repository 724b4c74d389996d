"""Checks, hints and progress of one session."""

from __future__ import annotations

import pytest

from autograd_course import check, hint, progress
from autograd_course.chapters import EXERCISES


def test_right_answer_is_true() -> None:
    assert check("gradient.1", [17, 2])


def test_wrong_answer_is_false() -> None:
    assert not check("gradient.1", [17, 5])


def test_check_without_an_answer_shows_the_question() -> None:
    assert str(check("gradient.1")) == EXERCISES["gradient.1"].question


def test_name_may_be_written_in_capitals_and_with_underscores() -> None:
    assert check("Chain_Rule.1", 240)


def test_unknown_exercise_names_those_that_are_near() -> None:
    with pytest.raises(ValueError, match=r"there is no exercise 'chain rul\.1'; is it 'chain rule\.1' or"):
        check("chain rul.1", 1)


def test_unknown_chapter_names_the_chapters() -> None:
    with pytest.raises(ValueError, match=r"no exercise 'zzz'; the chapters are values, shadows, gradient, chain rule"):
        hint("zzz")


def test_exercise_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match=r'an exercise has a name like "chain rule\.2", not 2'):
        check(2, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hints", "offer"),
    [
        (0, "gives the first of three hints"),
        (1, "gives the second hint"),
        (2, "gives the last hint"),
        (3, "shows the solution"),
        (9, "shows the solution"),
    ],
)
def test_wrong_answer_offers_the_next_hint(hints: int, offer: str) -> None:
    for _ in range(hints):
        hint("minima.2")

    assert check("minima.2", 8).words.endswith(f'\n(hint("minima.2") {offer})')


def test_three_hints_come_before_the_solution() -> None:
    words = [hint("minima.2").words for _ in range(5)]

    assert [word.partition(":")[0] for word in words] == [
        "hint 1 of 3",
        "hint 2 of 3",
        "hint 3 of 3",
        "solution",
        "solution",
    ]
    assert words[3].endswith("answer = 7")


def test_hint_is_not_an_answer() -> None:
    assert not hint("minima.2")


def test_progress_of_a_new_session_says_how_many_exercises_there_are() -> None:
    assert str(progress()) == f"0 of {len(EXERCISES)} exercises are right"


def test_progress_counts_tries_and_hints_in_the_order_of_the_course() -> None:
    check("minima.2", 8)
    hint("minima.2")
    check("minima.2", 7)
    check("values.1", "abc")
    for _ in range(4):
        hint("values.1")

    assert str(progress()).splitlines() == [
        "exercise    state  tries               hints",
        "--------  -------  -----  ------------------",
        "values.1  not yet      1  3 and the solution",
        "minima.2    right      2                   1",
        f"1 of {len(EXERCISES)} exercises are right",
    ]


def test_right_answer_stays_right_after_a_wrong_one() -> None:
    check("minima.2", 7)
    check("minima.2", 8)

    assert progress().right == 1


def test_none_is_not_a_try() -> None:
    check("minima.2", None)

    assert "minima.2" not in str(progress())


def test_notebook_shows_the_words_as_text() -> None:
    shown = check("values.3", lambda x: 1 / 0 if "<b>" else x)._repr_html_()

    assert "ZeroDivisionError" in shown
    assert "<b>" not in check("network.5", "<b>")._repr_html_()


def test_notebook_shows_the_code_of_a_solution_in_letters_of_one_width() -> None:
    for _ in range(4):
        shown = hint("values.1")._repr_html_()

    assert shown.endswith('2/3.\n\n<span style="font-family:monospace">answer = 2 / 3</span></div>')


def test_notebook_shows_the_code_of_a_question_in_letters_of_one_width() -> None:
    shown = check("network.6")._repr_html_()

    assert '<span style="font-family:monospace">    3  loss.backward()</span>\n' in shown
    assert "\nWhat is missing: &quot;zero_grad&quot;" in shown


def test_notebook_shows_progress_as_a_table() -> None:
    check("minima.2", 7)

    assert "<table" in progress()._repr_html_()
