"""Films of searches: sequences of pictures, saved as a GIF or played by a notebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

from autograd.support.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SLOWEST, FASTEST = 0.01, 100
"""The pictures per second of a GIF, which counts hundredths of a second in 16 bits."""


@dataclass(repr=False)
class Film:
    """A film for a notebook; `html` is the page that plays it."""

    html: str = field(repr=False)

    def __repr__(self) -> str:
        return f"Film({len(self.html):,} characters of HTML; a notebook plays it)"

    def _repr_html_(self) -> str:
        return self.html


_SIGNS = {
    "minus": "\u2212",
    "fast-backward": "\u00ab",
    "step-backward": "\u2039",
    "flip-horizontal": "\u25c2",
    "pause": "\u2016",
    "play:not(.fa-flip-horizontal)": "\u25b8",
    "step-forward": "\u203a",
    "fast-forward": "\u00bb",
    "plus": "+",
}
"""The signs on the buttons of a film, by matplotlib's names for the icons."""


def _self_contained(film: str) -> str:
    """Matplotlib's page without the icons that it loads from another host, and with names for screen readers."""
    signs = "".join(f'.fa-{icon}::before {{ content: "{sign}"; }}' for icon, sign in _SIGNS.items())
    film = re.sub(
        r'<link rel="stylesheet"\s+href="https://[^"]*">',
        f"<style>.fa {{ font: 1em sans-serif; }}{signs}</style>",
        film,
    )
    film = film.replace('<img id="_anim_img', '<img alt="the picture of one step" id="_anim_img')
    return film.replace('type="range" class="anim-slider"', 'type="range" aria-label="step" class="anim-slider"')


def filmed(
    ax: Axes,
    show: Callable[[int], None],
    shown: Sequence[int],
    per_second: float,
    path: FilePath | None,
    progress: bool,
) -> FilePath | Film:
    """Draws the pictures one after the other, and closes the figure."""
    from matplotlib import pyplot
    from matplotlib.animation import FuncAnimation, PillowWriter
    from tqdm import tqdm

    figure = ax.get_figure(root=True)
    assert figure is not None
    try:
        with tqdm(total=len(shown), unit="picture", disable=not progress) as bar:

            def draw(step: int) -> tuple[()]:
                show(step)
                bar.update()
                return ()

            if path is None:
                film = FuncAnimation(figure, draw, shown, init_func=lambda: (), interval=1000 / per_second)
                return Film(_self_contained(film.to_jshtml()))
            writer = PillowWriter(fps=per_second)  # type: ignore[arg-type]  # it takes parts of a second as well
            with atomic_write(path) as unfinished, writer.saving(figure, str(unfinished), dpi=100):
                for step in shown:
                    draw(step)
                    writer.grab_frame()
            return path
    finally:
        pyplot.close(figure)
