"""Text that Markdown cannot misread.

In: text as somebody wrote it. Out: one line that every Markdown reader shows as the same
characters: no link, picture, HTML or heading comes into being, and what cannot be seen stands as a
mark. Method: a backslash before each character that has a meaning (CommonMark 0.31, section 2.4).
"""

from __future__ import annotations

import re

from reports.clean import show_invisibles

_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<>#|~&:@$!{}()^=]|(?<=[wW])\.|^[-+](?=\s)|^\d+(?=[.)])")


def for_markdown(text: str) -> str:
    """Return text as inline Markdown on one line; a number at its start is no list."""
    line = " ".join(show_invisibles(text).split())
    return _MEANS_SOMETHING.sub(_escaped, line)


def _escaped(match: re.Match[str]) -> str:
    word = match.group()
    # "1." opens a list and a digit cannot be escaped: a character reference reads the same.
    return f"&#{ord(word[0])};{word[1:]}" if word[0].isdigit() else f"\\{word}"
