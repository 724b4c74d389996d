# Made from autograd/engine/ops.py by `make rules`; what is changed here is lost.
"""The rules of the primitives on arrays."""

from __future__ import annotations

import numpy as np

from autograd.compiler.arrays.elementary import Array, ArrayRule, by_precision, erf, erfc, like
from autograd.compiler.arrays.faster import abs_partial_x, power_partial_x, power_partial_y, relu_partial_x, sigmoid, softplus

FAR_LEFT = -700.0
FAR_OUT = 1e+70
LOG10_E = 0.43429448190325176
LOG2_E = 1.4426950408889634
LOG_2 = 0.6931471805599453
ROUNDING = 25769803776.0
SQRT_2 = 1.4142135623730951
SQRT_2PI = 2.5066282746310002
SQRT_PI = 1.7724538509055159
SQUARED_FROM = 1e-140
SQUARED_TO = 1e+150
TO_LARGE = 4.149515568880993e+180
TO_SMALL = 2.409919865102884e-181


def add_partial_x(x: Array, y: Array, out: Array) -> Array:
    return np.ones_like(out)


def add_partial_y(x: Array, y: Array, out: Array) -> Array:
    return np.ones_like(out)


def subtract_partial_x(x: Array, y: Array, out: Array) -> Array:
    return np.ones_like(out)


def subtract_partial_y(x: Array, y: Array, out: Array) -> Array:
    return np.full_like(out, -1.0)


def multiply_partial_x(x: Array, y: Array, out: Array) -> Array:
    return y


def multiply_partial_y(x: Array, y: Array, out: Array) -> Array:
    return x


def divide_partial_x(x: Array, y: Array, out: Array) -> Array:
    return 1.0 / y


def divide_partial_y(x: Array, y: Array, out: Array) -> Array:
    return -out / y


def negate_partial_x(x: Array, out: Array) -> Array:
    return np.full_like(out, -1.0)


def exp_partial_x(x: Array, out: Array) -> Array:
    return out


def expm1_partial_x(x: Array, out: Array) -> Array:
    return np.exp(x)


def exp2_partial_x(x: Array, out: Array) -> Array:
    return LOG_2 * out


def log_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / x


def log1p_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / (1.0 + x)


def log2_partial_x(x: Array, out: Array) -> Array:
    return LOG2_E / x


def log10_partial_x(x: Array, out: Array) -> Array:
    return LOG10_E / x


def sqrt_partial_x(x: Array, out: Array) -> Array:
    return 0.5 / out


def cbrt_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / (3.0 * out * out)


def hypot_(x: Array, y: Array) -> Array:
    to_large = by_precision(x, TO_LARGE, 1.2676506002282294e+30)
    to_small = by_precision(x, TO_SMALL, 7.888609052210118e-31)
    squared_from = by_precision(x, SQUARED_FROM, 1e-15)
    squared_to = by_precision(x, SQUARED_TO, 1e+18)
    size = np.abs(x) + np.abs(y)
    scale = like(np.where(size < 1.0, to_large, to_small), x, y)
    x_2 = scale * x
    y_2 = scale * y
    return np.where((squared_from < size) & (size < squared_to), np.sqrt(x * x + y * y), np.sqrt(x_2 * x_2 + y_2 * y_2) / scale)


def hypot_partial_x(x: Array, y: Array, out: Array) -> Array:
    return x / out


def hypot_partial_y(x: Array, y: Array, out: Array) -> Array:
    return y / out


def sin_partial_x(x: Array, out: Array) -> Array:
    return np.cos(x)


def cos_partial_x(x: Array, out: Array) -> Array:
    return -np.sin(x)


def tan_partial_x(x: Array, out: Array) -> Array:
    return 1.0 + out * out


def asin_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / np.sqrt(np.where(np.abs(x) <= 0.5, 1.0 - x * x, (1.0 - x) * (1.0 + x)))


def acos_partial_x(x: Array, out: Array) -> Array:
    return -1.0 / np.sqrt(np.where(np.abs(x) <= 0.5, 1.0 - x * x, (1.0 - x) * (1.0 + x)))


def atan_partial_x(x: Array, out: Array) -> Array:
    far_out = by_precision(x, FAR_OUT, 1000000000000000.0)
    inverse = 1.0 / x
    return np.where(np.abs(x) <= far_out, 1.0 / (1.0 + x * x), inverse * inverse)


def atan2_partial_x(x: Array, y: Array, out: Array) -> Array:
    ratio = y / x
    ratio_2 = x / y
    return np.where(np.abs(x) >= np.abs(y), ratio / (x * (1.0 + ratio * ratio)), 1.0 / (y * (1.0 + ratio_2 * ratio_2)))


