"""Traces: what each post shared, layer by layer, and the ties that come of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from clustering.tie_evidence import evidence_for, tie_id
from clustering.tie_layers import tie_layers, usable_windows
from clustering.traces import find_traces
from corpus.errors import InputError
from corpus.tables import (
    PARAPHRASES,
    POINT_POSTS,
    POSTS,
    TEXTS,
    TIE_EVIDENCE,
    TIES,
    TRACES,
    WINDOWS,
    check,
)
from nlp.entities import fill_entities
from nlp.normalize import normalize

START = datetime(2031, 5, 1, tzinfo=UTC)


def posted(*rows: tuple[str, float, str], **more: list[Any]) -> pa.Table:
    """Posts of account, seconds after the start, text; `more` names other columns."""
    made = [
        {
            "post_id": f"p{i:02}",
            "platform": "",
            "account_id": account,
            "created_at": START + timedelta(seconds=seconds),
            "time_precision": "second",
            "text": text,
            "kind": "post",
            "urls": [],
            "hashtags": [],
            "mentions": [],
            "source_file": "t",
            "source_row": i,
            **{name: values[i] for name, values in more.items()},
        }
        for i, (account, seconds, text) in enumerate(rows)
    ]
    return fill_entities(POSTS.from_rows(made))


def matched(posts: pa.Table) -> pa.Table:
    forms = normalize(posts.column("text").to_pylist())
    ids = posts.column("post_id").to_pylist()
    return TEXTS.from_rows(
        [
            {"post_id": post, "text_norm": form, "script": "", "lang": "und", "lang_score": 0.0,
             "tokens": len(form.split())}
            for post, form in zip(ids, forms, strict=True)
        ]
    )  # fmt: skip


def traced(posts: pa.Table, points: dict[str, str] | None = None, linked: Any = ()) -> pa.Table:
    texts = matched(posts)
    own = zip(texts["post_id"].to_pylist(), texts["text_norm"].to_pylist(), strict=True)
    pointed = points or {post: form or post for post, form in own}
    return find_traces(
        posts=posts,
        texts=texts,
        point_posts=POINT_POSTS.from_rows(
            [{"post_id": p, "point_id": q, "similarity": 1.0} for p, q in pointed.items()]
        ),
        paraphrases=PARAPHRASES.from_rows(
            [
                {"point_a": a, "point_b": b, "lexical": 0.1, "semantic": 0.9, "score": 0.9,
                 "embedder": "e"}
                for a, b in linked
            ]
        ),
    ).table  # fmt: skip


def shared(traces: pa.Table, layer: str) -> dict[str, set[str]]:
    """The posts of each object of a layer."""
    found: dict[str, set[str]] = {}
    for row in traces.filter(pc.equal(traces["layer"], layer)).to_pylist():
        found.setdefault(row["object_id"], set()).add(row["post_id"])
    return found


def tied(ties: pa.Table, layer: str, window_s: int = 60) -> set[tuple[str, str]]:
    return {
        (row["account_a"], row["account_b"])
        for row in ties.to_pylist()
        if row["layer"] == layer and row["window_s"] == window_s
    }


def test_posts_without_words_or_links_share_nothing() -> None:
    """The six rows on which the toolkit ties posts that have no text and no link."""
    posts = posted(
        ("u1", 0, "@a @b"),
        ("u2", 10, "@c"),
        ("u3", 20, "stop the summit now"),
        ("u4", 30, "stop the summit NOW"),
        ("u5", 40, ""),
        ("u6", 45, "stop the summit now https://example.org/AAA"),
    )
    found = tie_layers(traced(posts), windows_s=(60,), min_participation=1)
    three = {("u3", "u4"), ("u3", "u6"), ("u4", "u6")}
    assert tied(found.ties, "copied_text") == three
    assert tied(found.ties, "near_duplicate") == three
    assert tied(found.ties, "url") == set()


def test_a_repost_is_in_the_repost_layer_alone() -> None:
    posts = posted(
        ("a", 0, "stop the summit now #no"),
        ("b", 5, "RT stop the summit now #no"),
        ("c", 9, "RT stop the summit now #no"),
        kind=["post", "repost", "repost"],
        parent_id=[None, "p00", "p00"],
    )
    traces = traced(posts)
    assert shared(traces, "repost") == {"p00": {"p01", "p02"}}
    assert shared(traces, "hashtag") == {"no": {"p00"}}
    assert all(len(posts) == 1 for posts in shared(traces, "copied_text").values())


def test_paraphrases_tie_without_copies_counting_again() -> None:
    posts = posted(("a", 0, "one"), ("b", 5, "one"), ("c", 9, "eins"), ("d", 12, "uno"))
    points = {"p00": "x", "p01": "x", "p02": "y", "p03": "z"}
    traces = traced(posts, points, [("x", "y")])
    found = tie_layers(traces, windows_s=(60,), min_participation=1)
    assert tied(found.ties, "near_duplicate") == {("a", "b")}
    assert tied(found.ties, "paraphrase") == {("a", "c"), ("b", "c")}


def test_a_chain_of_paraphrases_is_cut_into_stars() -> None:
    posts = posted(*[(f"u{i}", i, f"text {i}") for i in range(5)])
    points = {f"p{i:02}": f"q{i}" for i in range(5)}
    traces = traced(posts, points, [(f"q{i}", f"q{i + 1}") for i in range(4)])
    families = shared(traces, "paraphrase").values()
    assert sorted(map(sorted, families)) == [["p00", "p01", "p02"], ["p03", "p04"]]


def test_links_with_other_tracking_are_one_link_and_wrapped_ones_tie_nobody() -> None:
    posts = posted(
        ("a", 0, "see https://www.example.org/x?utm_source=a"),
        ("b", 5, "oh http://example.org/x#top"),
        ("c", 6, "hm https://t.co/AbC"),
        ("d", 7, "hm https://t.co/AbC"),
    )
    traces = traced(posts)
    assert shared(traces, "url") == {"example.org/x": {"p00", "p01"}}
    assert shared(traces, "domain") == {"example.org": {"p00", "p01"}}


def test_a_sequence_needs_five_different_tags_in_the_same_order() -> None:
    tags = "#a #b #c #d #e"
    posts = posted(
        ("a", 0, tags), ("b", 1, tags.upper()), ("c", 2, "#b #a #c #d #e"), ("d", 3, "#a #b #c #d")
    )
    sequences = shared(traced(posts), "hashtag_sequence")
    assert sequences == {"a b c d e": {"p00", "p01"}, "b a c d e": {"p02"}}


def test_persian_tags_and_texts_are_traced_as_they_match() -> None:
    posts = posted(("a", 0, "سفر می‌کنیم #نه_به_جنگ"), ("b", 4, "سفر مي‌كنيم #نه_به_جنگ"))
    traces = traced(posts)
    assert [len(p) for p in shared(traces, "copied_text").values()] == [2]
    assert shared(traces, "hashtag") == {"نه_به_جنگ": {"p00", "p01"}}


def test_posts_without_a_time_of_day_or_an_account_leave_no_trace() -> None:
    posts = posted(
        ("a", 0, "one"), ("b", 0, "one"), ("c", 0, "one"),
        time_precision=["second", "day", "minute"], account_id=["a", "b", None],
    )  # fmt: skip
    assert shared(traced(posts), "copied_text").popitem()[1] == {"p00"}
    texts = matched(posts)
    (note,) = find_traces(
        posts=posts, texts=texts, point_posts=POINT_POSTS.empty(), paraphrases=PARAPHRASES.empty()
    ).notes
    assert note.startswith("2 of 3 posts have no account or no time of day")


def test_times_to_the_minute_leave_out_narrower_windows() -> None:
    posts = posted(("a", 0, "x"), ("b", 60, "x"), time_precision=["minute", "second"])
    windows, notes = usable_windows(posts, (10, 60, 600))
    assert windows == [60, 600]
    assert "1 of 2 posts have times to the minute" in notes[0]
    assert usable_windows(posted(("a", 0, "x")), (10, 60)) == ([10, 60], ())


def test_every_pair_of_a_tie_shows_both_posts_with_times_and_words() -> None:
    posts = posted(
        ("a", 0, "stop the summit now 🛑"),
        ("b", 30, "Stop the summit now! 🛑"),
        ("a", 3_600, "read https://example.org/x?utm_source=q now"),
        ("b", 3_610, "this https://example.org/x"),
    )
    traces = traced(posts)
    ties = tie_layers(traces, windows_s=(60, 600), min_participation=1).ties
    wide = ties.filter(pc.equal(ties["window_s"], 60))
    shown = check(evidence_for(wide, traces=traces, posts=posts), TIE_EVIDENCE).to_pylist()
    assert {row["layer"] for row in shown} == {"copied_text", "near_duplicate", "url", "domain"}
    texts = dict(zip(posts["post_id"].to_pylist(), posts["text"].to_pylist(), strict=True))
    for row in shown:
        for side in ("a", "b"):
            text = texts[row[f"post_{side}"]]
            assert text[row[f"start_{side}"] : row[f"end_{side}"]] == row[f"quote_{side}"]
        assert row["gap_s"] == abs((row["at_b"] - row["at_a"]).total_seconds())
        assert row["tie_id"] == tie_id("a", "b", row["layer"], 60)
    (link,) = [row for row in shown if row["layer"] == "url"]
    assert link["quote_a"] == "https://example.org/x?utm_source=q"


def test_a_tie_without_its_traces_is_refused() -> None:
    posts = posted(("a", 0, "one"), ("b", 3, "one"))
    ties = tie_layers(traced(posts), windows_s=(60,), min_participation=1).ties
    with pytest.raises(InputError, match="give the traces that the ties were made from"):
        evidence_for(ties, traces=TRACES.empty(), posts=posts)


def test_tables_keep_their_contracts_and_the_curve_shows_every_window() -> None:
    posts = posted(
        *[(f"u{i % 4}", 7 * i, f"point number {i // 4} #tag") for i in range(24)],
    )
    found = tie_layers(traced(posts), windows_s=(10, 60, 600), decay_s=30)
    check(found.ties, TIES)
    curve = check(found.windows, WINDOWS).to_pandas()
    assert curve.groupby("layer").window_s.apply(list).tolist() == [[10, 60, 600]] * len(
        found.by_layer
    )
    assert (curve.groupby("layer").suggested.sum() == 1).all()
    decayed = found.ties.to_pandas().query("window_s.isna()")
    assert len(decayed)
    assert (decayed.decayed_weight > 0).all()


def test_no_posts_leave_no_traces_and_no_ties() -> None:
    traces = traced(POSTS.empty())
    assert check(traces, TRACES).num_rows == 0
    assert tie_layers(traces).ties.num_rows == 0


def test_reposts_without_an_id_tie_by_their_words() -> None:
    posts = posted(
        ("a", 0, "stop the summit now"),
        ("b", 5, "stop the summit now"),
        ("c", 9, "something else"),
        kind=["repost"] * 3,
        parent_id=[None] * 3,
    )
    together = [posts for posts in shared(traced(posts), "repost").values() if len(posts) > 1]
    assert together == [{"p00", "p01"}]
