"""The frame of the report: header, bottom line, data and limits, numbers, method.

In: linked posts, the manifest, settings, evidence to cite. Out: what the templates print. It keeps
apart what was observed, what was computed and what was not assessed, and it takes no run time from
the manifest: the same case gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.settings import Settings
from corpus.tables.own_columns import WRITTEN as AS_WRITTEN
from reports import wording
from reports.account_findings import strong_by_kind
from reports.evidence import Citation, Evidence
from reports.found import kinds, phrases
from reports.links import Links, tally
from reports.narrative_findings import copied_points
from reports.opens import EVERY, TOLD, WRITTEN, Opens, both

FINDINGS_SHOWN = 5
EVIDENCE_SHOWN = 6
LANGUAGES_SHOWN = 8
REASONS_SHOWN = 5
DIGEST_SHOWN = 16
# The stage whose notes tell of its method.
NARRATIVES = "narratives"
_LANGUAGE_CODE = re.compile(r"^'(?P<code>[A-Za-z-]{2,})':")


@dataclass(frozen=True)
class Finding:
    """One sentence with where it can be checked."""

    finding_id: str
    statement: str
    kind: str
    cited: list[Citation]
    more: int
    target: str | None
    open_words: str
    quoted: Citation | None
    basis: str


@dataclass(frozen=True)
class Source:
    """One file that was read."""

    name: str
    format: str
    digest: str
    read: str
    kept: str
    rejected: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Number:
    """One of the big numbers."""

    value: str
    label: str
    note: str
    # The selector of the posts behind it, and where it leads without a script.
    opens: str = ""
    href: str = "#evidence"


def corpus_digest(manifest: Mapping[str, Any]) -> str:
    """Return sha256 over the digests of the files read, in any order."""
    digests = sorted(str(file["sha256"]) for file in manifest.get("files", []))
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def findings(
    rows: pa.Table, evidence: Evidence, targets: Mapping[str, str]
) -> tuple[list[Finding], list[Finding], int]:
    """Return the first findings, all the others, and how many there are in all."""
    made = [_finding(row, evidence, targets) for row in rows.to_pylist()]
    return made[:FINDINGS_SHOWN], made[FINDINGS_SHOWN:], rows.num_rows


def _finding(row: Mapping[str, Any], evidence: Evidence, targets: Mapping[str, str]) -> Finding:
    redactor = evidence.redactor
    quotes = _quotes_of(evidence, row)
    cited = [
        made
        for source in row["evidence"][:EVIDENCE_SHOWN]
        for made in [evidence.cite(source, **quotes.get(source, {}))]
        if made is not None
    ]
    # A count over many accounts leads to its section, not to whichever card comes last.
    section = kinds().get(row["kind"], {}).get("section")
    target = section or targets.get(row["narrative_id"] or "")
    for source in () if section else row["evidence"]:
        target = targets.get(source, target)
    return Finding(
        finding_id=redactor.derived(row["finding_id"]),
        statement=redactor.statement(row["statement"]),
        kind=row["kind"],
        cited=cited,
        more=len(row["evidence"]) - len(cited),
        target=target,
        open_words="open the section" if section else "open the card",
        quoted=cited[0] if row["kind"] == "talking_point" and cited else None,
        basis=kinds().get(row["kind"], {}).get("basis", "Computed"),
    )


def _quotes_of(evidence: Evidence, row: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Which words of a snapshot a shift quotes, so that the same citation is used."""
    if not row["kind"].startswith(("shift", "re_identity")):
        return {}
    found: dict[str, dict[str, str]] = {}
    shifts = evidence.links["shifts"]
    wanted = pa.array(row["account_ids"], pa.string())
    for shift in shifts.filter(pc.is_in(shifts["account_id"], value_set=wanted)).to_pylist():
        for side in ("before", "after"):
            words = {"quote": shift[f"quote_{side}"], "place": shift[f"{side}_field"]}
            found.setdefault(shift[f"{side}_source"], words)
    return found


