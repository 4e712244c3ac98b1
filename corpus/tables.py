"""Which tables exist, and what does each column hold?

Every table that passes between stages has one contract here: column names, portable Arrow types,
which columns may be null, and what the column means. `check` refuses a table that breaks its
contract with one readable sentence; `conform` adds missing nullable columns, casts and orders.

Only types that survive every engine are used: string, integers, floats, bool, list, binary and
timestamp[us, UTC]. PySpark 4.3 refuses unsigned integers and fixed-size types. Null is unknown,
"" is empty. Units stand in the names: *_s seconds; *_share, similarity and membership in 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.errors import SchemaError

TS = pa.timestamp("us", tz="UTC")
TYPES: dict[str, pa.DataType] = {
    "str": pa.string(),
    "bool": pa.bool_(),
    "i32": pa.int32(),
    "i64": pa.int64(),
    "f32": pa.float32(),
    "f64": pa.float64(),
    "binary": pa.binary(),
    "ts": TS,
    "list<str>": pa.list_(pa.string()),
    "list<f32>": pa.list_(pa.float32()),
}


@dataclass(frozen=True)
class Column:
    """One column: its name, portable type, whether it may be null, and what it means."""

    name: str
    type: str
    nullable: bool
    doc: str


@dataclass(frozen=True)
class Table:
    """The contract of one table; `columns` in the order in which they are written."""

    name: str
    doc: str
    columns: tuple[Column, ...]

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema, nullability included."""
        return pa.schema(
            [pa.field(c.name, TYPES[c.type], nullable=c.nullable) for c in self.columns]
        )

    @property
    def names(self) -> list[str]:
        """The column names in order."""
        return [c.name for c in self.columns]

    def empty(self) -> pa.Table:
        """A table of no rows that keeps the contract."""
        return self.schema.empty_table()

    def from_rows(self, rows: Sequence[dict[str, Any]]) -> pa.Table:
        """Build a table from dictionaries; a missing nullable column becomes null."""
        arrays = [
            pa.array([row.get(c.name) for row in rows], type=TYPES[c.type]) for c in self.columns
        ]
        return check(pa.Table.from_arrays(arrays, schema=self.schema), self)


def _column(line: str) -> Column:
    """Parse one line `name type[?]  meaning` of a contract."""
    name, kind, doc = [*line.split(None, 2), "", ""][:3]
    return Column(name, kind.removesuffix("?"), kind.endswith("?"), doc.strip())


def _table(name: str, doc: str, spec: str) -> Table:
    lines = [line.strip() for line in spec.strip().splitlines() if line.strip()]
    return Table(name, doc, tuple(_column(line) for line in lines))


