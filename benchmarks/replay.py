"""Irregular graphs, unbatched: what compiled functions take to compile and to run, beside CasADi's virtual machine.

Two graphs of scalar operations: the loss of the GPT in examples/gpt.py on one name, by all its parameters, and a free
swing of the pendulum in examples/pendulum.py, by its initial angle. Every contender computes the value and the
gradient; all run in turns, the best of many runs each, and their results are compared first. CasADi is given the very
operations that were recorded, and called through its buffers, which is its fastest call from Python.

    python benchmarks/replay.py
"""

from __future__ import annotations

import copy
import math
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.record import record
from autograd.compiler.tape import Tape

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
gpt: Any = import_module("gpt")
pendulum: Any = import_module("pendulum")

STEPS = 2_000
NAME = "isabella"
COMPILATIONS, COMPILING = 3, 2.0  # a function is compiled that often at least, and again until so many seconds are over
LENGTHS = (10_000, 100_000, 1_000_000)
Run = Callable[[], tuple[float, Any]]


def swing(x: Sequence[Any]) -> Value:
    """The last angle of a free swing."""
    angle: Value = pendulum.final_angle(x[0], STEPS)
    return angle


def gpt_loss() -> tuple[Callable[[Sequence[Any]], Value], list[float]]:
    """The loss as a function of all parameters, and their numbers."""
    model = gpt.GPT(embedding=16, heads=4, layers=1, context=16, rng=random.Random(0))
    parameters = model.parameters()

    def loss(x: Sequence[Any]) -> Value:
        memo = {id(parameter): number for parameter, number in zip(parameters, x, strict=True)}
        result: Value = copy.deepcopy(model, memo).loss(gpt.tokens_of(NAME))
        return result

    return loss, [parameter.data for parameter in parameters]


