"""What people do about alerts, and what alerting makes of it, on both databases."""

from collections import Counter
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from integration.domain.alerts.alert import mark
from integration.domain.alerts.shifts import Roster, Shift
from integration.domain.instants import DAY, HOUR, MINUTE, SECOND
from integration.errors import FencedError, StaleReadError, TransientError, UsageError
from integration.services.acklinks import AckLinks
from integration.services.alertsaying import Saying
from integration.services.alertwords.compose import words
from integration.services.sequencer import Sequencer
from integration.store.alertlock import AlertLock
from integration.store.sequencing import SqlSequencing
from schemas.kinds import Rule, Severity
from tests.alerts.site import BOUNDS, PACK, SOURCE, START, Site, event, held, instant, released


@pytest.fixture
def site(url):
    made = Site(url)
    made.take(held("B-1", START - timedelta(hours=1)))
    yield made
    made.close()


def one_alert(site: Site, rule: str = "overdue_detainer_hold") -> str:
    site.run(20, step=1)
    (row,) = site.query("SELECT alert_id FROM alerts WHERE rule = :rule AND closed_at IS NULL", rule=rule)
    return str(row.alert_id)


def marks(site: Site, alert_id: str) -> set[str]:
    """What a page about the alert says that it shows: all that is open in it now."""
    alert = site.rows.alert(alert_id)
    assert alert is not None
    return {mark(each.finding_id) for each in alert.open_members()}


def other_alert(site: Site, alert_id: str) -> str:
    (row,) = site.query(
        "SELECT alert_id FROM alerts WHERE rule LIKE 'overdue%' AND closed_at IS NULL AND alert_id != :alert",
        alert=alert_id,
    )
    return str(row.alert_id)


def stages(site: Site) -> list[tuple[str, str]]:
    return [
        (row.receiver, row.stage)
        for row in site.query(
            "SELECT receiver, stage, due_at FROM notices WHERE state = 'sent' ORDER BY due_at, receiver"
        )
    ]


def test_an_acknowledgement_by_command_stops_the_escalation_until_it_runs_out(site):
    alert = one_alert(site)
    assert site.acts().acknowledge(alert, "officer:jdoe")
    site.run(29 * 60, step=5)
    assert [each for each in stages(site) if each[1] not in {"first", "closed"}] == []
    site.run(120, step=5)
    assert ("desk", "reopened") in stages(site)
    entries = [
        orjson.loads(row.body) for row in site.query("SELECT body FROM entries WHERE kind = 'alert.acknowledged'")
    ]
    assert [each["actor"] for each in entries] == ["officer:jdoe"]


def test_an_alert_is_acknowledged_once_and_only_while_it_waits(site):
    alert, acts = one_alert(site), site.acts()
    acts.acknowledge(alert, "officer:jdoe")
    site.run(2)
    with pytest.raises(UsageError, match="was acknowledged by officer:jdoe"):
        acts.acknowledge(alert, "officer:roe")
    with pytest.raises(UsageError, match="no alert"):
        acts.acknowledge("a00000000", "officer:roe")
    site.take([released("B-1", START)])
    site.run(30, step=1)
    with pytest.raises(UsageError, match="is over"):
        acts.acknowledge(alert, "officer:roe")


def test_a_link_serves_once_and_for_what_people_were_told(site):
    alert = one_alert(site)
    (notice,) = site.query("SELECT notice_id FROM notices WHERE alert_id = :alert", alert=alert)
    shown = marks(site, alert)
    site.take(held("B-2", START - timedelta(hours=1)))
    site.run(1)
    acts = site.acts()
    assert acts.acknowledge_by_link(notice.notice_id, "badge 7", shown) == alert
    with pytest.raises(UsageError, match="used before"):
        acts.acknowledge_by_link(notice.notice_id, "badge 7", shown)
    site.run(30, step=1)
    # What joined after the notice has an alert of its own, which goes on.
    open_now = site.query("SELECT alert_id, acked_by FROM alerts WHERE closed_at IS NULL AND rule LIKE 'overdue%'")
    assert sorted(row.acked_by for row in open_now) == ["", "receiver:desk (badge 7)"]
    assert max(site.open_findings().values()) == 1


def covered(site: Site) -> set[str]:
    (row,) = site.query("SELECT covers FROM acks")
    ids = orjson.loads(row.covers)
    found = site.query("SELECT finding_id, booking FROM alert_findings")
    return {each.booking for each in found if each.finding_id in ids}


