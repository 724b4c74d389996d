"""Neurons, layers and perceptrons: what they compute, what they are called, and how they look to a drawing."""

from __future__ import annotations

import math
import random
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, no_grad, topological_order
from nn import ACTIVATIONS, MLP, Layer, Neuron


def set_weights(neuron: Neuron, weights: Sequence[float], bias: float) -> Neuron:
    for weight, number in zip(neuron.w, weights, strict=True):
        weight.data = number
    neuron.b.data = bias
    return neuron


# ---------------------------------------------------------------- what they compute


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "linear"])
@pytest.mark.parametrize("x", [[0.5, -2.0], [-1.0, 3.0]])
def test_a_neuron_is_its_activation_of_the_weighted_sum(name: str, x: list[float]) -> None:
    neuron = set_weights(Neuron(2, activation=name), [0.25, -1.5], 0.125)
    assert neuron(x).data == getattr(autograd, name)(0.125 + 0.25 * x[0] - 1.5 * x[1])


def test_a_linear_neuron_is_the_weighted_sum() -> None:
    assert set_weights(Neuron(2, activation="linear"), [3.0, -1.0], 0.5)([1.0, 2.0]).data == 1.5


def test_gradients_reach_weights_bias_and_inputs() -> None:
    neuron = set_weights(Neuron(2, activation="tanh"), [0.5, -1.0], 0.25)
    x = [Value(1.0), Value(2.0)]
    neuron(x).backward()
    slope = 1.0 - math.tanh(0.25 + 0.5 - 2.0) ** 2
    gradients = [parameter.grad for parameter in [*neuron.w, neuron.b, *x]]
    assert gradients == pytest.approx([1.0 * slope, 2.0 * slope, slope, 0.5 * slope, -1.0 * slope], rel=1e-14)


def test_a_layer_of_one_neuron_gives_one_value() -> None:
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)


def test_a_layer_of_several_neurons_gives_a_list_in_their_order() -> None:
    layer = Layer(2, 3, activation="tanh", rng=0)
    assert layer([1.0, 2.0]) == [neuron([1.0, 2.0]) for neuron in layer.neurons]


def test_a_perceptron_feeds_each_layer_with_the_one_before() -> None:
    model = MLP(2, [3, 2], activation="tanh", rng=0)
    assert model([1.0, 2.0]) == model.layers[1](model.layers[0]([1.0, 2.0]))  # type: ignore[arg-type]


def test_a_perceptron_ending_in_one_neuron_gives_one_value() -> None:
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)


def test_a_single_neuron_in_the_middle_feeds_the_next_layer() -> None:
    outputs = MLP(2, [1, 3], rng=0)([1.0, 2.0])
    assert isinstance(outputs, list)
    assert len(outputs) == 3


def test_the_last_layer_is_linear_unless_told() -> None:
    model = MLP(2, [4, 4, 1], activation="tanh", output="sigmoid")
    assert [layer.neurons[0].activation for layer in MLP(2, [4, 4, 1]).layers] == ["relu", "relu", "linear"]
    assert [layer.neurons[0].activation for layer in model.layers] == ["tanh", "tanh", "sigmoid"]


@pytest.mark.parametrize(
    "x", [(0.5, -1.0), [1, -2], np.array([0.5, -1.0]), np.array([1, -2]), np.array([0.5, -1.0], dtype=np.float32)]
)
def test_inputs_may_be_any_sequence_of_real_numbers(x: Any) -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    assert model(x) == model([float(number) for number in x])


def test_under_no_grad_the_output_is_a_constant() -> None:
    with no_grad():
        output = MLP(2, [3, 1], rng=0)([1.0, 2.0])
    assert isinstance(output, Value)
    assert not output.requires_grad


def test_the_same_seed_gives_the_same_network() -> None:
    assert MLP(3, [4, 2], rng=7).state_dict() == MLP(3, [4, 2], rng=random.Random(7)).state_dict()


def test_layers_draw_different_weights() -> None:
    model = MLP(2, [2, 2], rng=0)
    assert len(set(model.state_dict().values()) - {0.0}) == 8


# ---------------------------------------------------------------- names and boxes


def test_parameters_are_called_by_layer_neuron_and_place() -> None:
    expected = [
        "layer1.neuron1.w1",
        "layer1.neuron1.w2",
        "layer1.neuron1.b",
        "layer1.neuron2.w1",
        "layer1.neuron2.w2",
        "layer1.neuron2.b",
        "layer2.neuron1.w1",
        "layer2.neuron1.w2",
        "layer2.neuron1.b",
    ]
    assert [name for name, _ in MLP(2, [2, 1]).named_parameters()] == expected


