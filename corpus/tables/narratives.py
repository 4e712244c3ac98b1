"""Contracts of narratives: which points make one, when it was posted, what it is about."""

from __future__ import annotations

from corpus.tables.contract import table

NARRATIVE_POINTS = table(
    "narrative_points",
    "Which narrative each talking point belongs to, or how near the nearest one is.",
    """
    point_id str
    narrative_id str?   null: outside every narrative
    membership f32      0 outside; else how firmly it belongs
    assigned_by str     density (clustered), nearest (joined), outside, or waiting (added later)
    nearest_id str?     the nearest narrative, also for points outside
    nearest_score f32?  cosine similarity to it
    sub_narrative_id str?  the part of the narrative it belongs to, where one stands out
    """,
)
NARRATIVES = table(
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
    stability f32?       mean overlap with its like in samples of nine tenths; null: not measured
    top_account_share f32?  share of its posts and reposts by the account that wrote most of them
    mark str?            single_account or template: what makes it unlike a shared message
    mark_reason str?     the same in words
    """,
)
SUB_NARRATIVES = table(
    "sub_narratives",
    "Denser parts of a narrative: what its talking points say in particular.",
    """
    sub_narrative_id str
    narrative_id str
    label str            its leading terms, against the other parts of the narrative
    terms list<str>
    medoid_post_id str   the post nearest to its centre
    quote str            that post, verbatim
    points i64
    posts i64
    reposts i64
    accounts i64
    """,
)
TIMELINES = table(
    "timelines",
    "Posts and accounts of each narrative in bins of equal length.",
    "narrative_id str\n bin_start ts\n bin_s i64\n posts i64\n reposts i64\n accounts i64",
)
NARRATIVE_WINDOWS = table(
    "narrative_windows",
    "Groups of talking points in each window of time; groups of one thread go on from each other.",
    """
    group_key str
    thread_id str        the same for groups that continue each other
    space str            the language whose vectors were compared, or pooled
    window_start ts
    window_s i64
    narrative_id str?    the narrative of the whole corpus that holds most of its points
    points i64
    posts i64            posts and reposts of its points inside the window
    accounts i64
    point_ids list<str>
    """,
)
EVOLUTION = table(
    "evolution",
    "What became of the groups from one window to the next, with the points that say so.",
    """
    event_id str
    kind str             born, continued, merged, split, returned or ended
    at ts                start of the window in which it shows
    groups_before list<str>  group keys
    groups_after list<str>   group keys
    shared_points i64    talking points said on both sides
    cosine f64?          of the centres, the highest where several groups meet
    evidence list<str>   point ids
    """,
)
NARRATIVE_LINKS = table(
    "narrative_links",
    "Narratives of two languages that share more than chance allows; they stay apart.",
    """
    narrative_a str      smaller id
    narrative_b str      larger id
    lang_a str
    lang_b str
    shared i64           links, hashtags and mentions that both hold
    expected f64         of them by chance, given how many each holds and how popular each is
    p_value f64          chance of so many or more
    q_value f64          over all pairs of narratives of two languages
    urls list<str>
    hashtags list<str>
    mentions list<str>
    time_overlap f64     cosine of the two hourly time lines, 0..1
    cosine f64?          of the centres, where one multilingual model made both
    basis str            in words
    """,
)
NARRATIVE_MAP = table(
    "narrative_map",
    "A place on a plane for each narrative; distance is approximate, and none between two spaces.",
    """
    narrative_id str
    space str            the language whose vectors were compared, or pooled
    x f64                -1..1, both axes on one scale
    y f64
    near list<str>       the nearest narratives by the vectors themselves, nearest first
    stress f64           of the space: 0 keeps all distances, about .4 and above few
    correlation f64?     of the space: of distances on the plane and by the vectors
    """,
)
STANCES = table(
    "stances",
    "What the analyst said a narrative or talking point is for or against, and where that spreads.",
    """
    target str        who or what it is about, in the analyst's words
    scope str         narrative or point
    scope_id str      its id
    stance str        for, against or neutral
    source str        analyst (said), or spread (taken over, revocable with the label it came from)
    score f64         1 where the analyst said it, else how near it is to what was labelled, 0..1
    from_scope str    scope of the label that it comes from
    from_id str       its id; its own where the analyst said it
    reason str        in words
    """,
)
NAMED = table(
    "named",
    "People, organisations, places, tags and terms that each narrative names, twenty at most.",
    """
    narrative_id str
    kind str          person, organisation, place, group, topic, hashtag, mention or term
    name str          as in case.toml, else the most frequent spelling; tags and handles bare
    posts i64         posts whose talking point names it; tags and handles: that hold it
    reposts i64       reposts of the same
    accounts i64      distinct accounts of the posts and reposts
    accounts_share f32?  of the accounts of the narrative; null where no account is known
    source str        case.toml, hashtag, mention, term, or the spaCy pipeline that read it
    post_id str       a post that names it
    quote str         the sentence of that post in which it stands, verbatim
    start i64         code points in the text of the post
    end i64
    """,
)
