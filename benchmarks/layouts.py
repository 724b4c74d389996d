"""Layouts in Python beside those of Graphviz: crossings of edges, area and seconds, on thirty graphs.

    python benchmarks/layouts.py

Graphviz is given the same sizes, and its program `dot` is used if it is on the path, else the libraries of pygraphviz.
Crossings are counted on the curves. The program ends with 1 if a bar is missed: no fault, at most 1.3 times the
crossings of Graphviz, 1.5 times its area, and 5 seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for the graphs of the tests

from tests.autograd.pictures.layout import dot
from tests.autograd.pictures.layout.graphs import GRAPHS
from tests.autograd.pictures.layout.quality import area, crossings, drawn, faults, flaws

MOST_CROSSINGS = 1.3
MOST_AREA = 1.5
MOST_SECONDS = 5.0


def main() -> int:
    """Prints the table; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="graphs whose names begin with one of these; all, if none is given")
    wanted = tuple(parser.parse_args().names) or ("",)
    print(
        f"{'graph':32} nodes edges   crossings      ratio   area ratio  seconds of ours    dot  faults  flaws    dot's"
    )
    missed = 0
    for name, make in GRAPHS.items():
        if not name.startswith(wanted):
            continue
        picture = make()
        start = time.process_time()
        graph, ours = drawn(picture.pipe)
        seconds = time.process_time() - start
        start = time.perf_counter()
        theirs = dot.laid_out(graph, dot.patience(picture))
        seconds_of_dot = time.perf_counter() - start
        counts = crossings(graph, ours), crossings(graph, theirs)
        ratios = counts[0] / max(counts[1], 1), area(ours) / area(theirs)
        wrong, poor = len(faults(graph, ours)), len(flaws(graph, ours))
        late = wrong > 0 or ratios[0] > MOST_CROSSINGS or ratios[1] > MOST_AREA or seconds > MOST_SECONDS
        missed += late
        print(
            f"{name:32} {len(graph.nodes):5} {len(graph.edges):5} {counts[0]:5} / {counts[1]:5} {ratios[0]:8.2f} "
            f"{ratios[1]:12.2f} {seconds:16.2f} {seconds_of_dot:6.2f} {wrong:7} {poor:6} {len(flaws(graph, theirs)):8}"
            f"{'  missed' if late else ''}",
            flush=True,
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
