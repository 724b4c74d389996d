"""Checks of derivatives that you wrote by hand, for everybody's test suite.

The code to be checked need not use this library: it may be a layer in NumPy, a C extension, a `torch.autograd.Function`
or the adjoint of a simulation. Only the standard library is imported here; NumPy, torch and JAX if you use them.

- `check_gradient(f, grad, *args)`: the gradient of a function with one result
- `check_vjp(f, vjp, *args)`: a backward pass, called as `vjp(cotangent, *args)`
- `check_jvp(f, jvp, *args, vjp=None)`: a forward product, called as `jvp(tangent, *args)`
- `check_jacobian(f, jacobian, *args)`: a Jacobian
- `check_hessian(f, grad, hessian, x)`: a gradient with its Hessian
- `check_linear(A, adjoint, x)`: an operator and its adjoint

Each returns a `GradcheckReport`: true if every derivative passed, and printed, a table. So a test says
`assert report, report`. `help(check_gradient)` lists the options that all of them share.

>>> from autograd.testing import check_gradient
>>> bool(check_gradient(lambda x, y: x * x * y, lambda x, y: (2 * x * y, x * x), 3.0, -2.0))
True
"""

from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.engine.errors import GradcheckError
from autograd.testing.adapters import from_jax, from_scipy, from_torch
from autograd.testing.checks import check_gradient
from autograd.testing.products import check_hessian, check_jacobian, check_jvp, check_linear, check_vjp

__all__ = [
    "check_gradient",
    "check_vjp",
    "check_jvp",
    "check_jacobian",
    "check_hessian",
    "check_linear",
    "from_torch",
    "from_jax",
    "from_scipy",
    "GradcheckReport",
    "GradcheckRow",
    "GradcheckError",
]
