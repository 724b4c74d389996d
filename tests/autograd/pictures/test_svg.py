"""Pictures drawn in Python: what they show, that they look as Graphviz draws them, and that no text leaves its box."""

# ruff: noqa: RUF001 - letters of many alphabets look alike

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from autograd import Value, compile, exp, no_grad, scope, tanh
from autograd.pictures.curves import with_arrow
from autograd.pictures.draw import draw
from autograd.pictures.drawing import Box, Drawing, Edge, Row
from autograd.pictures.font import width
from autograd.pictures.style import LOOKS
from autograd.pictures.svg import written

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SVG = "{http://www.w3.org/2000/svg}"
LABELS = [
    *("x", "data", "W" * 39, "i" * 39, "x" * 200, "<b>x</b> & \"q\" 'a'", r"\N \G \n", "]]> --> <!-- x", "n0 -> n1"),
    *("two\nlines of text", "one\r\ntwo\r\nthree", "", " ", "  a  b  ", "a\0b\tc\x1b[31m\x7f", "\ud800 half", "\uffff"),
    *(
        "重み",
        "神经元 一",
        "重" * 200,
        "한국어 라벨",
        "データの重み",
        "ｆｕｌｌ",
        "Привет, мир",
        "Ωμέγα λ",
        "é e\u0301 x̂",
        "\u0301",
    ),
    *("👩\u200d🔬🎉", "🇩🇪🇫🇷", "👨\u200d👩\u200d👧\u200d👦 family", "שלום עולם", "مرحبا بالعالم", "\u202eabc", "﷽﷽﷽"),
    *("नमस्ते", "สวัสดี", "𝕏𝓎𝔷", "𒐫𒐫", "→∞∂∑√ ½ x₁² Å №", "\u200b", "ﬁ ﬃ Ⅷ ㎏"),
]


class Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, x: float, y: float, tolerance: float = 0.05) -> bool:
        return (
            self.left - tolerance <= x <= self.right + tolerance
            and self.top - tolerance <= y <= self.bottom + tolerance
        )


class Seen:
    """What a reader finds in a picture."""

    def __init__(self, text: str) -> None:
        self.svg = ElementTree.fromstring(text)
        groups = list(self.svg.iter(f"{SVG}g"))
        self.nodes, self.clusters, self.edges = (
            [group for group in groups if group.get("class") == kind] for kind in ("node", "cluster", "edge")
        )

    @property
    def texts(self) -> list[list[str]]:
        return [texts(node) for node in self.nodes]

    def node(self, text: str) -> ElementTree.Element:
        (node,) = [node for node in self.nodes if text in texts(node)]
        return node


def texts(group: ElementTree.Element) -> list[str]:
    return ["".join(text.itertext()) for text in group.iter(f"{SVG}text")]


def outline(group: ElementTree.Element) -> ElementTree.Element:
    found = group.find(f"{SVG}rect")
    return found if found is not None else group.findall(f"{SVG}polygon")[0]


def rectangle(group: ElementTree.Element) -> Rectangle:
    shape = outline(group)
    if shape.tag == f"{SVG}rect":
        left, top, wide, high = (float(shape.get(name, "")) for name in ("x", "y", "width", "height"))
        return Rectangle(left, top, left + wide, top + high)
    points = [tuple(map(float, point.split(","))) for point in shape.get("points", "").split()]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Rectangle(min(xs), min(ys), max(xs), max(ys))


def seen(root: Value, **options: Any) -> Seen:
    return Seen(draw(root, layout="python", **options).pipe(format="svg", encoding="utf-8"))


def leaf(data: float, label: str) -> Value:
    return Value(data, label=label)


def neuron() -> Value:
    x, w = leaf(2.0, "x"), leaf(-3.0, "w")
    with scope("neuron", members=[w]):
        y = tanh(x * w + 7.0)
    y.label = "y"
    y.backward()
    return y


# ---------------------------------------------------------------- what is shown


