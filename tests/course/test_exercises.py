"""Each exercise: its solution is right, and what learners give instead gets the words that are kept in messages.txt."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Value, grad
from autograd_course import Node, answers, check
from autograd_course.chapters import EXERCISES
from nn import Optimizer
from tests.course.learners import ANSWERS, COMMON, made

State = tuple[float, ...]

KEPT = Path(__file__).with_name("messages.txt")
"""The words for each answer in `learners`: to write them anew, run this file."""


def solution(name: str) -> Any:
    names: dict[str, Any] = {}
    exec(EXERCISES[name].code, names)
    return names["answer"]


def is_number(name: str) -> bool:
    return EXERCISES[name].read in (answers.a_number, answers.a_whole_number)


NUMBER_EXERCISES = [name for name in EXERCISES if is_number(name)]


def words_of(name: str, source: str) -> str:
    """What a check says of an answer, without the offer of a hint."""
    return check(name, made(source)).words.partition("\n(hint")[0]


def all_words() -> str:
    blocks = []
    for name, sources in ANSWERS.items():
        lines = [f"{name}"]
        for source in (*sources, *COMMON):
            lines += [f"    {source!r}", f"        {words_of(name, source)}"]
        blocks.append("\n".join(lines))
    return "\n".join(blocks) + "\n"


def kept_words() -> dict[tuple[str, str], str]:
    found, name, source = {}, "", ""
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not line.startswith(" "):
            name = text
        elif not line.startswith("        "):
            source = ast.literal_eval(text)
        else:
            found[name, source] = text
    return found


def test_there_are_at_least_45_exercises() -> None:
    assert len(EXERCISES) >= 45


def test_each_exercise_has_three_answers_of_learners() -> None:
    assert list(ANSWERS) == list(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_solution_is_right(name: str) -> None:
    judged = check(name, solution(name))

    assert judged.right, judged.words


@pytest.mark.parametrize("name", EXERCISES)
def test_answers_of_learners_get_the_words_that_are_kept(name: str) -> None:
    kept = kept_words()
    sources = (*ANSWERS[name], *COMMON)

    assert {source: words_of(name, source) for source in sources} == {source: kept[name, source] for source in sources}


@pytest.mark.parametrize("name", NUMBER_EXERCISES)
@pytest.mark.parametrize("kind", [str, Fraction, np.float64, Value], ids=lambda kind: kind.__name__)
def test_right_number_is_right_in_every_form(name: str, kind: Callable[[float], object]) -> None:
    assert check(name, kind(float(solution(name))))


@pytest.mark.parametrize("name", [name for name in NUMBER_EXERCISES if float(solution(name)).is_integer()])
def test_right_whole_number_is_right_as_an_int(name: str) -> None:
    assert check(name, int(solution(name)))


NOT_A_LIST = "2 numbers are asked for: the slope and the intercept, in a list such as [1, 2]; "
LISTS = {
    "3": NOT_A_LIST + "this is one number",
    "[12, -16, 0]": "2 numbers are asked for: the slope and the intercept; yours are 3",
    "[12]": "2 numbers are asked for: the slope and the intercept; yours is 1",
    "[]": "2 numbers are asked for: the slope and the intercept; yours are 0",
    "{12, -16}": NOT_A_LIST + "a set has no order",
    "[12, None]": "2 numbers are asked for: the slope and the intercept; this is None",
    "[12, float('nan')]": "2 numbers are asked for: the slope and the intercept, and NaN is not finite",
    "np.float64(3)": NOT_A_LIST + "this is one number",
    "np.array(3.0)": NOT_A_LIST + "this is one number",
    "len": NOT_A_LIST + "this is a function; call len and give what it returns",
}


@pytest.mark.parametrize("source", LISTS)
def test_what_is_not_a_list_of_so_many_numbers_is_told_so(source: str) -> None:
    words = check("shadows.1", eval(source)).words.splitlines()[0]

    assert words == f"not yet: {LISTS[source]}"


@pytest.mark.parametrize(
    "form", ["(12, -16)", "np.array([12.0, -16.0])", "'12, -16'", "'[12, -16]'", "['12', '-16/1']"]
)
def test_right_list_is_right_in_every_form(form: str) -> None:
    assert check("shadows.1", eval(form))


NUMBERS = {
    "True": "one number is asked for; this is the truth value True",
    "3 + 4j": "one number is asked for; this is a complex",
    "[2.0]": "one number is asked for; this is a list of 1",
    "float('inf')": "one number is asked for, and inf is not finite",
    "10 ** 400": "one number is asked for; this one is too large for a float",
    "float": "one number is asked for; this is the class float",
    "'2,5'": "one number is asked for; write 2.5 with a point",
    "'1/0'": 'one number is asked for, like 12, 0.5 or "1/2"; "1/0" cannot be read as a number',
    "''": 'one number is asked for, like 12, 0.5 or "1/2"; "" cannot be read as a number',
    "np.array([2.0])": "one number is asked for; this is an array",
    "{}": "one number is asked for; this is a dict",
    "(39, 200)": "one number is asked for, without a comma; this is a tuple of 2",
    "'39,200'": "one number is asked for; write 39200 without a comma",
    "'2,5 %'": "one number is asked for; write 2.5% with a point",
    "np.True_": "one number is asked for; this is the truth value True",
}


@pytest.mark.parametrize("source", NUMBERS)
def test_odd_thing_is_told_from_a_number(source: str) -> None:
    assert check("values.2", eval(source)).words.splitlines()[0] == f"not yet: {NUMBERS[source]}"


RIGHT = {
    "2 / 3": ("values.1", "2 / 3"),
    "six digits": ("values.1", 0.666667),
    "minus": ("shadows.1", "12, −16"),
    "per cent": ("descent.3", "22.3 %"),
    "four digits": ("gradient.5", 6.403),
    "phrase": ("minima.6", "a saddle point"),
    "call": ("network.6", "optimizer.zero_grad()"),
    "words of the question": ("tensors.5", "summed over the rows"),
    "formula without spaces": ("tensors.4", "x.t@g"),
}


@pytest.mark.parametrize("form", RIGHT)
def test_right_answer_is_right_in_a_natural_form(form: str) -> None:
    assert check(*RIGHT[form])


@pytest.mark.parametrize("formula", ["W.T @ G", "X.T @ W", "Y.T @ G", "G @ X.T"])
def test_formula_that_differs_by_a_letter_is_not_taken_for_another(formula: str) -> None:
    assert f'one of these is asked for: "X.T @ G", "G @ W.T", "X @ G"; this is "{formula}"' in str(
        check("tensors.4", formula)
    )


@pytest.mark.parametrize("text", ["not a saddle", "a minimum or a saddle"])
def test_phrase_that_does_not_decide_is_not_taken_for_an_answer(text: str) -> None:
    assert f'this is "{text}"' in str(check("minima.6", text))


def test_backward_loop_that_takes_the_graph_apart_is_right() -> None:
    def backward(root: Node) -> None:
        order: list[Node] = []

        def visit(node: Node) -> None:
            if node not in order:
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(root)
        root.grad = 1.0
        while order:
            node = order.pop()
            while node.parents:
                node.parents.pop().grad += node.grad * node.partials.pop()

    assert check("chain rule.6", backward)


def test_backward_loop_that_follows_each_path_is_right() -> None:
    def backward(root: Node, gradient: float = 1.0) -> None:
        root.grad += gradient
        for parent, partial in zip(root.parents, root.partials, strict=True):
            backward(parent, gradient * partial)

    assert check("chain rule.6", backward)


@pytest.mark.parametrize("last", [0, -1])
def test_backward_loop_that_takes_a_node_before_it_is_complete_is_told_so(last: int) -> None:
    def backward(root: Node) -> None:
        root.grad = 1.0
        waiting, seen = [root], {root}
        while waiting:
            node = waiting.pop(last)
            for parent, partial in zip(node.parents, node.partials, strict=True):
                parent.grad += node.grad * partial
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)

    assert "a node handed its gradient on before all of it had come" in str(check("chain rule.6", backward))


def test_backward_loop_that_visits_a_node_twice_is_told_so() -> None:
    def backward(root: Node) -> None:
        order: list[Node] = []

        def visit(node: Node) -> None:
            for parent in node.parents:
                visit(parent)
            order.append(node)

        visit(root)
        root.grad = 1.0
        for node in reversed(order):
            for parent, partial in zip(node.parents, node.partials, strict=True):
                parent.grad += node.grad * partial

    assert "a node handed its gradient on more than once" in str(check("chain rule.6", backward))


def test_saddle_may_be_as_flat_as_you_like() -> None:
    assert check("minima.3", lambda x: 1e-5 * (x[0] - 1) * (x[1] - 2))


def test_absolute_value_without_where_is_told_so() -> None:
    assert "there is no where in it" in str(check("tensors.2", abs))


def test_momentum_may_remember_more_than_the_velocity() -> None:
    class Counting(Optimizer):
        initial_state = (0.0, 0.0)

        def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
            velocity = 0.9 * state[0] + gradient
            return number - self.lr * velocity, (velocity, state[1] + 1)

    assert check("descent.2", Counting)


def test_optimizer_without_a_state_is_told_of_it() -> None:
    class Forgetful(Optimizer):
        def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
            return number - self.lr * state[0], state

    assert "initial_state is a tuple, like (0.0,)" in str(check("descent.2", Forgetful))


MISTAKES = {
    "many layers below 0": ("chain rule.4", -2000, "the number of layers is 1 or more"),
    "saddles below 0": ("minima.2", -1, "a number of saddles is 0 or more"),
    "exponent": ("shadows.6", -8, "write the step itself, as 1e-3 for instance"),
    "ratio": ("shadows.4", 6.1 / 6, "that is how many times as large it is"),
    "series of exp": ("shadows.2", [1, 1, 1 / 2, 1 / 6], "that is the coefficient of x^2 of e^x"),
    "rounded direction": ("gradient.2", [-0.78, 0.62], "that is near: the slope is -0.02"),
    "gradient for the function": ("gradient.3", lambda x: [2 * x[0] * x[1], 1], "your function returns a list"),
    "rounded point of the circle": ("constraints.5", [0.7071, 0.7071], "3x + 4y is 4.95 there, and higher elsewhere"),
    "rounded best point": ("constraints.5", [0.601, 0.799], "that is near; give more digits"),
    "not corrected": ("descent.6", 0.01 * 0.1 / 0.001**0.5, "without the correction of the averages"),
    "change for the length": ("descent.5", -1, "asked for is a length, which has no sign"),
    "good learning rate": ("descent.1", [0.1, 0.01], "so it converges; a little above it still does"),
    "another slope": (
        "chain rule.7",
        lambda x, w, y: -grad(lambda w: ((w * x).sigmoid() - y) ** 2 / 2)(w),
        "every sign is the wrong way round",
    ),
    "one number of two": ("chain rule.8", lambda g, weights: [1.0], "the length of what it returns is 1"),
    "number for a Value": ("tensors.2", lambda x: 2.0, "it must return a Value for a Value"),
    "accuracy of the other network": ("digits.2", 0.972, "0.972 is more than this network reaches"),
    "rounded mistake near the right number": ("gradient.4", 6.403, "that is the steepest slope of all"),
    "twice the change": ("constraints.2", 25.5, "it is not 25.5; the change is minus the multiplier"),
    "too few digits": ("constraints.2", 25.3, "25.3 is near; give more digits"),
    "fence for area": ("constraints.2", 25.1, "0.1 is by how much the fence grows"),
    "another logit": ("digits.3", [-0.3, 0.8, -0.9], "the first is not -0.3; it is p - y, and y is 0 for this class"),
    "far below 0": ("digits.2", -3, "an accuracy is a share, from 0 to 1"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistake_is_named(kind: str) -> None:
    name, answer, words = MISTAKES[kind]

    assert words in str(check(name, answer))


if __name__ == "__main__":
    KEPT.write_text(all_words(), encoding="utf-8")
