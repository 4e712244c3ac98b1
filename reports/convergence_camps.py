"""Which camp did an account claim when it posted, and which camps stand against each other?

In: asserted affiliations with the time over which they were seen (the table personas), or a plain
mapping account -> camp. Out: one label for an account and a time: all camps it claimed then. An
account that claims two opposed camps at once has no label, and says so by its absence.

A claim is taken to hold while it was seen and `CARRY_DAYS` on either side: profiles are seen now
and then, and people post in between. Nothing is inferred from what an account posts about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from personas.opposed import Opposition

ATTRIBUTE = "affiliation"
# Bios of the profile histories measured were rewritten about once a year; half of that.
CARRY_DAYS = 180
Label = tuple[str, ...]


@dataclass(frozen=True)
class Camps:
    """Claims of camps over time, and the pairs of sides that exclude each other."""

    claims: pd.DataFrame  # account_id, value, from_at, to_at (microseconds since 1970, or NaN)
    sides: tuple[tuple[frozenset[str], frozenset[str]], ...]
    alike: tuple[frozenset[str], ...] = ()

    @classmethod
    def of_personas(cls, personas: pa.Table, opposition: Opposition) -> Camps:
        """Return the camps of the table personas under a table of oppositions."""
        rows = personas.to_pandas()
        rows = rows[rows["attribute"] == ATTRIBUTE]
        claims = pd.DataFrame(
            {
                "account_id": rows["account_id"].astype(object),
                "value": rows["value"].astype(object),
                "from_at": _microseconds(rows["from_at"]),
                "to_at": _microseconds(rows["to_at"]),
            }
        )
        free = {value for of, value in opposition.combining if of == ATTRIBUTE}
        sides = [(row.a, row.b) for row in opposition.exclusions if row.attribute == ATTRIBUTE]
        families = [values for of, values in opposition.families if of == ATTRIBUTE]
        return cls(claims[~claims["value"].isin(free)], tuple(sides), tuple(families))

    @classmethod
    def of_mapping(cls, camps: Mapping[str, str]) -> Camps:
        """Return camps that hold at any time, each opposed to every other."""
        values = sorted(set(camps.values()))
        claims = pd.DataFrame(
            {
                "account_id": pd.Series(list(camps), dtype=object),
                "value": pd.Series(list(camps.values()), dtype=object),
                "from_at": np.nan,
                "to_at": np.nan,
            }
        )
        sides = [
            (frozenset({one}), frozenset({other}))
            for place, one in enumerate(values)
            for other in values[place + 1 :]
        ]
        return cls(claims, tuple(sides))

    def opposed(self, one: Label, other: Label) -> bool:
        """Tell whether any camp of one excludes any camp of the other, and none is shared."""
        return not set(one) & set(other) and any(
            (set(one) & a and set(other) & b) or (set(one) & b and set(other) & a)
            for a, b in self.sides
        )

    def differs(self, one: Label, other: Label) -> bool:
        """Tell whether two labels share neither a camp nor a family of camps."""
        if set(one) & set(other):
            return False
        return not any(set(one) & family and set(other) & family for family in self.alike)

    def at(self, accounts: Sequence[str], times: npt.NDArray[np.float64]) -> list[Label | None]:
        """Return the label of each account at its time (microseconds since 1970; NaN: any)."""
        carry = CARRY_DAYS * 86_400e6
        known = self._by_account
        return [
            self._label(known.get(account), at, carry)
            for account, at in zip(accounts, times, strict=True)
        ]

    @cached_property
    def _by_account(self) -> dict[str, list[tuple[str, float, float]]]:
        found: dict[str, list[tuple[str, float, float]]] = {}
        columns = [self.claims[name].tolist() for name in ("account_id", "value")]
        times = [self.claims[name].to_numpy(np.float64) for name in ("from_at", "to_at")]
        for account, value, start, end in zip(*columns, *times, strict=True):
            found.setdefault(account, []).append((value, start, end))
        return found

    def _label(
        self, claims: Iterable[tuple[str, float, float]] | None, at: float, carry: float
    ) -> Label | None:
        if claims is None:
            return None
        rows = list(claims)
        away = [_distance(start, end, at) for _, start, end in rows]
        near = min(away)
        if near > carry:
            return None
        # Claims seen at that time; else only the nearest one, since a later one may replace it.
        values = {row[0] for row, far in zip(rows, away, strict=True) if far <= near}
        label = tuple(sorted(values))
        clash = any(self.opposed((a,), (b,)) for a in label for b in label if a < b)
        return None if clash else label


def _distance(start: float, end: float, at: float) -> float:
    """How far a time is from an interval; an unknown side never excludes."""
    gaps = (start - at, at - end, 0.0)
    return max(gap for gap in gaps if not math.isnan(gap))


def _microseconds(times: Any) -> npt.NDArray[np.float64]:
    stamps = pd.to_datetime(pd.Series(times), utc=True).dt.as_unit("us")
    values = stamps.astype("int64").to_numpy(np.float64)
    return np.where(stamps.isna().to_numpy(), np.nan, values)


@dataclass(frozen=True)
class Codes:
    """Labels as numbers, and which two of them differ or are opposed: shape (labels, labels)."""

    labels: tuple[Label, ...]
    differ: npt.NDArray[np.float64]
    oppose: npt.NDArray[np.float64]

    @classmethod
    def of(cls, camps: Camps, labels: Iterable[Label]) -> Codes:
        """Number the labels in their order."""
        known = tuple(sorted(set(labels)))
        differ = [[float(camps.differs(one, other)) for other in known] for one in known]
        oppose = [[float(camps.opposed(one, other)) for other in known] for one in known]
        shape = (len(known), len(known))
        return cls(known, np.array(differ).reshape(shape), np.array(oppose).reshape(shape))

    @cached_property
    def number(self) -> dict[Label, int]:
        """The number of each label."""
        return {label: place for place, label in enumerate(self.labels)}
