"""Who draws: the program `dot`, the libraries of Graphviz in the package pygraphviz, or Python alone.

The first of them that is there draws SVG; PNG, PDF and pictures that the user edited need one of the first two.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator

from autograd.engine.errors import RenderError

LAYOUTS = ("dot", "pygraphviz", "python")
_LARGE = "layout may take a long time"
_GET_GRAPHVIZ = (
    'pip install "scalar-autograd[pictures]", or install the program dot: apt-get install graphviz, brew install '
    "graphviz, or https://graphviz.org/download"
)
# What the wheels of pygraphviz for Linux need of the system, and the packages of Debian and Ubuntu that bring it.
_SYSTEM_LIBRARIES = {
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
}

# The libraries keep global state, and standard error is redirected for the whole process, so threads take turns.
_one_at_a_time = threading.Lock()


def check_layout(layout: str | None) -> None:
    """Raises ValueError for what is no layout."""
    if layout is not None and layout not in LAYOUTS:
        raise ValueError(
            'layout must be "dot" (the program), "pygraphviz" (the package), "python" (needs neither) or None (the '
            f"first of these that is there), not {layout!r}"
        )


def drawer(layout: str | None, needs_graphviz: str | None = None) -> str:
    """What draws a picture, of LAYOUTS: the layout that the user chose, else the first that is there.

    Args:
        layout: what the user chose, or None.
        needs_graphviz: what it is about the picture that Python alone cannot draw, or None.

    Raises:
        RenderError: what has to draw is missing; the message says how to get it.
    """
    if layout == "python":
        if needs_graphviz is None:
            return layout
        raise RenderError(
            f'{needs_graphviz} needs Graphviz, but layout="python" draws without it, and no more than what draw '
            f"returned, as SVG: leave layout= out, and have Graphviz: {_GET_GRAPHVIZ}"
        )
    if layout != "pygraphviz" and shutil.which("dot"):
        return "dot"
    if layout == "dot":
        raise RenderError(
            'layout="dot" needs the program dot, which is not on the path: apt-get install graphviz, brew install '
            'graphviz, or https://graphviz.org/download; layout="python" draws SVG without it'
        )
    failure = _failure_of_pygraphviz()
    if failure is None:
        return "pygraphviz"
    if layout == "pygraphviz":
        raise RenderError(f'layout="pygraphviz" needs {failure}; layout="python" draws SVG without it')
    if needs_graphviz is None:
        return "python"
    raise RenderError(
        f"{needs_graphviz} needs Graphviz: the program dot, or {failure}. "
        "What draw returns, unedited, needs neither as SVG"
    )


def drawn_by_libraries(source: str, picture_format: str, engine: str) -> bytes:
    """DOT text as a picture, drawn by the libraries in pygraphviz, which are there.

    Raises:
        RenderError: Graphviz failed; the message is its own.
    """
    with _one_at_a_time, tempfile.TemporaryFile() as said:
        import pygraphviz

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


def _failure_of_pygraphviz() -> str | None:
    """Why pygraphviz cannot be used, and what to do about it; None if it can.

    An import that fails is tried again each time: what is missing may have come.
    """
    try:
        with _one_at_a_time:  # a thread that meets the import of another one would take it for a success
            from pygraphviz import AGraph  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name == "pygraphviz":
            return f"the package pygraphviz, which is not installed: {_GET_GRAPHVIZ}"
        reason = str(error)
    except (ImportError, OSError) as error:
        reason = _missing_library(str(error))
    except Exception as error:  # noqa: BLE001 - whatever a module raises that was compiled for another Python
        reason = f"{type(error).__name__}: {error}"
    else:
        return None
    return f"the package pygraphviz, which is installed but does not load: {reason}"


def _missing_library(message: str) -> str:
    """What the dynamic linker says, with the packages that bring what is missing.

    It names the first library that it misses. The others would be the next errors, so they are named with it.
    """
    found = re.match(r"(\S+): cannot open shared object file", message)
    if found is None:
        return message
    missing = [found[1]]
    if found[1] in _SYSTEM_LIBRARIES:
        missing += [library for library in _SYSTEM_LIBRARIES if library != found[1] and not _loads(library)]
    packages = dict.fromkeys(_SYSTEM_LIBRARIES[library] for library in missing if library in _SYSTEM_LIBRARIES)
    verb = "is" if len(missing) == 1 else "are"
    advice = f"apt-get install {' '.join(packages)}" if packages else "install the package of your system that has it"
    return f"{', '.join(missing)} {verb} missing ({advice})"


def _loads(library: str) -> bool:
    """Whether a library is there, as far as can be told: a small Python may lack ctypes."""
    try:
        import ctypes

        ctypes.CDLL(library)
    except OSError:
        return False
    except ImportError:
        return True
    return True


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
