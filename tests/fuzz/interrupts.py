"""Ctrl-C at random moments, thousands of times: nothing may be left on.

    python tests/fuzz/interrupts.py [how many] [seed]

A timer raises KeyboardInterrupt as Ctrl-C does, somewhere in a tight loop of blocks, decorated functions, generators,
recordings and passes over a graph. After each of them, operations must be recorded, no scope be entered, no lock be
held, and a pass over the same graph give the right gradient.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from autograd import Value, backend, compile, enable_grad, gradients, no_grad, scope
from autograd.engine import graph as walks
from autograd.engine import modes

x = Value(3.0)
graph = x * x
for _ in range(20):
    graph = graph * 1.0 + 0.0
compiled = compile(lambda x: x * x, runtime="python")


def blocks() -> None:
    with no_grad():
        pass
    with scope("layer"), enable_grad():
        pass


@no_grad()
def decorated() -> None:
    pass


def inside() -> Iterator[None]:
    with no_grad():
        yield


def generated() -> None:
    for _ in inside():
        pass


def recorded() -> None:
    compiled(x)


def walked() -> None:
    graph.backward()
    gradients(graph, [x])


KINDS: list[Callable[[], None]] = [blocks, decorated, generated, recorded, walked]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def is_free(lock: Any) -> bool:
    """Whether no other thread holds a lock."""
    if lock.acquire(blocking=False):
        lock.release()
        return True
    return False


def faults() -> list[str]:
    """What is not as it was before."""
    found = []
    if not (x * 2.0).requires_grad:
        found.append("nothing is recorded")
    if Value(1.0).scope is not None:
        found.append("a scope is entered")
    if modes.entered:
        found.append("an entry is left")
    free: list[bool] = []
    thread = threading.Thread(target=lambda: free.extend(map(is_free, (walks.walking, walks.passing))))
    thread.start()
    thread.join()
    if not all(free):
        found.append("a lock is held")
    x.grad = 0.0
    graph.backward()
    if (x.grad, *gradients(graph, [x])) != (6.0, 6.0):
        found.append("the gradient is wrong")
    x.grad = 0.0
    return found


def main(times: int, seed: int) -> int:
    """Interrupts that many times, and gives how often something was left."""
    dice = random.Random(seed)
    left: Counter[str] = Counter()
    signal.signal(signal.SIGALRM, interrupt)
    for _ in range(times):
        work = dice.choice(KINDS)
        try:
            signal.setitimer(signal.ITIMER_REAL, dice.uniform(1e-6, 300e-6))
            while True:
                work()
        except KeyboardInterrupt:
            pass
        left.update(f"{work.__name__}: {fault}" for fault in faults())
    print(f"{backend()}, {times:,} interrupts, seed {seed}: {dict(left) or 'nothing left on'}")
    return sum(left.values())


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]] + [10_000, 0][len(sys.argv) - 1 :]
    sys.exit(main(*numbers) > 0)
