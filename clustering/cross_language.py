"""Which narratives of two languages belong together, although no word is the same?

In: posts, the narratives they tell, and timelines. Out: pairs of narratives in two languages that
share more links, hashtags and mentions than chance allows, with what they share. Nothing is merged:
the two keep their names, and the link says on what it rests.

By chance two narratives that hold d_a and d_b objects both hold an object of k narratives with
probability d_a d_b k (k - 1) / (E (E - 1)), over all E such holdings: the configuration model, in
which every narrative keeps how many objects it holds and every object how popular it is (Newman,
Strogatz and Watts 2001). What they share in all is a sum of such chances; the tail of the Poisson
variable of the same mean, which is the p-value here, lies above its tail from one above the mean on
(Hoeffding 1956), so the test errs towards no link. q values count every pair of narratives of two
languages. An object that one account alone posted in a narrative does not count for it. Tags that
always come together are one choice counted as several: read what is shared, not the number alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from clustering.density import Matrix
from clustering.timeline import narrative_of_posts
from corpus.significance import benjamini_hochberg
from corpus.tables import NARRATIVE_LINKS, conform

# An object must be posted by two accounts of a narrative: one account's favourite link is its own.
LEAST_ACCOUNTS = 2
# Share of false links to be expected among those shown.
LEVEL = 0.05
# Links, tags and mentions named for each pair.
NAMED = 10
KINDS = ("urls", "hashtags", "mentions")
WORDS = {"urls": "link", "hashtags": "hashtag", "mentions": "mention"}


@dataclass(frozen=True)
class Held:
    """Which narrative (row) holds which object (column): `objects` are (kind, value)."""

    narratives: list[str]
    objects: list[tuple[str, str]]
    matrix: sparse.csr_matrix


def link_languages(
    *,
    posts: pa.Table,
    point_posts: pa.Table,
    narrative_points: pa.Table,
    narratives: pa.Table,
    timelines: pa.Table,
    centres: Mapping[str, Matrix] | None = None,
) -> pa.Table:
    """Return NARRATIVE_LINKS: pairs with q <= .05, the surest first.

    `centres` gives unit vectors of narratives whose vectors one multilingual model made; a cosine
    is told beside the link and is never a reason by itself.
    """
    lang = dict(
        zip(*(narratives.column(c).to_pylist() for c in ("narrative_id", "lang")), strict=True)
    )
    told = narrative_of_posts(posts, point_posts, narrative_points)
    held = _held(posts, told)
    pairs = [
        (a, b)
        for a, b in combinations(range(len(held.narratives)), 2)
        if lang[held.narratives[a]] != lang[held.narratives[b]]
    ]
    if not pairs:
        return NARRATIVE_LINKS.empty()
    found = _tested(held, pairs)
    hours = _hourly(timelines)
    rows = [_row(held, lang, hours, centres or {}, *entry) for entry in found if entry[-1] <= LEVEL]
    rows.sort(key=lambda row: (row["q_value"], row["narrative_a"], row["narrative_b"]))
    return conform(pa.Table.from_pylist(rows, NARRATIVE_LINKS.schema), NARRATIVE_LINKS)


def _held(posts: pa.Table, told: pa.Table) -> Held:
    """Objects that at least two accounts of a narrative posted in it."""
    row = pc.index_in(told.column("post_id"), value_set=posts.column("post_id"))
    parts = [_uses(told, posts.column(kind).take(row), kind) for kind in KINDS]
    uses = pa.concat_tables(parts)
    uses = uses.group_by(["narrative_id", "kind", "value"]).aggregate(
        [("account_id", "count_distinct")]
    )
    kept = uses.filter(pc.greater_equal(uses.column("account_id_count_distinct"), LEAST_ACCOUNTS))
    columns = [kept.column(c).to_pylist() for c in ("narrative_id", "kind", "value")]
    narratives = sorted(set(columns[0]))
    objects = sorted(set(zip(columns[1], columns[2], strict=True)))
    at_row = {name: n for n, name in enumerate(narratives)}
    at_column = {name: n for n, name in enumerate(objects)}
    rows = [at_row[name] for name in columns[0]]
    cols = [at_column[key] for key in zip(columns[1], columns[2], strict=True)]
    shape = (len(narratives), len(objects))
    ones = np.ones(len(rows), np.int64)
    return Held(narratives, objects, sparse.csr_matrix((ones, (rows, cols)), shape=shape))


def _uses(told: pa.Table, lists: pa.ChunkedArray, kind: str) -> pa.Table:
    """narrative_id, account_id, kind, value: one row a use of an object in a post."""
    values = lists.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # no chunk at all
        values = pa.array([], lists.type)
    owner = pc.list_parent_indices(values)
    flat = pc.list_flatten(values)
    flat = flat if kind == "urls" else pc.utf8_lower(flat)
    return pa.table(
        {
            "narrative_id": told.column("narrative_id").take(owner),
            "account_id": told.column("account_id").take(owner),
            "kind": pa.array([kind] * len(flat), pa.string()),
            "value": flat,
        }
    )


def _tested(
    held: Held, pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int, float, float, float]]:
    """(a, b, shared, expected, p, q) of every pair that shares something."""
    from scipy.stats import poisson

    a, b = np.array(pairs, np.int64).T
    shared = np.asarray((held.matrix @ held.matrix.T).tocsr()[a, b]).ravel()
    expected = _expected(held, a, b)
    p = np.where(shared > 0, poisson.sf(shared - 1, np.maximum(expected, 1e-300)), 1.0)
    q = benjamini_hochberg(p)
    for n in np.flatnonzero(shared).tolist():
        yield int(a[n]), int(b[n]), int(shared[n]), float(expected[n]), float(p[n]), float(q[n])


def _expected(held: Held, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Objects that each pair would share by chance."""
    holds = np.asarray(held.matrix.sum(axis=1)).ravel().astype(np.float64)
    popular = np.asarray(held.matrix.sum(axis=0)).ravel().astype(np.int64)
    every = holds.sum()
    both = holds[a] * holds[b] / max(every * (every - 1), 1.0)
    total = np.zeros(len(a))
    for k, objects in zip(*np.unique(popular, return_counts=True), strict=True):
        total += objects * np.minimum(both * k * (k - 1), 1.0)
    return total


