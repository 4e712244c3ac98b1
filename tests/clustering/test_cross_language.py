"""Narratives of two languages are linked by what they share beyond chance, never merged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from clustering.cross_language import link_languages
from corpus.tables import NARRATIVE_LINKS, check


def linked(tags: dict[str, list[list[str]]], langs: dict[str, str], accounts: int = 2) -> pa.Table:
    """`tags[narrative]` lists the tags of each post; every post is told by `accounts` accounts."""
    rows = [
        (f"{name}-{n}-{a}", f"{name}-{a}", own, name)
        for name, posts in tags.items()
        for n, own in enumerate(posts)
        for a in range(accounts)
    ]
    lists = pa.list_(pa.string())
    times = pa.array(range(len(rows)), pa.timestamp("us", tz="UTC"))
    posts = pa.table(
        {
            "post_id": [r[0] for r in rows],
            "account_id": [r[1] for r in rows],
            "created_at": times,
            "kind": ["post"] * len(rows),
            "urls": pa.array([[] for _ in rows], lists),
            "hashtags": pa.array([r[2] for r in rows], lists),
            "mentions": pa.array([[] for _ in rows], lists),
        }
    )
    names = sorted(tags)
    return link_languages(
        posts=posts,
        point_posts=pa.table({"post_id": [r[0] for r in rows], "point_id": [r[0] for r in rows]}),
        narrative_points=pa.table(
            {"point_id": [r[0] for r in rows], "narrative_id": [r[3] for r in rows]}
        ),
        narratives=pa.table({"narrative_id": names, "lang": [langs[n] for n in names]}),
        timelines=pa.table(
            {
                "narrative_id": names,
                "bin_start": pa.array([0] * len(names), pa.timestamp("us", tz="UTC")),
                "posts": [1] * len(names),
            }
        ),
    )


LANGS = {f"e{n}": "en" for n in range(12)} | {f"f{n}": "fa" for n in range(12)}


def tagged(shared: dict[str, list[str]]) -> dict[str, list[list[str]]]:
    """Every narrative has five tags of its own, and those that `shared` gives it."""
    return {n: [[f"{n}own{k}" for k in range(5)], shared.get(n, [])] for n in LANGS}


def test_rare_shared_tags_link_two_languages_and_are_named() -> None:
    rare = ["velmora", "nolevy", "harbour"]
    found = linked(tagged({"e1": rare, "f3": rare}), LANGS).to_pylist()
    assert [(row["narrative_a"], row["narrative_b"]) for row in found] == [("e1", "f3")]
    assert found[0]["hashtags"] == sorted(rare)
    assert found[0]["shared"] == 3
    assert found[0]["expected"] < 0.5
    assert "3 hashtags" in found[0]["basis"]


def test_tags_that_everybody_uses_link_nobody() -> None:
    common = ["news", "today"]
    assert linked(tagged(dict.fromkeys(LANGS, common)), LANGS).num_rows == 0


def test_two_narratives_of_one_language_are_never_linked() -> None:
    rare = ["velmora", "nolevy", "harbour"]
    assert linked(tagged({"e1": rare, "e2": rare}), LANGS).num_rows == 0


def test_what_one_account_alone_posted_counts_for_nothing() -> None:
    rare = ["velmora", "nolevy", "harbour"]
    assert linked(tagged({"e1": rare, "f3": rare}), LANGS, accounts=1).num_rows == 0


@pytest.mark.parametrize("tags", [{}, {"e1": [["a"]]}])
def test_a_corpus_of_one_language_or_none_gives_an_empty_table(
    tags: dict[str, list[list[str]]],
) -> None:
    found = linked(tags, LANGS)
    assert found.num_rows == 0
    check(found, NARRATIVE_LINKS)


def test_tags_drawn_by_popularity_alone_link_hardly_any_pair() -> None:
    runs = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        weight = 1 / np.arange(1, 121)
        weight /= weight.sum()
        tags = {
            n: [[f"t{t}" for t in draw.choice(120, 12, replace=False, p=weight)]] for n in LANGS
        }
        runs += linked(tags, LANGS).num_rows > 0
    assert runs <= 4  # at a true rate of .05, five or more of 40 have a chance below .05
