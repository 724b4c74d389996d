"""Backpropagation by hand: the formulas give what the engine gives, and the pictures show what was computed."""

from __future__ import annotations

import math
import random
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import Chain, SixNeurons, SoftmaxLayer, mean_deltas, plot_vanishing_gradient
from nn.by_hand import SOURCES

numbers = st.floats(-3.0, 3.0)
WEIGHTS = [[0.5, -0.25], [0.1, 0.9], [-0.7, 0.3], [0.2, -0.4, 0.6], [0.8, 0.15, -0.35], [1.1, -0.9]]


def flat(rows: list[list[float]]) -> list[float]:
    return [number for row in rows for number in row]


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def curve(line: Any) -> list[float]:
    return list(line.get_ydata())


def example(**options: Any) -> SixNeurons:
    return SixNeurons([1.0, 0.5], 0.75, WEIGHTS, **options)


# ---------------------------------------------------------------- six neurons


@given(inputs=st.lists(numbers, min_size=2, max_size=2), target=numbers, seed=st.integers(0, 1000))
def test_the_gradients_of_six_neurons_are_those_of_the_engine(inputs: list[float], target: float, seed: int) -> None:
    step = SixNeurons(inputs, target, rng=seed)
    assert flat(step.gradients) == pytest.approx(flat(step.engine_gradients()), rel=0, abs=1e-12)


def test_a_signal_is_the_sigmoid_of_what_flows_in() -> None:
    step = example()
    assert step.y[1] == pytest.approx(sigmoid(0.5 * 1.0 - 0.25 * 0.5), rel=1e-14)
    assert step.y[4] == pytest.approx(sigmoid(0.2 * step.y[1] - 0.4 * step.y[2] + 0.6 * step.y[3]), rel=1e-14)
    assert step.y[6] == pytest.approx(sigmoid(1.1 * step.y[4] - 0.9 * step.y[5]), rel=1e-14)


def test_the_error_signal_of_the_output_is_the_error() -> None:
    step = example()
    assert step.delta[6] == 0.75 - step.y[6]


def test_an_error_signal_flows_back_through_the_weights() -> None:
    step = example()
    expected = 0.2 * step.slope(4) * step.delta[4] + 0.8 * step.slope(5) * step.delta[5]
    assert step.delta[1] == pytest.approx(expected, rel=1e-14)


@given(seed=st.integers(0, 1000), lr=st.floats(0.0, 5.0))
def test_a_new_weight_is_the_old_one_plus_eta_delta_slope_input(seed: int, lr: float) -> None:
    step = SixNeurons([0.3, -1.0], 1.0, lr=lr, rng=seed)
    signals = {"x1": 0.3, "x2": -1.0} | {f"y{neuron}": y for neuron, y in step.y.items()}
    for neuron, sources in SOURCES.items():
        for place, source in enumerate(sources):
            expected = step.weight(source, neuron) + lr * step.delta[neuron] * step.slope(neuron) * signals[source]
            assert step.new_weights[neuron - 1][place] == expected


def test_the_updates_are_gradient_descent() -> None:
    step = example(lr=0.3)
    expected = [w - 0.3 * g for w, g in zip(flat(step.weights), flat(step.engine_gradients()), strict=True)]
    assert flat(step.new_weights) == pytest.approx(expected, rel=0, abs=1e-12)


def test_the_steps_come_in_the_classic_order() -> None:
    order = list(dict.fromkeys((step.phase, step.neuron) for step in example().steps))
    forward = [("forward", neuron) for neuron in range(1, 7)]
    error = [("error", neuron) for neuron in range(6, 0, -1)]
    assert order == forward + error + [("update", neuron) for neuron in range(1, 7)]


def test_every_weight_is_updated_once() -> None:
    symbols = [step.symbol for step in example().steps if step.phase == "update"]
    assert len(symbols) == len(set(symbols)) == 14


def test_the_next_step_has_the_new_weights_and_a_smaller_loss() -> None:
    step = example()
    following = step.next()
    assert (following.weights, following.loss < step.loss) == (step.new_weights, True)


