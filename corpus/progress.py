"""How long-running work tells what it is doing, without printing.

In: stage names, totals, advances and notices. Out: nothing here; the command line draws a bar, the
library stays silent. A Progress never changes a result.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a stage may tell whoever waits for it."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage named `name` begins; `total` units of work are ahead, None when unknown."""

    def advance(self, n: int = 1) -> None:
        """`n` more units are done."""

    def notice(self, sentence: str) -> None:
        """One sentence the user should see once."""


class Silent:
    """The library's default: says nothing."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Ignore the beginning of a stage."""

    def advance(self, n: int = 1) -> None:
        """Ignore an advance."""

    def notice(self, sentence: str) -> None:
        """Ignore a notice."""
