"""
A scalar reverse-mode automatic differentiation engine for people who learn and teach how gradients work.

>>> from autograd import Value, tanh
>>> x = Value(0.5, label="x")
>>> y = tanh(x) * 2
>>> y.backward()
>>> round(x.grad, 6)
1.572895
"""

from autograd.composites import dot, logsumexp, mean, norm, softmax, sum
from autograd.errors import ChangedLeafError, GradcheckError, GraphTooLargeError, RenderError
from autograd.functional import gradients
from autograd.graph import topological_order
from autograd.modes import Scope, enable_grad, no_grad, scope
from autograd.ops import (
    PRIMITIVES,
    Binary,
    Primitive,
    Unary,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cos,
    cosh,
    divide,
    elu,
    erf,
    erfc,
    exp,
    expm1,
    gelu,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    maximum,
    minimum,
    multiply,
    negate,
    power,
    relu,
    sigmoid,
    silu,
    sin,
    sinh,
    softplus,
    sqrt,
    subtract,
    tan,
    tanh,
)
from autograd.ops import absolute as abs
from autograd.value import Value

__version__ = "0.1.0"

__all__ = [
    "Value",
    "gradients",
    "topological_order",
    "no_grad",
    "enable_grad",
    "scope",
    "Scope",
    "sum",
    "mean",
    "dot",
    "softmax",
    "logsumexp",
    "norm",
    "PRIMITIVES",
    "Primitive",
    "Unary",
    "Binary",
    "ChangedLeafError",
    "GradcheckError",
    "GraphTooLargeError",
    "RenderError",
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "divide",
    "elu",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "gelu",
    "leaky_relu",
    "log",
    "log10",
    "log1p",
    "log2",
    "maximum",
    "minimum",
    "multiply",
    "negate",
    "power",
    "relu",
    "sigmoid",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "sqrt",
    "subtract",
    "tan",
    "tanh",
]
