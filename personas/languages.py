"""Whose lexicon may read this text?

In: a text and a hint. Out: the languages whose rows may fire, so that "links", "mari" or "adam" are
not read in the wrong one. It does not identify languages in general (`nlp.language` does): bios are
too short for that, and one that could be two languages is read in both.

Method: script first; then words and letters that only some of our languages use, those of the
lexicon rows included ("escritora" is a sign of Spanish and Portuguese), without homographs. English
needs no sign, since its self-descriptions stand in bios of every language, but steps back where
another language shows itself and English does not. What each language counts is in its
`grammar.toml`: script, detect, distinct_letters, homographs, foreign_letters, foreign_words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from personas.grammar import Grammar
from personas.segments import Tokens

_SCRIPT_LETTERS = {
    "latin": re.compile(r"[a-z\u00e0-\u024f]"),
    "arabic": re.compile(r"[\u0620-\u06ff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
}
_OTHER_SCRIPTS = re.compile(r"[\u0400-\u04ff\u0620-\u06ff]")
# The language whose rows read a text of a script in which no language shows itself.
_DEFAULT = {"arabic": "fa", "cyrillic": "ru"}
# English gives way to a language with this many of its own words, when it has none itself; a hint
# counts as much.
CLEAR = 2
# Shorter words of the lexicon rows are no sign of a language ("av", "ire").
MIN_SIGN = 4


@dataclass(frozen=True)
class LanguageGate:
    """Which languages may read a text; built once for a rule book."""

    grammars: Mapping[str, Grammar]

    @cached_property
    def _by_script(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, grammar in self.grammars.items():
            for script in grammar.lexicon.list_of("script") or ("latin",):
                found.setdefault(script, []).append(name)
        return found

    @cached_property
    def _signs(self) -> dict[str, tuple[str, ...]]:
        """Word -> the languages that it speaks for."""
        signs: dict[str, set[str]] = {}
        english = self._english
        for name, grammar in self.grammars.items():
            for word in grammar.words["detect"]:
                if name == "en" or word not in english:
                    signs.setdefault(word, set()).add(name)
        for name, word in self._rows():
            if word not in english:
                signs.setdefault(word, set()).add(name)
        return {word: tuple(sorted(names)) for word, names in signs.items()}

    @cached_property
    def _sign_words(self) -> frozenset[str]:
        return frozenset(self._signs)

    @cached_property
    def _english(self) -> frozenset[str]:
        """Words that English has too; they speak for no other language."""
        if "en" not in self.grammars:
            return frozenset()
        grammar = self.grammars["en"]
        lists = (words for name, words in grammar.words.items() if name != "foreign")
        rows = (word for name, word in self._rows() if name == "en")
        return frozenset(rows).union(*lists)

    def _rows(self) -> Iterator[tuple[str, str]]:
        """Yield the single words of lexicon rows with their language, without homographs."""
        for name, grammar in self.grammars.items():
            homographs = grammar.words["homographs"]
            for word in grammar.row_words:
                if len(word) >= MIN_SIGN and word not in homographs:
                    yield name, word

    @cached_property
    def _letters(self) -> list[tuple[str, str]]:
        return [
            (letter, name)
            for name, grammar in self.grammars.items()
            for letter in grammar.lexicon.list_of("distinct_letters")
        ]

    @cached_property
    def _any_letter(self) -> re.Pattern[str]:
        """One look for all letters that only one language has."""
        letters = "".join(letter for letter, _ in self._letters)
        return re.compile(f"[{re.escape(letters)}]" if letters else r"(?!)")

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return self.grammars["en"].words["foreign"] if "en" in self.grammars else frozenset()

    def __call__(self, text: str, tokens: Tokens, hint: str | None = None) -> list[str]:
        """Return the languages to read `text` with, sorted; `hint` is a language code or None."""
        plain = tokens.folded.isascii() or not _OTHER_SCRIPTS.search(text)
        scripts = [
            script
            for script in self._by_script
            if (script == "latin" or not plain)
            and _SCRIPT_LETTERS[script].search(tokens.folded if script == "latin" else text)
        ]
        if not scripts:
            return ["en"] if "en" in self.grammars else []
        scores = self._scores(text, tokens)
        if hint is not None and hint in self.grammars:
            scores[hint] = scores.get(hint, 0) + CLEAR
        chosen: set[str] = set()
        for script in scripts:
            if script == "latin":
                chosen |= self._latin(tokens, scores)
            else:
                chosen |= self._other(script, text, tokens, scores, hint)
        return sorted(chosen)

    def spare(self, names: Sequence[str]) -> frozenset[str]:
        """Return the languages whose unmistakable forms count too.

        In Latin script, all of them while no rival of English shows itself; Persian and Arabic
        read each other's texts, since many write one with the letters of the other.
        """
        latin = frozenset(self._by_script.get("latin", ()))
        found = frozenset() if latin.intersection(names) - {"en"} else latin
        arabic = frozenset(self._by_script.get("arabic", ()))
        return found | arabic if arabic.intersection(names) else found

    def _scores(self, text: str, tokens: Tokens) -> dict[str, int]:
        """Count the different words and letters of the text that speak for each language."""
        scores: dict[str, int] = {}
        signs = self._signs
        for key in self._sign_words.intersection(tokens.keys):
            for name in signs[key]:
                scores[name] = scores.get(name, 0) + 1
        if self._any_letter.search(text):
            for letter, name in self._letters:
                if letter in text:
                    scores[name] = scores.get(name, 0) + 1
        return scores

    def _latin(self, tokens: Tokens, scores: Mapping[str, int]) -> set[str]:
        if not scores and "en" in self.grammars:
            return {"en"} if len(self._foreign.intersection(tokens.keys)) < CLEAR else set()
        own = {name: scores.get(name, 0) for name in self._by_script["latin"]}
        english = own.pop("en", 0)
        chosen = set(_best(own))
        if "en" not in self.grammars:
            return chosen
        others = len(self._foreign.intersection(tokens.keys))
        if english or max([others, *own.values()]) < CLEAR:
            chosen.add("en")
        return chosen

    def _other(
        self,
        script: str,
        text: str,
        tokens: Tokens,
        scores: Mapping[str, int],
        hint: str | None,
    ) -> set[str]:
        names = self._by_script[script]
        if hint in names:
            return {str(hint)}
        names = [name for name in names if not self._is_foreign(name, text, tokens)]
        best = set(_best({name: scores.get(name, 0) for name in names}))
        return best or ({_DEFAULT[script]} & set(names))

    def _is_foreign(self, name: str, text: str, tokens: Tokens) -> bool:
        """Whether letters or words tell that the text is of a language without a lexicon here."""
        grammar = self.grammars[name]
        letters = grammar.lexicon.list_of("foreign_letters")
        return any(letter in text for letter in letters) or not grammar.words[
            "foreign_words"
        ].isdisjoint(tokens.keys)


def _best(scores: Mapping[str, int]) -> Sequence[str]:
    top = max(scores.values(), default=0)
    return [name for name, score in scores.items() if score == top and score > 0]
