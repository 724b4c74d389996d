"""Checks of derivatives that somebody wrote: gradients, products with Jacobians, Jacobians and Hessians."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from autograd import functional
from autograd.check.numerical import EPSILON
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.engine.errors import GradcheckError
from autograd.engine.modes import no_grad
from autograd.engine.value import Value
from autograd.nested import flat, shaped
from autograd.testing.directions import along, part, random_direction, scale_of, size_along
from autograd.testing.function import Direction, Function, quiet
from autograd.testing.gradient import MOST_NAMED, GradientCheck, Method, Wrong, least_visible, total, wrong_in
from autograd.testing.inputs import Inputs, WrongShapeError
from autograd.testing.mistakes import likely_mistake
from autograd.testing.numbers import Numbers, entry_of, is_coarse, is_finite, is_near

MOST_ENTRIES = 200
"""Up to this many numbers, every entry is checked; with more, random directions are."""
DIRECTIONS = 4
"""How many random directions are checked where there are more."""
HARDLY = 100.0
"""An argument whose whole share is less than this many times what directions may hide is checked by itself, too."""
NEARBY = 0.1
"""How far other points are from the arguments, as a part of the size of the numbers."""
TRIES = 8
"""How many points are tried, ever nearer, where the function is not defined at them."""

Directions: TypeAlias = int | Literal["auto", "entries"]


def check_gradient(
    f: Callable[..., Any],
    grad: Callable[..., Any] | Literal[True] | None,
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    directions: Directions = "auto",
    points: int = 1,
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "auto",
    rng: int = 0,
    skip: Any = None,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares a gradient that you wrote with derivatives found by differences.

    The arguments are what your code takes: floats, NumPy arrays of any shape and float type, torch tensors, JAX arrays,
    anything with `__array__`, and lists, tuples, dicts and dataclasses of these. Ints, bools and texts stay as they
    are. Nothing that you pass is changed.

    Up to 200 numbers, every entry is checked; with more, random directions are, in which all numbers move at once. If a
    direction is wrong, halving finds the entries that are, and the report names those with the largest errors. It also
    says what kind of mistake it looks like (a sign, a factor, a transposed array, ...), where correcting that makes the
    gradient right.

    Code in float32 is checked in float64, if it takes float64 and gives the same numbers there; otherwise the
    tolerances follow from its precision. Where `f` fails beside the arguments, as log does left of 0, it counts as not
    defined; the report tells of errors that have other causes than the numbers. An entry that is nan or infinite cannot
    be moved: it is "unsure".

    Args:
        f: a function of the arguments that returns one number.
        grad: a function of the same arguments that returns the gradient: shaped like the argument, or a tuple of these
            for several. True says that `f` itself returns the pair (value, gradient). None checks the gradient of the
            engine: `f` is a function of Values, as in `autograd.gradcheck`.
        args: the arguments.
        argnums: the index of the argument that the gradient belongs to, or several; None for all that hold a float.
            (The gradient may have None for the others.)
        directions: how many random directions to check, "entries" for every entry, "auto" to choose by the size.
        points: how many points to check: the arguments, and others around them.
        rtol: relative tolerance; None takes 1e-7, and more for coarser numbers than float64.
        atol: tolerance as a part of how steep the function is; None takes 1e-15, and more for coarser numbers.
        method: "real" judges by differences of values at real numbers. "complex" also takes one value at a complex
            number, x + 1e-30 i, whose imaginary part has the derivative with all its digits (Squire and Trapp 1998):
            with `rtol=1e-12` it finds what differences cannot. `f` must take complex numbers. Where `abs`, comparisons,
            `.real` or `conj` break this, differences contradict it; then they decide, and the report says so. "auto"
            takes a complex number where differences cannot judge, if `f` takes one and they do not contradict it.
        rng: the seed of the directions and the other points.
        skip: what not to check: bools shaped like the gradient; True skips an entry.
        before: called before each evaluation of `f` and of `grad`, to set a seed for instance.
        raise_on_failure: whether a failure raises an error, instead of returning a report that is false.

    Raises:
        GradcheckError: with `raise_on_failure`, if a derivative does not pass; its message is the report.
        TypeError: `f` does not return one real number, or takes no complex numbers with `method="complex"`; the
            gradient is not shaped like the arguments.
        ValueError: a gradient has another shape than its argument, an argument is changed in place, or `f` or `grad`
            gives something else when it is called again.
        FloatingPointError: `f` or the gradient is not finite.

    >>> bool(check_gradient(lambda x, y: x * x * y, lambda x, y: (2 * x * y, x * x), 3.0, -2.0))
    True
    """
    require_functions(f=f)
    inputs = Inputs(f, args, argnums)
    value_of, gradient_of = _of_values(f, inputs) if grad is None else _both(f, grad)
    if skip is not None:
        inputs.skip(skip)
    options = Options(directions, points, rtol, atol, rng, before, method)
    return reported(rows_of(value_of, gradient_of, inputs, options), inputs, raise_on_failure)


