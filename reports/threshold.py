"""What a case tells of fewer accounts than k does not leave it.

In: the tables of a case as read, and k. Out: the tables without it, from which report and exports
are both made, and how many rows of each table were withheld. With k = 1 nothing changes.

    one account   rows about one account (profiles, claims, shifts, roles, ...) are withheld
    pairs         rows about two accounts are withheld from k = 3
    counts        rows whose count of accounts is below k, and everything that hangs on them
    posts         those whose talking point k accounts wrote remain, without who wrote them;
                  reposts are withheld, for whom they repeat can be looked up
    camps         how many accounts claimed which belief is withheld altogether
    sentences     findings that count fewer than k accounts; the others name nobody

Where one row alone would be missing from parts that add up to a stated whole, the smallest of the
others is withheld too: subtracting would tell it (primary and complementary suppression; Hundepool
et al., Statistical Disclosure Control, 2012). It refuses to publish a table it does not know the
accounts of: a column of post, point or narrative ids leads to what was withheld. It does not add
noise, and it cannot protect against a reader who has the texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import ALL

# A row with one of these is about one account, with two of them about a pair.
ONE = ("account_id",)
PAIRS = (("account_a", "account_b"), ("post_a", "post_b"))
# Counts of accounts; in the tables named below also counts of accounts under other names.
COUNTS = ("accounts", "accounts_in", "accounts_out", "accounts_with_edits", "labeled", "size")
MORE_COUNTS: dict[str, tuple[str, ...]] = {
    "campaign": ("with_evidence", "originators", "expanders", "repeaters"),
    "aftermath": ("at_risk", "gone", "control_at_risk", "control_gone"),
    "survival": ("at_risk",),
}
# Rows that add up to a whole which is stated elsewhere: table -> what they are parts of.
PARTS: dict[str, str | None] = {
    "narratives": None, "sub_narratives": "narrative_id", "timelines": "narrative_id",
    "narrative_windows": "group_key", "talking_points": "narrative_id",
}  # fmt: skip
POINTS = ("point_id", "point_a", "point_b")
NARRATIVES = ("narrative_id", "narrative_a", "narrative_b")
POST_IDS = ("post_id", "post_a", "post_b", "exemplar_id")
# Tables, and kinds of finding, that tell how many accounts claimed each camp: beliefs, in small
# numbers that add up to a stated total.
CLAIMED = frozenset({"convergence"})
CLAIMING = frozenset({"both_sides"})
# Tables that tell a count and quote one post beside it; the count stays, that quote may not.
QUOTING = {
    "narratives": "medoid_post_id", "sub_narratives": "medoid_post_id", "named": "post_id",
}  # fmt: skip
# Stands for an account that is not named.
UNNAMED = "[not named]"
_COUNTED = re.compile(r"(?<![\d.,])(\d[\d,]*)(?: \w+)? accounts?\b")
_NAMED = re.compile("‹([^‹›]*)›")


@dataclass(frozen=True)
class Cut:
    """The tables that remain, and how many rows of which table were withheld."""

    tables: Mapping[str, pa.Table]
    withheld: Mapping[str, int]


def cut(tables: Mapping[str, pa.Table], least: int) -> Cut:
    """Return what the tables tell of at least `least` accounts."""
    if least <= 1:
        return Cut(tables, {})
    known = _with_narratives(tables)
    written = _writers_of_points(tables) if {"posts", "point_posts"} <= tables.keys() else {}
    kept = {name: _large(name, table, least, written) for name, table in known.items()}
    if kept.get("findings") is not None:
        kept["findings"] = _findings(tables, least)
    kept = {name: _complete(name, known[name], table) for name, table in kept.items()}
    left = {name: table for name, table in kept.items() if table is not None}
    if "talking_points" in left and "narrative_id" not in ALL["talking_points"].names:
        left["talking_points"] = left["talking_points"].select(ALL["talking_points"].names)
    left = _followed(tables, left)
    lost = {name: table.num_rows for name, table in tables.items()}
    for name, table in left.items():
        lost[name] -= table.num_rows
    return Cut(left, {name: rows for name, rows in sorted(lost.items()) if rows})


def _writers_of_points(tables: Mapping[str, pa.Table]) -> dict[str, int]:
    """How many accounts wrote each talking point; who only reposted it does not count."""
    linked, posts = tables["point_posts"], tables["posts"]
    own = posts.filter(pc.not_equal(posts["kind"], "repost"))
    places = pc.index_in(own["post_id"], value_set=linked["post_id"])
    pairs = pa.table(
        {"point": linked["point_id"].take(places), "account": own["account_id"]}
    ).drop_null()
    counted = pairs.group_by("point").aggregate([("account", "count_distinct")])
    return dict(
        zip(
            counted["point"].to_pylist(), counted["account_count_distinct"].to_pylist(), strict=True
        )
    )


def _with_narratives(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Talking points with the narrative they are parts of, for as long as it is needed."""
    known = dict(tables)
    if {"talking_points", "narrative_points"} <= tables.keys():
        of, points = tables["narrative_points"], tables["talking_points"]
        places = pc.index_in(points["point_id"], value_set=of["point_id"])
        known["talking_points"] = points.append_column(
            "narrative_id", of["narrative_id"].take(places)
        )
    return known


