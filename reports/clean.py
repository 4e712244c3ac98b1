"""The one place that cleans strings on their way out.

In: text as somebody wrote it, hostile until shown otherwise. Out: the same text in a form that its
destination cannot misread: HTML, CSV, a terminal, XML, a file name, a link. What a destination
cannot hold, and what a reader could not see, stands as a visible mark such as ⟦RLO⟧, so that the
text shown is still the text written. It never drops a visible character and never guesses.

The marked characters stand in `data/invisibles.tsv`. Two of them are normal spelling and stay as
they are: ZWNJ and ZWJ between letters of joining scripts, and ZWJ inside emoji.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup, escape

# Scripts that spell with ZWNJ and ZWJ: Arabic, Syriac, N'Ko, Mandaic, and the Indic ones to Khmer.
_JOINING = (
    "\u0600-\u07ff\u0840-\u085f\u08a0-\u08ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc"
)
_EMOJI = "\u203c-\u3299\U0001f000-\U0001faff\ufe0f\u20e3"
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_SURROGATES = "\ud800-\udfff"
# Tag characters spell a region's flag only straight after a black flag, and end with U+E007F.
_TAGGED_FLAG = "\U0001f3f4[\U000e0061-\U000e007a]{1,8}\U000e007f"

_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor moves
    r"|[\x1b\x9b-\x9f][\]PX^_][^\x07\x1b\x9c]{0,4000}(?:\x07|\x1b\\|\x9c)"  # titles, links, queries
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-~]"
)
_XML_ILLEGAL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_SURROGATES}\ufffe\uffff]")
_CSV_UNSAFE = re.compile(f"[{_CONTROLS}{_SURROGATES}]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?")
_FORMULA_STARTS = frozenset("=+-@")
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_WINDOWS_NAMES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_URL = re.compile(r"(?i)https?://[^\s<>\"'`\\{}|^]+")
# Mentions, hashtags and links get their own <bdi>: a Persian post that opens with a Latin mention
# still reads right to left, because dir=auto looks past isolated runs.
# So do pseudonyms, which stand where a name in its own letters stood.
_ISOLATED = re.compile(
    r"(?i)https?://\S+|hxxps?://\S+|[@#][\w.-]+|\b(?:acct|link|name|post|user)_[0-9a-z]{12}\b"
    r"|⟦[^⟦⟧]{1,12}⟧"
)
# Most file systems allow 255 bytes; the rest is room for a suffix and for the name written aside.
FILE_NAME_BYTES = 120


@cache
def _marks() -> dict[int, tuple[str, str]]:
    """Code point -> (mark, meaning), from the data file and the control characters."""
    lines = resources.files("reports").joinpath("data/invisibles.tsv").read_text("utf-8")
    found: dict[int, tuple[str, str]] = {}
    for line in lines.splitlines():
        if line.strip() and not line.startswith("#"):
            span, mark, meaning = line.split("\t")
            first, _, last = span.partition("-")
            for point in range(int(first, 16), int(last or first, 16) + 1):
                found[point] = (mark, meaning)
    return found


@cache
def _hidden() -> re.Pattern[str]:
    points = "".join(re.escape(chr(point)) for point in sorted(_marks()))
    return re.compile(f"{_TAGGED_FLAG}|[{points}{_CONTROLS}{_SURROGATES}]")


_JOINING_LETTER = re.compile(f"[{_JOINING}]")
_EMOJI_PART = re.compile(f"[{_EMOJI}]")


def _is_ordinary(match: re.Match[str]) -> bool:
    """Whether a joiner is normal spelling where it stands, or the match is a flag."""
    character = match.group()
    if len(character) > 1:
        return True
    if character not in "\u200c\u200d":
        return False
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if _JOINING_LETTER.match(before) and _JOINING_LETTER.match(after):
        return True
    emoji = _EMOJI_PART.match(before) and _EMOJI_PART.match(after)
    return character == "\u200d" and bool(emoji)


def mark_of(character: str) -> str:
    """Return the visible mark of one character: ⟦RLO⟧, or ⟦U+0007⟧ where it has no short name."""
    known = _marks().get(ord(character))
    return f"⟦{known[0]}⟧" if known else f"⟦U+{ord(character):04X}⟧"


def _draw(match: re.Match[str]) -> str:
    return match.group() if _is_ordinary(match) else mark_of(match.group())


def _one_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n") if "\r" in text else text


def show_invisibles(text: str) -> str:
    """Draw bidi controls, zero-width characters, controls and lone surrogates as visible marks.

    Line feeds and tabs stay. ZWNJ inside Persian words and ZWJ inside emoji are normal spelling.
    """
    if text.isascii() and text.isprintable():
        return text
    return _hidden().sub(_draw, _one_line_ends(text))


def for_html(text: str) -> Markup:
    """Escape text for HTML; marks, mentions, hashtags and links stand in `<bdi>`.

    Safe as element content and nowhere else; for an attribute use `show_invisibles` and let the
    template escape it.
    """
    shown = show_invisibles(text)
    parts: list[str] = []
    end = 0
    for match in _ISOLATED.finditer(shown):
        word = match.group()
        css = ' class="inv"' if word[0] == "⟦" else ""
        parts += [escape(shown[end : match.start()]), Markup(f"<bdi{css}>"), escape(word)]
        parts.append(Markup("</bdi>"))
        end = match.end()
    parts.append(escape(shown[end:]))
    return Markup("").join(parts)


# Quotes and labels inside a sentence of ours; isolated, a Persian label does not turn what follows.
_QUOTED = re.compile("([“«])([^“”«»]{1,20000})([”»])")


def sentence_for_html(text: str) -> Markup:
    """Escape a sentence of ours for HTML; what stands in “ ” or « » is isolated in `<bdi>`."""
    parts: list[Markup] = []
    end = 0
    for match in _QUOTED.finditer(text):
        before, inside, after = match.groups()
        parts += [for_html(text[end : match.start()] + before), Markup("<bdi>"), for_html(inside)]
        parts += [Markup("</bdi>"), for_html(after)]
        end = match.end()
    return Markup("").join([*parts, for_html(text[end:])])


# What could end a block of data inside a page, or a line inside a script.
_LIVE_IN_PAGES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def for_data_block(value: Any) -> Markup:
    """Return a value as JSON that may stand in `<script type="application/json">`.

    No character of it can end the block or open a comment; a script reads it with `JSON.parse`.
    Strings are taken as they are: draw marks with `show_invisibles` before.
    """
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(told.translate(_LIVE_IN_PAGES))


def for_csv(text: str) -> str:
    """Return a CSV cell that no spreadsheet reads as a formula.

    Rule: look past leading white space, controls and format characters; if the first character,
    folded by NFKC, is one of = + - @ and the cell is not a plain number, put ' before the cell.
    Controls and lone surrogates stand as marks; everything else is unchanged.
    """
    if _CSV_UNSAFE.search(text):
        text = _CSV_UNSAFE.sub(lambda match: mark_of(match.group()), _keep_returns(text))
    if _starts_formula(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def _keep_returns(text: str) -> str:
    """CR is a line end in CSV; alone it would split a row in some readers, so it becomes LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _starts_formula(text: str) -> bool:
    for character in text:
        if character.isspace() or unicodedata.category(character) in {"Cc", "Cf", "Zs"}:
            continue
        return unicodedata.normalize("NFKC", character)[:1] in _FORMULA_STARTS
    return False


