"""One thing of a case on one page: what every such page is made of, and how its values read.

In: values that a redactor has been over. Out: a `Page` of facts and sections that terminal, JSON
and HTML show alike. Gathering stands in `closer_account`, `closer_post`, `closer_point` and
`closer_narrative`; this module knows no table. Texts in a page are still hostile: whoever shows
them cleans them (`reports.clean`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from reports import wording
from reports.evidence import Citation
from reports.side_texts import SideText

# Rows of a section; the tables of the case hold the rest, and the page says how many.
MAX_POSTS, MAX_ROWS = 100, 25
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column of a section; `kind`: text, quote, id, count, number, chance, moment or share."""

    key: str
    title: str
    kind: str = "text"

    def shown(self, value: Any) -> str:
        """Return a value as a reader sees it."""
        return shown(self.kind, value)


@dataclass(frozen=True)
class Section:
    """Rows of one kind; `total` counts those left out too, `note` says what to know."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    total: int
    note: str = ""


@dataclass(frozen=True)
class Quotes:
    """Two statements side by side, and what to read with them."""

    head: str
    before: Row
    after: Row
    why: list[str]
    else_: list[str]


@dataclass(frozen=True)
class Page:
    """One account, post, talking point or narrative."""

    kind: str
    id: str
    title: str
    facts: list[tuple[str, str]]
    text: str
    lang: str | None
    sections: list[Section]
    quotes: list[Quotes]
    marks: list[str]
    history: Any
    drawing: Markup | None
    redaction: str
    case: str
    css: str = ""
    beside: tuple[SideText, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it: times are ISO 8601, unknown values null."""
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title,
            "redaction": self.redaction,
            "facts": dict(self.facts),
            "text": self.text,
            "lang": self.lang,
            "beside": [{"what": one.label, "text": one.text} for one in self.beside],
            "decisions": self.marks,
            "sections": {s.key: _section(s) for s in self.sections},
            "shifts": [_quotes(q) for q in self.quotes],
        }

    def html(self) -> str:
        """Return the page as one self-contained HTML document."""
        from reports.closer_html import page_html

        return page_html(self)

    def __str__(self) -> str:
        return "\n".join([self.title, *[f"{name}: {value}" for name, value in self.facts]])

    def __repr__(self) -> str:
        counts = ", ".join(f"{s.title.lower()} {s.total:,}" for s in self.sections if s.total)
        return f"<{self.kind} {self.id}: {counts or 'nothing further'}; .html(), .to_dict()>"

    def _repr_html_(self) -> str:
        from reports.closer_html import framed

        return framed(self.html())


def _section(section: Section) -> dict[str, Any]:
    keys = [column.key for column in section.columns]
    rows = [{key: _plain(row.get(key)) for key in keys} for row in section.rows]
    return {"title": section.title, "note": section.note, "total": section.total, "rows": rows}


def _quotes(quotes: Quotes) -> dict[str, Any]:
    sides = {side: {key: _plain(value) for key, value in getattr(quotes, side).items()}
             for side in ("before", "after")}  # fmt: skip
    return {"what": quotes.head, **sides, "why": quotes.why, "other_explanations": quotes.else_}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def shown(kind: str, value: Any) -> str:
    """Return a value in words; unknown ones as "unknown", which is not zero and not empty."""
    if value is None:
        return "unknown"
    if isinstance(value, datetime):
        return wording.moment(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    words: dict[str, Callable[[Any], str]] = {
        "chance": chance,
        "share": lambda share: wording.share(share, 1.0),
        "count": lambda number: f"{number:,}",
        "number": lambda number: f"{number:,.1f}" if number >= 0.1 else "under 0.1",
    }
    return words.get(kind, str)(value)


def chance(value: float) -> str:
    """Return a p or q value as it is printed: never 0."""
    if value < 0.001:
        return "under .001"
    return f"{value:.3f}".lstrip("0") if value < 1 else "1"


def cut(rows: Sequence[Row], most: int = MAX_ROWS) -> list[Row]:
    """Return the first rows."""
    return list(rows[:most])


POST_COLUMNS = (
    Column("at", "Time"), Column("said", "What"), Column("text", "Text", "quote"),
    Column("point_accounts", "Accounts that said it", "count"), Column("id", "Post", "id"),
    Column("place", "Where read"),
)  # fmt: skip


def post_row(cited: Citation, accounts: int | None = None, **more: Any) -> Row:
    """One post of a page, from its citation."""
    return {
        "at": cited.at,
        "said": cited.said,
        "text": cited.text,
        "lang": cited.lang,
        "account": cited.account,
        "id": cited.source,
        "place": cited.place,
        "cite": cited.cite,
        "point_accounts": accounts,
        **more,
    }
