"""What people decide in the console: to take an alert on, and what becomes of a message that waits."""

import re

import orjson
import pytest

from integration.console.quarantine import STATES
from integration.contents.web import WebMessage
from integration.runners.alerting.parts import parts_of
from integration.services.clerk import Act
from integration.services.letters import Channel, Letter, State, new_mail_id
from integration.services.sending import replace_row
from integration.services.webexamining import WebTarget, examine_web
from integration.store.accounts import Grant
from tests.console.site import HERE, HOSTILE, THERE, Console
from tests.gate.mails import plain

EXTRA = """
[gate]
source = "/jms/here"
notices_from = "gate@lansing.example"
[gate.upstream]
host = "127.0.0.1"
port = 25
[[alerts.receivers]]
channel = "command"
name = "desk"
argv = ["/bin/true"]
[[alerts.routes]]
name = "all"
[[alerts.routes.steps]]
receivers = ["desk"]
wait_minutes = 5
"""
AGENT = "agent@ice.dhs.gov"
WORDS = "Juan Perez will be released at 0730 hrs tmrw."


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path, EXTRA)
    yield console
    await console.close()


def file(console, *, text: str = WORDS, user: str = "jane", source: str = HERE) -> str:
    gate, now = console.parts.gate, console.clock.at
    letter = Letter(
        new_mail_id(), Channel.SMTP, source, now, plain(text) + b"\r\n", "jane@jail.example", (AGENT,), user
    )
    filed = gate.mailroom.file(letter, gate.mailroom.examine(letter)).result()
    assert filed.deliveries[0].state == "blocked"
    return filed.deliveries[0].message_id


APPROVAL = {"legal_basis": "court_order", "citation": "26-1234-FH", "booking": "B-1", "hours": "2"}


async def test_message_is_told_without_a_word_of_it_when_the_queue_is_listed(console):
    message = file(console)
    visitor = await console.visitor("supervisor")
    page = await visitor.get("/quarantine")
    assert message in page.text
    assert "immigration authority" in page.text
    assert "Juan Perez" not in page.text
    assert AGENT not in page.text
    assert (await visitor.post("/quarantine/show", message_id=message)).status_code == 403


async def test_message_is_read_as_text_when_the_approver_opens_it(console):
    message = file(console, text=f"{WORDS} {HOSTILE}")
    visitor = await console.visitor("approver")
    page = await visitor.post("/quarantine/show", message_id=message)
    assert page.status_code == 200, page.text
    assert "Juan Perez" in page.text
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    entry = console.entries("quarantine.viewed")[-1]
    assert entry["actor"] == "officer:approver"
    assert "Perez" not in orjson.dumps(entry).decode()


async def test_approver_sees_all_that_leaves_when_a_request_waits(console):
    options = {
        "road": "forward",
        "upstream": "there",
        "method": "DELETE",
        "path": "/people",
        "query": f"out=0730&x={HOSTILE}",
        "headers": '{"x-note": "out at 0730"}',
        "content_type": "application/json",
    }
    gate, now = console.parts.gate, console.clock.at
    to = ("https://ice.dhs.gov/people",)
    letter = Letter("http-1", Channel.HTTP, HERE, now, b'{"a": 1}', "", to, "jane", options, message_ids=("h-1",))
    message = WebMessage("DELETE", "/people", query=options["query"], headers=(("x-note", "out at 0730"),))
    seen = examine_web(message, WebTarget("https://ice.dhs.gov"), gate.desk.pack_for(HERE, now).parameters)
    assert gate.mailroom.file(letter, [seen]).result().deliveries[0].state == "blocked"
    visitor = await console.visitor("approver")
    page = await visitor.post("/quarantine/show", message_id="h-1")
    assert page.status_code == 200, page.text
    for said in ("DELETE", "out=0730", "field x-note", "out at 0730", "application/json", "there"):
        assert said in page.text
    assert "<script>alert" not in page.text


async def test_message_is_released_when_a_second_person_gives_what_the_policy_accepts(console):
    message = file(console)
    visitor = await console.visitor("approver")
    page = await visitor.post("/quarantine/approve", message_id=message, **APPROVAL)
    assert page.status_code == 200, page.text
    assert "will be sent" in page.text
    assert console.parts.gate.book.delivery(message).state == "to_send"
    assert console.entries("approval.granted")[-1]["outcome"] == "granted"
    again = await visitor.post("/quarantine/withdraw", message_id=message)
    assert "waits again" in again.text
    assert console.parts.gate.book.delivery(message).state == "blocked"
    denied = await visitor.post("/quarantine/deny", message_id=message)
    assert "does not leave" in denied.text
    assert console.parts.gate.book.delivery(message).state == "denied"


