"""The six expressions that the page of the player plays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from autograd import Value, explore, maximum, relu, sigmoid, sin, tanh
from nn import MLP, cross_entropy, mse


def named(name: str, value: Value) -> Value:
    """The same Value, with a label."""
    value.label = name
    return value


def neuron() -> Value:
    """A neuron of two inputs."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    return named("output", tanh(x1 * w1 + x2 * w2 + b))


def paths_add() -> Value:
    """A number that is used three times."""
    x = Value(1.5, label="x")
    square = named("square", x * x)
    return named("y", square * square + sin(x))


def classes() -> Value:
    """Three classes, of which the second is right: softmax and cross-entropy in one."""
    logits = [Value(2.0, label="cat"), Value(1.0, label="dog"), Value(-1.0, label="fox")]
    return named("loss", cross_entropy(logits, target=1))


def kinks() -> Value:
    """Two kinks at once: equal operands, and a relu at 0."""
    x, y = Value(2.0, label="x"), Value(2.0, label="y")
    return named("z", maximum(x, y) + relu(x - y))


def vanishing() -> Value:
    """Six layers of one sigmoid neuron each."""
    a = Value(1.0, label="x")
    for layer in range(1, 7):
        a = named(f"a{layer}", sigmoid(Value(1.0, label=f"w{layer}") * a))
    return a


def network() -> Value:
    """A 2-16-16-1 network and its loss on one example."""
    model = MLP(2, [16, 16, 1], activation="tanh", rng=0)
    x1, x2 = Value(0.5, label="x1"), Value(-1.0, label="x2")
    return named("loss", mse(model([x1, x2]), 1.0))


EXPRESSIONS: tuple[Callable[[], Value], ...] = (neuron, paths_add, classes, kinks, vanishing, network)


def write_players(folder: Path) -> None:
    """Writes a page for each expression into a folder."""
    for expression in EXPRESSIONS:
        explore(expression(), folder / f"{expression.__name__}.html")
