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
    """,
)
TIMELINES = table(
    "timelines",
    "Posts and accounts of each narrative in bins of equal length.",
    "narrative_id str\n bin_start ts\n bin_s i64\n posts i64\n reposts i64\n accounts i64",
)
