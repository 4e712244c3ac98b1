"""Taking an account out of a case: out of every table, part, cache, export and report.

In: a case and account ids (or their pseudonyms). Out: the case made anew from all that is left, as
`analyze` makes it from files without the account, and a tombstone that keeps it out of later runs
(`corpus.purged`). Exports are deleted, for nobody can take a row out of a bundle that may have left
already; labels and decisions that name it are dropped line by line. What others wrote stays.

The tombstone is written first and the old working files go before anything is made anew: an
interrupted purge is finished by the same command, and never leaves more than it found. The files
that the case was made from are not touched.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SettingsError
from corpus.files import write_text
from corpus.identity import content_id
from corpus.locks import only_writer
from corpus.manifest import Manifest, Note
from corpus.progress import Progress, Silent
from corpus.purged import (
    FILE,
    Tombstones,
    read_tombstones,
    scrubbed,
    without_purged,
    write_tombstones,
)
from corpus.readers.later import corpus_again
from corpus.readers.merge import named_platforms
from corpus.rejects import Reject
from corpus.settings import Settings
from corpus.workspace import Workspace
from narrashift import __version__
from narrashift.adding import Before
from narrashift.analysis import Analysis
from narrashift.api import as_result
from narrashift.clock import now
from narrashift.engines import engine_named
from narrashift.pipeline import Run
from narrashift.report_files import evidence_files

Tables = Mapping[str, pa.Table]
# Shorter words occur in any text; taking them for a name would empty lines that name nobody.
LEAST_SECRET = 4
# Enough of a text to know it again where it was cut.
TEXT_BEGINNING = 40


@dataclass(frozen=True)
class Purged:
    """What a purge did; `analysis` is None when nothing was left of the case."""

    accounts: int
    posts: int
    snapshots: int
    lines: dict[str, int]
    exports: tuple[str, ...]
    still_named_in: tuple[str, ...]
    analysis: Analysis | None


def purge_accounts(
    case: str | Path, accounts: Sequence[str], *, progress: Progress | None = None
) -> Purged:
    """Take accounts out of a case; see the module docstring.

    Parameters
    ----------
    case
        Folder of a finished case.
    accounts
        Ids as in the tables, ids without their platform where only one account has them, or
        pseudonyms of this case.
    progress
        A `Progress`; None stays silent.

    Raises
    ------
    SettingsError
        When no account is named, or the case holds none of that id; nothing is changed then.
    WorkspaceError
        When `case` is no finished case, or another process keeps working on it.
    """
    from reports.keys import load_key

    folder, heard = Path(case), progress or Silent()
    Manifest.read(folder)
    with only_writer(folder, heard.notice):
        key = load_key(os.environ, case=folder)
        before, tombstones = Before(folder, Manifest.read(folder)), read_tombstones(folder, key)
        tables = Workspace(folder).published()
        found = _meant(tables, before, accounts, tombstones)
        secrets = _secrets(tables, found)
        for account in found:
            tombstones = _entombed(tombstones, tables, account)
        write_tombstones(folder, tombstones)
        posts, snapshots = (
            len(_column(tables, name, "account_id", found)) if found else 0
            for name in ("posts", "profiles")
        )
        lines = dict(_drop_lines(folder, secrets))
        exports = _drop_exports(folder)
        corpus = without_purged(
            corpus_again(before.earlier(checked=False), before.reading), tombstones
        )
        _drop_rests(folder)
        analysis = _made_anew(before, corpus, tombstones, secrets, heard)
        named = tuple(_still_named(folder, secrets))
        return Purged(len(found), posts, snapshots, lines, exports, named, analysis)


def listed_in(path: Path) -> list[str]:
    """The account ids of a text file, one a line; raises SettingsError when it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--file {path} cannot be read: {error}") from error
    return [line.strip() for line in lines if line.strip()]


def _meant(
    tables: Tables, before: Before, asked: Sequence[str], tombstones: Tombstones
) -> list[str]:
    """The account ids that were asked for."""
    if not asked:
        raise SettingsError("no account to purge; name one with --account ID")
    known = set(_column(tables, "posts", "account_id")) | set(
        _column(tables, "profiles", "account_id")
    )
    redactor = Analysis(tables, before.manifest).redactor("pseudonym")
    by_alias = {redactor.account(account): account for account in known}
    platforms = named_platforms([tables["posts"], tables["profiles"]])
    found, unknown = [], []
    for name in asked:
        fitting = {name, *(f"{platform}:{name}" for platform in platforms)} & known
        if name in by_alias:
            fitting = {by_alias[name]}
        if len(fitting) > 1:
            raise SettingsError(
                f"--account {name}: {len(fitting)} platforms have it; say which: "
                f"{', '.join(sorted(fitting))}"
            )
        if not fitting and not tombstones.names(name):  # else an interrupted purge is finished
            unknown.append(name)
        found += sorted(fitting)
    if unknown:
        raise SettingsError(
            [f"no account of this case has the id or pseudonym {name!r}" for name in unknown]
        )
    return sorted(set(found))


def _column(tables: Tables, table: str, column: str, accounts: Sequence[str] = ()) -> list[Any]:
    rows = tables[table]
    if accounts:
        rows = rows.filter(pc.is_in(rows["account_id"], value_set=pa.array(accounts)))
    return [value for value in rows.column(column).to_pylist() if value is not None]


NAMING = (("posts", "handle"), ("profiles", "handle"), ("profiles", "display_name"))


