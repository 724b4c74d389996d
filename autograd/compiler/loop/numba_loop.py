"""The loop over the operations of a loop program, forward and then backward, compiled by Numba.

The graph is data, so the loop is compiled once for all graphs, and kept on disk. Numba cannot call the rules of the
primitives; `rules.py` has them as functions of floats, made from their text. Where a rule raises, these give nan or an
infinity, as NumPy does. The primitives that users wrote are called by their addresses.
"""

from __future__ import annotations

import math
from typing import Any

import numba

from autograd.compiler.loop.codes import (
    FIRST_OWN,
    PRODUCTS,
    SELECT_IF,
    SELECT_UNLESS,
    SIGNED,
    TERM_AND_PRODUCTS,
    TERMS,
)
from autograd.compiler.loop.jit import call, jitted
from autograd.compiler.loop.rules import SIN, partial_x, partial_y, value

NONE = 2**32 - 1
"""Stands for the second factor of a term that is a single number."""
ONE = numba.uint32(1)


# In a chain of operations each waits for the number before it, and most of that time goes into writing and reading it.
# So the last number stays in a variable, and `_number` reads only others. Indices are unsigned: of a signed one Numba
# checks whether it counts from the end, and the loop takes twice as long.


@jitted
def _number(numbers: Any, index: Any, last_index: Any, last: float) -> Any:
    return last if index == last_index else numbers[index]


@jitted
def _value(own: Any, code: Any, x: float, y: float) -> float:
    if code >= FIRST_OWN:
        return call(own[code - FIRST_OWN], 0, x, y, 0.0)  # type: ignore[call-arg]
    return value(code, x, y)


@jitted
def _partial_x(own: Any, code: Any, x: float, y: float, out: float) -> float:
    if code >= FIRST_OWN:
        return call(own[code - FIRST_OWN], 1, x, y, out)  # type: ignore[call-arg]
    return partial_x(code, x, y, out)


@jitted
def _partial_y(own: Any, code: Any, x: float, y: float, out: float) -> float:
    if code >= FIRST_OWN:
        return call(own[code - FIRST_OWN], 2, x, y, out)  # type: ignore[call-arg]
    return partial_y(code, x, y, out)


@jitted
def forward(program: Any, numbers: Any) -> None:
    """Fills in the results, after the inputs and constants."""
    steps, terms, term_signs, own = program
    codes, lefts, rights = steps[0], steps[1], steps[2]
    term_lefts, term_rights = terms[0], terms[1]
    first = numbers.size - codes.size
    last, last_index = 0.0, numba.uint64(NONE)
    for i in range(codes.size):
        code, left, right = codes[i], lefts[i], rights[i]
        if code == PRODUCTS:
            x, y = term_lefts[left], term_rights[left]
            total = _number(numbers, x, last_index, last) * _number(numbers, y, last_index, last)
            for j in range(left + 1, right):
                total += numbers[term_lefts[j]] * numbers[term_rights[j]]
        elif code == TERM_AND_PRODUCTS:
            x, y = term_lefts[left + 1], term_rights[left + 1]
            total = numbers[term_lefts[left]]
            total += _number(numbers, x, last_index, last) * _number(numbers, y, last_index, last)
            for j in range(left + 2, right):
                total += numbers[term_lefts[j]] * numbers[term_rights[j]]
        elif code == SIGNED:
            total = -0.0  # which changes no number that is added to it, not even another zero
            for j in range(left, right):
                term = term_signs[j] * numbers[term_lefts[j]]
                if term_rights[j] != NONE:
                    term *= numbers[term_rights[j]]
                total += term
        elif code == TERMS:
            total = -0.0
            for j in range(left, right):
                total += numbers[term_lefts[j]]
        else:
            total = _value(own, code, _number(numbers, left, last_index, last), numbers[right])
        last, last_index = total, numba.uint64(first + i)
        numbers[last_index] = last


@jitted
def backward(program: Any, numbers: Any, gradients: Any, live: Any) -> None:
    """Passes the gradients on, from the last operation to the first.

    If `live` is not empty, it notes for each number whether the eager engine would compute its gradient. Others pass on
    nothing, not even a 0, which an infinite derivative would turn into nan.
    """
    steps, terms, term_signs, own = program
    codes, lefts, rights, wants = steps[0], steps[1], steps[2], steps[3]
    term_lefts, term_rights = terms[0], terms[1]
    first = numbers.size - codes.size
    tells = live.size > 0
    for i in range(codes.size - 1, -1, -1):
        want, gradient = wants[i], gradients[first + i]
        if want == 0 or (tells and live[first + i] == 0):
            continue
        code, left, right = codes[i], lefts[i], rights[i]
        if tells:
            _mark(code, left, right, want, terms, live)
        if code == PRODUCTS:
            for j in range(left, right):
                x, y = term_lefts[j], term_rights[j]
                gradients[x] += gradient * numbers[y]
                gradients[y] += gradient * numbers[x]
        elif code == TERM_AND_PRODUCTS:
            gradients[term_lefts[left]] += gradient
            for j in range(left + 1, right):
                x, y = term_lefts[j], term_rights[j]
                gradients[x] += gradient * numbers[y]
                gradients[y] += gradient * numbers[x]
        elif code == SIGNED:
            for j in range(left, right):
                x, y = term_lefts[j], term_rights[j]
                signed = gradient * term_signs[j]
                if y == NONE:
                    gradients[x] += signed
                else:
                    gradients[x] += signed * numbers[y]
                    gradients[y] += signed * numbers[x]
        elif code == TERMS:
            for j in range(left, right):
                gradients[term_lefts[j]] += gradient
        elif code in (SELECT_IF, SELECT_UNLESS):
            if (numbers[left] != 0.0) == (code == SELECT_IF):
                live[right] = 1
                gradients[right] += gradient
        else:
            x, y, out = numbers[left], numbers[right], numbers[first + i]
            if want & 1:
                gradients[left] += gradient * _partial_x(own, code, x, y, out)
            if want & 2:
                gradients[right] += gradient * _partial_y(own, code, x, y, out)


