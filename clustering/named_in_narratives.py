"""Whom and what does each narrative name, how often, and where does it say so?

In: the tables of narratives, the analyst's targets, spaCy pipelines. Out: NAMED rows, at most
twenty a narrative, each with a sentence of a post that names it. Names come from four sources:

    case.toml   `[[targets]]`, wherever one of their spellings or tags stands
    a pipeline  what the installed spaCy pipeline of the text's language reads
    #  @        hashtags and mentions, as the posts hold them
    term        the narrative's leading terms (c-TF-IDF), where the other names leave room

Texts are read once for each talking point, in its exemplar, and count for all posts that repeat it;
hashtags and mentions are counted post by post. Whether a narrative is for or against what it names
is not guessed: see `clustering.stances`. Ranking: the analyst's targets, then names by accounts,
then terms; what stands in one post alone is left out unless it is a target. Results do not depend
on the order of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from clustering.exemplars import describe_points
from clustering.named_counts import Told, counted
from clustering.named_places import quoted
from clustering.named_terms import term_names
from clustering.timeline import narrative_of_posts
from corpus.progress import Progress
from corpus.settings import Target
from corpus.tables import NAMED, conform
from nlp.named import ModelReader, Name, TargetReader, name_key
from nlp.pipelines import FROM_CASE

# Talking points whose exemplars are read, those with most posts first: about fifteen seconds for a
# list of names, a minute or two for a small statistical pipeline.
MAX_POINTS = 100_000
MOST_NAMES = 20
# What one post of a narrative names is not what the narrative names; targets are always shown.
LEAST_POSTS = 2
_BATCH = 2_000

TARGET_KEY, NAME_KEY, TERM_KEY = "target:", "name:", "term:"


@dataclass(frozen=True)
class Named:
    """NAMED rows, remarks, and what the manifest says of how names were read."""

    named: pa.Table
    notes: tuple[str, ...]
    facts: dict[str, object]


def find_named(
    *,
    posts: pa.Table,
    texts: pa.Table,
    point_posts: pa.Table,
    talking_points: pa.Table,
    narrative_points: pa.Table,
    narratives: pa.Table,
    targets: Sequence[Target],
    spacy_models: Sequence[str],
    progress: Progress,
) -> Named:
    """Return who and what each narrative names; raises PluginError where a pipeline is missing."""
    readers = [ModelReader(name) for name in spacy_models]
    if not narratives.num_rows:
        return Named(NAMED.empty(), (), {})
    told = Told.of(narrative_of_posts(posts, point_posts, narrative_points), posts)
    points = _points(posts, texts, talking_points, narrative_points)
    read = points.slice(0, MAX_POINTS)
    progress.stage("names in narratives", read.num_rows)
    found = _read(read, targets, readers, progress)
    found = pd.concat([found, term_names(read, narratives)], ignore_index=True)
    tags = _tags(told, targets)
    rows = counted(told, found, tags, narratives)
    rows = _chosen(_called(rows, targets), targets)
    made = quoted(rows, told, found, tags, read)
    return Named(
        conform(pa.Table.from_pylist(made, NAMED.schema), NAMED),
        tuple(_notes(points, read, targets, readers)),
        {
            "names": {
                "texts_read": read.num_rows,
                "targets": len(targets),
                "pipelines": [reader.source for reader in readers],
            }
        },
    )


def _points(
    posts: pa.Table, texts: pa.Table, talking_points: pa.Table, narrative_points: pa.Table
) -> pa.Table:
    """Exemplars of the points in narratives, those with most posts first, ties by id."""
    inside = narrative_points.filter(pc.is_valid(narrative_points.column("narrative_id")))
    of = pc.is_in(talking_points.column("point_id"), value_set=inside.column("point_id"))
    points = describe_points(posts, texts, talking_points.filter(of))
    row = pc.index_in(points.column("point_id"), value_set=inside.column("point_id"))
    points = points.append_column("narrative_id", inside.column("narrative_id").take(row))
    return points.sort_by([("size", "descending"), ("point_id", "ascending")])


def _read(
    points: pa.Table,
    targets: Sequence[Target],
    readers: Sequence[ModelReader],
    progress: Progress,
) -> pd.DataFrame:
    """One row a name in a talking point: point_id, key, kind, shown, source, size, start, end."""
    listed = TargetReader(targets)
    own = _spellings(targets)
    rows: list[tuple[object, ...]] = []
    lang_of = np.array(points.column("lang").to_pylist(), dtype=object)
    for lang in sorted(set(lang_of)):
        part = points.take(pa.array(np.flatnonzero(lang_of == lang)))
        using = [reader for reader in readers if reader.reads(lang)]
        for first in range(0, part.num_rows, _BATCH):
            batch = part.slice(first, _BATCH)
            batch_texts = batch.column("text").to_pylist()
            lists = [listed.names(batch_texts, lang), *[r.names(batch_texts) for r in using]]
            for at, text in enumerate(batch_texts):
                point, size = batch.column("point_id")[at].as_py(), batch.column("size")[at].as_py()
                for key, name in _apart([n for names in lists for n in names[at]], text, own):
                    shown = text[name.start : name.end]
                    rows.append(
                        (point, key, name.kind, shown, name.source, size, name.start, name.end)
                    )
            progress.advance(batch.num_rows)
    return pd.DataFrame(rows, columns=POINT_COLUMNS)


POINT_COLUMNS = ["point_id", "key", "kind", "shown", "source", "size", "start", "end"]


def _apart(names: Sequence[Name], text: str, own: dict[str, int]) -> Iterator[tuple[str, Name]]:
    """The first place of each name in one text; what overlaps a target's name is left out."""
    taken = [(name.start, name.end) for name in names if name.target is not None]
    seen: set[str] = set()
    for name in names:
        key = name_key(text[name.start : name.end])
        target = name.target if name.target is not None else own.get(key)
        overlaps = any(name.start < end and start < name.end for start, end in taken)
        if target is None and overlaps:
            continue
        key = f"{NAME_KEY}{key}" if target is None else f"{TARGET_KEY}{target}"
        if key not in seen:
            seen.add(key)
            yield key, name


