"""In which language is a text written, and how sure is that?

In: raw texts and what their source states. Out: an ISO 639-1 code ("und" when unknown) and a score
in 0..1. The script narrows the choice (`languages.tsv`); where a script writes one language it
decides alone, else letters that only some of its languages have (`letters.tsv`) narrow the choice
further and the py3langid model ranks what is left, without links, mentions and hashtags. A stated
language that fits the script wins where the model is unsure; a text with too few letters gets the
stated one or "und". A post that mixes languages gets one of them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from nlp.entities import without_entities
from nlp.script import dominant_scripts
from nlp.tsv import read_rows

UNKNOWN = "und"
# Below, a text is a name, a shout or a link: "lol" is in no language.
MIN_LETTERS = 5
# The model's probability under which a stated language is believed instead.
SURE = 0.8
# The score of a language that is stated but that the model finds less likely than this.
STATED_SCORE = 0.5
# What the model finds less likely than this is not called a language at all, unless it is stated.
_MIN_SCORE = 0.3


class Identified(NamedTuple):
    """A language and how sure it is."""

    lang: str
    score: float


@dataclass(frozen=True)
class LanguageEntry:
    """One row of `languages.tsv`."""

    code: str
    scripts: tuple[str, ...]
    labels: tuple[str, ...]
    also: tuple[str, ...]


@cache
def languages() -> tuple[LanguageEntry, ...]:
    """Return all languages that a post can be given."""
    rows = read_rows("languages.tsv")
    return tuple(
        LanguageEntry(code, tuple(scripts.split()), tuple(labels.split()), tuple(also.split()))
        for code, scripts, labels, also in rows
    )


@cache
def _codes_by_name() -> Mapping[str, str]:
    return {name: entry.code for entry in languages() for name in (entry.code, *entry.also)}


@cache
def _by_script() -> Mapping[str, tuple[LanguageEntry, ...]]:
    names = {script for entry in languages() for script in entry.scripts}
    return {name: tuple(e for e in languages() if name in e.scripts) for name in sorted(names)}


def language_code(stated: str | None) -> str:
    """Return the ISO 639-1 code of a code or English name (fas, Persian, zh-Hans), or und."""
    name = (stated or "").strip().lower().replace("_", "-")
    return _codes_by_name().get(name) or _codes_by_name().get(name.split("-")[0], UNKNOWN)


def identify(texts: Sequence[str], stated: Sequence[str | None] | None = None) -> list[Identified]:
    """Return language and score of each text.

    `stated` holds what the source says about each text (a code or an English name), or None.
    """
    plain = [without_entities(text) for text in texts]
    return [
        _identify(*row)
        for row in zip(plain, dominant_scripts(plain), stated or [None] * len(plain), strict=True)
    ]


def _identify(text: str, script: str, stated: str | None) -> Identified:
    candidates = _by_script().get(script, ())
    claimed = language_code(stated)
    if script and all(claimed != entry.code for entry in candidates):
        claimed = UNKNOWN  # the script says otherwise
    if not candidates or sum(map(str.isalpha, text)) < MIN_LETTERS:
        return _believe(claimed, 0.0)
    if len(candidates) == 1:
        return Identified(candidates[0].code, 1.0)
    return _ranked(text, _with_these_letters(script, text), claimed)


def _ranked(text: str, codes: frozenset[str], claimed: str) -> Identified:
    label, score = _model(codes).classify(text)
    best = _codes_by_label()[label]
    if best == claimed or score >= SURE or (claimed == UNKNOWN and score >= _MIN_SCORE):
        return Identified(best, float(score))
    return _believe(claimed, float(score))


def _believe(claimed: str, score: float) -> Identified:
    return Identified(claimed, STATED_SCORE if claimed != UNKNOWN else score)


class _Letters(NamedTuple):
    needs: frozenset[str]
    never: frozenset[str]


@cache
def _letters() -> Mapping[tuple[str, str], _Letters]:
    rows = read_rows("letters.tsv")
    return {
        (s, code): _Letters(frozenset(needs), frozenset(never)) for s, code, needs, never in rows
    }


def _with_these_letters(script: str, text: str) -> frozenset[str]:
    """Languages of the script that can hold these letters; all of them when none can."""
    codes = [entry.code for entry in _by_script()[script]]
    if all(ruling_script != script for ruling_script, _ in _letters()):
        return frozenset(codes)
    held = frozenset(text.lower())
    fitting = frozenset(code for code in codes if _fits(_letters().get((script, code)), held))
    return fitting or frozenset(codes)


def _fits(rule: _Letters | None, held: frozenset[str]) -> bool:
    if rule is None:
        return True
    return not (rule.never & held) and (not rule.needs or bool(rule.needs & held))


@cache
def _codes_by_label() -> Mapping[str, str]:
    return {label: entry.code for entry in languages() for label in entry.labels}


@cache
def _whole_model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _model(codes: frozenset[str]) -> Any:
    """The py3langid model kept to some languages; its probabilities sum to 1 over their labels."""
    model = copy.copy(_whole_model())
    model.set_languages([label for e in languages() if e.code in codes for label in e.labels])
    return model
