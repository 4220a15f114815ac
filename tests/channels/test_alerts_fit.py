"""The largest alert there is goes through every channel, and each gets no more than its party takes."""

from dataclasses import replace

import pytest

from connectors.syslog.config import Facility
from connectors.syslog.message import message_of
from integration.domain.alerts.said import MOST_CASES
from integration.services.alertwords.gsm import segments
from tests.alertwords.alerts import CASE, SAID, WRITE
from tests.channels.kinds import OVER_HTTP, opened, sent
from tests.channels.party import party

CASES = tuple(replace(CASE, booking=f"B-{at}-" + "\u4e2d" * 500) for at in range(MOST_CASES))
LARGEST = WRITE(replace(SAID, cases=CASES, total=MOST_CASES, open_count=MOST_CASES))
TAKEN = {"pagerduty": 512_000, "alertmanager": 1_000_000, "slack": 150_000, "teams": 28_000, "sms": 1_000}
"""Bytes."""


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_it_fits_when_an_alert_is_as_large_as_it_can_be(kind, tmp_path):
    with party() as side:
        await sent(opened(OVER_HTTP[kind](tmp_path, side.url)), LARGEST)
    (got,) = side.got
    assert len(got.body) <= TAKEN[kind]
    assert "See" in got.body.decode() or SAID.link in got.body.decode()


def test_syslog_and_telephone_get_their_measure_when_an_alert_is_as_large_as_it_can_be():
    assert len(message_of(LARGEST, facility=Facility.LOCAL0, hostname="h", number=1, most=8192)) <= 8192
    assert segments(LARGEST.short) == 1
    for at in range(MOST_CASES):
        assert f"B-{at}-" in LARGEST.text
