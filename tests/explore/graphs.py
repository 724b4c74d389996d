"""Graphs that several tests of the page play."""

from __future__ import annotations

from autograd import Value, tanh


def neuron() -> Value:
    """The neuron of the lectures: its output is 0.7071, and every gradient is a round number."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.881373587019543, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = tanh(n)
    o.label = "o"
    return o
