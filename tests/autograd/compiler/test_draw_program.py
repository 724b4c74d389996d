"""Drawings of compiled programs: what their boxes and edges say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import GraphTooLargeError, Unary, Value, compile, where
from nn import MLP, cross_entropy

np = pytest.importorskip("numpy", reason="compile needs NumPy")

BLUE, GREEN, GREY, WHITE, ORANGE = "#DCEEF9", "#D9F0E8", "#EEEEEE", "#FFFFFF", "#FDEBCB"


class Seen:
    """What a reader finds in a picture: the lines and the colour of each box, and the edges by the first lines."""

    def __init__(self, picture: Any) -> None:
        if shutil.which("dot") is None:
            pytest.importorskip("pygraphviz", reason="pip install pygraphviz", exc_type=ImportError)
        layout = json.loads(picture.pipe(format="json"))
        boxes = {box["_gvid"]: tuple(texts(box)) for box in layout.get("objects", [])}
        self.boxes = list(boxes.values())
        self.colours = {boxes[box["_gvid"]]: box["fillcolor"] for box in layout.get("objects", [])}
        self.edges = [
            (boxes[edge["tail"]][0], boxes[edge["head"]][0], "".join(texts(edge)).strip())
            for edge in layout.get("edges", [])
        ]


def texts(thing: Any) -> list[str]:
    return [stroke["text"] for stroke in (*thing.get("_draw_", ()), *thing.get("_ldraw_", ())) if stroke["op"] == "T"]


def seen(f: Any, *arguments: Any, **options: Any) -> Seen:
    compiled = compile(f, **options)
    compiled(*arguments)
    return Seen(compiled.program.draw())


def network() -> Any:
    model = MLP(784, [50, 10], rng=0)

    def loss(x: Any, target: Any) -> Any:
        logits: Any = model(x)
        return cross_entropy(logits, target)

    f = compile(loss, batched=("x", "target"))
    f.value_and_grad(np.zeros((2, 784)), np.zeros(2))
    return f.program


def test_a_network_is_a_handful_of_boxes() -> None:
    assert sorted(Seen(network().draw()).boxes) == sorted(
        [
            ("x[batch, 784]", "argument"),
            ("target[batch, 1]", "argument", "checked"),
            ("captured[39760]", "Values from outside"),
            ("matrix product + captured", "r1[batch, 50]"),
            ("target == constants", "r2[batch, 10]"),
            ("10 constants",),
            ("relu", "r3[batch, 50]"),
            ("1 where r2, else nothing", "r4[batch, 10]"),
            ("1",),
            ("matrix product + captured", "r5[batch, 10]"),
            ("sum(r4)", "r6[batch, 1]"),
            ("r6 == 1", "r7[batch, 1]", "checked"),
            ("1",),
            ("r5 where r2, else nothing", "r8[batch, 10]"),
            ("largest", "r9[batch, 1]"),
            ("sum(r8)", "r10[batch, 1]"),
            ("r9 - r10", "r11[batch, 1]"),
            ("minimum of r11 and 1.798e+308", "r12[batch, 1]"),
            ("1.798e+308",),
            ("- r12", "r13[batch, 1]"),
            ("r10 + r12", "r14[batch, 1]"),
            ("expm1", "r15[batch, 1]"),
            ("r5 - r14", "r16[batch, 10]"),
            ("exp", "r17[batch, 10]"),
            ("nothing where r2, else r17", "r18[batch, 10]"),
            ("r15 + sum(r18)", "r19[batch, 1]"),
            ("log1p", "r20[batch, 1]"),
            ("r20 + r12", "r21[batch, 1]", "result"),
        ]
    )


def test_an_edge_says_which_part_is_read() -> None:
    edges = Seen(network().draw()).edges
    labels = sorted(label for tail, _, label in edges if tail.startswith("captured"))
    assert labels == ["[0:39200] as 50x784", "[39200:39700] as 10x50", "[39700:39750]", "[39750:39760]"]
    assert [label for tail, _, label in edges if tail.startswith(("x[", "target[", "relu"))] == ["", "", ""]


@pytest.mark.parametrize("runtime", ["numpy", "python"])
def test_each_kind_of_box_has_its_colour(runtime: str) -> None:
    weight = Value(2.0)
    picture = seen(lambda x: autograd.sin(x * 3.0) * weight, np.array(1.0), runtime=runtime)
    colours = {lines[0]: colour for lines, colour in picture.colours.items()}
    of_inputs = {"x[1]": BLUE, "captured[1]": GREEN} if runtime == "numpy" else {"x[0]": BLUE, "captured[0]": GREEN}
    number = "3" if runtime == "numpy" else "3.0"
    result = next(lines[0] for lines in picture.boxes if lines[-1] == "result")
    product = next(lines[0] for lines in picture.boxes if lines[-1].startswith("r1"))
    assert colours == {**of_inputs, number: GREY, product: WHITE, "sin": WHITE, result: ORANGE}


def test_constants_are_drawn_with_each_operation_that_uses_them() -> None:
    picture = seen(lambda x: autograd.tanh(x * 0.5) * 0.5, 1.0, runtime="numpy")
    assert picture.boxes.count(("0.5",)) == 2


def test_a_part_of_a_register_can_be_the_result() -> None:
    picture = seen(lambda x: [x[1], autograd.exp(x[0])], [1.0, 2.0], runtime="numpy")
    assert ("x[2]", "argument", "result: [1]") in picture.boxes
    assert ("exp", "r1[1]", "result") in picture.boxes


def test_a_constant_can_be_the_result() -> None:
    assert ("constants[1]", "constants", "result") in seen(lambda x: [x, 7.0], 1.0, runtime="numpy").boxes
    assert ("7.0", "result") in seen(lambda x: [x, 7.0], 1.0, runtime="python").boxes


def test_operations_are_told_in_words() -> None:
    def f(x: Any) -> Any:
        chosen = where(x[0] < x[1], x[0] / x[1], autograd.maximum(x[2], x[3]))
        return chosen + autograd.leaky_relu(x[4]) * x[5] ** x[6]

    titles = {lines[0] for lines in seen(f, [0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], runtime="numpy").boxes}
    assert {"x[0] < x[1]", "x[0] / x[1]", "maximum of x[2] and x[3]", "leaky relu of x[4] and 0.01"} <= titles
    assert "x[5] ** x[6]" in titles


def test_a_long_sum_takes_a_line_for_each_part() -> None:
    def f(x: Any, long_name: Any, longer_name: Any) -> Any:
        return [long_name[index] * longer_name[index] - 2.0 + autograd.exp(x[index]) for index in range(2)]

    (box,) = (lines for lines in seen(f, *[[1.0, 2.0]] * 3, runtime="numpy").boxes if lines[-1] == "result")
    assert box == ("long_name * longer_name", "- 2", "+ r1", "r2[2]", "result")


@pytest.mark.parametrize(("order", "told"), [((2, 0), "2 of 3"), ((2, 1, 0), "in another order")])
def test_numbers_in_another_order_are_told(order: tuple[int, ...], told: str) -> None:
    edges = seen(lambda x: [autograd.exp(x[index]) for index in order], [1.0, 2.0, 3.0], runtime="numpy").edges
    assert edges == [("x[3]", "exp", told)]


def test_a_loop_program_has_a_box_for_each_number() -> None:
    picture = seen(lambda x: autograd.sin(x[0] * x[1] - 2.0) * x[0] + 0.5 * x[1], [1.0, 2.0, 3.0], runtime="python")
    assert sorted(picture.boxes) == [
        ("0.5",),
        ("2.0",),
        ("r2 * x[0] + 0.5 * x[1]", "r3", "result"),
        ("sin", "r2"),
        ("x[0]",),
        ("x[0] * x[1] - 2.0", "r1"),
        ("x[1]",),
    ]
    assert ("2.0", "x[0] * x[1] - 2.0", "") in picture.edges
    assert len(picture.edges) == 8


@pytest.mark.parametrize(("runtime", "way_out"), [("numpy", "a smaller function"), ("python", 'runtime="numpy"')])
def test_too_many_boxes_are_refused(runtime: str, way_out: str) -> None:
    compiled = compile(lambda x: autograd.sin(autograd.sin(x)), runtime=runtime)
    compiled(1.0)
    program: Any = compiled.program
    assert len(Seen(program.draw(max_nodes=3)).boxes) == 3
    with pytest.raises(GraphTooLargeError, match="would have 3 boxes, more than max_nodes=2.*" + way_out):
        program.draw(max_nodes=2)


@pytest.mark.parametrize("runtime", ["numpy", "python"])
def test_it_is_written_to_a_file(runtime: str, tmp_path: Path) -> None:
    compiled = compile(autograd.sin, runtime=runtime)
    compiled(1.0)
    program: Any = compiled.program
    program.draw(tmp_path / "program.svg")
    assert "sin" in (tmp_path / "program.svg").read_text()
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot"):
        program.draw(tmp_path / "program.gif")


def test_a_notebook_shows_it() -> None:
    assert "<svg " in network().draw()._repr_mimebundle_()["image/svg+xml"]


class Bold(Unary):
    """A primitive that a user wrote, with a name that is markup."""

    name = "<b>\\N</b>"
    samples = (2.0,)

    def forward(self, x: float) -> float:
        return x

    def partial_x(self, x: Any, out: Any) -> Any:
        return 1.0


def test_the_name_of_an_operation_is_never_markup() -> None:
    bold = Bold()
    try:
        compiled = compile(bold, runtime="numpy")
        compiled(1.0)
        svg = ElementTree.fromstring(compiled.program.draw().pipe(format="svg"))
    finally:
        del autograd.PRIMITIVES[bold.name]
    assert bold.name in [element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_what_draws_is_imported_only_when_something_is_drawn() -> None:
    code = (
        "import sys; from autograd import compile; f = compile(lambda x: x * x); f(1.0); str(f.program); "
        "print([name for name in ('graphviz', 'autograd.pictures.rendering') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("runtime", ["python", "numpy"])
def test_long_edges_of_a_program_share_a_line_too(runtime: Any) -> None:
    def repeated(w: Value, b: Value, x: Value) -> Value:
        for _ in range(40):
            x = x * w + b
        return x

    compiled = compile(repeated, runtime=runtime)
    compiled(0.5, 0.1, 0.2)
    assert "shape=point" in compiled.program.draw().source
