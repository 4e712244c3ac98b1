"""Names under which an analyst's own columns stand in `kept_columns`, where they mean something."""

from __future__ import annotations

# Further texts of a post, as the file gives them: shown under the quote, and analyzed on request.
SIDE_TEXTS = ("translation", "ocr_text", "transcript", "alt_text")
# Digests of what a post shows: two posts with one digest show the same picture, film or file.
HASHES = ("image_hash", "video_hash", "media_hash")
# The text as written, kept where another column was analyzed instead.
WRITTEN = "text_as_written"
