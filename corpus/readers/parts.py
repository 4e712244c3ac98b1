"""One file's rows become posts, profile snapshots and rejects: the one path for every format.

In: `Rows`, a `Mapping`, the reading settings. Out: `FilePart`. A row is rejected for the first of
these that holds: it says that its account is protected, an id damaged by a spreadsheet, a time that
is there but cannot be understood, a text beyond the cap, no text and nothing said about an account.
An empty time is kept as unknown. Of rows of protected accounts nothing is kept but the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import ZoneUnknown
from corpus.identity import content_id
from corpus.readers.accounts import Accounts, account_notes, read_accounts, what_serves
from corpus.readers.beside import (
    Described,
    FileTimes,
    any_known,
    described,
    in_words,
    snapshots_beside,
)
from corpus.readers.blocks import BLOCK_ROWS, borders, fingerprints, repeated, rows_at
from corpus.readers.cells import (
    Cells,
    Mask,
    as_text,
    is_null,
    rounded_column,
    to_mask,
    word_index,
)
from corpus.readers.columns import POSTS_ROLE, Mapping
from corpus.readers.entities import stated_or_found
from corpus.readers.kinds import ID_FIELDS, kind_notes, read_kinds
from corpus.readers.own_columns import carried_columns, said_of_text, text_instead
from corpus.readers.rows import Rows
from corpus.readers.shaping import shaped, skipped, taken_away
from corpus.readers.shelf import put, rest
from corpus.readers.snapshots import (
    Sighting,
    constant_time,
    describes,
    profile_columns,
    snapshot_table,
    states_of,
)
from corpus.rejects import (
    BAD_TIME,
    DAMAGED_ID,
    NO_ACCOUNT,
    NO_TEXT,
    OTHER_RECORD,
    PROTECTED,
    TEXT_GONE,
    TEXT_TOO_LONG,
    WITHOUT_EXCERPT,
    Reject,
    excerpt,
)
from corpus.settings import Reading, parse_time
from corpus.tables import POSTS, PROFILES
from corpus.tables.own_columns import WRITTEN
from corpus.times import Times, parse_times

# The longest post of a platform has 63,206 characters; more is an article pasted whole, or a
# quotation mark that swallowed a file.
MAX_TEXT_CHARACTERS = 200_000
# Times of which nothing and nobody says where they were; a note tells that this was assumed.
ZONE_ASSUMED = "UTC"


@dataclass(frozen=True)
class FilePart:
    """What one file gave. `carried` holds the analyst's own columns of the rows of `posts`."""

    posts: pa.Table
    snapshots: pa.Table
    rejects: list[Reject]
    carried: pa.Table | None
    notes: list[str] = field(default_factory=list)
    precision: str = "unknown"
    basis: str | None = None


@dataclass
class Sieve:
    """Collects reject reasons; the first reason of a row counts."""

    rows: Rows
    mapping: Mapping
    file: str
    rejected: Mask
    reasons: list[tuple[Mask, str]] = field(default_factory=list)

    def refuse(self, mask: Mask, reason: str) -> None:
        """Reject the rows of `mask`, with everything else that came from the same file row."""
        fresh = mask & ~self.rejected
        if fresh.any():
            numbers = self.rows.source_row
            self.reasons.append((fresh, reason))
            self.rejected |= np.isin(numbers, numbers[fresh])

    def rejects(self) -> list[Reject]:
        """One reject a file row."""
        found = []
        for mask, reason in self.reasons:
            _, first = np.unique(self.rows.source_row[mask], return_index=True)
            places = np.flatnonzero(mask)[first]
            shown = self._excerpts(places, reason)
            numbers = self.rows.source_row[places].tolist()
            for number, text in zip(numbers, shown, strict=True):
                found.append(Reject(self.file, number, reason, text))
        return found

    def _excerpts(self, places: np.ndarray[Any, Any], reason: str) -> list[str]:
        if reason in WITHOUT_EXCERPT:
            return [""] * len(places)
        return excerpts(self.rows.table, self.mapping, places)


