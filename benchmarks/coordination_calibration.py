"""Is coordination called where there is none, and found where there is any?

Usage: python -m benchmarks.coordination_calibration [--seeds 200] [--events 6000]
       [--parts shuffled organic mixed] [--keep FOLDER] [--write]
In: real corpora in ../shared/data (parts are left out where it is absent). Out: Markdown; `--write`
puts it into docs/benchmarks.md. `--keep` names a folder in which prepared tables stay for the next
run.

* shuffled: copies of three corpora in which accounts, or times, were shuffled over all rows. Every
  edge is false there. And the same copies with five accounts that share 25 further things within a
  minute.
* organic: corpora of people who do not act as one, by themselves.
* mixed: accounts of one known campaign among those, all tested together; then every account cut to
  one stretch of its own posts from the same weeks.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clustering.benign import classify_points
from clustering.coordination import Coordination, find_coordination
from clustering.near_duplicates import find_near_duplicates
from clustering.talking_points import find_talking_points
from clustering.ties import find_ties
from clustering.traces import find_traces
from clustering.validated import without_templates
from corpus.frames import read_frames
from corpus.settings import Coordination as Asked
from corpus.tables import PARAPHRASES
from engines.local import LocalEngine
from nlp.normalize import Normalize

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
DATA = ROOT.parent / "shared" / "data"
BEGIN, END = "<!-- calibration: begin -->", "<!-- calibration: end -->"
LEVEL = 0.05
ALPHAS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
WINDOWS = (60, 600, 3_600, 86_400)
TEAM, ACTIONS = 5, 25
ORGANIC = {
    "congress": "us_congress_2016_party/posts_dev",
    "boxing": "mayweather_mcgregor_organic/posts_dev",
    "election": "uk_ep2014_mentions/posts",
    "rumours": "pheme_rumour_sources/posts_dev",
}
CHANNELS, CAMPAIGN = "telegram_ru_news/posts", "ira_troll_tweets/en_dev"
NAMES = ("posts", "texts", "point_posts", "point_classes", "outlets")
STRETCHES, WEEKS = (20, 50, 200), 8
Tables = dict[str, pa.Table]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--events", type=int, default=6_000)
    parser.add_argument("--parts", nargs="*", default=["shuffled", "organic", "mixed"])
    parser.add_argument("--keep", type=Path, help="folder for prepared tables")
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    args = parser.parse_args()
    parts: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
        "shuffled": lambda a: shuffled_part(a.seeds, a.events),
        "organic": lambda a: organic_part(a.keep),
        "mixed": lambda a: mixed_part(a.keep),
    }
    lines = []
    for name in args.parts:
        for line in parts[name](args):
            print(line, flush=True)
            lines.append(line)
    if args.write:
        _write("\n".join(lines))


def _write(body: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


# Shuffled copies


def events_of(name: str, data: Path = DATA) -> pd.DataFrame:
    """Events of one corpus: object_id, account_id, content_id, created_at."""
    if name == "channels' shares":
        frame = pd.read_parquet(data / "coortweet_networks" / "russian_coord_tweets.parquet")
        return _as_text(frame.rename(columns={"timestamp_share": "created_at"}))
    if name == "election links":
        frame = pd.read_parquet(data / "coortweet_networks" / "german_elections.parquet")
        frame = frame.rename(
            columns={"url_id": "object_id", "post_id": "content_id", "timestamp": "created_at"}
        )
        return _as_text(frame[frame.object_id.notna()])
    return _campaign_events(data)


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    ids = ["object_id", "account_id", "content_id"]
    return frame[[*ids, "created_at"]].astype(dict.fromkeys(ids, str))


def _campaign_events(data: Path) -> pd.DataFrame:
    columns = ["post_id", "account_id", "text", "time", "post_type"]
    posts = pd.read_parquet(data / f"{CAMPAIGN}.parquet", columns=columns)
    posts = posts[posts.post_type == "T"].sort_values(["time", "post_id"]).head(60_000)
    labels = find_near_duplicates(posts.text.tolist())
    return pd.DataFrame(
        {
            "object_id": [f"f{label}" for label in labels],
            "account_id": posts.account_id.astype(str).to_numpy(),
            "content_id": posts.post_id.to_numpy(),
            "created_at": posts.time.to_numpy(),
        }
    )


CORPORA = ("channels' shares", "election links", "campaign's talking points")


@dataclass(frozen=True)
class Shuffled:
    """Of one run: whether any edge passed, how many p are at most each alpha, how many tests."""

    flagged: bool
    small: npt.NDArray[np.int64]
    tests: int


def shuffled_copy(events: pd.DataFrame, kind: str, seed: int, size: int) -> pd.DataFrame:
    """A seeded sample of the events with accounts, or times, shuffled over all rows.

    The sample keeps whole objects, so that they are shared as often as they were.
    """
    random = np.random.default_rng(seed)
    objects, first = np.unique(events.object_id.to_numpy().astype(str), return_inverse=True)
    rank = random.permutation(len(objects))[first]
    kept = events.iloc[np.argsort(rank, kind="stable")[:size]].reset_index(drop=True)
    column = "account_id" if kind == "accounts" else "created_at"
    return kept.assign(**{column: random.permutation(kept[column].to_numpy())})


def run_once(events: pd.DataFrame) -> Shuffled:
    found = find_ties(events, windows_s=WINDOWS)
    p = found.table["p_value"].to_numpy()
    small = np.array([(p <= alpha).sum() for alpha in ALPHAS])
    return Shuffled(bool((found.table["q_value"].to_numpy() <= LEVEL).any()), small, found.tests)


def team_found(events: pd.DataFrame, seed: int) -> tuple[int, int]:
    """Plant five accounts; return how many of their ten pairs pass, and how many others."""
    random = np.random.default_rng(seed + 1_000_000)
    # In seconds, whatever unit the times have.
    seconds = pd.to_datetime(events.created_at, unit="s" if _is_number(events) else None)
    base = seconds.to_numpy().astype("datetime64[s]").astype(np.int64)
    start = random.integers(base.min(), base.max(), ACTIONS)
    rows = [
        (f"team-object {k}", f"team {i}", f"team post {k} {i}", int(start[k] + late))
        for k in range(ACTIONS)
        for i, late in enumerate(random.integers(0, 60, TEAM))
    ]
    planted = pd.DataFrame(rows, columns=["object_id", "account_id", "content_id", "created_at"])
    both = pd.concat([events.assign(created_at=base), planted], ignore_index=True)
    table = find_ties(both, windows_s=WINDOWS).table.to_pandas()
    passed = table[table.q_value <= LEVEL].drop_duplicates(["account_a", "account_b"])
    own = passed.account_a.str.startswith("team ") & passed.account_b.str.startswith("team ")
    return int(own.sum()), int((~own).sum())


def _is_number(events: pd.DataFrame) -> bool:
    return pd.api.types.is_numeric_dtype(events.created_at)


def shuffled_part(seeds: int, size: int) -> Iterator[str]:
    from scipy.stats import binomtest

    yield "### Shuffled copies: every edge is false"
    yield ""
    yield (
        f"{seeds} seeds each, samples of {size:,} events with whole objects, windows"
        f" {', '.join(f'{w:,}' for w in WINDOWS)} s. p at most alpha: share of all pairs of"
        " accounts and windows, over alpha; 1.00 is what alpha says, smaller is careful. The"
        " last column: of the ten pairs of five planted accounts, and other pairs beside them"
        " (every tenth seed)."
    )
    yield ""
    heads = " | ".join(f"p <= {alpha:g}" for alpha in ALPHAS)
    yield f"| corpus | shuffled | runs with an edge | at most .06? p | {heads} | team of five |"
    yield "|---|---|---|---|" + "---|" * (len(ALPHAS) + 1)
    for name in CORPORA:
        events = events_of(name)
        for kind in ("accounts", "times"):
            copies = (shuffled_copy(events, kind, seed, size) for seed in range(seeds))
            runs, teams = [], []
            for seed, copy in enumerate(copies):
                runs.append(run_once(copy))
                if seed % 10 == 0:
                    teams.append(team_found(copy, seed))
            flagged = sum(run.flagged for run in runs)
            # Against "more than .06": a small p would say that the share is above it.
            above = binomtest(flagged, len(runs), 0.06, alternative="greater").pvalue
            tests = sum(run.tests for run in runs)
            small = sum(run.small for run in runs) / tests / np.array(ALPHAS)
            shares = " | ".join(f"{each:.2f}" for each in small)
            inside, beside = np.array(teams).T
            yield (
                f"| {name} | {kind} | {flagged} of {len(runs)} | {above:.2f} | {shares} |"
                f" {inside.mean():.1f} of 10, {beside.sum()} others |"
            )
    yield ""


# Real crowds and a campaign among them


def frame_of(path: str, prefix: str = "", data: Path = DATA) -> pd.DataFrame:
    """Posts as the reader takes them; ids get the corpus's name in front."""
    read = pq.read_table(data / f"{path}.parquet").to_pandas()
    kinds = {"R": "repost", "Q": "quote"}
    read["kind"] = (
        read.post_type.astype(str).map(kinds).fillna("post") if "post_type" in read else "post"
    )
    if path == CAMPAIGN:  # its times are to the minute, which the reader must see
        read["time"] = read.time.dt.strftime("%Y-%m-%d %H:%M")
    for name in ("post_id", "account_id"):
        read[name] = prefix + read[name].astype(str)
    read = read.rename(columns={"time": "created_at"}).drop_duplicates("post_id")
    columns = ["post_id", "account_id", "created_at", "text", "kind"]
    return pd.DataFrame(read[columns])


