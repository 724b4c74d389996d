"""`compile`: functions of scalars as programs that run at the speed of arrays.

The modules, in the order in which a function passes through them:

- `compiled`: the function that `compile` gives; it finds or makes the program for the arguments of a call.
- `arguments`: the numbers, lists and arrays of a call as a few arrays.
- `record`: runs the function on symbols. `tape` is what it writes down, and `lines` names the user's line in errors.
- `recording`: the tape of a function for arguments of one structure.
- `liveness`: which operations of a tape are live, and which of them are fused into others.
- `arrays`: the tape as a program of array instructions, run by NumPy; for wide graphs and batches.
- `loop`: the tape as a list of scalar operations, run by a loop; for deep, irregular graphs.
- `executable`: chooses one of the two. `prepared` is the form for training, `call` the form for the graph of Values.
- `explain`: runs a failed example once more, to name the operation that failed.
- `own_rules`: the primitives that users wrote, translated to arrays and for the loop.
- `words`: operations in words, for the pictures of programs.

Only this module is imported with the package; the others, and NumPy with them, when `compile` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

if TYPE_CHECKING:
    from autograd.compiler.compiled import Compiled

__all__ = ["compile"]

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@overload
def compile(  # noqa: A001
    f: Callable[_Arguments, _Result], *, dtype: str = "float64", check_finite: bool = True, runtime: str = "auto"
) -> Compiled[_Arguments, _Result]: ...
@overload
def compile(  # noqa: A001
    f: Callable[..., Any],
    *,
    batched: str | int | Sequence[str | int],
    dtype: str = "float64",
    check_finite: bool = True,
    runtime: str = "auto",
) -> Compiled[..., Any]: ...
def compile(  # noqa: A001 - the name every reader expects; import it qualified
    f: Callable[..., Any],
    *,
    batched: str | int | Sequence[str | int] = (),
    dtype: str = "float64",
    check_finite: bool = True,
    runtime: str = "auto",
) -> Compiled[..., Any]:
    """A function that computes what `f` does, and its gradients, as a few operations on arrays.

    The first call with arguments of a given structure (lists, tuples and arrays of given lengths) runs `f` on Values
    without numbers, twice, and writes down what it does; later calls replay that. So `f` must do the same operations
    whatever the numbers are: write `where` instead of an `if`, and `require` instead of an `if` with a `raise`. An
    array reaches `f` as an array of Values, a list as a list. A Value from outside that `f` uses (a parameter of a
    model) is captured: each call reads its number again, and gradients flow into it. So `f` cannot read its `.data`,
    but may `.detach()` it. A compiled function that `f` calls becomes part of it. Second derivatives are not compiled.

    The results are those of `f`. A loop (see `runtime`) gives them to the last bit, array instructions to rounding,
    because sums of arrays may be added in another order. Gradients agree to rounding, because the contributions to a
    number may be added in another order. Errors are those of `f` too, with one difference: an operation that no result
    depends on, such as one in the branch of a `where` that is not taken, may be undefined.

    The rules of a primitive of your own are translated, and agree to rounding. If they cannot be translated, array
    instructions call them element by element, and "auto" runs the loop in Python, not the one compiled by Numba; a
    `NotTranslatedWarning` says why.

    Args:
        f: takes Values, lists, tuples or arrays of them; returns a Value or nested lists of Values.
        batched: the arguments, by name or index, that hold a batch of examples along an additional first axis. The
            result is then the mean over the examples.
        dtype: "float64" or "float32"; the loops (see `runtime`) compute in float64 all the same, and round at the end.
        check_finite: whether a result or gradient that is not finite is an error; NaN and infinities among the
            arguments flow through in any case.
        runtime: what runs the function: "numpy" (array instructions: for wide graphs and batches), "numba" (a loop over
            the scalar operations, compiled by Numba: for deep, irregular graphs), "python" (that loop without Numba),
            or "auto". That takes the loop for graphs of at least 30 levels with fewer than 5,000 scalars each, counting
            those of all examples. The limit is 50 in the loop without Numba, which runs where Numba is not installed
            and for graphs of fewer than 1,000 scalars. For up to ten times as many scalars in a level, both ways are
            timed, and the faster one stays.

    Raises:
        ImportError: NumPy is not installed, or Numba is not and the runtime is "numba".
        ValueError: there is no such argument, dtype or runtime.
        TypeError: `f` is not a function, or `batched` is neither a name nor an index.
        CompileError: at a call: `f` does something that cannot be recorded. The message names the line. Or the runtime
            is "numba", and a primitive of your own cannot be translated.
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
