"""Counts beside this corpus' own rates: exposure, weeks, dispersion, discovery rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.significance import benjamini_hochberg
from corpus.tables import PROFILES
from personas.exposure import FindSpans, exposure_days

Track = Callable[..., Any]


def _spans(story: Any) -> dict[str, float]:
    return exposure_days(FindSpans()(PROFILES.from_rows(story.profiles)))


def test_a_gap_of_more_than_a_month_is_no_exposure(story: Any) -> None:
    story.stand([0, 20, 40, 90, 100], bio="-")
    assert _spans(story) == {"a1": pytest.approx(50.0)}


def test_a_state_of_an_event_history_holds_over_a_gap(story: Any) -> None:
    story.stand([0, 90, 100], bio="-", basis="event")
    assert _spans(story) == {"a1": pytest.approx(100.0)}


def _crowd(new_story: Any, frantic: int = 0, wave: bool = False) -> Any:
    """Sixty accounts seen weekly for a year; each edits its bio now and then, all in one week."""
    story, chance = new_story(), np.random.default_rng(3)
    for number in range(60):
        edits = 40 if number < frantic else int(chance.poisson(2))
        weeks = set(chance.choice(52, size=edits, replace=False).tolist())
        weeks |= {30} if wave else set()
        version = 0
        for week in range(53):
            version += week in weeks
            story.snapshot(7 * week, f"a{number:02d}", bio=f"words {version}", location="Vell")
    return story


def _rate(tables: Any, field: str) -> dict[str, Any]:
    return next(r for r in tables.persona_base_rates.to_pylist() if r["field"] == field)


def test_rates_are_edits_over_watched_years(new_story: Any, track: Track) -> None:
    row = _rate(track(_crowd(new_story)), "bio")
    assert row["account_years"] == pytest.approx(60 * 364 / 365.2425, rel=1e-6)
    assert row["edits_per_account_year"] == pytest.approx(row["edits"] / row["account_years"])
    assert 1.5 < row["edits_per_account_year"] < 2.6
    assert _rate(track(_crowd(new_story)), "location")["edits"] == 0


def test_only_the_frantic_accounts_are_unusual(new_story: Any, track: Track) -> None:
    rows = track(_crowd(new_story, frantic=2)).persona_edits.to_pylist()
    assert {r["account_id"] for r in rows if r["unusual"]} == {"a00", "a01"}


def test_a_week_in_which_everybody_edits_makes_nobody_unusual(new_story: Any, track: Track) -> None:
    tables = track(_crowd(new_story, wave=True))
    row = _rate(tables, "bio")
    assert row["busiest_week_ratio"] > 10
    assert str(row["busiest_week"].date()) == "2022-07-25"  # the Monday before day 210
    assert not any(r["unusual"] for r in tables.persona_edits.to_pylist())


def test_edits_of_emoji_and_case_alone_do_not_count(new_story: Any, track: Track) -> None:
    story = new_story()
    for number in range(40):
        for week in range(53):
            story.snapshot(7 * week, f"a{number}", bio="Baker" if week % 2 else "BAKER 🌻!")
    assert _rate(track(story), "bio")["edits"] == 0


def test_too_few_accounts_give_no_rate_and_a_sentence(story: Any, track: Track) -> None:
    tables = track(story.stand(range(0, 300, 7), bio="-"))
    assert tables.persona_base_rates.num_rows == tables.persona_edits.num_rows == 0
    assert any("account-years" in note for note in tables.notes)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_discovery_rates_keep_the_order_and_never_fall_below_p(values: list[float]) -> None:
    p = np.array(values)
    q = benjamini_hochberg(p)
    assert (q >= p - 1e-12).all() and (q <= 1.0).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()
