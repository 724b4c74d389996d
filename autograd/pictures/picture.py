"""A drawing as a `graphviz.Digraph`, which shows and saves itself with and without the programs of Graphviz."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import graphviz

from autograd.engine.errors import RenderError
from autograd.pictures import dot
from autograd.pictures.drawers import drawer, drawn_by_libraries
from autograd.pictures.drawing import Drawing
from autograd.pictures.theme import themed
from autograd.support.files import atomic_write

# What a picture in each format begins with, or has near its beginning.
_SIGNATURES = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF-", "json0": b"{"}


class Picture(graphviz.Digraph):  # type: ignore[misc] # graphviz has no types
    """A `graphviz.Digraph` that does not need the program `dot`, not even in a notebook.

    It is made as a Digraph is; given a drawing, it shows that, laid out by what `autograd.pictures.drawers.drawer`
    chooses. Its methods raise RenderError if what they need is missing or fails.
    """

    def __init__(
        self, *arguments: Any, drawing: Drawing | None = None, layout: str | None = None, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.layout = layout
        self._drawing = drawing
        self._as_written = ""
        if drawing is not None:
            dot.write(drawing, self)
            self._as_written = self.source

    def copy(self) -> Picture:
        """A picture of its own with the same content."""
        copied: Picture = super().copy()
        copied.layout, copied._drawing, copied._as_written = self.layout, self._drawing, self._as_written
        return copied

    def pipe(
        self,
        format: str | None = None,  # noqa: A002 - the names are those of graphviz
        *,
        engine: str | None = None,
        encoding: str | None = None,
        **options: Any,
    ) -> Any:
        """The picture as bytes, or as text if an encoding is given; the format is "svg", "png", "pdf" and so on."""
        format = (format or self.format).lower()  # noqa: A001
        data: bytes = self._in_boxes_or_at_once(lambda: self._drawn(format, engine, options))
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
        as_written = self.source == self._as_written
        self.graph_attr["newrank"] = "true"
        if as_written:
            self._as_written = self.source
        return draw()

    def _drawer(self, picture_format: str, engine: str | None) -> str:
        """What draws the picture."""
        if picture_format != "svg":
            needs = f"a picture as {picture_format.upper()}"
        elif (engine or self.engine) != "dot":
            needs = f"the layout of {engine or self.engine}"
        elif self._drawing is None or self.source != self._as_written:
            needs = "a picture whose DOT text was edited"
        else:
            needs = None
        return drawer(self.layout, needs)

    def _drawn(self, picture_format: str, engine: str | None, options: dict[str, Any]) -> bytes:
        """The picture, drawn by the program `dot`, by the libraries of Graphviz, or in Python."""
        by = self._drawer(picture_format, engine)
        if by == "dot":
            with _dot_failures():
                data: bytes = super().pipe(picture_format, engine=engine, **options)
            _check(data, picture_format)
        else:
            self._refuse(options)
            if by == "python":
                from autograd.pictures.svg import written

                assert self._drawing is not None
                return written(self._drawing).encode()
            data = drawn_by_libraries(self.source, picture_format, engine or self.engine)
        return self._finished(data, picture_format)

    def _finished(self, data: bytes, picture_format: str) -> bytes:
        """A picture of Graphviz, which as SVG is one picture to a screen reader, not a heap of texts."""
        if picture_format == "svg" and self._as_written and self.source == self._as_written:
            return themed(data.decode()).encode()
        if picture_format == "svg":  # who edited it may have chosen colours for white paper
            return data.replace(b"<svg ", b'<svg role="img" aria-label="computation graph" ', 1)
        return data

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
        if outfile is not None and format is None:
            format = Path(outfile).suffix[1:]  # noqa: A001
        format = (format or self.format).lower()  # noqa: A001
        if self._drawer(format, engine) == "dot":
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
        self._refuse(options)
        if outfile is not None:
            filename = filename or Path(outfile).with_suffix(f".{self._default_extension}")
        data = self.pipe(format, engine=engine)  # before anything is written: it may fail
        source = self.save(filename, directory=directory)
        target = Path(outfile or f"{source}.{format}")
        with atomic_write(target) as unfinished:
            unfinished.write_bytes(data)
        if cleanup:
            Path(source).unlink()
        if view:
            graphviz.view(str(target))
        return str(target)

    def _rendered_by_dot(self, filename: str | os.PathLike[str] | None, *, view: bool, **options: Any) -> str:
        with _dot_failures():
            rendered: str = super().render(filename, **options)
        file = Path(rendered)
        data = file.read_bytes() if file.exists() else b""
        _check(data, options["format"])
        if options["format"] == "svg":
            file.write_bytes(self._finished(data, "svg"))
        if view:
            graphviz.view(rendered, quiet=options.get("quiet_view", False))
        return rendered

    def _refuse(self, options: dict[str, Any]) -> None:
        """Raises RenderError for options that only the program `dot` knows."""
        chosen = {"renderer": self.renderer, "formatter": self.formatter, **options}
        unknown = sorted(name for name in chosen.keys() - {"quiet", "quiet_view"} if chosen[name] is not None)
        if unknown:
            raise RenderError(
                f"{', '.join(unknown)}: such options need the program dot, which does not draw this picture"
            )


@contextlib.contextmanager
def _dot_failures() -> Iterator[None]:
    """Turns the failures of the program `dot` into RenderError."""
    try:
        yield
    except (graphviz.CalledProcessError, graphviz.ExecutableNotFound) as error:
        message = getattr(error, "stderr", None) or str(error)
        text = message.decode(errors="replace") if isinstance(message, bytes) else message
        raise _failure(text.strip()) from error
    except OSError as error:
        if error.filename is not None and Path(error.filename).name != "dot":
            raise  # a file of the user's, which cannot be written
        raise _failure(str(error)) from error


def _check(data: bytes, picture_format: str) -> None:
    """Raises RenderError if what the program `dot` gave is no picture: another program may have its name."""
    if _SIGNATURES.get(picture_format, b"") not in data[:4096] or not data:
        raise _failure(f"what it wrote is not {picture_format.upper()}: {data[:40]!r}")


def _failure(message: str) -> RenderError:
    """The error that the program `dot` failed."""
    return RenderError(
        f'the program dot ({shutil.which("dot")}) failed: {message}; layout="python" draws SVG without it'
    )
