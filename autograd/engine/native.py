"""Native code: the engine's files are plain Python, and mypyc can compile the very same files to an extension.

What they need for that stands here, so that they read as they did before.
"""

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

if sys.platform == "native":  # never true, except for mypyc, which setup.py tells so
    Unchecked: TypeAlias = _T | Any
else:
    Unchecked: TypeAlias = Annotated[_T, "checked by the function itself"]
"""What a parameter takes (or an operator returns, beside NotImplemented), held to by type checkers alone.

Native code checks what it is given, and would refuse in words of its own what the function itself refuses in better
ones, and also what only turns out to be right, such as a Fraction for a float. So mypyc is told to let everything pass.
"""


def backend() -> str:
    """What the engine runs as: "native" where it was compiled when it was installed, else "python".

    Both are the same source, and do the same.

    >>> backend() in ("native", "python")
    True
    """
    return "python" if str(sys.modules["autograd.engine.value"].__file__).endswith(".py") else "native"
