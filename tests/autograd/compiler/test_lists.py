"""Random functions of lists, which meet every way of grouping, gathering and multiplying, against the eager engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, compile, no_grad, where
from autograd.compiler.loop.run import has_numba

List = list[Any]


def dots(dice: random.Random, a: List, b: List) -> List:
    """Dot products of overlapping parts, sometimes with one part for all."""
    terms, step, turn = dice.randint(1, 5), dice.choice([0, 1, 2]), dice.choice([1, 1, 2])
    return [
        autograd.dot(
            [a[(i * step + j) % len(a)] for j in range(terms)],
            [b[(j * (1 + i * (turn - 1))) % len(b)] for j in range(terms)],
        )
        for i in range(dice.randint(1, 6))
    ]


def chosen(dice: random.Random, a: List, b: List) -> List:
    return [where(x > y, x * 2.0, y) for x, y in zip(a, b, strict=False)]


def scaled(dice: random.Random, a: List, b: List) -> List:
    factor, shift = dice.random(), dice.random()
    return [x * factor - (shift - x) for x in a]


def constant(dice: random.Random, a: List, b: List) -> List:
    """Products with what no gradient flows through; some of it also computed with gradients."""
    with no_grad():
        fixed = [autograd.tanh(x) for x in b]
    return [x * y for x, y in zip(a, fixed, strict=False)] + [autograd.tanh(x) for x in b[:2]]


def choices(dice: random.Random, a: List, b: List) -> List:
    return [dice.choice(a) - dice.choice(b) * dice.choice(a) for _ in range(dice.randint(1, 6))]


def larger(dice: random.Random, a: List, b: List) -> List:
    return [autograd.maximum(x, y) for x, y in zip(a, b, strict=False)]


def probabilities(dice: random.Random, a: List, b: List) -> List:
    return [autograd.logsumexp(a), *autograd.softmax(b)]


def outer(dice: random.Random, a: List, b: List) -> List:
    return [x * y for x in a for y in b][:12]


def sums(dice: random.Random, a: List, b: List) -> List:
    return [autograd.sum([*a, *b[: i + 1]]) for i in range(dice.randint(1, 6))]


STEPS = [dots, dots, chosen, scaled, constant, choices, larger, probabilities, outer, sums]


def random_function(seed: int, arguments: int, captured: List) -> Callable[..., Value]:
    def f(*lists: List) -> Any:
        dice = random.Random(seed)
        pool = [*lists, captured]
        for _ in range(dice.randint(1, 7)):
            made = dice.choice(STEPS)(dice, dice.choice(pool), dice.choice(pool))
            pool.append([dice.choice([autograd.tanh, autograd.sin])(x) for x in made] if dice.random() < 0.5 else made)
        return autograd.mean(autograd.tanh(x) for made in pool[arguments + 1 :] for x in made)

    return f


@pytest.mark.parametrize(
    "runtime", ["numpy", "python", pytest.param("numba", marks=pytest.mark.skipif(not has_numba(), reason="no Numba"))]
)
@pytest.mark.parametrize("seed", range(200))
def test_random_functions_of_lists_agree_with_the_eager_engine(seed: int, runtime: str) -> None:
    dice = random.Random(-seed)
    arguments, examples = dice.randint(1, 3), dice.randint(1, 3)
    captured = [Value(dice.uniform(-1.0, 1.0)) for _ in range(6)]
    batched = [index for index in range(arguments) if dice.random() < 0.5]
    shapes = [(examples, size) if i in batched else (size,) for i in range(arguments) for size in [dice.randint(1, 6)]]
    arrays = [np.random.default_rng(seed + i).uniform(-1.5, 1.5, shape) for i, shape in enumerate(shapes)]
    f = random_function(seed, arguments, captured)

    def lists() -> list[Any]:
        return [
            [list(map(Value, row)) for row in array.tolist()] if i in batched else list(map(Value, array.tolist()))
            for i, array in enumerate(arrays)
        ]

    def gradients_of(leaves: Any) -> Any:
        return [gradients_of(leaf) for leaf in leaves] if isinstance(leaves, list) else leaves.grad

    eager_lists, total = lists(), 0.0
    for example in range(examples):
        result = f(*(given[example] if i in batched else given for i, given in enumerate(eager_lists)))
        result.backward(1.0 / examples)
        total += result.data / examples
    wanted, wanted_of_captured = gradients_of(eager_lists), gradients_of(captured)

    compiled = compile(f, batched=batched, runtime=runtime)
    value, slopes = compiled.value_and_grad(*arrays)
    assert value == pytest.approx(total, abs=1e-12)
    for i, slope in enumerate(slopes):
        assert slope is None if i in batched else np.allclose(slope, wanted[i], rtol=1e-11, atol=1e-12)

    for number in captured:
        number.zero_grad()
    compiled_lists = lists()
    compiled(*compiled_lists).backward()
    for found, expected in zip(gradients_of([*compiled_lists, captured]), [*wanted, wanted_of_captured], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)

    if batched:
        values, slopes = compiled.per_example(*arrays)
        assert values.mean() == pytest.approx(total, abs=1e-12)
        for i, slope in enumerate(slopes):
            mean = slope / examples if i in batched else slope.mean(axis=0)
            np.testing.assert_allclose(mean, wanted[i], rtol=1e-11, atol=1e-12)
