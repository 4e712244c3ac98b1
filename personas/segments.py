"""Where does one self-description end and the next begin?

In: a text. Out: its tokens, and segments of tokens: the pieces between bullets, bars, commas, line
ends, " - ", sentence ends, spaced "&" and "+", "and", hashtags, mentions and emoji. Offsets are
code points of the original text. It refuses nothing; links and mail addresses are tokens that
belong to no segment.

Method: the bio splitter described by Pathak, Madani and Joseph (CSCW 2021), written anew over
tokens: theirs strips every letter outside ASCII, ours also knows the Arabic comma, semicolon and
question mark and guillemets, and never cuts inside A&E, ex-communist or LGBT+.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as own_field
from itertools import accumulate

from nlp.charfold import fold

# Patterns see this much of a text (interchange rules cap them at about 10,000 characters): far
# more than any bio, and longer posts state who writes them early.
CAP = 10_000

_MARKS = "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
_WORD = rf"[\w{_MARKS}]"
_PICTURE = r"[\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
_DRESS = r"[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_LINK = r"(?P<url>https?://\S+|www\.\S+|[\w.+-]{1,64}@[\w-]{1,64}\.\w\S*)|"
_NAMED = (
    _LINK
    + rf"""(?P<mention>@\w+)
    |(?P<hashtag>\#{_WORD}+)
    |(?P<word>{_WORD}+(?:'{_WORD}+)*)
    |(?P<flag>[\U0001f1e6-\U0001f1ff]{{2}})
    |(?P<emoji>{_PICTURE}{_DRESS}*(?:\u200d{_PICTURE}{_DRESS}*)*)
    |(?P<newline>[\r\n\u2028\u2029]+)
    |(?P<punct>[^\s\w])"""
)
_KIND = re.compile(_NAMED, re.VERBOSE)
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _NAMED)
_NO_LINK = _UNNAMED.removeprefix(re.sub(r"\?P<\w+>", "?:", _LINK))
# The same without names, so that splitting gives gaps and tokens in turn; texts without links or
# addresses, and those of ASCII alone, have faster twins.
_TOKEN, _LINKLESS = (re.compile(f"({p})", re.VERBOSE) for p in (_UNNAMED, _NO_LINK))
_PLAIN = re.compile(r"([@#]?\w+|[\r\n]+|[^\s\w\x1c-\x1f])", re.ASCII)
_LINKED = re.compile(r"://|www\.|@[\w-]{1,64}\.\w")
DIGIT = re.compile(r"\d")
# Kinds and keys are worked out once for so many different tokens: about the words of 20,000 bios.
KNOWN = 50_000
_MARK = re.compile(f"[{_MARKS}]")
_UNDRESS = re.compile(r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")

# Shorter words beside "&" are mostly abbreviations (A&E, AT&T, R&B).
WHOLE_WORD = 3

_SENTENCE_END = frozenset(".!?؟…۔")
# Punctuation that stands inside a phrase; all other punctuation ends a segment.
_INSIDE = frozenset("'%$\u200d\ufe0f")
# Marks of which the neighbours tell whether they end a segment.
_UNSURE = frozenset(".-&+/")
_ALONE = frozenset({"hashtag", "mention", "emoji", "flag"})
_ABBREVIATION = frozenset(
    {"dr", "mr", "mrs", "ms", "prof", "st", "sr", "jr", "lt", "sgt", "col", "gen"}
)


@dataclass(slots=True)
class Tokens:
    """The tokens of one text, as parallel lists; `keys` are what lexicon forms are compared to."""

    text: str
    folded: str
    kinds: list[str]
    keys: list[str]
    starts: list[int]
    ends: list[int]
    parts: list[tuple[int, int]] = own_field(default_factory=list, compare=False, repr=False)
    """The segments without joiners; `segments` fills it when it is first asked."""

    def __len__(self) -> int:
        return len(self.keys)


def tokenize(text: str) -> Tokens:
    """Fold and cut the first `CAP` characters of `text`; linear in the length."""
    folded = fold(text[:CAP])
    pieces = _splitter(folded).split(folded)
    borders = list(accumulate(map(len, pieces)))
    keys = pieces[1::2]
    kinds = list(map(_KINDS.__getitem__, keys))
    if "_" in folded or not folded.isascii():
        keys = list(map(_KEYS.__getitem__, keys))
    return Tokens(text, folded, kinds, keys, borders[:-1:2], borders[1::2])


def _splitter(folded: str) -> re.Pattern[str]:
    """The fastest expression that cuts this text as `_TOKEN` does."""
    if _LINKED.search(folded):
        return _TOKEN
    return _PLAIN if folded.isascii() and "'" not in folded else _LINKLESS


class _Known(dict[str, str]):
    """What a function tells of each token, worked out once; forgotten when there are too many."""

    def __init__(self, tell: Callable[[str], str]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, token: str) -> str:
        if len(self) >= KNOWN:
            self.clear()
        told = self[token] = self._tell(token)
        return told


def _kind(token: str) -> str:
    found = _KIND.match(token)
    return (found.lastgroup if found else None) or ""


def _key(token: str) -> str:
    kind = _KINDS[token]
    key = token.replace("_", "") if kind == "hashtag" else token
    return key if key.isascii() else _bare(kind, key) or key


_KINDS, _KEYS = _Known(_kind), _Known(_key)


def _bare(kind: str, key: str) -> str:
    """Drop vowel marks from words, and variation selectors and skin tones from emoji."""
    if kind == "emoji":
        return _UNDRESS.sub("", key)
    return bare_word(key) if kind in {"word", "hashtag"} else key


def bare_word(word: str) -> str:
    """Return a folded word without combining marks: what lexicon forms are compared to."""
    return word if word.isascii() else _MARK.sub("", word)


def segments(tokens: Tokens, joiners: Collection[str] = ("and",)) -> list[tuple[int, int]]:
    """Return token ranges, in order; hashtags, mentions and emoji stand alone."""
    keys = tokens.keys
    if not tokens.parts:
        tokens.parts.extend(_parts(tokens))
    at_joiners = [at for at, key in enumerate(keys) if key in joiners] if joiners else []
    if not at_joiners:
        return tokens.parts
    return list(_parted(tokens, at_joiners))


def _parts(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """The segments between punctuation, line ends, tags and pictures."""
    start = 0
    keys = tokens.keys
    for at, kind in enumerate(tokens.kinds):
        if kind == "word":
            continue
        if kind == "punct":
            mark = keys[at]
            if mark in _INSIDE or (mark in _UNSURE and not _breaks(tokens, at)):
                continue
        if at > start:
            yield start, at
        if kind in _ALONE:
            yield at, at + 1
        start = at + 1
    if len(keys) > start:
        yield start, len(keys)


def _parted(tokens: Tokens, at_joiners: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Part the segments again at joining words."""
    waiting = iter([*at_joiners, len(tokens)])
    cut = next(waiting)
    for start, end in tokens.parts:
        low = start
        while cut < end:
            if tokens.kinds[cut] == "word" and cut >= low:
                if cut > low:
                    yield low, cut
                low = cut + 1
            cut = next(waiting)
        if end > low:
            yield low, end


def _breaks(tokens: Tokens, at: int) -> bool:
    """Whether a mark that may also stand inside a phrase ends a segment here."""
    mark = tokens.keys[at]
    if mark == ".":
        return _ends_sentence(tokens, at)
    if mark in "-&+":
        return _spaced(tokens, at) or (mark == "&" and _between_words(tokens, at))
    if mark == "/":
        return not _between_digits(tokens, at)
    return True


def _ends_sentence(tokens: Tokens, at: int) -> bool:
    """A full stop ends one, unless a small letter follows at once or an abbreviation precedes."""
    after = tokens.ends[at]
    if after < len(tokens.folded) and not tokens.folded[after].isspace():
        if tokens.text[after].isupper() and _between_words(tokens, at):
            return True  # "Nurse.Mother.Reader"
        return at + 1 < len(tokens) and tokens.kinds[at + 1] != "word"
    before = tokens.keys[at - 1] if at else ""
    initial = len(before) == 1 and before.isalpha()
    return not initial and before not in _ABBREVIATION


def _spaced(tokens: Tokens, at: int) -> bool:
    """Whether white space, or nothing, stands on both sides."""
    folded, start, end = tokens.folded, tokens.starts[at], tokens.ends[at]
    left = start == 0 or folded[start - 1].isspace()
    right = end >= len(folded) or folded[end].isspace()
    return left and right


def _between_words(tokens: Tokens, at: int) -> bool:
    """Whether whole words stand on both sides: "Wife&Mom", but not A&E or R&B."""
    near = (at - 1, at + 1)
    return 0 < at < len(tokens) - 1 and all(
        tokens.kinds[i] == "word" and len(tokens.keys[i]) >= WHOLE_WORD for i in near
    )


def _between_digits(tokens: Tokens, at: int) -> bool:
    keys = tokens.keys
    return 0 < at < len(keys) - 1 and keys[at - 1].isdigit() and keys[at + 1].isdigit()


def sentences(tokens: Tokens) -> list[tuple[int, int]]:
    """Return token ranges of sentences: cut at line ends and . ! ? and their Arabic forms."""
    found: list[tuple[int, int]] = []
    start = 0
    for at, kind in enumerate(tokens.kinds):
        mark = kind == "punct" and tokens.keys[at] in _SENTENCE_END
        if kind == "newline" or (mark and (tokens.keys[at] != "." or _ends_sentence(tokens, at))):
            if at > start:
                found.append((start, at))
            start = at + 1
    if len(tokens) > start:
        found.append((start, len(tokens)))
    return found


def split_bio(text: str, joiners: Collection[str] = ("and",)) -> Iterator[tuple[int, int]]:
    """Yield (start, end) code point offsets of the segments of a bio."""
    tokens = tokenize(text)
    for first, last in segments(tokens, joiners):
        yield tokens.starts[first], tokens.ends[last - 1]
