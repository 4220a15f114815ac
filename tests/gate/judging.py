"""Running the gate on a message, as an enforcer would."""

from functools import cache

from integration.policy.pack import Pack, load, shipped_packs
from integration.services.examining import NO_ROSTER, Envelope, Examined, examine_mail
from integration.services.gate import Request, asked_of, decide_message
from tests.gate.mails import AGENT

PACKS = shipped_packs()
HOME = "lansing-eo-2017-01"
"""Whose directories say who a recipient is; every pack decides."""


@cache
def pack(name: str) -> Pack:
    return load(name)


def decided(examined: Examined, name: str = PACKS[0]) -> Request:
    message = asked_of(examined, event_id="e", time=0, message_id="m", channel="smtp", sender="jane.roe")
    return decide_message(message, pack(name), now=0)


def examined(raw: bytes, *to: str, roster=NO_ROSTER, sender: str | None = "jane@lansing.example") -> Examined:
    return examine_mail(raw, Envelope(to or (AGENT,), sender), pack(HOME).parameters, roster=roster)


def permitted(raw: bytes, *to: str, roster=NO_ROSTER) -> bool:
    seen = examined(raw, *to, roster=roster)
    return any(decided(seen, name).permit for name in PACKS)
