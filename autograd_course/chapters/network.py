"""The exercises of the chapter "A neuron, a layer, a network"."""

from __future__ import annotations

from autograd_course.answers import a_number, a_whole_number, numbers, one_of
from autograd_course.exercise import Exercise, choice_is, number_is
from nn import MLP

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def _or(given: list[float]) -> str | None:
    w1, w2, bias = given
    totals = [w1 * x1 + w2 * x2 + bias for x1, x2 in CORNERS]
    answers = [total > 0.0 for total in totals]
    if answers == [False, True, True, True]:
        return None
    if answers == [False, False, False, True]:
        return "this is 'and': it says yes at (1, 1) only; raise the bias"
    if answers == [True, True, True, True]:
        return "this says yes everywhere; at (0, 0) the sum is the bias, which must not be positive"
    corner = next(
        i for i, (yes, wanted) in enumerate(zip(answers, (False, True, True, True), strict=True)) if yes != wanted
    )
    return f"at {CORNERS[corner]} the sum is {totals[corner]:g}, and must be {'above 0' if corner else '0 or less'}"


def _parameters() -> float:
    return float(len(MLP(2, [16, 16, 1]).parameters()))


def _output() -> float:
    first, second = max(0.0, 1.0 + 1.0), max(0.0, 1.0 + 1.0 - 1.0)
    return first - 2.0 * second - 0.5


EXERCISES = (
    Exercise(
        "A neuron says yes where w1 x1 + w2 x2 + b > 0. Find w1, w2 and b for 'or': yes if at least one input is 1. "
        "Give a list of three numbers.",
        numbers(3, "w1, w2 and b"),
        _or,
        (
            "at (0, 0) the sum is b: which sign must it have?",
            "each weight alone must lift the sum above 0",
            "with both weights 1, b must be 0 or less, and above -1",
        ),
        "[1, 1, -0.5], for instance: the same direction as for 'and', with the line moved towards the origin.",
        "answer = [1, 1, -0.5]",
    ),
    Exercise(
        "Two hidden neurons give h1 = relu(x1 + x2) and h2 = relu(x1 + x2 - 1), and the output is h1 - 2 h2 - 0.5. "
        "What is it at (1, 1)?",
        a_number,
        number_is(
            _output,
            {
                0.0: "do not forget the bias of the output, -0.5",
                0.5: "that is the output at (0, 1) and at (1, 0)",
                1.5: "h2 is 1 there: take 2 h2 away",
                -2.5: "h2 is relu(1 + 1 - 1) = 1, not 2",
            },
            "first find h1 and h2",
        ),
        (
            "first the hidden neurons: h1 = relu(2)",
            "h2 = relu(1)",
            "2 - 2 * 1 - 0.5",
        ),
        "h1 = 2 and h2 = 1, so the output is 2 - 2 - 0.5 = -0.5, a no.",
        "answer = -0.5",
    ),
    Exercise(
        "How many parameters, weights and biases together, has MLP(2, [16, 16, 1])?",
        a_whole_number,
        number_is(
            _parameters,
            {
                304.0: "these are the weights; each neuron has a bias too",
                33.0: "these are the neurons, and each has a bias; add the weights",
                35.0: "these are the neurons and the inputs",
                320.0: "the last neuron has weights too",
            },
            "count layer by layer: (inputs + 1) times neurons",
        ),
        (
            "count layer by layer",
            "a layer has (inputs + 1) parameters for each of its neurons",
            "3 * 16 + 17 * 16 + 17 * 1",
        ),
        "(2 + 1) * 16 + (16 + 1) * 16 + (16 + 1) * 1 = 48 + 272 + 17 = 337.",
        "answer = 337",
    ),
    Exercise(
        "There are 160 training examples in batches of 20, and 100 epochs. How many steps does the optimizer make?",
        a_whole_number,
        number_is(
            lambda: 160 / 20 * 100,
            {
                8.0: "8 is one epoch",
                100.0: "an epoch has 8 batches, and each makes a step",
                16000.0: "a step is made for a batch, not for an example",
                2000.0: "an epoch has 160 / 20 batches",
            },
            "each batch makes one step",
        ),
        (
            "each batch makes one step",
            "an epoch has 160 / 20 = 8 batches",
            "8 times 100",
        ),
        "An epoch has 160 / 20 = 8 batches, so 800.",
        "answer = 800",
    ),
    Exercise(
        "Can one neuron, without a hidden layer, say yes where exactly one of its two inputs is 1, and no at the other "
        "two corners ('xor')? Yes or no?",
        one_of("yes", "no"),
        choice_is(
            "no",
            {"yes": "a neuron cuts the plane with one line; try to part (0, 1) and (1, 0) from (0, 0) and (1, 1)"},
        ),
        (
            "draw the four corners of the square",
            "a neuron cuts the plane with one straight line",
            "the two corners of yes lie across from each other",
        ),
        "No: the corners of yes lie across from each other, and no straight line parts them from the other two.",
        'answer = "no"',
    ),
    Exercise(
        "This step trains badly: from the second time on, it follows more than the gradient of its loss.\n"
        "    1  guess = model(x)\n"
        "    2  loss = half_mse(guess, y)\n"
        "    3  loss.backward()\n"
        "    4  optimizer.step()\n"
        'What is missing: "zero_grad", "no_grad" or "detach"?',
        one_of("zero_grad", "no_grad", "detach"),
        choice_is(
            "zero_grad",
            {
                "no_grad": "under no_grad nothing is remembered, so line 3 would have no graph to walk",
                "detach": "a detached guess has no graph, so no gradient would reach the weights",
            },
        ),
        (
            "what does a leaf do with a gradient that comes when it has one already?",
            "it adds them up: step 4 goes along the sum of all gradients so far",
            "the old gradients must be set to 0 before new ones come",
        ),
        "Leaves add up what they get, so model.zero_grad() is missing, anywhere before line 3.",
        'answer = "zero_grad"',
    ),
)
