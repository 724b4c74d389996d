"""The graph of a Value as a picture.

`draw` describes the picture as plain data, an `autograd.pictures.drawing.Drawing`. `autograd.pictures.rendering` turns
that into SVG, PNG or PDF; it and the packages it needs are imported at the first drawing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from autograd.engine import graph
from autograd.engine.errors import GraphTooLargeError, RenderError
from autograd.engine.modes import Scope
from autograd.engine.value import Value
from autograd.pictures.drawing import Box, Cluster, Drawing, Edge, Row
from autograd.pictures.outline import Outline, local_derivatives

if TYPE_CHECKING:
    import graphviz

BLANKS = ("grad", "data")
"""What a picture can leave empty."""
EMPTY = "______"
"""Where something is left empty."""


def draw(
    root: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    show_partials: bool = False,
    direction: str = "LR",
    max_depth: int | None = None,
    max_nodes: int = 500,
    layout: str | None = None,
    blank: str | None = None,
) -> graphviz.Digraph:
    """The graph that `root` was computed from, as a picture that a notebook shows.

    Leaves are blue squares, constants are grey and dashed, results are rounded, and `root` is orange with a thick
    outline. Numbers have 4 significant digits. Each `scope` is a box around what was computed or made in it, and
    around its members; a scope named "" is a box without a name. Long labels are cut. A control character shows as
    its symbol (␀ for NUL); a character that no file can hold (half of a surrogate pair) or that is invisible by
    itself shows as �; all other text shows as you wrote it. Where a graph has many long edges, those from one node
    share a line, with a dot where it branches.

    Args:
        root: the Value whose graph is drawn.
        path: a file to write the picture to as well, in the format of its suffix: .svg, .png, .pdf or .dot. It is
            written whole or not at all.
        show_partials: whether to write the local derivative on each edge: the factors of the chain rule.
        direction: "LR" draws from left to right, "TB" from top to bottom.
        max_depth: folds each scope at this depth into one box, with the values that cross its border beside it; 1
            folds the outermost scopes, 2 those directly inside them, None folds nothing.
        max_nodes: the largest number of nodes to draw.
        layout: who places boxes and edges: "dot" (the program), "pygraphviz" (the package) or "python" (this library
            alone, which draws SVG); None takes the first of these that is there.
        blank: what to leave empty, for a sheet to fill in by hand: "grad" for the gradients, "data" for the numbers of
            the operations too.

    Returns:
        A `graphviz.Digraph`: its `.source` is the DOT text, `.pipe(format="svg")` gives the picture as bytes. SVG
        needs no Graphviz as long as you add nothing to the Digraph; PNG and PDF do.

    Raises:
        TypeError: `root` is not a Value, or a depth or a number of nodes is not a whole number.
        ValueError: the direction, the depth, the layout, the blank or the suffix is not one of those above.
        GraphTooLargeError: the drawing would have more than `max_nodes` nodes.
        FileNotFoundError: the folder of `path` does not exist.
        RenderError: Graphviz is needed and missing, or failed.

    >>> x = Value(3.0, label="x")
    >>> picture = draw(x * 2, show_partials=True)
    >>> "∂=2" in picture.source
    True
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw shows the graph of one Value, not of {type(root).__name__} {root!r:.80}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction must be "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    if blank not in (None, *BLANKS):
        raise ValueError(f'blank must be "grad" (the gradients), "data" (all results) or None, not {blank!r}')
    for name, number in (("max_depth", max_depth), ("max_nodes", max_nodes)):
        if not hasattr(number, "__index__") and not (name == "max_depth" and number is None):
            raise TypeError(f"{name} must be a whole number, not {number!r:.80}")
    if max_depth is not None and max_depth < 1:
        raise ValueError(f"max_depth must be at least 1 (each outermost scope becomes one box), not {max_depth}")
    from autograd.pictures import rendering
    from autograd.pictures.drawers import check_layout

    check_layout(layout)
    file = None if path is None else rendering.PictureFile(path)
    return rendering.picture(_drawing(root, show_partials, direction, max_depth, max_nodes, blank), file, layout)


