"""Who may read what leaves a case: the marking of the Traffic Light Protocol, version 2.0 (FIRST).

In: a label such as "amber+strict", or None. Out: its name, colours and a sentence for people, and
the published marking definition for STIX 2.1. It marks; it protects nothing by itself. An unknown
label is refused with the labels that there are.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from corpus.errors import SettingsError


@dataclass(frozen=True)
class Marking:
    """One label of the protocol; colours as #rrggbb, letters on `background`."""

    label: str
    name: str
    colour: str
    background: str
    meaning: str
    stix_id: str

    @property
    def css(self) -> str:
        """A class name for the label: tlp-amber-strict."""
        return f"tlp-{self.label.replace('+', '-')}"


@cache
def _data() -> dict[str, Any]:
    text = resources.files("reports").joinpath("data/tlp.toml").read_text("utf-8")
    return tomllib.loads(text)


def labels() -> tuple[str, ...]:
    """Return the labels, the most open first."""
    return tuple(_data()["labels"])


def marking(label: str | None) -> Marking | None:
    """Return the marking of a label, in any case and with or without "TLP:"; None has none.

    Raises
    ------
    SettingsError
        When the protocol has no such label.
    """
    if label is None:
        return None
    known = label.strip().lower().removeprefix("tlp:")
    if known not in labels():
        raise SettingsError(f"tlp = {label!r}; expected one of {', '.join(labels())}")
    row = _data()["labels"][known]
    return Marking(label=known, background=_data()["background"], **row)


def stix_marking(marked: Marking) -> dict[str, Any]:
    """Return the published marking definition, as a STIX 2.1 bundle carries it."""
    extension = {"extension_type": "property-extension", "tlp_2_0": marked.label}
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marked.stix_id,
        "created": _data()["created"],
        "name": marked.name,
        "extensions": {_data()["extension"]: extension},
    }
