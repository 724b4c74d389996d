"""Random functions of lists, each run in some of the many ways there are, and held against the eager engine."""

from __future__ import annotations

import math
import random
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import PRIMITIVES, Value, gradients
from autograd.compiler.flat_run import has_numba
from tests.fuzz.cases import Case, Training, Way
from tests.fuzz.failure import Failure
from tests.fuzz.noise import Noise
from tests.fuzz.programs import Program, random_program
from tests.fuzz.script import script
from tests.fuzz.shrinking import shrink
from tests.fuzz.training import FOR_LISTS, FOR_NUMBERS, OPTIMIZERS, moved, trained

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
TINY = {"float64": 5e-324, "float32": 1.5e-45}
BY_VALUES = ("values", "second", "inside")
"""Calls with Values, through which gradients flow back."""
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


Numbers = dict[str, list[float]]
"""What came out: the values, and the slopes by each argument and captured list, by name."""


# ---------------------------------------------------------------- the two engines that are asked what is right


class Eager:
    """The eager engine, as the reference takes it."""

    def __init__(self) -> None:
        self.leaf: Callable[..., Any] = lambda number, requires_grad=True, varies=False: Value(
            number, requires_grad=requires_grad
        )

    def namespace(self) -> dict[str, Any]:
        return {}

    def gradients(self, root: Any, wrt: Sequence[Value], create_graph: bool = False) -> list[float]:
        if create_graph:
            return list(map(number, self.gradients_as_numbers(root, wrt)))
        if not (isinstance(root, Value) and root.requires_grad):
            return [0.0] * len(wrt)
        root.backward()
        return [one.grad for one in wrt]

    def gradients_as_numbers(self, root: Any, wrt: Sequence[Value]) -> list[Any]:
        wanted = [one for one in wrt if one.requires_grad]
        if not (isinstance(root, Value) and root.requires_grad):
            wanted = []
        found = dict(zip(map(id, wanted), gradients(root, wanted, create_graph=True) if wanted else [], strict=True))
        return [found.get(id(one), 0.0) for one in wrt]

    def sum(self, numbers: Sequence[float]) -> float:
        return total(numbers)


FUNCTIONS: dict[str, Any] = dict(PRIMITIVES) | {
    "__name__": "program",
    "sum": autograd.sum,
    "mean": autograd.mean,
    "dot": autograd.dot,
    "logsumexp": autograd.logsumexp,
    "softmax": autograd.softmax,
    "norm": autograd.norm,
    "where": autograd.where,
    "no_grad": autograd.no_grad,
    "reduce": reduce,
    "accumulate": accumulate,
}


def weight(place: int) -> float:
    """What the result at a place counts where several are differentiated together."""
    return (1.0, -0.5, 2.0, 0.25, -1.0)[place % 5]


def defined(code: Any, namespace: dict[str, Any], captured: Sequence[Any]) -> Callable[..., Any]:
    """The function of a program, with its parameters."""
    names = FUNCTIONS | namespace | dict(zip("uvw", captured, strict=False))
    exec(code, names)
    f: Callable[..., Any] = names["f"]
    return f


def total(numbers: Sequence[float]) -> float:
    """The sum of what belongs to the examples."""
    return math.fsum(numbers) if all(map(math.isfinite, numbers)) else sum(numbers)


def flat(thing: Any) -> list[Any]:
    """What is in nested lists and arrays."""
    if isinstance(thing, np.ndarray):
        return list(thing.flat)
    return [one for part in thing for one in flat(part)] if isinstance(thing, (list, tuple)) else [thing]


def number(thing: Any) -> float:
    """A number or a Value as a float."""
    return float(thing.data) if hasattr(thing, "requires_grad") else float(thing)


def filled(case: Case, place: int, things: Sequence[Any]) -> Any:
    """Things in the arrangement of an argument: arrays of objects for arrays."""
    return case.program.arguments[place].filled(things, object)


