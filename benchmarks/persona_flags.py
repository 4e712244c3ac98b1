"""How often are real accounts flagged for nothing, and how often are planted takeovers found?

Usage: python -m benchmarks.persona_flags --data FOLDER [--fit] [--write]
In: the folder of real corpora. Out: aggregates alone. False flags on real histories, forwards and
backwards in time, with counts by language and by claimed community; the score's true-positive rate
on easy, medium and hard splices; the levels of splices with and without a planted silence and
removal of posts. `--fit` fits the weights of personas/likelihood.toml on one half of the accounts
and prints them; everything about splices is reported on the other half. `--write` puts the tables
into docs/benchmarks.md between the persona-flags marks.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.persona_histories import (
    KINDS,
    History,
    Splice,
    as_posts,
    as_profiles,
    is_fit,
    read_histories,
    reversed_in_time,
    splices,
    with_breaks,
)
from corpus.progress import Silent
from corpus.settings import Personas
from corpus.tables import POSTS
from engines.local import LocalEngine
from nlp.language import identify
from personas.abrupt import change_features
from personas.opposed import load_opposition
from personas.postlog import read_posts
from personas.scoring import INTERCEPT, feature_names
from personas.tracker import PersonaTables, claims_in, gather, see, track_personas
from scripts.campaign.metrics import wilson

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- persona-flags: begin -->", "<!-- persona-flags: end -->"
QUARTER_DAYS = 365.2425 / 4
SEED = 20
# A ridge of 1 on standardised-free 0..1 features; ten times more or less moves no rate by .01.
RIDGE = 1.0
# Rounds in which each ordinary account's most striking change is chosen anew.
ROUNDS = 4
# Goals of the design: true positives at 1 % false positives.
GOALS = {"easy": 0.95, "medium": 0.80, "hard": 0.50}
# Communities with fewer accounts are told together.
MIN_COMMUNITY = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of real corpora")
    parser.add_argument("--fit", action="store_true", help="fit the weights and print them")
    parser.add_argument("--write", action="store_true", help="put tables into docs/benchmarks.md")
    args = parser.parse_args()
    real = Real(read_histories(args.data))
    if args.fit:
        print("\n".join(fitted(real)))
        return
    lines = [*false_flags(real), *score_rates(real), *levels(real)]
    print("\n".join(lines))
    if args.write:
        page = PAGE.read_text(encoding="utf-8")
        head, tail = page.split(BEGIN)[0], page.split(END)[1]
        body = "\n".join(lines)
        PAGE.write_text(f"{head}{BEGIN}\n{body}\n{END}{tail}", encoding="utf-8")


def track(histories: Mapping[str, History], posts: pa.Table | None = None) -> PersonaTables:
    """Run the tracker as the pipeline does."""
    return track_personas(
        LocalEngine(),
        posts=POSTS.empty() if posts is None else posts,
        profiles=as_profiles(histories),
        settings=Personas(),
        progress=Silent(),
    )


@dataclass(frozen=True)
class Real:
    """The real histories and what the tracker makes of them."""

    histories: dict[str, History]

    @cached_property
    def tables(self) -> PersonaTables:
        """The tracker's tables."""
        return track(self.histories)

    @cached_property
    def camps(self) -> dict[str, str]:
        """The first affiliation, in order of the alphabet, that each account asserted."""
        found: dict[str, str] = {}
        for row in self.tables.personas.to_pylist():
            if row["attribute"] == "affiliation":
                known = found.get(row["account_id"], row["value"])
                found[row["account_id"]] = min(known, row["value"])
        return found

    def half(self, fit: bool) -> list[str]:
        """The accounts of one half."""
        return [account for account in self.histories if is_fit(account) == fit]

    def splices(self, kind: str, fit: bool) -> list[Splice]:
        """Splices among the accounts of one half."""
        return splices(kind, self.histories, self.camps, self.half(fit), SEED + fit)


# ---- false flags -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Share:
    """A count of a whole with its 95 % Wilson interval."""

    hits: float
    total: float

    def __str__(self) -> str:
        low, high = interval(self.hits, self.total)
        share = self.hits / self.total if self.total else 0.0
        return f"{self.hits:.0f} of {self.total:,.0f} | {share:.3%} | {low:.3%} to {high:.3%}"


