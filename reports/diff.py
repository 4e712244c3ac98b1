"""What changed between two versions of a text, word by word.

In: two texts, already redacted. Out: pieces that stayed, went or came, and the same as HTML with
`<del>` and `<ins>`. Method: longest matching runs of words (Ratcliff and Obershelp, `difflib`) over
words and the white space between them, so Persian, Arabic and emoji stay whole. Very long texts are
not compared: matching takes quadratic time.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from markupsafe import Markup

from reports.clean import for_html

_WORDS = re.compile(r"\s+|[^\s]+")
# Posts have tens of words; 2,000 pieces still compare in well under a second.
MAX_PIECES = 2_000


def word_diff(before: str, after: str) -> list[tuple[str, str]]:
    """Return (what, text) pieces in order; `what` is same, gone or new.

    Joining same and gone gives `before`, joining same and new gives `after`.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MAX_PIECES:
        return [("gone", before), ("new", after)]
    pieces: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        pieces += [("gone", "".join(old[a:b]))] if b > a else []
        pieces += [("new", "".join(new[c:d]))] if d > c else []
    return pieces


def diff_html(before: str, after: str) -> Markup:
    """Return the pieces as HTML: `<del>` for what went, `<ins>` for what came."""
    tags = {"same": ("", ""), "gone": ("<del>", "</del>"), "new": ("<ins>", "</ins>")}
    parts = []
    for what, text in word_diff(before, after):
        start, end = tags[what]
        parts += [Markup(start), for_html(text), Markup(end)]
    return Markup("").join(parts)
