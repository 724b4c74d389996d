"""Compiled functions: they compute what the eager engine computes, and say what they cannot compile."""

from __future__ import annotations

import copy
import itertools
import math
import pickle
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    PRIMITIVES,
    ChangedLeafError,
    CompileError,
    Nary,
    Unary,
    Value,
    compile,
    draw,
    gradients,
    is_symbolic,
    no_grad,
    topological_order,
    where,
)
from autograd.compiler.arrays.program import Apply, Program, Sum
from autograd.compiler.loop.run import has_numba

RUNTIMES = ["numpy", "python", *(["numba"] if has_numba() else [])]
BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__.startswith("autograd.")]


def eager(f: Callable[..., Value], *arguments: Any) -> tuple[float, list[float]]:
    """The value, and the derivatives with respect to all numbers in the arguments, one after the other."""
    leaves: list[Value] = []

    def adopt(argument: Any) -> Any:
        if isinstance(argument, (list, tuple)):
            return [adopt(part) for part in argument]
        leaves.append(Value(float(argument)))
        return leaves[-1]

    result = f(*(adopt(argument) for argument in arguments))
    return result.data, gradients(result, leaves) if result.requires_grad else [0.0] * len(leaves)


def flat(nested: Any) -> list[float]:
    if isinstance(nested, (list, tuple)):
        return [number for part in nested for number in flat(part)]
    return [float(number) for number in np.asarray(nested).ravel()]


def assert_agrees(f: Callable[..., Any], *arguments: Any, rel: float = 1e-12) -> None:
    value, slopes = eager(f, *arguments)
    scale = max((abs(slope) for slope in slopes), default=0.0)
    for runtime in RUNTIMES:
        found, found_slopes = compile(f, runtime=runtime).value_and_grad(*arguments)
        assert found == pytest.approx(value, rel=rel, abs=1e-280)
        assert flat(found_slopes) == pytest.approx(slopes, rel=rel, abs=1e-15 * scale + 1e-280)


def numbers(count: int, seed: int = 0) -> list[float]:
    dice = random.Random(seed)
    return [dice.uniform(-1.5, 1.5) for _ in range(count)]


# ---------------------------------------------------------------- it agrees with the eager engine


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_every_primitive_agrees_with_the_eager_engine(primitive: Any) -> None:
    dice = random.Random(0)
    drawn = [tuple(dice.uniform(*interval) for interval in primitive.intervals()) for _ in range(10)]
    compiled = compile(primitive)
    for point in primitive.points() + drawn:
        value, slopes = eager(primitive, *point)
        found, found_slopes = compiled.value_and_grad(*point)
        assert found == pytest.approx(value, rel=1e-12, abs=1e-300)
        assert flat(found_slopes) == pytest.approx(slopes, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_at_nan_and_infinities_every_primitive_follows_its_scalar_rule(primitive: Any, runtime: str) -> None:
    compiled = compile(primitive, check_finite=False, runtime=runtime)
    partials = [primitive.partial_x] if isinstance(primitive, Unary) else [primitive.partial_x, primitive.partial_y]
    odd = (math.nan, math.inf, -math.inf)
    for point in itertools.product((*odd, -2.0, -0.5, 0.0, 0.5, 2.0), repeat=len(partials)):
        out = number_or_none(primitive.forward, *point)
        if out is None or all(map(math.isfinite, point)):
            continue
        found, slopes = compiled.value_and_grad(*point)
        assert found == pytest.approx(out, rel=1e-12, nan_ok=True)
        for slope, partial in zip(slopes, partials, strict=True):
            wanted = number_or_none(partial, *point, out)
            assert wanted is None or float(slope) == pytest.approx(wanted, rel=1e-12, nan_ok=True), point


def number_or_none(rule: Callable[..., Any], *operands: float) -> float | None:
    """What a scalar rule gives; None where it raises."""
    try:
        return float(rule(*operands))
    except (ArithmeticError, ValueError):
        return None


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_every_primitive_takes_part_with_constants_and_many_at_once(primitive: Any) -> None:
    middles = [(low + high) / 2.0 for low, high in primitive.intervals()]

    def f(x: Sequence[Value]) -> Any:
        if isinstance(primitive, Unary):
            return autograd.sum(primitive(number) for number in x)
        terms = [primitive(number, middles[1]) for number in x] + [primitive(middles[0], number) for number in x]
        return autograd.sum(terms) + autograd.sum(primitive(number, number * 1.25) for number in x)

    low, high = 0.4, 0.7
    if primitive.name == "acosh":
        low, high = 1.2, 2.0
    assert_agrees(f, [low, (low + high) / 2, high])


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[tuple[str, int, int | float]], list[float]]:
    """Steps (a function, the index of an operand, and an index or a number), and the numbers of three inputs."""
    steps: list[tuple[str, int, int | float]] = []
    for count in range(3, 3 + draw(st.integers(1, 25))):
        index = st.integers(0, count - 1)
        steps.append((draw(st.sampled_from(SMOOTH)), draw(index), draw(st.one_of(index, st.floats(-2.0, 2.0)))))
    return steps, draw(st.lists(st.floats(-2.0, 2.0), min_size=3, max_size=3))


SMOOTH = [*"++--**/", "neg", "sin", "tanh", "sigmoid", "softplus", "atan", "square", "max", "relu"]
RULES: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / (1.5 + autograd.sin(y)),
    "neg": lambda x, y: -x,
    "square": lambda x, y: autograd.tanh(x) ** 2,
    "max": lambda x, y: autograd.maximum(x, y),
}


def build(steps: list[tuple[str, int, int | float]], x: Sequence[Value]) -> Value:
    return autograd.sum(nodes_of(steps, x))


