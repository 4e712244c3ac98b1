"""How well do coders agree, and how many findings do they affirm? Both with intervals.

In: answers (yes, no, unclear) by item and coder. Out: Krippendorff's alpha for nominal data with a
bootstrap interval, the majority's word on each item, and a share with its Wilson interval. Missing
answers are allowed. Alpha is not defined where every answer is the same: then it is None, not 1,
for nothing shows that coders could tell items apart.

Sources: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011); E. B. Wilson, Probable
Inference, JASA 22 (1927), by statsmodels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

YES, NO, UNCLEAR = "yes", "no", "unclear"
# Interval ends move by less than .01 between seeds at this number of draws, on 100 items.
DRAWS = 2_000
LEVEL = 0.95
TIED = "tied"


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Return alpha for nominal data; a unit lists the answers it got, in any order.

    Units with fewer than two answers say nothing and are left out. None when all answers are one.
    """
    counts = _counts(units)
    return _alpha(counts.sum(axis=0), _disagreement(counts).sum())


def _counts(units: Sequence[Sequence[str]]) -> npt.NDArray[np.float64]:
    """Answers by unit and category, of units with at least two answers."""
    paired = [Counter(unit) for unit in units if len(unit) > 1]
    names = sorted({name for unit in paired for name in unit})
    rows = [[unit[name] for name in names] for unit in paired]
    return np.array(rows, dtype=np.float64).reshape(len(paired), len(names))


def _disagreement(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Observed disagreement of each unit: pairs of unlike answers over (answers - 1)."""
    answers = counts.sum(axis=1)
    unlike = answers**2 - (counts**2).sum(axis=1)
    shares: npt.NDArray[np.float64] = unlike / np.maximum(answers - 1, 1)
    return shares


def _alpha(totals: npt.NDArray[np.float64], observed: float) -> float | None:
    number = totals.sum()
    expected = number**2 - (totals**2).sum()
    if expected <= 0:
        return None
    return float(1 - (number - 1) * observed / expected)


def alpha_interval(units: Sequence[Sequence[str]], *, seed: int, draws: int = DRAWS) -> Interval:
    """Return alpha with a percentile interval over `draws` samples of the units, with replacement.

    Samples in which every answer is the same have no alpha and are left out.
    """
    counts = _counts(units)
    value = krippendorff_alpha(units)
    if value is None:
        return Interval(None, None, None)
    rng = np.random.default_rng(seed)
    number = len(counts)
    drawn = rng.multinomial(number, np.full(number, 1 / number), size=draws).astype(np.float64)
    totals, observed = drawn @ counts, drawn @ _disagreement(counts)
    found = [_alpha(row, seen) for row, seen in zip(totals, observed, strict=True)]
    known = [one for one in found if one is not None]
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(known, [tail, 100 - tail]) if known else (value, value)
    return Interval(value, float(low), float(high))


def majority(answers: Sequence[str]) -> str:
    """Return yes or no where more said so than anything else, else tied (as many) or unclear."""
    counts = Counter(answers)
    yes, no, unclear = (counts[name] for name in (YES, NO, UNCLEAR))
    if unclear >= max(yes, no):
        return UNCLEAR
    if yes == no:
        return TIED
    return YES if yes > no else NO


def share_interval(part: int, whole: int) -> Interval:
    """Return a share with its Wilson interval; None for none of none."""
    if not whole:
        return Interval(None, None, None)
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(part, whole, alpha=1 - LEVEL, method="wilson")
    return Interval(part / whole, float(low), float(high))


def judged(
    findings: Mapping[str, Sequence[str]], controls: Mapping[str, Sequence[str]], *, seed: int
) -> dict[str, int | float | None]:
    """Return the figures of the table `agreement` for answers by item, coders' order any.

    `findings` and `controls` hold the items that got an answer.
    """
    words = Counter(majority(answers) for answers in findings.values())
    units = [*findings.values(), *controls.values()]
    alpha = alpha_interval(units, seed=seed)
    precision = share_interval(words[YES], words[YES] + words[NO])
    return {
        "items": len(findings),
        "alpha": alpha.value,
        "alpha_low": alpha.low,
        "alpha_high": alpha.high,
        "confirmed": words[YES],
        "rejected": words[NO],
        "tied": words[TIED],
        "unclear": words[UNCLEAR],
        "precision": precision.value,
        "precision_low": precision.low,
        "precision_high": precision.high,
        "controls": len(controls),
        "controls_affirmed": sum(majority(answers) == YES for answers in controls.values()),
        "answers": sum(map(len, units)),
        "unclear_answers": sum(list(answers).count(UNCLEAR) for answers in units),
    }
