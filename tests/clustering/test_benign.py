"""Harmless copying: each class with its reason, and coordinated copies with none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.benign import (
    CLASSES,
    PointClasses,
    class_of_shared,
    classify_points,
    left_out,
    reason_of_shared,
)
from clustering.benign_posts import NO_GAP, gaps_to_others, told_posts
from clustering.benign_rules import is_quotation, languages, phrases, shown
from corpus.tables import OUTLETS, POINT_CLASSES, POSTS, check, conform
from nlp.normalize import Normalize

START = datetime(2021, 3, 1, tzinfo=UTC)
Row = tuple[str, str, str, float]
"""account, point, text, hours after START"""


def tables(rows: Sequence[Row], kind: str = "post") -> dict[str, pa.Table]:
    """Posts with their texts and talking points; ids in the order of rows."""
    ids = [f"p{number:05d}" for number in range(len(rows))]
    posts = conform(
        pa.table(
            {
                "post_id": ids,
                "platform": [""] * len(rows),
                "account_id": [row[0] for row in rows],
                "created_at": [START + timedelta(hours=row[3]) for row in rows],
                "time_precision": ["second"] * len(rows),
                "text": [row[2] for row in rows],
                "kind": [kind] * len(rows),
                "urls": pa.array(
                    [[w for w in row[2].split() if "://" in w] for row in rows],
                    pa.list_(pa.string()),
                ),
                "hashtags": pa.array([[] for _ in rows], pa.list_(pa.string())),
                "mentions": pa.array(
                    [[w[1:] for w in row[2].split() if w[:1] == "@"] for row in rows],
                    pa.list_(pa.string()),
                ),
                "source_file": [""] * len(rows),
                "source_row": pa.array(range(len(rows)), pa.int64()),
            }
        ),
        POSTS,
    )
    owners = pa.array([row[1] for row in rows], pa.string())
    points = pa.table({"post_id": pa.array(ids, pa.string()), "point_id": owners})
    return {"posts": posts, "texts": Normalize()(posts), "point_posts": points}


def classes(rows: Sequence[Row]) -> dict[str, str]:
    found = classify_points(**tables(rows)).point_classes.to_pylist()
    return {row["point_id"]: row["benign_class"] for row in found}


def runners(number: int = 8) -> Iterator[Row]:
    """One application's sentence, other numbers, a week apart."""
    for at in range(number):
        text = f"Morning route done: {at + 3}.{at} laps around the old harbour, pulse {90 + at}"
        yield (f"runner{at}", "laps", text, at * 170.0)


def newsrooms(outlets: int = 4, stories: int = 12) -> Iterator[Row]:
    """Outlets that carry each other's headlines, an hour or so after each other."""
    towns = ["Velmora", "Kestany", "Ondrel", "Tirvan", "Lorvane", "Amaris"]
    for story in range(stories):
        text = f"Council of {towns[story % 6]} puts off the vote on bridge number {story + 20}"
        for outlet in range(outlets):
            yield (f"outlet{outlet}", f"s{story}", text, story * 29.0 + outlet * 1.3)


def squad(accounts: int = 5, lines: int = 12, gap_h: float = 0.01) -> Iterator[Row]:
    """Accounts that push the same sentences within a minute of each other."""
    for line in range(lines):
        text = f"The summit of {line + 3} lies is paid for by them and not one of us believes it"
        for account in range(accounts):
            yield (f"squad{account}", f"c{line}", text, line * 7.0 + account * gap_h)


def test_each_phrase_matches_its_examples_and_leaves_the_others() -> None:
    for phrase in phrases():
        assert phrase.benign_class in CLASSES
        for text in phrase.says:
            assert phrase.pattern.search(shown(text)), (phrase.means, text)
        for text in phrase.never:
            assert not phrase.pattern.search(shown(text)), (phrase.means, text)


def test_nine_languages_have_words_for_persons() -> None:
    assert set(languages()) == {"ar", "de", "en", "es", "fa", "fr", "pt", "ru", "tr"}


@given(st.text(max_size=80))
def test_any_text_has_a_shown_form_and_an_answer_to_quotation(text: str) -> None:
    assert shown(shown(text)) == shown(shown(shown(text)))
    assert is_quotation(text) in (True, False)


def test_an_application_is_known_by_its_phrase() -> None:
    rows = [
        ("a", "t", "Thanks for the recent follow @x @y Happy to connect", 0.0),
        ("b", "t", "Thanks for the recent follow @z Happy to connect", 40.0),
    ]
    assert classes(rows) == {"t": "application_template"}


def test_an_unknown_application_is_known_by_slots_spread_and_strangers() -> None:
    assert classes(list(runners())) == {"laps": "application_template"}


def test_the_same_frame_in_one_afternoon_is_no_template() -> None:
    rows = [(a, p, t, h / 200) for a, p, t, h in runners()]
    assert classes(rows) == {}


def test_a_frame_of_accounts_that_share_more_is_no_template() -> None:
    accounts = [row[0] for row in runners()]
    more = [(a, "more", "the whole gate must be closed before the winter", 1.0) for a in accounts]
    assert "laps" not in classes([*runners(), *more])


def test_headlines_of_outlets_are_syndication() -> None:
    found = classes(list(newsrooms()))
    assert set(found.values()) == {"syndication"}
    assert len(found) == 12


