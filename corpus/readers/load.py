"""Files in, one corpus out: choose a reader, map columns, normalize, merge, account for every row.

In: paths of posts and of profiles, and the reading settings. Out: `Corpus`. Files are taken in the
order of their names, so that the order on the command line changes nothing. It raises for a file
that cannot be understood at all; single rows never stop it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pyarrow as pa

from corpus.errors import EmptyCorpus, PluginError, UnknownFormat
from corpus.progress import Progress, Silent
from corpus.readers import (
    bluesky,
    mastodon,
    memory_lol,
    telegram,
    telethon,
    x_v1,
    x_v2,
    youtube,
    zeeschuimer,
)
from corpus.readers.between_dumps import not_in_later_files
from corpus.readers.columnar import Columnar
from corpus.readers.columns import PROFILES_ROLE, Mapping, check_map_used, map_columns
from corpus.readers.delimited import Delimited
from corpus.readers.files import refuse_binary, sha256
from corpus.readers.histories import Histories
from corpus.readers.inputs import Input, inputs_of
from corpus.readers.json_rows import JsonRows
from corpus.readers.known_only import is_guarded, known_only
from corpus.readers.merge import (
    joined_tables,
    merge_posts,
    merge_snapshots,
    named_platforms,
    stated_events,
    with_platform_ids,
)
from corpus.readers.own_columns import asked_columns, check_asked, joined_columns
from corpus.readers.parts import FilePart, read_part
from corpus.readers.positional import Positional
from corpus.readers.rows import Reader, Rows
from corpus.readers.shelf import shelved
from corpus.readers.workbook import Workbook, is_workbook
from corpus.rejects import Reject, count_reasons, reject_share
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS, POSTS, PROFILES, conform

BUILT_IN: tuple[Reader, ...] = (
    Columnar(),
    Workbook(),
    Histories(),
    *(module.reader() for module in (bluesky, mastodon, telegram, x_v1, x_v2, zeeschuimer)),
    *(module.reader() for module in (memory_lol, telethon, youtube)),
    JsonRows(),
    Positional(),
    Delimited(),
)
PLUGIN_GROUP = "narrashift.readers"


@dataclass(frozen=True)
class FileReport:
    """What became of one file; rows_read = rows_kept + the sum of `rejected`."""

    name: str
    sha256: str
    format: str
    preset: str | None
    role: str
    rows_read: int
    rows_kept: int
    rejected: dict[str, int]
    mapping: dict[str, tuple[str, ...]]
    unmapped: tuple[str, ...]
    precision: str
    basis: str | None
    notes: tuple[str, ...]
    looks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Everything that was read: posts, profiles and account_events keep their table contracts.

    `kept_columns` has post_id and the analyst's own columns as text; None where there is none.
    `notes` are sentences on what could not be known or had to be guessed.
    """

    posts: pa.Table
    profiles: pa.Table
    account_events: pa.Table
    rejects: tuple[Reject, ...]
    files: tuple[FileReport, ...]
    kept_columns: pa.Table | None
    notes: tuple[str, ...]

    @property
    def reject_share(self) -> float:
        """Share of rejected rows that counts toward `max_reject`, 0..1."""
        read = sum(file.rows_read for file in self.files)
        return reject_share(read, count_reasons(self.rejects))


@dataclass(frozen=True)
class Source:
    """Rows of one file or frame with what is known about where they came from."""

    name: str
    sha256: str
    rows: Rows
    role: str | None = None


