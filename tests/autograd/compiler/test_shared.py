"""A compiled function that is called from several threads, copied, pickled, and given NaN."""

from __future__ import annotations

import copy
import math
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import autograd
import nn
from autograd import PRIMITIVES, Primitive, Unary, Value, compile, gradients, where
from autograd.compiler.loop.run import has_numba

RUNTIMES = ["numpy", "python", pytest.param("numba", marks=pytest.mark.skipif(not has_numba(), reason="no Numba"))]


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


# ---------------------------------------------------------------- threads


@pytest.fixture
def hasty() -> Iterator[None]:
    """Lets threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


WEIGHTS = [[math.sin(3.0 * row + index) for index in range(4)] for row in range(5)]
CAPTURED = [Value(0.3 * index + 0.1) for index in range(4)]


def of_weights(x: Any) -> Any:
    return autograd.sum([autograd.tanh(autograd.dot(row, x)) for row in WEIGHTS])


def of_captured(x: Any) -> Any:
    return autograd.sum([autograd.tanh(w * number) for w, number in zip(CAPTURED, x, strict=True)]) * x[0]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("called_before", [False, True])
@pytest.mark.parametrize("f", [of_weights, of_captured])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_threads_do_not_disturb_each_other(runtime: str, f: Callable[[Any], Any], called_before: bool) -> None:
    points = [[0.1 * thread, -0.4, 0.7, 0.2 * thread] for thread in range(4)]
    expected = [compile(f, runtime=runtime).value_and_grad(point) for point in points]
    shared = compile(f, runtime=runtime)
    if called_before:
        shared(points[0])
    start = threading.Barrier(len(points))
    answers: list[list[Any]] = [[] for _ in points]

    def work(thread: int) -> None:
        start.wait()
        answers[thread] += [shared.value_and_grad(points[thread]) for _ in range(30)]

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(len(points))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found, (value, (gradient,)) in zip(answers, expected, strict=True):
        assert [(number, slopes.tolist()) for number, (slopes,) in found] == [(value, gradient.tolist())] * 30


# ---------------------------------------------------------------- copies and pickles


@compile
def square(x: Value) -> Value:
    return x * x


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickled])
def test_a_function_compiled_where_it_is_defined_goes_by_its_name(duplicate: Callable[[Any], Any]) -> None:
    assert square(3.0) == 9.0
    assert duplicate({"f": square})["f"] is square


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_copy_of_a_compiled_model_has_parameters_of_its_own(runtime: str, duplicate: Callable[[Any], Any]) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    compiled: Any = compile(model, runtime=runtime)
    before = compiled([1.0, 2.0]).data
    other = duplicate(compiled)
    for parameter in model.parameters():
        parameter.data = 0.0
    assert other([1.0, 2.0]).data == before
    other([1.0, 2.0]).backward()
    mine: nn.MLP = other.f
    assert [parameter.grad for parameter in model.parameters()] == [0.0] * 13
    expected = nn.MLP(2, [3, 1], rng=0)
    again: Any = compile(expected, runtime=runtime)
    again([1.0, 2.0]).backward()
    assert [parameter.grad for parameter in mine.parameters()] == [
        parameter.grad for parameter in expected.parameters()
    ]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_model_and_what_is_compiled_of_it_stay_connected(duplicate: Callable[[Any], Any]) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    compiled = compile(model)
    compiled([1.0, 2.0])
    other, its = duplicate((model, compiled))
    for parameter in other.parameters():
        parameter.data = 0.0
    other.layers[-1].neurons[0].b.data = 7.0
    assert its([1.0, 2.0]).data == 7.0


def test_a_deep_copy_of_a_compiled_result_has_its_gradient() -> None:
    result = copy.deepcopy(square(Value(3.0)))
    result.backward()
    assert [parent.grad for parent in result.parents] == [6.0]


def test_a_compiled_result_cannot_be_pickled_with_its_graph_and_says_what_can() -> None:
    with pytest.raises(TypeError, match=r"compiled square of 1 Values cannot be pickled .*; pickle \.detach\(\) of it"):
        pickle.dumps({"loss": square(Value(3.0))})
    assert pickled(square(Value(3.0)).detach()).data == 9.0


# ---------------------------------------------------------------- NaN


def where_nan(value: float, slopes: list[float]) -> tuple[bool, list[bool]]:
    return math.isnan(value), [math.isnan(slope) for slope in slopes]


def of_primitive(primitive: Any) -> Callable[[Any], Any]:
    if isinstance(primitive, Unary):
        return lambda x: primitive(x[0]) * 1.5 + x[1]
    return lambda x: primitive(x[0], x[1])


def with_nan(primitive: Primitive) -> list[list[float]]:
    x, y = (*primitive.points()[0], 2.0)[:2]
    return [[math.nan, y], [x, math.nan], [math.nan, math.nan]]


LISTS: dict[str, Callable[[Any], Any]] = {
    "sum": autograd.sum,
    "mean": autograd.mean,
    "norm": autograd.norm,
    "logsumexp": autograd.logsumexp,
    "softmax": lambda x: autograd.softmax(x)[0],
    "dot": lambda x: autograd.dot(x, [1.0, 2.0, 3.0]),
    "where <": lambda x: where(x[0] < 1.5, x[1], x[2] * 2.0),
    "where ==": lambda x: where(x[0] == 1.0, x[1] * 2.0, x[2]),
    "maximum": lambda x: autograd.maximum(autograd.maximum(x[0], x[1]), x[2]),
    "relu": lambda x: autograd.sum([autograd.relu(number) for number in x]),
}
POINTS = [[math.nan, 1.0, 2.0], [1.0, math.nan, 2.0], [2.0, 1.0, math.nan], [1.0, math.nan, 1.0]]
WITH_NAN = [
    *[(of_primitive(op), with_nan(op)) for op in PRIMITIVES.values() if type(op).__module__ == "autograd.engine.ops"],
    *[(f, POINTS) for f in LISTS.values()],
]
NAMES = [name for name, op in PRIMITIVES.items() if type(op).__module__ == "autograd.engine.ops"] + list(LISTS)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("f", "points"), WITH_NAN, ids=NAMES)
def test_nan_is_in_the_same_places_compiled_and_eager(
    f: Callable[[Any], Any], points: list[list[float]], runtime: str
) -> None:
    compiled = compile(f, runtime=runtime)
    for point in points:
        values = [Value(number) for number in point]
        result = f(values)
        value, (gradient,) = compiled.value_and_grad(point)
        assert where_nan(value, gradient.tolist()) == where_nan(result.data, gradients(result, values)), point
