# Made from autograd/engine/ops.py by `make rules`; what is changed here is lost.
"""The rules of the primitives for the compiled loop, and the numbers that stand for them there."""

from __future__ import annotations

import math

from autograd.compiler.loop.codes import FIRST_PRIMITIVE, TAPE_CODES, tape_partial_y, tape_value
from autograd.compiler.loop.jit import jitted, cbrt, ceil, exp2, floor, fmod, power, remainder, trunc

FAR_LEFT = -700.0
FAR_OUT = 1e+70
LARGEST_INT = 9007199254740992.0
LOG10_E = 0.43429448190325176
LOG2_E = 1.4426950408889634
LOG_2 = 0.6931471805599453
ROUNDING = 25769803776.0
SQRT_2 = 1.4142135623730951
SQRT_2PI = 2.5066282746310002
SQRT_PI = 1.7724538509055159
SQUARED_FROM = 1e-140
SQUARED_TO = 1e+150
TINY = 1e-290
TO_LARGE = 4.149515568880993e+180
TO_SMALL = 2.409919865102884e-181

ADD = FIRST_PRIMITIVE + 0
SUBTRACT = FIRST_PRIMITIVE + 1
MULTIPLY = FIRST_PRIMITIVE + 2
DIVIDE = FIRST_PRIMITIVE + 3
POWER = FIRST_PRIMITIVE + 4
NEGATE = FIRST_PRIMITIVE + 5
ABS = FIRST_PRIMITIVE + 6
EXP = FIRST_PRIMITIVE + 7
EXPM1 = FIRST_PRIMITIVE + 8
EXP2 = FIRST_PRIMITIVE + 9
LOG = FIRST_PRIMITIVE + 10
LOG1P = FIRST_PRIMITIVE + 11
LOG2 = FIRST_PRIMITIVE + 12
LOG10 = FIRST_PRIMITIVE + 13
SQRT = FIRST_PRIMITIVE + 14
CBRT = FIRST_PRIMITIVE + 15
HYPOT = FIRST_PRIMITIVE + 16
SIN = FIRST_PRIMITIVE + 17
COS = FIRST_PRIMITIVE + 18
TAN = FIRST_PRIMITIVE + 19
ASIN = FIRST_PRIMITIVE + 20
ACOS = FIRST_PRIMITIVE + 21
ATAN = FIRST_PRIMITIVE + 22
ATAN2 = FIRST_PRIMITIVE + 23
SINH = FIRST_PRIMITIVE + 24
COSH = FIRST_PRIMITIVE + 25
TANH = FIRST_PRIMITIVE + 26
ASINH = FIRST_PRIMITIVE + 27
ACOSH = FIRST_PRIMITIVE + 28
ATANH = FIRST_PRIMITIVE + 29
SIGMOID = FIRST_PRIMITIVE + 30
SOFTPLUS = FIRST_PRIMITIVE + 31
RELU = FIRST_PRIMITIVE + 32
LEAKY_RELU = FIRST_PRIMITIVE + 33
ELU = FIRST_PRIMITIVE + 34
ERF = FIRST_PRIMITIVE + 35
ERFC = FIRST_PRIMITIVE + 36
GELU = FIRST_PRIMITIVE + 37
SILU = FIRST_PRIMITIVE + 38
MISH = FIRST_PRIMITIVE + 39
MAXIMUM = FIRST_PRIMITIVE + 40
MINIMUM = FIRST_PRIMITIVE + 41

CODES: dict[str, int] = {
    **TAPE_CODES,
    "add": ADD,
    "subtract": SUBTRACT,
    "multiply": MULTIPLY,
    "divide": DIVIDE,
    "power": POWER,
    "negate": NEGATE,
    "abs": ABS,
    "exp": EXP,
    "expm1": EXPM1,
    "exp2": EXP2,
    "log": LOG,
    "log1p": LOG1P,
    "log2": LOG2,
    "log10": LOG10,
    "sqrt": SQRT,
    "cbrt": CBRT,
    "hypot": HYPOT,
    "sin": SIN,
    "cos": COS,
    "tan": TAN,
    "asin": ASIN,
    "acos": ACOS,
    "atan": ATAN,
    "atan2": ATAN2,
    "sinh": SINH,
    "cosh": COSH,
    "tanh": TANH,
    "asinh": ASINH,
    "acosh": ACOSH,
    "atanh": ATANH,
    "sigmoid": SIGMOID,
    "softplus": SOFTPLUS,
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "elu": ELU,
    "erf": ERF,
    "erfc": ERFC,
    "gelu": GELU,
    "silu": SILU,
    "mish": MISH,
    "maximum": MAXIMUM,
    "minimum": MINIMUM,
}
"""The number that stands for an operation in the loop, by its name."""


