"""Every pattern of the project takes a time that grows with the text and no faster.

Usage: python -m benchmarks.patterns [--length N] [--write]
In: nothing. Out: a Markdown table of the slowest patterns, and of those that grow faster than the
text, with exit code 1 where there is one; `--write` puts it into docs/benchmarks.md between its
marks.

Collected, not listed: a fresh process imports everything, applies the lexicons once, and notes what
was compiled on the way. Each pattern is tried, in the way it is used, on texts made to hurt it: its
own letters and its own matches repeated, with an end that lets the match fail. Time is compared
with the time on a shorter text of the same kind, so that a slow machine changes no answer.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.page import put_section

ROOT = Path(__file__).resolve().parent.parent

COLLECT = """
import importlib, json, pkgutil, re, sys
root, found, real = sys.argv[1], {}, re._compile

def noted(pattern, flags=0):
    made = real(pattern, flags)
    frame = sys._getframe(1)
    while frame and frame.f_code.co_filename.endswith(("re/__init__.py", "functools.py")):
        frame = frame.f_back
    name = frame.f_code.co_filename if frame else ""
    if name.startswith(root) and "site-packages" not in name and isinstance(made.pattern, str):
        found[made.pattern, made.flags] = name[len(root) + 1:]
    return made

re._compile = noted
for package in ("corpus", "engines", "nlp", "clustering", "personas", "reports", "narrashift"):
    module = importlib.import_module(package)
    for one in pkgutil.walk_packages(module.__path__, package + "."):
        if not one.name.endswith(("__main__", "spark")):
            try:
                importlib.import_module(one.name)
            except ImportError:
                continue
from nlp import normalize
from personas import extract_claims
extract_claims(["engineer from Shiraz, he/him", "\\u0645\\u0647\\u0646\\u062f\\u0633"])
normalize(["a b"])
print(json.dumps(sorted([p, f, n] for (p, f), n in found.items())))
"""
LONG = 50_000
# Times the length, at most so many times the time: 4 is linear, 16 is quadratic.
LONGER, MOST = 4, 9.0
EARLY = 16
# What takes less than this on the long text cannot hurt, however it grows.
HARMLESS_S = 0.1
# Compiled here to be checked; what is applied to texts is compiled from them elsewhere, but for
# patterns of hashtags, which must fit one tag from end to end.
CHECKED_ONLY = "nlp/lexicon.py"
SHOWN = 8


@dataclass(frozen=True)
class Found:
    """One pattern: where it was compiled, how it is applied, and what was measured."""

    file: str
    pattern: str
    how: str
    seconds: float
    bad: tuple[str, ...]


def example(tree: Any, chance: random.Random) -> str:
    """A text that a parsed pattern probably matches."""
    return "".join(_one(code, argument, chance) for code, argument in tree)


def _one(code: Any, argument: Any, chance: random.Random) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return _member(argument, chance)
    if code is codes.BRANCH:
        return example(chance.choice(argument[1]), chance)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = argument
        times = min(max(least, 1 + chance.randrange(3)), most)
        return "".join(example(inner, chance) for _ in range(times))
    if code is codes.SUBPATTERN:
        return example(argument[-1], chance)
    if code is codes.ATOMIC_GROUP:
        return example(argument, chance)
    return ""


_CLASSES = {"DIGIT": "1", "WORD": "a", "SPACE": " ", "NOT_DIGIT": "a", "NOT_WORD": "-",
            "NOT_SPACE": "a"}  # fmt: skip


def _member(members: list[Any], chance: random.Random) -> str:
    if members[0][0] is codes.NEGATE:
        outside = (letter for letter in "ab1 -" if not _holds(members[1:], letter))
        return next(outside, "\u0645")
    code, argument = chance.choice(members)
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return chr(argument[0])
    return next(
        (letter for name, letter in _CLASSES.items() if str(argument).endswith(f"CATEGORY_{name}")),
        "a",
    )


def _holds(members: list[Any], letter: str) -> bool:
    for code, argument in members:
        if code is codes.LITERAL and chr(argument) == letter:
            return True
        if code is codes.RANGE and argument[0] <= ord(letter) <= argument[1]:
            return True
        if code is codes.CATEGORY and str(argument).endswith("SPACE") and letter == " ":
            return True
        if code is codes.CATEGORY and str(argument).endswith("WORD") and letter.isalnum():
            return True
    return False


ALWAYS = ["a", " ", "1", "a ", "@a", "#a", "a.", "a-", "a@", "http://a", "\u0645",
          "\u200c", '"', "(", "\\"]  # fmt: skip


def units(pattern: str, flags: int) -> list[str]:
    """What is repeated to hurt a pattern."""
    tree = parser.parse(pattern, flags & ~re.DEBUG)
    chance = random.Random(ascii(pattern))
    found = {example(tree, chance)[:200] for _ in range(4)}
    letters = {chr(int(n)) for n in re.findall(r"LITERAL (\d+)", str(tree.data)) if int(n)}
    found |= set(sorted(letters)[:8])
    return sorted({unit for unit in found if unit} | set(ALWAYS))


def applied(compiled: re.Pattern[str], how: str) -> Callable[[str], object]:
    """How a pattern meets a text: at one place, from end to end, or at every place."""
    if how == "match":
        return compiled.match
    if how == "fullmatch":
        return compiled.fullmatch
    return lambda text: compiled.sub("", text)  # tries every place, as a search that fails does


def measured(pattern: str, flags: int, how: str, length: int = LONG) -> tuple[float, list[str]]:
    """The longest time on a text of `length`, and units on which time grows faster than text."""
    run = applied(re.compile(pattern, flags & ~re.DEBUG), how)
    bad, slowest = set(), 0.0
    for unit in units(pattern, flags):

        def took(length: int, unit: str = unit) -> float:
            text = (unit * (length // len(unit) + 1))[:length] + "\0!"
            began = time.process_time()
            run(text)
            return time.process_time() - began

        # Shorter texts first, in small steps: what explodes does so early, and this still ends.
        if any(took(short) > HARMLESS_S for short in (*range(8, 64, 2), length // 64)):
            bad.add(unit)
            continue
        # Harmless even where it is quadratic: told by a text that costs little to try.
        early = took(length // EARLY)
        if early * EARLY**2 < HARMLESS_S:
            slowest = max(slowest, early * EARLY)
            continue
        short = took(length // LONGER)
        long = min(took(length) for _ in range(2))
        slowest = max(slowest, long)
        if long > HARMLESS_S and long > MOST * short:
            bad.add(unit)
    return slowest, sorted(bad)


@cache
def anchored(file: str) -> frozenset[str]:
    """Patterns that a module compiles under a name and tries at one place alone (`.match`)."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    named: dict[str, str] = {}
    used: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            call, target = node.value, node.targets[0]
            first = call.args[0] if call.args else None
            plain = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if isinstance(target, ast.Name) and plain and ast.unparse(call.func) == "re.compile":
                assert isinstance(first, ast.Constant)
                named[target.id] = str(first.value)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.setdefault(node.value.id, []).append(node.attr)
    return frozenset(
        pattern for name, pattern in named.items() if set(used.get(name, [])) == {"match"}
    )


