"""The data of the page: the position of each node of a graph, and everything else the page shows of it.

Graphviz places the nodes, the edges and the boxes of the scopes; the page draws them. The sizes of the nodes are set
here, so they do not depend on the fonts of a machine. There is a layout with the outermost scopes folded into one box
each, one with the scopes inside them folded, and so on, and one with nothing folded.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from autograd.engine.ops import Primitive
from autograd.engine.value import Value
from autograd.explore.own import OwnFormulas
from autograd.pictures.bundling import Bundled, bundled
from autograd.pictures.outline import Outline, local_derivatives, names_of
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
_STRAIGHT = 4.0  # the farthest that a bend may be from the straight line that replaces it


def laid_out(outline: Outline, paths_from: int | None = None) -> dict[str, Any]:
    """The graph as the page reads it: dicts and lists of numbers and strings.

    At the start the page shows the paths from the node with the index `paths_from`.

    >>> y = Value(3.0, label="x") ** 2.0
    >>> [node["name"] for node in laid_out(Outline(y))["nodes"]]
    ['x', '2', 'v1']
    """
    names = [shown(name) for name in names_of(outline.nodes, digits=4)]
    own = OwnFormulas()
    sizes = [_size(node, name) for node, name in zip(outline.nodes, names, strict=True)]
    nodes = [
        {
            "name": name,
            "labelled": bool(node.label),
            "data": _number(node.data),
            "requiresGrad": node.requires_grad,
            "scope": home,
            "symbol": "" if node.op is None else shown(node.op.title),
            "size": size,
            **({} if node.op is None else _operation(node, node.op, operands, own)),
        }
        for node, name, home, size, operands in zip(
            outline.nodes, names, outline.homes, sizes, outline.operands, strict=True
        )
    ]
    scopes = [
        {"name": shown(scope.name), "parent": parent}
        for scope, parent in zip(outline.scopes, outline.parents, strict=True)
    ]
    deepest = max(outline.depths, default=0)
    depths = [*range(1, min(deepest, _MOST_LAYOUTS - 1) + 1), deepest + 1]
    layouts = [_layout(outline, sizes, depth) for depth in depths]
    return {"nodes": nodes, "scopes": scopes, "pathsFrom": paths_from, "layouts": layouts, "own": own.sources}


def _number(number: float) -> float | str:
    """A number for JSON, which has no infinity and no NaN: these become strings."""
    return number if math.isfinite(number) else str(number)


def _operation(node: Value, primitive: Primitive, operands: tuple[int | None, ...], own: OwnFormulas) -> dict[str, Any]:
    """The data of an operation.

    A primitive that is not the library's own brings its local derivatives, for where the page has no formula for it.
    """
    written = {"operation": shown(primitive.name), "operands": operands}
    formula = {"formula": shown(primitive.call), "derivatives": [shown(text) for text in primitive.derivatives]}
    if getattr(primitive, "_is_built_in", False):
        return {**written, **formula, "builtIn": True}
    return {**written, **formula, "builtIn": False, "partials": _partials(node), **own.of(primitive)}


def _partials(node: Value) -> list[float | str | None]:
    """The derivative with respect to each operand: None if it is not needed, "undefined" if it does not exist."""
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
    # A constant without a label shows its number as its name; all others have one or two lines of numbers.
    rows = len(lines) + (2 if node.requires_grad else 1 if node.label else 0)
    return [round(symbol + text + 2 * _MARGIN, 1), rows * _LINE + _MARGIN]


def _layout(outline: Outline, sizes: list[list[float]], depth: int) -> dict[str, Any]:
    """The layout with the scopes at a depth folded.

    It holds the centers of the nodes, None for those inside a folded scope; the boxes of the scopes (x, y, width and
    height), None likewise; the edges, each with its points and the operands it stands for; and the whole extent.
    """
    picture = Picture("graph", graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    clusters: dict[int | None, Picture] = {None: picture}
    for index, (scope, parent, level) in enumerate(zip(outline.scopes, outline.parents, outline.depths, strict=True)):
        width = 40 + _NAME_CHARACTER * _columns(shown(scope.name))
        if level < depth:
            header = f'<<table border="0"><tr><td width="{width:.0f}" height="14"> </td></tr></table>>'
            attributes = {"label": header, "labeljust": "l", "margin": "10"}
            clusters[index] = Picture(f"cluster_{index}", graph_attr=attributes)
        elif level == depth:
            clusters[parent].node(f"s{index}", **_inches(max(width, 130.0), _FOLDED_HEIGHT))
    drawn_as = []
    for index, home in enumerate(outline.homes):
        around = outline.around(home)
        if len(around) >= depth:
            drawn_as.append(f"s{around[depth - 1]}")
        else:
            drawn_as.append(f"n{index}")
            clusters[home].node(f"n{index}", **_inches(*sizes[index]))
    picture.graph_attr.update(_patience(len(set(drawn_as))))
    for index, parent in reversed([*enumerate(outline.parents)]):
        if index in clusters:
            clusters[parent].subgraph(clusters[index])
    stands_for: dict[tuple[str, str, int], list[list[int]]] = {}
    for operand, index, which in outline.edges():
        tail, head = drawn_as[operand], drawn_as[index]
        if tail != head:
            both_alone = tail[0] == head[0] == "n"
            stands_for.setdefault((tail, head, which if both_alone else 0), []).append([index, which])
    bundle = bundled([(tail, head) for tail, head, _ in stands_for])
    picture.graph_attr.update(bundle.settings)
    for junction, before in bundle.trunks.items():
        picture.node(junction, **_JUNCTION)
        picture.edge(before, junction, id=junction, arrowhead="none")
    for number, ((tail, head, _), branch) in enumerate(zip(stands_for, bundle.branches, strict=True)):
        picture.edge(branch or tail, head, id=str(number))
    found = json.loads(picture.pipe(format="json0"))
    extent = _numbers(found["bb"])[2:]
    centers: list[list[float] | None] = [None] * len(outline.nodes)
    boxes: list[list[float] | None] = [None] * len(outline.scopes)
    for drawn in found["objects"]:
        name = drawn["name"]
        if name.startswith("cluster_"):
            left, low, right, high = _numbers(drawn["bb"])
            boxes[int(name.removeprefix("cluster_"))] = _rounded(left, extent[1] - high, right - left, high - low)
            continue
        if name in bundle.trunks:
            continue
        x, y = _numbers(drawn["pos"])
        if name.startswith("s"):
            width, height = float(drawn["width"]) * 72, float(drawn["height"]) * 72
            boxes[int(name[1:])] = _rounded(x - width / 2, extent[1] - y - height / 2, width, height)
        else:
            centers[int(name[1:])] = _rounded(x, extent[1] - y)
    curves = {edge["id"]: edge["pos"] for edge in found.get("edges", [])}
    lines = _lines(curves, bundle)
    edges = [
        {"points": [_rounded(x, extent[1] - y) for x, y in line], "of": of}
        for line, of in zip(lines, stands_for.values(), strict=True)
    ]
    return {"centers": centers, "boxes": boxes, "edges": edges, "extent": extent}


def _lines(curves: dict[str, str], bundle: Bundled) -> Iterator[list[list[float]]]:
    """The points of each edge: a start, the three points of each cubic curve, and the tip of the arrow."""
    trunks: dict[str | None, _Line] = {None: _Line()}
    for junction, before in bundle.trunks.items():
        spline = curves[junction].split(" ")
        trunks[junction] = trunks[before if before in bundle.trunks else None].continued(map(_numbers, spline))
    for number, branch in enumerate(bundle.branches):
        tip, *spline = curves[str(number)].removeprefix("e,").split(" ")
        line = trunks[branch].continued(map(_numbers, spline)).points if branch else map(_numbers, spline)
        yield [*line, _numbers(tip)]


class _Line:
    """A chain of cubic curves: its start, and the three points of each curve. Straight runs are one curve.

    Every edge that branches off from a trunk repeats the trunk up to the branch, so a trunk needs few points.
    """

    def __init__(self, points: Sequence[list[float]] = (), error: float = math.inf) -> None:
        self.points = points
        self._error = error  # how far the last curve is from what it replaces; infinite if it is not straight

    def continued(self, more: Iterable[list[float]]) -> _Line:
        """The line with another one appended."""
        start, *curves = more
        points = list(self.points) or [start]
        error = self._error
        for at in range(0, len(curves), 3):
            curve = curves[at : at + 3]
            bend = max(_distance(control, points[-1], curve[2]) for control in curve[:2])
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
    """The distance of a point from the line through two others."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y)
    if length == 0.0:
        return math.dist(point, start)
    return abs(x * (point[1] - start[1]) - y * (point[0] - start[0])) / length


def _patience(count: int) -> dict[str, str]:
    """How long Graphviz may try to shorten the edges of a graph with this many nodes.

    It makes `nslimit` times the number of nodes steps, and each step takes longer the larger the graph. Large graphs
    gain nearly everything at the beginning: a sum of 600 terms looks the same after 8 seconds as after 107.

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
    """Numbers with the digits that the eye can see."""
    return [round(number, 1) for number in numbers]


def _columns(line: str) -> int:
    """The width of a line, in narrow characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
