"""Where the numbers go: one section a benchmark in docs/benchmarks.md, between two marks.

In: the name of the section and its Markdown. Out: the page with that section put in the place of
the old one, or at its end under a heading; everything outside the marks stays as it was.
"""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def put_section(name: str, text: str, *, heading: str, about: str = "") -> None:
    """Write `text` between the marks of `name`; `heading` and `about` open a new section."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    if begin not in page:
        opened = f"## {heading}\n\n{about}".rstrip()
        page = f"{page.rstrip()}\n\n{opened}\n\n{begin}\n{end}\n"
    before, rest = page.split(begin)
    made = f"{before}{begin}\n\n{text.strip()}\n\n{end}{rest.split(end)[1]}"
    PAGE.write_text(made, encoding="utf-8", newline="\n")
