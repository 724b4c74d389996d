"""Thirty graphs: none of their layouts has a fault, each is the same in every process, and good beside Graphviz's."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("numpy", reason="layouts are judged with NumPy")
pytest.importorskip("graphviz", reason="drawing needs graphviz")

from autograd import Value, explore
from autograd.pictures.layout import Layout
from tests.autograd.pictures.layout import dot, graphs
from tests.autograd.pictures.layout.graphs import GRAPHS
from tests.autograd.pictures.layout.quality import Graph, area, crossings, drawn, faults

if TYPE_CHECKING:
    import graphviz

MOST_CROSSINGS = 1.3
MOST_AREA = 1.5
QUICK = ("neuron", "softmax", "program", "network, folded", "random 20")
ALL = [name if name.startswith(QUICK) else pytest.param(name, marks=pytest.mark.slow) for name in GRAPHS]
ROOT = Path(__file__).parents[4]

needs_graphviz = pytest.mark.skipif(not dot.is_here(), reason="the program dot, or the package pygraphviz, compares")

# By module, so that what is tried with one graph follows each other, and it is laid out once.
each_graph = pytest.mark.parametrize("name", ALL, scope="module")


@functools.cache
def picture(name: str) -> graphviz.Digraph:
    return GRAPHS[name]()


@functools.cache
def placed(name: str) -> tuple[Graph, Layout]:
    return drawn(picture(name).pipe)


@functools.cache
def placed_by_graphviz(name: str) -> Layout:
    return dot.laid_out(placed(name)[0], dot.patience(picture(name)))


def digest(names: list[str]) -> str:
    """What the layouts of some graphs are, to the bit."""
    return hashlib.sha256(repr([placed(name)[1] for name in names]).encode()).hexdigest()


@each_graph
def test_no_layout_has_a_fault(name: str) -> None:
    assert faults(*placed(name)) == []


@pytest.mark.parametrize("root", [graphs.network, lambda: graphs.random_graph(100, scopes=True)])
def test_the_layout_of_a_page_has_no_fault(root: Callable[[], Value]) -> None:
    assert faults(*drawn(lambda: explore(root()))) == []


@pytest.mark.slow
def test_other_processes_lay_out_to_the_bit_the_same() -> None:
    names = ["neuron", "network", "recurrence of 12 steps", "random 50, scopes", "random 100, scopes and texts"]
    program = f"from tests.autograd.pictures.layout.test_layouts import digest; print(digest({names!r}))"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        assert done.stdout.strip() == digest(names)


@needs_graphviz
@each_graph
def test_edges_cross_at_most_a_little_more_often_than_in_graphviz(name: str) -> None:
    graph, ours = placed(name)
    assert crossings(graph, ours) / max(1, crossings(graph, placed_by_graphviz(name))) <= MOST_CROSSINGS


@needs_graphviz
@each_graph
def test_a_layout_is_at_most_half_as_large_again_as_of_graphviz(name: str) -> None:
    assert area(placed(name)[1]) / area(placed_by_graphviz(name)) <= MOST_AREA
