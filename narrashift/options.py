"""The command line's options, each written once, and how they become settings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.errors import SettingsError
from corpus.files import write_bytes
from corpus.settings import Settings

Files = Annotated[
    list[Path],
    typer.Argument(help="Files of posts, folders of them, archives.", show_default=False),
]
SnapshotFiles = Annotated[
    list[Path],
    typer.Argument(help="Files of profile snapshots or histories.", show_default=False),
]
MoreFiles = Annotated[list[Path] | None, typer.Argument(help="Files to add.", show_default=False)]
ProfileFiles = Annotated[
    list[Path] | None, typer.Option("--profiles", help="Files of profile snapshots.")
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the case.")]
Case = Annotated[Path, typer.Argument(help="Folder of a case.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file (TOML).")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", help="field=column; for every file that has the column."),
]
Keep = Annotated[list[str] | None, typer.Option("--keep", help="Carry this column along.")]
TieOn = Annotated[
    list[str] | None,
    typer.Option("--tie-on", help="Carry this column along; equal values in it tie accounts."),
]
TextFrom = Annotated[
    str | None,
    typer.Option(
        "--text-from", help="Analyze this column instead of the text, where it is filled."
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option("--embedder", help="auto, fitted, minilm, a listed model, an id or folder."),
]
SpacyModel = Annotated[
    list[str] | None,
    typer.Option(
        "--spacy-model",
        help="Installed spaCy pipeline, or folder, that reads names; repeat it for more languages.",
    ),
]
Engine = Annotated[str, typer.Option("--engine", help="Where the work runs.")]
EventSpan = Annotated[
    str | None, typer.Option("--event", help="START/END of the event, ISO times (UTC).")
]
Removed = Annotated[
    Path | None,
    typer.Option("--removed", help="CSV: account_id and, when known, state and observed_at."),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything that draws.")]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Show real ids in report and exports; recorded.")
]
ObservedAt = Annotated[
    str | None, typer.Option("--observed-at", help="When an undated profile dump was made.")
]
Timezone = Annotated[
    str | None, typer.Option("--timezone", help="Zone of times that state none (IANA name).")
]
MaxReject = Annotated[
    float | None, typer.Option("--max-reject", help="Share of rows that may be rejected.")
]
DateOrder = Annotated[
    str | None,
    typer.Option("--date-order", help="For dates like 3/4/2020: auto, month-first or day-first."),
]
FileEncoding = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of delimited files, such as cp1251.")
]
Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", help="Sign between the columns of delimited files, or tab."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, no notes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print results as JSON.")]
FindText = Annotated[str | None, typer.Option("--text", help="The words to look for.")]
FindPost = Annotated[
    str | None, typer.Option("--post", help="A post of the case, by its id or pseudonym.")
]
FindClaims = Annotated[
    Path | None,
    typer.Option("--from", help="Known claims: a text file, one a line, or CSV/JSONL/Parquet."),
]
Wanted = Annotated[
    str,
    typer.Argument(help="An id, its beginning, a pseudonym or a handle.", show_default=False),
]
AsKind = Annotated[
    str | None,
    typer.Option("--as", help="account, post, point or narrative, where an id names several."),
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", help="Write the page to this HTML file instead.")
]
Top = Annotated[int, typer.Option("--top", help="Talking points shown for each text.")]
By = Annotated[
    str,
    typer.Option("--by", help="event, platform, group, added, language, or a column of the posts."),
]
TopDifferences = Annotated[int, typer.Option("--top", help="Rows for each part and kind of row.")]
LabelTarget = Annotated[
    str | None, typer.Option("--target", help="Who or what it is about, in your words.")
]
Stance = Annotated[str | None, typer.Option("--stance", help="for, against or neutral.")]
NarrativeId = Annotated[str | None, typer.Option("--narrative", help="A narrative's id.")]
PointId = Annotated[str | None, typer.Option("--point", help="A talking point's id.")]
Template = Annotated[
    Path | None,
    typer.Option(
        "--template", help="Write a CSV to fill in with earlier profiles, a row an account."
    ),
]
Revoke = Annotated[bool, typer.Option("--revoke", help="Take the label back.")]
WhoPosted = Annotated[
    bool, typer.Option("--accounts", help="List who posted what is labelled so instead.")
]
CsvFile = Annotated[
    Path | None, typer.Option("--out", help="Write the results to this CSV file instead.")
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Make the case anew although it holds further files.")
]
Redact = Annotated[
    str | None, typer.Option("--redact", help="pseudonym, full or none; default: the case's own.")
]
Quote = Annotated[
    str | None,
    typer.Option("--quote", help="exact, or none: withhold verbatim words, which can be searched."),
]
Tlp = Annotated[
    str | None,
    typer.Option("--tlp", help="Who may read it: clear, green, amber, amber+strict or red."),
]
MinAccounts = Annotated[
    int | None,
    typer.Option("--min-accounts", help="Withhold what is told of fewer accounts than this."),
]
Formats = Annotated[
    list[str],
    typer.Option(
        "--to",
        help="Formats, with commas or repeated: csv, parquet, ndjson, sqlite, markdown, gexf,"
        " graphml, stix, coortweet, toolkit.",
    ),
]
Dehydrated = Annotated[
    bool,
    typer.Option("--dehydrated", help="Ids and our own labels alone; needs --redact none."),
]
Bom = Annotated[
    bool, typer.Option("--bom", help="CSV: begin with a mark by which Excel sees UTF-8.")
]
RawCsv = Annotated[
    bool, typer.Option("--raw-csv", help="CSV: leave cells that a spreadsheet would run.")
]
FullText = Annotated[
    bool, typer.Option("--full-text", help="SQLite: add an index of the words of posts (FTS5).")
]
ExportFolder = Annotated[
    Path | None, typer.Option("--out", help="Folder to write into; default: exports in the case.")
]

PurgedAccount = Annotated[
    list[str] | None,
    typer.Option("--account", help="Id or pseudonym of an account; repeat it for more."),
]
PurgedFile = Annotated[
    Path | None, typer.Option("--file", help="A text file of account ids, one a line.")
]

CASE_TOML = Path("case.toml")


def settings_from(
    config: Path | None = None, *, event: str | None = None, **options: Any
) -> Settings:
    """Merge flags > environment > settings file > defaults; raise SettingsError.

    Option names are `section__key`; an option that is None was not given. Without `--config`, a
    file `case.toml` in the present folder is used when there is one.
    """
    path = settings_file(config)
    overrides = {name.replace("__", "."): _plain(value) for name, value in options.items()}
    if event is not None:
        overrides.update(_event(event))
    return Settings.load(path, environment=os.environ, overrides=overrides)


def settings_file(config: Path | None) -> Path | None:
    """Return the settings file in effect: the one given, else `case.toml` of this folder."""
    return config or (CASE_TOML if CASE_TOML.is_file() else None)


def keep_settings_file(config: Path | None, case: Path) -> None:
    """Leave a copy of the settings file in the case, as `case.toml`."""
    path = settings_file(config)
    if path is not None and path.resolve() != (case / CASE_TOML).resolve():
        write_bytes(case / CASE_TOML, path.read_bytes())


def sign(delimiter: str | None) -> str | None:
    """Return a delimiter as it was meant: a shell makes it hard to type a tab."""
    return "\t" if delimiter in {"tab", "\\t"} else delimiter


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _event(text: str) -> Mapping[str, str]:
    start, slash, end = text.partition("/")
    if not slash or not start.strip() or not end.strip():
        raise SettingsError(
            f"--event is {text!r}; expected START/END such as"
            " 2020-07-17T06:00:00Z/2020-07-19T18:00:00Z"
        )
    return {"event.start": start.strip(), "event.end": end.strip()}
