"""Matching forms of many texts, straight from their UTF-8 bytes.

In: a column of texts. Out: a column of what `nlp.normalize` makes of them. One text at a time:
bytes to folded code points (`tables.fold_table`), then links and mentions out, then words written
with one blank between them, without a leading rt and with compositions (NFC) made again. The few
texts that hold a kept code point which canonical ordering may move take the readable path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from nlp.compiled.columns import Bytes, Ints, TextColumn, even_parts, in_parts
from nlp.compiled.tables import (
    BLANK,
    DROPPED,
    EXPANDED,
    POINTS,
    REORDERED,
    SECOND,
    SPACE,
    WORD,
    FoldTable,
    fold_table,
)
from nlp.normalize import normalize_one

Points = npt.NDArray[np.uint32]

_BREAKS = SPACE | BLANK
_HASH, _AT, _COLON, _SLASH = 0x23, 0x40, 0x3A, 0x2F
_H, _T, _P, _S, _R = 0x68, 0x74, 0x70, 0x73, 0x72
# Hangul syllables are arithmetic (Unicode chapter 3.12): 19 initials, 21 vowels, 27 finals.
_INITIAL, _VOWEL, _FINAL, _SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00
_INITIALS, _VOWELS, _FINALS, _SYLLABLES = 19, 21, 28, 11_172
# UTF-8 takes at most four bytes a code point; a hash sign brings a blank with it.
_BYTES_A_POINT = 5
_ROOM = 1 << 12


def normalize_column(texts: TextColumn, threads: int | None = None) -> TextColumn:
    """Return the matching form of each text; `threads` None takes what the machine has.

    Forms are rarely longer than texts, so each stretch writes where its texts would stand in a
    buffer of the same size, and the stretches are moved together afterwards.
    """
    table, stretches = fold_table(), texts.stretches()
    first = int(texts.offsets[0])
    room = np.empty(int(texts.offsets[-1]) - first, dtype=np.uint8)
    regions = [
        room[int(texts.offsets[low]) - first : int(texts.offsets[high]) - first]
        for low, high in stretches
    ]
    pieces = in_parts(
        lambda at, _: _stretch(texts, stretches[at], regions[at], table),
        even_parts(len(stretches), 1),
        threads,
    )
    fit = all(len(p.data) <= len(region) for p, region in zip(pieces, regions, strict=True))
    return _joined(pieces, room if fit else None)


@dataclass
class _Piece:
    """Matching forms of a stretch of texts; `data` is dropped as soon as it is copied."""

    data: Bytes
    ends: Ints


def _joined(pieces: list[_Piece], room: Bytes | None) -> TextColumn:
    """Move pieces together in `room`, which may hold them already, each behind its new place."""
    offsets = np.zeros(1 + sum(len(piece.ends) for piece in pieces), dtype=np.int64)
    total = sum(len(piece.data) for piece in pieces)
    data = np.empty(total, dtype=np.uint8) if room is None else room[:total]
    row = at = 0
    for piece in pieces:
        offsets[row + 1 : row + 1 + len(piece.ends)] = piece.ends + at
        data[at : at + len(piece.data)] = piece.data
        row, at = row + len(piece.ends), at + len(piece.data)
        piece.data = np.zeros(0, np.uint8)
    return TextColumn(data, offsets)


def _stretch(texts: TextColumn, rows: tuple[int, int], out: Bytes, table: FoldTable) -> _Piece:
    """Normalize the texts of a stretch into `out`, or a larger buffer where it is too small."""
    low, high = rows
    offsets = texts.offsets[low : high + 1]
    ends = np.zeros(high - low, dtype=np.int64)
    hard = np.zeros(high - low, dtype=np.bool_)
    row = at = 0
    while True:
        row, at = _normalize_rows(
            texts.data, offsets, row, table.folds, table.expansions, table.expansion_at,
            table.growth, table.flags, table.pairs, table.composed, out, at, ends, hard,
        )  # fmt: skip
        if row == high - low:
            break
        longest = int(offsets[row + 1] - offsets[row]) * table.growth * _BYTES_A_POINT
        out = np.concatenate([out[:at], np.empty(len(out) + longest + _ROOM, dtype=np.uint8)])
    piece = _Piece(out[:at], ends)
    return _with_hard_texts(piece, np.flatnonzero(hard), texts, low) if hard.any() else piece


def _with_hard_texts(piece: _Piece, rows: Ints, texts: TextColumn, low: int) -> _Piece:
    """Replace rows that the kernel left to the readable path."""
    parts: list[Bytes] = []
    sizes = np.diff(piece.ends, prepend=0)
    done = 0
    for row in rows.tolist():
        raw = texts.data[texts.offsets[low + row] : texts.offsets[low + row + 1]].tobytes()
        form = normalize_one(raw.decode("utf-8")).encode("utf-8")
        start = int(piece.ends[row] - sizes[row])
        parts += [piece.data[done:start], np.frombuffer(form, np.uint8)]
        done = int(piece.ends[row])
        sizes[row] = len(form)
    # ends are cumulative sizes of the new rows; the bytes between hard rows stay as they are.
    return _Piece(np.concatenate([*parts, piece.data[done:]]), np.cumsum(sizes))


@numba.njit(cache=True, nogil=True)
def _normalize_rows(
    data, offsets, row, folds, expansions, expansion_at, growth, flags, pairs, composed,
    out, at, ends, hard,
):  # fmt: skip
    """Normalize texts from `row` on; stop early where `out` may be too short."""
    points = np.empty(_ROOM, np.uint32)
    while row < ends.size:
        low, high = offsets[row], offsets[row + 1]
        room = (high - low) * growth + 8
        if points.size < room:
            points = np.empty(2 * room, np.uint32)
        n, marked = _fold(data, low, high, folds, expansions, expansion_at, points)
        if marked:
            n = _without_links(points, n, flags)
            n = _without_mentions(points, n, flags)
        if at + _BYTES_A_POINT * n + 8 > out.size:
            return row, at
        at, hard[row] = _write(points, n, flags, pairs, composed, out, at)
        ends[row] = at
        row += 1
    return row, at


@numba.njit(cache=True, nogil=True)
def _fold(data, low, high, folds, expansions, expansion_at, points):
    """Decode and fold one text into `points`; return how many, and if a : or @ is among them."""
    n = 0
    marked = False
    at = low
    while at < high:
        lead = np.uint32(data[at])
        if lead < 0x80:
            point = lead
            at += 1
        elif lead < 0xE0:
            point = ((lead & 31) << 6) | (data[at + 1] & 63)
            at += 2
        elif lead < 0xF0:
            point = ((lead & 15) << 12) | (np.uint32(data[at + 1] & 63) << 6) | (data[at + 2] & 63)
            at += 3
        else:
            point = ((lead & 7) << 18) | (np.uint32(data[at + 1] & 63) << 12)
            point |= (np.uint32(data[at + 2] & 63) << 6) | (data[at + 3] & 63)
            at += 4
        fold = folds[point]
        if fold < POINTS:
            points[n] = fold
            n += 1
            marked |= fold in (_AT, _COLON)
        elif not fold & DROPPED:
            number = fold & ~np.uint32(EXPANDED)
            for each in range(expansion_at[number], expansion_at[number + 1]):
                points[n] = expansions[each]
                n += 1
                marked |= expansions[each] in (_AT, _COLON)
    return n, marked


@numba.njit(cache=True, nogil=True)
def _is_link(points, at, n):
    """Whether http:// or https:// begins at `at`."""
    if at + 6 >= n or points[at + 1] != _T or points[at + 2] != _T or points[at + 3] != _P:
        return False
    at += 4
    if points[at] == _S:
        at += 1
    return (
        at + 2 < n
        and points[at] == _COLON
        and points[at + 1] == _SLASH
        and points[at + 2] == _SLASH
    )


