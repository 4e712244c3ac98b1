"""Shared passages of long texts, against planted truth.

Usage: python -m benchmarks.passages [--articles 2000] [--seed 1] [--json]
In: a seed. Out: precision, recall and time on synthetic articles in four scripts (Latin, Cyrillic,
Arabic with joiners, Han without blanks) by outlets that take sentences over from each other with
light edits, and short posts cut from articles: whole sentences, truncated ones, with a comment.

Hard negatives: signature lines of an outlet, a disclaimer that several outlets print, statements
that many articles quote between marks, bulletins from templates with half of their words in common,
and stock phrases of five words.

Counted are rows of kind copied or contained. Precision: rows whose two stretches overlap planted
copies of one sentence by at least half. Recall: planted copies that a row covers by half in both
texts. Copies of a copy count too: two texts that took the same sentence from a third share it.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pyarrow as pa

from clustering.passages import find_shared_passages
from corpus.settings import Passages
from corpus.tables import POSTS
from engines.local import LocalEngine
from nlp.normalize import Normalize

START = datetime(2031, 3, 1, tzinfo=UTC)
COUNTED = ("copied", "contained")
# letters of syllables (consonants, vowels), what ends a sentence, what quotes
SCRIPTS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "Latin": ("bdfgklmnprstvz", "aeiouáé", (".", ".", "!", "?"), "“”"),
    "Cyrillic": ("бвгджзклмнпрст", "аеиоуыя", (".", ".", "!", "?"), "«»"),
    "Arabic": ("بتجدرسشفقکلمنه", "اویی\u200c", (".", "۔", "؟"), "«»"),
    "Han": ("", "", ("。", "。", "！", "？"), "「」"),
}
HAN = [chr(0x4E00 + 7 * i) for i in range(2_400)]
WORDS = 6_000


class Language:
    """Words of one script with Zipf frequencies, and sentences made of them."""

    def __init__(self, script: str, rng: random.Random) -> None:
        self.script, self.rng = script, rng
        consonants, vowels, self.ends, self.marks = SCRIPTS[script]
        self.blank = "" if script == "Han" else " "
        made: dict[str, None] = {}
        while len(made) < WORDS:
            if script == "Han":
                word = "".join(rng.choices(HAN, k=rng.choice((1, 2, 2, 3))))
            else:
                parts = rng.choice((1, 2, 2, 3, 3, 4))
                word = "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(parts))
            made[word.strip("\u200c")] = None
        self.words = list(made)
        self.weights = [1 / (rank + 3) for rank in range(WORDS)]
        self.phrases = [self.draw(5) for _ in range(30)]
        self.templates = [self.draw(rng.randint(16, 24)) for _ in range(40)]

    def draw(self, n: int) -> list[str]:
        return self.rng.choices(self.words, self.weights, k=n)

    def sentence(self, low: int = 6, high: int = 28) -> list[str]:
        """Words of a sentence; one in six holds a stock phrase, one in twelve is a bulletin."""
        lot = self.rng.random()
        if lot < 1 / 12:
            template = self.rng.choice(self.templates)
            return [w if at % 2 else self.draw(1)[0] for at, w in enumerate(template)]
        words = self.draw(self.rng.randint(low, high))
        if lot < 1 / 4:
            at = self.rng.randrange(len(words))
            words[at:at] = self.rng.choice(self.phrases)
        return words

    def edited(self, words: list[str]) -> list[str]:
        """Swap, drop or add at most one word in ten."""
        words = list(words)
        for _ in range(self.rng.randint(0, len(words) // 10)):
            at = self.rng.randrange(len(words))
            new = self.draw(self.rng.choice((0, 1, 1, 2)))
            words[at : at + 1] = new
        return words

    def written(self, words: list[str]) -> str:
        text = self.blank.join(words)
        return text[:1].upper() + text[1:] + self.rng.choice(self.ends)


@dataclass(frozen=True)
class Piece:
    """A planted sentence in a text: where it stands, which it is, and which of its words."""

    start: int
    end: int
    origin: int
    low: float
    high: float


@dataclass
class Text:
    """One text while it is written."""

    account: str
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    quotes: list[Piece] = field(default_factory=list)

    def add(self, words: str, gap: str) -> tuple[int, int]:
        self.text += gap if self.text else ""
        start = len(self.text)
        self.text += words
        return start, len(self.text)


@dataclass(frozen=True)
class Corpus:
    """Posts and what was planted in them."""

    posts: pa.Table
    texts: list[Text]


def generate(articles: int, seed: int) -> Corpus:
    """Return articles, posts cut from them, and the truth."""
    rng = random.Random(seed)
    texts: list[Text] = []
    for script in SCRIPTS:
        texts += _Region(script, articles // len(SCRIPTS), rng).texts
    rows = [
        {
            "post_id": f"p{rng.getrandbits(48):015d}{at:06d}", "platform": "web",
            "account_id": text.account, "created_at": START + timedelta(minutes=at),
            "time_precision": "minute", "text": text.text, "kind": "post", "urls": [],
            "hashtags": [], "mentions": [], "source_file": "generated", "source_row": at,
        }
        for at, text in enumerate(texts)
    ]  # fmt: skip
    return Corpus(POSTS.from_rows(rows), texts)


class _Region:
    """The outlets and posters of one script."""

    def __init__(self, script: str, articles: int, rng: random.Random) -> None:
        self.rng, self.language = rng, Language(script, rng)
        self.origins: list[tuple[int, list[str]]] = []
        self.texts: list[Text] = []
        language = self.language
        outlets = max(articles // 20, 3)
        self.signatures = [language.draw(rng.randint(10, 16)) for _ in range(outlets)]
        self.disclaimer = language.draw(20)
        self.statements = [
            (rng.getrandbits(60), language.draw(rng.randint(12, 20)))
            for _ in range(max(articles // 20, 3))
        ]
        for at in range(articles):
            self._article(script, at % outlets)
        for at in range(articles // 2):
            self._post(script, at)

    def _article(self, script: str, outlet: int) -> None:
        rng, language = self.rng, self.language
        article = Text(f"{script}-outlet-{outlet}")
        body = [(rng.getrandbits(60), language.sentence()) for _ in range(rng.randint(8, 24))]
        planned: list[tuple[int, list[str], bool]] = [(o, w, False) for o, w in body]
        if len(self.origins) > 50 and rng.random() < 0.35:
            first = rng.randrange(len(self.origins) - 4)
            taken = self.origins[first : first + rng.randint(1, 4)]
            at = rng.randrange(len(planned))
            planned[at:at] = [(o, language.edited(w), False) for o, w in taken]
        if rng.random() < 0.3:
            origin, words = rng.choice(self.statements)
            planned.insert(rng.randrange(len(planned)), (origin, words, True))
        for origin, words, quoted in planned:
            gap = "\n\n" if rng.random() < 0.2 else language.blank
            if quoted:
                marks = language.marks
                text = f"{marks[0]}{language.blank.join(words)}{marks[1]}{language.ends[0]}"
            else:
                text = language.written(words)
            start, end = article.add(text, gap)
            (article.quotes if quoted else article.pieces).append(Piece(start, end, origin, 0, 1))
        if rng.random() < 0.7:
            article.add(language.written(self.signatures[outlet]), "\n")
        if outlet % 5 == 0:
            article.add(language.written(self.disclaimer), "\n")
        self.origins += [(o, w) for o, w in body if len(w) >= 9]
        self.texts.append(article)

    def _post(self, script: str, number: int) -> None:
        rng, language = self.rng, self.language
        post = Text(f"{script}-poster-{number % 97}")
        origin, words = rng.choice(self.origins)
        low, high = 0.0, 1.0
        if len(words) >= 14 and rng.random() < 0.4:
            cut = rng.randint(10, len(words))
            low, high = (
                (0.0, cut / len(words)) if rng.random() < 0.5 else (1 - cut / len(words), 1.0)
            )
            words = words[:cut] if low == 0.0 else words[-cut:]
        if rng.random() < 0.4:
            post.add(language.written(language.draw(rng.randint(2, 6))), language.blank)
        start, end = post.add(language.written(language.edited(words)), language.blank)
        post.pieces.append(Piece(start, end, origin, low, high))
        if rng.random() < 0.4:
            post.add(f"#{language.words[-1]} https://e.example/{number}", " ")
        self.texts.append(post)


@dataclass(frozen=True)
class Score:
    """Counts of planted and found, and the time."""

    rows: int
    right: int
    planted: int
    recovered: int
    quotes: int
    quotes_marked: int
    seconds: float
    kinds: dict[str, int]

    @property
    def precision(self) -> float:
        return self.right / max(self.rows, 1)

    @property
    def recall(self) -> float:
        return self.recovered / max(self.planted, 1)

    def to_dict(self) -> dict[str, Any]:
        shares = {"precision": self.precision, "recall": self.recall}
        return {**shares, **self.__dict__}


Pair = tuple[int, int]


def _planted(
    texts: list[Text], which: str, long_from: int
) -> dict[Pair, list[tuple[Piece, Piece]]]:
    """Return for each two texts the sentences that both hold, by place of the texts."""
    holders: dict[int, list[tuple[int, Piece]]] = defaultdict(list)
    for at, text in enumerate(texts):
        for piece in getattr(text, which):
            holders[piece.origin].append((at, piece))
    found: dict[Pair, list[tuple[Piece, Piece]]] = defaultdict(list)
    for held in holders.values():
        for (i, a), (j, b) in combinations(held, 2):
            apart = texts[i].account != texts[j].account
            long = max(len(texts[i].text), len(texts[j].text)) >= long_from
            if apart and long and min(a.high, b.high) - max(a.low, b.low) > 0.3:
                found[i, j].append((a, b))
    return found


def _overlap(start: int, end: int, pieces: list[Piece]) -> float:
    return sum(max(0, min(end, p.end) - max(start, p.start)) for p in pieces) / max(end - start, 1)


def score(corpus: Corpus, settings: Passages | None = None) -> Score:
    """Find shared passages and hold them against what was planted."""
    settings = settings or Passages()
    texts = Normalize()(corpus.posts)
    began = time.perf_counter()
    found = find_shared_passages(
        LocalEngine(), posts=corpus.posts, texts=texts, settings=settings
    ).shared_passages.to_pylist()
    seconds = time.perf_counter() - began
    place = {post: at for at, post in enumerate(corpus.posts["post_id"].to_pylist())}
    rows: dict[Pair, list[tuple[Piece, Piece, str]]] = defaultdict(list)
    for row in found:
        ends = [(place[row[f"post_{s}"]], row[f"start_{s}"], row[f"end_{s}"]) for s in "ab"]
        (i, *_), (j, *_) = sorted(ends)
        a, b = (Piece(start, end, 0, 0, 1) for _, start, end in sorted(ends))
        rows[i, j].append((a, b, row["kind"]))
    truth = _planted(corpus.texts, "pieces", settings.long_from)
    quotes = _planted(corpus.texts, "quotes", settings.long_from)
    counted = [
        (pair, a, b) for pair, held in rows.items() for a, b, kind in held if kind in COUNTED
    ]
    right = sum(
        min(_overlap(a.start, a.end, [t[0] for t in truth.get(pair, [])]),
            _overlap(b.start, b.end, [t[1] for t in truth.get(pair, [])])) >= 0.5
        for pair, a, b in counted
    )  # fmt: skip
    kinds: dict[str, int] = defaultdict(int)
    for row in found:
        kinds[row["kind"]] += 1
    return Score(
        rows=len(counted),
        right=right,
        planted=sum(map(len, truth.values())),
        recovered=_recovered(truth, rows, COUNTED),
        quotes=sum(map(len, quotes.values())),
        quotes_marked=_recovered(quotes, rows, ("quoted",)),
        seconds=round(seconds, 2),
        kinds=dict(sorted(kinds.items())),
    )


def _recovered(
    truth: dict[Pair, list[tuple[Piece, Piece]]],
    rows: dict[Pair, list[tuple[Piece, Piece, str]]],
    kinds: tuple[str, ...],
) -> int:
    """Count planted pairs of which half is covered in both texts."""
    count = 0
    for pair, planted in truth.items():
        found = [(a, b) for a, b, kind in rows.get(pair, []) if kind in kinds]
        for a, b in planted:
            scale = max(a.high - a.low, b.high - b.low), min(a.high, b.high) - max(a.low, b.low)
            needed = 0.5 * scale[1] / scale[0]
            count += any(
                min(_overlap(a.start, a.end, [x]), _overlap(b.start, b.end, [y])) >= needed
                for x, y in found
            )
    return count


def main() -> None:
    """Print one line a measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = score(generate(options.articles, options.seed)).to_dict()
    if options.json:
        print(json.dumps(measured))
        return
    for name, value in measured.items():
        print(f"{name:14} {value}")


if __name__ == "__main__":
    main()
