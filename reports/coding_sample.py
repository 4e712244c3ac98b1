"""A blind sample of findings, with control items that are none, for people to judge.

In: the tables of a case, evidence to cite, what to sample. Out: items, each two texts side by side,
drawn with a seed; a third as many controls as findings: pairs of the same look that the case does
not claim. A coder sees neither level nor score, nor which is which. It never shows a text that the
report would not show, and takes no profile text: what must stay hidden is in none of the tables it
reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from clustering.tie_evidence import tie_id
from corpus.identity import content_id
from reports import wording
from reports.evidence import NOT_QUOTED, Evidence
from reports.links import Links

# One control for three findings: who always says yes is seen after a dozen items.
CONTROLS_PER_FINDING = 1 / 3
# Shifts of level 1 are notes on ordinary changes; precision is asked of what is claimed.
LEAST_LEVEL = 2
MAX_POSTS_SHOWN = 3
# Candidates looked at for controls: enough for any sheet, and no pass over all pairs of a corpus.
MAX_TRIES = 20
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two texts, as it may be shown."""

    when: str
    text: str


@dataclass(frozen=True)
class Item:
    """One pair to judge; `key` names it in the case, is a hash of ids, and is not shown."""

    key: str
    kind: str
    control: bool
    first: Side
    second: Side


