"""The mean loss and the share of right answers, added up batch by batch."""

from __future__ import annotations


class Tally:
    """The losses and the right answers of the examples seen so far.

    Args:
        counts_right: whether answers are right or wrong; if not, there is no accuracy.

    >>> tally = Tally(counts_right=True)
    >>> tally.add(4, 2.0, 3)
    >>> tally.measured()
    {'loss': 0.5, 'accuracy': 0.75}
    """

    def __init__(self, counts_right: bool) -> None:
        self._counts_right = counts_right
        self._count = 0
        self._total = 0.0
        self._right = 0

    def add(self, count: int, loss: float, right: int) -> None:
        """Adds some examples: how many, the sum of their losses, and how many of them were right."""
        self._count += count
        self._total += loss
        self._right += right

    def loss(self) -> float:
        """The mean loss."""
        return self._total / self._count

    def accuracy(self) -> float | None:
        """The share of the right answers, or None."""
        return self._right / self._count if self._counts_right else None

    def measured(self) -> dict[str, float]:
        """Both by name, as `History.latest()` gives them."""
        accuracy = self.accuracy()
        return {"loss": self.loss()} if accuracy is None else {"loss": self.loss(), "accuracy": accuracy}
