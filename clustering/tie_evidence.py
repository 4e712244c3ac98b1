"""The posts behind a tie, side by side.

In: rows of the table ties, traces and posts. Out: one row for each pair of shares that the tie
counts: both posts, both times, and the verbatim words with where they stand. For links and tags
that stand in the text the quote is the link or tag as written; else it is the whole post. It
refuses a tie whose shares are not in the traces: a tie without two posts is no tie.

Here every pair is listed, up to `limit` for a tie: the nearest of each object, then the others. The
filter after pairing is not applied again, so a tie may have a few pairs more here than its weight
says, never fewer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from clustering.url_forms import canonical_url, host_of
from corpus.errors import InputError
from corpus.identity import content_id
from corpus.tables import TIE_EVIDENCE, conform
from nlp.entities import find_entities

# Pairs shown for one tie: more than anyone reads side by side.
LIMIT = 100


def tie_id(account_a: str, account_b: str, layer: str, window_s: int | None) -> str:
    """Name a tie by what makes it one."""
    return content_id("tie", account_a, account_b, layer, window_s)


def evidence_for(
    ties: pa.Table, *, traces: pa.Table, posts: pa.Table, limit: int = LIMIT
) -> pa.Table:
    """Return the table tie_evidence for these rows of ties, in their order.

    The nearest pair of each object stands first.

    Raises
    ------
    InputError
        When a tie's shares are not among the traces.
    """
    by_account = _by_account(ties, traces)
    parts = [_pairs(tie, by_account, limit) for tie in ties.to_pylist()]
    if not parts:
        return TIE_EVIDENCE.empty()
    return _quoted(pd.concat(parts, ignore_index=True), posts)


def _by_account(ties: pa.Table, traces: pa.Table) -> dict[tuple[str, str], pd.DataFrame]:
    """The traces of the accounts asked for, by layer and account."""
    asked = pa.chunked_array([*ties["account_a"].chunks, *ties["account_b"].chunks], pa.string())
    keep = pa.compute.is_in(traces.column("account_id"), value_set=asked.combine_chunks())
    frame: pd.DataFrame = traces.filter(keep).to_pandas()
    return {(str(k[0]), str(k[1])): rows for k, rows in frame.groupby(["layer", "account_id"])}


def _pairs(
    tie: dict[str, Any], by_account: dict[tuple[str, str], pd.DataFrame], limit: int
) -> pd.DataFrame:
    """All pairs of one tie; a decay row takes the pairs of every gap."""
    layer, window = tie["layer"], tie["window_s"]
    columns = ["object_id", "post_id", "created_at", "variant"]
    sides = [by_account.get((layer, tie[side])) for side in ("account_a", "account_b")]
    if sides[0] is None or sides[1] is None:
        raise InputError(
            f"a tie in layer {layer!r} has no shares of one of its accounts in the traces given; "
            "give the traces that the ties were made from"
        )
    both = sides[0][columns].merge(sides[1][columns], on="object_id", suffixes=("_a", "_b"))
    both["gap_s"] = (both.created_at_a - both.created_at_b).dt.total_seconds().abs()
    meets = both.post_id_a != both.post_id_b
    meets &= both.variant_a.isna() | (both.variant_a != both.variant_b)
    if window is not None:
        meets &= both.gap_s <= window
    both = both[meets].sort_values(["gap_s", "created_at_a", "post_id_a", "post_id_b"])
    # The nearest pair of every object before a second pair of any: ten things are ten things.
    again = both.groupby("object_id").cumcount()
    both = both.assign(again=again).sort_values("again", kind="stable").drop(columns="again")
    name = tie_id(tie["account_a"], tie["account_b"], layer, window)
    return both.head(limit).assign(tie_id=name, layer=layer)


def _quoted(pairs: pd.DataFrame, posts: pa.Table) -> pa.Table:
    asked = pa.array(sorted(set(pairs.post_id_a) | set(pairs.post_id_b)))
    kept = posts.filter(pa.compute.is_in(posts.column("post_id"), value_set=asked))
    texts = dict(zip(kept["post_id"].to_pylist(), kept["text"].to_pylist(), strict=True))
    columns: dict[str, Any] = {
        "tie_id": pairs.tie_id, "layer": pairs.layer, "object_id": pairs.object_id,
        "post_a": pairs.post_id_a, "post_b": pairs.post_id_b,
        "at_a": pairs.created_at_a, "at_b": pairs.created_at_b, "gap_s": pairs.gap_s,
    }  # fmt: skip
    for side in ("a", "b"):
        spans = [
            _span(texts[post], layer, shared)
            for post, layer, shared in zip(
                pairs[f"post_id_{side}"], pairs.layer, pairs.object_id, strict=True
            )
        ]
        columns[f"quote_{side}"] = [quote for quote, _, _ in spans]
        columns[f"start_{side}"] = np.array([start for _, start, _ in spans], dtype=np.int64)
        columns[f"end_{side}"] = np.array([end for _, _, end in spans], dtype=np.int64)
    return conform(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), TIE_EVIDENCE)


def _span(text: str, layer: str, shared: str) -> tuple[str, int, int]:
    """What stands for the object in the text: the link or tag as written, else the whole text."""
    for entity in find_entities(text) if layer in {"url", "domain", "hashtag"} else ():
        if entity.kind == "hashtag" and layer == "hashtag" and entity.value.casefold() == shared:
            return text[entity.start : entity.end], entity.start, entity.end
        link = canonical_url(entity.value) if entity.kind == "link" else None
        if link is not None and shared == (link if layer == "url" else host_of(link)):
            return text[entity.start : entity.end], entity.start, entity.end
    return text, 0, len(text)
