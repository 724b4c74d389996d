"""The exercises of the chapter "From scalars to tensors"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import CompileError, Value
from autograd import compile as compiled
from autograd_course.answers import a_function, a_whole_number, numbers, one_formula_of, one_of
from autograd_course.exercise import Exercise, choice_is, is_near, number_is, numbers_are
from autograd_course.judging import called, guarded


def _absolute(answer: Callable[..., Any]) -> str | None:
    chosen = called(answer, Value(-2.0))
    if not isinstance(chosen, Value):
        return "it must return a Value for a Value, as autograd.where does"
    try:
        function = compiled(answer, runtime="python")
    except ImportError:
        return "to judge it, your function is compiled, and that needs NumPy: pip install numpy"
    for x, wanted in ((-2.0, (2.0, -1.0)), (3.0, (3.0, 1.0))):
        try:
            value, (slope,) = function.value_and_grad(x)
            found = float(value), float(slope)
        except CompileError:
            return "a branch on the number of a Value cannot be compiled; where computes both sides, and chooses"
        except Exception as error:  # noqa: BLE001 - a learner's function may fail in any way
            return f"with {x:g} it fails: {type(error).__name__}: {error}".splitlines()[0]
        if not all(map(is_near, found, wanted)):
            if is_near(found[0], x):
                return f"with {x:g} it returns {x:g} itself; a negative number should become positive"
            return f"with {x:g} value and slope are {found[0]:g} and {found[1]:g}, not {wanted[0]:g} and {wanted[1]:g}"
    if "select" not in str(function.program):  # what where is recorded as
        return "value and slope are right, but there is no where in it"
    return None


EXERCISES = (
    Exercise(
        "How many scalar multiplications are in a matrix product of 50 rows of 784 numbers with one vector?",
        a_whole_number,
        number_is(
            lambda: 50 * 784,
            {
                784.0: "that is for one row",
                834.0: "each of the 50 rows has 784 products: they multiply",
                2 * 50 * 784.0: "that counts the additions too",
                50 * 783.0: "these are the additions",
            },
            "each of the 50 results is a sum of 784 products",
        ),
        (
            "how many results are there?",
            "50, and each is a sum of products",
            "784 products each",
        ),
        "50 * 784 = 39,200, and as many additions with the bias: one instruction.",
        "answer = 50 * 784",
    ),
    Exercise(
        "Write |x| with where(condition, a, b), which takes a where the condition holds, and b elsewhere.",
        a_function,
        guarded(_absolute),
        (
            "what is |x| for a positive x, and for a negative one?",
            "x, and -x",
            "where(x > 0, x, ...)",
        ),
        "where(x > 0, x, -x)",
        "from autograd import where\n\n\ndef answer(x):\n    return where(x > 0, x, -x)",
    ),
    Exercise(
        "Y = X W, with X of shape (100, 784) and W of shape (784, 50). What shape does the gradient of W have?",
        numbers(2, "rows and columns"),
        numbers_are(
            lambda: (784.0, 50.0),
            ("the number of rows", "the number of columns"),
            {
                (100.0, 50.0): "that is the shape of Y; a gradient has the shape of what it belongs to",
                (100.0, 784.0): "that is the shape of X",
            },
        ),
        (
            "a gradient has one number for each number of what it belongs to",
            "it has the shape of W",
            "784 rows",
        ),
        "That of W itself, (784, 50): one number for each weight.",
        "answer = [784, 50]",
    ),
    Exercise(
        'Y = X W, and G is the gradient of Y. Which product is the gradient of W: "X.T @ G", "G @ W.T" or "X @ G"?',
        one_formula_of("X.T @ G", "G @ W.T", "X @ G"),
        choice_is(
            "X.T @ G",
            {
                "G @ W.T": "this has the shape of X: it is the gradient of X",
                "X @ G": "X has 784 columns and G has 100 rows: they do not fit",
            },
        ),
        (
            "the shapes leave only one choice",
            "W is (784, 50), X is (100, 784), G is (100, 50)",
            "(784, 100) times (100, 50) gives (784, 50)",
        ),
        "X.T @ G: in each picture the weight w_ij meets x_i, and g_j comes back to it; its gradient is the sum of "
        "x_i g_j over the pictures, and that is the product.",
        'answer = "X.T @ G"',
    ),
    Exercise(
        "A bias b of shape (50,) is added to each of the 100 rows of Y. What becomes of G, of shape (100, 50), on the "
        "way to the gradient of b: is it summed over the rows, averaged over the rows, or taken from the last row?",
        one_of("summed", "averaged", "last"),
        choice_is(
            "summed",
            {
                "averaged": "each row is one use of b, and uses add up; a mean comes only from a loss that is a mean",
                "last": "that is the error of = where += is meant: each row uses b",
            },
        ),
        (
            "b is used 100 times",
            "what does a value get that is used several times?",
            "paths add",
        ),
        "It is used once in each row, and what comes back on several paths adds up: the sum over the rows.",
        'answer = "summed"',
    ),
)