@pytest.mark.parametrize("by", ["command", "page"])
def test_an_acknowledgement_leaves_out_who_has_joined_and_was_told_of_to_nobody(site, by):
    alert = one_alert(site)
    site.take(held("B-2", START - timedelta(hours=1)))
    site.run(2, step=1)
    covers = site.acts().acknowledge(alert, "officer:jdoe", None if by == "command" else marks(site, alert))
    assert [each.booking for each in covers] == ["B-1"]
    site.run(20, step=1)
    assert covered(site) == {"B-1"}
    # B-2 rings in an alert of its own, as a first notice.
    found = site.query(
        "SELECT n.stage, a.acked_by FROM notices n JOIN alerts a ON a.alert_id = n.alert_id "
        "JOIN alert_findings f ON f.alert_id = a.alert_id WHERE f.booking = 'B-2' AND a.rule LIKE 'overdue%'"
    )
    assert [tuple(each) for each in found] == [("first", "")]


def test_a_link_leaves_out_who_is_not_on_the_page_although_the_notice_waits(site):
    alert = one_alert(site)
    (notice,) = site.query("SELECT notice_id FROM notices WHERE alert_id = :alert", alert=alert)
    shown = marks(site, alert)
    site.receivers["desk"].fails = "unreachable"
    site.take(held("B-2", START - timedelta(hours=1)))
    site.run(15, step=1)
    assert len(marks(site, alert)) == 2  # the notice about the second is queued
    site.acts().acknowledge_by_link(notice.notice_id, "badge 7", shown)
    site.run(1)
    assert covered(site) == {"B-1"}
    with pytest.raises(UsageError, match="was shown"):
        site.acts().acknowledge(other_alert(site, alert), "officer:jdoe", shown)


def test_a_moment_that_nobody_was_told_of_is_not_over_when_another_is_acknowledged(url):
    def wrong(booking: str) -> list[dict[str, Any]]:
        paper = {"hold_id": "h", "kind": "charge", "document": {"form": "I-200"}}
        return [
            event(f"{booking}-1", "booking.opened", booking, START),
            event(f"{booking}-2", "hold.placed", booking, START, **paper),
        ]

    site = Site(url)
    site.take(wrong("B-1"))
    alert = one_alert(site, "mislabelled_document")
    site.take(wrong("B-2"))
    site.run(2, step=1)
    site.acts().acknowledge(alert, "officer:jdoe")
    site.run(30, step=1)
    state = {
        row.booking: row.state
        for row in site.query(
            "SELECT f.booking, f.state FROM alert_findings f JOIN alerts a ON a.alert_id = f.alert_id "
            "WHERE a.rule = 'mislabelled_document'"
        )
    }
    assert state == {"B-1": "acknowledged", "B-2": "open"}
    assert site.kinds()["finding.acknowledged"] == 1
    site.close()


def test_nothing_is_acknowledged_before_anybody_was_told(site):
    site.run(2, step=1)
    (row,) = site.query("SELECT alert_id FROM alerts WHERE rule = 'overdue_detainer_hold'")
    with pytest.raises(UsageError, match="told"):
        site.acts().acknowledge(row.alert_id, "officer:jdoe")


def test_two_clicks_on_one_link_at_the_same_time_acknowledge_once(site):
    alert = one_alert(site)
    (notice,) = site.query("SELECT notice_id FROM notices WHERE alert_id = :alert", alert=alert)
    shown = marks(site, alert)
    first, second = site.acts(), site.acts()
    looked = second.store.acked_by_link

    def other_was_faster(notice_id: str) -> bool:
        object.__setattr__(second.store, "acked_by_link", looked)
        first.acknowledge_by_link(notice_id, "a", shown)
        return False

    object.__setattr__(second.store, "acked_by_link", other_was_faster)
    with pytest.raises((UsageError, StaleReadError)):
        second.acknowledge_by_link(notice.notice_id, "b", shown)
    assert len(site.query("SELECT * FROM acks")) == 1


def test_an_acknowledged_moment_is_over_for_good(url):
    site = Site(url)
    site.take(
        [
            event("e-1", "booking.opened", "B-1", START),
            event("e-2", "hold.placed", "B-1", START, hold_id="h", kind="charge", document={"form": "I-200"}),
        ]
    )
    alert = one_alert(site, "mislabelled_document")
    site.acts().acknowledge(alert, "officer:jdoe")
    site.run(90, step=1)
    assert site.query("SELECT 1 FROM alerts WHERE closed_at IS NULL AND rule = 'mislabelled_document'") == []
    assert site.kinds()["finding.acknowledged"] == 1
    # Nor does a new start adopt it again, although the finding stays on the board.
    site.crash()
    site.run(90, step=1)
    assert site.query("SELECT 1 FROM alerts WHERE closed_at IS NULL AND rule = 'mislabelled_document'") == []
    site.close()


