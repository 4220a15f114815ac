"""What people owe, from facts and events: listed by due time, done once, never invented."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.domain.instants import DAY, HOUR, Instant
from integration.errors import UsageError
from integration.policy.pack import load
from integration.services.duties import AUDIT_REVIEW, Duties, DutyKind
from integration.store.duties import SqlDuties
from tests.alerts.site import SOURCE, START, Site, event, instant, released

PACK = load("ma-welcoming-community")


@pytest.fixture
def site(url, monkeypatch) -> Iterator[Site]:
    monkeypatch.setattr("tests.alerts.site.PACK", PACK)
    made = Site(url)
    yield made
    made.close()


def duties(site: Site) -> Duties:
    store = SqlDuties(site.engine_store.engine)
    return Duties(store, site.audit_desk(), lambda _source, _at: PACK, lambda: site.now, 7 * DAY)


def owed(site: Site) -> list[tuple[str, str, Instant | None]]:
    return [
        (each.kind.value, each.about, each.due_at)
        for each in duties(site).listed()
        if each.kind.value != "audit_review"
    ]


def certified(event_id: str, what: str, at: datetime, **data: Any) -> dict[str, Any]:
    return event(event_id, f"certification.{what}", "R-1", at, certification_id="c-1", **data)


def retracted(event_id: str, target: str, at: datetime) -> dict[str, Any]:
    return event(event_id, "event.retracted", "R-1", at, retracts=target)


ASKED = certified("e-1", "requested", START, kind="u_visa", due_at=(START + timedelta(days=30)).isoformat())
DECIDED = certified("e-2", "decided", START + timedelta(hours=1), outcome="signed")
DUE = ("certification", "c-1", instant(START + timedelta(days=30)))


@pytest.mark.parametrize(
    ("events", "left", "because"),
    [
        ([ASKED], [DUE], "it was asked for"),
        ([ASKED, DECIDED], [], "it was decided"),
        ([DECIDED, ASKED], [], "the order of arrival is of no matter"),
        ([DECIDED], [], "nobody has asked"),
        ([ASKED, retracted("e-3", "e-1", START)], [], "it was never asked for"),
        ([retracted("e-3", "e-1", START), ASKED], [], "nor where that is known first"),
        ([ASKED, DECIDED, retracted("e-3", "e-2", START)], [DUE], "it was not decided after all"),
        ([ASKED, retracted("e-3", "e-2", START), DECIDED], [DUE], "the same"),
    ],
)
def test_a_certification_is_owed_until_it_is_decided(site, events, left, because):
    for each in events:
        site.take([each])
    assert owed(site) == left
    site.take([released("other", START)])
    assert owed(site) == left  # read in pieces, too


def test_a_certification_without_a_time_stands_last_and_is_done_by_who_says_so(site):
    site.take([certified("e-1", "requested", START, kind="t_visa")])
    assert owed(site) == [("certification", "c-1", None)]
    assert duties(site).listed()[-1].kind is DutyKind.CERTIFICATION
    name = f"certification:{SOURCE}:c-1"
    duties(site).done(name, "officer:jdoe")
    assert owed(site) == []
    assert site.kinds()["duty.done"] == 1
    with pytest.raises(UsageError, match="no duty"):
        duties(site).done(name, "officer:jdoe")


def detained(at: datetime) -> list[dict[str, Any]]:
    return [
        event("b-1", "booking.opened", "B-1", at),
        event("b-2", "hold.placed", "B-1", at, hold_id="h-1", kind="charge"),
        event("b-3", "hold.placed", "B-1", at, hold_id="h-2", kind="immigration_detainer"),
    ]


def test_a_notice_is_owed_before_its_deadline_and_after_it_and_not_once_it_was_served(site):
    site.take(detained(START))
    due = ("notice", "h-2", instant(START + timedelta(hours=24)))
    site.now = instant(START) + HOUR
    assert owed(site) == [due]
    site.now = instant(START) + 25 * HOUR
    site.fire()
    assert owed(site) == [due]
    with pytest.raises(UsageError, match="records that it was served"):
        duties(site).done(f"notice:{SOURCE}:B-1:h-2", "officer:jdoe")
    served = START + timedelta(hours=26)
    site.now = instant(served)
    site.take([event("b-4", "notice.served", "B-1", served, hold_id="h-2", served_by="x")])
    assert owed(site) == []


def test_a_notice_is_not_owed_where_the_paper_is_lifted_before_the_deadline(site):
    site.take(detained(START))
    site.take([event("b-4", "hold.lifted", "B-1", START + timedelta(hours=2), hold_id="h-2")])
    site.now = instant(START) + 3 * HOUR
    assert owed(site) == []


def test_an_approval_is_listed_in_the_week_before_its_end(site):
    granted = event(
        "e-1",
        "approval.granted",
        "B-1",
        START,
        approval_id="a-1",
        message_id="m-1",
        legal_basis="court_order",
        citation="25-1",
        approved_by="lt",
        expires_at=(START + timedelta(days=10)).isoformat(),
    )
    site.take([granted])
    assert owed(site) == []
    site.now += 4 * DAY
    assert owed(site) == [("approval_expires", "a-1", instant(START + timedelta(days=10)))]
    site.take([event("e-2", "approval.withdrawn", "B-1", START + timedelta(days=4), approval_id="a-1")])
    assert owed(site) == []
    site.now += 7 * DAY
    assert owed(site) == []


def test_the_review_of_the_log_comes_back_a_week_after_it_was_done(site):
    site.take(detained(START))
    begun = instant(START)
    (review,) = [each for each in duties(site).listed() if each.kind is DutyKind.AUDIT_REVIEW]
    assert review.due_at == begun + 7 * DAY
    assert review.rests_on == ("CJISSECPOL 6.0 AU-6",)
    site.now = begun + 9 * DAY
    duties(site).done(AUDIT_REVIEW, "officer:jdoe")
    (review,) = [each for each in duties(site).listed() if each.kind is DutyKind.AUDIT_REVIEW]
    assert review.due_at == site.now + 7 * DAY
