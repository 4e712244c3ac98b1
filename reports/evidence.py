"""Every quote of the report, numbered, with where it was read.

In: post and snapshot ids as the sections quote them. Out: citations E1, E2, … in order of first
use, and the appendix that lists them. A snapshot, or a post that is cited for a statement, shows
only the words that were quoted, never the whole, which could be searched back. Beyond the appendix'
limit a citation keeps its number and source but has no entry, and the appendix says how many were
left out.

A whole post in which its writer may speak of a transition is cited by its place alone: whatever the
post is evidence of, the report does not repeat that of an account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from personas.self_said import speaks_of_writer
from personas.suppression import suppression_markers
from reports import wording
from reports.found import phrases
from reports.links import Links
from reports.opens import Opens
from reports.redaction import Redactor
from reports.side_texts import SideText, SideTexts

# Stands for a post that is cited and not repeated.
NOT_QUOTED = "[not quoted]"


@dataclass(frozen=True)
class Citation:
    """One quoted source, redacted: what the account wrote, when, and where it was read."""

    number: int
    source: str
    account: str
    at: str
    said: str
    text: str
    lang: str | None
    place: str
    listed: bool
    cite: str
    # The post's place in the order of time; None for a snapshot.
    post: int | None = None
    # Translations and the like of a post that is shown whole.
    beside: tuple[SideText, ...] = ()

    @property
    def label(self) -> str:
        """How the report refers to it."""
        return f"E{self.number}"

    @property
    def anchor(self) -> str:
        """The entry's id in the page."""
        return f"e{self.number}"


@dataclass
class Evidence:
    """Collects citations while the sections are built; `limit` is the size of the appendix."""

    links: Links
    redactor: Redactor
    limit: int
    title: str
    digests: Mapping[str, str] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], Citation] = field(default_factory=dict)

    @cached_property
    def opens(self) -> Opens:
        """Makes the selectors of the posts that a number opens."""
        return Opens(self.links)

    @cached_property
    def side_texts(self) -> SideTexts:
        """What the analyst's own columns hold beside the posts."""
        return SideTexts(self.links, self.redactor)

    def cite(self, source_id: str, *, quote: str = "", place: str = "") -> Citation | None:
        """Return the citation of a post or snapshot; None when the case does not hold it.

        `quote` and `place` (bio, name, handle, location, post) say which words of it are meant;
        without a quote a post is shown whole.
        """
        post = self.links.post(source_id)
        key = (source_id, place, quote)
        if key not in self._found:
            made = (
                self._of_post(post, quote) if post else self._of_snapshot(source_id, quote, place)
            )
            if made is None:
                return None
            self._found[key] = made
        return self._found[key]

    def cite_all(self, source_ids: Iterable[str]) -> list[Citation]:
        """Return the citations of those ids that the case holds."""
        return [made for made in map(self.cite, source_ids) if made is not None]

    def row_of(self, source_id: str) -> str:
        """Return where a snapshot was read, as file and row, without citing it."""
        row = self.links.snapshot(source_id)
        if row is None:
            return ""
        return f"{self.redactor.file(row['source_file'])}, row {row['source_row']}"

    def listed(self) -> list[Citation]:
        """The entries of the appendix."""
        return [made for made in self._found.values() if made.listed]

    def cited(self) -> list[Citation]:
        """Every citation, also those beyond the appendix."""
        return list(self._found.values())

    def parts(self) -> dict[str, list[str]]:
        """The words quoted of posts that are nowhere shown whole, redacted: post id -> quotes."""
        whole = {source for source, _, quote in self._found if not quote}
        found: dict[str, list[str]] = {}
        for (source, _, quote), made in self._found.items():
            if quote and source not in whole and made.post is not None:
                found.setdefault(source, []).append(made.text)
        return found

    def digest_of(self, file: str) -> str:
        """Return the sha256 of a file that was read, by its name as read; "" when unknown."""
        return self.digests.get(file, "")

    def total(self) -> int:
        """How many different sources were cited."""
        return len(self._found)

    def _of_post(self, row: Mapping[str, Any], quote: str) -> Citation:
        return self._made(
            row,
            source=self.redactor.post(row["post_id"]),
            at=wording.moment(row["created_at"], row["time_precision"]),
            said=phrases()["kind_of_post"][row["kind"]],
            text=self.redactor.text(quote) if quote else self.whole(row["text"]),
            lang=self.links.language(row["post_id"]),
            post=self.links.place_of_post[row["post_id"]],
            beside=() if quote else self.beside(row["post_id"], row["text"]),
        )

    def beside(self, post_id: str, text: str) -> tuple[SideText, ...]:
        """Return what stands beside a whole post, as it may be shown; nothing where it may not."""
        if self.whole(text) == NOT_QUOTED:
            return ()
        found = self.side_texts.of(post_id, text)
        return tuple(one for one in found if self.whole(one.text) != NOT_QUOTED)

    def row_cited(self, row: Mapping[str, Any]) -> str:
        """The row of the file, and the column where another one than the text was analyzed."""
        at = str(row["source_row"])
        own = self.side_texts.column_of(row["post_id"], row["text"]) if "post_id" in row else ""
        return f"{at}, column {own}" if own else at

    def address(self, row: Mapping[str, Any]) -> str:
        """Where a post or profile stood, as shown; "" where that says no more than the id."""
        shown = self.redactor.address(row["url"] or "")
        return "" if "post_id" in row and shown == self.redactor.post(row["post_id"]) else shown

    def whole(self, text: str) -> str:
        """Return a whole post as it may be shown."""
        found = suppression_markers(text)
        if found and speaks_of_writer(text, found):
            return NOT_QUOTED
        return self.redactor.text(text)

    def _of_snapshot(self, source_id: str, quote: str, place: str) -> Citation | None:
        row = self.links.snapshot(source_id)
        if row is None:
            return None
        return self._made(
            row,
            source=self.redactor.source(source_id),
            at=wording.moment(row["observed_at"]),
            said=phrases()["field"].get(place, "profile snapshot"),
            text=self.redactor.quote(quote, place) if quote else "",
            lang=None,
        )

    def _made(self, row: Mapping[str, Any], **words: Any) -> Citation:
        number = len(self._found) + 1
        file = self.redactor.file(row["source_file"])
        digest = self.digest_of(row["source_file"])
        return Citation(
            number=number,
            account=self.redactor.account(row["account_id"]) if row["account_id"] else "unnamed",
            place=f"{file}, row {self.row_cited(row)}",
            listed=number <= self.limit,
            cite=citation(
                self.title,
                words["source"],
                self.address(row),
                file,
                digest,
                self.row_cited(row),
                words["at"],
            ),
            **words,
        )


def citation(  # noqa: PLR0917 - the parts of a citation, in its order
    case: str, source: str, address: str, file: str, digest: str, row: int | str, at: str
) -> str:
    """Return a citation: case / id / address / file sha256 digest:row / time; the script's twin.

    What is not known is left out.
    """
    place = f"{file} sha256 {digest}:{row}" if digest else f"{file}:{row}"
    return " / ".join(part for part in (case, source, address, place, at) if part)
