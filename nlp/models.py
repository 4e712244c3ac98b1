"""Which embedding models are known, where do they lie, and are they what they should be?

In: the presets of `data/models.toml`, folders. Out: presets, the folder of an installed one, the
digests of its weights beside the expected ones, and, from `fetch` alone, a download. A preset is
pinned to a commit and to the SHA-256 of its weights, which are safetensors: other formats can
carry code. Refused are folders with pickled weights only, folders that bring code of their own, and
weights that differ from what the preset names.

A folder of the user's own may say what it covers in a file `narrashift.toml`:
`languages = ["en", "fr"]` and `query_prefix = "query: "`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from corpus import files
from corpus.errors import InputError, MissingDependency, MissingModel, UnknownPlugin

PRESETS_FILE = Path(__file__).parent / "data" / "models.toml"
FOLDER_VARIABLE = "NARRASHIFT_MODELS"
WEIGHTS = "model.safetensors"
ABOUT = "narrashift.toml"
# What a download may bring: settings, vocabularies and safetensors, in the folders that
# sentence-transformers reads; never code, pickles, or copies in other formats.
ALLOWED = (
    "*.json", "*.txt", "sentencepiece.bpe.model", "model.safetensors",
    "1_Pooling/*.json", "2_Normalize/*.json", "2_Dense/*.json", "2_Dense/model.safetensors",
)  # fmt: skip
IGNORED = ("onnx/*", "openvino/*", "*.py", "*.bin", "*.pt", "*.h5", "*.msgpack", "*.ot")
PICKLED = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"})
HUB_LINE = 'pip install "narrashift[neural]"'
Download = Callable[..., str]


@dataclass(frozen=True)
class Preset:
    """One known model; see `data/models.toml` for what each field says."""

    name: str
    repo: str
    revision: str
    weights: str
    licence: str
    languages: tuple[str, ...]
    query_prefix: str
    dimension: int
    max_tokens: int
    megabytes: int
    scores: str
    package: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class About:
    """What a model folder covers: languages (None when nobody declared any) and its prefix."""

    languages: frozenset[str] | None = None
    query_prefix: str = ""


@dataclass(frozen=True)
class Checked:
    """An installed model beside what was expected of it."""

    name: str
    folder: str | None
    state: Literal["as pinned", "differs", "not installed", "unpinned"]
    found: str | None = None
    expected: str | None = None
    files: dict[str, str] = field(default_factory=dict)


@cache
def presets() -> Mapping[str, Preset]:
    """Return the known models by name."""
    with PRESETS_FILE.open("rb") as file:
        rows = tomllib.load(file)
    return {
        name: Preset(name=name, **{**row, "languages": tuple(row["languages"])})
        for name, row in rows.items()
    }


def preset(name: str) -> Preset:
    """Return the preset called `name`; raises UnknownPlugin, which lists the known ones."""
    if name not in presets():
        raise UnknownPlugin("model", name, list(presets()))
    return presets()[name]


def models_folder(
    environment: Mapping[str, str] | None = None, *, platform: str = sys.platform
) -> Path:
    """Return where downloaded models lie: NARRASHIFT_MODELS, or the user's cache folder."""
    given = os.environ if environment is None else environment
    if stated := given.get(FOLDER_VARIABLE):
        return Path(stated).expanduser()
    home = Path(given.get("HOME") or given.get("USERPROFILE") or Path.home())
    if platform == "win32":
        folder = Path(given.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        folder = home / "Library" / "Caches"
    else:
        folder = Path(given.get("XDG_CACHE_HOME") or home / ".cache")
    return folder / "narrashift" / "models"


def installed_folder(name: str) -> Path | None:
    """Return the folder of an installed preset: downloaded, or in its package; None without."""
    known = preset(name)
    folder = models_folder() / name
    if (folder / WEIGHTS).is_file():
        return folder
    return _package_folder(known.package) if known.package else None


def _package_folder(package: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / WEIGHTS).is_file() else None


def require_folder(name: str) -> Path:
    """Return the folder of a preset; raises MissingModel with the line that fetches it."""
    folder = installed_folder(name)
    if folder is None:
        raise MissingModel(
            f"the {name} model ({preset(name).repo})", f"narrashift models get {name}"
        )
    return folder


def preset_of(repo: str) -> Preset | None:
    """Return the preset that fetches `repo`, if one does."""
    return next((known for known in presets().values() if known.repo == repo), None)


def about(folder: Path) -> About:
    """Return what a folder covers: by its own `narrashift.toml`, or as the preset it is.

    A preset is recognised by its weights, whatever the folder is called.
    """
    if (folder / ABOUT).is_file():
        return _declared(folder / ABOUT)
    weights = folder / WEIGHTS
    sizes = {known.megabytes for known in presets().values()}
    if not weights.is_file() or round(weights.stat().st_size / 1e6) not in sizes:
        return About()
    digest = files.file_digest(weights)
    for known in presets().values():
        if known.weights == digest:
            return About(frozenset(known.languages), known.query_prefix)
    return About()


def _declared(path: Path) -> About:
    try:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} is not TOML ({error}); it may hold languages and query_prefix"
        ) from error
    languages, prefix = row.get("languages"), row.get("query_prefix", "")
    if not isinstance(prefix, str) or not (
        languages is None
        or (isinstance(languages, list) and all(isinstance(x, str) for x in languages))
    ):
        raise InputError(f'{path} should hold languages = ["en", ...] and query_prefix = "..."')
    return About(None if languages is None else frozenset(languages), prefix)


