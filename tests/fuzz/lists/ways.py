"""The ways to run a program that are held against the eager engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.arguments import with_values
from tests.fuzz.lists.cases import Case
from tests.fuzz.lists.reference import (
    BY_FUNCTIONS,
    Eager,
    Numbers,
    argument_names,
    captured_names,
    defined,
    flat,
    is_plain,
    number,
    parted,
    second_order,
    total_of,
    weight,
)
from tests.fuzz.lists.training import trained

EAGER = "eager"
"""In place of a runtime: the function is not compiled at all."""


def given(case: Case, index: int, rows: Sequence[Sequence[Any]], dtype: Any = np.float64) -> Any:
    """An argument as a compiled function takes it: with an axis for the examples if it is batched."""
    argument = case.program.arguments[index]
    if not case.batched[index]:
        return argument.filled(rows[0], dtype)
    nested = [argument.nested(row) for row in rows]
    return np.array(nested, dtype) if argument.kind in ("array", "matrix") else nested


def laid_out(thing: Any, layout: str) -> Any:
    """Numbers in lists and arrays, in another type or another order in memory."""
    if layout == "ints":
        if isinstance(thing, np.ndarray):
            fits = all(is_whole(number) and abs(number) < 2.0**62 for number in thing.flat)
            return thing.astype(np.int64) if fits else thing
        if isinstance(thing, (list, tuple)):
            return type(thing)([laid_out(part, layout) for part in thing])
        return int(thing) if is_whole(thing) else thing
    if isinstance(thing, list):
        return [laid_out(part, layout) for part in thing]
    if not isinstance(thing, np.ndarray):
        return thing
    if layout == "fortran":
        return np.asfortranarray(thing)
    if layout == "strided":
        return np.repeat(thing, 2, axis=-1)[..., ::2]
    if layout == "single" and (thing.astype(np.float32) == thing).all():
        return thing.astype(np.float32)
    return thing


def is_whole(number: float) -> bool:
    """Whether an int says the same."""
    return math.isfinite(number) and number == int(number) and (number != 0.0 or math.copysign(1.0, number) > 0.0)


def plain(case: Case) -> list[Any]:
    """The arguments as plain numbers, lists and arrays."""
    arguments = [laid_out(given(case, index, rows), case.way.layout) for index, rows in enumerate(case.numbers)]
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
    return trained(case, f, captured, compiled)


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
    batched = [index for index, is_batched in enumerate(case.batched) if is_batched]
    compiled: Any = autograd.compile(
        f,
        batched=batched,
        dtype=way.dtype,
        check_finite=way.check_finite,
        runtime="auto" if way.runtime == EAGER else way.runtime,
    )
    if way.name == "inside":
        inner, names = autograd.compile(f, runtime=way.runtime), ", ".join(argument_names(case))
        outer = eval(f"lambda {names}: inner({names})", {"inner": inner})
        compiled = autograd.compile(
            outer, batched=batched, dtype=way.dtype, check_finite=way.check_finite, runtime=way.runtime
        )
    prepare(case, compiled, captured)
    if way.name in BY_FUNCTIONS:
        return by_functions(case, compiled if way.runtime != EAGER else f)
    if way.name == "call":
        return {"values": list(map(number, flat(compiled(*plain(case)))))}
    arguments = plain(case)
    if way.name == "vmap":
        results = compiled.vmap(*arguments)
        require_own_memory(arguments, results)
        return {"values": per_row(case, results)}
    if way.name == "per_example":
        values, slopes = compiled.per_example(*arguments)
        require_own_memory(arguments, values, slopes)
        named = dict(zip(argument_names(case), slopes, strict=True))
        return {"values": list(map(float, values))} | {
            key: [float(n) for example in range(case.examples) for n in flat(of_example(slope, example))]
            for key, slope in named.items()
        }
    if way.name == "value_and_grad":
        value, slopes = compiled.value_and_grad(*arguments)
        require_own_memory(arguments, slopes)
        named = dict(zip(argument_names(case), slopes, strict=True))
        return {"values": [float(value)]} | {
            key: list(map(float, flat(slope))) for key, slope in named.items() if slope is not None
        }
    if way.name == "prepared":
        return by_prepared(case, compiled, captured)
    return by_values(case, compiled, captured)


class SharedMemoryError(Exception):
    """A result is an array of the caller, or shares its memory with another result."""


def require_own_memory(arguments: Sequence[Any], *results: Any) -> None:
    """Raises SharedMemoryError if writing to an array of the results would change something else."""
    given_arrays = [array for array in arrays_in(list(arguments)) if array.dtype != object]
    found = arrays_in(list(results))
    for index, array in enumerate(found):
        for other in (*given_arrays, *found[:index]):
            if np.shares_memory(array, other):
                raise SharedMemoryError(f"{array!r} and {other!r} share their memory")


def arrays_in(thing: Any) -> list[Any]:
    """The arrays in nested lists."""
    if isinstance(thing, np.ndarray):
        return [thing]
    return [array for part in thing for array in arrays_in(part)] if isinstance(thing, (list, tuple)) else []


def of_example(slope: Any, example: int) -> Any:
    """The slopes of one example."""
    return [of_example(part, example) for part in slope] if isinstance(slope, list) else slope[example]


def per_row(case: Case, results: Any) -> list[float]:
    """The results of `vmap`, example by example."""
    return [float(n) for example in range(case.examples) for n in flat(of_example(results, example))]


def moved_parameter(number: float) -> float:
    """Another number for a parameter."""
    return 0.75 * number - 0.25


def other_call(case: Case) -> Case:
    """The arguments of the call before: other numbers, or longer lists."""
    numbers: list[Any] = list(case.numbers)
    arguments = list(case.program.arguments)
    if case.way.before == "numbers":
        numbers = [tuple(tuple(0.75 * n + 0.125 for n in row) for row in rows) for rows in numbers]
    if case.way.before == "structure":
        for index, argument in enumerate(arguments):
            if argument.kind in ("list", "array"):
                arguments[index] = argument._replace(shape=(argument.shape[0] + 1,))
                numbers[index] = tuple((*row, 0.5) for row in numbers[index])
    program = case.program._replace(arguments=tuple(arguments))
    return case._replace(program=program, numbers=tuple(numbers))


def prepare(case: Case, compiled: Any, captured: list[list[Value]]) -> None:
    """What happened before: a call with other numbers, or of another structure, or with other parameters frozen."""
    before = case.way.before
    if not before:
        return
    parameters = [parameter for part in captured for parameter in part]
    if before == "parameters":
        for parameter in parameters:
            parameter.data = moved_parameter(parameter.data)
    other = other_call(case)
    flags = [[parameter.requires_grad for parameter in part] for part in captured]
    if before == "thaw":
        for part in captured:
            for index, parameter in enumerate(part):
                parameter.requires_grad = bool(index % 2) != parameter.requires_grad
    try:
        if case.way.name in ("per_example", "value_and_grad", "vmap"):
            getattr(compiled, case.way.name)(*plain(other))
        elif case.way.name != "prepared":
            arguments = plain(other)
            if before == "thaw":  # by Values, as the call that is judged: numbers alone run a program of their own
                arguments = [with_values(argument) for argument in arguments]
            result = compiled(*arguments)
            if before == "thaw":
                roots = [root for root in flat(result) if isinstance(root, Value) and root.requires_grad]
                if roots:
                    roots[0].backward()
    except (ArithmeticError, ValueError, IndexError, TypeError):
        pass
    for parameter, number_wanted in zip(parameters, [n for part in case.parameters for n in part], strict=True):
        parameter.data = number_wanted
    for part, wanted in zip(captured, flags, strict=True):
        for parameter, requires_grad in zip(part, wanted, strict=True):
            parameter.requires_grad = requires_grad
            parameter.zero_grad()


def by_values(case: Case, compiled: Any, captured: list[list[Value]]) -> Numbers:
    """A call with Values, and what flows back through it."""
    way = case.way
    arguments: list[Any] = []
    leaves: list[list[Value] | None] = []
    for index, rows in enumerate(case.numbers):
        if index == 1 and case.twice:
            arguments.append(arguments[0])
            leaves.append(leaves[0])
        elif way.with_values[index]:
            values = [[n if is_plain(way, at) else Value(n) for at, n in enumerate(row)] for row in rows]
            leaves.append([leaf if isinstance(leaf, Value) else UNUSED for row in values for leaf in row])
            arguments.append(given(case, index, values, object))
        else:
            leaves.append(None)
            arguments.append(laid_out(given(case, index, rows), way.layout))
    results = flat(compiled(*arguments))
    found: Numbers = {"values": list(map(number, results))}
    if way.overwritten:
        for argument in arguments:
            for part in argument if isinstance(argument, list) else [argument]:
                if isinstance(part, np.ndarray) and part.dtype != object:
                    part[...] = 0.875
    groups = {name: part for name, part in zip("abcde", leaves, strict=False) if part is not None}
    groups |= dict(zip("uvw", captured, strict=False))
    wrt = [leaf for group in groups.values() for leaf in group]
    if way.name == "second":
        return found | second_order(case, Eager(), [total_of(results)], groups)
    return found | parted(groups, Eager().gradients(total_of(results), wrt))


UNUSED = Value(0.0, requires_grad=False)
"""In place of a plain number, which has no gradient."""


def by_functions(case: Case, function: Any) -> Numbers:
    """The derivatives that `autograd.grad` gives of a function."""
    arguments, names = plain(case), argument_names(case)

    def one_number(*given_arguments: Any) -> Any:
        return total_of(flat(function(*given_arguments)))

    if case.way.name == "grad":
        slopes = autograd.grad(one_number, argnum=(*range(len(names)), 0))(*arguments)
        require_floats(case, slopes)
        names = [*names, "a again"]
        return {name: list(map(number, flat(slope))) for name, slope in zip(names, slopes, strict=True)}
    if case.way.name == "jacobian":
        rows = autograd.jacobian(lambda *given_arguments: function(*given_arguments))(*arguments)
        require_floats(case, rows)
        return {"jacobian": list(map(number, flat(rows)))}
    if case.way.name == "hessian":
        rows = autograd.hessian(one_number)(*arguments)
        require_floats(case, rows)
        return {"hessian": list(map(number, flat(rows)))}

    def one_slope(b: Any) -> Any:
        slopes = flat(autograd.grad(one_number)(arguments[0], b))
        return sum(slope * weight(index) for index, slope in enumerate(slopes))

    second = autograd.grad(one_slope)(arguments[1])
    require_floats(case, second)
    return {"second b": list(map(number, flat(second)))}


class NotFloatsError(Exception):
    """Derivatives of floats are floats, and these are not."""


def require_floats(case: Case, slopes: Any) -> None:
    """Raises NotFloatsError for anything else, where no parameter has a part in it."""
    needs_gradient = any(not fixed for part in case.frozen for fixed in part)
    for derivative in flat(slopes):
        if not needs_gradient and not isinstance(derivative, float):
            raise NotFloatsError(f"{derivative!r} in place of a float")


def by_prepared(case: Case, compiled: Any, captured: list[list[Value]]) -> Numbers:
    """A call in the form that training uses."""
    ready = compiled.prepared(*plain(case))
    arrays = [np.array(argument, case.way.dtype) for argument in plain(case)]
    parameters = np.array([value.data for value in ready.captured], case.way.dtype)
    results, slopes = ready.value_and_grad(parameters, *arrays)
    others = [n for example in range(case.examples) for part in results[1:] for n in part[example].tolist()]
    by_value = dict(zip(map(id, ready.captured), slopes.tolist(), strict=True))
    by_name = {
        name: [by_value.get(id(parameter), 0.0) if parameter.requires_grad else 0.0 for parameter in part]
        for name, part in zip(captured_names(case), captured, strict=True)
    }
    return {"values": list(map(float, results[0])), "others": others} | by_name
