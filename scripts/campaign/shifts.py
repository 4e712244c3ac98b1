"""Changes of what a profile claims: planted ones, and benign ones that look alike.

In: accounts with their fates. Out: one `Plan` an account chosen: what the bio says before and
after, when, and which level of report it deserves ("none" for a look-alike that deserves nothing).
Planted changes sit in the coordinated population, look-alikes in all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from scripts.campaign import world
from scripts.campaign.biography import (
    Fragment,
    State,
    camp_fragment,
    new_handle,
    plain_fragments,
    say_fact,
    shared_words,
)
from scripts.campaign.chance import Rng, pick, some, stream
from scripts.campaign.grammar import Words, expand, words
from scripts.campaign.people import COUNTRIES, ORDINARY_OCCUPATIONS, TOWNS, Account


@dataclass(frozen=True)
class Recipe:
    """A sort of change: how many in 2,000 accounts, and the level a reader should be shown."""

    look: str
    attribute: str
    kind: str  # planted or benign_lookalike
    per_2000: float
    level: str  # "1" note, "2" contradiction, "3" pattern, "none"


RECIPES = (
    Recipe("camp_flip", "affiliation", "planted", 10, "2"),
    Recipe("camp_there_and_back", "affiliation", "planted", 4, "2"),
    Recipe("impossible_career", "occupation", "planted", 6, "2"),
    Recipe("new_trade", "occupation", "planted", 6, "1"),
    Recipe("born_elsewhere", "origin", "planted", 7, "2"),
    Recipe("born_in_another_town", "origin", "planted", 4, "2"),
    Recipe("age_jump", "age", "planted", 8, "2"),
    Recipe("whole_identity", "identity", "planted", 7, "1"),
    Recipe("whole_identity_after_deletion", "identity", "planted", 4, "2"),
    Recipe("whole_identity_after_silence", "identity", "planted", 4, "2"),
    Recipe("whole_identity_repurposed", "identity", "planted", 4, "3"),
    Recipe("whole_identity_with_gender", "identity", "planted", 6, "1"),
    Recipe("marriage", "name", "benign_lookalike", 8, "none"),
    Recipe("transition", "gender", "benign_lookalike", 8, "none"),
    Recipe("slogan_overlay", "name", "benign_lookalike", 8, "none"),
    Recipe("graduation", "occupation", "benign_lookalike", 6, "none"),
    Recipe("student_to_engineer", "occupation", "benign_lookalike", 6, "none"),
    Recipe("birthday", "age", "benign_lookalike", 8, "none"),
    Recipe("moved_city", "location", "benign_lookalike", 8, "none"),
    Recipe("retired", "occupation", "benign_lookalike", 6, "none"),
    Recipe("former_trade", "occupation", "benign_lookalike", 6, "none"),
    Recipe("more_specific", "occupation", "benign_lookalike", 6, "none"),
    Recipe("told_conversion", "affiliation", "benign_lookalike", 5, "1"),
    Recipe("own_rebrand", "identity", "benign_lookalike", 2000 * world.REBRAND_SHARE, "1"),
)


@dataclass(frozen=True)
class Plan:
    """What one account's profile says before and after `at_s` (seconds after WINDOW_START)."""

    account_id: str
    recipe: Recipe
    at_s: float
    before: tuple[Fragment, ...]
    after: tuple[Fragment, ...]
    name_before: str | None = None
    name_after: str | None = None
    handle_after: str | None = None
    location: tuple[str, str] | None = None
    back_at_s: float | None = None

    @property
    def whole(self) -> bool:
        """Whether name, handle and bio are all replaced."""
        return self.recipe.attribute == "identity"

    @property
    def deletes(self) -> bool:
        """Whether old posts were deleted at the same time."""
        return self.recipe.look in ("whole_identity_after_deletion", "whole_identity_repurposed")

    @property
    def silent_before(self) -> bool:
        """Whether the account was silent for months before."""
        return self.recipe.look in ("whole_identity_after_silence", "whole_identity_repurposed")

    def wrote(self, late: bool) -> str:
        """Give the words that carry the change, before or after it."""
        said = [fragment.text for fragment in (self.after if late else self.before)]
        name = self.name_after if late else self.name_before
        place = self.location[late] if self.location else None
        return " | ".join(part for part in (name, place, *said) if part)


