"""What the files of the engine need for mypyc, which compiles them to native code as they are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:  # only mypyc looks at it, and it is not needed to run the library

    def mypyc_attr(**attributes):  # noqa: ARG001
        """Tells mypyc about a class; does nothing to it."""
        return lambda kind: kind


__all__ = ["Unchecked", "backend", "mypyc_attr"]


_T = TypeVar("_T")

if sys.platform == "native":  # never true, except for mypyc, which build_native.py tells so
    Unchecked: TypeAlias = _T | Any
else:
    Unchecked: TypeAlias = Annotated[_T, "checked by the function itself"]
"""The type of a parameter (or of what an operator returns beside NotImplemented) that only type checkers check.

Native code checks the types of arguments. It would refuse in other words what the function itself refuses, and it would
refuse a Fraction for a float, which the function takes. So mypyc is told to let everything pass.
"""


def backend() -> str:
    """What the engine runs as: "native" where it was compiled when it was installed, else "python".

    Both are the same source and behave the same.

    >>> backend() in ("native", "python")
    True
    """
    return "python" if str(sys.modules["autograd.engine.value"].__file__).endswith(".py") else "native"
