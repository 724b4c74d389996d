"""Files that appear whole or not at all: what an older file keeps, and what is left after a failure."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from autograd import Value, draw, explore
from autograd.support.files import atomic_write

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
not_root = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")


def write(path: Path, text: str, failure: BaseException | None = None) -> None:
    with atomic_write(path) as unfinished:
        unfinished.write_text(text)
        if failure is not None:
            raise failure


@posix
def test_a_file_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    write(link, "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")
    assert list((tmp_path / "there").iterdir()) == [target]


@posix
def test_a_file_is_written_through_links_to_links_and_through_relative_ones(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("b.txt")
    (tmp_path / "b.txt").symlink_to("c.txt")
    write(tmp_path / "a.txt", "new")
    assert (tmp_path / "c.txt").read_text() == "new"
    assert (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "b.txt").is_symlink()


@posix
def test_links_that_lead_back_to_themselves_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("b.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    with pytest.raises(OSError, match="lead back to themselves"):
        write(tmp_path / "a.txt", "new")


@posix
def test_a_link_into_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "missing" / "b.txt")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        write(tmp_path / "a.txt", "new")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_a_file_that_is_replaced_passes_its_mode_on(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    path.chmod(mode)
    write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_mode_that_the_umask_allows(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write(tmp_path / "note.txt", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "note.txt").stat().st_mode) == mode


def test_a_folder_of_that_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "picture.svg").mkdir()
    with pytest.raises(IsADirectoryError, match=r"cannot write .*picture\.svg.*: there is a folder of that name"):
        draw(Value(1.0) + 2.0, tmp_path / "picture.svg")
    assert [file.name for file in tmp_path.iterdir()] == ["picture.svg"]


@posix
@not_root
@pytest.mark.parametrize("read_only", ["note.txt", "."])
def test_what_is_read_only_is_not_written(tmp_path: Path, read_only: str) -> None:
    (tmp_path / "note.txt").write_text("old")
    (tmp_path / read_only).chmod(0o500)
    try:
        with pytest.raises(PermissionError, match="is read-only"):
            write(tmp_path / "note.txt", "new")
    finally:
        (tmp_path / read_only).chmod(0o700)
    assert (tmp_path / "note.txt").read_text() == "old"


@posix
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(OSError, match="not a regular file"):
        write(tmp_path / "pipe.txt", "new")


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device"), MemoryError()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: BaseException) -> None:
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(type(failure)):
        write(path, "half of it", failure)
    assert (list(tmp_path.iterdir()), path.read_text()) == ([path], "old")


@posix
def test_drawings_and_pages_follow_links(tmp_path: Path) -> None:
    y = Value(1.0, label="x") + 2.0
    for name in ("a.svg", "a.dot", "a.html"):
        (tmp_path / name).symlink_to(f"real-{name}")
    draw(y, tmp_path / "a.svg")
    draw(y, tmp_path / "a.dot")
    explore(y, tmp_path / "a.html")
    assert all((tmp_path / name).is_symlink() for name in ("a.svg", "a.dot", "a.html"))
    assert (tmp_path / "real-a.svg").read_bytes().startswith(b"<?xml")
