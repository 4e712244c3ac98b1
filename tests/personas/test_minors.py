"""An account whose latest stated age is below 18 gets no claims and no shifts."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from personas import PersonaTracker

YOUNG = [
    "16yrs", "16 yrs", "16 y/o", "16 yo", "16yo", "fifteen years old", "i'm 15", "I’m 15",
    "i am 15", "im 15 and love cats", "im 14 lol", "I'm sixteen", "age 17", "15", "17 years",
    "seventeen year old", "16 años", "tengo 15 años", "tenho 15 anos", "ich bin 16 Jahre alt",
    "мне 15 лет", "16 yaşında", "j'ai 16 ans", "عمري ١٦ سنة", "۱۶ ساله",
]  # fmt: skip
GROWN = ["30 yrs", "i'm 45", "twenty years old", "married 16 yrs", "16 yrs experience", "61 y/o"]


def _claims(said: str) -> tuple[int, str]:
    rows = [
        {"account_id": "1", "observed_at": datetime(2022, month, 1, tzinfo=UTC), "bio": bio}
        for month, bio in ((1, "Communist"), (2, "Communist"), (4, f"{said}, monarchist"))
    ]
    fitted = PersonaTracker().fit(pd.DataFrame(rows))
    return len(fitted.claims_) + len(fitted.shifts_), fitted.coverage_["reason"].item()


@pytest.mark.parametrize("said", YOUNG)
def test_a_stated_age_below_eighteen_withholds_every_claim(said: str) -> None:
    rows, reason = _claims(said)
    assert rows == 0
    assert "under 18" in reason


@pytest.mark.parametrize("said", GROWN)
def test_other_ages_and_spans_of_years_withhold_nothing(said: str) -> None:
    assert _claims(said)[0] > 0
