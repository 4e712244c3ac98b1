"""Contracts of who moved together: bursts, ties, groups, roles, the campaign and after."""

from __future__ import annotations

from corpus.tables.contract import table

BURSTS = table(
    "bursts",
    "Times with more posts than the null expects.",
    """
    scope str           point, narrative or hashtag
    scope_id str
    narrative_id str?
    start_at ts
    end_at ts
    observed i64
    expected f64
    dispersion f64
    p_value f64
    q_value f64
    null_model str      the null in words
    """,
)
TIES = table(
    "ties",
    "Pairs of accounts that shared the same things within a window.",
    """
    account_a str
    account_b str
    layer str
    window_s i64?       null: decay kernel
    weight i64
    n_objects i64
    mean_gap_s f64
    a_first_share f64
    expected f64
    p_value f64
    q_value f64
    benign_class str?
    evidence list<str>  post ids
    """,
)
GROUPS = table(
    "groups",
    "Communities over validated ties.",
    "group_id str\n accounts list<str>\n q_value f64\n stability f64\n benign_class str?",
)
ROLES = table(
    "roles",
    "Who started, expanded and repeated a narrative.",
    """
    account_id str
    narrative_id str
    role str            originator, expander or repeater
    tier i64
    lag_s f64
    reach i64
    score f64
    evidence list<str>  post ids
    """,
)
FATES = table(
    "fates",
    "What became of accounts after the event.",
    "account_id str\n outcome str\n at ts?\n last_post_at ts?\n before str?\n after str?",
)
CAMPAIGN = table(
    "campaign",
    "One row an event: the campaign window.",
    """
    start_at ts
    end_at ts
    accounts i64
    with_evidence i64
    share f64
    share_low f64
    share_high f64
    """,
)
AFTERMATH = table(
    "aftermath",
    "One row an outcome, against matched controls.",
    """
    outcome str
    at_risk i64
    gone i64
    control_at_risk i64
    control_gone i64
    risk_ratio f64
    ci_low f64
    ci_high f64
    p_value f64
    """,
)
CONVERGENCE = table(
    "convergence",
    "Talking points that opposed claimed camps share.",
    """
    narrative_id str
    point_id str?
    attribute str
    groups list<str>
    accounts i64
    labeled i64
    posts i64
    diversity f64
    null_mean f64
    percentile f64
    p_value f64?
    q_value f64?
    score f64
    """,
)