def test_accounts_that_copy_each_other_within_the_minute_are_no_outlets() -> None:
    rows = [(a, p, t, h // 29 * 29 + (h % 29) / 200) for a, p, t, h in newsrooms()]
    found = classify_points(**tables(rows))
    assert found.outlets.num_rows == 0
    assert found.point_classes.num_rows == 0


def test_a_coordinated_talking_point_has_no_class() -> None:
    rows = [*newsrooms(), *squad(), *squad(gap_h=0.9)]
    assert {point for point in classes(rows) if point.startswith("c")} == set()


def test_share_buttons_are_known_when_readers_share_little_else() -> None:
    title = "Bridge of Velmora closed until the end of May"
    rows = [
        (f"reader{n}", "b", f"{title} https://x.example/{n} via @courier", n * 3.0)
        for n in range(4)
    ]
    assert classes(rows) == {"b": "share_button"}
    again = [(a, f"{p}{n}", f"{t} {n} {n}", h) for a, p, t, h in rows for n in range(3)]
    related = classify_points(**tables([*rows, *again])).point_classes
    assert "b" not in related.column("point_id").to_pylist()


def test_famous_words_and_chain_letters_are_told_apart() -> None:
    quote = "“A harbour without ships is only a very large bath” ― Ilsa Marrow"
    chain = "Please copy and paste this to your wall so that the lighthouse stays lit"
    rows = [(f"q{n}", "quote", quote, n * 30.0) for n in range(3)]
    rows += [(f"w{n}", "chain", chain, n * 50.0) for n in range(3)]
    assert classes(rows) == {"quote": "quote", "chain": "chain_post"}


def test_what_a_person_passes_on_with_rt_is_no_quotation() -> None:
    assert not is_quotation('RT @x: "be the change you wish to see in the world"')
    assert is_quotation("« Il faut cultiver notre jardin toujours et encore » - V. Marchand")
    assert not is_quotation('She called the whole affair "a shame" and left')


def test_every_class_has_a_reason_and_posts_of_its_own() -> None:
    rows = [*newsrooms(), *runners()]
    found = classify_points(**tables(rows))
    own = {
        point: {f"p{at:05d}" for at, row in enumerate(rows) if row[1] == point}
        for point in {row[1] for row in rows}
    }
    for row in check(found.point_classes, POINT_CLASSES).to_pylist():
        assert row["reason"].endswith(("readers' share buttons", "clock)", "anything else"))
        assert row["evidence"]
        assert set(row["evidence"]) <= own[row["point_id"]]
        assert 0.5 <= row["score"] <= 1
    assert check(found.outlets, OUTLETS).num_rows == 4


def test_reposts_and_single_accounts_get_no_class() -> None:
    assert classify_points(**tables(list(newsrooms()), kind="repost")).point_classes.num_rows == 0
    assert classes([row for row in runners() if row[0] == "runner0"]) == {}
    empty: PointClasses = classify_points(**tables([]))
    assert (empty.point_classes.num_rows, empty.outlets.num_rows) == (0, 0)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    found = tables([*newsrooms(3, 6), *runners(6), *squad(3, 4)])
    places = list(range(found["posts"].num_rows))
    Random(seed).shuffle(places)
    mixed = {name: table.take(pa.array(places)) for name, table in found.items()}
    assert classify_points(**found) == classify_points(**mixed)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("pq"), st.integers(0, 99))))
def test_gaps_to_others_are_those_of_all_pairs(rows: list[tuple[str, str, int]]) -> None:
    found = tables([(a, p, "x", at / 3600) for a, p, at in rows])
    told = told_posts(**found)
    gaps = gaps_to_others(told, np.ones(len(told), dtype=bool))
    for at, (account, point, second) in enumerate(rows):
        others = [abs(s - second) for a, p, s in rows if p == point and a != account]
        assert gaps[at] == min(others, default=NO_GAP)


def test_one_client_that_is_rare_elsewhere_makes_a_template() -> None:
    text = "Harbour log entry of the evening watch, all lamps were lit"
    rows = [(f"keeper{n}", "log", text, n * 60.0) for n in range(6)]
    rows += [(f"other{n}", f"o{n}", f"own words number {n}", n * 2.0) for n in range(30)]
    found = tables(rows)
    assert classify_points(**found).point_classes.num_rows == 0
    kept = pa.table(
        {
            "post_id": found["posts"].column("post_id"),
            "column": ["client"] * len(rows),
            "value": ["Lamp App"] * 6 + ["Web"] * 30,
        }
    )
    named = classify_points(**found, kept=kept).point_classes.to_pylist()
    assert [row["benign_class"] for row in named] == ["application_template"]
    assert "one client wrote 100% of its posts" in named[0]["reason"]


def test_the_class_of_a_tie_is_that_of_most_of_what_is_shared() -> None:
    named = {"a": "syndication", "b": "quote"}
    assert class_of_shared({"a": 3.0, "b": 1.0, "c": 1.0}, named) == "syndication"
    assert class_of_shared({"a": 1.0, "c": 3.0}, named) is None
    assert class_of_shared({}, named) is None
    assert reason_of_shared({"a": 3.0, "c": 1.0}, named, ["x"]) == (
        "75% of what is shared lies in 1 of 2 talking points of the class syndication; 1 of the"
        " accounts read like news outlets"
    )


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 9)),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(CLASSES)),
)
def test_a_class_needs_half_of_the_weight(shared: dict[str, float], named: dict[str, str]) -> None:
    inside = sum(weight for point, weight in shared.items() if point in named)
    found = class_of_shared(shared, named)
    assert (found is not None) == (bool(shared) and inside >= 0.5 * sum(shared.values()))


def test_only_templates_are_left_out_of_ties() -> None:
    found = classify_points(**tables([*newsrooms(), *runners()]))
    assert left_out(found.point_classes).to_pylist() == ["laps"]


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_in_the_order_in_which_ties_are_broken(name: str) -> None:
    assert class_of_shared({"a": 1.0, "b": 1.0}, {"a": name, "b": CLASSES[-1]}) == name
