"""Findings in posts that a technique of the framework may accompany.

In: the linked tables of a case. Out: `Seen` rows: copied points, messages in two languages,
hashtags, campaigns, fast reposts, opposed camps, points on two platforms, points carried on after
the end. Nothing here says who or why; points with a harmless reason are left out throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.identity import content_id
from reports import wording
from reports.evident import moving_together
from reports.links import Links, in_window

# Ids kept with a finding: enough to read; the counts stand in the sentence.
MAX_IDS = 50
# Accounts with evidence on one point: as many as make a point "carried" (clustering.carried).
LEAST_CARRIERS = 3
# Reposts so close together, in the median, that hardly anybody read in between.
FAST_S = 10.0
LEVEL = 0.05


@dataclass(frozen=True)
class Seen:
    """One finding: its kind, what it is about, what shows it, and why, as a sentence."""

    kind: str
    finding_id: str
    evidence: tuple[str, ...]
    accounts: tuple[str, ...]
    why: str
    weight: float


def seen(  # noqa: PLR0917 - a finding is what it is
    kind: str,
    finding_id: str,
    evidence: Iterable[str],
    accounts: Iterable[str | None],
    why: str,
    weight: float | None = None,
) -> Seen:
    """Make a `Seen` with at most MAX_IDS ids of each sort; `weight` orders, else by evidence."""
    ids = list(dict.fromkeys(evidence))
    who = list(dict.fromkeys(account for account in accounts if account is not None))
    size = float(len(ids)) if weight is None else weight
    return Seen(kind, finding_id, tuple(ids[:MAX_IDS]), tuple(who[:MAX_IDS]), why, size)


def seen_of_posts(links: Links) -> Iterator[Seen]:
    """Every finding in posts."""
    carried = _carried(links)
    yield from _copied(links, carried)
    yield from _two_languages(links, carried)
    yield from _on_platforms(carried)
    for campaign in links["campaign"].to_pylist():
        if campaign["q_value"] <= LEVEL:
            yield _campaign(campaign)
            yield from _hashtags(links, campaign)
            yield from _after(links, campaign, carried)
    yield from _flooded(links)
    yield from _fast_reposts(links)
    yield from _opposed(links)


def _carried(links: Links) -> dict[str, pa.Table]:
    """Own posts by accounts with evidence on each open point that enough of them carry."""
    harmless = pa.array(links["point_classes"]["point_id"].to_pylist(), pa.string())
    posts = links.written
    together = pa.array(sorted(moving_together(links)), pa.string())
    own = posts.filter(pc.is_in(posts["account_id"], value_set=together))
    own = own.filter(pc.invert(pc.is_in(own["point_id"], value_set=harmless)))
    counted = own.group_by("point_id").aggregate([("account_id", "count_distinct")])
    enough = pc.greater_equal(counted["account_id_count_distinct"], LEAST_CARRIERS)
    ids = counted.filter(enough)["point_id"].drop_null()
    kept = own.filter(pc.is_in(own["point_id"], value_set=pa.array(ids.to_pylist(), pa.string())))
    places: dict[str, list[int]] = {}
    for place, point in enumerate(kept["point_id"].to_pylist()):
        places.setdefault(point, []).append(place)
    return {point: kept.take(at) for point, at in sorted(places.items())}


def _ids(posts: pa.Table) -> list[str]:
    ids: list[str] = posts["post_id"].to_pylist()
    return ids


def _accounts(posts: pa.Table) -> list[str | None]:
    accounts: list[str | None] = posts["account_id"].to_pylist()
    return accounts


def _number(posts: pa.Table) -> str:
    return wording.count(len(set(_accounts(posts))), "account")


def _copied(links: Links, carried: Mapping[str, pa.Table]) -> Iterator[Seen]:
    of = {row["point_id"]: row for row in links["talking_points"].to_pylist()}
    for point, posts in carried.items():
        row = of.get(point)
        if row is None or row["posts"] < 2:
            continue
        why = (
            f"The same or nearly the same text in {wording.count(row['posts'], 'post')}, among them"
            f" posts by {_number(posts)} with evidence of posting together; no harmless reason was"
            " found for it."
        )
        yield seen("copied_point", point, _ids(posts), _accounts(posts), why)


def _two_languages(links: Links, carried: Mapping[str, pa.Table]) -> Iterator[Seen]:
    """Paraphrase links between carried points of two languages; needs a multilingual embedder."""
    for row in links["paraphrases"].to_pylist():
        sides = [carried.get(row[name]) for name in ("point_a", "point_b")]
        if sides[0] is None or sides[1] is None:
            continue
        langs = [links.language(_ids(side)[0]) for side in sides if side is not None]
        if None in langs or langs[0] == langs[1]:
            continue
        both = pa.concat_tables([sides[0], sides[1]])
        why = (
            f"Two talking points, in {langs[0]} and {langs[1]}, say much the same (likeness of"
            f" meaning {row['semantic']:.2f} by {row['embedder']})."
        )
        found = content_id("disarm", "same_in_two_languages", row["point_a"], row["point_b"])
        yield seen("same_in_two_languages", found, _ids(both), _accounts(both), why, row["score"])


def _on_platforms(carried: Mapping[str, pa.Table]) -> Iterator[Seen]:
    for point, posts in carried.items():
        platforms = sorted({name for name in posts["platform"].to_pylist() if name})
        if len(platforms) > 1:
            why = f"The same or nearly the same text stands on {wording.joined(platforms)}."
            yield seen("point_on_platforms", point, _ids(posts), _accounts(posts), why)


def _campaign(row: Mapping[str, Any]) -> Seen:
    why = (
        f"{wording.count(row['with_evidence'], 'account')} each carried several of"
        f" {wording.count(row['points'], 'point')} from {wording.moment(row['start_at'])} to"
        f" {wording.moment(row['end_at'])} (q at most .05 each)."
    )
    return seen("campaign", row["campaign_id"], row["evidence"], (), why, row["with_evidence"])


def _hashtags(links: Links, campaign: Mapping[str, Any]) -> Iterator[Seen]:
    """The campaign's tags: known before it, or first used within it by accounts with evidence."""
    evident = moving_together(links)
    for tag, uses in _uses(links, campaign["hashtags"]).items():
        first, inside = uses[0], [use for use in uses if use["at"] >= campaign["start_at"]]
        carriers = [use for use in inside if use["account"] in evident]
        if len({use["account"] for use in carriers}) < LEAST_CARRIERS:
            continue
        new = first["at"] >= campaign["start_at"]
        if new and first["account"] not in evident:
            continue
        kind = "campaign_hashtag_new" if new else "campaign_hashtag_known"
        when = wording.moment(first["at"])
        number = wording.count(len({use["account"] for use in carriers}), "account")
        why = (
            f"“#{tag}”, first seen here {when},"
            f" {'within' if new else 'before'} the campaign, in which {number} with evidence used"
            " it."
        )
        found = content_id("disarm", kind, campaign["campaign_id"], tag)
        shown = ([] if new else [first]) + carriers
        yield seen(
            kind, found, (u["post"] for u in shown), (u["account"] for u in carriers), why,
            float(len(carriers)),
        )  # fmt: skip


