"""When was each account created, when did it post, how long was it silent, when was it last seen?

In: the linked tables of a case. Out: one `Life` an account, and the curve of accounts last seen by
day. It reads these files only: silence may be a gap of the collection, and an account that stops
being seen need not be gone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.compute as pc

from reports.links import Links

# States in which a snapshot is no sign of life.
GONE = frozenset({"suspended", "deleted"})


@dataclass(frozen=True)
class Gap:
    """Time without a post: how long, the last post before it and the next one."""

    length: timedelta
    last: str
    next: str


@dataclass(frozen=True)
class Life:
    """Times of one account, oldest first: its posts, and the dated snapshots of its profile."""

    account_id: str
    created: datetime | None
    seen: tuple[datetime, ...]
    last_active: datetime | None
    snapshots: tuple[str, ...]
    state: str | None
    times: tuple[datetime, ...]
    posts: tuple[str, ...]

    @property
    def first_post(self) -> str | None:
        """The id of its oldest dated post."""
        return self.posts[0] if self.posts else None

    @property
    def last_sign(self) -> datetime | None:
        """The last post, or snapshot that does not state that the account was gone."""
        known = (*self.times[-1:], *((self.last_active,) if self.last_active else ()))
        return max(known, default=None)

    def longest_silence(self) -> Gap | None:
        """The longest time between two posts; None with fewer than two."""
        pairs = zip(self.times, self.times[1:], self.posts, self.posts[1:], strict=False)
        gaps = [Gap(end - start, last, following) for start, end, last, following in pairs]
        return max(gaps, key=lambda gap: gap.length, default=None)

    def silent_before(self, moment: datetime) -> timedelta:
        """From its last post before `moment` to that moment; zero when it had none before."""
        place = bisect_left(self.times, moment)
        return moment - self.times[place - 1] if place else timedelta(0)

    def last_until(self, moment: datetime) -> str | None:
        """The id of its last post before `moment`."""
        place = bisect_left(self.times, moment)
        return self.posts[place - 1] if place else None

    def first_from(self, moment: datetime) -> str | None:
        """The id of its first post from `moment` on."""
        place = bisect_left(self.times, moment)
        return self.posts[place] if place < len(self.posts) else None


Lives = Mapping[str, Life]


def lives_of(links: Links) -> Lives:
    """Return the life of every account of posts and profiles, by id."""
    posts = links.posts.filter(pc.is_valid(links.posts["created_at"]))
    dated: dict[str, list[tuple[datetime, str]]] = {}
    columns = ("account_id", "created_at", "post_id")
    for account, at, post in zip(*(posts[c].to_pylist() for c in columns), strict=True):
        if account is not None:
            dated.setdefault(account, []).append((at, post))
    profiled = _profiled(links)
    return {account: _life(account, dated, profiled) for account in links.accounts()}


@dataclass
class _Profile:
    created: datetime | None
    state: str | None
    seen: list[datetime]
    snapshots: list[str]
    last_active: datetime | None = None


def _profiled(links: Links) -> dict[str, _Profile]:
    """What the profiles of each account state, from the oldest snapshot to the last."""
    profiles = links["profiles"].sort_by(
        [("observed_at", "ascending"), ("snapshot_id", "ascending")]
    )
    found: dict[str, _Profile] = {}
    columns = ("account_id", "joined_at", "observed_at", "state", "snapshot_id")
    for account, joined, at, state, snapshot in zip(
        *(profiles[c].to_pylist() for c in columns), strict=True
    ):
        held = found.setdefault(account, _Profile(joined, state, [], []))
        held.created = min((t for t in (held.created, joined) if t is not None), default=None)
        if at is not None:
            held.state = state
            held.seen.append(at)
            held.snapshots.append(snapshot)
            held.last_active = held.last_active if state in GONE else at
    return found


def _life(
    account: str,
    dated: Mapping[str, list[tuple[datetime, str]]],
    profiled: Mapping[str, _Profile],
) -> Life:
    posts = dated.get(account, [])
    profile = profiled.get(account, _Profile(None, None, [], []))
    return Life(
        account_id=account,
        created=profile.created,
        seen=tuple(profile.seen),
        last_active=profile.last_active,
        snapshots=tuple(profile.snapshots),
        state=profile.state,
        times=tuple(at for at, _ in posts),
        posts=tuple(post for _, post in posts),
    )
