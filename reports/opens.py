"""Which posts stand behind a number? A short text that the page's script can follow.

In: ids of posts, accounts, talking points, narratives. Out: selectors for `data-posts` (a number
opens these posts) and `data-of` (a card is about these posts), such as `narrative:3 reposts`,
`account:5,9-11 written`, `posts:17,40-52` or `told time:1715904000-1715990400` (seconds since 1970,
without the last). Numbers are places in lists of this page, never ids:
posts in the order of time, the others as `PagePosts` lists them. Words separated by spaces must all
hold, numbers after a colon are alternatives. What the case does not hold gives "", which opens
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from reports.links import Links

EVERY = "all"
# Own posts: everything but reposts, as texts are counted everywhere; and what is left.
WRITTEN = "written"
REPOSTS = "reposts"
# Posts of any narrative.
TOLD = "told"


@dataclass(frozen=True)
class Opens:
    """Makes selectors; places in lists are the same for the same case in any row order."""

    links: Links

    @cached_property
    def narratives(self) -> list[str]:
        """Narrative ids, most posts first."""
        rows = self.links["narratives"].sort_by(
            [("posts", "descending"), ("narrative_id", "ascending")]
        )
        return list(rows["narrative_id"].to_pylist())

    @cached_property
    def points(self) -> list[str]:
        """Ids of talking points that two posts or more hold, sorted."""
        counts = pc.value_counts(self.links.posts["point_id"].drop_null()).to_pylist()
        return sorted(entry["values"] for entry in counts if entry["counts"] > 1)

    @cached_property
    def accounts(self) -> list[str]:
        """Ids of accounts that posted, in order of their first post: sorted ids tell their age."""
        return list(pc.unique(self.links.posts["account_id"].drop_null()).to_pylist())

    def narrative(self, *narrative_ids: str) -> str:
        """Posts of any of these narratives, reposts included."""
        return _among("narrative", narrative_ids, self._place_of_narrative)

    def point(self, *point_ids: str) -> str:
        """Posts of any of these talking points, reposts included."""
        known = [point for point in point_ids if point in self._place_of_point]
        if len(known) == len(point_ids):
            return _among("point", known, self._place_of_point)
        rows = self.links.posts
        wanted = pc.is_in(rows["point_id"], value_set=pa.array(point_ids, pa.string()))
        return self.posts(rows.filter(wanted)["post_id"].to_pylist())

    def account(self, *account_ids: str | None) -> str:
        """Posts of any of these accounts, reposts included."""
        return _among("account", (a for a in account_ids if a), self._place_of_account)

    def posts(self, post_ids: Iterable[str]) -> str:
        """Exactly these posts."""
        return _among("posts", post_ids, self.links.place_of_post)

    @cached_property
    def _place_of_narrative(self) -> dict[str, int]:
        return _places(self.narratives)

    @cached_property
    def _place_of_point(self) -> dict[str, int]:
        return _places(self.points)

    @cached_property
    def _place_of_account(self) -> dict[str, int]:
        return _places(self.accounts)


def both(*selectors: str) -> str:
    """Posts that every one of these selectors holds; "" when one of them opens nothing."""
    return " ".join(selectors) if all(selectors) else ""


def _places(ids: Sequence[str]) -> dict[str, int]:
    return {one: place for place, one in enumerate(ids)}


def _among(word: str, ids: Iterable[str], known: dict[str, int]) -> str:
    places = sorted({known[one] for one in ids if one in known})
    return f"{word}:{ranges(places)}" if places else ""


def ranges(places: Sequence[int]) -> str:
    """Write ascending numbers short: 3, 4, 5, 9 as "3-5,9"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
