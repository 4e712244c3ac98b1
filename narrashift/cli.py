"""The command line: each command parses, calls one public function, and says what was written.

Results go to stdout, everything else to stderr. Every error raised on purpose becomes one sentence
and its exit code: 0 done, 1 internal error, 2 usage or settings, 3 input, 4 too many rejects,
5 an optional part is missing, 130 interrupted (resumable).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from corpus.errors import NarrashiftError
from narrashift import __version__
from narrashift import options as opt
from narrashift.terminal import TerminalProgress, err, make_safe, out

TOO_MANY_REJECTS = 4
# Typer carries its own copy of click; this is the root of the usage errors of whichever it uses.
USAGE_ERROR: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
INTERRUPTED = 130

app = typer.Typer(
    name="narrashift",
    help="Talking points, narratives and persona shifts in posts and profiles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
config_app = typer.Typer(help="Look at settings.", no_args_is_help=True)
app.add_typer(config_app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        out(f"narrashift {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Talking points, narratives and persona shifts in posts and profiles."""


@app.command()
def demo(
    out_folder: opt.Out = Path("demo-case"),
    embedder: opt.Embedder = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Run the main job on the shipped synthetic corpus.

    Example: narrashift demo --out demo-case
    """
    from narrashift.demo import demo_inputs

    inputs = demo_inputs()
    settings = opt.settings_from(
        event=inputs.event,
        narratives__embedder=embedder,
        report__title="Demo: the summit campaign (synthetic)",
    )
    _analyze(
        inputs.posts,
        inputs.profiles,
        out_folder,
        settings,
        quiet=quiet,
        as_json=as_json,
        max_findings=5,
    )


@app.command()
def inspect(
    files: opt.Files,
    *,
    profiles: opt.ProfileFiles = None,
    config: opt.Config = None,
    map_: opt.Map = None,
    timezone: opt.Timezone = None,
    observed_at: opt.ObservedAt = None,
    as_json: opt.AsJson = False,
) -> None:
    """Tell what a file holds before loading it.

    Example: narrashift inspect posts.csv --profiles profiles.jsonl
    """
    from corpus.readers import inspect as look
    from narrashift.shown import inspection_lines

    settings = opt.settings_from(
        config,
        reading__map=map_,
        reading__timezone=timezone,
        reading__observed_at=observed_at,
    )
    found = look(files, profiles or [], settings=settings.reading)
    _print(found.to_dict(), inspection_lines(found.to_dict()), as_json)


@app.command()
def analyze(
    files: opt.Files,
    *,
    out_folder: opt.Out,
    profiles: opt.ProfileFiles = None,
    config: opt.Config = None,
    map_: opt.Map = None,
    embedder: opt.Embedder = None,
    keep: opt.Keep = None,
    engine: opt.Engine = "local",
    event: opt.EventSpan = None,
    removed: opt.Removed = None,
    seed: opt.Seed = None,
    reveal: opt.Reveal = False,
    observed_at: opt.ObservedAt = None,
    timezone: opt.Timezone = None,
    max_reject: opt.MaxReject = None,
    replace: opt.Replace = False,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Run the whole pipeline; a second call resumes and redoes only what changed.

    Example: narrashift analyze posts.parquet --profiles profiles.parquet --out case
    """
    settings = opt.settings_from(
        config,
        event=event,
        reading__map=map_,
        reading__keep=keep,
        reading__observed_at=observed_at,
        reading__timezone=timezone,
        reading__max_reject=max_reject,
        narratives__embedder=embedder,
        seed=seed,
    )
    _analyze(
        files,
        profiles or [],
        out_folder,
        settings,
        config=config,
        engine=engine,
        removed=removed,
        replace=replace,
        reveal=reveal,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def add(
    case: opt.Case,
    files: opt.MoreFiles = None,
    *,
    profiles: opt.ProfileFiles = None,
    map_: opt.Map = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Add posts or profiles to a case; narratives stay, new talking points join one or wait.

    Example: narrashift add case newer-posts.csv --profiles newer-profiles.csv
    """
    from narrashift.adding import add_files

    progress = TerminalProgress(quiet=quiet)
    try:
        analysis = add_files(
            case, files or [], profiles or [], more_map=map_ or [], progress=progress
        )
    finally:
        progress.close()
    _print_case(analysis, case, as_json)


@app.command()
def find(
    case: opt.Case,
    *,
    text: opt.FindText = None,
    post: opt.FindPost = None,
    claims: opt.FindClaims = None,
    top: opt.Top = 5,
    redact: opt.Redact = None,
    out_file: opt.CsvFile = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Tell who else said this: copies and paraphrases of a text, a post or a list of claims.

    Example: narrashift find case --text "the summit is paid for by foreign money"
    """
    from corpus.files import write_text
    from narrashift.analysis import Analysis
    from narrashift.finding import as_csv, search_case
    from narrashift.shown import found_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("searching")
    try:
        found = search_case(
            Analysis.load(case), text=text, post=post, claims=claims, top=top, redact=redact
        )
    finally:
        progress.close()
    for note in found["notes"]:
        progress.notice(note)
    if out_file is not None:
        out(str(write_text(out_file, as_csv(found["results"]))))
        return
    _print(found, found_lines(found), as_json)


@app.command()
def personas(
    files: opt.SnapshotFiles,
    *,
    out_folder: opt.Out,
    config: opt.Config = None,
    map_: opt.Map = None,
    observed_at: opt.ObservedAt = None,
    reveal: opt.Reveal = False,
    timezone: opt.Timezone = None,
    max_reject: opt.MaxReject = None,
    replace: opt.Replace = False,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Run the persona tracker alone, on profile histories.

    Example: narrashift personas histories.jsonl.gz --out case
    """
    settings = opt.settings_from(
        config,
        reading__map=map_,
        reading__observed_at=observed_at,
        reading__timezone=timezone,
        reading__max_reject=max_reject,
    )
    _analyze(
        [],
        files,
        out_folder,
        settings,
        config=config,
        scope="personas",
        replace=replace,
        reveal=reveal,
        quiet=quiet,
        as_json=as_json,
    )


@app.command()
def report(
    case: opt.Case,
    redact: opt.Redact = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="The HTML file.")] = None,
) -> None:
    """Rebuild the HTML report of a case.

    Example: narrashift report case --redact none --out report.html
    """
    from narrashift.exporting import write_report

    out(str(write_report(case, redact=redact, target=out_file)))


@app.command()
def export(
    case: opt.Case,
    to: Annotated[str, typer.Option("--to", help="Formats, separated by commas.")],
    redact: opt.Redact = None,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder.")] = None,
) -> None:
    """Write a case's tables in one or more formats.

    Example: narrashift export case --to csv,parquet
    """
    from narrashift.exporting import write_exports

    for path in write_exports(case, to.split(","), redact=redact, folder=out_folder):
        out(str(path))


@app.command()
def verify(case: opt.Case, as_json: opt.AsJson = False) -> None:
    """Recompute a case's digests and look every quote up in its source.

    Example: narrashift verify case
    """
    from narrashift.shown import verification_lines
    from narrashift.verification import verify as check

    result = check(case)
    record = {"ok": result.ok, "checked": result.checked, "problems": result.problems}
    _print(record, verification_lines(result), as_json)
    if not result.ok:
        raise typer.Exit(1)


@config_app.command("show")
def config_show(config: opt.Config = None, as_json: opt.AsJson = False) -> None:
    """Show the settings in effect and where they come from.

    Example: narrashift config show --config case.toml
    """
    from narrashift.shown import settings_lines

    settings = opt.settings_from(config)
    _print(settings.to_dict(), settings_lines(settings), as_json)


def _print(record: Any, lines: list[str], as_json: bool) -> None:
    if as_json:
        out(json.dumps(record, ensure_ascii=False, indent=1, default=str))
    else:
        for line in lines:
            out(line)


def _analyze(
    files: list[Path],
    profiles: list[Path],
    folder: Path,
    settings: Any,
    *,
    quiet: bool,
    as_json: bool,
    config: Path | None = None,
    max_findings: int | None = None,
    **how: Any,
) -> None:
    from narrashift.api import analyze_files

    progress = TerminalProgress(quiet=quiet)
    try:
        analysis = analyze_files(
            files, profiles, out=folder, settings=settings, progress=progress, **how
        )
    finally:
        progress.close()
    opt.keep_settings_file(config, folder)
    _print_case(analysis, folder, as_json, max_findings)


def _print_case(
    analysis: Any, folder: Path, as_json: bool, max_findings: int | None = None
) -> None:
    """Show what a case holds now; too many rejected rows end the command with their own code."""
    from narrashift.shown import case_lines, case_record, reject_share

    _print(case_record(analysis, folder), case_lines(analysis, folder, max_findings), as_json)
    share, allowed = reject_share(analysis.manifest.files), analysis.settings.reading.max_reject
    if share > allowed:
        err(
            f"{share:.1%} of the rows were rejected, more than --max-reject allows"
            f" ({allowed:.1%}); the reasons stand in {folder / 'rejects.jsonl'}"
        )
        raise typer.Exit(TOO_MANY_REJECTS)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; errors become one sentence on stderr."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except NarrashiftError as error:
        err(f"error: {_clean(error)}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except USAGE_ERROR as error:
        error.show(sys.stderr)
        return int(error.exit_code)
    return int(code or 0)


def _interrupted() -> int:
    err("interrupted; run the same command again to resume")
    return INTERRUPTED


def _clean(error: Exception) -> str:
    from reports.clean import for_stdout

    return "\n".join(for_stdout(line) for line in str(error).splitlines())


def main() -> None:
    """Entry point of the `narrashift` command."""
    make_safe(sys.stdout, sys.stderr)
    sys.exit(run())
