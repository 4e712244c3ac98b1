"""STIX 2.1 for OpenCTI: one report of the case, with everything it rests on.

In: redacted tables. Out: `bundle.json`, one line an object in a fixed order. A report points to
narratives (with the post that says each best and when it was seen), to the accounts that findings
name (one object a handle, joined by related-to), to notes with the sentence of each finding and
with both quotes of each persona shift, and to DISARM techniques as candidates. Ids depend on
content, so a second import changes objects and adds none. It names no account that no finding
names, it asserts no technique, and it leaves out what the analyst set aside.

Confidence of a note on a shift follows its level on the standard's scale of low, medium and high.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from reports import tlp
from reports.exports import stix_objects as make
from reports.exports.candidates import NAME as CANDIDATES
from reports.exports.source import ExportSource
from reports.exports.statements import shown_statement
from reports.exports.stix_ids import stix_id
from reports.exports.stix_objects import Frame, Object
from reports.exports.written import Written
from reports.wording import count, moment

FILE_NAME = "bundle.json"
# Level of a shift -> confidence: the middle of low, medium and high (STIX 2.1, appendix A).
CONFIDENCE = {1: 15, 2: 50, 3: 85}
# Reasons listed for a technique; the table disarm_candidates has them all.
MAX_REASONS = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def export_stix(source: ExportSource, folder: Path) -> list[Written]:
    """Write `bundle.json`."""
    objects = _Bundle(source).objects()
    bundle_id = stix_id("bundle", {"objects": [found["id"] for found in objects]})
    with (folder / FILE_NAME).open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f'{{"type": "bundle", "id": "{bundle_id}", "objects": [\n')
        stream.write(",\n".join(json.dumps(found, ensure_ascii=False) for found in objects))
        stream.write("\n]}\n")
    return [Written(FILE_NAME, len(objects))]


class _Bundle:
    """The objects of one case while they are being put together."""

    def __init__(self, source: ExportSource) -> None:
        self.source = source
        self.marking = tlp.marking(source.facts.tlp)
        self.posts = _posts(source, _quoted_posts(source))
        first, last = _span(source)
        self.frame = Frame(first, last, self.marking.stix_id if self.marking else None)
        self.narratives: dict[str, str] = {}
        self.accounts: dict[str, list[str]] = {}

    def objects(self) -> list[Object]:
        """Return every object once, the report last."""
        found: dict[str, Object] = {}
        for part in (
            self._narratives(), self._accounts(), self._event(), self._roles(), self._shifts(),
            self._findings(), self._techniques(),
        ):  # fmt: skip
            for thing in part:
                found.setdefault(thing["id"], thing)
        fixed = [make.author(), *self._marking(), *make.extension_definitions()]
        told = sorted(found.values(), key=lambda thing: (thing["type"], thing["id"]))
        return [*fixed, *told, self._report(list(found) or [make.AUTHOR_ID])]

    def _marking(self) -> list[Object]:
        """The published marking, with the two properties by which OpenCTI knows it as its own."""
        if self.marking is None:
            return []
        hints = {
            "x_opencti_definition_type": "TLP",
            "x_opencti_definition": self.marking.name,
        }
        return [tlp.stix_marking(self.marking) | hints]

    def _report(self, about: list[str]) -> Object:
        facts, rows = self.source.facts, self.source.rows
        told = (
            f"{count(rows('posts'), 'post')}, {count(rows('profiles'), 'profile snapshot')},"
            f" {count(rows('narratives'), 'narrative')}, {count(rows('findings'), 'finding')}."
            f" Redaction: {facts.redaction}. Case {facts.digest}. Statements about posts and about"
            " what accounts wrote, not about who stands behind them."
        )
        return make.report(self.frame, facts.title, told, about)

    # parts ----------------------------------------------------------------------------------

    def _narratives(self) -> Iterator[Object]:
        kept = self.source.kept("narratives", "narrative")
        rows = sorted(kept.to_pylist(), key=lambda row: row["narrative_id"])
        named = _names(rows)
        for row in rows:
            thing = make.narrative(
                self.frame, named[row["narrative_id"]], _narrative_words(row),
                reference=row["narrative_id"], lang=row["lang"], first=row["first_at"],
                last=row["last_at"],
            )  # fmt: skip
            self.narratives[row["narrative_id"]] = thing["id"]
            yield thing
            yield from self._quoted(row, thing["id"])

    def _quoted(self, row: Mapping[str, Any], narrative: str) -> Iterator[Object]:
        post = self.posts.get(row["medoid_post_id"])
        if post is None:
            return
        content = self._media(post)
        yield content
        yield make.relationship(
            self.frame, content["id"], narrative, "The post nearest to the narrative's centre."
        )
        if row["first_at"] is not None and row["last_at"] is not None:
            number = row["posts"] + row["reposts"]
            yield make.observed_data(
                self.frame, [content["id"]], row["first_at"], row["last_at"], number
            )

    def _media(self, post: Mapping[str, Any]) -> Object:
        url = post["url"] if "://" in (post["url"] or "") else f"urn:narrashift:{post['post_id']}"
        told = f"Posted by {post['account_id'] or 'an unknown account'}, post {post['post_id']}."
        return make.media_content(self.frame, url, post["text"], told, post["created_at"])

    def _accounts(self) -> Iterator[Object]:
        wanted = _named_accounts(self.source)
        platforms = {post["account_id"]: post["platform"] for post in self.posts.values()}
        handles = _handles(self.source, wanted)
        for account in sorted(wanted):
            rows = handles.get(account) or [{"platform": platforms.get(account) or ""}]
            made = [_account(self.frame, account, row) for row in rows]
            self.accounts[account] = list(dict.fromkeys(thing["id"] for thing in made))
            yield from made
            for before, after, row in zip(made, made[1:], rows[1:], strict=False):
                if before["id"] != after["id"]:
                    seen = moment(row.get("first"))
                    told = f"The same account id, first seen under this handle at {seen}."
                    yield make.relationship(self.frame, before["id"], after["id"], told)

    def _event(self) -> Iterator[Object]:
        event = self.source.facts.event
        if event is not None:
            name = f"Event window {moment(event[0])} to {moment(event[1])}"
            yield make.event(self.frame, name, *event)

    def _roles(self) -> Iterator[Object]:
        for row in self.source.table("roles").to_pylist():
            target = self.narratives.get(row["narrative_id"])
            for account in self.accounts.get(row["account_id"], [])[-1:]:
                if target is not None:
                    told = f"Role by order in time: {row['role']}. {row['reason']}"
                    yield make.relationship(self.frame, account, target, told)

    def _shifts(self) -> Iterator[Object]:
        for row in self.source.kept("shifts", "shift").to_pylist():
            about = self.accounts.get(row["account_id"], [])
            if row["level"] in CONFIDENCE and about:
                yield make.note(
                    self.frame, f"Statements before and after, level {row['level']}",
                    _shift_words(row), about, at=row["at_after"],
                    confidence=CONFIDENCE[row["level"]],
                )  # fmt: skip

    def _findings(self) -> Iterator[Object]:
        for row in self.source.kept("findings", "finding").to_pylist():
            content = shown_statement(row["statement"])
            named = ", ".join(row["evidence"])
            told = f"{content}\n\nEvidence: {named}" if named else content
            yield make.note(self.frame, f"Finding: {row['kind']}", told, self._about(row))
            for post_id in row["evidence"]:
                if post_id in self.posts:
                    yield self._media(self.posts[post_id])

    def _about(self, row: Mapping[str, Any]) -> list[str]:
        """What a finding is about; where it is about the whole corpus, its narratives."""
        about = [part for a in row["account_ids"] or [] for part in self.accounts.get(a, [])]
        about += [self.narratives[n] for n in [row["narrative_id"]] if n in self.narratives]
        return about or sorted(self.narratives.values()) or [make.AUTHOR_ID]

    def _techniques(self) -> Iterator[Object]:
        by_technique: dict[str, list[dict[str, Any]]] = {}
        for row in self.source.kept(CANDIDATES, "finding").to_pylist():
            by_technique.setdefault(row["stix_id"], []).append(row)
        for stix, rows in sorted(by_technique.items()):
            first = rows[0]
            yield make.attack_pattern(stix, first["technique_id"], first["name"])
            about = {part for row in rows for a in row["account_ids"] for part in
                     self.accounts.get(a, [])}  # fmt: skip
            yield make.note(
                self.frame, f"Candidate, analyst to confirm: {first['technique_id']}",
                _technique_words(first, rows), [stix, *about],
            )  # fmt: skip


# words --------------------------------------------------------------------------------------


def _names(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """A name for each narrative; where two have the same label, the id tells them apart."""
    labels: dict[str, list[str]] = {}
    for row in rows:
        labels.setdefault(row["label"].lower().strip(), []).append(row["narrative_id"])
    found = {}
    for row in rows:
        label, same = row["label"].strip(), labels[row["label"].lower().strip()]
        unclear = len(same) > 1 or not label
        found[row["narrative_id"]] = f"{label} [{row['narrative_id'][:8]}]" if unclear else label
    return found


def _narrative_words(row: Mapping[str, Any]) -> str:
    span = f"from {moment(row['first_at'])} to {moment(row['last_at'])}"
    return (
        f"{count(row['posts'], 'post')} and {count(row['reposts'], 'repost')} by"
        f" {count(row['accounts'], 'account')}, {span}. Nearest to its centre: «{row['quote']}»"
    )


def _shift_words(row: Mapping[str, Any]) -> str:
    lines = [
        f"{row['attribute']}, {row['kind']}.",
        f"Until {moment(row['at_before'])} the {row['before_field']} said «{row['quote_before']}»"
        f" ({row['before_source']}).",
        f"From {moment(row['at_after'])} the {row['after_field']} said «{row['quote_after']}»"
        f" ({row['after_source']}).",
        *row["reasons"],
        *(f"What else could explain it: {caveat}" for caveat in row["caveats"]),
    ]
    return "\n".join(lines)


def _technique_words(first: Mapping[str, Any], rows: list[dict[str, Any]]) -> str:
    reasons = [
        f"- {row['why']} ({', '.join(row['evidence'][:5])})"
        if row["evidence"]
        else f"- {row['why']}"
        for row in rows[:MAX_REASONS]
    ]
    more = [f"- and {len(rows) - MAX_REASONS:,} more"] if len(rows) > MAX_REASONS else []
    head = f"{first['technique_id']} {first['name']}: a candidate for an analyst to confirm."
    return "\n".join([head, *map(shown_statement, reasons), *more])


# what is taken ------------------------------------------------------------------------------


def _span(source: ExportSource) -> tuple[datetime, datetime]:
    """First and last known time of posts, else of profiles, else the beginning of time."""
    for table, column in (("posts", "created_at"), ("profiles", "observed_at")):
        times = source.table(table, [column])[column].drop_null()
        if len(times):
            ends = pc.min_max(times).as_py()
            return ends["min"], ends["max"]
    return EPOCH, EPOCH


def _quoted_posts(source: ExportSource) -> set[str]:
    narratives = source.kept("narratives", "narrative", ["medoid_post_id"])
    wanted = set(narratives["medoid_post_id"].to_pylist())
    for evidence in source.kept("findings", "finding", ["evidence"])["evidence"].to_pylist():
        wanted |= set(evidence or [])
    return wanted


def _posts(source: ExportSource, wanted: set[str]) -> dict[str, dict[str, Any]]:
    """The rows of these posts, read in batches."""
    found: dict[str, dict[str, Any]] = {}
    if "posts" not in source.tables:
        return found
    columns = ["post_id", "platform", "account_id", "created_at", "text", "url"]
    for batch in source.batches("posts", columns):
        mask = [post_id in wanted for post_id in batch["post_id"].to_pylist()]
        if any(mask):
            found |= {row["post_id"]: row for row in batch.filter(mask).to_pylist()}
    return found


def _named_accounts(source: ExportSource) -> set[str]:
    """Accounts that a finding, group, role, shift or rename names; the others stay out."""
    found: set[str] = set()
    named = source.kept("findings", "finding", ["account_ids"])["account_ids"].to_pylist()
    for accounts in [*named, *source.table("groups", ["accounts"])["accounts"].to_pylist()]:
        found |= set(accounts or [])
    found |= set(source.table("roles", ["account_id"])["account_id"].to_pylist())
    for row in source.kept("shifts", "shift", ["account_id", "level"]).to_pylist():
        found |= {row["account_id"]} if row["level"] in CONFIDENCE else set()
    for row in source.table("account_events", ["account_id", "kind"]).to_pylist():
        found |= {row["account_id"]} if row["kind"] == "renamed" else set()
    return found


def _handles(source: ExportSource, wanted: set[str]) -> dict[str, list[dict[str, Any]]]:
    """For each account its handles in the order in which they were first seen."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    if "profiles" not in source.tables:
        return {}
    columns = ["account_id", "platform", "observed_at", "handle", "display_name", "joined_at"]
    for batch in source.batches("profiles", columns):
        for row in batch.to_pylist():
            if row["account_id"] in wanted:
                _note_handle(seen, row)
    found: dict[str, list[dict[str, Any]]] = {}
    for (account, _), row in sorted(seen.items(), key=lambda pair: (pair[1]["order"], pair[0])):
        found.setdefault(account, []).append(row)
    return found


def _note_handle(seen: dict[tuple[str, str], dict[str, Any]], row: dict[str, Any]) -> None:
    """Keep the earliest snapshot of a handle; equal times are settled by the name."""
    at = row["observed_at"]
    order = (at or datetime.max.replace(tzinfo=UTC), row["display_name"] or "")
    key = (row["account_id"], row["handle"] or "")
    known = seen.get(key)
    if known is None or order < known["order"]:
        seen[key] = {**row, "first": at, "order": order}


def _account(frame: Frame, account: str, row: Mapping[str, Any]) -> Object:
    return make.user_account(
        frame, row.get("platform") or "", account, row.get("handle") or "",
        name=row.get("display_name") or "", joined=row.get("joined_at"),
    )  # fmt: skip
