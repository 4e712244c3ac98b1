"""Do accounts that claim opposed camps carry the same messages, more than this corpus explains?

In: posts with talking points and narratives, asserted camps (`Camps`). Out: the table convergence:
one row for each narrative and each talking point with labelled accounts. Two questions are asked,
and neither is the other's answer:

    mixing    are the camps more mixed than in this corpus' other clusters (`convergence_null`)?
    wording   do opposed accounts use the same words more often than in event-matched controls?

`both_sides` needs the second, and of the first that the cluster is not less mixed than a shuffle:
where camps meet on every subject, meeting shows nothing, and the words alone do. It refuses to test
fewer than `LEAST_LABELED` labelled accounts, or opposed sides with fewer than `LEAST_SIDE` each.
It says nothing of motives: people of opposed camps may agree, or copy the same third party.

Method: Simpson's diversity as a share of pairs, one vote an account; permutation within language,
activity and week; Benjamini-Hochberg over all clusters with enough labelled accounts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from corpus.significance import benjamini_hochberg
from corpus.tables import CONVERGENCE
from reports.convergence_camps import ATTRIBUTE, Camps, Codes
from reports.convergence_clusters import Cluster, Crowd, clusters_of, crowd_of, pools_of
from reports.convergence_null import (
    Floats,
    Pool,
    chance_of,
    draw_counts,
    expected_share,
    fit_homophily,
    pairs_share,
)
from reports.convergence_wording import Wording, cells_of, opposed_gap_s, wording_of

# Section 4.6 of the design: below these a share of pairs says nothing.
LEAST_LABELED, LEAST_SIDE = 12, 3
# Clusters with fewer labelled accounts inform neither the homophily nor the percentile.
LEAST_COMPARED = 3
PERMUTATIONS = 999
# A small p is drawn again, `MORE` times as finely: 1 in 1,000 is not small beside many tests.
SMALL, MORE = 0.01, 20
LEVEL = 0.05
# Clusters of half to twice the labelled accounts count as of about the same size.
SIZE_FACTOR = 2.0
EVIDENCE_PER_CAMP, EVIDENCE_CAMPS = 4, 4
NULL_WORDS = (
    "camps permuted over accounts {level}, each account then following its cluster's camp with"
    " probability {homophily:.2f}, as fitted on all other clusters"
)


@dataclass(frozen=True)
class _Seen:
    """A cluster with its counts, pools and shares."""

    cluster: Cluster
    counts: Floats
    pools: list[Pool]
    level: str
    diversity: float
    opposed: float
    expected: float  # diversity under the shuffle


def convergence(
    tables: Mapping[str, pa.Table],
    camps: Camps,
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
    at: float = 1.0,
) -> pa.Table:
    """Return the table CONVERGENCE.

    Parameters
    ----------
    tables
        posts, point_posts, narrative_points; texts for languages and point_classes for harmless
        copying, ties and campaign_accounts for accounts that are no controls, where there are.
    camps
        From the table personas (`Camps.of_personas`) or any mapping (`Camps.of_mapping`).
    at
        1 for ordinary p-values; a random number for exactly uniform ones (see `chance_of`).
    """
    crowd = crowd_of(posts_to_judge(tables), camps)
    if not len(crowd.codes.labels):
        return _table([_unlabelled(c) for c in clusters_of(crowd, least=LEAST_COMPARED)])
    seen = [_seen(c, crowd) for c in clusters_of(crowd, least=LEAST_COMPARED)]
    harmless = harmless_points(tables)
    cells = cells_of(crowd, harmless)
    controls = cells_of(crowd, harmless, with_evidence(tables))
    compared = _Compared.of(seen)
    told: dict[str, Wording | None] = {}
    rows = []
    for place, each in enumerate(seen):
        narrative = each.cluster.narrative_id
        if narrative is not None and narrative not in told:
            told[narrative] = wording_of(narrative, cells, controls)
        wording = told.get(narrative) if narrative is not None else None
        row = _counts(each, crowd) | _wording_columns(wording)
        row["gap_s"] = opposed_gap_s(each.cluster, crowd)
        why_not = _too_few(each, crowd.codes, camps)
        if why_not is None:
            others = compared.beside(each)
            row |= _percentile(each, others)
            row |= _tested(each, others, crowd.codes, (seed, place, permutations, at))
        rows.append(row | {"reason": why_not or "", "both_sides": False, "score": 0.0})
    return _table(_adjusted(rows))


def posts_to_judge(tables: Mapping[str, pa.Table]) -> pd.DataFrame:
    """Posts other than reposts with language, talking point and narrative."""
    posts = tables["posts"]
    posts = posts.filter(pc.not_equal(posts["kind"], "repost"))
    rows: pd.DataFrame = posts.select(["post_id", "account_id", "lang"]).to_pandas()
    at = pd.Series(posts["created_at"].cast(pa.int64()).to_pandas(), dtype="float64")
    rows["created_at"] = at.to_numpy()
    if "texts" in tables:
        found = tables["texts"].select(["post_id", "lang"]).to_pandas().set_index("post_id")["lang"]
        rows["lang"] = rows["post_id"].map(found).fillna(rows["lang"])
    points = tables["point_posts"].select(["post_id", "point_id"]).to_pandas()
    rows["point_id"] = rows["post_id"].map(points.set_index("post_id")["point_id"])
    of = tables["narrative_points"].select(["point_id", "narrative_id"]).to_pandas()
    rows["narrative_id"] = rows["point_id"].map(of.set_index("point_id")["narrative_id"])
    return rows


def harmless_points(tables: Mapping[str, pa.Table]) -> frozenset[str]:
    """Talking points with a harmless reason to be copied."""
    if "point_classes" not in tables:
        return frozenset()
    return frozenset(tables["point_classes"]["point_id"].to_pylist())


def with_evidence(tables: Mapping[str, pa.Table]) -> frozenset[str]:
    """Accounts whose copying is beyond chance and has no harmless reason: no controls."""
    found: set[str] = set()
    if "ties" in tables:
        ties = tables["ties"]
        rows = ties.filter(
            pc.and_(pc.fill_null(ties["validated"], False), pc.is_null(ties["benign_class"]))
        )
        found |= {*rows["account_a"].to_pylist(), *rows["account_b"].to_pylist()}
    if "campaign_accounts" in tables:
        of = tables["campaign_accounts"]
        found |= set(of.filter(of["with_evidence"])["account_id"].to_pylist())
    return frozenset(found)


def _seen(cluster: Cluster, crowd: Crowd) -> _Seen:
    size = len(crowd.codes.labels)
    counts = np.bincount(cluster.votes["code"].to_numpy("int64"), minlength=size).astype(float)
    pools, level = pools_of(cluster, crowd) if cluster.labelled else ([], "")
    return _Seen(
        cluster,
        counts,
        pools,
        level,
        float(pairs_share(counts, crowd.codes.differ)),
        float(pairs_share(counts, crowd.codes.oppose)),
        expected_share(pools, crowd.codes.differ) if pools else 0.0,
    )


@dataclass(frozen=True)
class _Compared:
    """Clusters with enough labelled accounts to compare with, as columns."""

    of_points: npt.NDArray[np.bool_]
    narratives: npt.NDArray[np.object_]
    labelled: Floats
    diversity: Floats
    expected: Floats

    @classmethod
    def of(cls, seen: Sequence[_Seen]) -> _Compared:
        held = [each for each in seen if each.cluster.labelled >= LEAST_COMPARED]
        return cls(
            np.array([each.cluster.point_id is not None for each in held], bool),
            np.array([each.cluster.narrative_id for each in held], object),
            np.array([each.cluster.labelled for each in held], float),
            np.array([each.diversity for each in held], float),
            np.array([each.expected for each in held], float),
        )

    def beside(self, one: _Seen) -> _Compared:
        """Those of the same kind outside the narrative of this one."""
        keep = self.of_points == (one.cluster.point_id is not None)
        if one.cluster.narrative_id is not None:
            keep &= self.narratives != one.cluster.narrative_id
        else:  # a talking point without a narrative is left out by its own shares
            own = (self.labelled == one.cluster.labelled) & (self.diversity == one.diversity)
            own &= np.array([name is None for name in self.narratives], bool)
            keep[np.flatnonzero(keep & own)[:1]] = False
        columns = (self.of_points, self.narratives, self.labelled, self.diversity, self.expected)
        return _Compared(*(column[keep] for column in columns))


def _percentile(one: _Seen, others: _Compared) -> dict[str, Any]:
    size = one.cluster.labelled
    near = (others.labelled >= size / SIZE_FACTOR) & (others.labelled <= size * SIZE_FACTOR)
    away = others.diversity[near] - one.diversity
    rank = (away < -1e-12).sum() + (np.abs(away) <= 1e-12).sum() / 2
    return {
        "percentile": 100 * float(rank) / len(away) if len(away) else None,
        "compared": len(away),
    }


def _too_few(one: _Seen, codes: Codes, camps: Camps) -> str | None:
    labelled = one.cluster.labelled
    if labelled < LEAST_LABELED:
        return (
            f"not enough labelled accounts: {labelled} with a camp claimed at that time, and"
            f" {LEAST_LABELED} are needed"
        )
    best = 0
    for a, b in camps.sides:
        number = [
            sum(int(n) for n, label in zip(one.counts, codes.labels, strict=True) if set(label) & s)
            for s in (a, b)
        ]
        best = max(best, min(number))
    if best < LEAST_SIDE:
        return (
            f"not enough labelled accounts: the smaller of two opposed sides has {best}, and"
            f" {LEAST_SIDE} are needed on each"
        )
    return None


def _tested(
    one: _Seen, others: _Compared, codes: Codes, draws: tuple[int, int, int, float]
) -> dict[str, Any]:
    seed, place, number, at = draws
    homophily = fit_homophily(others.diversity, others.expected, others.labelled)

    def shares(h: float, draws: int) -> Floats:
        rng = np.random.default_rng([seed, place, draws])
        counts = draw_counts(one.pools, len(codes.labels), h, draws, rng)
        return pairs_share(counts, codes.oppose)

    shuffled, expected = shares(0.0, number), shares(homophily, number)
    if chance_of(one.opposed, expected) <= SMALL:
        expected = shares(homophily, MORE * number)
    return {
        "null_mean": float(expected.mean()),
        "shuffle_mean": float(shuffled.mean()),
        "homophily": homophily,
        "shuffle_p": chance_of(one.opposed, shuffled, at),
        "p_value": chance_of(one.opposed, expected, at),
        "null_model": NULL_WORDS.format(level=one.level, homophily=homophily),
        # At most as mixed as the shuffle: segregated clusters are no two sides together.
        "segregated": chance_of(-one.opposed, -shuffled) <= LEVEL,
    }


def _counts(one: _Seen, crowd: Crowd) -> dict[str, Any]:
    cluster = one.cluster
    claimed: Counter[str] = Counter()
    for label, number in zip(crowd.codes.labels, one.counts, strict=True):
        for value in label:
            claimed[value] += int(number)
    ranked = sorted(((n, v) for v, n in claimed.items() if n), key=lambda pair: (-pair[0], pair[1]))
    evidence, beside = _evidence(cluster, crowd.codes)
    return {
        "narrative_id": cluster.narrative_id,
        "point_id": cluster.point_id,
        "attribute": ATTRIBUTE,
        "compared": 0,
        "groups": [value for _, value in ranked],
        "camps": ", ".join(f"{value.replace('_', ' ')} {number}" for number, value in ranked),
        "accounts": int(cluster.posts["account_id"].nunique()),
        "labeled": cluster.labelled,
        "posts": len(cluster.posts),
        "diversity": one.diversity,
        "opposed_share": one.opposed,
        "null_model": "",
        "evidence": evidence,
        "evidence_camps": beside,
    }


def _evidence(cluster: Cluster, codes: Codes) -> tuple[list[str], list[str]]:
    """The earliest posts of the most frequent camps, of different accounts."""
    rows = cluster.posts[cluster.posts["code"] >= 0].drop_duplicates("account_id")
    ranked = rows["code"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    ids: list[str] = []
    beside: list[str] = []
    for code in ranked.index[:EVIDENCE_CAMPS]:
        first = rows.loc[rows["code"] == code, "post_id"].head(EVIDENCE_PER_CAMP).tolist()
        ids += first
        beside += [" and ".join(codes.labels[code])] * len(first)
    return ids, beside


def _wording_columns(wording: Wording | None) -> dict[str, Any]:
    if wording is None:
        return {"wording": None, "wording_controls": None, "wording_p": None, "controls": 0}
    return {
        "wording": wording.share,
        "wording_controls": wording.controls_share,
        "wording_p": wording.p_value,
        "controls": wording.control_pairs,
    }


def _adjusted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adjust the p-values over all clusters tested, and judge."""
    tested = [row for row in rows if row.get("p_value") is not None]
    # A cluster with one side too small is a test that had nothing to show: it counts with p = 1,
    # else asking for both sides would select the mixed ones.
    asked = sum(row["labeled"] >= LEAST_LABELED for row in rows)
    adjusted = benjamini_hochberg([row["p_value"] for row in tested], asked)
    worded = {r["narrative_id"]: r["wording_p"] for r in rows if r.get("wording_p") is not None}
    alike = dict(zip(worded, benjamini_hochberg(list(worded.values())).tolist(), strict=True))
    for row in rows:
        row["wording_q"] = alike.get(row["narrative_id"])
    for row, q_value in zip(tested, adjusted.tolist(), strict=True):
        row["q_value"] = q_value
        row.update(_judged(row))
    for row in rows:
        row.pop("segregated", None)
    return rows


