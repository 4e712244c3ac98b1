"""The persona tracker: from profiles and posts to claims, timelines, shifts and events.

In: the tables `posts` and `profiles`. Out: `PersonaTables`. `track_personas` is the stage that the
pipeline runs on any engine; `personas.estimator` is the same for data frames. Snapshots shrink to
lanes and claims are extracted once for each distinct text, both in kernels; what remains is small
enough to follow account by account.

It refuses to follow accounts that state an age below 18, and shows of gender only what
`gender_rule` allows. Rows in any order give the same tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.progress import Progress
from corpus.settings import Personas
from corpus.tables import (
    ACCOUNT_EVENTS,
    BIO_TEMPLATES,
    CLAIMS,
    PERSONA_BASE_RATES,
    PERSONA_COVERAGE,
    PERSONA_EDITS,
    PERSONAS,
    POST_HABITS,
    PROFILE_LANES,
    RENAME_CONTEXTS,
    SHIFTS,
    canonical,
)
from engines.engine import Engine, FrameT
from personas.accounts import Account, Result, Rules, follow
from personas.around_renames import rename_contexts
from personas.base_rates import base_rates
from personas.camps import own_opposition
from personas.coverage import MINOR, coverage_notes, coverage_row, history
from personas.events import departures, first_and_last, renames, reused_handles
from personas.exposure import FindSpans, exposure_days
from personas.opposed import Opposition
from personas.post_habits import most_active, post_habits
from personas.postlog import PostLog, read_posts
from personas.shown_lanes import lane_rows
from personas.snapshots import CollapseLanes, CountSightings, FindDeletions, without_strays
from personas.suppression import suppression_markers
from personas.templates import bio_templates
from personas.timeline import (
    Found,
    claim_rows,
    episodes,
    persona_rows,
    statements_of_lanes,
    statements_of_posts,
)
from personas.topic_switch import Topics

NO_TOPICS = "persona shifts: no topics of posts were given, so no switch of topic was looked for"
# Profile fields whose text may hold a claim.
CLAIM_FIELDS = ("bio", "name", "location", "pronouns")


@dataclass(frozen=True)
class PersonaTables:
    """What the tracker found; the tables keep the contracts of their names."""

    claims: pa.Table
    personas: pa.Table
    persona_coverage: pa.Table
    persona_base_rates: pa.Table
    persona_edits: pa.Table
    shifts: pa.Table
    profile_lanes: pa.Table
    post_habits: pa.Table
    rename_contexts: pa.Table
    bio_templates: pa.Table
    account_events: pa.Table
    notes: tuple[str, ...]


def track_personas(
    engine: Engine[FrameT],
    *,
    posts: pa.Table,
    profiles: pa.Table,
    settings: Personas,
    progress: Progress,
    topics: pa.Table | None = None,
    langs: pa.Table | None = None,
) -> PersonaTables:
    """Follow what each account claimed about itself over time.

    `posts` and `profiles` keep their contracts; either may be empty. `topics` says what posts are
    about (post_id, topic: a label); without it no switch of topic is looked for, which a note says.
    `langs` (post_id, lang) says in which language a post was found to be; else the stated one
    counts.
    """
    progress.stage("profile histories")
    seen = see(engine, profiles)
    progress.stage("claims in profiles and posts")
    found = claims_in(engine, seen, posts, settings)
    labels = {} if topics is None else dict(zip(*_pairs(topics), strict=True))
    rules = Rules(
        opposition(settings), suppression_markers, settings.gender, settings.prior, labels
    )
    spoken = {} if langs is None else dict(zip(*_pairs(langs), strict=True))
    tables = assemble(seen, posts, found, rules, progress, langs=spoken)
    untold = (NO_TOPICS,) if topics is None and posts.num_rows else ()
    return replace(tables, notes=(*tables.notes, *untold))


def opposition(settings: Personas) -> Opposition:
    """Return the opposition table with the case's own camps; SettingsError where a row is wrong."""
    from personas.rules import load_rules

    languages = tuple(sorted(set(settings.languages)))
    book = load_rules(languages, camps=settings.camps, own=settings.lexicons)
    claimable = (rule for rule in book.rules if rule.attribute == "affiliation")
    values = {value for rule in claimable for value, _, _ in rule.forms}
    return own_opposition(settings.camps, settings.lexicons, values)


