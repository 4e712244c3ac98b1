"""Near-duplicate families against planted truth, the exact join, and figures of real corpora."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.corpora import Planted, planted
from benchmarks.quality import compare, rows_changed
from clustering import find_near_duplicates
from nlp.normalize import normalized_column

Floors = Callable[[str], dict[str, float]]
SIZE = 30_000


@pytest.fixture(scope="module")
def corpus() -> Planted:
    """A seed that nothing was tuned on."""
    return planted(SIZE, seed=17)


@pytest.mark.parametrize("kind", ["word-1", "mixed", "char-4"])
def test_planted_families_are_found_and_traps_stay_apart(
    kind: str, corpus: Planted, floors: Floors
) -> None:
    pinned = floors("near_duplicates")
    found = find_near_duplicates(corpus.texts, 0.7, kind)
    kept = corpus.without_large()
    judged = compare(corpus.truth()[kept], found[kept])
    assert judged.pair_precision >= pinned["pair precision"]
    assert judged.pair_recall >= pinned[f"pair recall, {kind}"]
    trapped = (np.bincount(found)[found] > 1)[corpus.trap]
    assert trapped.mean() <= 1 - pinned["traps kept apart"]


@pytest.mark.parametrize("kind", ["word-1", "char-4"])
@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
def test_bands_lose_little_of_the_exact_families_and_add_nothing(
    kind: str, threshold: float, floors: Floors
) -> None:
    texts = planted(8_000, seed=18, large=False).texts
    exact = find_near_duplicates(texts, threshold, kind, exact=True)
    judged = compare(exact, find_near_duplicates(texts, threshold, kind))
    assert judged.b3_precision == 1.0
    assert judged.b3_recall >= floors("near_duplicates")["B-cubed recall of the exact join"]


def test_shuffling_and_threads_move_no_post(corpus: Planted) -> None:
    straight = find_near_duplicates(corpus.texts, threads=1)
    turn = np.random.default_rng(0).permutation(SIZE)
    back = np.empty_like(straight)
    back[turn] = find_near_duplicates([corpus.texts[at] for at in turn.tolist()], threads=2)
    assert rows_changed(straight, back) == 0


@dataclass(frozen=True)
class Known:
    """What was measured before, in percent: posts in families of two or more accounts, accounts
    with a post in one, accounts with posts in three.
    """

    file: str
    posts: float
    accounts: float
    accounts_of_three: float
    only_type: str | None = None


KNOWN = [
    Known("ira_troll_tweets/en_dev.parquet", 25.9, 84, 73),
    Known("ira_troll_tweets/en_dev.parquet", 14.8, 77, 68, only_type="T"),
    Known("ira_troll_tweets/ru_dev.parquet", 58.4, 98, 80),
    Known("us_congress_2016_party/posts_dev.parquet", 0.4, 7, 0.0),
    Known("mayweather_mcgregor_organic/posts_dev.parquet", 3.3, 3, 0.1),
    Known("uk_ep2014_mentions/posts.parquet", 2.0, 3, 0.1),
    Known("pheme_rumour_sources/posts_dev.parquet", 14.0, 21, 1.0),
    Known("telegram_ru_news/posts.parquet", 13.5, 92, 83),
    Known("iran_io_slice/posts_dev.parquet", 27.3, 35, 8.3),
    Known("iran_election_2024_fa/posts_dev.parquet", 62.7, 69, 5.5),
]
WORDS = 5
POINTS = 2.0


@pytest.mark.parametrize("known", KNOWN, ids=lambda k: k.file.split("/")[0] + (k.only_type or ""))
def test_figures_of_real_corpora_are_met_within_two_points(known: Known, shared_data: Path) -> None:
    posts = _long_posts(pq.read_table(shared_data / known.file), known.only_type)
    family = find_near_duplicates(posts.column("text"), 0.7, "word-1")
    accounts = posts.column("account_id").cast(pa.string()).combine_chunks().dictionary_encode()
    account = accounts.indices.to_numpy().astype(np.int64)
    cells = np.unique(np.stack([family, account]), axis=1)
    shared = np.bincount(cells[0], minlength=family.max() + 1) >= 2
    of_account = np.bincount(cells[1][shared[cells[0]]], minlength=len(accounts.dictionary))
    assert 100 * shared[family].mean() == pytest.approx(known.posts, abs=POINTS)
    assert 100 * (of_account >= 1).mean() == pytest.approx(known.accounts, abs=POINTS)
    assert 100 * (of_account >= 3).mean() == pytest.approx(known.accounts_of_three, abs=POINTS)


def _long_posts(posts: pa.Table, only_type: str | None) -> pa.Table:
    """Posts of five words or more; a post of mentions alone has none."""
    posts = posts.filter(pc.is_valid(posts.column("text")))
    if only_type:
        posts = posts.filter(pc.equal(posts.column("post_type"), only_type))
    blanks = pc.count_substring(normalized_column(posts.column("text")), " ")
    return posts.filter(pc.greater_equal(blanks, WORDS - 1))
