"""Which form of a text is matched?

In: raw texts. Out: their matching form: folded (`nlp.fold`), without links, mentions and a leading
RT, words separated by one blank; letters, digits, `_`, hashtags and emoji stay. Two posts that
differ only in case, diacritics, joiners, look-alike letters, links or mentions get the same form.
For matching only: quotes come from the raw text. A text of which nothing is left is "" and matches
no other text. `normalize_one` is the readable reference; many texts take the compiled path
(`nlp.compiled`), which is held to it byte for byte.

Links and mentions are recognised after folding (a full-width `ｈｔｔｐ：／／` is one too); a link
needs `://`, so that the word httpd stays. A mention goes from an `@` that starts a word to the next
blank or colon. Normalizing twice changes nothing.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import TEXTS
from nlp.compiled import MANY_TEXTS
from nlp.compiled.columns import TextColumn
from nlp.entities import without_entities
from nlp.fold import fold
from nlp.language import identify
from nlp.script import dominant_scripts
from nlp.texts import as_arrow

_LINK = re.compile(r"https?://\S*")
_MENTION = re.compile(r"(?<!\w)@[^\s:]*")
_LONE_HASH = re.compile(r"#(?!\w)")
_BLANKS = {
    point: " "
    for point in range(0x80)
    if chr(point) not in string.ascii_letters + string.digits + "_#"
}


def normalize(texts: Iterable[str]) -> list[str]:
    """Return the matching form of each text: a list, a pandas or polars column, or Arrow strings.

    Raises
    ------
    InputError
        When a value is not text, with its position.
    """
    found: list[str] = normalized_column(texts).to_pylist()
    return found


def normalized_column(texts: Iterable[str], threads: int | None = None) -> pa.LargeStringArray:
    """Return the matching forms as Arrow large strings; `threads` None takes what there are."""
    column = as_arrow(texts)
    if len(column) >= MANY_TEXTS:
        return compiled_forms(column, threads).to_arrow()
    forms = [normalize_one(text) for text in column.to_pylist()]
    return pa.array(forms, pa.large_string())


def compiled_forms(column: pa.Array | pa.ChunkedArray, threads: int | None = None) -> TextColumn:
    """Return the matching forms of Arrow strings in memory that nothing else refers to."""
    from nlp.compiled.normalizing import normalize_column

    return normalize_column(TextColumn.from_arrow(column), threads)


def normalize_one(text: str) -> str:
    """Return the matching form of one text."""
    folded = _without_links_and_mentions(fold(text)).translate(_BLANKS)
    if "#" in folded:
        folded = _LONE_HASH.sub(" ", folded.replace("#", " #"))
    words = folded.split()
    while words and words[0] == "rt":
        del words[0]
    joined = " ".join(words)
    # Composing again keeps Korean syllables whole: they were taken apart to drop marks.
    return joined if joined.isascii() else unicodedata.normalize("NFC", joined)


def _without_links_and_mentions(folded: str) -> str:
    if "://" in folded:
        folded = _LINK.sub(" ", folded)
    if "@" in folded:
        folded = _MENTION.sub(" ", folded)
    return folded


@dataclass(frozen=True)
class Normalize:
    """Kernel posts -> texts: matching form, script, language and number of words of each post."""

    @property
    def output(self) -> pa.Schema:
        """The contract of the table texts."""
        return TEXTS.schema

    def __call__(self, table: pa.Table) -> pa.Table:
        """Need post_id, text and lang (null where the source states none)."""
        texts = table.column("text").to_pylist()
        normalized = normalized_column(table.column("text")).cast(pa.string())
        found = identify(texts, table.column("lang").to_pylist())
        columns = [
            table.column("post_id"),
            normalized,
            pa.array(dominant_scripts([without_entities(t, keep_hashtags=True) for t in texts])),
            pa.array([each.lang for each in found], pa.string()),
            pa.array([each.score for each in found], pa.float32()),
            _word_counts(normalized),
        ]
        return pa.Table.from_arrays(columns, schema=self.output)


def _word_counts(normalized: pa.StringArray) -> pa.Array:
    """Blanks and one, none in an empty text."""
    blanks = pc.count_substring(normalized, " ").cast(pa.int64())
    return pc.if_else(pc.equal(normalized, ""), 0, pc.add(blanks, 1))