def _large(name: str, table: pa.Table, least: int, written: Mapping[str, int]) -> pa.Table | None:
    """The rows that speak of enough accounts; None where no row of the table can."""
    columns = table.column_names
    if name in {"posts", "findings"}:
        return table
    if name in CLAIMED or any(column in columns for column in ONE):
        return None
    if least > 2 and any(pair[0] in columns for pair in PAIRS):
        return None
    if name == "talking_points":
        writers = [written.get(point, 0) for point in table["point_id"].to_pylist()]
        table = table.filter(pa.array([number >= least for number in writers], pa.bool_()))
    for column in (*COUNTS, *MORE_COUNTS.get(name, ())):
        if column in columns:
            table = table.filter(_enough(table[column], least))
    return table


def _enough(column: pa.ChunkedArray, least: int) -> pa.ChunkedArray:
    """Nobody is no account; a null counts nothing."""
    counts = pc.list_value_length(column) if pa.types.is_list(column.type) else column
    few = pc.and_(pc.greater(counts, 0), pc.less(counts, least))
    return pc.invert(pc.fill_null(few, False))


def _findings(tables: Mapping[str, pa.Table], least: int) -> pa.Table:
    table = tables["findings"]
    wrote = _writers(tables)
    told = [_tells(row, wrote, least) for row in table.to_pylist()]
    left = table.filter(pa.array(told, pa.bool_()))
    place = left.column_names.index("statement")
    words = [_NAMED.sub(UNNAMED, words) for words in left["statement"].to_pylist()]
    return left.set_column(place, left.schema.field(place), pa.array(words, pa.string()))


