"""Imports point down, heavy packages have one owner, and `import narrashift` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("corpus", "engines", "nlp", "clustering", "personas", "reports", "narrashift")
OWNERS = {
    "pyspark": {"engines/spark.py"},
    "sentence_transformers": {"nlp/embed_sentence.py"},
    "torch": {"nlp/embed_sentence.py", "nlp/torch_speed.py"},
    "hdbscan": {"clustering/density.py"},
    "matplotlib": {"narrashift/plots.py"},
    "openpyxl": {"corpus/readers/workbook.py"},
    "numba": {
        "nlp/compiled/normalizing.py",
        "nlp/compiled/sketching.py",
        "nlp/compiled/collapsing.py",
        "clustering/walk.py",
        "clustering/spanning.py",
        "clustering/pairing.py",
        "clustering/neighbour_search.py",
    },
    "spacy": {
        "nlp/component.py",
        "nlp/component_passages.py",
        "nlp/named.py",
        "personas/component.py",
    },
}
HEAVY = (
    "torch",
    "spacy",
    "openpyxl",
    "sklearn",
    "pyspark",
    "hdbscan",
    "scipy",
    "sentence_transformers",
    "numba",
    "matplotlib",
    "statsmodels",
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("heavy", sorted(OWNERS))
def test_a_heavy_package_is_imported_by_its_owner_alone(root: Path, heavy: str) -> None:
    importers = {
        path.relative_to(root).as_posix()
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
        if heavy in set(imports(path))
    }
    assert importers <= OWNERS[heavy]


@pytest.mark.parametrize(
    "module", ["narrashift", "narrashift.cli", "nlp", "clustering", "personas"]
)
def test_an_import_loads_nothing_heavy(root: Path, module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("owner", sorted(OWNERS["numba"]))
def test_a_compiled_kernel_calls_kernels_of_its_own_file_alone(root: Path, owner: str) -> None:
    """Numba's cache watches one file: a kernel imported from another could be an older one."""
    kernels = _kernels(root / owner)
    assert kernels
    for other in OWNERS["numba"] - {owner}:
        tree = ast.parse((root / other).read_text(encoding="utf-8"))
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert not kernels & named & imported


def _kernels(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {f.name for f in functions if any("njit" in ast.dump(d) for d in f.decorator_list)}


def test_the_facade_offers_exactly_what_it_declares() -> None:
    import narrashift

    assert narrashift.__all__ == sorted(narrashift.__all__)
    assert all(getattr(narrashift, name) is not None for name in narrashift.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = narrashift.nothing


def test_layers_hold(root: Path) -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
