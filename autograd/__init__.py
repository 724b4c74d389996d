"""A scalar reverse-mode automatic differentiation engine for people who learn and teach how gradients work.

>>> from autograd import Value, tanh
>>> x = Value(0.5, label="x")
>>> y = tanh(x) * 2
>>> y.backward()
>>> round(x.grad, 6)
1.572895
"""

from pathlib import Path as _Path

from autograd.check.gradcheck import gradcheck
from autograd.check.numerical import Estimate, NumericalGradient, numerical_gradient
from autograd.check.primitives import OpCheck, OpChecks, check_all_ops, check_op
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.compiler import compile
from autograd.composites import dot, logsumexp, mean, norm, softmax, sum
from autograd.engine.conditions import is_symbolic, require, where
from autograd.engine.errors import (
    ChangedLeafError,
    CompileError,
    GradcheckError,
    GraphTooLargeError,
    NotTranslatedWarning,
    RenderError,
)
from autograd.engine.graph import topological_order
from autograd.engine.modes import Scope, enable_grad, no_grad, scope
from autograd.engine.native import backend
from autograd.engine.native import name_sources as _name_sources
from autograd.engine.ops import PRIMITIVES, Binary, Nary, Number, Primitive, Unary
from autograd.engine.value import Value
from autograd.explore import Page, explore
from autograd.functional import (
    directional_derivative,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    taylor,
    value_and_grad,
)
from autograd.pictures.draw import draw
from autograd.pictures.trace import Trace, TraceStep, trace
from autograd.polynomial import Taylor

# isort: off
# The primitives, each under its name: what is imported as itself is public, for type checkers too.
from autograd.engine.ops import absolute as abs
from autograd.engine.ops import (
    acos as acos,
    acosh as acosh,
    add as add,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    cbrt as cbrt,
    cos as cos,
    cosh as cosh,
    divide as divide,
    elu as elu,
    erf as erf,
    erfc as erfc,
    exp as exp,
    exp2 as exp2,
    expm1 as expm1,
    gelu as gelu,
    hypot as hypot,
    leaky_relu as leaky_relu,
    log as log,
    log1p as log1p,
    log2 as log2,
    log10 as log10,
    maximum as maximum,
    minimum as minimum,
    mish as mish,
    multiply as multiply,
    negate as negate,
    power as power,
    relu as relu,
    sigmoid as sigmoid,
    silu as silu,
    sin as sin,
    sinh as sinh,
    softplus as softplus,
    sqrt as sqrt,
    subtract as subtract,
    tan as tan,
    tanh as tanh,
)
# isort: on

if _Path(__path__[0], "core.py").exists():  # a module of HIPS autograd, which pip put beside these
    from autograd.support.conflict import warn_of_conflict as _warn_of_conflict

    _warn_of_conflict(_Path(__path__[0]))

_name_sources()

__version__ = "0.1.0"

__all__ = [
    "Value",
    "gradients",
    "grad",
    "value_and_grad",
    "jacobian",
    "hessian",
    "hvp",
    "directional_derivative",
    "taylor",
    "Taylor",
    "topological_order",
    "trace",
    "Trace",
    "TraceStep",
    "compile",
    "where",
    "require",
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
    "NotTranslatedWarning",
    "RenderError",
    "abs",
    *(name for name in PRIMITIVES if name != "abs"),
]
