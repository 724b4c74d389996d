"""Training beside NumPy by hand and PyTorch tensors: a step of `fit`, the memory it takes, the time to compile.

    python benchmarks/training.py [--epochs 300]

`fit` trains a network of single numbers with SGD. By hand is what one writes with NumPy: forward, backward and the
step, on a separate array for each layer. Both compute the same, and the program stops if they do not. Their steps run
in turns, 20 epochs each, within one training; the best epoch of each counts. A step begins with picking the examples of
its batch out of all, in shuffled order; `--given` gives the others their batches instead. If PyTorch is not installed,
it is left out.

All run on one thread: those of one library, which wait for more to do, would get in the way of the next.
"""

from __future__ import annotations

import argparse
import math
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
ROUND = 20
"""Epochs after which it is the turn of the next."""
LEARNING_RATE = 0.01
COMPILATIONS = 5


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300, help=f"epochs of {STEPS} steps for each network")
    parser.add_argument("--given", action="store_true", help="only `fit` has to pick the examples of its batches")
    epochs, given = (options := parser.parse_args()).epochs, options.given
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    print(f"one step of training, float64, SGD, best of {epochs} epochs of {STEPS} steps; ", end="")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {machine}\n")
    print("     network  batch     fit, us  by hand, us  ratio  PyTorch, us  ratio")
    for sizes, batch in NETWORKS:
        print(line_of_times(sizes, batch, epochs, given))
    if torch_steps((1, 1, 2), np.zeros((1, 1)), np.zeros(1, int), [0]) is None:
        print("PyTorch is not installed, and left out")
    print("\nmemory of a step, kB: parameters, gradients, batch, all in between; not the examples, nor the program")
    print("     network  batch         fit      by hand  ratio")
    for sizes, batch in NETWORKS[:1]:
        print(line_of_memory(sizes, batch))
    print(f"\ncompiling: two recordings, the lowering and the first run; best of {COMPILATIONS}")
    print("     network    scalars  instructions  seconds  us per scalar")
    for sizes, _ in NETWORKS:
        print(line_of_compiling(sizes))


def examples(sizes: Sequence[int], count: int) -> tuple[Any, Any]:
    """Inputs, and classes or numbers to learn."""
    dice = np.random.default_rng(0)
    x = dice.random((count, sizes[0]))
    return x, dice.integers(0, sizes[-1], count) if sizes[-1] > 1 else dice.random(count)


class Clock(random.Random):
    """The source of chance for `fit`, which asks it for an order at the beginning of each epoch: so it takes the time.

    Every `ROUND` epochs it lets the peers run as many. best: the shortest epoch of `fit`, and that of each peer.
    """

    def __init__(self, peers: Sequence[Callable[[], object]]) -> None:
        super().__init__(0)
        self._peers = peers
        self._epoch = 0
        self._started = math.inf
        self.best = [math.inf] * (1 + len(peers))

    def shuffle(self, x: Any) -> None:
        """Takes the time of the last epoch, lets the peers run if it is their turn, and starts anew."""
        times = [[time.perf_counter() - self._started]]
        if self._epoch % ROUND == 0:
            times += [[seconds(peer) for _ in range(ROUND)] for peer in self._peers]
        else:
            times += [[math.inf]] * len(self._peers)
        if self._epoch:
            self.best = [min(best, *some) for best, some in zip(self.best, times, strict=True)]
        self._epoch += 1
        super().shuffle(x)
        self._started = time.perf_counter()


