"""Which talking points of a narrative hold its leading terms, and where?

In: exemplars with their narrative, the narratives with their terms. Out: one row a term and talking
point. A term is looked for as it is spelled, whatever its capitals, with any blanks between its
words; in scripts without blanks it may stand inside a run of letters. Hashtags among the terms are
left out: they are counted as hashtags.
"""

from __future__ import annotations

import re

import pandas as pd
import pyarrow as pa

from nlp.tokens import grams

# Letters that keyboards type differently; terms of Persian are spelled with the second of each.
_KEYS = str.maketrans("يك", "یک")


def term_names(points: pa.Table, narratives: pa.Table) -> pd.DataFrame:
    """Return point_id, key, kind, shown, source, size, start and end; a term once a point."""
    terms = {
        row["narrative_id"]: [
            (term, _pattern(term)) for term in row["terms"] if not term.startswith("#")
        ]
        for row in narratives.select(["narrative_id", "terms"]).to_pylist()
    }
    columns = points.select(["point_id", "narrative_id", "text", "size"]).to_pydict()
    rows = []
    for point, narrative, text, size in zip(*columns.values(), strict=True):
        spelled = text.translate(_KEYS)
        lower = spelled.lower()
        for term, pattern in terms.get(narrative, ()):
            if term.split(" ", 1)[0] in lower and (match := pattern.search(spelled)):
                rows.append(
                    (point, f"term:{term}", "term", term, "term", size, match.start(), match.end())
                )
    return pd.DataFrame(
        rows, columns=["point_id", "key", "kind", "shown", "source", "size", "start", "end"]
    )


def _pattern(term: str) -> re.Pattern[str]:
    body = r"\s+".join(re.escape(word) for word in term.split())
    inside = any(grams(word) for word in term.split())
    return re.compile(body if inside else rf"(?<!\w){body}(?!\w)", re.IGNORECASE)
