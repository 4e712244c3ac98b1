"""A case against the truth of its campaign: one list of lines for each table.

In: the tables of a case and the truth tables, as pandas frames. Out: `Line` rows. A table that the
case does not have gives one line that says so; nothing is guessed in its place. Posts and accounts
that the truth does not know are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from scripts.campaign.metrics import Rate

NOT_PRODUCED = "not produced by this case"
COPY_KINDS = (
    *("original", "exact", "mention_swap", "hashtag", "word_swap", "emoji", "truncation"),
    *("homoglyph", "url", "case", "zwnj", "syndication", "share_button", "share_quote"),
)
TIER_KINDS = ("translation", "paraphrase")  # posts that open a new wording of a point
CAMP_VALUES = {
    "monarchist": {"monarchist", "monarchy", "royalist", "constitutional_monarchist"},
    "communist": {"communist", "communism", "marxist"},
    "leftist": {"leftist", "left", "left_wing", "socialist"},
    "regime_change": {"regime_change", "regime_opposition", "opposition", "anti_regime"},
    "loyalist": {"loyalist", "regime_loyal", "pro_government", "regime_supporter"},
    "supporter": {
        "democrat",
        "republican",
        "republican_iran",
        "secular",
        "secular_republic",
        "pro_democracy",
    },
}
# One attribute of the truth may stand under several names in a claims table.
ATTRIBUTES = {
    "origin": {"origin", "nationality", "location", "birthplace"},
    "family": {"family", "gender"},
    "location": {"location"},
    "name": {"name", "identity", "display_name"},
    "identity": {"identity"},
}


@dataclass(frozen=True)
class Line:
    """One measure: its section, what is measured, a value with counts, or a remark."""

    section: str
    measure: str
    value: float | None = None
    hits: int | None = None
    total: int | None = None
    low: float | None = None
    high: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Truth:
    """The truth tables of a campaign."""

    posts: pd.DataFrame
    accounts: pd.DataFrame
    shifts: pd.DataFrame
    claims: pd.DataFrame
    renames: pd.DataFrame
    event: tuple[pd.Timestamp, pd.Timestamp]


Tables = Mapping[str, pd.DataFrame]
Section = Callable[[Tables, Truth], list[Line]]


def rate_line(section: str, measure: str, rate: Rate, remark: str = "") -> Line:
    """Make a line of a rate."""
    low, high = rate.interval or (None, None)
    return Line(section, measure, rate.value, rate.hits, rate.total, low, high, remark)


def absent(tables: Tables, section: str, *names: str) -> list[Line]:
    """Give the line that says which of the tables the case does not have, or no line."""
    missing = [name for name in names if name not in tables]
    return [Line(section, ", ".join(missing), remark=NOT_PRODUCED)] if missing else []


def spellings(attribute: str) -> set[str]:
    """List the names under which a case may hold an attribute of the truth."""
    return ATTRIBUTES.get(attribute, {attribute})


def text_set(frame: pd.DataFrame, *columns: str) -> set[Hashable]:
    """Give the distinct rows of some columns as tuples."""
    return set(frame[list(columns)].itertuples(index=False, name=None))


def read_tables(case: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a case; raise ValueError when the folder is none."""
    folder = case / "tables"
    if not folder.is_dir():
        raise ValueError(f"{case} holds no tables/ folder; give the folder of an analysed case")
    skipped = {"texts", "bands", "vectors", "pairs"}
    files = sorted(path for path in folder.glob("*.parquet") if path.stem not in skipped)
    return {path.stem: pd.read_parquet(path) for path in files}


def read_truth(folder: Path) -> Truth:
    """Read truth/ of a campaign, or the campaign's folder; raise ValueError when a file misses."""
    import tomllib

    folder = folder / "truth" if (folder / "truth").is_dir() else folder
    names = ("posts", "accounts", "shifts", "claims", "renames")
    tables = {name: _read_csv(folder, name) for name in names}
    event = tomllib.loads((folder / "event.toml").read_text(encoding="utf-8"))
    moments = (pd.Timestamp(event["start"]), pd.Timestamp(event["end"]))
    return Truth(**tables, event=moments)


def _read_csv(folder: Path, name: str) -> pd.DataFrame:
    for path in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
        if path.is_file():
            return pd.read_csv(path, dtype=str, keep_default_na=False)
    raise ValueError(f"{folder} holds no {name}.csv; give the truth folder of a campaign")
