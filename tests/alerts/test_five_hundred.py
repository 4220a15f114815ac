"""500 people held past their release time within one minute: crashes, dead receivers, an empty shift."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from integration.domain.instants import MINUTE, SECOND
from schemas.notices import AlertNotice
from tests.alerts.site import ROUTE, SOURCE, START, Receiver, Site, held, instant, released

COUNT = 500


def overfull(tmp_path, count: int, **how) -> Site:
    """A site at the moment before the first of them comes due."""
    site = Site(f"sqlite:///{tmp_path / 'site.sqlite'}", **how)
    site.now = instant(START - timedelta(minutes=2))
    due = [START + timedelta(seconds=60 * number / count) for number in range(count)]
    site.take(each for number, at in enumerate(due) for each in held(f"B-{number:04}", at))
    return site


def delays(site: Site) -> list[float]:
    """Seconds from the raising of each finding to the first notice that anybody got of it."""
    got: dict[str, int] = {}
    for receiver in site.receivers.values():
        for at, notice in receiver.got:
            got[notice] = min(at, got.get(notice, at))
    told: dict[str, int] = {}
    notices = site.query("SELECT notice_id, alert_id, due_at FROM notices")
    members = site.query("SELECT alert_id, finding_id, added_at FROM alert_findings")
    by_alert: dict[str, list] = {}
    for row in members:
        by_alert.setdefault(row.alert_id, []).append(row)
    for notice in notices:
        if notice.notice_id in got:
            for member in by_alert.get(notice.alert_id, []):
                if member.added_at <= notice.due_at:
                    at = got[notice.notice_id]
                    told[member.finding_id] = min(at, told.get(member.finding_id, at))
    raised = site.query("SELECT finding_id, raised_at FROM findings WHERE rule = 'overdue_detainer_hold'")
    assert {row.finding_id for row in raised} <= told.keys(), "somebody is held and nobody was told"
    return sorted((told[row.finding_id] - row.raised_at) / SECOND for row in raised)


def late_escalations(site: Site) -> list[float]:
    """Seconds by which each step was told later than planned: its wait after the step before, at once where that one
    reached nobody."""
    rows = site.query(
        "SELECT alert_id, cycle, step, stage, MIN(due_at) AS at FROM notices GROUP BY alert_id, cycle, step, stage"
    )
    begun = {(row.alert_id, row.cycle, row.step): row.at for row in rows if row.stage in {"first", "escalated"}}
    late = []
    for (alert, cycle, step), at in begun.items():
        if step == 2:  # the second step is the empty shift
            late.append((at - begun[alert, cycle, 0] - site.route.steps[0].wait) / SECOND)
    return late


def check(site: Site, *, count: int, duplicates: int) -> None:
    open_now = site.open_findings()
    on_record = {row.finding_id for row in site.query("SELECT finding_id FROM findings WHERE status = 'open'")}
    assert open_now == Counter(on_record)
    took = delays(site)
    assert len(took) == count
    assert took[int(0.99 * len(took))] <= 60
    late = late_escalations(site)
    assert late
    assert 0 <= min(late) <= max(late) <= 5
    doubled = [each for one in site.receivers.values() for each in Counter(n for _, n in one.got).values() if each > 1]
    assert sum(each - 1 for each in doubled) <= duplicates


def test_500_are_told_within_a_minute_when_the_process_dies_and_a_receiver_is_dead_and_a_shift_is_empty(tmp_path):
    site, dice = overfull(tmp_path, COUNT), Random(7)
    site.receivers["chief"] = Receiver(fails="unreachable", seconds=20.0)
    site.run(110, step=1.0, each=site.fire)
    crash_at = sorted(site.now + int(dice.uniform(0, 75) * SECOND) for _ in range(10))

    def each() -> None:
        site.fire()
        if crash_at and site.now >= crash_at[0]:
            crash_at.pop(0)
            site.crash()

    site.run(80, step=0.5, each=each)
    site.receivers["chief"] = Receiver()
    site.run(400, step=1.0)
    check(site, count=COUNT, duplicates=site.crashes)
    assert site.crashes == 10


@pytest.mark.parametrize("window", [0, 5 * MINUTE])
def test_each_finding_is_told_once_to_each_when_nothing_goes_wrong(tmp_path, window):
    """Also where each finding has an alert of its own."""
    site = overfull(tmp_path, 60, route=replace(ROUTE, window=window))
    site.run(200, step=0.5, each=site.fire)
    alerts = site.query("SELECT alert_id FROM alerts WHERE rule = 'overdue_detainer_hold'")
    assert len(alerts) == (60 if window == 0 else 2)
    doubled = Counter(notice for receiver in site.receivers.values() for _, notice in receiver.got)
    assert set(doubled.values()) == {1}
    assert len(delays(site)) == 60
    assert delays(site)[-1] <= 60


def test_the_next_step_hears_at_once_when_the_first_will_take_nothing(tmp_path):
    site = overfull(tmp_path, 3)
    site.receivers["desk"] = Receiver(fails="refused", permanent=True)
    site.run(190, step=0.5, each=site.fire)
    assert delays(site)[-1] <= 15
    assert site.kinds()["alert.failed"] >= 1


def test_everybody_who_was_told_hears_of_the_end_and_the_log_tells_it_all(tmp_path):
    site = overfull(tmp_path, 2)
    site.run(190, step=0.5, each=site.fire)
    site.take([released("B-0000", START + timedelta(seconds=60)), released("B-0001", START + timedelta(seconds=60))])
    site.run(30, step=0.5, each=site.fire)
    assert site.open_findings() == Counter()
    stages = Counter(row.stage for row in site.query("SELECT stage FROM notices WHERE state = 'sent'"))
    assert stages["closed"] >= 1
    kinds = site.kinds()
    assert kinds["alert.opened"] == kinds["alert.closed"]
    assert kinds["alert.sent"] == sum(stages.values())
    site.desk.catch_up()
    outbox = site.query("SELECT key, payload FROM outbox WHERE topic = 'alerts'")
    assert len({row.key for row in outbox}) == len(outbox) > 0
    notices = [AlertNotice.model_validate_json(row.payload) for row in outbox]
    assert {each.source for each in notices} == {SOURCE}
    assert {each.booking for each in notices} == {"B-0000", "B-0001"}
