"""What an analyst may set, one frozen dataclass a section of the settings file.

A setting exists only if an analyst would change it; all other numbers are named constants beside
their use. The sentence under a field is its documentation.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """How files become posts and profiles."""

    map: tuple[str, ...] = ()
    """`field=column`; applies to every file that has the column."""
    keep: tuple[str, ...] = ()
    """Further columns to carry along."""
    tie_on: tuple[str, ...] = ()
    """Columns carried along whose equal values tie accounts, such as a hash or a wallet."""
    text_from: str | None = None
    """Column to analyze instead of the text, where it holds something, such as translation."""
    timezone: str | None = None
    """Zone of times that state none (IANA name); None: UTC, and a note says that it was assumed."""
    date_order: str = "auto"
    """For 3/4/2020: auto, month-first or day-first."""
    encoding: str | None = None
    """Encoding of delimited files, such as cp1251; None finds it by looking."""
    delimiter: str | None = None
    """One sign between the columns of delimited files; None finds it by looking."""
    observed_at: str | None = None
    """ISO time at which an undated profile dump was made."""
    max_reject: float = 0.05
    """Share of rows that may be rejected before the exit code says so."""


@dataclass(frozen=True)
class TalkingPoints:
    """How near-duplicates are found."""

    threshold: float = 0.7
    """Exact Jaccard at which two texts say nearly the same."""
    shingle: str = "mixed"
    """word-1, word-2, char-4 or mixed."""


@dataclass(frozen=True)
class Passages:
    """Which texts are long, and what makes a shared passage."""

    long_from: int = 300
    """Characters from which a text is long; two texts are compared where at least one is."""
    min_words: int = 8
    """Words of a passage; below six nothing can be said."""
    containment: float = 0.7
    """Share of a passage's words and pairs of words that the other text must hold; scripts without
    blanks are held to the share that the same edits leave there."""


@dataclass(frozen=True)
class Narratives:
    """How talking points are grouped."""

    embedder: str = "auto"
    """auto, fitted, minilm, or a sentence-transformers model id or folder."""
    min_cluster_size: int | None = None
    """Talking points that make a narrative; None scales it with the corpus."""
    min_samples: int | None = None
    """Density smoothing; None scales it with the corpus."""
    cluster_selection_method: str = "eom"
    """eom (overview) or leaf (detail)."""
    max_exemplars: int = 50_000
    """Talking points that enter the clustering; further ones join the nearest narrative."""
    widen: bool = True
    """Let talking points outside the dense groups join the narrative whose reach they lie in, and
    try a thinner density where a large corpus is hardly covered; false leaves the plain tree."""
    join_threshold: float | None = None
    """Cosine similarity at which a talking point joins the nearest narrative; None takes each
    narrative's own reach. For posts added later None takes 0.6 for a sentence model, 0.7 for
    fitted."""
    bin_s: int = 3600
    """Width of a timeline bin in seconds."""
    window_s: int | None = None
    """Width in seconds of the windows in which narratives are followed; None takes the smallest of
    hour, quarter day, day, week, 28 days, 91 days and year that gives at most 24."""


@dataclass(frozen=True)
class Names:
    """Who reads the people, organisations and places out of the texts."""

    spacy_model: tuple[str, ...] = ()
    """Installed spaCy pipelines, by name or folder, each for the texts of its own language; empty:
    names are those of [[targets]], hashtags, mentions and leading terms."""


@dataclass(frozen=True)
class Paraphrases:
    """When two talking points say the same in other words."""

    threshold: float = 0.7
    """Fused score from which two are linked: there 85 of 100 linked tweets on one topic, and 98 of
    100 claims beside look-alikes, did say the same; lower links more, with more errors."""
    max_points: int = 50_000
    """Talking points of a language that are compared, those with most posts first."""


@dataclass(frozen=True)
class Camp:
    """A camp of this case: how people say that they belong to it, and who stands against it."""

    name: str
    """The value in the tables: small letters, digits and `_`; a shipped value gets more words."""
    languages: tuple[str, ...]
    """Codes of the languages in which the words below are read."""
    phrases: tuple[str, ...] = ()
    """What people call themselves, such as "greenbelt loyalist"; read as a description of them."""
    markers: tuple[str, ...] = ()
    """Hashtags and emoji that mean this camp alone, wherever they stand in a bio or name."""
    opposed_to: tuple[str, ...] = ()
    """Camps that exclude this one; only such a change can be a contradiction."""
    where: str | None = None
    """Where that holds, as the report tells it."""
    since: str | None = None
    """ISO day from which on it holds."""
    until: str | None = None
    """ISO day until which it holds."""
    why: str | None = None
    """Why, in words that a reader of the report can check."""


@dataclass(frozen=True)
class Personas:
    """How claimed identities are followed."""

    gender: bool = True
    """False switches the attribute off everywhere."""
    languages: tuple[str, ...] = ()
    """Lexicons to use; empty means all."""
    prior: float = 0.01
    """Share of accounts per year for which a replaced identity is expected."""
    lexicons: str | None = None
    """Folder with lexicons of this case beside the shipped ones: `<language>/*.toml`, and
    `opposed.toml` for more rows of the opposition table."""
    camps: tuple[Camp, ...] = ()
    """Camps of this case, one `[[personas.camps]]` each."""


@dataclass(frozen=True)
class Event:
    """The event that the analysis is about, ISO times (UTC)."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class Collection:
    """How the corpus was collected, as far as it is known; what is not stated stays unknown."""

    query: str | None = None
    """Words, accounts or links that were searched for."""
    sampling: str | None = None
    """How posts were drawn from what matched, such as all, a 1 % stream or the last 1,000 each."""
    period_start: str | None = None
    """ISO time from which posts were collected."""
    period_end: str | None = None
    """ISO time up to which posts were collected."""
    deletions_missed: bool | None = None
    """True when what had been deleted or suspended before the collection is not in it."""


