"""The table that an analyst fills in with what archived pages and screenshots said.

In: files of posts or profiles. Out: a CSV with one row an account and empty columns for a time, the
address of the capture, and what the profile said. Filled in, it is a file for `--profiles` like any
other; copy a row for each further capture. It holds account ids as read: it is a working paper, not
an export.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.errors import SettingsError
from corpus.files import write_text
from corpus.settings import Reading


def write_template(
    target: Path, paths: Sequence[Path], profiles: Sequence[Path], settings: Reading
) -> Path:
    """Write the table and return its path; raise SettingsError when the file is there already."""
    from corpus.histories import snapshot_template
    from corpus.readers import read
    from reports.csv_text import csv_text

    if target.exists():
        raise SettingsError(f"{target} is there already and may hold your work; name another file")
    corpus = read(paths, profiles, settings=settings)
    table = snapshot_template(corpus.posts, corpus.profiles)
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return write_text(target, csv_text([table.column_names, *rows]))
