"""Adding files to a case gives what one run over all files gives; narratives keep what they are."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from corpus.errors import InputError, SettingsError, WorkspaceError
from corpus.files import file_digest
from corpus.settings import Settings
from engines.components import connected_components
from narrashift.adding import INDEX, MODEL, add_files
from narrashift.analysis import Analysis
from narrashift.api import analyze_files
from narrashift.cli import run as run_cli
from narrashift.stages import code_version
from narrashift.verification import verify
from nlp.normalize import Normalize

FITTED = {"narratives.embedder": "fitted"}
# What an addition must give exactly as one run does; narratives have tests of their own.
SAME = (
    "posts", "profiles", "texts", "pairs", "point_posts", "talking_points", "claims", "personas",
    "persona_coverage", "shifts", "account_events",
)  # fmt: skip
CUT = 77
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def steady(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.getbasetemp() / "key"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1595030400")


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, rows: Sequence[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def analyze(posts: Sequence[Path], profiles: Sequence[Path], out: Path, **more: Any) -> Analysis:
    settings = Settings.load(overrides=FITTED | more)
    return analyze_files(posts, profiles, out=out, settings=settings)


def assert_same(found: Analysis, wanted: Analysis, names: Sequence[str] = SAME) -> None:
    for name in names:
        assert found.arrow[name].equals(wanted.arrow[name]), name
    assert found.rejects == wanted.rejects
    assert as_written(found.manifest.files) == as_written(wanted.manifest.files)
    assert families_of(found) == families_of(wanted)
    read = {note.sentence for note in wanted.manifest.notes if note.stage == "read"}
    assert {note.sentence for note in found.manifest.notes if note.stage == "read"} == read


def as_written(value: Any) -> Any:
    return json.loads(json.dumps(value))


def families_of(analysis: Analysis) -> list[tuple[str, str]]:
    """What the pairs join: the smallest post of each post in a pair."""
    table = connected_components(analysis.arrow["pairs"])
    return sorted(zip(*(column.to_pylist() for column in table.columns), strict=True))


def parts(rows: Sequence[Row], n: int, seed: int) -> list[list[Row]]:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    return [list(part) for part in np.array_split(np.array(shuffled, dtype=object), n)]


STORY = "the old bridge over the north canal stays closed until the council finds more money"


def awkward_posts() -> list[Row]:
    """Reposts, cut reposts, chains, copies that differ, and posts of which nothing is left."""
    words = STORY.split(" ")
    rows: list[Row] = []

    def post(name: str, text: str, **more: Any) -> None:
        hour = (7 * len(rows)) % 24
        rows.append(
            {"post_id": name, "account_id": f"acc{len(rows) % 7}", "text": text, "kind": "post",
             "parent_id": None, "created_at": f"2021-03-{1 + len(rows) % 27:02d}T{hour:02d}:00:00Z"}
            | more
        )  # fmt: skip

    for step in range(5):  # a chain: each differs from the one before in one word
        changed = [f"new{at}" if at in range(1, 3 * step, 3) else w for at, w in enumerate(words)]
        post(f"m{9 - step}", " ".join(changed))
    post("z1", STORY, kind="repost", parent_id="a1")
    post("z2", f"RT @someone: {STORY[:60]}…", kind="repost", parent_id="elsewhere")
    post("a1", STORY + " says the mayor who never walks across any bridge at all")
    post("e1", "@one @two https://x.example/1")
    post("e2", "@three")
    for copy in range(3):  # one id, three texts: the copy with the earliest time stays
        post("twice", f"version {copy} of what this account once wrote about trams", account_id="q")
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_awkward_posts_in_any_steps_equal_one_run(seed: int, tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"part{at}.jsonl", rows)
        for at, rows in enumerate(parts(awkward_posts(), 2 + seed % 3, seed))
    ]
    whole = analyze(files, [], tmp_path / "whole")
    grown = analyze(files[:1], [], tmp_path / "case")
    for path in files[1:]:
        grown = add_files(tmp_path / "case", [path])
    assert_same(grown, whole)
    assert verify(tmp_path / "case").ok


@pytest.fixture(scope="module")
def split(
    tmp_path_factory: pytest.TempPathFactory, small_posts: Path, small_profiles: Path
) -> tuple[list[Path], list[Path]]:
    """The small corpus in three files of posts and two of profiles; some posts stand in two."""
    folder = tmp_path_factory.mktemp("split")
    posts = parts(rows_of(small_posts), 3, seed=1)
    posts[1] += [{**row, "text": row["text"] + " (edited)"} for row in posts[0][:5]]
    posts[2] += posts[0][5:10]
    profiles = parts(rows_of(small_profiles), 2, seed=2)
    return (
        [write(folder / f"posts{at}.jsonl", rows) for at, rows in enumerate(posts)],
        [write(folder / f"profiles{at}.jsonl", rows) for at, rows in enumerate(profiles)],
    )


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, split: tuple[list[Path], list[Path]]
) -> Iterator[Analysis]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.getbasetemp() / "key"))
        yield analyze(*split, tmp_path_factory.mktemp("whole") / "case")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, split: tuple[list[Path], list[Path]]) -> Path:
    """A case over the first file of posts and of profiles; copy it before adding."""
    posts, profiles = split
    folder = tmp_path_factory.mktemp("first") / "case"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(tmp_path_factory.getbasetemp() / "key"))
        analyze(posts[:1], profiles[:1], folder)
    return folder


@pytest.fixture
def case(first: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(first, tmp_path / "case"))


def test_posts_and_profiles_added_in_steps_equal_one_run(
    case: Path, split: tuple[list[Path], list[Path]], whole: Analysis
) -> None:
    posts, profiles = split
    add_files(case, [posts[2]])
    add_files(case, [], profiles[1:])
    grown = add_files(case, [posts[1]])
    assert_same(grown, whole)
    assert_same(Analysis.load(case), whole)
    for file in grown.manifest.files:
        assert file["rows_read"] == file["rows_kept"] + sum(file["rejected"].values())
    added = grown.manifest.facts["additions"]
    assert [each["files"] for each in added] == [
        ["posts2.jsonl"], ["profiles1.jsonl"], ["posts1.jsonl"]
    ]  # fmt: skip
    assert sum(each["rows_read"] for each in added) == sum(
        file["rows_read"] for file in grown.manifest.files if "0" not in file["name"]
    )
    assert verify(case).ok


def test_analyzing_all_files_after_an_addition_equals_a_fresh_run(
    case: Path, split: tuple[list[Path], list[Path]], whole: Analysis
) -> None:
    posts, profiles = split
    add_files(case, [posts[1]])
    again = analyze(posts, profiles, case)
    assert again.manifest.tables == whole.manifest.tables
    assert "additions" not in again.manifest.facts
    assert not list((case / "work").glob(f"{INDEX}-*"))


def test_a_lost_or_damaged_index_is_built_again(
    case: Path, split: tuple[list[Path], list[Path]], whole: Analysis
) -> None:
    posts, profiles = split
    add_files(case, [posts[1]], profiles[1:])
    (index,) = (case / "work").glob(f"{INDEX}-*")
    (index / "index.json").unlink()
    assert_same(add_files(case, [posts[2]]), whole)


def test_only_new_texts_are_normalized(
    case: Path, split: tuple[list[Path], list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = Normalize.__call__

    def counted(self: Normalize, table: pa.Table) -> pa.Table:
        seen.extend(table.column("post_id").to_pylist())
        return real(self, table)

    monkeypatch.setattr(Normalize, "__call__", counted)
    held = set(Analysis.load(case).arrow["posts"].column("post_id").to_pylist())
    grown = add_files(case, [split[0][2]])
    everything = set(grown.arrow["posts"].column("post_id").to_pylist())
    assert set(seen) == everything - held


NEWS = [
    "council {} votes tonight on the new {} tram tunnel below the market square",
    "what will the {} tram tunnel below the market square cost the {} council",
]
WORDS = ["red", "blue", "green", "small", "large", "cheap", "late", "early", "quiet", "northern"]


def narrated(n: int, first: int, day: int) -> list[Row]:
    """Posts of two narratives, each another talking point."""
    rng = random.Random(first)
    rows = []
    for at in range(first, first + n):
        text = NEWS[0] if at % 2 else "the {} goat cheese from the {} hills won a prize at the fair"
        tail = " ".join(f"w{rng.randrange(900)}" for _ in range(4))
        rows.append(
            {"post_id": f"{at:05d}", "account_id": f"a{at % 9}", "lang": "en",
             "created_at": f"2021-05-{day:02d}T00:00:{at % 60:02d}Z",
             "text": f"{text.format(*rng.sample(WORDS, 2))} {tail}"}
        )  # fmt: skip
    return rows


def stranger(name: str, text: str) -> Row:
    at = "2021-06-01T00:00:00Z"
    return {"post_id": name, "account_id": "s", "lang": "en", "created_at": at, "text": text}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A case with two narratives."""
    posts = write(tmp_path / "told.jsonl", narrated(40, 100, day=2))
    analysis = analyze([posts], [], tmp_path / "told")
    assert analysis.arrow["narratives"].num_rows == 2
    return tmp_path / "told"


