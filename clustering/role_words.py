"""What a role rests on, in words. In: the numbers of an account. Out: a sentence."""

from __future__ import annotations

MINUTE_S, HOUR_S, DAY_S = 60.0, 3_600.0, 86_400.0


def started(firsts: int, points: int, expected: float, ratio: float) -> str:
    """Return the sentence of an originator."""
    return (
        f"first in this corpus to write {_of(firsts, points)} (by chance {expected:.1f}); other"
        " accounts' firsts follow its own rather than the other way round (log likelihood ratio"
        f" {ratio:.1f})"
    )


def carried_on(
    firsts: int, points: int, expected: float, *, lag_s: float, elsewhere: int, ratio: float
) -> str:
    """Return the sentence of an expander."""
    more = (
        f", {elsewhere:,} of them in another language or on another platform" if elsewhere else ""
    )
    after = f", typically {span(lag_s)} after an originator started something{more}"
    sure = f" (log likelihood ratio {ratio:.1f})" if ratio > 0 else " (that it started them: open)"
    return (
        f"first in this corpus to write {_of(firsts, points)} (by chance {expected:.1f})"
        f"{after if lag_s > 0 else ''}{sure}"
    )


def repeated(points: int, posts: int, lag_s: float) -> str:
    """Return the sentence of a repeater."""
    return (
        f"carried {points:,} of the campaign's talking points in {posts:,} posts, typically"
        f" {span(lag_s)} after their first post"
    )


def _of(firsts: int, points: int) -> str:
    return f"{firsts:,} of the {points:,} talking points that it carried"


def span(seconds: float) -> str:
    """Write a time span in the unit that a reader would use."""
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR_S:
        return f"{seconds / MINUTE_S:.0f} minutes"
    if seconds < 2 * DAY_S:
        return f"{seconds / HOUR_S:.0f} hours"
    return f"{seconds / DAY_S:.0f} days"
