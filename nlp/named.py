"""Which people, organisations and places do texts name? Read by spaCy, from a list or by a model.

In: texts of one language. Out: for each text the names in it with kind, span and who read them;
`text[start:end]` is the name as written. Two readers:

    TargetReader  the analyst's names (`[[targets]]`): a blank pipeline with an EntityRuler
    ModelReader   any installed or saved spaCy pipeline that sets `doc.ents`

Names of the list match as wholes of tokens, in their folded form (`nlp.fold`): capitals, look-alike
letters, Arabic keyboards' letters and joiners make no difference; endings do (list them as
aliases). Where a language is written without blanks, or ties endings to names (Korean), every
character is a token. Labels of models become kinds by `data/entity_labels.tsv`; other labels are
left out, as is what overlaps a link, a mention or a hashtag: models take those for names of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import spacy
from spacy.about import __version__ as spacy_version
from spacy.attrs import NORM  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc, Span

from corpus.errors import PluginError
from corpus.settings import Target
from nlp.entities import find_entities
from nlp.fold import fold
from nlp.language import language_code
from nlp.pipelines import FROM_CASE, refuse_missing
from nlp.tsv import read_rows

# Names stand at the beginning of most posts; of an article its first two pages are read.
READ_CHARS = 5_000
# A longer "name" is a reading error: full names and titles of bodies stay below.
MAX_NAME = 80
# Every character is a token: no blanks between words, or (Korean) particles tied to the name.
BY_CHARACTER = frozenset({"zh", "ja", "th", "lo", "km", "my", "bo", "ko"})
# Components whose work no name rests on; left out where a statistical component reads the names.
_UNREAD = frozenset(
    {"parser", "senter", "sentencizer", "tagger", "morphologizer", "lemmatizer",
     "trainable_lemmatizer", "attribute_ruler", "textcat", "textcat_multilabel"}
)  # fmt: skip
_READING = frozenset({"ner", "beam_ner", "tok2vec", "transformer", "curated_transformer"})
_ZWNJ = "\u200c"
_AROUND = " \t\r\n.,;:!?\"“”«»()[]{}'’‘…-–—،؛؟。、"


@dataclass(frozen=True)
class Name:
    """A name in a text; `target`: its number in the analyst's list, None where a model read it."""

    kind: str
    start: int
    end: int
    source: str
    target: int | None = None


def name_key(text: str) -> str:
    """Return the form in which two spellings are one name: folded, one blank between words."""
    words = fold(text.replace("’", "'")).split()
    if words and words[0] == "the" and len(words) > 1:
        words = words[1:]
    return " ".join(words).removesuffix("'s") or text


class TargetReader:
    """Finds the analyst's names; one blank pipeline for each language that is met."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._spelled = [
            (number, form)
            for number, target in enumerate(targets)
            for spelling in (target.name, *target.aliases)
            for form in _forms(spelling)
        ]
        self._bare = sorted({_bare(form) for _, form in self._spelled})
        self._rulers: dict[str, Language] = {}

    def names(self, texts: Sequence[str], lang: str) -> list[list[Name]]:
        """Return the names in each text, from left to right, none inside another."""
        found: list[list[Name]] = [[] for _ in texts]
        read = [text[:READ_CHARS] for text in texts]
        rows = [row for row, text in enumerate(read) if self._may_hold(text)]
        if not rows:
            return found
        by_character = lang in BY_CHARACTER
        ruler = self._ruler("zh" if by_character else lang)
        for row, doc in zip(rows, ruler.pipe(read[row] for row in rows), strict=True):
            found[row] = [
                self._name(span)
                for span in doc.ents
                if not by_character or _is_whole(doc.text, span.start_char, span.end_char)
            ]
        return found

    def _may_hold(self, text: str) -> bool:
        """Whether a spelling stands in the text at all: most texts need no tokens for a no."""
        bare = _bare(text)
        return any(spelling in bare for spelling in self._bare)

    def _name(self, span: Span) -> Name:
        number = int(span.ent_id_)
        return Name(self._targets[number].kind, span.start_char, span.end_char, FROM_CASE, number)

    def _ruler(self, lang: str) -> Language:
        if lang not in self._rulers:
            self._rulers[lang] = _ruler(lang, self._spelled)
        return self._rulers[lang]


def _ruler(lang: str, spelled: Iterable[tuple[int, str]]) -> Language:
    """A blank pipeline whose EntityRuler compares folded tokens."""
    pipeline = _blank(lang)
    vocab: Any = pipeline.vocab
    vocab.lex_attr_getters[NORM] = lambda token: fold(token) or token
    ruler: Any = pipeline.add_pipe("entity_ruler", config={"phrase_matcher_attr": "NORM"})
    # The ruler keys its patterns by label and id together.
    ruler.add_patterns(
        [{"label": "TARGET", "pattern": form, "id": str(number)} for number, form in spelled]
    )
    return pipeline


def _blank(lang: str) -> Language:
    try:
        return spacy.blank(lang)
    except (ImportError, ValueError):  # unknown to spaCy, or needs a tokenizer of its own
        return spacy.blank("xx")


def _forms(spelling: str) -> list[str]:
    """A spelling as written and, where it holds half-spaces, with blanks in their place."""
    spelling = " ".join(spelling.split())
    return list(dict.fromkeys((spelling, spelling.replace(_ZWNJ, " "))))


def _bare(text: str) -> str:
    return "".join(fold(text).split())


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a hit among characters does not cut a word of a script with capitals in two."""
    return not (
        (start > 0 and _cased(text[start - 1]) and _cased(text[start]))
        or (end < len(text) and _cased(text[end - 1]) and _cased(text[end]))
    )


