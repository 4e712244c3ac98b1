"""A comparison of two cases in words and numbers, under the redaction of one output.

In: a `CaseDiff` as computed, and a redactor that knows both cases. Out: plain dictionaries for
--json, text and page, so that all three say the same. Every number comes with the ids behind it:
`new` and `gone` list every member that one side alone holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import Any

from reports.case_diff import CHANGES, UNITS, CaseDiff, Change, Thing
from reports.exports.statements import shown_statement
from reports.redaction import Redactor

# A label in a sentence is a name, not a text: longer ones are cut, the record has them whole.
LABEL_CHARS = 120
NAMES_SHOWN = 4


@cache
def words() -> dict[str, Any]:
    """The sentences and units of `data/diff.toml`."""
    text = resources.files("reports").joinpath("data/diff.toml").read_text("utf-8")
    return tomllib.loads(text)


def told(diff: CaseDiff, redactor: Redactor) -> dict[str, Any]:
    """Return posts, same (by unit) and changes, redacted.

    A change has unit, change, sentence, matched_by, elsewhere, shared, before and after (id, label,
    members, accounts each), new and gone (ids).
    """
    return {
        "posts": dict(diff.posts),
        "same": dict(diff.same),
        "changes": [_told(change, redactor) for change in diff.changes],
    }


def counts(record: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return (unit, change, how many) for all that occur, in the order of reading."""
    seen = [(row["unit"], row["change"]) for row in record["changes"]]
    pairs = [(unit, change) for unit in UNITS for change in CHANGES]
    return [(*pair, seen.count(pair)) for pair in pairs if pair in seen]


def _told(change: Change, redactor: Redactor) -> dict[str, Any]:
    member = redactor.account if change.unit == "group" else redactor.source
    before = [_thing(change.unit, thing, redactor) for thing in change.before]
    after = [_thing(change.unit, thing, redactor) for thing in change.after]
    return {
        "unit": change.unit,
        "change": change.change,
        "sentence": _sentence(change, before, after),
        "matched_by": change.matched_by,
        "elsewhere": change.elsewhere,
        "shared": change.shared,
        "before": before,
        "after": after,
        "new": [member(one) for one in change.new],
        "gone": [member(one) for one in change.gone],
    }


def _thing(unit: str, thing: Thing, redactor: Redactor) -> dict[str, Any]:
    label: dict[str, Callable[[str], str]] = {
        "narrative": redactor.label,
        "talking_point": redactor.text,
        "group": str,
        "finding": lambda text: shown_statement(redactor.statement(text)),
    }
    return {
        "id": redactor.derived(thing.thing_id),
        "label": label[unit](thing.label),
        "members": len(thing.members),
        "accounts": thing.accounts,
    }


def _sentence(change: Change, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> str:
    unit = words()["unit"][change.unit]

    def many(number: int) -> str:
        noun = unit["member"] if number == 1 else unit.get("members", unit["member"] + "s")
        return f"{number:,} {noun}"

    apart = {
        name: told.format(number=f"{change.elsewhere:,}") if change.elsewhere else ""
        for name, told in words()["elsewhere"].items()
    }
    several, shown = (before, after) if change.change == "merged" else (after, before)
    whole = (shown or several)[0]
    return str(words()["sentence"][change.change]).format(
        thing=f"{unit['one']} {quoted(whole['label'])}",
        before=many(sum(part["members"] for part in before)),
        after=many(sum(part["members"] for part in after)),
        new=f"{len(change.new):,}",
        gone=f"{len(change.gone):,}",
        shared=many(change.shared),
        parts=f"{len(several)} before" if change.change == "merged" else str(len(several)),
        names=_names(several),
        **apart,
    )


def _names(parts: Sequence[dict[str, Any]]) -> str:
    named = [quoted(part["label"]) for part in parts[:NAMES_SHOWN]]
    more = len(parts) - NAMES_SHOWN
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def quoted(label: str) -> str:
    """Return a label between quotation marks, on one line, cut where it is long."""
    line = " ".join(label.split())
    return f"“{line[:LABEL_CHARS]}…”" if len(line) > LABEL_CHARS else f"“{line}”"
