"""Which hashtags did seemingly independent accounts use closer in time than popularity makes them?

In: posts. Out: the table flooding, one row for each hashtag whose uses are more synchronous than
the null at a false discovery rate of .05. Reposts are left out: they are synchronous by nature.
What counts is a pair of uses by different accounts within `window_s`.

The null. The tag keeps its popularity (how often it was used in each span of ten windows) and every
account its uses; only the place of a use within its span is drawn anew, from the places of posts
without the tag: of the same span where there are enough, so that a goal or a verdict that the whole
corpus reacts to is nobody's flooding, else of all spans, so that programs that post on the hour
alike are no surprise. Mean and variance of the pairs come from seeded draws, p from a negative
binomial with them (Poisson where it does not scatter more), q from Benjamini and Hochberg over all
tags tested. A flooded tag is a reason to read its posts. Fans, protesters and followers of a call
act together too, and a corpus that is one event alone has no other posts to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering.burst_null import at_least
from clustering.bursts import LEVEL
from corpus.errors import SettingsError
from corpus.identity import content_id
from corpus.significance import benjamini_hochberg
from corpus.tables import FLOODING

Ints = npt.NDArray[np.int64]

# Uses and accounts of a tag that can be tested.
MIN_USES, MIN_ACCOUNTS = 10, 3
# Posts without the tag in an hour from which their places serve as the null's.
ENOUGH = 30
# Draws of the null: moments of pairs to a few percent; fewer for tags of very many uses.
DRAWS, FEWER_DRAWS, MANY_USES = 200, 40, 5_000
# A tag's popularity is kept in spans of as many windows: ten minutes for one of 60 seconds. In a
# whole hour an organic peak of minutes looks like flooding (two tags of 27 in a crowd; none so).
SPANS = 10
HOUR_S = 3_600
EVIDENCE = 6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Posts:
    """Posts that count, by time and id: arrays of one length."""

    ids: list[str]
    account: Ints
    at_s: Ints
    tags: list[list[str]]


def find_flooding(posts: pa.Table, *, window_s: int = 60, seed: int = 0) -> pa.Table:
    """Return FLOODING, the most surprising tag first.

    Parameters
    ----------
    posts
        The table posts. Times of a minute's resolution suit windows of 60 seconds and more.
    window_s
        Two uses within as many seconds are synchronous; 1 to 1,800.
    seed
        Of the draws.

    Raises
    ------
    SettingsError
        When `window_s` is out of range.
    """
    if not 1 <= window_s <= HOUR_S // 2:
        raise SettingsError(f"window_s = {window_s!r}; expected 1 to {HOUR_S // 2} seconds")
    counted = _counted(posts)
    rows = [
        _tested(counted, tag, uses, window_s, np.random.default_rng(_number(seed, tag)))
        for tag, uses in _uses(counted)
    ]
    if not rows:
        return FLOODING.empty()
    q = benjamini_hochberg(np.array([row["p_value"] for row in rows]), len(rows))
    found = [
        row | {"q_value": float(own)} for row, own in zip(rows, q, strict=True) if own <= LEVEL
    ]
    found.sort(key=lambda row: (row["p_value"], row["hashtag"]))
    return FLOODING.from_rows(found)


def _number(seed: int, tag: str) -> int:
    return int(content_id("flooding", str(seed), tag), 16)


def _counted(posts: pa.Table) -> _Posts:
    known = pc.and_(pc.is_valid(posts["created_at"]), pc.is_valid(posts["account_id"]))
    found = posts.filter(pc.and_(known, pc.not_equal(posts["kind"], "repost")))
    found = found.sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    account = found.column("account_id").combine_chunks().dictionary_encode()
    moments = found.column("created_at").cast(pa.int64()).to_numpy()
    tags = found.column("hashtags").to_pylist()
    return _Posts(
        found.column("post_id").to_pylist(),
        account.indices.to_numpy().astype(np.int64),
        np.floor_divide(moments, 1_000_000).astype(np.int64),
        [sorted({tag.lower() for tag in each or ()}) for each in tags],
    )


def _uses(counted: _Posts) -> Iterator[tuple[str, Ints]]:
    """Tags that can be tested, in alphabetical order, with the rows that use them."""
    of: dict[str, list[int]] = {}
    for row, tags in enumerate(counted.tags):
        for tag in tags:
            of.setdefault(tag, []).append(row)
    for tag in sorted(of):
        rows = np.array(of[tag], dtype=np.int64)
        if len(rows) >= MIN_USES and len(np.unique(counted.account[rows])) >= MIN_ACCOUNTS:
            yield tag, rows


def _tested(
    counted: _Posts, tag: str, uses: Ints, window_s: int, rng: np.random.Generator
) -> dict[str, Any]:
    at, account = counted.at_s[uses], counted.account[uses]
    observed = synchronous_pairs(at, account, window_s)
    draw = _Places(counted, uses, SPANS * window_s, rng)
    draws = FEWER_DRAWS if len(uses) > MANY_USES else DRAWS
    drawn = np.array([synchronous_pairs(draw(), account, window_s) for _ in range(draws)])
    mean = max(float(drawn.mean()), 1 / (2 * draws))
    scatter = max(0.0, (float(drawn.var(ddof=1)) - mean) / mean**2)
    p = float(at_least(np.array([observed]), np.array([mean]), np.array([scatter]))[0])
    near = _near_others(at, account, window_s)
    return {
        "hashtag": tag,
        "window_s": window_s,
        "posts": len(uses),
        "accounts": len(np.unique(account)),
        "observed": observed,
        "expected": mean,
        "p_value": p,
        "synchronous": len(np.unique(account[near])),
        "start_at": _moment(at[near].min() if near.any() else at.min()),
        "end_at": _moment(at[near].max() if near.any() else at.max()),
        "null_model": (
            f"the hashtag keeps its uses in each {SPANS * window_s:,} s and each account its uses;"
            f" places in there are drawn from posts without it ({draws} draws, seeded); pairs of"
            f" different accounts within {window_s} s, negative binomial"
        ),
        "evidence": [counted.ids[row] for row in uses[near][:EVIDENCE].tolist()],
    }


def _moment(at: Any) -> datetime:
    return EPOCH + timedelta(seconds=int(at))


class _Places:
    """Draws the places within their spans at which uses could have stood."""

    def __init__(self, counted: _Posts, uses: Ints, span_s: int, rng: np.random.Generator) -> None:
        without = np.ones(len(counted.at_s), dtype=bool)
        without[uses] = False
        other, own = counted.at_s[without], counted.at_s[uses]
        self.rng, self.span_s = rng, span_s
        self.places = other % span_s
        self.starts = own // span_s * span_s
        first = np.searchsorted(other, self.starts, side="left")
        last = np.searchsorted(other, self.starts + span_s, side="left")
        same = last - first >= ENOUGH
        self.low = np.where(same, first, 0)
        self.high = np.where(same, last, len(other))

    def __call__(self) -> Ints:
        if len(self.places) < ENOUGH:
            return self.starts + self.rng.integers(0, self.span_s, len(self.starts))
        drawn: Ints = self.starts + self.places[self.rng.integers(self.low, self.high)]
        return drawn


def synchronous_pairs(at: Ints, account: Ints, window_s: int) -> int:
    """Pairs of different accounts whose times are at most `window_s` apart."""
    every = _pairs(np.sort(at), window_s)
    far = int(at.max() - at.min()) + window_s + 1
    own = _pairs(np.sort((at - at.min()) + account * far), window_s)
    return every - own


def _pairs(ordered: Ints, window_s: int) -> int:
    ends = np.searchsorted(ordered, ordered + window_s, side="right")
    return int((ends - np.arange(len(ordered)) - 1).sum())


def _near_others(at: Ints, account: Ints, window_s: int) -> npt.NDArray[np.bool_]:
    """Which uses have one by another account within the window; `at` is in order."""
    first = np.searchsorted(at, at - window_s, side="left")
    last = np.searchsorted(at, at + window_s, side="right")
    near = np.zeros(len(at), dtype=bool)
    for row, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        near[row] = bool((account[low:high] != account[row]).any())
    return near
