"""The exercises of the chapter "Minima, maxima, saddles"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import hessian
from autograd_course.answers import a_function, a_number, a_whole_number, numbers, one_of
from autograd_course.chapters.gradient import called_for_gradient
from autograd_course.exercise import Exercise, choice_is, is_near
from autograd_course.judging import CallFailedError


def _limit(given: float) -> str | None:
    def kind(c: float) -> str:
        across = 4.0 - c * c  # the determinant of the Hessian, [[2, c], [c, 2]]
        return "minimum" if across > 0.0 else "saddle" if across < 0.0 else "degenerate point"

    if is_near(given, 2.0):
        return None
    if given == -2.0:
        return "-2 is the number that c must stay above; asked for is the one that it must stay below"
    if kind(given) == "minimum":
        return f"at {given:g} it is still a minimum, and a little above too"
    return f"at {given:g} it is a {kind(given)} already, and a little below too"


def _saddles(given: float) -> str | None:
    if given < 0:
        return "a number of saddles is 0 or more"
    total = 6 - given + 2
    return None if total == 1 else f"minima - saddles + maxima is to be 1, and 6 - {given:g} + 2 is {total:g}"


def _saddle_at(answer: Callable[..., Any]) -> str | None:
    try:
        slopes = called_for_gradient(answer, [1.0, 2.0])
    except CallFailedError as error:
        return str(error)
    if not all(abs(slope) < 1e-6 for slope in slopes):
        return f"at (1, 2) the gradient is ({slopes[0]:.3g}, {slopes[1]:.3g}), so the point is not level"
    bends: Any = hessian(answer)([1.0, 2.0])
    determinant = float(bends[0][0] * bends[1][1] - bends[0][1] * bends[1][0])
    size = max(abs(float(bend)) for row in bends for bend in row)
    if abs(determinant) <= 1e-9 * size**2:
        return (
            "at (1, 2) the Hessian has an eigenvalue of 0, so it cannot tell what the point is; choose a function "
            "whose Hessian shows the saddle"
        )
    if determinant > 0.0:
        return f"at (1, 2) your function has a {'minimum' if float(bends[0][0]) > 0 else 'maximum'}"
    for x in (-3.0, -1.0, 0.0, 2.0, 3.0):
        for y in (-3.0, -1.0, 0.0, 1.0, 3.0):
            other = _level_place_near(answer, [x, y])
            if other and math.dist(other, (1.0, 2.0)) > 1e-3 and max(map(abs, other)) < 10.0:
                return f"there is another critical point, at ({other[0]:.3g}, {other[1]:.3g})"
    return None


def _level_place_near(f: Callable[..., Any], start: list[float]) -> list[float] | None:
    """Where Newton's method finds a gradient of 0; None if it does not get there."""
    point = start
    for _ in range(50):
        try:
            (gx, gy), bends = called_for_gradient(f, point), hessian(f)(point)
            (a, b), (_, d) = bends
            determinant = float(a * d - b * b)
            step = [float(d * gx - b * gy) / determinant, float(a * gy - b * gx) / determinant]
        except (CallFailedError, ArithmeticError, ValueError):
            return None
        point = [place - by for place, by in zip(point, step, strict=True)]
        if math.hypot(*step) < 1e-9:
            return point
    return None


def _eigenvalues(given: list[float]) -> str | None:
    small, large = sorted(given)
    if is_near(small, 1.0) and is_near(large, 3.0):
        return None
    if is_near(small, 2.0) and is_near(large, 2.0):
        return "2 and 2 are the bends along the axes; the largest and the smallest bend lie between the axes"
    if is_near(small + large, 4.0):
        return f"their sum is right, 4; their product should be the determinant, 3, and yours is {small * large:g}"
    return f"their sum should be 4 and their product 3; yours are {small + large:g} and {small * large:g}"


EXERCISES = (
    Exercise(
        "x0^2 + c x0 x1 + x1^2 is a bowl for c = 0 and a saddle for c = 3. Which number must c stay below for a bowl?",
        a_number,
        _limit,
        (
            "write down the Hessian",
            "it is [[2, c], [c, 2]]; a bowl bends upwards in every direction: the determinant is positive",
            "4 - c^2 > 0",
        ),
        "The eigenvalues of [[2, c], [c, 2]] are 2 + c and 2 - c; both are positive as long as c < 2 (and c > -2).",
        "answer = 2",
    ),
    Exercise(
        'The "six-hump camel" rises on all sides, and has 6 minima and 2 maxima. How many saddles does it have?',
        a_whole_number,
        _saddles,
        (
            "count on a landscape that rises on all sides: minima, saddles and maxima go together",
            "minima - saddles + maxima = 1",
            "6 - s + 2 = 1",
        ),
        "6 - s + 2 = 1, so s = 7.",
        "answer = 7",
    ),
    Exercise(
        "Write a function of x, a list of two numbers, with a saddle at (1, 2), and no other critical point.",
        a_function,
        _saddle_at,
        (
            "which simple function has a saddle at (0, 0)?",
            "x0^2 - x1^2 has: up along one axis, down along the other",
            "move it: put x0 - 1 for x0, and x1 - 2 for x1",
        ),
        "Move the middle of a saddle there. Tilted, it is (x0 - 1) (x1 - 2).",
        "def answer(x):\n    return (x[0] - 1) ** 2 - (x[1] - 2) ** 2",
    ),
    Exercise(
        "At 0 the first three derivatives of x^4 are 0, so its Hessian cannot tell what 0 is. What is it: a minimum, a "
        "maximum, or a saddle?",
        one_of("minimum", "maximum", "saddle"),
        choice_is(
            "minimum",
            {
                "maximum": "x^4 is positive on both sides of 0, where it is 0",
                "saddle": "x^4 rises on both sides of 0; x^3 does not",
            },
        ),
        (
            "compare the values beside 0 with the value at 0",
            "x^4 is never negative",
            "0 is the lowest value there is",
        ),
        "x^4 is 0 at 0 and positive elsewhere: a minimum, although its second derivative is 0. Positive eigenvalues "
        "are enough for a minimum; they are not needed.",
        'answer = "minimum"',
    ),
    Exercise(
        "What are the two eigenvalues of the Hessian [[2, 1], [1, 2]]? Give a list, in any order.",
        numbers(2, "the eigenvalues"),
        _eigenvalues,
        (
            "their sum is the sum of the diagonal, their product is the determinant",
            "sum 4, product 3",
            "along (1, 1) the bend is 2 + 1, along (1, -1) it is 2 - 1",
        ),
        "Sum 4 and product 3: 1 and 3. The bend is the largest along (1, 1), the smallest along (1, -1).",
        "answer = [1, 3]",
    ),
    Exercise(
        "A function of three variables is level at a point, and the eigenvalues of its Hessian are 4, -1 and 0. What "
        "is the point: minimum, maximum, saddle, or can they not tell (degenerate)?",
        one_of("minimum", "maximum", "saddle", "degenerate"),
        choice_is(
            "saddle",
            {
                "minimum": "along the second direction the ground bends downwards",
                "maximum": "along the first direction the ground bends upwards",
                "degenerate": "the 0 leaves one direction open, but it goes up in another and down in a third: "
                "that is enough to know",
            },
        ),
        (
            "what must hold at a minimum, whatever the third direction does?",
            "there is a way up and a way down",
            "a level point with a way up and a way down, however the rest bends, has a name",
        ),
        "It goes up along one direction and down along another: a saddle, whatever the direction with 0 does.",
        'answer = "saddle"',
    ),
)
