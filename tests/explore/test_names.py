"""The names of nodes in the page, and the formulas and derivatives in which they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from autograd import PRIMITIVES, Unary, Value, compile, exp, log, maximum, no_grad, scope, tanh
from autograd.explore import layout
from autograd.pictures.outline import Outline

Run = Callable[[str, Any], Any]

ASKED = """({ graph, language, wanted }) => {
  const computation = new at.Computation(graph);
  const names = new at.Names(computation);
  names.translate(at.LANGUAGES[language]);
  const plain = (text) => text.replace(/[\\u2068\\u2069]/g, "");
  const asked = {
    names: (index) => plain(names.of(index)),
    formula: (index) => (computation.isLeaf(index) ? null : plain(names.formula(index))),
    numbers: (index) => (computation.isLeaf(index) ? null : plain(names.numbers(index))),
    derivatives: (index) =>
      (graph.nodes[index].operands ?? []).map((_, which) => plain(names.derivative(index, which, 0.25))),
  };
  return graph.nodes.map((_, index) => asked[wanted](index));
}"""


def asked(formulas: Run, root: Value, function: str, language: str = "en") -> list[Any]:
    """What the page says of each node: its name, formula, formula with numbers, or derivatives, which are all 0.25."""
    graph = layout.laid_out(Outline(root))
    return list(formulas(ASKED, {"graph": graph, "language": language, "wanted": function}))


def leaf(label: str = "", number: float = 2.0) -> Value:
    return Value(number, label=label)


def test_a_label_is_a_name_and_a_short_formula_is_one(formulas: Run) -> None:
    x = leaf("x")
    assert asked(formulas, tanh(x * 3) + x, "names") == ["x", "3", "x·3", "tanh(x·3)", "tanh(x·3) + x"]


def test_a_formula_of_more_than_24_characters_gives_way_to_a_word_and_a_number(formulas: Run) -> None:
    long = leaf("a label that is long")
    root = tanh(tanh(long + 1) + 2) * leaf("w")
    found = asked(formulas, root, "names")[-5:]
    assert found == ["a label that is long + 1", "tanh 1", "tanh 1 + 2", "tanh(tanh 1 + 2)", "tanh(tanh 1 + 2)·w"]


@pytest.mark.parametrize(("language", "expected"), [("en", ["input 1", "sum 1"]), ("zh-Hans", ["输入 1", "和 1"])])
def test_a_leaf_without_a_label_is_named_in_the_language(formulas: Run, language: str, expected: list[str]) -> None:
    root = leaf() + leaf("a label that is very long")
    found = asked(formulas, root, "names", language)
    assert [found[0], found[-1]] == expected


def test_no_two_results_of_a_scope_have_one_name(formulas: Run) -> None:
    x = leaf("x")
    found = asked(formulas, (x * x) + (x * x), "names")
    assert found == ["x", "x·x", "product 1", "x·x + product 1"]


def test_a_name_is_no_label_of_another_node(formulas: Run) -> None:
    x = leaf("x")
    assert "product 2" in asked(formulas, (x * x) * leaf("x·x") * leaf("product 1"), "names")


def test_what_leaves_a_scope_is_not_named_by_the_labels_in_it(formulas: Run) -> None:
    with scope("neuron"):
        inside = tanh(leaf("w") * 2)
    assert asked(formulas, inside + leaf("w"), "names")[-3:] == ["w·2", "tanh 1", "tanh 1 + w"]


def test_a_result_of_constants_is_its_number(formulas: Run) -> None:
    with no_grad():
        constant = leaf() * -3.0
    assert asked(formulas, leaf("x") + constant, "names")[-1] == "x + (-6)"


@pytest.mark.parametrize(
    ("make", "formula", "numbers"),
    [
        (lambda x, y: y - x, "y - x", "-3 - 2"),
        (lambda x, y: x - y, "x - y", "2 - (-3)"),
        (lambda x, y: -y, "-y", "-(-3)"),
        (lambda x, y: y**2, "y^2", "(-3)^2"),
        (lambda x, y: x ** (y + 1).detach(), "x^(-2)", "2^(-2)"),
        (lambda x, y: (x + y) * y, "(x + y)·y", "(-1)·(-3)"),
        (lambda x, y: x * (x * y), "x·(x·y)", "2·(-6)"),
        (lambda x, y: x / (x * y), "x/(x·y)", "2/(-6)"),
        (lambda x, y: (x * y) / x, "x·y/x", "-6/2"),
        (lambda x, y: x - (x - y), "x - (x - y)", "2 - 5"),
        (lambda x, y: (-x) * y, "(-x)·y", "(-2)·(-3)"),
        (lambda x, y: maximum(y, x + y), "maximum(y, x + y)", "maximum(-3, -1)"),
    ],
)
def test_a_formula_has_the_parentheses_it_needs(
    formulas: Run, make: Callable[[Value, Value], Value], formula: str, numbers: str
) -> None:
    root = make(leaf("x", 2.0), leaf("y", -3.0))
    assert asked(formulas, root, "formula")[-1] == formula
    assert asked(formulas, root, "numbers")[-1] == numbers.replace("-6/2", "(-6)/2")


@pytest.mark.parametrize(
    ("label", "formula"),
    [("x₁", "x₁·2"), ("权重", "权重·2"), ("my w", "(my w)·2"), ("a-b", "(a-b)·2"), ("<b>", "(<b>)·2")],
)
def test_a_label_stands_in_parentheses_where_it_would_read_as_a_formula(
    formulas: Run, label: str, formula: str
) -> None:
    assert asked(formulas, leaf(label) * 2, "formula")[-1] == formula


def test_derivatives_have_the_names_of_the_nodes(formulas: Run) -> None:
    a, b = leaf("a"), leaf("b")
    assert asked(formulas, a**b, "derivatives")[-1] == [
        "∂(a^b)/∂a = b·a^(b - 1) = 0.25",
        "∂(a^b)/∂b = a^b·log(a) = 0.25",
    ]
    assert asked(formulas, tanh(a), "derivatives")[-1] == ["d tanh(a)/da = 1 - tanh(a)^2 = 0.25"]
    assert asked(formulas, exp(a + b), "derivatives")[-1] == ["d exp(a + b)/d(a + b) = exp(a + b) = 0.25"]


def test_the_derivative_of_a_long_formula_is_that_of_its_name(formulas: Run) -> None:
    root = leaf("a label that is long") * leaf("another")
    root.label = "p"
    assert asked(formulas, root, "derivatives")[-1][1] == "∂p/∂another = a label that is long = 0.25"


def test_an_operand_that_stands_twice_is_told_by_its_place(formulas: Run) -> None:
    x = leaf("x")
    assert asked(formulas, x * x, "derivatives")[-1] == [
        "∂(x·x)/∂(first x) = x = 0.25",
        "∂(x·x)/∂(second x) = x = 0.25",
    ]
    assert asked(formulas, x * x, "derivatives", "zh-Hans")[-1][0] == "∂(x·x)/∂(第 1 个 x) = x = 0.25"


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("function", ["names", "formula", "derivatives"])
def test_no_letter_stands_for_an_operand(formulas: Run, function: str, language: str) -> None:
    """The primitives write x and y for their operands; the page has names."""
    points = {op: Value(1.5 if op.name == "acosh" else 0.5, label="p") for op in PRIMITIVES.values()}
    results = [op(p, *[leaf("q")] * (len(op.operands) - 1)) for op, p in points.items()]
    root = results[0]
    for result in results[1:]:
        root = root + result
    found = asked(formulas, root, function, language)
    texts = [text for each in found if each for text in ([each] if isinstance(each, str) else each)]
    assert len(texts) > 80
    assert [text for text in texts if re.search(r"\b[xy]\b", text)] == []


class Odd(Unary):
    name = "odd"
    formula = "what x is, <b>"
    derivatives = ("no formula at all",)
    samples = (1.0,)

    def forward(self, x: float) -> float:
        return 3.0 * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return 3.0


@pytest.mark.usefixtures("table")
def test_a_formula_that_cannot_be_read_gives_way_to_a_call(formulas: Run) -> None:
    root = Odd()(leaf("a"))
    assert asked(formulas, root, "formula")[-1] == "odd(a)"
    assert asked(formulas, root, "derivatives")[-1] == ["d odd(a)/da = 0.25"]


def test_a_call_of_a_compiled_function_names_the_first_of_many_operands(formulas: Run) -> None:
    compiled = compile(lambda a, b, c, d, e: a * b * c * d * e)
    root = compiled(*[leaf(label) for label in "abcde"])
    formula = asked(formulas, root, "formula")[-1]
    assert formula.endswith("(a, b, c, d, …)")
    assert asked(formulas, root, "derivatives")[-1][4].endswith("/∂e = 0.25")


def test_a_name_follows_the_constants_in_it(formulas: Run) -> None:
    changed = """(graph) => {
      const computation = new at.Computation(graph);
      const names = new at.Names(computation);
      names.translate(at.LANGUAGES.en);
      computation.change(1, -3);
      return names.of(2);
    }"""
    assert formulas(changed, layout.laid_out(Outline(leaf("x") ** 2))) == "\u2068x\u2069^(-3)"


def test_a_node_has_room_for_its_name() -> None:
    short, long = (layout.laid_out(Outline(log(leaf(label))))["nodes"][-1] for label in ("x", "with 15 letters"))
    assert short["size"][0] < long["size"][0]