def _uses(links: Links, tags: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Uses of each tag in own posts with a time, oldest first; tags compare without case."""
    wanted = {tag.casefold(): tag for tag in tags}
    posts = links.written.filter(pc.is_valid(links.written["created_at"]))
    found: dict[str, list[dict[str, Any]]] = {}
    columns = ("post_id", "account_id", "created_at", "hashtags")
    for post, account, at, held in zip(*(posts[c].to_pylist() for c in columns), strict=True):
        for tag in {t.casefold() for t in held or ()} & wanted.keys():
            found.setdefault(wanted[tag], []).append({"post": post, "account": account, "at": at})
    return dict(sorted(found.items()))


def _after(
    links: Links, campaign: Mapping[str, Any], carried: Mapping[str, pa.Table]
) -> Iterator[Seen]:
    """Carried points of the campaign's narratives that accounts with evidence post after it."""
    mine = set(campaign["narratives"])
    end = max(campaign["end_at"], campaign["tail_end_at"])
    late = [
        in_window(posts, "created_at", end, None)
        for posts in carried.values()
        if set(posts["narrative_id"].to_pylist()) & mine
    ]
    posts = pa.concat_tables(late) if late else links.written.slice(0, 0)
    if len(set(_accounts(posts))) < LEAST_CARRIERS:
        return
    posts = posts.sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    why = (
        f"{wording.count(posts.num_rows, 'post')} by {_number(posts)} with evidence carried points"
        f" of the campaign after its end, {wording.moment(end)}."
    )
    yield seen("carried_on_after", campaign["campaign_id"], _ids(posts), _accounts(posts), why)


def _flooded(links: Links) -> Iterator[Seen]:
    for row in links["flooding"].to_pylist():
        if row["q_value"] > LEVEL:
            continue
        why = (
            f"“#{row['hashtag']}” was used {row['observed']:,} times in pairs close together where"
            f" {row['expected']:,.1f} are expected, by {wording.count(row['accounts'], 'account')}."
        )
        found = content_id("disarm", "flooded_hashtag", row["hashtag"], str(row["window_s"]))
        yield seen("flooded_hashtag", found, row["evidence"], (), why, float(row["observed"]))


def _fast_reposts(links: Links) -> Iterator[Seen]:
    ties = links["ties"]
    of_reposts = ties.filter(pc.and_(pc.equal(ties["layer"], "repost"), ties["validated"]))
    fastest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in of_reposts.to_pylist():
        if row["benign_class"] is None and row["median_gap_s"] <= FAST_S:
            pair = (row["account_a"], row["account_b"])
            known = fastest.get(pair)
            if known is None or row["n_objects"] > known["n_objects"]:
                fastest[pair] = row
    for pair, row in sorted(fastest.items()):
        why = (
            f"Two accounts reposted {wording.count(row['n_objects'], 'post')} in common, half of"
            f" the pairs within {wording.span(row['median_gap_s'])}; chance gives at most"
            f" {row['expected']:.1f}."
        )
        found = content_id("disarm", "reposts_within_seconds", *pair)
        weight = float(row["n_objects"])
        yield seen("reposts_within_seconds", found, row["evidence"], pair, why, weight)


def _opposed(links: Links) -> Iterator[Seen]:
    for row in links["convergence"].to_pylist():
        if not row["both_sides"]:
            continue
        about = row["point_id"] or row["narrative_id"]
        why = (
            f"Accounts of opposed claimed camps ({row['camps']}) posted the same words, beyond the"
            " controls."
        )
        found = content_id("disarm", "opposed_camps_same_words", str(about), row["attribute"])
        weight = float(row["labeled"])
        yield seen("opposed_camps_same_words", found, row["evidence"], (), why, weight)