def refuse_unsafe(folder: Path, name: str) -> None:
    """Raise InputError when a model folder holds pickled weights only, or brings code."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in PICKLED and not any(path.parent.glob("*.safetensors")):
            raise InputError(
                f"{name} holds only pickled weights ({path.relative_to(folder).as_posix()}), which"
                " can run code when they are read: save the model as safetensors, name its folder"
            )
    for path in sorted(folder.rglob("config.json")):
        if "auto_map" in _json(path):
            raise InputError(
                f"{name} wants to run code that comes with it (auto_map in"
                f" {path.relative_to(folder).as_posix()}): narrashift never does; choose a model"
                " that needs none"
            )
    for module in _modules(folder / "modules.json"):
        if not module.startswith("sentence_transformers."):
            raise InputError(
                f"{name} wants to run code that comes with it (module {module!r}): narrashift never"
                " does; choose a model that needs none"
            )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as JSON: {error}; fetch the model again"
        ) from error


def _modules(path: Path) -> list[str]:
    rows = _json(path) if path.is_file() else []
    return [str(row.get("type", "")) for row in rows if isinstance(row, dict)]


def check(name: str) -> Checked:
    """Compare the weights of a preset, or of a folder, with what was pinned.

    Raises
    ------
    UnknownPlugin
        Neither a preset nor a folder.
    """
    if name in presets():
        known, folder = preset(name), installed_folder(name)
        if folder is None:
            return Checked(name, None, "not installed", expected=known.weights)
        found = files.file_digest(folder / WEIGHTS)
        state: Literal["as pinned", "differs"] = (
            "as pinned" if found == known.weights else "differs"
        )
        return Checked(name, str(folder), state, found, known.weights, _digests(folder))
    folder = Path(name)
    if not folder.is_dir():
        raise UnknownPlugin("model", name, [*presets(), "<folder>"])
    refuse_unsafe(folder, name)
    found_files = _digests(folder)
    found_weights = found_files.get(WEIGHTS)
    pinned = any(known.weights == found_weights for known in presets().values())
    return Checked(
        name, str(folder), "as pinned" if pinned else "unpinned", found_weights, None, found_files
    )


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): files.file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in {".safetensors", ".json", ".txt", ".model"}
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }  # fmt: skip


def fetch(name: str, *, download: Download | None = None, quiet: bool = False) -> Path:
    """Download a preset at its pinned commit, check its weights, return its folder.

    The only function of narrashift that uses a network. `download` takes what
    `huggingface_hub.snapshot_download` takes.

    Raises
    ------
    MissingModel
        The download failed; the message says how to bring the model by other means.
    InputError
        What came is not what was pinned; it is removed.
    """
    known = preset(name)
    final = models_folder() / name
    if (final / WEIGHTS).is_file() and files.file_digest(final / WEIGHTS) == known.weights:
        return final
    part = files.aside(final)
    shutil.rmtree(part, ignore_errors=True)
    try:
        _download(known, part, download or _hub(quiet))
        refuse_unsafe(part, known.repo)
        _require_pinned(part, known)
        shutil.rmtree(part / ".cache", ignore_errors=True)
        shutil.rmtree(final, ignore_errors=True)
        files.replace(part, final)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return final


def _hub(quiet: bool) -> Download:
    if find_spec("huggingface_hub") is None:
        raise MissingDependency("fetching a model", HUB_LINE)
    # It would also ask its server about the program that uses it.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    if quiet:
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from huggingface_hub import snapshot_download

    return snapshot_download


def _download(known: Preset, folder: Path, download: Download) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        download(
            known.repo,
            revision=known.revision,
            local_dir=str(folder),
            allow_patterns=list(ALLOWED),
            ignore_patterns=list(IGNORED),
        )
    except Exception as error:  # every transport has errors of its own
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise _unreachable(known, reason) from error


def _unreachable(known: Preset, reason: str) -> MissingModel:
    sentence = (
        f"{known.repo} could not be downloaded ({reason}); connect and run again, or copy the files"
        f" of revision {known.revision} into {models_folder() / known.name} and check them with:"
        f" narrashift models check {known.name}"
    )
    return MissingModel(known.name, f"narrashift models get {known.name}", sentence=sentence)


def _require_pinned(folder: Path, known: Preset) -> None:
    weights = folder / WEIGHTS
    found = files.file_digest(weights) if weights.is_file() else "no such file"
    if found != known.weights:
        raise InputError(
            f"{known.repo} at {known.revision[:12]}: {WEIGHTS} should have sha256"
            f" {known.weights[:12]}... and has {found[:12]}...; nothing was kept: try again, and if"
            " it stays so, do not use it"
        )
