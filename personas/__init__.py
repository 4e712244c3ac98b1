"""What accounts claimed about themselves, and how that changed. Part of narrashift.

    from personas import extract_claims, PersonaTracker

Both load on first use, so that importing the package stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personas.claims import extract_claims as extract_claims
    from personas.estimator import PersonaTracker as PersonaTracker

_HOMES = {"extract_claims": "personas.claims", "PersonaTracker": "personas.estimator"}
__all__ = ["PersonaTracker", "extract_claims"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'personas' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
