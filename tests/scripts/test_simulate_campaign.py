"""The generator keeps its promises: shares, ids, edits, rates, truth, and the same bytes again."""

from __future__ import annotations

import csv
import gzip
import hashlib
import re
import tomllib
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from scripts.campaign import Campaign, simulate, world, write_campaign
from scripts.campaign.biography import shared_words
from scripts.campaign.chance import stream
from scripts.campaign.edits import WEIGHTS, Material, edited
from scripts.campaign.grammar import as_carried, expand, points, swap_pairs, words
from scripts.campaign.writing import post_text
from scripts.simulate_campaign import main

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return simulate(600, 41)


@pytest.fixture(scope="module")
def folder(campaign: Campaign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("campaign")
    write_campaign(campaign, path)
    return path


def rows(folder: Path, name: str) -> Rows:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        write_campaign(simulate(150, seed), tmp_path / name, gzipped=True)
    names = [p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*") if p.is_file()]
    assert len(names) == 9
    for path in names:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()
    one, three = (tmp_path / n / "posts.csv.gz" for n in ("one", "three"))
    assert one.read_bytes() != three.read_bytes()


def test_gzip_changes_the_wrapping_and_not_the_content(folder: Path, tmp_path: Path) -> None:
    write_campaign(simulate(600, 41), tmp_path, gzipped=True)
    packed = gzip.decompress((tmp_path / "posts.csv.gz").read_bytes())
    assert packed == (folder / "posts.csv").read_bytes()
    assert (tmp_path / "SHA256SUMS").read_bytes() == (folder / "SHA256SUMS").read_bytes()


@pytest.mark.parametrize("accounts", [150, 300, 2000, 24_553])
def test_the_coordinated_share_on_negative_points_is_46_percent_at_any_size(accounts: int) -> None:
    sizes = world.sizes_of(accounts)
    assert sizes.coordinated / (sizes.coordinated + sizes.critics) == pytest.approx(0.46, abs=0.01)
    assert sum(vars(sizes).values()) == accounts


def test_whoever_is_on_negative_points_is_a_coordinated_account_or_a_critic(folder: Path) -> None:
    accounts = rows(folder, "truth/accounts.csv")
    for account in accounts:
        expected = account["population"] in ("coordinated", "critic")
        assert (account["on_negative_points"] == "true") == expected


def test_there_are_4_managers_and_9_expanders_in_all_languages(folder: Path) -> None:
    accounts = rows(folder, "truth/accounts.csv")
    roles = Counter(account["role"] for account in accounts)
    assert (roles["manager"], roles["expander"]) == (4, 9)
    assert {a["lang"] for a in accounts if a["role"] == "expander"} == set(world.LANGS)


def test_a_request_too_small_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "x"), "--accounts", "20"]) == 2
    assert "ask for 150 or more" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_ids_are_unique_and_too_long_for_a_spreadsheet(folder: Path) -> None:
    for name, column in (("posts.csv", "post_id"), ("truth/accounts.csv", "account_id")):
        ids = [row[column] for row in rows(folder, name)]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"\d{18,19}", value) for value in ids)


def test_every_post_has_its_truth_and_parents_exist_and_come_first(folder: Path) -> None:
    posts = {row["post_id"]: row for row in rows(folder, "posts.csv")}
    truth = {row["post_id"]: row for row in rows(folder, "truth/posts.csv")}
    assert posts.keys() == truth.keys()
    for post in posts.values():
        assert (post["kind"] == "post") == (post["parent_id"] == "")
        if post["parent_id"]:
            assert posts[post["parent_id"]]["created_at"] <= post["created_at"]
    for row in truth.values():
        if row["copied_from"]:
            assert posts[row["copied_from"]]["created_at"] <= posts[row["post_id"]]["created_at"]


def test_a_repost_repeats_its_parent_and_shares_its_truth(folder: Path) -> None:
    posts = {row["post_id"]: row for row in rows(folder, "posts.csv")}
    truth = {row["post_id"]: row for row in rows(folder, "truth/posts.csv")}
    reposts = [post for post in posts.values() if post["kind"] == "repost"]
    assert reposts
    for post in reposts:
        assert re.match(r"RT @\w+: ", post["text"])
        own, parent = truth[post["post_id"]], truth[post["parent_id"]]
        assert own["wording_truth"] == parent["wording_truth"]


