"""What a profile says: a bio of fragments, a display name, a handle, a place, a link.

In: an account and chance. Out: `State` rows, frozen; each edit gives a new one. A bio remembers
which of its fragments states which fact, so that the truth about claims is read off the profiles
that were really written and never guessed from their text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from scripts.campaign.chance import Rng, pick, some
from scripts.campaign.grammar import Words, edit_data, expand, words
from scripts.campaign.people import COUNTRIES, Account

EMPTY_BIO_SHARE = 0.06


@dataclass(frozen=True)
class Fragment:
    """A piece of a bio, and the fact that it states (`attribute` "" where it states none)."""

    text: str
    attribute: str = ""
    value: str = ""
    wording: str = ""  # generic or local for a stated fact
    pinned: bool = False  # ordinary edits leave it in place


@dataclass(frozen=True)
class State:
    """A profile as it reads at one moment."""

    name: str
    base_name: str
    handle: str
    fragments: tuple[Fragment, ...]
    separator: str
    tail: str
    location: str
    url: str

    @property
    def bio(self) -> str:
        """Join the fragments as the account wrote them."""
        return self.separator.join(fragment.text for fragment in self.fragments) + self.tail


def first_state(rng: Rng, account: Account, handles: set[str]) -> State:
    """Write the profile with which the account enters the observed window."""
    vocabulary = words(account.lang)
    name = person_name(rng, account)
    empty = rng.random() < EMPTY_BIO_SHARE and account.population != "coordinated"
    return State(
        name=name,
        base_name=name,
        handle=new_handle(rng, handles),
        fragments=() if empty else bio_fragments(rng, account),
        separator=pick(rng, vocabulary.profile["separators"]),
        tail=" " + pick(rng, edit_data()["organic_emoji"]) if rng.random() < 0.3 else "",
        location=place(rng, vocabulary),
        url=link(rng) if rng.random() < 0.25 else "",
    )


def bio_fragments(rng: Rng, account: Account) -> tuple[Fragment, ...]:
    """Draw a bio from the account's facts and from things that state no fact."""
    stated = [fact_fragment(rng, account, name) for name in account.facts if rng.random() < 0.85]
    camp = camp_fragment(rng, account)
    if camp is not None and (camp.pinned or rng.random() < 0.85):
        stated.append(camp)
    free = plain_fragments(rng, words(account.lang), int(rng.integers(1, 5)))
    return tuple(some(rng, stated + free, len(stated) + len(free)))


def fact_fragment(rng: Rng, account: Account, attribute: str) -> Fragment:
    """Say one fact of the account in one of the ways of its language."""
    vocabulary, value = words(account.lang), account.facts[attribute]
    return say_fact(rng, vocabulary, attribute, value)


def say_fact(rng: Rng, vocabulary: Words, attribute: str, value: str) -> Fragment:
    """Say a fact in a language; places of the invented country count as local wording."""
    profile = vocabulary.profile
    if attribute == "occupation":
        return Fragment(
            expand(rng, pick(rng, profile[attribute][value]), vocabulary),
            attribute,
            value,
            "generic",
        )
    if attribute == "family":
        text = expand(rng, pick(rng, profile[value]["phrases"]), vocabulary)
        return Fragment(text, attribute, value.removeprefix("family_"), "generic")
    phrase = pick(rng, profile[attribute]["phrases"])
    extra = {"age": value, "country": profile["origin"].get(value, value)}
    wording = "local" if attribute == "origin" and value not in COUNTRIES else "generic"
    return Fragment(expand(rng, phrase, vocabulary, extra), attribute, value, wording)


def camp_fragment(rng: Rng, account: Account) -> Fragment | None:
    """Say the claimed camp, in generic words or in those of the invented parties."""
    if account.camp_wording == "":
        return None
    vocabulary = words(account.lang)
    table = "camp" if account.camp_wording == "generic" else "camp_local"
    text = expand(rng, pick(rng, vocabulary.profile[table][account.camp]), vocabulary)
    pinned = account.population == "coordinated"
    return Fragment(text, "affiliation", account.camp, account.camp_wording, pinned)


def plain_fragments(rng: Rng, vocabulary: Words, count: int) -> list[Fragment]:
    """Draw hobbies and a motto: pieces that state no fact."""
    hobbies = some(rng, vocabulary.profile["hobby"], count)
    mottos = some(rng, vocabulary.profile["motto"], int(rng.random() < 0.6))
    return [Fragment(expand(rng, text, vocabulary)) for text in hobbies + mottos]


def person_name(rng: Rng, account: Account) -> str:
    """Draw a display name: a person's, a given name alone, or a nickname."""
    kind = rng.random()
    if kind < 0.55:
        return f"{account.given} {account.family}"
    if kind < 0.7:
        return account.given
    return str(pick(rng, words(account.lang).profile["nick"]))


def new_handle(rng: Rng, handles: set[str]) -> str:
    """Draw a handle that no account has or had."""
    profile = words("en").profile
    parts = [
        *(name.lower() for name in profile["given_f"] + profile["given_m"] + profile["family"]),
        *(re.sub(r"[^a-z]", "", nick.lower()) for nick in profile["nick"]),
    ]
    while True:
        pieces = some(rng, parts, 1 + int(rng.random() < 0.55))
        handle = pick(rng, ["_", ""]).join(pieces)
        if rng.random() < 0.75 or len(pieces) == 1:
            handle += str(int(rng.integers(2, 9999)))
        handle = handle[:18]
        if handle not in handles:
            handles.add(handle)
            return handle


def place(rng: Rng, vocabulary: Words) -> str:
    """Draw the location field; a third of the accounts leave it empty."""
    kind = rng.random()
    if kind < 0.33:
        return ""
    if kind < 0.45:
        return str(pick(rng, vocabulary.profile["location_abroad"]))
    return pick(rng, vocabulary.slots["city"])


def link(rng: Rng) -> str:
    """Draw a link of an invented host."""
    return str(pick(rng, edit_data()["link_hosts"])) + format(int(rng.integers(0, 1 << 30)), "x")


def with_fragment(state: State, fragment: Fragment) -> State:
    """Add a fragment at the end of the bio."""
    return replace(state, fragments=(*state.fragments, fragment))


def bio_words(text: str) -> set[str]:
    """Split a bio into lower-case words, to see how much of it an edit kept."""
    return set(re.findall(r"\w+", text.lower()))


def shared_words(before: str, after: str) -> float:
    """Give the Jaccard similarity of two bios' words; 1 for two empty ones."""
    left, right = bio_words(before), bio_words(after)
    return len(left & right) / len(left | right) if left | right else 1.0
