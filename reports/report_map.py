"""The narrative map: a panel for each space, a mark for each narrative, the same as a table.

In: the table narrative_map, the cards' order and anchors, evidence for selectors. Out: SVG panels,
a legend and rows. A mark's area follows the number of accounts, its shape and colour the language;
it links to the narrative's card, or to its row where it has none. Nothing is said by place alone:
each row names the narratives that are nearest by the vectors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from reports import wording
from reports.evidence import Evidence
from reports.found import phrases
from reports.links import Links, tally

WIDTH, HEIGHT, EDGE = 440.0, 330.0, 34.0
# Radii in units of the drawing: the smallest can still be hit, the largest leaves room for others.
LEAST_RADIUS, MOST_RADIUS = 5.0, 22.0
# From this radius on a number fits inside its mark.
ROOMY = 10.0
# A panel of more marks cannot be read; the table holds all.
MOST_MARKS = 60
POOLED = "pooled"
SHAPES = 8


@dataclass(frozen=True)
class Row:
    """One narrative of the map."""

    anchor: str
    leads_to: str
    rank: int
    label: str
    lang: str
    language: str
    shape: int
    accounts: int
    posts: int
    opens: str
    x: str
    y: str
    near: list[tuple[str, str]]
    at: tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One space: its picture, what it is, and how well it keeps distances."""

    title: str
    svg: Markup
    fit: str
    drawn: int
    rows: list[Row]


@dataclass(frozen=True)
class NarrativeMap:
    """All panels and the legend of languages: (words, shape as SVG)."""

    panels: list[Panel]
    legend: list[tuple[str, Markup]]


def section(
    links: Links, evidence: Evidence, ordered: Sequence[Mapping[str, Any]], cards: int
) -> NarrativeMap | None:
    """Return the map; None where the run made none or no narrative has a place.

    `ordered` are the narratives in the order of reading; the first `cards` have a card.
    """
    places = {row["narrative_id"]: row for row in links["narrative_map"].to_pylist()}
    known = {row["narrative_id"] for row in ordered}
    if not places.keys() & known:
        return None
    langs = [lang for lang, _ in tally(links["narratives"], "lang")]
    shapes = {lang: place % SHAPES for place, lang in enumerate(langs)}
    targets = {
        row["narrative_id"]: (f"narrative-{rank}" if rank <= cards else f"map-{rank}", rank)
        for rank, row in enumerate(ordered, 1)
    }
    labels = {row["narrative_id"]: evidence.redactor.label(row["label"]) for row in ordered}
    rows: dict[str, list[Row]] = {}
    for row in ordered:
        place = places.get(row["narrative_id"])
        if place is not None:
            near = [(targets[one][0], labels[one]) for one in place["near"] if one in targets]
            made = _row(evidence, row, place, targets, labels, near, shapes)
            rows.setdefault(place["space"], []).append(made)
    fits = {row["space"]: row for row in places.values()}
    spaces = sorted(rows, key=lambda name: (-len(rows[name]), name))
    most = max(row.accounts for own in rows.values() for row in own)
    panels = [_panel(name, rows[name], fits[name], cards, most) for name in spaces]
    legend = [(_language(lang), _alone(shapes[lang])) for lang in langs]
    return NarrativeMap(panels, legend)


def _language(lang: str) -> str:
    return str(phrases()["language"].get(lang, lang))


def _row(  # noqa: PLR0917 - what all rows share
    evidence: Evidence,
    row: Mapping[str, Any],
    place: Mapping[str, Any],
    targets: Mapping[str, tuple[str, int]],
    labels: Mapping[str, str],
    near: list[tuple[str, str]],
    shapes: Mapping[str, int],
) -> Row:
    mine = row["narrative_id"]
    leads_to, rank = targets[mine]
    return Row(
        anchor=f"map-{rank}",
        leads_to=leads_to,
        rank=rank,
        label=labels[mine],
        lang=row["lang"],
        language=_language(row["lang"]),
        shape=shapes[row["lang"]],
        accounts=row["accounts"],
        posts=row["posts"],
        opens=evidence.opens.narrative(mine),
        x=f"{place['x']:.2f}",
        y=f"{place['y']:.2f}",
        near=near,
        at=(place["x"], place["y"]),
    )


