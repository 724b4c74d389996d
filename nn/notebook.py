"""Whether a Jupyter notebook runs this, and which of its cells."""

from __future__ import annotations

import sys
from typing import Any


def is_notebook() -> bool:
    """Whether a Jupyter kernel runs this.

    >>> is_notebook()
    False
    """
    return hasattr(_shell(), "kernel")


def running_cell() -> int | None:
    """The number of the cell that runs now; None outside of a notebook."""
    return getattr(_shell(), "execution_count", None)


def _shell() -> Any:
    """The shell of IPython that runs this, or None; where there is one, IPython is imported already."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()
