"""What `import nn` says where Python finds another package called `autograd`, or a part of one."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import Any

_REPAIR = """\
Another distribution, autograd, installs a package of this name: the one installed last overwrites the other, and
uninstalling either breaks both. To repair this environment:
    pip uninstall autograd scalar-autograd
    pip install scalar-autograd
If you need both, give each an environment of its own (python -m venv FOLDER).
If a file or a folder of your own is called autograd, rename it."""


def refuse_another(error: Exception) -> None:
    """Raises an ImportError if the package `autograd`, whose import failed or gave no `Value`, is another one.

    The package is looked up, and is not run again.
    """
    try:
        spec = find_spec("autograd")
    except ValueError:
        found = "another: a module in sys.modules that came from no file"
    else:
        if spec is not None and _imports_our_engine(spec):
            return  # it is ours, and broken
        if spec is None:
            found = "none"
        elif spec.origin is None:
            found = f"{next(iter(spec.submodule_search_locations or ()))}, which has no __init__.py"
        else:
            found = f"another: {spec.origin}"
    raise ImportError(
        f"nn needs the package autograd of scalar-autograd, but Python finds {found}\n{_REPAIR}"
    ) from error


def _imports_our_engine(spec: ModuleSpec) -> bool:
    """Whether the code of a package imports `autograd.engine`: it may be in an archive, or without its source."""
    read: Any = getattr(spec.loader, "get_code", None)
    if read is None:
        return False
    try:
        code = read(spec.name)
    except (SyntaxError, ImportError, OSError):
        return False
    return code is not None and any(name.startswith("autograd.engine") for name in code.co_names)
