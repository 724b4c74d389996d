"""The engine as native code held against the same engine as plain Python, to the last bit.

Two installations run in two processes. Both get the same programs, written down with `float.hex()`, and answer with
every value, every gradient and every error they met; second derivatives too, and NaNs and infinities among the
numbers. On Linux on x86-64 the answers are the same text; elsewhere a compiler may join a product and a sum into one
rounding, and numbers may differ in the last place.

`python -m tests.fuzz.bits` is one of the two processes: it reads a program from each line, and answers with a line.
"""

from __future__ import annotations

import atexit
import json
import math
import multiprocessing
import os
import platform
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import autograd
from autograd import Value
from tests.fuzz.failure import Failure
from tests.fuzz.program import Ending, Malformed, Step, check_form, ends, run_step, shrunk, written
from tests.fuzz.random_program import RandomProgram

ROOT = Path(__file__).parents[2]
INSTALLATIONS = ROOT / "out" / "fuzz"
TO_THE_BIT = sys.platform == "linux" and platform.machine() in ("x86_64", "AMD64")
COPIED = ["autograd", "nn", "build_native.py"]


class NotNative(RuntimeError):  # noqa: N818
    """The engine could not be compiled here."""


# ---------------------------------------------------------------- what each of the two does


def answer(steps: Sequence[Step], ending: Ending) -> list[str]:
    """All that a program gives, in words: numbers as `float.hex()`, errors as their type and text."""
    values: list[Any] = []
    said: list[str] = []
    for step in steps:
        operands = [values[index] for index in step.operands]
        try:
            check_form(step, operands)
            value = run_step(step, operands)
        except (ArithmeticError, ValueError, TypeError, Malformed) as error:
            said.append(_error(error))
            break
        values.append(value)
        said.append(" ".join(map(_in_words, value)) if isinstance(value, list) else _in_words(value))
    root = values[-1] if values else None
    if isinstance(root, Value) and len(values) == len(steps):
        nodes = [value for value in values if isinstance(value, Value) and value.requires_grad]
        said.append(_gradients(root, nodes, ending))
        said.extend(f"{node.grad.hex()} to {index}" for index, node in enumerate(nodes))
        said.extend(_second_derivatives(root, [node for node in nodes if node.is_leaf]))
    return said


def _gradients(root: Value, nodes: Sequence[Value], ending: Ending) -> str:
    try:
        if ending.how in ("gradients", "create_graph"):
            found = autograd.gradients(root, nodes, create_graph=ending.how == "create_graph")
            return " ".join(map(_in_words, found))
        for _ in range(2 if ending.how == "twice" else 1):
            root.backward(ending.gradient)
    except (ArithmeticError, ValueError, RuntimeError) as error:
        return _error(error)
    return "differentiated"


def _second_derivatives(root: Value, leaves: Sequence[Value]) -> list[str]:
    try:
        slopes = autograd.gradients(root, leaves, create_graph=True)
        slope = next((slope for slope in slopes if slope.requires_grad), None)
        return [] if slope is None else [number.hex() for number in autograd.gradients(slope, leaves)]
    except (ArithmeticError, ValueError, RuntimeError) as error:
        return [_error(error)]


def _in_words(value: Any) -> str:
    if isinstance(value, Value):
        return f"{value.data.hex()} {'and' if value.requires_grad else 'without'} a gradient"
    return float(value).hex()


def _error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def serve() -> None:
    """Answers programs until there are no more."""
    print(autograd.backend(), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(*_read(line))), flush=True)


def _write(steps: Sequence[Step], ending: Ending) -> str:
    numbers = [step.number if isinstance(step.number, int) else float(step.number).hex() for step in steps]
    lines = [[step._replace(number=0.0), number] for step, number in zip(steps, numbers, strict=True)]
    return json.dumps([lines, ending.how, ending.gradient.hex()])


def _read(line: str) -> tuple[list[Step], Ending]:
    lines, how, gradient = json.loads(line)
    steps = []
    for (does, operands, _, style, recorded), number in lines:
        value = number if isinstance(number, int) else float.fromhex(number)
        steps.append(Step(does, tuple(operands), value, style, recorded))
    return steps, Ending(how, float.fromhex(gradient))


# ---------------------------------------------------------------- the two installations, and the one who asks


