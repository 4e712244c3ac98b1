"""Findings about what was said: large narratives, copied texts, the event, the corpus.

In: the linked posts of a case. Out: `Found` rows. It counts; it says nothing about chance, and it
names a first poster only where the recorded times can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.settings import Settings, parse_time
from reports import wording
from reports.coordination_findings import chance_words
from reports.found import MAX_IDS, Found, kinds, marked
from reports.links import Links, in_window, tally
from reports.threshold import UNNAMED

# Exemplars of a narrative's largest talking points that are named as its evidence.
NARRATIVE_EXEMPLARS = 10
# Corpus text stands between “ ”; such marks inside it would end the quote too early.
_QUOTE_MARKS = re.compile("[“”«»‹›]")


def event_window(settings: Settings) -> tuple[datetime, datetime] | None:
    """The event as a closed window; one stated end alone is an open side and gives None."""
    event = settings.event
    if event.start is None or event.end is None:
        return None
    return parse_time(event.start), parse_time(event.end)


def narratives(links: Links, settings: Settings) -> Iterable[Found]:
    """The largest narratives: in the event window where there is one, else overall."""
    window = event_window(settings)
    rows = links["narratives"].to_pylist()
    if window is None or not rows:
        rows.sort(key=lambda row: (-row["posts"], row["narrative_id"]))
        return [_narrative(links, row, rows) for row in rows[: kinds()["narrative"]["most"]]]
    inside = in_window(links.written, "created_at", *window)
    counts = dict(tally(inside, "narrative_id")[: kinds()["narrative_event"]["most"]])
    most = max(counts.values(), default=0)

    def share_of_window(posts: int) -> dict[str, str]:
        return {
            "event_posts": wording.count(posts, "post"),
            "event_share": wording.share(posts, inside.num_rows),
            "start": wording.moment(window[0]),
            "end": wording.moment(window[1]),
        }

    found = []
    for row in rows:
        if posts := counts.get(row["narrative_id"]):
            words = {**_narrative_words(row), **share_of_window(posts)}
            found.append(_about_narrative("narrative_event", links, row, posts / most, words))
    return found


def _narrative(links: Links, row: Mapping[str, Any], rows: list[dict[str, Any]]) -> Found:
    most = max(other["posts"] for other in rows)
    words = {
        **_narrative_words(row),
        "share": wording.share(row["posts"], links.written.num_rows),
        "first": wording.day(row["first_at"]),
        "last": wording.day(row["last_at"]),
    }
    return _about_narrative("narrative", links, row, row["posts"] / most if most else 0.0, words)


def _narrative_words(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "label": _QUOTE_MARKS.sub("'", row["label"]),
        "posts": wording.count(row["posts"], "post"),
        "accounts": wording.count(row["accounts"], "account"),
    }


def _about_narrative(
    kind: str, links: Links, row: Mapping[str, Any], strength: float, words: Mapping[str, str]
) -> Found:
    narrative_id = row["narrative_id"]
    exemplars = [point["exemplar_id"] for point in points_of(links, narrative_id)]
    evidence = dict.fromkeys([row["medoid_post_id"], *exemplars[:NARRATIVE_EXEMPLARS]])
    return Found(kind, narrative_id, strength, words, tuple(evidence), (), narrative_id)


def points_of(links: Links, narrative_id: str) -> list[dict[str, Any]]:
    """The talking points of a narrative, most accounts first, then most posts, then by id."""
    of = links["narrative_points"]
    ids = of.filter(pc.equal(of["narrative_id"], narrative_id))["point_id"]
    points = links["talking_points"]
    rows = points.filter(pc.is_in(points["point_id"], value_set=ids)).to_pylist()
    return sorted(rows, key=lambda row: (-row["accounts"], -row["posts"], row["point_id"]))


def copied_points(links: Links) -> list[dict[str, Any]]:
    """Talking points written by two or more accounts: point_id, accounts, posts; most first.

    Reposts are no copies, so both counts leave them out.
    """
    counted = (
        links.written.select(["point_id", "account_id"])
        .drop_null()
        .group_by("point_id")
        .aggregate([("account_id", "count_distinct"), ("account_id", "count")])
        .rename_columns(["point_id", "accounts", "posts"])
    )
    rows = counted.filter(pc.greater_equal(counted["accounts"], 2)).to_pylist()
    return sorted(rows, key=lambda row: (-row["accounts"], -row["posts"], row["point_id"]))


def talking_points(links: Links, settings: Settings) -> Iterable[Found]:
    """The texts that most accounts posted."""
    rows = copied_points(links)[: kinds()["talking_point"]["most"]]
    return [_talking_point(links, row, rows[0]["accounts"]) for row in rows]


def _talking_point(links: Links, row: Mapping[str, Any], most: int) -> Found:
    posts = links.written_in_point(row["point_id"])
    times = posts["created_at"].drop_null().to_pylist()
    length = (times[-1] - times[0]).total_seconds() if times else 0.0
    about = next(iter(_points_by_id(links, [row["point_id"]])), None)
    exact = about["exact_share"] if about else 0.0
    words = {
        "same": "The same text" if exact >= 1 else "Nearly the same text",
        "accounts": wording.count(row["accounts"], "account"),
        "posts": wording.count(row["posts"], "post"),
        "span": wording.span(length) if times else "an unknown time",
        "exact_share": wording.share(exact, 1.0),
        "first": first_sentence(posts),
        "last": wording.moment(times[-1] if times else None, _precision(posts)),
        "chance": chance_words(links, row["point_id"], posts),
    }
    accounts = tuple(dict.fromkeys(a for a in posts["account_id"].to_pylist() if a is not None))
    narrative_id = posts["narrative_id"][0].as_py()
    evidence = tuple(posts["post_id"].slice(0, MAX_IDS).to_pylist())
    strength = row["accounts"] / most
    return Found(
        "talking_point", row["point_id"], strength, words, evidence, accounts, narrative_id
    )


def _points_by_id(links: Links, ids: list[str]) -> list[dict[str, Any]]:
    points = links["talking_points"]
    rows: list[dict[str, Any]] = points.filter(
        pc.is_in(points["point_id"], value_set=pa.array(ids, pa.string()))
    ).to_pylist()
    return rows


def _precision(posts: pa.Table) -> str:
    return "day" if "day" in pc.unique(posts["time_precision"]).to_pylist() else "second"


def first_sentence(posts: pa.Table) -> str:
    """Who posted it first, if the recorded times can tell."""
    times = posts["created_at"].to_pylist()
    if not times or times[0] is None:
        return "No time is known, so no first poster is named."
    first = posts.slice(0, sum(time == times[0] for time in times))
    every = {a for a in first["account_id"].to_pylist() if a is not None}
    accounts = sorted(a for a in every if not a.startswith(UNNAMED))
    at = wording.moment(times[0], _precision(posts))
    if not accounts:
        return f"The first recorded time is {at}."
    if len(accounts) == 1:
        return f"Account {marked(accounts[0])} posted it first, at {at}."
    return f"{wording.count(len(accounts), 'account')} share the first recorded time, {at}."


def event_share(links: Links, settings: Settings) -> Iterable[Found]:
    """How many posts fall into the event window, beside how much of the time it covers."""
    window = event_window(settings)
    timed = links.written.filter(pc.is_valid(links.written["created_at"]))
    if window is None or not timed.num_rows:
        return []
    inside = in_window(timed, "created_at", *window)
    first, last = timed["created_at"][0].as_py(), timed["created_at"][-1].as_py()
    covered = max((last - first).total_seconds(), 1.0)
    overlap = (min(last, window[1]) - max(first, window[0])).total_seconds()
    words = {
        "posts": wording.count(inside.num_rows, "post"),
        "start": wording.moment(window[0]),
        "end": wording.moment(window[1]),
        "share": wording.share(inside.num_rows, timed.num_rows),
        "total": f"{timed.num_rows:,}",
        "time_share": wording.share(max(overlap, 0.0), covered),
    }
    evidence = tuple((inside if inside.num_rows else timed)["post_id"].slice(0, 20).to_pylist())
    return [Found("event_share", "event", 1.0, words, evidence)]


def corpus_size(links: Links, settings: Settings) -> Iterable[Found]:
    """What was read, so that even a corpus without a finding says so."""
    posts = links.posts
    if not posts.num_rows:
        return []
    times = posts["created_at"].drop_null()
    written = (
        f"written from {wording.day(times[0].as_py())} to {wording.day(times[-1].as_py())}"
        if len(times)
        else "at unknown times"
    )
    accounts = len(pc.unique(posts["account_id"].drop_null()))
    words = {
        "posts": wording.count(posts.num_rows, "post"),
        "accounts": wording.count(accounts, "account") if accounts else "unnamed accounts",
        "times": written,
    }
    ends = (posts["post_id"][0].as_py(), posts["post_id"][-1].as_py())
    return [Found("corpus", "all", 1.0, words, tuple(dict.fromkeys(ends)))]
