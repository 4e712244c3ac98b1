"""Pseudonyms for everything that leaves a case: who wrote it is replaced, what was written stays.

In: ids, handles, names, addresses, texts, whole tables. Out: the same with keyed pseudonyms, also
inside texts (mentions, links, e-mail addresses, names known in the corpus). Three modes:

    pseudonym   who is replaced, texts stay readable (the default)
    full        nobody at all: running labels that no other output shares, no handle, name, address
                or text; only counts and terms remain
    none        nothing is replaced

Beside the mode, `quotes="none"` withholds verbatim words, which can be searched, in any mode; and
`public` lists figures of public life who are shown as they are.

Method: HMAC-SHA256 (RFC 2104) of kind and value under a key that never lies in the case, cut to 60
bits: equal values give equal pseudonyms in every table, report and run under one key. It refuses to
guess who is meant by a nickname, and it does not hide what a search for the verbatim text finds.

Redact a value once: a pseudonym is not recognised as one.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pyarrow as pa

from corpus.errors import SettingsError
from corpus.tables import Table
from personas.sentences import reason
from reports.known_names import WORD, KnownNames, fold, index_names, spelling
from reports.link_redaction import shared_link
from reports.name_words import words_of_names
from reports.named_in_case import (
    RENAMES,
    label_words,
    post_words,
    texts_by_point,
    values_of,
)
from reports.place_names import in_statement
from reports.place_values import coarse_values
from reports.public_figures import NOBODY, PublicFigures, resolve
from reports.redacted_tables import redacted
from reports.running_labels import key_of_output, numbered
from reports.text_redaction import without_names, without_post_ids
from reports.threshold import UNNAMED

MODES = ("pseudonym", "full", "none")
QUOTES = ("exact", "none")
# Crockford's base 32: no letter is mistaken for a digit.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# 12 characters hold 60 bits: among ten million values two collide with a chance of 1 in 20,000.
_CODE_CHARS = 12
# A handle such as a_b_c splits into five parts at its underscores; more are not seen in practice.
MAX_HANDLE_PARTS = 9


@dataclass(frozen=True)
class Redactor:
    """Replaces who is meant; build it with `Redactor.of` so that it knows the corpus' names."""

    mode: str = "pseudonym"
    key: bytes = b""
    known: KnownNames = field(default_factory=KnownNames)
    handles: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()
    snapshots: frozenset[str] = frozenset()
    # Spellings of post ids that are no numbers, and ids without their platform: spelling -> id.
    post_words: Mapping[str, str] = field(default_factory=dict)
    # Words that texts use inside names only: hidden where texts are taken apart into words.
    name_words: frozenset[str] = frozenset()
    quotes: str = "exact"
    public: PublicFigures = NOBODY
    # Mode full: (kind, value) -> its running label in this output.
    running: Mapping[tuple[str, str], str] = field(default_factory=dict)
    # Tables have been cut to what is told of this many accounts; stated, not applied here.
    min_accounts: int = 1
    # The label of the Traffic Light Protocol that outputs carry; stated, not applied here.
    tlp: str | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SettingsError(f"redaction {self.mode!r} is unknown; known: {', '.join(MODES)}")
        if self.quotes not in QUOTES:
            raise SettingsError(f"quote {self.quotes!r} is unknown; known: {', '.join(QUOTES)}")
        if self.min_accounts < 1:
            raise SettingsError(f"min_accounts = {self.min_accounts}; expected at least 1")
        if self.mode != "none" and not self.key:
            raise SettingsError("pseudonyms need a key; load one with reports.keys.load_key")

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pa.Table],
        mode: str = "pseudonym",
        key: bytes = b"",
        *,
        quotes: str = "exact",
        public: Iterable[str] = (),
        output: str = "",
        min_accounts: int = 1,
        tlp: str | None = None,
    ) -> Redactor:
        """Return a redactor that knows every handle, name and id of these tables.

        `output` says what it is for (report, csv, ...): in mode `full` two outputs share no label.
        Raises SettingsError when a public figure's handle belongs to several accounts.
        """
        stated: dict[str, Any] = {"quotes": quotes, "min_accounts": min_accounts, "tlp": tlp}
        if mode == "none":
            return cls(mode=mode, **stated)
        shown = resolve(public, tables) if mode == "pseudonym" else NOBODY
        handles = values_of(tables, ("posts", "handle"), ("profiles", "handle"), *RENAMES)
        handles = [handle for handle in handles if spelling(handle) not in shown.handles]
        names = values_of(tables, ("profiles", "display_name"))
        names = [name for name in names if name not in shown.names]
        every = values_of(tables, ("posts", "account_id"), ("profiles", "account_id"))
        accounts = [account for account in every if account not in shown.accounts]
        named = [("handle", h) for h in handles] + [("name", n) for n in names]
        named += [("account", a) for a in accounts]
        posts = values_of(tables, ("posts", "post_id"))
        snapshots = values_of(tables, ("profiles", "snapshot_id"))
        if mode == "full" and key:
            key = key_of_output(key, output, [*every, *posts])
            kinds = {"account": every, "post": posts, "snapshot": snapshots}
            stated["running"] = numbered(key, kinds)
        return cls(
            mode=mode,
            key=key,
            known=index_names(named, texts_by_point(tables)),
            handles=frozenset(fold(handle) for handle in handles),
            names=frozenset(names),
            accounts=frozenset(accounts),
            posts=frozenset(posts),
            snapshots=frozenset(snapshots),
            post_words=post_words(posts),
            name_words=words_of_names(names, label_words(tables), texts_by_point(tables)),
            public=shown,
            **stated,
        )

    # one value ------------------------------------------------------------------------------

    def code(self, kind: str, value: str) -> str:
        """Return the 12 characters that stand for `value` among values of one kind."""
        message = kind.encode() + b"\x00" + value.encode("utf-8", "surrogatepass")
        number = int.from_bytes(hmac.digest(self.key, message, "sha256")[:8], "big")
        return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in range(_CODE_CHARS))

    def _alias(self, kind: str, prefix: str, value: str) -> str:
        if self.mode == "none":
            return value
        if (kind, value) in self.running:
            return self.running[kind, value]
        return (
            CUT[kind] if self.mode == "full" and kind in CUT else self._coded(kind, prefix, value)
        )

    def _coded(self, kind: str, prefix: str, value: str) -> str:
        return f"{prefix}_{self.code(kind, value)}"

    def account(self, account_id: str) -> str:
        """Return the pseudonym of an account id; in `full` mode its running label."""
        if account_id in self.public.accounts:
            return account_id
        if account_id.startswith(UNNAMED):
            return UNNAMED
        return self._alias("account", "acct", account_id)

    def handle(self, handle: str) -> str:
        """Return the pseudonym of a handle; @ and case do not matter. An empty one stays empty."""
        bare = spelling(handle.strip().lstrip("@＠"))
        if bare in self.public.handles:
            return handle
        return self._alias("handle", "user", bare) if bare and self.mode != "none" else handle

    def name(self, name: str) -> str:
        """Return the pseudonym of a display name. An empty one stays empty."""
        if name.strip() in self.public.names:
            return name
        return self._alias("name", "name", name.strip()) if name.strip() else name

    def post(self, post_id: str) -> str:
        """Return the pseudonym of a post id."""
        return self._alias("post", "post", post_id)

    def source(self, source_id: str) -> str:
        """Return the pseudonym of a post or snapshot id."""
        if source_id in self.snapshots:
            return self._alias("snapshot", "snap", source_id)
        return self.post(source_id)

    def derived(self, derived_id: str) -> str:
        """Return a narrative's, talking point's, claim's, shift's or finding's id.

        These are hashes over ids. With the texts present they add nothing; in `full` mode, where
        somebody might hash known ids to find a match, they are keyed too.
        """
        return self._alias("derived", "id", derived_id) if self.mode == "full" else derived_id

    def picture(self, digest: str) -> str:
        """Return the pseudonym of a picture's hash: pictures can be searched."""
        return self._alias("picture", "pic", digest)

    def file(self, name: str) -> str:
        """Return a file's bare name, with handles and names inside it replaced."""
        bare = re.split(r"[/\\]", name)[-1]
        if self.mode != "pseudonym":
            return bare if self.mode == "none" else CUT["file"]
        parts = re.split(r"([\W_]+)", bare)
        out: list[str] = []
        place = 0
        while place < len(parts):
            stop = self._handle_ends(parts, place)
            piece = "".join(parts[place : stop or place + 1])
            out.append(self.handle(piece) if stop else without_post_ids(self, piece))
            place = stop or place + 1
        return "".join(out)

    def _handle_ends(self, parts: list[str], start: int) -> int | None:
        """Where the longest handle that begins at this part of a file name ends, if one does."""
        for stop in range(min(len(parts), start + MAX_HANDLE_PARTS), start, -1):
            piece = "".join(parts[start:stop])
            if _long(piece) and fold(piece) in self.handles:
                return stop
        return None

    def setting(self, value: str) -> str:
        """Return a setting's value; of a path on this machine the last part, as of a file."""
        return value if self.mode == "none" else self.words(_FOLDERS.sub("…/", value))

    def tag(self, hashtag: str) -> str:
        """Return a hashtag: cleaned like a word, or its pseudonym in `full` mode."""
        return (
            self._alias("tag", "tag", fold(hashtag)) if self.mode == "full" else self.words(hashtag)
        )

    # text -----------------------------------------------------------------------------------

    def words(self, text: str) -> str:
        """Replace who is named in terms and labels; counts over many texts stay in every mode."""
        return text if self.mode == "none" else without_names(self, text)

    def label(self, label: str) -> str:
        """Replace who is named in a label or term, also where only a part of the name is left."""
        shown = self.words(label)
        if self.mode == "none" or not self.name_words:
            return shown
        hidden = WORD.sub(lambda m: "[name]" if fold(m[0]) in self.name_words else m[0], shown)
        return _NAME_AGAIN.sub("[name]", hidden)

    def value(self, value: str) -> str:
        """Return a claim's value, a place no finer than its country."""
        return value if self.mode == "none" else coarse_values([value])[value]

    def values(self, before: str, after: str) -> tuple[str, str]:
        """Return two values to compare; places no finer than countries, different ones apart."""
        shown = coarse_values([before, after]) if self.mode != "none" else {}
        return shown.get(before, before), shown.get(after, after)

    def text(self, text: str) -> str:
        """Replace who is named in a text; withhold it in `full` mode and without quotes."""
        if self.withheld():
            return f"[text withheld: {len(text)} characters]" if text else text
        return self.words(text)

    def anything(self, value: str) -> str:
        """Replace who is named in a value of which nothing is known; it may be an id as a whole."""
        bare = value.strip()
        for known, replace in (
            (self.accounts, self.account), (self.posts, self.post), (self.names, self.name),
        ):  # fmt: skip
            if bare in known:
                return replace(bare)
        return self.handle(bare) if fold(bare) in self.handles else self.text(value)

    def quote(self, quote: str, place: str) -> str:
        """Return a quote from a field: bio, name, handle, location or post."""
        if place == "handle":
            return self.handle(quote)
        known = quote.strip() in self.names | self.public.names
        if place == "name" and (known or self.mode == "full"):
            return self.name(quote)
        return self.text(quote)

    def sentence(self, text: str) -> str:
        """Replace who is named inside the quotation marks of a sentence of ours.

        Our sentences put what an account wrote between « », which `full` withholds, and labels,
        terms and values between “ ”, which stay.
        """
        if self.mode == "none":
            return _SAID.sub(lambda m: f"«{self.text(m[1])}»", text) if self.withheld() else text
        text = _kept_part().sub(r"\1[name]\3", text)
        shown = coarse_values(m.group(2) for m in _QUOTED.finditer(text))

        def inside(m: re.Match[str]) -> str:
            quote = m.group(2)
            told = self._inside(m.group(1), quote) if shown[quote] == quote else shown[quote]
            return m.group(1) + told + m.group(3)

        return _QUOTED.sub(inside, text)

    def _inside(self, mark: str, quote: str) -> str:
        if quote.strip() in self.names:
            return self.name(quote)
        if fold(quote.strip().lstrip("@")) in self.handles:
            return self.handle(quote)
        return self.text(quote) if mark == "«" else self.label(quote)

    def note(self, text: str, files: Iterable[str]) -> str:
        """Replace who is named in a note of the run, which may tell of one of these files."""
        for name in sorted(files, key=len, reverse=True):
            for spelled in (name, re.split(r"[/\\]", name)[-1]):
                text = text.replace(spelled, self.file(name)) if spelled else text
        return self.sentence(text)

    def statement(self, text: str) -> str:
        """Replace account ids, which stand between ‹ ›, and quotes in a sentence of a finding.

        The rest of it is our own words and is never looked at: an account may be called "a".
        Country codes among claimed values become names.
        """
        told = _ID.sub(lambda m: self.account(m[1] if m[2] is None else m[2]), text)
        return in_statement(self.sentence(told))

    def address(self, url: str) -> str:
        """Return the pseudonym of a post's own address or of a profile's link."""
        if self.mode == "none" or not url:
            return url
        if self.mode == "full":
            return CUT["link"]
        known = [part for part in re.split(r"[/?#&=]", url) if part in self.posts]
        return self.post(known[-1]) if known else f"link_{self.code('link', url)}"

    def link(self, url: str) -> str:
        """Return a shared link: platform addresses and known names get pseudonyms, others stay."""
        if self.mode == "none":
            return url
        if self.mode == "full":
            return CUT["link"]
        return shared_link(self, url)

    # tables ---------------------------------------------------------------------------------

    def table(self, table: pa.Table, contract: Table) -> pa.Table:
        """Return the table as it may leave the case; it keeps its contract."""
        plain = self.mode == "none" and not self.withheld()
        return table if plain else redacted(self, table, contract)

    def withheld(self) -> bool:
        """Whether texts are withheld."""
        return self.mode == "full" or self.quotes == "none"