def eager_example(case: Case, code: Any, engine: Any, example: int, by_parameters: bool = True) -> Numbers:
    """What a program gives for one example, with its slopes."""
    captured = [
        [engine.leaf(n, not fixed and by_parameters) for n, fixed in zip(numbers, frozen, strict=True)]
        for numbers, frozen in zip(case.parameters, case.frozen, strict=True)
    ]
    f = defined(code, engine.namespace(), captured)
    leaves = []
    for place, rows in enumerate(case.numbers):
        with_gradient = by_parameters or case.way.name == "per_example" or not case.batched[place]
        if case.way.name in BY_VALUES:
            with_gradient = case.way.with_values[place]
        leaves.append([engine.leaf(n, with_gradient, varies=True) for n in rows[example if case.batched[place] else 0]])
    if case.twice and case.way.name in BY_VALUES:
        leaves[1] = leaves[0]
    results = flat(f(*(filled(case, place, one) for place, one in enumerate(leaves))))
    found: Numbers = {"values": list(map(number, results))}
    if not by_parameters and not any(one.requires_grad for part in leaves for one in part):
        captured = []
    groups = dict(zip("abcde", leaves, strict=False)) | dict(zip("uvw", captured, strict=False))
    wrt = [one for group in groups.values() for one in group]
    roots = differentiated(case, engine, results)
    if case.way.name == "second":
        return found | second_order(case, engine, roots, groups)
    slopes = [engine.gradients(root, wrt) for root in roots]
    return found | parted(groups, [engine.sum(column) for column in zip(*slopes, strict=True)] if slopes else [])


def differentiated(case: Case, engine: Any, results: Sequence[Any]) -> list[Any]:
    """What is differentiated: the sum of all results, each with a weight, over the number of examples.

    To see how far rounding goes, each result is differentiated alone: a compiled function does that, and adds up.
    """
    name = case.way.name
    share = 1.0 / case.examples if name not in ("per_example", "vmap") else 1.0
    if name == "prepared":
        results = results[:1]
    if isinstance(engine, Noise):
        return [one * (weight(place) * share) for place, one in enumerate(results)]
    total = total_of(results)
    return [total if share == 1.0 else total * share]


def second_order(case: Case, engine: Any, roots: Sequence[Any], groups: dict[str, list[Any]]) -> Numbers:
    """The slopes of a number, and the slopes of a sum of these, each with a weight of its own."""
    wrt = [one for group in groups.values() for one in group]
    slopes = [engine.gradients_as_numbers(root, wrt) for root in roots]
    first = [reduce(lambda x, y: x + y, column) for column in zip(*slopes, strict=True)]
    weights = [
        weight(place % case.program.arguments["abcde".index(name)].size() if name in "abcde" else place)
        for name, group in groups.items()
        for place in range(len(group))
    ]
    combined = engine.leaf(0.0, False)
    for slope, factor in zip(first, weights, strict=True):
        combined = combined + slope * factor
    second = engine.gradients(combined, wrt, create_graph=True)
    return parted(groups, list(map(number, first))) | {
        f"second {name}": part for name, part in parted(groups, second).items()
    }


def total_of(results: Sequence[Any]) -> Any:
    """One number to differentiate: the results with their weights."""
    if len(results) == 1:
        return results[0]
    total = results[0] * weight(0)
    for place, one in enumerate(results[1:], 1):
        total = total + one * weight(place)
    return total


def parted(groups: dict[str, list[Any]], slopes: Sequence[float]) -> Numbers:
    """Slopes by the name of what they belong to."""
    found, start = {}, 0
    for name, group in groups.items():
        found[name] = list(slopes[start : start + len(group)])
        start += len(group)
    return found


