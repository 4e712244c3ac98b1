"""Reading NDJSON and CSV beside polars: the same rows to the same columns, in one run.

Usage: python -m benchmarks.reading [--rows 300000] [--repeats 3] [--write]
In: nothing; the files are made in a temporary folder. Out: a Markdown table: wall and processor
seconds, their ratio, and the highest memory above that of a process that only loaded the library:
private (what the process cannot give back) and with the pages of mapped files, which the system
takes when it needs them; `--write` puts it into docs/benchmarks.md between its marks.

The mapping is that of a corpus: ids as text, times in UTC, reposts told by their text, links,
hashtags and mentions as lists, one post an id in the order of ids, first and last sighting of each
handle. polars does no more than that; ours also accounts for every row, checks ids and encodings,
and takes digests. `rows` is the first half alone: the file to columns of text. Each reader runs in
a fresh process, the best of the repeats.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.page import put_section
from corpus.measure import peak_mib

# How often private memory is looked at; a peak lasts longer than that on large files.
LOOK_S = 0.01
WORDS = ["summit", "bridge", "صلح", "خانه", "vote", "water", "people", "می‌گوید", "harbor", "news",
         "price", "street", "🙂", "and", "the", "of"]  # fmt: skip
NAMES = ["id", "created_at", "author_id", "username", "text", "lang", "retweet_count"]


def make(folder: Path, rows: int) -> tuple[Path, Path]:
    """The same posts as NDJSON and as CSV."""
    chance = random.Random(5)
    lines, table = folder / "posts.ndjson", folder / "posts.csv"
    with (
        lines.open("w", encoding="utf-8", newline="\n") as out,
        table.open("w", encoding="utf-8", newline="") as cells,
    ):
        writer = csv.writer(cells)
        writer.writerow(NAMES)
        for n in range(rows):
            text = " ".join(chance.choices(WORDS, k=14)) + (f" #tag{n % 50}" if n % 4 == 0 else "")
            at = f"2020-07-{1 + n % 28:02d}T{n % 24:02d}:{n % 60:02d}:{n * 7 % 60:02d}Z"
            row = (str(10**17 + n), at, str(1000 + n % 5000), f"user{n % 5000}", text, "en", n % 9)
            writer.writerow(row)
            one = dict(zip(("id", "created_at"), row, strict=False))
            one |= {"text": text, "lang": "en", "retweet_count": row[6]}
            one["author"] = {"id": row[2], "username": row[3]}
            out.write(json.dumps(one, ensure_ascii=False) + "\n")
    return lines, table


def ours(path: Path) -> int:
    from corpus.readers import read

    return int(read([path]).posts.num_rows)


def our_rows(path: Path) -> int:
    from corpus.readers.inputs import Input
    from corpus.readers.load import open_source
    from corpus.settings import Reading

    return int(open_source(Input(path, path.name), None, Reading()).rows.table.num_rows)


def theirs(path: Path) -> int:
    import polars as pl

    text = pl.col("text")
    if path.suffix == ".csv":
        source = pl.scan_csv(path, infer_schema=False)
    else:
        author = pl.col("author").struct
        source = pl.scan_ndjson(path).with_columns(
            author.field("id").alias("author_id"), author.field("username").alias("username")
        )
    at = pl.col("created_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", time_unit="us")
    repost = text.str.contains(r"^\s*RT\s+@\w+")
    posts = (
        source.select(
            pl.col("id").str.strip_chars().alias("post_id"),
            pl.col("author_id").str.strip_chars().alias("account_id"),
            at.alias("created_at"),
            text,
            pl.col("lang").str.to_lowercase(),
            pl.when(repost).then(pl.lit("repost")).otherwise(pl.lit("post")).alias("kind"),
            text.str.extract_all(r"https?://[^\s<>\"]+").alias("urls"),
            text.str.extract_all(r"[#＃]\w*[^\W\d_]\w*").alias("hashtags"),
            text.str.extract_all(r"[@＠][A-Za-z0-9_]{1,50}").alias("mentions"),
            pl.col("username").alias("handle"),
        )
        .with_row_index("source_row")
        .unique("post_id", keep="first")
        .sort("post_id")
    )
    profiles = source.group_by("author_id", "username").agg(
        at.min().alias("first"), at.max().alias("last")
    )
    found = pl.collect_all([posts, profiles])
    return int(found[0].height)


def their_rows(path: Path) -> int:
    import polars as pl

    if path.suffix == ".csv":
        return int(pl.read_csv(path, infer_schema=False).height)
    return int(pl.read_ndjson(path).height)


READERS: dict[str, Callable[[Path], int]] = {
    "ours": ours, "polars": theirs, "ours, rows": our_rows, "polars, rows": their_rows,
}  # fmt: skip


def private_mib() -> float:
    """Memory of this process that no file backs, now; not a number where the system hides it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) / 1024


@contextmanager
def watched(peak: list[float]) -> Iterator[None]:
    """Keep the highest private memory of what runs inside in `peak`."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_S):
            peak.append(max(peak.pop(), private_mib()))

    peak.append(private_mib())
    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        done.set()
        looking.join()


def child(name: str, path: str) -> dict[str, Any]:
    """One reader on one file, in this process."""
    import polars  # noqa: F401 - loaded before the clock and the memory are looked at

    import corpus.readers  # noqa: F401

    before, private, peak = peak_mib(), private_mib(), list[float]()
    wall, processor = time.perf_counter(), time.process_time()
    with watched(peak):
        rows = READERS[name](Path(path))
    return {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "private": peak[0] - private,
        "mib": peak_mib() - before,
        "rows": rows,
    }


def measure(name: str, path: Path, repeats: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.reading", "--child", name, str(path)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for _ in range(repeats)
    ]
    return {key: min(run[key] for run in runs) for key in runs[0]}


def table(rows: int, repeats: int) -> list[str]:
    lines = [
        f"{rows:,} posts. `share` is polars' seconds divided by ours: 0.5 is half its speed.", "",
        "| file | reader | wall s | processor s | share, wall | share, processor | private MiB |"
        " with mapped files MiB |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for path in make(Path(folder), rows):
            for mine, peer in (("ours", "polars"), ("ours, rows", "polars, rows")):
                own, other = measure(mine, path, repeats), measure(peer, path, repeats)
                assert own["rows"] == other["rows"] == rows
                wall, processor = (other[k] / own[k] for k in ("wall", "processor"))
                for name, run, shares in (
                    (mine, own, f"{wall:.2f} | {processor:.2f}"), (peer, other, " | "),
                ):  # fmt: skip
                    lines.append(
                        f"| {path.name} | {name} | {run['wall']:.1f} | {run['processor']:.1f} |"
                        f" {shares} | {run['private']:.0f} | {run['mib']:.0f} |"
                    )
                    print(lines[-1], flush=True)
    return lines


def write(text: str) -> None:
    """Put the section between its marks."""
    put_section("reading", text, heading="Reading files")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, the best counts")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(*args.child)))
        return
    lines = table(args.rows, args.repeats)
    if args.write:
        about = (
            f"`python -m benchmarks.reading --rows {args.rows} --repeats {args.repeats}`, each"
            " reader in a fresh process, the best of its runs."
        )
        write("\n".join([about, "", *lines]))


if __name__ == "__main__":
    main()
