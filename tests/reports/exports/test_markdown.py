"""The summary: filled where something was counted, blank where a human judges, never live."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pyarrow as pa
from hypothesis import example, given
from markdown_it import MarkdownIt

from reports.clean import show_invisibles
from reports.exports.from_tables import export_tables
from reports.exports.markdown_text import for_markdown
from reports.neutral import judging_words
from reports.redaction import Redactor

from .conftest import FACTS, hostile

READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})


@given(hostile)
@example("1. one")
@example("- one")
@example("+ one")
@example("12) one")
@example("~~a~~ ==b== | c | --- |")
@example("&lt; &#60; \\& \\\\")
def test_a_reader_shows_the_characters_that_were_written_and_makes_nothing_of_them(
    text: str,
) -> None:
    line = for_markdown(text)
    assert "\n" not in line
    rendered = READER.render(line).strip()
    shown = " ".join(show_invisibles(text).split())
    if not shown:
        assert rendered == ""
        return
    inside = re.fullmatch(r"<p>(.*)</p>", rendered, re.DOTALL)
    assert inside is not None and "<" not in inside[1]
    assert html.unescape(inside[1]) == shown


def test_the_engine_fills_its_parts_and_leaves_the_others_blank(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor
) -> None:
    path = export_tables("markdown", told_tables, tmp_path, redactor, facts=FACTS)[0]
    text = path.read_text("utf-8")
    parts = dict(re.findall(r"^\*\*(\w+)\*\* —(.*?)(?=^\*\*|^## )", text, re.M | re.S))
    human = {"Actor", "Effect", "Source", "Objective", "Target"}
    assert set(parts) == human | {
        "Behaviour", "Content", "Degree", "Channel", "Composition", "Hook",
    }  # fmt: skip
    for name, body in parts.items():
        assert ("\\_\\_\\_" in body) == (name in human), name
        assert ("\n- " in body) == (name not in human), name


def test_the_summary_carries_title_marking_and_evidence_and_runs_nothing(
    told_tables: dict[str, pa.Table], tmp_path: Path, redactor: Redactor, payloads: list[str]
) -> None:
    path = export_tables("markdown", told_tables, tmp_path, redactor, facts=FACTS)[0]
    text = path.read_text("utf-8")
    rendered = READER.render(text)
    assert "TLP:AMBER" in text and "evidence: post" in text
    assert "<h1>A &lt;b&gt;title&lt;/b&gt; | =1</h1>" in rendered
    assert set(re.findall(r"<(\w+)", rendered)) <= {
        "h1", "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ol", "ul", "li",
        "blockquote", "br",
    }  # fmt: skip
    assert "to confirm" in text


def test_the_frame_of_the_summary_judges_nobody(tmp_path: Path) -> None:
    path = export_tables("markdown", {}, tmp_path, Redactor("none"))[0]
    assert judging_words(path.read_text("utf-8")) == []


def test_modules_of_exports_and_their_data_judge_nobody(root: Path) -> None:
    for path in sorted((root / "reports" / "exports").glob("*.py")):
        assert judging_words(path.read_text("utf-8")) == [], path.name
