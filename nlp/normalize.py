"""Which form of a text is matched?

In: raw texts. Out: their matching form: folded (`nlp.fold`), without links, mentions and a leading
RT, words separated by one blank; letters, digits, `_`, hashtags and emoji stay. Two posts that
differ only in case, diacritics, joiners, look-alike letters, links or mentions get the same form.
For matching only: quotes come from the raw text. This is the readable reference; faster paths are
held to it. A text of which nothing is left is "" and matches no other text.

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

from corpus.errors import InputError
from corpus.tables import TEXTS
from nlp.entities import without_entities
from nlp.fold import fold
from nlp.language import identify
from nlp.script import dominant_scripts

_LINK = re.compile(r"https?://\S*")
_MENTION = re.compile(r"(?<!\w)@[^\s:]*")
_LONE_HASH = re.compile(r"#(?!\w)")
_BLANKS = {
    point: " "
    for point in range(0x80)
    if chr(point) not in string.ascii_letters + string.digits + "_#"
}


def normalize(texts: Iterable[str]) -> list[str]:
    """Return the matching form of each text.

    Raises
    ------
    InputError
        When a value is not text, with its position.
    """
    if isinstance(texts, str):
        raise InputError(
            f"normalize expects a list of texts, found one text; pass [{texts[:20]!r}]"
        )
    return [_normalized(text, at) for at, text in enumerate(texts)]


def _normalized(text: str, at: int) -> str:
    if not isinstance(text, str):
        kind = type(text).__name__
        raise InputError(f"text {at} is {kind}, expected str; drop it or write it as text")
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
        normalized = normalize(texts)
        found = identify(texts, table.column("lang").to_pylist())
        columns = [
            table.column("post_id"),
            pa.array(normalized, pa.string()),
            pa.array(dominant_scripts([without_entities(t, keep_hashtags=True) for t in texts])),
            pa.array([each.lang for each in found], pa.string()),
            pa.array([each.score for each in found], pa.float32()),
            pa.array([len(text.split(" ")) if text else 0 for text in normalized], pa.int64()),
        ]
        return pa.Table.from_arrays(columns, schema=self.output)
