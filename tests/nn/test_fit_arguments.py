"""What training takes and what it refuses: the same, with the same words, compiled and eagerly."""

from __future__ import annotations

import copy
import gc
import math
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

import autograd
import nn
from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    Dataset,
    History,
    Module,
    Optimizer,
    StepDecay,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    moons,
    mse,
)

np: Any = pytest.importorskip("numpy", reason="compiled training needs NumPy")

X = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]
CLASSES = [0, 1, 2, 1]
SETTINGS: dict[str, Any] = {"epochs": 2, "batch_size": 2, "progress": False, "rng": 0}

both_ways = pytest.mark.parametrize("compiled", [True, False], ids=["compiled", "eagerly"])


def trained(compiled: bool, x: Any = X, y: Any = CLASSES, model: Any = None, **arguments: Any) -> History:
    """A classifier of three classes, trained, unless told otherwise."""
    model = MLP(2, [3], rng=0) if model is None else model
    optimizer = arguments.pop("optimizer", None) or SGD(model.parameters(), lr=0.1)
    settings = SETTINGS | {"loss": cross_entropy, "compile": compiled} | arguments
    return fit(model, x, y, optimizer=optimizer, **settings)


# ---------------------------------------------------------------- examples that are taken


def table() -> Any:
    pandas: Any = pytest.importorskip("pandas")
    return pandas.DataFrame(X, columns=["height", "width"], index=[9, 9, 3, "a"])


def column(numbers: list[Any], **arguments: Any) -> Any:
    pandas: Any = pytest.importorskip("pandas")
    return pandas.Series(numbers, index=[7, 3, 3, 0], **arguments)


TAKEN: dict[str, Callable[[], tuple[Any, Any]]] = {
    "tuples": (lambda: (tuple(map(tuple, X)), tuple(CLASSES))),
    "arrays": (lambda: (np.array(X), np.array(CLASSES))),
    "a list of arrays": (lambda: ([np.array(x) for x in X], list(np.array(CLASSES)))),
    "arrays of objects": (lambda: (np.array(X, object), np.array(CLASSES, object))),
    "deque": (lambda: (deque(X), deque(CLASSES))),
    "pandas": (lambda: (table(), column(CLASSES))),
    "pandas with missing numbers in mind": (lambda: (table(), column(CLASSES, dtype="Int64"))),
    "probabilities": (lambda: (X, np.eye(3)[CLASSES])),
}


@both_ways
@pytest.mark.parametrize("kind", TAKEN)
def test_examples_are_taken_in_whatever_holds_them(kind: str, compiled: bool) -> None:
    x, y = TAKEN[kind]()
    validation = (x, y)
    history, plain = trained(compiled, x, y, validation=validation), trained(compiled, validation=(X, CLASSES))
    assert history.loss == pytest.approx(plain.loss, rel=1e-12)
    assert history.validation_accuracy == plain.validation_accuracy
    model = MLP(2, [3], rng=0)
    assert evaluate(model, x, y, loss=cross_entropy, compile=compiled) == pytest.approx(
        evaluate(model, X, CLASSES, loss=cross_entropy, compile=compiled)
    )


@both_ways
def test_a_table_with_columns_of_several_kinds_is_taken(compiled: bool) -> None:
    pandas: Any = pytest.importorskip("pandas")
    mixed = pandas.DataFrame({"count": pandas.array([1, 0, 2, 1], dtype="Int64"), "is_old": [True, False, True, True]})
    assert trained(compiled, mixed).loss == trained(compiled, [[1, 1], [0, 0], [2, 1], [1, 1]]).loss


@both_ways
def test_a_column_of_targets_is_taken_where_there_is_one_output(compiled: bool) -> None:
    flat = trained(compiled, y=[0, 1, 1, 0], model=MLP(2, [1], rng=0), loss=binary_cross_entropy_with_logits)
    column = [[0], [1], [1], [0]]
    for y in (column, np.array(column)):
        history = trained(compiled, y=y, model=MLP(2, [1], rng=0), loss=binary_cross_entropy_with_logits)
        assert history.loss == flat.loss
        assert history.accuracy == flat.accuracy


