"""Claims inside a spaCy pipeline: `nlp.add_pipe("persona_claims")`.

In: a Doc. Out: the same Doc with `doc.spans["claims"]`, one span for each claim, labelled with its
attribute, and `span._.claim`, a dictionary of attribute, value, status, grade, quote, start, end
and rule_id. Offsets inside the dictionary quote the text exactly; the span is the smallest run of
tokens that covers it, since a tokenizer may cut "22y" elsewhere.

A thin wrapper: `personas.claims` does the work and needs no spaCy. The claims of a Doc survive
`DocBin` only with `store_user_data=True`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from personas.claims import ClaimReader
from personas.rules import load_rules

SPANS = "claims"
_ROWS = "persona_claims"


def _claim_of(span: Span) -> dict[str, Any] | None:
    """Return the claim of a span, or None.

    Looked up in `doc.user_data`, since a plain extension keeps one value for all spans at the same
    place, and "mom" claims both family and gender.
    """
    for row in span.doc.user_data.get(_ROWS, ()):
        within = span.start_char <= row["start"] and row["end"] <= span.end_char
        if within and row["attribute"] == span.label_:
            return dict(row)
    return None


class PersonaClaims:
    """The component; build it with `make_persona_claims`."""

    def __init__(self, field: str, languages: Sequence[str], gender: bool) -> None:
        self.field, self.languages, self.gender = field, tuple(languages), gender
        self.book = load_rules(tuple(sorted(set(languages))))
        self.reader = ClaimReader(self.book, field, gender)
        Span.set_extension("claim", getter=_claim_of, force=True)

    def __call__(self, doc: Doc) -> Doc:
        """Add the claims of `doc`; a Doc without claims gets an empty span group."""
        spans: list[Span] = []
        rows = list(self.reader.rows(doc.text))
        doc.user_data[_ROWS] = rows
        for row in rows:
            span = doc.char_span(
                row["start"], row["end"], label=row["attribute"], alignment_mode="expand"
            )
            if span is not None:  # "expand" always finds one; the types do not know it
                spans.append(span)
        doc.spans[SPANS] = spans
        return doc

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Nothing to save: the configuration and the installed lexicons are the whole state."""

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> PersonaClaims:
        """Nothing to load, see `to_disk`."""
        return self


@Language.factory(
    "persona_claims",
    assigns=["doc.spans"],
    default_config={"field": "bio", "languages": [], "gender": True},
)
def make_persona_claims(
    nlp: Language, name: str, field: str, languages: list[str], gender: bool
) -> PersonaClaims:
    """Build the component; `field` is bio, name, location or post; no languages means all."""
    return PersonaClaims(field, languages, gender)


def claims_of(doc: Doc) -> list[dict[str, Any]]:
    """Return the claims of a Doc that went through the component."""
    return [span._.claim for span in doc.spans[SPANS]]
