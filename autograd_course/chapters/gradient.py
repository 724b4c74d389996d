"""The exercises of the chapter "Partial derivatives and the gradient"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import grad, hessian
from autograd_course.answers import a_function, a_number, numbers
from autograd_course.exercise import Exercise, is_near, number_is, numbers_are
from autograd_course.judging import CallFailedError, called, called_for_number

GRADIENT = (4.0, 5.0)
"""The gradient that two exercises are about."""


def _level(given: list[float]) -> str | None:
    length = math.hypot(*given)
    if length == 0.0:
        return "a direction is two numbers that are not both 0"
    slope = sum(part * along for part, along in zip(GRADIENT, given, strict=True)) / length
    if abs(slope) < 1e-6:
        return None
    if is_near(abs(slope), math.hypot(*GRADIENT)):
        return f"that is the steepest direction of all: its slope is {slope:.3g}"
    if abs(slope) < 0.1:
        return f"that is near: the slope is {slope:.1g}; the direction may have any length, so give whole numbers"
    return f"in that direction the slope is {slope:.3g}"


def _potential(answer: Callable[..., Any]) -> str | None:
    for a, b in [(1.0, 2.0), (-0.5, 3.0), (2.0, -1.0)]:
        try:
            if isinstance(called(answer, [a, b]), (list, tuple)):
                return "your function returns a list, as a gradient is; asked for is the function that has the gradient"
            found = called_for_gradient(answer, [a, b])
        except CallFailedError as error:
            return str(error)
        wanted = [2 * a * b, a**2 + 1]
        if is_near(found[0], wanted[0]) and is_near(found[1], wanted[1] - 1):
            return "the slope along x0 is right; along x1 the 1 is missing"
        for index in (0, 1):
            if not is_near(found[index], wanted[index]):
                return f"at ({a:g}, {b:g}) the slope along x{index} is {found[index]:g}, not {wanted[index]:g}"
    return None


def called_for_gradient(function: Callable[..., Any], point: list[float]) -> list[float]:
    """The gradient of a learner's function of a list, found by the engine.

    Raises:
        CallFailedError: the function cannot be differentiated.
    """
    called_for_number(function, point)
    try:
        return [float(number) for number in grad(function)(point)]
    except Exception as error:  # noqa: BLE001 - a learner's function may fail in any way
        raise CallFailedError(f"your function cannot be differentiated: {error}") from None


EXERCISES = (
    Exercise(
        "Let g(x, y) = 3x^2 + xy. What is its gradient at (2, 5)? Give a list of two numbers.",
        numbers(2, "the slopes along x and along y"),
        numbers_are(
            lambda: grad(lambda x: 3 * x[0] ** 2 + x[0] * x[1])([2.0, 5.0]),
            ("the slope along x", "the slope along y"),
            {
                (12.0, 2.0): "along x, the product xy changes too: by y for each step of x",
                (12.0, 5.0): "along x, the product xy has the slope y; along y, it has the slope x",
                (17.0, 5.0): "along y, the product xy has the slope x",
                (22.0, 10.0): "these are the parts of g itself; asked for are the slopes",
            },
            ("keep y = 5 fixed: 3x^2 + 5x", "keep x = 2 fixed: 12 + 2y"),
        ),
        (
            "a partial derivative moves one variable and keeps the other fixed",
            "with y fixed: 6x + y; with x fixed: x",
            "put in x = 2 and y = 5",
        ),
        "With y fixed: 6x + y = 12 + 5 = 17. With x fixed: x = 2.",
        "answer = [17, 2]",
    ),
    Exercise(
        "At (1, 2) the gradient of f is (4, 5). Give a direction in which the ground is level, as a list of two "
        "numbers. (Its length does not matter.)",
        numbers(2, "how far to go along each axis"),
        _level,
        (
            "the slope in a direction is the dot product of the direction with the gradient",
            "look for u with 4 u0 + 5 u1 = 0: a direction at a right angle to the gradient",
            "exchange the two numbers and turn the sign of one",
        ),
        "[-5, 4], since 4 * (-5) + 5 * 4 = 0; its opposite, and every multiple of it.",
        "answer = [-5, 4]",
    ),
    Exercise(
        "Go backwards: write a function of x, a list of two numbers, whose gradient is (2 x0 x1, x0^2 + 1) everywhere.",
        a_function,
        _potential,
        (
            "which function has the slope 2 x0 x1 along x0?",
            "x0^2 x1 has, and along x1 it has the slope x0^2",
            "the 1 that is missing comes from x1 itself",
        ),
        "x0^2 x1 has the first slope; its second is x0^2, and the 1 comes from adding x1. A constant may be added.",
        "def answer(x):\n    return x[0] ** 2 * x[1] + x[1]",
    ),
    Exercise(
        "The gradient is (4, 5). What is the slope in the direction of (3, 4)?",
        a_number,
        number_is(
            lambda: (3 * GRADIENT[0] + 4 * GRADIENT[1]) / 5,
            {
                32.0: "32 is the dot product with (3, 4), which is 5 long; a direction has the length 1",
                math.hypot(*GRADIENT): "that is the steepest slope of all, along the gradient itself",
            },
            "take the dot product of the gradient with the direction of length 1",
        ),
        (
            "scale the direction to the length 1 first",
            "(3, 4) is 5 long, so the direction is (0.6, 0.8)",
            "0.6 * 4 + 0.8 * 5",
        ),
        "The direction of length 1 is (0.6, 0.8), and 0.6 * 4 + 0.8 * 5 = 6.4.",
        "answer = 0.6 * 4 + 0.8 * 5",
    ),
    Exercise(
        "The gradient is (4, 5). How steep is the steepest way up?",
        a_number,
        number_is(
            lambda: math.hypot(*GRADIENT),
            {
                9.0: "9 is the slope in the direction (1, 1) if that were 1 long; take the gradient's length",
                41.0: "41 is the square of the length",
                5.0: "5 is the slope along the second axis; going a little along the first one too is steeper",
            },
            "it is the length of the gradient",
            tolerance=1e-4,
        ),
        (
            "the steepest way up is along the gradient",
            "there the cosine is 1, and the slope is the length of the gradient",
            "the square root of 16 + 25",
        ),
        "The length of the gradient: the square root of 4^2 + 5^2 = 41, which is 6.403.",
        "answer = (4**2 + 5**2) ** 0.5",
    ),
    Exercise(
        "What is the mixed second derivative of x0^2 x1 at (2, 3): how does the slope along x0 change with x1?",
        a_number,
        number_is(
            lambda: hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])[0][1],
            {
                12.0: "12 is the slope along x0; asked for is how it changes with x1",
                6.0: "6 is how the slope along x0 changes with x0 itself",
                2.0: "differentiate with respect to x0 first: 2 x0 x1; then with respect to x1",
            },
            "differentiate with respect to x0, then with respect to x1",
        ),
        (
            "the slope along x0 is 2 x0 x1",
            "differentiate that with respect to x1: 2 x0",
            "put in x0 = 2",
        ),
        "The slope along x0 is 2 x0 x1; it changes with x1 by 2 x0 = 4. In the other order it is the same.",
        "answer = 4",
    ),
)
