"""Side texts and filters of the analyst's own columns, as they may be shown."""

from __future__ import annotations

import pyarrow as pa

from corpus.tables import KEPT_COLUMNS, POSTS
from corpus.tables.own_columns import WRITTEN
from reports.evidence import Evidence
from reports.exports.kept_beside import own_names, with_own
from reports.links import Links
from reports.redaction import Redactor
from reports.side_texts import MAX_CHARACTERS, MAX_VALUES, value_filters

KEY = b"k" * 32
HOSTILE = "<script>alert(1)</script>\u202e"


def case(*kept: tuple[str, str, str], texts: tuple[str, ...] = ("tea", "سلام‌ها")) -> Links:
    posts = [
        {"post_id": f"900{n}", "platform": "x", "account_id": f"a{n}", "text": text, "kind": "post",
         "handle": f"harbor_who{n}", "time_precision": "unknown", "urls": [], "hashtags": [],
         "mentions": [], "source_file": "f.csv", "source_row": n}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    rows = [{"post_id": p, "column": c, "value": v} for p, c, v in kept]
    return Links({"posts": POSTS.from_rows(posts), "kept_columns": KEPT_COLUMNS.from_rows(rows)})


def evidence(links: Links, mode: str = "pseudonym", quotes: str = "exact") -> Evidence:
    return Evidence(links, Redactor.of(links.tables, mode, KEY, quotes=quotes), 50, "case")


def test_a_translation_stands_under_the_whole_post_labelled_and_redacted() -> None:
    links = case(("9001", "translation", "hello @harbor_who0"))
    cited = evidence(links).cite("9001")
    assert cited is not None
    (beside,) = cited.beside
    assert beside.label == "translation, as given in the file"
    assert "harbor_who0" not in beside.text and beside.text.startswith("hello @")


def test_beside_a_part_of_a_post_or_a_withheld_one_nothing_stands() -> None:
    links = case(("9001", "translation", "hello there"))
    part = evidence(links).cite("9001", quote="سلام", place="post")
    assert part is not None and part.beside == ()
    for hidden in (evidence(links, "full"), evidence(links, quotes="none")):
        whole = hidden.cite("9001")
        assert whole is not None and whole.beside == ()


def test_where_another_column_was_analyzed_the_citation_names_it() -> None:
    links = case(
        ("9000", WRITTEN, "چای"), ("9000", "translation", "tea"), ("9001", "translation", "hi")
    )  # fmt: skip
    found = evidence(links)
    one, two = found.cite("9000"), found.cite("9001")
    assert one is not None and two is not None
    assert one.place.endswith("row 0, column translation") and ":0, column" in one.cite
    assert [text.text for text in one.beside] == ["چای"]
    assert two.place.endswith("row 1")


def test_a_film_long_transcript_is_cut() -> None:
    links = case(("9000", "transcript", "word " * 5_000))
    cited = evidence(links).cite("9000")
    assert cited is not None
    assert len(cited.beside[0].text) < MAX_CHARACTERS + 10 and cited.beside[0].text.endswith("[…]")


def filters(links: Links, mode: str = "pseudonym", least: int = 1) -> list[tuple[str, list[str]]]:
    redactor = Redactor.of(links.tables, mode, KEY, min_accounts=least)
    ids = links.posts["post_id"].to_pylist()
    return [(one.name, one.values) for one in value_filters(links, redactor, ids)]


def test_a_kept_column_with_few_values_is_a_filter_and_no_other() -> None:
    many = tuple(("9000", f"c{n}", "x") for n in range(20))
    assert len(filters(case(*many))) == 8
    links = case(
        ("9000", "mood", "calm"), ("9000", "image_hash", "aa"), ("9001", "translation", "x")
    )
    assert filters(links) == [("mood", ["calm"])]
    same = case(("9000", "mood", "calm"), ("9001", "mood", "calm"))
    assert filters(same) == []
    texts = tuple(f"t{n}" for n in range(MAX_VALUES + 1))
    each = case(*((f"900{n}", "id", f"v{n}") for n in range(MAX_VALUES + 1)), texts=texts)
    assert filters(each) == []


def test_values_of_a_filter_are_redacted_and_their_unseen_signs_shown() -> None:
    links = case(("9000", "who", "harbor_who1"), ("9001", "who", HOSTILE))
    ((_, values),) = filters(links)
    assert values[0].startswith("user_") or values[1].startswith("user_")
    assert not any("\u202e" in value or "harbor_who1" in value for value in values)
    assert filters(links, "full") == [] and filters(links, least=2) == []


def test_exported_posts_have_the_columns_beside_them() -> None:
    links = case(("9000", "Mood!", "calm"), ("9001", "image_hash", "c0ffee"), ("9000", "mood", "x"))
    redactor = Redactor.of(links.tables, "pseudonym", KEY)
    kept = links["kept_columns"]
    names = own_names(kept, redactor)
    assert sorted(names.values()) == ["own_image_hash", "own_mood", "own_mood_2"]
    ids = links["posts"]["post_id"].to_pylist()
    made: pa.Table = with_own(links["posts"], ids, kept, names, redactor)
    assert made[names["Mood!"]].to_pylist() == ["calm", None]
    assert made[names["mood"]].to_pylist() == ["x", None]
    (digest,) = made["own_image_hash"].drop_null().to_pylist()
    assert digest.startswith("pic_")
