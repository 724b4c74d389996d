"""The graph of a Value as a picture.

`draw` describes the picture in Graphviz's language, DOT, with the colours and labels of `autograd.pictures.style`.
`autograd.pictures.rendering` turns that into SVG, PNG or PDF; it and the packages it needs are imported at the first
drawing.
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
from autograd.pictures.outline import Outline, local_derivatives
from autograd.pictures.style import LOOKS, add_edges, cell, empty_picture, markup, table

if TYPE_CHECKING:
    import graphviz

_CLUSTER = {
    "style": "filled,rounded",
    "fillcolor": "#0000000A",  # so faint a black that boxes inside boxes grow darker step by step
    "color": "#8C8C8C",
    "fontsize": "11",
    "fontcolor": "#333333",
    "labeljust": "l",
    "margin": "10",
}


def draw(
    root: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    show_partials: bool = False,
    direction: str = "LR",
    max_depth: int | None = None,
    max_nodes: int = 500,
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

    Returns:
        A `graphviz.Digraph`: its `.source` is the DOT text, `.pipe(format="svg")` gives the picture as bytes. It
        needs no `dot` program.

    Raises:
        TypeError: `root` is not a Value.
        ValueError: the direction, the depth or the suffix is not one of those above.
        GraphTooLargeError: the drawing would have more than `max_nodes` nodes.
        FileNotFoundError: the folder of `path` does not exist.
        RenderError: Graphviz is missing or failed.

    >>> x = Value(3.0, label="x")
    >>> picture = draw(x * 2, show_partials=True)
    >>> "∂=2" in picture.source
    True
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw shows the graph of one Value, not of {type(root).__name__} {root!r:.80}")
    if direction not in ("LR", "TB"):
        raise ValueError(f'direction must be "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    if max_depth is not None and max_depth < 1:
        raise ValueError(f"max_depth must be at least 1 (each outermost scope becomes one box), not {max_depth}")
    # Folded scopes have many edges between them.
    picture, file = empty_picture(path, direction, rank_distance="0.4" if max_depth is None else "0.8")
    folded = _Folded(Outline(root, numbers=False), max_depth)
    count = folded.count()
    if count > max_nodes:
        fold = "" if max_depth == 1 else "fold scopes into boxes with max_depth=1, "
        raise GraphTooLargeError(
            f"the drawing would have {count:,} nodes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"{fold}or draw a smaller part, such as the output of one neuron"
        )
    _describe(folded, picture, show_partials)
    if file is not None:
        file.write(picture)
    return picture


def mimebundle(root: Value) -> dict[str, str]:
    """What a notebook shows for a Value: its repr and its drawing, or the reason why it was not drawn."""
    try:
        picture = draw(root).pipe(format="svg", encoding="utf-8")
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


def _describe(folded: _Folded, picture: graphviz.Digraph, show_partials: bool) -> None:
    """Adds the nodes, the edges and the boxes of an outline to a picture."""
    outline = folded.outline
    drawn = folded.drawn()
    names = {node: f"n{number}" for number, node in enumerate(drawn)}
    operations, parameters = folded.contents()
    clusters: dict[int | None, graphviz.Digraph] = {None: picture}
    # From left to right, Graphviz stacks the nodes of a box from the bottom up, and those outside from the top down.
    upwards = picture.graph_attr["rankdir"] == "LR"
    inside = [node for node in drawn if folded.cluster(node) is not None]
    outside = [node for node in drawn if folded.cluster(node) is None]
    for node in outside + (inside[::-1] if upwards else inside):
        cluster = folded.cluster(node)
        for index in outline.around(cluster):
            if index not in clusters:
                scope = outline.scopes[index]
                name = cell(markup(scope.name) or " ", scope.name, 11)
                # The name stands where no edge crosses it: those into a box from above are many, those out of it few.
                attributes = {**_CLUSTER, "label": f"<{table([name])}>", "labelloc": "t" if upwards else "b"}
                clusters[index] = type(picture)(f"cluster_{len(clusters) - 1}", graph_attr=attributes)
        if node.kind == "scope":
            label = _folded_label(outline.scopes[node.of], operations[node.of], parameters[node.of])
            look = "scope"
        elif node.kind == "number":
            label = table([cell(f"{graph.operand_numbers(outline.nodes[node.of])[node.operand]:.4g}")])
            look = "constant"
        else:
            value = outline.nodes[node.of]
            stands_alone = value.op is not None and folded.box(node.of) is None
            label, look = _label(value, value.op.title if stands_alone and value.op else ""), _look(value, outline)
        clusters[cluster].node(names[node], f"<{label}>", **LOOKS[look])
    boxes = [index for index in clusters if index is not None]
    for index in sorted(boxes, key=lambda index: -outline.depths[index]):  # the innermost first: no recursion
        clusters[outline.parents[index]].subgraph(clusters[index])
    derivatives: dict[int, list[float | None]] = {}
    written: list[tuple[str, str, str | None]] = []
    for source, target, operand in folded.edges():
        text = None
        if show_partials and operand is not None and source.kind == "node" and outline.nodes[source.of].requires_grad:
            if target.of not in derivatives:
                derivatives[target.of] = local_derivatives(outline.nodes[target.of])
            derivative = derivatives[target.of][operand]
            # The space keeps a vertical edge off the text.
            text = " ∂=undefined" if derivative is None else f" ∂={derivative:.4g}"
        written.append((names[source], names[target], text))
    add_edges(picture, written, boxes=bool(boxes))


def _look(value: Value, outline: Outline) -> str:
    if not value.requires_grad:
        return "constant"
    if value is outline.nodes[-1]:
        return "root"
    return "leaf" if value.is_leaf else "intermediate"


def _label(value: Value, symbol: str) -> str:
    """A node's text as an HTML-like label: the operation's symbol beside the label and the numbers."""
    rows = [cell(f"<b>{markup(value.label)}</b>", value.label, 11)] if value.label else []
    if value.requires_grad:
        rows += [cell(f"data {value.data:.4g}"), cell(f"grad {value.grad:.4g}")]
    else:
        rows.append(cell(f"{value.data:.4g}"))
    if symbol:
        size = 20 if len(symbol) <= 2 else 13
        tall = f'rowspan="{len(rows)}"'
        rows[0] = (
            f'<td {tall}><font point-size="{size}">{markup(symbol)}</font></td><td {tall} width="4"></td>{rows[0]}'
        )
    return table(rows)


def _folded_label(scope: Scope, operations: int, parameters: int) -> str:
    """The text of a scope folded into one box."""
    rows = [cell(f"<b>{markup(scope.name)}</b>", scope.name, 11)] if scope.name else []
    rows.append(cell(f"{operations:,} operation{'s' * (operations != 1)}"))
    if scope.operations is None:  # else what it uses stands outside
        rows.append(cell(f"{parameters:,} parameter{'s' * (parameters != 1)}"))
    return table(rows)