def sources(manifest: Mapping[str, Any], evidence: Evidence) -> list[Source]:
    """Return the files that were read, with what was kept and why rows were not."""
    made = []
    for file in manifest.get("files", []):
        rejected = sorted(file.get("rejected", {}).items(), key=lambda pair: (-pair[1], pair[0]))
        made.append(
            Source(
                name=evidence.redactor.file(str(file["name"])),
                format=str(file.get("format", "")),
                digest=str(file["sha256"]),
                read=f"{file.get('rows_read', 0):,}",
                kept=f"{file.get('rows_kept', 0):,}",
                rejected=[f"{number:,} {reason}" for reason, number in rejected],
                notes=[evidence.redactor.sentence(str(note)) for note in file.get("notes", [])],
            )
        )
    return made


def coverage(links: Links, manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, words) of the data card: span, precision, languages, kinds, history, narratives."""
    posts = links.posts
    times = posts["created_at"].drop_null()
    span = "no time is known"
    if len(times):
        span = f"{wording.moment(times[0].as_py())} to {wording.moment(times[-1].as_py())}"
    rows = [
        *_rows_read(manifest),
        ("Posts", wording.count(posts.num_rows, "post") + _kinds(posts)),
        ("Time covered", span),
        ("Time precision", _shares(tally(posts, "time_precision"), posts.num_rows)),
        ("Languages", _languages(links)),
        ("Profile history", _history(links)),
        *_analyzed(manifest, links),
    ]
    unnamed = posts["account_id"].null_count
    if unnamed:
        rows.append(("Author unknown", wording.count(unnamed, "post")))
    return rows + _narratives(manifest)


def _analyzed(manifest: Mapping[str, Any], links: Links) -> list[tuple[str, str]]:
    """Which column was analyzed, where it is not the text."""
    name = manifest.get("settings", {}).get("reading", {}).get("text_from")
    if not name:
        return []
    count = links["kept_columns"].filter(pc.equal(links["kept_columns"]["column"], AS_WRITTEN))
    posts = links.posts.num_rows
    told = f"the column {name} for {count.num_rows:,} of {posts:,} posts, quotes included"
    return [("Text analyzed", f"{told}; the others by the text as written")]


def _rows_read(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rows of all files together: read, kept, and rejected by reason."""
    files = manifest.get("files", [])
    if not files:
        return []
    read, kept = (sum(int(f.get(name, 0)) for f in files) for name in ("rows_read", "rows_kept"))
    reasons: dict[str, int] = {}
    for file in files:
        for reason, number in file.get("rejected", {}).items():
            reasons[reason] = reasons.get(reason, 0) + int(number)
    told = [f"{n:,} {why}" for why, n in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))]
    rejected = f"; rejected: {', '.join(told)}" if told else "; none rejected"
    return [("Rows of the files", f"{read:,} read, {kept:,} kept{rejected}")]


def command(manifest: Mapping[str, Any], evidence: Evidence) -> str:
    """The command that makes the case again from the files named, with the settings that are kept.

    File names are quoted for a shell; `case.toml` stands for the settings that the report lists.
    """
    files = [(f.get("role"), str(f["name"])) for f in manifest.get("files", [])]
    posts = [_quoted(evidence.redactor.file(name)) for role, name in files if role != "profiles"]
    profiles = [
        f"--profiles {_quoted(evidence.redactor.file(name))}"
        for role, name in files
        if role == "profiles"
    ]
    return " ".join(["narrashift analyze", *posts, *profiles, "--config case.toml --out CASE"])


def _quoted(name: str) -> str:
    return shlex.quote(name)


