"""`compile`: a function of scalars becomes one array program.

record -> passes -> program -> run: a function is recorded on symbols, its scalar operations are lowered to a few array
instructions, and these run on NumPy. record -> flat -> loop_run is the other way, for deep and irregular graphs: the
scalar operations stay what they are, and a loop runs them (numba_loop is the one compiled by Numba). Only recording is
imported with the package; the rest when `compile` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.compiler.compiled import Compiled

__all__ = ["compile"]


def compile(  # noqa: A001 - the name every reader expects; import it qualified
    f: Callable[..., Any],
    *,
    batched: str | int | Sequence[str | int] = (),
    dtype: str = "float64",
    check_finite: bool = True,
    runtime: str = "auto",
) -> Compiled:
    """A function that computes what `f` does, and its gradients, as a few operations on arrays.

    The first call with arguments of a given structure (lists, tuples and arrays of given lengths) runs `f` on Values
    without numbers, twice, and writes down what it does; later calls replay that. So `f` must do the same operations
    whatever the numbers are: in place of an `if` there is `where`, in place of an `if` with a `raise` there is
    `require`. An array reaches `f` as an array of Values, a list as a list. A Value from outside that `f` uses (a
    parameter of a model) is captured: each call reads its number again, and gradients flow into it. So `f` cannot read
    its `.data`, but may `.detach()` it. A compiled function that `f` calls becomes part of it. Second derivatives are
    not compiled.

    The results are those of `f`: from a loop (see `runtime`) the same to the last bit, from array instructions the same
    to rounding, since sums of arrays may be added in another order. Gradients are the same to rounding, since what
    flows into one number may be added in another order. Errors are those of `f` too, with one difference: what no
    result needs, such as the branch of a `where` that is not taken, may be undefined.

    Args:
        f: takes Values, lists, tuples or arrays of them; returns a Value or nested lists of Values.
        batched: the arguments, by name or place, that hold a batch of examples along one more axis, the first. The
            result is then the mean over the examples.
        dtype: "float64" or "float32"; the loops (see `runtime`) compute in float64 all the same, and round in the end.
        check_finite: whether a result or gradient that is not finite is an error; NaN and infinities among the
            arguments flow through in any case.
        runtime: what runs the function: "numpy" (array instructions: for wide graphs and batches), "numba" (a loop over
            the scalar operations, compiled by Numba: for deep, irregular graphs), "python" (that loop without Numba),
            or "auto". That takes the loop where at least 30 operations wait for each other and each such level has
            fewer than 5,000 scalars, all examples counted (without Numba 50; graphs of less than 1,000 scalars do
            without). Where a level has up to ten times as many, it times both ways and keeps the faster.

    Raises:
        ImportError: NumPy is not installed, or Numba is not and the runtime is "numba".
        ValueError: there is no such argument, dtype or runtime.
        TypeError: `f` is not a function, or `batched` is neither a name nor a place.
        CompileError: at a call: `f` does what cannot be recorded. The message names the line.
        FloatingPointError: at a call: a result is not finite, or a derivative does not exist. The message names the
            operation and its line.
        ValueError, ZeroDivisionError, OverflowError: at a call: an operation is not defined, as in `f`, with its line;
            a number does not fit in float32.

    >>> f = compile(lambda x: x[0] * x[1] + x[0] ** 2)
    >>> f([2.0, -3.0])
    -2.0
    >>> value, (gradient,) = f.value_and_grad([2.0, -3.0])
    >>> value, gradient.tolist()
    (-2.0, [1.0, 2.0])
    >>> print(f.program)
    x[2] = argument
    r1[1] = x[0] @ x[1x2 from 1]
    return r1[0]
    d_x[0] += d_r1 @ x[1x2 from 1]
    d_x[1x2 from 1] += d_r1 @ x[0]
    """
    try:
        from autograd.compiler.compiled import Compiled
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == "numpy":
            raise ImportError('compile needs NumPy: pip install "scalar-autograd[compile]"') from error
        raise
    return Compiled(f, batched=batched, dtype=dtype, check_finite=check_finite, runtime=runtime)
