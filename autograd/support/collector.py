"""Python's collector of cycles: kept from looking through graphs and programs, which hold no cycles.

`without_collection` switches it off for the moment that something is compiled; `RareCollection` lets it run less often
in a training, which may last for hours and in which a user's own cycles must still be freed.
"""

from __future__ import annotations

import gc
import operator
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref


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


class _Collects(ref[Any]):
    """A weak reference whose end switches Python's collector on; in C, where no Ctrl-C comes between."""

    switch_on = staticmethod(gc.enable)


class _Exit:
    """`__exit__` of `without_collection`: an object that a `with` statement alone holds, and always lets go of."""

    def __get__(self, block: without_collection, kind: type) -> Callable[..., None]:
        leave = block.leave
        if gc.isenabled():
            block.collects = _Collects(leave, operator.methodcaller("switch_on"))
        return leave


class without_collection:  # noqa: N801 - written like a function
    """Switches Python's collector of cycles off for a `with` block; after it the collector is as it was.

    Ctrl-C cannot come between: see `autograd.engine.modes`, whose blocks end in the same way.

    >>> with without_collection():
    ...     gc.isenabled()
    False
    """

    __slots__ = ("collects",)

    collects: _Collects

    def __enter__(self) -> None:
        gc.disable()

    def leave(self, *exception: object) -> None:
        """Nothing: the collector is switched on when this method is let go of."""

    if TYPE_CHECKING:

        def __exit__(self, *exception: object) -> None: ...
    else:
        __exit__ = _Exit()
