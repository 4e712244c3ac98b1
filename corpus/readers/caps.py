"""Every cap on what is read, each with why it is where it is.

Everything read is hostile until shown otherwise: a file may be built to fill the memory, to nest
without end, or to unfold into a disk. In: nothing. Out: numbers; whoever reads applies them and
says in one sentence what was too much. A file beyond a cap can always be read after it was unpacked
or cut by hand, so no cap is a setting that somebody could be talked into raising.
"""

from __future__ import annotations

# One row of a table: the longest real posts are below 100 KB; more is damage or an attack.
MAX_ROW_CHARACTERS = 10 * 1024 * 1024
# Text compresses 3 to 30 fold, a deflate bomb about 1,000 fold; below the floor nothing can hurt.
MAX_RATIO = 200
RATIO_FLOOR_BYTES = 64 * 1024 * 1024
# A month of one platform's posts is a few hundred files at most, exported day by day.
MAX_MEMBERS = 2_000
# One member, unpacked: the largest monthly dump that one machine could hold the tables of.
MAX_MEMBER_BYTES = 64 * 1024**3
# zstd --long=31, which public monthly dumps are packed with; larger windows cannot be asked for.
MAX_ZSTD_WINDOW = 2**31
# Brackets open at once in one line of JSON. The deepest real record (a quoted post within a page of
# an interface) nests below 30; parsers that call themselves for each level end at some thousand.
MAX_JSON_DEPTH = 200
# The interpreter itself refuses to read or write a longer number in decimal.
MAX_DIGITS = 4_300
# Characters of a text that patterns look at; long enough for any post.
MAX_SEARCHED_CHARACTERS = 10_000
# Python notation is parsed by the interpreter's own literal parser, which is slow and recursive.
MAX_LITERAL_CHARACTERS = 20_000
