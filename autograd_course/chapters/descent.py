"""The exercises of the chapter "Gradient descent and its relatives"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import Value
from autograd_course.answers import a_function, a_number, numbers
from autograd_course.exercise import Exercise, is_near, number_is
from autograd_course.judging import CallFailedError, called
from nn import Optimizer

Rule = Callable[[float, float, float], Any]


def _limits(given: list[float]) -> str | None:
    for limit, curve, name in zip(given, (2.0, 20.0), ("x^2", "10 x^2"), strict=True):
        right = 2.0 / curve
        if is_near(limit, right):
            continue
        factor = 1.0 - limit * curve
        words = f"for {name} a step with the learning rate {limit:g} multiplies x by {factor:g}"
        if is_near(limit, right / 2):
            return f"{words}: that is the best learning rate; it converges below twice that"
        if limit > 0 and abs(factor) < 1:
            return f"{words}, so it converges; a little above it still does"
        return f"{words}, which does not shrink it"
    return None


def _path(rule: Rule, slopes: list[float]) -> list[float]:
    """The numbers that a rule with a velocity gives, for slopes that are given."""
    number, velocity, path = 1.0, 0.0, []
    for slope in slopes:
        result = called(rule, number, slope, velocity)
        try:
            number, velocity = map(float, result)
        except (TypeError, ValueError):
            raise CallFailedError(
                f"your function returns {result!r:.60}; two numbers are asked for: the next number, the next velocity"
            ) from None
        path.append(number)
    return path


def _path_of_class(optimizer: type[Optimizer], slopes: list[float]) -> list[float]:
    """The numbers that an optimizer gives, for slopes that are given."""
    parameter, path = Value(1.0), []
    try:
        made = optimizer([parameter], 0.1)
        for slope in slopes:
            parameter.grad = slope
            made.step()
            path.append(parameter.data)
    except Exception as error:  # noqa: BLE001 - a learner's class may fail in any way
        raise CallFailedError(
            f"a step of your optimizer fails: {type(error).__name__}: {error}; initial_state is a tuple, like (0.0,), "
            "and update returns the next number and such a tuple"
        ) from None
    return path


def _momentum(answer: Callable[..., Any]) -> str | None:
    slopes = [1.0, 1.0, -2.0]
    try:
        if isinstance(answer, type) and issubclass(answer, Optimizer):
            found = _path_of_class(answer, slopes)
        else:
            found = _path(answer, slopes)
    except CallFailedError as error:
        return str(error)

    def follows(other: Rule) -> bool:
        return all(map(is_near, found, _path(other, slopes)))

    def right(number: float, slope: float, velocity: float) -> tuple[float, float]:
        velocity = 0.9 * velocity + slope
        return number - 0.1 * velocity, velocity

    if follows(right):
        return None
    if follows(lambda number, slope, velocity: (number - 0.1 * slope, velocity)):
        return "this is plain descent: the velocity is not used"
    if follows(lambda number, slope, velocity: (number - 0.1 * (0.9 * velocity + slope), slope)):
        return "the new velocity is 0.9 times the old one plus the slope; yours forgets the old one"
    if follows(lambda number, slope, velocity: (number - 0.1 * velocity, 0.9 * velocity + slope)):
        return "the step is made with the new velocity; yours is made with the old one"
    if follows(lambda number, slope, velocity: (number + 0.1 * (0.9 * velocity + slope), 0.9 * velocity + slope)):
        return "this walks uphill: a step goes against the slope"
    if follows(
        lambda number, slope, velocity: (
            number - 0.1 * (0.9 * velocity + 0.1 * slope),
            0.9 * velocity + 0.1 * slope,
        )
    ):
        return "this averages the slopes, as Adam does; momentum adds them up: 0.9 times the velocity, plus the slope"
    step, (given, wanted) = next(
        (step, pair) for step, pair in enumerate(zip(found, _path(right, slopes), strict=True), 1) if not is_near(*pair)
    )
    return f"with the slopes 1, 1, -2 from 1, step {step} leads to {given:g}, and momentum to {wanted:g}"


def _probability(given: float) -> str | None:
    if not 0 <= given <= 1:
        return f"a probability is between 0 and 1, and {given:g} is not"
    return number_is(
        lambda: math.exp(-3 / 2),
        {
            math.exp(-2 / 3): "d and T are the other way round",
            1 - math.exp(-3 / 2): "that is the probability that it is not taken",
        },
        "it is exp(-d / T)",
        tolerance=1e-3,
    )(given)


def _one_step(number: float, lr: float, slope: float) -> float:
    return number - lr * slope


EXERCISES = (
    Exercise(
        "Descent on x^2 goes from x to x - lr * 2x. Below which learning rate does it converge, from any start? And "
        "for 10 x^2? Give a list of two numbers.",
        numbers(2, "the limit for x^2 and the limit for 10 x^2"),
        _limits,
        (
            "by which factor does a step multiply x?",
            "1 - 2 lr for x^2, and 1 - 20 lr for 10 x^2",
            "it converges as long as the factor is between -1 and 1",
        ),
        "The factor 1 - 2 lr is between -1 and 1 as long as lr < 1; 1 - 20 lr is as long as lr < 0.1. The steeper a "
        "function curves, the smaller the learning rate must be.",
        "answer = [1, 0.1]",
    ),
    Exercise(
        "Write momentum with the factor 0.9: a subclass of nn.Optimizer whose update gets a number, its gradient and a "
        "state, which holds its velocity, and returns the next number and the next state. (Or a function of a number, "
        "its slope and its velocity, with the learning rate 0.1, that returns the next number and the next velocity.)",
        a_function,
        _momentum,
        (
            "first make the new velocity, then the step with it",
            "the new velocity is 0.9 times the old one, plus the slope",
            "the next number is the number minus 0.1 times the new velocity",
        ),
        "The velocity adds up the slopes, each counting 0.9 of what it did a step before; the step follows it "
        "downhill.",
        "from nn import Optimizer\n\n\n"
        "class answer(Optimizer):\n"
        "    initial_state = (0.0,)\n\n"
        "    def update(self, number, gradient, state):\n"
        "        (velocity,) = state\n"
        "        velocity = 0.9 * velocity + gradient\n"
        "        return number - self.lr * velocity, (velocity,)",
    ),
    Exercise(
        "At the temperature 2 a step is proposed that raises the value by 3. With what probability is it taken?",
        a_number,
        _probability,
        (
            "a step down is always taken; one up by d with a probability that falls with d",
            "the probability is exp(-d / T)",
            "d = 3 and T = 2",
        ),
        "exp(-3/2) is about 0.223, a little more than one time in five.",
        "import math\n\nanswer = math.exp(-3 / 2)",
    ),
    Exercise(
        "Predict: f(x) = x^2, x = 3, learning rate 0.1. Where is x after one step of gradient descent?",
        a_number,
        number_is(
            lambda: _one_step(3.0, 0.1, 6.0),
            {
                3.6: "3.6 is uphill: a step goes against the slope",
                2.7: "the slope of x^2 is 2x, not x",
                0.6: "0.6 is the length of the step; take it from 3",
                -3.0: "that is a step with the learning rate 1",
            },
            "it is x minus the learning rate times the slope",
        ),
        (
            "what is the slope of x^2 at 3?",
            "the step is 0.1 times 6, downhill",
            "3 - 0.6",
        ),
        "The slope is 6, so the step goes to 3 - 0.1 * 6 = 2.4.",
        "answer = 2.4",
    ),
    Exercise(
        "Predict: the slope is 1 at every step, momentum is 0.9, the learning rate 0.1. How long does a step become in "
        "the end, after very many?",
        a_number,
        number_is(
            lambda: 0.1 / (1 - 0.9),
            {
                -1.0: "that is the change of the number; asked for is a length, which has no sign",
                0.1: "that is the first step; the velocity goes on growing",
                0.19: "that is the second step; the velocity goes on growing",
                10.0: "10 is the velocity; a step is 0.1 of it",
            },
            "at which velocity v is 0.9 v + 1 equal to v?",
        ),
        (
            "the velocity grows as long as 0.9 v + 1 is larger than v",
            "it stops growing where v = 0.9 v + 1",
            "v = 10, and a step is 0.1 v",
        ),
        "The velocity stops growing at v = 0.9 v + 1, which is 10; a step is then 0.1 * 10 = 1, ten times the first.",
        "answer = 1",
    ),
    Exercise(
        "Predict: Adam with the learning rate 0.01, its first step, at a slope of 1000. How far does it move? (Leave "
        "its tiny epsilon out.)",
        a_number,
        number_is(
            lambda: 0.01,
            {
                -0.01: "that is the change of the number; how far it moves has no sign",
                0.01 * 0.1 / 0.001**0.5: "that is the step without the correction of the averages for starting at 0",
                10.0: "that is plain descent; Adam divides by the size of the slopes",
                0.001: "its averages are corrected for starting at 0, so the first step is not a tenth",
                1000.0: "that is the slope",
            },
            "Adam divides the mean of the slopes by their root mean square",
            tolerance=1e-5,
        ),
        (
            "Adam divides the mean slope by the size of the slopes",
            "after one step the corrected mean is the slope itself, and the corrected size is its absolute value",
            "1000 / 1000 = 1, times the learning rate",
        ),
        "After the correction the mean is 1000 and the root of the mean square is 1000: their ratio is 1, and the step "
        "0.01, however steep it is.",
        "answer = 0.01",
    ),
)
