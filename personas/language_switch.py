"""Did the language of an account's posts switch for good?

In: the posts of one account with the language that their source states. Out: at most one shift of
the attribute "language", with one post of each side as quotes. Needs 20 posts on each side and a
move of the dominant language's share by .6; a bilingual account moves less. The split is the one
that explains the sequence best (largest gain in likelihood over one share for all).
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
MIN_MOVE = 0.6
# A language seen in fewer posts than this cannot have dominated a side.
MIN_POSTS_OF_LANGUAGE = MIN_POSTS_A_SIDE // 2
# Quoted words of a post: enough to show its language.
_QUOTE_CHARS = 140


@dataclass(frozen=True)
class Switch:
    """Where the language switched; `at` is the first post of the later side."""

    at: int
    before: str
    after: str
    share_before: float
    share_after: float


def language_shift(account_id: str, log: PostLog) -> Shift | None:
    """Return the switch of one account, or None."""
    langs = log.languages(account_id)
    known = np.flatnonzero(langs != "")
    switch = find_switch(langs[known])
    if switch is None:
        return None
    return _shift(account_id, log, log.range_of(account_id)[0] + known, langs[known], switch)


def find_switch(langs: Array) -> Switch | None:
    """Return the best split of a sequence of languages, (n,) str, or None."""
    if len(langs) < 2 * MIN_POSTS_A_SIDE:
        return None
    names, counts = np.unique(langs, return_counts=True)
    if len(names) < 2:
        return None
    frequent = names[counts >= MIN_POSTS_OF_LANGUAGE]
    splits = [_best_split(langs == name) for name in frequent]
    return _described(langs, max(splits)[1]) if splits else None


def _best_split(hits: Array) -> tuple[float, int]:
    """Return the largest gain in log likelihood of two shares over one, and where."""
    n = len(hits)
    at = np.arange(MIN_POSTS_A_SIDE, n - MIN_POSTS_A_SIDE + 1)
    sums = np.cumsum(hits)
    left, whole = sums[at - 1], sums[-1]
    gains = _fit(left, at) + _fit(whole - left, n - at)
    best = int(np.argmax(gains))
    return float(gains[best] - _fit(np.array([whole]), np.array([n]))[0]), int(at[best])


def _fit(hits: Array, n: Array) -> Array:
    """Log likelihood of `hits` of `n` under their own share."""
    share = hits / n
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = hits * np.log(share) + (n - hits) * np.log1p(-share)
    filled: Array = np.nan_to_num(terms, nan=0.0)
    return filled


def _described(langs: Array, at: int) -> Switch | None:
    before, after = _dominant(langs[:at]), _dominant(langs[at:])
    fell = _share(langs[:at], before) - _share(langs[at:], before)
    rose = _share(langs[at:], after) - _share(langs[:at], after)
    if before == after or min(fell, rose) < MIN_MOVE:
        return None
    return Switch(at, before, after, _share(langs[:at], before), _share(langs[at:], after))


def _share(langs: Array, name: str) -> float:
    return float((langs == name).mean())


def _dominant(langs: Array) -> str:
    names, counts = np.unique(langs, return_counts=True)
    return str(names[int(np.argmax(counts))])


def _shift(account_id: str, log: PostLog, rows: Array, langs: Array, switch: Switch) -> Shift:
    left = int(np.flatnonzero(langs[: switch.at] == switch.before)[-1])
    right = switch.at + int(np.flatnonzero(langs[switch.at :] == switch.after)[0])
    one, two = (_quote(log.post(int(rows[at]))) for at in (left, right))
    share = reason(
        "language_share",
        n_before=switch.at,
        share_before=percent(switch.share_before),
        before=switch.before,
        n_after=len(langs) - switch.at,
        share_after=percent(switch.share_after),
        after=switch.after,
    )
    reasons = (quotes_sentence(one, two), share)
    return Shift(account_id, "language", "language", 1, switch.before, switch.after, one, two,
                 reasons, tuple(caveats("language")))  # fmt: skip


def _quote(post: Mapping[str, Any]) -> Quote:
    words = post["text"][:_QUOTE_CHARS]
    return Quote(words, "post", post["post_id"], 0, len(words), post["created_at"])
