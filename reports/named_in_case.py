"""What the tables of a case know about who is who: the material of a redactor.

In: tables by name; absent ones count as empty. Out: distinct handles, names and ids, spellings of
post ids, the words of labels, the texts by talking point. It reads; it replaces nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from reports.known_names import words

LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{6,40}(?![0-9])")
# A post's id that is no number, inside a text: letters and a digit, at least six characters.
CODE = re.compile(r"(?<![\w-])(?=[A-Za-z_-]{0,63}[0-9])[\w-]{6,64}(?![\w-])", re.ASCII)
# Reddit writes what an id is before it; its addresses leave that out.
_REDDIT = re.compile("t[1-6]_")
RENAMES = (("account_events", "before"), ("account_events", "after"))


def post_words(posts: Iterable[str]) -> dict[str, str]:
    """Codes that mean one post: ids with letters, ids without a platform, ends of addresses."""
    found: dict[str, str] = {}
    for post in posts:
        if post.isdigit():
            continue
        last = re.split("[/:]", post)[-1]
        for form in (post, last, last[3:] if _REDDIT.match(last) else ""):
            if CODE.fullmatch(form) or LONG_NUMBER.fullmatch(form):
                found.setdefault(form, post)
    return found


def label_words(tables: Mapping[str, pa.Table]) -> frozenset[str]:
    """The words that labels and terms of the narratives hold, and the names found in them."""
    if "narratives" not in tables:
        return frozenset()
    told = tables["narratives"]
    terms = [term for row in told["terms"].to_pylist() for term in row]
    if "named" in tables:
        terms += pc.unique(tables["named"]["name"]).to_pylist()
    return frozenset(w for label in [*told["label"].to_pylist(), *terms] for w in words(label))


def values_of(tables: Mapping[str, pa.Table], *columns: tuple[str, str]) -> list[str]:
    """Distinct values of these columns; of account events only renames count."""
    found: set[str] = set()
    for table, column in columns:
        if table in tables and column in tables[table].column_names:
            rows = tables[table]
            if table == "account_events":
                rows = rows.filter(pc.equal(rows["kind"], "renamed"))
            found |= {value for value in pc.unique(rows[column]).to_pylist() if value}
    return sorted(found)


def texts_by_point(tables: Mapping[str, pa.Table]) -> Iterable[tuple[str, str]]:
    """(talking point, text) of each post; without talking points each text is its own."""
    if "posts" not in tables:
        return
    posts = tables["posts"]
    points: dict[str, str] = {}
    if "point_posts" in tables:
        linked = tables["point_posts"]
        points = dict(
            zip(linked["post_id"].to_pylist(), linked["point_id"].to_pylist(), strict=True)
        )
    pairs = zip(posts["post_id"].to_pylist(), posts["text"].to_pylist(), strict=True)
    for post_id, text in pairs:
        yield points.get(post_id, text), text
