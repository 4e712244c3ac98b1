"""What an analysis says of itself when it is printed or stands at the end of a notebook cell.

In: an analysis. Out: a few lines of text, or a small table of HTML: what was read, what was found,
the first findings in words, and where to go on. Words are redacted like every output; where no key
can be had, counts alone are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from corpus.errors import NarrashiftError
from reports.clean import for_html, for_stdout

if TYPE_CHECKING:
    from narrashift.analysis import Analysis

FINDINGS = 3
LINE_CHARS = 200
COUNTS = (
    ("posts", "posts"), ("profiles", "profile snapshots"), ("talking_points", "talking points"),
    ("narratives", "narratives"), ("groups", "groups"), ("shifts", "persona changes"),
    ("findings", "findings"), ("decisions", "decisions"),
)  # fmt: skip
NEXT = ('.tables["narratives"]', ".account(id)", ".narrative(id)", ".find(text)",
        ".plot.timeline()", '.save("case")')  # fmt: skip


def counts(analysis: Analysis) -> list[tuple[str, int]]:
    """Return (what, how many) of the tables that are there."""
    return [(w, analysis.arrow[n].num_rows) for n, w in COUNTS if n in analysis.arrow]


def first_findings(analysis: Analysis) -> list[str]:
    """Return the first findings as the report orders them, redacted."""
    if "findings" not in analysis.arrow:
        return []
    from reports.decided import parted, with_decisions
    from reports.findings import in_reading_order

    try:
        redactor = analysis.redactor()
    except NarrashiftError:  # no key to make pseudonyms with
        return []
    tables = with_decisions(analysis.arrow)
    kept, _ = parted(in_reading_order(tables["findings"]), tables)
    return [redactor.statement(said) for said in kept["statement"].slice(0, FINDINGS).to_pylist()]


def _span(analysis: Analysis) -> str:
    import pyarrow.compute as pc

    from reports import wording

    posts = analysis.arrow.get("posts")
    if posts is None or not len(posts["created_at"].drop_null()):
        return ""
    ends = pc.min_max(posts["created_at"]).as_py()
    return f"{wording.day(ends['min'])} to {wording.day(ends['max'])}"


def as_text(analysis: Analysis) -> str:
    """Return a few lines; no escape sequence and no control character in them."""
    told = ", ".join(f"{number:,} {what}" for what, number in counts(analysis))
    span = _span(analysis)
    lines = [f"Analysis of {told}" + (f"; {span}" if span else "")]
    for number, said in enumerate(first_findings(analysis), 1):
        short = said if len(said) <= LINE_CHARS else said[: LINE_CHARS - 1] + "…"
        lines.append(for_stdout(f"  {number}. {short}"))
    lines.append(f"  go on with {', '.join(NEXT)}")
    return "\n".join(lines)


def as_html(analysis: Analysis) -> str:
    """Return a small table and a list, without script or style."""
    heads = Markup("").join(Markup("<th>{}</th>").format(what) for what, _ in counts(analysis))
    cells = Markup("").join(Markup("<td>{:,}</td>").format(n) for _, n in counts(analysis))
    items = Markup("").join(
        Markup("<li>") + for_html(said) + Markup("</li>") for said in first_findings(analysis)
    )
    span = _span(analysis)
    title = escape(f"narrashift analysis, {span}" if span else "narrashift analysis")
    found = Markup("<p>First findings</p><ol>") + items + Markup("</ol>") if items else Markup("")
    go_on = Markup(", ").join(Markup("<code>{}</code>").format(line) for line in NEXT)
    table = Markup("<table><caption>{}</caption><thead><tr>{}</tr></thead>").format(title, heads)
    return str(
        table
        + Markup("<tbody><tr>{}</tr></tbody></table>").format(cells)
        + found
        + Markup("<p>Go on with {}</p>").format(go_on)
    )