def by_id(table: pa.Table, key: str) -> dict[str, Row]:
    return {row[key]: row for row in table.to_pylist()}


def test_narratives_keep_their_ids_names_and_quotes_and_count_what_joined(
    told: Path, tmp_path: Path
) -> None:
    before = by_id(Analysis.load(told).arrow["narratives"], "narrative_id")
    lone = stranger("x1", "zebra quartz umbrella voltage jasmine fjord whiskey oblong")
    new = [*narrated(10, 200, day=20), lone]
    grown = add_files(told, [write(tmp_path / "new.jsonl", new)])
    after = by_id(grown.arrow["narratives"], "narrative_id")
    assert list(after) == list(before)
    for name, row in after.items():
        for column in ("label", "terms", "lang", "medoid_post_id", "quote", "persistence"):
            assert row[column] == before[name][column]
    points = by_id(grown.arrow["narrative_points"], "point_id")
    of_post = {row["post_id"]: row["point_id"] for row in grown.arrow["point_posts"].to_pylist()}
    joined = [points[of_post[row["post_id"]]] for row in new[:-1]]
    assert {row["assigned_by"] for row in joined} <= {"nearest", "waiting"}
    assert sum(row["assigned_by"] == "nearest" for row in joined) >= 8
    for at, row in enumerate(joined):
        if row["narrative_id"]:  # the same narrative as the earlier posts of its kind
            earlier = points[of_post[f"{100 + at % 2:05d}"]]
            assert row["narrative_id"] == earlier["narrative_id"]
    assert points[of_post["x1"]]["assigned_by"] == "waiting"
    posts = sum(row["posts"] for row in after.values())
    told_by = [points[point]["narrative_id"] is not None for point in of_post.values()]
    assert posts == sum(told_by)
    assert max(row["last_at"].day for row in after.values()) == 20
    bins = grown.arrow["timelines"]
    assert sum(bins.column("posts").to_pylist()) == posts


