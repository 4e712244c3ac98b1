"""Further files for an existing case: what one run over everything would give, without that run.

In: a case folder and new files of posts or profiles. Out: the case over all of them. New posts
alone are normalized; talking points come from an index that the case keeps in its work folder (it
is built when it is not there); personas, shifts, timelines and findings are made anew from all
rows. Of all these the result is that of `analyze` over all files, ids included. Narratives keep
what was found: new talking points join one or wait (`clustering.later_points`) until `analyze` runs
over all files, and a note says how many wait.

Nothing is published before everything is made: an interrupted `add` leaves the case as it was, and
the same command goes on where it stopped.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError, WorkspaceError
from corpus.files import file_digest
from corpus.identity import content_id
from corpus.locks import only_writer
from corpus.manifest import Manifest, Note
from corpus.progress import Progress, Silent
from corpus.rejects import Reject, read_rejects
from corpus.settings import Reading, Settings
from corpus.tables import ACCOUNT_EVENTS
from corpus.workspace import StageResult, Workspace, read_parquet
from engines.engine import Engine
from narrashift import __version__
from narrashift.analysis import Analysis, flat
from narrashift.api import (
    all_there,
    named_digests,
    read_into,
    still_purged,
    tombstone_key,
)
from narrashift.clock import now
from narrashift.engines import engine_named
from narrashift.labelling import with_case_labels
from narrashift.pipeline import Run
from narrashift.stages import SCOPES, WHOLE, Stage, Tables, code_version

if TYPE_CHECKING:
    from clustering.index import NearDuplicateIndex
    from clustering.later_points import NarrativeModel
    from corpus.readers.later import Earlier

LOG = logging.getLogger(__name__)
INDEX, MODEL = "near_duplicate_index", "narrative_model"


def add_files(
    case: str | Path,
    paths: Sequence[Path],
    profiles: Sequence[Path] = (),
    *,
    more_map: Sequence[str] = (),
    observed_at: str | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """Add files of posts and of profiles to a finished case; return the analysis of all of it.

    Parameters
    ----------
    case
        Folder of a finished case.
    paths
        Files of posts, or of profiles where the columns tell.
    profiles
        Files of profile snapshots.
    more_map
        `field=column` for the new files; the case's other settings stay as they are.
    observed_at
        ISO time of the new files' undated profiles; None: as the case's files were read.
    progress
        A `Progress`; None stays silent.

    Raises
    ------
    InputError
        When a file cannot be read or is in the case already.
    SettingsError
        When no file is named or one is not there.
    WorkspaceError
        When `case` is no finished case, another `add` was interrupted while it published,
        or another process keeps working on the case.
    """
    files = [*paths, *profiles]
    if not files:
        raise SettingsError("no file to add; name files of posts, or profiles with --profiles")
    all_there(files)
    folder, heard = Path(case), progress or Silent()
    Manifest.read(folder)
    with only_writer(folder, heard.notice):
        before = Before(folder, Manifest.read(folder), tuple(more_map), _time(observed_at))
        run = Run(engine_named(before.manifest.engine), before.settings, before.store, heard)
        source_key = before.key(files, len(paths))
        read_into(run, lambda: before.with_files(paths, profiles, heard), source_key)
        run.all([_adding(stage, before) for stage in before.stages])
        return _published(run, before)


def _time(observed_at: str | None) -> str | None:
    if observed_at is not None:
        Settings.load(overrides={"reading.observed_at": observed_at})  # refuses what is no time
    return observed_at


@dataclass(frozen=True)
class Before:
    """The case as it was; its tables are read when a stage first needs one."""

    folder: Path
    manifest: Manifest
    more_map: tuple[str, ...] = ()
    observed_at: str | None = None

    @cached_property
    def store(self) -> Workspace:
        """The case folder."""
        return Workspace(self.folder).create()

    @cached_property
    def settings(self) -> Settings:
        """The settings of the case, with the new `field=column` entries."""
        settings = Settings.load(overrides=flat(self.manifest.settings))
        entries = tuple(dict.fromkeys((*settings.reading.map, *self.more_map)))
        settings = with_case_labels(settings, self.folder)
        return replace(settings, reading=replace(settings.reading, map=entries))

    @cached_property
    def made(self) -> frozenset[str]:
        """Names of the stages that made the case."""
        return frozenset(stage.name for stage in self.manifest.stages) - {"read"}

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the case's scope; all of them where no scope has just these."""
        same = [found for found in SCOPES.values() if {stage.name for stage in found} == self.made]
        return same[0] if same else WHOLE

    def key(self, files: Sequence[Path], posts: int) -> str:
        """Everything that this addition depends on."""
        return content_id(
            "add",
            code_version(),
            json.dumps([dict(self.manifest.tables), self.settings.to_dict()], sort_keys=True),
            posts,
            self.observed_at,
            *named_digests(files),
            *tombstone_key(self.folder),
        )

    def table(self, name: str, *, checked: bool = True) -> pa.Table:
        """A published table; raise WorkspaceError when it is not the one the manifest names."""
        path = self.store.tables / f"{name}.parquet"
        if not checked:
            return read_parquet(path)
        if not path.exists() or file_digest(path) != self.manifest.tables.get(name):
            raise WorkspaceError(
                f"{path} is not the table that the case's manifest names, as after an `add` that"
                " was interrupted while it published: run that one again, or analyze all files"
            )
        return read_parquet(path)

    def with_files(self, paths: Sequence[Path], profiles: Sequence[Path], heard: Progress) -> Any:
        """Read new files into the corpus of the case; who was purged stays out."""
        from corpus.readers.later import read_later

        corpus = read_later(
            self.earlier(),
            paths,
            profiles,
            settings=replace(
                self.reading, observed_at=self.observed_at or self.reading.observed_at
            ),
            more_map=self.more_map,
            progress=heard,
        )
        return still_purged(corpus, self.folder)

    @property
    def reading(self) -> Reading:
        """How the case's files were read."""
        return Settings.load(overrides=flat(self.manifest.settings)).reading

    def earlier(self, *, checked: bool = True) -> Earlier:
        """What the case's files gave; unless `checked`, whatever run wrote the tables."""
        from corpus.readers.later import Earlier, report_from
        from corpus.removed import ROLE

        files = tuple(report_from(report) for report in self.manifest.files)
        kept = self.manifest.tables.get("kept_columns")
        return Earlier(
            posts=self.table("posts", checked=checked),
            profiles=self.table("profiles", checked=checked),
            removals=self._removals(
                {report.name for report in files if report.role != ROLE}, checked=checked
            ),
            rejects=read_rejects(self.folder / "rejects.jsonl"),
            files=files,
            kept_columns=self.table("kept_columns", checked=checked) if kept else None,
        )

    def _removals(self, files: set[str], *, checked: bool) -> pa.Table:
        """Events that no file of posts or profiles states: those of a list of removed accounts.

        They are about accounts that the case held when the list was read.
        """
        if "account_events" not in self.manifest.tables:
            return ACCOUNT_EVENTS.empty()
        events = self.table("account_events", checked=checked)
        source = events.column("source_file")
        listed = pc.invert(pc.is_in(source, value_set=pa.array(sorted(files), pa.string())))
        return events.filter(pc.and_(pc.is_valid(source), listed))

    @cached_property
    def model_key(self) -> str:
        """Names the narratives that later points are compared with."""
        known = self.manifest.facts.get(MODEL)
        parts = [self.manifest.tables.get(name) for name in ("narrative_points", "vectors")]
        return str(known) if known else content_id(MODEL, *parts)

    @cached_property
    def index_folder(self) -> Path:
        """Where the index of the case's texts lies."""
        return self.store.stage_folder(INDEX, self.index_key)

    @property
    def index_key(self) -> str:
        """Names the settings of the index; what it holds is compared when it is used."""
        points = self.settings.talking_points
        return content_id(INDEX, str(points.threshold), points.shingle)


