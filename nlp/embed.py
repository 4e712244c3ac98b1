"""How does a text become a vector whose direction says what it is about?

In: texts. Out: float32 rows of length 1; a row of zeros means "no vector" (an empty text, or one
whose words the embedder never saw) and must be kept out of any grouping. Two kinds exist: `fitted`
learns from the corpus itself and needs no weights; a sentence-transformers model brings its own.
Further ones join through the entry point group `narrashift.embedders`: a name and a function that
takes `seed` by keyword and returns an Embedder, raising MissingDependency when its packages are
absent; making one must be cheap, weights load at the first use.

`auto` is a rule, not a model: per language, an installed local model that covers that language,
else `fitted`. An English model is never used for another language unless it is asked for by name.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.errors import MissingDependency, UnknownPlugin
from nlp.models import presets

LOG = logging.getLogger(__name__)
Vectors = NDArray[np.float32]
GROUP = "narrashift.embedders"
# Known without installed metadata too (a source tree on the path); entry points may add others.
BUILT_IN = {"fitted": "nlp.embed_fitted:make_fitted", "minilm": "nlp.embed_sentence:make_minilm"}


@runtime_checkable
class Embedder(Protocol):
    """What turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """The name it was asked for by."""

    @property
    def digest(self) -> str:
        """Names weights and recipe: equal digests give equal vectors."""

    @property
    def dimension(self) -> int:
        """Length of a row; 0 before a fitted embedder has seen texts."""

    @property
    def languages(self) -> frozenset[str] | None:
        """ISO 639-1 codes that it covers; None for any."""

    @property
    def reads(self) -> Literal["raw", "normalized"]:
        """Which form of a post it was made for: as written, or `texts.text_norm`."""

    def fit(self, texts: Sequence[str]) -> Embedder:
        """Learn from `texts` where there is something to learn; return the embedder."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) float32: rows of length 1, or zeros for "no vector"."""


def known_embedders() -> list[str]:
    """Return the names that `embedder` takes besides a model id or folder."""
    found = {entry.name for entry in entry_points(group=GROUP)}
    return ["auto", *sorted({*BUILT_IN, *presets(), *found})]


def embedder(name: str = "auto", *, seed: int = 0) -> Embedder:
    """Return the embedder called `name`: a known name, or a sentence-transformers id or folder.

    Known are `auto`, `fitted`, `minilm`, plug-ins, and the presets of `narrashift models list`.

    `seed` feeds whatever is random in it (the decomposition of `fitted`; a model has nothing).

    Raises
    ------
    UnknownPlugin
        No embedder has that name; the message lists the known ones.
    MissingDependency
        Its packages or weights are not installed; the message ends with the line that brings them.

    Examples
    --------
    >>> vectors = embedder("fitted").fit(texts).encode(texts)  # doctest: +SKIP
    """
    if name == "auto":
        return AutoEmbedder(seed=seed)
    if name in known_embedders():
        return _maker(name)(seed=seed)
    if "/" in name or Path(name).is_dir():
        return _load("nlp.embed_sentence:make_sentence_model")(name)
    raise UnknownPlugin("embedder", name, [*known_embedders(), "<model id or folder>"])


@dataclass(frozen=True)
class Choice:
    """Which embedder serves a language, and what the reader should know about it."""

    embedder: Embedder
    note: str | None = None


def embedder_for(name: str, lang: str, *, seed: int = 0) -> Choice:
    """Return the embedder that `name` means for texts in `lang` (ISO 639-1 or "und").

    Raises what `embedder` raises; with "auto" a missing package is a note, not an error.
    """
    if name != "auto":
        chosen = embedder(name, seed=seed)
        covered = chosen.languages is None or lang in chosen.languages
        note = f"{name} was asked for and does not cover {lang!r}: read those groups with care"
        return Choice(chosen, None if covered else note)
    notes = []
    for known in _models_for_auto():
        if known not in ("auto", "fitted"):
            try:
                model = _maker(known)(seed=seed)
            except MissingDependency as error:
                notes += [] if known in presets() else [str(error)]
                continue
            if model.languages is not None and lang in model.languages:
                return Choice(model)
    return Choice(_maker("fitted")(seed=seed), notes[0] if notes and lang == "en" else None)


