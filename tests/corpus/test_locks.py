"""One writer a case: the second waits or is told who holds it, and the dead hold nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corpus.errors import WorkspaceError
from corpus.locks import NAME, only_writer

HOLD = """
import sys, time
from pathlib import Path
from corpus.locks import only_writer
with only_writer(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def holder(case: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(case), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_is_told_who_holds_the_case(tmp_path: Path) -> None:
    process = holder(tmp_path, 60)
    try:
        said: list[str] = []
        with (
            pytest.raises(WorkspaceError, match=rf"in use by process {process.pid} on .* since 20"),
            only_writer(tmp_path, said.append, wait_s=0.3),
        ):
            pytest.fail("two at once")
        assert len(said) == 1
        assert "waiting for it" in said[0]
    finally:
        process.kill()
        process.communicate()


def test_the_second_waits_and_then_works(tmp_path: Path) -> None:
    process = holder(tmp_path, 0.6)
    said: list[str] = []
    with only_writer(tmp_path, said.append, wait_s=60):
        pass
    assert ["waiting" in sentence for sentence in said] == [True]
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_process_holds_nothing_and_is_named(tmp_path: Path) -> None:
    process = holder(tmp_path, 60)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    said: list[str] = []
    with only_writer(tmp_path, said.append, wait_s=0):
        pass
    assert f"process {process.pid}" in said[0]
    assert "ended without letting go" in said[0]
    with only_writer(tmp_path, said.append, wait_s=0):
        pass
    assert len(said) == 1
    assert (tmp_path / NAME).read_bytes() == b""


def test_one_thread_may_enter_again_another_waits(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with only_writer(tmp_path, order.append):
            order.append("second")

    with only_writer(tmp_path, order.append), only_writer(tmp_path, order.append):
        other = threading.Thread(target=second)
        other.start()
        time.sleep(0.3)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_a_place_that_cannot_hold_a_case_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with (
        pytest.raises(WorkspaceError, match="cannot write the case folder"),
        only_writer(tmp_path / "file" / "case", print),
    ):
        pytest.fail("a file is no folder")
