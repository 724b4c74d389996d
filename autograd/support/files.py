"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """A new path to write to, beside `path` and with its suffix; it is renamed to `path` if the block ends well.

    So nobody ever sees half a file, and if anything interrupts the writing, an older file stays as it was. If `path` is
    a symbolic link, the file that it leads to is written, and the link stays. The new file has the mode of the one that
    it replaces, and its owner and group if that is allowed.

    Raises:
        IsADirectoryError: there is a folder of that name.
        FileNotFoundError: there is no folder for the file.
        PermissionError: the file is read-only, or its folder is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_write(Path(folder) / "note.txt") as unfinished:
    ...         _ = unfinished.write_text("all of it")
    ...     [file.name for file in Path(folder).iterdir()]
    ['note.txt']
    """
    target = _target(path)
    unfinished = target.with_name(f".{secrets.token_hex(8)}{path.suffix}")
    try:
        yield unfinished
        _take_over(target, unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """The file to write, with links followed; an error if it cannot be written."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():  # realpath gives up at a loop
        raise OSError(f"cannot write {str(path)!r}: its symbolic links lead back to themselves")
    if target.is_dir():
        raise IsADirectoryError(f"cannot write {str(path)!r}: there is a folder of that name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(path)!r}: there is no folder {str(target.parent)!r}")
    if target.exists() and not target.is_file():
        raise OSError(f"cannot write {str(path)!r}: it is not a regular file, and writing would replace it with one")
    # A rename needs write permission for the folder alone, so it would replace a read-only file.
    for written, kind in ((target, "file"), (target.parent, "folder")):
        if written.exists() and not os.access(written, os.W_OK):
            raise PermissionError(f"cannot write {str(path)!r}: the {kind} {str(written)!r} is read-only")
    return target


def _take_over(old: Path, new: Path) -> None:
    """Gives a new file the mode of the old one that it replaces, and its owner and group if that is allowed."""
    try:
        status = old.stat()
    except FileNotFoundError:  # nothing is replaced: the umask decides
        return
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            os.chown(new, status.st_uid, status.st_gid)
    new.chmod(stat.S_IMODE(status.st_mode))