def _panel(space: str, rows: list[Row], fit: Mapping[str, Any], cards: int, most: int) -> Panel:
    title = "All languages, one model" if space == POOLED else _language(space)
    drawn = rows[:MOST_MARKS]
    # The largest first, so that a small mark is never hidden under a large one.
    marks = [_mark(row, most, cards) for row in sorted(drawn, key=lambda r: (-r.accounts, r.rank))]
    label = f"Map of {wording.count(len(drawn), 'narrative')}: {title}"
    svg = Markup(
        f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="group"'
        f' aria-label="{escape(label)}"><rect class="ground" width="{WIDTH:.0f}"'
        f' height="{HEIGHT:.0f}" rx="8"></rect>{"".join(marks)}</svg>'
    )
    return Panel(title, svg, _fit(len(rows), fit), len(drawn), rows)


def _fit(number: int, fit: Mapping[str, Any]) -> str:
    """How much of the distances the plane keeps, in words."""
    if number < 3:
        return "With so few narratives the place says nothing."
    kept = ""
    if fit["correlation"] is not None:
        kept = f"distances on the map go with those of the vectors at r = {fit['correlation']:.2f},"
        kept += f" {wording.share(max(fit['correlation'], 0.0) ** 2, 1.0)} of their variance; "
    return f"Distance is approximate: {kept}stress {fit['stress']:.2f}, where 0 would keep all."


def _mark(row: Row, most: int, cards: int) -> str:
    x = EDGE + (WIDTH - 2 * EDGE) * (row.at[0] + 1) / 2
    y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (row.at[1] + 1) / 2
    radius = max(LEAST_RADIUS, MOST_RADIUS * math.sqrt(row.accounts / max(most, 1)))
    words = (
        f"{row.rank}. {row.label}, {row.language}: {wording.count(row.accounts, 'account')},"
        f" {wording.count(row.posts, 'post')}"
    )
    return (
        f'<a href="#{row.leads_to}"><title>{escape(words)}</title>'
        f"{_shape(row.shape, x, y, radius)}{_number(row.rank, x, y, radius, cards)}</a>"
    )


def _number(rank: int, x: float, y: float, radius: float, cards: int) -> str:
    """The rank beside or inside the mark, for narratives with a card."""
    if rank > cards:
        return ""
    if radius >= ROOMY:
        return f'<text class="in" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{rank}</text>'
    return f'<text x="{x + radius + 2:.1f}" y="{y + 4:.1f}">{rank}</text>'


# Corners of unit shapes, clockwise from the top; a circle has none.
def _polygon(corners: int, turn: float = 0.0) -> list[tuple[float, float]]:
    step = 2 * math.pi / corners
    return [(math.sin(turn + i * step), -math.cos(turn + i * step)) for i in range(corners)]


def _star(points: int, inner: float) -> list[tuple[float, float]]:
    outer, cut = _polygon(points), _polygon(points, math.pi / points)
    mixed = zip(outer, ((inner * x, inner * y) for x, y in cut), strict=True)
    return [corner for pair in mixed for corner in pair]


_CORNERS: tuple[list[tuple[float, float]], ...] = (
    [],
    _polygon(4, math.pi / 4),
    _polygon(4),
    _polygon(3),
    _polygon(3, math.pi),
    _polygon(6),
    _star(4, 0.5),
    _star(5, 0.5),
)
# Shapes of one radius have unlike areas; these factors make them equal to the circle's.
_GROWN = tuple(
    1.0
    if not corners
    else math.sqrt(
        math.pi
        / abs(
            sum(
                a[0] * b[1] - b[0] * a[1]
                for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
            )
            / 2
        )
    )
    for corners in _CORNERS
)


def _shape(shape: int, x: float, y: float, radius: float) -> str:
    corners = _CORNERS[shape]
    if not corners:
        return f'<circle class="lang-{shape}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"></circle>'
    size = radius * _GROWN[shape]
    path = " ".join(f"{x + size * a:.1f},{y + size * b:.1f}" for a, b in corners)
    return f'<polygon class="lang-{shape}" points="{path}"></polygon>'


def _alone(shape: int) -> Markup:
    return Markup(
        '<svg class="map key-shape" viewBox="0 0 16 16" aria-hidden="true">'
        f"{_shape(shape, 8, 8, 5.2)}</svg>"
    )
