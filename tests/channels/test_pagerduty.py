"""PagerDuty: one incident from its trigger to its end, by one dedup_key."""

from dataclasses import replace

import pytest

from connectors.notice import Act
from connectors.pagerduty.client import event_of, events_of
from schemas.kinds import Severity
from tests.channels.kinds import KEY, NOTICE, opened, pagerduty, sent
from tests.channels.party import party


async def test_it_is_an_event_when_it_is_sent(tmp_path):
    with party() as side:
        side.ok = 202
        await sent(opened(pagerduty(tmp_path, side.url)))
    (got,) = side.got
    assert (got.method, got.path) == ("POST", "/v2/enqueue")
    assert got.json == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "A1",
        "payload": {
            "summary": "ALERT: B-100 held past release",
            "source": "example-county-jail",
            "severity": "critical",
            "timestamp": "2026-03-02T02:47:00+00:00",
            "component": "holdwatch",
            "class": "holdwatch.alert.v1",
            "custom_details": {"text": NOTICE.text, "exercise": False, "notice_id": "n-1"},
        },
        "links": [{"href": NOTICE.link, "text": "See and acknowledge"}],
    }


@pytest.mark.parametrize(
    ("act", "action"), [(Act.OPEN, "trigger"), (Act.ACKNOWLEDGED, "acknowledge"), (Act.CLOSED, "resolve")]
)
def test_it_speaks_of_one_incident_when_the_key_is_the_same(act, action):
    event = event_of(replace(NOTICE, id="another", act=act))
    assert (event["event_action"], event["dedup_key"]) == (action, "A1")
    assert ("payload" in event) is (act is Act.OPEN)


async def test_it_rings_in_an_incident_of_its_own_when_an_acknowledgement_has_run_out(tmp_path):
    with party() as side:
        side.ok = 202
        channel = opened(pagerduty(tmp_path, side.url))
        await sent(channel, replace(NOTICE, again=1))
    told = [(got.json["event_action"], got.json["dedup_key"]) for got in side.got]
    assert told == [("resolve", "A1"), ("trigger", "A1.1")]
    again = events_of(replace(NOTICE, again=12, act=Act.CLOSED, key="k" * 5000))
    assert [len(each["dedup_key"]) for each in again] == [255, 255]
    assert len({each["dedup_key"] for each in again}) == 2


def test_it_fits_when_texts_are_long():
    event = event_of(replace(NOTICE, title="t" * 5000, key="k" * 5000))
    assert (len(event["payload"]["summary"]), len(event["dedup_key"])) == (1024, 255)


@pytest.mark.parametrize("severity", Severity)
def test_it_has_a_word_of_theirs_when_a_finding_speaks(severity):
    assert event_of(replace(NOTICE, severity=severity))["payload"]["severity"] in {"critical", "warning", "info"}
