"""A case as one run left it, even while another run publishes.

In: a case folder. Out: its `Analysis`, of which every table is the one that the manifest names by
its digest. Tables are published one by one and the manifest last, so a reader could meet tables of
two runs: then it waits for the writer, with a message, and reads again. It refuses a case in which
a run was interrupted while it published. Why digests and not the lock alone: who only reads need
not wait while a long analysis computes, and can read where it may not write.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.errors import WorkspaceError
from corpus.files import DIGEST_CHUNK
from corpus.locks import WAIT_S, only_writer
from corpus.manifest import Manifest
from corpus.workspace import Workspace
from narrashift.analysis import Analysis


def read_case(
    case: str | Path,
    notice: Callable[[str], None],
    *,
    without: Collection[str] = (),
    wait_s: float = WAIT_S,
) -> Analysis:
    """Read a finished case; `notice` hears one sentence when there is a writer to wait for.

    Tables named in `without` are not read.

    Raises
    ------
    WorkspaceError
        When it is no finished case, when a run was interrupted while it published, or when another
        process keeps working on it for `wait_s` seconds.
    """
    folder = Path(case)
    found = _of_one_run(folder, without)
    if found is None:
        with only_writer(folder, notice, wait_s=wait_s):
            found = _of_one_run(folder, without)
    if found is None:
        raise WorkspaceError(
            f"the tables of {folder} are not those that its manifest names, as after a run that was"
            " interrupted while it published: run the same command again, or analyze all files"
        )
    return found


def _of_one_run(folder: Path, without: Collection[str]) -> Analysis | None:
    """Return the case, or None where a table is not the one that the manifest names."""
    manifest = Manifest.read(folder)
    store = Workspace(folder)
    there = {path.stem for path in store.tables.glob("*.parquet")}
    if there != set(manifest.tables):
        return None
    tables = {}
    for name in sorted(there - set(without)):
        table = _named(store.tables / f"{name}.parquet", manifest.tables[name])
        if table is None:
            return None
        tables[name] = table
    found = Analysis.of_case(folder, tables, manifest)
    return found if Manifest.read(folder) == manifest else None


def _named(path: Path, digest: str) -> pa.Table | None:
    """Read a table from the very file whose digest was taken; None where it is another."""
    try:
        with path.open("rb") as stream:
            seen = hashlib.sha256()
            while chunk := stream.read(DIGEST_CHUNK):
                seen.update(chunk)
            if seen.hexdigest() != digest:
                return None
            stream.seek(0)
            return pq.read_table(stream)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WorkspaceError(f"cannot read {path}: {error}; run analyze again") from error
