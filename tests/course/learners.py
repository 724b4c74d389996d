"""Answers that learners give to each exercise, as Python source: the value of an expression, or an `answer`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from autograd import Value

COMMON = ("None", "'5'", "7", "Fraction(1, 3)", "np.float64(2.5)", "Value(2.5)", "float('nan')", "[1.0] * 9", "len")
"""What learners give to any exercise: no answer, a quoted number, another kind of number, another kind of thing."""

ANSWERS: dict[str, tuple[str, str, str]] = {
    "values.1": ("14", "0.67", "-2 / 3"),
    "values.2": ("4", "0", "-2"),
    "values.3": ("lambda x: 1 / (1 + x) ** 2", "lambda x: 1 / (1 + abs(x))", "lambda x: x / 0"),
    "values.4": ("6", "9", "7"),
    "values.5": ("4", "16", "0"),
    "shadows.1": ("[12, 16]", "[6, -4]", "[-16, 12]"),
    "shadows.2": ("[1, 1, 2, 6]", "[1, -1, 1, -1]", "[0, 1, 1, 1]"),
    "shadows.3": (
        "lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)",
        "lambda f, x, h: 4 * (f(x + h) - f(x - h)) / (2 * h) - (f(x + 2 * h) - f(x - 2 * h)) / (4 * h)",
        "lambda f, x: f(x)",
    ),
    "shadows.4": ("6.1", "0.01", "0.2"),
    "shadows.5": ("0.1", "6", "-1"),
    "shadows.6": ("1e-16", "1e-4", "8"),
    "gradient.1": ("[12, 2]", "[2, 17]", "[17, 5]"),
    "gradient.2": ("[4, 5]", "[0, 0]", "[1, 0]"),
    "gradient.3": ("lambda x: x[0] ** 2 * x[1]", "lambda x: x[0] + x[1]", "lambda x: x"),
    "gradient.4": ("32", "41 ** 0.5", "6"),
    "gradient.5": ("9", "41", "6.4"),
    "gradient.6": ("12", "6", "3"),
    "chain rule.1": ("48", "15", "-240"),
    "chain rule.2": ("[4, 8]", "[2, 4, 6]", "[1, 2, 3]"),
    "chain rule.3": (
        "lambda delta, weight, a: delta * weight",
        "lambda delta, weight, a: delta * weight * (1 - a * a)",
        "lambda delta, weight, a: None",
    ),
    "chain rule.4": ("10", "4", "8.5"),
    "chain rule.5": ("[0, 1]", "[1, -1]", "[-1, 0]"),
    "chain rule.6": (
        "lambda root: None",
        "def answer(root):\n"
        "    root.grad = 1.0\n"
        "    waiting = [root]\n"
        "    while waiting:\n"
        "        node = waiting.pop(0)\n"
        "        for parent, partial in zip(node.parents, node.partials):\n"
        "            parent.grad += node.grad * partial\n"
        "            waiting.append(parent)\n",
        "def answer(root):\n"
        "    root.grad = root.grad or 1.0\n"
        "    for parent, partial in zip(root.parents, root.partials):\n"
        "        parent.grad = root.grad * partial\n"
        "        answer(parent)\n",
    ),
    "chain rule.7": (
        "lambda x, w, y: (1 / (1 + 2.718281828459045 ** (-w * x)) - y) * x",
        "lambda x, w, y: 0.0",
        "lambda x, w: x",
    ),
    "chain rule.8": (
        "lambda g, w: [sum(g[i] * w[i][j] for i in range(len(g))) for j in range(len(w))]",
        "lambda g, w: [sum(g[j] * row[j] for row in w) for j in range(len(g))]",
        "lambda g, w: 3",
    ),
    "chain rule.9": ("lambda x: 1.0", "lambda x: x + 1", "lambda x: 2 * x"),
    "chain rule.10": ('"forward"', '"backwards"', "1000"),
    "chain rule.11": ('"reverse"', '"backprop"', "True"),
    "minima.1": ("3", "1", "-2"),
    "minima.2": ("8", "9", "7.5"),
    "minima.3": (
        "lambda x: (x[0] - 1) ** 2 + (x[1] - 2) ** 2",
        "lambda x: x[0] ** 2 - x[1] ** 2",
        "lambda x: (x[0] - 1) ** 3 / 3 - (x[0] - 1) ** 2 + (x[1] - 2) ** 2",
    ),
    "minima.4": ('"saddle"', '"maximum"', '"degenerate"'),
    "minima.5": ("[2, 2]", "[0, 4]", "[1, 2]"),
    "minima.6": ('"degenerate"', '"minimum"', '"unsure"'),
    "descent.1": ("[0.5, 0.05]", "[1, 1]", "[2, 0.2]"),
    "descent.2": (
        "lambda number, slope, velocity: (number - 0.1 * slope, velocity)",
        "lambda number, slope, velocity: (number + 0.1 * (0.9 * velocity + slope), 0.9 * velocity + slope)",
        "lambda number, slope, velocity: number",
    ),
    "descent.3": ("0.5134171190325920", "1.5", "0.1"),
    "descent.4": ("3.6", "0.6", "2"),
    "descent.5": ("0.1", "10", "0.5"),
    "descent.6": ("10", "0.001", "1"),
    "constraints.1": ("lambda x: x[0] + x[1] - 20", "lambda x: x[0] * x[1] - 20", "lambda x: 0"),
    "constraints.2": ("24.75", "27.5", "25"),
    "constraints.3": ("1", "0.5", "3"),
    "constraints.4": ("1", "0.5", "0"),
    "constraints.5": ("[3, 4]", "[-0.6, -0.8]", "[1, 0]"),
    "network.1": ("[1, 1, -1.5]", "[1, 1, 0.5]", "[1, 0, -0.5]"),
    "network.2": ("0", "0.5", "1"),
    "network.3": ("304", "320", "100"),
    "network.4": ("8", "16000", "160"),
    "network.5": ('"yes"', '"maybe"', "True"),
    "network.6": ('"no_grad"', '"detach"', "3"),
    "digits.1": ("1", "0.1", "2"),
    "digits.2": ("96.7", "0.1", "0.985"),
    "digits.3": ("[0.7, 0.2, 0.1]", "[-0.7, 0.8, -0.1]", "[0.7, -0.8, 0.2]"),
    "digits.4": ('"up"', '"left"', "-1"),
    "tensors.1": ("784", "834", "1000"),
    "tensors.2": ("lambda x: x", "lambda x: abs(x) if x > 0 else -x", "lambda x: -x"),
    "tensors.3": ("[100, 50]", "[50, 784]", "[100, 784]"),
    "tensors.4": ('"G @ W.T"', '"X @ G"', '"W"'),
    "tensors.5": ('"averaged"', '"last"', '"none"'),
}


def made(source: str) -> Any:
    """The answer that a source stands for."""
    if not source.startswith("def answer"):
        return eval(source, {"Fraction": Fraction, "Value": Value, "np": np})
    names: dict[str, Any] = {}
    exec(source, names)
    return names["answer"]
