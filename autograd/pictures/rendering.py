"""Drawings in files and in notebooks, and what of it works where the package graphviz is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.engine.errors import RenderError
from autograd.pictures.drawing import Drawing
from autograd.support.files import atomic_write

if TYPE_CHECKING:
    from autograd.pictures.picture import Picture

_SUFFIXES = (".svg", ".png", ".pdf", ".dot")


def picture_class(layout: str | None) -> type[Picture] | None:
    """The class of pictures that Graphviz draws; None where Python draws since the package graphviz is missing.

    Raises:
        RenderError: the layout needs the package, and it is missing.
    """
    if layout == "python":
        return None
    try:
        from autograd.pictures.picture import Picture
    except ModuleNotFoundError as error:
        if layout is None:
            return None
        raise RenderError(
            f'layout="{layout}" needs the package {error.name}: pip install {error.name}; layout="python" does without'
        ) from error
    return Picture


def picture(drawing: Drawing, file: PictureFile | None, layout: str | None) -> Picture:
    """A drawing as a `graphviz.Digraph`, which is also written to a file if there is one.

    Raises:
        RenderError: the package graphviz is missing, what has to draw is missing, or it failed.
    """
    try:
        from autograd.pictures.picture import Picture
    except ModuleNotFoundError as error:
        raise RenderError(
            f"a drawing is a {error.name}.Digraph, and the package {error.name} is missing: pip install {error.name}"
        ) from error
    drawn = Picture("graph", format="svg", drawing=drawing, layout=layout)
    if file is not None:
        file.write(drawn)
    return drawn


def svg(drawing: Drawing) -> str:
    """A drawing as SVG, by whatever is there.

    Raises:
        RenderError: Graphviz failed.
    """
    picture = picture_class(None)
    if picture is not None:
        text: str = picture("graph", drawing=drawing).pipe(format="svg", encoding="utf-8")
        return text
    from autograd.pictures.svg import written

    return written(drawing)


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