def nodes_of(steps: list[tuple[str, int, int | float]], x: Sequence[Value]) -> list[Value]:
    nodes: list[Any] = list(x)
    for name, operand, other in steps:
        y = nodes[other] if isinstance(other, int) else other
        rule = RULES.get(name)
        made = rule(nodes[operand], y) if rule else getattr(autograd, name)(nodes[operand])
        nodes.append(autograd.sin(made) if name == "*" else made)  # keeps the numbers small
    return nodes


@pytest.mark.slow
@given(programs())
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_random_expressions_agree_with_the_eager_engine(program: tuple[Any, list[float]]) -> None:
    steps, x = program
    value, slopes = eager(lambda x: build(steps, x), x)
    found, (found_slopes,) = compile(lambda x: build(steps, x)).value_and_grad(x)
    # A sum is added up in another order, so what counts is the size of its terms.
    size = sum(abs(node.data) for node in nodes_of(steps, [Value(number) for number in x]))
    assert found == pytest.approx(value, rel=1e-12, abs=1e-12 * max(1.0, size))
    scale = max(1.0, size, *map(abs, slopes))
    assert found_slopes == pytest.approx(slopes, rel=1e-12, abs=1e-12 * scale)


@pytest.mark.slow
@given(programs(), st.integers(1, 4))
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_a_batch_is_the_mean_of_its_examples(program: tuple[Any, list[float]], count: int) -> None:
    steps, x = program

    def f(x: Sequence[Value], w: Sequence[Value]) -> Value:
        return build(steps, [x[0] * w[0], x[1] + w[1], w[2]]) * w[3]

    batch, w = [numbers(2, seed) for seed in range(count)], [*x, 0.5]
    one_by_one = [eager(f, example, w) for example in batch]
    compiled = compile(f, batched="x")
    value, (none, slopes) = compiled.value_and_grad(np.array(batch), w)
    scale = max(1.0, *(abs(slope) for _, every in one_by_one for slope in every))
    assert none is None
    assert value == pytest.approx(sum(value for value, _ in one_by_one) / count, rel=1e-12, abs=1e-12 * scale)
    mean = [sum(slopes[2 + index] for _, slopes in one_by_one) / count for index in range(4)]
    assert slopes == pytest.approx(mean, rel=1e-12, abs=1e-11 * scale)
    values, (by_x, by_w) = compiled.per_example(np.array(batch), w)
    assert values == pytest.approx([value for value, _ in one_by_one], rel=1e-12, abs=1e-12 * scale)
    for example, (_, wanted) in enumerate(one_by_one):
        assert flat([by_x[example], by_w[example]]) == pytest.approx(wanted, rel=1e-12, abs=1e-11 * scale)


def matrix(rows: int, columns: int, seed: int) -> list[list[float]]:
    return [numbers(columns, seed + row) for row in range(rows)]


def product(a: Any, b: Any) -> list[list[Any]]:
    return [[autograd.dot(row, column) for column in zip(*b, strict=True)] for row in a]


MANY: list[Any] = [autograd.sin, autograd.cos, autograd.tanh, autograd.exp, autograd.atan, autograd.sigmoid]
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "matrix product": (
        lambda a, b: autograd.sum(autograd.tanh(x) for row in product(a, b) for x in row),
        [matrix(4, 3, 0), matrix(3, 5, 9)],
    ),
    "two products in a sum": (
        lambda a, b, x, y: autograd.sum(
            autograd.sin(autograd.dot(u, x) + autograd.dot(v, y)) for u, v in zip(a, b, strict=True)
        ),
        [matrix(4, 3, 0), matrix(4, 2, 5), numbers(3, 7), numbers(2, 8)],
    ),
    "blocks": (
        lambda a, b, x: (
            autograd.sum(
                autograd.sin(number) for half in (0, 2) for row in product(a, x) for number in row[half : half + 2]
            )
            + autograd.sum(autograd.exp(number) for row in product(b, x) for number in row)
        ),
        [matrix(4, 3, 0), matrix(4, 3, 5), matrix(3, 4, 9)],
    ),
    "convolution": (
        lambda x, w: autograd.sum(autograd.tanh(autograd.dot(x[i : i + 3], w)) for i in range(8)),
        [numbers(10), numbers(3, 3)],
    ),
    "every second": (lambda x: autograd.sum(autograd.sin(number) for number in x[::-2]), [numbers(9)]),
    "shuffled": (lambda x: autograd.sum(autograd.sin(x[i]) * x[j] for i, j in [(3, 1), (0, 2), (2, 2)]), [numbers(4)]),
    "columns": (
        lambda a, x: autograd.sum(autograd.tanh(autograd.dot(column, x)) for column in zip(*a, strict=True)),
        [matrix(3, 4, 0), numbers(3, 5)],
    ),
    "softmax": (lambda x: autograd.dot(autograd.softmax(x), x), [numbers(5)]),
    "norm": (lambda x: autograd.norm(x), [numbers(5)]),
    "a ragged argument": (lambda x: x[0] * x[1][0] + x[1][1] * x[1][0], [[1.0, [2.0, 3.0]]]),
    "many registers": (
        lambda x: (
            autograd.sum(autograd.sin(g) for g in [*(f(x[0]) for f in MANY), *(f(x[1]) for f in MANY)])
            + autograd.sum(f(x[2]) * g(x[0]) for f in MANY for g in MANY)
        ),
        [[0.3, 0.4, 0.6]],
    ),
    "the same twice": (lambda x: x * x + x * x - x, [1.5]),
    "differences of differences": (lambda x: x[0] - (x[1] - (x[2] - x[0] * x[1])) - -x[2], [numbers(3)]),
    "one number again and again": (
        lambda a, x: autograd.sum(autograd.sin(autograd.dot(row, [x[0], x[0], x[0]])) for row in a),
        [matrix(4, 3, 0), numbers(2)],
    ),
    "equal sums written differently": (
        lambda x: autograd.sin((x[0] + x[1]) + x[2]) + autograd.sin(x[0] + (x[1] + x[2])),
        [numbers(3)],
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_lists_agree_with_the_eager_engine(name: str) -> None:
    f, arguments = FUNCTIONS[name]
    assert_agrees(f, *arguments)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "a ragged argument"])
