"""Processes that examine: they say what this one would say, and a message is never taken that none of them examined."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from integration.domain.agencies import Directory
from integration.domain.messages.people import MISSING, Person, Roster
from integration.errors import TransientError
from integration.runners.gateway.examiners import Examiners, examiners
from integration.services.examining import NO_ROSTER, Envelope, examine_mail
from schemas.kinds import RecipientClass
from tests.conftest import environment
from tests.gate.judging import HOME, pack
from tests.gate.leaks import ALL
from tests.gate.mails import AGENT, plain
from tests.gate.techniques import OPEN
from tests.gateway.client import talk
from tests.gateway.ordinary import ordinary_mails
from tests.gateway.site import running

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"
ROSTER = Roster([Person("Perez", "Juan", date(1990, 3, 5), "2026-00417")])
PARAMETERS = pack(HOME).parameters


@pytest.fixture
def one():
    with closing(Examiners(1)) as pool:
        yield pool


def test_examined_is_the_same_when_another_process_does_it(one):
    mails = [
        (OPEN[name](ALL[at % len(ALL)][1]), (AGENT, "bob@example.org")) for at, name in enumerate(sorted(OPEN)[::4])
    ]
    mails += ordinary_mails(12)
    for raw, to in mails:
        for roster in (NO_ROSTER, ROSTER, MISSING):
            envelope = Envelope(to, "jane@lansing.example")
            assert one(raw, envelope, PARAMETERS, roster=roster) == examine_mail(
                raw, envelope, PARAMETERS, roster=roster
            )


def test_roster_and_pack_in_force_count_when_they_change_between_messages(one):
    raw, envelope = plain("Juan Perez called."), Envelope(("bob@example.org",))
    for roster in (NO_ROSTER, ROSTER, NO_ROSTER):
        found = {each.detector for each in one(raw, envelope, PARAMETERS, roster=roster).content.found}
        assert ("roster_name" in found) == (roster is ROSTER)
    theirs = replace(PARAMETERS, immigration_authorities=Directory(domains=("example.org",)))
    for parameters in (PARAMETERS, theirs, PARAMETERS):
        (bob,) = one(raw, envelope, parameters).recipients
        assert (bob.reach.party is RecipientClass.IMMIGRATION_AUTHORITY) == (parameters is theirs)


def test_examining_fails_and_the_next_one_works_when_the_process_was_killed(one):
    (before,) = one.processes
    os.kill(before, signal.SIGKILL)
    with pytest.raises(TransientError):
        one(PLAIN, Envelope((AGENT,)), PARAMETERS)
    assert one(PLAIN, Envelope((AGENT,)), PARAMETERS) == examine_mail(PLAIN, Envelope((AGENT,)), PARAMETERS)
    assert one.processes != [before]


def test_examining_fails_and_the_process_is_ended_when_it_does_not_answer():
    with closing(Examiners(1, patience=0.05)) as pool:
        (hung,) = pool.processes
        os.kill(hung, signal.SIGSTOP)
        with pytest.raises(TransientError):
            pool(PLAIN, Envelope((AGENT,)), PARAMETERS)
        assert not Path(f"/proc/{hung}").exists()


async def test_client_is_put_off_and_nothing_is_kept_when_the_process_is_killed_while_it_examines(tmp_path, sink, one):
    async with running(tmp_path, sink, examine=one) as site, talk(site.port) as client:
        for raw, to in ((PLAIN, "bob@example.org"), (plain("He is getting out Thurs.") + b"\r\n", AGENT)):
            (process,) = one.processes
            os.kill(process, signal.SIGSTOP)
            handing = asyncio.create_task(client.hand(raw, to))
            await site.until(lambda: one.idle == 0)
            os.kill(process, signal.SIGKILL)
            assert (await handing).startswith("451 4.3.0")
        assert (site.states(), sink.arrived, site.kinds("message.accepted")) == ({}, [], [])
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        assert (await client.hand(plain("He is getting out Thurs.") + b"\r\n", AGENT)).startswith("250")
        await site.settled()
        assert site.states()["blocked"] == 1
        assert [mail.raw for mail in sink.arrived if mail.recipients == ["bob@example.org"]] == [PLAIN]
        assert not any(AGENT in mail.recipients for mail in sink.arrived)


def test_processes_end_when_the_gateway_is_killed():
    program = (
        "from integration.runners.gateway.examiners import Examiners\n"
        "print(*Examiners(2).processes, flush=True)\n"
        "input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    with parent:
        descriptors = [os.pidfd_open(int(each)) for each in parent.stdout.readline().split()]
        parent.kill()
    assert len(descriptors) == 2
    for descriptor in descriptors:
        ended, _, _ = select.select([descriptor], [], [], 60)  # Readable once the process has ended.
        os.close(descriptor)
        assert ended


def test_nobody_else_examines_when_none_is_asked_for():
    with examiners(0) as pool:
        assert pool.processes == []
        assert pool(PLAIN, Envelope((AGENT,)), PARAMETERS) == examine_mail(PLAIN, Envelope((AGENT,)), PARAMETERS)


def test_there_is_a_process_for_each_processor_when_there_are_more_than_two_and_nobody_says_how_many(monkeypatch):
    for processors, wanted in ((1, 0), (2, 0), (3, 3), (64, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _process, count=processors: set(range(count)))
        monkeypatch.setattr("integration.runners.gateway.examiners._Examiner.start", lambda _self: None)
        with examiners(None) as pool:
            assert pool.idle == wanted
