"""Rendering: the formats, the files, the notebook, with and without the program `dot`, and what happens on failure."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import graphviz
import pytest

from autograd import RenderError, Value, tanh
from autograd.pictures.draw import draw
from autograd.pictures.picture import Picture

BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph"}
FORMATS = sorted(BEGINNINGS)

Install = Callable[[str], Path]


@pytest.fixture(autouse=True)
def no_dot(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is installed, these tests begin on a machine without the program `dot`."""
    monkeypatch.setenv("PATH", str(tmp_path_factory.mktemp("empty")))


@pytest.fixture
def install_dot(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Installs a Python program as `dot`."""

    def install(program: str) -> Path:
        folder = tmp_path_factory.mktemp("programs")
        path = folder / "dot"
        path.write_text(f"#!{sys.executable}\nimport sys\n{program}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(folder))
        return path

    if os.name == "nt":
        pytest.skip("programs are not scripts here")
    return install


def root() -> Value:
    return tanh(Value(0.5, label="x"))


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_suffix_says_the_format(suffix: str, tmp_path: Path, with_pygraphviz: None) -> None:
    draw(root(), tmp_path / f"graph.{suffix}")
    assert (tmp_path / f"graph.{suffix}").read_bytes().startswith(BEGINNINGS[suffix])


def test_the_path_may_be_a_string(tmp_path: Path) -> None:
    draw(root(), str(tmp_path / "graph.svg"))
    assert entries(tmp_path) == ["graph.svg"]


def test_a_suffix_in_capitals_is_the_same_suffix(tmp_path: Path) -> None:
    draw(root(), tmp_path / "graph.SVG")
    assert (tmp_path / "graph.SVG").read_bytes().startswith(BEGINNINGS["svg"])


def test_writing_a_file_returns_the_picture_too(tmp_path: Path) -> None:
    assert draw(root(), tmp_path / "graph.dot").source == (tmp_path / "graph.dot").read_text(encoding="utf-8")


def test_an_existing_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    path.write_text("obsolete" * 100_000)
    draw(root(), path)
    assert "obsolete" not in path.read_text(encoding="utf-8")


def test_a_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    draw(root(), tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").stat().st_mode == (tmp_path / "any").stat().st_mode


@pytest.mark.parametrize("name", ["graph.jpg", "graph", "graph.svg.gz", ".svg"])
def test_another_suffix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot"):
        draw(root(), tmp_path / name)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*missing"):
        draw(root(), tmp_path / "missing" / "graph.svg")


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        draw(root(), tmp_path / "missing" / "graph.svg")
    assert entries(tmp_path) == []


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "graph.svg").mkdir()
    with pytest.raises(OSError, match=r"graph\.svg"):
        draw(root(), tmp_path / "graph.svg")
    assert entries(tmp_path) == ["graph.svg"]


def test_a_failure_leaves_the_old_file_as_it_was(tmp_path: Path, no_pygraphviz: None) -> None:
    path = tmp_path / "graph.png"
    path.write_text("old")
    with pytest.raises(RenderError):
        draw(root(), path)
    assert (path.read_text(), entries(tmp_path)) == ("old", ["graph.png"])


def test_dot_text_needs_no_graphviz(tmp_path: Path, no_pygraphviz: None) -> None:
    draw(root(), tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8").startswith("digraph")


# ---------------------------------------------------------------- formats


def test_a_png_is_large_enough_to_read(with_pygraphviz: None) -> None:
    width, height = struct.unpack(">II", draw(root()).pipe(format="png")[16:24])
    assert width > 100
    assert height > 40


def test_a_picture_is_svg_unless_asked() -> None:
    assert draw(root()).pipe().startswith(BEGINNINGS["svg"])


def test_an_encoding_gives_text() -> None:
    picture = draw(root())
    assert picture.pipe(format="svg", encoding="utf-8") == picture.pipe(format="svg").decode("utf-8")


def test_a_screen_reader_sees_one_image() -> None:
    svg = ElementTree.fromstring(draw(root()).pipe(format="svg"))
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "computation graph")


def test_an_unknown_format_is_a_render_error(with_pygraphviz: None) -> None:
    with pytest.raises(RenderError, match="mp3"):
        draw(root()).pipe(format="mp3")


def test_broken_dot_text_is_a_render_error_with_the_words_of_graphviz(with_pygraphviz: None) -> None:
    picture = draw(root())
    picture.body.append("a -> -> b\n")
    with pytest.raises(RenderError, match="syntax error"):
        picture.pipe()


def test_an_error_that_graphviz_draws_on_after_is_a_render_error(with_pygraphviz: None) -> None:
    with pytest.raises(RenderError, match="not well-formed"):
        Picture("graph", format="svg", body=["a [label=<a & b>]\n"]).pipe()


def test_what_only_the_program_can_do_is_refused_without_it(with_pygraphviz: None) -> None:
    with pytest.raises(RenderError, match=r"renderer: .*program dot"):
        draw(root()).pipe(format="png", renderer="cairo")


# ---------------------------------------------------------------- graphviz's own ways to show a picture


def test_a_notebook_shows_the_picture() -> None:
    bundle = draw(root())._repr_mimebundle_()
    assert ElementTree.fromstring(bundle["image/svg+xml"]).tag.endswith("svg")


def test_render_writes_the_text_and_the_picture(tmp_path: Path) -> None:
    path = draw(root()).render("graph.gv", directory=tmp_path)
    assert Path(path).read_bytes().startswith(BEGINNINGS["svg"])
    assert entries(tmp_path) == ["graph.gv", "graph.gv.svg"]


def test_render_can_remove_the_text(tmp_path: Path, with_pygraphviz: None) -> None:
    draw(root()).render(tmp_path / "graph.gv", cleanup=True, format="png")
    assert entries(tmp_path) == ["graph.gv.png"]


def test_render_takes_the_format_from_the_outfile(tmp_path: Path, with_pygraphviz: None) -> None:
    path = draw(root()).render(outfile=tmp_path / "picture.pdf")
    assert Path(path).read_bytes().startswith(BEGINNINGS["pdf"])
    assert entries(tmp_path) == ["picture.gv", "picture.pdf"]


def test_render_can_open_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(graphviz, "view", opened.append)
    path = draw(root()).render("graph.gv", directory=tmp_path, view=True)
    assert opened == [path]


# ---------------------------------------------------------------- with the program dot


def test_the_program_renders_where_it_is_installed(install_dot: Install) -> None:
    install_dot("sys.stdin.read(); print('%PDF-', *sys.argv[1:])")
    assert draw(root()).pipe(format="pdf") == b"%PDF- -Kdot -Tpdf\n"


def test_the_program_gets_the_dot_text(install_dot: Install) -> None:
    install_dot("sys.stdout.buffer.write(sys.stdin.buffer.read())")
    picture = draw(Value(1.0, label="重み"))
    assert picture.pipe(format="dot") == picture.source.encode()


def test_the_program_writes_files_too(install_dot: Install, tmp_path: Path) -> None:
    install_dot("sys.stdin.read(); print('%PDF-drawn')")
    draw(root(), tmp_path / "graph.pdf")
    assert (tmp_path / "graph.pdf").read_bytes() == b"%PDF-drawn\n"


def test_a_failure_of_the_program_carries_its_words(install_dot: Install) -> None:
    install_dot("sys.stdin.read(); sys.exit('Error: out of ink')")
    with pytest.raises(RenderError, match="Error: out of ink"):
        draw(root()).pipe()


def test_a_failure_of_the_program_in_render_carries_its_words(install_dot: Install, tmp_path: Path) -> None:
    install_dot("sys.exit('Error: out of ink')")
    with pytest.raises(RenderError, match="Error: out of ink"):
        draw(root()).render("graph.gv", directory=tmp_path)


def test_a_failure_of_the_program_leaves_no_file(install_dot: Install, tmp_path: Path) -> None:
    install_dot("sys.stdin.read(); sys.exit(1)")
    with pytest.raises(RenderError):
        draw(root(), tmp_path / "graph.svg")
    assert entries(tmp_path) == []


def test_a_program_that_cannot_start_is_a_render_error(install_dot: Install) -> None:
    path = install_dot("")
    path.write_text("#!/nowhere/python\n")
    with pytest.raises(RenderError, match=r"program dot .* failed"):
        draw(root()).pipe()


def test_a_program_of_another_kind_of_machine_is_a_render_error(install_dot: Install) -> None:
    path = install_dot("")
    path.write_bytes(b"\0not a program")
    with pytest.raises(RenderError, match=r"the program dot .* failed: .*Exec format error"):
        draw(root()).pipe()


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
@pytest.mark.parametrize("words", ["print('hello')", "pass"])
def test_another_program_of_that_name_is_not_taken_for_graphviz(
    words: str, suffix: str, install_dot: Install, tmp_path: Path
) -> None:
    path = install_dot(f"sys.stdin.read(); {words}")
    with pytest.raises(RenderError, match=rf'{path}\) failed: what it wrote is not {suffix.upper()}.*layout="python"'):
        draw(root(), tmp_path / f"graph.{suffix}")
    assert entries(tmp_path) == []


def test_a_program_that_renders_nothing_is_a_render_error(install_dot: Install, tmp_path: Path) -> None:
    install_dot("pass")
    with pytest.raises(RenderError, match="not SVG: b''"):
        draw(root()).render("graph.gv", directory=tmp_path)


def test_a_folder_that_cannot_be_written_is_no_failure_of_the_program(install_dot: Install, tmp_path: Path) -> None:
    install_dot("pass")
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        draw(root()).render("graph.gv", directory=tmp_path / "file")


# ---------------------------------------------------------------- with neither


# ---------------------------------------------------------------- inside this process


def test_an_ordinary_drawing_prints_nothing(tmp_path: Path, with_pygraphviz: None) -> None:
    program = (
        "from autograd import Value, tanh; from autograd.pictures.draw import draw\n"
        f"for suffix in {FORMATS}: draw(tanh(Value(1.0, label='重み 🎉')), {str(tmp_path)!r} + '/graph.' + suffix)"
    )
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_warnings_of_graphviz_are_passed_on(capfd: pytest.CaptureFixture[str], with_pygraphviz: None) -> None:
    Picture("graph", format="svg", body=["a [shape=nosuchshape]\n"]).pipe()
    assert "nosuchshape" in capfd.readouterr().err


def test_drawing_needs_no_standard_error() -> None:
    program = (
        "import os; os.close(2)\n"
        "from autograd import Value; from autograd.pictures.draw import draw\n"
        "print(draw(Value(1.0)).pipe()[:5])"
    )
    run = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    assert run.stdout == "b'<?xml'\n"


@pytest.mark.slow
def test_two_hundred_drawings_are_all_the_same(with_pygraphviz: None) -> None:
    picture = draw(root())
    assert len({picture.pipe(format="png") for _ in range(200)}) == 1


def test_two_threads_can_draw_at_once() -> None:
    pictures = [draw(tanh(Value(float(number)))) for number in range(2)]
    expected = [picture.pipe() for picture in pictures]
    drawn: list[set[bytes]] = [set(), set()]

    def work(number: int) -> None:
        for _ in range(50):
            drawn[number].add(pictures[number].pipe())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [{expected[0]}, {expected[1]}]
