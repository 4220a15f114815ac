"""The report's own arithmetic and drawing; the speeds themselves are no test."""

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from tests.bench import flame_svg, report
from tests.bench.flame import inside
from tests.bench.log_entries import ACTIVE, EACH, booking_of, entry
from tests.bench.section import milliseconds, quantile, rate, table

FIGURES = {
    "replay_ratio": 0.2,
    "embedded_ratio": 0.6,
    "embedded_rate": 14_712.0,
    "then_with_most_bookings": 7_400.0,
    "late_with_most_bookings": 0.003,
    "decision_p50": 0.002,
    "decision_p99": 1.5,
    "search_p95": 4.2,
    "search_p95_indexed": 0.004,
    "verify_rate": 70_000.0,
    "verify_tiles_rate": 170_000.0,
}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5.0], 0.99, 5.0),
        ([3.0, 1.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([float(n) for n in range(1, 101)], 0.5, 50.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_quantile_is_a_measured_value_when_values_are_few(values, share, expected):
    assert quantile(values, share) == expected


@pytest.mark.parametrize(
    ("value", "text"), [(14_712.3, "14,700"), (312.4, "312"), (9.7, "10"), (1_234_567.0, "1,230,000")]
)
def test_rate_has_three_figures_when_written(value, text):
    assert rate(value) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.00234, "2.34"), (0.0234, "23.4"), (1.234, "1,234")])
def test_time_has_about_three_figures_when_written(seconds, text):
    assert milliseconds(seconds) == text


def test_table_has_a_line_a_row_when_written():
    assert table(("a", "b"), [(1, 2)]).splitlines() == ["| a | b |", "|---|---:|", "| 1 | 2 |"]


def test_page_tells_what_was_not_reached_when_a_figure_is_short():
    head = report.head(FIGURES)
    reached = {line.split(" | ")[0].strip("| "): line.split(" | ")[-1].strip(" |") for line in head.splitlines()[2:]}
    assert [name for name, said in reached.items() if said == "**no**"] == [
        "replay, of the floor",
        "decision on a message, durable, p99, ms",
        "slowest question to the table of a long log, p95, ms (people search a copy: console.md)",
    ]


def test_page_warns_when_the_run_was_quick_or_the_machine_busy():
    part = {"part": "rates", "title": "Against the floor", "text": "told", "figures": FIGURES}
    assert "worth quoting" in report.page([part], (0.1, 2.0), 3, quick=True)
    assert "was busy" in report.page([part], (3.0, 2.0), 3, quick=False)
    calm = report.page([part], (0.1, 2.0), 3, quick=False)
    assert "worth quoting" not in calm
    assert "was busy" not in calm
    assert "`python -m tests.bench.rates`" in calm


def test_boxes_are_as_wide_as_their_share_when_drawn():
    stacks = Counter({("a (schemas/x.py)", "b<c> (y.py)"): 3, ("a (schemas/x.py)",): 1})
    root = ET.fromstring(flame_svg.drawn(stacks))
    name = "{http://www.w3.org/2000/svg}"
    boxes = {group[0].text: float(group[1].get("width")) for group in root.iter(f"{name}g")}
    assert boxes == {"a (schemas/x.py): 100.0 %": flame_svg.WIDTH, "b<c> (y.py): 75.0 %": 0.75 * flame_svg.WIDTH}


def test_stacks_begin_with_the_function_when_only_its_inside_is_wanted():
    assert inside(Counter({("x", "y", "z"): 2, ("x",): 5}), "y") == {("y", "z"): 2}


def test_every_booking_has_its_entries_when_the_long_log_is_made():
    numbers = range(2 * ACTIVE * EACH)
    assert set(Counter(map(booking_of, numbers)).values()) == {EACH}
    kinds = Counter(entry(number).kind for number in numbers)
    assert kinds["event.accepted"] > 0.9 * len(numbers)
    assert {"finding.raised", "message.decided", "input.refused", "event.set_aside"} <= set(kinds)