@dataclass(frozen=True)
class Change:
    """The parts of a plan that a recipe decides."""

    before: tuple[Fragment, ...] = ()
    after: tuple[Fragment, ...] = ()
    name_before: str | None = None
    name_after: str | None = None
    location: tuple[str, str] | None = None


def make_plans(accounts: list[Account], seed: int, handles: set[str]) -> dict[str, Plan]:
    """Choose accounts for every recipe and write their changes; one plan an account at most."""
    free = {
        "planted": _eligible(accounts, seed, planted=True),
        "benign_lookalike": _eligible(accounts, seed, planted=False),
    }
    plans: dict[str, Plan] = {}
    for recipe in RECIPES:
        for _ in range(max(1, round(recipe.per_2000 * len(accounts) / 2000))):
            if free[recipe.kind]:
                account = free[recipe.kind].pop()
                plans[account.account_id] = _plan(account, recipe, seed, handles)
    return plans


def _eligible(accounts: list[Account], seed: int, planted: bool) -> list[Account]:
    """Those whose both states can be observed: still there at the end, under the same handle."""
    roles = ("repeater",) if planted else ("",)
    stay = ("active", "dormant", "mass_deleted")
    fit = [
        account
        for account in accounts
        if account.role in roles and account.population != "outlet" and account.fate in stay
    ]
    return some(stream(seed, "plans", int(planted)), fit, len(fit))


def _plan(account: Account, recipe: Recipe, seed: int, handles: set[str]) -> Plan:
    rng = stream(seed, "plan", account.account_id)
    change = _CHANGES[recipe.look](rng, account, words(account.lang))
    at = world.EVENT_S + (rng.random() * 45 - 25) * world.DAY_S
    if recipe.look.startswith("whole_identity_"):
        at = world.EVENT_S - (3 + rng.random() * 17) * world.DAY_S
    if recipe.look == "slogan_overlay":
        at = world.EVENT_S + (rng.random() * 4 - 2) * world.DAY_S
    return Plan(
        account_id=account.account_id,
        recipe=recipe,
        at_s=at,
        before=change.before,
        after=change.after,
        name_before=change.name_before,
        name_after=change.name_after,
        handle_after=new_handle(rng, handles) if recipe.attribute == "identity" else None,
        location=change.location,
        back_at_s=at + 12 * world.DAY_S if recipe.look == "camp_there_and_back" else None,
    )


def starting_state(rng: Rng, account: Account, state: State, plan: Plan) -> State:
    """Rewrite an account's first profile so that it says what the plan has before the change."""
    vocabulary = words(account.lang)
    camp = (
        None
        if plan.whole or plan.recipe.attribute == "affiliation"
        else camp_fragment(rng, account)
    )
    pieces = [*plan.before, *plain_fragments(rng, vocabulary, 2)]
    pieces += [] if camp is None or camp.attribute in {f.attribute for f in plan.before} else [camp]
    name = plan.name_before or state.name
    start = replace(
        state, fragments=tuple(some(rng, pieces, len(pieces))), name=name, base_name=name
    )
    return replace(start, location=plan.location[0]) if plan.location else start


def changed_state(rng: Rng, account: Account, start: State, plan: Plan) -> State:
    """Write the profile after the change; a whole identity shares no word with the one before."""
    if not plan.whole:
        kept = tuple(fragment for fragment in start.fragments if fragment not in plan.before)
        state = replace(start, fragments=plan.after + kept)
        state = replace(state, location=plan.location[1]) if plan.location else state
        return replace(state, name=plan.name_after or state.name)
    for _ in range(200):
        state = _other_identity(rng, account, start, plan)
        if shared_words(start.bio, state.bio) < 0.1 and not _alike(start, state):
            break
    return state


def _other_identity(rng: Rng, account: Account, start: State, plan: Plan) -> State:
    vocabulary = words(account.lang)
    pieces = [*plan.after, *plain_fragments(rng, vocabulary, 3)]
    given = pick(rng, vocabulary.profile[pick(rng, ("given_f", "given_m"))])
    nick, family = pick(rng, vocabulary.profile["nick"]), pick(rng, vocabulary.profile["family"])
    name = pick(rng, [nick, f"{given} {family}"])
    return replace(
        start,
        name=name,
        base_name=name,
        handle=plan.handle_after or start.handle,
        fragments=tuple(some(rng, pieces, len(pieces))),
        separator=pick(rng, vocabulary.profile["separators"]),
        tail="",
    )