def reference(case: Case, code: Any, engine_of: Callable[[], Any], by_parameters: bool = True) -> Numbers:
    """What the eager engine gives for all the examples, as the way of the case gives it."""
    name = case.way.name
    if name == "fit":
        return by_fit(case, code, compiled=False)
    rows = [eager_example(case, code, engine_of(), example, by_parameters) for example in range(case.examples)]
    if name == "vmap":
        return {"values": [n for row in rows for n in row["values"]]}
    if name == "per_example":
        return {key: [n for row in rows for n in row[key]] for key in ("values", *argument_names(case))}
    engine, count = engine_of(), case.examples
    wanted: Numbers = {}
    for key, first in rows[0].items():
        if count == 1:
            wanted[key] = first
        elif key[-1] in "abcde" and case.batched["abcde".index(key[-1])]:
            wanted[key] = [n for row in rows for n in row[key]]
        else:
            wanted[key] = [engine.sum(column) for column in zip(*(row[key] for row in rows), strict=True)]
            if key == "values":
                wanted[key] = [total / count for total in wanted[key]]
    if name == "call":
        return {"values": wanted["values"]}
    if name == "prepared":
        first_values = [row["values"][0] for row in rows]
        others = [n for row in rows for n in row["values"][1:]]
        return {"values": first_values, "others": others} | {key: wanted[key] for key in captured_names(case)}
    if name == "value_and_grad":
        kept = [key for place, key in enumerate(argument_names(case)) if not case.batched[place]]
        return {key: wanted[key] for key in ("values", *kept)}
    return wanted


def argument_names(case: Case) -> list[str]:
    return list("abcde"[: len(case.program.arguments)])


def captured_names(case: Case) -> list[str]:
    return list("uvw"[: len(case.program.captured)])


# ---------------------------------------------------------------- the ways


def given(case: Case, place: int, rows: Sequence[Sequence[Any]], dtype: Any = np.float64) -> Any:
    """An argument as a compiled function takes it: with an axis for the examples if it is batched."""
    argument = case.program.arguments[place]
    if not case.batched[place]:
        return argument.filled(rows[0], dtype)
    nested = [argument.nested(row) for row in rows]
    return np.array(nested, dtype) if argument.kind in ("array", "matrix") else nested


def plain(case: Case, numbers: Any = None) -> list[Any]:
    """The arguments as plain numbers, lists and arrays."""
    arguments = [given(case, place, rows) for place, rows in enumerate(case.numbers if numbers is None else numbers)]
    if case.twice:
        arguments[1] = arguments[0]
    return arguments


def by_fit(case: Case, code: Any, compiled: bool) -> Numbers:
    """What training gives."""
    captured = [
        [Value(n, requires_grad=not fixed) for n, fixed in zip(numbers, frozen, strict=True)]
        for numbers, frozen in zip(case.parameters, case.frozen, strict=True)
    ]
    f = defined(code, {}, captured)
    outputs = len(flat(f(filled(case, 0, case.numbers[0][0]))))
    return trained(case, f, captured, outputs, compiled)


def found_by(case: Case, code: Any) -> Numbers:
    """What the way of a case gives."""
    way = case.way
    if way.name == "fit":
        return by_fit(case, code, compiled=True)
    captured = [
        [Value(n, requires_grad=not fixed) for n, fixed in zip(numbers, frozen, strict=True)]
        for numbers, frozen in zip(case.parameters, case.frozen, strict=True)
    ]
    f = defined(code, {}, captured)
    batched = [place for place, one in enumerate(case.batched) if one]
    compiled: Any = autograd.compile(
        f, batched=batched, dtype=way.dtype, check_finite=way.check_finite, runtime=way.runtime
    )
    if way.name == "inside":
        inner, arguments = autograd.compile(f, runtime=way.runtime), "abcde"[: len(case.numbers)]
        outer = eval(f"lambda {', '.join(arguments)}: inner({', '.join(arguments)})", {"inner": inner})
        compiled = autograd.compile(
            outer, batched=batched, dtype=way.dtype, check_finite=way.check_finite, runtime=way.runtime
        )
    prepare(case, code, compiled, captured)
    if way.name == "call":
        return {"values": list(map(number, flat(compiled(*plain(case)))))}
    if way.name == "vmap":
        return {"values": per_row(case, compiled.vmap(*plain(case)))}
    if way.name == "per_example":
        values, slopes = compiled.per_example(*plain(case))
        named = dict(zip(argument_names(case), slopes, strict=True))
        return {"values": list(map(float, values))} | {
            key: [float(n) for example in range(case.examples) for n in flat(of_example(slope, example))]
            for key, slope in named.items()
        }
    if way.name == "value_and_grad":
        value, slopes = compiled.value_and_grad(*plain(case))
        named = dict(zip(argument_names(case), slopes, strict=True))
        return {"values": [float(value)]} | {
            key: list(map(float, flat(slope))) for key, slope in named.items() if slope is not None
        }
    if way.name == "prepared":
        return by_prepared(case, compiled, captured)
    return by_values(case, compiled, captured)


