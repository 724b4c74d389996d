"""A chain of one-neuron layers: the formulas give what the engine gives, and deep gradients vanish."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from nn import Chain, mean_deltas, plot_vanishing_gradient


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def curve(line: Any) -> list[float]:
    return list(line.get_ydata())


def chain(depth: int, activation: str = "sigmoid") -> Chain:
    rng = random.Random(depth)
    weights, biases = ([rng.gauss(0.0, 1.0) for _ in range(depth)] for _ in range(2))
    return Chain(weights, biases, rng.gauss(0.0, 1.0), rng.random(), activation)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("depth", range(1, 51))
def test_the_formulas_of_a_chain_give_what_the_engine_gives(depth: int, activation: str) -> None:
    by_hand, by_engine = chain(depth, activation).by_hand(), chain(depth, activation).by_engine()
    for hand, engine in zip(by_hand[:4], by_engine[:4], strict=True):
        assert hand == pytest.approx(engine, rel=0, abs=1e-14)
    assert by_hand.loss == pytest.approx(by_engine.loss, rel=0, abs=1e-14)


def test_a_chain_of_two_follows_the_four_formulas() -> None:
    w, b, x, y = [0.5, -1.5], [0.25, 0.1], 0.8, 0.3
    a = [x, sigmoid(w[0] * x + b[0])]
    a.append(sigmoid(w[1] * a[1] + b[1]))
    last = (a[2] - y) * a[2] * (1 - a[2])
    first = last * w[1] * a[1] * (1 - a[1])
    found = Chain(w, b, x, y).by_hand()
    assert found.deltas == pytest.approx([first, last], rel=1e-14)
    assert found.weights == pytest.approx([first * a[0], last * a[1]], rel=1e-14)
    assert found.biases == found.deltas


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], 0.0, 0.0), "at least one layer"),
        (([1.0], [], 0.0, 0.0), "a bias for each weight, not 0 for 1"),
        (([1.0], [0.0], 0.0, 0.0, "gelu"), "no activation 'gelu' for chains; there are sigmoid, tanh, relu"),
        (([math.inf], [0.0], 0.0, 0.0), "a weight must be a finite number"),
    ],
)
def test_a_chain_that_cannot_be_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chain(*arguments)


# ---------------------------------------------------------------- the vanishing gradient


def test_the_sigmoid_takes_at_least_three_quarters_of_the_gradient_in_each_layer() -> None:
    means = mean_deltas("sigmoid", weights=(1.0, 1.0))
    assert all(below <= above / 4 for below, above in pairwise(means))


def test_relu_takes_nothing_where_the_weights_are_one() -> None:
    assert mean_deltas("relu", weights=(1.0, 1.0)) == [1.0] * 20


def test_tanh_lies_between() -> None:
    sigmoid_first, tanh_first, relu_first = (mean_deltas(name, rng=0)[0] for name in ("sigmoid", "tanh", "relu"))
    assert sigmoid_first * 1e6 < tanh_first < relu_first / 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"chains": 0}, "chains=0"),
        ({"weights": (2.0, 1.0)}, r"\(low, high\), not \(2.0, 1.0\)"),
    ],
)
def test_wrong_options_of_the_mean_are_named(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_deltas("sigmoid", **options)


def test_the_plot_has_a_curve_for_each_activation() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = plot_vanishing_gradient(depth=6, chains=5, rng=1)
    seed = random.Random(1).getrandbits(32)
    assert [line.get_label() for line in ax.lines] == ["sigmoid", "tanh", "relu"]
    assert curve(ax.lines[0]) == mean_deltas("sigmoid", depth=6, chains=5, rng=seed)
    matplotlib.pyplot.close(ax.figure)


def test_the_plot_goes_where_it_is_told() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, ax = pyplot.subplots()
    assert plot_vanishing_gradient(depth=3, chains=2, ax=ax) is ax
    pyplot.close(figure)


# ---------------------------------------------------------------- out of the range of floats


TOO_LARGE = {
    "an activation": Chain([1e300, 1.0], [0.0, 0.0], 1e300, 0.0, "relu"),
    "a gradient": Chain([1e-10, 1e-200], [1e300, 0.0], 1.0, 0.0, "relu"),
    "the loss": Chain([1.0], [0.0], 1e200, 0.0, "relu"),
    "the loss after a switched-off infinity": Chain([1e300, -1.0], [0.0, 0.0], 1e300, 1e200, "relu"),
    "a sum in a sigmoid": Chain([1e300, 1.0], [0.0, 0.0], 1e300, 0.0, "sigmoid"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_leaves_the_range_of_floats_is_the_same_kind_of_error_by_hand_and_by_engine(
    outcome: Callable[..., object], case: str
) -> None:
    assert outcome(TOO_LARGE[case].by_hand) is outcome(TOO_LARGE[case].by_engine)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("an activation", "the activation a_1 is inf, not finite"),
        ("a gradient", "dE/dw_2 is inf, not finite"),
        ("the loss", r"the loss \(a_L - y\)\^2 / 2 is too large for a float at a_L - y = 1e\+200"),
    ],
)
def test_what_leaves_the_range_of_floats_is_named(case: str, message: str) -> None:
    with pytest.raises(ArithmeticError, match=message):
        TOO_LARGE[case].by_hand()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Chain({1.0: 2.0}, [0.0], 1.0, 0.0), "weights must be a list, not the dict"),  # type: ignore[arg-type]
        (lambda: Chain([1.0], [0.0], 1.0, 0.0, ["relu"]), "one of the names sigmoid, tanh, relu, not the list"),  # type: ignore[arg-type]
        (lambda: mean_deltas("relu", depth=2.5), "depth must be an int, not the float 2.5"),  # type: ignore[arg-type]
        (lambda: mean_deltas("relu", weights=0.5), r"an interval \(low, high\), not 0\.5"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_another_kind_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
