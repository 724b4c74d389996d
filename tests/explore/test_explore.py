"""What Python writes for the page: the data, the errors, and a document that no label can break."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import (
    ChangedLeafError,
    GraphTooLargeError,
    Unary,
    Value,
    compile,
    exp,
    explore,
    log,
    no_grad,
    scope,
    sqrt,
    tanh,
    topological_order,
)
from autograd.explore import formulas
from autograd.pictures.style import shown
from autograd.rules import comparison, javascript_language, translate
from autograd.rules.expressions import Number, Return
from nn import MLP


def data_of(page: autograd.Page) -> Any:
    """The data in a page, read as its script reads them."""
    (text,) = re.findall(r'<script type="application/json" id="graph">(.*?)</script>', page.html, re.DOTALL)
    return json.loads(text)


def test_the_nodes_are_written_in_topological_order() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    root = tanh(x * y) + x
    written = data_of(explore(root))["nodes"]
    assert [node["data"] for node in written] == [node.data for node in topological_order(root)]
    assert [node.get("operands") for node in written] == [None, None, [0, 1], [2], [3, 0]]


def test_a_node_has_its_label_without_the_scopes_around_it() -> None:
    x = Value(2.0, label="x")
    output = MLP(1, [1], rng=0)([x])
    assert isinstance(output, Value)
    assert {node["name"] for node in data_of(explore(output))["nodes"]} == {"b", "w1", "x", ""}


def test_an_operation_brings_its_formula_and_its_derivatives() -> None:
    node = data_of(explore(Value(2.0) ** 3))["nodes"][-1]
    power = ["**", 0, 1]
    derivatives = [["*", 1, ["**", 0, ["-", 1, "1"]]], ["*", power, ["call", "log", 0]]]
    assert (node["formula"], node["derivatives"]) == (power, derivatives)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-x", ["negative", 0]),
        ("0.5 / f(x, -1)", ["/", "0.5", ["call", "f", 0, ["negative", "1"]]]),
        ("1 if x > y else 0", ["if", [">", 0, 1], "1", "0"]),
        ("x' of y", None),
        ("x\0", None),
        ("x if x < y < 1 else y", None),
        ("math.sin(x)", None),
        ("x[0]", None),
        ("'x'", None),
        ("1e999", None),
        ("-" * 500 + "x", None),
        ("(" * 50 + "x" + ")" * 50, 0),
    ],
)
def test_a_formula_is_a_tree_if_the_page_can_write_it(text: str, tree: Any) -> None:
    assert formulas.tree(text, ("x", "y")) == tree


def test_numbers_that_json_cannot_write_are_written_as_text() -> None:
    written = data_of(explore(Value(math.inf) * 2 + Value(math.nan)))["nodes"]
    assert {node["data"] for node in written} == {"inf", "nan", 2.0}


def shared_weight(uses: int) -> Value:
    """A chain in which each step uses the same weight, in scopes of ten steps."""
    w, y = Value(0.5, label="w"), Value(1.0, label="start")
    for _ in range(uses // 10):
        with scope("ten steps"):
            for _ in range(10):
                y = y * w
    return y


DIRECTIONS = {"LR": 0, "TB": 1}  # and the axis along which each leads


@pytest.mark.parametrize("uses", [10, 60])  # few long edges, and so many that they are bundled
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_both_directions_place_the_same_things(uses: int, direction: str) -> None:
    data = data_of(explore(shared_weight(uses)))
    folded, unfolded = (layout["directions"][direction] for layout in data["layouts"])
    assert [center is None for center in unfolded["centers"]] == [False] * len(data["nodes"])
    assert [box is None for box in folded["boxes"]] == [False] * len(data["scopes"])
    for layout in data["layouts"]:
        lines = layout["directions"][direction]["lines"]
        assert len(lines) == len(layout["edges"])
        assert all(len(line) % 6 == 4 for line in lines)  # a start, curves of three points, and the tip of the arrow


@pytest.mark.parametrize(("direction", "axis"), DIRECTIONS.items())
def test_edges_lead_from_node_to_node(direction: str, axis: int) -> None:
    data = data_of(explore(shared_weight(60)))
    unfolded = data["layouts"][-1]
    placed = unfolded["directions"][direction]
    ends = [
        (center[axis] - node["size"][axis] / 2, center[axis] + node["size"][axis] / 2)
        for center, node in zip(placed["centers"], data["nodes"], strict=True)
    ]
    for ((operation, which),), line in zip(unfolded["edges"], placed["lines"], strict=True):
        operand = data["nodes"][operation]["operands"][which]
        assert line[axis] == pytest.approx(ends[operand][1], abs=0.2)
        assert line[-2:][axis] == pytest.approx(ends[operation][0], abs=0.2)
        assert math.dist(line[-4:-2], line[-2:]) == pytest.approx(6.0, abs=0.2)  # the arrow


def test_a_scope_becomes_a_box_and_there_is_a_layout_with_it_folded() -> None:
    with scope("outer"):
        x = Value(2.0)
        with scope("inner"):
            y = exp(x)
    data = data_of(explore(y + 1))
    assert [(found["name"], found["parent"]) for found in data["scopes"]] == [("outer", None), ("inner", 0)]
    folded, half, unfolded = (layout["directions"]["LR"] for layout in data["layouts"])
    assert [box is None for box in folded["boxes"]] == [False, True]
    assert [center is None for center in folded["centers"]] == [True, False, True, False]
    assert [center is None for center in half["centers"]] == [False, False, True, False]
    assert None not in unfolded["centers"]


def test_an_edge_of_a_folded_scope_stands_for_all_that_cross_its_border() -> None:
    x = Value(2.0)
    with scope("box"):
        y = exp(x) * x
    folded, unfolded = data_of(explore(y))["layouts"]
    assert folded["edges"] == [[[1, 0], [2, 1]]]
    assert len(unfolded["edges"]) == 3


def test_what_is_folded_away_has_no_part_in_the_layout() -> None:
    def folded(neurons: int) -> Any:
        output = MLP(8, [neurons, neurons, 1], rng=0)([Value(index / 10) for index in range(8)])
        assert isinstance(output, Value)
        return data_of(explore(output))["layouts"][0]["directions"]["TB"]

    small, large = folded(2), folded(12)
    for part in ("boxes", "centers"):
        assert [at for at in small[part] if at] == [at for at in large[part] if at]


def test_deeply_nested_scopes_make_few_layouts() -> None:
    def inside(depth: int, x: Value) -> Value:
        with scope(f"level {depth}"):
            return exp(x) if depth == 0 else inside(depth - 1, x)

    assert len(data_of(explore(inside(30, Value(0.1))))["layouts"]) == 4


def test_a_primitive_of_the_user_brings_its_derivatives(table: None) -> None:
    class Cube(Unary):
        name = "cube"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return x**3

        def partial_x(self, x: Any, out: Any) -> Any:
            return 3 * x * x

    node = data_of(explore(Cube()(Value(2.0))))["nodes"][-1]
    assert (node["builtIn"], node["partials"], node["own"]) == (False, [12.0], 0)


class Square(Unary):
    name = "squared"
    samples = (1.0,)

    def forward(self, x: float) -> float:
        return x * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return 2.0 * x


@pytest.mark.parametrize("text", ["</script>", "<!--"])
def test_a_formula_that_would_end_the_script_is_not_written(
    table: None, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(javascript_language, "source", lambda primitive: f"'{text}'")
    page = explore(Square()(Value(2.0)))
    assert page.html.count(text) == explore(Value(2.0)).html.count(text)
    assert data_of(page)["nodes"][-1]["why"] == "the formula of squared cannot stand in a page"


def test_a_translation_that_is_wrong_in_python_is_not_written(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    right = translate.translated_rules

    def wrong(primitive: Any) -> Any:
        rules = right(primitive)
        return {**rules, "partial_x": dataclasses.replace(rules["partial_x"], body=(Return(Number(3.0)),))}

    monkeypatch.setattr(comparison, "translated_rules", wrong)
    node = data_of(explore(Square()(Value(2.0))))["nodes"][-1]
    assert "partial_x gives" in node["why"]
    assert "own" not in node


def test_a_derivative_of_the_user_that_does_not_exist_is_written_as_such(table: None) -> None:
    class Root(Unary):
        name = "root"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return math.sqrt(x)

        def partial_x(self, x: Any, out: Any) -> Any:
            return 0.5 / out

    assert data_of(explore(Root()(Value(0.0))))["nodes"][-1]["partials"] == ["undefined"]


def test_a_call_of_a_compiled_function_brings_its_derivatives() -> None:
    compiled = compile(lambda x, y: x * y + tanh(x))
    x, y = Value(0.5), Value(2.0)
    node = data_of(explore(compiled(x, y)))["nodes"][-1]
    expected = x * y + tanh(x)
    expected.backward()
    assert node["builtIn"] is False
    assert node["partials"] == pytest.approx([x.grad, y.grad], rel=1e-12)


def test_a_leaf_alone_can_be_explored() -> None:
    assert len(data_of(explore(Value(2.0)))["nodes"]) == 1


# ---------------------------------------------------------------- errors


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="the graph of one Value, not of float"):
        explore(2.0)  # type: ignore[arg-type]


def test_a_constant_is_refused() -> None:
    with no_grad():
        root = Value(2.0) * 3
    with pytest.raises(RuntimeError, match="nothing to play"):
        explore(root)


def test_a_graph_that_is_too_large_is_refused() -> None:
    with pytest.raises(GraphTooLargeError, match="3 nodes, more than max_nodes=2"):
        explore(Value(2.0) * 3, max_nodes=2)


def test_a_leaf_that_was_changed_is_refused() -> None:
    x = Value(2.0, label="x")
    root = x * 3
    x.data = 5.0
    with pytest.raises(ChangedLeafError, match=r"label='x'.* was 2.0 when x \* y = 6.0 at"):
        explore(root)


def test_paths_from_a_node_of_another_graph_are_refused() -> None:
    stranger = Value(2.0, label="stranger")
    with pytest.raises(ValueError, match=r"label='stranger'.* has no path to Value"):
        explore(Value(2.0) * 3, paths_from=stranger)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in \.html, not .*lesson\.svg"):
        explore(Value(2.0), tmp_path / "lesson.svg")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        explore(Value(2.0), tmp_path / "nowhere" / "lesson.html")


# ---------------------------------------------------------------- the document


def test_the_file_holds_the_page(tmp_path: Path) -> None:
    page = explore(Value(2.0) * 3, tmp_path / "lesson.html")
    assert (tmp_path / "lesson.html").read_text(encoding="utf-8") == page.html
    assert [file.name for file in tmp_path.iterdir()] == ["lesson.html"]


def test_a_notebook_shows_the_page_in_a_frame_that_its_scripts_cannot_leave() -> None:
    page = explore(Value(2.0, label='"><b>'))
    frame = page._repr_html_()
    (source,) = re.findall(r'srcdoc="([^"]*)"', frame)
    assert html.unescape(source) == page.html
    assert 'sandbox="allow-scripts"' in frame


def test_the_policy_allows_the_script_and_the_style_of_the_page_and_nothing_else() -> None:
    page = explore(Value(2.0)).html
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    (script,) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; base-uri 'none'; "
        "form-action 'none'"
    )


def test_the_page_names_no_address() -> None:
    addresses = set(re.findall(r"https?://[^\"'\s]+", explore(Value(2.0)).html))
    assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}


def test_the_script_is_whole_without_imports() -> None:
    page = explore(Value(2.0)).html
    assert re.findall(r"^(?:import|export)\b.*", page, re.MULTILINE) == []
    assert "{{" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "{{SCRIPT}}",
    r"\u003c",
    '"; alert(1); "',
    "\u2028\u2029",
    "\ud800",
    "]]>",
    "\0",
    "é漢字🙂",
]


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_data_whatever_it_holds(label: str) -> None:
    page = explore(Value(2.0, label=label))
    assert len(re.findall("<script", page.html)) == 2
    assert len(re.findall("</script", page.html)) == 2
    assert page.html.encode()
    assert data_of(page)["nodes"][0]["name"] == shown(label)


@given(st.text(st.characters(categories=None), max_size=60))
def test_any_label_leaves_the_page_whole(label: str) -> None:
    page = explore(Value(2.0, label=label)).html
    assert (page.count("<script"), page.count("</script"), page.count("<title>")) == (2, 2, 1)
    page.encode()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_the_log_of_a_square_root_is_laid_out_inside_its_extent(direction: str) -> None:
    data = data_of(explore(log(sqrt(Value(2.0) * 3) + 1)))
    layout = data["layouts"][0]["directions"][direction]
    for node, (x, y) in zip(data["nodes"], layout["centers"], strict=True):
        width, height = node["size"]
        assert -0.1 <= x - width / 2 < x + width / 2 <= layout["extent"][0] + 0.1  # places are rounded to tenths
        assert -0.1 <= y - height / 2 < y + height / 2 <= layout["extent"][1] + 0.1


@pytest.mark.parametrize(("direction", "axis"), DIRECTIONS.items())
def test_a_line_that_branches_leads_each_edge_from_node_to_node(direction: str, axis: int) -> None:
    w = Value(0.5, label="w")
    y = Value(1.0, label="start")
    for _ in range(80):
        y = y * w
    data = data_of(explore(y))
    (layout,) = data["layouts"]
    placed = layout["directions"][direction]
    assert len(layout["edges"]) == 160
    for ((index, operand),), line in zip(layout["edges"], placed["lines"], strict=True):
        for place, at in ((line[:2], data["nodes"][index]["operands"][operand]), (line[-2:], index)):
            for along in (axis, 1 - axis):
                assert abs(place[along] - placed["centers"][at][along]) <= data["nodes"][at]["size"][along] / 2 + 0.2


@pytest.mark.slow
def test_a_graph_whose_nodes_all_share_an_input_makes_a_page_of_a_few_megabytes() -> None:
    shared = Value(0.5)
    total = Value(0.0)
    for index in range(300):
        total = total + shared * Value(float(index))
    assert len(explore(total).html) < 5e6


def test_a_scope_without_a_name_is_in_the_page() -> None:
    with scope(""):
        y = Value(1.0) + 2.0
    assert data_of(explore(y * 2.0))["scopes"] == [{"name": "", "parent": None}]