def excerpts(table: pa.Table, mapping: Mapping, places: np.ndarray[Any, Any]) -> list[str]:
    """The mapped cells of some rows as JSON, cut to excerpt length."""
    names = list(dict.fromkeys(name for found in mapping.columns.values() for name in found))
    texts = pa.table([as_text(table.column(name)) for name in names], names=names)
    rows = texts.take(pa.array(places)).to_pylist()
    shown = [{k: v[:200] for k, v in row.items() if v} for row in rows]
    return [excerpt(orjson.dumps(row).decode("utf-8")) for row in shown]


def read_part(
    rows: Rows, mapping: Mapping, file: str, settings: Reading, block_rows: int = BLOCK_ROWS
) -> FilePart:
    """Turn the rows of `file` into posts and snapshots; see the module docstring for rejects.

    Posts are read `block_rows` rows at a time; what must be decided over the whole file (the order
    of dates, rounded ids, how profiles are known) is, so that the result is the same for any.
    """
    if not mapping.columns.get("text") and mapping.role == POSTS_ROLE:  # no row could be parsed
        return FilePart(POSTS.empty(), PROFILES.empty(), [], None)
    if mapping.role == POSTS_ROLE:
        whole = _Blocks.of(rows, mapping, file, block_rows)
        _refuse_unknown_zone(whole.cells, file, settings)
        return _posts_part(whole, settings)
    cells = Cells(*shaped(rows.table, mapping))
    _refuse_unknown_zone(cells, file, settings)
    accounts = read_accounts(cells)
    sieve = _sieve(cells, accounts, rows, mapping, file)
    return _profiles_part(cells, accounts, sieve, settings)


def _sieve(cells: Cells, accounts: Accounts, rows: Rows, mapping: Mapping, file: str) -> Sieve:
    """A sieve that has let go of what no role can use."""
    sieve = Sieve(rows, mapping, file, np.zeros(len(cells), dtype=bool))
    sieve.refuse(protected_rows(cells), PROTECTED)
    sieve.refuse(accounts.damaged, DAMAGED_ID)
    other = skipped(rows.table, mapping.preset)
    if other is not None:
        sieve.refuse(to_mask(other), OTHER_RECORD)
    return sieve


@dataclass(frozen=True)
class _Blocks:
    """The rows of a file of posts, with what its blocks must know of the whole."""

    rows: Rows
    mapping: Mapping
    file: str
    cells: Cells
    edges: list[tuple[int, int]]

    @classmethod
    def of(cls, rows: Rows, mapping: Mapping, file: str, block_rows: int) -> _Blocks:
        """Shape the rows and judge their ids."""
        edges = borders(rows.source_row, block_rows)
        whole, meant = _shaped(rows.table, mapping, edges)
        names = dict.fromkeys(name for field in ID_FIELDS for name in meant.columns.get(field, ()))
        rounded = {}
        if len(edges) > 1:
            rounded = {name: rounded_column(whole.column(name), block_rows) for name in names}
        return cls(rows, mapping, file, Cells(whole, meant, rounded), edges)

    def slices(self) -> Iterator[Cells]:
        """The cells of each block."""
        for low, high in self.edges:
            yield replace(self.cells, table=self.cells.table.slice(low, high - low))

    def part(self, low: int, high: int) -> Rows:
        """The rows of one block as they were read."""
        numbers = self.rows.source_row[low:high]
        return replace(self.rows, table=self.rows.table.slice(low, high - low), source_row=numbers)


def _shaped(
    table: pa.Table, mapping: Mapping, edges: Sequence[tuple[int, int]]
) -> tuple[pa.Table, Mapping]:
    """As `shaped`, block by block: only the columns that were made are put away."""
    if len(edges) == 1:
        return shaped(table, mapping)
    made, meant = [], mapping
    for low, high in edges:
        block, meant = shaped(table.slice(low, high - low), mapping)
        new = block.column_names[table.num_columns :]
        if not new:
            return table, meant
        made.append(put(block.select(new)))
        rest()
    for name in made[0].column_names:
        table = table.append_column(name, pa.concat_tables(made).column(name))
    return table, meant


def protected_rows(cells: Cells) -> Mask:
    """Rows that say their account shows its posts to chosen people only."""
    states = states_of(cells)
    said = cells.truth("protected")
    return said if states is None else said | to_mask(pc.equal(states, "protected"))


