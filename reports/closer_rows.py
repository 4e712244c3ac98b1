"""Sections that several pages share: posts, ties, bursts, claims, what cites a post.

In: linked tables, evidence to cite, ids. Out: sections whose values are redacted. A post in which
its writer may speak of a transition is cited and not repeated, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.closer import MAX_POSTS, MAX_ROWS, POST_COLUMNS, Column, Row, Section, cut, post_row
from reports.evidence import Evidence
from reports.found import attribute_words, phrases
from reports.links import Links, tally
from reports.place_names import place_words
from reports.place_values import coarse

# Beyond this a burst or hashtag counts as tested and not surprising.
LEVEL = 0.05
TIE_COLUMNS = (
    Column("a", "Account", "id"), Column("b", "With", "id"), Column("layer", "Shared"),
    Column("window_s", "Within s", "count"), Column("observed", "Observed", "count"),
    Column("expected", "Expected at most", "number"), Column("q", "q", "chance"),
    Column("median_gap_s", "Half within s", "count"), Column("validated", "Beyond chance"),
    Column("harmless", "Harmless reason"),
)  # fmt: skip
BURST_COLUMNS = (
    Column("what", "What"), Column("start", "From"), Column("end", "To"),
    Column("observed", "Observed", "count"), Column("expected", "Expected", "number"),
    Column("q", "q", "chance"), Column("own", "Own posts in it", "count"),
)  # fmt: skip
CLAIM_COLUMNS = (
    Column("at", "Time"), Column("said", "Where"), Column("quote", "Words", "quote"),
    Column("claimed", "Claimed"), Column("status", "Status"), Column("place", "Where read"),
)  # fmt: skip
COUNT_COLUMNS = (Column("account", "Account", "id"), Column("posts", "Posts", "count"),
                 Column("first", "First"))  # fmt: skip


def equal(table: pa.Table, column: str, value: str) -> pa.Table:
    """Return the rows whose column holds this value."""
    return table.filter(pc.equal(table[column], pa.scalar(value, pa.string())))


def holding(table: pa.Table, column: str, value: str) -> list[dict[str, Any]]:
    """Return the rows whose list holds this value."""
    return [row for row in table.to_pylist() if value in (row[column] or ())]


def posts_section(
    links: Links, evidence: Evidence, posts: pa.Table, *, title: str = "Posts", by: bool = False
) -> Section:
    """Posts, oldest first; `by` adds who wrote them."""
    sizes = dict(
        zip(
            *(links["talking_points"][n].to_pylist() for n in ("point_id", "accounts")), strict=True
        )
    )
    rows = []
    for post in posts.slice(0, MAX_POSTS).select(["post_id", "point_id"]).to_pylist():
        cited = evidence.cite(post["post_id"])
        if cited is not None:
            rows.append(post_row(cited, sizes.get(post["point_id"])))
    columns = (Column("account", "Account", "id"), *POST_COLUMNS) if by else POST_COLUMNS
    left = posts.num_rows - len(rows)
    note = f"The first {len(rows):,} of {posts.num_rows:,}, oldest first." if left else ""
    return Section("posts", title, columns, rows, posts.num_rows, note)


def ties_of(links: Links, *accounts: str | None) -> list[Row]:
    """Ties of which one side at least is one of these accounts."""
    ties = links["ties"]
    known = pa.array([account for account in accounts if account is not None], pa.string())
    sides = [pc.is_in(ties[column], value_set=known) for column in ("account_a", "account_b")]
    rows: list[Row] = ties.filter(pc.or_(*sides)).to_pylist()
    return rows


def tie_rows(evidence: Evidence, ties: Iterable[Row], of: str | None) -> list[Row]:
    """Ties, the least likely first; where they are `of` one account, `b` is the other one."""
    ordered = sorted(
        ties, key=lambda r: (r["q_value"], r["p_value"], r["layer"], r["account_a"], r["account_b"])
    )
    return [
        {
            "a": evidence.redactor.account(row["account_a"]),
            "b": evidence.redactor.account(
                row["account_a" if row["account_b"] == of else "account_b"]
            ),
            "layer": row["layer"].replace("_", " "),
            "window_s": row["window_s"],
            "observed": row["n_objects"],
            "expected": row["expected"],
            "p": row["p_value"],
            "q": row["q_value"],
            "median_gap_s": round(row["median_gap_s"]),
            "validated": {True: "yes", False: "no", None: "not asked"}[row["validated"]],
            "harmless": (row["benign_class"] or "none known").replace("_", " "),
        }
        for row in ordered
    ]


def ties_section(evidence: Evidence, ties: Sequence[Row], of: str | None = None) -> Section:
    """Ties with what was observed beside what chance gives; `of` one account, or of any two."""
    rows = tie_rows(evidence, ties, of)
    told = "Things shared within a window, beside how many chance gives; q over all pairs."
    columns = TIE_COLUMNS if of is None else TIE_COLUMNS[1:]
    return Section("ties", "Ties", columns, cut(rows), len(rows), told if rows else "")


def bursts_section(links: Links, evidence: Evidence, posts: pa.Table) -> Section:
    """Bursts that these posts lie in: of their narrative, their talking point, their hashtags."""
    held = posts.filter(pc.is_valid(posts["created_at"])).select(
        ["created_at", "narrative_id", "point_id", "hashtags"]
    ).to_pylist()  # fmt: skip
    labels = _labels(links)
    rows = []
    for burst in links["bursts"].to_pylist():
        if burst["q_value"] > LEVEL:
            continue
        own = sum(
            burst["start_at"] <= post["created_at"] <= burst["end_at"] and _in(burst, post)
            for post in held
        )
        if own:
            rows.append(_burst(evidence, burst, own, labels))
    rows.sort(key=lambda r: (r["q"], r["start"], r["what"]))
    return Section("bursts", "Bursts", BURST_COLUMNS, cut(rows), len(rows))


def _in(burst: Row, post: Mapping[str, Any]) -> bool:
    if burst["scope"] == "hashtag":
        return burst["scope_id"] in {tag.casefold() for tag in post["hashtags"] or ()}
    column = "narrative_id" if burst["scope"] == "narrative" else "point_id"
    return bool(post[column] == burst["scope_id"])


def _labels(links: Links) -> dict[str, str]:
    table = links["narratives"]
    ids, labels = table["narrative_id"].to_pylist(), table["label"].to_pylist()
    return dict(zip(ids, labels, strict=True))


def _burst(evidence: Evidence, row: Row, own: int, labels: Mapping[str, str]) -> Row:
    redactor = evidence.redactor
    what = {
        "hashtag": lambda: f"#{redactor.tag(row['scope_id'])}",
        "narrative": lambda: f"narrative {redactor.label(labels.get(row['scope_id'], ''))}",
    }.get(row["scope"], lambda: f"talking point {redactor.derived(row['scope_id'])[:12]}")()
    return {
        "what": what,
        "start": row["start_at"],
        "end": row["end_at"],
        "observed": row["observed"],
        "expected": row["expected"],
        "q": row["q_value"],
        "own": own,
    }


def claims_section(evidence: Evidence, claims: Iterable[Row], total: int) -> Section:
    """Claims in the account's own words; of gender the words alone, places by country."""
    rows = []
    for row in claims:
        cited = evidence.cite(row["source_id"], quote=row["quote"], place=row["field"])
        if cited is not None:
            rows.append(
                {
                    "at": row["said_at"],
                    "said": phrases()["field"].get(row["field"], row["field"]),
                    "quote": evidence.redactor.quote(row["quote"], row["field"]),
                    "lang": cited.lang,
                    "claimed": _claimed(row),
                    "status": row["status"],
                    "place": cited.place,
                    "cite": cited.cite,
                }
            )
    return Section("claims", "Claims", CLAIM_COLUMNS, cut(rows), total)


