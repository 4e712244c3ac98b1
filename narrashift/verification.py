"""Does every quote still stand where the case says it stands?

In: a case folder. Out: what was checked and every problem found. It recomputes the digests of the
tables, looks every quote up in the post or profile that it names, and resolves every finding's
evidence. It changes nothing. Problems leave the case, so ids in them stand under its pseudonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.files import file_digest
from corpus.tables.own_columns import WRITTEN
from narrashift.analysis import Analysis

if TYPE_CHECKING:
    from reports.redaction import Redactor

# Where the quoted field of a claim or shift stands in the source tables.
PROFILE_FIELDS = {
    "bio": "bio",
    "name": "display_name",
    "handle": "handle",
    "location": "location",
}


@dataclass
class Verification:
    """Counts of what was checked, and one sentence for each problem."""

    checked: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


class Sources:
    """The texts that quotes point into: posts by id, profile fields by snapshot id.

    Of posts whose column `text_from` was analyzed it is that column, as the file gave it.
    """

    def __init__(
        self, tables: Mapping[str, pa.Table], wanted: set[str], text_from: str | None = None
    ) -> None:
        self._texts: dict[tuple[str, str], str | None] = {}
        self.known: set[str] = set()
        self.instead: set[str] = set()
        self._take(tables["posts"], "post_id", {"post": "text"}, wanted)
        self._take(tables["profiles"], "snapshot_id", PROFILE_FIELDS, wanted)
        if text_from is not None and "kept_columns" in tables:
            self._take_instead(tables["kept_columns"], text_from, wanted)

    def _take_instead(self, kept: pa.Table, text_from: str, wanted: set[str]) -> None:
        """Where another column was analyzed, that column is what quotes of a post stand in."""
        columns = [kept.column(name).to_pylist() for name in ("post_id", "column", "value")]
        rows = [row for row in zip(*columns, strict=True) if row[0] in wanted]
        self.instead = {post for post, name, _ in rows if name == WRITTEN}
        held = {post: value for post, name, value in rows if name == text_from}
        for post in self.instead:
            self._texts[post, "post"] = held.get(post)

    def _take(
        self, table: pa.Table, key: str, columns: Mapping[str, str], wanted: set[str]
    ) -> None:
        ids = table.column(key).to_pylist()
        rows = [row for row, name in enumerate(ids) if name in wanted]
        self.known |= {ids[row] for row in rows}
        for name, column in columns.items():
            values = table.column(column).take(pa.array(rows, pa.int64())).to_pylist()
            for row, text in zip(rows, values, strict=True):
                self._texts[ids[row], name] = text

    def slice(self, source: str, name: str, start: int, end: int) -> str | None:
        """Return the characters [start, end) of a field, or None when there is no such text."""
        text = self._texts.get((source, name))
        return None if text is None else text[start:end]


class Names:
    """How ids are shown; the redactor is made when the first problem needs it."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis

    @cached_property
    def redactor(self) -> Redactor:
        """The redactor of the case."""
        return self._analysis.redactor()

    def shown(self, template: str, ids: Sequence[str]) -> str:
        """Fill a template such as "claim {}": ids of sources, or of what was derived from them."""
        redactor = self.redactor
        derived = template.startswith(DERIVED)
        return template.format(
            *[redactor.derived(i) if derived else redactor.source(i) for i in ids]
        )


# What these words name has an id made by us; any other id is a post's or snapshot's.
DERIVED = ("claim", "shift", "narrative", "finding")
# what (a template), the ids in it, source, field, start, end, quote
Quote = tuple[str, tuple[str, ...], str, str, int, int, str]


def _claim_quotes(claims: pa.Table) -> Iterator[Quote]:
    for row in claims.to_pylist():
        what = "claim {}", (row["claim_id"],)
        yield *what, row["source_id"], row["field"], row["start"], row["end"], row["quote"]


def _shift_quotes(shifts: pa.Table) -> Iterator[Quote]:
    for row in shifts.to_pylist():
        for side in ("before", "after"):
            yield (
                f"shift {{}} ({side})",
                (row["shift_id"],),
                row[f"{side}_source"],
                row[f"{side}_field"],
                row[f"{side}_start"],
                row[f"{side}_end"],
                row[f"quote_{side}"],
            )


def _narrative_quotes(narratives: pa.Table) -> Iterator[Quote]:
    for row in narratives.to_pylist():
        what, quote = ("narrative {}", (row["narrative_id"],)), row["quote"]
        yield *what, row["medoid_post_id"], "post", 0, len(quote), quote


