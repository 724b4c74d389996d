"""What a function raised beside the point at which it is checked, where it counts as not defined."""

from __future__ import annotations

from autograd.support.tables import on_one_line

OF_NUMBERS = (ArithmeticError, ValueError, AssertionError, Warning)
"""Errors that say that a function is not defined for some numbers, as the logarithm is not for -1."""


class Failures:
    """The errors of a function beside its arguments, the first of each type.

    It was defined at the arguments, so whatever it raises beside them counts as not being defined there. An error
    with another cause than the numbers may be a mistake in the function, so a report always tells of it; where it is
    unsure, it tells of all errors.

    >>> failures = Failures()
    >>> failures.add(IndexError("list index out of range"), "x = 3.1")
    >>> failures.notes(unsure=False)
    ['at x = 3.1 the function raised IndexError: list index out of range; it counts as not defined there']
    """

    def __init__(self) -> None:
        self._first: dict[type[Exception], str] = {}

    def __contains__(self, kind: type[Exception]) -> bool:
        """Whether there was an error of this type."""
        return kind in self._first

    def add(self, error: Exception, where: str) -> None:
        """Keeps an error with where it was raised, if it is the first of its type."""
        words = f"at {where} the function raised {type(error).__name__}: {on_one_line(str(error)):.200}"
        self._first.setdefault(type(error), f"{words}; it counts as not defined there")

    def notes(self, *, unsure: bool) -> list[str]:
        """What a report says of them: a sentence each.

        Args:
            unsure: whether the report has no verdict on something.
        """
        return [words for kind, words in self._first.items() if unsure or not issubclass(kind, OF_NUMBERS)]