def interval(hits: float, total: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; of nothing it may be anything."""
    return wilson(hits, total) if total else (0.0, 1.0)


def quarters(tables: PersonaTables) -> dict[str, float]:
    """Return the account-quarters over which each account was watched."""
    rows = tables.persona_coverage.to_pylist()
    return {row["account_id"]: (row["exposure_days"] or 0.0) / QUARTER_DAYS for row in rows}


def flagged(tables: PersonaTables, level: int) -> Counter[str]:
    """Return how many shifts of this level or above each account has."""
    rows = tables.shifts.to_pylist()
    return Counter(row["account_id"] for row in rows if row["level"] >= level)


def false_flags(real: Real) -> Iterator[str]:
    """Yield the rates on real accounts, in both directions of time and by group."""
    yield "#### False flags on real histories of ordinary accounts"
    yield ""
    yield "| histories | level | flags of account-quarters | share | 95 % interval |"
    yield "| --- | --- | --- | --- | --- |"
    backwards = track(reversed_in_time(real.histories))
    for name, tables in (("as they were", real.tables), ("reversed in time", backwards)):
        for level in (1, 2, 3):
            count = flagged(tables, level)
            share = Share(sum(count.values()), sum(quarters(tables).values()))
            yield f"| {name} | {level} and above | {share} |"
    yield ""
    yield "| group | level 2 and above, of account-quarters | share | 95 % interval |"
    yield "| --- | --- | --- | --- |"
    counts, watched = flagged(real.tables, 2), quarters(real.tables)
    for title, group in (("language of the bio", languages(real)), ("claims", communities(real))):
        sizes = Counter(group.values())
        for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
            members = [account for account, own in group.items() if own == name]
            hits, total = (sum(c[a] for a in members) for c in (counts, watched))
            yield f"| {title}: {name} ({size} accounts) | {Share(hits, total)} |"
    yield ""


def languages(real: Real) -> dict[str, str]:
    """Return the language of each account's longest bio, rare ones together."""
    bios = {
        account: max((row["bio"] or "" for row in history), key=len)
        for account, history in real.histories.items()
    }
    codes = [found.lang for found in identify(list(bios.values()))]
    return _rare_together(dict(zip(bios, codes, strict=True)))


def communities(real: Real) -> dict[str, str]:
    """Return each account's claimed camp, rare ones together."""
    return _rare_together({a: real.camps.get(a, "no camp") for a in real.histories})


def _rare_together(group: dict[str, str]) -> dict[str, str]:
    sizes = Counter(group.values())
    return {a: name if sizes[name] >= MIN_COMMUNITY else "others" for a, name in group.items()}


# ---- the score on splices ----------------------------------------------------------------------


def score_rates(real: Real) -> Iterator[str]:
    """Yield true positives of the score at fixed false positives, on the half not fitted on."""
    kept = set(real.half(fit=False))
    ordinary = scores(real.tables, kept)
    renamed = {account for account in kept if _handles(real.histories[account]) > 1}
    yield "#### The score on splices of real accounts, on the half of them that fitted nothing"
    yield ""
    yield (
        "| splices | found at 1 % false positives (goal) | 95 % interval | at .1 % |"
        " AUC against the ordinary accounts that changed their handle |"
    )
    yield "| --- | --- | --- | --- | --- |"
    values = np.array([ordinary[account] for account in sorted(kept)])
    ours = np.array([ordinary[account] for account in sorted(renamed)])
    limits = [float(np.quantile(values, q, method="higher")) for q in (0.99, 0.999)]
    for kind in KINDS:
        found = real.splices(kind, fit=False)
        tables = track({splice.account_id: splice.rows for splice in found})
        got = np.array(list(scores(tables, {s.account_id for s in found}).values()))
        one, tenth = (int((got > limit).sum()) for limit in limits)
        low, high = interval(one, len(got))
        yield (
            f"| {kind} ({len(got)}) | {one / len(got):.3f} ({GOALS[kind]:.2f}) |"
            f" {low:.3f} to {high:.3f} | {tenth / len(got):.3f} | {auc(got, ours):.3f} |"
        )
    yield ""
    yield (
        f"{len(values)} ordinary accounts; the score is above {limits[0]:.2f} for 1 % of them and "
        f"above {limits[1]:.2f} for .1 %. {(ours > limits[0]).mean():.0%} of the {len(ours)} that "
        "changed their handle pass the first limit; the last column ranks splices against those "
        "alone."
    )
    yield ""


def auc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return how often a positive stands above a negative; ties count half."""
    above = (positive[:, None] > negative).mean()
    return float(above + (positive[:, None] == negative).mean() / 2)


def scores(tables: PersonaTables, accounts: set[str]) -> dict[str, float]:
    """Return each account's highest score; an account without a change stands lowest."""
    rows = {row["account_id"]: row["score"] for row in tables.persona_coverage.to_pylist()}
    found = {account: rows.get(account) for account in sorted(accounts)}
    return {a: -99.0 if value is None else value for a, value in found.items()}


def _handles(history: History) -> int:
    return len({(row["handle"] or "").casefold() for row in history})


# ---- levels on splices -------------------------------------------------------------------------


def levels(real: Real) -> Iterator[str]:
    """Yield which levels splices reach, plain and with what a takeover leaves beside a profile."""
    yield "#### Levels of splices, on the same half"
    yield ""
    yield "| splices | planted beside | level 1+ | level 2+ | level 3 | 95 % interval |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for kind in KINDS:
        found = real.splices(kind, fit=False)
        plain = track({splice.account_id: splice.rows for splice in found})
        yield _level_line(kind, "nothing", plain, len(found))
        rows, posts = {}, []
        for splice in found:
            rows[splice.account_id], said = with_breaks(splice)
            posts += said
        broken = track(rows, as_posts(posts))
        yield _level_line(kind, "a silence of 150 days and removed posts", broken, len(found))
    yield ""


def _level_line(kind: str, beside: str, tables: PersonaTables, total: int) -> str:
    reached = [len(flagged(tables, level)) for level in (1, 2, 3)]
    low, high = interval(reached[2], total)
    shares = " | ".join(f"{n / total:.3f}" for n in reached)
    return f"| {kind} ({total}) | {beside} | {shares} | {low:.3f} to {high:.3f} |"


# ---- fitting -----------------------------------------------------------------------------------


def fitted(real: Real) -> Iterator[str]:
    """Yield the weights of one logistic regression, as log10 likelihood ratios."""
    from sklearn.linear_model import LogisticRegression

    names = [name for name in feature_names() if name != INTERCEPT]
    half = real.half(fit=True)
    ordinary = changes({a: real.histories[a] for a in half}, names)
    planted = np.vstack([seams(real.splices(kind, fit=True), names) for kind in KINDS])
    chosen = {account: rows for account, rows in ordinary.items() if len(rows)}
    picked = np.vstack(list(chosen.values()))
    for _ in range(ROUNDS):
        truth = np.r_[np.ones(len(planted)), np.zeros(len(picked))]
        model = LogisticRegression(C=RIDGE, max_iter=5_000).fit(np.vstack([planted, picked]), truth)
        picked = np.vstack(
            [rows[[int(np.argmax(model.decision_function(rows)))]] for rows in chosen.values()]
        )
    # Accounts without any change are ordinary too; they only move the constant.
    constant = model.intercept_[0] - np.log(len(planted) / len(half))
    yield f'"{INTERCEPT}" = {constant / np.log(10):.3f}'
    for name, weight in zip(names, model.coef_[0] / np.log(10), strict=True):
        yield f'"{name}" = {weight:.3f}'


def changes(histories: Mapping[str, History], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the features of every change of each account, (changes, features)."""
    return {
        account: _matrix([shares for _, shares in found], names)
        for account, found in _features(histories).items()
    }


def seams(found: Sequence[Splice], names: Sequence[str]) -> np.ndarray:
    """Return the features of each splice's change at its seam, (splices, features)."""
    every = _features({splice.account_id: splice.rows for splice in found})
    nearest = []
    for splice in found:
        own = every[splice.account_id]
        if own:
            nearest.append(min(own, key=lambda change: abs(change[0] - splice.seam))[1])
    return _matrix(nearest, names)


def _features(histories: Mapping[str, History]) -> dict[str, list[tuple[Any, dict[str, float]]]]:
    profiles, engine = as_profiles(histories), LocalEngine()
    seen = see(engine, profiles)
    found = claims_in(engine, seen, POSTS.empty(), Personas())
    accounts = gather(seen, POSTS.empty(), found, read_posts(POSTS.empty()))
    table = load_opposition()
    return {a.account_id: change_features(a.lanes, a.statements, table) for a in accounts}


def _matrix(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> np.ndarray:
    return np.array([[row.get(name, 0.0) for name in names] for row in rows]).reshape(
        -1, len(names)
    )


if __name__ == "__main__":
    main()
