"""Files of a campaign: posts.csv, profiles.csv and truth/, the same bytes for the same seed.

In: a campaign and a folder. Out: CSV files (UTF-8, line feed, every value quoted where needed),
gzipped on request with no time in the header, one TOML with the event, and digests.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from scripts.campaign import truth, world
from scripts.campaign.drafts import Draft
from scripts.campaign.simulate import Campaign
from scripts.campaign.snapshots import iso

Row = Mapping[str, object]
POST_COLUMNS = (
    *("post_id", "account_id", "handle", "created_at", "text", "lang", "kind", "parent_id"),
)


def write_campaign(campaign: Campaign, folder: Path, *, gzipped: bool = False) -> list[Path]:
    """Write all files; give their paths. Existing files of the same name are replaced."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[Row]] = {
        "posts.csv": [_post(campaign, draft) for draft in campaign.posts],
        "profiles.csv": _profile_rows(campaign),
        "truth/posts.csv": truth.post_rows(campaign),
        "truth/accounts.csv": truth.account_rows(campaign),
        "truth/shifts.csv": truth.shift_rows(campaign),
        "truth/claims.csv": truth.claim_rows(campaign),
        "truth/renames.csv": truth.rename_rows(campaign),
    }
    large = ("posts.csv", "profiles.csv", "truth/posts.csv")
    written = [
        _write_table(folder, name, rows, gzipped and name in large) for name, rows in tables.items()
    ]
    written.append(_write(folder / "truth" / "event.toml", _event().encode("utf-8")))
    written.append(_write(folder / "SHA256SUMS", _digests(folder, written)))
    return written


def post_text(campaign: Campaign, draft: Draft) -> str:
    """Give the text with every open mention filled, and the mark of a repost before it."""
    text = draft.text
    if "{handle}" in text:
        text = text.replace("{handle}", campaign.handle(draft.mention, draft.at_s))
    if draft.kind == "repost" and draft.parent is not None:
        return f"RT @{campaign.handle(draft.parent.account_id, draft.at_s)}: {text}"
    return text


def _post(campaign: Campaign, draft: Draft) -> Row:
    return {
        "post_id": draft.post_id,
        "account_id": draft.account_id,
        "handle": campaign.handle(draft.account_id, draft.at_s),
        "created_at": iso(draft.at_s),
        "text": post_text(campaign, draft),
        "lang": draft.lang,
        "kind": draft.kind,
        "parent_id": draft.parent.post_id if draft.parent is not None else None,
    }


def _profile_rows(campaign: Campaign) -> list[Row]:
    return [
        row for account in campaign.accounts for row in campaign.profiles[account.account_id].rows
    ]


def _event() -> str:
    lines = ["# The summit: 60 hours. Times are UTC.", f'start = "{_stamp(world.EVENT_START)}"']
    return "\n".join([*lines, f'end = "{_stamp(world.EVENT_END)}"', ""])


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_table(folder: Path, name: str, rows: Sequence[Row], gzipped: bool) -> Path:
    data = table_bytes(rows)
    if gzipped:
        return _write(folder / f"{name}.gz", gzip.compress(data, compresslevel=9, mtime=0))
    return _write(folder / name, data)


def table_bytes(rows: Sequence[Row]) -> bytes:
    """Write rows as CSV; None is an empty field. ValueError when there is no row."""
    if not rows:
        raise ValueError("a table of the campaign has no row; ask for more accounts")
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _digests(folder: Path, paths: Iterable[Path]) -> bytes:
    """List the SHA-256 of each file's content (of the CSV inside, for a gzipped one)."""
    lines = []
    for path in sorted(paths):
        data = path.read_bytes()
        content = gzip.decompress(data) if path.suffix == ".gz" else data
        name = path.relative_to(folder).as_posix().removesuffix(".gz")
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    return "".join(lines).encode("ascii")
