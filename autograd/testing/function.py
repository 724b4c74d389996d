"""A function to be checked, called at its arguments and beside them."""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from autograd.check.failures import Failures
from autograd.check.numerical import EPSILON
from autograd.engine.value import Value
from autograd.testing.inputs import Inputs
from autograd.testing.numbers import Numbers, numbers_of

Direction = list[Numbers]
"""How far each place moves, entry by entry."""


class Function:
    """A function of anything that returns one number, as a function of moved arguments.

    Args:
        f: the function.
        inputs: its arguments.

    value: its number at the arguments.
    epsilon: the distance from 1 to the next number, for the coarser of its arguments and its result.
    calls: how often it was called.
    failures: what it raised at moved arguments.

    Raises:
        TypeError: the result is not one real number.
        ValueError: the function gives another number when it is called again, or changes an argument.
        FloatingPointError: the number is not finite.
    """

    def __init__(self, f: Callable[..., Any], inputs: Inputs) -> None:
        self._f = f
        self.inputs = inputs
        self.calls = 0
        self.failures = Failures()
        self.epsilon = inputs.epsilon
        given = inputs.rebuilt()
        self.value = self._number(given)
        if not math.isfinite(self.value):
            raise FloatingPointError(f"the function is {self.value!r} at these arguments; a check needs a finite value")
        changed = inputs.unchanged(given)
        if changed is not None:
            raise ValueError(f"the function changes its argument {changed} in place; let it work on a copy")
        again = self._number(inputs.rebuilt())
        if again != self.value:
            raise ValueError(
                f"the function is not deterministic: it gave {self.value!r}, and then {again!r}; give its random "
                "numbers a fixed seed, with before= for instance, and let it change nothing outside itself"
            )

    def at(self, moved: dict[int, Numbers]) -> float:
        """Its number where some places have other numbers; nan where it is not defined.

        It was defined at the arguments, so what it refuses beside them is their numbers. NumPy warns of that: see
        `quiet`.
        """
        try:
            return self._number(self.inputs.rebuilt(moved))
        except Exception as error:  # noqa: BLE001 - anybody's function may fail in any way
            if type(error) not in self.failures:
                self.failures.add(error, self._where(moved))
            return math.nan

    def _where(self, moved: dict[int, Numbers]) -> str:
        """Moved arguments in words: the entry with its number, or how far several have moved."""
        words = []
        for at, numbers in moved.items():
            place = self.inputs.places[at]
            if not place.shape:
                words.append(f"{place.name} = {numbers!r}")
                continue
            changes = abs(numbers - place.numbers).ravel()
            changed = changes.nonzero()[0]
            if len(changed) == 1:
                index = int(changed[0])
                words.append(f"{place.entry_name(index)} = {float(numbers.flat[index])!r}")
            else:
                words.append(f"{place.name} moved by up to {changes.max():.1e}")
        return ", ".join(words)

    def along_entry(self, place: int, index: int) -> Callable[[float], float]:
        """The function of one entry."""
        where = self.inputs.places[place]
        return lambda number: self.at({place: where.with_entry(index, number)})

    def complex_derivative(self, place: int, index: int) -> float | None:
        """The derivative of an entry from one value at a complex number (Squire and Trapp 1998).

        None if the function fails at a complex number, or its result is not finite.
        """
        where = self.inputs.places[place]
        step = 1e-30
        number = complex(where.entry(index), step)
        if not where.shape:
            moved: Numbers = number
        else:
            moved = where.numbers.astype(complex)
            moved.flat[index] = number
        try:
            with warnings.catch_warnings(), quiet():
                warnings.simplefilter("error")  # NumPy warns where it drops an imaginary part
                self.calls += 1
                result = self._f(*self.inputs.rebuilt({place: moved}))
                imaginary = complex(result).imag
        except Exception:  # noqa: BLE001 - a function of real numbers may fail in any way
            return None
        return imaginary / step if math.isfinite(imaginary) else None

    def along(self, direction: Direction) -> Callable[[float], float]:
        """The function of how far all places have moved in a direction."""
        moving = [(at, place.numbers, direction[at]) for at, place in enumerate(self.inputs.places)]
        moving = [(at, start, by) for at, start, by in moving if not isinstance(by, float) or by != 0.0]
        return lambda t: self.at({at: start + t * by for at, start, by in moving})

    def _number(self, arguments: tuple[Any, ...]) -> float:
        self.calls += 1
        number, epsilon = number_of(self._f(*arguments))
        self.epsilon = max(self.epsilon, epsilon)
        return number


def number_of(result: Any) -> tuple[float, float]:
    """A result as a float, and the epsilon of its type.

    Raises:
        TypeError: it is not one real number.
    """
    if isinstance(result, (float, int)):  # float64 of NumPy is a float
        return float(result), EPSILON
    if isinstance(result, Value):
        return result.data, EPSILON
    read = numbers_of(result, "the result", ints_too=True)
    if read is None:
        raise TypeError(f"the function must return a number, not {type(result).__name__} {result!r:.80}")
    numbers, shape, epsilon = read
    epsilon = max(epsilon, getattr(result, "epsilon", EPSILON)) if isinstance(result, float) else epsilon
    if shape:
        if math.prod(shape) == 1:
            return float(numbers.flat[0]), epsilon
        raise TypeError(
            f"the function must return one number, not an array of shape {shape}: check its vector-Jacobian product "
            "with check_vjp, or its Jacobian with check_jacobian"
        )
    return float(numbers), epsilon


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """A block in which NumPy does not warn: a function may not be defined beside its arguments."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        yield
        return
    with numpy.errstate(all="ignore"):
        yield