def test_with_every_argument_batched_they_agree_as_well(name: str) -> None:
    f, arguments = FUNCTIONS[name]
    shifted = [[np.array(argument) + 0.1 * shift for argument in arguments] for shift in range(3)]
    compiled = compile(f, batched=range(len(arguments)))
    stacked = [np.stack(parts) for parts in zip(*shifted, strict=True)]
    values, slopes = compiled.per_example(*stacked)
    for example, at in enumerate(shifted):
        wanted, wanted_slopes = eager(f, *(array.tolist() for array in at))
        assert values[example] == pytest.approx(wanted, rel=1e-12)
        assert flat([slope[example] for slope in slopes]) == pytest.approx(wanted_slopes, rel=1e-11, abs=1e-13)
    assert compiled(*stacked) == pytest.approx(values.mean(), rel=1e-12)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "a ragged argument"])
def test_with_any_one_argument_batched_they_agree_as_well(name: str) -> None:
    f, arguments = FUNCTIONS[name]
    for index in range(len(arguments)):
        shifted = [[*arguments] for _ in range(3)]
        for shift in range(3):
            shifted[shift][index] = (np.array(arguments[index]) + 0.1 * shift).tolist()
        batch = [
            np.array([at[i] for at in shifted]) if i == index else argument for i, argument in enumerate(arguments)
        ]
        value, slopes = compile(f, batched=index).value_and_grad(*batch)
        one_by_one = [compile(f).value_and_grad(*at) for at in shifted]
        assert value == pytest.approx(sum(value for value, _ in one_by_one) / 3.0, rel=1e-12)
        for i, slope in enumerate(slopes):
            wanted = sum(np.array(every[i]) for _, every in one_by_one) / 3.0
            assert slope is None if i == index else flat(slope) == pytest.approx(flat(wanted), rel=1e-11, abs=1e-13)


# ---------------------------------------------------------------- the program


def program_of(f: Callable[..., Any], *arguments: Any, **options: Any) -> Program:
    compiled = compile(f, runtime="numpy", **options)
    compiled(*arguments)
    assert isinstance(compiled.program, Program)
    return compiled.program


def test_a_small_program_reads_like_the_function() -> None:
    text = str(program_of(lambda w, x, b: autograd.tanh(autograd.dot(w, x) + b), [1.0, 2.0], [3.0, 4.0], 0.5))
    assert text.splitlines() == [
        "w[2] = argument",
        "x[2] = argument",
        "b[1] = argument",
        "r1[1] = w[1x2] @ x[1x2] + b",
        "r2[1] = tanh(r1)",
        "return r2[0]",
        "d_r1 += d_r2 * tanh.partial_x",
        "d_w[1x2] += d_r1 @ x[1x2]",
        "d_x[1x2] += d_r1 @ w[1x2]",
        "d_b += d_r1",
    ]


def test_constants_are_folded_and_equal_operations_done_once() -> None:
    program = program_of(
        lambda x: (autograd.exp(x) + autograd.exp(x) * 1.0) * Value(2.0, requires_grad=False) ** 3, 1.0
    )
    applied = [instruction.operation for instruction in program.instructions if isinstance(instruction, Apply)]
    assert applied.count(autograd.exp) == 1
    assert program.numbers == [8.0]


def test_what_the_result_does_not_need_is_left_out() -> None:
    def f(x: Value) -> Value:
        autograd.exp(x * 100.0)
        return autograd.sin(x)

    assert len(program_of(f, 1.0).instructions) == 1


def test_a_network_becomes_a_handful_of_instructions() -> None:
    model: Any = nn.MLP(12, [8, 4], rng=0)
    program = program_of(
        lambda x, y: nn.mse(model(x), y), np.ones((5, 12)), np.eye(4)[[0, 1, 2, 3, 0]], batched=("x", "y")
    )
    sums = [instruction for instruction in program.instructions if isinstance(instruction, Sum)]
    products = [piece for added in sums for piece in added.pieces if piece.is_matrix_product]
    assert len(program.instructions) == 5
    assert [piece.left.indices.shape for piece in products[:2]] == [(8, 12), (4, 8)]


def test_no_gradient_is_computed_for_the_batch() -> None:
    model = nn.MLP(3, [2, 1], rng=0)
    f = compile(lambda x: model(x), batched=0)
    f(np.ones((4, 3)))
    assert "d_x" not in str(f.program)


def test_before_the_first_call_there_is_no_program() -> None:
    with pytest.raises(RuntimeError, match="before the first call"):
        _ = compile(autograd.exp).program


@pytest.mark.slow
def test_a_chain_of_100_000_operations() -> None:
    def f(x: Value) -> Value:
        for _ in range(50_000):
            x = autograd.sin(x) + 1.0
        return x

    value, (slope,) = compile(f).value_and_grad(0.3)
    wanted, (wanted_slope,) = eager(f, 0.3)
    assert (value, float(slope)) == pytest.approx((wanted, wanted_slope), rel=1e-9)


@pytest.mark.slow
def test_a_sum_of_100_000_terms_is_one_instruction() -> None:
    f = compile(lambda x: autograd.sum(x))
    _, (slope,) = f.value_and_grad(np.ones(100_000))
    assert isinstance(f.program, Program)
    assert len(f.program.instructions) == 1
    assert (slope == 1.0).all()


# ---------------------------------------------------------------- networks and losses


