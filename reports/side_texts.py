"""What an analyst's own columns hold beside a post: further texts, and values to filter by.

In: the linked tables of a case. Out: for a post the translation, transcript and the like as the
file gives them, which column was analyzed as its text, and for the page one list of values for each
kept column that has few of them. Everything is redacted like a text; where texts are withheld, so
is all of it, and where few accounts are withheld, no value is listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables.own_columns import HASHES, SIDE_TEXTS, WRITTEN
from reports.clean import show_invisibles
from reports.found import phrases
from reports.links import Links
from reports.redacted_tables import kept_value
from reports.redaction import Redactor

# A transcript can be as long as a film; the tables of the case hold the whole.
MAX_CHARACTERS = 1_000
# A column with more values is no filter that anybody reads through; nor are more columns.
MAX_VALUES, MAX_FILTERS = 30, 8
MAX_NAME = 60


@dataclass(frozen=True)
class SideText:
    """A further text of a post, redacted, and what it is called."""

    label: str
    text: str


@dataclass(frozen=True)
class ValueFilter:
    """One kept column: its name, its values, and for each row the place of its value or -1."""

    name: str
    values: list[str]
    places: list[int]


@dataclass(frozen=True)
class SideTexts:
    """The side texts of a case."""

    links: Links
    redactor: Redactor

    @cached_property
    def _held(self) -> dict[str, dict[str, str]]:
        """Post id -> column -> value, as read."""
        names = pa.array([*SIDE_TEXTS, WRITTEN], pa.string())
        kept = self.links["kept_columns"]
        analyzed = kept.filter(pc.equal(kept["column"], WRITTEN))["post_id"].combine_chunks()
        wanted = pc.is_in(kept["column"], value_set=names)
        wanted = pc.or_(wanted, pc.is_in(kept["post_id"], value_set=analyzed))
        rows = kept.filter(wanted)
        found: dict[str, dict[str, str]] = {}
        columns = (rows[name].to_pylist() for name in ("post_id", "column", "value"))
        for post, column, value in zip(*columns, strict=True):
            if value is not None:
                found.setdefault(post, {})[column] = value
        return found

    def column_of(self, post_id: str, text: str) -> str:
        """The column that was analyzed as the post's text; "" where it is the text as written."""
        held = self._held.get(post_id, {})
        if WRITTEN not in held:
            return ""
        same = [name for name, value in held.items() if name != WRITTEN and value == text]
        return self.redactor.words(min(same)) if same else "other than the text"

    def of(self, post_id: str, text: str) -> tuple[SideText, ...]:
        """What stands beside a post whose whole `text` is shown."""
        held = self._held.get(post_id)
        if held is None or self.redactor.withheld():
            return ()
        labels = phrases()["side_text"]
        found = [(name, held.get(name, "").strip()) for name in (WRITTEN, *SIDE_TEXTS)]
        return tuple(
            SideText(labels[name], self._shown(value))
            for name, value in found
            if value and value != text.strip()
        )

    def _shown(self, value: str) -> str:
        shown = self.redactor.text(value)
        return f"{shown[:MAX_CHARACTERS]} […]" if len(shown) > MAX_CHARACTERS else shown


def value_filters(links: Links, redactor: Redactor, post_ids: Iterable[str]) -> list[ValueFilter]:
    """Return a filter for each kept column with few values, in the order of their names.

    `post_ids` are the rows that `places` counts; columns that mean something else (side texts,
    hashes) and columns that say the same of every post are left out.
    """
    if redactor.withheld() or redactor.min_accounts > 1:
        return []
    ids, kept = list(post_ids), links["kept_columns"]
    others = {*SIDE_TEXTS, *HASHES, WRITTEN}
    names = [name for name in pc.unique(kept["column"]).to_pylist() if name not in others]
    made = (_filter(kept, name, redactor, ids) for name in sorted(names))
    return [one for one in made if one is not None][:MAX_FILTERS]


def _filter(kept: pa.Table, name: str, redactor: Redactor, ids: list[str]) -> ValueFilter | None:
    rows = kept.filter(pc.equal(kept["column"], name))
    told = rows.filter(pc.not_equal(pc.utf8_trim_whitespace(rows["value"]), ""))
    distinct = sorted(pc.unique(told["value"].drop_null()).to_pylist())
    if not 1 <= len(distinct) <= MAX_VALUES:
        return None
    shown = {value: _cut(kept_value(redactor, name, value.strip())) for value in distinct}
    values = list(dict.fromkeys(shown.values()))
    place = {value: values.index(words) for value, words in shown.items()}
    of_post = dict(zip(told["post_id"].to_pylist(), told["value"].to_pylist(), strict=True))
    places = [place.get(of_post.get(post, ""), -1) for post in ids]
    if len(set(places)) < 2:
        return None
    return ValueFilter(_cut(redactor.words(name)), values, places)


def _cut(words: str) -> str:
    shown = show_invisibles(" ".join(words.split()))
    return f"{shown[:MAX_NAME]}…" if len(shown) > MAX_NAME else shown