def test_a_hundred_steps_reach_the_target() -> None:
    step = example(lr=5.0)
    for _ in range(100):
        step = step.next()
    assert step.y[6] == pytest.approx(0.75, abs=1e-3)


def test_the_same_seed_draws_the_same_weights() -> None:
    assert SixNeurons([1, 0], 1, rng=3).weights == SixNeurons([1, 0], 1, rng=3).weights


def test_the_table_has_a_line_for_each_step() -> None:
    assert len(str(example()).splitlines()) == 3 + 6 + 6 + 14


def test_the_table_writes_symbols_in_plain_text() -> None:
    assert re.search(r"^δ4 +w46 f'\(e6\) δ6 ", str(example()), re.MULTILINE)


@pytest.mark.parametrize("step", example().steps, ids=lambda step: step.symbol)
def test_the_numbers_of_a_step_give_its_result(step: Any) -> None:
    text = step.numbers.replace("·", "*")
    assert eval(text, {"f": sigmoid}) == pytest.approx(step.result, abs=2e-3)


# ---------------------------------------------------------------- its pictures

SVG = "{http://www.w3.org/2000/svg}"


def texts(frame: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(frame).iter(f"{SVG}text")]


def test_there_is_a_frame_for_each_neuron_and_phase() -> None:
    assert len(example().frames()) == 18


def test_a_frame_writes_its_steps() -> None:
    step = example()
    for text, written in zip(
        texts(step.frames()[12])[-4:], ("w'(x1)1 = ", "= 0.5 + ", "w'(x2)1 = ", "= "), strict=True
    ):
        assert text.startswith(written)


def test_a_frame_shows_what_is_known_and_nothing_else() -> None:
    frame = texts(example().frames()[1])
    assert sum(text.startswith(("y1 = ", "y2 = ")) for text in frame) == 3  # the second also as the step
    assert not any(text.startswith(("y3 = ", "δ")) for text in frame)


def test_a_frame_shows_the_new_weights_of_an_update() -> None:
    step = example()
    assert f"w'46 = {step.new_weights[5][0]:.4g}" in texts(step.frames()[-1])


def test_error_signals_point_backwards() -> None:
    """The arrow into neuron 4 comes from neuron 6, at its right."""
    frame = ElementTree.fromstring(example().frames()[8])
    (arrow,) = frame.iter(f"{SVG}polygon")
    tip, *corners = [float(point.split(",")[0]) for point in arrow.attrib["points"].split()]
    assert tip < min(corners)


def test_frames_are_saved_as_files(tmp_path: Path) -> None:
    step = example()
    paths = step.save_frames(tmp_path)
    assert [Path(path).name for path in paths][::17] == ["step_01.svg", "step_18.svg"]
    assert [Path(path).read_text(encoding="utf-8") for path in paths] == step.frames()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        example().save_frames(tmp_path / "nowhere")


def test_a_notebook_shows_one_frame_and_a_slider() -> None:
    shown = example()._repr_html_()
    assert (shown.count("<svg "), shown.count('<svg style="display:none" '), shown.count('max="17"')) == (18, 17, 1)


