"""Files built to hurt: what `inspect` spends on them beyond what it spends on a small file.

Usage: python -m benchmarks.resource_attacks [--only NAME ...] [--write]
In: nothing; the attacks are made in a temporary folder. Out: a Markdown table: seconds of wall and
processor, highest memory, exit code, and the first sentence that was said; `--write` puts it into
docs/benchmarks.md between its marks. It ends with exit code 1 where an attack costs more than two
seconds of processor or 400 MiB beyond the small file, or ends in anything but an answer.

Processor seconds decide, because other work on a machine changes wall time most.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import zstandard

from benchmarks.page import put_section

MOST_SECONDS, MOST_MIB = 2.0, 400.0
HEADER = b"post_id,account_id,created_at,text\n"
GIB = 1 << 30


def small() -> bytes:
    return HEADER + b"1,a,2020-07-17T10:00:00Z,hello there\n"


def zip_bomb() -> bytes:
    """1 GiB of one letter in about 1 MiB."""
    out = io.BytesIO()
    archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("posts.csv", "w") as member:
        member.write(HEADER)
        for _ in range(GIB >> 20):
            member.write(b"a" * (1 << 20))
    return out.getvalue()


def lying_zip() -> bytes:
    """The same, and its directory says that it is small."""
    data = bytearray(zip_bomb())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    return bytes(data)


def many_members() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(60_000):
            archive.writestr(f"{number}.csv", b"")
    return out.getvalue()


def gzip_bomb() -> bytes:
    return gzip.compress(HEADER + b"a" * (GIB >> 1), 9)


def zstd_bomb() -> bytes:
    return zstandard.ZstdCompressor(3).compress(HEADER + b"a" * (GIB >> 1))


def zstd_window() -> bytes:
    """A frame that asks for the largest window and holds one line."""
    wanted = zstandard.ZstdCompressionParameters.from_level(3, window_log=31)
    packer = zstandard.ZstdCompressor(compression_params=wanted).compressobj()
    return packer.compress(small()) + packer.flush()


def deep_line() -> bytes:
    return b'{"text": "a", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b'}\n{"text": "b"}\n'


def deep_document() -> bytes:
    return b'{"posts": [{"text": "a"}, ' + b"[" * 10_000 + b"]" * 10_000 + b"]}"


def many_keys() -> bytes:
    return json.dumps({f"k{n}": n for n in range(300_000)} | {"text": "a"}).encode() + b"\n"


def different_keys() -> bytes:
    return b"".join(b'{"text": "a", "k%d": 1}\n' % n for n in range(100_000))


def huge_number() -> bytes:
    return b'{"text": "a", "id": ' + b"9" * 5_000_000 + b"}\n"


def huge_field() -> bytes:
    return HEADER + b'1,a,2020-07-17T10:00:00Z,"' + b"x" * 60_000_000 + b'"\n'


def open_quotes() -> bytes:
    """Each row opens a quotation mark that nobody closes."""
    return HEADER + b'1,a,2020-07-17T10:00:00Z,"never closed\n' * 20_001


def quotes_only() -> bytes:
    return HEADER + b'"' * 2_000_001 + b"\n"


def surrogates() -> bytes:
    return b'{"text": "\\ud800\\udfff\\ud800"}\n' * 50_000


def hostile_texts() -> bytes:
    """50,000 characters of what patterns stumble over."""
    units = [
        "a",
        " ",
        "@a",
        "#a",
        "a.",
        "a@a.",
        "http://a",
        "\u0645\u200c",
        "RT @a: ",
        "a-",
        "(",
        "1,",
    ]
    rows = [
        {
            "post_id": str(n),
            "account_id": "a",
            "text": (unit * 50_000)[:50_000],
            "bio": unit * 9_000,
        }
        for n, unit in enumerate(units)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def python_lists() -> bytes:
    """Cells in Python notation, nested as deep as fits."""
    cell = b"[" * 9_000 + b"]" * 9_000
    return b"post_id,text,hashtags\n" + b"1,a," + cell + b"\n" + b"2,b,\"{{1}, {'a': [}]\"\n"


@dataclass(frozen=True)
class Attack:
    """One file: how it is made, what it is called."""

    make: Callable[[], bytes]
    ending: str

    @property
    def name(self) -> str:
        return self.make.__name__.replace("_", " ")


ATTACKS = [
    Attack(small, ".csv"), Attack(zip_bomb, ".zip"), Attack(lying_zip, ".zip"),
    Attack(many_members, ".zip"), Attack(gzip_bomb, ".csv.gz"), Attack(zstd_bomb, ".csv.zst"),
    Attack(zstd_window, ".csv.zst"), Attack(deep_line, ".jsonl"), Attack(deep_document, ".json"),
    Attack(many_keys, ".jsonl"), Attack(different_keys, ".jsonl"), Attack(huge_number, ".jsonl"),
    Attack(huge_field, ".csv"), Attack(open_quotes, ".csv"), Attack(quotes_only, ".csv"),
    Attack(surrogates, ".jsonl"), Attack(hostile_texts, ".jsonl"), Attack(python_lists, ".csv"),
]  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    wall: float
    processor: float
    mib: float
    code: int
    said: str


def spent(path: Path) -> Cost:
    """Run `inspect` in a process of its own."""
    command = [sys.executable, "-m", "narrashift", "inspect", str(path), "--json"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    output = process.stdout.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        time.perf_counter() - began,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        process.returncode,
        _answer(output),
    )


def _answer(output: str) -> str:
    if output.lstrip().startswith("{"):
        try:
            found = json.loads(output)
        except ValueError:
            return "no answer"
        reasons = "; ".join(f"{n:,} x {why}" for why, n in found["rejected"].items())
        return f"{found['rows_kept']:,} rows kept" + (f", rejected: {reasons}" if reasons else "")
    return (output.strip().splitlines() or ["no answer"])[-1][:160]


def measured(wanted: list[str]) -> tuple[list[str], bool]:
    lines = [
        "| attack | file | wall s | processor s | beyond small | MiB | beyond small | exit |"
        " what was said |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    base: Cost | None = None
    fine = True
    with tempfile.TemporaryDirectory() as folder:
        for attack in ATTACKS:
            if wanted and attack.make is not small and attack.name not in wanted:
                continue
            path = Path(folder) / f"attack{attack.ending}"
            # Made elsewhere: a process begins with the highest memory of the one that started it.
            make = [sys.executable, "-m", "benchmarks.resource_attacks", "--make", attack.name]
            subprocess.run([*make, str(path)], check=True)
            if base is None:
                spent(path)  # the first start of all compiles and caches
            cost = min((spent(path) for _ in range(2)), key=lambda one: one.processor)
            base = base or cost
            more_s, more_mib = cost.processor - base.processor, cost.mib - base.mib
            answered = cost.code in (0, 3) and cost.said != "no answer"
            fine &= answered and more_s <= MOST_SECONDS and more_mib <= MOST_MIB
            lines.append(
                f"| {attack.name} | {path.stat().st_size / 2**20:.2f} MiB | {cost.wall:.1f} |"
                f" {cost.processor:.1f} | {more_s:+.1f} | {cost.mib:.0f} | {more_mib:+.0f} |"
                f" {cost.code} | {cost.said.replace('|', '/')} |"
            )
            print(lines[-1], flush=True)
            path.unlink()
    return lines, fine


def write(text: str) -> None:
    """Put the section between its marks."""
    put_section("resource-attacks", text, heading="Files built to hurt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", nargs="*", default=[], help="names of attacks")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    parser.add_argument("--make", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        name, path = args.make
        made = next(attack for attack in ATTACKS if attack.name == name)
        Path(path).write_bytes(made.make())
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    lines, fine = measured(args.only)
    if args.write:
        about = (
            "`python -m benchmarks.resource_attacks`: `narrashift inspect` on each file in a"
            " process of its own, the better of two runs; allowed are two processor seconds and"
            " 400 MiB beyond the small file."
        )
        write("\n".join([about, "", *lines]))
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