def test_no_open_slot_or_choice_is_left_in_any_text(folder: Path) -> None:
    fields = [row["text"] for row in rows(folder, "posts.csv")]
    for row in rows(folder, "profiles.csv"):
        fields += [row["bio"], row["display_name"], row["location"]]
    assert not [text for text in fields if re.search(r"[{}\[\]]|\|\|", text)]


def test_nobody_writes_after_leaving(folder: Path) -> None:
    left = {
        row["account_id"]: row["outcome_at"]
        for row in rows(folder, "truth/accounts.csv")
        if row["outcome"] in ("suspended", "deleted", "dormant")
    }
    for post in rows(folder, "posts.csv"):
        assert post["created_at"] <= left.get(post["account_id"], "9")


def test_dormant_accounts_are_silent_for_30_days_and_active_ones_are_not(folder: Path) -> None:
    last: dict[str, str] = {}
    for post in rows(folder, "posts.csv"):
        last[post["account_id"]] = max(post["created_at"], last.get(post["account_id"], ""))
    for row in rows(folder, "truth/accounts.csv"):
        if row["outcome"] not in ("dormant", "active") or row["population"] == "outlet":
            continue
        seen = datetime.fromisoformat(last[row["account_id"]])
        assert ((world.WINDOW_END - seen).days >= 30) == (row["outcome"] == "dormant")


def test_suspended_and_deleted_accounts_are_seen_so_and_show_no_bio(folder: Path) -> None:
    outcomes = {r["account_id"]: r["outcome"] for r in rows(folder, "truth/accounts.csv")}
    gone = [r for r in rows(folder, "profiles.csv") if r["state"] != "active"]
    assert {r["account_id"] for r in gone} == {
        account for account, outcome in outcomes.items() if outcome in ("suspended", "deleted")
    }
    assert all(r["state"] == outcomes[r["account_id"]] and r["bio"] == "" for r in gone)


def test_both_states_of_a_planned_change_are_seen_twice_a_day_apart(folder: Path) -> None:
    snapshots: dict[str, list[datetime]] = {}
    for row in rows(folder, "profiles.csv"):
        at = datetime.fromisoformat(row["observed_at"])
        snapshots.setdefault(row["account_id"], []).append(at)
    for shift in rows(folder, "truth/shifts.csv"):
        at = datetime.fromisoformat(shift["at"])
        sides = [
            [s for s in snapshots[shift["account_id"]] if (s < at) == early] for early in (1, 0)
        ]
        for side in sides:
            assert len(side) >= 2
            assert (max(side) - min(side)).total_seconds() >= 86_400


def test_the_words_of_a_planned_change_stand_in_the_snapshots(folder: Path) -> None:
    seen: dict[str, str] = {}
    for row in rows(folder, "profiles.csv"):
        text = "\n".join((row["display_name"], row["bio"], row["location"]))
        seen[row["account_id"]] = seen.get(row["account_id"], "") + "\n" + text
    for shift in rows(folder, "truth/shifts.csv"):
        for side in ("before", "after"):
            for quote in filter(None, shift[side].split(" | ")):
                assert quote in seen[shift["account_id"]]


def test_a_whole_identity_shares_neither_handle_nor_words_of_the_bio(campaign: Campaign) -> None:
    plans = [plan for plan in campaign.plans.values() if plan.whole]
    assert plans
    for plan in plans:
        profile = campaign.profiles[plan.account_id]
        before, after = profile.state_at(plan.at_s - 1), profile.state_at(plan.at_s + 1)
        assert before.handle != after.handle
        assert before.name != after.name
        assert shared_words(before.bio, after.bio) < 0.2


def test_every_recipe_of_change_has_at_least_one_account(campaign: Campaign) -> None:
    looks = {plan.recipe.look for plan in campaign.plans.values()}
    assert len(looks) == 24
    planted = {p.account_id for p in campaign.plans.values() if p.recipe.kind == "planted"}
    coordinated = {a.account_id for a in campaign.accounts if a.population == "coordinated"}
    assert planted <= coordinated


