"""`find` from the command line and from Python: both tiers, first poster, times, no real ids."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError, SettingsError
from narrashift.analysis import Analysis
from narrashift.claims_file import Claim, read_claims
from narrashift.cli import run

SLOGAN = "The Harbor Union summit in Velmora is paid for by foreign money and must be stopped"
REWORDED = "foreign money is paying for the summit of the Harbor Union in Velmora: stop it"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, small_posts: Path, key_file: Path) -> Path:
    folder = tmp_path_factory.mktemp("find") / "case"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(key_file))
        arguments = ["analyze", str(small_posts), "--out", str(folder), "--embedder", "fitted"]
        assert run([*arguments, "--quiet"]) == 0
    return folder


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(key_file))


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert run(["find", *arguments, "--json", "--quiet"]) == 0
    results: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["results"]
    return results


def test_a_copy_is_found_with_first_poster_times_and_counts(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [result] = found(capsys, str(case), "--text", SLOGAN.lower())
    best = result["matches"][0]
    assert (best["tier"], best["jaccard"], best["rank"]) == ("copy", 1.0, 1)
    assert best["first_account_id"].startswith("acct_")
    assert best["first_at"] == "2020-07-17T00:00:00+00:00" <= best["last_at"]
    assert (best["posts"], best["accounts"]) == (20, 20)
    assert best["semantic"] is not None and best["lexical"] == 1.0


def test_a_paraphrase_is_found_with_both_scores(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [result] = found(capsys, str(case), "--text", REWORDED)
    best = result["matches"][0]
    assert best["tier"] in ("paraphrase", "similar")
    assert best["jaccard"] is None
    assert best["quote"].startswith(SLOGAN[:20])
    assert 0 < best["lexical"] < 1 and 0 < best["semantic"] <= 1 and 0 < best["score"] < 1


def test_nothing_real_leaves_the_case(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["find", str(case), "--text", SLOGAN + " @harbor_desk", "--quiet"]
    for further in ([], ["--json"]):
        assert run([*arguments, *further]) == 0
        shown = capsys.readouterr().out
        assert "acct_" in shown
        for secret in ("harbor_desk", f"9{0:017d}", "user_0\n", '"1000"'):
            assert secret not in shown
    assert run([*arguments, "--redact", "none", "--json"]) == 0
    assert f"9{0:017d}" in capsys.readouterr().out


def test_a_post_is_named_by_its_id_or_pseudonym(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [by_id] = found(capsys, str(case), "--post", f"9{0:017d}")
    [by_pseudonym] = found(capsys, str(case), "--post", by_id["id"])
    assert by_id["id"].startswith("post_")
    assert by_id == by_pseudonym
    assert by_id["matches"][0]["jaccard"] == 1.0


def test_a_list_of_claims_gives_results_for_each(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text(
        f'claim_id,claim,verdict\nc1,"{SLOGAN}",false\nc2,nobody ever said such a thing,true\n',
        encoding="utf-8",
    )
    results = found(capsys, str(case), "--from", str(claims))
    assert [result["id"] for result in results] == ["c1", "c2"]
    assert results[0]["matches"][0]["tier"] == "copy"
    table = tmp_path / "found.csv"
    assert run(["find", str(case), "--from", str(claims), "--out", str(table), "--quiet"]) == 0
    assert capsys.readouterr().out.strip() == str(table)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert {row["claim_id"] for row in rows} == {"c1", "c2"}
    assert rows[0]["first_at"] == "2020-07-17T00:00:00+00:00"


def test_top_limits_the_matches(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "made soup for dinner and the whole street came to ask what smelled so good, and the tram"
        " on line seven is late again and nobody at the stop is surprised"
    )
    [result] = found(capsys, str(case), "--text", text)
    [fewer] = found(capsys, str(case), "--text", text, "--top", "1")
    assert len(result["matches"]) > 1
    assert fewer["matches"] == result["matches"][:1]


def test_the_library_gives_a_frame_with_real_ids(case: Path) -> None:
    analysis = Analysis.load(case)
    frame = analysis.find([SLOGAN, REWORDED], top=3)
    assert frame["query"].tolist() == sorted(frame["query"])
    assert frame.loc[0, "first_post_id"] == f"9{0:017d}"
    assert str(frame["first_at"].dt.tz) == "UTC"
    one = analysis.find(post=f"9{0:017d}")
    assert one.loc[0, "jaccard"] == 1.0
    assert len(analysis.find("zzz qqq xxx")) == 0
    with pytest.raises(SettingsError, match="texts or the id"):
        analysis.find()
    with pytest.raises(SettingsError, match="no post of this case"):
        analysis.find(post="absent")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "one of --text"),
        (["--text", "a", "--post", "b"], 2, "one of --text"),
        (["--text", "  "], 2, "--text is empty"),
        (["--post", "absent"], 2, "no post of this case"),
        (["--from", "absent.csv"], 2, "no such file"),
        (["--text", "a", "--top", "0"], 2, "at least 1"),
    ],
)
def test_an_error_is_one_sentence_and_the_right_code(
    case: Path, arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["find", str(case), *arguments, "--quiet"]) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""


def test_a_case_without_posts_cannot_be_searched(
    tmp_path: Path, small_profiles: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "case"
    assert run(["personas", str(small_profiles), "--out", str(folder), "--quiet"]) == 0
    capsys.readouterr()
    assert run(["find", str(folder), "--text", "anything"]) == 3
    assert "holds no talking points" in capsys.readouterr().err


def test_claims_are_read_from_every_kind_of_list(tmp_path: Path) -> None:
    def written(name: str, text: str) -> list[Claim]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8-sig")
        return read_claims(path)

    both = [Claim("1", "نشست در ولمورا"), Claim("2", "second, with a comma")]
    assert written("a.txt", "نشست در ولمورا\n\nsecond, with a comma\n") == [
        both[0], Claim("3", "second, with a comma")
    ]  # fmt: skip
    assert written("a.csv", 'Text\nنشست در ولمورا\n"second, with a comma"\n') == both
    assert written("b.csv", "id;claim\n1;نشست در ولمورا\n2;second, with a comma\n") == both
    assert written("a.tsv", "note\tclaim\nx\tنشست در ولمورا\ny\tsecond, with a comma\n") == both
    lines = '{"text": "نشست در ولمورا"}\n"second, with a comma"\n'.replace(
        '"second, with a comma"', '{"text": "second, with a comma"}'
    )
    assert written("a.jsonl", lines) == both
    assert written("a.json", '["نشست در ولمورا", "second, with a comma"]') == both


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"verdict,source\ntrue,x\n", "has the columns verdict, source"),
        ("a.txt", b"\n \n", "holds no claim"),
        ("a.txt", b"\xff\xfe\x00\xd8", "cannot be read"),
        ("a.jsonl", b"{broken\n", "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_claims(path)