def _pairs(table: pa.Table) -> list[list[str]]:
    return [column.to_pylist() for column in table.columns[:2]]


def assemble(
    seen: Seen,
    posts: pa.Table,
    found: Found,
    rules: Rules,
    progress: Progress,
    *,
    langs: Mapping[str, str] | None = None,
) -> PersonaTables:
    """Build the tables from what was seen and the claims found in each (field, text)."""
    log = read_posts(posts)
    accounts = gather(seen, posts, found, log)
    progress.stage("persona shifts", len(accounts))
    results = {}
    for account in accounts:
        results[account.account_id] = follow(account, log, rules)
        progress.advance()
    tables = _tables(accounts, results, seen, log, rules.topics)
    told = most_active({a.account_id: log.count(a.account_id) for a in accounts
                        if _known_by_posts(a, results[a.account_id])})  # fmt: skip
    habits = post_habits(posts, told, langs=langs, topics=rules.topics)
    return replace(tables, post_habits=canonical(POST_HABITS.from_rows(habits), POST_HABITS))


def _known_by_posts(account: Account, result: Result) -> bool:
    """Tell whether an account says who it is in posts and has no profile history to compare."""
    if result.reason == MINOR or result.unsaid:
        return False
    said = any(s.field == "post" and s.status == "asserted" for s in result.statements)
    return said and (account.history.snapshots < 2 or result.reason != "")


@dataclass(frozen=True)
class Seen:
    """What the snapshots shrink to."""

    lanes: pa.Table
    sightings: pa.Table
    falls: pa.Table
    spans: pa.Table


def see(engine: Engine[FrameT], profiles: pa.Table) -> Seen:
    """Shrink `profiles` to lanes, sightings, falls of the post count and watched spans."""
    snapshots = engine.scan(profiles)
    return Seen(
        *(
            engine.collect(engine.group(snapshots, ["account_id"], kernel))
            for kernel in (CollapseLanes(), CountSightings(), FindDeletions(), FindSpans())
        )
    )


def _texts(lanes: pa.Table, posts: pa.Table) -> pa.Table:
    """Return (field, text) of everything that may hold a claim; reposts are others' words."""
    shown = lanes.filter(pc.is_in(lanes["field"], pa.array(CLAIM_FIELDS)))
    own = posts.filter(
        pc.and_(pc.not_equal(posts["kind"], "repost"), pc.is_valid(posts["account_id"]))
    )
    schema = pa.schema([("field", pa.string()), ("text", pa.string())])
    post_field = pa.array(["post"] * own.num_rows, pa.string())
    return pa.concat_tables(
        [
            pa.table([shown["field"], shown["value"]], schema=schema),
            pa.table([post_field, own["text"]], schema=schema),
        ]
    )


