"""The analyst's own columns travel with the posts, and one of them may be analyzed as the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from corpus.errors import SettingsError
from corpus.readers import Corpus, inspect, read
from corpus.settings import Reading, Settings
from corpus.tables.own_columns import WRITTEN

ROWS = """post_id,account_id,created_at,text,lang,Translation,Image Hash,mood
1,a,2024-01-01T10:00:00Z,سلام دنیا #خبر,fa,hello world,ff01,calm
2,b,2024-01-01T10:01:00Z,,fa,only the picture speaks,,angry
3,c,2024-01-01T10:02:00Z,plain words,en,  ,none,
"""


def put(folder: Path, text: str, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def kept(corpus: Corpus, name: str) -> dict[str, str | None]:
    assert corpus.kept_columns is not None
    columns = (corpus.kept_columns[column].to_pylist() for column in ("post_id", name))
    return dict(zip(*columns, strict=True))


def said(corpus: Corpus, column: str = "text") -> dict[str, Any]:
    columns = (corpus.posts[name].to_pylist() for name in ("post_id", column))
    return dict(zip(*columns, strict=True))


def test_side_texts_and_hashes_travel_by_their_names_without_being_asked_for(
    tmp_path: Path,
) -> None:
    corpus = read([put(tmp_path, ROWS)])
    assert kept(corpus, "translation") == {"1": "hello world", "3": None}
    assert kept(corpus, "image_hash") == {"1": "ff01", "3": None}
    assert corpus.kept_columns is not None and "mood" not in corpus.kept_columns.column_names


def test_a_column_of_another_name_is_mapped_to_a_side_text(tmp_path: Path) -> None:
    path = put(tmp_path, ROWS.replace("Translation", "auf deutsch"))
    corpus = read([path], settings=Reading(map=("translation=auf deutsch",)))
    assert kept(corpus, "translation")["1"] == "hello world"


def test_a_side_text_added_to_a_known_format_is_found(tmp_path: Path) -> None:
    header = "id,thread_id,body,author,timestamp,translation\n"
    corpus = read([put(tmp_path, header + "7,7,سلام,anna,2024-01-01 10:00:00,hello\n")])
    assert corpus.files[0].preset is not None
    assert kept(corpus, "translation") == {"7": "hello"}


def test_the_column_analyzed_is_the_text_and_the_text_as_written_is_kept(tmp_path: Path) -> None:
    corpus = read([put(tmp_path, ROWS)], settings=Reading(text_from="translation"))
    assert said(corpus) == {
        "1": "hello world", "2": "only the picture speaks", "3": "plain words"
    }  # fmt: skip
    assert kept(corpus, WRITTEN) == {"1": "سلام دنیا #خبر", "2": "", "3": None}
    # The stated language is that of the text as written; its hashtags still count.
    assert said(corpus, "lang") == {"1": None, "2": None, "3": "en"}
    assert said(corpus, "hashtags")["1"] == ["خبر"]
    (note,) = [note for note in corpus.notes if "text analyzed" in note]
    assert "translation for 2 of 3 posts" in note


def test_every_row_is_accounted_for_whichever_text_is_analyzed(tmp_path: Path) -> None:
    for settings in (Reading(), Reading(text_from="translation"), Reading(tie_on=("mood",))):
        (report,) = read([put(tmp_path, ROWS)], settings=settings).files
        assert report.rows_read == 3 == report.rows_kept + sum(report.rejected.values())


def test_ids_made_of_the_text_do_not_depend_on_what_is_analyzed(tmp_path: Path) -> None:
    path = put(tmp_path, "user,text,translation\nann,سلام,hello\nann,سلام,hello\n")
    plain, other = (read([path], settings=Reading(text_from=t)) for t in (None, "translation"))
    assert plain.posts["post_id"].to_pylist() == other.posts["post_id"].to_pylist()


def test_files_with_and_without_a_column_keep_the_values_with_their_posts(tmp_path: Path) -> None:
    one = put(tmp_path, ROWS, "a.csv")
    two = put(tmp_path, "post_id,account_id,text\n9,z,x\n1,a,سلام دنیا #خبر\n", "b.csv")
    corpus = read([one, two], settings=Reading(keep=("mood",)))
    assert kept(corpus, "mood") == {"1": "calm", "3": "", "9": None}
    assert kept(corpus, "translation") == {"1": "hello world", "3": None, "9": None}


@pytest.mark.parametrize(
    ("option", "settings"),
    [
        ("--tie-on", Reading(tie_on=("wallet",))),
        ("--text-from", Reading(text_from="ocr_text")),
        ("--keep", Reading(keep=("wallet",))),
    ],
)
def test_a_column_that_no_file_has_is_refused_by_the_option_that_named_it(
    tmp_path: Path, option: str, settings: Reading
) -> None:
    with pytest.raises(SettingsError, match=f"{option} .*: no file has that column"):
        read([put(tmp_path, ROWS)], settings=settings)


def test_inspect_names_the_own_columns_and_suggests_the_translation(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, ROWS)])
    assert found.own_columns == ("image_hash", "translation")
    wanted = Reading(keep=("mood",), text_from="translation")
    again = inspect([put(tmp_path, ROWS)], settings=wanted)
    assert all("--keep mood --text-from translation" in line for line in again.next_commands)


def test_inspect_tells_guesses_with_what_overrides_them(tmp_path: Path) -> None:
    path = put(tmp_path, "id;user_id;date;said\n1;a;3/4/2020 10:00;x\n")
    found = inspect([path], settings=Reading(map=("text=said",)))
    told = {guess.what: (guess.taken, guess.override) for guess in found.guesses}
    assert told["delimiter"] == ("semicolon", "--delimiter DELIMITER")
    assert told["order of day and month"] == ("month-first", "--date-order day-first")
    assert told["time zone"][1].startswith("--timezone")
    assert told["account_id"] == (
        "the column user_id, by its name", "--map account_id=COLUMN"
    )  # fmt: skip
    assert "text" not in told
    assert any("--date-order day-first" in line for line in found.next_commands)
    other = Reading(map=("text=said",), date_order="day-first", delimiter=";", encoding="utf-8")
    left = {guess.what for guess in inspect([path], settings=other).guesses}
    assert not left & {"delimiter", "encoding", "order of day and month"}


def test_a_stated_encoding_and_delimiter_are_used(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_bytes("id;text\n1;Привет, мир\n".encode("cp1251"))
    corpus = read([path], settings=Reading(encoding="cp1251", delimiter=";"))
    assert said(corpus) == {"1": "Привет, мир"}
    for wrong in ({"reading.encoding": "klingon"}, {"reading.delimiter": ";;"}):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            Settings.load(overrides=wrong)


def test_inspect_tells_of_files_it_cannot_read_beside_those_it_can(tmp_path: Path) -> None:
    good, bad = put(tmp_path, ROWS), put(tmp_path, "a,b\n1,2\n", "junk.csv")
    put(tmp_path, "", "empty.csv")
    found = inspect([good, bad, tmp_path / "empty.csv"])
    assert found.posts == 2 and len(found.unread) == 2
    assert any("junk.csv" in line and "--map" in line for line in found.unread)


def test_a_damaged_id_is_counted_by_name(tmp_path: Path) -> None:
    found = inspect([put(tmp_path, "id,text\n1.2E+18,a\n2,b\n")])
    assert found.damaged_ids == 1
    assert found.formats == ("posts.csv: delimited, columns taken by their names",)
