"""The same task with other packages: signatures, and families through their own indexes.

In: normalized texts. Out: signatures, or a label for each text. All get the same texts, 128 values,
25 bands of 5 rows where they can be told, and union-find for families; datasketch and rensa verify
by the estimate of their signatures, gaoya verifies itself, text-dedup does not verify.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Cut = Callable[[str], list[str]]

PERM, BANDS, ROWS = 128, 25, 5


def words(text: str) -> list[str]:
    return text.split(" ")


def fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(max(len(text) - 3, 1))]


CUTS: dict[str, Cut] = {"word-1": words, "char-4": fours}


class Union:
    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, at: int) -> int:
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, one: int, others: Iterable[int]) -> None:
        for other in others:
            a, b = self.find(one), self.find(other)
            if a != b:
                self.parent[max(a, b)] = min(a, b)

    def labels(self) -> Ints:
        return np.array([self.find(at) for at in range(len(self.parent))])


def datasketch_bulk(texts: list[str], kind: str) -> Any:
    from datasketch import MinHash

    cut = CUTS[kind]
    encoded = ([piece.encode() for piece in cut(text)] for text in texts)
    return MinHash.bulk(encoded, num_perm=PERM)


def datasketch_loop(texts: list[str], kind: str) -> Any:
    from datasketch import MinHash

    made = []
    for text in texts:
        sketch = MinHash(num_perm=PERM)
        for piece in CUTS[kind](text):
            sketch.update(piece.encode())
        made.append(sketch)
    return made


def datasketch_families(texts: list[str], kind: str, threshold: float) -> Ints:
    from datasketch import MinHashLSH

    sketches = datasketch_bulk(texts, kind)
    index = MinHashLSH(threshold=threshold, num_perm=PERM, params=(BANDS, ROWS))
    with index.insertion_session() as session:
        for at, sketch in enumerate(sketches):
            session.insert(at, sketch)
    union = Union(len(texts))
    for at, sketch in enumerate(sketches):
        near = (o for o in index.query(sketch) if o > at and union.find(o) != union.find(at))
        union.join(at, [o for o in near if sketch.jaccard(sketches[o]) >= threshold])
    return union.labels()


def rensa_signatures(texts: list[str], kind: str) -> Any:
    from rensa import RMinHash

    return RMinHash.from_token_sets([CUTS[kind](text) for text in texts], PERM, 1)


def rensa_families(texts: list[str], kind: str, threshold: float) -> Ints:
    from rensa import RMinHashLSH

    sketches = rensa_signatures(texts, kind)
    index = RMinHashLSH(threshold, PERM, 32)  # bands have to divide the signature
    index.insert_many(sketches)
    union = Union(len(texts))
    for at, sketch in enumerate(sketches):
        near = (o for o in index.query(sketch) if o > at and union.find(o) != union.find(at))
        union.join(at, [o for o in near if sketch.jaccard(sketches[o]) >= threshold])
    return union.labels()


def gaoya_families(texts: list[str], kind: str, threshold: float) -> Ints:
    from gaoya.minhash import MinHashStringIndex

    analyzer, width = ("word", 1) if kind == "word-1" else ("char", 4)
    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=threshold,
        num_bands=BANDS,
        band_size=ROWS,
        analyzer=analyzer,
        ngram_range=(width, width),
        id_container="vec",
    )
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    union = Union(len(texts))
    for at, near in enumerate(index.par_bulk_query(texts)):
        union.join(at, near)
    return union.labels()


def text_dedup_seconds(python: str, texts: list[str], threshold: float) -> float | None:
    """Seconds of text-dedup's own clock over its whole run (words, two processes)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(pa.table({"text": texts}), f"{folder}/posts.parquet")
        command = [
            python, "-m", "text_dedup.minhash", "--path", "parquet", "--data_files",
            f"{folder}/posts.parquet", "--split", "train", "--column", "text", "--output",
            f"{folder}/out", "--cache_dir", f"{folder}/cache", "--ngram", "1", "--min_length", "1",
            "--num_perm", str(PERM), "--threshold", str(threshold), "--b", str(BANDS), "--r",
            str(ROWS), "--batch_size", "10000", "--num_proc", "2",
        ]  # fmt: skip
        wide = {**os.environ, "COLUMNS": "200"}  # else its report breaks lines
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=folder, env=wide
        )
    found = re.search(r"Total\s*:\s*([\d.]+)s", done.stdout + done.stderr)
    if not found:
        print(done.stdout[-2_000:], done.stderr[-200:], file=sys.stderr)
        return None
    return float(found.group(1))


def installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def python_has(python: str, module: str) -> bool:
    if not Path(python).exists():
        return False
    command = [python, "-c", f"import {module}"]
    return not subprocess.run(command, capture_output=True, check=False).returncode
