"""Graphs as Graphviz lays them out: at the sizes that ours are given, so that nothing but the layout differs."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd.pictures.layout import Layout, Point, Rectangle
from tests.autograd.pictures.layout.quality import Graph

if TYPE_CHECKING:
    import graphviz

_PATIENCE = ("nslimit", "mclimit", "splines", "newrank")


def is_here() -> bool:
    """Whether there is a Graphviz to compare with."""
    return shutil.which("dot") is not None or importlib.util.find_spec("pygraphviz") is not None


def patience(picture: graphviz.Digraph) -> dict[str, str]:
    """The settings by which a drawing limits the time that Graphviz takes."""
    return {name: picture.graph_attr[name] for name in _PATIENCE if name in picture.graph_attr}


def laid_out(graph: Graph, settings: Mapping[str, str]) -> Layout:
    """The layout of Graphviz; settings are further attributes of the graph."""
    try:
        found = _run(written(graph, settings))
    except RuntimeError as error:
        if "init_rank" not in str(error):
            raise
        found = _run(written(graph, {**settings, "newrank": "true"}))  # as drawings do
    width, height = _numbers(found["bb"])[2:]

    def down(point: str) -> Point:
        x, y = _numbers(point)
        return Point(x, height - y)

    things = {thing["name"]: thing for thing in found["objects"]}
    boxes: list[Rectangle | None] = []
    for number in range(len(graph.clusters)):
        thing = things.get(f"cluster_{number}")
        left, low, right, high = _numbers(thing["bb"]) if thing else (0.0, 0.0, 0.0, 0.0)
        boxes.append(Rectangle(left, height - high, right - left, high - low) if thing else None)
    edges = {edge["id"]: edge for edge in found.get("edges", ())}
    routes, texts = [], []
    for number in range(len(graph.edges)):
        edge = edges[str(number)]
        points = edge["pos"].split(" ")
        tip = points.pop(0).removeprefix("e,") if points[0].startswith("e,") else None
        route = [down(point) for point in points]
        if tip is not None:  # of the arrow, behind the end of the curve
            (x, y), (to_x, to_y) = route[-1], down(tip)
            route += [Point(x + (to_x - x) * part / 3, y + (to_y - y) * part / 3) for part in (1, 2, 3)]
        routes.append(route)
        texts.append(down(edge["lp"]) if "lp" in edge else None)
    centers = [down(things[f"n{number}"]["pos"]) for number in range(len(graph.nodes))]
    return Layout(centers, boxes, routes, texts, width, height)


def written(graph: Graph, settings: Mapping[str, str]) -> str:
    """The graph as DOT text, in which every node, text and header has its size."""
    attributes = {
        **settings,
        "rankdir": graph.direction,
        "nodesep": f"{graph.node_distance / 72}",
        "ranksep": f"{graph.rank_distance / 72}",
    }
    lines = ["digraph {", *(f"{name}={value};" for name, value in attributes.items())]
    lines += ['node [shape=box, fixedsize=true, label=""]', "edge [arrowsize=0.6]"]
    clusters: dict[int | None, list[str]] = {None: lines}
    for number, cluster in enumerate(graph.clusters):
        place = "t" if graph.direction == "LR" else "b"
        clusters[number] = [
            f"subgraph cluster_{number} {{ margin=10; labeljust=l; labelloc={place}; label={_blank(cluster.header)}"
        ]
    for number, node in enumerate(graph.nodes):
        width, height = max(node.width, 0.01) / 72, max(node.height, 0.01) / 72
        shape = "point" if node.width == node.height == 0.0 else "box"
        clusters[node.cluster].append(f"n{number} [shape={shape}, width={width:.6f}, height={height:.6f}]")
    for number in reversed(range(len(graph.clusters))):
        clusters[graph.clusters[number].parent] += [*clusters[number], "}"]
    for number, edge in enumerate(graph.edges):
        text = "" if edge.text is None else f", label={_blank(edge.text)}"
        head = graph.nodes[edge.head]
        arrow = ", arrowhead=none" if head.width == head.height == 0.0 else ""
        lines.append(f'n{edge.tail} -> n{edge.head} [id="{number}"{arrow}{text}]')
    return "\n".join([*lines, "}"])


def _run(source: str) -> dict[str, Any]:
    """What Graphviz makes of a DOT text: its program where it is installed, else the libraries of pygraphviz."""
    if shutil.which("dot"):
        done = subprocess.run(["dot", "-Tjson0"], input=source.encode(), capture_output=True)
        if done.returncode or not done.stdout:
            raise RuntimeError(done.stderr.decode())
        data = done.stdout
    else:
        import pygraphviz

        try:
            data = pygraphviz.AGraph(string=source).draw(format="json0", prog="dot")
        except pygraphviz.DotError as error:
            raise RuntimeError(str(error)) from error
    found: dict[str, Any] = json.loads(data)
    return found


def _blank(size: tuple[float, float]) -> str:
    """A label that takes up room."""
    cell = f'<td fixedsize="true" width="{size[0]:.0f}" height="{size[1]:.0f}"></td>'
    return f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="0"><tr>{cell}</tr></table>>'


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]
