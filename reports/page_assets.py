"""The style, the script and the policy of our pages, each put together from files by idea.

In: the files of `templates/css` and `templates/js`, joined in the order of their names, which begin
with a number; a new section brings its own file and changes no other. Out: one text each and the
content security policy that allows exactly these two by their hash. It refuses nothing and reads
nothing but this package.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources


def template(name: str) -> str:
    """Return one file of `templates` as text."""
    return resources.files("reports").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def style() -> str:
    """Return the style sheet of every page."""
    return _joined("css")


@cache
def script() -> str:
    """Return the script of every page; its files share one scope and define functions first."""
    return '"use strict";\n' + _joined("js")


def _joined(kind: str) -> str:
    folder = resources.files("reports").joinpath(f"templates/{kind}")
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(f".{kind}"))
    return "".join(template(f"{kind}/{name}") for name in names)


def policy() -> str:
    """Return a policy under which nothing loads and only our own style and script count.

    A block of data is no script and needs no leave. Source: Content Security Policy Level 3.
    """
    return (
        f"default-src 'none'; script-src {_csp_hash(script())}; style-src {_csp_hash(style())};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
