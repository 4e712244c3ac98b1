"""Long JSON documents, object by object: the same as parsing them whole, and never a crash."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import json_stream
from corpus.readers.json_stream import elements

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 9), "text": TEXTS, "more": VALUES}), max_size=8
)
INDENTS = st.sampled_from([None, 1, 4])


def found(text: str, **options: Any) -> list[json_stream.Element]:
    return list(elements(io.StringIO(text), **options))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few signs, so that every value lies across the border of two."""
    monkeypatch.setattr(json_stream, "READ_CHARACTERS", 7)


@given(RECORDS, INDENTS)
def test_the_objects_of_an_array_are_those_of_a_whole_parse(
    records: list[dict[str, Any]], indent: int | None
) -> None:
    text = json.dumps(records, indent=indent, ensure_ascii=False)
    assert [one.found for one in found(text)] == records


@given(RECORDS, RECORDS, INDENTS)
def test_chats_are_walked_and_their_messages_know_their_chat(
    first: list[dict[str, Any]], second: list[dict[str, Any]], indent: int | None
) -> None:
    chats = [{"name": "a", "id": 1, "messages": first}, {"name": "b", "id": 2, "messages": second}]
    text = json.dumps({"about": "x", "chats": {"about": "y", "list": chats}}, indent=indent)
    messages = [one for one in found(text) if one.array == "messages"]
    assert [one.found for one in messages] == [*first, *second]
    assert [one.about["name"] for one in messages] == ["a"] * len(first) + ["b"] * len(second)


def test_a_message_before_a_chat_is_not_taken_for_one() -> None:
    chats = [{"name": "a", "messages": [{"id": 1}]}, {"name": "b", "messages": [{"id": 2}]}]
    listed = [one.found for one in found(json.dumps({"list": chats})) if one.array == "messages"]
    assert listed == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_damaged_object_costs_itself(indent: int | None) -> None:
    records = [{"id": number, "text": f"text {number}"} for number in range(5)]
    text = json.dumps({"messages": records}, indent=indent).replace('"text 2"', '"text 2')
    seen = found(text)
    assert [one.found and one.found["id"] for one in seen if one.damaged is None] == [0, 1, 3, 4]
    assert sum(one.damaged is not None for one in seen) == 1


@given(RECORDS, INDENTS, st.data())
def test_a_document_that_was_cut_or_changed_never_crashes(
    records: list[dict[str, Any]], indent: int | None, data: st.DataObject
) -> None:
    text = json.dumps({"name": "x", "messages": records}, indent=indent)
    at = data.draw(st.integers(0, len(text)))
    changed = data.draw(st.sampled_from(["", '"', "{", "]", "\\", ",", "\x00"]))
    for damaged in (text[:at], text[:at] + changed + text[at + 1 :]):
        whole = found(damaged)
        try:
            json.loads(damaged)
        except ValueError:
            assert any(one.damaged is not None for one in whole)


def test_nesting_without_end_is_one_damaged_element() -> None:
    [one] = found('{"messages": [' + "[" * 100_000)
    assert one.damaged is not None


def test_a_page_is_one_element() -> None:
    [page] = found('{"data": [{"id": 1}], "meta": {}}', whole=True)
    assert page.found == {"data": [{"id": 1}], "meta": {}}
