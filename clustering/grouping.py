"""How finely should this many talking points be grouped, and how far do the groups reach?

In: vectors of exemplars, the posts behind each, and settings that may be left open. Out: the groups
of a density tree, what joins them, and a record of what was tried. The clusterer stays the plain
hdbscan tree. What `analyze` adds stands here and is recorded: defaults that scale with the number
of exemplars, a limit on the largest group, and a wider reach (`clustering.widening`).

Large corpora of real posts are sparser than labelled sets. From `LADDER_FROM` exemplars on, where
the tree and what joins it cover less than `ENOUGH` of the posts, lower `min_samples` and then
smaller margins are tried in turn; a step is refused when it makes one group too large or loses half
of the groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from clustering.density import Labels, Matrix, NarrativeClusterer
from clustering.widening import MARGIN, Near, Reach, fixed_reach, near, no_reach, reach_of, widened
from corpus.settings import Narratives

# "eom" may prefer one group of nearly everything over all its parts: seen in 8 of 12 samples of
# unrelated tweets under a sentence model. A larger share than this is taken for such a case ...
SWALLOWED_SHARE = 1 / 3
# ... from this many exemplars on; in fewer, one story may well be most of the corpus.
GUARD_FROM = 50
# Then no group may exceed this share, or three times the square root of the exemplars.
LARGEST_SHARE = 0.05
# From here on the two are the same to a reader, and the share bounds every group.
BOUNDED_FROM = 5_000
# Share of the exemplars' posts that a reader expects in narratives: the aim on real posts.
ENOUGH = 0.55
# Below, every step cost AMI on labelled sets (5 -> 3: .01 to .02, 3 -> 2 as much, margin .1 -> .05:
# .01) for .02 to .05 coverage.
LADDER_FROM = 20_000
# min_samples and margin. On 40,000 real talking points they covered .39, .42, .43, .53 and .59 of
# the posts.
LADDER = ((5, 0.1), (3, 0.1), (2, 0.1), (2, 0.05), (2, 0.025))


@dataclass(frozen=True)
class Step:
    """One way of grouping that was tried, and what it would have covered."""

    min_cluster_size: int
    min_samples: int
    margin: float
    groups: int
    covered_by_tree: float
    covered: float
    largest_share: float
    outcome: str

    def as_fact(self) -> dict[str, Any]:
        """Return it for the manifest; shares are of the exemplars' posts, except the largest."""
        return {
            "min_cluster_size": self.min_cluster_size,
            "min_samples": self.min_samples,
            "margin": self.margin,
            "narratives": self.groups,
            "posts_in_tree": round(self.covered_by_tree, 4),
            "posts_covered": round(self.covered, 4),
            "largest_share": round(self.largest_share, 4),
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class Grouping:
    """The tree that was chosen, what joined it, and the steps that led there."""

    clusterer: NarrativeClusterer
    reach: Reach
    found: Near
    labels: Labels
    limit: int
    steps: tuple[Step, ...]
    remarks: tuple[str, ...]

    @property
    def dense(self) -> Labels:
        """Labels of the tree alone."""
        labels: Labels = self.clusterer.labels_
        return labels


def scaled_min_cluster_size(exemplars: int) -> int:
    """Return the least size of a narrative: the fourth root, at least 3 (300: 4, 40,000: 14)."""
    root: float = exemplars**0.25
    return max(3, round(root))


def scaled_min_samples(exemplars: int) -> int:
    """Return 1 below a thousand points, where every neighbour counts, else 2 (windows of time)."""
    return 1 if exemplars < 1_000 else 2


def first_min_samples(exemplars: int) -> int:
    """Return which neighbour's distance measures density: 3, and 5 from three thousand on.

    Dense and then widened covers more at the same AMI than thin from the start. In samples of 300
    of each labelled set 5 found half as many groups, and 2 covered .07 more at .03 less AMI.
    """
    return 3 if exemplars < 3_000 else 5


def group(vectors: Matrix, weights: ArrayLike, settings: Narratives) -> Grouping:
    """Cluster unit `vectors`; `weights` are posts, which count coverage and never density."""
    heavy = np.asarray(weights, dtype=np.float64)
    tried: list[Grouping] = []
    tree: Tree | None = None
    for samples, margin in _steps(len(vectors), settings):
        if tree is None or tree.clusterer.min_samples != samples:
            tree = _tree(vectors, heavy, samples, settings, tree)
        reach = _reach(vectors, tree.clusterer.labels_, margin, settings)
        tried.append(_attempt(vectors, heavy, tree, reach, tried))
        if tried[-1].steps[-1].covered >= ENOUGH:
            break
    allowed = [attempt for attempt in tried if not _refused(attempt)]
    chosen = max(allowed or tried[:1], key=lambda attempt: attempt.steps[-1].covered)
    steps = tuple(_marked(attempt, chosen, len(tried)) for attempt in tried)
    return Grouping(
        chosen.clusterer, chosen.reach, chosen.found, chosen.labels, chosen.limit, steps,
        (*chosen.remarks, *_ladder_remark(steps)),
    )  # fmt: skip


def _steps(exemplars: int, settings: Narratives) -> tuple[tuple[int, float], ...]:
    laddered = exemplars >= LADDER_FROM and settings.widen
    if settings.min_samples is not None:
        margins = sorted({margin for _, margin in LADDER}, reverse=True)
        return tuple(
            (settings.min_samples, margin) for margin in margins[: None if laddered else 1]
        )
    return LADDER if laddered else ((first_min_samples(exemplars), MARGIN),)


@dataclass(frozen=True)
class Tree:
    """A fitted clusterer, the most rows that a group may hold, and what was done about it."""

    clusterer: NarrativeClusterer
    limit: int
    remarks: tuple[str, ...]


def _attempt(
    vectors: Matrix, weights: np.ndarray, tree: Tree, reach: Reach, before: list[Grouping]
) -> Grouping:
    clusterer = tree.clusterer
    groups = len(clusterer.persistence_)
    found = near(vectors, reach)
    labels = widened(clusterer.labels_, found, tree.limit)
    step = Step(
        clusterer.min_cluster_size, clusterer.min_samples, reach.margin, groups,
        _share(weights, clusterer.labels_), _share(weights, labels), largest_share(labels),
        _judged(before, groups, labels),
    )  # fmt: skip
    return Grouping(clusterer, reach, found, labels, tree.limit, (step,), tree.remarks)


def _tree(
    vectors: Matrix, weights: np.ndarray, samples: int, settings: Narratives, former: Tree | None
) -> Tree:
    """The plain tree; a group that swallows the corpus, or exceeds the bound, is taken apart.

    Neighbours are searched once: every further tree stands on those of the `former` one.
    """
    rows = len(vectors)
    clusterer = _fitted(vectors, weights, samples, settings, former)
    share = largest_share(clusterer.labels_)
    limit = int(max(LARGEST_SHARE * rows, 3 * rows**0.5)) if rows >= GUARD_FROM else rows
    allowed = LARGEST_SHARE if rows >= BOUNDED_FROM else SWALLOWED_SHARE
    if rows < GUARD_FROM or share <= allowed:
        return Tree(clusterer, limit if rows >= BOUNDED_FROM else rows, ())
    clusterer = clusterer.regrouped(vectors, weights, max_cluster_size=limit)
    remark = (
        f"one group held {share:.0%} of the talking points and was split:"
        f" no narrative was allowed more than {limit:,} of them"
    )
    return Tree(clusterer, limit, (remark,))


def _fitted(
    vectors: Matrix, weights: np.ndarray, samples: int, settings: Narratives, former: Tree | None
) -> NarrativeClusterer:
    if former is not None:
        return former.clusterer.regrouped(vectors, weights, min_samples=samples, max_cluster_size=0)
    size = settings.min_cluster_size or scaled_min_cluster_size(len(vectors))
    clusterer = NarrativeClusterer(size, samples, settings.cluster_selection_method)
    return clusterer.fit(vectors, weights=weights)


def _reach(vectors: Matrix, labels: Labels, margin: float, settings: Narratives) -> Reach:
    groups = int(labels.max(initial=-1)) + 1
    if settings.join_threshold is not None:
        return fixed_reach(vectors, labels, groups, settings.join_threshold)
    if settings.widen:
        return reach_of(vectors, labels, groups, margin)
    return no_reach(vectors, labels, groups)


def _share(weights: np.ndarray, labels: Labels) -> float:
    total = float(weights.sum())
    return float(weights[labels >= 0].sum()) / total if total else 0.0


def _judged(before: list[Grouping], groups: int, labels: Labels) -> str:
    """What speaks against a step, "" when nothing does; the first has nothing to be held to."""
    if not before:
        return ""
    if largest_share(labels) > LARGEST_SHARE:
        return f"refused: one narrative would hold more than {LARGEST_SHARE:.0%}"
    if groups * 2 < before[0].steps[0].groups:
        return "refused: half of the narratives would be lost"
    return ""


def _refused(attempt: Grouping) -> bool:
    return attempt.steps[0].outcome.startswith("refused")


def _marked(attempt: Grouping, chosen: Grouping, tried: int) -> Step:
    step = attempt.steps[0]
    if attempt is chosen:
        reason = "covers enough" if step.covered >= ENOUGH else "covers most of what was tried"
        outcome = f"chosen: {reason}" if tried > 1 else "chosen"
    else:
        outcome = step.outcome or "not chosen: covers less"
    return Step(**{**step.__dict__, "outcome": outcome})


def _ladder_remark(steps: tuple[Step, ...]) -> list[str]:
    if len(steps) < 2:
        return []
    shown = ", ".join(
        f"{step.covered:.0%} with min_samples {step.min_samples} and margin {step.margin:g}"
        for step in steps
    )
    taken = next(step for step in steps if step.outcome.startswith("chosen"))
    return [
        f"narratives would cover {shown} of the posts that shaped them; min_samples"
        f" {taken.min_samples} and margin {taken.margin:g} were taken"
        f" ({taken.outcome.removeprefix('chosen: ')})"
    ]


def largest_share(labels: Labels) -> float:
    """Return the share of all rows that the largest group holds."""
    counts = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(1)
    return float(counts.max() / max(1, len(labels)))
