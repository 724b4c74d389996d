"""Random scalar programs through the eager engine, held against mpmath.

Every operation is held against the same one in 60 digits, at the very floats that the engine gave it: so each of them
must be right to a few units of the last place, and no branch of a program is within rounding of a kink. The gradients
are held against a reverse mode in 60 digits over the same numbers. How far they may be off is computed with them: each
partial may be off by a few units of its last place, each product and each sum is rounded, and all of that is carried
through the rest of the program by its partials. So the tolerance is the program's own, and tells a wrong digit apart
from one that rounding took.

Errors are held against what is undefined: outside of its domain an operation raises what Python's floats raise, and
`backward()` raises FloatingPointError exactly where a derivative on the way is not a finite number.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import autograd
from autograd import PRIMITIVES, Value
from tests.fuzz import reference
from tests.fuzz.failure import Failure
from tests.fuzz.program import (
    COMPARISONS,
    SOURCES,
    Ending,
    Malformed,
    Step,
    check_form,
    ends,
    run_step,
    shrunk,
    written,
)
from tests.fuzz.random_program import RandomProgram
from tests.fuzz.reference import EPSILON, LARGEST, TINY, ZERO, Exact, Partial, Rules, exact, mpf

SMALLEST_NORMAL = 2.0**-1022  # what is below has fewer digits, or none
ALMOST_LARGEST = LARGEST * (1.0 - 4 * EPSILON)


class Difference(Exception):  # noqa: N818 - it is what is looked for
    """What the engine does is not what the reference says."""

    def __init__(self, about: str, message: str) -> None:
        super().__init__(message)
        self.about = about


class Run:
    """The steps of a program through the engine, each held against the reference as soon as it is done."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.values: list[Any] = []
        self.numbers: list[float] = []  # 0.0 for a list
        self.operands: list[Exact] = []  # the same numbers as mpmath's
        self.exact: list[Exact] = []  # the same without the engine's rounding of the last step
        self.requires_grad: list[bool] = []
        self.spoilt: list[bool] = []  # an infinity has come out of finite numbers, here or before

    def add(self, step: Step) -> bool:
        """Does a step; False if it raises what it should.

        Raises:
            Difference: the engine gives another number than the reference, or another error.
        """
        operands = [self.values[index] for index in step.operands]
        check_form(step, operands)
        rules, indices = self._rules(step)
        numbers = [self.numbers[index] for index in indices]
        expected = self._error(step, rules, numbers)
        try:
            value = run_step(step, operands)
        except (ArithmeticError, ValueError) as error:
            if type(error) is expected or not all(map(math.isfinite, numbers)):
                self._check_message(step, numbers, error)
                return False
            if rules is not None and expected is None and self._may_overflow(rules, numbers, error):
                return False
            raise self._difference("an error", step, numbers, f"raises {error!r}", _name(expected)) from error
        if expected is not None:
            raise self._difference("an error", step, numbers, f"gives {value!r}", _name(expected))
        self._keep(step, value, rules, indices, numbers)
        return True

    def _rules(self, step: Step) -> tuple[Rules | None, Sequence[int]]:
        """What the step is held against, and the indices of the numbers that it is computed from."""
        if step.does == "item":
            return None, self.steps[step.operands[0]].operands
        return reference.PRIMITIVES.get(step.does) or reference.LISTS.get(step.does), step.operands

    def _error(self, step: Step, rules: Rules | None, numbers: Sequence[float]) -> type[Exception] | None:
        if rules is None or not all(map(math.isfinite, numbers)):
            return None
        learned = step.does == "power" and step.recorded and self.requires_grad[step.operands[1]]
        if learned and (numbers[0] < 0.0 or numbers[0] == 0.0 == numbers[1]):
            return ValueError  # the derivative with respect to the exponent holds the logarithm of the base
        return rules.error(numbers)

    def _check_message(self, step: Step, numbers: Sequence[float], error: Exception) -> None:
        """An error of a primitive names the operation and its numbers."""
        primitive = PRIMITIVES.get(step.does)
        if primitive is not None:
            for part in (primitive.call, *map(repr, numbers)):
                if part not in str(error):
                    raise self._difference("a message", step, numbers, f"{error!r}", f"one with {part!r}")

    def _may_overflow(self, rules: Rules, numbers: Sequence[float], error: Exception) -> bool:
        if type(error) is not rules.overflow:
            return False
        return abs(float(rules.value([mpf(n) for n in numbers], numbers))) > ALMOST_LARGEST

    def _keep(self, step: Step, value: Any, rules: Rules | None, indices: Sequence[int], numbers: list[float]) -> None:
        number = 0.0 if isinstance(value, list) else value.data if isinstance(value, Value) else float(value)
        spoilt = any(self.spoilt[index] for index in indices)
        requires_grad = step.recorded and any(self.requires_grad[index] for index in indices)
        out = ZERO
        if rules is not None and not spoilt:
            out, spoilt = self._compare(step, number, rules, indices, numbers)
        elif step.does == "item":
            requires_grad = self.requires_grad[step.operands[0]]
            if not spoilt:
                out = self._compare_share(step, number, indices, numbers)
        elif step.does in COMPARISONS:
            index = self.chosen(step)
            out, spoilt, requires_grad = self.exact[index], self.spoilt[index], self.requires_grad[index]
            self._hold(step, number, self.numbers[index])
        elif step.does in SOURCES:
            out, requires_grad = mpf(number), step.does == "leaf"
            self._hold(step, number, float(step.number))
        elif step.does == "detach":
            out, requires_grad = self.exact[step.operands[0]], False
            self._hold(step, number, numbers[0])
        if step.does == "sum" and len(indices) == 1 and value is self.values[indices[0]]:
            requires_grad = self.requires_grad[indices[0]]  # nothing was done, so `no_grad` has nothing to keep quiet
        if not isinstance(value, list) and getattr(value, "requires_grad", False) != requires_grad:
            raise self._difference("requires_grad", step, numbers, repr(not requires_grad), repr(requires_grad))
        self.steps.append(step)
        self.values.append(value)
        self.numbers.append(number)
        self.operands.append(mpf(number))
        self.exact.append(out)
        self.requires_grad.append(requires_grad)
        self.spoilt.append(spoilt)

    def _hold(self, step: Step, number: float, right: float) -> None:
        """Holds a number against another one that it must be."""
        if number != right and not (math.isnan(number) and math.isnan(right)):
            raise self._difference("a value", step, [], repr(number), repr(right))

    def _compare(
        self, step: Step, number: float, rules: Rules, indices: Sequence[int], numbers: list[float]
    ) -> tuple[Exact, bool]:
        """Holds a number against the exact one; gives that, and whether it is an infinity that takes its place."""
        out = rules.value([self.operands[index] for index in indices], numbers)
        right = float(out)
        if number == right and math.isfinite(number):
            return out, False
        if not math.isfinite(number):
            reach = rules.reach(numbers)
            beyond = max(reach, 0.0 if math.isnan(number) else abs(right)) > ALMOST_LARGEST
            if beyond and rules.overflow is None:
                return ZERO, True
        elif math.isfinite(right):
            allowed = rules.value_ulps * EPSILON * abs(right) + rules.slack(numbers, out)
            if abs(right) < SMALLEST_NORMAL:
                allowed += TINY + (abs(right) if rules.value_ulps else 0.0)
            if abs(number - right) <= allowed:
                return out, False
        elif rules.overflow is None and abs(number) > ALMOST_LARGEST:
            return out, False
        raise self._difference("a value", step, numbers, repr(number), exact.nstr(out, 20))

    def _compare_share(self, step: Step, number: float, indices: Sequence[int], numbers: list[float]) -> Exact:
        """The same for a number of a softmax."""
        share = reference.shares([self.operands[index] for index in indices], numbers)[int(step.number)]
        right = float(share.exact)
        allowed = 4 * EPSILON * right + share.slack + (right + TINY if right < SMALLEST_NORMAL else 0.0)
        if not abs(number - right) <= allowed:
            raise self._difference("a value", step, numbers, repr(number), exact.nstr(share.exact, 20))
        return share.exact

    def chosen(self, step: Step) -> int:
        """The index of the operand that a `where` chooses."""
        a, b, x, y = step.operands
        return x if COMPARISONS[step.does](self.compared(a), self.compared(b)) else y

    def compared(self, index: int) -> float:
        """A number as it takes part in comparisons: an int that is too long for a float is compared exactly."""
        step = self.steps[index]
        return step.number if step.does == "number" else self.numbers[index]

    def _difference(self, about: str, step: Step, numbers: Sequence[float], found: str, right: str) -> Difference:
        at = ", ".join(map(repr, numbers))
        return Difference(f"{about} of {step.does}", f"{about} of {step.does} at {at}: {found}, right is {right}")

    # ------------------------------------------------------------ the gradient

    def differentiate(self, ending: Ending) -> None:
        """Holds the gradient of the last step with respect to all before it against the reference.

        Raises:
            Difference: it is another one, or there is an error on one side only.
        """
        root = self.values[-1]
        if not isinstance(root, Value):
            return
        if not self.requires_grad[-1]:
            try:
                root.backward()
            except RuntimeError:
                return
            raise Difference("backward of a constant", "backward() of a constant must raise RuntimeError")
        expected = Gradients(self, ending.gradient if ending.how in ("backward", "twice") else 1.0)
        asked = [index for index in expected.reached if self._is_new(index)]
        try:
            found = self._found(ending, asked)
        except FloatingPointError as error:
            if expected.may_raise or (ending.how == "create_graph" and self._has_no_second_derivative()):
                for index, value in enumerate(self.values):
                    if self.steps[index].does == "leaf" and ending.how != "twice" and value.grad != 0.0:
                        raise Difference(
                            "leaves after an error", f"x{index}.grad is {value.grad!r} after an error"
                        ) from error
                self._check_blame(error)
                return
            raise Difference("an error of backward", f"backward() raises {error}; the gradient is finite") from error
        if expected.must_raise:
            raise Difference("no error of backward", f"no error, and {expected.must_raise}")
        if expected.may_raise:
            return
        for index, number in zip(asked, found, strict=True):
            self._compare_gradient(index, number, expected, passes=2 if ending.how == "twice" else 1)
        for index, value in enumerate(self.values):
            if self.steps[index].does == "leaf" and not expected.is_reached[index] and value.grad != 0.0:
                raise Difference("a gradient from nowhere", f"x{index}.grad is {value.grad!r}; nothing depends on it")

    def _compare_gradient(self, index: int, number: float, expected: Gradients, passes: int) -> None:
        right, allowed = expected.exact[index], expected.allowed[index]
        if self.steps[index].does == "leaf" and passes == 2:
            right, allowed = right * 2, allowed * 2
            if abs(number) == math.inf and abs(float(right)) + allowed > ALMOST_LARGEST:
                return  # the sum of two passes overflows in the leaf, as sums do
        if not abs(number - float(right)) <= allowed + EPSILON * abs(number):
            users = " ".join(sorted({step.does for step in self.steps if index in step.operands}))
            raise Difference(
                f"a gradient through {users}",
                f"the gradient of x{index} ({self.numbers[index]!r}; used by {users}) is {number!r}, "
                f"right is {exact.nstr(right, 20)} (+- {allowed:.2g})",
            )

    def _check_blame(self, error: FloatingPointError) -> None:
        """An error of `backward` names an operation of the program, or the leaf whose contributions overflow."""
        names = {PRIMITIVES[step.does].call for step in self.steps if step.does in PRIMITIVES}
        if any(step.does in reference.LISTS or step.does == "item" for step in self.steps):
            names.update(primitive.call for primitive in PRIMITIVES.values())  # which of them is not known here
        if not any(name in str(error) for name in names) and "contributions to the gradient of" not in str(error):
            raise Difference("what is blamed", f"no operation is named by {error!r}") from error

    def _has_no_second_derivative(self) -> bool:
        """Whether the second derivative of a power is infinite: as a Value, the first one cannot be had then.

        So it is where 0 is raised to an exponent that is 1 and learned, and next to 0 where x**(y - 1) is too large.
        """
        for index, step in enumerate(self.steps):
            if step.does == "power" and self.requires_grad[index]:
                base, exponent = (self.numbers[operand] for operand in step.operands)
                if base == 0.0 and exponent == 1.0:
                    return True
                if 0.0 < abs(base) < 1e-150 and (exponent - 1.0) * math.log10(abs(base)) > 307.0:
                    return True
        return False

    def _is_new(self, index: int) -> bool:
        """Whether a step made a Value, and not only chose one of those before."""
        value = self.values[index]
        return isinstance(value, Value) and not any(value is self.values[other] for other in self.steps[index].operands)

    def _found(self, ending: Ending, asked: list[int]) -> list[float]:
        root = self.values[-1]
        nodes = [self.values[index] for index in asked]
        if ending.how == "gradients":
            return autograd.gradients(root, nodes)
        if ending.how == "create_graph":
            return [slope.data for slope in autograd.gradients(root, nodes, create_graph=True)]
        root.backward(ending.gradient)
        if ending.how == "twice":
            root.backward(ending.gradient)
        return [node.grad for node in nodes]


