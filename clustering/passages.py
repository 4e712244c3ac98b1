"""Which passages do long texts share, with whom, and where do they stand?

In: posts and their normalized texts. Out: the table shared_passages: for two texts the stretch that
both hold, with offsets and the words as read on both sides, the exact Jaccard of the two stretches
and how much of the smaller stands in the larger. `kind` says what it is: `copied`; `contained`,
when it makes up one of the texts but not the other (a post lifted from an article); `quoted`, when
either text marks it as a quotation; `boilerplate`, when it recurs in many texts of its account.

Passages come from spaCy's sentencizer (`nlp.passages`); a passage counts as shared when another
text holds at least `containment` of it (`clustering.passage_search`); neighbours become one span.

Left out, because talking points tell it: what one account repeats, reposts, texts equal to an
earlier one, and pairs of short texts. Where no text is long nothing is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.passage_marks import boilerplate_places, kinds_of
from clustering.passage_runs import Flags, Ints, Runs, build_runs
from clustering.passage_search import LISTED, asked, contained, search
from clustering.passage_spans import Spans, merge
from corpus.errors import SchemaError
from corpus.progress import Progress, Silent
from corpus.settings import Passages
from corpus.tables import SHARED_PASSAGES
from engines.engine import Engine
from nlp.passages import CHARS_PER_WORD, CutPassages

# Share of a text's words from which a stretch makes it up.
MOST = 0.7


@dataclass(frozen=True)
class PassageTables:
    """What the stage makes, and what a reader must know about it."""

    shared_passages: pa.Table
    notes: tuple[str, ...] = ()


def find_shared_passages(
    engine: Engine[Any],
    *,
    posts: pa.Table,
    texts: pa.Table,
    settings: Passages | None = None,
    progress: Progress | None = None,
) -> PassageTables:
    """Find what long texts share with texts of other accounts.

    Parameters
    ----------
    engine
        Where texts are cut into passages; they are compared where this function runs.
    posts
        The table posts; post_id is unique.
    texts
        The table texts, one row for each post.
    settings
        From what length a text is long, and how much makes a shared passage.
    progress
        Told of four steps.

    Raises
    ------
    SchemaError
        When a post has no row in texts.
    """
    settings, progress = settings or Passages(), progress or Silent()
    lengths = pc.utf8_length(posts.column("text"))
    if not posts.num_rows or pc.max(lengths).as_py() < settings.long_from:
        return PassageTables(SHARED_PASSAGES.empty())
    progress.stage("shared passages", 4)
    written = _written(posts, texts)
    runs = build_runs(_cut(engine, written, settings))
    progress.advance()
    account = _accounts(written)
    long = pc.greater_equal(pc.utf8_length(written.column("text")), settings.long_from)
    marked, hidden, recurring = boilerplate_places(runs, account)
    progress.advance()
    found = search(
        runs,
        account=account,
        long=long.to_numpy().astype(bool),
        hidden=hidden,
        containment=settings.containment,
    )
    progress.advance()
    table = _table(runs, merge(runs, found.hits), marked, written, settings)
    progress.advance()
    notes = _notes(posts.num_rows - written.num_rows, recurring, found.limited, len(runs.first))
    return PassageTables(table, notes)


def _written(posts: pa.Table, texts: pa.Table) -> pa.Table:
    """The first post of each different text, earliest first: reposts and later equals left out."""
    places = pc.index_in(posts.column("post_id"), texts.column("post_id"))
    if places.null_count:
        raise SchemaError(
            f"table 'texts': {places.null_count} posts have no row; normalize all posts"
        )
    rows = posts.select(["post_id", "account_id", "created_at", "text", "kind"])
    for name in ("text_norm", "script"):
        rows = rows.append_column(name, texts.column(name).take(places))
    kept = pc.and_(pc.not_equal(rows["kind"], "repost"), pc.not_equal(rows["text_norm"], ""))
    rows = rows.filter(kept)
    rows = rows.sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    codes = pc.dictionary_encode(rows["text_norm"].combine_chunks()).indices.to_numpy()
    return rows.take(pa.array(np.sort(np.unique(codes, return_index=True)[1])))


def _cut(engine: Engine[Any], written: pa.Table, settings: Passages) -> pa.Table:
    """Cut the texts into units and passages; the engine may return them in any order."""
    kernel = CutPassages(settings.min_words)
    frame = engine.scan(written.select(["post_id", "text", "script"]))
    cut = engine.collect(engine.map(frame, kernel))
    return cut.take(pc.index_in(written.column("post_id"), cut.column("post_id")))


def _accounts(written: pa.Table) -> Ints:
    """Number the accounts; a text without one is the only one of its own."""
    codes = pc.dictionary_encode(written["account_id"].combine_chunks()).indices
    unknown = pc.is_null(codes).to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(codes, 0).to_numpy().astype(np.int64)
    own: Ints = numbers.max(initial=0) + 1 + np.arange(len(numbers))
    return np.where(unknown, own, numbers)


def _table(
    runs: Runs, spans: Spans, marked: Flags, written: pa.Table, settings: Passages
) -> pa.Table:
    """Measure the spans on their words and write them down, the smaller post id first."""
    spans = spans.take(_long_enough(runs, spans, settings.min_words))
    jaccard, in_b, in_a = contained(
        runs.joined(spans.first_a, spans.last_a), runs.joined(spans.first_b, spans.last_b)
    )
    share = np.maximum(in_a, in_b)
    by_words = runs.by_words[runs.text_at[spans.first_a]]
    kept = share >= asked(settings.containment, by_words)
    spans, jaccard, share = spans.take(kept), jaccard[kept], share[kept]
    a, b = runs.text_at[spans.first_a], runs.text_at[spans.first_b]
    a_share = (spans.last_a - spans.first_a) / np.diff(runs.offsets)[a]
    b_share = (spans.last_b - spans.first_b) / np.diff(runs.offsets)[b]
    whole = np.maximum(a_share, b_share) >= MOST
    whole &= np.minimum(a_share, b_share) < MOST
    columns = {
        "jaccard": pa.array(jaccard, pa.float32()),
        "containment": pa.array(share, pa.float32()),
        "kind": pa.array(kinds_of(runs, spans, marked, written["text"], whole.tolist())),
    }
    for side, text, first, last, part in (
        ("a", a, spans.first_a, spans.last_a, a_share),
        ("b", b, spans.first_b, spans.last_b, b_share),
    ):
        columns |= _side(
            side, written.take(pa.array(text)), runs.starts[first], runs.ends[last - 1]
        )
        columns[f"share_{side}"] = pa.array(part, pa.float32())
    return _by_id(pa.table(columns))


def _long_enough(runs: Runs, spans: Spans, min_words: int) -> Flags:
    """Return which spans hold enough words on both sides: what is left when ends differ."""
    shorter = np.minimum(spans.last_a - spans.first_a, spans.last_b - spans.first_b)
    by_words = runs.by_words[runs.text_at[spans.first_a]]
    enough: Flags = shorter >= np.where(by_words, min_words, CHARS_PER_WORD * min_words)
    return enough


def _side(side: str, rows: pa.Table, start: Ints, end: Ints) -> dict[str, Any]:
    """One text of each pair: its post, where the span stands in it, and its words as read."""
    texts = rows.column("text").to_pylist()
    cut = zip(texts, start.tolist(), end.tolist(), strict=True)
    return {
        f"post_{side}": rows.column("post_id"),
        f"start_{side}": pa.array(start),
        f"end_{side}": pa.array(end),
        f"quote_{side}": pa.array([text[s:e] for text, s, e in cut], pa.string()),
    }


def _by_id(table: pa.Table) -> pa.Table:
    """Name the smaller post id a."""
    swapped = pc.greater(table.column("post_a"), table.column("post_b"))
    columns = {}
    for name in SHARED_PASSAGES.names:
        other = {"_a": "_b", "_b": "_a"}.get(name[-2:], "")
        twin = name[:-2] + other if other else name
        columns[name] = pc.if_else(swapped, table.column(twin), table.column(name))
    made = pa.table(columns, schema=SHARED_PASSAGES.schema)
    keys = ("post_a", "post_b", "start_a", "start_b")
    return made.sort_by([(name, "ascending") for name in keys])


def _notes(left_out: int, recurring: int, limited: int, passages: int) -> tuple[str, ...]:
    """Say what was not compared."""
    notes = [
        f"Shared passages: {passages:,} passages were compared; {left_out:,} posts were left out"
        " because they are reposts, equal an earlier text or hold no words; passages shared within"
        " one account or by two short texts are told by talking points alone."
    ]
    if recurring:
        notes.append(
            f"{recurring:,} passages recur in many texts of their account (signatures, subscribe"
            " lines); the earliest text of each account stands for them."
        )
    if limited:
        notes.append(
            f"{limited:,} passages hold little but word pairs that stand in more than {LISTED}"
            f" texts; they were compared to the earliest {LISTED} texts of each pair alone, so two"
            " later texts that share one are not paired with each other."
        )
    return tuple(notes)
