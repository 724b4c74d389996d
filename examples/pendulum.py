"""A pendulum learns to swing itself up by differentiating through its own simulation, and is filmed doing it.

    python examples/pendulum.py [--iterations 700] [--seed 0] [--out out] [--frames 125] [--eager]

A motor at the pivot is too weak to lift the pendulum straight up: it has to swing it back and forth first. Nobody
tells it so. A small network sees the pendulum and sets the torque; the simulation runs; the cost of the whole rollout
is one Value, and `backward()` says how every weight of the network should change to make it smaller. With NumPy the
rollout is compiled once and then replayed; `--eager` does every operation anew each time.

Angles are in radians, anticlockwise from hanging straight down; upright is pi.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from autograd import Number, Value, compile, cos, gradients, mean, no_grad, numerical_gradient, sin, tanh
from autograd.support.files import atomic_write
from nn import MLP, Adam, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nn import History

GRAVITY, LENGTH, MASS, DAMPING = 9.81, 1.0, 1.0, 0.1  # m/s^2, m, kg, 1/s
TORQUE_LIMIT = 5.0  # N m; holding the pendulum level would take 9.81
TIME_STEP = 0.02  # s, of the integration
HOLD = 2  # steps of the integration for which a torque is held
TORQUE_TIME = HOLD * TIME_STEP
HORIZON = 200  # torques in a rollout that is trained on: 8 s
TRIAL = 250  # torques in a rollout after training: 10 s, to see whether the pendulum stays up beyond the horizon
UPRIGHT = math.pi
VELOCITY_COST, EFFORT_COST = 0.01, 0.001  # small, so that swinging and pushing cost less than hanging down
LARGEST_NORM = 3.0  # of the gradient
BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "#767676"  # told apart by the colour-blind too (Okabe and Ito 2008)


class Start(NamedTuple):
    """Where a rollout begins: a name for the table, an angle and an angular velocity."""

    name: str
    angle: Number
    velocity: Number


class State(NamedTuple):
    """The pendulum after a torque was held: its angle, its angular velocity, and that torque."""

    angle: Value
    velocity: Value
    torque: Value


# The first has to be swung up; the next two are knocked over and caught; the last comes with too much energy.
TRAINED_STARTS = (
    Start("hanging at rest", 0.0, 0.0),
    Start("upright, pushed left", UPRIGHT, 3.0),
    Start("upright, pushed right", UPRIGHT, -3.0),
    Start("hanging, pushed right", 0.0, 4.0),
)
NEW_STARTS = (
    Start("hanging, pushed left", 0.0, -4.0),
    Start("30 degrees right, at rest", math.radians(30), 0.0),
    Start("90 degrees right, at rest", math.radians(90), 0.0),
    Start("90 degrees left, at rest", math.radians(-90), 0.0),
    Start("150 degrees left, falling", math.radians(-150), 1.5),
)


def main() -> None:
    """Differentiates, trains, compares and draws, and ends by naming the files it wrote."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=700, help="steps of the optimizer (default: 700)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the initial weights (default: 0)")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures (default: out)")
    parser.add_argument("--frames", type=int, default=125, help="pictures in the animation (default: 125)")
    parser.add_argument("--eager", action="store_true", help="compile nothing (always so without NumPy)")
    options = parser.parse_args()
    options.eager = options.eager or find_spec("numpy") is None
    if options.iterations < 0 or not 1 <= options.frames <= TRIAL:
        parser.error(f"--iterations must be at least 0, and --frames from 1 to {TRIAL}")
    options.out.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()

    differentiate_through_time(steps=2000, eager=options.eager)
    controller = MLP(3, [6, 1], activation="tanh", rng=options.seed)
    before = trials(controller)
    history = train(controller, options.iterations, eager=options.eager)
    after = trials(controller)
    print_table(before, after)

    written = [
        plot_training(history, before[0], after[0], options.out / "pendulum.png"),
        animate(after[0], options.out / "pendulum.gif", options.frames),
    ]
    print(f"\nall done in {time.perf_counter() - started:.0f} s; pictures are in:")
    for path in written:
        print(f"  {path}")


def constant(number: Number) -> Value:
    """A plain number as a Value; a Value (as in a compiled rollout) stays as it is."""
    return number if isinstance(number, Value) else Value(number, requires_grad=False)


def integrate(angle: Value, velocity: Value, torque: Number) -> tuple[Value, Value]:
    """The angle and the velocity one time step later, of a mass at the end of a rod that weighs nothing.

        angle'' = -(g / l) sin(angle) - damping * angle' + torque / (m l^2)

    The scheme is the semi-implicit (symplectic) Euler method: the new velocity moves the angle. Its error is of
    first order in the time step, but without damping and torque the energy only wavers and never drifts (Hairer,
    Lubich and Wanner 2006, "Geometric Numerical Integration", chapter I).
    """
    acceleration = -(GRAVITY / LENGTH) * sin(angle) - DAMPING * velocity + torque / (MASS * LENGTH**2)
    velocity = velocity + TIME_STEP * acceleration
    return angle + TIME_STEP * velocity, velocity


