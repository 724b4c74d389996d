"""Losses: how wrong an output is, as one Value to differentiate; and for classifiers, whether it is right.

Every loss takes the outputs of a model and their targets: two lists of one length, or a single output and a single
number. It is the mean over the outputs. The loss of plain numbers is a plain number.
"""

from __future__ import annotations

import functools
import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AnySet
from typing import Any, SupportsIndex, TypeAlias, overload

import autograd
from autograd import Number, Value, is_symbolic, require
from nn.arguments import as_list, described, is_number, listed, no_list, require_numbers

LARGEST = sys.float_info.max
"""The largest finite float."""

Numbers: TypeAlias = Number | Sequence[Number]
"""One number, or a list of them."""

Plain: TypeAlias = float | Sequence[float]
"""One plain number, or a list of them."""


@overload
def mse(output: Plain, target: Plain) -> float: ...
@overload
def mse(output: Value | Sequence[Value], target: Numbers) -> Value: ...
@overload
def mse(output: Numbers, target: Numbers) -> Number: ...
def mse(output: Numbers, target: Numbers) -> Number:
    """The mean squared error: the mean of (output - target)^2.

    Raises:
        ValueError: the lists are empty, or their lengths differ.

    >>> mse([Value(1.0), Value(2.0)], [1.0, 4.0]).data
    2.0
    """
    return _mean([(o - t) ** 2 for o, t in _pairs(output, target)])


@overload
def half_mse(output: Plain, target: Plain) -> float: ...
@overload
def half_mse(output: Value | Sequence[Value], target: Numbers) -> Value: ...
@overload
def half_mse(output: Numbers, target: Numbers) -> Number: ...
def half_mse(output: Numbers, target: Numbers) -> Number:
    """Half the mean squared error: of a single output (output - target)^2 / 2, with the derivative output - target.

    Raises:
        ValueError: the lists are empty, or their lengths differ.

    >>> half_mse(Value(1.0), 4.0).data
    4.5
    """
    return mse(output, target) / 2.0


@overload
def mae(output: Plain, target: Plain) -> float: ...
@overload
def mae(output: Value | Sequence[Value], target: Numbers) -> Value: ...
@overload
def mae(output: Numbers, target: Numbers) -> Number: ...
def mae(output: Numbers, target: Numbers) -> Number:
    """The mean absolute error: the mean of |output - target|; where the two are equal, its derivative is 0.

    Raises:
        ValueError: the lists are empty, or their lengths differ.

    >>> mae([Value(1.0), Value(2.0)], [1.0, 4.0]).data
    1.0
    """
    return _mean([autograd.abs(o - t) for o, t in _pairs(output, target)])


@overload
def hinge(output: Plain, target: Plain) -> float: ...
@overload
def hinge(output: Value | Sequence[Value], target: Numbers) -> Value: ...
@overload
def hinge(output: Numbers, target: Numbers) -> Number: ...
def hinge(output: Numbers, target: Numbers) -> Number:
    """The hinge loss: the mean of max(0, 1 - target * output), for targets -1 and +1 (Cortes and Vapnik 1995).

    Raises:
        ValueError: the lists are empty, their lengths differ, or a target is neither -1 nor +1.

    >>> hinge(Value(0.25), -1).data
    1.25
    """
    pairs = _pairs(output, target)
    for _, t in pairs:
        is_sign = (t == -1.0) | (t == 1.0)
        require(is_sign, "hinge takes targets -1 and +1, not {:g}; for classes 0 and 1 pass 2 * y - 1", t)
    return _mean([autograd.relu(1.0 - o * t) for o, t in pairs])


@overload
def binary_cross_entropy_with_logits(output: Plain, target: Plain) -> float: ...
@overload
def binary_cross_entropy_with_logits(output: Value | Sequence[Value], target: Numbers) -> Value: ...
@overload
def binary_cross_entropy_with_logits(output: Numbers, target: Numbers) -> Number: ...
def binary_cross_entropy_with_logits(output: Numbers, target: Numbers) -> Number:
    """The mean of -target * log(p) - (1 - target) * log(1 - p), where p = sigmoid(output) (Bishop 2006, equation 4.90).

    Computed as target * softplus(-output) + (1 - target) * softplus(output), the same without overflow: the outputs
    are logits, numbers of any size, and no sigmoid belongs at the end of the model. A target is 0, 1, or a
    probability in between.

    Raises:
        ValueError: the lists are empty, their lengths differ, or a target is not between 0 and 1.

    >>> binary_cross_entropy_with_logits(Value(-1000.0), 1).data
    1000.0
    """
    pairs = _pairs(output, target)
    for _, t in pairs:
        require((t >= 0.0) & (t <= 1.0), "binary_cross_entropy_with_logits takes targets from 0 to 1, not {:g}", t)
    return _mean([autograd.softplus(-o) * t + autograd.softplus(o) * (1.0 - t) for o, t in pairs])


