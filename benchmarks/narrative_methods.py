"""One way of grouping vectors, in a process of its own: labels, seconds and memory.

Usage: python -m benchmarks.narrative_methods METHOD FOLDER MIN_CLUSTER_SIZE
In: FOLDER/vectors.npy (n, d), and FOLDER/texts.json for BERTopic. Out: FOLDER/METHOD.npz with
labels and strengths, and one JSON line: processor seconds, seconds, peak memory in MiB.

Everything compiled is compiled on the first rows before a clock starts. Ours runs with the
project's Python; the others with any that has them (`benchmarks.narratives --peers PYTHON`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from corpus.measure import peak_mib

# Rows that everything is tried on before a clock starts: some compile only from 8,192 rows on.
WARM = 10_000
FEW = 500
MIN_SAMPLES = 5
Found = tuple[Any, Any]


def ours(rows: np.ndarray, _: list[str], size: int, samples: int = MIN_SAMPLES) -> Found:
    from clustering import NarrativeClusterer

    found = NarrativeClusterer(size, samples).fit(rows)
    return found.labels_, found.membership_


def ours_wide(rows: np.ndarray, texts: list[str], size: int) -> Found:
    return ours(rows, texts, size, samples=1)


def ours_smoothed(rows: np.ndarray, _: list[str], size: int) -> Found:
    from clustering import NarrativeClusterer

    found = NarrativeClusterer(size, 1, smoothing=10).fit(rows)
    return found.labels_, found.membership_


def analyze(rows: np.ndarray, _: list[str], __: int) -> Found:
    """What `narrashift analyze` does: sizes from n, then what is within a group's own reach."""
    from clustering.grouping import group
    from corpus.settings import Narratives

    found = group(rows, np.ones(len(rows)), Narratives())
    return found.labels, np.ones(len(rows))


def plain_hdbscan(rows: np.ndarray, _: list[str], size: int) -> Found:
    import hdbscan

    found = hdbscan.HDBSCAN(size, min_samples=MIN_SAMPLES, core_dist_n_jobs=1).fit(rows)
    return found.labels_, found.probabilities_


def fast_hdbscan(rows: np.ndarray, _: list[str], size: int) -> Found:
    """Its trees need few dimensions: 16 principal components."""
    from fast_hdbscan import HDBSCAN
    from sklearn.decomposition import PCA

    few = PCA(16, random_state=0).fit_transform(rows)
    found = HDBSCAN(min_cluster_size=size, min_samples=MIN_SAMPLES).fit(few)
    return found.labels_, found.probabilities_


def evoc(rows: np.ndarray, _: list[str], size: int) -> Found:
    from evoc import EVoC

    found = EVoC(base_min_cluster_size=size, min_samples=MIN_SAMPLES, random_state=0)
    labels = found.fit_predict(rows)
    return labels, getattr(found, "membership_strengths_", np.ones(len(rows)))


def umap_hdbscan(rows: np.ndarray, _: list[str], size: int) -> Found:
    """BERTopic's recipe: UMAP to 5 dimensions (15 neighbours, cosine), then hdbscan."""
    import hdbscan
    from umap import UMAP

    few = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=0)
    found = hdbscan.HDBSCAN(size, min_samples=MIN_SAMPLES).fit(few.fit_transform(rows))
    return found.labels_, found.probabilities_


def bertopic(rows: np.ndarray, texts: list[str], _: int) -> Found:
    """The whole object with its defaults, given the same embeddings."""
    from bertopic import BERTopic

    found = BERTopic(embedding_model=None, calculate_probabilities=False)
    labels, strengths = found.fit_transform(texts, embeddings=rows)
    return np.asarray(labels), strengths


METHODS: dict[str, Callable[[np.ndarray, list[str], int], Found]] = {
    "ours": ours,
    "ours_wide": ours_wide,
    "ours_smoothed": ours_smoothed,
    "analyze": analyze,
    "hdbscan": plain_hdbscan,
    "fast_hdbscan": fast_hdbscan,
    "evoc": evoc,
    "umap_hdbscan": umap_hdbscan,
    "bertopic": bertopic,
}


def peak() -> float:
    """Peak MiB of this process; what getrusage says on Linux may be the parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_mib()
    lines = status.read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main(name: str, folder: Path, size: int) -> None:
    work = METHODS[name]
    rows = np.load(folder / "vectors.npy")
    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    warm = FEW if name == "hdbscan" else WARM  # nothing of it is compiled
    work(rows[:warm], texts[:warm], size)
    clock, processor = time.perf_counter(), time.process_time()
    labels, strengths = work(rows, texts, size)
    used = {"cpu": time.process_time() - processor, "wall": time.perf_counter() - clock}
    np.savez(folder / f"{name}.npz", labels=np.asarray(labels), strengths=np.asarray(strengths))
    print(json.dumps({**used, "peak": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
