"""A scalar reverse-mode automatic differentiation engine for people who learn and teach how gradients work.

>>> from autograd import Value, tanh
>>> x = Value(0.5, label="x")
>>> y = tanh(x) * 2
>>> y.backward()
>>> round(x.grad, 6)
1.572895
"""

from autograd.compiler import compile, is_symbolic, where
from autograd.composites import dot, logsumexp, mean, norm, softmax, sum
from autograd.draw import draw
from autograd.errors import ChangedLeafError, CompileError, GradcheckError, GraphTooLargeError, RenderError
from autograd.explore import Page, explore
from autograd.functional import gradients
from autograd.gradcheck import GradcheckReport, GradcheckRow, OpCheck, OpChecks, check_all_ops, check_op, gradcheck
from autograd.graph import topological_order
from autograd.modes import Scope, enable_grad, no_grad, scope
from autograd.native import backend
from autograd.numerical import Estimate, NumericalGradient, numerical_gradient
from autograd.ops import (
    PRIMITIVES,
    Binary,
    Nary,
    Number,
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
    "compile",
    "where",
    "is_symbolic",
    "no_grad",
    "enable_grad",
    "scope",
    "Scope",
    "draw",
    "explore",
    "Page",
    "gradcheck",
    "check_op",
    "check_all_ops",
    "numerical_gradient",
    "GradcheckReport",
    "GradcheckRow",
    "OpCheck",
    "OpChecks",
    "NumericalGradient",
    "Estimate",
    "sum",
    "mean",
    "dot",
    "softmax",
    "logsumexp",
    "norm",
    "backend",
    "PRIMITIVES",
    "Number",
    "Primitive",
    "Unary",
    "Binary",
    "Nary",
    "ChangedLeafError",
    "CompileError",
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