def test_a_box_shows_its_symbol_its_label_and_its_numbers() -> None:
    assert seen(neuron()).texts == [
        ["x", "data 2", "grad -1.26"],
        ["×", "data -6", "grad 0.42"],
        ["w", "data -3", "grad 0.8399"],
        ["+", "data 1", "grad 0.42"],
        ["7"],
        ["tanh", "y", "data 0.7616", "grad 1"],
    ]


def test_it_shows_what_graphviz_shows() -> None:
    pytest.importorskip("pygraphviz", reason="pip install pygraphviz", exc_type=ImportError)
    for options in ({}, {"show_partials": True}, {"direction": "TB"}, {"max_depth": 1}):
        ours = seen(neuron(), **options)
        theirs = Seen(draw(neuron(), layout="pygraphviz", **options).pipe(format="svg", encoding="utf-8"))
        for kind in ("nodes", "clusters", "edges"):
            assert sorted(shown(group) for group in getattr(ours, kind)) == sorted(
                shown(group) for group in getattr(theirs, kind)
            )


def shown(group: ElementTree.Element) -> list[str]:
    """The title and the texts of a group, without the space that Graphviz needs."""
    return ["".join(group.find(f"{SVG}title").itertext()), *(text.strip() for text in texts(group))]  # type: ignore[union-attr]


def test_the_looks_are_those_of_graphviz() -> None:
    with no_grad():
        constant = Value(2.0) * 3.0
    found = seen(tanh(leaf(1.0, "x") * constant) * 2.0)
    for text, look in (("x", "leaf"), ("6", "constant"), ("tanh", "intermediate"), ("×", "intermediate")):
        shape = outline(next(node for node in found.nodes if text in texts(node)))
        assert (shape.get("fill"), shape.get("stroke")) == (LOOKS[look]["fillcolor"], LOOKS[look]["color"])
        assert (shape.get("stroke-dasharray") is not None) == (look == "constant")
        assert (shape.get("rx") is not None) == (look == "intermediate")
    root = outline(found.nodes[-2])
    assert (root.get("stroke-width"), root.get("fill")) == ("2.5", LOOKS["root"]["fillcolor"])


def test_a_folded_scope_is_a_box_with_depth() -> None:
    folded = seen(neuron(), max_depth=1).node("neuron")
    assert outline(folded).tag == f"{SVG}polygon"
    assert texts(folded) == ["neuron", "3 operations", "1 parameter"]


@pytest.mark.parametrize(("direction", "corner"), [("LR", "top"), ("TB", "bottom")])
def test_the_name_of_a_scope_stands_in_a_corner_of_its_box(direction: str, corner: str) -> None:
    (cluster,) = seen(neuron(), direction=direction).clusters
    box = rectangle(cluster)
    (name,) = cluster.iter(f"{SVG}text")
    assert texts(cluster) == ["neuron"]
    assert abs(float(name.get("y", "")) - getattr(box, corner)) < 18.0
    assert float(name.get("x", "")) - box.left < 12.0


def test_a_scope_holds_its_boxes_and_no_others() -> None:
    found = seen(neuron())
    (cluster,) = found.clusters
    inside = [texts(node)[0] for node in found.nodes if rectangle(cluster).holds(*rectangle(node)[:2])]
    assert inside == ["×", "w", "+", "7", "tanh"]


def test_a_local_derivative_stands_on_its_edge() -> None:
    assert sorted(text for edge in seen(neuron(), show_partials=True).edges for text in texts(edge)) == [
        *("∂=-3", "∂=0.42", "∂=1", "∂=2"),
    ]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_an_arrow_ends_at_the_border_of_its_box(direction: str) -> None:
    found = seen(neuron(), direction=direction)
    boxes = {"".join(node[0].itertext()): rectangle(node) for node in found.nodes}
    for edge in found.edges:
        tail, head = "".join(edge[0].itertext()).split("->")
        start_x, start_y, *_ = numbers(edge.findall(f"{SVG}path")[0].get("d", ""))
        _, _, tip_x, tip_y, *_ = numbers(edge.findall(f"{SVG}polygon")[0].get("points", ""))
        assert boxes[tail].holds(start_x, start_y)
        assert boxes[head].holds(tip_x, tip_y, tolerance=2.0)
        assert not boxes[head].holds(tip_x, tip_y, tolerance=0.0)


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", text)]