def test_points_that_wait_are_counted_over_several_additions(told: Path, tmp_path: Path) -> None:
    lone = stranger("x1", "zebra quartz umbrella voltage jasmine fjord whiskey oblong")
    add_files(told, [write(tmp_path / "one.jsonl", [lone])])
    other = stranger("x2", "seventeen purple dolphins argue about medieval plumbing codes")
    grown = add_files(told, [write(tmp_path / "two.jsonl", [other])])
    (note,) = (note for note in grown.manifest.notes if note.stage == "add")
    assert note.sentence.startswith("2 talking points wait: ")
    assert [each["points_waiting"] for each in grown.manifest.facts["additions"]] == [1, 2]
    assert "2 talking points wait" in (told / "report.html").read_text(encoding="utf-8")
    assert list((told / "work").glob(f"{MODEL}-*"))


def test_a_point_of_the_case_keeps_its_narrative_when_its_id_changes(
    told: Path, tmp_path: Path
) -> None:
    before = Analysis.load(told)
    assigned = by_id(before.arrow["narrative_points"], "point_id")
    point_of = {r["post_id"]: r["point_id"] for r in before.arrow["point_posts"].to_pylist()}
    text = {row["post_id"]: row["text"] for row in before.arrow["posts"].to_pylist()}
    copied = next(post for post in text if assigned[point_of[post]]["narrative_id"])
    # An earlier copy under a smaller id becomes the exemplar and gives the point its id.
    copy = stranger("0", text[copied]) | {"created_at": "2021-01-01T00:00:00Z"}
    grown = add_files(told, [write(tmp_path / "copy.jsonl", [copy])])
    after = by_id(grown.arrow["narrative_points"], "point_id")
    now = {r["post_id"]: r["point_id"] for r in grown.arrow["point_posts"].to_pylist()}
    assert now[copied] == now["0"] != point_of[copied]
    row = dict(after[now["0"]])
    assert {**row, "point_id": point_of[copied]} == assigned[point_of[copied]]
    vectors, earlier = (by_id(a.arrow["vectors"], "post_id") for a in (grown, before))
    exemplar = by_id(before.arrow["talking_points"], "point_id")[point_of[copied]]["exemplar_id"]
    assert vectors["0"]["vector"] == earlier[exemplar]["vector"]
    assert len(vectors) == len(earlier)
    assert grown.arrow["vectors"].schema.metadata == before.arrow["vectors"].schema.metadata


