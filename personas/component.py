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


class PersonaClaims:
    """The component; build it with `make_persona_claims`."""

    def __init__(self, field: str, languages: Sequence[str], gender: bool) -> None:
        self.field, self.languages, self.gender = field, tuple(languages), gender
        self.book = load_rules(tuple(sorted(set(languages))))
        if not Span.has_extension("claim"):
            Span.set_extension("claim", default=None)

    def __call__(self, doc: Doc) -> Doc:
        """Add the claims of `doc`; a Doc without claims gets an empty span group."""
        reader = ClaimReader(self.book, self.field, self.gender)
        spans: list[Span] = []
        for row in reader.rows(doc.text):
            span = doc.char_span(
                row["start"], row["end"], label=row["attribute"], alignment_mode="expand"
            )
            if span is not None:  # "expand" always finds one; the types do not know it
                span._.claim = row
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
