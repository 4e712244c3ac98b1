"""The score of a change: what moves it, what cannot, and posteriors at stated priors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.scoring import (
    INTERCEPT,
    PRIORS,
    RULE_RATIO,
    Identity,
    compare,
    feature_names,
    features,
    load_weights,
    posterior,
    score,
)
from personas.sentences import percent

OLD = Identity("Mara", "mara", "bread song", location="Vell")
NEW = Identity("Zoot", "xyzzy99", "tax politics", location="Orrin")
TEXT = st.text(alphabet="abc xyz\u200c\u0645\u0631\u06cc\U0001f33b", max_size=12)
FIELD = st.none() | TEXT
IDENTITIES = st.builds(Identity, FIELD, FIELD, FIELD, location=FIELD)


def test_a_replaced_identity_scores_above_a_kept_one() -> None:
    assert score(compare(OLD, NEW)) > 1.0
    assert score(compare(OLD, OLD)) < -3.0


@pytest.mark.parametrize("field", ["name", "handle", "bio", "location"])
def test_each_kept_field_lowers_the_score(field: str) -> None:
    kept = replace(NEW, **{field: getattr(OLD, field)})
    assert score(compare(OLD, kept)) < score(compare(OLD, NEW))


def test_shared_claims_lower_the_score() -> None:
    camp = frozenset({("affiliation", "monarchist")})
    other = frozenset({("affiliation", "communist")})
    one, same, apart = (replace(i, claims=c) for i, c in ((OLD, camp), (NEW, camp), (NEW, other)))
    assert score(compare(one, same)) < score(compare(one, apart))


@given(IDENTITIES, IDENTITIES)
def test_every_feature_has_a_weight_and_one_value_a_field(a: Identity, b: Identity) -> None:
    found = features(compare(a, b))
    assert set(found) <= set(feature_names())
    for field in ("name", "handle", "bio", "claims", "location", INTERCEPT):
        whole = sum(share for name, share in found.items() if name.split(" ")[0] == field)
        assert whole == pytest.approx(1.0)


@given(IDENTITIES, IDENTITIES)
def test_the_score_does_not_depend_on_the_direction_of_time(a: Identity, b: Identity) -> None:
    assert score(compare(a, b)) == pytest.approx(score(compare(b, a)), abs=1e-6)


def test_the_weights_fall_as_names_and_bios_grow_alike() -> None:
    weights = load_weights()
    for field, knots in (("name", (0.2, 0.4, 0.6, 0.8, 1.0)), ("bio", (0.2, 0.4, 1.0))):
        values = [weights[f"{field} {knot}"] for knot in knots]
        assert values == sorted(values, reverse=True)


def test_posteriors_at_three_priors_are_those_of_the_design() -> None:
    shown = [percent(posterior(RULE_RATIO, prior)) for prior in PRIORS]
    assert shown == ["8 %", "48 %", "83 %"]
