"""A case as a Python program that stands alone: it prints what the eager engine gives, and what the other way gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import autograd
import nn
from tests.fuzz.lists.cases import Case
from tests.fuzz.lists.reference import BY_FUNCTIONS, is_plain, weight
from tests.fuzz.lists.training import OPTIMIZERS, targets
from tests.fuzz.lists.ways import moved_parameter, other_call

HELPERS = """def plain(y):
    return y.data if isinstance(y, Value) else y

def needs_gradient(y):
    return isinstance(y, Value) and y.requires_grad
"""


def script(case: Case) -> str:
    """The program."""
    parts = [_trained(case)] if case.way.training is not None else [HELPERS, _eager(case), _other(case)]
    body = "\n".join(filter(None, [_parameters(case), case.program.source(), *parts]))
    used = [
        name
        for name in autograd.__all__
        if name == "Value" or re.search(rf"(?<![\w.]){name}\(|(?<=reduce\(){name}\b", body)
    ]
    imports = [f"from autograd import {', '.join(used)}"]
    if "reduce(" in body:
        imports.insert(0, "from functools import reduce")
    if "accumulate(" in body:
        imports.insert(0, "from itertools import accumulate")
    if re.search(r"\b(nan|inf)\b", body):
        imports.insert(0, "from math import inf, nan")
    used = [name for name in nn.__all__ if re.search(rf"\b{name}\b", body)]
    if case.way.training is not None:
        imports.append(f"from nn import {', '.join(used)}")
    if "np." in body:
        imports.append("import numpy as np")
    return "\n".join(imports) + "\n\n" + body


def _parameters(case: Case) -> str:
    lines = []
    for name, numbers, frozen in zip("uvw", case.parameters, case.frozen, strict=False):
        values = [f"Value({n!r}{', requires_grad=False' * fixed})" for n, fixed in zip(numbers, frozen, strict=True)]
        lines.append(f"{name} = [{', '.join(values)}]")
    return "\n".join(lines) + "\n" * bool(lines)


def _written(thing: Any, as_values: bool, is_array: bool) -> str:
    """Numbers in nested lists as text."""
    if isinstance(thing, (list, tuple)):
        text = f"[{', '.join(_written(part, as_values, False) for part in thing)}]"
        if isinstance(thing, tuple):
            text = f"({text[1:-1]},)"
        return f"np.array({text})" if is_array else text
    return f"Value({thing!r})" if as_values and not isinstance(thing, _Plain) else repr(thing)


class _Plain(float):
    """A number that stays one among Values."""

    def __repr__(self) -> str:
        return repr(float(self))


def _marked(case: Case, row: Sequence[float]) -> list[float]:
    """The numbers of an argument; those that stay plain among Values are marked."""
    return [_Plain(n) if is_plain(case.way, at) else n for at, n in enumerate(row)]


def _argument(case: Case, index: int, as_values: bool, example: int | None = None) -> str:
    """An argument as text: for one example, or for all of them."""
    argument, rows = case.program.arguments[index], case.numbers[index]
    is_array = argument.kind in ("array", "matrix")
    if not case.batched[index] or example is not None:
        thing = argument.nested(_marked(case, rows[example or 0 if case.batched[index] else 0]))
        if argument.kind == "arrays":
            return f"[{', '.join(_written(part, as_values, True) for part in thing)}]"
        return _written(thing, as_values, is_array)
    return _written([argument.nested(_marked(case, row)) for row in rows], as_values, is_array)


def _names(case: Case) -> str:
    return ", ".join("abcde"[: len(case.program.arguments)])


def _slopes(case: Case, batched: bool, names: Sequence[str]) -> list[str]:
    """Text for the gradients of arguments and parameters."""
    texts = []
    for index, (name, argument) in enumerate(zip("abcde", case.program.arguments, strict=False)):
        if name not in names:
            continue
        axes = {"number": 0, "list": 1, "tuple": 1, "array": 1}.get(argument.kind, 2)
        axes += batched and case.batched[index]
        loops = (f" for x in {name}", f" for row in {name} for x in row", f" for t in {name} for row in t for x in row")
        only = " if isinstance(x, Value)" * case.way.mixed
        texts.append(f"{name}.grad" if axes == 0 else f"[x.grad{loops[axes - 1]}{only}]")
    return texts + [f"[x.grad for x in {name}]" for name in "uvw"[: len(case.program.captured)]]


def _differentiated(case: Case, batched: bool, names: Sequence[str]) -> list[str]:
    """Lines that differentiate `y`, and print."""
    lines, value = [], "plain(y)"
    if not case.program.has_one_result():
        lines.append("results = [x for part in y for x in (part if isinstance(part, list) else [part])]")
        lines.append("results = [x for part in results for x in (part if isinstance(part, list) else [part])]")
        weights = ", ".join(str(weight(index)) for index in range(5))
        lines.append(f"y = sum(x * k for x, k in zip(results, [{weights}] * 40)) if len(results) > 1 else results[0]")
        value = "[plain(x) for x in results]"
    slopes = ", ".join(_slopes(case, batched, names))
    if case.way.name == "second":
        leaves = [re.sub(r"\.grad\b", "", _slopes(case, batched, [name])[0]) for name in names]
        leaves += [f"[x for x in {name}]" for name in "uvw"[: len(case.program.captured)]]
        groups = " + ".join(leaf if leaf.startswith("[") else f"[{leaf}]" for leaf in leaves)
        lines.append(f"wrt = [x for x in {groups} if x.requires_grad]")
        lines.append("slopes = gradients(y, wrt, create_graph=True) if needs_gradient(y) else []")
        lines.append(f"y = sum(slope * k for slope, k in zip(slopes, {[weight(i) for i in range(5)]} * 40))")
        value += ", [plain(x) for x in slopes]"
    lines.append("if needs_gradient(y): y.backward()")
    lines.append(f'print("LABEL", {value}, {slopes})')
    return lines


def _eager(case: Case) -> str:
    """The eager part: each example alone."""
    lines = []
    names = "abcde"[: len(case.program.arguments)]
    for example in range(case.examples):
        texts = [_argument(case, index, True, example) for index in range(len(names))]
        if case.twice and len(texts) > 1:
            texts[1] = "a"
            lines.append(f"a = {texts[0]}")
            texts[0] = "a"
        lines.append(f"{_names(case)} = {', '.join(texts)}")
        lines += [f"for x in {name}: x.zero_grad()" for name in "uvw"[: len(case.program.captured)] if example]
        lines.append(f"y = f({_names(case)})")
        lines += _differentiated(case, False, names)
    return "\n".join(lines).replace("LABEL", "eager:") + "\n"


def _other(case: Case) -> str:
    way = case.way
    batched = [index for index, is_batched in enumerate(case.batched) if is_batched]
    options = [f"batched={batched}"] if batched else []
    options += [f'dtype="{way.dtype}"'] if way.dtype != "float64" else []
    options += ["check_finite=False"] if not way.check_finite else []
    options += [f'runtime="{way.runtime}"'] if way.runtime != "eager" else []
    f = "f" if way.name != "inside" else f"lambda {_names(case)}: inner({_names(case)})"
    lines = ["inner = compile(f)"] if way.name == "inside" else []
    if way.runtime != "eager":
        lines.append(f"compiled = compile({', '.join([f, *options])})")
    names = "abcde"[: len(case.program.arguments)]
    by_values = way.name in ("values", "second", "inside")
    texts = [
        _argument(case, index, by_values and way.with_values[index]) for index in range(len(case.program.arguments))
    ]
    if case.twice:
        lines.append(f"a = {texts[0]}")
        texts[0] = texts[1] = "a"
    lines.append(f"{_names(case)} = {', '.join(texts)}")
    if way.layout:
        lines.append(f"# plain numbers and arrays as tests.fuzz.lists.ways.laid_out(..., {way.layout!r}) gives them")
    lines += _before(case)
    if way.name in BY_FUNCTIONS:
        return "\n".join([*lines, *_by_functions(case)])
    if not by_values:
        call = "compiled" if way.name == "call" else f"compiled.{way.name}"
        if way.name == "prepared":
            lines.append(f"ready = compiled.prepared({_names(case)})")
            arguments = ", ".join(f"np.array({name})" for name in names)
            lines.append(
                f'print("{way.name}:", ready.value_and_grad(np.array([x.data for x in ready.captured]), {arguments}))'
            )
        else:
            lines.append(f'print("{way.name}:", {call}({_names(case)}))')
        return "\n".join(lines)
    lines += [f"for x in {name}: x.zero_grad()" for name in "uvw"[: len(case.program.captured)]]
    lines.append(f"y = compiled({_names(case)})")
    if way.overwritten:
        for index, (name, argument) in enumerate(zip(names, case.program.arguments, strict=True)):
            if not way.with_values[index] and argument.kind in ("array", "matrix"):
                lines.append(f"{name}[...] = 0.875")
            if not way.with_values[index] and argument.kind == "arrays":
                lines.append(f"for part in {name}: part[...] = 0.875")
    given = [name for name, is_value in zip(names, way.with_values, strict=True) if is_value]
    lines += _differentiated(case, True, given)
    return "\n".join(lines).replace("LABEL", f"{way.name}:")


def _by_functions(case: Case) -> list[str]:
    """Lines that ask `grad`."""
    target = "f" if case.way.runtime == "eager" else "compiled"
    one_number = f"{target}({_names(case)})"
    lines = []
    if not case.program.has_one_result():
        weights = ", ".join(str(weight(index)) for index in range(5))
        lines = [
            f"def total({_names(case)}):",
            f"    parts = [x for part in {one_number} for x in (part if isinstance(part, list) else [part])]",
            "    parts = [x for part in parts for x in (part if isinstance(part, list) else [part])]",
            f"    return sum(x * k for x, k in zip(parts, [{weights}] * 40))",
        ]
        target = "total"
    if case.way.name == "grad":
        argnum = (*range(len(case.program.arguments)), 0)
        return [*lines, f'print("grad:", grad({target}, argnum={argnum})({_names(case)}))']
    if case.way.name == "jacobian":
        return [f'print("jacobian:", jacobian({one_number.partition("(")[0]})({_names(case)}))']
    if case.way.name == "hessian":
        return [*lines, f'print("hessian:", hessian({target})({_names(case)}))']
    return [
        *lines,
        "def slope(b):",
        f"    slopes = grad({target})(a, b)",
        "    numbers = np.ravel(slopes).tolist() if np.shape(slopes) else [slopes]",
        f"    return sum(s * k for s, k in zip(numbers, {[weight(i) for i in range(5)]} * 40))",
        'print("nested:", grad(slope)(b))',
    ]


def _before(case: Case) -> list[str]:
    """Lines for what happened to the compiled function, or to the parameters, before."""
    before, captured = case.way.before, "uvw"[: len(case.program.captured)]
    if not before or case.way.name == "prepared" or case.way.runtime == "eager":
        return []
    changed: list[str] = []
    back: list[str] = []
    for name, frozen, numbers in zip(captured, case.frozen, case.parameters, strict=True):
        for index, (fixed, number) in enumerate(zip(frozen, numbers, strict=True)):
            if before == "thaw" and index % 2:
                changed.append(f"{name}[{index}].requires_grad = {fixed}")
                back.append(f"{name}[{index}].requires_grad = {not fixed}")
            if before == "parameters":
                changed.append(f"{name}[{index}].data = {moved_parameter(number)!r}")
                back.append(f"{name}[{index}].data = {number!r}")
    other = other_call(case)
    asked = f".{case.way.name}" if case.way.name in ("per_example", "value_and_grad", "vmap") else ""
    by_values = before == "thaw" and not asked
    arguments = ", ".join(_argument(other, index, by_values) for index in range(len(case.numbers)))
    return [*changed, f"compiled{asked}({arguments})", *back]


def _trained(case: Case) -> str:
    """The part that trains, twice."""
    training = case.way.training
    assert training is not None
    names = "uvw"[: len(case.program.captured)]
    optimizer = OPTIMIZERS[training.optimizer].format(parameters=" + ".join(names[:-1] if training.left_out else names))
    lines = []
    if training.loss == "own_loss":
        lines += ["def own_loss(output, target):", "    return (output - target) ** 2 + 0.25 * output", ""]
    lines.append(f"X, y = {_argument(case, 0, False)}, {targets(case, training)!r}")
    lines.append(f"start = [x.data for x in {' + '.join(names)}]")
    lines.append("for compiled in (False, True):")
    lines.append(f"    for x, number in zip({' + '.join(names)}, start): x.data = number")
    validation = ", validation=(X[:2], y[:2])" if training.has_validation else ""
    lines.append(
        f"    history = fit(f, X, y, loss={training.loss}, optimizer={optimizer}, epochs={training.epochs},\n"
        f"                  batch_size={training.batch_size}, rng=0, progress=False, compile=compiled{validation})"
    )
    lines.append(f"    print(compiled, history.loss, [x.data for x in {' + '.join(names)}])")
    return "\n".join(lines)
