"""Worksheets without end: small graphs whose gradients are whole numbers, to do by hand."""

from __future__ import annotations

import html
import os
import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from autograd import Value, draw, relu, topological_order, trace
from autograd.support.files import atomic_write
from autograd.support.tables import html_table, table
from autograd_course.answers import NotAnAnswerError, a_number
from autograd_course.exercise import is_near


class _Level(NamedTuple):
    """How hard the graphs of a level are.

    leaves, steps: how many inputs and how many operations there are.
    operations: the names of those that are drawn from.
    shared: whether some node is used more than once.
    largest: the size of the largest number.
    """

    leaves: int
    steps: int
    operations: tuple[str, ...]
    shared: bool
    largest: float


LEVELS = {
    1: _Level(4, 3, ("+", "*", "*"), shared=False, largest=20),
    2: _Level(3, 4, ("+", "*", "*", "-"), shared=True, largest=40),
    3: _Level(3, 5, ("+", "*", "*", "-", "relu", "square"), shared=True, largest=60),
}
"""1: sums and products, each node used once. 2: differences too, and a node that is used twice. 3: relu and squares.

The gradient of a node is 0 only where a relu is off on every way to the result.
"""

SIZES = 3
"""How many different sizes the gradients of a graph have at least: where all are 1 or -1 there is nothing to do."""

_INPUTS, _RESULTS = "abcdef", "uvwxyz"
_OPERATIONS: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda p, q: p + q,
    "*": lambda p, q: p * q,
    "-": lambda p, q: p - q,
    "relu": lambda p, _: relu(p),
    "square": lambda p, _: p**2,
}


class Mark(NamedTuple):
    """What one answer is worth.

    label: the node.
    given: the answer; None where it is missing or cannot be read.
    right: the gradient.
    points: 1 for a right answer, and for one that follows rightly from wrong ones above it; else 0.
    words: "right", "follows from an earlier mistake", "wrong", "no answer" or what cannot be read.
    """

    label: str
    given: float | None
    right: float
    points: int
    words: str


class Marks:
    """The marks of one graph, with errors carried forward: a mistake costs its own point, and no other.

    rows: a `Mark` for each node, from the result back to the inputs.
    points: how many there are in all.
    """

    def __init__(self, rows: Sequence[Mark]) -> None:
        self.rows = list(rows)
        self.points = sum(row.points for row in rows)

    _HEADER = ("node", "your gradient", "right", "points", "")

    @property
    def _caption(self) -> str:
        return f"{self.points} of {len(self.rows)} points"

    @staticmethod
    def _cells(row: Mark) -> tuple[str, ...]:
        given = "" if row.given is None else f"{row.given:g}"
        return row.label, given, f"{row.right:g}", f"{row.points}", row.words

    def __str__(self) -> str:
        return f"{table(self._HEADER, map(self._cells, self.rows))}\n{self._caption}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(
            self._HEADER,
            self.rows,
            self._cells,
            caption=self._caption,
            colour=lambda row: "#009E73" if row.points else "#D55E00",
        )


