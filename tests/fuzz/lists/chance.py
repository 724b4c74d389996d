"""Cases by chance."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

import numpy as np

from autograd.compiler.loop.run import has_numba
from tests.fuzz.lists.cases import Case, Training, Way
from tests.fuzz.lists.programs import Program, random_program
from tests.fuzz.lists.reference import BY_FUNCTIONS
from tests.fuzz.lists.training import FOR_LISTS, FOR_NUMBERS, OPTIMIZERS
from tests.fuzz.lists.ways import EAGER

BATCHABLE = ("number", "list", "array", "rows", "matrix")


def random_cases(dice: random.Random) -> Iterator[Case]:
    """A program, at a point, in some ways."""
    trains = dice.random() < 0.15
    program = random_program(dice, trains)
    single = dice.random() < 0.5
    may_batch = dice.random() < 0.6
    batched = tuple(
        trains or (may_batch and argument.kind in BATCHABLE and dice.random() < 0.6) for argument in program.arguments
    )
    examples = dice.choice((1, 2, 2, 3, 4)) if any(batched) else 1
    style = dice.choices(("usual", "short", "special", "huge", "nan"), (12, 6, 3, 2, 1))[0]
    numbers = tuple(
        tuple(random_numbers(dice, style, argument.size(), single) for _ in range(examples if is_batched else 1))
        for argument, is_batched in zip(program.arguments, batched, strict=True)
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
        if twice:
            way = way._replace(with_values=(True, True, *way.with_values[2:]))
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
        names += ["vmap"] * 2 + ["prepared"] * 5 * (all(batched) and program.result.form in ("loss", "list"))
    else:
        names += ["grad", "grad", "jacobian"]
        first = program.arguments[0]
        if first.size() < 5 and first.kind != "arrays":  # of a list of arrays it would be arrays of lists of arrays
            names.append("hessian")
        if len(batched) == 2 and not captures:
            names += ["nested"] * 2
    name = dice.choice(names)
    runtimes = ["numpy"] * 4 + ["python"] * 2 + ["auto"] + ["numba"] * 2 * has_numba()
    befores = [""] * 8 + ["numbers", "structure"] + ["thaw", "thaw", "parameters"] * captures
    with_values = tuple(dice.random() < 0.7 for _ in batched)
    if not any(with_values):
        with_values = (True, *with_values[1:])
    layouts = ["fortran", "strided", "ints"]
    if name not in BY_FUNCTIONS:  # these leave an array that gets no derivative as it is, in float32
        layouts.append("single")
    return Way(
        name,
        EAGER if name in BY_FUNCTIONS and dice.random() < 0.5 else dice.choice(runtimes),
        dtype="float32" if single and dice.random() < 0.5 else "float64",
        check_finite=dice.random() < 0.9 or name in ("values", "second", "inside", "prepared"),
        before=dice.choice(befores),
        with_values=with_values,
        overwritten=dice.random() < 0.3,
        mixed=dice.random() < 0.1,
        layout=dice.choice(layouts) if dice.random() < 0.15 else "",
    )


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
