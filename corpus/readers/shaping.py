"""What a mapping file says beyond names: paths, joined columns, templates, constants, own dates.

In: the table of a file and its mapping. Out: the table with a further column for each field that
must be made from others, and a mapping that names those. Everything is column-wise and looks at no
other row, so that a file may be shaped in pieces. What cannot be made (a path that leads nowhere, a
date in another form) is unknown or left as it stands, so that the usual rejects name it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from corpus.readers.cells import as_text, blank_to_null, words
from corpus.readers.columns import Mapping
from corpus.readers.digging import as_text as json_text
from corpus.readers.digging import fan_out, listed, template_names
from corpus.readers.html_text import html_text
from corpus.readers.mapping_files import Preset, locate, plain

LISTS = ("urls", "hashtags", "mentions")


def shaped(table: pa.Table, mapping: Mapping) -> tuple[pa.Table, Mapping]:
    """Return the table and mapping with the preset's rules applied."""
    preset = mapping.preset
    if preset is None or not needs_shaping(preset):
        return table, mapping
    by_plain = {plain(name): name for name in reversed(table.column_names)}
    columns = dict(mapping.columns)
    for field in dict.fromkeys((*preset.map, *preset.constants, *preset.templates)):
        # --map wins: a column that the preset does not name stays as it is.
        if field in columns and not _is_of_preset(preset, field, columns[field], by_plain):
            continue
        made = _made(table, preset, field, by_plain)
        if made is not None:
            name = _free_name(table, field)
            table = table.append_column(name, made)
            columns[field] = (name,)
    return table, replace(mapping, columns=columns)


def needs_shaping(preset: Preset) -> bool:
    """Whether the mapping does more than rename."""
    rules = (preset.constants, preset.templates, preset.join, preset.separators, preset.dates)
    paths = any("*" in name or "." in name for names in preset.map.values() for name in names)
    cells = (preset.values, preset.nothing, preset.unless, preset.html)
    return paths or any((*rules, *cells)) or _second(preset, "text")


def _second(preset: Preset, field: str) -> bool:
    """Whether a further column steps in where the text of the first is empty, not only unknown."""
    return field == "text" and len(preset.map.get("text", ())) > 1 and "text" not in preset.join


def _is_of_preset(
    preset: Preset, field: str, names: tuple[str, ...], by_plain: dict[str, str]
) -> bool:
    if field not in preset.map:
        return False
    own = {found[0] for name in preset.map[field] if (found := locate(name, by_plain))}
    return set(names) <= own


def _free_name(table: pa.Table, field: str) -> str:
    name = f"({field})"
    while name in table.column_names:
        name = f"({name})"
    return name


def _made(
    table: pa.Table, preset: Preset, field: str, by_plain: dict[str, str]
) -> pa.ChunkedArray | None:
    """The column of a field that needs making; None where the columns serve as they are."""
    rules = _rules(preset, field)
    places = [found for name in preset.map.get(field, ()) if (found := locate(name, by_plain))]
    template, constant = preset.templates.get(field), preset.constants.get(field)
    paths = any(path for _, path in places)
    special = (
        *rules,
        paths,
        field in preset.nothing,
        field in preset.unless,
        _second(preset, field),
    )
    if not any(special) and template is None and constant is None:
        return (
            None
            if len(places) < 2 or field not in preset.join
            else _joined(table, preset, field, places)
        )
    found = _source(table, preset, field, places)
    if found is not None and field in preset.unless:
        found = _withheld(table, found, by_plain.get(plain(preset.unless[field])))
    if template is not None:
        filled = _filled(table, template, by_plain)
        found = filled if found is None else pc.coalesce(found, filled)
    for rule in rules:
        found = None if found is None else rule(found)
    if constant is not None:
        always = pa.chunked_array([pa.repeat(pa.scalar(constant, pa.string()), table.num_rows)])
        found = always if found is None else pc.coalesce(found, always)
    return found


def _source(
    table: pa.Table, preset: Preset, field: str, places: list[tuple[str, str]]
) -> pa.ChunkedArray | None:
    if field in preset.join:
        return _joined(table, preset, field, places)
    columns = [_said(table, preset, field, place) for place in places]
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else pc.coalesce(*[_held(c, field) for c in columns])


def _withheld(table: pa.Table, cells: pa.ChunkedArray, column: str | None) -> pa.ChunkedArray:
    """The cells, null in rows of which the column says yes."""
    if column is None:
        return cells
    said = pc.utf8_lower(pc.utf8_trim_whitespace(as_text(table.column(column))))
    yes = pc.is_in(said, value_set=pa.array(words()["truth"]["yes"]))
    return pc.if_else(yes, None, cells)


def _joined(
    table: pa.Table, preset: Preset, field: str, places: list[tuple[str, str]]
) -> pa.ChunkedArray | None:
    """Several columns below each other, those that hold nothing left out."""
    if not places:
        return None
    columns = [_held(_said(table, preset, field, place), field) for place in places]
    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    # Cell by cell: Arrow's own join drops rows in which all columns are null (seen in 26).
    joined = [preset.join[field].join(cell for cell in row if cell is not None) for row in rows]
    return pa.chunked_array([pa.array([text or None for text in joined], pa.string())])


