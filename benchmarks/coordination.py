"""Ties: time and edges beside coordination-network-toolkit, growth over events, and the null.

Usage: python -m benchmarks.coordination [--peer PYTHON] [--posts 100000]
       [--similar-at 60 3600] [--sizes 300000 1000000 3000000] [--write]
In: ../shared/data/ira_troll_tweets (skipped where absent) and generated events. Out: Markdown;
`--write` puts it into docs/benchmarks.md. `--peer` names a Python that has
coordination-network-toolkit 1.5.2 in an environment of its own. Both sides get the same posts in
one run, one after the other: the first `--posts` English originals. The toolkit compares sets of
words (Jaccard .8) of all pairs in a window with two processes; we find families of near-duplicates
(words, .8), then ties at five windows in one pass, both in one process. Edges are undirected pairs
of accounts. Processor seconds stand beside wall time.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from benchmarks.peers import python_has
from clustering.near_duplicates import find_near_duplicates
from clustering.ties import find_ties
from nlp.normalize import normalize

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
POSTS = ROOT.parent / "shared" / "data" / "ira_troll_tweets" / "en_dev.parquet"
BEGIN, END = "<!-- coordination: begin -->", "<!-- coordination: end -->"
WINDOWS = (60, 600, 3_600, 21_600, 86_400)
THRESHOLD = 0.8
DAY = 86_400
EXPLAINED = 40

PEER = r"""
import json, sqlite3, sys, time
from coordination_network_toolkit import compute_networks as c
from coordination_network_toolkit.preprocess import preprocess_csv_files
from coordination_network_toolkit.similarity import MinDocSizeSimilarity
source, db, step, window = *sys.argv[1:4], int(sys.argv[4])
if __name__ == "__main__":
    began, edges = time.perf_counter(), []
    if step == "preprocess":
        preprocess_csv_files(db, [source])
    if step == "co_tweet":
        table = "co_tweet_network"
        c.compute_co_tweet_network(db, window, 1, n_threads=2)
    if step == "co_similar":
        table = "co_similar_tweet_network"
        c.compute_co_similar_tweet(db, window, 2, 0.8, 1, MinDocSizeSimilarity(1))
    wall = time.perf_counter() - began
    if step != "preprocess":
        rows = sqlite3.connect(db).execute(f"select user_1, user_2 from {table}")
        edges = [list(row) for row in rows if row[0] < row[1]]
    json.dump({"wall": wall, "edges": edges}, open(db + ".json", "w"))
