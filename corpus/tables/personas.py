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
    exposure_days f64?    days over which it was seen; gaps of more than 30 days left out
    score f64?            log10 likelihood ratio of its most abrupt change; a queue, no finding
    score_at ts?          when that change was first seen
    """,
)
PERSONA_BASE_RATES = table(
    "persona_base_rates",
    "How often the accounts of this corpus edit each profile field; what any count is set beside.",
    """
    field str                   handle, name, bio or location
    accounts i64                watched over some time
    account_years f64           gaps of more than 30 days left out
    edits i64                   that change words, not only case, emoji or punctuation
    edits_per_account_year f64
    dispersion f64              variance of a count = mean + dispersion * mean^2
    accounts_with_edits i64
    weeks i64                   calendar weeks watched
    busiest_week ts             Monday of the week with most edits
    busiest_week_ratio f64      its edits over what the mean rate would give
    """,
)
PERSONA_EDITS = table(
    "persona_edits",
    "Each account's edits of a field beside what this corpus lets expect; no finding by itself.",
    """
    account_id str
    field str       handle, name, bio or location
    edits i64
    expected f64    given how long and in which calendar weeks it was watched
    p_value f64     of so many edits or more, negative binomial
    q_value f64     the same, adjusted over all accounts (Benjamini and Hochberg)
    unusual bool    q at most .01
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
PROFILE_LANES = table(
    "profile_lanes",
    "What stood in a profile field, from when until when, of accounts with a noted shift.",
    """
    account_id str
    field str       handle, name or bio; a field that could show a hidden change has no row
    from_at ts      first time it was seen
    to_at ts        last time
    value str       verbatim
    snapshots i64
    source_id str   the snapshot that first shows it
    """,
)
POST_HABITS = table(
    "post_habits",
    "Month by month, how accounts posted that say who they are in posts alone.",
    """
    account_id str
    month_start ts      first of the month, UTC
    posts i64           its own posts, reposts left out
    lang str?           most frequent language among them; null where none is known
    lang_share f64?     of the posts with a known language
    hours list<f32>     posts in each hour of the day, 24 counts, UTC
    timed_posts i64     posts whose time is known to the minute or better; hours counts these
    topic str?          most frequent narrative, where narratives were made
    topic_share f64?    of all posts of the month
    """,
)
RENAME_CONTEXTS = table(
    "rename_contexts",
    "What an account posted in the 90 days before and after it changed its handle; no finding.",
    """
    account_id str
    at ts                   first sighting of the new handle
    before str              the handle before
    after str               the handle after
    posts_before i64        in the window, at most 2,000
    posts_after i64
    lang_before str?        most frequent stated language; null with fewer than 20 posts that say it
    lang_share_before f64?
    lang_after str?
    lang_share_after f64?
    topic_before str?       most frequent narrative, where narratives were made
    topic_after str?
    topic_divergence f64?   Jensen-Shannon divergence of all topics, 0..1
    words_before list<str>  words that stood far more often before, strongest first
    words_after list<str>
    reasons list<str>       the same as sentences
    """,
)
BIO_TEMPLATES = table(
    "bio_templates",
    "Accounts whose bios are one text, or one frame with few words changed; no finding by itself.",
    """
    template_id str
    account_id str
    accounts i64      that showed a bio of this template
    texts i64         different wordings of it
    quote str         the account's bio, verbatim
    source_id str     the snapshot that first shows it
    first_at ts?      when that was
    """,
)
ACCOUNT_EVENTS = table(
    "account_events",
    "What happened to an account, keyed by its id; removed: gone, and no source states how.",
    """
    account_id str
    kind str   created, renamed, retitled, moved, suspended, deleted, removed, active_again, ...
    at ts?
    before str?
    after str?
    source_file str
    source_row i64
    """,
)