def _judged(row: Mapping[str, Any]) -> dict[str, Any]:
    mixed = bool(row["q_value"] <= LEVEL)
    alike = row["wording_q"] is not None and row["wording_q"] <= LEVEL
    both = alike and not row["segregated"] and row["opposed_share"] > 0
    wording = 1 - row["wording_q"] if row["wording_q"] is not None else 0.0
    return {
        "both_sides": both,
        "score": float(np.sqrt(wording * (1 - row["p_value"]))) if both else 0.0,
        "reason": f"{_mixing_words(row, mixed)} {_wording_words(row, alike)}",
    }


def _mixing_words(row: Mapping[str, Any], mixed: bool) -> str:
    if row["segregated"]:
        return "Opposed camps meet here less than when camps are shuffled."
    if mixed:
        return "Opposed camps are more mixed here than this corpus' other clusters explain."
    return "Camps are as mixed here as in this corpus' other clusters, so meeting shows nothing."


def _wording_words(row: Mapping[str, Any], alike: bool) -> str:
    if row["wording_p"] is None:
        return "Whether opposed accounts use the same words could not be compared."
    return (
        f"{100 * row['wording']:.0f} % of opposed pairs posted one talking point in the same week,"
        f" {100 * row['wording_controls']:.1f} % of {row['controls']:,} opposed pairs that met on"
        f" other subjects then ({'more' if alike else 'not clearly more'}, q ="
        f" {row['wording_q']:.2g})."
    )


def _unlabelled(cluster: Cluster) -> dict[str, Any]:
    return {
        "narrative_id": cluster.narrative_id,
        "point_id": cluster.point_id,
        "attribute": ATTRIBUTE,
        "groups": [],
        "camps": "",
        "accounts": int(cluster.posts["account_id"].nunique()),
        "labeled": 0,
        "posts": len(cluster.posts),
        "diversity": 0.0,
        "opposed_share": 0.0,
        "compared": 0,
        "controls": 0,
        "both_sides": False,
        "score": 0.0,
        "null_model": "",
        "reason": "not enough labelled accounts: no account claimed a camp at that time",
        "evidence": [],
        "evidence_camps": [],
    }


def _table(rows: Collection[dict[str, Any]]) -> pa.Table:
    names = CONVERGENCE.schema.names
    whole = [{name: row.get(name) for name in names} for row in rows]
    made = CONVERGENCE.from_rows(whole)
    keys = [("score", "descending"), ("labeled", "descending")]
    return made.sort_by([*keys, ("narrative_id", "ascending"), ("point_id", "ascending")])
