"""What accounts post about: switches of topic, and what stood around a rename."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.progress import Silent
from corpus.tables import POSTS, PROFILES
from engines.local import LocalEngine
from personas.accounts import Rules
from personas.around_renames import word_scores
from personas.opposed import load_opposition
from personas.topic_switch import divergence, find_topic_switch
from personas.tracker import assemble, see

COUNTS = st.lists(st.integers(0, 30), min_size=3, max_size=3).filter(any)


def _track(story: Any, topics: dict[str, str]) -> Any:
    rules = Rules(load_opposition(), lambda text: "🏳️‍⚧️" in text, True, 0.01, topics)
    seen = see(LocalEngine(), PROFILES.from_rows(story.profiles))
    return assemble(seen, POSTS.from_rows(story.posts), story.found, rules, Silent())


def _posts(story: Any, subjects: list[str]) -> tuple[Any, dict[str, str]]:
    for day, subject in enumerate(subjects):
        story.post(day, f"some words on {subject}")
    return story, {f"p{day:05d}": subject for day, subject in enumerate(subjects) if subject}


def test_a_switch_of_topic_is_a_note_with_a_post_of_each_side(story: Any) -> None:
    row = _track(*_posts(story, ["bread"] * 30 + ["tax"] * 30)).shifts.to_pylist()[0]
    assert (row["attribute"], row["kind"], row["level"]) == ("topic", "topic", 1)
    assert (row["before"], row["after"]) == ("bread", "tax")
    assert (row["quote_before"], row["quote_after"]) == (
        "some words on bread", "some words on tax",
    )  # fmt: skip
    assert row["caveats"]


@pytest.mark.parametrize(
    "subjects",
    [["bread"] * 30 + ["tax"] * 9, ["bread", "tax"] * 40, ["bread"] * 80, [""] * 80],
)
def test_no_switch_without_twenty_posts_of_other_topics_on_each_side(
    story: Any, subjects: list[str]
) -> None:
    assert _track(*_posts(story, subjects)).shifts.num_rows == 0


def test_many_mixed_topics_make_no_switch() -> None:
    chance = np.random.default_rng(5)
    for _ in range(50):
        labels = chance.choice([f"t{n}" for n in range(25)], size=60)
        assert find_topic_switch(labels) is None


@given(COUNTS, COUNTS)
def test_the_divergence_is_symmetric_and_between_zero_and_one(a: list[int], b: list[int]) -> None:
    p, q = (np.array(x) / sum(x) for x in (a, b))
    assert divergence(p, q) == pytest.approx(divergence(q, p))
    assert -1e-9 <= divergence(p, q) <= 1 + 1e-9
    assert divergence(p, p) == pytest.approx(0.0)


def test_a_rename_tells_language_topic_and_words_of_both_sides(story: Any) -> None:
    topics = {}
    for day in range(120):
        late = day >= 60
        text = "elections and taxes today" if late else "fresh bread from the oven"
        story.post(day, text, lang="en" if late else "fr")
        topics[f"p{day:05d}"] = "tax" if late else "bread"
    story.stand([0, 59], handle="old_oven").stand([60, 119], handle="new_desk")
    row = _track(story, topics).rename_contexts.to_pylist()
    assert len(row) == 1
    only = row[0]
    assert (only["before"], only["after"]) == ("old_oven", "new_desk")
    assert (only["posts_before"], only["posts_after"]) == (60, 60)
    assert (only["lang_before"], only["lang_after"]) == ("fr", "en")
    assert (only["topic_before"], only["topic_after"]) == ("bread", "tax")
    assert only["topic_divergence"] == pytest.approx(1.0)
    assert "bread" in only["words_before"] and "taxes" in only["words_after"]
    assert len(only["reasons"]) == 3


def test_a_rename_with_few_posts_tells_nothing_of_them(story: Any) -> None:
    story.post(1, "bread").post(70, "tax").stand([0, 59], handle="old").stand(
        [60, 90], handle="new"
    )
    row = _track(story, {}).rename_contexts.to_pylist()[0]
    assert row["lang_before"] is None and row["topic_divergence"] is None
    assert row["words_before"] == row["reasons"] == []


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 20), min_size=1))
def test_equal_sides_have_no_word_of_their_own(words: dict[str, int]) -> None:
    scores = word_scores(Counter(words), Counter(words))
    assert all(abs(score) < 1e-9 for score in scores.values())


Track = Callable[..., Any]


def test_a_bio_shown_by_three_accounts_is_a_template(story: Any, track: Track) -> None:
    bio = "Father of two dogs, fan of trains, reader of maps and timetables in Vell"
    for account in ("a1", "a2", "a3"):
        story.stand([0, 40], account, bio=bio.replace("two", "nine" if account == "a3" else "two"))
    story.stand([0, 40], "a4", bio="Something else altogether that nobody but me has ever said")
    rows = track(story).bio_templates.to_pylist()
    assert [row["account_id"] for row in rows] == ["a1", "a2", "a3"]
    assert {row["accounts"] for row in rows} == {3}
    shown = {row["snapshot_id"]: row["bio"] for row in story.profiles}
    assert all(shown[row["source_id"]] == row["quote"] for row in rows)


@pytest.mark.parametrize(
    "bio", ["Proud mom of 3", "@one @two @three @four @five @six @seven @eight @nine", "", "🌻" * 9]
)
def test_slogans_and_lists_of_mentions_are_no_template(story: Any, track: Track, bio: str) -> None:
    for account in ("a1", "a2", "a3", "a4"):
        story.stand([0, 40], account, bio=bio)
    assert track(story).bio_templates.num_rows == 0


def test_a_change_of_server_alone_is_a_move(story: Any, track: Track) -> None:
    story.stand([0, 9], handle="vell@one.example").stand([20, 29], handle="vell@two.example")
    story.stand([40, 49], handle="oven@two.example")
    events = track(story).account_events.to_pylist()
    told = [(e["kind"], e["before"], e["after"]) for e in events if e["before"]]
    assert sorted(told) == [
        ("moved", "vell@one.example", "vell@two.example"),
        ("renamed", "vell@two.example", "oven@two.example"),
    ]


def test_a_hidden_change_is_in_no_table_of_renames_templates_edits_or_scores(
    new_story: Any, track: Track
) -> None:
    story = new_story()
    bio = "Reader of maps, rider of trains, baker of rye bread in the valley of Vell"
    for number in range(40):
        story.stand(range(0, 360, 9), f"a{number:02d}", bio=bio, handle=f"same{number}")
    story.stand([0, 9], "a99", bio=bio, handle="former_name", display_name="Former Name")
    story.stand([18, 27, 60], "a99", bio=f"{bio} 🏳️‍⚧️", handle="quill", display_name="Quill")
    tables = track(story)
    for name in ("rename_contexts", "bio_templates", "persona_edits", "shifts"):
        assert "a99" not in getattr(tables, name)["account_id"].to_pylist()
    rows = {row["account_id"]: row for row in tables.persona_coverage.to_pylist()}
    assert rows["a99"]["score"] is rows["a99"]["score_at"] is None
    assert tables.bio_templates.num_rows == 40
    every = (getattr(tables, name).to_pylist() for name in ("claims", "account_events", "personas"))
    assert not any("ormer" in str(row) for table in every for row in table)