class Gradients:
    """The derivatives of the last step of a run, by a reverse mode of its own, and how far floats may be off.

    exact, allowed: by index; what the engine computes may differ by this much.
    reached: the indices of the steps to which a derivative flows, from the last to the first.
    is_reached: whether a derivative flows to a step, by index.
    must_raise: why there must be a FloatingPointError, or "".
    may_raise: whether there may be one: a number on the way is within rounding of the largest float, or beyond.
    """

    def __init__(self, run: Run, gradient: float) -> None:
        count = len(run.steps)
        self._run = run
        self.exact: list[Exact] = [ZERO] * count
        self.allowed = [0.0] * count
        self.reached: list[int] = []
        self.must_raise = ""
        self.may_raise = False
        self._errors = [0.0] * count
        self._sizes = [0.0] * count
        self._terms = [0] * count
        self.is_reached = [False] * count
        self.is_reached[-1] = True
        self.exact[-1] = mpf(gradient)
        self._sizes[-1] = abs(gradient)
        for index in range(count - 1, -1, -1):
            if self.is_reached[index]:
                self._finish(index)
                for operand, partial, ulps in self._partials(index):
                    if run.requires_grad[operand]:
                        self.is_reached[operand] = True
                        self._flow(index, operand, partial, ulps)
        if any(run.spoilt[index] for index in self.reached):  # what follows is not known, but that it is said
            self.must_raise = "" if math.isfinite(run.numbers[-1]) else self._overflow()
            self.may_raise = True
        self.may_raise = self.may_raise or bool(self.must_raise)

    def _overflow(self) -> str:
        """The operation that gave an infinity for finite numbers, or "": an infinite constant is the user's own."""
        run = self._run
        for index in self.reached:
            step = run.steps[index]
            given = [run.numbers[operand] for operand in step.operands]
            if (
                step.does in reference.PRIMITIVES
                and not math.isfinite(run.numbers[index])
                and all(map(math.isfinite, given))
            ):
                return f"{step.does} gives {run.numbers[index]!r}"
        return ""

    def _finish(self, index: int) -> None:
        """All that flows to a step has arrived."""
        self.reached.append(index)
        size = self._sizes[index]
        self.allowed[index] = self._errors[index] + EPSILON / 2 * max(0, self._terms[index] - 1) * size
        if not size + self.allowed[index] <= ALMOST_LARGEST:
            self.may_raise = True
            if abs(float(self.exact[index])) - self.allowed[index] > LARGEST:
                self.must_raise = f"the gradient of x{index} is {exact.nstr(self.exact[index], 5)}"

    def _flow(self, index: int, operand: int, partial: Partial, ulps: float) -> None:
        """Adds what flows from a step to one of its operands."""
        if partial.exact is None:
            self.must_raise = f"x{index} has no derivative"
            return
        gradient, allowed = self.exact[index], self.allowed[index]
        contribution = gradient * partial.exact
        factor, size = abs(float(partial.exact)), abs(float(contribution))
        off = ulps * EPSILON * factor + partial.slack
        if ulps or partial.slack:
            off += TINY + (factor if factor < SMALLEST_NORMAL else 0.0)
        rounding = 0.0 if factor == 1.0 else EPSILON / 2 * size + TINY
        error = factor * allowed + (abs(float(gradient)) + allowed) * off + rounding + partial.lost
        if not factor + off <= ALMOST_LARGEST:
            self.may_raise = True
            if factor - off > LARGEST:
                self.must_raise = f"a partial of x{index} is {exact.nstr(partial.exact, 5)}"
        if partial.through and abs(float(gradient)) > LARGEST / partial.through / 4:
            self.may_raise = True
        if not size + error <= ALMOST_LARGEST:
            self.may_raise = True
            if size - error > LARGEST:
                self.must_raise = f"{exact.nstr(contribution, 5)} flows from x{index}"
        self.exact[operand] += contribution
        self._errors[operand] += error
        self._sizes[operand] += size
        self._terms[operand] += partial.parts

    def _partials(self, index: int) -> list[tuple[int, Partial, float]]:
        """For each operand that a step is computed from: the partial, and by how many units it may be off."""
        run = self._run
        step = run.steps[index]
        if run.spoilt[index]:
            return [(operand, Partial(ZERO), 0.0) for operand in self._parents(step)]
        rules, indices = run._rules(step)
        numbers = [run.numbers[operand] for operand in indices]
        operands = [run.operands[operand] for operand in indices]
        if rules is not None:
            partials = rules.partials(operands, numbers, run.exact[index])
            return [(operand, partial, rules.partial_ulps) for operand, partial in zip(indices, partials, strict=True)]
        if step.does == "item":
            partials = reference.softmax_partials(operands, numbers, int(step.number))
            return [(operand, partial, 4.0) for operand, partial in zip(indices, partials, strict=True)]
        return [(operand, Partial(reference.ONE), 0.0) for operand in self._parents(step)]

    def _parents(self, step: Step) -> Sequence[int]:
        if step.does in COMPARISONS:
            return [self._run.chosen(step)]
        return self._run._rules(step)[1]