"""
TOKENS = r"""
import json, sys
from coordination_network_toolkit.similarity import tokenize
json.dump([tokenize(text) for text in json.load(open(sys.argv[1]))], sys.stdout)
"""


@dataclass(frozen=True)
class Ran:
    """One step: seconds, processor seconds, undirected edges."""

    wall: float
    cpu: float
    edges: set[tuple[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peer", default="python", help="a Python that has the toolkit")
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--similar-at", type=int, nargs="*", default=[60, 3_600])
    parser.add_argument("--sizes", type=int, nargs="*", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    args = parser.parse_args()
    lines = []
    for line in report(args):
        print(line, flush=True)
        lines.append(line)
    if args.write:
        write("\n".join(lines))


def report(args: argparse.Namespace) -> Iterator[str]:
    find_ties(generated(2_000))  # compiles
    if POSTS.exists():
        posts = originals(args.posts)
        find_near_duplicates(posts.text.tolist()[:3_000], THRESHOLD, "word-1")
        yield from beside_the_toolkit(posts, args)
        for days, window in ((110, 3_600), (2.5, 60)):
            yield from pressed(posts, days, window, args.peer)
        yield from shuffled(posts)
    else:
        yield "The corpus of labelled posts is absent: no comparison with the toolkit."
    yield from widths()
    yield from growth(args.sizes)


def originals(size: int) -> pd.DataFrame:
    """The first English originals in time, as post_id, account_id, text, time."""
    read = pd.read_parquet(POSTS, columns=["post_id", "account_id", "text", "time", "post_type"])
    read = read[read.post_type == "T"].sort_values(["time", "post_id"]).head(size)
    return read.astype({"account_id": str}).reset_index(drop=True)


def events_of(posts: pd.DataFrame, objects: npt.NDArray[Any]) -> pa.Table:
    return pa.table(
        {
            "object_id": pa.array(objects),
            "account_id": pa.array(posts.account_id),
            "content_id": pa.array(posts.post_id),
            "created_at": pa.array(posts.time).cast(pa.timestamp("us")),
        }
    )


def timed(work: Any, runs: int = 1) -> tuple[Any, float, float]:
    """Return the result and the least wall and processor seconds of some runs."""
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return result, min(walls), min(cpus)


def families(texts: list[str]) -> npt.NDArray[Any]:
    """Families as objects; a text that is empty after normalizing is none."""
    labels = find_near_duplicates(texts, THRESHOLD, "word-1").astype(object)
    labels[[not form for form in normalize(texts)]] = None
    return np.array([None if label is None else str(label) for label in labels], dtype=object)


def edges_at(ties: pa.Table, window: int) -> set[tuple[str, str]]:
    frame = ties.select(["account_a", "account_b", "window_s"]).to_pandas()
    frame = frame[frame.window_s == window]
    return set(zip(frame.account_a, frame.account_b, strict=True))


def peer_steps(
    python: str, posts: pd.DataFrame, similar_at: list[int], *, tweets: bool = True
) -> dict[str, Ran]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "posts.csv")
        with source.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(
                ["message_id", "user_id", "username", "repost_id", "reply_id", "message",
                 "timestamp", "urls"]
            )  # fmt: skip
            for row in posts.itertuples(index=False):
                at = row.time.timestamp()
                rows.writerow([row.post_id, row.account_id, "", "", "", row.text, at, ""])
        script = Path(folder, "peer.py")
        script.write_text(PEER, encoding="utf-8")
        wanted = [("preprocess", 0), *[("co_tweet", w) for w in WINDOWS if tweets]]
        wanted += [("co_similar", w) for w in similar_at]
        return {
            f"{step} {window}": peer_step(python, folder, step, window) for step, window in wanted
        }


def peer_step(python: str, folder: str, step: str, window: int) -> Ran:
    """Run one step in a process of its own, so that its children's time is counted."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [python, f"{folder}/peer.py", f"{folder}/posts.csv", f"{folder}/db", step]
    subprocess.run([*command, str(window)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = json.loads(Path(f"{folder}/db.json").read_text(encoding="utf-8"))
    return Ran(told["wall"], cpu, {(a, b) for a, b in told["edges"]})


def beside_the_toolkit(posts: pd.DataFrame, args: argparse.Namespace) -> Iterator[str]:
    texts = posts.text.tolist()
    objects, find_wall, find_cpu = timed(lambda: families(texts))
    events = events_of(posts, objects)
    one, one_wall, one_cpu = timed(
        lambda: find_ties(events, windows_s=(DAY,), min_participation=1), runs=3
    )
    all_, wall, cpu = timed(lambda: find_ties(events, windows_s=WINDOWS, min_participation=1), 3)
    forms = normalize(texts)
    copies, copy_wall, copy_cpu = timed(
        lambda: find_ties(
            events_of(posts, np.array([form or None for form in forms], dtype=object)),
            windows_s=WINDOWS,
            min_participation=1,
        )
    )
    yield (
        f"### Beside coordination-network-toolkit 1.5.2: {len(posts):,} posts of"
        f" {posts.account_id.nunique()} accounts in"
        f" {(posts.time.max() - posts.time.min()).days} days"
    )
    yield ""
    yield "| step, ours | wall s | processor s | ties with tests and evidence |"
    yield "|---|---|---|---|"
    for name, took, used, rows in (
        (f"families of near-duplicates (words, {THRESHOLD})", find_wall, find_cpu, ""),
        ("their ties, 24 h alone", one_wall, one_cpu, f"{one.table.num_rows:,}"),
        ("their ties, five windows in one pass", wall, cpu, f"{all_.table.num_rows:,}"),
        ("copied text, five windows", copy_wall, copy_cpu, f"{copies.table.num_rows:,}"),
    ):
        yield f"| {name} | {took:.2f} | {used:.2f} | {rows} |"
    yield ""
    yield f"Five windows cost {cpu / one_cpu:.2f} times the widest alone (processor seconds)."
    yield ""
    if not python_has(args.peer, "coordination_network_toolkit"):
        yield "coordination-network-toolkit was not found: no comparison."
        return
    peer = peer_steps(args.peer, posts, args.similar_at)
    yield "| toolkit, two processes | wall s | processor s | edges | ours | in both | ours takes |"
    yield "|---|---|---|---|---|---|---|"
    for name, step in peer.items():
        if name.startswith("preprocess"):
            yield f"| preprocess | {step.wall:.1f} | {step.cpu:.1f} | | | | |"
            continue
        kind, window = name.split()
        similar = kind == "co_similar"
        ours = edges_at((all_ if similar else copies).table, int(window))
        ratio = step.wall / ((find_wall + wall) if similar else copy_wall)
        yield (
            f"| {name} s | {step.wall:.1f} | {step.cpu:.1f} | {len(step.edges):,} | {len(ours):,} |"
            f" {len(ours & step.edges):,} | 1/{ratio:.0f} of its time |"
        )
    yield ""
    yield "Ours is the whole run (families and all five windows) against one window of the toolkit."
    yield ""
    for window in args.similar_at:
        theirs = peer[f"co_similar {window}"].edges
        yield from explained(posts, forms, all_.table, theirs, window, args.peer)


def pressed(posts: pd.DataFrame, days: float, window: int, python: str) -> Iterator[str]:
    """The same posts with times pressed into fewer days: load, not coordination."""
    if not python_has(python, "coordination_network_toolkit"):
        return
    spans = posts.time - posts.time.min()
    start = pd.Timestamp("2020-07-01")
    times = start + (spans * (days * DAY / spans.max().total_seconds())).dt.round("s")
    closer = posts.assign(time=times)
    objects, find_wall, _ = timed(lambda: families(posts.text.tolist()))
    events = events_of(closer, objects)
    found, wall, _ = timed(lambda: find_ties(events, windows_s=WINDOWS, min_participation=1), 3)
    step = peer_steps(python, closer, [window], tweets=False)[f"co_similar {window}"]
    ours = edges_at(found.table, window)
    yield (
        f"The same posts with times pressed into {days:g} days: co_similar {window:,} s takes"
        f" {step.wall:.1f} s (processor {step.cpu:.1f} s, {len(step.edges):,} edges); ours"
        f" {find_wall:.2f} s for families and {wall:.2f} s for ties at five windows ({len(ours):,}"
        f" edges, {len(ours & step.edges):,} in both): 1/{step.wall / (find_wall + wall):.0f} of"
        f" its time, and 1/{step.wall / wall:.0f} where the families are there already."
    )
    yield ""


def explained(
    posts: pd.DataFrame,
    forms: list[str],
    ties: pa.Table,
    theirs: set[tuple[str, str]],
    window: int,
    python: str,
) -> Iterator[str]:
    """Why edges differ: in a seeded sample, look at the posts that make them."""
    ours = edges_at(ties, window)
    tokens = [set(t.split()) for t in peer_tokens(python, posts.text.tolist())]
    words = [set(form.split()) for form in forms]
    rows = {a: np.array(i) for a, i in posts.groupby("account_id").indices.items()}
    seconds = posts.time.to_numpy().astype("datetime64[s]").astype(np.int64)
    rng = np.random.default_rng(1)
    yield f"At {window:,} s, of edges that one side alone has (sample of at most {EXPLAINED} each):"
    yield ""
    for name, only, near, other in (
        ("toolkit", sorted(theirs - ours), tokens, words),
        ("ours", sorted(ours - theirs), words, tokens),
    ):
        reasons: dict[str, int] = {}
        picked = rng.permutation(len(only))[:EXPLAINED]
        for at in picked.tolist():
            reason = why(only[at], rows, seconds, window, near, other)
            reasons[reason] = reasons.get(reason, 0) + 1
        told = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items())) or "none"
        yield f"- {name} alone, {len(only):,} edges: {told}"
    yield ""


