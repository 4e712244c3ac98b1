"""Harmless copying and the campaign window on a generated campaign whose seed tuned nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clustering.benign import classify_points
from clustering.campaign_window import campaign_window
from clustering.talking_points import find_talking_points
from corpus.frames import read_frames
from corpus.settings import parse_time
from engines.local import LocalEngine
from nlp.normalize import Normalize
from scripts.campaign import simulate, write_campaign

Floors = Callable[[str], dict[str, float]]
ACCOUNTS, SEED = 2000, 311
EVENT_START = "2024-05-17T06:00:00Z"
NEWS = ("news", "syndication", "share_button", "share_quote")


def classified(posts: pa.Table) -> tuple[dict[str, str], pd.DataFrame]:
    """Class of each point, and posts that are no reposts with their points of several accounts."""
    engine = LocalEngine()
    texts = Normalize()(posts)
    points = find_talking_points(engine, posts, texts).point_posts
    found = classify_points(posts=posts, texts=texts, point_posts=points).point_classes.to_pandas()
    rows = posts.to_pandas()[["post_id", "account_id", "kind"]]
    rows = rows.merge(points.to_pandas()[["post_id", "point_id"]], on="post_id")
    rows = rows[rows.kind != "repost"]
    several = rows.groupby("point_id").account_id.transform("nunique") >= 2
    return dict(zip(found.point_id, found.benign_class, strict=True)), rows[several]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("copying")
    write_campaign(simulate(ACCOUNTS, SEED), folder)
    posts = pd.read_csv(folder / "posts.csv", dtype=str, keep_default_na=False)
    truth = pd.read_csv(folder / "truth" / "posts.csv", dtype=str, keep_default_na=False)
    return read_frames(posts).posts, truth


def test_news_and_templates_have_a_class_and_the_campaign_none(
    campaign: tuple[pa.Table, pd.DataFrame], floors: Floors
) -> None:
    posts, truth = campaign
    named, rows = classified(posts)
    rows = rows.merge(truth[["post_id", "coordinated", "benign_class"]], on="post_id")
    has = rows.point_id.isin(list(named))
    coordinated = rows.coordinated == "true"
    found = {
        "news and share buttons with a class": has[rows.benign_class.isin(NEWS)].mean(),
        "application templates with a class": has[rows.benign_class == "template"].mean(),
        "coordinated posts without a class": 1 - has[coordinated].mean(),
    }
    assert (coordinated.sum(), rows.benign_class.isin(NEWS).sum()) > (1000, 200)
    pinned = floors("copying")
    assert {name: found[name] for name in found if found[name] < pinned[name]} == {}


def test_the_campaign_starts_within_two_hours_of_the_event(
    campaign: tuple[pa.Table, pd.DataFrame],
) -> None:
    posts, truth = campaign
    window = campaign_window(posts, truth[truth.coordinated == "true"].post_id.tolist())
    assert window is not None
    assert abs(window.start_at - parse_time(EVENT_START)) <= timedelta(hours=2)
    assert window.end_at > window.start_at + timedelta(hours=36)


def test_channels_that_carry_the_same_news_are_syndication(
    shared_data: Path, floors: Floors
) -> None:
    table = pq.read_table(shared_data / "telegram_ru_news" / "posts.parquet").to_pandas()
    frame = table.rename(columns={"time": "created_at"})[
        ["post_id", "account_id", "created_at", "text"]
    ]
    named, rows = classified(read_frames(frame).posts)
    points = rows.point_id.drop_duplicates()
    share = points.map(named).eq("syndication").mean()
    assert len(points) > 500
    assert share >= floors("copying")["points of news channels that are syndication"]