def of_example(slope: Any, example: int) -> Any:
    """The slopes of one example."""
    return [of_example(part, example) for part in slope] if isinstance(slope, list) else slope[example]


def per_row(case: Case, results: Any) -> list[float]:
    """The results of `vmap`, example by example."""
    return [float(n) for example in range(case.examples) for n in flat(of_example(results, example))]


def prepare(case: Case, code: Any, compiled: Any, captured: list[list[Value]]) -> None:
    """What happened before: a call with other numbers, or of another structure, or with other parameters frozen."""
    before = case.way.before
    if not before:
        return
    numbers: Any = case.numbers
    parameters = [one for part in captured for one in part]
    if before == "parameters" and not is_fixed(case, code):
        for one in parameters:
            one.data = 0.75 * one.data - 0.25
    if before == "numbers":
        numbers = [[[0.75 * n + 0.125 for n in row] for row in rows] for rows in case.numbers]
    other = case
    if before == "structure":
        arguments = list(case.program.arguments)
        for place, argument in enumerate(arguments):
            if argument.kind in ("list", "array"):
                arguments[place] = argument._replace(shape=(argument.shape[0] + 1,))
                numbers = [*numbers[:place], [(*row, 0.5) for row in numbers[place]], *numbers[place + 1 :]]
        other = case._replace(program=case.program._replace(arguments=tuple(arguments)))
    flags = [[one.requires_grad for one in part] for part in captured]
    if before == "thaw":
        for part in captured:
            for place, one in enumerate(part):
                one.requires_grad = bool(place % 2) != one.requires_grad
    try:
        if case.way.name in ("per_example", "value_and_grad", "vmap"):
            getattr(compiled, case.way.name)(*plain(other, numbers))
        elif case.way.name != "prepared":
            result = compiled(*plain(other, numbers))
            if before == "thaw":
                roots = [one for one in flat(result) if isinstance(one, Value) and one.requires_grad]
                if roots:
                    roots[0].backward()
    except (ArithmeticError, ValueError, IndexError, TypeError):
        pass
    for one, number_wanted in zip(parameters, [n for part in case.parameters for n in part], strict=True):
        one.data = number_wanted
    for part, wanted in zip(captured, flags, strict=True):
        for one, requires_grad in zip(part, wanted, strict=True):
            one.requires_grad = requires_grad
            one.zero_grad()


def by_values(case: Case, compiled: Any, captured: list[list[Value]]) -> Numbers:
    """A call with Values, and what flows back through it."""
    way = case.way
    arguments: list[Any] = []
    leaves: list[list[Value] | None] = []
    for place, rows in enumerate(case.numbers):
        if place == 1 and case.twice:
            arguments.append(arguments[0])
            leaves.append(leaves[0])
        elif way.with_values[place]:
            values = [[Value(n) for n in row] for row in rows]
            leaves.append([one for row in values for one in row])
            arguments.append(given(case, place, values, object))
        else:
            leaves.append(None)
            arguments.append(given(case, place, rows))
    results = flat(compiled(*arguments))
    found: Numbers = {"values": list(map(number, results))}
    if way.overwritten:
        for argument in arguments:
            for part in argument if isinstance(argument, list) else [argument]:
                if isinstance(part, np.ndarray) and part.dtype != object:
                    part[...] = 0.875
    groups = {name: part for name, part in zip("abcde", leaves, strict=False) if part is not None}
    groups |= dict(zip("uvw", captured, strict=False))
    wrt = [one for group in groups.values() for one in group]
    if way.name == "second":
        return found | second_order(case, Eager(), [total_of(results)], groups)
    return found | parted(groups, Eager().gradients(total_of(results), wrt))


