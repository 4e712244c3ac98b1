"""Which column means what: hints, presets and --map."""

from __future__ import annotations

import pytest

from corpus.errors import SettingsError, UnknownFormat
from corpus.readers.columns import (
    check_map_used,
    fields,
    hints,
    map_columns,
    parse_map,
    plain,
    presets,
)


def test_names_are_compared_without_case_and_punctuation() -> None:
    found = map_columns(["Tweet ID", "Author.Username", "TEXT"], [], file="x.csv")
    assert found.columns == {
        "post_id": ("Tweet ID",),
        "text": ("TEXT",),
        "handle": ("Author.Username",),
    }


def test_every_hint_is_written_in_the_form_in_which_it_is_compared() -> None:
    for role in hints().values():
        for listed in role.values():
            assert [plain(name) for name in listed] == listed


def test_every_preset_maps_known_fields_and_recognises_its_own_columns() -> None:
    for preset in presets():
        assert set(preset.map) <= set(fields())
        if preset.requires:
            names = [*preset.requires, *preset.any_of[:1]]
            assert map_columns(names, [], file="x").preset == preset
        else:  # its reader takes the records apart and says which format it was
            assert map_columns(["text"], [], file="x", format=preset.name).preset is not None


def test_a_map_wins_over_a_hint() -> None:
    found = map_columns(["text", "translation"], ["text=translation"], file="x.csv")
    assert found.columns["text"] == ("translation",)


def test_a_map_wins_over_a_preset() -> None:
    preset = next(p for p in presets() if p.name == "ira_538")
    names = [*preset.requires, "title"]
    assert map_columns(names, ["text=title"], file="x").columns["text"] == ("title",)


def test_a_map_applies_only_where_the_column_exists() -> None:
    maps = ["account_id=platform_id", "handle=account_id"]
    with_it = map_columns(["text", "account_id", "platform_id"], maps, file="a")
    without = map_columns(["text", "account_id"], maps, file="b")
    assert with_it.columns["account_id"] == ("platform_id",)
    assert without.columns["account_id"] == ("account_id",)
    assert with_it.columns["handle"] == without.columns["handle"] == ("account_id",)


def test_an_empty_map_leaves_a_field_out() -> None:
    found = map_columns(["text", "id"], ["post_id="], file="x")
    assert "post_id" not in found.columns
    assert found.unmapped == ("id",)


def test_id_and_created_at_mean_something_else_in_a_file_of_accounts() -> None:
    found = map_columns(["id", "description", "created_at", "name"], [], file="x")
    assert found.role == "profiles"
    assert found.columns["account_id"] == ("id",)
    assert found.columns["joined_at"] == ("created_at",)


def test_two_possible_texts_are_not_guessed_between() -> None:
    with pytest.raises(UnknownFormat, match=r"text_a, text_b.*--map text=COLUMN"):
        map_columns(["text_a", "text_b"], [], file="x.csv")


def test_one_likely_text_is_taken_and_called_a_guess() -> None:
    found = map_columns(["post body", "n"], [], file="x.csv")
    assert found.columns["text"] == ("post body",)
    assert "post body" in found.guesses[0]


def test_columns_that_mean_nothing_are_listed_in_the_refusal() -> None:
    with pytest.raises(UnknownFormat, match="foo, bar"):
        map_columns(["foo", "bar"], [], file="x.csv")


def test_profiles_need_an_account() -> None:
    with pytest.raises(UnknownFormat, match="account id or a handle"):
        map_columns(["bio"], [], file="x.csv", role="profiles")


def test_an_unknown_field_gets_the_nearest_known_one() -> None:
    with pytest.raises(SettingsError, match="did you mean 'account_id'"):
        parse_map(["acount_id=x"])


def test_a_column_that_no_file_has_is_refused() -> None:
    with pytest.raises(SettingsError, match="'zzz'; seen: a, b"):
        check_map_used(["text=zzz"], ["a", "b"])
