"""A progress bar for notebooks: the state of a training in a line and its curves below, updated in place.

It needs tqdm and IPython, so it is imported only where a notebook runs.
"""

from __future__ import annotations

import html
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from IPython import display as notebook
from tqdm import tqdm

from nn.curves import curves_html, series_table
from nn.history import History

if TYPE_CHECKING:
    Bar = tqdm[NoReturn]
else:
    Bar = tqdm

_SECONDS = 0.3
"""How long each state is shown at least."""

_SHARE = 0.02
"""The share of the time that showing may take: in a training with very many epochs, it happens less often."""


class LiveBar(Bar):
    """A bar over all steps of a training that shows the history in a notebook while it grows.

    The last state stays: the whole history, and how the training ended if that was early.

    Args:
        history: the history of the training.
        epochs: how many epochs there will be.
        steps: how many steps.
    """

    def __init__(self, history: History, *, epochs: int, steps: int) -> None:
        self._history = history
        self._epochs = epochs
        self._steps = steps
        self._ending = ""
        self._is_over = False
        super().__init__(total=steps, mininterval=_SECONDS, gui=True)  # gui: tqdm itself writes nothing
        self._handle: Any = notebook.display(self, display_id=True)  # type: ignore[no-untyped-call]

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Shows the state; tqdm calls this, no sooner than `mininterval` after the last time."""
        begin = time.monotonic()
        self._handle.update(self)
        self.mininterval = max(_SECONDS, (time.monotonic() - begin) / _SHARE)

    def close(self) -> None:
        """Shows the last state."""
        if not self._is_over:
            self._is_over = True
            self.display()
            super().close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._ending = f"ended by {kind.__name__}"
        self.close()

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self._state(), series_table(self._history.measured())]))

    def _repr_html_(self) -> str:
        progress = f'<progress value="{self.n}" max="{self._steps}" aria-label="steps"></progress> '
        line = ("" if self._is_over else progress) + html.escape(self._state())
        curves = curves_html(self._history.measured(), None if self._is_over else self._epochs)
        return f'<div style="font-variant-numeric:tabular-nums">{line}</div>{curves}'

    def _state(self) -> str:
        """How far it is, how long it has taken, and the latest numbers or how it ended."""
        elapsed: float = self.format_dict["elapsed"]
        parts = [f"{len(self._history.loss)} of {self._epochs} epochs in {tqdm.format_interval(elapsed)}"]
        if self._is_over:
            parts.append(self._ending or self._history.ending())
        elif self.n:
            parts += [
                f"{tqdm.format_interval((self._steps - self.n) * elapsed / self.n)} to go",
                str(self.postfix or ""),
            ]
        return ", ".join(filter(None, parts))
