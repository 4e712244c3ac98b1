"""Contracts of claimed identities: claims, their changes, and events of accounts."""

from __future__ import annotations

from corpus.tables.contract import table

CLAIMS = table(
    "claims",
    "What accounts said about themselves, each with its verbatim quote.",
    """
    claim_id str
    account_id str
    attribute str     gender, affiliation, occupation, nationality, location, age, birth_year, ...
    value str         controlled vocabulary
    status str        asserted, negated, former, other, quoted, reported or mentioned
    grade str         P explicit, K noun as segment head, M marker, G grammar, W weak
    quote str         source text[start:end]
    field str         bio, name, location or post
    source_id str     post_id or snapshot_id
    start i64         code points in the original text
    end i64
    said_at ts?       when the source was posted or seen
    rule_id str
    strength f32
    first_seen ts?    first time the same claim was seen for this account
    last_seen ts?     last time
    n_snapshots i64   in how many snapshots or posts
    """,
)
PERSONAS = table(
    "personas",
    "What each account claimed, and from when until when.",
    """
    account_id str
    attribute str
    value str
    from_at ts?
    to_at ts?
    claims i64
    """,
)
PERSONA_COVERAGE = table(
    "persona_coverage",
    "Whether a shift could be assessed for an account, and why not.",
    """
    account_id str
    snapshots i64         profile snapshots with a known time
    distinct_states i64   different states of name, handle, bio and location among them
    posts i64             posts with text
    claims i64            asserted claims found
    first_seen ts?
    last_seen ts?
    assessable bool       whether a change could have been seen
    reason str            in words when it could not
    """,
)
SHIFTS = table(
    "shifts",
    "Changes of what an account claimed, each with two quotes.",
    """
    shift_id str
    account_id str
    attribute str         the claim's attribute, "identity" for a re-identity, language or topic
    kind str              elaboration, drop, benign, tension, contradiction, re_identity, ...
    level i32             0 none, 1 note, 2 inconsistent statements, 3 repurposing pattern
    before str            the value before
    after str             the value after
    quote_before str      verbatim
    quote_after str       verbatim
    before_claim str?     claim ids; null for a re-identity
    after_claim str?
    before_source str     snapshot_id or post_id of quote_before
    after_source str
    before_field str      bio, name, handle, location or post
    after_field str
    before_start i64      where quote_before stands in its source, code points
    before_end i64
    after_start i64
    after_end i64
    at_before ts?         last time the first state was seen
    at_after ts?          first time the second was
    gap_s i64?
    reasons list<str>     why, as sentences
    caveats list<str>     what else could explain it
    score f64?            log10 likelihood ratio; null where none
    """,
)
ACCOUNT_EVENTS = table(
    "account_events",
    "What happened to an account, keyed by its id; removed: gone, and no source states how.",
    """
    account_id str
    kind str   created, renamed, suspended, deleted, removed, moved, last_seen or handle_reused
    at ts?
    before str?
    after str?
    source_file str
    source_row i64
    """,
)
