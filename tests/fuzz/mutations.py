"""Puts faults that were once there back, one at a time, and measures how long the random programs take to find each.

python -m tests.fuzz.mutations
python -m tests.fuzz.mutations "a thawed parameter" --minutes 1

Each fault is a change to the text of the packages, made in a copy of them. It counts as found by a program that the
faulty copy fails and the packages as they are do not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.runner import check_function

ROOT = Path(__file__).parents[2]
FOLDERS = ("autograd", "nn", "tests/fuzz")


class Change(NamedTuple):
    """A piece of a file's text, which is there once, and what takes its place."""

    file: str
    text: str
    instead: str


class Fault(NamedTuple):
    """A fault: its name, the kind of programs that should find it, and the changes that make it."""

    name: str
    kind: str
    changes: tuple[Change, ...]


FUSED = """            fused[node] = operation is ops.multiply or (
                operation in SUMS
                if lefts[user[node]] == node and target is not ops.negate
                else operation is ops.negate and target is not ops.negate
            )
"""

FAULTS = (
    Fault(
        "a repeated number taken for a row",
        "structured",
        (Change("autograd/compiler/arrays/steps.py", "if not left_row.is_broadcast:", "if True:"),),
    ),
    Fault(
        "a thawed parameter",
        "structured",
        (
            Change(
                "autograd/compiler/arrays/lower.py",
                'new_register("captured", len(tape.captured), False, captured)',
                'new_register("captured", len(tape.captured), False, captured and any('
                "value.requires_grad for value in tape.captured.values()))",
            ),
            Change(
                "autograd/compiler/loop/program.py",
                "self.captured_wants_gradient = captured_wants_gradient",
                "self.captured_wants_gradient = captured_wants_gradient and any("
                "value.requires_grad for value in tape.captured.values())",
            ),
        ),
    ),
    Fault(
        "an array that is kept, not copied",
        "structured",
        (Change("autograd/compiler/recording.py", "[array.copy() for array in self.arrays]", "list(self.arrays)"),),
    ),
    Fault(
        "0 times infinity on the way back, in arrays",
        "structured",
        (
            Change(
                "autograd/compiler/arrays/run.py",
                "return exact.backward(self._program, values, seeds)",
                "return gradients",
            ),
        ),
    ),
    Fault(
        "0 times infinity on the way back, in the loop of Python",
        "structured",
        (Change("autograd/compiler/loop/run.py", "if want == 0 or not live[index]:", "if want == 0:"),),
    ),
    Fault(
        "0 times infinity on the way back, in the loop of Numba",
        "structured",
        (
            Change(
                "autograd/compiler/loop/numba_loop.py",
                "if want == 0 or (tells and live[first + i] == 0):",
                "if want == 0:",
            ),
        ),
    ),
    Fault(
        "an infinite derivative into which 0 flows, and no word",
        "structured",
        (
            Change(
                "autograd/compiler/explain.py",
                "if node not in gradients or operation is None or not depends[node]:",
                "if gradients.get(node, 0.0) == 0.0 or operation is None or not depends[node]:",
            ),
        ),
    ),
    Fault(
        "an overflow of float32, and no word",
        "structured",
        (
            Change(
                "autograd/compiler/explain.py", "self._dtype = np.dtype(dtype)", "self._dtype = np.dtype(np.float64)"
            ),
        ),
    ),
    Fault(
        "an argument that float32 does not hold, and no word",
        "structured",
        (Change("autograd/compiler/arguments.py", "if lost.any():", "if False:"),),
    ),
    Fault(
        "twice the second derivative by a Value that is given twice",
        "structured",
        (Change("autograd/compiler/call.py", "found.pop(parent, _ZERO)", "found.get(parent, _ZERO)"),),
    ),
    Fault(
        "sums in another order",
        "structured",
        (
            Change(
                "autograd/compiler/liveness.py",
                FUSED,
                "            fused[node] = operation is ops.multiply or operation in SUMS\n",
            ),
        ),
    ),
    Fault(
        "a Value where a float is promised",
        "structured",
        (
            Change(
                "autograd/functional.py",
                "            for value in self.inputs:\n                if value.is_leaf:",
                "            for value in self.inputs:\n                if False:",
            ),
        ),
    ),
    Fault(
        "an array that goes in as lists",
        "structured",
        (
            Change(
                "autograd/compiler/arguments.py",
                "    return array_of([next(things) for _ in range(int(np.prod(structure.shape)))], structure.shape)",
                "    return _nested(things, Block(structure.shape, (list,) * len(structure.shape)))",
            ),
        ),
    ),
    Fault(
        "no derivative by the exponent at base 0",
        "scalar",
        (
            Change(
                "autograd/engine/ops.py",
                "        if x == 0 and y > 0:\n            return out",
                "        if False:\n            return out",
            ),
        ),
    ),
    Fault(
        "an even power beyond 2**53 of a negative number",
        "scalar",
        (Change("autograd/engine/ops.py", "if x == 0 or is_near_0 or _one_less_is_exact(_number(y)):", "if True:"),),
    ),
)


@contextmanager
def faulty_copy(fault: Fault) -> Iterator[Path]:
    """A folder with the packages, and the fault in them.

    Raises:
        LookupError: a text that is to be changed is not there once: the packages have changed since.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in FOLDERS:
            ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.so")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        for change in fault.changes:
            path = copy / change.file
            text = path.read_text(encoding="utf-8")
            if text.count(change.text) != 1:
                raise LookupError(f"{fault.name}: {change.file} has {change.text!r} {text.count(change.text)} times")
            path.write_text(text.replace(change.text, change.instead), encoding="utf-8")
        yield copy


def found_after(fault: Fault, seconds: float) -> tuple[float, int] | None:
    """After how many seconds a fault is found, and by the program of which seed; None if it is not."""
    check = check_function(fault.kind)
    check(0)  # so that what is imported and compiled only once does not count
    with faulty_copy(fault) as copy:
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.mutations",
            "--failing",
            fault.kind,
            "--minutes",
            str(seconds / 60.0),
        ]
        environment = os.environ | {"PYTHONPATH": str(copy)}
        started = time.monotonic()
        with subprocess.Popen(command, cwd=copy, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    if check(int(line)) is None:
                        return time.monotonic() - started, int(line)
            finally:
                process.kill()
    return None


def print_failing(kind: str, seconds: float) -> None:
    """Prints the seeds of programs that fail, until the time is over."""
    check, seed, end = check_function(kind), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if check(seed) is not None:
            print(seed, flush=True)
        seed += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs as the command line says; 1 if a fault was not found, else 0."""
    parser = argparse.ArgumentParser("python -m tests.fuzz.mutations", description="Puts faults back.")
    parser.add_argument("names", nargs="*", help=f"which faults, of {', '.join(fault.name for fault in FAULTS)}")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long a fault may stay unfound")
    parser.add_argument("--failing", help=argparse.SUPPRESS)
    parsed = parser.parse_args(arguments)
    seconds = 60.0 * parsed.minutes
    if parsed.failing:
        print_failing(parsed.failing, seconds)
        return 0
    missed = 0
    for fault in FAULTS:
        if parsed.names and fault.name not in parsed.names:
            continue
        found = found_after(fault, seconds)
        missed += found is None
        told = "not found" if found is None else f"found after {found[0]:.1f} s, by the program of seed {found[1]}"
        print(f"{fault.name}: {told}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