@jitted
def _mark(code: int, left: Any, right: Any, want: Any, terms: Any, live: Any) -> None:
    """Marks the operands into which a gradient flows as live; `backward` marks those of a `where` itself."""
    if code <= SIGNED:
        for j in range(left, right):
            live[terms[0][j]] = 1
            if terms[1][j] != NONE:
                live[terms[1][j]] = 1
    elif code not in (SELECT_IF, SELECT_UNLESS):
        if want & 1:
            live[left] = 1
        if want & 2:
            live[right] = 1


@jitted
def _flow(wants: Any, tangent: float, factor: float) -> float:
    """What the tangent of a factor adds to that of a product; a constant adds 0, even if the other is infinite."""
    return tangent * factor if wants else 0.0


@jitted
def forward_mode(program: Any, numbers: Any, tangents: Any) -> None:
    """Fills in the results and their tangents: the derivatives with respect to the input whose tangent is 1."""
    steps, terms, term_signs, own = program
    codes, lefts, rights, wants = steps[0], steps[1], steps[2], steps[3]
    term_lefts, term_rights, term_wants = terms[0], terms[1], terms[2]
    first = numbers.size - codes.size
    last, last_tangent, last_index = 0.0, 0.0, numba.uint64(NONE)
    for i in range(codes.size):
        code, left, right, want = codes[i], lefts[i], rights[i], wants[i]
        if code in (PRODUCTS, TERM_AND_PRODUCTS):
            start = left if code == PRODUCTS else left + ONE
            x = _number(numbers, term_lefts[start], last_index, last)
            y = _number(numbers, term_rights[start], last_index, last)
            x_tangent = _number(tangents, term_lefts[start], last_index, last_tangent)
            y_tangent = _number(tangents, term_rights[start], last_index, last_tangent)
            depends = term_wants[start]
            total, tangent = x * y, _flow(depends & 1, x_tangent, y) + _flow(depends & 2, y_tangent, x)
            if code == TERM_AND_PRODUCTS:
                total, tangent = numbers[term_lefts[left]] + total, tangents[term_lefts[left]] + tangent
            for j in range(start + ONE, right):
                x, y, depends = term_lefts[j], term_rights[j], term_wants[j]
                total += numbers[x] * numbers[y]
                tangent += _flow(depends & 1, tangents[x], numbers[y]) + _flow(depends & 2, tangents[y], numbers[x])
        elif code == SIGNED:
            total = tangent = -0.0
            for j in range(left, right):
                x, y = numbers[term_lefts[j]], 1.0
                x_tangent, y_tangent = tangents[term_lefts[j]], 0.0
                if term_rights[j] != NONE:
                    y, y_tangent = numbers[term_rights[j]], tangents[term_rights[j]]
                depends = term_wants[j]
                total += term_signs[j] * x * y
                tangent += term_signs[j] * (_flow(depends & 1, x_tangent, y) + _flow(depends & 2, y_tangent, x))
        elif code == TERMS:
            total = tangent = -0.0
            for j in range(left, right):
                total += numbers[term_lefts[j]]
                tangent += tangents[term_lefts[j]]
        elif code == SIN:  # computed together, sine and cosine take little longer than one of them
            x = _number(numbers, left, last_index, last)
            total, tangent = math.sin(x), _number(tangents, left, last_index, last_tangent) * math.cos(x)
        elif code in (SELECT_IF, SELECT_UNLESS):
            is_taken = (numbers[left] != 0.0) == (code == SELECT_IF)
            total, tangent = (numbers[right], tangents[right]) if is_taken else (-0.0, 0.0)
        else:
            x, y = _number(numbers, left, last_index, last), numbers[right]
            total, tangent = _value(own, code, x, y), 0.0
            if want & 1:
                tangent += _number(tangents, left, last_index, last_tangent) * _partial_x(own, code, x, y, total)
            if want & 2:
                tangent += tangents[right] * _partial_y(own, code, x, y, total)
        last, last_tangent, last_index = total, tangent if want else 0.0, numba.uint64(first + i)
        numbers[last_index] = last
        tangents[last_index] = last_tangent
