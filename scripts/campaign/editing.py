"""Ordinary profile edits at the measured rates: small changes, overlays, rewrites, going back.

In: an account's first state. Out: its history, (seconds after the window's start, state) in order
of time. None of these edits changes a fact that the account states; they add, drop, reword and
decorate, more of them in the week of the event and in the week of return after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scripts.campaign import world
from scripts.campaign.biography import (
    Fragment,
    State,
    bio_fragments,
    link,
    new_handle,
    place,
    plain_fragments,
    shared_words,
    with_fragment,
)
from scripts.campaign.chance import Rng, pick, weighted
from scripts.campaign.grammar import edit_data, expand, words
from scripts.campaign.people import Account

History = list[tuple[float, State]]
Edit = Callable[[Rng, Account, State], State]
YEAR_S = 365.25 * world.DAY_S
WEEK_S = 7 * world.DAY_S


def ordinary_history(
    rng: Rng, account: Account, start: State, handles: set[str], fields: tuple[str, ...]
) -> History:
    """Apply the ordinary edits of `fields` over the observed window."""
    moments = sorted(
        (moment, name) for name in fields for moment in edit_moments(rng, world.EDIT_RATES[name])
    )
    history: History = [(0.0, start)]
    for moment, name in moments:
        history.append((moment, _edited(rng, account, history, name, moment, handles)))
    return history


def edit_moments(rng: Rng, rate: world.EditRate) -> list[float]:
    """Draw the times of one field's edits: gamma-mixed Poisson, more in the event's weeks."""
    per_second = rng.gamma(rate.shape, rate.per_year / rate.shape) / YEAR_S
    peak = world.EVENT_WEEK_FACTOR
    # 96 days at factor 1 and two weeks above it: divide, so that the mean stays as measured.
    mean = 1 + ((peak - 1) + (world.RETURN_WEEK_FACTOR - 1)) * WEEK_S / world.WINDOW_S
    tried = rng.random(rng.poisson(per_second * world.WINDOW_S * peak / mean)) * world.WINDOW_S
    kept = rng.random(len(tried)) * peak
    return [float(t) for t, level in zip(tried, kept, strict=True) if level < _wave(float(t))]


def _wave(moment: float) -> float:
    since = moment - (world.EVENT_S - 2 * world.DAY_S)
    if 0 <= since < WEEK_S:
        return world.EVENT_WEEK_FACTOR
    return world.RETURN_WEEK_FACTOR if WEEK_S <= since < 2 * WEEK_S else 1.0


def _edited(
    rng: Rng, account: Account, history: History, name: str, moment: float, handles: set[str]
) -> State:
    state, rate = history[-1][1], world.EDIT_RATES[name]
    earlier = _state_before(history, name)
    if earlier is not None and rng.random() < rate.going_back:
        return _restored(state, earlier, name)
    if rng.random() < rate.cosmetic:
        return _cosmetic(rng, state, name)
    if name == "handle":
        return replace(state, handle=new_handle(rng, handles))
    if name == "url":
        return replace(state, url=link(rng))
    if name == "location":
        return _moved(rng, account, state)
    return (
        _name_edit(rng, account, state) if name == "name" else bio_edit(rng, account, state, moment)
    )


def _moved(rng: Rng, account: Account, state: State) -> State:
    """Draw another place; the old one again would be no edit."""
    for _ in range(10):
        moved = replace(state, location=place(rng, words(account.lang)))
        if moved.location != state.location:
            return moved
    return replace(state, location="")


def _state_before(history: History, name: str) -> State | None:
    """Find the state before the last change of a field, or None."""
    now = _field(history[-1][1], name)
    return next((state for _, state in reversed(history) if _field(state, name) != now), None)


def _field(state: State, name: str) -> str:
    return state.bio if name == "bio" else str(getattr(state, name))


def _restored(state: State, earlier: State, name: str) -> State:
    if name == "bio":
        return replace(
            state, fragments=earlier.fragments, separator=earlier.separator, tail=earlier.tail
        )
    return replace(state, **{name: getattr(earlier, name)})


def _cosmetic(rng: Rng, state: State, name: str) -> State:
    mark = pick(rng, edit_data()["organic_emoji"])
    if name == "bio":
        return replace(state, tail=f" {mark}" if state.tail.strip() != mark else "")
    if name == "location":
        return replace(state, location=f"{state.location} {mark}".strip())
    return replace(state, name=f"{state.name} {mark}" if len(state.name) < 40 else state.base_name)


def _name_edit(rng: Rng, account: Account, state: State) -> State:
    """Put a slogan around the name, take it off, use a nickname or the first name alone."""
    profile = words(account.lang).profile
    kind = weighted(rng, {"overlay": 0.5, "nick": 0.3, "short": 0.2})
    if kind == "overlay":
        frame = pick(rng, profile["overlay"])
        return replace(state, name=expand(rng, frame, words(account.lang), {"name": account.given}))
    name = pick(rng, profile["nick"]) if kind == "nick" else account.given
    return replace(state, name=name if name != state.name else f"{account.given} {account.family}")


def bio_edit(rng: Rng, account: Account, state: State, moment: float) -> State:
    """Make one ordinary edit of the bio."""
    vocabulary = words(account.lang)
    if rng.random() < world.POINTER_SHARE:
        return with_fragment(state, Fragment(pick(rng, vocabulary.profile["pointer"])))
    if rng.random() < world.REWRITE_SHARE / (1 - world.POINTER_SHARE):
        return rewritten(rng, account, state)
    near_event = abs(moment - world.EVENT_S) < WEEK_S
    if rng.random() < (0.5 if near_event else 0.15):
        return with_fragment(state, Fragment(pick(rng, vocabulary.profile["slogan"])))
    free = [i for i, fragment in enumerate(state.fragments[:-1]) if not fragment.pinned]
    if len(free) > 1 and rng.random() < 0.5:
        return _without(state, int(pick(rng, free)))
    return with_fragment(state, _addition(rng, account, state))


def _addition(rng: Rng, account: Account, state: State) -> Fragment:
    """Draw something the bio does not say yet: a stated fact now and then, else a hobby."""
    said = {fragment.text for fragment in state.fragments}
    for _ in range(20):
        drawn = bio_fragments(rng, account)
        fresh = [fragment for fragment in drawn if fragment.text not in said]
        attributes = {fragment.attribute for fragment in state.fragments if fragment.attribute}
        fresh = [fragment for fragment in fresh if fragment.attribute not in attributes]
        if fresh:
            return pick(rng, fresh)
    return Fragment("…")


def _without(state: State, index: int) -> State:
    return replace(state, fragments=state.fragments[:index] + state.fragments[index + 1 :])


def rewritten(rng: Rng, account: Account, state: State) -> State:
    """Replace nearly every word; stated facts are left out, pinned fragments stay."""
    vocabulary = words(account.lang)
    pinned = tuple(fragment for fragment in state.fragments if fragment.pinned)
    best = state
    for _ in range(12):
        fresh = tuple(plain_fragments(rng, vocabulary, int(rng.integers(2, 5))))
        separator = pick(rng, vocabulary.profile["separators"])
        best = replace(state, fragments=pinned + fresh, separator=separator, tail="")
        if shared_words(state.bio, best.bio) < 0.25:
            return best
    return best
