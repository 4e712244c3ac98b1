"""Which three commands are worth running next, by what the files hold.

In: a corpus that was read, the paths it came from, the reading settings. Out: command lines, ready
to be pasted, that read the files as they were read now. First comes the analysis, or the persona
tracker where there are profiles alone; then what would change most: a time for undated profiles,
the other order of ambiguous dates, another dump where nothing can be compared, the rejected rows, a
translation to analyze.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from corpus.guesses import order_guessed, other_order
from corpus.settings import Reading
from corpus.tables.own_columns import SIDE_TEXTS

if TYPE_CHECKING:
    from corpus.readers.load import Corpus

MOST = 3


def next_commands(
    corpus: Corpus,
    paths: Sequence[Path],
    profile_paths: Sequence[Path],
    possible: bool,
    settings: Reading,
) -> tuple[str, ...]:
    """Return at most MOST commands; `possible` says whether persona shifts can be assessed."""
    if not paths and not profile_paths:
        return ()
    if not corpus.posts.num_rows + corpus.profiles.num_rows:
        return ()
    files = [shlex.quote(str(path)) for path in paths]
    extra = [f"--profiles {shlex.quote(str(path))}" for path in profile_paths]
    read = " ".join([*files, *extra, *reading_options(settings)])
    if corpus.posts.num_rows:
        main = f"narrashift analyze {read}"
        listed = [
            f"{main} --out case",
            *(f"{main} {o} --out case" for o in _worth(corpus, settings, possible)),
        ]
    else:
        alone = [*files, *(shlex.quote(str(path)) for path in profile_paths)]
        main = " ".join(["narrashift personas", *alone, *reading_options(settings)])
        listed = [f"{main} --out personas-case"]
        listed += [f"{main} {o} --out personas-case" for o in _dates(corpus, settings)]
    if corpus.rejects:
        listed.insert(min(len(listed), MOST - 1), f"narrashift inspect {read} --json")
    return tuple(listed[:MOST])


def _worth(corpus: Corpus, settings: Reading, possible: bool) -> Iterator[str]:
    """Options that would change the analysis most, the weightiest first."""
    yield from _dates(corpus, settings)
    if not possible:
        yield "--profiles DUMP"
    kept = corpus.kept_columns
    if settings.text_from is None and kept is not None:
        for name in SIDE_TEXTS:
            if name in kept.column_names and kept[name].null_count < kept.num_rows:
                yield f"--text-from {name}"


def _dates(corpus: Corpus, settings: Reading) -> Iterator[str]:
    profiles = corpus.profiles
    undated = profiles.filter(pc.is_null(profiles["observed_at"])).num_rows
    if undated and settings.observed_at is None:
        yield "--observed-at TIME"
    guessed = [order for file in corpus.files if (order := order_guessed(file)) is not None]
    if guessed:
        yield f"--date-order {other_order(guessed[0])}"


def reading_options(settings: Reading) -> list[str]:
    """Return the reading settings in effect as every command takes them."""
    plain = Reading()
    pairs = [("--map", entry) for entry in settings.map]
    pairs += [("--keep", name) for name in settings.keep]
    pairs += [("--tie-on", name) for name in settings.tie_on]
    for option, name in (
        ("--text-from", "text_from"),
        ("--observed-at", "observed_at"),
        ("--timezone", "timezone"),
        ("--date-order", "date_order"),
        ("--encoding", "encoding"),
        ("--delimiter", "delimiter"),
    ):
        value = getattr(settings, name)
        if value != getattr(plain, name):
            pairs.append((option, value))
    return [f"{option} {shlex.quote(value)}" for option, value in pairs]
