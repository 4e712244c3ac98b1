"""What did each post share? One table of traces for all layers of coordination.

In: posts, their matching texts, the talking point of each post, paraphrases between points. Out:
traces: layer, object_id, post_id, account_id, platform, created_at, variant. Two posts with one
object of a layer shared the same thing there; layers are never added up.

| layer | object |
|---|---|
| copied_text | the normalized text; a text with nothing left (links, mentions alone) is no object |
| near_duplicate | the talking point (family of near-duplicates) |
| paraphrase | a point and the points that say the same in other words; copies are no pair there |
| url | canonical link (`clustering.url_forms`) |
| domain | host of the link; shorteners hide it and are left out |
| hashtag | the tag, without regard to case |
| hashtag_sequence | at least 5 different tags in the same order |
| repost | the reposted post; where its id is not known, its words stand for it |
| reply | the post that is answered |
| media, column_NAME | what an analyst's own columns hold (`clustering.own_traces`) |

Reposts stand in the repost layer alone: they repeat text, links and tags by themselves. Posts
without an account, or without a time more precise than the day, leave no trace; `notes` counts
them. Ids are taken as they are: where a corpus holds several platforms they read platform:id, so
that one link or text ties accounts across platforms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clustering.own_traces import MEDIA, Row, own_layers
from clustering.url_forms import canonical_url, host_of, is_short, url_forms
from corpus.identity import content_id
from corpus.tables import TRACES, conform

LAYERS = (
    "copied_text", "near_duplicate", "paraphrase", "url", "domain", "hashtag",
    "hashtag_sequence", "repost", "reply", MEDIA,
)  # fmt: skip
# Tags of a sequence: fewer are often the same by chance (CS3 of Cinus et al. and Luceri et al. 2024
# ask for five different ones too).
MIN_SEQUENCE = 5
# Precisions of a time that say within which minute a post was written.
PRECISE = ("second", "minute")


@dataclass(frozen=True)
class Traces:
    """`table` keeps the contract of traces, ordered by layer, object, time and post."""

    table: pa.Table
    notes: tuple[str, ...]


def find_traces(
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    paraphrases: pa.Table,
    kept_columns: pa.Table | None = None,
    tie_on: Sequence[str] = (),
) -> Traces:
    """Return the traces of all layers; tables keep their contracts.

    `kept_columns` holds media hashes and the columns that `tie_on` names, where there are any.
    """
    placed = posts.filter(_has_place(posts))
    notes = _left_out(posts, placed)
    wrote = placed.filter(pc.not_equal(placed.column("kind"), "repost"))
    links, short = _links(wrote)
    if short:
        notes.append(
            f"{short:,} links go through services that give each posting a link of its own"
            f" ({', '.join(sorted(url_forms().each_its_own))}); the pages behind them are unknown,"
            " so they tie nobody"
        )
    ids = wrote.column("post_id").to_pylist()
    said = list(zip(ids, _by_post(wrote, texts, "text_norm"), strict=True))
    copies: list[Row] = [
        (post, content_id("copied_text", text), None) for post, text in said if text
    ]
    written = {post for post, text in said if text}
    in_points = zip(ids, _by_post(wrote, point_posts, "point_id"), strict=True)
    points: list[Row] = [(post, at, None) for post, at in in_points if at and post in written]
    layers = {
        "copied_text": copies,
        "near_duplicate": points,
        "paraphrase": _paraphrased(points, paraphrases),
        "url": links,
        "domain": _domains(links),
        "hashtag": _tags(wrote),
        "hashtag_sequence": _sequences(wrote),
        "repost": _reposted(placed, texts),
        "reply": _parents(placed, "reply"),
        **own_layers(wrote, kept_columns, tie_on),
    }
    tables = [_table(layer, rows, placed) for layer, rows in layers.items()]
    return Traces(conform(pa.concat_tables(tables), TRACES), tuple(notes))


def layer_events(traces: pa.Table, layer: str) -> pa.Table:
    """Return one layer's traces as events for `clustering.ties.find_ties`."""
    rows = traces.filter(pc.equal(traces.column("layer"), layer))
    events = rows.select(["object_id", "account_id", "post_id", "created_at", "variant"])
    return events.rename_columns(["object_id", "account_id", "content_id", "created_at", "variant"])


def _has_place(posts: pa.Table) -> Any:
    known = pc.and_(
        pc.is_valid(posts.column("account_id")), pc.is_valid(posts.column("created_at"))
    )
    return pc.and_(known, pc.is_in(posts.column("time_precision"), pa.array(PRECISE)))


def _left_out(posts: pa.Table, placed: pa.Table) -> list[str]:
    missing = posts.num_rows - placed.num_rows
    if not missing:
        return []
    return [
        f"{missing:,} of {posts.num_rows:,} posts have no account or no time of day; they could not"
        " be looked at for coordination"
    ]