def why(
    edge: tuple[str, str],
    rows: dict[str, npt.NDArray[Any]],
    seconds: npt.NDArray[Any],
    window: int,
    near: list[set[str]],
    other: list[set[str]],
) -> str:
    """Look at the posts most alike within the window, by the words of the side with the edge."""
    best = (0.0, 0.0)
    for i in rows[edge[0]].tolist():
        for j in rows[edge[1]][np.abs(seconds[rows[edge[1]]] - seconds[i]) <= window].tolist():
            similarity = jaccard(near[i], near[j])
            if similarity > best[0]:
                best = (similarity, jaccard(other[i], other[j]) if other[i] and other[j] else -1.0)
    if best[0] < THRESHOLD:
        return "joined through a third text:"
    if best[1] < 0:
        return "nothing left of the text for the other side:"
    return "below .8 in the other's words:" if best[1] < THRESHOLD else "near for both:"


def jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a or b else 0.0


def peer_tokens(python: str, texts: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "texts.json")
        path.write_text(json.dumps(texts), encoding="utf-8")
        done = subprocess.run(
            [python, "-c", TOKENS, str(path)], check=True, capture_output=True, text=True
        )
    found: list[str] = json.loads(done.stdout)
    return found


def shuffled(posts: pd.DataFrame, runs: int = 20) -> Iterator[str]:
    """Does the analytic null keep still on data without coordination?"""
    objects = np.array([form or None for form in normalize(posts.text.tolist())], dtype=object)
    yield f"### The analytic null on shuffled labels: copied text, {runs} runs each"
    yield ""
    yield "| labels shuffled | runs with any tie at q <= .05 | such ties in all |"
    yield "|---|---|---|"
    strata = {
        "over all posts": None,
        "within hours of the day": posts.time.dt.hour,
        "within weeks": posts.time.dt.floor("7D"),
        "within days": posts.time.dt.floor("D"),
    }
    for name, key in strata.items():
        found = [flags(posts, objects, key, seed) for seed in range(runs)]
        yield f"| {name} | {sum(n > 0 for n in found)} of {runs} | {sum(found)} |"
    yield f"| not at all (the data) | | {flags(posts, objects, None, None)} |"
    yield ""


