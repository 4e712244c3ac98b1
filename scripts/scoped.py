"""What the scripts that make a case share: arguments in, one call, a case out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus.errors import NarrashiftError
from narrashift.api import analyze_files
from narrashift.terminal import TerminalProgress, make_safe


def run_scope(about: str, *, scope: str, files: str, profiles: bool = False) -> int:
    """Parse `FILE... --out CASE`, run as far as `scope`, print what came out; return the exit code.

    `about` is the script's docstring, `files` says what the files hold; `profiles` reads them as
    profile snapshots instead of posts.
    """
    make_safe(sys.stdout, sys.stderr)
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, help=files)
    parser.add_argument("--out", required=True, type=Path, help="folder of the case")
    given = parser.parse_args()
    posts, histories = ([], given.files) if profiles else (given.files, [])
    progress = TerminalProgress()
    try:
        analysis = analyze_files(posts, histories, out=given.out, scope=scope, progress=progress)
    except NarrashiftError as error:
        parser.exit(error.exit_code, f"error: {error}\n")
    finally:
        progress.close()
    print(analysis)
    print(given.out)
    return 0
