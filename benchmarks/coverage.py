"""How much of labelled sets do narratives cover, at which agreement, and what did widening change?

In: the shared folder of labelled sets. Out: for each set and embedder, alone and beside as many
background tweets, the plain density tree (`min_samples` 5) and what `analyze` makes of it: coverage
of labelled posts, adjusted mutual information (AMI) over covered ones, AMI over all of them with
each post outside as a group of its own, and the share of background covered. Settings were chosen
on GoogleNews-T and StackOverflow; Tweet89 and CLINC150 (with out-of-scope rows as outliers) report.

Run: python -m benchmarks.coverage --data FOLDER [--write]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from clustering.grouping import group, largest_share
from corpus.settings import Narratives
from nlp.embed import embedder
from nlp.normalize import normalized_column

TUNED = ("googlenews_t", "stackoverflow")
REPORTED = ("tweet89", "clinc150_oos")
# Posts drawn from each set; Tweet89 has no more than 2,472.
SIZE = 5_000
OUTLIER, BACKGROUND = -1, -2
START, END = "<!-- coverage:start -->", "<!-- coverage:end -->"


@dataclass(frozen=True)
class Sample:
    """Texts as written and normalized, with labels from 0; -1 an outlier, -2 background."""

    raw: list[str]
    normalized: list[str]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Scores:
    """What one grouping covers, and how it agrees with the labels."""

    narratives: int
    coverage: float
    ami: float
    ami_all: float
    largest: float
    outside_covered: float


@cache
def sample(folder: Path, name: str, size: int, background: float = 0.0) -> Sample:
    """Draw `size` different texts of a set (seed 1), and `background` times as many tweets."""
    table = pq.read_table(folder / "short_text_clustering" / f"{name}.parquet")
    raw, label = table.column("text").to_pylist(), table.column("label").to_pylist()
    known = {value: code for code, value in enumerate(sorted({str(one) for one in label}))}
    rows = _distinct(normalized_column(table.column("text")).to_pylist(), size)
    codes = [OUTLIER if str(label[at]) == "oos" else known[str(label[at])] for at in rows]
    texts = [raw[at] for at in rows]
    if background:
        tweets = pq.read_table(folder / "short_text_clustering" / "tweets_unlabelled.parquet")
        spoken = tweets.column("lang").to_pylist()
        other = [text for text, lang in zip(tweets.column("text").to_pylist(), spoken, strict=True)
                 if lang in ("en", "english")]  # fmt: skip
        added = _distinct(other, round(background * len(texts)))
        texts += [other[at] for at in added]
        codes += [BACKGROUND] * len(added)
    return Sample(texts, normalized_column(texts).to_pylist(), np.array(codes, dtype=np.int64))


def _distinct(texts: list[str], size: int) -> list[int]:
    seen: set[str] = set()
    kept: list[int] = []
    for at in np.random.default_rng(1).permutation(len(texts)).tolist():
        if texts[at] and texts[at] not in seen and len(kept) < size:
            seen.add(texts[at])
            kept.append(at)
    return kept


@cache
def vectors(
    folder: Path, name: str, size: int, background: float, model: str
) -> NDArray[np.float32]:
    """Return the vectors of a sample by `fitted` or `minilm`."""
    drawn = sample(folder, name, size, background)
    made = embedder(model)
    texts = drawn.raw if made.reads == "raw" else drawn.normalized
    return made.fit(texts).encode(texts)


def plain(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the labels of the density tree alone; a group of more than its share is split."""
    return group(rows, np.ones(len(rows)), Narratives(min_samples=5, widen=False)).labels


def as_analyzed(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the labels that `analyze` gives these vectors by default."""
    return group(rows, np.ones(len(rows)), Narratives()).labels


def scores(truth: NDArray[np.int64], found: NDArray[np.int64]) -> Scores:
    """Hold groups to labels; outliers and background are judged by whether they are covered."""
    from sklearn.metrics import adjusted_mutual_info_score

    labelled, inside = truth >= 0, found >= 0
    both = labelled & inside
    alone = found.copy()
    alone[~inside] = found.max(initial=-1) + 1 + np.arange((~inside).sum())
    return Scores(
        narratives=int(found.max(initial=-1)) + 1,
        coverage=float(both.sum() / labelled.sum()),
        ami=float(adjusted_mutual_info_score(truth[both], found[both])) if both.any() else 0.0,
        ami_all=float(adjusted_mutual_info_score(truth[labelled], alone[labelled])),
        largest=largest_share(found),
        outside_covered=float(inside[~labelled].mean()) if (~labelled).any() else 0.0,
    )


def judge(
    folder: Path, name: str, size: int, background: float, model: str
) -> tuple[Scores, Scores]:
    """Return the scores of the plain tree and of what `analyze` makes of it."""
    rows = vectors(folder, name, size, background, model)
    truth = sample(folder, name, size, background).labels
    return scores(truth, plain(rows)), scores(truth, as_analyzed(rows))


def events(folder: Path, model: str, size: int = 6_000) -> Scores:
    """Return the scores of crisis posts (development half) against events; off-topic is outside."""
    table = pq.read_table(folder / "crisislex_t6_events" / "posts.parquet")
    keep = np.array(table.column("half").to_pylist()) == "dev"
    table = table.filter(keep)
    raw = table.column("text").to_pylist()
    normalized = normalized_column(table.column("text")).to_pylist()
    rows = _distinct(normalized, size)
    event, topic = table.column("event").to_pylist(), table.column("label").to_pylist()
    known = {value: code for code, value in enumerate(sorted(set(event)))}
    truth = [known[event[at]] if "off" not in str(topic[at]).lower() else OUTLIER for at in rows]
    made = embedder(model)
    texts = [raw[at] if made.reads == "raw" else normalized[at] for at in rows]
    found = as_analyzed(made.fit(texts).encode(texts))
    return scores(np.array(truth, dtype=np.int64), found)


def lines(folder: Path) -> Iterator[str]:
    """Yield the table for docs/benchmarks.md."""
    yield (
        "| set | half | embedder | background | narratives | coverage | AMI | AMI, all"
        " | others covered |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for half, names in (("tuned", TUNED), ("reported", REPORTED)):
        for model in ("minilm", "fitted"):
            gained = []
            for name in names:
                for background in (0.0, 1.0):
                    before, after = judge(folder, name, SIZE, background, model)
                    gained.append((after.coverage - before.coverage, after.ami - before.ami))
                    yield _line(name, half, model, background, before, after)
            mean = np.mean(gained, axis=0)
            yield (f"| mean of {half} | | {model} | | | {mean[0]:+.3f} | {mean[1]:+.3f} | | |")


def _line(
    name: str, half: str, model: str, background: float, before: Scores, after: Scores
) -> str:
    def both(field: str) -> str:
        return f"{getattr(before, field):.3f} -> {getattr(after, field):.3f}"

    return (
        f"| {name} | {half} | {model} | {background:g} | {before.narratives} -> {after.narratives}"
        f" | {both('coverage')} | {both('ami')} | {both('ami_all')} | {both('outside_covered')} |"
    )


def main() -> None:
    """Print the table, or write it between its markers in docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    table = "\n".join(lines(asked.data))
    print(table)
    if asked.write:
        page = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
        text = page.read_text(encoding="utf-8")
        if START not in text:
            text = f"{text.rstrip()}\n\n## Coverage of narratives\n\n{START}\n{END}\n"
        head, tail = text.split(START)[0], text.split(END)[1]
        page.write_text(f"{head}{START}\n{table}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