def rollout(controller: MLP, start: Start, horizon: int = HORIZON) -> list[State]:
    """The states that the controller steers the pendulum through, one for each torque.

    The controller sees the angle as cosine and sine, which are the same after a full turn. tanh limits the torque
    smoothly, and no branch depends on a Value: the same operations run whatever the numbers are.
    """
    angle, velocity = (constant(number) for number in (start.angle, start.velocity))
    states = []
    for _ in range(horizon):
        output = controller([cos(angle), sin(angle), velocity])
        assert isinstance(output, Value)
        torque = TORQUE_LIMIT * tanh(output)
        for _ in range(HOLD):
            angle, velocity = integrate(angle, velocity, torque)
        states.append(State(angle, velocity, torque))
    return states


def cost(states: Sequence[State], target: float) -> Value:
    """The mean over a rollout of 1 - cos(angle - target), from 0 on target to 2 opposite, and the two small costs."""
    return mean(
        1.0 - cos(state.angle - target) + VELOCITY_COST * state.velocity**2 + EFFORT_COST * state.torque**2
        for state in states
    )


def final_angle(initial_angle: Value, steps: int) -> Value:
    """The angle of a pendulum that is let go at rest, after some steps without torque."""
    angle, velocity = initial_angle, Value(0.0, requires_grad=False)
    for _ in range(steps):
        angle, velocity = integrate(angle, velocity, 0.0)
    return angle


def differentiate_through_time(steps: int, eager: bool = True) -> None:
    """Prints the derivative of the final angle with respect to the initial one, by backpropagation and differences."""
    initial = Value(math.radians(120), label="initial angle")
    if eager:
        (slope,) = gradients(final_angle(initial, steps), [initial])
    else:
        _, (slope,) = compile(lambda angle: final_angle(angle, steps)).value_and_grad(initial.data)
    differences = numerical_gradient(lambda angle: final_angle(angle, steps), [initial])
    print(f"Let go at 120 degrees, the pendulum swings freely for {steps * TIME_STEP:.0f} s ({steps:,} steps).")
    print("The derivative of its final angle with respect to its initial angle:")
    print(f"  backward through every step  {slope:+.10f}")
    print(f"  differences of simulations   {differences[0]:+.10f}, give or take {differences.errors[0]:.0e}")


class ClippedAdam(Adam):
    """Adam, with a gradient longer than `LARGEST_NORM` shortened to that length; `norms` lists how long they were.

    Near upright a small deviation grows twentyfold in a second, and so does the derivative of a late state with respect
    to an early torque: the gradients of long rollouts explode. Their direction is still of use, their length is not
    (Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural networks"). Without clipping,
    seed 0 learns nothing in 700 iterations.
    """

    def __init__(self, parameters: Sequence[Value], lr: float) -> None:
        super().__init__(parameters, lr)
        self.norms: list[float] = []

    def step(self) -> None:
        norm = math.hypot(*(parameter.grad for parameter in self.parameters))
        if norm > LARGEST_NORM:
            for parameter in self.parameters:
                parameter.grad *= LARGEST_NORM / norm
        super().step()
        self.norms.append(norm)


def train(controller: MLP, iterations: int, eager: bool = True) -> History:
    """Lowers the mean cost of the rollouts from all starts; Ctrl-C ends it early, and what was learned stays."""

    def cost_from(angle: Number, velocity: Number) -> Value:
        return cost(rollout(controller, Start("a start", angle, velocity)), UPRIGHT)

    replayed = cost_from if eager else compile(cost_from)
    optimizer = ClippedAdam(controller.parameters(), lr=0.025)
    print(f"\n{controller!r}: {len(optimizer.parameters)} numbers learn from {len(TRAINED_STARTS)} starts")
    history = fit(
        lambda start: replayed(start.angle, start.velocity),
        TRAINED_STARTS,
        [None] * len(TRAINED_STARTS),
        loss=lambda cost, _: cost,
        optimizer=optimizer,
        epochs=iterations,
        batch_size=len(TRAINED_STARTS),
        rng=0,
    )
    if history.interrupted:
        print(f"stopped by Ctrl-C after {len(history.loss)} iterations")
    if history.loss:
        print(f"the mean cost went from {history.loss[0]:.3f} to {history.loss[-1]:.3f}; the norm of the gradient")
        print(f"was {statistics.median(optimizer.norms):.2f} in the median, and {max(optimizer.norms):,.0f} at most")
    return history


def trials(controller: MLP) -> list[list[State]]:
    """A long rollout from each start, first those trained on; no graph is recorded."""
    with no_grad():
        return [rollout(controller, start, TRIAL) for start in TRAINED_STARTS + NEW_STARTS]


