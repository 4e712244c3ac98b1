from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

spacy = pytest.importorskip("spacy", reason="spaCy is not installed")

from spacy.tokens import DocBin  # noqa: E402

from personas.component import claims_of, make_persona_claims  # noqa: E402

BIO = "İzmir | 𝗪𝗿𝗶𝘁𝗲𝗿 | ex-communist | mom of 3 | 24y/o | 🇮🇷"


@pytest.mark.parametrize("language", ["en", "fa", "ar", "fr", "xx"])
def test_a_pipeline_of_any_language_gets_the_claims(language: str) -> None:
    nlp = spacy.blank(language)
    nlp.add_pipe("persona_claims")
    doc = nlp(BIO)
    assert {c["value"] for c in claims_of(doc)} >= {"writer", "communist", "mother", "IR"}
    for span in doc.spans["claims"]:
        claim = span._.claim
        assert doc.text[claim["start"] : claim["end"]] == claim["quote"]
        assert claim["quote"] in span.text
        assert span.label_ == claim["attribute"]


def test_a_text_without_claims_gets_an_empty_group() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("persona_claims", config={"field": "post", "languages": ["en"]})
    assert len(nlp("It rains.").spans["claims"]) == 0


def test_the_field_decides_what_is_read() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("persona_claims", config={"field": "name"})
    assert claims_of(nlp("nurse")) == []


def test_claims_survive_a_docbin_that_stores_user_data() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("persona_claims")
    doc = nlp(BIO)
    packed = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    again = next(iter(DocBin().from_bytes(packed).get_docs(nlp.vocab)))
    assert claims_of(again) == claims_of(doc)


def test_the_factory_builds_the_component_directly() -> None:
    nlp = spacy.blank("en")
    component = make_persona_claims(nlp, "persona_claims", "bio", [], False)
    assert "gender" not in {c["attribute"] for c in claims_of(component(nlp.make_doc(BIO)))}


def test_a_saved_pipeline_loads_in_a_fresh_process(tmp_path: Path) -> None:
    import importlib.metadata as metadata

    factories = metadata.entry_points(group="spacy_factories")
    if "persona_claims" not in factories.names:
        pytest.skip("narrashift is not installed here: run pip install -e .")
    nlp = spacy.blank("en")
    nlp.add_pipe("persona_claims")
    nlp.to_disk(tmp_path / "pipe")
    code = (
        "import spacy, sys; doc = spacy.load(sys.argv[1])('nurse');"
        "print([s._.claim['value'] for s in doc.spans['claims']])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "pipe")],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "['nurse']", done.stderr
