"""The softmax layer: its formula gives what the engine gives, and what was published."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import SoftmaxLayer


def flat(rows: list[list[float]]) -> list[float]:
    return [number for row in rows for number in row]


# Saito 2016, "Deep Learning from Scratch", section 4.4.2: the weights, the input and dW to 8 digits.
SAITO = [[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]]
SAITO_GRADIENT = [0.21924763, 0.14356247, -0.36281009, 0.32887144, 0.2153437, -0.54421514]


def softmax_layer() -> SoftmaxLayer:
    return SoftmaxLayer(SAITO, [0.6, 0.9], [0, 0, 1])


def test_the_gradient_of_the_matrix_is_the_published_one() -> None:
    assert flat(softmax_layer().by_engine().weights) == pytest.approx(SAITO_GRADIENT, rel=0, abs=1e-8)


def test_the_rows_of_the_gradient_are_the_input_times_p_minus_t() -> None:
    found = softmax_layer().by_engine()
    rows = [[x * (p - t) for p, t in zip(found.probabilities, [0, 0, 1], strict=True)] for x in (0.6, 0.9)]
    assert flat(found.weights) == pytest.approx(flat(rows), rel=0, abs=1e-15)


def test_the_engine_agrees_with_differences() -> None:
    layer = softmax_layer()
    assert flat(layer.by_engine().weights) == pytest.approx(flat(layer.by_differences()), rel=0, abs=1e-8)


@given(seed=st.integers(0, 1000), size=st.integers(1, 4), classes=st.integers(2, 5), spread=st.floats(0.1, 300.0))
def test_by_hand_and_by_engine_agree_at_any_scale(seed: int, size: int, classes: int, spread: float) -> None:
    rng = random.Random(seed)
    weights = [[rng.gauss(0.0, spread) for _ in range(classes)] for _ in range(size)]
    target = [1.0 / classes] * classes
    layer = SoftmaxLayer(weights, [rng.gauss(0.0, 1.0) for _ in range(size)], target)
    by_hand, by_engine = layer.by_hand(), layer.by_engine()
    assert by_hand.logits == by_engine.logits
    assert by_hand.probabilities == pytest.approx(by_engine.probabilities, rel=1e-12, abs=1e-15)
    assert by_hand.loss == pytest.approx(by_engine.loss, rel=1e-12, abs=1e-12)
    assert flat(by_hand.weights) == pytest.approx(flat(by_engine.weights), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], [1.0], [0, 0, 1]), "1 inputs and 3 classes need 1 rows of 3 weights, not rows of 2"),
        (([], [1.0], [0, 1]), "not rows of nothing"),
        (([[1.0]], [1.0], [1.0]), "at least 1 input and 2 classes .* not 1 and 1"),
        (([], [], [0, 1]), "at least 1 input and 2 classes .* not 0 and 2"),
        (([[1.0, 2.0]], [1.0], [0.5, 0.6]), "add up to 1"),
        (([[1.0, 2.0]], [1.0], [-0.5, 1.5]), "add up to 1"),
        (([[]], [1.0], []), "2 classes .* not 1 and 0"),
        (([[1.0, math.nan]], [1.0], [0, 1]), "a weight must be a finite number"),
    ],
)
def test_a_softmax_layer_that_cannot_be_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SoftmaxLayer(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ([[1.0, 2.0]], {1.0}, [0, 1]),
            r"the inputs must be a list of numbers, not the set \{1\.0\}, which has no order",
        ),
        (([[1.0, 2.0]], [[1.0]], [0, 1]), r"an input must be a number, not the list \[1\.0\]"),
        (([{0: 1.0, 1: 2.0}], [1.0], [0, 1]), "the weights of an input must be a list of numbers, not the dict"),
        (([[1.0, None]], [1.0], [0, 1]), "a weight must be a number, not None"),
    ],
)
def test_what_is_no_list_of_numbers_is_a_type_error(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        SoftmaxLayer(*arguments)


def test_the_weights_may_be_an_array() -> None:
    np = pytest.importorskip("numpy")
    plain = SoftmaxLayer([[0.1, 0.2], [0.4, 0.5]], [0.6, 0.9], [0, 1])
    array = SoftmaxLayer(np.array([[0.1, 0.2], [0.4, 0.5]]), np.array([0.6, 0.9]), np.array([0, 1]))
    assert array.by_hand() == plain.by_hand()


def test_the_weights_may_be_a_table_of_pandas() -> None:
    pandas: Any = pytest.importorskip("pandas")
    plain = SoftmaxLayer([[0.1, 0.2], [0.4, 0.5]], [0.6, 0.9], [0, 1])
    table = pandas.DataFrame([[0.1, 0.2], [0.4, 0.5]], columns=["a", "b"])
    taken = SoftmaxLayer(table, pandas.Series([0.6, 0.9], index=[7, 7]), pandas.Series([0, 1]))
    assert taken.by_hand() == plain.by_hand()


# ---------------------------------------------------------------- out of the range of floats


TOO_LARGE = {
    "a logit": SoftmaxLayer([[1e300, 1.0]], [1e300], [1.0, 0.0]),
    "the loss of far logits": SoftmaxLayer([[1e308, -1e308]], [1.0], [0.0, 1.0]),
    "logits far from a class that counts nothing": SoftmaxLayer([[1e308, -1e308]], [1.0], [1.0, 0.0]),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_leaves_the_range_of_floats_is_the_same_kind_of_error_by_hand_and_by_engine(
    outcome: Callable[..., object], case: str
) -> None:
    assert outcome(TOO_LARGE[case].by_hand) is outcome(TOO_LARGE[case].by_engine)


@pytest.mark.parametrize(
    ("case", "message"),
    [("a logit", "the logit z_1 is inf, not finite"), ("the loss of far logits", "the loss is inf, not finite")],
)
def test_what_leaves_the_range_of_floats_is_named(case: str, message: str) -> None:
    with pytest.raises(ArithmeticError, match=message):
        TOO_LARGE[case].by_hand()
