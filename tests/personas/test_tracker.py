"""The whole tracker: coverage in words, order independence, doors for data frames."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import SchemaError
from corpus.progress import Silent
from corpus.settings import Personas
from corpus.tables import ALL, POSTS, PROFILES, check
from engines.local import LocalEngine
from personas import PersonaTracker
from personas.sentences import _sentences
from personas.tracker import track_personas

Track = Callable[..., Any]
TABLES = ("claims", "personas", "persona_coverage", "persona_base_rates", "persona_edits", "shifts",
          "profile_lanes", "post_habits", "rename_contexts", "bio_templates",
          "account_events")  # fmt: skip
CROWN, RED = "Monarchist from the valley", "Communist and reader"
FORBIDDEN = ("fake", "bot", "troll", "liar", "sockpuppet", "attribut")


def _reason(tables: Any) -> str:
    rows = tables.persona_coverage.to_pylist()
    assert len(rows) == 1
    assert rows[0]["assessable"] == (rows[0]["reason"] in ("",) or "no claims" in rows[0]["reason"])
    return str(rows[0]["reason"])


def test_one_snapshot_cannot_be_assessed_and_says_so(story: Any, track: Track) -> None:
    tables = track(story.snapshot(0, bio=CROWN))
    assert _reason(tables) == "single snapshot, shift cannot be assessed"
    assert "1 of 1 accounts not assessed" in tables.notes[0]


@pytest.mark.parametrize(("times", "words"), [(1, "single snapshot"), (3, "none with a time")])
def test_snapshots_without_a_time_are_named_as_such(
    story: Any, track: Track, times: int, words: str
) -> None:
    story.stand(range(times), bio=CROWN)
    for row in story.profiles:
        row["observed_at"] = None
    assert words in _reason(track(story))


def test_a_thin_history_is_called_insufficient(story: Any, track: Track) -> None:
    assert _reason(track(story.stand([0, 1, 2, 29], bio=CROWN))).startswith("insufficient history")


@pytest.mark.parametrize("days", [(0, 31), (0, 1, 2, 3, 4)])
def test_five_sightings_or_thirty_days_can_be_assessed(
    story: Any, track: Track, days: tuple[int, ...]
) -> None:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    assert _reason(track(story.stand(days, bio=CROWN))) == ""


def test_a_history_without_claims_says_what_could_have_been_seen(story: Any, track: Track) -> None:
    assert _reason(track(story.stand([0, 31], bio="-"))).startswith("no claims found")


def test_an_account_that_only_posts_is_covered_too(story: Any, track: Track) -> None:
    tables = track(story.post(0, "hello"))
    assert _reason(tables).startswith("no profile snapshot")
    assert tables.persona_coverage["posts"].to_pylist() == [1]


def test_reposts_are_the_words_of_others(story: Any, track: Track) -> None:
    text = "I am a nurse"
    story.says(text, text, "occupation", "nurse", grade="P", where="post")
    assert track(story.post(0, text, kind="repost")).claims.num_rows == 0
    assert track(story.post(1, text)).claims.num_rows == 1


@pytest.mark.parametrize(("age", "kept"), [("17", 0), ("18", 2)])
def test_an_account_that_states_an_age_below_eighteen_is_left_alone(
    story: Any, track: Track, age: str, kept: int
) -> None:
    bio = f"Monarchist, {age} years old"
    story.says(bio, "Monarchist", "affiliation", "monarchist")
    story.says(bio, f"{age} years old", "age", age, grade="P")
    story.says(RED, "Communist", "affiliation", "communist")
    story.stand([0, 40], bio=RED).stand([50, 90], bio=bio)
    tables = track(story)
    assert tables.shifts.num_rows == (1 if kept else 0)
    assert (tables.claims.num_rows > 0) == (tables.personas.num_rows > 0) == bool(kept)
    assert ("under 18" in tables.persona_coverage["reason"][0].as_py()) == (not kept)


def test_the_latest_stated_age_counts(story: Any, track: Track) -> None:
    story.says("aged 16", "16", "age", "16").says("aged 19", "19", "age", "19")
    story.stand([0, 40], bio="aged 16").stand([900, 990], bio="aged 19")
    assert track(story).claims.num_rows == 2


def _busy(story: Any) -> Any:
    story.says(CROWN, "Monarchist", "affiliation", "monarchist")
    story.says(RED, "Communist", "affiliation", "communist")
    text = "I am a nurse"
    story.says(text, text, "occupation", "nurse", grade="P", where="post")
    for account, flip in (("a1", True), ("a2", False), ("a3", True)):
        for step in range(6):
            bio = CROWN if (step < 3) == flip else RED
            name = {"handle": f"h{step // 3}{account}", "display_name": f"N {step // 3}"}
            story.snapshot(step * 9, account, bio=bio, statuses_count=900 // (step + 1), **name)
            story.snapshot(step * 9, account, bio=bio)  # equal times
            story.post(step, text, account)
    return story


@given(st.randoms(use_true_random=False), st.sampled_from([1, 3, 1000]))
@settings(max_examples=15, deadline=None)
def test_rows_in_any_order_and_batches_give_the_same_tables(
    new_story: Any, track: Track, chance: random.Random, batch_rows: int
) -> None:
    story = _busy(new_story())
    expected = track(story)
    assert expected.shifts.num_rows >= 3
    for rows in (story.profiles, story.posts, *story.found.values()):
        chance.shuffle(rows)
    found = track(story, batch_rows=batch_rows)
    for name in TABLES:
        assert getattr(found, name).equals(getattr(expected, name))


def test_every_table_keeps_its_contract_also_when_empty(story: Any, track: Track) -> None:
    for tables in (track(story), track(_busy(story))):
        for name in TABLES:
            check(getattr(tables, name), ALL[name])


def test_every_quote_stands_in_its_source(story: Any, track: Track) -> None:
    tables = track(_busy(story))
    fields = {"bio": "bio", "name": "display_name", "handle": "handle", "location": "location"}
    sources = {(s["snapshot_id"], f): s.get(c) for s in story.profiles for f, c in fields.items()}
    sources |= {(p["post_id"], "post"): p["text"] for p in story.posts}
    for row in tables.claims.to_pylist():
        text = sources[row["source_id"], row["field"]]
        assert text[row["start"] : row["end"]] == row["quote"]
    for row in tables.shifts.to_pylist():
        for side in ("before", "after"):
            text = sources[row[f"{side}_source"], row[f"{side}_field"]]
            assert text[row[f"{side}_start"] : row[f"{side}_end"]] == row[f"quote_{side}"]


def test_no_sentence_calls_an_account_names() -> None:
    texts = [*_sentences()["reason"].values()]
    texts += [line for lines in _sentences()["caveat"].values() for line in lines]
    for text in texts:
        assert not any(word in text.lower().split() for word in FORBIDDEN)


def test_data_frames_go_in_and_come_out() -> None:
    days = pd.to_datetime(["2022-01-01", "2022-02-01", "2022-03-01", "2022-04-01"])
    profiles = pd.DataFrame({"account_id": ["7"] * 4, "observed_at": days,
                             "bio": ["Monarchist"] * 2 + ["Communist"] * 2,
                             "handle": ["vell", "vell", "vell2", None]})  # fmt: skip
    tracker = PersonaTracker().fit(profiles)
    assert list(tracker.shifts_["kind"]) == ["contradiction"]
    assert set(tracker.claims_["value"]) == {"monarchist", "communist"}
    assert list(tracker.timeline_["value"]) == ["communist", "monarchist"]
    assert list(tracker.fates_["outcome"]) == ["renamed"]
    assert list(tracker.coverage_["assessable"]) == [True]


def test_a_frame_without_its_columns_is_refused_in_one_sentence() -> None:
    with pytest.raises(SchemaError, match=r"profiles has no column observed_at; found: account_id"):
        PersonaTracker().fit(pd.DataFrame({"account_id": ["1"], "bio": ["x"]}))


def test_parameters_can_be_read_and_set() -> None:
    tracker = PersonaTracker(prior=0.05).set_params(gender=False)
    assert tracker.get_params() == {
        "gender": False, "languages": (), "prior": 0.05, "lexicons": None, "camps": (),
    }  # fmt: skip
    with pytest.raises(ValueError, match="no parameter 'gendre'"):
        tracker.set_params(gendre=True)


def test_the_stage_runs_on_empty_tables() -> None:
    tables = track_personas(
        LocalEngine(), posts=POSTS.empty(), profiles=PROFILES.empty(), settings=Personas(),
        progress=Silent(),
    )  # fmt: skip
    assert tables.notes == ()
    assert all(getattr(tables, name).num_rows == 0 for name in TABLES)


def test_real_histories_show_their_claims_by_exact_quotes() -> None:
    bio = "Marxist. İstanbul 🌻 mother of 3, she/her"
    profiles = pd.DataFrame({"account_id": ["1"], "observed_at": ["2022-01-01"], "bio": [bio]})
    claims = PersonaTracker().fit(profiles).claims_
    assert {"affiliation", "family", "gender"} <= set(claims["attribute"])
    for row in claims.itertuples():
        assert bio[row.start : row.end] == row.quote


def test_accounts_without_a_dated_post_are_named_among_the_unassessed(
    story: Any, track: Track
) -> None:
    story.post(0, "hello", created_at=None).post(0, "I like tea", "a2", created_at=None)
    story.post(0, "hello", "a3").post(1, "again", "a3", created_at=None)
    tables = track(story)
    rows = {row["account_id"]: row for row in tables.persona_coverage.to_pylist()}
    assert {name: row["posts"] for name, row in rows.items()} == {"a1": 1, "a2": 1, "a3": 2}
    assert rows["a1"]["first_seen"] is None
    assert rows["a3"]["first_seen"] is not None
    assert all(row["reason"].startswith("no profile snapshot") for row in rows.values())
    assert "3 of 3 accounts not assessed" in tables.notes[0]