def draw(evidence: Evidence, of: str, n: int, seed: int) -> tuple[list[Item], list[Item]]:
    """Return (findings, controls): at most `n` findings, drawn evenly; a third as many controls.

    Both are in order of their key; the sheet shuffles. Raises KeyError for an unknown `of`.
    """
    findings, controls = SOURCES[of]
    rng = np.random.default_rng(seed)
    drawn = _some(findings(evidence, rng), n, rng)
    wanted = -(-len(drawn) // round(1 / CONTROLS_PER_FINDING))
    return drawn, _some(controls(evidence, rng), wanted, rng)


def _some(items: Iterable[Item], n: int, rng: np.random.Generator) -> list[Item]:
    """Draw `n` items evenly; the same ones whatever order they came in."""
    known = sorted({item.key: item for item in items}.values(), key=lambda item: item.key)
    if len(known) <= n:
        return known
    return [known[place] for place in sorted(rng.choice(len(known), size=n, replace=False))]


def _post(evidence: Evidence, post_id: str) -> Side | None:
    """A whole post; None when the case does not hold it or the report would not repeat it."""
    cited = evidence.cite(post_id)
    if cited is None or cited.text in {NOT_QUOTED, ""}:
        return None
    return Side(cited.at, cited.text)


def _pair(key: str, kind: str, control: bool, one: Side | None, two: Side | None) -> Iterator[Item]:
    if one is not None and two is not None and one.text != two.text:
        yield Item(key, kind, control, one, two)


# persona shifts -------------------------------------------------------------------------------


def _shifts(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    for row in evidence.links["shifts"].to_pylist():
        if row["level"] >= LEAST_LEVEL:
            yield from _shift(evidence, row, control=False)


def _shift(evidence: Evidence, row: Row, *, control: bool) -> Iterator[Item]:
    sides = [
        Side(
            wording.day(row[f"at_{side}"]),
            evidence.redactor.quote(row[f"quote_{side}"], row[f"{side}_field"]),
        )
        for side in ("before", "after")
    ]
    yield from _pair(row["shift_id"], row["kind"], control, sides[0], sides[1])


def _no_shifts(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """Ordinary changes, and two statements of accounts that have no shift at all."""
    shifts = evidence.links["shifts"].to_pylist()
    noted = {row["account_id"] for row in shifts if row["level"]}
    for row in shifts:
        if not row["level"] and row["account_id"] not in noted:
            yield from _shift(evidence, row, control=True)
    before: dict[tuple[str, str], Row] = {}
    claims = [c for c in evidence.links["claims"].to_pylist() if _plain_claim(c, noted)]
    for claim in sorted(claims, key=lambda c: (c["said_at"], c["claim_id"])):
        key = (claim["account_id"], claim["attribute"])
        earlier = before.setdefault(key, claim)
        if earlier["source_id"] != claim["source_id"]:
            sides = [_claim(evidence, c) for c in (earlier, claim)]
            yield from _pair(claim["claim_id"], "control", True, *sides)


def _plain_claim(claim: Row, noted: set[str]) -> bool:
    return (
        claim["status"] == "asserted"
        and claim["said_at"] is not None
        and claim["attribute"] != "gender"
        and claim["account_id"] not in noted
    )


def _claim(evidence: Evidence, claim: Row) -> Side:
    words = evidence.redactor.quote(claim["quote"], claim["field"])
    return Side(wording.day(claim["said_at"]), words)


# narratives -----------------------------------------------------------------------------------


def _exemplars(links: Links) -> dict[str, str]:
    table = links["talking_points"]
    ids, posts = table["point_id"].to_pylist(), table["exemplar_id"].to_pylist()
    return dict(zip(ids, posts, strict=True))


def _narratives(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """A narrative's medoid beside the first post of another of its talking points."""
    medoids = _medoids(evidence.links)
    first = _exemplars(evidence.links)
    own = evidence.links["narrative_points"]
    for row in own.filter(pc.is_valid(own["narrative_id"])).to_pylist():
        medoid, other = medoids.get(row["narrative_id"]), first.get(row["point_id"])
        if medoid and other and medoid["medoid_post_id"] != other:
            one, two = _post(evidence, medoid["medoid_post_id"]), _post(evidence, other)
            yield from _pair(f"{row['narrative_id']}:{row['point_id']}", row["assigned_by"],
                             False, one, two)  # fmt: skip


def _medoids(links: Links) -> dict[str, Row]:
    return {row["narrative_id"]: row for row in links["narratives"].to_pylist()}


def _other_narratives(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """A narrative's medoid beside that of another one in the same language."""
    by_lang: dict[str, list[Row]] = {}
    for row in _medoids(evidence.links).values():
        by_lang.setdefault(row["lang"], []).append(row)
    for _, rows in sorted(by_lang.items()):
        rows.sort(key=lambda row: str(row["narrative_id"]))
        for place, row in enumerate(rows[:-1]):
            other = rows[int(rng.integers(place + 1, len(rows)))]
            sides = [_post(evidence, r["medoid_post_id"]) for r in (row, other)]
            key = f"{row['narrative_id']}:{other['narrative_id']}"
            yield from _pair(key, "control", True, *sides)


# talking points -------------------------------------------------------------------------------


def _copies(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """A talking point's exemplar beside one of its other wordings."""
    links = evidence.links
    first = _exemplars(links)
    for row in links["point_posts"].to_pylist():
        exemplar = first.get(row["point_id"])
        post = links.post(row["post_id"])
        if exemplar and exemplar != row["post_id"] and post and post["kind"] != "repost":
            kind = "reworded" if row["similarity"] < 1 else "same_after_normalizing"
            sides = [_post(evidence, exemplar), _post(evidence, row["post_id"])]
            key = content_id("copy", row["post_id"])
            yield from _pair(key, kind, False, *sides)


def _no_copies(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """The exemplars of two talking points of one narrative, else of one language."""
    links = evidence.links
    first = _exemplars(links)
    crowds: dict[str, list[str]] = {}
    told = links["narrative_points"]
    narratives = dict(
        zip(told["point_id"].to_pylist(), told["narrative_id"].to_pylist(), strict=True)
    )
    for point in sorted(first):
        crowd = narratives.get(point) or f"lang {links.language(first[point])}"
        crowds.setdefault(crowd, []).append(point)
    for _, points in sorted(crowds.items()):
        for place, point in enumerate(points[:-1][:MAX_TRIES]):
            other = points[int(rng.integers(place + 1, len(points)))]
            sides = [_post(evidence, first[p]) for p in (point, other)]
            yield from _pair(f"{point}:{other}", "control", True, *sides)


# ties -----------------------------------------------------------------------------------------


def _ties(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """Posts of two tied accounts side by side, those without a harmless reason."""
    table = evidence.links["ties"]
    behind: dict[str, list[Row]] = {}
    for row in evidence.links["tie_evidence"].to_pylist():
        behind.setdefault(row["tie_id"], []).append(row)
    for row in table.filter(pc.fill_null(table["validated"], False)).to_pylist():
        key = tie_id(row["account_a"], row["account_b"], row["layer"], row["window_s"])
        if row["benign_class"] is None and key in behind:
            nearest = sorted(behind[key], key=lambda p: (p["gap_s"], p["post_a"], p["post_b"]))
            pairs = nearest[:MAX_POSTS_SHOWN]
            sides = [_posts(evidence, [p[f"post_{side}"] for p in pairs]) for side in "ab"]
            if sides[0] and sides[1]:
                yield Item(key, row["layer"], False, sides[0], sides[1])


def _posts(evidence: Evidence, ids: Iterable[str]) -> Side | None:
    shown = [side for side in (_post(evidence, post) for post in ids) if side is not None]
    if not shown:
        return None
    text = "\n\n".join(f"[{side.when}] {side.text}" for side in shown)
    return Side("; ".join(dict.fromkeys(side.when for side in shown)), text)


def _no_ties(evidence: Evidence, rng: np.random.Generator) -> Iterator[Item]:
    """Posts on one narrative, next to each other in time, by two accounts without a tie."""
    links = evidence.links
    tied = {
        frozenset((row["account_a"], row["account_b"]))
        for row in links["ties"].select(["account_a", "account_b"]).to_pylist()
    }
    last: dict[str, Row] = {}
    columns = ["post_id", "account_id", "narrative_id", "point_id", "created_at"]
    timed = links.written.filter(pc.is_valid(links.written["created_at"])).select(columns)
    of_account: dict[str, list[Row]] = {}
    for post in timed.to_pylist():
        of_account.setdefault(post["account_id"], []).append(post)
    for post in timed.to_pylist():
        if post["narrative_id"] is None or post["account_id"] is None:
            continue
        before = last.get(post["narrative_id"])
        last[post["narrative_id"]] = post
        if before is None or before["point_id"] == post["point_id"]:
            continue
        accounts = frozenset((before["account_id"], post["account_id"]))
        if len(accounts) == 2 and accounts not in tied:
            number = int(rng.integers(1, MAX_POSTS_SHOWN + 1))
            sides = [
                _posts(evidence, _around(of_account[p["account_id"]], before, number))
                for p in (before, post)
            ]
            key = content_id("no tie", before["post_id"], post["post_id"])
            yield from _pair(key, "control", True, *sides)


def _around(posts: list[Row], at: Row, number: int) -> list[str]:
    """The ids of an account's posts nearest to a moment, as many as a tie may show."""
    near = sorted(posts, key=lambda p: (abs(p["created_at"] - at["created_at"]), p["post_id"]))
    return [str(post["post_id"]) for post in near[:number]]


Source = Callable[[Evidence, np.random.Generator], Iterable[Item]]
SOURCES: dict[str, tuple[Source, Source]] = {
    "shifts": (_shifts, _no_shifts),
    "narratives": (_narratives, _other_narratives),
    "talking_points": (_copies, _no_copies),
    "ties": (_ties, _no_ties),
}
