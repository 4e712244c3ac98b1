"""Scores of talking points and narratives.

The copy tier groups posts of one wording; a translation or a paraphrase opens a new wording of the
same point, which this tier is not expected to see and which is counted apart. Reposts follow the
text they repeat and are counted apart too. App templates (one frame, other numbers) are left out
of the headline numbers: whether they are copies is a matter of taste.
"""

from __future__ import annotations

import pandas as pd

from scripts.campaign.metrics import (
    Rate,
    adjusted_mutual_information,
    adjusted_rand,
    b_cubed,
    count_pairs,
    pair_recall_of,
)
from scripts.campaign.scoring import (
    COPY_KINDS,
    TIER_KINDS,
    Line,
    Tables,
    Truth,
    absent,
    rate_line,
)

POINTS = "near-duplicates"
NARRATIVES = "narratives"


def score_points(tables: Tables, truth: Truth) -> list[Line]:
    """Score point_posts against the wordings and points of the truth."""
    if lines := absent(tables, POINTS, "point_posts"):
        return lines
    posts = _joined(tables, truth)
    lines = [
        rate_line(POINTS, "posts of the truth in the case", Rate(len(posts), len(truth.posts)))
    ]
    own = posts[(posts.edit_kind != "repost") & (posts.edit_kind != "template")]
    lines += _copies(own)
    lines += _beyond_copies(own)
    templates = posts[posts.edit_kind == "template"]
    pairs = count_pairs(list(templates.wording_truth), list(templates.point_id))
    lines.append(rate_line(POINTS, "app templates: pair recall", pairs.recall, "counted apart"))
    return [*lines, _reposts(posts)]


def _joined(tables: Tables, truth: Truth) -> pd.DataFrame:
    found = tables["point_posts"][["post_id", "point_id"]]
    return truth.posts.merge(found, on="post_id", how="inner")


def _copies(own: pd.DataFrame) -> list[Line]:
    true, found = list(own.wording_truth), list(own.point_id)
    pairs = count_pairs(true, found)
    precision, recall = b_cubed(true, found) if true else (None, None)
    lines = [
        rate_line(POINTS, "pair precision (same wording)", pairs.precision),
        rate_line(POINTS, "pair recall (same wording)", pairs.recall),
        Line(POINTS, "B-cubed precision", precision, total=len(true)),
        Line(POINTS, "B-cubed recall", recall, total=len(true)),
    ]
    for kind in COPY_KINDS:
        rate = pair_recall_of(true, found, list(own.edit_kind == kind))
        lines.append(rate_line(POINTS, f"pair recall, edit kind {kind}", rate))
    ordinary = own[own.wording_truth == own.post_id]
    alone = own.groupby("point_id").post_id.transform("size") == 1
    stayed = int(alone[ordinary.index].sum())
    return [*lines, rate_line(POINTS, "own words kept alone", Rate(stayed, len(ordinary)))]


def _beyond_copies(own: pd.DataFrame) -> list[Line]:
    """Score what joins two wordings of one point: not expected of the copy tier."""
    points = count_pairs(list(own.point_truth), list(own.point_id))
    copies = count_pairs(list(own.wording_truth), list(own.point_id))
    between = Rate(points.both - copies.both, points.truth - copies.truth)
    lines = [
        rate_line(POINTS, "pair precision (same point)", points.precision),
        rate_line(POINTS, "pairs of two wordings joined", between, "beyond the copy tier"),
    ]
    first = own[own.edit_kind.isin(["original", *TIER_KINDS])]
    for kind in TIER_KINDS:
        rate = pair_recall_of(
            list(first.point_truth), list(first.point_id), list(first.edit_kind == kind)
        )
        lines.append(
            rate_line(POINTS, f"first posts of a {kind} joined", rate, "beyond the copy tier")
        )
    return lines


def _reposts(posts: pd.DataFrame) -> Line:
    """Count the reposts that lie in the point of the text they repeat."""
    written = posts[posts.edit_kind != "repost"]
    homes = set(zip(written.wording_truth, written.point_id, strict=True))
    reposts = posts[posts.edit_kind == "repost"]
    followed = sum(
        key in homes for key in zip(reposts.wording_truth, reposts.point_id, strict=True)
    )
    return rate_line(POINTS, "reposts beside their text", Rate(followed, len(reposts)))


def score_narratives(tables: Tables, truth: Truth) -> list[Line]:
    """Score narrative_points against the narratives of the truth, at the coverage stated."""
    if lines := absent(tables, NARRATIVES, "point_posts", "narrative_points"):
        return lines
    linked = tables["narrative_points"][["point_id", "narrative_id"]]
    posts = _joined(tables, truth).merge(linked, on="point_id", how="left")
    posts = posts[posts.edit_kind != "repost"]
    lines = _agreement(posts, "all topics")
    negative = posts[posts.narrative_truth.str.startswith("neg_")]
    return lines + _agreement(negative, "negative narratives")


def _agreement(posts: pd.DataFrame, name: str) -> list[Line]:
    """Compare within languages too: a narrative may be clustered one language at a time."""
    covered = posts[posts.narrative_id.notna()]
    lines = [rate_line(NARRATIVES, f"{name}: coverage", Rate(len(covered), len(posts)))]
    if covered.empty:
        return lines
    found = list(covered.narrative_id)
    across = list(covered.narrative_truth)
    within = list(zip(covered.narrative_truth, covered.lang, strict=True))
    for true, scope in ((across, "over languages"), (within, "within languages")):
        precision, recall = b_cubed(true, found)
        values = {
            "ARI": adjusted_rand(true, found),
            "AMI": adjusted_mutual_information(true, found),
            "B-cubed precision": precision,
            "B-cubed recall": recall,
        }
        lines += [
            Line(NARRATIVES, f"{name}: {measure} {scope}", value, total=len(found))
            for measure, value in values.items()
        ]
    return lines
