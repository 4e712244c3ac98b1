"""Further files for a corpus that was read before: the result of reading all of them at once.

In: what earlier files gave, and the paths of new ones. Out: `Corpus` over all of them. The earlier
rows join as if they were one more file: of several copies of a post the same one stays (the choice
depends on content, `corpus.readers.merge`), the others become rejects of the files they stood in,
and where a second platform arrives all ids are written anew. New files are read with the settings
of the earlier ones; a `map` or `keep` entry that served only those need not fit the new ones.

A new file that is called like an earlier one gets its folder in front. It refuses a file that was
read before: its rows would all be repeats, or, without ids, be counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import InputError, SettingsError
from corpus.progress import Progress, Silent
from corpus.readers.columns import check_map_used
from corpus.readers.known_only import known_only
from corpus.readers.load import (
    Corpus,
    FileReport,
    Source,
    account_events,
    all_rejects,
    file_reports,
    kept_columns,
    notes_of,
    open_sources,
    under_platforms,
    understand,
)
from corpus.readers.merge import (
    accounts_of,
    joined_tables,
    merge_posts,
    merge_snapshots,
    named_platforms,
    settled,
    without_platform_ids,
)
from corpus.readers.own_columns import asked_columns
from corpus.readers.parts import FilePart
from corpus.readers.shelf import shelved
from corpus.rejects import Reject, count_reasons
from corpus.settings import Reading
from corpus.tables import ACCOUNT_EVENTS, POSTS, PROFILES, conform


@dataclass(frozen=True)
class Earlier:
    """What was read before.

    `removals` are account events that no file of `files` states (a list of removed accounts).
    `kept_columns` is in the contract's long form, None where there is none.
    """

    posts: pa.Table
    profiles: pa.Table
    removals: pa.Table
    rejects: tuple[Reject, ...]
    files: tuple[FileReport, ...]
    kept_columns: pa.Table | None


def read_later(
    earlier: Earlier,
    paths: Sequence[Path],
    profile_paths: Sequence[Path] = (),
    *,
    settings: Reading,
    more_map: Sequence[str] = (),
    progress: Progress | None = None,
) -> Corpus:
    """Read new files and join them with what was read before.

    `settings` are those of the earlier files; `more_map` are `field=column` entries for the new
    ones, and must fit one of them.

    Raises
    ------
    InputError
        When a file was read before; and as `corpus.readers.read` does.
    """
    with shelved():
        taken = [report.name for report in earlier.files]
        heard = progress or Silent()
        sources = open_sources(paths, profile_paths, heard, taken, settings)
        return _understood(earlier, sources, settings, more_map, heard)


def _understood(
    earlier: Earlier,
    sources: Sequence[Source],
    settings: Reading,
    more_map: Sequence[str],
    heard: Progress,
) -> Corpus:
    _refuse_known(sources, earlier.files)
    reading = _fitting(settings, more_map, sources)
    mappings, parts = understand(sources, reading, heard, further=True)
    parts = known_only(mappings, parts, [_as_part(earlier)])
    return _joined(earlier, sources, parts, file_reports(sources, mappings, parts, ()), settings)


def corpus_again(earlier: Earlier, settings: Reading) -> Corpus:
    """Return what was read before as a corpus, without any further file."""
    return _joined(earlier, [], [], [], settings)


def _refuse_known(sources: Sequence[Source], files: Sequence[FileReport]) -> None:
    known = {report.sha256: report.name for report in files}
    for source in sources:
        if source.sha256 in known:
            raise InputError(
                f"{source.name} is in the case already, as {known[source.sha256]}: leave it out"
            )


def _fitting(settings: Reading, more_map: Sequence[str], sources: Sequence[Source]) -> Reading:
    """Settings for the new files: of the earlier entries those that fit, and all new ones."""
    seen = list(dict.fromkeys(name for s in sources for name in s.rows.table.column_names))
    usable = [entry for entry in settings.map if _is_used(entry, seen)]
    return replace(settings, map=(*usable, *more_map))


def _is_used(entry: str, seen: Sequence[str]) -> bool:
    try:
        check_map_used([entry], seen)
    except SettingsError:
        return False
    return True


def _joined(
    earlier: Earlier,
    sources: Sequence[Source],
    parts: Sequence[FilePart],
    reports: Sequence[FileReport],
    settings: Reading,
) -> Corpus:
    everything = [_as_part(earlier), *parts]
    posts, copies, stay = merge_posts(everything)
    snapshots = joined_tables([part.snapshots for part in everything], PROFILES)
    posts, snapshots, platform_notes = under_platforms(posts, snapshots)
    profiles = merge_snapshots(snapshots)
    rejects = [*earlier.rejects, *all_rejects(sources, parts, copies)]
    files = [_recounted(report, rejects) for report in (*earlier.files, *reports)]
    files.sort(key=lambda report: report.name)
    events, vanished = account_events(profiles, posts, files)
    return Corpus(
        conform(posts, POSTS),
        profiles,
        _with_removals(events, _renamed_removals(earlier, posts, profiles)),
        tuple(sorted(rejects)),
        tuple(files),
        kept_columns(everything, asked_columns(settings), posts, stay),
        (*notes_of(files), *platform_notes, *vanished),
    )


def _as_part(earlier: Earlier) -> FilePart:
    posts, snapshots = earlier.posts, earlier.profiles
    carried = _wide(earlier)
    if len(named_platforms([posts, snapshots])) > 1:
        posts, snapshots = without_platform_ids(posts, snapshots)
    return FilePart(posts, snapshots, [], carried)


def _wide(earlier: Earlier) -> pa.Table | None:
    """One column for each kept name, in the order of the posts; None where nothing was kept."""
    held = earlier.kept_columns
    if held is None:
        return None
    columns = {}
    for name in sorted(pc.unique(held.column("column")).to_pylist()):
        rows = held.filter(pc.equal(held.column("column"), name))
        places = pc.index_in(earlier.posts.column("post_id"), value_set=rows.column("post_id"))
        columns[name] = rows.column("value").take(places)
    return pa.table(columns) if columns else None


def _recounted(report: FileReport, rejects: Sequence[Reject]) -> FileReport:
    """The report of a file with the rows that it lost, among them to another file's copies."""
    reasons = count_reasons(reject for reject in rejects if reject.file == report.name)
    kept = report.rows_read - sum(reasons.values())
    return replace(report, rows_kept=kept, rejected=reasons)


