"""Which ids may be added to an index, and which may be removed from it?

In: ids as they were handed in, and those that the index holds. Out: the ids as a list. It refuses
ids that are no text, repeat, are there already, or are not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from corpus.errors import InputError


def new_ids(n: int, ids: Iterable[str], held: Container[str]) -> list[str]:
    """Return n ids that are not held; raise InputError."""
    names = _as_list(ids)
    if len(names) != n:
        raise InputError(f"{n:,} texts and {len(names):,} ids; expected one id for each text")
    for name in names:
        if not isinstance(name, str):
            raise InputError(f"id {name!r} is {type(name).__name__}; expected str")
        if name in held:
            raise InputError(f"id {name!r} is in the index already; remove it first")
    return _without_repeats(names)


def known_ids(ids: Iterable[str], held: Container[str]) -> list[str]:
    """Return ids that are all held; raise InputError."""
    names = _as_list(ids)
    missing = [name for name in names if name not in held]
    if missing:
        count = "1 id is" if len(missing) == 1 else f"{len(missing):,} ids are"
        raise InputError(f"{count} not in the index, such as {missing[0]!r}; nothing was removed")
    return _without_repeats(names)


def _as_list(ids: Iterable[str]) -> list[str]:
    if isinstance(ids, str):
        raise InputError(f"expected a list of ids, found one text; pass [{ids[:20]!r}]")
    return list(ids)


def _without_repeats(names: Sequence[str]) -> list[str]:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise InputError(f"id {repeated[0]!r} is named twice; expected each id once")
    return list(names)
