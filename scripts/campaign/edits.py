"""Typed edits: what a repeater does to a text so that it is no exact copy.

In: a text, its swap pairs and chance. Out: (edit kind, text). An edit that cannot be made on this
text (no letter to replace, nothing to swap) gives way to a hashtag, so that the kind written into
the truth is always the kind that was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.campaign.biography import link
from scripts.campaign.chance import Rng, pick, some, weighted
from scripts.campaign.grammar import Words, edit_data

# How often each edit is made; the mix of the near-duplicate corpus (word swap, mention, hashtag
# most; truncation 8 to 30 %), with more exact copies, as in real families.
WEIGHTS = {
    "exact": 0.20,
    "mention_swap": 0.15,
    "hashtag": 0.16,
    "word_swap": 0.16,
    "emoji": 0.12,
    "truncation": 0.07,
    "homoglyph": 0.05,
    "url": 0.05,
    "case": 0.02,
    "zwnj": 0.02,
}
LETTERS_REPLACED = 0.12
_TAG = re.compile(r"#\w+")


@dataclass(frozen=True)
class Material:
    """What an edit may use: swap pairs of the wording, and the campaign's tags."""

    swaps: Sequence[tuple[str, str]]
    vocabulary: Words


def edited(rng: Rng, text: str, material: Material) -> tuple[str, str]:
    """Make one typed edit; the mention of a `mention_swap` stays open as @{handle}."""
    kind = weighted(rng, WEIGHTS)
    if kind == "exact" or (kind == "mention_swap" and "{handle}" in text):
        return kind, text  # an open mention is filled with another account by the caller
    changed = _EDITS[kind](rng, text, material)
    if changed != text:
        return kind, changed
    return "hashtag", _hashtag(rng, text, material)


def _mention_swap(rng: Rng, text: str, material: Material) -> str:
    return "@{handle} " + text if rng.random() < 0.7 else text + " @{handle}"


def _hashtag(rng: Rng, text: str, material: Material) -> str:
    tag = pick(rng, [tag for tag in material.vocabulary.campaign["tags"] if tag not in text])
    if _TAG.search(text) and rng.random() < 0.5:
        return _TAG.sub(lambda _: tag, text, count=1)
    return f"{text} {tag}"


def _word_swap(rng: Rng, text: str, material: Material) -> str:
    for before, after in some(rng, list(material.swaps), 1 + int(rng.random() < 0.5)):
        text = text.replace(before, after, 1)
    return text


def _emoji(rng: Rng, text: str, material: Material) -> str:
    marks = "".join(some(rng, edit_data()["emoji"], int(rng.integers(1, 4))))
    return f"{marks} {text}" if rng.random() < 0.4 else f"{text} {marks}"


def _truncation(rng: Rng, text: str, material: Material) -> str:
    if text.endswith("…"):
        return text
    kept = int(len(text) * (1 - (0.08 + 0.22 * rng.random())))
    cut = text[:kept].rsplit(" ", 1)[0]
    return text if "{" in text[len(cut) :] or cut.count("{") != cut.count("}") else cut + "…"


def _homoglyph(rng: Rng, text: str, material: Material) -> str:
    """Replace some letters outside a mention by look-alikes."""
    table, parts = edit_data()["lookalike"], re.split(r"(\{handle\}|https?://\S+)", text)
    for number in range(0, len(parts), 2):
        parts[number] = "".join(
            table[letter] if letter in table and rng.random() < LETTERS_REPLACED else letter
            for letter in parts[number]
        )
    return "".join(parts)


def _url(rng: Rng, text: str, material: Material) -> str:
    return f"{text} {link(rng)}"


def _case(rng: Rng, text: str, material: Material) -> str:
    """Shout the first clause, or write all in small letters."""
    if "{handle}" in text or "http" in text:
        return text
    if rng.random() < 0.5:
        return text.lower()
    head, mark, rest = text.partition(". ")
    return head.upper() + mark + rest


def _zwnj(rng: Rng, text: str, material: Material) -> str:
    """Write joined Persian words apart, or with nothing between."""
    return text.replace("\u200c", pick(rng, (" ", "")))


_EDITS: dict[str, Callable[[Rng, str, Material], str]] = {
    "mention_swap": _mention_swap,
    "hashtag": _hashtag,
    "word_swap": _word_swap,
    "emoji": _emoji,
    "truncation": _truncation,
    "homoglyph": _homoglyph,
    "url": _url,
    "case": _case,
    "zwnj": _zwnj,
}