def for_stdout(text: str) -> str:
    """Return text for a plain stream that may be a terminal: no escape sequence, no control.

    What cannot be seen stands as a mark; brackets stay as they are, for no markup is read there.
    """
    bare = _ANSI.sub("", _one_line_ends(text))
    bare = re.sub(f"[{_CONTROLS}]", "", bare)
    return show_invisibles(bare)


def for_terminal(text: str) -> str:
    """Return text for Rich where it reads markup: as `for_stdout`, and no live markup.

    Print it with `emoji=False`, or `:name:` in a text turns into a picture.
    """
    from rich.markup import escape as escape_markup

    return escape_markup(for_stdout(text))


def for_xml(text: str) -> str:
    """Return text that XML 1.0 can hold: what it forbids stands as a mark. Does not escape < or &.

    networkx and ElementTree write such characters silently and produce a file nobody can open.
    """
    return _XML_ILLEGAL.sub(lambda match: mark_of(match.group()), text)


def for_filename(text: str) -> str:
    """Return a name that every file system takes: letters, digits, `_`, `-` and inner dots.

    Bidi controls, separators and leading dots cannot pass; an empty result reads "unnamed".
    """
    folded = unicodedata.normalize("NFKC", text)
    name = _NOT_IN_NAMES.sub("-", folded)
    name = re.sub(r"\.{2,}", ".", name).strip(".-")
    name = name.encode("utf-8", "ignore")[:FILE_NAME_BYTES].decode("utf-8", "ignore").strip(".-")
    if not name:
        return "unnamed"
    return f"_{name}" if _WINDOWS_NAMES.fullmatch(name) else name


def safe_url(url: str) -> str | None:
    """Return an http or https address defanged (hxxps://example[.]org/…), or None for any other.

    Defanged text can be read and compared but not clicked by accident.
    """
    found = _URL.fullmatch(url.strip())
    if found is None:
        return None
    scheme, _, rest = show_invisibles(found.group()).partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower().replace('http', 'hxxp')}://{host.replace('.', '[.]')}{slash}{path}"