@overload
def cross_entropy(logits: Sequence[float], target: SupportsIndex | Sequence[float]) -> float: ...
@overload
def cross_entropy(logits: Sequence[Value], target: SupportsIndex | Sequence[float]) -> Value: ...
@overload
def cross_entropy(logits: Sequence[Number], target: SupportsIndex | Sequence[float]) -> Number: ...
def cross_entropy(logits: Sequence[Number], target: SupportsIndex | Sequence[float]) -> Number:
    """-log(p_target), where p = softmax(logits) (Bishop 2006, equation 4.108 for one example).

    Computed as log(1 + the sum of exp(logit - logits[target]) of the other classes), without overflow and with all
    digits, also where the loss is next to nothing: no softmax belongs at the end of the model. In place of the class,
    counted from 0, `target` may be a list of the probabilities t_i that the classes should have; then it is the sum of
    -t_i * log(p_i).

    Raises:
        TypeError: `target` is neither an int nor a list.
        ValueError: there are less than 2 logits, there is no such class, or the probabilities are of another number
            than the logits, negative, or do not add up to 1.

    >>> round(cross_entropy([Value(2.0), Value(1.0), Value(0.0)], 0).data, 6)
    0.407606
    """
    z = _logits(logits)
    t = _class_or_distribution(target, len(z))
    if isinstance(t, list):
        is_certain = [share == 1.0 if is_symbolic(share) else bool(share == 1.0) for share in t]
        with autograd.no_grad():
            one_is_certain = functools.reduce(autograd.maximum, t) == 1.0
        return _cross_entropy(z, autograd.dot(z, t), is_certain, one_is_certain)
    is_target: list[Any] = [t == number for number in range(len(z))]
    if isinstance(t, Value):  # a compiled function computes all classes, since the target is not known yet
        # -0.0 changes no number that it is added to, so a compiled function leaves it out.
        matches = autograd.sum([autograd.where(this, 1.0, -0.0) for this in is_target])
        require(matches == 1.0, _no_class("{:g}", len(z)), t)
        chosen = [autograd.where(this, logit, -0.0) for this, logit in zip(is_target, z, strict=True)]
        return _cross_entropy(z, autograd.sum(chosen), is_target, True)
    return _cross_entropy(z, z[t], is_target, True)


def _cross_entropy(
    logits: Sequence[Number], expected: Number, is_certain: Sequence[Any], one_is_certain: Any
) -> Number:
    """log(sum of exp(logit - expected)), computed from the distances to the largest logit, so that nothing overflows.

    Args:
        logits: of all classes.
        expected: the mean of the logits, weighted with the probabilities that the classes should have.
        is_certain: for each class, whether its probability is 1. Its exp(0) is the 1 of log1p: in a sum with the others
            it would cost them digits, in the value and in the gradient. Inside a compiled function a condition.
        one_is_certain: whether one of them is.
    """
    one_less: Number
    above: Number
    if any(map(is_symbolic, [*logits, expected])) or not all(isinstance(this, bool) for this in is_certain):
        with autograd.no_grad():
            highest = functools.reduce(autograd.maximum, logits)
        distance = highest - expected
        with autograd.no_grad():
            above = autograd.minimum(distance, LARGEST)
            one_less = autograd.expm1(-above)
        one_less = autograd.where(one_is_certain, one_less, -1.0)
        largest = expected + above
        if one_is_certain is not True:
            # Where `expected` is -inf, `largest` would be -inf too. With a class for a target the loss is inf there in
            # any case, so this branch saves three selects in each step of training.
            is_possible = expected >= -LARGEST
            largest = autograd.where(is_possible, largest, highest)
            above = autograd.where(is_possible, above, distance)
        powers = [
            autograd.where(this, -0.0, autograd.exp(logit - largest))
            for this, logit in zip(is_certain, logits, strict=True)
        ]
        return autograd.log1p(autograd.sum(powers) + one_less) + above
    *numbers, mean = [number.data if isinstance(number, Value) else number for number in [*logits, expected]]
    above = max(numbers) - mean  # nan stays nan
    if above == math.inf:  # the loss is too
        return autograd.logsumexp(logits) - expected
    largest = expected + above  # a node of its own, so that gradients are summed in the order of a compiled function
    rest = autograd.sum(
        [autograd.exp(logit - largest) for this, logit in zip(is_certain, logits, strict=True) if not this]
    )
    if not one_is_certain:
        rest = rest - 1.0
    elif above:
        rest = rest + math.expm1(-above)
    return autograd.log1p(rest) + above if above else autograd.log1p(rest)


# ---------------------------------------------------------------- whether an output is right


def _is_largest(output: Sequence[Number], target: SupportsIndex | Sequence[float]) -> bool:
    z = _logits(output)
    t = _class_or_distribution(target, len(z))
    return _index_of_largest(z) == (_index_of_largest(t) if isinstance(t, list) else t)


def _has_sign(output: Numbers, target: Numbers) -> bool:
    return all((o > 0.0) == (t > 0.0) for o, t in _pairs(output, target))


def _is_likelier(output: Numbers, target: Numbers) -> bool:
    return all((o > 0.0) == (t > 0.5) for o, t in _pairs(output, target))


_CORRECTNESS: dict[Callable[..., Value], Callable[[Any, Any], bool]] = {
    cross_entropy: _is_largest,
    hinge: _has_sign,
    binary_cross_entropy_with_logits: _is_likelier,
}


