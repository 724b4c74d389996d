"""The exercises of the chapter "Learning to read digits"."""

from __future__ import annotations

import math

from autograd import Value
from autograd_course.answers import a_number, numbers, one_of
from autograd_course.exercise import Exercise, choice_is, number_is, numbers_are
from nn import cross_entropy


def _gradient_of_logits() -> list[float]:
    logits = [Value(math.log(p)) for p in (0.7, 0.2, 0.1)]
    cross_entropy(logits, 1).backward()
    return [logit.grad for logit in logits]


def _without_hidden_layer(given: float) -> str | None:
    if 10.0 < given <= 100.0:
        return f"an accuracy is a share, from 0 to 1: {given:g} % is {given / 100:g}"
    if not 0.0 <= given <= 1.0:
        return "an accuracy is a share, from 0 to 1"
    if given < 0.5:
        return f"{given:g} is near guessing, which is 0.1: is the network trained?"
    if given < 0.9:
        return f"{given:g} is low; train for 12 epochs, with momentum, as above"
    if given >= 0.971:
        return f"{given:g} is more than this network reaches; is it MLP(64, [10]), judged on the test pictures?"
    return None


EXERCISES = (
    Exercise(
        "What is the loss of a network that gives each of the ten digits the same probability?",
        a_number,
        number_is(
            lambda: math.log(10),
            {
                1.0: "1 is the logarithm of 10 to the base 10; the loss takes the natural one",
                math.log2(10): "that is the logarithm to the base 2; the loss takes the natural one",
                0.1: "0.1 is the probability; the loss is minus its logarithm",
            },
            "it is -log of the probability of the right digit",
            tolerance=1e-3,
        ),
        (
            "what probability does the right digit get?",
            "1/10, and the loss is minus its logarithm",
            "-log(1/10) = log(10)",
        ),
        "-log(1/10) = log(10), about 2.303. A loss above that is worse than knowing nothing.",
        "import math\n\nanswer = math.log(10)",
    ),
    Exercise(
        "Train a network without the hidden layer, MLP(64, [10]), in the same way. What is its accuracy on the test "
        "pictures?",
        a_number,
        _without_hidden_layer,
        (
            "make the model, and give fit its parameters",
            "flat = MLP(64, [10], rng=0), and then fit as above, with flat in place of model",
            "the optimizer too needs flat.parameters(); then accuracy_of(flat)",
        ),
        "About 0.964: straight cuts through 64 dimensions read most digits already.",
        "answer = 0.964",
    ),
    Exercise(
        "Softmax gives the probabilities 0.7, 0.2 and 0.1, and the second class is right. What is the gradient of the "
        "cross-entropy for the three logits? Give a list.",
        numbers(3, "the gradients of the three logits"),
        numbers_are(
            _gradient_of_logits,
            ("the first", "the second", "the third"),
            {
                (0.7, 0.2, 0.1): "these are the probabilities; take 1 from that of the right class",
                (0.7, 0.8, 0.1): "for the right class it is p - 1, which is negative",
                (0.0, -0.8, 0.0): "the wrong classes have a gradient too: their probabilities should be 0",
                (0.0, -5.0, 0.0): "that is the gradient for the probabilities; go on through softmax to the logits",
            },
            (
                "it is p - y, and y is 0 for this class",
                "it is p - y, and y is 1 for this class",
                "it is p - y, and y is 0 for this class",
            ),
        ),
        (
            "it is the probability minus the target",
            "the target is 0, 1, 0",
            "0.7 - 0, 0.2 - 1, 0.1 - 0",
        ),
        "p - y: 0.7, 0.2 - 1 = -0.8, and 0.1. They add up to 0.",
        "answer = [0.7, -0.8, 0.1]",
    ),
    Exercise(
        "The gradient of a weight is positive. In which direction does a step of descent move it: up or down?",
        one_of("up", "down"),
        choice_is(
            "down",
            {"up": "a positive gradient says that the loss grows with the weight; the loss is to fall"},
        ),
        (
            "what happens to the loss if the weight grows?",
            "a positive gradient says that it grows",
            "we want it to fall",
        ),
        "Down: the loss grows with the weight, so the weight is made smaller. A step goes against the gradient.",
        'answer = "down"',
    ),
)
