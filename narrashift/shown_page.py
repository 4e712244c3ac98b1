"""How the page of one account, post, point or narrative reads in a terminal.

In: a `Page`. Out: lines on stdout through Rich, wrapped to the terminal. Every value passes
`reports.clean.for_stdout`, and no markup is read in it: what somebody wrote cannot colour, move or
hide anything. Where stdout is no terminal, no escape sequence is written at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from reports.clean import for_stdout
from reports.closer import Page, Quotes, Section

# A pipe has no width; tables of eight columns need about this much.
PIPE_WIDTH = 120
# A hash is found again by its beginning; twelve characters name one thing among millions.
SHORT_HASH = 12
_HASH = re.compile("[0-9a-f]{32}")
RIGHT = frozenset({"count", "number", "chance", "share"})


def print_page(page: Page, stream: IO[str] | None = None) -> None:
    """Print the page to `stream`, stdout if None."""
    from rich.console import Console

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    _say(console, page.title, "bold")
    _say(console, page.redaction)
    if page.text:
        _say(console, "")
        _say(console, page.text, quoted=True)
    for one in page.beside:
        _say(console, f"{one.label}:")
        _say(console, one.text, quoted=True)
    _facts(console, page)
    for line in page.marks:
        _say(console, f"  * {line}")
    for quotes in page.quotes:
        _quotes(console, quotes)
    for section in page.sections:
        _section(console, section)


def _say(console: Any, text: str, style: str = "", *, quoted: bool = False) -> None:
    from rich.text import Text

    for line in text.splitlines() or [""]:
        console.print(Text(("  | " if quoted else "") + for_stdout(line), style=style))


def _facts(console: Any, page: Page) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=False, max_width=34)
    table.add_column(overflow="fold")
    for name, value in page.facts:
        table.add_row(Text(for_stdout(name)), Text(for_stdout(value)))
    console.print(table)


def _quotes(console: Any, quotes: Quotes) -> None:
    _say(console, "")
    _say(console, quotes.head, "bold")
    for word, side in (("last on", quotes.before), ("from", quotes.after)):
        _say(console, f"  {word} {side['at']} {side['said']} ({side['place']})")
        _say(console, str(side["quote"]), quoted=True)
        if side["claimed"]:
            _say(console, f"    claimed: {side['claimed']}")
    for told in quotes.why:
        _say(console, f"  reason: {told}")
    for told in quotes.else_:
        _say(console, f"  other explanation: {told}")


def _section(console: Any, section: Section) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    _say(console, "")
    _say(console, f"{section.title} ({section.total:,})", "bold")
    if section.note:
        _say(console, section.note)
    if not section.rows:
        return
    table = Table(box=box.SIMPLE, padding=(0, 1))
    for column in section.columns:
        table.add_column(
            column.title,
            justify="right" if column.kind in RIGHT else "left",
            overflow="fold",
            no_wrap=column.kind == "id" and not _lists(section, column.key),
        )
    for row in section.rows:
        table.add_row(*[Text(_cell(column, row)) for column in section.columns])
    console.print(table)
    left = section.total - len(section.rows)
    if left > 0:
        _say(console, f"  and {left:,} more, in the tables of the case")


def _lists(section: Section, key: str) -> bool:
    return any(isinstance(row.get(key), list) for row in section.rows)


def _cell(column: Any, row: Mapping[str, Any]) -> str:
    value = " ".join(for_stdout(column.shown(row.get(column.key))).split())
    if column.kind == "id" and _HASH.fullmatch(value):
        return value[:SHORT_HASH]
    return value
