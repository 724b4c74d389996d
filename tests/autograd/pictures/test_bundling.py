"""Edge bundling: which edges share a line, and that each still leads from its node to its node."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from autograd.pictures.bundling import Bundled, bundled

Edges = list[tuple[str, str]]


def chain(length: int) -> Edges:
    """A chain of nodes, each of which also uses the same one."""
    return [
        edge
        for index, next_index in pairwise(range(length))
        for edge in ((f"n{index}", f"n{next_index}"), ("w", f"n{index}"))
    ]


def recurrence(steps: int) -> Edges:
    """Boxes that are computed from a value and a weight, as a folded scope is."""
    return [edge for n in range(steps) for edge in ((f"v{n}", f"box{n}"), ("w", f"box{n}"), (f"box{n}", f"v{n + 1}"))]


def dense(count: int) -> Edges:
    generator = random.Random(0)
    return [(f"n{generator.randrange(n)}", f"n{n}") for n in range(1, count) for _ in range(2)]


def origin(bundle: Bundled, branch: str) -> str:
    """The node that a trunk comes from."""
    while branch in bundle.trunks:
        branch = bundle.trunks[branch]
    return branch


@pytest.mark.parametrize("edges", [[], chain(3), chain(40), recurrence(20), dense(50), [("a", "a")]])
def test_a_graph_with_few_long_edges_stays_as_it_is(edges: Edges) -> None:
    assert bundled(edges) == Bundled([None] * len(edges), {}, {})


@pytest.mark.parametrize("edges", [chain(300), recurrence(100), dense(500), dense(5000)])
def test_each_edge_still_comes_from_its_node(edges: Edges) -> None:
    bundle = bundled(edges)
    ends = [
        tail if branch is None else origin(bundle, branch)
        for (tail, _), branch in zip(edges, bundle.branches, strict=True)
    ]
    assert ends == [tail for tail, _ in edges]


@pytest.mark.parametrize("edges", [chain(300), recurrence(100), dense(500)])
def test_something_branches_off_at_each_junction(edges: Edges) -> None:
    bundle = bundled(edges)
    assert set(bundle.trunks) == {branch for branch in bundle.branches if branch is not None}


def test_the_edges_of_a_chain_branch_off_one_after_the_other() -> None:
    edges = chain(100)
    bundle = bundled(edges)
    from_w = [branch for (tail, _), branch in zip(edges, bundle.branches, strict=True) if tail == "w"]
    assert from_w[:2] == [None, "j0"]  # the first use is near
    assert [bundle.trunks[f"j{n}"] for n in range(1, 90)] == [f"j{n}" for n in range(89)]


def test_the_last_edge_needs_no_junction_of_its_own() -> None:
    edges = chain(100)
    bundle = bundled(edges)
    from_w = [branch for (tail, _), branch in zip(edges, bundle.branches, strict=True) if tail == "w"]
    assert from_w[-1] == from_w[-2]


def test_a_product_is_near_the_sum_that_uses_it() -> None:
    edges = []
    for n in range(100):
        edges += [
            ("s", f"product{n}"),
            (f"a{n}", f"product{n}"),
            (f"product{n}", f"sum{n}"),
            (f"sum{n}", f"sum{n + 1}"),
        ]
    bundle = bundled(edges)
    assert {origin(bundle, branch) for branch in bundle.branches if branch is not None} == {"s"}


def test_boxes_that_use_each_other_are_taken_as_they_come() -> None:
    edges = [*recurrence(100), ("v50", "box0"), ("box99", "w")]
    bundle = bundled(edges)
    assert origin(bundle, next(branch for branch in bundle.branches if branch is not None)) in {"w", "v50"}


def test_bundles_follow_from_the_graph_alone() -> None:
    assert bundled(dense(700)) == bundled(dense(700))


def test_a_graph_that_stays_hard_is_drawn_with_straight_lines() -> None:
    assert bundled(dense(5000)).settings["splines"] == "line"


def test_a_graph_that_bundles_make_easy_is_drawn_with_patience_and_curves() -> None:
    assert bundled(recurrence(60)).settings == {"nslimit": "2"}


def test_layers_of_many_edges_are_drawn_with_straight_lines_and_no_junctions() -> None:
    edges = [
        (f"n{layer} {tail}", f"n{layer + 1} {head}") for layer in range(6) for tail in range(40) for head in range(40)
    ]
    bundle = bundled(edges)
    assert (bundle.trunks, bundle.settings["splines"]) == ({}, "line")