def atan2_partial_y(x: Array, y: Array, out: Array) -> Array:
    ratio = y / x
    ratio_2 = x / y
    return np.where(np.abs(x) >= np.abs(y), -1.0 / (x * (1.0 + ratio * ratio)), -ratio_2 / (y * (1.0 + ratio_2 * ratio_2)))


def sinh_partial_x(x: Array, out: Array) -> Array:
    return np.cosh(x)


def cosh_partial_x(x: Array, out: Array) -> Array:
    return np.sinh(x)


def tanh_partial_x(x: Array, out: Array) -> Array:
    power_ = np.exp(-2.0 * np.abs(x))
    return np.where(np.abs(out) <= 0.5, 1.0 - out * out, 4.0 * power_ / ((1.0 + power_) * (1.0 + power_)))


def asinh_partial_x(x: Array, out: Array) -> Array:
    is_near = np.abs(x) <= 1.0
    base = np.where(is_near, x, 1.0 / x)
    return np.where(is_near, 1.0, np.abs(base)) / np.sqrt(1.0 + base * base)


def acosh_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))


def atanh_partial_x(x: Array, out: Array) -> Array:
    return 1.0 / np.where(np.abs(x) <= 0.5, 1.0 - x * x, (1.0 - x) * (1.0 + x))


def sigmoid_partial_x(x: Array, out: Array) -> Array:
    return out * sigmoid(-x)


def softplus_partial_x(x: Array, out: Array) -> Array:
    return sigmoid(x)


def relu(x: Array) -> Array:
    return np.maximum(x, 0.0)


def leaky_relu(x: Array, y: Array) -> Array:
    return np.where(x <= 0.0, y * x, x)


def leaky_relu_partial_x(x: Array, y: Array, out: Array) -> Array:
    return np.where(x <= 0.0, y, 1.0)


def leaky_relu_partial_y(x: Array, y: Array, out: Array) -> Array:
    return np.where(x <= 0.0, x, 0.0)


def elu(x: Array, y: Array) -> Array:
    return np.where(x <= 0.0, y * np.expm1(x), x)


def elu_partial_x(x: Array, y: Array, out: Array) -> Array:
    far_left = by_precision(x, FAR_LEFT, -80.0)
    half = np.exp(0.5 * x)
    return np.where(x < far_left, y * half * half, np.where(x <= 0.0, y * np.exp(x), 1.0))


def elu_partial_y(x: Array, y: Array, out: Array) -> Array:
    return np.where(x <= 0.0, np.expm1(x), 0.0)


def bell(x: Array, scale: Array) -> Array:
    rounding = by_precision(x, ROUNDING, 98304.0)
    head = x + rounding - rounding
    return np.where(np.logical_not((1.0 < np.abs(x)) & (np.abs(x) < 40.0)), np.exp(-scale * x * x), np.exp(-scale * head * head) * np.exp(scale * (head - x) * (head + x)))


def erf_partial_x(x: Array, out: Array) -> Array:
    return 2.0 / SQRT_PI * bell(x, 1.0)


def erfc_partial_x(x: Array, out: Array) -> Array:
    return -2.0 / SQRT_PI * bell(x, 1.0)


def normal(x: Array) -> Array:
    rounding = by_precision(x, ROUNDING, 98304.0)
    z = -x / SQRT_2
    half = 0.5 * erfc(z)
    x_head = x + rounding - rounding
    z_head = z + rounding - rounding
    excess = z_head * z_head - 0.5 * x_head * x_head + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head)
    return np.where(np.logical_not((1.0 < z) & (z < 40.0)), half, half + half * (excess + excess / (2.0 * z * z)))


def gelu(x: Array) -> Array:
    return x * normal(x)


def gelu_partial_x(x: Array, out: Array) -> Array:
    return normal(x) + x * bell(x, 0.5) / SQRT_2PI


def silu(x: Array) -> Array:
    far_left = by_precision(x, FAR_LEFT, -80.0)
    half = np.exp(0.5 * x)
    return np.where(x < far_left, x * half * half, x * sigmoid(x))


def silu_partial_x(x: Array, out: Array) -> Array:
    far_left = by_precision(x, FAR_LEFT, -80.0)
    half = np.exp(0.5 * x)
    return np.where(x < far_left, (1.0 + x) * half * half, sigmoid(x) * (1.0 + x * sigmoid(-x)))


def mish(x: Array) -> Array:
    far_left = by_precision(x, FAR_LEFT, -80.0)
    half = np.exp(0.5 * x)
    power_ = np.exp(-np.abs(x))
    above = power_ * (power_ + 2.0)
    square = 2.0 * power_ * power_
    return np.where(x < far_left, x * half * half, np.where(x < 0.0, x * (above / (above + 2.0)), x * (1.0 - square / (1.0 + 2.0 * power_ + square))))


