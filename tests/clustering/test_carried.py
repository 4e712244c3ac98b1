"""Points become campaigns through the accounts that carry several of them."""

from __future__ import annotations

import pandas as pd
import pytest

from clustering.carried import campaign_of_points


@pytest.mark.parametrize("accounts", [100, 128, 200])
def test_points_join_whatever_the_number_of_accounts(accounts: int) -> None:
    """100 to 128 accounts fit in codes of one byte, where adding an offset wraps."""
    points = [f"p{at}" for at in range(40)]
    start = pd.Timestamp("2031-05-01", tz="UTC")
    rows = [
        {"account_id": f"a{who:03d}", "point_id": point, "at": start + pd.Timedelta(minutes=who)}
        for who in range(accounts)
        for point in (points[who % 40], points[(who + 1) % 40])
    ]
    named = campaign_of_points(pd.DataFrame(rows))
    assert sorted(named) == sorted(points)
    assert len(set(named.values())) == 1
