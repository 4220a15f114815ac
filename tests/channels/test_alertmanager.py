"""Alertmanager: one alert from startsAt to endsAt, known by labels that stay the same."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from connectors.alertmanager.client import alert_of
from connectors.notice import Act, PassingSendError, PermanentSendError
from tests.channels.kinds import AT, KEY, NOTICE, alertmanager, opened, secret, sent
from tests.channels.party import party

WEEK = timedelta(days=7)


async def test_it_is_an_alert_when_it_is_sent(tmp_path):
    with party() as side:
        await sent(opened(alertmanager(tmp_path, side.url) | {"labels": {"team": "watch"}}))
    (got,) = side.got
    assert (got.method, got.path, got.headers["authorization"]) == ("POST", "/prefix/api/v2/alerts", f"Bearer {KEY}")
    assert got.json == [
        {
            "labels": {
                "team": "watch",
                "alertname": "holdwatch.alert.v1",
                "alert": "A1",
                "severity": "violation",
                "site": "example-county-jail",
                "exercise": "false",
            },
            "annotations": {"summary": NOTICE.title, "description": NOTICE.text},
            "startsAt": "2026-03-02T02:47:00+00:00",
            "endsAt": "2026-03-09T03:04:05.678901+00:00",
            "generatorURL": NOTICE.link,
        }
    ]


def test_it_ends_the_same_alert_when_it_is_closed():
    first, last = (alert_of(replace(NOTICE, id=act, act=act), {}, WEEK) for act in (Act.OPEN, Act.CLOSED))
    assert first["labels"] == last["labels"]
    assert datetime.fromisoformat(last["endsAt"]) == AT


def test_it_does_not_end_before_it_starts_when_the_clock_was_ahead():
    told = alert_of(replace(NOTICE, since=AT + timedelta(hours=1), act=Act.CLOSED), {}, WEEK)
    assert told["startsAt"] == told["endsAt"]


async def test_nothing_is_sent_when_it_is_acknowledged(tmp_path):
    with party() as side:
        await sent(opened(alertmanager(tmp_path, side.url)), replace(NOTICE, act=Act.ACKNOWLEDGED))
    assert side.got == []


@pytest.mark.parametrize(
    ("statuses", "error"),
    [
        ((500, 200), None),
        ((400, 200), None),
        ((400, 400), PermanentSendError),
        ((400, 500), PassingSendError),
    ],
)
async def test_it_is_taken_when_one_instance_of_a_cluster_takes_it(tmp_path, statuses, error, capfd):
    with party() as one, party() as two:
        one.ok, two.ok = statuses
        table = alertmanager(tmp_path, "x") | {"urls": [one.url, two.url]}
        if error is None:
            await sent(opened(table))
            assert (len(one.got), len(two.got)) == (1, 1)
        else:
            with pytest.raises(error):
                await sent(opened(table))
    said = "".join(capfd.readouterr())
    assert ("instances_failing" in said, KEY in said, one.url in said) == (error is None, False, False)


async def test_user_and_password_go_as_basic_when_both_are_set(tmp_path):
    with party() as side:
        table = alertmanager(tmp_path, side.url) | {"user": "jail", "secret_file": secret(tmp_path, "pass")}
        await sent(opened(table))
    assert side.got[0].headers["authorization"] == "Basic amFpbDpwYXNz"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"user": "jail", "secret_file": None}, "user needs secret_file"),
        ({"labels": {"severity": "x"}}, "set by the alert itself"),
        ({"labels": {"a-b": "x"}}, "pattern"),
        ({"urls": []}, "at least 1"),
    ],
)
def test_settings_are_refused_when_they_cannot_be_meant(tmp_path, more, says):
    with pytest.raises(ValidationError, match=says):
        opened(alertmanager(tmp_path, "https://example.org") | more)
