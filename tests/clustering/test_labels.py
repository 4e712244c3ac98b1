"""Names of narratives: by accounts, without function words, distinct, spelled as written."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clustering.labels import Usage, labels_from_terms, narrative_terms, terms


def usage(triples: list[tuple[int, int, int]]) -> Usage:
    columns = np.array(triples, dtype=np.int64).reshape(-1, 3).T
    return Usage(*columns)


def test_one_loud_account_cannot_name_a_narrative() -> None:
    texts = ["harbour bridge toll", "harbour bridge plan", *[f"zebra zoo {n}x" for n in range(9)]]
    said = [(0, account, account % 2) for account in range(6)]
    said += [(0, 7, point) for point in range(2, 11)]
    assert narrative_terms(usage(said), texts, 1, "en")[0][0] == "harbour bridge"


def test_what_every_narrative_says_names_none() -> None:
    texts = ["news bridge harbour", "news bridge toll", "news bread price", "news bread market"]
    said = [(point // 2, point, point) for point in range(4)]
    first, second = narrative_terms(usage(said), texts, 2, "en")
    assert "bridge" in first[0]
    assert "bread" in second[0]


def test_function_words_and_numbers_name_nothing() -> None:
    assert terms("it is the 17 of them", "en") == set()
    assert terms("این را از آن", "fa") == set()


def test_pairs_are_of_neighbouring_words_only() -> None:
    assert terms("harbour of bridge", "en") == {"harbour", "bridge"}
    assert "harbour bridge" in terms("the harbour bridge", "en")


def test_a_pair_takes_the_place_of_its_words() -> None:
    texts = ["harbour bridge", "harbour bridge", "harbour wall", "harbour bridge"]
    found = narrative_terms(usage([(0, n, n) for n in range(4)]), texts, 1, "en")[0]
    assert "harbour bridge" in found
    assert "harbour" not in found and "bridge" not in found


def test_equal_labels_are_told_apart_by_further_terms() -> None:
    shared = ["a", "b", "c", "d"]
    labels = labels_from_terms([[*shared, "e"], [*shared, "f"], ["g"]], ["", "", ""])
    assert labels == ["a · b · c · d · e", "a · b · c · d · f", "g"]


def test_a_narrative_without_terms_is_named_by_its_quote() -> None:
    assert labels_from_terms([[]], ["🎉 🎉 what is it to you then again"]) == [
        "🎉 🎉 what is it to"
    ]


def test_no_texts_give_no_terms() -> None:
    assert narrative_terms(usage([]), [], 2, "en") == [[], []]


def test_the_order_of_rows_changes_no_name() -> None:
    texts = ["bridge toll harbour", "bridge plan harbour", "bread price", "bread market"]
    said = [(point // 2, account, point) for point in range(4) for account in range(3)]
    assert narrative_terms(usage(said), texts, 2, "en") == narrative_terms(
        usage(said[::-1]), texts, 2, "en"
    )


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("abcdef"), unique=True), st.sampled_from(["q", "q r"]))
    )
)
def test_no_two_narratives_carry_the_same_label(own: list[tuple[list[str], str]]) -> None:
    labels = labels_from_terms([terms for terms, _ in own], [quote for _, quote in own])
    assert len(set(labels)) == len(own)
    assert all(labels)


def test_scripts_without_blanks_are_named_by_runs_of_letters() -> None:
    texts = ["港口大橋封閉了嗎", "為什麼港口大橋又封閉", "聽說港口大橋明天通行", "麵包價格"]
    said = [(int(point == 3), point, point) for point in range(4)]
    bridge, _ = narrative_terms(usage(said), texts, 2, "zh")
    assert "港口大橋" in bridge
    assert not any(term != "港口大橋" and term in "港口大橋" for term in bridge)


def test_a_thai_letter_keeps_its_marks() -> None:
    found = terms("น้ำท่วม", "th")
    assert found
    assert all(not run.startswith(("้", "่", "ำ")) or run[0] == "ำ" for run in found)
    assert "น้ำ" in found or any(run.startswith("น้") for run in found)