def _cased(character: str) -> bool:
    return character.lower() != character.upper()


class ModelReader:
    """Reads names with one spaCy pipeline; raises PluginError where it does not load."""

    def __init__(self, name: str) -> None:
        self._pipeline = load_pipeline(name)
        meta = self._pipeline.meta
        self.source = f"{meta['lang']}_{meta['name']} {meta['version']}"
        """Language, name and version, never a folder."""

    def reads(self, lang: str) -> bool:
        """Whether the pipeline is made for a language; "xx" is made for all."""
        return self._pipeline.lang == "xx" or language_code(self._pipeline.lang) == lang

    @property
    def finds_names(self) -> bool:
        """Whether a component of the pipeline says that it sets `doc.ents`."""
        metas = [self._pipeline.get_pipe_meta(pipe) for pipe in self._pipeline.pipe_names]
        return any("doc.ents" in meta.assigns for meta in metas)

    def names(self, texts: Sequence[str]) -> list[list[Name]]:
        """Return the names in each text, from left to right."""
        read = (text[:READ_CHARS] for text in texts)
        with self._pipeline.select_pipes(disable=_unread(self._pipeline)):
            return [list(self._of(doc)) for doc in self._pipeline.pipe(read)]

    def _of(self, doc: Doc) -> Iterator[Name]:
        kinds = [(_kinds().get(_label(span)), span) for span in doc.ents]
        if not any(kind for kind, _ in kinds):
            return
        tagged = find_entities(doc.text)
        for kind, span in kinds:
            start, end = _trimmed(doc.text, span.start_char, span.end_char)
            apart = all(end <= e.start or e.end <= start for e in tagged)
            if kind and apart and 1 < end - start <= MAX_NAME:
                yield Name(kind, start, end, self.source)


def load_pipeline(name: str) -> Language:
    """Load an installed spaCy pipeline by name or folder.

    Raises
    ------
    MissingModel
        When it is not on this machine, with the line that installs it.
    PluginError
        When it is there but does not load, with spaCy's own reason.
    """
    refuse_missing([name])
    try:
        return spacy.load(name)
    except (OSError, ImportError, ValueError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise PluginError(
            f"the spaCy pipeline {name!r} does not load: {reason[:300]}; choose one made for spaCy"
            f" {spacy_version} and install what it needs"
        ) from error


def _unread(pipeline: Language) -> list[str]:
    """Components to leave out: none where a component that is not known may rest on them."""
    factories = {name: pipeline.get_pipe_meta(name).factory for name in pipeline.pipe_names}
    if set(factories.values()) <= _UNREAD | _READING:
        return [name for name, factory in factories.items() if factory in _UNREAD]
    return []


@cache
def _kinds() -> dict[str, str]:
    return {label: kind for label, kind, _ in read_rows("entity_labels.tsv")}


def _label(span: Span) -> str:
    label = span.label_
    return label[2:] if label[:2] in {"B-", "I-"} else label


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out blanks and marks around a name, and an English possessive behind it."""
    name = text[start:end]
    start += len(name) - len(name.lstrip(_AROUND))
    name = name.strip(_AROUND)
    for ending in ("'s", "’s"):
        name = name.removesuffix(ending)
    return start, start + len(name)
