"""What counts as a fault of a layout, on small layouts with one fault each."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from autograd.pictures.layout import Cluster, Edge, Layout, Node

pytest.importorskip("numpy", reason="layouts are judged with NumPy")

from tests.autograd.pictures.layout.quality import Graph, area, crossings, faults, flaws, polyline

# Two nodes in a box, one inside of another box in it, and one outside; an edge with a text, and one without.
GRAPH = Graph(
    nodes=[Node(20.0, 10.0, 0), Node(20.0, 10.0, 1), Node(20.0, 10.0)],
    edges=[Edge(0, 1, (20.0, 10.0)), Edge(0, 2)],
    clusters=[Cluster(None, (30.0, 10.0)), Cluster(0)],
    direction="LR",
    node_distance=10.0,
    rank_distance=20.0,
)


def layout(centers: Any, boxes: Any, routes: Any, texts: Any, width: float, height: float) -> Layout:
    """A layout of plain tuples."""
    return Layout(centers, boxes, routes, texts, width, height)


LAYOUT = layout(
    centers=[(30.0, 40.0), (90.0, 40.0), (130.0, 100.0)],
    boxes=[(10.0, 10.0, 105.0, 60.0), (75.0, 25.0, 30.0, 30.0)],
    routes=[
        [(40.0, 40.0), (53.0, 40.0), (66.0, 40.0), (80.0, 40.0)],
        [(40.0, 45.0), (40.0, 120.0), (60.0, 100.0), (120.0, 100.0)],
    ],
    texts=[(60.0, 30.0), None],
    width=200.0,
    height=120.0,
)


def changed(**parts: Any) -> Layout:
    """The layout with some things elsewhere: lists take {index: what is there now}."""
    replaced: dict[str, Any] = {}
    for name, part in parts.items():
        old = getattr(LAYOUT, name)
        replaced[name] = [part.get(index, thing) for index, thing in enumerate(old)] if isinstance(part, dict) else part
    return LAYOUT._replace(**replaced)


def straight(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """A route along straight lines."""
    route = [corners[0]]
    for (x, y), (to_x, to_y) in itertools.pairwise(corners):
        route += [(x + (to_x - x) * part / 3, y + (to_y - y) * part / 3) for part in (1, 2, 3)]
    return route


def test_a_good_layout_has_no_fault() -> None:
    assert faults(GRAPH, LAYOUT) == []
    assert flaws(GRAPH, LAYOUT) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (changed(centers={2: (45.0, 110.0)}, routes={1: straight((40.0, 45.0), (40.0, 105.0))}), None),
        (changed(centers={1: (49.0, 40.0)}), "the nodes 0 and 1 overlap"),
        (changed(centers={2: (100.0, 60.0)}), "node 2 is in the box 0, not its own"),
        (changed(centers={0: (75.0, 50.0)}), "node 0 is in the box 1, not its own"),
        (changed(centers={1: (90.0, 52.0)}), "node 1 is not inside of its box 1"),
        (changed(centers={0: (30.0, 20.0)}), "node 0 is over the name of box 0"),
        (changed(centers={2: (195.0, 100.0)}), "node 2 is outside of the picture"),
        (changed(boxes={1: (75.0, 25.0, 50.0, 30.0)}), "the box 1 is not inside of its box 0"),
        (changed(texts={0: (49.0, 40.0)}), "the text of edge 0 is over node 0"),
        (changed(texts={0: (45.0, 20.0)}), "the text of edge 0 is over the name of box 0"),
        (changed(texts={0: (0.0, 30.0)}), "text 0 is outside of the picture"),
        (
            changed(routes={1: straight((40.0, 40.0), (90.0, 38.0), (110.0, 90.0), (130.0, 95.0))}),
            "edge 1 runs through node 1",
        ),
        (changed(routes={0: straight((50.0, 40.0), (80.0, 40.0))}), "edge 0 does not begin at the border of node 0"),
        (changed(routes={0: straight((40.0, 40.0), (90.0, 40.0))}), "edge 0 does not end at the border of node 1"),
        (
            changed(routes={0: straight((40.0, 40.0), (60.0, 130.0), (80.0, 40.0))}),
            "edge 0 is outside of the picture",
        ),
    ],
)
def test_each_fault_is_named(wrong: Layout, fault: str | None) -> None:
    found = faults(GRAPH, wrong)
    assert fault in found if fault else not found


def test_boxes_beside_each_other_must_not_overlap() -> None:
    graph = GRAPH._replace(clusters=[Cluster(), Cluster()])
    assert faults(graph, LAYOUT) == [
        "node 1 is in the box 0, not its own",
        "the boxes 0 and 1 overlap",
    ]


def test_texts_must_not_overlap() -> None:
    graph = GRAPH._replace(edges=[Edge(0, 1, (20.0, 10.0)), Edge(0, 2, (20.0, 10.0))])
    assert faults(graph, changed(texts={1: (65.0, 35.0)})) == ["the texts of the edges 0 and 1 overlap"]


def test_a_junction_of_no_size_must_not_lie_in_a_node() -> None:
    graph = GRAPH._replace(nodes=[*GRAPH.nodes, Node(0.0, 0.0)])
    wrong = changed(centers=[*LAYOUT.centers, (130.0, 100.0)])
    assert faults(graph, wrong) == ["the nodes 2 and 3 overlap"]


@pytest.mark.parametrize(
    ("route", "flaw"),
    [
        (straight((40.0, 42.0), (78.0, 50.0), (100.0, 52.0), (130.0, 95.0)), "edge 1 runs through box 1"),
        (straight((40.0, 40.0), (55.0, 30.0), (110.0, 80.0), (120.0, 100.0)), "edge 1 runs through the text of edge 0"),
        (straight((20.0, 40.0), (45.0, 40.0), (120.0, 100.0)), "edge 1 runs through its own node 0"),
    ],
)
def test_each_flaw_is_named(route: list[tuple[float, float]], flaw: str) -> None:
    assert flaw in flaws(GRAPH, changed(routes={1: route}))


POINT = Node(0.0, 0.0)
CROSS = Graph([POINT] * 4, [Edge(0, 1), Edge(2, 3)], [], "LR", 10.0, 20.0)


def crossed(*routes: list[tuple[float, float]]) -> int:
    centers = [routes[0][0], routes[0][-1], routes[1][0], routes[1][-1]]
    return crossings(CROSS, layout(centers, [], list(routes), [None, None], 100.0, 100.0))


def test_crossings_are_counted_on_the_curves() -> None:
    across = straight((0.0, 50.0), (100.0, 50.0))
    assert crossed(across, straight((50.0, 0.0), (50.0, 100.0))) == 1
    assert crossed(across, straight((0.0, 60.0), (100.0, 60.0))) == 0
    assert crossed(across, [(0.0, 40.0), (30.0, 80.0), (70.0, 80.0), (100.0, 40.0)]) == 2
    assert crossed(across, straight((0.0, 0.0), (50.0, 50.0), (100.0, 100.0))) == 1, "at a corner it is one crossing"
    assert crossed(across, straight((0.0, 0.0), (50.0, 49.5), (100.0, 0.0))) == 0


def test_edges_of_one_node_do_not_cross_where_they_meet() -> None:
    graph = CROSS._replace(nodes=[Node(10.0, 10.0)] * 3, edges=[Edge(0, 1), Edge(0, 2)])
    placed = layout(
        [(50.0, 50.0), (100.0, 50.0), (100.0, 80.0)],
        [],
        [straight((55.0, 50.0), (95.0, 50.0)), straight((55.0, 49.0), (57.0, 51.0), (95.0, 80.0))],
        [None, None],
        100.0,
        100.0,
    )
    assert crossings(graph, placed) == 0
    assert crossings(graph._replace(edges=[Edge(0, 1), Edge(2, 2)]), placed) == 1


def test_a_curve_becomes_a_line_close_to_it() -> None:
    line = polyline([(0.0, 0.0), (0.0, 100.0), (100.0, 100.0), (100.0, 0.0)])
    assert len(line) > 10
    for x, y in line:
        # The curve is x = 100 (3 t² - 2 t³), y = 300 t (1 - t).
        t = 0.5 + (0.5 if x > 50.0 else -0.5) * (1.0 - y / 75.0) ** 0.5
        assert x == pytest.approx(100.0 * (3 * t**2 - 2 * t**3), abs=1e-6)


def test_the_area_is_that_of_the_whole_picture() -> None:
    assert area(LAYOUT) == 24_000.0
