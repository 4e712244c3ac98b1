"""Fixtures that every test may use: the folder of real corpora, and blocked sockets."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No test asserts a time: a slow machine is no failure. The same examples on every run of CI.
settings.register_profile("narrashift", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("narrashift")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("NARRASHIFT_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("real corpora absent: set NARRASHIFT_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing may reach a network; loopback stays open for Spark and the browser driver."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        local = self.family == getattr(socket, "AF_UNIX", None) or (
            isinstance(address, tuple) and address[0] in {"127.0.0.1", "::1", "localhost"}
        )
        if not local:
            raise AssertionError(f"a test tried to reach the network: {address}")
        real(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield


# No background traffic, no first-run page: what is requested is what the page asks for.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium; one for all tests: two drivers cannot run in one process."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    stated = os.environ.get("NARRASHIFT_CHROMIUM")
    path = stated or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium: install it or set NARRASHIFT_CHROMIUM")
    with sync_api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()
