"""How well do wording and vectors, apart and fused, tell who says the same in other words?

In: the folder of real corpora and an embedder. Out: aggregates alone: max F1 on the PIT 2015 tweet
pairs, recall@1 by edit type on claim edits, accuracy on Persian query pairs; the fused score is
judged on other topics and claims than its weights were fitted on (grouped folds). `--fit` fits the
weights on everything and prints what goes into `clustering/fusion.toml`.

    python -m benchmarks.paraphrases --data FOLDER [--embedder fitted] [--embedder minilm] [--fit]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from clustering.fusion import (
    FEATURES,
    Fusion,
    company_of,
    cosines,
    fusion_for,
    pair_features,
)
from corpus.settings import Settings
from narrashift.api import analyze
from narrashift.finding import find_in
from nlp.embed import Embedder, embedder
from nlp.normalize import normalize
from nlp.similarity import Wording, compare

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDS = 5
SEED = 0
# Wrong originals that each edit is set against when weights are fitted: the hardest ones.
HARD_NEGATIVES = 5
# Claim edits count half as much as tweet pairs: they are easier, and all about retrieval.
CLAIM_WEIGHT = 0.5
# A ridge on the weights: keeps what says the same twice from growing without end.
RIDGE = 1e-3
# What each family may use.
USED = {
    "fitted": FEATURES,
    "minilm": FEATURES,
    "wording": ("trigrams", "words", "grams"),
}
# The cosine of the fitted embedder is held down: one changed word of topic turns it, and a copy
# with one name exchanged must still be found. Left free, tweet pairs gain (F1 .650) and claim edits
# lose more (recall .968, below wording alone); left out, its cosine alone beats the fused score on
# tweet pairs (.646 against .641).
MOST = {"fitted": {"cosine": 1.5}}


@dataclass(frozen=True)
class Encoded:
    """Texts with what a corpus says about them; `own` is each text's row in the corpus, or -1."""

    texts: list[str]
    vectors: NDArray[np.float32]
    company: Floats


def encode(raw: Sequence[str], model: Embedder) -> NDArray[np.float32]:
    """Encode raw texts in the form that the embedder reads."""
    return model.encode(raw if model.reads == "raw" else normalize(raw))


@dataclass(frozen=True)
class Pairs:
    """Labelled pairs: features, whether they say the same, and which group they belong to."""

    features: dict[str, Floats]
    same: Ints
    group: NDArray[np.object_]


def labelled_pairs(left: list[str], right: list[str], model: Embedder) -> dict[str, Floats]:
    """Return the features of raw pairs whose corpus is all of their texts."""
    texts = sorted({*left, *right})
    place = {text: at for at, text in enumerate(texts)}
    forms, number = np.unique(normalize(texts), return_inverse=True)
    raw = {int(form): text for form, text in zip(number, texts, strict=True)}
    chosen = [raw[at] for at in range(len(forms))]
    fitted = model.fit(forms.tolist() if model.reads == "normalized" else chosen)
    vectors = encode(chosen, fitted)
    company = company_of(vectors, vectors, np.arange(len(forms)))
    wording = Wording(forms.tolist())
    a, b = (number[[place[text] for text in side]] for side in (left, right))
    return pair_features(
        compare(wording.corpus, a, wording.corpus, b),
        cosines(vectors, a, vectors, b),
        np.minimum(company[a], company[b]),
    )


def tweet_pairs(data: Path, model: Embedder) -> Pairs:
    """Return the PIT 2015 pairs that annotators agreed on, grouped by topic."""
    rows = pq.read_table(data / "pit2015_twitter_paraphrase" / "pairs_dev.parquet").to_pandas()
    known = (rows["paraphrase"] != "").to_numpy()
    features = labelled_pairs(rows["text_a"].tolist(), rows["text_b"].tolist(), model)
    return Pairs(
        {name: values[known] for name, values in features.items()},
        (rows["paraphrase"][known] == "1.0").to_numpy().astype(np.int64),
        rows["topic_id"][known].to_numpy().astype(object),
    )


