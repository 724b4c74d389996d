"""How the page fits its window: the size of its letters, the direction, what opens folded, and the steps of scopes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from autograd import Value, exp, explore, log, scope, sin, softmax, tanh, topological_order
from nn import MLP, mse
from tests.explore.graphs import neuron

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator, Page

Open = Callable[..., "Page"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LAPTOP = {"viewport": {"width": 1280, "height": 720}}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
ZOOMED = {"viewport": {"width": 640, "height": 360}, "device_scale_factor": 2}


def network() -> Value:
    """A network of 2, 4, 4 and 1 neurons."""
    output = MLP(2, [4, 4, 1], rng=0)([Value(1.0, label="x1"), Value(2.0, label="x2")])
    assert isinstance(output, Value)
    return output


def probability() -> Value:
    """The first of three probabilities."""
    return softmax([Value(0.3 * index, label=f"z{index}") for index in range(3)])[0]


def chinese() -> Value:
    """A neuron with Chinese labels, and a long one."""
    x, w, b = Value(2.0, label="输入"), Value(-3.0, label="权重系数"), Value(1.0, label="the_bias_of_this_neuron")
    with scope("神经元"):
        return tanh(x * w + b)


def random_graph(size: int = 100, depth: int = 12, seed: int = 0) -> Value:
    """A graph of about `size` nodes, at most `depth` operations deep: any of five operations on any numbers before."""
    generator = random.Random(seed)
    operations: list[Callable[[Value, Value], Value]] = [
        lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - y, lambda x, _: tanh(x), lambda x, _: sin(x),
    ]  # fmt: skip
    nodes = [(Value(generator.uniform(-1, 1), label=f"x{index}"), 0) for index in range(max(4, size // 5))]
    unused = set(range(len(nodes)))
    sums = size.bit_length()  # of what is left at the end
    while len(nodes) + len(unused) < size:
        shallow = [index for index, (_, height) in enumerate(nodes) if height < depth - sums]
        waiting = [index for index in shallow if index in unused]
        x = generator.choice(waiting if waiting and generator.random() < 0.5 else shallow)
        y = generator.choice(shallow)
        which = generator.randrange(len(operations))
        used = (x, y) if which < 3 else (x,)
        nodes.append((operations[which](nodes[x][0], nodes[y][0]), 1 + max(nodes[index][1] for index in used)))
        unused -= set(used)
        unused.add(len(nodes) - 1)
    rest = [nodes[index][0] for index in sorted(unused)]
    while len(rest) > 1:
        rest = [rest[at] + rest[at + 1] if at + 1 < len(rest) else rest[at] for at in range(0, len(rest), 2)]
    return rest[0]


LETTERS = """() => [...document.querySelectorAll("#picture text")]
    .filter((text) => text.checkVisibility() && text.textContent.trim() !== "")
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)
    .filter((size) => size > 0)"""


def smallest_letters(page: Page) -> float:
    """The height of the smallest letters in the picture, in CSS pixels."""
    found: list[float] = page.evaluate(LETTERS)
    assert found
    return min(found)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def box_of(locator: Locator) -> FloatRect:
    """Where an element is that is shown."""
    box = locator.bounding_box()
    assert box is not None
    return box


def heading(page: Page) -> str:
    return page.locator("#step-heading").inner_text()


def said(page: Page) -> str:
    return page.locator("#step").inner_text().replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize(("settings", "least"), [(LAPTOP, 14), (DESKTOP, 14), (PHONE, 11)])
def test_a_neuron_can_be_read_at_once(opened: Open, settings: dict[str, Any], least: float) -> None:
    page = opened(neuron(), **settings)
    assert smallest_letters(page) >= least
    assert page.locator("#follow").is_hidden()


@pytest.mark.parametrize("settings", [LAPTOP, DESKTOP, PHONE])
def test_a_network_opens_folded_as_deep_as_it_can_be_read(opened: Open, settings: dict[str, Any]) -> None:
    page = opened(network(), **settings)
    assert smallest_letters(page) >= 11
    layers_are_open = page.locator(".scope:not(.folded):not(.hidden)").count() == 3
    assert layers_are_open is (settings is not PHONE)  # there, four neurons beside each other are too wide


def test_the_page_of_a_network_is_small() -> None:
    assert len(explore(network()).html.encode()) <= 250_000


def test_a_random_graph_of_100_nodes_fits_three_screens(opened: Open) -> None:
    page = opened(random_graph(), **LAPTOP)
    assert page.locator(".node").count() in range(95, 101)
    _, _, width, height = map(float, str(page.locator("#picture").get_attribute("viewBox")).split())
    box = page.locator(".nodes").evaluate(
        "(nodes) => { const { width, height } = nodes.getBBox(); return [width, height]; }"
    )
    assert box[0] <= width
    assert box[1] <= height
    assert box[0] * box[1] <= 3 * 1280 * 720  # with letters of 11 pixels, as high as the units of the picture


@pytest.mark.parametrize(("settings", "direction"), [(LAPTOP, "right"), (PHONE, "down")])
def test_the_direction_is_the_one_that_is_larger(opened: Open, settings: dict[str, Any], direction: str) -> None:
    page = opened(network(), **settings)
    first, second = (box_of(page.locator(".node.leaf:not(.hidden)", has_text=name)) for name in ("x1", "x2"))
    beside = abs(first["x"] - second["x"]) > abs(first["y"] - second["y"])
    assert beside is (direction == "down")


def test_another_size_of_the_window_turns_the_picture_and_keeps_what_is_lit(opened: Open) -> None:
    page = opened(neuron(), viewport={"width": 1280, "height": 640})
    press(page, "ArrowRight")
    wide = page.locator(".nodes").evaluate("(nodes) => nodes.getBBox().width > nodes.getBBox().height")
    page.set_viewport_size({"width": 830, "height": 900})
    page.wait_for_function(
        "() => { const { width, height } = document.querySelector('.nodes').getBBox(); return height > width; }"
    )
    assert wide
    assert page.locator(".node.current").count() == 1


INSIDE = """() => {
    const faults = [];
    const box = (element) => element.getBoundingClientRect();
    const groups = [...document.querySelectorAll(".node:not(.hidden), .scope.folded:not(.hidden)")];
    const shape = (group) => box(group.querySelector(".shape, .cover"));
    for (const group of groups) {
        const [outer, name] = [shape(group), group.textContent];
        const texts = [...group.querySelectorAll("text")].filter((text) => text.checkVisibility() && box(text).width);
        for (const text of texts) {
            const inner = box(text);
            if (inner.left < outer.left - 0.5 || inner.right > outer.right + 0.5) {
                faults.push(`${name}: ${text.textContent} crosses the border`);
            }
            for (const other of texts) {
                const beside = box(other);
                const over = Math.min(inner.right, beside.right) - Math.max(inner.left, beside.left);
                const height = Math.min(inner.bottom, beside.bottom) - Math.max(inner.top, beside.top);
                if (text !== other && over > 0.5 && height > inner.height / 2) {
                    faults.push(`${name}: ${text.textContent} over ${other.textContent}`);
                }
            }
        }
        for (const other of groups) {
            const [one, two] = [outer, shape(other)];
            const beside = one.left >= two.right || two.left >= one.right;
            const above = one.top >= two.bottom || two.top >= one.bottom;
            if (group !== other && !beside && !above) {
                faults.push(`${name} over ${other.textContent}`);
            }
        }
    }
    return faults;
}"""


@pytest.mark.parametrize("settings", [LAPTOP, PHONE, ZOOMED, {**LAPTOP, "locale": "zh-CN", "color_scheme": "dark"}])
def test_nothing_crosses_or_covers_anything(opened: Open, settings: dict[str, Any]) -> None:
    small = Value(-1.2345e-05, label="a small number")
    for root in (neuron(), network(), probability(), chinese(), random_graph(), small * -1.2345e-300 + log(small**2)):
        page = opened(root, **settings)
        press(page, "End")
        assert page.evaluate(INSIDE) == []
        if page.locator("#fold").is_visible():
            for _ in range(2):
                page.locator("#fold").click()
                press(page, *["+"] * 12)  # letters of less than a pixel have no true size
                assert page.evaluate(INSIDE) == []


AMOUNTS = """() => {
    const box = (element) => element.getBoundingClientRect();
    const notes = [...document.querySelectorAll(".notes text")];
    const shapes = [...document.querySelectorAll(".node:not(.hidden) .shape")];
    const meet = (one, two) =>
        Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 &&
        Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 1;
    return notes.flatMap((note, index) =>
        [...shapes, ...notes.slice(index + 1)]
            .filter((other) => meet(box(note), box(other)))
            .map((other) => `${note.textContent} over ${other.textContent || other.parentNode.textContent}`),
    );
}"""


@pytest.mark.parametrize("settings", [LAPTOP, PHONE])
def test_what_flows_back_is_written_beside_its_edges_alone(opened: Open, settings: dict[str, Any]) -> None:
    price, amount = Value(1.5, label="price"), Value(2.0, label="amount")
    total = price * amount
    total.label = "total"
    page = opened(exp(total - Value(1.0, label="rebate")), **settings)
    press(page, "End")
    assert page.locator(".notes text").count() == 2
    assert page.evaluate(AMOUNTS) == []


@pytest.mark.parametrize("settings", [LAPTOP, PHONE])
def test_a_picture_that_fits_stays_where_it_is(opened: Open, settings: dict[str, Any]) -> None:
    page = opened(neuron(), **settings)
    before = page.locator("#picture").get_attribute("viewBox")
    for _ in range(10):
        press(page, "ArrowRight")
        assert page.locator("#picture").get_attribute("viewBox") == before


@pytest.mark.parametrize("settings", [LAPTOP, PHONE, ZOOMED])
def test_the_legend_and_the_controls_stand_beside_the_picture(opened: Open, settings: dict[str, Any]) -> None:
    page = opened(random_graph(), **settings)
    press(page, "ArrowRight")
    picture = box_of(page.locator("#picture"))
    for selector in ("#legend", ".view"):
        other = box_of(page.locator(selector))
        assert other["y"] >= picture["y"] + picture["height"] or other["y"] + other["height"] <= picture["y"]


def test_a_long_chain_begins_where_it_can_be_seen(opened: Open) -> None:
    y = Value(0.1, label="x")
    for _ in range(300):
        y = tanh(y)
    page = opened(y, **LAPTOP, reduced_motion="reduce")
    box = page.locator('.node[data-node="0"]').bounding_box()
    assert box is not None
    assert box["height"] > 40


# ---------------------------------------------------------------- the steps of folded scopes


def test_a_folded_layer_is_one_step_each_way(opened: Open) -> None:
    page = opened(network(), **PHONE)
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    assert heading(page) == "Forward: step 3 of 3"
    assert said(page).startswith("layer 3\n")
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    assert heading(page) == "Backward: step 3 of 3"
    assert page.get_by_role("button", name="Step forward").is_disabled()


def test_a_folded_neuron_shows_its_gradients(opened: Open) -> None:
    x = Value(2.0, label="x")
    w, b = Value(-3.0, label="w"), Value(1.0, label="b")
    with scope("neuron", members=[w, b]):
        y = tanh(x * w + b)
    y.label = "y"
    root = (y - 1.0) ** 2
    root.backward()
    page = opened(root, **PHONE)
    assert page.locator(".scope.folded").count() == 1
    press(page, "ArrowRight")
    assert f"Outputs: y = {y.data:.4g}" in said(page)
    press(page, "End")
    assert f"Gradient that comes in: y = {y.grad:.4g}" in said(page)
    assert f"Gradient that goes out: x = {x.grad:.4g}" in said(page)
    bars = page.locator(".bars li")
    assert bars.locator(".number").all_inner_texts() == [f"{leaf.grad:.4g}" for leaf in (w, b)]
    longest, half = map(box_of, bars.locator(".bar").all())
    assert longest["width"] == pytest.approx(2 * half["width"], abs=1)  # its input is 2
    cover = page.locator(".scope.current")
    assert cover.locator(".data").text_content() == f"data {y.data:.4g}"
    assert cover.locator(".grad").text_content() == f"grad {y.grad:.4g}"


def test_a_click_dives_into_the_scope_of_the_step(opened: Open) -> None:
    page = opened(network(), **LAPTOP)
    press(page, "ArrowRight")
    page.locator(".scope.current").click()
    assert heading(page).startswith("Forward: step 1 of ")
    assert said(page).startswith("layer 1 › neuron 1\n")
    scope_box, window = page.locator(".scope-box").nth(1).bounding_box(), page.locator("#picture").bounding_box()
    assert scope_box is not None
    assert window is not None
    assert scope_box["width"] * scope_box["height"] > window["width"] * window["height"] / 5


def test_the_scope_of_the_node_whose_paths_are_asked_for_is_open(opened: Open) -> None:
    root = network()
    (weight,) = (value for value in topological_order(root) if value.label == "layer2.neuron1.w2")
    page = opened(root, paths_from=weight, **PHONE)
    assert page.locator('.node[aria-pressed="true"] .shape').is_visible()
    assert page.locator(".scope.folded:visible").count() == 5  # layers 1 and 3, and three neurons beside it


def test_folding_and_unfolding_keep_the_numbers(opened: Open) -> None:
    page = opened(network(), **LAPTOP)
    press(page, "End")
    rows = page.locator("tbody tr").all_inner_texts()
    for _ in range(3):
        page.locator("#fold").click()
        assert page.get_by_role("button", name="Step forward").is_disabled()
        assert page.locator("tbody tr").all_inner_texts() == rows


def test_what_fails_in_a_folded_scope_ends_its_step(opened: Open) -> None:
    x = Value(2.0, label="x")
    with scope("inside"):
        y = log(x) * 2.0
    page = opened(mse([y], [1.0]), **LAPTOP)
    page.get_by_role("button", name="inside").click()
    page.locator("#inputs input").first.fill("-1")
    press(page, "End")
    page.locator("h1").click()
    press(page, "End")
    assert heading(page) == "Forward: step 1 of 3"
    assert "log(-1) is not defined." in said(page)


# ---------------------------------------------------------------- paper, and no scripts


def test_paper_shows_an_open_network_folded_and_the_window_keeps_it_open(opened: Open) -> None:
    page = opened(network(), **LAPTOP)
    page.locator("#fold").click()
    page.locator("#fold").click()
    press(page, "End")
    before = page.locator("#picture").get_attribute("viewBox")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".scope.folded:visible").count() == 9
    assert page.locator(".scope.folded:visible .data").first.text_content() != "data "
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".scope.folded").count() == 0
    assert page.locator("#picture").get_attribute("viewBox") == before
    assert page.locator(".node.current").count() == 1


def test_paper_has_no_empty_column(opened: Open) -> None:
    page = opened(neuron(), **LAPTOP)
    page.emulate_media(media="print")
    assert page.get_by_text("Check", exact=True).is_hidden()


def test_without_scripts_the_page_says_so_at_the_top(opened: Open) -> None:
    page = opened(neuron(), **LAPTOP, java_script_enabled=False)
    box = page.locator("noscript p").bounding_box()
    assert box is not None
    assert box["y"] < 40
