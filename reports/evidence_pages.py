"""Pages of evidence beside a report that holds more posts than one file carries.

In: the evidence of a report, how many posts its file holds, the report's file name. Out: which
pages there will be, and each page's posts in the order of time, as its template prints them. A
case that fits has none. Every post is on exactly one page, redacted as everywhere; a post that the
report quotes in part stands with these words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports import wording
from reports.evidence import Evidence, citation
from reports.found import phrases
from reports.page_posts import texts
from reports.side_texts import SideText

# As long as a page that a browser opens at once without a script: about 3 MB.
PER_PAGE = 5_000


@dataclass(frozen=True)
class EvidencePage:
    """One page: its file name, and the rows of the posts, oldest first, that it holds."""

    name: str
    number: int
    start: int
    posts: int
    span: str


@dataclass(frozen=True)
class Entry:
    """One post of a page, redacted."""

    id: str
    at: str
    account: str
    said: str
    narrative: str
    place: str
    lang: str | None
    text: str
    cite: str
    beside: tuple[SideText, ...] = ()


def evidence_pages(evidence: Evidence, most: int, stem: str) -> list[EvidencePage]:
    """Return the pages, none where `most` posts are enough; `stem` begins their file names."""
    total = evidence.links.posts.num_rows
    if total <= most:
        return []
    starts = range(0, total, PER_PAGE)
    return [_page(evidence, start, number, stem) for number, start in enumerate(starts, 1)]


def is_page_of(name: str, stem: str) -> bool:
    """Whether a file name is one of the evidence pages of a report."""
    return re.fullmatch(rf"{re.escape(stem)}-evidence-\d{{3,}}\.html", name) is not None


def _page(evidence: Evidence, start: int, number: int, stem: str) -> EvidencePage:
    rows = evidence.links.posts.slice(start, PER_PAGE)
    times = rows["created_at"].drop_null()
    ends = (times[0].as_py(), times[-1].as_py()) if len(times) else (None, None)
    span = f"{wording.moment(ends[0])} to {wording.moment(ends[1])}" if len(times) else "no time"
    return EvidencePage(f"{stem}-evidence-{number:03d}.html", number, start, rows.num_rows, span)


def entries(evidence: Evidence, page: EvidencePage, labels: Sequence[str]) -> Iterator[Entry]:
    """Yield a page's posts; `labels` are the redacted names of `evidence.opens.narratives`."""
    rows = evidence.links.posts.slice(page.start, page.posts)
    named = dict(zip(evidence.opens.narratives, labels, strict=True))
    redactor, kinds = evidence.redactor, phrases()["kind_of_post"]
    parts = evidence.parts()
    for row, text in zip(rows.to_pylist(), texts(evidence, rows), strict=True):
        file = redactor.file(row["source_file"])
        at = wording.moment(row["created_at"], row["time_precision"])
        source = redactor.post(row["post_id"])
        yield Entry(
            id=source,
            at=at,
            account=redactor.account(row["account_id"]) if row["account_id"] else "unnamed",
            said=kinds[row["kind"]],
            narrative=named.get(row["narrative_id"] or "", ""),
            place=f"{file}, row {evidence.row_cited(row)}",
            lang=evidence.links.language(row["post_id"]),
            text=text,
            cite=citation(
                evidence.title, source, evidence.address(row), file,
                evidence.digest_of(row["source_file"]), evidence.row_cited(row), at,
            ),
            beside=() if row["post_id"] in parts else evidence.beside(row["post_id"], row["text"]),
        )  # fmt: skip
