"""Rules in other languages are the rules of the class, and what cannot be translated is refused."""

from __future__ import annotations

import itertools
import math
import random
import struct
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Binary, Primitive, Unary
from autograd.engine import ops
from autograd.rules import javascript_language, numba_language, numpy_language
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import Call, Number, Operation, Return, Variable
from autograd.rules.text import NotTranslatable
from autograd.rules.translate import translated, translated_rules

BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__ == ops.__name__]
NUMBERS = (
    *(0.0, -0.0, 5e-324, -5e-324, 1e-310, 1e-200, -1e-8, 0.3, 0.5, -0.5, 0.7, 1.0, -1.0, 1.5, 2.0, 3.0, -3.0, 7.25),
    *(-36.7, 39.9, 40.0, -100.0, 699.0, -701.0, -745.0, 1e16, 2.0**53, 1e69, 1e71, -1e200, 1e308),
    *(math.inf, -math.inf, math.nan),
)
pytestmark = pytest.mark.usefixtures("table")


def outcome(rule: Callable[..., Any], *operands: float) -> object:
    """The bits of the number, or the error; a power that is not real is an error."""
    try:
        number = rule(*operands)
    except (ArithmeticError, ValueError) as error:
        return type(error)
    if isinstance(number, complex):
        return ValueError
    return "nan" if number != number else struct.pack("d", number)


def in_python(primitive: Any) -> dict[str, Callable[..., float]]:
    """The rules as they are written for Numba, run by Python."""
    text = numba_language.source(primitive)
    text = text.replace(numba_language.HEAD, "import math\n")
    of_jit = {name: getattr(math, name) for name in numba_language.OF_JIT if name != "power"}
    namespace = {"jitted": lambda function: function, "power": ops.power.forward, **of_jit}
    exec(text.replace("float(", "("), namespace)
    return {rule: namespace[rule] for rule in RULES if rule in namespace}


def on_arrays(primitive: Any) -> dict[str, Callable[..., Any]]:
    """The rules as they are written for NumPy."""
    namespace: dict[str, Any] = {}
    exec(numpy_language.source(primitive), namespace)
    return {rule: namespace[rule] for rule in RULES if rule in namespace}


def grid(primitive: Primitive) -> list[tuple[float, ...]]:
    dice = random.Random(0)
    drawn = [tuple(dice.uniform(*interval) for interval in primitive.intervals()) for _ in range(100)]
    some = NUMBERS if len(primitive.operands) == 1 else NUMBERS[::3] + NUMBERS[-4:]
    return [*itertools.product(some, repeat=len(primitive.operands)), *drawn]


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_a_translated_rule_is_the_rule_to_the_bit(primitive: Any) -> None:
    rules = in_python(primitive)
    assert sorted(rules) == sorted(translated_rules(primitive))
    for point in grid(primitive):
        out = outcome(primitive.forward, *point)
        if "forward" in rules:
            assert outcome(rules["forward"], *point) == out, point
        if not isinstance(out, bytes):
            continue
        (value,) = struct.unpack("d", out)
        for rule in [rule for rule in rules if rule != "forward"]:
            own = outcome(getattr(primitive, rule), *point, value)
            assert outcome(rules[rule], *point, value) == own, (rule, point)


# ---------------------------------------------------------------- primitives of a user

SCALE = 2.5
WEIGHTS = [1.0, 2.0]
LIMITS = types.SimpleNamespace(low=-1.0)


def square(x: Any) -> Any:
    return x * x


def bounded(x: float, limit: float = 3.0) -> float:
    if x > limit:
        return limit
    return x


def is_far(x: float) -> bool:
    return x < -SCALE or x > SCALE


def factorial(x: float) -> float:
    return 1.0 if x <= 1.0 else x * factorial(x - 1.0)


class Softsign(Unary):
    name = "softsign"
    samples = (-2.0, 0.0, 3.0)

    def forward(self, x: float) -> float:
        return x / (1 + abs(x))

    def partial_x(self, x: Any, out: Any) -> Any:
        return 1 / (1 + autograd.abs(x)) ** 2


