"""A small language for histories of invented accounts, and the tracker run over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from corpus.identity import content_id
from corpus.progress import Silent
from corpus.tables import POSTS, PROFILES
from engines.local import LocalEngine
from personas.accounts import Rules
from personas.opposed import load_opposition
from personas.tracker import PersonaTables, assemble, see

START = datetime(2022, 1, 1, tzinfo=UTC)


@dataclass
class Story:
    """What invented accounts showed; claims are stated by hand, each found by its quote."""

    profiles: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    found: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def snapshot(self, day: float, account: str = "a1", **shown: Any) -> Story:
        """One profile snapshot on a day; unnamed fields are unknown."""
        row = {"account_id": account, "platform": "x", "observed_at": START + timedelta(days=day),
               "basis": "retrieved", "state": "active"}  # fmt: skip
        row |= shown
        told = sorted((k, str(v)) for k, v in row.items())
        row["snapshot_id"] = content_id("s", *(part for pair in told for part in pair))
        row |= {"source_file": "invented", "source_row": len(self.profiles)}
        self.profiles.append(row)
        return self

    def stand(self, days: Sequence[float], account: str = "a1", **shown: Any) -> Story:
        """The same snapshot on several days."""
        for day in days:
            self.snapshot(day, account, **shown)
        return self

    def post(self, day: float, text: str, account: str = "a1", **more: Any) -> Story:
        """One post."""
        row = {"post_id": f"p{len(self.posts):05d}", "platform": "x", "account_id": account,
               "created_at": START + timedelta(days=day), "time_precision": "second",
               "text": text, "kind": "post", "urls": [], "hashtags": [], "mentions": [],
               "source_file": "invented", "source_row": len(self.posts)}  # fmt: skip
        self.posts.append(row | more)
        return self

    def says(
        self, text: str, quote: str, attribute: str, value: str, *, status: str = "asserted",
        grade: str = "K", where: str = "bio",
    ) -> Story:  # fmt: skip
        """State that a text of a field holds a claim."""
        start = text.index(quote)
        claim = {"attribute": attribute, "value": value, "status": status, "grade": grade,
                 "quote": quote, "start": start, "end": start + len(quote),
                 "rule_id": f"test.{attribute}.{value}.{status}"}  # fmt: skip
        claims = self.found.setdefault((where, text), [])
        if claim not in claims:
            claims.append(claim)
        return self


Track = Callable[..., PersonaTables]


@pytest.fixture
def story() -> Story:
    """An empty story."""
    return Story()


@pytest.fixture(scope="session")
def track() -> Track:
    """Run the tracker over a story."""

    def run(
        told: Story, *, gender: bool = True, prior: float = 0.01, batch_rows: int = 20_000,
        marked: Callable[[str], bool] = lambda text: "🏳️‍⚧️" in text,
    ) -> PersonaTables:  # fmt: skip
        profiles: pa.Table = PROFILES.from_rows(told.profiles)
        posts: pa.Table = POSTS.from_rows(told.posts)
        rules = Rules(load_opposition(), marked, gender, prior)
        engine = LocalEngine(batch_rows)
        return assemble(see(engine, profiles), posts, told.found, rules, Silent())

    return run


@pytest.fixture(scope="session")
def shifts(track: Track) -> Callable[..., pd.DataFrame]:
    """Run the tracker over a story and return its shifts."""
    return lambda told, **options: track(told, **options).shifts.to_pandas()


@pytest.fixture(scope="session")
def new_story() -> type[Story]:
    """The class itself, for tests that make many stories."""
    return Story