class Problem:
    """One graph of a worksheet.

    root: its result, a Value; its gradients are those that are asked for.
    nodes: every node with a gradient, by its label, inputs first.
    """

    def __init__(self, nodes: Mapping[str, Value]) -> None:
        self.nodes = dict(nodes)
        *_, self.root = self.nodes.values()

    @cached_property
    def key(self) -> dict[str, float]:
        """The gradient of each node by its label, from the result back to the inputs."""
        return {label: node.grad for label, node in reversed(self.nodes.items())}

    def picture(self, *, solved: bool = False) -> str:
        """The graph as SVG: the gradients are empty, or filled in."""
        drawn = draw(self.root, layout="python", blank=None if solved else "grad")
        svg = str(drawn.pipe(format="svg", encoding="utf-8"))
        return svg[svg.index("<svg") :]

    def save(self, path: str | os.PathLike[str], *, solved: bool = False) -> None:
        """Writes the graph as a picture for a slide: .svg, and .pdf or .png where Graphviz is installed.

        Raises:
            ValueError, FileNotFoundError, RenderError: as `autograd.draw`.
        """
        draw(self.root, path, blank=None if solved else "grad")

    def mark(self, answers: Mapping[str, object]) -> Marks:
        """Marks answers: a number for each label, in any form that `check` takes.

        Raises:
            ValueError: there is an answer for a node that the graph does not have.
        """
        unknown = [label for label in answers if label not in self.key]
        if unknown:
            raise ValueError(f"there is no node {unknown[0]!r}; the nodes are {', '.join(self.key)}")
        given: dict[str, float | None] = {}
        unreadable: dict[str, str] = {}
        for label in self.key:
            answer = answers.get(label)
            try:
                given[label] = None if answer is None or answer == "" else a_number(answer)
            except NotAnAnswerError as error:
                given[label], unreadable[label] = None, str(error)
        return Marks([self._marked(label, given, unreadable.get(label, "no answer")) for label in self.key])

    def _marked(self, label: str, given: Mapping[str, float | None], without: str) -> Mark:
        """The mark of one node; `without` says why a number is missing."""
        answer, right = given[label], self.key[label]
        if answer is None:
            return Mark(label, None, right, 0, without)
        if is_near(answer, right):
            return Mark(label, answer, right, 1, "right")
        follows = self.following(label, given)
        if follows is not None and is_near(answer, follows):
            return Mark(label, answer, right, 1, "follows from an earlier mistake")
        return Mark(label, answer, right, 0, "wrong")

    def following(self, label: str, given: Mapping[str, float | None]) -> float | None:
        """The gradient of a node that follows from those given for the nodes that use it.

        None for the result, which nothing uses, and if one of them is missing.
        """
        node = self.nodes[label]
        if node is self.root:
            return None
        total = 0.0
        labels = {id(known): name for name, known in self.nodes.items()}
        for step in trace(self.root):
            if step.operand is node:
                above = given[labels[id(step.node)]]
                if above is None:
                    return None
                total += above * step.derivative
        return total


class Worksheet:
    """Graphs to do by hand: a notebook shows them with empty gradients, and `save` writes a page to print.

    problems: the graphs.
    name: says which worksheet it is, for whoever wants to make it again.
    """

    def __init__(self, problems: Sequence[Problem], name: str) -> None:
        self.problems = list(problems)
        self.name = name

    @property
    def key(self) -> list[dict[str, float]]:
        """The gradients of each graph by label."""
        return [problem.key for problem in self.problems]

    def mark(self, *answers: Mapping[str, object]) -> list[Marks]:
        """Marks the answers to each graph, in order.

        Raises:
            ValueError: there are not as many answers as graphs, or one is for a node that a graph does not have.
        """
        if len(answers) != len(self.problems):
            raise ValueError(f"there are {len(self.problems)} graphs, and answers for {len(answers)}")
        return [problem.mark(given) for problem, given in zip(self.problems, answers, strict=True)]

    def save(self, path: str | os.PathLike[str], *, key: bool = True) -> None:
        """Writes the sheet as one HTML page that prints on paper, or as PDF by printing it from a browser.

        Args:
            path: the file, ending in .html.
            key: whether the solved graphs follow, on sheets of their own.

        Raises:
            ValueError: the file does not end in .html.
            FileNotFoundError: there is no folder for the file.
        """
        file = Path(path)
        if file.suffix != ".html":
            raise ValueError(
                f"a worksheet is written as .html, which a browser prints or saves as PDF, not {file.name!r}"
            )
        with atomic_write(file) as unfinished:
            unfinished.write_text(_page(self, key), encoding="utf-8")

    def __repr__(self) -> str:
        return f"<Worksheet {self.name}: {len(self.problems)} graph{'s' * (len(self.problems) != 1)}>"

    def _repr_html_(self) -> str:
        return "".join(f"<div>{number}.</div>{it.picture()}" for number, it in enumerate(self.problems, 1))


def worksheet(seed: int, level: int = 1, n: int = 1) -> Worksheet:
    """Graphs to do by hand: every number and every gradient in them is a whole number.

    The same arguments make the same sheet, on every machine.

    Args:
        seed: any whole number; another one makes another sheet.
        level: 1 has sums and products, 2 a node that is used twice, 3 relu and squares as well.
        n: how many graphs.

    Raises:
        TypeError: an argument is not a whole number.
        ValueError: there is no such level, or no graph is asked for.

    >>> sheet = worksheet(seed=1, level=2)
    >>> print(sheet.problems[0].mark(sheet.key[0]).points == len(sheet.key[0]))
    True
    """
    for name, number in (("seed", seed), ("level", level), ("n", n)):
        if isinstance(number, bool) or not hasattr(number, "__index__"):
            raise TypeError(f"{name} must be a whole number, not {number!r:.80}")
    if level not in LEVELS:
        raise ValueError(f"there are the levels {', '.join(map(str, LEVELS))}, not {level}")
    if n < 1:
        raise ValueError(f"a worksheet needs 1 graph or more, not {n}")
    # Seeded by a text, which gives the same draws in every version of Python.
    problems = [_problem(random.Random(f"worksheet {seed} {level} {number}"), LEVELS[level]) for number in range(n)]
    return Worksheet(problems, f"seed {seed}, level {level}")