def _writers(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    if "posts" not in tables:
        return {}
    rows = tables["posts"]
    pairs = zip(rows["post_id"].to_pylist(), rows["account_id"].to_pylist(), strict=True)
    return {post: account or post for post, account in pairs}


def _tells(row: Mapping[str, Any], wrote: Mapping[str, str], least: int) -> bool:
    """Whether a sentence names nobody or enough, and counts enough; else its evidence counts."""
    if row["kind"] in CLAIMING:
        return False
    named = {*row["account_ids"], *_NAMED.findall(row["statement"])}
    counts = [int(number.replace(",", "")) for number in _COUNTED.findall(row["statement"])]
    if not counts:
        counts = [len({wrote.get(one, one) for one in row["evidence"]}) or least]
    return not 0 < len(named) < least and all(number >= least for number in counts)


def _complete(name: str, whole: pa.Table, kept: pa.Table | None) -> pa.Table | None:
    """Withhold the smallest row beside one that would be the only one missing."""
    if kept is None or name not in PARTS or kept.num_rows in {0, whole.num_rows}:
        return kept
    part_of = PARTS[name]
    if part_of is not None and part_of not in whole.column_names:
        return kept
    lone = _lone(whole, kept, part_of)
    if not lone:
        return kept
    rows = kept.append_column("_row", pa.array(range(kept.num_rows), pa.int64()))
    order = [("accounts", "ascending"), ("posts", "ascending"), ("_row", "ascending")]
    smallest: dict[Any, int] = {}
    for row in rows.sort_by(order).to_pylist():
        key = row[part_of] if part_of else None
        if key in lone:
            smallest.setdefault(key, row["_row"])
    gone = pa.array(list(smallest.values()), pa.int64())
    return rows.filter(pc.invert(pc.is_in(rows["_row"], value_set=gone))).drop_columns(["_row"])


def _lone(whole: pa.Table, kept: pa.Table, part_of: str | None) -> set[Any]:
    """The wholes of which exactly one part is missing."""
    if part_of is None:
        return {None} if whole.num_rows - kept.num_rows == 1 else set()
    before, after = (
        {row["values"]: row["counts"] for row in pc.value_counts(table[part_of]).to_pylist()}
        for table in (whole, kept)
    )
    return {
        key for key, rows in before.items() if key is not None and rows - after.get(key, 0) == 1
    }


def _followed(tables: Mapping[str, pa.Table], left: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Take out what hangs on talking points, narratives and posts that were withheld."""
    points = _ids(left, "talking_points", "point_id")
    narratives = _ids(left, "narratives", "narrative_id")
    posts = _posts_of(tables, points)
    if "findings" in left and "narratives" in left:
        about = left["findings"]["narrative_id"]
        stays = pc.or_(pc.is_null(about), pc.is_in(about, value_set=narratives))
        left["findings"] = left["findings"].filter(stays)
    left = {name: _unquoted(name, table, posts) for name, table in left.items()}
    for columns, kept in ((POINTS, points), (NARRATIVES, narratives), (POST_IDS, posts)):
        left = {name: _leading(name, table, columns, kept) for name, table in left.items()}
    if "stances" in left:
        both = pa.chunked_array([points, narratives])
        scope = pc.is_in(left["stances"]["scope_id"], value_set=both.combine_chunks())
        left["stances"] = left["stances"].filter(scope)
    if "evolution" in left:
        left["evolution"] = _evolution(
            left["evolution"], _ids(left, "narrative_windows", "group_key")
        )
    left = {name: _evidence(table, posts) for name, table in left.items()}
    if "decisions" in left:
        told = (points, narratives, _ids(left, "findings", "finding_id"))
        left["decisions"] = _decided(left["decisions"], pa.chunked_array(told).combine_chunks())
    if "posts" in left:
        left["posts"] = _nobody(left["posts"])
    return left


def _unquoted(name: str, table: pa.Table, posts: pa.Array) -> pa.Table:
    """Empty the quote, and the id beside it, of a post that was withheld."""
    if name not in QUOTING:
        return table
    stays = pc.is_in(table[QUOTING[name]], value_set=posts)
    for column in (QUOTING[name], "quote"):
        place = table.column_names.index(column)
        values = pc.if_else(stays, table[column], pa.scalar("", pa.string()))
        table = table.set_column(place, table.schema.field(place), values)
    return table


def _ids(tables: Mapping[str, pa.Table], name: str, column: str) -> pa.Array:
    if name not in tables:
        return pa.array([], pa.string())
    return pc.unique(tables[name][column])


def _posts_of(tables: Mapping[str, pa.Table], points: pa.Array) -> pa.Array:
    if not {"posts", "point_posts"} <= tables.keys():
        return pa.array([], pa.string())
    rows, posts = tables["point_posts"], tables["posts"]
    own = posts.filter(pc.not_equal(posts["kind"], "repost"))["post_id"]
    rows = rows.filter(pc.is_in(rows["post_id"], value_set=own.combine_chunks()))
    return pc.unique(rows.filter(pc.is_in(rows["point_id"], value_set=points))["post_id"])


def _leading(name: str, table: pa.Table, columns: tuple[str, ...], kept: pa.Array) -> pa.Table:
    """A column that may be empty loses ids that were withheld; else the row goes."""
    for column in columns:
        if column not in table.column_names or QUOTING.get(name) == column:
            continue
        stays = pc.is_in(table[column], value_set=kept)
        if ALL[name].schema.field(column).nullable:
            empty = pa.scalar(None, pa.string())
            place = table.column_names.index(column)
            values = pc.if_else(stays, table[column], empty)
            table = table.set_column(place, table.schema.field(column), values)
        else:
            table = table.filter(stays)
    return table


def _decided(decisions: pa.Table, told: pa.Array) -> pa.Table:
    """Decisions on what remains: one on a shift speaks of one account, and its words may quote."""
    about = pc.coalesce(decisions["now_id"], decisions["target_id"])
    into = decisions["into_id"]
    stays = pc.or_(pc.is_null(into), pc.is_in(into, value_set=told))
    return decisions.filter(pc.and_(stays, pc.is_in(about, value_set=told)))


def _evolution(events: pa.Table, groups: pa.Array) -> pa.Table:
    """Events between groups that remain."""
    kept = set(groups.to_pylist())
    sides = (events["groups_before"].to_pylist(), events["groups_after"].to_pylist())
    stays = [kept.issuperset([*before, *after]) for before, after in zip(*sides, strict=True)]
    return events.filter(pa.array(stays, pa.bool_()))


def _evidence(table: pa.Table, posts: pa.Array) -> pa.Table:
    """Lists of evidence keep the posts that remain; where each tells its writer's camp, none."""
    if "evidence" not in table.column_names:
        return table
    lists: dict[str, list[list[str]]] = {}
    if "evidence_camps" in table.column_names:
        lists = dict.fromkeys(("evidence", "evidence_camps"), [[]] * table.num_rows)
    else:
        kept = set(posts.to_pylist())
        found = table["evidence"].to_pylist()
        lists = {"evidence": [[one for one in ids if one in kept] for ids in found]}
    for column, rows in lists.items():
        place = table.column_names.index(column)
        values = pa.array(rows, pa.list_(pa.string()))
        table = table.set_column(place, table.schema.field(place), values)
    return table


def _nobody(posts: pa.Table) -> pa.Table:
    """Posts without who wrote them, whom they answer or whom they mention."""
    for column in ("account_id", "handle", "url", "parent_id"):
        field = posts.schema.field(column)
        empty = pa.nulls(posts.num_rows, field.type)
        posts = posts.set_column(posts.column_names.index(column), field, empty)
    field = posts.schema.field("mentions")
    nobody = pa.array([[]] * posts.num_rows, pa.list_(pa.string()))
    return posts.set_column(posts.column_names.index("mentions"), field, nobody)


def countable(left: Mapping[str, pa.Table], tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return what remains with stand-ins for who wrote, as many a talking point as there were.

    A section that counts the accounts of a talking point then counts right. Which post stands with
    which stand-in means nothing: they are dealt out in turn, and none serves two talking points.
    """
    if "posts" not in left or "point_posts" not in tables:
        return dict(left)
    posts, linked = left["posts"], tables["point_posts"]
    points = dict(zip(linked["post_id"].to_pylist(), linked["point_id"].to_pylist(), strict=True))
    sizes = _writers_of_points(tables)
    dealt: dict[str, int] = {}
    names: dict[str, str] = {}
    for post in sorted(posts["post_id"].to_pylist()):
        point = points[post]
        dealt[point] = dealt.get(point, -1) + 1
        names[post] = f"{UNNAMED} {point} {dealt[point] % max(1, sizes[point])}"
    values = pa.array([names[post] for post in posts["post_id"].to_pylist()], pa.string())
    place = posts.column_names.index("account_id")
    return {**left, "posts": posts.set_column(place, posts.schema.field(place), values)}
