"""Which column of a file is the text, the author, the time?

In: the file's column names, `--map` entries and the format's preset if one fits. Out: `Mapping`:
for each field the columns that serve it, and whether the rows are posts or profiles. `--map` wins
over a preset, a preset over the name hints of `columns.toml`. It refuses to guess between two
equally good text columns: the sentence lists the columns and names `--map`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.errors import SettingsError, UnknownFormat
from corpus.readers.digging import template_names
from corpus.readers.mapping_files import (
    ROW_FIELDS,
    Preset,
    fields,
    hints,
    locate,
    plain,
    presets,
)
from corpus.tables.own_columns import HASHES, SIDE_TEXTS

__all__ = [
    "COUNTS", "DESCRIPTIVE", "POSTS_ROLE", "PROFILES_ROLE", "PROFILE_FIELDS", "Mapping", "Preset",
    "check_map_used", "fields", "hints", "known_names", "map_columns", "parse_map", "plain",
    "presets",
]  # fmt: skip

POSTS_ROLE, PROFILES_ROLE = "posts", "profiles"
# Fields that describe an account: a row that has one of them is a profile snapshot.
DESCRIPTIVE = ("handle", "display_name", "bio", "location", "pronouns", "profile_url", "state")
COUNTS = ("followers", "following", "statuses_count")
PROFILE_FIELDS = (*DESCRIPTIVE, "avatar_hash", "joined_at", *COUNTS)


@dataclass(frozen=True)
class Mapping:
    """`columns[field]` are the source columns of a field; the first usable cell of a row counts."""

    role: str
    columns: dict[str, tuple[str, ...]]
    preset: Preset | None = None
    guesses: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = field(default=())


def known_names(names: Sequence[str]) -> set[str]:
    """Return those of `names` that some hint or preset knows: they mark a header line."""
    known = {hint for role in hints().values() for listed in role.values() for hint in listed}
    known |= {name for preset in presets() for name in preset.requires}
    return {plain(name) for name in names} & known


def parse_map(entries: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Split `field=column` entries; an empty column leaves the field out on purpose.

    Raises
    ------
    SettingsError
        Naming every entry whose field is unknown, with the nearest known one.
    """
    pairs, problems = [], []
    for entry in entries:
        name, _, column = (part.strip() for part in entry.partition("="))
        if name not in fields():
            near = difflib.get_close_matches(name, fields(), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(fields())}"
            problems.append(f"--map {entry}: unknown field {name!r}; {hint}")
        pairs.append((name, column))
    if problems:
        raise SettingsError(problems)
    return tuple(pairs)


def check_map_used(entries: Sequence[str], seen: Sequence[str]) -> None:
    """Raise SettingsError when a `--map` names a column that no file has."""
    problems = [
        f"--map {name}={column}: no file has a column {column!r}; seen: {_listed(seen)}"
        for name, column in parse_map(entries)
        if column and _column(column, seen) is None
    ]
    if problems:
        raise SettingsError(problems)


def map_columns(
    names: Sequence[str],
    entries: Sequence[str],
    *,
    file: str,
    role: str | None = None,
    frame: bool = False,
    format: str = "",
) -> Mapping:
    """Decide what each column of `file` means; `role` forces posts or profiles.

    A `format` whose reader took the records apart has its own mapping file. Sentences on a `frame`
    tell what to do in Python, others what to type.

    Raises
    ------
    UnknownFormat
        When no column can be the text and the columns do not describe accounts either, or when
        two columns could equally be the text.
    """
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name), name)
    preset = _own_preset(format, by_plain) or _matching_preset(by_plain, role)
    wanted = _wanted(entries, names)
    guesses: list[str] = []
    if role is None:
        role = preset.role if preset else _role(by_plain, wanted, guesses, file, frame)
    columns = _hinted(by_plain, role) if preset is None else _from_preset(preset, by_plain)
    if role == POSTS_ROLE and "text" not in columns and guesses:
        columns["text"] = (guesses[0],)
    if role == POSTS_ROLE and preset is not None:
        columns |= _own(by_plain, columns)
    for name, column in wanted.items():
        columns[name] = (column,) if column else ()
    columns = {name: found for name, found in columns.items() if found}
    used = {column for found in columns.values() for column in found}
    used |= _in_templates(preset, by_plain)
    _require(role, columns, names, file, frame)
    said = tuple(f"text taken from column {guess!r}, the only likely one" for guess in guesses)
    said = said if columns.get("text") == tuple(guesses[:1]) else ()
    unmapped = tuple(name for name in names if name not in used)
    return Mapping(role, columns, preset, said, unmapped)


def _in_templates(preset: Preset | None, by_plain: dict[str, str]) -> set[str]:
    """Columns that a field is put together from."""
    templates = preset.templates.values() if preset else ()
    named = {plain(name) for one in templates for name in template_names(one)}
    return {by_plain[name] for name in named if name in by_plain}


