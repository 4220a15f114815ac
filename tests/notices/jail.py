"""Events of an invented booking, with a name, a status and a place of birth that no notice may ever say."""

import json
from pathlib import Path
from typing import Any

SOURCE = "/jms/example-county"
CANARIES = ("Zyxquorn", "Qwibble", "1970-01-09", "Freedonia")


def event(number: int, kind: str, data: dict[str, Any], *, booking: str = "B-100", hour: int = 8) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": SOURCE,
        "type": f"jail.{kind}.v1",
        "subject": booking,
        "time": f"2026-03-02T{hour:02d}:00:00-05:00",
        "data": data,
    }


def opened(number: int = 1, *, booking: str = "B-100") -> dict[str, Any]:
    person = {"family_name": "Zyxquorn", "given_name": "Qwibble", "birth_date": "1970-01-09"}
    return event(number, "booking.opened", {"person": {**person, "place_of_birth": "Freedonia"}}, booking=booking)


def paper(number: int, hold_id: str, kind: str, form: str | None = None, **more: Any) -> dict[str, Any]:
    booking = more.pop("booking", "B-100")
    data = {"hold_id": hold_id, "kind": kind, **more}
    if form:
        data["document"] = {"form": form}
    return event(number, "hold.placed", data, booking=booking, hour=10)


EVENTS = [
    opened(),
    paper(2, "h-1", "charge", charge={"code": "90/24"}),
    paper(3, "h-2", "immigration_detainer", "I-247A", issuer={"agency": "ICE ERO Example"}),
    paper(
        4,
        "h-3",
        "judicial_warrant",
        "I-200",
        issuer={"agency": "ICE", "official_name": "Zyxquorn", "official_title": "Deportation Officer"},
        expires_at="2026-04-02T10:00:00-04:00",
    ),
    paper(5, "h-4", "notification_request", "I-247G"),
]


def lines(events: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def file_of(folder: Path, events: list[dict[str, Any]] = EVENTS) -> Path:
    path = folder / "events.jsonl"
    path.write_bytes(lines(events))
    return path
