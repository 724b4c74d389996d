"""The checks of one session: answers, hints, and how far you are."""

from __future__ import annotations

import difflib
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from autograd.support.tables import html_table, table
from autograd_course.answers import NotAnAnswerError
from autograd_course.chapters import EXERCISES
from autograd_course.exercise import Exercise

_NOTHING = object()


@dataclass
class _Record:
    """What happened to one exercise."""

    tries: int = 0
    hints: int = 0
    right: bool = False


_records: dict[str, _Record] = {}


class Judgement(NamedTuple):
    """What a check or a hint says; true where the answer is right.

    name: the exercise.
    right: whether the answer is right.
    words: what there is to say.
    """

    name: str
    right: bool
    words: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        colour = "#009E73" if self.right else "#0072B2"
        return (
            f'<div style="border-left:4px solid {colour};background:{colour}24;padding:3px 8px;white-space:pre-wrap">'
            f"{_with_code(self.words)}</div>"
        )


def _with_code(words: str) -> str:
    """Words as HTML: lines that are indented, and all that follow an empty one, are code."""
    text, gap, code = words.partition("\n\n")
    lines = [_code(line) if line.startswith("    ") else html.escape(line) for line in text.split("\n")]
    return "\n".join(lines) + gap + (_code(code) if code else "")


def _code(text: str) -> str:
    return f'<span style="font-family:monospace">{html.escape(text)}</span>'


def check(name: str, answer: object = _NOTHING) -> Judgement:
    """Judges an answer to an exercise, and says what is wrong with it.

    Args:
        name: the chapter and the number of the exercise, like "chain rule.2".
        answer: a number (an int, a float, a fraction, a text like "2/3"), a list of numbers, a word or a function, as
            the exercise asks for; None if you have none yet. Without it, the question is shown.

    Raises:
        ValueError: there is no such exercise; the message names the ones that are near.

    >>> check("gradient.1", [17, 2])
    right
    """
    name, exercise = _found(name)
    if answer is _NOTHING:
        return Judgement(name, False, exercise.question)
    if answer is None:
        return Judgement(name, False, "not answered yet")
    record = _records.setdefault(name, _Record())
    record.tries += 1
    try:
        wrong = exercise.judge(exercise.read(answer))
    except NotAnAnswerError as error:
        wrong = str(error)
    if wrong is None:
        record.right = True
        return Judgement(name, True, "right")
    return Judgement(name, False, f"not yet: {wrong}\n{_offer(name, record)}")


def hint(name: str) -> Judgement:
    """The next hint to an exercise: each of the three gives away more, and after them comes the solution.

    Raises:
        ValueError: there is no such exercise; the message names the ones that are near.

    >>> print(hint("gradient.1").words)
    hint 1 of 3: a partial derivative moves one variable and keeps the other fixed
    """
    name, exercise = _found(name)
    record = _records.setdefault(name, _Record())
    record.hints += 1
    if record.hints <= len(exercise.hints):
        words = f"hint {record.hints} of {len(exercise.hints)}: {exercise.hints[record.hints - 1]}"
    else:
        words = f"solution: {exercise.solution}\n\n{exercise.code}"
    return Judgement(name, False, words)


def _offer(name: str, record: _Record) -> str:
    """What to do after a wrong answer."""
    kinds = ("gives the first of three hints", "gives the second hint", "gives the last hint", "shows the solution")
    return f'(hint("{name}") {kinds[min(record.hints, len(kinds) - 1)]})'


def _found(name: str) -> tuple[str, Exercise]:
    """An exercise by its name, written in capitals or not."""
    if not isinstance(name, str):
        raise TypeError(f'an exercise has a name like "chain rule.2", not {name!r:.80}')
    plain = " ".join(name.lower().replace("_", " ").split())
    if plain in EXERCISES:
        return plain, EXERCISES[plain]
    near = difflib.get_close_matches(plain, EXERCISES, n=3, cutoff=0.5)
    chapters = ", ".join(dict.fromkeys(known.rpartition(".")[0] for known in EXERCISES))
    ends = f"is it {' or '.join(repr(known) for known in near)}?" if near else f"the chapters are {chapters}"
    raise ValueError(f"there is no exercise {name!r}; {ends}")


class Progress:
    """How far you are: a line for each exercise that you have tried, and how many are right of how many.

    right: how many exercises are right.
    exercises: how many there are.
    """

    def __init__(self, exercises: Mapping[str, Exercise], records: Mapping[str, tuple[int, int, bool]]) -> None:
        self.right = sum(right for _, _, right in records.values())
        self.exercises = len(exercises)
        self._rows = [
            (name, "right" if right else "not yet", str(tries), _shown(hints))
            for name, (tries, hints, right) in ((name, records[name]) for name in exercises if name in records)
        ]

    _HEADER = ("exercise", "state", "tries", "hints")

    @property
    def _caption(self) -> str:
        return f"{self.right} of {self.exercises} exercises are right"

    def __str__(self) -> str:
        return self._caption if not self._rows else f"{table(self._HEADER, self._rows)}\n{self._caption}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(
            self._HEADER,
            self._rows,
            lambda row: row,
            caption=self._caption,
            colour=lambda row: "#009E73" if row[1] == "right" else "#0072B2",
        )


def _shown(hints: int) -> str:
    return f"{hints}" if hints <= 3 else "3 and the solution"


def progress() -> Progress:
    """What you have tried in this session, and what of it is right.

    >>> progress().exercises >= 45
    True
    """
    return Progress(EXERCISES, {name: (it.tries, it.hints, it.right) for name, it in _records.items()})
