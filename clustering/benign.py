"""Which talking points were copied for harmless reasons, and for which?

In: posts, texts and point_posts (and carried columns, when one names the posting client). Out: one
row for each talking point of two or more accounts that has a reason to be copied which needs no
coordination: its class, the reason in words, up to four posts that show it, and a score.

* application_template: an application wrote it. Its phrase is known (`benign.toml`), or a measured
  manner says so: numbers or mentions differ from post to post, no day holds many of the posts, and
  its accounts share next to nothing else.
* syndication: accounts that read like news outlets (`clustering.benign_accounts`) wrote most of it.
* share_button: most posts name their source or ask to read on, as buttons do.
* quote: most posts are wholly somebody's words in quotation marks.
* chain_post, fandom: pleas to copy and pass on; votes and streams for performers.
* headline: impersonal title and link, shared by readers who share little else.

A class drops nothing and accuses nobody. Only application templates are no statement of an account
and stand outside ties by default (`LEFT_OUT`); everything else is reported beside its class. The
classes that rest on readers acting on their own (all but the first two) are refused where the
accounts share other points too: then that explanation is the weaker one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.benign_accounts import Manners, manners
from clustering.benign_features import RELATING_WORDS, Features, describe_points
from clustering.benign_posts import Told, gaps_to_others, told_posts
from corpus.tables import OUTLETS, POINT_CLASSES

CLASSES = (
    "application_template",
    "syndication",
    "share_button",
    "quote",
    "headline",
    "chain_post",
    "fandom",
)
# Classes that ties leave out unless told otherwise.
LEFT_OUT = ("application_template",)

# Share of a point's posts that must have what makes its class.
MOSTLY = 0.5
# An application writes every post; the rest is who quotes it.
TEMPLATE_SHARE = 0.6
# Posts and accounts below which "spread over time and unrelated accounts" cannot be seen.
TEMPLATE_POSTS, TEMPLATE_ACCOUNTS = 5, 3
# The fullest day may hold this share of the posts; five posts on five days have .2.
MOST_IN_A_DAY = 0.4
# Share of the point's pairs of accounts that share another point: application users hardly do.
STRANGERS = 0.2
# Up to here readers may act on their own.
READERS = 0.5
# A rare client: it wrote nearly all of the point, and little of the corpus.
ONE_CLIENT, RARE_CLIENT = 0.9, 0.2
# A title has as many words.
TITLE_WORDS = 5
EVIDENCE = 4


@dataclass(frozen=True)
class PointClasses:
    """What the stage makes; contracts in `corpus.tables`."""

    point_classes: pa.Table
    outlets: pa.Table


def classify_points(
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    kept: pa.Table | None = None,
) -> PointClasses:
    """Return POINT_CLASSES and OUTLETS.

    Parameters
    ----------
    posts, texts, point_posts
        The tables of these names.
    kept
        The table kept_columns; a column called client, source or app in it names what posted.
    """
    told = told_posts(posts, texts, point_posts)
    shared = (told.accounts_of_points() >= 2)[told.point]
    gaps = gaps_to_others(told, shared)
    manner = manners(told, shared, gaps)
    features = describe_points(told, shared, manner.outlet, kept)
    rows = [row for at in range(len(features.point)) if (row := _row(told, features, at))]
    return PointClasses(POINT_CLASSES.from_rows(rows), _outlets(told, manner))


def _row(told: Told, features: Features, at: int) -> dict[str, object] | None:
    found = _class(features, at)
    if found is None:
        return None
    name, reason, score = found
    return {
        "point_id": told.points[int(features.point[at])].as_py(),
        "benign_class": name,
        "reason": reason,
        "evidence": features.evidence(told, at, EVIDENCE),
        "score": float(score),
    }


def _class(f: Features, at: int) -> tuple[str, str, float] | None:
    """The first class that holds, from the most to the least certain."""
    for judge in (_template, _measured_template, _passed_on, _news, _quote, _headline):
        found = judge(f, at)
        if found is not None:
            return found
    return None


def _template(f: Features, at: int) -> tuple[str, str, float] | None:
    share = f.phrased["application_template"][at]
    if share < TEMPLATE_SHARE:
        return None
    return (
        "application_template",
        f"{_part(share)} have the wording of an application: {f.means[at]}",
        share,
    )


def _measured_template(f: Features, at: int) -> tuple[str, str, float] | None:
    if f.posts[at] < TEMPLATE_POSTS or f.accounts[at] < TEMPLATE_ACCOUNTS:
        return None
    if f.words[at] < RELATING_WORDS:  # thanks to many people are no template
        return None
    apart = f.crowded[at] <= MOST_IN_A_DAY and f.related[at] <= STRANGERS
    filled = max(f.numbers[at], f.mentions[at])
    client = f.client_share[at] >= ONE_CLIENT and f.client_commonness[at] <= RARE_CLIENT
    if not apart or not (filled >= TEMPLATE_SHARE or client):
        return None
    what = "numbers" if f.numbers[at] >= f.mentions[at] else "mentions"
    slots = f"{what} differ in {_part(filled)}, " if filled >= TEMPLATE_SHARE else ""
    by = f"one client wrote {_part(f.client_share[at])}, " if client else ""
    reason = (
        f"one frame: {slots}{by}no day holds more than {f.crowded[at]:.0%} of them, and"
        f" {f.related[at]:.0%} of the pairs of its {f.accounts[at]} accounts share anything else"
    )
    return "application_template", reason, max(filled, f.client_share[at] if client else 0.0)


def _passed_on(f: Features, at: int) -> tuple[str, str, float] | None:
    for name in ("chain_post", "fandom"):
        share = f.phrased[name][at]
        if share >= MOSTLY and f.related[at] <= READERS:
            what = (
                "ask to be copied on" if name == "chain_post" else "vote or stream for performers"
            )
            return name, f"{_part(share)} {what}{_unrelated(f, at)}", share
    return None


def _news(f: Features, at: int) -> tuple[str, str, float] | None:
    """Outlets' own posts and what buttons made of them, by whichever is more."""
    outlets, buttons = f.outlet_posts[at], f.buttons[at]
    if outlets + buttons < MOSTLY:
        return None
    if outlets > MOSTLY or (f.outlets[at] > 1 and outlets >= buttons):
        reason = (
            f"{_part(outlets)} are by accounts that read like news outlets (impersonal"
            " sentences, no replies, round the clock)"
        )
        more = f"; {_part(buttons)} by readers' share buttons" if buttons else ""
        return "syndication", reason + more, outlets + buttons
    if f.related[at] > READERS or buttons == 0:
        return None
    reason = f"{_part(buttons)} name their source or ask to read on, as share buttons do"
    return "share_button", reason + _unrelated(f, at), outlets + buttons


