"""Account life-cycle: created, first and last post, silences, seen in one dump and not in the next.

In: the linked tables of a case, evidence for selectors and citations. Out: counts with the posts
behind them, accounts created over time, the longest silences, and what became of the accounts from
one dump of profiles to the next. All of it is about these files: silence may be a gap of the
collection, and an account that is not seen again need not be gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from corpus.tables import TS
from reports import wording
from reports.charts import Bins, axis, band, bars, choose_bins, count_in_bins
from reports.evidence import Citation, Evidence
from reports.life_cycle import Life, lives_of
from reports.links import Links
from reports.report_timeline import Window

# Half a year; see reports.disarm_accounts.
LONG = timedelta(days=182)
# A month without any sign at the end of the files.
UNSEEN = timedelta(days=30)
MAX_SILENCES = 10
HEIGHT = 60
# What observes an account by itself; a profile that comes with a post says no more than the post.
DUMPED = ("retrieved", "export")


@dataclass(frozen=True)
class Fact:
    """One count: what, how many, the posts behind it, and what to mind."""

    label: str
    value: str
    opens: str
    note: str


@dataclass(frozen=True)
class Silence:
    """A long time without a post, between two posts."""

    account: str
    days: str
    last: Citation
    next: Citation


@dataclass(frozen=True)
class Dump:
    """One file of profiles beside the one before it."""

    file: str
    when: str
    accounts: str
    missing: str
    new: str


@dataclass(frozen=True)
class Created:
    """Accounts by the time they were created: a chart and its numbers."""

    svg: Markup
    axis: Markup
    unit: str
    rows: list[tuple[str, int]]


@dataclass(frozen=True)
class SeenCurve:
    """How many accounts still gave a sign at or after each time: a curve and its numbers."""

    svg: Markup
    axis: Markup
    unit: str
    rows: list[tuple[str, int, int]]


@dataclass(frozen=True)
class LifeCycle:
    """The whole part."""

    facts: list[Fact]
    created: Created | None
    seen: SeenCurve | None
    silences: list[Silence]
    dumps: list[Dump]


def section(links: Links, evidence: Evidence, event: Window | None) -> LifeCycle | None:
    """Return the part; None when no account is known."""
    lives = lives_of(links)
    if not lives:
        return None
    return LifeCycle(
        facts=_facts(links, evidence, list(lives.values())),
        created=_created([life.created for life in lives.values() if life.created]),
        seen=_seen(list(lives.values()), event),
        silences=_silences(evidence, list(lives.values())),
        dumps=_dumps(links, evidence),
    )


def _facts(links: Links, evidence: Evidence, lives: Sequence[Life]) -> list[Fact]:
    signs = [life.last_sign for life in lives if life.last_sign is not None]
    end = max(signs, default=None)
    unseen = [life for life in lives if end is not None and _unseen(life, end)]
    silent = [life for life in lives if _longest(life) >= LONG]
    dated = [life for life in lives if life.created is not None]
    quiet = [life for life in lives if not life.posts]
    return [
        _fact(evidence, "Creation date stated", dated, len(lives), "by a profile or its platform"),
        _fact(evidence, "No dated post in these files", quiet, len(lives), ""),
        _fact(
            evidence, f"Silent for {LONG.days} days or more between two posts", silent, len(lives),
            "a gap of the collection looks the same",
        ),
        _fact(
            evidence, f"No sign in the last {UNSEEN.days} days of the files", unseen, len(lives),
            "of accounts that posted before; not seen is not gone",
        ),
        *_not_again(links, evidence, lives),
    ]  # fmt: skip


def _not_again(links: Links, evidence: Evidence, lives: Sequence[Life]) -> list[Fact]:
    """Accounts that a later file of the same accounts lacks; no line where none does."""
    events = links["account_events"]
    rows = events.filter(pc.equal(events["kind"], "not_in_later_file"))
    missing = set(rows["account_id"].to_pylist())
    if not missing:
        return []
    own = [life for life in lives if life.account_id in missing]
    note = "the later file holds most accounts of the earlier one; gone, renamed by id or left out"
    return [_fact(evidence, "In a dump of profiles and not in the next", own, len(lives), note)]


def _fact(evidence: Evidence, label: str, lives: Sequence[Life], whole: int, note: str) -> Fact:
    value = f"{len(lives):,} of {whole:,}"
    opens = evidence.opens.account(*(life.account_id for life in lives))
    return Fact(label, value, opens, note if lives else "")


def _unseen(life: Life, end: datetime) -> bool:
    last = life.last_sign
    return last is not None and bool(life.times) and end - last >= UNSEEN


def _longest(life: Life) -> timedelta:
    gap = life.longest_silence()
    return gap.length if gap is not None else timedelta(0)


def _silences(evidence: Evidence, lives: Iterable[Life]) -> list[Silence]:
    gaps = [(life.account_id, gap) for life in lives if (gap := life.longest_silence()) is not None]
    gaps = [(account, gap) for account, gap in gaps if gap.length >= LONG]
    gaps.sort(key=lambda pair: (-pair[1].length, pair[0]))
    made = []
    for account, gap in gaps[:MAX_SILENCES]:
        last, following = evidence.cite(gap.last), evidence.cite(gap.next)
        if last is not None and following is not None:
            name = evidence.redactor.account(account)
            made.append(Silence(name, f"{gap.length.days:,}", last, following))
    return made


def _created(times: Sequence[datetime]) -> Created | None:
    if not times:
        return None
    bins: Bins = choose_bins(min(times), max(times))
    counts = count_in_bins(pa.chunked_array([pa.array(list(times), TS)]), bins)
    title = f"Accounts created per {bins.word()}, at most {max(counts):,}"
    rows = [(wording.day(bins.at(at)), number) for at, number in enumerate(counts) if number]
    return Created(bars(counts, bins, title=title, height=HEIGHT), axis(bins), bins.word(), rows)


def _seen(lives: Sequence[Life], event: Window | None) -> SeenCurve | None:
    """A step a bin; the table gives the bins in which an account was last seen."""
    signs = [at for life in lives if (at := life.last_sign) is not None]
    if len(signs) < 2:
        return None
    first = min(at for life in lives for at in (*life.times[:1], *life.seen[:1]))
    bins = choose_bins(first, max(signs))
    counts = count_in_bins(pa.chunked_array([pa.array(signs, TS)]), bins)
    left = [len(signs)]
    for number in counts:
        left.append(left[-1] - number)
    rows = [
        (wording.day(bins.at(at)), counts[at], left[at]) for at in range(bins.number) if counts[at]
    ]
    return SeenCurve(_curve(left, bins, event), axis(bins), bins.word(), rows)


def _curve(left: Sequence[int], bins: Bins, event: Window | None) -> Markup:
    """Steps in per cent of the width, from all accounts down to none."""
    steps = []
    for place in range(bins.number):
        x, y = 100 * place / bins.number, HEIGHT * (1 - left[place] / left[0])
        wide, down = 100 / bins.number, HEIGHT * (left[place] - left[place + 1]) / left[0]
        steps.append(
            f'<line class="step" x1="{x:.3f}%" x2="{x + wide:.3f}%" y1="{y:.1f}" y2="{y:.1f}">'
            f"</line>"
        )
        if left[place] != left[place + 1]:
            steps.append(
                f'<line class="step" x1="{x + wide:.3f}%" x2="{x + wide:.3f}%" y1="{y:.1f}"'
                f' y2="{y + down:.1f}"></line>'
            )
    title = f"Accounts that still gave a sign at or after each {bins.word()}, of {left[0]:,}"
    return Markup(
        f'<svg class="bars" width="100%" height="{HEIGHT}" role="img"'
        f' aria-label="{title}">{band(bins, event, HEIGHT)}{"".join(steps)}</svg>'
    )


def _dumps(links: Links, evidence: Evidence) -> list[Dump]:
    """Files of profiles in the order of their last sighting; nothing for fewer than two."""
    profiles = links["profiles"]
    taken = profiles.filter(pc.is_in(profiles["basis"], value_set=pa.array(DUMPED)))
    taken = taken.filter(pc.is_valid(taken["observed_at"]))
    held: dict[str, set[str]] = {}
    latest: dict[str, datetime] = {}
    columns = ("source_file", "account_id", "observed_at")
    for file, account, at in zip(*(taken[c].to_pylist() for c in columns), strict=True):
        held.setdefault(file, set()).add(account)
        latest[file] = max(at, latest.get(file, at))
    order = sorted(held, key=lambda file: (latest[file], file))
    if len(order) < 2:
        return []
    return [
        _dump(evidence, file, held, latest, order[place - 1] if place else None)
        for place, file in enumerate(order)
    ]


def _dump(
    evidence: Evidence,
    file: str,
    held: Mapping[str, set[str]],
    latest: Mapping[str, datetime],
    before: str | None,
) -> Dump:
    missing = new = ""
    if before is not None:
        missing, new = f"{len(held[before] - held[file]):,}", f"{len(held[file] - held[before]):,}"
    return Dump(
        evidence.redactor.file(file),
        wording.day(latest[file]),
        f"{len(held[file]):,}",
        missing,
        new,
    )
