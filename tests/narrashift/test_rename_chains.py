"""Handles beside posts become rename chains, keyed by the platform's account id."""

from __future__ import annotations

import pandas as pd
import pytest

from corpus.settings import Settings
from narrashift import analyze

MAPPED = Settings.load(
    overrides={
        "narratives.embedder": "fitted",
        "reading.map": ("account_id=platform_account", "handle=account_id"),
    }
)


def rows(first: str, second: str) -> pd.DataFrame:
    """One account renamed once; its later handle also labels single earlier posts, some of them in
    the very minute of a post under the earlier one, as crawled archives have it.
    """
    seen = [
        (f"2020-05-{day:02d}T{hour:02d}:00:00Z", first) for day in (1, 2, 3) for hour in (6, 18)
    ]
    seen += [("2020-05-02T06:00:00Z", second), ("2020-05-02T18:00:00Z", second)]
    seen += [("2020-05-03T12:00:00Z", second)]
    seen += [(f"2020-05-{day:02d}T09:00:00Z", second) for day in range(5, 12)]
    return pd.DataFrame(
        [
            {
                "platform_account": "4210000001",
                "account_id": handle,
                "time": at,
                "text": f"note {n}",
            }
            for n, (at, handle) in enumerate(seen)
        ]
    )


@pytest.mark.parametrize(
    ("first", "second"), [("harbor_desk", "quay_news"), ("quay_news", "harbor_desk")]
)
def test_stray_labels_make_no_renames(first: str, second: str) -> None:
    events = analyze(rows(first, second), settings=MAPPED).tables["account_events"]
    renamed = events[events["kind"] == "renamed"]
    assert renamed[["account_id", "before", "after"]].to_numpy().tolist() == [
        ["4210000001", first, second]
    ]
    assert str(renamed["at"].iloc[0]) == "2020-05-05 09:00:00+00:00"
