"""The checker: it passes what is right, it finds what is wrong, and it says what it cannot tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd as ag
from autograd import (
    PRIMITIVES,
    Binary,
    GradcheckError,
    Unary,
    Value,
    check_all_ops,
    check_op,
    cos,
    dot,
    exp,
    gradcheck,
    log,
    logsumexp,
    maximum,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
)
from autograd.check.judge import Verdict
from autograd.check.primitives import OpCheck, OpChecks
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.support import plotting

BUILT_IN = sorted(PRIMITIVES)
BINARY = [name for name in BUILT_IN if isinstance(PRIMITIVES[name], Binary)]


# ------------------------------------------------------------ every primitive


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_primitive_passes_at_first_and_second_order(name: str) -> None:
    check = check_op(PRIMITIVES[name])
    assert check, str(check)


def test_check_all_ops_has_a_row_for_every_primitive() -> None:
    checks = check_all_ops()
    assert [check.primitive.name for check in checks] == list(PRIMITIVES)
    assert checks
    assert len(str(checks).splitlines()) == len(PRIMITIVES) + 2


# ------------------------------------------------------------ every wrong rule is found

Rule = Callable[..., Any]
WRONG_RULES: dict[str, Callable[[Any], Any]] = {
    "sign flipped": lambda partial: -partial,
    "factor 2": lambda partial: 2.0 * partial,
    "the only term missing": lambda partial: 0.0 * partial,
    "a constant off by 1e-4": lambda partial: partial + 1e-4,
    "off by one part in 1e4": lambda partial: partial * (1.0 + 1e-4),
}


def _another(op: Unary | Binary, **contents: Any) -> Any:
    """A primitive that does what `op` does, except for what is given."""
    same: dict[str, Any] = {rule: _rule_of(op, rule) for rule in ("forward", *_operand_rules(op.name))}
    of_operands = ("domain",) if isinstance(op, Unary) else ("samples_in_x", "domain_x", "domain_y")
    same |= {name: getattr(op, name) for name in ("samples", "derivatives", *of_operands)}
    return type("Another", (Unary if isinstance(op, Unary) else Binary,), same | contents)()


def _rule_of(op: Unary | Binary, name: str) -> Rule:
    return lambda self, *numbers: getattr(op, name)(*numbers)


def _with_wrong_rule(op: Unary | Binary, which: str, rule: Rule) -> Any:
    return _another(op, name=f"{op.name} gone wrong", **{which: rule})


def _operand_rules(name: str) -> list[str]:
    return ["partial_x", "partial_y"] if name in BINARY else ["partial_x"]


CASES = [(name, which, mistake) for name in BUILT_IN for which in _operand_rules(name) for mistake in WRONG_RULES]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("name", "which", "mistake"), CASES)
def test_a_wrong_rule_is_found(name: str, which: str, mistake: str) -> None:
    op: Any = PRIMITIVES[name]
    right, change = getattr(op, which), WRONG_RULES[mistake]
    assert not check_op(_with_wrong_rule(op, which, lambda self, *numbers: change(right(*numbers))))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", [name for name in BINARY if name != "add"])  # those of x + y are the same
def test_swapped_partials_are_found(name: str) -> None:
    op: Any = PRIMITIVES[name]
    swapped = _another(
        op,
        name=f"{name} with its partials swapped",
        partial_x=_rule_of(op, "partial_y"),
        partial_y=_rule_of(op, "partial_x"),
        samples=tuple(point for point in op.samples if point[0] > 0),  # where both partials are defined
        samples_in_x=(),
    )
    assert not check_op(swapped)


# For each derivative that has more than one term or factor: the rule with one of them forgotten.
MISSING_TERMS: dict[tuple[str, str], Rule] = {
    ("divide", "partial_y"): lambda self, x, y, out: -out,
    ("power", "partial_x"): lambda self, x, y, out: x ** (y - 1.0) if x != 0 else 0.0,
    ("power", "partial_y"): lambda self, x, y, out: out,
    ("expm1", "partial_x"): lambda self, x, out: out,
    ("exp2", "partial_x"): lambda self, x, out: out,
    ("cbrt", "partial_x"): lambda self, x, out: 1.0 / (out * out),
    ("hypot", "partial_x"): lambda self, x, y, out: x,
    ("hypot", "partial_y"): lambda self, x, y, out: 1.0 / out,
    ("mish", "partial_x"): lambda self, x, out: ag.tanh(ag.softplus(x)),
    ("log1p", "partial_x"): lambda self, x, out: 1.0 / (2.0 + x),
    ("log2", "partial_x"): lambda self, x, out: 1.0 / x,
    ("log10", "partial_x"): lambda self, x, out: 1.0 / x,
    ("sqrt", "partial_x"): lambda self, x, out: 1.0 / out,
    ("tan", "partial_x"): lambda self, x, out: out * out,
    ("asin", "partial_x"): lambda self, x, out: 1.0 / ((1.0 - x) * (1.0 + x)),
    ("acos", "partial_x"): lambda self, x, out: -1.0 / sqrt(1.0 - x),
    ("atan", "partial_x"): lambda self, x, out: 1.0 / (1.0 + abs(x)),
    ("atan2", "partial_x"): lambda self, x, y, out: y / (x * x + 1.0),
    ("atan2", "partial_y"): lambda self, x, y, out: -x / (x * x + 1.0),
    ("tanh", "partial_x"): lambda self, x, out: -out * out,
    ("asinh", "partial_x"): lambda self, x, out: 1.0 / (1.0 + x * x),
    ("acosh", "partial_x"): lambda self, x, out: 1.0 / sqrt(x - 1.0),
    ("atanh", "partial_x"): lambda self, x, out: 1.0 / (1.0 + x * x),
    ("sigmoid", "partial_x"): lambda self, x, out: out,
    ("leaky_relu", "partial_x"): lambda self, x, y, out: y,
    ("elu", "partial_x"): lambda self, x, y, out: exp(x) if x <= 0 else 1.0,
    ("erf", "partial_x"): lambda self, x, out: exp(-x * x),
    ("erfc", "partial_x"): lambda self, x, out: -exp(-x * x),
    ("gelu", "partial_x"): lambda self, x, out: 0.5 * ag.erfc(-x / math.sqrt(2.0)),
    ("silu", "partial_x"): lambda self, x, out: sigmoid(x),
    ("maximum", "partial_x"): lambda self, x, y, out: 1.0 if x > y else 0.5,
    ("minimum", "partial_y"): lambda self, x, y, out: 1.0 if y > x else 0.0,
}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("name", "which"), MISSING_TERMS)
def test_a_missing_term_is_found(name: str, which: str) -> None:
    assert not check_op(_with_wrong_rule(PRIMITIVES[name], which, MISSING_TERMS[name, which]))


@pytest.mark.usefixtures("table")
def test_a_rule_that_is_right_on_floats_but_forgets_the_graph_is_found_at_second_order() -> None:
    def rule(self: object, x: Any, out: Any) -> Any:
        return 1.0 - math.tanh(x.data if isinstance(x, Value) else x) ** 2

    check = check_op(_with_wrong_rule(tanh, "partial_x", rule))
    orders = {row.order for report in check.failures for row in report.failures}
    assert orders == {2}


@pytest.mark.usefixtures("table")
@given(x=st.floats(-3, 3), y=st.floats(0.1, 3))
@example(x=5e-324, y=0.4)  # where differences of neighbouring floats say nothing
def test_a_derivative_off_by_one_part_in_1e5_is_found_where_the_function_is_smooth(x: float, y: float) -> None:
    wrong = _with_wrong_rule(sin, "partial_x", lambda self, x, out: cos(x) * (1.0 + 1e-5))
    if abs(math.cos(x)) > 1e-3:
        assert not gradcheck(lambda x, y: wrong(x) * y, [x, y])
    PRIMITIVES.pop(wrong.name)


# ------------------------------------------------------------ a right derivative is not blamed

HARD_CASES: dict[str, tuple[Callable[..., ag.Number], list[object]]] = {
    "a large offset": (lambda x: 1e8 + sin(x), [1.0]),
    "a larger offset": (lambda x: 1e12 + x, [1.0]),
    "cancellation": (lambda x: (x + 1e8) - 1e8, [1.0]),
    "a large input": (lambda x: x**3, [1e6]),
    "a large input to a wave": (lambda x: sin(x), [1e6]),
    "a steep exponential": (lambda x: exp(x), [20.0]),
    "a pole nearby": (lambda x: 1 / x, [1e-8]),
    "the edge of a domain nearby": (lambda x: ag.acos(x), [1 - 1e-10]),
    "the edge of a domain nearer": (lambda x: log(x), [1e-10]),
    "a half-defined neighbourhood": (lambda x: x**1.5, [0.0]),
    "a fast wave": (lambda x: sin(100 * x), [1.0]),
    "a wave as fast as the coarsest steps": (lambda x: sin(2 * math.pi * 1280 * x), [0.0]),
    "a wave that gets faster": (lambda x: sin(1 / x), [0.01]),
    "a steep step": (lambda x: tanh(1e6 * x), [0.0]),
    "a bend that looks like a kink": (lambda x: softplus(1e6 * x), [0.0]),
    "a kink near the point": (lambda x: relu(x), [1e-7]),
    "a kink nearer on the flat side": (lambda x: relu(x), [-1e-7]),
    "a minimum on a hill": (lambda x: 1e8 + (x - 1) ** 2, [1.0]),
    "a flat function": (lambda x: 0.0 * x + 5e9, [3.0]),
    "the far tail": (lambda x: exp(-x * x), [20.0]),
    "a saturated sigmoid": (lambda x: sigmoid(x), [40.0]),
    "inputs of very different size": (lambda x, y: 1e6 * x + 1e-6 * y, [1.0, 1.0]),
    "Rosenbrock's valley": (lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2, [-1.2, 1.0]),
    "large logits": (lambda *logits: logsumexp(logits), [1000.0, 1001.0, -5.0]),
}


@pytest.mark.parametrize("case", HARD_CASES)
def test_a_right_derivative_passes_with(case: str) -> None:
    f, inputs = HARD_CASES[case]
    report = gradcheck(f, inputs)
    assert report, str(report)
    assert {row.verdict for row in report} == {"ok"}


@pytest.mark.parametrize("case", sorted(set(HARD_CASES) - {"a half-defined neighbourhood"}))  # its second is infinite
def test_a_right_second_derivative_passes_with(case: str) -> None:
    f, inputs = HARD_CASES[case]
    report = gradcheck(f, inputs, order=2)
    assert report, str(report)


def composed(numbers: list[Value]) -> Value:
    return logsumexp([tanh(x) * y for x, y in itertools.pairwise(numbers)] + [numbers[0]])


ORDINARY = st.floats(-2, 2).filter(lambda x: x == 0.0 or abs(x) > 1e-3)


@pytest.mark.slow
@given(st.lists(ORDINARY, min_size=2, max_size=4))
def test_a_right_derivative_passes_at_any_point(numbers: list[float]) -> None:
    report = gradcheck(composed, [numbers], order=2)
    assert report, str(report)


@pytest.mark.slow
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=4))
@example([3.431545987189833e-266, 0.0])  # d/dy tanh(x) y is 3e-266, beside a value of 0.69
def test_a_right_derivative_is_never_wrong_however_small(numbers: list[float]) -> None:
    report = gradcheck(composed, [numbers], order=2)
    assert "wrong" not in {row.verdict for row in report}, str(report)


# ------------------------------------------------------------ kinks

KINKS: dict[str, tuple[Callable[..., ag.Number], list[object]]] = {
    "abs": (lambda x: abs(x), [0.0]),
    "relu": (lambda x: relu(x), [0.0]),
    "a kink away from zero": (lambda x: abs(x - 1.0) + x * x, [1.0]),
    "maximum of equals": (lambda x, y: maximum(x, y), [1.5, 1.5]),
}


@pytest.mark.parametrize("case", KINKS)
def test_a_subgradient_passes_and_is_called_a_kink(case: str) -> None:
    f, inputs = KINKS[case]
    report = gradcheck(f, inputs, order=2)
    assert report, str(report)
    assert {row.verdict for row in report if row.order == 1} == {"kink"}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("slope", [-1.001, 1.001, 2.0])
def test_what_is_no_subgradient_fails_at_a_kink(slope: float) -> None:
    wrong = _with_wrong_rule(PRIMITIVES["abs"], "partial_x", lambda self, x, out: slope)
    assert not gradcheck(wrong, [0.0])


def test_a_square_of_a_kink_is_smooth_at_first_order() -> None:
    report = gradcheck(lambda x: relu(x) ** 2, [0.0])
    assert [row.verdict for row in report] == ["ok"]


def test_a_kink_nearer_than_rounding_lets_see_is_none() -> None:
    def f(x: Value) -> ag.Number:
        return 0.05 * abs(x - 1.0) + sin(x)

    right = math.cos(1.0) + 0.05
    verdicts = {error: gradcheck(off_by(error * right, f), [1.0 + 1e-10]).rows[0].verdict for error in (0.0, -0.05)}
    assert verdicts == {0.0: "unsure", -0.05: "unsure"}  # the second lies between the sides of the kink


def test_a_kink_that_shows_at_one_size_of_step_alone_is_none() -> None:
    def verdict(size: float) -> Verdict:
        return gradcheck(lambda x: 1e8 + size * maximum(x - 1.0, 3.0 * (x - 1.0)), [1.0]).rows[0].verdict

    assert {size: verdict(size) for size in (1e-6, 1e-5, 1e-4, 1.0)} == {
        1e-6: "unsure",
        1e-5: "unsure",
        1e-4: "kink",
        1.0: "kink",
    }


def test_a_kink_shows_beside_a_large_value() -> None:
    assert gradcheck(lambda x: 1e8 + abs(x - 1.0), [1.0]).rows[0].verdict == "kink"


def test_two_kinks_are_told_from_each_other_and_from_what_is_between() -> None:
    verdicts = {x: gradcheck(lambda x: relu(x) - relu(x - 1e-3), [x]).rows[0].verdict for x in (0.0, 5e-4, 1e-3)}
    assert verdicts == {0.0: "kink", 5e-4: "ok", 1e-3: "kink"}


# A wrong derivative whose value is right: `error` times the input is added to the derivative.
def off_by(error: float, f: Callable[[Value], ag.Number]) -> Callable[[Value], ag.Number]:
    return lambda x: f(x) + error * (x - x.detach())


CANCELLATIONS: dict[str, tuple[Callable[[Value], ag.Number], float]] = {
    "(1 - cos(x)) / x^2": (lambda x: (1 - cos(x)) / x**2, 1e-4),
    "(1 - cos(x)) / x^2 nearer to 0": (lambda x: (1 - cos(x)) / x**2, 1e-6),
    "(exp(x) - 1 - x) / x^2": (lambda x: (exp(x) - 1 - x) / x**2, 1e-5),
    "(tan(x) - x) / x^3": (lambda x: (ag.tan(x) - x) / x**3, 1e-3),
    "(sqrt(1 + x) - 1) / x": (lambda x: (sqrt(1 + x) - 1) / x, 1e-9),
}


@pytest.mark.parametrize("case", CANCELLATIONS)
def test_rounding_is_not_taken_for_a_kink(case: str) -> None:
    f, x = CANCELLATIONS[case]  # the engine's derivative is lost in rounding
    report = gradcheck(f, [x])
    assert not report, str(report)
    assert gradcheck(off_by(1.0, f), [x]).rows[0].verdict != "kink"


WAVES = [(12505.436989853217, 2.9721581858116506), (12505.436989853217, 811.25), (997.0, -1000.0), (1e5, 0.3)]


@pytest.mark.parametrize(("frequency", "x"), WAVES)
def test_a_fast_wave_is_not_taken_for_a_kink(frequency: float, x: float) -> None:
    def wave(x: Value) -> ag.Number:
        return sin(frequency * x) * x

    (right,) = gradcheck(wave, [x])
    assert right.verdict == "ok"
    assert gradcheck(off_by(1e-4 * right.analytic, wave), [x]).rows[0].verdict == "wrong"


@pytest.mark.parametrize(("frequency", "x"), [(1e7, 1.0), (1e10, 1e-3)])
def test_a_wave_on_a_slope_is_not_taken_for_noise(frequency: float, x: float) -> None:
    def f(x: Value) -> ag.Number:
        return x + sin(frequency * x) / frequency

    (right,) = gradcheck(f, [x])
    assert right.verdict == "ok"
    assert right.analytic == pytest.approx(1.0 + math.cos(frequency * x), rel=1e-8)
    assert gradcheck(off_by(1.0 - right.analytic, f), [x]).rows[0].verdict == "wrong"


def test_a_wave_that_is_nearly_lost_in_rounding_is_not_averaged_away() -> None:
    def f(x: Value) -> ag.Number:
        return 1e8 + x + sin(1e4 * x) / 1e4

    (right,) = gradcheck(f, [1.0])
    assert right.verdict == "unsure"
    assert gradcheck(off_by(1.0 - right.analytic, f), [1.0]).rows[0].verdict == "unsure"


@pytest.mark.parametrize("factor", [1e-300, 1e-100, 1e-9, 1.0, 1e9, 1e100, 1e300])
@pytest.mark.parametrize("f", [sin, exp, lambda x: x * x, lambda x: 1 / x])
def test_the_size_of_a_function_does_not_matter(f: Callable[..., ag.Number], factor: float) -> None:
    def scaled(x: Value) -> ag.Number:
        return factor * f(x)

    (right,) = gradcheck(scaled, [0.7])
    assert right.verdict == "ok"
    assert gradcheck(off_by(1e-4 * right.analytic, scaled), [0.7]).rows[0].verdict == "wrong"
    assert gradcheck(off_by(1e-5 * right.analytic, scaled), [0.7]).rows[0].verdict == "wrong"


@pytest.mark.parametrize(
    ("tolerances", "largest"),
    [({}, 1e-7), ({"rtol": 1e-3}, 5e-4), ({"atol": 1e-3}, 5e-4)],
)
def test_a_tolerance_is_what_may_differ(tolerances: dict[str, float], largest: float) -> None:
    def passed(error: float) -> bool:
        return bool(gradcheck(off_by(error, lambda x: 1e-9 * sin(x)), [0.1], **tolerances))  # type: ignore[arg-type]

    slope = 1e-9 * math.cos(0.1)
    assert passed(0.9 * largest * slope)
    assert not passed(10.0 * largest * slope)


@pytest.mark.parametrize(("error", "verdict"), [(0.0, "ok"), (1e-12, "wrong")])
def test_without_tolerances_the_error_of_the_differences_remains(error: float, verdict: Verdict) -> None:
    assert gradcheck(off_by(error, sin), [0.1], rtol=0.0, atol=0.0).rows[0].verdict == verdict


EDGES: dict[str, tuple[Callable[[Value], ag.Number], float]] = {
    "near the edge of the domain": (sqrt, 1e-300),
    "at the edge of the domain": (lambda x: x**1.5, 0.0),
    "beside a pole": (lambda x: 1 / x, 1e-100),
    "where floats end": (lambda x: 1e-10 * x, 1.7e308),
    "where floats begin": (sin, 1e-320),
    "where values end": (lambda x: 1.7e308 * sin(x), 0.01),
    "steeper than any step is small": (lambda x: tanh(1e20 * x), 0.0),
    "in a chirp": (lambda x: sin(1 / x), 1e-6),
    "in the tail of the tail": (ag.erfc, 25.0),
    "beside a kink": (lambda x: ag.where(x > 0, x, -x), 1e-9),
}


@pytest.mark.parametrize("case", EDGES)
def test_a_right_derivative_passes(case: str) -> None:
    f, x = EDGES[case]
    report = gradcheck(f, [x])
    assert [row.verdict for row in report] == ["ok"], str(report)


@pytest.mark.parametrize(
    ("f", "x"), [(exp, 400.0), (exp, 709.0), (lambda x: 1e200 * x * x, 1.0), (lambda x: x**7, 1e43), (ag.cosh, -705.0)]
)
def test_large_values_are_checked_like_others(f: Callable[..., ag.Number], x: float) -> None:
    report = gradcheck(f, [x], order=2)
    assert {row.verdict for row in report} == {"ok"}, str(report)
    assert all(math.isfinite(row.numeric) and row.error_estimate > 0.0 for row in report)


# ------------------------------------------------------------ what cannot be told


def test_a_jump_is_called_unsure() -> None:
    report = gradcheck(lambda x: x if x < 0 else x + 1.0, [0.0])
    assert not report
    assert [row.verdict for row in report] == ["unsure"]


DROWNED: dict[str, tuple[Callable[[Value], ag.Number], float]] = {
    "a wave on a plain": (lambda x: 1e15 + sin(x), 1.0),
    "a slope on a mountain": (lambda y: 1e10 + 1e-10 * y, 1.0),
    "less than the last place": (lambda x: 1e17 + x, 1.0),
    "less than the last place of what is taken away again": (lambda x: (1e17 + x) - 1e17, 1.0),
    "less than the last place of a square": (lambda x: sqrt(1e24 + x * x) - 1e12, 3.0),
    "the tail of a logarithm": (lambda x: log(1 - sigmoid(x)), 30.0),
    "a tread of the tail of a logarithm": (lambda x: log(1 - sigmoid(x)), 36.5),
    "nearly saturated": (sigmoid, 32.0),
}


@pytest.mark.parametrize("case", DROWNED)
def test_a_slope_that_rounding_drowns_is_called_unsure(case: str) -> None:
    f, x = DROWNED[case]
    assert [row.verdict for row in gradcheck(f, [x])] == ["unsure"]


def test_what_rounding_leaves_of_a_slope_is_enough() -> None:
    assert gradcheck(lambda x: log(1 - sigmoid(x)), [19.0]).rows[0].verdict == "ok"


class Hidden(Unary):
    """(x + 1e8) - 1e8, a staircase of steps of 1.5e-8, of which the graph shows nothing."""

    name, samples = "hidden", (1.0,)

    def forward(self, x: float) -> float:
        return (x + 1e8) - 1e8

    def partial_x(self, x: ag.Number, out: ag.Number) -> ag.Number:
        return 1.0


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("claimed", "verdict"), [(1.0, "ok"), (1.0001, "wrong"), (0.0, "unsure"), (2.0, "wrong")])
def test_the_treads_of_a_staircase_of_rounding_do_not_count(claimed: float, verdict: Verdict) -> None:
    staircase = _with_wrong_rule(Hidden(), "partial_x", lambda self, x, out: claimed)
    (row,) = gradcheck(staircase, [0.3])
    assert row.verdict == verdict


@pytest.mark.usefixtures("table")
def test_a_slope_on_a_tread_of_a_staircase_is_not_blamed() -> None:
    coarse = _another(Hidden(), name="coarse", forward=lambda self, x: (x + 1e15) - 1e15)
    assert gradcheck(coarse, [0.3]).rows[0].verdict == "unsure"


@pytest.mark.parametrize("claimed", [1e-4, -1.0])
def test_what_is_flat_by_nature_has_no_slope(claimed: float) -> None:
    assert gradcheck(off_by(claimed, relu), [-0.3]).rows[0].verdict == "wrong"


# ------------------------------------------------------------ misuse


def test_a_function_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match=r"the function is inf at x = 1e\+200"):
        gradcheck(lambda x: x * x, [1e200])


def test_a_derivative_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(FloatingPointError, match=r"the derivative of sqrt\(x\)"):
        gradcheck(sqrt, [0.0])


def test_a_point_outside_the_domain_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"log\(x\) is not defined at x = -1.0"):
        gradcheck(log, [-1.0])


def test_an_input_that_is_not_used_has_derivative_zero() -> None:
    report = gradcheck(lambda x, y: x * 2, [3.0, 2.0], order=2)
    assert {row.verdict for row in report} == {"ok"}


# ------------------------------------------------------------ what the graph does not hold


@pytest.mark.parametrize("frequency", [1e4, 1e6])
def test_a_lost_input_is_not_hidden_by_a_large_constant(frequency: float) -> None:
    report = gradcheck(lambda x: 1e8 + 1e-3 * sin(frequency * x.data) + 0.0 * x, [1.0])
    assert not report, str(report)


@pytest.mark.parametrize("constant", [Value(5.0), Value(5.0, requires_grad=False)])
@pytest.mark.parametrize("order", [1, 2])
def test_a_result_that_depends_on_no_input_is_constant(constant: Value, order: Literal[1, 2]) -> None:
    report = gradcheck(lambda x: constant, [3.0], order=order)
    assert {(row.analytic, row.numeric, row.verdict) for row in report} == {(0.0, 0.0, "ok")}


def test_a_function_that_leaves_the_graph_is_wrong_and_asked_why() -> None:
    report = gradcheck(lambda x: Value(x.data**2), [3.0], order=2)
    assert [row.verdict for row in report] == ["wrong", "ok"]  # the derivative that it claims, 0, is constant
    assert report.lost == ["d/dx"]
    assert str(report).endswith(
        "1 FAILED; d/dx: the result changes with the input, but its graph does not contain it: does the function use "
        ".data, or other Values instead?"
    )


def test_an_input_that_leaves_the_graph_is_wrong_and_named() -> None:
    report = gradcheck(lambda x, y: x + y.data**2, [3.0, 2.0])
    assert [row.verdict for row in report] == ["ok", "wrong"]
    assert report.lost == ["d/dy"]
    assert "d/dy: the result changes with the input, but its graph does not contain it" in report._repr_html_()


def test_a_wrong_rule_is_not_asked_about_the_graph() -> None:
    report = gradcheck(off_by(1.0, sin), [3.0])
    assert not report
    assert report.lost == []
    assert str(report).endswith("1 derivative, 1 FAILED")


def test_a_function_that_is_not_deterministic_is_an_error() -> None:
    calls = itertools.count()
    with pytest.raises(ValueError, match=r"not deterministic: at x = 1.0 it gave 1.0, and then 2.0"):
        gradcheck(lambda x: x + float(next(calls)), [1.0])


def test_a_function_that_changes_later_is_an_error() -> None:
    calls = itertools.count()
    with pytest.raises(ValueError, match="not deterministic"):
        gradcheck(lambda x: x * 2.0 if next(calls) < 10 else x * 2.0 + 1.0, [1.0])


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "must return a Value, not NoneType None"),
        ("3.0", "must return a Value, not str '3.0'"),
        ([1.0], "reduce a list to one Value"),
    ],
)
def test_a_function_that_returns_no_value_is_an_error(result: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        gradcheck(lambda x: result, [1.0])


@pytest.mark.parametrize("number", [3.0, 3, np.float64(3.0)])
def test_a_plain_number_is_a_constant(number: Any) -> None:
    assert gradcheck(lambda x: number, [1.0])


def test_a_plain_number_that_changes_with_the_input_is_wrong() -> None:
    assert "does the function use .data" in str(gradcheck(lambda x: x.data**2, [1.0]))


@pytest.mark.parametrize("check", [gradcheck, ag.numerical_gradient])
def test_a_result_in_the_place_of_the_function_is_an_error(check: Any) -> None:
    x = Value(2.0)
    with pytest.raises(
        TypeError, match=r"^f must be a function of Values, as in lambda x, y: x \* y, not Value\(data=4.0"
    ):
        check(x * x, [x])


def test_the_report_says_what_unsure_means() -> None:
    assert "unsure: differences cannot tell" in str(gradcheck(lambda y: 1e10 + 1e-10 * y, [1.0]))
    assert "unsure" not in str(gradcheck(lambda y: y * y, [1.0]))


def test_inputs_that_are_no_list_are_an_error() -> None:
    with pytest.raises(
        TypeError, match=r"inputs must be the list of the function's arguments, as in \[2.0, 3.0\], not 2.0"
    ):
        gradcheck(sin, 2.0)  # type: ignore[arg-type]


def test_inputs_without_a_number_are_an_error() -> None:
    with pytest.raises(ValueError, match="no number among the inputs"):
        gradcheck(lambda numbers: Value(1.0), [[]])


def test_a_constant_among_the_inputs_is_an_error() -> None:
    with pytest.raises(ValueError, match="the input x is the constant"):
        gradcheck(lambda x: x * 2, [Value(1.0, requires_grad=False)])


def test_a_computed_value_among_the_inputs_is_an_error() -> None:
    with pytest.raises(ValueError, match="the result of an operation"):
        gradcheck(lambda x: x * 2, [Value(1.0) + 1.0])


def test_a_value_given_twice_is_an_error() -> None:
    x = Value(1.0)
    with pytest.raises(ValueError, match="the same Value is twice among the inputs"):
        gradcheck(lambda x, y: x * y, [x, x])


@pytest.mark.parametrize("order", [0, 3, "2"])
def test_an_order_other_than_1_or_2_is_an_error(order: Any) -> None:
    with pytest.raises(ValueError, match="order must be 1 or 2"):
        gradcheck(sin, [1.0], order=order)


@pytest.mark.parametrize("tolerances", [{"rtol": -1e-6}, {"atol": math.nan}, {"rtol": math.inf}])
def test_a_tolerance_that_is_negative_or_not_finite_is_an_error(tolerances: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="tolerances must be finite and not negative"):
        gradcheck(sin, [1.0], **tolerances)  # type: ignore[arg-type]


def test_check_op_of_a_plain_function_is_an_error() -> None:
    with pytest.raises(TypeError, match="for a function use gradcheck"):
        check_op(lambda x: x)  # type: ignore[arg-type]


# ------------------------------------------------------------ the report


def test_a_failure_raises_the_table_when_asked() -> None:
    with pytest.raises(GradcheckError, match=r"d/dy +0 +4 .*WRONG"):
        gradcheck(lambda x, y: x + y.data**2, [3.0, 2.0], raise_on_failure=True)


def test_a_row_holds_both_derivatives_and_their_distance() -> None:
    (row,) = gradcheck(lambda x: x * x, [3.0])
    assert (row.name, row.order, row.analytic, row.verdict) == ("d/dx", 1, 6.0, "ok")
    assert row.numeric == pytest.approx(6.0, rel=1e-12)
    assert row.absolute_error == abs(row.analytic - row.numeric)
    assert row.relative_error == row.absolute_error / max(row.analytic, row.numeric)
    assert 0 < row.error_estimate < 1e-10


def test_rows_of_second_order_are_the_hessian() -> None:
    report = gradcheck(lambda x, y: x * x * y, [3.0, 2.0], order=2)
    hessian = [row.analytic for row in report if row.order == 2]
    assert hessian == [4.0, 6.0, 6.0, 0.0]


def test_rows_are_named_after_labels_parameters_and_places() -> None:
    report = gradcheck(lambda w, b: dot(w, [2.0, 3.0]) * b, [[1.0, Value(2.0, label="slope")], 4.0])
    assert [row.name for row in report] == ["d/dw[0]", "d/dslope", "d/db"]


class Point(NamedTuple):
    x: ag.Number
    y: ag.Number


def test_inputs_keep_their_kind() -> None:
    def f(array: Any, point: Point, pair: Any, numbers: Any) -> Value:
        assert isinstance(array, np.ndarray)
        assert array.shape == (2, 2)
        assert (type(point), type(pair), type(numbers)) == (Point, tuple, list)
        result: Value = (array @ array)[0, 1] * point.x + pair[0] * numbers[0][0] * point.y
        return result

    report = gradcheck(f, [np.array([[1.0, 2.0], [3.0, 4.0]]), Point(5.0, 6.0), (7.0,), [[8.0]]], order=2)
    assert report, str(report)
    names = [row.name for row in report if row.order == 1]
    assert names[:4] == ["d/darray[0][0]", "d/darray[0][1]", "d/darray[1][0]", "d/darray[1][1]"]
    assert names[4:] == ["d/dpoint.x", "d/dpoint.y", "d/dpair[0]", "d/dnumbers[0][0]"]


def test_a_function_may_change_the_arrays_and_lists_it_gets() -> None:
    def f(array: Any, numbers: list[Value]) -> Value:
        array *= 2.0
        numbers.append(array[0])
        result: Value = numbers[0] * numbers[1] * array[1]
        return result

    assert gradcheck(f, [np.array([1.0, 2.0]), [3.0]])


def test_values_in_an_array_are_moved_themselves() -> None:
    weights = np.array([Value(1.0, label="a"), Value(2.0)])

    def product(_: Any) -> Value:
        result: Value = weights[0] * weights[1]
        return result

    report = gradcheck(product, [weights])
    assert report, str(report)
    assert [row.name for row in report] == ["d/da", "d/d_[1]"]


def test_the_table_has_a_line_for_each_derivative_and_a_verdict() -> None:
    text = str(gradcheck(lambda x, y: x * y, [3.0, 2.0]))
    assert text.splitlines()[0] == "gradcheck at x = 3.0, y = 2.0"
    assert text.splitlines()[-1] == "2 derivatives, all passed"


def test_no_gradient_is_touched_and_every_number_is_put_back() -> None:
    x = Value(3.0)
    x.grad = 7.0
    gradcheck(lambda x: x * x, [x], order=2)
    assert (x.data, x.grad) == (3.0, 7.0)


def test_every_number_is_put_back_when_the_function_raises() -> None:
    x = Value(3.0)

    def f(x: Value) -> Value:
        if x != 3.0:
            raise KeyError("moved")
        return x * 2

    report = gradcheck(f, [x])
    assert report.verdict == "unsure"
    assert report.notes[0].endswith("the function raised KeyError: 'moved'; it counts as not defined there")
    assert x.data == 3.0


def test_a_model_is_checked_where_it_stands() -> None:
    weights = [Value(0.5), Value(-1.0)]
    report = gradcheck(lambda *_: tanh(dot(weights, [2.0, 3.0])), weights, order=2)
    assert len(report) == 6
    assert report


@pytest.mark.usefixtures("table")
def test_an_op_added_by_a_user_is_checked_with_all_the_others() -> None:
    class Softsign(Unary):
        name, samples = "softsign", (-2.0, 0.5)

        def forward(self, x: float) -> float:
            return x / (1 + abs(x))

        def partial_x(self, x: ag.Number, out: ag.Number) -> ag.Number:
            return (1 + ag.abs(x)) ** -2

    Softsign()
    checks = {check.primitive.name: bool(check) for check in check_all_ops()}
    assert checks["softsign"]


@pytest.mark.usefixtures("table")
def test_an_op_not_defined_at_its_random_points_says_which() -> None:
    class OfPositives(Unary):
        name, samples = "of positives", (1.0,)

        def forward(self, x: float) -> float:
            return math.log(x)

        def partial_x(self, x: ag.Number, out: ag.Number) -> ag.Number:
            return 1 / x

    with pytest.raises(ValueError, match=r"of positives\(x\) is not defined at x = -"):
        check_op(OfPositives())


# ---------------------------------------------------------------- in a notebook


def row(verdict: Verdict, name: str = "d/dx") -> GradcheckRow:
    return GradcheckRow(name, 1, 1.0, 1.0, 1e-9, verdict)


@pytest.mark.parametrize(
    ("verdict", "said", "colour"),
    [
        ("ok", "ok ✓", plotting.GREEN),
        ("kink", "kink ∧", plotting.BLUE),
        ("unsure", "UNSURE ?", plotting.YELLOW),
        ("wrong", "WRONG ✗", plotting.ORANGE),
    ],
)
def test_a_verdict_has_a_word_a_sign_and_a_colour(verdict: Verdict, said: str, colour: str) -> None:
    shown = GradcheckReport([row(verdict)], "x = 1")._repr_html_()
    assert f">{said}</td>" in shown
    assert f"border-left:4px solid {colour}" in shown


def test_a_notebook_is_told_what_the_text_says() -> None:
    report = gradcheck(lambda x, y: x * y, [2.0, 3.0])
    words = {word for word in str(report).split() if set(word) != {"-"}}
    assert {word for word in words if word not in report._repr_html_()} == set()


def test_a_name_is_never_markup() -> None:
    shown = GradcheckReport([row("ok", "<script>")], '"><script>')._repr_html_()
    assert "<script" not in shown


def test_in_a_long_report_the_failures_are_not_left_out() -> None:
    rows = [row("ok")] * 1000 + [row("wrong", "d/dlast")] + [row("ok")] * 1000
    assert "d/dlast" in GradcheckReport(rows, "x = 1")._repr_html_()


def test_the_checks_of_ops_have_a_sign_each() -> None:
    shown = OpChecks([check_op(tanh), OpCheck(tanh, [GradcheckReport([row("wrong")], "x = 1")])])._repr_html_()
    assert ">ok ✓</td>" in shown
    assert ">1 of 1 points FAILED ✗</td>" in shown
    assert "2 ops, 1 FAILED" in shown


def test_no_derivative_is_written_as_minus_zero() -> None:
    report = gradcheck(lambda x, y: relu(x) * tanh(y), [0.0, 2.0], order=2)
    assert "-0" not in str(report).split()


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"partial_x": lambda self, x, out: "1"}, "TypeError: partial_x of the primitive 'broken' must return a float"),
        ({"partial_x": lambda self, x, out: 1 / 0}, "FloatingPointError: the derivative of broken"),
        ({"partial_x": lambda self, x, out: x.nothing}, "AttributeError: 'float' object has no attribute 'nothing'"),
        ({"samples": ()}, "ValueError: the primitive 'broken' has no samples"),
        ({"samples": (-1.0,), "forward": lambda self, x: math.log(x)}, "ValueError: broken"),
    ],
)
def test_a_primitive_that_cannot_be_checked_has_failed_and_the_others_are_checked(
    rules: dict[str, object], words: str
) -> None:
    for name in [name for name in PRIMITIVES if name not in ("exp", "sin")]:
        del PRIMITIVES[name]
    defaults = {"forward": lambda self, x: x, "partial_x": lambda self, x, out: 1.0, "samples": (1.0,)}
    type("Broken", (Unary,), {"name": "broken", **defaults, **rules})()
    checks = check_all_ops()
    assert not checks
    assert [(check.primitive.name, bool(check)) for check in checks] == [
        ("exp", True),
        ("sin", True),
        ("broken", False),
    ]
    assert f"FAILED: {words}" in str(checks).splitlines()[-1]
    assert words.replace("'", "&#x27;") in checks._repr_html_()
    assert words in repr(checks[-1])
    assert words in str(checks[-1])


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [((), "ok"), (("ok", "kink"), "ok"), (("ok", "unsure"), "unsure"), (("wrong", "unsure"), "wrong")],
)
def test_a_report_has_the_worst_verdict_of_its_rows(verdicts: tuple[Verdict, ...], whole: str) -> None:
    assert GradcheckReport(list(map(row, verdicts)), "x = 1").verdict == whole


def test_the_worst_row_is_a_clear_entry_that_is_wrong() -> None:
    rows = [
        row("unsure")._replace(analytic=9.0),
        row("wrong", "along direction 1")._replace(analytic=9.0),
        row("wrong", "hidden")._replace(analytic=9.0, error_estimate=1.0),
        row("wrong", "largest")._replace(analytic=3.0),
        row("wrong", "other")._replace(analytic=2.0),
    ]
    worst = GradcheckReport(rows, "x = 1").worst
    assert worst is not None
    assert worst.name == "largest"
    assert GradcheckReport([], "x = 1").worst is None


def test_a_brief_report_of_many_rows_shows_those_that_did_not_pass() -> None:
    many = GradcheckReport([*[row("ok", f"d/dx{number}") for number in range(50)], row("wrong", "last")], "x = 1")
    shown = many.brief()
    assert ("last" in shown, "d/dx7" in shown, "... 50 more derivatives" in shown) == (True, False, True)
    few = GradcheckReport(many.rows[:3], "x = 1", notes=["a note"])
    assert few.brief() == str(few)


def test_the_properties_of_a_report_are_texts_by_name() -> None:
    rows = [row("ok"), row("wrong", "d/dy")._replace(analytic=2.0)]
    found = dict(GradcheckReport(rows, "x = 1", notes=["a sign"], calls=12).properties())
    assert found == {
        "verdict": "wrong",
        "ok": "1",
        "kink": "0",
        "unsure": "0",
        "wrong": "1",
        "calls": "12",
        "worst": "d/dy",
        "worst relative error": "5.0e-01",
        "note": "a sign",
    }


# ---------------------------------------------------------------- calls


def counted(f: Callable[..., Any]) -> tuple[Callable[..., Any], list[int]]:
    calls = [0]

    def counting(*arguments: Any) -> Any:
        calls[0] += 1
        return f(*arguments)

    return counting, calls


def test_a_right_derivative_of_a_mild_function_takes_few_calls() -> None:
    f, calls = counted(lambda *xs: ag.sum([sin(x) * exp(0.3 * x) for x in xs]))
    assert gradcheck(f, [0.3, -0.7, 1.1, 2.3])
    assert calls[0] <= 3 + 4 * 10


def test_second_derivatives_share_the_gradients_that_they_come_from() -> None:
    f, calls = counted(lambda *xs: sin(ag.sum([(1.0 + i) * x for i, x in enumerate(xs)])))
    assert gradcheck(f, [0.01, 0.02, -0.03, 0.04, -0.05], order=2)
    assert calls[0] <= 3 + 2 * 5 * 20