@pytest.mark.parametrize("activation", nn.layers.ACTIVATIONS)
def test_a_network_trains_as_the_eager_engine_does(activation: str) -> None:
    model: Any = nn.MLP(3, [5, 4, 2], activation=activation, rng=0)
    f = compile(lambda x, y: nn.cross_entropy(model(x), y), batched=("x", "y"))
    X, y = matrix(6, 3, 0), [0, 1, 1, 0, 1, 0]
    loss = f(X, y)
    loss.backward()
    found = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    losses = [nn.cross_entropy(model(x), target) for x, target in zip(X, y, strict=True)]
    for of_example in losses:
        of_example.backward(1.0 / len(X))
    assert loss.data == pytest.approx(sum(of_example.data for of_example in losses) / len(X), rel=1e-12)
    assert found == pytest.approx([parameter.grad for parameter in model.parameters()], rel=1e-12, abs=1e-15)


LOSSES: list[tuple[Callable[..., Value], Any]] = [
    (nn.mse, [0.5, -1.0, 2.0]),
    (nn.mae, [0.5, -1.0, 2.0]),
    (nn.half_mse, [0.5, -1.0, 2.0]),
    (nn.hinge, [1.0, -1.0, 1.0]),
    (nn.binary_cross_entropy_with_logits, [1.0, 0.0, 0.25]),
    (nn.cross_entropy, [0.5, 0.25, 0.25]),
    (nn.cross_entropy, 2),
]


@pytest.mark.parametrize(("loss", "target"), LOSSES)
def test_every_loss_can_be_compiled(loss: Callable[..., Value], target: Any) -> None:
    output = [0.3, -0.2, 1.7]
    compiled = compile(loss)
    wanted, slopes = eager(lambda o: loss(o, target), output)
    value, (found, _) = compiled.value_and_grad(output, target)
    assert (value, *found) == pytest.approx((wanted, *slopes), rel=1e-12)


# ---------------------------------------------------------------- values in, values out


def test_on_values_it_is_part_of_the_graph() -> None:
    f = compile(lambda x, y: x * autograd.sin(y))
    a, b = Value(2.0), Value(0.5)
    (f(a * 3.0, b) ** 2).backward()
    twin_a, twin_b = Value(2.0), Value(0.5)
    ((twin_a * 3.0 * autograd.sin(twin_b)) ** 2).backward()
    assert (a.grad, b.grad) == pytest.approx((twin_a.grad, twin_b.grad), rel=1e-12)


def test_the_same_value_may_stand_in_several_places() -> None:
    x = Value(3.0)
    compile(lambda x, y: x * y[0] + y[1])(x, [x, x]).backward()
    assert x.grad == 7.0


def test_several_results_keep_their_arrangement() -> None:
    f = compile(lambda x: [x * 2.0, [x * x, 1.0]])
    assert f(3.0) == [6.0, [9.0, 1.0]]
    x = Value(3.0)
    double, (square, one) = f(x)
    (double + square + one).backward()
    assert (double.data, square.data, one.data, x.grad) == (6.0, 9.0, 1.0, 8.0)


def test_an_array_of_values_comes_back_as_one() -> None:
    inner = compile(lambda v: 2.0 * v)

    def f(x: Any) -> Any:
        return autograd.sum([number**2 for number in 2 * inner(x)])  # of a list, `2 *` would make a longer list

    assert autograd.grad(f)(np.array([1.0, 3.0])).tolist() == [32.0, 96.0]
    assert inner(np.array([[Value(1.0), Value(2.0)]])).shape == (1, 2)


def test_an_array_without_numbers_keeps_its_shape() -> None:
    assert compile(lambda x: 2.0 * x)(np.empty((0, 3))).shape == (0, 3)
    assert compile(lambda x: 2.0 * x, batched="x").vmap(np.empty((4, 0, 3))).shape == (4, 0, 3)


def test_regular_results_come_as_an_array() -> None:
    found = compile(lambda x: [[number, number * number] for number in x])(np.array([1.0, 2.0, 3.0]))
    assert found.tolist() == [[1.0, 1.0], [2.0, 4.0], [3.0, 9.0]]


def test_a_captured_value_is_read_at_each_call() -> None:
    w = Value(2.0, label="w")
    f = compile(lambda x: w * x + w * w)
    assert f(np.array(3.0)) == 10.0
    w.data = 5.0
    assert f(np.array(3.0)) == 40.0
    f(3.0).backward()
    assert w.grad == 13.0


def test_what_is_computed_from_captured_values_alone_is_recorded_too() -> None:
    w = [Value(0.5), Value(-2.0)]

    def f(x: Value) -> Value:
        penalty = autograd.sum(number**3 for number in w)
        with no_grad():
            constant = penalty * x
        return x * penalty + constant

    compiled = compile(f)
    compiled(2.0).backward()
    assert [number.grad for number in w] == pytest.approx([2.0 * 3.0 * 0.25, 2.0 * 3.0 * 4.0])
    w[0].data = 1.0
    assert compiled(np.array(2.0)) == pytest.approx(-28.0)


def test_what_was_computed_before_the_call_is_captured_as_it_is() -> None:
    w = Value(2.0)
    square = w * w
    compile(lambda x: square * x)(3.0).backward()
    assert w.grad == 12.0


def test_a_result_that_is_an_argument_or_a_constant() -> None:
    value, slopes = compile(lambda x, y: x).value_and_grad(2.0, 3.0)
    assert (value, *map(float, slopes)) == (2.0, 1.0, 0.0)
    value, slopes = compile(lambda x: 5.0).value_and_grad(2.0)
    assert (value, *map(float, slopes)) == (5.0, 0.0)


def test_gradients_do_not_share_memory() -> None:
    _, (by_x, by_y) = compile(lambda x, y: autograd.sum(a + b for a, b in zip(x, y, strict=True))).value_and_grad(
        np.ones(3), np.ones(3)
    )
    by_x += 1.0
    assert by_y.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", ["maximum", "atan2", "power", "leaky_relu"])
