"""Shared passages: found wherever they stand, at exact offsets, whatever the order of the rows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.passages import generate
from clustering import passage_search, passages
from clustering.jaccard import ShingleSets
from clustering.passages import PassageTables, find_shared_passages
from corpus.errors import SchemaError
from corpus.settings import Passages
from corpus.tables import POSTS, SHARED_PASSAGES, check
from engines.local import LocalEngine
from nlp.normalize import Normalize, normalize

START = datetime(2031, 5, 1, tzinfo=UTC)
TOWN = (
    "harbour union bread summit council velmora ferry winter ballot minister price strike letter"
    " island market signal treaty village railway bridge teacher harvest customs lantern orchard"
    " quarry senate timber valley weaver granite compass journal kettle ladder mirror needle oyster"
    " pepper quiver ribbon saddle thistle urchin violet walnut yellow zephyr anchor barrel candle"
)
WORDS = TOWN.split(" ")


def sentence(rng: random.Random, words: int = 14) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def article(rng: random.Random, sentences: int = 8) -> list[str]:
    return [sentence(rng) for _ in range(sentences)]


def make_posts(*rows: tuple[str, str, str], **more: Any) -> pa.Table:
    """Posts of (post_id, account_id, text), one minute apart."""
    return POSTS.from_rows(
        [
            {
                "post_id": post_id, "platform": "web", "account_id": account, "text": text,
                "created_at": START + timedelta(minutes=at), "time_precision": "minute",
                "kind": "post", "urls": [], "hashtags": [], "mentions": [],
                "source_file": "a.csv", "source_row": at, **more,
            }
            for at, (post_id, account, text) in enumerate(rows)
        ]
    )  # fmt: skip


def find(posts: pa.Table, **options: Any) -> PassageTables:
    return find_shared_passages(
        LocalEngine(), posts=posts, texts=Normalize()(posts), settings=Passages(**options)
    )


def rows(posts: pa.Table, **options: Any) -> list[dict[str, Any]]:
    found = find(posts, **options).shared_passages
    check(found, SHARED_PASSAGES)
    made: list[dict[str, Any]] = found.to_pylist()
    return made


@pytest.fixture(scope="module")
def planted() -> pa.Table:
    """A small generated corpus in four scripts."""
    return generate(articles=60, seed=11).posts


def test_offsets_slice_the_quotes_out_of_the_texts(planted: pa.Table) -> None:
    texts = dict(zip(planted["post_id"].to_pylist(), planted["text"].to_pylist(), strict=True))
    found = rows(planted)
    assert len(found) > 20
    for row in found:
        assert row["post_a"] < row["post_b"]
        for side in "ab":
            text = texts[row[f"post_{side}"]]
            quote = text[row[f"start_{side}"] : row[f"end_{side}"]]
            assert quote == row[f"quote_{side}"]
            assert quote == quote.strip()


def test_the_order_of_the_rows_changes_nothing(planted: pa.Table) -> None:
    order = list(range(planted.num_rows))
    random.Random(4).shuffle(order)
    assert find(planted.take(order)).shared_passages.equals(find(planted).shared_passages)


def test_similarities_are_exact(planted: pa.Table) -> None:
    for row in rows(planted):
        quotes = normalize([row["quote_a"], row["quote_b"]])
        sets = ShingleSets(quotes, "mixed")
        if not sets.by_words.all():  # a place holds whole stretches between blanks
            continue
        shared = int(sets.shared([0], [1])[0])  # type: ignore[arg-type]
        assert row["containment"] == pytest.approx(shared / min(sets.sizes), abs=1e-6)
        either = sets.sizes.sum() - shared
        assert row["jaccard"] == pytest.approx(shared / either, abs=1e-6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.integers(1, 3), st.booleans())
def test_what_two_articles_share_does_not_depend_on_their_ids(
    seed: int, shared: int, later_first: bool
) -> None:
    rng = random.Random(seed)
    first, second = article(rng), article(rng)
    second[3:3] = first[2 : 2 + shared]
    ids = ("x", "y") if later_first else ("y", "x")
    texts = (" ".join(first), "\n".join(second))
    found = rows(make_posts((ids[0], "one", texts[0]), (ids[1], "two", texts[1])))
    assert len(found) == 1
    [row] = found
    side = {row["post_a"]: "a", row["post_b"]: "b"}
    quotes = [row[f"quote_{side[post_id]}"] for post_id in ids]
    for quote, joiner in zip(quotes, (" ", "\n"), strict=True):
        assert joiner.join(first[2 : 2 + shared]) in quote
        assert len(quote) <= len(joiner.join(first[2 : 2 + shared])) + 20
    assert row["kind"] == "copied"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 7), st.booleans())
def test_a_sentence_lifted_from_an_article_is_found_in_a_post(
    seed: int, which: int, with_comment: bool
) -> None:
    rng = random.Random(seed)
    body = article(rng)
    words = body[which].split(" ")
    words[6] = "somewhat"
    text = " ".join(words)
    post = f"Read this!! {text} #velmora https://e.example/1" if with_comment else text
    [row] = rows(make_posts(("a", "outlet", " ".join(body)), ("b", "reader", post)))
    assert row["quote_a"] == body[which]
    assert row["quote_b"] == text
    assert row["containment"] >= 0.7
    assert row["kind"] == "contained"
    assert row["share_b"] > 0.7 > row["share_a"]


def test_half_of_a_long_sentence_is_found_where_it_stands() -> None:
    rng = random.Random(5)
    body = [sentence(rng), sentence(rng, 40), sentence(rng)]
    half = " ".join(body[1].split(" ")[20:])
    [row] = rows(make_posts(("a", "outlet", " ".join(body)), ("b", "reader", half)))
    assert row["quote_a"] == half
    assert row["kind"] == "contained"


def test_neighbouring_sentences_make_one_span_and_distant_ones_two() -> None:
    rng = random.Random(6)
    first, second = article(rng, 12), article(rng, 12)
    second[2:4], second[9:10] = first[5:7], first[1:2]
    posts = make_posts(("a", "one", " ".join(first)), ("b", "two", " ".join(second)))
    found = sorted(rows(posts), key=lambda row: row["start_a"])
    assert [row["quote_a"] for row in found] == [first[1], " ".join(first[5:7])]


def test_a_passage_in_quotation_marks_is_marked() -> None:
    rng = random.Random(7)
    statement = sentence(rng, 16).rstrip(".")
    texts = [" ".join([*article(rng), f"She said: “{statement}”.", *article(rng)]) for _ in "ab"]
    [row] = rows(make_posts(("a", "one", texts[0]), ("b", "two", texts[1])))
    assert row["kind"] == "quoted"
    assert statement in row["quote_a"]


def test_lines_under_every_text_of_an_account_are_boilerplate() -> None:
    rng = random.Random(8)
    line = "Subscribe to the harbour letter and never miss the news of the valley, number"
    written = [
        (f"{account}{at}", account, " ".join(article(rng)) + f"\n{line} {at}")
        for at in range(8)
        for account in ("north", "south")
    ]
    found = find(make_posts(*written))
    kinds = found.shared_passages["kind"].to_pylist()
    # The earliest text of each account stands for the other fourteen.
    assert kinds == ["boilerplate"]
    assert found.shared_passages["post_a"].to_pylist() == ["north0"]
    assert any("recur in many texts of their account" in note for note in found.notes)


def test_what_talking_points_tell_is_left_out() -> None:
    rng = random.Random(9)
    text = " ".join(article(rng))
    short = sentence(rng, 20)
    posts = make_posts(
        ("a", "one", text),
        ("b", "one", f"{sentence(rng)} {text}"),  # the same account
        ("c", "two", text.upper()),  # an equal text
        ("d", "three", short),
        ("e", "four", f"{short} And {sentence(rng, 4)}"),  # two short texts
    )
    found = find(posts)
    # b repeats its own account's text; c equals a and is stood for by it.
    assert found.shared_passages.num_rows == 0
    assert any("1 posts were left out" in note for note in found.notes)


def test_reposts_are_left_out() -> None:
    rng = random.Random(10)
    text = " ".join(article(rng))
    first = make_posts(("a", "one", text))
    later = make_posts(("b", "two", f"RT @one: {text[:400]}"), kind="repost")
    assert find(pa.concat_tables([first, later])).shared_passages.num_rows == 0


def test_texts_without_an_account_are_compared_to_all_others() -> None:
    rng = random.Random(12)
    body = article(rng)
    texts = [("a", "", " ".join(body)), ("b", "", " ".join([*article(rng), body[3]]))]
    posts = make_posts(*texts)
    posts = posts.set_column(2, "account_id", pa.nulls(2, pa.string()))
    assert [row["quote_a"] for row in rows(posts)] == [body[3]]


def test_no_long_text_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be compared")

    posts = make_posts(("a", "one", "Bread and work. " * 9), ("b", "two", "Bread and work. " * 8))
    monkeypatch.setattr("clustering.passages.build_runs", never)
    found = find_shared_passages(LocalEngine(), posts=posts, texts=Normalize()(posts))
    assert found.shared_passages.equals(SHARED_PASSAGES.empty())
    assert found.notes == ()
    assert find_shared_passages(
        LocalEngine(), posts=POSTS.empty(), texts=Normalize()(POSTS.empty())
    ).shared_passages.equals(SHARED_PASSAGES.empty())


def test_a_text_that_many_hold_costs_a_bounded_number_of_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passage_search, "LISTED", 5)
    monkeypatch.setattr(passages, "LISTED", 5)
    rng = random.Random(13)
    line = sentence(rng, 15)
    written = [
        (f"p{at:03d}", f"account{at}", f"{' '.join(article(rng))} {line}") for at in range(60)
    ]
    found = find(make_posts(*written))
    pairs = found.shared_passages.select(["post_a", "post_b"]).to_pylist()
    assert {row["post_a"] for row in pairs} <= {f"p{at:03d}" for at in range(5)}
    assert {row["post_b"] for row in pairs} >= {f"p{at:03d}" for at in range(5, 60)}
    assert any("compared to the earliest 5 texts" in note for note in found.notes)


def test_strange_texts_pass_through() -> None:
    strange = ["", "ha " * 200, "😡" * 400, "https://e.example/ " * 40, "漢" * 500, "\u200c" * 400]
    posts = make_posts(*[(f"p{at}", f"a{at}", text) for at, text in enumerate(strange * 2)])
    assert rows(posts) == []


def test_posts_without_texts_are_refused() -> None:
    posts = make_posts(("a", "one", "word " * 100))
    with pytest.raises(SchemaError, match="1 posts have no row"):
        find_shared_passages(LocalEngine(), posts=posts, texts=Normalize()(POSTS.empty()))


def test_every_post_meets_the_article_however_many_posts_say_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passage_search, "LISTED", 5)
    rng = random.Random(14)
    body = article(rng)
    posts = [(f"p{at:03d}", f"reader{at}", f"{body[4]} So it goes, {at}") for at in range(30)]
    found = rows(make_posts(*posts, ("z", "outlet", " ".join(body))))
    assert {row["post_a"] for row in found} == {post_id for post_id, _, _ in posts}
    assert {(row["post_b"], row["quote_b"]) for row in found} == {("z", body[4])}
