"""How results read in a terminal: plain lines, made from records, cleaned before they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import rejects
from corpus.settings import Settings
from narrashift.analysis import Analysis
from narrashift.verification import Verification
from reports.clean import for_stdout
from reports.wording import count

if TYPE_CHECKING:
    from narrashift.purging import Purged

MAX_PROBLEMS_SHOWN = 20


def reject_share(files: Sequence[Mapping[str, Any]]) -> float:
    """Share of the rows of all files that counts toward --max-reject."""
    reasons: Counter[str] = Counter()
    for report in files:
        reasons.update(report["rejected"])
    return rejects.reject_share(sum(report["rows_read"] for report in files), reasons)


def case_record(analysis: Analysis, folder: Path) -> dict[str, Any]:
    """Return what `analyze --json` prints."""
    return {
        "case": str(folder),
        "report": str(folder / "report.html"),
        "rows": {name: table.num_rows for name, table in analysis.arrow.items()},
        "findings": _statements(analysis),
        "notes": [note.sentence for note in analysis.manifest.notes],
        "additions": analysis.manifest.facts.get("additions", []),
    }


def _statements(analysis: Analysis) -> list[str]:
    """Finding statements as they may leave the case: redacted, best first."""
    if "findings" not in analysis.arrow:
        return []
    from reports.findings import in_reading_order

    redactor = analysis.redactor()
    ordered = in_reading_order(analysis.arrow["findings"])
    return [redactor.statement(statement) for statement in ordered["statement"].to_pylist()]


def case_lines(analysis: Analysis, folder: Path, max_findings: int | None = None) -> list[str]:
    """Return what `analyze` prints: the findings and where the report is."""
    lines = [f"report: {folder / 'report.html'}", *_added(analysis), ""]
    for number, statement in enumerate(_statements(analysis)[: max_findings or 10], start=1):
        lines.append(f"{number}. {for_stdout(statement)}")
    return lines


def _added(analysis: Analysis) -> list[str]:
    """What the last `add` brought, and what waits."""
    additions = analysis.manifest.facts.get("additions", [])
    if not additions:
        return []
    last = additions[-1]
    rows = f"added: {last['rows_kept']:,} of {last['rows_read']:,} rows of {len(last['files'])}"
    notes = [note.sentence for note in analysis.manifest.notes if note.stage == "add"]
    return [f"{rows} file{'s' * (len(last['files']) != 1)}", *map(for_stdout, notes)]


def inspection_lines(record: Mapping[str, Any]) -> list[str]:
    """Return what `inspect` prints; a note of a file stands once, among all notes."""
    once = {"notes", "looks"}
    files = [{k: v for k, v in file.items() if k not in once} for file in record["files"]]
    guesses = [
        f"{g['file']}: {g['what']}: {g['taken']}; {g['override']}" for g in record["guesses"]
    ]
    lines: list[str] = []
    for name, value in {**record, "files": files, "guesses": guesses}.items():
        lines += _entry(_HEADS.get(name, name.replace("_", " ")), value, 0)
    return lines


_HEADS = {
    "unread": "not read; an analysis refuses these, leave them out",
    "guesses": "guessed, and how to override it",
    "damaged_ids": "rows with an id that a spreadsheet damaged",
    "own_columns": "own columns that travel with the posts",
}


def _entry(name: str, value: Any, depth: int) -> list[str]:
    """One named value, indented; nested records and lists go below their name."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        inner = [line for key, item in value.items() for line in _entry(str(key), item, depth + 1)]
        return [f"{pad}{for_stdout(name)}:", *inner] if inner else []
    if isinstance(value, (list, tuple)):
        if not value:
            return []
        if all(isinstance(item, Mapping) for item in value):
            return [line for item in value for line in _record(item, depth)]
        inner = [f"{pad}  - {for_stdout(str(item))}" for item in value]
        return [f"{pad}{for_stdout(name)}:", *inner]
    return [f"{pad}{for_stdout(name)}: {for_stdout(_plain(value))}"]


