"""What a number of views of a function say, together, of a derivative that the engine claims."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile
from typing import Literal, NamedTuple

from autograd.check.numerical import EPSILON, Estimate
from autograd.check.views import View, further_steps, narrower_steps, steps
from autograd.engine import graph
from autograd.engine.value import Value
from autograd.functional import gradients

Verdict = Literal["ok", "kink", "wrong", "unsure"]
"""ok: the two agree. kink: the one-sided derivatives differ, and the analytic one lies between them. wrong: the two
disagree. unsure: differences cannot tell, because the function jumps or is too noisy here."""

SAFETY = 6.0
"""How many times its own error a numeric derivative may be off."""

RESOLUTION = 4e-5
"""A numeric derivative must be known to this part of itself to say anything: an error of 1e-4 is never passed."""

NEGLIGIBLE = 1e-12
"""Or to this part of how steep the function is around the point."""

CLEAR = 1e-2
"""To show that there is a kink, the derivatives from both sides need to be known to this part."""

SHARP = 1e-6
"""One that is known to this part, and is off by nothing but rounding, is the last that is asked."""

QUIET = 300.0
"""Off by nothing but rounding is what is off by no more than so many roundings of a value, over the step."""

ROUNDINGS = 16.0
"""How many roundings of its largest terms an analytic derivative may be off, or a numeric one that is nothing else."""


class Claim(NamedTuple):
    """What the engine says of a derivative, and how much rounding there is in what it says.

    slope: the derivative.
    rounding: how far that may be off because its terms are rounded, which shows where they cancel each other.
    noise: how far the function's value may be off because every operation on the way to it is rounded.
    connected: whether the function's graph holds the number that it is differentiated by.
    """

    slope: float
    rounding: float
    noise: float
    connected: bool


def claims(root: Value, leaves: Sequence[Value]) -> list[Claim]:
    """The derivatives of `root` by each of the leaves, and the rounding in them and in `root`.

    Each operation may move its result by half a unit in its last place, and so `root` by that times the derivative by
    the result. A derivative is a sum of products along paths, and may be off in the last places of the largest of them.
    """
    if not root.requires_grad:
        return [Claim(0.0, 0.0, 0.0, connected=False)] * len(leaves)
    slopes = gradients(root, leaves)
    along_paths: dict[Value, float] = {root: 1.0}
    sizes: dict[Value, float] = {root: 1.0}  # the same, with no path counted as negative
    moves = []
    for node in reversed(graph.ancestors(root)[1]):
        if node not in sizes:
            continue
        moves.append(along_paths[node] * (EPSILON / 2) * node.data)
        try:
            partials = list(graph.partials(node))
        except (ArithmeticError, ValueError):
            continue  # `gradients` has not asked for them either, or it would have raised this
        for _, parent, partial in partials:
            along_paths[parent] = along_paths.get(parent, 0.0) + along_paths[node] * partial
            sizes[parent] = sizes.get(parent, 0.0) + sizes[node] * abs(partial)
    noise = math.hypot(*filter(math.isfinite, moves))
    return [
        Claim(slope, ROUNDINGS * EPSILON * sizes.get(leaf, 0.0), noise, leaf in sizes)
        for slope, leaf in zip(slopes, leaves, strict=True)
    ]


class _Reading(NamedTuple):
    """What a view says of a derivative.

    step: of the view.
    numeric: the derivative that it sees; at a kink, the one between the sides that is nearest to the analytic one.
    spread: how far the analytic one may be from it, rounding in both counted.
    agrees: whether it is no further.
    final: whether no narrower view can tell more.
    flat: whether the function gave one number everywhere.
    sides: the derivatives from the right and from the left, where they differ.
    """

    step: float
    numeric: Estimate
    spread: float
    agrees: bool
    final: bool
    flat: bool
    sides: tuple[Estimate, Estimate] | None = None

    def may_be(self, other: _Reading) -> bool:
        """Whether both may have seen the same number."""
        return abs(self.numeric.value - other.numeric.value) <= self.spread + other.spread

    def may_have_sides(self, *sides: Estimate) -> bool:
        """Whether those may be the sides of the kink."""
        pairs = zip(self.sides or (), sides, strict=True)
        return all(abs(one.value - another.value) <= SAFETY * (one.error + another.error) for one, another in pairs)


class Judge:
    """Judges an analytic derivative by views of the function from wide to narrow, each of which shows a numeric one.

    - A view is heard only if it knows its number well: one that is noisy, or not smooth, says nothing.
    - Where views contradict each other, the narrower ones are believed, if there are two: they see the shape of what
      the wider ones took for noise. If one is not even heard, but sees so much that the slope is another, none is.
    - The analytic derivative is ok if it agrees with what is believed, and wrong if two views disagree with it: one
      alone may be fooled.
    - There is a kink if the derivatives from the right and from the left stay apart, and each stays what it is, from
      view to narrower view, down to where the noise of the function drowns them. What is a kink only from afar is a
      sharp bend, or a fast wave.
    - A function that rounding makes a staircase of is flat on each tread. So a flat view does not show that a slope is
      wrong, where the function climbs beyond it on both sides, nor that 0 is right, where a wider view sees a slope.
    """

    def __init__(self, rtol: float, atol: float) -> None:
        self._rtol = rtol
        self._atol = atol

    def judged(self, f: Callable[[float], float], x: float, claim: Claim) -> tuple[Estimate, Verdict]:
        """The numeric derivative of `f` at `x`, and what it says of the analytic one."""
        centre = f(x)
        views: list[View] = []
        readings: list[_Reading] = []
        for step in steps(x):
            views.append(View(f, x, centre, step, claim.noise))
            if views[-1].flat and claim.slope:
                continue  # whether it is a tread is known when wider views than these have been seen
            reading = self._reading(views[-1], claim, views)
            if reading:
                readings.append(reading)
                if reading.final and all(reading.agrees and not reading.sides for reading in readings):
                    return reading.numeric, "ok"
        verdict = self._verdict(views, readings, claim)
        if verdict is None:
            views += [View(f, x, centre, step, claim.noise) for step in further_steps(x)]
            views.sort(key=lambda seen: seen.step, reverse=True)
            verdict = self._verdict(views, self._readings(views, claim), claim)
        if verdict is None:
            for step in narrower_steps(x):
                views.append(View(f, x, centre, step, claim.noise))
                if views[-1].drowned:
                    break
            verdict = self._verdict(views, self._readings(views, claim), claim)
        seen_at_all = (numeric for seen in views for numeric in (seen.central, seen.right, seen.left))
        return verdict or (min(seen_at_all, key=lambda numeric: numeric.error), "unsure")

    def _readings(self, views: Sequence[View], claim: Claim) -> list[_Reading]:
        """What those views say that say anything, but for treads of what may be a staircase."""
        readings = []
        climbs = False
        for seen in views:
            climbs = climbs or (seen.right_rise > 0.0 and seen.left_rise > 0.0)
            if not (seen.flat and claim.slope and climbs):
                readings.append(self._reading(seen, claim, views))
        return [reading for reading in readings if reading]

    def _verdict(
        self, views: Sequence[View], readings: Sequence[_Reading], claim: Claim
    ) -> tuple[Estimate, Verdict] | None:
        """What the readings of those views say together, if they say one thing."""
        kinks = list(takewhile(lambda reading: reading.sides, reversed(readings)))
        if len(kinks) >= 3 and all(one.may_have_sides(*other.sides or ()) for one, other in pairwise(kinks)):
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
        # What is too noisy to say what the slope is may still show what it is not.
        unheard = [seen for seen in views if seen.defined and not seen.flat and seen.step < believed[-1].step]
        if any(
            abs(seen.central.value - best.numeric.value) > SAFETY * seen.central.error + best.spread for seen in unheard
        ):
            return None
        if best.agrees:
            return best.numeric, "ok"
        return (best.numeric, "wrong") if sum(not reading.agrees for reading in believed) >= 2 else None

    def _at_kink(
        self, kinks: Sequence[_Reading], views: Sequence[View], claim: Claim
    ) -> tuple[Estimate, Verdict] | None:
        """Passes what lies between the one-sided derivatives, if no narrower view speaks against the kink."""
        best = min(kinks, key=lambda reading: reading.spread)
        if not all(best.may_have_sides(seen.right, seen.left) for seen in views if seen.step < best.step):
            return None
        if not best.agrees:
            return best.numeric, "wrong"
        low, high = sorted(best.sides or ())
        inside = low.value + SAFETY * low.error <= claim.slope <= high.value - SAFETY * high.error
        well_known = best.spread <= max(RESOLUTION, self._rtol) * max(abs(low.value), abs(high.value))
        return (best.numeric, "kink") if inside or well_known else None

    def _reading(self, seen: View, claim: Claim, views: Sequence[View]) -> _Reading | None:
        """What a view says, if it says anything, in the light of the others."""
        if not seen.defined:
            # At the edge of its domain a function has the derivative from one side.
            side = min(seen.right, seen.left, key=lambda side: side.error)
            return self._heard(side, seen, claim, views) if seen.at_edge else None
        reading = self._heard(seen.central, seen, claim, views)
        if reading:
            return reading
        low, high = sorted((seen.right, seen.left))
        error = low.error + high.error
        steeper = max(abs(low.value), abs(high.value))
        if high.value - low.value > SAFETY * error + self._rtol * steeper:
            nearest = min(max(claim.slope, low.value), high.value)
            at_kink = self._read(Estimate(nearest, error), seen, claim)._replace(sides=(seen.right, seen.left))
            return at_kink if SAFETY * error <= CLEAR * steeper else None
        heard = [self._heard(side, seen, claim, views) for side in (low, high)]
        known = [reading for reading in heard if reading]
        return min(known, key=lambda reading: reading.spread) if len(known) == 2 else None

    def _heard(self, numeric: Estimate, seen: View, claim: Claim, views: Sequence[View]) -> _Reading | None:
        """What a numeric derivative says, if it is known well enough to say anything."""
        reading = self._read(numeric, seen, claim)
        analytic, spread = abs(claim.slope), reading.spread
        size = max(abs(seen.x), 1.0)
        resolution = max(RESOLUTION, self._rtol)
        if spread <= resolution * abs(numeric.value):
            return reading
        # It may be near 0, as near a minimum, and known to a part of how steep the function is around.
        if seen.step < 2.0 * size and spread <= max(NEGLIGIBLE, self._atol) * seen.steepness:
            return reading
        # It may be 0, and known to a part of the analytic one, if the view shows the function as it is.
        if spread <= resolution * analytic and (seen.drowned or spread <= RESOLUTION * seen.steepness):
            return reading
        # Both may be 0, to a part of how steep the function is from afar; or, where it is flat, is anywhere around.
        afar = [view for view in views if 0.05 * size < view.step < 2.0 * size]
        around = [view.less_steep for view in afar]
        if seen.flat:
            around += [view.steepness for view in views if view.step > seen.step]
        if analytic <= claim.rounding and spread <= RESOLUTION * max(around, default=0.0):
            return reading
        if seen not in afar:
            return None
        # The function may have a value that is large beside all that it does, and do nothing that shows through it.
        if analytic <= claim.rounding and numeric.error <= ROUNDINGS * seen.noise and spread <= RESOLUTION * seen.size:
            return reading
        # It may have levelled off, so that what is left of a slope is less than its rounding all through the view.
        nothing = min(seen.noise, NEGLIGIBLE * max(view.steepness for view in afar))
        return reading if seen.drowned and analytic <= nothing else None

    def _read(self, numeric: Estimate, seen: View, claim: Claim) -> _Reading:
        analytic = abs(claim.slope)
        spread = SAFETY * numeric.error + claim.rounding
        allowed = spread + self._rtol * max(analytic, abs(numeric.value)) + self._atol * seen.steepness
        known = claim.slope == 0.0 or spread <= SHARP * analytic
        return _Reading(
            seen.step,
            numeric,
            spread,
            agrees=abs(claim.slope - numeric.value) <= allowed,
            final=known and numeric.error <= QUIET * seen.noise,
            flat=seen.flat,
        )
