"""One page, one address: links in their canonical form.

In: a link as written. Out: host, path and query without what does not choose the page: scheme,
default port, "www.", fragment, tracking parameters, a closing slash; parameters in order, the host
in lower case; known mobile and twin hosts under one name; redirect pages unwrapped. The lists are
data (`url_forms.toml`, with examples that the tests read). Nothing is fetched: a shortened link
stays itself, and `is_short` says that the page behind it is unknown. The result is a key for
comparing, not a link to open.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# Links repeat: the canonical form of the latest ones is remembered.
REMEMBERED = 1 << 16
# A redirect inside a redirect is unwrapped, a loop is not followed.
MAX_UNWRAPPED = 3
_DEFAULT_PORTS = {"80", "443", ""}
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d|//)", re.IGNORECASE)
_SLASHES = re.compile(r"/{2,}")


@dataclass(frozen=True)
class UrlForms:
    """The lists of `url_forms.toml`."""

    prefixes: tuple[str, ...]
    names: frozenset[str]
    on_host: dict[str, frozenset[str]]
    same_host: dict[str, str]
    host_prefixes: tuple[str, ...]
    short: frozenset[str]
    each_its_own: frozenset[str]
    wrapped: dict[str, str]
    long: dict[str, str]


@cache
def url_forms() -> UrlForms:
    """Read the lists once."""
    data = resources.files("clustering").joinpath("url_forms.toml").read_text(encoding="utf-8")
    read = tomllib.loads(data)
    tracking, hosts, shorteners = read["tracking"], read["hosts"], read["shorteners"]
    return UrlForms(
        prefixes=tuple(tracking["prefixes"]),
        names=frozenset(tracking["names"]),
        on_host={host: frozenset(names) for host, names in tracking["on"].items()},
        same_host=dict(hosts["same"]),
        host_prefixes=tuple(hosts["prefixes"]),
        short=frozenset(shorteners["hosts"]),
        each_its_own=frozenset(shorteners["each_its_own"]),
        wrapped=dict(read["wrapped"]),
        long=dict(read["long"]),
    )


@lru_cache(maxsize=REMEMBERED)
def canonical_url(url: str) -> str | None:
    """Return the canonical form of a link; None where it names no host."""
    forms = url_forms()
    for _ in range(MAX_UNWRAPPED):
        split = _split(url)
        if split is None:
            return None
        host, path, query = split
        target = forms.wrapped.get(host + path) or forms.wrapped.get(host)
        inner = dict(query).get(target, "") if target else ""
        if "://" not in inner:
            break
        url = inner
    return _joined(host, path, query, forms)


def host_of(canonical: str) -> str:
    """Return the host of a canonical link."""
    return re.split(r"[/?]", canonical, maxsplit=1)[0]


def is_short(canonical: str) -> bool:
    """Is this a shortener's link, whose page is unknown?"""
    return host_of(canonical) in url_forms().short


def _split(url: str) -> tuple[str, str, list[tuple[str, str]]] | None:
    """Host in its usual name, path without a closing slash, parameters."""
    text = url.strip()
    if _OTHER_SCHEME.match(text):
        return None
    if "://" not in text:
        text = "http://" + text
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), str(parts.port or "")
    except ValueError:  # brackets that enclose no address, a port that is no number
        return None
    if not host or parts.scheme.lower() not in {"http", "https"}:
        return None
    forms = url_forms()
    host = _plain_host(host)
    for prefix in forms.host_prefixes:
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
    wrapped = any(key.split("/")[0] == host for key in forms.wrapped)
    host = host if wrapped and parts.query else forms.same_host.get(host, host)
    if port not in _DEFAULT_PORTS:
        host = f"{host}:{port}"
    path = _SLASHES.sub("/", quote(unquote(parts.path), safe="/:@!$&'()*+,;=~-._")).rstrip("/")
    return host, path, parse_qsl(parts.query, keep_blank_values=True)


def _plain_host(host: str) -> str:
    """A host in letters of its own script, whether it was written so or in punycode."""
    try:
        return host.encode("ascii").decode("idna").lower()
    except (UnicodeError, ValueError):
        return host.lower()


def _joined(host: str, path: str, query: list[tuple[str, str]], forms: UrlForms) -> str:
    host = forms.same_host.get(host, host)
    dropped = forms.names | forms.on_host.get(host, frozenset())
    kept = sorted(
        (name, value)
        for name, value in query
        if name.lower() not in dropped and not name.lower().startswith(forms.prefixes)
    )
    for short, long in forms.long.items():
        if f"{host}{path}".startswith(short):
            rest = f"{host}{path}".removeprefix(short)
            return long + rest + ("&" + urlencode(kept) if kept else "")
    return f"{host}{path}" + ("?" + urlencode(kept) if kept else "")
