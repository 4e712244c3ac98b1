"""The command line: each command parses, calls one public function, and says what was written.

Results go to stdout, everything else to stderr. Every error raised on purpose becomes one sentence
and its exit code: 0 done, 1 internal error, 2 usage or settings, 3 input, 4 too many rejects,
5 an optional part is missing, 130 interrupted (resumable).
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from corpus.errors import NarrashiftError
from narrashift import __version__
from narrashift.commands import differences, leaving, looking, making, models, review
from narrashift.terminal import err, make_safe, out

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
app.add_typer(models.app, name="models")
app.add_typer(review.app, name="review")


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


COMMANDS = (
    making.demo, looking.inspect, making.analyze, making.add, making.label, making.personas,
    making.purge, looking.find, looking.show, looking.compare, differences.diff, leaving.report,
    leaving.export, looking.verify,
)  # fmt: skip
for command in COMMANDS:
    app.command()(command)
config_app.command("show")(looking.config_show)


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
