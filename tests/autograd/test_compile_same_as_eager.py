"""A compiled function gives the numbers that the function itself gives, in every runtime."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, compile, dot, sin
from autograd.compiler.flat_run import has_numba

RUNTIMES = ["numpy", "python", *(["numba"] if has_numba() else [])]
LOOPS = RUNTIMES[1:]

# ---------------------------------------------------------------- a number against a whole row


def test_a_batched_number_repeated_against_a_row_gets_the_gradient_of_both() -> None:
    f = compile(lambda x: dot([sin(x)] * 3, [x + 1.0, x + 2.0, x + 3.0]), batched="x", runtime="numpy")
    x = np.array([0.5, 0.7])
    expected = 3 * np.sin(x) + np.cos(x) * (3 * x + 6)
    assert f.per_example(x)[1][0] == pytest.approx(expected, rel=1e-14)


def test_a_number_repeated_against_parameters_gives_each_its_own_gradient() -> None:
    weights = [Value(1.0), Value(2.0), Value(3.0)]
    f = compile(lambda x: [dot([sin(x)] * 3, [w * x for w in weights])], batched="x", runtime="numpy")
    x = np.array([0.5, 0.7])
    _, gradient = f.prepared(x).value_and_grad(np.array([1.0, 2.0, 3.0]), x)
    assert gradient == pytest.approx([np.mean(np.sin(x) * x)] * 3, rel=1e-14)


# ---------------------------------------------------------------- the gradient belongs to the numbers that were used


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_parameters_thawed_or_frozen_between_calls_get_the_gradients_of_eager_code(runtime: str) -> None:
    w, x = Value(2.0, requires_grad=False), Value(3.0)
    f = compile(lambda x: w * x, runtime=runtime)
    f(x).backward()
    assert (x.grad, w.grad) == (2.0, 0.0)
    w.requires_grad = True
    f(x).backward()
    assert (x.grad, w.grad) == (4.0, 3.0)
    w.requires_grad = False
    f(x).backward()
    assert (x.grad, w.grad) == (6.0, 3.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_changed_after_the_call_does_not_change_the_gradient(runtime: str) -> None:
    w, x = Value(2.0), np.array([1.0, 2.0, 3.0])
    result = compile(lambda x, w: w * dot(x, x), runtime=runtime)(x, w)
    x[:] = 100.0
    result.backward()
    assert w.grad == 14.0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_changed_after_the_call_does_not_change_second_derivatives(runtime: str) -> None:
    w, x = Value(2.0), np.array([1.0, 2.0])
    result = compile(lambda x, w: w**3 * dot(x, x), runtime=runtime)(x, w)
    x[:] = 100.0
    (slope,) = autograd.gradients(result, [w], create_graph=True)
    assert autograd.gradients(slope, [w]) == [60.0]


def test_results_are_no_views_of_the_arguments() -> None:
    x = np.array([1.0, 2.0])
    identity = compile(lambda x: x, batched="x", runtime="numpy")
    results = identity.per_example(x)[0], identity.vmap(x)
    x[:] = 7.0
    assert [result.tolist() for result in results] == [[1.0, 2.0], [1.0, 2.0]]


# ---------------------------------------------------------------- the order of sums


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y, z: x + (y - z),
        lambda x, y, z: x - (y - z),
        lambda x, y, z: (y - z) + x,
        lambda x, y, z: x * 1.0 + (y * 1.0 - z * 3.0) + z * 2.0,
        lambda x, y, z: -(y - z) + x,
        lambda x, y, z: -y + z + x,
        lambda x, y, z: x - -(y - z),
    ],
)
def test_brackets_are_kept(runtime: str, f: Any) -> None:
    assert compile(f, runtime=runtime)(1e-3, 1e16, 1e16) == f(1e-3, 1e16, 1e16)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 0.0,
        lambda x: 0.0 + x,
        lambda x: x - 0.0,
        lambda x: x + -0.0,
        lambda x: x - -0.0,
        lambda x: -(x + 0.0),
        lambda x: autograd.where(x < 1.0, x, 0.0),
        lambda x: autograd.where(x > 1.0, 1.0, x),
        lambda x: autograd.where(x > 1.0, x, -0.0),
        lambda x: x.detach() if isinstance(x, Value) else x,
    ],
)
def test_the_sign_of_a_zero_is_that_of_eager_code(runtime: str, f: Any) -> None:
    for zero in (0.0, -0.0):
        expected = f(Value(zero))
        sign = math.copysign(1.0, expected.data if isinstance(expected, Value) else expected)
        assert math.copysign(1.0, compile(f, runtime=runtime)(zero)) == sign


# ---------------------------------------------------------------- arrays are arrays, lists are lists

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_reaches_the_function_as_an_array_and_a_list_as_a_list(runtime: str) -> None:
    f = compile(lambda w: autograd.sum([number**2 for number in 2 * w]), runtime=runtime)
    assert f(np.array([1.0, 3.0])) == 40.0
    assert f([1.0, 3.0]) == 20.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x, w: (x @ w).sum(),
        lambda x, w: (x * w).sum(axis=1)[0] * x.sum(),
        lambda x, w: x[:, 0] @ w * x.shape[0],
        lambda x, w: x.T[1] @ (2 * w) + w.mean(),
    ],
)
def test_what_arrays_can_do_works_in_every_way_to_call(f: Any) -> None:
    x, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -2.0])
    value, gradients = autograd.value_and_grad(f, argnum=(0, 1))(x, w)
    compiled = compile(f)
    assert compiled(x, w) == pytest.approx(value)
    for ours, theirs in zip(compiled.value_and_grad(x, w)[1], gradients, strict=True):
        assert ours == pytest.approx(theirs)
    of_batch = compile(f, batched="x").per_example(np.stack([x, x]), w)
    assert of_batch[0] == pytest.approx([value, value])
    assert compile(lambda x, w: compiled(x, w) * 2.0)(x, w) == pytest.approx(2.0 * value)
    values = np.array([Value(1.0), 2.0, Value(3.0), 4.0], dtype=object).reshape(2, 2)
    compiled(values, w).backward()
    assert values[0, 0].grad == pytest.approx(gradients[0][0, 0])


def test_tuples_and_named_tuples_keep_their_kind() -> None:
    seen: list[Any] = []

    def f(point: Any, pairs: Any, mixed: Any) -> Any:
        seen.append((type(point), type(pairs), type(pairs[0]), type(mixed), type(mixed[0]), type(mixed[1])))
        return point.x * pairs[1][0] + mixed[0] @ mixed[0] * mixed[1][0]

    value, gradients = compile(f).value_and_grad(Point(2.0, 5.0), [(1.0, 2.0), (3.0, 4.0)], (np.ones(2), [4.0]))
    assert value == 14.0
    assert set(seen) == {(Point, list, tuple, tuple, np.ndarray, list)}
    assert gradients[0].tolist() == [3.0, 0.0]
    assert [part.tolist() for part in gradients[2]] == [[8.0, 8.0], [2.0]]


def test_a_list_of_arrays_is_a_batch_of_arrays() -> None:
    f = compile(lambda x: (2 * x).sum(), batched="x")
    assert f.per_example([np.array([1.0, 2.0]), np.array([3.0, 4.0])])[0].tolist() == [6.0, 14.0]
    assert compile(lambda x: autograd.sum(2 * x), batched="x").per_example([[1.0, 2.0]])[0].tolist() == [6.0]
