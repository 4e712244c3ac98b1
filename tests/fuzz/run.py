"""Run coverage-guided fuzzing (atheris) on one target: python -m tests.fuzz.run TARGET [options].

In: the name of a target of `targets`, how long, and a folder that new inputs go to; the kept corpus
beside this file is where it begins. Out: libFuzzer's report; an input that broke a promise is
written as `crash-*` and the exit code is not 0. It needs: pip install -e ".[fuzz]"
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

KEPT = Path(__file__).resolve().parent / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=-1, help="inputs to try; -1 for no end")
    parser.add_argument("--max-bytes", type=int, default=8192)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, help="folder for new inputs and crashes")
    args = parser.parse_args()
    import atheris

    with atheris.instrument_imports(
        include=["corpus", "personas", "nlp"], enable_loader_override=False
    ):
        from tests.fuzz.targets import TARGETS

    options = [
        f"-max_total_time={args.seconds}",
        f"-runs={args.runs}",
        f"-max_len={args.max_bytes}",
        f"-seed={args.seed}",
        "-timeout=60",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    folders = [str(KEPT / args.target)]
    if args.found is not None:
        args.found.mkdir(parents=True, exist_ok=True)
        folders.insert(0, str(args.found))
        options.append(f"-artifact_prefix={args.found}/")
    atheris.Setup([sys.argv[0], *options, *folders], TARGETS[args.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