def test_a_line_branches_at_dots_without_arrows() -> None:
    w, y = leaf(0.5, "w"), leaf(1.0, "start")
    for _ in range(60):
        y = y * w
    found = seen(y)
    assert len(list(found.svg.iter(f"{SVG}circle"))) == 58
    bare = [edge for edge in found.edges if edge.find(f"{SVG}polygon") is None]
    assert len(bare) == 58
    assert len(found.edges) == 58 + 120


def test_a_compiled_program_is_drawn() -> None:
    pytest.importorskip("numpy", reason="compile needs NumPy")
    f = compile(lambda x: exp(x[0] * x[1]))
    f([1.0, 2.0])
    found = Seen(f.program.draw(layout="python").pipe(encoding="utf-8"))
    assert ["x[2]", "argument"] in found.texts
    assert any("result" in box for box in found.texts)


def test_it_is_one_image_with_a_title() -> None:
    svg = seen(neuron()).svg
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "computation graph")
    assert svg.findall(f"{SVG}g/{SVG}title")[0].text == "computation graph"


def test_everything_lies_on_the_sheet() -> None:
    found = seen(neuron(), show_partials=True)
    left, top, wide, high = map(float, found.svg.get("viewBox", "").split())
    sheet = Rectangle(left, top, left + wide, top + high)
    for group in [*found.nodes, *found.clusters]:
        box = rectangle(group)
        assert sheet.holds(box.left, box.top)
        assert sheet.holds(box.right, box.bottom)


def test_a_cycle_of_folded_scopes_is_drawn() -> None:
    """A network that is applied to its own output, folded, leads back."""
    boxes = [Box(name, [Row(name)], "scope") for name in "abc"]
    text = written(Drawing(boxes, [Edge("a", "b"), Edge("b", "c"), Edge("c", "a")]))
    assert len(Seen(text).edges) == 3


# ---------------------------------------------------------------- any text is shown as written


@pytest.mark.parametrize("label", LABELS)
def test_odd_labels_never_become_markup(label: str) -> None:
    with scope(label):
        y = tanh(leaf(0.5, label))
    tags = [element.tag for element in seen(y).svg.iter() if not element.tag.endswith("text")]
    with scope("plain"):
        y = tanh(leaf(0.5, "plain"))
    assert tags == [element.tag for element in seen(y).svg.iter() if not element.tag.endswith("text")]


def test_spaces_are_kept() -> None:
    (label, *_) = seen(leaf(1.0, "  a  b  ")).node("  a  b  ").iter(f"{SVG}text")
    assert label.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"


# ---------------------------------------------------------------- the widths of texts


@pytest.mark.parametrize(
    ("text", "bold", "thousandths"),
    [
        ("Hello, world", False, 5223),
        ("Hello, world", True, 5668),
        ("grad -0.5", False, 4002),
        ("\u6743\u91cd", False, 2000),
    ],
)
def test_widths_are_those_of_helvetica(text: str, bold: bool, thousandths: int) -> None:
    """Source: Adobe's font metrics of Helvetica and Helvetica-Bold; a Chinese character is one em."""
    assert width(text, 1000, bold) == thousandths


@pytest.mark.parametrize(("marked", "plain"), [("é", "e"), ("e\u0301", "e"), ("Ǻ", "A"), ("a\u200b", "a"), ("Ḝ", "E")])
def test_accents_add_nothing_to_a_letter(marked: str, plain: str) -> None:
    assert width(marked, 10) == width(plain, 10)


@pytest.mark.parametrize(("name", "bold"), [("Helvetica", False), ("Helvetica-Bold", True)])
def test_all_ascii_widths_are_those_that_adobe_published(name: str, bold: bool) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="pip install matplotlib")  # it brings the font metrics
    metrics = Path(matplotlib.get_data_path(), "fonts", "pdfcorefonts", f"{name}.afm").read_text(encoding="latin-1")
    published = {int(code): int(wide) for code, wide in re.findall(r"^C (\d+) ; WX (\d+) ;", metrics, re.MULTILINE)}
    ascii_codes = set(range(0x20, 0x7F)) - set(map(ord, "'`"))  # in its encoding these two are other signs
    assert {code: width(chr(code), 1000, bold) for code in ascii_codes} == {
        code: published[code] for code in ascii_codes
    }