class Mixed(Binary):
    """What a rule may hold: assignments in branches, functions, defaults, conditions as numbers, other primitives."""

    name = "mixed"
    samples = ((1.0, 2.0),)

    def forward(self, x: float, y: float) -> float:
        total: float = 0.0
        if is_far(x):
            total += square(y)
            sign = 1
        elif x > y and not y < 0:
            sign = -1
            total = total - 2
        else:
            if x == y:
                return math.pi
            sign = 0
        a, b = bounded(x), bounded(y, limit=math.e)
        flag = a > b
        return max(a, b, 0.25) + sign * total + float(flag) - min(x, -y) + (x < y) - ops.gelu.partial_x(a, 0.5)  # type: ignore[return-value]

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        if isinstance(x, autograd.Value):
            return x.exp()
        if x < -2.0:
            raise ValueError("too small")
        return self.forward(x, y) + (-SCALE) ** 2 if 0 < x < 1 or math.isinf(y) else autograd.sigmoid(x) * pow(out, 3)

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return bool(x) * 2.0 + math.log(8.0, 2.0) + math.copysign(1.0, y) + math.degrees(0.5) * math.fabs(-y)


@pytest.mark.parametrize("kind", [Softsign, Mixed])
def test_a_primitive_of_a_user_is_translated(kind: Any) -> None:
    primitive = kind()
    rules, arrays = in_python(primitive), on_arrays(primitive)
    for rule in RULES[: len(primitive.operands) + 1]:
        points = grid(primitive) if rule == "forward" else [(*point, 0.75) for point in grid(primitive)]
        own = [outcome(getattr(primitive, rule), *point) for point in points]
        for point, wanted in zip(points, own, strict=True):
            found = outcome(rules[rule], *point)
            assert (found == wanted) or (wanted is ValueError and found == "nan"), (rule, point)
        with np.errstate(all="ignore"):
            found = np.broadcast_to(arrays[rule](*np.array(points).T), len(points))
        for point, wanted, number in zip(points, own, found.tolist(), strict=True):
            if isinstance(wanted, bytes):
                assert number == pytest.approx(struct.unpack("d", wanted)[0], rel=1e-12, abs=1e-300), (rule, point)
            else:
                assert not math.isfinite(number) or wanted is OverflowError, (rule, point)


@pytest.mark.parametrize("kind", [Softsign, Mixed])
def test_single_precision_stays_single_precision(kind: Any) -> None:
    primitive = kind()
    for rule, function in on_arrays(primitive).items():
        operands = np.linspace(-3.0, 3.0, 7, dtype=np.float32)
        with np.errstate(all="ignore"):
            found = function(*[operands] * (len(primitive.operands) + (rule != "forward")))
        assert found.dtype == np.float32


def test_the_page_gets_the_rules_as_an_expression() -> None:
    assert javascript_language.source(Softsign()) == (
        "{ forward: (x) => quotient(x, 1 + Math.abs(x)), partials: [(x) => quotient(1, power(1 + Math.abs(x), 2))] }"
    )


def test_a_name_is_what_it_stands_for_and_not_how_it_is_spelt() -> None:
    from math import cosh as exp

    sin = 3.0

    class Odd(Unary):
        name = "odd"
        samples = (1.0,)

        def forward(self, cos: float) -> float:
            return exp(cos) + sin

        def partial_x(self, x: Any, out: Any) -> Any:
            math = out
            return math * x

    rules = translated_rules(Odd())
    assert rules["forward"].body == (Return(Operation("+", Call("cosh", (Variable("cos"),)), Number(3.0))),)
    assert rules["partial_x"].body == (Return(Operation("*", Variable("out"), Variable("x"))),)


def test_a_translation_says_what_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    primitive = Mixed()
    rule = translated(primitive, "forward")
    assert rule.changed() is None
    monkeypatch.setitem(globals(), "SCALE", 2.5)
    assert rule.changed() is None  # it is still the same number
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert rule.changed() == "SCALE"
    monkeypatch.undo()
    monkeypatch.setattr(math, "e", 3.0)
    assert rule.changed() == "math.e"
    monkeypatch.undo()
    monkeypatch.setattr(Mixed, "forward", Mixed.partial_y)
    assert rule.changed() == "Mixed.forward"


def test_a_text_that_is_not_what_runs_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "own.py"
    text = (
        "from autograd import Unary\n"
        "class Own(Unary):\n"
        "    name = 'own'\n"
        "    samples = (1.0,)\n"
        "    def forward(self, x):\n"
        "        return x * 2.0\n"
        "    def partial_x(self, x, out):\n"
        "        return 2.0\n"
    )
    file.write_text(text)
    namespace: dict[str, Any] = {"__name__": "own"}
    exec(compile(text, str(file), "exec"), namespace)
    primitive = namespace["Own"]()
    assert translated(primitive, "forward").parameters == ("x",)
    file.write_text(text.replace("x * 2.0", "x * 3.0"))
    with pytest.raises(NotTranslatable, match="has changed since"):
        translated(primitive, "forward")
    file.unlink()
    with pytest.raises(NotTranslatable, match=r"not at hand|has changed since"):
        translated(primitive, "forward")


