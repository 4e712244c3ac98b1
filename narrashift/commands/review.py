"""Commands of the analyst's desk: review CASE confirm, dismiss, note, rename, merge, pin, undo, ...

Each decision is one line more in the case; nothing is overwritten. `sheet` and `agree` send a blind
sample out to coders and read it back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from narrashift import options as opt
from narrashift.commands.printing import print_record
from narrashift.terminal import TerminalProgress

app = typer.Typer(
    help="Decide on findings and narratives; send samples to coders and read them back.",
    no_args_is_help=True,
)
Ids = Annotated[
    list[str],
    typer.Argument(help="Ids, or their first six characters or more.", show_default=False),
]
Id = Annotated[str, typer.Argument(help="Its id, or its beginning.", show_default=False)]
By = Annotated[str | None, typer.Option("--by", help="Your name, kept with the decision.")]
Why = Annotated[str | None, typer.Option("--why", help="The reason, kept with the decision.")]


@app.callback()
def _case(context: typer.Context, case: opt.Case) -> None:
    """Decide on findings and narratives; decisions survive new runs and `add`.

    Example: narrashift review case list
    """
    context.obj = case


def _decided(
    context: typer.Context, action: str, ids: list[str], quiet: bool, as_json: bool, **more: Any
) -> None:
    from narrashift.reviewing import decide, decision_rows
    from narrashift.shown_review import decision_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("writing decision and report")
    try:
        rows = decision_rows(decide(context.obj, action, ids, **more))[-len(dict.fromkeys(ids)) :]
    finally:
        progress.close()
    print_record({"decided": rows}, decision_lines(rows), as_json)


@app.command()
def confirm(
    context: typer.Context,
    ids: Ids,
    *,
    why: Why = None,
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Confirm findings, narratives, talking points or shifts.

    Example: narrashift review case confirm 0114872b --why "read both quotes"
    """
    _decided(context, "confirm", ids, quiet, as_json, words=why, who=by)


@app.command()
def dismiss(
    context: typer.Context,
    ids: Ids,
    *,
    why: Why = None,
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Set findings or narratives aside; the report lists them apart and deletes nothing.

    Example: narrashift review case dismiss 0114872b --why satire
    """
    _decided(context, "dismiss", ids, quiet, as_json, words=why, who=by)


@app.command()
def note(
    context: typer.Context,
    ids: Ids,
    *,
    text: Annotated[str, typer.Option("--text", help="The note.")],
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Write a note beside findings or narratives; notes add up.

    Example: narrashift review case note 0114872b --text "same wording as last year"
    """
    _decided(context, "note", ids, quiet, as_json, words=text, who=by)


@app.command()
def rename(
    context: typer.Context,
    narrative: Id,
    *,
    title: Annotated[str, typer.Option("--title", help="Your title for it.")],
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Give a narrative your own title; the one of the run stays beside it.

    Example: narrashift review case rename 61dfc67e --title "The summit is paid for"
    """
    _decided(context, "rename", [narrative], quiet, as_json, words=title, who=by)


@app.command()
def merge(
    context: typer.Context,
    narratives: Ids,
    *,
    into: Annotated[str, typer.Option("--into", help="The narrative that shows all of them.")],
    why: Why = None,
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Show narratives as one from now on.

    Example: narrashift review case merge 61dfc67e --into c9638be8
    """
    _decided(context, "merge", narratives, quiet, as_json, into=into, words=why, who=by)


@app.command()
def pin(
    context: typer.Context,
    ids: Ids,
    *,
    why: Why = None,
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Put findings first.

    Example: narrashift review case pin 0114872b
    """
    _decided(context, "pin", ids, quiet, as_json, words=why, who=by)


@app.command()
def undo(
    context: typer.Context,
    ids: Ids,
    *,
    of: Annotated[
        str | None,
        typer.Option("--of", help="verdict, note, rename, merge or pin; without: all of them."),
    ] = None,
    why: Why = None,
    by: By = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Take earlier decisions back, by a later one.

    Example: narrashift review case undo 61dfc67e --of merge
    """
    _decided(context, "undo", ids, quiet, as_json, takes_back=of, words=why, who=by)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    redact: opt.Redact = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """List what can be decided on, what was decided, and decisions whose thing is gone.

    Example: narrashift review case list --json
    """
    from narrashift.analysis import Analysis
    from narrashift.revealed import record_if_plain
    from narrashift.reviewing import decision_rows, reviewable
    from narrashift.shown_review import review_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("reading the case")
    try:
        analysis = Analysis.load(context.obj)
        things = reviewable(analysis, redact=redact)
        decisions = decision_rows(analysis, redact=redact)
    finally:
        progress.close()
    record_if_plain(context.obj, analysis, redact, "review list")
    lines = review_lines(things, decisions)
    print_record({"things": things, "decisions": decisions}, lines, as_json)


@app.command()
def sheet(
    context: typer.Context,
    *,
    of: Annotated[
        str, typer.Option("--of", help="shifts, narratives, ties or talking_points.")
    ] = "shifts",
    n: Annotated[
        int, typer.Option("--n", help="Findings on the sheet; controls come on top.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the sample and the orders.")] = 7,
    coders: Annotated[int, typer.Option("--coders", help="How many sheets.")] = 3,
    out_folder: Annotated[Path | None, typer.Option("--out", help="Folder of the sheets.")] = None,
    redact: opt.Redact = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Write a blind sample as one CSV for each coder, in an order of its own.

    Example: narrashift review case sheet --of shifts --n 100 --coders 3 --out sheets
    """
    from narrashift.coding import write_sheets

    progress = TerminalProgress(quiet=quiet)
    progress.stage("drawing the sample")
    try:
        made = write_sheets(
            context.obj, of=of, n=n, seed=seed, coders=coders, folder=out_folder, redact=redact
        )
    finally:
        progress.close()
    for told in made["notes"]:
        progress.notice(told)
    print_record(made, made["files"], as_json)


@app.command()
def agree(
    context: typer.Context,
    sheets: Annotated[
        list[Path], typer.Argument(help="Sheets that came back.", show_default=False)
    ],
    *,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Read coded sheets: agreement (Krippendorff's alpha) and precision, with intervals.

    Example: narrashift review case agree sheets/coder-1.csv sheets/coder-2.csv
    """
    from narrashift.coding import read_sheets
    from narrashift.shown_review import agreement_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("reading sheets")
    try:
        made = read_sheets(context.obj, sheets)
    finally:
        progress.close()
    print_record(made, agreement_lines(made), as_json)