@pytest.mark.parametrize("module", [MLP(2, [3, 1]), Layer(2, 3), Neuron(2)])
def test_every_parameter_is_labelled_with_its_name(module: MLP | Layer | Neuron) -> None:
    assert all(parameter.label == name for name, parameter in module.named_parameters())


def test_operations_are_in_the_box_of_their_neuron_and_layer() -> None:
    root = MLP(2, [2, 1], rng=0)([1.0, 2.0])
    assert isinstance(root, Value)
    boxes = {str(node.scope) for node in topological_order(root) if node.op is not None}
    assert boxes == {
        "Scope('layer 1 / neuron 1')",
        "Scope('layer 1 / neuron 2')",
        "Scope('layer 2 / neuron 1')",
    }


def test_the_box_of_a_neuron_holds_its_parameters() -> None:
    model = MLP(2, [2, 1], rng=0)
    root = model([1.0, 2.0])
    assert isinstance(root, Value)
    assert root.scope is not None
    neuron = model.layers[1].neurons[0]
    assert [id(member) for member in root.scope.members] == [id(parameter) for parameter in neuron.parameters()]


def test_the_repr_is_the_call_that_makes_it() -> None:
    assert repr(MLP(2, [3, 1], activation="tanh")) == "MLP(2, [3, 1], activation='tanh', output='linear')"
    assert repr(MLP(2, [3])) == "MLP(2, [3], output='linear')"
    assert repr(Layer(2, 3)) == "Layer(2, 3, activation='relu')"
    assert repr(Neuron(2, nonlin=False)) == "Neuron(2, activation='linear')"


# ---------------------------------------------------------------- what is refused


MAKERS_WITH_UNKNOWN_ACTIVATION: list[Callable[[], object]] = [
    lambda: Neuron(2, activation="rely"),
    lambda: Layer(2, 3, activation="rely"),
    lambda: MLP(2, [3, 1], "rely"),
    lambda: MLP(2, [3, 1], output="rely"),
    lambda: MLP(2, [1], activation="rely"),
]


@pytest.mark.parametrize("make", MAKERS_WITH_UNKNOWN_ACTIVATION)
def test_an_unknown_activation_is_an_error_that_lists_the_known_ones(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=f"'rely'; there are {', '.join(ACTIVATIONS)}"):
        make()


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], []])
@pytest.mark.parametrize("module", [MLP(2, [3, 1]), Layer(2, 3), Neuron(2)])
def test_a_wrong_number_of_inputs_is_an_error_with_both_numbers(module: MLP | Layer | Neuron, x: list[float]) -> None:
    with pytest.raises(ValueError, match=f"takes 2 inputs, not {len(x)}"):
        module(x)


NETWORKS: list[Any] = [MLP(2, [3, 1]), Layer(2, 3), Neuron(2)]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (1.0, "not 1.0"),
        (Value(1.0), "not Value"),
        (None, "not None"),
        ("ab", "not 'ab'"),
        (np.array(1.0), "not array"),
        (iter([1.0, 2.0]), r"not a list_iterator, which can be read only once; write list\("),
        ((number for number in [1.0, 2.0]), "not a generator, which can be read only once"),
        ({1.0, 2.0}, "not the set .* which has no order"),
        (frozenset({1.0, 2.0}), "not the frozenset"),
        ({0: 1.0, 1: 2.0}.keys(), "not the dict_keys"),
        ({0: 1.0, 1: 2.0}, r"not the dict .* list\(x\.values\(\)\) gives its numbers"),
        (MappingProxyType({0: 1.0, 1: 2.0}), "not the mappingproxy"),
    ],
)
@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_not_a_list_of_inputs_is_a_type_error(network: Any, x: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"takes a list of 2 numbers, {message}"):
        network(x)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((2, 2)), r"the ndarray of shape \(2, 2\); call it for each row"),
        (np.ones((5, 2)), r"the ndarray of shape \(5, 2\); call it for each row"),
        (np.ones((2, 1)), r"the ndarray of shape \(2, 1\); x\.ravel\(\) makes a list of it"),
        (np.ones((1, 2)), r"the ndarray of shape \(1, 2\); x\.ravel\(\) makes a list of it"),
        (np.ones((2, 2, 2)), r"the ndarray of shape \(2, 2, 2\)"),
        ([[1.0, 2.0], [3.0, 4.0]], "a list of lists; call it for each of them"),
        ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "a list of lists; call it for each of them"),
        ([(1.0, 2.0), 3.0], "a list of lists"),
        ([np.ones(2), np.ones(2)], "a list of arrays"),
        ([np.ones(1), 2.0], "a list of arrays"),
        ([np.ones((2, 2)), 2.0], "a list of arrays"),
        ([[Value(1.0)], [Value(2.0)]], "a list of lists"),
    ],
)
def test_several_examples_at_once_are_an_error(network: Any, x: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"takes a list of 2 numbers, one example at a time, not {message}"):
        network(x)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(("x", "message"), [([1.0, None], r"x\[1\] is None"), (["1", 2.0], r"x\[0\] is the str '1'")])
