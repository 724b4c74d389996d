"""Minima and maxima under constraints, by Lagrange's multipliers.

Where f is stationary along the constraints g = 0, its gradient is a combination of theirs: grad f + lambda grad g = 0.
In other words, the Lagrangian L = f + lambda g is stationary in x; since g = 0, it is also stationary in lambda. These
equations, named after Karush, Kuhn and Tucker, are solved by Newton's method (Nocedal and Wright 2006, "Numerical
Optimization", chapter 18).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

from autograd.calculus.arguments import numpy
from autograd.calculus.curvature import ROUNDING, balancing, eigenvalues, kind_of, scaled
from autograd.calculus.evaluation import UNDEFINED, Function, SearchedFunction, in_brackets, second_order, zero_if_tiny
from autograd.calculus.landscapes import FINE, on_grid, plot_contours
from autograd.engine.ops import real_number
from autograd.support import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ITERATIONS = 100
EXACT = 1e-9
"""The equations hold if their error is below this part of the size of their terms."""
DEPENDENT = 1e-7
"""The gradients of the constraints, scaled to length 1, are dependent if their least singular value is below this."""


class LagrangePoint(NamedTuple):
    """A stationary point of f along the constraints.

    multipliers: lambda, one for each constraint, with L = f + sum of lambda g. If the constraint is g = c, the value of
        f at the solution grows with c at the rate minus lambda.
    curvatures: the eigenvalues of the Hessian of L along the constraints (on their tangent space), from low to high.
    bordered_hessian: the second derivatives of L with respect to lambda and x, in that order. It has a positive and a
        negative eigenvalue for each constraint; the others have the signs of the curvatures.
    kind: "minimum" if all curvatures are positive, "maximum" if all are negative, "saddle" if there are both,
        "degenerate" if one is zero within rounding, and "isolated" without curvatures: the constraints leave no
        direction to move in.
    """

    point: tuple[float, ...]
    multipliers: tuple[float, ...]
    value: float
    curvatures: tuple[float, ...]
    bordered_hessian: tuple[tuple[float, ...], ...]
    kind: Literal["minimum", "maximum", "saddle", "degenerate", "isolated"]

    def __str__(self) -> str:
        name = "isolated point" if self.kind == "isolated" else f"constrained {self.kind}"
        if self.kind == "degenerate":
            name = "degenerate stationary point"
        multipliers = "multiplier " if len(self.multipliers) == 1 else "multipliers "
        return (
            f"{name} at {in_brackets(self.point)}: value {zero_if_tiny(self.value):.6g}, "
            f"{multipliers}{', '.join(f'{zero_if_tiny(multiplier):.6g}' for multiplier in self.multipliers)}"
        )


def lagrange(f: Function, constraints: Sequence[Function], x0: Sequence[float]) -> LagrangePoint:
    """Finds a point near `x0` where `f` is stationary among the points at which every constraint is 0.

    Newton's method on the Lagrangian finds minima, maxima and saddles alike: the `kind` says which one it is, and
    another `x0` may lead to another point.

    Args:
        f: takes a list of Values, one for each variable, and returns one Value.
        constraints: functions of the same kind that are to be 0: for x + y = 1, `[lambda x: x[0] + x[1] - 1]`.
        x0: where to start; it need not satisfy the constraints.

    Raises:
        TypeError: a function does not take a list of that many variables, or returns no Value.
        ValueError: no point near `x0` satisfies all constraints; their gradients are linearly dependent at the
            solution, so that the multipliers are not unique; there are more constraints than variables, or none.
        RuntimeError: Newton's method did not converge; the message has the last point.
        ImportError: NumPy is not installed.

    >>> print(lagrange(lambda x: x[0] ** 2 + x[1] ** 2, [lambda x: x[0] + x[1] - 1], [3.0, 0.0]))
    constrained minimum at (0.5, 0.5): value 0.5, multiplier -1
    """
    np = numpy("lagrange")
    start = _checked(np, constraints, x0)
    problem = _Problem(np, f, constraints, start)
    solution = problem.newton(start)
    if solution is None:
        solution = problem.from_feasible_points(start)
    problem.require_independent(solution)
    return problem.described(solution)


def plot_lagrange(
    f: Function,
    constraints: Sequence[Function],
    solution: LagrangePoint,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draws the contours of `f`, the constraints as lines, and the gradients of both at the solution.

    The contour through the solution only touches the constraint, and with one constraint the gradients are parallel.
    The arrows show directions only, so that none is too short to be seen; the multipliers tell how long the gradients
    are in comparison.

    Args:
        f: the function given to `lagrange`, of two variables.
        constraints: those given to `lagrange`.
        solution: what `lagrange` returned.
        xlim: the range of the first variable.
        ylim: the range of the second.
        ax: where to draw; None makes new Axes.

    Raises:
        TypeError: the solution or a function is not of two variables.
        ValueError: two limits are swapped, or a function is defined nowhere between them.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> f, g = lambda x: x[0] ** 2 + x[1] ** 2, lambda x: x[0] + x[1] - 1
    >>> plot_lagrange(f, [g], lagrange(f, [g], [3.0, 0.0]), (-1, 2), (-1, 2)).get_aspect()
    1.0
    """
    if len(solution.point) != 2:
        raise TypeError(f"a picture shows functions of two variables, and the solution has {len(solution.point)}")
    ax = plot_contours(f, xlim, ylim, ax=ax)
    _draw_level(ax, f, solution.value, xlim, ylim, colors=[plotting.BLACK], linewidths=2.0, linestyles="dashed")
    ax.plot([], [], "--", color=plotting.BLACK, linewidth=2, label=f"$f = {zero_if_tiny(solution.value):.4g}$")
    gradients = [second_order(f, solution.point).gradient]
    names, colours = [r"$\nabla f$"], [plotting.BLACK]
    for index, (g, multiplier) in enumerate(zip(constraints, solution.multipliers, strict=True)):
        colour = (plotting.ORANGE, plotting.GREEN)[index % 2]
        subscript = "" if len(constraints) == 1 else f"_{index + 1}"
        _draw_level(ax, g, 0.0, xlim, ylim, colors=[colour], linewidths=2.5, linestyles="solid")
        ax.plot([], [], "-", color=colour, linewidth=2.5, label=f"$g{subscript} = 0$")
        gradients.append(second_order(g, solution.point, f"constraint {index}").gradient)
        names.append(rf"$\nabla g{subscript}$, $\lambda{subscript} = {zero_if_tiny(multiplier):.4g}$")
        colours.append(colour)
    reach = min(xlim[1] - xlim[0], ylim[1] - ylim[0])
    # The gradient of f is drawn last, thin and long, as it often lies on that of a constraint.
    for index in reversed(range(len(gradients))):
        length = math.hypot(*gradients[index])
        if length > 0.0:
            direction = [part / length for part in gradients[index]]
            shown = min(reach / 3, _room(solution.point, direction, xlim, ylim))
            dx, dy = (part * shown * (0.6 if index else 1.0) for part in direction)
            ax.quiver(
                *solution.point, dx, dy, angles="xy", scale_units="xy", scale=1.0, units="width", zorder=4,
                width=0.028 if index else 0.009, color=colours[index],
                headwidth=2.2 if index else 4,
            )  # fmt: skip
        ax.plot([], [], marker=r"$\rightarrow$", markersize=14, linestyle="", color=colours[index], label=names[index])
    ax.plot(*solution.point, "o", color=plotting.BLACK, markeredgecolor="white", markersize=8, zorder=5)
    plotting.named(ax, r"Where $\nabla f + \lambda \nabla g = 0$", ax.get_xlabel(), ax.get_ylabel())
    if len(constraints) > 1:
        ax.set_title(r"Where $\nabla f + \lambda_1 \nabla g_1 + \lambda_2 \nabla g_2 = 0$", fontsize=11)
    ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


