"""Which passages recur within an account, and which shared spans are quotations?

Boilerplate: subscribe lines, signatures, disclaimers. In: runs of texts, the account of each. Out:
the places of passages most of whose grams stand in several texts of the same account (document
frequency, so numbers and dates may differ), and those of them to hide: the earliest text of each
account stands for the others, so that a line under a thousand posts costs one look-up.

Quotations: a span counts as quoted when nearly all of it is marked so in either text
(`nlp.quotation`): both may then have it from a third.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from clustering.passage_runs import Flags, Floats, Ints, Runs, ranges
from clustering.passage_spans import Spans
from nlp.quotation import quoted_spans, share_inside

# Texts of one account that hold a line before it is boilerplate; a slogan said twice is not.
MIN_TEXTS = 5
# The same for large accounts, as a share of their texts: turns of phrase of one subject recur.
MIN_SHARE = 0.02
# Share of a passage's grams that must recur: the line itself, with another date in it.
MOSTLY = 0.7
# Share of a span that stands in quotation marks; the rest is "he said".
QUOTED_SHARE = 0.8
# Share of a span that is boilerplate of either account.
BOILERPLATE_SHARE = 0.5


def boilerplate_places(runs: Runs, account: Ints) -> tuple[Flags, Flags, int]:
    """Return which places are boilerplate, which of these to hide, and how many passages."""
    places = np.flatnonzero(runs.grams >= 0)
    text, gram = runs.text_at[places], runs.grams[places]
    texts_of = np.bincount(account, minlength=int(account.max(initial=0)) + 1)
    needed = np.maximum(MIN_TEXTS, np.ceil(MIN_SHARE * texts_of))
    owned = account[text] * max(runs.n_grams, 1) + gram
    held = np.unique(np.stack([owned, text], axis=1), axis=0) if len(owned) else owned.reshape(0, 2)
    names, first, counts = np.unique(held[:, 0], return_index=True, return_counts=True)
    at = np.searchsorted(names, owned)
    recurs = np.zeros(len(runs.grams), dtype=bool)
    recurs[places] = counts[at] >= needed[account[text]]
    earliest = np.zeros(len(runs.grams), dtype=bool)
    earliest[places] = held[first, 1][at] == text
    passages = _recurring(runs, recurs)
    _, inside = ranges(runs.first[passages], runs.last[passages])
    marked = np.zeros(len(runs.grams), dtype=bool)
    marked[inside] = True
    return marked, marked & ~earliest, len(passages)


def _recurring(runs: Runs, recurs: Flags) -> Ints:
    of, places = runs.grams_of(np.arange(len(runs.first)))
    size = np.bincount(of, minlength=len(runs.first))
    again = np.bincount(of, recurs[places], minlength=len(runs.first))
    return np.flatnonzero((size > 0) & (again >= MOSTLY * size))


def kinds_of(
    runs: Runs, spans: Spans, marked: Flags, texts: pa.ChunkedArray, whole: Sequence[float]
) -> list[str]:
    """Return the kind of each span; `whole` is how much of one text alone the span makes up."""
    boiler = np.maximum(
        _share_marked(marked, spans.first_a, spans.last_a),
        _share_marked(marked, spans.first_b, spans.last_b),
    )
    quoted = _quoted(runs, spans, texts)
    return [
        "boilerplate" if b >= BOILERPLATE_SHARE else
        "quoted" if q else
        "contained" if w else "copied"
        for b, q, w in zip(boiler.tolist(), quoted, whole, strict=True)
    ]  # fmt: skip


def _share_marked(marked: Flags, first: Ints, last: Ints) -> Floats:
    sums = np.concatenate([[0], np.cumsum(marked)])
    share: Floats = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return share


def _quoted(runs: Runs, spans: Spans, texts: pa.ChunkedArray) -> list[bool]:
    """Return whether either side of each span is marked as somebody's words."""
    sides = ((spans.first_a, spans.last_a), (spans.first_b, spans.last_b))
    known: dict[int, list[tuple[int, int]]] = {}
    found = np.zeros(len(spans.first_a), dtype=bool)
    for first, last in sides:
        text, start, end = runs.text_at[first], runs.starts[first], runs.ends[last - 1]
        for row, (t, s, e) in enumerate(
            zip(text.tolist(), start.tolist(), end.tolist(), strict=True)
        ):
            if t not in known:
                known[t] = quoted_spans(texts[t].as_py())
            found[row] |= share_inside(s, e, known[t]) >= QUOTED_SHARE
    return found.tolist()
