"""The form of a compiled function that training uses: captured Values as one array, a list of results."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

import autograd
from autograd import Value
from nn import MLP, cross_entropy

np = pytest.importorskip("numpy", reason="compile needs NumPy")


def prepared(model: MLP, x: Any, target: Any) -> Any:
    def example(x: Any, target: Any) -> list[Any]:
        logits: Any = model(x)
        return [cross_entropy(logits, target), logits]

    return autograd.compile(example, batched=("x", "target")).prepared(x, target)


def batch(examples: int) -> tuple[Any, Any]:
    dice = random.Random(0)
    x = np.array([[dice.uniform(-1.0, 1.0) for _ in range(4)] for _ in range(examples)])
    return x, np.array([float(dice.randrange(3)) for _ in range(examples)])


def test_results_and_gradient_are_those_of_the_eager_engine() -> None:
    model = MLP(4, [5, 3], activation="tanh", rng=0)
    x, target = batch(6)
    function = prepared(model, x, target)
    numbers = np.array([value.data for value in function.captured])
    (losses, outputs), gradient = function.value_and_grad(numbers, x, target)
    for row, index, loss, output in zip(x.tolist(), target.tolist(), losses, outputs, strict=True):
        logits: Any = model(row)
        eager = cross_entropy(logits, int(index))
        eager.backward(1.0 / len(x))
        assert [loss, *output] == pytest.approx([eager.data, *(logit.data for logit in logits)], rel=1e-12)
    assert gradient == pytest.approx([value.grad for value in function.captured], rel=1e-12, abs=1e-15)


def test_the_numbers_of_the_values_themselves_are_not_read() -> None:
    model = MLP(4, [3], rng=0)
    x, target = batch(2)
    function = prepared(model, x, target)
    losses, _ = function.values(np.zeros(len(function.captured)), x, target)
    assert losses == pytest.approx([math.log(3.0)] * 2)


def test_the_weights_of_a_layer_stand_together_without_a_bias_between_them() -> None:
    model = MLP(4, [5, 3], rng=0)
    function = prepared(model, *batch(1))
    weights = [weight for layer in model.layers for neuron in layer.neurons for weight in neuron.w]
    assert [value.label for value in function.captured[: len(weights)]] == [weight.label for weight in weights]


def test_results_that_lie_apart_are_brought_together() -> None:
    weight = Value(2.0)
    function = autograd.compile(lambda x: [x[0] * weight, [x[1], autograd.exp(x[0]), weight, x[1]]], batched="x")
    first, others = function.prepared([[0.0, 3.0]]).values(np.array([2.0]), np.array([[0.0, 3.0], [0.0, 4.0]]))
    assert first.tolist() == [0.0, 0.0]
    assert others.tolist() == [[3.0, 1.0, 2.0, 3.0], [4.0, 1.0, 2.0, 4.0]]


def test_a_result_that_is_the_same_for_all_examples_is_there_for_each() -> None:
    weight = Value(2.0)
    function = autograd.compile(lambda x: [weight * weight, [weight]], batched="x").prepared([0.0])
    (first, others), gradient = function.value_and_grad(np.array([3.0]), np.array([0.0, 0.0]))
    assert (first.tolist(), others.tolist(), gradient.tolist()) == ([9.0, 9.0], [[3.0], [3.0]], [6.0])


def test_a_result_that_uses_nothing_from_outside_has_a_gradient_of_zeros() -> None:
    weight = Value(2.0)
    function = autograd.compile(lambda x: [x * 2.0, [weight * x]], batched="x").prepared([0.0])
    assert function.value_and_grad(np.array([3.0]), np.array([1.0]))[1].tolist() == [0.0]


def test_a_loss_that_is_not_finite_is_blamed_at_the_numbers_that_were_given() -> None:
    weight = Value(2.0, label="weight")
    function = autograd.compile(lambda x: [autograd.log(weight * x)], batched="x").prepared([1.0])
    with pytest.raises(ValueError, match=r"log\(x\) is not defined at x = 0\.0"):
        function.value_and_grad(np.array([0.0]), np.array([1.0]))
    assert weight.data == 0.0


def test_a_gradient_that_is_not_finite_is_blamed() -> None:
    weight = Value(2.0, label="weight")
    function = autograd.compile(lambda x: [autograd.sqrt(weight * x)], batched="x").prepared([1.0])
    with pytest.raises(FloatingPointError, match=r"the derivative of sqrt\(x\) = 0\.0 at x = 0\.0"):
        function.value_and_grad(np.array([0.0]), np.array([1.0]))
    assert weight.data == 0.0


def test_a_parameter_that_is_frozen_cannot_make_the_gradient_infinite() -> None:
    frozen, weight = Value(0.0, requires_grad=False), Value(3.0)
    function = autograd.compile(lambda x: [autograd.sqrt(frozen) + weight * x], batched="x").prepared([1.0])
    _, gradient = function.value_and_grad(np.array([0.0, 3.0]), np.array([1.0]))
    assert gradient.tolist() == [0.0, 1.0]


def test_what_returns_no_list_is_refused() -> None:
    with pytest.raises(TypeError, match="returns a list"):
        autograd.compile(lambda x: x * 2.0, batched="x").prepared([1.0])


def test_an_argument_that_is_not_batched_is_refused() -> None:
    with pytest.raises(TypeError, match="batched arguments only"):
        autograd.compile(lambda x, y: [x * y], batched="x").prepared([1.0], 2.0)