def correctness(loss: Callable[..., Value]) -> Callable[[Any, Any], bool] | None:
    """The function of an output and its target that says whether the output is right, for a loss of this module.

    `cross_entropy`: the largest logit is that of the class (or of the likeliest one). `hinge`: the output has the
    sign of the target. `binary_cross_entropy_with_logits`: the output is positive where the target is above 1/2,
    and only there. With a list of outputs the latter two hold for all of them. None for any other loss: an output
    of a regression is not right or wrong.

    >>> is_correct = correctness(hinge)
    >>> is_correct(Value(0.3), 1), is_correct(Value(0.3), -1), correctness(mse)
    (True, False, None)
    """
    return _CORRECTNESS.get(loss)


# ---------------------------------------------------------------- arguments


_TAKES = "a loss takes outputs and targets, each a number or a list of numbers"
_NUMBERED = "; turn names of classes into numbers: names = sorted(set(y)), y = [names.index(name) for name in y]"


def _pairs(output: Numbers, target: Numbers) -> list[tuple[Number, Number]]:
    """Each output with its target."""
    outputs, targets = _listed(output, "output"), _listed(target, "target")
    if len(outputs) != len(targets):
        raise ValueError(f"there must be as many targets as outputs, not {len(targets)} for {len(outputs)}")
    if not outputs:
        raise ValueError("the loss of an empty list of outputs is not defined")
    return list(zip(outputs, targets, strict=True))


def _listed(given: Any, name: str) -> list[Number]:
    """One number, or a list of them, as a list."""
    if isinstance(given, (Value, float, int)):
        return [given]
    numbers = as_list(given)
    if numbers is not None:
        require_numbers(numbers, _TAKES, name)
        return numbers
    given = _without_axes(given)
    if is_number(given):
        return [given]
    if given is None or isinstance(given, (str, bytes)):
        hint = "; did the model forget to return?" if name == "output" else _hint(given)
        raise TypeError(f"{_TAKES}, but the {name} is {described(given)}{hint}")
    raise no_list(given, _TAKES)


def _without_axes(given: Any) -> Any:
    """The number in an array that has no axes; anything else as it is."""
    return given.item() if getattr(given, "shape", None) == () and hasattr(given, "item") else given


def _hint(target: object) -> str:
    return _NUMBERED if isinstance(target, str) else ""


def _mean(terms: list[Number]) -> Number:
    """The mean; of a single term the term itself, so that drawings show no division by 1."""
    return autograd.mean(terms) if len(terms) > 1 else autograd.sum(terms)


def _logits(output: Any) -> list[Number]:
    """The outputs of a classifier as a list."""
    is_one = isinstance(output, (Value, float, int))
    logits = [output] if is_one else listed(output, "cross_entropy takes a list of logits")
    if len(logits) < 2:
        raise ValueError(
            "cross_entropy needs at least 2 logits, one for each class; for a single output there is "
            "binary_cross_entropy_with_logits"
        )
    require_numbers(logits, "cross_entropy takes a list of logits", "logits")
    return logits


def _class_or_distribution(target: Any, classes: int) -> int | Value | list[float]:
    """The target of a classifier: the class (a Value inside a compiled function), or the probabilities of all."""
    if is_symbolic(target):
        value: Value = target
        return value
    target = _without_axes(target)
    takes = (
        f"the target of cross_entropy must be a class, an int from 0 to {classes - 1}, or a list of {classes} "
        "probabilities"
    )
    probabilities = as_list(target)
    if probabilities is not None:
        return _distribution(probabilities, classes, takes)
    if getattr(target, "shape", ()) or isinstance(target, (Mapping, AnySet)):
        raise no_list(target, takes)
    if isinstance(target, bool) or not hasattr(target, "__index__"):
        raise TypeError(f"{takes}, not {described(target)}{_hint(target)}")
    index = operator.index(target)
    if not 0 <= index < classes:
        raise ValueError(_no_class(str(index), classes))
    return index


def _no_class(named: str, classes: int) -> str:
    return f"there is no class {named}: with {classes} logits the classes are 0 to {classes - 1}"


def _distribution(probabilities: list[Any], classes: int, takes: str) -> list[float]:
    require_numbers(probabilities, takes, "target")
    if len(probabilities) != classes:
        column = "; a class is a number, not a list of one: flatten a column of labels with y.ravel()"
        raise ValueError(
            f"there must be a probability for each of the {classes} logits, not {len(probabilities)}"
            f"{column * (len(probabilities) == 1)}"
        )
    for number, probability in enumerate(probabilities):
        require(probability >= 0.0, f"a probability cannot be negative: that of class {number} is {{:g}}", probability)
    total = autograd.sum(probabilities) if any(map(is_symbolic, probabilities)) else math.fsum(probabilities)
    is_whole = (total >= 1.0 - 1e-6) & (total <= 1.0 + 1e-6)  # the accuracy of probabilities in single precision
    require(is_whole, "the probabilities of the classes must add up to 1, not to {}", total)
    return probabilities


def _index_of_largest(numbers: Sequence[Number]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)
