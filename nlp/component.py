"""The matching form of a text in a spaCy pipeline: `nlp.add_pipe("post_normalizer")`.

In: a Doc. Out: the same Doc with `doc._.normalized` set to what `nlp.normalize` makes of its text;
tokens and text are left alone. The component is found without an import once narrashift is
installed (entry point `spacy_factories`), also when a saved pipeline is loaded. This is the only
module of the package that imports spacy.
"""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from nlp.normalize import normalize


class PostNormalizer:
    """Sets `doc._.normalized`; holds nothing else, so a saved pipeline stores its name alone."""

    def __init__(self, name: str = "post_normalizer") -> None:
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        """Return the same Doc with its matching form."""
        doc._.normalized = normalize([doc.text])[0]
        return doc


@Language.factory("post_normalizer", assigns=["doc._.normalized"])
def make_post_normalizer(nlp: Language, name: str) -> PostNormalizer:
    """Return the component and register the extension it sets."""
    if not Doc.has_extension("normalized"):
        Doc.set_extension("normalized", default=None)
    return PostNormalizer(name)
