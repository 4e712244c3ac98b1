"""Files of posts and profiles become one corpus; `read` and `inspect` are the doors.

    corpus = read([Path("posts.csv")], [Path("profiles.jsonl")], settings=Reading())
    inspect([Path("posts.csv")]).to_dict()

One module a format (delimited, json_rows, histories, columnar) behind the `Reader` protocol of
`rows`; everything after that is one path for all formats: columns, cells, parts, merge, load.
"""

from collections.abc import Sequence
from pathlib import Path

from corpus.inspection import Inspection, describe
from corpus.readers.dry_run import read_each
from corpus.readers.load import Corpus, FileReport, read
from corpus.readers.rows import Reader, Rows
from corpus.settings import Reading

__all__ = ["Corpus", "FileReport", "Inspection", "Reader", "Rows", "inspect", "read"]


def inspect(
    paths: Sequence[Path],
    profile_paths: Sequence[Path] = (),
    settings: Reading | None = None,
) -> Inspection:
    """Read everything and say what is there, without refusing a file whose rows all fail.

    Where some files can be read, the others are `unread`: a sentence each.

    Raises
    ------
    UnknownFormat
        No file has a known format and columns that can be understood.
    EmptyCorpus
        No file holds anything.
    SettingsError
        A `map` or `keep` entry fits no file.
    """
    corpus, unread = read_each(paths, profile_paths, settings or Reading())
    return describe(corpus, paths, profile_paths, settings, unread=unread)