def times_of(cells: Cells, name: str, settings: Reading) -> Times | None:
    """The moments of a field, or None where the file lacks it; a preset may state the day order."""
    column = cells.column(name)
    if column is None:
        return None
    preset = cells.mapping.preset
    order = settings.date_order
    if order == "auto" and preset is not None:
        order = preset.date_order
    stated = preset.timezone if preset is not None else ""
    zone = settings.timezone or stated or ZONE_ASSUMED
    return parse_times(column, timezone=zone, date_order=order)


def _refuse_unknown_zone(cells: Cells, file: str, settings: Reading) -> None:
    """Where a format is known to write the exporting computer's own time, its zone must be said."""
    preset = cells.mapping.preset
    if preset is None or not preset.zone_needed or settings.timezone is not None:
        return
    for name in ("created_at", "observed_at"):
        times = times_of(cells, name, settings)
        if times is not None and times.zoneless:
            raise ZoneUnknown(
                f"{file}: this {preset.title} states times without a zone, which are those of the"
                " computer that made it; say where that stood with --timezone ZONE, such as"
                " --timezone Asia/Tehran"
            )


@dataclass(frozen=True)
class _PostsBlock:
    """What the rows of one block gave; counts and kinds make the notes of the whole file."""

    posts: pa.Table
    carried: pa.Table | None
    described: Described | None
    rejects: list[Reject]
    missing_accounts: int
    unknown_kinds: set[str]
    instead: pa.Table | None


def _posts_part(whole: _Blocks, settings: Reading) -> FilePart:
    times, joined, seen = (
        times_of(whole.cells, name, settings) for name in ("created_at", "joined_at", "observed_at")
    )
    rest()
    serves = what_serves(whole.slices())
    blocks = []
    for (low, high), cells in zip(whole.edges, whole.slices(), strict=True):
        accounts = read_accounts(cells, serves)
        sieve = _sieve(cells, accounts, whole.part(low, high), whole.mapping, whole.file)
        own = {"times": _slice(times, low, high), "joined": _slice(joined, low, high)}
        blocks.append(_posts_block(cells, accounts, sieve, settings, **own))
        rest()
    posts, id_notes = _with_ids(pa.concat_tables([block.posts for block in blocks]))
    posts, analyzed = _analyzed_instead(posts, blocks)
    carried = [block.carried for block in blocks if block.carried is not None]
    preset = whole.mapping.preset
    beside = snapshots_beside(
        [block.described for block in blocks if block.described is not None],
        _file_times(times, joined, seen, settings, len(whole.cells)),
        file=whole.file,
        numbers=whole.rows.source_row,
        basis=(preset.basis or None) if preset is not None else None,
    )
    rest()
    unknown = {kind for block in blocks for kind in block.unknown_kinds}
    notes = [
        *_time_notes(whole.cells, times, settings),
        *account_notes(serves, sum(block.missing_accounts for block in blocks)),
        *id_notes,
        *kind_notes(unknown),
        *beside.notes,
        *said_of_text(settings, analyzed, posts.num_rows),
    ]
    return FilePart(
        posts,
        beside.table,
        [reject for block in blocks for reject in block.rejects],
        pa.concat_tables(carried) if carried else None,
        notes,
        "unknown" if times is None else times.precision,
        beside.basis,
    )


def _file_times(
    times: Times | None, joined: Times | None, seen: Times | None, settings: Reading, n: int
) -> FileTimes:
    created = constant_time(None, n) if times is None else times.values
    return FileTimes(
        created,
        None if seen is None else seen.values,
        None if joined is None else joined.values,
        _stated_time(settings),
    )


def _slice(times: Times | None, low: int, high: int) -> Times | None:
    if times is None:
        return None
    values = times.values.slice(low, high - low)
    return replace(times, values=values, unreadable=times.unreadable[low:high])