MEASURE = """(font) => {
    const style = document.createElement("style");
    style.textContent = `text { font-family: ${font} !important }`;
    document.head.append(style);
    const outside = [];
    for (const group of document.querySelectorAll("g.node, g.cluster")) {
        const border = group.querySelector("rect, polygon").getBBox();
        for (const text of group.querySelectorAll("text")) {
            const { x, y, width, height } = text.getBBox();
            const over = Math.max(
                border.x - x, x + width - border.x - border.width, border.y - y, y + height - border.y - border.height,
            );
            if (over > 0) {
                outside.push([text.textContent, over]);
            }
        }
    }
    return outside;
}"""


FONTS = ["Helvetica", "Liberation Sans", "DejaVu Sans", "Noto Sans CJK SC", "monospace", "serif"]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_no_text_crosses_a_border_whatever_the_font(browser: Browser, direction: str) -> None:
    drawings = []
    for label in LABELS:
        with scope(label):
            y = tanh(leaf(0.5, label) * 2.0)
        y.label = label
        for depth in (None, 1):
            picture = draw(y + 1.0, layout="python", direction=direction, max_depth=depth)
            drawings.append(picture.pipe(encoding="utf-8").partition("?>")[2])
    page = browser.new_page()
    page.set_content("".join(drawings))
    assert page.locator("g.node").count() > 4 * len(LABELS)
    assert {font: page.evaluate(MEASURE, font) for font in FONTS} == {font: [] for font in FONTS}
    page.close()


# Of the letters m and i, which are 0.833 and 0.222 wide in Adobe's metrics of Helvetica.
WIDTH_IN_HELVETICA = """() => {
    const context = document.createElement("canvas").getContext("2d");
    context.font = "100px Helvetica, Arial";
    return context.measureText("mi").width / 100;
}"""


def test_ordinary_texts_keep_their_letters_as_wide_as_they_are(browser: Browser) -> None:
    """In the fonts that Helvetica stands for, no text is squeezed or stretched."""
    page = browser.new_page()
    if page.evaluate(WIDTH_IN_HELVETICA) != pytest.approx(0.833 + 0.222, abs=0.01):
        pytest.skip("the browser has no font as wide as Helvetica, such as Debian's fonts-liberation")
    page.set_content(draw(neuron(), layout="python", show_partials=True).pipe(encoding="utf-8").partition("?>")[2])
    ratios = page.evaluate(
        """() => [...document.querySelectorAll("text")].map((text) => {
            const length = Number(text.getAttribute("textLength"));
            text.removeAttribute("textLength");
            return text.getComputedTextLength() / length;
        })"""
    )
    page.close()
    assert ratios == pytest.approx([1.0] * len(ratios), abs=0.02)


# ---------------------------------------------------------------- arrows


def test_an_arrow_takes_the_end_of_a_line() -> None:
    line, tip = with_arrow([(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)], 6.0, gap=1.0)
    assert line[-1] == pytest.approx((23.0, 0.0), abs=0.01)
    assert tip == pytest.approx((29.0, 0.0), abs=0.01)


def test_an_arrow_swallows_a_curve_that_is_shorter_than_it() -> None:
    route = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (28.0, 0.0), (28.5, 0.0), (29.0, 0.0), (30.0, 0.0)]
    line, tip = with_arrow(route, 6.0)
    assert len(line) == 4
    assert math.dist(line[-1], tip) == pytest.approx(6.0, abs=0.01)


def test_an_arrow_longer_than_its_line_takes_all_of_it() -> None:
    line, tip = with_arrow([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], 6.0)
    assert (line[-1], tip) == ((0.0, 0.0), (3.0, 0.0))
