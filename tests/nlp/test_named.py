"""Names in texts: spans are exact, folding is what matching goes by, pipelines are optional."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nlp.component  # noqa: F401 - registers its factories where nothing is installed
import personas.component  # noqa: F401 - registers its factory
from corpus.errors import MissingModel, PluginError
from corpus.settings import Target
from nlp import normalize
from nlp.named import MAX_NAME, ModelReader, TargetReader, _kinds, load_pipeline, name_key
from nlp.pipelines import refuse_missing
from nlp.tsv import read_rows

spacy = pytest.importorskip("spacy")
from spacy.training import Example  # noqa: E402

TARGETS = [
    Target("Harbor Union", "organisation", ("HU party", "#HarborUnion", "اتحادیه بندر")),
    Target("Velmora", "place", ("ولمورا", "ヴェルモラ", "Вельмора")),
    Target("Mira Kell", "person", ("@mira_k",)),
    Target("nuclear deal", "topic", ("توافق هسته‌ای",)),
]


# One for all tests: each language's pipeline takes a moment to build.
READER = TargetReader(TARGETS)


def found(text: str, lang: str) -> list[tuple[str, str]]:
    names = READER.names([text], lang)[0]
    return [(TARGETS[name.target or 0].name, text[name.start : name.end]) for name in names]


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("the harbor union won", "en", [("Harbor Union", "harbor union")]),
        ("ＨＡＲＢＯＲ Union's men", "en", [("Harbor Union", "ＨＡＲＢＯＲ Union")]),
        ("the harbor unions won", "en", []),
        ("#harborunion!", "en", [("Harbor Union", "#harborunion")]),
        ("ask @Mira_K now", "en", [("Mira Kell", "@Mira_K")]),
        ("در ولمورا چه شد", "fa", [("Velmora", "ولمورا")]),
        ("توافق هسته‌ای تمام شد", "fa", [("nuclear deal", "توافق هسته‌ای")]),
        ("توافق هسته ای تمام شد", "fa", [("nuclear deal", "توافق هسته ای")]),
        ("اتحاديه بندر", "ar", [("Harbor Union", "اتحاديه بندر")]),
        ("昨日ヴェルモラで会議", "ja", [("Velmora", "ヴェルモラ")]),
        ("Velmoran日本", "ja", []),
        ("в городе Вельмора тихо", "ru", [("Velmora", "Вельмора")]),
        ("Velmora", "und", [("Velmora", "Velmora")]),
        ("Velmora iyo kale", "so", [("Velmora", "Velmora")]),
        ("", "en", []),
        ("😡😡", "en", []),
    ],
)
def test_targets_are_found_as_whole_words_in_their_folded_form(
    text: str, lang: str, expected: list[tuple[str, str]]
) -> None:
    assert found(text, lang) == expected


@given(
    st.lists(st.sampled_from(["Velmora", "HU party", "a😡b", "\u200cx", "  ", "ب", "7"])),
    st.sampled_from(["en", "fa", "ja", "und"]),
)
def test_every_span_holds_a_spelling_of_its_target(words: list[str], lang: str) -> None:
    text = " ".join(words)
    for name in READER.names([text], lang)[0]:
        target = TARGETS[name.target or 0]
        assert name_key(text[name.start : name.end]) in {
            name_key(spelling) for spelling in (target.name, *target.aliases)
        }


def test_what_is_found_in_a_text_does_not_depend_on_the_others() -> None:
    texts = ["Velmora 1", "nothing", "harbor union of Velmora", "ask @mira_k"]
    together = READER.names(texts, "en")
    assert together == [READER.names([text], "en")[0] for text in texts]
    assert [len(names) for names in together] == [1, 0, 2, 1]


def saved(folder: Path, patterns: list[tuple[str, str]], *more: str) -> str:
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": text} for label, text in patterns])
    for name in more:
        pipeline.add_pipe(name)
    pipeline.to_disk(folder)
    return str(folder)


def test_a_saved_pipeline_reads_names_beside_our_components(tmp_path: Path) -> None:
    patterns = [("PERSON", "Mira Kell"), ("FAC", "Harbor Bridge"), ("DATE", "Monday")]
    ours = ("post_normalizer", "persona_claims", "near_duplicate_keys")
    name = saved(tmp_path / "m", patterns, *ours)
    text = "Mira Kell, a nurse, closed Harbor Bridge on Monday 😡"
    (names,) = ModelReader(name).names([text])
    assert [(n.kind, text[n.start : n.end]) for n in names] == [
        ("person", "Mira Kell"),
        ("place", "Harbor Bridge"),
    ]
    assert {n.source for n in names} == {"en_pipeline 0.0.0"}
    doc = load_pipeline(name)(text)
    assert doc._.normalized == normalize([text])[0]
    assert [span.text for span in doc.spans["claims"]]
    assert doc._.near_duplicate_keys


def test_what_a_model_takes_for_a_name_inside_a_tag_link_or_mention_is_left_out(
    tmp_path: Path,
) -> None:
    patterns = [("PERSON", "Kell"), ("PERSON", "@Kell"), ("ORG", "x" * (MAX_NAME + 1))]
    name = saved(tmp_path / "m", patterns)
    texts = ["#Kell @Kell https://a.example/Kell", "x" * (MAX_NAME + 1), "“ Kell ”", ""]
    assert [len(names) for names in ModelReader(name).names(texts)] == [0, 0, 1, 0]


def test_a_trained_component_is_read_without_what_it_does_not_need(tmp_path: Path) -> None:
    random.seed(0)
    spacy.util.fix_random_seed(0)
    pipeline = spacy.blank("en")
    pipeline.add_pipe("ner").add_label("PER")
    pipeline.add_pipe("sentencizer")
    text = "Mira Kell spoke"
    example = Example.from_dict(pipeline.make_doc(text), {"entities": [(0, 9, "PER")]})
    pipeline.initialize(lambda: [example])
    for _ in range(15):
        pipeline.update([example])
    pipeline.to_disk(tmp_path / "m")
    reader = ModelReader(str(tmp_path / "m"))
    (names,) = reader.names([text])
    assert [(n.kind, text[n.start : n.end]) for n in names] == [("person", "Mira Kell")]
    assert reader.finds_names
    assert reader.reads("en") and not reader.reads("fa")


def test_a_pipeline_of_all_languages_reads_them_all(tmp_path: Path) -> None:
    spacy.blank("xx").to_disk(tmp_path / "m")
    reader = ModelReader(str(tmp_path / "m"))
    assert reader.reads("fa") and reader.reads("und")
    assert not reader.finds_names
    assert reader.names(["Mira"]) == [[]]


def test_a_pipeline_that_is_not_there_is_refused_with_the_line_that_installs_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(MissingModel, match="run: python -m spacy download en_core_web_zz") as why:
        refuse_missing(["en_core_web_zz"])
    assert why.value.exit_code == 5
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingModel, match="holds no saved spaCy pipeline"):
        refuse_missing([str(tmp_path / "empty")])
    with pytest.raises(PluginError, match="'pyarrow' does not load"):
        load_pipeline("pyarrow")


def test_a_pipeline_that_does_not_load_says_why_in_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    spacy.blank("en").to_disk(folder)
    config = (folder / "config.cfg").read_text(encoding="utf-8")
    broken = config.replace("pipeline = []", 'pipeline = ["gone"]')
    broken += '\n[components.gone]\nfactory = "no_such_factory"\n'
    (folder / "config.cfg").write_text(broken, encoding="utf-8")
    with pytest.raises(PluginError, match=r"does not load: .*no_such_factory") as why:
        load_pipeline(str(folder))
    assert why.value.exit_code == 5
    assert "\n" not in str(why.value)


def test_every_label_has_one_known_kind_and_an_example() -> None:
    rows = read_rows("entity_labels.tsv")
    assert len(_kinds()) == len(rows)
    assert {kind for _, kind, _ in rows} == {"person", "organisation", "place", "group"}
    assert all(example for *_, example in rows)
