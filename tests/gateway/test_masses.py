"""Counted at the sink: of thousands of hostile messages none arrives; of thousands of ordinary ones nearly all do."""

import asyncio
import random
from collections import Counter

import pytest

from tests.gate.judging import PACKS, decided, examined
from tests.gate.leaks import ALL
from tests.gate.mutations import mutated
from tests.gate.techniques import CLOSED, OPEN
from tests.gateway.client import AGENT, talk
from tests.gateway.ordinary import RECIPIENTS, ordinary_mails

CLIENTS = 4
ADDRESSES = (
    AGENT,
    "SMITH@ICE.DHS.GOV",
    "smith@ice.dhs.gov.",
    "smith@field.ice.dhs.gov",
    "smith+booking@ice.dhs.gov",
    "smith%ice.dhs.gov@relay.example",
    "@relay.example:smith@ice.dhs.gov",
    '"smith@ice.dhs.gov"@relay.example',
    "smith@cbp.dhs.gov",
)


def hostile(every: int):
    """Every so manieth of all ways to hide all texts, each to another writing of an address."""
    number = 0
    for technique in (*OPEN.values(), *CLOSED.values()):
        for _, text in ALL:
            number += 1
            if number % every == 0:
                raw = technique(text)
                yield raw if raw.endswith(b"\r\n") else raw + b"\r\n", ADDRESSES[number // every % len(ADDRESSES)]


async def handed_in(site, mails, sender):
    """Hand all of them in through a few connections at once, each kept open. Returns the first digits of replies."""
    waiting, said = list(mails), Counter()

    async def work():
        while waiting:
            async with talk(site.port) as client:
                while waiting:
                    raw, to = waiting.pop()
                    reply = await client.hand(raw, *([to] if isinstance(to, str) else to), sender=sender)
                    said[reply[:3]] += 1
                    if not reply.startswith("250"):
                        break  # the gateway has hung up

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return said


async def no_hostile_message_arrives(site, every):
    mails = list(hostile(every))
    said = await handed_in(site, mails, "")
    await site.settled()
    assert said.total() == len(mails)
    assert said["250"] >= 0.95 * len(mails), said
    assert site.sink.arrived == []
    assert site.states() == {"blocked": said["250"]}
    return len(mails)


async def test_nothing_arrives_when_hundreds_of_hostile_messages_are_handed_in(site):
    assert await no_hostile_message_arrives(site, 8) >= 500


@pytest.mark.by_hand
async def test_nothing_arrives_when_all_hostile_messages_are_handed_in(site):
    assert await no_hostile_message_arrives(site, 1) >= 4_000


async def ordinary_mail_arrives(site, count):
    mails = list(ordinary_mails(count))
    said = await handed_in(site, mails, "")
    await site.settled()
    assert said == {"250": count}
    sent = Counter((raw, tuple(to)) for raw, to in mails)
    got = Counter((mail.raw, tuple(mail.recipients)) for mail in site.sink.arrived)
    arrived = sum((sent & got).values())
    assert got <= sent, "nothing arrived twice, and nothing was changed"
    assert arrived >= 0.995 * count
    return arrived


async def test_ordinary_mail_arrives_byte_for_byte_when_hundreds_are_handed_in(site):
    assert await ordinary_mail_arrives(site, 150) == 150


@pytest.mark.by_hand
async def test_ordinary_mail_arrives_byte_for_byte_when_thousands_are_handed_in(site):
    assert await ordinary_mail_arrives(site, 2_000) >= 1_990


@pytest.mark.by_hand
async def test_only_what_may_pass_arrives_when_ordinary_and_hostile_mail_come_together(site):
    """Mutated messages to both: what arrives at an immigration authority is what every pack's judgement permits."""
    dice = random.Random(5)
    known = [raw for raw, _ in hostile(40)]
    mails = [(mutated(dice.choice(known), dice, known), dice.choice([AGENT, *RECIPIENTS])) for _ in range(1_000)]
    mails = [(raw if raw.endswith(b"\r\n") else raw + b"\r\n", to) for raw, to in mails]
    await handed_in(site, mails, "")
    await site.settled()
    for mail in site.sink.arrived:
        if mail.recipients == [AGENT]:
            assert decided(examined(mail.raw, AGENT, sender=None), PACKS[0]).permit