def test_an_input_that_is_no_number_is_an_error_that_says_which(network: Any, x: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        network(x)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_called_with_several_arguments_says_how_it_is_called(network: Any) -> None:
    with pytest.raises(TypeError, match=r"takes a list of 2 numbers, as in model\(\[0\.5, -1\.0\]\), not 2 arguments"):
        network(0.5, -1.0)


@pytest.mark.parametrize("x", [deque([0.5, -1.0]), array("d", [0.5, -1.0]), np.array([Value(0.5), Value(-1.0)])])
def test_other_lists_of_numbers_are_taken(x: Any) -> None:
    for network in NETWORKS:
        assert network(x) == network([0.5, -1.0])


def test_a_row_of_a_table_is_taken_by_position() -> None:
    pandas: Any = pytest.importorskip("pandas")
    table = pandas.DataFrame({"height": [0.5, 3.0], "width": [-1.0, 4.0]}, index=[7, 8])
    for network in NETWORKS:
        assert network(table.iloc[0]) == network([0.5, -1.0])
    with pytest.raises(ValueError, match=r"one example at a time, not the DataFrame of shape \(2, 2\)"):
        MLP(2, [1])(table)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(2, [3, 1], activation=["relu"]), r"one of the names linear, .* not the list .* the same"),  # type: ignore[arg-type]
        (lambda: MLP(2, [3, 1], output=None), "one of the names linear, .* not None"),  # type: ignore[arg-type]
        (lambda: Neuron(2, activation=math.tanh), "one of the names linear, .* not the builtin"),  # type: ignore[arg-type]
        (lambda: MLP(2.0, [1]), "n_in must be an int, not the float 2.0"),  # type: ignore[arg-type]
        (lambda: MLP("2", [1]), "n_in must be an int, not the str '2'"),  # type: ignore[arg-type]
        (lambda: MLP(True, [1]), "n_in must be an int, not the bool True"),
        (lambda: MLP(2, [3.5, 1]), "n_out must be an int, not the float 3.5"),  # type: ignore[list-item]
        (lambda: MLP(2, {3, 1}), "the sizes of the layers must be a list, .* not the set"),  # type: ignore[arg-type]
        (lambda: Layer(2, None), "n_out must be an int, not None"),  # type: ignore[arg-type]
    ],
)
def test_settings_of_another_kind_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_sizes_may_be_integers_of_numpy() -> None:
    assert repr(MLP(np.int64(2), np.array([3, 1]))) == repr(MLP(2, [3, 1]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(2, []), "at least 1 layer"),
        (lambda: MLP(2, [3, 0]), "at least 1 neuron, not 0"),
        (lambda: MLP(0, [3]), "at least 1 input, not 0"),
    ],
)
def test_an_empty_network_is_an_error(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_size_in_place_of_the_list_of_sizes_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"a list, as in MLP\(2, \[16, 1\]\), not 16"):
        MLP(2, 16)  # type: ignore[arg-type]


# ---------------------------------------------------------------- code written for micrograd


def test_neurons_of_micrograd_take_nonlin_as_second_argument() -> None:
    assert (Neuron(2).activation, Neuron(2, False).activation) == ("relu", "linear")


def test_layers_of_micrograd_pass_nonlin_on() -> None:
    assert {neuron.activation for neuron in Layer(2, 3, nonlin=False).neurons} == {"linear"}


@pytest.mark.slow
def test_the_training_loop_of_micrograds_demo_learns_xor() -> None:
    model = MLP(2, [16, 16, 1], rng=1)
    points, labels = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]
    for step in range(40):
        inputs = [list(map(Value, point)) for point in points]
        scores: list[Any] = list(map(model, inputs))
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        regularization: Any = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + regularization
        model.zero_grad()
        total_loss.backward()
        learning_rate = 0.5 - 0.4 * step / 40
        for p in model.parameters():
            p.data -= learning_rate * p.grad
    assert [model(point) > 0.0 for point in points] == [label > 0 for label in labels]  # type: ignore[operator]
