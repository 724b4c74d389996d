"""Losses: their formulas, their extremes, their gradients, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, assert_type

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.compiler.loop.run import has_numba
from nn import (
    binary_cross_entropy_with_logits,
    correctness,
    cross_entropy,
    half_mse,
    hinge,
    mae,
    mse,
)

Loss = Callable[[Any, Any], Value]
BY_OUTPUT: list[Loss] = [mse, half_mse, mae, hinge, binary_cross_entropy_with_logits]
logits = st.floats(-30.0, 30.0)


def values(numbers: Sequence[float]) -> list[Value]:
    return [Value(number) for number in numbers]


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


# ---------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (mse, (1.5**2 + 2.0**2) / 2),
        (half_mse, (1.5**2 + 2.0**2) / 4),
        (mae, (1.5 + 2.0) / 2),
        (hinge, (1.5 + 0.0) / 2),
        (binary_cross_entropy_with_logits, (-math.log(sigmoid(-0.5)) - math.log(sigmoid(3.0))) / 2),
    ],
)
def test_a_loss_is_the_mean_over_the_outputs(loss: Loss, expected: float) -> None:
    assert loss(values([-0.5, 3.0]), [1, 1]).data == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("loss", [*BY_OUTPUT, lambda output, target: cross_entropy(output, [0.25, 0.75])])
def test_a_loss_of_plain_outputs_is_a_float(loss: Callable[[Any, Any], Any]) -> None:
    result = loss([0.5, 2.0], [1.0, 1.0])
    assert type(result) is float
    assert result == loss(values([0.5, 2.0]), [1.0, 1.0]).data


def test_type_checkers_know_what_a_loss_gives() -> None:
    assert_type(mse(Value(1.0), 2.0), Value)
    assert_type(mse([Value(1.0)], [2.0]), Value)
    assert_type(mse([1.0], [2.0]), float)
    assert_type(cross_entropy([Value(1.0), Value(2.0)], 0), Value)
    assert_type(cross_entropy([1.0, 2.0], 0), float)


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_a_single_output_is_as_good_as_a_list_of_one(loss: Loss) -> None:
    assert loss(Value(0.25), 1.0) == loss([Value(0.25)], [1.0])


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_targets_may_come_from_numpy(loss: Loss) -> None:
    assert loss(values([0.25, 2.0]), np.array([1, 1])) == loss(values([0.25, 2.0]), [1.0, 1.0])


@pytest.mark.parametrize(("output", "target", "expected"), [(0.25, 1, 0.75), (0.25, -1, 1.25), (1.5, 1, 0.0)])
def test_hinge_is_zero_beyond_the_margin_only(output: float, target: int, expected: float) -> None:
    assert hinge(Value(output), target).data == expected


@given(output=logits, target=st.floats(0.0, 1.0))
def test_binary_cross_entropy_agrees_with_its_definition(output: float, target: float) -> None:
    surprise_of_1, surprise_of_0 = math.log1p(math.exp(-output)), math.log1p(math.exp(output))  # -log p, -log (1 - p)
    expected = target * surprise_of_1 + (1.0 - target) * surprise_of_0
    assert binary_cross_entropy_with_logits(Value(output), target).data == pytest.approx(expected, rel=1e-12)


@given(output=logits, target=st.floats(0.0, 1.0))
def test_the_gradient_of_binary_cross_entropy_is_the_error_of_the_probability(output: float, target: float) -> None:
    x = Value(output)
    binary_cross_entropy_with_logits(x, target).backward()
    assert x.grad == pytest.approx(sigmoid(output) - target, abs=1e-14)


@pytest.mark.parametrize(
    ("output", "target", "expected"), [(1e4, 1, 0.0), (-1e4, 0, 0.0), (1e4, 0, 1e4), (-1e4, 1, 1e4)]
)
def test_binary_cross_entropy_is_exact_for_huge_logits(output: float, target: int, expected: float) -> None:
    assert binary_cross_entropy_with_logits(Value(output), target).data == expected


def test_binary_cross_entropy_keeps_the_digits_of_a_tiny_loss() -> None:
    assert binary_cross_entropy_with_logits(Value(50.0), 1).data == pytest.approx(math.exp(-50.0), rel=1e-12)


@pytest.mark.slow
@given(st.lists(logits, min_size=2, max_size=6), st.data())
def test_cross_entropy_agrees_with_its_definition(numbers: list[float], data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(numbers) - 1))
    total = math.fsum(math.exp(x) for x in numbers)
    expected = math.log(total) - numbers[target]
    assert cross_entropy(values(numbers), target).data == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.slow
@given(st.lists(logits, min_size=2, max_size=6), st.data())
def test_the_gradient_of_cross_entropy_is_softmax_minus_target(numbers: list[float], data: st.DataObject) -> None:
    target = data.draw(st.integers(0, len(numbers) - 1))
    outputs = values(numbers)
    cross_entropy(outputs, target).backward()
    total = math.fsum(math.exp(x) for x in numbers)
    expected = [math.exp(x) / total - (index == target) for index, x in enumerate(numbers)]
    assert [output.grad for output in outputs] == pytest.approx(expected, abs=1e-14)


def test_cross_entropy_with_a_distribution_is_the_weighted_sum_over_the_classes() -> None:
    outputs = values([0.5, -1.0, 2.0])
    expected = 0.2 * cross_entropy(outputs, 0) + 0.3 * cross_entropy(outputs, 1) + 0.5 * cross_entropy(outputs, 2)
    assert cross_entropy(outputs, [0.2, 0.3, 0.5]).data == pytest.approx(expected.data, rel=1e-14)


def test_a_sure_distribution_is_as_good_as_the_class() -> None:
    outputs = values([0.5, -1.0, 2.0])
    assert cross_entropy(outputs, [0.0, 1.0, 0.0]) == cross_entropy(outputs, 1)


def test_cross_entropy_of_huge_logits_does_not_overflow() -> None:
    assert cross_entropy(values([1e5, -1e5]), 1).data == 2e5


RUNTIMES = [
    "eager",
    "numpy",
    "python",
    pytest.param("numba", marks=pytest.mark.skipif(not has_numba(), reason="Numba is not installed")),
]
TARGETS: dict[str, Callable[[int, int], Any]] = {
    "class": lambda index, classes: index,
    "probabilities": lambda index, classes: [float(at == index) for at in range(classes)],
}


def loss_and_gradient(runtime: str, kind: str, numbers: Sequence[float], index: int) -> list[float]:
    """Of the cross-entropy; inside a compiled function the target is not known."""
    target = TARGETS[kind](index, len(numbers))
    if runtime == "eager":
        outputs = values(numbers)
        loss = cross_entropy(outputs, target)
        loss.backward()
        return [loss.data, *(output.grad for output in outputs)]
    compiled = autograd.compile(lambda outputs, target: cross_entropy(outputs, target), runtime=runtime)
    value, (slopes, _) = compiled.value_and_grad(list(numbers), target)
    return [value, *slopes]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("gap", [1.0, 30.0, 37.0, 100.0, 700.0])
def test_cross_entropy_keeps_the_digits_of_a_tiny_loss_and_of_its_gradient(gap: float, kind: str, runtime: str) -> None:
    # log(1 + 2 e^-gap), with the slopes p, p and -2 p of p = e^-gap / (1 + 2 e^-gap)
    tail = math.exp(-gap)
    p = tail / (1.0 + 2.0 * tail)
    expected = [math.log1p(2.0 * tail), p, -2.0 * p, p]
    assert loss_and_gradient(runtime, kind, [0.0, gap, 0.0], 1) == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_cross_entropy_of_equal_logits(index: int, kind: str, runtime: str) -> None:
    slopes = [1.0 / 3.0 - (at == index) for at in range(3)]
    assert loss_and_gradient(runtime, kind, [2.5, 2.5, 2.5], index) == pytest.approx(
        [math.log(3.0), *slopes], rel=1e-15
    )


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", TARGETS)
def test_cross_entropy_where_another_class_is_likelier(kind: str, runtime: str) -> None:
    numbers, total = [3.0, -1.0, 4.5], math.exp(-1.5) + math.exp(-5.5) + 1.0
    p = [math.exp(-1.5) / total, math.exp(-5.5) / total, 1.0 / total]
    expected = [5.5 + math.log(total), p[0], p[1] - 1.0, p[2]]
    assert loss_and_gradient(runtime, kind, numbers, 1) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([-math.inf, 1.0], 0.0), ([1.0, -math.inf], math.inf), ([math.inf, 1.0], math.inf)],
)
def test_cross_entropy_of_infinite_logits_follows_the_logsumexp(
    numbers: list[float], expected: float, runtime: str
) -> None:
    function: Any = cross_entropy
    if runtime != "eager":
        function = autograd.compile(lambda outputs, target: cross_entropy(outputs, target), runtime=runtime)
    assert float(function(numbers, 1)) == expected


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_impossible_class_gets_no_gradient(runtime: str) -> None:
    assert loss_and_gradient(runtime, "class", [-math.inf, 1.0, 1.0], 1) == pytest.approx([math.log(2), 0, -0.5, 0.5])


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", TARGETS)
def test_a_right_class_of_logit_minus_infinity_costs_infinity_and_is_pulled_up(kind: str, runtime: str) -> None:
    # PyTorch's cross_entropy has the same gradients for the class.
    value, *gradient = loss_and_gradient(runtime, kind, [1.0, -math.inf, 1.0], 1)
    assert value == math.inf
    if kind != "class" or runtime == "eager":  # compiled, no loss that is infinite has a gradient for a class
        assert gradient == pytest.approx([0.5, -1.0, 0.5])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_two_right_classes_of_logit_minus_infinity(runtime: str) -> None:
    function: Any = autograd.value_and_grad(lambda outputs: cross_entropy(outputs, [0.5, 0.5, 0.0]))
    if runtime != "eager":
        function = autograd.compile(
            lambda outputs: cross_entropy(outputs, [0.5, 0.5, 0.0]), runtime=runtime
        ).value_and_grad
    value, gradient = function([-math.inf, -math.inf, 0.0])
    assert value == math.inf
    assert list(np.ravel(gradient)) == [-0.5, -0.5, 1.0]


@pytest.mark.parametrize("target", [0, 1, [0.0, 1.0, 0.0], [0.2, 0.5, 0.3]])
def test_the_second_derivatives_of_cross_entropy(target: Any) -> None:
    numbers = [0.5, 2.0, -1.0]
    assert autograd.gradcheck(lambda *outputs: cross_entropy(outputs, target), numbers, order=2)


def test_a_class_may_be_a_numpy_integer() -> None:
    assert cross_entropy(values([0.5, 2.0]), np.int64(1)) == cross_entropy(values([0.5, 2.0]), 1)


def test_a_regression_of_a_value_on_a_value_has_gradients_for_both() -> None:
    output, target = Value(1.0), Value(3.0)
    mse(output, target).backward()
    assert (output.grad, target.grad) == (-4.0, 4.0)


def test_a_loss_of_one_output_is_drawn_without_a_mean() -> None:
    symbols = [node.op.symbol for node in autograd.topological_order(mse(Value(1.0), 3.0)) if node.op]
    assert symbols == ["−", "^"]


# ---------------------------------------------------------------- what they refuse


@pytest.mark.parametrize("loss", BY_OUTPUT)
@pytest.mark.parametrize(("outputs", "targets"), [(2, 3), (3, 2), (2, 0)])
def test_lengths_that_differ_are_an_error_with_both(loss: Loss, outputs: int, targets: int) -> None:
    with pytest.raises(ValueError, match=f"not {targets} for {outputs}"):
        loss(values([0.5] * outputs), [1.0] * targets)


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_a_list_of_outputs_against_one_number_is_an_error(loss: Loss) -> None:
    with pytest.raises(ValueError, match="not 1 for 2"):
        loss(values([0.5, 0.5]), 1.0)


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_no_outputs_at_all_are_an_error(loss: Loss) -> None:
    with pytest.raises(ValueError, match="empty list"):
        loss([], [])


@pytest.mark.parametrize("target", [0, 2, 0.5, math.nan])
def test_hinge_refuses_targets_other_than_plus_and_minus_1(target: float) -> None:
    with pytest.raises(ValueError, match=f"targets -1 and \\+1, not {target}"):
        hinge(Value(0.5), target)


@pytest.mark.parametrize("target", [-1, 1.5, math.nan])
def test_binary_cross_entropy_refuses_targets_that_are_no_probabilities(target: float) -> None:
    with pytest.raises(ValueError, match=f"targets from 0 to 1, not {target}"):
        binary_cross_entropy_with_logits(Value(0.5), target)


@pytest.mark.parametrize("target", [-1, 3])
def test_cross_entropy_refuses_a_class_that_is_not_there(target: int) -> None:
    with pytest.raises(ValueError, match=f"no class {target}: with 3 logits the classes are 0 to 2"):
        cross_entropy(values([0.0, 1.0, 2.0]), target)


@pytest.mark.parametrize("target", [1.0, None, True])
def test_cross_entropy_refuses_a_class_that_is_no_int(target: Any) -> None:
    with pytest.raises(TypeError, match="an int from 0 to 2"):
        cross_entropy(values([0.0, 1.0, 2.0]), target)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([0.5, 0.5], "each of the 3 logits, not 2"),
        ([0.5, 0.75, -0.25], "that of class 2 is -0.25"),
        ([0.5, 0.25, math.nan], "that of class 2 is nan"),
        ([0.5, 0.25, 0.2], r"not to 0\.95"),
    ],
)
def test_cross_entropy_refuses_what_is_no_distribution(target: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cross_entropy(values([0.0, 1.0, 2.0]), target)


@pytest.mark.parametrize("output", [Value(1.0), [Value(1.0)], []])
def test_cross_entropy_refuses_a_single_logit(output: Any) -> None:
    with pytest.raises(ValueError, match="at least 2 logits"):
        cross_entropy(output, 0)


ONE_OUTPUT = values([0.5])[0]


@pytest.mark.parametrize("loss", [*BY_OUTPUT, correctness(hinge), correctness(binary_cross_entropy_with_logits)])
@pytest.mark.parametrize(
    ("output", "target"),
    [
        (np.ones((2, 2)), np.ones((2, 2))),
        (np.ones((1, 2)), np.ones((1, 2))),
        ([[1.0, 1.0]], [[1.0, 1.0]]),
        (values([1.0, 1.0]), [[1.0], [1.0]]),
        (values([1.0, 1.0]), np.ones((2, 1))),
        ([np.ones(2)], [1.0]),
    ],
)
def test_several_examples_at_once_are_an_error(loss: Any, output: Any, target: Any) -> None:
    with pytest.raises(ValueError, match="each a number or a list of numbers, one example at a time, not"):
        loss(output, target)


@pytest.mark.parametrize("loss", BY_OUTPUT)
@pytest.mark.parametrize(
    ("output", "target", "message"),
    [
        (None, 1.0, "the output is None; did the model forget to return"),
        ([None], [1.0], r"output\[0\] is None"),
        (ONE_OUTPUT, None, "the target is None"),
        (ONE_OUTPUT, "cat", "the target is the str 'cat'; turn names of classes into numbers"),
        ([ONE_OUTPUT], ["cat"], r"target\[0\] is the str 'cat'"),
        ({0: ONE_OUTPUT}, [1.0], "not the dict"),
        ({ONE_OUTPUT}, [1.0], "not the set"),
        ((value for value in [ONE_OUTPUT]), [1.0], "not a generator, which can be read only once"),
    ],
)
def test_what_is_no_list_of_numbers_is_a_type_error(loss: Loss, output: Any, target: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"a loss takes outputs and targets, .*{message}"):
        loss(output, target)


@pytest.mark.parametrize("loss", BY_OUTPUT)
def test_arrays_of_values_and_arrays_without_axes_are_taken(loss: Loss) -> None:
    assert loss(np.array(values([0.5, 2.0])), np.array([1, 1])) == loss(values([0.5, 2.0]), [1, 1])
    assert loss(Value(0.5), np.array(1)) == loss(Value(0.5), 1)


@pytest.mark.parametrize("compute", [cross_entropy, correctness(cross_entropy)])
@pytest.mark.parametrize(
    ("output", "target", "error", "message"),
    [
        (np.ones((2, 2)), 0, ValueError, "a list of logits, one example at a time, not the ndarray of shape"),
        ([[1.0, 2.0], [3.0, 4.0]], 0, ValueError, "a list of logits, one example at a time, not a list of lists"),
        (None, 0, TypeError, "cross_entropy takes a list of logits, not None"),
        ({0: 1.0, 1: 2.0}, 0, TypeError, "cross_entropy takes a list of logits, not the dict"),
        ([1.0, None], 0, TypeError, r"logits\[1\] is None"),
        (
            [1.0, 2.0],
            "cat",
            TypeError,
            "must be a class, an int .* not the str 'cat'; turn names of classes into numbers",
        ),
        ([1.0, 2.0], np.str_("cat"), TypeError, "must be a class, an int .* turn names of classes into numbers"),
        ([1.0, 2.0], {0: 1.0, 1: 0.0}, TypeError, "must be a class, an int .* not the dict"),
        ([1.0, 2.0], [1], ValueError, r"not 1; a class is a number, not a list of one: .* y\.ravel\(\)"),
        ([1.0, 2.0], np.array([1]), ValueError, r"not a list of one: flatten a column of labels with y\.ravel\(\)"),
        ([1.0, 2.0], [[0.5, 0.5]], ValueError, "one example at a time, not a list of lists"),
        ([1.0, 2.0], np.array([[0.5, 0.5]]), ValueError, r"one example at a time, not the ndarray of shape \(1, 2\)"),
        ([1.0, 2.0], 2, ValueError, "no class 2"),
        ([1.0, 2.0], 1.0, TypeError, "must be a class, an int .* not the float 1.0"),
    ],
)
def test_a_classifier_refuses_what_is_no_class_and_no_list_of_logits(
    compute: Any, output: Any, target: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        compute(output, target)


def test_a_class_may_be_an_array_without_axes() -> None:
    assert cross_entropy(values([0.5, 2.0]), np.array(1)) == cross_entropy(values([0.5, 2.0]), 1)


COMPILED: list[tuple[Loss, Any, Any, str]] = [
    (hinge, [0.5, 2.0], [1.0, 0.0], r"hinge takes targets -1 and \+1, not 0; for classes"),
    (hinge, 0.5, math.nan, r"hinge takes targets -1 and \+1, not nan"),
    (binary_cross_entropy_with_logits, [0.5, 2.0], [1.0, 7.0], "takes targets from 0 to 1, not 7"),
    (binary_cross_entropy_with_logits, 0.5, -0.25, "takes targets from 0 to 1, not -0.25"),
    (binary_cross_entropy_with_logits, 0.5, math.nan, "takes targets from 0 to 1, not nan"),
    (cross_entropy, [0.5, 2.0], 7, "there is no class 7: with 2 logits the classes are 0 to 1"),
    (cross_entropy, [0.5, 2.0, 1.0], -1, "there is no class -1: with 3 logits the classes are 0 to 2"),
    (cross_entropy, [0.5, 2.0], [7.0, -6.0], "a probability cannot be negative: that of class 1 is -6"),
    (cross_entropy, [0.5, 2.0], [0.5, 0.25], r"must add up to 1, not to 0\.75"),
    (cross_entropy, [0.5, 2.0], [0.5, math.nan], "that of class 1 is nan"),
]


@pytest.mark.parametrize(("loss", "output", "target", "message"), COMPILED)
@pytest.mark.parametrize("runtime", ["numpy", "python", "auto"])
def test_a_compiled_loss_refuses_what_the_loss_refuses(
    loss: Loss, output: Any, target: Any, message: str, runtime: Any
) -> None:
    with pytest.raises(ValueError, match=message):
        loss(output, target)
    compiled = autograd.compile(loss, runtime=runtime)
    with pytest.raises(ValueError, match=message):
        compiled(output, target)
    with pytest.raises(ValueError, match=message):
        compiled.value_and_grad(output, target)
    good = 1 if not isinstance(target, list) else [1.0, 0.0] if loss is cross_entropy else [1.0] * len(target)
    assert compiled(output, good) == pytest.approx(loss(output, good), rel=1e-12)
    batch = autograd.compile(loss, batched=(0, 1), runtime=runtime)
    with pytest.raises(ValueError, match=message):
        batch.per_example([output] * 3, [good, target, good])


def test_a_compiled_classifier_refuses_a_class_between_two() -> None:
    with pytest.raises(ValueError, match=r"there is no class 0\.5: with 2 logits"):
        autograd.compile(cross_entropy)([0.5, 2.0], 0.5)  # type: ignore[call-overload]


# ---------------------------------------------------------------- whether an output is right


@pytest.mark.parametrize(
    ("loss", "output", "target", "right"),
    [
        (cross_entropy, [0.5, 2.0, 1.0], 1, True),
        (cross_entropy, [0.5, 2.0, 1.0], 2, False),
        (cross_entropy, [0.5, 2.0, 1.0], [0.2, 0.5, 0.3], True),
        (cross_entropy, [0.5, 2.0, 1.0], np.array([0.5, 0.2, 0.3]), False),
        (hinge, 0.5, 1, True),
        (hinge, 0.5, -1, False),
        (hinge, [0.5, -0.5], [1, -1], True),
        (hinge, [0.5, -0.5], [1, 1], False),
        (binary_cross_entropy_with_logits, 0.25, 1, True),
        (binary_cross_entropy_with_logits, 0.25, 0, False),
        (binary_cross_entropy_with_logits, -0.25, 0.25, True),
        (binary_cross_entropy_with_logits, -0.25, 0.75, False),
    ],
)
def test_an_output_is_right_as_its_loss_understands_it(loss: Loss, output: Any, target: Any, right: bool) -> None:
    is_correct = correctness(loss)
    assert is_correct is not None
    assert is_correct(values(output) if isinstance(output, list) else Value(output), target) is right


@pytest.mark.parametrize("loss", [mse, half_mse, mae, lambda output, target: output - target])
def test_a_regression_knows_no_right_and_wrong(loss: Loss) -> None:
    assert correctness(loss) is None
