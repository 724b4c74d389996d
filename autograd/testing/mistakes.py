"""What kind of mistake a wrong gradient looks like.

A kind is named only if the gradient, corrected accordingly, is right: at the entries that were wrong, and along random
directions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd.testing.gradient import GradientCheck, Wrong
from autograd.testing.inputs import Inputs
from autograd.testing.numbers import Numbers, entry_of

SAME = 1e-4
"""Ratios count as equal up to this relative difference."""
MOST_AXES = 4
"""Arrays with more axes are not tried with all orders of them."""


class Correction(NamedTuple):
    """What a gradient would be without a mistake, and the mistake in words."""

    words: str
    gradient: list[Numbers]


def likely_mistake(check: GradientCheck, wrong: Sequence[Wrong]) -> str | None:
    """The mistake that explains all wrong entries, in words; None if none of the known ones does."""
    if not wrong:
        return None
    for correction in _corrections(check, wrong):
        if check.passes(correction.gradient, wrong):
            return correction.words
    return None


def _corrections(check: GradientCheck, wrong: Sequence[Wrong]) -> Iterator[Correction]:
    inputs, gradient = check.inputs, check.gradient
    places = sorted({found.place for found in wrong})
    among = "" if len(places) == len(inputs.places) else f" with respect to {_names(inputs, places)}"
    ratio = _common_ratio(wrong)
    factor, words = (None, "") if ratio is None else _known_ratio(ratio, _lengths(inputs))
    if factor is None and ratio is not None and len(wrong) > 1:  # any single number is a multiple of any other
        factor, words = ratio, f"must be multiplied by {_in_words(ratio)}"
    if factor is not None:
        changed = [numbers * factor if at in places else numbers for at, numbers in enumerate(gradient)]
        yield Correction(f"the gradient{among} {words}", changed)
    for at in places:
        for words, numbers in _reordered(gradient[at], inputs.places[at].shape):
            changed = [numbers if other == at else own for other, own in enumerate(gradient)]
            yield Correction(f"the gradient with respect to {inputs.places[at].name} {words}", changed)
    for one, other in itertools.combinations(range(len(gradient)), 2):
        if inputs.places[one].shape == inputs.places[other].shape and (one in places or other in places):
            changed = list(gradient)
            changed[one], changed[other] = gradient[other], gradient[one]
            names = f"{inputs.places[one].name} and {inputs.places[other].name}"
            yield Correction(f"the gradients with respect to {names} are exchanged", changed)
    for at, other in itertools.product(places, range(len(gradient))):
        if other != at and inputs.places[at].shape == inputs.places[other].shape:
            changed = list(gradient)
            changed[at] = gradient[other]
            words = f"should be that with respect to {inputs.places[other].name}"
            yield Correction(f"the gradient with respect to {inputs.places[at].name} {words}", changed)
    for at in places:
        own = [found for found in wrong if found.place == at]
        missing = [found.numeric.value - found.claimed for found in own]
        for words, term in _terms(inputs, gradient, at):
            share = _proportional(missing, [entry_of(term, found.entry) for found in own])
            if share is not None:
                changed = list(gradient)
                changed[at] = gradient[at] + share * term
                times = "" if abs(share - 1.0) <= SAME else f"{share:.6g} * "
                lacks = f"lacks the term {times}{words}"
                yield Correction(f"the gradient with respect to {inputs.places[at].name} {lacks}", changed)
    if len(places) == 1 and len(wrong) == inputs.places[places[0]].size and all(not found.claimed for found in wrong):
        changed = list(gradient)
        changed[places[0]] = _filled(gradient[places[0]], wrong)
        name = inputs.places[places[0]].name
        yield Correction(f"the gradient with respect to {name} is 0, although the function depends on it", changed)


def _terms(inputs: Inputs, gradient: Sequence[Numbers], at: int) -> Iterator[tuple[str, Numbers]]:
    """What a gradient may lack a multiple of."""
    place = inputs.places[at]
    yield f"{place.name}, as of a penalty on its square", place.numbers
    for other, numbers in zip(inputs.places, gradient, strict=True):
        if other is not place and other.shape == place.shape:
            yield other.name, other.numbers
            yield f"the gradient with respect to {other.name}", numbers
    if place.shape:
        yield "1, a constant", 0.0 * place.numbers + 1.0


def _filled(numbers: Numbers, wrong: Sequence[Wrong]) -> Numbers:
    """The numbers that differences found."""
    if isinstance(numbers, float):
        return wrong[0].numeric.value
    filled = numbers.copy()
    for found in wrong:
        filled.flat[found.entry] = found.numeric.value
    return filled


def _common_ratio(wrong: Sequence[Wrong]) -> float | None:
    """The ratio of the right to the claimed derivative, if it is the same at all wrong entries."""
    ratios = [found.numeric.value / found.claimed for found in wrong if found.claimed != 0.0]
    if len(ratios) < len(wrong) or not all(map(math.isfinite, ratios)):
        return None
    ratio = sorted(ratios)[len(ratios) // 2]
    return ratio if all(abs(other - ratio) <= SAME * abs(ratio) for other in ratios) and ratio != 0.0 else None


def _known_ratio(ratio: float, lengths: dict[int, str]) -> tuple[float | None, str]:
    """The exact factor that a measured ratio stands for, and what it tells; None if it is no usual one."""

    def near(number: float) -> bool:
        return abs(ratio - number) <= SAME * abs(number)

    if near(-1.0):
        return -1.0, "has the wrong sign"
    if near(2.0):
        return 2.0, "is half of what it should be; is the factor of a square missing?"
    if near(0.5):
        return 0.5, "is twice what it should be; is the factor of a square too many, or is it added twice?"
    for length, whose in lengths.items():
        if near(1.0 / length):
            return 1.0 / length, f"is {length} times too large, {whose}: is it of a sum where the function has a mean?"
        if near(length):
            return float(length), f"is {length} times too small, {whose}: is it of a mean where the function has a sum?"
        if near(-1.0 / length) or near(-length):
            factor = -1.0 / length if near(-1.0 / length) else -float(length)
            return factor, f"has the wrong sign and is off by the factor {length}, {whose}"
    return None, ""


def _in_words(ratio: float) -> str:
    """A factor with the digits that tell it from 1."""
    return f"1 {'+' if ratio > 1 else '-'} {abs(ratio - 1):.2g}" if abs(ratio - 1) < 1e-3 else f"{ratio:.6g}"


def _lengths(inputs: Inputs) -> dict[int, str]:
    """The lengths of axes, and the sizes, of all arrays among the arguments, with whose they are."""
    found: dict[int, str] = {}
    for name, shape in inputs.shapes():
        for axis, length in enumerate(shape):
            found.setdefault(length, f"the length of axis {axis} of {name}")
        found.setdefault(math.prod(shape), f"the size of {name}")
    return {length: whose for length, whose in found.items() if length > 2}


def _reordered(numbers: Numbers, shape: tuple[int, ...]) -> Iterator[tuple[str, Numbers]]:
    if isinstance(numbers, float):
        return
    if 2 <= len(shape) <= MOST_AXES:
        for order in itertools.permutations(range(len(shape))):
            if order != tuple(range(len(shape))) and tuple(shape[axis] for axis in order) == shape:
                words = "is transposed" if len(shape) == 2 else f"has its axes in another order, {order}"
                yield words, numbers.transpose(order)
    for axis in range(len(shape)):
        if shape[axis] > 1:
            backwards = tuple(slice(None, None, -1) if at == axis else slice(None) for at in range(len(shape)))
            yield f"runs backwards along axis {axis}", numbers[backwards]
    if len(shape) > 1:
        yield "is written column by column into rows (order='F')", numbers.reshape(-1).reshape(shape, order="F")
        yield "is written row by row into columns (order='F')", numbers.reshape(-1, order="F").reshape(shape)


def _proportional(numbers: Sequence[float], others: Sequence[float]) -> float | None:
    if len(numbers) < 2 or 0.0 in others:
        return None
    ratios = [number / other for number, other in zip(numbers, others, strict=True)]
    middle = sorted(ratios)[len(ratios) // 2]
    return middle if all(abs(ratio - middle) <= SAME * abs(middle) for ratio in ratios) else None


def _names(inputs: Inputs, places: Sequence[int]) -> str:
    names = [inputs.places[at].name for at in places]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
