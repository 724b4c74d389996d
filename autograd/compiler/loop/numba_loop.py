"""The loop over the operations of a loop program, forward and then backward, compiled by Numba.

The graph is data, so the loop is compiled once for all graphs, and kept on disk. Numba cannot call the rules of the
primitives; they stand here once more, as functions of floats, each proven equal to the primitive's own rule by the
tests. Where that one raises, these give nan or an infinity, as NumPy does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from autograd.engine.ops import (
    FAR_LEFT,
    FAR_OUT,
    LARGEST_INT,
    LOG2_E,
    LOG10_E,
    ROUNDING,
    SQRT_2,
    SQRT_2PI,
    SQRT_PI,
    TINY,
)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _jitted(function: _Function) -> _Function:
    try:
        return cast(_Function, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    except RuntimeError:  # there is no place on disk where it could be kept: each process compiles it anew
        return cast(_Function, numba.njit(error_model="numpy", nogil=True)(function))


NAMES = (
    *("sum_of_terms", "sum_of_products", "sum_of_term_and_products", "sum_of_signed_terms_and_products"),
    *("add", "subtract", "multiply", "divide", "power", "negate", "abs"),
    *("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    *("sigmoid", "softplus", "relu", "leaky_relu", "elu", "erf", "erfc", "gelu", "silu", "maximum", "minimum"),
    *("less", "less_equal", "equal", "select_if", "select_unless"),
)
CODES = {name: code for code, name in enumerate(NAMES)}
"""The number that stands for an operation in the loop, by its name."""

TERMS, PRODUCTS, TERM_AND_PRODUCTS, SIGNED, ADD, SUBTRACT, MULTIPLY, DIVIDE, POWER, NEGATE, ABS = range(11)
EXP, EXPM1, LOG, LOG1P, LOG2, LOG10, SQRT = range(11, 18)
SIN, COS, TAN, ASIN, ACOS, ATAN, ATAN2, SINH, COSH, TANH, ASINH, ACOSH, ATANH = range(18, 31)
SIGMOID, SOFTPLUS, RELU, LEAKY_RELU, ELU, ERF, ERFC, GELU, SILU, MAXIMUM, MINIMUM = range(31, 42)
LESS, LESS_EQUAL, EQUAL, SELECT_IF, SELECT_UNLESS = range(42, 47)

NONE = 2**32 - 1
"""In place of the second factor of a term that is no product."""
ONE = numba.uint32(1)


@_jitted
def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    power = math.exp(x)
    return power / (1.0 + power)


@_jitted
def _powered_by_x(x: float, y: float, out: float) -> float:
    if y == 0.0:
        return 0.0
    is_exact = 0.5 <= y <= LARGEST_INT or (-LARGEST_INT <= y <= -1.0 and (y - 1.0) + 1.0 == y)
    if x == 0.0 or is_exact:
        power = float(x ** (y - 1.0))
        if x == 0.0 or math.isinf(x) or not -TINY < power < TINY:
            return y * power
    if -TINY < out < TINY:
        half = float(abs(x) ** (0.5 * y))
        return math.copysign(1.0, out) * half * y / x * half
    return out * y / x


@_jitted
def _powered_by_y(x: float, y: float, out: float) -> float:
    if x == 0.0 and y > 0.0:
        return out
    if out < TINY and x > 0.0:
        half = float(x ** (0.5 * y))
        return half * math.log(x) * half
    return out * math.log(x)


@_jitted
def _one_less_square(x: float) -> float:
    return 1.0 - x * x if -0.5 <= x <= 0.5 else (1.0 - x) * (1.0 + x)


@_jitted
def _tanh_by_x(x: float, out: float) -> float:
    if -0.5 <= out <= 0.5:
        return 1.0 - out * out
    power = math.exp(-2.0 * abs(x))
    return 4.0 * power / ((1.0 + power) * (1.0 + power))


@_jitted
def _bell(x: float, scale: float) -> float:
    if not 1.0 < abs(x) < 40.0:
        return math.exp(-scale * x * x)
    head = (x + ROUNDING) - ROUNDING
    return math.exp(-scale * head * head) * math.exp(scale * (head - x) * (head + x))


@_jitted
def _normal(x: float) -> float:
    z = -x / SQRT_2
    half = 0.5 * math.erfc(z)
    if not 1.0 < z < 40.0:
        return half
    x_head, z_head = (x + ROUNDING) - ROUNDING, (z + ROUNDING) - ROUNDING
    excess = (z_head * z_head - 0.5 * x_head * x_head) + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head)
    return half + half * (excess + excess / (2.0 * z * z))


@_jitted
def _silu(x: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return x * half * half
    return x * _sigmoid(x)


@_jitted
def _silu_by_x(x: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return (1.0 + x) * half * half
    return _sigmoid(x) * (1.0 + x * _sigmoid(-x))


@_jitted
def _elu_by_x(x: float, y: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return y * half * half
    return y * math.exp(x) if x <= 0.0 else 1.0


@_jitted
def value(code: int, x: float, y: float) -> float:
    """The result of an operation that is no sum."""
    if code == ADD:
        return x + y
    if code == SUBTRACT:
        return x - y
    if code == MULTIPLY:
        return x * y
    if code == DIVIDE:
        return x / y
    if code == POWER:
        return x * x if y == 2.0 else float(x**y)
    if code == NEGATE:
        return -x
    if code == ABS:
        return abs(x)
    if code == EXP:
        return math.exp(x)
    if code == EXPM1:
        return math.expm1(x)
    if code == LOG:
        return math.log(x)
    if code == LOG1P:
        return math.log1p(x)
    if code == LOG2:
        return math.log2(x)
    if code == LOG10:
        return math.log10(x)
    if code == SQRT:
        return math.sqrt(x)
    if code == SIN:
        return math.sin(x)
    if code == COS:
        return math.cos(x)
    if code == TAN:
        return math.tan(x)
    if code == ASIN:
        return math.asin(x)
    if code == ACOS:
        return math.acos(x)
    if code == ATAN:
        return math.atan(x)
    if code == ATAN2:
        return math.atan2(x, y)
    if code == SINH:
        return math.sinh(x)
    if code == COSH:
        return math.cosh(x)
    if code == TANH:
        return math.tanh(x)
    if code == ASINH:
        return math.asinh(x)
    if code == ACOSH:
        return math.acosh(x)
    if code == ATANH:
        return math.atanh(x)
    if code == SIGMOID:
        return _sigmoid(x)
    if code == SOFTPLUS:
        rest = math.log1p(math.exp(-abs(x)))
        return rest if x < 0.0 else x + rest
    if code == RELU:
        return 0.0 if x <= 0.0 else x
    if code == LEAKY_RELU:
        return y * x if x <= 0.0 else x
    if code == ELU:
        return y * math.expm1(x) if x <= 0.0 else x
    if code == ERF:
        return math.erf(x)
    if code == ERFC:
        return math.erfc(x)
    if code == GELU:
        return x * _normal(x)
    if code == SILU:
        return _silu(x)
    if code == MAXIMUM:
        return x if x >= y or x != x else y
    if code == MINIMUM:
        return x if x <= y or x != x else y
    if code == LESS:
        return 1.0 if x < y else 0.0
    if code == LESS_EQUAL:
        return 1.0 if x <= y else 0.0
    if code == EQUAL:
        return 1.0 if x == y else 0.0
    if code == SELECT_IF:
        return y if x != 0.0 else -0.0
    if code == SELECT_UNLESS:
        return -0.0 if x != 0.0 else y
    return math.nan


@_jitted
def partial_x(code: int, x: float, y: float, out: float) -> float:
    """The derivative of an operation with respect to its first operand."""
    if code in (ADD, SUBTRACT):
        return 1.0
    if code == MULTIPLY:
        return y
    if code == DIVIDE:
        return 1.0 / y
    if code == POWER:
        return _powered_by_x(x, y, out)
    if code == NEGATE:
        return -1.0
    if code == ABS:
        return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0
    if code == EXP:
        return out
    if code == EXPM1:
        return math.exp(x)
    if code == LOG:
        return 1.0 / x
    if code == LOG1P:
        return 1.0 / (1.0 + x)
    if code == LOG2:
        return LOG2_E / x
    if code == LOG10:
        return LOG10_E / x
    if code == SQRT:
        return 0.5 / out
    if code == SIN:
        return math.cos(x)
    if code == COS:
        return -math.sin(x)
    if code == TAN:
        return 1.0 + out * out
    if code == ASIN:
        return 1.0 / math.sqrt(_one_less_square(x))
    if code == ACOS:
        return -1.0 / math.sqrt(_one_less_square(x))
    if code == ATAN:
        return 1.0 / (1.0 + x * x) if -FAR_OUT <= x <= FAR_OUT else (1.0 / x) * (1.0 / x)
    if code == ATAN2:
        if abs(x) >= abs(y):
            ratio = y / x
            return ratio / (x * (1.0 + ratio * ratio))
        ratio = x / y
        return 1.0 / (y * (1.0 + ratio * ratio))
    if code == SINH:
        return math.cosh(x)
    if code == COSH:
        return math.sinh(x)
    if code == TANH:
        return _tanh_by_x(x, out)
    if code == ASINH:
        if -1.0 <= x <= 1.0:
            return 1.0 / math.sqrt(1.0 + x * x)
        inverse = 1.0 / x
        return abs(inverse) / math.sqrt(1.0 + inverse * inverse)
    if code == ACOSH:
        return 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0))
    if code == ATANH:
        return 1.0 / _one_less_square(x)
    if code == SIGMOID:
        return out * _sigmoid(-x)
    if code == SOFTPLUS:
        return _sigmoid(x)
    if code == RELU:
        return 0.0 if x <= 0.0 else 1.0
    if code == LEAKY_RELU:
        return y if x <= 0.0 else 1.0
    if code == ELU:
        return _elu_by_x(x, y)
    if code == ERF:
        return 2.0 / SQRT_PI * _bell(x, 1.0)
    if code == ERFC:
        return -2.0 / SQRT_PI * _bell(x, 1.0)
    if code == GELU:
        return _normal(x) + x * _bell(x, 0.5) / SQRT_2PI
    if code == SILU:
        return _silu_by_x(x)
    if code == MAXIMUM:
        return 1.0 if x > y else 0.0 if x < y else 0.5
    if code == MINIMUM:
        return 1.0 if x < y else 0.0 if x > y else 0.5
    return 0.0


@_jitted
def partial_y(code: int, x: float, y: float, out: float) -> float:
    """The derivative of an operation with respect to its second operand."""
    if code == ADD:
        return 1.0
    if code == SUBTRACT:
        return -1.0
    if code == MULTIPLY:
        return x
    if code == DIVIDE:
        return -out / y
    if code == POWER:
        return _powered_by_y(x, y, out)
    if code == ATAN2:
        if abs(x) >= abs(y):
            ratio = y / x
            return -1.0 / (x * (1.0 + ratio * ratio))
        ratio = x / y
        return -ratio / (y * (1.0 + ratio * ratio))
    if code == LEAKY_RELU:
        return x if x <= 0.0 else 0.0
    if code == ELU:
        return math.expm1(x) if x <= 0.0 else 0.0
    if code == MAXIMUM:
        return 1.0 if y > x else 0.0 if y < x else 0.5
    if code == MINIMUM:
        return 1.0 if y < x else 0.0 if y > x else 0.5
    if code == SELECT_IF:
        return 1.0 if x != 0.0 else 0.0
    if code == SELECT_UNLESS:
        return 0.0 if x != 0.0 else 1.0
    return 0.0


# ---------------------------------------------------------------- the loops

# In a chain of operations each waits for the number before it, and most of that time goes into writing and reading it.
# So the last number stays in a variable, and `_number` reads only others. Indices are unsigned: of a signed one Numba
# checks whether it counts from the end, and the loop takes twice as long.


@_jitted
def _number(numbers: Any, index: Any, last_index: Any, last: float) -> Any:
    return last if index == last_index else numbers[index]


@_jitted
def forward(program: Any, numbers: Any) -> None:
    """Fills in the results, after the inputs and constants."""
    steps, terms, term_signs = program
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
            total = value(code, _number(numbers, left, last_index, last), numbers[right])
        last, last_index = total, numba.uint64(first + i)
        numbers[last_index] = last


@_jitted
def backward(program: Any, numbers: Any, gradients: Any, live: Any) -> None:
    """Passes the gradients on, from the last operation to the first.

    If `live` is not empty, it notes for each number whether the eager engine would compute its gradient. Others pass on
    nothing, not even a 0, which an infinite derivative would turn into nan.
    """
    steps, terms, term_signs = program
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
                gradients[left] += gradient * partial_x(code, x, y, out)
            if want & 2:
                gradients[right] += gradient * partial_y(code, x, y, out)


@_jitted
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


@_jitted
def _flow(wants: Any, tangent: float, factor: float) -> float:
    """What the tangent of a factor adds to that of a product; a constant adds 0, even if the other is infinite."""
    return tangent * factor if wants else 0.0


@_jitted
def forward_mode(program: Any, numbers: Any, tangents: Any) -> None:
    """Fills in the results and their tangents: the derivatives with respect to the input whose tangent is 1."""
    steps, terms, term_signs = program
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
            total, tangent = value(code, x, y), 0.0
            if want & 1:
                tangent += _number(tangents, left, last_index, last_tangent) * partial_x(code, x, y, total)
            if want & 2:
                tangent += tangents[right] * partial_y(code, x, y, total)
        last, last_tangent, last_index = total, tangent if want else 0.0, numba.uint64(first + i)
        numbers[last_index] = last
        tangents[last_index] = last_tangent
