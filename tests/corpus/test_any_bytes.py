"""Files damaged in every way: nothing crashes, no row is lost, and haste changes no cell.

Each case is a well-formed file that was truncated, shuffled, joined with another, written in mixed
encodings, or had bits flipped. What is read = what is kept + what is rejected. Blocks are read at
full speed where they are clean; the same bytes read record by record must give the same rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpus.errors import NarrashiftError
from corpus.readers import clean_blocks, delimited, files, flat, json_rows
from corpus.readers.delimited import Delimited
from corpus.readers.flat import flat_columns, flattened
from corpus.readers.json_rows import JsonRows
from corpus.readers.load import read_any
from corpus.readers.rows import Reader, Rows

QUICK_CASES, ALL_CASES = 400, 10_000
WORDS = ["summit", "می‌گوید", "صلح", "bridge", "🙂", 'said "no"', "line\nbreak", "a,b;c", "é",
         "", "#tag", "@mira", "https://a.b/c", "\u202e", "x" * 300, "RT @a: b", "'", "=1+1",
         "\t"]  # fmt: skip
FIELDS = ["post_id", "account_id", "handle", "created_at", "text", "bio"]


def row(chance: random.Random, number: int) -> dict[str, str]:
    day = f"2020-07-{1 + number % 28:02d}"
    return {
        "post_id": str(10**15 + number),
        "account_id": str(chance.randrange(9)),
        "handle": f"user{chance.randrange(9)}",
        "created_at": chance.choice([f"{day}T10:00:00Z", f"{day} 10:00", "tomorrow", ""]),
        "text": " ".join(chance.choices(WORDS, k=chance.randrange(6))),
        "bio": chance.choice(WORDS),
    }


def as_csv(chance: random.Random, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    ends = chance.choice(["\n", "\r\n"])
    quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.DictWriter(out, FIELDS, delimiter=delimiter, lineterminator=ends, quoting=quoting)
    writer.writeheader()
    writer.writerows(row(chance, n) for n in range(chance.randrange(1, 30)))
    return out.getvalue().encode()


def as_lines(chance: random.Random) -> bytes:
    lines = []
    for n in range(chance.randrange(1, 30)):
        one: dict[str, object] = dict(row(chance, n))
        if chance.random() < 0.3:
            one["user"] = {
                "screen_name": "a",
                "n": chance.choice([1, None, 2.5, True, [1, "b"], {}]),
            }
        lines.append(json.dumps(one, ensure_ascii=chance.random() < 0.5) + "\n")
    return "".join(lines).encode()


def as_document(chance: random.Random) -> bytes:
    return json.dumps({"name": "x", "posts": [row(chance, n) for n in range(9)]}).encode()


def as_histories(chance: random.Random) -> bytes:
    state = [["2020-01-01T00:00:00Z", {"name": "a"}], ["2020-02-01T00:00:00Z", {"name": "b"}]]
    return b"".join(json.dumps({"id": n, "states": state}).encode() + b"\n" for n in range(5))


def as_parquet(chance: random.Random) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row(chance, n) for n in range(9)]), out)
    return out.getvalue()


def as_zip(chance: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", as_csv(chance))
        archive.writestr("b.jsonl", as_lines(chance))
    return out.getvalue()


MAKERS: list[Callable[[random.Random], bytes]] = [
    as_csv, lambda chance: as_csv(chance, "\t"), lambda chance: as_csv(chance, ";"), as_lines,
    as_lines, as_document, as_histories, as_parquet, as_zip,
    lambda chance: gzip.compress(as_csv(chance)),
]  # fmt: skip


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def shuffled(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    head, rest = lines[:1], lines[1:]
    chance.shuffle(rest)
    return b"\n".join(head + rest)


def joined(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice(MAKERS)(chance)


def mixed(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    for at in range(1, len(lines)):
        if chance.random() < 0.3:
            text = lines[at].decode("utf-8", "replace")
            encoding = chance.choice(["cp1252", "utf-16-le", "cp1256", "latin-1"])
            lines[at] = text.encode(encoding, "replace")
    return b"\n".join(lines)


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def stuffed(data: bytes, chance: random.Random) -> bytes:
    odd = [b'"', b"\r", b"\n", b"\0", b"\xff", b",", b'""', b"{", b"}", b"\xef\xbb\xbf", b"\\"]
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(odd) + data[at:]
    return data


DAMAGES = [truncated, shuffled, joined, mixed, flipped, stuffed]


def damaged(number: int) -> bytes:
    """Case `number`: the same bytes on every machine."""
    chance = random.Random(number)
    data = chance.choice(MAKERS)(chance)
    for damage in chance.sample(DAMAGES, chance.choice([1, 1, 1, 2])):
        data = damage(data, chance)
    return data


def accounted(path: Path) -> int:
    """Read as the command does; return the rows that were read."""
    try:
        corpus = read_any([path])
    except NarrashiftError as error:
        assert str(error)
        return 0
    for file in corpus.files:
        assert file.rows_kept >= 0
        assert file.rows_read == file.rows_kept + sum(file.rejected.values())
    assert len(corpus.rejects) == sum(sum(file.rejected.values()) for file in corpus.files)
    return sum(file.rows_read for file in corpus.files)


def run_cases(folder: Path, numbers: Iterator[int] | range) -> None:
    path = folder / "posts"
    read_at_all = 0
    for number in numbers:
        path.write_bytes(damaged(number))
        try:
            read_at_all += accounted(path) > 0
        except Exception as error:
            raise AssertionError(f"case {number} breaks a promise") from error
    assert read_at_all > len(numbers) / 3  # type: ignore[arg-type]


def test_damaged_files_lose_no_row(tmp_path: Path) -> None:
    run_cases(tmp_path, range(QUICK_CASES))


@pytest.mark.slow
def test_ten_thousand_damaged_files_lose_no_row(tmp_path: Path) -> None:
    run_cases(tmp_path, range(QUICK_CASES, ALL_CASES + QUICK_CASES))


def lines_that_hold_something(data: bytes) -> int:
    text = data.decode("utf-8", "replace")
    return sum(bool(line.strip("\ufeff \t\r\n")) for line in re.split(r"\r\n|\r|\n", text))


def test_each_line_of_json_is_a_row_or_a_reject(tmp_path: Path) -> None:
    """Counted without any parser; a file that is a document has other rows."""
    path, compared = tmp_path / "posts.jsonl", 0
    for number in range(QUICK_CASES):
        chance = random.Random(number)
        damage = chance.choice([truncated, shuffled, mixed, flipped, stuffed])
        data = damage(as_lines(chance), chance)
        path.write_bytes(data)
        if b"\0" in data or not json_rows.is_json_lines(path):
            continue
        try:
            rows = JsonRows().rows(path, path.name)
        except NarrashiftError:
            continue
        assert rows.rows_read == lines_that_hold_something(data), number
        compared += 1
    assert compared > QUICK_CASES / 3


def slowly(reader: Reader, path: Path, monkeypatch: pytest.MonkeyPatch) -> Rows | str:
    """Every record on its own, every cell on its own."""

    def by_hand(rows: list[flat.Object]) -> dict[str, pa.Array]:
        raise flat._NotByColumn

    with monkeypatch.context() as patch:
        patch.setattr(clean_blocks.CleanBlocks, "columns", lambda *_: None)
        patch.setattr(json_rows, "_whole_block", lambda _: None)
        patch.setattr(flat, "_by_column", by_hand)
        return told(reader, path)


def told(reader: Reader, path: Path) -> Rows | str:
    try:
        return reader.rows(path, path.name)
    except NarrashiftError as error:
        return str(error)


def same(one: Rows | str, other: Rows | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return (
        one.table.equals(other.table)
        and one.source_row.tolist() == other.source_row.tolist()
        and one.rejects == other.rejects
        and one.rows_read == other.rows_read
        and one.notes == other.notes
    )


@pytest.mark.parametrize("block", [32, 200, 4 << 20])
def test_haste_changes_no_row_wherever_blocks_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    path = tmp_path / "posts"
    monkeypatch.setattr(files, "BLOCK_BYTES", block)
    monkeypatch.setattr(json_rows, "OBJECT_ROWS", 7)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 5)
    for number in range(QUICK_CASES // 2):
        chance = random.Random(number)
        data = chance.choice([as_csv, as_lines])(chance)
        if number % 4:
            data = chance.choice(DAMAGES)(data, chance)
        path.write_bytes(data)
        reader: Reader = Delimited() if number % 2 else JsonRows()
        assert same(told(reader, path), slowly(reader, path, monkeypatch)), number


def test_clean_files_are_read_in_haste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above would be worth nothing if every block were taken for unclean."""
    monkeypatch.setattr(files, "BLOCK_BYTES", 500)
    fast = {"blocks": 0}
    plain = clean_blocks.CleanBlocks.columns

    def counted(self: clean_blocks.CleanBlocks, block: bytes) -> object:
        found = plain(self, block)
        fast["blocks"] += found is not None
        return found

    monkeypatch.setattr(clean_blocks.CleanBlocks, "columns", counted)
    path = tmp_path / "posts.csv"
    path.write_bytes(as_csv(random.Random(3)) + as_csv(random.Random(4)).split(b"\n", 1)[1])
    Delimited().rows(path, path.name)
    assert fast["blocks"] >= 2


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc."), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c", "a.b", "a.b.c", ""]), VALUES, max_size=4)


@hypothesis_settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(OBJECTS, min_size=1, max_size=6))
def test_columns_at_a_time_are_the_cells_one_by_one(rows: list[flat.Object]) -> None:
    names: dict[str, None] = {}
    table = flat_columns(rows, names)
    cells = [flattened(one) for one in rows]
    expected = list(dict.fromkeys(name for one in cells for name in one))
    assert list(names) == table.column_names == expected
    for name in expected:
        assert table.column(name).to_pylist() == [one.get(name) for one in cells]
