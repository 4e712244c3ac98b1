"""Some talking points that are searched together, and how near a text comes to each of them.

In: the exemplars of one language with their vectors (or of the rest, without), and texts. Out: for
each text its candidates, by rare pieces of wording and, where text and points share a language and
an embedder, by vector, with both scores and the fused one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.density import BLOCK_ROWS, Labels, Matrix
from clustering.fusion import (
    WORDING_ONLY,
    Floats,
    company_of,
    cosines,
    fusion_for,
    pair_features,
    share_more_than_tags,
)
from clustering.lexical_search import LexicalSearch
from clustering.paraphrases import GRAMS, Space
from corpus.errors import MissingDependency, UnknownPlugin
from nlp.embed import Embedder, embedder
from nlp.similarity import Wording, compare

# Candidates of a text by each of the two ways: twice what a reader usually asks for.
PROPOSED = 20
COPY, PARAPHRASE, SIMILAR = "copy", "paraphrase", "similar"


@dataclass(frozen=True)
class Match:
    """One talking point that may say what a text says.

    `post_id` is the copy, or the exemplar. `jaccard` is exact and null where no copy was found;
    `contained` says which text stands in the other ("text in post", "post in text", or "").
    `lexical`, `semantic` and `score` compare with the exemplar; null where they could not.
    """

    point_id: str
    tier: str
    post_id: str
    jaccard: float | None = None
    contained: str = ""
    lexical: float | None = None
    semantic: float | None = None
    score: float | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts best first: copies by Jaccard, then by score; ties by id."""
        alike = -(self.jaccard or 0.0) if self.tier == COPY else 0.0
        return self.tier != COPY, alike, -(self.score or 0.0), self.point_id


@dataclass(frozen=True)
class Asked:
    """Texts that are looked for: as written, normalized, and their languages."""

    raw: list[str]
    forms: list[str]
    langs: list[str]


@dataclass(frozen=True)
class Scored:
    """Pairs of a query (its place in `wanted`) and a row of the points, with their scores."""

    wanted: list[int]
    query: Labels
    row: Labels
    lexical: Floats
    semantic: Floats | None
    score: Floats


