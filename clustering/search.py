"""Who else said this? Known talking points that copy a text, or say the same in other words.

In: the tables of a case, and texts. Out: for each text the best talking points, copies first.

    copy         a post of the point reaches the case's exact Jaccard, or one text holds the other
    paraphrase   the fused score (`clustering.fusion`) reaches the case's threshold
    similar      below it: shown so that a reader can judge, not a finding

Copies are looked for among all different texts, paraphrases among the points' exemplars: those near
by vector, in the language of the text, and those near by rare pieces of wording, in any language.
Vectors come from the case; the embedder is made again as the case made it, and where that gives
another one (points were added since) the exemplars are encoded again, so that both sides compare.
A language that the case has no vectors of is encoded when a text asks for it.
Without its packages wording alone decides, and a note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.copies import CONTAINED_AT, Copies, find_copies
from clustering.exemplars import describe_points
from clustering.jaccard import reaches
from clustering.paraphrases import Space, spaces
from clustering.searched_points import COPY, Asked, Match, SearchedPoints
from corpus.errors import MissingDependency, UnknownPlugin
from corpus.settings import Settings
from nlp.embed import embedder_for
from nlp.language import identify
from nlp.normalize import normalize

# Further points, without vectors, that are searched by their wording: the largest ones.
MAX_OTHERS = 100_000
# Scores below this are not shown. Of 1,500 tweets searched among 401 claims of strangers 9 % found
# one above it (1 % at .1, 84 % at .05); of edited claims .2 % lost their original (1 % at .1).
SHOWN_FROM = 0.07
# Points without vectors that a sentence model may encode for one search; more take the fitted one.
MODEL_POINTS = 2_000
# No embedder has it, so vectors under it are made anew.
NO_DIGEST = ""


@dataclass
class PointSearch:
    """Finds talking points of a case; build it once, search many texts."""

    posts: pa.Table
    texts: pa.Table
    point_posts: pa.Table
    talking_points: pa.Table
    vectors: pa.Table
    settings: Settings
    notes: list[str] = field(default_factory=list)

    def search(self, queries: Sequence[str], top: int = 5) -> list[list[Match]]:
        """Return for each raw text at most `top` matches, best first."""
        forms = normalize(queries)
        langs = [found.lang for found in identify(list(queries))]
        found: list[dict[str, Match]] = [{} for _ in queries]
        for query, match in self._copies(forms):
            found[query].setdefault(match.point_id, match)
        asked = Asked(list(queries), forms, langs)
        for space in self._spaces:
            known = _copied_rows(space, found)
            for query, match in space.matches(asked, known, self.settings.paraphrases.threshold):
                _merge(found[query], match)
        self.notes += [note for space in self._spaces for note in space.notes]
        return [_ranked(matches, top) for matches in found]

    @cached_property
    def _points(self) -> pa.Table:
        return describe_points(self.posts, self.texts, self.talking_points)

    @cached_property
    def _spaces(self) -> list[SearchedPoints]:
        """For each language its points with vectors, then its further points."""
        points, limit = self._points, self.settings.paraphrases.max_points
        made = [
            SearchedPoints.of(space, points, self.settings.seed)
            for space in spaces(self.texts, self.talking_points, self.vectors, limit)
        ]
        lenders = {found.space.lang: found for found in made if found.space}
        seen = pa.array([found for lender in made for found in lender.row_of], pa.string())
        rest = points.filter(pc.invert(pc.is_in(points.column("point_id"), seen)))
        rest = rest.sort_by([("size", "descending"), ("point_id", "ascending")])[:MAX_OTHERS]
        for lang in sorted(set(rest.column("lang").to_pylist())):
            part = rest.filter(pc.equal(rest.column("lang"), lang)).sort_by("point_id")
            if lang in lenders:
                made.append(SearchedPoints.without_vectors(part, lenders[lang]))
            else:
                made.append(
                    SearchedPoints.of(self._new_space(lang, part), points, self.settings.seed)
                )
        return made

    def _new_space(self, lang: str, points: pa.Table) -> Space:
        """A space for points that the case has no vectors of: encoded when a text asks for it."""
        name = self.settings.narratives.embedder if points.num_rows <= MODEL_POINTS else "fitted"
        try:
            chosen = embedder_for(name, lang, seed=self.settings.seed).embedder.name
        except (MissingDependency, UnknownPlugin) as error:
            self.notes.append(f"texts in {lang!r} were compared by the fitted embedder: {error}")
            chosen = "fitted"
        ids, texts = (points.column(name).to_pylist() for name in ("point_id", "text_norm"))
        return Space(lang, chosen, NO_DIGEST, ids, texts, np.zeros((0, 0), dtype=np.float32))

    @cached_property
    def _members(self) -> pa.Table:
        """One row a point and different text: the first post that wrote it, reposts last."""
        ids = self.point_posts.column("post_id")
        in_posts = pc.index_in(ids, value_set=self.posts.column("post_id"))
        in_texts = pc.index_in(ids, value_set=self.texts.column("post_id"))
        rows = pa.table(
            {
                "text": self.texts.column("text_norm").take(in_texts),
                "point_id": self.point_posts.column("point_id"),
                "repost": pc.equal(self.posts.column("kind").take(in_posts), "repost"),
                "at": self.posts.column("created_at").take(in_posts),
                "post_id": ids,
            }
        )
        order = [(name, "ascending") for name in ("text", "point_id", "repost", "at", "post_id")]
        rows = rows.filter(pc.not_equal(rows.column("text"), "")).sort_by(order).combine_chunks()
        if rows.num_rows == 0:
            return rows
        first = np.ones(rows.num_rows, dtype=bool)
        last = rows.num_rows - 1
        first[1:] = pc.or_(
            *[
                pc.not_equal(rows.column(name).slice(1), rows.column(name).slice(0, last))
                for name in ("text", "point_id")
            ]
        ).to_numpy(zero_copy_only=False)
        return rows.filter(pa.array(first))

    def _copies(self, forms: list[str]) -> list[tuple[int, Match]]:
        """The best copy of each query in each point, best first."""
        rules = self.settings.talking_points
        texts = self._members.column("text").to_pylist()
        found = find_copies(forms, texts, threshold=rules.threshold, shingle=rules.shingle)
        points, posts = (
            self._members.column(name).take(pa.array(found.text)).to_pylist()
            for name in ("point_id", "post_id")
        )
        order = np.lexsort((found.text, -found.contained, -found.jaccard, found.query))
        return [
            (int(found.query[at]), _copy(found, int(at), points[at], posts[at], rules.threshold))
            for at in order
        ]


def _copy(found: Copies, at: int, point_id: str, post_id: str, threshold: float) -> Match:
    jaccard, held = float(found.jaccard[at]), float(found.contained[at])
    inside = ""
    if held >= CONTAINED_AT and not bool(reaches(found.jaccard[[at]], threshold)[0]):
        inside = "text in post" if found.query_is_smaller[at] else "post in text"
    return Match(point_id, COPY, post_id, round(jaccard, 6), inside)


def _merge(found: dict[str, Match], match: Match) -> None:
    """Give a copy its scores, or take the match as it is."""
    known = found.get(match.point_id)
    if known is not None and known.tier == COPY:
        match = replace(
            known, lexical=match.lexical, semantic=match.semantic, score=match.score
        )  # fmt: skip
    found[match.point_id] = match


def _ranked(found: dict[str, Match], top: int) -> list[Match]:
    shown = [m for m in found.values() if m.tier == COPY or (m.score or 0.0) >= SHOWN_FROM]
    return sorted(shown, key=lambda match: match.rank)[:top]


def _copied_rows(space: SearchedPoints, found: list[dict[str, Match]]) -> list[tuple[int, int]]:
    return [
        (query, space.row_of[point_id])
        for query, matches in enumerate(found)
        for point_id in matches
        if point_id in space.row_of
    ]