def test_a_captured_value_may_be_the_first_operand_of_a_function(name: str) -> None:
    w, twin = Value(1.5), Value(1.5)
    primitive: Any = PRIMITIVES[name]
    result = compile(lambda x: primitive(w, x))(0.5)
    result.backward()
    expected = primitive(twin, 0.5)
    expected.backward()
    assert (result.data, w.grad) == pytest.approx((expected.data, twin.grad), rel=1e-12)


def test_a_value_that_is_zero_is_a_value() -> None:
    x = Value(0.0)
    compile(lambda x: x * 3.0)(x).backward()
    assert x.grad == 3.0


def test_a_frozen_value_gets_no_gradient() -> None:
    w, x = Value(2.0, requires_grad=False), Value(3.0)
    compile(lambda x: w * x)(x).backward()
    assert (w.grad, x.grad) == (0.0, 2.0)


def test_a_result_is_one_operation_on_all_the_values_that_went_in() -> None:
    w, x, y = Value(3.0), Value(2.0), Value(5.0)
    z = compile(lambda x, y: x * x * y + w * x)(x, y)
    assert z.parents == (x, y, w)
    assert [parent is given for parent, given in zip(z.parents, (x, y, w), strict=True)] == [True] * 3
    assert isinstance(z.op, Nary)
    assert topological_order(z) == [x, y, w, z]


def test_a_result_is_drawn_as_one_box() -> None:
    def quadratic(x: Value, y: Value) -> Value:
        return x * x * y + x

    picture = draw(compile(quadratic)(Value(2.0), Value(5.0)) * 2).source
    assert "compiled quadratic" in picture
    assert "3 operations" in picture
    assert picture.count("->") == 5  # two into the box, one out of it, and two into the product


def test_several_results_share_the_box_of_their_call() -> None:
    picture = draw(autograd.sum(compile(lambda x: [x[0] * x[1], x[0] / x[1]])([Value(2.0), Value(5.0)]))).source
    assert picture.count("compiled function") == 1


def test_a_value_of_zero_is_a_value() -> None:
    assert isinstance(compile(lambda x: x + 1.0)(Value(0.0)), Value)


def test_a_value_given_twice_gets_both_contributions() -> None:
    x = Value(3.0)
    compile(lambda x, y: x * y)(x, x).backward()
    assert x.grad == 6.0


def test_second_derivatives_are_those_of_the_function_itself() -> None:
    w, x = Value(3.0), Value(2.0)

    def f(x: Value) -> Value:
        return w * autograd.exp(x) * x

    once, twice = (gradients(function(x), [x, w], create_graph=True) for function in (f, compile(f)))
    for expected, found in zip(once, twice, strict=True):
        assert found.data == pytest.approx(expected.data, rel=1e-15)
        assert gradients(found, [x, w]) == pytest.approx(gradients(expected, [x, w]), rel=1e-15)


def test_second_derivatives_of_a_mean_over_examples() -> None:
    k = Value(1.0)
    mean = compile(lambda x, k: (x - k) ** 3, batched="x")([1.0, 2.0, 4.0], k)
    (slope,) = gradients(mean, [k], create_graph=True)
    assert slope.data == pytest.approx(-10.0)
    assert gradients(slope, [k]) == pytest.approx([8.0])


def test_second_derivatives_after_a_leaf_has_changed_are_refused() -> None:
    x = Value(2.0)
    y = compile(lambda x: x**3)(x)
    x.data = 5.0
    assert gradients(y, [x]) == [12.0]  # the first belongs to the number that was there
    with pytest.raises(ChangedLeafError, match=r"was 2\.0 when compiled function of 1 Values = 8\.0 was computed"):
        gradients(y, [x], create_graph=True)


def test_a_deep_copy_has_a_graph_of_its_own() -> None:
    x = Value(2.0)
    y = copy.deepcopy(compile(lambda x: x**3)(x))
    y.backward()
    assert (x.grad, y.parents[0].grad) == (0.0, 12.0)
    with pytest.raises(RuntimeError, match="a deep copy of compiled function of 1 Values has first derivatives only"):
        gradients(y, [y.parents[0]], create_graph=True)


def test_a_result_is_not_pickled_with_its_graph() -> None:
    y = compile(lambda x: x**3)(Value(2.0))
    with pytest.raises(TypeError, match=r"compiled function of 1 Values cannot be pickled .* pickle \.detach\(\)"):
        pickle.dumps(y)


def test_an_infinite_derivative_names_the_call() -> None:
    x = Value(0.0)
    y = compile(lambda x: x**0.5, check_finite=False)(x)
    with pytest.raises(FloatingPointError, match="the gradient stops being finite at compiled function of 1 Values"):
        y.backward()


def test_under_no_grad_and_after_detach_nothing_flows() -> None:
    def f(x: Value) -> Value:
        with no_grad():
            constant = autograd.exp(x)
        return x * constant + x * (x * x).detach()

    value, (slope,) = compile(f).value_and_grad(2.0)
    assert (value, float(slope)) == pytest.approx((2.0 * math.exp(2.0) + 8.0, math.exp(2.0) + 4.0))


def test_a_primitive_of_a_user_is_compiled_number_by_number(table: None) -> None:
    class Cube(Unary):
        name, samples = "cube", (1.0,)

        def forward(self, x: float) -> float:
            return x**3 if x < 10.0 else math.exp(x)

        def partial_x(self, x: Any, out: Any) -> Any:
            return 3.0 * x * x

    cube = Cube()
    value, (slopes,) = compile(lambda x: cube(x[0]) + cube(x[1])).value_and_grad([2.0, 3.0])
    assert (value, slopes.tolist()) == (35.0, [12.0, 27.0])


