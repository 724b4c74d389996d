"""What an exercise is: a question, how to read an answer, how to judge it, three hints and a solution."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

Judge: TypeAlias = Callable[[Any], str | None]
"""Judges an answer that could be read: None if it is right, else what is wrong with it."""

TOLERANCE = 1e-6
"""How far a right number may be off, as a part of its size or of 1."""
ROUNDED = 1e-3
"""How far a mistake may be off, as a part of its size: learners round."""
NEAR = 0.02
"""A number this near is taken for the right one with too few digits."""


class Exercise(NamedTuple):
    """One exercise of the course.

    question: what is asked for.
    read: turns what a learner gives into what the judge takes; it raises `NotAnAnswerError` where it cannot.
    judge: None for a right answer, else what is wrong.
    hints: three, each giving away more than the one before.
    solution: how to get there, in words.
    code: lines of Python that make the right `answer`.
    """

    question: str
    read: Callable[[object], Any]
    judge: Judge
    hints: tuple[str, str, str]
    solution: str
    code: str


def is_near(given: float, right: float, tolerance: float = TOLERANCE) -> bool:
    """Whether two numbers are equal, up to a tolerance."""
    return abs(given - right) <= tolerance * max(1.0, abs(right))


def number_is(
    right: Callable[[], float],
    mistakes: Mapping[float, str] | None = None,
    otherwise: str = "",
    tolerance: float = TOLERANCE,
    near: float = NEAR,
) -> Judge:
    """A judge of one number.

    Args:
        right: gives the right number; it is computed when the first answer comes.
        mistakes: numbers that learners give, and what is wrong with each.
        otherwise: what to say of any other number.
        tolerance: how far the number may be off.
        near: how far off, as a part of its size, it counts as the right one with too few digits.
    """

    def judge(given: float) -> str | None:
        expected = right()
        if is_near(given, expected, tolerance):
            return None
        for mistake, words in (mistakes or {}).items():
            if is_near(given, mistake) or abs(given - mistake) <= ROUNDED * abs(mistake):
                return words
        if is_near(given, -expected, tolerance):
            return f"{given:g} has the wrong sign"
        if abs(given - expected) <= near * abs(expected) and not float(expected).is_integer():
            return f'{given:g} is near; give more digits, or the computation itself, like 1 / 3 or "1/3"'
        return f"it is not {given:g}" + (f"; {otherwise}" if otherwise else "")

    return judge


def numbers_are(
    right: Callable[[], Sequence[float]],
    names: Sequence[str],
    mistakes: Mapping[tuple[float, ...], str] | None = None,
    each: Sequence[str] = (),
) -> Judge:
    """A judge of several numbers in order.

    Args:
        right: gives the right numbers.
        names: what each number is, like "the slope".
        mistakes: lists that learners give, and what is wrong with each.
        each: what to say where this one is the first wrong number.
    """

    def judge(given: Sequence[float]) -> str | None:
        expected = list(right())
        if all(map(is_near, given, expected)):
            return None
        for mistake, words in (mistakes or {}).items():
            if all(map(is_near, given, mistake)):
                return words
        if all(is_near(number, -known) for number, known in zip(given, expected, strict=True)):
            return "every sign is the wrong way round"
        if len(set(expected)) > 1 and all(map(is_near, given, reversed(expected))):
            return "these are the right numbers in the wrong order"
        wrong = [index for index, pair in enumerate(zip(given, expected, strict=True)) if not is_near(*pair)]
        first = wrong[0]
        words = f"{names[first]} is not {given[first]:g}"
        if each and each[first]:
            words += f"; {each[first]}"
        fine = [names[index] for index in range(len(expected)) if index not in wrong]
        return words if not fine else f"{words} ({' and '.join(fine)} {'is' if len(fine) == 1 else 'are'} right)"

    return judge


def choice_is(right: str, mistakes: Mapping[str, str]) -> Judge:
    """A judge of one word out of several.

    Args:
        right: the right word.
        mistakes: what is wrong with each of the others.
    """

    def judge(given: str) -> str | None:
        return None if given == right else mistakes[given]

    return judge


def is_finite(number: object) -> bool:
    """Whether something is a number, and finite: what a learner's function returns may be anything."""
    try:
        return math.isfinite(float(number))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