def chain(length: int) -> Callable[[Sequence[Any]], Value]:
    """Additions and hyperbolic tangents in turns."""

    def f(x: Sequence[Any]) -> Value:
        total = x[0]
        for _ in range(length // 2):
            total = autograd.tanh(total + x[1])
        result: Value = total
        return result

    return f


# ---------------------------------------------------------------- the contenders


def eager(f: Callable[[Sequence[Any]], Value], numbers: list[float]) -> Run:
    """Builds the graph, and goes back through it."""

    def run() -> tuple[float, Any]:
        leaves = [Value(number) for number in numbers]
        root = f(leaves)
        root.backward()
        return root.data, np.array([leaf.grad for leaf in leaves])

    return run


def compiled(f: Callable[[Sequence[Any]], Value], numbers: list[float], runtime: str) -> tuple[Run, float]:
    """A compiled function, and the seconds it took to compile: the first call without what the second takes."""
    array = np.array(numbers)
    best, count, begun = math.inf, 0, time.perf_counter()
    while count < COMPILATIONS or time.perf_counter() - begun < COMPILING:
        count += 1
        function = autograd.compile(f, runtime=runtime)
        started = time.perf_counter()
        function.value_and_grad(array)
        first = time.perf_counter()
        function.value_and_grad(array)
        best = min(best, first - started - (time.perf_counter() - first))

    def run() -> tuple[float, Any]:
        value, (gradient,) = function.value_and_grad(array)
        return value, gradient

    return run, best


def casadi_machine(tape: Tape, result: int, numbers: list[float]) -> tuple[Run, float]:
    """The same operations in CasADi, with their gradient in reverse mode, and the seconds it took to build them."""
    casadi: Any = import_module("casadi")
    functions: dict[str, Callable[..., Any]] = {
        "add": lambda x, y: x + y,
        "subtract": lambda x, y: x - y,
        "multiply": lambda x, y: x * y,
        "divide": lambda x, y: x / y,
        "power": lambda x, y: x**y,
        "negate": lambda x: -x,
        "relu": lambda x: casadi.fmax(x, 0.0),
    }
    started = time.perf_counter()
    x = casadi.SX.sym("x", len(numbers))
    nodes: list[Any] = [x[index] for index in range(len(numbers))]
    for node in range(len(numbers), len(tape.operations)):
        operation = tape.operations[node]
        if operation is None:
            nodes.append(casadi.SX(tape.constants[node]))
            continue
        operands = [nodes[index] for index in (tape.lefts[node], tape.rights[node]) if index >= 0]
        nodes.append((functions.get(operation.name) or getattr(casadi, operation.name))(*operands))
    root = nodes[result]
    function = casadi.Function("f", [x], [root, casadi.gradient(root, x)])
    seconds = time.perf_counter() - started
    buffer, call = function.buffer()
    array, value, gradient = np.array(numbers), np.zeros(1), np.zeros(len(numbers))
    views: list[Any] = [array, value, gradient]
    buffer.set_arg(0, memoryview(views[0]))
    buffer.set_res(0, memoryview(views[1]))
    buffer.set_res(1, memoryview(views[2]))

    def run() -> tuple[float, Any]:
        call()
        return value[0], gradient

    run.__dict__["kept"] = function, buffer, array  # the call needs them, and does not keep them alive
    return run, seconds


def best_times(runs: Sequence[Run], seconds: float = 3.0) -> list[float]:
    """The best time of each, taken in turns; the slow ones less often."""
    best = [math.inf] * len(runs)
    spent = [0.0] * len(runs)
    while min(spent) < seconds:
        for index, run in enumerate(runs):
            if spent[index] < seconds:
                started = time.perf_counter()
                run()
                took = time.perf_counter() - started
                best[index] = min(best[index], took)
                spent[index] += took
    return best


# ---------------------------------------------------------------- the tables


def measure(title: str, f: Callable[[Sequence[Any]], Value], numbers: list[float]) -> None:
    """Prints the table of one graph."""
    tape, result = record(f, lambda symbols: [list(symbols)], len(numbers))
    operations = sum(operation is not None for operation in tape.operations)
    runs: dict[str, tuple[Run, float]] = {"eager": (eager(f, numbers), math.nan)}
    runtimes = ["numpy", "python", *(["numba"] if find_spec("numba") else [])]
    for runtime in runtimes:
        runs[f"compiled, {runtime}"] = compiled(f, numbers, runtime)
    if find_spec("casadi"):
        runs["CasADi"] = casadi_machine(tape, result, numbers)
    wanted, wanted_gradient = runs["eager"][0]()
    for name, (run, _) in runs.items():
        value, gradient = run()
        if not (math.isclose(value, wanted, rel_tol=1e-9) and np.allclose(gradient, wanted_gradient, rtol=1e-9)):
            raise SystemExit(f"{name} computes something else: {value} where the eager engine has {wanted}")
    times = best_times([run for run, _ in runs.values()])
    peer = times[-1] if "CasADi" in runs else math.nan
    print(f"\n{title}: {operations:,} operations, {len(numbers):,} numbers to differentiate with respect to")
    print(f"{'':20}{'compile, us/op':>16}{'run, us':>12}{'run, ns/op':>12}{'to CasADi':>11}")
    for (name, (_, compiling)), took in zip(runs.items(), times, strict=True):
        cells = (compiling / operations * 1e6, took * 1e6, took / operations * 1e9, took / peer)
        written = ("-" if math.isnan(cell) else f"{cell:,.2f}" for cell in cells)
        print(f"{name:20}" + "".join(f"{cell:>{width}}" for cell, width in zip(written, (16, 12, 12, 11), strict=True)))


def measure_compiling() -> None:
    """Prints what compiling takes for chains of several lengths."""
    print("\nadditions and tanh in turns: compiling, us for each operation")
    for runtime in ("python", *(["numba"] if find_spec("numba") else [])):
        for length in LENGTHS:
            _, seconds = compiled(chain(length), [0.5, 0.01], runtime)
            print(f"compiled, {runtime:10}{length:>12,} operations{seconds / length * 1e6:>10.2f}")


def main() -> None:
    """Prints the tables."""
    print(f"CPython {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, {platform.machine()}")
    for peer in ("numba", "casadi"):
        if find_spec(peer) is None:
            print(f"{peer} is not installed and left out")
    if find_spec("numba"):
        started = time.perf_counter()
        for count in (1, 2):  # the two ways to differentiate
            compiled(lambda x: x[0] * x[-1], [1.0] * count, "numba")
        print(f"the first use of Numba in a process, here {time.perf_counter() - started:.2f} s, is not counted below")
    measure(f"pendulum, {STEPS:,} steps", swing, [math.radians(120)])
    measure(f"GPT, the loss of {NAME!r}", *gpt_loss())
    measure_compiling()


if __name__ == "__main__":
    main()
