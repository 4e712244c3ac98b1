"""A text finds itself first, copies before paraphrases, and strangers not at all."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.copies import CONTAINED_AT, find_copies, is_fragment
from clustering.narratives import find_narratives
from clustering.paraphrases import find_paraphrases
from clustering.search import PointSearch
from clustering.searched_points import Match
from clustering.talking_points import find_talking_points
from corpus.errors import MissingDependency
from corpus.progress import Silent
from corpus.settings import Settings
from corpus.tables import POSTS, VECTORS
from engines.local import LocalEngine
from nlp.normalize import Normalize, normalize
from nlp.shingles import shingles

START = datetime(2031, 5, 1, tzinfo=UTC)
SLOGAN = "the harbor summit in velmora is paid for by foreign money and must be stopped now"
REWORDED = "foreign money is paying for the velmora harbor summit and it has to be stopped"
PERSIAN = "نشست بندرگاه در ولمورا با پول بیگانه برگزار می‌شود و باید متوقف شود همین امروز"
CHATTER = [
    "made onion soup for dinner and the whole street came to ask about it",
    "the tram is late again and nobody at the stop is surprised",
    "finally finished reading a long book about lighthouses and storms",
    "training for the half marathon in light rain with two old friends",
    "our cat discovered the balcony and has refused to leave it",
    "who borrowed my blue umbrella at the office party last week",
    "the bakery on the corner sells plum cake only before nine",
    "grandfather repaired the kitchen radio with a spoon and patience",
    "nobody told me that the museum is closed every second tuesday",
    "learning the cello is harder than my neighbours think it is",
    "امروز باران شدیدی بارید و خیابان ما پر از آب شد",
    "کتابخانه محله تا ساعت نه شب باز است و خلوت",
    "برادرم دوچرخه قدیمی پدربزرگ را دوباره رنگ زد",
    "کسی می‌داند اتوبوس فردا صبح چرا حرکت نمی‌کند",
    "برای شام آش رشته پختیم و همسایه‌ها هم آمدند",
    "گربه همسایه هر شب روی دیوار حیاط ما می‌نشیند",
    "کلاس نقاشی بچه‌ها از هفته بعد شروع می‌شود",
    "نان سنگک تازه با پنیر و گردو بهترین صبحانه است",
    "دیشب مسابقه والیبال را تا آخر تماشا کردیم",
    "گل‌های باغچه زودتر از پارسال باز شده‌اند",
]
TEXTS = [SLOGAN, SLOGAN + " @harbor_desk", SLOGAN.replace("now", "today"), REWORDED, PERSIAN]
# Twenty-five texts say little about company: pairs score lower here than in a corpus.
SETTINGS = Settings.load(overrides={"narratives.embedder": "fitted", "paraphrases.threshold": 0.6})


def post(number: int, text: str) -> dict[str, Any]:
    return {
        "post_id": f"p{number:03d}", "platform": "", "account_id": f"a{number % 9}",
        "created_at": START + timedelta(minutes=number), "time_precision": "second",
        "text": text, "kind": "post", "urls": [], "hashtags": [], "mentions": [],
        "source_file": "made", "source_row": number,
    }  # fmt: skip


def case(rows: list[dict[str, Any]], chosen: Settings = SETTINGS) -> dict[str, pa.Table]:
    """The tables of a case over these posts, as the stages make them."""
    engine, posts = LocalEngine(), POSTS.from_rows(rows)
    texts = engine.collect(engine.map(engine.scan(posts), Normalize()))
    points = find_talking_points(engine, posts, texts, settings=chosen.talking_points)
    made = {"posts": posts, "texts": texts, "point_posts": points.point_posts,
            "talking_points": points.talking_points}  # fmt: skip
    told = find_narratives(
        engine, **made, settings=chosen.narratives, seed=chosen.seed, progress=Silent()
    )
    return {**made, "vectors": told.vectors}


ROWS = [post(number, text) for number, text in enumerate([*TEXTS, *CHATTER])]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return case(ROWS)


def search(tables: dict[str, pa.Table], queries: list[str], top: int = 5) -> list[list[Match]]:
    return PointSearch(**tables, settings=SETTINGS).search(queries, top)


def point_of(tables: dict[str, pa.Table], post_id: str) -> str:
    rows = tables["point_posts"].to_pylist()
    return next(row["point_id"] for row in rows if row["post_id"] == post_id)


def test_every_text_of_the_case_finds_its_own_point_first(tables: dict[str, pa.Table]) -> None:
    found = search(tables, [row["text"] for row in ROWS])
    for row, matches in zip(ROWS, found, strict=True):
        assert matches[0].tier == "copy"
        assert matches[0].jaccard == 1.0
        assert matches[0].point_id == point_of(tables, row["post_id"])


def test_the_same_words_again_are_a_copy_and_other_words_a_paraphrase(
    tables: dict[str, pa.Table],
) -> None:
    [matches] = search(tables, ["RT @someone: " + SLOGAN.upper() + " https://example.org/x"])
    tiers = {match.point_id: match.tier for match in matches}
    assert tiers[point_of(tables, "p000")] == "copy"
    assert tiers[point_of(tables, "p003")] == "paraphrase"
    assert [match.tier for match in matches] == sorted(match.tier for match in matches)


def test_every_match_of_the_texts_own_language_has_both_scores(
    tables: dict[str, pa.Table],
) -> None:
    for matches in search(tables, [SLOGAN, CHATTER[0], PERSIAN]):
        for match in matches:
            assert 0 <= match.lexical <= 1  # type: ignore[operator]
            assert 0 <= match.score <= 1  # type: ignore[operator]
    english = search(tables, [SLOGAN])[0]
    assert all(match.semantic is not None for match in english)


def test_a_stranger_is_said_by_nobody(tables: dict[str, pa.Table]) -> None:
    assert search(tables, ["quarterly figures beat analysts", "", "https://example.org"]) == [
        [], [], []
    ]  # fmt: skip


def test_search_and_stage_give_a_pair_the_same_score(tables: dict[str, pa.Table]) -> None:
    linked = find_paraphrases(
        texts=tables["texts"],
        talking_points=tables["talking_points"],
        vectors=tables["vectors"],
        settings=SETTINGS.paraphrases,
    ).paraphrases.to_pylist()
    exemplars = dict(
        zip(
            tables["talking_points"]["point_id"].to_pylist(),
            tables["talking_points"]["exemplar_id"].to_pylist(),
            strict=True,
        )
    )
    text_of = {row["post_id"]: row["text"] for row in ROWS}
    assert linked
    for row in linked:
        [found] = search(tables, [text_of[exemplars[row["point_a"]]]], top=50)
        match = next(m for m in found if m.point_id == row["point_b"])
        assert match.score == pytest.approx(row["score"], abs=1e-4)
        assert match.lexical == pytest.approx(row["lexical"], abs=1e-6)
        assert match.semantic == pytest.approx(row["semantic"], abs=1e-4)


@given(st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_neither_row_order_nor_the_other_queries_matter(shuffler: random.Random) -> None:
    queries = [SLOGAN, REWORDED, PERSIAN, CHATTER[3], "velmora summit money"]
    whole = case(ROWS)
    expected = [search(whole, [query])[0] for query in queries]
    mixed = {}
    for name, table in whole.items():
        order = list(range(table.num_rows))
        shuffler.shuffle(order)
        mixed[name] = table.take(order)
    order = list(range(len(queries)))
    shuffler.shuffle(order)
    found = search(mixed, [queries[at] for at in order])
    assert [found[order.index(at)] for at in range(len(queries))] == expected


def test_the_embedder_is_made_again_as_the_case_made_it(tables: dict[str, pa.Table]) -> None:
    searcher = PointSearch(**tables, settings=SETTINGS)
    with_vectors = [space for space in searcher._spaces if space.space is not None]
    assert {space.space.lang for space in with_vectors} == {"en", "fa"}  # type: ignore[union-attr]
    for space in with_vectors:
        assert space.embedder_as_made is not None and space.space is not None
        assert space.embedder_as_made.digest == space.space.digest


def test_points_that_came_later_are_compared_in_one_space(tables: dict[str, pa.Table]) -> None:
    later = case([*ROWS, post(900, "the old lighthouse was painted red and white this summer")])
    grown = {**later, "vectors": tables["vectors"]}
    matches = search(grown, ["this summer the old lighthouse was painted white and red"])[0]
    assert matches[0].post_id == "p900"
    assert matches[0].semantic is not None
    assert search(grown, [SLOGAN])[0][0].semantic == pytest.approx(1.0, abs=1e-4)


def test_a_case_without_vectors_is_encoded_when_a_text_asks(tables: dict[str, pa.Table]) -> None:
    bare = {**tables, "vectors": VECTORS.empty()}
    assert search(bare, [REWORDED]) == search(tables, [REWORDED])


def test_a_text_in_a_language_of_its_own_is_compared_by_wording(
    tables: dict[str, pa.Table],
) -> None:
    [matches] = search(tables, ["velmora harbor summit: на саммит приехали иностранные делегации"])
    assert matches
    assert all(match.semantic is None and match.score is not None for match in matches)


def test_an_embedder_that_is_gone_is_said_not_raised(
    tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(name: str, *, seed: int = 0) -> None:
        raise MissingDependency("the model", "pip install something")

    monkeypatch.setattr("clustering.searched_points.embedder", gone)
    searcher = PointSearch(**tables, settings=SETTINGS)
    [matches] = searcher.search([REWORDED])
    assert matches[0].semantic is None
    assert any("pip install something" in note for note in searcher.notes)


def test_a_text_inside_a_longer_post_is_a_contained_copy() -> None:
    long = (
        f"breaking news from the old town this morning {SLOGAN} said the crowd as it left the hall"
    )
    tables = case([post(1, long), *[post(n + 2, text) for n, text in enumerate(CHATTER)]])
    [inside] = search(tables, [SLOGAN])
    assert (inside[0].tier, inside[0].contained) == ("copy", "text in post")
    assert inside[0].jaccard is not None and inside[0].jaccard < 0.7
    [around] = search(tables, [long + " and then went home along the river bank in silence"])
    assert around[0].contained in ("", "post in text")


FRAGMENTS = [
    "paid for by foreign money",
    "the harbor summit in velmora is",
    " ".join(PERSIAN.split(" ")[:5]),
    "the tram is late again and",
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_few_words_of_a_post_are_found_in_it(tables: dict[str, pa.Table], fragment: str) -> None:
    [matches] = search(tables, [fragment.title() + "!"])
    holding = next(row for row in ROWS if fragment in normalize([row["text"]])[0] or
                   fragment in row["text"])  # fmt: skip
    found = {match.point_id: match for match in matches}[point_of(tables, holding["post_id"])]
    assert (found.tier, found.contained) == ("copy", "text in post")
    assert matches[0].tier == "copy"


def test_two_words_or_pieces_of_words_are_no_fragment() -> None:
    known = normalize(["the oscar is red and so is the car of my mother", "we go on and on and on"])
    for query in ("oscar is", "car is red and so", "on and on", "is the car of my moth"):
        assert len(find_copies([query], known, threshold=0.7, shingle="mixed").query) == 0


@given(
    st.lists(
        st.sampled_from([*TEXTS, *CHATTER[:6], *FRAGMENTS, "ok", "", "😡😡😡"]),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.sampled_from([*TEXTS, *CHATTER[:6], "ok", "", "😡😡😡"]), min_size=1, max_size=6),
    st.sampled_from([0.3, 0.7, 1.0]),
    st.sampled_from(["mixed", "word-1", "char-4"]),
)
@settings(max_examples=40, deadline=None)
def test_copies_are_what_comparing_all_sets_finds(
    queries: list[str], texts: list[str], threshold: float, kind: str
) -> None:
    asked, known = normalize(queries), normalize(texts)
    found = find_copies(asked, known, threshold=threshold, shingle=kind)
    got = {
        (int(q), int(t)): (j, c)
        for q, t, j, c in zip(found.query, found.text, found.jaccard, found.contained, strict=True)
    }
    assert len(got) == len(found.query)
    for q, one in enumerate(asked):
        for t, other in enumerate(known):
            a, b = set(shingles(one, kind)), set(shingles(other, kind))
            shared, smaller = len(a & b), min(len(a), len(b))
            jaccard = shared / max(len(a | b), 1)
            near = smaller >= 3 and jaccard >= threshold - 1e-9
            held = smaller >= 9 and shared / smaller >= CONTAINED_AT - 1e-9
            lifted = is_fragment(one) and f" {one} " in f" {other} "
            assert ((q, t) in got) == (bool(one) and (one == other or near or held or lifted))
            if (q, t) in got and one != other:
                share = 1.0 if lifted else shared / smaller
                assert got[q, t] == pytest.approx((jaccard, share))


def test_an_empty_corpus_and_no_queries_give_nothing() -> None:
    found = find_copies([], ["a b c"], threshold=0.7, shingle="mixed")
    assert len(found.query) == 0
    assert len(find_copies(["a b c"], [], threshold=0.7, shingle="mixed").query) == 0
    assert found.jaccard.dtype == np.float64
