"""One thing on one page: the same by id, pseudonym and handle, and nothing hostile gets out."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from corpus.errors import SettingsError
from corpus.manifest import Manifest
from corpus.settings import Settings
from narrashift import Analysis
from narrashift.cli import run
from narrashift.shown_page import print_page

HOSTILE = [
    "\x1b[31mred\x1b[0m and \x1b]0;title\x07 and \x9b2J",
    "[red]markup[/red] :smile: [link=http://a.example]x[/link]",
    "a\u202eright to left\u202c and a null\x00 and \u200bnothing",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "نشست ولمورا را می‌خواهند 🙂 $x^2$",
]
# Every control but the line feed, of both sets; ESC and CSI are among them.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, desk_key: Path) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(desk_key))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1595030400")


@pytest.fixture(scope="module")
def analysis(desk_case: Path) -> Analysis:
    return Analysis.load(desk_case)


def one_of_each(analysis: Analysis) -> dict[str, str]:
    tables = analysis.arrow
    biggest = tables["talking_points"].sort_by([("posts", "descending")])
    return {
        "account": "1000",
        "post": tables["posts"]["post_id"][0].as_py(),
        "point": biggest["point_id"][0].as_py(),
        "narrative": tables["narratives"]["narrative_id"][0].as_py(),
    }


@pytest.mark.parametrize("kind", ["account", "post", "point", "narrative"])
def test_each_kind_has_a_page_in_the_terminal_as_json_and_as_html(
    analysis: Analysis, desk_case: Path, tmp_path: Path, kind: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    wanted = one_of_each(analysis)[kind]
    base = ["show", str(desk_case), wanted, "--as", kind, "--quiet"]
    assert run(base) == 0
    shown = capsys.readouterr().out
    assert not CONTROL.search(shown)
    assert run([*base, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["kind"] == kind
    assert record["sections"]["posts"]["total"] >= len(record["sections"]["posts"]["rows"])
    assert run([*base, "--html", str(tmp_path / "p.html")]) == 0
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    for text in (shown, json.dumps(record, ensure_ascii=False), page):
        assert wanted not in text or kind in {"point", "narrative"}
        assert "mira_k" not in text


def test_an_account_page_counts_what_the_tables_hold(analysis: Analysis) -> None:
    page = analysis.account("1000", redact="none")
    record = page.to_dict()
    posts = analysis.posts_of("1000")
    assert record["sections"]["posts"]["total"] == len(posts)
    assert set(posts["account_id"]) == {"1000"}
    assert posts["created_at"].is_monotonic_increasing
    ties = analysis.tables["ties"]
    mine = ties[(ties["account_a"] == "1000") | (ties["account_b"] == "1000")]
    assert record["sections"].get("ties", {"total": 0})["total"] == len(mine)
    shifts = analysis.tables["shifts"]
    own = shifts[(shifts["account_id"] == "1000") & (shifts["level"] >= 1)]
    assert len(own) >= 1
    assert len(record["shifts"]) == len(own)
    assert {"monarchist", "communist"} <= set(
        " ".join(s[side]["quote"] for s in record["shifts"] for side in ("before", "after")).split()
    )
    assert record["sections"]["fate"]["rows"]
    assert "mira_k" in str(record)


def test_a_tie_stands_with_what_chance_gives_beside_it(analysis: Analysis) -> None:
    rows = [
        row
        for account in ("1000", "1001", "1009")
        for row in analysis.account(account).to_dict()["sections"].get("ties", {"rows": []})["rows"]
    ]
    known = analysis.arrow["ties"].num_rows
    assert bool(rows) == bool(known)
    for row in rows:
        assert row["observed"] >= 1
        assert row["expected"] >= 0
        assert 0 <= row["q"] <= 1


def test_a_pseudonym_a_handle_and_a_beginning_lead_to_the_same_page(analysis: Analysis) -> None:
    redactor = analysis.redactor()
    by_id = analysis.account("1000").to_dict()
    assert by_id["id"] == redactor.account("1000")
    for other in (
        redactor.account("1000"),
        "mira_k",
        "@Mira_K",
        redactor.handle("mira_k"),
        " 1000 ",
    ):
        assert analysis.account(other).to_dict() == by_id
    known = one_of_each(analysis)
    post = analysis.post(known["post"])
    assert analysis.post(redactor.post(known["post"])).to_dict() == post.to_dict()
    for kind, look in (("point", analysis.talking_point), ("narrative", analysis.narrative)):
        assert look(known[kind][:10]).to_dict() == look(known[kind]).to_dict()


def test_a_pseudonym_of_another_key_is_not_found(
    analysis: Analysis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown = analysis.redactor().account("1000")
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "another"))
    with pytest.raises(SettingsError, match="under the key it was made with"):
        analysis.account(shown)


def test_an_unknown_name_gets_the_nearest_under_pseudonyms(analysis: Analysis) -> None:
    with pytest.raises(SettingsError) as caught:
        analysis.account("mira_kk")
    assert analysis.redactor().account("1000") in str(caught.value)
    assert "1000" not in str(caught.value).replace(analysis.redactor().account("1000"), "")
    with pytest.raises(SettingsError, match="no narrative of this case"):
        analysis.narrative("zzzz")


def hostile(desk_case: Path) -> Analysis:
    """The case with hostile texts in posts, bios, handles and the analyst's own words."""
    known = Analysis.load(desk_case)
    tables = dict(known.arrow)
    posts = tables["posts"].to_pylist()
    for place, row in enumerate(posts):
        row["text"] = HOSTILE[place % len(HOSTILE)]
        row["handle"] = f"h\x1b[2J{place % 7}"
    profiles = tables["profiles"].to_pylist()
    for place, row in enumerate(profiles):
        row["bio"] = row["display_name"] = HOSTILE[place % len(HOSTILE)]
    tables["posts"] = pa.Table.from_pylist(posts, tables["posts"].schema)
    tables["profiles"] = pa.Table.from_pylist(profiles, tables["profiles"].schema)
    labels = pa.array([HOSTILE[0]] * tables["narratives"].num_rows, pa.string())
    place = tables["narratives"].column_names.index("label")
    field = tables["narratives"].schema.field("label")
    tables["narratives"] = tables["narratives"].set_column(place, field, labels)
    return Analysis(tables, known.manifest)


