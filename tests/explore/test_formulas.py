"""The formulas of the page: those of the primitives, in JavaScript, number for number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import PRIMITIVES, Binary, Unary, gelu
from autograd.rules import javascript_language

Run = Callable[[str, Any], Any]
BUILT_IN = sorted(name for name, primitive in PRIMITIVES.items() if getattr(primitive, "_is_built_in", False))
KINDS = {ValueError: "domain", ZeroDivisionError: "zero", OverflowError: "large"}

# A number goes back as text, which has a word for NaN and infinity, and an error as its kind.
TRIED = """
({ name, points }) => points.map((point) => {
  const [operands, out] = [point[0].map(at.read), at.read(point[1])];
  const tried = (rule) => {
    try {
      const number = rule();
      return Object.is(number, -0) ? "-0" : String(number);
    } catch (error) {
      return error.kind;
    }
  };
  const { forward, partials } = at.PRIMITIVES[name];
  return [tried(() => forward(...operands)), ...partials.map((rule) => tried(() => rule(...operands, out)))];
})
"""


def tried(rule: Callable[[], float]) -> float | str:
    try:
        return rule()
    except (ArithmeticError, ValueError) as error:
        return KINDS[type(error)]


def in_python(primitive: Unary | Binary, operands: tuple[float, ...]) -> list[float | str]:
    """The value and the partials at a point, each a number or the kind of its error."""
    out = tried(lambda: primitive.forward(*operands))
    if isinstance(out, str):
        return [out]
    x, y = operands[0], operands[1] if len(operands) > 1 else 0.0
    partials = [primitive.float_partial_x, primitive.float_partial_y][: len(operands)]
    return [out, *(tried(lambda partial=partial: partial(x, y, out)) for partial in partials)]  # type: ignore[misc]


def number(text: str) -> float | str:
    return text if text in KINDS.values() else float(text.replace("Infinity", "inf"))


def compare(formulas: Run, name: str, points: list[tuple[float, ...]]) -> None:
    expected = [in_python(PRIMITIVES[name], point) for point in points]
    given = [
        [[*map(repr, point)], repr(numbers[0] if len(numbers) > 1 else 0.0)]
        for point, numbers in zip(points, expected, strict=True)
    ]
    found = formulas(TRIED, {"name": name, "points": given})
    for point, python, texts in zip(points, expected, found, strict=True):
        for wanted, text in zip(python, texts, strict=False):
            same = wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-12, abs=0.0, nan_ok=True)
            assert number(text) == same, f"{name} at {point}"
            if wanted == 0.0:
                assert math.copysign(1.0, float(text)) == math.copysign(1.0, float(wanted)), f"{name} at {point}"


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_page_computes_a_primitive_as_python_does_at_its_sample_points(formulas: Run, name: str) -> None:
    primitive = PRIMITIVES[name]
    compare(formulas, name, primitive.points() + list(getattr(primitive, "samples_in_x", ())))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_page_refuses_what_python_refuses(formulas: Run, name: str) -> None:
    numbers = (-1e200, -1000.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 1000.0, 1e200)
    compare(formulas, name, list(itertools.product(numbers, repeat=len(PRIMITIVES[name].operands))))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_page_keeps_the_digits_that_python_keeps(formulas: Run, name: str) -> None:
    numbers: tuple[float, ...] = (-720.5, -36.7, -20.3, -2.0, -0.4, 0.3, 1e-20, 3.3, 15.1, 26.3, 230.7, 2.0**54)
    if len(PRIMITIVES[name].operands) == 1:
        numbers += (1e-300, 1e300)
    compare(formulas, name, list(itertools.product(numbers, repeat=len(PRIMITIVES[name].operands))))


SPECIAL = (math.inf, -math.inf, math.nan, -0.0, 0.0, 1.0, -1.0, 2.5, -3.0, 1e308, -1e308, 5e-324)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_page_goes_on_where_floats_do(formulas: Run, name: str) -> None:
    """With infinity, NaN, the negative zero, and results that overflow or underflow."""
    compare(formulas, name, list(itertools.product(SPECIAL, repeat=len(PRIMITIVES[name].operands))))


@pytest.mark.parametrize("text", ["1e400", "-1e400", "inf", "-Infinity", "NaN", " +2.5e-3 ", "-0", ".5", "5.", "7"])
def test_the_page_reads_a_number_as_python_does(formulas: Run, text: str) -> None:
    found = formulas("(text) => at.exact(at.read(text))", text)
    assert repr(float(found)) == repr(float(text))


@pytest.mark.parametrize("text", ["", "0x10", "seven", "1,5", "1e", "--1", "Infinit"])
def test_the_page_refuses_what_is_no_number(formulas: Run, text: str) -> None:
    assert formulas("(text) => at.read(text) === undefined", text)


def test_the_page_has_a_formula_for_every_primitive_and_no_other(formulas: Run) -> None:
    assert sorted(formulas("() => Object.keys(at.PRIMITIVES)", None)) == BUILT_IN


def test_the_error_function_of_the_page_has_all_digits(formulas: Run) -> None:
    points = [index / 50 for index in range(-300, 1300)]
    found = formulas("(points) => points.map((x) => [at.erf(x), at.erfc(x)])", points)
    assert found == [pytest.approx([math.erf(x), math.erfc(x)], rel=1e-15, abs=0.0) for x in points]


NUMBERS = [0.0, 1.0, -1.5, 0.8813735870195432, 1234.4, 12346.0, 99999.0, 0.0001, 0.00001234, 9.9999e-5, 1e-300, 1e21]


@pytest.mark.parametrize("value", NUMBERS)
def test_the_page_writes_a_number_as_python_does(formulas: Run, value: float) -> None:
    assert formulas("(value) => at.short(value)", value) == f"{value:.4g}"


def test_the_page_writes_the_negative_zero_as_zero(formulas: Run) -> None:
    assert formulas("(value) => at.short(value)", -0.0) == "0"


# ---------------------------------------------------------------- primitives of a user

LIMIT = 2.5


class Bent(Binary):
    name = "bent"
    samples = ((1.0, 2.0), (-1.0, 0.5))

    def forward(self, x: float, y: float) -> float:
        if x < -LIMIT:
            raise ValueError("too small")
        step = 1.0 if x > y else 0.0
        total = step
        if y > 0:
            total += math.cbrt(y) * max(x, 0.5)
        return total + math.atan2(y, x) / (1.0 + x)

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return gelu(x) * math.exp(y) - math.floor(2.0 * y) * out

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return math.copysign(math.hypot(x, y), -0.0) ** 3 + y**out + math.log2(x)


PLAYED = """
({ source, points }) => {
  const { forward, partials } = eval(source);
  const tried = (rule) => {
    try {
      return String(rule());
    } catch (error) {
      return error.kind ?? String(error);
    }
  };
  return points.map(([operands, out]) => [
    tried(() => forward(...operands)), ...partials.map((rule) => tried(() => rule(...operands, out)))
  ]);
}
"""


@pytest.mark.usefixtures("table")
def test_the_page_computes_what_a_primitive_of_a_user_does(formulas: Run) -> None:
    primitive = Bent()
    numbers = (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 7.5, 800.0)
    points = list(itertools.product(numbers, repeat=2))
    source = javascript_language.source(primitive)
    found = formulas(PLAYED, {"source": f"({source})", "points": [[point, 0.75] for point in points]})
    for point, texts in zip(points, found, strict=True):
        rules = (primitive.forward, primitive.partial_x, primitive.partial_y)
        for rule, text in zip(rules, texts, strict=True):
            wanted = tried(lambda rule=rule: rule(*point, *(() if rule == primitive.forward else (0.75,))))  # type: ignore[misc] # noqa: B023
            if isinstance(wanted, complex):
                wanted = "domain"
            same = wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-12, nan_ok=True)
            assert number(text) == same, (rule, point)
