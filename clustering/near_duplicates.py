"""Which of these texts say nearly the same? The door for a plain list of texts.

In: texts. Out: one group label each. Two texts are in one group when a chain of near-duplicates
links them: pairs whose normalized texts are equal, or that share a band key and have an exact
Jaccard of at least the threshold. `exact=True` leaves the bands out and finds every pair at or
above the threshold: the judge of the fast way, for corpora of up to about a hundred thousand texts.

Many texts go from their bytes to labels through compiled kernels (`clustering.families`); few take
the readable path. Both find the same groups.

A text of which nothing is left after normalizing (links and mentions alone) equals nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clustering.edges import unit_labels
from clustering.jaccard import ShingleSets, all_pairs
from corpus.errors import SettingsError
from engines.components import component_labels
from engines.local import LocalEngine
from nlp.compiled import MANY_TEXTS
from nlp.normalize import compiled_forms, normalized_column
from nlp.shingles import DEFAULT_KIND, checked_kind
from nlp.texts import as_arrow

Ints = npt.NDArray[np.int64]


def find_near_duplicates(
    texts: Iterable[str],
    threshold: float = 0.7,
    shingle: str = DEFAULT_KIND,
    exact: bool = False,
    *,
    threads: int | None = None,
) -> Ints:
    """Return an (n,) int64 array of group labels, numbered in order of appearance.

    Equal labels: nearly the same text, directly or through others. A text like no other has a label
    of its own. The groups do not depend on the order of the texts, only their numbers do.

    Parameters
    ----------
    texts
        Raw texts: a list, a pandas or polars column, or Arrow strings (read without a copy). They
        are normalized inside.
    threshold
        Exact Jaccard of the shingle sets, above 0 up to 1.
    shingle
        "mixed", "word-1", "word-2" or "char-4" (`nlp.shingles`).
    exact
        Find every pair, without bands.
    threads
        How many threads may run; None takes what the machine has. The groups are the same.

    Raises
    ------
    SettingsError
        For a threshold or a shingle kind that cannot be used.
    InputError
        When a value is not text.
    """
    if not 0 < threshold <= 1:
        raise SettingsError(f"threshold = {threshold!r}; expected a number above 0 up to 1")
    checked_kind(shingle)
    column = as_arrow(texts)
    if len(column) >= MANY_TEXTS and not exact:
        return _in_order_of_appearance(_compiled(column, threshold, shingle, threads))
    unit_of, units = _units(normalized_column(column, threads).to_pylist())
    labels = _exact(units, threshold, shingle) if exact else _banded(units, threshold, shingle)
    return _in_order_of_appearance(labels[unit_of])


def _compiled(
    texts: pa.Array | pa.ChunkedArray, threshold: float, shingle: str, threads: int | None
) -> Ints:
    from clustering.families import text_families

    forms = compiled_forms(texts, threads)
    return text_families(forms, threshold=threshold, shingle=shingle, threads=threads)


def _units(normalized: list[str]) -> tuple[Ints, list[str]]:
    """Number the different texts; every empty one is a unit of its own."""
    numbers: dict[str | int, int] = {}
    keys = [text or at for at, text in enumerate(normalized)]
    unit_of = [numbers.setdefault(key, len(numbers)) for key in keys]
    return np.array(unit_of, dtype=np.int64), [k if isinstance(k, str) else "" for k in numbers]


def _exact(units: list[str], threshold: float, shingle: str) -> Ints:
    left, right, _ = all_pairs(ShingleSets(units, shingle), threshold)
    return component_labels(len(units), left, right)


def _banded(units: list[str], threshold: float, shingle: str) -> Ints:
    held = np.array([at for at, text in enumerate(units) if text], dtype=np.int64)
    ids = pa.array([f"{at:010d}" for at in held], pa.string())
    table = pa.table(
        {"post_id": ids, "text_norm": pa.array([units[at] for at in held], pa.string())}
    )
    found = unit_labels(LocalEngine(), table, threshold=threshold, shingle=shingle)
    labels = np.arange(len(units), dtype=np.int64)
    labels[held] = held[found]
    return labels


def _in_order_of_appearance(labels: Ints) -> Ints:
    """Number groups by their first text; labels may be any numbers below the number of texts."""
    rows = np.arange(len(labels), dtype=np.int64)
    first = np.full(len(labels), len(labels), dtype=np.int64)
    np.minimum.at(first, labels, rows)
    opens = first[labels] == rows
    number = np.cumsum(opens) - 1
    return number[first[labels]]
