"""Every example that a lexicon rule carries is a test."""

from __future__ import annotations

import pytest

from corpus.settings.domain import PERSONA_LANGUAGES
from nlp.lexicon import Rule
from personas.claims import ClaimReader
from personas.rules import load_rules

BOOK = load_rules()
READERS = {name: ClaimReader(BOOK, name) for name in ("bio", "name", "post")}
RULES = {rule.id: rule for rule in BOOK.rules}


def _reader(rule: Rule) -> ClaimReader:
    fields = rule.fields or (("name",) if rule.match == "title" else ("bio",))
    return READERS["bio" if "bio" in fields else fields[0]]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_says_what_its_examples_say(rule: Rule) -> None:
    for example in rule.says:
        claims = _reader(rule).read(example.text, rule.language)
        found = {
            c.value for c in claims if c.attribute == rule.attribute and c.status == rule.status
        }
        assert found, f"{rule.id} finds nothing in {example.text!r}"
        assert example.value is None or example.value in found, (example, claims)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_is_silent_where_it_should_be(rule: Rule) -> None:
    for text in rule.says_not:
        claims = _reader(rule).read(text, rule.language)
        wrong = [c for c in claims if c.rule_id == rule.id and c.status == "asserted"]
        assert not wrong, (text, wrong)


def test_the_settings_know_the_languages_that_have_a_lexicon() -> None:
    assert tuple(sorted(BOOK.grammars)) == PERSONA_LANGUAGES


def _camps(text: str) -> set[str]:
    claims = READERS["bio"].read(text)
    return {c.value for c in claims if (c.attribute, c.status) == ("affiliation", "asserted")}


def test_a_name_takes_a_side_only_beside_a_claim_that_does() -> None:
    assert _camps("baker, #Trump") == set()
    assert _camps("baker, #Trump #MAGA") == {"trump_supporter", "maga"}
    assert _camps("baker, #Trump, not #MAGA") == set()


def test_two_uncertain_claims_do_not_carry_each_other() -> None:
    assert _camps("baker, guns and #Trump") == set()