def test_without_the_model_new_points_wait_and_a_note_says_why(told: Path, tmp_path: Path) -> None:
    add_files(told, [write(tmp_path / "a.jsonl", narrated(4, 300, day=21))])
    shutil.rmtree(told / "work")
    grown = add_files(told, [write(tmp_path / "b.jsonl", narrated(4, 400, day=22))])
    notes = [note.sentence for note in grown.manifest.notes if note.stage == "add"]
    assert any("model of this case's narratives is gone" in note for note in notes)
    points = by_id(grown.arrow["narrative_points"], "point_id")
    of_post = {row["post_id"]: row["point_id"] for row in grown.arrow["point_posts"].to_pylist()}
    assert {points[of_post[f"{at:05d}"]]["assigned_by"] for at in range(400, 404)} == {"waiting"}


def test_a_second_platform_renames_accounts_and_shared_ids_as_one_run_does(tmp_path: Path) -> None:
    rows = narrated(40, 100, day=2)
    one = write(tmp_path / "one.jsonl", [{**row, "platform": "twitter"} for row in rows])
    more = [{**row, "platform": "telegram"} for row in narrated(12, 130, day=3)]
    two = write(tmp_path / "two.jsonl", more)
    three = write(tmp_path / "three.jsonl", [{**narrated(1, 900, day=4)[0], "platform": "twitter"}])
    whole = analyze([one, two, three], [], tmp_path / "whole")
    analyze([one], [], tmp_path / "case")
    before = Analysis.load(tmp_path / "case").arrow["narratives"]
    add_files(tmp_path / "case", [two])
    grown = add_files(tmp_path / "case", [three])
    assert_same(grown, whole)
    after = grown.arrow["narratives"]
    assert after.column("narrative_id").equals(before.column("narrative_id"))
    assert after.column("quote").equals(before.column("quote"))
    ids = set(grown.arrow["posts"].column("post_id").to_pylist())
    assert set(after.column("medoid_post_id").to_pylist()) <= ids
    assert verify(tmp_path / "case").ok