def test_a_silence_keeps_everybody_quiet_until_it_is_lifted_or_over(site):
    acts = site.acts()
    row = acts.silence(
        source=SOURCE,
        rule=None,
        booking="B-1",
        minutes=30,
        author="officer:jdoe",
        reason="feed is wrong",
        bounds=BOUNDS,
    )
    site.run(20 * 60, step=5)
    assert [each for each in stages(site) if each[1] != "closed"] == []
    assert max(site.open_findings().values()) == 1
    acts.unsilence(row.silence_id, "officer:jdoe")
    site.run(5, step=1)
    assert ("desk", "first") in stages(site)
    with pytest.raises(UsageError, match="no silence"):
        acts.unsilence(row.silence_id, "officer:jdoe")
    assert site.kinds()["alert.silenced"] == site.kinds()["alert.unsilenced"] == 1


@pytest.mark.parametrize(("minutes", "reason"), [(0, "x"), (-5, "x"), (1441, "x"), (5, " "), (5, "x" * 201)])
def test_a_silence_without_reason_or_end_is_refused(site, minutes, reason):
    with pytest.raises(UsageError):
        site.acts().silence(
            source="", rule=None, booking="", minutes=minutes, author="officer:x", reason=reason, bounds=BOUNDS
        )


def test_a_violation_rings_again_when_its_bound_is_over_although_the_silence_is_not(site):
    site.acts().silence(
        source="", rule=None, booking="", minutes=24 * 60, author="officer:x", reason="quiet", bounds=BOUNDS
    )
    site.run(59 * 60, step=15)
    assert [each for each in stages(site) if each[1] != "closed"] == []
    site.run(3 * 60, step=5)
    assert ("desk", "first") in stages(site)


def test_an_exercise_goes_through_everything_and_ends_with_its_acknowledgement(site):
    acts = site.acts()
    plans = site.alerting.plans
    drill = acts.drill(
        source=SOURCE,
        rule=Rule.OVERDUE_DETAINER_HOLD,
        severity=Severity.VIOLATION,
        by="officer:x",
        route_of=plans.route_of,
    )
    site.run(20, step=1)
    notices = acts.store.notices_of(drill.alert_id)
    assert [(row.receiver, row.stage, row.state) for row in notices] == [("desk", "first", "sent")]
    saying = Saying(
        site.rows, "test", {SOURCE: "America/Detroit"}, site.alerting.terms, lambda *_: PACK.parameters, lambda _: None
    )
    said = saying.said(notices[0], site.now)
    assert said.drill
    assert [each.booking for each in said.cases] == ["DRILL"]
    acts.acknowledge_by_link(notices[0].notice_id, "me", marks(site, drill.alert_id))
    site.run(30, step=1)
    assert acts.store.alert(drill.alert_id).closed_at is not None
    assert [row.by for row in acts.store.acks_of(drill.alert_id)] == ["receiver:desk (me)"]
    # Nobody's program is told of a finding that there is none of.
    assert not [row for row in site.query("SELECT key FROM outbox") if drill.alert_id in row.key]


def test_what_a_notice_says_names_the_paper_on_file_and_the_one_missing(site):
    alert = one_alert(site)
    links = AckLinks(b"k" * 32, "https://alerts.example.gov", HOUR)
    saying = Saying(
        site.rows, "test", {SOURCE: "America/Detroit"}, site.alerting.terms, lambda *_: PACK.parameters, links.link
    )
    (notice,) = site.rows.notices_of(alert)
    said = saying.said(notice, site.now)
    (case,) = said.cases
    assert [(paper.kind, paper.form) for paper in case.papers] == [("charge", ""), ("immigration_detainer", "I-247A")]
    assert [each.value for each in case.missing] == ["judicial_warrant"]
    assert said.next_told.step == 2
    assert said.next_told.at == notice.due_at + 5 * MINUTE
    assert said.next_told.receivers == ()
    assert links.read(said.link.rpartition("/")[2], site.now) == notice.notice_id


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (lambda token: token + "x", "longer"),
        (lambda token: token.replace(".", "-", 1), "no parts"),
        (lambda token: "n-2" + token[3:], "another notice"),
        (lambda token: ".".join([(p := token.split("."))[0], str(int(p[1]) + 60), p[2]]), "a later end"),
        (lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"), "another signature"),
        (lambda token: "", "nothing"),
        (lambda token: "a.²." + "x" * 43, "a digit that is none"),
    ],
)
def test_a_link_that_was_tampered_with_is_none(spoil, because):
    links = AckLinks(b"k" * 32, "https://x", HOUR)
    token = links.token("n-1", 100 * SECOND)
    assert links.read(token, 99 * SECOND) == "n-1"
    with pytest.raises(UsageError, match="no link of ours"):
        links.read(spoil(token), 99 * SECOND)
    with pytest.raises(UsageError, match="too old"):
        links.read(token, 100 * SECOND)


