"""Which engines are there? Looks them up among the installed entry points.

In: a name. Out: an engine. An unknown name lists the known ones.
"""

from __future__ import annotations

from importlib import metadata
from typing import Any

from corpus.errors import PluginError, UnknownPlugin
from engines.engine import Engine

GROUP = "narrashift.engines"


def engine_named(name: str) -> Engine[Any]:
    """Return a new engine; raise UnknownPlugin or PluginError."""
    if name == "local":  # also works from a source tree that nobody installed
        from engines.local import LocalEngine

        return LocalEngine()
    found = {point.name: point for point in metadata.entry_points(group=GROUP)}
    if name not in found:
        raise UnknownPlugin("engine", name, sorted({"local", *found}))
    try:
        engine: Engine[Any] = found[name].load()()
    except ImportError as error:
        dist = found[name].dist
        distribution = dist.name if dist else "an unknown distribution"
        raise PluginError(f"engine {name!r} of {distribution} cannot be loaded: {error}") from error
    return engine
