"""Both sides: camps at the time of the post, the corpus' own homophily, words against controls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpus.tables import (
    CONVERGENCE,
    NARRATIVE_POINTS,
    PERSONAS,
    POINT_CLASSES,
    POINT_POSTS,
    POSTS,
    check,
)
from personas.opposed import load_opposition
from reports.convergence import convergence
from reports.convergence_camps import Camps
from reports.convergence_null import (
    Pool,
    chance_of,
    draw_counts,
    expected_share,
    fit_homophily,
    pairs_share,
)

CAMPS = ("amber", "blue", "crimson", "dun")
START = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
Post = tuple[str, str, str, datetime]  # account, narrative, point, time


def case(posts: Sequence[Post]) -> dict[str, pa.Table]:
    """A case of these posts, all in one language."""
    ids = [f"p{number:06d}" for number in range(len(posts))]
    rows = [
        {
            "post_id": post_id,
            "platform": "x",
            "account_id": account,
            "created_at": at,
            "time_precision": "second",
            "text": point,
            "lang": "en",
            "kind": "post",
            "urls": [],
            "hashtags": [],
            "mentions": [],
            "source_file": "a.csv",
            "source_row": number,
        }
        for number, (post_id, (account, _, point, at)) in enumerate(zip(ids, posts, strict=True))
    ]
    of_point = {point: narrative for _, narrative, point, _ in posts}
    return {
        "posts": POSTS.from_rows(rows),
        "point_posts": POINT_POSTS.from_rows(
            [
                {"post_id": post_id, "point_id": point, "similarity": 1.0}
                for post_id, (_, _, point, _) in zip(ids, posts, strict=True)
            ]
        ),
        "narrative_points": NARRATIVE_POINTS.from_rows(
            [
                {
                    "point_id": point,
                    "narrative_id": narrative,
                    "membership": 1.0,
                    "assigned_by": "density",
                }
                for point, narrative in of_point.items()
            ]
        ),
    }


def organic(
    rng: np.random.Generator,
    accounts: dict[str, str],
    *,
    clusters: int,
    size: int,
    homophily: float,
) -> list[Post]:
    """Clusters that each have a leading camp, which their accounts follow."""
    everyone = list(accounts)
    of_camp = {camp: [a for a in everyone if accounts[a] == camp] for camp in CAMPS}
    found = []
    for cluster in range(clusters):
        leading = CAMPS[rng.integers(4)]
        for _ in range(size):
            pool = of_camp[leading] if rng.random() < homophily else everyone
            account = pool[rng.integers(len(pool))]
            at = START + timedelta(hours=float(rng.random() * 24))
            found.append((account, f"n{cluster}", f"own-{cluster}-{len(found)}", at))
    return found


def labelled(accounts: dict[str, str], rng: np.random.Generator, share: float) -> dict[str, str]:
    """The camps of those accounts that claim theirs."""
    return {account: camp for account, camp in accounts.items() if rng.random() < share}


def rows_of(table: pa.Table) -> dict[tuple[str | None, str | None], dict[str, Any]]:
    return {(row["narrative_id"], row["point_id"]): row for row in table.to_pylist()}


def test_a_mixed_cluster_stands_out_from_a_segregated_corpus_though_not_from_a_shuffle() -> None:
    rng = np.random.default_rng(48)
    accounts = {f"a{number:04d}": CAMPS[rng.integers(4)] for number in range(4_000)}
    posts = organic(rng, accounts, clusters=60, size=80, homophily=0.85)
    mixed = [f"a{number:04d}" for number in rng.choice(4_000, 160, replace=False)]
    posts += [(account, "campaign", f"c-{n}", START) for n, account in enumerate(mixed)]
    found = rows_of(convergence(case(posts), Camps.of_mapping(labelled(accounts, rng, 0.3))))
    campaign = found["campaign", None]
    others = [row for row in found.values() if row["narrative_id"] != "campaign"]
    assert campaign["diversity"] == pytest.approx(0.76, abs=0.08)
    assert np.mean([row["diversity"] for row in others]) == pytest.approx(0.23, abs=0.05)
    assert campaign["shuffle_mean"] == pytest.approx(0.74, abs=0.03)
    assert campaign["homophily"] == pytest.approx(0.85, abs=0.05)
    assert campaign["diversity"] - campaign["shuffle_mean"] < 0.06
    assert campaign["p_value"] <= 0.001 < campaign["shuffle_p"]
    assert campaign["q_value"] <= 0.05
    assert campaign["percentile"] > 98
    tested = [row for row in others if row["p_value"] is not None]
    assert len(tested) > 10
    assert sum(row["q_value"] <= 0.05 for row in tested) <= 0.05 * len(tested)


@pytest.mark.slow
def test_with_camps_permuted_over_accounts_p_is_uniform() -> None:
    values: list[float] = []
    # Clusters of one corpus share accounts, so it takes many corpora to tell .1 from .11.
    for seed in range(120):
        rng = np.random.default_rng([9, seed])
        accounts = {f"a{n:04d}": CAMPS[rng.integers(4)] for n in range(1_600)}
        posts = organic(rng, accounts, clusters=50, size=24, homophily=0.8)
        camps = dict(zip(accounts, rng.permutation(list(accounts.values())).tolist(), strict=True))
        found = convergence(
            case(posts), Camps.of_mapping(camps), seed=seed, permutations=199, at=rng.random()
        )
        values += found["p_value"].drop_null().to_pylist()
    assert len(values) >= 5_700
    for level in (0.01, 0.05, 0.1):
        assert np.mean(np.array(values) <= level) == pytest.approx(level, abs=0.01)


def test_at_least_twelve_labelled_accounts_and_three_a_side_are_asked_for() -> None:
    few = {f"a{n}": CAMPS[n % 2] for n in range(11)}
    lopsided = {f"b{n}": CAMPS[n < 2] for n in range(20)}
    posts = [(account, "few", f"f-{account}", START) for account in few]
    posts += [(account, "lopsided", f"l-{account}", START) for account in lopsided]
    found = rows_of(convergence(case(posts), Camps.of_mapping(few | lopsided)))
    for narrative, words in (("few", "11 with a camp"), ("lopsided", "smaller of two opposed")):
        row = found[narrative, None]
        assert row["p_value"] is None
        assert row["q_value"] is None
        assert not row["both_sides"]
        assert row["reason"].startswith("not enough labelled accounts")
        assert words in row["reason"]


def test_a_corpus_without_camps_says_so() -> None:
    posts = [(f"a{n}", "n", "same", START) for n in range(20)]
    table = convergence(case(posts), Camps.of_mapping({}))
    check(table, CONVERGENCE)
    assert "no account claimed a camp" in table["reason"][0].as_py()


def copied(narrative: str, accounts: Sequence[str], *, words: str | None) -> list[Post]:
    """Everybody posts the same words, or each their own."""
    return [
        (account, narrative, words or f"{narrative}-{account}", START + timedelta(minutes=place))
        for place, account in enumerate(accounts)
    ]


def both(*, controls_copy: bool) -> dict[str, pa.Table]:
    """Fifteen accounts of either camp copy one text, and meet on five other subjects."""
    crowd = [f"a{n:02d}" for n in range(30)]
    posts = copied("campaign", crowd, words="the same words")
    for n in range(5):
        others = [f"o{n}{m:02d}" for m in range(16)]
        posts += copied(f"news-{n}", others, words=f"headline {n}" if controls_copy else None)
    return case(posts)


def everyone() -> Camps:
    names = [f"a{n:02d}" for n in range(30)] + [f"o{n}{m:02d}" for n in range(5) for m in range(16)]
    return Camps.of_mapping({name: CAMPS[place % 2] for place, name in enumerate(names)})


def test_the_same_words_from_opposed_camps_are_both_sides() -> None:
    row = rows_of(convergence(both(controls_copy=False), everyone()))["campaign", None]
    assert row["both_sides"]
    assert row["wording"] == 1.0
    assert row["wording_p"] < 0.001
    assert row["gap_s"] == 60.0
    assert {"amber", "blue"} == set(row["evidence_camps"])


def test_where_news_unites_camps_the_same_words_are_nothing_special() -> None:
    row = rows_of(convergence(both(controls_copy=True), everyone()))["campaign", None]
    assert not row["both_sides"]
    assert row["wording_p"] > 0.05


def test_a_headline_that_both_sides_share_is_no_common_wording() -> None:
    tables = both(controls_copy=False)
    tables["point_classes"] = POINT_CLASSES.from_rows(
        [
            {
                "point_id": "the same words",
                "benign_class": "headline",
                "reason": "",
                "evidence": [],
                "score": 1.0,
            }
        ]
    )
    row = rows_of(convergence(tables, everyone()))["campaign", None]
    assert row["wording"] == 0.0
    assert not row["both_sides"]


def test_an_account_has_one_vote_however_often_it_posts() -> None:
    tables = both(controls_copy=False)
    once = convergence(tables, everyone()).to_pylist()[0]
    loud = [("a00", "campaign", "the same words", START + timedelta(hours=n)) for n in range(2, 50)]
    crowd = [f"a{n:02d}" for n in range(30)]
    again = rows_of(
        convergence(case(copied("campaign", crowd, words="the same words") + loud), everyone())
    )["campaign", None]
    for name in ("labeled", "diversity", "opposed_share"):
        assert once[name] == again[name]


def test_the_order_of_rows_changes_nothing() -> None:
    tables = both(controls_copy=False)
    mixed = {
        name: table.take(np.random.default_rng(3).permutation(table.num_rows))
        for name, table in tables.items()
    }
    assert convergence(tables, everyone()).equals(convergence(mixed, everyone()))


def stated(*claims: tuple[str, str, int, int]) -> Camps:
    """Camps of the table personas: account, value, first and last day it was seen."""
    rows = [
        {
            "account_id": account,
            "attribute": "affiliation",
            "value": value,
            "from_at": START + timedelta(days=first),
            "to_at": START + timedelta(days=last),
            "claims": 1,
        }
        for account, value, first, last in claims
    ]
    return Camps.of_personas(PERSONAS.from_rows(rows), load_opposition())


def label(camps: Camps, day: float) -> tuple[str, ...] | None:
    at = (START + timedelta(days=day)).timestamp() * 1e6
    return camps.at(["a"], np.array([at]))[0]


def test_the_camp_is_the_one_claimed_when_the_post_was_written() -> None:
    camps = stated(("a", "monarchist", 0, 10), ("a", "communist", 40, 60))
    assert label(camps, 5) == ("monarchist",)
    assert label(camps, 20) == ("monarchist",)
    assert label(camps, 35) == ("communist",)
    assert label(camps, 50) == ("communist",)
    assert label(camps, 300) is None


def test_two_opposed_camps_at_once_are_no_label() -> None:
    camps = stated(("a", "monarchist", 0, 10), ("a", "communist", 0, 10))
    assert label(camps, 5) is None
    both_kept = stated(("a", "monarchist", 0, 10), ("a", "regime_change", 0, 10))
    assert label(both_kept, 5) == ("monarchist", "regime_change")


def test_causes_that_anybody_may_hold_are_no_camp() -> None:
    assert label(stated(("a", "patriot", 0, 10)), 5) is None


def test_only_pairs_of_the_reviewed_table_are_opposed() -> None:
    camps = stated(("a", "monarchist", 0, 1))
    assert camps.opposed(("monarchist",), ("communist",))
    assert camps.opposed(("communist",), ("monarchist", "patriot"))
    assert not camps.opposed(("monarchist",), ("regime_change",))
    assert not camps.opposed(("monarchist",), ("communist", "monarchist"))
    assert camps.differs(("monarchist",), ("regime_change",))
    assert not camps.differs(("communist",), ("marxist",))


def test_the_expected_share_is_the_mean_over_shuffles() -> None:
    rng = np.random.default_rng(5)
    differ = 1.0 - np.eye(3)
    pools = [Pool(rng.integers(0, 3, 9), 4), Pool(rng.integers(0, 2, 6), 3)]
    drawn = draw_counts(pools, 3, 0.0, 20_000, rng)
    assert expected_share(pools, differ) == pytest.approx(
        float(pairs_share(drawn, differ).mean()), abs=0.004
    )


def test_homophily_that_is_not_sure_counts_as_none() -> None:
    size = np.full(3, 10.0)
    assert fit_homophily(np.array([0.4, 0.9, 0.85]), np.full(3, 0.75), size) == 0.0
    sure = fit_homophily(np.array([0.24, 0.25, 0.26]), np.full(3, 0.75), size)
    assert sure == pytest.approx(np.sqrt(2 / 3), abs=0.02)


def test_the_randomized_p_lies_between_the_strict_and_the_usual_one() -> None:
    drawn = np.array([0.1, 0.2, 0.2, 0.3])
    assert chance_of(0.2, drawn, 0.0) == pytest.approx(1 / 5)
    assert chance_of(0.2, drawn) == pytest.approx(4 / 5)
