"""Pictures draw whatever the corpus holds, and a missing matplotlib is one sentence."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from corpus.errors import InputError, MissingDependency
from corpus.tables import ALL
from narrashift import Analysis
from narrashift.plots import drawable

pytest.importorskip("matplotlib", reason="the extra plots is not installed")

LABELS = [
    "نشست ولمورا می‌خواهند · پول",
    "🙂🏴󠁧󠁢󠁳󠁣󠁴󠁿 emoji and 漢字",
    "$x^2$ and \\frac{1}{0} and _under",
    "\x1b[31mred\u202e\x00",
    "_starts with an underscore",
]


@pytest.fixture(autouse=True)
def drawing(monkeypatch: pytest.MonkeyPatch, desk_key: Path) -> Iterator[None]:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    monkeypatch.setenv("NARRASHIFT_KEY", str(desk_key))
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def analysis(desk_case: Path) -> Analysis:
    """The case with labels that break things."""
    known = Analysis.load(desk_case)
    table = known.arrow["narratives"]
    labels = [LABELS[place % len(LABELS)] for place in range(table.num_rows)]
    place, field = table.column_names.index("label"), table.schema.field("label")
    return Analysis(
        {
            **known.arrow,
            "narratives": table.set_column(place, field, pa.array(labels, pa.string())),
        },
        known.manifest,
    )


def drawn(axes: Any) -> list[str]:
    """Draw for real, as warnings come only then; return the words of the legend."""
    axes.figure.canvas.draw()
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def test_the_timeline_draws_labels_of_every_script_as_they_are(analysis: Analysis) -> None:
    words = drawn(analysis.plot.timeline(redact="none"))
    assert words[0] == "all posts"
    assert any("نشست" in word for word in words)
    assert len(words) == 1 + analysis.arrow["narratives"].num_rows


def test_the_bars_of_the_timeline_add_up_to_the_posts_with_a_time(analysis: Analysis) -> None:
    axes = analysis.plot.timeline(narratives=6)
    axes.figure.canvas.draw()
    table = analysis.arrow["posts"]
    written = [k for k, at in zip(table["kind"].to_pylist(), table["created_at"].to_pylist(),
                                  strict=True) if k != "repost" and at is not None]  # fmt: skip
    assert sum(sum(line.get_ydata()) for line in axes.get_lines()) <= len(written)
    assert max(path.get_extents().y1 for path in axes.collections[0].get_paths()) >= 1


def test_the_map_draws_one_space_and_names_the_others(analysis: Analysis) -> None:
    spaces = sorted(set(analysis.arrow["narrative_map"]["space"].to_pylist()))
    for space in spaces:
        axes = analysis.plot.narrative_map(space=space)
        drawn(axes)
        assert space in axes.get_title(loc="left")
    with pytest.raises(InputError, match=spaces[0]):
        analysis.plot.narrative_map(space="tlh")


def test_a_picture_is_drawn_where_it_is_asked_for(analysis: Analysis) -> None:
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, 2)
    assert analysis.plot.timeline(ax=axes[0]) is axes[0]
    assert analysis.plot.narrative_map(ax=axes[1]) is axes[1]


def test_persona_lanes_are_named_and_show_no_real_id(analysis: Analysis) -> None:
    axes = analysis.plot.personas("mira_k")
    axes.figure.canvas.draw()
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert "bio" in names
    assert any("communist" in name for name in names)
    assert analysis.redactor().account("1000") in axes.get_title(loc="left")
    assert "mira_k" not in axes.get_title(loc="left") + " ".join(names)


def test_nothing_to_draw_is_said(analysis: Analysis) -> None:
    empty = Analysis({"posts": ALL["posts"].empty()}, analysis.manifest)
    with pytest.raises(InputError, match="no post of this case has a time"):
        empty.plot.timeline()
    with pytest.raises(InputError, match="no narrative map"):
        empty.plot.narrative_map()


@pytest.mark.parametrize("label", LABELS)
def test_what_is_drawn_holds_no_control_and_only_letters_a_font_has(label: str) -> None:
    shown = drawable(label)
    assert shown.replace("\u200c", "").isprintable()
    assert len(shown) <= 48
    assert drawable("abc نشست") == "abc نشست"


def test_without_matplotlib_the_error_carries_the_line_that_installs_it(
    analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependency, match=r'pip install "narrashift\[plots\]"'):
        analysis.plot.timeline()
