"""A page on one thing as HTML: one file, no script, the report's own style, closed by a policy.

In: a `Page`. Out: the document, and the same in a closed frame for notebooks. Text reaches it by
escaping alone.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from reports.closer import Page
from reports.html import rendered
from reports.page_assets import policy, style

# Tall enough to show what the thing is; the frame scrolls.
FRAME_HEIGHT = 560


def page_html(page: Page) -> str:
    """Return the page as one self-contained HTML document."""
    return rendered("closer.html.j2", page=page, style=Markup(style()), policy=policy())


def framed(document: str) -> str:
    """Return a document as a frame in which no script runs, for a notebook's output."""
    return (
        f'<iframe sandbox="" width="100%" height="{FRAME_HEIGHT}" title="narrashift"'
        f' srcdoc="{escape(document)}"></iframe>'
    )
