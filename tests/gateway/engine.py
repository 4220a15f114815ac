"""What the engine would do beside the gateway: events of a booking, taken in."""

import orjson

from integration.bootstrap import Installation, open_desk
from integration.clock import WallClock
from integration.services.intake import Input, Intake

BOOKING = "B-100"


def event(number: int, name: str, /, **data: object) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": "/jms/gate",
            "type": f"jail.{name}.v1",
            "subject": BOOKING,
            "time": "2026-03-02T10:00:00-05:00",
            "data": data,
        }
    )


def take_in(installation: Installation, *events: bytes) -> None:
    intake = Intake(open_desk(installation.store, installation.pack_for, place="engine"))
    now = WallClock().now()
    batch = [Input(f"test:{number}", raw) for number, raw in enumerate(events)]
    tally = intake.take(batch, lambda *_: now, pass_time=lambda _: None)
    assert not tally.refused