def flags(posts: pd.DataFrame, objects: npt.NDArray[Any], key: Any, seed: int | None) -> int:
    if seed is not None:
        rng = np.random.default_rng(seed)
        account = posts.account_id
        groups = account.groupby(key) if key is not None else account.groupby(np.zeros(len(posts)))
        posts = posts.assign(account_id=groups.transform(lambda part: rng.permutation(part.values)))
    ties = find_ties(events_of(posts, objects), windows_s=WINDOWS).table
    return int((ties.column("q_value").to_numpy() <= 0.05).sum())


def generated(size: int, seed: int = 1) -> pa.Table:
    """Skewed events: few accounts write much, few objects are shared much, within days."""
    rng = np.random.default_rng(seed)
    accounts, objects = max(size // 20, 10), max(size // 5, 10)
    account = np.minimum((accounts * rng.random(size) ** 2.5).astype(np.int32), accounts - 1)
    obj = np.minimum((objects * rng.random(size) ** 2.0).astype(np.int32), objects - 1)
    at = (rng.random(objects) * 90 * DAY)[obj] + rng.exponential(2 * DAY, size)
    names = (
        pa.array([f"a{i}" for i in range(accounts)]),
        pa.array([f"o{i}" for i in range(objects)]),
    )
    return pa.table(
        {
            "object_id": pa.DictionaryArray.from_arrays(pa.array(obj), names[1]),
            "account_id": pa.DictionaryArray.from_arrays(pa.array(account), names[0]),
            "content_id": pa.array([f"c{i}" for i in range(size)]),
            "created_at": pa.array((at * 1e6).astype(np.int64)).cast(pa.timestamp("us", tz="UTC")),
        }
    )


def widths(size: int = 1_000_000) -> Iterator[str]:
    events = generated(size)
    _, _, one = timed(lambda: find_ties(events, windows_s=(DAY,), min_weight=2), 2)
    _, _, five = timed(lambda: find_ties(events, min_weight=2), 2)
    yield (
        f"On {size:,} generated events five windows in one pass cost {five / one:.2f} times the"
        f" widest alone ({five:.1f} and {one:.1f} processor seconds)."
    )
    yield ""


def growth(sizes: list[int]) -> Iterator[str]:
    yield "### Growth: generated events, five windows, ties of two pairs or more"
    yield ""
    yield "| events | wall s | processor s | ties | objects left out | peak MiB so far |"
    yield "|---|---|---|---|---|---|"
    took = []
    for size in sizes:
        events = generated(size)
        found, wall, cpu = timed(lambda events=events: find_ties(events, min_weight=2))
        took.append(cpu)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
        yield (
            f"| {size:,} | {wall:.1f} | {cpu:.1f} | {found.table.num_rows:,} |"
            f" {found.skipped.num_rows} | {peak:,} |"
        )
    yield ""
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(took), 1)[0]
        yield f"Processor time grows with events to the power {slope:.2f}."
        yield ""


def write(page: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if BEGIN not in text:
        made_by = "Made by `python -m benchmarks.coordination --write`."
        text += f"\n## Coordination\n\n{made_by}\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = f"{before}{BEGIN}\n\n{page.strip()}\n\n{END}{after}"
    PAGE.write_text(made, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
