"""Synthetic posts with planted near-duplicates, and the truth about them.

In: a size and a seed. Out: texts in four scripts, and for each the family that it was copied into,
what was edited, and whether it is a trap. The same size and seed give the same texts everywhere.

* Four languages of made-up syllable words (30,000 each, Zipf): Latin 45, Persian 30, Arabic 18,
  Cyrillic 7 %; posts of about 40 to 280 characters with mentions, RT, hashtags, links and emoji.
* 20 % of posts are in families whose sizes follow a Pareto law (.9, at most 3,000), 2 % of them
  drift chains (each copies the one before, at most 30); one large family of 20,000 (n/15 below
  300,000).
* A copy gets 0 to 3 edits: words, mentions, hashtags, emoji, a cut end, look-alike letters, links,
  case, joiners.
* 3 % are traps: 60 templates of 14 to 26 words of which half is shared and half is each post's own.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]

SHARES = {"latin": 0.45, "persian": 0.30, "arabic": 0.18, "cyrillic": 0.07}
WORDS_A_LANGUAGE = 30_000
IN_FAMILIES, TRAPS, CHAINS = 0.20, 0.03, 0.02
# A longer chain ends far from where it began: nothing of the first text is left to find.
LONGEST_CHAIN = 30
LARGEST, LARGE_FAMILY, LARGE_SHARE = 3_000, 20_000, 15
TEMPLATES = 60
EDITS_A_COPY = (0.25, 0.35, 0.25, 0.15)
EDITS = {
    "word": 4, "mention": 3, "hashtag": 3, "emoji": 2, "cut": 2, "look-alike": 2, "link": 2,
    "case": 1, "joiner": 1,
}  # fmt: skip
SYLLABLES = {
    "latin": ("b d f g k l m n p r s t v z st tr", "a e i o u ai"),
    "persian": ("ب پ ت ج چ خ د ر ز س ش ف ق گ ل م ن و ه", "ا ی و"),
    "arabic": ("ب ت ث ج ح خ د ذ ر ز س ص ض ط ع غ ف ق ل م ن ه", "ا ي و"),
    "cyrillic": ("б в г д ж з к л м н п р с т ф ц ч ш", "а е и о у ы"),
}
SYLLABLES_A_WORD = (0.1, 0.5, 0.85)  # cumulative: one, two, three; the rest has four
SHORTEST, SPREAD = 40, 200
EMOJI = ["😂", "🔥", "❤️", "🙏", "👍🏽", "🇮🇷", "😡", "✊", "🕊️", "📢"]
LOOK_ALIKES = str.maketrans("aeocipاکی", "аеосірاكي")
ALONE = -1


@dataclass(frozen=True)
class Planted:
    """n posts: `family` is ALONE for posts of no family; the large family is number 0."""

    texts: list[str]
    family: Ints
    edits: list[str]
    """what was done to the copy, in order, e.g. "word+cut"; "" for originals"""
    trap: npt.NDArray[np.bool_]

    def truth(self) -> Ints:
        """Family labels in which every post of no family has its own."""
        own = np.arange(len(self.family)) + int(self.family.max(initial=0)) + 1
        return np.where(self.family == ALONE, own, self.family)

    def without_large(self) -> npt.NDArray[np.bool_]:
        return self.family != 0

    def arrow(self) -> pa.LargeStringArray:
        return pa.array(self.texts, pa.large_string())


def planted(size: int, seed: int = 0, *, large: bool = True) -> Planted:
    """Return `size` posts; `large=False` leaves the large family out."""
    maker = _Maker(seed)
    rows: list[tuple[str, int, str, bool]] = []
    if large:
        count = min(LARGE_FAMILY, size // LARGE_SHARE)
        rows += [(text, 0, edit, False) for text, edit in maker.family(count, chain=False)]
    number, wanted = 1, len(rows) + int(IN_FAMILIES * size)
    while len(rows) < wanted:
        count = min(maker.family_size(), max(wanted - len(rows), 2))
        chain = maker.chance(CHAINS)
        members = maker.family(min(count, LONGEST_CHAIN) if chain else count, chain=chain)
        rows += [(text, number, edit, False) for text, edit in members]
        number += 1
    rows += [(text, ALONE, "", True) for text in maker.traps(int(TRAPS * size))]
    rows += [(maker.post(), ALONE, "", False) for _ in range(size - len(rows))]
    order = maker.random.permutation(len(rows))[:size]
    chosen = [rows[at] for at in order.tolist()]
    return Planted(
        [row[0] for row in chosen],
        np.array([row[1] for row in chosen], dtype=np.int64),
        [row[2] for row in chosen],
        np.array([row[3] for row in chosen], dtype=bool),
    )


class _Draws:
    """Random numbers in [0, 1) one at a time, drawn in blocks."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.block: list[float] = []

    def __call__(self) -> float:
        if not self.block:
            self.block = self.random.random(1 << 16).tolist()
        return self.block.pop()


