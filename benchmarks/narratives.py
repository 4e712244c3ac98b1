"""Grouping vectors: processor time, memory, agreement with labels, beside other ways, in one run.

Usage: python -m benchmarks.narratives --data FOLDER [--sizes 10000 40000 50000 200000]
       [--peers PYTHON] [--cache FOLDER] [--write]
In: FOLDER is the shared data folder. Out: Markdown tables; `--write` puts them into
docs/benchmarks.md between its marks. Packages that PYTHON lacks are named and left out.

Posts: up to 50,000 half labelled (CLINC150, GoogleNews-T, StackOverflow, Tweet89) and half English
tweets without labels; beyond, all 56,772 labelled ones and more tweets (also of a crisis set and of
removed accounts). All are different texts, none is made up; vectors are all-MiniLM-L6-v2's, encoded
once and kept in --cache. CLINC150's out-of-scope rows count as unlabelled.

Each method runs alone in a fresh process, compiled before the clock starts. Agreement counts the
labelled posts that a method put into a group; how many those are (coverage) decides most of it, so
"ours at this coverage" says what ours (smoothed) gives when its outside posts join the nearest
group, the nearest first, until as many labelled posts are covered as the other method covers; where
that one covers fewer, ours lets its weakest members go. No label is used for either.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.page import put_section
from clustering.unit_vectors import group_centres, nearest_centre, unit_rows

ROOT = Path(__file__).resolve().parent.parent
LABELLED = ("clinc150_oos", "googlenews_t", "stackoverflow", "tweet89")
EACH = 25_000
ALL = 200_000
CHUNK = 10_000
# Name in the table, and the most rows a method is given: beyond, it would take an hour or more.
METHODS = {
    "ours": ("NarrativeClusterer, min_samples 5", ALL),
    "ours_wide": ("NarrativeClusterer, min_samples 1", ALL),
    "ours_smoothed": ("NarrativeClusterer, min_samples 1, smoothing 10", ALL),
    "analyze": ("as `analyze` groups", 50_000),
    "hdbscan": ("hdbscan on the vectors", 10_000),
    "fast_hdbscan": ("PCA 16 + fast_hdbscan", 50_000),
    "evoc": ("EVoC", ALL),
    "umap_hdbscan": ("UMAP 5 + hdbscan", 10_000),
    "bertopic": ("BERTopic, its defaults", 10_000),
}
# Measured for growth alone, so without the others.
GROWTH = (40_000,)
OURS = ("ours", "ours_wide", "ours_smoothed", "analyze")
PACKAGES = {
    "fast_hdbscan": "fast_hdbscan",
    "evoc": "evoc",
    "umap_hdbscan": "umap",
    "bertopic": "bertopic",
}


@dataclass(frozen=True)
class Run:
    """What one method gave: labels, strengths, and what it used."""

    labels: np.ndarray
    strengths: np.ndarray
    cpu: float
    wall: float
    peak: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 40_000, 50_000, 200_000])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has the others")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "mix")
    parser.add_argument(
        "--slow-to", type=int, default=10_000, help="most rows for UMAP + hdbscan and BERTopic"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    args = parser.parse_args()
    texts, labels = mix(args.data)
    vectors = embedded(texts[: max(args.sizes)], args.cache)
    for slow in ("umap_hdbscan", "bertopic"):
        METHODS[slow] = (METHODS[slow][0], args.slow_to)
    lines, used = [], {}
    for size in args.sizes:
        runs = dict(run_all(size, texts, vectors, args.peers))
        used[size] = runs
        for line in table(size, runs, labels[:size], vectors[:size]):
            print(line, flush=True)
            lines.append(line)
    for line in [*growth(used), *absent(args.peers)]:
        print(line, flush=True)
        lines.append(line)
    if args.write:
        write("\n".join(lines))


# ---- posts and vectors ------------------------------------------------------------------------


def mix(data: Path) -> tuple[list[str], np.ndarray]:
    """Different texts and their labels ("" for none), in one fixed order."""
    random = np.random.default_rng(7)

    def shuffled(frame: pd.DataFrame) -> pd.DataFrame:
        once = frame.drop_duplicates("text")
        return once.iloc[random.permutation(len(once))]

    sets = data / "short_text_clustering"
    known = shuffled(pd.concat([labelled(sets / f"{name}.parquet") for name in LABELLED]))
    tweets = pd.read_parquet(sets / "tweets_unlabelled.parquet")
    tweets = shuffled(tweets[tweets.lang.isin(["en", "english"])][["text"]])
    crisis = pd.read_parquet(data / "crisislex_t6_events" / "posts.parquet")
    removed = pd.read_parquet(data / "ira_troll_tweets" / "en_dev.parquet", columns=["text"])
    removed = shuffled(removed[removed.text.str.split().str.len() >= 5]).head(90_000)
    more = shuffled(pd.concat([crisis[crisis.half == "dev"][["text"]], removed]))
    other = pd.concat([tweets, more]).assign(label="")
    other = other[~other.text.isin(set(known.text))].drop_duplicates("text")
    both = [known.head(EACH).assign(at=range(0, 2 * EACH, 2))]
    both.append(other.head(EACH).assign(at=range(1, 2 * EACH, 2)))
    first = pd.concat(both).sort_values("at").drop(columns="at")
    room = ALL - 2 * EACH - (len(known) - EACH)
    rest = pd.concat([known.iloc[EACH:], other.iloc[EACH : EACH + room]])
    whole = pd.concat([first, rest.iloc[random.permutation(len(rest))]])
    return whole.text.tolist(), whole.label.to_numpy(dtype=str)


def labelled(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)[["text", "label"]].astype(str)
    inside = frame.label != "oos"
    return frame.assign(label=np.where(inside, path.stem + ":" + frame.label, ""))


def embedded(texts: list[str], cache: Path) -> np.ndarray:
    """Vectors of `texts`, kept in parts under `cache`."""
    from nlp import embedder

    cache.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(0, len(texts), CHUNK):
        kept = cache / f"v{start:06d}.npy"
        if not kept.exists():
            part = texts[start : start + CHUNK]
            np.save(kept, embedder("minilm").fit(part).encode(part))
        parts.append(np.load(kept))
    return unit_rows(np.concatenate(parts)[: len(texts)])


# ---- running ----------------------------------------------------------------------------------


def run_all(
    size: int, texts: list[str], vectors: np.ndarray, peers: str
) -> Iterator[tuple[str, Run]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "vectors.npy", vectors[:size])
        (folder / "texts.json").write_text(json.dumps(texts[:size]), encoding="utf-8")
        for method, (_, most) in METHODS.items():
            python = peers if method in PACKAGES else sys.executable
            if size in GROWTH and method not in OURS:
                continue
            if size <= most and has(python, method):
                found = run(python, method, folder, min_cluster_size(size))
                if found:
                    yield method, found


def min_cluster_size(size: int) -> int:
    """8 at 10,000 posts, 12 at 50,000, 18 at 200,000."""
    return round(8 * (size / 10_000) ** 0.27)


def has(python: str, method: str) -> bool:
    if method not in PACKAGES:
        return True
    command = [python, "-c", f"import {PACKAGES[method]}"]
    return not subprocess.run(command, capture_output=True, check=False).returncode


def run(python: str, method: str, folder: Path, size: int) -> Run | None:
    command = [python, "-m", "benchmarks.narrative_methods", method, str(folder), str(size)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if done.returncode:
        print(f"{method} failed: {done.stderr[-400:]}", file=sys.stderr)
        return None
    used = json.loads(done.stdout.strip().splitlines()[-1])
    found = np.load(folder / f"{method}.npz")
    return Run(found["labels"].astype(np.int64), found["strengths"], **used)


# ---- tables -----------------------------------------------------------------------------------


def table(
    size: int, runs: dict[str, Run], labels: np.ndarray, vectors: np.ndarray
) -> Iterator[str]:
    known = labels != ""
    least = min_cluster_size(size)
    yield f"### {size:,} posts, {known.mean():.0%} labelled, min_cluster_size {least}"
    yield ""
    yield (
        "| method | CPU s | times ours / ours smoothed | s | peak MiB | groups | posts covered"
        " | labelled covered | AMI / ARI on them | ours at this coverage |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for method, found in runs.items():
        covered = (found.labels >= 0)[known].mean()
        at = (
            ""
            if method in OURS
            else score(labels, at_coverage(runs["ours_smoothed"], known, vectors, covered))
        )
        base, wide = runs["ours"].cpu, runs["ours_smoothed"].cpu
        ratio = "" if method in OURS else f"{found.cpu / base:.0f}x / {found.cpu / wide:.0f}x"
        yield (
            f"| {METHODS[method][0]} | {found.cpu:.1f} | {ratio} | {found.wall:.1f} |"
            f" {found.peak:,.0f} | {found.labels.max() + 1:,} | {(found.labels >= 0).mean():.2f} |"
            f" {covered:.2f} | {score(labels, found.labels)} | {at} |"
        )
    yield ""
    if "hdbscan" in runs:
        yield agreement(runs)
        yield ""
    yield f"Peak memory includes {vectors.nbytes / 2**20:,.0f} MiB of vectors."
    yield ""


def agreement(runs: dict[str, Run]) -> str:
    from sklearn.metrics import adjusted_rand_score

    ours, theirs = runs["ours"].labels, runs["hdbscan"].labels
    both = (ours >= 0) & (theirs >= 0)
    return (
        "Ours against hdbscan, same settings: adjusted Rand index"
        f" {adjusted_rand_score(ours, theirs):.3f} over all posts,"
        f" {adjusted_rand_score(ours[both], theirs[both]):.3f} where both have a group."
    )


def score(labels: np.ndarray, found: np.ndarray) -> str:
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    used = (labels != "") & (found >= 0)
    if not used.any():
        return "-"
    ami = adjusted_mutual_info_score(labels[used], found[used])
    return f"{ami:.3f} / {adjusted_rand_score(labels[used], found[used]):.3f}"


def at_coverage(ours: Run, known: np.ndarray, vectors: np.ndarray, covered: float) -> np.ndarray:
    """Our labels with as many labelled posts covered: the nearest join, or the weakest leave."""
    labels = ours.labels.copy()
    wanted, now = round(covered * known.sum()), int((labels >= 0)[known].sum())
    if wanted < now:
        inside = np.flatnonzero(known & (labels >= 0))
        labels[inside[np.argsort(ours.strengths[inside], kind="stable")[: now - wanted]]] = -1
        return labels
    centres = group_centres(vectors, labels, int(labels.max()) + 1)
    nearest, scores = nearest_centre(vectors, centres)
    outside = np.flatnonzero(known & (labels < 0))
    joining = outside[np.argsort(-scores[outside], kind="stable")[: wanted - now]]
    labels[joining] = nearest[joining]
    return labels


def growth(used: dict[int, dict[str, Run]]) -> Iterator[str]:
    sizes = sorted(used)
    pairs = [(a, b) for a, b in [(10_000, 40_000), (40_000, 200_000)] if {a, b} <= set(sizes)]
    for small, large in pairs:
        parts = []
        for method in sorted(set(used[small]) & set(used[large])):
            ratio = used[large][method].cpu / used[small][method].cpu
            exponent = math.log(ratio) / math.log(large / small)
            parts.append(f"{METHODS[method][0]} {exponent:.2f}")
        yield f"Growth exponent of CPU seconds, {small:,} to {large:,} posts: {'; '.join(parts)}."
        yield ""


def absent(peers: str) -> Iterator[str]:
    missing = [package for method, package in PACKAGES.items() if not has(peers, method)]
    if missing:
        yield f"Not installed, so not measured: {', '.join(missing)}."


MADE_BY = "Made by `python -m benchmarks.narratives --write`."


def write(text: str) -> None:
    """Put the section between its marks."""
    put_section("narratives", text, heading="Narratives", about=MADE_BY)


if __name__ == "__main__":
    main()