def _narratives(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How much the narratives cover, how they go with languages, what made the vectors."""
    facts = manifest.get("facts", {}).get("coverage") or {}
    rows = []
    for noun, label in (("post", "Posts in narratives"), ("point", "Talking points in narratives")):
        if facts.get(f"{noun}s"):
            rows.append((label, _covered(facts, f"{noun}s")))
    if "language_leak" in facts:
        mixed = facts.get("mixed_narratives", 0)
        held = f"{wording.count(mixed, 'narrative')} hold more than one language"
        leak = f"language leak {facts['language_leak']:.2f}; 1: the narrative tells the language"
        rows.append(("Languages of narratives", f"{held if mixed else 'one each'} ({leak})"))
    if made := embedders(manifest):
        rows.append(("Vectors", ", ".join(f"{language} {name}" for language, name in made)))
    return rows


def _covered(facts: Mapping[str, Any], what: str) -> str:
    """ "73 % of 12,943; 53 % of the 4,599 said more than once"."""
    told = f"{wording.share(facts[f'{what}_in_narratives'], facts[what])} of {facts[what]:,}"
    repeated = facts.get(f"repeated_{what}")
    if repeated:
        inside = wording.share(facts[f"repeated_{what}_in_narratives"], repeated)
        told += f"; {inside} of the {repeated:,} said more than once"
    return told


def _kinds(posts: pa.Table) -> str:
    others = [(kind, number) for kind, number in tally(posts, "kind") if kind != "post"]
    words = {"repost": "repost", "quote": "quote post", "reply": "replies"}
    told = [
        f"{number:,} replies" if kind == "reply" else wording.count(number, words.get(kind, kind))
        for kind, number in others
    ]
    return f", {wording.joined(told)} among them" if told else ""


def _shares(counts: list[tuple[str, int]], whole: int) -> str:
    return ", ".join(f"{name} {wording.share(number, whole)}" for name, number in counts)


def _languages(links: Links) -> str:
    texts = links["texts"]
    table, name = (texts, "lang") if texts.num_rows else (links.posts, "lang")
    counts = tally(table, name)
    names = [(phrases()["language"].get(code, code), n) for code, n in counts[:LANGUAGES_SHOWN]]
    more = len(counts) - LANGUAGES_SHOWN
    told = _shares(names, table.num_rows) or "not stated"
    return told + (f", and {more} more" if more > 0 else "")


def _history(links: Links) -> str:
    accounts = links.accounts()
    if not accounts:
        return "no account is named"
    profiles = links["profiles"]
    counted = tally(profiles.filter(pc.is_valid(profiles["observed_at"])), "account_id")
    several = sum(number >= 2 for _, number in counted)
    some = len({account for account, _ in counted})
    return (
        f"{wording.share(several, len(accounts))} of {wording.count(len(accounts), 'account')} have"
        f" two or more dated snapshots; {wording.share(some - several, len(accounts))} have one"
    )


def not_assessed(
    links: Links, manifest: Mapping[str, Any], evidence: Evidence, settings: Settings
) -> list[str]:
    """Return what this report does not answer, in sentences, the fixed ones first."""
    told: list[str] = list(phrases()["not_assessed"]["always"])
    cut = evidence.redactor.min_accounts > 1
    if "ties" not in links.tables and not cut:
        told.insert(0, phrases()["not_assessed"]["no_ties"])
    if settings.event.start is None or settings.event.end is None:
        told.append(phrases()["not_assessed"]["no_event"])
    rows = links["persona_coverage"]
    missing = rows.filter(pc.invert(rows["assessable"]))
    for reason, number in tally(missing, "reason")[:REASONS_SHOWN]:
        accounts = wording.count(number, "account")
        told.append(f"Persona shifts of {accounts}: {evidence.redactor.sentence(reason)}")
    if not rows.num_rows and not cut:
        told.append(phrases()["not_assessed"]["no_personas"])
    names = [str(file["name"]) for file in manifest.get("files", [])]
    beside = {f"{f['name']}: {n}" for f in manifest.get("files", []) for n in f.get("notes", [])}
    for note in manifest.get("notes", []):
        # The table of files says the ones beside a file, the method section those on narratives.
        if note["sentence"] not in beside and note["stage"] != NARRATIVES:
            told.append(evidence.redactor.note(str(note["sentence"]), names))
    return list(dict.fromkeys(wording.sentence(words) for words in told))


def narrative_notes(manifest: Mapping[str, Any], evidence: Evidence) -> list[str]:
    """Return what the run says about how narratives were made, languages by their names."""
    notes = [str(n["sentence"]) for n in manifest.get("notes", []) if n["stage"] == NARRATIVES]
    told = [evidence.redactor.sentence(_LANGUAGE_CODE.sub(_language_name, n)) for n in notes]
    return list(dict.fromkeys(wording.sentence(words) for words in told))


def _language_name(code: re.Match[str]) -> str:
    name = phrases()["language"].get(code["code"], code["code"])
    return f"{name if code['code'] != 'und' else 'Texts in no identified language'}:"


def numbers(links: Links, opens: Opens) -> list[Number]:
    """Return the big numbers, each with the posts behind it."""
    shifts = links["shifts"]
    strong = shifts.filter(pc.greater_equal(shifts["level"], 2))
    events = links["account_events"]
    renamed = events.filter(pc.equal(events["kind"], "renamed"))
    outside = links.written.num_rows - len(links.written["narrative_id"].drop_null())
    copied = copied_points(links)
    every = EVERY if links.posts.num_rows else ""
    return [
        Number(f"{links.posts.num_rows:,}", "posts", "as read, reposts included", every),
        Number(f"{len(links.accounts()):,}", "accounts", _silent(links), every),
        Number(f"{len(copied):,}", "copied talking points",
               "originally posted by two accounts or more, reposts not counted",
               both(opens.point(*(row["point_id"] for row in copied)), WRITTEN), "#narratives"),
        Number(f"{links['narratives'].num_rows:,}", "narratives",
               f"{wording.share(outside, links.written.num_rows)} of posts lie outside",
               TOLD if links["narratives"].num_rows else "", "#narratives"),
        Number(f"{_different(strong)}", "accounts at level 2 or 3",
               ", ".join(f"{number:,} {seen}" for number, seen in strong_by_kind(links))
               or "no such statements were found",
               opens.account(*strong["account_id"].to_pylist()), "#personas"),
        Number(f"{_different(renamed)}", "accounts renamed", "the handle changed, the id did not",
               opens.account(*renamed["account_id"].to_pylist()), "#accounts"),
    ]  # fmt: skip


def held(here: int, total: int, pages: int) -> tuple[str, str]:
    """(label, words) of the data card: how many posts this file carries, where the others are."""
    if here == total:
        return "Posts in this file", "all of them, to list, search and save"
    told = f"{here:,} of {total:,}: first those cited, then those of narratives, then the oldest"
    where = f"; all stand in {wording.count(pages, 'evidence page')} beside it" if pages else ""
    return "Posts in this file", told + (where or "; all stand in the tables of the case")


def _silent(links: Links) -> str:
    """Accounts count by id, also those that only a profile names."""
    silent = len(links.accounts()) - len(pc.unique(links.posts["account_id"].drop_null()))
    return "by platform id" + (f"; {silent:,} of them never posted" if silent else "")


def _different(rows: pa.Table) -> int:
    return len(pc.unique(rows["account_id"]))


def embedders(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(language in English, embedder) pairs of the run, from the manifest's facts."""
    facts = manifest.get("facts", {})
    known = manifest.get("embedders") or facts.get("embedders") or {}
    if not isinstance(known, Mapping):
        return [("all", str(known))]
    names = phrases()["language"]
    return sorted((names.get(str(code), str(code)), _plain(about)) for code, about in known.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping) and "name" in value:
        return str(value["name"])
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def settings_rows(manifest: Mapping[str, Any], evidence: Evidence) -> list[tuple[str, str]]:
    """The settings of the run as dotted names and values; ids and names in them are replaced."""
    rows: list[tuple[str, str]] = []

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for name in sorted(value):
                walk(f"{prefix}.{name}" if prefix else str(name), value[name])
        else:
            rows.append((prefix, evidence.redactor.setting(json.dumps(value, ensure_ascii=False))))

    walk("", manifest.get("settings", {}))
    return rows
