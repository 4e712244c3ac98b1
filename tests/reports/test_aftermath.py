"""What became of the accounts: like with like, exact p-values, silence where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, kstest

from corpus.tables import ACCOUNT_EVENTS, AFTERMATH, POSTS, PROFILES, SURVIVAL, TEXTS, check
from reports.aftermath import compare_fates
from reports.matched_risk import Strata, exact_p, matched_risk, randomized_p

START = datetime(2020, 7, 17, tzinfo=UTC)
END = START + timedelta(days=3)
whole = st.integers(0, 12)


def strata(*rows: tuple[int, int, int, int]) -> Strata:
    """Rows of (exposed, exposed_met, controls, controls_met)."""
    return Strata(*np.array(rows, np.int64).T)


@given(whole, whole, whole, whole)
def test_one_stratum_is_fishers_exact_test(a: int, b: int, c: int, d: int) -> None:
    if a + b == 0 or c + d == 0:
        return
    expected = fisher_exact(np.array([[a, b], [c, d]])).pvalue
    assert exact_p(strata((a + b, a, c + d, c))) == pytest.approx(expected)


def test_the_ratio_of_one_stratum_is_the_plain_ratio_and_lies_in_its_interval() -> None:
    risk = matched_risk(strata((50, 20, 200, 20)))
    assert risk.ratio == pytest.approx(4.0)
    assert risk.low is not None and risk.high is not None
    assert risk.low < 4.0 < risk.high
    # Greenland and Robins' interval in one stratum is the usual one of a log risk ratio.
    assert risk.low == pytest.approx(
        4.0 * np.exp(-1.96 * np.sqrt(1 / 20 - 1 / 50 + 1 / 20 - 1 / 200)), rel=1e-3
    )


def test_unlike_strata_do_not_make_a_ratio_of_their_own() -> None:
    # Within each stratum both sides fare alike; pooled, the exposed seem to be gone more often.
    risk = matched_risk(strata((90, 45, 10, 5), (10, 1, 90, 9)))
    assert risk.ratio == pytest.approx(1.0)
    assert risk.p_value == pytest.approx(1.0)


def test_strata_of_one_side_alone_change_nothing() -> None:
    with_lonely = strata((50, 20, 200, 20), (7, 7, 0, 0), (0, 0, 9, 3))
    assert matched_risk(with_lonely) == matched_risk(strata((50, 20, 200, 20)))


def test_an_outcome_that_one_side_never_met_has_no_ratio_but_a_p_value() -> None:
    risk = matched_risk(strata((40, 8, 40, 0)))
    assert risk.ratio is None
    assert risk.p_value < 0.01


def test_p_is_uniform_when_fates_are_permuted_over_accounts() -> None:
    draw = np.random.default_rng(4)
    sizes = np.array([[20, 60], [15, 30], [8, 80]])
    met = np.array([25, 9, 12])
    p_values, exact = [], []
    for _ in range(600):
        a = np.array([draw.hypergeometric(e, c, m) for (e, c), m in zip(sizes, met, strict=True)])
        drawn = Strata(sizes[:, 0], a, sizes[:, 1], met - a)
        p_values.append(randomized_p(drawn, draw.uniform()))
        exact.append(exact_p(drawn))
    assert kstest(p_values, "uniform").pvalue > 0.001
    assert np.mean(np.array(exact) <= 0.05) <= 0.07


def corpus(
    gone: Mapping[str, datetime | None], days: int = 60, accounts: int = 60
) -> dict[str, pa.Table]:
    """Accounts that post daily; those in `gone` stop, as a source says: suspended."""
    rows = []
    for n in range(accounts):
        name = f"a{n:02d}"
        last = gone.get(name) or START + timedelta(days=days)
        for day in range(-10, days):
            at = START + timedelta(days=day, minutes=n)
            if at <= last:
                rows.append(
                    {
                        "post_id": f"{name}-{day}", "platform": "", "account_id": name,
                        "created_at": at, "time_precision": "second", "text": "hello",
                        "kind": "post", "urls": [], "hashtags": [], "mentions": [],
                        "source_file": "f", "source_row": 0,
                    }
                )  # fmt: skip
    events = [
        {"account_id": name, "kind": "suspended", "at": at, "source_file": "f", "source_row": 0}
        for name, at in gone.items()
    ]
    texts = [
        {"post_id": r["post_id"], "text_norm": "hello", "script": "Latin", "lang": "en",
         "lang_score": 1.0, "tokens": 1}
        for r in rows
    ]  # fmt: skip
    return {
        "posts": POSTS.from_rows(rows),
        "texts": TEXTS.from_rows(texts),
        "profiles": PROFILES.empty(),
        "account_events": ACCOUNT_EVENTS.from_rows(events),
    }


EXPOSED = {f"a{n:02d}" for n in range(20)}


def test_accounts_that_went_after_the_event_are_set_beside_like_ones() -> None:
    gone = {f"a{n:02d}": END + timedelta(days=n + 1) for n in range(10)}
    gone |= {"a40": END + timedelta(days=2)}
    found = compare_fates(corpus(gone), EXPOSED, start=START, end=END)
    rows = {row["outcome"]: row for row in found.aftermath.to_pylist()}
    assert (rows["gone"]["at_risk"], rows["gone"]["gone"]) == (20, 10)
    assert (rows["gone"]["control_at_risk"], rows["gone"]["control_gone"]) == (40, 1)
    assert rows["gone"]["ci_low"] > 1
    assert "20 of 20 accounts with evidence had a counterpart" in rows["gone"]["basis"]
    curve = [row for row in found.survival.to_pylist() if row["side"] == "with evidence"]
    assert curve[-1]["share"] == pytest.approx(0.5)
    assert curve[0]["log_rank_p"] < 0.001
    check(found.aftermath, AFTERMATH)
    check(found.survival, SURVIVAL)


def test_accounts_gone_before_the_event_are_at_no_risk() -> None:
    gone = {"a00": START - timedelta(days=2), "a50": START - timedelta(days=2)}
    gone |= {"a01": END + timedelta(days=3)}
    found = compare_fates(corpus(gone), EXPOSED, start=START, end=END)
    row = next(row for row in found.aftermath.to_pylist() if row["outcome"] == "gone")
    assert (row["at_risk"], row["control_at_risk"]) == (19, 39)


def test_others_on_the_same_narrative_are_no_controls() -> None:
    gone = {"a01": END + timedelta(days=3)}
    took_part = {f"a{n:02d}" for n in range(20, 40)}
    found = compare_fates(corpus(gone), EXPOSED, start=START, end=END, took_part=took_part)
    assert found.aftermath.column("control_at_risk").to_pylist()[0] == 20


def test_without_a_source_nobody_is_gone_and_the_report_says_what_is_missing() -> None:
    found = compare_fates(corpus({}), EXPOSED, start=START, end=END)
    assert "gone" not in found.aftermath.column("outcome").to_pylist()
    assert any("no source says" in note for note in found.notes)


def test_a_corpus_that_ends_with_the_event_tells_nothing_of_silence() -> None:
    found = compare_fates(corpus({}, days=4), EXPOSED, start=START, end=END)
    assert found.aftermath.num_rows == 0
    assert any("fell silent cannot be told" in note for note in found.notes)


def test_departures_without_a_time_count_in_ratios_and_not_in_curves() -> None:
    found = compare_fates(corpus({"a01": None, "a02": None}), EXPOSED, start=START, end=END)
    row = next(row for row in found.aftermath.to_pylist() if row["outcome"] == "gone")
    assert row["gone"] == 2
    assert found.survival.num_rows == 0
    assert any("at a time that no source states" in note for note in found.notes)


def test_too_few_accounts_are_not_compared_and_the_note_says_how_many_are_needed() -> None:
    found = compare_fates(corpus({}), {"a00"}, start=START, end=END)
    assert found.aftermath.num_rows == 0
    assert "5 of either are needed" in found.notes[0]
