"""Where can earlier states of a profile be had, and a table to write them into by hand.

In: what was read. Out: advice, one sentence a source, for corpora in which most accounts were seen
once; and an empty table of snapshots, one row an account, for screenshots and archived pages. One
snapshot an account is the common case, and without a second there is no change to see. It fetches
nothing.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc

# From this share of accounts seen twice on, the corpus brings its history along.
ENOUGH_SEEN_TWICE = 0.5
# Rows of the table to fill in: more are not copied by hand.
TEMPLATE_ROWS = 500
TEMPLATE_COLUMNS = (
    "account_id", "observed_at", "source_url", "handle", "display_name", "bio", "location", "url",
    "state",
)  # fmt: skip


@cache
def _sources() -> tuple[tuple[frozenset[str], str], ...]:
    text = files("corpus").joinpath("histories.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["source"]
    return tuple((frozenset(row["names"]), row["says"]) for row in rows)


def where_history_is(platforms: tuple[str, ...], accounts: int, seen_twice: int) -> tuple[str, ...]:
    """Return advice for a corpus of these platforms; empty where half were seen twice or more."""
    if not accounts or seen_twice >= ENOUGH_SEEN_TWICE * accounts:
        return ()
    wanted = {name.lower() for name in platforms} or {""}
    return tuple(says for names, says in _sources() if not names or names & wanted)


def snapshot_template(posts: pa.Table, profiles: pa.Table) -> pa.Table:
    """Return TEMPLATE_COLUMNS as text, a row an account, those with most posts first.

    `account_id` and the last known handle are filled in; null is for the analyst to fill.
    """
    parts = [table.select(["account_id"]) for table in (posts, profiles)]
    named = pa.concat_tables(parts, promote_options="permissive")
    wrote = pc.is_in(named.column("account_id"), value_set=posts.column("account_id"))
    named = named.append_column("posts", pc.cast(wrote, pa.int64()))
    known = named.filter(pc.is_valid(named.column("account_id")))
    known = known.group_by("account_id").aggregate([("posts", "sum")])
    keys = [("posts_sum", "descending"), ("account_id", "ascending")]
    accounts = known.sort_by(keys).slice(0, TEMPLATE_ROWS).column("account_id")
    handles = _last_handles(posts, profiles)
    nothing = pa.nulls(len(accounts), pa.string())
    columns = dict.fromkeys(TEMPLATE_COLUMNS, nothing)
    columns["account_id"] = accounts
    columns["handle"] = pa.array([handles.get(name) for name in accounts.to_pylist()], pa.string())
    return pa.table(columns)


def _last_handles(posts: pa.Table, profiles: pa.Table) -> dict[str, str]:
    seen = [
        table.select(["account_id", at, "handle"]).rename_columns(["account_id", "at", "handle"])
        for table, at in ((posts, "created_at"), (profiles, "observed_at"))
    ]
    rows = pa.concat_tables(seen, promote_options="permissive").sort_by(
        [("at", "ascending"), ("handle", "ascending")]
    )
    rows = rows.filter(pc.and_(pc.is_valid(rows.column("handle")), pc.is_valid(rows.column("at"))))
    pairs = zip(
        rows.column("account_id").to_pylist(), rows.column("handle").to_pylist(), strict=True
    )
    return dict(pairs)
