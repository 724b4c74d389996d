"""The page as one file: the template of the folder `page`, filled with the style, the scripts and the data.

On disk the scripts are modules that import from each other. Here they are joined into one, without their `import` and
`export`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any


def written(laid_out: dict[str, Any], name: str) -> str:
    """The whole page, with a policy that allows only its own script and style, and data that cannot act as markup.

    >>> written({"nodes": []}, "<x>").count("<x>")
    0
    """
    folder = _folder()
    script = scripts("player", own=laid_out.get("own", []))
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in ("look.css", "player.css"))
    data = json.dumps(
        {key: part for key, part in laid_out.items() if key != "own"}, separators=(",", ":"), allow_nan=False
    )
    for character in "<>&":
        data = data.replace(character, f"\\u{ord(character):04x}")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    parts = {
        "POLICY": policy,
        "TITLE": html.escape(name or "computation graph"),
        "STYLE": style,
        "DATA": data,
        "SCRIPT": script,
    }
    template = (folder / "player.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found[1]], template)


def scripts(*modules: str, own: Sequence[str] = ()) -> str:
    """Modules of the folder and all that they import, as one script, with formulas for the list of `own.js`.

    >>> scripts("names") == scripts("numbers", "names")
    True
    """
    found: dict[str, str] = {}
    for module in modules:
        _collect(module, found)
    if own:
        found["own"] = found["own"].replace("OWN = []", "OWN = [\n" + ",\n".join(own) + ",\n]")
    return "\n".join(found.values())


def frame_script() -> str:
    """What the frame of the page in a notebook does once it has loaded."""
    return (_folder() / "frame.js").read_text(encoding="utf-8")


def _collect(module: str, found: dict[str, str]) -> None:
    """Adds a module to those found, after the modules that it imports."""
    if module in found:
        return
    text = (_folder() / f"{module}.js").read_text(encoding="utf-8")
    for imported in re.findall(r'^import [^;]* from "\./(\w+)\.js";$', text, flags=re.MULTILINE):
        _collect(imported, found)
    found[module] = inlined(text)


def _folder() -> Traversable:
    return files("autograd.explore") / "page"


def inlined(module: str) -> str:
    r"""A JavaScript module as part of a larger script.

    >>> inlined('import { a } from "./b.js";\nexport const c = a;\n')
    'const c = a;\n'
    """
    module = re.sub(r"^import [^;]*;\n+", "", module, flags=re.MULTILINE)
    return re.sub(r"^export ", "", module, flags=re.MULTILINE)


def _hash(text: str) -> str:
    """The hash by which a content security policy names an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
