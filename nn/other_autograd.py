"""What `import nn` says where Python finds another package called `autograd`, or a part of one."""

from __future__ import annotations

import linecache
from importlib.util import find_spec

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
    spec = find_spec("autograd")
    if spec is None:
        found = "none"
    elif spec.origin is None:
        found = f"{next(iter(spec.submodule_search_locations or ()))}, which has no __init__.py"
    elif "autograd.engine" in "".join(linecache.getlines(spec.origin)):
        return  # it is ours, and broken
    else:
        found = f"another: {spec.origin}"
    raise ImportError(
        f"nn needs the package autograd of scalar-autograd, but Python finds {found}\n{_REPAIR}"
    ) from error