def claims_in(
    engine: Engine[FrameT], seen: Seen, posts: pa.Table, settings: Personas
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the claims found in each distinct (field, text)."""
    from personas.claims import claim_kernel

    # Gender is always read here: what must stay hidden depends on it, also where it is off.
    kernel = claim_kernel(settings.languages, camps=settings.camps, own=settings.lexicons)
    texts = engine.distinct(engine.scan(_texts(seen.lanes, posts)))
    claims = engine.collect(engine.map(texts, kernel))
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in claims.to_pylist():
        found[row["field"], row["text"]].append(row)
    return found


def _posts_with_claims(posts: pa.Table, found: Found) -> list[dict[str, Any]]:
    texts = pa.array([text for field, text in found if field == "post"], pa.string())
    hit = pc.and_(pc.is_in(posts["text"], texts), pc.not_equal(posts["kind"], "repost"))
    hit = pc.and_(hit, pc.is_valid(posts["account_id"]))
    return list(
        posts.filter(hit).select(["post_id", "account_id", "created_at", "text"]).to_pylist()
    )


def gather(seen: Seen, posts: pa.Table, found: Found, log: PostLog) -> list[Account]:
    """Return every account of either table, in order of id."""
    lanes_of = _by_account(_ordered_lanes(seen.lanes))
    posts_of = _by_account(_posts_with_claims(posts, found))
    falls_of = _by_account(seen.falls.to_pylist())
    sightings = {row["account_id"]: row for row in seen.sightings.to_pylist()}
    accounts = []
    for account_id in sorted(sightings.keys() | posts_of.keys() | log.accounts):
        own = lanes_of.get(account_id, [])
        statements = statements_of_lanes(own, found)
        statements += statements_of_posts(posts_of.get(account_id, []), found)
        undated = [lane for lane in own if lane["from_at"] is None]
        never = len({lane["snapshot_id"] for lane in undated})
        past = history(account_id, sightings.get(account_id), log.count(account_id), never)
        falls_here = falls_of.get(account_id, [])
        accounts.append(Account(past, _by_field(own), undated, statements, falls_here))
    return accounts


def _ordered_lanes(lanes: pa.Table) -> list[dict[str, Any]]:
    keys = [(k, "ascending") for k in ("account_id", "field", "from_at", "to_at", "value")]
    return list(lanes.take(pc.sort_indices(lanes, sort_keys=keys)).to_pylist())


def _by_account(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["account_id"]].append(row)
    return groups


def _by_field(lanes: Iterable[Mapping[str, Any]]) -> dict[str, Sequence[Mapping[str, Any]]]:
    fields: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for lane in lanes:
        if lane["from_at"] is not None:
            fields[lane["field"]].append(lane)
    return {**fields, "handle": without_strays(fields["handle"])}


def _tables(
    accounts: Sequence[Account],
    results: Mapping[str, Result],
    seen: Seen,
    log: PostLog,
    topics: Topics,
) -> PersonaTables:
    claims, personas, coverage, shifts, lanes = [], [], [], [], []
    watched = exposure_days(seen.spans)
    for account in accounts:
        result = results[account.account_id]
        claims += claim_rows(result.statements)
        personas += persona_rows(account.account_id, episodes(result.statements))
        shifts += [shift.row() for shift in result.shifts]
        lanes += lane_rows(account.account_id, account.lanes, result.fields, result.shifts)
        coverage.append(_coverage(account, result, log, watched.get(account.account_id)))
    hidden = {account for account, result in results.items() if result.hidden}
    untold = hidden | {account for account, r in results.items() if r.reason == MINOR}
    rates = base_rates({a.account_id: a.lanes for a in accounts}, seen.spans, untold)
    events = _events(accounts, hidden, seen, log)
    templates = bio_templates(seen.lanes, untold)
    around = rename_contexts((e for e in events if e["account_id"] not in untold), log, topics)
    return PersonaTables(
        canonical(CLAIMS.from_rows(claims), CLAIMS),
        canonical(PERSONAS.from_rows(personas), PERSONAS),
        canonical(PERSONA_COVERAGE.from_rows(coverage), PERSONA_COVERAGE),
        canonical(PERSONA_BASE_RATES.from_rows(rates.rates), PERSONA_BASE_RATES),
        canonical(PERSONA_EDITS.from_rows(rates.edits), PERSONA_EDITS),
        canonical(SHIFTS.from_rows(shifts), SHIFTS),
        canonical(PROFILE_LANES.from_rows(lanes), PROFILE_LANES),
        canonical(POST_HABITS.from_rows([]), POST_HABITS),
        canonical(RENAME_CONTEXTS.from_rows(around), RENAME_CONTEXTS),
        canonical(BIO_TEMPLATES.from_rows(templates), BIO_TEMPLATES),
        canonical(ACCOUNT_EVENTS.from_rows(events), ACCOUNT_EVENTS),
        (*coverage_notes(coverage), *rates.notes),
    )


def _coverage(
    account: Account, result: Result, log: PostLog, exposure: float | None
) -> dict[str, Any]:
    start, stop = log.range_of(account.account_id)
    ends = [log.post(at)["created_at"] for at in (start, stop - 1) if stop > start]
    asserted = {s.claim_id for s in result.statements if s.status == "asserted"}
    return coverage_row(
        account.history, result.reason, len(asserted), ends, exposure=exposure, abrupt=result.abrupt
    )


def _events(
    accounts: Sequence[Account],
    hidden: set[str],
    seen: Seen,
    log: PostLog,
) -> list[dict[str, Any]]:
    rows = first_and_last(seen.sightings.to_pylist(), log)
    for account in accounts:
        if account.account_id not in hidden:
            rows += renames(account.account_id, account.lanes.get("handle", ()))
        rows += departures(account.account_id, account.lanes.get("state", ()))
    handles = seen.lanes.filter(pc.equal(seen.lanes["field"], "handle"))
    return rows + reused_handles(_ordered_lanes(handles), hidden)
