"""Who else said this: talking points of a case that copy a text or say it in other words.

In: an analysis and texts (or one of its own posts). Out: rows, best match first: the tier, every
score, who posted it first, when, how many posts and accounts, and the words. Rows hold real ids;
`redacted` gives them as they may leave the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import InputError, SettingsError
from reports.links import table_of

if TYPE_CHECKING:
    from pathlib import Path

    from clustering.searched_points import Match
    from narrashift.analysis import Analysis
    from reports.redaction import Redactor

COLUMNS: dict[str, pa.DataType] = {
    "query": pa.int64(), "rank": pa.int64(), "tier": pa.string(), "point_id": pa.string(),
    "jaccard": pa.float64(), "contained": pa.string(), "lexical": pa.float64(),
    "semantic": pa.float64(), "score": pa.float64(), "post_id": pa.string(), "quote": pa.string(),
    "first_post_id": pa.string(), "first_account_id": pa.string(),
    "first_at": pa.timestamp("us", tz="UTC"), "last_at": pa.timestamp("us", tz="UTC"),
    "posts": pa.int64(), "reposts": pa.int64(), "accounts": pa.int64(),
    "narrative_id": pa.string(),
}  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """`rows` has the columns of COLUMNS; `notes` say what could not be compared."""

    rows: pa.Table
    notes: tuple[str, ...] = ()


def find_in(analysis: Analysis, texts: Sequence[str], *, top: int = 5) -> Findings:
    """Look each text up; at most `top` talking points a text.

    Raises
    ------
    SettingsError
        When `top` is below 1.
    InputError
        When the case holds no talking points, or a value is not text.
    """
    from clustering.search import PointSearch

    if top < 1:
        raise SettingsError(f"top = {top}; expected at least 1")
    tables = analysis.arrow
    if "talking_points" not in tables or "posts" not in tables:
        raise InputError(
            "this case holds no talking points to search; make one with: narrashift analyze FILE"
            " --out CASE"
        )
    search = PointSearch(
        tables["posts"],
        tables["texts"],
        tables["point_posts"],
        tables["talking_points"],
        table_of(tables, "vectors"),
        analysis.settings,
    )
    matches = search.search(texts, top)
    return Findings(_table(tables, matches), tuple(search.notes))


def post_named(analysis: Analysis, post_id: str, redactor: Redactor) -> tuple[str, str]:
    """Return id and text of a post by its id or pseudonym; raise SettingsError when none has it."""
    posts = table_of(analysis.arrow, "posts")
    wanted = post_id.strip()
    for row, known in enumerate(posts.column("post_id").to_pylist()):
        if wanted in (known, redactor.post(known)):
            return known, posts.column("text")[row].as_py()
    raise SettingsError(f"no post of this case is called {post_id!r}; ids stand in exports")


def _table(tables: Mapping[str, pa.Table], matches: Sequence[Sequence[Match]]) -> pa.Table:
    points = _rows_by(
        tables["talking_points"], "point_id", [m.point_id for q in matches for m in q]
    )
    quoted = [m.post_id for q in matches for m in q]
    posts = _rows_by(
        tables["posts"], "post_id", [*quoted, *[row["exemplar_id"] for row in points.values()]]
    )
    told = _rows_by(table_of(tables, "narrative_points"), "point_id", points)
    rows = [
        {"query": query, "rank": rank, **_about(match, points[match.point_id], posts, told)}
        for query, found in enumerate(matches)
        for rank, match in enumerate(found, 1)
    ]
    return pa.Table.from_pylist(rows, pa.schema(list(COLUMNS.items())))


def _rows_by(table: pa.Table, key: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = pa.array(sorted(set(ids)), pa.string())
    rows = table.filter(pc.is_in(table.column(key), value_set=wanted)).to_pylist()
    return {row[key]: row for row in rows}


def _about(
    match: Match,
    point: Mapping[str, Any],
    posts: Mapping[str, Mapping[str, Any]],
    told: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    return {
        **asdict(match),
        "quote": posts[match.post_id]["text"],
        "first_post_id": point["exemplar_id"],
        "first_account_id": posts[point["exemplar_id"]]["account_id"],
        "narrative_id": told.get(match.point_id, {}).get("narrative_id"),
        **{name: point[name] for name in ("first_at", "last_at", "posts", "reposts", "accounts")},
    }


def redacted(findings: Findings, redactor: Redactor) -> list[dict[str, Any]]:
    """Return the rows as they may leave the case; times become ISO 8601 in UTC."""
    return [_redacted(row, redactor) for row in findings.rows.to_pylist()]


def _redacted(row: dict[str, Any], redactor: Redactor) -> dict[str, Any]:
    hide = {
        "point_id": redactor.derived,
        "narrative_id": redactor.derived,
        "post_id": redactor.post,
        "first_post_id": redactor.post,
        "first_account_id": redactor.account,
        "quote": redactor.text,
    }
    return {
        name: hide[name](value) if name in hide and value is not None else _shown(value)
        for name, value in row.items()
    }


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def search_case(
    analysis: Analysis,
    *,
    text: str | None = None,
    post: str | None = None,
    claims: Path | None = None,
    top: int = 5,
    redact: str | None = None,
) -> dict[str, Any]:
    """Return what `find` prints: for each text asked for its id, words and matches, redacted.

    Raises
    ------
    SettingsError
        When not exactly one of `text`, `post` and `claims` is given, or it is not there.
    InputError
        When the list of claims cannot be read, or the case holds no talking points.
    """
    if sum(given is not None for given in (text, post, claims)) != 1:
        raise SettingsError("find needs one of --text TEXT, --post ID and --from FILE")
    redactor = analysis.redactor(redact)
    asked = _asked(analysis, redactor, text, post, claims)
    findings = find_in(analysis, [said for _, said, _ in asked], top=top)
    matches: list[list[dict[str, Any]]] = [[] for _ in asked]
    for row in redacted(findings, redactor):
        matches[row.pop("query")].append(row)
    results = [
        {"id": name, "text": shown, "matches": found}
        for (name, _, shown), found in zip(asked, matches, strict=True)
    ]
    return {"results": results, "notes": list(findings.notes)}


def _asked(
    analysis: Analysis,
    redactor: Redactor,
    text: str | None,
    post: str | None,
    claims: Path | None,
) -> list[tuple[str, str, str]]:
    """(id, text, text as shown) of everything to look for."""
    if post is not None:
        post_id, said = post_named(analysis, post, redactor)
        return [(redactor.post(post_id), said, redactor.text(said))]
    if claims is not None:
        from narrashift.claims_file import read_claims

        listed = read_claims(claims)
        return [(claim.claim_id, claim.text, redactor.words(claim.text)) for claim in listed]
    if text is None or not text.strip():
        raise SettingsError("--text is empty; expected the words to look for")
    return [("text", text, redactor.words(text))]


def as_csv(results: Sequence[Mapping[str, Any]]) -> str:
    """Return results as CSV, a row a match, safe to open in a spreadsheet.

    A claim without a match has one row with no tier: that it was looked for is a result too.
    """
    from reports.csv_text import csv_text

    names = [name for name in COLUMNS if name != "query"]
    rows = [
        [result["id"], result["text"], *[match.get(name) for name in names]]
        for result in results
        for match in result["matches"] or [{}]
    ]
    return csv_text([["claim_id", "claim", *names], *rows])
