"""The exceptions and the warning of the library, and the wording of its messages.

Where Python has the right exception already (`ValueError` outside a domain, `ZeroDivisionError`, `OverflowError`,
`TypeError`, `FloatingPointError`) that one is raised, so that code written for floats keeps working. The classes
here are for the rest. `diagnose` finds the operation to name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn


class GradcheckError(AssertionError):
    """A derivative disagrees with the numbers; the message is the table of the whole check."""


class ChangedLeafError(RuntimeError):
    """A leaf's number was changed after the graph was built, and the new number would give a wrong gradient."""


class GraphTooLargeError(ValueError):
    """A graph has more nodes than the drawing was allowed; the message names the ways out."""


class CompileError(TypeError):
    """A function does what `compile` cannot record; the message names its line and what to write instead."""


class NotTranslatedWarning(UserWarning):
    """A compiled function calls a user's primitive element by element, which is slow; the message says why."""


class RenderError(RuntimeError):
    """A picture was not drawn: what has to draw it is missing, which the message says how to get, or it failed."""


def at(names: Sequence[str], numbers: Sequence[float], labels: Sequence[str | None]) -> str:
    """The inputs of an operation in words.

    >>> at(("x", "y"), (1.0, 0.0), (None, "price"))
    "x = 1.0, y = 0.0 (labelled 'price')"
    """
    return ", ".join(
        f"{name} = {number!r}" + (f" (labelled {label!r})" if label else "")
        for name, number, label in zip(names, numbers, labels, strict=True)
    )


_VERDICTS: dict[type[Exception], str] = {
    ValueError: "is not defined",
    ZeroDivisionError: "divides by zero",
    OverflowError: "is too large for a float",
}

# Both branches of `where` are computed. A compiled function ignores an undefined result in the one that is not taken.
_BRANCH = " (if this is a branch of where that is not taken, write `a if x > 0 else b` instead)"


def explain(
    error: ArithmeticError | ValueError,
    formula: str,
    names: Sequence[str],
    numbers: Sequence[float],
    labels: Sequence[str | None],
    line: str | None = None,
) -> NoReturn:
    """Raises the same type of exception again, in words that name the operation, its numbers and their labels.

    Any other exception, from a primitive that a user wrote, is raised as it is.

    Args:
        error: what the operation raised.
        formula: the operation.
        names: the names of its operands.
        numbers: their numbers.
        labels: their labels.
        line: the line of the operation, in a compiled function.
    """
    verdict = _VERDICTS.get(type(error))
    if verdict is None:
        raise error
    told = f"{formula} {verdict} at {at(names, numbers, labels)}: {error}"
    told = told + _BRANCH if line is None else f"{line}\n  {told}"
    raise type(error)(told) from error
