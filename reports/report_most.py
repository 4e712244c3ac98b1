"""Which accounts wrote most of a narrative, in how many posts?

In: the own posts of a narrative. Out: the busiest accounts, under pseudonyms, each with its number
of posts and the first of them. To write much about a subject is ordinary; it is told so that a
reader sees whether a narrative is many voices or few. Nothing is told where a threshold on accounts
is set.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from reports import wording
from reports.evidence import Evidence
from reports.links import tally
from reports.opens import WRITTEN, both

MOST = 5
# An account with fewer is one voice among others.
LEAST_POSTS = 2


@dataclass(frozen=True)
class Busy:
    """One account and what it wrote."""

    account: str
    posts: str
    opens: str


def busiest(evidence: Evidence, posts: pa.Table) -> list[Busy]:
    """Return at most MOST accounts with LEAST_POSTS own posts or more, most posts first."""
    if evidence.redactor.min_accounts > 1 or not posts.num_rows:
        return []
    narrative_id = posts["narrative_id"][0].as_py()
    of_narrative = evidence.opens.narrative(narrative_id)
    return [
        Busy(
            evidence.redactor.account(account),
            wording.count(number, "post"),
            both(of_narrative, evidence.opens.account(account), WRITTEN),
        )
        for account, number in tally(posts, "account_id")[:MOST]
        if number >= LEAST_POSTS
    ]
