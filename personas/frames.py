"""Data frames at the door of the tracker become tables that keep their contracts.

In: profiles (account_id, observed_at and any of handle, display_name, bio, location, url,
followers, following, statuses_count, state) and posts (post_id, account_id, created_at, text and
any of lang, kind). Out: the tables `profiles` and `posts`. It refuses frames without the needed
columns; other columns are left out. Files go through `corpus.readers`, which maps names and rejects
bad rows one by one; a frame is taken as its owner prepared it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from corpus.errors import SchemaError
from corpus.identity import content_id
from corpus.tables import POSTS, PROFILES, Table, conform

_PROFILE_DEFAULTS = {"platform": "", "basis": "retrieved", "state": "unknown"}
_POST_DEFAULTS = {"platform": "", "time_precision": "unknown", "kind": "post"}
_SOURCE = "data frame"


def profiles_table(profiles: pd.DataFrame) -> pa.Table:
    """Return the frame as `profiles`; a missing snapshot id is a hash of the row's content."""
    frame = _prepared(profiles, "profiles", ("account_id", "observed_at"), _PROFILE_DEFAULTS)
    if "snapshot_id" not in frame:
        shown = [c for c in PROFILES.names if c in frame and not c.startswith("source_")]
        rows = frame[shown].astype(object).itertuples(index=False)
        frame["snapshot_id"] = [
            content_id("snapshot", *(None if _missing(value) else str(value) for value in row))
            for row in rows
        ]
    for column in ("followers", "following", "statuses_count"):
        if column in frame:
            frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    return _conformed(frame, PROFILES)


def posts_table(posts: pd.DataFrame | None) -> pa.Table:
    """Return the frame as `posts`; None is no posts."""
    if posts is None:
        return POSTS.empty()
    needed = ("post_id", "account_id", "created_at", "text")
    frame = _prepared(posts, "posts", needed, _POST_DEFAULTS)
    for column in ("urls", "hashtags", "mentions"):
        if column not in frame:
            frame[column] = [[] for _ in range(len(frame))]
    return _conformed(frame, POSTS)


def _prepared(
    given: pd.DataFrame, name: str, needed: tuple[str, ...], defaults: dict[str, str]
) -> pd.DataFrame:
    missing = [column for column in needed if column not in given]
    if missing:
        raise SchemaError(
            f"{name} has no column {', '.join(missing)}; found: {', '.join(map(str, given))}."
            " Rename the columns before calling"
        )
    frame = pd.DataFrame(given).reset_index(drop=True)
    frame["account_id"] = frame["account_id"].astype(str).where(frame["account_id"].notna(), None)
    for column in ("observed_at", "created_at", "joined_at"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column], utc=True)
    for column, value in defaults.items():
        filled = frame[column].fillna(value) if column in frame else value
        frame[column] = filled
    frame["source_file"] = _SOURCE
    frame["source_row"] = range(len(frame))
    return frame


def _conformed(frame: pd.DataFrame, contract: Table) -> pa.Table:
    known = frame[[name for name in contract.names if name in frame]]
    return conform(pa.Table.from_pandas(known, preserve_index=False), contract)


def _missing(value: Any) -> bool:
    return bool(pd.isna(value))
