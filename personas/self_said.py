"""May a post that holds a marker of transition speak of its writer?

In: an account's own posts. Out: yes or no. It decides one case alone: the shown name or handle
changed and no claims of gender differ. There a marker in a post hides the change when the post may
speak of its writer, or when such posts are common in the account (1 in 200). A feed that carries
the news about others holds the words too, once in a thousand posts, and its renames are no secret.

Wide on purpose. Words of the writer's own path (hrt, top surgery) count in any post. Words that
news and quarrels are full of (`self_said.toml`) count where a first-person word stands within five
words of them in one sentence; and in languages that need no word for "I", everywhere. Where claims
of gender differ, this module is not asked: then any marker in any post hides.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources

from nlp.language import identify
from personas.segments import Tokens, tokenize

# "I came out as trans", "my family knows that I am trans": so far from the marker a first person
# still counts.
REACH = 5
# Share of an account's own posts from which marked posts count whatever they say. Two news feeds of
# 42,000 real posts hold 1 in 570 and 1 in 520.
COMMON = 1 / 200
# A post opens with these where it repeats somebody: "'@name: ...".
_STOPS = frozenset({".", "!", "?", "…", "\n"})
_QUOTING = ("'@", '"@', "“@", "‘@")


def may_speak_of_writer(posts: Iterable[str], marked: Callable[[str], object]) -> bool:
    """Tell whether a marker in these posts may be about the account itself.

    `marked` returns what it found in a text: spans (start, end), or anything true.
    """
    count = held = 0
    for text in posts:
        count += 1
        found = marked(text)
        if found:
            held += 1
            if speaks_of_writer(text, found):
                return True
    return held > 0 and held >= COMMON * count


def speaks_of_writer(text: str, found: object) -> bool:
    """Tell whether the markers `found` in one post may be about its writer."""
    if not isinstance(found, list) or not all(_is_topical(text[a:b]) for a, b in found):
        return True
    if identify([text])[0].lang not in _words()["pronoun_needed"]:
        return True
    if text.lstrip().startswith(_QUOTING):
        return False
    tokens = tokenize(text)
    return any(_near_first_person(tokens, start, end) for start, end in found)


def _is_topical(marker: str) -> bool:
    bare = marker.casefold().lstrip("#").replace("-", "").replace("_", "")
    return bare in _words()["topical"] or marker.casefold().replace("-", " ") in _words()["topical"]


def _near_first_person(tokens: Tokens, start: int, end: int) -> bool:
    inside = [
        at for at, begin in enumerate(tokens.starts) if begin < end and tokens.ends[at] > start
    ]
    low, high = min(inside, default=0), max(inside, default=0)
    before = list(range(low - 1, max(-1, low - REACH - 1), -1))
    after = list(range(high + 1, min(len(tokens), high + REACH + 1)))
    return any(_speaks(tokens, side) for side in (before, after))


def _speaks(tokens: Tokens, side: list[int]) -> bool:
    """Walk away from the marker to the end of its sentence; "I-71" is a road."""
    for at in side:
        if tokens.keys[at] in _STOPS:
            return False
        road = tokens.text[tokens.ends[at] :][:2]
        if tokens.keys[at] in _words()["first_person"]:
            return not (road[:1] == "-" and road[1:].isdigit())
    return False


@cache
def _words() -> dict[str, frozenset[str]]:
    text = resources.files("personas").joinpath("self_said.toml").read_text(encoding="utf-8")
    return {name: frozenset(words) for name, words in tomllib.loads(text).items()}