def _alike(before: State, after: State) -> bool:
    """Whether somebody would see a likeness in name or handle (0.35: below the rule's 0.4)."""
    return (
        SequenceMatcher(None, before.name.lower(), after.name.lower()).ratio() > 0.35
        or SequenceMatcher(None, before.handle, after.handle).ratio() > 0.45
    )


def _generic(vocabulary: Words, camp: str, rng: Rng) -> Fragment:
    text = expand(rng, pick(rng, vocabulary.profile["camp"][camp]), vocabulary)
    return Fragment(text, "affiliation", camp, "generic", pinned=True)


def _camp_flip(rng: Rng, account: Account, vocabulary: Words) -> Change:
    pair = pick(rng, [("monarchist", "communist"), ("communist", "monarchist")])
    if rng.random() < 0.3:
        pair = ("loyalist", pick(rng, ("monarchist", "regime_change")))
    account.camp, account.camp_wording = pair[1], "generic"
    return Change((_generic(vocabulary, pair[0], rng),), (_generic(vocabulary, pair[1], rng),))


def _fact(rng: Rng, vocabulary: Words, attribute: str, value: str) -> Fragment:
    return replace(say_fact(rng, vocabulary, attribute, value), pinned=True)


def _set_phrase(
    rng: Rng, vocabulary: Words, key: str, attribute: str, value: str, job: str = ""
) -> Fragment:
    """Say one of the fixed phrases of `profile.lookalike`, around a trade where it takes one."""
    known = vocabulary.profile["occupation"]
    extra = {"job": known[job][0] if job else "", "family": ""}
    text = expand(rng, vocabulary.profile["lookalike"][key], vocabulary, extra)
    return Fragment(text.strip(), attribute, value, "generic", pinned=True)


def _career(rng: Rng, account: Account, vocabulary: Words) -> Change:
    return Change(
        (_fact(rng, vocabulary, "occupation", "student_med"),),
        (_set_phrase(rng, vocabulary, "retired_surgeon", "occupation", "surgeon"),),
    )


def _trade(rng: Rng, account: Account, vocabulary: Words) -> Change:
    first, second = some(rng, ORDINARY_OCCUPATIONS, 2)
    return Change(
        (_fact(rng, vocabulary, "occupation", first),),
        (_fact(rng, vocabulary, "occupation", second),),
    )


def _origin(places: tuple[str, ...]) -> Callable[[Rng, Account, Words], Change]:
    def change(rng: Rng, account: Account, vocabulary: Words) -> Change:
        before, after = some(rng, places, 2)
        # The first phrase of each language says that the account was born there or stems from it.
        frame = vocabulary.profile["origin"]["phrases"][0]
        said = [
            expand(rng, frame, vocabulary, {"country": vocabulary.profile["origin"][place]})
            for place in (before, after)
        ]
        wording = "generic" if before in COUNTRIES else "local"
        return Change(
            (Fragment(said[0], "origin", before, wording, pinned=True),),
            (Fragment(said[1], "origin", after, wording, pinned=True),),
        )

    return change


def _age(rng: Rng, account: Account, vocabulary: Words) -> Change:
    young, old = int(rng.integers(20, 30)), int(rng.integers(48, 68))
    before, after = (young, old) if rng.random() < 0.7 else (old, young)
    return Change(
        (_fact(rng, vocabulary, "age", str(before)),), (_fact(rng, vocabulary, "age", str(after)),)
    )


def _birthday(rng: Rng, account: Account, vocabulary: Words) -> Change:
    age = int(rng.integers(20, 60))
    frame = pick(rng, vocabulary.profile["age"]["phrases"])
    said = [expand(rng, frame, vocabulary, {"age": str(number)}) for number in (age, age + 1)]
    return Change(
        (Fragment(said[0], "age", str(age), "generic", pinned=True),),
        (Fragment(said[1], "age", str(age + 1), "generic", pinned=True),),
    )


def _identity(rng: Rng, account: Account, vocabulary: Words) -> Change:
    first, second = some(rng, ("", "", *ORDINARY_OCCUPATIONS), 2)
    return Change(
        (_fact(rng, vocabulary, "occupation", first),) if first else (),
        (_fact(rng, vocabulary, "occupation", second),) if second else (),
    )