def read(
    paths: Sequence[Path],
    profile_paths: Sequence[Path] = (),
    *,
    settings: Reading | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read files of posts (or profiles; the columns tell) and, in `profile_paths`, of profiles.

    Raises
    ------
    UnknownFormat
        A file has no known format, or its columns could not be understood.
    EmptyCorpus
        A file is empty, or every row of all files was rejected.
    SettingsError
        A `map` or `keep` entry fits no file, or the time zone does not exist.
    """
    corpus = read_any(paths, profile_paths, settings=settings, progress=progress)
    refuse_nothing(corpus)
    return corpus


def read_any(
    paths: Sequence[Path],
    profile_paths: Sequence[Path] = (),
    *,
    settings: Reading | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """As `read`, but a corpus of rejects alone is returned, not raised (for `inspect`)."""
    progress = progress or Silent()
    reading = settings or Reading()
    with shelved():
        sources = open_sources(paths, profile_paths, progress, settings=reading)
        return assemble(sources, reading, progress)


def open_sources(
    paths: Sequence[Path],
    profile_paths: Sequence[Path],
    progress: Progress,
    taken: Collection[str] = (),
    settings: Reading | None = None,
) -> list[Source]:
    """Read the rows of files, in the order of their names; `taken` are names in use elsewhere."""
    profiles = {one.path for one in inputs_of(profile_paths)}
    found = inputs_of([*paths, *profile_paths], taken)
    progress.stage("reading", len(found))
    sources = []
    for one in found:
        role = PROFILES_ROLE if one.path in profiles else None
        sources.append(open_source(one, role, settings or Reading()))
        progress.advance()
    return sources


def refuse_nothing(corpus: Corpus) -> None:
    """Raise EmptyCorpus when neither posts nor profiles are left; the sentence says why.

    It names the place of the first rejected row, and quotes nothing that stood there.
    """
    if corpus.posts.num_rows or corpus.profiles.num_rows:
        return
    read_rows = sum(file.rows_read for file in corpus.files)
    names = ", ".join(file.name for file in corpus.files) or "no file given"
    if not read_rows:
        raise EmptyCorpus(f"{names}: no rows below the header; expected posts or profiles")
    reasons = "; ".join(f"{n:,} x {why}" for why, n in count_reasons(corpus.rejects).items())
    first = min(corpus.rejects)
    raise EmptyCorpus(
        f"{names}: none of {read_rows:,} rows could be used ({reasons}); the first: row "
        f"{first.row} of {first.file}, {first.reason}; look at the columns with: narrashift "
        "inspect FILE"
    )


def assemble(sources: Sequence[Source], settings: Reading, progress: Progress) -> Corpus:
    """Map, normalize and merge what the readers gave. Raises as `read` does, except EmptyCorpus."""
    mappings, parts = understand(sources, settings, progress)
    return _merge(sources, mappings, known_only(mappings, parts), settings)


def understand(
    sources: Sequence[Source], settings: Reading, progress: Progress, *, further: bool = False
) -> tuple[list[Mapping], list[FilePart]]:
    """Return what the columns of each source mean, and its posts and snapshots.

    `further` files need not have the columns that were asked for: earlier ones had them.
    """
    seen = [name for source in sources for name in source.rows.table.column_names]
    check_map_used(settings.map, list(dict.fromkeys(seen)))
    mappings = [mapping_of(source, settings) for source in sources]
    if not further:
        check_asked(settings, seen, [name for mapping in mappings for name in mapping.columns])
    parts = []
    progress.stage("understanding rows", sum(source.rows.table.num_rows for source in sources))
    for source, mapping in zip(sources, mappings, strict=True):
        parts.append(read_part(source.rows, mapping, source.name, settings))
        progress.advance(source.rows.table.num_rows)
    return mappings, parts


def mapping_of(source: Source, settings: Reading) -> Mapping:
    """What the columns of a file mean. Raises UnknownFormat where that cannot be told."""
    names = source.rows.table.column_names
    if not names and source.rows.rejects:
        return Mapping(source.role or "posts", {"text": ()})
    role = source.role
    if source.rows.format == "profile_histories":
        role = PROFILES_ROLE
    frame = source.rows.format == "dataframe"
    kind = source.rows.format
    return map_columns(names, settings.map, file=source.name, role=role, frame=frame, format=kind)


def _merge(
    sources: Sequence[Source],
    mappings: Sequence[Mapping],
    parts: Sequence[FilePart],
    settings: Reading,
) -> Corpus:
    if not parts:
        raise EmptyCorpus("no file given; expected at least one file of posts or profiles")
    posts, copies, stay = merge_posts(parts)
    snapshots = joined_tables([part.snapshots for part in parts], PROFILES)
    posts, snapshots, platform_notes = under_platforms(posts, snapshots)
    profiles = merge_snapshots(snapshots)
    rejects = all_rejects(sources, parts, copies)
    reports = file_reports(sources, mappings, parts, rejects)
    events, vanished = account_events(profiles, posts, reports)
    return Corpus(
        conform(posts, POSTS),
        profiles,
        events,
        tuple(sorted(rejects)),
        tuple(reports),
        kept_columns(parts, asked_columns(settings), posts, stay),
        (*notes_of(reports), *platform_notes, *vanished),
    )


def account_events(
    profiles: pa.Table, posts: pa.Table, reports: Sequence[FileReport]
) -> tuple[pa.Table, tuple[str, ...]]:
    """What the sources say of accounts, and which a later file of them lacks; with notes."""
    # A list that was read for some accounts only says nothing by leaving one out.
    alone = [
        report.name
        for report in reports
        if report.role == PROFILES_ROLE and not is_guarded(report.preset)
    ]
    missing, notes = not_in_later_files(profiles, posts, alone)
    return conform(pa.concat_tables([stated_events(profiles), missing]), ACCOUNT_EVENTS), notes


def under_platforms(
    posts: pa.Table, snapshots: pa.Table
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Where there are several platforms, write ids as platform:id and say so."""
    platforms = named_platforms([posts, snapshots])
    if len(platforms) < 2:
        return posts, snapshots, ()
    note = f"{len(platforms)} platforms: account ids read platform:id"
    posts, snapshots, more = with_platform_ids(posts, snapshots)
    return posts, snapshots, (note, *more)


def all_rejects(
    sources: Sequence[Source], parts: Sequence[FilePart], copies: Sequence[Reject]
) -> list[Reject]:
    """Rows that could not be parsed, could not be used, or repeat a post."""
    rejects = [reject for source in sources for reject in source.rows.rejects]
    rejects += [reject for part in parts for reject in part.rejects]
    return [*rejects, *copies]


def file_reports(
    sources: Sequence[Source],
    mappings: Sequence[Mapping],
    parts: Sequence[FilePart],
    rejects: Sequence[Reject],
) -> list[FileReport]:
    """Return what became of each file."""
    return [
        _report(source, mapping, part, rejects)
        for source, mapping, part in zip(sources, mappings, parts, strict=True)
    ]


def kept_columns(
    parts: Sequence[FilePart], asked: Sequence[str], posts: pa.Table, stay: Any
) -> pa.Table | None:
    """The analyst's own columns of the posts that stayed, under their post_id."""
    columns = joined_columns([(part.posts.num_rows, part.carried) for part in parts], asked)
    if columns is None:
        return None
    return columns.filter(pa.array(stay)).add_column(0, "post_id", posts.column("post_id"))


def notes_of(reports: Sequence[FileReport]) -> list[str]:
    """Each sentence once, with the files that it is about."""
    about: dict[str, list[str]] = {}
    for report in reports:
        for note in report.notes:
            about.setdefault(note, []).append(report.name)
    return [f"{', '.join(dict.fromkeys(names))}: {note}" for note, names in about.items()]


def _report(
    source: Source, mapping: Mapping, part: FilePart, rejects: Sequence[Reject]
) -> FileReport:
    reasons = count_reasons(reject for reject in rejects if reject.file == source.name)
    kept = source.rows.rows_read - sum(reasons.values())
    return FileReport(
        name=source.name,
        sha256=source.sha256,
        format=source.rows.format,
        preset=mapping.preset.name if mapping.preset else None,
        role=mapping.role,
        rows_read=source.rows.rows_read,
        rows_kept=kept,
        rejected=reasons,
        mapping={name: found for name, found in mapping.columns.items() if found},
        unmapped=mapping.unmapped,
        precision=part.precision,
        basis=part.basis,
        notes=(
            *(mapping.preset.sentences if mapping.preset else ()),
            *source.rows.notes,
            *mapping.guesses,
            *part.notes,
        ),
        looks=source.rows.looks,
    )


def open_source(one: Input, role: str | None, settings: Reading) -> Source:
    """Read one file with the reader that is surest of it. Raises as `read` does."""
    if not is_workbook(one.path):
        refuse_binary(one.path)
    scored = [(reader.sniff(one.path), -place, reader) for place, reader in enumerate(readers())]
    score, _, reader = max(scored, key=lambda item: item[:2])
    if score <= 0:
        raise UnknownFormat(f"{one.name}: no reader knows this file; expected CSV, JSON or Parquet")
    if isinstance(reader, Delimited):
        reader = replace(reader, encoding=settings.encoding, delimiter=settings.delimiter)
    rows = reader.rows(one.path, one.name)
    return Source(one.name, sha256(one.path), replace(rows, notes=(*rows.notes, *one.notes)), role)


def readers() -> tuple[Reader, ...]:
    """The built-in readers and those of installed plug-ins (entry points `narrashift.readers`).

    Raises
    ------
    PluginError
        When a plug-in fails to load; the sentence names its distribution.
    """
    found: list[Reader] = []
    for entry in sorted(entry_points(group=PLUGIN_GROUP), key=lambda entry: entry.name):
        if entry.module.startswith(f"{__package__}."):
            continue
        try:
            found.append(entry.load()())
        except Exception as error:  # whatever a plug-in raises, its name is what helps
            owner = entry.dist.name if entry.dist else "an unknown distribution"
            raise PluginError(
                f"reader {entry.name!r} of {owner} failed to load: {error}"
            ) from error
    return (*BUILT_IN, *found)
