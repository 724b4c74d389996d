"""The data of the page: the position of each node of a graph, and everything else the page shows of it.

`autograd.explore.placing` places the nodes, the edges and the boxes of the scopes; the page draws them. The sizes of
the nodes are set here, so they do not depend on the fonts of a machine. There is a layout with the outermost scopes
folded into one box each, one with the scopes inside them folded, and so on, and one with nothing folded. Each of them
places everything twice, from left to right and from top to bottom; the page shows what fits its window better.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Any

from autograd.engine.ops import Primitive
from autograd.engine.value import Value
from autograd.explore import formulas
from autograd.explore.own import OwnFormulas
from autograd.explore.placing import Placed, place
from autograd.pictures.layout import Cluster, Node
from autograd.pictures.outline import Outline, local_derivatives
from autograd.pictures.style import shown

# In points, which the page takes as pixels.
_LINE = 14.0
_MARGIN = 7.0
_NUMBER_WIDTH = 58.0  # "-0.01234"; the page draws longer numbers narrower
_NAME_CHARACTER = 7.8  # of bold text, in the widest of the common fonts
_GIVEN_CHARACTER = 6.0  # of text that is small and slanted: the name of a node without a label
_GIVEN_NAME = 15  # characters: "difference 100"
_LONGEST_GIVEN = 8  # characters that make a node wider; the page leaves out what is much longer
_SYMBOL_SPACE = 8.0  # from the symbol to the name
_FOLDED_SIZE = (84.0, 50.0)  # at least
_HEADER_HEIGHT = 24.0
_MOST_LAYOUTS = 4  # scopes may be nested deeply, as in a recursion


def laid_out(outline: Outline, paths_from: int | None = None) -> dict[str, Any]:
    """The graph as the page reads it: dicts and lists of numbers and strings.

    At the start the page shows the paths from the node with the index `paths_from`.

    >>> y = Value(3.0, label="x") ** 2.0
    >>> [node["name"] for node in laid_out(Outline(y))["nodes"]]
    ['x', '', '']
    """
    names = _names(outline)
    own = OwnFormulas()
    lengths = _lengths(outline, names)
    sizes = [_size(*each) for each in zip(outline.nodes, names, lengths, strict=True)]
    nodes = [
        {
            "name": name,
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


def _names(outline: Outline) -> list[str]:
    """The label of each node, or "": the page names the others by what they compute.

    A label that begins with the names of the scopes around its node, as those of a layer's weights do, goes without.
    """
    found = []
    for node, home in zip(outline.nodes, outline.homes, strict=True):
        around = ".".join(outline.scopes[scope].name.replace(" ", "") for scope in outline.around(home))
        label = node.label or ""
        found.append(shown(label.removeprefix(f"{around}.") or label))
    return found


def _lengths(outline: Outline, names: list[str]) -> list[int]:
    """How many characters the names of the nodes have in the page, at most: names.js names them."""
    found: list[int] = []
    for node, name, operands in zip(outline.nodes, names, outline.operands, strict=True):
        if name:
            found.append(max(map(_columns, name.split("\n"))))
        elif not node.requires_grad:
            found.append(len(f"{node.data:.4g}") + 2 * (node.data < 0))
        else:
            title = "input" if node.op is None else shown(node.op.title)
            found.append(max(_GIVEN_NAME, len(title) + 5))  # "sum 12", in the longest words
            if node.op is not None:
                tree = formulas.tree(node.op.call, node.op.operands) or ["call", title, *range(len(operands))]
                written = formulas.length(tree, [0 if operand is None else found[operand] for operand in operands])
                found[-1] = written if written <= formulas.LONGEST_NAME else found[-1]
    return found


def _number(number: float) -> float | str:
    """A number for JSON, which has no infinity and no NaN: these become strings."""
    return number if math.isfinite(number) else str(number)


def _operation(node: Value, primitive: Primitive, operands: tuple[int | None, ...], own: OwnFormulas) -> dict[str, Any]:
    """The data of an operation.

    A primitive that is not the library's own brings its local derivatives, for where the page has no formula for it.
    """
    written = {"operation": shown(primitive.name), "operands": operands}
    formula = {
        "formula": formulas.tree(primitive.call, primitive.operands),
        "derivatives": [formulas.tree(text, primitive.operands) for text in primitive.derivatives],
    }
    if getattr(primitive, "_is_built_in", False):
        return {**written, **formula, "builtIn": True}
    return {**written, **formula, "builtIn": False, "partials": _partials(node), **own.of(primitive)}


def _partials(node: Value) -> list[float | str | None]:
    """The derivative with respect to each operand: None if it is not needed, "undefined" if it does not exist."""
    return [
        None if not parent.requires_grad else "undefined" if derivative is None else _number(derivative)
        for parent, derivative in zip(node.parents, local_derivatives(node), strict=False)
    ]


def _size(node: Value, name: str, length: int) -> list[float]:
    """Width and height of a node: room for its symbol beside its name, and for its numbers below them.

    A constant without a label shows its number as its name; all others have one or two lines of numbers.
    """
    title = length * _NAME_CHARACTER
    if not name:
        title = min(length, _LONGEST_GIVEN) * _GIVEN_CHARACTER if node.requires_grad else 0.0
    if node.op is not None:
        title += _symbol_width(shown(node.op.title)) + _SYMBOL_SPACE
    names = len(name.split("\n")) if name else int(node.requires_grad)
    rows = names + (2 if node.requires_grad else 1)
    return [round(max(title, _NUMBER_WIDTH) + 2 * _MARGIN, 1), rows * _LINE + _MARGIN]


def _symbol_width(title: str) -> float:
    """The room for a symbol: a sign is larger than the letters of a word, and an m is as wide as two letters."""
    return 14.0 if len(title) <= 2 else 7.5 * len(title) + 6.0 * title.count("m")


def _layout(outline: Outline, sizes: list[list[float]], depth: int) -> dict[str, Any]:
    """The layout with the scopes at a depth folded.

    It holds, for each edge, the operands it stands for, and for each direction a place for everything: the centers of
    the nodes, None for those inside a folded scope; the boxes of the scopes (x, y, width and height), None likewise;
    the lines of the edges, each a list x, y, x, y, ...; and the whole extent.
    """
    clusters: list[Cluster] = []
    cluster_of: dict[int | None, int | None] = {None: None}  # by the index of each scope that is not folded
    things: list[Node] = []
    folded: dict[int, int] = {}  # the index of the node of each folded scope
    for index, (scope, parent, level) in enumerate(zip(outline.scopes, outline.parents, outline.depths, strict=True)):
        width = 40 + _NAME_CHARACTER * _columns(shown(scope.name))
        if level < depth:
            cluster_of[index] = len(clusters)
            clusters.append(Cluster(cluster_of[parent], (width, _HEADER_HEIGHT)))
        elif level == depth:
            folded[index] = len(things)
            things.append(Node(max(width - 24, _FOLDED_SIZE[0]), _FOLDED_SIZE[1], cluster_of[parent]))
    drawn_as = []
    alone: dict[int, int] = {}  # the index among things of each node that is drawn by itself
    for index, home in enumerate(outline.homes):
        around = outline.around(home)
        if len(around) >= depth:
            drawn_as.append(folded[around[depth - 1]])
        else:
            alone[index] = len(things)
            drawn_as.append(len(things))
            width, height = sizes[index]
            things.append(Node(width, height, cluster_of[home]))
    stands_for: dict[tuple[int, int, int], list[list[int]]] = {}
    for operand, index, which in outline.edges():
        tail, head = drawn_as[operand], drawn_as[index]
        if tail != head:
            both_alone = operand in alone and index in alone
            stands_for.setdefault((tail, head, which if both_alone else 0), []).append([index, which])
    unfolded = [index for index in cluster_of if index is not None]

    def everything(placed: Placed) -> dict[str, Any]:
        centers: list[list[float] | None] = [None] * len(outline.nodes)
        for index, thing in alone.items():
            centers[index] = _rounded(*placed.centers[thing])
        boxes: list[list[float] | None] = [None] * len(outline.scopes)
        for index, thing in folded.items():
            (x, y), (width, height, _) = placed.centers[thing], things[thing]
            boxes[index] = _rounded(x - width / 2, y - height / 2, width, height)
        for index, box in zip(unfolded, placed.boxes, strict=True):
            boxes[index] = _rounded(*box)
        lines = [_rounded(*(part for point in line for part in point)) for line in placed.lines]
        return {"centers": centers, "boxes": boxes, "lines": lines, "extent": _rounded(*placed.extent)}

    placed = place(things, [(tail, head) for tail, head, _ in stands_for], clusters)
    return {
        "edges": list(stands_for.values()),
        "directions": {direction: everything(found) for direction, found in placed.items()},
    }


def _rounded(*numbers: float) -> list[float]:
    """Numbers with the digits that the eye can see, and no more: `.0` takes room in a page."""
    tenths = [round(10 * number) for number in numbers]
    return [tenth / 10 if tenth % 10 else tenth // 10 for tenth in tenths]


def _columns(line: str) -> int:
    """The width of a line, in narrow characters."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
