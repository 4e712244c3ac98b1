"""What is in these files, and what will it allow? The dry run before an analysis.

In: a `Corpus` that was read without complaint. Out: `Inspection`: formats, mappings, rows and
rejects, accounts, time span, languages, snapshots, whether persona tracking can be assessed, what
was guessed, and at most three commands worth running next. It decides nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.guesses import Guess, guesses_about
from corpus.histories import where_history_is
from corpus.next_commands import next_commands
from corpus.rejects import DAMAGED_ID, count_reasons
from corpus.settings import Reading
from corpus.tables.own_columns import WRITTEN

if TYPE_CHECKING:
    from corpus.readers.load import Corpus, FileReport

# The most frequent languages are enough for a first look.
SHOWN_LANGUAGES = 12
STATE = ("handle", "display_name", "bio", "location")


@dataclass(frozen=True)
class Inspection:
    """A first look; times are ISO text (UTC), shares 0..1, null where nothing is known.

    `first_at` and `last_at` are those of the posts; without posts, those of the profiles.
    """

    formats: tuple[str, ...]
    files: tuple[FileReport, ...]
    unread: tuple[str, ...]
    rows_read: int
    rows_kept: int
    rejected: dict[str, int]
    reject_share: float
    damaged_ids: int
    own_columns: tuple[str, ...]
    posts: int
    kinds: dict[str, int]
    accounts: int
    first_at: str | None
    last_at: str | None
    precision: tuple[str, ...]
    languages: dict[str, int]
    platforms: tuple[str, ...]
    snapshots: int
    dated_snapshots: int
    accounts_with_profile: int
    accounts_with_two_snapshots: int
    accounts_with_changes: int
    personas_assessable: bool
    personas: str
    history: tuple[str, ...]
    guesses: tuple[Guess, ...]
    notes: tuple[str, ...]
    next_commands: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dictionaries and lists, ready for JSON."""
        return asdict(self)


def describe(
    corpus: Corpus,
    paths: Sequence[Path] = (),
    profile_paths: Sequence[Path] = (),
    settings: Reading | None = None,
    *,
    unread: Sequence[str] = (),
) -> Inspection:
    """Summarise what was read; `paths` and `settings` serve guesses and suggested commands.

    `unread` are sentences on files that could not be read.
    """
    reading = settings or Reading()
    posts, profiles = corpus.posts, corpus.profiles
    dated = profiles.filter(pc.is_valid(profiles.column("observed_at")))
    two, changed = _histories(dated)
    possible, sentence = _personas(profiles.num_rows, dated.num_rows, two, changed)
    times = posts.column("created_at") if posts.num_rows else profiles.column("observed_at")
    span = pc.min_max(times).as_py()
    return Inspection(
        formats=tuple(_format(file) for file in corpus.files),
        files=corpus.files,
        unread=tuple(unread),
        rows_read=sum(file.rows_read for file in corpus.files),
        rows_kept=sum(file.rows_kept for file in corpus.files),
        rejected=count_reasons(corpus.rejects),
        reject_share=corpus.reject_share,
        damaged_ids=count_reasons(corpus.rejects).get(DAMAGED_ID, 0),
        own_columns=_own(corpus),
        posts=posts.num_rows,
        kinds=_counts(posts.column("kind")),
        accounts=_accounts(posts, profiles),
        first_at=span["min"].isoformat() if span["min"] else None,
        last_at=span["max"].isoformat() if span["max"] else None,
        precision=tuple(sorted(_counts(posts.column("time_precision")))),
        languages=dict(list(_counts(posts.column("lang")).items())[:SHOWN_LANGUAGES]),
        platforms=_platforms(posts, profiles),
        snapshots=profiles.num_rows,
        dated_snapshots=dated.num_rows,
        accounts_with_profile=pc.count_distinct(profiles.column("account_id")).as_py(),
        accounts_with_two_snapshots=two,
        accounts_with_changes=changed,
        personas_assessable=possible,
        personas=sentence,
        history=where_history_is(_platforms(posts, profiles), _accounts(posts, profiles), two),
        guesses=guesses_about(corpus.files, reading),
        notes=corpus.notes,
        next_commands=next_commands(corpus, paths, profile_paths, possible, reading),
    )


def _format(file: FileReport) -> str:
    """Name and format of a file, and whether its mapping is an experimental one."""
    from corpus.readers.mapping_files import preset_named

    if file.preset is None:
        return f"{file.name}: {file.format}, columns taken by their names"
    preset = preset_named(file.preset)
    return f"{file.name}: {preset.title}{' (experimental)' if preset.experimental else ''}"


def _own(corpus: Corpus) -> tuple[str, ...]:
    """Names of the analyst's own columns that would travel with the posts."""
    kept = corpus.kept_columns
    if kept is None:
        return ()
    named = [name for name in kept.column_names if name not in {"post_id", WRITTEN}]
    return tuple(name for name in named if kept[name].null_count < kept.num_rows)


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    """Values by falling frequency, ties by name; null left out."""
    pairs = [(c["values"], c["counts"]) for c in pc.value_counts(column.drop_null()).to_pylist()]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _accounts(posts: pa.Table, profiles: pa.Table) -> int:
    known = {*pc.unique(posts.column("account_id")).to_pylist()}
    known |= {*pc.unique(profiles.column("account_id")).to_pylist()}
    return len(known - {None})


def _platforms(posts: pa.Table, profiles: pa.Table) -> tuple[str, ...]:
    named = {*_counts(posts.column("platform")), *_counts(profiles.column("platform"))}
    return tuple(sorted(named - {""}))


def _histories(dated: pa.Table) -> tuple[int, int]:
    """Accounts seen at two times or more, and those of them whose profile differs."""
    if not dated.num_rows:
        return 0, 0
    frame = dated.select(["account_id", "observed_at", *STATE]).to_pandas()
    seen = frame.groupby("account_id")["observed_at"].nunique()
    states = frame.drop_duplicates(["account_id", *STATE])["account_id"].value_counts()
    return int((seen > 1).sum()), int((states > 1).sum())


def _personas(snapshots: int, dated: int, two: int, changed: int) -> tuple[bool, str]:
    """Whether shifts between profiles can be assessed at all, in one sentence."""
    if two:
        return True, (
            f"persona tracking can be assessed for {two:,} accounts seen at two or more times; the "
            f"profile of {changed:,} of them differs"
        )
    if dated:
        return False, "single snapshot an account: a shift between profiles cannot be assessed"
    if snapshots:
        return False, (
            "profile snapshots without a time: a shift between profiles cannot be assessed; "
            "give the time with --observed-at and add a second dump with --profiles"
        )
    return False, (
        "no profile snapshots: only what the posts say can be followed; add a dump with --profiles"
    )


def missing_columns(corpus: Corpus) -> dict[str, str]:
    """Fields that no row has, each with what that costs; for the report's "not assessed"."""
    costs = {
        "account_id": "accounts, coordination and personas",
        "created_at": "order, bursts, timelines and first posters",
    }
    return {
        name: cost
        for name, cost in costs.items()
        if corpus.posts.column(name).null_count == corpus.posts.num_rows
    }
