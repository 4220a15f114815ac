"""What whoever asked is told of a message that does not leave: what is true of it, and what they can do."""

import asyncio

import pytest

from integration.domain.instants import DAY
from integration.services.explaining import blocked
from integration.services.letters import Channel, Letter, State
from integration.services.maildesk import Terms
from integration.services.mailroom import _decide
from integration.services.sending import Outcome
from tests.gate.judging import HOME, examined, pack
from tests.gate.mails import attached, plain
from tests.gateway_http.site import settings, site
from tests.gateway_http.test_forward import ICE, http
from tests.gateway_http.test_requests import message

RELEASE = {"release_time": "07:30"}
TERMS = Terms(notices_from="gate@county.example", contact="the records bureau")
PICTURE = attached(b"\x89PNG\r\n\x1a\n123", "image/png", "a.png")


def notice(*mails):
    letter = Letter("m", Channel.SMTP, "/s", 0, mails[0], "jane@lansing.example", ("smith@ice.dhs.gov",) * len(mails))
    decided = [(n, _decide(letter, n, examined(raw).alone(0), (), pack(HOME), now=0)[1]) for n, raw in enumerate(mails)]
    told = blocked(letter, decided, pack(HOME), TERMS, now=0)
    assert told is not None
    return told.raw.decode()


def test_sender_is_told_to_send_it_in_another_form_when_no_approval_would_release_it():
    said = notice(PICTURE)
    assert "No approval releases" in said
    assert "can be approved" not in said
    assert "none of its own" not in said
    assert "provisions: L8" in said


def test_sender_is_told_whom_to_ask_when_an_approval_would_release_it():
    said = notice(plain("Juan is released at 0730"))
    assert "It can be approved by a second person" in said
    assert "the records bureau" in said
    assert "No approval releases" not in said


def test_sender_is_told_both_when_a_part_could_not_be_read():
    said = notice(PICTURE, plain("Juan is released at 0730"))
    assert "No approval releases" in said
    assert "What was read can be approved" in said


async def test_system_is_told_that_no_approval_releases_what_could_not_be_read(tmp_path):
    async with site(settings(tmp_path, http({"name": "there", "url": "http://127.0.0.1:1", "agency": ICE}))) as gate:
        picture = {"Content-Type": "image/png"}
        got = await gate.ask("POST", "/forward/there/x", b"\x89PNG\r\n\x1a\n123", picture)
        asked = await gate.ask("POST", "/messages", message(RELEASE, raw_sha256="00"))
    for each in (got, asked):
        assert each.status == 403
        assert "no approval releases it" in each.json["detail"]
        assert "records bureau" not in each.json["detail"]
        assert each.json["provisions"]


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED, State.UNKNOWN])
async def test_system_is_told_what_became_of_its_message_when_it_waits_no_longer(tmp_path, state):
    async with site(settings(tmp_path)) as gate:
        asked = message({"citizenship_or_immigration_status": "LPR"} if state is State.UNKNOWN else RELEASE)
        if state is State.UNKNOWN:
            finish = gate.parts.sending.finish
            gate.parts.sending.finish = lambda rows, _outcome, why="": finish(rows, Outcome.UNKNOWN, why)
        first = await gate.ask("POST", "/messages", asked)
        assert first.status == (200 if state is State.UNKNOWN else 403)
        people = gate.parts.quarantine
        if state is State.DENIED:
            await asyncio.to_thread(people.deny, "m-1", actor="officer:chief")
        if state is State.EXPIRED:
            later = gate.parts.now() + 40 * DAY
            object.__setattr__(gate.parts.desk, "now", lambda: later)
            await asyncio.to_thread(people.expire)
        again = await gate.ask("POST", "/messages", asked)
    kind = "unknown_outcome" if state is State.UNKNOWN else state.value
    assert (again.status, again.json["type"]) == (409, f"urn:holdwatch:problem:{kind}")
    assert "approval by" not in again.json["detail"]


async def test_message_is_decided_by_the_pack_that_it_was_examined_by(tmp_path):
    """Another pack comes into force between the two: its directories were not asked whom it reaches."""
    async with site(settings(tmp_path)) as gate:
        parts, change = gate.parts, gate.parts.now()
        new, old = pack("ma-welcoming-community"), pack(HOME)
        object.__setattr__(parts.desk, "pack_for", lambda _source, at: new if at >= change else old)
        letter = Letter("m", Channel.SMTP, "/jms/example-county", change - 1, plain("x"), "", ("smith@ice.dhs.gov",))
        await asyncio.wrap_future(parts.mailroom.file(letter, parts.mailroom.examine(letter)))
        (decided,) = [each for each in gate.entries() if each["kind"] == "message.decided"]
        assert decided["pack"] == HOME
