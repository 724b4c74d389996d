"""Functions of PyTorch, JAX and SciPy with the derivatives that these would use, as the checks take them.

A package is imported when a function of it is adapted.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Literal, TypeAlias, overload

from autograd.testing.inputs import OfAllArguments, leaves, parameter_names, with_leaves
from autograd.testing.numbers import is_tensor, package_of

Mode: TypeAlias = Literal["reverse", "forward"]


def from_torch(function: Any, mode: Mode = "reverse") -> tuple[Any, ...]:
    """A function of PyTorch and its backward pass, for `check_vjp`; of a module also its parameters.

    For a `torch.autograd.Function`, or any function of tensors, this is the pair `f, vjp`. For a module `parameters`
    come as the third: a dict of its parameters by name, those that require a gradient, which `f` and `vjp` take before
    the arguments of the module. So `check_vjp(*from_torch(module), x)` checks the gradients of x and of all parameters.

    Tensors are checked, and numbers that are not in a tensor are held fixed. If some tensors among the arguments
    require a gradient, the others are held fixed too. None as a gradient stands for zeros, and is refused for a tensor
    on which the result depends. Every evaluation draws the same random numbers, so dropout can
    be checked. A module is not changed, its buffers included.

    Args:
        function: a subclass of `torch.autograd.Function`, a `torch.nn.Module`, or a function of tensors.
        mode: "forward" gives the product of the Jacobian with a tangent, in PyTorch's forward mode, in place of the
            backward pass: `check_jvp(*from_torch(f, mode="forward"), x)`.

    Raises:
        TypeError: `function` is something else.

    >>> from autograd.testing import check_vjp
    >>> check_vjp(*from_torch(MyFunction), x, w)  # doctest: +SKIP
    """
    import torch

    if isinstance(function, torch.nn.Module):
        module = _Module(function)
        return module, module.product(mode), module.parameters
    adapted = _Torch(function)
    return adapted, adapted.product(mode)


def from_jax(function: Callable[..., Any], mode: Mode = "reverse") -> tuple[Any, Any]:
    """A function of JAX and the product of its Jacobian with a cotangent, for `check_vjp`.

    Such a function has a derivative of its own, for instance by `jax.custom_vjp` or `jax.custom_jvp`, or calls one that
    has. Arguments in float64, Python's floats among them, are computed in float64 also where `jax_enable_x64` is off.
    So float32 arrays are checked in float64 as well, if the function computes the same numbers there.

    Args:
        function: a function of arrays and numbers. Those of its parameters that cannot be differentiated
            (`nondiff_argnums`) are given to it beforehand, by a lambda or `functools.partial`, or are ints.
        mode: "forward" gives the product with a tangent in place of that with a cotangent:
            `check_jvp(*from_jax(f, mode="forward"), x)`.

    Raises:
        TypeError: `function` is no function.

    >>> from autograd.testing import check_vjp
    >>> check_vjp(*from_jax(jax.jit(log_sum_exp)), x)  # doctest: +SKIP
    """
    adapted = _Jax(function)
    return adapted, adapted.product(mode)


@overload
def from_scipy(
    fun: Callable[..., Any], jac: Callable[..., Any] | bool, hess: None = None, hessp: None = None, *, args: Any = ()
) -> tuple[Any, Any]: ...


@overload
def from_scipy(
    fun: Callable[..., Any], jac: Callable[..., Any] | bool, hess: Callable[..., Any], *, args: Any = ()
) -> tuple[Any, Any, Any]: ...


@overload
def from_scipy(
    fun: Callable[..., Any], jac: Callable[..., Any] | bool, *, hessp: Callable[..., Any], args: Any = ()
) -> tuple[Any, Any, Any]: ...


def from_scipy(
    fun: Callable[..., Any],
    jac: Callable[..., Any] | bool,
    hess: Callable[..., Any] | None = None,
    hessp: Callable[..., Any] | None = None,
    *,
    args: Any = (),
) -> tuple[Any, ...]:
    """An objective as `scipy.optimize.minimize` takes it, for `check_gradient` or, with a Hessian, `check_hessian`.

    It is the pair `f, gradient`, or `f, gradient, hessian` if `hess` or `hessp` is given, all of them functions of x
    alone. A Hessian may be an array, a sparse matrix or a linear operator. `fun` and `jac` of `least_squares`, which
    are residuals and a Jacobian, are for `check_jacobian`.

    Args:
        fun: the objective, called as `fun(x, *args)`.
        jac: its gradient, called in the same way; True says that `fun` returns the pair (value, gradient).
        hess: its Hessian, called in the same way.
        hessp: the product of the Hessian with a vector p, called as `hessp(x, p, *args)`, in place of `hess`.
        args: further arguments: a tuple of them, or a single one that is not a tuple.

    Raises:
        TypeError: there is no derivative that somebody wrote: `jac` is the name of a method, for instance.

    >>> from autograd.testing import check_gradient, check_hessian
    >>> objective = lambda x, a: a * (x**4).sum(), lambda x, a: 4 * a * x**3
    >>> bool(check_gradient(*from_scipy(*objective, args=(2.0,)), [1.0, -3.0]))
    True
    """
    args = args if isinstance(args, tuple) else (args,)
    if hess is not None and hessp is not None:
        raise TypeError("from_scipy takes hess or hessp, not both: check each by itself")
    for name, function in (("fun", fun), ("jac", jac), ("hess", hess), ("hessp", hessp)):
        left_out = (name == "jac" and function is True) or (name.startswith("hess") and function is None)
        if not (callable(function) or left_out):
            hint = ": SciPy then takes differences, and there is nothing to check" if name != "fun" else ""
            raise TypeError(f"{name} must be a function, not {function!r:.80}{hint}")
    both: Any = (partial(_part, fun, 0), partial(_part, fun, 1))
    found: list[Any] = list(both) if jac is True else [fun, jac]
    if hess is not None:
        found.append(hess)
    elif hessp is not None:
        found.append(partial(_columns, hessp))
    return tuple(_of_x(function, fun, args) for function in found)


# ---------------------------------------------------------------- what the packages have in common


class _Adapted:
    """A function of a package's arrays, with both products of its Jacobian.

    __signature__: that of the function, for the names of its parameters.
    """

    def __init__(self, function: Any, signed: Callable[[], inspect.Signature]) -> None:
        self.function = function
        with contextlib.suppress(TypeError, ValueError):  # a builtin has no signature
            self.__signature__ = signed()

    def vjp(self, cotangent: Any, *args: Any) -> OfAllArguments:
        raise NotImplementedError

    def jvp(self, tangent: Any, *args: Any) -> Any:
        raise NotImplementedError

    def product(self, mode: str) -> Any:
        """The product of a mode."""
        if mode not in ("reverse", "forward"):
            raise ValueError(f'mode must be "reverse" or "forward", not {mode!r}')
        return self.vjp if mode == "reverse" else self.jvp


def _replaced(structure: Any, old: Sequence[Any], new: Iterable[Any]) -> Any:
    """A structure with other leaves in place of some."""
    return with_leaves(structure, iter(new), {id(leaf) for leaf in old})


def _paired(tangents: Sequence[Any], places: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    if len(tangents) != len(places):
        raise TypeError(
            f"there are {len(tangents)} tangents for {len(places)} arguments: in forward mode, hold an argument fixed "
            "with a lambda instead of argnums="
        )
    return zip(tangents, places, strict=True)


# ---------------------------------------------------------------- PyTorch


class _Torch(_Adapted):
    """A function of tensors."""

    def __init__(self, function: Any) -> None:
        import torch

        self.torch = torch
        owner: Any = getattr(function, "__self__", None)
        if function == getattr(owner, "apply", None):  # MyFunction.apply
            function = owner
        if inspect.isclass(function) and issubclass(function, torch.autograd.Function):
            apply: Any = getattr(function, "apply")  # noqa: B009 - its class is unknown to type checkers
            super().__init__(apply, partial(_signature_of_forward, function, torch))
        elif callable(function) and not inspect.isclass(function):
            super().__init__(function, partial(inspect.signature, function))
        else:
            hint = f"; give it one of its instances, {function.__name__}(...)" if inspect.isclass(function) else ""
            raise TypeError(
                f"from_torch takes a torch.autograd.Function, a module or a function of tensors, not {function!r:.80}"
                + hint
            )

    def __call__(self, *args: Any) -> Any:
        with self._same_random_numbers():
            result = self.called(args)
        tensors = _tensors(result)
        return _replaced(result, tensors, [tensor.detach() for tensor in tensors])

    def called(self, args: Sequence[Any]) -> Any:
        return self.function(*args)

    def differentiated(self, args: Sequence[Any]) -> list[Any]:
        """The tensors among the arguments that require a gradient; all of them if none does."""
        tensors = _tensors(args)
        if not tensors:
            raise TypeError(
                "there is no tensor of floats among the arguments; functions of PyTorch are checked at those"
            )
        return [tensor for tensor in tensors if tensor.requires_grad] or tensors

    def vjp(self, cotangent: Any, *args: Any) -> OfAllArguments:
        old = self.differentiated(args)
        new = [tensor.detach().clone().requires_grad_() for tensor in old]
        with self._same_random_numbers():
            results = _tensors(self.called(_replaced(args, old, new)))
            pairs = zip(results, _tensors(cotangent), strict=True)
            recorded = [(result, given.to(result.dtype)) for result, given in pairs if result.requires_grad]
            gradients: Sequence[Any] = [None] * len(new)
            if recorded:
                outputs, cotangents = zip(*recorded, strict=True)
                gradients = self.torch.autograd.grad(outputs, new, cotangents, allow_unused=True)
        found = [
            # None stands for zeros; it is kept, to be refused, where it cannot be right.
            self.torch.zeros_like(tensor) if gradient is None and not self._depends_on(tensor, args) else gradient
            for tensor, gradient in zip(old, gradients, strict=True)
        ]
        return OfAllArguments(_replaced(args, old, found))

    def jvp(self, tangent: Any, *args: Any) -> Any:
        from torch.autograd import forward_ad

        old = self.differentiated(args)
        pairs = _paired(_tensors(tangent), old)
        with self._same_random_numbers(), forward_ad.dual_level():
            duals = [forward_ad.make_dual(tensor.detach().clone(), given.to(tensor.dtype)) for given, tensor in pairs]
            result = self.called(_replaced(args, old, duals))
            results = _tensors(result)
            found = [(forward_ad.unpack_dual(each).tangent, each) for each in results]
            products = [self.torch.zeros_like(each) if product is None else product for product, each in found]
        return _replaced(result, results, [product.detach() for product in products])

    def _depends_on(self, tensor: Any, args: Sequence[Any]) -> bool:
        """Whether the result is another if a tensor is."""
        moved = _replaced(args, [tensor], repeat(1.001 * tensor.detach() + 0.001))
        pairs = zip(_tensors(self(*args)), _tensors(self(*moved)), strict=True)
        return any(not self.torch.equal(result, other) for result, other in pairs)

    @contextlib.contextmanager
    def _same_random_numbers(self) -> Iterator[None]:
        """A block that draws the same random numbers whenever it is entered, and leaves those after it as they were."""
        generators = [self.torch.default_generator, *self.torch.cuda.default_generators]
        states = [generator.get_state() for generator in generators]
        for generator in generators:
            generator.manual_seed(0)
        try:
            yield
        finally:
            for generator, state in zip(generators, states, strict=True):
                generator.set_state(state)


class _Module(_Torch):
    """A module, as a function of its parameters and its arguments."""

    def __init__(self, module: Any) -> None:
        super().__init__(module)
        trained = [(name, tensor) for name, tensor in module.named_parameters() if tensor.requires_grad]
        self.parameters = {name: tensor.detach().clone() for name, tensor in trained}
        forward = inspect.signature(module.forward).parameters.values()
        positional = inspect.Parameter("parameters", inspect.Parameter.POSITIONAL_ONLY)
        self.__signature__ = inspect.Signature([positional, *forward])

    def called(self, args: Sequence[Any]) -> Any:
        parameters, *others = args
        held = [*self.function.named_parameters(), *self.function.named_buffers()]
        fixed = {name: tensor.detach().clone() for name, tensor in held if name not in parameters}
        if all(tensor.dtype == self.torch.float64 for tensor in _tensors(args)):
            fixed = {name: tensor.double() if tensor.is_floating_point() else tensor for name, tensor in fixed.items()}
        return self.torch.func.functional_call(self.function, {**fixed, **parameters}, tuple(others))

    def differentiated(self, args: Sequence[Any]) -> list[Any]:
        """The parameters, and the tensors among the other arguments that require a gradient; all if none does."""
        parameters, others = _tensors(args[0]), args[1:]
        return parameters + (super().differentiated(others) if _tensors(others) or not parameters else [])


def _tensors(structure: Any) -> list[Any]:
    """The tensors of floats in a structure."""
    return [leaf for _, leaf in leaves(structure) if is_tensor(leaf) and leaf.is_floating_point()]


def _signature_of_forward(function: Any, torch: Any) -> inspect.Signature:
    """The signature of `forward`, without the context that it takes first unless there is a `setup_context`."""
    parameters = list(inspect.signature(function.forward).parameters.values())
    has_context = function.setup_context is torch.autograd.Function.setup_context
    return inspect.Signature(parameters[1:] if has_context else parameters)


# ---------------------------------------------------------------- JAX


class _Jax(_Adapted):
    """A function of JAX's arrays and of numbers."""

    def __init__(self, function: Any) -> None:
        import jax

        self.jax = jax
        if not callable(function):
            raise TypeError(f"from_jax takes a function, not {function!r:.80}")
        super().__init__(function, partial(inspect.signature, function))

    def __call__(self, *args: Any) -> Any:
        floats = self._floats(args)
        with self._precision(floats):
            return _as_numpy(self.function(*_replaced(args, floats, map(self._as_jax, floats))))

    def vjp(self, cotangent: Any, *args: Any) -> OfAllArguments:
        old = self._floats(args)
        with self._precision(old):
            results, pull = self.jax.vjp(self._of_floats(args, old), *map(self._as_jax, old))
            pairs = zip(self._floats(cotangent), results, strict=True)
            gradients = pull([self.jax.numpy.asarray(given, dtype=result.dtype) for given, result in pairs])
            return OfAllArguments(_replaced(args, old, _as_numpy(gradients)))

    def jvp(self, tangent: Any, *args: Any) -> Any:
        old = self._floats(args)
        with self._precision(old):
            primals = [*map(self._as_jax, old)]
            tangents = [
                given if isinstance(primal, float) else self.jax.numpy.asarray(given, dtype=primal.dtype)
                for given, primal in _paired(self._floats(tangent), primals)
            ]
            _, products = self.jax.jvp(self._of_floats(args, old), primals, tangents)
        result = self(*args)
        return _replaced(result, self._floats(result), _as_numpy(products))

    def _of_floats(self, args: Sequence[Any], old: Sequence[Any]) -> Callable[..., Any]:
        """The function of those of its arguments that are floats, and to those of its results."""
        return lambda *new: self._floats(self.function(*_replaced(args, old, new)))

    def _floats(self, structure: Any) -> list[Any]:
        """The floats, and the arrays of floats, in a structure."""
        jax = self.jax.numpy
        return [
            leaf
            for _, leaf in leaves(structure)
            if isinstance(leaf, float) or (hasattr(leaf, "dtype") and jax.issubdtype(leaf.dtype, jax.floating))
        ]

    def _as_jax(self, leaf: Any) -> Any:
        """An array as one of JAX; a float of Python as it is, for JAX lets it take the type of what it meets."""
        return leaf if type(leaf) is float else self.jax.numpy.asarray(leaf)

    def _precision(self, floats: Sequence[Any]) -> Any:
        """A block in which JAX has float64, if none of these is coarser."""
        if any(hasattr(leaf, "dtype") and leaf.dtype.itemsize < 8 for leaf in floats):
            return contextlib.nullcontext()
        enable = self.jax.enable_x64 if hasattr(self.jax, "enable_x64") else self.jax.experimental.enable_x64
        return enable(True)


