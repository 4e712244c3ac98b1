"""Decisions replay to one state, find their things again, and show in what is read from a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from corpus.settings import Settings
from corpus.tables import ALL, check
from reports.decided import marks, parted, set_aside, with_decisions
from reports.decisions import (
    MAX_ANCHORS,
    SLOTS,
    Decision,
    anchors,
    decisions_table,
    merged,
    not_found,
    states,
)
from reports.findings import in_reading_order, rank_findings
from reports.html import build_report
from reports.redaction import Redactor

AT = "2031-06-01T10:00:00+00:00"


def narratives(tables: Mapping[str, pa.Table]) -> list[str]:
    ids: list[str] = tables["narratives"]["narrative_id"].to_pylist()
    return ids


def on(tables: Mapping[str, pa.Table], action: str, target: str, **more: Any) -> Decision:
    scope = more.pop("scope", "narrative")
    return Decision(AT, action, scope, target, posts=anchors(tables, scope, target), **more)


def into(tables: Mapping[str, pa.Table], target: str, end: str) -> Decision:
    posts = anchors(tables, "narrative", end)
    return on(tables, "merge", target, into=end, into_posts=posts)


def decided(tables: dict[str, pa.Table], *decisions: Decision) -> dict[str, pa.Table]:
    return {**tables, "decisions": decisions_table(decisions, tables)}


def told(table: pa.Table) -> dict[tuple[str, str], Any]:
    """What holds, without the place that a decision had in the file."""
    return {
        thing: (
            state.verdict and (state.verdict["action"], state.verdict["words"]),
            state.rename and state.rename["words"],
            bool(state.pin),
            [note["words"] for note in state.notes],
        )
        for thing, state in states(table).items()
    }


CHOICES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["confirm", "dismiss", "note", "rename", "pin", "undo"]),
        st.sampled_from(["a", "b", None]),
        st.sampled_from([None, *SLOTS]),
    ),
    max_size=12,
)


@limits(max_examples=40)
@given(choices=CHOICES, seed=st.randoms(use_true_random=False))
def test_decisions_on_different_things_replay_in_any_order_to_one_state(
    tables: dict[str, pa.Table], choices: list[tuple[int, str, str | None, str | None]], seed: Any
) -> None:
    ids = narratives(tables)
    made = [
        Decision(AT, action, "narrative", ids[place], words=words,
                 takes_back=of if action == "undo" else None)
        for place, action, words, of in choices
    ]  # fmt: skip
    apart = {id_: [one for one in made if one.target == id_] for id_ in ids}
    shuffled: list[Decision] = []
    left = [list(own) for own in apart.values() if own]
    while left:
        own = seed.choice(left)
        shuffled.append(own.pop(0))
        left = [own for own in left if own]
    assert told(decisions_table(made, tables)) == told(decisions_table(shuffled, tables))


def test_the_last_verdict_holds_and_undo_takes_back_by_a_later_line(
    tables: dict[str, pa.Table],
) -> None:
    one = narratives(tables)[0]
    confirm, dismiss = on(tables, "confirm", one), on(tables, "dismiss", one)
    assert set_aside(decided(tables, confirm, dismiss), "narrative") == {one}
    assert not set_aside(decided(tables, dismiss, confirm), "narrative")
    undo = on(tables, "undo", one, takes_back="verdict")
    table = decisions_table([dismiss, on(tables, "note", one, words="x"), undo], tables)
    assert table["holds"].to_pylist() == [False, True, False]
    assert table.num_rows == 3


def test_the_table_keeps_its_contract_and_no_more_posts_than_needed(
    tables: dict[str, pa.Table],
) -> None:
    ids = narratives(tables)
    table = decisions_table([on(tables, "pin", ids[0]), into(tables, ids[1], ids[0])], tables)
    check(table, ALL["decisions"])
    assert all(len(posts) <= MAX_ANCHORS for posts in table["evidence"].to_pylist())


def test_a_decision_read_back_from_its_line_is_the_same(tables: dict[str, pa.Table]) -> None:
    ids = narratives(tables)
    for one in (into(tables, ids[1], ids[0]), on(tables, "rename", ids[0], words="نشست", who="A")):
        assert Decision.from_dict(one.to_dict()) == one
    for bad in ({"action": "eat"}, {"scope": "house"}, {"at": "noon"}, {"colour": "red"}):
        with pytest.raises((ValueError, TypeError)):
            Decision.from_dict({**on(tables, "pin", ids[0]).to_dict(), **bad})


def renamed_ids(tables: dict[str, pa.Table], column: str) -> dict[str, pa.Table]:
    """The same case after a run that gave every narrative, point or finding another id."""
    out = dict(tables)
    for name, table in tables.items():
        if column in table.column_names and pa.types.is_string(table.schema.field(column).type):
            place = table.column_names.index(column)
            new = [None if v is None else f"new {v}" for v in table[column].to_pylist()]
            field = table.schema.field(column)
            out[name] = table.set_column(place, field, pa.array(new, pa.string()))
    return out


@pytest.mark.parametrize(
    ("scope", "name", "column"),
    [
        ("narrative", "narratives", "narrative_id"),
        ("point", "talking_points", "point_id"),
        ("shift", "shifts", "shift_id"),
    ],
)
def test_a_decision_finds_its_thing_again_by_its_posts(
    tables: dict[str, pa.Table], scope: str, name: str, column: str
) -> None:
    for id_ in tables[name][column].to_pylist()[:6]:
        made = on(tables, "confirm", id_, scope=scope)
        row = decisions_table([made], renamed_ids(tables, column)).to_pylist()[0]
        assert (row["now_id"], row["found_by"]) == (f"new {id_}", "posts")


def test_a_finding_is_found_again_by_kind_and_evidence(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    case = {**tables, "findings": rank_findings(tables, settings)}
    for row in case["findings"].to_pylist():
        made = Decision(AT, "dismiss", "finding", row["finding_id"], kind=row["kind"],
                        posts=anchors(case, "finding", row["finding_id"]))  # fmt: skip
        found = decisions_table([made], renamed_ids(case, "finding_id")).to_pylist()[0]
        if row["evidence"]:
            kinds = {r["finding_id"]: r["kind"] for r in case["findings"].to_pylist()}
            assert kinds[str(found["now_id"]).removeprefix("new ")] == row["kind"]


def test_a_decision_whose_thing_is_gone_is_listed_and_not_lost(
    tables: dict[str, pa.Table], redactor: Redactor, settings: Settings, manifest: dict[str, Any]
) -> None:
    one = narratives(tables)[0]
    made = on(tables, "dismiss", one, words="satire")
    none = ALL["narrative_points"].empty()
    later = {**tables, "narratives": ALL["narratives"].empty(), "narrative_points": none}
    table = decisions_table([made], later)
    assert [row["target_id"] for row in not_found(table)] == [one]
    page = build_report({**later, "decisions": table}, manifest, settings, redactor)
    assert "did not find again" in page
    assert "satire" in page


# what is read from the case ------------------------------------------------------------------


def test_merged_narratives_count_as_one(tables: dict[str, pa.Table]) -> None:
    first, second = narratives(tables)[:2]
    before = {r["narrative_id"]: r for r in tables["narratives"].to_pylist()}
    kind = ALL["timelines"].schema.field("bin_start").type
    hours = [
        {"narrative_id": id_, "bin_start": pa.scalar(0, kind).as_py(), "bin_s": 3600, "posts": 1,
         "reposts": 0, "accounts": 1}
        for id_ in (first, second)
    ]  # fmt: skip
    tables = {**tables, "timelines": ALL["timelines"].from_rows(hours)}
    case = with_decisions(decided(tables, into(tables, second, first)))
    after = {r["narrative_id"]: r for r in case["narratives"].to_pylist()}
    assert set(after) == set(before) - {second}
    of_post = tables["point_posts"].to_pylist()
    of_point = dict(
        zip(*tables["narrative_points"].select([0, 1]).to_pydict().values(), strict=True)
    )
    own = {r["post_id"] for r in of_post if of_point.get(r["point_id"]) in {first, second}}
    posts = tables["posts"].filter(
        pc.is_in(tables["posts"]["post_id"], value_set=pa.array(sorted(own)))
    )
    assert after[first]["posts"] + after[first]["reposts"] == posts.num_rows
    assert after[first]["accounts"] == len(set(posts["account_id"].to_pylist()) - {None})
    for name, table in case.items():
        check(table, ALL[name])
        if name != "decisions" and "narrative_id" in table.column_names:
            assert second not in table["narrative_id"].to_pylist()
    times = case["timelines"].filter(pc.equal(case["timelines"]["narrative_id"], first))
    timed = posts.filter(pc.is_valid(posts["created_at"]))
    assert pc.sum(times["posts"]).as_py() == pc.sum(pc.not_equal(timed["kind"], "repost")).as_py()


@given(links=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8))
def test_merges_in_a_row_or_in_a_circle_end_in_one_narrative(links: list[tuple[int, int]]) -> None:
    names = "abcd"
    rows = {(("narrative", names[a])): names[b] for a, b in links if a != b}
    held = {thing: _merge_state(end) for thing, end in rows.items()}
    ends = merged(held)
    assert all(end not in ends for end in ends.values())
    assert all(id_ != end for id_, end in ends.items())


def _merge_state(end: str) -> Any:
    from reports.decisions import State

    return State(merge={"into_id": end, "action": "merge"})


def test_without_decisions_the_tables_are_the_same(tables: dict[str, pa.Table]) -> None:
    assert with_decisions(tables) == tables


def test_pinned_findings_come_first_and_dismissed_ones_stand_apart(
    tables: dict[str, pa.Table], settings: Settings
) -> None:
    findings = in_reading_order(rank_findings(tables, settings))
    ids = findings["finding_id"].to_pylist()
    case = {**tables, "findings": findings}
    made = [on(case, "pin", ids[-1], scope="finding"), on(case, "dismiss", ids[0], scope="finding")]
    kept, away = parted(findings, decided(case, *made))
    assert kept["finding_id"].to_pylist() == [ids[-1], *ids[1:-1]]
    assert away["finding_id"].to_pylist() == [ids[0]]


def page(
    tables: dict[str, pa.Table],
    manifest: dict[str, Any],
    settings: Settings,
    redactor: Redactor,
    made: Sequence[Decision],
) -> str:
    return build_report(decided(tables, *made), manifest, settings, redactor)


def test_the_report_shows_what_was_decided_and_deletes_nothing(
    tables: dict[str, pa.Table], manifest: dict[str, Any], settings: Settings, redactor: Redactor
) -> None:
    case = {**tables, "findings": rank_findings(tables, settings)}
    first, second, third = narratives(case)[:3]
    away = case["findings"]["finding_id"].to_pylist()[0]
    labels = {r["narrative_id"]: r["label"] for r in case["narratives"].to_pylist()}
    html = page(case, manifest, settings, redactor, [
        on(case, "rename", first, words="The <i>paid</i> hall", who="Ana"),
        into(case, second, first),
        on(case, "dismiss", third, words="everyday talk"),
        on(case, "dismiss", away, scope="finding", words="known to all"),
        on(case, "note", first, words="compare 2029 <script>"),
    ])  # fmt: skip
    assert "The &lt;i&gt;paid&lt;/i&gt; hall" in html
    assert "the run named it" in html
    assert redactor.label(labels[first]) in html
    assert "Merged by the analyst" in html
    assert "everyday talk" in html
    assert "set aside by the analyst" in html
    assert "known to all" in html
    assert "by Ana" in html
    assert "compare 2029 &lt;script&gt;" in html


def test_an_analysts_words_are_redacted_like_any_text(
    tables: dict[str, pa.Table], redactor: Redactor
) -> None:
    name = next(n for n in tables["profiles"]["display_name"].to_pylist() if n and len(n) > 6)
    one = narratives(tables)[0]
    case = decided(tables, on(tables, "note", one, words=f"ask {name} about it", who=name))
    mark = marks(case, redactor)[redactor.derived(one)]
    assert name not in " ".join(mark.told)
    left = redactor.table(case["decisions"], ALL["decisions"])
    assert name not in str(left.to_pylist())
