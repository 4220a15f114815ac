"""Receivers that keep a state of each alert (an incident, an alert of Alertmanager): it is never left as it was."""

from datetime import timedelta

import pytest

from connectors.notice import Act
from connectors.pagerduty.client import event_of
from integration.domain.alerts.shifts import Roster
from integration.errors import UsageError
from integration.services.alertsaying import Saying
from integration.services.alertwords.compose import words
from tests.alerts.site import PACK, SOURCE, START, Site, held, released

WRITE = words([PACK])
WAITING = "SELECT alert_id FROM alerts WHERE rule LIKE 'overdue%' AND closed_at IS NULL AND acked_at IS NULL"


@pytest.fixture
def site(tmp_path):
    made = Site(f"sqlite:///{tmp_path}/site.db", rosters={"watch": Roster([])})
    made.keepers = frozenset({"desk"})
    made.alerting = made.started()
    made.take(held("B-1", START - timedelta(hours=1)))
    yield made
    made.close()


def waiting(site: Site) -> str:
    site.run(20, step=1)
    ((alert,),) = site.query(WAITING)
    return str(alert)


def acts_told(site: Site, alert_id: str) -> list[tuple[str, Act]]:
    """What each receiver was made to do about an alert, in order."""
    say = Saying(
        site.rows, "test", {SOURCE: "America/Detroit"}, site.alerting.terms, lambda *_: PACK.parameters, lambda _: None
    )
    told = []
    for row in site.rows.notices_of(alert_id):
        if row.state == "sent":
            notice = WRITE(say.said(row, row.due_at))
            assert event_of(notice)["dedup_key"] == (f"{alert_id}.{row.cycle}" if row.cycle else alert_id)
            told.append((row.stage, notice.act))
    return told


def test_an_incident_is_acknowledged_when_somebody_takes_the_alert_on(site):
    alert = waiting(site)
    site.acts().acknowledge(alert, "officer:jdoe")
    site.run(5, step=1)
    assert ("acknowledged", Act.ACKNOWLEDGED) in acts_told(site, alert)
    # People are not told: they have an answer, and the next thing that happens.
    assert {row.receiver for row in site.query("SELECT receiver FROM notices WHERE stage = 'acknowledged'")} == {"desk"}
    site.take([released("B-1", START)])
    site.run(30, step=1)
    assert acts_told(site, alert)[-1] == ("closed", Act.CLOSED)


def merged(site: Site) -> tuple[str, str]:
    """Let one alert take in another as it rings again; returns the one that is gone, and the one that has all."""
    first = waiting(site)
    site.acts().acknowledge(first, "officer:jdoe")
    site.run(60 * 6, step=5)
    site.take(held("B-2", START - timedelta(hours=1)))
    second = waiting(site)
    site.acts().acknowledge(second, "officer:jdoe")
    site.run(60 * 27, step=5)
    return second, first


def test_an_incident_is_resolved_when_its_alert_went_on_in_another(site):
    gone, into = merged(site)
    assert acts_told(site, gone)[-1] == ("merged", Act.CLOSED)
    assert acts_told(site, into)[-1][1] is Act.OPEN  # it has both now
    site.take([released("B-1", START), released("B-2", START)])
    site.run(30, step=1)
    assert acts_told(site, into)[-1] == ("closed", Act.CLOSED)


def test_it_is_said_where_to_look_when_an_alert_went_on_in_another(site):
    gone, into = merged(site)
    (notice, *_) = site.rows.notices_of(gone)
    for act in (
        lambda: site.acts().acknowledge(gone, "officer:roe"),
        lambda: site.acts().acknowledge_by_link(notice.notice_id, "badge 7", []),
        lambda: site.acts().waiting(gone),
    ):
        with pytest.raises(UsageError, match=f"{gone} went on in alert {into}"):
            act()
