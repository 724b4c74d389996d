"""The exercises of the chapter "The chain rule and backpropagation by hand"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from autograd import Value, grad, trace
from autograd_course.answers import a_function, a_number, a_whole_number, numbers, one_of, some_numbers
from autograd_course.exercise import Exercise, choice_is, is_near, number_is, numbers_are
from autograd_course.judging import CallFailedError, called, called_for_number, function_is
from autograd_course.tiny import Node

DEAD = 1e-6
"""The part of a gradient below which it counts as dead."""


def _contributions(given: list[float]) -> str | None:
    x = Value(2.0)
    expected = sorted(step.contribution for step in trace((x * x) * x) if step.operand is x)
    if len(given) == len(expected) and all(map(is_near, sorted(given), expected)):
        return None
    total, wanted = sum(given), sum(expected)
    if len(given) != len(expected):
        return f"x is used {len(expected)} times, so there are {len(expected)} contributions, and you give {len(given)}"
    if is_near(total, wanted):
        return f"they add up to {wanted:g}, as they must; but one by one they are others: follow each path by itself"
    return f"they must add up to 3 x^2 = {wanted:g}, and yours add up to {total:g}"


def _layers(given: float) -> str | None:
    if given < 1:
        return "the number of layers is 1 or more"
    left, next_left = 0.25**given, 0.25 ** (given + 1)
    if left < DEAD:
        return f"after {given:g} layers there is {left:.1e} left, which is dead already"
    if next_left >= DEAD:
        return f"after {given + 1:g} layers there is still {next_left:.1e} left"
    return None


_Link: TypeAlias = tuple[str, list[tuple[str, float]]]
"""The name of a node, and its parents with its derivative with respect to each."""


def _chained(*links: _Link) -> dict[str, Node]:
    """Nodes by name, each made of earlier ones with the derivatives that are given."""
    made: dict[str, Node] = {}
    for name, parents in links:
        made[name] = Node(name, [made[parent] for parent, _ in parents], [partial for _, partial in parents])
    return made


def _graphs() -> list[tuple[str, dict[str, Node]]]:
    """Computations with the name of their result, from the easiest to the one that needs the right order."""
    long_path: list[_Link] = [("x", []), ("v", [("x", 2.0)]), ("w", [("v", 3.0)]), ("u", [("w", 5.0)])]
    return [
        ("y", _chained(("x", []), ("u", [("x", 3.0)]), ("y", [("u", -2.0)]))),
        ("y", _chained(("x", []), ("y", [("x", 3.0), ("x", 3.0)]))),
        ("y", _chained(("a", []), ("b", []), ("u", [("a", 2.0), ("b", 1.0)]), ("y", [("u", 3.0), ("a", 4.0)]))),
        # v is met first on the short path, and is complete only after the long one.
        ("y", _chained(*long_path, ("y", [("v", 7.0), ("u", 1.0)]))),
        # The same with the long path first: a loop that takes the last parent first is wrong here only.
        ("y", _chained(*long_path, ("y", [("u", 1.0), ("v", 7.0)]))),
    ]


def _known_gradients(root: str, nodes: dict[str, Node]) -> dict[str, float]:
    gradients = dict.fromkeys(nodes, 0.0)
    gradients[root] = 1.0
    for name, node in reversed(nodes.items()):  # they were made in order: each after its parents
        for parent, partial in zip(node.parents, node.partials, strict=True):
            gradients[parent.name] += gradients[name] * partial
    return gradients


def _backward_loop(backward: Callable[..., Any]) -> str | None:
    for number, (root, nodes) in enumerate(_graphs()):
        wanted = _known_gradients(root, nodes)
        made_of = {name: list(zip(node.parents, node.partials, strict=True)) for name, node in nodes.items()}
        try:
            backward(nodes[root])
        except RecursionError:
            return "it calls itself without end"
        except Exception as error:  # noqa: BLE001 - a learner's function may fail in any way
            return f"it fails: {type(error).__name__}: {error}"
        for name, node in nodes.items():
            if is_near(node.grad, wanted[name]):
                continue
            if all(other.grad == 0.0 for other in nodes.values()):
                return "it leaves every grad at 0; start with root.grad = 1.0"
            if name == root:
                return f"the result's own gradient is {node.grad:g}; it is 1, and a good start"
            if number == 1 and node.grad == 3.0:
                return "x is used twice in y = x * x, and gets one of two contributions: is there an = for a +=?"
            if name == "x" and node.grad > wanted[name] > 0.0:
                return (
                    "a node handed its gradient on more than once: go through the nodes once, each when it is complete"
                )
            if number >= 3 and name != "v":
                return (
                    "a node handed its gradient on before all of it had come: it reaches the result on a short and on "
                    "a long path. Go through the nodes in reverse topological order"
                )
            words = ", ".join(f"{parent.name} with {partial:g}" for parent, partial in made_of[name])
            made = f" (made of {words})" if words else ""
            return f"the gradient of {name}{made} is {node.grad:g}, and {wanted[name]:g} is right"
    return None


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _neuron_gradient(x: float, w: float, y: float) -> float:
    def loss(w: Any) -> Any:
        return ((w * x).sigmoid() - y) ** 2 / 2

    return grad(loss)(w)


def _known_back(g: list[float], weights: list[list[float]]) -> list[float]:
    """g W^T: what a layer y = x W hands back to its inputs."""
    return [sum(gj * wij for gj, wij in zip(g, row, strict=True)) for row in weights]


def _transposed(answer: Callable[..., Any]) -> str | None:
    for g, weights in (
        ([1.0, -2.0], [[1.0, 2.0], [3.0, 4.0]]),
        ([0.5, 1.0, 2.0], [[1.0, 0.0, 2.0], [-1.0, 3.0, 1.0]]),
    ):
        try:
            found = called(answer, list(g), [list(row) for row in weights])
        except CallFailedError as error:
            return str(error)
        wanted = _known_back(g, weights)
        try:
            given = [float(number) for number in found]
        except (TypeError, ValueError):
            return f"it returns {found!r:.60}; a list of one number for each input is asked for"
        if len(given) == len(wanted) and all(map(is_near, given, wanted)):
            continue
        if len(weights) == len(g):
            across = _known_back(g, [list(column) for column in zip(*weights, strict=True)])
            if all(map(is_near, given, across)):
                return "still the weights the wrong way round: input i meets output j in weights[i][j]"
        if len(given) != len(wanted):
            return (
                f"with {len(weights)} inputs and {len(g)} outputs the length of what it returns is {len(given)}; asked "
                "for is one number for each input"
            )
        shown = ", ".join(f"{number:g}" for number in wanted)
        return f"with g = {g} and weights = {weights} it returns {given}, and [{shown}] is right"
    return None


def _accumulated(answer: Callable[..., Any]) -> str | None:
    for x in (2.0, -1.5):
        try:
            found = called_for_number(answer, x)
        except CallFailedError as error:
            return str(error)
        wanted = 2 * x + 1.0
        if is_near(found, wanted):
            continue
        if is_near(found, 1.0):
            return "the last contribution, 1, still takes the place of the others"
        if is_near(found, x + 1.0):
            return "x is an operand of the square twice, and both contributions count"
        return f"at x = {x:g} it returns {found:g}, and the derivative of x * x + x is {wanted:g}"
    return None


EXERCISES = (
    Exercise(
        "What is the derivative of (5x - 1)^3 at x = 1? Multiply two rates.",
        a_number,
        number_is(
            lambda: grad(lambda x: (5 * x - 1) ** 3)(1.0),
            {
                48.0: "48 is the rate of the outer step alone; the inner one, 5x - 1, has a rate too",
                5.0: "5 is the rate of the inner step alone; multiply it by the outer one",
                64.0: "64 is the number itself; asked for is how fast it grows",
                15.0: "3 u^2 is to be taken at u = 5x - 1, which is 4, not at 1",
                12.0: "the rate of u^3 is 3 u^2, not 3 u",
                53.0: "rates along a path multiply; these are added",
            },
            "the outer step is u^3 at u = 4, the inner one is 5x - 1",
        ),
        (
            "write u for 5x - 1: how fast does u grow with x, and u^3 with u?",
            "u grows with the rate 5, u^3 with the rate 3 u^2",
            "at x = 1, u is 4",
        ),
        "At x = 1, u = 4. The outer rate is 3 u^2 = 48, the inner one 5: 48 * 5 = 240.",
        "answer = 48 * 5",
    ),
    Exercise(
        "In y = x * x * x, written as (x * x) * x, which contributions does the trace hand to x at x = 2? Give a "
        "list, in any order.",
        some_numbers,
        _contributions,
        (
            "how often does x stand in the formula?",
            "the last product hands x * x to x directly, and x to the first product",
            "the first product hands 2 * x to each of its two operands",
        ),
        "The last product hands x * x = 4 to x, and 2 to the first product, which hands 2 * 2 = 4 to each of its "
        "operands. Together they make 12.",
        "answer = [4, 4, 4]",
    ),
    Exercise(
        "In a chain of sigmoid neurons, delta is the derivative of the loss with respect to a neuron's sum. Write the "
        "formula that takes it one layer back: a function of delta of the next layer, the weight of the next layer, "
        "and a, the output of this layer.",
        a_function,
        function_is(
            lambda delta, weight, a: delta * weight * a * (1 - a),
            [(0.5, 2.0, 0.25), (-0.3, 0.7, 0.9), (1.5, -1.0, 0.5)],
            [
                (lambda delta, weight, _: delta * weight, "the slope of the neuron is missing, a (1 - a)"),
                (
                    lambda delta, _, a: delta * a * (1 - a),
                    "the weight is missing through which the error comes",
                ),
                (lambda delta, weight, a: delta * weight * a, "that is half of the slope; it is a (1 - a)"),
                (
                    lambda delta, weight, a: delta * weight * (1 - a * a),
                    "1 - a^2 is the slope of tanh; that of the sigmoid is a (1 - a)",
                ),
            ],
        ),
        (
            "the error comes back through the weight, and is scaled by the slope of the neuron",
            "the slope of the sigmoid, in terms of its output a, is a (1 - a)",
            "delta times weight times a times (1 - a)",
        ),
        "The error comes back through the weight that the signal went through, and is scaled by the slope a (1 - a).",
        "def answer(delta_after, weight_after, a):\n    return delta_after * weight_after * a * (1 - a)",
    ),
    Exercise(
        "For how many layers does a gradient survive if each takes exactly the factor 1/4, and you call it dead below "
        "one millionth of what it was?",
        a_whole_number,
        _layers,
        (
            "after n layers 4^-n is left",
            "4^-n is to stay above 10^-6: how large is 4^n at most?",
            "4^9 is 262,144, and 4^10 is 1,048,576",
        ),
        "9: 4^-9 is 3.8e-6, which is alive, and 4^-10 is 9.5e-7, which is dead.",
        "answer = 9",
    ),
    Exercise(
        "A network with a softmax layer is certain and right: p = (0, 0, 1), y = (0, 0, 1). What is the gradient of "
        "every weight? And if it is certain and wrong, p = (1, 0, 0): what is dE/dz of the right class? Give a list "
        "of two.",
        numbers(2, "the gradient when right, and dE/dz of the right class when wrong"),
        numbers_are(
            lambda: (0.0, -1.0),
            ("the first", "the second"),
            {
                (0.0, 1.0): "for the right class p - y is 0 - 1: more of it lowers the error",
                (0.0, 0.0): "the first is right; p - y for the right class is 0 - 1, however flat the softmax is",
            },
            ("p - y is 0 for each class, so there is nothing to learn", "p - y for the right class is 0 - 1"),
        ),
        (
            "the gradient of a logit is p - y",
            "when it is right, p - y is 0 for each class",
            "when it is wrong, p of the right class is 0, and y is 1",
        ),
        "0, there is nothing to learn. And -1: however wrong the network is, the gradient is neither tiny nor huge.",
        "answer = [0, -1]",
    ),
    Exercise(
        "Write the backward loop: a function backward(root) that sets the grad of every node that root was made of. A "
        "node has parents (a list of nodes), partials (its derivative with respect to each) and grad, which is 0.0 at "
        "first. (autograd_course.Node is such a node.) It takes about twelve lines.",
        a_function,
        _backward_loop,
        (
            "first put the nodes in order, each after its parents; then go through them in reverse",
            "the order: visit a node's parents first, then append the node itself; never visit a node twice",
            "in reverse: for each parent and partial of a node, parent.grad += node.grad * partial",
        ),
        "Put the nodes in topological order, start with 1 at the root, and let each node, when it is complete, hand "
        "its gradient times the partials to its parents.",
        "def answer(root):\n"
        "    order, seen = [], set()\n\n"
        "    def visit(node):\n"
        "        if node not in seen:\n"
        "            seen.add(node)\n"
        "            for parent in node.parents:\n"
        "                visit(parent)\n"
        "            order.append(node)\n\n"
        "    visit(root)\n"
        "    root.grad = 1.0\n"
        "    for node in reversed(order):\n"
        "        for parent, partial in zip(node.parents, node.partials):\n"
        "            parent.grad += node.grad * partial",
    ),
    Exercise(
        "There is a bug in this backward pass of L = (sigmoid(w x) - y)^2 / 2. Give the mended function.\n"
        "    def backward(x, w, y):  # dL/dw\n"
        "        a = 1 / (1 + math.exp(-w * x))\n"
        "        delta = a - y\n"
        "        return delta * x",
        a_function,
        function_is(
            _neuron_gradient,
            [(2.0, 0.5, 1.0), (-1.0, 0.3, 0.0), (0.5, -2.0, 0.5)],
            [
                (
                    lambda x, w, y: (_sigmoid(w * x) - y) * x,
                    "the bug is still there: where is the slope of the sigmoid?",
                ),
                (
                    lambda x, w, y: (_sigmoid(w * x) - y) * _sigmoid(w * x) * (1 - _sigmoid(w * x)),
                    "the slope is there now; but w meets x, so its gradient has the factor x",
                ),
                (
                    lambda x, w, y: 2 * (_sigmoid(w * x) - y) * _sigmoid(w * x) * (1 - _sigmoid(w * x)) * x,
                    "that is the gradient of the square, not of its half",
                ),
                (
                    lambda x, w, y: (_sigmoid(w * x) - y) * (1 - _sigmoid(w * x) ** 2) * x,
                    "1 - a^2 is the slope of tanh; that of the sigmoid is a (1 - a)",
                ),
            ],
        ),
        (
            "walk back: the square, the sigmoid, the product. Does each step bring its factor?",
            "the square brings a - y, the product brings x",
            "the sigmoid brings a (1 - a), which is missing",
        ),
        "The slope of the sigmoid is missing: delta = (a - y) * a * (1 - a).",
        "import math\n\n\n"
        "def answer(x, w, y):\n"
        "    a = 1 / (1 + math.exp(-w * x))\n"
        "    delta = (a - y) * a * (1 - a)\n"
        "    return delta * x",
    ),
    Exercise(
        "A layer computes y_j as the sum of x_i weights[i][j] over i. There is a bug in what it hands back to its "
        "inputs. Give the mended function.\n"
        "    def back(g, weights):  # g: the gradients of y; returns those of x\n"
        "        return [sum(g[i] * weights[i][j] for i in range(len(g))) for j in range(len(weights))]",
        a_function,
        _transposed,
        (
            "x_i reaches every y_j: through which weights?",
            "x_i reaches y_j through weights[i][j], so its gradient is a sum over j",
            "the sum of g[j] * weights[i][j] over j, for each i",
        ),
        "The weights are the wrong way round. The signal goes from i to j through weights[i][j], and the error comes "
        "back through the same: the gradient of x_i is the sum of g[j] * weights[i][j] over j.",
        "def answer(g, weights):\n    return [sum(g[j] * row[j] for j in range(len(g))) for row in weights]",
    ),
    Exercise(
        "There is a bug in this backward pass of y = x * x + x. Give the mended function.\n"
        "    def backward(x):  # dy/dx\n"
        "        grads = {'x': 0.0}\n"
        "        grads['x'] = 1.0 * x  # the first operand of the product\n"
        "        grads['x'] = 1.0 * x  # the second operand\n"
        "        grads['x'] = 1.0      # the sum\n"
        "        return grads['x']",
        a_function,
        _accumulated,
        (
            "try x = 2: the derivative is 2x + 1 = 5; what does the function return?",
            "x is used three times, and paths add",
            "write += for = in three lines",
        ),
        "Each contribution takes the place of the one before: += is meant, not =.",
        "def answer(x):\n"
        "    grads = {'x': 0.0}\n"
        "    grads['x'] += 1.0 * x\n"
        "    grads['x'] += 1.0 * x\n"
        "    grads['x'] += 1.0\n"
        "    return grads['x']",
    ),
    Exercise(
        "A network has 1,000 parameters and one loss. Which mode finds the derivatives of the loss for all of them in "
        "one pass: forward or reverse?",
        one_of("forward", "reverse"),
        choice_is(
            "reverse",
            {"forward": "forward mode carries one parameter's derivative along at a time: it takes 1,000 passes"},
        ),
        (
            "one mode starts at an input, the other at the result",
            "a pass costs about the same in both; count the passes",
            "there are 1,000 inputs and one result",
        ),
        "Reverse: it starts at the one loss and reaches all parameters. Forward mode takes a pass for each parameter.",
        'answer = "reverse"',
    ),
    Exercise(
        "A simulation has one parameter and 1,000 results. Which mode finds the derivatives of all of them in one "
        "pass: forward or reverse?",
        one_of("forward", "reverse"),
        choice_is(
            "forward",
            {"reverse": "reverse mode starts at one result at a time: it takes 1,000 passes"},
        ),
        (
            "one mode starts at an input, the other at a result",
            "count the passes",
            "there is one input",
        ),
        "Forward: the derivative with respect to the one parameter is carried along to all results.",
        'answer = "forward"',
    ),
)