def seconds(run: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def batches(count: int, batch: int, given: bool) -> list[Any]:
    """What picks each batch out of the examples: indices, or, for batches that are given, parts in their order."""
    if given:
        return [slice(start, start + batch) for start in range(0, count, batch)]
    return list(np.random.default_rng(1).permutation(count).reshape(-1, batch))


def line_of_times(sizes: Sequence[int], batch: int, epochs: int, given: bool) -> str:
    """A line of the first table."""
    x, y = examples(sizes, STEPS * batch)
    model = MLP(sizes[0], sizes[1:], rng=0)
    check_by_hand(model, sizes, x, y)
    parts = batches(len(x), batch, given)
    pytorch = torch_steps(sizes, x, y, parts)
    by_hand = by_hand_steps(parameters_of(model), x, y, parts)
    clock = Clock([by_hand] if pytorch is None else [by_hand, pytorch])
    fit_network(model, x, y, batch, epochs + 1, clock)
    ours, *others = (shortest / STEPS * 1e6 for shortest in clock.best)
    line = f"{name(sizes):>12} {batch:>6} {ours:>11.0f}"
    return line + "".join(f" {other:>12.0f} {ours / other:>6.2f}" for other in others)


def name(sizes: Sequence[int]) -> str:
    """What a network is called in the tables."""
    return "-".join(map(str, sizes))


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


def by_hand_steps(parameters: list[Any], x: Any, y: Any, parts: list[Any]) -> Callable[[], object]:
    """An epoch by hand."""
    return lambda: [step_by_hand(parameters, x[part], y[part]) for part in parts]


def check_by_hand(model: MLP, sizes: Sequence[int], x: Any, y: Any) -> None:
    """Two steps on all examples must come to the same by hand and in `fit`."""
    trained = MLP(sizes[0], sizes[1:])
    trained.load_state_dict(model.state_dict())
    fit_network(trained, x, y, len(x), 2, random.Random(0))
    parameters = parameters_of(model)
    for _ in range(2):
        step_by_hand(parameters, x, y)
    for expected, other in zip(parameters, parameters_of(trained), strict=True):
        np.testing.assert_allclose(expected, other, rtol=1e-9, atol=1e-13)


# ---------------------------------------------------------------- PyTorch


def torch_steps(sizes: Sequence[int], x: Any, y: Any, parts: list[Any]) -> Callable[[], object] | None:
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
    picked = [part if isinstance(part, slice) else torch.from_numpy(np.asarray(part)) for part in parts]

    def epoch() -> None:
        for part in picked:
            optimizer.zero_grad()
            value: Any = loss(model(inputs[part]), targets[part])
            value.backward()
            optimizer.step()
            value.item()

    return epoch


# ---------------------------------------------------------------- memory, compiling


class Scale(random.Random):
    """The source of chance for `fit`: at the beginning of each epoch it looks at the memory.

    most: the most that the last epoch held beside what there was at its beginning.
    """

    def __init__(self) -> None:
        super().__init__(0)
        self._before = 0
        self.most = 0

    def shuffle(self, x: Any) -> None:
        """Takes the peak of the last epoch, and starts anew."""
        self.most = tracemalloc.get_traced_memory()[1] - self._before
        super().shuffle(x)
        tracemalloc.reset_peak()
        self._before = tracemalloc.get_traced_memory()[0]


def line_of_memory(sizes: Sequence[int], batch: int) -> str:
    """A line of the second table: the parameters, and what a step makes beside them."""
    x, y = examples(sizes, STEPS * batch)
    model = MLP(sizes[0], sizes[1:], rng=0)
    parameters = parameters_of(model)
    held = sum(array.nbytes for array in parameters)
    tracemalloc.start()
    scale = Scale()
    fit_network(model, x, y, batch, 4, scale)
    # What stays from step to step: the parameters, their last gradient, and the array for the batch.
    ours = scale.most + 2 * held + x[:batch].nbytes
    by_hand_epoch = by_hand_steps(parameters, x, y, batches(len(x), batch, given=False))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    by_hand_epoch()
    by_hand = tracemalloc.get_traced_memory()[1] - before + held
    tracemalloc.stop()
    return f"{name(sizes):>12} {batch:>6} {ours / 1e3:>11,.0f} {by_hand / 1e3:>12,.0f} {ours / by_hand:>6.2f}"


def line_of_compiling(sizes: Sequence[int]) -> str:
    """A line of the third table."""
    x, y = examples(sizes, 2)
    model = MLP(sizes[0], sizes[1:], rng=0)
    loss: Any = mse if y.dtype.kind == "f" else cross_entropy
    duration = math.inf
    for _ in range(COMPILATIONS):
        started = time.perf_counter()
        compiled = autograd.compile(lambda x, target: [loss(model(x), target)], batched=("x", "target")).prepared(
            x, y * 1.0
        )
        compiled.value_and_grad(np.array([value.data for value in compiled.captured]), x, y[:, None] * 1.0)
        duration = min(duration, time.perf_counter() - started)
    scalars = compiled.program.scalars
    instructions = len(compiled.program.instructions)
    return f"{name(sizes):>12} {scalars:>10,} {instructions:>13} {duration:>8.3f} {duration / scalars * 1e6:>14.2f}"


if __name__ == "__main__":
    main()
