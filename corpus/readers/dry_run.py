"""Every file of a dry run that can be understood, and a sentence on each that cannot.

In: paths, which may be folders and archives, and the reading settings. Out: the corpus of what
could be read, and one sentence a file that could not. An analysis refuses such a file; who only
looks wants to hear of all of them at once. It raises when not one of them can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus.errors import InputError, ZoneUnknown
from corpus.progress import Silent
from corpus.readers.columns import PROFILES_ROLE
from corpus.readers.inputs import inputs_of
from corpus.readers.load import Corpus, Source, assemble, mapping_of, open_source
from corpus.readers.parts import ZONE_ASSUMED
from corpus.settings import Reading


def read_each(
    paths: Sequence[Path], profile_paths: Sequence[Path], settings: Reading
) -> tuple[Corpus, tuple[str, ...]]:
    """Return what could be read, and why the other files could not.

    Raises
    ------
    InputError
        The first problem, where no file can be read; and for a folder or archive as a whole.
    SettingsError
        A `map` or `keep` entry fits no file that could be read.
    """
    profiles = {one.path for one in inputs_of(profile_paths)}
    sources: list[Source] = []
    problems: list[InputError] = []
    for one in inputs_of([*paths, *profile_paths]):
        role = PROFILES_ROLE if one.path in profiles else None
        try:
            source = open_source(one, role, settings)
            mapping_of(source, settings)
        except InputError as error:
            problems.append(error)
        else:
            sources.append(source)
    if problems and not sources:
        raise problems[0]
    unread = tuple(str(problem) for problem in problems)
    try:
        return assemble(sources, settings, Silent()), unread
    except ZoneUnknown as missing:  # everything else can be told with any zone
        corpus = assemble(sources, replace(settings, timezone=ZONE_ASSUMED), Silent())
        said = f"{missing}; an analysis needs it, here they are read as {ZONE_ASSUMED}"
        return replace(corpus, notes=(said, *corpus.notes)), unread