def _drawing(
    root: Value, show_partials: bool, direction: str, max_depth: int | None, max_nodes: int, blank: str | None
) -> Drawing:
    """What the picture shows, which `draw` has checked.

    Raises:
        GraphTooLargeError: the drawing would have more than `max_nodes` nodes.
    """
    folded = _Folded(Outline(root, numbers=False), max_depth)
    count = folded.count()
    if count > max_nodes:
        fold = "" if max_depth == 1 else "fold scopes into boxes with max_depth=1, "
        raise GraphTooLargeError(
            f"the drawing would have {count:,} nodes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"{fold}or draw a smaller part, such as the output of one neuron"
        )
    # Folded scopes have many edges between them.
    return _described(folded, show_partials, direction, 0.4 if max_depth is None else 0.8, blank)


def mimebundle(root: Value) -> dict[str, str]:
    """What a notebook shows for a Value: its repr and its drawing, or the reason why it was not drawn."""
    from autograd.pictures import rendering

    try:
        picture = rendering.svg(_drawing(root, False, "LR", None, 500, None))
    except (GraphTooLargeError, RenderError) as error:
        return {"text/plain": f"{root!r}\n(not drawn: {error})"}
    return {"text/plain": repr(root), "image/svg+xml": picture}


class Drawn(NamedTuple):
    """A node of a drawing.

    kind: "node" for a Value, "number" for a plain number among the operands of an operation, "scope" for a scope that
        is folded into one box with all that happens in it.
    of: the index of the Value, of the operation, or of the scope.
    operand: which operand the number is.
    """

    kind: str
    of: int
    operand: int = 0


class _Folded:
    """An outline whose scopes at `max_depth` are folded into one box each."""

    def __init__(self, outline: Outline, max_depth: int | None) -> None:
        self.outline = outline
        self.operations = [index for index, node in enumerate(outline.nodes) if not node.is_leaf]
        self._boxes: list[int | None] = []  # of each scope: the one that it is folded into, if any
        for index, scope in enumerate(outline.scopes):
            parent = outline.parents[index]
            box = None if parent is None else self._boxes[parent]
            if box is None and (outline.depths[index] == max_depth or scope.operations is not None):
                box = index
            self._boxes.append(box)

    def box(self, node: int) -> int | None:
        """The folded scope that holds a node, if any."""
        home = self.outline.homes[node]
        return None if home is None else self._boxes[home]

    def cluster(self, drawn: Drawn) -> int | None:
        """The innermost unfolded scope around a node of the drawing."""
        box = drawn.of if drawn.kind == "scope" else self.box(drawn.of)
        return self.outline.homes[drawn.of] if box is None else self.outline.parents[box]

    def edges(self) -> Iterator[tuple[Drawn, Drawn, int | None]]:
        """The edges of the drawing: from, to, and which operand it is if the operation is drawn by itself.

        A value that crosses the border of a folded scope has one edge from or to the box. Plain numbers stay inside.
        """
        seen: set[tuple[Drawn, Drawn]] = set()
        for index in self.operations:
            box = self.box(index)
            for operand, parent in enumerate(self.outline.operands[index]):
                if parent is None:
                    if box is None:
                        yield Drawn("number", index, operand), Drawn("node", index), operand
                    continue
                origin = self.box(parent)
                if box is not None and (origin == box or box in self._holders(parent)):
                    continue
                if origin is not None and (out := (Drawn("scope", origin), Drawn("node", parent))) not in seen:
                    seen.add(out)
                    yield *out, None
                if box is None:
                    yield Drawn("node", parent), Drawn("node", index), operand
                elif (into := (Drawn("node", parent), Drawn("scope", box))) not in seen:
                    seen.add(into)
                    yield *into, None
        root = len(self.outline.nodes) - 1
        origin = self.box(root)
        if origin is not None and (out := (Drawn("scope", origin), Drawn("node", root))) not in seen:
            yield *out, None

    def drawn(self) -> dict[Drawn, None]:
        """The nodes of the drawing, in the order in which its edges meet them."""
        drawn = dict.fromkeys(end for source, target, _ in self.edges() for end in (source, target))
        drawn.setdefault(Drawn("node", len(self.outline.nodes) - 1))
        return drawn

    def count(self) -> int:
        """The number of nodes of the drawing."""
        if any(box is not None for box in self._boxes):
            return len(self.drawn())
        return len(self.outline.nodes) + sum(operands.count(None) for operands in self.outline.operands)

    def contents(self) -> tuple[Counter[int | None], Counter[int | None]]:
        """How many operations, and how many leaves that need a gradient, each folded scope holds."""
        nodes, homes = self.outline.nodes, self.outline.homes
        operations = Counter(self.box(index) for index in self.operations)
        for home, count in Counter(homes[index] for index in self.operations).items():
            done = None if home is None else self.outline.scopes[home].operations
            if home is not None and done is not None:
                operations[self._boxes[home]] += done - count
        parameters: Counter[int | None] = Counter()
        for index, node in enumerate(nodes):
            if node.is_leaf and node.requires_grad:
                parameters.update({self.box(index)} | self._holders(index))
        return operations, parameters

    def _holders(self, node: int) -> set[int | None]:
        """The folded scopes that a leaf is a member of."""
        return {self._boxes[scope] for scope in self.outline.holders.get(node, ())}


