"""Counter-evidence: what looked like more and has another reason, or was not beyond chance.

In: the linked tables of a case, its manifest, evidence to cite. Out: four lists with counts and
quoted examples: texts copied for reasons of their own, tests that found nothing, what was left out
before counting, findings with an ordinary explanation. A table that a run did not make gives no
sentence: silence here is no all-clear, and the section on data says what was not assessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports import wording
from reports.evidence import Citation, Evidence
from reports.evident import evident_accounts, moving_together
from reports.links import Links, tally
from reports.opens import WRITTEN, both
from reports.report_aftermath import ratio_words

# Accounts from which on an open point looks coordinated, as clustering.carried counts it.
LEAST_ACCOUNTS = 3
MAX_QUOTES = 5
LEVEL = 0.05
STRONG = 2
DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Line:
    """One sentence, the posts behind it, an example, and a reason in the run's own words."""

    words: str
    opens: str = ""
    quoted: Citation | None = None
    reason: str = ""
    head: str = ""


@dataclass(frozen=True)
class Counter:
    """The lists; `unexplained` are quoted talking points without evidence."""

    copied: list[Line]
    looked: list[Line]
    unexplained: list[Line]
    left_out: list[Line]
    ordinary: list[Line]


@cache
def _words() -> dict[str, dict[str, Any]]:
    text = resources.files("reports").joinpath("data/counter.toml").read_text("utf-8")
    return tomllib.loads(text)


def _say(part: str, name: str, **counts: str) -> str:
    told: str = _words()[part][name]
    return told.format(**counts)


def section(links: Links, manifest: Mapping[str, Any], evidence: Evidence) -> Counter:
    """Return the section."""
    open_points = _without_evidence(links)
    return Counter(
        copied=list(_copied(links, evidence)),
        looked=list(_looked(links, evidence, open_points)),
        unexplained=[_unexplained(evidence, row) for row in open_points[:MAX_QUOTES]],
        left_out=list(_left_out(links, manifest, evidence)),
        ordinary=list(_ordinary(links, evidence)),
    )


def _copied(links: Links, evidence: Evidence) -> Iterator[Line]:
    """One line a benign class, with its largest point as the example."""
    points = {row["point_id"]: row for row in links["talking_points"].to_pylist()}
    by_class: dict[str, list[dict[str, Any]]] = {}
    for row in links["point_classes"].to_pylist():
        if row["point_id"] in points:
            by_class.setdefault(row["benign_class"], []).append(row)
    for name in sorted(by_class, key=lambda one: (-len(by_class[one]), one)):
        rows = sorted(by_class[name], key=lambda r: _size(points[r["point_id"]]))
        ids = [row["point_id"] for row in rows]
        posts = links.written.filter(
            pc.is_in(links.written["point_id"], value_set=pa.array(ids, pa.string()))
        )
        words = _words()["class"].get(name, {"name": name.replace("_", " "), "says": ""})
        accounts = len(pc.unique(posts["account_id"].drop_null()))
        told = (
            f"{wording.count(len(ids), 'talking point')}, {wording.count(posts.num_rows, 'post')}"
            f" by {wording.count(accounts, 'account')}: {words['says']}."
        )
        yield Line(
            words=told,
            opens=both(evidence.opens.point(*ids), WRITTEN),
            quoted=evidence.cite(points[ids[0]]["exemplar_id"]),
            reason=wording.sentence(evidence.redactor.sentence(rows[0]["reason"])),
            head=words["name"],
        )


def _size(point: Mapping[str, Any]) -> tuple[int, int, str]:
    return -point["accounts"], -point["posts"], point["point_id"]


def _without_evidence(links: Links) -> list[dict[str, Any]]:
    """Open points of several accounts of which none has evidence of posting together."""
    if "campaign_accounts" not in links.tables and "groups" not in links.tables:
        return []
    moved = moving_together(links)
    harmless = set(links["point_classes"]["point_id"].to_pylist())
    accounts: dict[str, set[str]] = {}
    own = links.written
    for point, account in zip(
        own["point_id"].to_pylist(), own["account_id"].to_pylist(), strict=True
    ):
        if point is not None and account is not None:
            accounts.setdefault(point, set()).add(account)
    wanted = {
        point
        for point, who in accounts.items()
        if len(who) >= LEAST_ACCOUNTS and point not in harmless and not who & moved
    }
    rows = [row for row in links["talking_points"].to_pylist() if row["point_id"] in wanted]
    for row in rows:
        row["writers"] = len(accounts[row["point_id"]])
    return sorted(rows, key=lambda row: (-row["writers"], row["point_id"]))


def _unexplained(evidence: Evidence, row: Mapping[str, Any]) -> Line:
    told = (
        f"Written by {wording.count(row['writers'], 'account')} from {wording.day(row['first_at'])}"
        f" to {wording.day(row['last_at'])}; none of them is tied beyond chance or carries a"
        " campaign's points."
    )
    opens = both(evidence.opens.point(row["point_id"]), WRITTEN)
    return Line(told, opens, evidence.cite(row["exemplar_id"]))


def _looked(links: Links, evidence: Evidence, open_points: list[dict[str, Any]]) -> Iterator[Line]:
    """Tests that found nothing."""
    if open_points:
        ids = [row["point_id"] for row in open_points]
        points = wording.count(len(ids), "talking point")
        told = _say("looked", "points", points=points, least=f"{LEAST_ACCOUNTS}")
        yield Line(told, both(evidence.opens.point(*ids), WRITTEN))
    ties = links["ties"]
    if ties.num_rows:
        pairs = _pairs(ties)
        beyond = _pairs(ties.filter(pc.fill_null(ties["validated"], False)))
        seen = wording.count(len(pairs), "pair") + " of accounts"
        yield Line(_say("looked", "ties", seen=seen, not_beyond=f"{len(pairs - beyond):,}"))
    groups = links["groups"]
    calm = groups.filter(pc.is_valid(groups["benign_class"]))
    if calm.num_rows:
        members = {one for accounts in calm["accounts"].to_pylist() for one in accounts}
        told = _say("looked", "groups", groups=wording.count(calm.num_rows, "group"))
        yield Line(told, evidence.opens.account(*sorted(members)))
    yield from _tested(links)