def test_open_findings_of_before_are_told_when_alerting_starts_for_the_first_time(url):
    site = Site(url)
    site.take(held("B-1", START - timedelta(days=9)))
    site.desk.commit()
    site.now += DAY
    site.run(60, step=1)
    assert site.open_findings() == Counter(
        row.finding_id for row in site.query("SELECT finding_id FROM findings WHERE status = 'open'")
    )
    assert ("desk", "first") in stages(site)
    site.close()


def test_a_finding_whose_entry_was_sealed_before_it_was_read_is_told_and_ends_all_the_same(site):
    site.run(20, step=1)
    site.take(held("B-2", START - timedelta(hours=2)))
    _seal(site, "finding.raised", "B-2")
    site.run(90, step=1)
    (finding,) = site.query("SELECT finding_id FROM findings WHERE booking = 'B-2' AND status = 'open'")
    assert site.open_findings()[finding.finding_id] == 1
    site.take([released("B-2", START)])
    _seal(site, "finding.resolved", "B-2")
    site.run(90, step=1)
    assert site.open_findings()[finding.finding_id] == 0


def _seal(site: Site, kind: str, booking: str) -> None:
    with site.engine_store.engine.begin() as connection:
        connection.execute(
            text("UPDATE entries SET body = NULL, salt = NULL WHERE kind = :kind AND booking = :booking"),
            {"kind": kind, "booking": booking},
        )


def test_a_second_alerting_process_is_turned_away_and_nothing_is_written_twice(site):
    site.run(5, step=1)
    other = site.started()
    other.turn(site.now)
    site.take(held("B-2", START - timedelta(hours=1)))
    other.turn(site.now + SECOND)
    with pytest.raises(FencedError):
        site.alerting.turn(site.now + SECOND)
    site.alerting.turn(site.now + 2 * SECOND)  # It has read what the other wrote.
    assert max(site.open_findings().values()) == 1


def test_nothing_is_lost_when_a_turn_fails_half_way(site, monkeypatch):
    site.run(5, step=1)
    site.take(held("B-2", START - timedelta(hours=1)))
    real = site.alerting._desk.write
    monkeypatch.setattr(site.alerting._desk, "write", lambda _prepare: (_ for _ in ()).throw(TransientError("away")))
    with pytest.raises(TransientError):
        site.alerting.turn(site.now)
    monkeypatch.setattr(site.alerting._desk, "write", real)
    site.run(30, step=1)
    assert Counter(dict.fromkeys(site.open_findings(), 1)) == site.open_findings()
    assert len(site.open_findings()) == 2


def test_the_database_itself_keeps_a_finding_out_of_two_open_alerts(site):
    one_alert(site)
    (row,) = site.query("SELECT finding_id FROM alert_findings WHERE ended_at IS NULL LIMIT 1")
    with pytest.raises(Exception, match=r"(?i)unique"), site.engine_store.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO alert_findings VALUES ('other', :finding, 'B-1', 0, 0, NULL, 'open', 0)"),
            {"finding": row.finding_id},
        )


def test_one_process_holds_the_lock_and_the_next_one_gets_it(url, tmp_path):
    site = Site(url)
    first, second = (AlertLock(site._own_store().engine, tmp_path) for _ in range(2))
    assert first.hold()
    assert first.hold()
    assert not second.hold()
    first.release()
    assert second.hold()
    second.release()
    site.close()


def test_alerts_reach_people_where_workers_leave_the_log_to_a_sequencer(server):
    """Entries of findings are known once they have their place; those of alerting wait for theirs."""
    site = Site(
        server.new_database(), rosters={"watch": Roster([Shift(0, instant(START) + DAY, ("watch",))])}, beside=True
    )
    sequencer = Sequencer(SqlSequencing(site._own_store()))
    assert sequencer.hold()
    site.take(held("B-1", START - timedelta(hours=1)))
    site.run(12, step=1)
    sequencer.sequence()
    site.run(320, step=2)
    assert {each[1] for each in stages(site)} >= {"first", "escalated"}
    assert site.query("SELECT 1 FROM unsequenced WHERE kind = 'alert.sent'")
    sequencer.sequence()
    assert site.kinds()["alert.sent"] == len(stages(site))
    sequencer.release()
    site.close()


