from __future__ import annotations

import pytest

from autograd.pictures.layout import Cluster, Edge, Node, layered


def test_no_nodes_give_an_empty_layout() -> None:
    layout = layered([], [])
    assert (layout.centers, layout.routes, layout.width, layout.height) == ([], [], 0.0, 0.0)


def test_an_edge_to_its_own_tail_is_refused() -> None:
    with pytest.raises(ValueError, match="edge 0 leads from node 0 to itself"):
        layered([Node(10, 10)], [Edge(0, 0)])


def test_a_cluster_without_nodes_has_no_box() -> None:
    layout = layered([Node(10, 10, 1)], [], [Cluster(), Cluster()])
    assert [box is None for box in layout.boxes] == [True, False]
