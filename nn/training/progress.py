"""The progress bar of a training: a line in a terminal, live curves in a notebook."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from nn.history import History
from nn.notebook import is_notebook, running_cell

if TYPE_CHECKING:
    from tqdm import tqdm


def progress_bar(history: History, epochs: int, steps: int) -> tqdm[NoReturn]:
    """A bar over all steps; tqdm and IPython are imported here, so that `import nn` needs Python alone.

    Outside of a terminal, in a log for instance, every update is a line that stays, so they come less often.
    """
    if is_notebook():
        from nn.training.live import LiveBar

        history._cell = running_cell()
        return LiveBar(history, epochs=epochs, steps=steps)
    from tqdm import tqdm

    return tqdm(total=steps, unit="step", mininterval=0.1 if sys.stderr.isatty() else 1.0)
