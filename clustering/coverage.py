"""How much of what was posted is in a narrative, and do narratives follow languages?

In: talking points with their posts, where each was assigned, and the languages. Out: counts for the
manifest and sentences for the reader. Coverage is stated over all posts and over repeated points:
what was said once by one account is most of a corpus, and joins less often.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# From here on languages explain the groups better than anything else could beside them.
HIGH_LEAK = 0.5


def coverage(points: pa.Table, assigned: pa.Table) -> dict[str, int]:
    """Return posts and points, in all, repeated, and in narratives.

    `points` has point_id and size (posts and reposts), `assigned` NARRATIVE_POINTS rows of them.
    """
    size = points.column("size").to_numpy()
    rows = pc.index_in(points.column("point_id"), value_set=assigned.column("point_id"))
    inside = pc.is_valid(assigned.column("narrative_id").take(rows))
    inside = pc.fill_null(inside, False).to_numpy(zero_copy_only=False).astype(bool)
    repeated = size >= 2
    return {
        "posts": int(size.sum()),
        "posts_in_narratives": int(size[inside].sum()),
        "repeated_posts": int(size[repeated].sum()),
        "repeated_posts_in_narratives": int(size[repeated & inside].sum()),
        "points": len(size),
        "points_in_narratives": int(inside.sum()),
        "repeated_points": int(repeated.sum()),
        "repeated_points_in_narratives": int((repeated & inside).sum()),
    }


def coverage_sentence(counted: dict[str, int]) -> str | None:
    """Say the coverage over all posts and over repeated points; None without posts."""
    if not counted["posts"]:
        return None
    whole = (
        f"{_share(counted, 'posts')} of all {counted['posts']:,} posts are in a narrative"
        " (reposts counted)"
    )
    if not counted["repeated_posts"]:
        return whole
    return (
        f"{whole}, {_share(counted, 'repeated_posts')} of the {counted['repeated_posts']:,} posts"
        " in talking points said more than once"
    )


def _share(counted: dict[str, int], what: str) -> str:
    return f"{counted[f'{what}_in_narratives'] / counted[what]:.0%}"


def language_leak(narrative: list[str | None], lang: list[str], weights: np.ndarray) -> float:
    """Return the mutual information of narrative and language over assigned posts, 0..1.

    Normalized by the smaller of the two entropies that matters here, that of the languages: 1 says
    that to know the narrative is to know the language, 0 that it tells nothing. 0 for one language.
    """
    inside = np.array([name is not None for name in narrative], dtype=bool)
    if not inside.any():
        return 0.0
    names = np.array([name or "" for name in narrative])[inside]
    _, group = np.unique(names, return_inverse=True)
    _, code = np.unique(np.array(lang)[inside], return_inverse=True)
    together = np.zeros((group.max() + 1, code.max() + 1))
    np.add.at(together, (group, code), weights[inside])
    together /= together.sum()
    by_group, by_lang = together.sum(axis=1), together.sum(axis=0)
    spread = -np.sum(by_lang * np.log(by_lang))
    if len(by_lang) < 2 or spread <= 0:  # rounding gives one language an entropy just above 0
        return 0.0
    found = together > 0
    expected = np.outer(by_group, by_lang)
    shared = np.sum(together[found] * np.log(together[found] / expected[found]))
    return float(np.clip(shared / spread, 0.0, 1.0))


def leak_notes(leak: float, mixed: int, narratives: int) -> list[str]:
    """Say how languages and narratives go together when narratives may hold several languages."""
    if not mixed and leak == 0:
        return []
    if not mixed:
        return [
            "languages were grouped apart: no narrative holds two of them (see links between"
            " languages for the same story told in several)"
        ]
    warning = "; high: groups may be languages rather than stories" if leak >= HIGH_LEAK else ""
    return [
        f"{mixed:,} of {narratives:,} narratives hold several languages; language leak {leak:.2f}"
        f" (1: the narrative tells the language){warning}"
    ]


def facts_of(points: pa.Table, assigned: pa.Table) -> tuple[dict[str, Any], list[str]]:
    """Return coverage and language leak for the manifest, and sentences for the reader.

    `points` also has lang.
    """
    counted = coverage(points, assigned)
    rows = pc.index_in(points.column("point_id"), value_set=assigned.column("point_id"))
    narrative = assigned.column("narrative_id").take(rows).to_pylist()
    lang = points.column("lang").to_pylist()
    leak = language_leak(narrative, lang, points.column("size").to_numpy().astype(np.float64))
    held: dict[str, set[str]] = {}
    for name, code in zip(narrative, lang, strict=True):
        if name is not None:
            held.setdefault(name, set()).add(code)
    mixed = sum(len(codes) > 1 for codes in held.values())
    notes = [sentence] if (sentence := coverage_sentence(counted)) else []
    return (
        {**counted, "language_leak": round(leak, 4), "mixed_narratives": mixed},
        notes + leak_notes(leak, mixed, len(held)),
    )
