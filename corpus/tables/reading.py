"""Contracts of what is read: posts, profiles, and the rows that were not kept."""

from __future__ import annotations

from corpus.tables.contract import table

POSTS = table(
    "posts",
    "What the accounts wrote, as read.",
    """
    post_id str          the platform's id, or a content hash where there is none
    platform str         the platform's name, "" when the source does not say
    account_id str?      the platform's account id; null when the source has no author
    created_at ts?       when it was posted; null when unknown
    time_precision str   second, minute, day or unknown
    text str             as read, never changed
    lang str?            the language the source states; null when it does not
    kind str             post, repost, quote or reply
    parent_id str?       the post that it repeats, quotes or answers
    urls list<str>       links in the text or stated beside it
    hashtags list<str>   without #
    mentions list<str>   without @
    url str?             the post's own address
    handle str?          the author's handle on this row, when the source states one
    source_file str      the file that it was read from
    source_row i64       the row in that file, 0 is the first data row
    """,
)
PROFILES = table(
    "profiles",
    "What the accounts said about themselves, at each time they were seen.",
    """
    snapshot_id str      content hash
    platform str         the platform's name, "" when the source does not say
    account_id str       the platform's account id, never the handle when an id exists
    observed_at ts?      when this state was seen; null when unknown
    basis str            event, retrieved, export, post_time or unknown
    handle str?          null is unknown, "" is empty
    display_name str?    the shown name
    bio str?             the profile description
    location str?        the location field, free text
    pronouns str?        a pronoun field of its own, where the platform has one
    url str?             the profile's link
    avatar_hash str?     hash of the picture, when the source states one
    joined_at ts?        when the account was created
    followers i64?       accounts that follow it
    following i64?       accounts that it follows
    statuses_count i64?  posts in its lifetime as the platform counts them
    state str            active, suspended, deleted or unknown
    source_file str      the file that it was read from
    source_row i64       the row in that file
    """,
)
REJECTS = table(
    "rejects",
    "Rows that were read and not kept; written as rejects.jsonl, never as a table of the case.",
    "file str\n row i64\n reason str\n excerpt str",
)
KEPT_COLUMNS = table(
    "kept_columns",
    "The analyst's own columns, as text: those of --keep and --tie-on, side texts, media hashes.",
    "post_id str\n column str\n value str?",
)