def _by_post(posts: pa.Table, other: pa.Table, column: str) -> list[str | None]:
    """The other table's value for each post."""
    at = pc.index_in(posts.column("post_id"), value_set=other.column("post_id").combine_chunks())
    found: list[str | None] = other.column(column).take(at).to_pylist()
    return found


def _paraphrased(points: list[Row], paraphrases: pa.Table) -> list[Row]:
    """Families of points around the most linked ones; the point is the variant."""
    family = _stars(paraphrases)
    return [
        (post, content_id("paraphrase", family[point]), point)
        for post, point, _ in points
        if point in family
    ]


def _stars(paraphrases: pa.Table) -> dict[str, str]:
    """Give each linked point a hub: the point with most links takes those that are free.

    Components would chain: a says b, b says c, and a has nothing of c. A star is one step deep.
    """
    near: dict[str, set[str]] = {}
    pairs = (paraphrases.column(side).to_pylist() for side in ("point_a", "point_b"))
    for a, b in zip(*pairs, strict=True):
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    hubs: dict[str, str] = {}
    for point in sorted(near, key=lambda p: (-len(near[p]), p)):
        free = [other for other in near[point] if other not in hubs]
        if point not in hubs and free:
            hubs.update(dict.fromkeys([point, *free], point))
    return hubs


def _lists(posts: pa.Table, column: str) -> Iterator[tuple[str, list[str]]]:
    """Each post with its list."""
    return zip(posts.column("post_id").to_pylist(), posts.column(column).to_pylist(), strict=True)


def _links(posts: pa.Table) -> tuple[list[Row], int]:
    """Canonical links, and how many links no two postings can share."""
    own = url_forms().each_its_own
    found: list[Row] = []
    short = 0
    for post, urls in _lists(posts, "urls"):
        for link in dict.fromkeys(map(canonical_url, urls)):
            if link is not None and host_of(link) in own:
                short += 1
            elif link is not None:
                found.append((post, link, None))
    return found, short


def _domains(links: list[Row]) -> list[Row]:
    hosts = ((post, host_of(link), None) for post, link, _ in links if not is_short(link))
    return list(dict.fromkeys(hosts))


def _tag(tag: str) -> str:
    return unicodedata.normalize("NFKC", tag).casefold()


def _tags(posts: pa.Table) -> list[Row]:
    return [
        (post, tag, None)
        for post, tags in _lists(posts, "hashtags")
        for tag in dict.fromkeys(map(_tag, tags))
        if tag
    ]


def _sequences(posts: pa.Table) -> list[Row]:
    tagged = ((post, [_tag(tag) for tag in tags]) for post, tags in _lists(posts, "hashtags"))
    return [(post, " ".join(tags), None) for post, tags in tagged if len(set(tags)) >= MIN_SEQUENCE]


def _parents(posts: pa.Table, kind: str) -> list[Row]:
    """The post repeated or answered."""
    chosen = posts.filter(pc.equal(posts.column("kind"), kind))
    ids, parents = (chosen.column(name).to_pylist() for name in ("post_id", "parent_id"))
    return [(post, parent, None) for post, parent in zip(ids, parents, strict=True) if parent]


def _reposted(posts: pa.Table, texts: pa.Table) -> list[Row]:
    """The post repeated: its id, or its words where files keep reposts without one.

    Known ids and words do not mix: a file that states ids for some reposts ties by those alone with
    each other.
    """
    known = _parents(posts, "repost")
    stated = {post for post, _, _ in known}
    chosen = posts.filter(pc.equal(posts.column("kind"), "repost"))
    said = zip(
        chosen.column("post_id").to_pylist(), _by_post(chosen, texts, "text_norm"), strict=True
    )
    words: list[Row] = [
        (post, content_id("reposted_text", text), None)
        for post, text in said
        if text and post not in stated
    ]
    return known + words


def _table(layer: str, rows: list[Row], posts: pa.Table) -> pa.Table:
    """Rows of one layer with account, platform and time, in order."""
    post, obj, variant = (pa.array([row[i] for row in rows], pa.string()) for i in range(3))
    at = pc.index_in(post, value_set=posts.column("post_id").combine_chunks())
    places = posts.select(["account_id", "platform", "created_at"]).take(at)
    table = pa.table(
        {
            "layer": pa.array([layer] * len(rows), pa.string()),
            "object_id": obj,
            "post_id": post,
            "account_id": places.column("account_id"),
            "platform": places.column("platform"),
            "created_at": places.column("created_at"),
            "variant": variant,
        }
    )
    keys = ("object_id", "created_at", "post_id")
    return table.sort_by([(key, "ascending") for key in keys])