def _as_numpy(structure: Any) -> Any:
    """A structure whose arrays of JAX are those of NumPy, which keep float64 where JAX does not."""
    import numpy

    arrays = [leaf for _, leaf in leaves(structure) if package_of(leaf) in ("jax", "jaxlib")]
    return _replaced(structure, arrays, map(numpy.asarray, arrays))


# ---------------------------------------------------------------- SciPy


def _part(fun: Callable[..., Any], index: int, *args: Any) -> Any:
    """The value, or the gradient, of a function that returns both."""
    result = fun(*args)
    if not (isinstance(result, (tuple, list)) and len(result) == 2):
        raise TypeError(f"with jac=True, fun must return (value, gradient), not {result!r:.80}")
    return result[index]


def _of_x(function: Callable[..., Any], fun: Callable[..., Any], args: tuple[Any, ...]) -> Callable[..., Any]:
    """A function of x alone, which is an array as SciPy makes it."""
    import numpy

    def of_x(x: Any) -> Any:
        result = function(numpy.atleast_1d(x), *args)
        if hasattr(result, "toarray"):  # a sparse matrix
            result = result.toarray()
        elif hasattr(result, "matmat"):  # a linear operator
            result = result @ numpy.eye(numpy.size(x))
        return numpy.reshape(result, ()) if numpy.ndim(x) == 0 and numpy.size(result) == 1 else result

    name = inspect.Parameter(parameter_names(fun, 1)[0], inspect.Parameter.POSITIONAL_OR_KEYWORD)
    of_x.__signature__ = inspect.Signature([name])  # type: ignore[attr-defined]
    return of_x


def _columns(hessp: Callable[..., Any], x: Any, *args: Any) -> Any:
    """The Hessian of which a function gives the product with a vector, column by column."""
    import numpy

    return numpy.stack([hessp(x, column, *args) for column in numpy.eye(x.size)], axis=-1)