def of_self(self: Any, x: float) -> float:
    return x * self.scale  # type: ignore[no-any-return]


def of_a_list(self: Any, x: float) -> float:
    return x * WEIGHTS[0]


def of_an_object(self: Any, x: float) -> float:
    return x * LIMITS.low  # type: ignore[no-any-return]


def with_a_loop(self: Any, x: float) -> float:
    total = x
    for _ in range(3):
        total = total * x
    return total


def of_numpy(self: Any, x: float) -> float:
    return np.exp(x)  # type: ignore[no-any-return]


def of_a_class(self: Any, x: float) -> float:
    return x * len(WEIGHTS)


def recursive(self: Any, x: float) -> float:
    return factorial(x)


def without_a_value(self: Any, x: float) -> float:
    if x > 0:
        y = x
    return y


def without_a_return(self: Any, x: float) -> float:  # type: ignore[return] # noqa: RET503
    if x > 0:
        return x


def whole(self: Any, x: float) -> float:
    return -math.floor(x)


def with_an_operator(self: Any, x: float) -> float:
    return x % 2.0


def with_another_error(self: Any, x: float) -> float:
    if x < 0:
        raise KeyError
    return x


def with_a_try(self: Any, x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def of_a_numpy_number(self: Any, x: float) -> float:
    return x * NUMPY_NUMBER


def with_or(self: Any, x: float) -> float:
    return x or 1.0


def with_a_global(self: Any, x: float) -> float:
    global SCALE
    return x * SCALE


NUMPY_NUMBER = np.float64(2.0)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (of_self, "uses self.scale, an attribute of self"),
        (of_a_list, "WEIGHTS"),
        (of_an_object, "uses LIMITS.low, an attribute of a SimpleNamespace"),
        (with_a_loop, "for _ in range"),
        (of_numpy, r"calls np.exp, which is"),
        (of_a_class, r"calls len"),
        (recursive, "factorial calls itself"),
        (without_a_value, "may use y before it has a value"),
        (without_a_return, "may end without a return"),
        (whole, "calculates with whole numbers"),
        (with_an_operator, "an operator other than"),
        (with_another_error, "raises KeyError"),
        (with_a_try, "try:"),
        (of_a_numpy_number, "uses NUMPY_NUMBER, which is a float64"),
        (with_or, "uses and, or of numbers as a number"),
        (with_a_global, "global SCALE"),
        (lambda self, x: x, "is not written with def"),
        (math.exp, "is no function that was written with def"),
    ],
    ids=lambda case: getattr(case, "__name__", ""),
)
def test_what_only_python_can_do_is_refused_with_the_reason(rule: Any, reason: str) -> None:
    kind: Any = type("Own", (Unary,), {"name": "own", "samples": (1.0,), "forward": rule, "scale": 2.0})
    with pytest.raises(NotTranslatable, match=reason):
        translated(kind(), "forward")


def test_the_reason_names_the_file_and_the_line() -> None:
    kind: Any = type("Own", (Unary,), {"name": "own", "samples": (1.0,), "forward": with_a_loop})
    line = with_a_loop.__code__.co_firstlineno + 2
    with pytest.raises(NotTranslatable, match=rf"test_translate\.py:{line}: with_a_loop holds a statement"):
        translated(kind(), "forward")


def test_a_rule_of_another_number_of_operands_is_refused() -> None:
    kind: Any = type("Own", (Unary,), {"name": "own", "samples": (1.0,), "forward": Mixed.forward})
    with pytest.raises(NotTranslatable, match="takes 2 numbers, not 1"):
        translated(kind(), "forward")


def test_a_function_that_a_language_lacks_is_refused() -> None:
    def forward(self: Any, x: float) -> float:
        return math.gamma(x)

    kind: Any = type("Own", (Unary,), {"name": "own", "samples": (1.0,), "forward": forward, "partial_x": with_or})
    assert translated(kind(), "forward").body == (Return(Call("gamma", (Variable("x"),))),)
    kind.partial_x = Softsign.partial_x
    with pytest.raises(NotTranslatable, match=r"no function like math\.gamma"):
        javascript_language.source(kind())
