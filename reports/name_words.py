"""Which words occur in a corpus only inside somebody's name?

In: the names of a corpus, the words that labels and terms hold, the texts. Out: those of the words
that stand, wherever they stand, in a full name or beside another word of it. A label is built word
by word, so a name that texts hold as a whole would otherwise leave in pieces ("annika · weir").
Everyday words are never among them. It refuses to judge a word that texts also use by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from itertools import pairwise

from reports.everyday import everyday_words
from reports.known_names import words

# A word that stands outside names in fewer than one in ten of its talking points is a name's word:
# misspelled and shortened forms of one name reach that share, words that people use exceed it.
MAX_OUTSIDE = 0.1


def words_of_names(
    names: Iterable[str], asked: Set[str], texts: Iterable[tuple[str, str]]
) -> frozenset[str]:
    """Return those of the folded words `asked` that (talking point, text) pairs use in names."""
    partners = _partners(names, asked)
    if not partners:
        return frozenset()
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for held in _held(partners, texts):
        outside.update(word for word, alone in held.items() if alone)
        inside.update(word for word, alone in held.items() if not alone)
    return frozenset(
        word for word in partners if outside[word] <= MAX_OUTSIDE * (outside[word] + inside[word])
    )


def _partners(names: Iterable[str], asked: Set[str]) -> dict[str, set[str]]:
    """For each word asked about that is part of a longer name: the words beside it in names.

    Everyday words are passed over: "of" in "Voice of Velmora" tells nothing, and "María del Carmen"
    puts María beside Carmen. Only in a name of two words any word beside counts.
    """
    wanted = asked - everyday_words()
    found: dict[str, set[str]] = {}
    for name in names:
        parts = words(name)
        if wanted.isdisjoint(parts):
            continue
        telling = parts if len(parts) == 2 else _without_everyday(parts)
        for pair in pairwise(telling):
            for one, other in (pair, pair[::-1]):
                if one in wanted:
                    found.setdefault(one, set()).add(other)
    return found


def _without_everyday(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in parts if word not in everyday_words())


def _held(
    partners: Mapping[str, set[str]], texts: Iterable[tuple[str, str]]
) -> Iterable[dict[str, bool]]:
    """For each talking point: its words asked about, and whether one stands alone anywhere."""
    points: dict[str, dict[str, bool]] = {}
    known = partners.keys()
    for point, text in texts:
        folded = words(text)
        if known.isdisjoint(folded):
            continue
        held = points.setdefault(point, {})
        beside = {(word, other) for word, other in _pairs(folded) if word in known}
        beside |= {(word, other) for word, other in _pairs(_without_everyday(folded))}
        named = {word for word, other in beside if other in partners.get(word, ())}
        for word in known & set(folded):
            held[word] = held.get(word, False) or word not in named
    return points.values()


def _pairs(folded: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    """Each word with each of its neighbours."""
    return (pair for two in pairwise(folded) for pair in (two, two[::-1]))
