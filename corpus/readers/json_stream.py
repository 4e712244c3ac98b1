"""Objects out of one long JSON document, one after the other, in memory that does not grow with it.

In: a text stream of one JSON value: an array of objects, or an object that holds such arrays, as
exports write them. Out: `Element`s: each object of each array, with the name of the array and the
plain values that stood before it in the objects around it. A damaged object costs itself: reading
goes on at the next one that begins alike, and only where none does is the rest given up, as one
damaged element. One object may be as long as one row may; a longer one counts as damaged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TextIO

from corpus.readers.caps import MAX_ROW_CHARACTERS

READ_CHARACTERS = 1 << 20
# Objects around the arrays: a full export nests its chats three deep.
MAX_AROUND = 5
# How near to the end of what was read an error may mean that more must be read.
AT_END = 16
# Enough to see how an object begins, or that it is a chat.
LOOK_CHARACTERS = 2_000
# Indentation before an object; more is padding.
MAX_BLANK = 200
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_OPENING = re.compile(r"\{\s*\"[^\"\\]{1,60}\"\s*:")


@dataclass(frozen=True)
class Element:
    """One value of an array, or its damaged text; `about` holds what the objects around it say."""

    array: str
    found: Any
    about: dict[str, Any] = field(default_factory=dict)
    damaged: str | None = None


class Damaged(Exception):
    """A value that cannot be parsed; `args[0]` is its beginning. Never leaves this module."""


class _Source:
    """A text stream with the part that is being parsed in memory."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decode = json.JSONDecoder().raw_decode
        self.text, self.at, self.ended = "", 0, False
        self.opening, self.blank = "", ""
        self.given_up = False

    def more(self) -> bool:
        """Read on, at least as much as is held, so that nothing is parsed over and over."""
        held = len(self.text) - self.at
        block = self._stream.read(max(READ_CHARACTERS, held))
        self.text, self.at = self.text[self.at :] + block, 0
        self.ended = not block
        return bool(block)

    def peek(self) -> str:
        """The next sign that is not white space, "" at the end; `blank` is what stood before it."""
        self.blank = ""
        while True:
            found = _SPACE.match(self.text, self.at)
            if found:
                self.blank = (self.blank + found.group())[-MAX_BLANK:]
                self.at = found.end()
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def take(self, signs: str) -> str:
        """Step over one of `signs`. Raises Damaged where none stands."""
        sign = self.peek()
        if not sign or sign not in signs:
            raise Damaged(self.text[self.at : self.at + 1000])
        self.at += 1
        return sign

    def value(self) -> Any:
        """Parse one whole value. Raises Damaged."""
        self.peek()
        while True:
            try:
                found, end = self._decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                if self._wants_more(error) and self.more():
                    continue
                raise Damaged(self.text[self.at : self.at + 1000]) from None
            if end == len(self.text) and not self.ended and self.more():
                continue  # 12 may go on as 123
            self.at = end
            return found

    def _wants_more(self, error: Exception) -> bool:
        held = len(self.text) - self.at
        if self.ended or held > MAX_ROW_CHARACTERS or not isinstance(error, json.JSONDecodeError):
            return False
        return "Unterminated" in error.msg or error.pos >= len(self.text) - AT_END

    def look_ahead(self) -> None:
        """Have enough in memory to see how the object at hand begins."""
        while len(self.text) - self.at < LOOK_CHARACTERS and not self.ended:
            self.more()

    def remember(self) -> None:
        """Keep how the object at hand begins, blanks in front of it included."""
        begins = _OPENING.match(self.text, self.at)
        if begins:
            self.opening = self.blank + begins.group()

    def give_up(self) -> None:
        """Read to the end without looking."""
        self.given_up = True
        self.at = len(self.text)
        while self.more():
            self.at = len(self.text)

    def to_next(self) -> bool:
        """After damage, go to the next object that begins like those before."""
        begins = f",{self.opening}"
        while self.opening:
            place = self.text.find(begins, self.at + 1)
            if place >= 0:
                self.at = place + 1
                return True
            self.at = max(self.at, len(self.text) - len(begins))
            if not self.more():
                return False
        return False


def elements(stream: TextIO, *, whole: bool = False) -> Iterator[Element]:
    """Yield what the arrays of the document hold; with `whole` an object on top is one element."""
    source = _Source(stream)
    try:
        if whole and source.peek() == "{":
            yield Element("", source.value())
        else:
            yield from _value(source, "", {}, 0)
        if source.peek():
            yield Element("", None, {}, source.text[source.at : source.at + 1000])
    except Damaged as damage:
        if not source.given_up:
            yield Element("", None, {}, str(damage.args[0]))


def _value(source: _Source, name: str, about: dict[str, Any], depth: int) -> Iterator[Element]:
    sign = source.peek()
    if sign == "[":
        yield from _array(source, name, about, depth)
    elif sign == "{" and depth < MAX_AROUND:
        yield from _object(source, about, depth)
    else:
        found = source.value()
        if not isinstance(found, dict | list):
            about[name] = found


def _object(source: _Source, about: dict[str, Any], depth: int) -> Iterator[Element]:
    source.take("{")
    known = dict(about)
    if source.peek() == "}":
        source.take("}")
        return
    while True:
        source.peek()
        key = source.value()
        source.take(":")
        yield from _value(source, str(key)[:200], known, depth + 1)
        if source.take(",}") == "}":
            return


def _array(source: _Source, name: str, about: dict[str, Any], depth: int) -> Iterator[Element]:
    """Objects that hold arrays of the same kind (chats) are walked, others are yielded whole."""
    source.take("[")
    if source.peek() == "]":
        source.take("]")
        return
    while True:
        sign = source.peek()
        source.look_ahead()
        if sign == "{" and _holds_more(source, depth):
            yield from _object(source, about, depth + 1)
        else:
            source.remember()
            try:
                yield Element(name, source.value(), about)
            except Damaged as damage:
                yield Element(name, None, about, str(damage.args[0]))
                if not source.to_next():
                    source.give_up()
                    return
                continue
        if source.take(",]") == "]":
            return


# An object of an array that itself holds an array of messages is a chat: it is walked.
# Only plain values may stand before the messages, as exports write it; each part of the pattern
# begins differently, so that it is linear on any input.
_TEXT = r'"(?:[^"\\]|\\.)*"'
_CHAT = re.compile(
    rf'\{{(?:\s*{_TEXT}\s*:\s*(?:{_TEXT}|[-+.\deE]+|true|false|null)\s*,)*\s*"messages"\s*:\s*\['
)


def _holds_more(source: _Source, depth: int) -> bool:
    if depth + 1 >= MAX_AROUND:
        return False
    return bool(_CHAT.match(source.text, source.at, source.at + LOOK_CHARACTERS))
