"""The picture of a booking says what its table says, and both what the rules read, for odd histories too."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from integration.console.timeline import FACTS, LEFT, WIDTH, picture_of
from integration.domain import facts as facts_module
from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import (
    Due,
    Lifted,
    Opened,
    Placed,
    Released,
    Rescinded,
    Served,
    Transferred,
    Verified,
)
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from integration.policy.pack import load
from tests.console.site import HERE, event
from tests.console.test_registers import take

DETROIT = ZoneInfo("America/Detroit")
PARAMETERS = load("lansing-eo-2017-01").parameters
T0 = int(datetime(2026, 3, 2, 8, tzinfo=DETROIT).timestamp() * SECOND)
NOW = T0 + 8 * HOUR


def placed(at, hold_id="H-1", kind="arrest", *, expires=None, form=None, court=None, title=None):
    return Placed(f"p-{hold_id}-{at}", at, hold_id, kind, expires, form, "ICE", None, court, title, None, None)


def warrant(at, hold_id="W-1"):
    return placed(at, hold_id, "judicial_warrant", court="E.D. Mich.", title="magistrate judge")


def detainer(at):
    return placed(at, "D-1", "immigration_detainer", form="I-247A")


OPENED = Opened("o", T0, (), None)
HISTORIES = {
    "a charge, and then nothing": [OPENED, placed(T0), detainer(T0 + HOUR), Due("d", T0 + HOUR, T0 + 2 * HOUR)],
    "a warrant that nobody confirmed": [OPENED, warrant(T0 + HOUR)],
    "a warrant that was confirmed later": [OPENED, warrant(T0 + HOUR), Verified("v", T0 + 3 * HOUR, "W-1")],
    "lent to a court and never handed over": [
        OPENED, placed(T0), Transferred("t", T0 + HOUR, "the court", temporary=True, warrant_hold_id=None),
    ],
    "handed over for good": [
        OPENED, placed(T0), Transferred("t", T0 + HOUR, "ICE", temporary=False, warrant_hold_id=None),
    ],
    "a due that was taken back": [
        OPENED, placed(T0), Due("d", T0 + HOUR, T0 + 2 * HOUR), Rescinded("r", T0 + 90 * MINUTE),
    ],
    "a due before the charge began": [OPENED, placed(T0 + HOUR), Due("d", T0 + 2 * HOUR, T0 + 30 * MINUTE)],
    "a due in the future": [OPENED, placed(T0), detainer(T0), Due("d", T0 + HOUR, NOW + 2 * HOUR)],
    "a due alone": [Due("d", T0, T0 + HOUR)],
    "no due and no charge": [OPENED, detainer(T0)],
    "a paper before the person": [detainer(T0 - HOUR), Released("x", T0 + HOUR)],
    "released, and a paper left on file": [OPENED, placed(T0), detainer(T0), Released("x", T0 + HOUR)],
    "a paper that expires after all of it": [
        OPENED, placed(T0, expires=NOW + 90 * DAY), Lifted("l", T0 + 3 * HOUR, "H-1"), warrant(T0 + 2 * HOUR),
    ],
    "two stretches": [
        OPENED, placed(T0), Lifted("l", T0 + HOUR, "H-1"), placed(T0 + 2 * HOUR, "H-2"),
        Lifted("m", T0 + 3 * HOUR, "H-2"),
    ],
}  # fmt: skip


def drawn(facts, now=NOW, zone=DETROIT):
    line = timeline_of(Standing(facts), PARAMETERS)
    return picture_of(facts, line, now=now, zone=zone), line


@pytest.mark.parametrize("history", HISTORIES)
def test_bar_is_filled_only_while_it_gives_authority_when_a_history_is_odd(history):
    picture, line = drawn(HISTORIES[history])
    bars = [bar for bar in picture.bars if bar.css != "custody"]
    assert len(bars) == len(line.holds)
    for bar in bars:
        gives = [hold.authority for hold in line.holds if hold.start == bar.start and hold.authority == bar.authority]
        assert (bar.filled is not None) == (bar.authority is not None) == bool(gives)
        assert bar.start <= bar.end
        if bar.filled is not None:
            left, width = bar.filled
            assert bar.x <= left
            assert left + width <= bar.x + bar.width + 0.2
    for bar in picture.bars:
        assert LEFT <= bar.x <= bar.x + bar.width <= WIDTH, bar.label
        assert bar.start >= T0 - HOUR, "never 1970"
    assert [(each.start, each.end) for each in picture.stretches] == list(line.stretches)
    # At no drawn point is there both: a bar that gives authority, and custody without it.
    for stretch in picture.stretches:
        for bar in bars:
            if bar.filled is not None and stretch.width > 3 and bar.filled[1] > 3:
                left, width = bar.filled
                assert left + width <= stretch.x + 0.2 or left >= stretch.x + stretch.width - 0.2


def test_no_custody_is_drawn_when_only_a_release_time_is_known():
    picture, _ = drawn(HISTORIES["a due alone"])
    assert not picture.custody
    assert picture.bars == ()
    assert picture.due_at == T0 + HOUR


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ("a warrant that nobody confirmed", "gives no authority until it is confirmed with the court"),
        ("a warrant that was confirmed later", "gives no authority until it is confirmed with the court"),
        ("a due before the charge began", "over before it began"),
    ],
)
def test_table_says_why_when_a_paper_gives_no_authority_at_first(history, says):
    picture, _ = drawn(HISTORIES[history])
    assert [bar.label for bar in picture.bars if says in bar.says] != []


def test_event_names_its_paper_when_it_is_about_one():
    facts = [OPENED, detainer(T0), Served("s", T0 + HOUR, "D-1"), Lifted("l", T0 + HOUR, "unknown")]
    told = [tick.what for tick in drawn(facts)[0].ticks]
    assert told == [
        "booked",
        "paper or charge put on file: I-247A detainer",
        "paper taken off file",
        "person was given a copy of the paper: I-247A detainer",
    ]
    assert "handed to another agency for a time" in [
        tick.what for tick in drawn(HISTORIES["lent to a court and never handed over"])[0].ticks
    ]


def test_every_fact_has_words_when_there_is_one():
    kinds = {name for name, kind in vars(facts_module).items() if getattr(kind, "__dataclass_fields__", {}).get("time")}
    assert kinds - {"Fact"} == set(FACTS)


SPRING = datetime(2026, 3, 8, tzinfo=DETROIT)
AUTUMN = datetime(2026, 11, 1, tzinfo=DETROIT)


@pytest.mark.parametrize(
    ("night", "hours", "marks"),
    [
        pytest.param(SPRING, 4, ["Mar 08", "01:00", "03:00", "04:00", "05:00"], id="the hour that is left out"),
        pytest.param(AUTUMN, 4, ["Nov 01", "01:00", "01:00", "02:00", "03:00"], id="the hour that is there twice"),
    ],
)
def test_axis_shows_what_the_clock_showed_when_the_clocks_change(night, hours, marks):
    start = int(night.timestamp() * SECOND)
    picture, _ = drawn([Opened("o", start, (), None)], now=start + hours * HOUR)
    told = [mark.text for mark in picture.marks]
    assert [text for text in told if not text.endswith("30")] == marks
    assert all(a.x < b.x for a, b in pairwise(picture.marks)), "each further right, none over another"


@pytest.mark.parametrize("days", [0.02, 0.3, 1, 3, 10, 40, 200, 800, 4000])
def test_axis_has_a_handful_of_marks_in_order_when_a_stay_is_short_or_long(days):
    picture, _ = drawn([Opened("o", T0, (), None)], now=T0 + int(days * DAY))
    assert 2 <= len(picture.marks) <= 10
    assert all(a.x + 30 < b.x for a, b in pairwise(picture.marks))
    dates = [mark.text for mark in picture.marks if ":" not in mark.text]
    assert len(set(dates)) == len(dates), "no two marks that cannot be told apart"
    assert picture.end == NEVER


async def test_picture_has_no_filled_bar_when_a_warrant_waits_for_the_court(console):
    take(console, event(200, "booking.opened", "08:00", {}, "B-9"), WARRANT)
    visitor = await console.visitor("supervisor")
    page = (await visitor.get("/booking", params={"source": HERE, "number": "B-9"})).text
    assert "not so far" in page
    assert 'class="bar judicial"' not in page
    assert "gives no authority until it is confirmed with the court" in page


WARRANT = event(
    201,
    "hold.placed",
    "09:00",
    {
        "hold_id": "W-1",
        "kind": "judicial_warrant",
        "issuer": {"court": "E.D. Mich.", "official_title": "magistrate judge"},
    },
    "B-9",
)