class _Language:
    def __init__(self, name: str, random: np.random.Generator) -> None:
        onsets, vowels = (part.split() for part in SYLLABLES[name])
        made: dict[str, None] = {}
        draw = _Draws(random)
        while len(made) < WORDS_A_LANGUAGE:
            syllables = 1 + int(np.searchsorted(SYLLABLES_A_WORD, draw()))
            picked = [
                onsets[int(draw() * len(onsets))] + vowels[int(draw() * len(vowels))]
                for _ in range(syllables)
            ]
            made["".join(picked)] = None
        self.words = list(made)
        weights = 1.0 / (np.arange(WORDS_A_LANGUAGE) + 2.7)
        self.cumulative = np.cumsum(weights / weights.sum())
        self.mean = float((weights / weights.sum()) @ [len(word) + 1 for word in self.words])
        self.random = random
        self.block: list[int] = []
        self.at = 0

    def draw(self, count: int) -> list[str]:
        if self.at + count > len(self.block):
            found = np.searchsorted(self.cumulative, self.random.random(1 << 18))
            self.block = np.minimum(found, WORDS_A_LANGUAGE - 1).tolist()
            self.at = 0
        taken = self.block[self.at : self.at + count]
        self.at += count
        return [self.words[at] for at in taken]


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.draw = _Draws(self.random)
        self.languages = [_Language(name, self.random) for name in SHARES]
        self.edges = np.cumsum(list(SHARES.values())).tolist()
        self.tags = [f"#{self.languages[at % 4].words[at * 7 + 50]}" for at in range(400)]
        self.kinds = [kind for kind, weight in EDITS.items() for _ in range(weight)]

    def chance(self, share: float) -> bool:
        return self.draw() < share

    def below(self, count: int) -> int:
        return int(self.draw() * count)

    def pick(self, items: list[str]) -> str:
        return items[self.below(len(items))]

    def tag(self) -> str:
        return self.tags[int(400 ** self.draw()) - 1]  # Zipf

    def mention(self) -> str:
        return f"@user{self.below(50_000)}"

    def link(self) -> str:
        return f"https://t.co/{self.below(1 << 40):x}"

    def language(self) -> _Language:
        return self.languages[bisect(self.edges[:-1], self.draw())]

    def words(self) -> list[str]:
        language = self.language()
        return language.draw(max(int((SHORTEST + SPREAD * self.draw()) / language.mean), 5))

    def post(self) -> str:
        return " ".join(self.dressed(self.words()))

    def dressed(self, words: list[str]) -> list[str]:
        if self.chance(0.45):
            words = [*words, *[self.tag() for _ in range(1 + self.below(3))]]
        if self.chance(0.20):
            words = [*words, self.pick(EMOJI)]
        if self.chance(0.25):
            words = [*words, self.link()]
        if self.chance(0.25):
            words = [self.mention(), *words]
        if self.chance(0.10):
            words = ["RT", f"{self.mention()}:", *words]
        return words

    def family_size(self) -> int:
        return min(int((1.0 - self.draw()) ** (-1 / 0.9)) + 1, LARGEST)

    def family(self, count: int, *, chain: bool) -> list[tuple[str, str]]:
        language = self.language()
        words = self.dressed(
            language.draw(max(int((SHORTEST + SPREAD * self.draw()) / language.mean), 8))
        )
        members = [(" ".join(words), "")]
        for _ in range(count - 1):
            copy, edits = list(words), []
            for _ in range(int(np.searchsorted(np.cumsum(EDITS_A_COPY), self.draw()))):
                kind = self.pick(self.kinds)
                copy = self.edited(copy, kind, language)
                edits.append(kind)
            members.append((" ".join(copy), "+".join(edits)))
            if chain:
                words = copy
        return members

    def edited(self, words: list[str], kind: str, language: _Language) -> list[str]:
        at = self.below(len(words))
        if kind == "word":
            return [*words[:at], *language.draw(1), *words[at + 1 :]]
        if kind == "mention":
            return [self.mention(), *words]
        if kind == "hashtag":
            return [*words, self.tag()]
        if kind == "emoji":
            return [*words, self.pick(EMOJI)]
        if kind == "link":
            return [*[w for w in words if not w.startswith("http")], self.link()]
        if kind == "cut":
            return words[: max(int(len(words) * (0.92 - 0.22 * self.draw())), 3)]
        changed = {
            "look-alike": lambda word: word.translate(LOOK_ALIKES),
            "case": str.upper,
            "joiner": lambda word: word[:2] + "\u200c" + word[2:],
        }[kind]
        return [*words[:at], changed(words[at]), *words[at + 1 :]]

    def traps(self, count: int) -> list[str]:
        return [self.filled(self.frames[self.below(TEMPLATES)]) for _ in range(count)]

    def traps_of_one(self, count: int) -> list[str]:
        frame = self.frames[self.below(TEMPLATES)]
        return [self.filled(frame) for _ in range(count)]

    @cached_property
    def frames(self) -> list[tuple[_Language, list[str], list[bool]]]:
        made = []
        for _ in range(TEMPLATES):
            language = self.language()
            words = language.draw(14 + self.below(13))
            made.append((language, words, (self.random.random(len(words)) < 0.5).tolist()))
        return made

    def filled(self, frame: tuple[_Language, list[str], list[bool]]) -> str:
        language, words, fixed = frame
        triples = zip(words, language.draw(len(words)), fixed, strict=True)
        return " ".join(word if keep else other for word, other, keep in triples)


def planted_pairs(
    copies: int, traps: int, seed: int = 5
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return pairs of a text and an edited copy of it, and pairs of posts of one template."""
    maker = _Maker(seed)
    edited: list[tuple[str, str]] = []
    while len(edited) < copies:
        (original, _), (copy, edits) = maker.family(2, chain=False)
        if edits:
            edited.append((original, copy))
    posts = [maker.traps_of_one(2) for _ in range(traps)]
    return edited, [(one, other) for one, other in posts]
