"""The check of a gradient that somebody wrote: of a layer in NumPy, a C extension, a simulation."""

from __future__ import annotations

import contextlib
import heapq
import math
import random
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from autograd.check.claim import Claim
from autograd.check.curve import Line
from autograd.check.gradcheck import ATOL, RTOL
from autograd.check.judge import Judge, Judgement
from autograd.check.numerical import EPSILON, SAFETY, Estimate
from autograd.check.report import GradcheckRow
from autograd.check.screen import REACHES, REACHES_ALONG, first_look
from autograd.testing.directions import LEAST, along, part, random_direction, scale_of, size_along
from autograd.testing.function import Direction, Function
from autograd.testing.numbers import Numbers, entry_of

Method: TypeAlias = Literal["auto", "real", "complex"]

MOST_NAMED = 10
"""How many wrong entries a report names."""
MOST_PARTS = 600
"""How many parts of a gradient are tried in search of its wrong entries."""


class Wrong(NamedTuple):
    """A wrong entry of a gradient: its place among the arguments, and the index of the entry there."""

    place: int
    entry: int
    claimed: float
    numeric: Estimate


def wrong_in(row: GradcheckRow, place: int, index: int) -> Wrong:
    """The wrong entry that a row tells of."""
    return Wrong(place, index, row.analytic, Estimate(row.numeric, row.error_estimate))


def relative_tolerance(rtol: float | None, epsilon: float) -> float:
    """The tolerance that is wanted; where none is, that for numbers with this epsilon."""
    if rtol is not None:
        return rtol
    return RTOL if epsilon == EPSILON else min(64.0 * epsilon, 0.1)


