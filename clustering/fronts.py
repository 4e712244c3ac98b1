"""Which domains, hashtags and bio templates does one group promote together, and others do not?

In: posts, profiles' bio templates, and groups of accounts (validated groups, campaigns). Out: rows
of the table fronts. Values that several groups promote join these groups to one candidate network,
across platforms.

H0: the accounts that use a value are drawn from all accounts of the corpus without regard to the
group, so the number in the group is hypergeometric; p is the chance of at least as many. Every
value that three accounts of a group use is a test, and q is Benjamini and Hochberg's over all of
them; a value counts when at most as many accounts outside use it as inside. A tag that everybody
uses is thus no front, and a tag of a group alone is one whatever it says. It is a candidate: shared
taste makes common tags too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from clustering.url_forms import canonical_url, host_of, is_short
from corpus.identity import content_id
from corpus.significance import benjamini_hochberg
from corpus.tables import FRONTS

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
# Accounts of a group that use a value, for "together": as many as make a group.
LEAST_ACCOUNTS = 3
# "Others do not": outside at most so many accounts for each inside.
MOST_OUTSIDE = 1.0
EVIDENCE = 10
NULL_IN_WORDS = (
    "H0: who uses it is drawn from all accounts of the corpus without regard to the group; p is"
    " the chance of at least as many accounts of the group among them (hypergeometric). It"
    " describes the group: the posts that made it may hold the value, and a value of one language"
    " is rarer elsewhere."
)


def find_fronts(
    *, posts: pa.Table, groups: Mapping[str, Sequence[str]], bio_templates: pa.Table | None = None
) -> pa.Table:
    """Return FRONTS.

    Parameters
    ----------
    posts, bio_templates
        The tables of these names; without the second no bio is compared.
    groups
        Accounts of each group by its id.
    """
    used = _uses(posts, bio_templates)
    accounts = set(posts.column("account_id").drop_null().to_pylist()) | set(used["account_id"])
    rows = [
        row
        for group_id in sorted(groups)
        for row in _tests(group_id, set(groups[group_id]) & accounts, used, len(accounts))
    ]
    q_values = benjamini_hochberg([row["p_value"] for row in rows])
    kept = [
        {**row, "q_value": float(q), "null_model": NULL_IN_WORDS}
        for row, q in zip(rows, q_values, strict=True)
        if q <= LEVEL and row["accounts_out"] <= MOST_OUTSIDE * row["accounts_in"]
    ]
    networks = _networks(kept)
    return FRONTS.from_rows([{**row, "network_id": networks[row["group_id"]]} for row in kept])


def _uses(posts: pa.Table, bio_templates: pa.Table | None) -> pd.DataFrame:
    """Return one row an account and value: kind, value, account_id, platform, source (an id)."""
    import pandas as pd

    known = posts.filter(pc.is_valid(posts.column("account_id")))
    own = known.filter(pc.not_equal(known.column("kind"), "repost"))
    rows = own.select(["post_id", "account_id", "platform", "hashtags", "urls"]).to_pylist()
    found = [
        (kind, value, row["account_id"], row["platform"], row["post_id"])
        for row in rows
        for kind, value in _values(row)
    ]
    if bio_templates is not None:
        columns = ["template_id", "account_id", "source_id"]
        found += [
            ("bio_template", each["template_id"], each["account_id"], "", each["source_id"])
            for each in bio_templates.select(columns).to_pylist()
        ]
    columns = ["kind", "value", "account_id", "platform", "source"]
    frame = pd.DataFrame(sorted(set(found)), columns=columns)
    return frame.drop_duplicates(["kind", "value", "account_id", "platform"])


def _values(row: Mapping[str, Any]) -> set[tuple[str, str]]:
    tags = {("hashtag", tag.lower()) for tag in row["hashtags"] or ()}
    hosts = {host_of(canonical_url(url) or "") for url in row["urls"] or () if not is_short(url)}
    return tags | {("domain", host) for host in hosts if host}


def _tests(
    group_id: str, members: set[str], used: pd.DataFrame, accounts: int
) -> list[dict[str, Any]]:
    """One row for each value that enough accounts of the group use."""
    from scipy.stats import hypergeom

    inside = used[used["account_id"].isin(members)]
    everyone = used.groupby(["kind", "value"])["account_id"].nunique().to_dict()
    rows = []
    for _, part in inside.groupby(["kind", "value"], sort=True):
        each = part.drop_duplicates("account_id")
        kind, value, count = str(each["kind"].iloc[0]), str(each["value"].iloc[0]), len(each)
        if count < LEAST_ACCOUNTS:
            continue
        users = int(everyone[(kind, value)])
        p_value = float(hypergeom.sf(count - 1, accounts, users, len(members)))
        rows.append(
            {
                "group_id": group_id, "kind": kind, "value": value,
                "accounts_in": count, "accounts_out": users - count,
                "expected": len(members) * users / accounts,
                "platforms": sorted(set(part["platform"]) - {""}),
                "p_value": min(1.0, max(0.0, p_value)),
                "evidence": each["source"].tolist()[:EVIDENCE],
            }
        )  # fmt: skip
    return rows


def _networks(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return group_id to network_id: groups that promote a common value belong together."""
    groups_of: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        groups_of.setdefault((row["kind"], row["value"]), set()).add(row["group_id"])
    networks: dict[str, set[str]] = {row["group_id"]: {row["group_id"]} for row in rows}
    for together in groups_of.values():
        whole = set().union(*(networks[group] for group in together))
        for group in whole:
            networks[group] = whole
    return {group: content_id("network", *sorted(whole)) for group, whole in networks.items()}
