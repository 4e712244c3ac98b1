"""The posts that the page carries: one block of data, in columns, redacted, oldest first.

In: the evidence of a report after its sections were built, how many posts one page may hold, where
the cards of narratives stand. Out: a mapping that the template writes as JSON; the page's script
lists, filters, searches and saves what stands in it. Where the case holds more posts than fit, the
block takes those that the report cites, then those of narratives, then the others, oldest first,
and says how many there are.

A post that the report quotes in part stands here with these words alone, as in the appendix.
Numbers in place of ids: see `reports.opens`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reports.clean import show_invisibles
from reports.evidence import Evidence
from reports.found import phrases
from reports.side_texts import value_filters

SECOND_US = 1_000_000


def held_posts(evidence: Evidence, most: int) -> list[int]:
    """Return the places in time order of the posts that one page holds, ascending."""
    posts = evidence.links.posts
    if posts.num_rows <= most:
        return list(range(posts.num_rows))
    cited = sorted({c.post for c in evidence.cited() if c.post is not None})
    told = np.flatnonzero(posts["narrative_id"].is_valid().to_numpy()).tolist()
    order = dict.fromkeys([*cited, *told, *range(posts.num_rows)])
    return sorted(list(order)[:most])


def page_posts(evidence: Evidence, most: int, anchors: Mapping[str, str]) -> dict[str, Any]:
    """Return the block: lists of names, and columns of equal length that point into them.

    `anchors` are narrative ids and the anchors of their cards.
    """
    held = held_posts(evidence, most)
    posts = evidence.links.posts
    rows = posts if len(held) == posts.num_rows else posts.take(pa.array(held, pa.int64()))
    names = _Names(evidence)
    own = value_filters(evidence.links, evidence.redactor, rows["post_id"].to_pylist())
    return {
        "case": show_invisibles(evidence.title),
        "total": posts.num_rows,
        "accounts": [evidence.redactor.account(a) for a in evidence.opens.accounts],
        "narratives": _narratives(evidence, anchors),
        "columns": {
            "place": held,
            "at": _seconds(rows["created_at"]),
            "precision": names.column("precisions", rows["time_precision"]),
            "account": _places(rows["account_id"], evidence.opens.accounts),
            "narrative": _places(rows["narrative_id"], evidence.opens.narratives),
            "point": _places(rows["point_id"], evidence.opens.points),
            "lang": names.column("langs", _languages(evidence, rows)),
            "platform": names.column("platforms", rows["platform"]),
            "kind": names.column("kinds", rows["kind"]),
            "file": names.column("files", rows["source_file"]),
            "row": rows["source_row"].to_pylist(),
            "id": [evidence.redactor.post(one) for one in rows["post_id"].to_pylist()],
            "url": _addresses(evidence, rows),
            "text": texts(evidence, rows),
            **{f"own{at}": one.places for at, one in enumerate(own)},
        },
        "own": [{"name": one.name, "values": one.values} for one in own],
        **_beside(evidence, rows),
        **names.lists(),
    }


class _Names:
    """Lists of the few values of a column, in order of their first use, and how they are shown."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.found: dict[str, list[str | None]] = {}

    def column(self, name: str, values: pa.ChunkedArray | pa.Array) -> list[int]:
        known = list(pc.unique(values).to_pylist())
        self.found[name] = known
        return _places(values, known)

    def lists(self) -> dict[str, Any]:
        kinds, languages = phrases()["kind_of_post"], phrases()["language"]
        files = [str(name) for name in self.found["files"]]
        return {
            "precisions": self.found["precisions"],
            "platforms": [show_invisibles(str(name or "")) for name in self.found["platforms"]],
            "kinds": [[str(kind), kinds[kind]] for kind in self.found["kinds"]],
            "langs": [
                [
                    show_invisibles(code or "und"),
                    show_invisibles(languages.get(code, code or "und")),
                ]
                for code in self.found["langs"]
            ],
            "files": [
                [show_invisibles(self.evidence.redactor.file(name)), self.evidence.digest_of(name)]
                for name in files
            ],
        }


def _places(values: pa.ChunkedArray | pa.Array, known: Sequence[str | None]) -> list[int]:
    """The place of each value in the list, -1 where it has none."""
    found = pc.index_in(values, value_set=pa.array(known, values.type))
    return list(pc.fill_null(found, -1).to_pylist())


def _seconds(times: pa.ChunkedArray) -> list[int | None]:
    whole = pc.divide(pc.cast(times, pa.int64()), SECOND_US)
    return list(whole.to_pylist())


def _languages(evidence: Evidence, rows: pa.Table) -> pa.Array:
    found = [evidence.links.language(one) or "und" for one in rows["post_id"].to_pylist()]
    return pa.array(found, pa.string())


def _addresses(evidence: Evidence, rows: pa.Table) -> list[str]:
    both = rows.select(["post_id", "url"]).to_pylist()
    return [show_invisibles(evidence.address(row)) for row in both]


def _narratives(evidence: Evidence, anchors: Mapping[str, str]) -> list[list[str]]:
    """Label, language and the anchor of its card ("" without one), most posts first."""
    rows = {row["narrative_id"]: row for row in evidence.links["narratives"].to_pylist()}
    told = []
    for narrative_id in evidence.opens.narratives:
        row = rows[narrative_id]
        label = show_invisibles(evidence.redactor.label(row["label"]))
        told.append([label, row["lang"] or "und", anchors.get(narrative_id, "")])
    return told


def _beside(evidence: Evidence, rows: pa.Table) -> dict[str, dict[int, Any]]:
    """By index: label and words of what stands beside a post, and the column that was analyzed."""
    parts = evidence.parts()
    beside: dict[int, Any] = {}
    analyzed: dict[int, Any] = {}
    pairs = zip(rows["post_id"].to_pylist(), rows["text"].to_pylist(), strict=True)
    for at, (post_id, text) in enumerate(pairs):
        found = () if post_id in parts else evidence.beside(post_id, text)
        if found:
            beside[at] = [[one.label, show_invisibles(one.text)] for one in found]
        if column := evidence.side_texts.column_of(post_id, text):
            analyzed[at] = show_invisibles(column)
    return {"beside": beside, "analyzed": analyzed}


def texts(evidence: Evidence, rows: pa.Table) -> list[str]:
    """What is shown of each post: its words, or only those that the report quotes of it."""
    parts = evidence.parts()
    shown = []
    for post_id, text in zip(rows["post_id"].to_pylist(), rows["text"].to_pylist(), strict=True):
        quoted = parts.get(post_id)
        shown.append(show_invisibles(" […] ".join(quoted) if quoted else evidence.whole(text)))
    return shown