# ---------------------------------------------------------------- what six neurons refuse


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], 1.0), "2 inputs, x1 and x2, not 1"),
        (([1.0, 2.0], 1.0, [[0.0]]), "neurons 1 to 6, not 1 lists"),
        (([1.0, 2.0], 1.0, [*WEIGHTS[:3], [1.0], *WEIGHTS[4:]]), "neuron 4 needs 3 weights, for y1, y2, y3, but .* 1"),
        (([math.nan, 2.0], 1.0), "the input x1 must be a finite number, not nan"),
        (([1.0, 2.0], math.inf), "the target must be a finite number, not inf"),
    ],
)
def test_a_wrong_argument_is_named(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SixNeurons(*arguments)


def test_a_negative_learning_rate_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot be negative: -0\.5"):
        example(lr=-0.5)


def test_weights_that_are_no_lists_are_refused() -> None:
    flat_weights: Any = [1.0] * 6
    with pytest.raises(TypeError, match=r"the weights of neuron 1 are a list, not 1\.0"):
        SixNeurons([1.0, 2.0], 1.0, flat_weights)


# ---------------------------------------------------------------- a chain


def chain(depth: int, activation: str = "sigmoid") -> Chain:
    rng = random.Random(depth)
    weights, biases = ([rng.gauss(0.0, 1.0) for _ in range(depth)] for _ in range(2))
    return Chain(weights, biases, rng.gauss(0.0, 1.0), rng.random(), activation)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("depth", range(1, 51))
def test_the_formulas_of_a_chain_give_what_the_engine_gives(depth: int, activation: str) -> None:
    by_hand, by_engine = chain(depth, activation).by_hand(), chain(depth, activation).by_engine()
    for one, other in zip(by_hand[:4], by_engine[:4], strict=True):
        assert one == pytest.approx(other, rel=0, abs=1e-14)
    assert by_hand.loss == pytest.approx(by_engine.loss, rel=0, abs=1e-14)


def test_a_chain_of_two_follows_the_four_formulas() -> None:
    w, b, x, y = [0.5, -1.5], [0.25, 0.1], 0.8, 0.3
    a = [x, sigmoid(w[0] * x + b[0])]
    a.append(sigmoid(w[1] * a[1] + b[1]))
    last = (a[2] - y) * a[2] * (1 - a[2])
    first = last * w[1] * a[1] * (1 - a[1])
    found = Chain(w, b, x, y).by_hand()
    assert found.deltas == pytest.approx([first, last], rel=1e-14)
    assert found.weights == pytest.approx([first * a[0], last * a[1]], rel=1e-14)
    assert found.biases == found.deltas


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [], 0.0, 0.0), "at least one layer"),
        (([1.0], [], 0.0, 0.0), "a bias for each weight, not 0 for 1"),
        (([1.0], [0.0], 0.0, 0.0, "gelu"), "no activation 'gelu' for chains; there are sigmoid, tanh, relu"),
        (([math.inf], [0.0], 0.0, 0.0), "a weight must be a finite number"),
    ],
)
def test_a_chain_that_cannot_be_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chain(*arguments)


# ---------------------------------------------------------------- the vanishing gradient


def test_the_sigmoid_takes_at_least_three_quarters_of_the_gradient_in_each_layer() -> None:
    means = mean_deltas("sigmoid", weights=(1.0, 1.0))
    assert all(below <= above / 4 for below, above in pairwise(means))


def test_relu_takes_nothing_where_the_weights_are_one() -> None:
    assert mean_deltas("relu", weights=(1.0, 1.0)) == [1.0] * 20


