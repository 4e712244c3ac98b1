"""Who was the first to write a point more often than chance gives?

In: carrying posts of one campaign. Out: for each account how many points it carried and how many of
them it was the first to write, the number that chance gives, p and q.

H0: within a point, the order of its posts is exchangeable: each of the n posts is as likely to be
the first as any other, so an account with k of them is first with the chance k / n. Over points
these are independent, so the count is Poisson-binomial, whose tail is computed exactly (Wang 1993,
convolution). Activity is part of the null: who posts more is first more often by chance. q is
Benjamini and Hochberg's over all accounts that carried a point, first or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from corpus.significance import benjamini_hochberg

if TYPE_CHECKING:
    import pandas as pd

NULL_IN_WORDS = (
    "H0: within each point every post is as likely to be the first as any other; p is the chance"
    " that an account with so many posts in these points is first in at least as many of them."
)


def first_writers(carried: pd.DataFrame) -> pd.DataFrame:
    """Return account_id (index), points, firsts, expected, p_value, q_value.

    Posts of one point at the same moment: the smaller post id counts as the first, which favours
    nobody, since ids are no part of what is tested.
    """
    import pandas as pd

    ordered = carried.sort_values(["at", "post_id"])
    first = ordered.drop_duplicates("point_id").set_index("point_id")["account_id"]
    size = carried.groupby("point_id").size()
    own = carried.groupby(["account_id", "point_id"]).size().rename("posts").reset_index()
    own["chance"] = own["posts"] / own["point_id"].map(size)
    own["first"] = own["point_id"].map(first) == own["account_id"]
    rows = [
        {
            "account_id": name,
            "points": len(part),
            "firsts": int(part["first"].sum()),
            "expected": float(part["chance"].sum()),
            "p_value": poisson_binomial_tail(part["chance"], int(part["first"].sum())),
        }
        for name, part in own.groupby("account_id", sort=True)
    ]
    columns = ["account_id", "points", "firsts", "expected", "p_value"]
    found = pd.DataFrame(rows, columns=columns).set_index("account_id")
    found["q_value"] = benjamini_hochberg(found["p_value"].to_numpy(float))
    return found


def poisson_binomial_tail(chances: Iterable[float], least: int) -> float:
    """P(at least `least` successes) of independent trials with these chances."""
    if least <= 0:
        return 1.0
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1.0 - chance, chance])
    return float(min(1.0, counts[least:].sum()))