class ClaimEdits:
    """Edited claims searched among all originals; the corpus is the originals alone."""

    def __init__(self, data: Path, model: Embedder) -> None:
        rows = pq.read_table(data / "claim_edits" / "pairs_dev.parquet").to_pandas()
        self.originals = sorted(set(rows["text_orig"]))
        self.edited = sorted(set(rows["text_edited"]))
        place = {text: at for at, text in enumerate(self.originals)}
        number = {text: at for at, text in enumerate(self.edited)}
        self.query = np.array([number[text] for text in rows["text_edited"]])
        self.truth = np.array([place[text] for text in rows["text_orig"]])
        self.edit = rows["edit"].to_numpy()
        self.claim = np.array([""] * len(self.edited), dtype=object)
        self.claim[self.query] = rows["claim_id"].to_numpy()
        self.target = np.zeros(len(self.edited), dtype=np.int64)
        self.target[self.query] = self.truth
        self._model = model

    @cached_property
    def features(self) -> dict[str, Floats]:
        """Features of every edit (rows) with every original (columns), as (edits, originals)."""
        forms = normalize(self.originals)
        model = self._model.fit(forms if self._model.reads == "normalized" else self.originals)
        mine, theirs = encode(self.edited, model), encode(self.originals, model)
        wording = Wording(forms)
        queries = wording.forms(normalize(self.edited))
        shape = (len(self.edited), len(self.originals))
        a, b = (part.ravel() for part in np.indices(shape))
        company = np.minimum(
            company_of(mine, theirs)[a],
            company_of(theirs, theirs, np.arange(len(theirs)))[b],
        )
        flat = pair_features(
            compare(queries, a, wording.corpus, b), cosines(mine, a, theirs, b), company
        )
        return {name: values.reshape(shape) for name, values in flat.items()}

    def training_pairs(self) -> Pairs:
        """Return each edit with its original and with the wrong ones that look most alike."""
        looks = self.features["trigrams"] + self.features["cosine"]
        own = np.arange(len(self.edited))
        looks[own, self.target] = -np.inf
        wrong = np.argsort(-looks, axis=1, kind="stable")[:, :HARD_NEGATIVES]
        column = np.concatenate([self.target[:, np.newaxis], wrong], axis=1)
        row = np.repeat(own, column.shape[1])
        same = np.zeros(column.shape, dtype=np.int64)
        same[:, 0] = 1
        picked = {name: values[row, column.ravel()] for name, values in self.features.items()}
        return Pairs(picked, same.ravel(), self.claim[row])

    def recall_at_1(self, scores: Floats) -> dict[str, float]:
        """Return the share of edits whose original scores highest, by edit type."""
        hit = scores[self.query].argmax(axis=1) == self.truth
        return {str(edit): float(hit[self.edit == edit].mean()) for edit in np.unique(self.edit)}


def max_f1(same: Ints, scores: Floats) -> float:
    """Return the best F1 over all thresholds."""
    order = np.argsort(-scores, kind="stable")
    hits, found = np.cumsum(same[order]), np.arange(1, len(order) + 1)
    last = np.append(np.diff(scores[order]) != 0, True)
    return float((2 * hits / (found + same.sum()))[last].max())


