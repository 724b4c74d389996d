"""How training went, epoch by epoch."""

from __future__ import annotations

from nn.curves import curves_html, series_table
from nn.notebook import running_cell


class History:
    """How training went: lists with one number for each complete epoch.

    loss: the mean loss of the examples, each as it was when its batch was trained on.
    accuracy: the share of them that were right; empty if the loss knows no right and wrong.
    validation_loss, validation_accuracy: the same for the validation examples after the epoch; empty without any.
    interrupted: whether Ctrl-C ended the training.
    stopped_by: the name of the callback that ended the training; None if none did.

    Printed, it is a table of the epochs; a notebook shows the curves.

    >>> history = History()
    >>> history.record((2.0, 0.25), (2.1, 0.2))
    >>> print(history)
    1 epoch
    epoch  loss  accuracy  validation loss  validation accuracy
    -----  ----  --------  ---------------  -------------------
        1     2      0.25              2.1                  0.2
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_accuracy: list[float] = []
        self.interrupted = False
        self.stopped_by: str | None = None
        self._cell: int | None = None  # the notebook's cell that has shown the curves already

    def record(self, training: tuple[float, float | None], validation: tuple[float, float | None] | None) -> None:
        """Adds an epoch: the loss and the accuracy (or None), of training and, if there is one, of validation."""
        lists = [self.loss, self.accuracy, self.validation_loss, self.validation_accuracy]
        before = list(map(len, lists))
        try:
            for numbers, number in zip(lists, (*training, *(validation or (None, None))), strict=True):
                if number is not None:
                    numbers.append(number)
        except BaseException:  # Ctrl-C: not half of an epoch
            for numbers, length in zip(lists, before, strict=True):
                del numbers[length:]
            raise

    def measured(self) -> dict[str, list[float]]:
        """The lists that are not empty, by name."""
        return {name: numbers for name, numbers in vars(self).items() if isinstance(numbers, list) and numbers}

    def latest(self) -> dict[str, float]:
        """The last number of each list that is not empty, by name.

        >>> history = History()
        >>> history.loss += [2.0, 1.5]
        >>> history.latest()
        {'loss': 1.5}
        """
        return {name: numbers[-1] for name, numbers in self.measured().items()}

    def __str__(self) -> str:
        return "\n".join(filter(None, [self._title(), series_table(self.measured())]))

    def _repr_html_(self) -> str:
        is_shown = self._cell is not None and self._cell == running_cell()
        return f"<div>{self._title()}</div>{'' if is_shown else curves_html(self.measured())}"

    def _title(self) -> str:
        epochs = len(self.loss)
        return f"{epochs:,} epoch{'s' * (epochs != 1)}{self._early()}"

    def ending(self) -> str:
        """How the training ended, if that was early: "interrupted", or "stopped by" the callback that did.

        >>> History().ending()
        ''
        """
        return "interrupted" if self.interrupted else "" if self.stopped_by is None else f"stopped by {self.stopped_by}"

    def _early(self) -> str:
        return f", {self.ending()}" if self.ending() else ""

    def __repr__(self) -> str:
        numbers = "".join(f", {name}={number:.4g}" for name, number in self.latest().items())
        return f"History({len(self.loss)} epochs{numbers}{self._early()})"
