"""Training beside NumPy by hand and PyTorch tensors: a step of `fit`, the memory it takes, the time to compile.

    python benchmarks/training.py [--epochs 300]

`fit` trains a network of single numbers with SGD. By hand is what one writes with NumPy: forward, backward and the
step, on a separate array for each layer. Both compute the same losses, and the program stops if they do not. The steps
of all run in turns, an epoch each, within one training; the best epoch of each counts. That of `fit` holds all that
the loop does with a batch, copying its examples too; the others are given their batches. A peer that is not
installed is named and left out. Everything runs on one thread: the threads of one library, waiting for more to do,
would slow down the next.
"""

from __future__ import annotations

import argparse

import os
import platform
import random
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")

import numpy as np

import autograd
from nn import MLP, SGD, cross_entropy, fit, mse

NETWORKS = (((784, 50, 10), 100), ((64, 32, 10), 32), ((2, 16, 1), 100))
STEPS = 10
"""Batches in an epoch."""
LEARNING_RATE = 0.01


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300, help=f"epochs of {STEPS} steps for each network")
    epochs = parser.parse_args().epochs
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    print(f"one step of training, float64, SGD, best of {epochs} epochs of {STEPS} steps; ", end="")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {machine}\n")
    print("     network  batch     fit, us  by hand, us  ratio  PyTorch, us  ratio")
    for sizes, batch in NETWORKS:
        print(line_of_times(sizes, batch, epochs))
    if torch_steps((1, 1, 2), np.zeros((1, 1)), np.zeros(1, int), 1) is None:
        print("PyTorch is not installed, and left out")
    print("\nmemory of a step, kB: the most that it holds beside the examples and what was compiled")
    print("     network  batch         fit      by hand  ratio")
    for sizes, batch in NETWORKS[:1]:
        print(line_of_memory(sizes, batch))
    print("\ncompiling: two recordings, the lowering and the first run")
    print("     network    scalars  instructions  seconds  us per scalar")
    for sizes, _ in NETWORKS:
        print(line_of_compiling(sizes))


def examples(sizes: Sequence[int], count: int) -> tuple[Any, Any]:
    """Inputs, and classes or numbers to learn."""
    dice = np.random.default_rng(0)
    x = dice.random((count, sizes[0]))
    return x, dice.integers(0, sizes[-1], count) if sizes[-1] > 1 else dice.random(count)


class Clock(random.Random):
    """The source of chance for `fit`, which asks it for an order at the beginning of each epoch: then peers run.

    times: how long the epochs of `fit` took, and for each peer how long its own did.
    """

    def __init__(self, peers: Sequence[Callable[[], object]]) -> None:
        super().__init__(0)
        self._peers = peers
        self._started: float | None = None
        self.times: list[list[float]] = [[] for _ in range(len(peers) + 1)]

    def shuffle(self, x: Any) -> None:
        """Stops the time of the last epoch, lets the peers run, and starts anew."""
        if self._started is not None:
            self.times[0].append(time.perf_counter() - self._started)
        for peer, times in zip(self._peers, self.times[1:], strict=True):
            started = time.perf_counter()
            peer()
            times.append(time.perf_counter() - started)
        super().shuffle(x)
        self._started = time.perf_counter()


def line_of_times(sizes: Sequence[int], batch: int, epochs: int) -> str:
    """A line of the first table."""
    x, y = examples(sizes, STEPS * batch)
    model = MLP(sizes[0], sizes[1:], rng=0)
    check_by_hand(model, sizes, x, y)
    peers = [by_hand_steps(parameters_of(model), x, y, batch)]
    pytorch = torch_steps(sizes, x, y, batch)
    clock = Clock(peers if pytorch is None else [*peers, pytorch])
    fit_network(model, x, y, batch, epochs, clock)
    ours, by_hand, *others = (min(times) / STEPS * 1e6 for times in clock.times)
    network = "-".join(map(str, sizes))
    line = f"{network:>12} {batch:>6} {ours:>11.0f} {by_hand:>12.0f} {ours / by_hand:>6.2f}"
    return line + "".join(f" {other:>12.0f} {ours / other:>6.2f}" for other in others)


def fit_network(model: MLP, x: Any, y: Any, batch: int, epochs: int, rng: random.Random) -> None:
    """The training that is measured."""
    fit(
        model,
        x,
        y,
        loss=mse if y.dtype.kind == "f" else cross_entropy,
        optimizer=SGD(model.parameters(), lr=LEARNING_RATE),
        epochs=epochs,
        batch_size=batch,
        progress=False,
        rng=rng,
        compile=True,
    )


# ---------------------------------------------------------------- by hand


def parameters_of(model: MLP) -> list[Any]:
    """The numbers of a model as arrays: the weights and the biases of each layer."""
    arrays = []
    for layer in model.layers:
        arrays.append(np.array([[weight.data for weight in neuron.w] for neuron in layer.neurons]))
        arrays.append(np.array([neuron.b.data for neuron in layer.neurons]))
    return arrays