def _room(
    point: Sequence[float], direction: Sequence[float], xlim: tuple[float, float], ylim: tuple[float, float]
) -> float:
    """How far an arrow can go from the point without leaving the limits; at least a tenth of them, to be seen at all.

    >>> _room([1.0, 0.0], [0.6, -0.8], (0.0, 4.0), (-2.0, 2.0))
    2.5
    """
    rooms = [
        ((high if part > 0 else low) - number) / part
        for number, part, (low, high) in zip(point, direction, (xlim, ylim), strict=True)
        if part
    ]
    return max(min(rooms), min(xlim[1] - xlim[0], ylim[1] - ylim[0]) / 10)


def _draw_level(
    ax: Axes, f: Function, height: float, xlim: tuple[float, float], ylim: tuple[float, float], **style: Any
) -> None:
    """One contour line, if it passes through the picture."""
    import numpy as np

    grid = on_grid(f, xlim, ylim, FINE)
    if np.nanmin(grid.values) < height < np.nanmax(grid.values):
        ax.contour(grid.xs, grid.ys, np.ma.masked_invalid(grid.values), levels=[height], **style)


def _checked(np: Any, constraints: Sequence[Function], x0: Sequence[float]) -> Any:
    """The start as an array."""
    if callable(constraints):
        raise TypeError("constraints must be a list of functions, even of a single one: [g]")
    try:
        start = np.array([real_number(number) for number in x0])
    except TypeError as error:
        raise TypeError(f"x0 must be a list of numbers, one for each variable, not {x0!r}") from error
    if not np.isfinite(start).all():
        raise ValueError(f"the start must be finite, not {in_brackets(start)}")
    if not constraints:
        raise ValueError("there are no constraints: critical_points finds the stationary points of a function alone")
    if len(constraints) > len(start):
        raise ValueError(
            f"{len(constraints)} constraints on {len(start)} variable{'s' if len(start) > 1 else ''}: with more "
            "constraints than variables there is in general no point that satisfies them all"
        )
    return start


