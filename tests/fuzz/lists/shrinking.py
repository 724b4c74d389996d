"""Making a case that fails smaller: a step, an argument, a number less, as long as it fails in the same way."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from tests.fuzz.lists.cases import Case
from tests.fuzz.lists.programs import Argument, Step

MOST_TRIES = 1500
NEED_EXAMPLES = ("per_example", "vmap", "prepared", "fit")
"""Ways that need a batched argument."""
SIMPLE = ("last", "sum", "list")
"""Forms of results, the simplest first."""


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest case that is found, of those that fail."""
    tries, smaller = 0, True
    while smaller:
        smaller = False
        for other in simpler(case):
            tries += 1
            if tries > MOST_TRIES:
                return case
            if other != case and fails(other):
                case, smaller = other, True
                break
    return case


def simpler(case: Case) -> Iterator[Case]:
    """Cases that are a little simpler, the boldest first."""
    yield from without_steps(case)
    yield from without_lists(case)
    yield from simpler_way(case)
    yield from shorter(case)
    yield from simpler_steps(case)
    yield from simpler_numbers(case)


def without_steps(case: Case) -> Iterator[Case]:
    program = case.program
    base = len(program.arguments) + len(program.captured)
    if len(program.result.operands) > 1:
        for index in range(len(program.result.operands)):
            operands = program.result.operands
            fewer = program.result._replace(operands=operands[:index] + operands[index + 1 :])
            yield case._replace(program=program._replace(result=fewer))
    for form in SIMPLE[: SIMPLE.index(program.result.form) if program.result.form in SIMPLE else len(SIMPLE)]:
        if form != "list" if case.way.name != "prepared" else form == "list":
            yield case._replace(program=program._replace(result=program.result._replace(form=form)))
    for index, step in enumerate(program.steps):
        for instead in step.operands:
            yield without(case, base + index, instead, steps=program.steps[:index] + program.steps[index + 1 :])


def without(case: Case, gone: int, instead: int, steps: tuple[Step, ...]) -> Case:
    """The case with another list in place of the one that is gone."""

    def moved(operand: int) -> int:
        operand = instead if operand == gone else operand
        return operand - (operand > gone)

    def without_it(step: Step) -> Step:
        return step._replace(operands=tuple(map(moved, step.operands)))

    program = case.program._replace(steps=tuple(map(without_it, steps)), result=without_it(case.program.result))
    return case._replace(program=program)


def without_lists(case: Case) -> Iterator[Case]:
    program, count = case.program, len(case.program.arguments)
    if count > 1:
        for gone in range(count):
            other = without(case, gone, 1 if gone == 0 else 0, program.steps)
            keep = [index for index in range(count) if index != gone]
            if case.way.name in NEED_EXAMPLES and not any(case.batched[index] for index in keep):
                continue
            with_values = tuple(case.way.with_values[index] for index in keep)
            yield other._replace(
                program=other.program._replace(arguments=tuple(program.arguments[index] for index in keep)),
                numbers=tuple(case.numbers[index] for index in keep),
                batched=tuple(case.batched[index] for index in keep),
                twice=False,
                examples=case.examples if any(case.batched[index] for index in keep) else 1,
                way=case.way._replace(with_values=with_values if any(with_values) else (True, *with_values[1:])),
            )
    for index in range(len(program.captured)):
        other = without(case, count + index, 0, program.steps)
        yield other._replace(
            program=other.program._replace(captured=program.captured[:index] + program.captured[index + 1 :]),
            parameters=case.parameters[:index] + case.parameters[index + 1 :],
            frozen=case.frozen[:index] + case.frozen[index + 1 :],
        )


def simpler_way(case: Case) -> Iterator[Case]:
    way = case.way
    if way.name == "inside":
        yield case._replace(way=way._replace(name="values"))
    if way.before:
        yield case._replace(way=way._replace(before=""))
    if way.mixed:
        yield case._replace(way=way._replace(mixed=False))
    if way.layout:
        yield case._replace(way=way._replace(layout=""))
    if way.overwritten:
        yield case._replace(way=way._replace(overwritten=False))
    if way.dtype != "float64":
        yield case._replace(way=way._replace(dtype="float64"))
    if not way.check_finite:
        yield case._replace(way=way._replace(check_finite=True))
    for runtime in ("numpy", "python"):
        if way.runtime not in ("numpy", "python"):
            yield case._replace(way=way._replace(runtime=runtime))
    if case.twice:
        yield case._replace(twice=False)
    training = way.training
    if training is not None:
        for other in (
            training._replace(optimizer="SGD"),
            training._replace(loss="mse"),
            training._replace(epochs=1),
            training._replace(has_validation=False),
            training._replace(is_refused=False),
            training._replace(left_out=False),
            training._replace(batch_size=case.examples),
        ):
            yield case._replace(way=way._replace(training=other))
    if not all(way.with_values):
        yield case._replace(way=way._replace(with_values=(True,) * len(way.with_values)))
    for index, part in enumerate(case.frozen):
        if any(part):
            frozen = (*case.frozen[:index], (False,) * len(part), *case.frozen[index + 1 :])
            yield case._replace(frozen=frozen)
    if case.examples > 1:
        for fewer in sorted({1, 2, case.examples - 1}):
            if fewer < case.examples:
                numbers = tuple(
                    rows[:fewer] if batched else rows for rows, batched in zip(case.numbers, case.batched, strict=True)
                )
                yield case._replace(numbers=numbers, examples=fewer)
    for index, batched in enumerate(case.batched):
        others = case.batched[:index] + case.batched[index + 1 :]
        is_needed = way.name in NEED_EXAMPLES and not any(others)
        if batched and (any(others) or case.examples == 1) and not is_needed and way.name not in ("prepared", "fit"):
            yield case._replace(
                batched=(*case.batched[:index], False, *case.batched[index + 1 :]),
                numbers=(*case.numbers[:index], case.numbers[index][:1], *case.numbers[index + 1 :]),
                twice=False,
            )