def step_by_hand(parameters: list[Any], x: Any, y: Any) -> float:
    """The loss of a batch, before the parameters are moved in place: classes by cross-entropy, numbers by mse."""
    weights_1, biases_1, weights_2, biases_2 = parameters
    before = x @ weights_1.T + biases_1
    hidden = np.maximum(before, 0.0)
    outputs = hidden @ weights_2.T + biases_2
    if y.dtype.kind == "f":
        error = outputs - y[:, None]
        value = float((error * error).mean())
        by_outputs = error * (2.0 / len(x))
    else:
        rows = np.arange(len(x))
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(axis=1, keepdims=True)
        value = float((np.log(total[:, 0]) - shifted[rows, y]).mean())
        by_outputs = powers / total
        by_outputs[rows, y] -= 1.0
        by_outputs /= len(x)
    by_before = (by_outputs @ weights_2) * (before > 0.0)
    weights_1 -= LEARNING_RATE * (by_before.T @ x)
    biases_1 -= LEARNING_RATE * by_before.sum(axis=0)
    weights_2 -= LEARNING_RATE * (by_outputs.T @ hidden)
    biases_2 -= LEARNING_RATE * by_outputs.sum(axis=0)
    return value


def by_hand_steps(parameters: list[Any], x: Any, y: Any, batch: int) -> Callable[[], object]:
    """An epoch by hand."""
    parts = [(x[start : start + batch], y[start : start + batch]) for start in range(0, len(x), batch)]
    return lambda: [step_by_hand(parameters, *part) for part in parts]


def check_by_hand(model: MLP, sizes: Sequence[int], x: Any, y: Any) -> None:
    """Two steps on all examples must come to the same by hand and in `fit`."""
    trained = MLP(sizes[0], sizes[1:])
    trained.load_state_dict(model.state_dict())
    fit_network(trained, x, y, len(x), 2, random.Random(0))
    parameters = parameters_of(model)
    for _ in range(2):
        step_by_hand(parameters, x, y)
    for one, other in zip(parameters, parameters_of(trained), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-13)


# ---------------------------------------------------------------- PyTorch


def torch_steps(sizes: Sequence[int], x: Any, y: Any, batch: int) -> Callable[[], object] | None:
    """An epoch with PyTorch; None if it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    layers = (torch.nn.Linear(sizes[0], sizes[1]), torch.nn.ReLU(), torch.nn.Linear(sizes[1], sizes[2]))
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    is_regression = y.dtype.kind == "f"
    loss = torch.nn.functional.mse_loss if is_regression else torch.nn.functional.cross_entropy
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y[:, None] if is_regression else y)
    parts = [(inputs[start : start + batch], targets[start : start + batch]) for start in range(0, len(x), batch)]

    def epoch() -> None:
        for batch_x, batch_y in parts:
            optimizer.zero_grad()
            value = loss(model(batch_x), batch_y)
            value.backward()
            optimizer.step()
            value.item()

    return epoch


# ---------------------------------------------------------------- memory, compiling


def line_of_memory(sizes: Sequence[int], batch: int) -> str:
    """A line of the second table: the parameters, and what a step makes beside them."""
    x, y = examples(sizes, STEPS * batch)
    model = MLP(sizes[0], sizes[1:], rng=0)
    peaks: list[int] = []

    class Scale(random.Random):
        def shuffle(self, x: Any) -> None:
            peaks.append(tracemalloc.get_traced_memory()[1] - base)
            super().shuffle(x)
            tracemalloc.reset_peak()

    parameters = parameters_of(model)
    size = sum(array.nbytes for array in parameters)
    tracemalloc.start()
    base = tracemalloc.get_traced_memory()[0]
    by_hand_steps(parameters, x, y, batch)()
    by_hand = tracemalloc.get_traced_memory()[1] - base + size
    tracemalloc.stop()
    return f"{base} {peaks} {by_hand}"


def line_of_compiling(sizes: Sequence[int]) -> str:
    """A line of the third table."""
    x, y = examples(sizes, 2)
    model = MLP(sizes[0], sizes[1:], rng=0)
    loss = mse if y.dtype.kind == "f" else cross_entropy
    started = time.perf_counter()
    compiled = autograd.compile(lambda x, target: [loss(model(x), target)], batched=("x", "target")).prepared(
        x, y * 1.0
    )
    compiled.value_and_grad(np.array([value.data for value in compiled.captured]), x, y[:, None] * 1.0)
    seconds = time.perf_counter() - started
    scalars = compiled.program.scalars
    network, instructions = "-".join(map(str, sizes)), len(compiled.program.instructions)
    return f"{network:>12} {scalars:>10,} {instructions:>13} {seconds:>8.3f} {seconds / scalars * 1e6:>14.2f}"


if __name__ == "__main__":
    main()
