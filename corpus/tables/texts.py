"""Contracts of what says nearly the same: texts, talking points, passages, paraphrases."""

from __future__ import annotations

from corpus.tables.contract import table

TEXTS = table(
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
BANDS = table("bands", "Keys under which near-duplicates meet.", "band_key binary\n post_id str")
VECTORS = table(
    "vectors",
    "One vector for each embedded post; embedder and dimension stand in the schema metadata.",
    "post_id str\n vector list<f32>",
)
PAIRS = table(
    "pairs",
    "Verified near-duplicate pairs: the strongest links between the texts of each talking point.",
    """
    post_a str       smaller id
    post_b str       larger id
    similarity f32   exact Jaccard over the shingle sets
    verified bool    always true: unverified pairs join nothing
    """,
)
POINT_POSTS = table(
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
TALKING_POINTS = table(
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
SHARED_PASSAGES = table(
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
PARAPHRASES = table(
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
