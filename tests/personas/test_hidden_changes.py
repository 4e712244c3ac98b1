"""End to end: beside a marker of transition, no table shows what an account was called before."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from personas import PersonaTracker

START = pd.Timestamp("2022-01-01", tz="UTC")
TABLES = ("claims_", "timeline_", "shifts_", "events_", "coverage_", "fates_")
OLD, NEW = ("old_lark", "Lark Olden"), ("fresh_quill", "Quill Fresh")
# fmt: off
BIOS = [
    "trans woman, she/her", "she/her #transwoman", "#hrt she/her", "#mtf she/her",
    "she/her #HRT2019",
    "transfeminine she/her", "transmasculine, she/her", "transgirl she/her", "transexual, she/her",
    "trans_woman she/her", "she/her #TransVisibility", "she/her #transvisibility",
    "she/her gender-fluid",
    "she/her gender_fluid", "she/her #genderfluid", "she/her on estrogen", "she/her #OnEstrogen",
    "she/her. top surgery 2020", "she/her #topsurgery", "she/her top_surgery", "زن، تغییر جنسیت",
    "زن #تغییر_جنسیت", "mujer transexual, ella", "femme transgenre, elle", "امرأة متحولة",
    "transwomen she/her",
    "трансгендерная женщина she/her", "she/her afab", "amab she/her",
    "elle, personne transidentitaire",
    "trans kadın she/her", "transfrau she/her", "mulher trans, ela/dela", "she/her 🏳️‍⚧️",
]
# fmt: on
POSTS = [
    "I came out as trans last year, thanks all",
    "two years on hrt today, so happy being trans",
    "my #TopSurgery is booked",
]


def _history(account: str, before: str, after: str) -> list[dict[str, Any]]:
    return [
        {
            "account_id": account,
            "observed_at": START + pd.Timedelta(days=day),
            "handle": f"{OLD[0]}{account}" if day < 50 else f"{NEW[0]}{account}",
            "display_name": OLD[1] if day < 50 else NEW[1],
            "bio": before if day < 50 else after,
        }
        for day in (0, 10, 20, 60, 70, 80)
    ]


def _post(account: str, text: str, **more: Any) -> dict[str, Any]:
    at = START + pd.Timedelta(days=75)
    return {"post_id": f"p{account}", "account_id": account, "created_at": at, "text": text} | more


def _fit(rows: list[dict[str, Any]], posts: list[dict[str, Any]] | None = None) -> PersonaTracker:
    return PersonaTracker().fit(pd.DataFrame(rows), pd.DataFrame(posts) if posts else None)


def _shown(fitted: PersonaTracker, account: str) -> dict[str, pd.DataFrame]:
    found = {name: getattr(fitted, name) for name in TABLES}
    return {name: table[table["account_id"] == account] for name, table in found.items()}


def _hides(fitted: PersonaTracker, account: str) -> bool:
    tables = _shown(fitted, account)
    words = " ".join(table.astype(str).to_csv() for table in tables.values())
    return (
        tables["shifts_"].empty
        and "renamed" not in set(tables["events_"]["kind"])
        and "gender" not in {*tables["claims_"]["attribute"], *tables["timeline_"]["attribute"]}
        and not any(name in words for name in (*OLD, *NEW))
        and len(tables["coverage_"]) == 1
    )


@pytest.fixture(scope="module")
def marked_bios() -> PersonaTracker:
    rows = [
        row
        for number, bio in enumerate(BIOS)
        for row in (
            *_history(f"{number}a", "he/him, pottery", f"{bio}, pottery"),
            *_history(f"{number}b", f"{bio}, pottery", "he/him, pottery"),
        )
    ]
    return _fit(rows)


@pytest.mark.parametrize("number", range(len(BIOS)), ids=BIOS)
@pytest.mark.parametrize("side", ["a", "b"])
def test_a_marked_change_is_in_no_table(
    marked_bios: PersonaTracker, number: int, side: str
) -> None:
    assert _hides(marked_bios, f"{number}{side}")


def test_the_same_change_without_a_marker_is_shown() -> None:
    fitted = _fit(_history("1", "he/him, pottery", "she/her, weaving and rye bread"))
    assert set(fitted.shifts_["attribute"]) == {"gender", "identity"}
    assert "renamed" in set(fitted.events_["kind"])


@pytest.mark.parametrize("text", POSTS)
@pytest.mark.parametrize("dated", [True, False])
def test_a_marker_in_any_post_hides_the_change(text: str, dated: bool) -> None:
    rows = _history("1", "he/him, pottery", "she/her, pottery")
    more = {} if dated else {"created_at": None}
    assert _hides(_fit(rows, [_post("1", text, **more)]), "1")


def test_a_marker_in_a_post_hides_a_new_name_without_any_claim_of_gender() -> None:
    rows = _history("1", "pottery", "pottery")
    assert _hides(_fit(rows, [_post("1", POSTS[1])]), "1")


def test_a_marker_in_the_handle_alone_hides_the_change() -> None:
    rows = _history("1", "he/him, pottery", "she/her, pottery")
    for row in rows[3:]:
        row["handle"] = "quilltransgirl"
    assert _hides(_fit(rows), "1")
    assert "quilltransgirl" not in _fit(rows).events_.to_csv()


@pytest.mark.parametrize("more", [{"kind": "repost"}, {"account_id": "2"}])
def test_the_words_of_others_hide_nothing(more: dict[str, Any]) -> None:
    rows = _history("1", "he/him, pottery", "she/her, pottery")
    assert not _hides(_fit(rows, [_post("1", POSTS[0], **more)]), "1")


def test_a_marker_of_an_account_without_a_change_hides_none_of_its_claims() -> None:
    rows = _history("1", "trans woman, she/her", "trans woman, she/her")
    for row in rows:
        row |= {"handle": "same", "display_name": "Same"}
    assert "gender" in set(_fit(rows).claims_["attribute"])


# --- what a level-3 row of a hidden account may quote -------------------------------------------


def _pattern(
    before: str, after: str, new_handle: str = "tide_watch", *, counts: tuple[int, int] = (900, 9)
) -> list[dict[str, Any]]:
    rows = _history("1", before, after)
    for row in rows:
        late = row["observed_at"] > START + pd.Timedelta(days=50)
        row["statuses_count"] = counts[late]
        row["handle"] = new_handle if late else "oldlark"
    return rows


def _identity(fitted: PersonaTracker) -> list[Any]:
    shifts = fitted.shifts_
    return list(shifts[shifts["attribute"] == "identity"].itertuples())


BEFORE = "monarchist. she/her knots and rye bread"
AFTER = "communist. trans man he/him coin signals"


def test_a_pattern_beside_a_marker_quotes_the_claims_own_words() -> None:
    (row,) = _identity(_fit(_pattern(BEFORE, AFTER)))
    assert row.level == 3
    assert (row.quote_before, row.quote_after) == ("monarchist", "communist")
    assert AFTER[row.after_start : row.after_end] == "communist"


def test_no_row_of_such_an_account_holds_a_marker_or_a_claim_of_gender() -> None:
    fitted = _fit(_pattern(BEFORE, AFTER))
    words = " ".join(getattr(fitted, name).to_csv() for name in TABLES)
    assert not any(said in words for said in ("trans man", "she/her", "he/him", *(OLD[1], NEW[1])))


def test_a_claim_whose_words_hold_a_marker_is_not_quoted() -> None:
    fitted = _fit(_pattern("I am a monarchist. she/her knots", "I am a trans communist, he/him"))
    words = " ".join(getattr(fitted, name).to_csv() for name in TABLES)
    assert "trans" not in words
    assert "monarchist" in words


def test_a_pattern_without_a_claim_to_quote_quotes_the_handles() -> None:
    bios = ("she/her knots and rye bread", "trans man he/him coin signals")
    rows = _pattern(*bios)
    days = [START + pd.Timedelta(days=d) for d in (*range(-100, 0), 58)]
    posts = [_post("1", f"bread {n}", post_id=f"p{n}", created_at=at) for n, at in enumerate(days)]
    # A silence before the change, and a fall of the post count near it.
    for row in rows[1:3]:
        row["observed_at"] = START - pd.Timedelta(days=2)
    for row in rows[3:]:
        row["observed_at"] += pd.Timedelta(days=120)
    posts[-1]["created_at"] = rows[3]["observed_at"]
    rows.append(rows[0] | {"observed_at": rows[3]["observed_at"] - pd.Timedelta(days=3)})
    (row,) = _identity(_fit(rows, posts))
    assert row.level == 3
    assert (row.quote_before, row.quote_after) == ("oldlark", "tide_watch")


def test_a_pattern_whose_handle_holds_a_marker_is_not_shown() -> None:
    assert _identity(_fit(_pattern(BEFORE, AFTER, "transman_tide"))) == []


# --- profiles of accounts that are gone ----------------------------------------------------------


@pytest.mark.parametrize("state", ["suspended", "deleted"])
def test_the_emptied_profile_of_a_gone_account_is_unknown_and_not_erased(state: str) -> None:
    rows = _history("1", "monarchist, pottery", "monarchist, pottery")
    for row in rows:
        row |= {"handle": "same", "display_name": "Same", "statuses_count": 900, "state": "active"}
    gone = rows[-1] | {"observed_at": START + pd.Timedelta(days=120), "state": state}
    emptied = dict.fromkeys(("handle", "display_name", "bio"), "") | {"statuses_count": 0}
    fitted = _fit([*rows, gone | emptied])
    assert "renamed" not in set(fitted.events_["kind"])
    assert state in set(fitted.events_["kind"])
    assert fitted.coverage_["distinct_states"].tolist() == [1 + 1]
    assert fitted.shifts_.empty
    alive = _fit([*rows, gone | emptied | {"state": "active"}])
    assert "renamed" in set(alive.events_["kind"])


def _moved(bio: str, name: str, after: str = "") -> list[dict[str, Any]]:
    return [
        {
            "account_id": "m1",
            "observed_at": START + pd.Timedelta(days=day),
            "handle": "quill@one.example" if day < 50 else "quill@two.example",
            "display_name": "Quill" if day < 50 else name,
            "bio": bio if day < 50 else after or bio,
        }
        for day in (0, 10, 20, 60, 70, 80)
    ]


@pytest.mark.parametrize("bio", ["they/them, baker", "she/they", "baker", "trans woman, she/her"])
def test_a_move_to_another_server_shows_no_former_name_and_is_told(bio: str) -> None:
    events = _fit(_moved(bio, "Quill")).events_
    assert events[events["kind"] == "moved"][["before", "after"]].to_numpy().tolist() == [
        ["quill@one.example", "quill@two.example"]
    ]


@pytest.mark.parametrize(
    ("bio", "name", "after"),
    [("they/them, baker", "Another", ""), ("she/her", "Quill", "they/them")],
)
def test_a_move_beside_a_hidden_change_stays_hidden(bio: str, name: str, after: str) -> None:
    assert not {"moved", "renamed"} & set(_fit(_moved(bio, name, after)).events_["kind"])
