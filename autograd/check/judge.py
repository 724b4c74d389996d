"""The verdict on a derivative, given a first look at the function, and several views of it where that is not enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile
from typing import Literal, NamedTuple

from autograd.check.claim import ROUNDINGS, Claim
from autograd.check.numerical import EPSILON, SAFETY, Estimate
from autograd.check.screen import REACHES, FirstLook, first_look, near_slope
from autograd.check.views import View, further_steps, narrower_steps, steps

Verdict = Literal["ok", "kink", "wrong", "unsure"]
"""ok: the two agree. kink: the one-sided derivatives differ, and the analytic one lies between them. wrong: the two
disagree. unsure: differences cannot tell, because the function jumps or is too noisy here."""

RESOLUTION = 4e-5
"""A numeric derivative counts if its relative error is below this, so a relative error of 1e-4 is never passed."""

NEGLIGIBLE = 1e-12
"""It also counts if its error is below this part of how steep the function is around the point."""

CLEAR = 1e-2
"""One-sided derivatives show a kink if their relative errors are below this."""

SHARP = 1e-6
"""No narrower view is needed after one with a relative error below this, if that error is only rounding."""

NARROWER = 20.0
"""Rounding in a view may be this many times that in a first look, which reaches farther along a direction."""

QUIET = 300.0
"""An error counts as only rounding up to this many roundings of a value, over the step."""


class Judgement(NamedTuple):
    """What the judge says of a derivative.

    numeric: the derivative from differences.
    verdict: on the analytic one.
    allowed: how far an analytic one may be from the numeric one and still be called ok.
    """

    numeric: Estimate
    verdict: Verdict
    allowed: float


class _Reading(NamedTuple):
    """What a view shows about a derivative.

    step: of the view.
    numeric: the derivative that it shows; at a kink, the number between the sides that is nearest to the analytic one.
    spread: how far the analytic one may be from it because of the errors in both.
    allowed: how far it may be from it with the tolerances.
    agrees: whether it is that near.
    final: whether no narrower view can tell more.
    flat: whether all values of the function are equal.
    sides: the derivatives from the right and from the left, if they differ.
    """

    step: float
    numeric: Estimate
    spread: float
    allowed: float
    agrees: bool
    final: bool
    flat: bool
    sides: tuple[Estimate, Estimate] | None = None

    def judgement(self, verdict: Verdict) -> Judgement:
        """The judgement with this reading."""
        return Judgement(self.numeric, verdict, self.allowed)

    def may_be(self, other: _Reading) -> bool:
        """Whether both may show the same number."""
        return abs(self.numeric.value - other.numeric.value) <= self.spread + other.spread

    def may_have_sides(self, *sides: Estimate) -> bool:
        """Whether these may be the sides of the kink."""
        pairs = zip(self.sides or (), sides, strict=True)
        return all(abs(own.value - other.value) <= SAFETY * (own.error + other.error) for own, other in pairs)


class Judge:
    """Judges an analytic derivative by views of the function, from wide to narrow, each of which shows a numeric one.

    - Most right derivatives agree with a first look of few values so well that no view is needed, if the slope very
      near the point does not contradict it. A look by itself never shows that one is wrong.
    - A view counts only if its error is small: a noisy view, or one that is not smooth, shows nothing.
    - If views contradict each other, the narrower ones are believed if there are two: they resolve what looked like
      noise to the wider ones. If a narrower view does not count, but still rules out that slope, there is no verdict.
    - The analytic derivative is ok if it agrees with the views believed, and wrong if two of them disagree: a single
      view may be mistaken.
    - There is a kink if the derivatives from the right and from the left differ, and both stay the same from view to
      narrower view, until noise hides them. A kink that only wide views show is a sharp bend, or a fast wave.
    - A function that rounding has turned into a staircase is flat on each tread. So a flat view does not show that a
      slope is wrong if the function climbs beyond it on both sides, nor that 0 is right if a wider view has a slope.
    """

    def __init__(self, rtol: float, atol: float, epsilon: float = EPSILON) -> None:
        self._rtol = rtol
        self._atol = atol
        self._epsilon = epsilon
        # Coarser numbers show coarser slopes: a sixtieth for float32, a quarter for float16.
        coarse = (epsilon / EPSILON) ** 0.3
        self._resolution = min(RESOLUTION * coarse, 0.25)
        self._clear = max(CLEAR, self._resolution)
        self._sharp = min(SHARP * coarse, self._resolution / 4.0)
        self._negligible = min(NEGLIGIBLE * epsilon / EPSILON, 1e-2)

    def judged(
        self,
        f: Callable[[float], float],
        x: float,
        centre: float,
        claim: Claim,
        reaches: tuple[float, ...] = REACHES,
    ) -> Judgement:
        """The numeric derivative of `f` at `x`, and the verdict on the analytic one.

        Args:
            f: the function of one number; nan where it is not defined.
            x: the number.
            centre: the value of `f` there.
            claim: the analytic derivative.
            reaches: how far the first looks reach, as parts of the size of `x` or of 1.
        """
        for reach in reaches:
            seen = self._seen_right(first_look(f, x, centre, claim.noise, reach), claim)
            if seen:
                near = near_slope(f, x, claim.noise)
                if abs(seen.numeric.value - near.value) <= seen.allowed + SAFETY * near.error:
                    return seen
        judgement = self._by_views(f, x, centre, claim)
        # Where rounding is as large as the derivative, one of the wrong sign would pass as well.
        hidden = self._epsilon != EPSILON and 0.0 < abs(claim.derivative) <= (
            claim.rounding + SAFETY * judgement.numeric.error
        )
        return judgement._replace(verdict="unsure") if judgement.verdict == "ok" and hidden else judgement

    def _seen_right(self, look: FirstLook | None, claim: Claim) -> Judgement | None:
        """The judgement of a first look that agrees with the analytic derivative; None if it cannot pass it.

        Its errors must be within the relative tolerance. What it allows is what the views that follow on another
        derivative might: their rounding is that of narrower steps.
        """
        if look is None or (look.flat and claim.derivative):
            return None
        numeric = look.slope
        scale = max(abs(claim.derivative), abs(numeric.value))
        spread = SAFETY * numeric.error + claim.rounding
        if not look.flat and max(spread, look.bend) > self._rtol * abs(numeric.value):
            return None
        if abs(claim.derivative - numeric.value) > spread + self._rtol * scale:
            return None
        return Judgement(numeric, "ok", self._rtol * scale + NARROWER * spread)

    def _by_views(self, f: Callable[[float], float], x: float, centre: float, claim: Claim) -> Judgement:
        """The judgement where the first looks do not confirm the analytic derivative."""
        views: list[View] = []
        readings: list[_Reading] = []
        for step in steps(x, self._epsilon):
            views.append(View(f, x, centre, step, claim.noise))
            if views[-1].flat and claim.derivative:
                continue  # it may be a tread, which only all views together can show
            reading = self._reading(views[-1], claim, views)
            if reading:
                readings.append(reading)
                if reading.final and all(reading.agrees and not reading.sides for reading in readings):
                    return reading.judgement("ok")
        judgement = self._verdict(views, readings, claim)
        if judgement is None:
            views += [View(f, x, centre, step, claim.noise) for step in further_steps(x, self._epsilon)]
            views.sort(key=lambda view: view.step, reverse=True)
            judgement = self._verdict(views, self._readings(views, claim), claim)
        if judgement is None:
            for step in narrower_steps(x, self._epsilon):
                views.append(View(f, x, centre, step, claim.noise))
                if views[-1].drowned:
                    break
            judgement = self._verdict(views, self._readings(views, claim), claim)
        if judgement is None:
            estimates = (numeric for view in views for numeric in (view.central, view.right, view.left))
            judgement = Judgement(min(estimates, key=lambda numeric: numeric.error), "unsure", math.inf)
        return judgement

    def _readings(self, views: Sequence[View], claim: Claim) -> list[_Reading]:
        """The readings of the views that count, without the treads of what may be a staircase."""
        readings = []
        climbs = False
        for view in views:
            climbs = climbs or (view.right_rise > 0.0 and view.left_rise > 0.0)
            if not (view.flat and claim.derivative and climbs):
                readings.append(self._reading(view, claim, views))
        return [reading for reading in readings if reading]

    def _verdict(self, views: Sequence[View], readings: Sequence[_Reading], claim: Claim) -> Judgement | None:
        """The verdict that the readings of those views agree on, if they do."""
        kinks = list(takewhile(lambda reading: reading.sides, reversed(readings)))
        if len(kinks) >= 3 and all(wide.may_have_sides(*narrow.sides or ()) for narrow, wide in pairwise(kinks)):
            return self._at_kink(kinks, views, claim)
        believed: list[_Reading] = []
        for reading in reversed([reading for reading in readings if not reading.sides]):
            against = [narrower for narrower in believed if not reading.may_be(narrower)]
            if len(against) == 1 or (against and all(narrower.flat for narrower in against)):
                return None
            if against:
                break
            believed.append(reading)
        if not believed:
            return None
        best = min(believed, key=lambda reading: reading.spread)
        # A view too noisy to show what the slope is may still show what it is not.
        noisy = [view.central for view in views if view.defined and not view.flat and view.step < believed[-1].step]
        if any(abs(central.value - best.numeric.value) > SAFETY * central.error + best.spread for central in noisy):
            return None
        if best.agrees:
            return best.judgement("ok")
        return best.judgement("wrong") if sum(not reading.agrees for reading in believed) >= 2 else None

    def _at_kink(self, kinks: Sequence[_Reading], views: Sequence[View], claim: Claim) -> Judgement | None:
        """Passes what lies between the one-sided derivatives, if no narrower view contradicts the kink."""
        best = min(kinks, key=lambda reading: reading.spread)
        if not all(best.may_have_sides(view.right, view.left) for view in views if view.step < best.step):
            return None
        if not best.agrees:
            return best.judgement("wrong")
        low, high = sorted(best.sides or ())
        inside = low.value + SAFETY * low.error <= claim.derivative <= high.value - SAFETY * high.error
        well_known = best.spread <= max(self._resolution, self._rtol) * max(abs(low.value), abs(high.value))
        return best.judgement("kink") if inside or well_known else None

    def _reading(self, view: View, claim: Claim, views: Sequence[View]) -> _Reading | None:
        """What a view shows, beside all views; None if it does not count."""
        if not view.defined:
            # At the edge of its domain a function has a derivative from one side.
            side = min(view.right, view.left, key=lambda side: side.error)
            return self._if_precise(side, view, claim, views) if view.at_edge else None
        reading = self._if_precise(view.central, view, claim, views)
        if reading:
            return reading
        low, high = sorted((view.right, view.left))
        error = low.error + high.error
        steeper = max(abs(low.value), abs(high.value))
        if high.value - low.value > SAFETY * error + self._rtol * steeper:
            nearest = min(max(claim.derivative, low.value), high.value)
            at_kink = self._read(Estimate(nearest, error), view, claim)._replace(sides=(view.right, view.left))
            return at_kink if SAFETY * error <= self._clear * steeper else None
        sides = [self._if_precise(side, view, claim, views) for side in (low, high)]
        precise = [reading for reading in sides if reading]
        return min(precise, key=lambda reading: reading.spread) if len(precise) == 2 else None

    def _if_precise(self, numeric: Estimate, view: View, claim: Claim, views: Sequence[View]) -> _Reading | None:
        """The reading with a numeric derivative; None if its error is too large to count."""
        reading = self._read(numeric, view, claim)
        analytic, spread = abs(claim.derivative), reading.spread
        size = max(abs(view.x), 1.0)
        resolution = max(self._resolution, self._rtol)
        if spread <= resolution * abs(numeric.value):
            return reading
        # It may be near 0, as near a minimum: the error is small beside how steep the function is around the point.
        if view.step < 2.0 * size and spread <= max(self._negligible, self._atol) * view.steepness:
            return reading
        # It may be 0: the error is small beside the analytic one, and the view shows the function as it is.
        if spread <= resolution * analytic and (view.drowned or spread <= self._resolution * view.steepness):
            return reading
        # Both may be 0: the error is small beside the steepness from afar, or that in wider views of a flat function.
        afar = [other for other in views if 0.05 * size < other.step < 2.0 * size]
        around = [other.less_steep for other in afar]
        if view.flat:
            around += [other.steepness for other in views if other.step > view.step]
        if analytic <= claim.rounding and spread <= self._resolution * max(around, default=0.0):
            return reading
        if view not in afar:
            return None
        # The function may be so large that its rounding hides all its changes.
        if (
            analytic <= claim.rounding
            and numeric.error <= ROUNDINGS * view.noise
            and spread <= self._resolution * view.size
        ):
            return reading
        # It may have levelled off, so that the slope that remains is below its rounding in the whole view.
        nothing = min(view.noise, self._negligible * max(other.steepness for other in afar))
        return reading if view.drowned and analytic <= nothing else None

    def _read(self, numeric: Estimate, view: View, claim: Claim) -> _Reading:
        analytic = abs(claim.derivative)
        spread = SAFETY * numeric.error + claim.rounding
        allowed = spread + self._rtol * max(analytic, abs(numeric.value)) + self._atol * view.steepness
        is_sharp = claim.derivative == 0.0 or spread <= self._sharp * analytic
        return _Reading(
            view.step,
            numeric,
            spread,
            allowed,
            agrees=abs(claim.derivative - numeric.value) <= allowed,
            final=is_sharp and numeric.error <= QUIET * view.noise,
            flat=view.flat,
        )
