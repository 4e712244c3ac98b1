"""One talking point on a card: how far it was copied, in which wordings, and who hangs on whom.

In: the linked posts and a row of talking_points. Out: what the card prints. Wordings are marked
against the medoid, the text most like all others, word by word; each says how often it was written,
when first and by which account. Members come with the earlier post that each hangs on and the exact
likeness to it, so that a reader can follow a family from its first text. Every text is a post,
verbatim up to pseudonyms; a report that withholds quotes shows no wordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from reports import wording
from reports.diff import diff_html
from reports.evidence import Citation, Evidence
from reports.links import Links, first_known
from reports.narrative_findings import first_sentence
from reports.opens import WRITTEN, both

MAX_VARIANTS = 4
# Members of each shown point that are listed and enter the appendix, oldest first.
POSTS_PER_POINT = 10


@dataclass(frozen=True)
class Variant:
    """Another wording of the same talking point, marked against the medoid."""

    posts: str
    accounts: str
    opens: str
    first: str
    part: int | None
    diff: Markup
    cited: Citation


@dataclass(frozen=True)
class Member:
    """One post of the family; `hangs_on` is None for the first, and where it was not linked."""

    cited: Citation
    similarity: str
    hangs_on: Citation | None
    link: str
    depth: str
    part: int | None


@dataclass(frozen=True)
class Point:
    """One copied talking point; `cited` is its medoid, `earliest` its first text if another."""

    anchor: str
    accounts: str
    posts: str
    opens: str
    written: str
    exact: str
    first: str
    last: str
    cited: Citation | None
    earliest: Citation | None
    variants: list[Variant]
    wordings: int
    parts: int
    likeness: str
    members: list[Member]
    more_members: int
    joined: str


def point_shown(links: Links, evidence: Evidence, point: Mapping[str, Any]) -> Point:
    """Return what the card prints of one talking point."""
    point_id = point["point_id"]
    posts = links.written_in_point(point_id)
    held = _held(links, posts)
    medoid = _medoid(point, posts)
    cited = evidence.cite(medoid)
    earliest = None if medoid == point["exemplar_id"] else evidence.cite(point["exemplar_id"])
    variants, wordings = _variants(evidence, posts, medoid, held)
    accounts = {a for a in posts["account_id"].to_pylist() if a is not None}
    opens = evidence.opens.point(point_id)
    return Point(
        anchor=f"point-{evidence.redactor.derived(point_id)[:12]}",
        accounts=wording.count(len(accounts), "account"),
        posts=wording.count(posts.num_rows, "post"),
        opens=opens,
        written=both(opens, WRITTEN),
        exact=wording.share(point["exact_share"], 1.0),
        first=evidence.redactor.statement(first_sentence(posts)),
        last=wording.moment(first_known(reversed(posts["created_at"].to_pylist()))),
        cited=cited,
        earliest=earliest,
        variants=variants,
        wordings=wordings,
        parts=point.get("variants") or 1,
        likeness=_likeness(point),
        members=_members(evidence, posts, held),
        more_members=max(0, posts.num_rows - POSTS_PER_POINT),
        joined=_joined(links, posts),
    )


def _held(links: Links, posts: pa.Table) -> dict[str, dict[str, Any]]:
    """The row of point_posts of each of these posts."""
    table = links["point_posts"]
    rows = table.filter(pc.is_in(table["post_id"], value_set=posts["post_id"].combine_chunks()))
    return {row["post_id"]: row for row in rows.to_pylist()}


def _medoid(point: Mapping[str, Any], posts: pa.Table) -> str:
    """The post whose text is most like all others; the earliest where the run names none."""
    medoid = point.get("medoid_id")
    known = posts["post_id"].to_pylist()
    return str(medoid if medoid in known else point["exemplar_id"])


def _likeness(point: Mapping[str, Any]) -> str:
    """How tightly the texts hang together, in words; "" for one text or an unmeasured family."""
    if point.get("weakest") is None or point.get("cohesion") is None:
        return ""
    return (
        f"Likeness of the texts to the middle one {point['cohesion']:.2f} on average; the weakest"
        f" link that holds the family together is {point['weakest']:.2f}."
    )


Wordings = list[tuple[str, list[int]]]


def _wordings(posts: pa.Table) -> Wordings:
    """Each text as read with the rows that hold it, in the order of time."""
    found: dict[str, list[int]] = {}
    for row, text in enumerate(posts["text"].to_pylist()):
        found.setdefault(text, []).append(row)
    return list(found.items())


def _variants(
    evidence: Evidence, posts: pa.Table, medoid: str, held: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Variant], int]:
    """The most frequent other wordings, one of each sub-variant first; how many there are."""
    wordings = _wordings(posts)
    ids = posts["post_id"].to_pylist()
    middle = next((text for text, rows in wordings if medoid in {ids[r] for r in rows}), None)
    few = evidence.redactor.min_accounts > 1  # a wording is what few of them wrote
    if middle is None or few or evidence.redactor.withheld():
        return [], len(wordings)
    others = [(text, rows) for text, rows in wordings if text != middle]
    others.sort(key=lambda pair: (-len(pair[1]), pair[1][0]))
    before = evidence.redactor.text(middle)
    made = [
        _variant(evidence, posts, rows, before, held)
        for _, rows in _spread(others, ids, held)[:MAX_VARIANTS]
    ]
    return [variant for variant in made if variant is not None], len(wordings)


def _spread(others: Wordings, ids: Sequence[str], held: Mapping[str, Any]) -> Wordings:
    """The first wording of each sub-variant before all others."""
    seen: set[Any] = {None}
    first: Wordings = []
    rest: Wordings = []
    for text, rows in others:
        part = (held.get(ids[rows[0]]) or {}).get("variant")
        (rest if part in seen else first).append((text, rows))
        seen.add(part)
    return first + rest


def _variant(
    evidence: Evidence,
    posts: pa.Table,
    rows: Sequence[int],
    before: str,
    held: Mapping[str, Mapping[str, Any]],
) -> Variant | None:
    own = posts.take(list(rows))
    ids = own["post_id"].to_pylist()
    cited = evidence.cite(ids[0])
    if cited is None:
        return None
    accounts = {a for a in own["account_id"].to_pylist() if a is not None}
    return Variant(
        posts=wording.count(own.num_rows, "post"),
        accounts=wording.count(len(accounts), "account"),
        opens=evidence.opens.posts(ids),
        first=f"first {cited.at} by",
        part=(held.get(ids[0]) or {}).get("variant"),
        diff=diff_html(before, evidence.redactor.text(own["text"][0].as_py())),
        cited=cited,
    )


def _members(
    evidence: Evidence, posts: pa.Table, held: Mapping[str, Mapping[str, Any]]
) -> list[Member]:
    """The oldest members; all are cited before any is linked, so numbers follow the time."""
    ids = posts["post_id"].slice(0, POSTS_PER_POINT).to_pylist()
    evidence.cite_all(ids)
    made = []
    for post_id in ids:
        row, cited = held.get(post_id), evidence.cite(post_id)
        if row is None or cited is None:
            continue
        on = row.get("linked_to")
        link, depth = row.get("link_similarity"), row.get("depth")
        made.append(
            Member(
                cited=cited,
                similarity=f"{row['similarity']:.2f}",
                hangs_on=evidence.cite(on) if on is not None else None,
                link="" if link is None else f"{link:.2f}",
                depth="" if depth is None else f"{depth}",
                part=row.get("variant"),
            )
        )
    return made


def _joined(links: Links, posts: pa.Table) -> str:
    """Which shared passages touch these posts, in words; "" for none."""
    table = links["shared_passages"]
    ids = posts["post_id"].combine_chunks()
    touching = pc.or_(
        pc.is_in(table["post_a"], value_set=ids), pc.is_in(table["post_b"], value_set=ids)
    )
    number = table.filter(touching).num_rows
    if not number:
        return ""
    return f"{wording.count(number, 'shared passage')} with longer texts"