class _State(NamedTuple):
    """A point and multipliers, with the derivatives there."""

    x: Any
    multipliers: Any
    value: float
    gradient: Any  # of f
    g: Any
    jacobian: Any  # a row for the gradient of each constraint
    hessian: Any  # of the Lagrangian with respect to x
    residual: Any  # what should be zero: the gradient of the Lagrangian, and g


class _Problem:
    """A function and its constraints."""

    def __init__(self, np: Any, f: Function, constraints: Sequence[Function], start: Any) -> None:
        self.np, self.f, self.constraints = np, f, constraints
        first = self.state(start, np.zeros(len(constraints)))
        self.usual_hessian = abs(first.hessian)
        self.usual_rows = np.linalg.norm(first.jacobian, axis=1)

    def state(self, x: Any, multipliers: Any | None = None) -> _State:
        """Everything at a point; without multipliers, those that come nearest to solving the equations."""
        np = self.np
        point = x.tolist()
        f = second_order(self.f, point)
        gs = [second_order(g, point, f"constraint {index}") for index, g in enumerate(self.constraints)]
        jacobian, g = (
            np.array([constraint.gradient for constraint in gs]),
            np.array([constraint.value for constraint in gs]),
        )
        gradient = np.array(f.gradient)
        if multipliers is None:
            multipliers = np.linalg.lstsq(jacobian.T, -gradient, rcond=1e-12)[0]
        hessian = np.array(f.hessian) + np.tensordot(
            multipliers, np.array([constraint.hessian for constraint in gs]), axes=1
        )
        residual = np.concatenate([gradient + jacobian.T @ multipliers, g])
        if not (math.isfinite(f.value) and np.isfinite(residual).all() and np.isfinite(hessian).all()):
            raise FloatingPointError(f"at {in_brackets(point)} {self.flaw(point)}")
        return _State(x, multipliers, f.value, gradient, g, jacobian, hessian, residual)

    def flaw(self, point: list[float]) -> str:
        """What is not finite at a point, in words."""
        for name, function in [
            ("f", self.f),
            *((f"constraint {index}", g) for index, g in enumerate(self.constraints)),
        ]:
            flaw = SearchedFunction(function).at(point).flaw
            if flaw:
                return f"{name} is not finite: {flaw}"
        return "a second derivative of f or of a constraint is not finite"

    def newton(self, start: Any) -> _State | None:
        """Newton's method on residual = 0: first with whole steps, and if that fails with careful ones."""
        for careful in (False, True):
            solution = self.followed(start, careful)
            if solution is not None:
                return solution
        return None

    def followed(self, start: Any, careful: bool) -> _State | None:
        """Newton's method on residual = 0; careful steps are shortened until the residual gets smaller."""
        np = self.np
        state = self.last = self.state(start)
        n = len(start)
        for _ in range(ITERATIONS):
            border = np.zeros((len(self.constraints),) * 2)
            matrix = np.block([[state.hessian, state.jacobian.T], [state.jacobian, border]])
            scales = balancing(abs(matrix))
            step = scales * np.linalg.lstsq(scaled(matrix, scales), -scales * state.residual, rcond=1e-13)[0]
            after = self.moved(state, step, careful)
            if after is None:
                break
            state = self.last = after
            if np.linalg.norm(step[:n]) <= 1e-14 * (1.0 + np.linalg.norm(state.x)):
                break
        return state if self.solved(state) else None

    def moved(self, state: _State, step: Any, careful: bool) -> _State | None:
        """The state after a step, or a part of it, where all is defined and, if careful, the residual is smaller."""
        n = len(state.x)
        size = math.hypot(*state.residual)
        for halvings in range(20):
            part = 0.5**halvings
            try:
                after = self.state(state.x + part * step[:n], state.multipliers + part * step[n:])
            except UNDEFINED:
                continue
            if not careful or math.hypot(*after.residual) < size:
                return after
        return None

    def solved(self, state: _State) -> bool:
        """Whether the equations hold, in comparison with their terms."""
        terms = math.hypot(*state.gradient) + math.hypot(*(state.jacobian.T * state.multipliers).flat)
        size = max(terms, 1e-6 * math.hypot(*self.usual_hessian.flat))
        return math.hypot(*state.residual[: len(state.x)]) <= EXACT * size and self.feasible(state)

    def feasible(self, state: _State) -> bool:
        """Whether the point satisfies the constraints, in comparison with how fast they grow."""
        sizes = self.np.maximum(self.usual_rows, self.np.linalg.norm(state.jacobian, axis=1))
        return bool((abs(state.g) <= EXACT * sizes * (1.0 + self.np.linalg.norm(state.x))).all())

    def from_feasible_points(self, start: Any) -> _State:
        """Searches again from points near the start that satisfy the constraints; raises an error if that fails too."""
        generator = random.Random(0)
        nearest: _State | None = None
        dependent: _State | None = None
        last: _State | None = None  # of the first search from a feasible point
        for spread in (0.0, 0.01, 0.1, 0.1, 1.0, 1.0, 3.0, 3.0):
            moved = start + [generator.gauss(0.0, spread) * (1.0 + abs(number)) for number in start.tolist()]
            try:
                state = self.restored(self.state(moved))
            except UNDEFINED:
                continue
            if not self.feasible(state):
                norm = self.np.linalg.norm
                nearest = state if nearest is None or norm(state.g) < norm(nearest.g) else nearest
            elif self.dependent(state):
                dependent = state
            else:
                solution = self.newton(state.x)
                if solution is not None:
                    return solution
                last = last or self.last
        if dependent is not None and last is None:
            self.refuse_dependent(dependent)
        if nearest is not None and last is None:
            raise ValueError(
                f"the constraints are inconsistent: no point near {in_brackets(start)} satisfies "
                f"{'them all' if len(self.constraints) > 1 else 'it'}. The nearest found is {in_brackets(nearest.x)}, "
                f"where {'they are' if len(self.constraints) > 1 else 'it is'} {in_brackets(nearest.g)} instead of 0"
            )
        last = last or self.last
        raise RuntimeError(
            f"Newton's method did not converge from {in_brackets(start)}: its last point is {in_brackets(last.x)}, "
            f"where f is {last.value:.6g} and the constraints are {in_brackets(last.g)}. Start nearer to a "
            "solution, if f has a stationary point along the constraints"
        )

    def restored(self, state: _State) -> _State:
        """The Gauss-Newton method on g = 0 alone."""
        np = self.np
        for _ in range(ITERATIONS):
            step = np.linalg.lstsq(state.jacobian, -state.g, rcond=1e-12)[0]
            for halvings in range(20):
                try:
                    after = self.state(state.x + 0.5**halvings * step)
                except UNDEFINED:
                    continue
                if np.linalg.norm(after.g) < np.linalg.norm(state.g):
                    break
            else:
                break
            state = after
        return state

    def dependent(self, state: _State) -> bool:
        """Whether the gradients of the constraints are linearly dependent, or one is zero."""
        np = self.np
        lengths = np.linalg.norm(state.jacobian, axis=1)
        if (lengths <= 1e-6 * self.usual_rows).any():
            return True
        singular = np.linalg.svd(state.jacobian / lengths[:, None], compute_uv=False)
        return bool(singular.min() <= DEPENDENT)

    def require_independent(self, state: _State) -> None:
        if self.dependent(state):
            self.refuse_dependent(state)

    def refuse_dependent(self, state: _State) -> NoReturn:
        lengths = self.np.linalg.norm(state.jacobian, axis=1)
        index = int(lengths.argmin())
        if lengths[index] <= 1e-6 * max(self.usual_rows[index], 1e-300):
            raise ValueError(
                f"the gradient of constraint {index} is zero at {in_brackets(state.x)}, so it has no multiplier: write "
                "the constraint so that its gradient is not zero where it holds (x - 1 = 0 instead of (x - 1)^2 = 0)"
            )
        raise ValueError(
            f"the constraints are dependent: at {in_brackets(state.x)} the gradient of one is a combination of the "
            "others', so the multipliers are not unique. Leave out the one that the others imply"
        )

    def described(self, state: _State) -> LagrangePoint:
        np = self.np
        m, n = state.jacobian.shape
        tangent = np.linalg.svd(state.jacobian)[2][m:].T
        along = tangent.T @ state.hessian @ tangent
        # How far a curvature of zero may be off, by the Hessian there and by that at the start.
        unsure = abs(tangent.T) @ (ROUNDING * abs(state.hessian) + EXACT * self.usual_hessian) @ abs(tangent)
        bordered = np.block([[np.zeros((m, m)), state.jacobian], [state.jacobian.T, state.hessian]])
        return LagrangePoint(
            tuple(state.x.tolist()),
            tuple(state.multipliers.tolist()),
            state.value,
            tuple(eigenvalues(along.tolist())),
            tuple(map(tuple, bordered.tolist())),
            kind_of(along, unsure) if n > m else "isolated",
        )