def _posts_block(
    cells: Cells,
    accounts: Accounts,
    sieve: Sieve,
    settings: Reading,
    *,
    times: Times | None,
    joined: Times | None,
) -> _PostsBlock:
    ids, damaged = cells.ids("post_id")
    sieve.refuse(damaged, DAMAGED_ID)
    if times is None:
        times = Times(constant_time(None, len(cells)), np.zeros(len(cells), bool), "unknown")
    sieve.refuse(times.unreadable, BAD_TIME)
    texts = cells.text("text")
    assert texts is not None  # the mapping of posts always has one
    analyzed, written = text_instead(cells, settings, texts)
    has_text = to_mask(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(analyzed)), 0))
    for said in (texts, analyzed) if written is not None else (texts,):
        sieve.refuse(to_mask(pc.greater(pc.utf8_length(said), MAX_TEXT_CHARACTERS)), TEXT_TOO_LONG)
    columns = profile_columns(cells, accounts.handles)
    speaks = describes(columns, len(cells)) & ~is_null(accounts.ids)
    gone = taken_away(sieve.rows.table, cells.mapping)
    if gone is not None:
        sieve.refuse(to_mask(gone) & ~has_text & ~speaks, TEXT_GONE)
    sieve.refuse(~has_text & ~speaks, NO_TEXT)
    kinds, parents, unknown = read_kinds(cells, texts)
    wanted = ~sieve.rejected & has_text
    posts = _posts(
        cells, accounts, sieve, times=times, texts=texts, ids=ids, kinds=kinds, parents=parents
    ).filter(pa.array(wanted))
    carried = carried_columns(cells, settings, written)
    carried = None if carried is None else carried.filter(pa.array(wanted))
    instead = None
    if written is not None:
        instead = put(pa.table({"text": analyzed.filter(pa.array(wanted))}))
    said_there = described(
        cells,
        accounts,
        columns,
        joined=None if joined is None else joined.values,
        platform=platforms(cells),
        rejected=sieve.rejected,
    )
    return _PostsBlock(
        put(posts),
        None if carried is None else put(carried),
        said_there,
        sieve.rejects(),
        accounts.missing,
        unknown,
        instead,
    )


def _analyzed_instead(posts: pa.Table, blocks: Sequence[_PostsBlock]) -> tuple[pa.Table, int]:
    """Posts with the column that is analyzed as their text, and of how many that is not their own.

    The language of the other column is not the stated one. Ids were made of the text as written.
    """
    found, first, count = [posts.schema.empty_table()], 0, 0
    for block in blocks:
        if block.instead is None or block.carried is None:
            return posts, 0
        part = posts.slice(first, block.posts.num_rows)
        own = pc.is_null(block.carried.column(WRITTEN))
        lang = pc.if_else(own, part.column("lang"), pa.scalar(None, pa.string()))
        for name, column in (("text", pc.fill_null(block.instead["text"], "")), ("lang", lang)):
            part = part.set_column(part.column_names.index(name), name, column)
        found.append(put(part))
        first += part.num_rows
        count += part.num_rows - (pc.sum(own).as_py() or 0)
        rest()
    return pa.concat_tables(found), count


def _time_notes(cells: Cells, times: Times | None, settings: Reading) -> list[str]:
    if times is None:
        return [
            "no times: nothing about order, bursts or change can be assessed; name the column with "
            "--map created_at=COLUMN"
        ]
    notes = [*times.notes, *_assumed_zone(cells, times, settings)]
    if times.precision in {"minute", "day"}:
        notes.append(f"times are given to the {times.precision}: nothing finer can be told apart")
    return notes


def _assumed_zone(cells: Cells, times: Times, settings: Reading) -> list[str]:
    """Say which zone was assumed, where neither the times nor the format state one."""
    preset = cells.mapping.preset
    if not times.zoneless or (preset is not None and preset.timezone):
        return []
    if settings.timezone is not None:
        return [f"times without a zone read as {settings.timezone}"]
    return ["times without a zone read as UTC; if they are local, say where with --timezone"]


