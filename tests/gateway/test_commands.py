"""Commands of `gate quarantine`: what a person sees of a message, and hears of those before one that failed."""

import orjson
import pytest
from typer.testing import CliRunner

from integration.cli.app import app
from integration.contents.web import WebMessage
from integration.services.letters import Channel, Letter
from integration.services.sending import Outcome
from integration.services.showing import inert
from integration.services.webexamining import WebTarget, examine_web
from tests.gateway.engine import BOOKING, event, take_in
from tests.gateway.site import SOURCE

HOSTILE = "a\x1b]0;x\x07b\x9b31m\u202etxt\u200b\r\nc\td\u00a0e"
GIVEN = ("--basis", "court_order", "--citation", "26-1234-FH", "--booking", BOOKING)


@pytest.fixture
def commanded(site, monkeypatch):
    monkeypatch.setattr("integration.cli.opening.configure_logs", lambda _level: None)

    def command(*arguments):
        more = () if arguments[0] == "list" else ("--actor", "officer:chief")
        given = ["gate", "quarantine", *arguments, "--settings", str(site.settings), *more]
        done = CliRunner().invoke(app, given)
        return done.exit_code, done.stdout_bytes.decode(), str(done.exception)

    return command


def filed(site, message_id, body=b'{"note": "released at 0730"}'):
    """A request of ``/forward`` in quarantine, as it is kept there."""
    options = {
        "road": "forward",
        "upstream": "there",
        "method": "DELETE",
        "path": "/people",
        "query": f"q={HOSTILE}",
        "headers": orjson.dumps({"x-note": "out at 0730"}).decode(),
        "content_type": "application/json",
    }
    parts = site.parts
    now = parts.now()
    to = ("https://ice.dhs.gov/people",)
    letter = Letter(message_id, Channel.HTTP, SOURCE, now, body, "", to, "jane", options, message_ids=(message_id,))
    message = WebMessage("DELETE", "/people", body=body, content_type="application/json")
    seen = examine_web(message, WebTarget("https://ice.dhs.gov"), parts.desk.pack_for(SOURCE, now).parameters)
    (one,) = parts.mailroom.file(letter, [seen]).result().deliveries
    assert one.state.value == "blocked"
    return message_id


def test_signs_are_spelled_out_when_a_terminal_would_obey_them():
    shown = inert(HOSTILE.encode() + b"\xff")
    assert shown == "a\\x1b]0;x\\x07b\\x9b31m\\u202etxt\\u200b\nc\td\u00a0e\\xff"


async def test_person_sees_all_that_leaves_when_they_view_a_request(site, commanded):
    message = filed(site, "h-1", b'{"note": "released at 0730 \x1b[2J"}')
    code, out, _ = commanded("view", message)
    assert code == 0
    for said in ("DELETE", "there", "/people", "field x-note", "out at 0730", "application/json", "released at 0730"):
        assert said in out
    assert "q=a" in out
    assert all(each.isprintable() or each in "\n\t\u00a0" for each in out)
    assert commanded("view", message, "--raw")[1].encode() == b'{"note": "released at 0730 \x1b[2J"}'


async def test_person_hears_of_those_before_when_one_of_several_fails(site, commanded):
    take_in(site.installation, event(1, "booking.opened"))
    first, second = filed(site, "h-1"), filed(site, "h-2")
    code, out, err = commanded("approve", first, "nothing", second, *GIVEN)
    assert code == 1
    assert f"{first} will be sent" in out
    assert "no message nothing; the one before it is decided" in err
    code, out, err = commanded("withdraw", first, "nothing")
    assert code == 1
    assert f"{first}: withdrawn" in out
    assert "the one before it is withdrawn" in err
    assert "none is denied" in commanded("deny", "nothing", second)[2]


async def test_nothing_is_said_of_an_end_when_an_unknown_outcome_waits_for_ever(site, commanded):
    take_in(site.installation, event(1, "booking.opened"))
    message = filed(site, "h-1")
    assert commanded("approve", message, *GIVEN)[0] == 0
    begun = site.parts.sending.begin(message).result(10)
    site.parts.sending.finish([begun.row], Outcome.UNKNOWN, "lost").result(10)
    (listed,) = orjson.loads(commanded("list", "--json")[1])
    assert (listed["state"], listed["kept_until"]) == ("unknown", None)
