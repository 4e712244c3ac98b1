"""One page has one address, however it was linked."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.url_forms import canonical_url, host_of, is_short, url_forms


def test_every_example_in_the_list_comes_out_as_it_says(root: Path) -> None:
    text = (root / "clustering" / "url_forms.toml").read_text(encoding="utf-8")
    examples = tomllib.loads(text)["examples"]
    assert len(examples) > 5
    assert {url: canonical_url(url) for url in examples} == examples


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://a.org/", "https://t.co/"]))
def test_any_text_has_a_canonical_form_or_none_and_it_stays(text: str, before: str) -> None:
    found = canonical_url(before + text)
    if found is not None and "%" not in found:
        assert canonical_url(found) == found


@given(
    st.lists(st.sampled_from(["utm_source=a", "fbclid=b", "UTM_Medium=c", "gclid=d"])),
    st.booleans(),
)
def test_tracking_parameters_never_make_another_page(tracking: list[str], secure: bool) -> None:
    scheme = "https" if secure else "http"
    url = f"{scheme}://www.example.org/story?{'&'.join([*tracking, 'id=3'])}#part"
    assert canonical_url(url) == "example.org/story?id=3"


def test_a_parameter_that_chooses_the_page_stays() -> None:
    assert canonical_url("https://example.org/?id=1") != canonical_url("https://example.org/?id=2")


def test_a_host_in_its_own_script_and_in_punycode_is_one_host() -> None:
    assert canonical_url("https://пример.рф/а") == canonical_url("https://xn--e1afmkfd.xn--p1ai/а")


@pytest.mark.parametrize("url", ["", "  ", "mailto:a@b.org", "javascript:alert(1)", "https://[x"])
def test_what_names_no_page_has_no_address(url: str) -> None:
    assert canonical_url(url) is None


def test_a_shortened_link_says_that_its_page_is_unknown() -> None:
    assert is_short("bit.ly/abc")
    assert not is_short("example.org/bit.ly")
    assert host_of("example.org?x=1") == "example.org"
    assert url_forms().each_its_own <= url_forms().short