def fit(parts: Sequence[tuple[Pairs, float]], family: str) -> Fusion:
    """Return the logistic weights, none negative, that fit labelled pairs best.

    Each part counts by its weight, however many pairs it has.
    """
    from scipy.optimize import minimize

    used = [name in USED[family] for name in FEATURES]
    table = np.concatenate(
        [np.column_stack([pairs.features[name] for name in FEATURES]) for pairs, _ in parts]
    )
    same = np.concatenate([pairs.same for pairs, _ in parts])
    heavy = np.concatenate([np.full(len(p.same), w / len(p.same)) for p, w in parts])
    columns = np.column_stack([table[:, used], np.ones(len(table))])

    def loss(at: Floats) -> tuple[float, Floats]:
        total = columns @ at
        error = 1 / (1 + np.exp(-total)) - same
        value = (heavy * (np.logaddexp(0, total) - same * total)).sum()
        ridge = np.append(at[:-1], 0.0)
        return value + RIDGE * (ridge**2).sum(), columns.T @ (heavy * error) + 2 * RIDGE * ridge

    most = MOST.get(family, {})
    limits: list[tuple[float | None, float | None]] = [
        (0.0, most.get(name)) for name, wanted in zip(FEATURES, used, strict=True) if wanted
    ]
    limits.append((None, None))
    best = minimize(loss, np.zeros(len(limits)), jac=True, bounds=limits, method="L-BFGS-B").x
    weights = np.zeros(len(FEATURES))
    weights[used] = np.round(best[:-1], 2)
    return Fusion(family, tuple(weights.tolist()), round(float(best[-1]), 2))


def folds(groups: NDArray[np.object_]) -> Ints:
    """Return a fold for each row; a group is never on two sides."""
    names, number = np.unique(groups.astype(str), return_inverse=True)
    shuffled = np.random.default_rng(SEED).permutation(len(names)) % FOLDS
    chosen: Ints = shuffled[number]
    return chosen


def subset(pairs: Pairs, kept: NDArray[np.bool_]) -> Pairs:
    """Return some of the pairs."""
    features = {name: values[kept] for name, values in pairs.features.items()}
    return Pairs(features, pairs.same[kept], pairs.group[kept])


@dataclass(frozen=True)
class Judged:
    """Fused scores of weights that never saw the topic or claim, beside both parts."""

    f1: dict[str, float]
    recall: dict[str, dict[str, float]]
    precision: dict[float, tuple[float, float]]
    """threshold -> precision and recall on the tweet pairs"""

    def mean_recall(self, part: str) -> float:
        """Return recall@1 averaged over edit types."""
        return float(np.mean(list(self.recall[part].values())))

    def worst_loss(self) -> float:
        """Return by how much the fused recall of an edit type falls below its better part."""
        parts = [self.recall["lexical"], self.recall["semantic"]]
        return max(max(p[edit] for p in parts) - r for edit, r in self.recall["fused"].items())


def judge(data: Path, name: str) -> Judged:
    """Fit on four fifths of topics and claims, score the last fifth, five times."""
    tweets, claims = tweet_pairs(data, embedder(name)), ClaimEdits(data, embedder(name))
    training = claims.training_pairs()
    of_tweet, of_pair, of_query = (
        folds(groups) for groups in (tweets.group, training.group, claims.claim)
    )
    scored = np.zeros(len(tweets.same))
    found = np.zeros((len(claims.edited), len(claims.originals)))
    for fold in range(FOLDS):
        fusion = fit(
            [
                (subset(tweets, of_tweet != fold), 1.0),
                (subset(training, of_pair != fold), CLAIM_WEIGHT),
            ],
            name if name in USED else "wording",
        )
        scored[of_tweet == fold] = fusion.score(subset(tweets, of_tweet == fold).features)
        rows = {k: v[of_query == fold].ravel() for k, v in claims.features.items()}
        found[of_query == fold] = fusion.score(rows).reshape(-1, found.shape[1])
    parts = {"lexical": "trigrams", "semantic": "cosine"}
    return Judged(
        {part: max_f1(tweets.same, tweets.features[key]) for part, key in parts.items()}
        | {"fused": max_f1(tweets.same, scored)},
        {part: claims.recall_at_1(claims.features[key]) for part, key in parts.items()}
        | {"fused": claims.recall_at_1(found)},
        {at: _precision(tweets.same, scored >= at) for at in (0.5, 0.6, 0.7, 0.8, 0.9)},
    )


def _precision(same: Ints, kept: NDArray[np.bool_]) -> tuple[float, float]:
    return float(same[kept].mean()) if kept.any() else 1.0, float(kept[same == 1].mean())


