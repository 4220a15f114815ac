"""Duties ring: before they are due, when they are late, until they are done; through crashes, and never twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from connectors.alerting import Alerts
from connectors.duties import DutySettings
from integration.domain.alerts.book import Book
from integration.domain.alerts.planning import Terms, plan
from integration.domain.alerts.routes import Duty
from integration.domain.alerts.said import Said
from integration.domain.alerts.topics import DutyKind, Owed, Patience, topic_of
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND, Instant
from integration.policy.pack import load
from integration.runners.alerting.parts import plans_of
from integration.services.alerting import Plans
from integration.services.alertsaying import Saying
from integration.services.alertwords.compose import words
from integration.services.duties import AUDIT_REVIEW
from integration.services.dutyports import WaitingLimits
from integration.services.letters import DeliveryRow
from integration.settings import Facility, Log, PackChoice, Settings
from integration.settings import Site as SiteSettings
from integration.store import tables
from schemas.kinds import Severity
from tests.alerts.site import BOUNDS, ROUTE, SOURCE, START, Site, event, instant
from tests.alerts.test_duties import certified, detained

PACK = load("ma-welcoming-community")
PATIENCE = DutySettings().patience
NOBODY = Duty(lambda _name, _at: (), lambda _name, _after: NEVER)
CERTIFICATION = f"certification:{SOURCE}:c-1"
DUE = START + timedelta(days=10)
ASKED = certified("e-1", "requested", START, kind="u_visa", due_at=DUE.isoformat())


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    yield from reminded(f"sqlite:///{tmp_path}/duties.sqlite", monkeypatch)


@pytest.fixture
def on_each(url, monkeypatch) -> Iterator[Site]:
    """On both databases: what asks them something of its own."""
    yield from reminded(url, monkeypatch)


def reminded(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("tests.alerts.site.PACK", PACK)
    made = Site(url)
    made.remind(PATIENCE)
    yield made
    made.close()


def told(site: Site, kind: DutyKind = DutyKind.CERTIFICATION) -> list[tuple[str, str, str]]:
    """Receiver, stage and severity of every notice about a kind of duty that was taken."""
    rows = site.query(
        "SELECT n.receiver, n.stage, a.severity FROM notices n JOIN alerts a ON a.alert_id = n.alert_id "
        "WHERE a.rule = :kind AND n.state = 'sent' ORDER BY n.due_at, n.receiver",
        kind=kind.value,
    )
    return [tuple(row) for row in rows]


def open_duties(site: Site) -> list[str]:
    return sorted(site.open_findings())


def pass_time(site: Site, until: Instant, longest: int = 8 * HOUR) -> None:
    """Let time pass: in small steps at the end and while somebody is being told, else in leaps."""
    while site.now < until:
        leap = min(longest, until - 4 * MINUTE - site.now)
        site.now = min(until, site.now + (15 * SECOND if leap <= 0 or site.lanes or site.outcomes else leap))
        site.tick()


def test_a_duty_rings_before_it_is_due_and_anew_when_it_is_late_and_once_more_when_it_is_done(site):
    site.take([ASKED])
    due = instant(DUE)
    pass_time(site, due - 72 * HOUR - MINUTE)
    assert open_duties(site) == [AUDIT_REVIEW]
    pass_time(site, due - 72 * HOUR + 2 * MINUTE)
    assert told(site) == [("desk", "first", "advice")]
    (alert,) = [each for each in site.rows.open_alerts() if each.group.rule is DutyKind.CERTIFICATION]
    site.acts().acknowledge(alert.alert_id, "officer:jdoe")
    pass_time(site, due - MINUTE)
    assert [each for each in told(site) if each[2] == "warning"] == []
    pass_time(site, due + 2 * MINUTE)
    assert told(site)[-1] == ("desk", "first", "warning")
    assert ("desk", "closed", "advice") not in told(site)
    assert [each.group.severity for each in site.rows.open_alerts() if CERTIFICATION in each.members] == [
        Severity.WARNING
    ]
    done = certified("e-2", "decided", DUE + timedelta(hours=1), outcome="signed")
    pass_time(site, due + HOUR)
    site.take([done])
    pass_time(site, due + HOUR + 5 * MINUTE)
    assert told(site)[-1] == ("desk", "closed", "warning")
    assert CERTIFICATION not in open_duties(site)


def test_it_rings_at_the_instant_at_which_it_is_due(site):
    site.take([ASKED])
    site.remind({**PATIENCE, DutyKind.CERTIFICATION: patient(before=0)})
    site.now = instant(DUE) - 20 * SECOND
    site.run(60)
    (row,) = site.query("SELECT due_at FROM notices WHERE alert_id IN (SELECT alert_id FROM alerts WHERE rule = :r)",
                        r="certification")  # fmt: skip
    gathered = site.route.gather
    assert instant(DUE) + gathered <= row.due_at <= instant(DUE) + gathered + SECOND


def patient(before: int = DAY, **changed: Any) -> Patience:
    terms = {"coming": Severity.ADVICE, "late": Severity.WARNING, "wait": HOUR, "repeat": 2 * HOUR, "reopen": DAY}
    return Patience(before, **{**terms, **changed})


def test_it_goes_up_the_steps_with_its_own_patience_until_somebody_answers(site):
    site.remind({**PATIENCE, DutyKind.CERTIFICATION: patient(before=0)})
    site.take([ASKED])
    site.now = instant(DUE)
    pass_time(site, instant(DUE) + 3 * HOUR, longest=10 * MINUTE)
    # because the route's steps wait five and ten minutes, and the watch's shift is empty
    assert told(site)[:3] == [
        ("desk", "first", "warning"),
        ("chief", "escalated", "warning"),
        ("chief", "repeated", "warning"),
    ]
    assert [each[1] for each in told(site)].count("escalated") == 1


def test_nothing_is_lost_and_nothing_begins_twice_when_the_process_dies_at_each_turn(on_each):
    site = on_each
    site.take([ASKED])
    site.now = instant(DUE) - 30 * SECOND
    for _ in range(15):  # around the instant at which it is due, and that at which it is told
        site.now += 4 * SECOND
        site.tick()
        site.crash()
    site.run(60)
    alerts = [each for each in site.rows.open_alerts() if CERTIFICATION in each.members]
    assert [each.group.severity for each in alerts] == [Severity.WARNING]
    assert site.open_findings()[CERTIFICATION] == 1
    assert any(each[:2] == ("desk", "first") for each in told(site))
    assert site.query("SELECT duty_id, due_at FROM duties_told WHERE duty_id = :d", d=CERTIFICATION) == [
        (CERTIFICATION, instant(DUE))
    ]


def test_alert_and_notice_are_written_in_one_transaction_when_a_duty_comes_due(site, monkeypatch):
    site.take([ASKED])
    site.now = instant(DUE)
    with monkeypatch.context() as broken:
        broken.setattr(site.rows, "_notices", lambda _connection, _rows: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            site.run(60)
    # because what failed with its notices must leave no alert that nobody hears of
    assert site.query("SELECT count(*) FROM notices")[0][0] == 0
    site.run(60)
    assert ("desk", "first", "warning") in told(site)


def test_findings_are_told_although_a_defect_keeps_duties_back(site, monkeypatch):
    site.take(detained(START))
    site.now = instant(START + timedelta(hours=24))
    site.fire()
    with monkeypatch.context() as broken:
        broken.setattr("integration.services.duties.Duties._next_review", lambda *_: 1 // 0)
        site.run(30, step=1)
        assert site.alerting.duties_fail
        assert "notice_not_served" in {each.group.rule.value for each in site.rows.open_alerts()}
    site.run(70, step=1)
    assert not site.alerting.duties_fail


def test_a_copy_is_reminded_of_and_then_told_as_a_finding_without_an_all_clear(site):
    site.take(detained(START))
    deadline = START + timedelta(hours=24)
    pass_time(site, instant(deadline) - 4 * HOUR + 2 * MINUTE)
    assert told(site, DutyKind.NOTICE) == [("desk", "first", "advice")]
    pass_time(site, instant(deadline) + 5 * SECOND)
    site.fire()
    pass_time(site, instant(deadline) + 5 * MINUTE)
    assert "closed" not in {stage for _, stage, _ in told(site, DutyKind.NOTICE)}
    rules = {each.group.rule.value for each in site.rows.open_alerts()}
    assert "notice_not_served" in rules
    assert "notice" not in rules


def test_a_copy_that_was_served_in_time_ends_its_reminder_with_one_notice(site):
    site.take(detained(START))
    pass_time(site, instant(START) + 21 * HOUR)
    served = START + timedelta(hours=21)
    site.take([event("b-4", "notice.served", "B-1", served, hold_id="h-2", served_by="x")])
    pass_time(site, instant(START) + 22 * HOUR)
    assert [stage for _, stage, _ in told(site, DutyKind.NOTICE)][-1] == "closed"


def test_the_review_of_the_log_rings_a_week_after_the_last_one(site):
    site.take(detained(START))
    pass_time(site, instant(START) + 7 * DAY + HOUR)
    assert told(site, DutyKind.AUDIT_REVIEW)[-1] == ("desk", "first", "warning")
    site.duties().done(AUDIT_REVIEW, "officer:jdoe")
    pass_time(site, site.now + 10 * MINUTE)
    assert told(site, DutyKind.AUDIT_REVIEW)[-1] == ("desk", "closed", "warning")
    pass_time(site, site.now + 7 * DAY)
    assert [stage for _, stage, _ in told(site, DutyKind.AUDIT_REVIEW)].count("first") == 4


def approved(**changed: Any) -> dict[str, Any]:
    data = {
        "approval_id": "a-1",
        "message_id": "m-1",
        "legal_basis": "court_order",
        "citation": "25-1",
        "approved_by": "lt",
        "expires_at": (START + timedelta(days=10)).isoformat(),
    }
    return event("e-1", "approval.granted", "B-1", START, **data | changed)


def test_an_approval_rings_a_day_before_its_end_and_is_over_with_it(site):
    site.take([approved()])
    ends = instant(START) + 10 * DAY
    pass_time(site, ends - DAY + 2 * MINUTE)
    assert told(site, DutyKind.APPROVAL_EXPIRES) == [("desk", "first", "warning")]
    pass_time(site, ends + 5 * MINUTE)
    assert [stage for _, stage, _ in told(site, DutyKind.APPROVAL_EXPIRES)][-1] == "closed"


def asked_message(at: Any) -> dict[str, Any]:
    return event(
        "e-2",
        "message.requested",
        "B-1",
        at,
        message_id="m-1",
        channel="smtp",
        sender={"user": "jdoe", "agency": "x"},
        recipients=[{"agency": "ICE"}],
        content={"release_time": "14:00"},
    )


def test_an_approval_whose_message_has_left_rings_for_nobody(site):
    site.take([*detained(START), approved(legal_basis="court_order"), asked_message(START + timedelta(minutes=5))])
    (decided,) = site.query("SELECT decision FROM decisions WHERE request_id = 'm-1'")
    assert decided.decision == "permit"
    site.now = instant(START) + 10 * DAY - HOUR
    site.fire()
    site.run(60)
    assert told(site, DutyKind.APPROVAL_EXPIRES) == []


def filed(site: Site, number: int, state: str, at: Instant) -> None:
    """A message as the gate keeps it."""
    mail = {
        "mail_id": f"m{number}",
        "channel": "smtp",
        "source": SOURCE,
        "received_at": at,
        "size": 1,
        "sha256": b"",
        "envelope": None,
        "content": None,
    }
    delivery = DeliveryRow(
        f"m{number}-1", f"m{number}", 0, state, "immigration_authority", "", b"{}", "[]", 0, at, at, "", 1
    )
    with site.engine_store.engine.begin() as connection:
        connection.execute(insert(tables.mails), [mail])
        connection.execute(insert(tables.deliveries), [delivery._asdict()])


def forget(site: Site) -> None:
    with site.engine_store.engine.begin() as connection:
        connection.execute(tables.deliveries.delete())


def test_a_message_of_unknown_fate_rings_at_once_and_until_somebody_has_found_out(on_each):
    site = on_each
    filed(site, 1, "unknown", site.now)
    pass_time(site, site.now + 3 * MINUTE)
    assert told(site, DutyKind.DELIVERY_UNKNOWN) == [("desk", "first", "warning")]
    forget(site)
    pass_time(site, site.now + 3 * MINUTE)
    assert told(site, DutyKind.DELIVERY_UNKNOWN)[-1] == ("desk", "closed", "warning")


def lock(site: Site, **since: int | None) -> None:
    with site.engine_store.engine.begin() as connection:
        connection.execute(tables.accounts.update().values(**{"locked_at": None, "shut_at": None, **since}))


def test_a_locked_account_rings_at_once_and_until_an_administrator_unlocks_it(on_each):
    site = on_each
    row = {"name": "jdoe", "password": "x", "totp_used": 0, "disabled": 0, "created_at": 1, "seen_at": 1, "version": 1}
    with site.engine_store.engine.begin() as connection:
        connection.execute(insert(tables.accounts).values(row))
    for since in ({"shut_at": site.now}, {"locked_at": site.now}):
        lock(site, **since)
        pass_time(site, site.now + 3 * MINUTE)
        assert told(site, DutyKind.ACCOUNT_LOCKED)[-1] == ("desk", "first", "warning")
        lock(site)
        pass_time(site, site.now + 3 * MINUTE)
        assert told(site, DutyKind.ACCOUNT_LOCKED)[-1] == ("desk", "closed", "warning")
        site.now += 9 * HOUR  # later than an alert of the same thing would be opened again
    lock(site, locked_at=site.now)
    with site.engine_store.engine.begin() as connection:
        connection.execute(tables.accounts.update().values(disabled=1))
    before = len(told(site, DutyKind.ACCOUNT_LOCKED))
    pass_time(site, site.now + 3 * MINUTE)
    assert len(told(site, DutyKind.ACCOUNT_LOCKED)) == before, "of a closed one nobody need be told"


def test_the_quarantine_rings_when_its_oldest_has_waited_too_long(site):
    filed(site, 1, "blocked", site.now)
    pass_time(site, site.now + DAY - MINUTE)
    assert told(site, DutyKind.QUARANTINE) == []
    pass_time(site, site.now + 4 * MINUTE)
    assert told(site, DutyKind.QUARANTINE) == [("desk", "first", "warning")]
    forget(site)
    pass_time(site, site.now + 3 * MINUTE)
    assert told(site, DutyKind.QUARANTINE)[-1] == ("desk", "closed", "warning")


def test_the_quarantine_is_due_from_the_message_on_that_is_one_too_many(on_each):
    site = on_each
    limits = WaitingLimits(DAY, most=3)
    for number in range(3):
        filed(site, number, "blocked", site.now + number)
    (held,) = [each for each in site.duties(limits).listed() if each.kind is DutyKind.QUARANTINE]
    assert (held.due_at, held.waiting, held.source) == (site.now + DAY, 3, SOURCE)
    filed(site, 3, "blocked", site.now + MINUTE)
    (held,) = [each for each in site.duties(limits).listed() if each.kind is DutyKind.QUARANTINE]
    assert (held.due_at, held.waiting) == (site.now + MINUTE, 4)


def said(site: Site, kind: DutyKind) -> Said:
    (alert,) = [each for each in site.rows.open_alerts() if each.group.rule is kind]
    rows = site.rows.notices_of(alert.alert_id)
    saying = Saying(
        site.rows, "test", {SOURCE: "America/New_York"}, site.alerting.terms, lambda *_: PACK.parameters, lambda _: None
    )
    found = saying.said(rows[-1], site.now)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "title", "lines"),
    [
        (
            DutyKind.CERTIFICATION,
            "[holdwatch test] WARNING: booking R-1 decide a certification, 2 min late",
            ["Booking: R-1", "About: c-1", "Due: Thu 2026-03-12 14:00 -04:00, 2 min late", "holdwatch duties done"],
        ),
        (DutyKind.AUDIT_REVIEW, "[holdwatch test] WARNING: look through the audit log, 3 d 0 h late", ["AU-6"]),
        (DutyKind.QUARANTINE, "[holdwatch test] WARNING: blocked messages wait, 9 d 0 h late", ["Waiting: 2 messages"]),
        (DutyKind.DELIVERY_UNKNOWN, "[holdwatch test] WARNING: has a message left?, 10 d 0 h late", ["About: m3-1"]),
    ],
)
def test_a_notice_of_a_duty_says_what_when_and_what_to_do(site, kind, title, lines):
    site.take([ASKED])
    for number, state in ((1, "blocked"), (2, "blocked"), (3, "unknown")):
        filed(site, number, state, site.now)
    site.now = instant(DUE)
    site.run(120, step=5)
    notice = words([PACK])(said(site, kind))
    assert notice.title == title
    for line in lines:
        assert line in notice.text
    assert "On file" not in notice.text
    assert notice.short is not None
    assert "late" in notice.short
    assert notice.data is not None
    assert notice.data["rule"] == kind.value


def settings_of(tmp_path: Any, **alerts: Any) -> Settings:
    receiver = {"channel": "command", "name": "x", "argv": ["/bin/true"]}
    return Settings(
        site=SiteSettings(name="t", state_dir=tmp_path),
        log=Log(origin="t/log"),
        facilities=[Facility(source=SOURCE, zone="UTC", packs=[PackChoice(pack="lansing-eo-2017-01")])],
        alerts=Alerts.model_validate({"receivers": [receiver], **alerts}),
    )


STEPS = [{"receivers": ["x"]}]


@pytest.mark.parametrize(
    ("topic", "route", "because"),
    [
        (DutyKind.CERTIFICATION, "office", "it is named"),
        (DutyKind.QUARANTINE, "rest", "it is not named, and a route that names rules takes no other duty"),
        ("overdue_release", "floor", "a rule goes where it is named"),
    ],
)
def test_a_duty_goes_by_the_route_that_names_it(tmp_path, topic, route, because):
    settings = settings_of(
        tmp_path,
        routes=[
            {"name": "office", "duties": ["certification"], "steps": STEPS},
            {"name": "floor", "rules": ["overdue_release"], "steps": STEPS},
            {"name": "rest", "steps": STEPS},
        ],
    )
    assert plans_of(settings).route_of(SOURCE, topic_of(topic), Severity.WARNING).name == route, because


def test_a_duty_that_stood_in_lists_only_is_told_once_it_is_late():
    """As with the settings of docs/alerting.md, whose advice has a route without steps."""
    lists = replace(ROUTE, name="advice", severities=frozenset({Severity.ADVICE}), steps=())
    routes = (lists, ROUTE)
    book = Book(Plans(routes, NOBODY, BOUNDS, PATIENCE).route_of)
    coming = Owed("d-1", DutyKind.CERTIFICATION, SOURCE, "R-1", "c-1", 10 * HOUR, 1, (), Severity.ADVICE)
    book.owe([coming], [], 0)
    (first,) = book.take_changed()
    assert not plan(first, Terms(lists, NOBODY), 0).sends
    book.owe([coming._replace(severity=Severity.WARNING)], [], 10 * HOUR)
    late = next(each for each in book.alerts.values() if each.members)
    left = book.alerts[first.alert_id]
    assert (late.group.route, late.group.severity) == ("all", Severity.WARNING)
    told = plan(late, Terms(ROUTE, NOBODY), 10 * HOUR + ROUTE.gather)
    assert [each.receiver for each in told.sends] == ["desk"]
    # The first one closes, and says nothing.
    closed = plan(left, Terms(lists, NOBODY), 10 * HOUR)
    assert closed.alert.closed_at == 10 * HOUR
    assert closed.sends == ()
    # The same again changes nothing.
    book.take_changed()
    book.owe([coming._replace(severity=Severity.WARNING)], [], 10 * HOUR)
    assert not book.changed
