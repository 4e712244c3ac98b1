"""Personas: bios a second beside a spaCy PhraseMatcher and Matcher pipeline with the same lexicon.

Usage: python -m benchmarks.personas [--bios FILE] [--size 20000] [--write]
In: nothing, or a JSON-lines file (plain or gzip) whose rows hold `description`. Out: a Markdown
table; `--write` puts it into docs/benchmarks.md between its marks. Bios are composed from the
lexicons' own examples and invented words, seeded and all distinct; those of the file come first.

The peer finds every form of the lexicons (PhraseMatcher on lower-case words) and lists of pronouns
and ages (Matcher), in one `nlp.pipe`; it gives spans without status, grade or language, so that it
does less. It stands here twice: with the forms alone, and with the whole lexicon, whose patterns it
runs over the text of each document as the manual of spaCy advises (`re.finditer`, `char_span`).
Ratios are from one process on one machine; seconds are not worth comparing elsewhere.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import Matcher, PhraseMatcher

from personas.claims import ClaimReader
from personas.rules import RuleBook, load_rules

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- personas: begin -->", "<!-- personas: end -->"
SEED = 451
REPEATS = 3
# Share of pieces that come from the lexicons: about as many as of real bios claim anything.
EXAMPLES = 0.3
VOCABULARY = 200_000
# With this, about 2 of 9 words are new in 15,000 bios, as in as many real ones.
SKEW = 4
DRESS = (
    "{}",
    "{}",
    "{}",
    "{}",
    "{}!",
    "#{}",
    "@{}_1",
    "{}🌿",
    "{}’s",
    "({})",
    "{}.com/x",
    "{}...",
    "{}&co",
)
SYLLABLES = (
    "ba",
    "ro",
    "mi",
    "len",
    "tor",
    "ka",
    "sue",
    "dra",
    "vi",
    "mon",
    "ex",
    "ish",
    "po",
    "ny",
)
Run = Callable[[Sequence[str]], int]
SEPARATORS = (" | ", ", ", " • ", ". ", "\n", " / ", " 🌿 ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--bios", type=Path, help="JSON lines with a description in each row")
    parser.add_argument("--size", type=int, default=20_000, help="composed bios")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    options = parser.parse_args()
    book = load_rules()
    table = "Composed bios: " + measured(book, composed(book, options.size))
    if options.bios:
        table = f"Real bios: {measured(book, _read(options.bios))}\n\n{table}"
    print(table)
    if options.write:
        _write(table)


def composed(book: RuleBook, size: int) -> list[str]:
    """Distinct bios: one piece in three is an example of the lexicons, the rest are other words.

    Other words come from a large invented vocabulary, since bios are full of names and tags that no
    tokenizer has met before.
    """
    drawn = random.Random(SEED)
    pieces = [example.text for rule in book.rules for example in rule.says]
    pieces += [text for rule in book.rules for text in rule.says_not]
    found: dict[str, None] = {}
    while len(found) < size:
        parts = [
            drawn.choice(pieces) if drawn.random() < EXAMPLES else _other_words(drawn)
            for _ in range(drawn.randint(2, 4))
        ]
        found[drawn.choice(SEPARATORS).join(parts)[:160]] = None
    return list(found)


def _other_words(drawn: random.Random) -> str:
    words = []
    for _ in range(drawn.randint(2, 6)):
        rank = int(VOCABULARY * drawn.random() ** SKEW)
        syllables = random.Random(rank)
        word = "".join(syllables.choice(SYLLABLES) for _ in range(1 + rank % 4))
        words.append(DRESS[rank % len(DRESS)].format(word))
    return " ".join(words)


def _read(path: Path) -> list[str]:
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines)
        return list(dict.fromkeys(text for row in rows if (text := row.get("description"))))


def measured(book: RuleBook, texts: Sequence[str]) -> str:
    """Time both on the same texts, the best of some runs each, and return the table."""
    builds = (lambda: _ours(book), lambda: _peer(book), lambda: _peer(book, patterns=True))
    mine, forms, whole = _best(builds, texts)
    rows = [
        ("ours, claims with status and grade", *mine),
        ("spaCy PhraseMatcher + Matcher, forms and pronouns alone", *forms),
        ("the same with the lexicon's patterns", *whole),
    ]
    lines = [
        f"{len(texts):,} distinct bios, {sum(map(len, texts)) / len(texts):.0f} characters each on"
        f" average; {sum(len(r.forms) for r in book.rules):,} forms.",
        "",
        "| | bios/s | wall s | processor s | found |",
        "|---|---|---|---|---|",
    ]
    for name, wall, cpu, found in rows:
        lines.append(f"| {name} | {len(texts) / wall:,.0f} | {wall:.2f} | {cpu:.2f} | {found:,} |")
    ratios = forms[1] / mine[1], whole[1] / mine[1]
    lines += [
        "",
        f"Ratio (processor): {ratios[1]:.2f}x the speed of the matchers with the same lexicon,"
        f" {ratios[0]:.2f}x without its patterns.",
    ]
    return "\n".join(lines)


def _best(
    builds: Sequence[Callable[[], Run]], texts: Sequence[str]
) -> list[tuple[float, float, int]]:
    """Return wall and processor seconds of the fastest run of each, and what it found.

    They take turns, so that whatever else the machine does slows all of them. Each run starts from
    a newly built reader or pipeline, so that none has seen the texts: all keep what they met (texts
    here, words in spaCy's tokenizer).
    """
    best = [(float("inf"), float("inf"), 0) for _ in builds]
    for _ in range(REPEATS):
        for at, build in enumerate(builds):
            run = build()
            run(["warm up, reader of maps | 1"])
            wall, cpu = time.perf_counter(), time.process_time()
            found = run(texts)
            took = time.perf_counter() - wall, time.process_time() - cpu, found
            best[at] = min(best[at], took, key=lambda times: times[1])
    return best


def _ours(book: RuleBook) -> Run:
    reader = ClaimReader(book)
    return lambda texts: sum(len(reader.read(text)) for text in texts)


def _peer(book: RuleBook, *, patterns: bool = False) -> Run:
    nlp = spacy.blank("xx")
    phrases = PhraseMatcher(nlp.vocab, attr="LOWER")
    for rule in book.rules:
        if rule.forms:
            phrases.add(rule.id, [nlp.make_doc(form) for _, form, _ in rule.forms])
    tokens = Matcher(nlp.vocab)
    tokens.add("pronouns", [list(_pronoun_pattern(book))])
    tokens.add(
        "age", [[{"LIKE_NUM": True}, {"LOWER": {"IN": ["years", "yo", "ans", "años", "anos"]}}]]
    )

    ruled = [rule.pattern for rule in book.rules if rule.pattern] if patterns else []
    searched = [re.compile(pattern, re.IGNORECASE) for pattern in ruled]

    def run(texts: Sequence[str]) -> int:
        found = 0
        for doc in nlp.pipe(texts):
            found += len(phrases(doc, as_spans=True)) + len(tokens(doc, as_spans=True))
            for pattern in searched:
                for match in pattern.finditer(doc.text):
                    found += doc.char_span(*match.span(), alignment_mode="expand") is not None
        return found

    return run


def _pronoun_pattern(book: RuleBook) -> Iterator[dict[str, Any]]:
    words = sorted(
        word
        for grammar in book.grammars.values()
        for name in ("pronouns_woman", "pronouns_man", "pronouns_nonbinary")
        for word in grammar.words[name]
    )
    yield {"LOWER": {"IN": words}}
    yield {"TEXT": {"IN": ["/", "|"]}}
    yield {"LOWER": {"IN": words}}


def _write(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    if BEGIN not in page:
        page = page.rstrip("\n") + f"\n\n## Claims in bios\n\n{BEGIN}\n{END}\n"
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
