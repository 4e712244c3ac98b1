"""When is now? The one place that reads the clock for anything that is written down.

SOURCE_DATE_EPOCH wins, so that tables, report and exports can be byte-identical between runs.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from corpus.errors import SettingsError


def now() -> datetime:
    """Return the present time in UTC, or the one that SOURCE_DATE_EPOCH names."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError):
        raise SettingsError(
            f"SOURCE_DATE_EPOCH is {text!r}; expected seconds since 1970 such as 1595030400"
        ) from None
