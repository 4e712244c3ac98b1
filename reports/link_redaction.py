"""What remains of a link on its way out: where it leads, not to whom.

In: a redactor and a shared address. Out: the address where it names nobody; a platform's page with
the account under a pseudonym; else the host alone or, where the host itself names somebody
(annweir.example), a pseudonym of the whole. It refuses to resolve short links: they stay opaque.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import unquote

from reports.known_names import MIN_CHARS, WORD, fold

if TYPE_CHECKING:
    from reports.redaction import Redactor

# Digits in a link's path from this length on are a post's or account's number.
_LINK_ID_CHARS = 6
_HOST = re.compile(r"(?i)(?:https?://)?(?:[^/@\s]*@)?(?:www\.)?([^/:?#\s]*)(?::\d+)?([^?#\s]*)")


@cache
def _platforms() -> dict[str, frozenset[str]]:
    text = resources.files("reports").joinpath("data/platforms.toml").read_text("utf-8")
    return {name: frozenset(values) for name, values in tomllib.loads(text).items()}


def shared_link(redactor: Redactor, url: str) -> str:
    """Return a link as it may leave the case in mode `pseudonym`."""
    found = _HOST.match(url)
    host, path = (found.group(1).lower(), found.group(2)) if found else ("", "")
    coded = f"link_{redactor.code('link', url)}"
    if host in _platforms()["opaque_hosts"]:
        return f"{host}/{coded}"
    parts = [part for part in path.split("/") if part]
    if host in _platforms()["account_hosts"]:
        return "/".join([host, *_platform_path(redactor, parts)])
    owner, _, service = host.partition(".")
    if service in _platforms()["owner_hosts"]:
        return f"{redactor.handle(owner)}.{service}" + (f"/{coded}" if parts else "")
    if _host_names_somebody(redactor, host):
        return coded
    return f"{host}/{coded}" if _names_somebody(redactor, unquote(url)) else url


def _platform_path(redactor: Redactor, parts: list[str]) -> list[str]:
    """Keep what kind of page it is; replace whose it is; drop the rest."""
    out: list[str] = []
    for part in parts:
        if part.lower() in _platforms()["not_accounts"]:
            out.append(part.lower())
        elif part in redactor.posts or (part.isdigit() and len(part) >= _LINK_ID_CHARS):
            out.append(redactor.post(part))
        elif not any(done.startswith("user_") for done in out):
            out.append(redactor.handle(part) if fold(part.lstrip("@")) else part)
    return out


def _host_names_somebody(redactor: Redactor, host: str) -> bool:
    """A handle that is a domain, a subdomain that is a handle, or a name before the ending."""
    labels = host.split(".")
    below = {fold(label) for label in labels[:-2] if len(label) >= MIN_CHARS}
    whole = host in redactor.handles or not redactor.handles.isdisjoint(below)
    return whole or bool(redactor.known.find(" / ".join(labels[:-1])))


def _names_somebody(redactor: Redactor, url: str) -> bool:
    pieces = {fold(piece) for piece in WORD.findall(url)}
    pieces |= {word for piece in pieces for word in re.split("[_-]", piece)}
    known = any(len(piece) >= MIN_CHARS and piece in redactor.handles for piece in pieces)
    found = known or bool(redactor.known.find(url)) or not redactor.posts.isdisjoint(pieces)
    return found or not redactor.post_words.keys().isdisjoint(pieces)
