"""The engine beside its peers: one sample through a ReLU network, forward and backward, one number at a time.

Every engine runs the same function, `network`, on its own kind of number. All of them run in this process, one after
the other; a peer that is not installed is named and left out. Before anything is measured, each engine's gradients
are compared with those of the others.

    python benchmarks/eager.py --help
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import importlib.util
import itertools
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Layer = tuple[list[list[Any]], list[Any]]
"""The weights of each neuron, and the biases."""


def network(layers: Sequence[Layer], inputs: Sequence[Any], relu: Callable[[Any], Any]) -> Any:
    """One sample through a network: sums of products that start from the bias, relu between layers."""
    for depth, (weights, biases) in enumerate(layers, start=1):
        outputs = []
        for row, bias in zip(weights, biases, strict=True):
            total = bias
            for weight, number in zip(row, inputs, strict=True):
                total = total + weight * number
            outputs.append(total if depth == len(layers) else relu(total))
        inputs = outputs
    return sum(inputs[1:], start=inputs[0])


def operations_in(sizes: Sequence[int]) -> int:
    """How many additions, products and relus `network` computes."""
    products = sum(size * after for size, after in itertools.pairwise(sizes))
    return 2 * products + sum(sizes[1:-1]) + sizes[-1] - 1


@dataclass(frozen=True)
class Sample:
    """The numbers of a network and of one sample, the same for every engine."""

    sizes: list[int]
    weights: list[list[list[float]]]
    biases: list[list[float]]
    inputs: list[float]

    @classmethod
    def drawn(cls, sizes: list[int], seed: int) -> Sample:
        dice = random.Random(seed)
        weights = [
            [[dice.gauss(0.0, (2.0 / size) ** 0.5) for _ in range(size)] for _ in range(after)]
            for size, after in itertools.pairwise(sizes)
        ]
        biases = [[dice.gauss(0.0, 0.1) for _ in range(after)] for after in sizes[1:]]
        return cls(sizes, weights, biases, [dice.gauss(0.0, 1.0) for _ in range(sizes[0])])


# ---------------------------------------------------------------- the engines


class Engine:
    """How an engine makes a number, computes relu and goes backward."""

    name: str
    distribution: str | None = None

    def parameter(self, number: float) -> Any:
        """A number whose gradient is wanted."""
        return number

    def constant(self, number: float) -> Any:
        """A number of the sample as one of the engine's own numbers, with --sample-of-values."""
        return number

    def relu(self, x: Any) -> Any:
        return x.relu()

    def prepare(self, parameters: list[Any]) -> None:
        """What has to be done once, before the first pass."""

    def start(self) -> None:
        """What has to be done before each forward pass."""

    def backward(self, root: Any) -> None:
        root.backward()

    def gradient(self, parameter: Any) -> float:
        return float(parameter.grad)

    def clear(self, parameter: Any) -> None:
        parameter.grad = 0.0

    def bytes_held(self, build: Callable[[], Any]) -> int | None:
        """The memory that the graph of one forward pass holds; None if it cannot be told."""
        return traced_bytes(build)

    def title(self) -> str:
        return f"{self.name} {importlib.metadata.version(self.distribution)}" if self.distribution else self.name


class PlainFloats(Engine):
    """No engine at all: the floor."""

    name = "plain floats, forward only (the floor)"

    def relu(self, x: float) -> float:
        return x if x > 0.0 else 0.0

    def backward(self, root: float) -> None:
        pass

    def bytes_held(self, build: Callable[[], Any]) -> None:
        return None


class ThisEngine(Engine):
    """The engine of this project, as it is installed: plain Python or compiled."""

    name = "autograd (this project)"

    def __init__(self) -> None:
        from autograd import Value, backend

        self.value = Value
        self.name = f"{self.name}, {'native' if backend() == 'native' else 'plain Python'}"

    def parameter(self, number: float) -> Any:
        return self.value(number)

    def constant(self, number: float) -> Any:
        return self.value(number, requires_grad=False)


class Micrograd(Engine):
    """The engine that the ratios refer to."""

    name = distribution = "micrograd"

    def __init__(self) -> None:
        from micrograd.engine import Value

        self.value = Value

    def parameter(self, number: float) -> Any:
        return self.value(number)

    def constant(self, number: float) -> Any:
        return self.value(number)


class Torch(Engine):
    """One tensor for each scalar."""

    name = "PyTorch scalars"
    distribution = "torch"

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def title(self) -> str:
        return f"{self.name} {self.torch.__version__}"

    def parameter(self, number: float) -> Any:
        return self.torch.tensor(number, dtype=self.torch.float64, requires_grad=True)

    def constant(self, number: float) -> Any:
        return self.torch.tensor(number, dtype=self.torch.float64)

    def clear(self, parameter: Any) -> None:
        parameter.grad = None

    def bytes_held(self, build: Callable[[], Any]) -> int | None:
        return resident_bytes(build)