def _adding(stage: Stage, before: Before) -> Stage:
    """The stage as an addition runs it; most run as ever, over all rows."""
    own: dict[str, Callable[..., StageResult]] = {
        "texts": _texts,
        "talking_points": _talking_points,
        "narratives": _narratives,
    }
    if stage.name not in own or stage.name not in before.made:
        return stage
    run = own[stage.name]

    def over(
        engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
    ) -> StageResult:
        return run(before, engine, tables, settings, progress)

    return replace(stage, run=over)


def _texts(
    before: Before, engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    """Normalize the posts that the case did not hold, or held with another text."""
    from nlp.normalize import Normalize

    posts = tables["posts"]
    known = _known(posts, before.table("posts"))
    if before.manifest.code != code_version():  # another version may normalize otherwise
        known = pa.chunked_array([pa.repeat(False, posts.num_rows)])
    new = posts.filter(pc.invert(known))
    progress.stage("normalizing new texts", new.num_rows)
    made = engine.collect(engine.map(engine.scan(new), Normalize()))
    old = before.table("texts")
    held = pc.is_in(old.column("post_id"), value_set=posts.filter(known).column("post_id"))
    return StageResult({"texts": pa.concat_tables([old.filter(held), made])})


def _known(posts: pa.Table, earlier: pa.Table) -> pa.ChunkedArray:
    """Which posts stand in `earlier` with the same text and stated language."""
    places = pc.index_in(posts.column("post_id"), value_set=earlier.column("post_id"))
    same = pc.is_valid(places)
    for name in ("text", "lang"):
        a = pc.fill_null(posts.column(name), "\0")
        b = pc.fill_null(earlier.column(name).take(places), "\0")
        same = pc.and_(same, pc.equal(a, b))
    return same


def _talking_points(
    before: Before, engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    """Group all posts, with the pairs of the case's index."""
    from clustering.index_pairs import pairs_from
    from clustering.talking_points import find_talking_points

    index = _index(before, settings)
    found = find_talking_points(
        engine,
        tables["posts"],
        tables["texts"],
        settings=settings.talking_points,
        progress=progress,
        pairs_of=lambda units: pairs_from(index, units),
    )
    index.save(before.index_folder)
    return StageResult(
        {
            "pairs": found.pairs,
            "point_posts": found.point_posts,
            "talking_points": found.talking_points,
        }
    )


def _index(before: Before, settings: Settings) -> NearDuplicateIndex:
    """The index that the last addition left, else an empty one."""
    from clustering.index import NearDuplicateIndex

    if before.index_folder.exists():
        try:
            return NearDuplicateIndex.load(before.index_folder)
        except WorkspaceError as error:
            LOG.info("the index of the case is built again: %s", error)
            shutil.rmtree(before.index_folder, ignore_errors=True)
    return NearDuplicateIndex(settings.talking_points.threshold, settings.talking_points.shingle)


def _narratives(
    before: Before, engine: Engine[Any], tables: Tables, settings: Settings, progress: Progress
) -> StageResult:
    """Keep the narratives; let new talking points join or wait."""
    from clustering.later_points import join_later, vectors_now
    from corpus.readers.later import renamed_posts

    progress.stage("joining narratives", tables["talking_points"].num_rows)
    names = ("posts", "point_posts", "talking_points", "narrative_points", "narratives", "vectors")
    held = {name: before.table(name) for name in names}
    model = _model(before, {**held, "texts": before.table("texts")})
    new_ids = renamed_posts(held["posts"], tables["posts"])
    held["point_posts"] = _renamed(held["point_posts"], "post_id", new_ids)
    held["narratives"] = _renamed(held["narratives"], "medoid_post_id", new_ids)
    later = join_later(
        engine, model, held, tables, settings=settings.narratives, seed=settings.seed
    )
    notes = [note.sentence for note in before.manifest.notes if note.stage == "narratives"]
    return StageResult(
        {
            "vectors": vectors_now(_renamed(held["vectors"], "post_id", new_ids), tables),
            "narrative_points": later.narrative_points,
            "narratives": later.narratives,
        },
        tuple(notes),
        {
            "embedders": before.manifest.facts.get("embedders", {}),
            MODEL: before.model_key,
            "waiting": {"points": later.waiting, "notes": list(later.notes)},
        },
    )


def _model(before: Before, tables: Tables) -> NarrativeModel | None:
    """What later points are compared with: kept by an earlier addition, else made from the case."""
    from clustering.later_points import NarrativeModel, model_of

    kept = before.store.load(MODEL, before.model_key)
    if kept is not None:
        return NarrativeModel(kept.tables["basis"], kept.tables["centres"])
    if MODEL in before.manifest.facts:  # the tables have grown since the narratives were found
        return None
    model = model_of(tables, before.manifest.facts.get("embedders", {}))
    result = StageResult({"basis": model.basis, "centres": model.centres})
    before.store.save(MODEL, before.model_key, result)
    return model


def _renamed(table: pa.Table, column: str, names: Mapping[str, str]) -> pa.Table:
    """The same rows, with the post ids of now."""
    if not names:
        return table
    ids = [names.get(id_, id_) for id_ in table.column(column).to_pylist()]
    return table.set_column(table.column_names.index(column), column, pa.array(ids, pa.string()))


def _published(run: Run, before: Before) -> Analysis:
    """Write the case over all files, and forget what led to it."""
    waiting = run.facts.pop("waiting", {"points": 0, "notes": []})
    run.notes += [Note("add", sentence) for sentence in _sentences(waiting)]
    earlier = {report["name"] for report in before.manifest.files}
    new = [report for report in run.facts["files"] if report["name"] not in earlier]
    run.facts["additions"] = [
        *before.manifest.facts.get("additions", []),
        {
            "at": now().isoformat(),
            "files": [report["name"] for report in new],
            "rows_read": sum(report["rows_read"] for report in new),
            "rows_kept": sum(report["rows_kept"] for report in new),
            "points_waiting": waiting["points"],
        },
    ]
    manifest = run.manifest(
        version=__version__, created_at=now().isoformat(), reveal=before.manifest.reveal
    )
    rejects = [Reject(**row) for row in run.tables["rejects"].to_pylist()]
    analysis = Analysis(run.tables, manifest, rejects)
    run.progress.stage("writing report", None)
    analysis.save(before.folder)
    before.store.forget([(INDEX, before.index_key), (MODEL, before.model_key)])
    return analysis


def _sentences(waiting: Mapping[str, Any]) -> list[str]:
    count = waiting["points"]
    if not count:
        return list(waiting["notes"])
    wait = "talking point waits" if count == 1 else "talking points wait"
    return [
        f"{count:,} {wait}: added after the narratives were found and near none of them; run"
        " analyze over all files to look for new narratives",
        *waiting["notes"],
    ]
