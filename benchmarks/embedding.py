"""Embedding: posts a second and processor seconds beside sentence-transformers, in one run.

Usage: python -m benchmarks.embedding [--texts 2000] [--repeats 3] [--threads 1 2] [--write]
In: posts of the shared real corpus (aggregates only are printed), or made-up ones where it is
absent. Out: Markdown tables; `--write` puts them into docs/benchmarks.md between its embedding
marks.

All variants get the same cleaned texts, each once, with the model loaded and warm. They take turns
(every variant once, then every variant again), so that a busy minute meets all of them; the best of
the turns counts. The least cosine is against sentence-transformers in float32.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.corpora import planted
from benchmarks.page import put_section
from nlp import embed_sentence
from nlp.embed_cache import VectorCache
from nlp.tokens import plain
from nlp.torch_speed import BF16_FLAGS, Plan, plan, prefers_onednn, processor_flags

os.environ.setdefault("HF_HUB_OFFLINE", "1")
ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("NARRASHIFT_SHARED_DATA", ROOT.parent / "shared" / "data"))
CACHE_SIZE = 300_000
CACHE_ASKED = 5_000
WARM = 64


@dataclass
class Turns:
    """The best of the turns of one variant, and its last rows."""

    run: Callable[[], Any]
    wall: float = float("inf")
    processor: float = float("inf")
    rows: Any = None

    def turn(self) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        self.rows = self.run()
        self.wall = min(self.wall, time.perf_counter() - wall)
        self.processor = min(self.processor, time.process_time() - processor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--texts", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    args = parser.parse_args()
    texts = posts(args.texts)
    parts = [machine(texts), *(beside(texts, n, args.repeats) for n in args.threads), kept()]
    lines = []
    for line in itertools.chain.from_iterable(parts):
        print(line, flush=True)
        lines.append(line)
    if args.write:
        write("\n".join(lines))


def posts(count: int) -> list[str]:
    """Distinct cleaned posts in an order that no variant can profit from."""
    path = SHARED / "ira_troll_tweets" / "en_dev.parquet"
    if path.exists():
        raw = pq.read_table(path, columns=["text"]).column("text").to_pylist()
    else:
        raw = planted(4 * count).texts
    order = np.random.default_rng(0).permutation(len(raw))
    distinct = dict.fromkeys(plain(raw[at]) for at in order[: 4 * count].tolist())
    return [text for text in distinct if text][:count]


def machine(texts: list[str]) -> Iterator[str]:
    model = embed_sentence.make_minilm()
    tokens = embed_sentence._token_counts(model._model, texts)
    flags = processor_flags()
    yield (
        f"{len(texts):,} posts, {tokens.mean():.1f} tokens each; processor flags for bfloat16:"
        f" {', '.join(sorted(flags & BF16_FLAGS)) or 'none'}; float32 products by"
        f" {'oneDNN' if prefers_onednn(flags) else 'the library that torch chooses'}."
        f" {'AMX was measured.' if 'amx_bf16' in flags else 'This processor has no AMX.'}"
    )
    yield ""


def beside(texts: list[str], threads: int, repeats: int) -> Iterator[str]:
    """All variants with the same number of threads, then ours with its own choice."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        variants = {name: Turns(run) for name, run in runs(texts, threads).items()}
        for _ in range(repeats):
            for variant in variants.values():
                variant.turn()
    finally:
        torch.set_num_threads(before)
    yield f"### all-MiniLM-L6-v2, {threads} thread{'s' if threads > 1 else ''}"
    yield ""
    yield "| variant | posts/s | processor s | wall, first is 1 | processor, first is 1 | cosine |"
    yield "|---|---|---|---|---|---|"
    theirs = next(iter(variants.values()))
    for name, one in variants.items():
        cosine = (one.rows * theirs.rows).sum(axis=1).min()
        yield (
            f"| {name} | {len(texts) / one.wall:,.0f} | {one.processor:.2f} |"
            f" {theirs.wall / one.wall:.1f}x | {theirs.processor / one.processor:.1f}x |"
            f" {cosine:.5f} |"
        )
    yield ""


