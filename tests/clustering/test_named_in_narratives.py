"""What narratives name is counted over their posts, quoted from one, and independent of order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from clustering.named_in_narratives import MOST_NAMES, Named, find_named
from clustering.named_rank import ranked
from corpus.progress import Silent
from corpus.settings import Target
from corpus.tables import (
    NAMED,
    NARRATIVE_POINTS,
    NARRATIVES,
    POINT_POSTS,
    POSTS,
    TALKING_POINTS,
    TEXTS,
    Table,
    check,
)
from nlp.entities import values

UNION = Target("Harbor Union", "organisation", ("HU party", "#HarborUnion"))
VELMORA = Target("Velmora", "place", ("ولمورا",))

# post, account, point, text: points a to c tell narrative n1, d tells n2, e is outside.
ROWS = [
    ("p1", "x", "a", "Stop it. The Harbor Union sells Velmora! Share this. #StopTheLevy"),
    ("p2", "y", "a", "Stop it. The Harbor Union sells Velmora! Share this. #stopthelevy"),
    ("p3", "y", "a", "Stop it. The Harbor Union sells Velmora! Share this."),
    ("p4", "z", "b", "the HU party again, ask @mira_k"),
    ("p5", None, "b", "the HU party again, ask @Mira_K"),
    ("p6", "x", "c", "no levy 😡 #HarborUnion"),
    ("p7", "w", "d", "در ولمورا باران می‌بارد"),
    ("p8", "w", "e", "Velmora, outside of all"),
    ("p9", "x", "c", "no levy 😡 #HarborUnion #once"),
]


def rows_of(contract: Table, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Fill what the test does not care about: null, or an empty value of the type."""
    empty = {"str": "", "i64": 0, "f32": 0.0, "list<str>": []}
    filled = [
        {c.name: row.get(c.name, None if c.nullable else empty[c.type]) for c in contract.columns}
        for row in rows
    ]
    return contract.from_rows(filled)


def tables(rows: Sequence[tuple[str, str | None, str, str]] = ROWS) -> dict[str, pa.Table]:
    narrative = {"a": "n1", "b": "n1", "c": "n1", "d": "n2", "e": None}
    points = sorted({row[2] for row in rows})
    members = {point: [row for row in rows if row[2] == point] for point in points}
    accounts = {
        name: len({r[1] for r in rows if narrative[r[2]] == name and r[1]}) for name in ("n1", "n2")
    }
    return {
        "posts": rows_of(
            POSTS,
            [
                {
                    "post_id": post, "account_id": account, "text": text, "kind": "post",
                    "hashtags": values(text, "hashtag"), "mentions": values(text, "mention"),
                }
                for post, account, _, text in rows
            ],
        ),
        "texts": rows_of(
            TEXTS,
            [{"post_id": r[0], "lang": "fa" if r[2] == "d" else "en"} for r in rows],
        ),
        "point_posts": rows_of(POINT_POSTS, [{"post_id": r[0], "point_id": r[2]} for r in rows]),
        "talking_points": rows_of(
            TALKING_POINTS,
            [
                {"point_id": p, "exemplar_id": min(m)[0], "posts": len(m)}
                for p, m in members.items()
            ],
        ),
        "narrative_points": rows_of(
            NARRATIVE_POINTS, [{"point_id": p, "narrative_id": narrative[p]} for p in points]
        ),
        "narratives": rows_of(
            NARRATIVES,
            [
                {
                    "narrative_id": name, "accounts": accounts[name],
                    "terms": ["levy", "harbor union", "share this", "#stopthelevy"],
                }
                for name in ("n1", "n2")
            ],
        ),
    }  # fmt: skip


def named(
    held: dict[str, pa.Table],
    targets: Sequence[Target] = (UNION, VELMORA),
    models: Sequence[str] = (),
) -> Named:
    return find_named(**held, targets=targets, spacy_models=models, progress=Silent())


def by_name(found: Named, narrative: str = "n1") -> dict[str, dict[str, Any]]:
    rows = [row for row in found.named.to_pylist() if row["narrative_id"] == narrative]
    assert len({row["name"] for row in rows}) == len(rows)
    return {row["name"]: row for row in rows}


def test_targets_are_counted_over_all_posts_of_the_points_and_tags_that_name_them() -> None:
    rows = by_name(named(tables()))
    union = rows["Harbor Union"]
    assert (union["kind"], union["source"]) == ("organisation", "case.toml")
    assert (union["posts"], union["accounts"]) == (7, 3)
    assert union["accounts_share"] == 1.0
    velmora = rows["Velmora"]
    assert (velmora["posts"], velmora["accounts"]) == (3, 2)
    assert velmora["accounts_share"] == pytest.approx(2 / 3)
    assert by_name(named(tables()), "n2")["Velmora"]["quote"] == ROWS[6][3]