def _names(tables: Tables, accounts: Sequence[str]) -> set[str]:
    """Ids, handles, names and post ids of accounts, those of nobody else."""
    named: set[str] = set(accounts)
    others = sorted(
        {*_column(tables, "posts", "account_id"), *_column(tables, "profiles", "account_id")}
        - set(accounts)
    )
    for table, column in (*NAMING, ("posts", "post_id")):
        own = set(_column(tables, table, column, accounts))
        theirs = set(_column(tables, table, column, others)) if others else set()
        named |= {str(value) for value in own - theirs}
    return {name for name in named if name}


def _secrets(tables: Tables, accounts: Sequence[str]) -> set[str]:
    """What must not stand anywhere in the case afterwards, also as part of a text."""
    if not accounts:
        return set()
    rows = tables["posts"]
    mine = pc.fill_null(pc.is_in(rows["account_id"], value_set=pa.array(accounts)), False)
    theirs = set(rows.filter(pc.invert(mine)).column("text").to_pylist())
    texts = {text for text in rows.filter(mine).column("text").to_pylist() if text not in theirs}
    bios = set(_column(tables, "profiles", "bio", accounts))
    begun = {text[:TEXT_BEGINNING] for text in texts | bios if len(text) >= TEXT_BEGINNING}
    bare = {account.partition(":")[2] for account in accounts if ":" in account}
    return {
        name for name in _names(tables, accounts) | begun | bare if len(name) >= LEAST_SECRET
    } | set(accounts)


def _entombed(tombstones: Tombstones, tables: Tables, account: str) -> Tombstones:
    platforms = set(_column(tables, "posts", "platform", [account])) | set(
        _column(tables, "profiles", "platform", [account])
    )
    bare = {
        account[len(platform) + 1 :] if platform and account.startswith(f"{platform}:") else account
        for platform in platforms
    }
    names = _names(tables, [account]) | bare | {account}
    return tombstones.with_account(sorted(bare), sorted(platforms), names)


def _drop_lines(folder: Path, secrets: set[str]) -> Iterator[tuple[str, int]]:
    """Take lines that name the account out of labels, decisions and the like."""
    for path in sorted(folder.glob("*.jsonl")):
        if path.name == "rejects.jsonl":  # made anew
            continue
        lines, dropped = [], 0
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                value, named = scrubbed(json.loads(line), secrets)
            except ValueError:
                value, named = None, any(secret in line for secret in secrets)
                kept = line
            else:
                kept = json.dumps(value, ensure_ascii=False)
            if named:
                dropped += 1
            else:
                lines.append(kept)
        if dropped or lines:
            write_text(path, "".join(f"{line}\n" for line in lines))
        if dropped:
            yield path.name, dropped


def _drop_exports(folder: Path) -> tuple[str, ...]:
    exports = folder / "exports"
    if not exports.is_dir():
        return ()
    names = tuple(sorted(path.name for path in exports.iterdir()))
    shutil.rmtree(exports)
    return names


def _drop_rests(folder: Path) -> None:
    """Remove parts, caches, vectors, and whatever interrupted runs left aside."""
    shutil.rmtree(folder / "work", ignore_errors=True)
    for aside in [*folder.glob(".*.part"), *(folder / "tables").glob(".*.part")]:
        aside.unlink(missing_ok=True)
    (folder / "rejects.jsonl.part").unlink(missing_ok=True)


def _made_anew(
    before: Before, corpus: Any, tombstones: Tombstones, secrets: set[str], heard: Progress
) -> Analysis | None:
    """Run the case's stages over what is left, and publish."""
    folder = before.folder
    if not corpus.posts.num_rows and not corpus.profiles.num_rows:
        shutil.rmtree(folder / "tables", ignore_errors=True)
        for page in list(evidence_files(folder / "report.html")):
            page.unlink()
        for name in ("report.html", "rejects.jsonl", "manifest.json"):
            (folder / name).unlink(missing_ok=True)
        return None
    store = Workspace(folder).create()
    run = Run(
        engine_named(before.manifest.engine),
        _without_labels(before.settings, secrets),
        store,
        heard,
    )
    key = content_id(
        "purge", *sorted(tombstones.accounts), *sorted(before.manifest.tables.values())
    )
    run.resume_or("read", key, lambda: as_result(corpus))
    run.all(before.stages)
    additions = before.manifest.facts.get("additions", [])
    if additions:
        run.facts["additions"] = additions
    accounts = "account was" if tombstones.count == 1 else "accounts were"
    run.notes.append(Note("purge", f"{tombstones.count:,} {accounts} purged from this case"))
    manifest = run.manifest(
        version=__version__, created_at=now().isoformat(), reveal=before.manifest.reveal
    )
    rejects = [Reject(**row) for row in run.tables["rejects"].to_pylist()]
    analysis = Analysis(run.tables, manifest, rejects)
    heard.stage("writing report", None)
    analysis.save(folder)
    store.forget(run.done)
    return analysis


def _without_labels(settings: Settings, secrets: set[str]) -> Settings:
    """The case's settings without labels that rest on what is gone."""
    kept = tuple(one for one in settings.labels if not scrubbed(asdict(one), secrets)[1])
    return settings if kept == settings.labels else replace(settings, labels=kept)


def _still_named(folder: Path, secrets: Iterable[str]) -> Iterator[str]:
    """Files that we did not make and that still name an account."""
    needles = [secret.encode("utf-8") for secret in secrets]
    ours = {"tables", "work", FILE}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.relative_to(folder).parts[0] in ours:
            continue
        content = path.read_bytes()
        if any(needle in content for needle in needles):
            yield path.relative_to(folder).as_posix()