def runs(texts: list[str], threads: int) -> dict[str, Callable[[], Any]]:
    import torch

    full = _theirs(torch.float32)
    half = _theirs(torch.bfloat16)
    made: dict[str, Callable[[], Any]] = {
        "sentence-transformers float32, batch 32": partial(_encode, full, texts, 32),
        "sentence-transformers float32, batch 128": partial(_encode, full, texts, 128),
        "sentence-transformers bfloat16, batch 32": partial(_encode, half, texts, 32),
        "sentence-transformers bfloat16, batch 128": partial(_encode, half, texts, 128),
        "narrashift float32": partial(_ours, texts, _own(threads), False),
        "narrashift as it chooses": partial(_ours, texts, _own(threads), True),
    }
    if threads > 1:
        made["narrashift, precision and threads as it chooses"] = partial(
            _ours, texts, _own(None), True
        )
    return made


def _theirs(precision: Any) -> Any:
    from sentence_transformers import SentenceTransformer

    folder = embed_sentence.make_minilm()._folder
    model = SentenceTransformer(str(folder), local_files_only=True).to(precision)
    _encode(model, ["warm words"] * WARM, 32)
    return model


def _encode(model: Any, texts: list[str], batch: int) -> Any:
    rows = model.encode(
        texts, batch_size=batch, normalize_embeddings=True, convert_to_tensor=True,
        show_progress_bar=False,
    )  # fmt: skip
    return rows.float().numpy()


def _own(threads: int | None) -> embed_sentence.SentenceEmbedder:
    model = embed_sentence.make_minilm()
    model.threads = threads
    model.encode(["warm words"])
    model._forward(["warm words"], model._half)
    return model


def _ours(texts: list[str], model: embed_sentence.SentenceEmbedder, choose: bool) -> Any:
    embed_sentence.plan = plan if choose else _full_only  # type: ignore[attr-defined]
    try:
        return model.encode(texts)
    finally:
        embed_sentence.plan = plan  # type: ignore[attr-defined]


def _full_only(model: Any) -> Plan:
    own = plan(model)
    return Plan(False, own.tokens_full, own.tokens_half)


def kept() -> Iterator[str]:
    """What a look-up of known texts costs, from a case that holds many vectors."""
    random = np.random.default_rng(0)
    texts = [
        f"a post of about the usual length that says something, number {n}"
        for n in range(CACHE_SIZE)
    ]
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder), "0" * 64, 384)
        began = time.perf_counter()
        for start in range(0, CACHE_SIZE, CACHE_ASKED):
            rows = random.random((CACHE_ASKED, 384), dtype=np.float32)
            cache.keep(
                texts[start : start + CACHE_ASKED], rows, np.zeros(CACHE_ASKED, dtype=np.bool_)
            )
        writing = time.perf_counter() - began
        began = time.perf_counter()
        cache = VectorCache(Path(folder), "0" * 64, 384)
        opening = time.perf_counter() - began
        began = time.perf_counter()
        for start in range(0, CACHE_SIZE, CACHE_ASKED):
            assert cache.look_up(texts[start : start + CACHE_ASKED])[2].all()
        looking = time.perf_counter() - began
        parts = len(list(Path(folder).glob("*/*.vectors")))
    yield "### Vectors kept in a case"
    yield ""
    yield (
        f"{CACHE_SIZE:,} vectors of 384 numbers in {parts} parts: written in {writing:.1f} s,"
        f" opened and checked in {opening:.2f} s, all texts looked up in {looking:.2f} s:"
        f" {CACHE_SIZE / (opening + looking):,.0f} texts a second."
    )
    yield ""


MADE_BY = "Made by `python -m benchmarks.embedding --write`."


def write(page: str) -> None:
    """Put the section between its marks."""
    put_section("embedding", page, heading="Embedding", about=MADE_BY)


if __name__ == "__main__":
    main()
