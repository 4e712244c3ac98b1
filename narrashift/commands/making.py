"""Commands that make or change a case: demo, analyze, add, label, personas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from narrashift import options as opt
from narrashift.commands.printing import print_case, print_record
from narrashift.terminal import TerminalProgress


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
    _run(
        inputs.posts,
        inputs.profiles,
        out_folder,
        settings,
        quiet=quiet,
        as_json=as_json,
        max_findings=5,
    )


def analyze(
    files: opt.Files,
    *,
    out_folder: opt.Out,
    profiles: opt.ProfileFiles = None,
    config: opt.Config = None,
    map_: opt.Map = None,
    embedder: opt.Embedder = None,
    spacy_model: opt.SpacyModel = None,
    keep: opt.Keep = None,
    tie_on: opt.TieOn = None,
    text_from: opt.TextFrom = None,
    engine: opt.Engine = "local",
    event: opt.EventSpan = None,
    removed: opt.Removed = None,
    seed: opt.Seed = None,
    reveal: opt.Reveal = False,
    observed_at: opt.ObservedAt = None,
    timezone: opt.Timezone = None,
    date_order: opt.DateOrder = None,
    encoding: opt.FileEncoding = None,
    delimiter: opt.Delimiter = None,
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
        reading__tie_on=tie_on,
        reading__text_from=text_from,
        reading__observed_at=observed_at,
        reading__timezone=timezone,
        reading__date_order=date_order,
        reading__encoding=encoding,
        reading__delimiter=opt.sign(delimiter),
        reading__max_reject=max_reject,
        narratives__embedder=embedder,
        names__spacy_model=spacy_model,
        seed=seed,
    )
    _run(
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


def add(
    case: opt.Case,
    files: opt.MoreFiles = None,
    *,
    profiles: opt.ProfileFiles = None,
    map_: opt.Map = None,
    observed_at: opt.ObservedAt = None,
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
            case,
            files or [],
            profiles or [],
            more_map=map_ or [],
            observed_at=observed_at,
            progress=progress,
        )
    finally:
        progress.close()
    print_case(analysis, case, as_json)


def personas(
    files: opt.SnapshotFiles,
    *,
    out_folder: opt.Out,
    config: opt.Config = None,
    map_: opt.Map = None,
    observed_at: opt.ObservedAt = None,
    reveal: opt.Reveal = False,
    timezone: opt.Timezone = None,
    date_order: opt.DateOrder = None,
    encoding: opt.FileEncoding = None,
    delimiter: opt.Delimiter = None,
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
        reading__date_order=date_order,
        reading__encoding=encoding,
        reading__delimiter=opt.sign(delimiter),
        reading__max_reject=max_reject,
    )
    _run(
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


def label(
    case: opt.Case,
    *,
    narrative: opt.NarrativeId = None,
    point: opt.PointId = None,
    target: opt.LabelTarget = None,
    stance: opt.Stance = None,
    revoke: opt.Revoke = False,
    accounts: opt.WhoPosted = False,
    redact: opt.Redact = None,
    as_json: opt.AsJson = False,
) -> None:
    """Say what a narrative is for or against; without an id, list what was said and who posted it.

    Example: narrashift label case --narrative ID --target "Harbor Union" --stance against
    """
    from narrashift.analysis import Analysis
    from narrashift.labelling import decide, label_rows, who_posted
    from narrashift.revealed import record_if_plain
    from narrashift.shown import label_lines, who_lines

    if accounts:
        analysis = Analysis.load(case)
        rows = who_posted(analysis, target, stance, redact=redact)
        record_if_plain(case, analysis, redact, "label")
        print_record({"accounts": rows}, who_lines(rows), as_json)
        return
    if narrative is None and point is None and not revoke:
        analysis = Analysis.load(case)
    else:
        analysis = decide(case, target, stance, narrative=narrative, point=point, revoke=revoke)
    rows = label_rows(analysis, redact=redact)
    record_if_plain(case, analysis, redact, "label")
    print_record({"labels": rows}, label_lines(rows), as_json)


def _run(
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
    print_case(analysis, folder, as_json, max_findings)


def purge(
    case: opt.Case,
    *,
    account: opt.PurgedAccount = None,
    file: opt.PurgedFile = None,
    quiet: opt.Quiet = False,
    as_json: opt.AsJson = False,
) -> None:
    """Take accounts out of a case for good: tables, caches, report; exports are deleted.

    Example: narrashift purge case --account 1284563908712345678
    """
    from narrashift.purging import listed_in, purge_accounts
    from narrashift.shown import purged_lines, purged_record

    progress = TerminalProgress(quiet=quiet)
    accounts = [*(account or []), *(listed_in(file) if file is not None else [])]
    try:
        done = purge_accounts(case, accounts, progress=progress)
    finally:
        progress.close()
    print_record(purged_record(done), purged_lines(done), as_json)
