"""Arguments of networks, losses and training: converted to a list or a number, or refused with advice."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from collections.abc import Set as AnySet
from typing import Any

from autograd import Value

_NO_LISTS = (Mapping, AnySet, str, bytes, bytearray)

# ---------------------------------------------------------------- lists of numbers


def as_list(given: Any) -> list[Any] | None:
    """A list, a tuple, an array or a pandas Series as a list; None if it is not one ordered list.

    >>> as_list((1.0, 2.0)), as_list({1.0, 2.0}), as_list(3.0)
    ([1.0, 2.0], None, None)
    """
    if type(given) is list:
        return given
    if isinstance(given, _NO_LISTS) or not (hasattr(given, "__len__") and hasattr(given, "__iter__")):
        return None
    if getattr(given, "ndim", 1) != 1:
        return None
    return given.tolist() if hasattr(given, "tolist") else list(given)


def listed(given: Any, takes: str) -> list[Any]:
    """A list, a tuple, an array or a pandas Series as a list.

    Raises:
        TypeError, ValueError: it is not one ordered list; the message begins with `takes`.
    """
    things = as_list(given)
    if things is None:
        raise no_list(given, takes)
    return things


def no_list(given: Any, takes: str) -> Exception:
    """The exception for what `as_list` does not take; its message begins with `takes`, which says what is expected.

    >>> no_list({1.0}, "the model takes a list of 2 numbers")
    TypeError('the model takes a list of 2 numbers, not the set {1.0}, which has no order')
    """
    kind = type(given).__name__
    if hasattr(given, "shape") and len(given.shape) > 1:
        shape = tuple(given.shape)
        instead = "x.ravel() makes a list of it" if 1 in shape else "call it for each row"
        return ValueError(f"{takes}, one example at a time, not the {kind} of shape {shape}; {instead}")
    if isinstance(given, Mapping):
        return TypeError(f"{takes}, not the {kind} {given!r:.80}; list(x.values()) gives its numbers")
    if isinstance(given, AnySet):
        return TypeError(f"{takes}, not the {kind} {given!r:.80}, which has no order")
    if hasattr(given, "__next__"):
        return TypeError(f"{takes}, not a {kind}, which can be read only once; write list(...)")
    return TypeError(f"{takes}, not {given!r:.80}")


def require_numbers(numbers: list[Any], takes: str, name: str = "x") -> None:
    """Raises an exception for the first member of a list that is not a number.

    Raises:
        ValueError: it is a list or an array itself.
        TypeError: it is anything else.
    """
    for index, number in enumerate(numbers):
        if isinstance(number, (Value, float, int)) or is_number(number):
            continue
        if as_list(number) is not None or len(getattr(number, "shape", ())) > 1:
            kinds = "arrays" if hasattr(number, "shape") else "lists"
            raise ValueError(f"{takes}, one example at a time, not a list of {kinds}; call it for each of them")
        raise TypeError(f"{takes}, but {name}[{index}] is {described(number)}")


def is_number(thing: object) -> bool:
    """Whether it is a Value or a real number."""
    if isinstance(thing, (Value, float, int)):
        return True
    try:
        real("it", thing)
    except TypeError:
        return False
    return True


def described(thing: object) -> str:
    """What a message calls a thing that should have been a number.

    >>> described("cat"), described(None)
    ("the str 'cat'", 'None')
    """
    return "None" if thing is None else f"the {type(thing).__name__} {thing!r:.80}"


# ---------------------------------------------------------------- many examples


def rows(things: Any, takes: str) -> Any:
    """A sequence as it is; a pandas table as an array of its rows; a masked array with NaN in its gaps.

    Raises:
        TypeError: it is not a sequence; the message begins with `takes`.
    """
    if hasattr(things, "to_numpy"):
        return _array(things)
    if hasattr(things, "mask") and hasattr(things, "filled"):  # a masked array of NumPy
        return things.astype("float64").filled(math.nan) if things.mask.any() else things.filled()
    if hasattr(things, "__next__"):
        raise TypeError(f"{takes}, not a {type(things).__name__}, which can be read only once; write list(...)")
    if hasattr(things, "X") and hasattr(things, "y"):
        raise TypeError(f"{takes}, not the {type(things).__name__} itself; give its .X and its .y")
    is_list = hasattr(things, "__len__") and hasattr(things, "__getitem__") and getattr(things, "shape", None) != ()
    if isinstance(things, (Mapping, AnySet)) or not is_list:
        raise TypeError(f"{takes}, not {described(things)}")
    return things


def _array(table: Any) -> Any:
    """The numbers of a table; columns of several kinds are converted to one kind that holds them all."""
    array = table.to_numpy()
    if array.dtype == object:
        import numpy as np

        plain = np.array(array.tolist())
        if plain.dtype.kind in "biuf" and plain.shape == array.shape:
            return plain
    return array


# ---------------------------------------------------------------- settings


def real(name: str, number: Any) -> float:
    """A setting as a float.

    Raises:
        TypeError: it is not a real number.

    >>> real("lr", 1)
    1.0
    """
    if type(number) is float:
        return number
    try:
        return Value(number).data
    except TypeError:
        raise TypeError(f"{name} must be a number, not {described(number)}") from None


def at_least_zero(name: str, number: Any) -> float:
    """A setting that must be finite and not negative.

    Raises:
        TypeError: it is not a real number.
        ValueError: it is out of range.
    """
    found = real(name, number)
    if not (found >= 0.0 and math.isfinite(found)):
        raise ValueError(f"{name} must be a finite number of at least 0, not {number!r}")
    return found


def above_zero(name: str, number: Any) -> float:
    """A setting that must be finite and positive.

    Raises:
        TypeError: it is not a real number.
        ValueError: it is out of range.
    """
    found = real(name, number)
    if not (found > 0.0 and math.isfinite(found)):
        raise ValueError(f"{name} must be a finite number above 0, not {number!r}")
    return found


def whole(name: str, number: Any) -> int:
    """A count as an int.

    Raises:
        TypeError: it is not an int of Python or NumPy.

    >>> whole("epochs", 3)
    3
    """
    if isinstance(number, bool) or not hasattr(type(number), "__index__"):
        raise TypeError(f"{name} must be an int, not {described(number)}")
    return operator.index(number)


def at_least(least: int, name: str, number: Any) -> int:
    """A count that must not be too small.

    Raises:
        TypeError: it is not an int of Python or NumPy.
        ValueError: it is too small.
    """
    count = whole(name, number)
    if count < least:
        raise ValueError(f"{name} must be at least {least}, not {count}")
    return count