def _renamed_removals(earlier: Earlier, posts: pa.Table, profiles: pa.Table) -> pa.Table:
    """The removals, under the account ids of now, where a second platform changed them."""
    before = named_platforms([earlier.posts, earlier.profiles])
    removals = conform(earlier.removals, ACCOUNT_EVENTS)
    if len(before) > 1 or len(named_platforms([posts, profiles])) < 2:
        return removals
    ids = removals.column("account_id")
    now, _ = settled(ids, accounts_of(posts, profiles), before)
    return removals.set_column(0, removals.schema.field(0), pc.coalesce(now, ids))


def _with_removals(stated: pa.Table, removals: pa.Table) -> pa.Table:
    return conform(pa.concat_tables([stated, removals]), ACCOUNT_EVENTS)


def report_from(record: Mapping[str, Any]) -> FileReport:
    """Return a file report as a manifest holds it."""
    lists = {name: tuple(record[name]) for name in ("unmapped", "notes")}
    mapping = {name: tuple(found) for name, found in record["mapping"].items()}
    looks = tuple((str(what), str(taken)) for what, taken in record.get("looks", ()))
    return FileReport(**{**record, **lists, "mapping": mapping, "looks": looks})


def renamed_posts(before: pa.Table, after: pa.Table) -> dict[str, str]:
    """Return the post ids that changed, because a second platform arrived that has them too."""
    ids = before.column("post_id")
    gone = pc.invert(pc.is_in(ids, value_set=after.column("post_id")))
    if not pc.any(gone).as_py():
        return {}
    bare, platforms = _bare_ids(before)
    now = dict(zip(zip(*_bare_ids(after), strict=True), after["post_id"].to_pylist(), strict=True))
    new = [now[key] for key in zip(bare, platforms, strict=True)]
    return {old: name for old, name in zip(ids.to_pylist(), new, strict=True) if old != name}


def _bare_ids(posts: pa.Table) -> tuple[list[str], list[str]]:
    if len(named_platforms([posts])) > 1:
        posts, _ = without_platform_ids(posts, PROFILES.empty())
    return posts.column("post_id").to_pylist(), posts.column("platform").to_pylist()