def _gendered(rng: Rng, account: Account, vocabulary: Words) -> Change:
    said = vocabulary.profile["lookalike"]
    pairs = [(m, w) for m in said["man"] for w in said["woman"] if shared_words(m, w) == 0]
    chosen = pick(rng, pairs)
    man = Fragment(chosen[0], "gender", "m", "generic", True)
    woman = Fragment(chosen[1], "gender", "f", "generic", True)
    return Change((man,), (woman,)) if rng.random() < 0.6 else Change((woman,), (man,))


def _marriage(rng: Rng, account: Account, vocabulary: Words) -> Change:
    given = pick(rng, vocabulary.profile["given_f"])
    before, after = some(rng, vocabulary.profile["family"], 2)
    single = expand(rng, vocabulary.profile["lookalike"]["single"], vocabulary, {"family": before})
    return Change(
        (Fragment(single, "family", "single", "generic", True),),
        (_set_phrase(rng, vocabulary, "wife", "family", "wife"),),
        f"{given} {before}",
        f"{given} {after}",
    )


def _transition(rng: Rng, account: Account, vocabulary: Words) -> Change:
    old, new = pick(rng, vocabulary.profile["given_m"]), pick(rng, vocabulary.profile["given_f"])
    return Change(
        (_set_phrase(rng, vocabulary, "trans_before", "gender", "m"),),
        (_set_phrase(rng, vocabulary, "trans_after", "gender", "trans"),),
        f"{old} {account.family}",
        f"{new} {account.family}",
    )


def _overlay(rng: Rng, account: Account, vocabulary: Words) -> Change:
    frame = pick(rng, vocabulary.profile["overlay"])
    slogan = Fragment(pick(rng, vocabulary.profile["slogan"]))
    name = expand(rng, frame, vocabulary, {"name": account.given})
    return Change((), (slogan,), f"{account.given} {account.family}", name)


def _student(before: str, key: str, after: str) -> Callable[[Rng, Account, Words], Change]:
    def change(rng: Rng, account: Account, vocabulary: Words) -> Change:
        return Change(
            (_fact(rng, vocabulary, "occupation", before),),
            (_set_phrase(rng, vocabulary, key, "occupation", after),),
        )

    return change


def _left_trade(key: str) -> Callable[[Rng, Account, Words], Change]:
    def change(rng: Rng, account: Account, vocabulary: Words) -> Change:
        first, second = some(rng, ORDINARY_OCCUPATIONS, 2)
        told = _set_phrase(rng, vocabulary, key, "occupation", first, job=first)
        before = Fragment(
            vocabulary.profile["occupation"][first][0], "occupation", first, "generic", True
        )
        extra = (_fact(rng, vocabulary, "occupation", second),) if key == "former" else ()
        return Change((before,), (told, *extra))

    return change


def _conversion(rng: Rng, account: Account, vocabulary: Words) -> Change:
    return Change(
        (_generic(vocabulary, "communist", rng),),
        (_set_phrase(rng, vocabulary, "deconverted", "affiliation", "monarchist"),),
    )


def _move(rng: Rng, account: Account, vocabulary: Words) -> Change:
    old, new = some(rng, vocabulary.slots["city"], 2)
    told = expand(rng, vocabulary.profile["lookalike"]["moved"], vocabulary, {"city": new})
    return Change((), (Fragment(told),), location=(old, new))


_CHANGES: dict[str, Callable[[Rng, Account, Words], Change]] = {
    "camp_flip": _camp_flip,
    "camp_there_and_back": _camp_flip,
    "impossible_career": _career,
    "new_trade": _trade,
    "born_elsewhere": _origin(COUNTRIES),
    "born_in_another_town": _origin(TOWNS),
    "age_jump": _age,
    "whole_identity": _identity,
    "whole_identity_after_deletion": _identity,
    "whole_identity_after_silence": _identity,
    "whole_identity_repurposed": _camp_flip,
    "whole_identity_with_gender": _gendered,
    "marriage": _marriage,
    "transition": _transition,
    "slogan_overlay": _overlay,
    "graduation": _student("student_law", "graduated_law", "lawyer"),
    "student_to_engineer": _student("student_eng", "graduated_eng", "engineer"),
    "birthday": _birthday,
    "moved_city": _move,
    "retired": _left_trade("retired"),
    "former_trade": _left_trade("former"),
    "more_specific": _student("engineer", "elaborated", "engineer"),
    "told_conversion": _conversion,
    "own_rebrand": _identity,
}