class Options:
    """What all checks take; `along` is the only direction to check, where it is given, and `named` its name."""

    def __init__(
        self,
        directions: Directions,
        points: int,
        rtol: float | None,
        atol: float | None,
        rng: int,
        before: Callable[[], object] | None,
        method: Method = "auto",
        along: Direction | None = None,
        named: str = "",
    ) -> None:
        if not (directions in ("auto", "entries") or is_count(directions)):
            raise ValueError(f'directions must be a number of directions, "entries" or "auto", not {directions!r}')
        if not is_count(points):
            raise ValueError(f"points must be an int, 1 or more, not {points!r}")
        for name, tolerance in (("rtol", rtol), ("atol", atol)):
            if tolerance is not None and not (is_number(tolerance) and 0 <= tolerance < math.inf):
                raise ValueError(f"{name} must be a finite number, not negative, not {tolerance!r}")
        if before is not None:
            require_functions(before=before)
        if method not in get_args(Method):
            raise ValueError(f'method must be "auto", "real" or "complex", not {method!r}')
        self.method = method
        self.directions = directions
        self.points = points
        self.rtol = rtol
        self.atol = atol
        self.rng = rng
        self.before = before
        self.along = along
        self.named = named

    def count(self, size: int) -> int:
        """How many directions to check; 0 for every entry."""
        if self.directions == "auto":
            return 0 if size <= MOST_ENTRIES else DIRECTIONS
        return 0 if self.directions == "entries" else int(self.directions)


def is_count(number: object) -> bool:
    """Whether it is an int, of Python or of NumPy, 1 or more."""
    return not isinstance(number, bool) and isinstance(number, Integral) and int(number) >= 1


def is_number(number: object) -> bool:
    """Whether it is a real number, of Python or of NumPy."""
    return not isinstance(number, bool) and isinstance(number, Real)


def seeded(rng: object) -> random.Random:
    """What draws the directions.

    Raises:
        TypeError: the seed is not an int, of Python or of NumPy.
    """
    if not isinstance(rng, Integral):
        raise TypeError(f"rng must be an int, the seed of the directions and of the other points, not {rng!r:.80}")
    return random.Random(int(rng))


def require_functions(**given: object) -> None:
    """Refuses what is no function, by its name.

    Raises:
        TypeError: something cannot be called.
    """
    for name, function in given.items():
        if not callable(function):
            raise TypeError(f"{name} must be a function, not {function!r:.80}")


def _of_values(f: Callable[..., Any], inputs: Inputs) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A function of Values, called with floats, and its gradient from its graph."""

    def value(*args: Any) -> Any:
        with no_grad():
            moving = [
                shaped(map(Value, flat(arg)), arg) if at in inputs.argnums else arg for at, arg in enumerate(args)
            ]
            return f(*moving)

    return value, functional.grad(f, argnum=inputs.argnums[0] if inputs.single else inputs.argnums)


def _both(f: Callable[..., Any], grad: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The function and its gradient, each by itself."""
    if grad is True:
        return (lambda *args: _pair(f(*args))[0]), (lambda *args: _pair(f(*args))[1])
    require_functions(grad=grad)
    return f, grad


def _pair(result: Any) -> tuple[Any, Any]:
    if not (isinstance(result, tuple) and len(result) == 2):
        raise TypeError(f"with grad=True the function must return (value, gradient), not {result!r:.80}")
    return result


class Found(NamedTuple):
    """What a check found: its rows, what there is to say, and how often the function was called."""

    rows: list[GradcheckRow]
    notes: list[str]
    calls: int

    def named(self, suffix: str) -> Found:
        """The same with something written behind the name of every row."""
        return self._replace(rows=[row._replace(name=row.name + suffix) for row in self.rows])


