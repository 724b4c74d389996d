"""The files that are made hold what would be made now, and what they hold are the rules of the classes."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import PRIMITIVES, Primitive
from autograd.compiler.arrays import faster
from autograd.compiler.arrays.rules import ARRAY_RULES
from autograd.engine import ops
from autograd.rules.__main__ import made
from autograd.rules.expression_reader import RULES
from autograd.rules.language import MADE, name_of_rule
from autograd.rules.numpy_language import FASTER, NumPy
from autograd.rules.translate import translated

BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__ == ops.__name__]
NUMBERS = (
    *(0.0, -0.0, 5e-324, -1e-310, 1e-200, -1e-8, 0.3, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, 3.0, -3.0, 7.25, 13.0, -13.0),
    *(-36.7, 40.0, 699.0, -701.0, -745.0, 1e16, 2.0**53, 1e69, 1e71, -1e200, 1e308, math.inf, -math.inf, math.nan),
)


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """What `make rules` makes, which takes seconds."""
    return made()


def test_a_made_file_is_what_make_rules_makes(texts: dict[Path, str]) -> None:
    for file, text in texts.items():
        assert file.read_text(encoding="utf-8") == text, f"{file}: run `make rules`"
        assert MADE in text.partition("\n")[0]


def points(primitive: Primitive, numbers: tuple[float, ...] = NUMBERS) -> list[tuple[float, ...]]:
    return list(itertools.product(numbers, repeat=len(primitive.operands)))


def number_of(rule: Any, *operands: float) -> float:
    """What a rule gives; infinity where a number is too large, nan where there is none."""
    try:
        found = rule(*operands)
    except OverflowError:
        return math.inf
    except (ArithmeticError, ValueError):
        return math.nan
    return math.nan if isinstance(found, complex) else float(found)


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_a_rule_on_arrays_is_the_rule_of_the_class(primitive: Any) -> None:
    assert primitive.name in ARRAY_RULES, "run `make rules`"
    rule, at = ARRAY_RULES[primitive.name], points(primitive)
    values = [number_of(primitive.forward, *point) for point in at]
    rules = [rule.forward, *rule.partials]
    for name, on_arrays in zip(RULES, rules, strict=False):
        tried = at if name == "forward" else [(*point, out) for point, out in zip(at, values, strict=True)]
        if name != "forward":
            tried = [point for point in tried if math.isfinite(point[-1])]
        wanted = np.array([number_of(getattr(primitive, name), *point) for point in tried])
        with np.errstate(all="ignore"):
            found = np.broadcast_to(on_arrays(*np.array(tried).T), len(tried)).astype(float)
        finite = np.isfinite(wanted)
        np.testing.assert_allclose(found[finite], wanted[finite], rtol=1e-12, atol=1e-300)
        assert not np.isfinite(found[~finite]).any(), [tried[i] for i in np.flatnonzero(np.isfinite(found) & ~finite)]


def made_on_arrays(name: str) -> Any:
    """The rule that would be made if it were not written by hand."""
    language = NumPy()
    primitive, rule = next(
        (primitive, rule) for primitive in BUILT_IN for rule in RULES if name_of_rule(primitive, rule) == name
    )
    language.define("made", translated(primitive, rule))
    namespace: dict[str, Any] = {**vars(ops), "np": np, "Array": Any}
    exec("from autograd.compiler.arrays.elementary import *\n" + "\n\n".join(language.texts), namespace)
    return primitive, rule, namespace["made"]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("name", FASTER)
def test_a_rule_that_is_written_by_hand_is_the_one_that_would_be_made(name: str, kind: Any) -> None:
    primitive, rule, by_text = made_on_arrays(name)
    with np.errstate(all="ignore"):
        operands = list(np.array(points(primitive), kind).T)
        if rule != "forward":
            out = ARRAY_RULES[primitive.name].forward(*operands)
            keep = np.isfinite(out)
            operands = [array[keep] for array in (*operands, out)]
        found = getattr(faster, name)(*operands)
        wanted = by_text(*operands)
    if name == "relu_partial_x":  # it gives 0 for nan, where the result is nan
        assert found.dtype == np.bool_
    else:
        assert found.dtype == wanted.dtype == kind
    digits = 1e-12 if kind is np.float64 else 1e-5
    np.testing.assert_allclose(found.astype(kind), wanted, rtol=digits, atol=1e-300 if kind is np.float64 else 1e-37)


def test_there_are_few_rules_by_hand_and_each_is_used(texts: dict[Path, str]) -> None:
    assert len(FASTER) < 8
    assert {name for name in vars(faster) if getattr(vars(faster)[name], "__module__", "") == faster.__name__} == set(
        FASTER
    )
    rules = [rule for entry in ARRAY_RULES.values() for rule in (entry.forward, *entry.partials)]
    text = next(text for file, text in texts.items() if file.name == "rules.py" and file.parent.name == "arrays")
    for name in FASTER:
        assert getattr(faster, name) in rules or f"{name}(" in text