def distance_to_upright(states: Sequence[State]) -> float:
    """The mean angle between the pendulum and upright in the last second of a rollout, in degrees."""
    last_second = states[-round(1.0 / TORQUE_TIME) :]
    return math.degrees(statistics.fmean(abs(math.remainder(s.angle.data - UPRIGHT, math.tau)) for s in last_second))


def print_table(before: Sequence[Sequence[State]], after: Sequence[Sequence[State]]) -> None:
    """How far from upright each rollout ends, and the mean square of its torque, before and after training."""
    print(f"\n{'':30}{'before training':>18}{'after training':>20}")
    print(f"{'start':30}{'distance   effort':>18}{'distance   effort':>20}   upright")
    for index, (start, *rollouts) in enumerate(zip(TRAINED_STARTS + NEW_STARTS, before, after, strict=True)):
        if index in (0, len(TRAINED_STARTS)):
            print("trained on" if index == 0 else "never seen in training")
        print(f"  {start.name:28}", end="")
        for states in rollouts:
            effort = statistics.fmean(state.torque.data**2 for state in states)
            print(f"{distance_to_upright(states):7.1f}°{effort:9.2f} ", end="  ")
        print("    yes" if distance_to_upright(after[index]) < 10.0 else "     no")
    print("distance: from upright, mean over the last second; effort: mean squared torque in (N m)^2")


def plot_training(history: History, before: Sequence[State], after: Sequence[State], path: Path) -> Path:
    """The learning curve; and angle, velocity and torque of a rollout before and after training."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MultipleLocator

    figure = Figure(figsize=(10, 6.5), layout="constrained")
    figure.suptitle("A pendulum learns to swing itself up")
    (learning, angle), (velocity, torque) = figure.subplots(2, 2)
    learning.plot(range(1, len(history.loss) + 1), history.loss, color=BLUE, linewidth=1)
    learning.set(xlabel="iteration", ylabel="mean cost of the rollouts", ylim=(0, None))
    times = [number * TORQUE_TIME for number in range(1, len(after) + 1)]
    for states, name, color, line in ((before, "before", VERMILION, "--"), (after, "after", BLUE, "-")):
        degrees = [math.degrees(state.angle.data) for state in states]
        angle.plot(times, degrees, line, color=color, label=f"{name} training")
        velocity.plot(times, [state.velocity.data for state in states], line, color=color)
        torque.plot(times, [state.torque.data for state in states], line, color=color)
    quantities = ("angle (degrees)", "angular velocity (rad/s)", "torque (N m)")
    for axes, quantity in zip((angle, velocity, torque), quantities, strict=True):
        axes.axvline(HORIZON * TORQUE_TIME, color=GREY, linestyle=":", label="the horizon in training")
        axes.set(xlabel="time (s)", ylabel=quantity)
    nearest_upright = 180 + 360 * round((degrees[-1] - 180) / 360)
    angle.axhline(nearest_upright, color=GREY, linewidth=1, label="upright")
    angle.yaxis.set_major_locator(MultipleLocator(90))
    figure.legend(*angle.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    with atomic_write(path) as unfinished:
        figure.savefig(unfinished, dpi=150)
    return path


def animate(states: Sequence[State], path: Path, frames: int) -> Path:
    """Films a rollout as fast as it happens: the pendulum above, the torque as a bar below."""
    from matplotlib.animation import PillowWriter
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 5.4), layout="constrained")
    scene, meter = figure.subplots(2, 1, height_ratios=(12, 1))
    scene.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal", xticks=[], yticks=[])
    scene.plot(0.0, 1.0, "o", markersize=28, markerfacecolor="none", markeredgecolor=GREY)
    scene.text(0.0, 1.15, "upright", color=GREY, horizontalalignment="center")
    (rod,) = scene.plot([], [], color="black", linewidth=3)
    (bob,) = scene.plot([], [], "o", color=BLUE, markersize=22)
    scene.plot(0.0, 0.0, "o", color="black", markersize=8)
    (bar,) = meter.barh(0.0, 0.0, color=VERMILION)
    meter.axvline(0.0, color="black", linewidth=1)
    meter.set(xlim=(-TORQUE_LIMIT, TORQUE_LIMIT), yticks=[], xlabel="torque (N m); to the right: anticlockwise")
    writer = PillowWriter(fps=max(1, round(frames / (len(states) * TORQUE_TIME))))
    with atomic_write(path) as unfinished, writer.saving(figure, str(unfinished), dpi=80):
        for index in (frame * len(states) // frames for frame in range(frames)):
            x, y = math.sin(states[index].angle.data), -math.cos(states[index].angle.data)
            rod.set_data([0.0, x], [0.0, y])
            bob.set_data([x], [y])
            bar.set_width(states[index].torque.data)
            scene.set_title(f"after {(index + 1) * TORQUE_TIME:.2f} s")
            writer.grab_frame()
    return path


if __name__ == "__main__":
    try:
        main()
    except (OSError, ImportError) as error:  # a file cannot be read or written, or a package is missing
        raise SystemExit(f"pendulum.py: {error}") from error
