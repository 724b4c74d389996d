"""Where each node of a graph stands, and all else that the page has to know about it.

Graphviz places the nodes, the edges and the boxes of the scopes; the page draws them. The sizes of the nodes are
decided here, so that nothing depends on which fonts a machine has.
"""

from __future__ import annotations

import json
import math
import unicodedata
from typing import Any

from autograd import graph
from autograd.draw import Outline, shown
from autograd.modes import Scope
from autograd.ops import Nary, Primitive
from autograd.rendering import Picture
from autograd.value import Value

# In points, which the page takes as pixels.
_LINE = 15.0
_MARGIN = 7.0
_NUMBER_WIDTH = 84.0  # "data -1.234e-05"
_NAME_CHARACTER = 7.2
_GRAPH = {"rankdir": "LR", "nodesep": "0.22", "ranksep": "0.45"}
_NODE = {"shape": "box", "fixedsize": "true", "label": ""}
_EDGE = {"arrowsize": "0.6"}


def laid_out(root: Value, nodes: list[Value]) -> dict[str, Any]:
    """The graph as the page reads it: numbers, strings and lists of these, nothing else.

    `nodes` are all that `root` was computed from, in topological order.

    >>> x = Value(3.0, label="x")
    >>> [node["name"] for node in laid_out(y := x * x, graph.topological_order(y))["nodes"]]
    ['x', 'v1']
    """
    places = {node: place for place, node in enumerate(nodes)}
    outline = Outline(root, None)
    homes = [outline.scope(node) for node in nodes]
    scopes = _scopes(homes)
    names = _names(nodes)
    sizes = [_size(node, name) for node, name in zip(nodes, names, strict=True)]
    written = [
        {
            "name": name,
            "labelled": bool(node.label),
            "data": _number(node.data),
            "requiresGrad": node.requires_grad,
            "scope": None if home is None else scopes[home],
            "symbol": "" if node.op is None else shown(node.op.title),
            "size": size,
            **({} if node.op is None else _operation(node, node.op, places)),
        }
        for node, name, home, size in zip(nodes, names, homes, sizes, strict=True)
    ]
    places_of_all, edges, boxes, extent = _placed(nodes, places, homes, scopes, sizes)
    for one, center in zip(written, places_of_all, strict=True):
        one["center"] = center
    return {
        "nodes": written,
        "edges": edges,
        "scopes": [
            {
                "name": shown(scope.name),
                "parent": None if scope.parent is None else scopes[scope.parent],
                "box": boxes[place],
            }
            for scope, place in scopes.items()
        ],
        "extent": extent,
    }


def _scopes(homes: list[Scope | None]) -> dict[Scope, int]:
    """The scopes that hold something and those around them, each after the one around it."""
    found: dict[Scope, int] = {}
    for home in homes:
        for scope in [] if home is None else home.path():
            found.setdefault(scope, len(found))
    return found


def _names(nodes: list[Value]) -> list[str]:
    """What the page calls each node: its label, a constant's number, or v1, v2, ... as books on the subject do."""
    taken = {node.label for node in nodes}
    names = []
    count = 0
    for node in nodes:
        if node.label:
            names.append(shown(node.label))
        elif not node.requires_grad:
            names.append(f"{node.data:.4g}")
        else:
            count += 1
            while f"v{count}" in taken:
                count += 1
            names.append(f"v{count}")
    return names


def _number(number: float) -> float | str:
    """A number as JSON has it, which knows no infinity and no NaN."""
    return number if math.isfinite(number) else str(number)


def _operation(node: Value, primitive: Primitive, places: dict[Value, int]) -> dict[str, Any]:
    """What is written of an operation.

    One that is not the library's own brings its local derivatives along, since the page has no formula for it.
    """
    written = {"operation": shown(primitive.name), "operands": [places[parent] for parent in node.parents]}
    formula = {"formula": shown(primitive.call), "derivatives": [shown(text) for text in primitive.derivatives]}
    if getattr(primitive, "_is_built_in", False):
        return {**written, **formula, "builtIn": True}
    return {**written, **formula, "builtIn": False, "partials": _partials(node, primitive)}


