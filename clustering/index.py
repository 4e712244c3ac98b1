"""Which texts say nearly the same, while texts come and go?

In: texts with ids, added in any number of steps, and ids to remove. Out: families, and for a new
text the ids that say nearly the same. After any steps in any order the families are those of one
`find_near_duplicates` over the texts that are there: connected components of pairs that share a
band key and have an exact Jaccard of at least the threshold (`clustering.edges`).

Adding costs in proportion to what is added: equal texts are met in a table, a new text is compared
with the other components in its buckets (`clustering.linking`), and joining is a forest. Removing
the last copy of a text takes it out of its family, whose other members are held together by the
confirmed pairs that are left; where those are too few, its buckets are walked again, since a pair
that was skipped because both were joined may matter now.

It keeps normalized texts and band keys, about 0.4 KB a text; shingle sets are made for compared
texts alone. It refuses an id that it holds already, and files of other settings or another fold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clustering import index_files
from clustering.buckets import Buckets, members_at, spread
from clustering.forest import Forest
from clustering.growing import Growing
from clustering.index_files import IndexData
from clustering.index_ids import known_ids, new_ids
from clustering.jaccard import reaches
from clustering.linking import Edges, joined_edges, link_among, link_to_earlier
from clustering.sketches import jaccard, sketch
from corpus.errors import SettingsError
from nlp.minhash import MinHashBands, bands_for
from nlp.normalize import normalized_column
from nlp.shingles import DEFAULT_KIND, checked_kind

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[np.uint64]

# Texts that are linked at once: bounds the pairs and visits in memory, changes no family.
BATCH = 20_000
# Texts that are looked up at once: each may meet a whole large family.
ASKED_AT_ONCE = 500


@dataclass(frozen=True)
class Match:
    """An id in the index and the exact Jaccard of its text to the one asked about."""

    id: str
    similarity: float


class NearDuplicateIndex:
    """Families of near-duplicates that grow and shrink.

    Parameters
    ----------
    threshold
        Exact Jaccard of the shingle sets, above 0 up to 1.
    shingle
        "mixed", "word-1", "word-2" or "char-4" (`nlp.shingles`).

    Raises
    ------
    SettingsError
        For a threshold or a shingle kind that cannot be used.
    """

    def __init__(self, threshold: float = 0.7, shingle: str = DEFAULT_KIND) -> None:
        if not 0 < threshold <= 1:
            raise SettingsError(f"threshold = {threshold!r}; expected a number above 0 up to 1")
        self.threshold = threshold
        self.shingle = checked_kind(shingle)
        bands, rows = bands_for(threshold)
        self._sketch = MinHashBands(bands=bands, rows=rows, shingle=shingle)
        self._numbered = 0
        self._text_of_id: dict[str, int] = {}
        # A text is its number from here on; equal texts are one, empty ones each their own.
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []
        self._copies = Growing(np.zeros(0, np.int64))
        self._keyed = Growing(np.zeros(0, np.int64))  # place in _keys, -1 for texts without keys
        self._keys = Growing(np.zeros((0, bands), np.uint64))
        self._forest = Forest()
        self._edges = (
            Growing(np.zeros(0, np.int64)),
            Growing(np.zeros(0, np.int64)),
            Growing(np.zeros(0)),
        )
        self._buckets: Buckets | None = Buckets()  # None: to be written anew

    def __len__(self) -> int:
        """The number of ids."""
        return len(self._text_of_id)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._text_of_id

    def add(self, texts: Iterable[str], ids: Iterable[str] | None = None) -> Ints:
        """Add raw texts; return the (n,) int64 family label of each.

        Equal labels: one family. Labels hold until the next call of `add` or `remove`; for names
        that depend on content alone see `families`.

        Parameters
        ----------
        texts
            Raw texts; they are normalized inside.
        ids
            One new id for each text; None counts the texts that were ever added: "0", "1", ...

        Raises
        ------
        InputError
            When a value is not text, or an id repeats or is in the index already; nothing is added.
        """
        return self.add_normalized(normalized_column(texts).to_pylist(), ids)

    def add_normalized(self, texts: Sequence[str], ids: Iterable[str] | None = None) -> Ints:
        """Add texts that are in matching form already (`nlp.normalize`); else as `add`."""
        names = self._new_ids(len(texts), ids)
        first_new = len(self._texts)
        numbers = np.array([self._number(text) for text in texts], dtype=np.int64)
        self._text_of_id.update(zip(names, numbers.tolist(), strict=True))
        self._copies.append(np.zeros(len(self._texts) - first_new, np.int64))
        np.add.at(self._copies.values, numbers, 1)
        self._settle(first_new)
        return self._forest.roots(numbers)

    def remove(self, ids: Iterable[str]) -> None:
        """Take ids out: afterwards everything is as if they had never been added.

        Raises
        ------
        InputError
            When an id is not in the index or is named twice; nothing is removed.
        """
        names = known_ids(ids, self._text_of_id)
        numbers = np.array([self._text_of_id.pop(name) for name in names], dtype=np.int64)
        np.subtract.at(self._copies.values, numbers, 1)
        gone = np.unique(numbers)
        gone = gone[self._copies.values[gone] == 0]
        for number in gone.tolist():
            self._numbers.pop(self._texts[number], None)
            self._texts[number] = ""
        if len(gone):
            self._part(gone)

    def query(self, texts: Iterable[str], k: int | None = None) -> list[list[Match]]:
        """Return for each raw text its matches in the index, the most similar first, ties by id.

        A match has the same normalized text, or shares a band key and reaches the threshold. The
        index does not change. `k` keeps the first k matches.

        Raises
        ------
        InputError
            When a value is not text.
        SettingsError
            When k is not a positive number.
        """
        if k is not None and k < 1:
            raise SettingsError(f"k = {k!r}; expected a number from 1, or None for all matches")
        normalized = normalized_column(texts).to_pylist()
        asked, numbers, similarity = self._matches(normalized)
        ids = self._ids_by_text()
        found: list[list[Match]] = [[] for _ in normalized]
        for at, number, value in zip(
            asked.tolist(), numbers.tolist(), similarity.tolist(), strict=True
        ):
            found[at] += [Match(name, value) for name in ids.get(number, ())]
        return [sorted(each, key=lambda match: (-match.similarity, match.id))[:k] for each in found]

    def families(self) -> pd.DataFrame:
        """Return a DataFrame of id and family (the smallest id of its members), ordered by id."""
        ids = pa.array(self._text_of_id.keys(), pa.string())
        numbers = np.fromiter(self._text_of_id.values(), np.int64, len(self._text_of_id))
        table = pa.table({"id": ids, "root": pa.array(self._forest.roots(numbers))})
        smallest = table.group_by("root").aggregate([("id", "min")])
        places = pc.index_in(table.column("root"), value_set=smallest.column("root"))
        families = smallest.column("id_min").take(places)
        table = table.append_column("family", families).select(["id", "family"])
        frame: pd.DataFrame = table.sort_by("id").to_pandas()
        return frame

    def edges(self) -> pa.Table:
        """Return confirmed pairs that hold the families together: text_a, text_b, similarity.

        Texts are in matching form; which pairs were met depends on the order of the additions.
        """
        left, right, similarity = (part.values for part in self._edges)
        texts = pa.array(self._texts, pa.string())
        return pa.table(
            {
                "text_a": texts.take(pa.array(left)),
                "text_b": texts.take(pa.array(right)),
                "similarity": pa.array(similarity),
            }
        )

    def texts(self) -> list[str]:
        """Return the different matching forms that the index holds, empty ones left out."""
        return list(self._numbers)

    def save(self, folder: str | Path) -> Path:
        """Write the index into `folder`, replacing an index that is there; return its path.

        Raises
        ------
        WorkspaceError
            When the folder holds anything else, or cannot be written.
        """
        return index_files.write(Path(folder), self._data())

    @classmethod
    def load(cls, folder: str | Path) -> NearDuplicateIndex:
        """Read what `save` wrote.

        Raises
        ------
        WorkspaceError
            When there is no index, it is damaged, or it was made with another fold of characters
            or another sketch: then it must be built again from the texts.
        """
        data = index_files.read(Path(folder))
        index = cls(data.threshold, data.shingle)
        index._take(data)
        return index

    def _new_ids(self, n: int, ids: Iterable[str] | None) -> list[str]:
        if ids is None:
            ids = [str(number) for number in range(self._numbered, self._numbered + n)]
        names = new_ids(n, ids, self._text_of_id)
        self._numbered += n
        return names

    def _number(self, text: str) -> int:
        """The number of this text; a new one for a new text, and for every empty one."""
        known = self._numbers.get(text) if text else None
        if known is not None:
            return known
        self._texts.append(text)
        if text:
            self._numbers[text] = len(self._texts) - 1
        return len(self._texts) - 1

    def _settle(self, first_new: int) -> None:
        """Sketch and link the texts from `first_new` on."""
        new = self._forest.grow(len(self._texts) - first_new)
        places = np.full(len(new), -1, dtype=np.int64)
        with_keys, keys = sketch(self._sketch, self._texts[first_new:])
        places[with_keys] = np.arange(len(self._keys), len(self._keys) + len(keys))
        self._keyed.append(places)
        self._keys.append(keys)
        buckets = self._open_buckets(first_new)
        for start in range(0, len(keys), BATCH):
            part = slice(start, start + BATCH)
            self._link(keys[part], new[with_keys[part]], buckets)

    def _link(self, keys: Keys, texts: Ints, buckets: Buckets) -> None:
        self._keep(link_to_earlier(keys, texts, buckets, self._forest, self._confirm))
        self._keep(link_among(keys, texts, self._forest, self._confirm))
        buckets.add(keys, texts, self._forest)

    def _keep(self, edges: Edges) -> None:
        for kept, part in zip(self._edges, edges, strict=True):
            kept.append(part)

    def _open_buckets(self, before: int) -> Buckets:
        """Return the buckets of the texts numbered below `before`; write them where needed."""
        if self._buckets is None:
            buckets = Buckets()
            live = self._copies.values[:before] > 0
            held = np.flatnonzero(live & (self._keyed.values[:before] >= 0))
            buckets.add(self._keys_of(held), held, self._forest)
            self._buckets = buckets
        return self._buckets

    def _keys_of(self, texts: Ints) -> Keys:
        keys: Keys = self._keys.values[self._keyed.values[texts]]
        return keys

    def _confirm(self, left: Ints, right: Ints) -> Edges:
        """Keep the pairs of texts that reach the threshold; texts that are gone reach nothing."""
        live = (self._copies.values[left] > 0) & (self._copies.values[right] > 0)
        left, right = left[live], right[live]
        similarity = jaccard(self._texts, self._texts, left, right, self.shingle)
        near = reaches(similarity, self.threshold)
        return left[near], right[near], similarity[near]

    def _part(self, gone: Ints) -> None:
        """Take texts out of their families and join again what still belongs together."""
        roots = self._forest.all_roots()
        family = np.isin(roots, np.unique(roots[gone]))
        members = np.flatnonzero(family)
        left = members[self._copies.values[members] > 0]
        self._drop_edges(gone)
        self._forest.part(members)
        a, b, _ = (part.values for part in self._edges)
        inside = family[a]
        self._forest.join(a[inside], b[inside])
        keyed = left[self._keyed.values[left] >= 0]
        self._keep(link_among(self._keys_of(keyed), keyed, self._forest, self._confirm))
        if len(np.unique(self._forest.roots(left))) > len(np.unique(roots[left])):
            self._buckets = None  # runs of a family that fell apart hold several components

    def _drop_edges(self, gone: Ints) -> None:
        a, b, similarity = (part.values for part in self._edges)
        kept = ~(np.isin(a, gone) | np.isin(b, gone))
        self._edges = (Growing(a[kept]), Growing(b[kept]), Growing(similarity[kept]))

    def _matches(self, normalized: Sequence[str]) -> tuple[Ints, Ints, Floats]:
        """Place of the text asked about, number of a text in the index, and similarity."""
        equal = [(at, self._numbers[t]) for at, t in enumerate(normalized) if t in self._numbers]
        pairs = np.array(equal, dtype=np.int64).reshape(-1, 2)
        found = [(pairs[:, 0], pairs[:, 1], np.ones(len(pairs)))]
        with_keys, keys = sketch(self._sketch, normalized)
        for start in range(0, len(keys), ASKED_AT_ONCE):
            part = slice(start, start + ASKED_AT_ONCE)
            asked, numbers = self._met(keys[part], with_keys[part])
            similarity = jaccard(normalized, self._texts, asked, numbers, self.shingle)
            near = reaches(similarity, self.threshold)
            pairs_met = zip(asked.tolist(), numbers.tolist(), strict=True)
            near &= np.array([normalized[a] != self._texts[b] for a, b in pairs_met], dtype=bool)
            found.append((asked[near], numbers[near], similarity[near]))
        return joined_edges(found)

    def _met(self, keys: Keys, asked: Ints) -> tuple[Ints, Ints]:
        """Distinct pairs of a text asked about and a text of the index that share a band key."""
        buckets = self._open_buckets(len(self._texts))
        visits = buckets.visits(keys, asked)
        at, places = spread(visits.at, visits.end)
        members = members_at(buckets.segments, visits.segment[places], at)
        live = self._copies.values[members] > 0
        width = max(len(self._texts), 1)
        codes = np.unique(visits.text[places][live] * width + members[live])
        return codes // width, codes % width

    def _ids_by_text(self) -> dict[int, list[str]]:
        ids: dict[int, list[str]] = {}
        for name, number in self._text_of_id.items():
            ids.setdefault(number, []).append(name)
        return ids

    def _data(self) -> IndexData:
        """Everything that is still there, numbered anew without gaps."""
        live = np.flatnonzero(self._copies.values > 0)
        new = np.full(len(self._texts), -1, dtype=np.int64)
        new[live] = np.arange(len(live))
        numbers = np.fromiter(self._text_of_id.values(), np.int64, len(self._text_of_id))
        keyed = live[self._keyed.values[live] >= 0]
        left, right, similarity = (part.values for part in self._edges)
        return IndexData(
            threshold=self.threshold,
            shingle=self.shingle,
            numbered=self._numbered,
            ids=list(self._text_of_id),
            text_of_id=new[numbers],
            texts=[self._texts[number] for number in live.tolist()],
            keyed=new[keyed],
            keys=self._keys_of(keyed),
            edges=(new[left], new[right], similarity),
        )

    def _take(self, data: IndexData) -> None:
        self._numbered = data.numbered
        self._text_of_id = dict(zip(data.ids, data.text_of_id.tolist(), strict=True))
        self._texts = data.texts
        self._numbers = {text: number for number, text in enumerate(data.texts) if text}
        self._copies = Growing(np.bincount(data.text_of_id, minlength=len(data.texts)))
        places = np.full(len(data.texts), -1, dtype=np.int64)
        places[data.keyed] = np.arange(len(data.keyed))
        self._keyed, self._keys = Growing(places), Growing(data.keys)
        self._forest.grow(len(data.texts))
        left, right, similarity = data.edges
        self._edges = (Growing(left), Growing(right), Growing(similarity))
        self._forest.join(left, right)
        self._buckets = None