def test_profiles_and_removals_without_a_platform_follow_their_account(tmp_path: Path) -> None:
    tweets = [{**row, "platform": "twitter"} for row in narrated(40, 100, day=2)]
    messages = [
        {**row, "platform": "telegram", "account_id": f"t{row['account_id']}"}
        for row in narrated(9, 500, day=3)
    ]
    one, two = write(tmp_path / "one.jsonl", tweets), write(tmp_path / "two.jsonl", messages)
    account = tweets[0]["account_id"]
    seen = {"account_id": account, "bio": "ferry pilot", "observed_at": "2021-03-01T00:00:00Z"}
    dump = write(tmp_path / "profiles.jsonl", [seen])
    gone = tmp_path / "gone.csv"
    gone.write_text(f"account_id,state\n{account},suspended\n", encoding="utf-8")
    settings = Settings.load(overrides=FITTED)
    for files, out in (([one, two], "whole"), ([one], "case")):
        analyze_files(files, [dump], out=tmp_path / out, settings=settings, removed=gone)
    grown, whole = add_files(tmp_path / "case", [two]), Analysis.load(tmp_path / "whole")
    assert_same(grown, whole)
    for case in (grown, whole):
        assert case.arrow["profiles"].column("account_id").to_pylist() == [f"twitter:{account}"]
        gone_now = [
            row["account_id"]
            for row in case.arrow["account_events"].to_pylist()
            if row["kind"] == "suspended"
        ]
        assert gone_now == [f"twitter:{account}"]
        report = next(file for file in case.manifest.files if file["role"] == "removed")
        assert (report["rows_read"], report["rows_kept"]) == (1, 1)


def test_kept_columns_and_removed_accounts_stay(tmp_path: Path) -> None:
    rows = awkward_posts()
    one = write(
        tmp_path / "one.jsonl", [{**row, "campaign": f"c{at}"} for at, row in enumerate(rows)]
    )
    two = write(tmp_path / "two.jsonl", [stranger("new", "nothing like it was ever written here")])
    gone = tmp_path / "gone.csv"
    gone.write_text("account_id,state\nacc1,suspended\n", encoding="utf-8")
    settings = Settings.load(overrides=FITTED | {"reading.keep": ("campaign",)})
    for files, out in (([one, two], "whole"), ([one], "case")):
        analyze_files(files, out=tmp_path / out, settings=settings, removed=gone)
    grown = add_files(tmp_path / "case", [two])
    whole = Analysis.load(tmp_path / "whole")
    assert_same(grown, whole, (*SAME, "kept_columns"))
    kinds = set(grown.arrow["account_events"].column("kind").to_pylist())
    assert "suspended" in kinds


def test_a_case_of_profiles_alone_takes_profiles(
    tmp_path: Path, split: tuple[list[Path], list[Path]]
) -> None:
    _, profiles = split
    settings = Settings.load()
    for files, out in ((profiles, "whole"), (profiles[:1], "case")):
        analyze_files([], files, out=tmp_path / out, settings=settings, scope="personas")
    grown = add_files(tmp_path / "case", [], profiles[1:])
    whole = Analysis.load(tmp_path / "whole")
    assert set(grown.arrow) == set(whole.arrow)
    for name in whole.arrow:
        assert grown.arrow[name].equals(whole.arrow[name]), name


DRIVER = """
import os, sys
from pathlib import Path
from corpus import files
from corpus.workspace import Workspace
from narrashift import stages

where, case, posts, code = sys.argv[1:]
# A source file saved during the tests is no other version.
stages.code_version = stages.stage.code_version = lambda: code

from narrashift.adding import add_files

def saving(self, name, key, result, save=Workspace.save):
    save(self, name, key, result)
    if name == where:
        os._exit(77)

def publishing(source, target, replace=files.replace):
    if target.parent.name == "tables" and target.name == where:
        os._exit(77)
    replace(source, target)

Workspace.save = saving
files.replace = publishing
add_files(Path(case), [Path(posts)])
"""


def cut_off(where: str, case: Path, posts: Path) -> int:
    command = [sys.executable, "-c", DRIVER, where, str(case), str(posts), code_version()]
    return subprocess.run(command, env=dict(os.environ), check=False).returncode