class GradientCheck:
    """One gradient against one function at one point.

    Args:
        function: the function at its arguments.
        gradient: its claimed gradient, place by place.
        rtol, atol: the tolerances; None chooses them by the precision of the numbers.
        rng: draws the directions.
        method: "real", "complex" or "auto", as in `check_gradient`.

    contradicted: the names of the derivatives at which a complex number and real differences tell different things.
    """

    def __init__(
        self,
        function: Function,
        gradient: Sequence[Numbers],
        *,
        rtol: float | None,
        atol: float | None,
        rng: random.Random,
        method: Method = "auto",
    ) -> None:
        self.function = function
        self.inputs = function.inputs
        self.gradient = list(gradient)
        self.epsilon = function.epsilon
        coarse = self.epsilon / EPSILON
        self.rtol = relative_tolerance(rtol, self.epsilon)
        self.atol = ATOL * coarse if atol is None else atol
        self.rng = rng
        self._method = "real" if method == "auto" and self.epsilon != EPSILON else method
        self.contradicted: list[str] = []
        self._judge = Judge(self.rtol, self.atol, self.epsilon)
        # An entry is a sum, and may be off by roundings of terms as large as the largest entry of its place.
        self._roundings = [8.0 * self.epsilon * _largest(numbers) for numbers in self.gradient]
        size = 0.0
        if self.epsilon != EPSILON:  # the arguments are rounded to their type, which moves the value
            size = size_along(self.gradient, [abs(place.numbers) for place in self.inputs.places])
        self._noise_along = math.hypot(self.epsilon * abs(function.value) / 2, self.epsilon * size / 2)

    def entry(self, place: int, index: int) -> GradcheckRow:
        """The row of one entry; without a verdict if it is nan or infinite, and cannot be moved."""
        where = self.inputs.places[place]
        claim = self._claim(entry_of(self.gradient[place], index), self._roundings[place], abs(where.entry(index)))
        f, x = self.function.along_entry(place, index), where.entry(index)
        if not math.isfinite(x):
            return GradcheckRow(f"d/d{where.entry_name(index)}", 1, claim.derivative, math.nan, math.inf, "unsure")
        name = f"d/d{where.entry_name(index)}"
        found = self._judged(f, x, claim, REACHES, {place: where.with_entry(index, 1.0, others=0.0)}, name)
        return GradcheckRow(name, 1, claim.derivative, *found.numeric, found.verdict, Line(f, x))

    def _judged(
        self,
        f: Callable[[float], float],
        x: float,
        claim: Claim,
        reaches: tuple[float, ...],
        direction: dict[int, Numbers],
        name: str,
    ) -> Judgement:
        """The judgement of differences, and of one value at a complex number, as the method wants it."""

        def by_differences() -> Judgement:
            return self._judge.judged(f, x, self.function.value, claim, reaches)

        if self._method == "complex":
            return self._by_complex_number(f, x, claim, direction, name, by_differences)
        found = by_differences()
        if found.verdict == "unsure" and self._method == "auto":
            with contextlib.suppress(TypeError):
                return self._by_complex_number(f, x, claim, direction, name, lambda: found)
        return found

    def _by_complex_number(
        self,
        f: Callable[[float], float],
        x: float,
        claim: Claim,
        direction: dict[int, Numbers],
        name: str,
        by_differences: Callable[[], Judgement],
    ) -> Judgement:
        """The judgement of one value at a complex number, and of differences where that is not enough.

        `abs`, comparisons, `.real` and `conj` break this method in silence. So it has no say where the differences
        contradict it. It may confirm a derivative other than 0, which it would not meet by chance; it may refute one
        only if the differences come close to it.
        """
        exact = self.function.complex_derivative(direction)
        numeric = Estimate(exact, 4.0 * EPSILON * abs(exact))
        allowed = self.rtol * max(abs(claim.derivative), abs(exact)) + claim.rounding + SAFETY * numeric.error
        agrees = abs(claim.derivative - exact) <= allowed
        contradicted = self._contradicts(f, x, numeric)
        if agrees and allowed < abs(exact) and not contradicted:
            return Judgement(numeric, "ok", allowed)
        found = by_differences()
        if found.verdict == "kink":
            return found
        apart, error = abs(exact - found.numeric.value), SAFETY * (found.numeric.error + numeric.error)
        if apart <= error <= 0.1 * abs(exact) and not (contradicted and found.verdict == "unsure"):
            return Judgement(numeric, "ok" if agrees else "wrong", allowed)
        if contradicted or (apart > error and found.verdict != "unsure"):
            self.contradicted.append(name)
        elif found.verdict == "unsure" and exact:
            return Judgement(numeric, "unsure", math.inf)
        return found

    def _contradicts(self, f: Callable[[float], float], x: float, exact: Estimate) -> bool:
        """Whether a first look at the differences rules out a derivative."""
        looks = (first_look(f, x, self.function.value, 0.0, reach) for reach in (1.0, *REACHES))
        slopes = [look.slope for look in looks if look is not None]
        return any(abs(slope.value - exact.value) > SAFETY * (slope.error + exact.error) for slope in slopes)

    def hidden(self, row: GradcheckRow, place: int) -> float:
        """How large an error in an entry that passed may be, if that is more than the entry itself; else 0."""
        unseen = SAFETY * row.error_estimate + self._roundings[place]
        return unseen if row.verdict == "ok" and 0.0 < abs(row.analytic) <= unseen else 0.0

    def direction(self, direction: Direction, name: str) -> tuple[GradcheckRow, float]:
        """The row of one direction, and by how much its derivative may differ from the claimed one unseen."""
        claim = self._claim_along(direction)
        f = self.function.along(direction)
        moving = {at: by for at, by in enumerate(direction) if not isinstance(by, float) or by}
        found = self._judged(f, 0.0, claim, REACHES_ALONG, moving, name)
        row = GradcheckRow(name, 1, claim.derivative, *found.numeric, found.verdict, Line(f, 0.0))
        return row, 3.0 * found.allowed

    def wrong_entries(self) -> tuple[list[Wrong], int, bool]:
        """The wrong entries with the largest errors, how many there are in all, and whether that number is exact.

        Parts of the gradient are halved as long as their derivative is wrong, those with the largest error first.
        """
        direction = random_direction(self.inputs, self.rng)
        found: list[Wrong] = []
        parts: list[tuple[float, int, int, int]] = []
        for place, where in enumerate(self.inputs.places):
            if where.size:
                self._put(parts, direction, place, 0, where.size)
        tried = 0
        while parts and tried < MOST_PARTS:
            _, place, first, after = heapq.heappop(parts)
            if after - first == 1:
                wrong = self._wrong_entry(place, first)
                if wrong is not None:
                    found.append(wrong)
                continue
            middle = (first + after) // 2
            self._put(parts, direction, place, first, middle)
            self._put(parts, direction, place, middle, after)
            tried += 2
        found.sort(key=lambda wrong: abs(wrong.claimed - wrong.numeric.value), reverse=True)
        return found, len(found) + self._estimated(parts), not parts

    def _put(
        self, parts: list[tuple[float, int, int, int]], direction: Direction, place: int, first: int, after: int
    ) -> None:
        """Keeps a part of the gradient for later if it is wrong along a direction."""
        only = part(direction, place, first, after)
        claim = self._claim_along(only)
        look = self._look(self.function.along(only), 0.0, claim)
        if look is None:
            heapq.heappush(parts, (0.0, place, first, after))  # it shows nothing: look into it last
            return
        error = abs(look.value - claim.derivative)
        scale = max(abs(claim.derivative), abs(look.value))
        if error > self.rtol * scale + SAFETY * look.error + claim.rounding:
            heapq.heappush(parts, (-error, place, first, after))

    def _wrong_entry(self, place: int, index: int) -> Wrong | None:
        row = self.entry(place, index)
        return wrong_in(row, place, index) if row.verdict == "wrong" else None

    def _estimated(self, parts: list[tuple[float, int, int, int]]) -> int:
        """How many entries of parts that were not looked into are wrong, from a sample of them."""
        total = sum(after - first for _, _, first, after in parts)
        if not total:
            return 0
        sample = []
        for _ in range(30):
            number = self.rng.randrange(total)
            for _, place, first, after in parts:
                if number < after - first:
                    moves = entry_of(self.inputs.moving(place), first + number)
                    sample.append(self._wrong_entry(place, first + number) if moves else None)
                    break
                number -= after - first
        return round(total * sum(wrong is not None for wrong in sample) / len(sample))

    def passes(self, corrected: Sequence[Numbers], wrong: Sequence[Wrong]) -> bool:
        """Whether a corrected gradient is right at the entries that were wrong, and along three random directions."""
        other = GradientCheck(self.function, corrected, rtol=self.rtol, atol=self.atol, rng=random.Random(1))
        for found in wrong[:MOST_NAMED]:
            if not other.entry(found.place, found.entry).passed:
                return False
        return all(other.direction(random_direction(self.inputs, other.rng), "a direction")[0].passed for _ in range(3))

    def _look(self, f: Callable[[float], float], x: float, claim: Claim) -> Estimate | None:
        for reach in REACHES:
            look = first_look(f, x, self.function.value, claim.noise, reach)
            if look is not None and SAFETY * look.slope.error <= 0.1 * max(
                abs(look.slope.value), abs(claim.derivative - look.slope.value)
            ):
                return look.slope
            if look is not None and look.flat:
                return look.slope
        return None

    def _claim(self, derivative: float, rounding: float, size: float) -> Claim:
        noise = self.epsilon * abs(self.function.value) / 2
        if self.epsilon != EPSILON:  # the argument is rounded to its type, which moves the value
            noise = math.hypot(noise, self.epsilon * size * derivative / 2)
        return Claim(derivative, rounding, noise, connected=True)

    def _claim_along(self, direction: Direction) -> Claim:
        rounding = 8.0 * self.epsilon * size_along(self.gradient, direction)
        return Claim(along(self.gradient, direction), rounding, self._noise_along, connected=True)


def total(numbers: Numbers) -> float:
    """The sum of numbers."""
    return numbers if isinstance(numbers, float) else float(numbers.sum())


def _largest(numbers: Numbers) -> float:
    if isinstance(numbers, float):
        return abs(numbers)
    return float(abs(numbers).max()) if numbers.size else 0.0


def least_visible(check: GradientCheck, allowed: Sequence[float]) -> float:
    """The smallest error in a single entry that directions would have shown, with what each of them allows."""
    scales = [scale_of(place) for at, place in enumerate(check.inputs.places) if total(check.inputs.moving(at))]
    return min(allowed) * math.sqrt(check.inputs.size) / (LEAST * min(scales, default=1.0))