class Xad(Engine):
    """A C++ tape behind pybind11; the bytes are those of its tape."""

    name = "XAD"
    distribution = "xad"

    def __init__(self) -> None:
        import xad.adj_1st
        import xad.math

        self.real = xad.adj_1st.Real
        self.maximum = xad.math.max
        self.tape = xad.adj_1st.Tape()

    def parameter(self, number: float) -> Any:
        return self.real(number)

    def relu(self, x: Any) -> Any:
        return self.maximum(x, 0.0)

    def prepare(self, parameters: list[Any]) -> None:
        self.tape.activate()
        self.tape.registerInputs(parameters)

    def start(self) -> None:
        self.tape.newRecording()

    def backward(self, root: Any) -> None:
        self.tape.registerOutput(root)
        root.derivative = 1.0
        self.tape.computeAdjoints()

    def gradient(self, parameter: Any) -> float:
        return float(parameter.derivative)

    def clear(self, parameter: Any) -> None:
        parameter.derivative = 0.0

    def bytes_held(self, build: Callable[[], Any]) -> int:
        self.tape.newRecording()
        before = self.tape.getMemory()
        root = build()
        held: int = self.tape.getMemory() - before
        del root
        return held


ENGINES: list[type[Engine]] = [PlainFloats, Micrograd, Torch, Xad, ThisEngine]


def installed() -> Iterator[Engine]:
    """The engines that can be imported; the others are named."""
    for kind in ENGINES:
        try:
            yield kind()
        except ImportError as error:
            print(f"left out: {kind.name} ({error})")


# ---------------------------------------------------------------- measuring


