"""Thirty graphs to lay out, small and large: neurons, networks folded and not, compiled programs and random graphs."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import Value, compile, draw, exp, scope, softmax, tanh
from nn import MLP

if TYPE_CHECKING:
    import graphviz

OPERATIONS: tuple[Callable[[Value, Value], Value], ...] = (
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - y,
    lambda x, _: tanh(x),
)


def neuron() -> Value:
    """A neuron with two inputs."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2, b = Value(-3.0, label="w1"), Value(1.0, label="w2"), Value(6.8814, label="b")
    return tanh(x1 * w1 + x2 * w2 + b)


def probability(classes: int) -> Value:
    """The first of the probabilities of some classes."""
    scores = [Value(0.3 * index, label=f"z{index}") for index in range(classes)]
    return softmax(scores)[0]


def network() -> Value:
    """A network of 2, 4, 4 and 1 neurons."""
    output = MLP(2, [4, 4, 1], rng=random.Random(0))([Value(1.0, label="x1"), Value(2.0, label="x2")])
    assert isinstance(output, Value)
    return output


def program_of_a_neuron() -> graphviz.Digraph:
    """The program of a compiled function of four numbers."""

    def function(x: list[Value], w: list[Value]) -> Value:
        return tanh(x[0] * w[0] + x[1] * w[1]) * exp(-(w[0] ** 2))

    compiled = compile(function, runtime="python")
    compiled([1.0, 2.0], [3.0, 4.0])
    return compiled.program.draw(layout="python")


def program_of_a_network() -> graphviz.Digraph:
    """The program of a compiled network."""
    model = MLP(2, [4, 4, 1], "relu", rng=random.Random(0))
    compiled = compile(lambda x, y: (model(x) - y) ** 2, runtime="numpy")
    compiled([1.0, 2.0], 0.5)
    return compiled.program.draw(layout="python")


def chain(links: int) -> Value:
    """A chain whose links all use the same two weights."""
    weight, bias, state = Value(0.5, label="w"), Value(0.1, label="b"), Value(0.1)
    for _ in range(links):
        state = state * weight + bias
    return state


def products(terms: int) -> Value:
    """A sum of products with one factor in common."""
    factor = Value(0.5, label="s")
    return total([factor * Value(index / 10, label=f"a{index}") for index in range(terms)])


def complete_layers(count: int) -> Value:
    """Layers of sums, each of all numbers of the layer before."""
    numbers = [Value(float(index), label=f"x{index}") for index in range(6)]
    for _ in range(count):
        numbers = [total([numbers[index] * 0.1, *numbers[:index], *numbers[index + 1 :]]) for index in range(6)]
    return total(numbers)


def recurrence(steps: int) -> Value:
    """A recurrent network of two units, each step of it in a scope, with a scope for each unit inside."""
    weights = [[Value(0.1, label=f"w{i}{j}") for j in range(3)] for i in range(2)]
    state = [Value(0.0, label=f"h{i}") for i in range(2)]
    for step in range(steps):
        with scope(f"step {step}"):
            x = Value(step / 10, label=f"x{step}")
            new = []
            for index, row in enumerate(weights):
                with scope(f"unit {index}"):
                    new.append(tanh(row[0] * x + row[1] * state[0] + row[2] * state[1]))
            state = new
    return total(state)


def random_graph(size: int, *, scopes: bool = False) -> Value:
    """Operations on any two of the numbers before, most often on recent ones; some in scopes, one inside of another."""
    generator = random.Random(size)
    numbers = [Value(generator.uniform(-1, 1), label=f"x{index}") for index in range(max(2, size // 10))]
    unused = dict.fromkeys(range(len(numbers)))

    def operate(count: int) -> None:
        for _ in range(count):
            recent = max(0, len(numbers) - 12)
            x, y = (generator.randrange(recent if generator.random() < 0.8 else 0, len(numbers)) for _ in range(2))
            if generator.random() < 0.3:
                x = generator.choice(list(unused))
            operation = generator.choice(OPERATIONS)
            numbers.append(operation(numbers[x], numbers[y]))
            for operand in (x, y)[: 1 if operation is OPERATIONS[-1] else 2]:
                unused.pop(operand, None)
            unused[len(numbers) - 1] = None

    block = 0
    while len(numbers) + len(unused) < size:
        count = min(generator.randint(4, 12), size - len(numbers) - len(unused) + 1)
        block += 1
        if not scopes or generator.random() < 0.3:
            operate(count)
            continue
        with scope(f"block {block}"):
            operate(count // 2)
            with scope("inner"):
                operate(count - count // 2)
    return total([numbers[index] for index in unused])


def total(numbers: list[Value]) -> Value:
    """The sum of numbers, one after the other."""
    result = numbers[0]
    for number in numbers[1:]:
        result = result + number
    return result


def drawing(root: Value, **how: Any) -> graphviz.Digraph:
    """A picture of the graph of a Value that Python lays out."""
    return draw(root, max_nodes=600, layout="python", **how)


GRAPHS: dict[str, Callable[[], graphviz.Digraph]] = {
    "neuron": lambda: drawing(neuron()),
    "neuron, downwards, with texts": lambda: drawing(neuron(), show_partials=True, direction="TB"),
    "softmax of 3": lambda: drawing(probability(3)),
    "softmax of 8, with texts": lambda: drawing(probability(8), show_partials=True),
    "network": lambda: drawing(network()),
    "network, downwards, with texts": lambda: drawing(network(), show_partials=True, direction="TB"),
    "network, folded to layers": lambda: drawing(network(), max_depth=1),
    "network, folded to neurons": lambda: drawing(network(), max_depth=2),
    "program of a neuron": program_of_a_neuron,
    "program of a network": program_of_a_network,
    "chain of 150 links": lambda: drawing(chain(150)),
    "100 products with one factor": lambda: drawing(products(100)),
    "6 complete layers of 6": lambda: drawing(complete_layers(6)),
    "recurrence of 12 steps": lambda: drawing(recurrence(12)),
    "recurrence of 12 steps, folded": lambda: drawing(recurrence(12), max_depth=1),
    "random 20": lambda: drawing(random_graph(20)),
    "random 20, scopes and texts": lambda: drawing(random_graph(20, scopes=True), show_partials=True),
    "random 50": lambda: drawing(random_graph(50)),
    "random 50, scopes": lambda: drawing(random_graph(50, scopes=True)),
    "random 100, texts": lambda: drawing(random_graph(100), show_partials=True),
    "random 100, scopes": lambda: drawing(random_graph(100, scopes=True)),
    "random 100, scopes and texts": lambda: drawing(random_graph(100, scopes=True), show_partials=True),
    "random 200": lambda: drawing(random_graph(200)),
    "random 200, scopes": lambda: drawing(random_graph(200, scopes=True)),
    "random 300": lambda: drawing(random_graph(300)),
    "random 300, scopes and texts": lambda: drawing(random_graph(300, scopes=True), show_partials=True),
    "random 400, scopes": lambda: drawing(random_graph(400, scopes=True)),
    "random 500": lambda: drawing(random_graph(500)),
    "random 500, scopes": lambda: drawing(random_graph(500, scopes=True)),
    "random 500, downwards": lambda: drawing(random_graph(500), direction="TB"),
}
