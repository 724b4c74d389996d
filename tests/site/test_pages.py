"""What the pages say in words is what the library does."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from autograd import Value, gradcheck, maximum, relu, topological_order, trace
from docs import players

DOCS = Path(__file__).parent.parent.parent / "docs"
MEASURED = DOCS.parent / "benchmarks" / "README.md"


def leaves(root: Value) -> dict[str | None, Value]:
    """The leaves under a Value by label, with their gradients."""
    root.backward()
    return {node.label: node for node in topological_order(root) if node.is_leaf}


def test_each_expression_has_its_player_on_the_page() -> None:
    shown = re.findall(r'<iframe src="players/(\w+)\.html"', (DOCS / "player.md").read_text(encoding="utf-8"))
    assert shown == [expression.__name__ for expression in players.EXPRESSIONS]


def test_a_weight_whose_input_is_zero_learns_nothing() -> None:
    assert leaves(players.neuron())["w2"].grad == 0.0


def test_five_paths_lead_from_x_to_y_and_four_of_them_through_the_square() -> None:
    root = players.paths_add()
    paths = {root: 1}
    for step in trace(root):
        paths[step.operand] = paths.get(step.operand, 0) + paths[step.node]
    assert {node.label: count for node, count in paths.items() if node.label in ("x", "square")} == {
        "square": 2,
        "x": 5,
    }


def test_the_gradients_of_the_classes_add_up_to_zero() -> None:
    found = leaves(players.classes())
    assert sum(found[name].grad for name in ("cat", "dog", "fox")) == pytest.approx(0.0, abs=1e-12)


def test_the_slopes_on_both_sides_of_the_kinks_are_two_and_zero() -> None:
    found = leaves(players.kinks())
    assert (found["x"].grad, found["y"].grad) == (0.5, 0.5)
    right, left = (gradcheck(lambda x: maximum(x, 2.0) + relu(x - 2.0), [x]).rows[0].analytic for x in (2.5, 1.5))
    assert (right, left) == (2.0, 0.0)


def test_each_layer_takes_three_quarters_of_the_gradient_or_more() -> None:
    root = players.vanishing()
    root.backward()
    gradients = [node.grad for node in topological_order(root) if (node.label or "").startswith("a")]
    assert len(gradients) == 6
    assert all(before <= after / 4 for before, after in pairwise(gradients))


def test_the_network_begins_folded() -> None:
    """The page folds what is too large to read, and so many nodes are."""
    assert len(topological_order(players.network())) > 600


def test_what_the_page_on_speed_says_was_measured() -> None:
    rows = re.findall(r"^\| (?!way|network|graph|-).*$", (DOCS / "speed.md").read_text(encoding="utf-8"), re.MULTILINE)
    numbers = {number for row in rows for number in re.findall(r"\| ([\d.,]+) (?=\|)", row)}
    measured = set(re.findall(r"[\d.,]*\d", MEASURED.read_text(encoding="utf-8")))
    assert len(numbers) > 10
    assert numbers - measured == set()