def test_tanh_lies_between() -> None:
    sigmoid_first, tanh_first, relu_first = (mean_deltas(name, rng=0)[0] for name in ("sigmoid", "tanh", "relu"))
    assert sigmoid_first * 1e6 < tanh_first < relu_first / 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 0}, "depth=0"),
        ({"chains": 0}, "chains=0"),
        ({"weights": (2.0, 1.0)}, r"\(low, high\), not from \(2.0, 1.0\)"),
    ],
)
def test_wrong_options_of_the_mean_are_named(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mean_deltas("sigmoid", **options)


def test_the_plot_has_a_curve_for_each_activation() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = plot_vanishing_gradient(depth=6, chains=5, rng=1)
    seed = random.Random(1).getrandbits(32)
    assert [line.get_label() for line in ax.lines] == ["sigmoid", "tanh", "relu"]
    assert curve(ax.lines[0]) == mean_deltas("sigmoid", depth=6, chains=5, rng=seed)
    matplotlib.pyplot.close(ax.figure)


def test_the_plot_goes_where_it_is_told() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, ax = pyplot.subplots()
    assert plot_vanishing_gradient(depth=3, chains=2, ax=ax) is ax
    pyplot.close(figure)


# ---------------------------------------------------------------- softmax

# Saito 2016, "Deep Learning from Scratch", section 4.4.2: the weights, the input and dW to 8 digits.
SAITO = [[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]]
SAITO_GRADIENT = [0.21924763, 0.14356247, -0.36281009, 0.32887144, 0.2153437, -0.54421514]


def softmax_layer() -> SoftmaxLayer:
    return SoftmaxLayer(SAITO, [0.6, 0.9], [0, 0, 1])


def test_the_gradient_of_the_matrix_is_the_published_one() -> None:
    assert flat(softmax_layer().by_engine().weights) == pytest.approx(SAITO_GRADIENT, rel=0, abs=1e-8)


def test_the_rows_of_the_gradient_are_the_input_times_p_minus_t() -> None:
    found = softmax_layer().by_engine()
    rows = [[x * (p - t) for p, t in zip(found.probabilities, [0, 0, 1], strict=True)] for x in (0.6, 0.9)]
    assert flat(found.weights) == pytest.approx(flat(rows), rel=0, abs=1e-15)


def test_the_engine_agrees_with_differences() -> None:
    layer = softmax_layer()
    assert flat(layer.by_engine().weights) == pytest.approx(flat(layer.by_differences()), rel=0, abs=1e-8)


@given(seed=st.integers(0, 1000), size=st.integers(1, 4), classes=st.integers(2, 5), spread=st.floats(0.1, 300.0))
def test_by_hand_and_by_engine_agree_at_any_scale(seed: int, size: int, classes: int, spread: float) -> None:
    rng = random.Random(seed)
    weights = [[rng.gauss(0.0, spread) for _ in range(classes)] for _ in range(size)]
    target = [1.0 / classes] * classes
    layer = SoftmaxLayer(weights, [rng.gauss(0.0, 1.0) for _ in range(size)], target)
    by_hand, by_engine = layer.by_hand(), layer.by_engine()
    assert by_hand.logits == by_engine.logits
    assert by_hand.probabilities == pytest.approx(by_engine.probabilities, rel=1e-12, abs=1e-15)
    assert by_hand.loss == pytest.approx(by_engine.loss, rel=1e-12, abs=1e-12)
    assert flat(by_hand.weights) == pytest.approx(flat(by_engine.weights), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], [1.0], [0, 0, 1]), "1 inputs and 3 classes need 1 rows of 3 weights, not rows of 2"),
        (([], [1.0], [0, 1]), "not rows of nothing"),
        (([[1.0]], [1.0], [1.0]), "at least 1 input and 2 classes .* not 1 and 1"),
        (([], [], [0, 1]), "at least 1 input and 2 classes .* not 0 and 2"),
        (([[1.0, 2.0]], [1.0], [0.5, 0.6]), "add up to 1"),
        (([[1.0, 2.0]], [1.0], [-0.5, 1.5]), "add up to 1"),
        (([[]], [1.0], []), "2 classes .* not 1 and 0"),
        (([[1.0, math.nan]], [1.0], [0, 1]), "a weight must be a finite number"),
    ],
)
def test_a_softmax_layer_that_cannot_be_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SoftmaxLayer(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], {1.0}, [0, 1]), r"the inputs are a list of numbers, not the set \{1\.0\}, which has no order"),
        (([[1.0, 2.0]], [[1.0]], [0, 1]), r"an input is a number, not the list \[1\.0\]"),
        (([{0: 1.0, 1: 2.0}], [1.0], [0, 1]), "the weights of an input are a list of numbers, not the dict"),
        (([[1.0, None]], [1.0], [0, 1]), "a weight is a number, not None"),
    ],
)
def test_what_is_no_list_of_numbers_is_a_type_error(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        SoftmaxLayer(*arguments)


def test_the_weights_may_be_an_array() -> None:
    np = pytest.importorskip("numpy")
    plain = SoftmaxLayer([[0.1, 0.2], [0.4, 0.5]], [0.6, 0.9], [0, 1])
    array = SoftmaxLayer(np.array([[0.1, 0.2], [0.4, 0.5]]), np.array([0.6, 0.9]), np.array([0, 1]))
    assert array.by_hand() == plain.by_hand()


def test_the_weights_may_be_a_table_of_pandas() -> None:
    pandas: Any = pytest.importorskip("pandas")
    plain = SoftmaxLayer([[0.1, 0.2], [0.4, 0.5]], [0.6, 0.9], [0, 1])
    table = pandas.DataFrame([[0.1, 0.2], [0.4, 0.5]], columns=["a", "b"])
    taken = SoftmaxLayer(table, pandas.Series([0.6, 0.9], index=[7, 7]), pandas.Series([0, 1]))
    assert taken.by_hand() == plain.by_hand()


# ---------------------------------------------------------------- out of the range of floats


def outcome(compute: Callable[[], object]) -> type[Exception] | None:
    """The kind of exception that is raised."""
    try:
        compute()
    except ArithmeticError as error:
        return type(error)
    return None


TOO_LARGE: dict[str, Any] = {
    "a logit": SoftmaxLayer([[1e300, 1.0]], [1e300], [1.0, 0.0]),
    "the loss of far logits": SoftmaxLayer([[1e308, -1e308]], [1.0], [0.0, 1.0]),
    "logits far from a class that counts nothing": SoftmaxLayer([[1e308, -1e308]], [1.0], [1.0, 0.0]),
    "an activation": Chain([1e300, 1.0], [0.0, 0.0], 1e300, 0.0, "relu"),
    "a gradient": Chain([1e-10, 1e-200], [1e300, 0.0], 1.0, 0.0, "relu"),
    "the loss": Chain([1.0], [0.0], 1e200, 0.0, "relu"),
    "the loss after a switched-off infinity": Chain([1e300, -1.0], [0.0, 0.0], 1e300, 1e200, "relu"),
    "a sum in a sigmoid": Chain([1e300, 1.0], [0.0, 0.0], 1e300, 0.0, "sigmoid"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_what_leaves_the_range_of_floats_is_the_same_kind_of_error_by_hand_and_by_engine(case: str) -> None:
    assert outcome(TOO_LARGE[case].by_hand) is outcome(TOO_LARGE[case].by_engine)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("a logit", "the logit z_1 is inf, not finite"),
        ("the loss of far logits", "the loss is inf, not finite"),
        ("an activation", "the activation a_1 is inf, not finite"),
        ("a gradient", "dL/dw_2 is inf, not finite"),
        ("the loss", r"the loss \(a_L - y\)\^2 / 2 is too large for a float at a_L - y = 1e\+200"),
    ],
)
def test_what_leaves_the_range_of_floats_is_named(case: str, message: str) -> None:
    with pytest.raises(ArithmeticError, match=message):
        TOO_LARGE[case].by_hand()


@pytest.mark.parametrize(
    ("inputs", "target", "neuron_6", "error", "message"),
    [
        ([1e308, 1e308], 0.0, [1.0, 1.0], FloatingPointError, r"y1 = f\(100 · 1e\+308 \+ .* is nan, not finite"),
        ([1.0, 1.0], 1e200, [1.0, 1.0], OverflowError, r"the loss \(z - y6\)\^2 / 2 is too large"),
        ([1.0, 1.0], 1e150, [1e200, -1e200], FloatingPointError, "δ5 = .*, not finite"),
    ],
)
def test_six_neurons_name_the_number_that_is_not_finite(
    inputs: list[float], target: float, neuron_6: list[float], error: type[Exception], message: str
) -> None:
    first = [[100.0, -100.0]] * 3 if inputs[0] > 1.0 else [[0.0, 0.0]] * 3
    with pytest.raises(error, match=message):
        SixNeurons(inputs, target, [*first, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], neuron_6])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SixNeurons({1.0, 2.0}, 1.0), "the inputs x1 and x2 are a list, not the set"),  # type: ignore[arg-type]
        (lambda: SixNeurons([1.0, None], 1.0), "the input x2 is a number, not None"),  # type: ignore[list-item]
        (lambda: Chain({1.0: 2.0}, [0.0], 1.0, 0.0), "weights are a list, not the dict"),  # type: ignore[arg-type]
        (lambda: Chain([1.0], [0.0], 1.0, 0.0, ["relu"]), "one of the names sigmoid, tanh, relu, not the list"),  # type: ignore[arg-type]
        (lambda: mean_deltas("relu", depth=2.5), "depth is a whole number, an int, not the float 2.5"),  # type: ignore[arg-type]
        (lambda: mean_deltas("relu", weights=0.5), r"an interval \(low, high\), not 0\.5"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_another_kind_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