def prepared(frame: pd.DataFrame) -> Tables:
    posts = read_frames(frame).posts
    texts = Normalize()(posts)
    point_posts = find_talking_points(LocalEngine(), posts, texts).point_posts
    classes = classify_points(posts=posts, texts=texts, point_posts=point_posts)
    found = (posts, texts, point_posts, classes.point_classes, classes.outlets)
    return dict(zip(NAMES, found, strict=True))


def kept(name: str, keep: Path | None, make: Callable[[], pd.DataFrame]) -> Tables:
    """Prepared tables, from the folder when they are there."""
    if keep is None:
        return prepared(make())
    folder = keep / name
    if not folder.is_dir():
        tables = prepared(make())
        folder.mkdir(parents=True)
        for key, table in tables.items():
            pq.write_table(table, folder / f"{key}.parquet")
    return {key: pq.read_table(folder / f"{key}.parquet") for key in NAMES}


def coordinated(tables: Tables, permutations: int = 99) -> Coordination:
    asked = Asked(permutations=permutations)
    return find_coordination(**tables, paraphrases=PARAPHRASES.empty(), settings=asked)


def in_groups(found: Coordination) -> set[str]:
    return {account for group in found.groups["accounts"].to_pylist() for account in group}


def organic_part(keep: Path | None) -> Iterator[str]:
    yield "### Organic crowds"
    yield ""
    yield (
        "| corpus | posts | accounts | validated ties | groups | accounts in groups |"
        " of a benign class |"
    )
    yield "|---|---|---|---|---|---|---|"
    for name, path in {**ORGANIC, "news channels": CHANNELS}.items():
        tables = kept(name, keep, lambda path=path: frame_of(path))  # type: ignore[misc]
        found = coordinated(tables)
        accounts = pc.count_distinct(tables["posts"]["account_id"]).as_py()
        ties = found.ties.filter(found.ties["validated"])
        grouped = len(in_groups(found))
        benign = ties.num_rows - ties["benign_class"].null_count
        groups = found.groups.num_rows - found.groups["benign_class"].null_count
        yield (
            f"| {name} | {tables['posts'].num_rows:,} | {accounts:,} | {ties.num_rows:,} |"
            f" {found.groups.num_rows} | {grouped} ({grouped / accounts:.2%}) |"
            f" {benign:,} of {ties.num_rows:,} ties, {groups} of {found.groups.num_rows} groups |"
        )
    yield ""