@dataclass
class SearchedPoints:
    """Points that are searched together; `space` is None where they have no vectors.

    Points without vectors may borrow the embedder of others in their language: candidates among
    them are encoded when they come up.
    """

    space: Space | None
    points: pa.Table
    """point_id, exemplar_id, text, text_norm, in the order of the space"""
    of_lang: pa.Table
    """all points of the language: what the case's embedder was fitted on"""
    seed: int
    lender: SearchedPoints | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, space: Space, points: pa.Table, seed: int) -> SearchedPoints:
        """Return the points of one language with vectors; `points` are all of the case."""
        place = pc.index_in(pa.array(space.point_ids, "str"), points.column("point_id"))
        of_lang = points.filter(pc.equal(points.column("lang"), space.lang))
        return cls(space, points.take(place), of_lang, seed)

    @classmethod
    def without_vectors(cls, points: pa.Table, lender: SearchedPoints | None) -> SearchedPoints:
        """Return points whose candidates are found by their wording alone."""
        return cls(None, points, points[:0], 0, lender)

    @property
    def _base(self) -> SearchedPoints:
        """The points whose vectors say what company a text keeps: these, or the lender's."""
        return self.lender or self

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Return the row of each point by its id."""
        ids = self.points.column("point_id").to_pylist()
        return {point_id: row for row, point_id in enumerate(ids)}

    @cached_property
    def _forms(self) -> list[str]:
        forms: list[str] = self.points.column("text_norm").to_pylist()
        return forms

    @cached_property
    def _wording(self) -> Wording:
        return Wording(self._forms)

    @cached_property
    def _lexical(self) -> LexicalSearch:
        return LexicalSearch(self._wording.corpus[GRAMS])

    @cached_property
    def embedder_as_made(self) -> Embedder | None:
        """The embedder as the case made it; None, with a note, where it cannot be made."""
        if self.space is None:
            return None
        try:
            model = embedder(self.space.embedder, seed=self.seed)
            return model.fit(self._read(model, self.of_lang))
        except (MissingDependency, UnknownPlugin) as error:
            self.notes.append(f"texts in {self.space.lang!r} were compared by wording: {error}")
            return None

    @staticmethod
    def _read(model: Embedder, points: pa.Table) -> list[str]:
        texts: list[str] = points.column("text" if model.reads == "raw" else "text_norm")
        return list(texts.to_pylist())  # type: ignore[attr-defined]

    @cached_property
    def _rows(self) -> Matrix:
        """Vectors of the points, in the space of the embedder at hand."""
        if self.space is None or self.embedder_as_made is None:
            return np.zeros((0, 0), dtype=np.float32)
        if self.embedder_as_made.digest == self.space.digest:
            return self.space.vectors
        return self.embedder_as_made.encode(self._read(self.embedder_as_made, self.points))

    def matches(
        self, asked: Asked, copied: list[tuple[int, int]], threshold: float
    ) -> list[tuple[int, Match]]:
        """Return the candidates of each query among these points, with their scores."""
        space = self._base.space
        full = [at for at, lang in enumerate(asked.langs) if space and lang == space.lang]
        model = self._base.embedder_as_made if full else None
        if model is None:
            return self._matched(asked, list(range(len(asked.raw))), copied, None, threshold)
        rest = sorted(set(range(len(asked.raw))) - set(full))
        by_wording = self._matched(asked, rest, copied, None, threshold)
        return [*by_wording, *self._matched(asked, full, copied, model, threshold)]

    def _matched(
        self,
        asked: Asked,
        wanted: list[int],
        copied: list[tuple[int, int]],
        model: Embedder | None,
        threshold: float,
    ) -> list[tuple[int, Match]]:
        if not wanted:
            return []
        forms = self._wording.forms([asked.forms[at] for at in wanted])
        pairs = [self._lexical.propose(forms[GRAMS], PROPOSED), rows_of(wanted, copied)]
        queries = np.zeros((0, 0), dtype=np.float32)
        if model is not None:
            queries = model.encode(
                [asked.raw[at] if model.reads == "raw" else asked.forms[at] for at in wanted]
            )
            pairs.append(nearest_rows(queries, self._rows, PROPOSED))  # none without vectors
        a, b = distinct_pairs(pairs, len(self._forms))
        wording = compare(forms, a, self._wording.corpus, b)
        if model is None:
            scores = fusion_for(WORDING_ONLY).score(wording)
            found = Scored(wanted, a, b, wording["trigrams"], None, scores)
            return self._matches(found, asked.forms, threshold)
        texts = [asked.forms[at] for at in wanted]
        features = self._with_vectors(model, queries, texts, (a, b), wording)
        scores = fusion_for(model.name).score(features)
        found = Scored(wanted, a, b, wording["trigrams"], features["cosine"], scores)
        return self._matches(found, asked.forms, threshold)

    def _with_vectors(
        self,
        model: Embedder,
        queries: Matrix,
        texts: list[str],
        pairs: tuple[Labels, Labels],
        wording: dict[str, Floats],
    ) -> dict[str, Floats]:
        """Add cosine and company; a query that is one of the points is not its own company."""
        (a, b), rows = pairs, self._base._rows
        used, place = np.unique(b, return_inverse=True)
        if self.lender is None:
            theirs, own = rows[used], used
        else:
            theirs = model.encode(self._read(model, self.points.take(pa.array(used))))
            own = np.full(len(used), -1)
        mine = company_of(queries, rows, self._base._own_rows(texts))[a]
        company = np.minimum(mine, company_of(theirs, rows, own)[place])
        return pair_features(wording, cosines(queries, a, theirs, place), company)

    def _own_rows(self, texts: list[str]) -> Labels:
        """The row of each text among these points, -1 for one that is none of them."""
        return np.array([self._row_of_text.get(text, -1) for text in texts], dtype=np.int64)

    @cached_property
    def _row_of_text(self) -> dict[str, int]:
        return {text: row for row, text in reversed(list(enumerate(self._forms)))}

    def _matches(
        self, found: Scored, forms: list[str], threshold: float
    ) -> list[tuple[int, Match]]:
        """Name the tier of each pair: a paraphrase shares more than hashtags with the text."""
        ids = self.points.column("point_id").take(pa.array(found.row)).to_pylist()
        posts = self.points.column("exemplar_id").take(pa.array(found.row)).to_pylist()
        queries = [found.wanted[at] for at in found.query.tolist()]
        says_same = found.score >= threshold
        high = np.flatnonzero(says_same)
        says_same[high] = share_more_than_tags(
            [forms[queries[at]] for at in high], [self._forms[found.row[at]] for at in high]
        )
        return [
            (
                query,
                Match(
                    ids[at],
                    PARAPHRASE if says_same[at] else SIMILAR,
                    posts[at],
                    lexical=float(found.lexical[at]),
                    semantic=None if found.semantic is None else float(found.semantic[at]),
                    score=float(found.score[at]),
                ),
            )
            for at, query in enumerate(queries)
        ]


def rows_of(wanted: list[int], copied: list[tuple[int, int]]) -> tuple[Labels, Labels]:
    """Return the pairs whose query is wanted, as (place in `wanted`, row)."""
    place = {query: at for at, query in enumerate(wanted)}
    pairs = [(place[query], row) for query, row in copied if query in place]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def distinct_pairs(pairs: list[tuple[Labels, Labels]], width: int) -> tuple[Labels, Labels]:
    """Return every pair once, by query, then row; rows are below `width`."""
    a = np.concatenate([left for left, _ in pairs])
    b = np.concatenate([right for _, right in pairs])
    keys = np.unique(a * width + b)
    return keys // width, keys % width


def nearest_rows(queries: Matrix, rows: Matrix, kept: int) -> tuple[Labels, Labels]:
    """Return (query, row) of the `kept` rows nearest to each query; none for a zero query."""
    found = [np.zeros((2, 0), dtype=np.int64)]
    kept = min(kept, len(rows))
    step = BLOCK_ROWS
    for at in range(0, len(queries) if kept else 0, step):
        similar = queries[at : at + step] @ rows.T
        near = np.argpartition(similar, -kept, axis=1)[:, -kept:]
        known = np.flatnonzero(queries[at : at + step].any(axis=1))
        query = np.repeat(known + at, kept)
        found.append(np.stack([query, near[known].ravel()]).astype(np.int64))
    both = np.concatenate(found, axis=1)
    return both[0], both[1]
