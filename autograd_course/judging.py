"""Judges functions that a learner wrote: calls them, names what they raise, and compares number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd import Value
from autograd_course.exercise import Judge, is_finite, is_near


class CallFailedError(Exception):
    """A learner's function failed; the message says where and how."""


def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a learner's function returns.

    Raises:
        CallFailedError: it failed, or returned nothing.
    """
    at = ", ".join(map(_written, arguments))
    try:
        result = function(*arguments)
    except RecursionError:
        raise CallFailedError(f"with {at} your function calls itself without end") from None
    except Exception as error:  # noqa: BLE001 - a learner's function may fail in any way
        raise CallFailedError(f"with {at} your function fails: {type(error).__name__}: {error}") from None
    if result is None:
        raise CallFailedError(f"with {at} your function returns None; is there a return in it?")
    return result


def called_for_number(function: Callable[..., Any], *arguments: Any) -> float:
    """The number that a learner's function returns.

    Raises:
        CallFailedError: it failed, or returned something else.
    """
    result = called(function, *arguments)
    if isinstance(result, Value):
        return result.data
    if isinstance(result, (str, bool)) or not is_finite(result):
        at = ", ".join(map(_written, arguments))
        raise CallFailedError(f"with {at} your function returns {result!r:.80}; a finite number is asked for")
    return float(result)


def function_is(
    right: Callable[..., float],
    points: Iterable[tuple[float, ...]],
    mistakes: Iterable[tuple[Callable[..., float], str]] = (),
) -> Judge:
    """A judge of a function of numbers.

    Args:
        right: the right function.
        points: the arguments with which both are called.
        mistakes: functions that learners write, and what is wrong with each.
    """
    places = list(points)

    def judge(function: Callable[..., Any]) -> str | None:
        try:
            found = [called_for_number(function, *place) for place in places]
        except CallFailedError as error:
            return str(error)
        wanted = [right(*place) for place in places]
        pairs = list(zip(found, wanted, strict=True))
        if all(is_near(*pair) for pair in pairs):
            return None
        for mistake, words in mistakes:
            if all(is_near(number, mistake(*place)) for number, place in zip(found, places, strict=True)):
                return words
        if all(is_near(-number, known) for number, known in pairs):
            return "every sign is the wrong way round"
        index = next(index for index, pair in enumerate(pairs) if not is_near(*pair))
        at = ", ".join(map(_written, places[index]))
        return f"with {at} it returns {found[index]:.6g}, and {wanted[index]:.6g} is right"

    return judge


def guarded(judge: Judge) -> Judge:
    """A judge that may call a learner's function: if the call fails, that is what it says."""

    def judged(answer: Any) -> str | None:
        try:
            return judge(answer)
        except CallFailedError as error:
            return str(error)

    return judged


def _written(argument: object) -> str:
    if callable(argument):
        return getattr(argument, "__name__", "a function")
    if isinstance(argument, Value):
        return f"Value({argument.data:g})"
    return f"{argument:g}" if isinstance(argument, (int, float)) else f"{argument!r:.60}"