def _models_for_auto() -> list[str]:
    """Installed models before downloaded ones, so a download changes no language served yet."""
    return sorted(known_embedders(), key=lambda name: (name in presets(), name))


def pools_languages(model: Embedder) -> bool:
    """Tell whether `model` was declared for several languages, so that their vectors compare.

    Only a preset or a folder's `narrashift.toml` declares that; without one posts are grouped per
    language.
    """
    return bool(getattr(model, "multilingual", False))


def notes_of(model: Embedder) -> list[str]:
    """Return what `model` has to say since it was last asked: texts cut, kept vectors damaged."""
    take = getattr(model, "take_notes", None)
    return list(take()) if callable(take) else []


def _maker(name: str) -> Callable[..., Embedder]:
    for found in sorted(entry_points(group=GROUP), key=lambda entry: entry.value):
        if found.name == name and name not in BUILT_IN:
            plugin: Callable[..., Embedder] = found.load()
            return plugin
    if name not in BUILT_IN:
        return partial(_load("nlp.embed_sentence:make_preset"), name)
    return _load(BUILT_IN[name])


def _load(where: str) -> Callable[..., Embedder]:
    module, function = where.split(":")
    made: Callable[..., Embedder] = getattr(import_module(module), function)
    return made


class AutoEmbedder:
    """`auto` for texts that nobody sorted by language: their most frequent language decides.

    One space serves all of `fit`'s texts. For a corpus of several languages, split it first and use
    `embedder_for` on each: vectors of different languages do not compare.
    """

    def __init__(self, *, seed: int = 0) -> None:
        self._seed = seed
        self._chosen: Embedder | None = None

    @property
    def name(self) -> str:
        """Return the name of the embedder that was chosen, "auto" before `fit`."""
        return "auto" if self._chosen is None else self._chosen.name

    @property
    def digest(self) -> str:
        """Return the chosen embedder's digest, "" before `fit`."""
        return "" if self._chosen is None else self._chosen.digest

    @property
    def dimension(self) -> int:
        """Return the chosen embedder's dimension, 0 before `fit`."""
        return 0 if self._chosen is None else self._chosen.dimension

    @property
    def languages(self) -> frozenset[str] | None:
        """Return the languages that the chosen embedder covers."""
        return None if self._chosen is None else self._chosen.languages

    @property
    def reads(self) -> Literal["raw", "normalized"]:
        """Return the form that the chosen embedder reads."""
        return "raw" if self._chosen is None else self._chosen.reads

    def fit(self, texts: Sequence[str]) -> Embedder:
        """Find the main language, choose for it, and fit the choice."""
        lang = _main_language(texts)
        self._chosen = embedder_for("auto", lang, seed=self._seed).embedder.fit(texts)
        LOG.info("auto chose %s for texts in %r", self._chosen.name, lang)
        return self

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode with the chosen embedder; raises ValueError before `fit`."""
        if self._chosen is None:
            raise ValueError('embedder("auto") chooses by language: call fit(texts) before encode')
        return self._chosen.encode(texts)


# Texts whose language is looked at: enough to know the main one, evenly spread over the corpus.
LANGUAGE_SAMPLE = 500


def _main_language(texts: Sequence[str]) -> str:
    """Return the language of most texts, by their function words; "und" when none stands out."""
    from nlp.language import identify

    step = max(1, len(texts) // LANGUAGE_SAMPLE)
    sample = [text for text in sorted(set(texts))[::step] if text.strip()]
    counts = Counter(lang for lang, _ in identify(sample))
    return min(counts, key=lambda lang: (-counts[lang], lang)) if counts else "und"
