"""What the command line shows: progress on stderr, results on stdout, nothing that can crash it.

Post texts and names are hostile: they reach the terminal only through `reports.clean`.
"""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

# Work shorter than this shows no bar.
QUIET_SECONDS = 2.0


def make_safe(*streams: TextIO) -> None:
    """Let a console that cannot print a letter show a replacement instead of raising."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


class TerminalProgress:
    """A progress bar for people, plain lines where stderr is no terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._name = ""
        self._total: int | None = None
        self._done = 0
        self._began = time.monotonic()

    def stage(self, name: str, total: int | None = None) -> None:
        """Close the stage before and begin a new one."""
        self.close()
        self._name, self._total, self._done = name, total, 0
        self._began = time.monotonic()
        if self._quiet:
            return
        if not self._console.is_terminal:
            size = f" ({total:,})" if total else ""
            self._say(f"{name}{size}")
        else:
            self._open_bar()

    def _open_bar(self) -> None:
        from rich import progress as bars

        from reports.clean import for_terminal

        self._bar = bars.Progress(
            bars.SpinnerColumn(),
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(),
            bars.TimeRemainingColumn(),
            console=self._console,
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(for_terminal(self._name), total=self._total)

    def advance(self, n: int = 1) -> None:
        """Move the bar."""
        self._done += n
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)

    def notice(self, sentence: str) -> None:
        """Print one sentence."""
        if not self._quiet:
            self._say(f"note: {sentence}")

    def close(self) -> None:
        """Take the bar away; a stage that took a while leaves one line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            seconds = time.monotonic() - self._began
            if seconds >= QUIET_SECONDS:
                self._say(f"{self._name}: {seconds:.0f} s")
        self._name = ""

    def _say(self, line: str) -> None:
        from reports.clean import for_stdout

        self._console.print(for_stdout(line), markup=False, emoji=False, soft_wrap=True)


def out(text: str = "") -> None:
    """Write one line of results to stdout."""
    sys.stdout.write(text + "\n")


def err(text: str) -> None:
    """Write one line for the user to stderr."""
    sys.stderr.write(text + "\n")
