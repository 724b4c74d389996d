"""Whether what a way gives is what the eager engine gives."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tests.fuzz.lists.cases import Case, Way
from tests.fuzz.lists.noise import Noise
from tests.fuzz.lists.reference import (
    BY_FUNCTIONS,
    BY_VALUES,
    Eager,
    Numbers,
    reference,
)
from tests.fuzz.lists.training import moved
from tests.fuzz.lists.ways import EAGER, NotFloatsError, SharedMemoryError, by_fit, found_by

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
TINY = {"float64": 5e-324, "float32": 1e-43}
RANGE = 1e36
"""Numbers that float32 holds, with some room."""
SAMPLES = 2
MORE_SAMPLES = 30
LOOPS = ("python", "numba")


class Trouble(NamedTuple):
    """An exception: its type, the operation it names, and its message."""

    type: str
    operation: str
    message: str


CAUGHT = (
    *(ArithmeticError, ValueError, TypeError, RuntimeError, LookupError, AttributeError),
    *(NotFloatsError, SharedMemoryError),
)


def outcome(run: Callable[[], Numbers]) -> Numbers | Trouble:
    """What a run gives: numbers, or trouble."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy, on the way to an error that is told
            return run()
    except CAUGHT as error:
        return Trouble(type(error).__name__, operation_of(str(error)), str(error))


NAMED = (
    re.compile(r"(?:began with |finite at |derivative of )([^\n=]*?) = "),
    re.compile(r"^ *([^\n=]*?)(?: is not defined| divides by| is too large| needs a pos)", re.MULTILINE),
)


def operation_of(message: str) -> str:
    """The operation that a message names."""
    for pattern in NAMED:
        found = pattern.search(message)
        if found:
            return found[1]
    return ""


def examine(case: Case) -> tuple[str, str] | None:
    """What is wrong with a case: the kind of it, and a message; None if nothing is."""
    code = compile(case.program.source(), "<program>", "exec")
    found = outcome(lambda: found_by(case, code))
    wanted = outcome(lambda: right(case, code, Eager))
    return judged(case, code, wanted, found)


MATHEMATICAL = ("ValueError", "ZeroDivisionError", "OverflowError", "FloatingPointError")


def right(case: Case, code: Any, engine_of: Callable[[], Any], by_parameters: bool = True) -> Numbers:
    """What the eager engine gives."""
    if case.way.name == "fit":
        return by_fit(case, code, compiled=False)
    return reference(case, code, engine_of, by_parameters)


def judged(case: Case, code: Any, wanted: Numbers | Trouble, found: Numbers | Trouble) -> tuple[str, str] | None:
    way = case.way
    if isinstance(wanted, Trouble) and wanted.type not in MATHEMATICAL:
        return None  # the program itself is wrong
    if isinstance(found, Trouble) and found.type not in MATHEMATICAL:
        if found.type == "AttributeError" and way.name in BY_FUNCTIONS:
            return None  # arguments that get no derivative reach a function as they are: as plain numbers
        if isinstance(wanted, Trouble) and "object has no attribute" in found.message:
            return None  # a plain number: eager does not come so far
        if way.name == "fit" and "the loss of the first example is" in found.message and is_unsteady(alone(case), code):
            return None
        is_untrainable = re.search("a loss must return a Value|does not require a gradient", found.message)
        if isinstance(wanted, Trouble) and is_untrainable:
            return None  # the model has no parameters
        return "structured", f"{found.type}: {found.message}"
    if isinstance(found, Trouble) and way.dtype == "float32" and largest(case, code) > RANGE:
        return None
    if way.name == "second" and isinstance(wanted, Trouble) and isinstance(found, Trouble):
        return None  # second derivatives come from the eager engine
    if isinstance(wanted, Trouble) and way.name in ("value_and_grad", "per_example"):
        less = outcome(lambda: right(case, code, Eager, by_parameters=False))
        if not isinstance(less, Trouble):
            if isinstance(found, Trouble):
                return None
            wanted = less
    if isinstance(wanted, Trouble) and wanted.type != "FloatingPointError" and way.name == "fit":
        if not isinstance(found, Trouble) and wanted.operation:
            return None  # nor does it look for where no number is used
    elif isinstance(wanted, Trouble) and wanted.type != "FloatingPointError":
        by_parameters = way.name not in ("value_and_grad", "per_example")
        forgiving = outcome(lambda: right(case, code, Noise, by_parameters))
        if not isinstance(forgiving, Trouble) and all(math.isfinite(n) for part in forgiving.values() for n in part):
            # It is undefined where no number is used: in the branch of `where` that is not taken, or without any use.
            if isinstance(found, Trouble) and (found.type, found.operation) == (wanted.type, wanted.operation):
                return None
            if isinstance(found, Trouble) and way.name in BY_FUNCTIONS and wanted.operation in found.message:
                return None  # where parameters have a part, the derivatives come from the eager engine
            if isinstance(found, Trouble) and not way.check_finite:
                return None
            if isinstance(found, Trouble):
                return "errors", f"{wanted.message}, but no number of it is used; this way raises {found.message}"
            wanted = forgiving
        elif not isinstance(forgiving, Trouble) and not all(map(math.isfinite, given_numbers(case))):
            return None  # what is undefined cannot be told from what the user put in
    if isinstance(wanted, Trouble):
        if isinstance(found, Trouble):
            return different_trouble(case, code, wanted, found)
        if not way.check_finite or is_borderline(case, code):
            return None
        if way.name == "prepared" and not all(map(math.isfinite, found["others"])):
            return None  # it looks at what is differentiated, and at no more
        if wanted.type == "ValueError" and re.search(r"= -?inf\b", wanted.message):
            return None  # Python's functions refuse an infinity, NumPy's give nan
        return "errors", f"eager raises {wanted.type}: {wanted.message}; this way gives {found}"
    if isinstance(found, Trouble):
        if (has_overflown(case, wanted) and found.type == "FloatingPointError") or (
            "the result is not finite" in found.message
            and not all(map(math.isfinite, wanted.get("values", [math.inf])))
        ):
            return None  # told at the call, not only where there is something to differentiate
        if not way.check_finite and "is not finite" in found.message:
            return None
        if is_borderline(case, code):
            return None
        return "errors", f"this way raises {found.type}: {found.message}; eager gives {wanted}"
    return different_numbers(case, code, wanted, found)


