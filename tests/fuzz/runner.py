"""Runs random programs on all cores until the time is over, and prints those that give a wrong number.

python -m tests.fuzz --minutes 5
python -m tests.fuzz --kind scalar --seed 1000 --count 50000    (the same programs each time)
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import NamedTuple

from tests.fuzz import bits
from tests.fuzz.failure import Failure

KINDS = ("scalar", "structured", "bits")
SECONDS = 2.0  # what a process is given at a time, about
SHOWN = 20  # failures of a kind that are printed in full


class Share(NamedTuple):
    """What one process has done at a time: seconds, and what differed."""

    seconds: float
    failures: list[Failure]


class Progress:
    """How far a kind of programs has come."""

    def __init__(self, kind: str, seed: int, count: int | None) -> None:
        self.kind = kind
        self.seed = seed
        self.left = count
        self.given = 0
        self.done = 0
        self.seconds = 0.0
        self.failures = 0
        self.under_way = 0

    def next_share(self) -> tuple[int, int]:
        """The first seed and the number of the programs to run next."""
        rate = self.done / self.seconds if self.seconds else 5.0
        count = max(1, int(rate * SECONDS))
        if self.left is not None:
            count = min(count, self.left)
            self.left -= count
        first = self.seed + self.given
        self.given += count
        return first, count


def check_function(kind: str) -> Callable[[int], Failure | None]:
    """What runs the program of a seed."""
    check: Callable[[int], Failure | None] = importlib.import_module(f"tests.fuzz.{kind}").check
    return check


def run_share(kind: str, first: int, count: int) -> Share:
    """Runs the programs of some seeds, in a row."""
    check = check_function(kind)
    start = time.perf_counter()
    failures = [failure for failure in map(check, range(first, first + count)) if failure is not None]
    return Share(time.perf_counter() - start, failures)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run(kinds: Sequence[str], seed: int, minutes: float, count: int | None, processes: int) -> int:
    """Runs programs until the time is over, or the count is reached; gives the number of those that differ.

    The kinds get equal shares of the time. Ctrl-C ends the run, with the table of what was done.
    """
    every = [Progress(kind, seed, count) for kind in kinds]
    end = time.monotonic() + 60.0 * minutes
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, _leave_interrupts_to_the_parent)
    running: dict[Future[Share], tuple[Progress, int]] = {}
    try:
        while True:
            waiting = [progress for progress in every if progress.left != 0]
            while waiting and len(running) < processes and time.monotonic() < end:
                progress = min(waiting, key=lambda candidate: candidate.seconds + SECONDS * candidate.under_way)
                first, size = progress.next_share()
                progress.under_way += 1
                running[pool.submit(run_share, progress.kind, first, size)] = progress, size
                waiting = [progress for progress in every if progress.left != 0]
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                progress, size = running.pop(future)
                count_in(progress, future.result(), size)
    except KeyboardInterrupt:
        print("\ninterrupted; what is under way is finished first", flush=True)
        for future in wait(running).done:
            progress, size = running.pop(future)
            count_in(progress, future.result(), size)
    finally:
        pool.shutdown()
    _print_table(every)
    return sum(progress.failures for progress in every)


def count_in(progress: Progress, share: Share, size: int) -> None:
    """Adds what a process has done, and prints what differed."""
    progress.under_way -= 1
    progress.done += size
    progress.seconds += share.seconds
    for failure in share.failures:
        progress.failures += 1
        if progress.failures <= SHOWN:
            print(f"{failure}\n", flush=True)
        elif progress.failures == SHOWN + 1:
            print(f"more {progress.kind} programs differ: they are counted from here on\n", flush=True)


def _print_table(every: Sequence[Progress]) -> None:
    print(f"{'kind':<12}{'programs':>12}{'from seed':>14}{'differ':>10}{'a second and core':>20}")
    for progress in every:
        rate = progress.done / progress.seconds if progress.seconds else 0.0
        print(f"{progress.kind:<12}{progress.done:>12,}{progress.seed:>14}{progress.failures:>10,}{rate:>20,.0f}")


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, help="how long (5 unless --count is given)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="one kind of programs, not all; may be repeated")
    parser.add_argument("--seed", type=int, help="the seed of the first program (a new one each time)")
    parser.add_argument("--count", type=int, help="how many programs of each kind")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="how many at a time (all cores)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs as the command line says; 1 if a program differed, else 0."""
    parsed = _parsed(arguments)
    kinds = [kind for kind in parsed.kind or KINDS if importlib.util.find_spec(f"tests.fuzz.{kind}")]
    if "bits" in kinds:
        try:
            bits.install()
        except bits.NotNative as error:
            print(f"native code is left out: {error}", flush=True)
            kinds.remove("bits")
        except KeyboardInterrupt:
            print("\ninterrupted while the engine was compiled; no program has run", flush=True)
            return 0
    seed = random.SystemRandom().randrange(10**12) if parsed.seed is None else parsed.seed
    minutes = parsed.minutes if parsed.minutes is not None else 5.0 if parsed.count is None else 1e9
    return 1 if run(kinds, seed, minutes, parsed.count, parsed.processes) else 0
