"""Formulas as MathML, which browsers draw without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True}


def _inline(writer: HTML5Translator, node: nodes.Element) -> None:
    writer.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _block(writer: HTML5Translator, node: nodes.Element) -> None:
    writer.body.append(f'<div class="formula">{mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def mathml(formula: str, display: str) -> str:
    """A formula in LaTeX as MathML. The font raises primes itself; as superscripts they would be too small to see.

    >>> "<mi>f</mi><mo" in mathml("f'(x)", "inline")
    True
    """
    return re.sub(
        r"<msup>(<(m\w)>[^<]*</\2>)<mi>(&#x0203[2-4];)</mi></msup>",
        r'<mrow>\1<mo lspace="0.1em" rspace="0">\3</mo></mrow>',
        convert(formula, display=display),
    )
