"""Words for numbers and word diffs: short, exact, never rounded to nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import wording
from reports.diff import diff_html, word_diff

TEXTS = st.text(alphabet=st.sampled_from("ab \n\tاین‌👩‍👧#@<&"), max_size=40)


@given(TEXTS, TEXTS)
def test_a_word_diff_gives_both_texts_back(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert "".join(text for what, text in pieces if what != "new") == before
    assert "".join(text for what, text in pieces if what != "gone") == after


def test_a_word_diff_marks_what_came_and_went_and_escapes_it() -> None:
    assert str(diff_html("we want peace", "we <b> peace")) == (
        "we <del>want</del><ins>&lt;b&gt;</ins> peace"
    )


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 9, "0 %"), (1, 900, "under 1 %"), (899, 900, "over 99 %"), (9, 9, "100 %"), (1, 0, "0 %")],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, words: str) -> None:
    assert wording.share(part, whole) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 second"), (119, "119 seconds"), (3_600, "60 minutes"), (3_601, "61 minutes"),
     (86_400, "24 hours"), (10 * 86_400, "10 days")],
)  # fmt: skip
def test_a_span_is_rounded_up(seconds: int, words: str) -> None:
    assert wording.span(seconds) == words


def test_a_time_is_told_no_finer_than_it_is_known() -> None:
    at = datetime(2031, 5, 1, 8, 30, 59, tzinfo=UTC)
    assert wording.moment(at) == "2031-05-01 08:30 UTC"
    assert wording.moment(at, "day") == "2031-05-01"
    assert wording.moment(None) == "an unknown time"


def test_sentences_begin_and_end_as_sentences_do() -> None:
    assert wording.sentence("both were kept") == "Both were kept."
    assert wording.sentence("Ends.") == "Ends."
    assert wording.sentence("posts.csv: no zone") == "posts.csv: no zone."
    assert wording.joined(["a", "b", "c"]) == "a, b and c"
