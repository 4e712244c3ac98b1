"""Files of posts and profiles become one corpus; `read` and `inspect` are the doors.

    corpus = read([Path("posts.csv")], [Path("profiles.jsonl")], settings=Reading())
    inspect([Path("posts.csv")]).to_dict()

One module a format (delimited, json_rows, histories, columnar) behind the `Reader` protocol of
`rows`; everything after that is one path for all formats: columns, cells, parts, merge, load.
"""

from collections.abc import Sequence
from pathlib import Path

from corpus.inspection import Inspection, describe
from corpus.readers.load import Corpus, FileReport, read, read_any
from corpus.readers.rows import Reader, Rows
from corpus.settings import Reading

__all__ = ["Corpus", "FileReport", "Inspection", "Reader", "Rows", "inspect", "read"]


def inspect(
    paths: Sequence[Path],
    profile_paths: Sequence[Path] = (),
    settings: Reading | None = None,
) -> Inspection:
    """Read everything and say what is there, without refusing a file whose rows all fail.

    Raises
    ------
    UnknownFormat
        A file has no known format, or its columns could not be understood.
    EmptyCorpus
        A file is empty.
    SettingsError
        A `map` or `keep` entry fits no file.
    """
    corpus = read_any(paths, profile_paths, settings=settings)
    return describe(corpus, paths, profile_paths, settings)
