"""An index that grew and shrank in any steps holds the families of one run over what is in it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clustering.index
import clustering.linking
from clustering import NearDuplicateIndex, find_near_duplicates
from clustering.index import Match
from corpus.errors import InputError, SettingsError, WorkspaceError
from nlp import normalize
from nlp.shingles import MIN_SHINGLES, shingles

WORDS = "summit party border truth river market bread سلام می‌روم حزب мир хлеб 我们支持和平 😡 #news"
VOCABULARY = WORDS.split(" ")
# Each step changes one word inside: neighbours share .75 of their pairs of words, two apart .56.
CHAIN = [
    " ".join(f"new{at}" if at in range(1, 3 * step, 3) else f"old{at}" for at in range(15))
    for step in range(6)
]


def corpus(seed: int, size: int, families: int = 6) -> list[str]:
    """Random texts in families: a few seeds, and copies with words changed, cut or added."""
    rng = random.Random(seed)
    seeds = [
        [rng.choice(VOCABULARY) + str(rng.randrange(9)) for _ in range(14)] for _ in range(families)
    ]
    texts = []
    for _ in range(size):
        words = list(rng.choice(seeds))
        for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
            words[rng.randrange(len(words))] = rng.choice(VOCABULARY)
        texts.append(" ".join(words[: rng.choice([14, 14, 12, 9, 4, 2, 0])]))
    return texts


def parts_of(texts: Sequence[str]) -> int:
    """How many families the texts make by pairs of words."""
    return len(set(find_near_duplicates(texts, shingle="word-2").tolist()))


def expected(texts: dict[str, str], threshold: float, shingle: str) -> dict[str, str]:
    """Smallest id of the family of each id, from one run over all texts."""
    ids = sorted(texts)
    labels = find_near_duplicates([texts[name] for name in ids], threshold, shingle).tolist()
    smallest: dict[int, str] = {}
    for name, label in zip(ids, labels, strict=True):
        smallest.setdefault(label, name)
    return {name: smallest[label] for name, label in zip(ids, labels, strict=True)}


def families(index: NearDuplicateIndex) -> dict[str, str]:
    frame = index.families()
    return dict(zip(frame["id"], frame["family"], strict=True))


def numbered(texts: Sequence[str]) -> dict[str, str]:
    return {f"p{at:05d}": text for at, text in enumerate(texts)}


def add_in_steps(index: NearDuplicateIndex, texts: dict[str, str], steps: int, seed: int) -> None:
    ids = list(texts)
    random.Random(seed).shuffle(ids)
    for part in np.array_split(np.array(ids, dtype=object), steps):
        index.add([texts[name] for name in part], list(part))


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
@pytest.mark.parametrize(("threshold", "shingle"), [(0.7, "mixed"), (0.5, "word-1")])
def test_any_number_of_steps_gives_the_families_of_one_run(
    steps: int, threshold: float, shingle: str
) -> None:
    texts = numbered(corpus(3, 500, families=40))
    index = NearDuplicateIndex(threshold, shingle)
    add_in_steps(index, texts, steps, seed=steps)
    assert families(index) == expected(texts, threshold, shingle)
    assert len(index) == len(texts)


@pytest.mark.parametrize("steps", [1, 5])
def test_crowded_buckets_are_walked_to_the_end(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering.linking, "FIRST_TEXTS", 1)
    monkeypatch.setattr(clustering.linking, "FIRST_MEMBERS", 1)
    monkeypatch.setattr(clustering.linking, "PAIRS_AT_ONCE", 7)
    monkeypatch.setattr(clustering.index, "BATCH", 50)
    texts = numbered(corpus(5, 300, families=2))
    index = NearDuplicateIndex(0.8, "char-4")
    add_in_steps(index, texts, steps, seed=1)
    assert families(index) == expected(texts, 0.8, "char-4")


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(0, 40),
    cut=st.integers(0, 40),
    shingle=st.sampled_from(["mixed", "word-2"]),
)
def test_adding_and_removing_again_is_never_having_added(
    seed: int, size: int, cut: int, shingle: str
) -> None:
    rng = random.Random(seed)
    texts = numbered(corpus(seed, size, families=3) + CHAIN)
    kept = set(rng.sample(sorted(texts), min(cut, len(texts))))
    index = NearDuplicateIndex(shingle=shingle)
    add_in_steps(index, texts, 3, seed)
    gone = [name for name in texts if name not in kept]
    rng.shuffle(gone)
    for part in (gone[: len(gone) // 2], gone[len(gone) // 2 :]):
        index.remove(part)
    left = {name: text for name, text in texts.items() if name in kept}
    assert families(index) == expected(left, 0.7, shingle)
    index.add([texts[name] for name in gone], gone)
    assert families(index) == expected(texts, 0.7, shingle)


def test_a_chain_falls_apart_where_its_middle_is_removed_and_closes_again() -> None:
    assert parts_of(CHAIN) == 1
    assert parts_of(CHAIN[:3] + CHAIN[4:]) > 1
    ids = [f"link{at}" for at in range(len(CHAIN))]
    index = NearDuplicateIndex(shingle="word-2")
    index.add(CHAIN, ids)
    assert set(families(index).values()) == {"link0"}
    index.remove(["link3"])
    assert families(index)["link2"] == "link0"
    assert families(index)["link4"] != "link0"
    index.add([CHAIN[3]], ["again"])
    assert set(families(index).values()) == {"again"}


def test_removing_one_of_two_copies_changes_nothing_else() -> None:
    index = NearDuplicateIndex(shingle="word-2")
    index.add([*CHAIN, CHAIN[3].upper()], [*"abcdef", "copy"])
    index.remove(["d"])
    assert set(families(index).values()) == {"a"}
    index.remove(["copy"])
    assert len(set(families(index).values())) > 1


def test_a_pair_that_was_skipped_counts_when_its_link_is_gone() -> None:
    rng = random.Random(7)
    texts = numbered(corpus(11, 200, families=1))
    index = NearDuplicateIndex(0.5)
    add_in_steps(index, texts, 4, seed=2)
    while texts:
        gone = rng.sample(sorted(texts), min(17, len(texts)))
        index.remove(gone)
        for name in gone:
            del texts[name]
        assert families(index) == expected(texts, 0.5, "mixed")


def test_texts_of_which_nothing_is_left_stand_alone() -> None:
    index = NearDuplicateIndex()
    labels = index.add(["@a @b", "https://x.example", "", "the very same words here"])
    assert len(set(labels.tolist())) == 4
    assert families(index) == {str(at): str(at) for at in range(4)}
    assert index.query(["@a"]) == [[]]
    index.remove(["1"])
    assert len(index) == 3


def test_labels_of_an_addition_agree_with_the_families() -> None:
    texts = corpus(21, 80)
    index = NearDuplicateIndex()
    index.add(texts[:40])
    labels = index.add(texts[40:]).tolist()
    by_id = families(index)
    names = [by_id[str(at)] for at in range(40, 80)]
    assert len(set(zip(labels, names, strict=True))) == len(set(labels)) == len(set(names))


def jaccard(a: str, b: str) -> float:
    left, right = (set(shingles(text)) for text in normalize([a, b]))
    if min(len(left), len(right)) < MIN_SHINGLES:
        return float(normalize([a]) == normalize([b]))
    return len(left & right) / len(left | right)


def test_a_query_names_what_says_nearly_the_same_with_its_exact_jaccard() -> None:
    texts = numbered([text for text in corpus(9, 120) if normalize([text])[0]])
    index = NearDuplicateIndex()
    add_in_steps(index, texts, 3, seed=5)
    asked = [*list(texts.values())[:30], "nobody ever said these seven words before"]
    found = index.query(asked)
    assert found[-1] == []
    for text, matches in zip(asked, found, strict=True):
        values = [(-match.similarity, match.id) for match in matches]
        assert values == sorted(values)
        for match in matches:
            assert match.similarity == pytest.approx(jaccard(text, texts[match.id]), abs=1e-12)
        # Bands find nearly everything: whoever is equal, and of the others at least nine in ten.
        near = {name for name, other in texts.items() if jaccard(text, other) >= 0.7}
        assert {match.id for match in matches} <= near
        assert len(matches) >= 0.9 * len(near)
    assert index.query(asked, k=1)[0] == found[0][:1]
    assert families(index) == expected(texts, 0.7, "mixed")


def test_what_was_removed_is_not_found() -> None:
    index = NearDuplicateIndex()
    index.add(CHAIN[:2], ["a", "b"])
    index.remove(["a"])
    assert index.query([CHAIN[0]]) == [[Match("b", pytest.approx(jaccard(*CHAIN[:2])))]]


@pytest.mark.parametrize("removed", [0, 25])
def test_an_index_is_the_same_after_a_round_trip_and_grows_on(tmp_path: Path, removed: int) -> None:
    texts = numbered(corpus(13, 240) + CHAIN)
    ids = list(texts)
    index = NearDuplicateIndex(0.6, "word-1")
    index.add([texts[name] for name in ids[:150]], ids[:150])
    index.remove(ids[:removed])
    folder = index.save(tmp_path / "index")
    loaded = NearDuplicateIndex.load(folder)
    assert families(loaded) == families(index)
    assert loaded.query(list(texts.values())) == index.query(list(texts.values()))
    loaded.add([texts[name] for name in ids[150:]], ids[150:])
    loaded.save(folder)
    again = NearDuplicateIndex.load(folder)
    held = {name: texts[name] for name in ids[removed:]}
    assert families(again) == expected(held, 0.6, "word-1")
    assert (again.threshold, again.shingle) == (0.6, "word-1")


def test_ids_that_were_counted_go_on_after_loading(tmp_path: Path) -> None:
    index = NearDuplicateIndex()
    index.add(CHAIN[:2])
    index.remove(["1"])
    loaded = NearDuplicateIndex.load(index.save(tmp_path / "index"))
    loaded.add(CHAIN[2:3])
    assert sorted(families(loaded)) == ["0", "2"]


@pytest.mark.parametrize("what", ["fold", "sketch", "layout"])
def test_an_index_of_another_fold_or_sketch_is_refused(tmp_path: Path, what: str) -> None:
    folder = NearDuplicateIndex().save(tmp_path / "index")
    about = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    (folder / "index.json").write_text(json.dumps({**about, what: "older"}), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=f"another {what} than this version"):
        NearDuplicateIndex.load(folder)


def test_a_text_that_is_cut_otherwise_gives_another_sketch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = NearDuplicateIndex().save(tmp_path / "index")
    monkeypatch.setattr("clustering.index_files.PROBES", ("some other words are cut here now",))
    with pytest.raises(WorkspaceError, match="another sketch"):
        NearDuplicateIndex.load(folder)


def test_a_damaged_or_missing_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="holds no index"):
        NearDuplicateIndex.load(tmp_path)
    folder = NearDuplicateIndex().save(tmp_path / "index")
    (folder / "texts.parquet").write_bytes(b"PAR1")
    with pytest.raises(WorkspaceError, match="damaged; build it again"):
        NearDuplicateIndex.load(folder)


def test_a_folder_that_is_no_index_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="is no index"):
        NearDuplicateIndex().save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("texts", "ids", "says"),
    [
        (["a b c"], ["held"], "'held' is in the index already"),
        (["a", "b"], ["x", "x"], "'x' is named twice"),
        (["a", "b"], ["x"], "2 texts and 1 ids"),
        (["a"], [7], "id 7 is int"),
        (["a", None], None, "text 1 is NoneType"),
        (["a"], "x", "expected a list of ids"),
    ],
)
def test_bad_additions_add_nothing(texts: list[str], ids: list[str] | None, says: str) -> None:
    index = NearDuplicateIndex()
    index.add(["something held"], ["held"])
    with pytest.raises(InputError, match=says):
        index.add(texts, ids)
    assert families(index) == {"held": "held"}


def test_bad_removals_and_settings_are_refused() -> None:
    index = NearDuplicateIndex()
    index.add(CHAIN[:2], ["a", "b"])
    with pytest.raises(InputError, match="not in the index, such as 'z'"):
        index.remove(["a", "z"])
    with pytest.raises(InputError, match="'a' is named twice"):
        index.remove(["a", "a"])
    assert len(index) == 2
    with pytest.raises(SettingsError, match="threshold"):
        NearDuplicateIndex(0)
    with pytest.raises(SettingsError, match="k = 0"):
        index.query(["x"], k=0)


def test_small_segments_are_merged_into_large_ones() -> None:
    index = NearDuplicateIndex()
    add_in_steps(index, numbered(corpus(17, 400, families=200)), 100, seed=4)
    buckets = index._buckets
    assert buckets is not None
    sizes = [len(segment.members) for segment in buckets.segments]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 6


def test_a_text_that_meets_nothing_has_no_match() -> None:
    index = NearDuplicateIndex(threshold=0.7)
    index.add(["the lantern summit is paid for by foreign money ask who signed"], ["a"])
    assert index.query(["who else said this?"], k=10) == [[]]
    assert index.query(["", "nobody ever wrote these seven other words"]) == [[], []]
    assert NearDuplicateIndex().query(["who else said this?"]) == [[]]


def test_the_index_of_the_guide_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = Path(__file__).parents[2] / "docs" / "analysts" / "adding-posts.md"
    blocks = guide.read_text(encoding="utf-8").split("```python\n")[1:]
    snippet = next(b.split("```")[0] for b in blocks if "index.query(" in b)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(snippet, names)
    index = names["index"]
    assert [m.id for m in index.query([names["texts"][0]])[0]] == ["a", "b"]
    assert "c" not in index
