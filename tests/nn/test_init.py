"""Initial weights: of the spread that the papers ask for."""

from __future__ import annotations

import random

import pytest

from nn import ACTIVATIONS, Layer, glorot_uniform, he_normal

DRAWS = 20_000
RELATIVES_OF_RELU = {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"}


def test_he_normal_has_variance_2_over_fan_in() -> None:
    rng = random.Random(1)
    squares = [he_normal(50, 7, rng) ** 2 for _ in range(DRAWS)]
    assert sum(squares) / DRAWS == pytest.approx(2.0 / 50, rel=0.05)


def test_he_normal_has_mean_0() -> None:
    rng = random.Random(1)
    assert sum(he_normal(50, 7, rng) for _ in range(DRAWS)) / DRAWS == pytest.approx(0.0, abs=0.2 / DRAWS**0.5 * 4)


def test_glorot_uniform_fills_its_interval_and_nothing_beyond() -> None:
    rng = random.Random(1)
    bound = (6.0 / (20 + 4)) ** 0.5
    weights = [glorot_uniform(20, 4, rng) for _ in range(DRAWS)]
    assert max(weights) == pytest.approx(bound, rel=1e-3)
    assert min(weights) == pytest.approx(-bound, rel=1e-3)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_weights_are_drawn_as_the_activation_asks(name: str) -> None:
    assert ACTIVATIONS[name].initial_weight is (he_normal if name in RELATIVES_OF_RELU else glorot_uniform)


def test_a_layer_draws_with_its_own_numbers_of_inputs_and_neurons() -> None:
    layer = Layer(3, 5, activation="tanh", rng=4)
    rng = random.Random(4)
    expected = [[glorot_uniform(3, 5, rng) for _ in range(3)] for _ in range(5)]
    assert [[weight.data for weight in neuron.w] for neuron in layer.neurons] == expected


def test_biases_start_at_0() -> None:
    assert [neuron.b.data for neuron in Layer(3, 5, rng=0).neurons] == [0.0] * 5
