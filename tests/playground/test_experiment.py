"""What the playground trains: its settings in an address, its numbers, and the program that does the same."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from nn import ACTIVATIONS, evaluate
from playground.experiment import Experiment
from playground.program import program
from playground.session import Session
from playground.settings import (
    CHOICES,
    FEATURES,
    LIMITS,
    LOSSES,
    MOST_LAYERS,
    MOST_NEURONS,
    OPTIMIZERS,
    OWN,
    Settings,
    default_rate,
)

OWN_POINTS = ((0.5, 0.5, 0), (-0.5, 0.25, 1), (0.25, -0.75, 0), (-1.0, 1.0, 1), (0.0, 0.1, 0))
SMALL = Settings(points=20, layers=(3, 2))


def trained(settings: Settings, epochs: int) -> Experiment:
    experiment = Experiment(settings)
    for _ in range(epochs):
        experiment.train_epoch()
    return experiment


# ---------------------------------------------------------------- addresses

settings_of_every_kind = st.builds(
    Settings,
    data=st.sampled_from(CHOICES["data"]),
    points=st.integers(10, 500),
    noise=st.floats(0.0, 0.5),
    test=st.floats(0.0, 0.5),
    features=st.sets(st.sampled_from(list(FEATURES)), min_size=1).map(
        lambda chosen: tuple(name for name in FEATURES if name in chosen)
    ),
    layers=st.lists(st.integers(1, MOST_NEURONS), max_size=MOST_LAYERS).map(tuple),
    activation=st.sampled_from(CHOICES["activation"]),
    loss=st.sampled_from(CHOICES["loss"]),
    optimizer=st.sampled_from(CHOICES["optimizer"]),
    lr=st.floats(0.0, 1000.0),
    batch_size=st.integers(1, 500),
    seed=st.integers(0, 999_999),
)


@given(settings_of_every_kind)
def test_an_address_gives_back_the_settings(settings: Settings) -> None:
    understood, ignored = Settings.from_address(settings.address())
    unused = {"points", "noise"} if settings.data == OWN else set()
    expected = dataclasses.replace(settings, **{name: getattr(Settings, name) for name in unused})
    assert (understood, ignored) == (expected, [])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_address_holds_what_the_optimizer_takes_and_no_more(optimizer: str) -> None:
    address = Settings(optimizer=optimizer).address()
    named = {part.partition("=")[0] for part in address.split("&")}
    everything = {name for taken in OPTIMIZERS.values() for name in taken}
    assert named & everything == set(OPTIMIZERS[optimizer])


def test_own_points_are_kept_in_the_address() -> None:
    settings = Settings(data=OWN, own=OWN_POINTS)
    assert settings.address().endswith("own=0.5,0.5,0;-0.5,0.25,1;0.25,-0.75,0;-1,1,1;0,0.1,0")
    assert Settings.from_address(settings.address()) == (settings, [])


def test_an_empty_address_gives_the_defaults() -> None:
    assert Settings.from_address("#") == (Settings(), [])


@pytest.mark.parametrize(
    "part",
    [
        "colour=red",
        "data=cubes",
        "points=9",
        "points=501",
        "points=ten",
        "points=10.5",
        "noise=-0.1",
        "noise=nan",
        "test=0.6",
        "features=",
        "features=x,z",
        "layers=9",
        "layers=0",
        "layers=1,1,1,1,1",
        "activation=",
        "loss=mean",
        "optimizer=Newton",
        "lr=inf",
        "lr=-1",
        "momentum=1",
        "nesterov=yes",
        "seed=0.5",
        "seed=" + "9" * 5000,
        "batch_size=0",
        "own=0,0",
        "own=0,0,2",
        "own=1.5,0,1",
        "own=" + "0,0,0;" * 500 + "0,0,0",
        "<script>=1",
    ],
)
def test_nonsense_is_ignored_and_named(part: str) -> None:
    settings, ignored = Settings.from_address(f"layers=5&{part}")
    name, _, text = part.partition("=")
    assert (settings.layers, ignored) == ((5,), [f"{name[:20]}={text[:40]}"])


@given(st.text())
def test_any_address_is_understood_as_some_settings(address: str) -> None:
    settings, _ = Settings.from_address(address)
    assert Settings.from_address(settings.address()) == (settings, [])


def test_the_limits_hold_the_defaults() -> None:
    assert all(least <= getattr(Settings, name) <= largest for name, (least, largest) in LIMITS.items())


# ---------------------------------------------------------------- training


def test_the_same_settings_give_the_same_numbers() -> None:
    assert trained(SMALL, 3).loss == trained(SMALL, 3).loss


def test_another_seed_gives_other_points() -> None:
    assert Experiment(SMALL).train.X != Experiment(dataclasses.replace(SMALL, seed=7)).train.X


def test_other_layers_leave_the_points_as_they_are() -> None:
    assert Experiment(SMALL).train.X == Experiment(dataclasses.replace(SMALL, layers=(8,))).train.X


def test_a_share_of_the_points_is_held_out() -> None:
    experiment = Experiment(dataclasses.replace(SMALL, test=0.25))
    assert experiment.test is not None
    assert (len(experiment.train), len(experiment.test)) == (15, 5)


def test_without_a_test_there_is_no_loss_of_one() -> None:
    experiment = trained(dataclasses.replace(SMALL, test=0.0), 1)
    assert (experiment.test, experiment.test_loss, len(experiment.loss)) == (None, [], 2)


@pytest.mark.parametrize("count", range(1, 6))
def test_of_any_number_of_own_points_some_are_left_to_learn_from(count: int) -> None:
    experiment = Experiment(Settings(data=OWN, own=OWN_POINTS[:count], test=0.5))
    assert len(experiment.train) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("data", ["moons", "circles", "xor"])
def test_the_default_network_learns_the_data(data: str) -> None:
    assert trained(Settings(data=data), 100).accuracy[-1] >= 0.95


def test_without_points_there_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="there are no points to learn from"):
        Experiment(Settings(data=OWN))


def test_what_an_optimizer_does_not_take_is_its_own_error() -> None:
    with pytest.raises(ValueError, match=r"nesterov needs a momentum above 0"):
        Experiment(Settings(nesterov=True))


def test_the_first_loss_is_that_before_the_training() -> None:
    experiment = trained(SMALL, 1)
    before = Experiment(SMALL)
    outputs = [before.model(point) for point in before.train.X]
    losses = [LOSSES[SMALL.loss](output, label).data for output, label in zip(outputs, before.train.y, strict=True)]
    assert experiment.loss[0] == pytest.approx(sum(losses) / len(losses), rel=1e-12)
    assert len(experiment.loss) == len(experiment.test_loss) == len(experiment.accuracy) == 2


DIVERGING = [
    {"lr": 1000.0, "activation": "linear"},  # the loss is infinite
    {"lr": 1000.0, "activation": "relu", "loss": "mse"},  # a square is too large
    {"lr": 30.0, "activation": "relu", "loss": "mse", "weight_decay": 1.0},  # a gradient is infinite
    {"lr": 1000.0, "activation": "linear", "loss": "hinge"},
    {"lr": 1000.0, "activation": "linear", "loss": "mse", "optimizer": "AdamW", "weight_decay": 1.0},  # a step
]
"""One for each place where a number leaves the range of floats."""


def state(experiment: Experiment) -> tuple[Any, ...]:
    numbers = [parameter.data for parameter in experiment.model.parameters()]
    return experiment.epochs, numbers, experiment.optimizer.states


def diverged(experiment: Experiment) -> ArithmeticError:
    """Trains until an epoch diverges, and checks that it left everything as it was."""
    for _ in range(100):
        before = state(experiment)
        try:
            experiment.train_epoch()
        except ArithmeticError as error:
            assert state(experiment) == before
            return error
    pytest.fail("it does not diverge")


@pytest.mark.parametrize("differing", DIVERGING, ids=str)
def test_an_epoch_that_diverges_changes_nothing(differing: dict[str, Any]) -> None:
    experiment = Experiment(dataclasses.replace(SMALL, features=("x", "y", "xx", "sinx"), **differing))
    first, second = diverged(experiment), diverged(experiment)
    assert str(first) == str(second)


def test_a_mean_that_is_too_large_diverges_though_no_loss_is(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = Value(1e308)
    monkeypatch.setitem(LOSSES, "mse", lambda output, target: 0 * output + huge)
    experiment = Experiment(dataclasses.replace(SMALL, loss="mse"))
    with pytest.raises(FloatingPointError, match="the mean loss is inf"):
        experiment.train_epoch()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_after_a_divergence_the_default_rate_is_offered_or_a_tenth(optimizer: str) -> None:
    default = default_rate(optimizer)
    assert Settings(optimizer=optimizer, lr=2 * default).lower_rate() == default
    assert Settings(optimizer=optimizer, lr=default).lower_rate() == pytest.approx(default / 10)
    getattr(nn, optimizer)([Value(0.0)], lr=default)  # it is one that the optimizer takes


# ---------------------------------------------------------------- gradients


@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradients_are_those_of_the_mean_loss(loss: str) -> None:
    experiment = trained(dataclasses.replace(SMALL, loss=loss, features=("x", "y", "xy")), 2)
    gradients = experiment.gradients()
    examples = [[x, y, x * y] for x, y in experiment.train.X]
    targets = experiment.train.y if loss.startswith("binary") else [2 * label - 1 for label in experiment.train.y]
    size = 1e-6
    for name, parameter in experiment.model.named_parameters():
        number, ends = parameter.data, []
        for end in (number + size, number - size):
            parameter.data = end
            ends.append(evaluate(experiment.model, examples, targets, loss=LOSSES[loss], compile=False)[0])
        parameter.data = number
        assert gradients[name] == pytest.approx((ends[0] - ends[1]) / (2 * size), abs=1e-7), name


def test_asking_for_gradients_does_not_change_the_training() -> None:
    asked, alone = Experiment(SMALL), Experiment(SMALL)
    for _ in range(3):
        asked.train_epoch()
        asked.gradients()
        asked.loss_by("layer1.neuron1.w1", 0)
        alone.train_epoch()
    assert asked.loss == alone.loss


def test_the_mean_of_the_gradients_of_single_points_is_the_gradient() -> None:
    experiment = trained(SMALL, 2)
    for name, gradient in experiment.gradients().items():
        total = 0.0
        for example in range(len(experiment.train)):
            loss = experiment.loss_by(name, example)
            (leaf,) = [node for node in autograd.topological_order(loss) if node.requires_grad and not node.parents]
            total += autograd.gradients(loss, [leaf])[0]
        assert total / len(experiment.train) == pytest.approx(gradient, abs=1e-15), name


def test_the_graph_of_one_weight_is_the_paths_from_it_to_the_loss() -> None:
    loss = Experiment(SMALL).loss_by("layer2.neuron1.w2", 0)
    nodes = autograd.topological_order(loss)
    assert [node.label for node in nodes if node.requires_grad and not node.parents] == ["layer2.neuron1.w2"]
    assert all(any(parent.requires_grad for parent in node.parents) for node in nodes if node.parents)


def test_the_points_held_out_can_be_explained_too() -> None:
    experiment = Experiment(dataclasses.replace(SMALL, layers=()))
    assert experiment.test is not None
    loss = experiment.loss_by("layer1.neuron1.w1", len(experiment.train))
    numbers = [node.data for node in autograd.topological_order(loss) if node.label == "x"]
    assert numbers == [experiment.test.X[0][0]]


def test_an_unknown_weight_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="layer9"):
        Experiment(SMALL).loss_by("layer9.neuron1.w1", 0)


# ---------------------------------------------------------------- the program

PROGRAMS: list[dict[str, Any]] = [
    *({"data": data} for data in CHOICES["data"]),
    *({"loss": loss} for loss in LOSSES),
    *({"optimizer": optimizer, "lr": 0.01} for optimizer in OPTIMIZERS),
    *({"activation": activation} for activation in ACTIVATIONS),
    {"features": tuple(FEATURES)},
    {"layers": ()},
    {"test": 0.0},
    {"optimizer": "SGD", "momentum": 0.5, "nesterov": True, "weight_decay": 0.01},
    {"optimizer": "RMSprop", "lr": 0.01, "alpha": 0.5, "momentum": 0.5},
    {"optimizer": "AdamW", "lr": 0.01, "beta_1": 0.5, "beta_2": 0.75, "weight_decay": 0.1},
    {"batch_size": 7, "seed": 11, "noise": 0.3, "points": 33},
]


@pytest.mark.parametrize("differing", PROGRAMS, ids=str)
def test_the_program_ends_with_the_same_numbers(differing: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    settings = dataclasses.replace(SMALL, **{"own": OWN_POINTS, **differing})
    experiment = trained(settings, 4)
    names: dict[str, Any] = {}
    exec(compile(program(settings, 4), "program.py", "exec"), names)
    history = names["history"]
    assert history.loss == pytest.approx(experiment.loss[1:], rel=1e-12, abs=0)
    assert history.validation_loss == pytest.approx(experiment.test_loss[1:], rel=1e-12, abs=0)
    assert history.accuracy == experiment.accuracy[1:]
    assert capsys.readouterr().out.startswith("4 epochs\n")


# ---------------------------------------------------------------- what the page asks


def test_a_session_says_what_it_did_not_understand() -> None:
    assert Session().open("#data=xor&colour=red")["ignored"] == ["colour=red"]


def test_a_session_gives_the_points_with_those_held_out_last() -> None:
    session = Session()
    session.open("points=20&test=0.25")
    points = session.begin()["points"]
    assert [point["heldOut"] for point in points] == [False] * 15 + [True] * 5


def test_a_session_without_an_experiment_has_nothing_to_train() -> None:
    with pytest.raises(RuntimeError, match="there is nothing to train"):
        Session().train()


@pytest.mark.parametrize("differing", DIVERGING, ids=str)
def test_a_session_tells_when_training_diverges_and_stays_where_it_was(differing: dict[str, Any]) -> None:
    settings = dataclasses.replace(SMALL, features=("x", "y", "xx", "sinx"), **differing)
    session = Session()
    session.open(settings.address())
    state = session.begin()
    while "diverged" not in (answer := session.train()):
        state = answer
    assert answer["diverged"] == {
        "epoch": state["epochs"] + 1,
        "rate": settings.lr,
        "lower": default_rate(settings.optimizer),
        "isDefault": True,
    }
    assert session.train() == answer
    assert session.gradients()["epochs"] == session.player("layer1.neuron1.w1", 0)["epochs"] == state["epochs"]


def test_what_is_too_large_has_no_gradient_and_no_player() -> None:
    session = Session()
    session.open(dataclasses.replace(SMALL, loss="mse", layers=()).address())
    session.begin()
    assert session._experiment is not None
    session._experiment.model.parameters()[0].data = 1e200
    assert session.gradients() == {"epochs": 0, "gradients": {}}
    assert session.player("layer1.neuron1.w1", 0) == {"epochs": 0}


def computed(formula: dict[str, Any], *inputs: float) -> float:
    """What the page computes by a formula that it is told."""
    numbers = list(inputs)
    for step in formula["steps"]:
        if "number" in step:
            numbers.append(step["number"])
        else:
            operands = [numbers[index] for index in step["operands"]]
            numbers.append(autograd.PRIMITIVES[step["primitive"]](*operands))
    result: float = numbers[formula["result"]]
    return result


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_page_is_told_each_activation_as_primitives(activation: str) -> None:
    told = Session().choices()["activations"][activation]
    for number in (-1.5, 0.25, 2.0):
        assert computed(told, number) == ACTIVATIONS[activation].function(autograd.Value(number)).data


@pytest.mark.parametrize("feature", FEATURES)
def test_the_page_is_told_each_feature_as_primitives(feature: str) -> None:
    told = Session().choices()["features"][feature]
    for x, y in ((-1.5, 0.25), (0.75, 2.0)):
        expected = eval(FEATURES[feature].expression, {"sin": math.sin, "x": x, "y": y})
        assert computed(told["formula"], x, y) == FEATURES[feature].function(x, y) == expected


def test_the_page_of_one_weight_is_a_page_of_its_loss() -> None:
    session = Session()
    session.open(SMALL.address())
    session.begin()
    made = session.player("layer1.neuron1.w1", 0)
    assert made["epochs"] == 0
    experiment = Experiment(SMALL)
    loss = experiment.loss_by("layer1.neuron1.w1", 0)
    (leaf,) = [node for node in autograd.topological_order(loss) if node.requires_grad and not node.parents]
    assert made["gradient"] == autograd.gradients(loss, [leaf])[0]
    assert '"name":"w1"' in made["html"]
