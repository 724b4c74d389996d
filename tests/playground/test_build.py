"""The folder of the playground: what is in it, what is not, and that it is written whole or not at all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from playground import build

needs_npm_packages = pytest.mark.skipif(
    not all((build.NODE_MODULES / package).is_dir() for package in build.FROM_NPM),
    reason="what the playground is made of is not here: npm install --prefix playground",
)


@pytest.mark.slow
@needs_npm_packages
def test_everything_that_the_files_name_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "playground"
    build.build(folder)
    for file in [folder / "index.html", *folder.glob("*.js")]:
        text = file.read_text(encoding="utf-8")
        named = re.findall(r'(?:src|href)="(?!data:)([^"#]+)"|(?:from |\bimport\(|bytes\(|URL\()"([^"]+)"', text)
        missing = [name for pair in named for name in pair if name and not (folder / name).exists()]
        assert missing == [], file.name


@pytest.mark.slow
@needs_npm_packages
def test_the_program_replaces_an_older_playground(tmp_path: Path) -> None:
    folder = tmp_path / "playground"
    folder.mkdir()
    (folder / "left.over").touch()
    subprocess.run([sys.executable, build.__file__, str(folder)], check=True)
    assert (folder / "index.html").is_file()
    assert not (folder / "left.over").exists()
    assert list(tmp_path.iterdir()) == [folder]


@needs_npm_packages
def test_a_build_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "playground"
    folder.mkdir()
    (folder / "index.html").write_text("the old one")
    monkeypatch.setattr(build, "PLAYER", tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        build.build(folder)
    assert (folder / "index.html").read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_in_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        build.build(tmp_path / "nowhere" / "playground")


def test_without_npm_the_error_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "NODE_MODULES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"npm, .* is not installed: https://nodejs\.org"):
        build.build(tmp_path / "playground")
