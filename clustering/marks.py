"""Is a narrative a message that many share, or the manner of one account or one application?

In: which account posted which point of which narrative and, where known, which points were copied
for harmless reasons (POINT_CLASSES). Out: for each narrative the share of its busiest account, and
a mark with its reason. A mark is a reading aid, not a judgement, and takes nothing out.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Share of the posts by one account from which it speaks for itself: four posts of five.
MOSTLY_ONE = 0.8
# Share of the posts that an application's phrases make up.
MOSTLY_TEMPLATE = 0.5
TEMPLATE = "application_template"


def marks(told: pa.Table, point_classes: pa.Table | None = None) -> dict[str, dict[str, Any]]:
    """Return top_account_share, mark and mark_reason by narrative id.

    `told` has narrative_id, account_id and point_id of every post in a narrative; posts without an
    author count in the total alone.
    """
    totals = _counts(told, [])
    by_account = _counts(told.filter(pc.is_valid(told.column("account_id"))), ["account_id"])
    by_template = _counts(told.filter(_is_template(told, point_classes)), [])
    return {
        name: _mark(total, by_account.get(name, 0), by_template.get(name, 0))
        for name, total in totals.items()
    }


def _counts(told: pa.Table, further: list[str]) -> dict[str, int]:
    """The largest count of posts in each narrative, over the values of the further column."""
    counted = told.group_by(["narrative_id", *further]).aggregate([([], "count_all")])
    most = counted.group_by("narrative_id").aggregate([("count_all", "max")])
    return dict(
        zip(
            most.column("narrative_id").to_pylist(),
            most.column("count_all_max").to_pylist(),
            strict=True,
        )
    )


def _is_template(told: pa.Table, point_classes: pa.Table | None) -> pa.Array | pa.ChunkedArray:
    if point_classes is None:
        return pa.array([False] * told.num_rows, pa.bool_())
    templates = point_classes.filter(pc.equal(point_classes.column("benign_class"), TEMPLATE))
    return pc.is_in(told.column("point_id"), value_set=templates.column("point_id"))


def _mark(total: int, top: int, template: int) -> dict[str, Any]:
    mark, reason = None, None
    if template / total >= MOSTLY_TEMPLATE:
        mark = "template"
        reason = f"{template:,} of its {total:,} posts are phrases that an application writes"
    elif top / total >= MOSTLY_ONE:
        mark = "single_account"
        reason = f"one account wrote {top:,} of its {total:,} posts"
    return {"top_account_share": top / total, "mark": mark, "mark_reason": reason}
