"""The pendulum of the examples: its physics, its derivatives, its learning and its film."""

from __future__ import annotations

import importlib.util
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, gradcheck, gradients, topological_order
from nn import MLP

SOURCE = Path(__file__).parents[2] / "examples" / "pendulum.py"


@pytest.fixture
def pendulum(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program as a module, a fresh one for each test, which may change its constants."""
    specification = importlib.util.spec_from_file_location("pendulum_example", SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "pendulum_example", module)
    specification.loader.exec_module(module)
    return module


def constant(number: float) -> Value:
    return Value(number, requires_grad=False)


def energies(pendulum: Any, seconds: float) -> list[float]:
    """The energy per unit of m l^2 after every step of a free swing from 120 degrees."""
    angle, velocity = constant(math.radians(120)), constant(0.0)
    found = []
    for _ in range(round(seconds / pendulum.TIME_STEP)):
        angle, velocity = pendulum.integrate(angle, velocity, 0.0)
        found.append(velocity.data**2 / 2 - pendulum.GRAVITY / pendulum.LENGTH * math.cos(angle.data))
    return found


def test_the_energy_wavers_by_the_first_order_of_the_time_step_and_never_drifts(
    pendulum: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pendulum, "DAMPING", 0.0)
    exact = -pendulum.GRAVITY / pendulum.LENGTH * math.cos(math.radians(120))
    errors = []
    for time_step in (0.02, 0.01):
        monkeypatch.setattr(pendulum, "TIME_STEP", time_step)
        found = energies(pendulum, seconds=40.0)
        early, late = (max(abs(energy - exact) for energy in part) for part in (found[: len(found) // 4], found))
        assert late == pytest.approx(early, rel=0.02)
        errors.append(late)
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.05)


def test_damping_takes_energy_away(pendulum: Any) -> None:
    found = energies(pendulum, seconds=40.0)
    assert found[-1] < found[0]
    assert found[-1] == pytest.approx(-pendulum.GRAVITY / pendulum.LENGTH, rel=0.05)


def test_a_constant_torque_ends_where_it_balances_gravity(pendulum: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pendulum, "DAMPING", 2.0)
    angle, velocity = constant(0.0), constant(0.0)
    for _ in range(1000):
        angle, velocity = pendulum.integrate(angle, velocity, 4.0)
    balance = math.asin(4.0 / (pendulum.MASS * pendulum.GRAVITY * pendulum.LENGTH))
    assert angle.data == pytest.approx(balance, abs=1e-6)
    assert velocity.data == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("steps", [1, 10, 100, 500])
def test_at_small_angles_the_derivative_is_that_of_a_harmonic_oscillator(
    pendulum: Any, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Linearised about 0, the scheme is a recursion with a closed solution, and that is near cos(omega t).

    angle_{n+1} - 2 angle_n + angle_{n-1} = -(h omega)^2 angle_n has the solutions cos(n phi) and sin(n phi) with
    sin(phi / 2) = h omega / 2; the first step, to 1 - (h omega)^2, gives the second the factor -tan(phi / 2).
    """
    monkeypatch.setattr(pendulum, "DAMPING", 0.0)
    initial = Value(0.0)
    (slope,) = gradients(pendulum.final_angle(initial, steps), [initial])
    omega, step = math.sqrt(pendulum.GRAVITY / pendulum.LENGTH), pendulum.TIME_STEP
    phi = 2 * math.asin(step * omega / 2)
    assert slope == pytest.approx(math.cos(steps * phi) - math.tan(phi / 2) * math.sin(steps * phi), abs=1e-10)
    late = steps * abs(phi - step * omega)  # how much the phase of the scheme is ahead of omega t
    assert slope == pytest.approx(math.cos(omega * steps * step), abs=1.01 * (late + step * omega / 2))


def test_a_small_swing_takes_two_pi_over_omega(pendulum: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pendulum, "DAMPING", 0.0)
    monkeypatch.setattr(pendulum, "TIME_STEP", 0.001)
    angle, velocity = constant(0.001), constant(0.0)
    crossings = []  # of the lowest point, from right to left
    for step in range(1, 8001):
        before = angle.data
        angle, velocity = pendulum.integrate(angle, velocity, 0.0)
        if before > 0.0 >= angle.data:
            crossings.append((step - 1 + before / (before - angle.data)) * 0.001)
    periods = [later - earlier for earlier, later in pairwise(crossings)]
    assert len(periods) >= 2
    assert periods == pytest.approx([math.tau / math.sqrt(pendulum.GRAVITY / pendulum.LENGTH)] * len(periods), rel=1e-5)


def test_the_gradient_of_a_rollout_is_that_of_finite_differences(pendulum: Any) -> None:
    controller = MLP(3, [2, 1], activation="tanh", rng=0)
    start = pendulum.Start("rising", 1.0, 2.0)
    report = gradcheck(
        lambda *_: pendulum.cost(pendulum.rollout(controller, start, 15), pendulum.UPRIGHT), controller.parameters()
    )
    assert report, str(report)


def test_the_operations_of_a_rollout_do_not_depend_on_the_numbers(pendulum: Any) -> None:
    def operations(start: Any, seed: int) -> list[object]:
        controller = MLP(3, [2, 1], activation="tanh", rng=seed)
        root = pendulum.cost(pendulum.rollout(controller, start, 5), pendulum.UPRIGHT)
        return [node.op for node in topological_order(root)]

    hanging, spinning = pendulum.Start("hanging", 0.0, 0.0), pendulum.Start("spinning", -7.0, 9.0)
    assert operations(hanging, seed=0) == operations(spinning, seed=1)


def test_the_torque_stays_within_its_limit(pendulum: Any) -> None:
    controller = MLP(3, [2, 1], activation="tanh", rng=0)
    for parameter in controller.parameters():
        parameter.data *= 10.0
    torques = [state.torque.data for state in pendulum.rollout(controller, pendulum.TRAINED_STARTS[3])]
    assert 0.9 * pendulum.TORQUE_LIMIT < max(map(abs, torques)) <= pendulum.TORQUE_LIMIT


def test_distance_is_measured_the_short_way_round(pendulum: Any) -> None:
    states = [pendulum.State(constant(angle), constant(0.0), constant(0.0)) for angle in (0.0, *[-math.pi - 0.1] * 25)]
    assert pendulum.distance_to_upright(states) == pytest.approx(math.degrees(0.1))


def test_a_long_gradient_is_shortened_and_a_short_one_is_not(pendulum: Any) -> None:
    parameters = [Value(0.0), Value(0.0)]
    optimizer = pendulum.ClippedAdam(parameters, lr=0.1)
    seen = []
    for gradient in ((3e5, 4e5), (0.3, 0.4)):
        parameters[0].grad, parameters[1].grad = gradient
        optimizer.step()
        seen.append([parameter.grad for parameter in parameters])
    assert optimizer.norms == pytest.approx([5e5, 0.5])
    assert seen[0] == pytest.approx([0.6 * pendulum.LARGEST_NORM, 0.8 * pendulum.LARGEST_NORM])
    assert seen[1] == [0.3, 0.4]


def test_a_few_iterations_lower_the_cost(
    pendulum: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full_rollout = pendulum.rollout
    monkeypatch.setattr(pendulum, "rollout", lambda controller, start: full_rollout(controller, start, 25))
    controller = MLP(3, [6, 1], activation="tanh", rng=0)
    history = pendulum.train(controller, 15)
    assert len(history.loss) == 15
    assert history.loss[-1] < 0.97 * history.loss[0]
    assert "the mean cost went from" in capsys.readouterr().out


def test_training_compiled_or_not_is_the_same(pendulum: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    full_rollout = pendulum.rollout
    monkeypatch.setattr(pendulum, "rollout", lambda controller, start: full_rollout(controller, start, 25))
    eager, compiled = (MLP(3, [6, 1], activation="tanh", rng=0) for _ in range(2))
    losses = pendulum.train(eager, 5, eager=True).loss
    assert pendulum.train(compiled, 5, eager=False).loss == pytest.approx(losses, rel=1e-9)
    numbers = [parameter.data for parameter in eager.parameters()]
    assert [parameter.data for parameter in compiled.parameters()] == pytest.approx(numbers, rel=1e-9)


def test_the_derivative_through_time_is_the_same_compiled(pendulum: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pendulum.differentiate_through_time(50, eager=True)
    printed = capsys.readouterr().out
    pendulum.differentiate_through_time(50, eager=False)
    assert capsys.readouterr().out == printed


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_learned_and_the_program_goes_on_to_draw(
    pendulum: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rollouts = 0

    def interrupted_rollout(controller: MLP, start: Any, horizon: int = 5, run: Any = pendulum.rollout) -> Any:
        nonlocal rollouts
        rollouts += horizon == 5
        if rollouts == 2 * len(pendulum.TRAINED_STARTS) + 2:
            rollouts += 1
            raise KeyboardInterrupt
        return run(controller, start, horizon)

    monkeypatch.setattr(pendulum, "rollout", interrupted_rollout)
    monkeypatch.setattr(pendulum, "TRIAL", 30)
    monkeypatch.setattr(pendulum, "differentiate_through_time", lambda steps, eager: None)
    options = ["--iterations", "9", "--frames", "2", "--out", str(tmp_path), "--eager"]
    monkeypatch.setattr(sys, "argv", ["pendulum.py", *options])
    pendulum.main()
    out = capsys.readouterr().out
    assert "stopped by Ctrl-C after 2 iterations" in out
    assert out.count("°") == 2 * len(pendulum.TRAINED_STARTS + pendulum.NEW_STARTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pendulum.gif", "pendulum.png"]


def falling(pendulum: Any) -> Any:
    return pendulum.rollout(MLP(3, [1], rng=0), pendulum.Start("falling", 3.0, 0.0), 20)


@pytest.mark.slow
def test_the_film_is_written_whole(pendulum: Any, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    path = pendulum.animate(falling(pendulum), tmp_path / "pendulum.gif", frames=8)
    with image.open(path) as film:
        assert film.n_frames == 8
        film.seek(7)
        film.load()
        assert film.info["duration"] == pytest.approx(1000 * 20 * pendulum.TORQUE_TIME / 8, abs=10)
    assert [left.name for left in tmp_path.iterdir()] == ["pendulum.gif"]


def test_a_film_that_fails_leaves_nothing_behind_and_the_old_one_alone(pendulum: Any, tmp_path: Path) -> None:
    path = tmp_path / "pendulum.gif"
    path.write_text("the old film")
    states = falling(pendulum)
    states[10] = None
    with pytest.raises(AttributeError):
        pendulum.animate(states, path, frames=8)
    assert [left.name for left in tmp_path.iterdir()] == ["pendulum.gif"]
    assert path.read_text() == "the old film"


@pytest.mark.parametrize("arguments", [["--frames", "0"], ["--frames", "1000"], ["--iterations", "-1"]])
def test_numbers_that_make_no_sense_are_refused_before_anything_runs(
    pendulum: Any, arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["pendulum.py", "--out", str(tmp_path / "out"), *arguments])
    with pytest.raises(SystemExit):
        pendulum.main()
    assert not (tmp_path / "out").exists()