def install() -> None:
    """Copies the packages to `out/fuzz/plain` and `out/fuzz/native`, and compiles the engine there.

    Does nothing where the copies are those of the sources as they are.

    Raises:
        NotNative: it cannot be compiled here.
    """
    for name in ("plain", "native"):
        folder = INSTALLATIONS / name
        sources = _sources(ROOT)
        if _sources(folder) == sources and (folder / "ready").is_file():
            continue
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for relative, text in sources.items():
            (folder / relative).parent.mkdir(parents=True, exist_ok=True)
            (folder / relative).write_bytes(text)
        if name == "native":
            print("compiling the engine; this takes a minute", flush=True)
            command = [sys.executable, "build_native.py", "."]
            built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if built.returncode != 0:
                raise NotNative(f"the engine cannot be compiled here:\n{built.stdout}{built.stderr}")
        (folder / "ready").touch()


def _sources(root: Path) -> dict[str, bytes]:
    found = {}
    for name in COPIED:
        path = root / name
        files = [path] if path.is_file() else path.rglob("*.py")
        found.update({file.relative_to(root).as_posix(): file.read_bytes() for file in files})
    return found


class Process:
    """One of the two."""

    def __init__(self, name: str) -> None:
        folder = INSTALLATIONS / name
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.bits"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=os.name != "nt",  # Ctrl-C is for the one who asks
        )
        atexit.register(self._process.kill)
        backend = self._line()
        if backend != ("native" if name == "native" else "python"):
            raise NotNative(f"{folder} runs as {backend or 'nothing'}")

    def ask(self, question: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()

    def answer(self) -> list[str]:
        line = self._line()
        return list(json.loads(line)) if line else ["the process has ended"]

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


_processes: list[Process] = []


def answers(steps: Sequence[Step], ending: Ending) -> tuple[list[str], list[str]]:
    """What plain Python and what native code say of a program."""
    if not _processes:
        if multiprocessing.parent_process() is None:  # else the runner has, once for all
            install()
        _processes.extend([Process("plain"), Process("native")])
    for process in _processes:
        process.ask(_write(steps, ending))
    plain, native = (process.answer() for process in _processes)
    return plain, native


def difference(plain: Sequence[str], native: Sequence[str], to_the_bit: bool = TO_THE_BIT) -> str | None:
    """Where two answers differ, in words."""
    if len(plain) != len(native):
        return f"plain Python says {plain[-1]!r} in the end, native code {native[-1]!r}"
    for first, other in zip(plain, native, strict=True):
        if first != other and (to_the_bit or not _near(first, other)):
            return f"plain Python: {first}; native code: {other}"
    return None


def _near(first: str, other: str) -> bool:
    """Whether two texts are the same but for the last places of numbers."""
    words = list(zip(first.split(), other.split(), strict=False))
    return len(first.split()) == len(other.split()) and all(a == b or _next_to(a, b) for a, b in words)


def _next_to(first: str, other: str) -> bool:
    try:
        a, b = float.fromhex(first), float.fromhex(other)
    except (ValueError, OverflowError):
        return False
    return abs(a - b) <= math.ulp(a)


# ---------------------------------------------------------------- a seed, and what it leads to


def check(seed: int) -> Failure | None:
    """Makes a program of a seed and asks both."""
    steps, ending = made(seed)
    different = difference(*answers(steps, ending))
    if different is None:
        return None
    smallest = shrunk(steps, lambda candidate: difference(*answers(candidate, ending)) is not None)
    different = difference(*answers(smallest, ending)) or different
    return Failure("bits", seed, different, written(smallest, ends(smallest, ending)))


def made(seed: int) -> tuple[list[Step], Ending]:
    """The program of a seed."""
    program = RandomProgram(random.Random(seed), wild=True)
    steps: list[Step] = []
    values: list[Any] = []
    numbers: list[float] = []
    for step in program.steps(values, numbers):
        try:
            value = run_step(step, [values[index] for index in step.operands])
        except (ArithmeticError, ValueError):
            program.went(False)
            if program.chance.random() < 0.1:
                steps.append(step)
                break
            continue
        steps.append(step)
        values.append(value)
        numbers.append(0.0 if isinstance(value, list) else value.data if isinstance(value, Value) else float(value))
        program.went(True)
    return steps, program.ending


if __name__ == "__main__":
    serve()