def way(pattern: str, file: str) -> str:
    """How a pattern of a file is applied."""
    if file == CHECKED_ONLY:
        return "fullmatch"
    return "match" if pattern in anchored(file) else "search"


def collected() -> list[tuple[str, int, str]]:
    """Pattern, flags and file of everything that a fresh process compiles."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, str(ROOT)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [(pattern, flags, name) for pattern, flags, name in json.loads(done.stdout)]


def table(found: list[Found], length: int) -> Iterator[str]:
    """The section: how many, the slowest, and those that grow too fast."""
    bad = [one for one in found if one.bad]
    yield (
        f"{len(found)} patterns, each on texts of {length:,} characters made to hurt it; "
        f"{len(bad)} of them grow faster than the text. The slowest, in processor seconds:"
    )
    yield ""
    yield "| file | pattern | applied by | seconds | grows too fast on |"
    yield "|---|---|---|--:|---|"
    for one in sorted(found, key=lambda one: (not one.bad, -one.seconds))[: max(SHOWN, len(bad))]:
        shown = ascii(one.pattern)[1:-1][:60].replace("|", "\\|").replace("`", "'")
        units_shown = ", ".join(ascii(unit) for unit in one.bad[:3]).replace("|", "\\|")
        yield f"| {one.file} | `{shown}` | {one.how} | {one.seconds:.3f} | {units_shown} |"


MADE_BY = "Made by `python -m benchmarks.patterns --write`."


def write(text: str) -> None:
    """Put the section between its marks."""
    put_section("patterns", text, heading="Patterns", about=MADE_BY)


def main() -> int:
    """Print the table; 1 where a pattern grows faster than the text."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--length", type=int, default=LONG, help="characters of the long text")
    options.add_argument("--write", action="store_true", help="put it into docs/benchmarks.md")
    args = options.parse_args()
    found = []
    for pattern, flags, file in collected():
        how = way(pattern, file)
        seconds, bad = measured(pattern, flags, how, args.length)
        found.append(Found(file, pattern, how, seconds, tuple(bad)))
        if bad:
            print(f"{file}: {pattern[:80]!r} grows too fast on {bad[:3]!r}", file=sys.stderr)
    text = "\n".join(table(found, args.length))
    print(text)
    if args.write:
        write(text)
    return int(any(one.bad for one in found))


if __name__ == "__main__":
    sys.exit(main())
