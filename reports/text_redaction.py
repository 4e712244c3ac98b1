"""Who is named inside a text, on its way out: mentions, addresses, known names, numbers of posts.

In: a redactor, which knows the corpus' names, and a text. Out: the text with pseudonyms in their
places; what was written around them stays. Characters that draw nothing are dropped where they hide
a name, and stay elsewhere. It refuses to guess who is meant by a nickname.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from reports.known_names import fold
from reports.named_in_case import CODE, LONG_NUMBER

if TYPE_CHECKING:
    from reports.redaction import Redactor

_SPECIAL = re.compile(
    r"(?P<link>https?://\S+|(?<![\w.@-])(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}/\S*)"
    r"|(?P<email>[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[a-zA-Z]{2,24})"
    r"|[@＠](?P<mention>\w(?:[\w.-]{0,200}\w)?(?:@[\w.-]{1,200}\w)?)",
    re.IGNORECASE,
)
_HAS_SPECIAL = re.compile(r"[@＠]|\w/|://")
# Format characters that draw nothing; inside a word or beside @ they hide a name from a search.
# ZWNJ and ZWJ are spelling between letters of joining scripts, so they count between others alone.
_HIDDEN = "[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
_UNSEEN = re.compile(f"{_HIDDEN}+|(?<=[a-zA-Z0-9_@＠])[\u200c\u200d]+(?=[a-zA-Z0-9_])")


def without_names(redactor: Redactor, text: str) -> str:
    """Return the text with whom the corpus names, every @name and every address replaced."""
    text = _without_disguise(redactor, text)
    if not _HAS_SPECIAL.search(text):
        return _replace_names(redactor, text)
    parts: list[str] = []
    end = 0
    for match in _SPECIAL.finditer(text):
        parts += [_replace_names(redactor, text[end : match.start()]), _special(redactor, match)]
        end = match.end()
    return "".join([*parts, _replace_names(redactor, text[end:])])


def _without_disguise(redactor: Redactor, text: str) -> str:
    """Drop unseen characters where they hide a name or an address; elsewhere they are words."""
    if text.isascii() or not _UNSEEN.search(text):
        return text
    bare = _UNSEEN.sub("", text)
    hides = len(redactor.known.find(bare)) > len(redactor.known.find(text))
    return bare if hides or _SPECIAL.findall(bare) != _SPECIAL.findall(text) else text


def _special(redactor: Redactor, match: re.Match[str]) -> str:
    if match.group("link"):
        return redactor.link(match.group())
    if match.group("email"):
        return "[e-mail]"
    return _mention(redactor, match.group("mention"))


def _mention(redactor: Redactor, word: str) -> str:
    """`@joe.Then` names joe when joe is known; else the whole of it may be a domain handle."""
    head = re.match(r"\w+", word)
    if fold(word) not in redactor.handles and head and fold(head.group()) in redactor.handles:
        rest = word[head.end() :]
        return f"@{redactor.handle(head.group())}{_replace_names(redactor, rest)}"
    return f"@{redactor.handle(word)}"


def _replace_names(redactor: Redactor, text: str) -> str:
    text = without_post_ids(redactor, text)
    hits = redactor.known.find(text)
    if not hits:
        return text
    parts: list[str] = []
    end = 0
    for hit in hits:
        parts += [text[end : hit.start], _known(redactor, hit.kind, hit.original)]
        end = hit.end
    return "".join([*parts, text[end:]])


def _known(redactor: Redactor, kind: str, original: str) -> str:
    return {"handle": redactor.handle, "name": redactor.name, "account": redactor.account}[kind](
        original
    )


def without_post_ids(redactor: Redactor, text: str) -> str:
    """A long number or code that is a post's id in this corpus is replaced anywhere."""
    if redactor.post_words:
        text = CODE.sub(partial(_post_named, redactor), text)
    return LONG_NUMBER.sub(partial(_post_named, redactor), text)


def _post_named(redactor: Redactor, match: re.Match[str]) -> str:
    word = match.group()
    known = word if word in redactor.posts else redactor.post_words.get(word)
    return word if known is None else redactor.post(known)