def reported(found: Found, inputs: Inputs, raise_on_failure: bool) -> GradcheckReport:
    """The report of what was found.

    Raises:
        GradcheckError: with `raise_on_failure`, if something did not pass.
    """
    report = GradcheckReport(found.rows, inputs.point(), notes=found.notes, calls=found.calls)
    if raise_on_failure and not report:
        raise GradcheckError(str(report))
    return report


def together(parts: Iterable[Found]) -> Found:
    """What several checks found."""
    found = list(parts)
    rows = [row for part in found for row in part.rows]
    notes = [note for part in found for note in part.notes]
    return Found(rows, list(dict.fromkeys(notes)), sum(part.calls for part in found))


def after(before: Callable[[], object] | None, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with something called before it, to set a seed for instance."""
    if before is None:
        return function

    def called(*args: Any) -> Any:
        before()
        return function(*args)

    return called


def rows_of(f: Callable[..., Any], grad: Callable[..., Any], inputs: Inputs, options: Options) -> Found:
    """What the check of a gradient finds at the arguments and at the points around them."""
    rng = seeded(options.rng)
    f, grad = after(options.before, f), after(options.before, grad)
    parts = []
    for number in range(int(options.points)):
        part = _near(f, grad, inputs, options, rng) if number else _at_point(f, grad, inputs, options, rng)
        parts.append(part.named(f" at point {number + 1}") if options.points > 1 else part)
        if any(row.verdict == "kink" for row in part.rows) and options.count(inputs.size):
            # Along a direction with a kink any number between the sides passes, which hides what is wrong elsewhere.
            beside = _near(f, grad, inputs, options, rng).named(" beside the kink")
            parts.append(beside._replace(notes=[f"{note} beside the kink" for note in beside.notes]))
    return together(parts)


def _near(
    f: Callable[..., Any], grad: Callable[..., Any], inputs: Inputs, options: Options, rng: random.Random
) -> Found:
    """What the check finds at a point near the arguments."""
    length = NEARBY
    for left in reversed(range(TRIES)):
        here = inputs.at([_beside(place, rng, length) for place in inputs.places])
        try:
            with quiet():
                return _at_point(f, grad, here, options, rng)
        except Exception as error:  # at an argument's neighbours anybody's function may fail in any way
            if not left:
                error.add_note(f"This is beside the arguments, at {here.point()}.")
                raise
        length *= 0.3
    raise AssertionError("unreachable")


def _at_point(
    f: Callable[..., Any], grad: Callable[..., Any], inputs: Inputs, options: Options, rng: random.Random
) -> Found:
    function = Function(f, inputs)
    try:
        gradient = gradient_at(grad, inputs)
    except WrongShapeError as error:
        if _is_right_when_summed(function, grad, options):
            raise WrongShapeError(f"{error}; summed over the axes along which it is broadcast, it is right") from None
        raise
    if function.epsilon != EPSILON:
        wide = _in_double(f, grad, inputs, function, gradient)
        if wide is not None:
            function, gradient = wide
    check = GradientCheck(function, gradient, rtol=options.rtol, atol=options.atol, rng=rng, method=options.method)
    with quiet():
        if options.along is not None:
            row, _ = check.direction(options.along, options.named)
            rows, notes = [row], list[str]()
        else:
            rows, notes = _looked_into(check, options.count(inputs.size))
            notes += _unmoved(inputs)
    if check.contradicted:
        notes.append(
            f"a complex number contradicts differences in {_some(check.contradicted)}, so differences decide: "
            "does the function use abs, a comparison, .real or conj?"
        )
    notes += function.failures.notes(unsure=any(row.verdict == "unsure" for row in rows))
    return Found(rows, notes, function.calls)


def _is_right_when_summed(function: Function, grad: Callable[..., Any], options: Options) -> bool:
    """Whether a gradient is right once it is summed over the axes along which its argument is repeated."""
    inputs = function.inputs
    try:
        gradient = inputs.matched(grad(*inputs.rebuilt()), "the gradient", summed=True)
    except (TypeError, ValueError):
        return False
    rng = seeded(options.rng)
    with quiet():
        return GradientCheck(function, gradient, rtol=options.rtol, atol=options.atol, rng=rng).passes(gradient, [])


def _in_double(
    f: Callable[..., Any],
    grad: Callable[..., Any],
    inputs: Inputs,
    function: Function,
    gradient: Sequence[Numbers],
) -> tuple[Function, list[Numbers]] | None:
    """The function and its gradient in float64, if the code computes both there, and to the same numbers.

    Differences of float64 show a gradient far more sharply than those of coarser numbers.
    """
    wide = inputs.widened()
    if wide is None:
        return None
    try:
        in_double = Function(f, wide)
        sharper = gradient_at(grad, wide)
    except Exception:  # noqa: BLE001 - code for float32 may fail with float64 in any way
        return None
    loosely = 64.0 * function.epsilon
    if in_double.epsilon != EPSILON or not math.isclose(in_double.value, function.value, rel_tol=loosely):
        return None
    for coarse, sharp in zip(gradient, sharper, strict=True):
        if not is_near(coarse, sharp, loosely) or is_coarse(sharp, function.epsilon):
            return None
    return None if _rounds_its_arguments(in_double, sharper, function.epsilon) else (in_double, sharper)


def _rounds_its_arguments(in_double: Function, gradient: Sequence[Numbers], epsilon: float) -> bool:
    """Whether a function is the same where its arguments differ by less than the rounding of a coarser type."""
    places = in_double.inputs.places
    for sign in (1.0, -1.0):  # each entry moves by less than half of its last place there, in some by turns
        moves = [sign * epsilon / 16.0 * _by_turns(place.numbers) for place in places]
        expected = abs(along(gradient, moves))
        moved = in_double.at({at: place.numbers + by for (at, place), by in zip(enumerate(places), moves, strict=True)})
        if moved != in_double.value or not expected > 64.0 * EPSILON * abs(in_double.value):
            return False
    return True


def _by_turns(numbers: Numbers) -> Numbers:
    """Every other number negated, so that their effects do not cancel as those of all together may."""
    if isinstance(numbers, float):
        return numbers
    turned = numbers.copy()
    turned.flat[1::2] *= -1.0
    return turned


def _beside(place: Any, rng: random.Random, length: float) -> Numbers:
    """Numbers near those of a place, as far as this part of their size."""
    length *= scale_of(place)
    if not place.shape:
        return place.entry(0) + rng.gauss(0.0, length)
    import numpy

    return place.numbers + numpy.random.default_rng(rng.getrandbits(64)).normal(0.0, length, place.shape)


def gradient_at(grad: Callable[..., Any], inputs: Inputs) -> list[Numbers]:
    """The claimed gradient, place by place: the same when asked again, finite, with no argument changed.

    Raises:
        TypeError, ValueError, FloatingPointError: as `check_gradient`.
    """
    given = inputs.rebuilt()
    gradient = inputs.matched(grad(*given), "the gradient")
    changed = inputs.unchanged(given)
    if changed is not None:
        raise ValueError(f"the gradient changes the argument {changed} in place; let it work on a copy")
    kept = list(map(_finite_where, gradient, inputs.skipped))
    again = map(_finite_where, inputs.matched(grad(*inputs.rebuilt()), "the gradient"), inputs.skipped)
    for place, first, second in zip(inputs.places, kept, again, strict=True):
        if not is_finite(first):
            index = next(index for index in range(place.size) if not math.isfinite(entry_of(first, index)))
            raise FloatingPointError(
                f"the gradient with respect to {place.entry_name(index)} is {entry_of(first, index)!r}; "
                "leave out with skip what is not to be checked"
            )
        if not is_near(first, second, 1e-12):
            doubled = is_near(2.0 * first, second, 1e-12)
            raise ValueError(
                f"the gradient with respect to {place.name} is another when it is asked for again"
                + (": it is twice the first; is it added to what an earlier call has left?" if doubled else "")
            )
    return kept


def _finite_where(numbers: Numbers, skipped: Any) -> Numbers:
    """A copy of the numbers, 0 where they are skipped and not finite."""
    if isinstance(numbers, float):
        return 0.0 if skipped and not math.isfinite(numbers) else numbers
    kept = numbers.copy()
    if skipped is not None:
        kept[skipped & ~(abs(kept) < math.inf)] = 0.0
    return kept


def _looked_into(check: GradientCheck, directions: int) -> tuple[list[GradcheckRow], list[str]]:
    """The rows of a check, and what there is to say."""
    if not directions:
        return _by_entry(check)
    rows, allowed = [], []
    for number in range(directions):
        row, unseen = check.direction(random_direction(check.inputs, check.rng), f"along direction {number + 1}")
        rows.append(row)
        allowed.append(unseen)
    still = [check.entry(*where) for where in itertools.islice(check.inputs.still(), MOST_NAMED)]
    if all(row.passed for row in rows):
        smooth = [unseen for row, unseen in zip(rows, allowed, strict=True) if row.verdict == "ok"]
        rows += _alone(check, min(smooth, default=0.0))
    if all(row.passed for row in rows):
        if not smooth:
            return rows + still, ["the point is on a kink, where any number between the sides passes"]
        return rows + still, [_seen(check, directions, least_visible(check, smooth))]
    if not any(row.verdict == "wrong" for row in rows):
        return rows + still, []
    wrong, count, exact = check.wrong_entries()
    named = [check.entry(found.place, found.entry) for found in wrong[:MOST_NAMED]]
    more = count - len(named)
    notes = _mistake(check, wrong)
    if more > 0:
        notes.insert(0, f"{'' if exact else 'about '}{more:,} more entries are wrong")
    return rows + named + still, notes


def _alone(check: GradientCheck, unseen: float) -> Iterator[GradcheckRow]:
    """The rows of arguments that directions in which others move too have hardly shown, each moved by itself.

    Args:
        check: the check.
        unseen: how far the derivative along one of those directions may have been off.
    """
    places = check.inputs.places
    for at, place in enumerate(places) if len(places) > 1 else ():
        only = part(random_direction(check.inputs, check.rng), at, 0, place.size)
        if size_along(check.gradient, only) < HARDLY * unseen and total(check.inputs.moving(at)):
            yield check.direction(only, f"along a direction in {place.name} alone")[0]


def _by_entry(check: GradientCheck) -> tuple[list[GradcheckRow], list[str]]:
    rows, wrong, hidden = [], [], []
    for place, index in check.inputs.locations():
        row = check.entry(place, index)
        rows.append(row)
        if row.verdict == "wrong":
            wrong.append(wrong_in(row, place, index))
        unseen = check.hidden(row, place)
        if unseen:
            hidden.append((row.name, unseen))
    notes = _mistake(check, wrong)
    if hidden:
        names = _some([name for name, _ in hidden])
        most = rounded_up(max(unseen for _, unseen in hidden))
        notes.append(f"rounding hides {names}: an error of up to {most:.1e} would not have shown")
    return rows, notes


def _seen(check: GradientCheck, directions: int, visible: float) -> str:
    """What directions that passed have shown."""
    visible = rounded_up(visible)
    count = round(sum(total(check.inputs.moving(at)) for at in range(len(check.inputs.places))))
    entries = f"{count:,} entries in {directions} random direction{'s' * (directions != 1)}"
    words = f"{entries}: an error of {visible:.1e} in a single one would have shown"
    small = sum(
        round(total(1.0 * ((abs(numbers) < visible) & (numbers != 0.0)) * check.inputs.moving(at)))
        for at, numbers in enumerate(check.gradient)
    )
    return words + (f", which is more than {small:,} of them are" if small else "")


def _unmoved(inputs: Inputs) -> list[str]:
    """What there is to say of entries that are nan or infinite."""
    names = [inputs.places[place].entry_name(index) for place, index in itertools.islice(inputs.still(), 1000)]
    if not names:
        return []
    is_one = len(names) == 1
    verb = "is" if is_one else "are"
    return [f"{_some(names)} {verb} not finite and cannot be moved; leave {'it' if is_one else 'them'} out with skip"]


def _some(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more:,} more" if more > 0 else "")


def rounded_up(number: float) -> float:
    """A number with two digits, not less than it was.

    >>> rounded_up(1.21e-5)
    1.3e-05
    """
    rounded = float(f"{number:.1e}")
    return rounded if rounded >= number else float(f"{number + 0.05 * 10.0 ** math.floor(math.log10(number)):.1e}")


def _mistake(check: GradientCheck, wrong: Sequence[Wrong]) -> list[str]:
    words = likely_mistake(check, wrong)
    return [] if words is None else [f"what it looks like: {words}"]
