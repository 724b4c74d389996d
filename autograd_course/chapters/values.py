"""The exercises of the chapter "A value that remembers"."""

from __future__ import annotations

from autograd import Value, grad
from autograd_course.answers import a_function, a_number
from autograd_course.exercise import Exercise, is_near, number_is
from autograd_course.judging import function_is


def _slope_of_parabola(x: float) -> float:
    return grad(lambda x: 3 * x**2 - 4 * x + 5)(x)


def _parabola(given: float) -> str | None:
    slope = _slope_of_parabola(given)
    if is_near(given, 2 / 3):
        return None
    if given == _slope_of_parabola(3.0):
        return "14 is the slope at x = 3; asked for is the x at which the slope is 0"
    if abs(given - 2 / 3) < 0.01:
        return 'that is near; give the fraction itself, as 2 / 3 or "2/3" would be'
    return f"at x = {given:g} the slope is {slope:g}, not 0"


def _gradient_of_w2() -> float:
    w1, w2 = Value(-3.0), Value(1.0)
    (2.0 * w1 + 4.0 * w2 + (6.8813735870195432 - 4.0)).tanh().backward()
    return w2.grad


def _reused() -> float:
    a = Value(3.0)
    b = a + a
    (b * a).backward()
    return a.grad


def _twice() -> float:
    x = Value(2.0)
    y = x * x
    y.backward()
    y.backward()
    return x.grad


EXERCISES = (
    Exercise(
        "Find the derivative of f(x) = 3x^2 - 4x + 5 with the rules of calculus. At which x is the slope 0?",
        a_number,
        _parabola,
        (
            "the derivative of x^2 is 2x, that of x is 1, and that of a constant is 0",
            "so f'(x) = 6x - 4",
            "solve 6x - 4 = 0",
        ),
        "f'(x) = 6x - 4, which is 0 at x = 4/6 = 2/3.",
        "answer = 2 / 3",
    ),
    Exercise(
        "A neuron is tanh(x1 w1 + x2 w2 + b), and its sum is 0.8814, where tanh has the slope 0.5. What is the "
        "gradient of w2 if x2 is 4 (and the bias such that the sum stays the same)?",
        a_number,
        number_is(
            _gradient_of_w2,
            {
                4.0: "4 is the local derivative of the product, x2; multiply it by what flows in from above",
                0.5: "0.5 is what flows into the product; multiply it by the product's local derivative",
                0.0: "0 was the answer while x2 was 0; now it is 4",
                1.0: "that is the gradient of w1, or the number of w2",
            },
            "multiply the rates along the path from the output to w2",
        ),
        (
            "there is one path from the output to w2: through tanh, the sums, and the product x2 w2",
            "rates along a path multiply; a sum hands on what it gets",
            "the slope of tanh is 0.5, and the product's derivative with respect to w2 is x2 = 4",
        ),
        "The slope of tanh is 0.5, the sums have the rate 1, and the product has the rate x2 = 4: 0.5 * 4 = 2.",
        "answer = 0.5 * 4",
    ),
    Exercise(
        "Write the derivative of softsign, x / (1 + |x|), as a function of x.",
        a_function,
        function_is(
            lambda x: 1 / (1 + abs(x)) ** 2,
            [(-2.0,), (-0.5,), (0.25,), (3.0,)],
            [
                (lambda x: 1 / (1 + x) ** 2, "it is right for positive x only; for a negative one |x| is -x"),
                (lambda x: x / (1 + abs(x)), "this is softsign itself; asked for is its derivative"),
                (lambda x: 1 / (1 + abs(x)), "this differentiates x alone; the denominator depends on x too"),
                (
                    lambda x: -1 / (1 + abs(x)) ** 2,
                    "the sign is wrong: softsign rises everywhere, so its derivative is positive",
                ),
            ],
        ),
        (
            "for positive x it is x / (1 + x): use the rule for a quotient",
            "(u / v)' = (u' v - u v') / v^2, with u = x and v = 1 + x, is 1 / (1 + x)^2",
            "for negative x, 1 - x stands where 1 + x stood; abs(x) says both at once",
        ),
        "For positive x the rule for quotients gives ((1 + x) - x) / (1 + x)^2. Softsign is odd, so its derivative is "
        "the same at -x.",
        "def answer(x):\n    return 1 / (1 + abs(x)) ** 2",
    ),
    Exercise(
        "Predict, then run: a = Value(3.0); b = a + a; c = b * a; c.backward(). What is a.grad?",
        a_number,
        number_is(
            _reused,
            {
                6.0: "6 comes through one of the two operands of the product alone; a reaches c on both, and paths add",
                9.0: "9 counts the sum a + a once; it has two paths to a",
                3.0: "3 is the derivative of the product with respect to b; go on to a, and add the other path",
                18.0: "18 is c itself; asked for is how fast it changes with a",
            },
            "write c as a formula in a",
        ),
        (
            "in how many ways does a reach c?",
            "directly, with the rate b = 6; and through b, with the rate a = 3, twice, since b is a + a",
            "c is 2 a^2",
        ),
        "Directly b = 6; through each of the two operands of the sum a = 3: 6 + 3 + 3 = 12. (c = 2 a^2, and c' = 4 a.)",
        "answer = 12",
    ),
    Exercise(
        "Predict, then run: x = Value(2.0); y = x * x; y.backward(); y.backward(). What is x.grad?",
        a_number,
        number_is(
            _twice,
            {
                4.0: "4 is the derivative, and what x.grad is after the first backward(); the second adds to it",
                16.0: "the second backward() adds the same derivative again; it does not multiply by it",
                2.0: "2 is x; the derivative of x * x is 2 x",
            },
            "a leaf adds up what it is given",
        ),
        (
            "what is x.grad after the first backward()?",
            "a leaf keeps its gradient, and what comes later is added",
            "each backward() brings 4",
        ),
        "Each backward() hands 2 x = 4 to x, and leaves add up what they get: 8. That is why training sets the "
        "gradients to 0 before each step.",
        "answer = 8",
    ),
)
