"""How an index of near-duplicates lies on disk.

In: `IndexData`. Out: a folder of `index.json` (settings and versions), `ids.parquet`,
`texts.parquet`, `edges.parquet` and `keys.npy`; and back. It is written aside and takes its name
when it is complete. An index of another fold, sketch or layout is refused: its keys would meet
nothing, so it has to be built again from the texts.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clustering.sketches import sketch
from corpus import files
from corpus.errors import WorkspaceError
from corpus.identity import content_id
from corpus.workspace import read_parquet, write_parquet
from nlp.fold import fold_version
from nlp.minhash import MinHashBands, bands_for

Ints = npt.NDArray[np.int64]

# Another layout of the files, another number.
LAYOUT = 1
ABOUT = "index.json"
# Their band keys tell whether texts are still cut and sketched in the same way: one text that is
# cut into words, a short one, and one of a script without blanks.
PROBES = (
    "the summit begins today and the bridge stays closed for everyone",
    "four short words here",
    "我们今天都支持这次会议的决定",
)


@dataclass(frozen=True)
class IndexData:
    """What an index holds, numbered without gaps."""

    threshold: float
    shingle: str
    numbered: int
    """Texts that were ever added: the next id that is given by counting."""
    ids: list[str]
    text_of_id: Ints
    texts: list[str]
    keyed: Ints
    """Texts that have band keys, in the order of `keys`."""
    keys: npt.NDArray[np.uint64]
    edges: tuple[Ints, Ints, npt.NDArray[np.float64]]


def write(folder: Path, data: IndexData) -> Path:
    """Write `data` into `folder`; raise WorkspaceError when that is something else."""
    if folder.exists() and not (folder / ABOUT).is_file():
        raise WorkspaceError(f"{folder} exists and is no index; choose a new folder for it")
    part = files.aside(folder)
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        _write_parts(part, data)
        shutil.rmtree(folder, ignore_errors=True)
        files.replace(part, folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise WorkspaceError(f"cannot write {folder}: {error}") from error
    return folder


def _write_parts(part: Path, data: IndexData) -> None:
    ids = pa.array(data.ids, pa.string())
    write_parquet(pa.table({"id": ids, "text": pa.array(data.text_of_id)}), part / "ids.parquet")
    write_parquet(
        pa.table({"text_norm": pa.array(data.texts, pa.string())}), part / "texts.parquet"
    )
    left, right, similarity = map(pa.array, data.edges)
    edges = pa.table({"left": left, "right": right, "similarity": similarity})
    write_parquet(edges, part / "edges.parquet")
    np.save(part / "keyed.npy", data.keyed)
    np.save(part / "keys.npy", data.keys)
    about = {
        **_versions(data.threshold, data.shingle),
        "threshold": data.threshold,
        "shingle": data.shingle,
        "numbered": data.numbered,
    }
    files.write_text(part / ABOUT, json.dumps(about, indent=1, sort_keys=True) + "\n")


def read(folder: Path) -> IndexData:
    """Read what `write` wrote; raise WorkspaceError when that cannot be used."""
    about = _about(folder)
    try:
        found = {
            name: read_parquet(folder / f"{name}.parquet") for name in ("ids", "texts", "edges")
        }
        keyed, keys = (np.load(folder / f"{name}.npy") for name in ("keyed", "keys"))
    except (OSError, ValueError) as error:
        raise WorkspaceError(
            f"the index {folder} is damaged; build it again from the texts"
        ) from error
    left, right, similarity = (column.to_numpy() for column in found["edges"].columns)
    return IndexData(
        threshold=about["threshold"],
        shingle=about["shingle"],
        numbered=about["numbered"],
        ids=found["ids"].column("id").to_pylist(),
        text_of_id=found["ids"].column("text").to_numpy(),
        texts=found["texts"].column("text_norm").to_pylist(),
        keyed=keyed,
        keys=keys,
        edges=(left, right, similarity),
    )


def _about(folder: Path) -> dict[str, Any]:
    path = folder / ABOUT
    try:
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        wanted = _versions(about["threshold"], about["shingle"])
        other = sorted(name for name, value in wanted.items() if about.get(name) != value)
    except FileNotFoundError:
        raise WorkspaceError(
            f"{folder} holds no index; expected the folder that NearDuplicateIndex.save wrote"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(f"{path} is damaged; build the index again from the texts") from error
    if other:
        raise WorkspaceError(
            f"the index {folder} was made with another {', '.join(other)} than this version of"
            " narrashift uses; build it again from the texts"
        )
    return about


def _versions(threshold: float, shingle: str) -> dict[str, Any]:
    """Everything that texts and keys depend on besides the settings."""
    bands, rows = bands_for(threshold)
    _, keys = sketch(MinHashBands(bands=bands, rows=rows, shingle=shingle), PROBES)
    return {
        "layout": LAYOUT,
        "fold": fold_version(),
        "sketch": content_id(*(str(key) for key in keys.ravel().tolist())),
    }
