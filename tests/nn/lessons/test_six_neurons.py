"""Six neurons: the formulas give what the engine gives, and the pictures show what was computed."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import SixNeurons
from nn.lessons.six_neurons import SOURCES

numbers = st.floats(-3.0, 3.0)
WEIGHTS = [[0.5, -0.25], [0.1, 0.9], [-0.7, 0.3], [0.2, -0.4, 0.6], [0.8, 0.15, -0.35], [1.1, -0.9]]


def flat(rows: list[list[float]]) -> list[float]:
    return [number for row in rows for number in row]


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def example(**options: Any) -> SixNeurons:
    return SixNeurons([1.0, 0.5], 0.75, WEIGHTS, **options)


@given(inputs=st.lists(numbers, min_size=2, max_size=2), target=numbers, seed=st.integers(0, 1000))
def test_the_gradients_of_six_neurons_are_those_of_the_engine(inputs: list[float], target: float, seed: int) -> None:
    step = SixNeurons(inputs, target, rng=seed)
    assert flat(step.gradients) == pytest.approx(flat(step.engine_gradients()), rel=0, abs=1e-12)


def test_a_signal_is_the_sigmoid_of_what_flows_in() -> None:
    step = example()
    assert step.a[1] == pytest.approx(sigmoid(0.5 * 1.0 - 0.25 * 0.5), rel=1e-14)
    assert step.a[4] == pytest.approx(sigmoid(0.2 * step.a[1] - 0.4 * step.a[2] + 0.6 * step.a[3]), rel=1e-14)
    assert step.a[6] == pytest.approx(sigmoid(1.1 * step.a[4] - 0.9 * step.a[5]), rel=1e-14)


def test_the_error_signal_of_the_output_is_the_error_times_the_slope() -> None:
    step = example()
    assert step.delta[6] == step.a[6] * (1 - step.a[6]) * (step.a[6] - 0.75)


def test_an_error_signal_flows_back_through_the_weights() -> None:
    step = example()
    expected = step.slope(1) * (0.2 * step.delta[4] + 0.8 * step.delta[5])
    assert step.delta[1] == pytest.approx(expected, rel=1e-14)


@given(seed=st.integers(0, 1000), lr=st.floats(0.0, 5.0))
def test_a_new_weight_is_the_old_one_minus_eta_delta_input(seed: int, lr: float) -> None:
    step = SixNeurons([0.3, -1.0], 1.0, lr=lr, rng=seed)
    signals = {"x1": 0.3, "x2": -1.0} | {f"a{neuron}": a for neuron, a in step.a.items()}
    for neuron, sources in SOURCES.items():
        for index, source in enumerate(sources):
            expected = step.weight(source, neuron) - lr * step.delta[neuron] * signals[source]
            assert step.new_weights[neuron - 1][index] == expected


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
    assert step.a[6] == pytest.approx(0.75, abs=1e-3)


def test_the_same_seed_draws_the_same_weights() -> None:
    assert SixNeurons([1, 0], 1, rng=3).weights == SixNeurons([1, 0], 1, rng=3).weights


def test_the_table_has_a_line_for_each_step() -> None:
    assert len(str(example()).splitlines()) == 3 + 6 + 6 + 14


def test_the_table_writes_symbols_in_plain_text() -> None:
    assert re.search(r"^δ4 +f'\(z4\) \(w46 δ6\) ", str(example()), re.MULTILINE)


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
        texts(step.frames()[12])[-4:], ("w'(x1)1 = ", "= 0.5 - ", "w'(x2)1 = ", "= "), strict=True
    ):
        assert text.startswith(written)


def test_a_frame_shows_what_is_known_and_nothing_else() -> None:
    frame = texts(example().frames()[1])
    assert sum(text.startswith(("a1 = ", "a2 = ")) for text in frame) == 3  # the second also as the step
    assert not any(text.startswith(("a3 = ", "δ")) for text in frame)


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


# ---------------------------------------------------------------- what they refuse


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], 1.0), "2 inputs, x1 and x2, not 1"),
        (([1.0, 2.0], 1.0, [[0.0]]), "neurons 1 to 6, not 1 lists"),
        (([1.0, 2.0], 1.0, [*WEIGHTS[:3], [1.0], *WEIGHTS[4:]]), "neuron 4 needs 3 weights, for a1, a2, a3, but .* 1"),
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
    with pytest.raises(TypeError, match=r"the weights of neuron 1 must be a list, not 1\.0"):
        SixNeurons([1.0, 2.0], 1.0, flat_weights)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({1.0, 2.0}, "the inputs x1 and x2 must be a list, not the set"),
        ([1.0, None], "the input x2 must be a number, not None"),
    ],
)
def test_inputs_of_another_kind_are_type_errors(inputs: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        SixNeurons(inputs, 1.0)


@pytest.mark.parametrize(
    ("inputs", "target", "neuron_6", "error", "message"),
    [
        ([1e308, 1e308], 0.0, [1.0, 1.0], FloatingPointError, r"a1 = f\(100 · 1e\+308 \+ .* is nan, not finite"),
        ([1.0, 1.0], 1e200, [1.0, 1.0], OverflowError, r"the loss \(a6 - y\)\^2 / 2 is too large"),
        ([1.0, 1.0], 1e150, [1e200, -1e200], FloatingPointError, "δ5 = .*, not finite"),
    ],
)
def test_six_neurons_name_the_number_that_is_not_finite(
    inputs: list[float], target: float, neuron_6: list[float], error: type[Exception], message: str
) -> None:
    first = [[100.0, -100.0]] * 3 if inputs[0] > 1.0 else [[0.0, 0.0]] * 3
    with pytest.raises(error, match=message):
        SixNeurons(inputs, target, [*first, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], neuron_6])
