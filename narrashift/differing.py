"""Compare two case folders: what the later one holds that the earlier did not, and the reverse.

In: two case folders and a redaction. Out: a record for --json, the same as lines, or a page. Both
cases go through one redactor that knows the names of both, so that equal things have equal
pseudonyms; where the cases differ in what they reveal, the stricter one decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.files import write_text
from narrashift.analysis import Analysis, flat
from narrashift.exporting import UNREAD
from narrashift.revealed import record_reveal
from reports.case_diff import case_diff
from reports.diff_told import counts, told, words
from reports.redaction import Redactor
from reports.released import redaction_words, released

# From the one that shows least to the one that shows all.
STRICTNESS = ("full", "pseudonym", "none")
# Rows of one kind in the terminal; --json and the page have more.
LINES_SHOWN = 10
# Tables that tell a redactor who is who, and the columns that it reads or looks rows up by: one
# post can stand in two cases under two handles, and both are names.
NAMING = {
    "posts": ("post_id", "account_id", "handle"), "profiles": ("snapshot_id",),
    "narratives": ("narrative_id",), "point_posts": ("post_id",),
}  # fmt: skip


def diff_cases(
    before: Path,
    after: Path,
    *,
    redact: str | None = None,
    page: Path | None = None,
    **terms: Any,
) -> dict[str, Any]:
    """Compare two cases, the earlier first; write a page when asked for one.

    Parameters
    ----------
    before, after
        Folders of two finished cases.
    redact
        pseudonym, full or none; None: the stricter of what the two cases have.
    page
        HTML file to write.
    terms
        quote, tlp and min_accounts, as `Analysis.redactor` takes them.

    Returns
    -------
    dict
        before, after (their folders), redaction, posts, same, changes (see `diff_told.told`),
        differing (settings: name, before, after).

    Raises
    ------
    WorkspaceError, SettingsError
        When a case cannot be read, or for values that make no sense.
    """
    old, new = (Analysis.load(case, without=UNREAD) for case in (before, after))
    mode = redact or min((old.redaction(), new.redaction()), key=STRICTNESS.index)
    redactor = Analysis(_union(old.arrow, new.arrow), new.manifest).redactor(
        mode, output="diff", **terms
    )
    diff = case_diff(released(old.arrow, redactor), released(new.arrow, redactor))
    record = {
        "before": redactor.file(before.resolve().name),
        "after": redactor.file(after.resolve().name),
        "redaction": redactor.mode,
        **told(diff, redactor),
        "differing": _differing(old, new, redactor),
    }
    if page is not None:
        write_text(page, _page(record, redactor))
    if redactor.mode == "none":
        for case in (before, after):
            record_reveal(case, ["diff"])
    return record


def _union(old: Mapping[str, pa.Table], new: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables that name somebody, rows of both cases, each once."""
    found = {**old, **new}
    for name, columns in NAMING.items():
        if name in old and name in new:
            known = pc.is_in(_joined(old[name], columns), value_set=_joined(new[name], columns))
            rest = old[name].filter(pc.invert(known))
            found[name] = pa.concat_tables([new[name], rest.cast(new[name].schema)])
    for name in ("account_events", "named"):
        if name in old and name in new:
            found[name] = pa.concat_tables([new[name], old[name].cast(new[name].schema)])
    return found


def _joined(table: pa.Table, columns: Sequence[str]) -> pa.ChunkedArray:
    """One text a row; null and empty are one, for neither names anybody."""
    cells = [pc.fill_null(table[column], "") for column in columns]
    return pc.binary_join_element_wise(*cells, "\x00")


def _differing(old: Analysis, new: Analysis, redactor: Redactor) -> list[dict[str, str]]:
    """What was run differently: version, seed, gender and settings."""
    sides = []
    for analysis in (old, new):
        manifest = analysis.manifest
        own = {"version": manifest.version, "seed": manifest.seed, "gender": manifest.gender}
        sides.append({**own, **flat(manifest.settings)})
    names = sorted(sides[0].keys() | sides[1].keys())
    pairs = [(name, *(str(side.get(name, "not stated")) for side in sides)) for name in names]
    return [
        {"name": name, "before": redactor.setting(a), "after": redactor.setting(b)}
        for name, a, b in pairs
        if a != b
    ]


def _page(record: Mapping[str, Any], redactor: Redactor) -> str:
    from reports.diff_page import diff_page
    from reports.tlp import marking

    return diff_page(
        record,
        before=record["before"],
        after=record["after"],
        redaction=redaction_words(redactor),
        differing=record["differing"],
        marking=marking(redactor.tlp),
    )


def diff_lines(record: Mapping[str, Any]) -> list[str]:
    """Return the comparison as lines for the terminal."""
    from reports.clean import for_stdout

    posts = record["posts"]
    lines = [
        f"posts: {posts['both']:,} in both, {posts['before']:,} in the earlier case alone,"
        f" {posts['after']:,} in the later alone"
    ]
    lines += [f"{word}: the same {number:,}" for word, number in _same(record)]
    for unit, change, number in counts(dict(record)):
        rows = [r for r in record["changes"] if (r["unit"], r["change"]) == (unit, change)]
        lines += ["", f"{words()['unit'][unit]['heading']}: {change} {number:,}"]
        lines += [f"  {for_stdout(_line(row))}" for row in rows[:LINES_SHOWN]]
        if number > LINES_SHOWN:
            lines.append(f"  and {number - LINES_SHOWN:,} more; --json lists all")
    if record["differing"]:
        lines += ["", "run differently (a change may come from this):"]
        lines += [
            for_stdout(f"  {row['name']}: {row['before']} -> {row['after']}")
            for row in record["differing"]
        ]
    return lines


def _same(record: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(words()["unit"][unit]["heading"], number) for unit, number in record["same"].items()]


def _line(row: Mapping[str, Any]) -> str:
    ids = [thing["id"] for thing in (*row["before"], *row["after"])]
    first = (row["new"] or row["gone"])[:1]
    led = f"; e.g. {first[0]}" if first else ""
    return f"{row['sentence']} [{' '.join(dict.fromkeys(ids))}{led}]"
