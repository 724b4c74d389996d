"""What a layered layout promises, on graphs of a few nodes and on random graphs with clusters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.pictures.layout import Cluster, Edge, Layout, Node, Rectangle, layered

TOLERANCE = 0.02  # coordinates are rounded to hundredths


def box_of(node: Node, layout: Layout, index: int) -> Rectangle:
    x, y = layout.centers[index]
    return Rectangle(x - node.width / 2, y - node.height / 2, node.width, node.height)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        min(one.left + one.width, other.left + other.width) - max(one.left, other.left) > TOLERANCE
        and min(one.top + one.height, other.top + other.height) - max(one.top, other.top) > TOLERANCE
    )


def within(inner: Rectangle, outer: Rectangle) -> bool:
    return (
        outer.left <= inner.left + TOLERANCE
        and outer.top <= inner.top + TOLERANCE
        and inner.left + inner.width <= outer.left + outer.width + TOLERANCE
        and inner.top + inner.height <= outer.top + outer.height + TOLERANCE
    )


def around(cluster: int | None, clusters: Sequence[Cluster]) -> list[int]:
    path = []
    while cluster is not None:
        path.append(cluster)
        cluster = clusters[cluster].parent
    return path


def columns(layout: Layout) -> list[list[int]]:
    """The nodes with the same x, from left to right."""
    found: dict[float, list[int]] = {}
    for index, center in enumerate(layout.centers):
        found.setdefault(center.x, []).append(index)
    return [found[x] for x in sorted(found)]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge], list[Cluster], str]:
    parents = draw(st.lists(st.integers(-3, 5), max_size=6))
    clusters = [Cluster(parent if 0 <= parent < index else None, (20.0, 12.0)) for index, parent in enumerate(parents)]
    homes = st.none() if not clusters else st.one_of(st.none(), st.integers(0, len(clusters) - 1))
    sizes = st.sampled_from([8.0, 30.0, 120.0])
    nodes = draw(st.lists(st.builds(Node, sizes, sizes, homes), min_size=1, max_size=14))
    ends = st.tuples(st.integers(0, len(nodes) - 1), st.integers(0, len(nodes) - 1))
    pairs = draw(st.lists(ends.filter(lambda pair: pair[0] != pair[1]), max_size=20))
    texts = draw(st.lists(st.sampled_from([None, (40.0, 12.0)]), min_size=len(pairs), max_size=len(pairs)))
    edges = [Edge(min(pair), max(pair), text) for pair, text in zip(pairs, texts, strict=True)]
    return nodes, edges, clusters, draw(st.sampled_from(["LR", "TB"]))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_nothing_overlaps_and_clusters_hold_their_nodes_alone(
    graph: tuple[list[Node], list[Edge], list[Cluster], str],
) -> None:
    nodes, edges, clusters, direction = graph
    layout = layered(nodes, edges, clusters, direction=direction)
    boxes = [box_of(node, layout, index) for index, node in enumerate(nodes)]
    texts = [
        Rectangle(at.x - edge.text[0] / 2, at.y - edge.text[1] / 2, *edge.text)
        for edge, at in zip(edges, layout.texts, strict=True)
        if edge.text is not None and at is not None
    ]
    assert not any(itertools.starmap(overlap, itertools.combinations(boxes + texts, 2)))
    homes = [around(node.cluster, clusters) for node in nodes]
    for cluster, rectangle in enumerate(layout.boxes):
        if rectangle is None:
            continue
        for box, home in zip(boxes, homes, strict=True):
            assert within(box, rectangle) if cluster in home else not overlap(box, rectangle)
        for other in range(cluster):
            beside = layout.boxes[other]
            if beside is not None:
                nested = other in around(cluster, clusters), cluster in around(other, clusters)
                assert within(rectangle, beside) or not nested[0]
                assert within(beside, rectangle) or not nested[1]
                assert any(nested) or not overlap(rectangle, beside)
    whole = Rectangle(0, 0, layout.width, layout.height)
    points = [Rectangle(*point, 0, 0) for route in layout.routes for point in route]
    assert all(within(part, whole) for part in (*boxes, *texts, *points))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_no_edge_leads_through_a_node(graph: tuple[list[Node], list[Edge], list[Cluster], str]) -> None:
    nodes, edges, clusters, direction = graph
    layout = layered(nodes, edges, clusters, direction=direction)
    for route in layout.routes:
        for start in range(0, len(route) - 1, 3):
            curve = route[start : start + 4]
            hull = Rectangle(  # a curve lies within its control points
                left := min(point.x for point in curve),
                top := min(point.y for point in curve),
                max(max(point.x for point in curve) - left, 2 * TOLERANCE),
                max(max(point.y for point in curve) - top, 2 * TOLERANCE),
            )
            assert not any(overlap(hull, box_of(node, layout, index)) for index, node in enumerate(nodes))


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_edges_leave_and_enter_at_the_sides_in_the_direction_of_flow(
    graph: tuple[list[Node], list[Edge], list[Cluster], str],
) -> None:
    nodes, edges, clusters, direction = graph
    layout = layered(nodes, edges, clusters, direction=direction)
    for edge, route in zip(edges, layout.routes, strict=True):
        tail, head = box_of(nodes[edge.tail], layout, edge.tail), box_of(nodes[edge.head], layout, edge.head)
        start, end = route[0], route[-1]
        if direction == "LR":
            assert (start.x, end.x) == pytest.approx((tail.left + tail.width, head.left), abs=TOLERANCE)
            assert tail.top <= start.y <= tail.top + tail.height
            assert head.top <= end.y <= head.top + head.height
        else:
            assert (start.y, end.y) == pytest.approx((tail.top + tail.height, head.top), abs=TOLERANCE)
            assert tail.left <= start.x <= tail.left + tail.width
            assert head.left <= end.x <= head.left + head.width


def test_no_nodes_give_an_empty_layout() -> None:
    layout = layered([], [])
    assert (layout.centers, layout.routes, layout.width, layout.height) == ([], [], 0.0, 0.0)


def test_a_single_node_fills_its_drawing() -> None:
    layout = layered([Node(30, 20)], [])
    assert (layout.centers, layout.width, layout.height) == ([(15.0, 10.0)], 30.0, 20.0)


def test_an_edge_to_its_own_tail_is_refused() -> None:
    with pytest.raises(ValueError, match="edge 0 leads from node 0 to itself"):
        layered([Node(10, 10)], [Edge(0, 0)])


def test_a_direction_is_one_of_two() -> None:
    with pytest.raises(ValueError, match="'RL'"):
        layered([], [], direction="RL")


def test_a_cluster_without_nodes_has_no_box() -> None:
    layout = layered([Node(10, 10, 1)], [], [Cluster(), Cluster()])
    assert [box is None for box in layout.boxes] == [True, False]


def test_parallel_edges_are_apart() -> None:
    layout = layered([Node(30, 20), Node(30, 20)], [Edge(0, 1), Edge(0, 1)])
    assert abs(layout.routes[0][0].y - layout.routes[1][0].y) > 3
    assert abs(layout.routes[0][-1].y - layout.routes[1][-1].y) > 3


def test_in_a_cycle_one_edge_leads_back() -> None:
    layout = layered([Node(10, 10)] * 3, [Edge(0, 1), Edge(1, 2), Edge(2, 0)])
    assert [route[0].x < route[-1].x for route in layout.routes] == [True, True, False]


def test_a_long_edge_is_straight_where_it_passes_nodes() -> None:
    nodes = [Node(30, 20)] * 6
    layout = layered(nodes, [Edge(0, 1), Edge(1, 2), Edge(2, 3), Edge(3, 4), Edge(4, 5), Edge(0, 5)])
    inner = {point.y for point in layout.routes[5] if layout.centers[1].x <= point.x <= layout.centers[4].x}
    assert len(inner) == 1


def test_a_chain_is_one_straight_line() -> None:
    layout = layered([Node(30, 20)] * 300, [Edge(index, index + 1) for index in range(299)])
    assert {len(route) for route in layout.routes} == {4}
    assert len({center.y for center in layout.centers}) == 1


def test_a_star_is_one_column_and_its_middle() -> None:
    layout = layered([Node(30, 20)] * 301, [Edge(index, 300) for index in range(300)])
    assert [len(column) for column in columns(layout)] == [300, 1]
    heights = [center.y for center in layout.centers[:300]]
    assert min(heights) < layout.centers[300].y < max(heights)


def test_edges_branch_off_at_the_junction_without_crossing() -> None:
    # a line of junctions, each with a branch into a chain
    nodes = [Node(30, 20)] * 10 + [Node(0, 0)] * 9
    edges = [Edge(index, index + 1) for index in range(9)]
    edges += [Edge(index, index + 1) for index in range(10, 18)] + [Edge(index + 10, index + 1) for index in range(9)]
    layout = layered(nodes, edges)
    trunk = [layout.centers[index].y for index in range(10, 19)]
    assert len(set(trunk)) == 1
    assert all(layout.routes[17 + index][0] == layout.centers[10 + index] for index in range(9))


def test_clusters_inside_clusters_nest_deeply() -> None:
    depth = 20
    clusters = [Cluster(None if index == 0 else index - 1, (40.0, 14.0)) for index in range(depth)]
    layout = layered([Node(30, 20, index) for index in range(depth)], [], clusters)
    boxes = [box for box in layout.boxes if box is not None]
    assert all(within(inner, outer) for outer, inner in itertools.pairwise(boxes))
    assert len(boxes) == depth


def test_a_header_has_room_in_its_box() -> None:
    rightwards = layered([Node(10, 10, 0)], [], [Cluster(None, (200.0, 30.0))]).boxes[0]
    downwards = layered([Node(10, 10, 0)], [], [Cluster(None, (200.0, 30.0))], direction="TB").boxes[0]
    assert rightwards is not None
    assert downwards is not None
    assert rightwards[2:] == (220.0, 60.0)
    assert downwards[2:] == (220.0, 60.0)


# ---------------------------------------------------------------- networks


def network(sizes: Sequence[int]) -> tuple[list[Node], list[Edge], list[Cluster]]:
    """Inputs, and layers of neurons: clusters with a product for each input, and their sum."""
    nodes = [Node(30, 20) for _ in range(sizes[0])]
    edges: list[Edge] = []
    clusters: list[Cluster] = []
    outputs = list(range(sizes[0]))
    for size in sizes[1:]:
        layer = len(clusters)
        clusters.append(Cluster(None, (30.0, 14.0)))
        sums = []
        for _ in range(size):
            neuron = len(clusters)
            clusters.append(Cluster(layer, (30.0, 14.0)))
            products = []
            for output in outputs:
                weight = len(nodes)
                nodes += [Node(30, 20, neuron), Node(40, 20, neuron)]
                edges += [Edge(output, weight + 1), Edge(weight, weight + 1)]
                products.append(weight + 1)
            nodes.append(Node(50, 20, neuron))
            edges += [Edge(product, len(nodes) - 1) for product in products]
            sums.append(len(nodes) - 1)
        outputs = sums
    return nodes, edges, clusters


def test_layers_are_columns_with_the_inputs_before_them() -> None:
    nodes, edges, clusters = network([2, 4, 4, 1])
    layout = layered(nodes, edges, clusters)
    layers = [
        box for box, cluster in zip(layout.boxes, clusters, strict=True) if cluster.parent is None and box is not None
    ]
    assert max(layout.centers[index].x for index in range(2)) < layers[0].left
    assert all(one.left + one.width < other.left for one, other in itertools.pairwise(layers))


def test_neurons_of_a_layer_are_stacked_in_order_and_aligned() -> None:
    nodes, edges, clusters = network([2, 4, 4, 1])
    layout = layered(nodes, edges, clusters)
    for layer in (0, 5):
        neurons = [layout.boxes[index] for index, cluster in enumerate(clusters) if cluster.parent == layer]
        boxes = [box for box in neurons if box is not None]
        assert len({(box.left, box.width) for box in boxes}) == 1
        assert all(one.top + one.height < other.top for one, other in itertools.pairwise(boxes))
        of_neuron = [
            [layout.centers[index].x for index, node in enumerate(nodes) if node.cluster == neuron]
            for neuron, cluster in enumerate(clusters)
            if cluster.parent == layer
        ]
        assert all(places == of_neuron[0] for places in of_neuron)


def test_clusters_that_feed_each_other_share_ranks() -> None:
    # one -> other -> one: neither can stand before the whole of the other
    nodes = [Node(30, 20, 0), Node(30, 20, 1), Node(30, 20, 0)]
    layout = layered(nodes, [Edge(0, 1), Edge(1, 2)], [Cluster(), Cluster()])
    one, other = layout.boxes
    assert one is not None
    assert other is not None
    assert one.left < other.left < other.left + other.width < one.left + one.width


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_node_with_four_heads_stands_at_their_middle(direction: str) -> None:
    placed = layered([Node(20.0, 20.0)] * 5, [Edge(0, head) for head in range(1, 5)], direction=direction)
    across = [center.y if direction == "LR" else center.x for center in placed.centers]
    assert across[0] == pytest.approx(sum(across[1:]) / 4, abs=0.5)


def test_downwards_an_edge_leaves_a_cluster_beside_its_name() -> None:
    nodes = [Node(20.0, 10.0, 1), Node(20.0, 10.0)]
    clusters = [Cluster(None, (90.0, 14.0)), Cluster(0, (70.0, 14.0))]
    placed = layered(nodes, [Edge(0, 1)], clusters, direction="TB")
    start = placed.routes[0][0]
    for box, (_, (width, _)) in zip(placed.boxes, clusters, strict=True):
        assert box is not None
        assert start.x >= box.left + width
