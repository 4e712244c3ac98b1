"""Pictures for notebooks, drawn with matplotlib: posts over time, the narrative map, persona lanes.

In: an analysis. Out: matplotlib Axes, so that a caller can go on with them. Labels are redacted
like every output and drawn as they are: no mathematics is read in them, right-to-left scripts keep
their order where matplotlib can shape them, and a letter that no installed font holds stands as □.
matplotlib is the extra `plots` and is imported when the first picture is drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from corpus.errors import InputError, MissingDependency
from reports.charts import choose_bins, count_in_bins
from reports.clean import for_stdout
from reports.decided import with_decisions
from reports.links import Links
from reports.narrative_findings import event_window
from reports.persona_lanes import spans
from reports.released import released
from reports.report_narratives import ordered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from narrashift.analysis import Analysis
    from reports.redaction import Redactor

PIP_LINE = 'pip install "narrashift[plots]"'
# Lines that can still be told apart in one picture; marks that can still be read on one map.
MAX_LINES, MAX_MARKS, MAX_NUMBERED = 6, 60, 20
LABEL_CHARS = 48
MISSING = "□"
# Families that hold what the first lacks; those that are not installed are passed over.
FAMILIES = (
    "DejaVu Sans", "Noto Sans", "Noto Sans Arabic", "Vazirmatn", "Noto Naskh Arabic",
    "Noto Sans Hebrew", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans Devanagari",
    "Noto Emoji", "Arial", "Segoe UI", "Tahoma", "Arial Unicode MS",
)  # fmt: skip
# Colours of Okabe and Ito (2008), told apart by most kinds of colour vision; shapes say it again.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
SHAPES = "osD^vPX*"
# Marker areas in square points: the smallest is seen, the largest leaves room.
LEAST_AREA, MOST_AREA = 30.0, 700.0


class Plots:
    """The pictures of one analysis; `analysis.plot` makes it."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis

    def _data(self, redact: str | None) -> tuple[Links, Redactor]:
        redactor = self._analysis.redactor(redact, output="plot")
        return Links(with_decisions(released(self._analysis.arrow, redactor))), redactor

    def timeline(
        self, *, narratives: int = MAX_LINES, redact: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw posts over time: all, and the first narratives in the order of the report.

        Parameters
        ----------
        narratives
            How many, at most 6.
        redact
            pseudonym, full or none; None: the case's own.
        ax
            Where to draw; None makes a figure.

        Raises
        ------
        MissingDependency
            Without matplotlib.
        InputError
            When no post has a time.
        """
        plt = _pyplot("a timeline")
        links, redactor = self._data(redact)
        timed = links.written.filter(pc.is_valid(links.written["created_at"]))
        if not timed.num_rows:
            raise InputError("no post of this case has a time, so there is no timeline to draw")
        event = event_window(self._analysis.settings)
        bins = choose_bins(timed["created_at"][0].as_py(), timed["created_at"][-1].as_py())
        times = [bins.at(place) for place in range(bins.number)]
        axes: Any = ax if ax is not None else plt.subplots(figsize=(9, 4), layout="constrained")[1]
        every = count_in_bins(timed["created_at"], bins)
        handles = [axes.fill_between(times, every, step="post", color="#cccccc", linewidth=0)]
        labels = ["all posts"]
        shown = ordered(links, event)[: min(narratives, MAX_LINES)]
        for row, colour in zip(shown, COLOURS, strict=False):
            own = timed.filter(pc.equal(timed["narrative_id"], row["narrative_id"]))
            counts = count_in_bins(own["created_at"], bins)
            handles += axes.step(times, counts, where="post", color=colour, linewidth=1.4)
            labels.append(redactor.label(row["label"]))
        if event:
            axes.axvspan(*event, color="#f3dfae", zorder=0)
        _titled(
            axes, f"Posts per {bins.word()}, reposts left out" + (" (band: event)" * bool(event))
        )
        _legend(axes, handles, labels)
        axes.set_ylim(bottom=0)
        _dated(axes)
        drawn: Axes = axes
        return drawn

    def narrative_map(
        self, *, space: str | None = None, redact: str | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw the narratives of one space; area: accounts, shape and colour: language.

        Parameters
        ----------
        space
            A language, or pooled, as in the table narrative_map; None: that with most narratives.
        redact, ax
            As in `timeline`.

        Raises
        ------
        MissingDependency
            Without matplotlib.
        InputError
            When the case has no map, or none of that space.
        """
        plt = _pyplot("the narrative map")
        links, redactor = self._data(redact)
        places = links["narrative_map"].to_pylist()
        if not places:
            raise InputError("this case has no narrative map; analyze posts that form narratives")
        spaces = sorted({row["space"] for row in places})
        size = {name: sum(row["space"] == name for row in places) for name in spaces}
        chosen = space or min(spaces, key=lambda name: (-size[name], name))
        if chosen not in size:
            raise InputError(f"no narrative has a place in {chosen!r}; spaces: {', '.join(spaces)}")
        known = {r["narrative_id"]: r for r in links["narratives"].to_pylist()}
        own = [r for r in places if r["space"] == chosen and r["narrative_id"] in known]
        own.sort(key=lambda r: (-known[r["narrative_id"]]["accounts"], r["narrative_id"]))
        axes: Any = ax if ax is not None else plt.subplots(figsize=(9, 6), layout="constrained")[1]
        _marks(axes, own[:MAX_MARKS], known, redactor)
        least = len(own) - min(len(own), MAX_MARKS)
        more = f"; {least} smaller ones left out" if least else ""
        _titled(axes, f"Narratives ({chosen}): distance is approximate{more}")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_aspect("equal", adjustable="datalim")
        axes.margins(0.12)
        drawn: Axes = axes
        return drawn

    def personas(self, account: str, *, redact: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw what an account showed and claimed over time: a row for each field and claim.

        Parameters
        ----------
        account
            Id, pseudonym or handle.
        redact, ax
            As in `timeline`.

        Raises
        ------
        MissingDependency
            Without matplotlib.
        SettingsError
            When no account, or more than one, is called so.
        InputError
            When nothing of it with a time may be shown.
        """
        from narrashift.closer import thing_in

        plt = _pyplot("persona lanes")
        links, redactor = self._data(redact)
        _, id_ = thing_in(self._analysis, account, ["account"], redact)
        lanes = spans(links, id_)
        if not lanes:
            raise InputError(
                f"account {redactor.account(id_)} has no claim or profile state with a time"
            )
        height = 1.2 + 0.45 * len(lanes)
        axes: Any = (
            ax if ax is not None else plt.subplots(figsize=(9, height), layout="constrained")[1]
        )
        _lanes(axes, lanes)
        _titled(axes, f"What account {redactor.account(id_)} showed and claimed")
        _dated(axes)
        drawn: Axes = axes
        return drawn


def _pyplot(what: str) -> Any:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingDependency(what, PIP_LINE) from error
    return plt


@cache
def _fonts() -> tuple[tuple[str, ...], frozenset[int]]:
    """The families that are installed, and every code point that one of them holds."""
    from matplotlib import font_manager

    there = {entry.name for entry in font_manager.fontManager.ttflist}
    families = tuple(name for name in FAMILIES if name in there)
    points: set[int] = set()
    for name in families:
        path = font_manager.findfont(font_manager.FontProperties(family=name))
        points |= set(font_manager.get_font(path).get_charmap())
    return families, frozenset(points)


def drawable(text: str) -> str:
    """Return one line that the installed fonts can draw; what they cannot stands as □."""
    _, points = _fonts()
    line = " ".join(for_stdout(text).split())
    kept = [
        letter if ord(letter) in points else MISSING
        for letter in line
        if ord(letter) in points or unicodedata.category(letter) not in {"Cf", "Mn", "Me"}
    ]
    short = "".join(kept)
    return short if len(short) <= LABEL_CHARS else short[: LABEL_CHARS - 1] + "…"


def _write(label: Any, text: str) -> None:
    """Put words into a label of matplotlib: no mathematics, fonts that hold them."""
    families, _ = _fonts()
    label.set_parse_math(False)
    label.set_fontfamily(list(families))
    label.set_text(text)


def _titled(axes: Any, title: str) -> None:
    _write(axes.set_title("", loc="left", fontsize=11), title)


def _legend(
    axes: Any, handles: Sequence[Any], labels: Sequence[str], *, beside: bool = False
) -> None:
    """A legend; words are put in afterwards, for matplotlib leaves out those that begin with _."""
    names = [str(number) for number in range(len(labels))]
    place = {"bbox_to_anchor": (1, 1)} if beside else {}
    legend = axes.legend(handles, names, loc="upper left", fontsize=8, frameon=False, **place)
    for label, text in zip(legend.get_texts(), labels, strict=True):
        _write(label, drawable(text))


def _dates() -> Any:
    """Matplotlib's dates, whose functions carry no types."""
    from matplotlib import dates

    return dates


def _dated(axes: Any) -> None:
    locator = _dates().AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_dates().ConciseDateFormatter(locator))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _marks(axes: Any, places: Sequence[Any], known: dict[str, Any], redactor: Redactor) -> None:
    most = max((known[row["narrative_id"]]["accounts"] for row in places), default=1)
    langs = sorted({known[row["narrative_id"]]["lang"] for row in places})
    handles: list[Any] = []
    labels: list[str] = []
    for number, lang in enumerate(langs):
        own = [row for row in places if known[row["narrative_id"]]["lang"] == lang]
        areas = [
            LEAST_AREA + MOST_AREA * known[row["narrative_id"]]["accounts"] / max(most, 1)
            for row in own
        ]
        marker, colour = SHAPES[number % len(SHAPES)], COLOURS[number % len(COLOURS)]
        xs, ys = [row["x"] for row in own], [row["y"] for row in own]
        axes.scatter(xs, ys, s=areas, marker=marker, color=colour, alpha=0.6, edgecolors="white")
        handles += axes.plot([], [], linestyle="none", marker=marker, color=colour)
        labels.append(lang)
    for number, row in enumerate(places[:MAX_NUMBERED], 1):
        axes.annotate(str(number), (row["x"], row["y"]), ha="center", va="center", fontsize=8)
        handles += axes.plot([], [], linestyle="none")
        labels.append(f"{number} {redactor.label(known[row['narrative_id']]['label'])}")
    _legend(axes, handles, labels, beside=True)


def _lanes(axes: Any, lanes: Sequence[tuple[str, list[tuple[datetime, datetime]]]]) -> None:
    date2num = _dates().date2num
    ends = [at for _, times in lanes for span in times for at in span]
    least = max((max(ends) - min(ends)) / 200, timedelta(hours=1))
    for place, (_, times) in enumerate(lanes):
        for turn, (start, end) in enumerate(times):
            width = date2num(max(end, start + least)) - date2num(start)
            axes.broken_barh(
                [(date2num(start), width)],
                (place - 0.35, 0.7),
                facecolors="#47798a" if turn % 2 == 0 else "#f2efe7",
                edgecolors="#47798a",
            )
    axes.xaxis_date()
    axes.set_yticks(range(len(lanes)))
    titles = [drawable(title) for title, _ in lanes]
    axes.set_yticklabels(titles)  # written again at each drawing; what else is set stays
    for label, title in zip(axes.get_yticklabels(), titles, strict=True):
        _write(label, title)
    axes.invert_yaxis()