@jitted
def hypot_(x: float, y: float) -> float:
    size = abs(x) + abs(y)
    if SQUARED_FROM < size < SQUARED_TO:
        return math.sqrt(x * x + y * y)
    scale = TO_LARGE if size < 1.0 else TO_SMALL
    x = scale * x
    y = scale * y
    return math.sqrt(x * x + y * y) / scale


@jitted
def sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    power_ = math.exp(x)
    return power_ / (1.0 + power_)


@jitted
def softplus(x: float) -> float:
    rest = math.log1p(math.exp(-abs(x)))
    return rest if x < 0.0 else x + rest


@jitted
def normal(x: float) -> float:
    z = -x / SQRT_2
    half = 0.5 * math.erfc(z)
    if not 1.0 < z < 40.0:
        return half
    x_head = x + ROUNDING - ROUNDING
    z_head = z + ROUNDING - ROUNDING
    excess = z_head * z_head - 0.5 * x_head * x_head + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head)
    return half + half * (excess + excess / (2.0 * z * z))


@jitted
def silu(x: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return x * half * half
    return x * sigmoid(x)


@jitted
def mish(x: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return x * half * half
    power_ = math.exp(-abs(x))
    if x < 0.0:
        above = power_ * (power_ + 2.0)
        return x * (above / (above + 2.0))
    square = 2.0 * power_ * power_
    return x * (1.0 - square / (1.0 + 2.0 * power_ + square))


@jitted
def power_partial_x(x: float, y: float, out: float) -> float:
    if y == 0.0:
        return 0.0
    if x == 0.0 or 0.5 <= y <= LARGEST_INT or -LARGEST_INT <= y <= -1.0 and y - 1.0 + 1.0 == y:
        power_ = float(x ** (y - 1.0))
        if x == 0.0 or math.isinf(x) or not -TINY < power_ < TINY:
            return y * power_
    if -TINY < out < TINY:
        half = float(abs(x) ** (0.5 * y))
        return math.copysign(1.0, out) * half * y / x * half
    return out * y / x


@jitted
def atan_partial_x(x: float, out: float) -> float:
    if -FAR_OUT <= x <= FAR_OUT:
        return 1.0 / (1.0 + x * x)
    inverse = 1.0 / x
    return inverse * inverse


@jitted
def atan2_partial_x(x: float, y: float, out: float) -> float:
    if abs(x) >= abs(y):
        ratio = y / x
        return ratio / (x * (1.0 + ratio * ratio))
    ratio = x / y
    return 1.0 / (y * (1.0 + ratio * ratio))


@jitted
def tanh_partial_x(x: float, out: float) -> float:
    if -0.5 <= out <= 0.5:
        return 1.0 - out * out
    power_ = math.exp(-2.0 * abs(x))
    return 4.0 * power_ / ((1.0 + power_) * (1.0 + power_))


@jitted
def asinh_partial_x(x: float, out: float) -> float:
    is_near = -1.0 <= x <= 1.0
    base = x if is_near else 1.0 / x
    return (1.0 if is_near else abs(base)) / math.sqrt(1.0 + base * base)


@jitted
def elu_partial_x(x: float, y: float, out: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return y * half * half
    return y * math.exp(x) if x <= 0.0 else 1.0


@jitted
def bell(x: float, scale: float) -> float:
    if not 1.0 < abs(x) < 40.0:
        return math.exp(-scale * x * x)
    head = x + ROUNDING - ROUNDING
    return math.exp(-scale * head * head) * math.exp(scale * (head - x) * (head + x))


@jitted
def silu_partial_x(x: float, out: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return (1.0 + x) * half * half
    return sigmoid(x) * (1.0 + x * sigmoid(-x))


@jitted
def mish_partial_x(x: float, out: float) -> float:
    if x < FAR_LEFT:
        half = math.exp(0.5 * x)
        return (1.0 + x) * half * half
    if x < 0.0:
        power_ = math.exp(x)
        above = power_ * (power_ + 2.0)
        below = above + 2.0
        return above / below + 4.0 * x * power_ * (1.0 + power_) / (below * below)
    power_ = math.exp(-x)
    square = 2.0 * power_ * power_
    below = 1.0 + 2.0 * power_ + square
    return 1.0 - square / below + 2.0 * square * x * (1.0 + power_) / (below * below)


@jitted
def power_partial_y(x: float, y: float, out: float) -> float:
    if x == 0.0 and y > 0.0:
        return out
    if out < TINY and x > 0.0:
        half = float(x ** (0.5 * y))
        return half * math.log(x) * half
    return out * math.log(x)


@jitted
def atan2_partial_y(x: float, y: float, out: float) -> float:
    if abs(x) >= abs(y):
        ratio = y / x
        return -1.0 / (x * (1.0 + ratio * ratio))
    ratio = x / y
    return -ratio / (y * (1.0 + ratio * ratio))


@jitted
def value(code: int, x: float, y: float) -> float:
    """The result of an operation other than a sum."""
    if code == ADD:
        return x + y
    if code == SUBTRACT:
        return x - y
    if code == MULTIPLY:
        return x * y
    if code == DIVIDE:
        return x / y
    if code == POWER:
        return power(x, y)
    if code == NEGATE:
        return -x
    if code == ABS:
        return abs(x)
    if code == EXP:
        return math.exp(x)
    if code == EXPM1:
        return math.expm1(x)
    if code == EXP2:
        return exp2(x)
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
    if code == CBRT:
        return cbrt(x)
    if code == HYPOT:
        return hypot_(x, y)
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
        return sigmoid(x)
    if code == SOFTPLUS:
        return softplus(x)
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
        return x * normal(x)
    if code == SILU:
        return silu(x)
    if code == MISH:
        return mish(x)
    if code == MAXIMUM:
        return x if x >= y or x != x else y
    if code == MINIMUM:
        return x if x <= y or x != x else y
    return tape_value(code, x, y)


@jitted
def partial_x(code: int, x: float, y: float, out: float) -> float:
    """Its derivative with respect to x."""
    if code == ADD:
        return 1.0
    if code == SUBTRACT:
        return 1.0
    if code == MULTIPLY:
        return y
    if code == DIVIDE:
        return 1.0 / y
    if code == POWER:
        return power_partial_x(x, y, out)
    if code == NEGATE:
        return -1.0
    if code == ABS:
        return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0
    if code == EXP:
        return out
    if code == EXPM1:
        return math.exp(x)
    if code == EXP2:
        return LOG_2 * out
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
    if code == CBRT:
        return 1.0 / (3.0 * out * out)
    if code == HYPOT:
        return x / out
    if code == SIN:
        return math.cos(x)
    if code == COS:
        return -math.sin(x)
    if code == TAN:
        return 1.0 + out * out
    if code == ASIN:
        return 1.0 / math.sqrt(1.0 - x * x if -0.5 <= x <= 0.5 else (1.0 - x) * (1.0 + x))
    if code == ACOS:
        return -1.0 / math.sqrt(1.0 - x * x if -0.5 <= x <= 0.5 else (1.0 - x) * (1.0 + x))
    if code == ATAN:
        return atan_partial_x(x, out)
    if code == ATAN2:
        return atan2_partial_x(x, y, out)
    if code == SINH:
        return math.cosh(x)
    if code == COSH:
        return math.sinh(x)
    if code == TANH:
        return tanh_partial_x(x, out)
    if code == ASINH:
        return asinh_partial_x(x, out)
    if code == ACOSH:
        return 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0))
    if code == ATANH:
        return 1.0 / (1.0 - x * x if -0.5 <= x <= 0.5 else (1.0 - x) * (1.0 + x))
    if code == SIGMOID:
        return out * sigmoid(-x)
    if code == SOFTPLUS:
        return sigmoid(x)
    if code == RELU:
        return 0.0 if x <= 0.0 else 1.0
    if code == LEAKY_RELU:
        return y if x <= 0.0 else 1.0
    if code == ELU:
        return elu_partial_x(x, y, out)
    if code == ERF:
        return 2.0 / SQRT_PI * bell(x, 1.0)
    if code == ERFC:
        return -2.0 / SQRT_PI * bell(x, 1.0)
    if code == GELU:
        return normal(x) + x * bell(x, 0.5) / SQRT_2PI
    if code == SILU:
        return silu_partial_x(x, out)
    if code == MISH:
        return mish_partial_x(x, out)
    if code == MAXIMUM:
        return 1.0 if x > y else 0.0 if x < y else 0.5
    if code == MINIMUM:
        return 1.0 if x < y else 0.0 if x > y else 0.5
    return 0.0


@jitted
def partial_y(code: int, x: float, y: float, out: float) -> float:
    """Its derivative with respect to y."""
    if code == ADD:
        return 1.0
    if code == SUBTRACT:
        return -1.0
    if code == MULTIPLY:
        return x
    if code == DIVIDE:
        return -out / y
    if code == POWER:
        return power_partial_y(x, y, out)
    if code == HYPOT:
        return y / out
    if code == ATAN2:
        return atan2_partial_y(x, y, out)
    if code == LEAKY_RELU:
        return x if x <= 0.0 else 0.0
    if code == ELU:
        return math.expm1(x) if x <= 0.0 else 0.0
    if code == MAXIMUM:
        return 1.0 if y > x else 0.0 if y < x else 0.5
    if code == MINIMUM:
        return 1.0 if y < x else 0.0 if y > x else 0.5
    return tape_partial_y(code, x)