@pytest.mark.parametrize("redact", ["pseudonym", "none", "full"])
def test_no_page_lets_an_escape_sequence_or_a_tag_through(desk_case: Path, redact: str) -> None:
    analysis = hostile(desk_case)
    wanted = one_of_each(analysis)
    looks = {"account": analysis.account, "post": analysis.post,
             "point": analysis.talking_point, "narrative": analysis.narrative}  # fmt: skip
    for kind, look in looks.items():
        page = look(wanted[kind], redact=redact)
        stream = io.StringIO()
        print_page(page, stream)
        shown = stream.getvalue()
        assert not CONTROL.search(shown)
        assert "\u202e" not in shown
        if redact == "none" and kind == "post":
            assert "[red]markup[/red]" in shown or "red and" in shown
        _closed(page.html())
        _closed(page._repr_html_())


class Tags(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs if name.startswith("on") or name in {"src", "href"}]
        if tag in {"script", "img", "object", "embed"} or names:
            self.bad.append(f"{tag} {names}")


def _closed(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    assert tags.bad == []
    assert "\x1b" not in page


def test_in_mode_full_a_page_holds_no_text_and_no_pseudonym(analysis: Analysis) -> None:
    page = analysis.account("1000", redact="full")
    written = list(analysis.posts_of("1000")["text"])
    assert not [text for text in written if text in str(page.to_dict())]
    assert "acct_" not in str(page.to_dict())


def test_a_threshold_withholds_pages_on_one_account(desk_case: Path) -> None:
    known = Analysis.load(desk_case)
    settings = Settings.load(overrides={"report.min_accounts": 4, "narratives.embedder": "fitted"})
    manifest: Manifest = replace(known.manifest, settings=settings.to_dict())
    cut = Analysis(known.arrow, manifest)
    with pytest.raises(SettingsError, match="withheld"):
        cut.account("1000")


def test_a_name_of_two_accounts_is_not_guessed(desk_case: Path) -> None:
    known = Analysis.load(desk_case)
    profiles = known.arrow["profiles"]
    names = ["twin" if a in {"1001", "1002"} else h
             for a, h in zip(profiles["account_id"].to_pylist(), profiles["handle"].to_pylist(),
                             strict=True)]  # fmt: skip
    place = profiles.column_names.index("handle")
    field = profiles.schema.field("handle")
    tables = {
        **known.arrow,
        "profiles": profiles.set_column(place, field, pa.array(names, pa.string())),
    }
    twins = Analysis(tables, known.manifest)
    with pytest.raises(SettingsError, match="names 2 things"):
        twins.account("@TWIN")


def test_an_analysis_says_what_it_holds(analysis: Analysis) -> None:
    told = repr(analysis)
    assert "posts" in told
    assert "1. " in told
    assert ".account(id)" in told
    assert not CONTROL.search(told)
    shown = analysis._repr_html_()
    _closed(shown)
    assert "<th>posts</th>" in shown
    number = pc.count(analysis.arrow["posts"]["post_id"]).as_py()
    assert f"<td>{number:,}</td>" in shown


def test_an_analysis_without_tables_can_be_printed(analysis: Analysis) -> None:
    assert repr(Analysis({}, analysis.manifest)).startswith("Analysis of")
