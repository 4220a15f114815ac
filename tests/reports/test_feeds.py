"""What is certified as zero: only what was listened for all the time. A dead feed reports zeros, too."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from integration.reports.counting.feeds import Feeds
from integration.reports.counting.period import Period
from integration.reports.counting.register import Register, Wanted
from integration.reports.document import Document
from integration.reports.making import make
from tests.reports.logs import PACK, asked

FIRST, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
PERIOD = ("2026-01-01", "2026-01-08")


def opened(at: datetime, source: str, number: int) -> bytes:
    time = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    detail = {"data": {}, "event_id": f"e-{number}", "time": time, "type": "jail.booking.opened.v1"}
    about = {"kind": "event.accepted", "at": time, "outcome": "accepted", "actor": "service:intake", "source": source}
    rest = {"booking": f"B-{number}", "pack": PACK, "pack_revision": "1", "detail": detail, "v": 1}
    return orjson.dumps({**about, **rest}, option=orjson.OPT_SORT_KEYS)


def feed(source: str, *, every: float = 12.0, without: tuple[float, float] = (0.0, 0.0), days: int = 10) -> list[bytes]:
    """Events of a quiet jail from the day before the period on; none for so many of its hours."""
    times = [FIRST + timedelta(hours=every * n - 23) for n in range(int(24 * days / every))]
    left = [at for at in times if not without[0] <= (at - FIRST) / timedelta(hours=1) < without[1]]
    return [opened(at, source, number) for number, at in enumerate(left)]


def report(log: list[bytes], facility: str = "", **more: object) -> Document:
    log = sorted(log, key=lambda body: orjson.loads(body)["at"])
    return make(asked("council", len(log), *PERIOD, zone="UTC", facility=facility, **more), log)


@pytest.mark.parametrize(
    ("log", "facility", "limits", "certified", "because"),
    [
        (feed("/a"), "/a", {}, True, "it spoke all the time"),
        ([*feed("/a"), *feed("/b")], "", {}, True, "both did"),
        (feed("/a", without=(48, 60)), "/a", {}, True, "a day without an arrest is no silence"),
        (feed("/a", without=(48, 72)), "/a", {}, False, "36 hours are"),
        (feed("/a", without=(48, 72)), "/a", {"/a": 2400}, True, "unless the settings allow them"),
        (feed("/a", without=(0, 168)), "/a", {}, False, "no event is no proof that nothing happened"),
        (feed("/a", without=(0, 48)), "/a", {}, False, "it was silent when the period began"),
        (feed("/a", without=(120, 200)), "/a", {}, False, "it was silent when the period ended"),
        ([*feed("/a"), *feed("/b", without=(0, 168))], "", {}, False, "the other facility was silent"),
        ([*feed("/a"), *feed("/b", without=(0, 168))], "/a", {}, True, "and nobody asks about the other"),
        (feed("/a"), "", {"/a": 1440, "/b": 1440}, False, "the settings name one that never spoke"),
    ],
)
def test_zero_is_certified_when_every_feed_spoke(log, facility, limits, certified, because):
    document = report(log, facility, feeds=limits)
    assert bool(document.signature) is certified, because
    assert ("nothing is certified" in " ".join(document.notes)) is not certified, because


def test_the_page_says_what_is_missing_when_a_feed_was_silent():
    document = report([*feed("/a"), *feed("/b", without=(48, 72)), *feed("/c", without=(0, 168))])
    told = dict(document.facts)["Events of the period, by facility"]
    assert told == "/a: 14; /b: 12; /c: 0"
    assert "The feed of /b brought no event for 36.0 hours, from 2026-01-02 13:00 +0000 to 2026-01-04 01:00" in str(
        document.notes
    )
    assert "The feed of /c brought no event of this period." in str(document.notes)
    public = report([*feed("/a"), *feed("/b", without=(48, 72))], public=True, suppress_below=13)
    assert dict(public.facts)["Events of the period, by facility"] == "/a: 14; /b: fewer than 13"
    assert "from 2026-01-02 to 2026-01-04; its limit is 24 hours" in str(public.notes)


def test_events_count_for_their_own_time_when_they_come_in_any_order():
    """Also under a name that JSON has to escape."""
    bodies = feed('/jms/"a\\', every=5.0, without=(40, 71))
    period = Period(FIRST.date(), END.date(), "UTC")
    found = []
    for log in (bodies, bodies[::-1]):
        feeds = Feeds(period)
        Register(Wanted(frozenset()), None, feeds=feeds).read(log, len(log))
        found.append(feeds.presence("", {}))
    assert found[0] == found[1]
    ((source, events, _, longest, since, until),) = found[0]
    assert (source, events) == ('/jms/"a\\', 28)
    assert (longest, since[:13], until[:13]) == (35.0, "2026-01-02T13", "2026-01-04T00")
