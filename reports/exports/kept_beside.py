"""The analyst's own columns as columns of the exported posts, so that one file holds both.

In: the table kept_columns as read, a batch of redacted posts with their ids as read, a redactor.
Out: the batch with one more column of text for each kept column, called `own_` and its name in
small letters. Values are redacted as in the table kept_columns, which is exported too. Two names
that differ in their signs alone are told apart by a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.mapping_files import plain
from reports.redacted_tables import kept_value
from reports.redaction import Redactor

PREFIX = "own_"


def own_names(kept: pa.Table | None, redactor: Redactor) -> dict[str, str]:
    """Return the exported name of each kept column, in the order of their names."""
    if kept is None:
        return {}
    found: dict[str, str] = {}
    for name in sorted(pc.unique(kept["column"]).to_pylist()):
        wanted = f"{PREFIX}{plain(redactor.words(name)) or 'column'}"
        number = 2
        made = wanted
        while made in found.values():
            made, number = f"{wanted}_{number}", number + 1
        found[name] = made
    return found


def with_own(
    posts: pa.Table,
    ids: Sequence[str],
    kept: pa.Table,
    names: Mapping[str, str],
    redactor: Redactor,
) -> pa.Table:
    """Return redacted posts with their kept columns; `ids` are their post ids as read."""
    rows = kept.filter(pc.is_in(kept["post_id"], value_set=pa.array(ids, pa.string())))
    for name, column in names.items():
        own = rows.filter(pc.equal(rows["column"], name)).select(["post_id", "value"])
        known = dict(zip(own["post_id"].to_pylist(), own["value"].to_pylist(), strict=True))
        told = [known.get(one) for one in ids]
        values = [None if value is None else kept_value(redactor, name, value) for value in told]
        posts = posts.append_column(column, pa.array(values, pa.string()))
    return posts