def _plain(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _record(item: Mapping[str, Any], depth: int) -> list[str]:
    lines = [line for key, value in item.items() for line in _entry(str(key), value, depth + 1)]
    return [*lines, ""]


def verification_lines(result: Verification) -> list[str]:
    """Return what `verify` prints."""
    lines = [f"{count:,} {what} checked" for what, count in result.checked.items()]
    if result.ok:
        return [*lines, "everything stands where the case says"]
    shown = [for_stdout(problem) for problem in result.problems[:MAX_PROBLEMS_SHOWN]]
    hidden = len(result.problems) - len(shown)
    return [*lines, f"{len(result.problems):,} problems:", *shown] + (
        [f"and {hidden:,} more"] if hidden else []
    )


def found_lines(found: Mapping[str, Any]) -> list[str]:
    """Return what `find` prints: each text asked for, and below it the talking points."""
    lines: list[str] = []
    for result in found["results"]:
        lines += [*([""] if lines else []), for_stdout(f"{result['id']}: {result['text']}")]
        lines += [line for match in result["matches"] for line in _match_lines(match)]
        if not result["matches"]:
            lines.append("  nobody in this case said that, or nearly that")
    return lines


def _match_lines(match: Mapping[str, Any]) -> list[str]:
    scores = [
        f"{name} {match[key]:.2f}"
        for name, key in (
            ("exact", "jaccard"), ("wording", "lexical"), ("meaning", "semantic"),
            ("fused", "score"),
        )
        if match[key] is not None
    ]  # fmt: skip
    inside = f" ({match['contained']})" if match["contained"] else ""
    counts = (
        f"{match['posts']:,} posts, {match['reposts']:,} reposts, {match['accounts']:,} accounts"
    )
    span = f"{match['first_at'] or 'unknown'} to {match['last_at'] or 'unknown'}"
    first = match["first_account_id"] or "an unnamed account"
    return [
        for_stdout(f"  {match['rank']}. {match['tier']}{inside}: {', '.join(scores)}"),
        for_stdout(f"     {match['quote']}"),
        for_stdout(f"     first: {first}, {match['first_post_id']}; {span}; {counts}"),
    ]


def compared_lines(compared: Mapping[str, Any]) -> list[str]:
    """Return what `compare` prints: for each part, what it carries more often than the rest."""
    lines = [f"unit: {compared['compared']}; log odds with 95 % interval, shrunken towards 0"]
    for part in compared["parts"]:
        own = [row for row in compared["rows"] if row["part"] == part]
        lines += ["", for_stdout(f"{part}:" if own else f"{part}: nothing beyond noise")]
        lines += [for_stdout(_contrast(row)) for row in own]
    return lines


def _contrast(row: Mapping[str, Any]) -> str:
    counts = f"{row['accounts']:,} of {row['accounts_of']:,} accounts"
    rest = f"{row['rest']:,} of {row['rest_of']:,}"
    odds = f"{row['log_odds']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}], q {row['q_value']:.2g}"
    return (
        f"  {row['unit']}: {row['name']}  ({counts}, elsewhere {rest}; {odds}; {row['evidence']})"
    )


def label_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what `label` prints: every label that holds, and how far it reaches."""
    lines = [
        f"{row['stance']} {row['target']}: "
        + ("narrative" if "narrative" in row else "talking point")
        + f" {row.get('narrative') or row.get('point')}, spreads to {row['spreads_to']:,} talking"
        f" point{'s' * (row['spreads_to'] != 1)}"
        for row in rows
    ]
    return [for_stdout(line) for line in lines] or ["no labels yet"]


def who_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what `label --accounts` prints, most posts first."""
    lines = [
        f"{row['account_id']}: {row['posts']:,} posts, {row['reposts']:,} reposts,"
        f" {row['points']:,} talking points, {row['said_posts']:,} on those labelled themselves;"
        f" first {row['first_at'] or 'unknown'}, {row['evidence'][0]}"
        for row in rows
    ]
    return [for_stdout(line) for line in lines] or ["nobody posted what is labelled so"]


def settings_lines(settings: Settings) -> list[str]:
    """Return the settings as TOML-like lines."""
    from narrashift.analysis import flat

    return [
        f"{name} = {for_stdout(repr(value))}" for name, value in flat(settings.to_dict()).items()
    ]


def purged_record(done: Purged) -> dict[str, Any]:
    """Return what `purge --json` prints; it names no account."""
    return {
        "accounts": done.accounts,
        "posts": done.posts,
        "snapshots": done.snapshots,
        "lines": done.lines,
        "exports_deleted": list(done.exports),
        "still_named_in": list(done.still_named_in),
        "case_left": done.analysis is not None,
    }


def purged_lines(done: Purged) -> list[str]:
    """Return what `purge` prints: what is gone, and what is left to do by hand."""
    lines = [
        f"purged: {count(done.accounts, 'account')}, {count(done.posts, 'post')},"
        f" {count(done.snapshots, 'profile snapshot')}; they stay out of this case",
        *(f"lines taken out of {name}: {number:,}" for name, number in done.lines.items()),
    ]
    if done.exports:
        lines.append(f"exports deleted, make them again: {', '.join(done.exports)}")
    if done.analysis is None:
        lines.append("nothing is left of this case; delete its folder")
    if done.still_named_in:
        lines.append(
            "still named in files of this folder or in what others wrote; look at them yourself: "
            + ", ".join(done.still_named_in)
        )
    lines.append("the files that the case was made from, and exports elsewhere, were not touched")
    return [for_stdout(line) for line in lines]
