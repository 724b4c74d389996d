"""What is right: a program run example by example, on Values or on numbers that round at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np

import autograd
from autograd import PRIMITIVES, Value, gradients
from tests.fuzz.lists.cases import Case, Way
from tests.fuzz.lists.noise import Noise

Numbers = dict[str, list[float]]
"""What came out: the values, and the slopes by each argument and captured list, by name."""
BY_VALUES = ("values", "second", "inside")
"""Calls with Values, through which gradients flow back."""
BY_FUNCTIONS = ("grad", "nested", "jacobian", "hessian")
"""`autograd.grad` and its kin, of the function itself (no runtime) or of the compiled one."""
VALUES_ONLY = ("call", "vmap")
"""What gives no gradients."""


class Eager:
    """The eager engine, as the reference takes it."""

    def __init__(self) -> None:
        self.leaf: Callable[..., Any] = lambda number, requires_grad=True: Value(number, requires_grad=requires_grad)

    def namespace(self) -> dict[str, Any]:
        return {}

    def gradients(self, root: Any, wrt: Sequence[Value], create_graph: bool = False) -> list[float]:
        if create_graph:
            return list(map(number, self.gradients_as_numbers(root, wrt)))
        if not (isinstance(root, Value) and root.requires_grad):
            return [0.0] * len(wrt)
        root.backward()
        return [leaf.grad for leaf in wrt]

    def gradients_as_numbers(self, root: Any, wrt: Sequence[Value]) -> list[Any]:
        wanted = [leaf for leaf in wrt if leaf.requires_grad]
        if not (isinstance(root, Value) and root.requires_grad):
            wanted = []
        found = dict(zip(map(id, wanted), gradients(root, wanted, create_graph=True) if wanted else [], strict=True))
        return [found.get(id(leaf), 0.0) for leaf in wrt]

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


def weight(index: int) -> float:
    """What the result at an index counts where several are differentiated together."""
    return (1.0, -0.5, 2.0, 0.25, -1.0)[index % 5]


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
    return [element for part in thing for element in flat(part)] if isinstance(thing, (list, tuple)) else [thing]


def number(thing: Any) -> float:
    """A number or a Value as a float."""
    return float(thing.data) if hasattr(thing, "requires_grad") else float(thing)


def filled(case: Case, index: int, things: Sequence[Any]) -> Any:
    """Things in the arrangement of an argument: arrays of objects for arrays."""
    return case.program.arguments[index].filled(things, object)


def eager_example(case: Case, code: Any, engine: Any, example: int, by_parameters: bool = True) -> Numbers:
    """What a program gives for one example, with its slopes."""
    way = case.way
    by_parameters = by_parameters and way.name not in VALUES_ONLY
    captured = [
        [engine.leaf(n, not fixed and by_parameters) for n, fixed in zip(numbers, frozen, strict=True)]
        for numbers, frozen in zip(case.parameters, case.frozen, strict=True)
    ]
    f = defined(code, engine.namespace(), captured)
    leaves = []
    for index, rows in enumerate(case.numbers):
        with_gradient = by_parameters or way.name == "per_example" or not case.batched[index]
        if way.name in BY_VALUES:
            with_gradient = way.with_values[index]
        if way.name == "prepared":
            with_gradient = False
        row = rows[example if case.batched[index] else 0]
        leaves.append(
            [
                engine.leaf(n, with_gradient and way.name not in VALUES_ONLY and not is_plain(way, at))
                for at, n in enumerate(row)
            ]
        )
    if case.twice and way.name in BY_VALUES:
        leaves[1] = leaves[0]
    results = flat(f(*(filled(case, index, things) for index, things in enumerate(leaves))))
    found: Numbers = {"values": list(map(number, results))}
    groups = dict(zip("abcde", leaves, strict=False)) | dict(zip("uvw", captured, strict=False))
    wrt = [leaf for group in groups.values() for leaf in group]
    roots = differentiated(case, engine, results)
    if case.way.name == "second":
        return found | second_order(case, engine, roots, groups)
    if way.name == "nested":
        return nested_order(case, engine, roots, groups)
    if way.name == "jacobian":
        return {"jacobian": [n for root in results for n in derivatives(engine, root, groups["a"])]}
    if way.name == "hessian":
        slopes = [engine.gradients_as_numbers(root, groups["a"]) for root in roots]
        first = [reduce(lambda x, y: x + y, column) for column in zip(*slopes, strict=True)]
        return {"hessian": [n for slope in first for n in derivatives(engine, slope, groups["a"])]}
    slopes = [engine.gradients(root, wrt) for root in roots]
    return found | parted(groups, [engine.sum(column) for column in zip(*slopes, strict=True)] if slopes else [])


def is_plain(way: Way, index: int) -> bool:
    """Whether a number of an argument that is given as Values is a plain one."""
    return way.mixed and way.name in BY_VALUES and index % 2 == 1


def differentiated(case: Case, engine: Any, results: Sequence[Any]) -> list[Any]:
    """What is differentiated: the sum of all results, each with a weight, over the number of examples.

    To see how far rounding goes, each result is differentiated alone: a compiled function does that, and adds up.
    """
    name = case.way.name
    share = 1.0 / case.examples if name not in ("per_example", "vmap") else 1.0
    if name == "prepared":
        results = results[:1]
    if isinstance(engine, Noise):
        return [result * (weight(index) * share) for index, result in enumerate(results)]
    total = total_of(results)
    return [total if share == 1.0 else total * share]


def second_order(case: Case, engine: Any, roots: Sequence[Any], groups: dict[str, list[Any]]) -> Numbers:
    """The slopes of a number, and the slopes of a sum of these, each with a weight of its own."""
    wrt = [leaf for group in groups.values() for leaf in group]
    weights = [
        weight(index % case.program.arguments["abcde".index(name)].size() if name in "abcde" else index)
        for name, group in groups.items()
        for index in range(len(group))
    ]
    first, second = [], []
    for root in roots:
        slopes = engine.gradients_as_numbers(root, wrt)
        first.append(list(map(number, slopes)))
        second.append(engine.gradients(weighed(engine, slopes, weights), wrt, create_graph=True))
    found = parted(groups, [engine.sum(column) for column in zip(*first, strict=True)])
    again = parted(groups, [engine.sum(column) for column in zip(*second, strict=True)])
    return found | {f"second {name}": part for name, part in again.items()}


def nested_order(case: Case, engine: Any, roots: Sequence[Any], groups: dict[str, list[Any]]) -> Numbers:
    """The slopes by the second argument of a sum of slopes by the first."""
    slopes = [engine.gradients_as_numbers(root, groups["a"]) for root in roots]
    first = [reduce(lambda x, y: x + y, column) for column in zip(*slopes, strict=True)]
    combined = weighed(engine, first, list(map(weight, range(len(first)))))
    return {"second b": engine.gradients(combined, groups["b"], create_graph=True)}


def derivatives(engine: Any, root: Any, wrt: Sequence[Any]) -> list[float]:
    """The slopes of a number, without a trace in the graph."""
    found: list[float] = engine.gradients(root, wrt, create_graph=True)
    return found


def weighed(engine: Any, numbers: Sequence[Any], weights: Sequence[float]) -> Any:
    """The sum of numbers, each with a weight."""
    combined = engine.leaf(0.0, False)
    for term, factor in zip(numbers, weights, strict=True):
        combined = combined + term * factor
    return combined


def total_of(results: Sequence[Any]) -> Any:
    """One number to differentiate: the results with their weights."""
    if len(results) == 1:
        return results[0]
    total = results[0] * weight(0)
    for index, result in enumerate(results[1:], 1):
        total = total + result * weight(index)
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
    if name == "grad":
        return {key: wanted[key] for key in argument_names(case)} | {"a again": wanted["a"]}
    if name == "prepared":
        first_values = [row["values"][0] for row in rows]
        others = [n for row in rows for n in row["values"][1:]]
        return {"values": first_values, "others": others} | {key: wanted[key] for key in captured_names(case)}
    if name == "value_and_grad":
        kept = [key for index, key in enumerate(argument_names(case)) if not case.batched[index]]
        return {key: wanted[key] for key in ("values", *kept)}
    return wanted


def argument_names(case: Case) -> list[str]:
    return list("abcde"[: len(case.program.arguments)])


def captured_names(case: Case) -> list[str]:
    return list("uvw"[: len(case.program.captured)])
