"""What differs between two parts of a case: counts of accounts, with the words beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from corpus.errors import InputError, SettingsError
from narrashift import Analysis, Settings, analyze
from narrashift.cli import run

START = pd.Timestamp("2020-07-17T00:00:00Z")


def written() -> pd.DataFrame:
    """Forty accounts talk of the harbour all week; from the second day thirty speak of a levy."""
    rows = []
    for account in range(40):
        for day in range(4):
            said = ["the harbour lights were lovely again tonight", "a calm day at the harbour"][
                day % 2
            ]
            late = day >= 2 and account < 30
            rows.append(
                {
                    "post_id": f"{account}-{day}",
                    "account_id": f"a{account}",
                    "created_at": START + pd.Timedelta(days=day, minutes=account),
                    "text": "stop the bridge levy in Velmora now #NoLevy" if late else said,
                    "lang": "en",
                    "camp": "north" if account % 2 else "south",
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def case() -> Analysis:
    settings = Settings.load(
        overrides={
            "event.start": "2020-07-19T00:00:00Z",
            "event.end": "2020-07-22T00:00:00Z",
            "reading.keep": ("camp",),
            "narratives.embedder": "fitted",
        }
    )
    return analyze(written(), settings=settings)


def test_what_began_with_the_event_stands_first(case: Analysis) -> None:
    found = case.compare("event")
    during = found[(found["part"] == "during") & (found["unit"] == "hashtag")].iloc[0]
    assert during["unit_id"] == "nolevy"
    assert (during["accounts"], during["accounts_of"]) == (30, 40)
    assert (during["rest"], during["rest_of"]) == (0, 40)
    assert during["low"] > 0
    assert during["q_value"] < 0.05


def test_the_counts_are_accounts_of_the_posts_that_the_evidence_begins(case: Analysis) -> None:
    posts = case.tables["posts"].set_index("post_id")
    for row in case.compare("event").itertuples():
        first = posts.loc[row.evidence]
        assert (first["created_at"] >= pd.Timestamp("2020-07-19T00:00:00Z")) == (
            row.part == "during"
        )
        assert 0 < row.accounts <= row.accounts_of
        assert row.posts >= row.accounts
        assert row.low <= row.log_odds <= row.high


def test_a_column_that_was_kept_parts_the_case_and_says_when_nothing_differs(
    case: Analysis,
) -> None:
    found = case.compare("camp")
    assert set(found["part"]) == {"north", "south"}
    assert (found["low"] < 0).all()


def test_an_unknown_way_is_refused_with_those_that_there_are(case: Analysis) -> None:
    with pytest.raises(SettingsError, match=r"nothing is called 'colour' here; --by takes event"):
        case.compare("colour")


def test_one_part_alone_cannot_be_compared(case: Analysis) -> None:
    with pytest.raises(InputError, match="one part, 'en', holds posts"):
        case.compare("language")


def test_the_command_prints_pseudonyms_and_writes_csv(
    case: Analysis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(case.save(tmp_path / "case"))
    assert run(["compare", folder, "--by", "event", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows
    assert not {row["evidence"] for row in rows} & set(case.tables["posts"]["post_id"])
    assert run(["compare", folder, "--by", "camp"]) == 0
    assert "north: nothing beyond noise" in capsys.readouterr().out
    assert run(["compare", folder, "--by", "event", "--out", str(tmp_path / "d.csv")]) == 0
    assert len(pd.read_csv(tmp_path / "d.csv")) == len(case.compare("event"))
