"""One account, post, talking point or narrative of an analysis on one page.

In: an analysis and what somebody typed: an id, its beginning, a pseudonym, a handle. Out: a `Page`,
redacted like every output, with the analysts' decisions on it; and the posts of a thing as a table
with real ids. A narrative that an analyst merged into another leads to the page of both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from corpus.errors import SettingsError
from narrashift.analysis import Analysis
from reports.decided import marks, with_decisions
from reports.decisions import merged, states
from reports.evidence import Evidence
from reports.keys import load_key
from reports.links import Links, link_posts, table_of
from reports.named_things import KINDS, Thing, resolve
from reports.released import redaction_words, released, threshold_words

if TYPE_CHECKING:
    from reports.closer import Page

COLUMN = {"account": "account_id", "post": "post_id", "point": "point_id",
          "narrative": "narrative_id"}  # fmt: skip


def thing_in(
    analysis: Analysis, wanted: str, kinds: Iterable[str] = KINDS, redact: str | None = None
) -> Thing:
    """Return (kind, id) of what is called `wanted`; raises SettingsError, see `resolve`."""
    shown = analysis.redactor(redact, output="show")
    return resolve(
        analysis.arrow, wanted, kinds=kinds, key=lambda: load_key(os.environ), shown=shown
    )


def page_of(
    analysis: Analysis,
    wanted: str,
    kinds: Iterable[str] = KINDS,
    redact: str | None = None,
    *,
    quote: str | None = None,
) -> Page:
    """Return the page of what is called `wanted`.

    Raises
    ------
    SettingsError
        When nothing or several things are called so, or the case withholds what describes so few
        accounts.
    """
    from reports.closer_account import account_page
    from reports.closer_narrative import narrative_page
    from reports.closer_point import point_page
    from reports.closer_post import post_page

    makers: dict[str, Callable[..., Page]] = {
        "account": account_page,
        "post": post_page,
        "point": point_page,
        "narrative": narrative_page,
    }
    redactor = analysis.redactor(redact, quote=quote, output="show")
    kind, id_ = thing_in(analysis, wanted, kinds, redact)
    cut = released(analysis.arrow, redactor)
    tables = with_decisions(cut)
    if kind == "narrative":
        id_ = merged(states(table_of(cut, "decisions"))).get(id_, id_)
    _refuse_withheld(tables, kind, id_, redactor.min_accounts)
    title = analysis.settings.report.title or ""
    digests = {str(f["name"]): str(f["sha256"]) for f in analysis.manifest.files}
    evidence = Evidence(Links(tables), redactor, 0, title or "narrashift", digests)
    known = marks(cut, redactor).get(redactor.derived(id_))
    return makers[kind](
        evidence.links,
        evidence,
        id_,
        marks=[] if known is None else _told(known.told, known.original, known.merged),
        redaction=redaction_words(redactor),
        case=title,
    )


def _told(told: list[str], original: str, joined: list[str]) -> list[str]:
    named = [f"The analyst's title; the run named it “{original}”."] if original else []
    both = [f"Merged with “{label}”; counts are those of all together." for label in joined]
    return [*named, *both, *told]


def _refuse_withheld(tables: dict[str, pa.Table], kind: str, id_: str, least: int) -> None:
    names = {"account": ("posts", "profiles"), "post": ("posts",), "point": ("talking_points",),
             "narrative": ("narratives",)}[kind]  # fmt: skip
    if any(id_ in table_of(tables, name)[COLUMN[kind]].to_pylist() for name in names):
        return
    raise SettingsError(
        f"{threshold_words(least)} This {kind} is withheld with them; report.min_accounts sets it"
    )


def posts_of(analysis: Analysis, wanted: str) -> pa.Table:
    """Return the posts of a thing, oldest first, with point_id and narrative_id; ids are real."""
    import pyarrow.compute as pc

    kind, id_ = thing_in(analysis, wanted)
    posts = link_posts(with_decisions(analysis.arrow))
    if kind == "narrative":
        id_ = merged(states(table_of(analysis.arrow, "decisions"))).get(id_, id_)
    return posts.filter(pc.equal(posts[COLUMN[kind]], pa.scalar(id_, pa.string())))
