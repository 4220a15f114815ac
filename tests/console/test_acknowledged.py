"""A finding about one moment is open until somebody has taken note of it; then it is shown as dealt with."""

import orjson
import pytest

from integration.bootstrap import open_desk, open_installation
from integration.console.boarding import Board, board_of
from integration.domain.instants import DAY, SECOND
from integration.runners.alerting.parts import parts_of
from integration.services.intake import Input, Intake
from tests.conftest import Holdwatch
from tests.console.site import Console, event
from tests.console.test_deciding import EXTRA

MISLABELLED = [
    event(60, "booking.opened", "08:00", {}, "B-9"),
    event(61, "hold.placed", "08:00", {"hold_id": "H-9", "kind": "charge", "document": {"form": "I-200"}}, "B-9"),
]
SAID = "a paper was recorded as something that it is not"


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path, EXTRA)
    installation = open_installation(console.settings)
    desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
    inputs = [Input(f"late:{each['id']}", orjson.dumps(each)) for each in MISLABELLED]
    Intake(desk).take(inputs, lambda _event: console.clock.at, pass_time=desk.advance)
    desk.commit()
    installation.store.close()
    yield console
    await console.close()


def alerted(console: Console, seconds: int = 40) -> list[tuple[str, str]]:
    """Let alerting go round; returns (rule, alert) of those that are open."""
    parts = parts_of(console.settings, console.clock.now)
    for _ in range(seconds):
        console.clock.at += SECOND
        parts.alerting.turn(console.clock.at)
    found = [(each.group.rule.value, each.alert_id) for each in parts.alerting.open_alerts.values()]
    parts.close()
    return found


def board(console: Console) -> Board:
    return board_of(console.parts, None)


async def test_a_moment_that_was_acknowledged_is_dealt_with_on_board_and_lists(console, holdwatch: Holdwatch):
    (alert,) = [alert for rule, alert in alerted(console) if rule == "mislabelled_document"]
    before = board(console)
    assert "mislabelled_document" in {line.rule for line in before.others}
    assert before.acknowledged == ()

    visitor = await console.visitor("supervisor")
    assert (await visitor.post("/alerts/ack", page="/board", alert=alert)).status_code == 400  # nothing was shown
    (button,) = [line.answer for line in before.others if line.alert == alert]
    assert (await visitor.post("/alerts/ack", page="/board", alert=button)).status_code == 303
    alerted(console, 2)
    after = board(console)
    assert "mislabelled_document" not in {line.rule for line in after.others}
    (line,) = after.acknowledged
    assert (line.rule, line.booking, line.taken_by) == ("mislabelled_document", "B-9", "officer:supervisor")
    # Everything else rings as before.
    assert len(after.overdue) == len(before.overdue)
    page = (await visitor.get("/board")).text
    assert "Acknowledged within a day" in page
    assert "acknowledged by officer:supervisor" in page
    assert "acknowledged, " in (await visitor.get("/booking", params={"source": line.source, "number": "B-9"})).text

    settings = str(console.root / "holdwatch.toml")
    shown = orjson.loads(holdwatch("findings", "--settings", settings, "--booking", "B-9", "--json").stdout)
    (told,) = [each for each in shown if each["rule"] == "mislabelled_document"]
    assert told["acknowledged_by"] == "officer:supervisor"
    listed = orjson.loads(holdwatch("findings", "--settings", settings, "--status", "open", "--json").stdout)
    assert "mislabelled_document" not in {each["rule"] for each in listed}
    assert listed
    # The log keeps everything, and the engine's own record is untouched: it is what the facts say.
    assert len(console.entries("finding.acknowledged")) == 1
    console.clock.at += DAY
    assert board(console).acknowledged == ()


async def test_a_moment_that_was_taken_back_is_not_dealt_with_but_gone(console):
    (alert,) = [alert for rule, alert in alerted(console) if rule == "mislabelled_document"]
    visitor = await console.visitor("supervisor")
    (button,) = [line.answer for line in board(console).others if line.alert == alert]
    await visitor.post("/alerts/ack", page="/board", alert=button)
    alerted(console, 2)
    installation = open_installation(console.settings)
    desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
    back = event(62, "event.retracted", "09:00", {"retracts": "e-61"}, "B-9")
    Intake(desk).take([Input("late:62", orjson.dumps(back))], lambda _event: console.clock.at, pass_time=desk.advance)
    desk.commit()
    installation.store.close()
    assert board(console).acknowledged == ()
    assert "B-9" not in {line.booking for line in board(console).others}