def has_overflown(case: Case, wanted: Numbers) -> bool:
    """Whether something is not finite, although every number that went in is."""
    found = [n for part in wanted.values() for n in part]
    return not all(map(math.isfinite, found)) and all(map(math.isfinite, given_numbers(case)))


def given_numbers(case: Case) -> list[float]:
    """The numbers that go into a program."""
    return [n for rows in (*case.numbers, case.parameters) for row in rows for n in row]


def different_trouble(case: Case, code: Any, wanted: Trouble, found: Trouble) -> tuple[str, str] | None:
    if case.way.dtype == "float32" and is_borderline(case, code):
        return None
    if not case.way.check_finite:
        return None
    if wanted.type != "FloatingPointError" and ("gradient stops" in found.message or "derivative of" in found.message):
        return None  # eager does not come so far
    if "the result is not finite" in found.message and found.operation != wanted.operation:
        return None  # nor to an overflow behind it
    if case.way.name == "fit" or (case.examples > 1 and found.operation):
        return None  # several examples fail, and not the same one is met first
    if wanted.type != found.type:
        return "errors", f"eager raises {wanted.type}: {wanted.message}; this way {found.type}: {found.message}"
    if re.search(r"= (-?inf|nan)\b", wanted.message) and wanted.type != "FloatingPointError":
        return None  # eager stops at what an infinity runs into, the others name what made it
    if wanted.type != "FloatingPointError" and found.operation in undefined(case, code):
        return None  # no number of what eager names may be used
    if wanted.operation != found.operation and wanted.operation and not is_borderline(case, code):
        return "errors", f"eager names {wanted.operation} ({wanted.message}); this way {found.message}"
    return None


def noisy(case: Case, code: Any, count: int, seed: int = 0) -> Iterator[Numbers | Trouble]:
    """The reference, computed with random rounding."""
    for sample in range(count):
        dice = random.Random(f"{seed} {sample}")
        if case.way.name == "fit":
            other = case._replace(
                numbers=moved(case.numbers, dice, 4.0 * EPSILON["float64"]),
                parameters=moved(case.parameters, dice, 4.0 * EPSILON["float64"]),
            )
            yield outcome(lambda other=other: by_fit(other, code, compiled=False))  # type: ignore[misc]
            continue
        noises: list[Noise] = []

        def engine(dice: random.Random = dice, noises: list[Noise] = noises) -> Noise:
            noises.append(Noise(EPSILON[case.way.dtype], TINY[case.way.dtype], dice))
            return noises[-1]

        yield outcome(lambda engine=engine: right(case, code, engine))  # type: ignore[misc]


def is_borderline(case: Case, code: Any) -> bool:
    """Whether rounding decides if there is an error."""
    kinds = {isinstance(result, Trouble) for result in noisy(case, code, 12)}
    wanted = isinstance(outcome(lambda: right(case, code, Eager)), Trouble)
    return kinds != {wanted}


def alone(case: Case) -> Case:
    """A model without its training."""
    return case._replace(way=Way("values", "numpy", with_values=(False,)))


def is_unsteady(case: Case, code: Any) -> bool:
    """Whether rounding, or the sign of a zero, decides what comes out."""
    wanted = outcome(lambda: right(case, code, Eager))
    samples = [wanted, *noisy(case, code, 12)]
    values = [() if isinstance(sample, Trouble) else tuple(sample["values"]) for sample in samples]
    return not all(
        np.allclose(numbers, values[0], rtol=1e-6) if len(numbers) == len(values[0]) else False for numbers in values
    )


