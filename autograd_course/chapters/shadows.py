"""The exercises of the chapter "Derivatives and their numerical shadows"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import taylor
from autograd.calculus import tangent_line
from autograd_course.answers import a_function, a_number, numbers
from autograd_course.exercise import Exercise, is_near, number_is
from autograd_course.judging import called_for_number, guarded


def _tangent(given: list[float]) -> str | None:
    line = tangent_line(lambda x: x**3, 2.0)
    slope, intercept = given
    if not is_near(slope, line.slope):
        if is_near(slope, line.intercept) and is_near(intercept, line.slope):
            return "these are the right numbers in the wrong order: the slope comes first"
        return f"the derivative of x^3 is 3 x^2, and at x = 2 that is not {slope:g}"
    if not is_near(intercept, line.intercept):
        height = 2 * slope + intercept
        return f"the slope is right; at x = 2 your line has the height {height:g} instead of 8"
    return None


def _geometric(given: list[float]) -> str | None:
    expected = taylor(lambda x: 1 / (1 - x), 0.0, 3).coefficients
    for power, (number, known) in enumerate(zip(given, expected, strict=True)):
        if is_near(number, known):
            continue
        if is_near(number, known * math.factorial(power)):
            return f"the coefficient of x^{power} is derivative {power} divided by {power}!, and yours is not divided"
        if is_near(number, known * (-1) ** power):
            return f"the coefficient of x^{power} has the wrong sign: the inner function, 1 - x, has the slope -1"
        if is_near(number, 1 / math.factorial(power)):
            return f"that is the coefficient of x^{power} of e^x; here derivative {power} at 0 is {power}!, not 1"
        return f"the coefficient of x^{power} is not {number:g}"
    return None


def _better(estimate: Callable[..., Any]) -> str | None:
    errors = [called_for_number(estimate, math.sin, 1.0, h) - math.cos(1.0) for h in (0.1, 0.01)]
    coarse, fine = map(abs, errors)
    if coarse > 0.01:
        return (
            f"with h = 0.1 your estimate is off by {coarse:.2g}: is each of the two a central difference, with its own "
            "step, and do their weights add up to 1?"
        )
    if fine < 1e-12:  # rounding
        return None
    slope = math.log10(coarse / fine)
    if slope < 3.5:
        factor = f"{coarse / fine:{',.0f' if coarse > 10 * fine else '.2g'}}"
        return f"with a step ten times smaller the error falls by a factor of only {factor}; 10,000 can be had"
    return None


def _best_step(given: float) -> str | None:
    if 3e-9 <= given <= 3e-8:
        return None
    if abs(given) == 8.0:
        return "write the step itself, as 1e-3 for instance"
    if given <= 0.0:
        return "a step is positive"
    if 1.0 + given == 1.0:
        return f"with h = {given:g}, 1 + h is 1: rounding has eaten the difference"
    cut, rounding = given / 2, 1e-16 / given
    better = "smaller" if cut > rounding else "larger"
    return f"with h = {given:g} the cut costs about {cut:.0e} and rounding about {rounding:.0e}; try a {better} step"


EXERCISES = (
    Exercise(
        "At x = 2, what are the slope and the intercept of the tangent of x^3? Give a list of two numbers.",
        numbers(2, "the slope and the intercept"),
        _tangent,
        (
            "the slope of the tangent is the derivative",
            "the derivative of x^3 is 3 x^2; at 2 it is 12",
            "the line 12 x + b goes through the point (2, 8)",
        ),
        "The derivative is 3 x^2, at 2 it is 12. Through (2, 8): 8 = 12 * 2 + b, so b = -16.",
        "answer = [12, -16]",
    ),
    Exercise(
        "What is the Taylor polynomial of order 3 of 1 / (1 - x) around 0? Give its four coefficients, the constant "
        "first.",
        numbers(4, "the coefficients of 1, x, x^2 and x^3"),
        _geometric,
        (
            "the coefficient of x^k is the k-th derivative at 0, divided by k!",
            "the derivatives are (1 - x)^-2, 2 (1 - x)^-3 and 6 (1 - x)^-4",
            "at 0 they are 1, 2 and 6: divide by 1!, 2! and 3!",
        ),
        "At 0 the derivatives are 1, 2 and 6. Divided by 1!, 2!, 3! they are all 1: it is the geometric series.",
        "answer = [1, 1, 1, 1]",
    ),
    Exercise(
        "Combine two central differences, with the steps h and 2h, so that their errors cancel: write a function of f, "
        "x and h that estimates f'(x).",
        a_function,
        guarded(_better),
        (
            "the error of the central difference is about f''' h^2 / 6: with 2h it is four times as large",
            "look for weights that add up to 1, and with which the errors cancel: a * e + b * 4e = 0",
            "a = 4/3 and b = -1/3",
        ),
        "The error with 2h is four times that with h: take four times the first estimate, subtract the second, and "
        "divide by 3.",
        "def answer(f, x, h):\n"
        "    def central(h):\n"
        "        return (f(x + h) - f(x - h)) / (2 * h)\n\n"
        "    return (4 * central(h) - central(2 * h)) / 3",
    ),
    Exercise(
        "Predict: f(x) = x^2, x = 3, and the forward difference (f(x + h) - f(x)) / h with h = 0.1. How much larger "
        "than the derivative is it?",
        a_number,
        number_is(
            lambda: 0.1,
            {
                6.1: "6.1 is the difference quotient; the derivative is 6",
                0.01: "0.01 is h^2; the difference is divided by h",
                0.2: "the error is h f'' / 2, and f'' = 2",
                6.1 / 6: "that is how many times as large it is; asked for is the difference of the two",
                0.1 / 6: "that is the part of the derivative; asked for is the difference itself",
                0.0: "that holds for the central difference; the forward difference of a parabola is off",
            },
            "expand (x + h)^2 - x^2, and divide by h",
        ),
        (
            "expand (3 + h)^2",
            "(9 + 6h + h^2 - 9) / h",
            "that is 6 + h",
        ),
        "((3 + h)^2 - 9) / h = 6 + h: the error is h itself, 0.1.",
        "answer = 0.1",
    ),
    Exercise(
        "Predict: f(x) = x^2, x = 3, and the central difference (f(x + h) - f(x - h)) / (2h) with h = 0.1. How much "
        "larger than the derivative is it (apart from rounding)?",
        a_number,
        number_is(
            lambda: 0.0,
            {
                0.1: "that is the error of the forward difference; here the terms with h^2 cancel",
                0.01: "the error of the central difference is f''' h^2 / 6, and a parabola's third derivative is 0",
                6.0: "6 is the derivative; asked for is the error",
            },
            "expand (x + h)^2 - (x - h)^2",
        ),
        (
            "expand (3 + h)^2 and (3 - h)^2",
            "their difference is 12 h",
            "12 h / (2 h) is 6, for every h",
        ),
        "((3 + h)^2 - (3 - h)^2) / (2h) = 12h / 2h = 6: no error at all, since the third derivative of a parabola is "
        "0.",
        "answer = 0",
    ),
    Exercise(
        "The forward difference errs by about h f'' / 2 for the cut, and by about 1e-16 |f| / h for the rounding. "
        "About which step is the best where f, x and f'' are near 1? Give a power of ten, like 1e-3.",
        a_number,
        _best_step,
        (
            "one error grows with h, the other falls; the best step makes them about equal",
            "h / 2 = 1e-16 / h",
            "h^2 = 2e-16: which power of ten is near its root?",
        ),
        "The two are equal where h^2 = 2e-16, at h = 1.4e-8: the power of ten is 1e-8, and the error is about that "
        "large.",
        "answer = 1e-8",
    ),
)
