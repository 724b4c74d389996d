"""Python's collector of cycles: kept from looking through graphs, which hold no cycles."""

from __future__ import annotations

import gc
import threading
from typing import ClassVar


class RareCollection:
    """Lets Python's collector of cycles run less often between `begin` and `end`, in whatever thread.

    A graph is freed as soon as nothing refers to it. The collector would look through it several times while it is
    built, and find nothing; that took a third of the time of a training.

    >>> rarely = RareCollection()
    >>> rarely.begin()
    >>> gc.get_threshold()[0] >= 50_000
    True
    >>> rarely.end()
    """

    _lock: ClassVar = threading.RLock()
    _under_way: ClassVar[set[RareCollection]] = set()
    _before: ClassVar = gc.get_threshold()

    def begin(self) -> None:
        """Raises the threshold, unless the collector is switched off."""
        with self._lock:
            if not self._under_way:
                RareCollection._before = gc.get_threshold()
            self._under_way.add(self)
            often, *rest = gc.get_threshold()
            if often:  # 0: somebody has switched it off
                gc.set_threshold(max(often, 50_000), *rest)

    def end(self) -> None:
        """Puts the threshold back if this was the last one under way; a second call does nothing."""
        with self._lock:
            if self not in self._under_way:
                return
            if len(self._under_way) == 1:
                gc.set_threshold(*self._before)
            self._under_way.discard(self)
