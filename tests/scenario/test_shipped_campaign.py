"""The shipped corpus: small enough, undamaged, and what the generator writes for its seed."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from scripts.campaign import simulate, write_campaign

LIMIT_BYTES = 3_000_000


@pytest.fixture
def shipped(root: Path) -> Path:
    return root / "data" / "summit_campaign"


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def listed(shipped: Path) -> dict[str, str]:
    lines = (shipped / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_the_shipped_corpus_stays_under_three_megabytes(shipped: Path) -> None:
    assert sum(p.stat().st_size for p in shipped.rglob("*") if p.is_file()) <= LIMIT_BYTES


def test_every_shipped_table_has_the_digest_it_is_listed_with(shipped: Path) -> None:
    digests = listed(shipped)
    assert len(digests) == 8
    for name, digest in digests.items():
        path = shipped / name if (shipped / name).is_file() else shipped / f"{name}.gz"
        assert hashlib.sha256(content(path)).hexdigest() == digest, name


def test_the_shipped_corpus_is_what_the_generator_writes_for_its_seed(
    shipped: Path, tmp_path: Path
) -> None:
    write_campaign(simulate(2000, 1979), tmp_path)
    for name in ("posts.csv", "profiles.csv", "truth/posts.csv"):
        again = set((tmp_path / name).read_bytes().splitlines())
        known = set(content(shipped / f"{name}.gz").splitlines())
        # The same bytes on one machine; another one's exp() may move a second here and there.
        assert len(again & known) >= 0.98 * len(again | known)


def test_the_shipped_corpus_says_what_it_is_and_under_which_licence(shipped: Path) -> None:
    readme = (shipped / "README.md").read_text(encoding="utf-8")
    assert "synthetic" in readme
    assert "invented" in readme
    assert "CC0" in (shipped / "LICENSE").read_text(encoding="utf-8")