@pytest.mark.parametrize("stage", ["read", "talking_points", "narrative_model"])
def test_an_addition_that_is_cut_off_leaves_the_case_and_resumes(
    stage: str, case: Path, split: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    posts, _ = split
    undisturbed = add_files(Path(shutil.copytree(case, tmp_path / "other")), [posts[1]])
    before = {path.name: file_digest(path) for path in (case / "tables").iterdir()}
    assert cut_off(stage, case, posts[1]) == CUT
    assert {path.name: file_digest(path) for path in (case / "tables").iterdir()} == before
    assert verify(case).ok
    grown = add_files(case, [posts[1]])
    assert grown.manifest.tables == undisturbed.manifest.tables
    assert any(stage.resumed for stage in grown.manifest.stages)


def test_an_addition_that_is_cut_off_while_publishing_is_finished_by_the_same_command(
    case: Path, split: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    posts, _ = split
    undisturbed = add_files(Path(shutil.copytree(case, tmp_path / "other")), [posts[1]])
    assert cut_off("talking_points.parquet", case, posts[1]) == CUT
    with pytest.raises(WorkspaceError, match="is not the table that the case's manifest names"):
        add_files(case, [posts[2]])
    assert add_files(case, [posts[1]]).manifest.tables == undisturbed.manifest.tables


def test_bad_additions_are_refused_and_change_nothing(
    case: Path, split: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    before = file_digest(case / "manifest.json")
    copy = Path(shutil.copy(split[0][0], tmp_path / "renamed.jsonl"))
    with pytest.raises(InputError, match=r"renamed.jsonl is in the case already, as posts0.jsonl"):
        add_files(case, [copy])
    with pytest.raises(SettingsError, match="no file to add"):
        add_files(case, [])
    with pytest.raises(SettingsError, match="no such file"):
        add_files(case, [tmp_path / "nowhere.csv"])
    with pytest.raises(SettingsError, match="no file has a column 'nowhere'"):
        add_files(case, [split[0][1]], more_map=["text=nowhere"])
    with pytest.raises(WorkspaceError, match=r"no manifest\.json"):
        add_files(tmp_path / "empty", [split[0][1]])
    assert file_digest(case / "manifest.json") == before


def test_a_file_called_as_an_earlier_one_gets_its_folder_in_front(
    case: Path, split: tuple[list[Path], list[Path]], tmp_path: Path
) -> None:
    (tmp_path / "later").mkdir()
    twin = Path(shutil.copy(split[0][1], tmp_path / "later" / "posts0.jsonl"))
    grown = add_files(case, [twin])
    names = [file["name"] for file in grown.manifest.files]
    assert names == ["later/posts0.jsonl", "posts0.jsonl", "profiles0.jsonl"]
    assert grown.manifest.facts["additions"][0]["files"] == ["later/posts0.jsonl"]


def test_new_files_may_need_a_mapping_of_their_own(case: Path, tmp_path: Path) -> None:
    row = {"nr": "77", "who": "1000", "day": "2020-07-20T00:00:00Z", "wording": "a mapped post"}
    odd = write(tmp_path / "odd.jsonl", [row])
    entries = ["post_id=nr", "account_id=who", "created_at=day", "text=wording"]
    grown = add_files(case, [odd], more_map=entries)
    assert "77" in grown.arrow["posts"].column("post_id").to_pylist()
    assert grown.settings.reading.map == tuple(entries)
    more = write(tmp_path / "more.jsonl", [stranger("78", "an ordinary post without a mapping")])
    assert "78" in add_files(case, [more]).arrow["posts"].column("post_id").to_pylist()


def test_the_command_says_what_was_added_and_what_waits(
    case: Path, split: tuple[list[Path], list[Path]], capsys: pytest.CaptureFixture[str]
) -> None:
    posts, profiles = split
    assert (
        run_cli(["add", str(case), str(posts[1]), "--profiles", str(profiles[1]), "--quiet"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"report: {case / 'report.html'}"
    assert lines[1].startswith("added: ")
    assert lines[1].endswith("rows of 2 files")
    assert run_cli(["add", str(case), str(posts[2]), "--quiet", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [each["files"] for each in record["additions"]] == [
        ["posts1.jsonl", "profiles1.jsonl"], ["posts2.jsonl"]
    ]  # fmt: skip
    assert run_cli(["add", str(case)]) == 2
    assert "no file to add" in capsys.readouterr().err