def _wanted(entries: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The `--map` entries that apply to a file with these columns."""
    wanted = {}
    for name, asked in parse_map(entries):
        column = _column(asked, names) if asked else ""
        if column is not None:
            wanted[name] = column
    return wanted


def _column(asked: str, names: Sequence[str]) -> str | None:
    if asked in names:
        return asked
    return next((name for name in names if plain(name) == plain(asked)), None)


def _matching_preset(by_plain: dict[str, str], role: str | None) -> Preset | None:
    """The preset that requires most columns, among those whose columns are all there."""
    fitting = [
        preset
        for preset in presets()
        if preset.requires
        and all(name in by_plain for name in preset.requires)
        and (not preset.any_of or any(name in by_plain for name in preset.any_of))
        and not any(name in by_plain for name in preset.without)
        and role in (None, preset.role)
    ]
    return max(fitting, key=lambda preset: (len(preset.requires), preset.name), default=None)


def _own_preset(format: str, by_plain: dict[str, str]) -> Preset | None:
    """The mapping of a format that a reader unpacked; without any text its rows are profiles."""
    found = next((one for one in presets() if one.name == format and not one.requires), None)
    if found is None:
        return None
    own: dict[str, tuple[str, ...]] = {name: (name,) for name in (*fields(), *ROW_FIELDS)}
    role = POSTS_ROLE if "text" in by_plain else PROFILES_ROLE
    return replace(found, map=found.map or own, role=role)


def _from_preset(preset: Preset, by_plain: dict[str, str]) -> dict[str, tuple[str, ...]]:
    columns = {}
    for name, wanted in preset.map.items():
        found = [place[0] for one in wanted if (place := locate(one, by_plain))]
        columns[name] = tuple(dict.fromkeys(found))
    return columns


def _hinted(by_plain: dict[str, str], role: str) -> dict[str, tuple[str, ...]]:
    """The first hint of each field that the file has; one column serves one field."""
    columns: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for name, listed in hints()[role].items():
        found = next((h for h in listed if h in by_plain and h not in taken), None)
        if found is not None:
            columns[name] = (by_plain[found],)
            taken.add(found)
    return columns


def _own(
    by_plain: dict[str, str], columns: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Side texts and media hashes that an analyst added to a file of a known format."""
    used = {column for found in columns.values() for column in found}
    found: dict[str, tuple[str, ...]] = {}
    for name in (*SIDE_TEXTS, *HASHES):
        listed = hints()[POSTS_ROLE][name]
        column = next((by_plain[hint] for hint in listed if hint in by_plain), None)
        if name not in columns and column is not None and column not in used:
            found[name] = (column,)
    return found


def _role(
    by_plain: dict[str, str], wanted: dict[str, str], guesses: list[str], file: str, frame: bool
) -> str:
    """Rows with a text are posts; else rows that describe accounts are profiles."""
    if wanted.get("text") or any(hint in by_plain for hint in hints()[POSTS_ROLE]["text"]):
        return POSTS_ROLE
    profile = _hinted(by_plain, PROFILES_ROLE) | {k: (v,) for k, v in wanted.items()}
    described = [name for name in (*DESCRIPTIVE, *COUNTS) if profile.get(name)]
    if described and (profile.get("account_id") or profile.get("handle")):
        return PROFILES_ROLE
    likely = [name for folded, name in by_plain.items() if _text_words(folded)]
    beside = {hint for name in SIDE_TEXTS for hint in hints()[POSTS_ROLE][name]}
    likely = [name for name in likely if plain(name) not in beside] or likely
    if len(likely) == 1:
        guesses.append(likely[0])
        return POSTS_ROLE
    seen = _listed(list(by_plain.values()))
    if len(likely) > 1:
        raise UnknownFormat(
            f"{file}: more than one column could be the text ({_listed(likely)}); "
            f"{_advice('text', frame)}; columns seen: {seen}"
        )
    raise UnknownFormat(
        f"{file}: no column looks like a text or describes an account; columns seen: {seen}; "
        f"{_advice('text', frame)}"
    )


def _advice(wanted: str, frame: bool) -> str:
    """How to say which column it is: a frame has no command line."""
    if frame:
        return f'rename one to {wanted!r}, or set reading.map to ["{wanted}=COLUMN"] in Settings'
    return f"name one with --map {wanted}=COLUMN"


def _text_words(folded: str) -> bool:
    return bool({"text", "content", "message", "body", "tweet"} & set(folded.split("_")))


def _require(
    role: str,
    columns: dict[str, tuple[str, ...]],
    names: Sequence[str],
    file: str,
    frame: bool,
) -> None:
    if role == POSTS_ROLE and "text" not in columns:
        raise UnknownFormat(
            f"{file}: no column is mapped to the text; columns seen: {_listed(names)}; "
            f"{_advice('text', frame)}"
        )
    if role == PROFILES_ROLE and not ("account_id" in columns or "handle" in columns):
        raise UnknownFormat(
            f"{file}: profiles need an account id or a handle; columns seen: {_listed(names)}; "
            f"{_advice('account_id', frame)}"
        )


def _listed(names: Sequence[str]) -> str:
    """At most twenty names, so that one sentence stays one."""
    shown = ", ".join(name[:60] for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