def traced_bytes(build: Callable[[], Any]) -> int:
    """What Python's allocator hands out for the result of a function, and has not got back."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    result = build()
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del result
    return held


def resident_bytes(build: Callable[[], Any], copies: int = 50) -> int | None:
    """By how much the process grows for each of several results; only Linux tells. For memory outside of Python."""
    statistics_of_memory = Path("/proc/self/statm")
    if not statistics_of_memory.exists():
        return None
    results = [build()]  # whatever is set up at the first use
    gc.collect()

    def resident() -> int:
        return int(statistics_of_memory.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident()
    results += [build() for _ in range(copies)]
    held = resident() - before
    del results
    return held // copies


@dataclass(frozen=True)
class Measurement:
    """What one engine took."""

    title: str
    seconds: list[float]
    bytes_held: int | None
    gradients: list[float]


def measured(engine: Engine, sample: Sample, rounds: int, sample_of_values: bool) -> Measurement:
    """The times of forward and backward, and the memory of the graph between them.

    The rounds follow each other as in training, each paying for what the garbage collector has to do meanwhile.
    """
    layers: list[Layer] = [
        ([[engine.parameter(weight) for weight in row] for row in weights], [engine.parameter(b) for b in biases])
        for weights, biases in zip(sample.weights, sample.biases, strict=True)
    ]
    parameters = [p for weights, biases in layers for p in [*(w for row in weights for w in row), *biases]]
    inputs = [engine.constant(number) if sample_of_values else number for number in sample.inputs]
    engine.prepare(parameters)

    def forward() -> Any:
        return network(layers, inputs, engine.relu)

    def step() -> None:
        engine.start()
        engine.backward(forward())

    gradients: list[float] = []
    if not isinstance(engine, PlainFloats):
        step()
        gradients = [engine.gradient(parameter) for parameter in parameters]
    gc.collect()
    seconds = []
    for _ in range(rounds):
        for parameter in parameters if gradients else []:
            engine.clear(parameter)
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return Measurement(engine.title(), seconds, engine.bytes_held(forward), gradients)


def measured_compiled(sample: Sample, rounds: int, examples: int) -> Measurement:
    """The same network compiled to array instructions: a replay on a batch, its time divided by the examples."""
    import numpy as np

    import autograd

    def f(layers: Any, inputs: Any) -> Any:
        return network(layers, inputs, autograd.relu)

    compiled = autograd.compile(f, batched="inputs")
    layers = [
        [np.array(weights), np.array(biases)] for weights, biases in zip(sample.weights, sample.biases, strict=True)
    ]
    batch = np.tile(sample.inputs, (examples, 1))
    gradients = compiled.value_and_grad(layers, batch)[1][0]
    seconds = []
    for _ in range(10 * rounds):
        started = time.perf_counter()
        compiled.value_and_grad(layers, batch)
        seconds.append((time.perf_counter() - started) / examples)
    title = f"the same, compiled, {'one sample' if examples == 1 else f'a batch of {examples}, for each'}"
    flat = [float(number) for layer in gradients for part in layer for number in np.ravel(part)]
    return Measurement(title, seconds, None, flat)


def assert_alike(measurements: Sequence[Measurement]) -> None:
    """Stops if two engines disagree: then their times mean nothing."""
    with_gradients = [measurement for measurement in measurements if measurement.gradients]
    for first, other in itertools.pairwise(with_gradients):
        for x, y in zip(first.gradients, other.gradients, strict=True):
            if abs(x - y) > 1e-9 * max(1.0, abs(x), abs(y)):
                raise SystemExit(f"{first.title} finds the derivative {x}, {other.title} finds {y}")


PEERS: list[type[Engine]] = [Micrograd, Xad, Torch]
"""To which ratios are given."""


def report(measurements: Sequence[Measurement], operations: int) -> None:
    """Prints a line for each engine: the best and the median time, their ratios to the peers, and the memory."""
    found = {peer.name: next((m for m in measurements if m.title.startswith(peer.name)), None) for peer in PEERS}
    peers = {name: measurement for name, measurement in found.items() if measurement is not None}
    shares = "".join(f"{'/ ' + name.removesuffix(' scalars'):>12}" for name in peers)
    print(f"{'engine':<42} {'ns per op':>10} {'median':>8}{shares} {'bytes per op':>13}")

    def nanoseconds(number: float) -> str:
        return f"{number:,.0f}" if number >= 10.0 else f"{number:.2g}"

    for m in measurements:
        best, middle = min(m.seconds) / operations * 1e9, statistics.median(m.seconds) / operations * 1e9
        size = "n/a" if m.bytes_held is None else f"{m.bytes_held / operations:,.0f}"
        ratios = "".join(f"{min(m.seconds) / min(peer.seconds):>12.2g}" for peer in peers.values())
        print(f"{m.title:<42} {nanoseconds(best):>10} {nanoseconds(middle):>8}{ratios} {size:>13}")


def measured_as_plain_python(arguments: argparse.Namespace) -> Measurement:
    """The engine of this project without its native code: in a process of its own, which finds only the Python."""
    import autograd

    with tempfile.TemporaryDirectory() as directory:
        for package in Path(autograd.__file__).parent, Path(autograd.__file__).parent.parent / "nn":
            shutil.copytree(package, Path(directory) / package.name, ignore=shutil.ignore_patterns("*.so", "*.pyd"))
        command = [sys.executable, __file__, "--only-this", "--rounds", str(arguments.rounds)]
        command += ["--seed", str(arguments.seed), "--sizes", *map(str, arguments.sizes)]
        command += ["--sample-of-values"] * arguments.sample_of_values
        answer = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": directory}, check=True, capture_output=True, text=True
        ).stdout
    return Measurement(**json.loads(answer))


def constant_bytes(engine: Engine, length: int = 10_000) -> float:
    """The memory of one product with a plain number, in a chain of them."""

    def chain() -> Any:
        product = engine.parameter(1.0)
        for _ in range(length):
            product = product * 2.0**-0.001
        return product

    return traced_bytes(chain) / length


def report_constants(engines: Sequence[Engine]) -> None:
    """Prints what an operation with a plain number costs in memory."""
    print("\nbytes of one product with a plain number, x * 0.9993:")
    for engine in engines:
        if isinstance(engine, (Micrograd, ThisEngine)):
            print(f"{engine.title():<42} {constant_bytes(engine):>10,.0f}")


def main() -> None:
    """Measures every engine that is installed, and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[16, 32, 32, 1], help="inputs and neurons per layer")
    parser.add_argument("--rounds", type=int, default=20, help="how often to measure; the best counts")
    parser.add_argument("--seed", type=int, default=0, help="for weights and sample")
    parser.add_argument(
        "--sample-of-values", action="store_true", help="wrap the sample in the engine's numbers, not plain floats"
    )
    parser.add_argument("--only-this", action="store_true", help=argparse.SUPPRESS)  # prints JSON, for another process
    arguments = parser.parse_args()
    if len(arguments.sizes) < 2 or min(arguments.sizes) < 1 or arguments.rounds < 1:
        parser.error("at least two sizes and one round are needed, all of them positive")
    sample = Sample.drawn(arguments.sizes, arguments.seed)
    operations = operations_in(sample.sizes)
    if arguments.only_this:
        print(json.dumps(asdict(measured(ThisEngine(), sample, arguments.rounds, arguments.sample_of_values))))
        return
    engines = list(installed())
    print(
        f"{'-'.join(map(str, sample.sizes))} ReLU network, one sample, forward + backward, {operations:,} ops, best of "
        f"{arguments.rounds}; {platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, "
        f"{platform.machine()}\n"
    )
    measurements = [measured(engine, sample, arguments.rounds, arguments.sample_of_values) for engine in engines]
    if any(m.title.endswith("native") for m in measurements):
        measurements.append(measured_as_plain_python(arguments))
    if importlib.util.find_spec("numpy"):
        measurements += [measured_compiled(sample, arguments.rounds, examples) for examples in (1, 100)]
    assert_alike(measurements)
    report(measurements, operations)
    report_constants(engines)


if __name__ == "__main__":
    main()