def _claimed(row: Row) -> str:
    what = attribute_words(row["attribute"])
    if row["attribute"] == "gender":
        return what
    return f"{what}: {place_words(coarse(row['value'])).replace('_', ' ')}"


def accounts_section(links: Links, evidence: Evidence, posts: pa.Table) -> Section:
    """Who posted these posts, most posts first, with the first time of each."""
    first: dict[str, Any] = {}
    for post in posts.select(["account_id", "created_at"]).to_pylist():
        first.setdefault(post["account_id"], post["created_at"])
    counts = tally(posts, "account_id")
    rows = [
        {"account": evidence.redactor.account(a), "posts": n, "first": first[a]}
        for a, n in counts[:MAX_ROWS]
    ]
    return Section("accounts", "Accounts", COUNT_COLUMNS, rows, len(counts))


def findings_section(links: Links, evidence: Evidence, rows: Sequence[Row]) -> Section:
    """Findings that name the thing, in words."""
    shown = [
        {"id": evidence.redactor.derived(r["finding_id"]),
         "statement": evidence.redactor.statement(r["statement"])}
        for r in sorted(rows, key=lambda r: (-r["score"], r["finding_id"]))
    ]  # fmt: skip
    columns = (Column("statement", "Finding", "quote"), Column("id", "Id", "id"))
    return Section("findings", "Findings that name it", columns, cut(shown), len(shown))


def kept(sections: Iterable[Section]) -> list[Section]:
    """Return the sections that hold something."""
    return [section for section in sections if section.rows or section.note]