@numba.njit(cache=True, nogil=True)
def _without_links(points, n, flags):
    """Put one blank in place of each link, up to the next white space."""
    kept = at = 0
    while at < n:
        point = points[at]
        if point == _H and _is_link(points, at, n):
            while at < n and not flags[points[at]] & SPACE:
                at += 1
            point = np.uint32(0x20)
        else:
            at += 1
        points[kept] = point
        kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _without_mentions(points, n, flags):
    """Put one blank in place of each @name that starts a word, up to white space or a colon."""
    kept = at = 0
    before = np.uint32(0x20)
    while at < n:
        point = points[at]
        at += 1
        if point == _AT and not flags[before] & WORD:
            before = point
            while at < n and points[at] != _COLON and not flags[points[at]] & SPACE:
                before = points[at]
                at += 1
            point = np.uint32(0x20)
        else:
            before = point
        points[kept] = point
        kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _write(points, n, flags, pairs, composed, out, start):
    """Write words separated by one blank; return the end, and whether the text is a hard one."""
    at = start
    hard = in_word = False
    leading = True  # so far nothing but rt
    length = 0
    first = second = last = np.uint32(0)
    for i in range(n + 1):
        point = points[i] if i < n else np.uint32(0x20)
        flag = flags[point]
        if flag & _BREAKS or point == _HASH:
            if in_word and leading:
                if length == 2 and first == _R and second == _T:
                    at = start
                else:
                    leading = False
            in_word = False
            if point != _HASH or i + 1 >= n or not flags[points[i + 1]] & WORD:
                continue
        if not in_word:
            if at > start:
                out[at] = 0x20
                at += 1
            in_word = True
            length = 0
            last = np.uint32(0)
        hard |= (flag & REORDERED) != 0
        melted = np.uint32(0)
        if flag & SECOND:
            melted = _compose(last, point, pairs, composed)
        if melted:
            at -= _width(last)
            last = melted
        else:
            last = point
            if length == 0:
                first = point
            elif length == 1:
                second = point
            length += 1
        at = _put(out, at, last)
    return at, hard


