"""A Markdown summary in the frames that analysts report in: ABCDE and SCOTCH, with blanks.

In: redacted tables. Out: `summary.md`. The engine fills what it can count or test (Behaviour,
Content, Degree; Channel, Composition, Hook); Actor, Effect, Source, Objective and Target stay with
the human, as blanks. Corpus text passes `for_markdown`: a post cannot become a link or a heading.

ABCDE: Pamment (2020), The EU's role in fighting disinformation. SCOTCH: Blazek (2021).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.compute as pc

from reports import tlp
from reports.disarm import framework
from reports.exports.candidates import NAME as CANDIDATES
from reports.exports.markdown_text import for_markdown
from reports.exports.source import ExportSource
from reports.exports.statements import shown_statement
from reports.exports.written import Written
from reports.wording import count, moment, share

FILE_NAME = "summary.md"
# A summary is read in one go: the largest of each, the tables hold the rest.
MAX_FINDINGS, MAX_NARRATIVES, MAX_NAMED = 15, 8, 8
# Findings about what accounts did, as against what was said or how much of it there is.
BEHAVIOUR = frozenset(
    {"campaign", "starters", "group", "both_sides", "aftermath", "burst", "shift",
     "shift_identity", "talking_point"}
)  # fmt: skip
NUMBERS = (
    ("posts", "posts"), ("profile snapshots", "profiles"), ("talking points", "talking_points"),
    ("narratives", "narratives"), ("groups of accounts", "groups"), ("findings", "findings"),
)  # fmt: skip


def export_markdown(source: ExportSource, folder: Path) -> list[Written]:
    """Write `summary.md`."""
    page = _environment().get_template("summary.md.j2")
    text = page.render(**_told(source)).rstrip() + "\n"
    (folder / FILE_NAME).write_text(text, encoding="utf-8", newline="\n")
    return [Written(FILE_NAME, None)]


def _file(name: str) -> str:
    return resources.files("reports").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    # Not HTML: the filter `md` escapes for Markdown wherever the corpus speaks.
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_file),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["md"] = for_markdown
    return made


def _told(source: ExportSource) -> dict[str, Any]:
    posts = _Posts(source)
    findings = _findings(source)
    return {
        "facts": source.facts,
        "marking": tlp.marking(source.facts.tlp),
        "numbers": [(told, f"{source.rows(name):,}") for told, name in NUMBERS],
        "findings": findings[:MAX_FINDINGS],
        "behaviour": [row["statement"] for row in findings if row["kind"] in BEHAVIOUR],
        "narratives": _narratives(source),
        "degree": list(posts.degree()),
        "channel": list(posts.channel()),
        "composition": [*posts.composition(), *_roles(source)],
        "hook": list(_hook(source, posts)),
        "candidates": _candidates(source),
        "aside": [
            count(len(ids), told)
            for told, ids in (
                ("finding", source.aside.get("finding", ())),
                ("narrative", source.aside.get("narrative", ())),
                ("persona shift", source.aside.get("shift", ())),
            )
            if ids
        ],
        "disarm_version": framework()["version"],
    }


def _findings(source: ExportSource) -> list[dict[str, Any]]:
    columns = ["kind", "score", "statement", "evidence"]
    rows = source.kept("findings", "finding", columns).to_pylist()
    rows.sort(key=lambda row: (-row["score"], row["statement"]))
    return [row | {"statement": shown_statement(row["statement"])} for row in rows]


def _narratives(source: ExportSource) -> list[dict[str, Any]]:
    """The narratives worth a line, in the order of reading.

    Those of a campaign stand first, by how many accounts with evidence carried them: the largest
    narratives of a corpus are mostly what everybody talks about.
    """
    carried = Counter(source.table("roles", ["narrative_id"])["narrative_id"].to_pylist())
    campaigns = source.table("campaign", ["narratives"])["narratives"].to_pylist()
    told = {one for narratives in campaigns for one in narratives or ()}

    def order(row: dict[str, Any]) -> tuple[Any, ...]:
        name = row["narrative_id"]
        return -carried[name], name not in told, -row["accounts"], -row["posts"], name

    rows = source.kept("narratives", "narrative").to_pylist()
    return [
        row
        | {
            "counts": f"{count(row['posts'], 'post')} by {count(row['accounts'], 'account')},"
            f" {moment(row['first_at'])} to {moment(row['last_at'])}"
        }
        for row in sorted(rows, key=order)[:MAX_NARRATIVES]
    ]


class _Posts:
    """What the posts add up to, counted batch by batch."""

    def __init__(self, source: ExportSource) -> None:
        self.total, self.accounts = 0, set[str]()
        self.platforms, self.kinds = Counter[str](), Counter[str]()
        self.langs, self.tags = Counter[str](), Counter[str]()
        columns = ["account_id", "platform", "kind", "lang", "hashtags", "created_at"]
        self.times: list[Any] = []
        for batch in source.batches("posts", columns) if "posts" in source.tables else ():
            self._add(batch)

    def _add(self, batch: pa.RecordBatch) -> None:
        self.total += batch.num_rows
        self.accounts |= {a for a in pc.unique(batch["account_id"]).to_pylist() if a is not None}
        for counter, column in (
            (self.platforms, batch["platform"]), (self.kinds, batch["kind"]),
            (self.langs, batch["lang"]), (self.tags, batch["hashtags"].flatten()),
        ):  # fmt: skip
            for entry in pc.value_counts(column).to_pylist():
                counter[entry["values"] or ""] += entry["counts"]
        ends = pc.min_max(batch["created_at"]).as_py()
        self.times += [at for at in ends.values() if at is not None]

    def degree(self) -> Iterator[str]:
        yield f"{count(self.total, 'post')} by {count(len(self.accounts), 'account')}"
        if self.times:
            yield f"from {moment(min(self.times))} to {moment(max(self.times))}"
        if named := _most(self.langs):
            yield f"languages that the sources state: {named}"

    def channel(self) -> Iterator[str]:
        yield f"platforms: {_most(self.platforms) or 'not stated by the sources'}"

    def composition(self) -> Iterator[str]:
        yield "kinds of posts: " + ", ".join(
            f"{kind} {share(number, self.total)}" for kind, number in _ranked(self.kinds)
        )


def _ranked(counter: Counter[str]) -> list[tuple[str, int]]:
    named = [(name, number) for name, number in counter.items() if name]
    return sorted(named, key=lambda pair: (-pair[1], pair[0]))[:MAX_NAMED]


def _most(counter: Counter[str]) -> str:
    return ", ".join(f"{name} ({number:,})" for name, number in _ranked(counter))


def _roles(source: ExportSource) -> Iterator[str]:
    roles = Counter(source.table("roles", ["role"])["role"].to_pylist())
    if roles:
        yield "accounts with evidence of a role in time order: " + _most(roles)
    shifts = source.kept("shifts", "shift", ["account_id", "level"])
    noted = shifts.filter(pc.greater_equal(shifts["level"], 2))
    if noted.num_rows:
        accounts = pc.count_distinct(noted["account_id"]).as_py()
        yield f"accounts with statements that exclude each other, or a new identity: {accounts:,}"


def _hook(source: ExportSource, posts: _Posts) -> Iterator[str]:
    campaigns = source.table("campaign", ["hashtags"])["hashtags"].to_pylist()
    if tags := [tag for found in campaigns for tag in found or ()][:MAX_NAMED]:
        yield f"hashtags of the campaign: {', '.join(tags)}"
    if most := _most(posts.tags):
        yield f"hashtags of all posts: {most}"
    for row in _narratives(source)[:3]:
        yield "leading terms of a narrative: " + ", ".join(row["terms"][:MAX_NAMED])


def _candidates(source: ExportSource) -> list[dict[str, Any]]:
    """The first reason of each technique, and how many more there are."""
    first: dict[str, dict[str, Any]] = {}
    rows: Iterable[dict[str, Any]] = source.kept(CANDIDATES, "finding").to_pylist()
    for row in rows:
        known = first.setdefault(row["technique_id"], row | {"more": -1})
        known["more"] += 1
    return [row | {"why": shown_statement(row["why"])} for row in first.values()]