def _described(
    folded: _Folded, show_partials: bool, direction: str, rank_distance: float, blank: str | None
) -> Drawing:
    """What the picture of an outline shows."""
    outline = folded.outline
    drawn = folded.drawn()
    names = {node: f"n{number}" for number, node in enumerate(drawn)}
    operations, parameters = folded.contents()
    boxes: list[Box] = []
    clusters: list[Cluster] = []
    found: dict[int | None, int | None] = {None: None}  # the index of the cluster of each scope
    for node in drawn:
        home = folded.cluster(node)
        for scope in outline.around(home):
            if scope not in found:
                found[scope] = len(clusters)
                clusters.append(Cluster(outline.scopes[scope].name, found[outline.parents[scope]]))
        symbol = ""
        if node.kind == "scope":
            rows = _folded_rows(outline.scopes[node.of], operations[node.of], parameters[node.of])
            look = "scope"
        elif node.kind == "number":
            rows = [Row(f"{graph.operand_numbers(outline.nodes[node.of])[node.operand]:.4g}")]
            look = "constant"
        else:
            value = outline.nodes[node.of]
            rows, look = _rows(value, blank), _look(value, outline)
            if value.op is not None and folded.box(node.of) is None:
                symbol = value.op.title
        boxes.append(Box(names[node], rows, look, symbol, found[home]))
    derivatives: dict[int, list[float | None]] = {}
    edges: list[Edge] = []
    for source, target, operand in folded.edges():
        text = None
        if show_partials and operand is not None and source.kind == "node" and outline.nodes[source.of].requires_grad:
            if target.of not in derivatives:
                derivatives[target.of] = local_derivatives(outline.nodes[target.of])
            derivative = derivatives[target.of][operand]
            # The space keeps a vertical edge off the text.
            text = " ∂=undefined" if derivative is None else f" ∂={derivative:.4g}"
        edges.append(Edge(names[source], names[target], text))
    return Drawing(boxes, edges, clusters, direction, rank_distance)


def _look(value: Value, outline: Outline) -> str:
    if not value.requires_grad:
        return "constant"
    if value is outline.nodes[-1]:
        return "root"
    return "leaf" if value.is_leaf else "intermediate"


def _rows(value: Value, blank: str | None) -> list[Row]:
    """The label and the numbers of a node."""
    rows = [Row(value.label, 11, bold=True)] if value.label else []
    if value.requires_grad:
        data = EMPTY if blank == "data" and not value.is_leaf else f"{value.data:.4g}"
        grad = EMPTY if blank else f"{value.grad:.4g}"
        return [*rows, Row(f"data {data}"), Row(f"grad {grad}")]
    return [*rows, Row(f"{value.data:.4g}")]


def _folded_rows(scope: Scope, operations: int, parameters: int) -> list[Row]:
    """The text of a scope folded into one box."""
    rows = [Row(scope.name, 11, bold=True)] if scope.name else []
    rows.append(Row(f"{operations:,} operation{'s' * (operations != 1)}"))
    if scope.operations is None:  # else what it uses stands outside
        rows.append(Row(f"{parameters:,} parameter{'s' * (parameters != 1)}"))
    return rows