@both_ways
def test_validation_may_be_a_data_set(compiled: bool) -> None:
    data = Dataset(X, CLASSES, ["x", "y"], ["a", "b", "c"])
    history = trained(compiled, validation=data)
    assert history.validation_loss == trained(compiled, validation=(X, CLASSES)).validation_loss


# ---------------------------------------------------------------- the model is given what was given


class Seen(Module):
    """Remembers what it is called with."""

    def __init__(self) -> None:
        self.w = [Value(0.5), Value(-0.5)]
        self.kinds: set[tuple[type, ...]] = set()

    def __call__(self, x: Any) -> Value:
        self.kinds.add((type(x), type(x[0])) if isinstance(x[0], (list, tuple)) else (type(x),))
        total: Value = self.w[0] * autograd.sum(np.ravel(x).tolist()) + self.w[1]
        return total


class Point(NamedTuple):
    x: float
    y: float


@both_ways
@pytest.mark.parametrize(
    ("x", "kinds"),
    [
        (X, (list,)),
        ([tuple(example) for example in X], (tuple,)),
        ([Point(*example) for example in X], (Point,)),
        (np.array(X), (np.ndarray,)),
        ([np.array(example) for example in X], (np.ndarray,)),
        ([[[1.0], [2.0]], [[3.0], [4.0]]], (list, list)),
        ([[(1.0,), (2.0,)], [(3.0,), (4.0,)]], (list, tuple)),
    ],
)
def test_the_model_gets_a_list_for_a_list_and_an_array_for_an_array(x: Any, kinds: Any, compiled: bool) -> None:
    model = Seen()
    trained(compiled, x, [1.0] * len(x), model=model, loss=mse, validation=(x, [1.0] * len(x)))
    assert model.kinds == {kinds}


class OfArrays(Module):
    """Uses what only arrays can."""

    def __init__(self) -> None:
        self.w = np.array([Value(0.5), Value(-0.25)])

    def __call__(self, x: Any) -> Any:
        first, last = x[0] @ self.w, (x[:, 0] * self.w).sum()
        return first + last * x.shape[0] + (2 * x).mean() * self.w[0] + x.T[1][0] * x.reshape(-1)[3]


def test_a_model_of_arrays_trains_alike_compiled_and_number_by_number() -> None:
    x = np.linspace(-1.0, 1.0, 24).reshape(6, 2, 2)
    states = []
    for compiled in (True, False):
        model = OfArrays()
        trained(compiled, x, [0.5, 1.0, -1.0, 0.0, 0.25, 2.0], model=model, loss=mse)
        states.append(list(model.state_dict().values()))
    assert states[0] == pytest.approx(states[1], rel=1e-12)


class Pair(NamedTuple):
    logits: Any
    rest: Any


OUTPUTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "array": (lambda z: z, lambda output: output),
    "table": (lambda z: z.reshape(3, 1), lambda output: output.ravel()),
    "list of arrays": (lambda z: [z[:2], z[2:]], lambda output: [*output[0], *output[1]]),
    "named tuple": (lambda z: Pair(z, (z[0], [z[1]])), lambda output: output.logits),
    "array without axes": (lambda z: (z, np.array(z[0])), lambda output: output[0]),
}


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_model_may_give_arrays_and_named_tuples(kind: str) -> None:
    arranged, logits = OUTPUTS[kind]
    kinds: dict[bool, set[Any]] = {True: set(), False: set()}
    histories = []
    for compiled in (True, False):
        weights = np.array([[Value(0.1 * column * row) for column in range(2)] for row in range(3)])

        def is_right(output: Any, target: int, compiled: bool = compiled) -> bool:
            kinds[compiled].add(shape_of(output))
            return int(np.argmax([value.data for value in logits(output)])) == target

        history = trained(
            compiled,
            np.array(X),
            model=applied(weights, arranged),
            loss=lambda output, target: cross_entropy(logits(output), target),
            optimizer=SGD(weights, lr=0.5),
            is_correct=is_right,
        )
        histories.append([*history.loss, *history.accuracy])
    assert histories[0] == pytest.approx(histories[1], rel=1e-12)
    assert kinds[True] == kinds[False]


