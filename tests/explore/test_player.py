"""The page in a real browser: each control, each number, each language, and no label that gets out of its text."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograd import (
    PRIMITIVES,
    Binary,
    Unary,
    Value,
    compile,
    exp,
    explore,
    log,
    maximum,
    scope,
    sin,
    sqrt,
    sum,
    tanh,
    topological_order,
)
from autograd.rules import javascript_language
from nn import MLP
from tests.explore.graphs import neuron

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Open = Callable[..., "Page"]
Axe = Callable[["Page"], list[str]]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def wide(terms: int, scoped: bool = False) -> Value:
    """A sum of that many products, of 4 nodes each."""
    total = Value(0.0, label="start")
    for index in range(terms):
        with scope(f"term {index}") if scoped else contextlib.nullcontext():
            total = total + Value(index / 100, label=f"a{index}") * Value(0.5, label=f"b{index}")
    return total


def said(page: Page) -> str:
    """What the page says of the current step, without the marks around names."""
    return page.locator("#step").inner_text().replace("\u2068", "").replace("\u2069", "")


def heading(page: Page) -> str:
    return page.locator("#step-heading").inner_text()


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def row(page: Page, name: str) -> Locator:
    """The row of a table that is named so."""
    return page.locator("tbody tr", has=page.get_by_role("rowheader", name=name, exact=True))


def gradients(page: Page) -> dict[str, str]:
    """The running table: name by name, the gradient that it shows."""
    found: dict[str, str] = {}
    for shown in page.locator("tbody tr[data-node]").all():
        name = re.sub("[\u2068\u2069]", "", shown.locator("th").inner_text())
        found[name] = shown.locator("td").nth(1).inner_text()
    return found


def node(page: Page, name: str) -> Locator:
    return page.locator(".node", has=page.locator("text.name", has_text=re.compile(f"^{name}$")))


def field(page: Page, name: str) -> Locator:
    return row(page, f"\u2068{name}\u2069").locator("input")


def paths(page: Page) -> str:
    return re.sub("[\u2068\u2069]|\n(?=\n)", "", page.locator("#paths").inner_text())


# ---------------------------------------------------------------- stepping


def test_forward_shows_each_formula_with_its_numbers(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 5)
    assert heading(page) == "Forward: step 5 of 5"
    assert said(page) == "o = tanh(n) = tanh(0.8814) = 0.7071"


def test_a_node_lights_up_when_it_is_computed_and_not_before(opened: Open) -> None:
    page = opened(neuron())
    assert page.locator(".node.waiting").count() == 5
    press(page, "ArrowRight")
    assert page.locator(".node.waiting").count() == 4
    assert page.locator(".node.current.forward .data").text_content() == "data -6"


def test_backward_shows_the_local_derivative_as_formula_and_as_number(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 6)
    assert heading(page) == "Backward: step 1 of 5"
    assert "d tanh(n)/dn = 1 - tanh(n)^2 = 0.5" in said(page)
    assert "to n: 1 × 0.5 = 0.5" in said(page)
    assert page.locator(".notes text").all_text_contents() == ["+0.5"]


def test_arrows_point_the_way_that_numbers_flow(opened: Open) -> None:
    page = opened(Value(3.0, label="x") * 2)
    assert page.locator(".head:visible").count() == 2
    assert page.locator(".back:visible").count() == 0
    press(page, "ArrowRight", 2)
    assert page.locator(".head:visible").count() == page.locator(".back:visible").count() == 1  # none flows to the 2
    tip, base = page.locator(".back:visible").evaluate(
        "(head) => head.getAttribute('d').slice(1).split(' L').map((point) => Number(point.split(',')[0])).slice(0, 2)"
    )
    assert tip < base


def test_a_second_contribution_is_added_to_the_first(opened: Open) -> None:
    x = Value(3.0, label="x")
    page = opened(x * x)
    press(page, "ArrowRight", 2)
    assert "∂(x·x)/∂(second x) = x = 3" in said(page)
    assert "to first x: 1 × 3 = 3\n" in said(page)
    assert "to second x: 1 × 3 = 3; 3 + 3 = 6" in said(page)


def test_the_steps_are_in_the_order_of_the_engine(opened: Open) -> None:
    x, y = Value(0.5, label="x"), Value(2.0, label="y")
    root = exp(x * y) + tanh(x) * exp(y)
    page = opened(root)
    seen = []
    for _ in range(12):
        press(page, "ArrowRight")
        seen.append(page.locator(".node.current .data").text_content())
    forward = [f"data {node.data:.4g}" for node in topological_order(root) if not node.is_leaf]
    assert seen == [*forward, *reversed(forward)]


def test_the_running_table_fills_as_the_backward_pass_goes(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 7)
    found = gradients(page)
    assert {name for name, gradient in found.items() if gradient} == {"o", "n", "x1·w1 + x2·w2", "b"}


def test_at_the_end_the_table_holds_the_gradients_of_the_engine(opened: Open) -> None:
    root = neuron()
    root.backward()
    page = opened(root)
    press(page, "End")
    expected = {value.label: f"{value.grad:.4g}" for value in topological_order(root) if value.label}
    found = gradients(page)
    assert {name: found[name] for name in expected} == expected


def test_a_leaf_alone_has_nothing_to_play(opened: Open) -> None:
    page = opened(Value(2.0, label="x"))
    assert "x is an input: nothing was computed, and its gradient is 1." in said(page)
    assert page.get_by_role("button", name="Step forward").is_disabled()


# ---------------------------------------------------------------- the expression


def expression(page: Page, part: str = "") -> str:
    """The text of the expression, or of the parts of it that a selector finds."""
    found = page.locator(f"#expression {part or 'math'}").all_text_contents()
    return re.sub("[\u2061\u2068\u2069]", "", " and ".join(found))


def test_the_whole_expression_stands_above_the_picture(opened: Open) -> None:
    page = opened(neuron())
    assert expression(page) == "o=tanh(x1⋅w1+x2⋅w2+b)"
    assert page.locator("#expression msub").count() == 4
    assert page.locator("#expression").bounding_box()["y"] < page.locator("#picture").bounding_box()["y"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("make", "expected", "kinds"),
    [
        (lambda a, b: (a + b) / 2 - b, "a+b2−b", ["mfrac"]),
        (lambda a, b: (a - b) ** -2, "(a−b)−2", ["msup"]),
        (lambda a, b: sqrt(a) * (b * -3), "a⋅(b⋅(−3))", ["msqrt"]),
        (lambda a, b: -(a * b), "−a⋅b", []),
        (lambda a, b: abs(a) + maximum(a, b), "|a|+maximum(a,b)", []),
    ],
)
def test_an_expression_is_written_as_in_a_textbook(
    opened: Open, make: Callable[[Value, Value], Value], expected: str, kinds: list[str]
) -> None:
    page = opened(make(Value(2.0, label="a"), Value(3.0, label="b")))
    assert expression(page) == expected
    for kind in kinds:
        assert page.locator(f"#expression {kind}").count() == 1


def test_the_part_of_a_step_lights_up(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 3)
    assert expression(page, ".current") == "x1⋅w1+x2⋅w2"
    press(page, "ArrowRight", 3)
    assert expression(page, ".current") == "tanh(x1⋅w1+x2⋅w2+b)"
    press(page, "Home")
    assert page.locator("#expression .current").count() == 0


def test_the_pointer_links_the_expression_and_the_picture(opened: Open) -> None:
    page = opened(neuron())
    node(page, "n").hover()
    assert expression(page, ".pointed") == "x1⋅w1+x2⋅w2+b"
    page.locator("#expression mi", has_text="b").hover()
    assert page.locator(".node.pointed .name").all_text_contents() == ["b"]
    assert "The only path gives the gradient of b" in paths(page)
    page.locator("h1").hover()
    assert page.locator(".pointed").count() == 0


def test_a_long_expression_has_names_for_shared_parts(opened: Open) -> None:
    shared = Value(2.0, label="a label that is long") + 1
    shared.label = "s"
    total = shared
    for _ in range(12):
        total = total * shared
    page = opened(total)
    assert expression(page).count("⋅") == 12
    assert "label" not in expression(page)
    press(page, "ArrowRight")
    assert set(expression(page, ".current").split(" and ")) == {"s"}


def test_a_step_inside_of_what_has_a_name_lights_that_name(opened: Open) -> None:
    total = Value(1.0, label="the first number")
    for _ in range(30):
        total = exp(total * 0.1)
    page = opened(total)
    press(page, "ArrowRight")
    assert re.fullmatch(r"(product|exp) \d+", expression(page, ".current"))


def test_a_step_inside_of_several_named_parts_lights_all_of_them(opened: Open) -> None:
    x = Value(0.5, label="x")
    outputs: list[Value] = []
    for name in ("first", "second", "third"):
        with scope(name):
            outputs.append(tanh(exp(x * 2 if not outputs else outputs[0] * 3) + sqrt(x) * sin(x)))
    page = opened(outputs[1] + outputs[2])
    assert expression(page) == "tanh 2+tanh 3"
    press(page, "ArrowRight")
    assert expression(page, ".current") == "tanh 2 and tanh 3"


def test_folded_scopes_stand_by_name_in_a_long_expression(opened: Open) -> None:
    x = Value(0.5, label="x")
    outputs = []
    for name in ("first", "second", "third"):
        with scope(name):
            outputs.append(tanh(exp(x * 2) * 3 + sqrt(x)))
    page = opened(outputs[0] * outputs[1] + outputs[2])
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator("#expression msqrt").count() > 0
    page.get_by_role("button", name="Fold all").click()
    assert expression(page) == "(tanh 1)⋅(tanh 2)+tanh 3"


# ---------------------------------------------------------------- the controls of playing


@pytest.mark.parametrize(
    ("name", "expected"),
    [("To the start", "Start"), ("Step back", "Forward: step 2 of 5"), ("Step forward", "Forward: step 4 of 5"),
     ("To the end", "Backward: step 5 of 5")],
)  # fmt: skip
def test_a_button_moves_the_position(opened: Open, name: str, expected: str) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 3)
    page.get_by_role("button", name=name, exact=True).click()
    assert heading(page) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [("ArrowLeft", "Forward: step 2 of 5"), ("ArrowRight", "Forward: step 4 of 5"), ("Home", "Start"),
     ("End", "Backward: step 5 of 5")],
)  # fmt: skip
def test_a_key_moves_the_position(opened: Open, key: str, expected: str) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 3)
    press(page, key)
    assert heading(page) == expected


def test_the_slider_moves_the_position(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_role("slider", name="Position").fill("6")
    assert heading(page) == "Backward: step 1 of 5"


def test_the_arrow_keys_move_once_when_the_slider_has_the_focus(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_role("slider", name="Position").focus()
    press(page, "ArrowRight")
    assert heading(page) == "Forward: step 1 of 5"


def test_playing_goes_to_the_end_and_stops(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_label("Speed").select_option("60")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Backward: step 5 of 5", exact=True).wait_for()
    page.get_by_role("button", name="Play").wait_for()


def test_playing_from_the_end_starts_again(opened: Open) -> None:
    page = opened(neuron())
    press(page, "End")
    page.get_by_role("button", name="Play").click()
    assert heading(page) == "Start"
    assert page.get_by_role("button", name="Pause").is_visible()


def test_space_plays_and_pauses(opened: Open) -> None:
    page = opened(neuron())
    press(page, "Space")
    assert page.get_by_role("button", name="Pause").is_visible()
    press(page, "Space")
    assert page.get_by_role("button", name="Play").is_visible()


def test_space_on_a_button_presses_that_button(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_role("button", name="Step forward").focus()
    press(page, "Space")
    assert heading(page) == "Forward: step 1 of 5"
    assert page.get_by_role("button", name="Play").is_visible()


def test_a_step_pauses(opened: Open) -> None:
    page = opened(neuron())
    press(page, "Space")
    press(page, "ArrowRight")
    assert page.get_by_role("button", name="Play").is_visible()


# ---------------------------------------------------------------- paths


def test_pointing_at_a_node_lists_its_paths_and_their_sum(opened: Open) -> None:
    x = Value(3.0, label="x")
    y = x * x + x
    y.label = "y"
    page = opened(y)
    node(page, "x").hover()
    assert paths(page).splitlines() == [
        "x → x·x → y", "3 × 1 = 3", "x → x·x → y", "3 × 1 = 3", "x → y", "1 = 1",
        "Their sum is the gradient of x: 7",
    ]  # fmt: skip
    assert page.locator(".edge.on-path").count() == 4


def test_the_paths_go_when_the_pointer_does(opened: Open) -> None:
    page = opened(neuron())
    node(page, "w1").hover()
    assert page.locator(".on-path").count() == 9
    page.locator("h1").hover()
    assert page.locator(".on-path").count() == 0


def test_a_click_keeps_the_paths_and_escape_lets_them_go(opened: Open) -> None:
    page = opened(neuron())
    node(page, "w1").click()
    page.locator("h1").hover()
    assert "The only path gives the gradient of w1: 1" in paths(page)
    assert node(page, "w1").get_attribute("aria-pressed") == "true"
    press(page, "Escape")
    assert "Point at a node" in paths(page)


def test_paths_that_were_asked_for_are_there_from_the_start(opened: Open) -> None:
    root = neuron()
    (w1,) = (value for value in topological_order(root) if value.label == "w1")
    page = opened(root, paths_from=w1)
    assert "The only path gives the gradient of w1: 1" in paths(page)
    press(page, "Escape")
    assert "Point at a node" in paths(page)


def test_a_row_of_the_table_shows_the_paths_of_its_node(opened: Open) -> None:
    page = opened(neuron())
    row(page, "\u2068x1\u2069·\u2068w1\u2069").hover()
    assert "x1·w1 → x1·w1 + x2·w2 → n → o" in paths(page)


def test_many_paths_are_counted_and_64_are_listed(opened: Open) -> None:
    y = Value(1.0, label="x")
    for _ in range(10):
        y = y + y
    page = opened(y)
    node(page, "x").click()
    assert "64 of 1,024 paths are listed; the sum of all is the gradient of x: 1024" in paths(page)
    assert page.locator("#paths li").count() == 64


def test_a_constant_has_no_paths(opened: Open) -> None:
    page = opened(Value(2.0, label="x") * 3)
    page.locator(".node.constant").hover()
    assert paths(page) == "3 is a constant: it has no gradient."


def test_the_root_is_its_own_path(opened: Open) -> None:
    page = opened(neuron())
    node(page, "o").hover()
    assert "its product is 1" in paths(page)


# ---------------------------------------------------------------- changing numbers


def test_a_typed_number_changes_everything_that_follows(opened: Open) -> None:
    page = opened(neuron())
    press(page, "End")
    field(page, "b").fill("7")
    x = tanh(Value(1.0))
    assert page.locator("h1").inner_text().strip("\u2068") == f"\u2068o\u2069 = {x.data:.4g}".strip("\u2068")
    assert gradients(page)["b"] == f"{1 - x.data**2:.4g}"


def test_what_is_no_number_is_refused_and_said(opened: Open) -> None:
    page = opened(neuron())
    field(page, "b").fill("seven")
    assert page.locator("#said").inner_text() == "“seven” is not a number."
    assert field(page, "b").get_attribute("aria-invalid") == "true"
    assert "0.7071" in page.locator("h1").inner_text()


@pytest.mark.parametrize(("typed", "shown"), [("1e400", "inf"), ("-inf", "-inf"), ("NaN", "nan")])
def test_infinity_and_nan_flow_through(opened: Open, typed: str, shown: str) -> None:
    page = opened(Value(2.0, label="x") * 3)
    press(page, "End")
    field(page, "x").fill(typed)
    assert page.locator("h1").inner_text().endswith(f" = {shown}")
    assert gradients(page)["x"] == "3"
    assert page.locator(".failure").count() == 0


@pytest.mark.parametrize(("key", "expected"), [("ArrowUp", "2.1"), ("ArrowDown", "1.9"), ("Shift+ArrowUp", "3")])
def test_the_arrow_keys_change_a_number_in_its_field(opened: Open, key: str, expected: str) -> None:
    page = opened(neuron())
    field(page, "x1").focus()
    press(page, key)
    assert field(page, "x1").input_value() == expected


def test_dragging_an_input_of_the_graph_changes_its_number(opened: Open) -> None:
    page = opened(neuron())
    press(page, "End")
    node(page, "x1").hover()
    page.mouse.down()
    box = node(page, "x1").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2 + 50, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    node(page, "x1").locator(".data", has_text="data 2.5").wait_for()
    assert gradients(page)["w1"] == f"{2.5 * (1 - tanh(Value(-7.5 + 6.881373587019543)).data ** 2):.4g}"


def test_a_drag_goes_on_outside_the_picture_and_is_no_click(opened: Open) -> None:
    page = opened(neuron())
    node(page, "b").hover()
    page.mouse.down()
    page.mouse.move(1000, 300, steps=5)
    before = node(page, "b").locator(".data").text_content()
    page.mouse.move(1200, 300, steps=5)
    page.mouse.up()
    page.locator("h1").hover()
    assert node(page, "b").locator(".data").text_content() != before
    assert node(page, "b").get_attribute("aria-pressed") == "false"


def test_a_constant_can_be_changed_too(opened: Open) -> None:
    page = opened(Value(2.0, label="x") ** 2)
    press(page, "End")
    page.locator("#inputs tr[data-node]").nth(1).locator("input").fill("3")
    assert gradients(page)["x"] == "12"
    assert page.locator(".node.constant .data").text_content() == "3"


def test_reset_brings_the_numbers_back(opened: Open) -> None:
    page = opened(neuron())
    field(page, "b").fill("7")
    page.get_by_role("button", name="Reset the numbers").click()
    assert field(page, "b").input_value() == "6.881373587019543"
    assert "0.7071" in page.locator("h1").inner_text()


def test_a_nudge_shows_the_derivative_by_finite_difference(opened: Open) -> None:
    page = opened(neuron())
    row(page, "\u2068w1\u2069").get_by_role("button").click()
    assert row(page, "\u2068w1\u2069").locator(".slope").inner_text() == "≈ 1"
    assert "d \u2068o\u2069/d \u2068w1\u2069 ≈ 1." in page.locator("#said").inner_text()


def test_the_result_of_a_nudge_stands_below_its_row_and_is_told(opened: Open) -> None:
    page = opened(neuron())
    assert not page.locator("#said").is_visible()
    row(page, "\u2068x1\u2069").get_by_role("button").click()
    box, answer = (page.locator(found).bounding_box() for found in ("#inputs tr:has(button:focus)", "#said"))
    assert box is not None
    assert answer is not None
    assert 0 <= answer["y"] - box["y"] - box["height"] < 10
    assert page.locator("#live").text_content() == page.locator("#said").text_content()


def test_a_nudge_over_the_border_of_a_domain_is_said(opened: Open) -> None:
    page = opened(log(Value(1e-9, label="x")))
    row(page, "\u2068x\u2069").get_by_role("button").click()
    assert "The root is not defined this close" in page.locator("#said").inner_text()


def test_inputs_stand_first_and_weights_with_their_scope(opened: Open) -> None:
    output = MLP(1, [1, 1], rng=0)([Value(0.5, label="x")])
    assert isinstance(output, Value)
    page = opened(output * 2)
    names = [re.sub("[\u2068\u2069]", "", name) for name in page.locator("#inputs th").all_inner_texts()]
    assert names == ["x", "layer 1 › neuron 1", "b", "w1", "layer 2 › neuron 1", "b", "w1", "outside the scopes", "2"]


def test_the_number_at_the_end_of_a_name_is_an_index(opened: Open) -> None:
    x, y, z = Value(1.0, label="x1"), Value(2.0, label="y_12"), Value(3.0, label="3z")
    page = opened(x * y * z)
    press(page, "ArrowRight")
    assert page.locator("#inputs sub").all_inner_texts() == ["1", "12"]
    assert page.locator("#step sub").all_inner_texts() == ["1", "12"]
    size = page.locator("#inputs sub").first.evaluate("(index) => parseFloat(getComputedStyle(index).fontSize)")
    assert float(str(size)) >= 11


def test_what_the_step_leaves_is_for_the_paths(opened: Open) -> None:
    x = Value(3.0, label="x")
    page = opened(x * x + x * x + x)
    inputs = page.locator("#inputs").bounding_box()
    node(page, "x").click()
    press(page, "ArrowRight")
    step, paths_card, after = (page.locator(found).bounding_box() for found in ("#step", "#paths", "#inputs"))
    assert inputs == after
    assert step is not None
    assert paths_card is not None
    assert paths_card["height"] >= 180


def test_a_long_name_breaks_with_a_hyphen_on_a_phone(opened: Open) -> None:
    page = opened(Value(2.0, label="backpropagation") * Value(3.0, label="w"), **PHONE)
    names = [re.sub("[\u2068\u2069]", "", name) for name in page.locator("#inputs th").all_inner_texts()]
    assert [name.split("\u00ad") for name in names] == [["back", *"propaga", "tion"], ["w"]]


# ---------------------------------------------------------------- what is not defined


def test_a_value_that_does_not_exist_is_said_where_it_happens(opened: Open) -> None:
    x = Value(2.0, label="x")
    page = opened(exp(log(x)))
    press(page, "End")
    field(page, "x").fill("-1")
    assert "log(-1) is not defined. The computation ends here." in said(page)
    assert page.locator(".node.failed .name").text_content() == "log(x)"
    assert page.get_by_role("button", name="Step forward").is_disabled()
    assert "NaN" not in page.locator("body").inner_text()


@pytest.mark.parametrize(
    ("make", "number", "expected"),
    [
        (lambda x: 1 / x, "0", "1/0 divides by zero."),
        (exp, "1000", "exp(1000) is too large for a float."),
        (lambda x: x * x, "1e200", "It began here: x·x = 1e+200·1e+200 = inf"),
        (lambda x: x * 1e308 + x * 1e308, "0.5", "With what 0.5·1e+308 adds, the sum is too large for a float."),
        (lambda x: x**x, "-1", "(-1)^(-1) needs a positive base, because its exponent needs a gradient."),
        (sqrt, "0", "sqrt(0) has no finite derivative here."),
    ],
)
def test_each_way_to_be_not_defined_has_its_words(
    opened: Open, make: Callable[[Value], Value], number: str, expected: str
) -> None:
    page = opened(make(Value(1.0, label="x")))
    press(page, "End")
    field(page, "x").fill(number)
    assert expected in said(page)


def test_a_failed_page_recovers(opened: Open) -> None:
    page = opened(log(Value(2.0, label="x")))
    press(page, "End")
    field(page, "x").fill("-1")
    field(page, "x").fill("4")
    assert gradients(page)["x"] == "0.25"


class Cube(Unary):
    name = "cube"
    samples = (1.0,)

    def forward(self, x: float) -> float:
        return x**3

    def partial_x(self, x: Any, out: Any) -> Any:
        return 3 * x * x


class Bounded(Binary):
    """With a helper function, branches, an error, and names that mean something else in JavaScript."""

    name = "bounded <b>"
    samples = ((1.0, 2.0),)

    def forward(self, x: float, y: float) -> float:
        if x < 0:
            raise ValueError("it has no value to the left of 0")
        let = Δ(y) if x > y else x
        return let if x < 10 else 1.0 / (x - 10.0)

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return 0.0 if x > y else 1.0

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return Δ(1.0) if x > y else 0.0


def Δ(x: float) -> float:  # noqa: N802 # a letter of mathematics
    return x / 2


class WithAttribute(Cube):
    name = "with_attribute"
    factor = 2.0

    def forward(self, x: float) -> float:
        return self.factor * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return self.factor


def test_a_primitive_of_the_user_is_changed_in_the_page(opened: Open, table: None) -> None:
    page = opened(Cube()(Value(2.0, label="x")) * 2)
    press(page, "End")
    assert gradients(page)["x"] == "24"
    field(page, "x").fill("3")
    assert gradients(page)["x"] == "54"
    page.get_by_role("button", name="Nudge \u2068x\u2069").click()
    assert "≈ 54" in page.locator("#said").inner_text()


def test_branches_helpers_and_errors_of_a_primitive_of_the_user_are_those_of_python(opened: Open, table: None) -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    page = opened(Bounded()(x, y) * 4)
    press(page, "End")
    assert (gradients(page)["x"], gradients(page)["y"]) == ("4", "0")
    field(page, "x").fill("5")
    assert (gradients(page)["x"], gradients(page)["y"]) == ("0", "2")
    field(page, "x").fill("-1")
    assert "is not defined" in page.locator("#step").inner_text()
    field(page, "x").fill("10")
    assert "divides by zero" in page.locator("#step").inner_text()
    field(page, "x").fill("1")
    assert gradients(page)["x"] == "4"


def test_a_primitive_that_cannot_be_translated_plays_and_cannot_be_edited(opened: Open, table: None) -> None:
    page = opened(WithAttribute()(Value(2.0, label="x")) * 2)
    press(page, "End")
    assert gradients(page)["x"] == "4"
    told = page.locator("#editing").inner_text()
    assert "the page has no formula for \u2068with_attribute\u2069" in told
    assert "forward uses self.factor, an attribute of self" in told
    assert "(\u2068test_player.py:" in told
    assert not field(page, "x").is_editable()
    assert page.get_by_role("button", name="Reset the numbers").count() == 0


def test_a_formula_that_gives_another_number_than_python_is_not_used(
    opened: Open, table: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "{ forward: (x) => power(x, 3), partials: [(x) => 2 * x] }"
    monkeypatch.setattr(javascript_language, "source", lambda primitive: wrong)
    page = opened(Cube()(Value(2.0, label="x")) * 2)
    press(page, "End")
    assert gradients(page)["x"] == "24"
    assert not field(page, "x").is_editable()


def test_a_call_of_a_compiled_function_plays_and_cannot_be_edited(opened: Open) -> None:
    compiled = compile(lambda x, y, z: x * y * z)
    page = opened(compiled(Value(2.0, label="x"), Value(3.0, label="y"), Value(4.0, label="z")) + 1)
    press(page, "End")
    assert (gradients(page)["x"], gradients(page)["z"]) == ("12", "6")
    assert not field(page, "x").is_editable()


# ---------------------------------------------------------------- the picture


def view(page: Page) -> list[float]:
    return [float(part) for part in str(page.locator("#picture").get_attribute("viewBox")).split()]


def test_buttons_zoom_and_show_everything_again(opened: Open) -> None:
    page = opened(neuron())
    before = view(page)
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Zoom in").click()
    assert view(page)[2] < before[2]
    page.get_by_role("button", name="Zoom out").click()
    assert before[2] > view(page)[2]
    page.get_by_role("button", name="Show everything").click()
    assert view(page) == before


def test_keys_zoom(opened: Open) -> None:
    page = opened(neuron())
    before = view(page)
    press(page, "+")
    assert view(page)[2] < before[2]
    press(page, "-", 2)
    assert view(page)[2] > before[2]
    press(page, "0")
    assert view(page) == before


def test_the_wheel_zooms_around_the_pointer(opened: Open) -> None:
    page = opened(neuron())
    before = node(page, "x1").bounding_box()
    node(page, "x1").hover()
    page.mouse.wheel(0, -300)
    page.locator("#zoom-in").hover()  # the wheel has turned when the next thing is done
    after = node(page, "x1").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"]
    assert after["x"] < before["x"] + before["width"] / 2 < after["x"] + after["width"]


def test_dragging_the_background_pans(opened: Open) -> None:
    page = opened(neuron())
    before = view(page)
    page.mouse.move(40, 400)
    page.mouse.down()
    page.mouse.move(80, 420, steps=4)
    page.mouse.up()
    after = view(page)
    assert after[0] < before[0]
    assert after[1] < before[1]
    assert after[2:] == before[2:]


def test_two_fingers_zoom(opened: Open) -> None:
    page = opened(neuron(), **PHONE)
    before = view(page)
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *at: int) -> None:
        points = [{"x": x, "y": 150, "id": finger} for finger, x in enumerate(at)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 180, 210)
    for spread in (20, 40, 60):
        fingers("touchMove", 180 - spread, 210 + spread)
    fingers("touchEnd")
    assert view(page)[2] < before[2] / 2


def test_a_node_out_of_sight_is_brought_into_it(opened: Open) -> None:
    page = opened(wide(20))
    press(page, "+", 9)
    press(page, "End")
    press(page, "Home")
    press(page, "ArrowRight")
    box, frame = page.locator(".node.current .shape").bounding_box(), page.locator("#picture").bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] <= box["x"] < box["x"] + box["width"] <= frame["x"] + frame["width"] + 1


STILL = {"reduced_motion": "reduce"}


def seen(page: Page, node: Locator) -> bool:
    """Whether a node is in the window, with letters that can be read."""
    box, frame = node.locator(".shape").bounding_box(), page.locator("#picture").bounding_box()
    assert box is not None
    assert frame is not None
    return (
        frame["x"] <= box["x"]
        and box["x"] + box["width"] <= frame["x"] + frame["width"]
        and frame["y"] <= box["y"]
        and box["y"] + box["height"] <= frame["y"] + frame["height"]
        and float(str(node.locator(".data").evaluate("(text) => text.getBoundingClientRect().height"))) >= 7
    )


@pytest.mark.parametrize("settings", [{}, PHONE])
def test_a_picture_too_small_to_read_follows_the_steps(opened: Open, settings: dict[str, Any]) -> None:
    page = opened(wide(20), **settings, **STILL)
    everything = view(page)
    assert not seen(page, node(page, "a0"))
    for name in ("a0", "a1", "a2"):
        press(page, "ArrowRight")  # a product, of nodes side by side
        assert seen(page, page.locator(".node.current"))
        assert seen(page, node(page, name))
        press(page, "ArrowRight")  # a sum
        assert seen(page, page.locator(".node.current"))
    press(page, "End")
    assert seen(page, page.locator(".node.current"))
    press(page, "Home")
    assert view(page) == everything


@pytest.mark.parametrize(("terms", "settings", "glides"), [(20, {}, 1), (20, STILL, 0), (40, {}, 0)])
def test_a_small_picture_glides_to_the_step_where_motion_is_welcome(
    opened: Open, terms: int, settings: dict[str, Any], glides: int
) -> None:
    page = opened(wide(terms), **settings)
    page.evaluate(
        """() => {
            globalThis.glides = 0;
            const { animate } = Element.prototype;
            Element.prototype.animate = function (...given) {
                globalThis.glides += 1;
                return animate.apply(this, given);
            };
        }"""
    )
    press(page, "ArrowRight")
    assert page.evaluate("globalThis.glides") == glides


def test_a_picture_that_can_be_read_stays_where_it_is(opened: Open) -> None:
    page = opened(neuron())
    before = view(page)
    press(page, "ArrowRight")
    assert view(page) == before
    assert not page.locator("#follow").is_visible()


def test_following_can_be_ended_and_begun_again(opened: Open) -> None:
    page = opened(wide(20), **STILL)
    everything = view(page)
    follow = page.get_by_role("button", name="Follow")
    assert follow.get_attribute("aria-pressed") == "true"
    follow.click()
    assert follow.get_attribute("aria-pressed") == "false"
    press(page, "ArrowRight")
    assert view(page) == everything
    follow.click()
    assert follow.get_attribute("aria-pressed") == "true"
    assert seen(page, page.locator(".node.current"))


@pytest.mark.parametrize("key", ["+", "-", "0"])
def test_who_looks_elsewhere_is_not_moved_by_the_steps(opened: Open, key: str) -> None:
    page = opened(wide(20), **STILL)
    press(page, "ArrowRight", 5)
    press(page, key)
    before = view(page)
    press(page, "ArrowRight")
    assert page.get_by_role("button", name="Follow").get_attribute("aria-pressed") == "false"
    assert view(page)[2:] == before[2:]


def test_what_plays_fast_is_seen_as_a_whole(opened: Open) -> None:
    page = opened(wide(20), **STILL)
    everything = view(page)
    press(page, "ArrowRight")
    assert view(page) != everything
    page.get_by_label("Speed").select_option("12")
    page.get_by_role("button", name="Play").click()
    page.locator("#step-heading", has_text=re.compile(r"step ([3-9]|\d\d) of 40")).wait_for()
    assert view(page) == everything


def test_a_step_in_a_folded_scope_brings_its_box_into_sight(opened: Open) -> None:
    page = opened(wide(130, scoped=True), **STILL)
    press(page, "ArrowRight", 9)
    box, frame = page.locator(".scope.current .cover").bounding_box(), page.locator("#picture").bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] <= box["x"] < box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert box["height"] > 40


def scoped() -> Value:
    x = Value(2.0, label="x")
    with scope("outer"):
        with scope("inner"):
            y = exp(x)
        z = y * x
    return z + 1


def test_a_scope_folds_and_unfolds_by_click(opened: Open) -> None:
    page = opened(scoped())
    inner = page.get_by_role("button", name="inner")
    inner.click()
    assert inner.get_attribute("aria-expanded") == "false"
    assert page.locator(".node:visible").count() == 4
    inner.click()
    assert page.locator(".node:visible").count() == 5


def test_all_scopes_fold_and_unfold(opened: Open) -> None:
    page = opened(scoped())
    page.get_by_role("button", name="Fold all").click()
    assert page.locator(".node:visible").count() == 3
    assert page.locator(".scope:visible").count() == 1
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator(".node:visible").count() == 5


def test_what_flows_into_a_folded_scope_twice_is_written_side_by_side(opened: Open) -> None:
    a = Value(2.0, label="a")
    with scope("both"):
        x, y = exp(a), a * 3
    page = opened(x * y)
    page.get_by_role("button", name="Fold all").click()
    press(page, "ArrowRight", 3)
    assert page.locator(".notes text").all_text_contents() == ["+6 +7.389"]


@pytest.mark.parametrize("number", [-1.2345e-05, -0.00012345, 1.2345e-300, -123400000.0])
def test_a_number_stays_in_its_box(opened: Open, number: float) -> None:
    x, c = Value(number, label="x"), Value(number, label="c", requires_grad=False)
    page = opened((x * 1 + c) * number + number)
    press(page, "End")
    for drawn in page.locator(".node").all():
        shape = drawn.locator(".shape").bounding_box()
        assert shape is not None
        for text in drawn.locator("text").all():
            box = text.bounding_box()
            assert box is not None
            assert shape["x"] <= box["x"]
            assert box["x"] + box["width"] <= shape["x"] + shape["width"]


def test_what_happens_in_a_folded_scope_lights_its_box(opened: Open) -> None:
    page = opened(scoped())
    page.get_by_role("button", name="Fold all").click()
    press(page, "ArrowRight")
    assert "current" in str(page.locator('.scope[data-scope="0"]').get_attribute("class"))


# ---------------------------------------------------------------- keys and screen readers


def test_the_arrow_keys_move_between_the_nodes(opened: Open) -> None:
    page = opened(neuron())
    page.locator("#picture [tabindex='0']").focus()
    press(page, "ArrowDown")
    assert "w1" in paths(page)
    assert page.locator("#picture [tabindex='0']").count() == 1
    press(page, "ArrowUp")
    press(page, "Enter")
    assert node(page, "x1").get_attribute("aria-pressed") == "true"


def test_enter_folds_the_scope_that_has_the_focus(opened: Open) -> None:
    page = opened(scoped())
    page.locator("#picture [tabindex='0']").focus()
    press(page, "Enter")
    assert page.locator(".node:visible").count() == 3


def test_every_control_is_reached_with_the_tab_key(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight")
    reached = set()
    for _ in range(40):
        press(page, "Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.field || ''"))
    wanted = {"theme", "language", "zoom-in", "zoom-out", "fit", "first", "back", "play", "forward", "last"}
    assert wanted | {"position", "speed", "reset", "0"} <= reached


def test_the_live_region_says_each_step(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight")
    live = page.locator("#live")
    assert live.get_attribute("aria-live") == "polite"
    assert str(live.text_content()).startswith("Forward: step 1 of 5. \u2068x1\u2069·\u2068w1\u2069 = 2·(-3) = -6")


def test_a_node_tells_a_screen_reader_its_numbers(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 6)
    picture = page.get_by_role("group", name="Computation graph")
    assert picture.get_by_role("button", name="+ n data 0.8814 grad 0.5", exact=True).count() == 1
    assert (
        picture.get_by_role("button", name="b data 6.881 grad", exact=True).get_attribute("aria-description") == "input"
    )


@pytest.mark.parametrize("settings", [{}, {"color_scheme": "dark"}, {"locale": "zh-CN"}, PHONE])
@pytest.mark.parametrize("make", [neuron, scoped])
def test_axe_finds_nothing(opened: Open, axe: Axe, make: Callable[[], Value], settings: dict[str, Any]) -> None:
    page = opened(make(), **settings)
    assert axe(page) == []
    press(page, "ArrowRight", 5)
    assert axe(page) == []
    page.locator("#inputs input").first.fill("no number")
    page.get_by_role("button", name="Show everything").or_(page.get_by_role("button", name="显示全部")).click()
    page.locator(".node.leaf").first.click()
    assert axe(page) == []


# ---------------------------------------------------------------- languages, colours, sizes, paper


def test_a_chinese_browser_gets_a_chinese_page(opened: Open) -> None:
    page = opened(neuron(), locale="zh-CN")
    press(page, "ArrowRight", 6)
    assert heading(page) == "反向：第 1 步，共 5 步"
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert "d tanh(n)/dn = 1 - tanh(n)^2 = 0.5" in said(page)


def test_the_language_can_be_switched_and_the_moment_stays(opened: Open) -> None:
    page = opened(neuron())
    press(page, "ArrowRight", 6)
    page.get_by_label("Language").select_option("zh-Hans")
    assert heading(page) == "反向：第 1 步，共 5 步"
    page.get_by_label("语言").select_option("en")
    assert heading(page) == "Backward: step 1 of 5"


def test_what_the_panels_say_without_a_node_is_switched_too(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_label("Language").select_option("zh-Hans")
    assert paths(page) == "指向或移动到一个节点，就能看到从它到根的所有路径；单击可固定。"
    assert "从 …" in page.locator("#paths-heading").inner_text()


def test_both_languages_say_everything(browser: Browser) -> None:
    from autograd.explore import document

    page = browser.new_page()
    page.add_script_tag(content=document.scripts("texts") + "globalThis.languages = LANGUAGES;")
    keys = page.evaluate(
        """() => Object.values(languages).map((texts) =>
             Object.entries(texts).flatMap(([key, text]) =>
               typeof text === "object" ? Object.keys(text).map((inner) => `${key}.${inner}`) : [key]))"""
    )
    page.close()
    assert keys[0] == keys[1]


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.querySelector('.stage')).backgroundColor"))


def test_the_colours_are_those_of_the_system(opened: Open) -> None:
    assert background(opened(neuron())) == "rgb(255, 255, 255)"
    assert background(opened(neuron(), color_scheme="dark")) == "rgb(28, 32, 38)"


def test_the_colours_can_be_switched(opened: Open) -> None:
    page = opened(neuron())
    page.get_by_label("Colours").select_option("dark")
    assert background(page) == "rgb(28, 32, 38)"
    page.get_by_label("Colours").select_option("light")
    assert background(page) == "rgb(255, 255, 255)"


def test_an_address_can_ask_for_a_language(opened: Open) -> None:
    page = opened(neuron())
    page.goto(f"{page.url}?lang=zh-Hans")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.get_by_label("语言").select_option("en")
    assert page.url.endswith("?lang=en")


@pytest.mark.parametrize("asked", ["", "?lang=fr", "?lang="])
def test_a_chosen_language_and_chosen_colours_are_kept(opened: Open, asked: str) -> None:
    page = opened(neuron())
    page.get_by_label("Language").select_option("zh-Hans")
    page.get_by_label("配色").select_option("dark")
    page.goto(f"{page.url}{asked}")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert page.get_by_label("配色").input_value() == "dark"
    assert background(page) == "rgb(28, 32, 38)"


@pytest.mark.parametrize(("text", "colours"), [("#eeeeee", "dark"), ("#222222", "light")])
def test_in_a_notebook_the_page_is_light_or_dark_as_the_notebook_is(browser: Browser, text: str, colours: str) -> None:
    page = browser.new_page(color_scheme="light" if colours == "dark" else "dark")
    page.set_content(f'<body style="color: {text}">{explore(neuron())._repr_html_()}</body>')
    played = page.frame_locator("iframe")
    played.locator(f":root[data-theme={colours}]").wait_for(state="attached")
    assert not played.get_by_label("Colours").is_visible()
    assert played.get_by_label("Language").is_visible()
    page.close()


def test_in_a_notebook_the_page_follows_when_the_notebook_turns_dark(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<style>body[data-dark] {{ color: white }}</style><body>{explore(neuron())._repr_html_()}</body>")
    page.frame_locator("iframe").locator(":root[data-theme=light]").wait_for(state="attached")
    page.evaluate("document.body.dataset.dark = true")
    page.frame_locator("iframe").locator(":root[data-theme=dark]").wait_for(state="attached")
    page.close()


def test_the_page_around_sets_the_language_and_takes_its_control(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(explore(neuron())._repr_html_())
    played = page.frame_locator("iframe")
    played.get_by_role("button", name="Play", exact=True).wait_for()
    page.evaluate(
        """() => {
            for (const told of [null, "dark", { language: "fr" }, { language: "zh-Hans" }]) {
                document.querySelector("iframe").contentWindow.postMessage(told, "*");
            }
        }"""
    )
    played.locator(":root[lang=zh-Hans]").wait_for(state="attached")
    assert not played.get_by_label("语言").is_visible()
    page.close()


def test_a_phone_shows_everything_without_scrolling_sideways(opened: Open) -> None:
    page = opened(neuron(), **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("To the start", "Step back", "Play", "Step forward", "To the end"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 40
        assert box["x"] + box["width"] <= 390


@pytest.mark.parametrize("width", [330, 390, 700, 900])
def test_the_title_is_not_cut(opened: Open, width: int) -> None:
    root = neuron()
    root.label = "the output"
    page = opened(root, viewport={"width": width, "height": 800})
    assert page.locator("h1").inner_text().endswith(" = 0.7071")
    assert page.locator("h1").evaluate("(title) => title.clientWidth - title.scrollWidth") >= 0


def test_the_words_below_the_slider_fit_in_every_width(opened: Open) -> None:
    page = opened(neuron())
    for width in range(400, 1300, 20):
        page.set_viewport_size({"width": width, "height": 800})
        slider, speed = (page.get_by_label(name).bounding_box() for name in ("Position", "Speed"))
        room = page.locator(".phases").evaluate("(phases) => phases.clientWidth - phases.scrollWidth")
        assert slider is not None
        assert speed is not None
        assert room >= 0, width
        assert slider["x"] + slider["width"] <= speed["x"] or slider["y"] > speed["y"], width


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_no_choice_is_cut_on_a_phone(opened: Open, locale: str) -> None:
    page = opened(neuron(), locale=locale, **PHONE)
    page.locator("#speed").select_option("60")
    cut = page.locator("select").evaluate_all(
        """(selects) => selects.filter((select) => {
            const width = select.offsetWidth;
            select.style.maxWidth = "none";
            select.style.width = "max-content";
            return select.offsetWidth > width;
        }).map((select) => select.id)"""
    )
    assert cut == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 360), (800, 720)])
def test_the_controls_stand_above_the_words_of_a_narrow_window(opened: Open, width: int, height: int) -> None:
    page = opened(neuron(), viewport={"width": width, "height": height})
    bar, step = page.locator(".playback").bounding_box(), page.locator("#step-heading").bounding_box()
    assert bar is not None
    assert step is not None
    assert bar["y"] + bar["height"] <= step["y"]
    page.locator("#computed").scroll_into_view_if_needed()
    scrolled = page.locator(".playback").bounding_box()
    assert scrolled is not None
    assert (scrolled["y"] == 0) == (height > 360)


def test_a_tap_steps_and_a_tap_on_a_node_shows_its_paths(opened: Open) -> None:
    page = opened(neuron(), **PHONE)
    page.get_by_role("button", name="Step forward").tap()
    assert heading(page) == "Forward: step 1 of 5"
    page.get_by_role("button", name="Show everything").tap()
    node(page, "n").tap()
    assert "The only path gives the gradient of n: 0.5" in paths(page)


def test_paper_has_the_graph_and_the_tables_and_no_controls(opened: Open) -> None:
    page = opened(neuron(), color_scheme="dark")
    press(page, "End")
    page.emulate_media(media="print")
    assert background(page) == "rgb(255, 255, 255)"
    assert not page.locator(".playback").is_visible()
    assert page.locator("#picture").is_visible()
    assert page.locator("#computed").is_visible()
    assert page.pdf().startswith(b"%PDF")


# ---------------------------------------------------------------- large graphs


def test_a_step_of_500_nodes_changes_a_few_elements(opened: Open) -> None:
    page = opened(wide(124))
    assert page.locator(".node:visible").count() == 497
    page.evaluate(
        """() => {
          globalThis.changes = 0;
          const settings = { subtree: true, childList: true, attributes: true, characterData: true };
          new MutationObserver((found) => (changes += found.length)).observe(document.body, settings);
        }"""
    )
    press(page, "ArrowRight", 400)
    assert heading(page) == "Backward: step 152 of 248"
    assert page.evaluate("changes") / 400 < 60


def test_500_nodes_play_to_the_end(opened: Open) -> None:
    page = opened(wide(124))
    page.get_by_label("Speed").select_option("60")
    page.get_by_role("slider", name="Position").fill("440")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Backward: step 248 of 248", exact=True).wait_for()
    assert gradients(page)["b123"] == "1.23"


def test_more_than_500_nodes_start_folded(opened: Open) -> None:
    page = opened(wide(130, scoped=True))
    assert page.locator(".node:visible").count() == 1
    assert page.locator(".scope:visible").count() == 130
    page.get_by_role("button", name="Unfold all").click()
    assert page.locator(".node:visible").count() == 521


# ---------------------------------------------------------------- labels, and what the page may do

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "'\"><b>bold</b>",
    "{{SCRIPT}}",
    "\u202egnorw",
    "x" * 5000,
    "two\nlines",
    "\0\ud800",
    "权重",
]


def test_hostile_labels_are_text(opened: Open) -> None:
    total = Value(1.0, label=HOSTILE[0])
    for label in HOSTILE:
        with scope(label):
            total = total * Value(2.0, label=label)
    total.label = HOSTILE[1]
    page = opened(total)
    press(page, "ArrowRight", 12)
    press(page, "0")
    page.locator(".node.leaf").first.click()
    for button in page.locator("[data-nudge]").all():
        button.click()
    page.get_by_label("Language").select_option("zh-Hans")
    assert page.locator("script").count() == 2
    assert page.locator("img, b, .node svg, .scope svg, [onerror], [onload]").count() == 0
    assert HOSTILE[0] in str(page.locator("#inputs").text_content()).replace("\u2068", "").replace("\u2069", "")


def test_the_policy_forbids_evaluation_and_foreign_scripts(browser: Browser, tmp_path: Path) -> None:
    explore(neuron(), tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    stopped = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.body.append(script);
        })"""
    )
    title = page.title()
    page.close()
    assert (stopped, title) == ("script-src-elem", "o")


def test_the_page_runs_in_the_frame_of_a_notebook(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<!doctype html>{explore(neuron())._repr_html_()}")
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Step forward").click()
    found = inside.locator("#step-heading").inner_text()
    page.close()
    assert found == "Forward: step 1 of 5"


def test_the_symbol_of_an_operation_does_not_touch_the_name_beside_it(opened: Open) -> None:
    points = {op: Value(1.5 if op.name == "acosh" else 0.5) for op in PRIMITIVES.values()}
    page = opened(sum(op(*[x] * len(op.operands)) for op, x in points.items()))
    press(page, "+", 20)  # letters of less than a pixel have no true width
    touching = page.evaluate(
        """() => [...document.querySelectorAll(".node:has(.symbol)")]
            .filter((node) => {
                const [symbol, name] = [".symbol", ".name"].map((part) => node.querySelector(part).getBBox());
                return symbol.x < 2 || symbol.x + symbol.width > name.x - 2;
            })
            .map((node) => node.querySelector(".symbol").textContent)"""
    )
    assert touching == []