def _said(table: pa.Table, preset: Preset, field: str, place: tuple[str, str]) -> pa.ChunkedArray:
    """The cells of one column, null where they stand for nothing: so that the next one counts."""
    cells = _cells(table, *place, field)
    if field not in preset.nothing:
        return cells
    nothing = {cell.lower() for cell in preset.nothing[field]}
    return _per_cell(cells, lambda cell: _unless(cell, nothing))


def _held(cells: pa.ChunkedArray, field: str) -> pa.ChunkedArray:
    """The cells as they are, null where they hold nothing; a text may well be "none"."""
    if field == "text":
        nothing = pc.equal(pc.utf8_trim_whitespace(cells), "")
    else:
        nothing = pc.is_null(blank_to_null(cells))
    return pc.if_else(nothing, None, cells)


def _cells(table: pa.Table, column: str, path: str, field: str) -> pa.ChunkedArray:
    cells = as_text(table.column(column))
    return _per_cell(cells, _at_path(path, field)) if path else cells


def _at_path(path: str, field: str) -> Callable[[str], str | None]:
    """Read one JSON cell at a path: a list for the fields that are lists, else the first text."""

    def read(cell: str) -> str | None:
        try:
            found = fan_out(orjson.loads(cell), path)
        except (ValueError, RecursionError):
            return None
        texts = [text for one in found if (text := json_text(one)) is not None]
        if field in LISTS:
            return listed(texts)
        return texts[0] if texts else None

    return read


def _per_cell(cells: pa.ChunkedArray, read: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Apply `read` to each distinct cell; null stays null."""
    encoded = cells.combine_chunks().dictionary_encode()
    answers = [None if cell is None else read(cell) for cell in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(answers, pa.string()).take(encoded.indices)])


def _filled(table: pa.Table, template: str, by_plain: dict[str, str]) -> pa.ChunkedArray:
    """A text with the cells of other columns in it; null where one of them holds nothing."""
    pieces: list[pa.ChunkedArray | pa.Scalar] = []
    rest = template
    for name in template_names(template):
        before, _, rest = rest.partition("{" + name + "}")
        column = by_plain.get(plain(name))
        none = pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
        cells = none if column is None else blank_to_null(as_text(table.column(column)))
        pieces += [pa.scalar(before, pa.string()), cells]
    pieces.append(pa.scalar(rest, pa.string()))
    return pc.binary_join_element_wise(*pieces, "", null_handling="emit_null")


def _rules(preset: Preset, field: str) -> list[Callable[[pa.ChunkedArray], pa.ChunkedArray]]:
    """What is done to the cells of a field, in this order."""
    rules: list[Callable[[pa.ChunkedArray], pa.ChunkedArray]] = []
    if field in preset.values:
        meanings = {cell.lower(): meaning for cell, meaning in preset.values[field].items()}
        rules.append(
            lambda cells: _per_cell(cells, lambda cell: meanings.get(cell.strip().lower(), cell))
        )
    if field in preset.html:
        rules.append(lambda cells: _per_cell(cells, html_text))
    if field in preset.dates:
        form = preset.dates[field]
        rules.append(lambda cells: _per_cell(cells, lambda cell: _iso(cell, form)))
    if field in preset.separators:
        sign = preset.separators[field]
        rules.append(lambda cells: _per_cell(cells, lambda cell: _split(cell, sign)))
    return rules


def _unless(cell: str, nothing: set[str]) -> str | None:
    return None if cell.strip().lower() in nothing else cell


def _iso(cell: str, form: str) -> str:
    """A date in the format's own form as ISO; another form is left for the usual reading."""
    try:
        return datetime.strptime(cell.strip(), form).isoformat()
    except ValueError:
        return cell


def _split(cell: str, sign: str) -> str | None:
    items = [item.strip() for item in cell.split(sign) if item.strip()]
    return listed(items) if items else None


def skipped(table: pa.Table, preset: Preset | None) -> pa.ChunkedArray | None:
    """Where a row is of a kind that is neither post nor profile, as `skip` names them."""
    if preset is None or not preset.skip:
        return None
    by_plain = {plain(name): name for name in reversed(table.column_names)}
    found: pa.ChunkedArray | None = None
    for name, cells in preset.skip.items():
        column = by_plain.get(plain(name))
        if column is None:
            continue
        folded = pc.utf8_lower(pc.utf8_trim_whitespace(as_text(table.column(column))))
        hit = pc.is_in(folded, value_set=pa.array([cell.lower() for cell in cells]))
        found = hit if found is None else pc.or_(found, hit)
    return found


def taken_away(table: pa.Table, mapping: Mapping) -> pa.ChunkedArray | None:
    """Where a text column holds a word that stands for nothing, as `nothing` names them."""
    preset = mapping.preset
    if preset is None or "text" not in preset.nothing:
        return None
    by_plain = {plain(name): name for name in reversed(table.column_names)}
    words = pa.array([cell.lower() for cell in preset.nothing["text"]])
    found: pa.ChunkedArray | None = None
    for name in preset.map.get("text", ()):
        place = locate(name, by_plain)
        if place is None:
            continue
        cells = pc.utf8_lower(pc.utf8_trim_whitespace(_cells(table, *place, "text")))
        hit = pc.is_in(cells, value_set=words)
        found = hit if found is None else pc.or_(found, hit)
    return found
