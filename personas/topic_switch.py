"""Did what an account posts about switch for good?

In: the posts of one account with a topic each, which the caller brings (a narrative's label; this
package clusters nothing). Out: at most one shift of the attribute "topic", a note, with one post of
each side as quotes. Posts without a topic take no part.

The split is the one that explains the sequence best. It counts when there are 20 posts on each
side, the Jensen-Shannon divergence of the two topic histograms is at least .5, and two histograms
describe the sequence at least 10 bits more briefly than one, the second one's parameters paid for
(minimum description length): between two halves of one mixed account the divergence alone is
already large when there are many topics and few posts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from personas.postlog import PostLog
from personas.sentences import caveats, percent, reason
from personas.shift import Quote, Shift, quotes_sentence

Array = np.ndarray[Any, Any]
MIN_POSTS_A_SIDE = 20
# Base 2, so 1 is "no common topic".
MIN_DIVERGENCE = 0.5
MIN_GAIN_BITS = 10.0
# Quoted words of a post: enough to show what it is about.
_QUOTE_CHARS = 140
# post_id -> label of its topic
Topics = Mapping[str, str]


@dataclass(frozen=True)
class TopicSwitch:
    """Where the topics switched; `at` is the first post of the later side."""

    at: int
    before: str  # the topic that lost most
    after: str  # the topic that gained most
    divergence: float
    share_before: float
    share_after: float


def topic_shift(account_id: str, log: PostLog, topics: Topics) -> Shift | None:
    """Return the switch of one account, or None."""
    start, stop = log.range_of(account_id)
    if not topics or stop - start < 2 * MIN_POSTS_A_SIDE:
        return None
    ids = log.rows["post_id"].slice(start, stop - start).to_pylist()
    labels = np.array([topics.get(post, "") for post in ids])
    known = np.flatnonzero(labels != "")
    switch = find_topic_switch(labels[known])
    if switch is None:
        return None
    return _shift(account_id, log, start + known, labels[known], switch)


def find_topic_switch(labels: Array) -> TopicSwitch | None:
    """Return the best split of a sequence of topics, (n,) str, or None."""
    n = len(labels)
    if n < 2 * MIN_POSTS_A_SIDE:
        return None
    names, codes = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        return None
    counts = np.cumsum(codes[:, None] == np.arange(len(names)), axis=0)
    at = np.arange(MIN_POSTS_A_SIDE, n - MIN_POSTS_A_SIDE + 1)
    left, whole = counts[at - 1], counts[-1]
    gains = _bits(whole[None])[0] - _bits(left) - _bits(whole - left)
    best = int(np.argmax(gains))
    cost = 0.5 * len(names) * np.log2(n)
    if gains[best] - cost < MIN_GAIN_BITS:
        return None
    return _described(names, left[best] / at[best], (whole - left[best]) / (n - at[best]), at[best])


def _bits(counts: Array) -> Array:
    """Code length of each row's histogram, (m, topics) -> (m,), in bits."""
    totals = counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -counts * np.log2(counts / totals)
    found: Array = np.nan_to_num(terms, nan=0.0).sum(axis=1)
    return found


def _described(names: Array, before: Array, after: Array, at: int) -> TopicSwitch | None:
    apart = divergence(before, after)
    if apart < MIN_DIVERGENCE:
        return None
    lost, gained = int(np.argmax(before - after)), int(np.argmax(after - before))
    return TopicSwitch(int(at), str(names[lost]), str(names[gained]), apart,
                       float(before[lost]), float(after[gained]))  # fmt: skip


def divergence(p: Array, q: Array) -> float:
    """Return the Jensen-Shannon divergence of two histograms of equal length, 0..1 (base 2)."""
    middle = (p + q) / 2
    return float((_kl(p, middle) + _kl(q, middle)) / 2)


def _kl(p: Array, q: Array) -> float:
    at = p > 0
    return float((p[at] * np.log2(p[at] / q[at])).sum())


def _shift(account_id: str, log: PostLog, rows: Array, labels: Array, switch: TopicSwitch) -> Shift:
    left = int(np.flatnonzero(labels[: switch.at] == switch.before)[-1])
    right = switch.at + int(np.flatnonzero(labels[switch.at :] == switch.after)[0])
    one, two = (_quote(log.post(int(rows[at]))) for at in (left, right))
    share = reason(
        "topic_share",
        n_before=switch.at,
        share_before=percent(switch.share_before),
        before=switch.before,
        n_after=len(labels) - switch.at,
        share_after=percent(switch.share_after),
        after=switch.after,
        divergence=f"{switch.divergence:.2f}",
    )
    reasons = (quotes_sentence(one, two), share)
    return Shift(account_id, "topic", "topic", 1, switch.before, switch.after, one, two,
                 reasons, tuple(caveats("topic")))  # fmt: skip


def _quote(post: Mapping[str, Any]) -> Quote:
    words = post["text"][:_QUOTE_CHARS]
    return Quote(words, "post", post["post_id"], 0, len(words), post["created_at"])
