"""Short ways to write a history by hand. Hours are hours after a fixed midnight.

Events get the ids e1, e2, … in the order in which they stand. A row is (rule, about, since, until, status).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge

MIDNIGHT = datetime(2025, 3, 10, tzinfo=UTC)
LATE = 1000.0
DETAINER = {"kind": "immigration_detainer"}
JUDGE = {"court": "54-A District Court", "official_title": "District Judge"}
EXACT_ID = {"basis": ["establishing identity"]}


def at(hour: float) -> str:
    return (MIDNIGHT + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ev(kind: str, hour: float, /, subject: str = "B1", source: str = "/jms/a", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": source,
        "type": f"jail.{kind}.v1",
        "subject": subject,
        "time": at(hour),
        "data": data,
    }


def opened(hour: float = 0, **data: Any) -> dict[str, Any]:
    return ev("booking.opened", hour, **data)


def hold(hour: float, hold_id: str, kind: str, **data: Any) -> dict[str, Any]:
    return ev("hold.placed", hour, hold_id=hold_id, kind=kind, **data)


def lifted(hour: float, hold_id: str) -> dict[str, Any]:
    return ev("hold.lifted", hour, hold_id=hold_id)


def due(hour: float, due_hour: float) -> dict[str, Any]:
    return ev("release.due", hour, due_at=at(due_hour), reason="charges_dropped")


def retracted(hour: float, event_id: str) -> dict[str, Any]:
    return ev("event.retracted", hour, retracts=event_id)


def released(hour: float) -> dict[str, Any]:
    return ev("release.completed", hour)


def verified(hour: float, hold_id: str) -> dict[str, Any]:
    return ev("warrant.verified", hour, hold_id=hold_id, verified_by="records")


def numbered(events: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [{"id": f"e{n}", **event} for n, event in enumerate(events, 1)]


def all_rows(*events: dict[str, Any], now: float = LATE, **changed: Any) -> list[dict[str, Any]]:
    params = PARAMS | {"notice_within": None} | changed
    return judge(numbered(events), params, MIDNIGHT + timedelta(hours=now))


def hour_of(text: str | None) -> float | None:
    return None if text is None else (datetime.fromisoformat(text) - MIDNIGHT) / timedelta(hours=1)


def rows(*events: dict[str, Any], now: float = LATE, **changed: Any) -> list[tuple[Any, ...]]:
    found = all_rows(*events, now=now, **changed)
    return [(r["rule"], r["about"], hour_of(r["since"]), hour_of(r["until"]), r["status"]) for r in found]
