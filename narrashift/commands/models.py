"""Commands about embedding models: models list, models get, models check.

`models get` is the only command of narrashift that may use a network.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from narrashift import options as opt
from narrashift.commands.printing import print_record
from narrashift.terminal import TerminalProgress, err

# A model that is absent or not what was pinned ends the command as a missing optional part does.
NOT_AS_PINNED = 5
# More languages than this are counted, not listed.
SHOWN_LANGUAGES = 8

Preset = Annotated[str, typer.Argument(help="fast, english or multilingual.", show_default=False)]
Which = Annotated[
    list[str] | None,
    typer.Argument(help="Names of models, or folders; all known ones without.", show_default=False),
]

app = typer.Typer(help="Embedding models: which there are, fetch, check.", no_args_is_help=True)


@app.command("list")
def list_models(*, as_json: opt.AsJson = False) -> None:
    """List the known models: licence, languages, size, scores, and whether they are here.

    Example: narrashift models list
    """
    from nlp.models import installed_folder, presets

    rows = []
    for name, known in presets().items():
        folder = installed_folder(name)
        rows.append({**known.to_dict(), "folder": None if folder is None else str(folder)})
    print_record({"models": rows}, [line for row in rows for line in _listed(row)], as_json)


def _listed(row: dict[str, Any]) -> list[str]:
    languages = row["languages"]
    covers = (
        f"{len(languages)} languages" if len(languages) > SHOWN_LANGUAGES else " ".join(languages)
    )
    here = "installed" if row["folder"] else f"to fetch: narrashift models get {row['name']}"
    prefix = f", each text begins with {row['query_prefix']!r}" if row["query_prefix"] else ""
    return [
        f"{row['name']}: {row['repo']} at {row['revision'][:12]} ({here})",
        f"  {row['licence']}, {covers}, {row['megabytes']} MB, {row['dimension']} numbers a text,"
        f" reads {row['max_tokens']} tokens{prefix}",
        f"  scores: {row['scores']}",
    ]


def get_model(name: Preset, *, quiet: opt.Quiet = False, as_json: opt.AsJson = False) -> None:
    """Fetch a model at its pinned commit and check its weights; needs a network.

    Example: narrashift models get multilingual
    """
    from nlp.models import fetch, preset

    known = preset(name)
    progress = TerminalProgress(quiet=quiet)
    progress.stage(f"fetching {known.repo} ({known.megabytes} MB)")
    try:
        folder = fetch(name, quiet=quiet)
    finally:
        progress.close()
    record = {"name": name, "folder": str(folder), "weights": known.weights}
    line = f"{name} lies in {folder}; its weights are as pinned. Use it with: --embedder {name}"
    print_record(record, [line], as_json)


def check_models(
    names: Which = None, *, quiet: opt.Quiet = False, as_json: opt.AsJson = False
) -> None:
    """Compare the weights of installed models, or of a folder, with the pinned digests.

    Example: narrashift models check fast
    """
    from dataclasses import asdict

    from nlp.models import check, presets

    found = [check(name) for name in names or presets()]
    print_record(
        {"models": [asdict(one) for one in found]}, [_checked(one) for one in found], as_json
    )
    wrong = [one.name for one in found if one.state == "differs"]
    absent = [one.name for one in found if one.state == "not installed" and names]
    for name in absent if not quiet else []:
        err(f"{name} is not installed; run: narrashift models get {name}")
    if wrong:
        err(f"do not use {', '.join(wrong)}: the weights are not the pinned ones; fetch them again")
    if wrong or absent:
        raise typer.Exit(NOT_AS_PINNED)


def _checked(one: Any) -> str:
    from reports.clean import for_terminal

    told = {
        "as pinned": f"weights as pinned (sha256 {one.found})",
        "differs": f"WEIGHTS DIFFER: sha256 {one.found}, pinned {one.expected}",
        "not installed": "not installed",
        "unpinned": f"not a pinned model (sha256 of model.safetensors: {one.found or 'none'})",
    }
    where = f" in {one.folder}" if one.folder else ""
    return for_terminal(f"{one.name}: {told[one.state]}{where}")


app.command("get")(get_model)
app.command("check")(check_models)