def _spellings(targets: Sequence[Target]) -> dict[str, int]:
    """Which target each spelling means, by its key."""
    return {
        name_key(spelling): number
        for number, target in reversed(list(enumerate(targets)))
        for spelling in (target.name, *target.aliases)
    }


def _tags(told: Told, targets: Sequence[Target]) -> pd.DataFrame:
    """One row a hashtag or mention of a post in a narrative: post, key, kind, shown, source."""
    joined = {
        ("@" if spelling.startswith("@") else "#", _tag_key(spelling)): number
        for number, target in reversed(list(enumerate(targets)))
        for spelling in (target.name, *target.aliases)
    }
    parts = []
    for column, sign, kind in (("hashtags", "#", "hashtag"), ("mentions", "@", "mention")):
        post, values = told.listed(column)
        distinct = sorted({value for value in values if value})
        keys = {}
        for value in distinct:
            tag = _tag_key(value)
            number = joined.get((sign, tag))
            keys[value] = f"{sign}{tag}" if number is None else f"{TARGET_KEY}{number}"
        frame = pd.DataFrame({"post": post, "shown": values})
        frame = frame[frame["shown"].isin(distinct)]
        parts.append(frame.assign(key=frame["shown"].map(keys), kind=kind, source=kind))
    return pd.concat(parts, ignore_index=True)


def _tag_key(tag: str) -> str:
    return "".join(name_key(tag.lstrip("#＃@＠")).split())


def _called(rows: pd.DataFrame, targets: Sequence[Target]) -> pd.DataFrame:
    """Give targets the name, kind and source that the analyst gave them."""
    number = pd.to_numeric(
        rows["key"].where(rows["key"].str.startswith(TARGET_KEY)).str.removeprefix(TARGET_KEY)
    )
    listed = number.notna()
    for column, values in (
        ("shown", [target.name for target in targets]),
        ("kind", [target.kind for target in targets]),
        ("source", [FROM_CASE] * len(targets)),
    ):
        rows.loc[listed, column] = [values[int(n)] for n in number[listed]]
    return rows


def _chosen(rows: pd.DataFrame, targets: Sequence[Target]) -> pd.DataFrame:
    """The names of each narrative that are shown, ranked; a term that repeats a name is none."""
    rows = rows.assign(
        rank=np.select([rows["source"] == FROM_CASE, rows["source"] != "term"], [0, 1], 2)
    )
    often = rows["posts"] + rows["reposts"] >= LEAST_POSTS
    rows = rows[often | (rows["rank"] == 0)].sort_values(
        ["narrative_id", "rank", "accounts", "posts", "shown", "key"],
        ascending=[True, True, False, False, True, True],
    )
    known = {target.name: [_words(s) for s in (target.name, *target.aliases)] for target in targets}
    kept: list[int] = []
    for _, group in rows.groupby("narrative_id", sort=True):
        words: list[set[str]] = []
        chosen: list[int] = []
        for at, rank, shown in zip(group.index, group["rank"], group["shown"], strict=True):
            own = _words(shown)
            if rank == 2 and any(own <= other for other in words):
                continue
            words += known[shown] if rank == 0 else [own]
            chosen.append(at)
        kept += chosen[:MOST_NAMES]
    return rows.loc[kept].drop(columns="rank")


def _words(name: str) -> set[str]:
    return {word.lstrip("#") for word in name_key(name).split()}


def _notes(
    points: pa.Table, read: pa.Table, targets: Sequence[Target], readers: Sequence[ModelReader]
) -> Iterator[str]:
    listed = f"the {len(targets)} targets of case.toml, " if targets else ""
    others = f"{listed}hashtags, mentions and leading terms"
    if not readers:
        yield (
            f"no spaCy model was named (--spacy-model): names in narratives are those of {others};"
            " other people, organisations and places are not looked for"
        )
    else:
        yield f"names in narratives are {others}, and what {_list_of(readers)} reads"
        yield from _unread_languages(read, readers)
    yield from (
        f"{reader.source} has no component that finds names (ner or entity_ruler): it added none"
        for reader in readers
        if not reader.finds_names
    )
    if read.num_rows < points.num_rows:
        yield (
            f"names were looked for in the {read.num_rows:,} talking points with most posts, of"
            f" {points.num_rows:,} in narratives"
        )


def _list_of(readers: Sequence[ModelReader]) -> str:
    return " and ".join(reader.source for reader in readers)


def _unread_languages(read: pa.Table, readers: Sequence[ModelReader]) -> Iterator[str]:
    counts = {pair["values"]: pair["counts"] for pair in pc.value_counts(read["lang"]).to_pylist()}
    left = {
        lang: n for lang, n in counts.items() if not any(reader.reads(lang) for reader in readers)
    }
    if left:
        which = ", ".join(f"{n:,} in {lang!r}" for lang, n in sorted(left.items()))
        yield f"no spaCy model was named for some talking points ({which})"
