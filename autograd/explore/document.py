"""The page as one file: the template of the folder `page`, with the style, the scripts and the data put into it.

The scripts are modules that import from each other, as they are on disk; all that is done to them here is that their
`import` and `export` go when they are put one after the other.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable

# In the order in which they import from each other.
_MODULES = ("numbers", "primitives", "computation", "texts", "view", "picture", "player")


def written(laid_out: dict[str, object], name: str) -> str:
    """The whole page: its data as JSON that cannot end the element it stands in, its style and script by their hash.

    >>> written({"nodes": []}, "<x>").count("<x>")
    0
    """
    folder = _folder()
    script = scripts(*_MODULES)
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("look.css", "player.css"))
    data = json.dumps(laid_out, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    parts = {"POLICY": policy, "TITLE": html.escape(name), "STYLE": style, "DATA": data, "SCRIPT": script}
    template = (folder / "player.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], template)


def scripts(*modules: str) -> str:
    """Modules of the folder as one script."""
    return "\n".join(_inlined((_folder() / f"{module}.js").read_text(encoding="utf-8")) for module in modules)


def _folder() -> Traversable:
    return files("autograd.explore") / "page"


def _inlined(module: str) -> str:
    r"""A JavaScript module as a part of one script.

    >>> _inlined('import { a } from "./b.js";\nexport const c = a;\n')
    'const c = a;\n'
    """
    module = re.sub(r"^import [^;]*;\n+", "", module, flags=re.MULTILINE)
    return re.sub(r"^export ", "", module, flags=re.MULTILINE)


def _hash(text: str) -> str:
    """What a content security policy calls an inline script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
