"""A finding's sentence as it is shown outside the report.

In: a statement of the redacted table `findings`. Out: the sentence without the marks around account
ids, which stay in when nothing was redacted.
"""

from __future__ import annotations

import re

_MARKED = re.compile("‹([^‹›]*)›")


def shown_statement(text: str) -> str:
    """Return the sentence for people."""
    return _MARKED.sub(r"\1", text)