def shorter(case: Case) -> Iterator[Case]:
    program = case.program
    for index, argument in enumerate(program.arguments):
        if case.twice and index < 2:
            continue
        for other in smaller_arguments(argument):
            rows = tuple(row[: other.size()] for row in case.numbers[index])
            if other.kind in ("parts", "arrays") and case.batched[index]:
                continue
            yield case._replace(
                program=program._replace(
                    arguments=(*program.arguments[:index], other, *program.arguments[index + 1 :])
                ),
                numbers=(*case.numbers[:index], rows, *case.numbers[index + 1 :]),
            )
    for index, length in enumerate(program.captured):
        if length > 1:
            yield case._replace(
                program=program._replace(
                    captured=(*program.captured[:index], length - 1, *program.captured[index + 1 :])
                ),
                parameters=(*case.parameters[:index], case.parameters[index][:-1], *case.parameters[index + 1 :]),
                frozen=(*case.frozen[:index], case.frozen[index][:-1], *case.frozen[index + 1 :]),
            )


def smaller_arguments(argument: Argument) -> Iterator[Argument]:
    kind, shape = argument
    if kind in ("rows", "matrix", "parts", "arrays"):
        yield Argument("list", (argument.size(),))
    if kind in ("array", "tuple"):
        yield Argument("list", shape)
    if kind in ("list", "array", "tuple"):
        if shape[0] > 2:
            yield Argument(kind, (shape[0] // 2,))
        if shape[0] > 1:
            yield Argument(kind, (shape[0] - 1,))
        elif kind == "list":
            yield Argument("number", ())
    if kind in ("rows", "matrix"):
        for axis in (0, 1):
            if shape[axis] > 1:
                yield Argument(kind, (shape[0] - 1, shape[1]) if axis == 0 else (shape[0], shape[1] - 1))
    if kind in ("parts", "arrays") and len(shape) > 1:
        yield Argument(kind, shape[:-1])


def simpler_steps(case: Case) -> Iterator[Case]:
    program = case.program
    for index, step in enumerate(program.steps):
        for at, number in enumerate(step.numbers):
            for smaller in {0, number // 2, number % 10}:
                if smaller != number:
                    numbers = (*step.numbers[:at], smaller, *step.numbers[at + 1 :])
                    changed = step._replace(numbers=numbers)
                    other = program._replace(steps=(*program.steps[:index], changed, *program.steps[index + 1 :]))
                    if other.source() != program.source():
                        yield case._replace(program=other)


def simpler_numbers(case: Case) -> Iterator[Case]:
    for index, rows in enumerate(case.numbers):
        for row, numbers in enumerate(rows):
            for at, number in enumerate(numbers):
                for other in rounder(number):
                    changed = (*numbers[:at], other, *numbers[at + 1 :])
                    new = (*rows[:row], changed, *rows[row + 1 :])
                    all_numbers = (*case.numbers[:index], new, *case.numbers[index + 1 :])
                    if case.twice and index < 2:
                        all_numbers = (new, new, *case.numbers[2:])
                    yield case._replace(numbers=all_numbers)
    for index, numbers in enumerate(case.parameters):
        for at, number in enumerate(numbers):
            for other in rounder(number):
                changed = (*numbers[:at], other, *numbers[at + 1 :])
                yield case._replace(parameters=(*case.parameters[:index], changed, *case.parameters[index + 1 :]))


def rounder(number: float) -> Iterator[float]:
    """Numbers that are easier to read."""
    if not math.isfinite(number):
        return
    for other in (1.0, 2.0, round(number), round(number, 1), float(f"{number:.2g}")):
        if len(repr(float(other))) < len(repr(number)) or (float(other) == 1.0 != number):
            yield float(other)
