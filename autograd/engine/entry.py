"""The settings of a block of code. Every operation reads them, so this file is compiled natively.

`autograd.engine.modes` makes entries and says how long they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.engine.modes import Recorder, Scope


class Entry:
    """A block that was entered.

    open: a list that has something in it as long as the block is not over. before: the entry around it.
    recording: whether operations are recorded in it. decides: whether this block sets that itself; if not, the entry
    `decided_by` does, or none if that is None. scope: the innermost one. recorder: what writes down the operations of a
    function that is being compiled, or None.
    """

    __slots__ = ("before", "decided_by", "decides", "open", "recorder", "recording", "scope")

    def __init__(self, open: list[Any], before: Entry | None) -> None:  # noqa: A002 - the word for it
        self.open = open
        self.before = before
        self.decides = False
        self.decided_by: Entry | None = None
        self.recording = True
        self.recorder: Recorder | None = None
        self.scope: Scope | None = None
