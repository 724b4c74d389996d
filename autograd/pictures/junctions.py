"""The layout of drawings whose edges are bundled, without Graphviz."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.pictures import layout
from autograd.pictures.bundling import Bundled


def arranged(
    bundle: Bundled,
    names: Sequence[str],
    nodes: Sequence[layout.Node],
    edges: Sequence[tuple[str, str, tuple[float, float] | None]],
    clusters: Sequence[layout.Cluster],
) -> layout.Arrangement:
    """The arrangement of a bundled graph.

    Junctions are nodes of size 0, after the others; the trunks that lead to them are edges, before the others.

    Args:
        bundle: how the edges run.
        names: what edges call each node.
        nodes: their sizes and clusters.
        edges: from, to, and the size of the text on it or None.
        clusters: boxes around nodes.

    >>> bundle, nodes = Bundled([None], {}, {}), [layout.Node(20.0, 10.0)] * 2
    >>> arranged(bundle, "ab", nodes, [("a", "b", None)], ()).laid_out().height
    10.0
    """
    index = {name: number for number, name in enumerate([*names, *bundle.trunks])}
    drawn = [layout.Edge(index[before], index[junction]) for junction, before in bundle.trunks.items()]
    for (tail, head, text), branch in zip(edges, bundle.branches, strict=True):
        drawn.append(layout.Edge(index[branch or tail], index[head], text))
    return layout.Arrangement([*nodes, *(layout.Node(0.0, 0.0) for _ in bundle.trunks)], drawn, clusters)