def mixture(data: Path = DATA) -> pd.DataFrame:
    parts = [frame_of(path, f"{name}:", data) for name, path in ORGANIC.items()]
    return pd.concat([frame_of(CAMPAIGN, "campaign:", data), *parts], ignore_index=True)


def mixed_part(keep: Path | None) -> Iterator[str]:
    tables = kept("mixed", keep, mixture)
    yield "### A known campaign among organic crowds"
    yield ""
    yield (
        "| posts | campaign accounts | other accounts | found | precision | recall | ceiling |"
        " recall over ceiling |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    yield scored("whole timelines", tables)
    yield scored("whole timelines, no reposts", own_posts(tables))
    for size in STRETCHES:
        yield scored(f"one stretch of {size}", stretch(tables, size))
    yield ""
    yield (
        "Ceiling: campaign accounts that share any talking point with another account there,"
        " application templates left out. Stretches: own posts, from the"
        f" {WEEKS} weeks in which most campaign accounts wrote; accounts that wrote none are in"
        " neither count."
    )
    yield ""


def scored(name: str, tables: Tables) -> str:
    found = in_groups(coordinated(tables, permutations=0))
    accounts = set(pc.unique(tables["posts"]["account_id"]).to_pylist())
    positive = {account for account in accounts if account.startswith("campaign:")}
    hit = len(found & positive)
    ceiling = len(sharing(tables) & positive) / len(positive)
    recall = hit / len(positive)
    precision = hit / max(len(found), 1)
    return (
        f"| {name} | {len(positive)} | {len(accounts) - len(positive):,} | {len(found)} |"
        f" {precision:.3f} | {recall:.3f} | {ceiling:.3f} | {recall / ceiling:.2f} |"
    )


def sharing(tables: Tables) -> set[str]:
    """Accounts that share any talking point with another one, templates left out."""
    traces = find_traces(
        posts=tables["posts"], texts=tables["texts"], point_posts=tables["point_posts"],
        paraphrases=PARAPHRASES.empty(),
    ).table  # fmt: skip
    traces, _ = without_templates(traces, tables["point_posts"], tables["point_classes"])
    rows = traces.filter(pc.equal(traces["layer"], "near_duplicate")).to_pandas()
    several = rows.groupby("object_id").account_id.transform("nunique") >= 2
    return set(rows[several].account_id)


def own_posts(tables: Tables) -> Tables:
    posts = tables["posts"]
    return {**tables, "posts": posts.filter(pc.not_equal(posts["kind"], "repost"))}


def stretch(tables: Tables, size: int) -> Tables:
    """Each account's first `size` own posts of the weeks in which most campaign accounts wrote."""
    posts = own_posts(tables)["posts"]
    rows = posts.select(["post_id", "account_id", "created_at"]).to_pandas()
    rows = rows.sort_values(["created_at", "post_id"])
    mine = rows[rows.account_id.str.startswith("campaign:")]
    week = pd.Timedelta(weeks=1)
    starts = [mine.created_at.min() + week * k for k in range(60)]
    span = WEEKS * week
    held = [mine[mine.created_at.between(s, s + span)].account_id.nunique() for s in starts]
    start = starts[int(np.argmax(held))]
    campaign = mine[mine.created_at.between(start, start + span)]
    others = rows[~rows.account_id.str.startswith("campaign:")]
    cut = pd.concat([campaign, others]).groupby("account_id").head(size)
    return {**tables, "posts": posts.filter(pc.is_in(posts["post_id"], pa.array(cut.post_id)))}


if __name__ == "__main__":
    main()