def _posts(
    cells: Cells,
    accounts: Accounts,
    sieve: Sieve,
    *,
    times: Times,
    texts: pa.ChunkedArray,
    ids: pa.ChunkedArray,
    kinds: np.ndarray[Any, Any],
    parents: pa.ChunkedArray,
) -> pa.Table:
    n = len(cells)
    precision = pc.if_else(pc.is_valid(times.values), times.precision, "unknown")
    none = pa.nulls(n, pa.string())
    found = {
        "post_id": ids,
        "platform": platforms(cells),
        "account_id": accounts.ids,
        "created_at": times.values,
        "time_precision": precision,
        "text": texts,
        "lang": _languages(cells),
        "kind": pa.array(kinds, pa.string()),
        "parent_id": parents,
        **{name: _entities(name, cells, texts) for name in ("urls", "hashtags", "mentions")},
        "url": none if cells.present("url") is None else cells.present("url"),
        "handle": none if accounts.handles is None else accounts.handles,
        "source_file": pa.array([sieve.file] * n, pa.string()),
        "source_row": pa.array(sieve.rows.source_row),
    }
    return pa.table([found[name] for name in POSTS.names], names=POSTS.names)


def _entities(name: str, cells: Cells, texts: pa.ChunkedArray) -> pa.ChunkedArray:
    stated = [as_text(cells.table.column(c)) for c in cells.mapping.columns.get(name, ())]
    if len(stated) > 1:  # one link a column, as in the 538 files
        # Not "skip": Arrow 26 then drops rows in which all are null.
        joined = pc.binary_join_element_wise(
            *stated, " ", null_handling="replace", null_replacement=""
        )
        return stated_or_found(name, joined, texts)
    return stated_or_found(name, stated[0] if stated else None, texts)


def platforms(cells: Cells) -> pa.ChunkedArray:
    """The platform of each row, under one spelling; "" where the source does not say."""
    preset = cells.mapping.preset
    default = preset.platform if preset else ""
    column = cells.present("platform")
    if column is None:
        return pa.chunked_array([pa.array([default] * len(cells), pa.string())])
    index = word_index("platforms")
    folded = pc.utf8_lower(column).fill_null(default).combine_chunks().dictionary_encode()
    spelled = [index.get(cell, cell) for cell in folded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(spelled, pa.string()).take(folded.indices)])


def _languages(cells: Cells) -> pa.ChunkedArray:
    """The stated language, the first of several: a code in lower case; "und" and such are null."""
    column = cells.present("lang")
    if column is None:
        return pa.chunked_array([pa.nulls(len(cells), pa.string())])
    index = word_index("languages")
    bare = pc.replace_substring_regex(column, r"""^\[\s*["']?([\w-]*).*$""", r"\1")
    bare = pc.replace_substring_regex(bare, r"^([A-Za-z-]{2,8})\s*[,;].*$", r"\1")
    folded = pc.utf8_lower(bare).combine_chunks().dictionary_encode()
    known = [
        None if cell in {"und", "zxx", "qme", "qst", "", "unknown", "language undefined"}
        else index.get(cell, cell)
        for cell in folded.dictionary.to_pylist()
    ]  # fmt: skip
    return pa.chunked_array([pa.array(known, pa.string()).take(folded.indices)])


# Equal posts are told apart by all else that they say, so that the row order does not matter.
_NUMBERED_BY = [
    "account_id", "created_at", "text", "platform", "kind", "parent_id", "lang", "handle", "url",
    "urls", "hashtags", "mentions", "source_row",
]  # fmt: skip


def sortable(posts: pa.Table) -> pa.Table:
    """The same rows with lists as joined text, since Arrow cannot sort by lists."""
    columns = [
        pc.binary_join(column, " ") if pa.types.is_list(column.type) else column
        for column in posts.columns
    ]
    return pa.table(columns, names=posts.column_names)


def _with_ids(posts: pa.Table) -> tuple[pa.Table, list[str]]:
    """Posts without an id get a hash of account, time, text and which equal row of the file."""
    missing = is_null(posts.column("post_id"))
    if not missing.any():
        return posts, []
    numbers = _equal_before(posts, missing)
    filled, first = [], 0
    for batch in posts.to_batches():
        table = pa.Table.from_batches([batch])
        ids = table.column("post_id").to_pylist()
        places = np.flatnonzero(missing[first : first + len(ids)])
        for at, key in zip(places.tolist(), _keys(table, places), strict=True):
            ids[at] = content_id(*key, int(numbers[first + at]))
        filled.append(put(table.set_column(0, "post_id", pa.array(ids, pa.string()))))
        first += len(ids)
        rest()
    note = (
        f"posts without an id: {int(missing.sum()):,}; a hash of account, time and text serves; "
        "name the column with --map post_id=COLUMN"
    )
    return pa.concat_tables([posts.schema.empty_table(), *filled]), [note]