@pytest.mark.parametrize("how", ["sent it", "asked for it"])
async def test_nobody_approves_what_is_his_own(console, how):
    message = file(console, user="approver" if how == "sent it" else "jane")
    visitor = await console.visitor("approver")
    if how == "asked for it":
        assert (await visitor.post("/quarantine/ask", message_id=message)).status_code == 200
    answer = await visitor.post("/quarantine/approve", message_id=message, **APPROVAL)
    assert answer.status_code == 400
    assert re.search("message of their own|asked for an approval", answer.text)
    assert console.parts.gate.book.delivery(message).state == "blocked"
    assert console.entries("approval.granted") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"legal_basis": ""},
        {"legal_basis": "because"},
        {"hours": "nan"},
        {"hours": "0"},
        {"hours": "721"},
        {"citation": ""},
    ],
)
async def test_approval_is_refused_when_something_of_it_is_missing(console, wrong):
    message = file(console)
    visitor = await console.visitor("approver")
    answer = await visitor.post("/quarantine/approve", message_id=message, **{**APPROVAL, **wrong})
    assert answer.status_code == 400, answer.text
    assert console.parts.gate.book.delivery(message).state == "blocked"


async def test_message_is_not_there_when_it_is_another_facilitys(console):
    console.parts.people.set_roles("local", [Grant("approver", THERE)], by="test")
    message = file(console)
    visitor = await console.visitor("local")
    assert message not in (await visitor.get("/quarantine")).text
    for act in ("show", "approve", "deny", "ask", "withdraw", "settle"):
        assert (await visitor.post(f"/quarantine/{act}", message_id=message, **APPROVAL)).status_code == 404
    assert (await visitor.post("/quarantine/show", message_id="none-1")).status_code == 404


async def test_alert_is_taken_on_with_one_click_when_the_supervisor_sees_it(console):
    alerting = parts_of(console.settings, console.clock.now)
    for _ in range(40):
        alerting.alerting.turn(console.clock.at)
        console.clock.at += 10**6
    alerting.close()
    visitor = await console.visitor("supervisor")
    page = await visitor.get("/board")
    alert = re.search(r'name="alert" value="([^"]+)"', page.text)[1]
    assert "may-ack" in page.text
    assert (await visitor.post("/alerts/ack", page="/board", alert=alert)).status_code == 303
    assert "taken on by officer:supervisor" in (await visitor.get("/board")).text
    assert console.entries("alert.acknowledged")[-1]["actor"] == "officer:supervisor"
    alerting = parts_of(console.settings, console.clock.now)
    alerting.alerting.turn(console.clock.at)
    alerting.close()
    assert (await visitor.post("/alerts/ack", page="/board", alert=alert)).status_code == 400
    assert "taken on by officer:supervisor" in (await visitor.get("/board")).text
    assert (await visitor.post("/alerts/ack", page="/board", alert="none")).status_code == 404
    assert "may-ack" not in (await (await console.visitor("auditor")).get("/board")).text


async def test_approval_is_taken_back_from_the_list_when_it_was_a_mistake(console):
    message, visitor = file(console), await console.visitor("approver")
    await visitor.post("/quarantine/approve", message_id=message, **APPROVAL)
    page = (await visitor.get("/quarantine")).text
    assert "Take the approval back" in page[page.index("Approved, and not sent yet") : page.index(f"of {message}")]
    assert "Take the approval back" not in (await (await console.visitor("supervisor")).get("/quarantine")).text
    # A page that somebody else opened before says what has become of the message, and changes nothing.
    stale = await visitor.post("/quarantine/deny", message_id=message)
    assert stale.status_code == 400
    assert "Nothing was denied" in stale.text
    assert "Take the approval back" in stale.text
    assert "waits again" in (await visitor.post("/quarantine/withdraw", message_id=message)).text
    assert "Approved, and not sent yet" not in (await visitor.get("/quarantine")).text
    assert "Nothing was taken back" in (await visitor.post("/quarantine/withdraw", message_id=message)).text


@pytest.mark.parametrize(("arrived", "state"), [("yes", "sent"), ("no", "blocked")])
async def test_unknown_outcome_is_settled_when_somebody_has_found_out(console, arrived, state):
    message = file(console)
    gate = console.parts.gate
    row = gate.book.delivery(message)
    lost = replace_row(row, State.UNKNOWN, console.clock.at)
    gate.desk.clerk.submit(lambda: Act(None, [], [gate.book.change(row, lost)])).result()
    visitor = await console.visitor("approver")
    assert "not known whether it left" in (await visitor.get("/quarantine")).text
    page = await visitor.post("/quarantine/show", message_id=message)
    assert "Find out whether it arrived" in page.text
    assert "Nothing was noted" in (await visitor.post("/quarantine/settle", message_id=message, arrived="maybe")).text
    answer = await visitor.post("/quarantine/settle", message_id=message, arrived=arrived)
    assert answer.status_code == 200, answer.text
    assert gate.book.delivery(message).state == state
    assert console.entries("message.settled")[-1]["actor"] == "officer:approver"
    again = await visitor.post("/quarantine/settle", message_id=message, arrived=arrived)
    assert "Nothing was noted" in again.text


def test_every_state_has_words():
    assert set(STATES) == {state.value for state in State}
