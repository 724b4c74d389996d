"""Modules as tables and networks as pictures."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

from autograd import Value
from autograd.support import plotting
from nn import MLP, Layer, Module, Neuron

SVG = "{http://www.w3.org/2000/svg}"


class Holder(Module):
    """Holds what it is given."""

    def __init__(self, **held: Any) -> None:
        vars(self).update(held)


def rows(module: Module) -> list[list[str]]:
    """The printed table without its header."""
    return [line.split() for line in str(module).splitlines()[2:]]


def picture(module: Module) -> ElementTree.Element:
    found = ElementTree.fromstring(f"<body>{module._repr_html_()}</body>").find(f".//{SVG}svg")
    assert found is not None
    return found


def weights(module: Module) -> list[ElementTree.Element]:
    return [path for path in picture(module).iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]


def texts(module: Module) -> list[str]:
    return [text.text or "" for text in picture(module).iter(f"{SVG}text")]


# ---------------------------------------------------------------- the table


def test_a_network_is_a_table_of_its_layers() -> None:
    assert str(MLP(2, [16, 1])).splitlines() == [
        "part    inputs  outputs  activation  parameters",
        "------  ------  -------  ----------  ----------",
        "layer1       2       16        relu          48",
        "layer2      16        1      linear          17",
        "total                                        65",
    ]


def test_a_layer_is_a_table_of_its_neurons() -> None:
    assert rows(Layer(3, 2)) == [["neuron1", "3", "relu", "4"], ["neuron2", "3", "relu", "4"], ["total", "8"]]


def test_a_neuron_is_a_table_of_its_weights_and_its_bias() -> None:
    assert rows(Neuron(5)) == [["w", "5"], ["b", "1"], ["total", "6"]]


def test_lists_of_values_are_one_row_and_modules_in_lists_and_dicts_are_rows_with_their_names() -> None:
    matrix = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    module = Holder(matrix=matrix, blocks=[Neuron(1), Neuron(2)], heads={"a": Neuron(3)}, name="no parameters")
    assert [(row[0], row[-1]) for row in rows(module)] == [
        ("matrix", "4"),
        ("block1", "2"),
        ("block2", "3"),
        ("heads.a", "4"),
        ("total", "13"),
    ]


def test_a_parameter_that_is_found_twice_counts_once() -> None:
    shared = Neuron(2)
    assert [row[-1] for row in rows(Holder(one=shared, again=shared))] == ["3", "0", "3"]


def test_the_total_is_the_number_of_parameters() -> None:
    model = MLP(7, [5, 3, 2])
    assert rows(model)[-1] == ["total", str(len(model.parameters()))]


def test_a_module_without_parameters_has_none_in_total() -> None:
    assert rows(Module()) == [["total", "0"]]


def test_a_module_without_a_repr_is_called_by_its_class() -> None:
    shown = Holder(w=Value(1.0))._repr_html_()
    assert "<div>Holder</div>" in shown
    assert " object at " not in shown


def test_names_are_never_markup() -> None:
    shown = Holder(heads={"<script>alert(1)</script>": Neuron(1)})._repr_html_()
    assert "<script" not in shown


# ---------------------------------------------------------------- the picture


def test_a_small_network_shows_every_neuron_and_every_weight() -> None:
    model = MLP(2, [3, 1])
    assert len(list(picture(model).iter(f"{SVG}circle"))) == 6
    assert len(weights(model)) == 9


def test_every_column_says_how_many_it_has_and_of_what() -> None:
    assert {"2 inputs", "3 tanh", "1 linear"} <= set(texts(MLP(2, [3, 1], activation="tanh")))


def test_a_positive_weight_is_blue_and_whole_a_negative_one_orange_and_dashed() -> None:
    neuron = Neuron(2)
    neuron.w[0].data, neuron.w[1].data = 0.5, -0.5
    assert [(line.get("stroke"), line.get("stroke-dasharray") is not None) for line in weights(neuron)] == [
        (plotting.BLUE, False),
        (plotting.ORANGE, True),
    ]


def test_a_larger_weight_is_a_wider_line() -> None:
    neuron = Neuron(3)
    neuron.w[0].data, neuron.w[1].data, neuron.w[2].data = 0.1, -1.0, 0.5
    small, large, middle = (float(line.get("stroke-width") or "nan") for line in weights(neuron))
    assert small < middle < large


def test_a_weight_and_a_bias_tell_their_numbers() -> None:
    neuron = Neuron(1)
    neuron.w[0].data, neuron.b.data = 0.5, -0.25
    titles = [title.text for title in picture(neuron).iter(f"{SVG}title")]
    assert titles == [
        "layer 1, neuron 1: weight 1 is 0.5",
        "input 1",
        "layer 1, neuron 1: bias -0.25",
    ]


def test_a_large_network_stays_a_small_picture() -> None:
    model = MLP(784, [50, 10])
    assert len(list(picture(model).iter(f"{SVG}circle"))) == 24
    assert texts(model).count("⋮") == 3
    assert {"784 inputs", "50 relu", "10 linear"} <= set(texts(model))
    assert len(model._repr_html_()) < 40_000


def test_a_deep_network_shows_its_ends() -> None:
    shown = texts(MLP(1, [2] * 30))
    assert "⋯" in shown
    assert shown.count("2 relu") == 4
    assert shown.count("2 linear") == 1


def test_weights_that_are_not_finite_or_all_0_are_drawn() -> None:
    neuron = Neuron(2)
    neuron.w[0].data, neuron.w[1].data = math.nan, 0.0
    assert {line.get("stroke-width") for line in weights(neuron)} == {"0.75"}
