"""Where each node of a graph stands, and all else that the page has to know about it.

Graphviz places the nodes, the edges and the boxes of the scopes; the page draws them. The sizes of the nodes are
decided here, so that nothing depends on which fonts a machine has. There is a layout in which the outermost scopes
are folded into one box each, one in which those inside them are, and so on, and one with nothing folded.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.engine.modes import Scope
from autograd.engine.ops import Primitive
from autograd.engine.value import Value
from autograd.pictures.bundling import bundled
from autograd.pictures.draw import Outline, local_derivatives
from autograd.pictures.rendering import Picture
from autograd.pictures.style import shown

# In points, which the page takes as pixels.
_LINE = 15.0
_MARGIN = 7.0
_NUMBER_WIDTH = 98.0  # "grad -0.0001234", in bold letters
_CONSTANT_WIDTH = 58.0  # "-1.234e-05"
_NAME_CHARACTER = 7.8  # of bold text, in the widest of the common fonts
_FOLDED_HEIGHT = 54.0
_MOST_LAYOUTS = 4  # scopes may be nested deeply, as in a recursion
_GRAPH = {"rankdir": "LR", "nodesep": "0.25", "ranksep": "1.15"}
_PLACED_WITH_PATIENCE = 200
_NODE = {"shape": "box", "fixedsize": "true", "label": ""}
_EDGE = {"arrowsize": "0.6"}
_JUNCTION = {"shape": "point", "width": "0.01", "height": "0.01"}
_STRAIGHT = 4.0  # so far may a bend be from the straight line that takes its place


def laid_out(root: Value, nodes: list[Value], paths_from: Value | None = None) -> dict[str, Any]:
    """The graph as the page reads it: numbers, strings and lists of these, nothing else.

    `nodes` are all that `root` was computed from, in topological order; the paths from one of them may be shown first.

    >>> from autograd import topological_order
    >>> y = Value(3.0, label="x") ** 2.0
    >>> [node["name"] for node in laid_out(y, topological_order(y))["nodes"]]
    ['x', '2', 'v1']
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
    deepest = max((len(scope.path()) for scope in scopes), default=0)
    depths = [*range(1, min(deepest, _MOST_LAYOUTS - 1) + 1), deepest + 1]
    return {
        "nodes": written,
        "scopes": [
            {"name": shown(scope.name), "parent": None if scope.parent is None else scopes[scope.parent]}
            for scope in scopes
        ],
        "pathsFrom": None if paths_from is None else places[paths_from],
        "layouts": [_layout(nodes, places, homes, scopes, sizes, depth) for depth in depths],
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
    return {**written, **formula, "builtIn": False, "partials": _partials(node)}


def _partials(node: Value) -> list[float | str | None]:
    """The derivative with respect to each operand: None where none is asked for, "undefined" where there is none."""
    return [
        None if not parent.requires_grad else "undefined" if derivative is None else _number(derivative)
        for parent, derivative in zip(node.parents, local_derivatives(node), strict=False)
    ]


def _size(node: Value, name: str) -> list[float]:
    """Width and height of a node: room for its symbol, its name and its numbers."""
    lines = name.split("\n") if node.label else [name]
    widest = max(map(_columns, lines))
    text = max(widest * _NAME_CHARACTER, _NUMBER_WIDTH if node.requires_grad else _CONSTANT_WIDTH)
    symbol = 0.0
    if node.op is not None:
        title = shown(node.op.title)
        symbol = 24.0 if len(title) <= 2 else 8.0 + 7.5 * len(title) + 6.0 * title.count("m")  # as wide as two letters
    # A constant without a label is its number; what else there is has two lines of numbers, or one.
    rows = len(lines) + (2 if node.requires_grad else 1 if node.label else 0)
    return [round(symbol + text + 2 * _MARGIN, 1), rows * _LINE + _MARGIN]


def _layout(
    nodes: list[Value],
    places: dict[Value, int],
    homes: list[Scope | None],
    scopes: dict[Scope, int],
    sizes: list[list[float]],
    depth: int,
) -> dict[str, Any]:
    """The layout in which the scopes at a depth are folded.

    It says the centers of the nodes, None for those inside a folded scope; the boxes of the scopes (x, y, width and
    height), None likewise; the edges, each with its points and the operands it stands for; and the whole extent.
    """
    picture = Picture("graph", graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    clusters: dict[Scope | None, Picture] = {None: picture}
    for scope, place in scopes.items():
        name = shown(scope.name)
        level = len(scope.path())
        width = 40 + _NAME_CHARACTER * _columns(name)
        if level < depth:
            header = f'<<table border="0"><tr><td width="{width:.0f}" height="14"> </td></tr></table>>'
            attributes = {"label": header, "labeljust": "l", "margin": "10"}
            clusters[scope] = Picture(f"cluster_{place}", graph_attr=attributes)
        elif level == depth:
            clusters[scope.parent].node(f"s{place}", **_inches(max(width, 130.0), _FOLDED_HEIGHT))
    drawn_as = []
    for place, home in enumerate(homes):
        path = [] if home is None else home.path()
        if len(path) >= depth:
            drawn_as.append(f"s{scopes[path[depth - 1]]}")
        else:
            drawn_as.append(f"n{place}")
            clusters[home].node(f"n{place}", **_inches(*sizes[place]))
    picture.graph_attr.update(_patience(len(set(drawn_as))))
    for scope in reversed(scopes):
        if scope in clusters:
            clusters[scope.parent].subgraph(clusters[scope])
    stands_for: dict[tuple[str, str, int], list[list[int]]] = {}
    for place, node in enumerate(nodes):
        for operand, parent in enumerate(node.parents):
            ends = drawn_as[places[parent]], drawn_as[place]
            if ends[0] != ends[1]:
                both_alone = ends[0][0] == ends[1][0] == "n"
                stands_for.setdefault((*ends, operand if both_alone else 0), []).append([place, operand])
    bundle = bundled([(tail, head) for tail, head, _ in stands_for])
    picture.graph_attr.update(bundle.settings)
    for junction, before in bundle.trunks.items():
        picture.node(junction, **_JUNCTION)
        picture.edge(before, junction, id=junction, arrowhead="none")
    for number, ((tail, head, _), branch) in enumerate(zip(stands_for, bundle.branches, strict=True)):
        picture.edge(branch or tail, head, id=str(number))
    found = json.loads(picture.pipe(format="json0"))
    extent = _numbers(found["bb"])[2:]
    centers: list[list[float] | None] = [None] * len(nodes)
    boxes: list[list[float] | None] = [None] * len(scopes)
    for one in found["objects"]:
        name = one["name"]
        if name.startswith("cluster_"):
            left, low, right, high = _numbers(one["bb"])
            boxes[int(name.removeprefix("cluster_"))] = _rounded(left, extent[1] - high, right - left, high - low)
            continue
        if name in bundle.trunks:
            continue
        x, y = _numbers(one["pos"])
        if name.startswith("s"):
            width, height = float(one["width"]) * 72, float(one["height"]) * 72
            boxes[int(name[1:])] = _rounded(x - width / 2, extent[1] - y - height / 2, width, height)
        else:
            centers[int(name[1:])] = _rounded(x, extent[1] - y)
    operands = list(stands_for.values())
    curves = {one["id"]: one["pos"] for one in found.get("edges", [])}
    trunks: dict[str | None, _Line] = {None: _Line()}
    for junction, before in bundle.trunks.items():
        spline = curves[junction].split(" ")
        trunks[junction] = trunks[before if before in bundle.trunks else None].continued(map(_numbers, spline))
    edges = []
    for number, (of, branch) in enumerate(zip(operands, bundle.branches, strict=True)):
        # The tip of the arrow, then a chain of cubic curves.
        tip, *spline = curves[str(number)].removeprefix("e,").split(" ")
        line = trunks[branch].continued(map(_numbers, spline)).points if branch else map(_numbers, spline)
        points = [_rounded(x, extent[1] - y) for x, y in [*line, _numbers(tip)]]
        edges.append({"points": points, "of": of})
    return {"centers": centers, "boxes": boxes, "edges": edges, "extent": extent}


class _Line:
    """A chain of cubic curves: its start, and the three points of each curve; straight runs of it as one curve.

    All edges that branch off from a trunk begin with what is before the branch, so it has to have few points.
    """

    def __init__(self, points: Sequence[list[float]] = (), error: float = math.inf) -> None:
        self.points = points
        self._error = error  # how far the last curve may be from what it stands for; infinite where it is not straight

    def continued(self, more: Iterable[list[float]]) -> _Line:
        """Another line put to the end of it."""
        start, *curves = more
        points = list(self.points) or [start]
        error = self._error
        for at in range(0, len(curves), 3):
            curve = curves[at : at + 3]
            bend = max(_distance(one, points[-1], curve[2]) for one in curve[:2])
            together = error + bend + _distance(points[-1], points[-4], curve[2]) if error < math.inf else math.inf
            if together <= _STRAIGHT:
                end, error = curve[2], together
                begin = points[-4]
                del points[-3:]
                third = [(end[0] - begin[0]) / 3, (end[1] - begin[1]) / 3]
                curve = [[begin[0] + k * third[0], begin[1] + k * third[1]] for k in (1, 2)] + [end]
            else:
                error = bend if bend <= _STRAIGHT else math.inf
            points += curve
        return _Line(points, error)


def _distance(point: list[float], start: list[float], end: list[float]) -> float:
    """How far a point is from the line through two others."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y)
    if length == 0.0:
        return math.dist(point, start)
    return abs(x * (point[1] - start[1]) - y * (point[0] - start[0])) / length


def _patience(count: int) -> dict[str, str]:
    """How long Graphviz may try to shorten the edges of so many nodes.

    It tries `nslimit` times the number of nodes, each time in a time that grows with the graph. In a large one nearly
    all is won at the beginning: a sum of 600 terms is placed as well in 8 seconds as it was in 107.

    >>> _patience(100), _patience(1000)
    ({'nslimit': '2'}, {'nslimit': '0.08'})
    """
    return {"nslimit": f"{2 * min(1.0, _PLACED_WITH_PATIENCE / count) ** 2:.4g}"}


def _inches(width: float, height: float) -> dict[str, str]:
    """A size as Graphviz takes it."""
    return {"width": f"{width / 72:.4f}", "height": f"{height / 72:.4f}"}


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _rounded(*numbers: float) -> list[float]:
    """As many digits as an eye can see."""
    return [round(number, 1) for number in numbers]


def _columns(line: str) -> int:
    """How many narrow characters a line is as wide as."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)