def test_the_quote_is_the_sentence_and_stands_in_the_post() -> None:
    held = tables()
    found = named(held)
    texts = dict(
        zip(held["posts"]["post_id"].to_pylist(), held["posts"]["text"].to_pylist(), strict=True)
    )
    for row in found.named.to_pylist():
        assert texts[row["post_id"]][row["start"] : row["end"]] == row["quote"]
    assert by_name(found)["Velmora"]["quote"] == "The Harbor Union sells Velmora!"
    check(found.named, NAMED)


def test_hashtags_and_mentions_are_counted_post_by_post_whatever_their_capitals() -> None:
    rows = by_name(named(tables()))
    tag = rows["StopTheLevy"]
    assert (tag["kind"], tag["posts"], tag["accounts"]) == ("hashtag", 2, 2)
    mention = rows["Mira_K"]
    assert (mention["kind"], mention["posts"], mention["accounts"]) == ("mention", 2, 1)
    assert (mention["post_id"], mention["quote"]) == ("p4", "the HU party again, ask @mira_k")


def test_terms_follow_the_names_and_repeat_none_of_them() -> None:
    rows = by_name(named(tables()))
    assert {name for name, row in rows.items() if row["kind"] == "term"} == {"levy", "share this"}
    order = ranked(named(tables()).named, "n1")["name"].to_pylist()
    assert order[:2] == ["Harbor Union", "Velmora"]
    assert set(order[-2:]) == {"levy", "share this"}


def test_without_targets_and_model_a_note_says_what_names_are() -> None:
    found = named(tables(), targets=())
    assert {row["source"] for row in found.named.to_pylist()} == {"hashtag", "mention", "term"}
    assert "no spaCy model was named (--spacy-model)" in found.notes[0]


def test_a_model_reads_its_language_and_yields_to_the_targets(tmp_path: Any) -> None:
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            {"label": "ORG", "pattern": "The Harbor Union"},
            {"label": "PER", "pattern": "HU"},
            {"label": "PER", "pattern": "levy"},
        ]
    )
    pipeline.to_disk(tmp_path / "m")
    found = named(tables(), models=[str(tmp_path / "m")])
    rows = by_name(found)
    assert rows["levy"]["source"] == "en_pipeline 0.0.0"
    assert rows["levy"]["kind"] == "person"
    assert "HU" not in rows and "The Harbor Union" not in rows
    assert any("1 in 'fa'" in note for note in found.notes)
    again = by_name(named(tables(), targets=(), models=[str(tmp_path / "m")]))
    assert (again["The Harbor Union"]["kind"], again["The Harbor Union"]["posts"]) == (
        "organisation",
        3,
    )


def test_row_order_changes_nothing() -> None:
    held = tables()
    turned = {name: table.take(list(range(table.num_rows))[::-1]) for name, table in held.items()}
    one, other = named(held).named, named(turned).named
    key = [(name, "ascending") for name in ("narrative_id", "name")]
    assert one.sort_by(key).equals(other.sort_by(key))


def test_a_narrative_shows_twenty_names_and_never_loses_a_target() -> None:
    tags = " ".join(f"#tag{number}" for number in range(40))
    rows = [("p1", "x", "a", f"Velmora {tags}"), ("p2", "y", "a", tags), ("p3", "w", "d", "باران")]
    found = named(tables(rows))
    assert len(by_name(found)) == MOST_NAMES
    assert "Velmora" in by_name(found)
    assert not by_name(found, "n2")


def test_what_one_post_alone_names_is_left_out_unless_it_is_a_target() -> None:
    rows = by_name(named(tables(), targets=(Target("once", "hashtag"),)))
    assert rows["once"]["posts"] == 1
    assert "once" not in by_name(named(tables()))


def test_accounts_that_are_not_known_give_no_share() -> None:
    rows = [(post, None, point, text) for post, _, point, text in ROWS]
    union = by_name(named(tables(rows)))["Harbor Union"]
    assert (union["posts"], union["accounts"], union["accounts_share"]) == (7, 0, None)


def test_no_narratives_no_names() -> None:
    held = tables()
    held["narratives"] = NARRATIVES.empty()
    assert named(held).named.num_rows == 0


def test_a_tag_stated_beside_the_text_alone_is_left_out() -> None:
    held = tables()
    position = held["posts"].schema.get_field_index("hashtags")
    stated = [["Elsewhere"]] * held["posts"].num_rows
    field = held["posts"].schema.field(position)
    held["posts"] = held["posts"].set_column(position, field, pa.array(stated, field.type))
    assert "Elsewhere" not in by_name(named(held))
