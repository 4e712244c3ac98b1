"""The section on what became of the accounts, always beside accounts like them.

In: the tables aftermath and survival. Out: rows in words and the curve of those still there as SVG,
with the same numbers as a table. It prints no share of one side alone: organic communities lose
accounts too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports import wording
from reports.links import Links

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 180, 40, 24
DAYS_SHOWN = (0, 7, 14, 30, 60, 90, 180, 365)
CONTROLS = "controls"


def section(links: Links) -> dict[str, Any] | None:
    """Return rows, curve and its table; None where the run did not compare fates."""
    if "aftermath" not in links.tables:
        return None
    rows = links["aftermath"].to_pylist()
    survival = links["survival"].to_pylist()
    return {
        "rows": [_row(row) for row in rows],
        "basis": wording.sentence(rows[0]["basis"]) if rows else "",
        "curve": _curve(survival),
        "days": _days(survival),
        "log_rank": wording.chance(survival[0]["log_rank_p"]) if survival else "",
    }


def ratio_words(row: Mapping[str, Any]) -> str:
    """A risk ratio with its interval: "3.1 (1.9 to 5.0)"."""
    if row["risk_ratio"] is None:
        return "not defined"
    interval = [row["ci_low"], row["ci_high"]]
    if None in interval:
        return f"{row['risk_ratio']:.1f}"
    return f"{row['risk_ratio']:.1f} ({interval[0]:.1f} to {interval[1]:.1f})"


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "outcome": row["outcome"],
        "exposed": f"{row['gone']:,} of {row['at_risk']:,}",
        "controls": f"{row['control_gone']:,} of {row['control_at_risk']:,}",
        "ratio": ratio_words(row),
        "p": wording.chance(row["p_value"]),
    }


def _sides(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda r: (r["side"], r["day"])):
        found.setdefault(row["side"], []).append(row)
    return found


def _curve(rows: Sequence[Mapping[str, Any]]) -> Markup | None:
    """Steps of the share still there; the controls dashed, so that colour is not needed."""
    if not rows:
        return None
    last = max(1, *(row["day"] for row in rows))
    floor = min(0.9, *(row["low"] for row in rows))
    shapes = [_mark(floor, last)]
    for side, points in _sides(rows).items():
        kind = "curve dashed" if side == CONTROLS else "curve"
        shapes.append(f'<path class="{kind}" d="{_steps(points, last, floor)}"></path>')
    return Markup(
        f'<svg class="survival" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Share of'
        f' accounts still there by day after the event">{"".join(shapes)}</svg>'
    )


def _steps(points: Sequence[Mapping[str, Any]], last: int, floor: float) -> str:
    path = [f"M {LEFT} {_y(1.0, floor):.1f}"]
    for point in points:
        path.append(f"H {_x(point['day'], last):.1f} V {_y(point['share'], floor):.1f}")
    return " ".join([*path, f"H {WIDTH}"])


def _x(day: int, last: int) -> float:
    return LEFT + (WIDTH - LEFT) * day / last


def _y(share: float, floor: float) -> float:
    return 8 + (HEIGHT - BOTTOM - 8) * (1 - share) / (1 - floor)


def _mark(floor: float, last: int) -> str:
    words = []
    for share in (1.0, floor):
        y = _y(share, floor)
        words.append(f'<text x="0" y="{y + 4:.1f}">{100 * share:.0f} %</text>')
        words.append(
            f'<line class="tick" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"></line>'
        )
    words.append(f'<text x="{LEFT}" y="{HEIGHT - 6}">day 0</text>')
    words.append(f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">day {last}</text>')
    return "".join(words)


def _days(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The curve's numbers at days that readers know, one row a side and day."""
    found = []
    for side, points in _sides(rows).items():
        for day in DAYS_SHOWN:
            if day > points[-1]["day"]:
                break
            row = [point for point in points if point["day"] <= day]
            if row:
                at = row[-1]
                interval = f"{100 * at['low']:.0f} to {100 * at['high']:.0f} %"
                found.append(
                    {
                        "side": side,
                        "day": f"{day}",
                        "share": f"{100 * at['share']:.0f} %",
                        "interval": interval,
                    }
                )
    return found