def _problem(rng: random.Random, level: _Level) -> Problem:
    """The first graph drawn that is fit to be done by hand."""
    while True:
        nodes = {
            name: Value(float(rng.choice((-3, -2, -1, 1, 2, 3, 4))), label=name) for name in _INPUTS[: level.leaves]
        }
        for name in _RESULTS[: level.steps]:
            operation = _OPERATIONS[rng.choice(level.operations)]
            made = list(nodes.values())
            result = operation(rng.choice(made[-3:]), rng.choice(made))
            result.label = name
            nodes[name] = result
        problem = Problem(nodes)
        if _is_fit(problem.root, list(nodes.values()), level):
            return problem


def _is_fit(root: Value, nodes: Sequence[Value], level: _Level) -> bool:
    """Whether every node counts, none is too large, and sharing is as the level wants it; this sets the gradients."""
    order = topological_order(root)
    if not all(any(node is met for met in order) for node in nodes):
        return False
    uses = [sum(parent is node for child in nodes for parent in child.parents) for node in nodes]
    if (max(uses) > 1) != level.shared or max(uses) > 2:
        return False
    relus = [node for node in nodes if node.op is not None and node.op.name == "relu"]
    if any(relu.parents[0].data == 0.0 for relu in relus):
        return False
    root.backward()
    off = [relu for relu in relus if relu.data == 0.0]
    for node in nodes:  # a gradient is 0 only where a relu is off on every way to the result
        users = [child for child in nodes if any(parent is node for parent in child.parents)]
        if node.grad == 0.0 and not all(user.grad == 0.0 or any(user is relu for relu in off) for user in users):
            return False
    if sum(node.grad == 0.0 for node in nodes) > len(nodes) // 3:
        return False
    if len({abs(node.grad) for node in nodes}) < SIZES:
        return False
    return all(max(abs(node.data), abs(node.grad)) <= level.largest and node.data.is_integer() for node in nodes)


def _section(number: int, picture: str) -> str:
    """A graph; the page makes no letter of it smaller than 11 pixels, and lets it scroll where it is wider."""
    size = re.search(r'viewBox="\S+ \S+ (\S+) ', picture)
    assert size
    return f'<section style="--width: {size[1]}px"><h2>{number}.</h2>{picture}</section>'


def _page(sheet: Worksheet, key: bool) -> str:
    """A page of paper for each two graphs, and the key on pages of its own."""
    blank = "".join(_section(number, problem.picture()) for number, problem in enumerate(sheet.problems, 1))
    solved = "".join(_section(number, problem.picture(solved=True)) for number, problem in enumerate(sheet.problems, 1))
    answers = f'<main class="key"><h1>Key <small>{html.escape(sheet.name)}</small></h1>{solved}</main>' if key else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gradients by hand: {html.escape(sheet.name)}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 1rem; }}
h1 {{ font-size: 1.4rem; }} h2 {{ font-size: 1rem; margin: 0; }} small {{ font-weight: normal; color: #595959; }}
.who {{ display: flex; gap: 2rem; flex-wrap: wrap; }}
.who span {{ border-bottom: 1px solid; flex: 1; min-width: 12rem; }}
section {{ break-inside: avoid; margin: 1.5rem 0; overflow-x: auto; }}
svg {{ display: block; width: 100%; height: auto; }}
@media screen {{ svg {{ min-width: calc(1.15 * var(--width)); max-width: calc(1.8 * var(--width)); }} }}
.key {{ break-before: page; border-top: 1px solid #ccc; }}
@media print {{ body {{ max-width: none; padding: 0; }} .key {{ border: 0; }} @page {{ margin: 15mm; }} }}
@media print {{ svg {{ max-height: 9cm; }} }}
</style>
</head>
<body>
<main>
<h1>Gradients by hand <small>{html.escape(sheet.name)}</small></h1>
<p class="who"><span>Name</span><span>Date</span></p>
<p>Each box holds the number that was computed; of two arrows into a box, the upper one is the first operand. Start at
the right with the gradient 1, go back to the left, and write the gradient of every box. Rates along an arrow multiply;
where several arrows leave a box, what they bring adds up.</p>
{blank}
</main>
{answers}
</body>
</html>
"""
