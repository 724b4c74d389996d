"""A primitive of the user, compiled, beside `silu`, which the library has: the first use, and each one after it.

Both are the one operation in the same graphs: a deep one, which the compiled loop runs, and a wide batch, which runs as
array instructions. For the first use each contender gets a process of its own; later ones run in turns in one process,
the best of many each. The value and the gradient are computed each time.

    python benchmarks/own_primitive.py
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Number, Unary

DEPTH, EXAMPLES, WIDTH = 2_000, 1_000, 100
FIRST_USES, ROUNDS = 5, 200
Run = Callable[[], Any]


class Softsign(Unary):
    """That of the tour (docs/tour.md)."""

    name = "softsign"
    samples = (-2.0, 0.5, 3.0)

    def forward(self, x: float) -> float:
        return x / (1 + abs(x))

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1 / (1 + abs(x)) ** 2  # type: ignore[operator]


def deep(op: Any, two_inputs: bool) -> Run:
    """A chain in the compiled loop: in forward mode for one input, with a backward pass for two."""

    def chain(x: Any, y: Any = 0.5) -> Any:
        for _ in range(DEPTH):
            x = op(x) + 0.25 * y
        return x

    compiled = autograd.compile(chain, runtime="numba")
    arguments = (0.3, 0.2) if two_inputs else (0.3,)
    return lambda: compiled.value_and_grad(*arguments)


def wide(op: Any, dtype: str) -> Run:
    """A batch of examples as array instructions."""

    def total(weights: Any, x: Any) -> Any:
        return autograd.sum([op(w * number) for w, number in zip(weights, x, strict=True)])

    compiled = autograd.compile(total, batched="x", runtime="numpy", dtype=dtype)
    weights, batch = np.ones(WIDTH), np.random.default_rng(0).normal(size=(EXAMPLES, WIDTH)).astype(dtype)
    return lambda: compiled.value_and_grad(weights, batch)


GRAPHS: dict[str, Callable[[Any], Run]] = {
    f"loop, {DEPTH:,} deep, 1 input": lambda op: deep(op, two_inputs=False),
    f"loop, {DEPTH:,} deep, 2 inputs": lambda op: deep(op, two_inputs=True),
    f"arrays, {EXAMPLES:,} x {WIDTH}, float64": lambda op: wide(op, "float64"),
    f"arrays, {EXAMPLES:,} x {WIDTH}, float32": lambda op: wide(op, "float32"),
}


def operation(name: str) -> Any:
    """One of the two contenders."""
    return Softsign() if name == "softsign" else autograd.silu


def first_use(name: str, graph: str) -> float:
    """Seconds for the first use in a new process, after `import autograd`, Numba's import included."""
    command = [sys.executable, __file__, name, graph]
    return min(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(FIRST_USES)
    )


def later_uses(graph: str) -> dict[str, float]:
    """Seconds for each use after the first; the contenders run in turns."""
    runs = {name: GRAPHS[graph](operation(name)) for name in ("softsign", "silu")}
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(ROUNDS):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def main() -> None:
    """Prints the table, or what one first use takes, for a process that was started for it."""
    if len(sys.argv) == 3:
        started = time.perf_counter()
        GRAPHS[sys.argv[2]](operation(sys.argv[1]))()
        print(time.perf_counter() - started)
        return
    version, cores, machine = platform.python_version(), os.cpu_count(), platform.machine()
    print(f"softsign, a primitive of the user, beside silu; CPython {version}, {cores} cores, {machine}\n")
    print(f"{'':30}{'first use, s':>16}{'':>10}{'later uses, us':>20}")
    print(f"{'graph':30}{'softsign':>12}{'silu':>10}{'softsign':>14}{'silu':>10}{'ratio':>8}")
    for graph in GRAPHS:
        first_use("silu", graph)  # which may have to compile the loop, where it is not kept on disk yet
        own, built_in = (first_use(name, graph) for name in ("softsign", "silu"))
        later = later_uses(graph)
        times = f"{1e6 * later['softsign']:14,.0f}{1e6 * later['silu']:10,.0f}{later['softsign'] / later['silu']:8.2f}"
        print(f"{graph:30}{own:12.2f}{built_in:10.2f}{times}", flush=True)


if __name__ == "__main__":
    main()
