"""Careful rules give nan where Python raises, and the same number where it does not."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Binary, Unary
from autograd.engine import ops
from autograd.rules import numpy_language
from autograd.rules.careful import careful
from autograd.rules.comparison import OUTSIDE, difference
from autograd.rules.expression_reader import ARITIES
from autograd.rules.expressions import Function
from autograd.rules.numpy_language import NumPy
from autograd.rules.translate import translated, translated_rules

pytestmark = pytest.mark.usefixtures("table")


def root_of(x: float) -> float:
    return math.sqrt(x)


class Hidden(Binary):
    """Where it raises an error, the number after that is a finite one again."""

    name = "hidden"
    samples = ((1.0, 2.0),)

    def forward(self, x: float, y: float) -> float:
        steep = 1 / (1 + math.exp(-x))
        if x > 2.0 and math.log(x - 1.0) < 1.0:
            return steep / (y if y > 1 else 1 / y)
        return 1.0 if root_of(y) > -1.0 else math.atan(1.0 / x**3) + 1.0 / math.cosh(y) + 1.0 / ops.divide(1.0, y)

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return 1 / (1 + autograd.exp(x) ** 2) + math.atan(1.0 / float(x))

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return 1 / autograd.tan(y) if y else out


def carefully_on_arrays(primitive: Any, translation: dict[str, Function]) -> dict[str, Any]:
    """The careful rules, for lists of numbers, as NumPy computes them: without an error."""
    rules = {rule: careful(function) for rule, function in translation.items()}
    namespace: dict[str, Any] = {}
    exec(numpy_language.source(primitive, rules), namespace)

    def on_lists(rule: Any) -> Any:
        def quietly(*columns: Any) -> Any:
            with np.errstate(all="ignore"):
                return rule(*map(np.array, columns)).tolist()

        return quietly

    return {rule: on_lists(namespace[rule]) for rule in rules}


def test_a_careful_rule_is_nan_exactly_where_the_rule_raises() -> None:
    primitive = Hidden()
    assert difference(primitive, carefully_on_arrays(primitive, translated_rules(primitive))) is None


def test_a_rule_that_is_not_careful_hides_errors() -> None:
    primitive = Hidden()
    namespace: dict[str, Any] = {}
    exec(numpy_language.source(primitive), namespace)
    with np.errstate(all="ignore"):
        assert namespace["forward"](np.array([-1000.0]), np.array([2.0])) == 1.0
    with pytest.raises(OverflowError):
        primitive.forward(-1000.0, 2.0)


@pytest.mark.parametrize("name", sorted(ARITIES.keys() & NumPy.FUNCTIONS.keys()))
def test_each_function_of_math_is_nan_exactly_where_it_raises(name: str, tmp_path: Any) -> None:
    operands = ", ".join("xy"[: ARITIES[name]])
    text = (
        "import math\n"
        "from autograd import Binary, Unary\n"
        f"class OfMath({'Binary' if 'y' in operands else 'Unary'}):\n"
        "    name, samples = 'of_math', ()\n"
        f"    def forward(self, {operands}):\n"
        f"        return math.atan(1.0 / (0.25 + math.{name}({operands})))\n"
    )
    file = tmp_path / f"of_{name}.py"
    file.write_text(text)
    namespace: dict[str, Any] = {"__name__": f"of_{name}"}
    exec(compile(text, str(file), "exec"), namespace)
    primitive = namespace["OfMath"]()
    forward = carefully_on_arrays(primitive, {"forward": translated(primitive, "forward")})["forward"]
    for point in itertools.product((*OUTSIDE, 170.9, 171.9, -3.0, 709.0, 710.5), repeat=ARITIES[name]):
        try:
            expected = primitive.forward(*point)
        except (ArithmeticError, ValueError):
            expected = math.nan
        (found,) = forward(*([number] for number in point))
        assert found == pytest.approx(expected, nan_ok=True), point


def test_the_root_of_minus_infinity_is_that_of_python() -> None:
    class Root(Unary):
        name = "root_by_power"
        samples = (4.0,)
        domain = (0.0, 3.0)

        def forward(self, x: float) -> float:
            return x**0.5  # type: ignore[no-any-return] # complex for a negative x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 0.5 * x**-0.5

    root = Root()
    assert root.forward(-math.inf) == math.inf
    assert difference(root, carefully_on_arrays(root, translated_rules(root))) is None
