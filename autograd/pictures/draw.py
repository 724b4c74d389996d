"""The graph of a Value as a picture: what goes into it.

`draw` describes the picture in Graphviz's language, DOT, with the colours and labels of `autograd.pictures.style`.
`autograd.pictures.rendering` turns that into SVG, PNG or PDF; it and the packages it needs are imported only when
something is drawn.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.engine import graph
from autograd.engine.errors import GraphTooLargeError, RenderError
from autograd.engine.modes import Scope
from autograd.engine.ops import Nary
from autograd.engine.value import Value
from autograd.pictures.style import LOOKS, add_edges, cell, empty_picture, markup, table

if TYPE_CHECKING:
    import graphviz

Drawn: TypeAlias = "Value | Scope"
"""What a node of a drawing stands for: one Value, or a scope folded into one box with all that happens in it."""

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

    Leaves are blue squares, constants grey and dashed, results of operations rounded, `root` orange with a thick
    outline; numbers have 4 significant digits. Each `scope` is a box around what was computed or made in it, and
    around its members; one named "" is a box without a name. A long label is cut, a control character shows as its
    symbol (␀ for NUL), what has no place in a text file (half of a surrogate pair) or cannot be seen by itself as �;
    everything else shows as it was written. Where long edges are many, those from one node share a line, with a dot
    where it branches.

    Args:
        root: the Value whose graph is drawn.
        path: a file to write as well; its suffix .svg, .png, .pdf or .dot says in which format. It is written whole
            or not at all.
        show_partials: True writes the local derivative on each edge: the factors of the chain rule.
        direction: "LR" draws from left to right, "TB" from top to bottom.
        max_depth: folds each scope at this depth into one box, with the values that cross its border beside it; 1
            folds the outermost scopes, 2 those directly inside them; None folds nothing.
        max_nodes: the largest number of nodes to draw.

    Returns:
        A `graphviz.Digraph`: its `.source` is the DOT text, `.pipe(format="svg")` gives the picture as bytes. It
        needs no `dot` program.

    Raises:
        TypeError: `root` is not a Value.
        ValueError: the direction, the depth or the suffix is none of those above.
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
        raise ValueError(f'direction is "LR" (left to right) or "TB" (top to bottom), not {direction!r}')
    if max_depth is not None and max_depth < 1:
        raise ValueError(f"max_depth is at least 1 (the outermost scopes become one box each), not {max_depth}")
    # Folded scopes have many edges between them.
    picture, file = empty_picture(path, direction, rank_distance="0.4" if max_depth is None else "0.8")
    outline = Outline(root, max_depth)
    count = outline.count()
    if count > max_nodes:
        fold = "" if max_depth == 1 else "fold scopes into boxes with max_depth=1, "
        raise GraphTooLargeError(
            f"the drawing would have {count:,} nodes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"{fold}or draw a smaller part, such as the output of one neuron"
        )
    _describe(outline, picture, show_partials)
    if file is not None:
        file.write(picture)
    return picture


def mimebundle(root: Value) -> dict[str, str]:
    """What a notebook shows for a Value: its repr, and the drawing; or, in words, why there is none."""
    try:
        picture = draw(root).pipe(format="svg", encoding="utf-8")
    except (GraphTooLargeError, RenderError) as error:
        return {"text/plain": f"{root!r}\n(not drawn: {error})"}
    return {"text/plain": repr(root), "image/svg+xml": picture}


class Outline:
    """What a drawing of `root` consists of, after the scopes at `max_depth` are folded; nothing is drawn yet."""

    def __init__(self, root: Value, max_depth: int | None) -> None:
        self.root = root
        self.leaves, self.operations = graph.ancestors(root)
        self._max_depth = max_depth
        self._boxes: dict[Scope, Scope | None] = {}
        scopes: dict[Scope, int] = {}
        for scope in dict.fromkeys(node._scope for node in self.leaves + self.operations):
            if scope is not None:
                scopes.update((outer, depth) for depth, outer in enumerate(scope.path()))
        # A member of several scopes (the weights, when a network is applied twice) is drawn in the innermost of them
        # and counts as inside for each.
        self._home: dict[Value, Scope] = {}
        self._holders: dict[Value, set[Scope | None]] = {}
        for scope in sorted(scopes, key=lambda scope: -scopes[scope]):
            for member in scope.members:
                if member.is_leaf:
                    self._home.setdefault(member, scope)
                    self._holders.setdefault(member, set()).add(self._box_of(scope))

    def scope(self, value: Value) -> Scope | None:
        """The scope a Value belongs to."""
        return self._home.get(value, value._scope)

    def box(self, value: Value) -> Scope | None:
        """The folded scope that holds a Value, if any."""
        scope = self.scope(value)
        return None if scope is None else self._box_of(scope)

    def cluster(self, drawn: Drawn) -> Scope | None:
        """The innermost unfolded scope around a node of the drawing."""
        box = drawn if isinstance(drawn, Scope) else self.box(drawn)
        if box is not None:
            return box.parent
        assert isinstance(drawn, Value)
        return self.scope(drawn)

    def edges(self) -> Iterator[tuple[Drawn, Drawn, int | None]]:
        """The edges of the drawing: from, to, and which operand it is where an operation is drawn by itself.

        A value that crosses the border of a folded scope gets an edge from the box or to it, once. Plain numbers
        that nobody has looked at yet have no node, and no edge.
        """
        seen: set[tuple[Drawn, Drawn]] = set()
        for node in self.operations:
            box = self.box(node)
            for operand, parent in enumerate(graph.operands(node)):
                if parent is None:
                    continue
                origin = self.box(parent)
                if box is not None and (origin is box or box in self._holders.get(parent, ())):
                    continue
                if origin is not None and (origin, parent) not in seen:
                    seen.add((origin, parent))
                    yield origin, parent, None
                if box is None:
                    yield parent, node, operand
                elif (parent, box) not in seen:
                    seen.add((parent, box))
                    yield parent, box, None
        origin = self.box(self.root)
        if origin is not None and (origin, self.root) not in seen:
            yield origin, self.root, None

    def count(self) -> int:
        """The number of nodes of the drawing, plain numbers included."""
        drawn: set[Drawn] = {self.root}
        for source, target, _ in self.edges():
            drawn.add(source)
            drawn.add(target)
        numbers = 0
        for node in self.operations:
            known = [parent for parent in graph.operands(node) if parent is not None]
            if len(known) < len(graph.operand_numbers(node)) and self.box(node) is None:
                numbers += 1
        return len(drawn) + numbers

    def contents(self) -> tuple[Counter[Scope | None], Counter[Scope | None]]:
        """How many operations, and how many leaves that need a gradient, each folded scope holds."""
        operations = Counter(self.box(node) for node in self.operations)
        for scope in {node._scope for node in self.operations if node._scope is not None}:
            if scope.operations is not None:
                operations[self._box_of(scope)] += scope.operations - sum(
                    node._scope is scope for node in self.operations
                )
        parameters: Counter[Scope | None] = Counter()
        for leaf in self.leaves:
            if leaf.requires_grad:
                parameters.update({self.box(leaf)} | self._holders.get(leaf, set()))
        return operations, parameters

    def _box_of(self, scope: Scope) -> Scope | None:
        """The scope that a scope is folded into, if any: the one at `max_depth`, or one that holds no nodes."""
        if scope not in self._boxes:
            folded = (
                one
                for depth, one in enumerate(scope.path(), start=1)
                if depth == self._max_depth or one.operations is not None
            )
            self._boxes[scope] = next(folded, None)
        return self._boxes[scope]


def _describe(outline: Outline, picture: graphviz.Digraph, show_partials: bool) -> None:
    """Adds the nodes, the edges and the boxes of an outline to a picture."""
    for operation in outline.operations:
        if outline.box(operation) is None:
            _ = operation.parents  # plain numbers become constants with nodes of their own
    edges = list(outline.edges())
    drawn: dict[Drawn, None] = dict.fromkeys(node for source, target, _ in edges for node in (source, target))
    drawn.setdefault(outline.root)
    names = {node: f"n{number}" for number, node in enumerate(drawn)}
    operations, parameters = outline.contents()
    clusters: dict[Scope | None, graphviz.Digraph] = {None: picture}
    depths: dict[Scope, int] = {}
    # From left to right, Graphviz stacks the nodes of a box from the bottom up, and those outside from the top down.
    upwards = picture.graph_attr["rankdir"] == "LR"
    inside = [node for node in drawn if outline.cluster(node) is not None]
    outside = [node for node in drawn if outline.cluster(node) is None]
    for node in outside + (inside[::-1] if upwards else inside):
        cluster = outline.cluster(node)
        for depth, scope in enumerate(cluster.path() if cluster is not None else ()):
            if scope not in clusters:
                name = cell(markup(scope.name) or " ", scope.name, 11)
                # The name stands where no edge crosses it: those into a box from above are many, those out of it few.
                attributes = {**_CLUSTER, "label": f"<{table([name])}>", "labelloc": "t" if upwards else "b"}
                clusters[scope] = type(picture)(f"cluster_{len(depths)}", graph_attr=attributes)
                depths[scope] = depth
        if isinstance(node, Scope):
            label, look = _folded_label(node, operations[node], parameters[node]), "scope"
        else:
            folded = outline.box(node) is not None
            label, look = _label(node, "" if folded or node.op is None else node.op.title), _look(node, outline.root)
        clusters[cluster].node(names[node], f"<{label}>", **LOOKS[look])
    for scope in sorted(depths, key=lambda scope: -depths[scope]):  # the innermost first: no recursion
        clusters[scope.parent].subgraph(clusters[scope])
    derivatives: dict[Value, list[float | None]] = {}
    written: list[tuple[str, str, str | None]] = []
    for source, target, operand in edges:
        text = None
        if show_partials and operand is not None and isinstance(source, Value) and source.requires_grad:
            assert isinstance(target, Value)
            if target not in derivatives:
                derivatives[target] = local_derivatives(target)
            derivative = derivatives[target][operand]
            # The space keeps a vertical edge off the text.
            text = " ∂=undefined" if derivative is None else f" ∂={derivative:.4g}"
        written.append((names[source], names[target], text))
    add_edges(picture, written, boxes=bool(depths))


def _look(value: Value, root: Value) -> str:
    if not value.requires_grad:
        return "constant"
    if value is root:
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


def local_derivatives(node: Value) -> list[float | None]:
    """The derivative of an operation with respect to each operand, at the numbers it saw; None where there is none.

    Raises:
        TypeError: a primitive that somebody made gives something else than numbers.
    """
    primitive: Any = node.op
    if isinstance(primitive, Nary):
        try:
            return list(primitive.checked_partials())
        except (ArithmeticError, ValueError):
            return [None] * len(primitive.parents)
    numbers = graph.operand_numbers(node)
    x, y = numbers[0], numbers[1] if len(numbers) > 1 else 0.0
    derivatives: list[float | None] = []
    for slope, parent in zip(
        (primitive.float_partial_x, primitive.float_partial_y), graph.operands(node), strict=False
    ):
        if parent is None or not parent.requires_grad:  # nobody asks for it, and some are costly or undefined
            derivatives.append(None)
            continue
        try:
            derivatives.append(slope(x, y, node.data))
        except (ArithmeticError, ValueError):
            derivatives.append(None)
    return derivatives
