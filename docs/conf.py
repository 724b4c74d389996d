"""The settings with which Sphinx builds the site; `build.py` runs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from docutils import nodes  # noqa: E402
from sphinx import addnodes  # noqa: E402

import autograd  # noqa: E402 - ROOT is on the path now
from autograd.pictures.theme import LABEL  # noqa: E402

project = "scalar-autograd"
version = release = autograd.__version__
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_nb",
    "docs.docstrings",
    "docs.formulas",
    "docs.operations",
]

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# ---------------------------------------------------------------- the look

html_theme = "furo"
html_title = "scalar-autograd"
html_favicon = "icon.svg"
templates_path = ["templates"]
html_static_path = [
    "style.css",
    str(ROOT / "out" / "site-build" / "page.js"),
    "node_modules/@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2",
]
html_css_files = ["style.css"]
html_js_files = [("page.js", {"defer": "defer"})]
html_math_renderer = "mathml"
html_show_copyright = False
html_copy_source = False
smartquotes_action = "D"  # dashes only: quotes and primes stay as written
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0062a3",
        "color-brand-content": "#0062a3",
        "color-brand-visited": "#0062a3",
        "color-background-secondary": "#f6f7f9",
        "color-foreground-primary": "#1c2127",
        "color-api-name": "#0062a3",
        "color-api-pre-name": "#59626d",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc4f5",
        "color-brand-content": "#7cc4f5",
        "color-brand-visited": "#7cc4f5",
        "color-background-primary": "#14171b",
        "color-background-secondary": "#1c2026",
        "color-foreground-primary": "#e8eaed",
        "color-api-name": "#7cc4f5",
        "color-api-pre-name": "#a3adb8",
    },
}

# ---------------------------------------------------------------- the reference

default_role = "py:obj"  # a name in backticks links to its entry in the reference
nitpicky = True
nitpick_ignore_regex = [("py:obj|py:class", ".*")]  # some words in backticks and some types have no entry
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

# ---------------------------------------------------------------- pages that run

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_timeout = 600
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("doctree-read", name_pictures)
    app.connect("doctree-read", mark_prose)
    app.connect("doctree-read", link_notebook, priority=100)  # before Sphinx looks for files to download


def name_pictures(app: Sphinx, page: nodes.document) -> None:
    """Gives the pictures that code draws a text for those who cannot see them, and marks those of graphs."""
    for picture in page.findall(nodes.image):
        picture.attributes.setdefault("alt", "the picture that the code above draws")
        file = Path(app.srcdir, picture["uri"])
        if file.suffix == ".svg" and LABEL in file.read_text(encoding="utf-8"):
            picture["classes"].append("graph")


def mark_prose(app: Sphinx, page: nodes.document) -> None:
    """Marks what code prints in sentences: those lines may be broken. Columns, with spaces between them, may not."""
    for output in page.findall(lambda node: isinstance(node, nodes.container) and "cell_output" in node["classes"]):
        for text in output.findall(nodes.literal_block):
            if not re.search(r"\S {2,}\S", text.astext()):
                text["classes"].append("prose")


def link_notebook(app: Sphinx, page: nodes.document) -> None:
    """Puts a link to the notebook below the title of a page that was one."""
    source = app.env.doc2path(app.env.docname)
    if source.suffix == ".ipynb":
        words = nodes.Text("Download this chapter as a notebook")
        link = addnodes.download_reference("", "", words, reftarget=source.name, refdoc=app.env.docname)
        title = next(iter(page.findall(nodes.title)))
        title.parent.insert(1, nodes.paragraph("", "", link, classes=["notebook"]))
