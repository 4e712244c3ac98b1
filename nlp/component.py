"""Matching in a spaCy pipeline: the components `post_normalizer` and `near_duplicate_keys`.

In: a Doc. Out: the same Doc with `doc._.normalized`, what `nlp.normalize` makes of its text, and
with `doc._.near_duplicate_keys`, the band keys of that form: two docs that share a key are likely
to say nearly the same, and only an exact comparison tells. Tokens and text are left alone. The
components are found without an import once narrashift is installed (entry points
`spacy_factories`), also when a saved pipeline is loaded.
"""

from __future__ import annotations

import pyarrow as pa
from spacy.language import Language
from spacy.tokens import Doc

from nlp.minhash import MinHashBands, bands_for
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


class NearDuplicateKeys:
    """Sets `doc._.near_duplicate_keys`: band keys as hex text, the same in every process."""

    def __init__(self, name: str, threshold: float, shingle: str) -> None:
        self.name = name
        bands, rows = bands_for(threshold)
        self.kernel = MinHashBands(bands=bands, rows=rows, shingle=shingle)

    def __call__(self, doc: Doc) -> Doc:
        """Return the same Doc with its keys; a text that says too little has none."""
        table = pa.table({"post_id": ["doc"], "text_norm": normalize([doc.text])})
        keys = self.kernel(table).column("band_key").to_pylist()
        doc._.near_duplicate_keys = [key.hex() for key in keys]
        return doc


@Language.factory(
    "near_duplicate_keys",
    assigns=["doc._.near_duplicate_keys"],
    default_config={"threshold": 0.7, "shingle": "mixed"},
)
def make_near_duplicate_keys(
    nlp: Language, name: str, threshold: float, shingle: str
) -> NearDuplicateKeys:
    """Return the component; `threshold` and `shingle` as in `clustering.find_near_duplicates`."""
    if not Doc.has_extension("near_duplicate_keys"):
        Doc.set_extension("near_duplicate_keys", default=None)
    return NearDuplicateKeys(name, threshold, shingle)