def _partials(node: Value, primitive: Primitive) -> list[float | str | None]:
    """The derivative with respect to each operand: None where none is asked for, "undefined" where there is none."""
    if isinstance(primitive, Nary):
        return [
            _number(partial) if parent.requires_grad else None
            for parent, partial in zip(node.parents, primitive.partials(), strict=True)
        ]
    numbers = graph.operand_numbers(node)
    x, y = numbers[0], numbers[1] if len(numbers) > 1 else 0.0
    partials: list[float | str | None] = []
    for parent, slope in zip(node.parents, (primitive.slope_x, primitive.slope_y), strict=False):
        if not parent.requires_grad:
            partials.append(None)
            continue
        try:
            partials.append(_number(slope(x, y, node.data)))
        except (ArithmeticError, ValueError):
            partials.append("undefined")
    return partials


def _size(node: Value, name: str) -> list[float]:
    """Width and height of a node: room for its symbol, its name and its numbers."""
    lines = name.split("\n") if node.label else [name]
    widest = max(sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line) for line in lines)
    text = max(widest * _NAME_CHARACTER, _NUMBER_WIDTH if node.requires_grad else 0.0)
    symbol = 0.0
    if node.op is not None:
        title = shown(node.op.title)
        symbol = 24.0 if len(title) <= 2 else 8.0 + 7.5 * len(title)
    # A constant without a label is its number; what else there is has two lines of numbers, or one.
    rows = len(lines) + (2 if node.requires_grad else 1 if node.label else 0)
    return [round(symbol + text + 2 * _MARGIN, 1), rows * _LINE + _MARGIN]


def _placed(
    nodes: list[Value],
    places: dict[Value, int],
    homes: list[Scope | None],
    scopes: dict[Scope, int],
    sizes: list[list[float]],
) -> tuple[list[list[float]], list[dict[str, Any]], list[list[float]], list[float]]:
    """The centers of the nodes, the edges, the boxes of the scopes (x, y, width, height), and the whole extent."""
    picture = Picture("graph", graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    clusters: dict[Scope | None, Picture] = {None: picture}
    for scope, place in scopes.items():
        width = 40 + _NAME_CHARACTER * len(shown(scope.name))
        header = f'<<table border="0"><tr><td width="{width:.0f}" height="14"> </td></tr></table>>'
        attributes = {"label": header, "labeljust": "l", "margin": "10"}
        clusters[scope] = Picture(f"cluster_{place}", graph_attr=attributes)
    for place, node in enumerate(nodes):
        width, height = sizes[place]
        clusters[homes[place]].node(f"n{place}", width=f"{width / 72:.4f}", height=f"{height / 72:.4f}", label="")
    for scope in reversed(scopes):
        clusters[scope.parent].subgraph(clusters[scope])
    for place, node in enumerate(nodes):
        for operand, parent in enumerate(node.parents):
            picture.edge(f"n{places[parent]}", f"n{place}", id=str(operand))
    found = json.loads(picture.pipe(format="json0"))
    top = _numbers(found["bb"])[3]
    centers = [[0.0, 0.0] for _ in nodes]
    boxes = [[0.0, 0.0, 0.0, 0.0] for _ in scopes]
    of_identity: dict[int, int] = {}
    for one in found["objects"]:
        name: str = one["name"]
        if name.startswith("cluster_"):
            left, low, right, high = _numbers(one["bb"])
            boxes[int(name.removeprefix("cluster_"))] = [left, _flipped(high, top), right - left, high - low]
        else:
            of_identity[one["_gvid"]] = int(name[1:])
            x, y = _numbers(one["pos"])
            centers[int(name[1:])] = [x, _flipped(y, top)]
    edges = []
    for one in found.get("edges", []):
        arrow, *spline = one["pos"].removeprefix("e,").split(" ")
        points = [[x, _flipped(y, top)] for x, y in map(_numbers, [*spline, arrow])]
        edges.append(
            {
                "from": of_identity[one["tail"]],
                "to": of_identity[one["head"]],
                "operand": int(one["id"]),
                "points": points,  # those of a chain of cubic curves, then the tip of the arrow
            }
        )
    return centers, edges, boxes, _numbers(found["bb"])[2:]


def _numbers(text: str) -> list[float]:
    return [round(float(part), 1) for part in text.split(",")]


def _flipped(y: float, top: float) -> float:
    """The same height counted downwards, as pages do; Graphviz counts upwards."""
    return round(top - y, 1)