@dataclass(frozen=True)
class Coordination:
    """Which accounts count as having moved together."""

    windows_s: tuple[int, ...] = (10, 60, 600, 3_600, 86_400)
    """Seconds within which two posts count as shared together; up to 8, all are tested."""
    q_level: float = 0.05
    """Share of false ties among those that count, by chance."""
    min_objects: int = 3
    """Different things of one layer that two accounts must have shared."""
    max_accounts: int = 1_000
    """A thing that more accounts shared inside one window ties nobody in it."""
    permutations: int = 99
    """Shuffles behind the p of a group; 0 leaves them out."""


@dataclass(frozen=True)
class Report:
    """What leaves the case, and how."""

    redact: str = "pseudonym"
    """pseudonym, full or none."""
    quote: str = "exact"
    """exact, or none: verbatim words can be searched, so a marker and their length stand there."""
    min_accounts: int = 1
    """What is told of fewer accounts than this is withheld, with quotes; 1 withholds nothing."""
    public: tuple[str, ...] = ()
    """Handles or account ids of public figures, shown as they are."""
    tlp: str | None = None
    """Traffic Light Protocol 2.0: clear, green, amber, amber+strict or red."""
    title: str | None = None
    max_posts: int = 5_000
    """Quoted posts in the evidence appendix."""
    page_posts: int = 50_000
    """Posts in the report's one file; a case with more gets evidence pages beside it."""


@dataclass(frozen=True)
class Label:
    """The analyst's word on one narrative or talking point: what it is for or against."""

    target: str
    """Who or what it is about, as the analyst calls it."""
    stance: str
    """for, against or neutral."""
    narrative: str | None = None
    """A narrative's id, or its pseudonym in the report."""
    point: str | None = None
    """Instead: a talking point's."""
    anchor: str | None = None
    """A post of it: finds it again when a later run gives it another id."""


@dataclass(frozen=True)
class Target:
    """Somebody or something that the analyst looks for in every narrative."""

    name: str
    """As it shall be called in tables and report."""
    kind: str
    """person, organisation, place, hashtag or topic."""
    aliases: tuple[str, ...] = ()
    """Further spellings, in any language; #tag and @handle are read as such."""
