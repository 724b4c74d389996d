"""`where` and `require`: choices that `compile` can record, in place of an `if`.

With a known condition they act at once. While `compile` records a function, its numbers and comparisons are not known
yet: they are `Unknown`, and record the choice instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograd.engine.modes import is_compiling
from autograd.engine.ops import Number, real_number
from autograd.engine.value import Value


class Unknown:
    """A number or a condition that is not known yet, because `compile` is recording the function that uses it."""

    __slots__ = ()

    def select(self, a: Number, b: Number) -> Value:
        """`a` where the condition holds (where the number is not 0), else `b`."""
        raise NotImplementedError

    def require(self, message: str, numbers: Sequence[Number]) -> None:
        """Records that each call is refused with this message unless the condition holds."""
        raise NotImplementedError


NO_INVERSE = (
    "~ does not negate a condition, since Python's ~True is -2: write the opposite comparison, x <= 0 for ~(x > 0)"
)


def _holds(condition: Any) -> bool:
    """Whether a condition holds that is known.

    Raises:
        TypeError: it is neither a bool nor a number.
    """
    if isinstance(condition, bool | Value):
        return bool(condition)
    if type(condition) is int and condition in (~True, ~False):
        raise TypeError(NO_INVERSE)
    if condition is None or (hasattr(condition, "__len__") and getattr(condition, "ndim", 1) != 0):
        kind = "" if condition is None else f"the {type(condition).__name__} "
        raise TypeError(f"a condition is a comparison, such as x > 0, or a bool, not {kind}{condition!r:.80}")
    return bool(condition)


def require(condition: Any, message: str, *numbers: Number) -> None:
    """Raises a ValueError with the message unless the condition holds.

    A compiled function records it, and each call checks its own numbers. So a loss or a model uses it instead of an
    `if` with a `raise`.

    Args:
        condition: a comparison of Values, several of them joined by `&` and `|`, or any bool.
        message: the text of the error; each `{}` in it stands for one of the numbers.
        numbers: Values or plain numbers.

    Raises:
        ValueError: the condition does not hold.
        TypeError: the condition is neither a bool nor a number, or the message is not a str with a `{}` for each
            number.

    >>> require(Value(0.5) <= 1.0, "a probability is at most 1, not {}", 0.5)
    >>> require(Value(7.0) <= 1.0, "a probability is at most 1, not {}", 7.0)
    Traceback (most recent call last):
        ...
    ValueError: a probability is at most 1, not 7.0
    """
    if not isinstance(message, str):
        raise TypeError(f"require takes a condition, then a message, which is a str, not {message!r:.80}")
    if isinstance(condition, Unknown):
        refusal(message, [0.0 for _ in numbers])  # a wrong message is an error now, not when the condition fails
        condition.require(message, numbers)
    elif not _holds(condition):
        raise refusal(message, [n.data if isinstance(n, Value) else real_number(n) for n in numbers])


def refusal(message: str, numbers: Sequence[float]) -> ValueError:
    """The exception of a `require`.

    Raises:
        TypeError: the message is not made for these numbers.
    """
    try:
        return ValueError(message.format(*numbers))
    except (LookupError, ValueError):
        count = f"{len(numbers)} number{'s' * (len(numbers) != 1)}"
        raise TypeError(
            f"each {{}} in a message of require stands for one of the numbers after it, and {{{{ for a brace: "
            f"{message!r:.80} cannot be filled in with {count}"
        ) from None


@overload
def where(condition: Any, a: float, b: float) -> float: ...
@overload
def where(condition: Any, a: Value, b: Number) -> Value: ...
@overload
def where(condition: Any, a: Number, b: Value) -> Value: ...
def where(condition: Any, a: Number, b: Number) -> Number:
    """`a` if the condition holds, else `b`: a choice that `compile` can record, unlike an `if`.

    Args:
        condition: a comparison of Values, several of them joined by `&` and `|`, or any bool.
        a: a Value or a plain number.
        b: the same. Python computes both, so both must be defined: if one is not, such as sqrt(-1.0), write
            `a if x > 0 else b`. In a compiled function the one that is not taken may be undefined. The derivative is
            that of the one that is taken, whatever the derivative of the other.

    >>> x = Value(-2.0)
    >>> where(x > 0, x, 0.1 * x).data
    -0.2
    """
    if isinstance(condition, Unknown):
        return condition.select(a, b)
    chosen, other = (a, b) if _holds(condition) else (b, a)
    if isinstance(chosen, Value):
        return chosen
    return Value(chosen, requires_grad=False) if isinstance(other, Value) else real_number(chosen)


def is_symbolic(thing: object) -> bool:
    """Whether a number is not known yet, because `compile` is recording the function that uses it.

    Ask it before any check of a number (is it positive, is it a class).

    >>> is_symbolic(Value(1.0)), is_symbolic(1.0)
    (False, False)
    """
    return isinstance(thing, Value) and (isinstance(thing, Unknown) or is_compiling())
