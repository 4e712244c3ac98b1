"""Which account, post, talking point or narrative does somebody mean?

In: the tables of a case and what was typed: an id, the beginning of a talking point's or
narrative's id, a pseudonym from a report, a handle. Out: kind and id. Pseudonyms are made again
under the local key and compared; none can be turned back without it. It refuses to choose: what
names several things is an error that says so, and what names nothing gets the nearest names, under
pseudonyms where outputs are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from reports.known_names import fold, spelling
from reports.links import table_of
from reports.redaction import Redactor

Tables = Mapping[str, pa.Table]
KINDS = ("account", "post", "point", "narrative")
WORDS = {"point": "talking point"}
# A beginning of a hash that fits no other by accident: 16^6 is 17 million.
LEAST_PREFIX = 6
MAX_SUGGESTIONS, MAX_LISTED = 3, 5
# Names compared letter by letter for suggestions; sharing two letters at the front cuts most.
MAX_COMPARED = 20_000
_PSEUDONYM = re.compile(r"(acct|post|user|name|snap)_[0-9a-z]{12}")
Thing = tuple[str, str]


def known_ids(tables: Tables) -> dict[str, list[str]]:
    """Return the ids of each kind, sorted."""
    columns = {
        "account": [("posts", "account_id"), ("profiles", "account_id")],
        "post": [("posts", "post_id")],
        "point": [("talking_points", "point_id")],
        "narrative": [("narratives", "narrative_id")],
    }
    return {
        kind: sorted({id_ for name, column in where for id_ in _values(tables, name, column)})
        for kind, where in columns.items()
    }


def _values(tables: Tables, name: str, column: str) -> list[str]:
    table = table_of(tables, name)
    if column not in table.column_names:
        return []
    values: list[str] = pc.unique(table[column]).drop_null().to_pylist()
    return values


def resolve(
    tables: Tables,
    wanted: str,
    *,
    kinds: Iterable[str] = KINDS,
    key: Callable[[], bytes],
    shown: Redactor,
) -> Thing:
    """Return (kind, id) of what is called `wanted`.

    Parameters
    ----------
    tables
        The tables of a case.
    wanted
        An id, a beginning of a hash, a pseudonym, or a handle with or without @.
    kinds
        account, post, point, narrative: which to look among.
    key
        Gives the pseudonym key; asked for only where `wanted` looks like a pseudonym.
    shown
        The redactor of the output, through which other names are told.

    Raises
    ------
    SettingsError
        When nothing, or more than one thing, is called so.
    """
    asked, among = wanted.strip(), list(kinds)
    ids = {kind: own for kind, own in known_ids(tables).items() if kind in among}
    found = (
        [(kind, asked) for kind, own in ids.items() if asked in own]
        or _beginning(ids, asked)
        or _by_pseudonym(tables, ids, asked, key)
        or _by_handle(tables, ids, asked)
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise SettingsError(_several(wanted, found, shown))
    raise SettingsError(_nothing(tables, wanted, ids, among, shown))


def _beginning(ids: Mapping[str, list[str]], asked: str) -> list[Thing]:
    if len(asked) < LEAST_PREFIX:
        return []
    hashes = [(k, id_) for k in ("point", "narrative") for id_ in ids.get(k, [])]
    return [thing for thing in hashes if thing[1].startswith(asked)]


def _by_pseudonym(
    tables: Tables, ids: Mapping[str, list[str]], asked: str, key: Callable[[], bytes]
) -> list[Thing]:
    match = _PSEUDONYM.fullmatch(asked)
    if match is None:
        return []
    coder, prefix = Redactor(mode="pseudonym", key=key()), match.group(1)
    if prefix == "post":
        return [("post", id_) for id_ in ids.get("post", []) if coder.post(id_) == asked]
    if "account" not in ids:
        return []
    if prefix == "acct":
        return [("account", id_) for id_ in ids["account"] if coder.account(id_) == asked]
    column, method = {
        "user": ("handle", coder.handle),
        "name": ("display_name", coder.name),
        "snap": ("snapshot_id", lambda id_: f"snap_{coder.code('snapshot', id_)}"),
    }[prefix]
    same = {
        v for n in ("posts", "profiles") for v in _values(tables, n, column) if method(v) == asked
    }
    return [("account", id_) for id_ in _accounts_with(tables, column, same)]


def _by_handle(tables: Tables, ids: Mapping[str, list[str]], asked: str) -> list[Thing]:
    bare = fold(spelling(asked.lstrip("@＠")))
    if not bare or "account" not in ids:
        return []
    handles = {v for n in ("posts", "profiles") for v in _values(tables, n, "handle")}
    same = {handle for handle in handles if fold(spelling(handle.lstrip("@＠"))) == bare}
    return [("account", id_) for id_ in _accounts_with(tables, "handle", same)]


def _accounts_with(tables: Tables, column: str, values: set[str]) -> list[str]:
    found: set[str] = set()
    wanted = pa.array(sorted(values), pa.string())
    for name in ("posts", "profiles"):
        table = table_of(tables, name)
        if values and column in table.column_names:
            own = table.filter(pc.is_in(table[column], value_set=wanted))
            found |= set(own["account_id"].drop_null().to_pylist())
    return sorted(found)


def _words(kind: str) -> str:
    return WORDS.get(kind, kind)


def _label(shown: Redactor, thing: Thing) -> str:
    kind, id_ = thing
    method = {"account": shown.account, "post": shown.post}.get(kind, shown.derived)
    return f"{_words(kind)} {method(id_)}"


def _several(wanted: str, found: list[Thing], shown: Redactor) -> str:
    listed = ", ".join(_label(shown, thing) for thing in found[:MAX_LISTED])
    more = f" and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    kinds = sorted({kind for kind, _ in found})
    hint = f"; say which with --as {kinds[0]}" if len(kinds) > 1 else "; name one of them by its id"
    return f"{wanted!r} names {len(found)} things: {listed}{more}{hint}"


def _nothing(
    tables: Tables, wanted: str, ids: Mapping[str, list[str]], among: list[str], shown: Redactor
) -> str:
    what = " or ".join([", ".join(map(_words, among[:-1])), _words(among[-1])][len(among) == 1 :])
    told = f"no {what} of this case is called {wanted!r}"
    if _PSEUDONYM.fullmatch(wanted.strip()):
        return f"{told}; a pseudonym is found under the key it was made with alone"
    near = _nearest(tables, wanted, ids)
    if not near:
        return f"{told}; ids and pseudonyms stand in the report and in exports"
    return f"{told}; nearest: {', '.join(_label(shown, thing) for thing in near)}"


def _nearest(tables: Tables, wanted: str, ids: Mapping[str, list[str]]) -> list[Thing]:
    """The things whose id or handle is spelled most like `wanted`, best first."""
    asked = fold(wanted.strip().lstrip("@＠"))
    names: dict[str, Thing] = {id_: (kind, id_) for kind, own in ids.items() for id_ in own}
    if "account" in ids:
        for handle in sorted(
            {v for n in ("posts", "profiles") for v in _values(tables, n, "handle")}
        ):
            accounts = _owners(tables, handle) if _alike(fold(handle), asked) else []
            for account in accounts[:1]:
                names.setdefault(fold(handle), ("account", account))
    near = sorted(name for name in names if _alike(name, asked))[:MAX_COMPARED]
    best = difflib.get_close_matches(asked, near, n=MAX_SUGGESTIONS)
    return list(dict.fromkeys(names[name] for name in best))


def _owners(tables: Tables, handle: str) -> list[str]:
    return _accounts_with(tables, "handle", {handle})


def _alike(name: str, asked: str) -> bool:
    """Cheap: about as long, and the same at one end."""
    near = abs(len(name) - len(asked)) <= 3
    return near and (name[:2] == asked[:2] or name[-2:] == asked[-2:])
