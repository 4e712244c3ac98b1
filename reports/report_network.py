"""Ties as a small drawing, made here: the same ties give the same picture, without a script.

In: pairs of accounts. Out: SVG text and its title. Each connected part is laid out as a circle, its
most tied accounts beside each other; parts are packed in rows. A ring instead of a force layout,
since it needs no iteration and nothing in it looks nearer than it is. Parts beyond `MOST_NODES`
accounts are counted and not drawn; the table of ties holds them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.redaction import Redactor

MOST_NODES = 120
WIDTH, GAP, DOT = 640.0, 18.0, 4.0
# Room on the ring for each account, in units of the drawing.
ROOM = 15.0
Pair = tuple[str, str, bool]


@dataclass(frozen=True)
class Network:
    """The drawing, and what it shows in numbers."""

    svg: Markup
    accounts: int
    ties: int
    parts: int
    left_out: int


def network(pairs: Sequence[Pair], redactor: Redactor) -> Network | None:
    """Draw pairs of accounts; the third value says that the tie has a harmless reason."""
    if not pairs:
        return None
    parts = _parts(pairs)
    drawn: list[list[str]] = []
    for part in parts:
        if sum(map(len, drawn)) + len(part) <= MOST_NODES:
            drawn.append(part)
    places, height = _places(drawn)
    lines = [_line(places[a], places[b], calm) for a, b, calm in pairs if a in places]
    dots = [_dot(redactor.account(account), *at) for account, at in places.items()]
    whole = sum(map(len, parts))
    title = f"{whole:,} accounts in {len(parts):,} parts, joined by {len(pairs):,} ties"
    svg = Markup(
        f'<svg class="net" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img"'
        f' aria-label="{escape(title)}">{"".join(lines + dots)}</svg>'
    )
    return Network(svg, whole, len(pairs), len(parts), whole - len(places))


def _parts(pairs: Sequence[Pair]) -> list[list[str]]:
    """Connected accounts, the largest part first; inside a part in order of a walk."""
    near: dict[str, list[str]] = {}
    for a, b, _ in sorted(pairs):
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    seen: set[str] = set()
    found = []
    for start in sorted(near, key=lambda account: (-len(near[account]), account)):
        stack, part = [start], []
        while stack:
            account = stack.pop()
            if account not in seen:
                seen.add(account)
                part.append(account)
                stack += sorted(near[account], key=lambda other: (-len(near[other]), other))
        if part:
            found.append(part)
    return sorted(found, key=lambda part: (-len(part), part[0]))


def _places(parts: Sequence[Sequence[str]]) -> tuple[dict[str, tuple[float, float]], float]:
    """Rings in rows: the place of each account, and the height of the drawing."""
    places: dict[str, tuple[float, float]] = {}
    left = top = GAP
    tallest = 0.0
    for part in parts:
        radius = max(ROOM * len(part) / (2 * math.pi), ROOM / 2)
        if left > GAP and left + 2 * radius + GAP > WIDTH:
            left, top, tallest = GAP, top + tallest + GAP, 0.0
        for place, account in enumerate(part):
            turn = 2 * math.pi * place / len(part)
            x, y = radius * (1 + math.cos(turn)), radius * (1 + math.sin(turn))
            places[account] = (left + x, top + y)
        left, tallest = left + 2 * radius + GAP, max(tallest, 2 * radius)
    return places, top + tallest + GAP


def _line(one: tuple[float, float], other: tuple[float, float], calm: bool) -> str:
    kind = "tie calm" if calm else "tie"
    return (
        f'<line class="{kind}" x1="{one[0]:.1f}" y1="{one[1]:.1f}" x2="{other[0]:.1f}"'
        f' y2="{other[1]:.1f}"></line>'
    )


def _dot(name: str, x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT}"><title>{escape(name)}</title></circle>'