def mish_partial_x(x: Array, out: Array) -> Array:
    far_left = by_precision(x, FAR_LEFT, -80.0)
    half = np.exp(0.5 * x)
    power_ = np.exp(x)
    above = power_ * (power_ + 2.0)
    below = above + 2.0
    power_2 = np.exp(-x)
    square = 2.0 * power_2 * power_2
    below_2 = 1.0 + 2.0 * power_2 + square
    return np.where(x < far_left, (1.0 + x) * half * half, np.where(x < 0.0, above / below + 4.0 * x * power_ * (1.0 + power_) / (below * below), 1.0 - square / below_2 + 2.0 * square * x * (1.0 + power_2) / (below_2 * below_2)))


def maximum_partial_x(x: Array, y: Array, out: Array) -> Array:
    return like(np.where(x > y, 1.0, np.where(x < y, 0.0, 0.5)), out)


def maximum_partial_y(x: Array, y: Array, out: Array) -> Array:
    return like(np.where(y > x, 1.0, np.where(y < x, 0.0, 0.5)), out)


def minimum_partial_x(x: Array, y: Array, out: Array) -> Array:
    return like(np.where(x < y, 1.0, np.where(x > y, 0.0, 0.5)), out)


def minimum_partial_y(x: Array, y: Array, out: Array) -> Array:
    return like(np.where(y < x, 1.0, np.where(y > x, 0.0, 0.5)), out)


ARRAY_RULES: dict[str, ArrayRule] = {
    "add": ArrayRule(np.add, (add_partial_x, add_partial_y,)),
    "subtract": ArrayRule(np.subtract, (subtract_partial_x, subtract_partial_y,)),
    "multiply": ArrayRule(np.multiply, (multiply_partial_x, multiply_partial_y,)),
    "divide": ArrayRule(np.divide, (divide_partial_x, divide_partial_y,)),
    "power": ArrayRule(np.power, (power_partial_x, power_partial_y,)),
    "negate": ArrayRule(np.negative, (negate_partial_x,)),
    "abs": ArrayRule(np.abs, (abs_partial_x,)),
    "exp": ArrayRule(np.exp, (exp_partial_x,)),
    "expm1": ArrayRule(np.expm1, (expm1_partial_x,)),
    "exp2": ArrayRule(np.exp2, (exp2_partial_x,)),
    "log": ArrayRule(np.log, (log_partial_x,)),
    "log1p": ArrayRule(np.log1p, (log1p_partial_x,)),
    "log2": ArrayRule(np.log2, (log2_partial_x,)),
    "log10": ArrayRule(np.log10, (log10_partial_x,)),
    "sqrt": ArrayRule(np.sqrt, (sqrt_partial_x,)),
    "cbrt": ArrayRule(np.cbrt, (cbrt_partial_x,)),
    "hypot": ArrayRule(hypot_, (hypot_partial_x, hypot_partial_y,)),
    "sin": ArrayRule(np.sin, (sin_partial_x,)),
    "cos": ArrayRule(np.cos, (cos_partial_x,)),
    "tan": ArrayRule(np.tan, (tan_partial_x,)),
    "asin": ArrayRule(np.arcsin, (asin_partial_x,)),
    "acos": ArrayRule(np.arccos, (acos_partial_x,)),
    "atan": ArrayRule(np.arctan, (atan_partial_x,)),
    "atan2": ArrayRule(np.arctan2, (atan2_partial_x, atan2_partial_y,)),
    "sinh": ArrayRule(np.sinh, (sinh_partial_x,)),
    "cosh": ArrayRule(np.cosh, (cosh_partial_x,)),
    "tanh": ArrayRule(np.tanh, (tanh_partial_x,)),
    "asinh": ArrayRule(np.arcsinh, (asinh_partial_x,)),
    "acosh": ArrayRule(np.arccosh, (acosh_partial_x,)),
    "atanh": ArrayRule(np.arctanh, (atanh_partial_x,)),
    "sigmoid": ArrayRule(sigmoid, (sigmoid_partial_x,)),
    "softplus": ArrayRule(softplus, (softplus_partial_x,)),
    "relu": ArrayRule(relu, (relu_partial_x,)),
    "leaky_relu": ArrayRule(leaky_relu, (leaky_relu_partial_x, leaky_relu_partial_y,)),
    "elu": ArrayRule(elu, (elu_partial_x, elu_partial_y,)),
    "erf": ArrayRule(erf, (erf_partial_x,)),
    "erfc": ArrayRule(erfc, (erfc_partial_x,)),
    "gelu": ArrayRule(gelu, (gelu_partial_x,)),
    "silu": ArrayRule(silu, (silu_partial_x,)),
    "mish": ArrayRule(mish, (mish_partial_x,)),
    "maximum": ArrayRule(np.maximum, (maximum_partial_x, maximum_partial_y,)),
    "minimum": ArrayRule(np.minimum, (minimum_partial_x, minimum_partial_y,)),
}
"""The rule of every primitive of the library, by its name."""
