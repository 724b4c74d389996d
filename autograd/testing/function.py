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

COMPLEX_STEP = 1e-30
"""How far arguments move into the complex plane: so little that the square of it is below rounding."""

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

    def complex_derivative(self, direction: dict[int, Numbers]) -> float:
        """The derivative from one value at complex arguments (Squire and Trapp 1998).

        Args:
            direction: how far the places move that do, by their index.

        Raises:
            TypeError: the function fails with complex numbers, or its value is another there.
        """
        moved = {at: self.inputs.places[at].numbers + COMPLEX_STEP * 1j * by for at, by in direction.items()}
        names = ", ".join(self.inputs.places[at].name for at in direction)
        self.calls += 1
        try:
            with warnings.catch_warnings(), quiet():
                warnings.simplefilter("error")  # NumPy warns where it drops an imaginary part
                result = complex(self._f(*self.inputs.rebuilt(moved)))
        except Exception as error:
            raise TypeError(
                f"the function takes no complex numbers: with {names} complex it raised {type(error).__name__}: "
                f'{error}; compute with NumPy or cmath, or use method="real"'
            ) from error
        near = math.sqrt(self.epsilon) * max(abs(self.value), abs(result.real))
        if not (abs(result.real - self.value) <= near and math.isfinite(result.imag)):
            raise TypeError(
                f"the function is {self.value!r}, but {result!r} with {names} complex, by less than rounding; "
                'use method="real"'
            )
        return result.imag / COMPLEX_STEP

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
    if isinstance(result, (float, int)):  # float64 of NumPy is a float, and so is a weighed sum of results
        return float(result), getattr(result, "epsilon", EPSILON)
    if isinstance(result, Value):
        return result.data, EPSILON
    read = numbers_of(result, "the result", ints_too=True)
    if read is None:
        raise TypeError(f"the function must return a number, not {type(result).__name__} {result!r:.80}")
    numbers, shape, epsilon = read
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
