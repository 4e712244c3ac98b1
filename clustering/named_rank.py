"""In which order are the names of a narrative read?

In: NAMED rows. Out: those of one narrative, the analyst's targets first, then names, then terms;
within each most accounts, then most posts, then by spelling.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from nlp.pipelines import FROM_CASE

TERM = "term"


def ranked(named: pa.Table, narrative_id: str) -> pa.Table:
    """Return the NAMED rows of a narrative in the order of reading."""
    own = named.filter(pc.equal(named.column("narrative_id"), narrative_id))
    source = own.column("source")
    place = pc.if_else(pc.equal(source, FROM_CASE), 0, pc.if_else(pc.equal(source, TERM), 2, 1))
    return (
        own.append_column("place", place)
        .sort_by(
            [
                ("place", "ascending"),
                ("accounts", "descending"),
                ("posts", "descending"),
                ("name", "ascending"),
                ("kind", "ascending"),
            ]
        )
        .drop_columns(["place"])
    )
