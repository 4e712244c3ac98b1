"""Markings of the Traffic Light Protocol: names and colours of version 2.0, ids of STIX 2.1."""

from __future__ import annotations

from importlib import resources

import pytest

from corpus.errors import SettingsError
from corpus.settings import CHOICES
from reports.tlp import labels, marking, stix_marking


def test_labels_are_those_that_settings_allow() -> None:
    assert labels() == CHOICES["report.tlp"]


@pytest.mark.parametrize("typed", ["amber+strict", "TLP:AMBER+STRICT", " Amber+Strict "])
def test_a_label_is_read_however_it_is_typed(typed: str) -> None:
    found = marking(typed)
    assert found is not None
    assert (found.name, found.colour, found.css) == (
        "TLP:AMBER+STRICT", "#ffc000", "tlp-amber-strict",
    )  # fmt: skip


def test_no_label_is_no_marking_and_an_unknown_one_is_refused() -> None:
    assert marking(None) is None
    with pytest.raises(SettingsError, match="expected one of clear, green, amber"):
        marking("white")


@pytest.mark.parametrize("label", labels())
def test_every_label_is_a_marking_definition_that_stix_reads(label: str) -> None:
    stix2 = pytest.importorskip("stix2")
    marked = marking(label)
    assert marked is not None
    read = stix2.parse(stix_marking(marked), allow_custom=True)
    assert read["id"] == marked.stix_id


@pytest.mark.parametrize("label", labels())
def test_the_style_sheet_draws_each_label_in_its_colour(label: str) -> None:
    style = resources.files("reports").joinpath("templates/css/85-tlp.css").read_text("utf-8")
    marked = marking(label)
    assert marked is not None
    (rule,) = [line for line in style.splitlines() if f".{marked.css} strong" in line]
    assert marked.colour in rule
    assert f"background: {marked.background}" in style
