"""Who shared what, when: events as numbers, ordered by object and time.

In: rows of object_id, account_id, content_id, created_at (Arrow or pandas; times as timestamps, or
numbers of seconds since 1970). Out: `Shares`: codes in the order of the ids, microseconds, and
where each object's rows lie. A row without an object shares nothing: null and "" are no object, so
posts without links are not tied by their lack of links. Rows without account, content or time can
take part in no pair; how many were left out, and why, stands in `left_out`.

An account must have shared `min_participation` rows to enter (CooRTweet's first filter); the one
after pairing is in `clustering.tie_pairs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SchemaError
from corpus.tables import TS

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

EVENT_COLUMNS = ("object_id", "account_id", "content_id", "created_at")
# A column that events may have beside them; null is a variant of its own.
VARIANT = "variant"
MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Shares:
    """n shares, sorted by object, time, account, content.

    `account`, `content`, `object` are int32 codes into the sorted id arrays; `at` is in
    microseconds; object o has the rows `starts[o]:starts[o + 1]`; `own` marks shares whose content
    is the object itself (an original among its reposts). Shares of one `variant` make no pair: each
    is its own unless events have a column of that name (the copies within a family of paraphrases).
    """

    accounts: pa.Array
    objects: pa.Array
    contents: pa.Array
    account: Codes
    object: Codes
    content: Codes
    variant: Codes
    at: Ints
    starts: Ints
    own: Flags
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.at)


def events_table(events: pd.DataFrame | pa.Table) -> pa.Table:
    """Return the four columns as Arrow, times as timestamp[us, UTC].

    Raises
    ------
    SchemaError
        When a column is missing or created_at is neither a time nor a number.
    """
    found = list(events.column_names if isinstance(events, pa.Table) else events.columns)
    missing = [name for name in EVENT_COLUMNS if name not in found]
    if missing:
        raise SchemaError(
            f"events lack the column(s) {', '.join(missing)}; found: "
            f"{', '.join(map(str, found)) or 'none'}; rename yours to {', '.join(EVENT_COLUMNS)}"
        )
    if isinstance(events, pd.DataFrame):
        # One column at a time: text, category and numeric ids may stand side by side.
        columns = [_plain(pa.Array.from_pandas(events[name])) for name in EVENT_COLUMNS]
    else:
        columns = [_plain(events.column(name)) for name in EVENT_COLUMNS]
    ids = [_text(column, name) for column, name in zip(columns, EVENT_COLUMNS, strict=True)][:3]
    table = pa.table([*ids, _times(columns[3])], names=list(EVENT_COLUMNS))
    if VARIANT in found:
        column = events[VARIANT] if isinstance(events, pd.DataFrame) else events.column(VARIANT)
        plain = _plain(pa.Array.from_pandas(column) if isinstance(events, pd.DataFrame) else column)
        table = table.append_column(VARIANT, plain.cast(pa.string()))
    return table


def code_shares(events: pa.Table, *, min_participation: int) -> Shares:
    """Number the ids, drop what cannot pair, and sort (see the module's first lines)."""
    kept, left_out = _usable(events)
    accounts, account = _codes(kept.column("account_id"))
    shares = np.bincount(account, minlength=len(accounts))
    stays = shares[account] >= min_participation
    if not stays.all():
        left_out["accounts with fewer shares than min_participation"] = int((~stays).sum())
        kept = kept.filter(pa.array(stays))
        accounts, account = _codes(kept.column("account_id"))
    objects, obj = _codes(kept.column("object_id"))
    contents, content = _codes(kept.column("content_id"))
    at = kept.column("created_at").combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
    own = pc.equal(kept.column("object_id"), kept.column("content_id")).to_numpy()
    order = np.lexsort((content, account, at, obj))
    starts = np.searchsorted(obj[order], np.arange(len(objects) + 1))
    return Shares(
        accounts=accounts,
        objects=objects,
        contents=contents,
        account=account[order],
        object=obj[order],
        content=content[order],
        variant=_variants(kept)[order],
        at=at[order],
        starts=starts.astype(np.int64),
        own=own[order].astype(np.bool_),
        left_out=left_out,
    )


def _usable(events: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """Keep rows with an object, an account, a content and a time; count the others."""
    reasons = {
        "no object": pc.fill_null(pc.equal(events.column("object_id"), ""), True),
        "no account": pc.fill_null(pc.equal(events.column("account_id"), ""), True),
        "no content": pc.is_null(events.column("content_id")),
        "no time": pc.is_null(events.column("created_at")),
    }
    left_out: dict[str, int] = {}
    stays = np.ones(events.num_rows, dtype=bool)
    for reason, flags in reasons.items():
        lacking = flags.to_numpy() & stays
        if lacking.any():
            left_out[reason] = int(lacking.sum())
        stays &= ~lacking
    return (events if stays.all() else events.filter(pa.array(stays))), left_out


def _codes(ids: pa.ChunkedArray) -> tuple[pa.Array, Codes]:
    """Return the different ids in order, and the place of each row's id among them."""
    coded = ids.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.unify_dictionaries().combine_chunks()
    order = pc.sort_indices(coded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return coded.dictionary.take(pa.array(order)), rank[coded.indices.to_numpy()]


def _variants(kept: pa.Table) -> Codes:
    """Return a number for each variant, another for each share without one."""
    alone = np.arange(kept.num_rows, dtype=np.int32)
    if VARIANT not in kept.column_names:
        return alone
    stated = kept.column(VARIANT)
    codes = _codes(pc.fill_null(stated, ""))[1]
    return np.where(pc.is_null(stated).to_numpy(), alone, codes + kept.num_rows).astype(np.int32)


def _plain(column: Any) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks)
    if pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_decode()
    return whole


def _text(column: pa.Array, name: str) -> pa.Array:
    """Ids as text; whole numbers that pandas turned into floats lose their ".0"."""
    if name == "created_at":
        return column
    if pa.types.is_floating(column.type):
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise SchemaError(
                f"events column {name!r} holds fractions, expected ids; read it as text"
            ) from error
    return column.cast(pa.string())


def _times(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(TS)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        micros = pc.round(pc.multiply(column.cast(pa.float64()), float(MICROSECONDS)))
        return micros.cast(pa.int64()).cast(TS)
    if pa.types.is_null(kind):
        return pa.nulls(len(column), TS)
    raise SchemaError(
        f"events column 'created_at' holds {kind}, expected times or seconds since 1970; "
        "convert it with pandas.to_datetime(..., utc=True)"
    )
