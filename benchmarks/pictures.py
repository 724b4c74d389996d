"""Pictures of graphs that are hard to lay out: how long `draw` and `explore` take.

    python benchmarks/pictures.py

Each graph is described, laid out and written as SVG, and made into a page for the player. What is printed are seconds
of the processor, those of the program `dot` included where it is used. The program ends with 1 if a bar is missed: 2
seconds up to 300 nodes, 5 up to 500. The largest graphs have no bar; `draw` takes them with `max_nodes` only.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
from collections.abc import Callable
from typing import Any

from autograd import Value, draw, explore, scope, tanh, topological_order

SIZES = (100, 300, 500, 1200)
LARGEST = 2000  # that `explore` takes
BARS = ((300, 2.0), (500, 5.0))


def shared_factor(size: int) -> Value:
    """A sum of products with one factor in common."""
    factor, total = Value(0.5, label="s"), Value(0.0)
    for index in range(size // 3):
        total = total + factor * Value(index / 10, label=f"a{index}")
    return total


def chain(size: int) -> Value:
    """A chain whose links all use the same two weights."""
    weight, bias, state = Value(0.5, label="w"), Value(0.1, label="b"), Value(0.1)
    for _ in range(size // 2 - 1):
        state = state * weight + bias
    return state


def layers(size: int) -> Value:
    """Layers of sums, each of all numbers of the layer before: a complete bipartite graph between two."""
    numbers = [Value(float(index), label=f"x{index}") for index in range(6)]
    for _ in range(max(1, size // 36)):
        totals = []
        for index in range(6):
            total = numbers[index] * 0.1
            for number in numbers[:index] + numbers[index + 1 :]:
                total = total + number
            totals.append(total)
        numbers = totals
    return _sum(numbers)


def random_dag(size: int) -> Value:
    """Operations on any two of the numbers before."""
    generator = random.Random(0)
    numbers = [Value(generator.uniform(-1, 1), label=f"x{index}") for index in range(max(2, size // 20))]
    unused = set(range(len(numbers)))
    while len(numbers) + len(unused) < size:
        first, other = (generator.randrange(len(numbers)) for _ in range(2))
        if generator.random() < 0.3:
            first = generator.choice(sorted(unused))
        unused -= {first, other}
        unused.add(len(numbers))
        numbers.append(generator.choice((numbers[first] + numbers[other], numbers[first] * numbers[other])))
    return _sum([numbers[index] for index in sorted(unused)])


def recurrence(units: int, steps: int) -> Value:
    """A recurrent network, each step of it in a scope."""
    weights = [[Value(0.1, label=f"w{i}{j}") for j in range(units)] for i in range(units)]
    inputs = [Value(0.2, label=f"u{i}") for i in range(units)]
    state = [Value(0.0, label=f"h{i}") for i in range(units)]
    for step in range(steps):
        with scope(f"step {step}"):
            x = Value(step / 10, label=f"x{step}")
            new = []
            for row, weight in zip(weights, inputs, strict=True):
                total = weight * x
                for weight, old in zip(row, state, strict=True):
                    total = total + weight * old
                new.append(tanh(total))
            state = new
    return _sum(state)


def _sum(numbers: list[Value]) -> Value:
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total


def one_unit(size: int) -> Value:
    """Steps of one unit."""
    return recurrence(1, size // 6)


def four_units(size: int) -> Value:
    """Steps of four units."""
    return recurrence(4, size // 41)


GRAPHS: tuple[Callable[[int], Value], ...] = (shared_factor, chain, layers, random_dag, one_unit, four_units)


def drawn(root: Value, **how: Any) -> None:
    """The graph as SVG."""
    draw(root, max_nodes=5000, **how).pipe(format="svg")


def seconds(action: Callable[..., object], *args: Any, **kwargs: Any) -> float:
    """What an action takes of the processor, other programs that it runs included."""
    before = sum(os.times()[:4])
    action(*args, **kwargs)
    return sum(os.times()[:4]) - before


def main() -> int:
    """Prints the table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of nodes")
    options = parser.parse_args()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"seconds of the processor; {python}, {platform.machine()}\n")
    print("graph                       nodes    draw   folded   with partials   explore   bar")
    missed = 0
    draw(Value(1.0) + 2.0).pipe(format="svg")  # the libraries are loaded
    graphs = [(build.__name__, build(size)) for size in options.sizes for build in GRAPHS]
    graphs += [("100 steps", recurrence(1, 100)), ("50 steps of 4 units", recurrence(4, 50))]  # seen folded
    for name, root in graphs:
        nodes = len(topological_order(root))
        folds = root.scope is not None or "units" in name
        times = [
            None if nodes > LARGEST else seconds(drawn, root),
            seconds(drawn, root, max_depth=1) if folds else None,
            None if nodes > LARGEST else seconds(drawn, root, show_partials=True),
            None if nodes > LARGEST else seconds(explore, root),
        ]
        bar = next((bar for largest, bar in BARS if nodes <= largest * 1.05), 5.0 if nodes > LARGEST else None)
        late = bar is not None and any(time is not None and time > bar for time in times)
        missed += late
        cells = [f"{time:.2f}" if time is not None else "-" for time in times]
        print(
            f"{name:24} {nodes:8,} {cells[0]:>7} {cells[1]:>8} {cells[2]:>15} {cells[3]:>9} {bar or '-':>5}"
            f"{'  missed' if late else ''}",
            flush=True,
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