def applied(weights: Any, arranged: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A model: a matrix, and how what comes out is arranged."""
    return lambda x: arranged(weights @ x)


def shape_of(output: Any) -> Any:
    """The kinds of what is in an output, as far as one can tell them from outside."""
    if isinstance(output, (list, tuple)):
        return (type(output), *map(shape_of, output))
    return (type(output), *getattr(output, "shape", ()))


def test_a_classifier_that_gives_an_array_has_its_accuracy_compiled() -> None:
    found = []
    for compiled in (True, False):
        weights = np.array([[Value(0.1 * column * row) for column in range(2)] for row in range(3)])
        model = applied(weights, lambda z: z)
        found.append(evaluate(model, np.array(X), CLASSES, loss=cross_entropy, compile=compiled))
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@both_ways
@pytest.mark.parametrize("kind", ["uint8", "int8", "bool", "float16", "float32", "int64", "uint64"])
def test_numbers_of_few_bits_do_not_wrap_around(kind: str, compiled: bool) -> None:
    x = np.array([[100, 1], [120, 0], [3, 1]]).astype(kind)
    histories = []
    for examples in (x, x.astype("float64")):
        model = Seen()

        def doubled(example: Any, model: Seen = model) -> Value:
            return model((example + example) * 0.01 if kind != "uint64" else (example - 2) * 0.01)

        histories.append(
            trained(compiled, examples, [1.0, 2.0, 3.0], model=doubled, optimizer=SGD(model.w, lr=0.01), loss=mse)
        )
    assert histories[0].loss == pytest.approx(histories[1].loss, rel=1e-12)


# ---------------------------------------------------------------- examples that are refused


def told(**arguments: Any) -> list[tuple[type[Exception], str]]:
    """The errors of training and of evaluating, compiled and eagerly."""
    found = []
    for compiled in (True, False):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller looks closer
            trained(compiled, **arguments)
        found.append((caught.type, str(caught.value)))
    return found


REFUSED: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "NaN": (
        {"x": [*X[:3], [0.7, math.nan]]},
        FloatingPointError,
        "the loss of example 3 is not finite: X[3][1] is nan",
    ),
    "infinity in an array": (
        {"x": np.array([*X[:3], [-math.inf, 0.7]])},
        FloatingPointError,
        "the loss of example 3 is not finite: X[3][0] is -inf",
    ),
    "NaN among targets": (
        {"y": [1.0, 2.0, math.nan, 3.0], "model": MLP(2, [1], rng=0), "loss": mse},
        FloatingPointError,
        "the loss of example 2 is not finite: y[2] is nan",
    ),
    "NaN in validation": (
        {"validation": ([*X[:3], [0.7, math.nan]], CLASSES)},
        FloatingPointError,
        "the loss of example 3 is not finite: validation X[3][1] is nan",
    ),
    "None": ({"x": [*X[:3], [None, 0.7]]}, TypeError, "x[0] is None (example 3: X[3][0] is None)"),
    "None in an array": (
        {"x": np.array([*X[:3], [None, 0.7]])},
        TypeError,
        "x[0] is None (example 3: X[3][0] is None)",
    ),
    "None for an example": ({"x": [*X[:3], None]}, TypeError, "not None (example 3: X[3] is None)"),
    "None among targets": ({"y": [0, 1, None, 1]}, TypeError, "not None (example 2: y[2] is None)"),
    "words": ({"x": [*X[:3], ["0.7", 0.8]]}, TypeError, "x[0] is the str '0.7' (example 3: X[3] = ['0.7', 0.8], y[3]"),
    "names of classes": (
        {"y": [0, "cat", 2, 1]},
        TypeError,
        "not the str 'cat'; turn names of classes into numbers: names = sorted(set(y)), y = [names.index(name) for "
        "name in y] (example 1: X[1] = [0.3, 0.4], y[1] = 'cat')",
    ),
    "a class that is not there": (
        {"y": [0, 1, 7, 1]},
        ValueError,
        "there is no class 7: with 3 logits the classes are",
    ),
    "a class that is not there, by example": (
        {"y": [0, 1, 7, 1]},
        ValueError,
        "(example 2: X[2] = [0.5, 0.6], y[2] = 7)",
    ),
    "a class that is not there in validation": (
        {"validation": (X, [0, 7, 1, 1])},
        ValueError,
        "the classes are 0 to 2 (example 1: validation X[1] = [0.3, 0.4], validation y[1] = 7)",
    ),
    "a class that is no int": ({"y": [1.0] * 4}, TypeError, "must be a class, an int from 0 to 2"),
    "a probability that is none": (
        {"y": [0.0, 1.0, 7.0, 1.0], "model": MLP(2, [1], rng=0), "loss": binary_cross_entropy_with_logits},
        ValueError,
        "takes targets from 0 to 1, not 7 (example 2: X[2] = [0.5, 0.6], y[2] = 7.0)",
    ),
    "a column of classes": (
        {"y": np.array([[0], [1], [2], [1]])},
        ValueError,
        "a class is a number, not a list of one: flatten a column of labels with y.ravel() (example ",
    ),
    "tables for examples": ({"x": np.ones((4, 2, 2))}, ValueError, "takes a list of 2 numbers, one example at a time"),
    "too many features": ({"x": np.ones((4, 3))}, ValueError, "takes 2 inputs, not 3 (example "),
    "generator": ({"x": (x for x in X)}, TypeError, "fit takes a list or an array of examples as X, not a generator"),
    "generator of targets": (
        {"y": iter(CLASSES)},
        TypeError,
        "fit takes a list or an array of targets as y, not a list_it",
    ),
    "dict": ({"x": dict(enumerate(X))}, TypeError, "fit takes a list or an array of examples as X, not the dict"),
    "set": ({"y": {0, 1, 2}}, TypeError, "fit takes a list or an array of targets as y, not the set"),
    "number": ({"x": 4}, TypeError, "fit takes a list or an array of examples as X, not the int 4"),
    "array without axes": (
        {"x": np.array(4.0)},
        TypeError,
        "fit takes a list or an array of examples as X, not the nd",
    ),
    "data set": ({"x": moons(4)}, TypeError, "not the Dataset itself; give its .X and its .y"),
    "validation without targets": (
        {"validation": X},
        TypeError,
        "validation must be a pair (X, y) or a Dataset, not a list of 4",
    ),
    "validation that is an array": (
        {"validation": np.array(X)},
        TypeError,
        "a pair (X, y) or a Dataset, not an array",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trained_on_is_the_same_error_both_ways(case: str) -> None:
    arguments, error, message = REFUSED[case]
    if "generator" in case:  # they can be read only once
        found = told(**arguments)
        assert found[0][0] is found[1][0] is error
        assert message in found[0][1]
        return
    compiled, plain = told(**arguments)
    assert without_example(compiled) == without_example(plain)
    assert compiled[0] is error
    assert message in compiled[1]
    assert message in plain[1]


def without_example(error: tuple[type[Exception], str]) -> tuple[type[Exception], str]:
    """The error but for the example: where all are wrong, it is the first, or the first of the first batch."""
    return error[0], error[1].partition(" (example")[0]


@pytest.mark.parametrize(
    "case", ["NaN", "None", "names of classes", "a class that is not there", "tables for examples"]
)
def test_what_cannot_be_evaluated_is_the_same_error_both_ways(case: str) -> None:
    arguments, error, message = REFUSED[case]
    found = []
    for compiled in (True, False):
        with pytest.raises(error) as caught:
            evaluate(
                MLP(2, [3], rng=0),
                arguments.get("x", X),
                arguments.get("y", CLASSES),
                loss=cross_entropy,
                compile=compiled,
            )
        found.append(str(caught.value))
    assert found[0] == found[1]
    assert message in found[0]


@both_ways
def test_a_check_of_the_users_loss_says_at_which_example_it_failed(compiled: bool) -> None:
    def careful(output: Any, target: Any) -> Any:
        autograd.require((target >= 0.0) & (target <= 2.0), "a share is from 0 to 2, not {:g}", target)
        return mse(output, target)

    message = r"a share is from 0 to 2, not 9 \(example 2: X\[2\] = \[0\.5, 0\.6\], y\[2\] = 9\.0\)"
    with pytest.raises(ValueError, match=message):
        trained(compiled, y=[0.0, 1.0, 9.0, 1.0], model=MLP(2, [1], rng=0), loss=careful)


@both_ways
def test_a_target_that_is_refused_ends_the_training_before_its_step(compiled: bool) -> None:
    model, twin = MLP(2, [3], rng=0), MLP(2, [3], rng=0)
    order = [index for batch in nn.data.batches(4, 1, 0) for index in batch]
    classes = [0, 1, 2, 1]
    classes[order[2]] = 7  # so that two steps are taken
    with pytest.raises(ValueError, match="there is no class 7"):
        trained(compiled, y=classes, model=model, batch_size=1)
    for index in order[:2]:
        twin.zero_grad()
        output: Any = twin(X[index])
        cross_entropy(output, classes[index]).backward()
        SGD(twin.parameters(), lr=0.1).step()
    assert list(model.state_dict().values()) == pytest.approx(list(twin.state_dict().values()), rel=1e-12)


@both_ways
def test_a_missing_number_of_pandas_is_named(compiled: bool) -> None:
    pandas: Any = pytest.importorskip("pandas")
    gaps = pandas.DataFrame({"a": pandas.array([1, 2, None, 4], dtype="Int64"), "b": [1.0, 2.0, 3.0, 4.0]})
    with pytest.raises(TypeError, match=r"x\[0\] is the NAType <NA> \(example 2: X\[2\]\[0\] is <NA>\)"):
        trained(compiled, gaps)


@both_ways
def test_a_masked_number_is_missing(compiled: bool) -> None:
    masked = np.ma.masked_equal(np.array(X), 0.6)
    with pytest.raises(FloatingPointError, match=r"example 2 is not finite: X\[2\]\[1\] is nan"):
        trained(compiled, masked)
    assert trained(compiled, np.ma.masked_equal(np.array(X), 99.0)).loss == trained(compiled, np.array(X)).loss


@both_ways
def test_names_of_classes_in_a_column_of_pandas_are_refused(compiled: bool) -> None:
    with pytest.raises(TypeError, match="not the str 'cat'; turn names of classes into numbers"):
        trained(compiled, table(), column(["cat", "dog", "cat", "emu"], dtype="category"))


@both_ways
def test_what_is_not_finite_changes_no_parameter(compiled: bool) -> None:
    model = MLP(2, [3], rng=0)
    before = model.state_dict()
    with pytest.raises(FloatingPointError):
        trained(compiled, [[math.nan, 0.0]] * 4, model=model)
    assert model.state_dict() == before


@both_ways
def test_an_error_of_the_model_says_at_which_example_it_was(compiled: bool) -> None:
    def model(x: list[Any]) -> Any:
        return network(x[:2]) if len(x) > 1 else network(x)[5]

    network: Any = MLP(1, [3], rng=0)
    with pytest.raises(IndexError, match=r"list index out of range \(example 0: X\[0\] = \[0\.5\], y\[0\] = 0\)"):
        trained(compiled, [[0.5]], [0], model=model, optimizer=SGD(network.parameters(), lr=0.1))


# ---------------------------------------------------------------- losses, models, callbacks of the wrong kind

OPTIMIZER = SGD([Value(1.0)], lr=0.1)
CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "loss that is a name": (
        {"loss": "mse"},
        "the loss must be a function of an output and its target, not the str 'mse'",
    ),
    "loss of one argument": (
        {"loss": lambda o: o},
        "the loss is called with an output and its target, but <lambda>(o) does not take them",
    ),
    "loss that gives a float": (
        {"loss": lambda o, t: 0.5},
        "a loss must return a Value to train on, not the float 0.5",
    ),
    "loss of numbers": (
        {"loss": lambda o, t: 0.0 * o[0].data},
        "a loss must return a Value to train on, not the float",
    ),
    "loss that gives nothing": ({"loss": lambda o, t: None}, "one Value for each example, not None; did it forget to"),
    "loss that gives a list": ({"loss": lambda o, t: o}, "one Value for each example, not a list; reduce it to one"),
    "model that gives nothing": (
        {"model": lambda x: None, "optimizer": OPTIMIZER},
        "cross_entropy takes a list of logits, not None (example ",
    ),
    "model that is a class": (
        {"model": MLP, "optimizer": OPTIMIZER},
        "the model is called with one example, but MLP(n_in",
    ),
    "model of two arguments": (
        {"model": lambda a, b: a, "optimizer": OPTIMIZER},
        "the model is called with one example, but <lambda>(a, b) does not take them",
    ),
    "module that cannot be called": (
        {"model": Module(), "optimizer": OPTIMIZER},
        "Module needs a method __call__(self, x)",
    ),
    "callback alone": ({"callbacks": print}, "callbacks must be a list of functions: callbacks=[print]"),
    "callback of one argument": (
        {"callbacks": [lambda history: True]},
        "a callback is called with the model and the history, but <lambda>(history) does not take them",
    ),
    "callback that is none": (
        {"callbacks": [None]},
        "a callback must be a function of the model and the history, not None",
    ),
    "is_correct of one argument": (
        {"is_correct": lambda o: True},
        "is_correct is called with an output and its target",
    ),
    "schedule that is a number": (
        {"schedule": 0.5},
        "the schedule must be a function of the number of steps taken, not the",
    ),
    "schedule that gives nothing": (
        {"schedule": lambda step: None},
        "that the schedule gives for step 0 must be a number, not",
    ),
    "model for an optimizer": (
        {"optimizer": MLP(2, [3])},
        "optimizer must be an Optimizer, such as SGD(model.parameters(), lr=0.1)",
    ),
    "class for an optimizer": (
        {"optimizer": SGD},
        "optimizer must be an Optimizer, such as SGD(model.parameters(), lr=0.1)",
    ),
    "epochs that are a float": ({"epochs": 2.0}, "epochs must be an int, not the float 2.0"),
    "epochs that are a str": ({"epochs": "2"}, "epochs must be an int, not the str '2'"),
    "no batch size": ({"batch_size": None}, "batch_size must be an int, not None"),
    "compile that is a word": ({"compile": "yes"}, "compile must be True, False or None, not the str 'yes'"),
}


@pytest.mark.parametrize("case", CALLS)
def test_arguments_of_the_wrong_kind_are_the_same_type_error_both_ways(case: str) -> None:
    arguments, message = CALLS[case]
    compiled, plain = told(**arguments)
    assert without_example(compiled) == without_example(plain)
    assert compiled[0] is TypeError
    assert message in compiled[1]


def test_a_schedule_that_gives_a_negative_factor_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"the factor that the schedule gives for step 1 must be .* not -1"):
        trained(False, schedule=lambda step: 1.0 - 2.0 * step)


@both_ways
def test_counts_may_be_integers_of_numpy(compiled: bool) -> None:
    history = trained(compiled, epochs=np.int64(3), batch_size=np.int32(2))
    assert len(history.loss) == 3


def test_evaluation_takes_a_loss_that_gives_a_float() -> None:
    assert evaluate(lambda x: x[0], X, [0.0] * 4, loss=mse)[0] == pytest.approx((0.01 + 0.09 + 0.25 + 0.49) / 4)


# ---------------------------------------------------------------- an optimizer of other parameters


@both_ways
@pytest.mark.parametrize("make", [copy.deepcopy, lambda model: MLP(2, [3], rng=0)])
def test_an_optimizer_of_other_parameters_is_an_error(make: Callable[[MLP], MLP], compiled: bool) -> None:
    model = MLP(2, [3], rng=0)
    with pytest.raises(
        ValueError, match=r"moves none of the 9 parameters that the loss depends on, such as 'layer1\.neuron1"
    ):
        trained(compiled, model=model, optimizer=SGD(make(model).parameters(), lr=0.1))


@both_ways
def test_an_optimizer_of_the_frozen_parameters_alone_is_an_error(compiled: bool) -> None:
    model = MLP(2, [3], rng=0)
    frozen = model.layers[0].neurons[0].parameters()
    for parameter in frozen:
        parameter.requires_grad = False
    with pytest.raises(ValueError, match="moves none of the 6 parameters"):
        trained(compiled, model=model, optimizer=SGD(frozen, lr=0.1))


@both_ways
def test_a_loss_that_depends_on_no_parameter_of_the_optimizer_is_an_error(compiled: bool) -> None:
    model = MLP(2, [3], rng=0)
    with pytest.raises(ValueError, match="nothing would be trained"):
        trained(compiled, model=model, loss=lambda output, target: Value(0.5) * target)


@both_ways
def test_a_part_of_the_parameters_may_be_trained(compiled: bool) -> None:
    model = MLP(2, [3], rng=0)
    trained(compiled, model=model, optimizer=SGD([model.layers[0].neurons[1].b], lr=0.1))
    assert [neuron.b.data != 0.0 for neuron in model.layers[0].neurons] == [False, True, False]


def test_a_parameter_that_only_a_later_example_uses_is_enough() -> None:
    rows = [Value(1.0), Value(2.0), Value(3.0), Value(4.0)]
    fit(
        lambda index: rows[index],
        [0, 1, 2, 3],
        [0.0] * 4,
        loss=mse,
        optimizer=SGD([rows[2]], lr=0.1),
        **SETTINGS | {"batch_size": 1},
    )
    assert [row.data for row in rows] != [1.0, 2.0, 3.0, 4.0]


@both_ways
def test_parameters_that_a_callback_replaces_are_missed(compiled: bool) -> None:
    model = MLP(2, [3], rng=0)

    def replace(model: MLP, history: History) -> None:
        model.layers = copy.deepcopy(model.layers)

    with pytest.raises(ValueError, match="nothing would be trained"):
        trained(compiled, model=model, callbacks=[replace], epochs=3)


# ---------------------------------------------------------------- callbacks


@both_ways
@pytest.mark.parametrize("answer", [None, False, 0, 1, 2.5, "stop", [1], Value(1.0), np.array([True]), np.False_])
def test_only_true_ends_the_training(answer: object, compiled: bool) -> None:
    history = trained(compiled, callbacks=[lambda model, history: answer], epochs=3)
    assert (len(history.loss), history.stopped_by, history.ending()) == (3, None, "")


@both_ways
@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_callback_that_ends_the_training_is_in_the_history(answer: object, compiled: bool) -> None:
    def enough(model: object, history: History) -> object:
        return answer if len(history.loss) == 2 else None

    history = trained(compiled, callbacks=[print_nothing, enough], epochs=5)
    assert (len(history.loss), history.stopped_by, history.interrupted) == (2, "enough", False)
    assert str(history).startswith("2 epochs, stopped by enough\n")
    assert repr(history).endswith(", stopped by enough)")


def print_nothing(model: object, history: History) -> int:
    return sys.stdout.write("")


def test_an_object_that_ends_the_training_is_called_by_its_class() -> None:
    class Patience:
        def __call__(self, model: object, history: History) -> bool:
            return True

    assert trained(False, callbacks=[Patience()]).stopped_by == "Patience"


# ---------------------------------------------------------------- Ctrl-C, at every line


PACKAGE = str(Path(nn.__file__).parent)


def pressing_ctrl_c(at_line: int, run: Callable[[], Any]) -> tuple[Any, bool]:
    """What `run` gives if a KeyboardInterrupt comes before a line of this package; whether there were so many lines."""
    left = at_line

    def look(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        return run(), left <= 0
    except KeyboardInterrupt:
        return None, True
    finally:
        sys.settrace(before)


STRIDE = 13
"""Of all the lines, every so many are tried; the optimizers stop at other lines each."""


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.shift = Value(0.5, label="slope"), Value(0.0, label="shift")

    def __call__(self, x: list[float]) -> Value:
        return self.slope * x[0] + self.shift


class Remembering(SGD):
    """An optimizer of the user, which is called for each parameter by itself."""

    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        return super().update(float(number), float(gradient), state)


STEPS: dict[str, Any] = {"epochs": 1, "batch_size": 1, "progress": False, "schedule": StepDecay(every=1, factor=0.5)}


@both_ways
@pytest.mark.parametrize(
    "make", [lambda p: SGD(p, 0.1, momentum=0.9), lambda p: Adam(p, 0.1), lambda p: Remembering(p, 0.1, 0.9)]
)
def test_ctrl_c_before_any_line_gives_the_history_and_leaves_whole_steps(
    make: Callable[[list[Value]], Optimizer], compiled: bool
) -> None:
    arguments = STEPS | {"compile": compiled, "epochs": 2, "batch_size": 2, "rng": 0, "validation": ([[1.0]], [2.0])}
    states: list[tuple[float, ...]] = []

    def watch(model: Line, optimizer: Optimizer) -> tuple[float, ...]:
        return (model.slope.data, model.shift.data, *(number for state in optimizer.states for number in state))

    for batches in range(5):  # a step at a time: the last schedule that is called ends it
        line = Line()
        optimizer = make(line.parameters())

        def stop(step: int, batches: int = batches) -> float:
            if step == batches:
                raise KeyboardInterrupt
            return 0.5**step

        fit(
            line,
            [[0.0], [1.0], [2.0]],
            [1.0, 2.0, 4.0],
            loss=mse,
            optimizer=optimizer,
            **arguments | {"schedule": stop},
        )
        states.append(watch(line, optimizer))
    assert len(set(states)) == 5

    threshold, at_line, reached = gc.get_threshold(), 0, True
    while reached:
        at_line += STRIDE
        line = Line()
        optimizer = make(line.parameters())
        history, reached = pressing_ctrl_c(
            at_line,
            lambda line=line, optimizer=optimizer: fit(  # type: ignore[misc]
                line,
                [[0.0], [1.0], [2.0]],
                [1.0, 2.0, 4.0],
                loss=mse,
                optimizer=optimizer,
                callbacks=[print_nothing],
                **arguments,
            ),
        )
        where = f"Ctrl-C before line {at_line}"
        assert gc.get_threshold() == threshold, where
        assert optimizer.lr == 0.1, where
        state = watch(line, optimizer)
        assert any(state == pytest.approx(found, rel=1e-12) for found in states), where
        if history is None:  # it came before anything was begun
            assert at_line < 25, where
            continue
        assert history.interrupted is reached, where
        assert len(history.loss) == len(history.validation_loss), where
    assert at_line > 500


# ---------------------------------------------------------------- several trainings at once


@pytest.fixture
def threshold() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    yield before
    gc.set_threshold(*before)


def test_trainings_in_two_threads_put_the_threshold_of_the_collector_back(threshold: tuple[int, int, int]) -> None:
    both_begun, first_ended = threading.Barrier(2), threading.Event()
    seen: list[int] = []

    def first(model: object, history: History) -> bool:
        both_begun.wait(10)
        return True

    def second(model: object, history: History) -> bool:
        both_begun.wait(10)
        first_ended.wait(10)
        seen.append(gc.get_threshold()[0])
        return True

    other = threading.Thread(target=lambda: trained(False, callbacks=[second]))
    other.start()
    trained(False, callbacks=[first])
    first_ended.set()
    other.join()
    assert seen == [50_000]
    assert gc.get_threshold() == threshold


def test_a_training_inside_a_training_puts_the_threshold_of_the_collector_back(threshold: tuple[int, int, int]) -> None:
    seen: list[int] = []

    def inside(model: object, history: History) -> None:
        trained(False)
        seen.append(gc.get_threshold()[0])

    trained(False, callbacks=[inside])
    assert seen == [50_000, 50_000]
    assert gc.get_threshold() == threshold
