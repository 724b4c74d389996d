"""Programs of scalar operations: what they are made of, how the engine runs them, how they are written down.

A program is a list of steps; each makes one number of those before it, and the last one is differentiated.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import autograd
from autograd import PRIMITIVES, Value, no_grad, where

OPERATORS: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("{} + {}", operator.add),
    "subtract": ("{} - {}", operator.sub),
    "multiply": ("{} * {}", operator.mul),
    "divide": ("{} / {}", operator.truediv),
    "power": ("{} ** {}", operator.pow),
    "negate": ("-{}", operator.neg),
    "abs": ("abs({})", operator.abs),
}
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
LISTS = ("sum", "mean", "norm", "logsumexp", "softmax")
SOURCES = ("leaf", "constant", "number")


class Step(NamedTuple):
    """One line of a program.

    does: "leaf" (a Value), "constant" (one without a gradient), "number" (a plain one); the name of a primitive or of
        a function of lists (for "dot", the operands are the one list and then the other); "item" (a number of a
        softmax); a comparison (the first operand compared with the second chooses the third or the fourth); "detach".
    operands: the indices of the steps that it takes its numbers from.
    number: that of a source; the index in the list of an "item".
    style: "function", "operator" or "method".
    recorded: False inside `no_grad()`.
    """

    does: str
    operands: tuple[int, ...] = ()
    number: float = 0.0
    style: str = "function"
    recorded: bool = True


class Ending(NamedTuple):
    """How the last step of a program is differentiated.

    how: "backward", "twice" (two times `backward`), "gradients", or "create_graph" (the same, as Values).
    gradient: what is given to `backward`.
    """

    how: str
    gradient: float


class Malformed(Exception):  # noqa: N818
    """A program that was made smaller asks for what there is not."""


def run_step(step: Step, operands: Sequence[Any]) -> Any:
    """What the engine makes of a step: a Value, a plain number, or the list of a softmax."""
    with nullcontext() if step.recorded else no_grad():
        return _run_step(step, operands)


def check_form(step: Step, operands: Sequence[Any]) -> None:
    """Refuses a step that was made smaller until it asks for what there is not.

    Raises:
        Malformed: it does.
    """
    if step.does == "item":
        if not isinstance(operands[0], list) or not step.number < len(operands[0]):
            raise Malformed
        return
    if any(isinstance(operand, list) for operand in operands):
        raise Malformed
    if (step.does == "detach" or step.style == "method") and not isinstance(operands[0], Value):
        raise Malformed
    if step.style == "operator" and not any(isinstance(operand, Value) for operand in operands):
        raise Malformed
    if step.does in LISTS and not operands:
        raise Malformed


def _run_step(step: Step, operands: Sequence[Any]) -> Any:
    does = step.does
    if does in PRIMITIVES:
        if step.style == "operator":
            return OPERATORS[does][1](*operands)
        if step.style == "method":
            return getattr(operands[0], does)(*operands[1:])
        return PRIMITIVES[does](*operands)
    if does == "leaf":
        return Value(step.number)
    if does == "constant":
        return Value(step.number, requires_grad=False)
    if does == "number":
        return step.number
    if does == "item":
        return operands[0][int(step.number)]
    if does == "detach":
        return operands[0].detach()
    if does == "dot":
        half = len(operands) // 2
        return autograd.dot(operands[:half], operands[half:])
    if does in LISTS:
        return getattr(autograd, does)(list(operands))
    a, b, x, y = operands
    return where(COMPARISONS[does](a, b), x, y)


def written(steps: Sequence[Step], ending: str, beginning: str = "") -> str:
    """A program as Python, with a line of imports; `ending` comes after it, in which {0} is its last number."""
    names = [f"x{index}" for index in range(len(steps))]
    lines = []
    for index, step in enumerate(steps):
        line = f"{names[index]} = {_expression(step, [names[operand] for operand in step.operands])}"
        lines.append(line if step.recorded else f"with no_grad():\n    {line}")
    text = "\n".join([*lines, ending.format(names[-1])])
    if any(step.does in SOURCES and not math.isfinite(step.number) for step in steps):
        beginning += "from math import inf, nan\n\n"
    called = set(re.findall(r"(?<![.\w])(\w+)\(", text)) - {"print"}
    return f"{beginning}from autograd import {', '.join(sorted(called))}\n\n{text}\n"


def ends(steps: Sequence[Step], ending: Ending) -> str:
    """How a program is differentiated, as lines that print the gradients; {0} stands for its last number."""
    if not isinstance(_result(steps), Value):
        return "print({0})"
    leaves = [f"x{index}" for index, step in enumerate(steps) if step.does == "leaf"]
    shown = ", ".join(["{0}", *(f"{leaf}.grad" for leaf in leaves)])
    given = "" if ending.gradient == 1.0 else repr(ending.gradient)
    if ending.how in ("backward", "twice"):
        backward = f"{{0}}.backward({given})\n" * (2 if ending.how == "twice" else 1)
        return f"{backward}print({shown})"
    graph = ", create_graph=True" if ending.how == "create_graph" else ""
    return f"print({{0}}, gradients({{0}}, [{', '.join(leaves)}]{graph}))"


def _expression(step: Step, names: Sequence[str]) -> str:
    does = step.does
    if does == "leaf":
        return f"Value({step.number!r})"
    if does == "constant":
        return f"Value({step.number!r}, requires_grad=False)"
    if does == "number":
        return f"{step.number!r}"
    if does == "item":
        return f"{names[0]}[{int(step.number)}]"
    if does == "detach":
        return f"{names[0]}.detach()"
    if does in COMPARISONS:
        return f"where({names[0]} {does} {names[1]}, {names[2]}, {names[3]})"
    if does == "dot":
        half = len(names) // 2
        return f"dot([{', '.join(names[:half])}], [{', '.join(names[half:])}])"
    if does in LISTS:
        return f"{does}([{', '.join(names)}])"
    if step.style == "operator":
        return OPERATORS[does][0].format(*names)
    if step.style == "method":
        return f"{names[0]}.{does}({', '.join(names[1:])})"
    return f"{does}({', '.join(names)})"


# ---------------------------------------------------------------- making a failing program smaller


def shrunk(steps: list[Step], fails: Callable[[list[Step]], bool], tries: int = 2000) -> list[Step]:
    """A program as small as can be found of which `fails` still holds, as it does of `steps`."""
    trimmed = without_unused(steps)
    steps = trimmed if fails(trimmed) else steps
    left = tries
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(steps):
            left -= 1
            if left < 0:
                return steps
            if fails(candidate):
                steps, smaller = candidate, True
                break
    return steps


def _smaller(steps: list[Step]) -> Iterator[list[Step]]:
    for end in _indices(len(steps)):
        yield without_unused(steps[: end + 1])
    for index, step in enumerate(steps):
        if step.does in SOURCES:
            continue
        for operand in dict.fromkeys(step.operands):  # the step gives way to one of its operands
            if steps[operand].does != "softmax":
                yield _replaced(steps, index, operand)
        if step.does != "softmax":
            for number in dict.fromkeys([0.5, *_number_at(steps, index)]):
                yield without_unused([*steps[:index], Step("leaf", number=number), *steps[index + 1 :]])
        if len(step.operands) > 1 and step.does in LISTS:
            for dropped in range(len(step.operands)):
                operands = step.operands[:dropped] + step.operands[dropped + 1 :]
                yield without_unused([*steps[:index], step._replace(operands=operands), *steps[index + 1 :]])
        if not step.recorded:
            yield [*steps[:index], step._replace(recorded=True), *steps[index + 1 :]]
    for index, step in enumerate(steps):
        if step.does in SOURCES:
            for number in simpler(step.number):
                yield [*steps[:index], step._replace(number=number), *steps[index + 1 :]]


def _number_at(steps: list[Step], index: int) -> list[float]:
    """The number that a step gives, if it gives one."""
    result = _result(steps[: index + 1])
    return [] if result is None else [result.data if isinstance(result, Value) else float(result)]


def _result(steps: Sequence[Step]) -> Any:
    """What the last step gives; None if there is an error on the way."""
    values: list[Any] = []
    for step in steps:
        try:
            values.append(run_step(step, [values[operand] for operand in step.operands]))
        except (ArithmeticError, ValueError, TypeError, AttributeError, IndexError):
            return None
    return values[-1]


def _indices(count: int) -> Iterable[int]:
    """Where to cut: in the middle first."""
    return sorted(range(count - 1), key=lambda index: abs(index - count // 2))


def simpler(number: float) -> Iterator[float]:
    """Numbers near a number, with fewer digits."""
    if not abs(number) < float("inf"):
        return
    for candidate in (1.0, 2.0, 0.5, float(f"{number:.0e}"), float(f"{number:.1e}"), float(f"{number:.3e}")):
        if abs(candidate) < float("inf") and len(repr(candidate)) < len(repr(number)):
            yield candidate


def _replaced(steps: list[Step], index: int, by: int) -> list[Step]:
    """Without the step at an index, whose users take another step's number."""
    if index == len(steps) - 1:
        return without_unused(steps[: by + 1])
    changed = [
        step._replace(operands=tuple(by if operand == index else operand for operand in step.operands))
        for step in steps
    ]
    return without_unused(changed)


def without_unused(steps: list[Step]) -> list[Step]:
    """Without the steps on which the last one does not depend."""
    used = {len(steps) - 1}
    for index in range(len(steps) - 1, -1, -1):
        if index in used:
            used.update(steps[index].operands)
    renamed = {old: new for new, old in enumerate(sorted(used))}
    return [steps[old]._replace(operands=tuple(renamed[operand] for operand in steps[old].operands)) for old in renamed]
