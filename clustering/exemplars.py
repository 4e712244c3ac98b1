"""Which talking points shape the narratives, and which only join them?

In: talking points with the post that stands for each. Out: one row a point with its language, text
and size, marked as exemplar or not. Near-duplicates would turn density into a count of copies, so
one exemplar enters for each point. Where a language has many repeated points those alone enter:
what was said once by one account is joined afterwards. Elsewhere every point enters. It refuses to
mix languages: a language with too few points stays outside, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Flags = NDArray[np.bool_]

# Two groups of three with a few strangers between them: less cannot show a density.
MIN_LANGUAGE_POINTS = 10
# Repeated points that suffice to find the narratives of a language by themselves.
ENOUGH_REPEATED = 1_000


@dataclass(frozen=True)
class Exemplars:
    """`points`: point_id, exemplar_id, size, lang, text, text_norm, by point_id; and flags."""

    points: pa.Table
    chosen: Flags
    notes: tuple[str, ...]

    @property
    def languages(self) -> list[str]:
        """Languages with at least one exemplar, in alphabetical order."""
        chosen = self.points.column("lang").filter(pa.array(self.chosen))
        return sorted(pc.unique(chosen).to_pylist())


def describe_points(posts: pa.Table, texts: pa.Table, talking_points: pa.Table) -> pa.Table:
    """Return one row a point: its exemplar's language, text as written and matching form, its size.

    `size` counts posts and reposts: a text repeated by reposts alone is repeated too.
    """
    points = talking_points.sort_by("point_id")
    exemplar = points.column("exemplar_id")
    in_posts = pc.index_in(exemplar, value_set=posts.column("post_id"))
    in_texts = pc.index_in(exemplar, value_set=texts.column("post_id"))
    return pa.table(
        {
            "point_id": points.column("point_id"),
            "exemplar_id": exemplar,
            "size": pc.add(points.column("posts"), points.column("reposts")),
            "lang": texts.column("lang").take(in_texts),
            "text": posts.column("text").take(in_posts),
            "text_norm": texts.column("text_norm").take(in_texts),
        }
    ).combine_chunks()


def choose_exemplars(points: pa.Table, max_exemplars: int) -> Exemplars:
    """Mark the points that enter the clustering, at most `max_exemplars` over all languages."""
    lang = np.asarray(points.column("lang").to_pylist(), dtype=object)
    size = points.column("size").to_numpy()
    chosen = np.zeros(points.num_rows, dtype=bool)
    notes: list[str] = []
    few: dict[str, int] = {}
    for code in sorted(set(lang)):
        of_lang = lang == code
        if of_lang.sum() < MIN_LANGUAGE_POINTS:
            few[code] = int(of_lang.sum())
            continue
        candidates, note = _candidates(code, of_lang, of_lang & (size >= 2))
        chosen |= candidates
        notes += [note] if note else []
    notes += [_too_few(few)] if few else []
    if chosen.sum() > max_exemplars:
        notes.append(
            f"{chosen.sum():,} talking points could shape narratives; the {max_exemplars:,} with"
            " most posts did (setting narratives.max_exemplars)"
        )
        chosen = _largest(chosen, size, max_exemplars)
    return Exemplars(points, chosen, tuple(notes))


def learned_from(points: pa.Table) -> pa.Table:
    """Return those `points` of one language that a fitted embedder learns from.

    The repeated ones where there are enough: a space made by what was said once places them worse
    (40,000 repeated among 346,000 points: 17 % of their posts in dense groups, else 24 %).
    """
    repeated = pc.greater_equal(points.column("size"), 2)
    return points.filter(repeated) if (pc.sum(repeated).as_py() or 0) >= ENOUGH_REPEATED else points


def _candidates(lang: str, of_lang: Flags, repeated: Flags) -> tuple[Flags, str | None]:
    points, copies = int(of_lang.sum()), int(repeated.sum())
    if copies >= ENOUGH_REPEATED and copies < points:
        return repeated, (
            f"narratives in {named_language(lang)} were built from its {copies:,} repeated talking"
            f" points; {points - copies:,} said once join the nearest narrative or stay outside"
        )
    return of_lang, None


def _too_few(points: dict[str, int]) -> str:
    """Say once for all small languages why they have no narratives."""
    shares = ", ".join(f"{count} in {named_language(lang)}" for lang, count in points.items())
    total = sum(points.values())
    return (
        f"{total} talking point{'s' if total > 1 else ''} left outside narratives: a language needs"
        f" {MIN_LANGUAGE_POINTS} for a search ({shares})"
    )


def named_language(lang: str) -> str:
    """Return the language as a sentence names it."""
    return "an unknown language" if lang == "und" else repr(lang)


def _largest(chosen: Flags, size: np.ndarray, most: int) -> Flags:
    """Keep the largest; points are in id order, so a stable sort breaks ties by id."""
    rows = np.flatnonzero(chosen)
    kept = rows[np.argsort(-size[rows], kind="stable")[:most]]
    flags = np.zeros_like(chosen)
    flags[kept] = True
    return flags