def _pairs(ties: pa.Table) -> set[tuple[str, str]]:
    ends = (ties[name].to_pylist() for name in ("account_a", "account_b"))
    return set(zip(*ends, strict=True))


def _tested(links: Links) -> Iterator[Line]:
    sides = [row for row in links["convergence"].to_pylist() if row["p_value"] is not None]
    nothing = sum(not row["both_sides"] for row in sides)
    if nothing:
        tested = wording.count(len(sides), "narrative or talking point")
        tested = tested.replace("narrative or talking points", "narratives and talking points")
        yield Line(_say("looked", "sides", tested=tested, nothing=f"{nothing:,}"))
    flooding = links["flooding"].to_pylist()
    tags = {row["hashtag"] for row in flooding}
    flooded = {row["hashtag"] for row in flooding if row["q_value"] <= LEVEL}
    if tags - flooded:
        tested = wording.count(len(tags), "hashtag")
        nothing_words = f"{len(tags - flooded):,}"
        yield Line(_say("looked", "flooding", tested=tested, nothing=nothing_words))
    for row in links["aftermath"].to_pylist():
        low, high = row["ci_low"], row["ci_high"]
        if None not in {row["risk_ratio"], low, high} and low <= 1 <= high:
            ratio = f"risk ratio {ratio_words(row)}"
            yield Line(_say("looked", "aftermath", outcome=row["outcome"], ratio=ratio))


def _left_out(links: Links, manifest: Mapping[str, Any], evidence: Evidence) -> Iterator[Line]:
    """What was never counted: duplicates, reposts, templates, crowds."""
    rejected = [file.get("rejected", {}) for file in manifest.get("files", [])]
    repeated = sum(reasons.get(DUPLICATE, 0) for reasons in rejected)
    other = sum(sum(reasons.values()) for reasons in rejected) - repeated
    if repeated:
        yield Line(_say("left_out", "duplicate", rows=wording.count(repeated, "row")))
    if other:
        yield Line(_say("left_out", "rejected", rows=wording.count(other, "row")))
    reposts = links.posts.filter(pc.equal(links.posts["kind"], "repost"))
    if reposts.num_rows:
        told = _say("left_out", "reposts", posts=wording.count(reposts.num_rows, "post"))
        yield Line(told, evidence.opens.posts(reposts["post_id"].to_pylist()))
    yield from _tie_nobody(links, evidence)


def _tie_nobody(links: Links, evidence: Evidence) -> Iterator[Line]:
    classes = links["point_classes"]
    ids = classes.filter(pc.equal(classes["benign_class"], "application_template"))["point_id"]
    posts = links.written.filter(
        pc.is_in(links.written["point_id"], value_set=pa.array(ids.to_pylist(), pa.string()))
    )
    if posts.num_rows:
        told = _say("left_out", "templates", posts=wording.count(posts.num_rows, "post"))
        yield Line(told, both(evidence.opens.point(*ids.to_pylist()), WRITTEN))
    skipped = links["skipped_objects"]
    objects = set(zip(*(skipped[name].to_pylist() for name in ("layer", "object_id")), strict=True))
    if objects:
        number = wording.count(len(objects), "link, tag or text")
        number = number.replace("link, tag or texts", "links, tags or texts")
        yield Line(_say("left_out", "crowds", objects=number))


def _ordinary(links: Links, evidence: Evidence) -> Iterator[Line]:
    """Findings with an ordinary explanation."""
    yield from _of_shifts(links, evidence)
    edits = links["persona_edits"].filter(pc.greater(links["persona_edits"]["edits"], 0))
    usual = _accounts(edits) - _accounts(edits.filter(edits["unusual"]))
    yield from _line(evidence, "edits", usual)
    yield from _line(evidence, "outlets", _accounts(links["outlets"]))
    events = links["account_events"]
    renamed = _accounts(events.filter(pc.equal(events["kind"], "renamed")))
    yield from _line(evidence, "renamed", renamed - evident_accounts(links))
    marks = [mark for mark, _ in tally(links["narratives"], "mark")]
    if marks:
        rows = links["narratives"].filter(pc.is_valid(links["narratives"]["mark"]))
        told = _say("ordinary", "marked", narratives=wording.count(rows.num_rows, "narrative"))
        yield Line(told, evidence.opens.narrative(*rows["narrative_id"].to_pylist()))


def _of_shifts(links: Links, evidence: Evidence) -> Iterator[Line]:
    """Notes only; what rests on gender is told on its card and counted nowhere."""
    shifts = links["shifts"].filter(pc.not_equal(links["shifts"]["attribute"], "gender"))
    strong = _accounts(shifts.filter(pc.greater_equal(shifts["level"], STRONG)))
    replaced = _accounts(shifts.filter(pc.equal(shifts["kind"], "re_identity"))) - strong
    yield from _line(evidence, "level_one", _accounts(shifts) - strong - replaced)
    yield from _line(evidence, "re_identity", replaced)


def _accounts(table: pa.Table) -> set[str]:
    return set(table["account_id"].drop_null().to_pylist())


def _line(evidence: Evidence, name: str, accounts: set[str]) -> Iterator[Line]:
    if accounts:
        told = _say("ordinary", name, accounts=wording.count(len(accounts), "account"))
        yield Line(told, evidence.opens.account(*sorted(accounts)))