def test_claims_quote_a_snapshot_of_their_account(folder: Path) -> None:
    bios: dict[str, set[str]] = {}
    for row in rows(folder, "profiles.csv"):
        bios.setdefault(row["account_id"], set()).add(row["bio"])
    claims = rows(folder, "truth/claims.csv")
    assert {"affiliation", "occupation", "age", "origin", "family"} <= {
        claim["attribute"] for claim in claims
    }
    for claim in claims:
        assert any(claim["quote"] in bio for bio in bios[claim["account_id"]])


def test_all_four_claimed_camps_stand_in_generic_words_in_all_languages(folder: Path) -> None:
    claims = [c for c in rows(folder, "truth/claims.csv") if c["attribute"] == "affiliation"]
    stated = {(c["value"], c["lang"]) for c in claims if c["wording"] == "generic"}
    assert {(camp, lang) for camp in world.CAMPS for lang in ("en", "fa")} <= stated
    assert {value for value, _ in stated} >= set(world.CAMPS)


@pytest.mark.parametrize("kind", list(WEIGHTS))
def test_a_typed_edit_changes_the_text_unless_it_is_exact(kind: str) -> None:
    rng = stream(1, "edits")
    made = Counter()
    for point in points():
        frame = point.wordings["fa"][0]
        text = as_carried(frame)
        for _ in range(40):
            got, changed = edited(rng, text, Material(swap_pairs(frame), words("fa")))
            made[got] += 1
            assert (changed == text) == (got == "exact")
    assert made[kind] > 0 or kind == "case"  # Persian has no letter case


def test_the_shown_text_of_a_mention_names_a_handle_of_that_time(campaign: Campaign) -> None:
    swapped = [draft for draft in campaign.posts if draft.edit_kind == "mention_swap"]
    assert swapped
    for draft in swapped:
        assert "@" + campaign.handle(draft.mention, draft.at_s) in post_text(campaign, draft)


def test_a_frame_with_an_unknown_slot_names_the_file_and_the_slot() -> None:
    with pytest.raises(KeyError, match=r"en\.toml uses the slot \{nobody\}"):
        expand(stream(1), "hello {nobody}", words("en"))


def test_frames_draw_choices_slots_and_numbers() -> None:
    text = expand(stream(2), "[a|b] {city} {3..5}", words("fr"))
    letter, *city, number = text.split(" ")
    assert letter in "ab"
    assert " ".join(city) in words("fr").slots["city"]
    assert 3 <= int(number) <= 5


def test_posts_in_own_words_are_not_near_copies_of_each_other(folder: Path) -> None:
    posts = {row["post_id"]: row for row in rows(folder, "posts.csv")}
    own = [
        frozenset(re.findall(r"\w+", posts[row["post_id"]]["text"].lower()))
        for row in rows(folder, "truth/posts.csv")
        if row["edit_kind"] == "own_words" and row["lang"] == "en"
    ]
    alike = 0
    for number, left in enumerate(own):
        alike += any(len(left & right) >= 0.7 * len(left | right) for right in own[:number])
    assert alike / len(own) < 0.01


def test_ordinary_bios_are_edited_about_as_often_as_real_ones(campaign: Campaign) -> None:
    edits, years = Counter[str](), 0.0
    for account in campaign.accounts:
        if account.population == "outlet" or account.account_id in campaign.plans:
            continue
        seen = campaign.profiles[account.account_id].snapshots
        years += (seen[-1][0] - seen[0][0]) / (365.25 * 86_400)
        for (_, before), (_, after) in pairwise(seen):
            edits["bio"] += before.bio != after.bio
            edits["name"] += before.name != after.name
    # Measured on real accounts: 6.4 and 5.4 a year; few accounts make most of the edits, so that
    # 600 accounts scatter widely.
    assert 4.5 < edits["bio"] / years < 8.5
    assert 3.5 < edits["name"] / years < 7.5


def test_the_event_file_and_the_digests_are_readable(folder: Path) -> None:
    event = tomllib.loads((folder / "truth" / "event.toml").read_text(encoding="utf-8"))
    start, end = (datetime.fromisoformat(event[name]) for name in ("start", "end"))
    assert (end - start).total_seconds() == 60 * 3600
    for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
