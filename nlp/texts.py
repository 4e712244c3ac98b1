"""What did the caller hand over as texts?

In: a list or any iterable of str, a pandas or polars column, an Arrow array. Out: the same texts as
Arrow strings, or as a list. Refused in words: one bare text, a missing value, anything that is no
text. Lone surrogates (half an emoji) have no UTF-8; they become blanks, as folding makes of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import InputError

_SURROGATE = re.compile("[\ud800-\udfff]")


def as_arrow(texts: Iterable[str] | Any) -> pa.Array | pa.ChunkedArray:
    """Return the texts as Arrow strings without nulls.

    Raises
    ------
    InputError
        When a value is not text, with its position.
    """
    held = _held(texts)
    return held if isinstance(held, (pa.Array, pa.ChunkedArray)) else _encoded(held)


def as_list(texts: Iterable[str] | Any) -> list[str]:
    """Return the texts as a list of str; refuses what `as_arrow` refuses."""
    held = _held(texts)
    return held if isinstance(held, list) else held.to_pylist()


def _held(texts: Any) -> list[str] | pa.Array | pa.ChunkedArray:
    """Arrow where it lies in Arrow already, else a checked list."""
    if isinstance(texts, str):
        raise InputError(f"expected a list of texts, found one text; pass [{texts[:20]!r}]")
    column = _arrow_column(texts)
    if column is None:
        return _checked(list(texts))
    if column.null_count:
        raise _refusal(pc.index(pc.is_null(column), True).as_py(), None)
    return column


def _arrow_column(texts: Any) -> pa.Array | pa.ChunkedArray | None:
    """Return Arrow strings, None where the values have to be looked at one by one."""
    if not isinstance(texts, (pa.Array, pa.ChunkedArray)):
        if not hasattr(texts, "__arrow_c_stream__") or str(texts.dtype) == "object":
            return None
        texts = pa.chunked_array(texts)
    if pa.types.is_dictionary(texts.type) and pa.types.is_string(texts.type.value_type):
        texts = texts.cast(texts.type.value_type)
    if pa.types.is_string_view(texts.type):
        texts = texts.cast(pa.large_string())
    if not pa.types.is_string(texts.type) and not pa.types.is_large_string(texts.type):
        return None
    return texts


def _checked(texts: list[Any]) -> list[str]:
    if set(map(type, texts)) <= {str}:
        return texts
    for at, text in enumerate(texts):
        if not isinstance(text, str):
            value = text.as_py() if isinstance(text, pa.Scalar) else text
            raise _refusal(at, value)
    return texts


def _refusal(at: int, value: Any) -> InputError:
    kind = type(value).__name__
    return InputError(f"text {at} is {kind}, expected str; drop it or write it as text")


def _encoded(texts: list[str]) -> pa.Array:
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        return pa.array([_SURROGATE.sub(" ", text) for text in texts], pa.large_string())