BODIES = (b"\xff", b"", b"[]", b"{}", b'{"kind": "finding.raised", "detail": {}}', "text")


@pytest.mark.parametrize("body", BODIES, ids=repr)
def test_everybody_is_told_of_although_somebody_has_spoiled_an_entry(tmp_path, body):
    site = Site(f"sqlite:///{tmp_path}/site.db")
    site.take(held("B-1", START - timedelta(hours=1)))
    site.run(20, step=1)
    site.take(held("B-2", START - timedelta(hours=1)))
    spoil = "UPDATE entries SET body = :body WHERE leaf_index IN (SELECT leaf_index FROM entries WHERE {} LIMIT 1)"
    with site.engine_store.engine.begin() as connection:
        for chosen in ("kind = 'finding.raised' AND booking = 'B-2'", "kind = 'event.accepted' AND booking = 'B-2'"):
            assert connection.execute(text(spoil.format(chosen)), {"body": body}).rowcount == 1
    with capture_logs() as logged:
        site.run(20, step=1)
    assert "alerts.entry_unreadable" in [each["event"] for each in logged]
    told = site.query("SELECT booking FROM alert_findings WHERE told = 1")
    assert {row.booking for row in told} == {"B-1", "B-2"}
    assert site.duties().catch_up()
    site.close()


def test_all_that_is_open_is_told_within_seconds_of_a_first_start_although_it_is_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.services.alerting._ADRIFT_AT_ONCE", 7)
    site = Site(f"sqlite:///{tmp_path}/site.db")
    site.take([each for number in range(20) for each in held(f"B-{number}", START - timedelta(hours=1))])
    site.run(10, step=1)
    (known,) = site.query("SELECT count(DISTINCT booking) AS number FROM alert_findings")
    assert known.number == 20
    site.close()


def test_a_first_notice_stays_the_first_for_whoever_has_not_got_it_when_a_part_is_over(tmp_path):
    site = Site(f"sqlite:///{tmp_path}/site.db")
    site.receivers["desk"].fails = "unreachable"
    site.take(held("B-1", START - timedelta(hours=1)) + held("B-2", START - timedelta(hours=1)))
    site.run(20, step=1)
    site.take([released("B-1", START)])
    site.run(20, step=1)
    (waiting,) = [row for row in site.alerting.waiting.values() if row.receiver == "desk" and row.stage != "closed"]
    assert (waiting.stage, len(orjson.loads(waiting.new))) == ("first", 2)
    said = Saying(
        site.rows, "test", {SOURCE: "America/Detroit"}, site.alerting.terms, lambda *_: PACK.parameters, lambda _: None
    ).said(waiting, site.now)
    title = words([PACK])(said).title
    assert title.startswith("[holdwatch test] ALERT: 1 booking held past release on immigration paper")
    site.receivers["desk"].fails = ""
    site.run(60, step=1)
    assert ("desk", "first") in stages(site)
    # Once they know of it, an end is told as an end.
    site.take([released("B-2", START)])
    site.run(30, step=1)
    assert ("desk", "closed") in stages(site)
    site.close()


def test_a_violation_rings_although_silence_follows_upon_silence_for_a_day(tmp_path):
    site = Site(f"sqlite:///{tmp_path}/site.db")
    site.take(held("B-1", START - timedelta(hours=1)))
    acts, began = site.acts(), site.now
    for _ in range(6):
        acts.silence(source="", rule=None, booking="", minutes=60, author="officer:x", reason="x", bounds=BOUNDS)
        site.run(59 * 60, step=30)
    told = site.query(
        "SELECT due_at FROM notices n JOIN alerts a ON a.alert_id = n.alert_id WHERE a.rule LIKE 'overdue_det%'"
    )
    first = min(row.due_at for row in told) - began
    assert 2 * HOUR <= first <= 2 * HOUR + MINUTE  # twice the bound
    assert len({row.due_at for row in told}) > 4 * 3  # and it goes on, at least as often as it is repeated
    bodies = [orjson.loads(row.body) for row in site.query("SELECT body FROM entries WHERE kind = 'alert.silenced'")]
    renews = [each["detail"].get("renews") for each in bodies]
    assert renews == [None, *(each["detail"]["silence"] for each in bodies[:-1])]
    site.close()
