"""Events for the tests of this folder."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]


def event(kind: str, subject: str, at: datetime, /, *, source: str = "/jms/a", **data: Any) -> Event:
    return {
        "specversion": "1.0",
        "id": f"e-{uuid.uuid4().hex}",
        "source": source,
        "type": f"jail.{kind}.v1",
        "subject": subject,
        "time": at.astimezone(UTC).isoformat(),
        "data": data,
    }


def opened(count: int, *, source: str = "/jms/a", first: int = 0) -> list[Event]:
    """As many bookings, opened now."""
    now = datetime.now(UTC)
    return [event("booking.opened", f"B-{number}", now, source=source) for number in range(first, first + count)]


def held_until(subject: str, until: datetime, *, source: str = "/jms/a") -> list[Event]:
    """A person who is held on a charge and a detainer, and is due for release at a time."""
    began = min(until, datetime.now(UTC)) - timedelta(hours=5)
    return [
        event("booking.opened", subject, began, source=source),
        event("hold.placed", subject, began, source=source, hold_id="h-1", kind="charge"),
        event(
            "hold.placed",
            subject,
            began,
            source=source,
            hold_id="h-2",
            kind="immigration_detainer",
            document={"form": "I-247A"},
            issuer={"agency": "ICE"},
        ),
        event(
            "release.due",
            subject,
            began + timedelta(minutes=1),
            source=source,
            due_at=until.astimezone(UTC).isoformat(),
            reason="charges_dropped",
        ),
    ]
