"""The plain lists of a graph: its nodes, its edges, its scopes and its names."""

from __future__ import annotations

from autograd import Value, exp, scope, topological_order
from autograd.pictures.outline import Outline, local_derivatives, names_of


def test_the_nodes_are_in_topological_order_and_know_their_operands() -> None:
    x, y = Value(2.0), Value(3.0)
    root = exp(x * y) + x
    outline = Outline(root)
    assert outline.nodes == topological_order(root)
    assert outline.operands == [(), (), (0, 1), (2,), (3, 0)]
    assert list(outline.edges()) == [(0, 2, 0), (1, 2, 1), (2, 3, 0), (3, 4, 0), (0, 4, 1)]


def test_plain_numbers_are_nodes_where_they_are_asked_for() -> None:
    root = 2.0 - Value(3.0) * 4.0
    assert Outline(root, numbers=False).operands == [(), (0, None), (None, 1)]
    assert Outline(root).operands == [(), (), (), (1, 2), (0, 3)]


def test_a_node_has_its_index_and_a_stranger_none() -> None:
    x = Value(2.0)
    root = exp(x)
    outline = Outline(root)
    assert [outline.index(node) for node in (x, root, Value(2.0))] == [0, 1, None]


def test_each_scope_comes_after_the_one_around_it() -> None:
    with scope("outer"):
        with scope("inner"):
            x = Value(2.0)
        y = exp(x)
    with scope("other"):
        z = y * x
    outline = Outline(z)
    assert [found.name for found in outline.scopes] == ["outer", "inner", "other"]
    assert (outline.parents, outline.depths, outline.homes) == ([None, 0, None], [1, 2, 1], [1, 0, 2])
    assert (outline.around(1), outline.around(None)) == ([0, 1], [])


def test_a_scope_of_which_nothing_is_in_the_graph_is_left_out() -> None:
    with scope("elsewhere"):
        Value(1.0)
    with scope("here"):
        x = Value(2.0)
    assert [found.name for found in Outline(exp(x)).scopes] == ["here"]


def test_a_member_of_several_scopes_belongs_to_the_innermost_and_is_held_by_all() -> None:
    w, x = Value(1.0), Value(2.0)
    with scope("outer", members=[w]), scope("inner", members=[w, Value(5.0)]):
        y = w * x
    outline = Outline(y)
    assert outline.homes == [1, None, 1]
    assert outline.holders == {0: {0, 1}}


def test_names_skip_labels_and_constants_are_their_numbers() -> None:
    x = Value(2.0, label="v1")
    assert names_of(topological_order(exp(x) * 1.23456789), digits=4) == ["v1", "1.235", "v2", "v3"]


def test_local_derivatives_are_none_where_nobody_asks_or_none_exists() -> None:
    x = Value(0.0)
    assert local_derivatives(x * 3.0) == [3.0, None]
    assert local_derivatives(x**0.5) == [None, None]
