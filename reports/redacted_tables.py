"""Which column holds what, so that whole tables can leave a case under pseudonyms.

In: a redactor, a table and its contract. Out: the table with every id, handle, name, link and text
rewritten; it keeps its contract. A column of text that is not named here is cleaned as a text, so a
new column is safe before anybody thinks of it. Columns are rewritten value by distinct value:
repeated ids and texts cost once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.tables import Table
from corpus.tables.own_columns import HASHES

if TYPE_CHECKING:
    from reports.redaction import Redactor

# What each column holds; the names are methods of Redactor.
COLUMNS: dict[str, str] = {
    **dict.fromkeys(("account_id", "account_a", "account_b", "accounts", "account_ids"), "account"),
    **dict.fromkeys(("handle", "mentions"), "handle"),
    **dict.fromkeys(
        ("post_id", "post_a", "post_b", "parent_id", "exemplar_id", "medoid_post_id", "medoid_id",
         "linked_to", "snapshot_id", "source_id", "before_source", "after_source",
         "evidence"), "source",
    ),
    **dict.fromkeys(
        ("point_id", "point_a", "point_b", "narrative_id", "nearest_id", "claim_id", "shift_id",
         "tie_id", "campaign_id", "network_id",
         "before_claim", "after_claim", "template_id",
         "finding_id", "group_id", "scope_id", "group_key",
         "thread_id", "event_id", "groups_before", "groups_after", "point_ids", "narrative_a",
         "narrative_b", "near", "from_id", "sub_narrative_id",
         "campaign_id", "network_id", "narratives"),
        "derived",
    ),
    "display_name": "name", "url": "address", "urls": "link", "hashtags": "tag", "hashtag": "tag",
    "avatar_hash": "picture", "source_file": "file", "label": "label", "terms": "label",
    "topic_before": "label", "topic_after": "label", "topic": "label",
    "words_before": "label", "words_after": "label",
    "value": "value", "narratives": "derived", "camps": "sentence", "variant": "derived",
    "object_id": "text", "target": "label", "name": "label",
    **dict.fromkeys(("decision_id", "target_id", "now_id", "into_id", "sheet_id"), "derived"),
    "who": "words", "embedder": "setting",
    "reasons": "sentence", "caveats": "sentence", "reason": "sentence", "mark_reason": "sentence",
}  # fmt: skip
PLAIN = frozenset(
    ("platform", "time_precision", "lang", "kind", "basis", "state", "script", "assigned_by",
     "attribute", "status", "grade", "field", "rule_id", "before_field",
     "after_field", "layer", "role", "outcome", "scope", "null_model", "benign_class", "groups",
     "column", "fact", "space", "layers", "side", "evidence_camps", "mark",
     "lang_before", "lang_after",
     "lang_a", "lang_b", "stance", "source",
     "from_scope", "langs", "platforms", "action", "takes_back", "found_by")
)  # fmt: skip


# What before and after hold for each kind of account event; else words such as active.
EVENT_SIDES: dict[str, dict[str, str]] = {
    "renamed": {"before": "handle", "after": "handle"},
    "handle_reused": {"before": "account", "after": "handle"},
    "moved": {"before": "handle", "after": "handle"},
    "retitled": {"before": "name", "after": "name"},
}


def redacted(redactor: Redactor, table: pa.Table, contract: Table) -> pa.Table:
    """Return the table as it may leave the case."""
    columns = dict(zip(table.column_names, table.columns, strict=True))
    for field in table.schema:
        if (method := _method(redactor, field)) is not None:
            columns[field.name] = _mapped(table.column(field.name), method)
    columns |= _by_row(redactor, table, contract)
    if redactor.mode == "full" and "source_row" in columns:
        # File and row lead from any output back to the same line; numbers are cut to 0.
        columns["source_row"] = pa.array([0] * table.num_rows, pa.int64())
    return pa.Table.from_arrays([columns[name] for name in table.column_names], schema=table.schema)


def _method(redactor: Redactor, field: pa.Field) -> Callable[[str], str] | None:
    inner = field.type.value_type if pa.types.is_list(field.type) else field.type
    if field.name in PLAIN or not pa.types.is_string(inner):
        return None
    method: Callable[[str], str] = getattr(redactor, COLUMNS.get(field.name, "text"))
    return method


def _by_row(redactor: Redactor, table: pa.Table, contract: Table) -> dict[str, pa.Array]:
    """Columns whose meaning depends on another column of the same row."""
    if contract.name not in ROW_RULES or not table.num_rows:
        return {}
    rewrite, needs = ROW_RULES[contract.name]
    rows = [rewrite(redactor, row) for row in table.select(needs).to_pylist()]
    return {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}


def _claim_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {"quote": redactor.quote(row["quote"], row["field"])}


def _shift_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    out = {}
    for side in ("before", "after"):
        place = row[f"{side}_field"]
        out[f"quote_{side}"] = redactor.quote(row[f"quote_{side}"], place)
        if row["attribute"] == "identity":
            out[side] = redactor.quote(row[side], place)
    if row["attribute"] == "topic":
        out["before"], out["after"] = redactor.label(row["before"]), redactor.label(row["after"])
    elif row["attribute"] != "identity":
        out["before"], out["after"] = redactor.values(row["before"], row["after"])
    return out


def event_value(redactor: Redactor, kind: str, side: str, value: str) -> str:
    """Return one side of an account event; what stands there depends on the kind of event."""
    holds = EVENT_SIDES.get(kind, {}).get(side, "words")
    method: Callable[[str], str] = getattr(redactor, holds)
    return method(value)


def _event_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str | None]:
    kind = str(row.get("kind") or row.get("outcome"))
    sides = ("before", "after")
    return {s: None if row[s] is None else event_value(redactor, kind, s, row[s]) for s in sides}


def _bio_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {"quote": redactor.quote(row["quote"], "bio")}


def _lane_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {"value": redactor.quote(row["value"], row["field"])}


def _rename_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {side: redactor.handle(row[side]) for side in ("before", "after")}


def _finding_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {"statement": redactor.statement(row["statement"])}


# What the object of a layer is; a layer that is not named here is cleaned as a text.
OBJECTS: dict[str, str] = {
    "url": "link",
    "domain": "link",
    "hashtag": "tag",
    "near_duplicate": "derived",
    "paraphrase": "derived",
    "repost": "source",
    "reply": "source",
    "media": "picture",
}


def object_value(redactor: Redactor, layer: str, value: str) -> str:
    """Return what was shared; what stands there depends on the layer."""
    other = "anything" if layer.startswith("column_") else "text"
    method: Callable[[str], str] = getattr(redactor, OBJECTS.get(layer, other))
    return method(value)


def _object_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    return {"object_id": object_value(redactor, row["layer"], row["object_id"])}


def _tie_evidence_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    quotes = {f"quote_{side}": redactor.text(row[f"quote_{side}"]) for side in ("a", "b")}
    return {**_object_row(redactor, row), **quotes}


def _front_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    holds = {"hashtag": redactor.tag, "domain": redactor.link}.get(row["kind"], redactor.text)
    return {"value": holds(row["value"])}


def _burst_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    replace = redactor.tag if row["scope"] == "hashtag" else redactor.derived
    return {"scope_id": replace(row["scope_id"])}


def named_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str]:
    """The name of a `named` row: handles get pseudonyms, what the analyst wrote stays words."""
    if row["source"] == "case.toml":
        return {"name": redactor.words(row["name"])}
    if row["kind"] == "mention":
        return {"name": redactor.handle(row["name"])}
    return {"name": (redactor.tag if row["kind"] == "hashtag" else redactor.label)(row["name"])}


def _kept_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str | None]:
    """Kept columns may hold anything: a text, or whole an id, a handle, a name or an address."""
    value = row["value"]
    return {
        "column": redactor.words(row["column"]),
        "value": None if value is None else kept_value(redactor, row["column"], value),
    }


def kept_value(redactor: Redactor, column: str, value: str) -> str:
    """Return one value of a kept column; digests of pictures can be searched, as pictures can."""
    return redactor.picture(value) if column in HASHES else redactor.anything(value)


def decision_row(redactor: Redactor, row: Mapping[str, Any]) -> dict[str, str | None]:
    """The words of a decision: a title is a label; a note may repeat a text and is one."""
    if row["words"] is None:
        return {"words": None}
    replace = redactor.label if row["action"] == "rename" else redactor.text
    return {"words": replace(row["words"])}


RowRule = Callable[["Redactor", Mapping[str, Any]], Mapping[str, str | None]]
ROW_RULES: dict[str, tuple[RowRule, list[str]]] = {
    "claims": (_claim_row, ["quote", "field"]),
    "shifts": (
        _shift_row,
        ["attribute", "before", "after", "quote_before", "quote_after", "before_field",
         "after_field"],
    ),
    "account_events": (_event_row, ["kind", "before", "after"]),
    "profile_lanes": (_lane_row, ["field", "value"]),
    "rename_contexts": (_rename_row, ["before", "after"]),
    "fates": (_event_row, ["outcome", "before", "after"]),
    "findings": (_finding_row, ["statement"]),
    "bio_templates": (_bio_row, ["quote"]),
    "bursts": (_burst_row, ["scope", "scope_id"]),
    "traces": (_object_row, ["layer", "object_id"]),
    "skipped_objects": (_object_row, ["layer", "object_id"]),
    "tie_evidence": (_tie_evidence_row, ["layer", "object_id", "quote_a", "quote_b"]),
    "fronts": (_front_row, ["kind", "value"]),
    "stances": (_burst_row, ["scope", "scope_id"]),
    "kept_columns": (_kept_row, ["column", "value"]),
    "named": (named_row, ["kind", "source", "name"]),
    "decisions": (decision_row, ["action", "words"]),
}  # fmt: skip


def _mapped(column: pa.ChunkedArray, method: Callable[[str], str]) -> pa.Array:
    """Apply `method` once to each distinct value of a string or list<string> column."""
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # no chunk at all
        return pa.array([], column.type)
    if pa.types.is_list(values.type):
        inner = _mapped(pa.chunked_array([values.flatten()], values.type.value_type), method)
        return _rebuilt(values, inner)
    coded = values.dictionary_encode()
    mapped = [None if value is None else method(value) for value in coded.dictionary.to_pylist()]
    return pa.array(mapped, pa.string()).take(coded.indices)


def _rebuilt(lists: pa.ListArray, inner: pa.Array) -> pa.Array:
    """Put mapped items back into lists of the same lengths; a null list stays null."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_pylist()
    offsets = [0]
    for length in lengths:
        offsets.append(offsets[-1] + length)
    mask = pc.is_null(lists) if lists.null_count else None
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner, mask=mask)
