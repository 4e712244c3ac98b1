"""How was the corpus collected, and what does that keep anyone from seeing?

In: posts, profiles, and what the settings state. Out: the table collection_facts: stated facts, and
gaps and caps that the data themselves show, each with a sentence saying what follows from it. Only
what would be a strange coincidence otherwise is called detected; the limits are named below. Last
come the smallest burst and tie that a corpus of this size would have shown.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.burst_null import corpus_volume
from clustering.power import expected_shares, smallest_burst, smallest_tie
from corpus.settings import Collection, parse_time
from corpus.tables import COLLECTION_FACTS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Row = dict[str, str]

HOUR_S, DAY_S = 3_600, 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Posts that the corpus' own hours of the day let expect in a silence before it is called a gap:
# e to the power of -20 by chance alone, which leaves room for days that are quieter than others.
MISSED = 20.0
MOST_GAPS = 10
# A cap: so many accounts (days) stop at exactly the largest count, which is at least that large,
# and outnumber those just below it.
CAPPED, LARGE, JUST_BELOW = 3, 20, 0.9
# Posts (accounts) from which a regularity of all of them says something.
ENOUGH = 50
NEARLY_ALL = 0.99
# Share of reposts that end in an ellipsis at the old limit of 140 characters.
CUT_SHARE, CUT_AT = 0.2, (138, 140)


def collection_facts(
    posts: pa.Table, profiles: pa.Table, stated: Collection | None = None, *, bin_s: int = HOUR_S
) -> pa.Table:
    """Return COLLECTION_FACTS: stated first, then detected, then what could have been seen."""
    stated = stated or Collection()
    rows = [
        *_stated(posts, stated),
        *_gaps(posts),
        *_caps(posts),
        *_times(posts),
        *_cut_reposts(posts),
        *_kinds(posts),
        *_states(profiles, stated),
        *_power(posts, bin_s),
    ]
    return COLLECTION_FACTS.from_rows(rows)


def _fact(fact: str, basis: str, value: str, reason: str) -> Row:
    return {"fact": fact, "basis": basis, "value": value, "reason": reason}


def _stated(posts: pa.Table, stated: Collection) -> list[Row]:
    meaning = {
        "query": "posts that do not match the query are not here, whoever wrote them",
        "sampling": "shares and rates hold for what was drawn",
    }
    rows = [
        _fact(name, "stated", value, f"stated in the settings; {meaning[name]}")
        for name in ("query", "sampling")
        if (value := getattr(stated, name))
    ]
    if stated.deletions_missed is not None:
        what = "is missing from" if stated.deletions_missed else "was still collected into"
        rows.append(
            _fact(
                "deletions_missed",
                "stated",
                str(stated.deletions_missed).lower(),
                f"stated in the settings; what was deleted before the collection {what} the corpus",
            )
        )
    return rows + _period(posts, stated)


def _period(posts: pa.Table, stated: Collection) -> list[Row]:
    start = parse_time(stated.period_start) if stated.period_start else None
    end = parse_time(stated.period_end) if stated.period_end else None
    if start is None and end is None:
        return []
    at = _seconds(posts)
    outside = 0
    if start is not None:
        outside += int((at < start.timestamp()).sum())
    if end is not None:
        outside += int((at > end.timestamp()).sum())
    told = f"{start.isoformat() if start else ''}/{end.isoformat() if end else ''}"
    reason = "stated in the settings; nothing is known before and after"
    more = f"; {outside:,} posts lie outside of it" if outside else ""
    return [_fact("period", "stated", told, reason + more)]


def _seconds(posts: pa.Table) -> Ints:
    moments = posts.column("created_at").drop_null().cast(pa.int64()).to_numpy()
    return np.sort(np.floor_divide(moments, 1_000_000).astype(np.int64))


def _gaps(posts: pa.Table) -> list[Row]:
    """Silences in which the corpus' own rhythm lets expect many posts."""
    at = _seconds(posts)
    if len(at) < ENOUGH:
        return []
    first = int(at[0] // HOUR_S)
    hours = at // HOUR_S - first
    if int(hours[-1]) > 2_000_000:
        return []
    volume = corpus_volume(hours, first * HOUR_S, HOUR_S, int(hours[-1]) + 1)
    missed = np.concatenate([[0.0], np.cumsum(_local(volume.profile, volume.counts))])
    held = np.flatnonzero(volume.counts)
    silent = missed[held[1:]] - missed[held[:-1] + 1]
    found = np.flatnonzero(silent >= MISSED)
    found = found[np.argsort(-silent[found], kind="stable")][:MOST_GAPS]
    rows = []
    for place in np.sort(found).tolist():
        start, end = int(held[place]) + 1, int(held[place + 1])
        span = f"{_hour(first + start)}/{_hour(first + end)}"
        reason = (
            f"no post in {end - start:,} hours in which the corpus' rhythm lets expect about"
            f" {silent[place]:,.0f}: collection may have been interrupted, and nothing that"
            " happened then can be found"
        )
        rows.append(_fact("gap", "detected", span, reason))
    return rows


def _local(profile: Floats, counts: Floats) -> Floats:
    """The profile at the level of the weeks around: a corpus that starts thinly has no gaps there.

    Level: the smaller of the means of the 14 days before and after each hour, itself left out.
    """
    width = 14 * 24
    sums = np.concatenate([[0.0], np.cumsum(counts)])
    here = np.arange(len(counts))
    low, high = np.maximum(here - width, 0), np.minimum(here + 1 + width, len(counts))
    before = (sums[here] - sums[low]) / np.maximum(here - low, 1)
    after = (sums[high] - sums[here + 1]) / np.maximum(high - here - 1, 1)
    level: Floats = profile / profile.mean() * np.minimum(before, after)
    return level


def _hour(number: int) -> str:
    return (EPOCH + timedelta(hours=number)).isoformat()


def _caps(posts: pa.Table) -> list[Row]:
    accounts = posts.column("account_id").drop_null().value_counts()
    counts = np.sort(pc.struct_field(accounts, "counts").to_numpy())
    rows = _cap(counts, "cap_per_account", "account", "older posts of these accounts are missing")
    days = _seconds(posts) // DAY_S
    per_day = np.sort(np.unique(days, return_counts=True)[1])
    return rows + _cap(per_day, "cap_per_day", "day", "what came after on these days is missing")


def _cap(counts: Ints, fact: str, unit: str, meaning: str) -> list[Row]:
    if len(counts) == 0 or counts[-1] < LARGE:
        return []
    top = int(counts[-1])
    stop = int((counts == top).sum())
    near = int(((counts >= JUST_BELOW * top) & (counts < top)).sum())
    if stop < CAPPED or stop <= near:
        return []
    reason = (
        f"{stop:,} of {len(counts):,} {unit}s stop at exactly {top:,} posts and {near:,} have"
        f" slightly fewer: a limit of the collection; {meaning}"
    )
    return [_fact(fact, "detected", str(top), reason)]


def _times(posts: pa.Table) -> list[Row]:
    at = _seconds(posts)
    unknown = posts.column("created_at").null_count
    rows = []
    if unknown:
        reason = f"{unknown:,} of {posts.num_rows:,} posts have no time and are in no window"
        rows.append(_fact("times_missing", "detected", str(unknown), reason))
    if len(at) < ENOUGH:
        return rows
    for unit, seconds in (("day", DAY_S), ("hour", HOUR_S), ("minute", 60)):
        if (at % seconds == 0).mean() >= NEARLY_ALL:
            reason = (
                f"nearly all times are whole {unit}s: windows below {seconds} s mean nothing here,"
                " and posts of one moment have no order"
            )
            return [*rows, _fact("time_resolution", "detected", unit, reason)]
    return rows


def _cut_reposts(posts: pa.Table) -> list[Row]:
    reposts = posts.filter(pc.equal(posts.column("kind"), "repost")).column("text")
    if len(reposts) < ENOUGH:
        return []
    ends = pc.match_substring_regex(reposts, r"(?:…|\.\.\.)\s*(?:https?://\S*)?\s*$")
    length = pc.utf8_length(reposts)
    near = pc.and_(pc.greater_equal(length, CUT_AT[0]), pc.less_equal(length, CUT_AT[1]))
    share = float(pc.mean(pc.and_(ends, near).cast(pa.float64())).as_py())
    if share < CUT_SHARE:
        return []
    reason = (
        f"{share:.0%} of {len(reposts):,} reposts end in an ellipsis at 140 characters: their texts"
        " are cut, and what stood behind is unknown"
    )
    return [_fact("reposts_cut", "detected", "140", reason)]


def _kinds(posts: pa.Table) -> list[Row]:
    reposts = int(pc.sum(pc.equal(posts.column("kind"), "repost")).as_py() or 0)
    rows = []
    if posts.num_rows >= ENOUGH and reposts in (0, posts.num_rows):
        what = "no post is a repost" if reposts == 0 else "all posts are reposts"
        reason = f"{what}: the collection seems to have left the others out"
        rows.append(_fact("reposts", "detected", str(reposts), reason))
    unknown = posts.column("account_id").null_count
    if unknown:
        reason = f"{unknown:,} of {posts.num_rows:,} posts have no author and tie nobody"
        rows.append(_fact("authors_missing", "detected", str(unknown), reason))
    return rows


def _states(profiles: pa.Table, stated: Collection) -> list[Row]:
    """All profiles active: whoever was gone by then is not in the corpus."""
    accounts = len(profiles.column("account_id").unique())
    states = set(profiles.column("state").unique().to_pylist()) - {"unknown"}
    if accounts < LARGE or states != {"active"} or stated.deletions_missed is False:
        return []
    reason = (
        f"all {accounts:,} accounts with a profile are active: accounts that were deleted or"
        " suspended before the collection are probably missing, so what became of accounts cannot"
        " be told from it"
    )
    return [_fact("deletions_missed", "detected", "true", reason)]


def _power(posts: pa.Table, bin_s: int) -> list[Row]:
    """What a corpus of this size would have shown: a talking point's burst, and a tie."""
    at = _seconds(posts)
    accounts = len(posts.column("account_id").drop_null().unique())
    if len(at) < ENOUGH or accounts < 3 or at[-1] == at[0]:
        return []
    span = int(at[-1] - at[0])
    bins = max(1, span // bin_s + 1)
    burst = smallest_burst(posts=max(10.0, len(at) / 100), bins=bins, series=100, bin_s=bin_s)
    each = len(at) / accounts
    expected = expected_shares(max(each, 1.0), max(1, len(at) // 10), HOUR_S, span)
    tie = smallest_tie(accounts=accounts, expected=expected)
    return [
        _fact("power_burst", "detected", f"{burst.size:.0f}", burst.sentence),
        _fact("power_tie", "detected", f"{tie.size:.0f}", tie.sentence),
    ]
