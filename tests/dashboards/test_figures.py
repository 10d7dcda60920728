"""Figures: what is drawn for which records, with nothing lost and nothing run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from dashboards.figures.bars import bars
from dashboards.figures.canvas import Look, spaced
from dashboards.figures.dots import dots
from dashboards.figures.heatmap import heatmap
from dashboards.figures.scene import Scene
from dashboards.figures.squares import confusion
from dashboards.figures.timeline import Level, Line, timeline
from monitor.service.view.curve import Matrix
from monitor.service.view.distribution import Bar, Distribution
from monitor.service.view.drift import Heat, Mover
from monitor.service.view.fairness import GroupRate
from monitor.service.view.mark import Marks, Stretch, Tick

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
EVIL = "<img src=x onerror=alert(1)>"
LOOK = Look("light")


def scene(days: int, *, without: int | None = None, **more: object) -> Scene:
    """Return days, one of them missing if that is wanted."""
    starts = [START + i * DAY for i in range(days) if i != without]
    return Scene(starts, [s + DAY for s in starts], starts[0], starts[-1] + DAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", ["light", "dark", None])
def test_a_line_is_left_open_where_windows_are_missing(scheme: str | None) -> None:
    """A gap is a gap: nothing is drawn from the window before it to the one after."""
    figure = timeline(scene(5, without=2), [Line("", [1.0, 2.0, 3.0, 4.0])], Look(scheme))
    assert figure["data"][-1]["y"] == [1.0, 2.0, None, 3.0, 4.0]


def test_a_missing_value_is_no_zero() -> None:
    """A window without a value has none in the chart either."""
    figure = timeline(scene(3), [Line("", [1.0, None, 3.0], [0.5, None, 2.5], [1.5, None, 3.5])], LOOK)
    assert figure["data"][-1]["y"] == [1.0, None, 3.0]
    assert figure["data"][0]["y"].count(None) == 2  # the band is closed before the gap and after it


def test_names_from_data_are_harmless() -> None:
    """Columns, groups, classes, categories and versions are written as they stand, whatever they hold."""
    marks = Marks((Stretch("inc_1", "critical", START, None, "open"),), (Tick(START + DAY, EVIL),))
    mover = Mover(EVIL, EVIL, 0.3, 0.05, 0.0, None, 0.3, "critical", START, 1)
    heat = Heat((mover,), (START,), (START + DAY,), ((0.3,),), 1)
    shape = Distribution(EVIL, False, (Bar(EVIL, 0.5, 0.5),), (Bar("missing", 0.0, 0.1),), 10, 10)
    drawn = [
        timeline(scene(3, marks=marks), [Line(EVIL, [1.0, 2.0, 3.0]), Line("b", [1.0, 2.0, 3.0])], LOOK),
        heatmap(scene(1), heat, LOOK, EVIL),
        bars(shape, LOOK),
        dots([GroupRate((EVIL,), "ok", 100, 0.5, 0.4, 0.6)], LOOK),
        confusion(Matrix((EVIL, "b"), ((1, 2), (3, 4)), 0), LOOK),
    ]
    for figure in drawn:
        assert EVIL not in json.dumps(figure)


def test_limits_stand_at_the_right_edge_with_their_value() -> None:
    """Each level is a line across, named at its end; words do not cover each other."""
    levels = [Level(0.50, "limit"), Level(0.51, "reference", "reference")]
    layout = timeline(scene(3), [Line("", [0.5, 0.6, 0.505])], LOOK, levels=levels, height=240)["layout"]
    texts = [one["text"] for one in layout["annotations"]]
    assert texts == ["<b>0.505</b>", "limit 0.5", "reference 0.51"]
    heights = sorted(one["y"] for one in layout["annotations"])
    assert min(b - a for a, b in pairwise(heights)) * 200 >= 13.9
    assert [shape["line"]["dash"] for shape in layout["shapes"]] == ["dash", "solid"]


def test_what_waits_for_ground_truth_is_hatched() -> None:
    """Provisional windows are told by more than a colour."""
    figure = timeline(scene(4, provisional=[False, False, True, True]), [Line("", [1.0] * 4)], LOOK)
    [hatched] = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert hatched["marker"]["pattern"]["shape"] == "/"
    assert hatched["width"] == [2 * 86_400_000]


def test_small_groups_are_hollow_and_suppressed_ones_named() -> None:
    """A group too small to tell is drawn open, one too small to show has its name and no number."""
    found = [GroupRate(("a",), "ok", 100, 0.5, 0.4, 0.6), GroupRate(("b",), "small", 12, 0.4, 0.1, 0.8),
             GroupRate(("c",), "suppressed", None)]  # fmt: skip
    figure = dots(found, LOOK)
    [trace] = figure["data"]
    assert len(trace["x"]) == 2
    assert trace["marker"]["color"][0] != trace["marker"]["color"][1]
    assert figure["layout"]["yaxis"]["ticktext"] == ["a", "b", "c"]
    assert [one["text"] for one in figure["layout"]["annotations"]][1:] == ["n 12 · small", "too few rows"]


def test_cells_beyond_the_limit_are_outlined_together() -> None:
    """Neighbouring cells beyond the limit share one frame; those of another column have their own."""
    movers = tuple(Mover(name, None, 0.1, 0.05, 0.5, None, 0.1, None, None, i) for i, name in enumerate("ab"))
    starts = tuple(START + i * DAY for i in range(4))
    heat = Heat(movers, starts, tuple(s + DAY for s in starts), ((0.1, 0.2, 0.01, 0.3), (None, 0.0, 0.0, 0.0)), 1)
    outline = heatmap(scene(4), heat, LOOK)["data"][1]
    assert outline["x"].count(None) == 2
    assert outline["x"][:2] == ["2026-03-01T00:00:00", "2026-03-03T00:00:00"]


def test_words_are_pushed_apart_no_farther_than_needed() -> None:
    """Heights that are far enough apart stay where they are."""
    assert spaced([0.9, 0.1], 0.1) == [0.9, 0.1]
    pushed = spaced([0.5, 0.5, 0.5], 0.1)
    assert sorted(round(b - a, 3) for a, b in pairwise(sorted(pushed))) == [0.1, 0.1]


def test_charts_go_by_the_clocks_of_whoever_looks() -> None:
    """Axis, lines and marks are drawn by the viewer's clocks; the pointer tells UTC beside."""
    marks = Marks(
        (Stretch("inc_1", "critical", START + DAY, None, "open"),), (Tick(START + DAY, "v2"),), (START, START + DAY)
    )
    tokyo = Look("light", zone=ZoneInfo("Asia/Tokyo"))
    here, there = (timeline(scene(3, marks=marks), [Line("", [1.0, 2.0, 3.0])], look) for look in (LOOK, tokyo))
    assert here["data"][-1]["x"][0] == here["layout"]["xaxis"]["range"][0] == "2026-03-01T00:00:00"
    assert there["data"][-1]["x"][0] == there["layout"]["xaxis"]["range"][0] == "2026-03-01T09:00:00"
    assert {shape["x0"] for shape in there["layout"]["shapes"]} == {"2026-03-01T09:00:00", "2026-03-02T09:00:00"}
    assert here["layout"]["xaxis"]["hoverformat"].endswith("UTC")
    assert not there["layout"]["xaxis"]["hoverformat"].endswith("UTC")
    assert [note for _, note in here["data"][-1]["customdata"]] == [""] * 3
    assert [note for _, note in there["data"][-1]["customdata"]][:2] == ["<br>1 Mar 00:00 UTC", "<br>2 Mar 00:00 UTC"]


def test_a_day_that_clocks_change_on_has_no_gap() -> None:
    """Hours follow one another across the change to summer time and back, as the clocks on the wall have them."""
    for day in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        starts = [day + i * timedelta(hours=1) for i in range(48)]
        over = Scene(starts, [s + timedelta(hours=1) for s in starts], starts[0], starts[-1] + timedelta(hours=1))
        figure = timeline(over, [Line("", [1.0] * 48)], Look(zone=ZoneInfo("Europe/Berlin")))
        assert figure["data"][-1]["y"] == [1.0] * 48
        assert figure["data"][-1]["x"] == sorted(figure["data"][-1]["x"])
