"""A long chain of additions: everything the engine does with a graph takes time in proportion to its length.

Each chain is built, differentiated, refused by the drawing, deep-copied, pickled, restored and freed. A time per node
that stays the same from column to column is linear time; a RecursionError would end the run. Python's garbage
collector looks through all that is alive every now and then, which takes its share once a chain is long;
--no-collector tells how much.

    python benchmarks/chain.py --help
"""

from __future__ import annotations

import argparse
import copy
import gc
import os
import pickle
import platform
import time
from collections.abc import Callable
from typing import Any

import autograd
from autograd import GraphTooLargeError, Value


def built(length: int) -> Value:
    """A leaf plus itself, `length` times."""
    leaf = Value(1.0)
    total = leaf
    for _ in range(length):
        total = total + leaf
    return total


def refused(root: Value) -> None:
    """Asks for a picture, which must be refused."""
    try:
        autograd.draw(root)
    except GraphTooLargeError:
        return
    raise SystemExit("a chain of this length should be too large to draw")


def measure(length: int) -> dict[str, float]:
    """The seconds of each thing done to one chain."""
    seconds: dict[str, float] = {}

    def timed(name: str, action: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        result = action()
        seconds[name] = time.perf_counter() - started
        return result

    gc.collect()
    held: dict[str, Any] = {"root": timed("build", lambda: built(length))}
    timed("backward", held["root"].backward)
    timed("refuse to draw", lambda: refused(held["root"]))
    held["copy"] = timed("deep-copy", lambda: copy.deepcopy(held["root"]))
    held["pickled"] = timed("pickle", lambda: pickle.dumps(held["root"]))
    held["restored"] = timed("unpickle", lambda: pickle.loads(held["pickled"]))
    if not held["root"].data == held["copy"].data == held["restored"].data == length + 1.0:
        raise SystemExit("a copy differs from the original")
    timed("free", lambda: held.__delitem__("root"))
    return seconds


def main() -> None:
    """Measures chains of several lengths, and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("lengths", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="of the chains")
    parser.add_argument("--no-collector", action="store_true", help="switch Python's garbage collector off")
    arguments = parser.parse_args()
    lengths = arguments.lengths
    if min(lengths) < 1000:
        parser.error("a chain must have at least 1000 nodes, else it is not too large to draw")
    if arguments.no_collector:
        gc.disable()
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    machine = platform.machine()
    collector = "on" if gc.isenabled() else "off"
    print(f"a chain of additions, garbage collector {collector}; {interpreter}, {os.cpu_count()} cores, {machine}\n")
    runs = [measure(length) for length in lengths]
    print(f"{'':<16}" + "".join(f"{length:>22,} nodes" for length in lengths))
    for name in runs[0]:
        cells = [
            f"{run[name]:>12.4f} s {run[name] / length * 1e9:>8,.0f} ns"
            for run, length in zip(runs, lengths, strict=True)
        ]
        print(f"{name:<16}" + "".join(f"{cell:>28}" for cell in cells))
    print("\nns: for each node")


if __name__ == "__main__":
    main()