def _quote(f: Features, at: int) -> tuple[str, str, float] | None:
    share = f.quotes[at]
    if share < MOSTLY or f.related[at] > READERS:
        return None
    return (
        "quote",
        f"{_part(share)} are words in quotation marks, or with their author{_unrelated(f, at)}",
        share,
    )


def _headline(f: Features, at: int) -> tuple[str, str, float] | None:
    share = f.titles[at]
    if share < TEMPLATE_SHARE or f.related[at] > STRANGERS or f.words[at] < TITLE_WORDS:
        return None
    return (
        "headline",
        f"{_part(share)} are an impersonal title and a link{_unrelated(f, at)}",
        share,
    )


def _part(share: float) -> str:
    return f"{share:.0%} of its posts"


def _unrelated(f: Features, at: int) -> str:
    return (
        f"; {f.related[at]:.0%} of the pairs of its {f.accounts[at]} accounts share anything else"
    )


def _outlets(told: Told, manner: Manners) -> pa.Table:
    rows = [
        {
            "account_id": told.accounts[int(at)].as_py(),
            "posts_read": int(manner.judged[at]),
            "personal_share": float(manner.personal[at]),
            "copied_share": float(manner.copied[at]),
            "median_gap_s": float(manner.gap_s[at]) if np.isfinite(manner.gap_s[at]) else None,
            "hours": int(manner.hours[at]),
            "days": int(manner.days[at]),
            "reason": (
                f"reads like a news outlet: {manner.personal[at]:.0%} of {manner.judged[at]:,}"
                f" posts read speak in the first or second person, {manner.replies[at]:.0%} are"
                " replies,"
                f" written in {manner.hours[at]} hours of the day on {manner.days[at]:,} days"
            ),
        }
        for at in np.flatnonzero(manner.outlet)
    ]
    return OUTLETS.from_rows(rows)


def class_of_shared(
    shared: Mapping[str, float], classes: Mapping[str, str], mostly: float = MOSTLY
) -> str | None:
    """Return the benign class of a tie or group: the one that most of what it shares has.

    Parameters
    ----------
    shared
        Weight (posts, pairs) of each talking point that the tie or group rests on.
    classes
        point_id to benign_class, of the table point_classes; points without a class are not in it.
    mostly
        Share of the weight that must lie in points of a class; among these the heaviest class wins,
        and ties between classes are broken in the order of `CLASSES`.
    """
    total = sum(shared.values())
    weights = dict.fromkeys(CLASSES, 0.0)
    for point, weight in shared.items():
        if point in classes:
            weights[classes[point]] += weight
    if total <= 0 or sum(weights.values()) < mostly * total:
        return None
    return max(CLASSES, key=lambda name: weights[name])


def reason_of_shared(
    shared: Mapping[str, float], classes: Mapping[str, str], outlets: Collection[str] = ()
) -> str:
    """Say in words what `class_of_shared` rests on."""
    total = sum(shared.values())
    found = class_of_shared(shared, classes)
    if found is None:
        return "most of what is shared has no harmless explanation that was looked for"
    inside = sum(weight for point, weight in shared.items() if classes.get(point) == found)
    points = sum(classes.get(point) == found for point in shared)
    more = f"; {len(outlets):,} of the accounts read like news outlets" if outlets else ""
    return (
        f"{inside / total:.0%} of what is shared lies in {points:,} of {len(shared):,} talking"
        f" points of the class {found}{more}"
    )


def left_out(point_classes: pa.Table) -> pa.Array:
    """Return the ids of the talking points that ties leave out by default."""
    wanted = pc.is_in(point_classes.column("benign_class"), value_set=pa.array(LEFT_OUT))
    return point_classes.filter(wanted).column("point_id").combine_chunks()
