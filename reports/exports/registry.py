"""Which formats there are, and who writes each.

In: names as typed. Out: exporters, functions (source, folder) -> what was written; they get tables
that are redacted already and an empty folder of their own. Exporters of other packages join through
the entry point `narrashift.exporters`. A name that nobody carries is refused with the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Protocol

from corpus.errors import PluginError, SettingsError, UnknownPlugin
from reports.exports.source import ExportSource
from reports.exports.written import Written

GROUP = "narrashift.exporters"
# Format -> module:function, loaded when the format is asked for.
BUILT_IN: dict[str, str] = {
    "csv": "reports.exports.csv_files:export_csv",
    "parquet": "reports.exports.parquet_files:export_parquet",
    "ndjson": "reports.exports.ndjson_files:export_ndjson",
    "sqlite": "reports.exports.sqlite_file:export_sqlite",
    "markdown": "reports.exports.markdown_summary:export_markdown",
    "gexf": "reports.exports.gexf_file:export_gexf",
    "graphml": "reports.exports.graphml_file:export_graphml",
    "stix": "reports.exports.stix_bundle:export_stix",
    "coortweet": "reports.exports.coortweet:export_coortweet",
    "toolkit": "reports.exports.toolkit:export_toolkit",
}
# These tell by quoting, so nothing would be left of them without texts.
QUOTING = frozenset({"markdown", "stix"})


class Exporter(Protocol):
    """Writes one format into an empty folder and returns what it wrote."""

    def __call__(self, source: ExportSource, folder: Path) -> list[Written]:
        """Write the files; raise OSError when that fails."""


def formats() -> list[str]:
    """Return the names of all formats: ours in order of use, then those of plug-ins, sorted."""
    others = {point.name.casefold() for point in metadata.entry_points(group=GROUP)}
    return [*BUILT_IN, *sorted(others - set(BUILT_IN))]


def chosen(names: Iterable[str], *, dehydrated: bool = False) -> list[str]:
    """Return formats from what was typed: repeated, with commas, in any case; each once.

    Raises
    ------
    UnknownPlugin
        For a name that nobody carries, with those that there are.
    SettingsError
        When no format was named, or one that quotes shall be dehydrated.
    """
    typed = [part.strip() for name in names for part in name.split(",")]
    wanted = list(dict.fromkeys(part.casefold() for part in typed if part))
    known = formats()
    if not wanted:
        raise SettingsError(f"name a format with --to; known: {', '.join(known)}")
    for name in wanted:
        if name not in known:
            raise UnknownPlugin("export format", name, known)
    quoting = [name for name in wanted if name in QUOTING]
    if dehydrated and quoting:
        rest = [name for name in known if name not in QUOTING]
        raise SettingsError(
            f"{' and '.join(quoting)} cannot be dehydrated, for what is told there is told by"
            f" quotes; choose from {', '.join(rest)}"
        )
    return wanted


def exporter(name: str) -> Exporter:
    """Return one exporter; raise UnknownPlugin, which lists the known names."""
    if name in BUILT_IN:
        return partial(_run_built_in, BUILT_IN[name])
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        if point.name.casefold() == name:
            return partial(_run_plugin, point)
    raise UnknownPlugin("export format", name, formats())


def _run_built_in(place: str, source: ExportSource, folder: Path) -> list[Written]:
    module, _, function = place.partition(":")
    write: Callable[[ExportSource, Path], list[Written]]
    write = getattr(import_module(module), function)
    return write(source, folder)


def _run_plugin(point: metadata.EntryPoint, source: ExportSource, folder: Path) -> list[Written]:
    """Load and run a plug-in; one that fails to load names its distribution (PluginError)."""
    owner = point.dist.name if point.dist is not None else "an unnamed distribution"
    try:
        write: Exporter = point.load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"export format {point.name!r} of {owner} cannot be loaded: {error}; reinstall {owner}"
        ) from error
    return write(source, folder)
