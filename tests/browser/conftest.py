"""One report of the shipped campaign in headless Chromium, for all tests of this folder.

The case is analysed once a session; NARRASHIFT_BROWSER_CASE names a case folder to use instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from narrashift.analysis import Analysis


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The shipped campaign takes more than a minute to analyse."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if "shipped" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def shipped(key: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analysis]:
    """The shipped campaign, analysed as `narrashift demo` does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRASHIFT_KEY", str(key))
        yield _analysed(tmp_path_factory)


def _analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    stated = os.environ.get("NARRASHIFT_BROWSER_CASE")
    if stated:
        return Analysis.load(stated)
    from corpus.settings import Settings
    from narrashift.api import analyze_files
    from narrashift.demo import demo_inputs

    inputs = demo_inputs()
    start, end = inputs.event.split("/")
    settings = Settings.load(
        overrides={"event.start": start, "event.end": end, "narratives.embedder": "fitted"}
    )
    out = tmp_path_factory.mktemp("shipped") / "case"
    return analyze_files(inputs.posts, inputs.profiles, out=out, settings=settings)


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the key of the pseudonyms lies during these tests."""
    return tmp_path_factory.mktemp("key") / "key"


@pytest.fixture(scope="session")
def report(shipped: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report's file, with pseudonyms."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(shipped.report().encode("utf-8"))
    return path


class Opened:
    """A page in a tab, with everything it complained about or asked for."""

    def __init__(self, chromium: Any, path: Path, at: str, **options: Any) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = chromium.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri() + at)
        if options.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-ready]")


@pytest.fixture
def open_report(chromium: Any, report: Path) -> Iterator[Callable[..., Opened]]:
    """Open the report in a tab of its own; everything it complained about fails the test."""
    tabs: list[Opened] = []

    def open_at(at: str = "", **options: Any) -> Opened:
        tabs.append(Opened(chromium, report, at, **options))
        return tabs[-1]

    yield open_at
    for tab in tabs:
        assert tab.complaints == []
        assert {url.split(":")[0] for url in tab.requests} <= {"file", "blob", "data"}
        assert len([url for url in tab.requests if url.startswith("file")]) >= 1
        tab.context.close()