def judge_persian(data: Path) -> dict[str, float]:
    """Return the accuracy on Persian pairs of dev, each with its threshold from train."""
    path = data / "parsinlu_query_paraphrase_fa" / "pairs_dev.parquet"
    rows = pq.read_table(path).to_pandas()
    same, train = rows["label"].astype(int).to_numpy(), (rows["split"] == "train").to_numpy()
    features = labelled_pairs(rows["q1"].tolist(), rows["q2"].tolist(), embedder("fitted"))
    scores = {"lexical": features["trigrams"], "semantic": features["cosine"]}
    scores["fused"] = fusion_for("fitted").score(features)
    return {name: _accuracy(same, values, train) for name, values in scores.items()}


def _accuracy(same: Ints, scores: Floats, train: NDArray[np.bool_]) -> float:
    thresholds = np.unique(scores[train])
    right = [((scores[train] >= at) == same[train]).mean() for at in thresholds]
    chosen = thresholds[int(np.argmax(right))]
    return float(((scores[~train] >= chosen) == same[~train]).mean())


def judge_find(data: Path, name: str) -> dict[str, float]:
    """Search a case of the original claims for every edit; return recall@1 and MAP@5."""
    import pandas as pd

    claims = ClaimEdits(data, embedder("fitted"))
    settings = Settings.load(overrides={"narratives.embedder": name})
    analysis = analyze(pd.DataFrame({"text": claims.originals}), settings=settings)
    found = find_in(analysis, claims.edited, top=5).rows
    posts = analysis.arrow["posts"]
    text_of = dict(
        zip(posts["post_id"].to_pylist(), posts["text"].to_pylist(), strict=True)
    )  # fmt: skip
    rank = np.zeros(len(claims.edited), dtype=np.int64)
    for row in found.select(["query", "rank", "post_id"]).to_pylist():
        if text_of[row["post_id"]] == claims.originals[claims.target[row["query"]]]:
            rank[row["query"]] = row["rank"]
    asked = rank[claims.query]
    gain = np.divide(1.0, asked, out=np.zeros(len(asked)), where=asked > 0)
    edits = np.unique(claims.edit)
    return {
        "recall@1": float((asked == 1).mean()),
        "MAP@5": float(gain.mean()),
        "recall@1 by edit": float(np.mean([(asked == 1)[claims.edit == e].mean() for e in edits])),
    }


def fit_all(data: Path, name: str, family: str) -> Fusion:
    """Fit on everything: the weights that ship."""
    model = embedder(name)
    tweets = tweet_pairs(data, model)
    claims = ClaimEdits(data, embedder(name)).training_pairs()
    return fit([(tweets, 1.0), (claims, CLAIM_WEIGHT)], family)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--embedder", action="append")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    for name in options.embedder or ["fitted", "minilm"]:
        if options.fit:
            for family in (name, "wording") if name == "fitted" else (name,):
                print(_as_toml(fit_all(options.data, name, family)))
            continue
        judged = judge(options.data, name)
        print(name, "max F1", {part: round(value, 4) for part, value in judged.f1.items()})
        for part, by_edit in judged.recall.items():
            shown = {edit: round(value, 3) for edit, value in by_edit.items()}
            print(f"  recall@1 {part} {judged.mean_recall(part):.4f} {shown}")
        print(f"  largest loss of an edit type {judged.worst_loss():.4f}")
        print("  precision, recall at", judged.precision)
        print("  find --from", judge_find(options.data, name))
    if not options.fit:
        print("Persian accuracy", judge_persian(options.data))


def _as_toml(fusion: Fusion) -> str:
    rows = [f"{name} = {weight}" for name, weight in zip(FEATURES, fusion.weights, strict=True)]
    return "\n".join([f"[weights.{fusion.family}]", *rows, f"bias = {fusion.bias}", ""])


if __name__ == "__main__":
    main()