def forgiving_run(case: Case, code: Any) -> tuple[Numbers | Trouble, list[Noise]]:
    """A run without noise, in which nothing fails, and what it has to tell."""
    noises: list[Noise] = []

    def engine() -> Noise:
        noises.append(Noise())
        return noises[-1]

    return outcome(lambda: right(case, code, engine)), noises


def largest(case: Case, code: Any) -> float:
    """The largest number that comes up on the way, or infinity."""
    found, noises = forgiving_run(case, code)
    return math.inf if isinstance(found, Trouble) else max((noise.largest for noise in noises), default=0.0)


def undefined(case: Case, code: Any) -> set[str]:
    """The operations that are not defined at their numbers."""
    return {operation for noise in forgiving_run(case, code)[1] for operation in noise.undefined}


def different_numbers(case: Case, code: Any, wanted: Numbers, found: Numbers) -> tuple[str, str] | None:
    way = case.way
    for key in wanted:
        if key not in found and way.name not in BY_VALUES:
            return "structured", f"there is no {key}"
    shared = [key for key in wanted if key in found]
    for key in shared:
        if len(wanted[key]) != len(found[key]):
            return "structured", f"{key}: there are {len(found[key])} numbers, not {len(wanted[key])}"
    if way.name == "prepared" and not all(map(math.isfinite, found["others"])):
        shared.remove("others")  # it looks at what is differentiated, and at no more
    if way.name == "prepared" and way.dtype == "float32" and max(map(abs, given_numbers(case))) > RANGE:
        return None  # it takes arrays of float32 only, which hold infinities then
    suspects = list(beyond(case, code, wanted, found, shared, SAMPLES))
    if suspects:
        suspects = list(beyond(case, code, wanted, found, shared, MORE_SAMPLES))
    if suspects and way.dtype == "float32" and largest(case, code) > RANGE:
        suspects = [suspect for suspect in suspects if not math.isfinite(suspect[3]) and way.check_finite]
    if suspects and (any(map(math.isinf, given_numbers(case))) or largest(case, code) > 1e300):
        # Infinities that cancel in one order of a sum and not in another.
        suspects = [suspect for suspect in suspects if math.isfinite(suspect[2]) or math.isfinite(suspect[3])]
    if suspects:
        key, index, right, wrong = suspects[0]
        return (
            "structured",
            f"{key}[{index}] is {right!r} eager, and {wrong!r} this way; eager {wanted}; this way {found}",
        )
    # The values of a loop are eager's to the last bit; into a gradient things may be added in another order.
    is_alone = not any(case.batched) or way.name in ("vmap", "per_example")
    rounds_elsewhere = ("prepared", "fit", "second", "nested", "hessian", "jacobian")
    if way.runtime in (*LOOPS, EAGER) and way.dtype == "float64" and is_alone and way.name not in rounds_elsewhere:
        for key in shared if way.runtime == EAGER else ["values"] * ("values" in shared):
            for index, (right, wrong) in enumerate(zip(wanted[key], found[key], strict=True)):
                zero = 0.0 if way.runtime == EAGER else -0.0  # grad and backward give zeros of either sign
                if (right + zero).hex() != (wrong + zero).hex():
                    return "bits", f"{key}[{index}] is {right!r} eager, and {wrong!r} this way"
    return None


def beyond(
    case: Case, code: Any, wanted: Numbers, found: Numbers, keys: Sequence[str], count: int
) -> Iterator[tuple[str, int, float, float]]:
    """What differs by more than rounding: its name, its index, what is right and what is wrong."""
    epsilon, tiny = EPSILON[case.way.dtype], TINY[case.way.dtype]
    floor = 4.0 * tiny
    if case.way.name == "fit":  # what cancels, within an example and among them
        numbers = [abs(n) for part in wanted.values() for n in part if math.isfinite(n)]
        floor = 32.0 * epsilon * max(1.0, min(1e4, largest(alone(case), code)), *numbers)
    suspects = [
        (key, index, right, wrong)
        for key in keys
        for index, (right, wrong) in enumerate(zip(wanted[key], found[key], strict=True))
        if not (right == wrong or (math.isnan(right) and math.isnan(wrong)))
        and not abs(right - wrong) <= 8.0 * epsilon * abs(right) + floor
    ]
    if not suspects:
        return
    samples = list(noisy(case, code, count))
    for key, index, right, wrong in suspects:
        spread = 0.0
        for sample in samples:
            other = math.nan if isinstance(sample, Trouble) else sample[key][index]
            spread = max(spread, abs(other - right)) if math.isfinite(other) or not math.isfinite(right) else math.inf
        if not abs(right - wrong) <= 24.0 * spread:
            yield key, index, right, wrong
