"""What the files of the engine need for mypyc, which compiles them to native code as they are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from inspect import Signature

    from mypy_extensions import mypyc_attr
else:  # only mypyc looks at it, and it is not needed to run the library

    def mypyc_attr(**attributes):  # noqa: ARG001
        """Tells mypyc about a class; does nothing to it."""
        return lambda kind: kind


__all__ = ["CallSignature", "Unchecked", "backend", "mypyc_attr", "name_sources"]


_T = TypeVar("_T")

if sys.platform == "native":  # never true, except for mypyc, which build_native.py tells so
    Unchecked: TypeAlias = _T | Any
else:
    Unchecked: TypeAlias = Annotated[_T, "checked by the function itself"]
"""The type of a parameter (or of what an operator returns beside NotImplemented) that only type checkers check.

Native code checks the types of arguments. It would refuse in other words what the function itself refuses, and it would
refuse a Fraction for a float, which the function takes. So mypyc is told to let everything pass.
"""


class CallSignature:
    """The `__signature__` of a primitive, which `inspect.signature` reads: native code keeps none of its `__call__`."""

    def __get__(self, primitive: Any, kind: type) -> Signature:
        defined_by = next((base.__module__ for base in kind.__mro__ if "__call__" in vars(base)), None)
        if primitive is None or defined_by != "autograd.engine.ops":
            raise AttributeError("__signature__")  # then `inspect` looks at `__init__`, or at the user's `__call__`
        from inspect import Parameter, Signature  # it is slow to import

        parameters = [Parameter("x", Parameter.POSITIONAL_OR_KEYWORD)]
        if len(primitive.operands) == 2:
            default = primitive._default_y if isinstance(primitive._default_y, float) else Parameter.empty
            parameters.append(Parameter("y", Parameter.POSITIONAL_OR_KEYWORD, default=default))
        return Signature(parameters)


def backend() -> str:
    """What the engine runs as: "native" where it was compiled when it was installed, else "python".

    Both are the same source and behave the same.

    >>> backend() in ("native", "python")
    True
    """
    specification = sys.modules["autograd.engine.value"].__spec__
    assert specification is not None
    return "python" if str(specification.origin).endswith(".py") else "native"


def name_sources() -> None:
    """Gives each native module the path of its `.py` as `__file__`, which `inspect.getsource` and debuggers read.

    Python does the same for a module that was loaded from a `.pyc`. What was loaded is in `__spec__.origin`.
    """
    for name, module in list(sys.modules.items()):
        package, _, last = name.rpartition(".")
        if package == __package__ and not str(module.__file__).endswith(".py"):
            source = Path(__file__).with_name(f"{last}.py")
            if source.exists():
                module.__file__ = str(source)
