"""A new name beside posts that hold a marker: whose path do they speak of?"""

from __future__ import annotations

import pytest

from personas.self_said import may_speak_of_writer
from personas.suppression import suppression_markers

FEED = [f"Slow traffic near bridge {n} tonight" for n in range(1_000)]
# fmt: off
OWN = [
    "I came out as trans last year, thanks all", "two years on hrt today",
    "my #TopSurgery is booked",
    "I am a trans woman", "finally told mum I'm transgender!",
    "as a nonbinary person I find this odd",
    "started estrogen, finally", "من ترنس هستم", "Ich bin trans", "je suis une femme trans",
    "soy una mujer trans", "🏳️‍⚧️",
]
OTHERS = [
    "Court hears case on transgender students", "TransAsia plane lands", "Delays on I-77 NB",
    "'@somebody: I want a transgender bathroom rule'", "New rule. Gender identity again. I am off",
]
# fmt: on


@pytest.mark.parametrize("text", OWN)
def test_one_post_among_a_thousand_that_may_speak_of_the_writer_is_enough(text: str) -> None:
    assert suppression_markers(text)
    assert may_speak_of_writer([*FEED, text], suppression_markers)


@pytest.mark.parametrize("text", OTHERS)
def test_a_rare_post_about_others_hides_no_rename(text: str) -> None:
    assert suppression_markers(text)
    assert not may_speak_of_writer([*FEED, text], suppression_markers)


@pytest.mark.parametrize("text", OTHERS)
def test_an_account_that_often_writes_of_it_is_hidden_whatever_the_words(text: str) -> None:
    assert may_speak_of_writer([*FEED[:100], text], suppression_markers)


def test_without_a_marker_nothing_is_hidden() -> None:
    assert not may_speak_of_writer(FEED, suppression_markers)
    assert not may_speak_of_writer([], suppression_markers)