# ---------------------------------------------------------------- a compiled function inside another one


def weigh(x: list[Value], weight: Any) -> list[Value]:
    return [number * weight.exp() for number in x]


def test_a_compiled_function_becomes_part_of_the_one_that_calls_it() -> None:
    inner = compile(weigh)

    def outer(x: list[Value]) -> Any:
        return autograd.sum(inner(x, x[0])) + 1.0

    assert_agrees(outer, [0.5, -0.25])


def test_it_may_be_given_numbers_and_arrays_in_place_of_values() -> None:
    inner = compile(weigh)
    f = compile(lambda x: autograd.sum(inner(np.array([1.0, 2.0]), 0.0)) + inner([x, 3.0], np.float64(0.0))[0])
    value, (slope,) = f.value_and_grad(2.0)
    assert (value, float(slope)) == (5.0, 1.0)


def test_what_it_captures_is_captured_by_the_one_that_calls_it() -> None:
    weight = Value(3.0)
    inner = compile(lambda x: x * weight)
    f = compile(lambda x: inner(x) + inner(2.0))
    x = Value(5.0)
    f(x).backward()
    assert (f(x).data, x.grad, weight.grad) == (21.0, 3.0, 7.0)


def test_a_branch_in_it_is_told_with_its_line() -> None:
    inner = compile(branches)
    with pytest.raises(CompileError, match="# line: branches"):
        compile(lambda x: inner(x) + 1.0)(1.0)


def test_it_is_called_as_before_after_the_recording() -> None:
    inner = compile(lambda x: x + 1.0)
    compile(lambda x: inner(x) * 2.0)(1.0)
    assert inner(np.array(2.0)) == 3.0


def test_with_batched_arguments_it_cannot_be_part_of_another() -> None:
    inner = compile(lambda x: x * x, batched="x")
    with pytest.raises(CompileError, match=r"lambda x: inner(.|\n)*has batched arguments.*compile it without batched="):
        compile(lambda x: inner(x), batched="x")([1.0])


@pytest.mark.parametrize("name", ["value_and_grad", "per_example", "vmap", "prepared"])
def test_only_its_result_can_be_part_of_another(name: str) -> None:
    inner = compile(lambda x: x * x)
    with pytest.raises(CompileError, match="call the function itself, and call these methods on the outer function"):
        compile(lambda x: getattr(inner, name)(x))(1.0)


# ---------------------------------------------------------------- the results of each example


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_outputs_of_a_model_for_a_whole_batch(runtime: str) -> None:
    model = nn.MLP(3, [4, 2], rng=0)
    rows = [numbers(3, seed) for seed in range(5)]
    found = compile(lambda x: model(x), batched="x", runtime=runtime).vmap(rows)
    wanted = []
    for row in rows:
        outputs: Any = model(row)
        wanted.append([output.data for output in outputs])
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_single_result_is_one_number_for_each_example() -> None:
    assert compile(lambda x, k: x * k, batched="x").vmap([1.0, 2.0, 3.0], 2.0).tolist() == [2.0, 4.0, 6.0]


def test_irregular_results_are_a_list_of_arrays() -> None:
    f = compile(lambda x: [x, [x + 1.0, [x * 2.0, x * 3.0]], [[x, x], [x, x]]], batched="x")
    first, (second, third), square = f.vmap([1.0, 2.0])
    assert [array.tolist() for array in (first, second, third)] == [[1.0, 2.0], [2.0, 3.0], [[2.0, 3.0], [4.0, 6.0]]]
    assert square.shape == (2, 2, 2)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_result_without_a_batched_argument_in_it_is_there_for_each_example(runtime: str) -> None:
    f = compile(lambda x, k: [k * k, x, 7.0], batched="x", runtime=runtime)
    assert f.vmap([1.0, 2.0], 3.0).tolist() == [[9.0, 1.0, 7.0], [9.0, 2.0, 7.0]]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_results_of_each_example_in_single_precision(runtime: str) -> None:
    found = compile(lambda x: [autograd.exp(x), x], batched="x", dtype="float32", runtime=runtime).vmap([0.1, 0.2])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[math.exp(0.1), 0.1], [math.exp(0.2), 0.2]], rtol=1e-6)


def test_a_result_of_one_example_that_is_not_finite_is_told() -> None:
    with pytest.raises(ValueError, match=r"log\(x\) is not defined at x = 0\.0"):
        compile(lambda x: [x, autograd.log(x)], batched="x").vmap([1.0, 0.0])


# ---------------------------------------------------------------- arguments

NOT_A_FUNCTION: Any = 3


def test_another_structure_is_another_program() -> None:
    f = compile(lambda x: autograd.sum(x) if isinstance(x, list) else x)
    assert [f([1.0, 2.0]), f([1.0, 2.0, 3.0]), f(4.0), f([5.0, 6.0])] == [3.0, 6.0, 4.0, 11.0]


def test_the_function_runs_only_when_a_structure_is_new() -> None:
    runs = []

    def f(x: list[Value]) -> Value:
        runs.append(len(x))
        return autograd.sum(x)

    compiled = compile(f)
    for x in ([1.0], [2.0], [1.0, 2.0], [3.0], [4.0, 5.0]):
        assert compiled(x) == sum(x)
    assert runs == [1, 1, 2, 2]  # twice each, to see whether it does the same


def test_gradients_have_the_arrangement_of_the_arguments() -> None:
    f = compile(lambda p, x: p[0][0] * x[0] + p[1] * x[1])
    _, (by_p, by_x) = f.value_and_grad([[2.0], 3.0], np.array([4.0, 5.0]))
    assert [by_p[0].tolist(), float(by_p[1]), by_x.tolist()] == [[4.0], 5.0, [2.0, 3.0]]


