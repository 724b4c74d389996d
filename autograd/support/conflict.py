"""The warning that another distribution has its files in the folder of this package."""

from __future__ import annotations

import warnings
from pathlib import Path


def warn_of_conflict(package: Path) -> None:
    """Warns that the package in this folder has overwritten HIPS autograd, `pip install autograd`.

    It is a plain UserWarning: a filter has to be set before the import that warns, when no class of ours can be named.
    """
    warnings.warn(
        f"scalar-autograd has overwritten {package / '__init__.py'} of another distribution, autograd.\n"
        "Both install a package called autograd: code that needs the other one fails now, and uninstalling either\n"
        "breaks both. Give each an environment of its own (python -m venv FOLDER), or uninstall both here and install\n"
        "the one that you need, such as this one:\n"
        "    pip uninstall autograd scalar-autograd\n"
        "    pip install scalar-autograd",
        stacklevel=3,  # the line that imports the package
    )