def by_prepared(case: Case, compiled: Any, captured: list[list[Value]]) -> Numbers:
    """A call in the form that training uses."""
    ready = compiled.prepared(*plain(case))
    arrays = [np.array(one, case.way.dtype) for one in plain(case)]
    parameters = np.array([value.data for value in ready.captured], case.way.dtype)
    results, slopes = ready.value_and_grad(parameters, *arrays)
    others = [n for example in range(case.examples) for part in results[1:] for n in part[example].tolist()]
    by_value = dict(zip(map(id, ready.captured), slopes.tolist(), strict=True))
    by_name = {
        name: [by_value.get(id(one), 0.0) if one.requires_grad else 0.0 for one in part]
        for name, part in zip(captured_names(case), captured, strict=True)
    }
    return {"values": list(map(float, results[0])), "others": others} | by_name


# ---------------------------------------------------------------- the comparison


def outcome(run: Callable[[], Numbers]) -> Numbers | Trouble:
    """What a run gives: numbers, or trouble."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of NumPy, on the way to an error that is told
            return run()
    except (ArithmeticError, ValueError, TypeError, RuntimeError, LookupError, AttributeError) as error:
        return Trouble(type(error).__name__, operation_of(str(error)), str(error))


NAMED = (
    re.compile(r"(?:began with |finite at |derivative of )([^\n=]*?) = "),
    re.compile(r"^([^\n=]*?)(?: is not defined| divides by| is too large)"),
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
    if case.way.name == "fit" and is_fixed(case, code):
        return None
    found = outcome(lambda: found_by(case, code))
    wanted = outcome(lambda: reference(case, code, Eager))
    return judged(case, code, wanted, found)


def is_fixed(case: Case, code: Any) -> bool:
    """Whether a program looks at numbers that do not come from its arguments."""
    noise = Noise()
    outcome(lambda: eager_example(case, code, noise, 0))
    return noise.is_fixed


MATHEMATICAL = ("ValueError", "ZeroDivisionError", "OverflowError", "FloatingPointError")


def judged(case: Case, code: Any, wanted: Numbers | Trouble, found: Numbers | Trouble) -> tuple[str, str] | None:
    way = case.way
    if isinstance(wanted, Trouble) and wanted.type not in MATHEMATICAL:
        return None  # the program itself is wrong
    if isinstance(found, Trouble) and found.type not in MATHEMATICAL:
        return "structured", f"{found.type}: {found.message}"
    if way.name == "second" and isinstance(wanted, Trouble) and isinstance(found, Trouble):
        return None  # second derivatives come from the eager engine
    if isinstance(wanted, Trouble) and way.name in ("value_and_grad", "per_example"):
        less = outcome(lambda: reference(case, code, Eager, by_parameters=False))
        if not isinstance(less, Trouble):
            if isinstance(found, Trouble):
                return None
            wanted = less
    if isinstance(wanted, Trouble) and wanted.type != "FloatingPointError" and way.name != "fit":
        forgiving = outcome(lambda: reference(case, code, Noise))
        if not isinstance(forgiving, Trouble) and all(math.isfinite(n) for part in forgiving.values() for n in part):
            # It is undefined where no number is used: in the branch of `where` that is not taken, or without any use.
            if isinstance(found, Trouble) and (found.type, found.operation) == (wanted.type, wanted.operation):
                return None  # what a function computes from parameters alone, it computes while it is recorded
            if isinstance(found, Trouble):
                return "errors", f"{wanted.message}, but no number of it is used; this way raises {found.message}"
            wanted = forgiving
    if way.name in ("call", "vmap") and isinstance(wanted, Trouble) and not isinstance(found, Trouble):
        values_only = outcome(lambda: reference(case, code, WithoutGradients))
        if not isinstance(values_only, Trouble) and all(map(math.isfinite, values_only["values"])):
            wanted = values_only
    if isinstance(wanted, Trouble):
        if isinstance(found, Trouble):
            return different_trouble(case, code, wanted, found)
        if not way.check_finite or is_borderline(case, code):
            return None
        if wanted.type == "ValueError" and re.search(r"= -?inf\b", wanted.message):
            return None  # Python's functions refuse an infinity, NumPy's give nan
        return "errors", f"eager raises {wanted.type}: {wanted.message}; this way gives {found}"
    if isinstance(found, Trouble):
        if way.dtype == "float32" and largest(case, code) > RANGE:
            return None
        if has_overflown(case, wanted) and found.type == "FloatingPointError":
            return None  # told at the call, not only where there is something to differentiate
        if is_borderline(case, code):
            return None
        return "errors", f"this way raises {found.type}: {found.message}; eager gives {wanted}"
    return different_numbers(case, code, wanted, found)


def has_overflown(case: Case, wanted: Numbers) -> bool:
    """Whether a value is not finite, although every number that went in is."""
    given_numbers = [n for rows in (*case.numbers, case.parameters) for row in rows for n in row]
    return not all(map(math.isfinite, wanted["values"])) and all(map(math.isfinite, given_numbers))


class WithoutGradients(Eager):
    """The eager engine, asked for values alone."""

    def gradients(self, root: Any, wrt: Sequence[Value], create_graph: bool = False) -> list[float]:
        return [0.0] * len(wrt)


def different_trouble(case: Case, code: Any, wanted: Trouble, found: Trouble) -> tuple[str, str] | None:
    if case.way.dtype == "float32" and (largest(case, code) > RANGE or is_borderline(case, code)):
        return None
    if wanted.type != found.type and not (found.type == "FloatingPointError" and "finite" in found.message):
        return "errors", f"eager raises {wanted.type}: {wanted.message}; this way {found.type}: {found.message}"
    if wanted.type != "FloatingPointError" and "gradient stops" in found.message:
        return None  # eager does not come so far
    if re.search(r"= (-?inf|nan)\b", wanted.message) and wanted.type != "FloatingPointError":
        return None  # eager stops at what an infinity runs into, the others name what made it
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

        yield outcome(lambda engine=engine: reference(case, code, engine))  # type: ignore[misc]


def is_borderline(case: Case, code: Any) -> bool:
    """Whether rounding decides if there is an error."""
    kinds = {isinstance(one, Trouble) for one in noisy(case, code, 12)}
    wanted = isinstance(outcome(lambda: reference(case, code, Eager)), Trouble)
    return kinds != {wanted}


def largest(case: Case, code: Any) -> float:
    """The largest number that comes up on the way, or the inverse of one, or infinity."""
    noises: list[Noise] = []

    def engine() -> Noise:
        noises.append(Noise())
        return noises[-1]

    found = outcome(lambda: reference(case, code, engine))
    if isinstance(found, Trouble):
        return math.inf
    return max(one.largest for one in noises)


def different_numbers(case: Case, code: Any, wanted: Numbers, found: Numbers) -> tuple[str, str] | None:
    way = case.way
    for key in wanted:
        if key not in found and way.name not in BY_VALUES:
            return "structured", f"there is no {key}"
    shared = [key for key in wanted if key in found]
    for key in shared:
        if len(wanted[key]) != len(found[key]):
            return "structured", f"{key}: there are {len(found[key])} numbers, not {len(wanted[key])}"
    suspects = list(beyond(case, code, wanted, found, shared, SAMPLES))
    if suspects:
        suspects = list(beyond(case, code, wanted, found, shared, MORE_SAMPLES))
    if suspects and way.dtype == "float32" and largest(case, code) > RANGE:
        suspects = [one for one in suspects if not math.isfinite(one[3])]
    if suspects:
        key, place, right, wrong = suspects[0]
        return (
            "structured",
            f"{key}[{place}] is {right!r} eager, and {wrong!r} this way; eager {wanted}; this way {found}",
        )
    is_exact = (
        case.way.runtime in LOOPS
        and way.dtype == "float64"
        and not any(case.batched)
        and way.name not in ("prepared", "fit")
    )
    if is_exact and way.name != "second":
        # The slopes of several results are computed one by one, and then added up; eagerly they are not.
        for key in shared if len(wanted["values"]) == 1 else ["values"]:
            for place, (right, wrong) in enumerate(zip(wanted[key], found[key], strict=True)):
                if right != wrong and not (math.isnan(right) and math.isnan(wrong)):
                    return "bits", f"{key}[{place}] is {right!r} eager, and {wrong!r} this way"
    return None


def beyond(
    case: Case, code: Any, wanted: Numbers, found: Numbers, keys: Sequence[str], count: int
) -> Iterator[tuple[str, int, float, float]]:
    """What differs by more than rounding: its name, its place, what is right and what is wrong."""
    epsilon, tiny = EPSILON[case.way.dtype], TINY[case.way.dtype]
    suspects = [
        (key, place, right, wrong)
        for key in keys
        for place, (right, wrong) in enumerate(zip(wanted[key], found[key], strict=True))
        if right != wrong
        and not (math.isnan(right) and math.isnan(wrong))
        # Two infinities that cancel: eager adds up first what flows into them.
        and not (math.isinf(right) and math.isnan(wrong) and len(wanted["values"]) > 1)
        and not abs(right - wrong) <= 8.0 * epsilon * abs(right) + 4.0 * tiny
    ]
    if not suspects:
        return
    samples = list(noisy(case, code, count))
    for key, place, right, wrong in suspects:
        spread = 0.0
        for sample in samples:
            other = math.nan if isinstance(sample, Trouble) else sample[key][place]
            spread = max(spread, abs(other - right)) if math.isfinite(other) or not math.isfinite(right) else math.inf
        if not abs(right - wrong) <= 24.0 * spread:
            yield key, place, right, wrong


# ---------------------------------------------------------------- cases by chance

BATCHABLE = ("number", "list", "array", "rows", "matrix")


def random_cases(dice: random.Random) -> Iterator[Case]:
    """A program, at a point, in some ways."""
    trains = dice.random() < 0.15
    program = random_program(dice, trains)
    single = dice.random() < 0.5
    may_batch = dice.random() < 0.6
    batched = tuple(
        trains or (may_batch and one.kind in BATCHABLE and dice.random() < 0.6) for one in program.arguments
    )
    examples = dice.choice((1, 2, 2, 3, 4)) if any(batched) else 1
    style = dice.choices(("usual", "short", "special", "huge", "nan"), (12, 6, 3, 1, 1))[0]
    numbers = tuple(
        tuple(random_numbers(dice, style, one.size(), single) for _ in range(examples if is_batched else 1))
        for one, is_batched in zip(program.arguments, batched, strict=True)
    )
    parameters = tuple(
        random_numbers(dice, "usual" if style == "nan" else style, size, single) for size in program.captured
    )
    freezes = dice.random() < 0.4
    frozen = tuple(tuple(freezes and dice.random() < 0.5 for _ in part) for part in parameters)
    twice = len(program.arguments) > 1 and program.arguments[:1] * 2 == program.arguments[:2] and dice.random() < 0.5
    twice = twice and batched[0] == batched[1]
    if twice:
        numbers = (numbers[0], numbers[0], *numbers[2:])
    if trains:
        if style != "huge":
            way = Way("fit", "numpy", training=random_training(dice, program, examples))
            yield Case(program, numbers, parameters, frozen, batched, examples, False, way)
        return
    for _ in range(dice.choice((1, 2, 2, 3))):
        way = random_way(dice, program, batched, single, any(parameters))
        yield Case(program, numbers, parameters, frozen, batched, examples, twice, way)


def random_numbers(dice: random.Random, style: str, count: int, single: bool) -> tuple[float, ...]:
    if style == "short":
        return tuple(dice.randint(-6, 6) / dice.choice((1.0, 2.0)) for _ in range(count))
    usual = [dice.uniform(-1.5, 1.5) for _ in range(count)]
    if style == "special" and dice.random() < 0.7:
        usual[dice.randrange(count)] = dice.choice((0.0, 0.0, -0.0, 1.0, -1.0, 20.0, -30.0, 1e-3, 1e3))
    if style == "huge" and dice.random() < 0.7:
        usual[dice.randrange(count)] = dice.choice((1e16, 1e30, 1e200, 1e-200, 700.0, -800.0, 1e-30))
    if style == "nan" and dice.random() < 0.5:
        usual[dice.randrange(count)] = dice.choice((math.nan, math.nan, math.inf, -math.inf))
    return tuple(single_precision(n) if single else n for n in usual)


def single_precision(n: float) -> float:
    rounded = float(np.float32(n)) if abs(n) < 3e38 else n
    return rounded if math.isfinite(rounded) else n


def random_way(dice: random.Random, program: Program, batched: Sequence[bool], single: bool, captures: bool) -> Way:
    names = ["call", "values", "values", "values", "second", "inside"]
    if program.has_one_result():
        names += ["value_and_grad"] * 3 + ["per_example"] * 4 * any(batched)
    if any(batched):
        names += ["vmap"] * 2
    if all(batched) and program.result.form in ("loss", "list"):
        names += ["prepared"] * 5
    name = dice.choice(names)
    runtimes = ["numpy"] * 4 + ["python"] * 2 + ["auto"] + ["numba"] * 2 * has_numba()
    befores = [""] * 8 + ["numbers", "structure"] + ["thaw", "thaw", "parameters"] * captures
    with_values = tuple(dice.random() < 0.7 for _ in batched)
    if not any(with_values):
        with_values = (True, *with_values[1:])
    return Way(
        name,
        dice.choice(runtimes),
        dtype="float32" if single and dice.random() < 0.5 else "float64",
        check_finite=dice.random() < 0.9 or name in ("values", "second", "inside", "prepared"),
        before=dice.choice(befores),
        with_values=with_values,
        overwritten=dice.random() < 0.3,
    )


def fails_as(kind: str, case: Case) -> bool:
    """Whether a case fails in this way."""
    problem = examine(case)
    return problem is not None and problem[0] == kind


def random_training(dice: random.Random, program: Program, examples: int) -> Training:
    return Training(
        loss=dice.choice(FOR_NUMBERS if program.has_one_result() else FOR_LISTS),
        optimizer=dice.choice(list(OPTIMIZERS)),
        batch_size=dice.randint(1, examples),
        epochs=dice.choice((1, 2)),
        is_refused=dice.random() < 0.05,
        has_validation=dice.random() < 0.3,
        left_out=len(program.captured) > 1 and dice.random() < 0.2,
    )


def check(seed: int) -> Failure | None:
    """Makes the programs of a seed, and runs each in some ways; gives the first failure."""
    with np.errstate(all="ignore"):
        for case in random_cases(random.Random(seed)):
            problem = examine(case)
            if problem is not None:
                shrunk = shrink(case, lambda other, kind=problem[0]: fails_as(kind, other))  # type: ignore[misc]
                problem = examine(shrunk)
                assert problem is not None
                return Failure(problem[0], seed, problem[1], script(shrunk))
    return None
