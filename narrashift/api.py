"""The one call that does everything: `analyze` over DataFrames, `analyze_files` over files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from corpus.files import file_digest
from corpus.identity import content_id
from corpus.locks import only_writer
from corpus.manifest import Manifest
from corpus.progress import Progress, Silent
from corpus.readers.inputs import covers, files_under
from corpus.rejects import Reject
from corpus.settings import Settings
from corpus.tables import KEPT_COLUMNS, REJECTS, conform
from corpus.workspace import Memory, StageResult, Store, Workspace, usable_as_case
from narrashift import __version__
from narrashift.analysis import Analysis
from narrashift.clock import now
from narrashift.engines import engine_named
from narrashift.pipeline import Run
from narrashift.stages import SCOPES, WHOLE, Stage, code_version
from narrashift.stages.named import NAMED
from narrashift.stages.narratives import NARRATIVES
from nlp.embed import embedder
from nlp.pipelines import refuse_missing

if TYPE_CHECKING:
    from corpus.readers import Corpus

Source = Callable[[], "Corpus"]


def analyze(
    posts: Any,
    profiles: Any = None,
    settings: Settings | None = None,
    *,
    engine: str = "local",
    progress: Progress | None = None,
) -> Analysis:
    """Analyse posts (and profile snapshots) that are already in memory.

    Parameters
    ----------
    posts
        DataFrame (pandas, polars or Arrow) with at least a text column; post_id, account_id,
        created_at and the rest of the posts contract are used when they are there.
    profiles
        DataFrame of profile snapshots with account_id and observed_at, or None.
    settings
        See `Settings`; defaults are safe, deterministic and offline.
    engine
        "local".
    progress
        A `Progress`; None stays silent.

    Returns
    -------
    Analysis
        Tables, manifest and rejected rows.

    Raises
    ------
    InputError, SettingsError, PluginError
        See `corpus.errors`.
    """
    from corpus.frames import read_frames

    chosen = settings or Settings()
    return run_over(
        lambda: read_frames(posts, profiles, settings=chosen.reading),
        key=None,
        stages=WHOLE,
        settings=chosen,
        engine=engine,
        store=Memory(),
        progress=progress or Silent(),
    )


def analyze_files(
    paths: Sequence[Path],
    profiles: Sequence[Path] = (),
    *,
    out: Path,
    settings: Settings | None = None,
    removed: Path | None = None,
    engine: str = "local",
    reveal: bool = False,
    scope: str = "whole",
    replace: bool = False,
    progress: Progress | None = None,
) -> Analysis:
    """Analyse files into the case folder `out`; a second call resumes and redoes what changed.

    `scope` is whole, talking_points, narratives or personas: how far to go. A case made from
    further files is left alone unless `replace`: they would silently drop out of it.

    Raises InputError when a file cannot be read or needs a mapping, SettingsError, PluginError,
    and WorkspaceError when `out` cannot hold a case, or another process keeps working on it.
    """
    from corpus.readers import read
    from corpus.removed import with_removed
    from narrashift.labelling import with_case_labels

    chosen, heard = settings or Settings(), progress or Silent()
    files = [*paths, *profiles, *([removed] if removed else [])]
    all_there(files)
    for path in files:
        files_under(path)  # an empty folder is said before a case is made
    usable_as_case(out)
    with only_writer(out, heard.notice):
        if not replace:
            _refuse_to_drop(out, files)
        store = Workspace(out).create()
        chosen = with_case_labels(chosen, out)

        def source() -> Corpus:
            corpus = read(paths, profiles, settings=chosen.reading, progress=heard)
            if removed:
                corpus = with_removed(corpus, removed, chosen.reading)
            return still_purged(corpus, out)

        return run_over(
            source,
            key=_read_key(files, (len(paths), len(profiles)), chosen, out),
            stages=SCOPES[scope],
            settings=chosen,
            engine=engine,
            store=store,
            progress=heard,
            reveal=reveal,
        )


def _refuse_to_drop(out: Path, files: Sequence[Path]) -> None:
    """Raise SettingsError when the case holds files that are not among `files`, by name."""
    if not (out / "manifest.json").exists():
        return
    held = [str(report["name"]) for report in Manifest.read(out).files]
    dropped = sorted(name for name in held if not covers(files, name))
    if dropped:
        raise SettingsError(
            f"{out} was made from {', '.join(dropped)} too, which this run would drop; name them as"
            " well, choose another --out, or say --replace"
        )


def all_there(files: Sequence[Path]) -> None:
    """Raise SettingsError when a file does not exist or may not be read."""
    missing = [str(path) for path in files if not path.exists()]
    problems = [f"no such file: {', '.join(missing)}"] if missing else []
    for path in files:
        try:
            if path.is_file():
                path.open("rb").close()
        except OSError as error:
            problems.append(f"{path} cannot be read: {(error.strerror or str(error)).lower()}")
    if problems:
        raise SettingsError(problems)


def _read_key(files: Sequence[Path], roles: tuple[int, int], settings: Settings, case: Path) -> str:
    """Everything that reading depends on: names, contents, roles, settings, who was purged."""
    reading = str(asdict(settings.reading))
    return content_id(
        "read", code_version(), *roles, reading, *named_digests(files), *tombstone_key(case)
    )


def still_purged(corpus: Corpus, case: Path) -> Corpus:
    """Return `corpus` without the accounts that were purged from the case that it is for."""
    from corpus.purged import has_tombstones, read_tombstones, without_purged
    from reports.keys import load_key

    if not has_tombstones(case):
        return corpus
    return without_purged(corpus, read_tombstones(case, load_key(os.environ, case=case)))


def tombstone_key(case: Path) -> list[str]:
    """What says who was purged from a case; empty where nobody was."""
    from corpus.purged import FILE

    return [file_digest(case / FILE)] if (case / FILE).exists() else []


def named_digests(paths: Sequence[Path]) -> list[str]:
    """The name and content of every file that `paths` stand for; an archive counts as one."""
    found = [file for path in paths for file in files_under(path)]
    return [f"{name}:{file_digest(path)}" for name, path in found]


def run_over(
    source: Source,
    *,
    key: str | None,
    stages: Sequence[Stage],
    settings: Settings,
    engine: str,
    store: Store,
    progress: Progress,
    reveal: bool = False,
) -> Analysis:
    """Read (or resume reading), run the stages, and publish when the store is a case folder."""
    refuse_missing(settings.names.spacy_model if NAMED in stages else ())
    if NARRATIVES in stages:
        embedder(settings.narratives.embedder)  # raises now rather than after the reading
    run = Run(engine_named(engine), settings, store, progress)
    read_into(run, source, key or "frames")
    rejects = [Reject(**row) for row in run.tables["rejects"].to_pylist()]
    run.all(stages)
    manifest = run.manifest(version=__version__, created_at=now().isoformat(), reveal=reveal)
    analysis = Analysis(run.tables, manifest, rejects)
    if isinstance(store, Workspace):
        progress.stage("writing report", None)
        analysis.save(store.folder)
        store.forget(run.done)
    return analysis


def read_into(run: Run, source: Source, key: str) -> None:
    """Start `run` with what `source` gives, or with what its store holds under `key`."""
    run.resume_or("read", key, lambda: as_result(source()))


def as_result(corpus: Corpus) -> StageResult:
    """Turn what was read into a stage result, so that reading resumes like any stage."""
    tables = {
        "posts": corpus.posts,
        "profiles": corpus.profiles,
        "stated_events": corpus.account_events,
        "rejects": REJECTS.from_rows([asdict(reject) for reject in corpus.rejects]),
    }
    if corpus.kept_columns is not None:
        tables["kept_columns"] = _one_row_a_value(corpus.kept_columns)
    return StageResult(
        tables, tuple(corpus.notes), {"files": [asdict(report) for report in corpus.files]}
    )


def _one_row_a_value(wide: pa.Table) -> pa.Table:
    """Kept columns as the contract has them: post_id, column, value; a post that has none, no row.

    A name whose values are all null stays away with them.
    """
    parts = []
    for name in wide.column_names[1:]:
        rows = wide.filter(pc.is_valid(wide.column(name)))
        names = pa.array([name] * rows.num_rows, pa.string())
        columns = {"post_id": rows["post_id"], "column": names, "value": rows[name]}
        parts.append(conform(pa.table(columns), KEPT_COLUMNS))
    return pa.concat_tables(parts)
