"""An account changed its handle: did what it wrote, and in which language, change around that day?

In: rows of `account_events` of kind "renamed", the posts, and topics of posts where the caller has
them. Out: rows of `rename_contexts`, one for each rename, told in sentences. It only sets two
windows side by side: a rename is no finding, and most change nothing.

Windows: the 90 days before and after, or the nearest 100 posts where an account rested longer, cut
at the neighbouring renames of the account. Words are those whose share differs most, by the
log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008), a measure that
neither rare nor everyday words can lead.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from nlp.entities import without_entities
from personas.postlog import PostLog
from personas.sentences import percent, reason
from personas.similarity import fold
from personas.topic_switch import Topics, divergence

Row = dict[str, Any]
Array = np.ndarray[Any, Any]
WINDOW = timedelta(days=90)
# At least as many posts are read where there are, however far: an account may rest before a rename.
NEAREST_POSTS = 100
# The nearest posts of each side that are read; more would only cost time.
MAX_POSTS = 2_000
# Fewer posts on a side tell nothing of its language, topics or words.
MIN_POSTS = 20
# Words shown a side, and the least z-score they need.
MAX_WORDS, MIN_Z = 6, 3.0
# Before and after all times that a column of microseconds holds.
_NEVER = (-(2**62), 2**62)
# Shorter words are mostly function words.
MIN_LETTERS = 4


@dataclass(frozen=True)
class Side:
    """Rows of the post log on one side of a rename."""

    rows: Array
    langs: Counter[str]
    topics: Counter[str]
    words: Counter[str]


def rename_contexts(renames: Iterable[Row], log: PostLog, topics: Topics) -> list[Row]:
    """Return what stood on both sides of each rename, in order of account and time."""
    by_account: dict[str, list[Row]] = defaultdict(list)
    for event in renames:
        if event["kind"] == "renamed" and event["at"] is not None:
            by_account[event["account_id"]].append(event)
    return [
        _context(account, event, _limits(events, at), log, topics)
        for account, events in sorted(by_account.items())
        for at, event in enumerate(sorted(events, key=lambda e: (e["at"], e["after"])))
    ]


def _limits(events: Sequence[Row], at: int) -> tuple[int, int, int]:
    """Return the rename before, this one and the one after, microseconds."""
    times = sorted(_us(event["at"]) for event in events)
    earlier = times[at - 1] if at else _NEVER[0]
    later = times[at + 1] if at + 1 < len(times) else _NEVER[1]
    return earlier, times[at], later


def _us(moment: Any) -> int:
    return int(moment.timestamp() * 1_000_000)


def _context(
    account: str, event: Row, limits: tuple[int, int, int], log: PostLog, topics: Topics
) -> Row:
    earlier, moment, later = limits
    span, start = WINDOW // timedelta(microseconds=1), log.range_of(account)[0]
    bounds = [earlier, moment - span, moment, moment + span + 1, later]
    low, begin, at, end, high = start + np.searchsorted(log.times(account), bounds)
    begin, end = max(low, min(begin, at - NEAREST_POSTS)), min(high, max(end, at + NEAREST_POSTS))
    before = _side(np.arange(begin, at)[-MAX_POSTS:], log, account, topics)
    after = _side(np.arange(at, end)[:MAX_POSTS], log, account, topics)
    told = _languages_told(before, after) | _topics_told(before, after)
    words = _words_told(before, after)
    sentences = (_said(told), _topic_said(told), _words_said(words))
    return {
        "account_id": account,
        "at": event["at"],
        "before": event["before"],
        "after": event["after"],
        "posts_before": len(before.rows),
        "posts_after": len(after.rows),
        **told,
        **words,
        "reasons": [sentence for sentence in sentences if sentence],
    }


def _side(rows: Array, log: PostLog, account: str, topics: Topics) -> Side:
    start = log.range_of(account)[0]
    langs = log.languages(account)[rows - start] if len(rows) else []
    posts = [log.post(int(row)) for row in rows]
    own = log.own(account)[rows - start] if len(rows) else []
    texts = [p["text"] or "" for p, mine in zip(posts, own, strict=True) if mine]
    labels = (topics.get(post["post_id"], "") for post in posts)
    return Side(
        rows,
        Counter(str(lang) for lang in langs if lang),
        Counter(label for label in labels if label),
        Counter(word for text in texts for word in _words(text)),
    )


def _words(text: str) -> set[str]:
    """The words of one post, each once: a post that repeats a word says it once."""
    bare = fold(without_entities(text, keep_hashtags=True))
    return {word for word in bare.split() if len(word) >= MIN_LETTERS and not word.isdigit()}


def _languages_told(before: Side, after: Side) -> Row:
    one, two = _leading(before.langs), _leading(after.langs)
    return {
        "lang_before": one[0],
        "lang_share_before": one[1],
        "lang_after": two[0],
        "lang_share_after": two[1],
    }


def _topics_told(before: Side, after: Side) -> Row:
    one, two = _leading(before.topics), _leading(after.topics)
    enough = min(before.topics.total(), after.topics.total()) >= MIN_POSTS
    names = sorted({*before.topics, *after.topics})
    shares = [
        np.array([side.topics[name] for name in names]) / max(side.topics.total(), 1)
        for side in (before, after)
    ]
    return {
        "topic_before": one[0],
        "topic_after": two[0],
        "topic_divergence": divergence(*shares) if enough else None,
    }


def _leading(counts: Counter[str]) -> tuple[str | None, float | None]:
    if counts.total() < MIN_POSTS:
        return None, None
    name = min(counts, key=lambda key: (-counts[key], key))
    return name, counts[name] / counts.total()


def _words_told(before: Side, after: Side) -> dict[str, list[str]]:
    if min(len(before.rows), len(after.rows)) < MIN_POSTS:
        return {"words_before": [], "words_after": []}
    z = word_scores(before.words, after.words)
    ordered = sorted(z.items(), key=lambda item: (item[1], item[0]))
    lost = [word for word, score in ordered if score <= -MIN_Z]
    new = [word for word, score in ordered[::-1] if score >= MIN_Z]
    return {"words_before": lost[:MAX_WORDS], "words_after": new[:MAX_WORDS]}


def word_scores(before: Counter[str], after: Counter[str]) -> dict[str, float]:
    """Return each word's z-score; below 0 it belongs to `before`, above to `after`."""
    whole = before + after
    total, n, m = whole.total(), before.total(), after.total()
    if not n or not m or len(whole) < 2:  # one word alone has no odds
        return {}
    names = sorted(whole)
    prior = np.array([whole[name] for name in names], dtype=float)
    a, b = (np.array([side[name] for name in names]) + prior for side in (before, after))
    odds = np.log(b / (m + total - b)) - np.log(a / (n + total - a))
    scores = odds / np.sqrt(1 / a + 1 / b)
    return dict(zip(names, scores.tolist(), strict=True))


def _said(told: Mapping[str, Any]) -> str:
    if told["lang_before"] is None or told["lang_after"] is None:
        return ""
    return reason(
        "renamed_language",
        before=told["lang_before"],
        share_before=percent(told["lang_share_before"]),
        after=told["lang_after"],
        share_after=percent(told["lang_share_after"]),
    )


def _topic_said(told: Mapping[str, Any]) -> str:
    if told["topic_divergence"] is None:
        return ""
    return reason(
        "renamed_topic",
        before=told["topic_before"],
        after=told["topic_after"],
        divergence=f"{told['topic_divergence']:.2f}",
    )


def _words_said(words: Mapping[str, Sequence[str]]) -> str:
    if not words["words_before"] and not words["words_after"]:
        return ""
    return reason(
        "renamed_words",
        before=", ".join(words["words_before"]) or "-",
        after=", ".join(words["words_after"]) or "-",
    )