def test_single_precision_on_request() -> None:
    f = compile(lambda x: autograd.sum(autograd.exp(number) for number in x), dtype="float32")
    value, (slopes,) = f.value_and_grad(np.array([0.1, 0.2]))
    assert slopes.dtype == np.float32
    assert value == pytest.approx(math.exp(0.1) + math.exp(0.2), rel=1e-6)


def test_integers_and_booleans_are_numbers() -> None:
    assert compile(lambda x: x[0] + x[1])(np.array([True, True])) == 2.0
    assert compile(lambda x: x * 2)(3) == 6.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: compile(NOT_A_FUNCTION), TypeError, "compile takes a function, not 3"),
        (lambda: compile(abs, dtype="int8"), ValueError, "'float64' or 'float32', not 'int8'"),
        (lambda: compile(lambda x: x, batched="y"), ValueError, "there is no argument 'y'"),
        (
            lambda: compile(lambda x, y: x, batched=7),
            ValueError,
            "no argument 7 to batch: the function has 2 arguments",
        ),
        (
            lambda: compile(lambda x: x, batched=-1),
            ValueError,
            "no argument -1 to batch: the function has 1 argument,",
        ),
        (lambda: compile(lambda x, y: x, batched=("x", 2)), ValueError, "no argument 2 to batch"),
        (lambda: compile(lambda x: x, batched=1.0), TypeError, "or several of these, not 1.0"),  # type: ignore[call-overload]
        (lambda: compile(lambda x: x, batched=None), TypeError, "or several of these, not None"),  # type: ignore[call-overload]
        (lambda: compile(lambda x, y: x, batched=True), TypeError, "or several of these, not True"),
        (lambda: compile(lambda x: x)(x=1.0), TypeError, "takes positional arguments only, not x="),
        (lambda: compile(lambda x: x * x).vmap([1.0]), TypeError, "no examples without a batched argument"),
        (lambda: compile(lambda x: x)("1.0"), TypeError, "not the str '1.0'"),
        (lambda: compile(lambda x: x[0])(["1.0"]), TypeError, "not the str '1.0'"),
        (lambda: compile(lambda x: x, batched=0)(1.0), ValueError, "batched argument x must be an array"),
        (lambda: compile(lambda x, y: x * y, batched=(0, 1))([1.0], [1.0, 2.0]), ValueError, "1 of x, 2 of y"),
        (lambda: compile(lambda x: [x, x]).value_and_grad(1.0), TypeError, "must return a Value, not a list of 2"),
        (lambda: compile(lambda x: x).per_example(1.0), TypeError, "no examples without a batched argument"),
        (lambda: compile(lambda x: x).vmap(1.0), TypeError, "no examples without a batched argument"),
    ],
)
def test_what_is_no_argument_is_refused(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()


# ---------------------------------------------------------------- what cannot be compiled


def test_what_numpy_asks_is_told_with_the_line_of_the_user() -> None:
    def largest(x: Any) -> Any:
        return np.max(x)  # line: asks

    with pytest.raises(CompileError, match=r"test_compile\.py:\d+: return np\.max\(x\)  # line: asks\n  branches on"):
        compile(largest)(np.array([1.0, 3.0]))


def branches(x: Value) -> Value:
    if x > 0:  # line: branches
        return x
    return -x


def asks_for_truth(x: Value) -> Value:
    return x if x else -x  # line: asks_for_truth


def reads_data(x: Value) -> Value:
    return x * x.data  # line: reads_data


OUTSIDE = Value(2.0)


def reads_data_of_a_parameter(x: Value) -> Value:
    return x * OUTSIDE.data  # line: reads_data_of_a_parameter


def calls_math(x: Value) -> Value:
    return x * math.exp(x)  # line: calls_math


def calls_the_class(x: Value) -> Value:
    return Value.relu(x)  # line: calls_the_class


def goes_backward(x: Value) -> Value:
    (x * x).backward()  # line: goes_backward
    return x


def rolls_dice(x: Value) -> Value:
    return x * random.random()  # line: rolls_dice


def forgets(x: Value) -> None:  # line: forgets
    x * x


def sorts(x: Value) -> Value:
    return sorted([x, x * 2.0])[0]  # line: sorts


def walks_the_graph(x: Value) -> Value:
    return x * len(topological_order(x * 2.0))  # line: walks_the_graph


def checks_itself(x: Value) -> Value:
    return x * len(autograd.gradcheck(autograd.sin, [x]).rows)  # line: checks_itself


REFUSED: list[tuple[Any, str]] = [
    (branches, "where(condition, a, b)"),
    (asks_for_truth, "branches on a Value"),
    (reads_data, "reads the number"),
    (reads_data_of_a_parameter, "it may differ at the next call"),
    (calls_math, "functions of autograd"),
    (calls_the_class, "x.relu()"),
    (goes_backward, "value_and_grad"),
    (walks_the_graph, "asks for the graph"),
    (checks_itself, "asks for the graph"),
    (rolls_dice, "random numbers"),
    (forgets, "forget to return"),
    (sorts, "where(condition, a, b)"),
]


@pytest.mark.parametrize(("f", "advice"), REFUSED, ids=lambda thing: getattr(thing, "__name__", ""))
def test_what_cannot_be_compiled_names_the_line_and_what_to_write(f: Any, advice: str) -> None:
    with pytest.raises(CompileError) as refused:
        compile(f)(1.0)
    message = str(refused.value)
    assert f"# line: {f.__name__}" in message
    assert re.search(r"test_compile\.py:\d+: ", message)
    assert advice in message


def test_gradients_are_refused_as_grad_is() -> None:
    w = Value(2.0)
    for f in (lambda x: gradients(x * x, [x])[0] * x, lambda x: gradients(w * w, [w])[0] * x):
        with pytest.raises(CompileError, match=r"^gradients cannot be compiled"):
            compile(f)(1.0)


def test_a_value_of_another_recording_is_refused() -> None:
    kept: list[Value] = []

    def f(x: Value) -> Value:
        kept.append(x)
        return x * kept[0]

    with pytest.raises(CompileError, match="do not keep the Values"):
        compile(f)(1.0)


def test_after_a_refusal_the_engine_works_as_before() -> None:
    with pytest.raises(CompileError):
        compile(branches)(1.0)
    x = Value(2.0)
    y = x * x
    assert (y.data, y.scope) == (4.0, None)


def test_an_error_of_the_function_itself_is_passed_on() -> None:
    with pytest.raises(KeyError, match="missing"):
        compile(lambda x: {"there": x}["missing"])(1.0)


# ---------------------------------------------------------------- where


def test_where_chooses_and_only_the_choice_gets_a_gradient() -> None:
    def f(x: Sequence[Value]) -> Value:
        return autograd.sum(where(number > 0.5, number * 3.0, autograd.exp(number)) for number in x)

    assert_agrees(f, [0.25, 0.5, 0.75])


@pytest.mark.parametrize(
    "condition",
    [
        lambda x, y: x < y,
        lambda x, y: x <= y,
        lambda x, y: x > y,
        lambda x, y: x >= y,
        lambda x, y: x == y,
        lambda x, y: x != y,
    ],
)
def test_where_knows_every_comparison(condition: Callable[[Any, Any], Any]) -> None:
    f = compile(lambda x, y: where(condition(x, y), x + 10.0, y - 10.0))
    for x, y in [(1.0, 2.0), (2.0, 1.0), (1.0, 1.0)]:
        value, slopes = f.value_and_grad(x, y)
        wanted, wanted_slopes = eager(lambda a, b: where(condition(a, b), a + 10.0, b - 10.0), x, y)
        assert (value, *map(float, slopes)) == (wanted, *wanted_slopes)


@pytest.mark.parametrize(("condition", "chosen"), [(True, "1.0"), (False, "2.0")])
def test_where_of_plain_numbers_is_a_plain_number(condition: bool, chosen: str) -> None:
    assert repr(where(condition, 1, 2)) == chosen


@pytest.mark.parametrize(("condition", "chosen"), [(True, 1.0), (False, 2.0)])
def test_where_of_a_plain_number_and_a_value_is_a_value(condition: bool, chosen: float) -> None:
    assert where(condition, 1.0, Value(2.0)).data == chosen
    assert where(condition, Value(1.0), 2.0).data == chosen


def test_only_what_is_recorded_is_symbolic() -> None:
    seen: list[bool] = []

    def f(x: Value) -> Value:
        seen.append(is_symbolic(x))
        return x

    compile(f)(1.0)
    assert seen == [True, True]
    assert not is_symbolic(Value(1.0))


# ---------------------------------------------------------------- results that are not finite


@pytest.mark.parametrize(
    ("f", "x", "error", "message"),
    [
        (lambda x: autograd.log(x - 2.0) * 2.0, 1.0, ValueError, "log(x) is not defined at x = -1.0"),
        (lambda x: 1.0 / (x - 1.0), 1.0, ZeroDivisionError, "x / y divides by zero at x = 1.0, y = 0.0"),
        (lambda x: autograd.exp(x) * 0.5, 1000.0, OverflowError, "exp(x) is too large for a float at x = 1000.0"),
        (lambda x: 1.0 / (1.0 + autograd.exp(x)), 1e3, OverflowError, "exp(x) is too large for a float at x = 1000.0"),
        (lambda x: x * x, 1e200, FloatingPointError, "x * y = inf at x = 1e+200, y = 1e+200"),
        (lambda x: autograd.sqrt(x), 0.0, FloatingPointError, "the derivative of sqrt(x) = 0.0 at x = 0.0 is not a"),
    ],
)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_error_is_that_of_eager_code_and_names_the_operation_and_its_line(
    f: Any, x: float, error: type[Exception], message: str, runtime: str
) -> None:
    with pytest.raises(error, match=re.escape(message)) as raised:
        compile(f, runtime=runtime).value_and_grad(x)
    assert type(raised.value) is error
    assert "test_compile.py:" in str(raised.value)


def test_the_example_of_a_batch_is_found() -> None:
    with pytest.raises(ValueError, match=re.escape("log(x) is not defined at x = -3.0")):
        compile(lambda x: autograd.log(x), batched=0)(np.array([1.0, 2.0, -3.0]))


def test_the_check_can_be_turned_off() -> None:
    assert math.isnan(compile(lambda x: autograd.log(x), check_finite=False)(np.array(-1.0)))


def test_a_nan_that_the_user_put_in_flows_through() -> None:
    assert math.isnan(compile(lambda x: x * 2.0)(np.array(math.nan)))


# ---------------------------------------------------------------- without NumPy


def test_without_numpy_it_names_the_extra() -> None:
    source = str(Path(autograd.__file__).resolve().parent.parent)
    program = (
        f"import sys; sys.path.insert(0, {source!r}); sys.modules['numpy'] = None\n"
        "import autograd\n"
        "try:\n    autograd.compile(abs)\nexcept ImportError as error:\n    print(error)"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert 'pip install "scalar-autograd[compile]"' in output


def test_threads_may_compile_at_the_same_time() -> None:
    results: list[float] = []
    f = compile(lambda x: autograd.sum(number * number for number in x))
    threads = [threading.Thread(target=lambda n=n: results.append(f([1.0] * n))) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [float(n) for n in range(1, 9)]


def test_gradients_of_two_arguments_are_two_arrays() -> None:
    f = autograd.compile(lambda x, y: (x[0] + y[0]) * (x[1] + y[1]))
    _, (by_x, by_y) = f.value_and_grad(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    by_x += 1.0
    assert by_y.tolist() == [6.0, 4.0]
