"""How much more often does a change look like this when an account got a new user?

In: the identity (name, handle, bio, location, claims) before and after. Out: a log10 likelihood
ratio, the sum of one weight for each feature, and posteriors at stated priors. The weights stand in
`likelihood.toml`: one logistic regression fitted on splices (the first half of one real account
joined to the second half of another) against ordinary accounts, so that features which move
together are not counted twice. `benchmarks.persona_flags` fits and judges them.

Read it as an upper bound: splices are no sellers. Posteriors therefore use the ratio measured for
the rule "name, handle and bio all replaced" (92), whatever the score of a single case; the score
orders cases.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from personas.similarity import (
    bio_similarity,
    fold,
    handle_similarity,
    jaccard,
    kept_name_parts,
    name_similarity,
)

# Similarities between which a weight runs straight; below the first and above the last it is flat.
NAME_KNOTS = (0.2, 0.4, 0.6, 0.8, 1.0)
BIO_KNOTS = (0.2, 0.4, 1.0)
# A handle at least this alike counts as kept: most changed handles are wholly different strings
# (median similarity .29).
HANDLE_KEPT = 0.6
# Claims above this overlap count as the same ones.
CLAIMS_KEPT = 0.67
# The rule "name, handle and bio all replaced" fires on 95.4 % of splices and 1.04 % of ordinary
# accounts: a ratio of 92.
RULE_RATIO = 92.0
# Shares of accounts that get a new user within a year; nobody knows the true one, so three stand
# side by side.
PRIORS = (0.001, 0.01, 0.05)
INTERCEPT = "intercept"


@dataclass(frozen=True)
class Identity:
    """What an account showed of itself at one time; null is unknown."""

    name: str | None
    handle: str | None
    bio: str | None
    claims: frozenset[tuple[str, str]] = frozenset()  # asserted (attribute, value)
    location: str | None = None


@dataclass(frozen=True)
class Likeness:
    """How alike two identities are; similarities 0..1, null where one side is unknown."""

    name: float | None
    handle: float | None
    bio: float | None
    claims: float | None
    kept_name: tuple[str, ...]  # name parts that both hold
    bio_state: str  # filled, filled_or_emptied, empty or unknown
    location: str  # same, shared_word, other, filled_or_emptied, empty or unknown


def compare(before: Identity, after: Identity) -> Likeness:
    """Return how alike two identities are, field by field."""
    both = before.claims and after.claims
    return Likeness(
        name=_known(name_similarity, before.name, after.name),
        handle=_known(handle_similarity, before.handle, after.handle),
        bio=_known(bio_similarity, before.bio, after.bio),
        claims=_claim_likeness(before, after) if both else None,
        kept_name=tuple(kept_name_parts(before.name or "", after.name or "")),
        bio_state=_filled(before.bio, after.bio),
        location=_places(before.location, after.location),
    )


def features(likeness: Likeness) -> dict[str, float]:
    """Return what of each feature holds, in 0..1, under the names of `likelihood.toml`."""
    return (
        {INTERCEPT: 1.0}
        | _name_features(likeness)
        | _handle_features(likeness)
        | _bio_features(likeness)
        | {f"claims {_claims_called(likeness.claims)}": 1.0, f"location {likeness.location}": 1.0}
    )


def score(likeness: Likeness, weights: Mapping[str, float] | None = None) -> float:
    """Return the log10 likelihood ratio: the features weighed by `likelihood.toml`."""
    known = load_weights() if weights is None else weights
    return round(sum(known[name] * share for name, share in features(likeness).items()), 6)


def feature_names() -> tuple[str, ...]:
    """Return every name that `features` can give; each needs a weight."""
    states = ("unknown", "empty", "filled_or_emptied")
    return (
        INTERCEPT,
        *(f"name {knot}" for knot in NAME_KNOTS),
        *("name part_kept", "name unknown", "handle changed", "handle kept", "handle unknown"),
        *(f"bio {knot}" for knot in BIO_KNOTS),
        *(f"bio {state}" for state in states),
        *(f"claims {state}" for state in ("unknown", "none_shared", "some_shared", "same")),
        *(f"location {state}" for state in (*states, "same", "shared_word", "other")),
    )


@cache
def load_weights() -> Mapping[str, float]:
    """Return the weights that ship with the package; KeyError where one is missing."""
    text = resources.files("personas").joinpath("likelihood.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)["weights"]
    return {name: float(raw[name]) for name in feature_names()}


def posterior(ratio: float, prior: float) -> float:
    """Return prior * LR / (1 - prior + prior * LR)."""
    return prior * ratio / (1.0 - prior + prior * ratio)


def _name_features(it: Likeness) -> dict[str, float]:
    if it.name is None:
        return {"name unknown": 1.0}
    if it.kept_name and it.name < NAME_KNOTS[-2]:
        return {"name part_kept": 1.0}
    return {f"name {knot}": share for knot, share in _between(it.name, NAME_KNOTS)}


def _handle_features(it: Likeness) -> dict[str, float]:
    if it.handle is None:
        return {"handle unknown": 1.0}
    return {"handle kept" if it.handle >= HANDLE_KEPT else "handle changed": 1.0}


def _bio_features(it: Likeness) -> dict[str, float]:
    if it.bio is None or it.bio_state != "filled":
        return {f"bio {it.bio_state}": 1.0}
    return {f"bio {knot}": share for knot, share in _between(it.bio, BIO_KNOTS)}


def _between(value: float, knots: Sequence[float]) -> list[tuple[float, float]]:
    """Return the two knots around a value and its nearness to each (together 1)."""
    if value <= knots[0]:
        return [(knots[0], 1.0)]
    above = next(at for at, knot in enumerate(knots) if value <= knot)
    low, high = knots[above - 1], knots[above]
    share = (value - low) / (high - low)
    return [(low, 1.0 - share), (high, share)]


def _claims_called(likeness: float | None) -> str:
    if likeness is None:
        return "unknown"
    if likeness == 0.0:
        return "none_shared"
    return "same" if likeness > CLAIMS_KEPT else "some_shared"


def _filled(a: str | None, b: str | None) -> str:
    if a is None or b is None:
        return "unknown"
    filled = bool(a.strip()) + bool(b.strip())
    return ("empty", "filled_or_emptied", "filled")[filled]


def _places(a: str | None, b: str | None) -> str:
    """Compare two location fields by their folded words."""
    one, two = fold(a or ""), fold(b or "")
    state = _filled(None if a is None else one, None if b is None else two)
    if state != "filled":
        return state
    if one == two:
        return "same"
    return "shared_word" if set(one.split()) & set(two.split()) else "other"


def _known(measure: object, a: str | None, b: str | None) -> float | None:
    return None if a is None or b is None else float(measure(a, b))  # type: ignore[operator]


def _claim_likeness(before: Identity, after: Identity) -> float:
    one, two = (frozenset("=".join(c) for c in side.claims) for side in (before, after))
    return jaccard(one, two)