POSTS = _table(
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
PROFILES = _table(
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
TEXTS = _table(
    "texts",
    "The matching form of each post.",
    """
    post_id str
    text_norm str    normalized for matching; quotes always come from posts.text
    script str       main script, e.g. Latin, Arabic, Cyrillic, Han; "" when there are no letters
    lang str         ISO 639-1, "und" when unknown
    lang_score f32   how sure the language is, 0..1
    tokens i64       words in text_norm
    """,
)
BANDS = _table("bands", "Keys under which near-duplicates meet.", "band_key binary\n post_id str")
VECTORS = _table(
    "vectors",
    "One vector for each embedded post; embedder and dimension stand in the schema metadata.",
    "post_id str\n vector list<f32>",
)
PAIRS = _table(
    "pairs",
    "Verified near-duplicate pairs: the strongest links between the texts of each talking point.",
    """
    post_a str       smaller id
    post_b str       larger id
    similarity f32   exact Jaccard over the shingle sets
    verified bool    always true: unverified pairs join nothing
    """,
)
POINT_POSTS = _table(
    "point_posts",
    "Which talking point each post belongs to; a post like no other has its own.",
    """
    post_id str
    point_id str
    similarity f32        exact Jaccard to the exemplar
    linked_to str?        the post it hangs on: strongest link, ties to the earliest; null: earliest
    link_similarity f32?  exact Jaccard to that post; null for reposts that follow one
    depth i64?            links from the point's earliest text
    variant i64?          sub-variant from 1, in order of time; null where the point shows none
    """,
)
TALKING_POINTS = _table(
    "talking_points",
    "Groups of posts that say nearly the same thing.",
    """
    point_id str       content hash of the smallest member
    exemplar_id str    the earliest post (ties by id)
    posts i64          posts other than reposts
    reposts i64        reposts that follow the same text
    accounts i64       distinct accounts of the posts and reposts
    first_at ts?
    last_at ts?
    exact_share f32    share of members equal to the exemplar after normalizing
    medoid_id str?     earliest post with the text that is most like all others
    texts i64?         different texts
    weakest f32?       exact Jaccard of the weakest link between them; null for one text
    cohesion f32?      mean exact Jaccard of the texts to the medoid's
    variants i64?      sub-variants; 1 unless a text is far from the medoid
    """,
)
SHARED_PASSAGES = _table(
    "shared_passages",
    "Stretches that two texts of different accounts hold, at least one of the texts long.",
    """
    post_a str        smaller id
    start_a i64       code points in the text of post_a
    end_a i64
    quote_a str       verbatim
    share_a f32       share of that text's words which the stretch makes up
    post_b str        larger id
    start_b i64       code points in the text of post_b
    end_b i64
    quote_b str       verbatim
    share_b f32       share of that text's words which the stretch makes up
    jaccard f32       exact Jaccard of the two stretches over the shingle sets
    containment f32   share of the smaller stretch's shingles that the other holds
    kind str          copied, contained (makes up one text), quoted or boilerplate
    """,
)
NARRATIVE_POINTS = _table(
    "narrative_points",
    "Which narrative each talking point belongs to, or how near the nearest one is.",
    """
    point_id str
    narrative_id str?   null: outside every narrative
    membership f32      0 outside; else how firmly it belongs
    assigned_by str     density (clustered), nearest (joined), outside, or waiting (added later)
    nearest_id str?     the nearest narrative, also for points outside
    nearest_score f32?  cosine similarity to it
    """,
)
NARRATIVES = _table(
    "narratives",
    "Groups of talking points about the same message.",
    """
    narrative_id str
    label str            its leading terms
    terms list<str>      c-TF-IDF terms, strongest first
    lang str             the language it was clustered in
    medoid_post_id str   the post nearest to its centre
    quote str            that post, verbatim
    points i64
    posts i64
    reposts i64
    accounts i64
    first_at ts?
    last_at ts?
    persistence f32      how long the group survives in the density tree
    embedder str         which embedder made its vectors
    """,
)
PARAPHRASES = _table(
    "paraphrases",
    "Talking points that say the same in other words: links beside families, which stay apart.",
    """
    point_a str       smaller id
    point_b str       larger id
    lexical f32       Jaccard of the exemplars' character trigrams
    semantic f32      cosine of the exemplars' vectors; 0 where they point apart
    score f32         both and their neighbourhood, fused by measured weights, 0..1
    embedder str      which embedder made the vectors
    """,
)
TIMELINES = _table(
    "timelines",
    "Posts and accounts of each narrative in bins of equal length.",
    "narrative_id str\n bin_start ts\n bin_s i64\n posts i64\n reposts i64\n accounts i64",
)
BURSTS = _table(
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
TIES = _table(
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
GROUPS = _table(
    "groups",
    "Communities over validated ties.",
    "group_id str\n accounts list<str>\n q_value f64\n stability f64\n benign_class str?",
)
ROLES = _table(
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
CLAIMS = _table(
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
PERSONAS = _table(
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
PERSONA_COVERAGE = _table(
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
SHIFTS = _table(
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
ACCOUNT_EVENTS = _table(
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
FATES = _table(
    "fates",
    "What became of accounts after the event.",
    "account_id str\n outcome str\n at ts?\n last_post_at ts?\n before str?\n after str?",
)
CAMPAIGN = _table(
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
AFTERMATH = _table(
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
CONVERGENCE = _table(
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
FINDINGS = _table(
    "findings",
    "What a reader should look at first, in words, each with its evidence.",
    """
    finding_id str
    kind str
    score f64
    statement str
    narrative_id str?
    account_ids list<str>
    evidence list<str>     post or snapshot ids
    """,
)

REJECTS = _table(
    "rejects",
    "Rows that were read and not kept; written as rejects.jsonl, never as a table of the case.",
    "file str\n row i64\n reason str\n excerpt str",
)
KEPT_COLUMNS = _table(
    "kept_columns",
    "Columns carried along with --keep, as text.",
    "post_id str\n column str\n value str?",
)

ALL: dict[str, Table] = {
    table.name: table
    for table in (
        POSTS, PROFILES, TEXTS, BANDS, VECTORS, PAIRS, POINT_POSTS, TALKING_POINTS,
        SHARED_PASSAGES, PARAPHRASES,
        NARRATIVE_POINTS, NARRATIVES, TIMELINES, BURSTS, TIES, GROUPS, ROLES, CLAIMS, PERSONAS,
        PERSONA_COVERAGE, SHIFTS, ACCOUNT_EVENTS, FATES, CAMPAIGN, AFTERMATH, CONVERGENCE, FINDINGS,
        KEPT_COLUMNS,
    )
}  # fmt: skip


def _type_problem(field: pa.Field, column: pa.ChunkedArray) -> str | None:
    if not column.type.equals(field.type):
        return f"column {field.name!r} holds {column.type}, expected {field.type}"
    if not field.nullable and column.null_count:
        return f"column {field.name!r} has {column.null_count} missing values, expected none"
    return None


def check(table: pa.Table, contract: Table) -> pa.Table:
    """Return `table` with the contract's columns in order; raise SchemaError if it breaks it.

    Extra columns are an error too: a column nobody declared is a column nobody can rely on.
    """
    missing = [name for name in contract.names if name not in table.column_names]
    extra = [name for name in table.column_names if name not in contract.names]
    problems = [f"column {name!r} is missing" for name in missing]
    problems += [f"column {name!r} is not part of it" for name in extra]
    for field in contract.schema:
        if field.name not in missing:
            problem = _type_problem(field, table.column(field.name))
            problems += [problem] if problem else []
    if problems:
        raise SchemaError(f"table {contract.name!r}: {'; '.join(problems)}")
    metadata = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"pandas"}
    return table.select(contract.names).cast(contract.schema).replace_schema_metadata(metadata)


def _conformed(table: pa.Table, column: Column) -> pa.ChunkedArray:
    if column.name not in table.column_names:
        if not column.nullable:
            raise SchemaError(f"column {column.name!r} is missing")
        return pa.chunked_array([pa.nulls(table.num_rows, TYPES[column.type])])
    values = table.column(column.name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    return values.cast(TYPES[column.type])


def conform(table: pa.Table, contract: Table) -> pa.Table:
    """Cast to the contract's types, fill missing nullable columns with null, drop others, check.

    Raises SchemaError when a required column is missing or a value cannot be cast.
    """
    try:
        arrays = [_conformed(table, column) for column in contract.columns]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, SchemaError) as error:
        raise SchemaError(f"table {contract.name!r}: {error}") from error
    return check(pa.Table.from_arrays(arrays, names=contract.names), contract)


def canonical(table: pa.Table, contract: Table) -> pa.Table:
    """Check `table` and sort its rows by every sortable column in order, in one chunk.

    The same rows then give the same bytes on disk, whatever order they were found in.
    """
    checked = check(table, contract)
    keys = [(c.name, "ascending") for c in contract.columns if not c.type.startswith("list")]
    return checked.take(pc.sort_indices(checked, sort_keys=keys)).combine_chunks()
