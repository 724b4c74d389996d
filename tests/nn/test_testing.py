"""The strategy that draws networks: their sizes, what is printed of them, and what they find."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from nn import MLP
from nn.testing import network, networks

FEW = settings(max_examples=50, database=None)


def drawn(**options: Any) -> list[MLP]:
    found: list[MLP] = []

    @FEW
    @given(networks(**options))
    def collect(network: MLP) -> None:
        found.append(network)

    collect()
    return found


@FEW
@given(st.data(), st.integers(1, 4), st.integers(1, 4), st.integers(0, 100))
def test_a_network_is_of_the_size_that_is_asked_for(data: st.DataObject, inputs: int, outputs: int, more: int) -> None:
    most = (inputs + 1) * outputs + more
    drawn = data.draw(networks(most, inputs=inputs, outputs=outputs))
    assert len(drawn.parameters()) <= most
    assert (drawn.n_in, drawn.layers[-1].n_out) == (inputs, outputs)


@FEW
@given(st.data(), st.integers(2, 60))
def test_every_size_is_drawn_for_any_number_of_parameters(data: st.DataObject, most: int) -> None:
    assert len(data.draw(networks(most)).parameters()) <= most


def test_networks_differ_in_depth_width_and_activation() -> None:
    found = drawn()
    # What is drawn depends on the version of Hypothesis, and on where the library lies.
    assert len({len(each.layers) for each in found}) >= 3
    assert len({each.n_in for each in found}) >= 3
    assert len({each.layers[0].activation for each in found}) >= 3
    assert {each.layers[-1].activation for each in found} == {"linear"}


def test_the_activations_can_be_chosen() -> None:
    hidden = {each.layers[0].activation for each in drawn(activations=["tanh", "gelu"]) if len(each.layers) > 1}
    assert hidden
    assert hidden <= {"tanh", "gelu"}


def test_no_weight_and_no_bias_is_0() -> None:
    assert all(parameter.data != 0.0 for each in drawn() for parameter in each.parameters())


def test_a_network_is_that_of_its_seed() -> None:
    first, same, other = (network(2, [3, 1], "tanh", seed=seed) for seed in (1, 1, 2))
    assert [p.data for p in first.parameters()] == [p.data for p in same.parameters()]
    assert [p.data for p in first.parameters()] != [p.data for p in other.parameters()]


def test_a_failure_prints_the_program_that_makes_the_network() -> None:
    @FEW
    @given(networks(activations=["tanh"]))
    def test(network: MLP) -> None:
        assert len(network.layers) < 2

    with pytest.raises(AssertionError) as failure:
        test()
    printed = " ".join("".join(failure.value.__notes__).replace("# or any other generated value", "").split())
    assert re.search(r"network\( ?\d+, \[\d+, 1\], 'tanh', seed=\d+,? ?\)", printed)


def test_a_network_shrinks_to_few_neurons() -> None:
    found: MLP = find(networks(), lambda network: len(network.layers) >= 3, settings=settings(database=None))
    assert len(found.layers) == 3
    assert sum(layer.n_out for layer in found.layers) <= 12  # how few depends on the draws


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_parameters": 1}, "a network of 1 inputs and 1 outputs has 2 parameters, more than max_parameters=1"),
        (
            {"max_parameters": 7, "inputs": 3, "outputs": 2},
            "a network of 3 inputs and 2 outputs has 8 parameters, more than max_parameters=7",
        ),
    ],
)
def test_a_size_that_no_network_has_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        drawn(**options)


def test_without_hypothesis_the_import_says_what_to_install() -> None:
    program = "import sys; sys.modules['hypothesis'] = None; import nn.testing"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "ImportError: nn.testing needs Hypothesis: pip install hypothesis"


def test_a_forward_pass_that_forgets_a_bias_is_found() -> None:
    def forgetful(network: MLP, x: list[float]) -> Any:
        first = network.layers[0].neurons[0]
        return sum(w.data * number for w, number in zip(first.w, x, strict=True))

    def right(of: Callable[..., Any]) -> Any:
        @FEW
        @given(networks(inputs=2, outputs=1, max_parameters=3))
        def test(network: MLP) -> None:
            assert of(network, [1.0, -1.0]) == pytest.approx(network([1.0, -1.0]).data)  # type: ignore[union-attr]

        return test

    right(lambda network, x: forgetful(network, x) + network.layers[0].neurons[0].b.data)()
    with pytest.raises(AssertionError):
        right(forgetful)()
