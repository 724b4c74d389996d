"""Drawings of graphs: what they show, how they fold, and that no label can break them."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import graphviz
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import GraphTooLargeError, Nary, RenderError, Unary, Value, no_grad, scope, sqrt, tanh
from autograd.engine.value import result_of
from autograd.pictures.draw import draw, mimebundle

SVG = "{http://www.w3.org/2000/svg}"


def skip_without_graphviz() -> None:
    if shutil.which("dot") is None:
        pytest.importorskip("pygraphviz", reason="pip install pygraphviz", exc_type=ImportError)


@dataclass
class Box:
    """A node or a cluster, as Graphviz laid it out."""

    texts: list[str]
    attributes: dict[str, Any]
    inside: tuple[str, ...]  # the first line of each cluster around it, from the outermost

    def __contains__(self, text: str) -> bool:
        return text in self.texts


class Seen:
    """What a reader finds in a picture."""

    def __init__(self, picture: graphviz.Digraph) -> None:
        skip_without_graphviz()
        layout = json.loads(picture.pipe(format="json"))
        objects = [found for found in layout.get("objects", []) if found.get("rank") != "same"]  # a row is no box
        around: dict[int, int] = {}  # the innermost cluster around a node or a cluster
        for found in sorted(objects, key=lambda found: -len(found.get("nodes", ()))):
            for inner in [*found.get("nodes", ()), *found.get("subgraphs", ())]:
                around[inner] = found["_gvid"]
        texts = {found["_gvid"]: self._texts(found) for found in objects}

        def path(identity: int) -> tuple[str, ...]:
            clusters: list[str] = []
            while identity in around:
                identity = around[identity]
                clusters.append(texts[identity][0])
            return tuple(clusters[::-1])

        boxes = {found["_gvid"]: Box(texts[found["_gvid"]], found, path(found["_gvid"])) for found in objects}
        self.clusters = [box for box in boxes.values() if box.attributes["name"].startswith("cluster")]
        self.nodes = [box for box in boxes.values() if not box.attributes["name"].startswith("cluster")]
        self.edges = [
            (boxes[edge["tail"]], boxes[edge["head"]], "".join(self._texts(edge)).strip())
            for edge in layout.get("edges", [])
            if edge.get("style") != "invis"
        ]

    @staticmethod
    def _texts(found: dict[str, Any]) -> list[str]:
        return [stroke["text"] for stroke in found.get("_ldraw_", ()) if stroke["op"] == "T"]

    def node(self, text: str) -> Box:
        """The only node that shows a text."""
        (node,) = [node for node in self.nodes if text in node]
        return node

    def into(self, text: str) -> list[str]:
        """The first lines of the nodes with an edge to the node that shows a text."""
        return sorted(tail.texts[0] for tail, head, _ in self.edges if head is self.node(text))


def leaf(data: float, label: str) -> Value:
    return Value(data, label=label)


def labelled(value: Value, label: str) -> Value:
    value.label = label
    return value


def product_plus(backward: bool = True) -> Value:
    """o = x * y + z, where d = x * y."""
    d = labelled(leaf(2.0, "x") * leaf(-3.0, "y"), "d")
    o = labelled(d + leaf(10.0, "z"), "o")
    if backward:
        o.backward()
    return o


def network(samples: int = 1) -> Value:
    """A 2-2-1 network whose scopes are named by layer and neuron, applied to some samples with the same weights."""
    sizes = [(2, 2), (2, 1)]
    layers = [
        [[leaf(0.1 * (i + j), f"w{i}") for i in range(inputs + 1)] for j in range(neurons)] for inputs, neurons in sizes
    ]
    loss = leaf(0.0, "start")
    for sample in range(samples):
        values: Sequence[Value] = [leaf(1.0, f"x{sample}.1"), leaf(2.0, f"x{sample}.2")]
        for depth, neurons in enumerate(layers, 1):
            with scope(f"layer {depth}"):
                outputs = []
                for number, weights in enumerate(neurons, 1):
                    with scope(f"neuron {number}", members=weights):
                        total = weights[0]
                        for weight, value in zip(weights[1:], values, strict=True):
                            total = total + weight * value
                        outputs.append(tanh(total))
                values = outputs
        loss = loss + values[0]
    return labelled(loss, "loss")


def svg_of(root: Value, **options: Any) -> ElementTree.Element:
    return ElementTree.fromstring(draw(root, **options).pipe(format="svg"))


def shown(root: Value, layout: str | None) -> str:
    """All the text of a picture, without whitespace, for which XML and lines have rules of their own."""
    texts = svg_of(root, layout=layout).iter(f"{SVG}text")
    return without_whitespace("".join(part for element in texts for part in element.itertext()))


def without_whitespace(text: str) -> str:
    return "".join(text.split())


# ---------------------------------------------------------------- what a node shows


def test_the_result_is_a_digraph() -> None:
    assert isinstance(draw(product_plus()), graphviz.Digraph)


def test_every_value_is_a_node() -> None:
    seen = Seen(draw(product_plus()))
    assert sorted(node.texts[0] for node in seen.nodes) == ["+", "x", "y", "z", "×"]


def test_every_operand_is_an_edge() -> None:
    seen = Seen(draw(product_plus()))
    assert seen.into("d") == ["x", "y"]
    assert seen.into("o") == ["z", "×"]


def test_an_operand_used_twice_has_two_edges() -> None:
    x = leaf(3.0, "x")
    assert len(Seen(draw(x * x)).edges) == 2


def test_an_operation_shows_symbol_label_data_and_gradient() -> None:
    assert Seen(draw(product_plus())).node("d").texts == ["×", "d", "data -6", "grad 1"]


def test_a_leaf_shows_label_data_and_gradient() -> None:
    assert Seen(draw(product_plus())).node("x").texts == ["x", "data 2", "grad -3"]


def test_a_value_without_label_shows_its_numbers() -> None:
    assert Seen(draw(Value(2.5))).nodes[0].texts == ["data 2.5", "grad 0"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.123456, "0.1235"), (123456.0, "1.235e+05"), (-0.0, "-0"), (float("nan"), "nan"), (float("-inf"), "-inf")],
)
def test_numbers_have_four_significant_digits(number: float, text: str) -> None:
    assert f"data {text}" in Seen(draw(Value(number))).nodes[0]


def test_a_plain_number_is_a_constant_without_gradient() -> None:
    assert Seen(draw(leaf(2.0, "x") * 7.0)).node("7").texts == ["7"]


def test_a_constant_with_a_label_shows_it() -> None:
    assert Seen(draw(Value(7.0, label="seven", requires_grad=False))).nodes[0].texts == ["seven", "7"]


def test_a_result_without_history_is_a_constant() -> None:
    with no_grad():
        result = Value(2.0) * 3.0
    assert [node.texts for node in Seen(draw(result)).nodes] == [["6"]]


@pytest.mark.parametrize("attribute", ["fillcolor", "color"])
def test_the_four_kinds_of_values_differ_in_colour(attribute: str) -> None:
    seen = Seen(draw(leaf(2.0, "x") * 7.0 + 1.0))
    assert len({node.attributes[attribute] for node in seen.nodes}) == 4


def test_the_four_kinds_of_values_differ_in_outline_for_black_and_white_prints() -> None:
    seen = Seen(draw(leaf(2.0, "x") * 7.0 + 1.0))
    assert len({(node.attributes["style"], node.attributes.get("penwidth")) for node in seen.nodes}) == 4


def test_constants_are_grey() -> None:
    fill = Seen(draw(leaf(2.0, "x") * 7.0)).node("7").attributes["fillcolor"]
    red, green, blue = re.findall("..", fill.removeprefix("#"))
    assert red == green == blue


def test_drawing_leaves_the_gradients_alone() -> None:
    root = product_plus()
    draw(root)
    assert [parent.grad for parent in root.parents] == [1.0, 1.0]


def test_backward_works_after_drawing() -> None:
    x = Value(2.0)
    y = 3.0 * x + 1.0
    draw(y)
    y.backward()
    assert x.grad == 3.0


# ---------------------------------------------------------------- local derivatives


def test_edges_carry_no_text_unless_asked() -> None:
    assert {text for _, _, text in Seen(draw(product_plus())).edges} == {""}


def test_edges_carry_the_local_derivatives() -> None:
    seen = Seen(draw(product_plus(), show_partials=True))
    assert sorted((tail.texts[0], text) for tail, _, text in seen.edges) == [
        ("x", "∂=-3"),
        ("y", "∂=2"),
        ("z", "∂=1"),
        ("×", "∂=1"),
    ]


def test_a_local_derivative_has_four_significant_digits() -> None:
    assert Seen(draw(tanh(leaf(0.5, "x")), show_partials=True)).edges[0][2] == "∂=0.7864"


def test_each_operand_carries_its_own_derivative_where_both_are_one_value() -> None:
    x = leaf(2.0, "x")
    assert sorted(text for _, _, text in Seen(draw(x / x, show_partials=True)).edges) == ["∂=-0.5", "∂=0.5"]


def test_the_edge_of_a_constant_carries_no_derivative() -> None:
    seen = Seen(draw(leaf(2.0, "x") * 7.0, show_partials=True))
    assert {tail.texts[0]: text for tail, _, text in seen.edges} == {"x": "∂=7", "7": ""}


def test_the_derivative_belongs_to_the_numbers_that_the_operation_saw() -> None:
    x = leaf(2.0, "x")
    y = x * x
    x.data = 100.0
    assert {text for _, _, text in Seen(draw(y, show_partials=True)).edges} == {"∂=2"}


def test_a_derivative_that_does_not_exist_is_undefined() -> None:
    assert Seen(draw(sqrt(Value(0.0)), show_partials=True)).edges[0][2] == "∂=undefined"


def test_a_primitive_of_the_user_is_drawn_with_its_symbol(table: None) -> None:
    class Cube(Unary):
        name, symbol, samples = "cube", "x³", (2.0,)

        def forward(self, x: float) -> float:
            return x**3

    assert "x³" in Seen(draw(Cube()(Value(2.0)))).node("data 8")


# ---------------------------------------------------------------- direction


@pytest.mark.parametrize(("direction", "axis"), [("LR", 0), ("TB", 1)])
def test_the_graph_runs_in_the_direction(direction: str, axis: int) -> None:
    seen = Seen(draw(product_plus(), direction=direction))
    x, y, d, o = (float(seen.node(text).attributes["pos"].split(",")[axis]) for text in ("x", "y", "d", "o"))
    assert x == pytest.approx(y, abs=5.0)  # the operands of one operation stand side by side
    assert x < d < o if direction == "LR" else x > d > o  # Graphviz counts heights from the bottom


def test_the_graph_runs_from_left_to_right_unless_asked() -> None:
    assert draw(product_plus()).source == draw(product_plus(), direction="LR").source


# ---------------------------------------------------------------- scopes as boxes


def test_a_scope_is_a_box_around_what_was_computed_in_it() -> None:
    x = leaf(2.0, "x")
    with scope("square"):
        y = labelled(x * x, "y")
    seen = Seen(draw(labelled(y + 1.0, "z")))
    assert [seen.node(text).inside for text in ("x", "y", "z")] == [(), ("square",), ()]


def test_a_leaf_belongs_to_the_scope_it_was_made_in() -> None:
    with scope("inputs"):
        x = leaf(2.0, "x")
    assert Seen(draw(x * 2.0)).node("x").inside == ("inputs",)


def test_a_member_belongs_to_the_box() -> None:
    w = leaf(2.0, "w")
    with scope("neuron", members=[w]):
        y = tanh(w)
    assert Seen(draw(y)).node("w").inside == ("neuron",)


def test_a_member_of_several_scopes_belongs_to_the_innermost() -> None:
    w = leaf(2.0, "w")
    with scope("layer", members=[w]), scope("neuron", members=[w]):
        y = tanh(w)
    assert Seen(draw(y)).node("w").inside == ("layer", "neuron")


def test_a_plain_number_belongs_to_the_scope_of_its_operation() -> None:
    with scope("scale"):
        y = leaf(2.0, "x") * 7.0
    assert Seen(draw(y)).node("7").inside == ("scale",)


def test_boxes_nest() -> None:
    inside = [box.inside for box in Seen(draw(network())).clusters if "neuron 1" in box]
    assert sorted(inside) == [("layer 1",), ("layer 2",)]


def test_scopes_of_one_name_are_boxes_of_their_own() -> None:
    y = leaf(2.0, "x")
    for _ in range(2):
        with scope("step"):
            y = y * y
    assert [box.texts for box in Seen(draw(y)).clusters] == [["step"], ["step"]]


def test_scopes_may_nest_fifty_deep() -> None:
    y = leaf(2.0, "x")
    open_scopes = [scope(f"level {depth}") for depth in range(50)]
    for opened in open_scopes:
        opened.__enter__()
    y = labelled(tanh(y), "y")
    for opened in reversed(open_scopes):
        opened.__exit__()
    assert len(Seen(draw(y)).node("y").inside) == 50


# ---------------------------------------------------------------- folded scopes


def test_max_depth_folds_the_outermost_scopes_into_one_node_each() -> None:
    seen = Seen(draw(network(), max_depth=1))
    assert seen.clusters == []
    assert [node.texts[0] for node in seen.nodes if node.attributes["shape"] == "box3d"] == ["layer 1", "layer 2"]


def test_a_folded_scope_says_what_it_holds() -> None:
    assert Seen(draw(network(), max_depth=1)).node("layer 1").texts == ["layer 1", "10 operations", "6 parameters"]


def test_one_operation_and_one_parameter_are_singular() -> None:
    w = leaf(2.0, "w")
    with scope("neuron", members=[w]):
        y = tanh(w)
    assert Seen(draw(y, max_depth=1)).node("neuron").texts == ["neuron", "1 operation", "1 parameter"]


def test_a_constant_is_no_parameter() -> None:
    with scope("scale"):
        y = leaf(2.0, "x") * Value(7.0, requires_grad=False)
    assert "1 parameter" in Seen(draw(y, max_depth=1)).node("scale")


def test_values_that_cross_the_border_stand_between_folded_scopes() -> None:
    seen = Seen(draw(network(), max_depth=1))
    between = seen.into("layer 2")
    assert len(between) == 2
    for node in (seen.node(text) for text in between):
        assert [tail.texts[0] for tail, head, _ in seen.edges if head is node] == ["layer 1"]


@pytest.mark.parametrize(("direction", "axis", "sign"), [("LR", 1, -1), ("TB", 0, 1)])
@pytest.mark.parametrize("max_depth", [1, 2])
def test_the_neurons_of_a_layer_stand_in_their_order(direction: str, axis: int, sign: int, max_depth: int) -> None:
    x = leaf(1.0, "x")
    total = leaf(0.0, "start")
    outputs = []
    with contextlib.nullcontext() if max_depth == 1 else scope("layer"):
        for number in range(1, 6):
            with scope(f"neuron {number}"):
                outputs.append(tanh(x * leaf(0.1 * number, "w")))
    for output in outputs:
        total = total + output
    seen = Seen(draw(total, direction=direction, max_depth=max_depth))
    centers = [
        [sign * float(part) for part in seen.node(f"neuron {number}").attributes["pos"].split(",")]
        for number in range(1, 6)
    ]
    assert [center[axis] for center in centers] == sorted(center[axis] for center in centers)
    assert len({center[1 - axis] for center in centers}) == 1


def test_a_value_that_crosses_the_border_shows_its_numbers_and_no_symbol() -> None:
    with scope("square"):
        y = leaf(3.0, "x") ** 2.0
    assert Seen(draw(y + 1.0, max_depth=1)).node("data 9").texts == ["data 9", "grad 0"]


def test_a_value_from_outside_has_one_edge_into_a_folded_scope() -> None:
    x = leaf(3.0, "x")
    with scope("cube"):
        y = x * x * x
    assert Seen(draw(y, max_depth=1)).into("cube") == ["x"]


def test_a_root_in_a_folded_scope_is_drawn_beside_it() -> None:
    with scope("square"):
        y = labelled(leaf(3.0, "x") ** 2.0, "y")
    assert Seen(draw(y, max_depth=1)).into("y") == ["square"]


def test_max_depth_two_keeps_the_outermost_scopes_as_boxes() -> None:
    seen = Seen(draw(network(), max_depth=2))
    assert sorted(box.texts[0] for box in seen.clusters) == ["layer 1", "layer 2"]
    assert seen.node("neuron 2").inside == ("layer 1",)


def test_the_output_of_a_folded_scope_stays_in_the_box_around_it() -> None:
    with scope("layer"), scope("neuron"):
        y = labelled(tanh(leaf(1.0, "x")), "y")
    assert Seen(draw(y, max_depth=2)).node("y").inside == ("layer",)


def test_a_depth_that_no_scope_reaches_folds_nothing() -> None:
    folded, unfolded = Seen(draw(network(), max_depth=3)), Seen(draw(network()))
    assert sorted(node.texts for node in folded.nodes) == sorted(node.texts for node in unfolded.nodes)


def test_shared_weights_count_in_every_folded_scope_that_holds_them() -> None:
    seen = Seen(draw(network(samples=3), max_depth=1))
    assert [node.texts[2] for node in seen.nodes if "layer 1" in node] == ["6 parameters"] * 3


def test_shared_weights_cross_no_border() -> None:
    values = {node.texts[0] for node in Seen(draw(network(samples=3), max_depth=1)).nodes}
    assert not values & {"w0", "w1", "w2"}


def test_a_scope_without_nodes_of_its_own_still_holds_its_members_for_the_scope_around_it() -> None:
    x = Value(1.0, label="x")
    with scope("P"):
        y = x * x
        with scope("S", members=[x]):
            n = Value(2.0)
    with scope("Q"), scope("R"), scope("T", members=[x, n]):
        z = n * x
    assert len(Seen(draw(y + z, max_depth=1)).edges) == 4  # from P and Q to y and z, and on to the sum


def test_a_weight_that_is_also_used_outside_crosses_the_border() -> None:
    w = leaf(2.0, "w")
    with scope("neuron", members=[w]):
        y = tanh(w)
    assert Seen(draw(labelled(y + w, "penalised"), max_depth=1)).into("w") == ["neuron"]


def test_folded_edges_carry_no_derivative() -> None:
    with scope("square"):
        y = leaf(3.0, "x") ** 2.0
    assert {text for _, _, text in Seen(draw(y, max_depth=1, show_partials=True)).edges} == {""}


def test_plain_numbers_in_a_folded_scope_stay_in_it() -> None:
    x = leaf(3.0, "x")
    with scope("line"):
        y = labelled(2.0 * x + 1.0, "y")
    assert sorted(node.texts[0] for node in Seen(draw(y, max_depth=1)).nodes) == ["line", "x", "y"]


# ---------------------------------------------------------------- graphs that are too large


def chain(operations: int) -> Value:
    y = Value(1.0)
    for _ in range(operations):
        y = -y
    return y


def test_a_graph_of_max_nodes_is_drawn() -> None:
    assert len(Seen(draw(chain(9), max_nodes=10)).nodes) == 10


def test_a_graph_above_max_nodes_is_refused() -> None:
    with pytest.raises(GraphTooLargeError, match=r"11 nodes.* max_nodes=10\b"):
        draw(chain(10), max_nodes=10)


@pytest.mark.parametrize("way_out", ["max_nodes=", "max_depth=", "smaller part"])
def test_the_refusal_names_the_ways_out(way_out: str) -> None:
    with pytest.raises(GraphTooLargeError, match=way_out):
        draw(chain(500))


def test_plain_numbers_count() -> None:
    with pytest.raises(GraphTooLargeError, match="5 nodes"):
        draw(Value(1.0) * 2.0 + 3.0, max_nodes=4)


def test_folded_nodes_do_not_count() -> None:
    with scope("long"):
        y = chain(1000)
    assert len(Seen(draw(y, max_depth=1, max_nodes=2)).nodes) == 2


@pytest.mark.slow
def test_a_million_nodes_are_counted() -> None:
    with pytest.raises(GraphTooLargeError, match="1,000,001 nodes"):
        draw(chain(1_000_000))


# ---------------------------------------------------------------- any text is shown as written

LAYOUTS = [None, "python"]  # what there is, and Python alone
HOSTILE = [
    "<b>x</b>",
    "<script>alert(1)</script>",
    'say "hi"',
    "a|b",
    "{a}",
    "a & b",
    "&amp; &lt; &#65; &nbsp;",
    r"\N \G \E \T \H \L \l \\ \n",
    "ends with \\",
    "]]> --> <!-- x",
    "重み",
    "👩\u200d🔬🎉",
    "é e\u0301",
    "-->",
    "n0",
    "%s {0}",
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_shows_as_written(text: str, layout: str | None) -> None:
    assert shown(leaf(1.0, text), layout) == without_whitespace(text + "data 1 grad 0")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("max_depth", [None, 1])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_name_of_a_scope_shows_as_written(text: str, max_depth: int | None, layout: str | None) -> None:
    with scope(text):
        y = tanh(Value(0.0))
    names = [element.text or "" for element in svg_of(y, max_depth=max_depth, layout=layout).iter(f"{SVG}text")]
    assert without_whitespace(text) in map(without_whitespace, names)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_never_becomes_markup(text: str, layout: str | None) -> None:
    plain = [element.tag for element in svg_of(leaf(1.0, "x"), layout=layout).iter()]
    assert [element.tag for element in svg_of(leaf(1.0, text), layout=layout).iter()] == plain


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@given(text=st.text(max_size=40))
def test_any_text_shows_as_written(text: str, layout: str | None) -> None:
    expected = "".join(visible(character) for character in text.replace("\r\n", "\n"))
    assert shown(leaf(1.0, text), layout) == without_whitespace(expected + "data 1 grad 0")


def visible(character: str) -> str:
    """What the documentation promises for a character."""
    if character == "\n":
        return character
    if ord(character) < 32 or character == "\x7f":
        return "␡" if character == "\x7f" else chr(0x2400 + ord(character))
    lost = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or ord(character) & 0xFFFE == 0xFFFE
    return "�" if lost else character


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\0b", "a␀b"), ("a\tb", "a␉b"), ("\x1b[31m", "␛[31m"), ("\x7f", "␡"), ("\ud800", "�"), ("\uffff", "�")],
)
def test_a_character_that_cannot_be_shown_has_a_symbol(text: str, expected: str) -> None:
    assert Seen(draw(leaf(1.0, text))).nodes[0].texts[0] == expected


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
def test_a_label_of_two_lines_has_two_lines(break_: str) -> None:
    assert Seen(draw(leaf(1.0, f"one{break_}two"))).nodes[0].texts[:2] == ["one", "two"]


def test_a_long_label_is_shortened() -> None:
    assert Seen(draw(leaf(1.0, "x" * 10_000))).nodes[0].texts[0] == "x" * 39 + "…"


def test_a_label_of_forty_characters_is_not_shortened() -> None:
    assert "x" * 40 in Seen(draw(leaf(1.0, "x" * 40))).nodes[0]


def test_an_empty_label_is_no_label() -> None:
    assert Seen(draw(leaf(1.0, ""))).nodes[0].texts == ["data 1", "grad 0"]


@pytest.mark.parametrize("length", [20, 200])
def test_a_label_of_wide_characters_fits_into_its_box_where_no_font_has_them(length: int, tmp_path: Path) -> None:
    skip_without_graphviz()
    configuration = tmp_path / "fonts.conf"
    configuration.write_text('<!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    program = (
        "import json; from autograd import Value; from autograd.pictures.draw import draw\n"
        f"print(json.loads(draw(Value(1.0, label='重' * {length})).pipe(format='json'))['objects'][0]['width'])"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(configuration)}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    points = float(run.stdout) * 72
    assert points >= min(length, 40) * 11  # a character is as wide as the text is high


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("root", [1.0, None, "x", [Value(1.0)]])
def test_what_is_no_value_is_refused(root: Any) -> None:
    with pytest.raises(TypeError, match=f"one Value, not of {type(root).__name__}"):
        draw(root)


@pytest.mark.parametrize("direction", ["RL", "lr", "", None])
def test_another_direction_is_refused(direction: Any) -> None:
    with pytest.raises(ValueError, match=r'"LR" .* "TB"'):
        draw(Value(1.0), direction=direction)


@pytest.mark.parametrize("option", [{"max_depth": 1.5}, {"max_depth": "1"}, {"max_nodes": None}, {"max_nodes": "9"}])
def test_what_is_no_whole_number_is_refused(option: Any) -> None:
    ((name, number),) = option.items()
    with pytest.raises(TypeError, match=f"{name} must be a whole number, not {number!r}"):
        draw(Value(1.0), **option)


@pytest.mark.parametrize("depth", [0, -1])
def test_a_depth_below_one_is_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="max_depth must be at least 1"):
        draw(Value(1.0), max_depth=depth)


# ---------------------------------------------------------------- notebooks


def test_a_notebook_gets_the_picture_and_the_text() -> None:
    bundle = mimebundle(product_plus())
    assert bundle.keys() == {"text/plain", "image/svg+xml"}
    assert ElementTree.fromstring(bundle["image/svg+xml"]).tag == f"{SVG}svg"


def test_the_text_beside_the_picture_is_the_repr() -> None:
    root = product_plus()
    assert mimebundle(root)["text/plain"] == repr(root)


def test_a_notebook_gets_words_for_a_graph_that_is_too_large() -> None:
    root = chain(500)
    bundle = mimebundle(root)
    assert bundle.keys() == {"text/plain"}
    assert bundle["text/plain"].startswith(f"{root!r}\n(not drawn: the drawing would have 501 nodes")


def test_a_notebook_gets_words_where_rendering_is_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> bytes:
        raise RenderError("no Graphviz here")

    monkeypatch.setattr("autograd.pictures.picture.Picture.pipe", fail)
    assert mimebundle(Value(1.0)) == {"text/plain": "Value(data=1.0, grad=0.0)\n(not drawn: no Graphviz here)"}


# ---------------------------------------------------------------- importing


def test_importing_the_package_does_not_import_graphviz() -> None:
    program = "import sys, autograd, autograd.pictures.draw; print({'graphviz', 'pygraphviz'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("dot", "picture"):
        monkeypatch.delitem(sys.modules, f"autograd.pictures.{module}", raising=False)
        monkeypatch.delattr(f"autograd.pictures.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(RenderError, match="pip install graphviz"):
        draw(Value(1.0))


def recurrence(steps: int, units: int) -> Value:
    """A recurrent network with a scope for each step, and the same weights in all."""
    weights = [[Value(0.1 * (i - j), label=f"w{i}{j}") for j in range(units)] for i in range(units)]
    state = [Value(1.0, label=f"h{i}") for i in range(units)]
    for step in range(steps):
        with scope(f"step {step}"):
            new = []
            for row in weights:
                total = Value(float(step), label=f"x{step}")
                for weight, old in zip(row, state, strict=True):
                    total = total + weight * old
                new.append(tanh(total))
            state = new
    result = state[0]
    for value in state[1:]:
        result = result + value
    return result


def test_many_long_edges_from_one_node_share_a_line_that_branches() -> None:
    w = Value(0.5, label="w")
    y = Value(1.0, label="start")
    for _ in range(60):
        y = y * w
    seen = Seen(draw(y))
    assert len([head for tail, head, _ in seen.edges if "w" in tail]) <= 2
    junctions = [node for node in seen.nodes if node.attributes["shape"] == "point"]
    assert len(junctions) == 58
    assert all(any(tail is junction and "×" in head.texts for tail, head, _ in seen.edges) for junction in junctions)


def test_a_line_that_branches_has_arrows_at_its_ends_only() -> None:
    w = Value(0.5)
    y = Value(1.0)
    for _ in range(60):
        y = y * w
    seen = Seen(draw(y))
    json_edges = json.loads(draw(y).pipe(format="json"))["edges"]
    assert len(json_edges) == len(seen.edges)
    for (_, head, _), edge in zip(seen.edges, json_edges, strict=True):
        assert (edge.get("arrowhead") == "none") == (head.attributes["shape"] == "point")


def test_a_graph_with_few_long_edges_has_no_junctions() -> None:
    assert "shape=point" not in draw(recurrence(3, 2)).source


def test_partials_stand_where_a_line_branches() -> None:
    w = Value(0.5, label="w")
    y = Value(1.0, label="start")
    for _ in range(60):
        y = y * w
    texts = [text for _, _, text in Seen(draw(y, show_partials=True)).edges]
    assert sum(text != "" for text in texts) == 120


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize(("steps", "units"), [(8, 2), (8, 4)])
def test_partials_in_many_boxes_are_drawn(steps: int, units: int, direction: str) -> None:
    """Graphviz has trouble in init_rank with some of these."""
    assert b"</svg>" in draw(recurrence(steps, units), show_partials=True, direction=direction).pipe(format="svg")


def test_a_folded_recurrence_has_one_line_for_each_weight() -> None:
    seen = Seen(draw(recurrence(50, 2), max_depth=1))
    for name in ("w00", "w01", "w10", "w11"):
        assert len([head for tail, head, _ in seen.edges if name in tail]) <= 2
    assert len([node for node in seen.nodes if any(text.startswith("step ") for text in node.texts)]) == 50


def test_no_warning_about_the_size_of_a_picture(capfd: pytest.CaptureFixture[str]) -> None:
    total = Value(0.0)
    for index in range(300):
        total = total + Value(0.5) * Value(float(index))
    draw(total, max_nodes=2000).pipe(format="svg")
    assert capfd.readouterr().err == ""


class Total(Nary):
    """An operation on many Values, as a user writes one."""

    def __init__(self, parents: list[Value], partials: Any) -> None:
        super().__init__("Σ", parents, [parent.data for parent in parents])
        self._partials = partials

    def partials(self) -> list[float]:
        if isinstance(self._partials, Exception):
            raise self._partials
        partials: list[float] = self._partials
        return partials


def total(partials: Any) -> Value:
    parents = [Value(1.0, label="a"), Value(2.0, label="b"), Value(3.0, label="c", requires_grad=False)]
    return result_of(Total(parents, partials), 6.0)


def test_an_operation_on_many_values_is_drawn_with_its_partials() -> None:
    seen = Seen(draw(total([0.5, -0.25, 7.0]) * 2, show_partials=True))
    assert sorted((tail.texts[0], text) for tail, head, text in seen.edges if "Σ" in head) == [
        ("a", "∂=0.5"),
        ("b", "∂=-0.25"),
        ("c", ""),
    ]


def test_partials_of_many_values_that_cannot_be_computed_are_undefined() -> None:
    assert draw(total(ZeroDivisionError()), show_partials=True).source.count("∂=undefined") == 2


@pytest.mark.parametrize("partials", [["1", 2.0, 3.0], [None] * 3, [1.0], [1.0] * 5, 1.0, None])
def test_partials_that_are_not_numbers_are_an_error_in_a_drawing_too(partials: Any) -> None:
    with pytest.raises(TypeError, match="partials of Σ of 3 Values must return"):
        draw(total(partials), show_partials=True)


@pytest.mark.parametrize("partial", [math.nan, math.inf, -math.inf])
def test_partials_that_are_not_finite_are_drawn_as_they_are(partial: float) -> None:
    assert f"∂={partial:.4g}" in draw(total([partial] * 3), show_partials=True).source


@pytest.mark.parametrize("max_depth", [None, 1, 2])
def test_a_scope_without_a_name_is_a_box_without_a_name(max_depth: int | None) -> None:
    with scope(""), scope(""):
        y = Value(1.0) + 2.0
    seen = Seen(draw(y * 2.0, max_depth=max_depth))
    assert len(seen.clusters) == {None: 2, 1: 0, 2: 1}[max_depth]
    assert ["1 operation", "1 parameter"] in [node.texts for node in seen.nodes] or max_depth is None


@pytest.mark.parametrize("label", ["\u202e", "\u200b", "\ufeff", "\N{LANGUAGE TAG}", "a\n\u200d", "\ufe0f", "\u3164"])
def test_marks_that_cannot_be_seen_by_themselves_show_as_a_sign(label: str, capfd: pytest.CaptureFixture[str]) -> None:
    seen = Seen(draw(Value(1.0, label=label)))
    assert "�" in seen.nodes[0].texts
    draw(Value(1.0, label=label)).pipe(format="png")
    assert capfd.readouterr().err == ""


def test_a_joiner_inside_of_an_emoji_stays() -> None:
    assert "👩\u200d🚀" in Seen(draw(Value(1.0, label="👩\u200d🚀"))).nodes[0]


@pytest.mark.parametrize(
    ("number", "text"), [(math.nan, "nan"), (-math.inf, "-inf"), (-0.0, "-0"), (5e-324, "4.941e-324")]
)
def test_special_numbers_are_shown_as_they_are(number: float, text: str) -> None:
    x = Value(number)
    x.grad = number
    assert Seen(draw(x)).nodes[0].texts == [f"data {text}", f"grad {text}"]


def test_a_folded_drawing_that_is_too_large_is_not_told_to_be_folded() -> None:
    root = sum(Value(float(number)) for number in range(10)) + Value(1.0)
    with pytest.raises(GraphTooLargeError, match="fold scopes into boxes with max_depth=1"):
        draw(root, max_nodes=5)
    with pytest.raises(GraphTooLargeError, match=r"allow more with max_nodes=, or draw a smaller part"):
        draw(root, max_nodes=5, max_depth=1)


# ---------------------------------------------------------------- blanks


def graph_with_gradients() -> Value:
    x = Value(3.0, label="x")
    y = x * x
    y.label = "y"
    y.backward()
    return y


def test_blank_grad_leaves_every_gradient_empty() -> None:
    seen = Seen(draw(graph_with_gradients(), blank="grad"))

    assert seen.node("x").texts == ["x", "data 3", "grad ______"]
    assert seen.node("y").texts == ["×", "y", "data 9", "grad ______"]


def test_blank_data_leaves_results_empty_too() -> None:
    seen = Seen(draw(graph_with_gradients(), blank="data"))

    assert seen.node("x").texts == ["x", "data 3", "grad ______"]
    assert seen.node("y").texts == ["×", "y", "data ______", "grad ______"]


def test_unknown_blank_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r'blank must be "grad" \(the gradients\), "data" \(all results\) or None, not 1'
    ):
        draw(Value(1.0), blank=1)  # type: ignore[arg-type]
