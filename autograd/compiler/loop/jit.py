"""What the functions of the compiled loop are made with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _version() -> str:
    """A digest of all files of the loop."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


VERSION = _version()


def jitted(function: _Function) -> _Function:
    """The function, compiled when it is first called; it is kept on disk, if it stands in a file.

    Numba reuses what it kept as long as the file of the function is unchanged. The functions of the loop call those of
    other files, so their names say which version of all these files they belong to.
    """
    function.__qualname__ += f"_{VERSION}"
    try:
        return cast(_Function, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    except RuntimeError:  # there is no place on disk where it could be kept: each process compiles it anew
        return cast(_Function, numba.njit(error_model="numpy", nogil=True)(function))


@jitted
def power(x: float, y: float) -> float:
    """The value of the primitive `power`."""
    return x * x if y == 2.0 else float(x**y)


@intrinsic
def call(_context: Any, _address: Any, _which: Any, _x: Any, _y: Any, _out: Any) -> Any:
    """A rule of a user's primitive, for its address, its number, both operands and the value.

    `autograd.compiler.loop.own` makes what stands there.
    """

    def written(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        double = ir.DoubleType()
        function = ir.FunctionType(double, [ir.IntType(64), double, double, double])
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    number = types.float64
    return number(types.uint64, types.int64, number, number, number), written


def _of_c(name: str, operands: int) -> Callable[..., float]:
    """A function of the C library that Numba lacks, or for which it returns an integer."""
    signature = numba.types.float64(*[numba.types.float64] * operands)
    function: Callable[..., float] = numba.types.ExternalFunction(name, signature)
    return function


cbrt, exp2, ceil, floor, trunc = (_of_c(name, 1) for name in ("cbrt", "exp2", "ceil", "floor", "trunc"))
fmod, remainder = (_of_c(name, 2) for name in ("fmod", "remainder"))
