"""Which ties count, and is there a harmless reason for them?

In: traces before they are tied, ties afterwards, and the classes of talking points
(`clustering.benign`). Out: traces without what applications wrote, and ties with three columns
filled: validated, benign_class, reason.

A tie counts when its q is at most the level asked for and the two accounts met in at least
MIN_OBJECTS different things of one layer. The second rule is no statistics: among thousands of
organic accounts a few share two texts (shops of one owner, agencies on one story) that no model of
chance explains, and two of anything is an anecdote. Hashtags and domains are topics rather than
messages: who uses the same ones on the same day shares an interest, which no null knows; they count
up to TOPIC_WINDOW_S. A harmless reason never unmakes a tie: it is told beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clustering.benign import class_of_shared, left_out, reason_of_shared

# Different things of one layer in which two accounts must have met. Chosen on organic crowds mixed
# with a known campaign: before the null had its third bound, two left 8 to 12 organic accounts in
# components of three, three left none, and the campaign lost none. docs/benchmarks.md has today's.
MIN_OBJECTS = 3
LEVEL = 0.05
# Ties that did not pass and are kept, the least likely ones of each layer, to be shown beside.
STRONGEST = 1_000
# Ties that passed and are kept; more are no longer read one by one. The least likely ones stay.
MOST = 200_000
# Layers whose objects are topics, and the widest window in which they count: members of one party
# who used the same five hashtags on the same days were tied at a day, none at an hour.
TOPIC_LAYERS, TOPIC_WINDOW_S = ("hashtag", "domain"), 3_600
# Layers whose objects are texts: there what an application wrote is no statement of the account.
TEXT_LAYERS = ("copied_text", "near_duplicate", "paraphrase")


def without_templates(
    traces: pa.Table, point_posts: pa.Table, point_classes: pa.Table
) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the traces without texts that applications wrote, and a note saying how many."""
    points = left_out(point_classes)
    of_them = pc.is_in(point_posts.column("point_id"), value_set=points)
    posts = point_posts.filter(of_them).column("post_id").combine_chunks()
    text = pc.is_in(traces.column("layer"), value_set=pa.array(TEXT_LAYERS))
    drop = pc.and_(text, pc.is_in(traces.column("post_id"), value_set=posts))
    if not pc.any(drop).as_py():
        return traces, ()
    note = (
        f"{len(posts):,} posts of {len(points):,} talking points have the wording of an application"
        " and tie nobody by their text; see point_classes"
    )
    return traces.filter(pc.invert(drop)), (note,)


def passed(ties: pa.Table, *, level: float = LEVEL, least: int = MIN_OBJECTS) -> pa.Array:
    """Return for each tie whether it counts."""
    few = pc.less_equal(ties.column("q_value"), level)
    enough = pc.and_(few, pc.greater_equal(ties.column("n_objects"), least))
    topic = pc.is_in(ties.column("layer"), value_set=pa.array(TOPIC_LAYERS))
    wide = pc.fill_null(pc.greater(ties.column("window_s"), TOPIC_WINDOW_S), True)
    return pc.and_not(enough, pc.and_(topic, wide)).combine_chunks()


def worth_keeping(
    ties: pa.Table, *, level: float = LEVEL, least: int = MIN_OBJECTS
) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the ties that count, and of each layer the STRONGEST others, with `validated` filled.

    Order: smallest p first, then by accounts, layer and window.
    """
    flags = passed(ties, level=level, least=least)
    at = ties.schema.get_field_index("validated")
    marked = ties.set_column(at, ties.schema.field(at), flags)
    count = marked.filter(flags)
    notes = []
    if count.num_rows > MOST:
        notes.append(
            f"{count.num_rows:,} ties passed; the {MOST:,} least likely ones are kept in the table"
        )
    others = marked.filter(pc.invert(flags))
    parts = [_least_likely(count, MOST)]
    for layer in sorted(pc.unique(others.column("layer")).to_pylist()):
        rows = others.filter(pc.equal(others.column("layer"), layer))
        parts.append(_least_likely(rows, STRONGEST))
    return pa.concat_tables(parts), tuple(notes)


def _least_likely(ties: pa.Table, most: int) -> pa.Table:
    keys = ("p_value", "account_a", "account_b", "layer", "window_s")
    return ties.sort_by([(key, "ascending") for key in keys]).slice(0, most)


def classed(
    ties: pa.Table, *, point_posts: pa.Table, point_classes: pa.Table, outlets: pa.Table
) -> pa.Table:
    """Return the ties with benign_class and reason where there is a harmless one.

    What a tie rests on are the talking points of its posts in evidence. Where these have no class
    but both accounts write as news outlets do, that is the reason.
    """
    classes = dict(
        zip(*(point_classes[c].to_pylist() for c in ("point_id", "benign_class")), strict=True)
    )
    papers = set(outlets.column("account_id").to_pylist())
    points = points_of(ties.column("evidence"), point_posts)
    found = [
        judged(Counter(shared), classes, (a, b), papers)
        for shared, a, b in zip(
            points, ties["account_a"].to_pylist(), ties["account_b"].to_pylist(), strict=True
        )
    ]
    for name, column in (("benign_class", 0), ("reason", 1)):
        at = ties.schema.get_field_index(name)
        values = pa.array([row[column] for row in found], pa.string())
        ties = ties.set_column(at, ties.schema.field(at), values)
    return ties


def judged(
    shared: Mapping[str, float],
    classes: Mapping[str, str],
    accounts: Sequence[str],
    outlets: set[str],
) -> tuple[str | None, str | None]:
    """Return class and reason of a tie or group of these accounts, or None twice."""
    papers = [account for account in accounts if account in outlets]
    found = class_of_shared(shared, classes)
    if found is not None:
        return found, reason_of_shared(shared, classes, papers)
    if accounts and len(papers) == len(accounts):
        return "syndication", f"all {len(papers):,} accounts read like news outlets (see outlets)"
    return None, None


def points_of(evidence: pa.ChunkedArray, point_posts: pa.Table) -> list[list[str]]:
    """Return the talking points of each list of posts, repeated as often as posts have them."""
    whole = evidence.combine_chunks()
    posts = whole.flatten()
    at = pc.index_in(posts, value_set=point_posts.column("post_id").combine_chunks())
    points = np.array(point_posts.column("point_id").take(at).to_pylist(), dtype=object)
    cuts = np.concatenate([[0], np.cumsum(pc.list_value_length(whole).to_numpy())]).astype(int)
    return [
        [point for point in points[low:high] if point is not None]
        for low, high in pairwise(cuts.tolist())
    ]