def _passage_quotes(passages: pa.Table) -> Iterator[Quote]:
    for row in passages.to_pylist():
        for side in ("a", "b"):
            what = f"shared passage of {{}} and {{}} ({side})", (row["post_a"], row["post_b"])
            place = row[f"start_{side}"], row[f"end_{side}"]
            yield *what, row[f"post_{side}"], "post", *place, row[f"quote_{side}"]


def _named_quotes(named: pa.Table) -> Iterator[Quote]:
    for row in named.to_pylist():
        what = "narrative {} (a name)", (row["narrative_id"],)
        yield *what, row["post_id"], "post", row["start"], row["end"], row["quote"]


def _tie_quotes(evidence: pa.Table) -> Iterator[Quote]:
    for row in evidence.to_pylist():
        for side in ("a", "b"):
            what = f"tie of {{}} and {{}} ({side})", (row["post_a"], row["post_b"])
            place = row[f"start_{side}"], row[f"end_{side}"]
            yield *what, row[f"post_{side}"], "post", *place, row[f"quote_{side}"]


QUOTED: dict[str, Callable[[pa.Table], Iterator[Quote]]] = {
    "claims": _claim_quotes,
    "shifts": _shift_quotes,
    "narratives": _narrative_quotes,
    "shared_passages": _passage_quotes,
    "named": _named_quotes,
    "tie_evidence": _tie_quotes,
}


def verify(folder: Path) -> Verification:
    """Check a case folder; raise WorkspaceError when it is not a finished case."""
    analysis = Analysis.load(folder)
    result, names = Verification(), Names(analysis)
    _digests(folder, analysis.manifest.tables, result)
    quotes = {
        name: list(read(analysis.arrow[name]))
        for name, read in QUOTED.items()
        if name in analysis.arrow
    }
    evidence = _evidence(analysis.arrow)
    wanted = {quote[2] for found in quotes.values() for quote in found}
    wanted |= {source for _, source in evidence}
    sources = Sources(analysis.arrow, wanted, analysis.settings.reading.text_from)
    for name, found in quotes.items():
        _check_quotes(name, found, sources, result, names)
    _check_evidence(evidence, sources, result, names)
    _check_rows(analysis, result, names)
    return result


def _digests(folder: Path, expected: Mapping[str, str], result: Verification) -> None:
    for name, digest in expected.items():
        path = folder / "tables" / f"{name}.parquet"
        if not path.exists():
            result.problems.append(f"table {name} is missing")
        elif file_digest(path) != digest:
            result.problems.append(f"table {name} was changed after the run")
    result.checked["tables"] = len(expected)


def _check_quotes(
    name: str, quotes: list[Quote], sources: Sources, result: Verification, names: Names
) -> None:
    for what, ids, source, place, start, end, quote in quotes:
        found = sources.slice(source, place, start, end)
        if found != quote:
            of = "the column analyzed" if source in sources.instead else place
            where = f"{of} of {names.shown('{}', [source])} [{start}:{end}]"
            told = f"{names.shown(what, ids)}: its quote does not stand in {where}"
            result.problems.append(told)
    result.checked[f"quotes in {name}"] = len(quotes)


def _evidence(tables: Mapping[str, pa.Table]) -> list[tuple[str, str]]:
    if "findings" not in tables:
        return []
    return [
        (row["finding_id"], source)
        for row in tables["findings"].to_pylist()
        for source in row["evidence"]
    ]


def _check_evidence(
    evidence: list[tuple[str, str]], sources: Sources, result: Verification, names: Names
) -> None:
    for finding, source in evidence:
        if source not in sources.known:
            what = names.shown("finding {}", [finding])
            shown = names.shown("{}", [source])
            result.problems.append(f"{what}: its evidence {shown} is not in the case")
    result.checked["evidence of findings"] = len(evidence)


def _check_rows(analysis: Analysis, result: Verification, names: Names) -> None:
    """Rows read = rows kept + rows rejected, for every file."""
    for report in analysis.manifest.files:
        rejected = sum(report["rejected"].values())
        if report["rows_read"] != report["rows_kept"] + rejected:
            result.problems.append(
                f"file {names.redactor.file(report['name'])}: {report['rows_read']} rows read, but"
                f" {report['rows_kept']} kept and {rejected} rejected"
            )
    result.checked["files"] = len(analysis.manifest.files)
