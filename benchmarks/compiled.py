"""Compiled functions beside NumPy by hand: the time to compile, and the time of a value with its gradient.

The network is written with scalars, as a student writes it; `compile` makes array instructions of it. NumPy by hand
computes the same loss and the same gradients. Both run in turns, the best of many runs each.

    python benchmarks/compiled.py
"""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Value
from autograd.compiler.program import Program


def layer(weights: Sequence[Any], biases: Sequence[Value], x: Sequence[Value]) -> list[Value]:
    """One layer without activation, neuron by neuron."""
    outputs = []
    for neuron, bias in zip(weights, biases, strict=True):
        total = bias
        for weight, number in zip(neuron, x, strict=True):
            total = total + weight * number
        outputs.append(total)
    return outputs


def loss(parameters: Any, x: Sequence[Value], target: Any) -> Value:
    """The cross-entropy of a network with one hidden layer."""
    weights_1, biases_1, weights_2, biases_2 = parameters
    hidden = [autograd.relu(number) for number in layer(weights_1, biases_1, x)]
    return nn.cross_entropy(layer(weights_2, biases_2, hidden), target)


def by_hand(parameters: Any, x: Any, targets: Any) -> tuple[float, tuple[Any, ...]]:
    """The same for a batch, and its gradients."""
    weights_1, biases_1, weights_2, biases_2 = parameters
    before = x @ weights_1.T + biases_1
    hidden = np.maximum(before, 0.0)
    logits = hidden @ weights_2.T + biases_2
    largest = logits.max(axis=1, keepdims=True)
    powers = np.exp(logits - largest)
    total = powers.sum(axis=1, keepdims=True)
    value = float((np.log(total) + largest).mean() - (logits * targets).sum(axis=1).mean())
    by_logits = (powers / total - targets) / len(x)
    by_before = (by_logits @ weights_2) * (before > 0.0)
    return value, (by_before.T @ x, by_before.sum(axis=0), by_logits.T @ hidden, by_logits.sum(axis=0))


def seconds(*functions: Callable[[], Any], rounds: int = 200) -> list[float]:
    """The best time of each, taken in turns."""
    best = [math.inf] * len(functions)
    for _ in range(rounds):
        for place, function in enumerate(functions):
            started = time.perf_counter()
            function()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def measure(sizes: tuple[int, int, int], examples: int) -> None:
    """Prints a line of the table."""
    inputs, hidden, classes = sizes
    dice = np.random.default_rng(0)
    shapes = [(hidden, inputs), (hidden,), (classes, hidden), (classes,)]
    parameters = [0.1 * dice.normal(size=shape) for shape in shapes]
    x, targets = dice.random((examples, inputs)), np.eye(classes)[dice.integers(0, classes, examples)]
    compiled = autograd.compile(loss, batched=("x", "target"), runtime="numpy")
    started = time.perf_counter()
    value, (gradients, *_) = compiled.value_and_grad(parameters, x, targets)
    compiling = time.perf_counter() - started
    expected, expected_gradients = by_hand(parameters, x, targets)
    assert math.isclose(value, expected, rel_tol=1e-12)
    for found, wanted in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)
    one, other = seconds(
        lambda: compiled.value_and_grad(parameters, x, targets), lambda: by_hand(parameters, x, targets)
    )
    program = compiled.program
    assert isinstance(program, Program)
    scalars = program.scalars
    print(
        f"{'-'.join(map(str, sizes)):>12} {examples:>6} {scalars:>10,} {len(program.instructions):>13} "
        f"{compiling / scalars * 1e6:>19.2f} {one * 1e6:>12.0f} {other * 1e6:>12.0f} {one / other:>6.2f}"
    )


def main() -> None:
    """Prints the table."""
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}")
    print("     network  batch    scalars  instructions  compile, us/scalar  compiled, us  by hand, us  ratio")
    for sizes, examples in (((784, 50, 10), 100), ((64, 32, 10), 32), ((2, 16, 2), 100)):
        measure(sizes, examples)


if __name__ == "__main__":
    main()
