"""The one call that does everything: `analyze` over DataFrames, `analyze_files` over files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import SettingsError
from corpus.files import file_digest
from corpus.identity import content_id
from corpus.progress import Progress, Silent
from corpus.rejects import Reject
from corpus.settings import Settings
from corpus.tables import REJECTS
from corpus.workspace import Memory, StageResult, Store, Workspace, usable_as_case
from narrashift import __version__
from narrashift.analysis import Analysis
from narrashift.clock import now
from narrashift.engines import engine_named
from narrashift.pipeline import Run, canonical_result
from narrashift.stages import SCOPES, WHOLE, Stage, code_version

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
    progress: Progress | None = None,
) -> Analysis:
    """Analyse files into the case folder `out`; a second call resumes and redoes what changed.

    `scope` is whole, talking_points, narratives or personas: how far to go.

    Raises InputError when a file cannot be read or needs a mapping, SettingsError, PluginError,
    and WorkspaceError when `out` cannot hold a case.
    """
    from corpus.readers import read
    from corpus.removed import with_removed

    chosen, heard = settings or Settings(), progress or Silent()
    files = [*paths, *profiles, *([removed] if removed else [])]
    _all_there(files)
    usable_as_case(out)
    store = Workspace(out).create()

    def source() -> Corpus:
        corpus = read(paths, profiles, settings=chosen.reading, progress=heard)
        return with_removed(corpus, removed) if removed else corpus

    return run_over(
        source,
        key=_read_key(files, len(paths), chosen),
        stages=SCOPES[scope],
        settings=chosen,
        engine=engine,
        store=store,
        progress=heard,
        reveal=reveal,
    )


def _all_there(files: Sequence[Path]) -> None:
    missing = [str(path) for path in files if not path.exists()]
    if missing:
        raise SettingsError(f"no such file: {', '.join(missing)}")


def _read_key(files: Sequence[Path], posts: int, settings: Settings) -> str:
    """Everything that reading depends on: names, contents, roles and settings."""
    named = [f"{path.name}:{file_digest(path)}" for path in files]
    return content_id("read", code_version(), posts, str(asdict(settings.reading)), *named)


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
    run = Run(engine_named(engine), settings, store, progress)
    _read(run, source, key or "frames")
    rejects = [Reject(**row) for row in run.tables["rejects"].to_pylist()]
    run.all(stages)
    manifest = run.manifest(version=__version__, created_at=now().isoformat(), reveal=reveal)
    analysis = Analysis(run.tables, manifest, rejects)
    if isinstance(store, Workspace):
        progress.stage("writing report", None)
        analysis.save(store.folder)
        store.forget(run.done)
    return analysis


def _read(run: Run, source: Source, key: str) -> None:
    import time

    began = time.perf_counter()
    result = run.store.load("read", key)
    resumed = result is not None
    if result is None:
        result = canonical_result(as_result(source()))
        run.store.save("read", key, result)
    run.take("read", key, result, time.perf_counter() - began, resumed)


def as_result(corpus: Corpus) -> StageResult:
    """Turn what was read into a stage result, so that reading resumes like any stage."""
    tables = {
        "posts": corpus.posts,
        "profiles": corpus.profiles,
        "stated_events": corpus.account_events,
        "rejects": REJECTS.from_rows([asdict(reject) for reject in corpus.rejects]),
    }
    if corpus.kept_columns is not None:
        tables["kept_columns"] = corpus.kept_columns
    return StageResult(
        tables, tuple(corpus.notes), {"files": [asdict(report) for report in corpus.files]}
    )
