"""What was exported, as a record and as lines.

In: what `write_exports` returns. Out: a record for --json (each file with its rows and sha256), and
one line a file for people and scripts: its path.
"""

from __future__ import annotations

from typing import Any

from narrashift.exporting import Exports


def export_record(made: Exports) -> dict[str, Any]:
    """Return what was written; `rows` is null for prose."""
    return {
        "folder": str(made.folder),
        "redaction": made.redaction,
        "files": [
            {
                "path": str(file.path),
                "format": file.format,
                "rows": file.rows,
                "sha256": file.sha256,
            }
            for file in made.files
        ],
        "notes": made.notes,
    }


def export_lines(made: Exports) -> list[str]:
    """Return one path a line."""
    return [str(file.path) for file in made.files]
