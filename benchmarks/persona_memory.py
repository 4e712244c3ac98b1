"""How much memory and time does the tracker take on millions of profile snapshots?

Usage: python -m benchmarks.persona_memory [--snapshots 1000000]
In: nothing; histories are generated: a thousand snapshots an account, a new bio about every 250th.
Out: one Markdown row: seconds, the highest resident memory, and how much of it the loaded input
itself took. What happens to a snapshot happens in Arrow columns; Python objects exist for the
stretches of equal values alone, so memory above the input grows with the edits.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa

from corpus.measure import peak_mib
from corpus.progress import Silent
from corpus.settings import Personas
from corpus.tables import POSTS, PROFILES, TS
from engines.local import LocalEngine
from personas.tracker import track_personas

PER_ACCOUNT = 1_000
STANDS = 250  # snapshots for which a state stands, on average
SEED = 11
WORDS = ("baker", "monarchist", "reader", "nurse", "tea", "trains", "old maps", "chess", "runner")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--snapshots", type=int, default=1_000_000)
    args = parser.parse_args()
    profiles = generated(args.snapshots)
    loaded, began, spent = peak_mib(), time.perf_counter(), time.process_time()
    tables = track_personas(
        LocalEngine(),
        posts=POSTS.empty(),
        profiles=profiles,
        settings=Personas(),
        progress=Silent(),
    )
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print("| snapshots | accounts | input MiB | peak above it MiB | seconds | processor seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(
        f"| {args.snapshots:,} | {tables.persona_coverage.num_rows:,} | {loaded:,.0f} |"
        f" {peak_mib() - loaded:,.0f} | {wall:.1f} | {cpu:.1f} |"
    )


def generated(n: int) -> pa.Table:
    """Return `profiles` of n rows, in order of account and time."""
    chance = np.random.default_rng(SEED)
    account = np.arange(n) // PER_ACCOUNT
    version = np.cumsum(chance.random(n) < 1 / STANDS)
    picks = chance.integers(0, len(WORDS), size=(int(version[-1]) + 1, 4))
    bios = pa.array([", ".join(WORDS[w] for w in row) + f" {at}" for at, row in enumerate(picks)])
    accounts = pa.array([f"acc{at}" for at in range(int(account[-1]) + 1)])
    seen = 1_600_000_000_000_000 + (np.arange(n) % PER_ACCOUNT) * 8_640_000_000
    columns = {
        "snapshot_id": pa.array(np.arange(n)).cast(pa.string()),
        "platform": pa.array([""]).take(pa.array(np.zeros(n, dtype=np.int64))),
        "account_id": accounts.take(pa.array(account)),
        "observed_at": pa.array(seen).cast(TS),
        "basis": pa.array(["retrieved"]).take(pa.array(np.zeros(n, dtype=np.int64))),
        "handle": accounts.take(pa.array(account)),
        "bio": bios.take(pa.array(version)),
        "statuses_count": pa.array(np.arange(n) % PER_ACCOUNT),
        "state": pa.array(["active"]).take(pa.array(np.zeros(n, dtype=np.int64))),
        "source_file": pa.array(["made"]).take(pa.array(np.zeros(n, dtype=np.int64))),
        "source_row": pa.array(np.arange(n)),
    }
    full = [
        columns.get(field.name, pa.nulls(n, field.type)).cast(field.type)
        for field in PROFILES.schema
    ]
    return pa.table(full, schema=PROFILES.schema)


if __name__ == "__main__":
    main()
