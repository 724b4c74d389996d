"""Reading what a learner gives: numbers in any of Python's forms, lists of them, words, functions."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from autograd import Value


class NotAnAnswerError(Exception):
    """What was given is not of the kind that is asked for; the message says what is."""


def a_number(given: object) -> float:
    """One number: an int, a float, a fraction, a number of NumPy, a Value, or its text, like "2/3".

    >>> a_number("2/3") == a_number(2 / 3)
    True
    """
    return _number(given, "one number is asked for")


def a_whole_number(given: object) -> float:
    """One whole number, like 3, 3.0 or "3"."""
    number = _number(given, "one whole number is asked for")
    if not number.is_integer():
        raise NotAnAnswerError(f"a whole number is asked for; {number:g} has a fraction")
    return number


def numbers(count: int, names: str) -> Callable[[object], list[float]]:
    """Reads a list, a tuple or an array of so many numbers, or its text, like "1, 2"."""
    wanted = f"{count} numbers are asked for: {names}"

    def read(given: object) -> list[float]:
        found = _listed(given, wanted)
        if len(found) != count:
            raise NotAnAnswerError(f"{wanted}; yours {'is' if len(found) == 1 else 'are'} {len(found)}")
        return [_number(item, wanted) for item in found]

    return read


def some_numbers(given: object) -> list[float]:
    """A list of numbers, of any length."""
    wanted = "a list of numbers is asked for"
    return [_number(item, wanted) for item in _listed(given, wanted)]


def one_of(*words: str) -> Callable[[object], str]:
    """Reads one of several words, in capitals or not: alone, within a phrase, or with a letter misspelt."""
    wanted = "one of these words is asked for: " + ", ".join(f'"{word}"' for word in words)

    def read(given: object) -> str:
        if not isinstance(given, str):
            raise NotAnAnswerError(f"{wanted}; this is {_described(given)}")
        text = given.strip().lower()
        said = [word for word in words if re.search(rf"(?<!\w){word}(?!\w)", text)]
        if not said:
            said = difflib.get_close_matches(text, words, n=1, cutoff=0.8)
        if len(said) != 1 or re.search(r"\b(not|neither|nor)\b", text):
            raise NotAnAnswerError(f'{wanted}; this is "{given:.40}"')
        return said[0]

    return read


def one_formula_of(*formulas: str) -> Callable[[object], str]:
    """Reads one of several formulas, in capitals or not, with any spaces; a letter more or less is another formula."""
    wanted = "one of these is asked for: " + ", ".join(f'"{formula}"' for formula in formulas)
    known = {_without_spaces(formula): formula for formula in formulas}

    def read(given: object) -> str:
        if not isinstance(given, str):
            raise NotAnAnswerError(f"{wanted}; this is {_described(given)}")
        if _without_spaces(given) not in known:
            raise NotAnAnswerError(f'{wanted}; this is "{given:.40}"')
        return known[_without_spaces(given)]

    return read


def _without_spaces(text: str) -> str:
    return "".join(text.lower().split())


def a_function(given: object) -> Callable[..., Any]:
    """A function, by its name and without calling it."""
    if not callable(given):
        raise NotAnAnswerError(f"a function is asked for: give its name, without brackets; this is {_described(given)}")
    return given


def _number(given: object, wanted: str) -> float:
    if isinstance(given, Value):
        given = given.data
    if isinstance(given, str):
        return _number(_of_text(given, wanted), wanted)
    if isinstance(given, tuple):
        raise NotAnAnswerError(f"{wanted}, without a comma; this is {_described(given)}")
    if _is_truth_value(given) or callable(given) or not hasattr(type(given), "__float__") or _has_length(given):
        raise NotAnAnswerError(f"{wanted}; this is {_described(given)}")
    try:
        number = float(given)  # type: ignore[arg-type]
    except OverflowError:
        raise NotAnAnswerError(f"{wanted}; this one is too large for a float") from None
    except (TypeError, ValueError):
        raise NotAnAnswerError(f"{wanted}; this is {_described(given)}") from None
    if not math.isfinite(number):
        raise NotAnAnswerError(f"{wanted}, and {'NaN' if math.isnan(number) else number} is not finite")
    return number


def _is_truth_value(given: object) -> bool:
    return type(given).__name__ in ("bool", "bool_")  # Python's and NumPy's


def _has_length(given: object) -> bool:
    try:
        len(given)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def _of_text(text: str, wanted: str) -> Fraction:
    """The number that a text says."""
    plain = "".join(text.replace("−", "-").split())
    bare = plain.removesuffix("%")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", bare):
        raise NotAnAnswerError(f"{wanted}; write {bare.replace(',', '')} without a comma")
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        raise NotAnAnswerError(f"{wanted}; write {plain.replace(',', '.')} with a point")
    try:
        return Fraction(bare) / (1 if bare == plain else 100)
    except (ValueError, ZeroDivisionError):
        raise NotAnAnswerError(f'{wanted}, like 12, 0.5 or "1/2"; "{text}" cannot be read as a number') from None


def _listed(given: object, wanted: str) -> list[object]:
    if isinstance(given, str):
        return [item for item in given.strip().strip("[](){}").split(",") if item.strip()]
    if isinstance(given, (set, frozenset, dict)):
        raise NotAnAnswerError(f"{wanted}, in a list such as [1, 2]; {_described(given)} has no order")
    if given is None or callable(given) or isinstance(given, Value) or not isinstance(given, Iterable):
        raise NotAnAnswerError(f"{wanted}, in a list such as [1, 2]; this is {_described(given)}")
    try:
        return list(given)
    except TypeError:  # an array of NumPy without dimensions
        raise NotAnAnswerError(f"{wanted}, in a list such as [1, 2]; this is one number") from None


def _described(given: object) -> str:
    """What something is, in a learner's words."""
    if given is None:
        return "None"
    if _is_truth_value(given):
        return f"the truth value {given}"
    if isinstance(given, type):
        return f"the class {given.__name__}"
    if callable(given):
        return f"a function; call {getattr(given, '__name__', 'it')} and give what it returns"
    if isinstance(given, (list, tuple)):
        kind = "list" if isinstance(given, list) else "tuple"
        return f"a {kind} of {len(given)}"
    if isinstance(given, (int, float, Fraction, Value)):  # a float64 of NumPy is a float
        return "one number"
    if isinstance(given, str):
        return f'the text "{given:.40}"'
    if hasattr(given, "shape"):
        return "an array" if given.shape else "one number"
    name = type(given).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
