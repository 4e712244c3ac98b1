"""How alike are two names, two handles, two bios?

In: pairs of strings. Out: numbers in 0..1, 1 is the same. Names and handles are compared by
normalized Levenshtein distance (one minus edits over the longer length): the bins of the
identity score were measured with an edit distance, and `difflib` depends on the order of its two
arguments. Bios are compared by Jaccard over their word sets, which word order and punctuation
cannot move. Emoji, punctuation, case and styled letters never count: people swap them daily.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A name part shorter than this (de, al, Jr) is shared by too many names to show continuity.
MIN_NAME_PART = 3
# Platforms allow names of at most 128 characters; what a longer one holds beyond this is not
# compared, for the time of an edit distance grows with the product of both lengths.
MOST_COMPARED = 300
_WORD = re.compile(r"[^\W_]+")
_LINK = re.compile(r"https?://\S+|www\.\S+")


def fold(text: str) -> str:
    """Return `text` without case, styled letters, emoji, punctuation and marks; words spaced."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(_WORD.findall(bare))


def edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance: fewest insertions, deletions and substitutions."""
    if len(a) < len(b):
        a, b = b, a
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            substituted = diagonal + (x != y)
            diagonal = row[j]
            row[j] = min(substituted, row[j] + 1, row[j - 1] + 1)
    return row[-1]


def _likeness(a: str, b: str) -> float:
    if a == b:
        return 1.0
    a, b = a[:MOST_COMPARED], b[:MOST_COMPARED]
    longest = max(len(a), len(b))
    return 1.0 if longest == 0 else 1.0 - edit_distance(a, b) / longest


@lru_cache(maxsize=65_536)
def handle_similarity(a: str, b: str) -> float:
    """Return how alike two handles are, 0..1; case and underscores do not count."""
    return _likeness(fold(a).replace(" ", ""), fold(b).replace(" ", ""))


@lru_cache(maxsize=65_536)
def name_similarity(a: str, b: str) -> float:
    """Return how alike two shown names are, 0..1; the order of the parts does not count.

    Names made of symbols alone are compared as written.
    """
    one, two = fold(a), fold(b)
    if not one and not two:
        return _likeness(a, b)
    turned = _likeness(" ".join(sorted(one.split())), " ".join(sorted(two.split())))
    return max(_likeness(one, two), turned)


def kept_name_parts(a: str, b: str) -> list[str]:
    """Return the parts (folded, of at least three letters) that both names hold, sorted."""
    shared = set(fold(a).split()) & set(fold(b).split())
    return sorted(part for part in shared if len(part) >= MIN_NAME_PART and not part.isdigit())


def bio_words(bio: str) -> frozenset[str]:
    """Return the folded words of a bio; links are dropped, platforms re-wrap them."""
    return frozenset(fold(_LINK.sub(" ", bio)).split())


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """Return shared over all; two empty sets are equal (1.0)."""
    return len(a & b) / len(a | b) if a or b else 1.0


def bio_similarity(a: str, b: str) -> float:
    """Return the Jaccard similarity of two bios' words, 0..1.

    Bios of symbols alone (only emoji) have no words; they are equal or not as written.
    """
    one, two = bio_words(a), bio_words(b)
    if not one and not two:
        return 1.0 if a.strip() == b.strip() else 0.0
    return jaccard(one, two)
