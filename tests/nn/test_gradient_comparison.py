"""Backpropagated against numerical gradients, for whole models."""

from __future__ import annotations

from typing import Any

import pytest

import autograd
from autograd import CompileError, Value
from nn import MLP, Module, Neuron, compare_gradients, cross_entropy, digits, half_mse

X = [[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6], [0.7, 0.8]]
Y = [0, 1, 1, 0]


def model() -> MLP:
    return MLP(2, [4, 2], activation="tanh", rng=0)


@pytest.mark.slow
def test_the_two_layer_network_agrees_on_three_digits() -> None:
    pytest.importorskip("sklearn")
    data = digits()
    comparison = compare_gradients(
        MLP(64, [50, 10], activation="sigmoid", rng=0), data.X, data.y, cross_entropy, at_most=60
    )
    assert len(comparison) == 60 + 50 + 60 + 10
    assert all(sum(row.difference for row in rows) / len(rows) < 1e-9 for rows in comparison.groups().values())


def test_a_wrong_derivative_is_seen(table: None) -> None:
    class Wrong(autograd.Unary):
        name = "wrong"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return x * x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 2.001 * x

    wrong = Wrong()
    comparison = compare_gradients(Neuron(2, rng=1), X, Y, lambda output, target: wrong(output - target), samples=2)
    assert comparison.mean_difference > 1e-5


def test_every_parameter_is_looked_at_when_that_is_asked() -> None:
    comparison = compare_gradients(model(), X, Y, cross_entropy, at_most=None)
    assert [row.name for row in comparison] == [name for name, _ in model().named_parameters()]


def test_at_most_so_many_of_each_group_are_looked_at() -> None:
    groups = compare_gradients(model(), X, Y, cross_entropy, at_most=3).groups()
    assert {name: len(rows) for name, rows in groups.items()} == {
        "layer1.w": 3,
        "layer1.b": 3,
        "layer2.w": 3,
        "layer2.b": 2,
    }


def test_it_is_the_mean_over_the_samples() -> None:
    network = model()
    (mean_gradient,) = [row.backpropagated for row in compare_gradients(network, X, Y, cross_entropy)][:1]
    for x, y in zip(X[:3], Y[:3], strict=True):
        output = network(x)
        assert isinstance(output, list)
        cross_entropy(output, y).backward(1.0 / 3.0)
    assert mean_gradient == pytest.approx(network.parameters()[0].grad, rel=1e-12)


def test_nothing_of_the_model_changes() -> None:
    network = model()
    before = network.state_dict()
    compare_gradients(network, X, Y, cross_entropy)
    assert (network.state_dict(), {parameter.grad for parameter in network.parameters()}) == (before, {0.0})


@pytest.mark.parametrize("error", [ImportError, CompileError])
def test_without_the_compiler_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    compiled = compare_gradients(model(), X, Y, cross_entropy)

    def fail(f: object) -> None:
        raise error("not here")

    monkeypatch.setattr(autograd, "compile", fail)
    eager = compare_gradients(model(), X, Y, cross_entropy)
    assert [row.numerical for row in eager] == pytest.approx([row.numerical for row in compiled], abs=1e-9)


def test_a_frozen_parameter_is_left_out() -> None:
    neuron = Neuron(2, rng=0)
    neuron.b.requires_grad = False
    assert [row.name for row in compare_gradients(neuron, X, Y, half_mse)] == ["w1", "w2"]


def test_the_table_has_a_line_for_each_group_and_one_for_all() -> None:
    lines = str(compare_gradients(model(), X, Y, cross_entropy)).splitlines()
    assert lines[0].endswith("22 of 22 parameters, 3 samples")
    assert [line.split()[0] for line in lines[3:]] == ["layer1.w", "layer1.b", "layer2.w", "layer2.b", "all"]


def test_the_repr_is_short() -> None:
    assert repr(compare_gradients(model(), X, Y, cross_entropy)).startswith("<GradientComparison: 22 parameters, mean")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples=0"),
        ({"at_most": 0}, "at_most=0"),
        ({"samples": 5}, "5 samples are asked for, but there are 4 examples and 4 targets"),
    ],
)
def test_wrong_options_are_named(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare_gradients(model(), X, Y, cross_entropy, **options)


def test_a_model_without_parameters_is_refused() -> None:
    class Nothing(Module):
        def __call__(self, x: list[float]) -> Value:
            return Value(x[0])

    with pytest.raises(ValueError, match="this Nothing has no parameter"):
        compare_gradients(Nothing(), X, Y, half_mse)


def test_a_bar_is_shown_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    compare_gradients(model(), X, Y, cross_entropy, progress=True)
    assert "differences" in capsys.readouterr().err


def test_a_table_of_pandas_is_compared_by_position() -> None:
    pandas: Any = pytest.importorskip("pandas")
    model = MLP(2, [3, 2], activation="tanh", rng=0)
    plain = compare_gradients(model, [[0.1, 0.2], [0.3, -0.4]], [0, 1], cross_entropy, samples=2)
    table = pandas.DataFrame([[0.1, 0.2], [0.3, -0.4]], index=[5, 5])
    assert (
        compare_gradients(model, table, pandas.Series([0, 1], index=[9, 3]), cross_entropy, samples=2).rows
        == plain.rows
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"samples": 2.0}, "samples must be an int, not the float 2.0"),
        ({"at_most": "3"}, "at_most must be an int, not the str '3'"),
        ({"X": iter([[0.1, 0.2]])}, "X must be a list or an array of examples, not a list_iterator"),
        ({"y": {0}}, "y must be a list or an array of targets, not the set"),
    ],
)
def test_arguments_of_another_kind_are_type_errors(arguments: dict[str, Any], message: str) -> None:
    settings: dict[str, Any] = {"X": [[0.1, 0.2]], "y": [0], "samples": 1} | arguments
    with pytest.raises(TypeError, match=message):
        compare_gradients(MLP(2, [2], rng=0), loss=cross_entropy, **settings)
