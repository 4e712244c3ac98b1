"""Content ids name their parts and nothing else."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from corpus.identity import content_id

PARTS = st.lists(
    st.none() | st.integers() | st.text(alphabet=st.characters(exclude_characters="\x1f\x00"))
)


@given(PARTS)
def test_the_same_parts_give_the_same_id(parts: list[str | int | None]) -> None:
    assert content_id(*parts) == content_id(*parts)
    assert len(content_id(*parts)) == 32


@given(PARTS, PARTS)
def test_different_parts_give_different_ids(
    a: list[str | int | None], b: list[str | int | None]
) -> None:
    same = [None if p is None else str(p) for p in a] == [None if p is None else str(p) for p in b]
    assert (content_id(*a) == content_id(*b)) == same


def test_borders_between_parts_count() -> None:
    assert content_id("ab", "c") != content_id("a", "bc")
    assert content_id("a", None) != content_id("a", "")


def test_another_process_gives_the_same_id(root: object) -> None:
    code = (
        "from corpus.identity import content_id; print(content_id('\u0633\u0644\u0627\u0645', 7))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=str(root), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == content_id("\u0633\u0644\u0627\u0645", 7)
