"""Where does a narrative say a name? One sentence of one post for each.

In: the names that are shown, where they stand in talking points, which posts hold which tag. Out:
the same with post_id, quote, start and end. The quote is the sentence around the name, from the
talking point with most posts; for a tag, from the earliest post whose text holds it. A name that
stands in no text (a tag stated beside it alone) is left out: nothing could be shown for it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from clustering.named_counts import Told
from nlp.component_passages import sentence_spans
from nlp.entities import find_entities

# Posts that are looked into for a tag before it counts as standing in no text.
TRIES = 50
Place = tuple[str, str, int, int]


def quoted(
    rows: pd.DataFrame, told: Told, found: pd.DataFrame, tags: pd.DataFrame, points: pa.Table
) -> list[dict[str, Any]]:
    """Return NAMED rows; `points` holds point_id, narrative_id, exemplar_id and text."""
    wanted = list(zip(rows["narrative_id"], rows["key"], strict=True))
    places = _in_tags(set(wanted), told, tags) | _in_points(found, points)
    kept = [at for at, key in enumerate(wanted) if key in places]
    spans = [_sentence(*places[wanted[at]][1:]) for at in kept]
    columns = ["narrative_id", "kind", "posts", "reposts", "accounts", "accounts_share", "source"]
    records = rows.rename(columns={"shown": "name"})[[*columns, "name"]].to_dict("records")
    made = []
    for at, (start, end) in zip(kept, spans, strict=True):
        post, text, _, _ = places[wanted[at]]
        row = {str(name): value for name, value in records[at].items()}
        share = row["accounts_share"]
        row["accounts_share"] = None if pd.isna(share) else float(share)
        made.append({**row, "post_id": post, "quote": text[start:end], "start": start, "end": end})
    return made


def _in_points(found: pd.DataFrame, points: pa.Table) -> dict[tuple[str, str], Place]:
    """The first talking point of each narrative that holds a name; `points` has the largest first.

    A term's key is that of its narrative alone, so other narratives' places are never looked up.
    """
    held = points.select(["narrative_id", "exemplar_id", "text"]).to_pydict()
    row_of = {point: row for row, point in enumerate(points.column("point_id").to_pylist())}
    places: dict[tuple[str, str], Place] = {}
    frame = found.assign(row=found["point_id"].map(row_of)).sort_values(
        ["row", "key"], kind="stable"
    )
    for row, key, start, end in zip(
        frame["row"], frame["key"], frame["start"], frame["end"], strict=True
    ):
        place = held["exemplar_id"][row], held["text"][row], start, end
        places.setdefault((held["narrative_id"][row], key), place)
    return places


def _in_tags(
    wanted: set[tuple[str, str]], told: Told, tags: pd.DataFrame
) -> dict[tuple[str, str], Place]:
    """The earliest post of each narrative whose text holds a tag, within TRIES."""
    narrative = told.rows.column("narrative_id").to_pylist()
    text, post_id = told.rows.column("text"), told.rows.column("post_id")
    places: dict[tuple[str, str], Place] = {}
    tries: dict[tuple[str, str], int] = {}
    frame = tags.sort_values(["post", "key", "shown"], kind="stable")
    for post, key, kind, shown in zip(
        frame["post"], frame["key"], frame["kind"], frame["shown"], strict=True
    ):
        at = narrative[post], key
        if at not in wanted or at in places or tries.get(at, 0) >= TRIES:
            continue
        tries[at] = tries.get(at, 0) + 1
        own = text[post].as_py()
        for tag in find_entities(own):
            if tag.kind == kind and tag.value.casefold() == shown.lstrip("#＃@＠").casefold():
                places[at] = post_id[post].as_py(), own, tag.start, tag.end
                break
    return places


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence, or sentences, in which the name stands."""
    spans = [span for span in sentence_spans([text])[0] if span[0] < end and start < span[1]]
    return min([start, *[s for s, _ in spans]]), max([end, *[e for _, e in spans]])
