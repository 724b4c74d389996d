"""Drawings as SVG, PNG and PDF, on machines with and without the programs of Graphviz.

The program `dot` does the work if it is installed. Otherwise the libraries of Graphviz, which come with the package
pygraphviz, do it inside this process.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import graphviz

from autograd.engine.errors import RenderError
from autograd.support.files import atomic_write

_LARGE = "layout may take a long time"
_SUFFIXES = (".svg", ".png", ".pdf", ".dot")

# The libraries keep global state, and standard error is redirected for the whole process, so threads take turns.
_one_at_a_time = threading.Lock()


class Picture(graphviz.Digraph):  # type: ignore[misc] # graphviz has no types
    """A `graphviz.Digraph` that does not need the program `dot`, not even in a notebook.

    Its methods raise RenderError if Graphviz is missing or fails.
    """

    def pipe(
        self,
        format: str | None = None,  # noqa: A002 - the names are those of graphviz
        *,
        engine: str | None = None,
        encoding: str | None = None,
        **options: Any,
    ) -> Any:
        """The picture as bytes, or as text if an encoding is given; the format is "svg", "png", "pdf" and so on."""
        format = format or self.format  # noqa: A001
        data: bytes = self._in_boxes_or_at_once(lambda: self._drawn(format, engine, options))
        if format == "svg":  # to a screen reader it is one picture, not a heap of texts
            data = data.replace(b"<svg ", b'<svg role="img" aria-label="computation graph" ', 1)
        return data if encoding is None else data.decode(encoding)

    def _in_boxes_or_at_once(self, draw: Callable[[], Any]) -> Any:
        """The result of `draw`, which is called again if Graphviz needs a second try.

        Graphviz lays out the inside of each box before it puts the boxes together, and sometimes fails if edges have
        texts. With the attribute `newrank` it lays out everything at once; that makes the boxes wider, so the first
        try goes without.
        """
        try:
            return draw()
        except RenderError as error:
            if "init_rank" not in str(error) or "newrank" in self.graph_attr:
                raise
        self.graph_attr["newrank"] = "true"
        return draw()

    def _drawn(self, picture_format: str, engine: str | None, options: dict[str, Any]) -> bytes:
        """The picture, drawn by the program `dot` or by the libraries."""
        if shutil.which("dot"):
            with _dot_failures():
                data: bytes = super().pipe(picture_format, engine=engine, **options)
            return data
        _refuse(options)
        return _rendered(self.source, picture_format, engine or self.engine)

    def render(
        self,
        filename: str | os.PathLike[str] | None = None,
        directory: str | os.PathLike[str] | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,  # noqa: A002
        *,
        outfile: str | os.PathLike[str] | None = None,
        engine: str | None = None,
        **options: Any,
    ) -> str:
        """Writes the DOT text and the picture to files, as graphviz does, and returns the path of the picture."""
        if shutil.which("dot"):
            rendered: str = self._in_boxes_or_at_once(
                lambda: self._rendered_by_dot(
                    filename,
                    directory=directory,
                    view=view,
                    cleanup=cleanup,
                    format=format,
                    outfile=outfile,
                    engine=engine,
                    **options,
                )
            )
            return rendered
        _refuse(options)
        if outfile is not None:
            format = format or Path(outfile).suffix[1:]  # noqa: A001
            filename = filename or Path(outfile).with_suffix(f".{self._default_extension}")
        format = format or self.format  # noqa: A001
        source = self.save(filename, directory=directory)
        target = Path(outfile or f"{source}.{format}")
        target.write_bytes(self.pipe(format, engine=engine))
        if cleanup:
            Path(source).unlink()
        if view:
            graphviz.view(str(target))
        return str(target)

    def _rendered_by_dot(self, filename: str | os.PathLike[str] | None, **options: Any) -> str:
        with _dot_failures():
            rendered: str = super().render(filename, **options)
        return rendered


class PictureFile:
    """A file to write a picture to, in the format of its suffix.

    Raises:
        ValueError: the suffix is not one of a format.
        FileNotFoundError: the folder does not exist.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._suffix = self._path.suffix.lower()
        if self._suffix not in _SUFFIXES:
            raise ValueError(f"a drawing needs a file that ends in {', '.join(_SUFFIXES)}, not {str(path)!r}")
        if not self._path.parent.is_dir():
            raise FileNotFoundError(f"cannot write {str(path)!r}: there is no folder {str(self._path.parent)!r}")

    def write(self, picture: Picture) -> None:
        """Writes the picture, whole or not at all."""
        with atomic_write(self._path) as unfinished:
            unfinished.write_bytes(
                picture.source.encode() if self._suffix == ".dot" else picture.pipe(self._suffix[1:])
            )


@contextlib.contextmanager
def _dot_failures() -> Iterator[None]:
    """Turns the failures of the program `dot` into RenderError."""
    try:
        yield
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound, BrokenPipeError, PermissionError) as error:
        message = getattr(error, "stderr", None) or str(error)
        text = message.decode(errors="replace") if isinstance(message, bytes) else message
        raise RenderError(f"the program dot failed: {text.strip()}") from error


def _refuse(options: dict[str, Any]) -> None:
    """Raises RenderError for options that only the program `dot` knows."""
    unknown = sorted(options.keys() - {"quiet", "quiet_view"})
    if unknown:
        raise RenderError(f"{', '.join(unknown)}: such options need the program dot, which is not installed")


def _rendered(source: str, picture_format: str, engine: str) -> bytes:
    """DOT text as a picture, drawn by the libraries in pygraphviz."""
    try:
        import pygraphviz
    except ImportError as error:
        raise RenderError(
            "drawing needs Graphviz, but neither the program dot nor the package pygraphviz is installed: "
            "pip install pygraphviz, or install dot from https://graphviz.org/download"
        ) from error
    with _one_at_a_time, tempfile.TemporaryFile() as said:
        failure: Exception | None = None
        data = b""
        from_python = io.StringIO()
        with _standard_error_into(said.fileno()), contextlib.redirect_stderr(from_python):
            try:
                data = pygraphviz.AGraph(string=source).draw(format=picture_format, prog=engine)
            except (ValueError, TypeError, OSError, pygraphviz.DotError) as error:  # TypeError for unknown formats
                failure = error
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines() + from_python.getvalue().splitlines()
    # Fontconfig complains about the machine, not about the picture; and the warning that a layout may take long does
    # not hold, since the pictures are made so that it does not.
    messages = [line for line in lines if line and not line.startswith("Fontconfig ") and _LARGE not in line]
    if failure is not None or any(line.startswith("Error") for line in messages):
        raise RenderError(f"Graphviz failed: {' '.join(messages) or failure}") from failure
    if messages:
        with contextlib.suppress(OSError):  # a process without a standard error
            os.write(2, "".join(f"{line}\n" for line in messages).encode())
    return data


@contextlib.contextmanager
def _standard_error_into(file: int) -> Iterator[None]:
    """Sends what C libraries print on standard error to a file: pygraphviz gives no other access to their messages."""
    try:
        before = os.dup(2)
    except OSError:  # a process without a standard error
        yield
        return
    try:
        os.dup2(file, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
