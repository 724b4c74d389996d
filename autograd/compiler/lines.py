"""The line of the user's function that an error names."""

from __future__ import annotations

import linecache
import sys
from types import FrameType, TracebackType

from autograd.engine.errors import CompileError


def is_ours(frame: FrameType) -> bool:
    """Whether a frame belongs to this package or to NumPy: errors name no line of these."""
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in ("autograd", "numpy")


def users_line(frame: FrameType | None) -> str:
    """The first line of the user, from a frame outwards: file, number and text."""
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    return "an unknown line" if frame is None else described_line(frame.f_code.co_filename, frame.f_lineno)


def line_of(traceback: TracebackType | None) -> str:
    """The last line of the user before an exception was raised."""
    line = "an unknown line"
    while traceback is not None:
        if not is_ours(traceback.tb_frame):
            line = described_line(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def described_line(filename: str, number: int) -> str:
    """A line of a file, with its text if it can be read."""
    text = linecache.getline(filename, number).strip()
    return f"{filename}:{number}" + (f": {text}" if text else "")


INSTEAD = (
    "a compiled function is recorded once, for all numbers: write where(condition, a, b), maximum, minimum, relu or "
    "abs instead of a branch, and functions of autograd instead of those of math"
)


def refused(what: str, instead: str = INSTEAD) -> CompileError:
    """The exception for something that cannot be recorded, with the line that does it."""
    return CompileError(f"{users_line(sys._getframe(1))}\n  {what}, which cannot be compiled; {instead}")
