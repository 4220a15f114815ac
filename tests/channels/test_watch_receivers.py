"""The watchdog tells through any channel; for receivers that keep alerts all of its own are one."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from integration.domain.instants import SECOND
from integration.runners.watch.memory import Memory, SteadyClock
from integration.runners.watch.parts import parts_of
from integration.runners.watch.telling import Teller
from integration.services.vitals import Part, Trouble
from integration.services.watchbook import Alert, Book, Stage
from integration.settings import Settings
from tests.channels.kinds import CANARY, KEY, QUICK, pagerduty, secret
from tests.channels.party import party


def settings(folder, **watch) -> Settings:
    return Settings(
        site={"name": "example", "state_dir": folder},
        log={"origin": "example.org/log"},
        facilities=[{"source": "/jms/x", "zone": "UTC", "packs": [{"pack": "lansing-eo-2017-01"}]}],
        watch=watch,
    )


def test_names_differ_when_there_are_several_receivers(tmp_path):
    twice = [{"channel": "command", "name": "x", "argv": ["/bin/true"]}] * 2
    with pytest.raises(ValidationError, match="two channels have the same name"):
        settings(tmp_path, receivers=twice)


def test_a_receiver_is_refused_when_its_kind_is_unknown(tmp_path):
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        settings(tmp_path, receivers=[{"channel": "pigeon"}])


ALERT = Alert("a1", Part.DISK, "", Trouble.DISK_FULL, opened_at=0, since=0, detail={})


@pytest.mark.parametrize(
    ("book", "stage", "action"),
    [
        (Book(alerts=(ALERT,)), Stage.NEW, "trigger"),
        (Book(alerts=(replace(ALERT, over_at=SECOND), replace(ALERT, id="a2"))), Stage.OVER, "trigger"),
        (Book(alerts=(replace(ALERT, over_at=SECOND),)), Stage.OVER, "resolve"),
    ],
)
async def test_an_incident_stays_open_when_one_alert_of_the_watchdog_is(tmp_path, book, stage, action, capfd):
    with party() as side:
        made = parts_of(settings(tmp_path, receivers=[pagerduty(tmp_path, side.url)]))
        (channel,) = made.channels
        channel._poster._patience = QUICK
        teller = Teller(made, SteadyClock(0), Memory(book=book))
        secret(tmp_path, KEY)
        await teller._send(channel, ((book.alerts[0], stage),), SECOND)
        await made.close()
    (got,) = side.got
    assert (got.json["event_action"], got.json["dedup_key"]) == (action, "watch-example")
    assert CANARY not in "".join(capfd.readouterr())