def _keys(posts: pa.Table, places: np.ndarray[Any, Any]) -> list[tuple[Any, ...]]:
    """Account, time and text of some rows."""
    bare = posts.select(["account_id", "created_at", "text"]).take(pa.array(places))
    moments = bare.column("created_at").cast(pa.int64()).to_pylist()
    accounts, texts = (bare.column(name).to_pylist() for name in ("account_id", "text"))
    return list(zip(accounts, moments, texts, strict=True))


def _equal_before(posts: pa.Table, missing: Mask) -> np.ndarray[Any, np.dtype[np.int32]]:
    """How many rows with the same account, time and text come before each row without an id.

    Equal rows are numbered in the order of their other columns, not of the file.
    """
    numbers = np.zeros(len(missing), dtype=np.int32)
    texts = fingerprints(posts.column("text"))
    again = np.flatnonzero(missing)[repeated(texts[missing])]
    if not len(again):
        return numbers
    bare = sortable(rows_at(posts.select(_NUMBERED_BY), again))
    bare = bare.set_column(1, "created_at", bare.column("created_at").cast(pa.int64()))
    order = pc.sort_indices(bare, sort_keys=[(n, "ascending") for n in bare.column_names])
    keys = [bare.column(name).to_pylist() for name in ("account_id", "created_at", "text")]
    seen: dict[tuple[Any, ...], int] = {}
    for at in order.to_pylist():
        key = (keys[0][at], keys[1][at], keys[2][at])
        seen[key] = seen.get(key, -1) + 1
        numbers[again[at]] = seen[key]
    return numbers


def _stated_time(settings: Reading) -> Any:
    return parse_time(settings.observed_at) if settings.observed_at else None


def _profiles_part(cells: Cells, accounts: Accounts, sieve: Sieve, settings: Reading) -> FilePart:
    sieve.refuse(is_null(accounts.ids), NO_ACCOUNT)
    observed = times_of(cells, "observed_at", settings)
    notes = account_notes(accounts.serves, accounts.missing)
    if observed is not None:
        sieve.refuse(observed.unreadable, BAD_TIME)
        notes += observed.notes
    moment = _stated_time(settings)
    values = constant_time(moment, len(cells))
    if observed is not None:
        values = pc.coalesce(observed.values, values)
    elif moment is None:
        notes.append("profiles without a time of sighting: give it with --observed-at")
    values = _left_undated(cells, values)
    joined = times_of(cells, "joined_at", settings)
    basis = _profile_basis(sieve.rows, cells, observed, moment)
    stated = cells.present("basis")
    bases = pa.chunked_array([pa.repeat(pa.scalar(basis, pa.string()), len(cells))])
    basis = in_words(basis, stated, ~sieve.rejected)
    seen = Sighting(accounts.ids, values, bases if stated is None else pc.coalesce(stated, bases))
    columns = profile_columns(cells, accounts.handles)
    joined_at = None if joined is None else joined.values
    source = (sieve.file, sieve.rows.source_row)
    table = snapshot_table(columns, seen, joined_at, platforms(cells), source)
    said = ~sieve.rejected
    if cells.mapping.columns.get("text"):  # a file of posts: not every post comes with a profile
        said &= any_known([*columns.values(), *([joined_at] if joined_at else [])], len(cells))
    table = table.filter(pa.array(said))
    precision = observed.precision if observed is not None else "unknown"
    return FilePart(POSTS.empty(), table, sieve.rejects(), None, notes, precision, basis)


def _left_undated(cells: Cells, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Rows that say that nobody knows when they were true are not dated by anything else."""
    said = cells.present("basis")
    if said is None:
        return values
    return pc.if_else(pc.equal(said, "unknown").fill_null(False), None, values)


def _profile_basis(rows: Rows, cells: Cells, observed: Times | None, moment: Any) -> str:
    if rows.format == "profile_histories":
        return "event"
    preset = cells.mapping.preset
    if preset is not None and preset.basis:
        return preset.basis
    return "retrieved" if observed is not None or moment is not None else "unknown"
