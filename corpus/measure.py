"""How much memory has this process used at most? For the manifest's stage table.

In: nothing. Out: MiB. The figure is the process's highest resident size since it started, so it
never falls from one stage to the next.
"""

from __future__ import annotations

import sys


def peak_mib() -> float:
    """Return the highest resident memory of this process in MiB."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    peak = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