def _hourly(timelines: pa.Table) -> dict[str, dict[int, float]]:
    lines: dict[str, dict[int, float]] = {}
    names = timelines.column("narrative_id").to_pylist()
    starts = timelines.column("bin_start").cast(pa.int64()).to_pylist()
    posts = timelines.column("posts").to_pylist()
    for name, start, count in zip(names, starts, posts, strict=True):
        lines.setdefault(name, {})[start] = float(count)
    return lines


def _overlap(one: Mapping[int, float], other: Mapping[int, float]) -> float:
    """Cosine of two time lines."""
    both = sum(count * other.get(start, 0.0) for start, count in sorted(one.items()))
    size = sum(c * c for c in one.values()) * sum(c * c for c in other.values())
    return round(both / size**0.5, 6) if size else 0.0


def _row(
    held: Held,
    lang: Mapping[str, str],
    hours: Mapping[str, Mapping[int, float]],
    centres: Mapping[str, Matrix],
    *entry: float,
) -> dict[str, object]:
    a, b, shared, expected, p, q = entry
    one, other = held.narratives[int(a)], held.narratives[int(b)]
    both = set(held.matrix[int(a)].indices.tolist()) & set(held.matrix[int(b)].indices.tolist())
    named = {
        kind: [value for k, value in sorted(held.objects[o] for o in both) if k == kind]
        for kind in KINDS
    }
    return {
        "narrative_a": one, "narrative_b": other, "lang_a": lang[one], "lang_b": lang[other],
        "shared": int(shared), "expected": round(expected, 6), "p_value": p, "q_value": q,
        **{kind: values[:NAMED] for kind, values in named.items()},
        "time_overlap": _overlap(hours.get(one, {}), hours.get(other, {})),
        "cosine": _cosine(centres.get(one), centres.get(other)),
        "basis": _basis(named, expected),
    }  # fmt: skip


def _cosine(one: Matrix | None, other: Matrix | None) -> float | None:
    if one is None or other is None:
        return None
    return round(float(np.dot(one.astype(np.float64), other.astype(np.float64))), 6)


def _basis(named: Mapping[str, Sequence[str]], expected: float) -> str:
    counted = [
        f"{len(values):,} {WORDS[kind]}{'s' * (len(values) != 1)}"
        for kind, values in named.items()
        if values
    ]
    return (
        f"both hold {' and '.join(counted)}, each posted by at least {LEAST_ACCOUNTS} accounts on"
        f" either side; {expected:.2f} such objects are expected by chance"
    )
