"""What a mapping file can say beyond names: each rule on a table that needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpus.readers.columns import Mapping, map_columns
from corpus.readers.mapping_files import Preset, locate, parse_preset, presets
from corpus.readers.parts import FilePart, read_part
from corpus.readers.rows import Rows
from corpus.readers.shaping import shaped
from corpus.rejects import BAD_TIME, HARMLESS, NO_TEXT, OTHER_RECORD, TEXT_GONE
from corpus.settings import Reading

BASE = 'name = "x"\ntitle = "X files"\nrequires = ["body"]\n'


def table(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def mapped(rows: pa.Table, preset: Preset) -> Mapping:
    by_plain = {name: name for name in rows.column_names}
    places = {
        field: tuple(found[0] for name in names if (found := locate(name, by_plain)))
        for field, names in preset.map.items()
    }
    return Mapping(preset.role, {field: names for field, names in places.items() if names}, preset)


def part(text: str, rows: list[dict[str, Any]]) -> FilePart:
    preset, cells = parse_preset(BASE + text), table(rows)
    numbers = pa.array(range(cells.num_rows), pa.int64()).to_numpy()
    held = Rows(cells, numbers, (), cells.num_rows, "delimited")
    return read_part(held, mapped(cells, preset), "x.csv", Reading())


def column(text: str, name: str, rows: list[dict[str, Any]]) -> list[Any]:
    return part(text, rows).posts.column(name).to_pylist()


def test_a_path_leads_into_the_json_of_a_cell() -> None:
    text = '[map]\ntext = "body"\nhashtags = "tags.*.name"\naccount_id = "by.0.id"\n'
    row = {
        "body": "x",
        "tags": json.dumps([{"name": "a"}, {"name": "b b"}, 3]),
        "by": '[{"id": 7}]',
    }
    assert column(text, "hashtags", [row, {"body": "y", "tags": "no json"}]) == [["a", "b b"], []]
    assert column(text, "account_id", [row, {"body": "y", "by": "[]"}]) == ["7", None]


def test_columns_are_joined_and_those_that_hold_nothing_left_out() -> None:
    text = '[map]\ntext = ["title", "body"]\n[join]\ntext = "\\n"\n'
    rows = [{"title": "a", "body": "b"}, {"title": "none", "body": " "}, {"title": "", "body": "c"}]
    assert column(text, "text", rows) == ["a\nb", "none", "c"]


def test_a_row_in_which_all_joined_columns_are_null_stays_in_its_place() -> None:
    text = (
        '[map]\naccount_id = "who"\ntext = "body"\nlocation = ["city", "land"]\n'
        '[join]\nlocation = ", "\n'
    )
    rows = [
        {"body": "x", "who": "1", "city": None, "land": None},
        {"body": "y", "who": "2", "city": "Eastport", "land": None},
    ]
    found = part(text, rows).snapshots
    assert dict(
        zip(*(found[name].to_pylist() for name in ("account_id", "location")), strict=True)
    ) == {"2": "Eastport"}


def test_a_template_needs_all_its_columns() -> None:
    text = '[map]\ntext = "body"\npost_id = []\n[templates]\npost_id = "{chat.name}-{id}"\n'
    rows = [{"body": "x", "chat.name": "c", "id": "1"}, {"body": "y", "chat.name": "", "id": "2"}]
    first, second = column(text, "post_id", rows)
    assert first == "c-1"
    assert second != "-2"


def test_a_constant_stands_where_no_column_says_otherwise() -> None:
    text = '[map]\ntext = "body"\nlang = "l"\n[constants]\nkind = "reply"\nlang = "fa"\n'
    assert column(text, "kind", [{"body": "x"}]) == ["reply"]
    assert column(text, "lang", [{"body": "x", "l": "en"}, {"body": "y"}]) == ["en", "fa"]


def test_a_list_is_cut_at_its_own_separator() -> None:
    text = '[map]\ntext = "body"\nhashtags = "t"\n[separators]\nhashtags = ";"\n'
    assert column(text, "hashtags", [{"body": "x", "t": "two words; one"}]) == [
        ["two words", "one"]
    ]


def test_a_date_in_a_form_of_its_own_is_read_and_another_is_rejected() -> None:
    text = '[map]\ntext = "body"\ncreated_at = "d"\n[dates]\ncreated_at = "%d|%m|%Y %Hh%M"\n'
    found = part(text, [{"body": "x", "d": "01|03|2021 10h05"}, {"body": "y", "d": "1 of March"}])
    assert [at.isoformat() for at in found.posts["created_at"].to_pylist()] == [
        "2021-03-01T10:05:00+00:00"
    ]
    assert [reject.reason for reject in found.rejects] == [BAD_TIME]


def test_cells_that_stand_for_nothing_are_nobody_and_no_text() -> None:
    text = (
        '[map]\ntext = "body"\naccount_id = "who"\n'
        '[nothing]\naccount_id = ["[deleted]"]\ntext = ["[removed]"]\n'
    )
    found = part(text, [{"body": "x", "who": "[deleted]"}, {"body": "[removed]", "who": "a"}])
    assert found.posts["account_id"].to_pylist() == [None]
    assert [reject.reason for reject in found.rejects] == [TEXT_GONE]
    assert TEXT_GONE in HARMLESS


def test_a_text_that_is_gone_is_told_from_one_that_never_was_and_is_not_quoted() -> None:
    text = '[map]\ntext = "body"\n[nothing]\ntext = ["[removed]"]\n'
    found = part(text, [{"body": " [Removed] "}, {"body": " "}, {"body": "said [removed] twice"}])
    reasons = {reject.row: (reject.reason, reject.excerpt) for reject in found.rejects}
    assert reasons[0] == (TEXT_GONE, "")
    assert reasons[1][0] == NO_TEXT
    assert found.posts["text"].to_pylist() == ["said [removed] twice"]


def test_of_joined_texts_the_one_that_is_gone_is_left_out() -> None:
    text = (
        '[map]\ntext = ["title", "body"]\n[join]\ntext = " / "\n[nothing]\ntext = ["[removed]"]\n'
    )
    rows = [{"title": "a", "body": "[removed]"}, {"title": "b", "body": "c"}]
    assert column(text, "text", rows) == ["a", "b / c"]


def test_the_text_is_the_first_that_is_not_empty() -> None:
    text = '[map]\ntext = ["full", "snippet", "body"]\n'
    rows = [{"full": "", "snippet": " ", "body": "c"}, {"full": "a", "snippet": "b", "body": "c"}]
    assert column(text, "text", rows) == ["c", "a"]


def test_a_field_counts_for_nothing_where_another_column_says_yes() -> None:
    text = '[map]\ntext = "body"\nurls = "u"\n[unless]\nurls = "own"\n'
    rows = [
        {"body": "see https://a.example", "u": "https://own.example", "own": "True"},
        {"body": "x", "u": "https://b.example", "own": "false"},
        {"body": "y", "u": "https://c.example", "own": None},
    ]
    assert column(text, "urls", rows) == [
        ["https://a.example"],
        ["https://b.example"],
        ["https://c.example"],
    ]


def test_words_of_the_format_are_translated() -> None:
    text = '[map]\ntext = "body"\nkind = "k"\n[values.kind]\nRebleat = "repost"\n'
    assert column(text, "kind", [{"body": "x", "k": "rebleat"}]) == ["repost"]


def test_html_becomes_text() -> None:
    text = 'html = ["text"]\n[map]\ntext = "body"\n'
    assert column(text, "text", [{"body": "<p>a &lt;b&gt;</p><p>c</p>"}]) == ["a <b>\n\nc"]


def test_rows_of_another_kind_are_no_posts() -> None:
    found = part(
        '[map]\ntext = "body"\n[skip]\ntype = ["Group"]\n', [{"body": "x", "type": "group"}]
    )
    assert [reject.reason for reject in found.rejects] == [OTHER_RECORD]


def test_map_wins_over_every_rule_of_a_format() -> None:
    names = [*next(one for one in presets() if one.name == "fourcat_tumblr").requires, "mine"]
    mapping = map_columns(names, ["text=mine"], file="x")
    cells = pa.table({name: pa.array(["a"], pa.string()) for name in names})
    assert shaped(cells, mapping)[1].columns["text"] == ("mine",)


def test_an_unknown_key_or_field_is_named() -> None:
    with pytest.raises(ValueError, match="tittle"):
        parse_preset('name = "x"\ntittle = "y"\n')
    with pytest.raises(ValueError, match="authorr"):
        parse_preset(BASE + '[map]\nauthorr = "y"\n')


def test_an_experimental_format_says_so() -> None:
    [first, *_] = parse_preset(BASE + "experimental = true\n").sentences
    assert "experimental" in first and "--map" in first


def test_every_rule_is_explained(root: Path) -> None:
    page = (root / "docs" / "developers" / "adding-a-format.md").read_text(encoding="utf-8")
    keys = set(Preset.__dataclass_fields__)
    assert {key for key in keys if f"`{key}" not in page and f"[{key}" not in page} == set()