def _name(error: type[Exception] | None) -> str:
    return "no error" if error is None else error.__name__


# ---------------------------------------------------------------- a seed, and what it leads to


def check(seed: int) -> Failure | None:
    """Makes a program of a seed while it runs, so that it stays within the domains of its operations mostly."""
    run = Run()
    program = RandomProgram(random.Random(seed))
    ending = program.ending
    step: Step | None = None
    try:
        for step in program.steps(run.values, run.numbers):
            program.went(run.add(step))
        step = None
        if run.steps:
            run.differentiate(ending)
        return None
    except Difference as difference:
        steps = run.steps if step is None else [*run.steps, step]
        return _failure(seed, steps, ending, difference)


def difference_of(steps: Sequence[Step], ending: Ending) -> Difference | None:
    """What the engine does otherwise than the reference in a program, or None."""
    run = Run()
    try:
        for step in steps:
            if not run.add(step):
                return None
        run.differentiate(ending)
    except Difference as difference:
        return difference
    except Malformed:
        return None
    return None


def _failure(seed: int, steps: list[Step], ending: Ending, difference: Difference) -> Failure:
    def fails(candidate: list[Step]) -> bool:
        found = difference_of(candidate, ending)
        return found is not None and found.about == difference.about

    plain = Ending("backward", 1.0)
    if difference_of(steps, plain) is not None:
        ending = plain
    smallest = shrunk(steps, fails)
    found = difference_of(smallest, ending) or difference
    return Failure("scalar", seed, str(found), written(smallest, ends(smallest, ending)))
