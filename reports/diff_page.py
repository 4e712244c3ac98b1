"""The comparison of two cases as one self-contained page that needs no script.

In: the told comparison (redacted already), what to call the cases, which settings differ. Out:
HTML, the same bytes for the same cases; nothing is loaded from anywhere, and the policy allows this
page's own style and nothing else. Long lists show their largest and say so.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from reports.case_diff import CHANGES, UNITS
from reports.clean import for_html, show_invisibles
from reports.diff_told import words
from reports.tlp import Marking

# Rows of one kind on the page; a reader scrolls through some tens, and --json lists all.
ROWS_SHOWN = 100
IDS_SHOWN = 20


def _file(name: str) -> str:
    return resources.files("reports").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"shown": for_html, "plain": show_invisibles}
    return made


def diff_page(
    record: Mapping[str, Any],
    *,
    before: str,
    after: str,
    redaction: str,
    differing: Sequence[Mapping[str, str]] = (),
    marking: Marking | None = None,
) -> str:
    """Return the page; `record` is what `diff_told.told` returns."""
    colour = marking.colour if marking else "#ffffff"
    style = _environment().get_template("diff.css").render(colour=colour)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return (
        _environment()
        .get_template("diff.html.j2")
        .render(
            title="What differs between two cases",
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none';"
            " form-action 'none'",
            style=Markup(style),
            posts=record["posts"],
            changes=CHANGES,
            units=[_unit(unit, record) for unit in UNITS],
            before=before,
            after=after,
            redaction=redaction,
            differing=differing,
            marking=marking,
            ids_shown=IDS_SHOWN,
        )
    )


def _unit(unit: str, record: Mapping[str, Any]) -> dict[str, Any]:
    rows = {
        change: [r for r in record["changes"] if (r["unit"], r["change"]) == (unit, change)]
        for change in CHANGES
    }
    parts = [
        {"change": change, "total": len(found), "rows": found[:ROWS_SHOWN]}
        for change, found in rows.items()
        if found
    ]
    return {
        "id": unit.replace("_", "-"),
        "heading": words()["unit"][unit]["heading"],
        "counts": {change: len(found) for change, found in rows.items()},
        "same": record["same"][unit],
        "parts": parts,
    }
