"""Delimited files: dialects, encodings, and rows that cannot be taken apart."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import EmptyCorpus, InputError, UnknownFormat
from corpus.readers import read
from corpus.readers.delimited import Delimited
from corpus.readers.dialect import unique_names
from corpus.rejects import NOT_DECODABLE, OPEN_QUOTE, TEXT_TOO_LONG, TOO_LONG, WRONG_FIELDS

TEXTS = ["سلام\u200cها، دنیا", 'she said "hi"', "two\nlines; and, more", "😀🇮🇷", "tab\there"]


def put(folder: Path, content: str | bytes, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def texts(path: Path) -> list[str]:
    rows = Delimited().rows(path, path.name)
    found: list[str] = rows.table.column("text").to_pylist()
    return found


def as_csv(delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "text", "user_id"])
    writer.writerows([i, text, "7"] for i, text in enumerate(TEXTS))
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_any_delimiter_and_encoding_gives_the_same_texts(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    assert texts(put(tmp_path, as_csv(delimiter).encode(encoding))) == TEXTS


def test_gzip_is_opened_whatever_the_name(tmp_path: Path) -> None:
    assert texts(put(tmp_path, gzip.compress(as_csv().encode()), "posts.dat")) == TEXTS


@example(["\n\0\0\0", "\n\0\0"])  # no UTF-16: the first line holds no zero
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), min_size=1)
)
def test_what_csv_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "text"], *([str(i), cell] for i, cell in enumerate(cells))])
    rows = Delimited().rows(put(tmp_path_factory.mktemp("csv"), out.getvalue()), "x")
    assert rows.table.column("text").to_pylist() == cells
    assert rows.rejects == ()


def test_lines_above_the_header_are_skipped_and_said(tmp_path: Path) -> None:
    lines = "Query: summit\nExported,2020-01-01\n\nDate;Author;Full Text\n2020-05-13;ann;hi; ho\n"
    rows = Delimited().rows(put(tmp_path, lines.replace("hi; ho", '"hi; ho"')), "x")
    assert rows.table.column("Full Text").to_pylist() == ["hi; ho"]
    assert any("above the header" in note for note in rows.notes)


def test_one_column_of_texts_needs_no_quoting(tmp_path: Path) -> None:
    assert texts(put(tmp_path, "text\nhello, world\nand; more\n")) == ["hello, world", "and; more"]


def test_a_row_with_other_fields_is_rejected_and_the_rest_stays(tmp_path: Path) -> None:
    rows = Delimited().rows(put(tmp_path, "id,text,user\n1,a\n2,b,c,d\n3,e,f\n"), "x")
    assert [(r.row, r.reason) for r in rows.rejects] == [(0, WRONG_FIELDS), (1, WRONG_FIELDS)]
    assert rows.table.column("text").to_pylist() == ["e"]
    assert rows.source_row.tolist() == [2]


def test_an_open_quote_costs_one_row_and_not_the_file(tmp_path: Path) -> None:
    content = 'id,user,text\n1,a,"open\n2,b,"x"\n3,c,fine\n'
    rows = Delimited().rows(put(tmp_path, content), "x")
    assert [(r.row, r.reason) for r in rows.rejects] == [(0, OPEN_QUOTE)]
    assert rows.table.column("text").to_pylist() == ["x", "fine"]


def test_a_byte_outside_the_encoding_costs_its_row(tmp_path: Path) -> None:
    content = "id,text\n1,café\n".encode() + b"2,caf\xe9\n3,plain\n"
    rows = Delimited().rows(put(tmp_path, content), "x")
    assert rows.table.column("text").to_pylist() == ["café", "plain"]
    assert [(r.row, r.reason) for r in rows.rejects] == [(1, NOT_DECODABLE)]
    assert "caf" in rows.rejects[0].excerpt


def test_western_text_without_utf8_is_read_and_said(tmp_path: Path) -> None:
    rows = Delimited().rows(put(tmp_path, b"id,text\n1,a long caf\xe9 and \x93more\x94\n"), "x")
    assert rows.table.column("text").to_pylist() == ["a long café and “more”"]
    assert any("Windows-1252" in note for note in rows.notes)


def test_another_alphabet_is_refused_and_not_mangled(tmp_path: Path) -> None:
    content = "id,text\n1,سلام دنیا این متن است\n".encode("cp1256", "replace")
    with pytest.raises(UnknownFormat, match="convert it first"):
        read([put(tmp_path, content)])


def test_a_field_beyond_ten_megabytes_costs_its_row(tmp_path: Path) -> None:
    content = "id,text\n1," + "x" * 11_000_000 + "\n2,ok\n"
    rows = Delimited().rows(put(tmp_path, content), "x")
    assert [r.reason for r in rows.rejects] == [TOO_LONG]
    assert rows.table.column("text").to_pylist() == ["ok"]
    assert csv.field_size_limit() < 1_000_000


def test_a_text_far_longer_than_any_post_is_rejected(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, "id,text\n1," + "x" * 300_000 + "\n2,ok\n")])
    assert corpus.files[0].rejected == {TEXT_TOO_LONG: 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + b"x" * 50, "damaged ZIP archive"),
        (bytes(range(256)) * 20, "binary file"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"a,b\n1,2\n", "no column looks like a text"),
        (b"PAR1" + b"x" * 60, "damaged Parquet"),
    ],
)
def test_a_file_that_is_no_table_gets_one_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(UnknownFormat, match=said) as caught:
        read([put(tmp_path, content)])
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)


def test_a_file_that_is_gzip_by_name_only_says_so(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv.gz"
    path.write_text("id,text\n1,hello\n", encoding="utf-8")
    with pytest.raises(UnknownFormat, match=r"posts\.csv\.gz is named \.gz but is not a gzip file"):
        read([path])


def test_an_empty_file_and_a_bare_header_say_so(tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpus, match="0 bytes"):
        read([put(tmp_path, "")])
    with pytest.raises(EmptyCorpus, match="no rows below the header"):
        read([put(tmp_path, "id,text\n")])


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read([tmp_path / "none.csv"])
    with pytest.raises(InputError, match="holds no file"):
        read([tmp_path])


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = gzip.compress(b"id,text\n" + b"\0" * 90_000_000, 9)
    with pytest.raises(InputError):
        read([put(tmp_path, bomb, "x.csv.gz")])
    slow = gzip.compress(b"id,text\n" + b"1,aaaaaaaaaa\n" * 6_000_000, 9)
    with pytest.raises(InputError, match="200 times its size"):
        read([put(tmp_path, slow, "y.csv.gz")])


@given(st.lists(st.text(max_size=4) | st.sampled_from(["a", "a_2", "", "column_1", "\udc80"])))
def test_column_names_end_up_different_and_encodable(names: list[str]) -> None:
    found = unique_names(names)
    assert len(set(found)) == len(names)
    for name in found:
        name.encode("utf-8")
