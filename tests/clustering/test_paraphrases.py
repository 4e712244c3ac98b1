"""Talking points that say the same in other words are linked, and stay apart."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.fusion import (
    COMPANY,
    FEATURES,
    company_of,
    fusion_for,
    pair_features,
    share_more_than_tags,
)
from clustering.lexical_search import LexicalSearch
from clustering.paraphrases import GRAMS, MAX_LINKS, find_paraphrases
from corpus.settings import Paraphrases
from corpus.tables import PARAPHRASES, TALKING_POINTS, TEXTS, VECTORS, check
from nlp.embed import embedder
from nlp.normalize import normalize
from nlp.similarity import Wording

SAME = [
    "the harbor summit in velmora is paid for by foreign money and must be stopped now",
    "foreign money is paying for the velmora harbor summit and it has to be stopped",
    "stop the velmora harbor summit now because foreign money is paying for it",
]
OTHER = [
    "our cat discovered the balcony and has refused to leave it since breakfast",
    "the tram on line seven is late again and nobody at the stop is surprised",
    "training for the half marathon in light rain with two old friends",
    "finally finished reading that long book about lighthouses and storms",
    "made onion soup for dinner and the whole street asked what smelled so good",
]
AT = datetime(2031, 5, 1, tzinfo=UTC)


def tables(
    raw: list[str], langs: list[str] | None = None, name: str = "fitted"
) -> dict[str, pa.Table]:
    """A talking point a text, p0000 the first, with vectors fitted on all of them."""
    forms = normalize(raw)
    chosen = langs or ["en"] * len(raw)
    ids = [f"p{at:04d}" for at in range(len(raw))]
    texts = TEXTS.from_rows(
        [
            {"post_id": i, "text_norm": t, "script": "Latin", "lang": lang, "lang_score": 1.0,
             "tokens": len(t.split())}
            for i, t, lang in zip(ids, forms, chosen, strict=True)
        ]
    )  # fmt: skip
    points = TALKING_POINTS.from_rows(
        [
            {"point_id": f"t{i}", "exemplar_id": i, "posts": 1, "reposts": 0, "accounts": 1,
             "first_at": AT, "last_at": AT, "exact_share": 1.0}
            for i in ids
        ]
    )  # fmt: skip
    rows = embedder("fitted").fit(forms).encode(forms)
    has = rows.any(axis=1)
    vectors = VECTORS.from_rows(
        [{"post_id": i, "vector": row} for i, row, h in zip(ids, rows, has, strict=True) if h]
    )
    about = {lang: {"name": name, "digest": "d", "dimension": "1"} for lang in set(chosen)}
    metadata = {"embedders": json.dumps(about, sort_keys=True)}
    return {
        "texts": texts,
        "talking_points": points,
        "vectors": vectors.replace_schema_metadata(metadata),
    }


def linked(found: pa.Table) -> set[tuple[str, str]]:
    return set(zip(found["point_a"].to_pylist(), found["point_b"].to_pylist(), strict=True))


def test_other_words_are_linked_and_other_matters_are_not() -> None:
    # Eight texts say little about the company of words: the first pair scores .67 here.
    rules = Paraphrases(threshold=0.65)
    found = find_paraphrases(**tables(SAME + OTHER), settings=rules).paraphrases
    check(found, PARAPHRASES)
    pairs = linked(found)
    assert {("tp0000", "tp0001"), ("tp0001", "tp0002")} <= pairs
    assert all(a in ("tp0000", "tp0001") and b in ("tp0001", "tp0002") for a, b in pairs)


def test_a_pair_stands_once_with_all_scores() -> None:
    rows = find_paraphrases(**tables(SAME + OTHER)).paraphrases.to_pylist()
    assert rows
    for row in rows:
        assert row["point_a"] < row["point_b"]
        assert row["score"] >= 0.7
        assert 0 < row["lexical"] <= 1
        assert 0 <= row["semantic"] <= 1.000001
        assert row["embedder"] == "fitted"


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_row_order_does_not_matter(shuffler: random.Random) -> None:
    whole = tables(SAME + OTHER)
    expected = find_paraphrases(**whole).paraphrases
    mixed = {}
    for name, table in whole.items():
        order = list(range(table.num_rows))
        shuffler.shuffle(order)
        mixed[name] = table.take(order)
    assert find_paraphrases(**mixed).paraphrases.equals(expected)


def test_a_higher_threshold_keeps_a_subset() -> None:
    whole = tables(SAME + OTHER)
    loose = linked(find_paraphrases(**whole, settings=Paraphrases(threshold=0.2)).paraphrases)
    strict = linked(find_paraphrases(**whole, settings=Paraphrases(threshold=0.8)).paraphrases)
    assert strict < loose


def test_languages_are_never_linked() -> None:
    raw = [SAME[0], SAME[0] + " today"]
    assert find_paraphrases(**tables(raw, ["en", "fr"])).paraphrases.num_rows == 0
    assert find_paraphrases(**tables(raw)).paraphrases.num_rows == 1


def test_answers_to_one_hashtag_are_not_the_same_statement() -> None:
    raw = ["#ThingsYouCannotIgnore wasps", "#ThingsYouCannotIgnore gravity", *OTHER]
    assert find_paraphrases(**tables(raw)).paraphrases.num_rows == 0
    assert share_more_than_tags(["#a the port is closed"], ["#b the port is shut"]).tolist() == [
        True
    ]
    assert share_more_than_tags(["#port wasps"], ["#port gravity"]).tolist() == [False]


def test_a_point_never_has_more_links_than_the_limit() -> None:
    raw = [
        f"the velmora harbor summit is paid for by foreign money says lady {n}" for n in range(40)
    ]
    found = find_paraphrases(**tables(raw)).paraphrases
    ends = found["point_a"].to_pylist() + found["point_b"].to_pylist()
    assert found.num_rows > 20
    assert max(ends.count(end) for end in set(ends)) <= MAX_LINKS


def test_only_the_largest_points_are_compared_and_a_note_says_so() -> None:
    found = find_paraphrases(**tables(SAME + OTHER), settings=Paraphrases(max_points=2))
    assert "2 of 8 talking points" in found.notes[0]
    assert not find_paraphrases(**tables(SAME)).notes


@pytest.mark.parametrize("raw", [[], ["alone"], ["", "https://example.org"]])
def test_nothing_to_compare_gives_an_empty_table(raw: list[str]) -> None:
    found = find_paraphrases(**tables(raw))
    assert found.paraphrases.equals(PARAPHRASES.empty())


def test_an_embedder_that_nobody_measured_is_weighed_by_wording_alone() -> None:
    unknown = fusion_for("some/model")
    assert unknown == fusion_for(None)
    assert not unknown.needs_vectors()
    assert fusion_for("minilm").needs_vectors() and fusion_for("fitted").needs_vectors()
    found = find_paraphrases(**tables(SAME + OTHER, name="some/model")).paraphrases
    assert found["embedder"].to_pylist() and set(found["embedder"].to_pylist()) == {"some/model"}


@given(
    st.sampled_from(["fitted", "minilm", "wording"]),
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
    st.sampled_from(FEATURES),
    st.floats(0, 1),
)
def test_more_likeness_never_lowers_a_score(
    family: str, values: list[float], name: str, more: float
) -> None:
    low = {n: np.array([v]) for n, v in zip(FEATURES, values, strict=True)}
    high = {**low, name: np.maximum(low[name], more)}
    fusion = fusion_for(family)
    assert fusion.score(high)[0] >= fusion.score(low)[0]


def test_opposite_vectors_count_as_unlike() -> None:
    wording = {name: np.zeros(1) for name in ("trigrams", "words", "grams")}
    features = pair_features(wording, np.array([-0.4]), np.array([-0.1]))
    assert features["cosine"][0] == 0 == features["company"][0]


def test_company_is_the_mean_cosine_to_the_nearest_others() -> None:
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(30, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    similar = rows.astype(np.float64) @ rows.T
    np.fill_diagonal(similar, -np.inf)
    expected = np.sort(similar, axis=1)[:, -COMPANY:].mean(axis=1)
    assert company_of(rows, rows, np.arange(30)) == pytest.approx(expected, abs=1e-5)
    few = company_of(rows[:3], rows[:3], np.arange(3))
    assert few == pytest.approx(
        similar[:3, :3].sum(axis=1, where=np.isfinite(similar[:3, :3])) / 2, abs=1e-5
    )
    assert company_of(rows[:1], rows[:1], np.arange(1)).tolist() == [0.0]
    assert company_of(np.zeros((1, 8), np.float32), rows).tolist() == [0.0]
    assert company_of(rows[:1], rows[:0]).tolist() == [0.0]


def test_search_by_wording_proposes_what_brute_force_finds() -> None:
    texts = normalize([*SAME, *OTHER, *[f"{OTHER[0]} {n}" for n in range(20)]])
    wording = Wording(texts)
    grams = wording.corpus[GRAMS]
    own = np.arange(len(texts))
    query, text = LexicalSearch(grams).propose(grams, 3, own)
    alike = (grams.unit() @ grams.unit().T).toarray()
    np.fill_diagonal(alike, -1)
    for at in own:
        chosen = text[query == at]
        assert at not in chosen
        assert len(chosen) == 3
        assert sorted(np.round(alike[at, chosen], 6)) == sorted(
            np.round(np.sort(alike[at])[-3:], 6)
        )
