"""How does this machine run a sentence model fastest without changing what it says?

In: a loaded model, and batches to run. Out: a plan (precisions to try, tokens in a batch), linear
layers on the faster of two libraries, and a number of threads that was measured on the batches
themselves. It refuses int8 (on short posts the least cosine to float32 was .77 to .96).

Three measured facts stand behind it. On AMD processors with AVX-512 torch's float32 product goes
through MKL at 110 GFLOP/s a core and through oneDNN at 245, with equal vectors to 1e-6. bfloat16 is
twice to four times float32 where the processor has it, and slower where it is emulated. Two threads
on two cores that others use too were three times slower than one, as each waits for the other; on
idle cores two are faster: so both are tried, on real batches. On the machines measured the number
of threads changed no bit of the vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

# Tokens in a batch, padding included; throughput was flat from half to twice of each.
TOKENS_FP32 = 4096
TOKENS_BF16 = 2048
# A graphics card needs larger batches to be busy; 65,536 tokens take about 1 GB with a small model.
TOKENS_GPU = 65_536
# Processor flags (Linux) under which bfloat16 is fast; elsewhere it is emulated and slower.
BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})
# Batches that each number of threads is tried on; the best of them counts.
TRIALS = 2
# Fewer batches than this are done before trying pays off.
TRY_FROM = 24


@dataclass(frozen=True)
class Plan:
    """Whether bfloat16 is worth a check, and how many tokens go into a batch either way."""

    half: bool
    tokens_full: int
    tokens_half: int


def plan_for(device: str, flags: Iterable[str], *, card_has_bf16: bool = False) -> Plan:
    """Return the plan for a device ("cpu", "cuda", "mps") and the processor's flags."""
    if device == "cpu":
        return Plan(not BF16_FLAGS.isdisjoint(flags), TOKENS_FP32, TOKENS_BF16)
    return Plan(device == "cuda" and card_has_bf16, TOKENS_GPU, TOKENS_GPU)


def plan(model: Any) -> Plan:
    """Return the plan for the device that torch put `model` on: a card when it sees one."""
    import torch

    device = model.device.type
    has = device == "cuda" and torch.cuda.is_bf16_supported()
    return plan_for(device, processor_flags(), card_has_bf16=has)


@cache
def processor_flags() -> frozenset[str]:
    """Return vendor and flags of the processor as Linux names them; empty elsewhere."""
    try:
        return frozenset(Path("/proc/cpuinfo").read_text(encoding="utf-8").split())
    except OSError:
        return frozenset()  # nothing to ask, so the safe choices


def prefers_onednn(flags: Iterable[str]) -> bool:
    """Tell whether oneDNN multiplies float32 faster than MKL: AMD processors with AVX-512.

    A rule and no timing, so that two runs on one machine give the same floats.
    """
    return {"AuthenticAMD", "avx512f"} <= set(flags)


def with_fast_products(model: Any) -> Any:
    """Return `model` with its linear layers on oneDNN where that is the faster one.

    The operator has no public name in torch: it is tried first, and where it is absent or differs
    the model stays as it is.
    """
    if model.device.type == "cpu" and prefers_onednn(processor_flags()) and _onednn_agrees():
        _replace_linear(model)
    return model


def _product(rows: Any, weight: Any, bias: Any) -> Any:
    import torch

    return torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")


@cache
def _onednn_agrees() -> bool:
    import torch

    rows, weight = torch.linspace(-1, 1, 32 * 64).view(32, 64), torch.linspace(-1, 1, 64 * 64)
    weight, bias = weight.view(64, 64).sin(), torch.linspace(-1, 1, 64)
    try:
        found = _product(rows, weight, bias)
    except (AttributeError, RuntimeError, TypeError):
        return False
    return bool(torch.allclose(found, torch.nn.functional.linear(rows, weight, bias), atol=1e-4))


def _replace_linear(module: Any) -> None:
    import torch

    class Linear(torch.nn.Module):
        """A linear layer for reading only; shares the weights of the one it replaces."""

        def __init__(self, layer: Any) -> None:
            super().__init__()
            self.weight, self.bias = layer.weight, layer.bias

        def forward(self, rows: Any) -> Any:
            return _product(rows, self.weight, self.bias)

    for name, child in module.named_children():
        if type(child) is torch.nn.Linear:
            setattr(module, name, Linear(child))
        else:
            _replace_linear(child)


class Threads:
    """Runs batches, tries one, half and all of torch's threads on the first, and keeps the best.

    `asked` fixes the number. Use it as a context: torch's own setting comes back at the end.
    """

    def __init__(
        self, asked: int | None, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        import torch

        self._torch = torch
        self._clock = clock
        self._before = torch.get_num_threads()
        self._asked = asked
        self._queue: list[int] = []
        self._rates: dict[int, float] = {}
        self.chosen = asked or max(1, self._before // 2)

    def try_over(self, batches: int) -> None:
        """Measure on the next batches when so many come that it pays off."""
        tried = sorted({1, max(1, self._before // 2), self._before})
        if self._asked is None and batches >= TRY_FROM and len(tried) > 1:
            self._queue = tried * TRIALS

    def __enter__(self) -> Threads:
        self._torch.set_num_threads(self.chosen)
        return self

    def __exit__(self, *_: object) -> None:
        self._torch.set_num_threads(self._before)

    def run(self, work: Callable[[], T], size: int) -> T:
        """Run one batch of `size` tokens; while trying, measure it."""
        if not self._queue:
            return work()
        threads = self._queue.pop(0)
        self._torch.set_num_threads(threads)
        began = self._clock()
        result = work()
        rate = size / max(self._clock() - began, 1e-9)
        self._rates[threads] = max(rate, self._rates.get(threads, 0.0))
        if not self._queue:
            self.chosen = max(self._rates, key=lambda tried: (self._rates[tried], -tried))
            self._torch.set_num_threads(self.chosen)
        return result
