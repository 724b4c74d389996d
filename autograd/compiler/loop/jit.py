"""What the functions of the compiled loop are made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def jitted(function: _Function) -> _Function:
    """The function, compiled when it is first called; it is kept on disk, if it stands in a file."""
    try:
        return cast(_Function, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    except RuntimeError:  # there is no place on disk where it could be kept: each process compiles it anew
        return cast(_Function, numba.njit(error_model="numpy", nogil=True)(function))


@jitted
def power(x: float, y: float) -> float:
    """The value of the primitive `power`."""
    return x * x if y == 2.0 else float(x**y)
