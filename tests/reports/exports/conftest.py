"""Sources of exports made from the hand-made case, and strings that break things elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from corpus.settings import Settings
from corpus.tables import ALL
from reports.exports.source import CaseFacts, ExportOptions, ExportSource, redact_into
from reports.findings import rank_findings
from reports.redaction import Redactor

HOSTILE = [
    "", " ", "=1+1", "\t=1", " @SUM(A1)", "＝1", "-2", "1284563908712345678", "007", "null", "NA",
    "هوادار می\u200cروم نمی\u200cخواهند",
    "👨\u200d👩\u200d👧 \U0001f3f4\U000e0067\U000e0062\U000e007f 😀",
    "a\nb", "a\r\nb", "a\rb", 'say "x", then; y', "a\x00b", "\x0b\x1b[31m",
    "\ufffe\uffff", "\u202eevil\u2066", "]]><x/>&amp;<!--", "{{7*7}}", "<script>1</script>",
    "'", "\\", "[x](javascript:1) ![y](z)", "# h\n- l\n1. n",
    "www.a.example https://b.example", "\u2028\u2029\x85", "../../x", "x" * 2_000,
]  # fmt: skip
hostile = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)
FACTS = CaseFacts("A <b>title</b> | =1", "0.1.0", "d" * 32, "pseudonym", tlp="amber")
MakeSource = Callable[..., ExportSource]


def posts_of(texts: list[str]) -> dict[str, pa.Table]:
    """A table of posts, one a text, with ids that no float can hold."""
    rows: list[dict[str, Any]] = [
        {
            "post_id": f"128456390871234{place:04d}", "platform": "x",
            "account_id": f"99999999999999{place:05d}", "created_at": None,
            "time_precision": "unknown", "text": text, "kind": "post", "urls": [],
            "hashtags": [text] if text else [], "mentions": [], "source_file": "posts.csv",
            "source_row": place, "handle": text,
        }
        for place, text in enumerate(texts)
    ]  # fmt: skip
    return {"posts": ALL["posts"].from_rows(rows)}


@contextmanager
def source_of(
    tables: Mapping[str, pa.Table],
    *,
    redactor: Redactor | None = None,
    facts: CaseFacts = FACTS,
    **options: bool,
) -> Iterator[tuple[ExportSource, Path]]:
    """A source made from tables as they are, and an empty folder beside it."""
    with TemporaryDirectory() as place:
        target = Path(place) / "out"
        target.mkdir()
        made = redact_into(
            Path(place) / "spool", tables, redactor or Redactor("none"), facts,
            ExportOptions(**options),
        )  # fmt: skip
        yield made, target


@pytest.fixture(scope="session")
def told_tables(tables: dict[str, pa.Table], settings: Settings) -> dict[str, pa.Table]:
    """The hand-made case with its findings and two ties."""
    posts = tables["posts"].to_pylist()
    timed = [row for row in posts if row["created_at"] is not None]
    a, b, c = sorted({row["account_id"] for row in timed})[:3]
    base = {
        "layer": "near_duplicate", "window_s": 60, "weight": 7, "n_objects": 4, "posts_a": 4,
        "posts_b": 4, "mean_gap_s": 12.5, "median_gap_s": 11.0, "a_first_share": 0.5,
        "symmetry": 1.0, "expected": 0.01, "p_value": 1e-9, "q_value": 1e-7,
        "evidence": [row["post_id"] for row in timed[:2]],
    }  # fmt: skip
    ties = [
        base | {"account_a": a, "account_b": b, "validated": True},
        base
        | {"account_a": a, "account_b": b, "validated": True, "window_s": 3600, "q_value": 0.01},
        base | {"account_a": a, "account_b": c, "validated": False, "q_value": 0.7},
    ]
    whole = {**tables, "ties": ALL["ties"].from_rows(ties)}
    return {**whole, "findings": rank_findings(whole, settings)}
