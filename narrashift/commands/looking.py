"""Commands that look, and change nothing: inspect, find, show, compare, verify, config show."""

from __future__ import annotations

import typer

from narrashift import options as opt
from narrashift.commands.printing import print_record
from narrashift.terminal import TerminalProgress, out


def inspect(
    files: opt.Files,
    *,
    profiles: opt.ProfileFiles = None,
    config: opt.Config = None,
    map_: opt.Map = None,
    keep: opt.Keep = None,
    tie_on: opt.TieOn = None,
    text_from: opt.TextFrom = None,
    timezone: opt.Timezone = None,
    date_order: opt.DateOrder = None,
    encoding: opt.FileEncoding = None,
    delimiter: opt.Delimiter = None,
    observed_at: opt.ObservedAt = None,
    template: opt.Template = None,
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
        reading__keep=keep,
        reading__tie_on=tie_on,
        reading__text_from=text_from,
        reading__timezone=timezone,
        reading__date_order=date_order,
        reading__encoding=encoding,
        reading__delimiter=opt.sign(delimiter),
        reading__observed_at=observed_at,
    )
    if template is not None:
        from narrashift.snapshot_table import write_template

        out(str(write_template(template, files, profiles or [], settings.reading)))
        return
    found = look(files, profiles or [], settings=settings.reading)
    print_record(found.to_dict(), inspection_lines(found.to_dict()), as_json)


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
    from narrashift.revealed import record_if_plain
    from narrashift.shown import found_lines

    progress = TerminalProgress(quiet=quiet)
    progress.stage("searching")
    try:
        analysis = Analysis.load(case)
        found = search_case(analysis, text=text, post=post, claims=claims, top=top, redact=redact)
    finally:
        progress.close()
    for note in found["notes"]:
        progress.notice(note)
    record_if_plain(case, analysis, redact, "find")
    if out_file is not None:
        out(str(write_text(out_file, as_csv(found["results"]))))
        return
    print_record(found, found_lines(found), as_json)


def show(
    case: opt.Case,
    wanted: opt.Wanted,
    *,
    as_: opt.AsKind = None,
    html: opt.HtmlFile = None,
    redact: opt.Redact = None,
    quote: opt.Quote = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Show one account, post, talking point or narrative on one page.

    Example: narrashift show case acct_9e8fbvdc0ryf --html account.html
    """
    from corpus.errors import SettingsError
    from corpus.files import write_text
    from narrashift.analysis import Analysis
    from narrashift.closer import page_of
    from narrashift.revealed import record_if_plain
    from narrashift.shown_page import print_page
    from reports.named_things import KINDS

    if as_ is not None and as_ not in KINDS:
        raise SettingsError(f"--as is {as_!r}; expected one of {', '.join(KINDS)}")
    progress = TerminalProgress(quiet=quiet)
    progress.stage("reading the case")
    try:
        analysis = Analysis.load(case)
        page = page_of(analysis, wanted, [as_] if as_ else KINDS, redact, quote=quote)
    finally:
        progress.close()
    record_if_plain(case, analysis, redact, "show")
    if html is not None:
        out(str(write_text(html, page.html())))
    elif as_json:
        print_record(page.to_dict(), [], as_json=True)
    else:
        print_page(page)


def compare(
    case: opt.Case,
    *,
    by: opt.By,
    top: opt.TopDifferences = 5,
    redact: opt.Redact = None,
    out_file: opt.CsvFile = None,
    as_json: opt.AsJson = False,
) -> None:
    """Tell what differs between two parts of one case, and by how much beyond noise.

    Example: narrashift compare case --by event
    """
    from corpus.files import write_text
    from narrashift.analysis import Analysis
    from narrashift.comparing import as_csv, compare_case
    from narrashift.revealed import record_if_plain
    from narrashift.shown import compared_lines

    every = None if out_file is not None else top
    analysis = Analysis.load(case)
    compared = compare_case(analysis, by, redact=redact, top=every)
    record_if_plain(case, analysis, redact, "compare")
    if out_file is not None:
        out(str(write_text(out_file, as_csv(compared["rows"]))))
        return
    print_record(compared, compared_lines(compared), as_json)


def verify(case: opt.Case, as_json: opt.AsJson = False) -> None:
    """Recompute a case's digests and look every quote up in its source.

    Example: narrashift verify case
    """
    from narrashift.shown import verification_lines
    from narrashift.verification import verify as check

    result = check(case)
    record = {"ok": result.ok, "checked": result.checked, "problems": result.problems}
    print_record(record, verification_lines(result), as_json)
    if not result.ok:
        raise typer.Exit(1)


def config_show(config: opt.Config = None, as_json: opt.AsJson = False) -> None:
    """Show the settings in effect and where they come from.

    Example: narrashift config show --config case.toml
    """
    from narrashift.shown import settings_lines

    settings = opt.settings_from(config)
    print_record(settings.to_dict(), settings_lines(settings), as_json)
