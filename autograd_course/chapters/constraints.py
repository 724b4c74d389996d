"""The exercises of the chapter "Constraints"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_course.answers import a_function, a_number, numbers
from autograd_course.exercise import Exercise, is_near, number_is
from autograd_course.judging import CallFailedError, called_for_number

FENCE = 20.0
"""Metres of fence."""


def _fence(answer: Callable[..., Any]) -> str | None:
    try:
        for sides in ([4.0, 6.0], [1.0, 9.0], [7.5, 2.5]):
            uses = called_for_number(answer, sides)
            if is_near(uses, 0.0):
                continue
            a, b = sides
            if is_near(called_for_number(answer, [2 * a, 2 * b]), 0.0):
                return "that uses 20 m for two of the four sides; each side stands twice"
            return f"sides of {a:g} m and {b:g} m use the whole fence, and your constraint is {uses:g} there, not 0"
        for sides in ([4.0, 5.0], [8.0, 8.0]):
            if is_near(called_for_number(answer, sides), 0.0):
                a, b = sides
                return f"sides of {a:g} m and {b:g} m need {2 * (a + b):g} m, and your constraint is 0 there too"
    except CallFailedError as error:
        return str(error)
    return None


def _nearest(given: list[float]) -> str | None:
    x, y = given
    if is_near(x, 0.6) and is_near(y, 0.8):
        return None
    if is_near(x, -0.6) and is_near(y, -0.8):
        return "that is the lowest point of 3x + 4y on the circle; asked for is the highest"
    if is_near(x, 3.0) and is_near(y, 4.0):
        return "the direction is right; the point must lie on the circle of radius 1"
    if not is_near(x * x + y * y, 1.0, 0.01):
        return f"({x:g}, {y:g}) is not on the circle: its distance from the origin is {(x * x + y * y) ** 0.5:.4g}"
    if abs(x - 0.6) < 0.01 and abs(y - 0.8) < 0.01:
        return "that is near; give more digits"
    return f"3x + 4y is {3 * x + 4 * y:.4g} there, and higher elsewhere on the circle"


EXERCISES = (
    Exercise(
        "A fence of 20 metres is to enclose a rectangle. Write the constraint for its sides, x[0] and x[1], as a "
        "function that is 0 when the fence is used up.",
        a_function,
        _fence,
        (
            "how long is the fence around a rectangle with these sides?",
            "it is 2 x0 + 2 x1",
            "that is to be 20: what must be 0?",
        ),
        "2 x0 + 2 x1 - 20 is 0 when the fence is used up. (The best rectangle is then the square with sides of 5 m.)",
        "def answer(x):\n    return 2 * x[0] + 2 * x[1] - 20",
    ),
    Exercise(
        "The best rectangle with a fence of 20 m has an area of 25 m^2 and, with the constraint 2 x0 + 2 x1 - 20, the "
        "multiplier -2.5. About how large is the best area with a fence of 20.1 m?",
        a_number,
        number_is(
            lambda: ((FENCE + 0.1) / 4) ** 2,
            {
                24.75: "a longer fence gives more area: the change is minus the multiplier times 0.1",
                27.5: "the multiplier is the change for one more metre; this is a tenth of a metre",
                25.0: "25 was the area with 20 m",
                25.1: "0.1 is by how much the fence grows; the multiplier turns that into area",
                0.25: "0.25 is by how much it grows",
            },
            "the change is minus the multiplier times the change of the constraint",
            tolerance=4e-4,
            near=0.0025,
        ),
        (
            "the multiplier says what moving the constraint is worth",
            "the area changes by minus the multiplier for each metre",
            "2.5 times 0.1",
        ),
        "The constraint moves by 0.1, so the area changes by 2.5 * 0.1 = 0.25, to 25.25.",
        "answer = 25.25",
    ),
    Exercise(
        "A tin of radius r and height h holds a given volume, pi r^2 h. Its metal has the area 2 pi r^2 + 2 pi r h. "
        "With the least metal, what is h / r?",
        a_number,
        number_is(
            lambda: 2.0,
            {
                1.0: "then it is as high as its radius; it is better as high as it is wide",
                0.5: "that is r / h",
                4.0: "a wider tin needs less metal",
            },
            "write h as volume / (pi r^2), and look where the area is level",
            tolerance=1e-3,
        ),
        (
            "the gradients of the metal and of the volume are parallel at the best tin",
            "(4 pi r + 2 pi h, 2 pi r) is a multiple of (2 pi r h, pi r^2): the second says that the multiple is 2 / r",
            "4 pi r + 2 pi h = (2 / r) 2 pi r h",
        ),
        "The multiple is 2 / r, so 4r + 2h = 4h: h = 2r. The tin is as high as it is wide.",
        "answer = 2",
    ),
    Exercise(
        "The point of the line x + y = 1 that is nearest to the origin is (1/2, 1/2). With L = x^2 + y^2 + "
        "lambda (x + y - 1), what is lambda there?",
        a_number,
        number_is(
            lambda: -2 * 0.5,
            {
                1.0: "the gradient of f plus lambda times that of g is 0, so lambda is minus 1",
                0.5: "0.5 is the value of f, and x; look where the derivative of L with respect to x is 0",
                -0.5: "the derivative of x^2 is 2x",
            },
            "set the derivative of L with respect to x to 0",
        ),
        (
            "differentiate L with respect to x",
            "2x + lambda is 0",
            "put in x = 1/2",
        ),
        "The derivative of L with respect to x is 2x + lambda, which is 0 for lambda = -1.",
        "answer = -1",
    ),
    Exercise(
        "At which point of the circle x^2 + y^2 = 1 is 3x + 4y the highest? Give a list of two numbers.",
        numbers(2, "x and y"),
        _nearest,
        (
            "at the highest point the two gradients are parallel",
            "the gradient of 3x + 4y is (3, 4), that of the circle is (2x, 2y): so (x, y) is a multiple of (3, 4)",
            "scale (3, 4) to the length 1",
        ),
        "(x, y) is parallel to (3, 4), which is 5 long: (0.6, 0.8). At the opposite point it is the lowest.",
        "answer = [0.6, 0.8]",
    ),
)
