"""Figures of alerting: counted in the database, told to Prometheus, and nothing of a person in them."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from connectors.duties import DutySettings
from integration.domain.alerts.topics import DutyKind
from integration.domain.instants import HOUR, MINUTE, SECOND
from integration.metrics import AlertMetrics
from integration.services.alertfigures import AlertCount, DutyCount, WaitingCount
from integration.store.alertfigures import SqlAlertFigures
from schemas.kinds import Rule, Severity
from tests.alerts.site import BOUNDS, SOURCE, START, Receiver, Site, held
from tests.alerts.test_duty_alerts import filed


@pytest.fixture
def site(url):
    made = Site(url)
    made.remind(DutySettings().patience)
    made.take([*held("B-1", START - timedelta(minutes=5)), *held("B-2", START - timedelta(minutes=4))])
    yield made
    made.close()


def figures(site: Site):
    return SqlAlertFigures(site.engine_store.engine).figures(site.now)


def sample(metrics: AlertMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"holdwatch_{name}", labels)


def test_every_figure_is_that_of_the_database(site):
    filed(site, 1, "blocked", site.now - 30 * HOUR)
    filed(site, 2, "blocked", site.now - HOUR)
    filed(site, 3, "unknown", site.now - MINUTE)
    filed(site, 4, "sent", site.now - 99 * HOUR)
    site.receivers["chief"] = Receiver(fails="away")
    site.run(40, step=1)
    begun = {each.group.rule: each for each in site.rows.open_alerts()}
    violation = begun[Rule.OVERDUE_DETAINER_HOLD]
    site.acts().silence(
        source="", rule=DutyKind.QUARANTINE, booking="", minutes=30, author="x", reason="counting", bounds=BOUNDS
    )
    found = figures(site)
    assert [each for each in found.alerts if each.severity == "violation"] == [
        AlertCount(SOURCE, "violation", 1, 1, violation.opened_at)
    ]
    assert found.silences == 1
    assert DutyCount("quarantine", 0, 1) in found.duties
    assert DutyCount("delivery_unknown", 0, 1) in found.duties
    assert set(found.messages) == {
        WaitingCount("blocked", 2, site.now - 40 * SECOND - 30 * HOUR),
        WaitingCount("unknown", 1, site.now - 40 * SECOND - MINUTE),
    }
    site.acts().acknowledge(violation.alert_id, "officer:jdoe")
    site.run(5, step=1)
    assert [each[2:] for each in figures(site).alerts if each.severity == "violation"] == [(1, 0, None)]
    site.run(2100, step=30)
    assert figures(site).waiting["chief"] > 0  # because the desk had half an hour to answer for the duties
    assert site.alerting.escalations > 0
    assert figures(site).silences == 0


def test_an_exercise_counts_for_nothing(site):
    site.run(30, step=1)
    before = figures(site).alerts
    site.acts().drill(
        source=SOURCE, rule=Rule.OVERDUE_RELEASE, severity=Severity.ADVICE, by="x", route_of=lambda *_: site.route
    )
    site.run(30, step=1)
    assert figures(site).alerts == before


def test_metrics_show_what_was_counted_and_forget_what_is_gone(site):
    metrics = AlertMetrics(CollectorRegistry())
    filed(site, 3, "unknown", site.now - MINUTE)
    site.run(30, step=1)
    metrics.went_round(site.now, active=True)
    metrics.show(figures(site))
    assert sample(metrics, "alerts_open", source=SOURCE, severity="violation") == 1
    assert sample(metrics, "alerts_unacknowledged", source=SOURCE, severity="violation") == 1
    assert 0 < (sample(metrics, "alerts_oldest_seconds", source=SOURCE, severity="violation") or 0) <= 31
    assert sample(metrics, "gate_messages", state="unknown") == 1
    assert sample(metrics, "gate_messages", state="blocked") == 0
    assert sample(metrics, "gate_messages_oldest_seconds", state="unknown") == 90
    assert sample(metrics, "duties", kind="delivery_unknown", state="overdue") == 1
    assert sample(metrics, "duties", kind="certification", state="due") == 0
    assert sample(metrics, "alerting_last_run_timestamp_seconds") == site.now / SECOND
    metrics.attempted("desk", "first", "sent")
    metrics.escalated(2)
    assert sample(metrics, "notices_total", channel="desk", stage="first", outcome="sent") == 1
    assert sample(metrics, "alert_escalations_total") == 2
    told = generate_latest(metrics.registry).decode()
    assert "B-1" not in told
    # One that stands by shows none of it: two processes would count everything twice.
    metrics.went_round(site.now, active=False)
    assert sample(metrics, "alerting_active") == 0
    assert sample(metrics, "alerts_open", source=SOURCE, severity="violation") is None
    assert sample(metrics, "gate_messages", state="unknown") is None
