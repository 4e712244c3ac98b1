"""Every error narrashift raises on purpose, drawn as one tree.

    NarrashiftError
    ├── InputError (ValueError)          what was read cannot be used           exit 3
    │   ├── UnknownFormat                no reader recognises the file, or two do
    │   ├── ZoneUnknown                  local times of a place that nobody named
    │   ├── SchemaError                  a table lacks a column or holds a wrong type
    │   └── EmptyCorpus                  nothing was left to analyse
    ├── SettingsError (ValueError)       settings or options; lists every problem  exit 2
    ├── PluginError (ImportError)        an optional part could not be used      exit 5
    │   ├── MissingDependency            carries the pip line that installs it
    │   │   └── MissingModel             carries the line that fetches it
    │   └── UnknownPlugin                lists the names that are known             exit 2
    ├── EngineError (RuntimeError)       an engine cannot run a stage            exit 1
    └── WorkspaceError (OSError)         the case folder cannot be read or written exit 3

Each message says what was found, what was expected, and what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence


class NarrashiftError(Exception):
    """The root of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(NarrashiftError, ValueError):
    """A file or frame cannot be used as it is."""

    exit_code = 3


class UnknownFormat(InputError):
    """No reader recognises a file, or its columns could not be understood."""


class ZoneUnknown(InputError):
    """A file states local times, and neither it nor the settings say of which zone."""


class SchemaError(InputError):
    """A table does not keep its contract."""


class EmptyCorpus(InputError):
    """Nothing is left to analyse."""


class SettingsError(NarrashiftError, ValueError):
    """One or more settings cannot be used; `problems` holds one sentence for each."""

    exit_code = 2

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class PluginError(NarrashiftError, ImportError):
    """An optional part failed to load."""

    exit_code = 5


class MissingDependency(PluginError):
    """An optional dependency is not installed; the message ends with the line that installs it."""

    def __init__(self, needed_for: str, pip_line: str) -> None:
        self.pip_line = pip_line
        super().__init__(f"{needed_for} needs a package that is not installed; run: {pip_line}")


class MissingModel(MissingDependency):
    """A model is not on this machine; the message says how to bring it."""

    def __init__(self, needed: str, line: str, *, sentence: str | None = None) -> None:
        self.pip_line = line
        absent = f"{needed} is not on this machine, and nothing is downloaded during an analysis"
        PluginError.__init__(self, sentence or f"{absent}; run: {line}")


class UnknownPlugin(PluginError):
    """A name that no installed plug-in carries: what was asked for is wrong, nothing is missing."""

    exit_code = 2

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no {kind} is called {name!r}; known: {', '.join(sorted(known))}")


class EngineError(NarrashiftError, RuntimeError):
    """An engine cannot carry out a stage."""


class WorkspaceError(NarrashiftError, OSError):
    """A case folder is missing, damaged or not writable."""

    exit_code = 3