@numba.njit(cache=True, nogil=True)
def _compose(last, point, pairs, composed):
    """Return what NFC makes of two neighbours, 0 where they stay two."""
    if point >= _VOWEL and point < _VOWEL + _VOWELS:
        if last >= _INITIAL and last < _INITIAL + _INITIALS:
            row = (last - _INITIAL) * _VOWELS + (point - _VOWEL)
            return np.uint32(_SYLLABLE + row * _FINALS)
    elif point > _FINAL and point < _FINAL + _FINALS:
        is_syllable = last >= _SYLLABLE and last < _SYLLABLE + _SYLLABLES
        if is_syllable and (last - _SYLLABLE) % _FINALS == 0:
            return np.uint32(last + (point - _FINAL))
    else:
        key = (np.uint64(last) << np.uint64(32)) | np.uint64(point)
        place = np.searchsorted(pairs, key)
        if place < pairs.size and pairs[place] == key:
            return composed[place]
    return np.uint32(0)


@numba.njit(cache=True, nogil=True)
def _width(point):
    """Bytes of a code point in UTF-8."""
    return 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)


@numba.njit(cache=True, nogil=True)
def _put(out, at, point):
    """Write one code point in UTF-8; return the end."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | (point >> 6)
        out[at + 1] = 0x80 | (point & 63)
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | (point >> 12)
        out[at + 1] = 0x80 | ((point >> 6) & 63)
        out[at + 2] = 0x80 | (point & 63)
        return at + 3
    out[at] = 0xF0 | (point >> 18)
    out[at + 1] = 0x80 | ((point >> 12) & 63)
    out[at + 2] = 0x80 | ((point >> 6) & 63)
    out[at + 3] = 0x80 | (point & 63)
    return at + 4