# What stands in mode `full` where a handle, name, address, file or picture stood.
CUT = {
    "handle": "[handle]", "name": "[name]", "link": "[link]", "file": "[file]",
    "picture": "[picture]",
}  # fmt: skip
_SAID = re.compile(r"«([^«»]{1,20000})»")
_QUOTED = re.compile(r"([“«])([^“”«»]{1,20000})([”»])")
# The second form is how cases made before ids were marked tell of an account.
_ID = re.compile(
    "‹([^‹›]*)›"
    r"|(?<=[Aa]ccount )([^\s‹›]+)(?= (?:posted it first, at |claimed |replaced its name, ))"
)
# The folders of a path from the root, a drive or a home; an address has letters before its slashes.
_FOLDERS = re.compile(r"(?<![\w:/\\.…-])(?:[A-Za-z]:|~)?[/\\]+(?:[^/\\\"\n]{1,255}[/\\]+)+")
_NAME_AGAIN = re.compile(r"\[name\](?:[ .'’-]{1,2}\[name\])+")


@cache
def _kept_part() -> re.Pattern[str]:
    """The sentence that tells which part of a display name stayed."""
    before, after = (re.escape(part) for part in reason("name_part", part="\n").split("\n"))
    return re.compile(f"({before})(.+?)({after})$", re.DOTALL)


def _long(word: str) -> bool:
    return len(word) >= 3
